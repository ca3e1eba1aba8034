"""Queries for participants of a meeting who could help each other, by requests, offers, practices and expertise.

Both must have agreed on their registration page. Each sees only what the directory shows them of the other, and what a
request shows of those who ask: others are told only of requests that are shown by name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.exchange.matching import Candidate, CandidateIndex, CandidateKind, Match
from samsvar.exchange.requests import ShownAs
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.exchange.introductions.permissions import can_ask_for_introduction
from samsvar.site.exchange.introductions.queries import (
    FrozenMatch,
    consents_to_matching,
    contact_for,
    free_offers,
    freeze_match,
)
from samsvar.site.exchange.matching.queries import ShownMatch, gap_of_request, member_index, show_matches
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.exchange.practices.queries.published import published_practices
from samsvar.site.exchange.requests.models import HelpRequest, Offer
from samsvar.site.exchange.requests.permissions import visible_requests
from samsvar.site.exchange.requests.queries import LISTED_STATUSES, effective_shown_as
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.queries.check_in import confirmed_registrations
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.network.access.permissions import Account, in_force_filter, term_filter
from samsvar.site.network.directory.queries.people import get_visible_people

CONTACTS_A_REQUEST = 5

type CandidateKey = tuple[CandidateKind, str]


@dataclass(frozen=True, slots=True)
class Helper:
    """Whom to ask about a match: the account, and the practice or offer; neither for a person's own expertise."""

    account: Account
    practice: Practice | None = None
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A participant who could help with a request, as far as the asker may see them."""

    shown: ShownMatch
    helper: Helper
    name: str  # "" if the directory does not show it
    was_asked: bool  # there is a current introduction about it

    @property
    def key(self) -> str:
        """The value with which the page asks for a talk, such as "practice:…"."""
        return f"{self.shown.match.candidate.kind}:{self.shown.match.candidate.key}"


@dataclass(frozen=True, slots=True)
class RequestContacts:
    """One of the reader's requests, with the participants who could help."""

    request: HelpRequest
    contacts: tuple[Contact, ...]
    can_ask: bool


@dataclass(frozen=True, slots=True)
class HelpNeeded:
    """A request of another participant that the reader could help with, and why."""

    request: HelpRequest
    name: str  # "" if the directory does not show it
    match: Match


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """Whom a participant could meet: empty until they agree to be suggested."""

    registration: models.Registration
    can_get_help: tuple[RequestContacts, ...] = ()
    can_help: tuple[HelpNeeded, ...] = ()


def contacts_page(user: User, registration: models.Registration) -> ContactsPage:
    """Return whom a participant could meet. The look at the names of others is recorded in the audit log."""
    if not takes_part_in_suggestions(registration):
        return ContactsPage(registration)
    others = {one.person.account_id: one for one in agreeing_registrations(registration.meeting) if one.person}
    others.pop(user.pk, None)
    day = timezone.localdate()
    candidates = {(one.kind, one.key): one for one in member_index(user, day).candidates}
    return ContactsPage(
        registration,
        tuple(_own_requests(user, registration.meeting, _helpers(others, day), candidates, day)),
        tuple(_requests_of(user, registration, others, candidates, day)),
    )


def find_contact(
    user: User, registration: models.Registration, request: str, key: str
) -> tuple[HelpRequest, Contact] | None:
    """Return a request of the user's and a contact that the page suggests for it now; None if it does not."""
    for entry in contacts_page(user, registration).can_get_help:
        for contact in entry.contacts:
            if entry.request.public_id == request and contact.key == key:
                return entry.request, contact
    return None


def frozen_match(contact: Contact) -> FrozenMatch:
    """Return the reasons of today, to be stored with the introduction."""
    return freeze_match(contact.shown.match)


# --- Who agrees -------------------------------------------------------------------------------------------------------


def takes_part_in_suggestions(registration: models.Registration) -> bool:
    """Return whether someone agreed to be suggested here; no one at risk is."""
    return registration.is_suggested and registration.person is not None and not registration.person.at_risk


def agreeing_registrations(meeting: models.Meeting) -> QuerySet[models.Registration]:
    """Return the registrations of confirmed participants with an account who agreed to be suggested here."""
    return (
        confirmed_registrations(meeting)
        .filter(is_suggested=True, person__at_risk=False, person__erased_at=None, person__account__is_active=True)
        .select_related("person__account")
    )


# --- Who could help ---------------------------------------------------------------------------------------------------


def _helpers(registrations: Mapping[int | None, models.Registration], day: date) -> dict[CandidateKey, Helper]:
    """Return whom of these participants an introduction would reach, by practice, offer or person."""
    people = [one.person for one in registrations.values() if one.person]
    accounts = {person.account_id for person in people if person.account_id}
    now = timezone.now()
    desks = Account.objects.filter(in_force_filter(now, "grants__"), pk__in=accounts, grants__role=Role.NATIONAL_DESK)
    organisations = models.Registration.objects.filter(
        term_filter(day, "person__memberships__"), pk__in=[one.pk for one in registrations.values()]
    )
    owned = Q(organisation__in=organisations.values("person__memberships__organisation"))
    owned |= Q(organisation=None, state__in=desks.values("grants__state"))
    helpers: dict[CandidateKey, Helper] = {}
    for practice in published_practices().filter(owned).select_related("organisation"):
        account = contact_for(practice, None)
        if account is not None and account.pk in accounts:
            helpers[CandidateKind.PRACTICE, practice.public_id] = Helper(account, practice=practice)
    own_offers = set(Offer.objects.filter(owned).values_list("pk", flat=True))
    for offer in free_offers(day) if own_offers else ():
        account = contact_for(None, offer) if offer.pk in own_offers else None
        if account is not None and account.pk in accounts:
            helpers[CandidateKind.OFFER, offer.public_id] = Helper(account, offer=offer)
    for person in people:
        if person.account is not None and consents_to_matching(person.account):
            helpers[CandidateKind.PERSON, person.public_id] = Helper(person.account)
    return helpers


def _index(candidates: Mapping[CandidateKey, Candidate], keys: Iterable[CandidateKey], day: date) -> CandidateIndex:
    return CandidateIndex([candidates[key] for key in keys if key in candidates], day)


def _own_requests(
    user: User,
    meeting: models.Meeting,
    helpers: Mapping[CandidateKey, Helper],
    candidates: Mapping[CandidateKey, Candidate],
    day: date,
) -> Iterable[RequestContacts]:
    """Yield the user's open requests with the participants who match them."""
    index = _index(candidates, helpers, day)
    matched = []
    for request in HelpRequest.objects.filter(by=user.pk, status__in=LISTED_STATUSES):
        source = gap_of_request(user, request.public_id)
        matches = index.find(source.gap, limit=CONTACTS_A_REQUEST).good if source else ()
        matched.append((request, show_matches(user, matches)))
    wanted = {(one.match.candidate.kind, one.match.candidate.key) for _request, shown in matched for one in shown}
    names = _names(user, meeting, [helpers[key].account for key in helpers if key in wanted])
    for request, shown in matched:
        current = list(request.introductions.filter(ended_at=None).values_list("practice", "offer", "helper"))
        contacts = []
        for match in shown:
            helper = helpers[match.match.candidate.kind, match.match.candidate.key]
            ids = (
                helper.practice.pk if helper.practice else None,
                helper.offer.pk if helper.offer else None,
                helper.account.pk,
            )
            contacts.append(Contact(match, helper, names.get(helper.account.pk, ""), ids in current))
        yield RequestContacts(request, tuple(contacts), can_ask_for_introduction(user, request))


def _requests_of(
    user: User,
    registration: models.Registration,
    others: Mapping[int | None, models.Registration],
    candidates: Mapping[CandidateKey, Candidate],
    day: date,
) -> Iterable[HelpNeeded]:
    """Yield the requests of other participants, shown by name, that the user could help with."""
    help_requests = HelpRequest.objects.filter(
        visible_requests(user), by__in=[key for key in others if key], status__in=LISTED_STATUSES,
        shown_as=ShownAs.NAME,
    )  # fmt: skip
    named = [
        request for request in help_requests.select_related("by__person") if effective_shown_as(request) is ShownAs.NAME
    ]
    if not named:
        return
    own = _helpers({user.pk: registration}, day)
    index = _index(candidates, own, day)
    names = _names(user, registration.meeting, [request.by for request in named])
    for request in named:
        source = gap_of_request(user, request.public_id)
        if source and (good := index.find(source.gap, limit=1).good):
            yield HelpNeeded(request, names.get(request.by_id, ""), good[0])


def _names(user: User, meeting: models.Meeting, accounts: Collection[Account]) -> dict[int, str]:
    """Return the names that the user may see in the directory, by account."""
    people = {account.pk: account.person for account in accounts if hasattr(account, "person")}
    subject = f"contacts {meeting.public_id}"
    views = get_visible_people(user, people.values(), subject=subject, fields=(Field.NAME,))
    return {key: view.name for key, view in zip(people, views, strict=True) if view.name}
