"""Queries of accounts."""

from __future__ import annotations

import time
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache as cached
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from samsvar.network.people import Field
from samsvar.network.rights import ANYTHING, Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import holds, in_force, network_scope
from samsvar.site.network.access.queries import write_sights
from samsvar.site.network.directory.queries.people import PersonView, details_for, managed_person

INVITATION = "samsvar_invitation"  # where a browser's session keeps the invitation whose link was opened


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An invented account of a demonstration, with all that signs it in."""

    email: str
    name: str
    role: str
    password: str
    language: str = "en"
    state: str = ""
    network: str = ""
    meeting: str = ""
    code: str = ""  # the fixed secret of its second factor


def demo_accounts() -> tuple[DemoAccount, ...]:
    """The accounts that the sign-in page offers: none but in a demonstration."""
    path: Path | None = settings.SAMSVAR_DEMO_ACCOUNTS
    return _read(path) if path and settings.SAMSVAR_DEMO else ()


@cache
def _read(path: Path) -> tuple[DemoAccount, ...]:
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(DemoAccount(password=found["password"], **entry) for entry in found["account"])


def demo_code(user: Any) -> str:
    """A code that a demonstration's account would read on its telephone and has not used; "" for everybody else."""
    from allauth.mfa import app_settings
    from allauth.mfa.totp.internal import auth

    demo = next((one for one in demo_accounts() if one.email == user.email and one.code), None)
    if demo is None:
        return ""
    step = int(time.time()) // app_settings.TOTP_PERIOD
    allowed = app_settings.TOTP_TOLERANCE
    nearest = sorted(range(-allowed, allowed + 1), key=lambda near: (abs(near), -near))
    codes = [auth.format_hotp_value(auth.hotp_value(demo.code, step + near)) for near in nearest]
    return next((code for code in codes if cached.get(used_code_key(user.pk, code)) is None), codes[0])


def used_code_key(user_pk: object, code: str) -> str:
    """Where it is kept that an account has used a code."""
    return f"samsvar.code:{user_pk}:{code.replace(' ', '')}"


@dataclass(frozen=True, slots=True)
class Provider:
    """Where else one can sign in; `address` is where our button sends its form."""

    name: str
    address: str


def elsewhere() -> list[Provider]:
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return [
        Provider(app["name"], reverse("openid_connect_login", kwargs={"provider_id": app["provider_id"]}))
        for app in apps
    ]


def account_of(email: str) -> models.Account | None:
    return models.Account.objects.filter(email=email.strip().lower()).first()


def invitation_in(session: Any) -> models.Invitation | None:
    """The invitation whose link this browser opened, as long as it can be accepted."""
    kept = session.get(INVITATION)
    if not kept:
        return None
    return _open_invitations().filter(token_hash=kept).select_related("network", "organisation", "invited_by").first()


def invitation_with(token_hash: str) -> models.Invitation | None:
    return _open_invitations().filter(token_hash=token_hash).first()


def _open_invitations() -> Any:
    return models.Invitation.objects.filter(
        accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now()
    )


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """One invitation as those see it who may invite; `state` is "open", "run_out", "accepted" or "withdrawn"."""

    invitation: models.Invitation
    state: str


def networks_to_invite_to(user: Any) -> list[models.Network]:
    """The networks that this account may invite to, now."""
    networks = models.Network.objects.order_by("name")
    return [network for network in networks if holds(user, Claim.INVITE, network_scope(network))]


def invitations_for(user: Any) -> list[InvitationLine]:
    """The invitations that this account may see: of the networks it may invite to; all for whoever invites anywhere.

    Whoever accepted one is seen by the address of their account, and that is written down.
    """
    invitations = models.Invitation.objects.select_related("network", "organisation", "account__person")
    if not holds(user, Claim.INVITE, ANYTHING):
        invitations = invitations.filter(network__in=networks_to_invite_to(user))
    now = timezone.now()
    lines = [InvitationLine(one, _state(one, now)) for one in invitations[:500]]
    write_sights([line.invitation.account for line in lines if line.invitation.account], user, "invitations")
    return lines


def _state(invitation: models.Invitation, now: Any) -> str:
    if invitation.accepted_at:
        return "accepted"
    if invitation.withdrawn_at:
        return "withdrawn"
    return "open" if invitation.expires_at > now else "run_out"


@dataclass(frozen=True, slots=True)
class ToInvite:
    """A member without an account, as their secretariat invites them: who they are, where to, to which networks."""

    person: models.Person
    view: PersonView
    networks: tuple[models.Network, ...]


def person_to_invite(user: Any, public_id: str) -> ToInvite | None:
    """A member without an account whom this user may manage and invite; None for everybody else, as for nobody."""
    person = managed_person(user, public_id)
    if person is None or person.account_id is not None:
        return None
    today = timezone.now().date()
    running = person.memberships.filter(Q(ends__isnull=True) | Q(ends__gte=today)).values("network")
    networks = tuple(one for one in networks_to_invite_to(user) if one.pk in {row["network"] for row in running})
    if not networks:
        return None
    (view,) = details_for(user, [person], subject=f"person {public_id}", fields=(Field.NAME, Field.EMAIL))
    return ToInvite(person, view, networks)


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """What an account's own page says of it."""

    email: str
    pending: str  # an address that was asked for and is not confirmed yet
    has_password: bool
    passkeys: int
    app: bool
    recovery_codes: int
    sessions: int
    roles: tuple[models.RoleGrant, ...]
    elsewhere: tuple[str, ...]


def own_account(user: Any) -> OwnAccount:
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount
    from allauth.usersessions.models import UserSession

    factors = list(Authenticator.objects.filter(user=user))
    codes = next((one for one in factors if one.type == Authenticator.Type.RECOVERY_CODES), None)
    now = timezone.now()
    return OwnAccount(
        email=user.email,
        pending=EmailAddress.objects.filter(user=user, verified=False).values_list("email", flat=True).first() or "",
        has_password=user.has_usable_password(),
        passkeys=sum(one.type == Authenticator.Type.WEBAUTHN for one in factors),
        app=any(one.type == Authenticator.Type.TOTP for one in factors),
        recovery_codes=len(codes.wrap().get_unused_codes()) if codes else 0,
        sessions=UserSession.objects.filter(user=user).count(),
        roles=tuple(user.grants.filter(in_force(now)).select_related("network")),
        elsewhere=tuple(one.get_provider().name for one in SocialAccount.objects.filter(user=user)),
    )


# What a browser calls itself says many names; the first of these that it says is what its user calls it (2026-11).
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox",
            "Chrome": "Chrome", "CriOS": "Chrome", "FxiOS": "Firefox", "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Macintosh": "Mac",
           "CrOS": "ChromeOS", "Linux": "Linux"}  # fmt: skip


def browser_name(user_agent: str) -> str:
    """ "Firefox, Windows": what a browser calls itself, as short as its user would say it; its own words otherwise."""
    found = [next((name for mark, name in names.items() if mark in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or user_agent[:60] or "?"


def demo_letters() -> list[models.Letter]:
    """The outbox of a demonstration, the latest first."""
    return list(models.Letter.objects.all()[:100])
