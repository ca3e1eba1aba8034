"""When registration is open: the organiser sets it, and pages show it before anyone fills in a form in vain."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.meeting import RegistrationPolicy
from samsvar.meetings.registration import RegistrationPhase, registration_phase
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry as Line
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions.emails import link_token
from samsvar.site.meetings.registration.actions.invitations import create_invitation, send_daily_reminders
from samsvar.site.network.models import OutgoingEmail
from tests.factories.meetings import make_meeting, make_organiser
from tests.factories.people import make_account, make_network, sign_in

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def make_upcoming_meeting(**more: Any) -> models.Meeting:
    """Create a meeting in 90 days, in Bucharest's time zone."""
    first = timezone.now().date() + timedelta(days=90)
    return make_meeting(**{"public_id": "harbour", "begins": first, "ends": first + timedelta(days=2), **more})


def organiser_client(meeting: models.Meeting) -> Client:
    return sign_in(Client(), make_organiser(meeting), staff_session="opens registration")


def visible_text(response: Any) -> str:
    """Return the text of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(
    ("opens", "closes", "cancelled", "wanted"),
    [
        (None, None, False, RegistrationPhase.NOT_SET),
        (1, None, False, RegistrationPhase.UPCOMING),
        (-1, None, False, RegistrationPhase.OPEN),
        (-1, 2, False, RegistrationPhase.OPEN),
        (-2, -1, False, RegistrationPhase.CLOSED),
        (-1, None, True, RegistrationPhase.CANCELLED),
    ],
)
def test_registration_is_open_between_two_times_and_never_for_a_cancelled_meeting(opens, closes, cancelled, wanted):
    def at(days: int | None) -> datetime | None:
        return None if days is None else NOON + timedelta(days=days)

    how: Any = {"opens": at(opens), "closes": at(closes), "cancelled": cancelled, "now": NOON}
    assert registration_phase(ends=NOON + timedelta(days=9), **how) is wanted
    over = wanted if cancelled else RegistrationPhase.CLOSED
    assert registration_phase(ends=NOON, **how) is over  # even if no one closed it, it ends with the meeting


def test_an_organiser_opens_registration_and_the_audit_log_records_it():
    meeting = make_upcoming_meeting()
    client, address = organiser_client(meeting), reverse("meetings:open-registration", args=["harbour"])
    opens = timezone.now().date() + timedelta(days=10)
    said = {
        "entry": "open", "opens_at": f"{opens}T09:00", "closes_at": f"{opens + timedelta(days=40)}T18:00",
        "approval": "on", "changes_until": f"{opens + timedelta(days=50)}T18:00",
    }  # fmt: skip
    assert client.post(address, said).status_code == 302
    meeting.refresh_from_db()
    assert meeting.opens_at is not None
    local = meeting.opens_at.astimezone(ZoneInfo("Europe/Bucharest"))
    assert (local.strftime("%Y-%m-%dT%H:%M"), meeting.entry, meeting.approval) == (f"{opens}T09:00", "open", True)
    assert Line.objects.get(subject="meeting harbour", verb="changed a meeting").details == {
        "changed": ["approval", "changes_until", "closes_at", "entry", "opens_at"]
    }
    assert f'value="{opens}T09:00"' in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"opens_at": ""}, "Enter an opening date as well."),
        ({"closes_at": "2026-01-01T00:00"}, "Registration cannot close before it opens."),
        ({"changes_until": "2099-01-01T00:00"}, "This date is after the end of the meeting."),
    ],
)
def test_invalid_times_are_reported_at_their_field(changed, sentence):
    meeting = make_upcoming_meeting()
    said = {"entry": "open", "opens_at": "2026-02-01T09:00", "closes_at": "2026-12-20T18:00"} | changed
    response = organiser_client(meeting).post(reverse("meetings:open-registration", args=["harbour"]), said)
    assert (response.status_code, sentence in response.content.decode()) == (422, True)


def test_the_public_page_says_when_registration_opens_and_then_how_to_register():
    meeting = make_upcoming_meeting(entry=RegistrationPolicy.OPEN)
    page = reverse("meetings:meeting", args=["harbour"])
    register = reverse("meetings:register", args=["harbour"])
    assert "The opening date has not been announced yet." in visible_text(Client().get(page))
    meeting.opens_at = timezone.now() + timedelta(days=3)
    meeting.save()
    early = Client().get(page)
    assert ("Registration opens on " in visible_text(early), register in early.content.decode()) == (True, False)
    assert "Registration opens on " in visible_text(Client().get(register))
    meeting.opens_at = timezone.now() - timedelta(days=3)
    meeting.save()
    assert f'href="{register}"' in Client().get(page).content.decode()
    meeting.entry = RegistrationPolicy.INVITED
    meeting.save()
    invited_only = Client().get(page)
    assert ("Registration is open." in visible_text(invited_only), register in invited_only.content.decode()) == (
        True,
        False,
    )


def test_a_link_opened_too_early_says_to_come_back_and_shows_no_form():
    meeting = make_upcoming_meeting(opens_at=timezone.now() + timedelta(days=3))
    by = make_organiser(meeting)
    row = create_invitation(
        meeting, "guest@network.example", by=by, expires_at=timezone.now() + timedelta(days=9), language="en"
    )
    address = reverse("meetings:invitation", kwargs={"slug": "harbour", "token": link_token(row)})
    page = Client().get(address)
    assert (page.status_code, 'name="name"' in page.content.decode()) == (200, False)
    assert "Use this link again once registration has opened." in visible_text(page)
    assert "Decline the invitation" in visible_text(page)
    assert Client().post(address, {"name": "A Guest", "language": "en"}).status_code == 409
    assert meeting.registrations.count() == 0


def test_reminders_are_not_sent_before_registration_is_open():
    meeting = make_upcoming_meeting(opens_at=timezone.now() + timedelta(days=8))
    row = create_invitation(
        meeting, "guest@network.example", by=make_organiser(meeting), expires_at=timezone.now() + timedelta(days=30),
        language="en",
    )  # fmt: skip
    models.MeetingInvitation.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(days=1))
    now = timezone.now()
    assert [send_daily_reminders(now=now + timedelta(days=days)) for days in (7, 9, 9)] == [0, 1, 0]
    assert OutgoingEmail.objects.get().to == "guest@network.example"


def test_the_announcement_form_lists_networks_by_name():
    network = make_network()
    page = sign_in(Client(), make_account(Role.SECRETARIAT, network=network), staff_session="plans").get(
        "/en/meetings/new/"
    )
    assert '<option value="lantern">Lantern</option>' in page.content.decode()
