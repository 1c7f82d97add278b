"""Checks the machine before data is pulled."""

from __future__ import annotations

from dataclasses import replace

from interlock import errors
from interlock.commands.train import training_folder
from interlock.commands.train.context import TrainContext, TrainingSubject
from interlock.domain.model.lineage import InputKind
from interlock.domain.training import preflight
from interlock.domain.training.preflight import Level, MachineCheck, MachineRequirement


def require(subject: TrainingSubject, context: TrainContext) -> tuple[str, ...]:
    """Return warnings; raises UnfitMachine for a machine that cannot do the training."""
    runner = subject.at.manifest.runner
    facts = context.machine.inspect(
        folder=context.scratch or context.repository.root, gpus=runner.gpus
    )
    data_bytes = subject.at.bytes_to_pull
    need = MachineRequirement(
        gpus=runner.gpus,
        gpu_memory_bytes=None if runner.gpu_memory_gb is None else int(runner.gpu_memory_gb * 1e9),
        missing_bytes=data_bytes,
        data_bytes=data_bytes,
    )
    checks = preflight.judge(facts, need)
    if any(check.name == preflight.DISK and check.level is not Level.OK for check in checks):
        # DVC needs half a second to inspect its cache, so it does so only when the disk is small.
        settings = training_folder.find_settings(subject, context, scratch=None)
        missing = context.pipeline.missing_bytes(settings, _sizes(subject))
        checks = preflight.judge(facts, replace(need, missing_bytes=missing))
    return _reported(subject, checks, context)


def _reported(
    subject: TrainingSubject, checks: tuple[MachineCheck, ...], context: TrainContext
) -> tuple[str, ...]:
    for check in checks if subject.at.manifest.runner.gpus else ():
        if check.level is Level.OK:
            context.tell(f"{subject.name}: {check.name}: {check.sentence}")
    refusals = [check for check in checks if check.level is Level.REFUSE]
    if refusals:
        raise errors.UnfitMachine(
            f"{subject.name} cannot be trained on this machine: "
            + "; ".join(check.sentence for check in refusals),
            hint="; ".join(dict.fromkeys(check.hint for check in refusals)),
        )
    return tuple(
        f"{check.name}: {check.sentence} ({check.hint})"
        for check in checks
        if check.level is Level.WARN
    )


def _sizes(subject: TrainingSubject) -> dict[str, int]:
    """The size of each data file by the MD5 of its pointer."""
    data = (each for each in subject.lineage.inputs if each.kind is InputKind.DATA)
    return {
        each.digest.partition(":")[2]: each.size_bytes
        for each in data
        if each.size_bytes is not None
    }
