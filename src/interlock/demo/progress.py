"""Tells a person how the story goes, on standard error; decides and does nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table

from interlock.demo.facts import DemoOutcome, DemoStep


class ProgressPrinter:
    """Progress while it runs, a table at the end. `program` shows what the programs say."""

    def __init__(self, *, program: bool) -> None:
        # The stream as it is now: while jobs run, sys.stderr is theirs.
        self._console = Console(file=sys.stderr, highlight=False)
        self._program = program
        self._spinner = Spinner("dots")

    @contextmanager
    def step(self, number: int, title: str) -> Iterator[None]:
        self._console.print(f"[bold]{number}[/] {escape(title)}")
        self._spinner.update(text="")
        with Live(
            self._spinner,
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield

    def job(self, text: str) -> None:
        """A job begins: shown beside the spinner, or as a line where there is no terminal."""
        self._spinner.update(text=escape(text))
        if self._program or not self._console.is_terminal:
            self._console.print(f"  [dim]{escape(text)}[/]")

    def line(self, text: str) -> None:
        """A line of a program's own output."""
        if self._program:
            self._console.print(f"  [dim]│[/] {escape(text)}")

    def done(self, step: DemoStep) -> None:
        for fact in step.facts:
            mark = "[green]✓[/]" if fact.holds else "[bold red]✗[/]"
            self._console.print(f"  {mark} {escape(fact.sentence)}")
        self._console.print(f"  [dim]{step.seconds:.1f} s[/]")

    def end(self, outcome: DemoOutcome) -> None:
        self._console.print()
        self._console.print(_table(outcome))
        for name, place in outcome.places.items():
            self.place(name, place)

    def place(self, name: str, where: str) -> None:
        self._console.print(f"[bold]{escape(name):<10}[/] {escape(where)}", soft_wrap=True)


def _table(outcome: DemoOutcome) -> Table:
    table = Table(title=None, box=None, header_style="bold", pad_edge=False)
    for column in ("", "what happened", "trained", "time"):
        table.add_column(column, justify="right" if column == "time" else "left")
    for step in outcome.steps:
        mark = "[green]✓[/]" if step.holds else "[red]✗[/]"
        pull = f" [dim]#{step.pull}[/]" if step.pull else ""
        trained = ", ".join(step.trained) or "[dim]nothing[/]"
        table.add_row(mark, escape(step.title) + pull, trained, f"{step.seconds:.1f} s")
    table.add_row("", "[bold]all of it[/]", "", f"[bold]{outcome.seconds:.1f} s[/]")
    return table
