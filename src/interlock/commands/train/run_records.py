"""Records the outputs of a training, or its failure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interlock import errors
from interlock.commands.train import existing_candidate, kept_files, plot_files
from interlock.commands.train.context import TrainContext, Trained, TrainingFailed, TrainingSubject
from interlock.domain.basics import dotted_keys
from interlock.domain.model import evidence, stage_runs
from interlock.domain.model.checkpoint import Saved
from interlock.domain.model.gpus import GpuUse
from interlock.domain.model.manifest import Outputs
from interlock.domain.training import machine_failures
from interlock.ports.checkpoints import CheckpointFolder
from interlock.ports.machine import Description
from interlock.ports.pipeline import PipelineRun, RunEnd
from interlock.services import artifacts, run_documents


@dataclass(frozen=True, slots=True)
class TrainingObservation:
    """The machine of a training, the use of its GPUs, and its checkpoint folder."""

    machine: Description
    gpu_use: GpuUse | None = None
    kept: CheckpointFolder | None = None


def record(
    subject: TrainingSubject,
    done: PipelineRun,
    context: TrainContext,
    checkout: Path,
    observation: TrainingObservation,
) -> Trained:
    outputs = subject.at.manifest.outputs
    model = checkout / outputs.model
    # A folder is the artifact `model`; a single file is inside the artifact under its own name.
    model_name = "model" if model.is_dir() else f"model/{model.name}"
    predictions = _predictions(outputs, checkout)
    metrics, left_out = dotted_keys.numbers(done.metrics)
    plots, plotted = plot_files.collect(subject.at.plots, checkout)
    kept = kept_files.find(checkout, subject.at.git_outputs)
    candidate = evidence.Candidate(
        name=subject.name,
        fingerprint=subject.fingerprint,
        revision=subject.tree.revision,
        run_id="",
        lineage=subject.lineage,
        model=artifacts.measure(model, name=model_name),
        predictions=next(
            (artifacts.measure(p, name=name) for name, p in predictions.items()), None
        ),
        files=tuple(artifacts.measure(checkout / out, name=out) for out in done.outputs),
        facts=_facts(subject, done, observation),
        metrics=metrics,
        params=dotted_keys.texts(done.params),
        lock=done.lock,
        log_tail=done.log_tail,
        plots=plots,
        kept=kept,
        stages=done.stages,
        data=done.data,
        is_hermetic=True,
    )
    files = {model_name: model, **predictions, **plotted}
    files |= kept_files.artifacts_of(kept, checkout)
    repeats = existing_candidate.first_by_now(subject, context)
    recorded = context.runs.record_candidate(candidate, files=files, repeats=repeats)
    restored = filter(None, map(stage_runs.sentence, done.stages))
    return Trained(
        recorded,
        reused=False,
        document=run_documents.digest(recorded),
        warnings=(
            *subject.at.warnings,
            *done.warnings,
            *left_out,
            *restored,
            *_unknown(subject, observation),
        ),
    )


def _predictions(outputs: Outputs, checkout: Path) -> dict[str, Path]:
    """The artifact of the predictions to their file; empty if the manifest names none."""
    if outputs.predictions is None:
        return {}
    file = checkout / outputs.predictions.path
    return {f"predictions{file.suffix}": file}


def _unknown(subject: TrainingSubject, observation: TrainingObservation) -> tuple[str, ...]:
    """Return a warning when the Python packages of the program cannot be listed."""
    launch = subject.training_tree.launch
    if observation.machine.python or launch is None:
        return ()
    why = "its Python did not answer" if launch.is_python else "it is not known to be Python"
    return (f"the packages that {launch.name} ran with are not recorded: {why}",)


def _facts(
    subject: TrainingSubject, done: PipelineRun, observation: TrainingObservation
) -> evidence.RunFacts:
    machine, launch = observation.machine, subject.training_tree.launch
    labels = subject.at.manifest.runner.labels
    cost, currency = evidence.price(done.seconds, labels=labels, rates=subject.rates)
    return evidence.RunFacts(
        seconds=round(done.seconds, 3),
        peak_memory_bytes=done.peak_memory_bytes,
        python=machine.python,
        platform=machine.platform,
        cpu=machine.cpu,
        gpu=machine.gpu,
        driver=machine.driver,
        packages=machine.packages,
        cost=cost,
        currency=currency,
        gpu_use=observation.gpu_use,
        resumed_from=observation.kept.step if observation.kept else None,
        attempts=observation.kept.attempts if observation.kept else 1,
        program=launch.name if launch else "",
    )


def record_failure(
    subject: TrainingSubject,
    done: PipelineRun,
    context: TrainContext,
    *,
    reason: str,
    ended: RunEnd,
    saved: tuple[Saved, ...] = (),
) -> TrainingFailed:
    attempt = evidence.Attempt(
        name=subject.name,
        fingerprint=subject.fingerprint,
        revision=subject.tree.revision,
        run_id="",
        reason=reason,
        log_tail=done.log_tail,
        seconds=round(done.seconds, 3),
        interrupted=ended is RunEnd.INTERRUPTED,
        machine=machine_failures.find(reason, done.log_tail) if ended is RunEnd.FAILED else "",
        checkpoints=saved,
    )
    try:
        return TrainingFailed(context.runs.record_attempt(attempt), ended, subject.at.warnings)
    except errors.InterlockError as error:
        unrecorded = f"the attempt was not recorded: {error.message}"
        return TrainingFailed(attempt, ended, (*subject.at.warnings, unrecorded))
