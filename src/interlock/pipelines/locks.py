"""Report a dvc.lock that DVC refuses: its pipeline, and that no training needs it."""

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
            for diagnostic in error.diagnostics:
                yield dataclasses.replace(diagnostic, severity=Severity.WARNING)


def sentences(project: Project, files: Iterable[str]) -> Iterator[str]:
    """Yield one sentence for each lock file that cannot be read."""
    reported = set()
    for problem in broken(project, files):
        if problem.path not in reported:
            reported.add(problem.path)
            place = f"{problem.path}:{problem.line}:{problem.column}"
            yield f"{place}: {problem.message}: DVC reads no such lock ({problem.hint})"
