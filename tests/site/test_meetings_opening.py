"""When registration is open: an organiser says it, and pages say it before anybody fills in a form in vain."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.meeting import Entry
from samsvar.meetings.registration import Opening, opening
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry as Line
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions.emails import token_of
from samsvar.site.meetings.registration.actions.invitations import make_invitation, remind_all
from samsvar.site.network.models import Letter
from tests.factories.meetings import make_meeting, organiser_of
from tests.factories.people import make_account, make_network, sign_in

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def coming(**more: Any) -> models.Meeting:
    """A meeting in ninety days, in Bucharest's time."""
    first = timezone.now().date() + timedelta(days=90)
    return make_meeting(**{"public_id": "harbour", "begins": first, "ends": first + timedelta(days=2), **more})


def runs(meeting: models.Meeting) -> Client:
    return sign_in(Client(), organiser_of(meeting), staff_session="opens registration")


def words(response: Any) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(
    ("opens", "closes", "cancelled", "wanted"),
    [
        (None, None, False, Opening.NOT_SET),
        (1, None, False, Opening.AHEAD),
        (-1, None, False, Opening.OPEN),
        (-1, 2, False, Opening.OPEN),
        (-2, -1, False, Opening.OVER),
        (-1, None, True, Opening.CANCELLED),
    ],
)
def test_registration_is_open_between_two_moments_and_never_for_a_cancelled_meeting(opens, closes, cancelled, wanted):
    def at(days: int | None) -> datetime | None:
        return None if days is None else NOON + timedelta(days=days)

    how: Any = {"opens": at(opens), "closes": at(closes), "cancelled": cancelled, "now": NOON}
    assert opening(ends=NOON + timedelta(days=9), **how) is wanted
    over = wanted if cancelled else Opening.OVER
    assert opening(ends=NOON, **how) is over  # whoever forgot to close it: it is over with the meeting


def test_an_organiser_opens_registration_and_the_trail_has_it():
    meeting = coming()
    client, address = runs(meeting), reverse("meetings:open-registration", args=["harbour"])
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
        ({"opens_at": ""}, "Say when it opens, too."),
        ({"closes_at": "2026-01-01T00:00"}, "It would close before it opens."),
        ({"changes_until": "2099-01-01T00:00"}, "By then the meeting is over."),
    ],
)
def test_times_that_cannot_be_are_said_beside_their_field(changed, sentence):
    meeting = coming()
    said = {"entry": "open", "opens_at": "2026-02-01T09:00", "closes_at": "2026-12-20T18:00"} | changed
    response = runs(meeting).post(reverse("meetings:open-registration", args=["harbour"]), said)
    assert (response.status_code, sentence in response.content.decode()) == (422, True)


def test_the_public_page_says_when_registration_opens_and_then_how_to_register():
    meeting = coming(entry=Entry.OPEN)
    page = reverse("meetings:meeting", args=["harbour"])
    register = reverse("meetings:register", args=["harbour"])
    assert "When it opens has not been said yet." in words(Client().get(page))
    meeting.opens_at = timezone.now() + timedelta(days=3)
    meeting.save()
    early = Client().get(page)
    assert ("Registration opens on " in words(early), register in early.content.decode()) == (True, False)
    assert "Registration opens on " in words(Client().get(register))
    meeting.opens_at = timezone.now() - timedelta(days=3)
    meeting.save()
    assert f'href="{register}"' in Client().get(page).content.decode()
    meeting.entry = Entry.INVITED
    meeting.save()
    invited_only = Client().get(page)
    assert ("Registration is open." in words(invited_only), register in invited_only.content.decode()) == (True, False)


def test_a_link_that_is_opened_too_early_says_when_and_shows_no_form_to_fill_in():
    meeting = coming(opens_at=timezone.now() + timedelta(days=3))
    by = organiser_of(meeting)
    row = make_invitation(
        meeting, "guest@network.example", by=by, expires_at=timezone.now() + timedelta(days=9), language="en"
    )
    address = reverse("meetings:invitation", kwargs={"slug": "harbour", "token": token_of(row)})
    page = Client().get(address)
    assert (page.status_code, 'name="name"' in page.content.decode()) == (200, False)
    assert "Open this link again from then on." in words(page)
    assert "Decline the invitation" in words(page)
    assert Client().post(address, {"name": "A Guest", "language": "en"}).status_code == 409
    assert meeting.registrations.count() == 0


def test_reminders_leave_once_registration_is_open():
    meeting = coming(opens_at=timezone.now() + timedelta(days=8))
    row = make_invitation(
        meeting, "guest@network.example", by=organiser_of(meeting), expires_at=timezone.now() + timedelta(days=30),
        language="en",
    )  # fmt: skip
    models.MeetingInvitation.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(days=1))
    site, now = "https://samsvar.example/", timezone.now()
    assert [remind_all(now=now + timedelta(days=days), site=site) for days in (7, 9, 9)] == [0, 1, 0]
    assert Letter.objects.get().to == "guest@network.example"


def test_who_announces_a_meeting_chooses_its_network_by_name():
    network = make_network()
    page = sign_in(Client(), make_account(Role.SECRETARIAT, network=network), staff_session="plans").get(
        "/en/meetings/new/"
    )
    assert '<option value="lantern">Lantern</option>' in page.content.decode()
