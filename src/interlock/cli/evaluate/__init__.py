"""`interlock evaluate`: reads the options, and evaluates files or a revision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from interlock import errors
from interlock.cli import options
from interlock.domain.evaluation import scores
from interlock.domain.model.policy import OnInconclusive

_REPOSITORY_OPTIONS = ("revision", "base", "branch", "pull")


@click.command("evaluate")
@click.argument("models", nargs=-1)
@options.revision("Revision to evaluate, for example `HEAD` or `v1.2`.", default="HEAD")
@click.option("--base", help="Revision to compare the gates with, for example `origin/main`.")
@options.branch("Branch with the policy, for example `main`.")
@click.option(
    "--pull",
    type=click.IntRange(min=1),
    help="Number of the pull request, for example `12`; a closed one is not evaluated.",
)
@options.repo
@click.option(
    "--candidate",
    type=click.Path(path_type=Path),
    help="Predictions file of the candidate, for example `new.parquet`.",
)
@click.option(
    "--champion",
    type=click.Path(path_type=Path),
    help="Predictions file of the champion, for example `old.parquet`.",
)
@click.option(
    "--task",
    type=click.Choice([task.value for task in scores.PRIMARY]),
    help="Task of the predictions files.",
)
@click.option(
    "--gates",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file with a list of gates, as in a manifest.",
)
@click.option("--primary", default="", help="Metric to show for slices, for example `f1_macro`.")
@click.option(
    "--slices", default="", help="Slice columns, separated by commas, for example `country,device`."
)
@click.option(
    "--positive", default="", help="Positive class of a binary task, for example `fraud`."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the bootstrap; the same seed gives the same intervals.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 0.9999, min_open=True),
    default=scores.CONFIDENCE,
    show_default=True,
    help="Confidence level of the intervals in the output; a gate has its own.",
)
@click.option(
    "--resamples",
    type=click.IntRange(min=1, max=1_000_000),
    default=scores.RESAMPLES,
    show_default=True,
    help="Smallest number of bootstrap resamples; a high confidence level needs more.",
)
@click.option(
    "--inconclusive",
    type=click.Choice([each.value for each in OnInconclusive]),
    default=OnInconclusive.ASK.value,
    show_default=True,
    help="Effect of an inconclusive gate; `ask` waits for a manual acceptance.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 for every verdict.")
@options.as_json
def command(
    *,
    models: tuple[str, ...],
    revision: str,
    base: str | None,
    branch: str,
    pull: int | None,
    repo: Path,
    candidate: Path | None,
    exit_zero: bool,
    as_json: bool,
    **file_flags: Any,
) -> int:
    """Evaluate candidates against the champion, or one file against another.

    With --candidate only files are read. Otherwise each candidate of the revision is scored and
    compared with its gates, and evidence and verdict are written to the ledger.
    """
    if candidate is None:
        options.refuse(file_flags, "needs --candidate FILE; a manifest has this setting")
        # Files need no Git.
        from interlock.cli.evaluate import models as of_revision  # noqa: PLC0415
        from interlock.commands.evaluate.context import EvaluateOptions  # noqa: PLC0415

        chosen = EvaluateOptions(revision, models, base, pull, branch)
        code = of_revision.run(repo, chosen, as_json=as_json)
    else:
        if models:
            raise click.UsageError("--candidate compares files; give no MODELS")
        options.refuse(_REPOSITORY_OPTIONS, "is for a repository; leave it out with --candidate")
        from interlock.cli.evaluate import files  # noqa: PLC0415 - a revision has no files

        flags = files.FileFlags(**file_flags)
        code = files.run(flags.options(candidate), as_json=as_json)
    return errors.EXIT_DONE if exit_zero and code == errors.EXIT_NO else code
