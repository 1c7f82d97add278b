"""The house as the pages describe it: verbs, options, settings, documents, promises, layers."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import click
import pytest

from interlock import cli, documents, errors, manifests, settings
from interlock.ledger import records
from tests.docs import documents as printed
from tests.docs import pages, picture
from tests.docs.pages import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = ROOT / "docs" / "reference"
RUNNERS = sorted((ROOT / "runners").rglob("*.md"))
# What a verb has no part of, and why.
_NO_COMMAND = {
    "sandbox": "it serves github_sandbox, and decides nothing",
    "demo": "it is a room of its own: interlock.demo",
}
_TESTED_ELSEWHERE = {
    "plan": ("tests/properties", "held against DVC, on real repositories"),
    "sandbox": ("tests/sandbox", "a room of its own"),
    "demo": ("tests/demo", "checked from outside, a process of its own"),
}


@pytest.mark.parametrize("verb", cli.VERBS)
def test_verb__has_its_page_its_command_line_its_command_and_its_tests(verb: str) -> None:
    assert (REFERENCE / f"{verb}.md").is_file()
    command = importlib.import_module(f"interlock.cli.{verb}").command
    assert isinstance(command, click.Command)
    if verb not in _NO_COMMAND:
        importlib.import_module(f"interlock.commands.{verb}")
    tests = ROOT / "tests" / "unit" / "commands" / f"test_{verb}.py"
    if not tests.is_file():
        assert verb in _TESTED_ELSEWHERE
        assert list((ROOT / _TESTED_ELSEWHERE[verb][0]).glob("test_*.py"))


def _leaves(command: click.Command) -> list[click.Command]:
    if not isinstance(command, click.Group):
        return [command]
    return [leaf for each in command.commands.values() for leaf in _leaves(each)]


@pytest.mark.parametrize("verb", cli.VERBS)
def test_page__names_every_option(verb: str) -> None:
    text = (REFERENCE / f"{verb}.md").read_text(encoding="utf-8")
    command = importlib.import_module(f"interlock.cli.{verb}").command
    options = {
        name
        for leaf in _leaves(command)
        for parameter in leaf.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    }
    assert {name for name in options if name not in text} == set()


@pytest.mark.parametrize("page", [REFERENCE / "cli.md", ROOT / "README.md"], ids=pages.name)
def test_page__lists_every_verb(page: Path) -> None:
    listed = re.findall(r"^\| \[`(\w+)`\]", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == list(cli.VERBS)


@pytest.mark.parametrize("page", [REFERENCE / "cli.md", ROOT / "README.md"], ids=pages.name)
def test_page__describes_each_verb_as_its_help_does(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[`(\w+)`\]\([\w/]+\.md\) \| (.*) \|$", text, re.MULTILINE)
    assert dict(listed) == cli.VERBS


@pytest.mark.parametrize("verb", cli.VERBS)
def test_help__of_a_verb_begins_with_its_line(verb: str) -> None:
    command = importlib.import_module(f"interlock.cli.{verb}").command
    assert " ".join(command.help.split()).startswith(cli.VERBS[verb])


def test_settings_page__names_every_variable_that_is_read() -> None:
    read: set[str] = set()

    class Watched(dict[str, str]):
        """Remembers the names that are read."""

        def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
            read.add(key)
            return default

    settings.read(Watched())
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))
    assert listed == read


def test_exit_codes_page__has_every_error_with_its_code() -> None:
    text = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    _, _, table = text.partition("## Errors and their codes")
    rows = re.findall(r"^\| (`.*`) \| (\d+) \|$", table, re.MULTILINE)
    listed = {name: int(code) for names, code in rows for name in re.findall(r"`(\w+)`", names)}
    known = _below(errors.InterlockError)
    assert listed == {error.__name__: error.exit_code for error in known}


def _below(error: type[errors.InterlockError]) -> list[type[errors.InterlockError]]:
    subclasses = error.__subclasses__()
    return [each for each in subclasses if each.__module__ == "interlock.errors"] + [
        below for each in subclasses for below in _below(each)
    ]


def test_exit_codes_page__has_every_code() -> None:
    text = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (\d+) \| `(EXIT_\w+)` \|", text, re.MULTILINE))
    known = {str(v): k for k, v in vars(errors).items() if k.startswith("EXIT_")}
    assert listed == known


def test_documents_page__has_every_document_and_each_has_a_schema() -> None:
    text = (REFERENCE / "documents.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(interlock/[a-z-]+/v\d+)` \| `([\w.-]+)` \|", text, re.MULTILINE)
    source = "".join(p.read_text() for p in (ROOT / "src" / "interlock").rglob("*.py"))
    named = set(re.findall(r'"(interlock/[a-z-]+/v\d+)"', source)) - {"interlock/fingerprint/v2"}
    assert {name for name, _ in listed} == named >= set(documents.SCHEMAS.values())
    for name, file in listed:
        schema = printed.schema(name)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert (printed.SCHEMAS / file).is_file()
        assert re.fullmatch(schema["properties"]["schema"]["pattern"], name)


def _kinds() -> set[tuple[str, str]]:
    return {(record.area, record.schema) for record in records.RECORDS.values()}


def test_ledger_page__has_every_kind_of_record() -> None:
    text = (REFERENCE / "ledger.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([a-z]+)/<?[a-z-].*?\.json` \| .*?`(interlock/.*?)`", text, re.MULTILINE
    )
    assert set(rows) == _kinds()


def test_documents_page__has_the_area_of_every_kind_of_record() -> None:
    text = (REFERENCE / "documents.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(interlock/.*?)` .* ledger: `([a-z]+)/` \|$", text, re.MULTILINE)
    assert {(area, schema) for schema, area in rows} == _kinds()


ARCHITECTURE = ROOT / "docs" / "explanation" / "architecture.md"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]


@pytest.mark.parametrize("container", ["interlock", "interlock.domain"])
def test_architecture_page__has_the_layers_of_the_contract(container: str) -> None:
    (layers,) = (c["layers"] for c in CONTRACTS if c.get("containers") == [container])
    text = ARCHITECTURE.read_text(encoding="utf-8")
    shown = re.search(rf"<!-- layers: {container} -->\n```text\n(.*?)```", text, re.DOTALL)
    assert shown
    assert shown[1].splitlines() == layers


def test_architecture_page__has_every_folder_of_two_levels_and_every_module() -> None:
    rows = re.findall(r"^\| `([\w./<>]+)` \|", ARCHITECTURE.read_text("utf-8"), re.MULTILINE)
    package = ROOT / "src" / "interlock"
    files = [
        path.relative_to(package) for path in package.rglob("*") if "__pycache__" not in path.parts
    ]
    folders = {path for path in files if (package / path).is_dir() and len(path.parts) < 3}
    rooms = {
        re.sub(r"^(cli|commands)/\w+", r"\1/<verb>", path.as_posix()) + "/" for path in folders
    }
    rooms |= {path.name for path in package.glob("*.py") if not path.name.startswith("__")}
    assert sorted(rows) == sorted(rooms)


def test_architecture_page__names_files_that_exist() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    package = ROOT / "src" / "interlock"
    for path in re.findall(r"`([\w/]+\.py)`", text):
        assert (package / path).is_file(), path
    for path in re.findall(r"`((?:src|tests|adapters|domain)/[\w/]*)`", text):
        assert (ROOT / path).is_dir() or (package / path).is_dir(), path


@pytest.mark.parametrize("line", ["uv run interlock demo", "uv run pytest"])
def test_readme__has_each_of_the_two_lines_in_a_block_of_its_own(line: str) -> None:
    texts = [block.text for block in pages.blocks(ROOT / "README.md")]
    assert texts.count(f"pip install uv && {line}\n") == 1


def test_readme__its_line_of_tests_is_what_ci_runs() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "pip install uv && uv run pytest" in lines


def test_readme__promises_name_tests_that_exist() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*?) \| (.*) \|$", README, re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 11))
    for number, _, held in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", held)
        assert named or held.startswith("not built yet"), f"promise {number} has no test"


@pytest.mark.parametrize("page", [*pages.all_pages(), *RUNNERS], ids=pages.name)
def test_page__names_tests_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path, test in re.findall(r"\b(tests/[\w/]+\.py)(?:::(\w+))?", text):
        source = (ROOT / path).read_text(encoding="utf-8")
        definition = rf"^\s*(async )?def {test}\(" if test else ""
        assert re.search(definition, source, re.MULTILINE), f"{path}::{test}"


def test_readme__manifest_is_sound_and_short() -> None:
    blocks = [b.text for b in pages.blocks(ROOT / "README.md") if b.language == "yaml"]
    (text,) = (text for text in blocks if "\nmodel: " in text)
    manifest, diagnostics = manifests.read(text.encode(), path="model-manifests/digits/model.yaml")
    assert manifest is not None
    assert diagnostics == ()
    assert len(text.splitlines()) <= 21


def test_readme__picture_is_the_golden_comment() -> None:
    assert picture.shown() == picture.render(), "uv run python -m tests.docs.picture"


def test_readme__extras_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = re.findall(r"^\| `(\w+)` \| [^|]*\|[^|]*\|$", README, re.MULTILINE)
    assert listed == list(project["optional-dependencies"])
