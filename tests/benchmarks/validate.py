"""How long `validate` takes for 1,000 models, beside what the parts of it cost alone.

    uv run python tests/benchmarks/validate.py [MODELS]

Prints a table; every row is measured in this one run, best of three, and ratios are of
processor time. What `plan` reads is read, too, and what the programs import: that is most of it.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import jsonschema
import yaml

from interlock import manifests, wiring
from interlock.commands import validate
from interlock.manifests import schema
from interlock.ports.git import Tree

FOLDER = Path(__file__).parents[2] / "model-manifests" / "digits"
HOSTILE = {
    "1 MB of brackets": b"[" * 1_000_000,
    "100,000 unknown fields": b"".join(b"f%d:\n" % n for n in range(100_000)),
    "49,000 mixed labels": b"runner: {labels: [" + b"1, a, " * 49_000 + b"]}",
    "aliases, nine times nine": b"a0: &a0 [x]\n"
    + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 10)
    ),
}


def main(count: int) -> None:
    text = (FOLDER / "model.yaml").read_text(encoding="utf-8").replace("digits", "MODEL")
    texts = [text.replace("MODEL", f"model-{n}").encode() for n in range(count)]
    validator = jsonschema.Draft202012Validator(schema.load("manifest.v1.json").document)
    values = [yaml.load(data, yaml.CSafeLoader) for data in texts]
    rows = {
        "PyYAML's CSafeLoader": lambda: [yaml.load(data, yaml.CSafeLoader) for data in texts],
        "jsonschema": lambda: [list(validator.iter_errors(value)) for value in values],
        "manifests.read": lambda: [manifests.read(data, path="m/x/model.yaml") for data in texts],
    }
    times = {name: best(work) for name, work in rows.items()}
    with tempfile.TemporaryDirectory() as folder:
        write_repository(Path(folder), texts)
        repository = wiring.repository(Path(folder))
        times["validate, files on disk"] = best(lambda: check(wiring.working_tree(repository)))
        times["validate, a revision"] = best(lambda: check(repository.tree("HEAD")))
        times["interlock validate, cold"] = best(lambda: run_program(Path(folder)))
    base = times["PyYAML's CSafeLoader"][1]
    print(f"{count:,} manifests{'wall':>25}{'processor':>12}{'ratio':>8}")
    for name, (wall, processor) in times.items():
        print(f"{name:<28}{wall:8.3f} s{processor:10.3f} s{processor / base:6.2f} x")
    for name, data in HOSTILE.items():
        wall, _ = best(functools.partial(manifests.read, data, path="m/x/model.yaml"))
        print(f"{name:<28}{wall:8.3f} s for one file of {len(data):,} bytes")


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the wall clock and of the processor (of programs that were started, too): the
    second does not grow when the machine is shared."""
    times = []
    for _ in range(3):
        start = os.times()
        work()
        end = os.times()
        times.append((end.elapsed - start.elapsed, sum(end[:4]) - sum(start[:4])))
    return min(times)


def check(tree: Tree) -> None:
    result = validate.run(validate.ValidateContext(tree=tree), validate.ValidateOptions())
    assert result.exit_code == 0, result.diagnostics[:3]


def run_program(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "interlock", "validate", "--repo", str(folder)],
        check=True,
        capture_output=True,
    )


def write_repository(folder: Path, texts: list[bytes]) -> None:
    for name in ("uv.lock", "pyproject.toml", "README.md"):
        (folder / name).write_bytes(b"")
    shutil.copytree(FOLDER.parent / "shared", folder / "model-manifests" / "shared")
    for n, data in enumerate(texts):
        place = folder / "model-manifests" / f"model-{n}"
        (place / "data").mkdir(parents=True)
        (place / "model.yaml").write_bytes(data)
        for name in ("dvc.yaml", "params.yaml", "prepare.py", "train.py", "data/digits.csv.dvc"):
            (place / name).write_bytes((FOLDER / name).read_bytes())
    who = ["-c", "user.name=octocat", "-c", "user.email=octocat@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "Begin"]):
        subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
