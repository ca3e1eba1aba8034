"""Finding conflicts in a programme: each conflict is reported once, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.conflicts import Conflict, ConflictKind, conflicts_by_session, find_conflicts
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Appearance, InterpretationChannel, Programme, Room, Session, SessionKind

DAY = datetime(2026, 9, 15, tzinfo=UTC)


def make_session(key: str, begins: float = 9, hours: float = 1, **more) -> Session:
    starts = DAY + timedelta(hours=begins)
    people = tuple(Appearance(one, ProgrammeRole.SPEAKER) for one in more.pop("people", ()))
    return Session(key, {"en": key}, SessionKind.TALK, starts, starts + timedelta(hours=hours), people=people, **more)


def make_programme(*sessions: Session, **more) -> Programme:
    rooms = (Room("hall", "Hall", 50), Room("attic", "Attic"))
    first, last = date(2026, 9, 15), date(2026, 9, 16)
    return Programme("m", {"en": "M"}, "Europe/Bucharest", first, last, rooms=rooms, sessions=sessions, **more)


def test_a_person_in_two_sessions_at_once_is_a_conflict():
    there = make_programme(
        make_session("a", people=["ada"]),
        make_session("b", 9.5, people=["ada", "bo"]),
        make_session("c", 10.5, people=["bo"]),
    )
    assert find_conflicts(there) == (Conflict(ConflictKind.PERSON, ("a", "b"), person="ada"),)


def test_an_interpreter_in_two_sessions_at_once_is_a_conflict():
    interpreter = Appearance("ida", ProgrammeRole.INTERPRETER, language="fr")
    first = replace(make_session("a", interpreted=(InterpretationChannel("fr"),)), people=(interpreter,))
    second = replace(make_session("b", 9.5, interpreted=(InterpretationChannel("fr"),)), people=(interpreter,))
    assert find_conflicts(make_programme(first, second)) == (Conflict(ConflictKind.PERSON, ("a", "b"), person="ida"),)


def test_two_sessions_in_a_room_conflict_unless_one_ends_as_the_other_begins():
    there = make_programme(
        make_session("a", room="hall"), make_session("b", 9.5, 0.5, room="hall"), make_session("c", 10, room="hall")
    )
    assert find_conflicts(there) == (Conflict(ConflictKind.ROOM, ("a", "b"), room="Hall"),)


def test_an_interpreted_language_without_an_interpreter_is_a_conflict():
    there = make_programme(
        make_session("a", interpreted=(InterpretationChannel("fr", "2"), InterpretationChannel("ro", "3")))
    )
    assert find_conflicts(there) == (
        Conflict(ConflictKind.NO_INTERPRETER, ("a",), language="fr"),
        Conflict(ConflictKind.NO_INTERPRETER, ("a",), language="ro"),
    )


def test_a_session_outside_a_persons_availability_is_a_conflict():
    noon = DAY + timedelta(hours=12)
    free = {"ada": [(DAY + timedelta(hours=9.5), noon), (noon, noon + timedelta(hours=2))]}
    there = make_programme(
        make_session("a", 9, people=["ada"]),
        make_session("b", 11.5, people=["ada"]),
        make_session("c", 15, people=["bo"]),
    )
    assert find_conflicts(there, available=free) == (Conflict(ConflictKind.UNAVAILABLE, ("a",), person="ada"),)


def test_days_are_counted_in_the_meetings_time_zone():
    late = make_session("late", 21.5)  # after midnight in Bucharest, still the first day in UTC
    next_day, too_late = make_session("b", 24 + 20), make_session("c", 24 + 21.5)
    assert find_conflicts(make_programme(late, next_day, too_late)) == (Conflict(ConflictKind.OUTSIDE_DAYS, ("c",)),)


def test_more_people_than_a_room_holds_are_a_conflict():
    there = make_programme(make_session("a", room="hall"), make_session("b", 11, room="attic"))
    assert find_conflicts(there, expected={"a": 51, "b": 500}) == (
        Conflict(ConflictKind.TOO_MANY, ("a",), room="Hall", expected=51),
    )
    assert find_conflicts(there, expected={"a": 50}) == ()


def test_a_nested_meeting_stays_within_its_session_and_shares_people_and_rooms():
    host = make_session("host", 9, 2, room="hall", people=["ada"])
    other = make_session("other", 9, room="attic", people=["bo"])
    inside = make_programme(
        make_session("in", 9, room="attic", people=["ada", "bo"]),
        make_session("over", 10.5, 1, room="hall", people=["ada"]),
    )
    assert find_conflicts(make_programme(host, other), nested_programmes={"host": inside}) == (
        Conflict(ConflictKind.PERSON, ("in", "other"), person="bo"),
        Conflict(ConflictKind.ROOM, ("in", "other"), room="Attic"),
        Conflict(ConflictKind.OUTSIDE_HOST, ("host", "over")),
    )


def test_a_cancelled_session_causes_no_conflict():
    cancelled = make_session(
        "a", room="hall", people=["ada"], cancelled=True, interpreted=(InterpretationChannel("fr"),)
    )
    assert find_conflicts(make_programme(cancelled, make_session("b", room="hall", people=["ada"]))) == ()


def test_a_session_without_a_time_causes_no_conflict():
    undecided = Session(
        "a", {"en": "a"}, SessionKind.TALK, room="hall", people=(Appearance("ada", ProgrammeRole.CHAIR),)
    )
    assert find_conflicts(make_programme(undecided, make_session("b", room="hall", people=["ada"]))) == ()


SESSIONS = st.lists(
    st.builds(
        lambda key, begins, minutes, room, people: make_session(
            key, begins / 4, minutes / 60, room=room, people=people
        ),
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
def test_conflicts_are_the_overlapping_pairs_that_share_a_person_or_a_room(sessions):
    found = find_conflicts(make_programme(*sessions))
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
def test_the_order_of_sessions_does_not_change_the_conflicts(sessions, chance):
    mixed = list(sessions)
    chance.shuffle(mixed)
    assert find_conflicts(make_programme(*mixed)) == find_conflicts(make_programme(*sessions))


def test_conflicts_are_grouped_by_session():
    first, second = Conflict(ConflictKind.ROOM, ("a", "b"), room="Hall"), Conflict(ConflictKind.OUTSIDE_DAYS, ("b",))
    assert conflicts_by_session([first, second]) == {"a": [first], "b": [first, second]}
