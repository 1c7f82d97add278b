"""A verb is one word in five places, and what an action takes is what the command line takes."""

from __future__ import annotations

import re

import click
import pytest

from interlock import cli
from tests.contract import workflows
from tests.contract.workflows import ROOT, File

PLACES = {
    "action": "actions/{verb}/action.yml",
    "command": "src/interlock/commands/{verb}.py or src/interlock/commands/{verb}/__init__.py",
    "test": "tests/unit/commands/test_{verb}.py",
    "page": "docs/reference/{verb}.md",
}
# What a verb lacks, and why; the command line itself has them all.
LACKS = {
    ("accept", "action"): "`command` does it on a comment; by hand it is typed",
    ("init", "action"): "it is for a person who sets up a repository",
    ("key", "action"): "a machine outside of GitHub has the key",
    ("ledger", "action"): "reads the record for a person at a keyboard",
    ("sandbox", "action"): "a GitHub on loopback is of no use on GitHub",
    ("sandbox", "command"): "is a room of its own; the command line starts it",
    ("sandbox", "test"): "tests/sandbox",
    ("demo", "action"): "shows the product to a newcomer",
    ("demo", "command"): "tells its story through the command line, above all verbs",
    ("demo", "test"): "tests/demo",
}
# What lies among the verbs' files and is none; a part of one is named <verb>_<part>.
NO_VERBS: dict[str, dict[str, str]] = {
    "action": {
        "clone": "brings the commits of a job that has no checkout",
        "fetch": "brings what `plan` says that a training needs of Git LFS and submodules",
        "fetch-branches": "brings what a checkout of one ref lacks",
        "setup": "puts the command on PATH for steps of one's own",
    },
    "command": {},
    "test": {},
    "page": {
        "cli": "what all verbs share",
        "documents": "what one program gives another",
        "exit-codes": "what all verbs share",
        "glossary": "the terms of all verbs",
        "manifest": "a file's form",
        "policy": "a file's form",
        "settings": "what all verbs share",
    },
}
# Inputs that are no option: the variable by which the product knows them.
SETTINGS = {
    "login": "INTERLOCK_GITHUB_LOGIN",
    "mlflow-tracking-uri": "MLFLOW_TRACKING_URI",
    "token": "GITHUB_TOKEN",
}
# Options that are no input of the action, and why.
NO_INPUTS = {
    ("command", "by"): "by hand alone",
    ("command", "event"): "GITHUB_EVENT_PATH says it",
    ("command", "event-name"): "GITHUB_EVENT_NAME says it",
    ("command", "text"): "by hand alone",
    ("dashboard", "dry-run"): "by hand alone",
    ("dashboard", "now"): "by hand alone: a job tells how things are when it runs",
    ("doctor", "fix"): "by hand alone: a job has no checkout that a person commits",
    **{
        ("evaluate", name): "of two files alone, without a repository"
        for name in (
            "candidate",
            "champion",
            "confidence",
            "gates",
            "inconclusive",
            "positive",
            "primary",
            "resamples",
            "seed",
            "slices",
            "task",
        )
    },
    ("monitor", "now"): "by hand alone: a job looks at what is due when it runs",
    ("monitor", "reevaluate-since"): "only manually, after a wrong setting was corrected",
    ("monitor", "dry-run"): "by hand alone: for trying a setting",
    **{
        ("monitor", name): "of files alone, without a repository"
        for name in (
            "effect",
            "exclude",
            "html",
            "include",
            "level",
            "live",
            "max-missing-increase",
            "min-rows",
            "persist",
            "reference",
        )
    },
    ("plan", "suggest-deps"): "by hand alone: it is for the author of a dvc.yaml",
    ("plan", "write"): "by hand alone: it changes a checkout",
    ("report", "dry-run"): "by hand alone",
    ("report", "plan"): "a plan is a function of Git's objects: the job makes its own",
    ("retrain", "dry-run"): "by hand alone",
    ("retrain", "now"): "the clock's: for trying things out by hand",
    ("train", "here"): "by hand alone: a job has just made its checkout, and removes it",
    ("train", "force"): "by hand alone: nothing trains twice",
    ("train", "quiet-program"): "by hand alone: a job shows all",
    ("validate", "paths"): "a job checks all",
}
EVERYWHERE = {
    "as-json": "an action leaves outputs, not text",
    "help": "for people",
    "json": "an action leaves outputs, not text",
    "repo": "the job's checkout",
}
ACTIONS = [file for file in workflows.actions() if file.name in cli.VERBS]
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+)( \|\| env\.MLFLOW_TRACKING_URI)? \}\}")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("verb", cli.VERBS)
def test_verb__is_in_its_five_places(verb: str, place: str) -> None:
    paths = PLACES[place].format(verb=verb).split(" or ")
    there = [path for path in paths if (ROOT / path).is_file()]
    if (verb, place) in LACKS:
        assert not there, f"{there[0]} is there: take it off the list of what is not"
    else:
        assert len(there) == 1, f"interlock {verb} wants {PLACES[place].format(verb=verb)}"


def test_place__holds_no_word_that_is_no_verb() -> None:
    names = {
        "action": {file.name for file in workflows.actions()},
        "command": {
            path.stem
            for path in (ROOT / "src/interlock/commands").iterdir()
            if not path.name.startswith("__")
        },
        "test": {
            path.stem.removeprefix("test_")
            for path in (ROOT / "tests/unit/commands").glob("test_*.py")
        },
        "page": {path.stem for path in (ROOT / "docs/reference").glob("*.md")},
    }
    strangers = {
        place: {word for word in words if word.partition("_")[0] not in cli.VERBS}
        for place, words in names.items()
    }
    assert strangers == {place: set(words) for place, words in NO_VERBS.items()}


@pytest.mark.parametrize("file", ACTIONS, ids=lambda file: file.name)
def test_action__gives_its_inputs_to_the_option_of_that_name(file: File) -> None:
    (step,) = (step for _, step in file.steps())
    inputs, variables = file.document.get("inputs", {}), dict(step["env"])
    assert re.fullmatch(rf'exec "\$GITHUB_ACTION_PATH/\.\./run" {file.name}( train)?', step["run"])
    options = _options(file.name)
    for name, declared in inputs.items():
        variable = SETTINGS.get(name) or f"INTERLOCK_{name.replace('-', '_').upper()}"
        match = INPUT.fullmatch(variables.pop(variable))
        assert match is not None
        assert match[1] == name
        assert name in SETTINGS or name in options, f"interlock {file.name} has no --{name}"
        assert len(declared["description"]) > 10
        assert declared.get("required") == "true" or "default" in declared
    assert variables == {}, "what is no input"


@pytest.mark.parametrize("file", ACTIONS, ids=lambda file: file.name)
def test_option__is_an_input_or_on_the_list_of_those_that_are_not(file: File) -> None:
    inputs = set(file.document.get("inputs", {}))
    left = {name for name in _options(file.name) if name not in inputs and name not in EVERYWHERE}
    assert left == {name for verb, name in NO_INPUTS if verb == file.name}


def _options(verb: str) -> dict[str, click.Parameter]:
    """A verb's options and arguments by name, as an input would be written."""
    command = cli.group.get_command(click.Context(cli.group), verb)
    assert command is not None
    names = {max(p.opts, key=len).lstrip("-").replace("_", "-"): p for p in command.params}
    return {name.lower(): parameter for name, parameter in names.items()}
