"""A day's timetable: each session appears at its own time, in its own room, for as long as it lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.programme import Session, SessionKind
from samsvar.meetings.timetable import Timetable, build_timetable

NINE = datetime(2026, 9, 15, 9, tzinfo=UTC)


def make_session(key: str, begins: str, ends: str, room: str = "") -> Session:
    """Make a session between two times of one day, such as "09:00" and "10:30"; "" means no end."""

    def moment(said: str) -> datetime:
        hour, minute = said.split(":")
        return NINE.replace(hour=int(hour), minute=int(minute))

    return Session(key, {"en": key}, SessionKind.TALK, moment(begins), moment(ends) if ends else None, room)


def rows_as_text(table: Timetable) -> list[str]:
    """Return each row as text, such as "09:00 | a ×2 | –".

    × is followed by the rows that a session spans, ⇥ by the rooms.
    """
    lines = []
    for row in table.rows:
        cells = []
        for cell in row.cells:
            down = f" ×{cell.rows}" if cell.rows > 1 else ""
            across = f" ⇥{cell.columns}" if cell.columns > 1 else ""
            cells.append(f"{cell.key or '–'}{down}{across}")
        lines.append(" | ".join([row.at.strftime("%H:%M"), *cells]))
    return lines


def test_consecutive_sessions_in_a_room_are_in_successive_rows_at_their_times():
    """Use the demonstration's Wednesday, which once showed 11:00 beside 09:00."""
    table = build_timetable(
        [
            make_session("counted", "09:00", "10:30", "hall"),
            make_session("closed", "09:00", "10:30"),
            make_session("coffee", "10:30", "11:00", "foyer"),
            make_session("children", "11:00", "12:30", "hall"),
            make_session("shelters", "11:00", "12:30", "blue"),
        ],
        ["hall", "blue", "foyer"],
    )
    assert (table.rooms, rows_as_text(table)) == (
        ("hall", "blue", "foyer", ""),
        ["09:00 | counted | – | – | closed", "10:30 | – | – | coffee | –", "11:00 | children | shelters | – | –"],
    )


def test_a_longer_session_spans_the_rows_of_shorter_ones():
    table = build_timetable(
        [
            make_session("long", "09:00", "12:00", "a"),
            make_session("one", "09:00", "10:00", "b"),
            make_session("two", "10:30", "12:00", "b"),
        ],
        ["a", "b"],
    )
    assert rows_as_text(table) == ["09:00 | long ×3 | one", "10:00 | –", "10:30 | two"]


def test_partly_overlapping_sessions_keep_their_own_times():
    table = build_timetable(
        [
            make_session("first", "09:00", "10:00", "a"),
            make_session("second", "09:30", "11:00", "b"),
            make_session("third", "10:30", "11:30", "a"),
        ],
        ["a", "b"],
    )
    assert rows_as_text(table) == [
        "09:00 | first ×2 | –",
        "09:30 | second ×3",
        "10:00 | –",
        "10:30 | third ×2",
        "11:00 | –",
    ]


def test_overlapping_sessions_in_one_room_are_side_by_side():
    table = build_timetable(
        [make_session("one", "09:00", "10:00", "a"), make_session("other", "09:30", "10:30", "a")], ["a"]
    )
    assert (table.rooms, rows_as_text(table)) == (("a", "a"), ["09:00 | one ×2 | –", "09:30 | other ×2", "10:00 | –"])


def test_a_session_alone_in_its_time_is_under_the_heading_of_its_own_room():
    """Use the demonstration's first day, which showed the Great hall under Harbour room and Library."""
    table = build_timetable(
        [
            make_session("opening", "09:00", "10:00", "great-hall"),
            make_session("break", "10:00", "10:30"),
            make_session("one", "10:30", "11:30", "harbour-room"),
            make_session("two", "10:30", "11:30", "library"),
        ],
        ["great-hall", "harbour-room", "library"],
    )
    assert (table.rooms, rows_as_text(table)) == (
        ("great-hall", "harbour-room", "library"),
        ["09:00 | opening | – | –", "10:00 | break ⇥3", "10:30 | – | one | two"],
    )


def test_a_room_keeps_its_column_all_day():
    table = build_timetable(
        [
            make_session("opening", "09:00", "10:00", "b"),
            make_session("one", "10:00", "11:00", "a"),
            make_session("two", "10:00", "11:00", "b"),
            make_session("three", "14:00", "15:00", "b"),
            make_session("four", "14:00", "15:00", "c"),
        ],
        ["a", "b", "c"],
    )
    assert (table.rooms, rows_as_text(table)) == (
        ("a", "b", "c"),
        ["09:00 | – | opening | –", "10:00 | one | two | –", "14:00 | – | three | four"],
    )


def test_a_day_without_parallel_sessions_has_no_room_columns():
    table = build_timetable(
        [make_session("b", "11:00", "12:00", "x"), make_session("a", "09:00", "10:00", "y")], ["x", "y"]
    )
    assert (table.rooms, table.session_keys) == ((), ("a", "b"))


def test_a_session_without_an_end_lasts_until_another_begins_or_ends():
    table = build_timetable(
        [
            make_session("open", "09:00", "", "a"),
            make_session("beside", "09:00", "10:00", "b"),
            make_session("last", "12:00", "", "a"),
        ],
        ["a", "b"],
    )
    assert rows_as_text(table) == ["09:00 | open | beside", "12:00 | last | –"]


def test_ten_rooms_are_ten_columns():
    rooms = [f"room-{number}" for number in range(10)]
    table = build_timetable(
        [make_session(f"s{number}", "09:00", "10:00", room) for number, room in enumerate(rooms)], rooms
    )
    assert (table.rooms, len(table.rows), len(table.rows[0].cells)) == (tuple(rooms), 1, 10)


@st.composite
def sessions_of_a_day(draw):
    """Draw up to twelve sessions in up to nine rooms, of any start and length, some without an end."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        starts = NINE + timedelta(minutes=5 * draw(st.integers(0, 60)))
        lasts = draw(st.one_of(st.none(), st.integers(1, 40)))
        room = draw(st.sampled_from(["", *(f"r{n}" for n in range(9))]))
        ends = starts + timedelta(minutes=5 * lasts) if lasts else None
        found.append(Session(f"s{number:02}", {"en": "x"}, SessionKind.TALK, starts, ends, room))
    return found


@given(sessions_of_a_day())
def test_every_session_appears_once_from_its_start_to_its_end(sessions):
    table = build_timetable(sessions, [f"r{n}" for n in range(9)])
    width = max(len(table.rooms), 1)
    covered: dict[tuple[int, int], str] = {}
    for number, row in enumerate(table.rows):
        column = 0
        for cell in row.cells:
            while (number, column) in covered:
                column += 1
            for down in range(cell.rows):
                for across in range(cell.columns):
                    assert (number + down, column + across) not in covered  # no two cells overlap
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
        own_room = [table.rooms[column] for column in columns] == [one.room] if table.rooms else True
        assert own_room or (not one.room and len(columns) == width)  # never under the heading of another room
