"""Save, move and remove rooms and tracks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from samsvar.ids import slug
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, must_manage
from samsvar.site.meetings.programme.actions.sessions import _of
from samsvar.site.meetings.programme.errors import IsThereAlready, SessionsAreThere

# --- Rooms and tracks -------------------------------------------------------------------------------------------------


def save_room(
    *,
    by: User,
    meeting: models.Meeting,
    room: models.Room | None = None,
    name: str,
    capacity: int | None = None,
    order: int | None = None,
) -> models.Room:
    """A new room, or one under another name or of another size; its key, which exports name, stays."""
    must_manage(by, meeting)
    with transaction.atomic():
        if meeting.rooms.filter(name=name).exclude(pk__in=[room.pk] if room else []).exists():
            raise IsThereAlready
        room = room or models.Room(meeting=meeting, key=_key(name, meeting.rooms.values_list("key", flat=True)))
        room.name, room.capacity = name, capacity
        room.order = order if order is not None else room.order or meeting.rooms.count() + 1
        room.save()
        record(by=by, verb="wrote down a room", subject=_of(meeting), details={"room": room.key})
    return room


def save_track(
    *, by: User, meeting: models.Meeting, track: models.Track | None = None, name: Mapping[str, str], colour: str = ""
) -> models.Track:
    """A new track, or one under another name or in another colour; its key, which exports name, stays."""
    must_manage(by, meeting)
    with transaction.atomic():
        others = meeting.tracks.exclude(pk__in=[track.pk] if track else [])
        if any(set(name.items()) & set(other.name.items()) for other in others):
            raise IsThereAlready
        first = next(iter(name.values()))
        track = track or models.Track(
            meeting=meeting,
            key=_key(first, meeting.tracks.values_list("key", flat=True)),
            order=meeting.tracks.count() + 1,
        )
        track.name, track.colour = dict(name), colour
        track.save()
        record(by=by, verb="wrote down a track", subject=_of(meeting), details={"track": track.key})
    return track


def move_place(*, by: User, place: models.Room | models.Track, up: bool) -> None:
    """Let a room or a track change places with the one before it, or after it; the first and the last stay."""
    must_manage(by, place.meeting)
    with transaction.atomic():
        rows: list[Any] = list(_neighbours(place).select_for_update())
        here = next(number for number, row in enumerate(rows) if row.pk == place.pk)
        there = here - 1 if up else here + 1
        if 0 <= there < len(rows):
            rows[here], rows[there] = rows[there], rows[here]
        for number, row in enumerate(rows, start=1):
            if row.order != number:
                row.order = number
                row.save(update_fields=["order"])
        verb = "moved a room" if isinstance(place, models.Room) else "moved a track"
        record(by=by, verb=verb, subject=_of(place.meeting), details={"key": place.key})


def remove_place(*, by: User, place: models.Room | models.Track, sessions_to: str | None = None) -> None:
    """Take away a room or a track. `sessions_to` says where sessions in it go: the key of another, or "" for none.

    Raises `SessionsAreThere` where there are sessions and nothing is said of them.
    """
    must_manage(by, place.meeting)
    column = "room" if isinstance(place, models.Room) else "track"
    with transaction.atomic():
        held = place.sessions.count()
        if held and sessions_to is None:
            raise SessionsAreThere(held)
        instead: Any = _neighbours(place).exclude(pk=place.pk).filter(key=sessions_to or "").first()
        if sessions_to and instead is None:
            raise SessionsAreThere(held)
        place.sessions.update(**{column: instead})
        if isinstance(place, models.Track):
            models.Contribution.objects.filter(track=place).update(track=instead)
        details = {"key": place.key, "sessions": held, "to": instead.key if instead is not None else ""}
        record(by=by, verb=f"removed a {column}", subject=_of(place.meeting), details=details)
        place.delete()


def _neighbours(place: models.Room | models.Track) -> Any:
    return place.meeting.rooms.all() if isinstance(place, models.Room) else place.meeting.tracks.all()


def _key(name: str, taken: Iterable[str]) -> str:
    """A short name for addresses and exports that no other has: "main-hall", "main-hall-2"."""
    known, base = set(taken), slug(name)[:36] or "room"
    return next(key for key in (base, *(f"{base}-{number}" for number in range(2, 999))) if key not in known)
