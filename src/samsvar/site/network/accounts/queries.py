"""Queries for accounts, invitations and the ways to sign in."""

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
from samsvar.network.rights import UNLIMITED_SCOPE, Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import has_claim, in_force_filter, network_scope
from samsvar.site.network.access.queries import log_address_access
from samsvar.site.network.directory.queries.people import VisiblePerson, get_visible_people, managed_person

INVITATION_SESSION_KEY = "samsvar_invitation"  # session key for the token hash of the opened invitation


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A fictional account of the demonstration site, with everything needed to sign in."""

    email: str
    name: str
    role: str
    password: str
    language: str = "en"
    state: str = ""
    network: str = ""
    meeting: str = ""
    code: str = ""  # the fixed TOTP secret of its second factor


def demo_accounts() -> tuple[DemoAccount, ...]:
    """Return the accounts offered on the sign-in page; () unless this is a demonstration site."""
    path: Path | None = settings.SAMSVAR_DEMO_ACCOUNTS
    return _load_demo_accounts(path) if path and settings.SAMSVAR_DEMO else ()


@cache
def _load_demo_accounts(path: Path) -> tuple[DemoAccount, ...]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(DemoAccount(password=data["password"], **entry) for entry in data["account"])


def demo_totp_code(user: Any) -> str:
    """Return a TOTP code that a demo account has not used yet; "" for any other account."""
    from allauth.mfa import app_settings

    from samsvar.site.shell.allauth_internals import format_hotp_value, hotp_value

    demo_account = next((one for one in demo_accounts() if one.email == user.email and one.code), None)
    if demo_account is None:
        return ""
    step = int(time.time()) // app_settings.TOTP_PERIOD
    allowed = app_settings.TOTP_TOLERANCE
    nearest = sorted(range(-allowed, allowed + 1), key=lambda near: (abs(near), -near))
    codes = [format_hotp_value(hotp_value(demo_account.code, step + near)) for near in nearest]
    return next((code for code in codes if cached.get(used_code_key(user.pk, code)) is None), codes[0])


def used_code_key(user_pk: object, code: str) -> str:
    """Return the cache key that records that an account has used a code."""
    return f"samsvar.code:{user_pk}:{code.replace(' ', '')}"


@dataclass(frozen=True, slots=True)
class SignInProvider:
    """An OpenID Connect provider to sign in with. The button submits its form to `url`."""

    name: str
    url: str


def sign_in_providers() -> list[SignInProvider]:
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return [
        SignInProvider(app["name"], reverse("openid_connect_login", kwargs={"provider_id": app["provider_id"]}))
        for app in apps
    ]


def find_account_by_email(email: str) -> models.Account | None:
    return models.Account.objects.filter(email=email.strip().lower()).first()


def find_opened_invitation(session: Any) -> models.Invitation | None:
    """Return the invitation whose link was opened in this browser, if it can still be accepted."""
    token_hash = session.get(INVITATION_SESSION_KEY)
    if not token_hash:
        return None
    invitations = _pending_invitations().select_related("network", "organisation", "invited_by")
    return invitations.filter(token_hash=token_hash).first()


def find_invitation(token_hash: str) -> models.Invitation | None:
    return _pending_invitations().filter(token_hash=token_hash).first()


def _pending_invitations() -> Any:
    return models.Invitation.objects.filter(
        accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now()
    )


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation in the list of invitations. Its `state` is "open", "run_out", "accepted" or "withdrawn"."""

    invitation: models.Invitation
    state: str


def invitable_networks(user: Any) -> list[models.Network]:
    """Return the networks to which this account may currently invite people."""
    networks = models.Network.objects.order_by("name")
    return [network for network in networks if has_claim(user, Claim.INVITE, network_scope(network))]


def list_invitations(user: Any) -> list[InvitationRow]:
    """Return the invitations that this account may see, and log access to the addresses of other accounts.

    An account that may not invite people everywhere sees only the invitations to networks to which it may invite. An
    accepted invitation shows the address of the account that accepted it.
    """
    invitations = models.Invitation.objects.select_related("network", "organisation", "account__person")
    if not has_claim(user, Claim.INVITE, UNLIMITED_SCOPE):
        invitations = invitations.filter(network__in=invitable_networks(user))
    now = timezone.now()
    rows = [InvitationRow(one, _invitation_state(one, now)) for one in invitations[:500]]
    log_address_access([line.invitation.account for line in rows if line.invitation.account], user, "invitations")
    return rows


def _invitation_state(invitation: models.Invitation, now: Any) -> str:
    if invitation.accepted_at:
        return "accepted"
    if invitation.withdrawn_at:
        return "withdrawn"
    return "open" if invitation.expires_at > now else "run_out"


@dataclass(frozen=True, slots=True)
class InvitablePerson:
    """A member without an account, with the networks to which they can be invited."""

    person: models.Person
    view: VisiblePerson
    networks: tuple[models.Network, ...]


def invitable_person(user: Any, public_id: str) -> InvitablePerson | None:
    """Return a member without an account if this user may manage and invite them, or else None."""
    person = managed_person(user, public_id)
    if person is None or person.account_id is not None:
        return None
    today = timezone.now().date()
    current_memberships = person.memberships.filter(Q(ends__isnull=True) | Q(ends__gte=today))
    network_ids = set(current_memberships.values_list("network", flat=True))
    networks = tuple(network for network in invitable_networks(user) if network.pk in network_ids)
    if not networks:
        return None
    (view,) = get_visible_people(user, [person], subject=f"person {public_id}", fields=(Field.NAME, Field.EMAIL))
    return InvitablePerson(person, view, networks)


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The data shown on a user's own account page."""

    email: str
    pending_email: str  # a requested new address that is not yet confirmed
    has_password: bool
    passkeys: int
    has_app: bool
    recovery_codes: int
    sessions: int
    roles: tuple[models.RoleGrant, ...]
    connected_providers: tuple[str, ...]


def own_account(user: Any) -> OwnAccount:
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount
    from allauth.usersessions.models import UserSession

    factors = list(Authenticator.objects.filter(user=user))
    codes = next((one for one in factors if one.type == Authenticator.Type.RECOVERY_CODES), None)
    pending_email = EmailAddress.objects.filter(user=user, verified=False).values_list("email", flat=True).first()
    return OwnAccount(
        email=user.email,
        pending_email=pending_email or "",
        has_password=user.has_usable_password(),
        passkeys=sum(one.type == Authenticator.Type.WEBAUTHN for one in factors),
        has_app=any(one.type == Authenticator.Type.TOTP for one in factors),
        recovery_codes=len(codes.wrap().get_unused_codes()) if codes else 0,
        sessions=UserSession.objects.filter(user=user).count(),
        roles=tuple(user.grants.filter(in_force_filter(timezone.now())).select_related("network")),
        connected_providers=tuple(one.get_provider().name for one in SocialAccount.objects.filter(user=user)),
    )


# A user agent string contains several browser names; the first match in this order is the real one (2026-11).
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox",
            "Chrome": "Chrome", "CriOS": "Chrome", "FxiOS": "Firefox", "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Macintosh": "Mac",
           "CrOS": "ChromeOS", "Linux": "Linux"}  # fmt: skip


def browser_name(user_agent: str) -> str:
    """Return a short name such as "Firefox, Windows"; if unknown, the start of the user agent string itself."""
    parts = [next((name for mark, name in names.items() if mark in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, parts)) or user_agent[:60] or "?"


def demo_emails() -> list[models.OutgoingEmail]:
    """Return the emails of the demonstration site, newest first (at most 100)."""
    return list(models.OutgoingEmail.objects.all()[:100])
