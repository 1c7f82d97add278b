"""`interlock train` of several models: one after another, whatever becomes of the others."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests import migrated, tiny
from tests.docs import documents
from tests.integration import test_train_command
from tests.tiny import Tiny


@pytest.fixture
def repo(tmp_path: Path) -> Tiny:
    """With a second model beside the first, in a folder of its own, and the same data."""
    repo = tiny.make(tmp_path)
    other = repo.root / "other"
    other.mkdir()
    for path in (repo.root / "tiny").iterdir():
        (other / path.name).write_text(path.read_text())
    (other / "model.yaml").write_text(tiny.MANIFEST.replace("tiny", "other"))
    (other / "params.yaml").write_text("size: 6\n")
    repo.commit()
    return repo


@pytest.fixture
def uri(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return migrated.copy(tmp_path_factory, tmp_path / "mlflow")


def outcomes(text: str) -> dict[str, tuple[str, int]]:
    document = json.loads(text)
    documents.check(document)
    return {each["model"]: (each["outcome"], each["exit_code"]) for each in document["models"]}


def test_train__several_one_after_another(repo: Tiny, uri: str, programs: Path) -> None:
    """Whatever becomes of one; none leaves anything in the checkout."""
    repo.commit(train_py="raise SystemExit('no such kernel')\n")
    by = [programs / "interlock"]
    done = test_train_command.call(
        repo, uri, "tiny", "other", "tinny", "other", "--here", "--json", by=by
    )
    assert done.returncode == 2, done.stderr
    assert outcomes(done.stdout) == {
        "tiny": ("failed", 1),
        "other": ("trained", 0),
        "tinny": ("error", 2),
    }
    assert "did you mean tiny" in done.stderr
    assert not (repo.root / "other" / "dvc.lock").exists()
    # What the first has prepared is the same there.
    assert repo.ran == ["prepare", "train"]
    (repo.root / "env.lock").write_text("numpy==2.1\n")
    refused = test_train_command.call(repo, uri, "other", "tiny", "--here", by=by)
    assert refused.returncode == 1
    assert "not as committed" in refused.stderr


def test_train__an_interrupt_ends_them_all(repo: Tiny, uri: str) -> None:
    repo.commit(train_py="import os; print('ready', flush=True); os.read(os.pipe()[0], 1)\n")
    words = ("tiny", "other", "tinny", "--json")
    process = test_train_command.start(repo, uri, *words, SHELL="/bin/bash")
    test_train_command.wait_for("ready", process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert outcomes(out) == {
        "tiny": ("failed", 130),
        "other": ("error", 4),
        "tinny": ("error", 2),
    }
    assert repo.ran == ["prepare"]
    assert "other was not started" in err
