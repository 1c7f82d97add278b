"""What a comment's first line asks for: strict, and nothing that is quoted, hidden or below."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interlock.domain.access import comment_command
from interlock.domain.access.comment_command import (
    CommentCommand,
    MalformedCommand,
    OtherComment,
    Verb,
)

SHA, SHA256 = "89abcde0" * 5, "89abcde0" * 8


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/interlock help", CommentCommand(Verb.HELP)),
        ("/interlock plan", CommentCommand(Verb.PLAN)),
        ("/interlock promote", CommentCommand(Verb.PROMOTE)),
        (f"/interlock train {SHA}", CommentCommand(Verb.TRAIN, sha=SHA)),
        (f"/interlock train {SHA256}", CommentCommand(Verb.TRAIN, sha=SHA256)),
        ("/interlock rollback digits", CommentCommand(Verb.ROLLBACK, model="digits")),
        ("/interlock retrain digits", CommentCommand(Verb.RETRAIN, model="digits")),
        ("/interlock release digits-v2", CommentCommand(Verb.RELEASE, model="digits-v2")),
        (
            "/interlock hold digits the camera is broken",
            CommentCommand(Verb.HOLD, model="digits", reason="the camera is broken"),
        ),
        (
            f"/interlock accept {SHA} la caméra a été réparée: ça va 👍",
            CommentCommand(Verb.ACCEPT, sha=SHA, reason="la caméra a été réparée: ça va 👍"),
        ),
        # Blanks between and after, another line end, and whatever stands below.
        (f"/interlock  train   {SHA}  ", CommentCommand(Verb.TRAIN, sha=SHA)),
        ("/interlock plan\r\nThank you!", CommentCommand(Verb.PLAN)),
        ("/interlock plan\n/interlock promote", CommentCommand(Verb.PLAN)),
    ],
)
def test_parse__a_command(body: str, expected: CommentCommand) -> None:
    assert comment_command.parse(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Looks good to me",
        "please /interlock promote",
        " /interlock promote",
        "    /interlock promote",
        "\t/interlock promote",
        "\n/interlock promote",
        "> /interlock promote",
        ">/interlock promote",
        "`/interlock promote`",
        "```\n/interlock promote\n```",
        "~~~\n/interlock promote\n~~~",
        "<!--\n/interlock promote\n-->",
        "<!-- /interlock promote -->",
        "- /interlock promote",
        "Thanks\n/interlock promote",
        "/interlocked promote",
        "/interlock-promote",
        "/interlock@acme promote",
        "//interlock promote",
        "/lnterlock promote",
        "𝕏interlock promote",
    ],
)
def test_parse__a_comment_like_any_other(body: str) -> None:
    assert comment_command.parse(body) == OtherComment()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("/interlock", "names no command"),
        ("/interlock  ", "names no command"),
        ("/interlock\tplan", "U+0009"),
        ("/interlock deploy", "deploy is no command"),
        ("/interlock " + "d" * 99, "d…"),
        ("/interlock Plan", "Plan is no command"),
        ("/interlock plan now", "takes nothing after that: now"),
        ("/interlock help --force", "takes nothing after that: --force"),
        ("/interlock train", "needs all 40 digits of the commit that you have read"),
        ("/interlock train 89abcde01234", "89abcde01234 has 12"),
        (f"/interlock train {SHA}0", "has 41"),
        ("/interlock train 89a", "89a is none"),
        (f"/interlock train {SHA.upper()}", "is none"),
        ("/interlock train 89ABCDE", "89ABCDE is none"),
        (f"/interlock train v1-2-g{SHA}", "is none"),
        (f"/interlock train {SHA}~1", "is none"),
        ("/interlock train HEAD", "HEAD is none"),
        ("/interlock train 89abcde; rm -rf /", "is none"),
        (f"/interlock train {SHA} --force", "takes nothing after that: --force"),
        ("/interlock rollback", "needs a model's name"),
        ("/interlock rollback ../digits", "../digits is none"),
        ("/interlock rollback -digits", "-digits is none"),
        ("/interlock rollback Digits", "Digits is none"),
        ("/interlock rollback dіgits", "is none"),  # Cyrillic і
        ("/interlock hold digits", "needs a reason"),
        ("/interlock hold digits  ", "needs a reason"),
        ("/interlock hold digits " + "x" * 501, "at most 500 characters"),
        ("/interlock hold digits fine <!-- or not", "no <!--"),
        (f"/interlock accept {SHA}", "needs a reason"),
        ("/interlock accept 89abcde fine", "89abcde has 7"),
        (f"/interlock accept fine {SHA}", "fine is none"),
        ("/interlock plan\x00", "U+0000"),
        ("/interlock hold digits a\u202egnp", "U+202E"),
        ("/interlock hold digits a\ud800", "U+D800"),
        ("/interlock plan\u00a0", "U+00A0"),
        ("/interlock plan\x0b/interlock promote", "U+000B"),
        ("/interlock plan\u2028/interlock promote", "U+2028"),
        ("/interlock plan\r/interlock promote", "U+000D"),
        # Read by a person as our prefix, and therefore told.
        ("/Interlock plan", "begins with /interlock"),
        ("/INTERLOCK", "begins with /interlock"),
        ("／interlock plan", "begins with /interlock"),
        ("/іnterlock plan", "begins with /interlock"),
        ("\u200b/interlock plan", "begins with /interlock"),
        ("/inter\u00adlock plan", "begins with /interlock"),
        ("/inte\u0301rlock plan", "begins with /interlock"),
    ],
)
def test_parse__cannot_be_understood(body: str, said: str) -> None:
    found = comment_command.parse(body)
    assert isinstance(found, MalformedCommand)
    assert said in found.sentence
    assert len(found.line) <= 200
    found.line.encode()
    found.sentence.encode()


@given(
    st.sampled_from([Verb.TRAIN, Verb.ACCEPT]),
    st.text("0123456789abcdef", min_size=40, max_size=40),
    st.integers(4, 39),
)
def test_parse__an_abbreviation_is_never_granted_and_never_completed(
    verb: Verb, sha: str, digits: int
) -> None:
    found = comment_command.parse(f"/interlock {verb} {sha[:digits]} why")
    assert isinstance(found, MalformedCommand)
    assert sha[: digits + 1] not in found.sentence


def test_usage__names_every_verb() -> None:
    assert comment_command.usage() == (
        "/interlock help | plan | train <sha> | promote | rollback <model> | hold <model> <reason>"
        " | release <model> | accept <sha> <reason> | retrain <model>"
    )


LINES = st.one_of(
    st.text(),
    st.text().map(lambda text: f"/interlock {text}"),
    st.lists(
        st.sampled_from(
            ["/interlock", *Verb, SHA, "89abcde", "digits", "a reason", "  ", "\t", ">", "`", "\n"]
        )
    ).map(" ".join),
)


@given(LINES)
@example("/interlock hold digits a  reason  of  mine")
def test_parse__never_raises_and_a_command_can_be_typed_again(body: str) -> None:
    found = comment_command.parse(body)
    if isinstance(found, CommentCommand):
        assert body.startswith("/interlock ")
        assert comment_command.parse(comment_command.render(found)) == found


COMMANDS = st.sampled_from(
    [
        CommentCommand(Verb.HELP),
        CommentCommand(Verb.TRAIN, sha="89abcde"),
        CommentCommand(Verb.HOLD, model="digits", reason="the camera is broken"),
        CommentCommand(Verb.ACCEPT, sha=SHA, reason="fine"),
    ]
).map(comment_command.render)


@given(
    COMMANDS,
    st.sampled_from(
        ["> ", ">", "    ", "\t", "`", "```\n", "~~~sh\n", "<!-- ", "<!--\n", "- ", "\n"]
    ),
    st.text(),
)
def test_parse__nothing_that_is_quoted_or_code_or_hidden(
    typed: str, opening: str, below: str
) -> None:
    assert comment_command.parse(f"{opening}{typed}\n{below}") == OtherComment()


@given(COMMANDS, st.text())
def test_parse__what_stands_below_is_never_read(typed: str, below: str) -> None:
    assert comment_command.parse(f"{typed}\n{below}") == comment_command.parse(typed)
