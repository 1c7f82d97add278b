"""What is good to have is tried, reported where it fails, and stops nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import errors
from interlock.services.best_effort import Attempts

FAILURES = (
    errors.CannotReachGitHub("GitHub refused it (403)", hint="give it the permission"),
    errors.MissingSetting("GITHUB_TOKEN is no token"),
)
acts = st.tuples(st.sampled_from(["", "deployments", "pull requests"]), st.sampled_from([0, 1, 2]))


@given(st.lists(acts, max_size=8))
def test_always__each_is_done_or_reported_and_none_stops_the_next(
    wanted: list[tuple[str, int]],
) -> None:
    attempts, done, tried = Attempts(), [], []

    def act(number: int, failure: int) -> int:
        tried.append(number)
        if failure:
            raise FAILURES[failure - 1]
        return number

    for number, (kind, failure) in enumerate(wanted):
        made = attempts.attempt(
            f"{number} is not done",
            lambda n=number, f=failure: act(n, f),  # type: ignore[misc]
            otherwise=-1,
            of=kind,
        )
        done += [made] if made >= 0 else []
    undone = [int(sentence.split()[0]) for sentence in attempts.undone]
    assert sorted([*done, *undone]) == list(range(len(wanted)))
    assert undone == sorted(undone)
    assert len(attempts.failures) == len(undone)
    # A kind that failed once is not tried again, whatever else is.
    for kind in ("deployments", "pull requests"):
        of_kind = [n for n, (k, _) in enumerate(wanted) if k == kind]
        first = next((n for n in of_kind if wanted[n][1]), len(wanted))
        assert [n for n in tried if n in of_kind] == [n for n in of_kind if n <= first]
    assert [n for n in tried if not wanted[n][0]] == [n for n, (k, _) in enumerate(wanted) if not k]


def test_sentence__has_effect_reason_and_hint() -> None:
    attempts = Attempts()
    for failure in FAILURES:
        attempts.attempt("it is not done", lambda f=failure: _raise(f), otherwise=None)  # type: ignore[misc]
    assert attempts.undone == (
        "it is not done: GitHub refused it (403); give it the permission",
        "it is not done: GITHUB_TOKEN is no token",
    )


@pytest.mark.parametrize(
    "error",
    [errors.LedgerBroken("rewritten"), errors.BadInput("no such model"), ValueError("a bug")],
    ids=str,
)
def test_an_error_that_is_not_a_refusal__ends_the_run(error: Exception) -> None:
    attempts = Attempts()
    with pytest.raises(type(error)):
        attempts.attempt("it is not done", lambda: _raise(error), otherwise=None)
    assert attempts.undone == ()


def _raise(error: Exception) -> None:
    raise error
