"""What a repository's pipelines declare, as `interlock init` needs it; templates are resolved."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlock.domain.adoption.column_choice import TableFacts


@dataclass(frozen=True, slots=True)
class StageFacts:
    """A stage of a dvc.yaml. All paths are relative to the repository; `metrics` are also among
    `outs`, unless they are listed at the top of the file. `wdir` is the folder that its paths are
    written from; `mentions` are names of files in its programs that nothing declares."""

    name: str
    deps: tuple[str, ...] = ()
    outs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    description: str = ""
    wdir: str = ""
    mentions: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The name before the @ of a foreach or matrix stage, else the name."""
        return self.name.partition("@")[0]

    @property
    def item(self) -> str:
        """The item of a foreach or matrix stage, else ''."""
        return self.name.partition("@")[2]


@dataclass(frozen=True, slots=True)
class DvcArtifact:
    """An entry of DVC's `artifacts:` section."""

    name: str
    path: str
    type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """A dvc.yaml. `metrics` are the files that it lists at its top."""

    file: str
    stages: tuple[StageFacts, ...]
    metrics: tuple[str, ...] = ()
    artifacts: tuple[DvcArtifact, ...] = ()

    @property
    def folder(self) -> str:
        """The folder of the file, '' for the repository's root."""
        return posixpath.dirname(self.file)

    def upstream(self, stage: StageFacts) -> tuple[StageFacts, ...]:
        """Return the stages whose outputs a stage reads, directly or not; in the file's order."""
        above: dict[str, StageFacts] = {}
        queue = [stage]
        while queue:
            reader = queue.pop()
            for maker in self.stages:
                if maker.name not in above and maker is not stage and reads(reader, maker.outs):
                    above[maker.name] = maker
                    queue.append(maker)
        return tuple(each for each in self.stages if each.name in above)


@dataclass(frozen=True, slots=True)
class AdoptionFacts:
    """What `init` observed. `numbers` has the values of each metrics file that was read, `tables`
    are the files of rows that are in the checkout; `owner` is the first owner in CODEOWNERS or the
    account of the repository, "" without both. `remote` is the address of the default DVC remote,
    "" without one."""

    name: str
    owner: str
    branch: str
    pipelines: tuple[PipelineFacts, ...]
    files: Collection[str] = ()
    numbers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tables: tuple[TableFacts, ...] = ()
    remote: str = ""


def reads(stage: StageFacts, outs: Collection[str]) -> bool:
    """True if a dependency of a stage is one of these outputs, inside one or around one."""
    return any(overlaps(dep, out) for dep in stage.deps for out in outs)


def overlaps(one: str, other: str) -> bool:
    """True if two paths are equal, or one is inside the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
