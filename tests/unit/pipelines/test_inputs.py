"""What counts as an input of a model, seen through the plan of an edit."""

from __future__ import annotations

import itertools

import pytest

from interlock.domain.training.plan import Decision
from tests.unit.pipelines.history import (
    HERE,
    MANIFEST,
    PIPELINE,
    Content,
    History,
    Link,
    Program,
    Submodule,
    model,
    pointer,
)

TRAIN, UNAFFECTED, BLOCKED = Decision.TRAIN, Decision.UNAFFECTED, Decision.BLOCKED
PARAMS = f"{HERE}/params.yaml"

EDITS: dict[str, tuple[dict[str, Content], str]] = {
    "program": ({f"{HERE}/train.py": "print('other')\n"}, "train.py changed"),
    "shared module": (
        {"model-manifests/shared/splitting.py": "SHARE = 0.4\n"},
        "model-manifests/shared/splitting.py changed",
    ),
    "line endings": ({f"{HERE}/train.py": "print('train')\r\n"}, "train.py changed"),
    "environment": ({"uv.lock": "version = 2\n"}, "uv.lock changed"),
    "parameter": (
        {PARAMS: "split: {share: 0.5}\ntrain:\n  c: 1.0\n"},
        "params.yaml: train.c changed from 0.01 to 1.0",
    ),
    "more data": (
        {f"{HERE}/data/rows.csv.dvc": pointer("b" * 32, 27_000, 442)},
        "data/rows.csv grew from 353 to 442 rows (+89), 21 kB to 27 kB",
    ),
    "fewer data": (
        {f"{HERE}/data/rows.csv.dvc": pointer("b" * 32, 20_000, 300)},
        "data/rows.csv shrank from 353 to 300 rows (-53), 21 kB to 20 kB",
    ),
    "other data": (
        {f"{HERE}/data/rows.csv.dvc": pointer("b" * 32)},
        "data/rows.csv changed, still 21 kB, still 353 rows",
    ),
    "command": (
        {f"{HERE}/dvc.yaml": PIPELINE.replace("python train.py", "python train.py -v")},
        "stage train: its command changed from `python train.py` to `python train.py -v`",
    ),
    "command as a list": (
        {f"{HERE}/dvc.yaml": PIPELINE.replace("cmd: python train.py", "cmd: [python train.py]")},
        "stage train: its command changed from `python train.py` to `python train.py`",
    ),
    "another dependency": (
        {f"{HERE}/dvc.yaml": PIPELINE.replace("[train.py,", "[train.py, ../../uv.lock,")},
        "uv.lock is new, and stage train: it depends on uv.lock",
    ),
    "another output": (
        {f"{HERE}/dvc.yaml": PIPELINE.replace("[metrics.json]", "[metrics.json, log.json]")},
        f"stage train: it makes {HERE}/log.json",
    ),
    "outputs of the manifest": (
        {f"{HERE}/model.yaml": MANIFEST.replace("predictions.csv", "prepared.csv")},
        "model.yaml: outputs changed",
    ),
    "executable bit": ({f"{HERE}/train.py": Program("print('train')\n")}, "train.py changed"),
    "another kind of number": (
        {PARAMS: "split: {share: 0.5}\ntrain: {c: 1e-2}\n"},
        "params.yaml: train.c changed from 0.01 to 1e-2",
    ),
    "renamed program": (
        {
            f"{HERE}/dvc.yaml": PIPELINE.replace("train.py", "fit.py"),
            f"{HERE}/train.py": None,
            f"{HERE}/fit.py": "print('train')\n",
        },
        "train.py moved to fit.py, and stage train: its command changed from `python train.py` "
        f"to `python fit.py`, it depends on {HERE}/fit.py, it no longer depends on {HERE}/train.py",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_plan__an_input_changed(history: History, name: str) -> None:
    history.commit(model())
    files, sentence = EDITS[name]
    model_plan = history.after(files)
    assert (model_plan.decision, model_plan.sentence) == (TRAIN, sentence)
    assert model_plan.fingerprint != model_plan.base_fingerprint


NOTHING: dict[str, dict[str, Content]] = {
    "readme": {"README.md": "# Changed\n"},
    "comment in dvc.yaml": {f"{HERE}/dvc.yaml": "# why\n" + PIPELINE},
    "description": {
        f"{HERE}/dvc.yaml": PIPELINE.replace("    cmd: python t", "    desc: x\n    cmd: python t")
    },
    "plots instead of metrics": {f"{HERE}/dvc.yaml": PIPELINE.replace("metrics:", "plots:")},
    "uncached output": {
        f"{HERE}/dvc.yaml": PIPELINE.replace("[metrics.json]", "[metrics.json: {cache: false}]")
    },
    "order of dependencies": {
        f"{HERE}/dvc.yaml": PIPELINE.replace("[train.py, prepared.csv]", "[prepared.csv, train.py]")
    },
    "another parameter": {PARAMS: "split: {share: 0.5}\ntrain: {c: 0.01, d: 2}\nnew: 1\n"},
    "parameter respelled": {PARAMS: "train: {c: 1.0e-2}\nsplit:\n  share: .5\n"},
    "manifest moved": {
        f"{HERE}/model.yaml": None,
        "model-manifests/elsewhere/model.yaml": MANIFEST.replace(
            "{target: train}", "{target: train, file: ../digits/dvc.yaml}"
        )
        .replace("model: model,", "model: ../digits/model,")
        .replace("predictions: predictions", "predictions: ../digits/predictions"),
    },
    "dvc.lock": {f"{HERE}/dvc.lock": "schema: '2.0'\nstages: {}\n"},
    "committed output": {f"{HERE}/metrics.json": "{}\n"},
    "pointer's own words": {
        f"{HERE}/data/rows.csv.dvc": "desc: better\n" + pointer(size=1, rows=2)
    },
    "unused file": {f"{HERE}/notes.py": "x = 1\n"},
    "owner and objective": {f"{HERE}/model.yaml": MANIFEST.replace("@acme/vision", "@octocat")},
    "runner": {f"{HERE}/model.yaml": MANIFEST.replace("gpus: 1", "gpus: 2")},
}


@pytest.mark.parametrize("name", NOTHING)
def test_plan__no_input_changed(history: History, name: str) -> None:
    history.commit(model())
    model_plan = history.after(NOTHING[name])
    assert model_plan.decision is UNAFFECTED, model_plan.sentence
    assert model_plan.reasons == ()


def _train(**fields: str) -> str:
    """A pipeline of one stage; `fields` replace or add lines of it."""
    lines = {"cmd": "python train.py", "deps": "[train.py]", "outs": "[model, predictions.csv]"}
    body = "".join(f"    {key}: {value}\n" for key, value in (lines | fields).items() if value)
    return f"stages:\n  train:\n{body}"


def test_folder__names_the_file_that_changed(history: History) -> None:
    history.commit(model(_train(deps="[lib]"), **{"lib/a.py": "1", "lib/deep/b.py": "2"}))
    model_plan = history.after({f"{HERE}/lib/deep/b.py": "3"})
    assert model_plan.sentence == "lib/deep/b.py changed"
    assert history.after({f"{HERE}/lib/c.py": "4"}).sentence == "lib/c.py is new"
    assert history.after({f"{HERE}/lib/a.py": None}).sentence == "lib/a.py is no longer an input"


def test_folder__dvcignore_hides_what_dvc_does_not_see(history: History) -> None:
    ignored = {".dvcignore": "# logs\n*.log\n/model-manifests/*/lib/tmp/\n"}
    history.commit(model(_train(deps="[lib]"), **{"lib/a.py": "1"}) | ignored)
    quiet = {f"{HERE}/lib/run.log": "1", f"{HERE}/lib/tmp/x.py": "1"}
    assert history.after(quiet).decision is UNAFFECTED
    assert history.after({".dvcignore": "*.log\n"}).sentence == "lib/tmp/x.py is new"


def test_folder__with_a_dvc_lock_inside(history: History) -> None:
    history.commit(model(_train(deps="[lib]"), **{"lib/a.py": "1"}))
    quiet: dict[str, Content] = {f"{HERE}/lib/dvc.lock": "schema: '2.0'\n"}
    assert history.after(quiet).decision is UNAFFECTED


def test_folder__holding_pointers_and_outputs_of_stages(history: History) -> None:
    pipeline = PIPELINE.replace("[prepare.py, ../shared/splitting.py, data/rows.csv]", "[data]")
    pipeline += "  make: {cmd: python make.py, deps: [make.py], outs: [data/made.csv]}\n"
    history.commit(model(pipeline, **{"make.py": "1", "data/notes.txt": "1"}))
    stages = history.plan(None).models[0].cost.stages
    assert [s.rpartition(":")[2] for s in stages] == ["make", "prepare", "train"]
    assert history.after({f"{HERE}/make.py": "2"}).sentence == "make.py changed"
    assert history.after({f"{HERE}/data/notes.txt": "2"}).sentence == "data/notes.txt changed"
    grown = {f"{HERE}/data/rows.csv.dvc": pointer("b" * 32, 27_000, 442)}
    assert "grew from 353 to 442 rows" in history.after(grown).sentence
    assert history.after({f"{HERE}/data/made.csv": "committed"}).decision is UNAFFECTED


def test_context__adds_files_to_the_inputs(history: History) -> None:
    manifest = MANIFEST.replace("runner:", 'context: ["sql/**"]\nrunner:')
    files: dict[str, Content] = {"sql/a.sql": "1", "sql/deep/b.sql": "1", "other.sql": "1"}
    history.commit(model(**{"model.yaml": manifest}) | files)
    assert history.after({"sql/deep/b.sql": "2"}).sentence == "sql/deep/b.sql changed"
    assert history.after({"sql/c.sql": "1"}).sentence == "sql/c.sql is new"
    assert history.after({"other.sql": "2"}).decision is UNAFFECTED
    nothing = history.after({f"sql/{name}.sql": None for name in ("a", "deep/b", "c")})
    assert nothing.decision is BLOCKED
    assert "the pattern sql/** in `context` matches no file" in nothing.sentence


def test_context__of_everything_leaves_out_what_is_generated(history: History) -> None:
    manifest = MANIFEST.replace("runner:", 'context: ["**"]\nrunner:')
    history.commit(model(**{"model.yaml": manifest, "metrics.json": "{}"}))
    assert history.after({"README.md": "1"}).sentence == "README.md is new"
    quiet: dict[str, Content] = {
        f"{HERE}/metrics.json": '{"f1": 1}',
        f"{HERE}/dvc.lock": "schema: '2.0'\n",
        f"{HERE}/data/rows.csv.dvc": "desc: better\n" + pointer(size=1, rows=2),
    }
    assert history.after(quiet).decision is UNAFFECTED


def test_stage__of_another_dvc_yaml(history: History) -> None:
    build = "{wdir: .., cmd: python lib/f.py, deps: [lib/f.py], outs: [lib/f.csv]}"
    other = f"stages:\n  build: {build}\n"
    history.commit(
        model(_train(deps="[train.py, ../../lib/f.csv]"))
        | {"pipelines/dvc.yaml": other, "lib/f.py": "1"}
    )
    model_plan = history.after({"lib/f.py": "2"})
    assert model_plan.sentence == "lib/f.py changed"
    assert model_plan.cost.stages == ("pipelines/dvc.yaml:build", f"{HERE}/dvc.yaml:train")


@pytest.mark.parametrize(
    ("path", "before", "after", "sentence"),
    [
        ("p.json", '{"a": {"b": 1}}', '{"a": {"b": 2}}', "p.json: a.b changed from 1 to 2"),
        ("p.toml", "[a]\nb = 1\n", "[a]\nb = 2\n", "p.toml: a.b changed from 1 to 2"),
        (
            "p.py",
            "class a:\n    b = 1\n",
            "class a:\n    b = 2\n",
            "p.py: a.b changed from 1 to 2, and p.py changed",
        ),
        ("p.yaml", "a: {b: 1}", "a: {b: 1.0}", "p.yaml: a.b changed from 1 to 1.0"),
        ("p.yaml", "a: {b: 1}", "a: {b: '1'}", "p.yaml: a.b changed from 1 to 1"),
        ("p.yml", "a: {b: [1, 2]}", "a: {b: [1, 3]}", "p.yml: a.b changed from [1, 2] to [1, 3]"),
        ("p.yaml", "a: {b: yes}", "a: {b: true}", "p.yaml: a.b changed from yes to true"),
    ],
)
def test_parameters__of_every_kind_of_file(
    history: History, path: str, before: str, after: str, sentence: str
) -> None:
    for keys_read in ("[a.b]", "[a]", ""):
        pipeline = _train(params=f"[{path}: {keys_read}]")
        history.commit(model(pipeline, **{path: before}))
        assert history.after({f"{HERE}/{path}": after}).sentence == sentence


def test_parameters__of_a_whole_file_see_what_is_new_in_it(history: History) -> None:
    history.commit(model(_train(params="[params.yaml: ]"), **{"params.yaml": "a: 1\n"}))
    assert history.after({PARAMS: "a: 1\nb: {}\n"}).sentence == "params.yaml: b is new ({})"
    assert history.after({PARAMS: "b: {}\n"}).sentence == "params.yaml: a is no longer an input"


def test_data__inside_a_tracked_folder(history: History) -> None:
    folder = "outs:\n- md5: {}.dir\n  size: 10\n  nfiles: 2\n  hash: md5\n  path: many\n"
    history.commit(model(_train(deps="[many/u.csv]"), **{"many.dvc": folder.format("a" * 32)}))
    model_plan = history.after({f"{HERE}/many.dvc": folder.format("b" * 32)})
    assert model_plan.sentence == "many changed, still 10 B"


def test_data__inside_a_folder_whose_files_the_pointer_lists(history: History) -> None:
    """As `dvc import-url --to-remote` from a versioned bucket writes it."""

    def listing(u: str, v: str) -> str:
        files = f"  - {{relpath: u.csv, md5: {u}}}\n  - {{relpath: v/w.csv, md5: {v}}}\n"
        return f"outs:\n- path: many\n  files:\n{files}"

    history.commit(model(_train(deps="[many/u.csv]"), **{"many.dvc": listing("aaa", "bbb")}))
    assert history.after({f"{HERE}/many.dvc": listing("aaa", "ccc")}).decision is UNAFFECTED
    assert history.after({f"{HERE}/many.dvc": listing("ddd", "ccc")}).decision is TRAIN


def test_data__imported_but_not_downloaded(history: History) -> None:
    def imported(lock: str) -> str:
        repo = f"repo: {{url: https://github.com/acme/data, rev_lock: {lock}}}"
        return f"deps:\n- path: rows.csv\n  {repo}\nouts:\n- path: rows.csv\n"

    def from_url(etag: str) -> str:
        return f"deps:\n- path: s3://acme/rows.csv\n  etag: {etag}\nouts:\n- path: rows.csv\n"

    for make in (imported, from_url):
        history.commit(model(**{"data/rows.csv.dvc": make("aaaa")}))
        assert history.after({f"{HERE}/data/rows.csv.dvc": make("bbbb")}).decision is TRAIN
    nothing = "deps:\n- path: s3://acme/rows.csv\nouts:\n- path: rows.csv\n"
    model_plan = history.after({f"{HERE}/data/rows.csv.dvc": nothing})
    assert model_plan.decision is BLOCKED
    assert model_plan.sentence.startswith(
        f"{HERE}/dvc.yaml: stage prepare: {HERE}/data/rows.csv.dvc identifies no content"
    )


def test_frozen_stage__is_what_its_lock_recorded(history: History) -> None:
    def lock(md5: str) -> str:
        outs = f"    outs:\n    - path: prepared.csv\n      md5: {md5}\n      size: 3\n"
        return f"schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n{outs}"

    frozen = PIPELINE.replace(
        "    cmd: python prepare", "    frozen: true\n    cmd: python prepare"
    )
    history.commit(model(frozen, **{"dvc.lock": lock("aaa")}))
    assert history.plan(None).models[0].cost.stages == (f"{HERE}/dvc.yaml:train",)
    assert history.after({f"{HERE}/prepare.py": "other"}).decision is UNAFFECTED
    assert (
        history.after({f"{HERE}/dvc.lock": lock("bbb")}).sentence
        == "prepared.csv changed, still 3 B"
    )
    unrecorded = history.after({f"{HERE}/dvc.lock": None})
    assert "it is frozen, and dvc.lock records nothing of its output prepared.csv" in (
        unrecorded.sentence
    )


def test_frozen_stage__counts_by_the_outputs_that_are_read(history: History) -> None:
    def lock(md5: str) -> str:
        out = "    - path: {}\n      md5: {}\n"
        outs = out.format("prepared.csv", "aaa") + out.format("unread.csv", md5)
        return f"schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n    outs:\n{outs}"

    frozen = PIPELINE.replace(
        "    cmd: python prepare", "    frozen: true\n    cmd: python prepare"
    ).replace("outs: [prepared.csv]", "outs: [prepared.csv, unread.csv]")
    history.commit(model(frozen, **{"dvc.lock": lock("bbb")}))
    assert history.after({f"{HERE}/dvc.lock": lock("ccc")}).decision is UNAFFECTED


def test_url_dependency__counts_as_its_lock_says(history: History) -> None:
    def lock(etag: str) -> str:
        deps = f"    deps:\n    - path: s3://acme/rows.csv\n      etag: {etag}\n      size: 5\n"
        return f"schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n{deps}"

    history.commit(
        model(_train(deps="[train.py, 's3://acme/rows.csv']"), **{"dvc.lock": lock("abc1")})
    )
    model_plan = history.after({f"{HERE}/dvc.lock": lock("abc2")})
    assert model_plan.sentence == "s3://acme/rows.csv changed, still 5 B"
    assert "reads s3://acme/rows.csv, which is outside the repository" in model_plan.warnings[0]


def test_link__inside_the_repository_is_followed(history: History) -> None:
    files = {f"{HERE}/linked.py": Link("../shared/splitting.py"), f"{HERE}/lib": Link("../shared")}
    history.commit(model(_train(deps="[linked.py, lib]")) | files)
    model_plan = history.after({"model-manifests/shared/splitting.py": "SHARE = 1\n"})
    assert model_plan.sentence == "lib/splitting.py changed, and linked.py changed"
    assert history.after({f"{HERE}/linked.py": Link("train.py")}).sentence == "linked.py changed"


def test_link__to_data_behind_a_pointer(history: History) -> None:
    history.commit(model(_train(deps="[rows]")) | {f"{HERE}/rows": Link("data/rows.csv")})
    grown = {f"{HERE}/data/rows.csv.dvc": pointer("b" * 32, 27_000, 442)}
    assert "grew from 353 to 442 rows" in history.after(grown).sentence


def test_link__to_other_data_of_the_same_model_counts(history: History) -> None:
    """What a program finds at a path is an input, and not which data there are at all."""
    two: dict[str, Content] = {
        f"{HERE}/data/more.csv.dvc": pointer("b" * 32).replace("rows", "more"),
        f"{HERE}/a": Link("data/rows.csv"),
        f"{HERE}/b": Link("data/more.csv"),
    }
    history.commit(model(_train(deps="[a, b]")) | two)
    swapped = {f"{HERE}/a": two[f"{HERE}/b"], f"{HERE}/b": two[f"{HERE}/a"]}
    assert history.after(swapped).sentence == "a changed, still 21 kB, and b changed, still 21 kB"


def test_link__to_a_folder_has_the_data_inside(history: History) -> None:
    shared: dict[str, Content] = {
        f"{HERE}/lib": Link("../shared"),
        "model-manifests/shared/all.dvc": "outs:\n- {md5: %s, path: rows.csv}\n" % ("a" * 32),
    }
    history.commit(model(_train(deps="[lib]")) | shared)
    model_plan = history.after(
        {"model-manifests/shared/all.dvc": "outs:\n- {md5: %s, path: rows.csv}\n" % ("b" * 32)}
    )
    assert model_plan.sentence.startswith(
        "lib/rows.csv changed (md5:aaaaaaaaaaaa to md5:bbbbbbbbbbbb)"
    )


def test_submodule__counts_by_its_commit(history: History) -> None:
    vendor = {"vendor": Submodule("1" * 40)}
    history.commit(model(_train(deps="[../../vendor/lib/a.py]")) | vendor)
    model_plan = history.after({"vendor": Submodule("2" * 40)})
    assert model_plan.sentence == "vendor changed"
    assert (model_plan.reasons[0].before, model_plan.reasons[0].after) == (
        "commit:" + "1" * 12,
        "commit:" + "2" * 12,
    )


def test_lfs_pointer__is_the_content(history: History) -> None:
    pointer_text = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 5\n"
    files = {"weights.bin": pointer_text.format("a" * 64)}
    history.commit(model(_train(deps="[train.py, weights.bin]"), **files))
    model_plan = history.after({f"{HERE}/weights.bin": pointer_text.format("b" * 64)})
    assert model_plan.sentence == "weights.bin changed"


WHOLE = "outs:\n- {md5: %s.dir, path: whole}\n" % ("a" * 32)


def _conflict() -> str:
    """A dvc.lock as `git merge` leaves it when both sides trained."""
    entry = "  train:\n    cmd: python train.py\n"
    ours, theirs = (
        f"    deps:\n    - path: s3://acme/x\n      etag: {e}\n" for e in ("abc", "abd")
    )
    both = f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> feature\n"
    return (
        f"schema: '2.0'\nstages:\n{entry.partition('    cmd')[0]}{both}    cmd: python train.py\n"
    )


def _bomb() -> str:
    lines = ["a: &a [1]\n"]
    for one, other in itertools.pairwise("abcdefgh"):
        lines.append(f"{other}: &{other} [{','.join([f'*{one}'] * 10)}]\n")
    return "".join(lines)


BROKEN: dict[str, tuple[dict[str, Content], str]] = {
    "missing dependency": (
        model(_train(deps="[train.py, gone.py]")),
        f"{HERE}/dvc.yaml: stage train: its dependency gone.py is not in Git, not behind a "
        "pointer, and not a stage's output",
    ),
    "url without a lock": (
        model(_train(deps="[train.py, 's3://acme/x']")),
        f"{HERE}/dvc.yaml: stage train: its dependency s3://acme/x is outside the repository and "
        "no lock records it (import it with `dvc import-url`, so that a pointer identifies it)",
    ),
    "absolute path without a lock": (
        model(_train(deps="[/data/x]")),
        "its dependency /data/x is outside the repository and no lock records it",
    ),
    "always changed": (
        model(_train(always_changed="true")),
        f"{HERE}/dvc.yaml: stage train: it is always_changed, and "
        "its inputs do not determine the model",
    ),
    "no dependency": (model(_train(deps="")), "stage train: it declares no dependency"),
    "cycle": (
        model(
            "stages:\n  train: {cmd: a, deps: [x], outs: [model, predictions.csv]}\n"
            "  other: {cmd: b, deps: [model], outs: [x]}\n"
        ),
        f"stages need each other: {HERE}/dvc.yaml:train → {HERE}/dvc.yaml:other → "
        f"{HERE}/dvc.yaml:train",
    ),
    "pointer as a dependency": (
        model(_train(deps="[data/rows.csv.dvc]")),
        f"its dependency {HERE}/data/rows.csv.dvc is a DVC file, which DVC does not accept",
    ),
    "number without end": (
        model(_train(params="[p.json: [a]]"), **{"p.json": '{"a": ' + "9" * 5000 + "}"}),
        f"stage train: {HERE}/p.json:1:1: a whole number has more than 4,300 digits",
    ),
    "nested Python": (
        model(_train(params="[p.py: [a]]"), **{"p.py": "a = " + "-" * 200_000 + "1\n"}),
        f"stage train: {HERE}/p.py",
    ),
    "not YAML": (model("stages: [\n"), f"{HERE}/dvc.yaml:1:10: not valid YAML"),
    "duplicate key": (
        model("stages:\n  train: {cmd: a}\n  train: {cmd: b}\n"),
        f"{HERE}/dvc.yaml:3:3: duplicate key 'train'",
    ),
    "not a pipeline": (
        model("- a\n"),
        f"{HERE}/dvc.yaml:1:1: the file is a list, and must be a mapping",
    ),
    "unknown stage": (
        model("stages: {fit: {cmd: a, deps: [train.py]}}\n"),
        f"{HERE}/dvc.yaml has no stage 'train' (its stages are fit)",
    ),
    "unknown field": (
        model(_train(depends="[x]")),
        f"{HERE}/dvc.yaml:6:5: DVC knows no field 'depends' in stages.train (did you mean 'deps'?)",
    ),
    "field of another kind": (
        model(_train(deps="train.py")),
        f"{HERE}/dvc.yaml:4:11: stages.train.deps is text ('train.py'), and must be a list",
    ),
    "no command": (
        model("stages: {train: {deps: [train.py]}}\n"),
        f"{HERE}/dvc.yaml:1:10: stages.train has no field 'cmd'",
    ),
    "wdir outside": (model(_train(wdir="../../..")), "its wdir ../../.. is outside the repository"),
    "no pipeline": (model() | {f"{HERE}/dvc.yaml": None}, f"there is no {HERE}/dvc.yaml"),
    "two stages make it": (
        model(PIPELINE.replace("outs: [prepared.csv]", "outs: [prepared.csv, metrics.json]")),
        f"{HERE}/metrics.json is made by both {HERE}/dvc.yaml:prepare and {HERE}/dvc.yaml:train",
    ),
    "one stage makes what is inside of another's output": (
        model(PIPELINE.replace("outs: [prepared.csv]", "outs: [prepared.csv, model/x]")),
        f"{HERE}/model/x is made by both {HERE}/dvc.yaml:prepare and {HERE}/dvc.yaml:train",
    ),
    "parameter missing": (
        model(_train(params="[train.d]")),
        f"stage train: {HERE}/params.yaml has no parameter train.d",
    ),
    "parameter file missing": (
        model(_train(params="[p.json: [a]]")),
        "stage train: its parameter file p.json is missing",
    ),
    "parameter file unreadable": (
        model(_train(params="[p.json: [a]]"), **{"p.json": "{"}),
        f"stage train: {HERE}/p.json:1:2: it cannot be read as JSON: Expecting property name",
    ),
    "parameter file outside": (
        model(_train(params="[../../../p.json: [a]]")),
        "its parameter file ../../../p.json is outside the repository",
    ),
    "output that no stage makes": (
        model() | {f"{HERE}/model.yaml": MANIFEST.replace("predictions.csv", "prediction.csv")},
        f"{HERE}/model.yaml:6: {HERE}/prediction.csv is not an output of stage 'train' or of "
        "an upstream stage (did you mean 'predictions.csv'?)",
    ),
    "output of a stage that is not upstream": (
        model(PIPELINE + "  export: {cmd: x, deps: [model], outs: [net]}\n")
        | {f"{HERE}/model.yaml": MANIFEST.replace("model: model,", "model: net/a.bin,")},
        f"{HERE}/net/a.bin is not an output of stage 'train' or of an upstream stage (it is "
        "an output of stage 'export': make that the target, or name another output)",
    ),
    "lock that a dependency needs, with conflict markers": (
        model(_train(deps="[train.py, 's3://acme/x']"), **{"dvc.lock": _conflict()}),
        f"stage train: {HERE}/dvc.lock:4:1: conflict markers of a merge (restore it",
    ),
    "lock that a dependency needs, of DVC 1": (
        model(_train(deps="[train.py, 's3://acme/x']"), **{"dvc.lock": "train: {cmd: a}\n"}),
        f"stage train: {HERE}/dvc.lock:1:1: this is a lock file of DVC 1",
    ),
    "environment file missing": (
        model() | {"uv.lock": None},
        f"{HERE}/model.yaml: the environment file uv.lock is not in Git",
    ),
    "link outside": (
        model(_train(deps="[x.py]"), **{"x.py": Link("../../../etc/passwd")}),
        f"{HERE}/x.py is a link that leaves the repository (../../../etc/passwd)",
    ),
    "link in a circle": (
        model(_train(deps="[x.py]"), **{"x.py": Link("y.py"), "y.py": Link("x.py")}),
        "is a link without an end",
    ),
    "link to nothing": (
        model(_train(deps="[x.py]"), **{"x.py": Link("nowhere.py")}),
        "its dependency x.py is not in Git",
    ),
    "link to nothing in a folder": (
        model(_train(deps="[lib]"), **{"lib/x.py": Link("nowhere.py")}),
        f"{HERE}/lib/x.py is a link to nothing in Git",
    ),
    "link to an output": (
        model(PIPELINE.replace("py, prepared.csv]", "py, linked]"), linked=Link("prepared.csv")),
        f"{HERE}/linked leads by a link to an output of {HERE}/dvc.yaml:prepare",
    ),
    "link to a folder with an output": (
        model(PIPELINE.replace("py, prepared.csv]", "py, ../linked]"))
        | {"model-manifests/linked": Link("digits")},
        f"model-manifests/linked/prepared.csv leads by a link to an output of {HERE}/dvc.yaml:prep",
    ),
    "link to a part of data": (
        model(_train(deps="[part]"), part=Link("whole/a"), **{"whole.dvc": WHOLE}),
        f"{HERE}/part leads by a link into {HERE}/whole, which {HERE}/whole.dvc tracks whole",
    ),
    "half of a surrogate pair": (
        model(_train(params="[p.json: [a]]"), **{"p.json": '{"a": "\\ud800"}'}),
        f"{HERE}/p.json:1:1: it cannot be read as JSON: half of a surrogate pair",
    ),
    "dvcignore in a folder": (
        model(_train(deps="[lib]"), **{"lib/a.py": "1", "lib/.dvcignore": "x\n"}),
        f"DVC refuses {HERE}/lib/.dvcignore inside the dependency {HERE}/lib",
    ),
    "pointer of old": (
        model(**{"data/rows.csv.dvc": "cmd: python x.py\nouts:\n- path: rows.csv\n"}),
        f"{HERE}/data/rows.csv.dvc:1:1: this is a single-stage pipeline of DVC before 1.0",
    ),
    "pointer that is none": (
        model(**{"data/rows.csv.dvc": "nothing: 1\n"}),
        f"{HERE}/data/rows.csv.dvc:1:1: DVC knows no field 'nothing'",
    ),
    "not UTF-8": (model() | {f"{HERE}/dvc.yaml": b"stages: \xff\n"}, "not UTF-8 (byte 8)"),
    "nested without end": (
        model("stages: " + "[" * 100_000),
        "values are nested more than 50 deep",
    ),
    "aliases that explode": (model(_bomb()), "the file has more than 250,000 values"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_plan__what_cannot_be_fingerprinted_is_blocked(history: History, name: str) -> None:
    files, reason = BROKEN[name]
    history.commit(model())
    model_plan = history.after(files)
    assert model_plan.decision is BLOCKED, model_plan.sentence
    assert reason in model_plan.sentence
    assert model_plan.fingerprint is None


def test_blocked__one_model_leaves_the_others_alone(history: History) -> None:
    history.commit(model())
    other = {
        path.replace("digits", "letters"): str(text).replace("digits", "letters")
        for path, text in model().items()
    }
    base = history.commit(other)
    history.commit({f"{HERE}/dvc.yaml": "stages: [\n"})
    plan = history.plan(base)
    assert [(m.model, m.decision) for m in plan.models] == [
        ("digits", BLOCKED),
        ("letters", UNAFFECTED),
    ]


def test_stages__in_a_chain_longer_than_the_stack(history: History) -> None:
    links = "".join(
        f"  s{n}: {{cmd: x, deps: [{f's{n - 1}.csv' if n else 'train.py'}], outs: [s{n}.csv]}}\n"
        for n in range(1500)
    )
    last = "  train: {cmd: x, deps: [s1499.csv], outs: [model, predictions.csv]}\n"
    history.commit(model(f"stages:\n{links}{last}"))
    model_plan = history.after({f"{HERE}/train.py": "other"})
    assert model_plan.sentence == "train.py changed"
    assert len(model_plan.cost.stages) == 1501


def test_parameter__that_python_will_not_write_in_decimal(history: History) -> None:
    history.commit(model(_train(params="[p.yaml: [a]]"), **{"p.yaml": "a: 0x" + "f" * 9000}))
    model_plan = history.after({f"{HERE}/p.yaml": "a: 0x" + "f" * 8999 + "e"})
    assert model_plan.sentence.startswith("p.yaml: a changed from 0xfff")


@pytest.mark.parametrize("source", ["-" * 200_000 + "1", "(" * 5000, "x." * 100_000 + "y", "\0"])
def test_program__that_only_nests_imports_nothing(history: History, source: str) -> None:
    history.commit(model(**{"train.py": source}))
    assert history.plan(None).models[0].warnings == ()


def test_wdir__counts_where_every_declared_path_stays(history: History) -> None:
    stage = _train(wdir="one", deps="[../train.py]", outs="[../model, ../predictions.csv]")
    history.commit(model(stage))
    model_plan = history.after({f"{HERE}/dvc.yaml": stage.replace("wdir: one", "wdir: two")})
    assert model_plan.sentence == f"stage train: it runs in {HERE}/two instead of {HERE}/one"


def test_parameters__declared_otherwise_with_the_same_values(history: History) -> None:
    stage = _train(params="[train]")
    history.commit(model(stage))
    model_plan = history.after({f"{HERE}/dvc.yaml": stage.replace("[train]", "[train.c]")})
    assert model_plan.sentence == "stage train: it lists other params"


def test_link__inside_a_folder_is_followed(history: History) -> None:
    history.commit(model(_train(deps="[lib]"), **{"lib/x.py": Link("../train.py")}))
    assert history.after({f"{HERE}/train.py": "other"}).sentence == "lib/x.py changed"


def test_link__to_a_parameter_file_is_followed(history: History) -> None:
    files: dict[str, Content] = {"p.yaml": Link("real.yaml"), "real.yaml": "a: 1\n"}
    history.commit(model(_train(params="[p.yaml: [a]]"), **files))
    model_plan = history.after({f"{HERE}/real.yaml": "a: 2\n"})
    assert model_plan.sentence == "p.yaml: a changed from 1 to 2"


def test_output__that_another_pipeline_begins_to_make(history: History) -> None:
    history.commit(model(_train(deps="[lib]"), **{"lib/a.py": "1", "make.py": "1"}))
    more = "stages:\n  make: {cmd: python make.py, deps: [make.py], outs: [%s]}\n"
    folder = "model-manifests/digits/more"
    inside: dict[str, Content] = {
        f"{folder}/make.py": "",
        f"{folder}/dvc.yaml": more % "../lib/b.py",
    }
    assert history.after(inside).cost.stages == (
        f"{folder}/dvc.yaml:make",
        f"{HERE}/dvc.yaml:train",
    )
    rival = history.after({f"{folder}/dvc.yaml": more % "../model"})
    assert rival.decision is BLOCKED
    assert f"{HERE}/model is made by both" in rival.sentence


def test_dvc_repositories__do_not_see_into_one_another(history: History) -> None:
    stage = "stages:\n  make: {cmd: x, deps: [make.py], outs: [../lib/b.py]}\n"
    inner: dict[str, Content] = {"lib/a.py": "1", "lib/b.py": "1", "lib/own/.dvc/config": ""}
    files = model(_train(deps="[lib]"), **inner, **{"lib/own/x.py": "1"})
    history.commit(files)
    assert history.after({f"{HERE}/lib/own/x.py": "2"}).decision is UNAFFECTED
    other: dict[str, Content] = {
        f"{HERE}/other/.dvc/config": "",
        f"{HERE}/other/dvc.yaml": stage,
        f"{HERE}/other/make.py": "",
    }
    assert history.after(other).decision is UNAFFECTED
    assert history.after({f"{HERE}/lib/b.py": "2"}).sentence == "lib/b.py changed"


def test_dvcignore__hides_pipelines_and_pointers_too(history: History) -> None:
    history.commit(model() | {".dvcignore": "/model-manifests/digits/data/*.dvc\n"})
    (model_plan,) = history.plan(None).models
    assert model_plan.decision is BLOCKED
    assert "its dependency data/rows.csv is not in Git" in model_plan.sentence


def test_folder__that_becomes_a_dvc_repository_of_its_own(history: History) -> None:
    history.commit(model(_train(deps="[lib]"), **{"lib/a.py": "1", "lib/sub/a.py": "1"}))
    model_plan = history.after({f"{HERE}/lib/.dvc/config": ""})
    assert model_plan.decision is BLOCKED
    assert f"{HERE}/lib belongs to another DVC repository" in model_plan.sentence


def test_folder__above_a_dvc_repository_in_a_folder_of_git(history: History) -> None:
    files = model(_train(deps="[../../shared]")) | {".dvc/config": None, "shared/a.py": "1"}
    history.commit(files | {"model-manifests/.dvc/config": ""})
    assert history.after({"shared/a.py": "2"}).sentence == "shared/a.py changed"


def test_parameters__of_a_file_named_whole_and_by_key(history: History) -> None:
    stage = _train(params="[{params.yaml: [train.c]}, {params.yaml: }]")
    history.commit(model(stage))
    model_plan = history.after({PARAMS: "split: {share: 0.6}\ntrain: {c: 0.01}\n"})
    assert model_plan.sentence == "params.yaml: split.share changed from 0.5 to 0.6"


LOCKS = {"conflict markers": _conflict(), "of DVC 1": "train: {cmd: a}\n", "empty": ""}


@pytest.mark.parametrize("name", LOCKS)
def test_lock__that_is_broken_is_a_warning_where_nothing_needs_it(
    history: History, name: str
) -> None:
    history.commit(model())
    kept = history.after({f"{HERE}/dvc.lock": LOCKS[name]})
    assert (kept.decision, kept.warnings) == (UNAFFECTED, ())
    model_plan = history.after({f"{HERE}/train.py": "print('other')\n"})
    assert model_plan.decision is TRAIN
    (warning,) = model_plan.warnings
    assert warning.startswith(f"{HERE}/dvc.lock:")
    assert "DVC reads no such lock" in warning
    assert f"restore it (`git checkout REVISION -- {HERE}/dvc.lock`), or delete it" in warning


def test_lock__of_another_model_is_no_warning_here(history: History) -> None:
    history.commit(model())
    history.commit({"model-manifests/other/dvc.lock": _conflict()})
    assert history.after({f"{HERE}/train.py": "print('other')\n"}).warnings == ()


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        ({f"{HERE}/Model": "1\n"}, "in upper and lower case only"),
        ({f"{HERE}/made": Link("../shared")}, "is behind a link"),
    ],
)
def test_output__change_at_its_place_blocks_a_model_that_changed_in_nothing_else(
    history: History, edit: dict[str, Content], sentence: str
) -> None:
    history.commit(model(PIPELINE.replace("outs: [model,", "outs: [made/more.bin, model,")))
    assert sentence in history.after(edit).sentence
