"""Finds where runs store their artifacts, and if a version is stored there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from interlock.adapters.mlflow import artifact_hosts

# The largest page of MLflow: 1,000 models, and more of everything else.
_PAGE = 1000
# Runs per request: requests have a size limit.
_RUNS = 200
# mlflow.entities.ViewType.ALL: deleted ones, too.
_ALL = 3
# No percent sign, question mark or hash: every reader of the address must read the same path.
_PLAIN = re.compile(r"[^%?#\\\x00-\x1f]+")


def find(mlflow: Any, run_ids: Collection[str], *, tracking_uri: str) -> dict[str, str]:
    """Return the artifact address of each run, by its ID.

    Missing runs, and runs with artifacts on another server, are left out.
    """
    wanted = sorted(run_ids)
    runs = _one(mlflow, wanted[0]) if len(wanted) == 1 else _many(mlflow, wanted)
    homes = {str(run.info.run_id): str(run.info.artifact_uri) for run in runs}
    return {
        run_id: home
        for run_id, home in homes.items()
        if artifact_hosts.check(home, tracking_uri=tracking_uri) is None
    }


def _one(mlflow: Any, run_id: str) -> list[Any]:
    try:
        return [mlflow.get_run(run_id)]
    except exception() as error:
        if is_absent(error):
            return []
        raise


def _many(mlflow: Any, run_ids: list[str]) -> Iterator[Any]:
    experiments = _experiments(mlflow) if run_ids else []
    for query in filters("attributes.run_id", run_ids, per=_RUNS):
        yield from mlflow.search_runs(experiments, query, run_view_type=_ALL, max_results=_RUNS)


def filters(attribute: str, values: Collection[str], *, per: int) -> list[str]:
    """Return MLflow filters for one of these values, each with `per` values at most."""
    names = [f"'{quoted(value)}'" for value in sorted(values)]
    parts = (names[start : start + per] for start in range(0, len(names), per))
    return [f"{attribute} IN ({','.join(part)})" for part in parts]


def _experiments(mlflow: Any) -> list[str]:
    search = partial(mlflow.search_experiments, view_type=_ALL)
    return [experiment.experiment_id for experiment in pages(search)]


def pages(search: Callable[..., Any], **words: str) -> Iterator[Any]:
    """Return all results of an MLflow search."""
    token = None
    while True:
        page = search(**words, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def inside(source: str, home: str) -> str:
    """Return the folder of a run that the source of a version is, "" for another place.

    The addresses are compared letter by letter. Another spelling (`..`, `%2e`, another scheme or
    case, an extra slash) is another place, even if it resolves to the same folder.
    """
    if not home or not source.startswith(f"{home}/"):
        return ""
    folder = source.removeprefix(f"{home}/")
    is_plain = _PLAIN.fullmatch(folder) and not {"", ".", ".."} & set(folder.split("/"))
    return folder if is_plain and not _leaves(source, home) else ""


def _leaves(source: str, home: str) -> bool:
    """True if a local folder is a link to a place outside of its run."""
    places = [urlsplit(uri) for uri in (source, home)]
    if any(place.scheme not in {"", "file"} for place in places):
        return False
    inner, outer = (Path(unquote(place.path)).resolve() for place in places)
    return not inner.is_relative_to(outer)


def exception() -> Any:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - loaded with the client

    return MlflowException


def is_absent(error: Any) -> bool:
    """True if an alias, a model or a run does not exist; MLflow reports an alias as invalid."""
    absent = "not found" in str(error).lower()
    return error.error_code == "RESOURCE_DOES_NOT_EXIST" or (
        error.error_code == "INVALID_PARAMETER_VALUE" and absent
    )


def quoted(text: str) -> str:
    """Remove quotes from a text for an MLflow filter, which cannot escape them."""
    return text.replace("'", "")
