"""Roles and refusals are decided by another person, with a reason and an end; the last administrator stays."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.network import models
from samsvar.site.network.access.actions import roles as rights
from samsvar.site.network.access.permissions import get_access, get_viewer, has_claim
from tests.factories.people import PASSWORD, make_account, make_membership, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

REASON = "decided at a fictional meeting"


@pytest.fixture
def administrator():
    return make_account(Role.ADMINISTRATOR)


@pytest.fixture
def signed_in(client, administrator):
    return sign_in(client, administrator, staff_session="roles for the new members")


@pytest.fixture
def other():
    return make_account(Role.READER)


def account_url(name, account, *more):
    return reverse(f"network:{name}", args=[account.public_id, *more])


def roles_of(account):
    return get_access(get_user_model().objects.get(pk=account.pk)).roles


def audit_entries():
    return [(one.verb, one.subject, one.details, one.why) for one in AuditEntry.objects.filter(saw=False)]


# --- Access is logged -------------------------------------------------------------------------------------------------


def test_a_role_is_given_and_ended_with_a_reason(signed_in, administrator, other):
    given = signed_in.post(account_url("give-role", other), {"role": "editor", "reason": REASON})
    assert given["Location"] == account_url("account-rights", other)
    assert roles_of(other) == {Role.READER, Role.EDITOR}
    grant = other.grants.get(role=Role.EDITOR)
    assert (grant.given_by, grant.reason, grant.until) == (administrator, REASON, None)
    signed_in.post(account_url("end-role", other, grant.pk), {"reason": "the work is done"})
    assert roles_of(other) == {Role.READER}
    assert other.grants.count() == 2  # the history still shows who was an editor on which date
    scope = {"role": "editor", "state": "", "network": "", "meeting": ""}
    assert audit_entries() == [
        ("ended a role", f"account {other.public_id}", scope, "the work is done"),
        ("assigned a role", f"account {other.public_id}", scope, REASON),
    ]


def test_a_role_lasts_to_the_end_of_its_last_day(signed_in, other):
    day = timezone.now().date() + timedelta(days=3)
    signed_in.post(account_url("give-role", other), {"role": "editor", "reason": REASON, "until": str(day)})
    grant = other.grants.get(role=Role.EDITOR)
    assert grant.until == datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


@pytest.mark.parametrize(
    "said",
    [
        {"role": "editor"},
        {"role": "editor", "reason": "short"},
        {"role": "superuser", "reason": REASON},
        {"role": "", "reason": REASON},
        {"role": "auditor", "meeting": "spring", "reason": REASON},
        {"role": "editor", "network": "1", "reason": REASON},
        {"role": "editor", "state": "ZZ", "reason": REASON},
        {"role": "editor", "until": "2020-01-01", "reason": REASON},
        {"role": "national_desk", "reason": REASON},
        {"role": "organiser", "reason": REASON},
    ],
    ids=str,
)
def test_an_incomplete_or_invalid_role_form_is_refused_and_changes_nothing(signed_in, other, said):
    make_network()
    answer = signed_in.post(account_url("give-role", other), said)
    assert answer.status_code in {409, 422}
    assert roles_of(other) == {Role.READER}


def test_a_national_desk_role_is_given_for_its_country(signed_in, other):
    load_convention()
    signed_in.post(account_url("give-role", other), {"role": "national_desk", "state": "XA", "reason": REASON})
    assert [(one.role, one.state_id) for one in other.grants.exclude(role="reader")] == [("national_desk", "XA")]


def test_unexpected_form_fields_are_ignored_when_giving_a_role(signed_in, administrator, other):
    smuggled = {"role": "editor", "reason": REASON, "account": administrator.pk, "given_by": other.pk, "is_active": ""}
    signed_in.post(account_url("give-role", other), smuggled)
    grant = models.RoleGrant.objects.get(role=Role.EDITOR)
    assert (grant.account, grant.given_by, grant.account.is_active) == (other, administrator, True)


def test_a_claim_can_be_refused_and_the_refusal_ended(signed_in, administrator, other):
    assert has_claim(other, Claim.SEE_DIRECTORY)  # make sure there is something to refuse
    signed_in.post(account_url("refuse-claim", other), {"claim": "see_directory", "reason": REASON})
    other = models.Account.objects.get(pk=other.pk)
    assert not has_claim(other, Claim.SEE_DIRECTORY)
    refusal = other.refusals.get()
    assert (refusal.made_by, refusal.reason) == (administrator, REASON)
    signed_in.post(account_url("end-refusal", other, refusal.pk), {"reason": "was a mistake of ours"})
    assert has_claim(models.Account.objects.get(pk=other.pk), Claim.SEE_DIRECTORY)
    answer = signed_in.post(account_url("end-refusal", other, refusal.pk), {"reason": "was a mistake of ours"})
    assert answer.status_code == 409


def test_a_refusal_that_would_have_no_effect_cannot_be_recorded(signed_in, other):
    make_network()
    said = {"claim": "judge_findings", "network": models.Network.objects.get().pk, "reason": REASON}
    assert signed_in.post(account_url("refuse-claim", other), said).status_code == 422
    assert (
        signed_in.post(account_url("refuse-claim", other), {"claim": "own_account", "reason": REASON}).status_code
        == 422
    )
    for claim in (Claim.OWN_ACCOUNT, Claim.READ_PUBLIC):
        with pytest.raises(rights.ClaimNotRefusable):
            rights.refuse_claim(account=other, claim=claim, by=None, reason=REASON)
    with pytest.raises(rights.ClaimNotRefusable):
        rights.refuse_claim(account=other, claim=Claim.REVIEW_FINDINGS, by=None, reason=REASON, meeting="spring")


def test_a_role_cannot_be_ended_through_the_address_of_another_account(signed_in, other):
    third = make_account(Role.EDITOR)
    grant = third.grants.get()
    assert signed_in.post(account_url("end-role", other, grant.pk), {"reason": REASON}).status_code == 404
    assert roles_of(third) == {Role.EDITOR}


# --- No one decides about themselves ----------------------------------------------------------------------------------


def test_administrators_cannot_change_their_own_rights(signed_in, administrator):
    grant = administrator.grants.get()
    refusal = rights.refuse_claim(account=administrator, claim=Claim.ERASE_PEOPLE, by=None, reason=REASON)
    assert [
        signed_in.post(account_url("give-role", administrator), {"role": "auditor", "reason": REASON}).status_code,
        signed_in.post(account_url("end-role", administrator, grant.pk), {"reason": REASON}).status_code,
        signed_in.post(account_url("refuse-claim", administrator), {"claim": "ask", "reason": REASON}).status_code,
        signed_in.post(account_url("end-refusal", administrator, refusal.pk), {"reason": REASON}).status_code,
        signed_in.post(account_url("deactivate-account", administrator), {"reason": REASON}).status_code,
        signed_in.post(account_url("give-role", administrator), {}).status_code,
    ] == [403] * 6
    assert roles_of(administrator) == {Role.ADMINISTRATOR}
    page = signed_in.get(account_url("account-rights", administrator)).content.decode()
    assert "your own account" in page
    assert 'name="reason"' not in page


@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_only_an_administrator_can_decide_on_roles_and_refusals(role, other):
    """Not even with a second factor and a staff session forged onto the account."""
    if role is Role.ADMINISTRATOR:
        return
    by = make_account(*([role] if role else []), meeting="spring")
    by.second_factor = True
    by.staff_session = models.StaffSession.objects.create(
        account=by, browser="b", reason=REASON, ends_at=timezone.now() + timedelta(minutes=5)
    )
    for decide in (
        lambda: rights.give_role(account=other, role=Role.EDITOR, by=by),
        lambda: rights.end_role(grant=other.grants.get(), by=by, reason=REASON),
        lambda: rights.refuse_claim(account=other, claim=Claim.ASK_QUESTION, by=by, reason=REASON),
        lambda: rights.deactivate_account(account=other, by=by, reason=REASON),
        lambda: rights.reactivate_account(account=other, by=by, reason=REASON),
    ):
        with pytest.raises(PermissionDenied):
            decide()
    assert roles_of(other) == {Role.READER}


# --- The last administrator -------------------------------------------------------------------------------------------


def test_the_last_administrator_cannot_be_removed(administrator):
    second = make_account(Role.ADMINISTRATOR)
    rights.end_role(grant=second.grants.get(), by=None, reason=REASON)  # one of two may be removed
    for take in (
        lambda: rights.end_role(grant=administrator.grants.get(), by=None, reason=REASON),
        lambda: rights.deactivate_account(account=administrator, by=None, reason=REASON),
        lambda: rights.refuse_claim(account=administrator, claim=Claim.GIVE_ROLES, by=None, reason=REASON),
        lambda: rights.refuse_claim(account=administrator, claim=Claim.OPEN_STAFF_SESSION, by=None, reason=REASON),
    ):
        with pytest.raises(rights.LastAdministrator):
            take()
    assert roles_of(administrator) == {Role.ADMINISTRATOR}
    assert administrator.refusals.count() == 0


def test_administrators_who_cannot_act_do_not_count(administrator):
    """Closed, refused, bound or past: none of these could give a role once the last one is gone."""
    closed, refused, bound, past = (make_account(Role.ADMINISTRATOR) for _ in range(4))
    models.Account.objects.filter(pk=closed.pk).update(is_active=False)
    models.Refusal.objects.create(account=refused, claim=Claim.GIVE_ROLES, since=timezone.now(), reason=REASON)
    bound.grants.update(meeting="spring")
    past.grants.update(until=timezone.now())
    with pytest.raises(rights.LastAdministrator):
        rights.end_role(grant=administrator.grants.get(), by=None, reason=REASON)


def test_only_a_duplicate_grant_of_the_last_administrator_can_be_ended(administrator):
    rights.give_role(account=administrator, role=Role.ADMINISTRATOR, by=None)
    first, second = administrator.grants.all()
    rights.end_role(grant=first, by=None, reason=REASON)
    with pytest.raises(rights.LastAdministrator):
        rights.end_role(grant=second, by=None, reason=REASON)


def test_a_removed_administrator_cannot_remove_the_remaining_one(signed_in, administrator):
    second = make_account(Role.ADMINISTRATOR)
    browser = sign_in(Client(), second, staff_session="roles for the new members")
    assert (
        signed_in.post(account_url("end-role", second, second.grants.get().pk), {"reason": REASON}).status_code == 302
    )
    answer = browser.post(account_url("end-role", administrator, administrator.grants.get().pk), {"reason": REASON})
    assert answer.status_code == 403  # no longer an administrator
    assert roles_of(administrator) == {Role.ADMINISTRATOR}


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_at_once_leave_one():
    grants = [make_account(Role.ADMINISTRATOR).grants.get() for _ in range(2)]
    meet, refused = threading.Barrier(2), []

    def end(grant: models.RoleGrant) -> None:
        try:
            meet.wait(timeout=10)
            rights.end_role(grant=grant, by=None, reason=REASON)
        except rights.LastAdministrator as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    both = [threading.Thread(target=end, args=(grant,)) for grant in grants]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=60)
    assert len(refused) == 1
    assert rights.administrator_grants(timezone.now()).count() == 1


# --- Closing an account -----------------------------------------------------------------------------------------------


def test_closing_an_account_ends_all_its_sessions(signed_in, other):
    browser = Client()
    signs_in = {"login": other.email, "password": PASSWORD}
    browser.post(reverse("account_login"), signs_in)
    assert browser.get(reverse("network:my-questions")).status_code == 200  # make sure there is a session to end
    models.StaffSession.objects.create(
        account=other, browser="b", reason=REASON, ends_at=timezone.now() + timedelta(minutes=5)
    )
    signed_in.post(account_url("deactivate-account", other), {"reason": REASON})
    assert browser.get(reverse("network:my-questions")).status_code == 302
    assert models.StaffSession.objects.get(account=other).closed_at is not None
    Client().post(reverse("account_login"), signs_in)
    assert Client().get(reverse("network:my-questions")).status_code == 302
    signed_in.post(account_url("reactivate-account", other), {"reason": REASON})
    assert browser.get(reverse("network:my-questions")).status_code == 302  # the old session stays ended
    assert roles_of(other) == {Role.READER}


def test_an_erased_account_cannot_be_reactivated(other):
    models.Account.objects.filter(pk=other.pk).update(is_active=False, erased_at=timezone.now())
    other.refresh_from_db()
    with pytest.raises(rights.AccountErased):
        rights.reactivate_account(account=other, by=None, reason=REASON)


# --- Access is logged -------------------------------------------------------------------------------------------------


def test_every_address_shown_on_the_pages_is_logged_as_accessed(signed_in, administrator, other):
    person = make_person(account=other)
    without_entry = make_account()
    page = signed_in.get(reverse("network:roles")).content.decode()
    assert all(one.email in page for one in (administrator, other, without_entry))
    session = models.StaffSession.objects.get()
    seen = {
        one.person: (one.subject, one.details, one.staff_session, one.why)
        for one in AuditEntry.objects.filter(saw=True)
    }
    told = ("list of accounts", {"fields": ["address of the account"]}, session.pk, session.reason)
    assert seen == {person.public_id: told, without_entry.public_id: told}
    signed_in.get(account_url("account-rights", other))
    last = AuditEntry.objects.filter(saw=True).first()
    assert (last.person, last.subject) == (person.public_id, f"account {other.public_id}")


def test_accounts_can_be_found_by_address_public_id_and_role(signed_in, administrator, other):
    def found(**asked):
        page = signed_in.get(reverse("network:roles"), asked).context["accounts"]
        return {account.pk for account in page.object_list}

    assert found() == {administrator.pk, other.pk}
    assert found(q=other.email.split("@")[0].upper()) == {other.pk}
    assert found(q=other.public_id) == {other.pk}
    assert found(role="administrator") == {administrator.pk}
    assert found(role="nonsense") == {administrator.pk, other.pk}
    assert found(q="nobody") == set()


# --- Several networks -------------------------------------------------------------------------------------------------


def make_staff(**scope):
    account = make_account(Role.SECRETARIAT, **scope)
    account.second_factor = True
    account.staff_session = models.StaffSession.objects.create(
        account=account, browser="b", reason=REASON, ends_at=timezone.now() + timedelta(minutes=5)
    )
    return account


def test_a_refusal_in_one_network_covers_its_members_in_other_networks_too():
    lantern, harbour = make_network("lantern"), make_network("harbour")
    both, one = make_person(), make_person()
    make_membership(lantern, both), make_membership(harbour, both), make_membership(harbour, one)
    account = make_staff()
    assert (get_viewer(account, both).is_secretariat, get_viewer(account, one).is_secretariat) == (True, True)
    rights.refuse_claim(account=account, claim=Claim.MANAGE_PEOPLE, by=None, reason=REASON, network=lantern)
    assert (get_viewer(account, both).is_secretariat, get_viewer(account, one).is_secretariat) == (False, True)
