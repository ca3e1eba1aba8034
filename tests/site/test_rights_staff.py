"""Staff sessions: opened with a reason, valid in one browser for a limited time, with all access logged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from samsvar.site.network.access.actions import staff_sessions as staff
from samsvar.site.network.access.actions.reasons import ReasonTooShort
from samsvar.site.network.access.middleware import hash_session_key
from samsvar.site.network.access.permissions import has_claim
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

REASON = "two members asked to be corrected"


@pytest.fixture
def secretariat():
    return make_account(Role.SECRETARIAT)


@pytest.fixture
def signed_in(client, secretariat):
    return sign_in(client, secretariat)


def open_session(client, *, minutes=30, reason=REASON, **more):
    return client.post(reverse("network:open-staff-session"), {"reason": reason, "minutes": minutes, **more})


def can_manage(client) -> bool:
    """Return whether this client can open a page that requires a staff session of the secretariat."""
    return client.get(reverse("network:pending-questions")).status_code == 200


def audit_entries():
    return [(one.verb, one.actor, one.why, one.staff_session) for one in AuditEntry.objects.all()]


def test_the_secretariat_is_sent_to_open_a_staff_session_and_then_back(signed_in):
    wanted = reverse("network:pending-questions")
    answer = signed_in.get(wanted)
    assert answer["Location"] == f"{reverse('network:open-staff-session')}?next=%2Fen%2Fquestions%2Fpending%2F"
    assert wanted in signed_in.get(answer["Location"]).content.decode()
    assert open_session(signed_in, next=wanted)["Location"] == wanted
    assert can_manage(signed_in)


def test_opening_a_staff_session_redirects_only_within_this_site(signed_in):
    for away in (
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "https:elsewhere.example",
    ):
        assert open_session(signed_in, next=away)["Location"] == reverse("network:staff-sessions")


def test_opening_and_closing_a_staff_session_are_logged_with_the_reason(signed_in, secretariat):
    open_session(signed_in)
    session = models.StaffSession.objects.get()
    signed_in.post(reverse("network:close-staff-session"))
    assert audit_entries() == [
        ("closed a staff session", secretariat, REASON, session.pk),
        ("opened a staff session", secretariat, REASON, session.pk),
    ]
    assert not can_manage(signed_in)


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
def test_a_staff_session_needs_a_reason_and_lasts_at_most_an_hour(signed_in, said, refused):
    answer = open_session(signed_in, **said)
    assert answer.status_code == 422
    assert refused in answer.content.decode()
    assert models.StaffSession.objects.count() == 0


def test_the_action_also_checks_the_reason_and_the_length(secretariat):
    secretariat.second_factor = True
    assert has_claim(secretariat, Claim.OPEN_STAFF_SESSION)
    with pytest.raises(ReasonTooShort):
        staff.open_staff_session(account=secretariat, browser="b", reason=" short  ", minutes=15)
    with pytest.raises(staff.UnknownSessionLength):
        staff.open_staff_session(account=secretariat, browser="b", reason=REASON, minutes=120)
    assert models.StaffSession.objects.count() == 0


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SECRETARIAT, Role.ADMINISTRATOR}), ids=str)
def test_only_the_secretariat_and_administrators_can_open_a_staff_session(client, role):
    sign_in(client, make_account(role, meeting="spring"), second_factor=True)
    assert open_session(client).status_code == 403
    assert models.StaffSession.objects.count() == 0


def test_a_staff_session_requires_a_second_factor(client, secretariat):
    sign_in(client, secretariat, second_factor=False)
    assert open_session(client).status_code == 302
    assert models.StaffSession.objects.count() == 0
    with pytest.raises(PermissionDenied):
        staff.open_staff_session(account=secretariat, browser="b", reason=REASON, minutes=15)


def test_a_staff_session_is_valid_only_in_the_browser_that_opened_it(signed_in, secretariat):
    other = sign_in(Client(), secretariat)
    open_session(signed_in)
    assert (can_manage(signed_in), can_manage(other)) == (True, False)


def test_a_staff_session_is_valid_only_for_its_own_account(signed_in, secretariat):
    open_session(signed_in)
    models.StaffSession.objects.update(account=make_account(Role.SECRETARIAT))
    assert not can_manage(signed_in)


def test_a_staff_session_expires_by_itself(signed_in, secretariat):
    open_session(signed_in)
    assert can_manage(signed_in)
    models.StaffSession.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert not can_manage(signed_in)
    signed_in.post(reverse("network:close-staff-session"))  # it has already expired, so there is nothing to close
    assert [verb for verb, *_ in audit_entries()] == ["opened a staff session"]


def test_signing_out_ends_the_staff_session(signed_in):
    open_session(signed_in)
    key = signed_in.session.session_key
    signed_in.post(reverse("account_logout"))
    session = models.StaffSession.objects.get()
    assert session.browser == hash_session_key(key)
    assert session.closed_at is not None
    assert [verb for verb, *_ in audit_entries()][:2] == ["closed a staff session", "opened a staff session"]


def test_a_new_staff_session_in_the_same_browser_replaces_the_first(signed_in):
    open_session(signed_in)
    open_session(signed_in, reason="another matter altogether", minutes=15)
    newest, first = models.StaffSession.objects.all()
    assert (first.closed_at is None, newest.closed_at is None) == (False, True)
    assert newest.reason == "another matter altogether"
    assert timedelta(minutes=14) < newest.ends_at - timezone.now() <= timedelta(minutes=15)


def test_a_staff_session_cannot_be_closed_by_another_account(signed_in, secretariat):
    open_session(signed_in)
    session = models.StaffSession.objects.get()
    with pytest.raises(PermissionDenied):
        staff.close_staff_session(session=session, by=make_account(Role.ADMINISTRATOR))
    assert can_manage(signed_in)


def test_a_staff_session_gives_no_access_after_the_role_has_ended(signed_in, secretariat):
    open_session(signed_in)
    secretariat.grants.update(until=timezone.now())
    assert signed_in.get(reverse("network:pending-questions")).status_code == 403


def test_staff_see_only_their_own_sessions_and_auditors_see_all_without_addresses(signed_in, secretariat):
    open_session(signed_in)
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


def test_a_staff_session_cannot_be_closed_by_a_get_request(signed_in):
    open_session(signed_in)
    assert signed_in.get(reverse("network:close-staff-session")).status_code == 405
    assert can_manage(signed_in)
