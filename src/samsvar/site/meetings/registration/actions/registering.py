"""Actions for registering for a meeting and for changing one's own registration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.meetings.meeting import AccessLevel, ParticipantCategory, RegistrationPolicy
from samsvar.meetings.registration import ACTIVE_STATUSES, RegistrationStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.pseudonyms import keep_pseudonyms
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.meeting.queries.opening import is_registration_open
from samsvar.site.meetings.meeting.queries.pseudonyms import get_pseudonym
from samsvar.site.meetings.registration.actions import places
from samsvar.site.meetings.registration.actions.decisions import end_registration
from samsvar.site.meetings.registration.actions.emails import EMAIL_FOR_STATUS, email_participant, link_token
from samsvar.site.meetings.registration.actions.merge_person import transfer_programme_entries
from samsvar.site.meetings.registration.actions.naming_consent import give_naming_consent
from samsvar.site.meetings.registration.errors import (
    AnswerMissing,
    ChangesClosed,
    MeetingInvitationExpired,
    RegistrationNotOpen,
    SignInRequired,
    StatusConflict,
    WrongRecipient,
)
from samsvar.site.meetings.registration.queries.questions import category_questions
from samsvar.site.network.access.permissions import Account, Person, get_access
from samsvar.site.network.directory.actions.participants import correct_participant_details, get_or_create_participant
from samsvar.site.network.directory.actions.people import hide_participant_profile
from samsvar.site.network.directory.queries.participants import get_visible_participants


@dataclass(frozen=True, slots=True)
class RegistrationData:
    """The data of a registration. Personal details never overwrite those in the person's own profile."""

    name: str = ""
    title: str = ""
    organisation: str = ""
    country: str = ""
    group: str = ""
    gender: str = ""
    languages: tuple[str, ...] = ()
    language: str = "en"
    listed: AccessLevel = AccessLevel.ORGANISERS
    photographs: bool | None = None
    naming_consent_version: str = ""  # version of the consent text, if a speaker consents to be named in the programme
    pseudonym: str = ""  # the name to use if the person asks to be hidden for their safety
    answers: Mapping[int, Any] | None = None  # by primary key of the question; None: not asked


# --- Accounts and persons ---------------------------------------------------------------------------------------------


def register_person(
    *,
    meeting: models.Meeting,
    data: RegistrationData,
    invitation: models.MeetingInvitation | None = None,
    account: Account | None = None,
    now: datetime | None = None,
) -> models.Registration:
    """Register a person, with a place or on the waiting list. Registering again returns the same registration.

    People with an invitation are registered under its address and need no account. Without an invitation, people need
    one.
    """
    now = now or timezone.now()
    with transaction.atomic():
        category, group, state, delegation = ParticipantCategory.PARTICIPANT.value, data.group, data.country, None
        if account is not None:  # prevents creating two persons for one account
            Account.objects.select_for_update().get(pk=account.pk)
        if invitation is not None:
            invitation = models.MeetingInvitation.objects.select_for_update().get(pk=invitation.pk)
            check_link_owner(link=invitation, account=account)
            previous = models.Registration.objects.filter(invitation=invitation).first()
            if previous is not None and previous.status != RegistrationStatus.NOMINATED:
                return previous
            if invitation.withdrawn_at or invitation.declined_at or invitation.expires_at <= now:
                raise MeetingInvitationExpired
            if previous is not None:
                places.check_not_cancelled(meeting)
                return _accept_nomination(previous, invitation, data, account, now=now)
            category, delegation = invitation.category, invitation.delegation
            group, state = invitation.group or group, invitation.state_id or state
        elif account is None or not _can_register_uninvited(account, meeting):
            raise PermissionDenied
        _check_registration_open(meeting, now, invited=invitation is not None and invitation.invited_by_id is not None)
        address = invitation.email if invitation is not None else account.email if account is not None else ""
        existing = _find_open_registration(meeting, address, account)
        if existing is not None and existing.status == RegistrationStatus.NOMINATED and existing.invitation is not None:
            return _accept_nomination(existing, existing.invitation, data, account, now=now)
        if existing is not None:
            return existing if account is None else _transfer_to_account(existing, account)
        person = _get_or_create_person(meeting, data, invitation=invitation, account=account)
        open_registration = meeting.registrations.filter(person=person, status__in=ACTIVE_STATUSES).first()
        if open_registration is not None:
            return open_registration
        registration = models.Registration(
            meeting=meeting, person=person, invitation=invitation, delegation=delegation, category=category,
            group=group, state_id=state or None, counts_by_country=not person.at_risk,
        )  # fmt: skip
        _apply_preferences(registration, data)
        registration.token_hash = hash_secret(link_token(registration))
        questions = category_questions(meeting, registration.category)
        _check_required_answers(questions, data.answers)  # checked before a place is taken
        places.take_place_or_wait(registration, now)
        registration.save()
        _save_answers(registration, questions, data.answers)
        _apply_visibility_choices(registration, data, account)
        if invitation is not None:
            invitation.answered_at, invitation.person = now, person
            invitation.save(update_fields=["answered_at", "person"])
        places.record_registration_change(registration, account, "registered")
        email_participant(registration, EMAIL_FOR_STATUS[RegistrationStatus(registration.status)])
    return registration


def claim_registration(*, account: Account, meeting: models.Meeting) -> models.Registration | None:
    """Claim the registration that someone else made for an account's address; return None if there is none.

    A registration by an organiser or head of delegation is not matched with an account, because they would learn
    who has one. The account gets the registration when its owner signs in and opens it. A nominee has to accept or
    decline first.
    """
    existing = _find_open_registration(meeting, account.email, account)
    if existing is None or existing.status == RegistrationStatus.NOMINATED:
        return existing
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        return _transfer_to_account(existing, account)


def change_registration(
    *, registration: models.Registration, data: RegistrationData, by: Account | None, now: datetime | None = None
) -> models.Registration:
    """Change a person's own registration until the meeting's deadline.

    Changing the country or group, on which the approval was based, moves the place to the new quotas and revokes the
    approval.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = places.lock_registration(registration)
        places.check_not_cancelled(current.meeting)
        deadline = current.meeting.changes_until
        if RegistrationStatus(current.status).is_over or (deadline is not None and deadline <= now):
            raise ChangesClosed
        state, group = data.country or None, data.group
        if current.delegation_id is not None or (current.invitation and current.invitation.state_id):
            state = current.state_id
        if current.invitation and current.invitation.group:
            group = current.invitation.group
        confirmed = current.status == RegistrationStatus.CONFIRMED
        questions = category_questions(current.meeting, current.category, confirmed=confirmed)
        moved = (current.state_id, current.group) != (state, group)
        if moved:
            at_risk = current.person is not None and current.person.at_risk
            places.move_place(current, state_id=state, group=group, counts_by_country=not at_risk)
            if confirmed and current.meeting.approval:
                current.status, current.decided_at, current.decided_by = RegistrationStatus.ASKED, None, None
        _apply_preferences(current, data)
        current.save()
        if current.person is not None and current.person.at_risk:
            restrict_visibility_at_all_meetings(current.person)
            current.refresh_from_db(fields=["listed", "photographs"])
        _save_answers(current, questions, data.answers)
        places.record_registration_change(current, by, "changed a registration", moved=moved)
        if moved:
            places.promote_from_waiting_list(current.meeting)
    return current


def correct_name(
    *,
    registration: models.Registration,
    name: str,
    title: str,
    organisation: str | None = None,
    by: Account | None = None,
    why: str = "",
) -> bool:
    """Correct the name for the badge, position and organisation (None: unchanged). Return whether anything changed.

    `by` is None for participants, who can do this as long as they can change their answers. Organisers give a reason.
    Letters already issued are not changed.
    """
    with transaction.atomic():
        current = places.lock_registration(registration)
        if current.person is None or RegistrationStatus(current.status).is_over:
            raise StatusConflict
        if by is None and current.meeting.changes_until is not None and current.meeting.changes_until <= timezone.now():
            raise ChangesClosed
        if by is not None:
            check_can_manage(by, current.meeting)
            if current.person.at_risk:  # the organiser may not change their name
                raise StatusConflict
        changed = correct_participant_details(
            by=by, person=current.person, meeting=current.meeting.public_id, name=name, title=title,
            organisation=organisation, reason=why,
        )  # fmt: skip
        if changed and by is not None:
            email_participant(current, "changed_by_others")
    return changed


# --- Who registers ----------------------------------------------------------------------------------------------------


def has_account(email: str) -> bool:
    """Return whether there is an active account with this address."""
    return Account.objects.filter(email=email.lower(), is_active=True).exists()


def check_link_owner(*, link: models.MeetingInvitation | models.SpeakerLink, account: Account | None) -> None:
    """Raise `SignInRequired` or `WrongRecipient` unless the visitor is the person that a link was sent to."""
    linked_account_id = link.person.account_id if link.person is not None else None
    if account is None:
        if linked_account_id is not None or has_account(link.email):
            raise SignInRequired
    elif account.pk != linked_account_id and account.email.lower() != link.email.lower():
        raise WrongRecipient


def _can_register_uninvited(account: Account, meeting: models.Meeting) -> bool:
    """Return whether an account can register uninvited: as a member, or if registration is open to everyone."""
    is_member = meeting.network_id in get_access(account).networks
    return meeting.entry == RegistrationPolicy.OPEN or (meeting.entry == RegistrationPolicy.MEMBERS and is_member)


def _check_registration_open(meeting: models.Meeting, now: datetime, *, invited: bool) -> None:
    if not is_registration_open(meeting, now) or (not invited and meeting.entry == RegistrationPolicy.INVITED):
        raise RegistrationNotOpen


def _get_or_create_person(
    meeting: models.Meeting,
    data: RegistrationData,
    *,
    invitation: models.MeetingInvitation | None,
    account: Account | None,
) -> Person:
    """Return the person who registers, created if necessary and locked against simultaneous requests."""
    known_person = invitation.person if invitation is not None and account is None else None
    person = get_or_create_participant(
        by=account, meeting=meeting.public_id, note="registered for a meeting", account=account, person=known_person,
        name=data.name, email=invitation.email if invitation else account.email if account else "", title=data.title,
        organisation=data.organisation, country=data.country, group=data.group, languages=data.languages,
        fictional=meeting.fictional,
    )  # fmt: skip
    return Person.objects.select_for_update().get(pk=person.pk)


def _find_open_registration(
    meeting: models.Meeting, address: str, account: Account | None
) -> models.Registration | None:
    """Return an open registration of the account or else of the address, so that no one gets two places."""
    matches = Q(invitation__email=address.lower()) | Q(person__account__email=address.lower())
    if account is not None:
        matches |= Q(person__account=account)
    registrations = meeting.registrations.filter(matches, status__in=ACTIVE_STATUSES)
    registrations = registrations.select_related("invitation", "person", "meeting")
    return registrations.order_by(F("person__account").asc(nulls_last=True), "pk").first()


def _transfer_to_account(registration: models.Registration, account: Account) -> models.Registration:
    """Transfer a registration to an account. Details that others entered only fill gaps in the account's profile."""
    if registration.person is not None and registration.person.account_id is not None:
        return registration
    registration = places.lock_registration(registration)
    recorded_person = registration.person
    own_person = Person.objects.filter(account=account, erased_at__isnull=True).first()
    if own_person is None and recorded_person is not None:
        # the account has no profile yet, so it adopts the person created here
        recorded_person.account = account
        recorded_person.save(update_fields=["account"])
        places.record_registration_change(registration, account, "claimed a registration")
        return registration
    data = RegistrationData(name=recorded_name(recorded_person))
    own_person = _get_or_create_person(registration.meeting, data, invitation=registration.invitation, account=account)
    others = registration.meeting.registrations.filter(person=own_person, status__in=ACTIVE_STATUSES)
    other = others.exclude(pk=registration.pk).first()
    if other is not None:
        end_registration(registration, RegistrationStatus.WITHDRAWN, by=account, verb="already had a place")
        places.promote_from_waiting_list(registration.meeting)
        return other
    _transfer_to_person(registration, own_person, account)
    places.record_registration_change(registration, account, "claimed a registration")
    return registration


def recorded_name(person: Person | None) -> str:
    """Return the name in a person's profile; "" if there is none that a meeting may see."""
    views = get_visible_participants(None, [person] if person else [], subject="")
    return next((view.name for view in views.values()), "")


def _transfer_to_person(registration: models.Registration, own_person: Person, account: Account) -> None:
    """Transfer a registration to the account's own person, whose identity stays hidden if it was hidden before."""
    recorded_person = registration.person
    registration.person = own_person
    registration.save(update_fields=["person"])
    if recorded_person is None:
        return
    if recorded_person.account_id is None:
        transfer_programme_entries(source=recorded_person, target=own_person)
    if own_person.at_risk:
        places.leave_country_quotas(person=own_person)
    if recorded_person.at_risk:
        meeting, pseudonym = registration.meeting, get_pseudonym(registration.meeting, recorded_person)
        hide_participant_profile(
            person=own_person, pseudonym=pseudonym, by=account, meeting=meeting.public_id, own=True
        )
        meeting.pseudonyms.update_or_create(person=own_person, defaults={"name": pseudonym})  # it may be on a badge
    _delete_replaced_person(recorded_person)


def _accept_nomination(
    registration: models.Registration,
    invitation: models.MeetingInvitation,
    data: RegistrationData,
    account: Account | None,
    *,
    now: datetime,
) -> models.Registration:
    """Accept a nomination. Its place has been held since the nomination was made."""
    name = data.name.strip() or recorded_name(registration.person)
    named_data = replace(data, name=name)
    own_person = _get_or_create_person(registration.meeting, named_data, invitation=invitation, account=account)
    registration = places.lock_registration(registration)
    if registration.status != RegistrationStatus.NOMINATED:
        return registration
    same_person = Q(person=own_person) | Q(invitation__email=invitation.email)
    others = registration.meeting.registrations.filter(same_person, status__in=ACTIVE_STATUSES)
    other = others.exclude(pk=registration.pk).first()
    if other is not None:  # they already have a place of their own, so the place held for them is freed
        end_registration(registration, RegistrationStatus.WITHDRAWN, by=account, verb="already had a place")
        places.promote_from_waiting_list(registration.meeting)
        return other
    if registration.person is None or own_person.pk != registration.person.pk:
        assert account is not None  # without an account, the person is the one that the head nominated
        _transfer_to_person(registration, own_person, account)
    registration.status = RegistrationStatus.ASKED if registration.meeting.approval else RegistrationStatus.CONFIRMED
    _apply_preferences(registration, data)
    registration.save()
    _save_answers(registration, category_questions(registration.meeting, registration.category), data.answers)
    _apply_visibility_choices(registration, data, account)
    invitation.answered_at, invitation.person = now, registration.person
    invitation.save(update_fields=["answered_at", "person"])
    places.record_registration_change(registration, account, "accepted a nomination")
    email_participant(registration, EMAIL_FOR_STATUS[RegistrationStatus(registration.status)])
    return registration


def _apply_preferences(registration: models.Registration, data: RegistrationData) -> None:
    registration.gender, registration.language = data.gender, data.language
    registration.listed, registration.photographs = data.listed, data.photographs


def _apply_visibility_choices(
    registration: models.Registration, data: RegistrationData, account: Account | None
) -> None:
    """Save a speaker's naming consent, and hide the identity of a person who asked for this when registering."""
    person, meeting = registration.person, registration.meeting.public_id
    if person is None:
        return
    if data.pseudonym:
        hide_participant_profile(person=person, pseudonym=data.pseudonym, by=account, meeting=meeting, own=True)
    if data.naming_consent_version:  # after hiding, which ends an earlier consent
        give_naming_consent(person=person, version=data.naming_consent_version, by=account)
    if person.at_risk:
        keep_pseudonyms(person=person)
        places.leave_country_quotas(person=person)
        restrict_visibility_at_all_meetings(person)
        registration.refresh_from_db(fields=["listed", "photographs", "counts_by_country"])


def restrict_visibility_at_all_meetings(person: Person) -> None:
    """Restrict a person's visibility at all meetings. Ending the protection does not restore the previous settings."""
    registrations = models.Registration.objects.filter(person=person)
    registrations.update(listed=AccessLevel.ORGANISERS, photographs=False, is_suggested=False)
    models.NetworkingOptIn.objects.filter(registration__in=registrations.values("pk")).delete()


def _delete_replaced_person(person: Person) -> None:
    """Delete the person that a head of delegation created, once that person's own profile replaces it."""
    if (
        person.account_id is None
        and not person.memberships.exists()
        and not person.registrations.exclude(status=RegistrationStatus.NOMINATED).exists()
    ):
        models.MeetingInvitation.objects.filter(person=person).update(person=None)
        person.delete()


def _check_required_answers(questions: Iterable[models.Question], answers: Mapping[int, Any] | None) -> None:
    """Raise `AnswerMissing` if a required answer is missing. `answers` is None if no questions were asked."""
    if answers is not None and any(one.required and answers.get(one.pk) in (None, "", []) for one in questions):
        raise AnswerMissing


def _save_answers(
    registration: models.Registration, questions: Iterable[models.Question], answers: Mapping[int, Any] | None
) -> None:
    if answers is None:
        return
    _check_required_answers(questions, answers)
    for question in questions:
        value = answers.get(question.pk)
        if value in (None, "", []):
            registration.answers.filter(question=question).delete()
        else:
            registration.answers.update_or_create(question=question, defaults={"value": value})
