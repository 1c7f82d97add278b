"""Resolves the name of a revision: a branch first, so that a tag cannot replace it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from interlock.adapters.git import program
from interlock.adapters.git.naming import Naming

# The name in front of `~1`, `^2`, `@{1}` or `:path`; "@" alone is HEAD.
_NAME = re.compile(r"^(?P<name>(?:(?!@\{)[^~^:])+)(?P<rest>.*)$", re.DOTALL)
_COMMIT = re.compile(r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")
_PSEUDO = re.compile(r"^(?:@|(?:[A-Z_]+_)?HEAD)$")
# An annotated tag is a separate object: the commit that it points to counts.
_LISTED = "%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end) %(refname)"
_SPELT_OUT = ("heads/", "tags/", "remotes/")


def is_commit_id(text: str) -> bool:
    return _COMMIT.match(text) is not None


def find(directory: Path, naming: Naming, revision: str) -> tuple[str | None, str]:
    """Return the commit that a revision names, None without one, and a warning or "".

    A plain name is a local branch, else a branch of origin, else the name that Git resolves (a tag,
    a short id). A name that begins with refs/ is exactly that ref. Git itself prefers tags.
    """
    parts = _NAME.match(revision)
    name, rest = (parts["name"], parts["rest"]) if parts else (revision, "")
    if (is_commit_id(name) or _PSEUDO.match(name)) and not rest:
        return naming.commit(name), ""
    if is_commit_id(name) or _PSEUDO.match(name) or name.startswith(_SPELT_OUT):
        return parse(directory, revision), ""
    if name.startswith("refs/"):
        commit = find_ref(directory, naming, name)
        return (parse(directory, revision) if commit and rest else commit), ""
    places = (f"refs/heads/{name}", f"refs/remotes/origin/{name}", f"refs/tags/{name}")
    known = {ref: commit for ref in places if (commit := find_ref(directory, naming, ref))}
    branch = next((ref for ref in places[:2] if ref in known), None)
    if branch is None:
        return parse(directory, revision), ""
    commit = parse(directory, branch + rest) if rest else known[branch]
    return commit, _warning(name, branch, known)


def find_ref(directory: Path, naming: Naming, ref: str) -> str | None:
    """Return the commit of a ref with this full name, None if there is no such ref.

    Git would search further: a tag may have the name refs/heads/main.
    """
    if is_commit_id(ref) or (naming.is_plain(ref) and not naming.is_searched(ref)):
        return naming.commit(ref)
    return parse(directory, ref) if _exists(directory, ref) else None


def parse(directory: Path, revision: str) -> str | None:
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    done = program.attempt(directory, *arguments)
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _exists(directory: Path, ref: str) -> bool:
    listed = program.attempt(directory, "for-each-ref", "--format=%(refname)", ref).stdout
    # A pattern also matches refs below it.
    return ref in listed.decode("utf-8", "surrogateescape").splitlines()


def below(directory: Path, *folders: str) -> dict[str, str]:
    """Return the commits of the refs below folders such as refs/heads/a/, by the rest of their
    names. A ref in a later folder counts before one of the same name in an earlier folder."""
    listed = program.run(directory, "for-each-ref", f"--format={_LISTED}", *folders)
    lines = (line.partition(" ") for line in listed.splitlines())
    refs = {ref: object_id for object_id, _, ref in lines}
    return {
        ref.removeprefix(folder): object_id
        for folder in folders
        for ref, object_id in refs.items()
        if ref.startswith(folder)
    }


def _warning(name: str, branch: str, known: Mapping[str, str]) -> str:
    tag = f"refs/tags/{name}"
    if known.get(tag, known[branch]) == known[branch]:
        return ""
    return (
        f"{name} is a branch and a tag; {branch} is taken, not {tag} (write it so to mean the tag)"
    )
