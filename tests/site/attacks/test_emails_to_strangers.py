"""No public form is a way to flood mailboxes, and no one can use its limit to shut honest people out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.meeting import RegistrationPolicy
from samsvar.network.rights import Claim, Role
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import delegations
from samsvar.site.meetings.registration.actions.emails import link_token
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import make_contribution, make_meeting, make_organiser, make_registration
from tests.factories.people import make_account
from tools.rights import all_routes

pytestmark = pytest.mark.django_db

MOST_FROM_ONE_NETWORK, MOST_TO_ONE_TARGET = 10, 3  # in a minute, in ten minutes

# Public forms that send no email to an address that the visitor enters or can choose freely.
SENDS_TO_NO_STRANGER = {
    "openid_connect_login": "leads to the provider",
    "openid_connect_callback": "comes from the provider",
    "meetings:commitment": "progress by an account, to the organisers",
    "meetings:commitment-progress": "by link; no email",
    "meetings:commitment-progress-detail": "by link; no email",
    "implementation:ask-link": "by link; no email",
    "implementation:ask-link-upload": "by link; no email",
    "implementation:end-ask-emails": "by link; no email",
    "implementation:end-digest": "by link; no email",
    "following:end-digest": "by link; no email",
    "monitoring:report-label": "no email",
    "meetings:survey-by-link": "anonymous answers; no email",
    "meetings:speaker-page": "by link, to the speaker and the organisers",
    "meetings:invitation": "by link, to its own address and the head of delegation",
    "meetings:registration-link": "by link, to its own address, the head of delegation and secretariats",
    "meetings:submit-by-link": "by link, to its own address",
    "meetings:make-calendar-by-link": "no email",
    "meetings:choose-by-link": "no email",
    "meetings:letter": "no email",
    "account_login": "no email",
    "mfa_authenticate": "no email",
    "mfa_login_webauthn": "no email",
    "account_confirm_login_code": "not offered",
    "account_logout": "no email",
    "account_signup": "by invitation, to the invited address",
    "socialaccount_signup": "by invitation, to the invited address",
    "account_reset_password_from_key": "by link, to the account's own address",
    "account_confirm_email": "by link; no email",
}


class Form:
    """A public form that sends emails: its address, how to fill it in, and a target that would get an email."""

    def __init__(self, url: str, make_target: Callable[[int], str], **data: Any) -> None:
        self.url, self.make_target, self.data = url, make_target, data

    def post(self, target: str, network: str) -> int:
        """Post the form from a network address and return how many emails the target got."""
        before = OutgoingEmail.objects.filter(to__iexact=target).count()
        Client(REMOTE_ADDR=network).post(self.url, {"email": target, **self.data})
        return OutgoingEmail.objects.filter(to__iexact=target).count() - before


@pytest.fixture
def forms() -> dict[str, Form]:
    cache.clear()
    now = timezone.now()
    days = {"begins": (now + timedelta(days=30)).date(), "ends": (now + timedelta(days=31)).date()}
    meeting = make_meeting(entry=RegistrationPolicy.OPEN, opens_at=now - timedelta(days=1), **days)
    contribution_meeting = make_contribution(make_meeting()).call.meeting
    delegation = delegations.create_delegation(
        meeting=meeting, by=make_organiser(meeting), places=500, head_email="head@network.example", state="",
        nominate_until=now + timedelta(days=5),
    )  # fmt: skip

    def stranger(number: int) -> str:
        return f"target-{number}@strangers.example"

    def account(number: int) -> str:
        return make_account(Role.READER, email=f"account-{number}@network.example").email

    def participant(number: int) -> str:
        email = f"participant-{number}@network.example"
        make_registration(meeting, account=make_account(email=email))
        return email

    slug = [meeting.public_id]
    return {
        "meetings:register": Form(reverse("meetings:register", args=slug), stranger),
        "meetings:resend-link": Form(reverse("meetings:resend-link"), participant),
        "meetings:submit-contribution": Form(
            reverse("meetings:submit-contribution", args=[contribution_meeting.public_id]), stranger
        ),
        "meetings:delegation": Form(
            reverse("meetings:delegation", args=[*slug, link_token(delegation)]), stranger, name="Some One",
            category="participant", language="en",
        ),
        "account_reset_password": Form(reverse("account_reset_password"), account),
    }  # fmt: skip


NAMES = (
    "meetings:register", "meetings:resend-link", "meetings:submit-contribution", "meetings:delegation",
    "account_reset_password",
)  # fmt: skip


def test_every_public_form_either_is_tested_here_or_sends_to_no_stranger(forms):
    public_forms = {route.name for route in all_routes() if route.door is Claim.READ_PUBLIC and "POST" in route.methods}
    assert public_forms == {*forms, *SENDS_TO_NO_STRANGER}
    assert set(forms) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_one_network_address_sends_few_emails_and_shuts_no_one_else_out(forms, name):
    form = forms[name]
    targets = [form.make_target(number) for number in range(MOST_FROM_ONE_NETWORK + 4)]
    sent = [form.post(target, "192.0.2.1") for target in targets]
    assert sent == [1] * MOST_FROM_ONE_NETWORK + [0] * 4
    assert form.post(form.make_target(99), "198.51.100.9") == 1  # an honest person, on another network


@pytest.mark.parametrize("name", NAMES)
def test_one_target_gets_few_emails_from_many_networks_and_others_get_theirs(forms, name):
    form, target = forms[name], forms[name].make_target(0)
    sent = [form.post(target.upper() if n % 2 else target, f"203.0.113.{n}") for n in range(MOST_TO_ONE_TARGET + 5)]
    assert 1 <= sum(sent) <= MOST_TO_ONE_TARGET
    assert form.post(form.make_target(1), "198.51.100.9") == 1


def test_no_limit_of_a_call_for_contributions_can_be_filled_for_everyone(forms):
    form, now = forms["meetings:submit-contribution"], timezone.now()
    call = models.ContributionCall.objects.get()
    links = [
        models.ContributionLink(call=call, email=f"flood-{n}@strangers.example", token_hash=f"{n:064}", sent_at=now)
        for n in range(300)
    ]
    models.ContributionLink.objects.bulk_create(links)
    assert form.post(form.make_target(1), "198.51.100.9") == 1
