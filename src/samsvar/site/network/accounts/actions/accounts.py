"""Actions on accounts: invitations, sign-up and ending sessions."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from samsvar.ids import hash_secret
from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.membership import Office
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import can_manage_person, clear_cached_access, has_claim, network_scope
from samsvar.site.network.directory.actions.consent import record_basis
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.network.membership.actions.members import appoint
from samsvar.site.shell.errors import SiteError
from samsvar.site.shell.templatetags.samsvar import day

TOKEN_BYTES = 32  # 256 bits
MEMBERSHIP_NOTE = "network membership, started by accepting its invitation"


class InvitationExpired(SiteError):
    """The invitation has been used or withdrawn, or has expired."""

    message = _("This invitation is no longer valid.")
    advice = _("Ask the person who invited you for a new invitation.")


class AlreadyInvited(SiteError):
    """The address already has an open invitation to this network."""

    message = _("This address already has a pending invitation.")
    advice = _("Resend that invitation, or withdraw it first.")


class InvitationAddressMismatch(SiteError):
    """The account's address is not the one that was invited."""

    message = _("This invitation is for a different address from the one on your account.")
    advice = _("Sign out and open the link in the email again, or ask for an invitation to your own address.")


class PersonNotInvitable(SiteError):
    """The person already has an account, or is not a current member of the given network."""

    message = _("This person already has an account, or is not a member of this network.")
    advice = _("Send a new invitation without linking it to an existing person.")


class PersonAlreadyInvited(SiteError):
    """The person already has an open invitation. With a second one, two different people could accept."""

    message = _("This person already has a pending invitation.")
    advice = _("Resend that invitation, or withdraw it first.")


class ProfileAlreadyExists(SiteError):
    """The account already belongs to a different person from the one invited."""

    message = _("Your account already has its own profile.")
    advice = _("Ask the secretariat to invite you to the network without linking the invitation to an existing person.")


def invite_to_account(
    *,
    email: str,
    by: models.Account | None,
    network: models.Network | None = None,
    organisation: models.Organisation | None = None,
    office: str = "",
    language: str = "en",
    person: models.Person | None = None,
) -> models.Invitation:
    """Invite the owner of an address to create an account and, if a network is given, to join it.

    `by` is None if a command sends the invitation. `person` is a member of that network without an account. The account
    that accepts is attached to this person, with their office and all their data, so only the person's own secretariat
    may invite them. Only the email contains the token; the database stores its hash.
    """
    _require_invite_permission(by, network)
    email = email.strip().lower()
    if models.Invitation.objects.filter(_pending_invitations_filter(), email=email, network=network).exists():
        raise AlreadyInvited
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        if person is not None:
            office, organisation = _get_invitee_office(person, network, by=by)
        office = office or (Office.MEMBER if network else "")
        invitation = models.Invitation.objects.create(
            person=person, email=email, language=language, network=network, organisation=organisation, office=office,
            invited_by=by, token_hash=hash_secret(token), expires_at=_expiry_time(),
        )  # fmt: skip
        _send_invitation_email(invitation, token)
        _record_invitation(invitation, "invited", by=by, person=person)
    return invitation


def resend_invitation(*, invitation: models.Invitation, by: models.Account) -> models.Invitation:
    """Send an invitation again with a new token and expiry date; the earlier link stops working."""
    _require_invite_permission(by, invitation.network)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        invitation = models.Invitation.objects.select_for_update().get(pk=invitation.pk)
        if invitation.accepted_at or invitation.withdrawn_at:
            raise InvitationExpired
        invitation.token_hash, invitation.expires_at = hash_secret(token), _expiry_time()
        invitation.save(update_fields=["token_hash", "expires_at"])
        _send_invitation_email(invitation, token)
        _record_invitation(invitation, "invited again", by=by)
    return invitation


def withdraw_invitation(*, invitation: models.Invitation, by: models.Account) -> models.Invitation:
    """Withdraw an invitation, so that its link stops working."""
    _require_invite_permission(by, invitation.network)
    with transaction.atomic():
        now = timezone.now()
        pending = models.Invitation.objects.filter(_pending_invitations_filter(include_expired=True), pk=invitation.pk)
        if not pending.update(withdrawn_at=now):
            raise InvitationExpired
        record(by=by, verb="withdrew an invitation", subject=f"invitation {invitation.public_id}")
    invitation.withdrawn_at = now
    return invitation


def accept_invitation(*, invitation: models.Invitation, account: models.Account, name: str = "") -> models.Person:
    """Set up an account as invited: with a person, the reader role and, if invited by a network, a membership.

    The account's address must be the invited one, so an invitation that was passed on is useless.
    """
    if account.email != invitation.email:
        raise InvitationAddressMismatch
    with transaction.atomic():
        pending = models.Invitation.objects.filter(_pending_invitations_filter(), pk=invitation.pk)
        if not pending.update(accepted_at=timezone.now(), account=account):
            raise InvitationExpired
        is_existing_member = invitation.person_id is not None  # existing members keep their membership
        if invitation.person_id is not None:
            _attach_account(account, invitation.person_id)
        person = _get_or_create_person(account, name, language=invitation.language)
        if invitation.network is not None and not is_existing_member and not _already_holds_office(person, invitation):
            _add_membership(person, invitation, invitation.network)
        _give_reader_role(account, by=invitation.invited_by, reason="accepted an invitation")
        _record_invitation(invitation, "accepted an invitation", by=account, person=person)
    return person


def set_up_reader_account(*, account: models.Account, name: str = "") -> models.Person:
    """Set up an account with the reader role for a person who signed up on a site with open sign-up."""
    with transaction.atomic():
        person = _get_or_create_person(account, name, language=account.language)
        _give_reader_role(account, by=None, reason="signed up")
        record(by=account, verb="signed up", subject=f"account {account.public_id}", person=person.public_id)
    return person


def create_account(*, email: str, password: str | None, language: str = "") -> models.Account:
    """Create an account from the command line. Its address counts as verified, because the operator vouches for it."""
    with transaction.atomic():
        account = get_user_model().objects.create_user(email, password, language=language)
        EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=True)
        record(by=None, verb="created an account", subject=f"account {account.public_id}")
    return account


def end_sessions(*, account: models.Account, by: models.Account | None, reason: str = "") -> int:
    """End all sessions of an account immediately, on all devices, and return their number."""
    with transaction.atomic():
        sessions = list(UserSession.objects.filter(user=account))
        for session in sessions:
            session.end()
        models.StaffSession.objects.filter(account=account, closed_at__isnull=True).update(closed_at=timezone.now())
        subject, details = f"account {account.public_id}", {"sessions": len(sessions)}
        record(by=by, verb="ended sessions", subject=subject, details=details, reason=reason)
    return len(sessions)


def end_session(*, session: UserSession, by: models.Account) -> None:
    """End one of the user's own sessions immediately."""
    if session.user_id != by.pk:
        raise PermissionDenied
    with transaction.atomic():
        session.end()
        record(by=by, verb="ended a session", subject=f"account {by.public_id}")


def _require_invite_permission(by: models.Account | None, network: models.Network | None) -> None:
    if by is not None and not has_claim(by, Claim.INVITE, network_scope(network)):
        raise PermissionDenied


def _expiry_time() -> datetime:
    return timezone.now() + timedelta(days=settings.SAMSVAR_INVITATION_DAYS)


def _pending_invitations_filter(*, include_expired: bool = False) -> Q:
    q = Q(accepted_at__isnull=True, withdrawn_at__isnull=True)
    return q if include_expired else q & Q(expires_at__gt=timezone.now())


def _record_invitation(
    invitation: models.Invitation, verb: str, *, by: models.Account | None, person: models.Person | None = None
) -> None:
    """Record an action on an invitation in the audit log, without the address."""
    details = {"network": invitation.network.slug if invitation.network else "", "office": invitation.office}
    subject, person_id = f"invitation {invitation.public_id}", person.public_id if person else ""
    record(by=by, verb=verb, subject=subject, details=details, person=person_id)


def _not_ended_filter() -> Q:
    """Return a filter for memberships that have not ended, including those that begin later."""
    return Q(ends__isnull=True) | Q(ends__gte=timezone.now().date())


def _send_invitation_email(invitation: models.Invitation, token: str) -> None:
    with override(invitation.language):
        until = day(invitation.expires_at.date())
    notify(
        EmailRecipient(invitation.email, invitation.language),
        "network/invitation_to_network" if invitation.network else "network/invitation",
        page="network:open-invitation",
        args=[token],
        network=invitation.network.name if invitation.network else "",
        until=until,
    )


def _get_invitee_office(
    person: models.Person, network: models.Network | None, *, by: models.Account | None
) -> tuple[str, models.Organisation | None]:
    """Return an invited member's current office and organisation; raise an error if the member cannot be invited."""
    if by is not None and not can_manage_person(by, person):
        raise PermissionDenied
    # Locked: otherwise, two simultaneous invitations would each find no other open one.
    locked = models.Person.objects.select_for_update().get(pk=person.pk)
    membership = locked.memberships.filter(_not_ended_filter(), network=network).first()
    if network is None or membership is None or locked.account_id is not None or locked.erased_at is not None:
        raise PersonNotInvitable
    if locked.invitations.filter(_pending_invitations_filter()).exists():
        raise PersonAlreadyInvited
    return membership.office, membership.organisation


def _attach_account(account: models.Account, person_id: int) -> None:
    """Attach an account to a person; raise `ProfileAlreadyExists` or `InvitationExpired` if either is taken."""
    if models.Person.objects.filter(account=account).exists():
        raise ProfileAlreadyExists
    unattached = models.Person.objects.filter(pk=person_id, account__isnull=True, erased_at__isnull=True)
    if not unattached.update(account=account):
        raise InvitationExpired
    clear_cached_access(account)


def _get_or_create_person(account: models.Account, name: str, *, language: str) -> models.Person:
    """Return an account's person, created if needed; a missing name is added, visible only to the secretariat."""
    if language and not account.language:
        account.language = language
        account.save(update_fields=["language"])
    person, _created = models.Person.objects.get_or_create(account=account)
    if name and not person.details.filter(field=Field.NAME).exists():
        models.Detail.objects.create(person=person, field=Field.NAME, value=name, visibility=Visibility.SECRETARIAT)
    clear_cached_access(account)
    return person


def _already_holds_office(person: models.Person, invitation: models.Invitation) -> bool:
    """Return whether the person currently holds the office they are invited to."""
    memberships = person.memberships.filter(network=invitation.network, office=invitation.office)
    return memberships.filter(_not_ended_filter()).exists()


def _add_membership(person: models.Person, invitation: models.Invitation, network: models.Network) -> None:
    """Make a person a member. No further permission is needed: the secretariat decided when it sent the invitation."""
    organisation, today, purpose = invitation.organisation, timezone.now().date(), Purpose.MEMBERSHIP
    appoint(
        network=network, person=person, by=None, office=Office(invitation.office), begins=today,
        state=organisation.state_id if organisation else None, organisation=organisation,
    )  # fmt: skip
    if not person.bases.filter(purpose=purpose, until__isnull=True).exists():
        record_basis(person=person, purpose=purpose, ground=LegalBasis.CONTRACT, note=MEMBERSHIP_NOTE, by=None)


def _give_reader_role(account: models.Account, *, by: models.Account | None, reason: str) -> None:
    """Give the reader role unless the account has ever had it: an invitation must not undo its removal."""
    if not account.grants.filter(role=Role.READER).exists():
        clear_cached_access(account)
        models.RoleGrant.objects.create(
            account=account, role=Role.READER, since=timezone.now(), given_by=by, reason=reason
        )
