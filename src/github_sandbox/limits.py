"""GitHub's published limits, and the current time in GitHub's format.

Source: docs.github.com, "REST API endpoints" of comments, checks, statuses and dispatches.
"""

from __future__ import annotations

from datetime import UTC, datetime

BODY_CHARACTERS = 65_536
CHECK_OUTPUT_CHARACTERS = 65_535
ANNOTATIONS_PER_REQUEST = 50
STATUS_DESCRIPTION_CHARACTERS = 140
DEPLOYMENT_DESCRIPTION_CHARACTERS = 140
TITLE_CHARACTERS = 256
LABEL_CHARACTERS = 50
DISPATCH_PAYLOAD_KEYS = 10
DISPATCH_INPUTS = 25
EVENT_TYPE_CHARACTERS = 100
PER_PAGE = 30
PER_PAGE_MAXIMUM = 100
REQUESTS_PER_HOUR = 5_000
STATUSES_PER_CONTEXT = 1_000
# The largest REST request and the largest push.
REQUEST_BYTES = 4 * 1024 * 1024
PUSH_BYTES = 1024 * 1024 * 1024


def now() -> str:
    return write_time(datetime.now(UTC))


def write_time(moment: datetime) -> str:
    """Return a time in GitHub's format: UTC, whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
