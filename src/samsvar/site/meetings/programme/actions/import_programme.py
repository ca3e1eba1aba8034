"""A programme of another system is taken in: sessions as drafts, rooms, tracks and, where there is a ground, people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from samsvar.ids import random_id
from samsvar.interchange.imported_programme import Taken
from samsvar.interchange.text_cleanup import said
from samsvar.meetings.meeting import MeetingsError, Part
from samsvar.meetings.programme import Session
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.programme.queries import exchange as queries
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.directory.actions.participants import enter_participant


class GroundIsNeeded(MeetingsError):
    """People are taken in without a word on why the meeting may know them."""

    code = "ground_is_needed"

    def __init__(self) -> None:
        super().__init__(
            _("Nobody is taken in without a ground."),
            kept=_("Nothing was stored."),
            advice=_("Write why this meeting may keep their names, or take in the programme without people."),
        )


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What was done."""

    new: int
    changed: int
    same: int
    people: int  # entered now


def take_in(*, by: Account, meeting: models.Meeting, taken: Taken, people: bool = False, ground: str = "") -> TakenIn:
    """Bring the file's programme into the programme in work. The same file a second time changes nothing.

    New sessions are drafts, so nobody reads of them before a version is published; what is there keeps its state.
    Nothing of ours is taken away. People become participants under the ground that is written here, and no name stands
    in public before its owner agrees.
    """
    must_manage(by, meeting)
    if people and not ground.strip():
        raise GroundIsNeeded
    with transaction.atomic():
        models.Meeting.objects.select_for_update().get(pk=meeting.pk)  # two at once would make everything twice
        compared = queries.compare(meeting, taken)
        rooms, tracks = _rooms(meeting, compared.taken), _tracks(meeting, compared.taken)
        entered, there = 0, queries.people_there(meeting) if people else {}
        for one in compared.sessions:
            row = _session(meeting, one, rooms, tracks)
            if people:
                entered += _people(by, meeting, row, one.session, ground.strip(), there)
        done = TakenIn(compared.counts["new"], compared.counts["changed"], compared.counts["same"], entered)
        record(
            by=by,
            verb="took in a programme",
            subject=f"meeting {meeting.public_id}",
            details={
                "system": taken.system.value,
                "new": done.new,
                "changed": done.changed,
                "same": done.same,
                "people": done.people,
            },
            why=ground.strip()[:300] if people else "",
        )
    return done


def _rooms(meeting: models.Meeting, taken: Taken) -> dict[str, models.Room]:
    """Our room for each key of the file, by its name."""
    by_name = {room.name: room for room in meeting.rooms.all()}
    used = set(meeting.rooms.values_list("key", flat=True))
    found = {}
    for room in taken.programme.rooms:
        name = room.name
        if name and name not in by_name:
            by_name[name] = models.Room.objects.create(
                meeting=meeting, key=_free(room.key, used), name=name, capacity=room.capacity, order=len(used)
            )
        if name:
            found[room.key] = by_name[name]
    return found


def _tracks(meeting: models.Meeting, taken: Taken) -> dict[str, models.Track]:
    by_name = {name: track for track in meeting.tracks.all() for name in track.name.values()}
    used = set(meeting.tracks.values_list("key", flat=True))
    found = {}
    for track in taken.programme.tracks:
        told = queries.in_languages(track.name, {}, meeting.languages)
        names = {code: name for code, name in told.items() if name}
        first = said(names)
        if first and first not in by_name:
            by_name[first] = models.Track.objects.create(
                meeting=meeting, key=_free(track.key, used), name=names, order=len(used)
            )
        if first:
            found[track.key] = by_name[first]
    return found


def _free(key: str, used: set[str]) -> str:
    """A key that no room or track of the meeting has."""
    wanted, number = key[:36], 1
    while wanted in used:
        number += 1
        wanted = f"{key[:36]}-{number}"
    used.add(wanted)
    return wanted


def _session(
    meeting: models.Meeting,
    compared: queries.Compared,
    rooms: dict[str, models.Room],
    tracks: dict[str, models.Track],
) -> models.Session:
    one, row = compared.session, compared.row
    if row is not None and compared.fate is queries.Fate.SAME:
        return row
    # what is closed there is closed here from the first; who reads it afterwards is decided here
    row = row or models.Session(meeting=meeting, guid=compared.guid, access=one.access.value)
    row.title = {**row.title, **{code: text for code, text in one.title.items() if text}}
    if not row.title:
        row.title = {(meeting.languages or ["en"])[0]: _("Without a title")}
    row.abstract = {**row.abstract, **{code: text for code, text in one.abstract.items() if text}}
    row.kind = one.kind.value
    if one.starts:
        row.starts, row.ends = one.starts, one.ends
    row.room = rooms.get(one.room) or row.room
    row.track = tracks.get(one.track) or row.track
    row.languages = list(dict.fromkeys([*row.languages, *one.languages]))
    row.save()
    return row


def _people(
    by: Account,
    meeting: models.Meeting,
    row: models.Session,
    session: Session,
    ground: str,
    known: Mapping[str, Person | None],
) -> int:
    """Those whom the file names, as participants in this session; how many of them were entered now."""
    entered, order = 0, row.appearances.count()
    for one in session.people:
        name = one.name.strip()[:120]
        if not name:
            continue
        if one.person in known:
            if (person := known[one.person]) is not None:  # whom a source names stands in the programme by that name
                order += _appears(row, person, one.part, order)
            continue
        there, made = models.TakenPerson.objects.get_or_create(
            meeting=meeting, key=queries.person_key(meeting, one.person)
        )
        if made:
            there.person = enter_participant(by=by, meeting=meeting.public_id, note=ground, name=name)
            there.save(update_fields=["person"])
            entered += 1
        if there.person is not None and there.person.erased_at is None:
            order += _appears(row, there.person, one.part, order)
    return entered


def _appears(row: models.Session, person: Person, part: Part, order: int) -> int:
    """1 where somebody appears in a session now. A file that knows speakers alone makes none of a chair."""
    if part is Part.SPEAKER and row.appearances.filter(person=person).exists():
        return 0
    known = models.Appearance.objects.filter(session__meeting=row.meeting, person=person).order_by("pk").first()
    _there, made = models.Appearance.objects.get_or_create(
        session=row,
        person=person,
        part=part.value,
        defaults={"order": order, "key": known.key if known else random_id()},
    )
    return int(made)
