"""Queries for the list of meetings, the page of a meeting, and searches, limited to what the user may see."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import F, FilteredRelation, Q, QuerySet

from samsvar.convention.treaty import ISTANBUL
from samsvar.meetings.meeting import AccessLevel, CountryRole, MeetingKind, RegistrationPolicy
from samsvar.meetings.registration import RegistrationPhase
from samsvar.network.rights import Claim
from samsvar.site.exchange.practices.queries.content import choose_shown_text
from samsvar.site.exchange.practices.queries.published import current_versions
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, access_levels, can_see, visible_meetings
from samsvar.site.meetings.meeting.queries.countries import (
    SharedArticle,
    StatusGroup,
    article_title,
    find_shared_articles,
    group_by_status,
    list_countries,
)
from samsvar.site.meetings.meeting.queries.documents import MeetingDocumentRow, visible_documents
from samsvar.site.meetings.meeting.queries.opening import get_registration_phase
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, Report
from samsvar.site.network.access.permissions import has_claim
from samsvar.site.search.queries import contains_all_words
from samsvar.site.shell.labels import COLON
from samsvar.territories import territory_name
from samsvar.thesaurus.concepts import concepts

MEETINGS_A_PAGE = 40
SHARED_SHOWN = 12  # shared articles on a meeting's page; the page of its countries lists all of them
RELATED = ("inside", "network", "state")


# --- One meeting ------------------------------------------------------------------------------------------------------


def find_meeting(user: User, slug: str) -> models.Meeting | None:
    """Return the meeting with this public ID, or None if it does not exist or the user may not see it."""
    # Few meetings are inside another, so `inside` is not joined: it has forty columns and is rarely needed.
    meeting = models.Meeting.objects.select_related("network", "state").filter(public_id=slug).first()
    return meeting if meeting is not None and can_see(user, meeting) else None


# --- All meetings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingFilters:
    """The filters of the list of meetings; "" means no filter."""

    kind: str = ""
    network: str = ""
    state: str = ""

    @property
    def is_active(self) -> bool:
        return bool(self.kind or self.network or self.state)


@dataclass(frozen=True, slots=True)
class MeetingsPage:
    """The content of the list of meetings: upcoming ones, soonest first, and past ones, latest first."""

    filters: MeetingFilters
    upcoming: tuple[models.Meeting, ...]
    past: tuple[models.Meeting, ...]
    pages: Page
    kinds: tuple[MeetingKind, ...]
    networks: tuple[tuple[str, str], ...]  # slug, name
    states: tuple[tuple[str, str], ...]  # code, name in the reader's language
    can_plan: bool
    has_meetings: bool


# of two meetings that begin on the same day, the one whose day is known comes before the one with only a month
LATEST_FIRST = ("-begins", "precision", "public_id")


def meetings_page(user: User, filters: MeetingFilters, *, today: date, page: str | None, language: str) -> MeetingsPage:
    """Return the content of the list of meetings. Runs five queries for any number of meetings."""
    visible = visible_meetings(user)
    choices = list(visible.order_by().values_list("kind", "network__slug", "network__name", "state").distinct())
    matches = _apply_filters(visible, filters).select_related(*RELATED)
    past = Paginator(matches.filter(ends__lt=today).order_by(*LATEST_FIRST), MEETINGS_A_PAGE).get_page(page)
    upcoming = matches.filter(ends__gte=today).order_by("begins", "public_id") if past.number == 1 else ()
    kinds, codes = {kind for kind, *_ in choices}, {code for *_, code in choices if code}
    return MeetingsPage(
        filters=filters,
        upcoming=tuple(upcoming),
        past=tuple(past.object_list),
        pages=past,
        kinds=tuple(kind for kind in MeetingKind if kind in kinds),
        networks=tuple(sorted({(slug, name) for _, slug, name, _ in choices if slug}, key=lambda one: one[1])),
        states=tuple(sorted(((code, territory_name(code, language)) for code in codes), key=lambda one: one[1])),
        can_plan=has_claim(user, Claim.PLAN_MEETINGS),
        has_meetings=bool(choices),
    )


def _apply_filters(meetings: QuerySet[models.Meeting], filters: MeetingFilters) -> QuerySet[models.Meeting]:
    if filters.kind:
        meetings = meetings.filter(kind=filters.kind)
    if filters.network:
        meetings = meetings.filter(network__slug=filters.network)
    return meetings.filter(state=filters.state) if filters.state else meetings


def next_meeting(user: User, today: date) -> models.Meeting | None:
    """Return a meeting in progress, otherwise the next one, that the user may see; None if there is none."""
    known = visible_meetings(user).filter(ends__gte=today, cancelled_at=None, inside=None)
    return known.select_related(*RELATED).order_by("begins", "public_id").first()


def meetings_of_state(user: User, state: str) -> list[tuple[models.Meeting, str]]:
    """Return the meetings that a state hosts, is invited to or sent speakers to, with its role; latest first.

    The role is "" if the meeting was held in the state but no source names it as the host. Runs one query.
    """
    invited = FilteredRelation("states", condition=Q(states__state=state))
    meetings = visible_meetings(user).annotate(invited=invited, role=F("invited__place"))
    by_meeting: dict[int, tuple[models.Meeting, str]] = {}
    listed = meetings.filter(Q(invited__isnull=False) | Q(state=state)).select_related("network")
    for meeting in listed.order_by(*LATEST_FIRST):
        if meeting.pk not in by_meeting or meeting.role == CountryRole.HOST:
            by_meeting[meeting.pk] = meeting, meeting.role or ""
    return list(by_meeting.values())


def search_meetings(user: User, query: str, limit: int = 5) -> list[models.Meeting]:
    """Return up to `limit` meetings whose title, city, year and country contain every query word, latest first.

    Results are limited to what the user may see. The database is searched because the index contains nothing that is
    for members only. All meetings are read, because there are a few hundred at most.
    """
    if not query.strip():
        return []
    matches = [
        one
        for one in visible_meetings(user).select_related(*RELATED)
        if contains_all_words(query, _searchable_texts(one))
    ]
    return matches[:limit]


def _searchable_texts(meeting: models.Meeting) -> list[tuple[str, str]]:
    names = [meeting.city, str(meeting.begins.year), *_state_names(meeting.state_id)]
    return [*meeting.title.items(), *(("", name) for name in names)]


def _state_names(code: str | None) -> list[str]:
    return [territory_name(code, language) for language in ("en", "fr", "nb", "ro")] if code else []


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """An item that the meeting is about; the template builds its URL."""

    kind: str
    key: str
    title: str
    language: str = ""  # of a practice's title


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """The content of a meeting's page, limited to what the user may see."""

    meeting: models.Meeting
    day: date  # the day for which the status of its countries is shown
    is_upcoming: bool  # its first day has not begun where it is held
    nested_meetings: tuple[models.Meeting, ...]
    held_in: tuple[models.Session, ...]
    organisations: tuple[models.MeetingOrganisation, ...]
    status_groups: tuple[StatusGroup, ...]
    country_count: int
    shared: tuple[SharedArticle, ...]
    shared_count: int
    links: tuple[LinkedItem, ...]
    documents: tuple[MeetingDocumentRow, ...]
    registration_phase: RegistrationPhase
    can_register: bool  # whether the user can request a place without an invitation
    is_participant: bool  # whether the user may see the link for joining online


def meeting_page(user: User, meeting: models.Meeting, *, today: date, now: datetime, language: str) -> MeetingPage:
    """Return the content of a meeting's page, limited to what the user may see. Runs ten queries at most."""
    day = min(meeting.begins, today)  # the status of a state on a future day is not known
    states = list_countries(meeting, day=day, today=today, language=language, count_findings=False)
    shared = find_shared_articles([one.code for one in states], language)
    opening = get_registration_phase(meeting, now)
    return MeetingPage(
        meeting=meeting,
        day=day,
        is_upcoming=meeting.begins > now.astimezone(ZoneInfo(meeting.zone)).date(),
        nested_meetings=tuple(visible_meetings(user).filter(inside=meeting).order_by("begins", "public_id")),
        held_in=tuple(meeting.held_in.exclude(state=models.Session.State.DRAFT)) if meeting.inside_id else (),
        organisations=tuple(meeting.organisations.select_related("organisation")),
        status_groups=tuple(group_by_status(states)),
        country_count=len(states),
        shared=tuple(shared[:SHARED_SHOWN]),
        shared_count=len(shared),
        links=tuple(linked_items(meeting, language)),
        documents=tuple(visible_documents(user, meeting, now=now)),
        registration_phase=opening,
        can_register=opening is RegistrationPhase.OPEN and meeting.entry != RegistrationPolicy.INVITED,
        is_participant=bool(meeting.link) and AccessLevel.PARTICIPANTS in access_levels(user, meeting),
    )


def linked_items(meeting: models.Meeting, language: str, session: models.Session | None = None) -> list[LinkedItem]:
    """Return the items that a meeting or session is about, in order, omitting those that no longer exist."""
    rows = list(meeting.links.filter(session=session).values_list("kind", "key"))
    keys: dict[str, list[str]] = defaultdict(list)
    for kind, key in rows:
        keys[kind].append(key)
    titles: dict[tuple[str, str], str] = {}
    for number in keys["article"]:
        titles["article", number] = article_title(number, language)
    for key in keys["concept"]:
        if concept := concepts().get(key):
            titles["concept", key] = concept.label(language)
    if keys["finding"]:
        for finding in Finding.objects.filter(public_id__in=keys["finding"]):
            titles["finding", finding.public_id] = f"{short_citation(finding)}{COLON} {finding.text}"
    if keys["report"]:
        for report in Report.objects.filter(public_id__in=keys["report"]).select_related("document"):
            titles["report", report.public_id] = report.document.title or report.document.reference
    languages: dict[tuple[str, str], str] = {}
    if keys["practice"]:
        for version in current_versions().filter(practice__public_id__in=keys["practice"]):
            text, item = choose_shown_text(version.content, language), ("practice", version.practice.public_id)
            titles[item], languages[item] = text.fields["title"], text.language
    return [
        LinkedItem(kind, key, titles[kind, key], languages.get((kind, key), ""))
        for kind, key in rows
        if titles.get((kind, key))
    ]


def link_target_exists(kind: str, key: str) -> bool:
    """Return whether there is an article, finding, report, concept or published practice with this key."""
    match kind:
        case models.MeetingLink.Kind.ARTICLE:
            return key in ISTANBUL
        case models.MeetingLink.Kind.FINDING:
            return Finding.objects.filter(public_id=key).exclude(review=Finding.Review.REJECTED).exists()
        case models.MeetingLink.Kind.REPORT:
            return Report.objects.filter(public_id=key).exists()
        case models.MeetingLink.Kind.CONCEPT:
            return key in concepts()
        case models.MeetingLink.Kind.PRACTICE:
            return current_versions().filter(practice__public_id=key).exists()
    return False
