"""The workflows and actions of this repository, read as GitHub reads them; judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class File:
    """`name` is the workflow's file name, or the folder of an action; every scalar is a text."""

    name: str
    text: str
    document: dict[str, Any]

    @property
    def jobs(self) -> dict[str, dict[str, Any]]:
        documents: dict[str, dict[str, Any]] = self.document.get("jobs", {})
        return documents

    def steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each step with its job, "" in an action."""
        for step in (self.document.get("runs") or {}).get("steps", []):
            yield "", step
        for name, job in self.jobs.items():
            for step in job.get("steps", []):
                yield name, step

    def uses(self) -> Iterator[str]:
        yield from (step["uses"] for _, step in self.steps() if "uses" in step)
        yield from (job["uses"] for job in self.jobs.values() if "uses" in job)


def _read(path: Path, name: str) -> File:
    text = path.read_text(encoding="utf-8")
    # Texts alone: to YAML 1.1 the key `on` is a boolean.
    return File(name, text, yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - texts alone


def workflows() -> list[File]:
    paths = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    return [_read(path, path.name) for path in paths]


def actions() -> list[File]:
    paths = sorted((ROOT / "actions").glob("*/action.yml"))
    return [_read(path, path.parent.name) for path in paths]


def reusable() -> list[File]:
    return [file for file in workflows() if "workflow_call" in file.document["on"]]
