"""Adds undeclared models and dependencies to the dvc.yaml files of a proposal."""

from __future__ import annotations

import dataclasses

from interlock import errors
from interlock.commands.init.proposal import ProposedFile
from interlock.domain.adoption.model_choice import ModelChoice
from interlock.domain.model import undeclared_files
from interlock.pipelines import ResolveTemplates, stage_text
from interlock.ports.git import Repository, Tree
from interlock.services import suggest_deps

_PURPOSE = "declares what its stages read and write"


@dataclasses.dataclass(slots=True)
class ProposalDraft:
    """The files of a proposal over a commit; `refused` has sentences about missing entries that a
    person must add."""

    repository: Repository
    base: str
    files: dict[str, ProposedFile]
    refused: list[str] = dataclasses.field(default_factory=list)

    def tree(self) -> Tree:
        contents = {path: encoded(each) for path, each in self.files.items()}
        commit = self.repository.commit(self.base, contents, message="Draft")
        return self.repository.tree(commit)

    def save(self, path: str, data: bytes) -> None:
        """Replace the text of a file of the repository or of the proposal."""
        text = data.decode("utf-8", "surrogateescape")
        if path in self.files:
            self.files[path] = dataclasses.replace(self.files[path], text=text)
            return
        before = self.repository.tree(self.base).read(path) or b""
        known = before.decode("utf-8", "surrogateescape")
        self.files[path] = ProposedFile(path, text, known, _PURPOSE)

    def add_models(self, choices: tuple[ModelChoice, ...]) -> None:
        """Add each model that its stage does not declare to the `outs` of the stage."""
        for choice in choices:
            stage = choice.undeclared_in
            if stage is not None:
                wanted = undeclared_files.written(choice.model, wdir=stage.wdir)
                in_git = choice.model in self.tree().entries
                self._add(choice.file, stage.name, wanted, in_git=in_git)

    def _add(self, path: str, stage: str, out: str, *, in_git: bool) -> None:
        text = (self.tree().read(path) or b"").decode("utf-8")
        try:
            new = stage_text.add(text, stage, [out], path=path, section="outs", in_git=in_git)
        except errors.CannotFingerprint as error:
            self.refused.append(f"{error.message}: add `{out}` to its `outs`.")
            return
        self.save(path, new.encode())

    def add_deps(self, resolve_templates: ResolveTemplates | None) -> None:
        """Add the undeclared dependencies of all stages of all models."""
        made = suggest_deps.write(self.tree, self.save, resolve_templates=resolve_templates)
        for one in made.lacking:
            paths = ", ".join(f"`{path}`" for path in one.deps)
            self.refused.append(f"{one.file}: add {paths} to the `deps` of stage {one.stage}.")


def encoded(file: ProposedFile) -> bytes:
    """Return the content of a file as Git stores it."""
    return file.text.encode("utf-8", "surrogateescape")
