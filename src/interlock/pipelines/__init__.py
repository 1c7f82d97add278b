"""DVC's files as text to a graph of stages and its inputs; no data is read and no DVC is run."""

from interlock.pipelines.project import Cache, Project, ResolveTemplates
from interlock.pipelines.trace import Traced, Tracer

__all__ = ["Cache", "Project", "ResolveTemplates", "Traced", "Tracer"]
