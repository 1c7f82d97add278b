"""A group of commands that suggests the closest name for a mistyped one."""

from __future__ import annotations

import click


class SuggestingGroup(click.Group):
    """A group whose error for an unknown command ends with a suggestion."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from interlock.yaml_reader import suggestions  # noqa: PLC0415 - of an error alone

            suggestion = suggestions.suggest(args[0], self.list_commands(ctx))
            hint = suggestion or f"the commands are {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx) from error
