"""Who may upload reports and review findings: a national desk only for its country, and no one against a refusal."""

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
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import tasks
from samsvar.site.monitoring.actions import reviews, uploads
from samsvar.site.monitoring.models import Finding, Report, Upload
from samsvar.site.monitoring.permissions import can_review, can_upload, uploadable_states
from samsvar.site.network import models
from samsvar.site.network.access.actions import roles as rights
from samsvar.territories import territories
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db

ALL_BUT_XA = sorted(set(territories()) - {"XA"})


@pytest.fixture(autouse=True)
def temporary_storage(settings, tmp_path, monkeypatch):
    settings.STORAGES = storage_settings(tmp_path)
    load_convention()
    monkeypatch.setattr(tasks, "read_upload", SimpleNamespace(enqueue=lambda *_a, **_k: None))  # nothing is read here


@pytest.fixture
def findings():
    """One finding on each of two fictional states, and one without a known state."""

    def on(state):
        reading = make_reading([make_finding(1, state=state)], state=state, reference=f"Fictional ({state})")
        return make_report(f"a report on {state}".encode(), reading).findings.get()

    found = {"XA": on("XA"), "XB": on("XB"), None: on("XC")}
    Finding.objects.filter(pk=found[None].pk).update(state=None)
    found[None].refresh_from_db()
    return found


def add_refusal(account, claim, **scope):
    return models.Refusal.objects.create(
        account=account, claim=claim, since=timezone.now(), reason="a fictional conflict of interest", **scope
    )


def submit_review(client, finding):
    return client.post(
        reverse("monitoring:review", args=[finding.public_id]), {"review": "confirmed", "note": "as printed"}
    ).status_code


def offered_states(client) -> list[str]:
    return [code for code, _name in client.get(reverse("monitoring:upload")).context["form"].fields["state"].choices]


def upload_report(client, **said):
    file = SimpleUploadedFile("fictional.txt", b"a fictional report")
    return client.post(reverse("monitoring:upload"), {"file": file, "body": "grevio", **said})


# --- A refusal overrides every role -----------------------------------------------------------------------------------


def test_a_national_desk_cannot_review_findings_on_any_country(client, findings):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    assert {state: submit_review(client, finding) for state, finding in findings.items()} == {
        "XA": 403,
        "XB": 403,
        None: 403,
    }
    assert set(Finding.objects.values_list("review", flat=True)) == {"machine"}


def test_a_national_desk_sees_the_form_for_proposals_only_for_its_own_country(client, findings):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    shown = {
        state: reverse("monitoring:propose", args=[one.public_id])
        in client.get(reverse("monitoring:finding", args=[one.public_id])).content.decode()
        for state, one in findings.items()
    }
    assert shown == {"XA": True, "XB": False, None: False}


def test_a_national_desk_can_choose_only_its_own_country_for_an_upload(client, db):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    assert offered_states(client) == ["XA"]


def test_a_national_desk_for_two_countries_can_choose_either(client, db):
    account = make_account(Role.NATIONAL_DESK, state="XA")
    models.RoleGrant.objects.create(account=account, role=Role.NATIONAL_DESK, state_id="XB", since=timezone.now())
    assert offered_states(sign_in(client, account)) == ["XA", "XB"]


@pytest.mark.parametrize(
    ("state", "status", "stored"), [("XA", 302, ["XA"]), ("XB", 422, []), ("", 422, []), ("ZZ", 422, [])]
)
def test_a_national_desk_can_upload_reports_on_its_own_country_only(client, db, state, status, stored):
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XA"))
    assert upload_report(client, state=state).status_code == status
    assert list(Upload.objects.values_list("state", flat=True)) == stored


def test_the_action_refuses_what_the_form_does_not_offer(db):
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    for state in ("XB", None):
        with pytest.raises(PermissionDenied):
            uploads.accept_upload(content=b"x", filename="a", body="auto", state=state, published=None, by=desk)
    assert Upload.objects.count() == 0


def test_a_national_desk_cannot_propose_or_upload_after_its_role_has_ended(client, findings):
    account = make_account(Role.NATIONAL_DESK, Role.READER, state="XA")
    account.grants.filter(role=Role.NATIONAL_DESK).update(until=timezone.now())
    sign_in(client, account)
    assert client.post(reverse("monitoring:propose", args=[findings["XA"].public_id])).status_code == 403
    assert client.get(reverse("monitoring:upload")).status_code == 403


# --- Only the uploader sees an upload ---------------------------------------------------------------------------------


@pytest.fixture
def upload():
    return Upload.objects.create(
        id=UUID(int=1), uploaded_by=make_account(Role.EDITOR), content_hash="1" * 64, filename="whose.pdf", size=1
    )


@pytest.mark.parametrize("role", [Role.EDITOR, Role.NATIONAL_DESK], ids=str)
def test_only_the_uploader_can_follow_an_upload(upload, role):
    address = reverse("monitoring:upload-progress", args=[upload.pk])
    assert sign_in(Client(), upload.uploaded_by).get(address).status_code == 200
    other = sign_in(Client(), make_account(role, state="XA"))
    assert other.get(address).status_code == 404
    assert "whose.pdf" not in other.get(reverse("monitoring:upload")).content.decode()


# --- A refusal overrides every role -----------------------------------------------------------------------------------


def test_a_refusal_for_one_country_overrides_every_role(client, findings):
    account = make_account(Role.EDITOR, Role.ADMINISTRATOR)
    sign_in(client, account, staff_session="to try to judge there")
    assert submit_review(client, findings["XA"]) == 302  # make sure there is something to refuse
    add_refusal(account, Claim.REVIEW_FINDINGS, state_id="XA")
    assert {state: submit_review(client, finding) for state, finding in findings.items()} == {
        "XA": 403,
        "XB": 302,
        None: 403,
    }
    for role in (Role.REVIEWER, Role.EDITOR):
        models.RoleGrant.objects.create(account=account, role=role, since=timezone.now())
    models.RoleGrant.objects.create(account=account, role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now())
    assert submit_review(client, findings["XA"]) == 403


def test_the_review_action_also_checks_refusals(findings):
    account = make_account(Role.EDITOR)
    add_refusal(account, Claim.REVIEW_FINDINGS, state_id="XA")
    with pytest.raises(PermissionDenied):
        reviews.review_finding(finding=findings["XA"], by=account, review="confirmed")
    assert not can_review(account, findings["XA"])
    assert can_review(account, findings["XB"])


def test_a_refusal_for_one_state_cannot_be_avoided_by_leaving_the_state_empty(client, db):
    account = make_account(Role.EDITOR)
    assert (can_upload(account, None), uploadable_states(account)) == (True, None)
    add_refusal(account, Claim.UPLOAD_REPORTS, state_id="XA")
    account = models.Account.objects.get(pk=account.pk)
    assert (can_upload(account, None), can_upload(account, "XA"), can_upload(account, "XB")) == (False, False, True)
    sign_in(client, account)
    assert sorted(offered_states(client)) == ALL_BUT_XA
    assert [upload_report(client, state=state).status_code for state in ("", "XA", "XB")] == [422, 422, 302]


def test_a_refusal_takes_effect_with_the_next_request_and_can_be_ended(client, findings):
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
        account=account, claim=Claim.REVIEW_FINDINGS, by=by, reason="wrote the report", state="XA"
    )
    assert submit_review(client, findings["XA"]) == 403
    rights.end_refusal(refusal=refusal, by=by, reason="was somebody else")
    assert submit_review(client, findings["XA"]) == 302
    assert [(one.verb, one.details) for one in AuditEntry.objects.filter(actor=by)] == [
        ("unblocked a permission", {"claim": "judge_findings", "state": "XA", "network": "", "meeting": ""}),
        ("blocked a permission", {"claim": "judge_findings", "state": "XA", "network": "", "meeting": ""}),
    ]


def test_public_pages_stay_open_to_an_account_refused_everything(client, findings):
    account = make_account(Role.READER)
    for claim in Claim:
        add_refusal(account, claim)
    sign_in(client, account)
    report = Report.objects.first()
    assert client.get(reverse("monitoring:report", args=[report.public_id])).status_code == 200
    assert client.get(reverse("network:directory")).status_code == 200  # shows what is public
