"""Actions on requests for help, replies and offers.

Emails say only that something waits and where: neither who asks nor what, because others may read the mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.exchange.requests import (
    DAYS_UNTIL_ENDED,
    DAYS_UNTIL_HELPED,
    DAYS_UNTIL_OVERDUE,
    MAX_TEXT_LENGTH,
    REPLIES_PER_DAY,
    REQUESTS_PER_MONTH,
    OfferStatus,
    RequestAct,
    RequestActNotPossible,
    RequestActor,
    RequestStatus,
    ShownAs,
    next_request_status,
)
from samsvar.site.audit.actions import record
from samsvar.site.exchange.permissions import Contributor, can_write_for, contributors
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.exchange.requests import queries
from samsvar.site.exchange.requests.models import HelpRequest, Offer, Reply
from samsvar.site.exchange.requests.permissions import (
    can_ask_everyone,
    can_change_offer,
    can_contribute,
    can_handle,
    can_reply,
    own_networks,
)
from samsvar.site.network.access.permissions import Account, Network, Organisation
from samsvar.site.network.emails.actions import notify
from samsvar.site.shell.errors import SiteError

REQUEST_PAGE = "exchange:request"


class RequestError(SiteError):
    """Base class of errors in requests for help, replies and offers."""

    effect = _("Nothing was sent. What you typed is still in the form.")


class RequestLimitReached(RequestError):
    """Raised when an account has asked as often as allowed within 30 days."""

    advice = _("Wait, or write to the secretariat of your network.")

    def __init__(self) -> None:
        text = _("You have asked the network %(limit)d times in the last 30 days, which is the limit.")
        super().__init__(text % {"limit": REQUESTS_PER_MONTH})


class ReplyLimitReached(RequestError):
    """Raised when an account has written as many replies as allowed within 24 hours."""

    advice = _("Try again tomorrow.")

    def __init__(self) -> None:
        text = _("You have written %(limit)d replies in the last 24 hours, which is the limit.")
        super().__init__(text % {"limit": REPLIES_PER_DAY})


class TextLengthInvalid(RequestError):
    """Raised when a text is empty or too long."""

    def __init__(self) -> None:
        super().__init__(_("Each text must have between 1 and %(limit)d characters.") % {"limit": MAX_TEXT_LENGTH})


class ReplyEmpty(RequestError):
    """Raised when a reply has neither text nor anything to point to."""

    message = _("The reply is empty.")
    advice = _("Write something, or choose a practice, praise in a report, a link or a body to ask.")


class OfferLimitsInvalid(RequestError):
    """Raised when an offer has expired before it begins, or is for less than once a year."""

    message = _("An offer has to be open today or later, and for at least once a year.")


@dataclass(frozen=True, slots=True)
class RequestFields:
    """What someone asks: the two questions, and everything optional."""

    problem: str
    situation: str
    language: str = "en"
    finding: str = ""  # public ID
    measure: str = ""  # public ID
    articles: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    part: str = ""
    help: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    needed_by: date | None = None

    def columns(self) -> dict[str, object]:
        """Return the columns of the request, with lists as JSON stores them."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {
            **{name: list(value) if isinstance(value, tuple) else value for name, value in values.items()},
            "problem": _clean_text(self.problem),
            "situation": _clean_text(self.situation),
        }


@dataclass(frozen=True, slots=True)
class ReplyFields:
    """What a reply says or points to; at least one of them is set."""

    text: str = ""
    language: str = "en"
    practice: Practice | None = None
    finding: str = ""  # public ID of praise
    link: str = ""
    body: Organisation | None = None

    def columns(self) -> dict[str, object]:
        columns = {name: getattr(self, name) for name in self.__slots__}
        columns["text"] = self.text.strip()
        if not any((columns["text"], self.practice, self.finding, self.link, self.body)):
            raise ReplyEmpty
        if len(str(columns["text"])) > MAX_TEXT_LENGTH:
            raise TextLengthInvalid
        return columns


# --- The asker --------------------------------------------------------------------------------------------------------


def ask_network(
    *, by: Account, fields: RequestFields, shown: ShownAs = ShownAs.NO_ONE, network: Network | None = None,
    on_behalf_of: Contributor | None = None,
) -> HelpRequest:  # fmt: skip
    """Ask the members of a network, or with None those of the whole site, for help.

    `on_behalf_of` is one of the user's `contributors`; without one, no organisation and no country is kept.
    """
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=by.pk)  # otherwise two requests at once could exceed the limit
        if not can_contribute(by) or not (network in own_networks(by) if network else can_ask_everyone(by)):
            raise PermissionDenied
        if on_behalf_of is not None and on_behalf_of not in contributors(by):
            raise PermissionDenied
        now = timezone.now()
        if queries.count_recent_requests(by, now) >= REQUESTS_PER_MONTH:
            raise RequestLimitReached
        request = _create_request(by, fields, shown, network, on_behalf_of, now)
        record(by=by, verb="asked the network for help", subject=_subject(request))
        for account in queries.helpdesk_accounts(request):
            notify(account, "exchange/new_request", page="exchange:helpdesk")
    return request


def _create_request(
    by: Account, fields: RequestFields, shown: ShownAs, network: Network | None, for_whom: Contributor | None,
    now: datetime, typed_by: Account | None = None,
) -> HelpRequest:  # fmt: skip
    return HelpRequest.objects.create(
        by=by, typed_by=typed_by, network=network, shown_as=shown, state_id=for_whom.state if for_whom else None,
        organisation=for_whom.organisation if for_whom else None, at=now, waiting_since=now, changed_at=now,
        **fields.columns(),
    )  # fmt: skip


def write_back(*, by: Account, request: HelpRequest, fields: ReplyFields) -> Reply:
    """Add the asker's own words to the replies, such as an answer to a question back; the helpers are told."""
    with transaction.atomic():
        request = _lock_own_request(request, by)
        if request.answered_at is None or request.status not in queries.LISTED_STATUSES:
            raise RequestActNotPossible
        if queries.count_recent_replies(by, timezone.now()) >= REPLIES_PER_DAY:
            raise ReplyLimitReached
        reply = _add_reply(by, request, fields, shown=ShownAs(request.shown_as), is_asker=True)
        record(by=by, verb="wrote back about a request for help", subject=_subject(request))
        for helper in _helpers(request):
            notify(helper, "exchange/asker_wrote", page=REQUEST_PAGE, args=[request.public_id])
    return reply


def judge_request(
    *, by: Account, request: HelpRequest, verdict: RequestStatus, judgement: str = "", counts: bool = True
) -> HelpRequest:
    """Save whether the replies helped and what came of it, in the asker's words. It can be changed later."""
    with transaction.atomic():
        request = _lock_own_request(request, by)
        _step(request, RequestAct.JUDGE, RequestActor.ASKER, verdict)
        request.judged_at, request.counts = timezone.now(), counts
        request.judgement = _clean_text(judgement) if judgement.strip() else ""
        request.save()
        record(by=by, verb="said whether help helped", subject=_subject(request), details={"verdict": verdict})
    return request


def set_counts(*, by: Account, request: HelpRequest, counts: bool) -> HelpRequest:
    """Let a request count in figures about the network, or exclude it from them with immediate effect."""
    with transaction.atomic():
        request = _lock_own_request(request, by)
        request.counts = counts
        request.save(update_fields=["counts"])
        record(by=by, verb="changed whether a request counts", subject=_subject(request), details={"counts": counts})
    return request


def withdraw_request(*, by: Account, request: HelpRequest) -> HelpRequest:
    """Withdraw a request: from now on, only its asker sees it."""
    with transaction.atomic():
        request = _lock_own_request(request, by)
        _step(request, RequestAct.WITHDRAW, RequestActor.ASKER)
        request.save()
        record(by=by, verb="withdrew a request for help", subject=_subject(request))
    return request


def reopen_request(*, by: Account, request: HelpRequest) -> HelpRequest:
    """Ask again: all periods begin today, and the next reply counts as the first."""
    with transaction.atomic():
        request = _lock_own_request(request, by)
        if not can_contribute(by):
            raise PermissionDenied
        _step(request, RequestAct.REOPEN, RequestActor.ASKER)
        request.waiting_since = request.changed_at
        request.answered_at = request.overdue_notice_at = request.follow_up_at = request.judged_at = None
        request.taken_by = None
        request.save()
        record(by=by, verb="reopened a request for help", subject=_subject(request))
        for account in queries.helpdesk_accounts(request):
            notify(account, "exchange/new_request", page="exchange:helpdesk")
    return request


# --- Members ----------------------------------------------------------------------------------------------------------


def reply_to_request(
    *, by: Account, request: HelpRequest, fields: ReplyFields, shown: ShownAs = ShownAs.ORGANISATION,
    on_behalf_of: Contributor | None = None,
) -> Reply:  # fmt: skip
    """Reply to another member's request. The asker is told by email that there is a reply, and reads it on the site."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=by.pk)
        request = _lock_request(request)
        if not can_reply(by, request) or (on_behalf_of is not None and on_behalf_of not in contributors(by)):
            raise PermissionDenied
        if queries.count_recent_replies(by, timezone.now()) >= REPLIES_PER_DAY:
            raise ReplyLimitReached
        _step(request, RequestAct.REPLY, RequestActor.HELPER)
        reply = _add_reply(by, request, fields, shown=shown, on_behalf_of=on_behalf_of)
        record(by=by, verb="replied to a request for help", subject=_subject(request))
        _tell_asker(request, "exchange/new_reply")
    return reply


def _add_reply(
    by: Account, request: HelpRequest, fields: ReplyFields, *, shown: ShownAs,
    on_behalf_of: Contributor | None = None, **flags: bool,
) -> Reply:  # fmt: skip
    now = timezone.now()
    if not flags.get("is_asker") and request.answered_at is None:
        request.answered_at = now
    request.changed_at = now
    request.save()
    return Reply.objects.create(
        request=request, by=by, shown_as=shown, at=now, state_id=on_behalf_of.state if on_behalf_of else None,
        organisation=on_behalf_of.organisation if on_behalf_of else None, **flags, **fields.columns(),
    )  # fmt: skip


# --- The helpdesk -----------------------------------------------------------------------------------------------------


def take_request(*, by: Account, request: HelpRequest) -> HelpRequest:
    """Say that the secretariat works on a request."""
    with transaction.atomic():
        request = _lock_handled_request(request, by)
        _step(request, RequestAct.TAKE, RequestActor.SECRETARIAT)
        request.taken_by = by
        request.save()
        _record_handling(request, by, "took a request for help in hand")
    return request


def reply_for(
    *, by: Account, request: HelpRequest, fields: ReplyFields, organisation: Organisation | None = None
) -> Reply:
    """Reply as the secretariat, or for an organisation that told it what to say; the reply says so."""
    with transaction.atomic():
        request = _lock_handled_request(request, by)
        _step(request, RequestAct.REPLY, RequestActor.SECRETARIAT)
        for_whom = Contributor(organisation.state_id or "", organisation) if organisation else None
        reply = _add_reply(by, request, fields, shown=ShownAs.ORGANISATION, by_secretariat=True)
        if for_whom is not None:
            reply.organisation, reply.state_id = organisation, for_whom.state or None
            reply.save(update_fields=["organisation", "state"])
        _record_handling(request, by, "replied to a request for help for the secretariat")
        _tell_asker(request, "exchange/new_reply")
    return reply


def enter_request(
    *, by: Account, asker: Account, network: Network, fields: RequestFields, shown: ShownAs = ShownAs.NO_ONE
) -> HelpRequest:
    """Enter a request for a member who told the secretariat what they need. They are told, and can withdraw it."""
    with transaction.atomic():
        person = getattr(asker, "person", None)
        allowed = dict(queries.members_to_enter_for(by, network))
        probe = HelpRequest(by=asker, network=network)
        if not can_handle(by, probe) or person is None or person.public_id not in allowed:
            raise PermissionDenied
        member = person.memberships.filter(network=network).select_related("organisation").order_by("-pk").first()
        body = member.organisation if member else None
        for_whom = Contributor(body.state_id, body) if body and body.state_id else None
        request = _create_request(asker, fields, shown, network, for_whom, timezone.now(), typed_by=by)
        _record_handling(request, by, "entered a request for help for someone")
        _tell_asker(request, "exchange/request_entered")
    return request


def translate_request(*, by: Account, request: HelpRequest, language: str, problem: str, situation: str) -> HelpRequest:
    """Add the secretariat's draft translation of a request, or replace it. The original stays above it."""
    with transaction.atomic():
        request = _lock_handled_request(request, by)
        request.translation_language = language
        request.translated_problem, request.translated_situation = _clean_text(problem), _clean_text(situation)
        request.save(update_fields=["translation_language", "translated_problem", "translated_situation"])
        _record_handling(request, by, "translated a request for help")
    return request


def end_request(*, by: Account, request: HelpRequest) -> HelpRequest:
    """End a request that no one could answer, with a note to the asker, who can reopen it."""
    with transaction.atomic():
        request = _lock_handled_request(request, by)
        _step(request, RequestAct.END, RequestActor.SECRETARIAT)
        request.save()
        _record_handling(request, by, "ended a request for help")
        _tell_asker(request, "exchange/request_ended")
    return request


# --- Daily ------------------------------------------------------------------------------------------------------------


def tell_of_overdue_requests(*, now: datetime) -> int:
    """Tell each secretariat once of the requests that no one has answered for 30 days; return their number.

    An account gets one email for all of them, and never a second one about the same request.
    """
    waiting = HelpRequest.objects.filter(
        status__in=queries.UNANSWERED, answered_at=None, overdue_notice_at=None,
        waiting_since__lte=now - timedelta(days=DAYS_UNTIL_OVERDUE),
    )  # fmt: skip
    with transaction.atomic():
        requests = list(waiting.select_for_update(of=("self",)).select_related("network"))
        accounts = {account.pk: account for request in requests for account in queries.helpdesk_accounts(request)}
        for account in accounts.values():
            notify(account, "exchange/requests_overdue", page="exchange:helpdesk")
        HelpRequest.objects.filter(pk__in=[request.pk for request in requests]).update(overdue_notice_at=now)
    return len(requests)


def end_unanswered_requests(*, now: datetime) -> int:
    """End the requests that no one has answered for 90 days, each with a note to its asker; return their number."""
    limit = now - timedelta(days=DAYS_UNTIL_ENDED)
    waiting = HelpRequest.objects.filter(status__in=queries.UNANSWERED, answered_at=None, waiting_since__lte=limit)
    with transaction.atomic():
        requests = list(waiting.select_for_update(of=("self",)).select_related("by"))
        for request in requests:
            _step(request, RequestAct.END, RequestActor.CLOCK, now=now)
            request.save()
            record(by=None, verb="ended a request for help", subject=_subject(request))
            _tell_asker(request, "exchange/request_ended")
    return len(requests)


def ask_whether_it_helped(*, now: datetime) -> int:
    """Ask the askers once, 30 days after the first reply, whether it helped; return the number of emails.

    Someone who has said so, or has withdrawn the request, is not asked.
    """
    limit = now - timedelta(days=DAYS_UNTIL_HELPED)
    answered = HelpRequest.objects.filter(
        status=RequestStatus.ANSWERED, answered_at__lte=limit, follow_up_at=None, judged_at=None
    )
    with transaction.atomic():
        requests = list(answered.select_for_update(of=("self",)).select_related("by"))
        for request in requests:
            _tell_asker(request, "exchange/did_it_help")
        HelpRequest.objects.filter(pk__in=[request.pk for request in requests]).update(follow_up_at=now)
    return len(requests)


# --- Offers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfferFields:
    """What an organisation or a desk offers, with its limits."""

    title: str
    text: str = ""
    language: str = "en"
    articles: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    per_year: int | None = None  # None: without a limit, as for documents
    until: date | None = None

    def columns(self) -> dict[str, object]:
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def add_offer(*, by: Account, on_behalf_of: Contributor, fields: OfferFields) -> Offer:
    """Offer help on behalf of an organisation or a desk."""
    if on_behalf_of not in contributors(by):
        raise PermissionDenied
    _check_limits(fields)
    with transaction.atomic():
        offer = Offer.objects.create(
            by=by, state_id=on_behalf_of.state, organisation=on_behalf_of.organisation, **fields.columns()
        )
        record(by=by, verb="offered help", subject=f"offer {offer.public_id}")
    return offer


def edit_offer(*, by: Account, offer: Offer, fields: OfferFields) -> Offer:
    """Change an offer and its limits."""
    with transaction.atomic():
        offer = _lock_offer(offer, by)
        if fields.until != offer.until or fields.per_year != offer.per_year:
            _check_limits(fields)
        for name, value in fields.columns().items():
            setattr(offer, name, value)
        offer.save()
        record(by=by, verb="edited an offer of help", subject=f"offer {offer.public_id}")
    return offer


def set_offer_status(*, by: Account, offer: Offer, status: OfferStatus) -> Offer:
    """Pause, resume or end an offer; one that has ended can be resumed too."""
    with transaction.atomic():
        offer = _lock_offer(offer, by)
        offer.status = status
        offer.save(update_fields=["status"])
        record(by=by, verb="changed an offer of help", subject=f"offer {offer.public_id}", details={"status": status})
    return offer


def _check_limits(fields: OfferFields) -> None:
    too_late = fields.until is not None and fields.until < timezone.now().date()
    if too_late or (fields.per_year is not None and fields.per_year < 1):
        raise OfferLimitsInvalid


def _lock_offer(offer: Offer, by: Account) -> Offer:
    offer = Offer.objects.select_for_update().get(pk=offer.pk)
    if not can_change_offer(by, offer) or not can_write_for(by, offer.state_id, offer.organisation_id):
        raise PermissionDenied
    return offer


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _subject(request: HelpRequest) -> str:
    return f"help_request {request.public_id}"


def _clean_text(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= MAX_TEXT_LENGTH:
        raise TextLengthInvalid
    return text


def _step(
    request: HelpRequest, act: RequestAct, actor: RequestActor, verdict: RequestStatus | None = None,
    *, now: datetime | None = None,
) -> None:  # fmt: skip
    """Move a request to its next status, without saving it. Raise `RequestActNotPossible` if the act does not fit."""
    request.status = next_request_status(act, RequestStatus(request.status), actor, verdict)
    request.changed_at = now or timezone.now()


def _lock_request(request: HelpRequest) -> HelpRequest:
    """Lock a request until the transaction ends, so that only one of two simultaneous acts succeeds."""
    return (
        HelpRequest.objects.select_for_update(of=("self",)).select_related("by__person", "network").get(pk=request.pk)
    )


def _lock_own_request(request: HelpRequest, by: Account) -> HelpRequest:
    request = _lock_request(request)
    if request.by_id != by.pk:
        raise PermissionDenied
    return request


def _lock_handled_request(request: HelpRequest, by: Account) -> HelpRequest:
    request = _lock_request(request)
    if not can_handle(by, request):
        raise PermissionDenied
    return request


def _record_handling(request: HelpRequest, by: Account, verb: str) -> None:
    person = getattr(request.by, "person", None)
    record(by=by, verb=verb, subject=_subject(request), person=person.public_id if person else request.by.public_id)


def _helpers(request: HelpRequest) -> list[Account]:
    """Return the accounts that have replied and still see the request; the secretariat, if it replied."""
    replied = request.replies.filter(is_asker=False, by__isnull=False).values("by")
    return [
        account
        for account in Account.objects.filter(is_active=True, pk__in=replied).order_by("pk")
        if can_reply(account, request)
    ]


def _tell_asker(request: HelpRequest, template: str) -> None:
    notify(request.by, template, page=REQUEST_PAGE, args=[request.public_id])
