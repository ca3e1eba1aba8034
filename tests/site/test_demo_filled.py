"""The contents of a filled demonstration; it is filled once for all tests in this module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samsvar.network.rights import Role
from samsvar.site.audit.queries import get_change_number
from samsvar.site.convention.models import TreatyEvent
from samsvar.site.demo import actions
from samsvar.site.demo.accounts import make_demo_accounts
from samsvar.site.demo.helpers import load_demo_file
from samsvar.site.demo.sources import fictional_reports
from samsvar.site.exchange.achievements.queries import achievements
from samsvar.site.exchange.models import Adoption, HelpRequest, Introduction, Practice
from samsvar.site.implementation.desk import queries
from samsvar.site.implementation.models import Answer, Cluster, Measure, Triage
from samsvar.site.monitoring.models import Document, Finding, FindingLink, Report, Section
from samsvar.site.network.accounts.queries import demo_accounts
from samsvar.site.network.models import Network, RoleGrant
from tests.factories.stored import store_files_in

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def filled_folder(module_rows: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo")
    with module_rows():
        with store_files_in(folder):
            actions.fill_demo()
        yield folder


@pytest.fixture
def filled_demo(filled_folder: Path, db: None) -> Iterator[None]:
    with store_files_in(filled_folder):
        yield


def test_a_demo_has_real_facts_and_fictional_reports(filled_demo):
    fictional = {"XA", "XB", "XC"}
    assert {report.document.state_id for report in Report.objects.all()} == fictional
    # no fictional finding about a real state
    assert {finding.state_id for finding in Finding.objects.all()} == fictional
    assert Report.objects.count() == len(fictional_reports())
    assert not Document.objects.filter(origin="demo").exclude(state__in=fictional).exists()
    assert Document.objects.filter(origin__in=["catalogue", "hudoc"], state="NO").exists()
    assert Section.objects.filter(articles__article=7).exists()
    assert Finding.objects.count() >= 75
    assert FindingLink.objects.filter(certain=True).exists()
    assert set(TreatyEvent.objects.filter(source__contains="fictional").values_list("state_id", flat=True)) == fictional


def test_every_character_of_the_demo_reports_is_accounted_for(filled_demo):
    for report in Report.objects.all():
        account = report.account
        assert account["read"] == account["understood"] + sum(account["set_aside"].values()), report.filename
        assert account["unexplained"] == []


def test_filling_the_demo_again_changes_nothing(filled_demo):
    before = get_change_number()
    actions.fill_demo()
    assert (get_change_number(), Report.objects.count()) == (before, len(fictional_reports()))


def test_a_changed_source_is_read_again_and_replaces_the_old_one(filled_demo, monkeypatch):
    old = set(Document.objects.filter(origin="demo").values_list("source", flat=True))
    monkeypatch.setattr(actions, "sources_hash", lambda: "another edition")
    report = fictional_reports()[-1]
    actions.ingest_demo_report(report)
    now = set(Document.objects.filter(origin="demo").values_list("source", flat=True))
    assert len(now) == len(old)
    assert now - old == {f"{report.file} another edition"}


def test_a_demo_has_an_account_for_each_role(filled_demo):
    Network.objects.get_or_create(slug="lantern", defaults={"name": "Lantern"})
    make_demo_accounts()
    given = [
        (
            grant.account.email,
            grant.role,
            grant.state_id or "",
            grant.network.slug if grant.network else "",
            grant.meeting,
        )
        for grant in RoleGrant.objects.select_related("account", "network").order_by("pk")
        if grant.account.email in {one.email for one in demo_accounts()}
    ]
    own = sorted((one.email, one.role, one.state, one.network, one.meeting) for one in demo_accounts())
    others = [one for one in given if one not in own]  # the demonstration's organiser also runs its other meetings
    assert sorted(one for one in given if one in own) == own
    assert {(email, role) for email, role, *_ in others} <= {("organiser@sudmar.example", Role.ORGANISER)}
    assert {role for _, role, *_ in given} == set(Role)
    assert all(one.email.endswith(".example") for one in demo_accounts())


def test_what_the_demo_exchange_achieved_leads_to_the_programme_that_paid_for_it(filled_demo):
    page = achievements(None)
    assert [(line.key, sum(line.counts) > 0) for line in page.programmes] == [("xa-lantern-fund", True)]


def test_the_demo_exchange_has_practices_requests_introductions_and_adoptions_in_several_states(filled_demo):
    counts = [model.objects.count() for model in (Practice, HelpRequest, Introduction, Adoption)]
    assert counts == [24, 15, 3, 4]
    assert len(set(HelpRequest.objects.values_list("status", flat=True))) >= 5
    introductions = list(Introduction.objects.order_by("status"))
    assert [one.status for one in introductions].count("did_not_take_place") == 1
    assert all(one.reasons and one.weights and one.score for one in introductions)
    assert len(set(Adoption.objects.values_list("kind", flat=True))) == 3


def test_nordmark_has_a_plan_whose_measures_answer_findings(filled_demo):
    data = load_demo_file("implementation.toml")
    places = {
        answer if isinstance(answer, str) else answer["finding"]
        for entry in data["measure"]
        for answer in entry["answers"]
    }
    linked = Answer.objects.filter(ended_at=None).select_related("finding__report__document")
    assert {f"{one.finding.report.document.reference[-3:]} § {one.finding.paragraph}" for one in linked} == places
    assert Measure.objects.filter(plan__isnull=False).count() == len(data["measure"]) == 40
    # those of other states came of practices that they take up
    assert all(measure.adoptions.exists() for measure in Measure.objects.exclude(state="XA"))
    for entry in data["measure"]:
        if "lead" in entry:
            assert Measure.objects.get(reference=entry["reference"]).lead is not None, entry["reference"]
    clusters = {cluster.title: cluster.triages.count() for cluster in Cluster.objects.all()}
    assert clusters == {entry["title"]: len(entry["findings"]) for entry in data["cluster"]}
    for entry in data["decision"]:
        assert Triage.objects.filter(decision=entry["decision"], reason=entry.get("reason", "")).count() >= len(
            entry["findings"]
        )
    open_items = queries.triage_page(None, "XA", queries.TriageFilters()).counts["open"]
    assert open_items >= 10  # something is left to decide about in the demonstration
