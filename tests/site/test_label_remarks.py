"""Labels that readers report as wrong: privately, to the reviewers of the state, with the passage."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.network.rights import Role
from samsvar.site.convention.models import State
from samsvar.site.monitoring.actions import remarks
from samsvar.site.monitoring.models import LabelRemark
from samsvar.site.network.privacy.actions.retention import run_retention
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding():
    cache.clear()
    for code in ("XA", "XB"):
        State.objects.get_or_create(code=code, defaults={"kind": "fictional"})
    return make_report().findings.first()


def address(finding):
    return reverse("monitoring:report-label", args=[finding.public_id])


def test_anyone_reports_a_label_and_a_reviewer_deals_with_it(finding, client):
    page = client.get(reverse("monitoring:finding", args=[finding.public_id]))
    assert address(finding) in page.content.decode()
    assert not page.cookies  # the page of the finding stays in the cache for everyone
    enforcing = Client(enforce_csrf_checks=True)
    assert enforcing.post(address(finding), {"part": "strength"}).status_code == 403
    answer = client.post(address(finding), {"part": "strength", "comment": "GREVIO only invites here."})
    assert (answer.status_code, "Thank you" in answer.content.decode()) == (200, True)
    remark = LabelRemark.objects.get()
    assert (remark.by, remark.part, remark.label["strength"], remark.status) == (None, "strength", "urges", "open")

    account = make_account(Role.REVIEWER)
    reviewer = sign_in(Client(), account)
    work = reviewer.get(reverse("monitoring:work-list")).content.decode()
    assert finding.text in work
    assert "GREVIO only invites here." in work
    assert (
        "GREVIO only invites" in reviewer.get(reverse("monitoring:finding", args=[finding.public_id])).content.decode()
    )
    reviewer.post(reverse("monitoring:deal-with-remark", args=[remark.pk]))
    remark.refresh_from_db()
    assert (remark.status, remark.dealt_with_by) == ("dealt_with", account)
    assert "GREVIO only invites" not in reviewer.get(reverse("monitoring:work-list")).content.decode()


def test_no_one_else_reads_a_report_and_no_one_reads_who_made_it(finding, client):
    reporter = make_account(email="reporter@example.org")
    remarks.remark_on_label(finding=finding, part="state", comment="It is about Sudmark.", by=reporter)
    page = reverse("monitoring:finding", args=[finding.public_id])
    desk = sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XA"))
    bound = sign_in(Client(), make_account(Role.REVIEWER, Role.NATIONAL_DESK, state="XA"))
    for visitor in (client, desk, bound, sign_in(Client(), reporter)):
        assert "Sudmark" not in visitor.get(page).content.decode()
    for visitor in (desk, bound):
        assert "Sudmark" not in visitor.get(reverse("monitoring:work-list")).content.decode()
    reviewer = sign_in(Client(), make_account(Role.REVIEWER))
    for shown in (page, reverse("monitoring:work-list")):
        text = reviewer.get(shown).content.decode()
        assert "Sudmark" in text
        assert "reporter@" not in text
        assert reporter.public_id not in text
    deal = reverse("monitoring:deal-with-remark", args=[LabelRemark.objects.get().pk])
    assert [visitor.post(deal).status_code for visitor in (desk, bound)] == [403, 403]
    assert LabelRemark.objects.get().status == "open"


def test_the_same_report_is_kept_once_and_many_are_refused(finding, client):
    reporter = make_account()
    for comment in ("First", "Second"):
        remarks.remark_on_label(finding=finding, part="strength", comment=comment, by=reporter)
    assert LabelRemark.objects.get().comment == "Second"
    for number in range(remarks.MAX_OPEN_REMARKS - 1):
        for _reload in range(2):
            remarks.remark_on_label(finding=finding, part="articles", comment=f"Article {number}")
    answer = client.post(address(finding), {"part": "articles"})
    assert answer.status_code == 409
    assert "already reported" in answer.content.decode()
    assert LabelRemark.objects.count() == remarks.MAX_OPEN_REMARKS


def test_the_rate_of_one_network_is_limited(finding, client, settings):
    settings.SAMSVAR_RATE_LIMITS = {**settings.SAMSVAR_RATE_LIMITS, "report_label": "2/h/ip"}
    codes = [client.post(address(finding), {"part": "articles"}).status_code for _number in range(3)]
    assert codes == [200, 200, 429]
    assert client.get(address(finding)).status_code == 200


def test_reports_are_deleted_after_a_year(finding):
    old, new = (remarks.remark_on_label(finding=finding, part=part) for part in ("articles", "state"))
    LabelRemark.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=366))
    run_retention(by=None, now=timezone.now())
    assert LabelRemark.objects.get() == new
