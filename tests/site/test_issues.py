"""Links between rounds, proposed and decided, the line of an issue on three pages, and everything as on a day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring.actions.ingest import reread_report
from samsvar.site.monitoring.actions.links import LinkChanged, LinkDecisionInvalid, decide_link, undo_link_decision
from samsvar.site.monitoring.models import Finding, FindingArticle, FindingLink, LinkDecision, Report
from samsvar.site.monitoring.rounds import round_rows_of_state
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_reading, make_report
from tests.site.test_pages import page_text

pytestmark = pytest.mark.django_db

SHELTERS = "the authorities to open enough specialist shelters for women and their children in every region"
BASELINE = make_reading(
    [
        make_finding(49, articles=("22",), text=f"GREVIO urges {SHELTERS}."),
        make_finding(50, articles=("25",), text="GREVIO urges the authorities to set up rape crisis centres."),
    ],
    published=date(2018, 9, 21), reference="GREVIO/Inf(2018)901",
)  # fmt: skip


@pytest.fixture
def rounds() -> None:
    """Load three rounds: 2018 §§ 49 and 50; 2021 § 3 cites § 49; 2025 § 12 is worded like § 49 and cites nothing."""
    load_convention()
    make_report(b"2018", BASELINE)
    conclusions = make_finding(
        3, body="committee_of_the_parties", strength=Strength.ENCOURAGES, articles=("22",),
        cites=("GREVIO/Inf(2018)901 § 49",), text="The Committee encourages more places (GREVIO/Inf(2018)901, § 49).",
    )  # fmt: skip
    reading = make_reading(
        [conclusions], body="committee_of_the_parties", published=date(2021, 12, 7), reference="IC-CP 903"
    )
    make_report(b"2021", reading, about={"procedure": "conclusions"})
    thematic = make_finding(
        12, strength=Strength.STRONGLY_ENCOURAGES, articles=("22",), text=f"GREVIO strongly encourages {SHELTERS}."
    )
    reading = make_reading([thematic], published=date(2025, 2, 3), reference="GREVIO/Inf(2025)901")
    make_report(b"2025", reading, about={"procedure": "first_thematic"})


def proposed() -> FindingLink:
    return FindingLink.objects.select_related("later", "earlier").get(certain=False, later__paragraph="12",
                                                                      earlier__paragraph="49")  # fmt: skip


def cited() -> FindingLink:
    return FindingLink.objects.select_related("later", "earlier").get(certain=True)


def decide_at(day: str, link: FindingLink, **how: str) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    with patch.object(timezone, "now", lambda: at):
        decide_link(link=link, by=make_account(Role.REVIEWER), **how)


def steps_of(line) -> list[tuple[str, str, str | None]]:
    return [(step.year, step.change.value, step.strength) for step in line.steps]


def country_lines(client: Client, **params: str) -> list[list[tuple[str, str, str | None]]]:
    page = client.get("/en/countries/XA/rounds/", params).context["page"]
    return [steps_of(row.line) for row in page.issues.rows]


# --- Decisions --------------------------------------------------------------------------------------------------------


def test_a_proposed_link_joins_nothing_until_a_person_confirms_it(rounds, client: Client):
    cited_only = [("2018", "first", "urges"), ("2021", "weaker", "encourages"), ("2025", "not_raised", None)]
    assert country_lines(client) == [cited_only]
    words = page_text(client.get("/en/countries/XA/rounds/"))
    assert "not raised again: not known whether it was resolved GREVIO 2025" in words
    assert "1 recommendation of earlier rounds is not linked to a later text" in words
    assert "1 link proposed by the computer" in words
    decide_link(link=proposed(), by=make_account(Role.REVIEWER), later_text="restates")
    joined = [*cited_only[:2], ("2025", "stronger", "strongly_encourages")]
    assert country_lines(client) == [joined]
    (state,) = client.get("/en/articles/22/").context["page"].states
    assert [steps_of(line) for line in state.issues] == [joined]
    page = client.get(f"/en/findings/{proposed().later.public_id}/").context["page"]
    assert steps_of(page.issue) == joined


@pytest.mark.parametrize("paragraph", ["49", "3"])
def test_a_finding_that_a_reviewer_rejected_is_in_no_line(rounds, client: Client, paragraph: str):
    Finding.objects.filter(paragraph=paragraph).update(review="rejected")
    assert country_lines(client) == []
    (state,) = client.get("/en/articles/22/").context["page"].states
    assert state.issues == ()


def test_a_line_is_under_the_articles_of_its_earlier_findings_too(rounds, client: Client):
    FindingArticle.objects.filter(finding__paragraph="3").update(article=23)
    for article in (22, 23):
        lines = [state.issues for state in client.get(f"/en/articles/{article}/").context["page"].states]
        assert [[step.year for step in line.steps] for (line,) in lines] == [["2018", "2021", "2025"]]


def test_a_proposed_link_is_labelled_and_apart_from_the_certain_ones(rounds, client: Client):
    html = client.get(f"/en/findings/{proposed().earlier.public_id}/").content.decode()
    certain, _heading, suggestions = html.partition("Proposed by the computer")
    assert "Committee of the Parties 2021 § 3, p. 1" in certain
    assert "GREVIO 2025 § 12, p. 1" in suggestions
    assert "proposed by the computer: same article and similar wording" in suggestions


def test_a_link_set_aside_is_hidden_from_readers_and_never_proposed_again(rounds, client: Client):
    link = proposed()
    decide_link(link=link, by=make_account(Role.REVIEWER), later_text="set_aside")
    report = Report.objects.get(document__reference="GREVIO/Inf(2018)901")
    reread_report(report=report, read=lambda *_, **__: BASELINE)
    assert proposed().later_text == "set_aside"
    assert "proposed by the computer" not in page_text(client.get("/en/countries/XA/rounds/"))
    address = f"/en/findings/{link.later.public_id}/"
    assert "GREVIO 2018 § 49" not in page_text(client.get(address))
    client.force_login(make_account(Role.REVIEWER))
    assert "Links set aside" in page_text(client.get(address))
    with pytest.raises(LinkDecisionInvalid):  # it cites the paragraph
        decide_link(link=cited(), by=make_account(Role.REVIEWER), later_text="set_aside")


def test_taking_up_an_issue_leaves_the_earlier_finding_open_and_restating_does_not(rounds):
    def open_paragraphs() -> set[str]:
        keys = round_rows_of_state("XA").build("XA").open
        return set(Finding.objects.filter(pk__in=keys).values_list("paragraph", flat=True))

    reviewer = make_account(Role.REVIEWER)
    # § 49 is no longer of the latest round on Article 22, § 50 is on its own
    assert open_paragraphs() == {"12", "50"}
    link = FindingLink.objects.create(
        later=Finding.objects.get(paragraph="12"), earlier=Finding.objects.get(paragraph="50"), basis="wording",
        certain=False, similarity=0.3,
    )  # fmt: skip
    decide_link(link=link, by=reviewer, later_text="takes_up")
    assert open_paragraphs() == {"12", "50"}
    decide_link(link=link, by=reviewer, later_text="restates")
    assert open_paragraphs() == {"12"}


def test_a_decision_that_someone_else_made_meanwhile_is_not_overwritten(rounds):
    decide_link(link=proposed(), by=make_account(Role.REVIEWER), later_text="takes_up", seen="")
    with pytest.raises(LinkChanged):
        decide_link(link=proposed(), by=make_account(Role.REVIEWER), later_text="restates", seen="")
    assert proposed().later_text == "takes_up"


def test_a_decision_about_a_text_that_is_read_otherwise_is_dropped_and_recorded(rounds):
    decide_link(link=cited(), by=make_account(Role.REVIEWER), later_text="closes", reason="They are open.")
    other = replace(BASELINE.findings[0], text=f"GREVIO urges {SHELTERS}, and to fund them.")
    report = Report.objects.get(document__reference="GREVIO/Inf(2018)901")
    reread_report(report=report, read=lambda *_, **__: replace(BASELINE, findings=(other, *BASELINE.findings[1:])))
    assert cited().later_text == ""
    (dropped,) = AuditEntry.objects.filter(verb="dropped a decision on a later text")
    assert dropped.details["decision"] == "closes"


def test_what_one_text_closes_stays_closed_whatever_another_restates(rounds):
    reviewer = make_account(Role.REVIEWER)
    decide_link(link=cited(), by=reviewer, later_text="closes", reason="The shelters are open.")
    decide_link(link=proposed(), by=reviewer, later_text="restates")
    assert round_rows_of_state("XA").later_texts[cited().earlier.pk] == "closes"


def test_a_withdrawn_decision_leaves_nothing_at_the_link(rounds):
    decide_link(link=proposed(), by=make_account(Role.REVIEWER), later_text="closes", reason="They are open.")
    decide_link(link=proposed(), by=make_account(Role.REVIEWER), later_text="", reason="They are closed again.")
    assert (proposed().later_text, proposed().reason, proposed().decided_by, proposed().decided_at) == (
        "",
        "",
        None,
        None,
    )


def test_an_undone_decision_restores_the_one_before_and_the_history_keeps_both(rounds):
    first, second = make_account(Role.REVIEWER), make_account(Role.REVIEWER)
    decide_link(link=proposed(), by=first, later_text="takes_up")
    decide_link(link=proposed(), by=second, later_text="closes", reason="The shelters are open.")
    last = LinkDecision.objects.last()
    with pytest.raises(LinkChanged):
        undo_link_decision(decision=last, by=first)
    with pytest.raises(LinkChanged):
        undo_link_decision(decision=LinkDecision.objects.first(), by=first)
    undo_link_decision(decision=last, by=second)
    link = proposed()
    assert (link.later_text, link.decided_by, link.reason) == ("takes_up", first, "")
    lines = [(line.later_text, line.role, line.is_undo) for line in LinkDecision.objects.all()]
    assert lines == [("takes_up", "reviewer", False), ("closes", "reviewer", False), ("takes_up", "reviewer", True)]
    assert [entry.verb for entry in AuditEntry.objects.filter(subject__startswith="finding").order_by("pk")][-3:] == [
        "confirmed that a later text takes up a finding",
        "confirmed that a later text closes a finding",
        "undid a decision on a later text",
    ]
    with pytest.raises(PermissionDenied):
        undo_link_decision(decision=last, by=make_account(Role.NATIONAL_DESK, state="XA"))


# --- The reviewer's list ----------------------------------------------------------------------------------------------


def test_a_reviewer_decides_about_both_passages_side_by_side_and_undoes_it(rounds, client: Client):
    address, link = "/en/review/links/", proposed()
    assert client.get(address).status_code in {302, 403}
    client.force_login(make_account(Role.REVIEWER))
    assert address in client.get("/en/review/").content.decode()
    words = page_text(client.get(address, {"state": "XA"}))
    assert f"Earlier text U urges GREVIO 2018 § 49, p. 1 GREVIO urges {SHELTERS}." in words
    assert f"Later text S strongly encourages GREVIO 2025 § 12, p. 1 GREVIO strongly encourages {SHELTERS}." in words
    post = {"seen": "", "reason": "", "from_list": "1", "list_status": "proposed", "list_state": "XA"}
    decided = client.post(
        f"/en/findings/{link.later.public_id}/links/{link.pk}/", {**post, "later_text": "restates"}, follow=True
    )
    assert decided.redirect_chain[0][0].startswith(f"{address}?status=proposed&state=XA&decided=")
    words = page_text(decided)
    assert "Decision saved." in words
    assert "Undo your decision" in words
    assert f"{SHELTERS}." not in words
    confirmed = page_text(client.get(address, {"status": "confirmed"}))
    assert "restates the earlier finding" in confirmed
    key = LinkDecision.objects.get().pk
    undone = client.post(f"{address}undo/", {**post, "decision": key}, follow=True)
    assert "Decision undone. The link is as it was before." in page_text(undone)
    assert proposed().later_text == ""
    refused = client.post(
        f"/en/findings/{link.later.public_id}/links/{link.pk}/", {**post, "later_text": "closes"}, follow=True
    )
    assert "A reason is missing." in page_text(refused)
    client.force_login(make_account(Role.REVIEWER))
    assert client.post(f"{address}undo/", {"decision": key}).status_code == 404


def test_a_reviewer_bound_to_a_state_does_not_see_its_links(rounds, client: Client):
    account = make_account(Role.REVIEWER)
    account.grants.create(role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now())
    client.force_login(account)
    assert "There are no such links." in page_text(client.get("/en/review/links/"))


def test_the_list_of_links_takes_few_queries(rounds, client: Client, django_assert_max_num_queries):
    client.force_login(make_account(Role.REVIEWER))
    client.get("/en/review/links/")
    with django_assert_max_num_queries(12):
        client.get("/en/review/links/?status=confirmed")


def test_the_page_of_a_finding_with_an_issue_takes_few_queries(rounds, client: Client, django_assert_max_num_queries):
    address = f"/en/findings/{proposed().earlier.public_id}/"
    client.get(address)
    with django_assert_max_num_queries(13):  # two of them for the issue
        client.get(address)
    with django_assert_max_num_queries(10):
        client.get(address, {"on": "2025-12-31"})


# --- As on a day ------------------------------------------------------------------------------------------------------


def test_as_on_a_day_later_texts_links_and_decisions_do_not_count(rounds, client: Client):
    decide_at("2022-03-01", cited(), later_text="closes", reason="They are open.")
    decide_at("2025-06-01", proposed(), later_text="restates")
    closed = [("2018", "first", "urges"), ("2021", "concluded", "encourages")]
    assert country_lines(client) == [[*closed, ("2025", "stronger", "strongly_encourages")]]
    assert country_lines(client, on="2025-05-31") == [closed]
    assert country_lines(client, on="2022-02-28") == [[("2018", "first", "urges"), ("2021", "weaker", "encourages")]]
    assert country_lines(client, on="2021-12-06") == []

    address = f"/en/findings/{cited().earlier.public_id}/"
    assert "Closed by a later text" in page_text(client.get(address, {"on": "2022-03-01"}))
    before = page_text(client.get(address, {"on": "2022-02-28"}))
    assert "Closed by a later text" not in before
    assert "the later finding cites the earlier one" in before
    assert "GREVIO 2025 § 12" not in before
    assert "Committee of the Parties 2021" not in page_text(client.get(address, {"on": "2021-12-06"}))

    def figures(on: str) -> tuple[int, int]:
        country = client.get("/en/countries/XA/", {"on": on}).context["page"].figures
        return country.open, client.get("/en/articles/22/", {"on": on}).context["page"].open

    assert [figures(on) for on in ("2018-09-20", "2018-09-21", "2021-12-07", "2025-05-31")] == [
        (0, 0), (2, 1), (2, 1), (2, 1),
    ]  # fmt: skip


def test_what_is_not_known_is_not_called_none(client: Client):
    load_convention()
    words = page_text(client.get("/en/countries/NO/rounds/"))
    assert "No report about this country has been processed: its findings are not known here." in words
    assert "No later text is linked" not in words
    make_report(b"2018", BASELINE)
    assert "No later text is linked to an earlier finding yet." in page_text(client.get("/en/countries/XA/rounds/"))
    finding = Finding.objects.get(paragraph="50")
    address = f"/en/findings/{finding.public_id}/"
    assert "No text of another round is linked" in page_text(client.get(address, {"on": "2020-01-01"}))
    assert "Same issue in other rounds" not in page_text(client.get(address))
    later = "This finding had not been published on that day."
    assert later in page_text(client.get(address, {"on": "2018-09-20"}))
    assert later not in page_text(client.get(address, {"on": "2018-09-21"}))
    before = page_text(client.get("/en/countries/XA/rounds/", {"on": "2018-09-20"}))
    assert "No report published by this day has been processed" in before


def test_on_a_day_no_decision_counts_about_a_later_text_or_a_rejected_finding(rounds):
    decide_at("2022-03-01", cited(), later_text="closes", reason="They are open.")
    decide_at("2024-06-01", proposed(), later_text="restates")  # of a text that is dated 2025
    days = (date(2022, 4, 1), date(2024, 7, 1), date(2025, 2, 3), None)
    assert [{*round_rows_of_state("XA", day).later_texts.values()} for day in days] == [{"closes"}] * 4
    Finding.objects.filter(paragraph="3").update(review="rejected")
    assert [{*round_rows_of_state("XA", day).later_texts.values()} for day in days] == [
        set(), set(), {"restates"}, {"restates"},
    ]  # fmt: skip


def test_a_withdrawn_decision_still_counts_as_on_a_day_before(rounds):
    def is_closed(day: date | None) -> bool:
        history = round_rows_of_state("XA", day).build("XA").histories[22]
        return history[0].is_closed

    decide_at("2022-03-01", cited(), later_text="closes", reason="They are open.")
    decide_at("2023-03-01", cited(), later_text="", reason="It was another paragraph.")
    days = (date(2022, 2, 28), date(2022, 3, 1), date(2023, 2, 28), date(2023, 3, 1), None)
    assert [is_closed(day) for day in days] == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("address", "is_as_on"),
    [
        ("/en/countries/XA/", True), ("/en/countries/XA/articles/", True), ("/en/countries/XA/reports/", True),
        ("/en/countries/XA/progress/", False), ("/en/articles/22/", True),
    ],
)  # fmt: skip
def test_a_page_says_that_it_is_as_on_a_day(rounds, client: Client, address, is_as_on):
    response = client.get(address, {"on": "2020-01-01"})
    words = page_text(response)
    assert ("As on 1 January 2020: texts published and decisions of reviewers made after it do not count" in words) is (
        is_as_on
    )
    assert ("this tab shows today" in words) is not is_as_on
    assert "2025" not in re.sub(r"Inf\(2025\)", "", words) or not is_as_on
    assert "is not a date" in page_text(client.get(address, {"on": "soon"}))


PAGES_ON_A_DAY = re.compile(
    r"/en/(?:countries/XA/(?:articles/|rounds/)?|articles/\d+/(?:countries/)?|findings/[^/]+/|compare/)"
)


def test_the_links_of_a_page_as_on_a_day_lead_to_pages_as_on_that_day(rounds, client: Client):
    addresses = [
        "/en/countries/XA/", "/en/countries/XA/articles/", "/en/countries/XA/rounds/", "/en/articles/22/",
        "/en/articles/22/countries/", "/en/compare/?state=XA&state=NO", f"/en/findings/{cited().earlier.public_id}/",
    ]  # fmt: skip
    for address in addresses:
        html = client.get(address, {**QueryDict(address.partition("?")[2]), "on": "2022-01-31"}).content.decode()
        main = html[html.index("<main") : html.index("</main")]
        links = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', main, re.DOTALL)
        dated = [
            href for href, text in links if PAGES_ON_A_DAY.fullmatch(href.partition("?")[0]) and text != "Show today"
        ]
        assert dated, address
        assert [href for href in dated if "on=2022-01-31" not in href] == [], address
        if 'class="filters"' in main:
            assert re.search(r'name="on"[^>]* value="2022-01-31"', main), address


def test_another_day_keeps_the_filters_of_a_page(rounds, client: Client):
    html = client.get("/en/countries/XA/articles/?status=open&on=2022-01-31&page=2").content.decode()
    form = re.search(r'<form class="row as-on.*?</form>', html, re.DOTALL)[0]
    assert re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)"', form) == [("status", "open")]
    assert re.findall(r'href="([^"]*)">Show today', html) == ["?status=open"] * 2
