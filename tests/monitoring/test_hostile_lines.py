"""Lines made to cost much: reading takes time in proportion to their length, and nesting has a limit."""

from __future__ import annotations

import time

import pytest

from samsvar.errors import ReportTooLarge
from samsvar.interchange.hudoc import read_feed
from samsvar.monitoring import read_report
from samsvar.monitoring.markup import MAX_NESTING
from samsvar.monitoring.sentences import mask_quotations

# Each is repeated. The first ones took up to a minute for 100,000 characters (2026-11).
UNITS = (
    "_", ".", "… ", "A. ", "A.\n", "GREVIO urges and invites ", "urges and invites ", "GREVIO urges: ", ": ", ": a. ",
    "“", "«", "(", "a-\n", "http://", "1. ", "1.\n", "i. ", "(Article 1 ", "paragraph 5 to ", "GREVIO, a, ",
)  # fmt: skip
LONG_ENOUGH = 0.15  # seconds of processor time, of which the noise of a busy machine is a small part
MAX_LENGTH = 40_000  # twice the last length is below the bound of a paragraph


def measure_reading(unit: str, length: int) -> float:
    text = "1. GREVIO urges the authorities to act. " + unit * (length // len(unit))
    start = time.process_time()
    read_report(text.encode(), document="hostile.txt", body="grevio", format="text")
    return time.process_time() - start


@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_length_of_a_line_takes_less_than_three_times_as_long(unit):
    length = 6_000
    before, now = measure_reading(unit, length), measure_reading(unit, 2 * length)
    while now < LONG_ENOUGH and length < MAX_LENGTH:
        length *= 2
        before, now = now, measure_reading(unit, 2 * length)
    for _ in range(2):
        if now >= 3 * before + 0.02:  # measure again: another program may have been busy
            before, now = min(before, measure_reading(unit, length)), min(now, measure_reading(unit, 2 * length))
    assert now < 3 * before + 0.02


@pytest.mark.parametrize("tag", ["div", "section", "blockquote", "ul", "table"])
def test_a_page_with_blocks_nested_without_end_is_refused_by_name(tag):
    page = f"<{tag}>" * MAX_NESTING + "text"
    assert read_report(f"<!doctype html>{page}".encode()).text == "text"
    with pytest.raises(ReportTooLarge, match="more than 1,000 blocks inside each other"):
        read_report(f"<!doctype html><{tag}>{page}".encode())
    closed = f"<{tag}>text</{tag}>" * (2 * MAX_NESTING)  # next to each other
    assert read_report(f"<!doctype html>{closed}".encode()).passages


def test_a_feed_with_hostile_identifiers_is_read_in_time_proportional_to_its_length():
    spaces = " " * 8_000
    items = (
        f'{{"fulltext":[{"[" * 8_000}"a"{spaces}x',
        f'{{"fulltext":["GREVIO{spaces}x"]}}',
        f'{{"fulltext":["GREVIO-Inf(2022)30_Norway_Report_Eng-7{spaces}x"]}}',
    )
    durations = []
    for link in ("x", *items):
        fields = f"<title>t</title><description>NORWAY - 7{spaces}/x</description><link>{link}</link>"
        feed = f"<rss><channel><item>{fields}</item></channel></rss>"
        start = time.process_time()
        read_feed(feed.encode(), "grevio")
        durations.append(time.process_time() - start)
    assert max(durations) < 1.0


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("It “urged” them (again).", "It ¤¤¤¤¤¤¤ them ¤¤¤¤¤¤¤."),
        ("It “urged them (again).", "It “urged them ¤¤¤¤¤¤¤."),
        ("(a (b) c", "(a ¤¤¤ c"),
        ('the "law" of 5"', 'the ¤¤¤¤¤ of 5"'),
        ("the state’s ‘law’ and ‘o’clock", "the state’s ¤¤¤¤¤ and ‘o’clock"),
        ("„so“ and „so” and « so »", "¤¤¤¤ and ¤¤¤¤ and ¤¤¤¤¤¤"),
    ],
)
def test_closed_quotations_and_brackets_are_masked_and_open_ones_are_not(text, masked):
    assert mask_quotations(text) == masked
