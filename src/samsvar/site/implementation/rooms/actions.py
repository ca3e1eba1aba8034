"""Actions on rooms. The audit log says that a room was created or published, never what it is called or says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.ids import hash_content
from samsvar.implementation.forms import FormUse, load_forms
from samsvar.site.audit.actions import record
from samsvar.site.implementation.rooms.models import (
    Room,
    RoomMember,
    RoomPublication,
    RoomSection,
    RoomSectionVersion,
)
from samsvar.site.implementation.rooms.permissions import can_be_let_in, room_organisations
from samsvar.site.implementation.rooms.queries import find_room, findings_without_section
from samsvar.site.monitoring.models import Finding, Report
from samsvar.site.network.access.permissions import Account, Organisation, clear_cached_access, get_access
from samsvar.site.network.drafts.actions import delete_drafts_below
from samsvar.site.network.membership.queries import find_representative
from samsvar.site.shell.errors import SiteError
from samsvar.text import choose_text


class SectionChanged(SiteError):
    """Another member has changed the section since it was shown."""

    message = _("Another member has changed this section in the meantime.")
    advice = _("Copy your text, reload the page, and put both together.")


class SectionExists(SiteError):
    """The room already has a section on this finding."""

    message = _("This room already has a section on this finding.")
    advice = _("Open that section.")


class NoColleague(SiteError):
    """No account with this address can be let into the room."""

    message = _("No account with this email address can be let in.")
    advice = _(
        "Your colleague needs an account that may contribute, and a current membership of a network for the same "
        "organisation. Accounts of a national desk, a secretariat, an administrator or an auditor cannot be let in."
    )


class LastMember(SiteError):
    """The last member of a room cannot leave it."""

    message = _("You are the only member of this room.")
    advice = _("Let a colleague in first, or delete the room.")


class NothingWritten(SiteError):
    """A room without any text cannot be published."""

    message = _("Nothing has been written in this room.")
    advice = _("Write at least one section before you publish.")


# --- The room ---------------------------------------------------------------------------------------------------------


def create_room(
    *,
    by: Account,
    organisation: Organisation,
    state: str,
    title: str,
    language: str,
    report: Report | None = None,
) -> Room:
    """Create a room of an organisation that a user represents, who becomes its first member."""
    if organisation not in room_organisations(by) or state in get_access(by).bound_states:
        raise PermissionDenied
    with transaction.atomic():
        room = Room.objects.create(
            organisation=organisation, state_id=state, title=title, language=language, report=report
        )
        RoomMember.objects.create(room=room, account=by)
        record(by=by, verb="created a room", subject=f"room {room.public_id}")
    return room


def delete_room(*, by: Account, room: Room) -> None:
    """Delete a room for good: sections, versions, drafts in forms, and what was published from it."""
    with transaction.atomic():
        room = _lock_room(by, room)
        public_id = room.public_id
        room.delete()
        delete_drafts_below(f"/rooms/{public_id}/")
        record(by=by, verb="deleted a room", subject=f"room {public_id}")


def _lock_room(by: Account, room: Room) -> Room:
    """Return the room, locked; raise `PermissionDenied` if the user cannot open it."""
    if find_room(by, room.public_id) is None:
        raise PermissionDenied
    return Room.objects.select_for_update(of=("self",)).get(pk=room.pk)


def _touch(room: Room) -> None:
    room.updated_at = timezone.now()
    room.save(update_fields=["updated_at"])


# --- Members ----------------------------------------------------------------------------------------------------------


def let_in(*, by: Account, room: Room, email: str) -> RoomMember:
    """Let a colleague into a room, by the email address of their account.

    All reasons why this is not possible have the same answer, so that it does not tell who has an account.
    """
    with transaction.atomic():
        room = _lock_room(by, room)
        account = find_representative(email, room.organisation, timezone.localdate())
        if account is None:
            raise NoColleague
        clear_cached_access(account)
        if not can_be_let_in(account, room.organisation, room.state_id):
            raise NoColleague
        member, _is_new = RoomMember.objects.get_or_create(room=room, account=account)
        record(by=by, verb="let someone into a room", subject=f"room {room.public_id}")
    return member


def remove_member(*, by: Account, room: Room, member: RoomMember) -> None:
    """Remove a member from a room, or leave it. The last one can only delete the room."""
    with transaction.atomic():
        room = _lock_room(by, room)
        if not room.members.exclude(pk=member.pk).exists():
            raise LastMember
        room.members.filter(pk=member.pk).delete()
        delete_drafts_below(f"/rooms/{room.public_id}/", of=member.account)
        record(by=by, verb="removed someone from a room", subject=f"room {room.public_id}")


# --- Sections ---------------------------------------------------------------------------------------------------------


def add_section(*, by: Account, room: Room, finding: Finding | None = None, heading: str = "") -> RoomSection:
    """Add a section about a finding of the room's state, or under a heading."""
    with transaction.atomic():
        room = _lock_room(by, room)
        if finding is not None:
            if finding.state_id != room.state_id:
                raise PermissionDenied
            if room.sections.filter(finding_id=finding.public_id).exists():
                raise SectionExists
        (section,) = _add_sections(room, [(finding, heading.strip())])
        _touch(room)
    return section


def add_outline(*, by: Account, room: Room) -> int:
    """Add a section for every finding of the room's report that has none; return how many were added."""
    with transaction.atomic():
        room = _lock_room(by, room)
        added = _add_sections(room, [(finding, "") for finding in findings_without_section(room)])
        if added:
            _touch(room)
    return len(added)


def add_chapters(*, by: Account, room: Room) -> int:
    """Add a heading for every chapter of a shadow report that has none, in the room's language; return how many."""
    (form,) = (form for form in load_forms() if form.use is FormUse.SHADOW_REPORT)
    titles = [choose_text(part.title, room.language) for part in form.parts]
    with transaction.atomic():
        room = _lock_room(by, room)
        present = set(room.sections.values_list("heading", flat=True))
        added = _add_sections(room, [(None, title) for title in titles if title not in present])
        if added:
            _touch(room)
    return len(added)


def _add_sections(room: Room, subjects: Iterable[tuple[Finding | None, str]]) -> list[RoomSection]:
    last = room.sections.aggregate(last=Max("order"))["last"] or 0
    return [
        RoomSection.objects.create(
            room=room, finding_id=finding.public_id if finding else None, heading=heading, order=last + number
        )
        for number, (finding, heading) in enumerate(subjects, 1)
    ]


def save_section(*, by: Account, room: Room, section: RoomSection, text: str, seen: int) -> RoomSection:
    """Save the text of a section as a new version. `seen` is the version that the user saw.

    Raise `SectionChanged` if another member has saved one since. A text that has not changed makes no version.
    """
    with transaction.atomic():
        room = _lock_room(by, room)
        section = room.sections.select_for_update().get(pk=section.pk)
        if section.version != seen:
            raise SectionChanged
        text = text.strip()
        if text == section.text:
            return section
        section.text, section.version = text, section.version + 1
        section.save(update_fields=["text", "version"])
        RoomSectionVersion.objects.create(section=section, number=section.version, text=text)
        _touch(room)
    return section


def delete_section(*, by: Account, room: Room, section: RoomSection) -> None:
    """Delete a section with its versions."""
    with transaction.atomic():
        room = _lock_room(by, room)
        room.sections.filter(pk=section.pk).delete()
        _touch(room)


# --- Publication ------------------------------------------------------------------------------------------------------


def publish_room(*, by: Account, room: Room) -> RoomPublication:
    """Publish a copy of what has been written so far, in place of an earlier one. Empty sections are left out."""
    with transaction.atomic():
        room = _lock_room(by, room)
        sections = [
            {"finding": section.finding_id or "", "heading": section.heading, "text": section.text}
            for section in room.sections.exclude(text="")
        ]
        if not sections:
            raise NothingWritten
        before = RoomPublication.objects.filter(room=room).first()
        values: dict[str, Any] = {
            "number": before.number + 1 if before else 1,
            "organisation_id": room.organisation_id,
            "state_id": room.state_id,
            "title": room.title,
            "language": room.language,
            "report_id": room.report_id,
            "sections": sections,
            "content_hash": hash_content(
                json.dumps([room.title, sections], ensure_ascii=False, sort_keys=True).encode()
            ),
            "published_at": timezone.now(),
        }
        publication, _is_new = RoomPublication.objects.update_or_create(room=room, defaults=values)
        record(
            by=by,
            verb="published a comment",
            subject=f"comment {publication.public_id}",
            details={"hash": publication.content_hash, "number": publication.number},
        )
    return publication


def withdraw_publication(*, by: Account, room: Room) -> None:
    """Withdraw what was published: its page is gone, and the room stays as it is."""
    with transaction.atomic():
        room = _lock_room(by, room)
        publication = RoomPublication.objects.filter(room=room).first()
        if publication is not None:
            publication.delete()
            record(by=by, verb="withdrew a comment", subject=f"comment {publication.public_id}")
