"""Who brings reports in and judges findings: a desk for its country, and nobody against a refusal."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import Entry
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import actions, tasks
from samsvar.site.monitoring.models import Finding, Report, Upload
from samsvar.site.monitoring.permissions import can_review, can_upload, states_to_upload
from samsvar.site.network import models
from samsvar.site.network.access.actions import roles as rights
from samsvar.territories import territories
from tests.factories.people import make_account, sign_in
from tests.factories.reports import a_finding, a_reading, make_report
from tests.factories.stored import storages_in

pytestmark = pytest.mark.django_db

BUT_XA = sorted(set(territories()) - {"XA"})


@pytest.fixture(autouse=True)
def a_place_of_its_own(settings, tmp_path, monkeypatch):
    settings.STORAGES = storages_in(tmp_path)
    load_convention()
    monkeypatch.setattr(tasks, "read_upload", SimpleNamespace(enqueue=lambda *_a, **_k: None))  # reading is not asked


@pytest.fixture
def findings():
    """One finding on each of two invented states, and one on nobody knows which."""

    def on(state):
        reading = a_reading([a_finding(1, state=state)], state=state, reference=f"Invented ({state})")
        return make_report(f"a report on {state}".encode(), reading).findings.get()

    found = {"XA": on("XA"), "XB": on("XB"), None: on("XC")}
    Finding.objects.filter(pk=found[None].pk).update(state=None)
    found[None].refresh_from_db()
    return found


def refuse(account, claim, **scope):
    return models.Refusal.objects.create(
        account=account, claim=claim, since=timezone.now(), reason="an invented conflict of interest", **scope
    )


def judge(client, finding):
    return client.post(
        reverse("monitoring:review", args=[finding.public_id]), {"review": "confirmed", "note": "as printed"}
    ).status_code


def offered(client) -> list[str]:
    return [code for code, _name in client.get(reverse("monitoring:upload")).context["form"].fields["state"].choices]


def bring(client, **said):
    file = SimpleUploadedFile("invented.txt", b"an invented report")
    return client.post(reverse("monitoring:upload"), {"file": file, "body": "grevio", **said})


# --- A national desk --------------------------------------------------------------------------------------------------


def test_a_desk_judges_findings_on_its_own_country_and_on_no_other(client, findings):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    assert {state: judge(client, finding) for state, finding in findings.items()} == {"XA": 302, "XB": 403, None: 403}
    assert {state: Finding.objects.get(pk=one.pk).review for state, one in findings.items()} == {
        "XA": "confirmed",
        "XB": "machine",
        None: "machine",
    }


def test_a_desk_is_shown_the_form_on_its_own_findings_only(client, findings):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    shown = {
        state: reverse("monitoring:review", args=[one.public_id])
        in client.get(reverse("monitoring:finding", args=[one.public_id])).content.decode()
        for state, one in findings.items()
    }
    assert shown == {"XA": True, "XB": False, None: False}


def test_a_desk_is_offered_its_own_country_and_no_guess(client, db):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    assert offered(client) == ["XA"]


def test_a_desk_of_two_countries_is_offered_both(client, db):
    account = make_account(Role.NATIONAL_DESK, state="XA")
    models.RoleGrant.objects.create(account=account, role=Role.NATIONAL_DESK, state_id="XB", since=timezone.now())
    assert offered(sign_in(client, account)) == ["XA", "XB"]


@pytest.mark.parametrize(
    ("state", "status", "stored"), [("XA", 302, ["XA"]), ("XB", 422, []), ("", 422, []), ("ZZ", 422, [])]
)
def test_a_desk_brings_in_reports_on_its_own_country_only(client, db, state, status, stored):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    assert bring(client, state=state).status_code == status
    assert list(Upload.objects.values_list("state", flat=True)) == stored


def test_the_action_refuses_what_the_form_does_not_offer(db):
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    for state in ("XB", None):
        with pytest.raises(PermissionDenied):
            actions.accept_upload(content=b"x", filename="a", body="auto", state=state, published=None, by=desk)
    assert Upload.objects.count() == 0


def test_a_desk_whose_time_is_over_is_a_reader(client, findings):
    account = make_account(Role.NATIONAL_DESK, Role.READER, state="XA")
    account.grants.filter(role=Role.NATIONAL_DESK).update(until=timezone.now())
    sign_in(client, account)
    assert judge(client, findings["XA"]) == 403
    assert client.get(reverse("monitoring:upload")).status_code == 403


# --- An upload is its uploader's --------------------------------------------------------------------------------------


@pytest.fixture
def upload():
    return Upload.objects.create(
        id=UUID(int=1), uploaded_by=make_account(Role.EDITOR), content_hash="1" * 64, filename="whose.pdf", size=1
    )


@pytest.mark.parametrize("role", [Role.EDITOR, Role.NATIONAL_DESK], ids=str)
def test_nobody_follows_anothers_upload(upload, role):
    address = reverse("monitoring:upload-progress", args=[upload.pk])
    assert sign_in(Client(), upload.uploaded_by).get(address).status_code == 200
    other = sign_in(Client(), make_account(role, state="XA"))
    assert other.get(address).status_code == 404
    assert "whose.pdf" not in other.get(reverse("monitoring:upload")).content.decode()


# --- Once disallowed, never allowed again -----------------------------------------------------------------------------


def test_an_editor_and_administrator_refused_one_country_judges_the_other_and_no_role_helps(client, findings):
    account = make_account(Role.EDITOR, Role.ADMINISTRATOR)
    sign_in(client, account, staff_session="to try to judge there")
    assert judge(client, findings["XA"]) == 302  # there is something to refuse
    refuse(account, Claim.JUDGE_FINDINGS, state_id="XA")
    assert {state: judge(client, finding) for state, finding in findings.items()} == {"XA": 403, "XB": 302, None: 403}
    for role in (Role.REVIEWER, Role.EDITOR):
        models.RoleGrant.objects.create(account=account, role=role, since=timezone.now())
    models.RoleGrant.objects.create(account=account, role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now())
    assert judge(client, findings["XA"]) == 403


def test_the_action_asks_too(findings):
    account = make_account(Role.EDITOR)
    refuse(account, Claim.JUDGE_FINDINGS, state_id="XA")
    with pytest.raises(PermissionDenied):
        actions.review_finding(finding=findings["XA"], by=account, review="confirmed")
    assert not can_review(account, findings["XA"])
    assert can_review(account, findings["XB"])


def test_a_refusal_for_one_state_is_not_got_round_by_not_naming_it(client, db):
    account = make_account(Role.EDITOR)
    assert (can_upload(account, None), states_to_upload(account)) == (True, None)
    refuse(account, Claim.UPLOAD_REPORTS, state_id="XA")
    account = models.Account.objects.get(pk=account.pk)
    assert (can_upload(account, None), can_upload(account, "XA"), can_upload(account, "XB")) == (False, False, True)
    sign_in(client, account)
    assert sorted(offered(client)) == BUT_XA
    assert [bring(client, state=state).status_code for state in ("", "XA", "XB")] == [422, 422, 302]


def test_a_refusal_holds_from_the_next_request_and_ends_when_it_is_ended(client, findings):
    account, by = make_account(Role.EDITOR), make_account(Role.ADMINISTRATOR)
    by.second_factor, by.staff_session = (
        True,
        models.StaffSession.objects.create(
            account=by,
            browser="b",
            reason="a conflict of interest",
            ends_at=timezone.now() + timedelta(minutes=5),
        ),
    )
    sign_in(client, account)
    refusal = rights.refuse_claim(
        account=account, claim=Claim.JUDGE_FINDINGS, by=by, reason="wrote the report", state="XA"
    )
    assert judge(client, findings["XA"]) == 403
    rights.end_refusal(refusal=refusal, by=by, reason="was somebody else")
    assert judge(client, findings["XA"]) == 302
    assert [(one.verb, one.details) for one in Entry.objects.filter(actor=by)] == [
        ("ended a refusal", {"claim": "judge_findings", "state": "XA", "network": "", "meeting": ""}),
        ("refused a claim", {"claim": "judge_findings", "state": "XA", "network": "", "meeting": ""}),
    ]


def test_what_is_public_stays_public_for_who_is_refused_everything(client, findings):
    account = make_account(Role.READER)
    for claim in Claim:
        refuse(account, claim)
    sign_in(client, account)
    report = Report.objects.first()
    assert client.get(reverse("monitoring:report", args=[report.public_id])).status_code == 200
    assert client.get(reverse("network:directory")).status_code == 200  # with what everybody reads
