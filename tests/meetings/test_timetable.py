"""A day of a programme as a table: each session stands at its own time, in its own room, as long as it lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.programme import Session, SessionKind
from samsvar.meetings.timetable import Timetable, timetable

NINE = datetime(2026, 9, 15, 9, tzinfo=UTC)


def at(key: str, begins: str, ends: str, room: str = "") -> Session:
    """A session between two times of one day: "09:00", "10:30"; no end where it is ""."""

    def moment(said: str) -> datetime:
        hour, minute = said.split(":")
        return NINE.replace(hour=int(hour), minute=int(minute))

    return Session(key, {"en": key}, SessionKind.TALK, moment(begins), moment(ends) if ends else None, room)


def drawn(table: Timetable) -> list[str]:
    """Each row as one would read it: "09:00 | a ×2 | – ": a session with the rows it goes down, and ⇥ the rooms."""
    lines = []
    for row in table.rows:
        cells = []
        for cell in row.cells:
            down = f" ×{cell.rows}" if cell.rows > 1 else ""
            across = f" ⇥{cell.columns}" if cell.columns > 1 else ""
            cells.append(f"{cell.key or '–'}{down}{across}")
        lines.append(" | ".join([row.at.strftime("%H:%M"), *cells]))
    return lines


def test_sessions_of_a_room_that_follow_each_other_stand_below_each_other_at_their_times():
    """The demonstration's Wednesday, which was drawn with 11:00 beside 09:00."""
    table = timetable(
        [
            at("counted", "09:00", "10:30", "hall"),
            at("closed", "09:00", "10:30"),
            at("coffee", "10:30", "11:00", "foyer"),
            at("children", "11:00", "12:30", "hall"),
            at("shelters", "11:00", "12:30", "blue"),
        ],
        ["hall", "blue", "foyer"],
    )
    assert (table.rooms, drawn(table)) == (
        ("hall", "blue", ""),
        ["09:00 | counted | – | closed", "10:30 | coffee ⇥3", "11:00 | children | shelters | –"],
    )


def test_a_longer_session_goes_down_beside_the_shorter_ones():
    table = timetable(
        [at("long", "09:00", "12:00", "a"), at("one", "09:00", "10:00", "b"), at("two", "10:30", "12:00", "b")],
        ["a", "b"],
    )
    assert drawn(table) == ["09:00 | long ×3 | one", "10:00 | –", "10:30 | two"]


def test_sessions_that_begin_inside_each_other_keep_their_own_times():
    table = timetable(
        [at("first", "09:00", "10:00", "a"), at("second", "09:30", "11:00", "b"), at("third", "10:30", "11:30", "a")],
        ["a", "b"],
    )
    assert drawn(table) == ["09:00 | first ×2 | –", "09:30 | second ×3", "10:00 | –", "10:30 | third ×2", "11:00 | –"]


def test_two_sessions_in_one_room_at_a_time_stand_beside_each_other_and_not_one_after_the_other():
    table = timetable([at("one", "09:00", "10:00", "a"), at("other", "09:30", "10:30", "a")], ["a"])
    assert (table.rooms, drawn(table)) == (("a", "a"), ["09:00 | one ×2 | –", "09:30 | other ×2", "10:00 | –"])


def test_a_room_is_one_column_the_whole_day_and_what_is_alone_goes_over_all():
    table = timetable(
        [
            at("opening", "09:00", "10:00", "b"),
            at("one", "10:00", "11:00", "a"),
            at("two", "10:00", "11:00", "b"),
            at("three", "14:00", "15:00", "b"),
            at("four", "14:00", "15:00", "c"),
        ],
        ["a", "b", "c"],
    )
    assert (table.rooms, drawn(table)) == (
        ("a", "b", "c"),
        ["09:00 | opening ⇥3", "10:00 | one | two | –", "14:00 | – | three | four"],
    )


def test_a_day_without_anything_beside_anything_has_no_rooms():
    table = timetable([at("b", "11:00", "12:00", "x"), at("a", "09:00", "10:00", "y")], ["x", "y"])
    assert (table.rooms, table.keys) == ((), ("a", "b"))


def test_what_has_no_end_is_drawn_until_something_else_begins_or_ends():
    table = timetable(
        [at("open", "09:00", "", "a"), at("beside", "09:00", "10:00", "b"), at("last", "12:00", "", "a")], ["a", "b"]
    )
    assert drawn(table) == ["09:00 | open | beside", "12:00 | last ⇥2"]


def test_ten_rooms_are_ten_columns():
    rooms = [f"room-{number}" for number in range(10)]
    table = timetable([at(f"s{number}", "09:00", "10:00", room) for number, room in enumerate(rooms)], rooms)
    assert (table.rooms, len(table.rows), len(table.rows[0].cells)) == (tuple(rooms), 1, 10)


@st.composite
def days(draw):
    """Up to twelve sessions in up to nine rooms, of any length and beginning, some without an end."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        starts = NINE + timedelta(minutes=5 * draw(st.integers(0, 60)))
        lasts = draw(st.one_of(st.none(), st.integers(1, 40)))
        room = draw(st.sampled_from(["", *(f"r{n}" for n in range(9))]))
        ends = starts + timedelta(minutes=5 * lasts) if lasts else None
        found.append(Session(f"s{number:02}", {"en": "x"}, SessionKind.TALK, starts, ends, room))
    return found


@given(days())
def test_whatever_the_day_every_session_stands_once_from_its_beginning_to_its_end(sessions):
    table = timetable(sessions, [f"r{n}" for n in range(9)])
    width = max(len(table.rooms), 1)
    covered: dict[tuple[int, int], str] = {}
    for number, row in enumerate(table.rows):
        column = 0
        for cell in row.cells:
            while (number, column) in covered:
                column += 1
            for down in range(cell.rows):
                for across in range(cell.columns):
                    assert (number + down, column + across) not in covered  # nothing lies on anything
                    covered[number + down, column + across] = cell.key
    assert covered.keys() == {(number, column) for number in range(len(table.rows)) for column in range(width)}
    moments = [row.at for row in table.rows]
    assert all(before < after for before, after in pairwise(moments))
    for one in sessions:
        rows = sorted({number for (number, _column), key in covered.items() if key == one.key})
        assert moments[rows[0]] == one.starts
        if one.ends:
            assert rows == [number for number, at in enumerate(moments) if one.starts <= at < one.ends]
        columns = {column for (_number, column), key in covered.items() if key == one.key}
        assert len(columns) == width or [table.rooms[column] for column in columns] == [one.room]
