"""`interlock ledger`: each command has its own module, imported when it is called."""

from __future__ import annotations

import importlib

import click

from interlock.cli.suggesting_group import SuggestingGroup
from interlock.services import garbage_collection

_COMMANDS = ("log", "recover", "show", "verify")


class _Commands(SuggestingGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        with garbage_collection.frozen():
            module = importlib.import_module(f"{__name__}.{cmd_name}")
        command: click.Command = module.command
        return command


@click.group("ledger", cls=_Commands)
def command() -> None:
    """Inspect the audit log."""
