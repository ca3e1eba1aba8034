"""Actions for calls for contributions: opening a call, and submitting, reviewing and deciding on contributions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from samsvar.ids import hash_secret
from samsvar.meetings.contributions import ContributionAccess, ReviewVisibility
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import queries
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.meeting.permissions import can_manage, check_can_manage
from samsvar.site.meetings.programme.actions.people import add_person
from samsvar.site.meetings.programme.actions.sessions import save_session
from samsvar.site.meetings.registration.actions.emails import link_token
from samsvar.site.meetings.registration.actions.naming_consent import give_naming_consent
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.actions.participants import get_or_create_participant
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url

State = models.Contribution.State
MAX_CONTRIBUTIONS_PER_ACCOUNT = 20  # per call
LINK_COOLDOWN = timedelta(minutes=10)  # minimum time between two links sent to the same address
NOTE = "offered a contribution to a meeting"


class ContributionError(MeetingRuleError):
    """Base of errors for contributions that cannot be saved, reviewed or decided on; the message is translated."""


class CallClosed(ContributionError):
    """Raised when the call has not opened yet or has already closed."""

    message = _("This call is not open.")


class ConflictOfInterest(ContributionError):
    """Raised when a user with a personal interest in a contribution tries to review it or decide on it."""

    message = _("You have a conflict of interest in this proposal.")
    advice = _("Ask someone else to rate the proposal and decide.")


class AlreadyDecided(ContributionError):
    """Raised when the contribution has already been decided on or withdrawn."""

    message = _("This proposal has changed since you opened the page.")
    advice = _("Check the current status.")


class TooManyContributions(ContributionError):
    """Raised when an account has submitted too many contributions."""

    message = _("The limit on submissions has been reached.")
    advice = _("Contact the organisers.")


class DeclineReasonRequired(ContributionError):
    """Raised when a contribution is declined without a reason, which its author would read."""

    message = _("Enter a reason for declining the proposal. The person who submitted it will see the reason.")


# --- The call ---------------------------------------------------------------------------------------------------------


def save_call(
    *,
    by: Account,
    meeting: models.Meeting,
    text: Mapping[str, str],
    opens_at: datetime,
    closes_at: datetime,
    reviewed: bool,
    languages: Iterable[str],
    reviews_seen: ReviewVisibility = ReviewVisibility.AFTER_OWN,
) -> models.ContributionCall:
    """Open a call for contributions, or change the existing one."""
    check_can_manage(by, meeting)
    if closes_at <= opens_at:
        raise ContributionError(_("The call cannot close before it opens."))
    with transaction.atomic():
        call = queries.find_call(meeting)
        verb = "opened a call for contributions" if call is None else "changed a call for contributions"
        call = call or models.ContributionCall(meeting=meeting)
        call.text, call.opens_at, call.closes_at = dict(text), opens_at, closes_at
        call.reviewed, call.languages, call.reviews_seen = reviewed, list(languages), reviews_seen
        call.save()
        record(by=by, verb=verb, subject=f"meeting {meeting.public_id}")
    return call


# --- Submitting -------------------------------------------------------------------------------------------------------


def send_submission_link(
    *, call: models.ContributionCall, address: str, language: str, now: datetime | None = None
) -> None:
    """Email a link for submitting one contribution to this address.

    The response does not depend on the address. Raises CallClosed. The view limits the number of emails.
    """
    now = now or timezone.now()
    _check_call_is_open(call, now)
    address = address.strip().lower()
    with transaction.atomic():
        models.ContributionCall.objects.select_for_update().get(pk=call.pk)
        unused = call.links.filter(email=address, contribution__isnull=True).first()
        if unused is not None and unused.sent_at > now - LINK_COOLDOWN:
            return
        link = unused or models.ContributionLink(call=call, email=address)
        link.language, link.sent_at = language, now
        link.token_hash = hash_secret(link_token(link))
        link.save()
        _queue_email(link, None, call, "contribution_link")


def submit_contribution(
    *,
    call: models.ContributionCall,
    account: Account | None = None,
    link: models.ContributionLink | None = None,
    name: str,
    data: Mapping[str, Any],
    organisation: str = "",
    country: str = "",
    named: str = "",
    now: datetime | None = None,
) -> models.Contribution:
    """Submit a contribution, by account or by link; using the same link again changes its contribution.

    `named` is the version of the consent text by which the person agrees to be named in the programme, or "" if they
    do not agree. Raises CallClosed and TooManyContributions.
    """
    now = now or timezone.now()
    _check_call_is_open(call, now)
    if account is None and link is None:
        raise PermissionDenied
    with transaction.atomic():
        models.ContributionCall.objects.select_for_update().get(pk=call.pk)
        if link is not None:
            existing = models.Contribution.objects.filter(link=link).first()
            if existing is not None:
                return update_contribution(contribution=existing, by=None, data=data, now=now)
        else:
            submitted = call.contributions.filter(account=account).exclude(state=State.WITHDRAWN)
            if submitted.count() >= MAX_CONTRIBUTIONS_PER_ACCOUNT:
                raise TooManyContributions
        person = get_or_create_participant(
            by=account, meeting=call.meeting.public_id, note=NOTE, account=account, name=name,
            email=link.email if link is not None else "", organisation=organisation, country=country,
        )  # fmt: skip
        if named:
            give_naming_consent(person=person, version=named, by=account)
        contribution = models.Contribution.objects.create(call=call, account=account, link=link, person=person, **data)
        _record_action(contribution, account, "submitted a proposal")
        _email_author(contribution, "contribution_received")
    return contribution


def update_contribution(
    *, contribution: models.Contribution, by: Account | None, data: Mapping[str, Any], now: datetime | None = None
) -> models.Contribution:
    """Change a contribution while the call is open. Raises CallClosed and AlreadyDecided.

    The caller must have checked that the user is its author.
    """
    _check_call_is_open(contribution.call, now or timezone.now())
    with transaction.atomic():
        current = _lock_contribution(contribution)
        if current.state != State.OFFERED:
            raise AlreadyDecided
        for field, value in data.items():
            setattr(current, field, value)
        current.save(update_fields=list(data))
        _record_action(current, by, "changed a contribution")
    return current


def withdraw_contribution(*, contribution: models.Contribution, by: Account | None) -> models.Contribution:
    """Withdraw a contribution that is pending or accepted; organisers still see it, marked as withdrawn."""
    with transaction.atomic():
        current = _lock_contribution(contribution)
        if current.state not in {State.OFFERED, State.ACCEPTED}:
            raise AlreadyDecided
        current.state, current.decided_at = State.WITHDRAWN, timezone.now()
        current.save(update_fields=["state", "decided_at"])
        _record_action(current, by, "withdrew a contribution")
    return current


# --- Reviewing and deciding -------------------------------------------------------------------------------------------


def review_contribution(
    *, by: Account, contribution: models.Contribution, score: int, text: str = ""
) -> models.ContributionReview:
    """Save the user's review of a contribution, with a score from 1 to 5; it can be changed until the decision."""
    with transaction.atomic():
        current = _lock_contribution(contribution)
        if not _check_no_conflict(by, current).can_review:
            raise PermissionDenied
        if current.state != State.OFFERED:
            raise AlreadyDecided
        review, _made = models.ContributionReview.objects.update_or_create(
            contribution=current, by=by, defaults={"score": score, "text": text, "conflict": False}
        )
        _record_action(current, by, "reviewed a contribution")
    return review


def declare_conflict(*, by: Account, contribution: models.Contribution) -> models.ContributionReview:
    """Declare a conflict of interest, which deletes the user's review and hides the contribution from them.

    The declaration cannot be withdrawn.
    """
    meeting = contribution.call.meeting
    if not (can_manage(by, meeting) or queries.is_reviewer(by, meeting)):
        raise PermissionDenied
    with transaction.atomic():
        current = _lock_contribution(contribution)
        review, _made = models.ContributionReview.objects.update_or_create(
            contribution=current, by=by, defaults={"score": None, "text": "", "conflict": True}
        )
        _record_action(current, by, "declared a conflict of interest")
    return review


def decide_contribution(
    *, by: Account, contribution: models.Contribution, accepted: bool, reason: str
) -> models.Contribution:
    """Accept or decline a contribution and email the decision and its reason to the author.

    Accepting it creates a draft session with its author as the speaker. Raises ConflictOfInterest, AlreadyDecided and
    DeclineReasonRequired.
    """
    with transaction.atomic():
        current = _lock_contribution(contribution)
        check_can_manage(by, current.call.meeting)
        _check_no_conflict(by, current)
        if current.state != State.OFFERED:
            raise AlreadyDecided
        if not accepted and not reason.strip():
            raise DeclineReasonRequired
        current.state = State.ACCEPTED if accepted else State.DECLINED
        current.reason, current.decided_at, current.decided_by = reason.strip(), timezone.now(), by
        if accepted:
            current.session = _create_draft_session(by, current)
        current.save(update_fields=["state", "reason", "decided_at", "decided_by", "session"])
        _record_action(current, by, "accepted a contribution" if accepted else "declined a contribution")
        _email_author(current, "contribution_accepted" if accepted else "contribution_declined")
    return current


def _create_draft_session(by: Account, contribution: models.Contribution) -> models.Session:
    meeting = contribution.call.meeting
    language = contribution.language
    session = save_session(
        by=by, meeting=meeting, title={language: contribution.title}, abstract={language: contribution.abstract},
        kind=contribution.kind, track=contribution.track, languages=[language], articles=contribution.articles,
    )  # fmt: skip
    name = queries.get_author_names(by, meeting, [contribution]).get(contribution.pk, "")
    if contribution.person is not None and contribution.person.erased_at is None and name:
        add_person(by=by, session=session, person=contribution.person, name=name, part=ProgrammeRole.SPEAKER)
    return session


# --- Steps ------------------------------------------------------------------------------------------------------------


def _check_call_is_open(call: models.ContributionCall, now: datetime) -> None:
    if not queries.is_call_open(call, now):
        raise CallClosed


def _check_no_conflict(by: Account, contribution: models.Contribution) -> ContributionAccess:
    """Return the user's access to a contribution; raise ConflictOfInterest if they have a personal interest in it."""
    access = queries.get_contribution_access(by, contribution)
    if not access.is_impartial:
        raise ConflictOfInterest
    return access


def _lock_contribution(contribution: models.Contribution) -> models.Contribution:
    # Lock only this row, because PostgreSQL cannot lock the nullable side of an outer join.
    models.Contribution.objects.select_for_update().get(pk=contribution.pk)
    return models.Contribution.objects.select_related("call__meeting", "person", "account", "link", "track").get(
        pk=contribution.pk
    )


def _record_action(contribution: models.Contribution, by: Account | None, verb: str) -> None:
    record(
        by=by,
        verb=verb,
        subject=f"contribution {contribution.public_id}",
        details={"meeting": contribution.call.meeting.public_id},
        person=contribution.person.public_id if contribution.person is not None else "",
    )


def _email_author(contribution: models.Contribution, kind: str) -> None:
    _queue_email(contribution.link, contribution.account, contribution.call, kind, contribution=contribution)


def _queue_email(
    link: models.ContributionLink | None,
    account: Account | None,
    call: models.ContributionCall,
    kind: str,
    *,
    contribution: models.Contribution | None = None,
) -> None:
    """Email the account, or else the address of the link; do nothing if there is neither."""
    slug = call.meeting.public_id
    if account is not None and account.is_active:
        to, language, page = account.email, account.language or "en", "meetings:my-contribution"
        args = [slug, contribution.public_id if contribution is not None else ""]
    elif link is not None:
        to, language, page = link.email, link.language, "meetings:submit-by-link"
        args = [slug, link_token(link)]
    else:
        return
    with override(language):
        address = absolute_url(reverse(page, args=args))
    notify(
        EmailRecipient(to, language, account),
        f"meetings/{kind}",
        meeting=call.meeting.get_title(language),
        title=contribution.title if contribution is not None else "",
        reason=contribution.reason if contribution is not None else "",
        page_url=address,
    )
