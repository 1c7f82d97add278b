"""What is composed here is what Hydra itself composes, or is refused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import hydra
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from interlock.pipelines import Project, composition
from interlock.ports.git import TreeEntry

KEYS = st.sampled_from(["a", "b", "c", "hydra"])
SCALARS: st.SearchStrategy[Any] = st.sampled_from(
    [1, 0.5, "x", True, None, "yes", "${a}", "p${b}", "${c.a}", "${oc.env:HOME}", "???", "1e3"]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.dictionaries(KEYS, inner, max_size=2) | st.lists(SCALARS, max_size=2)
)
CONTENT = st.dictionaries(st.sampled_from(["a", "b", "c", "db"]), VALUES, max_size=3)
DEFAULTS = st.lists(
    st.sampled_from(
        [
            *("_self_", "other", "/other", "db/one", {"db": "one"}, {"db": "two"}, {"db": None}),
            *({"/db": "one"}, {"optional db": "none"}, {"db": ["one", "two"]}, {"db@a": "one"}),
            *({"override hydra/job_logging": "none"}, {"override db": "two"}),
        ]
    ),
    max_size=3,
)


def write(folder: Path, files: Mapping[str, Any]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def by_hydra(folder: Path) -> Any:
    """As DVC has it composed: dvc/utils/hydra.py."""
    with hydra.initialize_config_dir(str(folder), version_base=None):
        config = hydra.compose(config_name="config", overrides=[])
    OmegaConf.resolve(config)
    return yaml.safe_load(OmegaConf.to_yaml(config))


class Files:
    """A revision in memory."""

    revision = "0" * 40

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self.entries = {p: TreeEntry(p, "100644", f"{hash(x):x}") for p, x in files.items()}

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        return {path: self._files[path] for path in paths if path in self._files}

    def named(self, ends: tuple[str, ...], *, below: str = "") -> tuple[str, ...]:
        return tuple(p for p in self.entries if p.startswith(below) and p.endswith(ends))

    def children(self, folder: str) -> tuple[str, ...]:
        raise NotImplementedError(folder)


def by_us(files: Mapping[str, Any]) -> Any:
    written = {f"conf/{n}": yaml.safe_dump(x, sort_keys=False).encode() for n, x in files.items()}
    return composition.compose(Project(Files(written)), "conf", "config")


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=100, deadline=None, derandomize=True, phases=(Phase.generate,))
@given(st.tuples(CONTENT, CONTENT, CONTENT, CONTENT), DEFAULTS, DEFAULTS)
def test_compose__is_what_hydra_composes_or_is_refused(
    contents: tuple[dict[str, Any], ...], defaults: list[Any], inner: list[Any]
) -> None:
    files = {
        "config.yaml": {"defaults": defaults, **contents[0]},
        "db/one.yaml": {"defaults": [d for d in inner if d in ("_self_", "/other")], **contents[1]},
        "db/two.yaml": contents[2],
        "other.yaml": contents[3],
    }
    try:
        ours = by_us(files)
    except composition.NeedsHydra:
        return
    with tempfile.TemporaryDirectory() as place:
        write(Path(place), files)
        assert ours == by_hydra(Path(place))
