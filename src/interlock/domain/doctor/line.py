"""One line of `interlock doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """WRONG needs a fix. UNKNOWN could not be checked, which is never OK."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class Topic(StrEnum):
    """What a line is about; `--only` selects topics."""

    MODELS = "models"
    DATA = "data"
    ROWS = "rows"
    PYTHON = "python"
    MLFLOW = "mlflow"
    PROVENANCE = "provenance"
    GITHUB = "github"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class SettingCheck:
    """One line of the result. `fix` is what to type or to click."""

    name: str
    mark: Mark
    sentence: str
    fix: str = ""


def ok(name: str, sentence: str) -> SettingCheck:
    return SettingCheck(name, Mark.OK, sentence)


def wrong(name: str, sentence: str, fix: str) -> SettingCheck:
    return SettingCheck(name, Mark.WRONG, sentence, fix)


def unknown(name: str, reason: str, fix: str = "") -> SettingCheck:
    """Return the line of something that was not looked at, which is never right."""
    return SettingCheck(name, Mark.UNKNOWN, f"not looked at: {reason}", fix)
