"""Our schema of DVC's files accepts exactly what the installed DVC accepts, good and malformed."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dvc.schema import (
    COMPILED_LOCKFILE_SCHEMA,
    COMPILED_MULTI_STAGE_SCHEMA,
    COMPILED_SINGLE_STAGE_SCHEMA,
)
from dvc.utils.serialize import parse_yaml
from dvc.utils.strictyaml import YAMLValidationError, validate
from hypothesis import event, given, settings
from hypothesis import strategies as st

from interlock.pipelines import dvcschema
from interlock.pipelines.shapes import ValueShape
from interlock.yaml_reader import dvc

_EXAMPLES = int(os.environ.get("INTERLOCK_EXAMPLES", "40")) * 10

PIPELINE = """\
vars: [params.yaml, {size: 3, names: {a: x}}, "other.json:a,b"]
stages:
  prepare:
    cmd: [python a.py, python b.py]
    wdir: ../x
    deps: [a.py, data/rows.csv]
    params: [a, b.c, {other.yaml: [x, y]}, {whole.json: }]
    outs: [{out.csv: {cache: false, persist: true, push: false, remote: r, desc: d, type: t}}, b]
    frozen: false
    always_changed: true
    desc: What it does.
    meta: {any: [1, 2.5, null]}
  train:
    cmd: python train.py
    vars: [{a: 1}, more.yaml]
    outs: [model: {labels: [a, b], meta: {x: 1}, checkpoint: true}]
    metrics: [m.json, {n.json: {cache: false}}]
    plots: [p.csv, {q.csv: {x: a, y: b, x_label: c, y_label: d, title: t, template: u,
            header: false}},
            {r.csv: [{x: a}, {y: b, cache: true}]}]
  each:
    foreach: [a, {b: 1}]
    do: {cmd: "python ${item}", deps: ["${item}"]}
  named: {foreach: "${names}", do: {cmd: x, outs: ["${key}"]}}
  keyed: {foreach: {a: 1}, do: {cmd: x}}
  grid:
    matrix: {m: [cnn, {n: 1}], k: "${ks}"}
    cmd: x
metrics: [m.json, dvclive/metrics.json]
params: [dvclive/params.yaml]
plots: [p.csv, {q.csv: {x: a, y: [b, c]}}, {all: {x: {a.csv: s}, y: {a.csv: t, b.csv: [u]}}},
        {empty: }]
artifacts:
  net: {path: model, type: model, desc: d, labels: [x], meta: {a: 1}}
datasets: [{name: dogs, type: url, url: "s3://acme/dogs"}]
"""
LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - {path: a, hash: md5, md5: 0123456789abcdef, size: 3, nfiles: 2, isexec: true}
    - {path: s3://acme/x, etag: abc, version_id: v}
    - {path: h, checksum: 123, cloud: {r: {etag: abc, version_id: v, size: 1}}}
    - {path: ds://dogs, dataset: {name: dogs}}
    params: {params.yaml: {a: 1, b.c: [2]}}
    outs: [{path: m, md5: , files: [{relpath: x, md5: abc, cloud: {r: {md5: abc}}}]},
           {path: n, md5: ''}]
  list: {cmd: [a, b]}
datasets: [{name: dogs, type: url}]
"""
POINTER = """\
md5: abc
wdir: ..
frozen: true
locked: false
always_changed: false
desc: d
meta: {rows: 3}
deps:
- {path: x, md5: abc, size: 3, fs_config: {a: 1}}
- {path: y, repo: {url: u, rev: v, rev_lock: w, config: {a: 1}, remote: r}}
- {db: {query: q, connection: c, file_format: csv, table: t}}
outs:
- {path: z, md5: abc.dir, size: 3, nfiles: 2, hash: md5, cache: true, push: false, remote: r}
- {path: f, files: [{relpath: a, etag: abc, size: 1}], desc: d, labels: [a], type: t, meta: {}}
"""
KINDS: dict[str, tuple[str, ValueShape, Any]] = {
    "dvc.yaml": (PIPELINE, dvcschema.PIPELINE, COMPILED_MULTI_STAGE_SCHEMA),
    "dvc.lock": (LOCK, dvcschema.LOCK, COMPILED_LOCKFILE_SCHEMA),
    "x.dvc": (POINTER, dvcschema.POINTER, COMPILED_SINGLE_STAGE_SCHEMA),
}
# What a person may write by mistake in the place of something else, and what YAML makes of it.
SCALARS: list[Any] = [
    None,
    True,
    False,
    0,
    7,
    12,
    123,
    -1,
    2.5,
    "",
    "x",
    "xy",
    "xyz",
    "2.0",
    "${a}",
]
VALUES: list[Any] = [
    *SCALARS,
    [],
    ["x"],
    [1],
    [None],
    [["x"]],
    {},
    {"x": "y"},
    {"x": None},
    {1: "x"},
]
VALUES += [{"x": {}}, [{"x": {}}], [{"x": {"y": 1}}], [{}], {"cmd": "x"}, {"path": "x"}]


def keys_of(value: Any) -> set[Any]:
    """Every key anywhere in a document: what a misplaced field is called."""
    if isinstance(value, dict):
        return {*value, *(key for item in value.values() for key in keys_of(item))}
    return {key for item in value for key in keys_of(item)} if isinstance(value, list) else set()


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key or index) of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


def put_value(document: Any, draw: Callable[..., Any], keys: list[Any]) -> None:
    container, key = draw(st.sampled_from(list(places(document))))
    container[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))


def put_key(document: Any, draw: Callable[..., Any], keys: list[Any]) -> None:
    nodes = [document, *(c[k] for c, k in places(document))]
    container = draw(st.sampled_from([each for each in nodes if isinstance(each, dict)]))
    container[draw(st.sampled_from(keys))] = copy.deepcopy(draw(st.sampled_from(VALUES)))


def drop(document: Any, draw: Callable[..., Any], keys: list[Any]) -> None:
    container, key = draw(st.sampled_from(list(places(document))))
    del container[key]


def rename(document: Any, draw: Callable[..., Any], keys: list[Any]) -> None:
    entries = [(c, k) for c, k in places(document) if isinstance(c, dict)]
    container, key = draw(st.sampled_from(entries))
    container[draw(st.sampled_from(keys))] = container.pop(key)


def wrap(document: Any, draw: Callable[..., Any], keys: list[Any]) -> None:
    container, key = draw(st.sampled_from(list(places(document))))
    as_list = draw(st.booleans())
    container[key] = [container[key]] if as_list else {draw(st.sampled_from(keys)): container[key]}


def dvc_accepts(document: Any, schema: Any) -> bool:
    try:
        validate(copy.deepcopy(document), schema, path="x")
    except YAMLValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_schema__accepts_the_good_file(kind: str) -> None:
    text, shape, schema = KINDS[kind]
    document = dvc.read(text.encode(), path=kind)
    assert dvc_accepts(parse_yaml(text, kind), schema)
    assert shape.accepts(document)
    assert list(shape.faults(document, ())) == []


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=_EXAMPLES)
@given(data=st.data())
def test_schema__accepts_exactly_what_dvc_accepts(kind: str, data: st.DataObject) -> None:
    text, shape, schema = KINDS[kind]
    document = dvc.read(text.encode(), path=kind)
    keys = [*sorted(keys_of(document), key=str), 1, None, True, "other"]
    edits = st.sampled_from([put_value, put_value, put_key, put_key, drop, rename, wrap])
    for edit in data.draw(st.lists(edits, min_size=1, max_size=3)):
        if document:
            edit(document, data.draw, keys)
    expected = dvc_accepts(document, schema)
    event(f"{kind} accepted: {expected}")
    assert shape.accepts(document) is expected
    assert (list(shape.faults(document, ())) == []) is expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_schema__of_every_single_value_put_everywhere(kind: str, value: Any) -> None:
    text, shape, schema = KINDS[kind]
    document = dvc.read(text.encode(), path=kind)
    for container, key in list(places(document)):
        kept = container[key]
        container[key] = copy.deepcopy(value)
        assert shape.accepts(document) is dvc_accepts(document, schema), (key, kept)
        container[key] = kept
