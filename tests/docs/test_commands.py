"""What the pages tell a reader to type, typed: in one world a chain of pages, in their order."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import filelock
import pytest

from interlock import cli
from tests import kept_demo
from tests.docs import documents, pages, session
from tests.docs.pages import ROOT, Block
from tests.docs.session import Session

# Each chain is one reader's afternoon. The demo's takes a minute by itself.
CHAINS = {
    "acme": (
        "docs/how-to/add-your-model.md",
        "docs/how-to/roll-back.md",
        "docs/reference/dashboard.md",
    ),
    "adopt": ("docs/how-to/adopt-a-dvc-repository.md",),
    "demo": ("docs/tutorial.md",),
}
_SHELLS = {"console", "sh", "bash", ""}
_ALLOWED = {"interlock", "git", "dvc", "python", "cd", "export", "sed", "mv", "cat", "ls"}


# What no page shows, and every page about documents promises.
DOCUMENTS = (
    "validate",
    "plan",
    "plan --base main~1",
    "train spam",
    "evaluate spam",
    "promote --rev HEAD",
    "ledger show spam",
    "ledger log",
    "ledger log spam",
    "ledger verify",
    "dashboard --dry-run",
)


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Iterator[Session]:
    """The reader of the chain `acme`, whom all workers follow, one after another."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if base.name.startswith("popen-") else base) / "reader"
    with filelock.FileLock(f"{place}.lock"), session.kept(place, programs) as reader:
        yield reader


def _follow(reader: Session, *, last: str) -> None:
    """Read the pages of the chain up to one, without those that were read before."""
    chain = CHAINS["acme"]
    for name in chain[len(reader.pages) : chain.index(last) + 1]:
        reader.read(ROOT / name)
        reader.pages.append(name)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", CHAINS["acme"])
def test_pages__show_the_life_of_a_model_of_your_own(reader: Session, page: str) -> None:
    _follow(reader, last=page)
    for document in reader.documents:
        documents.check(document)


def test_page__takes_a_repository_of_yours_to_a_promotion(tmp_path: Path, programs: Path) -> None:
    with session.kept(tmp_path, programs) as reader:
        for name in CHAINS["adopt"]:
            reader.read(ROOT / name)


@pytest.mark.timeout(600)
def test_documents__of_the_life_of_a_model_are_those_that_pages_promise(reader: Session) -> None:
    _follow(reader, last=CHAINS["acme"][-1])
    code, paths = reader.run("git ls-tree -r --name-only origin/interlock-ledger")
    records = [f"ledger show {path}" for path in paths.splitlines() if path.endswith(".json")]
    assert (code, len(records) > 5) == (0, True)
    for arguments in (*DOCUMENTS, *records):
        code, output = reader.run(f"interlock {arguments} --json", together=False)
        assert code == 0, arguments
        documents.check(json.loads(output))


@pytest.mark.timeout(600)  # the demo takes a minute, and several on a machine that is busy
def test_pages__show_the_files_of_the_demo(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    demo = kept_demo.folder(tmp_path_factory)
    reader = Session(tmp_path / "demo")
    (reader.folder / "story").symlink_to(demo / "kept")
    output = (demo / "stderr").read_text()
    reader.known["interlock demo --keep story"] = (int((demo / "code").read_text()), output)
    for name in CHAINS["demo"]:
        reader.read(ROOT / name)
    documents.check(json.loads((demo / "stdout").read_text()))
    for document in reader.documents:
        documents.check(document)


def test_chains__hold_every_page_that_names_a_world() -> None:
    named = {pages.name(page): pages.world(page) for page in pages.all_pages()}
    assert {name: world for name, world in named.items() if world} == {
        name: world for world, chain in CHAINS.items() for name in chain
    }


def _console() -> Iterator[Block]:
    for page in pages.all_pages():
        yield from (b for b in pages.blocks(page) if b.language == "console")


@pytest.mark.parametrize("block", list(_console()), ids=lambda block: block.place)
def test_console_block__is_run_or_says_why_not(block: Block) -> None:
    assert "no-run" in block.directives or pages.world(block.page), (
        "put <!-- no-run: reason --> above it, or <!-- world: name --> on the page"
    )
    if "no-run" not in block.directives:
        commands = [command.text for command in pages.commands(block)]
        assert commands, "a console block has commands: lines that begin with `$ `"
        assert {text.split()[0] for text in commands} <= _ALLOWED


def _typed() -> Iterator[tuple[str, str]]:
    """Every interlock command in any block of any page, with its place."""
    for page in pages.all_pages():
        for block in pages.blocks(page):
            text = block.text.replace("\\\n", " ")
            for line in text.splitlines() if block.language in _SHELLS else ():
                if match := re.match(
                    r"(?:\$ |pip install uv && )?(?:uv run )?(interlock .*)", line
                ):
                    yield block.place, match[1]


@pytest.mark.parametrize(("place", "line"), list(_typed()))
def test_command__is_one_of_the_programs(place: str, line: str) -> None:
    """Verb and options exist; usage lines have brackets, which are taken away."""
    words = [w.strip("[]") for w in shlex.split(re.sub(r"[|;&>#].*", "", line), comments=True)]
    command: click.Command = cli.group
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        below = command.get_command(click.Context(command), rest.pop(0))
        assert below is not None, f"{place}: no such command: {line}"
        command = below
    known = {name for param in command.params for name in param.opts} | {"--help", "-h"}
    known |= {"--version"} if command is cli.group else set()
    used = {word.split("=")[0] for word in rest if word.startswith("--")}
    assert used <= known, f"{place}: {line}"


@pytest.mark.parametrize(
    ("shown", "output", "missing"),
    [
        (("a b", "c"), ["a  b", "x", "c"], None),
        (("c", "a b"), ["a b", "c"], "a b"),
        (("trained in 1.0 s",), ["trained in 2.5 s"], None),
        (("evidence of 9e703729f1aa exists",), ["evidence of 45fd321161bb exists"], None),
        (("spam  promoted ...",), ["spam  promoted  version 1"], None),
        (("spam  promoted",), ["spam  refused"], "spam  promoted"),
        (("version 1",), ["version 2"], "version 1"),
    ],
)
def test_first_missing__is_the_first_line_that_was_not_printed(
    shown: tuple[str, ...], output: list[str], missing: str | None
) -> None:
    assert session.first_missing(shown, output) == missing
