"""Print the progress and the result of the demo to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table

from interlock.demo.results import DemoResult, DemoStep


class ProgressPrinter:
    """Prints each step while it runs, and a table at the end."""

    def __init__(self, *, show_program_output: bool) -> None:
        # The stream as it is now: while jobs run, sys.stderr is theirs.
        self._console = Console(file=sys.stderr, highlight=False)
        self._show_program_output = show_program_output
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
        """Show a starting job beside the spinner, or as a line where there is no terminal."""
        self._spinner.update(text=escape(text))
        if self._show_program_output or not self._console.is_terminal:
            self._console.print(f"  [dim]{escape(text)}[/]")

    def line(self, text: str) -> None:
        """Show one line of a program's output, if requested."""
        if self._show_program_output:
            self._console.print(f"  [dim]│[/] {escape(text)}")

    def done(self, step: DemoStep) -> None:
        for assertion in step.assertions:
            mark = "[green]✓[/]" if assertion.passed else "[bold red]✗[/]"
            self._console.print(f"  {mark} {escape(assertion.sentence)}")
        self._console.print(f"  [dim]{step.seconds:.1f} s[/]")

    def end(self, result: DemoResult) -> None:
        self._console.print()
        self._console.print(_table(result))
        for name, place in result.places.items():
            self.place(name, place)

    def place(self, name: str, where: str) -> None:
        self._console.print(f"[bold]{escape(name):<10}[/] {escape(where)}", soft_wrap=True)


def _table(result: DemoResult) -> Table:
    table = Table(title=None, box=None, header_style="bold", pad_edge=False)
    for column in ("", "step", "trained", "time"):
        table.add_column(column, justify="right" if column == "time" else "left")
    for step in result.steps:
        mark = "[green]✓[/]" if step.passed else "[red]✗[/]"
        pull = f" [dim]#{step.pull}[/]" if step.pull else ""
        trained = ", ".join(step.trained) or "[dim]nothing[/]"
        table.add_row(mark, escape(step.title) + pull, trained, f"{step.seconds:.1f} s")
    table.add_row("", "[bold]total[/]", "", f"[bold]{result.seconds:.1f} s[/]")
    return table
