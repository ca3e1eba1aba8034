"""Lineage: a citation gives a certain link, similar wording only a proposed one."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring import lineage, read_report
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


# --- Not every pair is compared ---------------------------------------------------------------------------------------


def links_of_every_pair(published: list[PublishedFinding]) -> set[tuple[str, str, bool, float]]:
    """Return what `find_links` must return, by comparing every pair of findings."""
    weights = lineage._compute_weights([lineage._extract_stems(one.finding) for one in published])
    vectors = {one.key: lineage._build_vector(lineage._extract_stems(one.finding), weights) for one in published}
    links: set[tuple[str, str, bool, float]] = set()
    for later in published:
        before = [one for one in published if lineage._came_before(one, later)]
        cited = [one for one in before if lineage._find_citation_link(later, one)]
        links |= {(later.key, one.key, True, 1.0) for one in cited}
        best: dict[str | None, tuple[float, str]] = {}
        for one in before:
            if one.reference in {other.reference for other in cited} or not (
                set(one.finding.articles) & set(later.finding.articles)
                and lineage._issue(one.finding) == lineage._issue(later.finding)
            ):
                continue
            first, second = vectors[later.key], vectors[one.key]
            product = sum(weight * second.get(stem, 0.0) for stem, weight in first.items())
            lengths = math.hypot(*first.values()) * math.hypot(*second.values())
            similarity = round(min(1.0, product / lengths), 3) if lengths else 0.0
            if similarity >= lineage.MIN_SIMILARITY and similarity > best.get(one.reference, (0.0, ""))[0]:
                best[one.reference] = similarity, one.key
        links |= {(later.key, key, False, similarity) for similarity, key in best.values()}
    return links


WORDS = "police shelter training funding women children judges schools helpline counties evaluate urgently".split()
FINDINGS = st.builds(
    lambda words, year, article, strength, cites: (words, year, article, strength, cites),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12),
    st.integers(2019, 2023),
    st.sampled_from(["7", "8", "25"]),
    st.sampled_from([Strength.URGES, Strength.WELCOMES]),
    st.sampled_from([(), ("R2019 § 1",), ("R2020 § 2", "R2019 § 1")]),
)


@given(st.lists(FINDINGS, max_size=25))
def test_the_links_are_those_of_comparing_every_pair(drawn: list[Any]) -> None:
    published = [
        make_finding(
            f"k{number}", str(number % 4), " ".join(words), reference=f"R{year}", year=year, article=article,
            strength=strength, cites=cites,
        )
        for number, (words, year, article, strength, cites) in enumerate(drawn)
    ]  # fmt: skip
    found = {(link.later, link.earlier, link.certain, link.similarity) for link in find_links(published)}
    assert found == links_of_every_pair(published)


def make_rounds(findings: int) -> list[PublishedFinding]:
    """Return five rounds of findings in which every issue comes back in other words, with words of its own."""
    random = Random(findings)
    issues = findings // 5
    own = [[f"{prefix}{_letters(issue)}" for prefix in ("polic", "shelt", "train", "funds")] for issue in range(issues)]
    return [
        make_finding(
            f"{year}/{issue}", str(issue),
            " ".join([*random.sample(own[issue], 3), *random.choices(WORDS, k=8), "authorities"]),
            reference=f"R{year}", year=year, article=str(issue % 60 + 1),
        )
        for year in range(2019, 2024)
        for issue in range(issues)
    ]  # fmt: skip


def _letters(number: int) -> str:
    return chr(97 + number % 26) + (_letters(number // 26) if number >= 26 else "")


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list to which every comparison of two findings appends its result."""
    results: list[float] = []
    compare = lineage._cosine_similarity

    def compare_and_note(*vectors: Any) -> float:
        results.append(compare(*vectors))
        return results[-1]

    monkeypatch.setattr(lineage, "_cosine_similarity", compare_and_note)
    return results


def test_the_number_of_comparisons_grows_with_the_findings_and_not_with_their_square(comparisons: list[float]) -> None:
    """Takes a second for 4,000 findings, the number for which comparing every pair took 0.9 s in a transaction."""
    counts = {}
    for findings in (1_000, 4_000):
        comparisons.clear()
        links = find_links(make_rounds(findings))
        counts[findings] = len(comparisons)
        assert sum(link.later.split("/")[1] == link.earlier.split("/")[1] for link in links) > findings
    assert counts[4_000] < 6 * counts[1_000]  # four times as many findings
    assert counts[4_000] < 4_000 * 5  # of 8 million pairs


def test_findings_all_in_the_same_words_do_not_take_the_square_of_their_number(comparisons: list[float]) -> None:
    text = "GREVIO urges the authorities to train the police"
    find_links([make_finding(f"{n}", "1", text, reference=f"R{n % 2}", year=2020 + n % 2) for n in range(600)])
    assert len(comparisons) < 600


def test_a_text_written_to_be_slow_is_compared_with_a_bounded_number_of_findings(
    comparisons: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "MAX_COMPARED", 5)
    texts = [f"GREVIO urges the authorities to train the police in {_letters(n + 9_999)}" for n in range(100)]
    find_links(
        [make_finding(text, "1", text, reference=f"R{n % 2}", year=2020 + n % 2) for n, text in enumerate(texts)]
    )
    assert len(comparisons) <= 5 * len(texts)


def test_findings_that_ask_for_the_same_are_similar_also_within_one_document() -> None:
    shelters = "GREVIO urges the authorities to open enough accessible shelters in every region"
    again = "GREVIO urges the authorities to open accessible shelters with enough places in all regions"
    courts = "GREVIO urges the authorities to train judges on coercive control"
    made = [
        make_finding("a", "1", shelters, article="23"),
        make_finding("b", "2", courts, article="15"),
        make_finding("c", "3", again, article="23"),
        make_finding("d", "4", again, article="20"),
        make_finding("e", "5", again, article="23", strength=Strength.WELCOMES),  # praise
        make_finding("f", "6", again, article="23", state="XB"),
        make_finding("g", "7", again, article="23", language="fr"),
    ]
    assert [(pair.first, pair.second) for pair in lineage.find_similar([one.finding for one in made])] == [(0, 2)]


def test_the_number_of_compared_findings_is_bounded(comparisons: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MAX_COMPARED", 5)
    lineage.find_similar(
        [make_finding(f"{n}", f"{n}", f"train the police in {_letters(n)}").finding for n in range(100)]
    )
    assert len(comparisons) <= 5 * 100
