"""A dvc.lock that DVC refuses: whose it is, and that no training needs it; nothing is restored."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.pipelines.project import Project
from interlock.yaml_reader import file_errors


def broken(project: Project, files: Iterable[str]) -> Iterator[Diagnostic]:
    """Yield warnings of the lock files beside these dvc.yaml that cannot be read.

    A training records its own lock; DVC's commands in a checkout need the committed one.
    """
    for file in dict.fromkeys(files):
        try:
            project.lock(file)
        except file_errors.InvalidFile as error:
            for found in error.diagnostics:
                yield dataclasses.replace(found, severity=Severity.WARNING)


def sentences(project: Project, files: Iterable[str]) -> Iterator[str]:
    """Yield one sentence for each lock file that cannot be read."""
    told = set()
    for found in broken(project, files):
        if found.path not in told:
            told.add(found.path)
            place = f"{found.path}:{found.line}:{found.column}"
            yield f"{place}: {found.message}: DVC reads no such lock ({found.hint})"
