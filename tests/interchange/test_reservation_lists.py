"""Lists of reservations and declarations: read in the forms that are described, compared for a person to confirm."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.convention.provisions import parse_provisions
from samsvar.convention.status import Event, EventKind
from samsvar.dates import parse_partial_date
from samsvar.interchange.reservation_lists import (
    ListedStatement,
    ReservationList,
    compare_reservations,
    read_reservation_list,
    reservation_row,
)
from samsvar.interchange.treaty_charts import UnreadableChart

# Fictional statements, in the structure that the depositary's list is said to have
DEPOSITARY = """<html><body><ul><li>Norway</li><li>Sweden</li></ul><h2>Reservations and Declarations</h2>
<h3>Norway</h3><p>Reservation contained in the instrument of ratification deposited on 5 July 2017 - Or. Engl.</p>
<p>Norway reserves the right not to apply Article 30, paragraph 2; Article 55 is not affected.</p>
<p>Period covered: 01/11/2017 -</p><p>Articles concerned : 30, 78</p>
<p>Declaration contained in a letter registered on 3 May 2022, maintaining the reservation</p>
<p>Articles concerned : 30</p><h3>Sweden</h3>
<p>Withdrawal of a reservation contained in a letter registered on 1 June 2020</p><p>Articles concerned : 44</p>
<p>Objection registered on 02/04/2021</p><p>Sweden objects to the withdrawal of a declaration of another state.</p>
</body></html>"""
NETHERLANDS = """<html><body><table><tr><th>Party</th><th>Reservations / Declarations</th><th>Objections</th></tr>
<tr><td>Norway</td><td>Yes</td><td>No</td></tr></table><h3>Norway</h3><p>05-07-2017</p>
<p>Norway reserves the right not to apply Article 30.</p><p>03-05-2022</p><p>Norway renews its reservation.</p>
</body></html>"""
MARKS = "Party,Signature,Ratification,Notes,R.,D.,A.,T.,C.,O.\nNorway,07/07/2011,,,X,,,,,\nSweden,,,,,,,,,X\n"
TABLE = "State,Kind,Date,Articles\nNorway,Reservation,2017-07-05,30(2)\nNorway,Renewal of reservation,3 May 2022,\n"


def make_event(state: str, kind: EventKind, day: str, provisions: str = "") -> Event:
    return Event(state, kind, parse_partial_date(day), provisions=parse_provisions(provisions))


def read(text: str) -> ReservationList:
    listed = read_reservation_list(text.encode())
    assert listed is not None
    return listed


def compare(text: str, *events: Event) -> list[tuple[object, ...]]:
    rows = map(reservation_row, compare_reservations(read(text), events))
    return [(row["state"], row["event"], row["difference"], row["ours"], row["chart"]) for row in rows]


RESERVATION = ListedStatement("NO", EventKind.RESERVATION, date(2017, 7, 5), frozenset({"30", "78"}))
RENEWAL = ListedStatement("NO", EventKind.RESERVATION_RENEWAL, date(2022, 5, 3), frozenset({"30"}))


def test_the_depositary_s_list_is_read_by_its_headings() -> None:
    assert read(DEPOSITARY).statements == (
        RESERVATION,
        RENEWAL,
        ListedStatement("SE", EventKind.RESERVATION_WITHDRAWN, date(2020, 6, 1), frozenset({"44"})),
        ListedStatement("SE", EventKind.OBJECTION, date(2021, 4, 2)),
    )


@pytest.mark.parametrize("text", [NETHERLANDS, TABLE])
def test_days_above_a_text_and_rows_of_a_table_are_read_too(text: str) -> None:
    kinds = [(one.state, one.kind, one.day) for one in read(text).statements]
    assert kinds == [("NO", RESERVATION.kind, RESERVATION.day), ("NO", RENEWAL.kind, RENEWAL.day)]
    assert read(text).statements[0].articles == (frozenset({"30"}) if text is TABLE else None)


def test_a_chart_may_only_mark_states() -> None:
    listed = read(MARKS)
    assert not listed.statements
    assert listed.marks[EventKind.OBJECTION,] == {"NO": False, "SE": True}
    ours = make_event("NO", EventKind.DECLARATION, "2017-07-05")
    assert compare(MARKS, ours) == [
        ("NO", "reservation", "only the chart", "", "marked"),
        ("NO", "declaration", "only ours", "2017-07-05", ""),
        ("SE", "objection", "only the chart", "", "marked"),
    ]
    ended = make_event("SE", EventKind.RESERVATION_LAPSED, "2020-01")  # such a state may be marked or not
    assert ("SE", "reservation", "only ours", "2015-01", "") not in compare(
        MARKS, make_event("SE", EventKind.RESERVATION, "2015-01"), ended
    )


CHART = """<table><tr><th>State</th><th>Signature</th><th>Ratification</th></tr><tr><td>Norway</td><td>07/07/2011</td>
<td>05/07/2017 (R)</td></tr></table><p>(R) with a reservation, which other states may object to.</p>"""


def test_the_days_of_a_chart_on_the_same_page_are_no_statements() -> None:
    assert read(NETHERLANDS.replace("<h3>", f"{CHART}<h3>", 1)) == read(NETHERLANDS)


@pytest.mark.parametrize(
    "text", ["<p>Norway</p><p>Sweden</p>", "State,Signature,Ratification\nNorway,2011-07-07,\n", CHART]
)
def test_a_page_without_statements_is_no_list(text: str) -> None:
    assert read_reservation_list(text.encode()) is None


def test_a_file_that_is_no_table_is_named() -> None:
    with pytest.raises(UnreadableChart):
        read_reservation_list(b"PK\x03\x04 a broken workbook")


SWEDEN = (
    make_event("SE", EventKind.RESERVATION_WITHDRAWN, "2020-06-01", "44(3)"),
    make_event("SE", EventKind.OBJECTION, "2021-04-02"),
)


def test_equal_statements_are_no_difference_and_articles_that_allow_reservations_do_not_count() -> None:
    ours = (
        make_event("NO", EventKind.RESERVATION, "2017-07-05", "30(2)"),
        make_event("NO", EventKind.RESERVATION_RENEWAL, "2022-05-03", "30;79(2)"),
        make_event("NO", EventKind.RESERVATION_LAPSED, "2024-05-03"),  # no statement of its own
    )
    assert compare(DEPOSITARY, *ours, *SWEDEN) == []


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (("reservation", "2017-07-05", "5"), ("reservation", "other articles", "2017-07-05: 5", "2017-07-05: 30, 78")),
        (("reservation", "2017-07-05", ""), ("reservation", "more precise", "2017-07-05", "2017-07-05: 30, 78")),
        (("reservation", "2017-07", "30"), ("reservation", "more precise", "2017-07: 30", "2017-07-05: 30, 78")),
        (("reservation", "", "30"), ("reservation", "more precise", "no day: 30", "2017-07-05: 30, 78")),
        (("reservation", "2016-07-05", "30"), ("reservation", "differs", "2016-07-05: 30", "2017-07-05: 30, 78")),
        (
            ("declaration", "2017-07-05", ""),
            ("declaration", "other kind", "2017-07-05", "reservation 2017-07-05: 30, 78"),
        ),
        (None, ("reservation", "only the chart", "", "2017-07-05: 30, 78")),
    ],
)  # fmt: skip
def test_each_difference_is_named(ours: tuple[str, str, str] | None, expected: tuple[str, ...]) -> None:
    renewal = make_event("NO", EventKind.RESERVATION_RENEWAL, "2022-05-03", "30(2)")
    events = (make_event("NO", EventKind(ours[0]), *ours[1:]),) if ours else ()
    assert compare(DEPOSITARY, *events, renewal, *SWEDEN) == [("NO", *expected)]


def test_which_of_several_statements_changed_its_day_is_not_guessed() -> None:
    text = "<h3>Norway</h3><p>Declaration registered on 1 May 2020</p><p>Declaration registered on 1 May 2021</p>"
    ours = make_event("NO", EventKind.DECLARATION, "2019-05-01")
    assert compare(text, ours) == [
        ("NO", "declaration", "only the chart", "", "2020-05-01"),
        ("NO", "declaration", "only the chart", "", "2021-05-01"),
        ("NO", "declaration", "only ours", "2019-05-01", ""),
    ]


def test_statements_of_one_day_are_compared_together() -> None:
    text = (
        "<h3>Norway</h3><p>Reservation deposited on 1 May 2020</p><p>Articles concerned: 30</p>"
        "<p>Reservation deposited on 1 May 2020</p><p>Articles concerned: 44</p>"
    )
    ours = [make_event("NO", EventKind.RESERVATION, "2020-05-01", article) for article in ("44(3)", "30(2)")]
    assert compare(text, *ours) == []
    assert compare(text, ours[0]) == [
        ("NO", "reservation", "other articles", "2020-05-01: 44(3)", "2020-05-01: 30, 44")
    ]
