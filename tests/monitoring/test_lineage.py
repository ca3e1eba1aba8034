"""Lineage: a citation gives a certain link, similar wording only a proposed one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring import read_report
from samsvar.monitoring.lineage import FindingLink, LinkBasis, PublishedFinding, find_links
from samsvar.monitoring.report import Finding, Strength
from samsvar.site.demo.sources import compile_pdf, fictional_reports

BASELINE, RECOMMENDATION, THEMATIC = "GREVIO/Inf(2020)901", "IC-CP/Inf(2020)902", "GREVIO/Inf(2025)904"


def make_finding(
    key: str,
    paragraph: str,
    text: str,
    *,
    reference: str = BASELINE,
    year: int = 2020,
    article: str = "25",
    cites: tuple[str, ...] = (),
    state: str | None = "XA",
    strength: Strength = Strength.URGES,
    answers: str | None = None,
    language: str = "en",
) -> PublishedFinding:
    body = "grevio" if reference.startswith("GREVIO") else "committee_of_the_parties"
    finding = Finding(
        document=key, body=body, state=state, procedure=None, paragraph=paragraph, page=1, pages=(1,), boxes=(),
        heading="", articles=(article,), strength=strength, verb="urges", addressee="the authorities", from_state=(),
        actions=(text,), text=text, language=language, reader="grevio 1", cites=cites,
    )  # fmt: skip
    return PublishedFinding(key, finding, reference, date(year, 6, 1), answers)


OLD = make_finding(
    "old", "55", "GREVIO urges the authorities to set up sexual violence referral centres in each county."
)
ELSE = make_finding(
    "else", "49", "GREVIO urges the authorities to open shelters to women with an addiction.", article="23"
)


@pytest.mark.parametrize(
    ("later", "links"),
    [
        (
            make_finding("new", "6", "set up referral centres (paragraph 55);", reference=RECOMMENDATION, year=2021,
                         cites=("55",), answers=BASELINE),
            [("new", "old", LinkBasis.CITATION, True)],
        ),
        (
            make_finding("new", "6", "See GREVIO/Inf(2020)901, paragraph 55.", reference=THEMATIC, year=2025,
                         cites=(f"{BASELINE} § 55",)),
            [("new", "old", LinkBasis.CITATION, True)],
        ),
        (  # within one body a bare number means the same report, unless the text says which it means
            make_finding("new", "60", "As stated in paragraph 55, prisons differ.", reference=THEMATIC, year=2025,
                         cites=("55",), answers=BASELINE),
            [],
        ),
        (
            make_finding("new", "30",
                         "Recalling its baseline report (paragraph 55), GREVIO urges the authorities to act.",
                         reference=THEMATIC, year=2025, cites=("55",), answers=BASELINE),
            [("new", "old", LinkBasis.CITATION, True)],
        ),
        (
            make_finding("new", "30",
                         "GREVIO urges the authorities to open a sexual violence referral centre in the three "
                         "remaining counties.", reference=THEMATIC, year=2025),
            [("new", "old", LinkBasis.WORDING, False)],
        ),
        (  # another article
            make_finding("new", "30",
                         "GREVIO urges the authorities to open a sexual violence referral centre in the three "
                         "remaining counties.", reference=THEMATIC, year=2025, article="52"),
            [],
        ),
        (  # another state
            make_finding("new", "30", "GREVIO urges the authorities to open a sexual violence referral centre in each "
                         "county.", reference=THEMATIC, year=2025, state="XB"),
            [],
        ),
        (  # praise does not take up a request; a reviewer may link them
            make_finding("new", "30",
                         "GREVIO welcomes that a sexual violence referral centre was set up in each county.",
                         reference=THEMATIC, year=2025, strength=Strength.WELCOMES),
            [],
        ),
        (  # earlier, not later
            make_finding("new", "30", "GREVIO urges the authorities to set up sexual violence referral centres.",
                         reference=THEMATIC, year=2019),
            [],
        ),
        (  # texts in two languages are not compared word by word
            make_finding("new", "30",
                         "Le GREVIO exhorte les autorités à créer des centres.", reference=THEMATIC, year=2025,
                         language="fr"),
            [],
        ),
    ],
)  # fmt: skip
def test_a_citation_is_certain_and_similar_wording_is_proposed(
    later: PublishedFinding, links: list[tuple[str, str, LinkBasis, bool]]
) -> None:
    found = find_links([OLD, ELSE, later])
    assert [(link.later, link.earlier, link.basis, link.certain) for link in found if link.later == "new"] == links


@given(
    st.permutations(
        [
            OLD,
            ELSE,
            *(
                replace(OLD, key=f"k{year}", reference=f"R{year}", published=date(year, 1, 1))
                for year in (2021, 2023, 2025)
            ),
        ]
    )
)
def test_the_order_of_findings_does_not_change_the_links(order: list[PublishedFinding]) -> None:
    links = find_links(order)
    assert set(links) == set(find_links([*order][::-1]))
    assert all(not link.certain for link in links)


def demo_links() -> tuple[dict[str, PublishedFinding], tuple[FindingLink, ...]]:
    """Return all findings about the fictional states by key, and the links among them."""
    known: dict[str, PublishedFinding] = {}
    for report in fictional_reports():
        for number, finding in enumerate(read_report(compile_pdf(report), document=report.filename).findings):
            key = f"{report.reference} § {finding.paragraph}/{number}"
            known[key] = PublishedFinding(key, finding, report.reference, report.published, report.answers)
    return known, find_links(list(known.values()))


def test_the_demonstrations_monitoring_rounds_are_linked() -> None:
    known, links = demo_links()
    pairs = {(link.later.split("/n")[0].rsplit("/", 1)[0], link.earlier.rsplit("/", 1)[0]): link for link in links}
    certain = {pair for pair, link in pairs.items() if link.certain}
    paragraphs = {"1": 12, "2": 20, "3": 27, "4": 36, "5": 49, "6": 55, "7": 65, "8": 69, "9": 75, "10": 79}
    for own, cited in paragraphs.items():
        assert (f"{RECOMMENDATION} § {own}", f"{BASELINE} § {cited}") in certain
    assert (f"{THEMATIC} § 7", f"{BASELINE} § 6") in certain
    proposed = {pair for pair, link in pairs.items() if not link.certain}
    for later, earlier in {"11": "20", "14": "27", "21": "36", "28": "49", "30": "55"}.items():
        assert (f"{THEMATIC} § {later}", f"{BASELINE} § {earlier}") in proposed
    assert all(known[link.later].finding.state == known[link.earlier].finding.state == "XA" for link in links)
