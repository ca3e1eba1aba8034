"""Queries that compare an imported programme with the draft, and prepare the whole draft for export."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from samsvar.ids import stable_id
from samsvar.interchange.imported_programme import UNKNOWN_LANGUAGE, ImportedProgramme
from samsvar.interchange.pretalx import exported_identifiers
from samsvar.interchange.text_cleanup import make_guid, select_text
from samsvar.meetings.programme import Appearance, LocalisedText, Programme, Session, is_near_dates
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.pseudonyms import get_pseudonyms, hidden_person_key
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.network.access.permissions import Person

LONGEST_TITLE, LONGEST_ABSTRACT, LONGEST_NAME = 200, 5_000, 80  # as in the forms of the programme


class ImportStatus(StrEnum):
    """The effect that an import would have on one session of a file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class SessionComparison:
    """A session of the file as it would be saved, with the existing session that it matches, if any."""

    session: Session
    title: str
    guid: uuid.UUID
    existing: models.Session | None
    status: ImportStatus
    changed_columns: tuple[str, ...] = ()  # columns of the existing session that would change


@dataclass(frozen=True, slots=True)
class ImportComparison:
    """An imported file compared with the existing programme."""

    imported: ImportedProgramme
    sessions: tuple[SessionComparison, ...]
    rooms: tuple[str, ...]  # names of new rooms
    tracks: tuple[str, ...]
    people: int  # number of people named in the file who were not imported before
    missing_from_file: int  # number of existing sessions that are not in the file; they are kept
    counts: Mapping[str, int] = field(default_factory=dict)
    far_session_titles: tuple[str, ...] = ()  # sessions left out: over a month from the meeting
    truncated: int = 0  # number of titles, texts and names longer than our limits


def compare_import(meeting: models.Meeting, imported: ImportedProgramme) -> ImportComparison:
    """Compare a file with the draft. Sessions match by GUID, so importing a file twice does not duplicate them."""
    programme, cut = _truncate_texts(imported.programme)
    programme, far = _separate_distant_sessions(meeting, programme)
    sessions_by_guid = {existing.guid: existing for existing in queries.draft_sessions(meeting)}
    guids = {one.key: local_guid(meeting, one, sessions_by_guid) for one in programme.sessions}
    of_others = models.Session.objects.filter(guid__in=guids.values()).exclude(meeting=meeting)
    elsewhere = set(of_others.values_list("guid", flat=True))
    compared = []
    for file_session in programme.sessions:
        guid = guids[file_session.key]
        if guid in elsewhere:  # another meeting has imported the same file, so this is a separate session
            guid = make_guid(f"{meeting.public_id}/taken", file_session.key + "/elsewhere")
        existing = sessions_by_guid.get(guid)
        file_session = _assign_languages(file_session, existing, meeting.languages)
        columns = find_changed_columns(existing, file_session, programme) if existing is not None else ()
        status = ImportStatus.NEW if existing is None else ImportStatus.CHANGED if columns else ImportStatus.SAME
        title = select_text(file_session.title)
        compared.append(SessionComparison(file_session, title, guid, existing, status, columns))
    known_rooms = {room.name for room in meeting.rooms.all()}
    known_tracks = {name for track in meeting.tracks.all() for name in track.name.values()}
    named_people = {one.person for session in programme.sessions for one in session.people if one.name}
    keys = {hash_person_key(meeting, key) for key in named_people - set(known_people(meeting))}
    known_count = models.ImportedPerson.objects.filter(meeting=meeting, key__in=keys).count()
    counts = {status.value: sum(one.status is status for one in compared) for status in ImportStatus}
    rooms = dict.fromkeys(room.name for room in programme.rooms)
    tracks = dict.fromkeys(select_text(track.name) for track in programme.tracks)
    return ImportComparison(
        replace(imported, programme=programme),
        tuple(compared),
        tuple(name for name in rooms if name and name not in known_rooms),
        tuple(name for name in tracks if name and name not in known_tracks),
        len(keys) - known_count,
        len(set(sessions_by_guid) - {one.guid for one in compared}),
        counts,
        far,
        cut,
    )


def _separate_distant_sessions(meeting: models.Meeting, programme: Programme) -> tuple[Programme, tuple[str, ...]]:
    """Return the programme without sessions that are far from the meeting in time, and the titles of those sessions."""
    zone = ZoneInfo(meeting.zone)
    near: list[Session] = []
    far: list[Session] = []
    for session in programme.sessions:
        moments = [at for at in (session.starts, session.ends) if at]
        around = all(is_near_dates(at, meeting.begins, meeting.ends, zone) for at in moments)
        (near if around else far).append(session)
    return replace(programme, sessions=tuple(near)), tuple(select_text(session.title) for session in far)


def _truncate_texts(programme: Programme) -> tuple[Programme, int]:
    """Return the programme with its texts cut to the lengths that would be saved, and the number of texts cut."""
    cut = 0

    def truncate(texts: LocalisedText, longest: int) -> LocalisedText:
        nonlocal cut
        cut += sum(len(text) > longest for text in texts.values())
        return {code: text[:longest] for code, text in texts.items()}

    sessions = tuple(
        replace(one, title=truncate(one.title, LONGEST_TITLE), abstract=truncate(one.abstract, LONGEST_ABSTRACT))
        for one in programme.sessions
    )
    rooms = tuple(replace(one, name=truncate({"": one.name}, LONGEST_NAME)[""]) for one in programme.rooms)
    tracks = tuple(replace(one, name=truncate(one.name, LONGEST_NAME)) for one in programme.tracks)
    return replace(programme, sessions=sessions, rooms=rooms, tracks=tracks), cut


def assign_language(texts: LocalisedText, existing: LocalisedText, languages: Sequence[str]) -> LocalisedText:
    """Assign a text of unknown language to the language of our own text, or else to the meeting's first language."""
    if UNKNOWN_LANGUAGE not in texts:
        return texts
    original = next(iter(queries.order_by_language(existing, languages)), (list(languages) or ["en"])[0])
    return {original if code == UNKNOWN_LANGUAGE else code: text for code, text in texts.items()}


def _assign_languages(session: Session, existing: models.Session | None, languages: Sequence[str]) -> Session:
    title = assign_language(session.title, existing.title if existing else {}, languages)
    abstract = assign_language(session.abstract, (existing.abstract if existing else {}) or title, languages)
    return replace(session, title=title, abstract=abstract)


def local_guid(meeting: models.Meeting, session: Session, existing: Mapping[uuid.UUID, models.Session]) -> uuid.UUID:
    """Return the GUID of a file's session: the one from an earlier import, its own, or one derived from its key."""
    try:
        own = uuid.UUID(session.guid or session.key)
    except ValueError:
        return make_guid(f"{meeting.public_id}/taken", session.key)
    second = make_guid(f"{meeting.public_id}/taken", session.key + "/elsewhere")
    return second if second in existing else own


def hash_person_key(meeting: models.Meeting, key: str) -> str:
    """Return a hash of a person's key in the file. Only the hash is stored, as it reveals nothing about the person."""
    return stable_id(meeting.public_id, key)


def known_people(meeting: models.Meeting) -> dict[str, Person | None]:
    """Return the people already in this programme, by every key that our exports use for them.

    The value is None for office holders named by a source. Importing one of our own exports, in any format, therefore
    adds no one twice.
    """
    sessions = list(queries.draft_sessions(meeting))
    keys = queries.appearance_keys(meeting, sessions)
    people: dict[str, Person | None] = {}
    for session in sessions:
        for appearance in session.appearances.all():
            person = appearance.person
            if person is not None or appearance.named:
                people |= dict.fromkeys(exported_identifiers(meeting.public_id, keys[appearance.pk]), person)
            if person is not None:  # in an export made while the person was hidden
                hidden_key = hidden_person_key(meeting, person)
                people |= dict.fromkeys(exported_identifiers(meeting.public_id, hidden_key), person)
    return people


def find_changed_columns(existing: models.Session, session: Session, programme: Programme) -> tuple[str, ...]:
    """Return the columns in which a session differs from that in the file. Values missing from the file are ignored."""
    rooms = {room.key: room.name for room in programme.rooms}
    tracks = {track.key: select_text(track.name) for track in programme.tracks}
    room, track = rooms.get(session.room), tracks.get(session.track)
    existing_room = existing.room.name if existing.room else None
    existing_tracks = existing.track.name.values() if existing.track else ()
    times = (session.starts, session.ends)
    differs = {
        "title": any(existing.title.get(code) != text for code, text in session.title.items() if text),
        "abstract": any(existing.abstract.get(code) != text for code, text in session.abstract.items() if text),
        "kind": existing.kind != session.kind.value,
        "time": session.starts and (existing.starts, existing.ends) != times,
        "room": room and existing_room != room,
        "track": track and track not in existing_tracks,
        "languages": not set(session.languages) <= set(existing.languages),
    }
    return tuple(column for column, is_different in differs.items() if is_different)


def full_draft_programme(user: User, meeting: models.Meeting, *, address: str) -> Programme:
    """Return the whole draft programme with the names that the organiser may see. Access to them is logged once.

    People at risk are exported under the pseudonym and the key of this meeting, because the file leaves our control.
    """
    draft_sessions = list(queries.draft_sessions(meeting))
    programme = queries.build_programme(meeting, draft_sessions, address=address, version=str(meeting.version or ""))
    keys = queries.appearance_keys(meeting, draft_sessions)
    names = {}
    people = queries.people_in_sessions(user, meeting, draft_sessions)
    members = {pk: person.appearance.person for pk, person in people.items() if person.appearance.person is not None}
    pseudonyms = get_pseudonyms(meeting, members.values())
    for pk, person in people.items():
        member = members.get(pk)
        if member is not None and member.at_risk:
            names[keys[pk]] = (hidden_person_key(meeting, member), pseudonyms[member.pk], "")
        else:
            names[keys[pk]] = (keys[pk], person.name, person.country)

    def add_name(appearance: Appearance) -> Appearance:
        own = (appearance.person, appearance.name, appearance.country)
        key, name, country = names.get(appearance.person, own)
        return replace(appearance, person=key, name=name, country=country)

    sessions = (replace(one, people=tuple(map(add_name, one.people))) for one in programme.sessions)
    return replace(programme, sessions=tuple(sessions))
