"""Queries for the registrations, delegations and invitations that organisers manage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from samsvar.meetings.registration import QuotaKind, RegistrationPhase, RegistrationStatus
from samsvar.network.people import Field
from samsvar.site.audit.actions import record_access
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.facts import invitation_facts
from samsvar.site.meetings.meeting.queries.opening import get_registration_phase
from samsvar.site.meetings.meeting.queries.pseudonyms import get_registration_pseudonyms
from samsvar.site.meetings.registration.queries import own
from samsvar.site.meetings.registration.queries.questions import unanswered_questions
from samsvar.site.meetings.registration.queries.quotas import PLACE_HOLDING_STATUSES
from samsvar.site.network.access.permissions import Account, get_access
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.network.directory.queries.people import VisiblePerson
from samsvar.site.network.emails.email_templates import RenderedEmail, render_email
from samsvar.site.shell.site_url import absolute_url
from samsvar.text import choose_text

PAGE_SIZE = 50
FIELDS = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.EMAIL)

PHOTO_ANSWERS = ("yes", "no", "unsaid")


def photo_answer(registration: models.Registration) -> str:
    """Return a participant's answer about being photographed, from `PHOTO_ANSWERS`. It is "no" for people at risk."""
    if registration.person is not None and registration.person.at_risk:
        return "no"
    return {True: "yes", False: "no", None: "unsaid"}[registration.photographs]


def photo_answer_counts(registrations: QuerySet[models.Registration]) -> dict[str, int]:
    """Return the number of registrations per answer about being photographed. People at risk count as "no"."""
    return {answer: registrations.filter(_photo_answer_filter(answer)).count() for answer in PHOTO_ANSWERS}


def _photo_answer_filter(answer: str) -> Q:
    """Return the database filter for an answer in `PHOTO_ANSWERS`."""
    at_risk = Q(person__isnull=False, person__at_risk=True)
    match answer:
        case "yes":
            return Q(photographs=True) & ~at_risk
        case "no":
            return Q(photographs=False) | at_risk
        case _:
            return Q(photographs__isnull=True) & ~at_risk


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """A registration with the personal details that the viewer is allowed to see."""

    registration: models.Registration
    view: VisiblePerson | None
    state: str  # "" for people at risk, and for those who were until they choose a country again
    waiting_position: int = 0  # position on the waiting list, from 1; 0 if not on it

    @property
    def at_risk(self) -> bool:
        return self.registration.person is not None and self.registration.person.at_risk

    @property
    def photographs(self) -> str:
        return photo_answer(self.registration)

    @property
    def has_place(self) -> bool:
        return RegistrationStatus(self.registration.status).has_place


@dataclass(frozen=True, slots=True)
class NomineeRow:
    """A nominee as the head of delegation sees them: by the name that the head entered, or their pseudonym."""

    registration: models.Registration
    name: str
    replaced_name: str  # name of the nominee who was replaced, if any

    @property
    def has_place(self) -> bool:
        return RegistrationStatus(self.registration.status).has_place


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """A quota with its free places and the number of waiting registrations that count against it."""

    quota: models.Quota
    free: int
    waiting: int


def organisations() -> QuerySet[Any]:
    """Return all organisations that participants can choose from."""
    model: Any = models.Delegation._meta.get_field("organisation").related_model
    organisations: QuerySet[Any] = model.objects.only("public_id", "name").order_by("name")
    return organisations


# --- Delegations ------------------------------------------------------------------------------------------------------


def find_delegation(meeting: models.Meeting, public_id: str) -> models.Delegation | None:
    return own.delegations_with_related().filter(meeting=meeting, public_id=public_id).first()


def nominee_rows(delegation: models.Delegation, head: Account | None) -> list[NomineeRow]:
    """Return a delegation's nominees for its head, and log the access; `head` is None if they used the emailed link.

    The profile of a nominee who accepted with an account is not read: the link needs no account, and the head may know
    the person under another name.
    """
    nominees = list(delegation.registrations.select_related("person").order_by("pk"))
    names = {nominee.pk: nominee.nominated_name for nominee in nominees} | get_registration_pseudonyms(nominees)
    subject = f"delegation {delegation.public_id}" + ("" if head is not None else ", by the link of its head")
    own = get_access(head).person if head is not None else None
    people = [nominee.person for nominee in nominees if nominee.person is not None and nominee.person_id != own]
    record_access(by=head, fields_by_person={person.public_id: {Field.NAME} for person in people}, subject=subject)
    return [NomineeRow(nominee, names[nominee.pk], names.get(nominee.replaces_id or 0, "")) for nominee in nominees]


def list_delegations(meeting: models.Meeting) -> list[models.Delegation]:
    """Return the meeting's delegations with the numbers of members with a place (`held`) and `confirmed`.

    People at risk count in neither, as in the list of a delegation's members: the difference would reveal theirs.
    """
    not_at_risk = Q(registrations__person__isnull=True) | Q(registrations__person__at_risk=False)
    shown = Q(registrations__counts_by_country=True) & not_at_risk
    holding_place = shown & Q(registrations__status__in=PLACE_HOLDING_STATUSES)
    confirmed = shown & Q(registrations__status=RegistrationStatus.CONFIRMED)
    delegations = own.delegations_with_related().filter(meeting=meeting)
    return list(
        delegations.annotate(
            held=Count("registrations", filter=holding_place, distinct=True),
            confirmed=Count("registrations", filter=confirmed, distinct=True),
        )
    )


# --- For organisers ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegistrationsPage:
    """A page of the organiser's list of registrations, with the number per status and the quotas."""

    rows: tuple[RegistrationRow, ...]
    pages: Page
    counts: Mapping[str, int]  # by status, of all registrations
    quotas: tuple[QuotaRow, ...]
    # people with a place who count towards no country quota; None if there is no country quota
    other_countries: int | None
    phase: RegistrationPhase
    photographs: Mapping[str, int]  # confirmed participants by their answer about photographs


def registrations_page(
    user: User, meeting: models.Meeting, filters: Mapping[str, str], page: str | None
) -> RegistrationsPage:
    """Return a page of the filtered registrations.

    The waiting list is in waiting order; other lists are newest first.
    """
    registrations = filter_registrations(meeting, filters)
    order = ("waiting_number",) if filters.get("status") == RegistrationStatus.WAITING else ("-at", "-pk")
    pages = Paginator(registrations.order_by(*order), PAGE_SIZE).get_page(page)
    rows = _build_registration_rows(user, pages.object_list, subject=f"meeting {meeting.public_id}")
    status_counts = dict(meeting.registrations.values_list("status").annotate(n=Count("pk")).order_by())
    confirmed = meeting.registrations.filter(status=RegistrationStatus.CONFIRMED)
    photo_counts = photo_answer_counts(confirmed)
    return RegistrationsPage(
        tuple(rows), pages, status_counts, tuple(quota_rows(meeting)), _count_other_countries(meeting),
        get_registration_phase(meeting), photo_counts,
    )  # fmt: skip


def filter_registrations(meeting: models.Meeting, filters: Mapping[str, str]) -> QuerySet[models.Registration]:
    """Return the registrations that match the filters.

    People at risk are left out when filtering by country or delegation, because a match would reveal theirs.
    """
    registrations = meeting.registrations.all()
    for name in ("status", "group", "category"):
        if filters.get(name):
            registrations = registrations.filter(**{name: filters[name]})
    if filters.get("photographs") in PHOTO_ANSWERS:
        registrations = registrations.filter(_photo_answer_filter(filters["photographs"]))
    if filters.get("country"):
        registrations = registrations.filter(state=filters["country"], counts_by_country=True)
        registrations = registrations.exclude(person__at_risk=True)
    if filters.get("delegation"):
        registrations = registrations.filter(delegation__public_id=filters["delegation"], counts_by_country=True)
        registrations = registrations.exclude(person__at_risk=True)
    if filters.get("answers"):
        registrations = registrations.filter(pk__in=unanswered_questions(meeting))
    return registrations


def count_people_at_risk(meeting: models.Meeting) -> int:
    """Return the number of registered people at risk, without revealing who they are."""
    return meeting.registrations.filter(person__at_risk=True).values("person").distinct().count()


def quota_rows(meeting: models.Meeting) -> list[QuotaRow]:
    registrations = meeting.registrations.filter(status=RegistrationStatus.WAITING)
    waiting = list(registrations.values_list("state", "group", "category", "counts_by_country"))
    waiting_by_kind = {
        QuotaKind.TOTAL: Counter({"": len(waiting)}),
        QuotaKind.COUNTRY: Counter(one[0] or "" for one in waiting if one[3]),
        QuotaKind.GROUP: Counter(one[1] for one in waiting),
        QuotaKind.CATEGORY: Counter(one[2] for one in waiting),
    }
    return [
        QuotaRow(quota, quota.places - quota.taken, waiting_by_kind[QuotaKind(quota.kind)][quota.key])
        for quota in meeting.quotas.order_by("-kind", "key")
    ]


def _count_other_countries(meeting: models.Meeting) -> int | None:
    """Count people with a place outside all country quotas: of other countries, of none, or at risk."""
    countries = meeting.quotas.filter(kind=QuotaKind.COUNTRY).values_list("key", flat=True)
    if not countries:
        return None
    with_place = meeting.registrations.filter(status__in=PLACE_HOLDING_STATUSES)
    return with_place.exclude(state__in=list(countries), counts_by_country=True).count()


def find_registration(meeting: models.Meeting, public_id: str) -> models.Registration | None:
    return own.registrations_with_related().filter(meeting=meeting, public_id=public_id).first()


def registration_row(user: User, registration: models.Registration) -> RegistrationRow:
    queryset = models.Registration.objects.filter(pk=registration.pk)
    (row,) = _build_registration_rows(user, queryset, subject=f"registration {registration.public_id}")
    return row


def email_previews(meeting: models.Meeting, template: str, languages: Iterable[str]) -> list[tuple[str, RenderedEmail]]:
    """Preview an email in each language. The link and the expiry date are shown as "…"."""
    previews = []
    for code in languages:
        title = choose_text(meeting.title, code, meeting.original_language)
        context = {"meeting": title, "until": "…", "page_url": absolute_url("/…"), **invitation_facts(meeting, code)}
        previews.append((code, render_email(template, language=code, context=context)))
    return previews


def invitations_page(meeting: models.Meeting, page: str | None) -> Page:
    invitations = meeting.invitations.filter(invited_by__isnull=False).select_related("registration", "person")
    invitations = invitations.order_by("-at", "-pk")
    return Paginator(invitations, PAGE_SIZE).get_page(page)


def _build_registration_rows(user: User | None, queryset: Any, *, subject: str) -> list[RegistrationRow]:
    registrations = list(queryset.select_related("person", "delegation", "delegation__organisation"))
    people = [one.person for one in registrations if one.person]
    views = get_visible_participants(user, people, subject=subject, fields=FIELDS)
    return [
        build_registration_row(one, views, waiting_position=own.get_waiting_position(one) if user else 0)
        for one in registrations
    ]


def build_registration_row(
    registration: models.Registration, views: Mapping[int, VisiblePerson], waiting_position: int = 0
) -> RegistrationRow:
    """Return the row of a registration. `views` contains the visible details of people by primary key."""
    view = views.get(registration.person_id) if registration.person_id is not None else None
    hidden = registration.person is not None and registration.person.at_risk
    state = "" if hidden or not registration.counts_by_country else registration.state_id or ""
    return RegistrationRow(registration, view, state, waiting_position)
