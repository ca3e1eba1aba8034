"""Actions on introductions: propose, invite, accept, leave, drop, say whether it took place, and write to each other.

Emails say only that something is waiting and where to find it. Every act is looked up in the library's table, with the
row locked: of two acts at the same time, the second meets the status that the first one left.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.exchange.introductions import (
    DAYS_UNTIL_ASKED,
    DAYS_UNTIL_CLOSED,
    DAYS_UNTIL_OUTCOME,
    DAYS_UNTIL_PROPOSAL_ENDS,
    IntroductionAct,
    IntroductionActNotPossible,
    IntroductionActor,
    IntroductionStatus,
    ends_without_answer,
    next_introduction_status,
    reminder_is_due,
)
from samsvar.exchange.requests import MAX_TEXT_LENGTH, REPLIES_PER_DAY, HelpForm, ShownAs
from samsvar.network.consent import Purpose
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.exchange.introductions import queries
from samsvar.site.exchange.introductions.models import Introduction, IntroductionMessage
from samsvar.site.exchange.introductions.permissions import (
    can_arrange,
    can_arrange_for,
    can_ask_for_introduction,
    side_of,
)
from samsvar.site.exchange.introductions.queries import FrozenMatch
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.exchange.requests.models import HelpRequest, Offer
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.network.access.queries import secretariat_accounts
from samsvar.site.network.emails.actions import notify
from samsvar.site.shell.errors import SiteError

SIDES_WAITING = (IntroductionStatus.INVITED, IntroductionStatus.HALF_ACCEPTED)


class HelperNotAvailable(SiteError):
    """Raised when no one can be asked: no contact, no consent to being suggested, or someone who is at risk."""

    message = _("No one can be asked for this introduction.")
    advice = _("Choose another practice, offer or person. Only people who agreed to be suggested can be chosen.")


class SameSide(SiteError):
    """Raised when the asker would be introduced to themselves."""

    message = _("The person who asks and the one who helps are the same.")
    advice = _("Choose someone else.")


class AlreadyProposed(SiteError):
    """Raised when the same help is already being arranged for this request."""

    message = _("This introduction has already been proposed and is not over yet.")
    advice = _("Open the existing one, or choose someone else.")


class DayInFuture(SiteError):
    """Raised when something is said to have taken place on a day that has not come yet."""

    message = _("This day has not come yet.")
    advice = _("Come back afterwards, or enter the day on which it took place.")


class MessageNotSent(SiteError):
    """Raised when a message is empty, too long, or one too many."""

    message = _("The message was not sent.")
    effect = _("Nothing was sent.")


# --- Proposing --------------------------------------------------------------------------------------------------------


def propose_introduction(
    *,
    by: Account | None,
    request: HelpRequest,
    form_of_help: HelpForm,
    practice: Practice | None = None,
    offer: Offer | None = None,
    helper: Account | None = None,
    match: FrozenMatch | None = None,
) -> Introduction:
    """Propose an introduction, as the secretariat; neither side knows of it yet.

    The helper is the contact of the practice's or the offer's owner. A person is given as `helper` instead, and must
    consent to being suggested. `by` is None for the demonstration.
    """
    if by is not None and not can_arrange_for(by, request):
        raise PermissionDenied
    with transaction.atomic():
        introduction = _build(by, request, form_of_help, practice, offer, match or FrozenMatch())
        _set_helper(introduction, helper)
        introduction.save()
        _record(by, "proposed an introduction", introduction)
    return introduction


def ask_for_introduction(
    *,
    by: Account,
    request: HelpRequest,
    form_of_help: HelpForm,
    practice: Practice | None = None,
    offer: Offer | None = None,
    helper: Account | None = None,
    match: FrozenMatch | None = None,
    at_meeting: str = "",
) -> Introduction:
    """Ask the secretariat for an introduction to the owner of a practice or an offer, or to anyone who can help.

    It is a proposal until the secretariat decides; the other side does not learn of it before. A person whom the asker
    was suggested is given as `helper`; `at_meeting` is the public ID of a meeting at which the two could talk.
    """
    if not can_ask_for_introduction(by, request):
        raise PermissionDenied
    with transaction.atomic():
        introduction = _build(by, request, form_of_help, practice, offer, match or FrozenMatch())
        introduction.at_meeting = at_meeting
        if practice is not None or offer is not None or helper is not None:
            _set_helper(introduction, helper, may_be_open=True)
        introduction.save()
        _record(by, "asked for an introduction", introduction)
        networks = [introduction.network] if introduction.network else []
        for account in secretariat_accounts(networks, Claim.RUN_HELPDESK).exclude(pk=by.pk):
            _notify(account, "to_decide", introduction)
    return introduction


def choose_helper(
    *,
    by: Account,
    introduction: Introduction,
    practice: Practice | None = None,
    offer: Offer | None = None,
    helper: Account | None = None,
    match: FrozenMatch | None = None,
) -> Introduction:
    """Choose whom to ask for a proposal that a member has made without naming anyone."""
    with transaction.atomic():
        introduction = _lock(introduction)
        _check_arranges(by, introduction)
        if introduction.status != IntroductionStatus.PROPOSED:
            raise IntroductionActNotPossible
        introduction.practice, introduction.offer = practice, offer
        _freeze(introduction, match or FrozenMatch())
        _set_helper(introduction, helper)
        introduction.save()
        _record(by, "chose the helper of an introduction", introduction)
    return introduction


def _build(
    by: Account | None,
    request: HelpRequest,
    form_of_help: HelpForm,
    practice: Practice | None,
    offer: Offer | None,
    match: FrozenMatch,
) -> Introduction:
    current = [status for status in IntroductionStatus if not status.is_over]
    same = request.introductions.filter(practice=practice, offer=offer, help=form_of_help, status__in=current)
    if practice is None and offer is None:  # several people can be asked, but only one proposal waits for a choice
        same = same.filter(helper=None)
    if same.exists():
        raise AlreadyProposed
    introduction = Introduction(
        request=request,
        network=request.network,
        practice=practice,
        offer=offer,
        asker=request.by,
        asker_state_id=request.state_id,
        help=form_of_help,
        articles=list(request.articles),
        concepts=list(request.concepts),
        proposed_by=by,
    )
    _freeze(introduction, match)
    return introduction


def _freeze(introduction: Introduction, match: FrozenMatch) -> None:
    introduction.reasons = [dict(reason) for reason in match.reasons]
    introduction.weights, introduction.changed_weights = dict(match.weights), list(match.changed)
    introduction.score = match.score


def _set_helper(introduction: Introduction, helper: Account | None, *, may_be_open: bool = False) -> None:
    """Set who is asked: the contact of the practice or the offer, or a person who consents to it.

    With `may_be_open`, an owner whom no account represents is left to the secretariat, which may know someone.
    """
    introduction.is_by_consent = introduction.practice is None and introduction.offer is None
    if introduction.is_by_consent:
        if helper is None or not helper.is_active or not queries.consents_to_matching(helper):
            raise HelperNotAvailable
        introduction.helper_state_id = _state_of(helper)
    else:
        helper = queries.contact_for(introduction.practice, introduction.offer)
        subject = introduction.offer or introduction.practice
        introduction.helper_state_id = subject.state_id if subject else None
    if helper is None and not may_be_open:
        raise HelperNotAvailable
    if helper is not None and helper.pk == introduction.asker_id:
        raise SameSide
    introduction.helper = helper


def _state_of(account: Account) -> str | None:
    """Return the state of the organisation that someone represents, or None."""
    person: Person | None = getattr(account, "person", None)
    if person is None:
        return None
    terms = person.memberships.exclude(organisation__state=None)
    return terms.values_list("organisation__state", flat=True).first()


# --- The acts of the table --------------------------------------------------------------------------------------------


def invite_both(*, by: Account | None, introduction: Introduction) -> Introduction:
    """Ask both sides, who each accept or leave on their own page."""
    with transaction.atomic():
        introduction = _lock(introduction)
        _check_arranges(by, introduction)
        if introduction.helper is None or introduction.asker is None or not _is_available(introduction):
            raise HelperNotAvailable
        _take(introduction, IntroductionAct.INVITE, IntroductionActor.SECRETARIAT)
        introduction.invited_at = timezone.now()
        introduction.save()
        _record(by, "invited both sides of an introduction", introduction)
        _notify_sides(introduction, "waiting")
    return introduction


def accept_introduction(*, by: Account, introduction: Introduction, shown_as: ShownAs) -> Introduction:
    """Accept an introduction, as one of its sides. The second acceptance introduces them.

    `shown_as` is how the other side will see the user from then on.
    """
    with transaction.atomic():
        introduction, side = _lock_side(by, introduction)
        if not _is_available(introduction):
            raise HelperNotAvailable
        is_asker = side is IntroductionActor.ASKER
        own, other = introduction.asker_accepted_at, introduction.helper_accepted_at
        if not is_asker:
            own, other = other, own
        if own is not None:
            raise IntroductionActNotPossible
        _take(introduction, IntroductionAct.ACCEPT, side, other_side_accepted=other is not None)
        now = timezone.now()
        if is_asker:
            introduction.asker_accepted_at, introduction.asker_shown_as = now, shown_as
        else:
            introduction.helper_accepted_at, introduction.helper_shown_as = now, shown_as
        if introduction.status == IntroductionStatus.INTRODUCED:
            introduction.introduced_at = now
        introduction.save()
        _record(by, "accepted an introduction", introduction)
        if introduction.status == IntroductionStatus.INTRODUCED:
            _notify_sides(introduction, "changed")
    return introduction


def leave_introduction(*, by: Account, introduction: Introduction) -> Introduction:
    """Leave an introduction, as one of its sides, without a reason. The other side learns only that it has ended."""
    with transaction.atomic():
        introduction, side = _lock_side(by, introduction)
        _end(introduction, IntroductionAct.LEAVE, side)
        _record(by, "left an introduction", introduction)
        other = introduction.helper if side is IntroductionActor.ASKER else introduction.asker
        if other is not None:
            _notify(other, "changed", introduction)
    return introduction


def drop_introduction(*, by: Account, introduction: Introduction) -> Introduction:
    """Drop an introduction, as the secretariat, before both sides have accepted."""
    with transaction.atomic():
        introduction = _lock(introduction)
        _check_arranges(by, introduction)
        _end(introduction, IntroductionAct.DROP, IntroductionActor.SECRETARIAT)
        _record(by, "dropped an introduction", introduction)
        if introduction.invited_at is not None:
            _notify_sides(introduction, "changed")
        elif introduction.proposed_by_id == introduction.asker_id and introduction.asker is not None:
            _notify(introduction.asker, "changed", introduction)
    return introduction


def record_held(*, by: Account | None, introduction: Introduction, held_on: date) -> Introduction:
    """Record that it took place on a day, as a side or as the secretariat."""
    if held_on > timezone.localdate():
        raise DayInFuture
    with transaction.atomic():
        introduction, actor = _lock_for_anyone(by, introduction)
        introduction.held_on = held_on
        _end(introduction, IntroductionAct.HELD, actor)
        _record(by, "recorded that an introduction took place", introduction)
    return introduction


def record_not_held(*, by: Account | None, introduction: Introduction) -> Introduction:
    """Record that it did not take place, as a side or as the secretariat. No one is asked to rate it or to say why."""
    with transaction.atomic():
        introduction, actor = _lock_for_anyone(by, introduction)
        introduction.held_on, introduction.outcome = None, ""
        _end(introduction, IntroductionAct.NOT_HELD, actor)
        _record(by, "recorded that an introduction did not take place", introduction)
    return introduction


def record_outcome(*, by: Account, introduction: Introduction, outcome: str) -> Introduction:
    """Record, in the asker's words, what came of an introduction that took place."""
    with transaction.atomic():
        introduction, side = _lock_side(by, introduction)
        if side is not IntroductionActor.ASKER or introduction.status != IntroductionStatus.TOOK_PLACE:
            raise IntroductionActNotPossible
        introduction.outcome = outcome.strip()[:MAX_TEXT_LENGTH]
        introduction.save(update_fields=["outcome"])
        _record(by, "recorded the outcome of an introduction", introduction)
    return introduction


def write_message(*, by: Account, introduction: Introduction, text: str) -> IntroductionMessage:
    """Write to the other side, once both have accepted. Neither sees the other's address."""
    text = text.strip()
    if not 1 <= len(text) <= MAX_TEXT_LENGTH:
        raise MessageNotSent(
            _("The text must be between 1 and %(limit)s characters long.") % {"limit": MAX_TEXT_LENGTH}
        )
    with transaction.atomic():
        introduction, side = _lock_side(by, introduction)
        if not queries.can_write(introduction):
            raise IntroductionActNotPossible
        yesterday = timezone.now() - timedelta(days=1)
        if introduction.messages.filter(side=side.value, at__gt=yesterday).count() >= REPLIES_PER_DAY:
            raise MessageNotSent(
                _("You have sent %(limit)s messages in the last 24 hours, which is the limit.")
                % {"limit": REPLIES_PER_DAY},
                _("Try again tomorrow."),
            )
        message = IntroductionMessage.objects.create(introduction=introduction, side=side.value, text=text)
        _record(by, "wrote to the other side of an introduction", introduction)
        other = introduction.helper if side is IntroductionActor.ASKER else introduction.asker
        if other is not None:
            _notify(other, "changed", introduction)
    return message


def link_meeting(*, by: Account, introduction: Introduction, meeting: str) -> Introduction:
    """Record the meeting that an introduction became, as the secretariat that arranges it."""
    with transaction.atomic():
        introduction = _lock(introduction)
        _check_arranges(by, introduction)
        if introduction.meeting or introduction.status != IntroductionStatus.INTRODUCED:
            raise IntroductionActNotPossible
        introduction.meeting = meeting
        introduction.save(update_fields=["meeting"])
        _record(by, "made a meeting from an introduction", introduction)
        _notify_sides(introduction, "changed")
    return introduction


# --- Without anyone's act ---------------------------------------------------------------------------------------------


def run_introductions(*, now: datetime) -> dict[str, int]:
    """Send what is due today and end what no one has answered; return the number of introductions per kind of work.

    Each question is asked once, and everything ends by itself in the end.
    """
    counts = {
        "introductions_reminded": 0,
        "introductions_ended": 0,
        "introductions_asked": 0,
        "introduction_outcomes_asked": 0,
    }
    for key in _unfinished():
        with transaction.atomic():
            introduction = _lock_by_key(key)
            if introduction is None:
                continue
            if work := _do_what_is_due(introduction, now):
                counts[work] += 1
    return {task: count for task, count in counts.items() if count}


def _unfinished() -> list[int]:
    current = [one for one in IntroductionStatus if not one.is_over]
    held = Introduction.objects.filter(status=IntroductionStatus.TOOK_PLACE, follow_up_at=None, outcome="")
    return [*Introduction.objects.filter(status__in=current).values_list("pk", flat=True).order_by("pk"),
            *held.values_list("pk", flat=True).order_by("pk")]  # fmt: skip


def _do_what_is_due(introduction: Introduction, now: datetime) -> str:
    """Do what is due for one introduction, and return the kind of work; "" if there is nothing."""
    status = IntroductionStatus(introduction.status)
    if status in SIDES_WAITING and introduction.invited_at is not None:
        if not _is_available(introduction) or ends_without_answer(introduction.invited_at, now):
            return _expire(introduction)
        if introduction.reminded_at is None and reminder_is_due(introduction.invited_at, now):
            introduction.reminded_at = now
            introduction.save(update_fields=["reminded_at"])
            for account in _silent_sides(introduction):
                _notify(account, "reminder", introduction)
            return "introductions_reminded"
    elif status is IntroductionStatus.PROPOSED:
        if introduction.at <= now - timedelta(days=DAYS_UNTIL_PROPOSAL_ENDS):
            return _expire(introduction)
    elif status is IntroductionStatus.INTRODUCED and introduction.introduced_at is not None:
        if introduction.introduced_at <= now - timedelta(days=DAYS_UNTIL_CLOSED):
            return _expire(introduction)
        if introduction.asked_at is None and introduction.introduced_at <= now - timedelta(days=DAYS_UNTIL_ASKED):
            introduction.asked_at = now
            introduction.save(update_fields=["asked_at"])
            _notify_sides(introduction, "held")
            return "introductions_asked"
    elif status is IntroductionStatus.TOOK_PLACE and introduction.held_on is not None and introduction.asker:
        if introduction.held_on <= (now - timedelta(days=DAYS_UNTIL_OUTCOME)).date():
            introduction.follow_up_at = now
            introduction.save(update_fields=["follow_up_at"])
            _notify(introduction.asker, "held", introduction)
            return "introduction_outcomes_asked"
    return ""


def _expire(introduction: Introduction) -> str:
    knew_of_it = introduction.invited_at is not None
    _end(introduction, IntroductionAct.EXPIRE, IntroductionActor.CLOCK)
    _record(None, "ended an introduction without an answer", introduction)
    if knew_of_it:
        _notify_sides(introduction, "changed")
    elif introduction.asker is not None and introduction.proposed_by_id == introduction.asker_id:
        _notify(introduction.asker, "changed", introduction)
    return "introductions_ended"


def end_introductions_of(*, person: Person, meeting: str = "") -> None:
    """End the introductions of someone who is at risk from now on and has not been introduced yet.

    They are ended as if the person had left. A conversation that both agreed to goes on, without the name.
    """
    if not meeting:
        _end_waiting(person, is_by_consent=None)


def end_without_consent(*, person: Person, purpose: Purpose) -> None:
    """End the introductions for which someone was suggested who no longer agrees to be, unless both have accepted."""
    if purpose is Purpose.MATCHING:
        _end_waiting(person, is_by_consent=True)


def _end_waiting(person: Person, *, is_by_consent: bool | None) -> None:
    if person.account_id is None:
        return
    waiting = Introduction.objects.filter(
        helper=person.account_id, status__in=[IntroductionStatus.PROPOSED, *SIDES_WAITING]
    )
    if is_by_consent is not None:
        waiting = waiting.filter(is_by_consent=is_by_consent)
    with transaction.atomic():
        for key in waiting.values_list("pk", flat=True):
            introduction = _lock_by_key(key)
            if introduction is None:
                continue
            if introduction.status == IntroductionStatus.PROPOSED:
                _end(introduction, IntroductionAct.DROP, IntroductionActor.SECRETARIAT)
                continue
            _end(introduction, IntroductionAct.LEAVE, IntroductionActor.HELPER)
            if introduction.asker is not None:
                _notify(introduction.asker, "changed", introduction)


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _lock(introduction: Introduction) -> Introduction:
    locked = _lock_by_key(introduction.pk)
    if locked is None:
        raise IntroductionActNotPossible
    return locked


def _lock_by_key(key: int) -> Introduction | None:
    """Lock an introduction until the transaction ends, and return it in its current state."""
    rows = Introduction.objects.select_for_update(of=("self",))
    related = ("request", "network", "practice", "offer", "asker__person", "helper__person")
    return rows.select_related(*related).filter(pk=key).first()


def _lock_side(by: Account, introduction: Introduction) -> tuple[Introduction, IntroductionActor]:
    introduction = _lock(introduction)
    side = side_of(by, introduction)
    if side is None:
        raise PermissionDenied
    return introduction, side


def _lock_for_anyone(by: Account | None, introduction: Introduction) -> tuple[Introduction, IntroductionActor]:
    """Lock an introduction for one of its sides or its secretariat."""
    introduction = _lock(introduction)
    side = side_of(by, introduction) if by is not None else None
    if side is None:
        _check_arranges(by, introduction)
    return introduction, side or IntroductionActor.SECRETARIAT


def _check_arranges(by: Account | None, introduction: Introduction) -> None:
    if by is not None and not can_arrange(by, introduction):
        raise PermissionDenied


def _is_available(introduction: Introduction) -> bool:
    """Return whether the helper can still be asked: a person who was suggested has to consent to it now."""
    if introduction.helper is None or not introduction.helper.is_active:
        return False
    if introduction.is_by_consent:
        return queries.consents_to_matching(introduction.helper)
    return not queries.is_at_risk(introduction.helper)


def _take(
    introduction: Introduction, act: IntroductionAct, actor: IntroductionActor, *, other_side_accepted: bool = False
) -> None:
    introduction.status = next_introduction_status(
        act,
        IntroductionStatus(introduction.status),
        actor,
        other_side_accepted=other_side_accepted,
        both_accepted=queries.has_both_accepted(introduction),
    )


def _end(introduction: Introduction, act: IntroductionAct, actor: IntroductionActor) -> None:
    _take(introduction, act, actor)
    introduction.ended_at = timezone.now()
    introduction.save()


def _silent_sides(introduction: Introduction) -> list[Account]:
    sides = (
        (introduction.asker, introduction.asker_accepted_at),
        (introduction.helper, introduction.helper_accepted_at),
    )
    return [account for account, accepted_at in sides if account is not None and accepted_at is None]


def _record(by: Account | None, verb: str, introduction: Introduction) -> None:
    record(by=by, verb=verb, subject=f"introduction {introduction.public_id}", details={"help": introduction.help})


def _notify_sides(introduction: Introduction, template: str) -> None:
    for account in (introduction.asker, introduction.helper):
        if account is not None:
            _notify(account, template, introduction)


def _notify(account: Account, template: str, introduction: Introduction) -> None:
    notify(account, f"exchange/introduction_{template}", page="exchange:introduction", args=[introduction.public_id])
