"""What a program finds in the tree that it is trained in, on real Git and DVC."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from dvc import parsing

from interlock import errors
from interlock.adapters import git
from interlock.adapters.dvc import repository_setup
from interlock.adapters.dvc.pipeline import DvcPipeline
from interlock.adapters.git import files as git_files
from interlock.commands import train
from interlock.domain.training.training_tree import Blob
from interlock.ports.pipeline import PipelineRun, RunEnd
from tests import tiny, training
from tests.fakes.runs import FakeRuns
from tests.tiny import Tiny

# Writes what it finds, where it finds it and in which environment, and trains as ever.
LOOKING = (
    tiny.TRAIN
    + """
import subprocess, sys
recorded = {
    "files": sorted(p.as_posix() for p in pathlib.Path("..").resolve().rglob("*") if p.is_file()),
    "here": os.getcwd(), "environment": dict(os.environ), "params": open("params.yaml").read(),
    "programs": [p for p in sorted(os.listdir(".")) if os.access(p, os.X_OK) and os.path.isfile(p)],
    "git": subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True).returncode,
}
pathlib.Path(os.environ["TINY_COUNT"] + ".recorded").write_text(json.dumps(recorded))
"""
)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    repo = tiny.make(tmp_path)
    for name, value in tiny.environment(repo, tmp_path / "home", "").items():
        monkeypatch.setenv(name, value)
    return repo


def trained(repo: Tiny, tmp_path: Path, **request: object) -> train.Trained:
    (tmp_path / "scratch").mkdir(exist_ok=True)
    runs = FakeRuns(Path(tempfile.mkdtemp(dir=tmp_path)))
    world = training.world(repo.root, runs, scratch=tmp_path / "scratch")
    train_options = train.TrainOptions("tiny", "HEAD", **request)  # type: ignore[arg-type]
    done = train.run(world, train_options)
    assert isinstance(done, train.Trained), done
    return done


def recorded(repo: Tiny) -> dict[str, object]:
    document: dict[str, object] = json.loads(Path(f"{repo.count}.recorded").read_text())
    return document


def files(repo: Tiny) -> set[str]:
    """The files that the program recorded, relative to the tree, without DVC's and its own."""
    tree = Path(str(recorded(repo)["here"])).parent
    paths = {Path(p).relative_to(tree) for p in recorded(repo)["files"]}  # type: ignore[attr-defined]
    made = {"prepared.csv", "model", "predictions.csv", "metrics.json", "dvc.lock"}
    return {
        p.as_posix()
        for p in paths
        if ".dvc" not in p.parts and not made & set(p.parts) and p.name != ".dvcignore"
    }


INPUTS = {
    "env.lock",
    "tiny/data.csv",
    "tiny/dvc.yaml",
    "tiny/params.yaml",
    "tiny/prepare.py",
    "tiny/train.py",
}


def test_tree__holds_the_inputs_and_nothing_else(repo: Tiny, tmp_path: Path) -> None:
    repo.commit(
        train_py=LOOKING,
        params_yaml="# a comment\nowner: me\nsize: 5\n",
        stray_py="1",
        conftest_py="1",
    )
    (repo.root / "sitecustomize.py").write_text("raise SystemExit('undeclared')\n")
    repo.commit()
    trained(repo, tmp_path)
    assert files(repo) == INPUTS
    assert recorded(repo)["params"] == "size: 5\n"
    assert recorded(repo)["git"] == 128


def test_tree__lies_outside_the_checkout_and_is_gone_afterwards(repo: Tiny, tmp_path: Path) -> None:
    repo.commit(train_py=LOOKING)
    trained(repo, tmp_path)
    here = Path(str(recorded(repo)["here"]))
    assert here.is_relative_to(tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_tree__is_at_one_place_for_one_fingerprint(repo: Tiny, tmp_path: Path) -> None:
    repo.commit(train_py=LOOKING)
    first = trained(repo, tmp_path)
    place = recorded(repo)["here"]
    repo.commit(stray_py="1")
    again = trained(repo, tmp_path, force=True)
    assert recorded(repo)["here"] == place
    assert again.candidate.fingerprint == first.candidate.fingerprint


def test_environment__does_not_tell_the_revision(
    repo: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = repo.commit(train_py=LOOKING)
    for name in ("GITHUB_SHA", "INTERLOCK_REV", "CI_COMMIT", "MY_VERSION"):
        monkeypatch.setenv(name, f"v{revision}")
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_secret")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "secret")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(repo.root))
    trained(repo, tmp_path)
    environment = recorded(repo)["environment"]
    assert isinstance(environment, dict)
    assert revision not in json.dumps(environment)
    assert "secret" not in json.dumps(environment)
    tree = Path(str(recorded(repo)["here"])).parent
    assert environment["GITHUB_WORKSPACE"] == str(tree)
    assert environment["GIT_CEILING_DIRECTORIES"] == str(tree.parent)
    assert environment["SETUPTOOLS_SCM_PRETEND_VERSION"].startswith("0+")


def test_tree__has_the_files_of_context(repo: Tiny, tmp_path: Path) -> None:
    (repo.root / "sql").mkdir()
    (repo.root / "sql" / "a.sql").write_text("select 1")
    manifest = tiny.MANIFEST.replace("runner:", 'context: ["sql/*"]\nrunner:')
    repo.commit(train_py=LOOKING, model_yaml=manifest)
    trained(repo, tmp_path)
    assert files(repo) == INPUTS | {"sql/a.sql"}


def test_tree__of_a_sparse_checkout_is_whole(repo: Tiny, tmp_path: Path) -> None:
    pipeline = tiny.PIPELINE.replace("[train.py, prepared.csv]", "[train.py, prepared.csv, lib]")
    for name in ("a.py", "deep/b.py"):
        (repo.root / "tiny" / "lib" / name).parent.mkdir(parents=True, exist_ok=True)
        (repo.root / "tiny" / "lib" / name).write_text(name)
    repo.commit(train_py=LOOKING, dvc_yaml=pipeline)
    repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/tiny/lib/deep")
    assert not (repo.root / "tiny" / "lib" / "deep").exists()
    trained(repo, tmp_path)
    assert files(repo) == INPUTS | {"tiny/lib/a.py", "tiny/lib/deep/b.py"}


def test_tree__of_a_dvc_repository_below_the_root_is_trained_and_taken_again(
    repo: Tiny, tmp_path: Path
) -> None:
    (repo.root / ".dvc").rename(repo.root / "tiny" / ".dvc")
    repo.commit(train_py=LOOKING)
    first = trained(repo, tmp_path)
    assert files(repo) == INPUTS
    assert first.candidate.lock.keys() == {"tiny/dvc.lock"}
    assert trained(repo, tmp_path).candidate.model.sha256 == first.candidate.model.sha256
    assert repo.ran == ["prepare", "train"]


def test_tree__keeps_the_executable_bit_and_follows_links(repo: Tiny, tmp_path: Path) -> None:
    (repo.root / "tiny" / "run.sh").write_text("true\n")
    (repo.root / "tiny" / "run.sh").chmod(0o755)
    (repo.root / "tiny" / "link.py").symlink_to("prepare.py")
    deps = "deps: [train.py, prepared.csv, run.sh, link.py]"
    repo.commit(
        train_py=LOOKING, dvc_yaml=tiny.PIPELINE.replace("deps: [train.py, prepared.csv]", deps)
    )
    trained(repo, tmp_path)
    assert recorded(repo)["programs"] == ["run.sh"]
    assert files(repo) == INPUTS | {"tiny/run.sh", "tiny/link.py"}


@pytest.mark.parametrize(
    ("attributes", "content", "words"),
    [
        ("*.txt eol=crlf", "a\nb\n", "its lines end with CR LF"),
        ("*.txt text eol=crlf", "a\nb\n", "its lines end with CR LF"),
        ("*.txt ident", "$Id$\n", "$Id$ is expanded in it"),
        ("*.txt working-tree-encoding=UTF-16", "a\n", "it is converted to UTF-16"),
        ("*.txt filter=git-crypt", "a\n", "it passes through the filter git-crypt"),
    ],
)
def test_conversion__that_changes_bytes_is_refused(
    repo: Tiny, tmp_path: Path, attributes: str, content: str, words: str
) -> None:
    deps = "deps: [train.py, prepared.csv, a.txt]"
    repo.commit(
        a_txt=content, dvc_yaml=tiny.PIPELINE.replace("deps: [train.py, prepared.csv]", deps)
    )
    (repo.root / ".gitattributes").write_text(attributes + "\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "--quiet", "--message", "Attributes")
    with pytest.raises(errors.OutsideFailure, match=r"tiny/a.txt") as caught:
        trained(repo, tmp_path)
    assert words in caught.value.message
    assert "-text" in caught.value.hint
    assert repo.ran == []


@pytest.mark.parametrize(
    ("attributes", "content"),
    [
        ("*.txt text=auto", "a\nb\n"),
        ("*.txt eol=lf", "a\nb\n"),
        ("*.txt eol=crlf", "no line end"),
        ("*.txt -text eol=crlf", "a\nb\n"),
        ("*.txt ident", "no keyword\n"),
        ("*.txt working-tree-encoding=UTF-8", "a\n"),
        ("*.md eol=crlf", "a\nb\n"),
    ],
)
def test_conversion__that_changes_nothing_is_not_refused(
    repo: Tiny, tmp_path: Path, attributes: str, content: str
) -> None:
    (repo.root / ".gitattributes").write_text(attributes + "\n")
    deps = "deps: [train.py, prepared.csv, a.txt]"
    repo.commit(
        a_txt=content, dvc_yaml=tiny.PIPELINE.replace("deps: [train.py, prepared.csv]", deps)
    )
    training.job(repo.root, tmp_path / "tree")
    assert (tmp_path / "tree" / "tiny" / "a.txt").read_text() == content


def test_autocrlf__of_the_machine_changes_nothing(repo: Tiny, tmp_path: Path) -> None:
    repo.git("config", "core.autocrlf", "true")
    training.job(repo.root, tmp_path / "tree")
    assert b"\r" not in (tmp_path / "tree" / "tiny" / "train.py").read_bytes()


CONTENT = b"weights"
OID = hashlib.sha256(CONTENT).hexdigest()
LFS = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(CONTENT)}\n"


def lfs(repo: Tiny) -> Path:
    """A dependency in Git LFS; returns where the clone keeps its content."""
    deps = "deps: [train.py, prepared.csv, w.bin]"
    repo.commit(w_bin=LFS, dvc_yaml=tiny.PIPELINE.replace("deps: [train.py, prepared.csv]", deps))
    return repo.root / ".git" / "lfs" / "objects" / OID[:2] / OID[2:4] / OID


def test_lfs__is_its_content(repo: Tiny, tmp_path: Path) -> None:
    place = lfs(repo)
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    job = training.job(repo.root, tmp_path / "tree")
    assert (tmp_path / "tree" / "tiny" / "w.bin").read_bytes() == CONTENT
    assert job.files["tiny/w.bin"] == hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


def test_lfs__that_is_not_in_the_clone_is_named(repo: Tiny, tmp_path: Path) -> None:
    lfs(repo)
    with pytest.raises(errors.OutsideFailure, match=f"tiny/w.bin is in Git LFS.*{OID}") as caught:
        training.job(repo.root, tmp_path / "tree")
    assert "git lfs fetch origin" in caught.value.hint


def test_lfs__whose_content_is_damaged_is_named(repo: Tiny, tmp_path: Path) -> None:
    place = lfs(repo)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"damage!")
    with pytest.raises(errors.OutsideFailure, match="damaged"):
        training.job(repo.root, tmp_path / "tree")


def submodule(repo: Tiny, tmp_path: Path, *, nested: bool = False) -> None:
    """A dependency inside a submodule, which has a link, and with `nested` one of its own."""
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    for place in (inner, outer):
        place.mkdir()
        repo.git("-C", str(place), "init", "--quiet", "--initial-branch=main")
    (inner / "deep.txt").write_text("deep")
    (outer / "threshold.txt").write_text("0.5")
    (outer / "link.txt").symlink_to("threshold.txt")
    for place in (inner, outer):
        if place == outer and nested:
            add = ("submodule", "add", "--quiet", str(inner), "nested")
            repo.git("-C", str(outer), "-c", "protocol.file.allow=always", *add)
        repo.git("-C", str(place), "add", "--all")
        repo.git("-C", str(place), "commit", "--quiet", "--message", "Start")
    add = ("submodule", "add", "--quiet", str(outer), "tiny/lib")
    repo.git("-c", "protocol.file.allow=always", *add)
    update = ("submodule", "update", "--quiet", "--init", "--recursive")
    repo.git("-c", "protocol.file.allow=always", *update)
    deps = "deps: [train.py, prepared.csv, lib/threshold.txt]"
    repo.commit(dvc_yaml=tiny.PIPELINE.replace("deps: [train.py, prepared.csv]", deps))


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x"])
def test_blob__that_leads_out_of_the_tree_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "tree").mkdir()
    blobs = [Blob(path, "1")]
    with pytest.raises(errors.OutsideFailure, match="leads out of its tree"):
        git_files.write_blobs(tmp_path, lambda _: {"1": b""}, blobs, tmp_path / "tree", "HEAD")
    assert not (tmp_path / "x").exists()


def test_submodule__is_the_files_of_its_commit(repo: Tiny, tmp_path: Path) -> None:
    submodule(repo, tmp_path, nested=True)
    job = training.job(repo.root, tmp_path / "tree")
    lib = tmp_path / "tree" / "tiny" / "lib"
    assert (lib / "link.txt").read_text() == "0.5"
    assert (lib / "nested" / "deep.txt").read_text() == "deep"
    assert "tiny/lib/threshold.txt" in job.files


def test_submodule__that_is_not_checked_out_is_taken_from_what_git_keeps(
    repo: Tiny, tmp_path: Path
) -> None:
    submodule(repo, tmp_path)
    repo.git("submodule", "deinit", "--quiet", "--force", "tiny/lib")
    training.job(repo.root, tmp_path / "tree")
    assert (tmp_path / "tree" / "tiny" / "lib" / "threshold.txt").read_text() == "0.5"


def test_submodule__that_is_not_here_is_named(repo: Tiny, tmp_path: Path) -> None:
    submodule(repo, tmp_path)
    repo.git("submodule", "deinit", "--quiet", "--force", "tiny/lib")
    shutil.rmtree(repo.root / ".git" / "modules")
    with pytest.raises(errors.OutsideFailure, match="the submodule tiny/lib is not here") as caught:
        training.job(repo.root, tmp_path / "tree")
    assert caught.value.hint == "git submodule update --init --recursive tiny/lib"


def run(repo: Tiny, tmp_path: Path, **fields: Any) -> PipelineRun:
    job = training.job(repo.root, tmp_path / "tree", **fields)
    return DvcPipeline().run(job, say=lambda _: None, check=lambda _: None)


def test_input__that_changes_while_it_is_read_is_named(repo: Tiny, tmp_path: Path) -> None:
    change = "p = pathlib.Path('prepare.py'); p.chmod(0o644); p.write_text('other')\n"
    repo.commit(train_py=tiny.TRAIN + change)
    with pytest.raises(errors.OutsideFailure, match=r"tiny/prepare.py has md5"):
        run(repo, tmp_path)
    assert not repo.object("wwwww").exists()


def test_data__that_change_while_they_are_read_are_named(repo: Tiny, tmp_path: Path) -> None:
    change = "p = pathlib.Path('data.csv'); p.unlink(); p.write_text('id,target\\n9,z\\n')\n"
    repo.commit(train_py=tiny.TRAIN + change)
    with pytest.raises(errors.OutsideFailure, match=r"tiny/data.csv has md5"):
        run(repo, tmp_path)


def test_cached_data__that_are_damaged_are_named(repo: Tiny, tmp_path: Path) -> None:
    """DVC trusts its cache: an object that is read-only is not read again."""
    name = tiny.md5(tiny.DATA)
    place = repo.root / ".dvc" / "cache" / "files" / "md5" / name[:2] / name[2:]
    place.parent.mkdir(parents=True)
    place.write_text("id,target\n1,x\n")
    place.chmod(0o444)
    with pytest.raises(errors.OutsideFailure, match=r"tiny/data.csv"):
        run(repo, tmp_path)
    assert repo.ran == []


def test_folder__that_a_program_writes_into_is_recorded_as_it_was(
    repo: Tiny, tmp_path: Path
) -> None:
    (repo.root / "tiny" / "lib").mkdir()
    (repo.root / "tiny" / "lib" / "a.py").write_text("A = 1\n")
    deps = "deps: [train.py, prepared.csv, lib]"
    repo.commit(
        train_py=tiny.TRAIN + "pathlib.Path('lib/notes.txt').write_text('x')\n",
        dvc_yaml=tiny.PIPELINE.replace("deps: [train.py, prepared.csv]", deps),
    )
    done = run(repo, tmp_path)
    assert any("a program wrote into tiny/lib" in warning for warning in done.warnings)
    listing = json.dumps([{"md5": tiny.md5("A = 1\n"), "relpath": "a.py"}])
    [entry] = [
        each for each in done.lock["tiny/dvc.lock"]["train"]["deps"] if each["path"] == "lib"
    ]
    assert entry["md5"] == tiny.md5(listing) + ".dir"


PRINT_LIB = """
for p in sorted(pathlib.Path("lib").rglob("*")): print("lib has", p.name, p.read_text().split()[0])
"""


def _with_lib(repo: Tiny) -> None:
    """A model whose target reads the folder `lib`, and prints what it finds in it."""
    deps = "deps: [train.py, prepared.csv, lib]"
    repo.commit(
        train_py=tiny.TRAIN + PRINT_LIB,
        dvc_yaml=tiny.PIPELINE.replace("deps: [train.py, prepared.csv]", deps),
    )


def _pointer(content: str, name: str) -> str:
    size = len(content)
    return f"outs:\n- md5: {tiny.md5(content)}\n  size: {size}\n  hash: md5\n  path: {name}\n"


@pytest.mark.parametrize("behind_link", [False, True])
def test_folder__holds_files_of_git_and_data_beside_their_pointer(
    repo: Tiny, tmp_path: Path, behind_link: bool
) -> None:
    """DVC counts a pointer that lies in a folder as one of its files."""
    place = repo.root / ("shared" if behind_link else "tiny/lib")
    place.mkdir()
    (place / "a.txt").write_text("git\n")
    (place / "b.txt.dvc").write_text(_pointer("data\n", "b.txt"))
    tiny.store(repo, "data\n")
    if behind_link:
        (repo.root / "tiny" / "lib").symlink_to("../shared")
    _with_lib(repo)
    done = run(repo, tmp_path)
    assert done.ended is RunEnd.DONE
    assert "lib has a.txt git\nlib has b.txt data\nlib has b.txt.dvc outs:" in done.log_tail
    assert not any("a program wrote into" in warning for warning in done.warnings)
    [entry] = [e for e in done.lock["tiny/dvc.lock"]["train"]["deps"] if e["path"] == "lib"]
    assert entry["nfiles"] == 3


def test_link__to_data_has_the_data_where_it_is(repo: Tiny, tmp_path: Path) -> None:
    (repo.root / "store").mkdir()
    listing = json.dumps([{"md5": tiny.md5("data\n"), "relpath": "b.txt"}])
    folder = tiny.md5(listing) + ".dir"
    (repo.root / "store" / "all.dvc").write_text(
        f"outs:\n- md5: {folder}\n  path: it\n  hash: md5\n"
    )
    tiny.store(repo, "data\n")
    place = repo.remote / "files" / "md5" / folder[:2] / folder[2:]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(listing)
    (repo.root / "tiny" / "lib").symlink_to("../store/it")
    _with_lib(repo)
    done = run(repo, tmp_path)
    assert done.ended is RunEnd.DONE
    assert "lib has b.txt data" in done.log_tail
    [entry] = [e for e in done.lock["tiny/dvc.lock"]["train"]["deps"] if e["path"] == "lib"]
    assert entry["md5"] == folder


@pytest.mark.parametrize(("now", "ended"), [("data\n", RunEnd.DONE), ("other\n", None)])
def test_import__that_was_not_downloaded_is_its_source_as_it_was_locked(
    repo: Tiny, tmp_path: Path, now: str, ended: RunEnd | None
) -> None:
    source = tmp_path / "source.csv"
    source.write_text(now)
    locked = _pointer("data\n", str(source)).replace("outs:", "frozen: true\ndeps:")
    (repo.root / "tiny" / "lib.dvc").write_text(f"{locked}outs:\n- path: lib\n  hash: md5\n")
    _with_lib(repo)
    if ended is None:
        with pytest.raises(errors.InterlockError) as caught:
            run(repo, tmp_path)
        assert caught.value.exit_code == 4
        assert repo.ran == []
    else:
        assert run(repo, tmp_path).ended is ended


def test_tree__of_a_dvc_repository_in_a_folder(repo: Tiny, tmp_path: Path) -> None:
    repo.git("mv", "-k", ".dvc", "tiny/.dvc")
    repo.commit()
    assert run(repo, tmp_path).ended is RunEnd.DONE


def test_failure__on_an_undeclared_file_names_the_line_to_add(repo: Tiny, tmp_path: Path) -> None:
    repo.commit(train_py="import helpers\n", helpers_py="X = 1\n")
    world = training.world(repo.root, FakeRuns(tmp_path / "runs"))
    done = train.run(world, train.TrainOptions("tiny", "HEAD"))
    assert isinstance(done, train.TrainingFailed)
    assert "tiny/helpers.py is in this revision" in done.attempt.reason
    assert "`- helpers.py`" in done.attempt.reason


def test_lock__is_written_as_the_teams_own_pipeline(repo: Tiny, tmp_path: Path) -> None:
    """DVC compares texts: a lock that says `train.py` is none for `./train.py`."""
    pipeline = tiny.PIPELINE.replace("[train.py, prepared.csv]", "[./train.py, prepared.csv]")
    repo.commit(dvc_yaml=pipeline)
    done = run(repo, tmp_path)
    paths = [each["path"] for each in done.lock["tiny/dvc.lock"]["train"]["deps"]]
    assert paths == ["./train.py", "prepared.csv"]


def test_remotes__are_those_of_the_default_branch(repo: Tiny, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    repo.git("switch", "--quiet", "--create", "change")
    settings = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {mine}\n"
    (repo.root / ".dvc" / "config").write_text(settings)
    repo.commit()
    trained(repo, tmp_path)
    assert repo.object("wwwww").exists()
    assert not mine.exists()


# --- set-up commands -----------------------------------------------------------------------------

PREPARE = (
    "mkdir bin && printf '#!/bin/sh\\nexec python3 \"$@\"\\n' > bin/learn\n"
    "chmod +x bin/learn\n"
    'echo "$PWD/bin" >> "$GITHUB_PATH"\n'
    'echo "WORD=said" >> "$GITHUB_ENV"\n'
    "printf 'LONG<<END\\none\\ntwo\\nEND\\n' >> \"$GITHUB_ENV\"\n"
)


def test_prepare__makes_the_programs_environment_in_the_tree(repo: Tiny, tmp_path: Path) -> None:
    look = "assert (os.environ['WORD'], os.environ['LONG']) == ('said', 'one\\ntwo')\n"
    pipeline = tiny.PIPELINE.replace("python train.py", "learn train.py")
    repo.commit(train_py=tiny.TRAIN + look, dvc_yaml=pipeline)
    trained(repo, tmp_path, prepare=PREPARE)
    assert not (repo.root / "bin").exists()


@pytest.mark.parametrize("command", ["python train.py", "learn train.py"])
def test_prepare__makes_the_python_whose_packages_are_recorded(
    repo: Tiny, tmp_path: Path, command: str
) -> None:
    repo.commit(dvc_yaml=tiny.PIPELINE.replace("python train.py", command))
    prepare = (
        "python -m venv --without-pip env\n"
        "for recorded in env/lib/python*/site-packages; do mkdir $recorded/theirs-1.2.dist-info\n"
        "printf 'Name: theirs\\nVersion: 1.2\\n' > $recorded/theirs-1.2.dist-info/METADATA; done\n"
        "printf '#!%s/env/bin/python\\nexec(open(\"train.py\").read())\\n' $PWD > env/bin/learn\n"
        'chmod +x env/bin/learn; echo "$PWD/env/bin" >> "$GITHUB_PATH"\n'
    )
    facts = trained(repo, tmp_path, prepare=prepare).candidate.facts
    assert facts.packages == {"theirs": "1.2"}


def test_prepare__that_fails_leaves_an_attempt(repo: Tiny, tmp_path: Path) -> None:
    done = run(repo, tmp_path, prepare="echo no such index; exit 3")
    assert (done.ended, done.reason) == (RunEnd.FAILED, "the set-up commands ended with status 3")
    assert "no such index" in done.log_tail
    assert repo.ran == []


def test_prepare__may_not_change_an_input(repo: Tiny, tmp_path: Path) -> None:
    with pytest.raises(errors.OutsideFailure, match=r"tiny/train.py has md5.*before the first"):
        run(repo, tmp_path, prepare="echo 'x = 1' > tiny/train.py")


@pytest.mark.parametrize("file", ["GITHUB_ENV", "GITHUB_PATH"])
def test_prepare__may_write_bytes_that_are_no_text(repo: Tiny, tmp_path: Path, file: str) -> None:
    done = run(repo, tmp_path, prepare=f'printf "A=\\377\\n" >> ${file}')
    assert done.ended is RunEnd.DONE


def test_prepare__that_writes_a_nul_is_reported(repo: Tiny, tmp_path: Path) -> None:
    with pytest.raises(errors.CannotTrain, match="wrote a NUL"):
        run(repo, tmp_path, prepare='printf "A=\\0\\n" >> $GITHUB_ENV')


def test_prepare__leaves_no_trace_in_a_folder_that_is_a_dependency(
    repo: Tiny, tmp_path: Path
) -> None:
    (repo.root / "tiny" / "lib").mkdir()
    (repo.root / "tiny" / "lib" / "a.py").write_text("A = 1\n")
    deps = "deps: [train.py, prepared.csv, lib]"
    pipeline = tiny.PIPELINE.replace("deps: [train.py, prepared.csv]", deps)
    repo.commit(dvc_yaml=pipeline)
    odd = r"'tiny/lib/end ' 'tiny/lib/ü !*.c' $'tiny/lib/a\nb' $'tiny/lib/\xff'"
    prepare = f"mkdir 'tiny/lib/x [1]' && touch 'tiny/lib/x [1]/top' tiny/lib/#y '.venv' {odd}"
    done = run(repo, tmp_path, prepare=prepare)
    assert done.ended is RunEnd.DONE
    assert not done.warnings


# --- the checkout --------------------------------------------------------------------------------


def test_remove_checkout__leaves_programs_nothing_undeclared(repo: Tiny, tmp_path: Path) -> None:
    look = f"assert os.listdir({str(repo.root)!r}) == []\n"
    repo.commit(train_py=tiny.TRAIN + look, stray_py="1")
    trained(repo, tmp_path, remove_checkout=True)
    assert list(repo.root.iterdir()) == []
    assert repo.object("wwwww").exists()


def test_remove_checkout__of_somebody_with_changes_is_refused(repo: Tiny, tmp_path: Path) -> None:
    (repo.root / "tiny" / "mine.py").write_text("1")
    with pytest.raises(errors.Refused, match=r"--remove-checkout: tiny/mine\.py"):
        trained(repo, tmp_path, remove_checkout=True)
    assert (repo.root / "tiny" / "mine.py").exists()


def test_remove_checkout__that_interlock_runs_from_is_refused(tmp_path: Path) -> None:
    own = Path(train.__file__).parents[4]
    head = git.open_repository(own).resolve("HEAD")
    request = train.TrainOptions("digits", head, remove_checkout=True)
    with pytest.raises(errors.Refused, match="interlock itself runs from"):
        train.run(training.world(own, FakeRuns(tmp_path / "runs")), request)
    assert (own / "src").is_dir()


def test_prepare__does_not_hide_outputs_in_a_folder_of_their_own(
    repo: Tiny, tmp_path: Path
) -> None:
    program = tiny.TRAIN.replace('"predictions.csv"', '"out/predictions.csv"')
    pipeline = tiny.PIPELINE.replace("[model, predictions.csv]", "[model, out/predictions.csv]")
    manifest = tiny.MANIFEST.replace("predictions: ", "predictions: out/")
    repo.commit(train_py=program, dvc_yaml=pipeline, model_yaml=manifest)
    assert run(repo, tmp_path, prepare="touch note").ended is RunEnd.DONE


def test_prepare__in_the_place_of_data_does_not_hide_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What set-up commands leave is ignored file by file where data come to lie."""
    monkeypatch.setattr(parsing, "split_group_name", parsing.split_group_name)
    for name in ("a/p.py", "a/data.dvc", "a/data/stray", "a/other/stray"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    job = {
        "files": {"a/p.py": ""},
        "pointers": ["a/data.dvc"],
        "data": ["a/data"],
        "storage": {},
        "metrics": [],
        "prepare": "x",
    }
    repository_setup.lay(job, tmp_path, tmp_path)
    lines = (tmp_path / ".dvcignore").read_text().splitlines()
    assert {"/a/data/stray", "/a/other/"} <= set(lines)
    assert "/a/data/" not in lines
