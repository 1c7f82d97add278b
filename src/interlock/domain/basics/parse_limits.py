"""Size limits for every text that Interlock parses, by name."""

from __future__ import annotations

from dataclasses import dataclass, replace


class TooMuch(ValueError):
    """A text is over a limit: the parser refuses it and stops.

    A ValueError, like the one that parsers raise for a text of another format.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class ParseLimit:
    """A maximum, `most`. `text` is the sentence of a refusal, with a placeholder for it."""

    most: int
    text: str
    hint: str = ""

    @property
    def sentence(self) -> str:
        return self.text.format(f"{self.most:,}")

    def refusal(self) -> TooMuch:
        return TooMuch(self.sentence, self.hint)

    def require(self, count: int) -> None:
        """Raise TooMuch for a count over the limit."""
        if count > self.most:
            raise self.refusal()


DEPTH = ParseLimit(
    50, "values are nested more than {} deep", "nothing here needs more than ten levels"
)
"""Python's and C's stacks are finite; DVC's own reader ends at a few times as many levels."""

_DATA = "keep data in a file that DVC tracks, and write its name here"
_FEW = "nothing here needs more than a few hundred; an alias (*name) counts as its whole value"


KEY = ParseLimit(1_000, "a key has more than {} characters", "is a value written as a key?")
RECORD_KEY = ParseLimit(100_000, "a key has more than {} characters")


@dataclass(frozen=True, slots=True)
class Size:
    """The largest size of one document; values and characters are counted after aliases are
    resolved."""

    bytes: ParseLimit
    values: ParseLimit
    characters: ParseLimit
    key: ParseLimit = KEY


def _size(*, bytes_: int, values: int, about_bytes: str, about_values: str) -> Size:
    twice = "the file has more than {} characters with its aliases expanded"
    return Size(
        bytes=ParseLimit(bytes_, "the file has more than {} bytes", about_bytes),
        values=ParseLimit(values, "the file has more than {} values", about_values),
        characters=ParseLimit(2 * bytes_, twice, "write each value out once"),
    )


SETTINGS = _size(
    bytes_=1_000_000,
    values=100_000,
    about_bytes="a file of settings is a few kilobytes; is this the right one?",
    about_values=_FEW,
)
"""Of a manifest and of the policy."""
FILE = _size(bytes_=10_000_000, values=250_000, about_bytes=_DATA, about_values=_DATA)
"""Of a file of DVC's, a parameter file, a lock of an environment."""
PROGRAM = ParseLimit(1_000_000, "the program has more than {} bytes", "split it")
"""Python takes two seconds for as many."""
NOTEBOOK = _size(
    bytes_=50_000_000,
    values=1_000_000,
    about_bytes="clear its outputs before it is committed",
    about_values="clear its outputs before it is committed",
)
RECORD = replace(
    _size(bytes_=50_000_000, values=1_000_000, about_bytes="", about_values=""), key=RECORD_KEY
)
"""Of one JSON document of Interlock, such as a candidate or a record of the ledger."""

NAMES = ParseLimit(
    20_000_000, "the names of its values have more than {} characters", "nest less, or shorter keys"
)
"""The name of a value contains all keys above it: long keys multiply."""
DIGITS = ParseLimit(
    4_300, "a whole number has more than {} digits", "quote it if it is not used as a number"
)
"""Python's own, https://docs.python.org/3/library/stdtypes.html#int-max-str-digits."""
DOTS = ParseLimit(16, "a dotted key has more than {} parts", "nest tables less deep")
BLANKS = ParseLimit(200, "more than {} spaces or tabs in a row", "remove them")
"""Where a pattern looks for the end of a word, it looks at a row of blanks once for each blank."""

STAGES = ParseLimit(
    10_000, "the file defines more than {} stages", "a matrix makes one for each combination"
)
"""Of one dvc.yaml, its groups (foreach, matrix) filled in."""
_VARS = "list in `vars` what the templates use, and no more"
VARS = ParseLimit(1_000_000, "a file of `vars` has more than {} bytes", _VARS)
VARS_VALUES = ParseLimit(50_000, "a file of `vars` has more than {} values", _VARS)
"""DVC's resolver reads them with a parser that takes a second for ten thousand values."""
FILLED = ParseLimit(
    50_000_000, "the file has more than {} characters with its templates filled in", _DATA
)
COMMAND = ParseLimit(131_071, "a command has more than {} bytes", "put it into a script")
"""Linux starts no program with a longer argument (MAX_ARG_STRLEN, execve(2)), and DVC gives the
command to a shell as one."""
SCRIPT = ParseLimit(1_000_000, "a script has more than {} characters", "split it")
SHELLS = ParseLimit(20, "shells are nested more than {} deep", "use a script")
VARIABLES = ParseLimit(1_000_000, "commands set variables more than {} times", "split it")
EXPANDED = ParseLimit(5_000_000, "a script has more than {} characters with its variables expanded")
RECIPES = ParseLimit(100_000, "the rules of a Makefile have more than {} lines", "split it")

PATTERNS = ParseLimit(1_000, "the file has more than {} patterns", "one may match many names")
PATTERN = ParseLimit(1_000, "a pattern has more than {} characters", "one may match many names")
STEPS = ParseLimit(
    2_000_000,
    "its patterns need more than {} comparisons with names",
    "use fewer, simpler patterns",
)
