"""Which files of a training a declared plot shows, and why others are not shown."""

from __future__ import annotations

import pytest

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import declared_plots
from interlock.domain.model.declared_plots import LARGEST_BYTES, MOST, MOST_FILES, Axis, Plot
from interlock.domain.model.evidence import Artifact, PlotFile


def kept(path: str) -> PlotFile:
    return PlotFile(path, Artifact(f"plots/{path}", "0" * 64, 1))


def plot(path: str, **more: object) -> Plot:
    return Plot(path, (Axis(path),), **more)  # type: ignore[arg-type]


def test_unfold__a_file_is_a_plot() -> None:
    one = plot("loss.csv", title="Loss")
    assert declared_plots.unfold([one], [kept("loss.csv")]).plots == (one,)


def test_unfold__a_folder_is_a_plot_a_file() -> None:
    folder = plot("plots", x=Axis("", ("step",)))
    shown = declared_plots.unfold([folder], map(kept, ["plots/b.tsv", "plots/a/a.tsv", "plotsc"]))
    assert shown.plots == (
        Plot("plots/a/a.tsv", (Axis("plots/a/a.tsv"),), x=Axis("", ("step",))),
        Plot("plots/b.tsv", (Axis("plots/b.tsv"),), x=Axis("", ("step",))),
    )
    of_itself = plot("plots", x=Axis("plots", ("step",)))
    (one,) = declared_plots.unfold([of_itself], [kept("plots/a.tsv")]).plots
    assert one.x == Axis("plots/a.tsv", ("step",))


def test_unfold__of_several_files_needs_all_of_them() -> None:
    both = Plot("ROC", (Axis("a.csv"), Axis("b.csv")), x=Axis("c.csv", ("fpr",)))
    assert both.paths == ("a.csv", "b.csv", "c.csv")
    assert declared_plots.unfold([both], map(kept, "abc")).plots == ()
    plot_selection = declared_plots.unfold([both], [kept(f"{name}.csv") for name in "abc"])
    assert plot_selection.plots == (both,)
    assert plot_selection.problems == {}


def test_unfold__says_what_is_not_shown_and_why() -> None:
    lost = PlotFile("a.svg", problem="a .svg is not drawn")
    shown = declared_plots.unfold([plot("a.svg"), plot("b.csv")], [lost])
    assert shown.plots == ()
    assert shown.problems == {
        "a.svg": "a .svg is not drawn",
        "b.csv": "the training recorded no file of it",
    }


def test_unfold__shows_so_many_and_no_more() -> None:
    files = [kept(f"plots/{n:02d}.csv") for n in range(MOST + 2)]
    shown = declared_plots.unfold([plot("plots")], files)
    assert len(shown.plots) == MOST
    assert shown.problems == {f"plots/{n}.csv": f"only {MOST} are shown" for n in (MOST, MOST + 1)}


@pytest.mark.parametrize(
    ("path", "size_bytes", "place", "reason"),
    [
        ("a.csv", 0, 0, None),
        ("a/b.PNG", LARGEST_BYTES, MOST_FILES - 1, None),
        ("a.csv", LARGEST_BYTES + 1, 0, "it is larger than 1 MB"),
        ("a.csv", 1, MOST_FILES, f"only {MOST_FILES} files are kept"),
        ("a.csv", None, 0, "it is not a file"),
        ("a.svg", 1, 0, "a .svg is not drawn"),
        ("a", 1, 0, "a file without an ending is not drawn"),
    ],
)
def test_check_file__refuses_a_file_that_is_not_kept(
    path: str, size_bytes: int | None, place: int, reason: str | None
) -> None:
    refusal = declared_plots.check_file(path, size_bytes=size_bytes, place=place)
    assert refusal == (None if reason is None else Refusal(reason))
