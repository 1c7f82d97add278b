"""Where runs keep their artifacts, and whether a version lies there; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from interlock.adapters.mlflow import artifact_hosts

# The most that MLflow gives at once: 1,000 models, and many more of all else.
_PAGE = 1000
# So many runs are asked for at once: a request has its limits.
_RUNS = 200
# mlflow.entities.ViewType.ALL: deleted ones, too.
_ALL = 3
# No percent sign, question mark or hash: whoever reads the address must not see another path.
_PLAIN = re.compile(r"[^%?#\\\x00-\x1f]+")


def find(mlflow: Any, run_ids: Collection[str], *, tracking_uri: str) -> dict[str, str]:
    """Return where each run keeps its artifacts, as MLflow has it, by its id.

    Left out are runs that are gone, and those whose artifacts lie with another server.
    """
    wanted = sorted(run_ids)
    found = _one(mlflow, wanted[0]) if len(wanted) == 1 else _many(mlflow, wanted)
    homes = {str(run.info.run_id): str(run.info.artifact_uri) for run in found}
    return {
        run_id: home
        for run_id, home in homes.items()
        if not artifact_hosts.check(home, tracking_uri=tracking_uri)
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
    for start in range(0, len(run_ids), _RUNS):
        names = ", ".join(f"'{quoted(run_id)}'" for run_id in run_ids[start : start + _RUNS])
        query = f"attributes.run_id IN ({names})"
        yield from mlflow.search_runs(experiments, query, run_view_type=_ALL, max_results=_RUNS)


def _experiments(mlflow: Any) -> list[str]:
    search = partial(mlflow.search_experiments, view_type=_ALL)
    return [experiment.experiment_id for experiment in pages(search)]


def pages(search: Callable[..., Any], **words: str) -> Iterator[Any]:
    """All that one of MLflow's searches finds."""
    token = None
    while True:
        page = search(**words, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def inside(source: str, home: str) -> str:
    """Return which folder of a run the source of a version is, "" for none.

    They are compared letter by letter, as we write them. One that is spelt otherwise (`..`, `%2e`,
    another scheme or case, a slash more) is nobody's, whatever it would come to.
    """
    if not home or not source.startswith(f"{home}/"):
        return ""
    folder = source.removeprefix(f"{home}/")
    is_plain = _PLAIN.fullmatch(folder) and not {"", ".", ".."} & set(folder.split("/"))
    return folder if is_plain and not _leaves(source, home) else ""


def _leaves(source: str, home: str) -> bool:
    """Whether a folder on this machine is a link to somewhere outside of its run."""
    places = [urlsplit(uri) for uri in (source, home)]
    if any(place.scheme not in {"", "file"} for place in places):
        return False
    inner, outer = (Path(unquote(place.path)).resolve() for place in places)
    return not inner.is_relative_to(outer)


def exception() -> Any:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - loaded with the client

    return MlflowException


def is_absent(error: Any) -> bool:
    """An alias, a model or a run that is not there; of an alias MLflow says that it is invalid."""
    absent = "not found" in str(error).lower()
    return error.error_code == "RESOURCE_DOES_NOT_EXIST" or (
        error.error_code == "INVALID_PARAMETER_VALUE" and absent
    )


def quoted(text: str) -> str:
    """A text inside the quotes of one of MLflow's filters: it knows no way to write a quote."""
    return text.replace("'", "")
