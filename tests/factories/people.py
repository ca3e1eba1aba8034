"""Factories for fictional accounts and people, each with an address in `.example`."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import STAFF_ROLES, Role
from samsvar.site.network import models
from samsvar.site.network.access.middleware import hash_session_key

CODE_PERIOD = 30  # seconds for which an authenticator app's code is valid
PASSWORD = "a long and quiet street"
_numbers = itertools.count(1)


def make_account(*roles: Role, email: str = "", password: str | None = PASSWORD, **scope: Any) -> models.Account:
    """Create an account with these roles; `state=`, `network=` and `meeting=` limit all of them."""
    account = get_user_model().objects.create_user(email or f"somebody-{next(_numbers)}@network.example", password)
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=True)
    for role in roles:
        models.RoleGrant.objects.create(
            account=account,
            role=role,
            since=timezone.now(),
            state_id=scope.get("state"),
            network=scope.get("network"),
            meeting=scope.get("meeting", ""),
        )
    return account


def sign_in(
    client: Client, account: models.Account, *, second_factor: bool | None = None, staff_session: str = ""
) -> Client:
    """Sign in an account, staff with a second factor by default; `staff_session` opens one with this reason."""
    client.force_login(account)
    if second_factor is None:
        second_factor = account.grants.filter(role__in=STAFF_ROLES).exists()
    session = client.session
    records = [{"method": "password", "at": time.time(), "email": account.email}]
    if second_factor:
        records.append({"method": "mfa", "at": time.time(), "type": "totp"})
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = str(account.pk)  # allauth ignores records of another account
    session.save()
    if staff_session:
        models.StaffSession.objects.create(
            account=account,
            browser=hash_session_key(session.session_key),
            reason=staff_session,
            ends_at=timezone.now() + timedelta(minutes=30),
        )
    return client


def make_person(
    *,
    account: models.Account | None = None,
    visibility: Visibility = Visibility.SECRETARIAT,
    consents: tuple[Purpose, ...] = (),
    details: dict[Field, str | list[str]] | None = None,
    **columns: Any,
) -> models.Person:
    """Create a person with details of one visibility; `consents` are given now, to the text version "tests"."""
    person = models.Person.objects.create(account=account, fictional=True, **columns)
    for field, values in (details or {Field.NAME: f"Fictional Person {person.pk}"}).items():
        for value in [values] if isinstance(values, str) else values:
            models.Detail.objects.create(person=person, field=field, value=value, visibility=visibility)
    for purpose in consents:
        models.Basis.objects.create(
            person=person, purpose=purpose, ground=LegalBasis.CONSENT, since=timezone.now(), text_version="tests"
        )
    return person


def authenticator_code(secret: str) -> str:
    """Return the code that an authenticator app shows now; near the end of its half minute, wait for the next one.

    The site checks the time a moment later and does not accept the code of the previous half minute.
    """
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    left = CODE_PERIOD - time.time() % CODE_PERIOD
    if left < 3:
        time.sleep(left + 0.05)
    return format_hotp_value(hotp_value(secret, int(time.time()) // CODE_PERIOD))


def make_network(slug: str = "lantern", **columns: Any) -> models.Network:
    return models.Network.objects.create(slug=slug, name=slug.title(), fictional=True, **columns)


def make_membership(
    network: models.Network, person: models.Person, office: str = "member", **columns: Any
) -> models.Membership:
    return models.Membership.objects.create(network=network, person=person, office=office, **columns)
