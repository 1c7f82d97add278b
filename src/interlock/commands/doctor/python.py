"""The topic python: what the program of each model would run on here."""

from __future__ import annotations

from collections.abc import Iterator

from interlock.commands.doctor import head_models
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor import python_lines
from interlock.domain.doctor.line import SettingCheck
from interlock.pipelines import requirements
from interlock.ports.git import Tree


def check(context: DoctorContext, _: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield a line for each model; its program is not run."""
    tree = context.repository.tree("HEAD")
    for reader, model in head_models.trainable(context):
        launch = reader.training_tree(tree, model).launch
        described = context.machine.describe(
            launch, tree=context.repository.root, env=context.environment
        )
        yield python_lines.line(
            model.manifest.model,
            is_python=launch is not None and launch.is_python,
            version=described.python,
            packages=described.packages,
            wanted=_wanted(tree, model.manifest.environment),
        )


def _wanted(tree: Tree, files: tuple[str, ...]) -> frozenset[str]:
    """Return the packages of requirements files; a lock file has those of other platforms, too."""
    texts = {path: tree.read(path) for path in files if path.endswith(".txt")}
    read = (requirements.read_environment(t, path=p) for p, t in texts.items() if t is not None)
    return frozenset(name for each in read for name in each.fixed)
