"""Queries for introductions: who could help, what each side sees of the other, and the secretariat's list.

What one side sees of the other is decided here and nowhere else (`other_side`). Before both have accepted, it is the
country at most. Afterwards it is as each chose when they accepted; someone at risk is shown as no one in any case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.exchange import matching
from samsvar.exchange.introductions import (
    IntroductionAct,
    IntroductionActor,
    IntroductionStatus,
    is_possible,
)
from samsvar.exchange.matching import CandidateKind, Feature, Match
from samsvar.exchange.requests import HelpForm, OfferStatus, ShownAs, has_free_capacity, shown_as
from samsvar.network.people import Field
from samsvar.network.rights import ROLE_CLAIMS, Claim, Role
from samsvar.site.audit.actions import record_access
from samsvar.site.exchange.adoptions.queries import practice_title
from samsvar.site.exchange.introductions.models import Introduction, IntroductionMessage
from samsvar.site.exchange.introductions.permissions import (
    arranged_by,
    can_arrange,
    can_arrange_for,
    own_introductions,
    side_of,
)
from samsvar.site.exchange.matching.labels import reason_sentence
from samsvar.site.exchange.matching.queries import (
    USUAL_SETTINGS,
    ChangedWeight,
    MatchSettings,
    gap_of_request,
    member_index,
)
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.exchange.requests.models import HelpRequest, Offer
from samsvar.site.exchange.requests.queries import offers_with_use
from samsvar.site.network.access.permissions import (
    Account,
    Organisation,
    Person,
    User,
    in_force_filter,
    term_filter,
)
from samsvar.site.network.directory.queries.people import (
    get_visible_people,
    people_consenting_to_suggestions,
    visible_details,
)

SUGGESTIONS_SHOWN = 20
MATCHES_COMPARED = 10_000  # more than there are candidates for one request
LISTED = 100  # introductions that are over, on the secretariat's page
WITH_COUNTRY = frozenset({ShownAs.NAME, ShownAs.ORGANISATION, ShownAs.COUNTRY})


def introductions() -> QuerySet[Introduction]:
    """Return introductions with what their pages show."""
    return Introduction.objects.select_related(
        "request", "practice", "offer__organisation", "asker__person", "helper__person", "network"
    )


# --- Who could help ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SuggestedHelper:
    """Someone who could help with a request: the account, and what the secretariat sees of them."""

    account: Account
    name: str
    organisation: str
    state: str
    expertise: tuple[str, ...] = ()  # what they share with the request: "article:53", "concept:shelters"


def consenting_people() -> QuerySet[Person]:
    """Return the people who consent, today, to being suggested where they could help, and have an account."""
    return people_consenting_to_suggestions().filter(account__is_active=True)


def consents_to_matching(account: Account) -> bool:
    """Return whether someone consents now to being suggested; a withdrawal takes effect at once."""
    return consenting_people().filter(account=account).exists()


def suggested_helpers(user: User, request: HelpRequest) -> list[SuggestedHelper]:
    """Return people of other states who could help with a request, those who share most of its subjects first.

    Only people who consent to it and have an account are suggested, and only by expertise that the user may see. The
    look at their names is recorded in the audit log.
    """
    if not can_arrange_for(user, request):
        return []
    wanted = [f"article:{one}" for one in request.articles] + [f"concept:{one}" for one in request.concepts]
    consenting = consenting_people().exclude(account=request.by_id)
    if request.state_id:
        consenting = consenting.exclude(memberships__organisation__state=request.state_id)
    if request.network_id:
        today = timezone.now().date()
        members = consenting.filter(term_filter(today, "memberships__"), memberships__network=request.network_id)
        consenting = consenting.filter(pk__in=members.values("pk"))
    details = visible_details(user).filter(person__in=consenting.values("pk"), field=Field.EXPERTISE, value__in=wanted)
    shared: dict[int, list[str]] = {}
    for person, value in details.order_by("person", "pk").values_list("person_id", "value"):
        shared.setdefault(person, []).append(value)
    people = list(consenting.filter(pk__in=shared).select_related("account"))
    fields = (Field.NAME, Field.ORGANISATION, Field.COUNTRY)
    views = get_visible_people(user, people, subject=f"help_request {request.public_id}", fields=fields)
    helpers = [
        SuggestedHelper(
            account=person.account,
            name=view.name,
            organisation=view.organisation.label if view.organisation else "",
            state=view.country,
            expertise=tuple(shared[person.pk]),
        )
        for person, view in zip(people, views, strict=True)
        if person.account is not None and view.name and not (view.country and view.country == request.state_id)
    ]
    helpers.sort(key=lambda helper: (-len(helper.expertise), helper.name.casefold(), helper.account.pk))
    return helpers[:SUGGESTIONS_SHOWN]


def contacts_of(state: str, organisation: Organisation | None) -> QuerySet[Account]:
    """Return the accounts that act for an organisation or, if it is None, for a state's national desk."""
    if organisation is None:
        return _desk_members(grants__state=state).distinct().order_by("pk")
    return _representatives(person__memberships__organisation=organisation).distinct().order_by("pk")


def _desk_members(**of: Any) -> QuerySet[Account]:
    in_force = in_force_filter(timezone.now(), "grants__")
    return _contactable().filter(in_force, grants__role=Role.NATIONAL_DESK, **of)


def _representatives(**of: Any) -> QuerySet[Account]:
    now = timezone.now()
    roles = [role for role, claims in ROLE_CLAIMS.items() if Claim.CONTRIBUTE in claims]
    members = _contactable().filter(term_filter(now.date(), "person__memberships__"), **of)
    return members.filter(in_force_filter(now, "grants__"), grants__role__in=roles)


def _contactable() -> QuerySet[Account]:
    return Account.objects.filter(is_active=True, erased_at=None).exclude(person__at_risk=True)


def owners_with_contacts() -> frozenset[str | int]:
    """Return who can be asked about a practice or an offer: organisations by primary key, desks by state. Two queries.

    `contacts_of` returns someone for each of them, and for no other.
    """
    organisations = _representatives().values_list("person__memberships__organisation", flat=True).distinct()
    desks = _desk_members().values_list("grants__state", flat=True).distinct()
    keys: list[str | int | None] = [*organisations, *desks]
    return frozenset(key for key in keys if key is not None)


def contact_for(practice: Practice | None, offer: Offer | None) -> Account | None:
    """Return who is asked about a practice or an offer: the one who made the offer, if they still act for it."""
    subject = offer or practice
    if subject is None:
        return None
    accounts = contacts_of(subject.state_id, subject.organisation)
    if offer is not None and offer.by_id and (maker := accounts.filter(pk=offer.by_id).first()):
        return maker
    return accounts.first()


# --- Why they fit -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrozenMatch:
    """Why a helper fits, as the matching said it to one viewer on one day; it is stored with the introduction.

    Each of `reasons` is {"feature": name, "values": texts, "weight": number}, and may have its sentence as "text".
    `weights` are those that the viewer used, 0 for what was switched off; `changed` names what was not as usual.
    """

    reasons: Sequence[Mapping[str, Any]] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    changed: Sequence[str] = ()
    score: float | None = None

    def __post_init__(self) -> None:
        for reason in self.reasons:
            if not isinstance(reason.get("feature"), str) or not isinstance(reason.get("weight", 0), int | float):
                raise ValueError(f"not a reason: {reason!r}")


def match_now(
    user: User,
    request: HelpRequest,
    settings: MatchSettings = USUAL_SETTINGS,
    *,
    practice: Practice | None,
    offer: Offer | None,
    helper: Account | None,
) -> FrozenMatch | None:
    """Return why a practice, an offer or a person fits a request today, with the settings that the viewer used.

    None if the matching finds no reason.
    """
    source = gap_of_request(user, request.public_id)
    person: Person | None = getattr(helper, "person", None)
    chosen = (
        (CandidateKind.PRACTICE, practice) if practice else (CandidateKind.OFFER, offer) if offer else
        (CandidateKind.PERSON, person)
    )  # fmt: skip
    if source is None or chosen[1] is None:
        return None
    index = member_index(user, timezone.localdate())
    matches = index.find(source.gap, settings.weights, limit=MATCHES_COMPARED)
    for match in (*matches.good, *matches.near_misses):
        if (match.candidate.kind, match.candidate.key) == (chosen[0], chosen[1].public_id):
            return freeze_match(match, settings)
    return None


def freeze_match(match: Match, settings: MatchSettings = USUAL_SETTINGS) -> FrozenMatch:
    """Return a match that was found with these settings as it is stored with an introduction."""
    return FrozenMatch(
        reasons=[
            {"feature": reason.feature.value, "values": list(reason.about), "weight": reason.weight}
            for reason in match.reasons
        ],
        weights={feature.value: weight for feature, weight in settings.weights.items()},
        changed=[changed.feature for changed in settings.changed_weights],
        score=round(match.score, 4),
    )


# --- What one side sees of the other ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OtherSide:
    """What one side of an introduction sees of the other; each part is "" if it is not shown."""

    name: str = ""
    organisation: str = ""
    state: str = ""


def is_at_risk(account: Account | None) -> bool:
    person: Person | None = getattr(account, "person", None)
    return person is not None and person.at_risk


def other_side(introduction: Introduction, side: IntroductionActor) -> OtherSide:
    """Return what a side sees of the other one. See the module's docstring."""
    sees_helper = side is IntroductionActor.ASKER
    other = introduction.helper if sees_helper else introduction.asker
    state = (introduction.helper_state_id if sees_helper else introduction.asker_state_id) or ""
    if other is None:
        return OtherSide()
    if introduction.introduced_at is None:
        return OtherSide(state=state if _shows_country(introduction, sees_helper=sees_helper) else "")
    chosen = ShownAs(introduction.helper_shown_as if sees_helper else introduction.asker_shown_as)
    level = shown_as(chosen, at_risk=is_at_risk(other))
    person: Person | None = getattr(other, "person", None)
    return OtherSide(
        name=_name_of(person) if level is ShownAs.NAME else "",
        organisation=_organisation_of(introduction, person, sees_helper=sees_helper)
        if level in {ShownAs.NAME, ShownAs.ORGANISATION}
        else "",
        state=state if level in WITH_COUNTRY else "",
    )


def _shows_country(introduction: Introduction, *, sees_helper: bool) -> bool:
    """Return whether a side's country is shown before both have accepted.

    That of the asker is as their request shows it; that of the helper is the country of the practice or the offer,
    which is known anyway. The country of a person who is suggested is not shown.
    """
    if sees_helper:
        return introduction.practice is not None or introduction.offer is not None
    request = introduction.request
    chosen = ShownAs(request.shown_as) if request else ShownAs.NO_ONE
    return shown_as(chosen, at_risk=is_at_risk(introduction.asker)) in WITH_COUNTRY


def _name_of(person: Person | None) -> str:
    """Return the name that someone agreed to show to the other side, although the profile may hide it."""
    if person is None or person.erased_at is not None:
        return ""
    return person.details.filter(field=Field.NAME).values_list("value", flat=True).first() or ""


def _organisation_of(introduction: Introduction, person: Person | None, *, sees_helper: bool) -> str:
    subject: Any = (introduction.practice or introduction.offer) if sees_helper else introduction.request
    if subject is not None:
        return subject.organisation.name if subject.organisation else ""
    if person is None:
        return ""
    current = person.memberships.filter(term_filter(timezone.now().date()), organisation__isnull=False)
    return current.values_list("organisation__name", flat=True).first() or ""


# --- Pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """Why this helper was proposed, in the words of that day."""

    text: str
    weight: float | None


@dataclass(frozen=True, slots=True)
class IntroductionPage:
    """An introduction as one of its sides or its secretariat sees it."""

    introduction: Introduction
    side: IntroductionActor  # ASKER, HELPER or SECRETARIAT
    other: OtherSide  # empty for the secretariat, which sees both in `asker` and `helper`
    asker: OtherSide
    helper: OtherSide
    practice_title: str
    practice_language: str
    reasons: tuple[Reason, ...]
    changed_weights: tuple[ChangedWeight, ...]  # as the person who proposed it had set them
    messages: tuple[IntroductionMessage, ...]  # only for the two sides
    acts: frozenset[str]  # values of `IntroductionAct` that the reader can do now
    has_accepted: bool  # the reader, if they are a side
    shows_request: bool

    @property
    def is_introduced(self) -> bool:
        return self.introduction.introduced_at is not None

    @property
    def can_write(self) -> bool:
        return self.side is not IntroductionActor.SECRETARIAT and can_write(self.introduction)

    @property
    def can_tell_outcome(self) -> bool:
        """Whether the asker can say what came of it: never about something that did not take place."""
        took_place = self.introduction.status == IntroductionStatus.TOOK_PLACE
        return self.side is IntroductionActor.ASKER and took_place


def can_write(introduction: Introduction) -> bool:
    """Return whether the sides can write to each other: once introduced, until one leaves or is no longer there."""
    return (
        introduction.introduced_at is not None
        and introduction.status != IntroductionStatus.LEFT
        and introduction.asker_id is not None
        and introduction.helper_id is not None
    )


def has_both_accepted(introduction: Introduction) -> bool:
    return introduction.introduced_at is not None


def introduction_page(user: User, public_id: str) -> IntroductionPage | None:
    """Return an introduction for one of its sides or for its secretariat; None for anyone else."""
    introduction = introductions().filter(public_id=public_id).first()
    if introduction is None:
        return None
    side = side_of(user, introduction)
    arranges = side is None and can_arrange(user, introduction)
    if side is None and not arranges:
        return None
    role = side or IntroductionActor.SECRETARIAT
    sees_reasons = role is not IntroductionActor.HELPER
    asker, helper = _both_sides(user, introduction) if arranges else (OtherSide(), OtherSide())
    title, language = practice_title(introduction.practice) if introduction.practice else ("", "")
    accepted = {
        IntroductionActor.ASKER: introduction.asker_accepted_at,
        IntroductionActor.HELPER: introduction.helper_accepted_at,
    }
    return IntroductionPage(
        introduction=introduction,
        side=role,
        other=_read_other_side(user, introduction, side) if side else OtherSide(),
        asker=asker,
        helper=helper,
        practice_title=title,
        practice_language=language,
        reasons=describe_reasons(introduction) if sees_reasons else (),
        changed_weights=frozen_weights(introduction) if sees_reasons else (),
        messages=tuple(introduction.messages.all()) if side else (),
        acts=_possible_acts(introduction, role, has_accepted=accepted.get(role) is not None),
        has_accepted=accepted.get(role) is not None,
        shows_request=arranges or side is IntroductionActor.ASKER or introduction.introduced_at is not None,
    )


def _read_other_side(user: User, introduction: Introduction, side: IntroductionActor) -> OtherSide:
    """Return what a side sees of the other one; that it reads a name is recorded in the audit log."""
    shown = other_side(introduction, side)
    other = introduction.helper if side is IntroductionActor.ASKER else introduction.asker
    person: Person | None = getattr(other, "person", None)
    if shown.name and person is not None:
        subject = f"introduction {introduction.public_id}"
        record_access(by=user, fields_by_person={person.public_id: [Field.NAME.value]}, subject=subject)
    return shown


def _possible_acts(introduction: Introduction, role: IntroductionActor, *, has_accepted: bool) -> frozenset[str]:
    status, both = IntroductionStatus(introduction.status), has_both_accepted(introduction)
    acts = {act.value for act in IntroductionAct if is_possible(act, status, role, both_accepted=both)}
    if has_accepted:
        acts.discard(IntroductionAct.ACCEPT.value)
    return frozenset(acts)


def _both_sides(user: User, introduction: Introduction) -> tuple[OtherSide, OtherSide]:
    """Return both sides as the secretariat sees them in a staff session; the look is recorded in the audit log."""
    fields = (Field.NAME, Field.ORGANISATION)
    sides = []
    for account, state in (
        (introduction.asker, introduction.asker_state_id),
        (introduction.helper, introduction.helper_state_id),
    ):
        person: Person | None = getattr(account, "person", None)
        if person is None:
            sides.append(OtherSide(state=state or ""))
            continue
        subject = f"introduction {introduction.public_id}"
        view = get_visible_people(user, [person], subject=subject, fields=fields)[0]
        sides.append(OtherSide(view.name, view.organisation.label if view.organisation else "", state or ""))
    return sides[0], sides[1]


def describe_reasons(introduction: Introduction) -> tuple[Reason, ...]:
    """Return the frozen reasons as sentences; a feature that the matching no longer knows is named with its values."""
    described = []
    for reason in introduction.reasons:
        feature, values, weight = reason["feature"], reason.get("values") or [], float(reason.get("weight", 0))
        about = tuple(str(text) for text in (values.values() if isinstance(values, Mapping) else values))
        text = reason.get("text", "")
        if not text and feature in set(Feature):
            frozen = matching.Reason(Feature(feature), 1.0, weight, about)
            text = reason_sentence(frozen, introduction.helper_state_id or "")
        described.append(Reason(text or ": ".join([feature.replace("_", " "), ", ".join(about)]), weight))
    return tuple(described)


def frozen_weights(introduction: Introduction) -> tuple[ChangedWeight, ...]:
    """Return what the person who proposed an introduction had changed in the matching."""
    return tuple(ChangedWeight(name, introduction.weights.get(name, 0)) for name in introduction.changed_weights)


@dataclass(frozen=True, slots=True)
class IntroductionRow:
    """An introduction in a list."""

    introduction: Introduction
    side: IntroductionActor
    practice_title: str
    practice_language: str
    awaits_reader: bool


def own_list(user: User) -> list[IntroductionRow]:
    """Return the introductions that a user is a side of, newest first."""
    rows = []
    for introduction in introductions().filter(own_introductions(user)):
        side = side_of(user, introduction) or IntroductionActor.HELPER
        accepted_at = (
            introduction.asker_accepted_at if side is IntroductionActor.ASKER else introduction.helper_accepted_at
        )
        waiting = introduction.status in {IntroductionStatus.INVITED, IntroductionStatus.HALF_ACCEPTED}
        rows.append(_row(introduction, side, awaits_reader=waiting and accepted_at is None))
    return rows


@dataclass(frozen=True, slots=True)
class ArrangedList:
    """The introductions of a secretariat: proposals to decide on, those under way, and those that are over."""

    proposed: tuple[IntroductionRow, ...]
    current: tuple[IntroductionRow, ...]
    over: tuple[IntroductionRow, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.proposed or self.current or self.over)


def arranged_list(user: User) -> ArrangedList:
    """Return the introductions that a secretariat arranges, without names: those are on each one's page."""
    rows = [
        _row(
            introduction,
            IntroductionActor.SECRETARIAT,
            awaits_reader=introduction.status == IntroductionStatus.PROPOSED,
        )
        for introduction in introductions().filter(arranged_by(user))
    ]
    over = [row for row in rows if IntroductionStatus(row.introduction.status).is_over]
    return ArrangedList(
        proposed=tuple(row for row in rows if row.awaits_reader),
        current=tuple(row for row in rows if not row.awaits_reader and row not in over),
        over=tuple(over[:LISTED]),
    )


def introductions_of_request(user: User, public_id: str) -> list[IntroductionRow]:
    """Return the introductions of a request that a user can open: the asker's or the secretariat's."""
    if not user or not user.is_authenticated:
        return []
    condition = own_introductions(user) | arranged_by(user)
    matches = introductions().filter(condition, request__public_id=public_id).distinct()
    return [_row(one, side_of(user, one) or IntroductionActor.SECRETARIAT, awaits_reader=False) for one in matches]


def _row(introduction: Introduction, side: IntroductionActor, *, awaits_reader: bool) -> IntroductionRow:
    title, language = practice_title(introduction.practice) if introduction.practice else ("", "")
    return IntroductionRow(introduction, side, title, language, awaits_reader)


# --- Choices of a proposal --------------------------------------------------------------------------------------------


def request_to_arrange(user: User, public_id: str) -> HelpRequest | None:
    """Return a request for which a user can introduce someone; None for anyone else."""
    request = HelpRequest.objects.select_related("by__person", "network").filter(public_id=public_id).first()
    return request if request is not None and can_arrange_for(user, request) else None


def free_offers(day: date) -> list[Offer]:
    """Return the open offers that can still be taken up on a day."""
    offers = offers_with_use(day.year).filter(status=OfferStatus.OPEN).order_by("state", "title", "pk")
    return [
        offer
        for offer in offers
        if has_free_capacity(per_year=offer.per_year, used=offer.used, until=offer.until, day=day)  # type: ignore[attr-defined]
    ]


def forms_of_help(request: HelpRequest) -> list[HelpForm]:
    """Return the forms of help that a request asks for; all if it names none."""
    return [form for form in HelpForm if not request.help or form in request.help]


# --- Panels -----------------------------------------------------------------------------------------------------------


def request_panel(public_id: str) -> tuple[str, dict[str, Any]]:
    """Return the panel of a request's pages: its introductions, and the links to ask for one or to propose one.

    The template decides what each reader sees: members who are not a side of an introduction see nothing.
    """
    return "exchange/introductions/_request_panel.html", {"public_id": public_id}


def exchange_panel(_key: str) -> tuple[str, dict[str, Any]]:
    """Return the panel of the page of the exchange with the links to introductions and adoptions."""
    return "exchange/introductions/_exchange_panel.html", {}


def helpdesk_panel(_key: str) -> tuple[str, dict[str, Any]]:
    """Return the panel of the helpdesk's page with the link to the introductions that it arranges."""
    return "exchange/introductions/_helpdesk_panel.html", {}


def account_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel with the link of an account to its introductions; None if it has none."""
    known = Q(asker__public_id=public_id) | Q(helper__public_id=public_id, invited_at__isnull=False)
    waiting = Introduction.objects.filter(known)
    if not waiting.exists():
        return None
    return "exchange/introductions/_account_panel.html", {}
