"""`plan` says that a model changes exactly when DVC would run one of its stages again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dvc.exceptions import DvcException
from hypothesis import HealthCheck, Phase, event, given, note, settings
from hypothesis import strategies as st

from interlock import wiring
from interlock.commands import plan as planning
from interlock.domain.training.plan import Decision
from tests.properties import dvc_world
from tests.properties.dvc_world import World

_EXAMPLES = int(os.environ.get("INTERLOCK_EXAMPLES", "40"))

# As they are in a file: what YAML 1.1 and 1.2 read differently. Of those that DVC calls equal and
# a program does not, one each: `differs_from_dvc_on_purpose` has the others.
SCALARS = (
    *("1", "'1'", "0", "-0", "+1", "1e3", "'1e3'", "0x10", "0o17", "017", "12:30", "yes", "on"),
    *("no", "n", "~", "null", "''", "'~'", "[1,2]", "[2,1]", "{a:1}", "[]", "{}"),
    *("'2020-01-01'", ".inf", "0.1", ".1"),
)
FILES = ("a/p.py", "a/t.py", "c/q.py", "lib/u.py", "lib/sub/v.py", "lib/noise.log", "other.py")

Draw = Callable[..., Any]
Edit = Callable[[World, Draw], None]


def build(world: World, draw: Draw) -> None:
    """Two to three stages over two files, with what DVC has to offer switched on by chance."""

    def chance(name: str) -> bool:
        return bool(draw(st.booleans(), label=name))

    for path in FILES:
        world.write(path, f"# {path}\n")
    world.track("a/data/d.csv", "1,2\n")
    world.track("a/data/many", {"u.csv": "1\n", "v/w.csv": "2\n"})
    (world.root / "a/linked.py").symlink_to("../lib/u.py")
    world.write(".dvcignore", "*.log\n" if chance("ignores logs") else "# nothing\n")
    prepare: dict[str, Any] = {"cmd": "python p.py", "deps": ["p.py"], "outs": ["prepared.csv"]}
    train: dict[str, Any] = {
        "cmd": ["python t.py", "true"] if chance("list of commands") else "python t.py",
        "deps": ["t.py", "prepared.csv"],
        "outs": ["model"],
        "metrics": [{"metrics.json": {"cache": False}}] if chance("in Git") else ["metrics.json"],
    }
    if chance("folder of code"):
        prepare["deps"].append("../lib")
    if chance("link"):
        train["deps"].append("linked.py")
    if chance("data"):
        prepare["deps"].append("data/d.csv")
    if chance("folder of data"):
        prepare["deps"].append("data/many")
    if chance("folder with pointers"):
        prepare["deps"] = [d for d in prepare["deps"] if not d.startswith("data")] + ["data"]
    world.params = {"x": draw(st.sampled_from(SCALARS)), "z": draw(st.sampled_from(SCALARS))}
    keys_read = draw(st.sampled_from([["x"], ["y.z"], ["x", "y"], [{"params.yaml": None}], []]))
    if keys_read:
        train["params"] = keys_read
    if chance("section"):
        prepare["params"] = ["y"]
    world.definitions["a"] = {"prepare": prepare, "train": train}
    if chance("another dvc.yaml"):
        other = {"cmd": "python q.py", "deps": ["q.py"], "outs": ["q.json"], "wdir": "../c"}
        world.definitions["b"] = {"other": {**other, "frozen": chance("frozen")}}
        train["deps"].append("../c/q.json")


def save(world: World) -> None:
    world.save()
    params = world.params
    world.write(
        "a/params.yaml",
        f"x: {params['x']}\ny:\n  z: {params['z']}\n  w: 5\nunused: {params.get('unused', 1)}\n",
    )


def _stage(world: World, draw: Draw) -> dict[str, Any]:
    places = [s for stages in world.definitions.values() for s in stages.values()]
    result: dict[str, Any] = draw(st.sampled_from(places), label="stage")
    return result


def _may_change(stage: dict[str, Any], key: str) -> bool:
    """A frozen stage is never run, so that its command counts for nothing; `dvc repro` calls it
    changed all the same, and then only verifies its outputs, which a new one would fail."""
    return not stage.get("frozen") or key not in ("cmd", "outs")


def _set(key: str, value: Any) -> Edit:
    def edit(world: World, draw: Draw) -> None:
        stage = _stage(world, draw)
        if _may_change(stage, key):
            stage[key] = value

    return edit


def _add(key: str, value: Any) -> Edit:
    def edit(world: World, draw: Draw) -> None:
        stage = _stage(world, draw)
        if not _may_change(stage, key):
            return
        result = stage.setdefault(key, [])
        if value not in result and {"params.yaml": None} not in result:
            result.append(value)

    return edit


def content(world: World, draw: Draw) -> None:
    path = draw(st.sampled_from(FILES), label="file")
    if (world.root / path).exists():
        world.write(path, draw(st.sampled_from([f"# {path}\n", "# other\n", f"# {path}\r\n"])))


def new_file(world: World, draw: Draw) -> None:
    world.write(draw(st.sampled_from(["lib/new.py", "lib/new.log", "a/data/new.txt", "x"])), "1\n")


def delete_file(world: World, draw: Draw) -> None:
    (world.root / "lib/sub/v.py").unlink(missing_ok=True)


def rename_file(world: World, draw: Draw) -> None:
    if (world.root / "lib/sub/v.py").exists():
        (world.root / "lib/sub/v.py").rename(world.root / "lib/sub/w.py")


def rename_program(world: World, draw: Draw) -> None:
    prepare = world.definitions["a"]["prepare"]
    if "p.py" in prepare["deps"]:
        (world.root / "a/p.py").rename(world.root / "a/p2.py")
        prepare["deps"] = ["p2.py" if d == "p.py" else d for d in prepare["deps"]]


def parameter(world: World, draw: Draw) -> None:
    name = draw(st.sampled_from(["x", "z", "unused"]))
    world.params[name] = draw(st.sampled_from(SCALARS))


def reformat(world: World, draw: Draw) -> None:
    world.style = lambda value: "# a comment\n" + dvc_world.indented(value)


def command_as_list(world: World, draw: Draw) -> None:
    stage = _stage(world, draw)
    if not _may_change(stage, "cmd"):
        return
    stage["cmd"] = [stage["cmd"]] if isinstance(stage["cmd"], str) else stage["cmd"]


def reorder(world: World, draw: Draw) -> None:
    stage = _stage(world, draw)
    stage["deps"] = stage["deps"][::-1]


def data_file(world: World, draw: Draw) -> None:
    world.track("a/data/d.csv", draw(st.sampled_from(["1,2\n", "1,2\n3,4\n"])))


def data_folder(world: World, draw: Draw) -> None:
    world.track("a/data/many", draw(st.sampled_from([{"u.csv": "1\n"}, {"u.csv": "9\n"}])))


def unrelated_stage(world: World, draw: Draw) -> None:
    world.definitions["d"] = {"else": {"cmd": "true", "deps": ["../other.py"], "outs": ["e.txt"]}}


def ignore_more(world: World, draw: Draw) -> None:
    patterns = ["*.log\n", "lib/sub/\n", "/sub\n", "*.py\n!v.py\n", "# nothing\n"]
    world.write(".dvcignore", draw(st.sampled_from(patterns)))


def retarget(world: World, draw: Draw) -> None:
    link = world.root / "a/linked.py"
    link.unlink()
    link.symlink_to(draw(st.sampled_from(["../lib/u.py", "../other.py", "t.py"])))


EDITS: tuple[Edit, ...] = (
    content,
    content,
    new_file,
    delete_file,
    rename_file,
    rename_program,
    parameter,
    parameter,
    reformat,
    command_as_list,
    reorder,
    data_file,
    data_folder,
    unrelated_stage,
    ignore_more,
    retarget,
    _set("cmd", "python other.py"),
    _set("desc", "What it does."),
    _set("meta", {"ticket": "A-1"}),
    _add("deps", "../other.py"),
    _add("params", "y.w"),
    _add("outs", "extra.txt"),
    _set("always_changed", False),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("dvc")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "home"))
        patch.setenv("DVC_SITE_CACHE_DIR", str(folder / "site"))
        patch.setenv("DVC_NO_ANALYTICS", "1")
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield dvc_world.template(folder / "template")


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    # Not `explain`: it traces every line, and most of them are DVC's.
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_plan__agrees_with_dvc_repro(empty: Path, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder, "world"))
        shutil.copytree(empty, world.root, symlinks=True)
        build(world, data.draw)
        save(world)
        world.reproduced()
        base = world.commit()
        for edit in data.draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=3)):
            edit(world, data.draw)
        save(world)
        head = world.commit()
        (expected, reason), (planned, sentence) = outcome(world), decision(world, base, head)
        event(f"DVC would {expected}")
        note(f"DVC: {expected} ({reason}); plan: {planned} ({sentence})")
        note(world.git("diff", base, head))
        assert planned == expected


def outcome(world: World) -> tuple[str, str]:
    """What DVC would do for the target, and its own words."""
    try:
        stages = world.dvc_would_run("a/dvc.yaml:train")
    except DvcException as error:
        return "blocked", repr(error)
    return ("train" if stages else "leave"), ", ".join(stages)


def decision(world: World, base: str, head: str) -> tuple[str, str]:
    plan = planning.run(
        planning.PlanContext(
            repository=wiring.repository(world.root),
            ledger=None,
            resolve_templates=wiring.resolve_templates,
        ),
        planning.PlanOptions(base=base, head=head),
    )
    (model,) = plan.models
    unaffected = model.decision is Decision.UNAFFECTED
    return ("leave" if unaffected else model.decision.value), model.sentence


def _plain_world(world: World) -> None:
    for path in FILES:
        world.write(path, f"# {path}\n")
    world.track("a/data/many", {"u.csv": "1\n", "v.csv": "2\n"})
    world.params = {"x": "1", "z": "2"}
    metrics = {"metrics.json": {"cache": False}}
    world.definitions["a"] = {
        "prepare": {
            "cmd": "python p.py",
            "deps": ["p.py", "../lib", "data/many/u.csv", "../other.py"],
            "params": ["x"],
            "outs": ["prepared.csv", "extra.csv"],
        },
        "train": {
            "cmd": "python t.py",
            "deps": ["t.py", "prepared.csv"],
            "outs": ["model"],
            "metrics": [metrics],
        },
    }


def environment(world: World) -> None:
    world.write("requirements.txt", "b\n")


def manifest(world: World) -> None:
    place = world.root / "model-manifests/m/model.yaml"
    place.write_text(place.read_text("utf-8").replace("a/metrics.json", "a/prepared.csv"), "utf-8")


def less_dependencies(world: World) -> None:
    world.definitions["a"]["prepare"]["deps"].remove("../other.py")


def less_parameters(world: World) -> None:
    del world.definitions["a"]["prepare"]["params"]


def less_outputs(world: World) -> None:
    world.definitions["a"]["prepare"]["outs"].remove("extra.csv")


def another_file_of_the_tracked_folder(world: World) -> None:
    world.track("a/data/many", {"u.csv": "1\n", "v.csv": "3\n"})


def output_in_git_by_hand(world: World) -> None:
    world.write("a/metrics.json", "{}\n")


def freeze(world: World) -> None:
    world.definitions["a"]["prepare"]["frozen"] = True


def lock_in_a_folder(world: World) -> None:
    world.write("lib/dvc.lock", "schema: '2.0'\n")


def untracked_in_a_folder(world: World) -> None:
    world.write("lib/__pycache__/u.pyc", "x")


def mode(world: World) -> None:
    (world.root / "a/t.py").chmod(0o755)


def another_kind_of_number(world: World) -> None:
    world.params["x"] = "1.0"


def another_spelling(world: World) -> None:
    world.params["x"] = "0x1"


DIFFERENCES: tuple[tuple[Callable[[World], None], str, str], ...] = (
    (environment, "leave", "train"),
    (mode, "leave", "train"),
    (another_kind_of_number, "leave", "train"),
    (another_spelling, "leave", "train"),
    (manifest, "leave", "train"),
    (less_dependencies, "leave", "train"),
    (less_parameters, "leave", "train"),
    (less_outputs, "leave", "train"),
    (another_file_of_the_tracked_folder, "leave", "train"),
    (freeze, "leave", "train"),
    (output_in_git_by_hand, "train", "leave"),
    (lock_in_a_folder, "train", "leave"),
    (untracked_in_a_folder, "train", "leave"),
)


@pytest.mark.parametrize(
    ("edit", "dvc", "plan"), DIFFERENCES, ids=lambda v: getattr(v, "__name__", v)
)
def test_plan__differs_from_dvc_on_purpose(
    empty: Path, tmp_path: Path, edit: Callable[[World], None], dvc: str, plan: str
) -> None:
    """Each of these is explained in docs/explanation/fingerprint.md."""
    world = World(tmp_path / "world")
    shutil.copytree(empty, world.root, symlinks=True)
    _plain_world(world)
    world.write("requirements.txt", "a\n")
    save(world)
    world.reproduced()
    base = world.commit()
    edit(world)
    save(world)
    head = world.commit()
    assert (outcome(world)[0], decision(world, base, head)[0]) == (dvc, plan)
