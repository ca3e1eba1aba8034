"""A call goes out, people offer something, reviewers judge it, the organiser decides and says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import PermissionDenied
from django.core.signing import Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from samsvar.ids import secret_hash
from samsvar.meetings.contributions import ReviewsSeen, Standpoint
from samsvar.meetings.meeting import MeetingsError, Part
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import queries
from samsvar.site.meetings.meeting.permissions import can_manage, must_manage
from samsvar.site.meetings.programme.actions.people import add_person
from samsvar.site.meetings.programme.actions.sessions import save_session
from samsvar.site.meetings.registration.actions.emails import title_of
from samsvar.site.meetings.registration.actions.naming_consent import agree_to_be_named
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.actions.participants import enter_participant
from samsvar.site.network.emails.actions import post_letter

State = models.Contribution.State
MOST_OF_ONE = 20  # contributions of one account to one call
QUIET = timedelta(minutes=10)  # an address gets no second link before
MOST_LINKS = 200  # that a call sends in an hour: more is no call but a flood of letters
NOTE = "offered a contribution to a meeting"


class ContributionError(MeetingsError):
    """A contribution could not be taken, judged or decided on; said in the language of whoever is at the page."""

    code = "contribution_error"

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message, kept=_("Nothing was stored."), advice=advice)


class CallIsClosed(ContributionError):
    """The call has not begun, or is over."""

    code = "call_is_closed"

    def __init__(self) -> None:
        super().__init__(_("This call is not open."))


class ConflictOfInterest(ContributionError):
    """Who offered something, or has an interest in it, neither judges it nor decides on it, whatever else they may."""

    code = "conflict_of_interest"

    def __init__(self) -> None:
        super().__init__(
            _("You have an interest in this contribution of your own."), _("Let somebody else judge and decide.")
        )


class IsDecided(ContributionError):
    """It was decided, or withdrawn, meanwhile."""

    code = "contribution_is_decided"

    def __init__(self) -> None:
        super().__init__(_("This contribution stands otherwise by now."), _("Look at it as it is."))


class TooMany(ContributionError):
    """More than anybody offers, or more letters than a call sends."""

    code = "too_many_contributions"

    def __init__(self) -> None:
        super().__init__(_("That is more than is taken here."), _("Write to those who run the meeting."))


class ReasonIsNeeded(ContributionError):
    """Somebody whose contribution is declined is told why."""

    code = "reason_is_needed"

    def __init__(self) -> None:
        super().__init__(_("Say why it is declined: whoever offered it reads it."))


# --- The call ---------------------------------------------------------------------------------------------------------


def open_call(
    *,
    by: Account,
    meeting: models.Meeting,
    text: Mapping[str, str],
    opens_at: datetime,
    closes_at: datetime,
    reviewed: bool,
    languages: Iterable[str],
    reviews_seen: ReviewsSeen = ReviewsSeen.AFTER_OWN,
) -> models.ContributionCall:
    """Call for contributions, or change the call that is out."""
    must_manage(by, meeting)
    if closes_at <= opens_at:
        raise ContributionError(_("The call would close before it opens."))
    with transaction.atomic():
        call = queries.call_of(meeting)
        verb = "opened a call for contributions" if call is None else "changed a call for contributions"
        call = call or models.ContributionCall(meeting=meeting)
        call.text, call.opens_at, call.closes_at = dict(text), opens_at, closes_at
        call.reviewed, call.languages, call.reviews_seen = reviewed, list(languages), reviews_seen
        call.save()
        record(by=by, verb=verb, subject=f"meeting {meeting.public_id}")
    return call


# --- To offer something -----------------------------------------------------------------------------------------------


def ask_for_link(
    *, call: models.ContributionCall, address: str, site: str, language: str, now: datetime | None = None
) -> None:
    """Send a link to this address, by which its owner offers one contribution. Every address has the same answer."""
    now = now or timezone.now()
    _must_be_open(call, now)
    address = address.strip().lower()
    with transaction.atomic():
        models.ContributionCall.objects.select_for_update().get(pk=call.pk)
        unused = call.links.filter(email=address, contribution__isnull=True).first()
        if unused is not None and unused.sent_at > now - QUIET:
            return
        if call.links.filter(sent_at__gt=now - timedelta(hours=1)).count() >= MOST_LINKS:
            raise TooMany
        link = unused or models.ContributionLink(call=call, email=address)
        link.language, link.sent_at = language, now
        link.token_hash = secret_hash(_token_of(link))
        link.save()
        _write(link, None, call, "contribution_link", site=site)


def offer(
    *,
    call: models.ContributionCall,
    account: Account | None = None,
    link: models.ContributionLink | None = None,
    name: str,
    said: Mapping[str, Any],
    site: str,
    organisation: str = "",
    country: str = "",
    named: str = "",
    now: datetime | None = None,
) -> models.Contribution:
    """Offer something, signed in or by a link. By one link one thing is offered; a second time changes it.

    `named` is the version of the text by which somebody agrees to be named in the programme; "": they do not.
    """
    now = now or timezone.now()
    _must_be_open(call, now)
    if account is None and link is None:
        raise PermissionDenied
    with transaction.atomic():
        models.ContributionCall.objects.select_for_update().get(pk=call.pk)
        if link is not None:
            there = models.Contribution.objects.filter(link=link).first()
            if there is not None:
                return change(contribution=there, by=None, said=said, now=now)
        elif call.contributions.filter(account=account).exclude(state=State.WITHDRAWN).count() >= MOST_OF_ONE:
            raise TooMany
        person = enter_participant(
            by=account,
            meeting=call.meeting.public_id,
            note=NOTE,
            account=account,
            name=name,
            email=link.email if link is not None else "",
            organisation=organisation,
            country=country,
        )
        if named:
            agree_to_be_named(person=person, version=named, by=account)
        made = models.Contribution.objects.create(call=call, account=account, link=link, person=person, **said)
        record(
            by=account,
            verb="offered a contribution",
            subject=f"contribution {made.public_id}",
            details={"meeting": call.meeting.public_id},
            person=person.public_id,
        )
        _tell(made, "contribution_received", site=site)
    return made


def change(
    *, contribution: models.Contribution, by: Account | None, said: Mapping[str, Any], now: datetime | None = None
) -> models.Contribution:
    """Change what is offered, until the call closes. The caller has made sure that it is theirs."""
    _must_be_open(contribution.call, now or timezone.now())
    with transaction.atomic():
        row = _locked(contribution)
        if row.state != State.OFFERED:
            raise IsDecided
        for column, value in said.items():
            setattr(row, column, value)
        row.save(update_fields=list(said))
        _record(row, by, "changed a contribution")
    return row


def withdraw(*, contribution: models.Contribution, by: Account | None) -> models.Contribution:
    """Take back what was offered, or what was accepted; the organiser sees it."""
    with transaction.atomic():
        row = _locked(contribution)
        if row.state not in {State.OFFERED, State.ACCEPTED}:
            raise IsDecided
        row.state, row.decided_at = State.WITHDRAWN, timezone.now()
        row.save(update_fields=["state", "decided_at"])
        _record(row, by, "withdrew a contribution")
    return row


# --- To judge and decide ----------------------------------------------------------------------------------------------


def review(*, by: Account, contribution: models.Contribution, score: int, text: str = "") -> models.ContributionReview:
    """Say what one thinks of it, from 1 to 5; again until it is decided."""
    with transaction.atomic():
        row = _locked(contribution)
        if not _free_standpoint(by, row).may_review:
            raise PermissionDenied
        if row.state != State.OFFERED:
            raise IsDecided
        said, _made = models.ContributionReview.objects.update_or_create(
            contribution=row, by=by, defaults={"score": score, "text": text, "conflict": False}
        )
        _record(row, by, "reviewed a contribution")
    return said


def declare_conflict(*, by: Account, contribution: models.Contribution) -> models.ContributionReview:
    """Say that one has an interest in it. What one wrote of it goes; nothing of it is shown any more. It stays said."""
    meeting = contribution.call.meeting
    if not (can_manage(by, meeting) or queries.is_reviewer(by, meeting)):
        raise PermissionDenied
    with transaction.atomic():
        row = _locked(contribution)
        said, _made = models.ContributionReview.objects.update_or_create(
            contribution=row, by=by, defaults={"score": None, "text": "", "conflict": True}
        )
        _record(row, by, "declared a conflict of interest")
    return said


def decide(
    *, by: Account, contribution: models.Contribution, accepted: bool, reason: str, site: str
) -> models.Contribution:
    """Accept it, which makes a draft session with its speaker, or decline it; a letter says which, and why."""
    with transaction.atomic():
        row = _locked(contribution)
        must_manage(by, row.call.meeting)
        _free_standpoint(by, row)
        if row.state != State.OFFERED:
            raise IsDecided
        if not accepted and not reason.strip():
            raise ReasonIsNeeded
        row.state = State.ACCEPTED if accepted else State.DECLINED
        row.reason, row.decided_at, row.decided_by = reason.strip(), timezone.now(), by
        if accepted:
            row.session = _as_session(by, row)
        row.save(update_fields=["state", "reason", "decided_at", "decided_by", "session"])
        _record(row, by, "accepted a contribution" if accepted else "declined a contribution")
        _tell(row, "contribution_accepted" if accepted else "contribution_declined", site=site)
    return row


def _as_session(by: Account, row: models.Contribution) -> models.Session:
    meeting = row.call.meeting
    session = save_session(
        by=by,
        meeting=meeting,
        title={row.language: row.title},
        abstract={row.language: row.abstract},
        kind=row.kind,
        track=row.track,
        languages=[row.language],
        articles=row.articles,
    )
    name = queries.names_of(by, meeting, [row]).get(row.pk, "")
    if row.person is not None and row.person.erased_at is None and name:
        add_person(by=by, session=session, person=row.person, name=name, part=Part.SPEAKER)
    return session


# --- Steps ------------------------------------------------------------------------------------------------------------


def _must_be_open(call: models.ContributionCall, now: datetime) -> None:
    if not queries.is_open(call, now):
        raise CallIsClosed


def _free_standpoint(by: Account, row: models.Contribution) -> Standpoint:
    """How they stand to it; raises `ConflictOfInterest` where an interest of their own is at stake."""
    stands = queries.standpoint(by, row)
    if not stands.is_free:
        raise ConflictOfInterest
    return stands


def _locked(contribution: models.Contribution) -> models.Contribution:
    # of the row itself: PostgreSQL locks no side of a join that may be empty
    models.Contribution.objects.select_for_update().get(pk=contribution.pk)
    return models.Contribution.objects.select_related("call__meeting", "person", "account", "link", "track").get(
        pk=contribution.pk
    )


def _record(row: models.Contribution, by: Account | None, verb: str) -> None:
    record(
        by=by,
        verb=verb,
        subject=f"contribution {row.public_id}",
        details={"meeting": row.call.meeting.public_id},
        person=row.person.public_id if row.person is not None else "",
    )


def _token_of(link: models.ContributionLink) -> str:
    """The link's token: made of its public id with the site's secret, so that a later letter has the same."""
    return Signer(salt="samsvar.meetings.ContributionLink").signature(link.public_id).replace("=", "")


def _tell(row: models.Contribution, kind: str, *, site: str) -> None:
    _write(row.link, row.account, row.call, kind, site=site, row=row)


def _write(
    link: models.ContributionLink | None,
    account: Account | None,
    call: models.ContributionCall,
    kind: str,
    *,
    site: str,
    row: models.Contribution | None = None,
) -> None:
    """A letter to the account or to the link's address; none where both are gone."""
    slug = call.meeting.public_id
    if account is not None and account.is_active:
        to, language, page = account.email, account.language or "en", "meetings:my-contribution"
        args = [slug, row.public_id if row is not None else ""]
    elif link is not None:
        to, language, page, args = link.email, link.language, "meetings:offer-by-link", [slug, _token_of(link)]
    else:
        return
    with override(language):
        address = urljoin(site, reverse(page, args=args))
    post_letter(
        to=to,
        kind=f"meetings/{kind}",
        context={
            "meeting": title_of(call.meeting, language),
            "title": row.title if row is not None else "",
            "reason": row.reason if row is not None else "",
            "page_url": address,
        },
        host=urlsplit(site).netloc,
        language=language,
        account=account,
    )
