"""A job fetches one ref without old files, and of the ledger only the last tree."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from tests.contract import checkouts
from tests.contract.checkouts import LEDGER, MAIN_COMMITS, Origin

STEPS = list(checkouts.steps())
WHOLE = {"fetch-depth": "2147483647", "filter": "blob:none"}
NO_HISTORY = {("models-pull-request.yml", "validate")}
HEAD = (
    "${{ (github.event_name == 'issue_comment' && inputs.sha) "
    "|| github.event.pull_request.head.sha || github.sha }}"
)
COMMITS = {"${{ inputs.rev }}", HEAD}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    return checkouts.make_origin(tmp_path_factory.mktemp("origin"), records=400)


def check_out(origin: Origin, folder: Path, *, ref: str) -> Path:
    inputs = {**WHOLE, "ref": ref, "persist-credentials": "false"}
    checkouts.run(checkouts.REPLACEMENT, origin, folder / "checkout", inputs)
    return folder / "checkout"


@pytest.mark.parametrize(
    ("workflow", "job", "inputs"), STEPS, ids=[f"{name}-{job}" for name, job, _ in STEPS]
)
def test_checkout__is_of_one_ref_and_without_old_files(
    workflow: str, job: str, inputs: Mapping[str, str]
) -> None:
    """With `fetch-depth: 0`, actions/checkout fetches every branch; a name that is not a full ref
    is the prefix of other branches."""
    expected = {} if (workflow, job) in NO_HISTORY else WHOLE
    assert {name: inputs[name] for name in WHOLE if name in inputs} == expected
    assert inputs["ref"] in COMMITS


def test_steps__are_all_checkouts() -> None:
    assert len(STEPS) == 2


@pytest.mark.parametrize("ref", ["refs/heads/main", "change"])
def test_checkout__has_all_commits_of_its_ref_and_of_no_other(
    origin: Origin, tmp_path: Path, ref: str
) -> None:
    checkout = check_out(origin, tmp_path, ref=origin.change if ref == "change" else ref)
    extra = 2 if ref == "change" else 0
    assert checkouts.git(checkout, "rev-list", "--count", "HEAD") == str(MAIN_COMMITS + extra)
    assert checkouts.git(checkout, "rev-parse", "--is-shallow-repository") == "false"
    refs = checkouts.git(checkout, "for-each-ref", "--format=%(refname)").splitlines()
    assert refs == ([] if ref == "change" else ["refs/heads/main", "refs/remotes/origin/main"])
    assert checkouts.missing(checkout, "HEAD") == 0
    # The versions of `train.py` before HEAD, and nothing else: no pack has an old file.
    assert checkouts.missing(checkout, "HEAD~1") == 1
    assert checkouts.received_bytes(checkout) < 4_000


@pytest.mark.parametrize("records", [40, 400])
def test_fetch_branches__has_of_the_ledger_the_last_tree(tmp_path: Path, records: int) -> None:
    origin = checkouts.make_origin(tmp_path, records=records)
    checkout = check_out(origin, tmp_path, ref=origin.change)
    before = checkouts.received_bytes(checkout)
    checkouts.run(checkouts.FETCH_BRANCHES, origin, checkout, {"branch": "main"})
    ledger = f"refs/remotes/origin/{LEDGER}"
    assert checkouts.git(checkout, "rev-list", "--count", ledger) == "1"
    assert checkouts.missing(checkout, ledger) == records
    # A name in a tree has 32 random bytes, and the digest of its blob 20.
    assert checkouts.received_bytes(checkout) - before < 1_000 + 80 * records
    main = checkouts.git(checkout, "rev-parse", "refs/remotes/origin/main")
    assert main == origin.git("rev-parse", "main")


def test_fetch_branches__has_the_base_of_a_change(origin: Origin, tmp_path: Path) -> None:
    base = origin.git("rev-parse", "elsewhere")
    checkout = check_out(origin, tmp_path, ref=origin.change)
    checkouts.run(checkouts.FETCH_BRANCHES, origin, checkout, {"branch": "main", "base": base})
    assert checkouts.git(checkout, "rev-list", "--count", base) == "1"


def test_fetch_branches__has_no_ledger_before_the_first_record(tmp_path: Path) -> None:
    origin = checkouts.make_origin(tmp_path, records=0)
    checkout = check_out(origin, tmp_path, ref=origin.change)
    checkouts.run(checkouts.FETCH_BRANCHES, origin, checkout, {"branch": "main", "train": "digits"})
    assert LEDGER not in checkouts.git(checkout, "for-each-ref")


def test_fetch_branches__has_what_a_training_without_a_token_reads(
    origin: Origin, tmp_path: Path
) -> None:
    """The records of its models, and the files of main and of each commit of the change."""
    checkout = check_out(origin, tmp_path, ref=origin.change)
    checkouts.run(checkouts.FETCH_BRANCHES, origin, checkout, {"branch": "main", "train": "digits"})
    checkouts.git(checkout, "remote", "set-url", "origin", str(tmp_path / "nowhere"))
    for revision in ("HEAD", "HEAD~1", "refs/remotes/origin/main"):
        assert checkouts.missing(checkout, revision) == 0
    assert checkouts.missing(checkout, "refs/remotes/origin/main~1") == 1
    assert checkouts.missing(checkout, f"refs/remotes/origin/{LEDGER}:evidence/digits") == 0
    assert checkouts.missing(checkout, f"refs/remotes/origin/{LEDGER}:evidence/other") == 200
    ledger = GitLedger(git.open_repository(checkout))
    paths = ledger.list("evidence/digits")
    assert len(paths) == 200
    assert ledger.read(paths[0]) is not None


def test_fetch_branches__fails_where_the_ledger_cannot_be_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job without the records of its models would train what was trained before."""
    origin = checkouts.make_origin(tmp_path, records=4)
    checkout = check_out(origin, tmp_path, ref=origin.change)
    programs = tmp_path / "programs"
    programs.mkdir()
    refused = 'case " $* " in *" ls-remote "*) exit 128;; esac'
    (programs / "git").write_text(f'#!/bin/sh\n{refused}\nexec {shutil.which("git")} "$@"\n')
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    with pytest.raises(subprocess.CalledProcessError):
        checkouts.run(checkouts.FETCH_BRANCHES, origin, checkout, {"branch": "main"})


def test_fetch_branches__takes_the_models_as_names(origin: Origin, tmp_path: Path) -> None:
    checkout = check_out(origin, tmp_path, ref=origin.change)
    (checkout / "digits").touch()
    checkouts.run(checkouts.FETCH_BRANCHES, origin, checkout, {"branch": "main", "train": "d*"})
    assert checkouts.missing(checkout, f"refs/remotes/origin/{LEDGER}:evidence/digits") == 200


def test_verb__reads_one_record_of_a_long_ledger(origin: Origin, tmp_path: Path) -> None:
    """In a job with a token, the verb itself fetches the ledger."""
    checkout = check_out(origin, tmp_path, ref="refs/heads/main")
    ledger = GitLedger(git.open_repository(checkout))
    ledger.refresh()
    assert ledger.read(ledger.list("evidence/other")[0]) is not None
    head = f"refs/interlock/{LEDGER}"
    assert checkouts.missing(checkout, head) == 399


@pytest.fixture
def clone(origin: Origin, tmp_path: Path) -> Path:
    """The clone of a job for the change, where an earlier job left files."""
    place = tmp_path / "clone"
    (place / ".git").mkdir(parents=True)
    (place / ".git" / "config").write_text("[core]\n\tfsmonitor = ./evil\n")
    inputs = {"branch": "main", "head": origin.change, "token": "secret-1"}
    checkouts.run(checkouts.CLONE, origin, place, inputs)
    return place


def test_clone__has_the_commits_of_two_refs_and_the_last_tree_of_the_ledger(
    origin: Origin, clone: Path
) -> None:
    refs = checkouts.git(clone, "for-each-ref", "--format=%(refname)").splitlines()
    assert refs == [f"refs/remotes/origin/{LEDGER}", "refs/remotes/origin/main"]
    assert checkouts.git(clone, "rev-parse", "HEAD") == origin.change
    assert checkouts.git(clone, "rev-list", "--count", "HEAD") == str(MAIN_COMMITS + 2)
    assert checkouts.git(clone, "rev-list", "--count", refs[1]) == str(MAIN_COMMITS)
    assert checkouts.git(clone, "rev-list", "--count", refs[0]) == "1"
    assert checkouts.missing(clone, "HEAD") > 0


def test_clone__has_no_file_of_the_change_and_no_token(clone: Path) -> None:
    assert checkouts.git(clone, "rev-parse", "--is-bare-repository") == "true"
    assert not (clone / ".git").exists()
    files = [path for path in clone.rglob("*") if path.is_file()]
    assert not {path.name for path in files} & {"train.py", "secret.py"}
    encoded = base64.b64encode(b"x-access-token:secret-1")
    texts = [path.read_bytes() for path in files]
    assert not [text for text in texts if encoded in text or b"secret-1" in text]


def test_clone__has_the_tip_of_main_and_the_base_of_a_change(
    origin: Origin, tmp_path: Path
) -> None:
    place, base = tmp_path / "clone", origin.git("rev-parse", "elsewhere")
    checkouts.run(checkouts.CLONE, origin, place, {"branch": "main", "base": base})
    assert checkouts.git(place, "rev-parse", "HEAD") == origin.git("rev-parse", "main")
    assert checkouts.git(place, "rev-list", "--count", base) == "1"
    ledger = GitLedger(git.open_repository(place))
    assert ledger.read(ledger.list("evidence/digits")[0]) is not None


def test_clone__has_no_ledger_before_the_first_record(tmp_path: Path) -> None:
    origin = checkouts.make_origin(tmp_path, records=0)
    checkouts.run(checkouts.CLONE, origin, tmp_path / "clone", {"branch": "main"})
    assert LEDGER not in checkouts.git(tmp_path / "clone", "for-each-ref")
