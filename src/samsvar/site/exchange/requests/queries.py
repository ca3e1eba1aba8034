"""Queries for requests for help, as seen by the asker, by members and by the secretariat's helpdesk, and for offers.

Who asks is decided here and nowhere else (`signature`). For a request that is shown as no one's, members see neither
name, organisation nor country, and not the finding or measure from which it was asked either, because those name a
country. Requests are in no search index, export or feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from samsvar.convention.treaty import ISTANBUL
from samsvar.exchange.introductions import IntroductionStatus
from samsvar.exchange.requests import (
    DAYS_UNTIL_OVERDUE,
    REQUEST_ACTS,
    HelpForm,
    OfferStatus,
    RequestAct,
    RequestActor,
    RequestStatus,
    ShownAs,
    has_free_capacity,
    shown_as,
)
from samsvar.monitoring.report import Strength
from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record_access
from samsvar.site.exchange.practices.queries.published import published_titles
from samsvar.site.exchange.requests.models import HelpRequest, Offer, Reply
from samsvar.site.exchange.requests.permissions import (
    can_ask_everyone,
    can_change_offer,
    can_contribute,
    can_handle,
    can_reply,
    helpdesk_requests,
    own_networks,
    visible_requests,
)
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import find_measure
from samsvar.site.monitoring.models import Finding
from samsvar.site.monitoring.queries import get_article_numbers
from samsvar.site.network.access.permissions import Account, Network, Organisation, Person, User, term_filter
from samsvar.site.network.access.queries import secretariat_accounts
from samsvar.site.network.directory.queries.people import get_visible_people

REQUESTS_A_PAGE = 25
OFFERS_A_PAGE = 12
PRAISE_OFFERED = 100  # findings to choose from in a reply
LISTED_STATUSES = (RequestStatus.OPEN, RequestStatus.IN_HAND, RequestStatus.ANSWERED)
UNANSWERED = (RequestStatus.OPEN, RequestStatus.IN_HAND)


# --- Who asks and who replies -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signature:
    """How someone who asks or replies is shown to one reader; all parts are "" if it is no one."""

    name: str = ""
    organisation: str = ""
    state: str = ""
    is_desk: bool = False  # of the state: its national desk, without an organisation

    @property
    def is_no_one(self) -> bool:
        return not (self.name or self.organisation or self.state)


NO_ONE = Signature()


def is_at_risk(account: Account | None) -> bool:
    """Return whether an account belongs to a person whom the secretariat protects."""
    person: Person | None = getattr(account, "person", None)
    return person is not None and person.at_risk


def signature(written: HelpRequest | Reply, names: Mapping[int, str]) -> Signature:
    """Return how the writer of a request or reply is shown to other members.

    Their choice sets the limit, and someone at risk is shown as no one whatever they chose. `names` are those that the
    reader may see in the directory, by account: a name that the profile hides from this reader is not shown here.
    """
    level = shown_as(ShownAs(written.shown_as), at_risk=is_at_risk(written.by))
    if level is ShownAs.NO_ONE:
        return NO_ONE
    state = written.state_id or ""
    if level is ShownAs.COUNTRY:
        return Signature(state=state)
    organisation = written.organisation.name if written.organisation else ""
    name = names.get(written.by_id or 0, "") if level is ShownAs.NAME else ""
    return Signature(name, organisation, state, is_desk=bool(state and not organisation))


def effective_shown_as(request: HelpRequest) -> ShownAs:
    return shown_as(ShownAs(request.shown_as), at_risk=is_at_risk(request.by))


def _visible_names(user: User, texts: Iterable[HelpRequest | Reply], subject: str) -> dict[int, str]:
    """Return, by account, the names that the writers chose to show and that this reader may see in the directory."""
    people = {
        text.by_id: text.by.person
        for text in texts
        if text.by is not None and text.shown_as == ShownAs.NAME and hasattr(text.by, "person")
        if not is_at_risk(text.by)
    }
    views = get_visible_people(user, people.values(), subject=subject, fields=(Field.NAME,))
    return {account: view.name for account, view in zip(people, views, strict=True) if view.name and account}


# --- What a request is about ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """The finding, measure or article from which a request is asked, with the articles that it concerns."""

    finding: Finding | None = None
    measure: Measure | None = None
    article: str = ""

    @property
    def articles(self) -> list[str]:
        if self.finding is not None:
            return [str(number) for number in get_article_numbers(self.finding)]
        if self.measure is not None:
            answered = Finding.objects.filter(
                public_id__in=self.measure.answers.filter(ended_at=None).values("finding_id")
            )
            numbers = {number for finding in answered for number in get_article_numbers(finding)}
            return [str(number) for number in sorted(numbers)]
        return [self.article] if self.article else []


def find_subject(user: User, kind: str, key: str) -> Subject | None:
    """Return what a request can be about: a public finding, a measure that the user sees, or an article."""
    if kind == "finding":
        finding = Finding.objects.filter(public_id=key).first()
        return Subject(finding=finding) if finding else None
    if kind == "measure":
        measure = find_measure(user, key)
        return Subject(measure=measure) if measure else None
    return Subject(article=key) if kind == "article" and key in ISTANBUL else None


def subject_of(user: User, request: HelpRequest) -> Subject:
    """Return what a request is about: its finding and its measure, if they are public or the user's own desk's."""
    finding = Finding.objects.filter(public_id=request.finding).first() if request.finding else None
    return Subject(finding, find_measure(user, request.measure) if request.measure else None)


# --- Requests as the asker and members see them -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A reply as one reader sees it."""

    reply: Reply
    signature: Signature
    is_own: bool
    practice_title: str
    practice_language: str
    praise: Finding | None

    @property
    def points_to_something(self) -> bool:
        return bool(self.practice_title or self.praise or self.reply.link or self.reply.body)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list of members."""

    request: HelpRequest
    signature: Signature
    reply_count: int


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request with its replies, as the asker, a member or the helpdesk sees it."""

    request: HelpRequest
    is_asker: bool
    signature: Signature
    subject: Subject
    replies: tuple[ReplyView, ...]
    acts: frozenset[RequestAct]  # what the reader can do now
    can_reply: bool
    is_handled: bool = False  # seen at the helpdesk

    @property
    def effective_shown_as(self) -> ShownAs:
        return effective_shown_as(self.request)


def _requests() -> QuerySet[HelpRequest]:
    return HelpRequest.objects.select_related("by__person", "network", "organisation")


def _replies(request: HelpRequest) -> list[Reply]:
    return list(request.replies.select_related("by__person", "organisation", "practice", "body"))


def request_page(user: User, public_id: str) -> RequestPage | None:
    """Return a request for its asker or for a member who sees it; None for anyone else."""
    own = Q(by=user) if user.is_authenticated else Q(pk__in=())
    request = _requests().filter(own | visible_requests(user), public_id=public_id).first()
    if request is None:
        return None
    is_asker = request.by_id == user.pk
    replies = _replies(request)
    names = _visible_names(user, [request, *replies], f"help_request {public_id}")
    hides_subject = not is_asker and effective_shown_as(request) is ShownAs.NO_ONE
    return RequestPage(
        request=request,
        is_asker=is_asker,
        signature=signature(request, names),
        subject=Subject() if hides_subject else subject_of(user, request),
        replies=tuple(_reply_views(user, replies, names)),
        acts=possible_acts(request, RequestActor.ASKER if is_asker else RequestActor.HELPER),
        can_reply=_can_write(user, request, is_asker=is_asker),
    )


def possible_acts(request: HelpRequest, actor: RequestActor) -> frozenset[RequestAct]:
    """Return the acts that an actor can do with a request now."""
    status = RequestStatus(request.status)
    return frozenset(
        act for act, (actors, before, _after) in REQUEST_ACTS.items() if actor in actors and status in before
    )


def _can_write(user: User, request: HelpRequest, *, is_asker: bool) -> bool:
    """Return whether a reader can add a reply: a member, or the asker once there is something to answer."""
    if request.status not in LISTED_STATUSES:
        return False
    return request.answered_at is not None if is_asker else can_reply(user, request)


def _reply_views(user: User, replies: Sequence[Reply], names: Mapping[int, str]) -> Iterable[ReplyView]:
    praise = Finding.objects.in_bulk([reply.finding for reply in replies if reply.finding], field_name="public_id")
    titles = published_titles([reply.practice for reply in replies if reply.practice])
    for reply in replies:
        title, language = titles.get(reply.practice_id or 0, ("", ""))
        is_own = reply.by_id == user.pk
        yield ReplyView(reply, signature(reply, names), is_own, title, language, praise.get(reply.finding))


@dataclass(frozen=True, slots=True)
class RequestFilters:
    """The filters of the list of requests; "" means all."""

    article: str = ""
    concept: str = ""
    language: str = ""
    help: str = ""
    answered: str = ""  # "yes" or "no"

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> RequestFilters:
        return cls(**{name: params.get(name, "").strip()[:60] for name in cls.__slots__})

    def to_dict(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}

    def matches(self, request: HelpRequest) -> bool:
        """Return whether a request matches; one that asks for no form of help accepts every form."""
        return (
            (not self.article or self.article in request.articles)
            and (not self.concept or self.concept in request.concepts)
            and (not self.language or self.language in {request.language, *request.languages})
            and (not self.help or not request.help or self.help in request.help)
            and (not self.answered or (self.answered == "yes") == (request.answered_at is not None))
        )


@dataclass(frozen=True, slots=True)
class RequestList:
    """The requests of members that are not over, with the choices of the filters."""

    rows: tuple[RequestRow, ...]
    pages: Page[Any]
    filters: RequestFilters
    articles: tuple[str, ...]
    concepts: tuple[str, ...]
    languages: tuple[str, ...]
    is_member: bool

    @property
    def is_filtered(self) -> bool:
        return any(self.filters.to_dict().values())


def request_list(user: User, filters: RequestFilters, page: str = "") -> RequestList:
    """Return the requests that a member sees and that are not over, unanswered ones first, then the newest.

    The filters run in Python: articles and concepts are lists in JSON, which SQLite cannot search.
    """
    open_requests = list(
        _requests()
        .filter(visible_requests(user), status__in=LISTED_STATUSES)
        .annotate(reply_count=Count("replies", filter=Q(replies__is_asker=False)))
    )
    matching = [request for request in open_requests if filters.matches(request)]
    matching.sort(key=lambda request: request.answered_at is not None)  # stable: the newest first within each half
    pages = Paginator(matching, REQUESTS_A_PAGE).get_page(page)
    names = _visible_names(user, pages.object_list, "help_requests")
    return RequestList(
        rows=tuple(
            RequestRow(request, signature(request, names), request.reply_count)  # type: ignore[attr-defined]
            for request in pages.object_list
        ),
        pages=pages,
        filters=filters,
        articles=tuple(
            sorted({number for request in open_requests for number in request.articles}, key=lambda text: text.zfill(3))
        ),
        concepts=tuple(sorted({key for request in open_requests for key in request.concepts})),
        languages=tuple(sorted({code for request in open_requests for code in (request.language, *request.languages)})),
        is_member=bool(own_networks(user)) or can_ask_everyone(user),
    )


def own_requests(user: User) -> list[HelpRequest]:
    """Return the requests of a user, newest first, each with its number of replies."""
    replies = Count("replies", filter=Q(replies__is_asker=False))
    return list(HelpRequest.objects.filter(by=user).annotate(reply_count=replies))


def own_replies(user: User) -> list[Reply]:
    """Return a user's replies to other members' requests that they still see, newest first."""
    visible = HelpRequest.objects.filter(visible_requests(user))
    replies = Reply.objects.filter(by=user, is_asker=False, request__in=visible.values("pk"))
    return list(replies.select_related("request").order_by("-at", "-pk"))


# --- What a reply can point to ----------------------------------------------------------------------------------------


def praise_for(articles: Sequence[str]) -> list[Finding]:
    """Return public findings that welcome something under one of the articles, newest first."""
    numbers = [int(number) for number in articles if number.isdecimal()]
    findings = Finding.objects.filter(strength=Strength.WELCOMES)
    if numbers:
        findings = findings.filter(articles__article__in=numbers).distinct()
    return list(findings.order_by("-year", "state_id", "ordinal")[:PRAISE_OFFERED])


# --- The helpdesk -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelpdeskRow:
    """A request in the list of the helpdesk, without who asks: that is on its own page, where the look is logged."""

    request: HelpRequest
    days: int  # for which it has waited
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """The requests of a helpdesk: without an answer by age, those someone works on, and those with an answer."""

    unanswered: tuple[HelpdeskRow, ...]
    in_hand: tuple[HelpdeskRow, ...]
    answered: tuple[HelpdeskRow, ...]
    over: tuple[HelpRequest, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.unanswered or self.in_hand or self.answered or self.over)


def helpdesk(user: User, now: datetime) -> Helpdesk:
    """Return the requests of a user's helpdesk, those that have waited longest first."""
    requests = list(_requests().filter(helpdesk_requests(user)).order_by("waiting_since", "pk"))
    rows: dict[RequestStatus, list[HelpdeskRow]] = {status: [] for status in RequestStatus}
    for request in requests:
        days = (now - request.waiting_since).days
        rows[RequestStatus(request.status)].append(
            HelpdeskRow(request, days, request.answered_at is None and days >= DAYS_UNTIL_OVERDUE)
        )
    over = [request for request in requests if RequestStatus(request.status).is_over]
    return Helpdesk(
        unanswered=tuple(rows[RequestStatus.OPEN]),
        in_hand=tuple(rows[RequestStatus.IN_HAND]),
        answered=tuple(rows[RequestStatus.ANSWERED]),
        over=tuple(sorted(over, key=lambda request: request.changed_at, reverse=True)[:REQUESTS_A_PAGE]),
    )


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, for the helpdesk in a staff session; the name is "" if the person shows it to no one."""

    name: str
    organisation: str
    state: str
    at_risk: bool
    chosen: ShownAs


def helpdesk_page(user: User, public_id: str) -> tuple[RequestPage, Asker] | None:
    """Return a request and who asks, for the helpdesk; None if it belongs to another helpdesk, or is one's own.

    The look at who asks is recorded in the audit log.
    """
    request = _requests().filter(helpdesk_requests(user), public_id=public_id).first()
    if request is None or not can_handle(user, request):
        return None
    replies = _replies(request)
    subject = f"help_request {public_id}"
    names = _visible_names(user, replies, subject)
    page = RequestPage(
        request=request,
        is_asker=False,
        signature=NO_ONE,
        subject=subject_of(user, request),
        replies=tuple(_reply_views(user, replies, names)),
        acts=possible_acts(request, RequestActor.SECRETARIAT),
        can_reply=request.status in LISTED_STATUSES,
        is_handled=True,
    )
    return page, _asker(user, request, subject)


def _asker(user: User, request: HelpRequest, subject: str) -> Asker:
    person: Person | None = getattr(request.by, "person", None)
    name = ""
    if person is not None:
        view = get_visible_people(user, [person], subject=subject, fields=(Field.NAME,))[0]
        name = view.name
    key = person.public_id if person is not None else request.by.public_id
    record_access(by=user, fields_by_person={key: ["who asks for help"]}, subject=subject)
    return Asker(
        name=name,
        organisation=request.organisation.name if request.organisation else "",
        state=request.state_id or "",
        at_risk=is_at_risk(request.by),
        chosen=ShownAs(request.shown_as),
    )


def helpdesk_accounts(request: HelpRequest) -> QuerySet[Account]:
    """Return the accounts to tell of a request that waits: the secretariat of its network, never the asker."""
    networks = [request.network] if request.network else []
    return secretariat_accounts(networks, Claim.RUN_HELPDESK).exclude(pk=request.by_id)


def members_to_enter_for(user: User, network: Network) -> list[tuple[str, str]]:
    """Return the public ID and name of each member of a network who has an account, for whom the helpdesk can ask."""
    people = Person.objects.filter(
        pk__in=network.memberships.filter(term_filter(timezone.now().date())).values("person"),
        erased_at__isnull=True,
        account__is_active=True,
    ).exclude(account=user)
    views = get_visible_people(user, people, subject="help_requests", fields=(Field.NAME,))
    named = [(view.public_id, view.name) for view in views if view.name]
    return sorted(named, key=lambda pair: pair[1].casefold())


# --- Offers -----------------------------------------------------------------------------------------------------------

TAKEN_UP = (IntroductionStatus.INTRODUCED, IntroductionStatus.TOOK_PLACE)


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with how often it was taken up this year, and whether it can still be."""

    offer: Offer
    used: int
    is_free: bool
    can_change: bool


def offers_with_use(year: int) -> QuerySet[Offer]:
    """Return offers with `used`: the introductions of a year that took place or whose sides are introduced."""
    taken_up = Q(introductions__status__in=TAKEN_UP, introductions__introduced_at__year=year)
    return Offer.objects.select_related("organisation").annotate(used=Count("introductions", filter=taken_up))


def view_offer(user: User, offer: Any, day: date) -> OfferView:
    """Return an offer of `offers_with_use` as a reader sees it on a day."""
    is_free = offer.status == OfferStatus.OPEN and has_free_capacity(
        per_year=offer.per_year, used=offer.used, until=offer.until, day=day
    )
    return OfferView(offer, offer.used, is_free, can_change_offer(user, offer))


@dataclass(frozen=True, slots=True)
class OfferList:
    """The offers that members see, and a user's own that are paused or ended."""

    offers: tuple[OfferView, ...]
    own: tuple[OfferView, ...]
    pages: Page[Any]
    can_add: bool


def offer_list(user: User, day: date, page: str = "") -> OfferList:
    """Return the open offers that have not expired, and those that the user can change."""
    views = [view_offer(user, offer, day) for offer in offers_with_use(day.year)]
    current = [view for view in views if view.offer.status == OfferStatus.OPEN and not _has_expired(view.offer, day)]
    pages = Paginator(current, OFFERS_A_PAGE).get_page(page)
    own = tuple(view for view in views if view.can_change and view not in current)
    return OfferList(tuple(pages.object_list), own, pages, can_contribute(user))


def find_offer(user: User, public_id: str, day: date) -> OfferView | None:
    """Return an offer that is open, or one that the user can change; None for anyone else."""
    offer = offers_with_use(day.year).filter(public_id=public_id).first()
    if offer is None:
        return None
    view = view_offer(user, offer, day)
    return view if view.can_change or offer.status == OfferStatus.OPEN else None


def _has_expired(offer: Offer, day: date) -> bool:
    return offer.until is not None and offer.until < day


# --- Limits -----------------------------------------------------------------------------------------------------------


def count_recent_requests(account: Account, now: datetime) -> int:
    """Return how many requests an account has asked in the last 30 days."""
    return HelpRequest.objects.filter(by=account, typed_by=None, at__gt=now - timedelta(days=30)).count()


def count_recent_replies(account: Account, now: datetime) -> int:
    """Return how many replies an account has written in the last 24 hours."""
    return Reply.objects.filter(by=account, at__gt=now - timedelta(days=1)).count()


def listed_bodies() -> QuerySet[Organisation]:
    return Organisation.objects.order_by("name")


def help_forms(values: Iterable[str]) -> list[HelpForm]:
    """Return forms of help in the order of the ladder."""
    chosen = set(values)
    return [form for form in HelpForm if form in chosen]
