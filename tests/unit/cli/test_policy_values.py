"""Which address of MLflow and which set-up commands count: the policy's or the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import errors, settings
from interlock.adapters import git
from interlock.cli import policy_values
from interlock.cli.policy_values import PolicyValues
from tests import tiny
from tests.tiny import Tiny

OURS = "https://mlflow.acme.example"
OTHER = "https://evil.example"
POLICY = f'{tiny.POLICY}mlflow: {OURS}\nprepare: "uv sync"\n'


def world(folder: Path, policy: str) -> Tiny:
    """A repository whose main has this policy, and whose checked-out change has a hostile one."""
    made = tiny.make(folder)
    place = made.root / ".github" / "interlock.yml"
    place.write_text(policy)
    made.commit()
    made.git("switch", "--quiet", "--create", "change")
    place.write_text(f'{tiny.POLICY}mlflow: {OTHER}\nprepare: "curl {OTHER}"\n')
    made.commit()
    return made


def read(made: Tiny, *, inside: bool, uri: str = "", branch: str = "main") -> PolicyValues:
    environ = {"GITHUB_ACTIONS": "true"} if inside else {}
    own = settings.read(environ | {"MLFLOW_TRACKING_URI": uri})
    return policy_values.read(own, git.open_repository(made.root), branch=branch)


@pytest.mark.parametrize(
    ("inside", "chosen", "winners"),
    [
        (True, (OURS, "uv sync"), ["`mlflow` of the policy", "`prepare` of the policy"]),
        (False, (OTHER, "true"), ["MLFLOW_TRACKING_URI", "--prepare"]),
    ],
)
def test_policy__wins_only_inside_actions(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    inside: bool,
    chosen: tuple[str, str],
    winners: list[str],
) -> None:
    values = read(world(tmp_path, POLICY), inside=inside, uri=OTHER)
    assert (values.settings().mlflow_tracking_uri, values.prepare("true")) == chosen
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    ends = [line.partition("; ")[2].removesuffix(" counts") for line in lines]
    assert ends == winners


@pytest.mark.parametrize("inside", [True, False])
def test_policy__counts_where_the_user_has_no_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], inside: bool
) -> None:
    values = read(world(tmp_path, POLICY), inside=inside)
    assert (values.settings().mlflow_tracking_uri, values.prepare("")) == (OURS, "uv sync")
    assert capsys.readouterr().err == ""


def test_policy__without_the_fields_leaves_the_users_own(tmp_path: Path) -> None:
    values = read(world(tmp_path, tiny.POLICY), inside=True, uri=OURS)
    assert (values.settings().mlflow_tracking_uri, values.prepare("make")) == (OURS, "make")


def test_policy__of_origin_wins_over_a_local_branch(tmp_path: Path) -> None:
    made = world(tmp_path, POLICY)
    made.git("update-ref", "refs/remotes/origin/main", "main")
    made.git("branch", "--force", "main", "change")
    assert read(made, inside=True).settings().mlflow_tracking_uri == OURS


def test_policy__without_its_branch(tmp_path: Path) -> None:
    made = world(tmp_path, POLICY)
    outside = read(made, inside=False, uri=OTHER, branch="trunk")
    assert outside.settings().mlflow_tracking_uri == OTHER
    inside = read(made, inside=True, uri=OTHER, branch="trunk")
    with pytest.raises(errors.CannotResolve, match="this clone has no branch trunk"):
        inside.settings()
    assert (outside.prepare(""), inside.prepare("")) == ("", "")


def test_policy__that_cannot_be_read(tmp_path: Path) -> None:
    made = world(tmp_path, "mlfow: x\n")
    for inside, uri in ((True, OTHER), (True, ""), (False, "")):
        values = read(made, inside=inside, uri=uri)
        with pytest.raises(errors.CannotReadManifest, match="unknown field 'mlfow'"):
            values.settings()
    # The plan of a change that fixes the policy must work.
    assert read(made, inside=True).prepare("") == ""
    assert read(made, inside=False, uri=OURS).settings().mlflow_tracking_uri == OURS
