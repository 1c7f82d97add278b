"""What stands for a stage that does not run: accepted evidence, and nothing that a job stored."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.stage.cache import _get_cache_hash

from interlock import documents, errors
from interlock.adapters.dvc.pipeline import DvcPipeline
from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.commands import train
from interlock.domain.model import stage_runs
from interlock.domain.model.evidence import Candidate, Evidence, Rows
from interlock.ledger import lookup
from tests import migrated, report_cases, tiny, training
from tests.fakes.ledger import FakeLedger
from tests.tiny import Tiny

HONEST = "id,target,prediction\n1,a,a\n2,b,a\n3,a,a\n"
FORGED = "id,target,prediction\n1,a,a\n2,b,b\n3,a,a\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    repo = tiny.make(tmp_path)
    for name, value in tiny.environment(repo, tmp_path / "home", "").items():
        monkeypatch.setenv(name, value)
    repo.git("switch", "--quiet", "--create", "mine")
    repo.commit()
    return repo


@pytest.fixture
def world(
    repo: Tiny, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> train.TrainContext:
    """A job: it shares the remote and the ledger with others, and its MLflow has nothing yet."""
    runs = MlflowRuns(migrated.copy(tmp_path_factory, tmp_path / "mlflow"), deadline_seconds=20)
    return training.world(repo.root, runs, ledger=FakeLedger(), is_own_machine=False)


@pytest.fixture
def theirs(
    repo: Tiny, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> train.TrainContext:
    """Somebody else's clone, with a cache and a ledger of its own."""
    root = tmp_path / "theirs"
    repo.git("clone", "--quiet", str(repo.root), str(root))
    runs = MlflowRuns(migrated.copy(tmp_path_factory, tmp_path / "other"), deadline_seconds=20)
    return training.world(root, runs)


def trained(world: train.TrainContext, revision: str = "HEAD") -> train.Trained:
    done = train.run(world, train.TrainOptions(model="tiny", revision=revision))
    assert isinstance(done, train.Trained), done
    return done


def judged(world: train.TrainContext, candidate: Candidate, **changes: Any) -> None:
    """As `evaluate` leaves it."""
    evidence = Evidence(dataclasses.replace(candidate, **changes), Rows(3, "0" * 64), {})
    assert world.ledger is not None
    world.ledger.append({lookup.path_of(evidence): documents.dump(evidence)}, message="Know tiny")


def fates(candidate: Candidate) -> dict[str, str]:
    return {each.name: "ran" if each.ran else each.source for each in candidate.stages}


def forge(entries: Path, *, into: Path, path: str, content: str) -> int:
    """Put every stored run that leaves `path` into another store, with other bytes in its place."""
    count = 0
    for file in [each for each in entries.glob("runs/*/*/*") if each.is_file()]:
        entry = yaml.safe_load(file.read_text())
        for out in entry["outs"]:
            if out["path"] == path:
                out |= {"md5": tiny.md5(content), "size": len(content)}
                goal = into / file.relative_to(entries).parent / _get_cache_hash(dict(entry))
                shutil.rmtree(goal.parent, ignore_errors=True)
                goal.parent.mkdir(parents=True)
                goal.write_text(yaml.safe_dump(entry, sort_keys=False))
                count += 1
    return count


def forged_lock(repo: Tiny, candidate: Candidate) -> Path:
    """A dvc.lock that names other predictions, which the remote has."""
    stages = json.loads(json.dumps(candidate.lock["tiny/dvc.lock"]))
    for out in stages["train"]["outs"]:
        if out["path"] == "predictions.csv":
            out |= {"md5": tiny.md5(FORGED), "size": len(FORGED)}
    tiny.store(repo, FORGED)
    file = repo.root.parent / "lock"
    file.write_text(json.dumps({"schema": "2.0", "stages": stages}))
    return file


# --- what anybody may have stored ---------------------------------------------------------------


def test_train__what_the_remote_calls_a_stored_run_is_not_believed(
    repo: Tiny, world: train.TrainContext, theirs: train.TrainContext
) -> None:
    """Whoever may write the remote would else decide what the next training makes."""
    trained(theirs)
    cache = theirs.repository.root / ".dvc" / "cache"
    assert forge(cache, into=repo.remote, path="predictions.csv", content=FORGED) == 2
    tiny.store(repo, FORGED)
    candidate = trained(world).candidate
    assert repo.ran == ["prepare", "train"] * 2
    assert candidate.predictions is not None
    assert candidate.predictions.size_bytes == len(HONEST)
    assert fates(candidate) == {"tiny/dvc.yaml:prepare": "ran", "tiny/dvc.yaml:train": "ran"}


def test_train__a_stored_run_of_an_upstream_stage_is_not_believed_either(
    repo: Tiny, world: train.TrainContext, theirs: train.TrainContext
) -> None:
    trained(theirs)
    cache = theirs.repository.root / ".dvc" / "cache"
    more = tiny.DATA + "4,b\n"
    assert forge(cache, into=repo.remote, path="prepared.csv", content=more) == 2
    tiny.store(repo, more)
    assert trained(world).candidate.metrics == {"test.rows": 3.0}


@pytest.mark.parametrize("place", ["committed", "configured", "linked"])
def test_train__a_cache_that_others_fill_is_not_believed(
    repo: Tiny, world: train.TrainContext, theirs: train.TrainContext, tmp_path: Path, place: str
) -> None:
    """On one's own machine, too: one that a commit brings, or that the settings share."""
    trained(theirs)
    cache = theirs.repository.root / ".dvc" / "cache"
    planted = repo.root / ".dvc" / "cache" if place == "committed" else tmp_path / "shared"
    assert forge(cache, into=planted, path="predictions.csv", content=FORGED) == 2
    name = tiny.md5(FORGED)
    (planted / "files" / "md5" / name[:2]).mkdir(parents=True)
    (planted / "files" / "md5" / name[:2] / name[2:]).write_text(FORGED)
    if place == "configured":
        with (repo.root / ".dvc" / "config").open("a") as settings:
            settings.write(f"[cache]\n    dir = {planted}\n")
    if place == "linked":
        (repo.root / ".dvc" / "cache").symlink_to(planted)
    repo.git("add", "--force", ".dvc")
    repo.commit()
    candidate = trained(dataclasses.replace(world, is_own_machine=True)).candidate
    assert repo.ran == ["prepare", "train"] * 2
    assert candidate.predictions is not None
    assert candidate.predictions.size_bytes == len(HONEST)
    assert set(fates(candidate).values()) == {"ran"}


def test_train__a_job_of_ci_takes_nothing_from_the_cache_of_its_clone(
    repo: Tiny, world: train.TrainContext
) -> None:
    """On a runner that keeps its folders it holds what the programs of other jobs left."""
    trained(world)
    repo.commit(params_yaml="size: 7\n")
    trained(world)
    assert repo.ran == ["prepare", "train"] * 2


def test_train__a_program_that_writes_the_lock_of_another_stage_changes_nothing(
    repo: Tiny, world: train.TrainContext, theirs: train.TrainContext
) -> None:
    """DVC would skip the stage: nothing of its inputs has changed, by that lock."""
    lock = forged_lock(repo, trained(theirs).candidate)
    writing = f"open('dvc.lock', 'w').write(open({str(lock)!r}).read())\n"
    repo.commit(prepare_py=tiny.PREPARE + writing)
    candidate = trained(world).candidate
    assert fates(candidate)["tiny/dvc.yaml:train"] == "ran"
    assert candidate.predictions is not None
    assert candidate.predictions.size_bytes == len(HONEST)


def test_train__set_up_commands_that_write_a_lock_change_nothing(
    repo: Tiny, world: train.TrainContext, theirs: train.TrainContext
) -> None:
    lock = forged_lock(repo, trained(theirs).candidate)
    request = train.TrainOptions(model="tiny", revision="HEAD", prepare=f"cp {lock} tiny/dvc.lock")
    done = train.run(world, request)
    assert isinstance(done, train.Trained)
    assert set(fates(done.candidate).values()) == {"ran"}
    assert done.candidate.predictions is not None
    assert done.candidate.predictions.size_bytes == len(HONEST)


def test_run__a_stage_that_a_lock_in_the_tree_keeps_from_running_is_refused(
    repo: Tiny, theirs: train.TrainContext, tmp_path: Path
) -> None:
    """However the lock came there: what neither ran nor is named by evidence is no training."""
    lock = forged_lock(repo, trained(theirs).candidate)
    job = training.job(repo.root, tmp_path / "tree")
    shutil.copy(lock, tmp_path / "tree" / "tiny" / "dvc.lock")
    with pytest.raises(errors.CannotTrain, match="did not run, and no evidence names") as caught:
        DvcPipeline().run(job, check=lambda _: None, say=lambda _: None)
    assert "prepare" in caught.value.message


def test_train__an_object_of_the_cache_with_other_bytes_does_not_replace_what_a_program_left(
    repo: Tiny, world: train.TrainContext
) -> None:
    """The name is known beforehand where a stage leaves the same bytes each time."""
    trained(world)
    name = tiny.md5(HONEST)
    planted = repo.root / ".dvc" / "cache" / "files" / "md5" / name[:2] / name[2:]
    planted.chmod(0o644)
    planted.write_text(FORGED)
    planted.chmod(0o444)
    repo.commit(params_yaml="size: 7\n")
    with pytest.raises(errors.CannotReachRemote, match=r"predictions\.csv is not what the program"):
        trained(world)


def test_train__an_object_of_the_own_cache_with_other_bytes_is_not_restored(
    repo: Tiny, world: train.TrainContext
) -> None:
    own = dataclasses.replace(world, is_own_machine=True)
    trained(own)
    name = tiny.md5(tiny.DATA)
    planted = repo.root / ".dvc" / "cache" / "files" / "md5" / name[:2] / name[2:]
    # A stage that copies its data shares their object: another one stands for both.
    planted.chmod(0o644)
    planted.write_text(tiny.DATA + "4,b\n")
    planted.chmod(0o444)
    repo.commit(params_yaml="size: 7\n")
    with pytest.raises(errors.InterlockError):
        trained(own)
    assert repo.ran == ["prepare", "train"]


# --- what counts --------------------------------------------------------------------------------


def test_train__a_stage_whose_outputs_evidence_names_is_not_run_again(
    repo: Tiny, world: train.TrainContext
) -> None:
    first = trained(world).candidate
    judged(world, first)
    shutil.rmtree(repo.root / ".dvc" / "cache")
    repo.commit(params_yaml="size: 7\n")
    again = trained(world)
    assert repo.ran == ["prepare", "train", "train"]
    assert fates(again.candidate) == {
        "tiny/dvc.yaml:prepare": first.fingerprint,
        "tiny/dvc.yaml:train": "ran",
    }
    assert again.candidate.stages[0].outputs == first.stages[0].outputs
    assert (
        again.candidate.lock["tiny/dvc.lock"]["prepare"] == first.lock["tiny/dvc.lock"]["prepare"]
    )
    text = "stage tiny/dvc.yaml:prepare did not run: its outputs were restored from the evidence of"
    assert any(text in warning for warning in again.warnings)


def test_train__evidence_names_folders_and_programs_too(
    repo: Tiny, world: train.TrainContext
) -> None:
    written = "import os\nos.makedirs('parts/a')\nopen('parts/a/x', 'w').write('x')\n"
    written += "open('tool.sh', 'w').write('exit')\nos.chmod('tool.sh', 0o755)\n"
    reading = (
        "import os\nassert os.access('tool.sh', os.X_OK) and open('parts/a/x').read() == 'x'\n"
    )
    pipeline = tiny.PIPELINE.replace(
        "[prepared.csv]\n  train", "[prepared.csv, parts, tool.sh]\n  train"
    )
    pipeline = pipeline.replace(
        "[train.py, prepared.csv]", "[train.py, prepared.csv, parts, tool.sh]"
    )
    repo.commit(dvc_yaml=pipeline, prepare_py=written + tiny.PREPARE, train_py=reading + tiny.TRAIN)
    judged(world, trained(world).candidate)
    shutil.rmtree(repo.root / ".dvc" / "cache")
    repo.commit(params_yaml="size: 7\n")
    trained(world)
    assert repo.ran == ["prepare", "train", "train"]


def test_train__evidence_of_another_environment_is_not_taken(
    repo: Tiny, world: train.TrainContext
) -> None:
    judged(world, trained(world).candidate)
    (repo.root / "env.lock").write_text("numpy==3.0\n")
    repo.commit()
    trained(world)
    assert repo.ran == ["prepare", "train"] * 2


def test_train__evidence_does_not_count_for_the_commit_that_it_names(
    repo: Tiny, world: train.TrainContext
) -> None:
    """A hostile training writes its own document, and may name any commit in it."""
    mine = repo.git("rev-parse", "HEAD")
    repo.git("switch", "--quiet", "--create", "theirs")
    repo.commit(train_py=tiny.TRAIN + "\n")
    other = trained(world).candidate
    judged(world, other, revision=mine)
    repo.git("switch", "--quiet", "mine")
    repo.commit(params_yaml="size: 7\n")
    assert set(fates(trained(world).candidate).values()) == {"ran"}


def test_train__evidence_of_the_past_of_the_default_branch_counts_where_it_was_promoted(
    repo: Tiny, world: train.TrainContext
) -> None:
    """Any branch can bring back inputs that were never judged, and what its program makes of
    them."""
    judged(world, trained(world).candidate)
    repo.git("branch", "--force", "main", "HEAD")
    repo.commit(params_yaml="size: 7\n")
    assert set(fates(trained(world).candidate).values()) == {"ran"}


def test_train__evidence_of_another_branch_counts_once_it_was_promoted(
    repo: Tiny, world: train.TrainContext
) -> None:
    """Its program may have written what it liked under the name of an honest stage."""
    repo.git("switch", "--quiet", "--create", "theirs")
    repo.commit(train_py=tiny.TRAIN + "\n")
    other = trained(world).candidate
    judged(world, other)
    repo.git("switch", "--quiet", "mine")
    shutil.rmtree(repo.root / ".dvc" / "cache")
    assert set(fates(trained(world).candidate).values()) == {"ran"}
    act = report_cases.promotion(model="tiny", fingerprint=other.fingerprint)
    assert world.ledger is not None
    world.ledger.append({lookup.path_of(act): documents.dump(act)}, message="Promote tiny")
    repo.commit(params_yaml="size: 7\n")
    assert fates(trained(world).candidate)["tiny/dvc.yaml:prepare"] == other.fingerprint
    assert repo.ran == ["prepare", "train", "prepare", "train", "train"]


def test_train__what_is_restored_has_the_sha256_that_the_evidence_names(
    repo: Tiny, world: train.TrainContext
) -> None:
    """DVC compares an MD5, for which two contents can be made on purpose."""
    first = trained(world).candidate
    [prepared] = first.stages[0].outputs
    another = dataclasses.replace(prepared, sha256="0" * 64)
    named = dataclasses.replace(first.stages[0], outputs=(another,))
    judged(world, first, stages=(named, *first.stages[1:]))
    repo.commit(params_yaml="size: 7\n")
    with pytest.raises(
        errors.CannotReachRemote, match=f"prepared.csv has SHA-256 {prepared.sha256}"
    ):
        trained(world)
    assert repo.ran == ["prepare", "train"]


def test_train__evidence_that_names_no_stages_proves_none(
    repo: Tiny, world: train.TrainContext
) -> None:
    """As it was recorded before candidates had them."""
    judged(world, trained(world).candidate, stages=())
    repo.commit(params_yaml="size: 7\n")
    trained(world)
    assert repo.ran == ["prepare", "train"] * 2


def test_train__a_record_that_cannot_be_read_is_no_proof_and_stops_nothing(
    repo: Tiny, world: train.TrainContext
) -> None:
    assert world.ledger is not None
    for path in (f"evidence/tiny/{'a' * 64}.json", "promotions/tiny/00000001-aaaa-outcome.json"):
        world.ledger.append({path: {"schema": "interlock/other/v1"}}, message="Break it")
    assert set(fates(trained(world).candidate).values()) == {"ran"}


def test_train__the_own_cache_is_named_as_the_source(repo: Tiny, world: train.TrainContext) -> None:
    own = dataclasses.replace(world, is_own_machine=True)
    trained(own)
    repo.commit(params_yaml="size: 7\n")
    assert fates(trained(own).candidate)["tiny/dvc.yaml:prepare"] == stage_runs.OWN_CACHE
    assert repo.ran == ["prepare", "train", "train"]


def test_train__a_damaged_object_that_evidence_names_is_not_silently_made_again(
    repo: Tiny, world: train.TrainContext
) -> None:
    """To run the stage again would leave the damage in place for the next one to find."""
    repo.commit(prepare_py=tiny.PREPARE.replace("read_text())", "read_text() + '4,b\\n')"))
    judged(world, trained(world).candidate)
    shutil.rmtree(repo.root / ".dvc" / "cache")
    stored = repo.object(tiny.DATA + "4,b\n")
    stored.chmod(0o644)
    stored.write_text(tiny.DATA)
    repo.commit(params_yaml="size: 7\n")
    with pytest.raises(errors.CannotReachRemote, match="damaged"):
        trained(world)
    assert repo.ran == ["prepare", "train"]
