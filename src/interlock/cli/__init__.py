"""The command line: parse, call one command, print, exit code; nothing heavy at start.

Each verb's click command has a separate module here, which is loaded only when the command is
called.
"""

from __future__ import annotations

import importlib
from typing import Any

import click

import interlock
from interlock import settings
from interlock.cli import exit_codes
from interlock.cli.suggesting_group import SuggestingGroup
from interlock.services import garbage_collection

# Each verb with its one line; literal, so that `--help` imports none of them.
VERBS: dict[str, str] = {
    "init": "Propose the files with which a DVC repository starts to use Interlock.",
    "validate": "Check manifests, policy and pipelines.",
    "plan": "Plan which models a change retrains.",
    "train": "Train models at one revision, each once.",
    "attest": "Attest the run of a training with a token of GitHub.",
    "evaluate": "Evaluate candidates against the champion, or one file against another.",
    "report": "Report the results of a pull request in one comment and one check.",
    "promote": "Promote the models at a revision of main.",
    "reconcile": "Compare registry and deployments with main and repair differences.",
    "accept": "Accept an inconclusive result manually.",
    "monitor": "Detect data drift and performance loss in production.",
    "retrain": "Open or update one retraining pull request per model.",
    "dashboard": "Show all models in production in one GitHub issue.",
    "command": "Execute a command from a comment.",
    "doctor": "Check models, data and settings of this repository.",
    "ledger": "Inspect the audit log.",
    "key": "Make the key of a dedicated evaluator outside of GitHub.",
    "sandbox": "Run a local GitHub server for tests and demos.",
    "demo": "Show the life of a pull request on real models, on this machine.",
}


class LazyGroup(SuggestingGroup):
    """A group that imports a command only when it is called."""

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        with exit_codes.pipes_named():  # --help is printed here
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        with exit_codes.pipes_named():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        with garbage_collection.frozen():
            module = importlib.import_module(f"interlock.cli.{cmd_name}")
        command: click.Command = module.command
        for parameter in command.params:
            parameter.envvar = _variable(parameter)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


def _variable(parameter: click.Parameter) -> str:
    """The variable of a parameter: INTERLOCK_MERGE_BASE for --merge-base; actions set it."""
    name = max(parameter.opts, key=len).lstrip("-")
    return f"INTERLOCK_{name.replace('-', '_').upper()}"


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(interlock.__version__)
def group() -> None:
    """GitOps for machine learning: no model reaches production until its route is proven."""


def main(args: list[str] | None = None) -> Any:
    """Run one command and exit with its code; see endings."""
    settings.take_token_request()
    exit_codes.exit_with(lambda: group.main(args, prog_name="interlock", standalone_mode=False))
