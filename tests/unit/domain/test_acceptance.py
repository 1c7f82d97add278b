"""The users whom the policy allows to accept an inconclusive verdict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import acceptance
from interlock.domain.evaluation.acceptance import ChangeAuthors
from interlock.domain.model.policy import AcceptPolicy

LOGINS = st.text("abcXYZ09-", min_size=1, max_size=6)


@given(st.lists(LOGINS), LOGINS, st.booleans())
def test_check_users__only_listed_users_in_any_case(users: list[str], by: str, own: bool) -> None:
    rule = AcceptPolicy(own=own, users=tuple(users))
    is_allowed = not users or by.lower() in {user.lower() for user in users}
    assert (acceptance.check_users(by, rule) is None) is is_allowed


@given(st.frozensets(LOGINS), LOGINS)
def test_check_author__never_an_author_unless_the_policy_allows_it(
    users: frozenset[str], by: str
) -> None:
    is_author = by.lower() in {user.lower() for user in users}
    assert (
        acceptance.check_author([by], ChangeAuthors(users), AcceptPolicy()) is None
    ) is not is_author
    assert acceptance.check_author([by], ChangeAuthors(users), AcceptPolicy(own=True)) is None


def test_check_author__incomplete_list() -> None:
    many = ChangeAuthors(frozenset({"octocat"}), is_complete=False)
    assert "does not list all" in str(acceptance.check_author(["mona"], many, AcceptPolicy()))
    assert "cannot accept it" in str(acceptance.check_author(["octocat"], many, AcceptPolicy()))
    assert acceptance.check_author(["mona"], many, AcceptPolicy(own=True)) is None


def test_check_author__ignores_an_empty_name() -> None:
    assert acceptance.check_author([""], ChangeAuthors(frozenset({""})), AcceptPolicy()) is None


def test_refusals__name_the_users_who_can() -> None:
    rule = AcceptPolicy(users=("mona", "hubot"))
    assert acceptance.check_users("octocat", rule) == Refusal(
        "the policy allows mona or hubot to accept, not octocat"
    )
    assert str(acceptance.check_users("", rule)).endswith("not a user without a name")
    refusal = acceptance.check_author(["mona"], ChangeAuthors(frozenset({"Mona"})), rule)
    assert refusal == Refusal("an author of the change cannot accept it; mona or hubot can")


def test_authors_by_email__knows_githubs_own_addresses() -> None:
    authors = acceptance.authors_by_email(
        ["1+Mona@users.noreply.github.com", "hubot@users.noreply.github.com", "a@example.com"]
    )
    assert {"Mona", "hubot", "a@example.com"} <= authors.users
    assert len(authors.users) == 5
