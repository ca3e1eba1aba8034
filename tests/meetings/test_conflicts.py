"""What does not fit in a programme is found, each once, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.conflicts import Conflict, ConflictKind, conflicts_of, find_conflicts
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Appearance, Channel, Programme, Room, Session, SessionKind

DAY = datetime(2026, 9, 15, tzinfo=UTC)


def session(key: str, begins: float = 9, hours: float = 1, **more) -> Session:
    starts = DAY + timedelta(hours=begins)
    people = tuple(Appearance(one, Part.SPEAKER) for one in more.pop("people", ()))
    return Session(key, {"en": key}, SessionKind.TALK, starts, starts + timedelta(hours=hours), people=people, **more)


def programme(*sessions: Session, **more) -> Programme:
    rooms = (Room("hall", "Hall", 50), Room("attic", "Attic"))
    first, last = date(2026, 9, 15), date(2026, 9, 16)
    return Programme("m", {"en": "M"}, "Europe/Bucharest", first, last, rooms=rooms, sessions=sessions, **more)


def test_nobody_is_in_two_sessions_at_a_time():
    there = programme(
        session("a", people=["ada"]), session("b", 9.5, people=["ada", "bo"]), session("c", 10.5, people=["bo"])
    )
    assert find_conflicts(there) == (Conflict(ConflictKind.PERSON, ("a", "b"), person="ada"),)


def test_an_interpreter_is_somebody_too():
    interpreter = Appearance("ida", Part.INTERPRETER, language="fr")
    first = replace(session("a", interpreted=(Channel("fr"),)), people=(interpreter,))
    second = replace(session("b", 9.5, interpreted=(Channel("fr"),)), people=(interpreter,))
    assert find_conflicts(programme(first, second)) == (Conflict(ConflictKind.PERSON, ("a", "b"), person="ida"),)


def test_a_room_holds_one_session_at_a_time_and_the_next_may_begin_as_one_ends():
    there = programme(session("a", room="hall"), session("b", 9.5, 0.5, room="hall"), session("c", 10, room="hall"))
    assert find_conflicts(there) == (Conflict(ConflictKind.ROOM, ("a", "b"), room="Hall"),)


def test_a_language_that_is_interpreted_has_an_interpreter():
    there = programme(session("a", interpreted=(Channel("fr", "2"), Channel("ro", "3"))))
    assert find_conflicts(there) == (
        Conflict(ConflictKind.NO_INTERPRETER, ("a",), language="fr"),
        Conflict(ConflictKind.NO_INTERPRETER, ("a",), language="ro"),
    )


def test_who_said_when_they_can_come_is_not_expected_at_other_times():
    noon = DAY + timedelta(hours=12)
    free = {"ada": [(DAY + timedelta(hours=9.5), noon), (noon, noon + timedelta(hours=2))]}
    there = programme(
        session("a", 9, people=["ada"]), session("b", 11.5, people=["ada"]), session("c", 15, people=["bo"])
    )
    assert find_conflicts(there, available=free) == (Conflict(ConflictKind.UNAVAILABLE, ("a",), person="ada"),)


def test_days_are_those_of_the_meetings_zone():
    late = session("late", 21.5)  # after midnight in Bucharest, still on the first day in UTC
    next_day, too_late = session("b", 24 + 20), session("c", 24 + 21.5)
    assert find_conflicts(programme(late, next_day, too_late)) == (Conflict(ConflictKind.OUTSIDE_DAYS, ("c",)),)


def test_more_than_a_room_holds_are_too_many():
    there = programme(session("a", room="hall"), session("b", 11, room="attic"))
    assert find_conflicts(there, expected={"a": 51, "b": 500}) == (
        Conflict(ConflictKind.TOO_MANY, ("a",), room="Hall", expected=51),
    )
    assert find_conflicts(there, expected={"a": 50}) == ()


def test_a_meeting_inside_keeps_to_its_session_and_shares_people_and_rooms_with_the_rest():
    host = session("host", 9, 2, room="hall", people=["ada"])
    other = session("other", 9, room="attic", people=["bo"])
    inside = programme(
        session("in", 9, room="attic", people=["ada", "bo"]), session("over", 10.5, 1, room="hall", people=["ada"])
    )
    assert find_conflicts(programme(host, other), inside={"host": inside}) == (
        Conflict(ConflictKind.PERSON, ("in", "other"), person="bo"),
        Conflict(ConflictKind.ROOM, ("in", "other"), room="Attic"),
        Conflict(ConflictKind.OUTSIDE_HOST, ("host", "over")),
    )


def test_a_cancelled_session_disturbs_nobody():
    cancelled = session("a", room="hall", people=["ada"], cancelled=True, interpreted=(Channel("fr"),))
    assert find_conflicts(programme(cancelled, session("b", room="hall", people=["ada"]))) == ()


def test_a_session_without_a_time_is_nowhere_at_once():
    undecided = Session("a", {"en": "a"}, SessionKind.TALK, room="hall", people=(Appearance("ada", Part.CHAIR),))
    assert find_conflicts(programme(undecided, session("b", room="hall", people=["ada"]))) == ()


SESSIONS = st.lists(
    st.builds(
        lambda key, begins, minutes, room, people: session(key, begins / 4, minutes / 60, room=room, people=people),
        st.uuids().map(str),
        st.integers(0, 60),
        st.integers(15, 240),
        st.sampled_from(["", "hall", "attic"]),
        st.lists(st.sampled_from("abc"), unique=True, max_size=3),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


@given(SESSIONS)
def test_conflicts_of_people_and_rooms_are_the_pairs_that_overlap_and_share_one(sessions):
    found = find_conflicts(programme(*sessions))
    said = {(one.kind, frozenset(one.sessions), one.person or one.room) for one in found if len(one.sessions) == 2}
    wanted = set()
    for number, first in enumerate(sessions):
        for second in sessions[number + 1 :]:
            if first.overlaps(second):
                both = frozenset({first.key, second.key})
                shared = {one.person for one in first.people} & {one.person for one in second.people}
                wanted |= {(ConflictKind.PERSON, both, person) for person in shared}
                if first.room and first.room == second.room:
                    wanted.add((ConflictKind.ROOM, both, {"hall": "Hall", "attic": "Attic"}[first.room]))
    assert said == wanted


@given(SESSIONS, st.randoms(use_true_random=False))
def test_the_order_in_which_sessions_were_written_changes_nothing(sessions, chance):
    mixed = list(sessions)
    chance.shuffle(mixed)
    assert find_conflicts(programme(*mixed)) == find_conflicts(programme(*sessions))


def test_each_session_knows_its_own_conflicts():
    first, second = Conflict(ConflictKind.ROOM, ("a", "b"), room="Hall"), Conflict(ConflictKind.OUTSIDE_DAYS, ("b",))
    assert conflicts_of([first, second]) == {"a": [first], "b": [first, second]}
