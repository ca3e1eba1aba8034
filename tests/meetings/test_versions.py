"""Differences between two versions of a programme, and the JSON in which programmes and changes are stored."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.meeting import AccessLevel, ProgrammeRole
from samsvar.meetings.programme import Appearance, InterpretationChannel, Programme, Room, Session, SessionKind, Track
from samsvar.meetings.versions import (
    ChangeKind,
    InvalidProgramme,
    ProgrammeChange,
    change_from_json,
    change_to_json,
    compare_programmes,
    programme_from_json,
    programme_to_json,
)

NINE = datetime(2026, 9, 15, 9, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
ROOMS = (Room("hall", "Hall", 50), Room("attic", "Attic"))
TALK = Session("talk", {"en": "A talk"}, SessionKind.TALK, NINE, TEN, room="hall", languages=("en",))


def make_programme(*sessions: Session) -> Programme:
    days = date(2026, 9, 15), date(2026, 9, 16)
    return Programme("m", {"en": "M"}, "Europe/Bucharest", *days, rooms=ROOMS, sessions=sessions)


def changes_between(was: Session | None, becomes: Session | None) -> list[tuple]:
    found = compare_programmes(
        make_programme(*filter(None, [was])),
        make_programme(*filter(None, [becomes])),
    )
    return [(one.kind, one.before, one.after) for one in found]


LATER = TEN + timedelta(hours=1)
AT_NINE, AT_TEN = (NINE.isoformat(), TEN.isoformat()), (TEN.isoformat(), LATER.isoformat())


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (None, TALK, (ChangeKind.ADDED, (), AT_NINE)),
        (TALK, None, (ChangeKind.REMOVED, AT_NINE, ())),
        (TALK, replace(TALK, cancelled=True), (ChangeKind.CANCELLED, (), ())),
        (replace(TALK, cancelled=True), TALK, (ChangeKind.REINSTATED, (), AT_NINE)),
        (TALK, replace(TALK, starts=TEN, ends=LATER), (ChangeKind.MOVED, AT_NINE, AT_TEN)),
        (TALK, replace(TALK, room="attic"), (ChangeKind.ROOM, ("Hall",), ("Attic",))),
        (TALK, replace(TALK, room=""), (ChangeKind.ROOM, ("Hall",), ())),
        (TALK, replace(TALK, track="law"), (ChangeKind.TRACK, (), ("law",))),
        (TALK, replace(TALK, title={"en": "A speech"}), (ChangeKind.RENAMED, ("A talk",), ("A speech",))),
        (
            TALK,
            replace(TALK, interpreted=(InterpretationChannel("fr", "2"),)),
            (ChangeKind.LANGUAGES, ("en",), ("en", "fr=2")),
        ),
        (
            replace(TALK, people=(Appearance("ada", ProgrammeRole.SPEAKER),)),
            replace(TALK, people=(Appearance("bo", ProgrammeRole.SPEAKER),)),
            (ChangeKind.PEOPLE, ("ada",), ("bo",)),
        ),
    ],
)
def test_each_kind_of_difference_is_one_change(was, becomes, said):
    assert changes_between(was, becomes) == [said]


def test_changes_are_in_order_of_time_with_undecided_sessions_last():
    undecided = replace(TALK, key="a-undecided", starts=None, ends=None)
    later, earlier = replace(TALK, key="b", starts=TEN, ends=LATER), replace(TALK, key="c")
    found = compare_programmes(make_programme(), make_programme(undecided, later, earlier))
    assert [one.session for one in found] == ["c", "b", "a-undecided"]


def test_a_change_is_visible_only_to_those_who_may_read_both_versions():
    wide, narrow = TALK, replace(TALK, access=AccessLevel.SPEAKERS, room="attic")
    assert [one.access for one in compare_programmes(make_programme(wide), make_programme(narrow))] == [
        AccessLevel.SPEAKERS
    ]
    assert [one.access for one in compare_programmes(make_programme(narrow), make_programme(wide))] == [
        AccessLevel.SPEAKERS
    ]


TEXTS = st.dictionaries(st.sampled_from(["en", "fr", "ro"]), st.text(min_size=1, max_size=20), min_size=1)
SESSIONS = st.builds(
    lambda key, title, start, **more: Session(
        key, title, starts=start, ends=start + timedelta(minutes=45) if start else None, **more
    ),
    st.uuids().map(str),
    TEXTS,
    st.none() | st.integers(0, 2000).map(lambda minutes: NINE + timedelta(minutes=minutes)),
    kind=st.sampled_from(SessionKind),
    room=st.sampled_from(["", "hall", "attic"]),
    track=st.sampled_from(["", "law"]),
    abstract=TEXTS,
    languages=st.lists(st.sampled_from(["en", "fr"]), unique=True).map(tuple),
    interpreted=st.lists(
        st.builds(InterpretationChannel, st.sampled_from(["nb", "ro"]), st.text(max_size=3)), max_size=2
    ).map(tuple),
    people=st.lists(
        st.builds(
            Appearance,
            st.sampled_from("abc"),
            st.sampled_from(ProgrammeRole),
            st.text(max_size=9),
            language=st.just("fr"),
        ),
        max_size=3,
    ).map(tuple),
    access=st.sampled_from(AccessLevel),
    cancelled=st.booleans(),
    guid=st.uuids().map(str),
)
PROGRAMMES = st.lists(SESSIONS, max_size=6, unique_by=lambda one: one.key).map(
    lambda sessions: replace(
        make_programme(*sessions), tracks=(Track("law", {"en": "Law"}),), version="3", place="Port"
    )
)


@given(PROGRAMMES)
def test_a_programme_is_read_back_from_json_unchanged(there):
    assert programme_from_json(json.loads(json.dumps(programme_to_json(there)))) == there


def test_the_precision_of_dates_is_stored_only_if_they_are_not_exact():
    vague = replace(make_programme(), precision="month")
    assert programme_from_json(programme_to_json(vague)) == vague
    assert "precision" not in programme_to_json(make_programme())


@given(PROGRAMMES)
def test_a_programme_does_not_differ_from_itself(there):
    assert compare_programmes(there, there) == ()


@given(PROGRAMMES, PROGRAMMES)
def test_differences_in_both_directions_name_the_same_sessions_and_are_read_back(old, new):
    there, back = compare_programmes(old, new), compare_programmes(new, old)
    assert {one.session for one in there} == {one.session for one in back}
    assert tuple(change_from_json(json.loads(json.dumps(change_to_json(one)))) for one in there) == there


@pytest.mark.parametrize(
    "wrong",
    [{}, {"meeting": "m"}, {"sessions": 3}, {**programme_to_json(make_programme(TALK)), "zone": None, "rooms": [1]}],
)
def test_json_that_is_not_a_programme_is_rejected(wrong):
    with pytest.raises(InvalidProgramme):
        programme_from_json(wrong)


def test_json_that_is_not_a_change_is_rejected():
    with pytest.raises(InvalidProgramme):
        change_from_json({"kind": "danced"})
    moved = ProgrammeChange(ChangeKind.MOVED, "talk", {"en": "A talk"}, None)
    assert change_from_json(change_to_json(moved)) == moved
