"""`interlock train` on real Git, DVC and MLflow, with a model whose programs count their runs."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from interlock import errors
from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.commands import train
from interlock.domain.model import candidates
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.snapshot import ModelAt
from interlock.ports.git import Tree
from interlock.ports.pipeline import RunEnd
from interlock.services import artifacts, snapshots
from tests import migrated, tiny, training
from tests.tiny import Tiny


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    repo = tiny.make(tmp_path)
    for name, value in tiny.environment(repo, tmp_path / "home", "").items():
        monkeypatch.setenv(name, value)
    return repo


@pytest.fixture
def world(
    repo: Tiny, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> train.TrainContext:
    uri = migrated.copy(tmp_path_factory, tmp_path / "mlflow")
    return make_world(repo.root, uri)


def make_world(root: Path, uri: str) -> train.TrainContext:
    return training.world(root, MlflowRuns(uri, deadline_seconds=20))


def run(world: train.TrainContext, **request: bool | str) -> train.Trained | train.TrainingFailed:
    words = {"model": "tiny", "revision": "HEAD", **request}
    return train.run(world, train.TrainOptions(**words))  # type: ignore[arg-type]


def trained(world: train.TrainContext, **request: bool | str) -> train.Trained:
    done = run(world, **request)
    assert isinstance(done, train.Trained), done
    return done


def failed(world: train.TrainContext, **request: bool | str) -> train.TrainingFailed:
    done = run(world, **request)
    assert isinstance(done, train.TrainingFailed), done
    return done


def candidate_of(world: train.TrainContext) -> Candidate | None:
    tree = world.repository.tree("HEAD")
    at = snapshots.read_model(tree, "tiny")
    complete_runs = world.runs.find_candidates(model="tiny", fingerprint=str(at.fingerprint))
    return candidates.choose(complete_runs, None).candidate


def test_train__leaves_a_candidate_with_all_that_is_known(
    repo: Tiny, world: train.TrainContext, tmp_path: Path
) -> None:
    before = repo.status()
    done = trained(world)
    candidate = done.candidate
    assert not done.reused
    assert candidate_of(world) == candidate
    assert repo.ran == ["prepare", "train"]
    assert candidate.revision == repo.git("rev-parse", "HEAD")
    assert candidate.lineage.stages == ("tiny/dvc.yaml:prepare", "tiny/dvc.yaml:train")
    assert [f.path for f in candidate.files] == [
        "tiny/metrics.json",
        "tiny/model",
        "tiny/predictions.csv",
    ]
    assert candidate.metrics == {"test.rows": 3.0}
    assert any("test.note" in warning for warning in done.warnings)
    assert candidate.params == {"size": "5"}
    assert candidate.data == {"tiny/data.csv": hashlib.sha256(tiny.DATA.encode()).hexdigest()}
    assert candidate.is_hermetic
    assert set(candidate.lock["tiny/dvc.lock"]) == {"prepare", "train"}
    assert "training" in candidate.log_tail.splitlines()
    assert candidate.facts.cost == pytest.approx(candidate.facts.seconds, abs=0.01)
    assert candidate.facts.packages["dvc"]
    assert candidate.facts.peak_memory_bytes
    for artifact in filter(None, (candidate.model, candidate.predictions)):
        fetched = world.runs.fetch(candidate.run_id, artifact.path, to=tmp_path / "fetched")
        assert artifacts.measure(fetched, name=artifact.path) == artifact
    assert (tmp_path / "fetched" / "model" / "weights.txt").read_text() == "wwwww"
    assert repo.object("wwwww").read_text() == "wwwww"
    # The user's checkout has a cache now, as after `dvc pull`, and nothing else.
    assert repo.status().replace("!! .dvc/cache/", "").strip() == before
    assert repo.git("worktree", "list").count("\n") == 0


def test_train__keeps_the_files_of_declared_plots(
    repo: Tiny, world: train.TrainContext, tmp_path: Path
) -> None:
    """Of a stage upstream, of the target, and of a list beside the stages: in the run, as left."""
    written = (
        'import os\nopen("rows.csv", "w").write("n\\n3\\n")\n',
        'import os\nos.makedirs("curves")\n'
        'open("curves/loss.tsv", "w").write("step\\tloss\\n0\\t1\\n")\n'
        'open("curves/net.svg", "w").write("<svg/>")\n',
    )
    pipeline = tiny.PIPELINE.replace(
        "outs: [prepared.csv]", "outs: [prepared.csv]\n    plots: [rows.csv: {title: Rows}]"
    ).replace("outs: [model, predictions.csv]", "outs: [model, predictions.csv, curves]")
    repo.commit(
        prepare_py=written[0] + tiny.PREPARE,
        train_py=written[1] + tiny.TRAIN,
        dvc_yaml=pipeline + "plots:\n- curves: {x: step, y: loss}\n",
    )
    candidate = trained(world).candidate
    kept = {plot.path: plot.artifact for plot in candidate.plots}
    assert kept.keys() == {"tiny/curves/loss.tsv", "tiny/curves/net.svg", "tiny/rows.csv"}
    assert kept.pop("tiny/curves/net.svg") is None
    for path, artifact in kept.items():
        assert artifact is not None, path
        place = artifacts.fetch(world.runs, candidate.run_id, artifact, to=tmp_path / "fetched")
        assert place is not None, path
    assert candidate_of(world) == candidate


def test_train__the_second_time_trains_nothing(repo: Tiny, world: train.TrainContext) -> None:
    first = trained(world)
    repo.commit(README_md="a word")
    again = trained(world)
    assert again.reused
    assert again.candidate == first.candidate
    assert repo.ran == ["prepare", "train"]


def test_train__force_runs_every_stage_again(repo: Tiny, world: train.TrainContext) -> None:
    first = trained(world)
    again = trained(world, force=True)
    assert repo.ran == ["prepare", "train"] * 2
    assert again.candidate.run_id != first.candidate.run_id
    assert again.candidate.model == first.candidate.model
    assert not any("other bytes" in warning for warning in again.warnings)
    assert candidate_of(world) == first.candidate


def test_train__force_shows_that_the_inputs_do_not_determine_the_model(
    repo: Tiny, world: train.TrainContext
) -> None:
    clock = "\npathlib.Path('model/when').write_text(str(os.urandom(8)))\n"
    repo.commit(train_py=tiny.TRAIN + clock)
    first = trained(world)
    again = trained(world, force=True)
    warning = f"tiny/model/when: other bytes than in run {first.candidate.run_id}"
    assert warning in " ".join(again.warnings)


def test_train__a_changed_parameter_runs_only_the_stage_that_reads_it(
    repo: Tiny, world: train.TrainContext
) -> None:
    trained(world)
    repo.commit(params_yaml="size: 7\n")
    done = trained(world)
    assert repo.ran == ["prepare", "train", "train"]
    assert done.candidate.model.size_bytes == 7
    assert any("tiny/dvc.yaml:prepare did not run" in w for w in done.warnings)


def test_train__stored_runs_of_another_environment_are_not_taken(
    repo: Tiny, world: train.TrainContext
) -> None:
    """DVC sees no change at all here, and its own run cache would hand out the old model."""
    trained(world)
    (repo.root / "env.lock").write_text("numpy==3.0\n")
    repo.commit()
    trained(world)
    assert repo.ran == ["prepare", "train"] * 2


def test_train__a_committed_lock_file_is_not_believed(
    repo: Tiny, world: train.TrainContext, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whoever writes dvc.lock by hand would else have bytes of their own called trained."""
    lock = trained(world).candidate.lock["tiny/dvc.lock"]
    shutil.rmtree(repo.remote / "runs")
    shutil.rmtree(repo.root / ".dvc" / "cache")
    tiny.store(repo, "FORGED")
    [predictions] = [out for out in lock["train"]["outs"] if out["path"] == "predictions.csv"]
    text = yaml.safe_dump({"schema": "2.0", "stages": dict(lock)})
    repo.commit(dvc_lock=text.replace(predictions["md5"], tiny.md5("FORGED")))
    elsewhere = make_world(repo.root, migrated.copy(tmp_path_factory, tmp_path / "other"))
    assert trained(elsewhere).candidate.lock["tiny/dvc.lock"] == lock
    assert repo.ran == ["prepare", "train"] * 2


def test_train__a_bare_repository(
    repo: Tiny, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bare = tmp_path / "bare.git"
    repo.git("clone", "--quiet", "--bare", str(repo.root), str(bare))
    world = make_world(bare, migrated.copy(tmp_path_factory, tmp_path / "mlflow"))
    trained(world, revision="main")
    assert repo.ran == ["prepare", "train"]
    assert (bare / "interlock" / "dvc-cache").is_dir()


def test_train__settings_beside_git_and_relative_paths_are_the_users_own(
    repo: Tiny, world: train.TrainContext
) -> None:
    (repo.root / ".dvc" / "config").write_text("[core]\n    remote = store\n")
    local = "['remote \"store\"']\n    url = ../../remote\n[cache]\n    dir = ../../my-cache\n"
    (repo.root / ".dvc" / "config.local").write_text(local)
    repo.commit()
    trained(world)
    assert repo.object("wwwww").exists()
    assert (repo.root.parent / "my-cache" / "files").is_dir()
    assert not (repo.root / ".dvc" / "cache").exists()


def test_train__a_committed_relative_remote_is_relative_to_the_users_checkout(
    repo: Tiny, world: train.TrainContext
) -> None:
    text = (repo.root / ".dvc" / "config").read_text().replace(str(repo.remote), "../../remote")
    (repo.root / ".dvc" / "config").write_text(text)
    repo.commit()
    trained(world)
    assert repo.object("wwwww").exists()


def test_train__leaves_no_state_of_its_checkout_behind(
    repo: Tiny, world: train.TrainContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DVC keeps a database per checkout in /var/tmp; a checkout of ours is gone in minutes."""
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "site"))
    trained(world)
    assert not (tmp_path / "site").exists()


# --- the user's own checkout --------------------------------------------------------------------


def test_here__leaves_the_checkout_as_it_is(repo: Tiny, world: train.TrainContext) -> None:
    before = repo.status()
    trained(world, here=True)
    assert repo.status().replace("!! .dvc/cache/", "").strip() == before


@pytest.mark.parametrize("name", ["train.py", "new.py"])
def test_here__a_checkout_that_is_not_as_committed_is_refused(
    repo: Tiny, world: train.TrainContext, name: str
) -> None:
    with (repo.root / "tiny" / name).open("a") as file:
        file.write("# mine\n")
    with pytest.raises(errors.Refused, match=f"tiny/{name}"):
        run(world, here=True)
    assert repo.ran == []


def test_here__another_revision_is_refused(repo: Tiny, world: train.TrainContext) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit(params_yaml="size: 7\n")
    with pytest.raises(errors.Refused, match=first[:12]):
        run(world, here=True, revision=first)


# --- what goes wrong -----------------------------------------------------------------------------


def test_train__a_program_that_fails_leaves_an_attempt(
    repo: Tiny, world: train.TrainContext
) -> None:
    repo.commit(train_py="print('loading'); raise RuntimeError('no such kernel')\n")
    done = failed(world)
    assert done.ended is RunEnd.FAILED
    assert "'python train.py' of stage tiny/dvc.yaml:train ended with status 1" in str(
        done.attempt.reason
    )
    assert "RuntimeError: no such kernel" in done.attempt.log_tail
    fingerprint = done.attempt.fingerprint
    assert world.runs.find_attempts(model="tiny", fingerprint=fingerprint).records == (
        done.attempt,
    )
    assert candidate_of(world) is None
    assert not (repo.remote / "runs").exists()
    assert repo.git("worktree", "list").count("\n") == 0


def test_train__a_program_that_is_not_installed_is_reported_as_missing(
    repo: Tiny, world: train.TrainContext
) -> None:
    repo.commit(dvc_yaml=tiny.PIPELINE.replace("python train.py", "shapes train.py"))
    assert "ended with status 127: a program that it starts is not on the PATH" in str(
        failed(world).attempt.reason
    )


def test_train__a_program_that_takes_too_long(repo: Tiny, world: train.TrainContext) -> None:
    repo.commit(train_py="import os; print('waiting', flush=True); os.read(os.pipe()[0], 1)\n")
    seconds = 4.0

    def hasty(tree: Tree, model: str) -> ModelAt:
        at = snapshots.read_model(tree, model)
        runner = dataclasses.replace(at.manifest.runner, timeout_minutes=seconds / 60)  # type: ignore[arg-type]
        manifest = dataclasses.replace(at.manifest, runner=runner)
        return dataclasses.replace(at, manifest=manifest)

    done = failed(dataclasses.replace(world, read_model=hasty))
    assert done.ended is RunEnd.TIMED_OUT
    assert done.attempt.reason.startswith("timed out after 0.0667 minutes")
    assert candidate_of(world) is None


def test_train__a_missing_output_is_named(repo: Tiny, world: train.TrainContext) -> None:
    repo.commit(train_py="print('fine')\n")
    done = failed(world)
    assert "tiny/model" in done.attempt.reason
    assert "does not exist" in done.attempt.reason
    assert candidate_of(world) is None


def test_train__a_manifest_that_names_what_the_target_does_not_leave(
    repo: Tiny, world: train.TrainContext
) -> None:
    repo.commit(model_yaml=tiny.MANIFEST.replace("predictions.csv", "rows.csv"))
    with pytest.raises(errors.Refused, match=r"tiny/rows\.csv is not an output of stage 'train'"):
        failed(world)
    assert candidate_of(world) is None


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (
            tiny.TRAIN.replace('"id,target,prediction', '"id,target,guess'),
            "tiny/predictions.csv has no column 'prediction'",
        ),
        (
            tiny.TRAIN.replace('pathlib.Path("model/weights.txt").write_text("w" * size)', ""),
            "tiny/model is a folder without a file",
        ),
        (
            tiny.TRAIN + 'os.makedirs("runs"); os.symlink("../runs", "model/latest")\n',
            "tiny/model/latest is a link to the folder ../runs",
        ),
        (
            tiny.TRAIN + 'os.symlink("../gone", "model/latest")\n',
            "tiny/model/latest is a link to ../gone, which does not exist",
        ),
    ],
)
def test_train__unusable_outputs_are_reported_and_nothing_of_them_is_pushed(
    repo: Tiny, world: train.TrainContext, program: str, words: str
) -> None:
    repo.commit(train_py=program)
    before = sorted(repo.remote.rglob("*"))
    done = failed(world)
    assert done.ended is RunEnd.UNUSABLE
    assert words in done.attempt.reason
    assert sorted(repo.remote.rglob("*")) == before
    assert candidate_of(world) is None


def damage_data(repo: Tiny) -> None:
    repo.object(tiny.DATA).write_text("damaged")


def lose_data(repo: Tiny) -> None:
    repo.object(tiny.DATA).unlink()


def take_the_remote_away(repo: Tiny) -> None:
    (repo.root / ".dvc" / "config").write_text("")
    repo.commit()


def block_the_push(repo: Tiny) -> None:
    """A file where the remote would need a folder."""
    place = repo.object("wwwww").parent
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("in the way")


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (damage_data, errors.CannotReachRemote, "damaged in the DVC remote"),
        (lose_data, errors.CannotReachRemote, "not in the DVC remote"),
        (take_the_remote_away, errors.MissingSetting, "no DVC remote"),
        (block_the_push, errors.CannotReachRemote, "refused"),
    ],
)
def test_train__a_failure_of_the_remote_records_nothing(
    repo: Tiny,
    world: train.TrainContext,
    harm: Callable[[Tiny], None],
    error: type[errors.InterlockError],
    words: str,
) -> None:
    harm(repo)
    with pytest.raises(error, match=words) as caught:
        run(world)
    assert caught.value.hint
    assert isinstance(world.runs, MlflowRuns)
    with world.runs.connection.reaching("count runs") as mlflow:
        assert mlflow.search_runs(["0", "1"]) == []


def test_train__a_damaged_object_is_named_and_left_where_it_is(
    repo: Tiny, world: train.TrainContext
) -> None:
    damage_data(repo)
    place = repo.object(tiny.DATA)
    with pytest.raises(errors.CannotReachRemote, match="".join(place.parts[-2:])):
        run(world)
    assert place.read_text() == "damaged"


def test_train__after_a_failed_push_nothing_is_trained_twice(
    repo: Tiny, world: train.TrainContext
) -> None:
    block_the_push(repo)
    with pytest.raises(errors.CannotReachRemote):
        run(world)
    repo.object("wwwww").parent.unlink()
    assert not trained(world).reused
    assert repo.ran == ["prepare", "train"]
    assert repo.object("wwwww").exists()
