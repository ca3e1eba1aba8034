"""What a later text does to an earlier finding: proposed by lineage, decided by a reviewer, respected by *open*."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring.actions.ingest import reread_report
from samsvar.site.monitoring.actions.links import LinkChanged, LinkDecisionInvalid, decide_link
from samsvar.site.monitoring.actions.reviews import link_findings
from samsvar.site.monitoring.models import Finding, FindingLink, Report
from samsvar.site.monitoring.rounds import round_rows_of_state
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_reading, make_report
from tests.site.test_pages import page_text

pytestmark = pytest.mark.django_db

EARLIER = make_finding(49, articles=("22",), text="GREVIO urges the authorities to open shelters to all women.")
BASELINE = make_reading([EARLIER], published=date(2020, 9, 21), reference="GREVIO/Inf(2020)901")


@pytest.fixture
def link() -> FindingLink:
    """Return a link from a finding under no article to GREVIO 2020 § 49 under Article 22, which it cites."""
    load_convention()
    make_report(b"baseline", BASELINE)
    later = make_finding(
        3, body="committee_of_the_parties", strength=Strength.WELCOMES, articles=(),
        cites=("GREVIO/Inf(2020)901 § 49",),
        text="The Committee welcomes the opening of shelters to all women (GREVIO/Inf(2020)901, paragraph 49).",
    )  # fmt: skip
    reading = make_reading([later], body="committee_of_the_parties", published=date(2024, 6, 4), reference="IC-CP 903")
    make_report(b"conclusions", reading, about={"procedure": "conclusions"})
    return FindingLink.objects.get()


def open_strengths() -> list[str]:
    return list(round_rows_of_state("XA").build("XA").open.values())


def cell_strength(article: int = 22) -> tuple[str, bool]:
    result = round_rows_of_state("XA").build("XA").histories[article][-1]
    return (result.strength or "", result.is_closed)


def test_a_proposed_link_changes_nothing(link):
    assert (link.certain, link.later_text) == (True, "")
    assert open_strengths() == ["urges"]


def test_a_closed_finding_is_no_longer_open_and_the_decision_can_be_withdrawn(link):
    reviewer = make_account(Role.REVIEWER)
    link = decide_link(link=link, by=reviewer, later_text="closes", reason="All shelters are open.")
    assert (open_strengths(), cell_strength()) == ([], ("urges", True))
    link = decide_link(link=link, by=reviewer, later_text="", reason="It was another paragraph.")
    assert (open_strengths(), cell_strength()) == (["urges"], ("urges", False))
    assert (link.decided_by, link.reason) == (None, "")
    assert [
        (entry.verb, entry.details["reason"]) for entry in AuditEntry.objects.filter(actor=reviewer).order_by("pk")
    ] == [
        ("confirmed that a later text closes a finding", "All shelters are open."),
        ("withdrew a decision on a later text", "It was another paragraph."),
    ]


def test_a_restated_finding_is_not_open_but_still_colours_its_cell(link):
    decide_link(link=link, by=make_account(Role.REVIEWER), later_text="restates")
    assert (open_strengths(), cell_strength()) == ([], ("urges", False))


def test_a_rejected_later_text_closes_nothing(link):
    decide_link(link=link, by=make_account(Role.REVIEWER), later_text="closes", reason="Done.")
    Finding.objects.filter(pk=link.later_id).update(review="rejected")
    assert open_strengths() == ["urges"]


@pytest.mark.parametrize("role", [Role.NATIONAL_DESK, Role.READER, Role.SECRETARIAT])
def test_a_desk_or_someone_who_does_not_review_cannot_decide(link, role):
    account = make_account(role, **({"state": "XA"} if role is Role.NATIONAL_DESK else {}))
    with pytest.raises(PermissionDenied):
        decide_link(link=link, by=account, later_text="closes", reason="We did it.")


def test_a_reviewer_who_is_also_the_states_desk_cannot_decide(link):
    account = make_account(Role.REVIEWER)
    account.grants.create(role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now())
    with pytest.raises(PermissionDenied):
        decide_link(link=link, by=account, later_text="closes", reason="We did it.")


def test_closing_needs_a_reason_and_praise_cannot_be_closed(link):
    reviewer = make_account(Role.REVIEWER)
    with pytest.raises(LinkDecisionInvalid):
        decide_link(link=link, by=reviewer, later_text="closes", reason=" ")
    Finding.objects.filter(pk=link.earlier_id).update(strength="welcomes")
    link.refresh_from_db()
    with pytest.raises(LinkDecisionInvalid):
        decide_link(link=FindingLink.objects.get(), by=reviewer, later_text="closes", reason="It is praise.")


def test_two_reviewers_do_not_overwrite_each_other(link):
    decide_link(link=link, by=make_account(Role.REVIEWER), later_text="closes", reason="Done.", seen="")
    with pytest.raises(LinkChanged):
        decide_link(link=link, by=make_account(Role.REVIEWER), later_text="restates", seen="")
    assert FindingLink.objects.get().later_text == "closes"


def test_a_decision_survives_new_links_and_a_new_reading(link):
    decide_link(link=link, by=make_account(Role.REVIEWER), later_text="closes", reason="Done.")
    link_findings(state="XA")
    report = Report.objects.get(document__reference="GREVIO/Inf(2020)901")
    reread_report(report=report, read=lambda *_, **__: BASELINE)
    kept = FindingLink.objects.get()
    assert (kept.later_text, kept.reason, kept.earlier.paragraph) == ("closes", "Done.", "49")
    assert kept.pk != link.pk
    assert open_strengths() == []


def test_a_decision_on_a_text_that_is_read_differently_is_dropped_and_recorded(link):
    decide_link(link=link, by=make_account(Role.REVIEWER), later_text="closes", reason="Done.")
    other = make_finding(49, articles=("22",), text="GREVIO urges the authorities to open shelters to all women now.")
    reading = make_reading([other], published=date(2020, 9, 21), reference="GREVIO/Inf(2020)901")
    reread_report(report=Report.objects.get(document__reference="GREVIO/Inf(2020)901"), read=lambda *_, **__: reading)
    assert set(FindingLink.objects.values_list("later_text", flat=True)) <= {""}
    assert AuditEntry.objects.filter(verb__startswith="dropped a decision on a later text").count() == 1


def test_a_reviewer_decides_on_the_page_of_the_finding_and_everyone_reads_it(link, client: Client):
    address = f"/en/findings/{link.earlier.public_id}/"
    assert "Decide what the later text does" not in page_text(client.get(address))
    client.force_login(make_account(Role.REVIEWER))
    assert "Decide what the later text does" in page_text(client.get(address))
    answer = client.post(
        f"{address}links/{link.pk}/", {"later_text": "closes", "reason": "All are open.", "seen": ""}, follow=True
    )
    assert "Decision saved." in page_text(answer)
    words = page_text(Client().get(address))
    assert "Closed by a later text: Committee of the Parties 2024 § 3, p. 1" in words
    assert "closes the earlier finding" in words
    assert "All are open." in words


def test_the_page_says_what_is_missing_in_a_decision(link, client: Client):
    client.force_login(make_account(Role.REVIEWER))
    address = f"/en/findings/{link.earlier.public_id}/links/{link.pk}/"
    assert "A reason is missing." in page_text(client.post(address, {"later_text": "closes"}, follow=True))
    assert "Nothing was saved." in page_text(client.post(address, {"later_text": "eats"}, follow=True))
    assert client.post(f"/en/findings/0000000000000000/links/{link.pk}/").status_code == 404
    assert FindingLink.objects.get().later_text == ""


# --- Marks and the filter “open” --------------------------------------------------------------------------------------

LATER_TEXT_PAGES = ("/en/countries/XA/articles/", "/en/articles/22/", "/en/findings/", "/en/search/?q=shelters")


@pytest.mark.parametrize("address", LATER_TEXT_PAGES)
def test_a_finding_that_a_later_text_closes_is_marked_in_words_in_every_list(link, client: Client, address):
    mark = '<span class="tag" data-later-text>closed by a later text</span>'
    assert mark not in client.get(address).content.decode()
    decide_link(link=link, by=make_account(Role.REVIEWER), later_text="closes", reason="All shelters are open.")
    assert client.get(address).content.decode().count(mark) == 1


@pytest.fixture
def rounds_of_several_articles() -> None:
    """Store three rounds whose findings are open under one article and superseded under another, or restated.

    A GREVIO report without a finding under Article 22 lies between another and the recommendation on it.
    """
    load_convention()
    first = [
        make_finding(10, articles=("20", "22"), text="GREVIO urges the authorities to fund services."),
        make_finding(11, articles=("22",), text="GREVIO urges the authorities to build shelters."),
        make_finding(12, articles=("25",), text="GREVIO urges the authorities to set up centres."),
    ]
    make_report(b"2017", make_reading(first, published=date(2017, 1, 9), reference="GREVIO/Inf(2017)901"))
    second = [make_finding(20, articles=("50",), text="GREVIO urges the authorities to act at once.")]
    make_report(b"2020", make_reading(second, published=date(2020, 1, 9), reference="GREVIO/Inf(2020)901"))
    third = [make_finding(1, body="committee_of_the_parties", articles=("22",), text="The Committee urges action.")]
    reading = make_reading(third, body="committee_of_the_parties", published=date(2021, 1, 9), reference="IC-CP 901")
    make_report(b"2021", reading, about={"procedure": "recommendation"})
    restated, later = Finding.objects.get(paragraph="12"), Finding.objects.get(paragraph="20")
    FindingLink.objects.create(
        later=later, earlier=restated, basis="wording", certain=False, similarity=1, later_text="restates"
    )


def test_what_is_open_is_the_same_everywhere(rounds_of_several_articles, client: Client):
    open_paragraphs = {"10", "20", "1"}  # not 11: a newer round; not 12: restated

    listed = client.get("/en/findings/?status=open").context["page"].findings
    assert {finding.paragraph for finding in listed} == open_paragraphs
    listed = client.get("/en/findings/?status=open&state=xa").context["page"].findings
    assert {finding.paragraph for finding in listed} == open_paragraphs
    assert len(client.get("/en/findings/?status=closed").context["page"].findings) == 0

    country = client.get("/en/countries/XA/articles/?status=open").context["page"]
    assert country.figures.open == 3
    shown = {row.number: {card.public_id for line in row.rounds for card in line.findings}
             for row in country.article_list.rows}  # fmt: skip
    number_of_open = {number: len(cards) for number, cards in shown.items()}
    assert number_of_open == {20: 1, 22: 1, 50: 1}
    assert set.union(*shown.values()) == {finding.public_id for finding in listed}

    matrix = client.get("/en/matrix/?all_articles=1").context["page"]
    assert (matrix.open, matrix.rows[0].open) == (3, 3)
    assert matrix.totals.count("<td") == len(matrix.columns)
    totals = re.findall(r"<td[^>]*>(\d*)", matrix.totals)
    open_articles = {column.number for column, total in zip(matrix.columns, totals, strict=True) if total}
    assert open_articles == {20, 22, 50}
    only_grevio = client.get("/en/matrix/?body=grevio").context["page"]
    assert only_grevio.open == 2  # § 11 is not open because the Committee is left out

    for number in (20, 22, 25, 50):
        assert client.get(f"/en/articles/{number}/").context["page"].open == number_of_open.get(number, 0)
    rows = [row for group in client.get("/en/countries/").context["page"].groups for row in group.rows]
    assert [row.open for row in rows if row.code == "XA"] == [3]
