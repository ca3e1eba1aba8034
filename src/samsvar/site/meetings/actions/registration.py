"""Places: taken from every quota they fall under or from none, waited for in order, given up and given on.

How two at once are kept apart. Whoever finds a place takes it by updates that look and count in one statement, always
in the same order of quotas. Whoever finds none takes the lock of the meeting's line, looks once more and only then
joins it; and whoever frees a place does so under that lock and gives it on before letting go. So nobody can join the
line behind the back of a place that is just becoming free. The order of locks is: invitation or person, the number of
changes (which a new person raises), line, quotas.

A delegation's places are taken from the whole and from its country's quota when it is made, before anybody is named;
groups and categories are nobody's until then. To name somebody is to change one of these places for theirs (`swap`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import PermissionDenied
from django.core.signing import Signer
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from samsvar.ids import secret_hash
from samsvar.languages import INTERFACE
from samsvar.meetings import registration as library
from samsvar.meetings.meeting import Access, Category, Entry, MeetingsError
from samsvar.meetings.registration import OPEN, QuotaKind, Standing, check_step
from samsvar.site.meetings import models
from samsvar.site.meetings.actions.handing_over import hand_programme_over
from samsvar.site.meetings.actions.naming import agree_to_be_named
from samsvar.site.meetings.permissions import must_manage
from samsvar.site.meetings.queries.letters import told_to_the_invited
from samsvar.site.meetings.queries.registration import questions_for, registration_is_open, still_to_answer
from samsvar.site.meetings.words_registration import quota_named
from samsvar.site.network.actions.participants import correct_participant, enter_participant
from samsvar.site.network.actions.people import hide_participant
from samsvar.site.network.actions.post import post_letter
from samsvar.site.network.permissions import Account, Person, access_of
from samsvar.site.network.queries.participants import participants_for
from samsvar.site.shell.templatetags.samsvar import day
from samsvar.site.trail.actions import lock_changes, record

HOLDING = sorted(one.value for one in Standing if one.holds_a_place)
ORDER = {kind.value: number for number, kind in enumerate(QuotaKind)}
LETTER_OF = {Standing.CONFIRMED: "confirmed", Standing.ASKED: "asked", Standing.WAITING: "waiting"}


class RegistrationError(MeetingsError):
    """A registration could not be taken or changed; said in the language of whoever is at the page."""

    code = "registration_error"

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message, kept=_("Nothing was stored."), advice=advice)


class NotOpen(RegistrationError):
    """Registration has not begun, or is over."""

    code = "registration_not_open"

    def __init__(self) -> None:
        super().__init__(_("Registration for this meeting is not open."))


class InvitationGone(RegistrationError):
    """The invitation was withdrawn, was declined, or has run out."""

    code = "meeting_invitation_gone"

    def __init__(self) -> None:
        super().__init__(_("This invitation is not valid any more."), _("Ask who invited you for another one."))


class ForSomebodyElse(RegistrationError):
    """An invitation was opened by somebody with another address."""

    code = "meeting_invitation_for_somebody_else"

    def __init__(self) -> None:
        super().__init__(
            _("This invitation is for another address than that of your account."),
            _("Sign out and open the letter’s link again, or ask for an invitation to your own address."),
        )


class SignInFirst(RegistrationError):
    """The invited address has an account: whoever has one registers as the person they are."""

    code = "sign_in_to_register"

    def __init__(self) -> None:
        super().__init__(_("The invited address has an account here."), _("Sign in with it, and open the link again."))


class NoPlaceLeft(RegistrationError):
    """A quota that the place would be taken from has none left, and there is no line to wait in for this."""

    code = "no_place_left"

    def __init__(self, full: models.Quota) -> None:
        said = {"quota": quota_named(full.kind, full.key)}
        super().__init__(_("No place is left under this quota: %(quota)s.") % said)
        self.quota = full


class MeetingIsCancelled(RegistrationError):
    """Nobody is invited to, named for, or given a place at a meeting that is not held."""

    code = "meeting_is_cancelled"

    def __init__(self) -> None:
        super().__init__(_("This meeting is cancelled."), _("If it is held after all, say so first."))


class TooLateToChange(RegistrationError):
    """The day until which people change their own answers is over."""

    code = "too_late_to_change"

    def __init__(self) -> None:
        super().__init__(_("Answers can no longer be changed here."), _("Write to those who run the meeting."))


class StandsOtherwise(RegistrationError):
    """What was asked does not follow from how the registration stands by now."""

    code = "registration_stands_otherwise"

    def __init__(self) -> None:
        super().__init__(_("The registration stands otherwise by now."), _("Look at it as it is, and decide again."))


class AnswerMissing(RegistrationError):
    """A question that has to be answered was not."""

    code = "answer_missing"

    def __init__(self) -> None:
        super().__init__(_("A question that has to be answered was left open."))


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says who registers. Of the details, the person's own entry keeps what it has."""

    name: str = ""
    title: str = ""
    organisation: str = ""
    country: str = ""
    group: str = ""
    gender: str = ""
    languages: tuple[str, ...] = ()
    language: str = "en"
    listed: Access = Access.ORGANISERS
    photographs: bool | None = None
    named: str = ""  # version of the text by which a speaker agrees to be named in the programme
    pseudonym: str = ""  # to be hidden for one's safety under this name
    answers: Mapping[int, Any] | None = None  # by the key of the question


# --- To register ------------------------------------------------------------------------------------------------------


def register(
    *,
    meeting: models.Meeting,
    said: Said,
    site: str,
    invitation: models.MeetingInvitation | None = None,
    account: Account | None = None,
    now: datetime | None = None,
) -> models.Registration:
    """Take a place or join the line; a second time gives the same answer and changes nothing.

    With an invitation its address registers, with or without an account; without one, a member with their account.
    """
    now = now or timezone.now()
    with transaction.atomic():
        category, group, state, delegation = Category.PARTICIPANT.value, said.group, said.country, None
        if account is not None:  # two at once would both make a person of the account
            Account.objects.select_for_update().get(pk=account.pk)
        if invitation is not None:
            invitation = models.MeetingInvitation.objects.select_for_update().get(pk=invitation.pk)
            must_be_theirs(invitation=invitation, account=account)
            before = models.Registration.objects.filter(invitation=invitation).first()
            if before is not None and before.standing != Standing.NOMINATED:
                return before
            if invitation.withdrawn_at or invitation.declined_at or invitation.expires_at <= now:
                raise InvitationGone
            if before is not None:
                must_be_held(meeting)
                return _accept_nomination(before, invitation, said, account, site=site, now=now)
            category, delegation = invitation.category, invitation.delegation
            group, state = invitation.group or group, invitation.state_id or state
        elif account is None or not _is_member(account, meeting):
            raise PermissionDenied
        _must_be_open(meeting, now, invited=invitation is not None and invitation.invited_by_id is not None)
        address = invitation.email if invitation is not None else account.email if account is not None else ""
        there = _place_of(meeting, address, account)
        if there is not None and there.standing == Standing.NOMINATED and there.invitation is not None:
            return _accept_nomination(there, there.invitation, said, account, site=site, now=now)
        if there is not None:
            return there if account is None else _as_theirs(there, account, site=site)
        person = _person(meeting, said, invitation=invitation, account=account)
        standing_before = meeting.registrations.filter(person=person, standing__in=OPEN).first()
        if standing_before is not None:
            return standing_before
        made = models.Registration(
            meeting=meeting, person=person, invitation=invitation, delegation=delegation, category=category,
            group=group, gender=said.gender, state_id=state or None, language=said.language, listed=said.listed,
            photographs=said.photographs,
        )  # fmt: skip
        made.token_hash = secret_hash(token_of(made))
        questions = questions_for(meeting, made.category)
        _must_be_answered(questions, said.answers)  # told before a place is taken
        _take_or_wait(made, now)
        made.save()
        _keep_answers(made, questions, said.answers)
        _show_as_asked(made, said, account)
        if invitation is not None:
            invitation.answered_at, invitation.person = now, person
            invitation.save(update_fields=["answered_at", "person"])
        _record(made, account, "registered")
        write_to(made, LETTER_OF[Standing(made.standing)], site=site)
    return made


def take_over(*, account: Account, meeting: models.Meeting, site: str) -> models.Registration | None:
    """The place that somebody else wrote down under an account's address, as that account's; None where there is none.

    A table, the door and a head know no accounts: whoever types addresses would learn who has one. The place is theirs
    from the moment that they sign in and look. Whoever is named says yes or no first.
    """
    there = _place_of(meeting, account.email, account)
    if there is None or there.standing == Standing.NOMINATED:
        return there
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        return _as_theirs(there, account, site=site)


def change(
    *, registration: models.Registration, said: Said, site: str, by: Account | None, now: datetime | None = None
) -> models.Registration:
    """Change one's own answers until the day set for it.

    What an approval was given to (country, group) takes the place anew from its quotas, and the approval with it.
    """
    now = now or timezone.now()
    with transaction.atomic():
        row = _locked(registration)
        must_be_held(row.meeting)
        if Standing(row.standing).is_over or (row.meeting.changes_until and row.meeting.changes_until <= now):
            raise TooLateToChange
        state, group = said.country or None, said.group
        if row.delegation_id is not None or (row.invitation and row.invitation.state_id):
            state = row.state_id
        if row.invitation and row.invitation.group:
            group = row.invitation.group
        questions = questions_for(row.meeting, row.category, confirmed=row.standing == Standing.CONFIRMED)
        moved = (row.state_id, row.group) != (state, group)
        if moved:
            quotas = list(row.meeting.quotas.all())
            before = quotas_of(row, quotas)
            row.state_id, row.group = state, group
            if Standing(row.standing).holds_a_place and (full := swap(give=before, take=quotas_of(row, quotas))):
                raise NoPlaceLeft(full)
            if row.standing == Standing.CONFIRMED and row.meeting.approval:
                row.standing, row.decided_at, row.decided_by = Standing.ASKED, None, None
        row.gender, row.language, row.listed, row.photographs = (
            said.gender,
            said.language,
            said.listed,
            said.photographs,
        )
        row.save()
        if row.person is not None and row.person.at_risk:
            show_nowhere(row.person)
            row.refresh_from_db(fields=["listed", "photographs"])
        _keep_answers(row, questions, said.answers)
        _record(row, by, "changed a registration", moved=moved)
        if moved:
            promote(row.meeting, site=site)
    return row


def correct_name(
    *,
    registration: models.Registration,
    name: str,
    title: str,
    site: str,
    organisation: str | None = None,
    by: Account | None = None,
    why: str = "",
) -> bool:
    """Write a name as it shall stand on the badge, position and organisation (None: it stays): by the person (`by`
    None) as long as they can change answers, or by whoever runs the meeting, with a reason. Letters that were issued
    stay as they are.
    """
    with transaction.atomic():
        row = _locked(registration)
        if row.person is None or Standing(row.standing).is_over:
            raise StandsOtherwise
        if by is None and row.meeting.changes_until is not None and row.meeting.changes_until <= timezone.now():
            raise TooLateToChange
        if by is not None:
            must_manage(by, row.meeting)
            if row.person.at_risk:  # their name is not for whoever runs the meeting to write
                raise StandsOtherwise
        changed = correct_participant(
            by=by, person=row.person, meeting=row.meeting.public_id, name=name, title=title,
            organisation=organisation, why=why,
        )  # fmt: skip
        if changed and by is not None:
            write_to(row, "changed_by_others", site=site)
    return changed


def decline(*, registration: models.Registration, site: str, by: Account | None) -> models.Registration:
    """The person does not come, or waits no longer; the place goes to the next who fits. Twice does no harm."""
    with transaction.atomic():
        row = _locked(registration)
        if row.standing == Standing.DECLINED:
            return row
        _end(row, Standing.DECLINED, by=by, verb="declined a place")
        if row.invitation is not None and row.invitation.answered_at is None:
            row.invitation.answered_at = row.invitation.declined_at = timezone.now()
            row.invitation.save(update_fields=["answered_at", "declined_at"])
        write_to(row, "declined", site=site)
        tell_head(row, site=site)
        promote(row.meeting, site=site)
    return row


# --- To decide --------------------------------------------------------------------------------------------------------


def approve(*, registration: models.Registration, by: Account, site: str) -> models.Registration:
    """Confirm the place that is held."""
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _locked(registration)
        if row.standing == Standing.CONFIRMED:
            return row
        must_be_held(row.meeting)
        if row.standing != Standing.ASKED:
            raise StandsOtherwise
        row.standing, row.decided_at, row.decided_by, row.reason = Standing.CONFIRMED, timezone.now(), by, ""
        row.save(update_fields=["standing", "decided_at", "decided_by", "reason"])
        _record(row, by, "approved a registration")
        write_to(row, "confirmed", site=site)
    return row


def refuse(*, registration: models.Registration, by: Account, reason: str, site: str) -> models.Registration:
    """Refuse somebody, with a reason that they read; a held place goes to the next who fits."""
    return _end_by_organiser(registration, Standing.REFUSED, by, reason, site, "refused a registration")


def withdraw(*, registration: models.Registration, by: Account, reason: str, site: str) -> models.Registration:
    """Take a place back that was confirmed, with a reason that the person reads."""
    return _end_by_organiser(registration, Standing.WITHDRAWN, by, reason, site, "withdrew a registration")


def put_back(*, registration: models.Registration, by: Account, reason: str, site: str) -> models.Registration:
    """Take an approval back: the place is still held, and decided upon anew."""
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _locked(registration)
        if row.standing != Standing.CONFIRMED:
            raise StandsOtherwise
        row.standing, row.decided_at, row.decided_by, row.reason = Standing.ASKED, None, None, reason[:300]
        row.save(update_fields=["standing", "decided_at", "decided_by", "reason"])
        _record(row, by, "put a registration back", why=reason)
        write_to(row, "asked", site=site)
    return row


def move(
    *, registration: models.Registration, by: Account, category: str, group: str, state: str, site: str
) -> models.Registration:
    """Count somebody under another country, group or category; the place is taken anew there, or stays as it was."""
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _locked(registration)
        if Standing(row.standing).is_over:
            raise StandsOtherwise
        quotas = list(row.meeting.quotas.all())
        before = quotas_of(row, quotas)
        row.category, row.group, row.state_id = category, group, state or None
        if Standing(row.standing).holds_a_place and (full := swap(give=before, take=quotas_of(row, quotas))):
            raise NoPlaceLeft(full)
        row.save(update_fields=["category", "group", "state"])
        _record(row, by, "moved a registration")
        promote(row.meeting, site=site)
    return row


def promote(meeting: models.Meeting, *, site: str) -> list[models.Registration]:
    """Give free places to those who wait, in their order, past those whose quota is full. Under the line's lock.

    None are given at a meeting that is cancelled: whoever waits keeps their turn, in case it is held after all.
    """
    lock_line(meeting)
    if models.Meeting.objects.filter(pk=meeting.pk, cancelled_at__isnull=False).exists():
        return []
    quotas = list(meeting.quotas.all())
    waiting = list(
        meeting.registrations.filter(standing=Standing.WAITING).select_related("meeting").order_by("waiting_number")
    )
    given = []
    for row in waiting:
        if any(quota.taken >= quota.places for quota in quotas_of(row, quotas)) or not _take(row, quotas):
            continue
        row.standing = Standing.ASKED if meeting.approval else Standing.CONFIRMED
        row.save(update_fields=["standing"])
        for quota in quotas_of(row, quotas):
            quota.taken += 1
        _record(row, None, "gave a free place on")
        write_to(row, LETTER_OF[Standing(row.standing)], site=site)
        given.append(row)
    return given


# --- Places -----------------------------------------------------------------------------------------------------------


def quotas_of(row: models.Registration, quotas: Iterable[models.Quota]) -> list[models.Quota]:
    """The quotas that a place for this registration is taken from, in the one order in which they are taken."""
    return _reached(quotas, country=row.state_id or "", group=row.group, category=row.category)


def quotas_of_delegation(row: models.Delegation, quotas: Iterable[models.Quota]) -> list[models.Quota]:
    """Those that a place is taken from before anybody is named: the whole, and that of its country."""
    return _reached(quotas, country=state_of(row), group="", category="")


def state_of(row: models.Delegation) -> str:
    """The country that a delegation counts under: its own, or that of its organisation."""
    return row.state_id or (row.organisation.state_id if row.organisation is not None else None) or ""


def _reached(quotas: Iterable[models.Quota], *, country: str, group: str, category: str) -> list[models.Quota]:
    return _in_order(
        quota
        for quota in quotas
        if library.Quota(QuotaKind(quota.kind), quota.key, quota.places).reaches(
            country=country, group=group, category=category
        )
    )


def _in_order(quotas: Iterable[models.Quota]) -> list[models.Quota]:
    return sorted(quotas, key=lambda quota: (-ORDER[quota.kind], quota.key))  # the whole, which all ask for, last


def swap(
    *, give: Iterable[models.Quota] = (), take: Iterable[models.Quota] = (), number: int = 1
) -> models.Quota | None:
    """So many places of some quotas for as many of others, all or nothing; the quota that had too few, else None.

    Each is looked at and counted in one statement, in the one order. What is given and taken is left alone: its place
    passes from one to the other, and nobody finds it free meanwhile.
    """
    given, wanted = {one.pk: one for one in give}, {one.pk: one for one in take}
    point = transaction.savepoint()
    for quota in _in_order(one for key, one in (given | wanted).items() if not (key in given and key in wanted)):
        row = models.Quota.objects.filter(pk=quota.pk)
        if quota.pk in given:
            row.filter(taken__gte=number).update(taken=F("taken") - number)
        elif not row.filter(taken__lte=F("places") - number).update(taken=F("taken") + number):
            transaction.savepoint_rollback(point)  # gives the locks back too
            return quota
    transaction.savepoint_commit(point)
    return None


def lock_line(meeting: models.Meeting) -> models.WaitingLine:
    """The line of a meeting, locked until the transaction ends: standings change one after another.

    The number of changes comes first: whoever enters a person has its lock before they come to the line.
    """
    lock_changes()
    models.WaitingLine.objects.get_or_create(meeting=meeting)
    return models.WaitingLine.objects.select_for_update().get(meeting=meeting)


def _take_or_wait(row: models.Registration, now: datetime) -> None:
    """A place from every quota, or a number in the line."""
    row.standing = Standing.ASKED if row.meeting.approval else Standing.CONFIRMED
    quotas = list(row.meeting.quotas.all())
    full = any(quota.taken >= quota.places for quota in quotas_of(row, quotas))
    if not full and _take(row, quotas):
        return
    line = lock_line(row.meeting)
    if _take(row):  # one may have become free before we had the lock
        return
    line.last += 1
    line.save(update_fields=["last"])
    row.standing, row.waiting_since, row.waiting_number = Standing.WAITING, now, line.last


def _take(row: models.Registration, quotas: Iterable[models.Quota] | None = None) -> bool:
    """One from every quota, each looked at and counted in one statement; from none where one has none left."""
    return swap(take=quotas_of(row, row.meeting.quotas.all() if quotas is None else quotas)) is None


def _give_back(row: models.Registration) -> None:
    """The place is its delegation's again, as long as that names people; else it is free."""
    quotas = list(row.meeting.quotas.all())
    before, delegation = quotas_of(row, quotas), row.delegation
    if delegation is not None and still_names(delegation, timezone.now()):
        if swap(give=before, take=quotas_of_delegation(delegation, quotas)) is None:
            models.Delegation.objects.filter(pk=delegation.pk).update(reserved=F("reserved") + 1)
            return
    swap(give=before)


def still_names(delegation: models.Delegation, now: datetime) -> bool:
    """Whether the head can still say who comes: until then places are kept for those whom they will name."""
    return delegation.nominate_until is None or delegation.nominate_until > now


def _end(
    row: models.Registration,
    standing: Standing,
    *,
    by: Account | None,
    verb: str,
    reason: str = "",
    keeps_place: bool = False,
) -> None:
    """To an end, under the line's lock; the place is free, and who calls this gives it on.

    `keeps_place`: who calls this gives the place to somebody in particular, in one step.
    """
    check_step(Standing(row.standing), standing)
    if Standing(row.standing).holds_a_place and not keeps_place:
        _give_back(row)
    row.standing, row.reason = standing, reason[:300]
    row.decided_at, row.decided_by = timezone.now(), by
    row.save(update_fields=["standing", "reason", "decided_at", "decided_by"])
    models.ScheduleLink.objects.filter(registration=row).delete()
    expected = row.issued.filter(revoked_at__isnull=True).exclude(kind=models.IssuedLetter.Kind.ATTENDANCE)
    expected.update(revoked_at=row.decided_at)  # who has no place is expected nowhere
    _record(row, by, verb, why=reason)


def _end_by_organiser(
    registration: models.Registration, standing: Standing, by: Account, reason: str, site: str, verb: str
) -> models.Registration:
    must_manage(by, registration.meeting)
    with transaction.atomic():
        row = _locked(registration)
        if row.standing == standing:
            return row
        if standing not in library.FOLLOWS[Standing(row.standing)]:
            raise StandsOtherwise
        _end(row, standing, by=by, verb=verb, reason=reason)
        write_to(row, "over", site=site)
        tell_head(row, site=site)
        promote(row.meeting, site=site)
    return row


def _locked(registration: models.Registration) -> models.Registration:
    """The row as it is now, under the lock of its meeting's line."""
    lock_line(registration.meeting)
    return models.Registration.objects.select_related("meeting", "invitation", "person").get(pk=registration.pk)


# --- Who registers ----------------------------------------------------------------------------------------------------


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address."""
    return Account.objects.filter(email=email.lower(), is_active=True).exists()


def must_be_theirs(*, invitation: models.MeetingInvitation | models.SpeakerLink, account: Account | None) -> None:
    """Raise unless this visitor is whom a link is bound to, as far as a link and an account can tell."""
    named = invitation.person.account_id if invitation.person is not None else None
    if account is None:
        if named is not None or has_account(invitation.email):
            raise SignInFirst
    elif account.pk != named and account.email.lower() != invitation.email.lower():
        raise ForSomebodyElse


def _is_member(account: Account, meeting: models.Meeting) -> bool:
    """Whether somebody may register without an invitation: members where members may, any account where all may."""
    if meeting.entry == Entry.OPEN:
        return True
    return meeting.entry == Entry.MEMBERS and meeting.network_id in access_of(account).networks


def _must_be_open(meeting: models.Meeting, now: datetime, *, invited: bool) -> None:
    if not registration_is_open(meeting, now):
        raise NotOpen
    if not invited and meeting.entry == Entry.INVITED:
        raise NotOpen


def _person(
    meeting: models.Meeting, said: Said, *, invitation: models.MeetingInvitation | None, account: Account | None
) -> Person:
    """Who registers; locked, so that two at once are one after another."""
    named = invitation.person if invitation is not None and account is None else None
    person = enter_participant(
        by=account, meeting=meeting.public_id, note="registered for a meeting", account=account, person=named,
        name=said.name, email=invitation.email if invitation else account.email if account else "", title=said.title,
        organisation=said.organisation, country=said.country, group=said.group, languages=said.languages,
        invented=meeting.invented,
    )  # fmt: skip
    return Person.objects.select_for_update().get(pk=person.pk)


def _place_of(meeting: models.Meeting, address: str, account: Account | None) -> models.Registration | None:
    """The open registration under a confirmed address or of an account, its own first: one human has one place."""
    asked = Q(invitation__email=address.lower()) | Q(person__account__email=address.lower())
    if account is not None:
        asked |= Q(person__account=account)
    rows = meeting.registrations.filter(asked, standing__in=OPEN).select_related("invitation", "person", "meeting")
    return rows.order_by(F("person__account").asc(nulls_last=True), "pk").first()


def _as_theirs(row: models.Registration, account: Account, *, site: str) -> models.Registration:
    """A registration as that of an account, whose entry counts; what others wrote fills in what it does not say."""
    if row.person is not None and row.person.account_id is not None:
        return row
    row = _locked(row)
    named = row.person
    own = Person.objects.filter(account=account, erased_at__isnull=True).first()
    if own is None and named is not None:  # the entry that others made is the first that they have
        named.account = account
        named.save(update_fields=["account"])
        _record(row, account, "took a registration over")
        return row
    written = Said(name=name_written(named))
    own = _person(row.meeting, written, invitation=row.invitation, account=account)
    other = row.meeting.registrations.filter(person=own, standing__in=OPEN).exclude(pk=row.pk).first()
    if other is not None:
        _end(row, Standing.WITHDRAWN, by=account, verb="had a place already")
        promote(row.meeting, site=site)
        return other
    _hand_over(row, own, account)
    _record(row, account, "took a registration over")
    return row


def name_written(person: Person | None) -> str:
    """The name that somebody's entry has; "" where it has none that a meeting may know."""
    return next((one.name for one in participants_for(None, [person] if person else [], subject="").values()), "")


def _hand_over(row: models.Registration, own: Person, account: Account) -> None:
    """The place to the person themselves. Whoever was hidden as somebody without an account stays hidden."""
    named = row.person
    row.person = own
    row.save(update_fields=["person"])
    if named is None:
        return
    if named.account_id is None:
        hand_programme_over(named=named, own=own)
    if named.at_risk:
        hide_participant(person=own, pseudonym=named.pseudonym, by=account, meeting=row.meeting.public_id, own=True)
    _forget(named)


def _accept_nomination(
    row: models.Registration,
    invitation: models.MeetingInvitation,
    said: Said,
    account: Account | None,
    *,
    site: str,
    now: datetime,
) -> models.Registration:
    """Somebody whom a head named says yes; their place is held since they were named."""
    name = said.name.strip() or name_written(row.person)
    own = _person(row.meeting, replace(said, name=name), invitation=invitation, account=account)
    row = _locked(row)
    if row.standing != Standing.NOMINATED:
        return row
    theirs = Q(person=own) | Q(invitation__email=invitation.email)
    other = row.meeting.registrations.filter(theirs, standing__in=OPEN).exclude(pk=row.pk).first()
    if other is not None:  # they have a place of their own already: the one that was held is free
        _end(row, Standing.WITHDRAWN, by=account, verb="had a place already")
        promote(row.meeting, site=site)
        return other
    if row.person is None or own.pk != row.person.pk:
        assert account is not None  # without one the person is whom the head named
        _hand_over(row, own, account)
    row.standing = Standing.ASKED if row.meeting.approval else Standing.CONFIRMED
    _put_down(row, said)
    row.save()
    _keep_answers(row, questions_for(row.meeting, row.category), said.answers)
    _show_as_asked(row, said, account)
    invitation.answered_at, invitation.person = now, row.person
    invitation.save(update_fields=["answered_at", "person"])
    _record(row, account, "accepted a nomination")
    write_to(row, LETTER_OF[Standing(row.standing)], site=site)
    return row


def _put_down(row: models.Registration, said: Said) -> None:
    row.gender, row.language = said.gender, said.language
    row.listed, row.photographs = said.listed, said.photographs


def _show_as_asked(row: models.Registration, said: Said, account: Account | None) -> None:
    """Who asks to be hidden for their safety is so from the first moment; a speaker is named if they agreed to it."""
    if row.person is None:
        return
    if said.named:
        agree_to_be_named(person=row.person, version=said.named, by=account)
    if said.pseudonym:
        hide_participant(
            person=row.person, pseudonym=said.pseudonym, by=account, meeting=row.meeting.public_id, own=True
        )
    if row.person.at_risk:
        show_nowhere(row.person)
        row.refresh_from_db(fields=["listed", "photographs"])


def show_nowhere(person: Person) -> None:
    """At every meeting: in no list, on no photograph, asked by nobody. The end of a protection brings none back."""
    rows = models.Registration.objects.filter(person=person)
    rows.update(listed=Access.ORGANISERS, photographs=False)
    models.OpenToTalk.objects.filter(registration__in=rows.values("pk")).delete()


def _forget(named: Person) -> None:
    """The person that a head of delegation wrote down turned out to have an entry: theirs counts, and this one goes."""
    if (
        named.account_id is None
        and not named.memberships.exists()
        and not named.registrations.exclude(standing=Standing.NOMINATED).exists()
    ):
        models.MeetingInvitation.objects.filter(person=named).update(person=None)
        named.delete()


def _must_be_answered(questions: Iterable[models.Question], answers: Mapping[int, Any] | None) -> None:
    """`answers` None: nobody was asked, as with a table of a group."""
    if answers is not None and any(one.required and answers.get(one.pk) in (None, "", []) for one in questions):
        raise AnswerMissing


def _keep_answers(
    row: models.Registration, questions: Iterable[models.Question], answers: Mapping[int, Any] | None
) -> None:
    if answers is None:
        return
    _must_be_answered(questions, answers)
    for question in questions:
        value = answers.get(question.pk)
        if value in (None, "", []):
            row.answers.filter(question=question).delete()
        else:
            models.Answer.objects.update_or_create(registration=row, question=question, defaults={"value": value})


# --- Links, letters, the trail ----------------------------------------------------------------------------------------

type Linked = models.Registration | models.MeetingInvitation | models.Delegation | models.SpeakerLink


def token_of(row: Linked) -> str:
    """The token of a row's link: made of its public id with the site's secret, so that a later letter has the same.

    The database holds what the token hashes to, and no page shows a public id where the token would open something.
    """
    return Signer(salt=f"samsvar.meetings.{type(row).__name__}").signature(row.public_id).replace("=", "")


def title_of(meeting: models.Meeting, language: str) -> str:
    """The meeting's title in a language, or else in its first one."""
    titles = meeting.title
    return str(titles.get(language) or next((titles[one] for one in meeting.languages if titles.get(one)), ""))


def link_of(row: Linked, *, site: str, language: str) -> str:
    """The address of a row's page, in a language."""
    names = {
        models.Registration: "meetings:registration-link",
        models.MeetingInvitation: "meetings:invitation",
        models.Delegation: "meetings:delegation",
        models.SpeakerLink: "meetings:speaking",
    }
    with override(language):
        path = reverse(names[type(row)], kwargs={"slug": row.meeting.public_id, "token": token_of(row)})
    return urljoin(site, path)


def write_to(row: models.Registration, kind: str, *, site: str, **says: str) -> None:
    """A letter to whoever it is about, with a link and no details of theirs; none where nobody has an address."""
    address, language = address_of(row), row.language
    if not address:
        return
    if kind == "confirmed" and still_to_answer(row.meeting, [row.pk]):
        kind = "confirmed_and_asked"
    post_letter(
        to=address,
        kind=f"meetings/{kind}",
        context={
            "meeting": title_of(row.meeting, language),
            "page_url": own_link(row, site=site),
            **told_to_the_invited(row.meeting, language),
            **says,
        },
        host=urlsplit(site).netloc,
        language=language,
        account=row.person.account if row.person is not None else None,
    )


def own_link(row: models.Registration, *, site: str) -> str:
    """The page of somebody's own registration: behind their account, or by their link."""
    if row.person is None or row.person.account_id is None:
        return link_of(row, site=site, language=row.language)
    with override(row.language):
        return urljoin(site, reverse("meetings:mine-registration", kwargs={"slug": row.meeting.public_id}))


def write_link(
    row: models.MeetingInvitation | models.Delegation, to: str, kind: str, language: str, until: datetime, *, site: str
) -> None:
    """A letter with the link of an invitation or a delegation, and the day until which it can be answered."""
    with override(language):
        said = day(until.date())
        count = getattr(row, "places", 0)
        places = ngettext("%(places)s place", "%(places)s places", count) % {"places": count}
    post_letter(
        to=to,
        kind=f"meetings/{kind}",
        context={
            "meeting": title_of(row.meeting, language),
            "until": said,
            "places": places,
            "page_url": link_of(row, site=site, language=language),
            **told_to_the_invited(row.meeting, language),
        },
        host=urlsplit(site).netloc,
        language=language,
    )


def write_head(delegation: models.Delegation, kind: str, *, site: str) -> None:
    """A letter to the head of a delegation, in their language; none where no address is known."""
    if delegation.head_email:
        language, until = language_of_head(delegation), delegation.nominate_until or timezone.now()
        write_link(delegation, delegation.head_email, kind, language, until, site=site)


def tell_head(row: models.Registration, *, site: str) -> None:
    """News to the head that somebody whom they named does not come; who it is stands on their page alone."""
    if row.delegation is not None:
        write_head(row.delegation, "delegation_news", site=site)


def language_of_head(delegation: models.Delegation) -> str:
    """The language that was chosen for the head; else that of their account, else the meeting's first that we speak."""
    if delegation.language:
        return delegation.language
    account = delegation.head.account if delegation.head is not None else None
    account = account or Account.objects.filter(email=delegation.head_email, is_active=True).first()
    wanted = [account.language if account is not None else "", *delegation.meeting.languages]
    return next((one for one in wanted if one in INTERFACE), "en")


def address_of(row: models.Registration) -> str:
    """Where letters go: the account's address, or the one that the invitation was bound to."""
    if row.person is not None and row.person.account is not None:
        return row.person.account.email if row.person.account.is_active else ""
    return row.invitation.email if row.invitation is not None else ""


def _record(row: models.Registration, by: Account | None, verb: str, *, why: str = "", **more: Any) -> None:
    record(
        by=by,
        verb=verb,
        subject=f"registration {row.public_id}",
        details={"meeting": row.meeting.public_id, "standing": str(row.standing), **more},
        person=row.person.public_id if row.person is not None else "",
        why=why[:300],
    )


def must_be_held(meeting: models.Meeting) -> None:
    if meeting.cancelled_at is not None:
        raise MeetingIsCancelled
