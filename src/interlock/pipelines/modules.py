"""Find the imports of a Python source in a tree; it is read statically, never imported."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from interlock.domain.basics import parse_limits
from interlock.pipelines import paths, python


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: `from ..a import b` has module "a", level 2 and names ("b",)."""

    module: str
    level: int
    names: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """`finds_its_way` says that it puts folders on sys.path itself; `texts` are its short strings
    with their lines, `commands` the shell texts that it starts programs with; `written` are those
    of `texts` that only name files to write."""

    imports: tuple[Import, ...]
    finds_its_way: bool
    texts: tuple[tuple[str, int], ...] = ()
    commands: tuple[str, ...] = ()
    written: frozenset[str] = frozenset()


_MAX_TEXT = 250


class _Text(ast.Constant):
    value: str


_STATEMENT = re.compile(
    r"^[ \t]*+(?:from[ \t]++(\.*+)([\w.]*+)[ \t]++import[ \t]*+(?:\(([^()]*+)\)|([^\n#;]*+))"
    r"|import[ \t]++([^\n#;]*+))",
    re.MULTILINE,
)


def scan(data: bytes, *, path: str = "") -> ModuleSource:
    """Return possible imports quickly, including some that are not imports.

    Use `parse` for messages: this function reads text inside strings as code.
    """
    del path
    text = data.decode("utf-8", "replace")
    imported: list[Import] = []
    for dots, module, inside, names, plain in _STATEMENT.findall(text):
        if plain:
            imported += [Import(name, 0, (), 0) for name in _firsts(plain)]
        else:
            imported.append(Import(module, len(dots), _firsts(inside or names), 0))
    return ModuleSource(tuple(imported), "sys.path" in text)


def parse(data: bytes, *, path: str = "") -> ModuleSource:
    """Return the imports of a source with their lines; what Python cannot parse imports nothing.

    Raises TooMuch for a source that is too long to be looked into.
    """
    parse_limits.PROGRAM.require(len(data))
    try:
        tree = python.tree(data, path=path or "<source>")
    except (SyntaxError, ValueError):
        return ModuleSource((), finds_its_way=False)
    nodes = list(ast.walk(tree))
    texts = tuple((n.value, n.lineno) for n in nodes if _is_short_text(n))
    return ModuleSource(
        tuple(imported for node in nodes for imported in _imports(node)),
        b"sys.path" in data,
        texts,
        tuple(text for node in nodes if (text := _command(node))),
        _only_written(nodes, Counter(text for text, _ in texts)),
    )


def _only_written(nodes: Iterable[ast.AST], counts: Mapping[str, int]) -> frozenset[str]:
    """Return texts that name a file to write, for example `open(…, "w")`, at each of their places;
    `counts` has all texts. The earlier content of such a file has no effect."""
    writes = Counter(text for node in nodes if (text := _written(node)))
    return frozenset(text for text, count in writes.items() if count == counts[text])


def _written(node: ast.AST) -> str:
    """Return the name of a file that a call truncates, '' for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    name, words = _called(node), node.args
    if name in _WRITERS:
        owner = getattr(node.func, "value", None)
        words = owner.args if isinstance(owner, ast.Call) and _called(owner) == "Path" else []
        words = words if len(words) == 1 else []
    elif name in _SAVERS:
        words = words[_SAVERS[name] :]
    elif not (isinstance(node.func, ast.Name) and name == "open" and _truncates(node)):
        return ""
    value = getattr(words[0], "value", None) if words else None
    return value if isinstance(value, str) else ""


def _truncates(node: ast.Call) -> bool:
    """True for a constant mode such as "w" or "wb" beside the name; "w+" may also be read back,
    but only after it was truncated."""
    modes = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "mode")]
    mode = getattr(modes[0], "value", None) if modes and node.args else None
    return isinstance(mode, str) and mode[:1] in {"w", "x"}


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, 0, (), node.lineno)
    elif isinstance(node, ast.ImportFrom):
        names = tuple(alias.name for alias in node.names)
        yield Import(node.module or "", node.level, names, node.lineno)
    elif isinstance(node, ast.Call) and _called(node) in _IMPORTERS and node.args:
        name = getattr(node.args[0], "value", None)
        if isinstance(name, str) and name and not name.startswith("."):
            yield Import(name, 0, (), node.lineno)


_IMPORTERS = frozenset(("import_module", "__import__", "run_module"))
_WRITERS = frozenset(("write_text", "write_bytes"))
_SAVERS = {"savefig": 0, "to_parquet": 0, "save_model": 0, "dump": 1, "save": 1}
"""Calls that replace a file, with the place of its name among the arguments: of Matplotlib,
pandas, XGBoost; `joblib.dump(model, name)`, `torch.save(model, name)`."""
_STARTERS = frozenset(("system", "popen", "Popen", "run", "call", "check_call", "check_output"))


def _called(node: ast.Call) -> str:
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
    return name if isinstance(name, str) else ""


def _is_short_text(node: ast.AST) -> TypeGuard[_Text]:
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and "\n" not in value


def _command(node: ast.AST) -> str:
    """The shell text of `os.system("…")` and `subprocess.run(["…", "…"])`, '' for anything else.

    `sys.executable` is Python; what only the running program knows ends the list.
    """
    if not isinstance(node, ast.Call) or _called(node) not in _STARTERS or not node.args:
        return ""
    first = node.args[0]
    if isinstance(first, ast.Constant):
        return first.value if isinstance(first.value, str) else ""
    words = []
    for item in first.elts if isinstance(first, ast.List | ast.Tuple) else ():
        value = getattr(item, "value", None)
        if getattr(item, "attr", "") == "executable":
            value = "python"
        if not isinstance(value, str):
            break
        words.append(value)
    return shlex.join(words)


def _firsts(text: str) -> tuple[str, ...]:
    """The first word of each part between commas, before `as`."""
    return tuple(words[0] for words in map(str.split, text.split(",")) if words)


def locate(
    wanted: Import, *, importer: str, roots: tuple[str, ...], files: Container[str]
) -> list[str]:
    """Return the files of the tree that an import runs: packages on the way, then the module.

    `roots` are the folders searched for absolute imports, in order. Nothing of the standard
    library or of installed packages is in the tree, so nothing is found for those.
    """
    if wanted.level:
        places = paths.ancestors(importer)
        if wanted.level > len(places):
            return []
        return _below(places[wanted.level - 1], wanted.module, wanted.names, files)
    for place, root in enumerate(roots):
        # The program's own folder comes before the standard library; the others come after it.
        if place and wanted.module.partition(".")[0] in sys.stdlib_module_names:
            continue
        located = _below(root, wanted.module, wanted.names, files)
        if located:
            return located
    return []


def _below(root: str, module: str, names: tuple[str, ...], files: Container[str]) -> list[str]:
    located: list[str] = []
    place = root
    for part in module.split(".") if module else ():
        place = f"{place}/{part}" if place else part
        if f"{place}/__init__.py" in files:
            located.append(f"{place}/__init__.py")
        elif f"{place}.py" in files:
            return [*located, f"{place}.py"]
        elif place not in files:
            return located
    if not module and f"{place}/__init__.py" in files:
        located.append(f"{place}/__init__.py")
    for name in names:
        inside = f"{place}/{name}" if place else name
        ends = (f"{inside}.py", f"{inside}/__init__.py")
        located += [end for end in ends if end in files][:1]
    return located
