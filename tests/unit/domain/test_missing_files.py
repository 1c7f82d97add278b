"""What a failed program's output says about files that its stage does not declare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model import missing_files

TREE = frozenset(
    {"src", "src/acme", "src/acme/__init__.py", "src/acme/features.py", "Makefile"}
    | {"models", "models/m", "models/m/train.py", "models/m/config.json", "models/m/run.sh"}
    | {"models/m/lib", "models/m/lib/nets.py", "models/m/my file.txt", "models/shared.csv"}
    | {"models/m/fit.R", "models/m/words", "models/m/open", "requirements.txt"}
)

SAYS = {
    "FileNotFoundError: [Errno 2] No such file or directory: 'config.json'": "- config.json",
    'FileNotFoundError: [Errno 2] No such file or directory: "../shared.csv"': "- ../shared.csv",
    "FileNotFoundError: [Errno 2] No such file or directory: '/w/tree/models/m/words'": "- words",
    "python: can't open file '/w/tree/models/m/train.py': [Errno 2] No such file or directory": (
        "- train.py"
    ),
    "ModuleNotFoundError: No module named 'acme.features'": "- ../../src/acme/features.py",
    "ModuleNotFoundError: No module named 'acme'": "- ../../src/acme",
    "ModuleNotFoundError: No module named 'lib.nets'; 'lib' is not a package": "- lib/nets.py",
    "/usr/bin/python3: No module named acme.features": "- ../../src/acme/features.py",
    "ImportError: cannot import name 'nets' from 'lib' (unknown location)": "- lib/nets.py",
    "bash: line 1: ./run.sh: No such file or directory": "- run.sh",
    "/bin/sh: 1: ./run.sh: not found": "- run.sh",
    "sh: 0: cannot open run.sh": "- run.sh",
    "cat: my file.txt: No such file or directory": "- 'my file.txt'",
    "Fatal error: cannot open file 'fit.R': No such file or directory": "- fit.R",
    "  cannot open file ‘config.json’: No such file or directory": "- config.json",
    "Error: 'config.json' does not exist in current working directory ('/w/tree').": (
        "- config.json"
    ),
    "make: *** No rule to make target 'lib/nets.py', needed by 'train'.  Stop.": "- lib/nets.py",
    "make: *** No rule to make target `config.json'.  Stop.": "- config.json",
    "polars.exceptions: No such file or directory (os error 2): config.json": "- config.json",
    "Error: ENOENT: no such file or directory, open 'config.json'": "- config.json",
    "ERROR: Could not open requirements file: [Errno 2] No such file or directory: "
    "'../../requirements.txt'": "- ../../requirements.txt",
    "[NbConvertApp] WARNING | pattern 'config.json' matched no files": "- config.json",
    "FileNotFoundError: [Errno 2] No such file or directory: 'lib'": "- lib",
}


@pytest.mark.parametrize("message", SAYS)
def test_suggestions__name_the_line_that_deps_lack(message: str) -> None:
    output = f"Epoch 1 of 3\n{message}\nfailed to reproduce 'train'\n"
    (suggestion,) = missing_files.suggestions(
        output, present=TREE, declared=(), wdir="models/m", root="/w/tree/"
    )
    assert (suggestion.line, suggestion.output_line) == (SAYS[message], message.strip())


NOTHING = (
    "FileNotFoundError: [Errno 2] No such file or directory: 'other.json'",
    "FileNotFoundError: [Errno 2] No such file or directory: '/data/models/m/config.json'",
    "FileNotFoundError: [Errno 2] No such file or directory: '../../../config.json'",
    "ModuleNotFoundError: No module named 'torch'",
    "cannot open the words",
    "reading 'config.json'",
    '  File "/w/tree/models/m/train.py", line 3, in <module>',
    "",
)


@pytest.mark.parametrize("message", NOTHING)
def test_suggestions__of_what_is_not_there_or_did_not_fail_are_none(message: str) -> None:
    suggestions = missing_files.suggestions(
        message, present=TREE, declared=(), wdir="models/m", root="/w/tree"
    )
    assert suggestions == ()


def test_suggestions__absolute_paths_count_only_below_the_root_that_is_given() -> None:
    text = "No such file or directory: '/w/tree/models/m/words'"
    assert not missing_files.suggestions(text, present=TREE, declared=(), wdir="models/m")


def test_suggestions__name_each_file_once_and_in_order() -> None:
    output = "cannot open 'words'\ncannot open 'config.json'\nretrying\ncannot open 'words'\n"
    suggestions = missing_files.suggestions(output, present=TREE, declared=(), wdir="models/m")
    assert [s.path for s in suggestions] == ["models/m/words", "models/m/config.json"]


def test_suggestions__at_the_root_of_the_repository() -> None:
    text = "No module named 'acme.features'"
    (suggestion,) = missing_files.suggestions(text, present=TREE, declared=(), wdir="")
    assert suggestion.line == "- src/acme/features.py"


@given(
    message=st.sampled_from([*SAYS, *NOTHING]),
    declared=st.frozensets(st.sampled_from(sorted(TREE))),
    wdir=st.sampled_from(["", "models", "models/m"]),
)
def test_suggestions__are_in_the_revision_and_not_declared(
    message: str, declared: frozenset[str], wdir: str
) -> None:
    suggestions = missing_files.suggestions(
        message, present=TREE, declared=declared, wdir=wdir, root="/w/tree"
    )
    for one in suggestions:
        parts = one.path.split("/")
        assert one.path in TREE
        assert declared.isdisjoint("/".join(parts[: n + 1]) for n in range(len(parts)))
