"""Reads the models of HEAD, for the topics about them."""

from __future__ import annotations

from collections.abc import Iterator

from interlock import errors
from interlock.commands.doctor.context import DoctorContext
from interlock.domain.model.snapshot import ModelAt
from interlock.services import snapshots


def trainable(context: DoctorContext) -> Iterator[tuple[snapshots.Reader, ModelAt]]:
    """Yield the models that can be trained; the topic models reports all others."""
    reader = snapshots.Reader(resolve_templates=context.resolve_templates)
    try:
        snapshot = reader.read(context.repository.tree("HEAD"), look_for_imports=False)
    except errors.BadInput:
        return
    for model in snapshot.models.values():
        if model.lineage is not None:
            yield reader, model
