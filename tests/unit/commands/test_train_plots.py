"""What a training keeps of the files that its pipeline declares as plots."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.commands.train import plot_files
from interlock.domain.model.declared_plots import Axis, Plot
from interlock.domain.model.evidence import PlotFile
from interlock.services import artifacts


def plot(*paths: str) -> Plot:
    return Plot(paths[0], tuple(Axis(path) for path in paths))


def write(folder: Path, path: str, content: bytes = b"a\n1\n") -> Path:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def test_collect__keeps_each_file_once_under_a_name_of_ours(tmp_path: Path) -> None:
    loss = write(tmp_path, "m/loss.csv")
    inside = write(tmp_path, "m/plots/deep/ñ @x.TSV")
    plots = [plot("m/loss.csv"), plot("m/plots"), plot("m/loss.csv", "m/absent.csv")]
    recorded, files = plot_files.collect(plots, tmp_path)
    assert recorded == (
        PlotFile("m/loss.csv", artifacts.measure(loss, name="plots/000.csv")),
        PlotFile("m/plots/deep/ñ @x.TSV", artifacts.measure(inside, name="plots/001.tsv")),
    )
    assert files == {"plots/000.csv": loss, "plots/001.tsv": inside}


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("a.svg", b"<svg/>", "a .svg is not drawn"),
        ("a.csv", b"0" * 1_000_001, "it is larger than 1 MB"),
    ],
)
def test_collect__says_what_it_does_not_keep(
    tmp_path: Path, path: str, content: bytes, why: str
) -> None:
    write(tmp_path, path, content)
    assert plot_files.collect([plot(path)], tmp_path) == ((PlotFile(path, problem=why),), {})


def test_collect__a_link_that_leads_nowhere_fails_no_training(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to("nowhere.csv")
    plots, files = plot_files.collect([plot("a.csv")], tmp_path)
    assert (plots, files) == ((PlotFile("a.csv", problem="it is not a file"),), {})


def test_collect__follows_no_folder_that_is_a_link(tmp_path: Path) -> None:
    write(tmp_path, "elsewhere/secret.csv")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "plots").symlink_to(tmp_path / "elsewhere")
    assert plot_files.collect([plot("plots")], checkout)[1] == {}
    assert plot_files.collect([plot("plots/secret.csv")], checkout)[1] == {}
