"""GitHub's REST API: the table of all endpoints, one module per family."""

from __future__ import annotations

from github_sandbox.api import (
    actions,
    checks,
    comments,
    commit_comments,
    commits,
    contents,
    deployments,
    dismissals,
    dispatches,
    graphql,
    issues,
    labels,
    merges,
    pulls,
    reactions,
    refs,
    repositories,
    reviewers,
    reviews,
    rulesets,
    statuses,
    users,
)
from github_sandbox.http_types import Endpoint

# The order matters where a path parameter contains slashes: longer paths are first.
ENDPOINTS: tuple[Endpoint, ...] = (
    *users.ENDPOINTS,
    *repositories.ENDPOINTS,
    *rulesets.ENDPOINTS,
    *actions.ENDPOINTS,
    *merges.ENDPOINTS,
    *dismissals.ENDPOINTS,
    *reviews.ENDPOINTS,
    *reviewers.ENDPOINTS,
    *pulls.ENDPOINTS,
    *labels.ENDPOINTS,
    *reactions.ENDPOINTS,
    *comments.ENDPOINTS,
    *issues.ENDPOINTS,
    *checks.ENDPOINTS,
    *statuses.ENDPOINTS,
    *deployments.ENDPOINTS,
    *dispatches.ENDPOINTS,
    *graphql.ENDPOINTS,
    *refs.ENDPOINTS,
    *contents.ENDPOINTS,
    *commit_comments.ENDPOINTS,
    *commits.ENDPOINTS,
)
