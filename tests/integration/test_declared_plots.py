"""What is drawn of a pipeline's own plots, and what is said of those that cannot be."""

from __future__ import annotations

import io
import json
import zlib

import pytest
from PIL import Image

from interlock.adapters.plots import MatplotlibPlots
from interlock.domain.model.declared_plots import Axis, Plot
from interlock.ports.plots import PlotSide
from tests.integration.test_scoring_plots import size

LOSS = b"step,train,test\n0,0.9,0.95\n1,0.5,0.7\n2,0.3,\n"
DAYS = [{"when": "mon", "y": 1}, {"when": "tue", "y": 2}]
CLASSES = b"actual,predicted\ncat,cat\ncat,dog\ndog,dog\n$x$,cat\n"


def draw(plot: Plot, data: bytes, other: bytes | None = None) -> bytes | str:
    sides = [PlotSide("candidate", dict.fromkeys(plot.paths, data))]
    if other is not None:
        sides.append(PlotSide("champion, version 1", dict.fromkeys(plot.paths, other)))
    return MatplotlibPlots().draw_declared(plot, sides)


def plot(path: str, *columns: str, x: str = "", **more: object) -> Plot:
    across = Axis("", (x,)) if x else None
    return Plot(path, (Axis(path, columns),), x=across, **more)  # type: ignore[arg-type]


def png(width: int = 40, height: int = 30, kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(data, kind)
    return data.getvalue()


@pytest.mark.parametrize(
    ("one", "data"),
    [
        (plot("loss.csv"), LOSS),
        (plot("loss.csv", "train", "test", x="step", template="smooth", title="Loss"), LOSS),
        (plot("loss.tsv", x="step"), LOSS.replace(b",", b"\t")),
        (plot("loss.csv", "1", header=False), b"0,0.5\n1,0.4\n"),
        (plot("loss.json", "y"), json.dumps({"a": {"b": [{"x": 1, "y": 2.0}]}}).encode()),
        (plot("loss.json", x="when"), json.dumps(DAYS).encode()),
        (plot("loss.yaml"), b"rows:\n- {x: 1, y: 2.0}\n- {x: 2, y: .inf}\n"),
        (plot("points.csv", "test", x="train", template="scatter"), LOSS),
        (plot("bars.csv", "name", x="n", template="bar_horizontal"), b"name,n\na,1\nb,2\n"),
        (plot("bars.csv", "name", x="n", template="bar_horizontal_sorted"), b"name,n\na,1\nb,\n"),
        (plot("c.csv", "predicted", x="actual", template="confusion"), CLASSES),
        (plot("c.csv", "predicted", x="actual", template="confusion_normalized"), CLASSES),
        (plot("a.png"), png()),
        (plot("a.jpeg"), png(kind="JPEG")),
    ],
)  # fmt: skip
def test_plot__is_a_png_as_wide_as_a_comment_shows_it(one: Plot, data: bytes) -> None:
    alone, both = draw(one, data), draw(one, data, data)
    assert isinstance(alone, bytes), alone
    assert isinstance(both, bytes), both
    assert size(both)[0] == 900
    assert size(alone)[0] in {560, 900}
    assert max(len(alone), len(both)) < 200_000
    assert draw(one, data, data) == both
    assert both != alone


def enormous() -> bytes:
    """A picture of a few bytes that says it is 60,000 pixels wide and high."""
    data = bytearray(png(1, 1))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("one", "data", "why"),
    [
        (plot("loss.csv", "loss"), LOSS, "there is no column loss among step, train, test"),
        (plot("loss.csv"), b"a\nx\n", "a of loss.csv is not a column of numbers"),
        (plot("loss.csv"), b"", "loss.csv has no rows"),
        (plot("loss.csv"), b"a,b\n", "loss.csv has no rows"),
        (plot("loss.json"), b"{", "loss.json cannot be read: Expecting"),
        (plot("loss.json"), b"[" * 100_000, "loss.json cannot be read"),
        (plot("loss.json"), b'[{"a": 1, "a": 2}]', "loss.json cannot be read: duplicate key 'a'"),
        (plot("loss.json"), b'[{"a": ' + b"1" * 5_000 + b"}]", "loss.json cannot be read"),
        (plot("loss.csv"), b"a\n" + b"1" * 200_000, "loss.csv cannot be read"),
        (plot("loss.json"), b'{"accuracy": 0.9}', "loss.json has no rows"),
        (plot("loss.yaml"), b"a: [", "loss.yaml cannot be read"),
        (plot("loss.csv"), b"\xff\xfe", "loss.csv cannot be read"),
        (plot("loss.csv", template="mine"), LOSS, "its template mine is none that is drawn here"),
        (plot("a.png"), b"GIF89a", "it is not a readable image"),
        (plot("a.png"), enormous(), "it is not a readable image"),
        (plot("a.png"), LOSS, "it is not a readable image"),
        (plot("a.png"), png(6_000, 6_000), "it is 6000 by 6000 pixels large"),
        (
            plot("c.csv", "predicted", x="actual", template="confusion"),
            b"actual,predicted\n" + b"".join(b"%d,0\n" % n for n in range(60)),
            "it has 60 classes",
        ),
        (
            plot("bars.csv", "a", x="n", template="bar_horizontal"),
            b"a,n\n" + b"".join(b"%d,0\n" % n for n in range(60)),
            "it has 60 bars",
        ),
        (
            plot("bars.csv", "n", x="a", template="bar_horizontal"),
            b"a,n\nx,1\n",
            "a is not a column of numbers",
        ),
    ],
)
def test_plot__that_cannot_be_drawn_says_why(one: Plot, data: bytes, why: str) -> None:
    content = draw(one, data)
    assert isinstance(content, str)
    assert content.startswith(why)


def test_plot__of_another_length_across_says_so() -> None:
    one = Plot("ROC", (Axis("a.csv", ("y",)),), x=Axis("b.csv", ("x",)))
    files = {"a.csv": b"y\n1\n2\n", "b.csv": b"x\n1\n"}
    content = MatplotlibPlots().draw_declared(one, [PlotSide("candidate", files)])
    assert content == "a.csv has 2 rows, and the horizontal axis 1"


@pytest.mark.parametrize("name", ["$x$", "$\\frac{", "a\nb", "\x00\x07", "数字", "x" * 500])
def test_plot__survives_any_name(name: str) -> None:
    data = json.dumps([{name: 1.0}, {name: 2.0}]).encode()
    one = plot("a.json", name, x=name, title=name, labels=(name, name))
    assert isinstance(draw(one, data, data), bytes)


@pytest.mark.parametrize("numbers", [["nan", "nan"], ["inf", "-inf"], ["1e308", "-1e308"]])
def test_plot__of_any_numbers_fails_nothing(numbers: list[str]) -> None:
    data = "\n".join(["y", *numbers]).encode()
    draw(plot("a.csv", "y"), data, data)
