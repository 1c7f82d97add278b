"""The command in a comment's first line: strict, and never in a quotation or further down."""

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
def test_parse__another_comment(body: str) -> None:
    assert comment_command.parse(body) == OtherComment()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("/interlock", "no command after the prefix"),
        ("/interlock  ", "no command after the prefix"),
        ("/interlock\tplan", "U+0009"),
        ("/interlock deploy", "unknown command deploy"),
        ("/interlock " + "d" * 99, "d…"),
        ("/interlock Plan", "unknown command Plan"),
        ("/interlock plan now", "has an unexpected argument: now"),
        ("/interlock help --force", "has an unexpected argument: --force"),
        ("/interlock train", "needs all 40 digits of the reviewed commit"),
        ("/interlock train 89abcde01234", "89abcde01234 has 12"),
        (f"/interlock train {SHA}0", "has 41"),
        ("/interlock train 89a", "89a is not valid"),
        (f"/interlock train {SHA.upper()}", "is not valid"),
        ("/interlock train 89ABCDE", "89ABCDE is not valid"),
        (f"/interlock train v1-2-g{SHA}", "is not valid"),
        (f"/interlock train {SHA}~1", "is not valid"),
        ("/interlock train HEAD", "HEAD is not valid"),
        ("/interlock train 89abcde; rm -rf /", "is not valid"),
        (f"/interlock train {SHA} --force", "has an unexpected argument: --force"),
        ("/interlock rollback", "needs a model's name"),
        ("/interlock rollback ../digits", "../digits is not valid"),
        ("/interlock rollback -digits", "-digits is not valid"),
        ("/interlock rollback Digits", "Digits is not valid"),
        ("/interlock rollback dіgits", "is not valid"),  # Cyrillic і
        ("/interlock hold digits", "needs a reason"),
        ("/interlock hold digits  ", "needs a reason"),
        ("/interlock hold digits " + "x" * 501, "at most 500 characters"),
        ("/interlock hold digits fine <!-- or not", "without <!--"),
        (f"/interlock accept {SHA}", "needs a reason"),
        ("/interlock accept 89abcde fine", "89abcde has 7"),
        (f"/interlock accept fine {SHA}", "fine is not valid"),
        ("/interlock plan\x00", "U+0000"),
        ("/interlock hold digits a\u202egnp", "U+202E"),
        ("/interlock hold digits a\ud800", "U+D800"),
        ("/interlock plan\u00a0", "U+00A0"),
        ("/interlock plan\x0b/interlock promote", "U+000B"),
        ("/interlock plan\u2028/interlock promote", "U+2028"),
        ("/interlock plan\r/interlock promote", "U+000D"),
        # A user reads it as the prefix, so it is reported.
        ("/Interlock plan", "starts with /interlock"),
        ("/INTERLOCK", "starts with /interlock"),
        ("／interlock plan", "starts with /interlock"),
        ("/іnterlock plan", "starts with /interlock"),
        ("\u200b/interlock plan", "starts with /interlock"),
        ("/inter\u00adlock plan", "starts with /interlock"),
        ("/inte\u0301rlock plan", "starts with /interlock"),
    ],
)
def test_parse__invalid_commands(body: str, message: str) -> None:
    parsed = comment_command.parse(body)
    assert isinstance(parsed, MalformedCommand)
    assert message in parsed.sentence
    assert len(parsed.line) <= 200
    parsed.line.encode()
    parsed.sentence.encode()


@given(
    st.sampled_from([Verb.TRAIN, Verb.ACCEPT]),
    st.text("0123456789abcdef", min_size=40, max_size=40),
    st.integers(4, 39),
)
def test_parse__an_abbreviation_is_refused_and_not_completed(
    verb: Verb, sha: str, digits: int
) -> None:
    parsed = comment_command.parse(f"/interlock {verb} {sha[:digits]} why")
    assert isinstance(parsed, MalformedCommand)
    assert sha[: digits + 1] not in parsed.sentence


def test_usage__lists_every_verb() -> None:
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
def test_parse__never_raises_and_renders_the_same_command(body: str) -> None:
    parsed = comment_command.parse(body)
    if isinstance(parsed, CommentCommand):
        assert body.startswith("/interlock ")
        assert comment_command.parse(comment_command.render(parsed)) == parsed


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
def test_parse__ignores_quotations_code_and_hidden_text(
    typed: str, opening: str, below: str
) -> None:
    assert comment_command.parse(f"{opening}{typed}\n{below}") == OtherComment()


@given(COMMANDS, st.text())
def test_parse__ignores_later_lines(typed: str, below: str) -> None:
    assert comment_command.parse(f"{typed}\n{below}") == comment_command.parse(typed)
