"""A programme of another system beside ours, and our whole programme in work for an organiser to take along."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from samsvar.ids import stable_id
from samsvar.interchange.imported_programme import UNSAID, Taken
from samsvar.interchange.pretalx import called_in_files
from samsvar.interchange.text_cleanup import guid_of, said
from samsvar.meetings.programme import Programme, Session, Texts, is_around
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.network.access.permissions import Person

LONGEST_TITLE, LONGEST_ABSTRACT, LONGEST_NAME = 200, 5_000, 80  # as the forms of the programme have them


class Fate(StrEnum):
    """What taking a file in would do with one of its sessions."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Compared:
    """One session of the file, as it would stand here, and ours where it is there."""

    session: Session
    title: str
    guid: uuid.UUID
    row: models.Session | None
    fate: Fate
    differs: tuple[str, ...] = ()  # columns of ours that would change


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole file beside what is there."""

    taken: Taken
    sessions: tuple[Compared, ...]
    rooms: tuple[str, ...]  # names that are new
    tracks: tuple[str, ...]
    people: int  # whom the file names and we have not taken in
    left: int  # sessions of ours that the file does not have; they stay
    counts: Mapping[str, int] = field(default_factory=dict)
    far: tuple[str, ...] = ()  # titles of sessions that are held more than a month from our meeting: left out
    cut: int = 0  # titles, texts and names that are longer than ours may be


def compare(meeting: models.Meeting, taken: Taken) -> Comparison:
    """What would become of each session. Ours is found by its guid: a file taken in twice makes nothing twice."""
    programme, cut = _as_ours(taken.programme)
    programme, far = _around(meeting, programme)
    rows = {row.guid: row for row in queries.sessions_of(meeting)}
    guids = {one.key: guid_in(meeting, one, rows) for one in programme.sessions}
    elsewhere = set(
        models.Session.objects.filter(guid__in=guids.values()).exclude(meeting=meeting).values_list("guid", flat=True)
    )
    compared = []
    for one in programme.sessions:
        guid = guids[one.key]
        if guid in elsewhere:  # the same file was taken in at another meeting: here it is another session
            guid = guid_of(f"{meeting.public_id}/taken", one.key + "/elsewhere")
        row = rows.get(guid)
        one = _in_languages(one, row, meeting.languages)
        differs = differences(row, one, programme) if row is not None else ()
        fate = Fate.NEW if row is None else Fate.CHANGED if differs else Fate.SAME
        compared.append(Compared(one, said(one.title), guid, row, fate, differs))
    known_rooms = {room.name for room in meeting.rooms.all()}
    known_tracks = {name for track in meeting.tracks.all() for name in track.name.values()}
    named = {one.person for session in programme.sessions for one in session.people if one.name}
    keys = {person_key(meeting, one) for one in named - set(people_there(meeting))}
    known = models.TakenPerson.objects.filter(meeting=meeting, key__in=keys).count()
    counts = {fate.value: sum(one.fate is fate for one in compared) for fate in Fate}
    return Comparison(
        replace(taken, programme=programme),
        tuple(compared),
        tuple(dict.fromkeys(room.name for room in programme.rooms if room.name and room.name not in known_rooms)),
        tuple(
            dict.fromkeys(name for track in programme.tracks if (name := said(track.name)) and name not in known_tracks)
        ),
        len(keys) - known,
        len(set(rows) - {one.guid for one in compared}),
        counts,
        far,
        cut,
    )


def _around(meeting: models.Meeting, programme: Programme) -> tuple[Programme, tuple[str, ...]]:
    """The programme without what is held far from our meeting, as no session of ours may be, and what is held so."""
    zone = ZoneInfo(meeting.zone)
    near: list[Session] = []
    far: list[Session] = []
    for one in programme.sessions:
        moments = [at for at in (one.starts, one.ends) if at]
        around = all(is_around(at, meeting.begins, meeting.ends, zone) for at in moments)
        (near if around else far).append(one)
    return replace(programme, sessions=tuple(near)), tuple(said(one.title) for one in far)


def _as_ours(programme: Programme) -> tuple[Programme, int]:
    """The programme with texts no longer than ours may be, and how many were cut: compared as it would be kept."""
    cut = 0

    def short(texts: Texts, longest: int) -> Texts:
        nonlocal cut
        cut += sum(len(text) > longest for text in texts.values())
        return {code: text[:longest] for code, text in texts.items()}

    sessions = tuple(
        replace(one, title=short(one.title, LONGEST_TITLE), abstract=short(one.abstract, LONGEST_ABSTRACT))
        for one in programme.sessions
    )
    rooms = tuple(replace(one, name=short({"": one.name}, LONGEST_NAME)[""]) for one in programme.rooms)
    tracks = tuple(replace(one, name=short(one.name, LONGEST_NAME)) for one in programme.tracks)
    return replace(programme, sessions=sessions, rooms=rooms, tracks=tracks), cut


def in_languages(texts: Texts, ours: Texts, languages: Sequence[str]) -> Texts:
    """A text whose language no file says is in ours where it stands already, else in the meeting's first."""
    if UNSAID not in texts:
        return texts
    original = next(iter(queries.in_order(ours, languages)), (list(languages) or ["en"])[0])
    return {original if code == UNSAID else code: text for code, text in texts.items()}


def _in_languages(one: Session, row: models.Session | None, languages: Sequence[str]) -> Session:
    title = in_languages(one.title, row.title if row else {}, languages)
    abstract = in_languages(one.abstract, (row.abstract if row else {}) or title, languages)
    return replace(one, title=title, abstract=abstract)


def guid_in(meeting: models.Meeting, session: Session, rows: Mapping[uuid.UUID, models.Session]) -> uuid.UUID:
    """The guid under which a session of a file stands here: its own where it has one, else one made of its key."""
    try:
        own = uuid.UUID(session.guid or session.key)
    except ValueError:
        return guid_of(f"{meeting.public_id}/taken", session.key)
    second = guid_of(f"{meeting.public_id}/taken", session.key + "/elsewhere")
    return second if second in rows else own


def person_key(meeting: models.Meeting, key: str) -> str:
    """What stands in our table for somebody of the file: a hash, which says nothing of them."""
    return stable_id(meeting.public_id, key)


def people_there(meeting: models.Meeting) -> dict[str, Person | None]:
    """Who stands in this programme already, by all that our own files call them; None for those a source names.

    So a file that was taken out here and is brought back names nobody anew, whichever of our formats it has.
    """
    rows = list(queries.sessions_of(meeting))
    keys = queries.keys_of(meeting, rows)
    there: dict[str, Person | None] = {}
    for session in rows:
        for one in session.appearances.all():
            if one.person is not None or one.named:
                there |= dict.fromkeys(called_in_files(meeting.public_id, keys[one.pk]), one.person)
    return there


def differences(row: models.Session, one: Session, programme: Programme) -> tuple[str, ...]:
    """The columns in which ours and the file's are not the same; what the file does not say changes nothing."""
    rooms = {room.key: room.name for room in programme.rooms}
    tracks = {track.key: said(track.name) for track in programme.tracks}
    found = []
    if any(row.title.get(code) != text for code, text in one.title.items() if text):
        found.append("title")
    if any(row.abstract.get(code) != text for code, text in one.abstract.items() if text):
        found.append("abstract")
    if row.kind != one.kind.value:
        found.append("kind")
    if one.starts and (row.starts, row.ends) != (one.starts, one.ends):
        found.append("time")
    if rooms.get(one.room) and (row.room is None or row.room.name != rooms[one.room]):
        found.append("room")
    if tracks.get(one.track) and (row.track is None or tracks[one.track] not in row.track.name.values()):
        found.append("track")
    if one.languages and not set(one.languages) <= set(row.languages):
        found.append("languages")
    return tuple(found)


def whole_programme(user: User, meeting: models.Meeting, *, address: str) -> Programme:
    """The programme in work, drafts too, with the names that who runs the meeting may know: one sight.

    People at risk go out under their pseudonym: a file leaves the house.
    """
    rows = list(queries.sessions_of(meeting))
    programme = queries.as_programme(meeting, rows, address=address, version=str(meeting.version or ""))
    keys = queries.keys_of(meeting, rows)
    names = {}
    for pk, person in queries.names_for(user, meeting, rows).items():
        somebody = person.row.person
        at_risk = somebody is not None and somebody.at_risk
        names[keys[pk]] = (somebody.pseudonym, "") if somebody and at_risk else (person.name, person.country)
    sessions = (
        replace(
            session,
            people=tuple(
                replace(one, name=names[one.person][0], country=names[one.person][1]) if one.person in names else one
                for one in session.people
            ),
        )
        for session in programme.sessions
    )
    return replace(programme, sessions=tuple(sessions))
