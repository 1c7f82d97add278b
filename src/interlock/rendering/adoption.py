"""Writes the pull request of `interlock init`: what each file is, what to check, how to undo it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from interlock.domain.adoption.model_choice import ModelChoice
from interlock.domain.basics import figures
from interlock.rendering import escape, rows_program

TITLE = "Use Interlock"
_SETTINGS = (
    "Require the check `interlock` for the default branch (*Settings, Rules, Rulesets*).",
    "Block force pushes, restrict deletions and require linear history for `interlock-ledger`.",
    "Start a self-hosted runner with the labels of the manifest, or train on hosted runners.",
    "Run `interlock doctor`: it checks these settings, and shows the fix for each.",
)


def notes(choices: Sequence[ModelChoice]) -> Iterator[str]:
    """Yield a sentence for each thing that only a person knows."""
    unknown = [each.name for each in choices if each.rows is None and each.metric is None]
    if unknown:
        names = figures.listing(unknown)
        yield (
            f"No metric of {names} is known. Run `dvc repro` or `dvc pull` and init again, or "
            "choose one for `evaluate.primary` and `gates`."
        )


def body(
    choices: Sequence[ModelChoice], purposes: Mapping[str, str], remarks: Sequence[str]
) -> str:
    """Return the text of the pull request, as Markdown."""
    models = [f"* {_model(each)}" for each in choices]
    rows = [
        f"| {escape.code(path)} | {escape.inline(purpose)} |" for path, purpose in purposes.items()
    ]
    checks = [f"- [ ] {each}" for each in (*map(escape.inline, remarks), *_SETTINGS)]
    bare = [each for each in choices if each.rows is None]
    parts = [
        "Pull requests now plan, train, evaluate and promote these models:",
        "\n".join(models),
        "| file | purpose |\n|---|---|\n" + "\n".join(rows),
        "Before you merge:\n\n" + "\n".join(checks),
        *{each.program: rows_program.section(each) for each in bare}.values(),
        "To undo it, revert this pull request. Your pipelines run without these files.",
    ]
    return "\n\n".join(parts) + "\n"


def _model(choice: ModelChoice) -> str:
    name, target, model = (escape.code(x) for x in (choice.name, choice.target, choice.model))
    return f"{name}: stage {target}, model {model}, {escape.inline(metric(choice))}"


def summary(choice: ModelChoice) -> str:
    """Return a line for a terminal."""
    return f"{choice.file}:{choice.target}, model {choice.model}, {metric(choice)}"


def metric(choice: ModelChoice) -> str:
    """Return a clause about the metric of a model."""
    if choice.rows is not None:
        today = choice.rows.today
        value = "" if today is None else f", {today.name} is {today.value:.4g} today"
        return f"{choice.rows.task} with the rows of {choice.rows.path}{value}"
    if choice.metric is None:
        return "no metric is known"
    return f"{choice.metric.name} is {choice.metric.value:.4g} today"
