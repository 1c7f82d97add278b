"""Whose word the policy takes on an inconclusive verdict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.evaluation import acceptance
from interlock.domain.evaluation.acceptance import ChangeAuthors
from interlock.domain.model.policy import AcceptPolicy

LOGINS = st.text("abcXYZ09-", min_size=1, max_size=6)


@given(st.lists(LOGINS), LOGINS, st.booleans())
def test_stranger__is_everybody_who_is_not_named_in_whatever_case(
    users: list[str], by: str, own: bool
) -> None:
    rule = AcceptPolicy(own=own, users=tuple(users))
    is_let = not users or by.lower() in {user.lower() for user in users}
    assert (acceptance.check_users(by, rule) == "") is is_let


@given(st.frozensets(LOGINS), LOGINS)
def test_maker__never_accepts_unless_the_policy_says_so(people: frozenset[str], by: str) -> None:
    made = by.lower() in {person.lower() for person in people}
    assert (acceptance.check_author([by], ChangeAuthors(people), AcceptPolicy()) == "") is not made
    assert acceptance.check_author([by], ChangeAuthors(people), AcceptPolicy(own=True)) == ""


def test_maker__of_more_commits_than_are_listed_is_unknown() -> None:
    many = ChangeAuthors(frozenset({"octocat"}), is_whole=False)
    assert "more commits" in acceptance.check_author(["mona"], many, AcceptPolicy())
    assert "does not accept it" in acceptance.check_author(["octocat"], many, AcceptPolicy())
    assert acceptance.check_author(["mona"], many, AcceptPolicy(own=True)) == ""


def test_maker__without_a_name_is_nobody() -> None:
    assert acceptance.check_author([""], ChangeAuthors(frozenset({""})), AcceptPolicy()) == ""


def test_objections__say_who_may() -> None:
    rule = AcceptPolicy(users=("mona", "hubot"))
    assert acceptance.check_users("octocat", rule) == (
        "the policy lets mona or hubot accept, and not octocat"
    )
    assert acceptance.check_users("", rule).endswith("and not somebody without a name")
    said = acceptance.check_author(["mona"], ChangeAuthors(frozenset({"Mona"})), rule)
    assert said == "who made a change does not accept it: mona or hubot may"


def test_by_mail__knows_githubs_own_addresses() -> None:
    found = acceptance.authors_by_email(
        ["1+Mona@users.noreply.github.com", "hubot@users.noreply.github.com", "a@example.com"]
    )
    assert {"Mona", "hubot", "a@example.com"} <= found.people
    assert len(found.people) == 5
