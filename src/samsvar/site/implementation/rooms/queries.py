"""Queries for rooms: a user's own, a section beside what the body and the state say, and the public copy.

Everything that reads `Room` or its sections starts from `own_rooms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.evidence.permissions import evidence_organisations, is_released
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import visible_measures
from samsvar.site.implementation.permissions import managed_states
from samsvar.site.implementation.rooms.models import Room, RoomPublication, RoomSection
from samsvar.site.implementation.rooms.permissions import own_room_filter, room_organisations
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, Report
from samsvar.site.monitoring.queries import find_current_version
from samsvar.site.network.access.permissions import Account, User
from samsvar.site.shell import hooks


def own_rooms(user: User) -> QuerySet[Room]:
    """Return the rooms that a user can open. Nothing else gives access to a room."""
    return Room.objects.filter(own_room_filter(user)).select_related("organisation", "report__document").distinct()


def find_room(user: User, public_id: str) -> Room | None:
    """Return a room; None if the user cannot open it, as if it did not exist."""
    return own_rooms(user).filter(public_id=public_id).first()


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section with the finding that it is about, if it is about one that is public."""

    section: RoomSection
    finding: Finding | None

    @property
    def title(self) -> str:
        """The heading, or where the finding is printed, in the reader's language."""
        if self.section.heading:
            return self.section.heading
        return short_citation(self.finding) if self.finding else ""


@dataclass(frozen=True, slots=True)
class RoomPage:
    """A room as its members see it."""

    room: Room
    sections: tuple[SectionRow, ...]
    written: int  # sections with a text
    members: tuple[Any, ...]
    publication: RoomPublication | None
    has_changed: bool  # since it was published


def room_page(room: Room) -> RoomPage:
    """Return the page of a room that `find_room` has found for the user."""
    sections = section_rows(room)
    publication = RoomPublication.objects.filter(room=room).first()
    return RoomPage(
        room=room,
        sections=sections,
        written=sum(bool(subject.section.text) for subject in sections),
        members=tuple(room.members.select_related("account")),
        publication=publication,
        has_changed=publication is not None and publication.published_at < room.updated_at,
    )


def section_rows(room: Room) -> tuple[SectionRow, ...]:
    """Return the sections of a room in order, each with its finding."""
    sections = list(room.sections.all())
    findings = _public_findings(section.finding_id for section in sections if section.finding_id)
    return tuple(SectionRow(section, findings.get(section.finding_id or "")) for section in sections)


def _public_findings(public_ids: Iterable[str]) -> dict[str, Finding]:
    rows = Finding.objects.filter(public_id__in=list(public_ids)).select_related("report__document")
    return {finding.public_id: finding for finding in rows}


def findings_without_section(room: Room) -> QuerySet[Finding]:
    """Return the findings of the room's report that have no section yet, as printed; none without a report."""
    if room.report_id is None:
        return Finding.objects.none()
    used = room.sections.filter(finding__isnull=False).values("finding_id")
    findings = Finding.objects.filter(report_id=room.report_id, state_id=room.state_id).exclude(public_id__in=used)
    return findings.exclude(review=Finding.Review.REJECTED).order_by("ordinal")


def reports_to_comment() -> QuerySet[Report]:
    """Return the published reports on states, newest first."""
    reports = Report.objects.filter(document__state__isnull=False).select_related("document")
    return reports.order_by("document__state", "-document__published", "pk")


@dataclass(frozen=True, slots=True)
class SubmittedText:
    """What a state has submitted about a finding in a report that is frozen, with the address of that report."""

    title: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class SectionPage:
    """A section beside the printed finding, the measures that answer it, and what the state has submitted about it."""

    subject: SectionRow
    measures: tuple[Measure, ...]  # public ones
    evidence_count: int
    submitted: tuple[SubmittedText, ...]
    earlier: tuple[Any, ...]  # versions before the current one, newest first


def section_page(room: Room, pk: int) -> SectionPage | None:
    """Return a section of a room with what its writer needs beside it; None if the room has no such section."""
    section = room.sections.filter(pk=pk).first()
    if section is None:
        return None
    finding = _public_findings([section.finding_id]).get(section.finding_id) if section.finding_id else None
    measures: tuple[Measure, ...] = ()
    evidence = 0
    submitted: tuple[SubmittedText, ...] = ()
    if finding is not None:
        answering = visible_measures(AnonymousUser(), room.state_id).filter(
            answers__finding_id=finding.public_id, answers__ended_at=None
        )
        measures = tuple(answering.distinct())
        about = Q(finding_id=finding.public_id) | Q(measure__in=[measure.pk for measure in measures])
        evidence = Evidence.objects.filter(is_released(), about).values("series").distinct().count()
        submitted = tuple(
            SubmittedText(*text)
            for provider in hooks.providers("submitted_texts")
            for text in provider(finding.public_id)
        )
    earlier = tuple(section.versions.exclude(number=section.version))
    return SectionPage(SectionRow(section, finding), measures, evidence, submitted, earlier)


# --- One's own list ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnRooms:
    """The rooms of a user, and the organisations for which they can open another."""

    rooms: tuple[Room, ...]
    organisations: tuple[Any, ...]


def own_rooms_page(user: User) -> OwnRooms:
    """Return the rooms that a user can open, the last changed first."""
    rooms = own_rooms(user).annotate(section_count=Count("sections", distinct=True)).order_by("-updated_at", "-pk")
    return OwnRooms(tuple(rooms), tuple(room_organisations(user)))


# --- What is published ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublishedSection:
    """A section of a published copy, with its finding if it is still public."""

    finding: Finding | None
    heading: str
    text: str


def find_publication(public_id: str) -> RoomPublication | None:
    """Return what an organisation has published; None if there is nothing with this ID, or no longer."""
    rows = RoomPublication.objects.select_related("organisation", "report__document").defer("room")
    return rows.filter(public_id=public_id).first()


def published_sections(publication: RoomPublication) -> tuple[PublishedSection, ...]:
    """Return the sections of a published copy in order."""
    contents: list[Mapping[str, str]] = publication.sections
    ids = {section["finding"] for section in contents if section["finding"]}
    findings = _public_findings(ids)
    for public_id in ids - findings.keys():  # what is published names the version of its time
        if current := find_current_version(public_id):
            findings[public_id] = current
    return tuple(
        PublishedSection(findings.get(section["finding"]), section["heading"], section["text"]) for section in contents
    )


def publications_panel(state: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of what organisations have published about a state; None if there is nothing."""
    rows = list(RoomPublication.objects.filter(state=state).select_related("organisation").defer("sections"))
    return ("implementation/rooms/_published_panel.html", {"publications": rows}) if rows else None


def account_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel with the links of an account to its side's evidence and its rooms; None if it has neither."""
    account = Account.objects.filter(public_id=public_id, is_active=True).first()
    if account is None:
        return None
    has_rooms = bool(room_organisations(account))
    gives = bool(evidence_organisations(account) or managed_states(account))
    if not (has_rooms or gives):
        return None
    return "implementation/rooms/_account_panel.html", {"gives_evidence": gives, "has_rooms": has_rooms}
