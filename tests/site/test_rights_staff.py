"""Staff sessions: with a reason, in one browser, for a while; what is seen in them is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from samsvar.site.network.access.actions import staff_sessions as staff
from samsvar.site.network.access.actions.reasons import ReasonTooShort
from samsvar.site.network.access.middleware import browser_of
from samsvar.site.network.access.permissions import holds
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

REASON = "two members asked to be corrected"


@pytest.fixture
def secretariat():
    return make_account(Role.SECRETARIAT)


@pytest.fixture
def signed_in(client, secretariat):
    return sign_in(client, secretariat)


def opened(client, *, minutes=30, reason=REASON, **more):
    return client.post(reverse("network:open-staff-session"), {"reason": reason, "minutes": minutes, **more})


def manages(client) -> bool:
    """Whether this browser gets behind a door of the secretariat."""
    return client.get(reverse("network:asks-to-decide")).status_code == 200


def lines():
    return [(one.verb, one.actor, one.why, one.staff_session) for one in Entry.objects.all()]


def test_without_one_the_gate_asks_for_it_and_leads_back(signed_in):
    wanted = reverse("network:asks-to-decide")
    answer = signed_in.get(wanted)
    assert answer["Location"] == f"{reverse('network:open-staff-session')}?next=%2Fen%2Fquestions%2Fwaiting%2F"
    assert wanted in signed_in.get(answer["Location"]).content.decode()
    assert opened(signed_in, next=wanted)["Location"] == wanted
    assert manages(signed_in)


def test_it_leads_back_to_this_site_only(signed_in):
    for away in (
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "https:elsewhere.example",
    ):
        assert opened(signed_in, next=away)["Location"] == reverse("network:staff-sessions")


def test_opening_and_closing_stand_in_the_trail_with_the_reason(signed_in, secretariat):
    opened(signed_in)
    session = models.StaffSession.objects.get()
    signed_in.post(reverse("network:close-staff-session"))
    assert lines() == [
        ("closed a staff session", secretariat, REASON, session.pk),
        ("opened a staff session", secretariat, REASON, session.pk),
    ]
    assert not manages(signed_in)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"reason": "work"}, "10"),
        ({"reason": ""}, "required"),
        ({"reason": "         x          "}, "10"),
        ({"minutes": 61}, "valid choice"),
        ({"minutes": 600}, "valid choice"),
        ({"minutes": "ever"}, "valid choice"),
        ({"reason": "x" * 301}, "300"),
    ],
)
def test_it_needs_a_reason_and_lasts_an_hour_at_most(signed_in, said, refused):
    answer = opened(signed_in, **said)
    assert answer.status_code == 422
    assert refused in answer.content.decode()
    assert models.StaffSession.objects.count() == 0


def test_the_action_asks_for_the_same(secretariat):
    secretariat.second_factor = True
    assert holds(secretariat, Claim.OPEN_STAFF_SESSION)
    with pytest.raises(ReasonTooShort):
        staff.open_staff_session(account=secretariat, browser="b", reason=" short  ", minutes=15)
    with pytest.raises(staff.NoSuchLength):
        staff.open_staff_session(account=secretariat, browser="b", reason=REASON, minutes=120)
    assert models.StaffSession.objects.count() == 0


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SECRETARIAT, Role.ADMINISTRATOR}), ids=str)
def test_only_the_secretariat_and_administrators_open_one(client, role):
    sign_in(client, make_account(role, meeting="spring"), second_factor=True)
    assert opened(client).status_code == 403
    assert models.StaffSession.objects.count() == 0


def test_nobody_opens_one_without_a_second_factor(client, secretariat):
    sign_in(client, secretariat, second_factor=False)
    assert opened(client).status_code == 302
    assert models.StaffSession.objects.count() == 0
    with pytest.raises(PermissionDenied):
        staff.open_staff_session(account=secretariat, browser="b", reason=REASON, minutes=15)


def test_it_holds_in_the_browser_that_opened_it_and_in_no_other(signed_in, secretariat):
    other = sign_in(Client(), secretariat)
    opened(signed_in)
    assert (manages(signed_in), manages(other)) == (True, False)


def test_it_belongs_to_one_account_even_in_the_same_browser(signed_in, secretariat):
    opened(signed_in)
    models.StaffSession.objects.update(account=make_account(Role.SECRETARIAT))
    assert not manages(signed_in)


def test_it_ends_by_itself_and_is_then_no_reason_for_anything(signed_in, secretariat):
    opened(signed_in)
    assert manages(signed_in)
    models.StaffSession.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert not manages(signed_in)
    signed_in.post(reverse("network:close-staff-session"))  # there is nothing to close
    assert [verb for verb, *_ in lines()] == ["opened a staff session"]


def test_signing_out_ends_it(signed_in):
    opened(signed_in)
    key = signed_in.session.session_key
    signed_in.post(reverse("account_logout"))
    session = models.StaffSession.objects.get()
    assert session.browser == browser_of(key)
    assert session.closed_at is not None
    assert [verb for verb, *_ in lines()][:2] == ["closed a staff session", "opened a staff session"]


def test_a_new_one_in_the_same_browser_takes_the_place_of_the_first(signed_in):
    opened(signed_in)
    opened(signed_in, reason="another matter altogether", minutes=15)
    newest, first = models.StaffSession.objects.all()
    assert (first.closed_at is None, newest.closed_at is None) == (False, True)
    assert newest.reason == "another matter altogether"
    assert timedelta(minutes=14) < newest.ends_at - timezone.now() <= timedelta(minutes=15)


def test_nobody_closes_anothers(signed_in, secretariat):
    opened(signed_in)
    session = models.StaffSession.objects.get()
    with pytest.raises(PermissionDenied):
        staff.close_staff_session(session=session, by=make_account(Role.ADMINISTRATOR))
    assert manages(signed_in)


def test_a_role_that_ends_takes_the_session_with_it(signed_in, secretariat):
    opened(signed_in)
    secretariat.grants.update(until=timezone.now())
    assert signed_in.get(reverse("network:asks-to-decide")).status_code == 403


def test_one_sees_ones_own_and_an_auditor_sees_all_without_a_name(signed_in, secretariat):
    opened(signed_in)
    other = make_account(Role.ADMINISTRATOR)
    models.StaffSession.objects.create(
        account=other, browser="b", reason="roles for the new desk", ends_at=timezone.now()
    )
    own = signed_in.get(reverse("network:staff-sessions")).content.decode()
    assert (REASON in own, "roles for the new desk" in own) == (True, False)
    assert signed_in.get(reverse("network:all-staff-sessions")).status_code == 403
    everything = sign_in(Client(), make_account(Role.AUDITOR)).get(reverse("network:all-staff-sessions"))
    shown = everything.content.decode()
    assert all(said in shown for said in (REASON, "roles for the new desk", secretariat.public_id, other.public_id))
    assert secretariat.email not in shown
    assert other.email not in shown


def test_the_end_of_one_needs_a_form(signed_in):
    opened(signed_in)
    assert signed_in.get(reverse("network:close-staff-session")).status_code == 405
    assert manages(signed_in)
