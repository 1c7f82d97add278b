"""DVC's files as text to a graph of stages and its inputs; no data is read and no DVC is run."""

from interlock.pipelines.blob_cache import Shelf
from interlock.pipelines.project import Project
from interlock.pipelines.templates import ResolveTemplates
from interlock.pipelines.upstream import Traced, Tracer

__all__ = ["Project", "ResolveTemplates", "Shelf", "Traced", "Tracer"]
