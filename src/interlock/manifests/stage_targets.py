"""Explains a target that is not a stage of its dvc.yaml, and suggests a stage."""

from __future__ import annotations

from collections.abc import Collection

from interlock.yaml_reader import suggestions
from interlock.yaml_reader.suggestions import Suggest, quote

_MOST_NAMED = 20


def unknown(
    target: str, path: str, stages: Collection[str], *, suggest: Suggest = suggestions.suggest
) -> tuple[str, str]:
    """Return the error of an unknown target, and a hint.

    One of many stages is `group@key`.
    """
    name, _, item = target.partition("@")
    members = [stage for stage in stages if stage.startswith(f"{name}@")]
    if members and item:
        hint = suggest(target, members[:_MOST_NAMED], otherwise=f"for example {members[0]}")
        return f"{path} has no stage {quote(target)}", hint
    if members:
        return f"{quote(name)} is many stages", f"name one of them: {members[0]}"
    if name in stages:
        message = f"stage {quote(name)} of {path} is one stage, with nothing after an @"
        return message, f"write {name}"
    names = dict.fromkeys(stage.partition("@")[0] for stage in stages)
    otherwise = f"its stages are {', '.join(names)}" if names else "it has no stages"
    return f"{path} has no stage {quote(name)}", suggest(name, names, otherwise=otherwise)
