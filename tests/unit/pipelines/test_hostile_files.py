"""A file over a limit is its own model's problem: the model beside it is planned as ever."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from interlock.domain.training.plan import Decision, ModelPlan
from interlock.pipelines import globs, ignore, ini, makefile, modules, notebooks, programs, toml
from interlock.yaml_reader.file_errors import InvalidFile
from tests.unit.pipelines.history import HERE, MANIFEST, PIPELINE, Content, History, Link, model

OTHER = "model-manifests/letters"


def both(**changed: Content) -> dict[str, Content]:
    """Two models of one repository; `changed` are files of the first."""
    other = {
        path.replace("digits", "letters"): str(text).replace("digits", "letters")
        for path, text in model().items()
    }
    return {**other, **model(), **{f"{HERE}/{path}": text for path, text in changed.items()}}


def plans(history: History, files: dict[str, Content]) -> dict[str, ModelPlan]:
    base = history.commit(both())
    history.commit(files)
    return {m.model: m for m in history.plan(base).models}


def dvc(old: str, new: str) -> dict[str, Content]:
    assert old in PIPELINE
    return {f"{HERE}/dvc.yaml": PIPELINE.replace(old, new)}


def matrix(size: int) -> str:
    lists = ", ".join(f"m{n}: {list(range(size))}" for n in range(4))
    return f"{PIPELINE}  sweep:\n    matrix: {{{lists}}}\n    cmd: echo ${{key}}\n"


JSON = "params: [p.json: [a]]"
TOML = "params: [p.toml: [a]]"
PARAMS = "params: [train.c]"
HOSTILE: dict[str, tuple[dict[str, Content], str]] = {
    "thirty thousand folders": (
        dvc("deps: [", f"deps: [{'d/' * 30_000}f, "),
        "has more than 4,095 bytes",
    ),
    "blanks between dashes": ({f"{HERE}/dvc.yaml": "-  " * 30_000}, "dvc.yaml:1:148: values are n"),
    "brackets behind a quoted text": (
        {f"{HERE}/dvc.yaml": f'a: "{"]" * 100_000}"\nb: {"[" * 100_000}'},
        "dvc.yaml:2:52: values are nested more than 50 deep",
    ),
    "brackets behind a comment": (
        {f"{HERE}/dvc.yaml": f"# {']' * 100_000}\nb: {'[' * 100_000}"},
        "dvc.yaml:2:52: values are nested more than 50 deep",
    ),
    "nested parameters": (
        {f"{HERE}/params.yaml": "-  " * 30_000},
        "params.yaml:1:148: values are nested more than 50 deep",
    ),
    "ten million bytes": (
        {f"{HERE}/dvc.yaml": "# " + "x" * 10_000_000},
        "dvc.yaml:1:1: the file has more than 10,000,000 bytes",
    ),
    "many values": (
        {f"{HERE}/params.yaml": "a: [" + "1," * 250_001 + "]"},
        "params.yaml:1:4: the file has more than 250,000 values",
    ),
    "a long key": (
        {f"{HERE}/params.yaml": f"? {'k' * 1001}\n: 1\n"},
        "params.yaml:1:3: a key has more than 1,000 characters",
    ),
    "a long whole number": (
        {f"{HERE}/params.yaml": f"a:\n  b: {'9' * 5000}\n"},
        "params.yaml:2:6: a whole number has more than 4,300 digits",
    ),
    "a tag that does not fit": (
        {f"{HERE}/params.yaml": "a: !!timestamp 1\n"},
        "params.yaml:1:4: 1 is not a valid date",
    ),
    "a number that is none": (
        {f"{HERE}/params.yaml": "a: !!float x\n"},
        "params.yaml:1:4: 'x' is not a valid number",
    ),
    "names that multiply": (
        dvc(PARAMS, "params: [params.yaml: ]")
        | {
            f"{HERE}/params.yaml": f"{'k' * 999}: {{"
            + ", ".join(f"a{n}: 1" for n in range(30_000))
            + "}"
        },
        "the names of its values have more than 20,000,000 characters",
    ),
    "nested JSON": (
        dvc(PARAMS, JSON) | {f"{HERE}/p.json": '{"a":' + "[" * 900 + "]" * 900 + "}"},
        "p.json:1:1: values are nested more than 50 deep",
    ),
    "nested TOML": (
        dvc(PARAMS, TOML) | {f"{HERE}/p.toml": "a = " + "[" * 50_000},
        "p.toml:1:1: values are nested more than 50 deep",
    ),
    "dotted TOML": (
        dvc(PARAMS, TOML) | {f"{HERE}/p.toml": "a." * 30_000 + "a = 1"},
        "p.toml:1:1: a dotted key has more than 16 parts",
    ),
    "a matrix of millions": ({f"{HERE}/dvc.yaml": matrix(60)}, "defines more than 10,000 stages"),
    "a list of thousands": (
        {
            f"{HERE}/dvc.yaml": f"{PIPELINE}  many:\n    foreach: {list(range(10_000))}\n"
            "    do: {cmd: echo}\n"
        },
        "defines more than 10,000 stages",
    ),
    "templates that multiply": (
        dvc("python train.py", "${a}" * 10_000) | {f"{HERE}/params.yaml": f"a: {'x' * 10_000}"},
        "more than 50,000,000 characters with its templates filled in",
    ),
    "a command that no system starts": (
        dvc("python train.py", "env " * 40_000 + "x"),
        "a command has more than 131,071 bytes",
    ),
    "an absolute output": (
        dvc("[model,", "[/etc/x, model,"),
        "its output '/etc/x' is outside the repository",
    ),
    "an output above": (
        dvc("[model,", "[../../../x, model,"),
        "its output '../../../x' is outside the repository",
    ),
    "an output in .git": (
        dvc("[model,", "[../../.git/hooks/x, model,"),
        "its output '../../.git/hooks/x' is inside .git",
    ),
    "an output in .DVC": (dvc("[model,", "[.DVC/x, model,"), "its output '.DVC/x' is inside .DVC"),
    "an output that is all": (
        dvc("[model,", "[../.., model,"),
        "its output '../..' is the whole repository",
    ),
    "an output with a zero": (dvc("[model,", '["a\\0b", model,'), "no path may hold (U+0000)"),
    "an output on a drive": (
        dvc("[model,", "['C:\\x', model,"),
        "its output 'C:\\\\x' begins with the letter of a drive",
    ),
    "a long name": (dvc("[model,", f"[{'x' * 256}, model,"), "a name of more than 255 bytes"),
    "an output behind a link": (
        dvc("[model,", "[place/x, model,") | {f"{HERE}/place": Link("lib")},
        "its output 'place/x' is behind a link",
    ),
    "outputs in two letters": (
        dvc("[model,", "[MODEL, model,"),
        f"differs from {HERE}/model in upper and lower case only",
    ),
    "a dependency of two lines": (
        dvc("[train.py,", '["a\\nb", train.py,'),
        "its dependency 'a\\nb' holds a sign that no path may hold (U+000A)",
    ),
    "parameters of a file without a name": (
        dvc(PARAMS, 'params: ["a\\0.yaml": [a]]'),
        "its parameter file 'a\\x00.yaml' holds a sign that no path may hold",
    ),
    "a folder above": (
        dvc("cmd: python train.py", "wdir: ../../..\n    cmd: python train.py"),
        "its wdir ../../.. is outside the repository",
    ),
    "a folder of Git": (
        dvc("cmd: python train.py", "wdir: ../../.git\n    cmd: python train.py"),
        "its wdir '.git' is inside .git",
    ),
    "patterns of its own folder": (
        {f"{HERE}/.dvcignore": "*.log\n[z-a]\n"},
        f"{HERE}/.dvcignore:2:1: '[z-a]' is not a valid pattern for DVC",
    ),
    "a manifest that nests": (
        {f"{HERE}/model.yaml": "-  " * 30_000},
        "model.yaml:1: values are nested more than 50 deep",
    ),
    "a manifest of Git's own files": (
        {f"{HERE}/model.yaml": MANIFEST.replace("{model: model,", "{model: ../../.git,")},
        "the path '../../.git' is in .git",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_plan__one_hostile_file_is_one_models_problem(history: History, name: str) -> None:
    files, reason = HOSTILE[name]
    model_plans = plans(history, {**both(), **files})
    assert model_plans["letters"].decision is Decision.UNAFFECTED
    assert model_plans["digits"].decision is Decision.BLOCKED
    assert reason in model_plans["digits"].sentence


@pytest.mark.parametrize("path", ["dvc.yaml", "data.dvc", ".dvcignore", "dvc.lock", "params.yaml"])
@pytest.mark.parametrize("text", ["-  " * 30_000, "[" * 100_000, "!\n", "\0", "x" * 11_000_000])
def test_plan__a_strangers_file_is_nobodys_problem(history: History, path: str, text: str) -> None:
    model_plans = plans(history, {**both(), f"stranger/{path}": text})
    assert {m.decision for m in model_plans.values()} == {Decision.UNAFFECTED}


def test_plan__an_output_beside_a_link_is_sound(history: History) -> None:
    files = both(place=Link("lib")) | dvc("[model,", "[other/x, model,")
    assert plans(history, files)["digits"].decision is Decision.TRAIN


@pytest.mark.parametrize(
    "text",
    [
        "nohup " * 10_000 + "python a.py",
        "$(" * 1_000 + ")" * 1_000,
        "a=xx; " + "a=$a$a; " * 60 + "python $a",
        "a" * 30_000 + "\n" * 30_000 + "b",
        '")" "(" )',
        "bash -c " * 100 + "x",
        "a=1; x; " * 15_000,
        " ".join(f"a{n}=1; x;" for n in range(8_000)),
        "echo " + "\ue000(dirname " * 5_000,
        'x "$(' + "dirname " * 10_000 + ')"',
    ],
)
def test_command__that_would_take_for_ever_is_read_or_unseen(text: str) -> None:
    assert isinstance(programs.of_text(text, ""), tuple)


def test_command__whose_shells_nest_too_deep_is_unseen() -> None:
    text = "x"
    for _ in range(25):
        text = f"y $({text})"
    (run,) = programs.of_text(text, "")
    assert (run.programs, run.harmless) == ((), False)


@pytest.mark.parametrize("read", [toml.read, ini.read])
@pytest.mark.parametrize("text", ["[" * 50_000, "x" * 11_000_000, "a" + " " * 50_000 + "b", "\0"])
def test_settings__that_cannot_be_read_are_a_value_error(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(ValueError):  # noqa: PT011 - each parser has words of its own
        read(text)


def test_toml__many_long_keys() -> None:
    """Of 91 parts each they took 16 s, though none was longer than a key might be then."""
    with pytest.raises(ValueError, match="a dotted key has more than 16 parts"):
        toml.read("".join(f"[a{'.b' * 90}.c{n}]\n" for n in range(50_000)))


@pytest.mark.parametrize("first", [b"", b"\n", b"#!/usr/bin/env python\r\n"])
@pytest.mark.parametrize("name", [b"coding: punycode", b"-*- coding: Punycode -*-", b"coding=idna"])
def test_programs__an_encoding_that_takes_minutes_is_none(first: bytes, name: bytes) -> None:
    slow = first + b"# " + name + b"\n-" + b"b" * 980_000
    assert modules.parse(slow) == modules.ModuleSource((), finds_its_way=False)


def test_toml__quoted_and_spaced_keys_are_counted_and_texts_are_not() -> None:
    with pytest.raises(ValueError, match="more than 16 parts"):
        toml.read('"a" . ' * 200 + "a = 1")
    assert toml.read(f'a = "{"x" * 500_000}"\nb = "{"." * 500}"\n').keys() == {"a", "b"}
    with pytest.raises(ValueError, match="4,300 digits"):
        toml.read("a = " + "9" * 5_000)


def test_makefile__its_rules_are_counted() -> None:
    many = " ".join(f"t{n}" for n in range(2_000))
    with pytest.raises(ValueError, match="more than 100,000 lines"):
        makefile.read_makefile((f"{many}:\n" + "\tx\n" * 100).encode())
    with pytest.raises(ValueError, match="with its variables expanded"):
        makefile.read_makefile(b"a = " + b"x" * 10_000 + b"\nall:\n\t" + b"$(a)" * 1_000)
    sound = makefile.read_makefile(b"all: a\n\techo $(MAKE)\nall: b ; echo c # d\n")
    assert sound.recipes(()) == ("echo make", "echo c # d")
    assert sound.needs(()) == ("a", "b")


def test_program__too_long_to_be_looked_into_is_unseen(history: History) -> None:
    history.commit(model(**{"train.py": "import lib.a\n" + "x = 1\n" * 200_000}))
    (text,) = (w for w in history.plan(None).models[0].warnings if "cannot see" in w)
    assert f"what code `{HERE}/train.py` runs" in text


def test_make__that_runs_itself_ends(history: History) -> None:
    files = model(PIPELINE.replace("python train.py", "make all", 1).replace("[train.py,", "["))
    files[f"{HERE}/Makefile"] = "all:\n" + "\t$(MAKE) all\n" * 1_000
    history.commit(files)
    assert "Makefile" in "".join(history.plan(None).models[0].warnings)


def test_notebook__larger_than_any_is_refused() -> None:
    with pytest.raises(ValueError, match="nested more than 50 deep"):
        notebooks.read_notebook(b"[" * 100_000)
    assert notebooks.read_notebook(b"[1").python == ""
    with pytest.raises(ValueError, match="1,000,000 bytes"):
        modules.parse(b"#" * 1_000_001)


SIGNS = st.text(alphabet="ab*?/[]!.-", min_size=1, max_size=8)
NAMES = st.text(alphabet="ab./-", min_size=1, max_size=8)


@given(SIGNS, st.lists(NAMES, max_size=8))
def test_pattern__matches_what_pathspec_matches(line: str, names: list[str]) -> None:
    try:
        theirs = GitIgnoreSpecPattern(line)
    except (ValueError, re.error):
        theirs = None
    if theirs is None:
        with pytest.raises(ValueError):  # noqa: PT011 - pathspec's and Python's words
            globs.read(line)
        return
    ours = globs.read(line)
    assert (ours is None) == (theirs.regex is None)
    if ours is not None and theirs.regex is not None:
        assert ours.include == theirs.include
        for name in names:
            assert bool(ours.regex.search(name)) == bool(theirs.regex.search(name)), name


def test_dvcignore__of_stars_ends_and_of_jumps_is_refused() -> None:
    long = "/".join(["a" * 100] * 30)
    assert not ignore.Ignore({".dvcignore": b"*a" * 30 + b"b\n"}).hides(long)
    many = ignore.Ignore({".dvcignore": b"/a/**/a/**/a/**/a/**/a/**/b\n"})
    with pytest.raises(InvalidFile, match=r"\.dvcignore:1:1: its patterns need more than"):
        many.hides("a/" * 500 + "c")


def test_dvcignore__of_too_many_or_too_long_patterns_is_refused_at_its_line() -> None:
    many = ignore.Ignore({"a/.dvcignore": b"x\n" * 1_001})
    with pytest.raises(InvalidFile, match=r"a/\.dvcignore:1001:1: the file has more than"):
        many.require("a/b/dvc.yaml")
    many.require("b/dvc.yaml")
    long = ignore.Ignore({".dvcignore": b"x\n" + b"y" * 1_001})
    with pytest.raises(InvalidFile, match=r":2:1: a pattern has more than 1,000 characters"):
        long.require("dvc.yaml")


@pytest.mark.parametrize("declared", ["data", "data/" + "d/" * 1_500 + "f"])
def test_folders_in_folders_without_end__are_planned(history: History, declared: str) -> None:
    deep = {"data/" + "d/" * 1_500 + "f": "1"}
    pipeline = dvc("deps: [", f"deps: [{declared}, ")[f"{HERE}/dvc.yaml"]
    planned = plans(history, both(**deep, **{"dvc.yaml": pipeline}))
    assert {name: one.decision for name, one in planned.items()} == {
        "digits": Decision.TRAIN,
        "letters": Decision.UNAFFECTED,
    }
