"""Accounts: invited, accepted, closed; and the letters that go with them."""

from __future__ import annotations

import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import override

from samsvar.ids import secret_hash
from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.membership import NetworkError, Office
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import can_manage, forget_access, holds, network_scope
from samsvar.site.network.directory.actions.consent import record_basis
from samsvar.site.network.emails.actions import post_letter
from samsvar.site.network.membership.actions.members import appoint
from samsvar.site.shell.templatetags.samsvar import day

TOKEN_BYTES = 32  # 256 bits
MEMBERSHIP_NOTE = "membership of a network, begun by accepting its invitation"


class InvitationGone(NetworkError):
    """The invitation was used, withdrawn, or has run out."""

    code = "invitation_gone"
    advice = "Ask who invited you for another one."

    def __init__(self) -> None:
        super().__init__("This invitation is not valid any more.")


class InvitedBefore(NetworkError):
    """There is an open invitation of the same network to the same address."""

    code = "invited_before"
    advice = "Send it again, or withdraw it first."

    def __init__(self) -> None:
        super().__init__("This address has an open invitation already.")


class InvitationForSomebodyElse(NetworkError):
    """An invitation was opened by somebody with another address."""

    code = "invitation_for_somebody_else"
    advice = "Sign out, and open the letter's link again; or ask for an invitation to your own address."

    def __init__(self) -> None:
        super().__init__("This invitation is for another address than that of your account.")


class HasAccountAlready(NetworkError):
    """An account was offered to a member who has one, or who is not, or no more, a member of the network named."""

    code = "has_account_already"
    advice = "Invite somebody anew, without naming a person."

    def __init__(self) -> None:
        super().__init__("This person has an account already, or is not a member of this network.")


class PersonInvitedBefore(NetworkError):
    """There is an open invitation to the same person: two of them could be accepted by two."""

    code = "person_invited_before"
    advice = "Send it again, or withdraw it first."

    def __init__(self) -> None:
        super().__init__("This person has an open invitation already.")


class HasAnEntryAlready(NetworkError):
    """An invitation for one person was opened with the account of another one."""

    code = "has_an_entry_already"
    advice = "Ask the secretariat to invite you to the network without naming a person."

    def __init__(self) -> None:
        super().__init__("Your account has an entry of its own already.")


def invite(
    *,
    email: str,
    by: models.Account | None,
    host: str,
    join_url: str,
    network: models.Network | None = None,
    organisation: models.Organisation | None = None,
    office: str = "",
    language: str = "en",
    person: models.Person | None = None,
) -> models.Invitation:
    """Offer an account to an address, and a place in a network where one is named; `by` None: a command.

    `person` is a member of that network who has no account yet: whoever accepts is that person, with their place and
    all that is known of them. So only their own secretariat may say so.

    `join_url` holds "TOKEN" where the token goes. Only the letter knows it; the database holds what it hashes to.
    """
    _must_hold(by, network)
    email = email.strip().lower()
    if models.Invitation.objects.filter(_open(), email=email, network=network).exists():
        raise InvitedBefore
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        if person is not None:
            office, organisation = _place_of(person, network, by=by)
        invitation = models.Invitation.objects.create(
            person=person,
            token_hash=secret_hash(token),
            email=email,
            language=language,
            network=network,
            organisation=organisation,
            office=office or (Office.MEMBER if network else ""),
            invited_by=by,
            expires_at=timezone.now() + timedelta(days=settings.SAMSVAR_INVITATION_DAYS),
        )
        _write_to_invited(invitation, token, host=host, join_url=join_url)
        record(
            by=by,
            verb="invited",
            subject=f"invitation {invitation.public_id}",
            details=_about(invitation),
            person=person.public_id if person else "",
        )
    return invitation


def send_invitation_again(
    *, invitation: models.Invitation, by: models.Account, host: str, join_url: str
) -> models.Invitation:
    """Send a new letter with a new token and a new end; the old letter's link opens nothing any more."""
    _must_hold(by, invitation.network)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        invitation = models.Invitation.objects.select_for_update().get(pk=invitation.pk)
        if invitation.accepted_at or invitation.withdrawn_at:
            raise InvitationGone
        invitation.token_hash = secret_hash(token)
        invitation.expires_at = timezone.now() + timedelta(days=settings.SAMSVAR_INVITATION_DAYS)
        invitation.save(update_fields=["token_hash", "expires_at"])
        _write_to_invited(invitation, token, host=host, join_url=join_url)
        record(by=by, verb="invited again", subject=f"invitation {invitation.public_id}", details=_about(invitation))
    return invitation


def withdraw_invitation(*, invitation: models.Invitation, by: models.Account) -> models.Invitation:
    """Take an invitation back; its link opens nothing from now on."""
    _must_hold(by, invitation.network)
    with transaction.atomic():
        now = timezone.now()
        if not models.Invitation.objects.filter(_open(expired_too=True), pk=invitation.pk).update(withdrawn_at=now):
            raise InvitationGone
        record(by=by, verb="withdrew an invitation", subject=f"invitation {invitation.public_id}")
    invitation.withdrawn_at = now
    return invitation


def accept_invitation(*, invitation: models.Invitation, account: models.Account, name: str = "") -> models.Person:
    """Make of an account what its invitation says: a person, a member where a network invited, a reader.

    The account's own address has to be the invited one: an invitation that was passed on opens nothing.
    """
    if account.email != invitation.email:
        raise InvitationForSomebodyElse
    with transaction.atomic():
        now = timezone.now()
        taken = models.Invitation.objects.filter(_open(), pk=invitation.pk).update(accepted_at=now, account=account)
        if not taken:
            raise InvitationGone
        if invitation.person_id is not None:
            _bind(account, invitation.person_id)
        person = _person_of(account, name, language=invitation.language)
        # a member who is known already stays what they are
        known = invitation.person_id is not None
        if invitation.network is not None and not known and not _is_member(person, invitation):
            _make_member(person, invitation, invitation.network)
        _make_reader(account, by=invitation.invited_by, reason="accepted an invitation")
        record(
            by=account,
            verb="accepted an invitation",
            subject=f"invitation {invitation.public_id}",
            details=_about(invitation),
            person=person.public_id,
        )
    return person


def open_account(*, account: models.Account, name: str = "") -> models.Person:
    """What somebody gets who signed up by themselves, where the site is open for that: a reader's account."""
    with transaction.atomic():
        person = _person_of(account, name, language=account.language)
        _make_reader(account, by=None, reason="signed up")
        record(by=account, verb="signed up", subject=f"account {account.public_id}", person=person.public_id)
    return person


def add_account(*, email: str, password: str | None, language: str = "") -> models.Account:
    """Make an account by command, its address held to be right by who runs the machine."""
    with transaction.atomic():
        account = get_user_model().objects.create_user(email, password, language=language)
        EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=True)
        record(by=None, verb="made an account", subject=f"account {account.public_id}")
    return account


def end_sessions(*, account: models.Account, by: models.Account | None, why: str = "") -> int:
    """End every session of an account, on all machines, at once; returns how many there were."""
    with transaction.atomic():
        sessions = list(UserSession.objects.filter(user=account))
        for session in sessions:
            session.end()
        models.StaffSession.objects.filter(account=account, closed_at__isnull=True).update(closed_at=timezone.now())
        record(
            by=by,
            verb="ended sessions",
            subject=f"account {account.public_id}",
            details={"sessions": len(sessions)},
            why=why,
        )
    return len(sessions)


def end_session(*, session: UserSession, by: models.Account) -> None:
    """End one session of one's own, at once."""
    if session.user_id != by.pk:
        raise PermissionDenied
    with transaction.atomic():
        session.end()
        record(by=by, verb="ended a session", subject=f"account {by.public_id}")


def _must_hold(by: models.Account | None, network: models.Network | None) -> None:
    if by is not None and not holds(by, Claim.INVITE, network_scope(network)):
        raise PermissionDenied


def _open(*, expired_too: bool = False) -> Q:
    q = Q(accepted_at__isnull=True, withdrawn_at__isnull=True)
    return q if expired_too else q & Q(expires_at__gt=timezone.now())


def _about(invitation: models.Invitation) -> dict[str, str]:
    """What the trail keeps: never the address."""
    return {"network": invitation.network.slug if invitation.network else "", "office": invitation.office}


def _write_to_invited(invitation: models.Invitation, token: str, *, host: str, join_url: str) -> None:
    with override(invitation.language):
        until = day(invitation.expires_at.date())
    post_letter(
        to=invitation.email,
        kind="network/invitation_to_network" if invitation.network else "network/invitation",
        language=invitation.language,
        host=host,
        context={
            "join_url": join_url.replace("TOKEN", token),
            "network": invitation.network.name if invitation.network else "",
            "until": until,
        },
    )


def _place_of(
    person: models.Person, network: models.Network | None, *, by: models.Account | None
) -> tuple[str, models.Organisation | None]:
    """What the letter calls them: the place in the network that they have. Raises for whom nobody may invite so."""
    if by is not None and not can_manage(by, person):
        raise PermissionDenied
    locked = models.Person.objects.select_for_update().get(pk=person.pk)  # two at once would both find none open
    today = timezone.now().date()
    place = locked.memberships.filter(Q(ends__isnull=True) | Q(ends__gte=today), network=network).first()
    if network is None or place is None or locked.account_id is not None or locked.erased_at is not None:
        raise HasAccountAlready
    if locked.invitations.filter(_open()).exists():
        raise PersonInvitedBefore
    return place.office, place.organisation


def _bind(account: models.Account, person: int) -> None:
    """Make an account that of a person who has none. One that is another person's already is left as it is."""
    if models.Person.objects.filter(account=account).exists():
        raise HasAnEntryAlready
    free = models.Person.objects.filter(pk=person, account__isnull=True, erased_at__isnull=True)
    if not free.update(account=account):
        raise InvitationGone
    forget_access(account)


def _person_of(account: models.Account, name: str, *, language: str) -> models.Person:
    """The person of an account, made where there is none, with the name that they gave, for the secretariat alone."""
    if language and not account.language:
        account.language = language
        account.save(update_fields=["language"])
    person, _made = models.Person.objects.get_or_create(account=account)
    if name and not person.details.filter(field=Field.NAME).exists():
        models.Detail.objects.create(person=person, field=Field.NAME, value=name, visibility=Visibility.SECRETARIAT)
    forget_access(account)
    return person


def _is_member(person: models.Person, invitation: models.Invitation) -> bool:
    """Whether they hold this office already, so that a second invitation does no harm."""
    today = timezone.now().date()
    return person.memberships.filter(
        Q(ends__isnull=True) | Q(ends__gte=today), network=invitation.network, office=invitation.office
    ).exists()


def _make_member(person: models.Person, invitation: models.Invitation, network: models.Network) -> None:
    """A place in the network that invited: its secretariat decided so when it wrote the invitation."""
    office, organisation = Office(invitation.office), invitation.organisation
    appoint(
        network=network,
        person=person,
        by=None,
        office=office,
        begins=timezone.now().date(),
        state=organisation.state_id if organisation else None,
        organisation=organisation,
    )
    if not person.bases.filter(purpose=Purpose.MEMBERSHIP, until__isnull=True).exists():
        record_basis(person=person, purpose=Purpose.MEMBERSHIP, ground=Ground.CONTRACT, note=MEMBERSHIP_NOTE, by=None)


def _make_reader(account: models.Account, *, by: models.Account | None, reason: str) -> None:
    """A reader, where the account never was one: what a person ended, no letter of an invitation undoes."""
    if not account.grants.filter(role=Role.READER).exists():
        forget_access(account)
        models.RoleGrant.objects.create(
            account=account, role=Role.READER, since=timezone.now(), given_by=by, reason=reason
        )
