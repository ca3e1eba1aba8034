"""A programme as it was published: written down and read back, and what is different from the version before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from samsvar.meetings.meeting import Access, MeetingsError, Part
from samsvar.meetings.programme import Appearance, Channel, Programme, Room, Session, SessionKind, Texts, Track


class NotAProgramme(MeetingsError):
    """What was read is not a programme as this module writes it."""

    code = "not_a_programme"
    advice = "It was written by another version of Samsvar, or changed by hand."


class ChangeKind(StrEnum):
    """What may be different about one session, in the order in which it matters to who wants to go there."""

    CANCELLED = "cancelled"
    HELD_AFTER_ALL = "held_after_all"  # was cancelled, and is not any more
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # another time
    ROOM = "room"
    PEOPLE = "people"
    LANGUAGES = "languages"  # spoken or interpreted
    TRACK = "track"  # another one, or the same under another name
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` and `after` hold what the kind is about: times, names of rooms or tracks, people's keys.

    Of people `before` are those who are not there any more and `after` those who came. `access` is the narrower of
    both versions': who may not read the session is not told of its changes either.
    """

    kind: ChangeKind
    session: str
    title: Texts
    at: datetime | None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    access: Access = Access.PUBLIC


def differences(old: Programme, new: Programme) -> tuple[Change, ...]:
    """Everything that is different, in the order of time; what has no time comes last."""
    before = {one.key: one for one in old.sessions}
    after = {one.key: one for one in new.sessions}
    found: list[Change] = []
    for key in before.keys() | after.keys():
        was, becomes = before.get(key), after.get(key)
        if was is None and becomes is not None:
            found.append(_change(ChangeKind.ADDED, becomes, after=_times(becomes)))
        elif becomes is None and was is not None:
            found.append(_change(ChangeKind.REMOVED, was, before=_times(was)))
        elif was is not None and becomes is not None:
            found += _between(was, becomes, _places(old, was), _places(new, becomes))
    kinds = list(ChangeKind)
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.at is None,
                one.at.timestamp() if one.at else 0.0,
                one.session,
                kinds.index(one.kind),
            ),
        )
    )


def _places(programme: Programme, session: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the session's room and track; () where it has none. Whoever looks for a room has only its name."""
    rooms = {one.key: one.name for one in programme.rooms}
    tracks = {one.key: next(iter(one.name.values()), one.key) for one in programme.tracks}
    room, track = rooms.get(session.room, session.room), tracks.get(session.track, session.track)
    return tuple(filter(None, [room])), tuple(filter(None, [track]))


def _between(
    was: Session,
    becomes: Session,
    before: tuple[tuple[str, ...], tuple[str, ...]],
    after: tuple[tuple[str, ...], tuple[str, ...]],
) -> Iterator[Change]:
    access = min(was.access, becomes.access, key=lambda one: one.width)

    def change(kind: ChangeKind, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Change:
        return replace(_change(kind, becomes, before, after), access=access)

    if becomes.cancelled and not was.cancelled:
        yield change(ChangeKind.CANCELLED)
    if was.cancelled and not becomes.cancelled:
        yield change(ChangeKind.HELD_AFTER_ALL, after=_times(becomes))
    if (was.starts, was.ends) != (becomes.starts, becomes.ends):
        yield change(ChangeKind.MOVED, _times(was), _times(becomes))
    if before[0] != after[0]:
        yield change(ChangeKind.ROOM, before[0], after[0])
    gone, come = _people(was) - _people(becomes), _people(becomes) - _people(was)
    if gone or come:
        yield change(ChangeKind.PEOPLE, _keys(gone), _keys(come))
    if _languages(was) != _languages(becomes):
        yield change(ChangeKind.LANGUAGES, _languages(was), _languages(becomes))
    if before[1] != after[1]:
        yield change(ChangeKind.TRACK, before[1], after[1])
    if was.title != becomes.title:
        yield change(ChangeKind.RENAMED, tuple(was.title.values()), tuple(becomes.title.values()))


def _change(kind: ChangeKind, of: Session, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Change:
    return Change(kind, of.key, of.title, of.starts, before, after, of.access)


def _times(session: Session) -> tuple[str, ...]:
    return tuple(one.isoformat() for one in (session.starts, session.ends) if one)


def _people(session: Session) -> frozenset[tuple[str, Part, str]]:
    return frozenset((one.person, one.part, one.language) for one in session.people)


def _keys(people: frozenset[tuple[str, Part, str]]) -> tuple[str, ...]:
    return tuple(sorted({person for person, _part, _language in people}))


def _languages(session: Session) -> tuple[str, ...]:
    """ "en", and "fr=2" for one that is interpreted into on channel 2."""
    return (*session.languages, *(f"{one.language}={one.channel}" for one in session.interpreted))


# --- Written down and read back ---------------------------------------------------------------------------------------


def to_json(programme: Programme) -> dict[str, Any]:
    """The programme in words that JSON holds."""
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
        "rooms": [{"key": one.key, "name": one.name, "capacity": one.capacity} for one in programme.rooms],
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
        "interpreted": [{"language": one.language, "channel": one.channel} for one in session.interpreted],
        "access": session.access.value,
        "cancelled": session.cancelled,
        "people": [
            {
                "person": one.person,
                "part": one.part.value,
                "name": one.name,
                "country": one.country,
                "organisation": one.organisation,
                "office": one.office,
                "language": one.language,
            }
            for one in session.people
        ],
    }


def from_json(written: Mapping[str, Any]) -> Programme:
    """The programme that `to_json` wrote; raises `NotAProgramme` for anything else."""
    try:
        return Programme(
            meeting=written["meeting"],
            title=dict(written["title"]),
            zone=written["zone"],
            begins=date.fromisoformat(written["begins"]),
            ends=date.fromisoformat(written["ends"]),
            precision=written.get("precision", "day"),
            version=written["version"],
            place=written["place"],
            address=written["address"],
            rooms=tuple(Room(one["key"], one["name"], one["capacity"]) for one in written["rooms"]),
            tracks=tuple(Track(one["key"], dict(one["name"]), one.get("colour", "")) for one in written["tracks"]),
            sessions=tuple(_session_from_json(one) for one in written["sessions"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise NotAProgramme(f"This is not a programme: {type(wrong).__name__} ({wrong}).") from wrong


def _session_from_json(written: Mapping[str, Any]) -> Session:
    return Session(
        key=written["key"],
        guid=written["guid"],
        title=dict(written["title"]),
        abstract=dict(written["abstract"]),
        kind=SessionKind(written["kind"]),
        starts=datetime.fromisoformat(written["starts"]) if written["starts"] else None,
        ends=datetime.fromisoformat(written["ends"]) if written["ends"] else None,
        room=written["room"],
        track=written["track"],
        languages=tuple(written["languages"]),
        interpreted=tuple(Channel(one["language"], one["channel"]) for one in written["interpreted"]),
        access=Access(written["access"]),
        cancelled=written["cancelled"],
        people=tuple(
            Appearance(
                person=one["person"],
                part=Part(one["part"]),
                name=one["name"],
                country=one["country"],
                organisation=one["organisation"],
                office=one["office"],
                language=one["language"],
            )
            for one in written["people"]
        ),
    )


def change_to_json(change: Change) -> dict[str, Any]:
    """The change in words that JSON holds."""
    return {
        "kind": change.kind.value,
        "session": change.session,
        "title": dict(change.title),
        "at": change.at.isoformat() if change.at else None,
        "before": list(change.before),
        "after": list(change.after),
        "access": change.access.value,
    }


def change_from_json(written: Mapping[str, Any]) -> Change:
    """The change that `change_to_json` wrote; raises `NotAProgramme` for anything else."""
    try:
        return Change(
            ChangeKind(written["kind"]),
            written["session"],
            dict(written["title"]),
            datetime.fromisoformat(written["at"]) if written["at"] else None,
            tuple(written["before"]),
            tuple(written["after"]),
            Access(written["access"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise NotAProgramme(f"This is not a change: {type(wrong).__name__} ({wrong}).") from wrong
