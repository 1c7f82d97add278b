"""What strangers write stands on our pages as text: every payload in every field of a report.

Row i of a Latin square puts payload i + j into field j, so that as many reports as there are
payloads hold every payload in every field, beside every other kind of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from interlock import rendering
from interlock.rendering import limits
from tests import report_cases
from tests.canaries import eyes, fields, payloads
from tests.canaries.fields import Case
from tests.canaries.payloads import Payload

PARTS = 4
# Every so many rows the other pages are held to it too; the comment is in each.
_OTHER_PAGES = 4
_LINKS = report_cases.LINKS
# Where pictures come from: this very page's host, and CML's mark, which is a constant.
_OURS = re.compile(r"/(?!/)|https://github\.com/|https://cml\.dev/watermark\.png#[0-9a-f]{40}\Z")


def rows() -> Iterator[dict[str, Payload]]:
    count = len(payloads.SHORT)
    for row in range(count):
        yield {f: payloads.SHORT[(row + j) % count] for j, f in enumerate(fields.FIELDS)}


def plain_words() -> dict[str, str]:
    """A word in each field, which nothing can be made of."""
    return {f: "word" + "".join(c for c in f if c.isalpha()) for f in fields.FIELDS}


def page(case: Case, name: str) -> str:
    """One of the pages of ours that show a report, as Markdown."""
    if name in {"one", "many"}:
        report = case.one if name == "one" else case.many
        return rendering.comment(report, lock=case.lock, links=_LINKS)
    check = rendering.check_output(case.many, lock=case.lock, links=_LINKS)
    return check.summary if name == "summary" else check.text


_NAMES = ("one", "many", "summary", "text")
PLAIN = {name: eyes.look(page(fields.case(plain_words()), name)) for name in _NAMES}
REPORTED = {
    name: [f for f, word in plain_words().items() if re.search(rf"\b{word}\b", plain.text)]
    for name, plain in PLAIN.items()
}


def faults(name: str, text: str, row: dict[str, Payload]) -> list[str]:
    """What differs from the page whose fields hold plain words, but for those words."""
    look, plain = eyes.look(text), PLAIN[name]
    problems = []
    if look.tags != plain.tags:
        problems.append("other tags")
    problems += [f"link: {address}" for address in look.links]
    problems += [f"picture: {source}" for source in look.pictures if not _OURS.match(source)]
    problems += [f"noticed: {made}" for made in look.noticed]
    bones = eyes.skeleton(look.text)
    lost = [f for f in REPORTED[name] if not eyes.is_recognised(row[f].text, bones)]
    problems += [f"{f} is not seen: {row[f].text!r}" for f in lost]
    problems += [f"steers: {line!r}" for line in eyes.steering(text) if "##[" not in line
              and not line.strip().startswith("::")]  # fmt: skip
    text.encode()
    return [f"{name}: {fault}" for fault in problems]


def test_fields__are_visible_on_the_page() -> None:
    assert set(REPORTED["many"]) == set(fields.SHOWN)
    assert set(REPORTED["summary"]) | set(REPORTED["text"]) == set(fields.SHOWN) - {
        "line of a comment", "answer to a comment", "login of a comment",
    }  # fmt: skip
    assert len(REPORTED["one"]) > 20


@pytest.mark.parametrize("part", range(PARTS))
def test_pages__stand_as_they_were_and_show_every_payload_as_text(part: int) -> None:
    combinations, problems = 0, list[str]()
    for number, row in enumerate(rows()):
        if number % PARTS != part:
            continue
        names = _NAMES if number // PARTS % _OTHER_PAGES == 0 else ("many",)
        case = fields.case({f: payload.text for f, payload in row.items()})
        problems += [fault for name in names for fault in faults(name, page(case, name), row)]
        combinations += len(row)
    assert problems == [], "\n".join(problems[:40])
    print(f"\n{combinations:,} of {len(payloads.SHORT)} payloads × {len(fields.FIELDS)} fields")


def test_rows__hold_every_payload_in_every_field() -> None:
    met = {(f, payload.text) for row in rows() for f, payload in row.items()}
    assert len(met) == len(payloads.SHORT) * len(fields.FIELDS)
    assert len(payloads.ALL) >= 200


@pytest.mark.parametrize("payload", payloads.LONG, ids=lambda p: f"{p.text[:6]!r}")
def test_pages__are_within_limits_when_every_field_is_very_long(payload: Payload) -> None:
    case = fields.case(dict.fromkeys(fields.FIELDS, payload.text))
    for name in _NAMES:
        text = page(case, name)
        page_look = eyes.look(text)
        assert limits.measure(text) <= limits.COMMENT
        assert (page_look.links, page_look.noticed) == ([], [])
        assert page_look.tags[:10] == PLAIN[name].tags[:10]
