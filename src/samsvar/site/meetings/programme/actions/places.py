"""Actions that save, move and remove rooms and tracks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from samsvar.ids import make_slug
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.permissions import User, check_can_manage
from samsvar.site.meetings.programme.errors import ItemAlreadyExists, RoomOrTrackInUse


def save_room(
    *, by: User, meeting: models.Meeting, room: models.Room | None = None, name: str, capacity: int | None = None
) -> models.Room:
    """Create or update a room. Its key, which exports use, never changes."""
    check_can_manage(by, meeting)
    with transaction.atomic():
        if meeting.rooms.filter(name=name).exclude(pk__in=[room.pk] if room else []).exists():
            raise ItemAlreadyExists
        room = room or models.Room(meeting=meeting, key=_unique_key(name, meeting.rooms.values_list("key", flat=True)))
        room.name, room.capacity = name, capacity
        room.order = room.order or meeting.rooms.count() + 1
        room.save()
        record_change(by, meeting, "saved a room", {"room": room.key})
    return room


def save_track(
    *, by: User, meeting: models.Meeting, track: models.Track | None = None, name: Mapping[str, str], colour: str = ""
) -> models.Track:
    """Create or update a track. Its key, which exports use, never changes."""
    check_can_manage(by, meeting)
    with transaction.atomic():
        others = meeting.tracks.exclude(pk__in=[track.pk] if track else [])
        if any(set(name.items()) & set(other.name.items()) for other in others):
            raise ItemAlreadyExists
        first = next(iter(name.values()))
        if track is None:
            key = _unique_key(first, meeting.tracks.values_list("key", flat=True))
            track = models.Track(meeting=meeting, key=key, order=meeting.tracks.count() + 1)
        track.name, track.colour = dict(name), colour
        track.save()
        record_change(by, meeting, "saved a track", {"track": track.key})
    return track


def reorder_room_or_track(*, by: User, place: models.Room | models.Track, up: bool) -> None:
    """Move a room or a track one position up or down, unless it is already at that end."""
    check_can_manage(by, place.meeting)
    with transaction.atomic():
        places: list[Any] = list(_rooms_or_tracks(place).select_for_update())
        index = next(number for number, sibling in enumerate(places) if sibling.pk == place.pk)
        target = index - 1 if up else index + 1
        if 0 <= target < len(places):
            places[index], places[target] = places[target], places[index]
        for number, sibling in enumerate(places, start=1):
            if sibling.order != number:
                sibling.order = number
                sibling.save(update_fields=["order"])
        verb = "moved a room" if isinstance(place, models.Room) else "moved a track"
        record_change(by, place.meeting, verb, {"key": place.key})


def remove_room_or_track(*, by: User, place: models.Room | models.Track, sessions_to: str | None = None) -> None:
    """Remove a room or a track and move its sessions to the one with the key `sessions_to`, or to none if it is "".

    Raises `RoomOrTrackInUse` if there are sessions and `sessions_to` is None, or if no other room or track has that
    key.
    """
    check_can_manage(by, place.meeting)
    column = "room" if isinstance(place, models.Room) else "track"
    with transaction.atomic():
        session_count = place.sessions.count()
        if session_count and sessions_to is None:
            raise RoomOrTrackInUse(session_count)
        replacement: Any = _rooms_or_tracks(place).exclude(pk=place.pk).filter(key=sessions_to or "").first()
        if sessions_to and replacement is None:
            raise RoomOrTrackInUse(session_count)
        place.sessions.update(**{column: replacement})
        if isinstance(place, models.Track):
            models.Contribution.objects.filter(track=place).update(track=replacement)
        details = {"key": place.key, "sessions": session_count, "to": replacement.key if replacement else ""}
        record_change(by, place.meeting, f"removed a {column}", details)
        place.delete()


def _rooms_or_tracks(place: models.Room | models.Track) -> Any:
    return place.meeting.rooms.all() if isinstance(place, models.Room) else place.meeting.tracks.all()


def _unique_key(name: str, used_keys: Iterable[str]) -> str:
    """Return an unused key for URLs and exports, such as "main-hall" or "main-hall-2"."""
    taken_keys, base = set(used_keys), make_slug(name)[:36] or "room"
    return next(key for key in (base, *(f"{base}-{number}" for number in range(2, 999))) if key not in taken_keys)
