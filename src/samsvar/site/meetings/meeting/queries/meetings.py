"""The meeting itself: which there are for whom, and what its pages show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from samsvar.convention.treaty import ISTANBUL
from samsvar.meetings.meeting import Access, Entry, MeetingKind, PlaceOf
from samsvar.meetings.registration import Opening
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_manage, can_see, meetings_for, sees
from samsvar.site.meetings.meeting.queries.countries import (
    Shared,
    Standing,
    _by_standing,
    _title_of,
    countries,
    shared_findings,
)
from samsvar.site.meetings.meeting.queries.documents import DocumentLine, documents
from samsvar.site.meetings.meeting.queries.opening import opening_of
from samsvar.site.monitoring.models import Finding, Report
from samsvar.site.network.access.permissions import holds
from samsvar.site.search.queries import says_all
from samsvar.territories import name_of
from samsvar.thesaurus.concepts import concepts

MEETINGS_A_PAGE = 40
SHARED_SHOWN = 12  # articles under which several of the countries have findings; the countries' page shows all
RELATED = ("inside", "network", "state")


# --- One meeting ------------------------------------------------------------------------------------------------------


def find(user: User, slug: str) -> models.Meeting | None:
    """The meeting with this public id; None where there is none, for this user."""
    # most lie inside no other: whoever asks for it asks once more, and all the others read forty columns less
    meeting = models.Meeting.objects.select_related("network", "state").filter(public_id=slug).first()
    return meeting if meeting is not None and can_see(user, meeting) else None


def managed(user: User, slug: str) -> models.Meeting | None:
    """The meeting with this public id that this user runs; None for everybody else, as where there is none."""
    meeting = find(user, slug)
    return meeting if meeting is not None and can_manage(user, meeting) else None


# --- All of them ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list of meetings is narrowed to; "" : not."""

    kind: str = ""
    network: str = ""
    state: str = ""

    @property
    def narrows(self) -> bool:
        return bool(self.kind or self.network or self.state)


@dataclass(frozen=True, slots=True)
class MeetingsPage:
    """What there will be, soonest first, and what there was, latest first."""

    asked: Asked
    upcoming: tuple[models.Meeting, ...]
    past: tuple[models.Meeting, ...]
    pages: Page
    kinds: tuple[MeetingKind, ...]
    networks: tuple[tuple[str, str], ...]  # slug, name
    states: tuple[tuple[str, str], ...]  # code, name in the reader's language
    may_plan: bool
    anything: bool


def meetings_page(user: User, asked: Asked, *, today: date, page: str | None, language: str) -> MeetingsPage:
    """Five questions of the database, however many meetings there are."""
    known = meetings_for(user)
    choices = list(known.order_by().values_list("kind", "network__slug", "network__name", "state").distinct())
    found = _narrowed(known, asked).select_related(*RELATED)
    past = Paginator(found.filter(ends__lt=today), MEETINGS_A_PAGE).get_page(page)
    upcoming = found.filter(ends__gte=today).order_by("begins", "public_id") if past.number == 1 else ()
    kinds = {kind for kind, *_ in choices}
    return MeetingsPage(
        asked=asked,
        upcoming=tuple(upcoming),
        past=tuple(past.object_list),
        pages=past,
        kinds=tuple(kind for kind in MeetingKind if kind in kinds),
        networks=tuple(sorted({(slug, name) for _, slug, name, _ in choices if slug}, key=lambda one: one[1])),
        states=tuple(
            sorted(
                ((code, name_of(code, language)) for code in {one[3] for one in choices} if code),
                key=lambda one: one[1],
            )
        ),
        may_plan=holds(user, Claim.PLAN_MEETINGS),
        anything=bool(choices),
    )


def _narrowed(known: QuerySet[models.Meeting], asked: Asked) -> QuerySet[models.Meeting]:
    if asked.kind:
        known = known.filter(kind=asked.kind)
    if asked.network:
        known = known.filter(network__slug=asked.network)
    return known.filter(state=asked.state) if asked.state else known


def next_meeting(user: User, today: date) -> models.Meeting | None:
    """The next meeting that this user may know of: one that runs, or else the soonest."""
    known = meetings_for(user).filter(ends__gte=today, cancelled_at=None, inside=None)
    return known.select_related(*RELATED).order_by("begins", "public_id").first()


def meetings_of_state(user: User, state: str) -> list[tuple[models.Meeting, str]]:
    """Meetings that a state holds, is invited to, or sent speakers to, latest first, with what it was there.

    "" where it was held there and no source says that the state was its host.
    """
    places = models.InvitedState.objects.filter(state=state).values_list("meeting_id", "place")
    by_meeting: dict[int, str] = {}
    for meeting, place in places:
        if by_meeting.get(meeting) != PlaceOf.HOST:
            by_meeting[meeting] = place
    known = meetings_for(user).filter(Q(pk__in=by_meeting) | Q(state=state)).select_related(*RELATED)
    return [(one, by_meeting.get(one.pk, "")) for one in known]


def meetings_found(user: User, words: str, most: int = 5) -> list[models.Meeting]:
    """Meetings in whose title, place or year all these words stand, as this user may know of them; latest first.

    Asked of the database and never of the index, as people are: what is for members only is in no index. There are
    some hundreds of meetings at most, and they are read whole.
    """
    if not words.strip():
        return []
    found = [
        one
        for one in meetings_for(user).select_related(*RELATED)
        if says_all(words, [*one.title.values(), one.city, str(one.begins.year), *_state_names(one.state_id)])
    ]
    return found[:most]


def _state_names(code: str | None) -> list[str]:
    return [name_of(code, language) for language in ("en", "fr", "nb", "ro")] if code else []


@dataclass(frozen=True, slots=True)
class Linked:
    """Something that the meeting is about, with the address that its template makes."""

    kind: str
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """Everything on the page of a meeting, for one viewer."""

    meeting: models.Meeting
    day: date  # on which its countries' standing is asked
    lies_ahead: bool
    inner: tuple[models.Meeting, ...]
    held_in: tuple[models.Session, ...]
    organisations: tuple[models.MeetingOrganisation, ...]
    standings: tuple[Standing, ...]
    country_count: int
    shared: tuple[Shared, ...]
    shared_count: int
    links: tuple[Linked, ...]
    documents: tuple[DocumentLine, ...]
    opening: Opening
    registers: bool  # a reader of the page can ask for a place, without an invitation
    takes_part: bool  # may read what is for participants: the online room


def meeting_page(user: User, meeting: models.Meeting, *, today: date, now: datetime, language: str) -> MeetingPage:
    """The page of a meeting as this user may see it: at most ten questions, whatever the size."""
    day = min(meeting.begins, today)  # nobody knows what a state will be on a day to come
    states = countries(meeting, day=day, today=today, language=language, counted=False)
    shared = shared_findings([one.code for one in states], language)
    opening = opening_of(meeting, now)
    return MeetingPage(
        meeting=meeting,
        day=day,
        lies_ahead=meeting.begins > today,
        inner=tuple(meetings_for(user).filter(inside=meeting).order_by("begins", "public_id")),
        held_in=tuple(meeting.held_in.exclude(state=models.Session.State.DRAFT)) if meeting.inside_id else (),
        organisations=tuple(meeting.organisations.select_related("organisation")),
        standings=tuple(_by_standing(states)),
        country_count=len(states),
        shared=tuple(shared[:SHARED_SHOWN]),
        shared_count=len(shared),
        links=tuple(linked(meeting, language)),
        documents=tuple(documents(user, meeting, now=now)),
        opening=opening,
        registers=opening is Opening.OPEN and meeting.entry != Entry.INVITED,
        takes_part=bool(meeting.link) and Access.PARTICIPANTS in sees(user, meeting),
    )


def linked(meeting: models.Meeting, language: str, session: models.Session | None = None) -> list[Linked]:
    """What a meeting, or one session of it, is about, in order; what is not there any more is left out."""
    rows = list(meeting.links.filter(session=session).values_list("kind", "key"))
    keys: dict[str, list[str]] = defaultdict(list)
    for kind, key in rows:
        keys[kind].append(key)
    titles: dict[tuple[str, str], str] = {}
    for number in keys["article"]:
        titles["article", number] = _title_of(number, language)
    for key in keys["concept"]:
        if known := concepts().get(key):
            titles["concept", key] = known.label(language)
    if keys["finding"]:
        for key, text in Finding.objects.filter(public_id__in=keys["finding"]).values_list("public_id", "text"):
            titles["finding", key] = text
    if keys["report"]:
        reports = Report.objects.filter(public_id__in=keys["report"]).select_related("document")
        for report in reports:
            titles["report", report.public_id] = report.document.title or report.document.reference
    return [Linked(kind, key, titles[kind, key]) for kind, key in rows if titles.get((kind, key))]


def link_leads_somewhere(kind: str, key: str) -> bool:
    """Whether there is such an article, finding, report or concept."""
    match kind:
        case models.Link.Kind.ARTICLE:
            return key in ISTANBUL
        case models.Link.Kind.FINDING:
            return Finding.objects.filter(public_id=key).exclude(review=Finding.Review.REJECTED).exists()
        case models.Link.Kind.REPORT:
            return Report.objects.filter(public_id=key).exists()
        case models.Link.Kind.CONCEPT:
            return key in concepts()
    return False
