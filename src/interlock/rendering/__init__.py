"""Reports as Markdown within GitHub's limits."""

from interlock.rendering import watermark
from interlock.rendering.annotations import annotate
from interlock.rendering.document import (
    MARKER,
    CheckOutput,
    RecordLinks,
    check_output,
    comment,
    step_summary,
)

__all__ = [
    "MARKER",
    "CheckOutput",
    "RecordLinks",
    "annotate",
    "check_output",
    "comment",
    "step_summary",
    "watermark",
]
