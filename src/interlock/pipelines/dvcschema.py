"""Schemas of dvc.yaml, dvc.lock and .dvc files of DVC 3: the same as `dvc.schema`, without DVC.

A test compares both on the same valid and invalid files. DVC's published JSON Schema lags behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlock.pipelines.shapes import (
    Chosen,
    Either,
    Fields,
    ListOf,
    MapOf,
    One,
    ValueShape,
    is_text,
)

_TEXT = One("a text", is_text)
_FLAG = One("true or false", lambda value: isinstance(value, bool))
_COUNT = One("a whole number", lambda value: isinstance(value, int))
_EMPTY = One("nothing", lambda value: value is None)
_ANY = One("anything", lambda _: True)
_LIST = One("a list", lambda value: isinstance(value, list))
_MAPPING = One("a mapping", lambda value: isinstance(value, dict))
_TEXTS = ListOf(_TEXT)
_TEXT_OR_LIST = Either((_TEXT, _LIST))
_VERSION = "2.0"


def _is_checksum(value: Any) -> bool:
    """Nothing, or at least three characters; a number is taken for its digits."""
    if value is None:
        return True
    if isinstance(value, int):
        return isinstance(value, bool) or value >= 100 or value <= -10
    return is_text(value) and len(value) not in (1, 2)


def _is_version(value: Any) -> bool:
    return is_text(value) and bool(value == _VERSION)


_CHECKSUM = One("a checksum", _is_checksum)
_CHECKSUMS: dict[str, ValueShape] = dict.fromkeys(("md5", "checksum", "etag"), _CHECKSUM)
_META: dict[str, ValueShape] = {
    "size": _COUNT,
    "nfiles": _COUNT,
    "isexec": _FLAG,
    "version_id": _TEXT,
}
_ANNOTATION: dict[str, ValueShape] = {"desc": _TEXT, "type": _TEXT, "labels": _TEXTS, "meta": _ANY}
_CLOUD = MapOf(Fields(_META | _CHECKSUMS), most=1)
_FILES = ListOf(
    Fields({**_CHECKSUMS, **_META, "relpath": _TEXT, "cloud": _CLOUD}, frozenset({"relpath"}))
)

# Stages, as they are written: templates are not filled in yet.
_OUT: dict[str, ValueShape] = {
    **_ANNOTATION,
    **dict.fromkeys(("cache", "persist", "checkpoint", "push"), _FLAG),
    "remote": _TEXT,
}
_OUTS = ListOf(Either((_TEXT, MapOf(Fields(_OUT)))))
_PLOT = Fields(
    {
        **_OUT,
        **dict.fromkeys(("template", "x", "y", "x_label", "y_label", "title"), _TEXT),
        "header": _FLAG,
    }
)
_VARS = ListOf(Either((_TEXT, _MAPPING)))
STAGE = Fields(
    {
        "cmd": _TEXT_OR_LIST,
        "wdir": _TEXT,
        "deps": _TEXTS,
        "params": _VARS,
        "vars": _VARS,
        "outs": _OUTS,
        "metrics": _OUTS,
        "plots": ListOf(Either((_TEXT, MapOf(Either((_PLOT, ListOf(_PLOT))))))),
        "frozen": _FLAG,
        "always_changed": _FLAG,
        "meta": _ANY,
        "desc": _TEXT,
        "matrix": MapOf(_TEXT_OR_LIST),
    },
    frozenset({"cmd"}),
)
"""A stage without foreach."""
_GROUP = Fields(
    {"foreach": Either((_MAPPING, _LIST, _TEXT)), "do": STAGE}, frozenset({"foreach", "do"})
)


def _stage(value: Any) -> ValueShape:
    is_group = isinstance(value, Mapping) and bool({"foreach", "do"} & value.keys())
    return _GROUP if is_group else STAGE


_TOP_PLOT = Fields(
    {
        "x": Either((_TEXT, MapOf(_TEXT))),
        "y": Either((_TEXT, _TEXTS, MapOf(Either((_TEXT, _TEXTS))))),
        **dict.fromkeys(("x_label", "y_label", "title", "template"), _TEXT),
    }
)
PIPELINE = Fields(
    {
        "stages": MapOf(Chosen(_stage)),
        "vars": _VARS,
        "params": _TEXTS,
        "metrics": _TEXTS,
        "plots": ListOf(Either((_TEXT, MapOf(Either((_TOP_PLOT, _EMPTY)), least=1)))),
        "artifacts": MapOf(Fields({"path": _TEXT, **_ANNOTATION}, frozenset({"path"}))),
        "datasets": _ANY,
    }
)
"""A dvc.yaml."""

_LOCKED: dict[str, ValueShape] = {
    **_CHECKSUMS,
    **_META,
    "path": _TEXT,
    "cloud": _CLOUD,
    "files": _FILES,
    "hash": _TEXT,
    "dataset": _MAPPING,
}
_LOCKED_PATHS = ListOf(Fields(_LOCKED, frozenset({"path"})))
LOCK = Fields(
    {
        "schema": One(f'"{_VERSION}"', _is_version),
        "stages": MapOf(
            Fields(
                {
                    "cmd": _TEXT_OR_LIST,
                    "deps": _LOCKED_PATHS,
                    "params": MapOf(MapOf(_ANY)),
                    "outs": _LOCKED_PATHS,
                },
                frozenset({"cmd"}),
            )
        ),
        "datasets": _ANY,
    },
    frozenset({"schema"}),
)
"""A dvc.lock."""

_ARTIFACT: dict[str, ValueShape] = {
    **_CHECKSUMS,
    **_META,
    "path": _TEXT,
    "persist": _FLAG,
    "cloud": _CLOUD,
    "hash": _TEXT,
    "files": _FILES,
    "fs_config": _MAPPING,
}
_TEXT_OR_MAPPING = Either((_TEXT, _MAPPING))
_REPOSITORY = Fields(
    {
        **dict.fromkeys(("url", "rev", "rev_lock"), _TEXT),
        **dict.fromkeys(("config", "remote"), _TEXT_OR_MAPPING),
    },
    frozenset({"url"}),
)
_DATABASE = Fields(dict.fromkeys(("query", "connection", "file_format", "table"), _TEXT))
POINTER = Fields(
    {
        "md5": _CHECKSUM,
        "wdir": Either((_TEXT, _EMPTY)),
        "deps": Either(
            (ListOf(Fields({**_ARTIFACT, "repo": _REPOSITORY, "db": _DATABASE})), _EMPTY)
        ),
        "outs": Either(
            (
                ListOf(
                    Fields(
                        {
                            **_ARTIFACT,
                            **_ANNOTATION,
                            **dict.fromkeys(("cache", "push"), _FLAG),
                            "remote": _TEXT,
                        }
                    )
                ),
                _EMPTY,
            )
        ),
        **dict.fromkeys(("locked", "frozen", "always_changed"), _FLAG),
        "meta": _ANY,
        "desc": _TEXT,
    }
)
"""A .dvc file."""
