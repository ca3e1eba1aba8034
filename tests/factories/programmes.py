"""Programmes for tests: one that uses every feature, and a strategy that generates arbitrary ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Appearance, InterpretationChannel, Programme, Room, Session, SessionKind, Track

FULL_PROGRAMME = Programme(
    meeting="sudmar-2031",
    title={"en": "Shelters that hold", "fr": "Des refuges qui tiennent"},
    zone="Europe/Bucharest",
    begins=date(2031, 6, 4),
    ends=date(2031, 6, 5),
    version="3",
    rooms=(Room("hall", "Great hall", 120), Room("side", "Room 2")),
    tracks=(Track("shelters", {"en": "Shelters"}),),
    sessions=(
        Session(
            key="9f1b2c3d-0000-4000-8000-000000000001",
            title={"en": "Opening & welcome", "fr": "Ouverture"},
            kind=SessionKind.OPENING,
            starts=datetime(2031, 6, 4, 6, 30, tzinfo=UTC),
            ends=datetime(2031, 6, 4, 7, 30, tzinfo=UTC),
            room="hall",
            abstract={"en": "Who we are.\nWhy we meet.", "fr": "Qui nous sommes."},
            languages=("en", "fr"),
            interpreted=(InterpretationChannel("fr", "2"),),
            people=(
                Appearance("p1", ProgrammeRole.CHAIR, "Ana Zmeu", "SUD", "Ministry of Sudmar", "Minister"),
                Appearance("p2", ProgrammeRole.SPEAKER, country="NMK"),
            ),
        ),
        Session(
            key="workshop-1",
            title={"en": "Counting beds"},
            kind=SessionKind.WORKSHOP,
            starts=datetime(2031, 6, 5, 8, 0, tzinfo=UTC),
            ends=datetime(2031, 6, 5, 9, 15, tzinfo=UTC),
            room="side",
            track="shelters",
            languages=("en",),
            people=(Appearance("p3", ProgrammeRole.SPEAKER, "Otto Birk"),),
        ),
        Session(
            key="dropped",
            title={"en": "Left out"},
            kind=SessionKind.TALK,
            starts=datetime(2031, 6, 5, 10, 0, tzinfo=UTC),
            ends=datetime(2031, 6, 5, 11, 0, tzinfo=UTC),
            cancelled=True,
        ),
        Session(key="some-time", title={"en": "Not yet placed"}, kind=SessionKind.TALK),
    ),
    place="Palace of the Parliament",
    address="https://samsvar.example/en/meetings/sudmar-2031/",
)

TEXT = st.text(max_size=40)
_ZONES = st.sampled_from(["Europe/Bucharest", "UTC", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Etc/GMT+3"])


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Generate a programme with arbitrary texts and with sessions at any minute of its days."""
    begins = draw(st.dates(date(2001, 1, 1), date(2060, 1, 1)))
    ends = begins + timedelta(days=draw(st.integers(0, 4)))
    rooms = tuple(Room(f"r{n}", draw(TEXT)) for n in range(draw(st.integers(0, 3))))
    tracks = tuple(Track(f"t{n}", {"en": draw(TEXT)}) for n in range(draw(st.integers(0, 2))))
    sessions = []
    for n in range(draw(st.integers(0, 5))):
        starts = datetime.combine(begins, datetime.min.time(), UTC) + timedelta(minutes=draw(st.integers(0, 7000)))
        sessions.append(
            Session(
                key=f"s{n}",
                title={"en": draw(TEXT), "ar": draw(TEXT)},
                kind=draw(st.sampled_from(SessionKind)),
                starts=starts,
                ends=starts + timedelta(minutes=draw(st.integers(1, 600))) if draw(st.booleans()) else None,
                room=draw(st.sampled_from([*(room.key for room in rooms), ""])),
                track=draw(st.sampled_from([*(track.key for track in tracks), ""])),
                abstract={"en": draw(TEXT)},
                languages=("en",) if draw(st.booleans()) else (),
                people=tuple(
                    Appearance(f"p{n}{m}", ProgrammeRole.SPEAKER, draw(TEXT), organisation=draw(TEXT))
                    for m in range(draw(st.integers(0, 2)))
                ),
                cancelled=draw(st.booleans()),
            )
        )
    return Programme(
        meeting=draw(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)),
        title={"en": draw(TEXT)},
        zone=draw(_ZONES),
        begins=begins,
        ends=ends,
        version=draw(st.sampled_from(["", "1", "17", "ä"])),
        rooms=rooms,
        tracks=tracks,
        sessions=tuple(sorted(sessions, key=lambda one: one.starts or datetime.max.replace(tzinfo=UTC))),
        place=draw(TEXT),
        address="https://samsvar.example/en/meetings/any/",
    )
