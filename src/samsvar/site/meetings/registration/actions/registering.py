"""Register for a meeting, and change one’s own registration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from samsvar.ids import secret_hash
from samsvar.meetings.meeting import Access, Category, Entry
from samsvar.meetings.registration import OPEN, Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.meeting.queries.opening import registration_is_open
from samsvar.site.meetings.registration.actions.decisions import _end
from samsvar.site.meetings.registration.actions.emails import LETTER_OF, token_of, write_to
from samsvar.site.meetings.registration.actions.merge_person import hand_programme_over
from samsvar.site.meetings.registration.actions.naming_consent import agree_to_be_named
from samsvar.site.meetings.registration.actions.places import (
    _locked,
    _record,
    _take_or_wait,
    must_be_held,
    promote,
    quotas_of,
    swap,
)
from samsvar.site.meetings.registration.errors import (
    AnswerMissing,
    ForSomebodyElse,
    InvitationGone,
    NoPlaceLeft,
    NotOpen,
    SignInFirst,
    StandsOtherwise,
    TooLateToChange,
)
from samsvar.site.meetings.registration.queries.questions import questions_for
from samsvar.site.network.access.permissions import Account, Person, access_of
from samsvar.site.network.directory.actions.participants import correct_participant, enter_participant
from samsvar.site.network.directory.actions.people import hide_participant
from samsvar.site.network.directory.queries.participants import participants_for


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
