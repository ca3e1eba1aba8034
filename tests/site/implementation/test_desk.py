"""The desk of a state: what to do now, and decisions about findings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from samsvar.implementation.evidence import EvidenceStatus, Side
from samsvar.implementation.measures import Stage, TriageDecision
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.convention.models import State
from samsvar.site.implementation import models
from samsvar.site.implementation.desk import queries
from samsvar.site.implementation.measures import actions
from samsvar.site.monitoring.models import Finding, FindingLink
from samsvar.site.shell import hooks
from tests.factories.implementation import make_evidence, make_measure
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

DESK = "/en/countries/XA/desk/"
TRIAGE = f"{DESK}findings/"
SHELTER = "GREVIO urges the authorities to open enough shelters with accessible places in every region of the country."
SAME = "GREVIO urges the authorities to open accessible shelters with enough places in all regions of the country."
OTHER = "GREVIO urges the authorities to train judges and prosecutors on psychological violence and coercive control."


@pytest.fixture
def findings(nordmark: State) -> dict[str, Finding]:
    """Return four findings by paragraph: two that ask for the same, one of another kind, and praise."""
    make_report(
        reading=make_reading(
            [
                make_finding(1, text=OTHER, strength=Strength.ENCOURAGES, articles=("15",)),
                make_finding(2, text=SHELTER, articles=("23",)),
                make_finding(3, text=SAME, articles=("23",)),
                make_finding(4, strength=Strength.WELCOMES),
            ]
        )
    )
    return {finding.paragraph: finding for finding in Finding.objects.all()}


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer
    return answer.content.decode()


def decide(desk: Client, verb: str, *chosen: Finding, status: int = 302, **fields: Any) -> str:
    data = {f"{verb}-{name}": value for name, value in fields.items()}
    answer = desk.post(f"{TRIAGE}decide/", {"decision": verb, "finding": [one.public_id for one in chosen], **data})
    text = answer.content.decode()
    assert answer.status_code == status, text[text.find("notice") : text.find("notice") + 600]
    return text


def decisions() -> dict[str, tuple[str, str, str]]:
    return {
        triage.finding.paragraph: (triage.decision, triage.body_text, triage.reason)
        for triage in models.Triage.objects.select_related("finding")
    }


# --- What to do now ---------------------------------------------------------------------------------------------------


def test_the_strongest_and_oldest_findings_without_an_answer_come_first(desk: Client, findings: dict[str, Finding]):
    older = make_reading([make_finding(9, text=SHELTER)], reference="GREVIO(2019)9", published=date(2019, 5, 1))
    make_report(b"older", older)
    page = queries.desk_page("XA", date(2026, 5, 1))
    assert [item.first.paragraph for item in page.open_items] == ["9", "2", "3", "1"]
    actions.link_answer(by=None, measure=make_measure(), finding=findings["2"])
    actions.triage_findings(by=None, state="XA", findings=[findings["3"]], body="Ministry of Hope")
    page = queries.desk_page("XA", date(2026, 5, 1))
    assert [item.first.paragraph for item in page.open_items] == ["9", "1"]
    assert page.finding_counts == {"open": 2, "in_hand": 1, "not_for_us": 0, "no_measure": 0, "answered": 1}
    # a reviewer confirmed that a later text restates the finding of 2019: only the later one is to be handled
    FindingLink.everything.create(
        later=findings["2"], earlier=Finding.objects.get(paragraph="9"), basis="citation", certain=True, similarity=1,
        later_text=FindingLink.LaterText.RESTATES,
    )  # fmt: skip
    assert [item.first.paragraph for item in queries.desk_page("XA", date(2026, 5, 1)).open_items] == ["1"]


def test_a_cluster_counts_once_and_breaking_it_up_loses_nothing(desk: Client, findings: dict[str, Finding]):
    decide(desk, "cluster", findings["2"], findings["3"], title="Enough shelters")
    page = queries.desk_page("XA", date(2026, 5, 1))
    assert (page.open_count, [len(item.findings) for item in page.open_items]) == (2, [2, 1])
    assert "Enough shelters: 2 findings" in read(desk, DESK)
    decide(desk, "not_for_us", findings["3"], reason="The regions decide")
    both = ("not_for_us", "", "The regions decide")
    assert (decisions()["2"], decisions()["3"]) == (both, both)
    cluster = models.Cluster.objects.get()
    assert desk.post(f"{DESK}clusters/{cluster.pk}/break-up/").status_code == 302
    assert (decisions()["2"], decisions()["3"]) == (both, both)
    assert not models.Cluster.objects.exists()


@pytest.mark.parametrize(
    ("due", "stage", "expected"),
    [
        ("2026-04-30", Stage.UNDER_WAY, "overdue"),
        ("2026-04-30", Stage.DONE, ""),
        ("2026-04-30", Stage.STOPPED, ""),
        ("2026-05-01", Stage.DECIDED, "soon"),  # due today
        ("2026-07-30", Stage.DECIDED, "soon"),  # in 90 days
        ("2026-07-31", Stage.DECIDED, ""),
        ("2026-04", Stage.DECIDED, "overdue"),
        ("2026-05", Stage.DECIDED, "soon"),
        ("2026", Stage.DECIDED, ""),  # at the end of the year at the latest
        ("2025", Stage.DECIDED, "overdue"),
        ("", Stage.DECIDED, ""),
    ],
)
def test_measures_are_overdue_or_due_in_ninety_days(nordmark: State, due: str, stage: Stage, expected: str):
    make_measure(due=due, stage=stage, reason="x")
    page = queries.desk_page("XA", date(2026, 5, 1))
    assert ("overdue" if page.overdue else "soon" if page.due_soon else "") == expected


def test_the_desk_shows_its_own_evidence_that_waits_and_panels_of_other_features(
    desk: Client, nordmark: State, monkeypatch: pytest.MonkeyPatch
):
    measure = make_measure()
    make_evidence(measure, title="Our own count", status=EvidenceStatus.OFFERED)
    make_evidence(measure, title="What the shelters counted", side=Side.CIVIL_SOCIETY, status=EvidenceStatus.OFFERED)
    monkeypatch.setitem(hooks._PROVIDERS["page_panel"], "desk", [])
    due = {"due": [], "none": "Two asks are out", "page": {"state": "XA"}}
    hooks.register("page_panel:desk", lambda state: ("implementation/desk/_due.html", due) if state == "XA" else None)
    hooks.register("page_panel:desk", lambda state: None)
    page = read(desk, DESK)
    assert "Our own count" in page
    assert "What the shelters counted" not in page  # not yet released by the side that gives it
    assert "Two asks are out" in page


def test_the_desk_takes_few_queries(desk: Client, findings: dict[str, Finding], django_assert_max_num_queries: Any):
    for number in range(20):
        measure = make_measure(f"Measure {number}", due="2020", visibility="desk")
        actions.link_answer(by=None, measure=measure, finding=findings["2"])
    read(desk, DESK)  # the first page after signing in also stores the session
    # seven of every page of someone who is signed in, three of the desk, and one of each panel
    with django_assert_max_num_queries(12):
        read(desk, DESK)


def test_signing_in_leads_the_desk_to_its_state(desk: Client, client: Client):
    assert desk.get("/en/desk/")["Location"] == DESK
    assert f'href="{DESK}"' in read(desk, "/en/")
    assert f'href="{DESK}"' not in read(client, "/en/")
    both = make_account(Role.NATIONAL_DESK, state="XA")
    both.grants.create(role=Role.NATIONAL_DESK, since=timezone.now(), state_id="XB")
    assert "/en/countries/XB/desk/" in read(sign_in(Client(), both), "/en/desk/")


# --- Decisions --------------------------------------------------------------------------------------------------------


def test_each_decision_is_stored_with_its_role_and_can_be_undone(desk: Client, findings: dict[str, Finding]):
    measure = make_measure()
    decide(desk, "assign", findings["1"], body="Ministry of Justice")
    decide(desk, "no_measure", findings["1"], reason="Done by law already")
    decide(desk, "link", findings["2"], findings["3"], measure=measure.public_id, scope="whole")
    assert decisions() == {
        "1": ("no_measure", "Ministry of Justice", "Done by law already"),
        "2": ("in_hand", "", ""),
        "3": ("in_hand", "", ""),
    }
    assert models.Answer.objects.filter(ended_at=None).count() == 2
    assert set(models.Change.objects.filter(by__isnull=False).values_list("role", flat=True)) == {"national_desk"}
    for expected in (
        {
            "1": ("no_measure", "Ministry of Justice", "Done by law already"),
            "2": ("open", "", ""),
            "3": ("open", "", ""),
        },
        {"1": ("in_hand", "Ministry of Justice", ""), "2": ("open", "", ""), "3": ("open", "", "")},
        {"1": ("open", "", ""), "2": ("open", "", ""), "3": ("open", "", "")},
    ):
        assert desk.post(f"{TRIAGE}undo/").status_code == 302
        assert decisions() == expected
    assert not models.Answer.objects.filter(ended_at=None).exists()
    desk.post(f"{TRIAGE}undo/")
    assert "There is nothing to undo" in read(desk, TRIAGE)
    assert "Undo your last decision" not in read(desk, TRIAGE)


def test_a_decision_that_a_colleague_has_changed_cannot_be_undone(desk: Client, findings: dict[str, Finding]):
    decide(desk, "assign", findings["1"], body="Ministry of Justice")
    colleague = sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XA"))
    decide(colleague, "assign", findings["1"], body="Ministry of Hope")
    desk.post(f"{TRIAGE}undo/")
    assert "Someone has decided again" in read(desk, TRIAGE)
    assert decisions()["1"][1] == "Ministry of Hope"


def test_undo_restores_a_cluster_that_was_broken_up(desk: Client, findings: dict[str, Finding]):
    decide(desk, "cluster", findings["2"], findings["3"], title="Enough shelters")
    desk.post(f"{DESK}clusters/{models.Cluster.objects.get().pk}/break-up/")
    desk.post(f"{TRIAGE}undo/")
    assert models.Cluster.objects.get().triages.count() == 2


@pytest.mark.parametrize(
    ("verb", "fields", "words"),
    [
        ("not_for_us", {"reason": " "}, "Nothing is set aside without a reason"),
        ("no_measure", {}, "Nothing is set aside without a reason"),
        ("assign", {"body": ""}, "This field is required"),
        ("link", {"scope": "whole"}, "This field is required"),
        ("cluster", {"title": "x"}, "A cluster needs at least two findings"),
    ],
)
def test_a_decision_without_what_it_needs_is_not_saved(
    desk: Client, findings: dict[str, Finding], verb: str, fields: dict[str, str], words: str
):
    page = decide(desk, verb, findings["1"], status=422, **fields)
    assert words in page
    assert f'value="{findings["1"].public_id}" id="finding-{findings["1"].public_id}" checked' in page
    assert decisions() == {}
    assert "Select at least one finding" in decide(desk, "reopen", status=422)


def test_similar_findings_are_suggested_and_nothing_is_put_together_unasked(desk: Client, findings: dict[str, Finding]):
    page = queries.triage_page(None, "XA", queries.TriageFilters())
    similar = {item.first.paragraph: [other.paragraph for other in item.similar] for item in page.items}
    assert similar == {"2": ["3"], "3": ["2"], "1": []}
    assert "Similar wording under the same article" in read(desk, TRIAGE)
    assert not models.Cluster.objects.exists()
    decide(desk, "cluster", findings["2"], findings["3"], title="Enough shelters")
    assert "Similar wording" not in read(desk, TRIAGE)


@pytest.mark.parametrize(
    ("query", "paragraphs"),
    [("", ["2", "1"]), ("show=in_hand", []), ("show=answered", ["3"]), ("show=all", ["2", "3", "1"]),
     ("article=15", ["1"]), ("strength=encourages", ["1"]), ("strength=none", []), ("show=nonsense", [])],
)  # fmt: skip
def test_filters(desk: Client, findings: dict[str, Finding], query: str, paragraphs: list[str]):
    actions.link_answer(by=None, measure=make_measure(), finding=findings["3"])
    page = read(desk, f"{TRIAGE}?{query}")
    shown = {page.index(f'id="finding-{one.public_id}"'): one.paragraph
             for one in findings.values() if f'id="finding-{one.public_id}"' in page}  # fmt: skip
    assert [shown[position] for position in sorted(shown)] == paragraphs


def test_the_page_of_a_finding_at_the_desk(client: Client, desk: Client, findings: dict[str, Finding]):
    finding = findings["1"]
    page = f"{TRIAGE}{finding.public_id}/"
    assert desk.post(page, {"parts": "3", "note": "Ask the courts first"}).status_code == 302
    assert "Ask the courts first" in read(desk, page)
    assert models.Triage.objects.get().parts == 3
    public = read(client, f"/en/findings/{finding.public_id}/")
    assert "Ask the courts first" not in public
    assert page not in public
    assert page in read(desk, f"/en/findings/{finding.public_id}/")
    answer = desk.post(f"{TRIAGE}decide/", {
        "decision": "assign", "finding": finding.public_id, "page": "finding", "assign-body": "The courts"
    })  # fmt: skip
    assert answer["Location"] == page
    actions.link_answer(by=None, measure=make_measure("A public measure"), finding=finding)
    assert "A public measure" in read(client, f"/en/findings/{finding.public_id}/")


def test_shortcuts_can_be_turned_off(desk: Client, findings: dict[str, Finding]):
    assert "data-shortcut=" in read(desk, TRIAGE)
    desk.post(f"{TRIAGE}shortcuts/")
    assert "data-shortcut=" not in read(desk, TRIAGE)


def test_another_desk_and_the_public_see_nothing_of_a_desk(client: Client, findings: dict[str, Finding]):
    other = sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XB"))
    for address in (DESK, TRIAGE, f"{TRIAGE}{findings['1'].public_id}/"):
        assert other.get(address).status_code == 403
        assert client.get(address)["Location"].startswith("/en/sign-in/")
    assert other.post(f"{TRIAGE}decide/", {"decision": "reopen", "finding": findings["1"].public_id}).status_code == 403


def test_decisions_about_findings_of_another_state_are_refused(desk: Client, nordmark: State):
    make_report(b"sudmar", make_reading([make_finding(1, state="XB")], state="XB", reference="GREVIO(2022)2"))
    assert "Select at least one finding" in decide(desk, "not_for_us", Finding.objects.get(), status=422, reason="x")
    assert not models.Triage.objects.exists()
    assert TriageDecision.OPEN not in decisions()
