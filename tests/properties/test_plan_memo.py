"""A plan with the memo of any earlier plan is the plan that reads everything."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from interlock import errors, wiring
from interlock.adapters.plan_memos import FolderPlanMemos
from interlock.cli import plan as command
from interlock.commands import plan as planning
from interlock.ports.plan_memos import PlanMemos
from tests.unit.pipelines.history import MANIFEST, Content, History, Link, Program, pointer

_EXAMPLES = int(os.environ.get("INTERLOCK_EXAMPLES", "40"))
_MODELS = 5
_TRAIN = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py, ../shared, data/rows.csv]
    params: [split]
    outs: [prepared.csv]
  train:
    cmd: {cmd}
    deps: [train.py, prepared.csv{deps}]
    params: [train]
    outs: [model, predictions.csv{outs}]
    metrics: [metrics.json]
{top}"""
_COMMANDS = ("python train.py", "./run.sh", "python -m tools.start")
_DEPS = (
    *("", "", ", ../m1/model", ", ../m2/model", ", src", ", missing.py", ", ../m0/new.json"),
    *(", linked.py", ", /data/all.csv", ", Model"),
)
_OUTS = ("", "", ", new.json", ", ../m1/extra.json", ", ../m3")
_TOPS = (
    *("", "", "", "metrics: [new.json]\n", "metrics: [../m1/metrics.json]\n"),
    *("vars: [{n: 1}]\n", "datasets: [{name: d, type: url, url: 's3://a/b'}]\n"),
)
_PROGRAMS = ("import json\n", "from shared import util\n", "import helpers\n", "import tools.x\n")
_TEXTS = ("1\n", "2\n", None)


def _pipeline() -> st.SearchStrategy[Content]:
    return st.builds(
        lambda cmd, deps, outs, top: _TRAIN.format(cmd=cmd, deps=deps, outs=outs, top=top),
        *map(st.sampled_from, (_COMMANDS, _DEPS, _OUTS, _TOPS)),
    )


def _manifest(number: int, more: str = "") -> str:
    return MANIFEST.replace("model: digits", f"model: m{number}", 1) + more


def _contents(number: int) -> dict[str, st.SearchStrategy[Content]]:
    """What each file of a model may hold."""
    here = f"models/m{number}"
    manifests = (
        *(_manifest(number), _manifest(number), _manifest(9), "model: [", None),
        *(_manifest(number, "context: [../shared/*.txt]\n"), _manifest(number, "# gates\n")),
    )
    parameters = ("split: 1\ntrain: 1\n", "split: 2\ntrain: 1\n", "split: 1\n", None)
    return {
        f"{here}/model.yaml": st.sampled_from(manifests),
        f"{here}/dvc.yaml": st.one_of(_pipeline(), st.sampled_from(["stages: [", None])),
        f"{here}/params.yaml": st.sampled_from(parameters),
        f"{here}/train.py": st.sampled_from(_PROGRAMS),
        f"{here}/prepare.py": st.sampled_from((*_PROGRAMS, None, Link("train.py"))),
        f"{here}/data/rows.csv.dvc": st.sampled_from([pointer(), pointer("b" * 32), None]),
        f"{here}/src/a.py": st.sampled_from(_TEXTS),
        f"{here}/missing.py": st.sampled_from(_TEXTS),
        f"{here}/helpers.py": st.sampled_from(_TEXTS),
        f"{here}/linked.py": st.sampled_from([Link("../shared/util.py"), Link("train.py"), None]),
        f"{here}/run.sh": st.sampled_from([Program("python train.py\n"), Program("true\n"), None]),
        f"{here}/MODEL": st.sampled_from(_TEXTS),
        f"{here}/dvc.lock": st.sampled_from(["schema: '2.0'\n", None]),
    }


_COMMON: dict[str, st.SearchStrategy[Content]] = {
    "uv.lock": st.sampled_from(["version = 1\n", "version = 2\n"]),
    "models/shared/util.py": st.sampled_from(_TEXTS),
    "models/shared/notes.txt": st.sampled_from(_TEXTS),
    "models/shared/notes.log": st.sampled_from(_TEXTS),
    "models/tools/x.py": st.sampled_from(_TEXTS),
    "shared/util.py": st.sampled_from(_TEXTS),
    "pyproject.toml": st.sampled_from(["[project]\nname = 'a'\n", None]),
    "other.txt": st.sampled_from(_TEXTS),
    ".dvcignore": st.sampled_from(["*.log\n", "*.txt\n", "models/m0\n", "[\n", None]),
    "models/m1/.dvc/config": st.sampled_from(["", None]),
    ".dvc/config": st.sampled_from(["", "[hydra]\n    enabled = true\n"]),
    "conf/config.yaml": st.sampled_from(["train: 1\n", "train: 2\n"]),
    ".github/interlock.yml": st.sampled_from(
        [
            "version: 1\nmanifests: models/*/model.yaml\n",
            "version: 1\nmanifests: models/m[0-9]/model.yaml\nunseen_code: blocked\n",
            "version: 1\nmanifests: models/**/model.yaml\n",
        ]
    ),
}
_FILES = _COMMON | {path: one for n in range(2) for path, one in _contents(n).items()}


_ABSENT = (
    "models/m0/helpers.py",
    "models/m0/MODEL",
    "models/m1/missing.py",
    "models/m1/helpers.py",
)
"""Paths that models look for from the start, in vain: they come more often than others."""


def _start() -> dict[str, Content]:
    files: dict[str, Content] = {
        ".dvc/config": "",
        ".github/interlock.yml": "version: 1\nmanifests: models/*/model.yaml\n",
        "uv.lock": "version = 1\n",
        "models/shared/util.py": "1\n",
    }
    for number in range(_MODELS):
        here = f"models/m{number}"
        files |= {
            f"{here}/model.yaml": _manifest(number),
            f"{here}/dvc.yaml": _TRAIN.format(cmd="python train.py", deps="", outs="", top=""),
            f"{here}/params.yaml": "split: 1\ntrain: 1\n",
            f"{here}/train.py": "import helpers\n",
            f"{here}/prepare.py": "from shared import util\n",
            f"{here}/data/rows.csv.dvc": pointer(),
        }
    return files


@st.composite
def _edit(draw: st.DrawFn, most: int) -> dict[str, Content]:
    files = st.one_of(st.sampled_from(sorted(_FILES)), st.sampled_from(_ABSENT))
    paths = draw(st.lists(files, min_size=1, max_size=most, unique=True), label="paths")
    return {path: draw(_FILES[path], label=path) for path in paths}


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_plan__is_the_same_with_a_memo(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder, "repository"))
        edit = data.draw(_edit(3), label="start")
        commits = [history.commit(_start() | edit)]
        for _ in range(data.draw(st.integers(1, 4), label="commits")):
            edit = data.draw(_edit(2), label="edit")
            commits.append(history.commit(edit))
            base = data.draw(st.sampled_from(commits[-3:]), label="base")
            head = data.draw(st.sampled_from([commits[-1], *commits[-3:]]), label="head")
            if data.draw(st.booleans(), label="forget"):
                shutil.rmtree(history.folder / "interlock", ignore_errors=True)
            files = FolderPlanMemos(history.folder, version=lambda: "1", fewest=1)
            assert planned(history, base, head, files) == planned(history, base, head)


def planned(
    history: History, base: str, head: str, memos: PlanMemos | None = None
) -> dict[str, object] | str:
    """Return the document of a plan, or its error."""
    repository = wiring.repository(history.folder)
    try:
        plan = planning.run(
            planning.PlanContext(
                repository=repository,
                ledger=None,
                resolve_templates=wiring.resolve_templates,
                memos=memos,
            ),
            planning.PlanOptions(base=base, head=head),
        )
    except errors.InterlockError as error:
        return repr(error)
    return command.document(plan)
