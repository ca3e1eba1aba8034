"""Action that imports a programme file: draft sessions, rooms, tracks and, with a legal basis, people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samsvar.interchange.imported_programme import ImportedProgramme
from samsvar.interchange.text_cleanup import select_text
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Session
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.programme.queries import exchange as queries
from samsvar.site.meetings.programme.queries.speakers import get_appearance_key
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.directory.actions.participants import get_or_create_participant


class LegalBasisRequired(MeetingRuleError):
    """Raised when people would be imported without a legal basis for keeping their names."""

    message = gettext_lazy("People’s data cannot be imported without a legal basis.")
    advice = gettext_lazy(
        "Enter the legal basis for keeping their names, or import the programme without people’s names."
    )


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The numbers of sessions and people affected by an import."""

    new_sessions: int
    changed_sessions: int
    unchanged_sessions: int
    new_people: int


def import_programme(
    *, by: Account, meeting: models.Meeting, imported: ImportedProgramme, people: bool = False, legal_basis: str = ""
) -> ImportResult:
    """Import a file into the draft programme. Importing the same file again changes nothing.

    New sessions are drafts, so they are not public before a version is published. Existing sessions keep their status,
    and nothing is removed. People become participants on the given legal basis, and no name is public before that
    person agrees.
    """
    check_can_manage(by, meeting)
    if people and not legal_basis.strip():
        raise LegalBasisRequired
    with transaction.atomic():
        # prevents simultaneous imports from creating everything twice
        models.Meeting.objects.select_for_update().get(pk=meeting.pk)
        comparison = queries.compare_import(meeting, imported)
        rooms, tracks = _import_rooms(meeting, comparison.imported), _import_tracks(meeting, comparison.imported)
        people_added, known_people = 0, queries.known_people(meeting) if people else {}
        for session_comparison in comparison.sessions:
            draft_session = _import_session(meeting, session_comparison, rooms, tracks)
            if people:
                people_added += _import_people(
                    by, meeting, draft_session, session_comparison.session, legal_basis.strip(), known_people
                )
        counts = comparison.counts
        result = ImportResult(counts["new"], counts["changed"], counts["same"], people_added)
        details = {"system": imported.system.value, **counts, "people": people_added}
        reason = legal_basis.strip()[:300] if people else ""
        record_change(by, meeting, "imported a programme", details, reason=reason)
    return result


def _import_rooms(meeting: models.Meeting, imported: ImportedProgramme) -> dict[str, models.Room]:
    """Return the meeting's room for each room key of the file, matched by name and created if missing."""
    by_name = {room.name: room for room in meeting.rooms.all()}
    used_keys = set(meeting.rooms.values_list("key", flat=True))
    rooms_by_key = {}
    for room in imported.programme.rooms:
        name = room.name
        if name and name not in by_name:
            key = _unused_key(room.key, used_keys)
            by_name[name] = models.Room.objects.create(
                meeting=meeting, key=key, name=name, capacity=room.capacity, order=len(used_keys)
            )
        if name:
            rooms_by_key[room.key] = by_name[name]
    return rooms_by_key


def _import_tracks(meeting: models.Meeting, imported: ImportedProgramme) -> dict[str, models.Track]:
    by_name = {name: track for track in meeting.tracks.all() for name in track.name.values()}
    used_keys = set(meeting.tracks.values_list("key", flat=True))
    tracks_by_key = {}
    for track in imported.programme.tracks:
        texts = queries.assign_language(track.name, {}, meeting.languages)
        names = {code: name for code, name in texts.items() if name}
        first = select_text(names)
        if first and first not in by_name:
            by_name[first] = models.Track.objects.create(
                meeting=meeting, key=_unused_key(track.key, used_keys), name=names, order=len(used_keys)
            )
        if first:
            tracks_by_key[track.key] = by_name[first]
    return tracks_by_key


def _unused_key(key: str, used_keys: set[str]) -> str:
    """Return an unused key, based on the key in the file, and add it to the used keys."""
    candidate, number = key[:36], 1
    while candidate in used_keys:
        number += 1
        candidate = f"{key[:36]}-{number}"
    used_keys.add(candidate)
    return candidate


def _import_session(
    meeting: models.Meeting,
    comparison: queries.SessionComparison,
    rooms: dict[str, models.Room],
    tracks: dict[str, models.Track],
) -> models.Session:
    imported, draft_session = comparison.session, comparison.existing
    if draft_session is not None and comparison.status is queries.ImportStatus.SAME:
        return draft_session
    # access is taken from the file only for a new session; after that, it is set only by organisers
    draft_session = draft_session or models.Session(meeting=meeting, guid=comparison.guid, access=imported.access.value)
    draft_session.title |= {code: text for code, text in imported.title.items() if text}
    if not draft_session.title:
        draft_session.title = {meeting.original_language or "en": _("Untitled")}
    draft_session.abstract |= {code: text for code, text in imported.abstract.items() if text}
    draft_session.kind = imported.kind.value
    if imported.starts:
        draft_session.starts, draft_session.ends = imported.starts, imported.ends
    draft_session.room = rooms.get(imported.room) or draft_session.room
    draft_session.track = tracks.get(imported.track) or draft_session.track
    draft_session.languages = list(dict.fromkeys([*draft_session.languages, *imported.languages]))
    draft_session.save()
    return draft_session


def _import_people(
    by: Account,
    meeting: models.Meeting,
    draft_session: models.Session,
    session: Session,
    legal_basis: str,
    known_people: Mapping[str, Person | None],
) -> int:
    """Add the people of an imported session as participants, and return the number of people created."""
    people_added, order = 0, draft_session.appearances.count()
    for appearance in session.people:
        name = appearance.name.strip()[:120]
        if not name:
            continue
        if appearance.person in known_people:
            person = known_people[appearance.person]
            if person is not None:  # None: an office holder, already in the programme under that name
                order += _add_appearance(draft_session, person, appearance.part, order)
            continue
        imported_person, created = models.ImportedPerson.objects.get_or_create(
            meeting=meeting, key=queries.hash_person_key(meeting, appearance.person)
        )
        if created:
            imported_person.person = get_or_create_participant(
                by=by, meeting=meeting.public_id, note=legal_basis, name=name
            )
            imported_person.save(update_fields=["person"])
            people_added += 1
        if imported_person.person is not None and imported_person.person.erased_at is None:
            order += _add_appearance(draft_session, imported_person.person, appearance.part, order)
    return people_added


def _add_appearance(draft_session: models.Session, person: Person, part: ProgrammeRole, order: int) -> int:
    """Add an appearance and return 1, or return 0 if the person already has this role.

    No one who already has another role in the session is added as a speaker, because some files list everyone as one.
    """
    if part is ProgrammeRole.SPEAKER and draft_session.appearances.filter(person=person).exists():
        return 0
    defaults = {"order": order, "key": get_appearance_key(draft_session.meeting, person)}
    _appearance, created = models.Appearance.objects.get_or_create(
        session=draft_session, person=person, part=part.value, defaults=defaults
    )
    return int(created)
