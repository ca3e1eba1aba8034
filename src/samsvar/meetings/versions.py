"""Published versions of a programme: serialisation, loading, and comparison with the previous version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from samsvar.meetings.meeting import AccessLevel, MeetingsError, ProgrammeRole
from samsvar.meetings.programme import (
    Appearance,
    InterpretationChannel,
    LocalisedText,
    Programme,
    Room,
    Session,
    SessionKind,
    Track,
)


class InvalidProgramme(MeetingsError):
    """Raised when data is not a programme in the format of this module."""

    advice = "It was created by another version of Samsvar or edited by hand."


class ChangeKind(StrEnum):
    """The kinds of changes to a session, in order of importance to participants."""

    CANCELLED = "cancelled"
    REINSTATED = "held_after_all"  # was cancelled, and no longer is
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # to another time
    ROOM = "room"
    PEOPLE = "people"
    LANGUAGES = "languages"  # spoken or interpreted
    TRACK = "track"  # to another track, or the track was renamed
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class ProgrammeChange:
    """A change to one session. `before` and `after` contain times, names of rooms or tracks, or keys of people.

    If the people changed, `before` contains those who were removed and `after` those who were added. `access` is the
    narrower of the two versions' levels, so that readers who may not see the session do not see its changes either.
    """

    kind: ChangeKind
    session: str
    title: LocalisedText
    at: datetime | None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    access: AccessLevel = AccessLevel.PUBLIC


def compare_programmes(old: Programme, new: Programme) -> tuple[ProgrammeChange, ...]:
    """Return all changes between two versions in chronological order; sessions without a time come last."""
    before = {one.key: one for one in old.sessions}
    after = {one.key: one for one in new.sessions}
    changes: list[ProgrammeChange] = []
    for key in before.keys() | after.keys():
        old_session, new_session = before.get(key), after.get(key)
        if old_session is None and new_session is not None:
            changes.append(_make_change(ChangeKind.ADDED, new_session, after=_session_times(new_session)))
        elif new_session is None and old_session is not None:
            changes.append(_make_change(ChangeKind.REMOVED, old_session, before=_session_times(old_session)))
        elif old_session is not None and new_session is not None:
            old_places, new_places = _room_and_track_names(old, old_session), _room_and_track_names(new, new_session)
            changes += _compare_sessions(old_session, new_session, old_places, new_places)
    return tuple(sorted(changes, key=_sort_key))


def _sort_key(change: ProgrammeChange) -> tuple[bool, float, str, int]:
    at = change.at.timestamp() if change.at else 0.0
    return change.at is None, at, change.session, list(ChangeKind).index(change.kind)


def _room_and_track_names(programme: Programme, session: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names (not keys, which readers do not know) of the session's room and track; () for none."""
    rooms = {one.key: one.name for one in programme.rooms}
    tracks = {one.key: next(iter(one.name.values()), one.key) for one in programme.tracks}
    room, track = rooms.get(session.room, session.room), tracks.get(session.track, session.track)
    return tuple(filter(None, [room])), tuple(filter(None, [track]))


def _compare_sessions(
    old: Session,
    new: Session,
    old_places: tuple[tuple[str, ...], tuple[str, ...]],
    new_places: tuple[tuple[str, ...], tuple[str, ...]],
) -> Iterator[ProgrammeChange]:
    access = min(old.access, new.access, key=lambda one: one.rank)

    def make_session_change(
        kind: ChangeKind, before: tuple[str, ...] = (), after: tuple[str, ...] = ()
    ) -> ProgrammeChange:
        return replace(_make_change(kind, new, before, after), access=access)

    if new.cancelled and not old.cancelled:
        yield make_session_change(ChangeKind.CANCELLED)
    if old.cancelled and not new.cancelled:
        yield make_session_change(ChangeKind.REINSTATED, after=_session_times(new))
    if (old.starts, old.ends) != (new.starts, new.ends):
        yield make_session_change(ChangeKind.MOVED, _session_times(old), _session_times(new))
    if old_places[0] != new_places[0]:
        yield make_session_change(ChangeKind.ROOM, old_places[0], new_places[0])
    removed, added = _appearance_keys(old) - _appearance_keys(new), _appearance_keys(new) - _appearance_keys(old)
    if removed or added:
        yield make_session_change(ChangeKind.PEOPLE, _person_keys(removed), _person_keys(added))
    if _language_keys(old) != _language_keys(new):
        yield make_session_change(ChangeKind.LANGUAGES, _language_keys(old), _language_keys(new))
    if old_places[1] != new_places[1]:
        yield make_session_change(ChangeKind.TRACK, old_places[1], new_places[1])
    if old.title != new.title:
        yield make_session_change(ChangeKind.RENAMED, tuple(old.title.values()), tuple(new.title.values()))


def _make_change(
    kind: ChangeKind, session: Session, before: tuple[str, ...] = (), after: tuple[str, ...] = ()
) -> ProgrammeChange:
    return ProgrammeChange(kind, session.key, session.title, session.starts, before, after, session.access)


def _session_times(session: Session) -> tuple[str, ...]:
    return tuple(one.isoformat() for one in (session.starts, session.ends) if one)


def _appearance_keys(session: Session) -> frozenset[tuple[str, ProgrammeRole, str]]:
    return frozenset((one.person, one.part, one.language) for one in session.people)


def _person_keys(people: frozenset[tuple[str, ProgrammeRole, str]]) -> tuple[str, ...]:
    return tuple(sorted({person for person, _part, _language in people}))


def _language_keys(session: Session) -> tuple[str, ...]:
    """Return the session's languages: "en" for a spoken one, "fr=2" for interpretation on channel 2."""
    return (*session.languages, *(f"{one.language}={one.channel}" for one in session.interpreted))


# --- Serialising ------------------------------------------------------------------------------------------------------


def programme_to_json(programme: Programme) -> dict[str, Any]:
    """Return the programme as JSON-compatible data."""
    return {
        "meeting": programme.meeting,
        "title": dict(programme.title),
        "zone": programme.zone,
        "begins": programme.begins.isoformat(),
        "ends": programme.ends.isoformat(),
        **({"precision": programme.precision} if programme.precision != "day" else {}),
        "version": programme.version,
        "place": programme.place,
        "address": programme.address,
        "rooms": [asdict(one) for one in programme.rooms],
        "tracks": [
            {"key": one.key, "name": dict(one.name)} | ({"colour": one.colour} if one.colour else {})
            for one in programme.tracks
        ],
        "sessions": [_session_to_json(one) for one in programme.sessions],
    }


def _session_to_json(session: Session) -> dict[str, Any]:
    return {
        "key": session.key,
        "guid": session.guid,
        "title": dict(session.title),
        "abstract": dict(session.abstract),
        "kind": session.kind.value,
        "starts": session.starts.isoformat() if session.starts else None,
        "ends": session.ends.isoformat() if session.ends else None,
        "room": session.room,
        "track": session.track,
        "languages": list(session.languages),
        "interpreted": [asdict(one) for one in session.interpreted],
        "access": session.access.value,
        "cancelled": session.cancelled,
        "people": [asdict(one) | {"part": one.part.value} for one in session.people],
    }


def programme_from_json(data: Mapping[str, Any]) -> Programme:
    """Load a programme written by `programme_to_json`; raises `InvalidProgramme` for anything else."""
    try:
        return Programme(
            meeting=data["meeting"],
            title=dict(data["title"]),
            zone=data["zone"],
            begins=date.fromisoformat(data["begins"]),
            ends=date.fromisoformat(data["ends"]),
            precision=data.get("precision", "day"),
            version=data["version"],
            place=data["place"],
            address=data["address"],
            rooms=tuple(Room(one["key"], one["name"], one["capacity"]) for one in data["rooms"]),
            tracks=tuple(Track(one["key"], dict(one["name"]), one.get("colour", "")) for one in data["tracks"]),
            sessions=tuple(_session_from_json(one) for one in data["sessions"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidProgramme(f"The file is not a programme: {type(error).__name__} ({error}).") from error


def _session_from_json(data: Mapping[str, Any]) -> Session:
    return Session(
        key=data["key"],
        guid=data["guid"],
        title=dict(data["title"]),
        abstract=dict(data["abstract"]),
        kind=SessionKind(data["kind"]),
        starts=datetime.fromisoformat(data["starts"]) if data["starts"] else None,
        ends=datetime.fromisoformat(data["ends"]) if data["ends"] else None,
        room=data["room"],
        track=data["track"],
        languages=tuple(data["languages"]),
        interpreted=tuple(InterpretationChannel(one["language"], one["channel"]) for one in data["interpreted"]),
        access=AccessLevel(data["access"]),
        cancelled=data["cancelled"],
        people=tuple(_appearance_from_json(one) for one in data["people"]),
    )


def _appearance_from_json(data: Mapping[str, Any]) -> Appearance:
    values = {field.name: data[field.name] for field in fields(Appearance)}
    return Appearance(**values | {"part": ProgrammeRole(data["part"])})


def change_to_json(change: ProgrammeChange) -> dict[str, Any]:
    """Return the change as JSON-compatible data."""
    return {
        "kind": change.kind.value,
        "session": change.session,
        "title": dict(change.title),
        "at": change.at.isoformat() if change.at else None,
        "before": list(change.before),
        "after": list(change.after),
        "access": change.access.value,
    }


def change_from_json(data: Mapping[str, Any]) -> ProgrammeChange:
    """Load a change written by `change_to_json`; raises `InvalidProgramme` for anything else."""
    try:
        return ProgrammeChange(
            ChangeKind(data["kind"]),
            data["session"],
            dict(data["title"]),
            datetime.fromisoformat(data["at"]) if data["at"] else None,
            tuple(data["before"]),
            tuple(data["after"]),
            AccessLevel(data["access"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidProgramme(f"The file is not a programme change: {type(error).__name__} ({error}).") from error
