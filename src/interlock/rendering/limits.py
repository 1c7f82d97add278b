"""GitHub's published limits, and the size of a text."""

from __future__ import annotations

# https://docs.github.com/en/rest/issues/comments, https://docs.github.com/en/rest/checks/runs,
# https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#step-isolation-and-limits
COMMENT = 65_536
CHECK_OUTPUT = 65_535
STEP_SUMMARY_BYTES = 1024 * 1024
CHECK_TITLE = 250
ANNOTATION_MESSAGE = 4_000
ANNOTATION_TITLE = 250
ANNOTATIONS = 200


def measure(text: str) -> int:
    """Length in bytes of UTF-8, with two for each line end.

    GitHub limits "characters" without a definition; no other way of counting gives more.
    """
    return len(text.encode("utf-8", "surrogatepass")) + text.count("\n")
