"""The policy, gates files and the search for manifests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import manifests
from interlock.domain.model.manifest import GateRule, Task
from interlock.domain.model.policy import (
    AcceptPolicy,
    Commenter,
    LockPolicy,
    OnInconclusive,
    Policy,
    ProvenanceMode,
    ProvenancePolicy,
    Rate,
    Repairs,
    RetrainPolicy,
    UnseenCode,
)

EVERY_FIELD = b"""\
version: 1
manifests: "**/model.yaml"
environments: [staging, shadow, production]
inconclusive: fail
accept: {self: true, users: [mona, octo_acme]}
dvc_lock: leave
commenter: cml
repair: report
unseen_code: blocked
runner_labels: [self-hosted, gpu]
retrain: {max_open_total: 3, per_hour: 2, auto_merge: true}
cost_per_hour:
  gpu: {amount: 2.5, currency: EUR}
mlflow: sqlite:////srv/ml flow/mlflow.db
prepare: |
  uv sync --frozen
  echo "$PWD/.venv/bin" >> "$GITHUB_PATH"
provenance: required
provenance_since: "3333333333333333333333333333333333333333"
issuer: https://token.actions.githubusercontent.com/acme
interlock:
  repository: acme/fork.of-interlock
  refs: [refs/tags/v1, 444444444444444444444444444444444444444a]
evaluate_on: [self-hosted, evaluation]
"""


def test_policy__no_file() -> None:
    assert manifests.read_policy(None) == (Policy(), ())


def test_policy__nothing_but_a_version() -> None:
    assert manifests.read_policy(b"version: 1\n") == (Policy(), ())


def test_policy__one_limit_leaves_the_others_as_they_are() -> None:
    policy, diagnostics = manifests.read_policy(b"retrain: {max_open_total: 0}\n")
    assert diagnostics == ()
    assert policy
    assert policy.retrain == RetrainPolicy(max_open_total=0)


def test_policy__every_field() -> None:
    policy, diagnostics = manifests.read_policy(EVERY_FIELD)
    assert diagnostics == ()
    assert policy == Policy(
        manifests=("**/model.yaml",),
        environments=("staging", "shadow", "production"),
        inconclusive=OnInconclusive.FAIL,
        accept=AcceptPolicy(own=True, users=("mona", "octo_acme")),
        dvc_lock=LockPolicy.LEAVE,
        commenter=Commenter.CML,
        repair=Repairs.REPORT,
        unseen_code=UnseenCode.BLOCKED,
        runner_labels=("self-hosted", "gpu"),
        retrain=RetrainPolicy(max_open_total=3, per_hour=2, auto_merge=True),
        cost_per_hour={"gpu": Rate(2.5, "EUR")},
        mlflow="sqlite:////srv/ml flow/mlflow.db",
        prepare='uv sync --frozen\necho "$PWD/.venv/bin" >> "$GITHUB_PATH"\n',
        provenance=ProvenancePolicy(
            mode=ProvenanceMode.REQUIRED,
            since="3" * 40,
            issuer="https://token.actions.githubusercontent.com/acme",
            repository="acme/fork.of-interlock",
            refs=("refs/tags/v1", "4" * 39 + "a"),
            evaluate_on=("self-hosted", "evaluation"),
        ),
    )


@pytest.mark.parametrize("field", ["{refs: [refs/tags/v2]}", "{repository: acme/fork}", "{}"])
def test_policy__a_part_of_interlock_leaves_the_other_default(field: str) -> None:
    policy, _ = manifests.read_policy(f"interlock: {field}".encode())
    assert policy
    provenance = policy.provenance
    assert provenance.refs == (("refs/tags/v2",) if "refs" in field else ("refs/tags/v1",))
    assert provenance.repository == ("acme/fork" if "fork" in field else "acme/interlock")
    assert provenance.mode is ProvenanceMode.UNSET


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("version: 2", "1:10: error: version is 2, and this version of Interlock reads 1"),
        ("inconclusive: aks", "1:15: error: inconclusive is 'aks', and must be ask, pass or fail"),
        (
            "accept: {users: ['@mona']}",
            "1:18: error: accept.users[0] is '@mona', which",
        ),
        ("accept: {users: [acme/vision]}", "1:18: error: accept.users[0] is 'acme/vision', which"),
        ("accept: {self: ask}", "1:16: error: accept.self is text ('ask')"),
        ("accept: {users: mona}", "1:17: error: accept.users is text ('mona')"),
        ("accept: {selves: true}", "1:10: error: unknown field 'selves'"),
        ("inconclusive: no", "1:15: error: 'no' is false in YAML 1.1 and text in YAML 1.2"),
        ("manifest: x", "1:1: error: unknown field 'manifest'"),
        (
            "manifests: /abs/*.yaml",
            "1:12: error: manifests is '/abs/*.yaml', which is not a valid pattern",
        ),
        (
            "manifests: ../*.yaml",
            "1:12: error: manifests is '../*.yaml', which is not a valid pattern",
        ),
        (
            "environments: [latest]",
            "1:16: error: environments[0] is 'latest', which is not a valid environment name",
        ),
        (
            "environments: [v2]",
            "1:16: error: environments[0] is 'v2', which is not a valid environment name",
        ),
        ("environments: [a, a]", "1:19: error: environments names 'a' twice"),
        ("cost_per_hour: {gpu: 3}", "1:22: error: cost_per_hour.gpu is a number (3)"),
        ("cost_per_hour: {gpu: {amount: 1}}", "1:22: error: cost_per_hour.gpu.currency is miss"),
        ("retrain: {per_hour: 0}", "1:21: error: retrain.per_hour is 0, and must be at least 1"),
        ("retrain: {auto_merge: 1}", "1:23: error: retrain.auto_merge is a number (1), and must b"),
        ("retrain: {max_open: 1}", "1:11: error: unknown field 'max_open' in retrain"),
        ("provenance: off", "1:13: error: 'off' is false in YAML 1.1 and text in YAML 1.2"),
        ("provenance: unset", "1:13: error: provenance is 'unset', and must be required or none"),
        ("provenance_since: 3d3c42e", "1:19: error: provenance_since is '3d3c42e', which is not"),
        ("provenance_since: main", "1:19: error: provenance_since is 'main', which is not"),
        (
            "issuer: http://token.acme.example",
            "1:9: error: issuer is 'http://token.acme.example', which is not a valid issuer",
        ),
        ("issuer: https://a.example/", "1:9: error: issuer is 'https://a.example/', which is not"),
        (
            "issuer: https://token@evil.example",
            "1:9: error: issuer is 'https://…@evil.example', which is not a valid issuer",
        ),
        (
            "interlock: {refs: [refs/heads/main]}",
            "1:20: error: interlock.refs[0] is 'refs/heads/main', which is not a valid full tag",
        ),
        ("interlock: {refs: [v1]}", "1:20: error: interlock.refs[0] is 'v1', which is not"),
        ("interlock: {refs: []}", "1:19: error: interlock.refs has no entry, and must have"),
        ("interlock: {repository: acme}", "1:25: error: interlock.repository is 'acme', which is"),
        ("evaluate_on: gpu", "1:14: error: evaluate_on is text ('gpu'), and must be a list"),
        (
            "mlflow: https://octocat:pw@mlflow.acme.example",
            "1:9: error: mlflow is 'https://…@mlflow.acme.example', which is not a valid",
        ),
        (
            "mlflow: sqlite:///mlflow.db",
            "1:9: error: mlflow is 'sqlite:///mlflow.db', which is not",
        ),
        ("mlflow: mlflow.acme.example", "1:9: error: mlflow is 'mlflow.acme.example', which is"),
        ("prepare: [uv sync]", "1:10: error: prepare is a list, and must be text"),
        ("", "1:1: error: the file is empty"),
    ],
)
def test_policy__wrong(line: str, message: str) -> None:
    policy, diagnostics = manifests.read_policy(line.encode())
    assert policy is None
    assert [str(d).startswith(f".github/interlock.yml:{message}") for d in diagnostics] == [True], (
        diagnostics
    )


@pytest.mark.parametrize(
    "text", ["- {metric: f1_macro, min: 0.9}\n", "gates:\n  - {metric: f1_macro, min: 0.9}"]
)
def test_gates_file__bare_or_named(text: str) -> None:
    line = 1 + text.startswith("gates")
    expected = (GateRule("f1_macro", min=0.9, line=line),)
    assert manifests.read_gates(text.encode(), path="g", task=Task.MULTICLASS) == (expected, ())


def test_gates_file__slices_are_taken_as_named() -> None:
    rules, diagnostics = manifests.read_gates(
        b"- {metric: rmse, max: 1, slice: age}", path="g", task=Task.REGRESSION
    )
    assert diagnostics == ()
    assert rules[0].slice == "age"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {metric: f1, min: 0.9}", "g:1:12: error: f1 is not a metric for multiclass tasks"),
        ("- {metric: accuracy, mim: 0.9}", "g:1:22: error: unknown field 'mim' in [0]"),
        ("gates: 3", "g:1:8: error: gates is a number (3), and must be a list"),
        ("gate: []", "g:1:1: error: unknown field 'gate'"),
        ("[]", "g:1:1: error: the file has no entry, and must have at least one"),
        ("", "g:1:1: error: the file is empty"),
        ("@", "g:1:1: error: text cannot begin with '@' unless it is quoted"),
    ],
)
def test_gates_file__wrong(text: str, message: str) -> None:
    rules, diagnostics = manifests.read_gates(text.encode(), path="g", task=Task.MULTICLASS)
    assert rules == ()
    assert [str(d).split("\n")[0] for d in diagnostics] == [message]


PATHS = ("model.yaml", "a/model.yaml", "a/b/model.yaml", "a/b/model.yml", "a/b/c/model.yaml")


@pytest.mark.parametrize(
    ("pattern", "result"),
    [
        ("a/*/model.yaml", ["a/b/model.yaml"]),
        ("*/model.yaml", ["a/model.yaml"]),
        ("**/model.yaml", ["a/b/c/model.yaml", "a/b/model.yaml", "a/model.yaml", "model.yaml"]),
        ("a/**/model.yaml", ["a/b/c/model.yaml", "a/b/model.yaml", "a/model.yaml"]),
        ("a/**", ["a/b/c/model.yaml", "a/b/model.yaml", "a/b/model.yml", "a/model.yaml"]),
        ("a/b/model.y?ml", ["a/b/model.yaml"]),
        ("a/b/model.*", ["a/b/model.yaml", "a/b/model.yml"]),
        ("a/b/model[.]yaml", []),
        ("model.yaml", ["model.yaml"]),
        ("modelXyaml", []),
        ("**/**/b/**/model.yaml", ["a/b/c/model.yaml", "a/b/model.yaml"]),
        ("**/c/*", ["a/b/c/model.yaml"]),
        ("a**", []),
        ("**", sorted(PATHS)),
    ],
)
def test_find__pattern(pattern: str, result: list[str]) -> None:
    assert list(manifests.find(PATHS, pattern)) == result


def test_find__pattern_made_to_take_long() -> None:
    path = "a" * 200 + "/" + "/".join(["a"] * 200) + "/model.yaml"
    assert manifests.find([path], "*a" * 200 + "/" + "**/a/" * 100 + "b") == ()
    assert manifests.find([path], "*a*" * 60 + "/" + "**/a/" * 100 + "*.yaml") == (path,)


@given(st.lists(st.sampled_from(["a", "b", "ab", "model.yaml"]), min_size=1, max_size=5))
def test_find__two_stars_are_all_that_lies_below(names: list[str]) -> None:
    path = "/".join(names)
    assert manifests.find([path], f"**/{names[-1]}") == (path,)
    assert manifests.find([path], "/".join("*" for _ in names)) == (path,)
    assert manifests.find([path], "/".join(["*" for _ in names] + ["*"])) == ()


@pytest.mark.parametrize(
    "line",
    [
        "mlflow: https://me:hunter2@mlflow.acme.example",
        "mlflow: [https://me:hunter2@mlflow.acme.example]",
        "commenter: https://me:hunter2@mlflow.acme.example",
        "evaluate_on: https://me:hunter2@mlflow.acme.example",
    ],
)
def test_policy__no_message_has_the_password_of_an_address(line: str) -> None:
    _, problems = manifests.read_policy(f"version: 1\n{line}\n".encode())
    assert problems
    assert "hunter2" not in " ".join(map(str, problems))


def test_policy__a_key_that_is_none_has_an_example() -> None:
    _, (problem,) = manifests.read_policy(b"version: 1\nkeys: [abc]\n")
    assert "interlock key FILE" in problem.message
    assert problem.hint.startswith("for example ")
