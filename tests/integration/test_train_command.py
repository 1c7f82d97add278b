"""`interlock train` as a person or a runner calls it: streams, exit codes, signals, crashes."""

from __future__ import annotations

import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import jsonschema
import psutil
import pytest

from interlock import documents
from interlock.adapters.mlflow import client
from tests import migrated, tiny
from tests.tiny import Tiny

SCHEMAS = Path(__file__).parents[2] / "src" / "interlock" / "schemas"
INTERLOCK = (sys.executable, "-m", "interlock")
# Waits for a signal; then it saves, which takes until it is let, and ends as if all were well.
PATIENT = """\
import os, pathlib, signal, sys
def save(number, frame):
    print("saving", flush=True)
    open(os.environ["TINY_COUNT"] + ".let").read()
    pathlib.Path(os.environ["TINY_COUNT"]).write_text(f"saved {number}")
    sys.exit(0)
signal.signal(signal.SIGINT, save)
signal.signal(signal.SIGTERM, save)
pathlib.Path("model").mkdir()
for name in ("model/weights.txt", "predictions.csv", "metrics.json"):
    pathlib.Path(name).write_text("{}")
print("ready", flush=True)
os.read(os.pipe()[0], 1)
"""


@pytest.fixture
def repo(tmp_path: Path) -> Tiny:
    return tiny.make(tmp_path)


@pytest.fixture
def uri(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return migrated.copy(tmp_path_factory, tmp_path / "mlflow")


def start(
    repo: Tiny, uri: str, *arguments: str, by: Sequence[str | Path] = INTERLOCK, **more: str
) -> subprocess.Popen[str]:
    """Start `interlock train tiny` by a command that takes the arguments of `interlock`."""
    return subprocess.Popen(
        [*by, "train", *(arguments or ("tiny",)), "--repo", str(repo.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=tiny.environment(repo, repo.root.parent / "home", uri) | more,
    )


def call(
    repo: Tiny, uri: str, *arguments: str, by: Sequence[str | Path] = INTERLOCK
) -> subprocess.CompletedProcess[str]:
    process = start(repo, uri, *arguments, by=by)
    out, err = process.communicate(timeout=200)
    assert "Traceback" not in out
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def called_in_a_job(
    repo: Tiny, uri: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Train in a job of a workflow; return the outputs of its step, too."""
    file = repo.root.parent / "outputs"
    file.write_text("")
    process = start(repo, uri, "tiny", "--json", GITHUB_OUTPUT=str(file))
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    lines = file.read_text().splitlines()
    pairs = zip(lines[::3], lines[1::3], strict=True)
    outputs = {name.partition("<<")[0]: value for name, value in pairs}
    return subprocess.CompletedProcess(process.args, 0, out, err), outputs


def runs(uri: str, kind: str) -> list[tuple[str, bool]]:
    """Status and completeness of the runs of a kind."""
    with client.connect(uri).reaching("count runs") as mlflow:
        value = mlflow.search_runs(["0", "1"], filter_string=f"tags.`{client.KIND}` = '{kind}'")
    return [(run.info.status, client.COMPLETE in run.data.tags) for run in value]


def check(text: str, schema: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(text)
    words = json.loads((SCHEMAS / f"{schema}.v1.json").read_text())
    jsonschema.Draft202012Validator(words).validate(document)
    return document


def test_train__prints_one_document_and_tells_people_elsewhere(repo: Tiny, uri: str) -> None:
    first, outputs = called_in_a_job(repo, uri)
    document = check(first.stdout, "candidate")
    assert document["reused"] is False
    assert "\ntraining\n" in first.stderr
    assert "warning: tiny/metrics.json: test.note" in first.stderr
    # The later job compares the digest with the document of the run.
    printed = {"reused", "repeats", "digest"}
    stored = json.dumps({k: v for k, v in document.items() if k not in printed})
    digest = hashlib.sha256(documents.text(json.loads(stored)).encode()).hexdigest()
    assert document["digest"] == digest
    assert outputs == {"run": document["run_id"], "digest": digest}
    assert called_in_a_job(repo, uri)[1] == outputs
    again = call(repo, uri, "tiny")
    fingerprint = str(document["fingerprint"])[:12]
    assert again.stdout == f"tiny {fingerprint} was trained before: run {document['run_id']}\n"
    assert "already trained" in again.stderr


def test_train__predictions_that_cannot_be_judged_end_with_exit_code_2(
    repo: Tiny, uri: str, programs: Path
) -> None:
    repo.commit(model_yaml=tiny.MANIFEST.replace("multiclass", "binary"))
    done = call(repo, uri, "tiny", "--json", "--quiet-program", by=[programs / "interlock"])
    assert done.returncode == 2, done.stderr
    reason = str(check(done.stdout, "attempt")["reason"])
    assert reason.startswith("tiny/predictions.csv: its classes are 'a' and 'b', and nothing says")
    assert "evaluate: {positive: a}" in reason


def test_train__a_failing_program_prints_its_attempt(repo: Tiny, uri: str, programs: Path) -> None:
    repo.commit(train_py="raise SystemExit('no such kernel')\n")
    file = repo.root.parent / "outputs"
    process = start(
        repo,
        uri,
        *("tiny", "--json", "--quiet-program"),
        by=[programs / "interlock"],
        GITHUB_OUTPUT=str(file),
    )
    out, err = process.communicate(timeout=200)
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    assert done.returncode == 1, done.stderr
    attempt = check(done.stdout, "attempt")
    assert str(attempt["run_id"]) in file.read_text()
    assert "no such kernel" in str(attempt["log_tail"])
    assert "no such kernel" not in done.stderr
    assert runs(uri, "attempt") == [("FAILED", True)]
    assert runs(uri, "candidate") == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("tinny",), 2, "did you mean tiny"),
        (("tiny", "--rev", "nowhere"), 2, "no revision 'nowhere'"),
    ],
)
def test_train__a_wrong_word_is_reported_with_the_right_one(
    repo: Tiny, uri: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = call(repo, uri, *arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_train__a_blocked_model_is_refused_with_the_reason(
    repo: Tiny, uri: str, programs: Path
) -> None:
    repo.commit(dvc_yaml=tiny.PIPELINE.replace("train.py, prepared.csv", "gone.py"))
    done = call(repo, uri, by=[programs / "interlock"])
    assert done.returncode == 1, done.stderr
    assert "gone.py" in done.stderr


@contextmanager
def closed_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        yield deaf.getsockname()[1]


@pytest.mark.parametrize("port", [closed_port, silent_port])
def test_train__mlflow_out_of_reach_is_reported_before_anything_is_trained(
    repo: Tiny, port: Callable[[], AbstractContextManager[int]]
) -> None:
    with port() as number:
        process = start(repo, f"http://127.0.0.1:{number}", INTERLOCK_MLFLOW_DEADLINE_SECONDS="2")
        _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert f"http://127.0.0.1:{number}" in err
    assert repo.ran == []


def test_train__no_place_for_runs_is_a_missing_setting(repo: Tiny) -> None:
    done = call(repo, "")
    assert done.returncode == 3
    assert "MLFLOW_TRACKING_URI" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_train__a_signal_reaches_the_program(repo: Tiny, uri: str, number: signal.Signals) -> None:
    """It saves and ends well; it was interrupted all the same, and leaves no candidate."""
    repo.commit(train_py=PATIENT)
    let = Path(f"{repo.count}.let")
    os.mkfifo(let)
    # This shell becomes the program; another may call a program that was interrupted failed.
    process = start(repo, uri, SHELL="/bin/bash")
    wait_for("ready", process)
    process.send_signal(number)
    wait_for("saving", process)
    # Whoever does not wait for the program is gone by then, and the program with it.
    gone, _ = psutil.wait_procs(psutil.Process(process.pid).children(), timeout=0.7)
    assert not gone
    release(let, process)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert repo.count.read_text().endswith(f"saved {int(number)}")
    assert runs(uri, "attempt") == [("KILLED", True)]
    assert runs(uri, "candidate") == []
    assert not (repo.remote / "runs").exists()
    stored = [run.read_text() for run in (repo.root / ".dvc/cache/runs").rglob("*/*/*")]
    assert not any("train.py" in text for text in stored)
    assert repo.git("worktree", "list").count("\n") == 0


def wait_for(word: str, process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(f"it ended without {word!r}")


def release(fifo: Path, process: subprocess.Popen[str]) -> None:
    """Let a reader of the pipe go on; there is none when the program was killed."""
    while True:
        try:
            os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            assert process.poll() is None, "the program was given no time to save"
        else:
            return


def test_train__a_program_does_not_outlive_a_killed_interlock(repo: Tiny, uri: str) -> None:
    """Its end closes a pipe; what it watched over is told to stop, and stops."""
    pid = repo.root.parent / "pid"
    os.mkfifo(pid)
    text = f"import os; open({str(pid)!r}, 'w').write(str(os.getpid())); os.read(os.pipe()[0], 1)\n"
    repo.commit(train_py=text)
    process = start(repo, uri)
    program = int(pid.read_text())
    handle = os.pidfd_open(program)
    process.kill()
    process.communicate(timeout=60)

    pipe = select.poll()  # knows no largest number of a file
    pipe.register(handle, select.POLLIN)
    assert pipe.poll(30_000), "the program is still running"


BEFORE_THE_MARK = """\
import os, sys
from mlflow.tracking import MlflowClient
from interlock.adapters.mlflow import client
from interlock.cli import main
set_tag = MlflowClient.set_tag
def die(self, run_id, key, *rest, **more):
    if key == client.COMPLETE:
        os._exit(137)
    return set_tag(self, run_id, key, *rest, **more)
MlflowClient.set_tag = die
main(sys.argv[1:])
"""


def test_train__a_crash_before_the_mark_leaves_no_candidate(repo: Tiny, uri: str) -> None:
    crashed = call(repo, uri, by=(sys.executable, "-c", BEFORE_THE_MARK))
    assert crashed.returncode == 137, crashed.stderr
    assert runs(uri, "candidate") == [("FINISHED", False)]
    again = call(repo, uri, "tiny", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["reused"] is False
    assert sorted(runs(uri, "candidate")) == [("FINISHED", False), ("FINISHED", True)]
    # The stored run of the first try is taken: its bytes were pushed before the crash.
    assert repo.ran == ["prepare", "train"]


def test_train__an_origin_out_of_reach_is_reported_and_mlflow_decides(
    repo: Tiny, uri: str, programs: Path
) -> None:
    """What was trained here before is known by MLflow alone, and by nothing when it is new."""
    repo.git("remote", "add", "origin", str(repo.root.parent / "gone.git"))
    for outcome in ("trained in", "was trained before"):
        done = call(repo, uri, by=[programs / "interlock"])
        assert done.returncode == 0, done.stderr
        assert "warning: the ledger may be out of date" in done.stderr
        assert "gone.git" in done.stderr
        assert outcome in done.stdout
    assert repo.ran == ["prepare", "train"]


def test_train__two_at_once_on_a_new_database(repo: Tiny, tmp_path: Path) -> None:
    """Two processes that migrate one new SQLite file ruin it, if they are let."""
    uri = f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}"
    both = [start(repo, uri) for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=200)
        assert process.returncode == 0, err
    assert ("FINISHED", True) in runs(uri, "candidate")
