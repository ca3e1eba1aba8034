"""Accounts and people for tests, each invented, each with an address in `.example`."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import STAFF, Role
from samsvar.site.network import models
from samsvar.site.network.access.middleware import browser_of

HALF_MINUTE = 30  # seconds for which a code of an app counts
PASSWORD = "a long and quiet street"
_numbers = itertools.count(1)


def make_account(*roles: Role, email: str = "", password: str | None = PASSWORD, **scope: Any) -> models.Account:
    """An account with these roles; `state=`, `network=` and `meeting=` bind all of them."""
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
    """Sign an account in; staff with a second factor unless told otherwise; `staff_session`: one with this reason."""
    client.force_login(account)
    if second_factor is None:
        second_factor = account.grants.filter(role__in=STAFF).exists()
    session = client.session
    records = [{"method": "password", "at": time.time(), "email": account.email}]
    if second_factor:
        records.append({"method": "mfa", "at": time.time(), "type": "totp"})
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = str(account.pk)  # allauth believes no other account's records
    session.save()
    if staff_session:
        models.StaffSession.objects.create(
            account=account,
            browser=browser_of(session.session_key),
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
    """A person with details, all of one visibility; `consents` are given now, to the text of the tests."""
    person = models.Person.objects.create(account=account, invented=True, **columns)
    for field, values in (details or {Field.NAME: f"Invented Person {person.pk}"}).items():
        for value in [values] if isinstance(values, str) else values:
            models.Detail.objects.create(person=person, field=field, value=value, visibility=visibility)
    for purpose in consents:
        models.Basis.objects.create(
            person=person, purpose=purpose, ground=Ground.CONSENT, since=timezone.now(), text_version="tests"
        )
    return person


def code_of_app(secret: str) -> str:
    """What an app would show now; near the end of its half minute, what it shows after that has begun.

    The site looks at the clock a moment later, and takes no code of the half minute before.
    """
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    left = HALF_MINUTE - time.time() % HALF_MINUTE
    if left < 3:
        time.sleep(left + 0.05)
    return format_hotp_value(hotp_value(secret, int(time.time()) // HALF_MINUTE))


def make_network(slug: str = "lantern", **columns: Any) -> models.Network:
    return models.Network.objects.create(slug=slug, name=slug.title(), invented=True, **columns)


def join(network: models.Network, person: models.Person, office: str = "member", **columns: Any) -> models.Membership:
    return models.Membership.objects.create(network=network, person=person, office=office, **columns)
