"""Placing passages under the articles that headings name, or that their own text cites."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring.placing import (
    PlacedPassage,
    PlacementBasis,
    find_cited_articles,
    find_heading_articles,
    place_under_articles,
)
from samsvar.monitoring.report import Passage
from samsvar.spans import Span


def make_passage(text: str, *headings: str) -> Passage:
    return Passage("1", text, (1,), (), headings, Span(0, len(text)))


def articles_and_basis(
    text: str, *headings: str, about_the_convention: bool = True
) -> tuple[tuple[str, ...], PlacementBasis]:
    (answer,) = place_under_articles([make_passage(text, *headings)], about_the_convention=about_the_convention)
    return answer.articles, answer.basis


@pytest.mark.parametrize(
    ("heading", "articles"),
    [
        ("II. A. Comprehensive and co-ordinated policies (Article 7)", ("7",)),
        ("IV. D. Specialist support services and shelters (Articles 22 and 23)", ("22", "23")),
        (
            "VI. C. Emergency barring orders (Article 52) and restraining or protection orders (Article 53)",
            ("52", "53"),
        ),
        ("VI. C. Emergency barring and protection orders (Article 52); (Article 53)", ("52", "53")),
        ("III. D. 1. General obligations (Article 49), and Immediate response (Article 50)", ("49", "50")),
        ("VI. D. Victim support in legal proceedings (Article 55 paragraph 2)", ("55",)),
        ("VI. D. Victim support in legal proceedings (Article 55, paragraph 2)", ("55",)),
        ("V. B. 1. Psychological violence and physical violence (Article 33 and 35)", ("33", "35")),
        ("V. B. Criminal law (Articles 33 to 35)", ("33", "34", "35")),
        ("IV. E. Telephone helplines (article 24)", ("24",)),
        ("VII. A. Residence status(Article 59)", ("59",)),
        ("ARTICLE 7: COMPREHENSIVE POLICIES", ("7",)),
        ("Article 7 – Comprehensive policies", ("7",)),
        ("V. B. 5. Forced marriage (Article 37) – Civil consequences of forced marriages (Article 32)", ("37", "32")),
        ("B. Réponse immédiate, prévention et protection (articles 49 à 51)", ("49", "50", "51")),
        ("C. Services de soutien spécialisés et refuges (articles 22 et 23)", ("22", "23")),
        ("D. Aide juridictionnelle (article 57)", ("57",)),
        ("V. B. Criminal law", ()),
        ("II. E. 1. Administrative data collection", ()),
        ("VII. B. 4. Effects of Law No. 132/2018", ()),
        ("Chapter II", ()),
        ("The right to respect for private life (Article 8 of the ECHR)", ()),
        ("Abuse of a relative (Article 177 of the Criminal Code)", ()),
    ],
)
def test_a_heading_names_exactly_these_articles_of_the_convention(heading: str, articles: tuple[str, ...]) -> None:
    assert find_heading_articles(heading) == articles


@pytest.mark.parametrize(
    ("headings", "articles", "basis"),
    [
        (("II. Integrated policies", "B. Financial resources (Article 8)"), ("8",), PlacementBasis.HEADING),
        (
            ("II. Integrated policies", "E. Data collection (Article 11)", "1. Police data"),
            ("11",),
            PlacementBasis.INHERITED,
        ),
        (("E. Data collection (Article 11)", "1. Courts", "a. Civil courts"), ("11",), PlacementBasis.INHERITED),
        (("V. Substantive law", "B. Criminal law"), (), PlacementBasis.NONE),
        ((), (), PlacementBasis.NONE),
    ],
)
def test_a_sub_heading_that_names_none_inherits_from_the_heading_above(
    headings: tuple[str, ...], articles: tuple[str, ...], basis: PlacementBasis
) -> None:
    assert articles_and_basis("GREVIO urges the authorities to act.", *headings) == (articles, basis)


@pytest.mark.parametrize(
    ("text", "articles"),
    [
        ("as required by Article 31 of the Convention", ("31",)),
        ("as required by Article 31 of the convention", ("31",)),
        ("under Article 55, paragraph 1, of the Istanbul Convention", ("55",)),
        ("in line with Articles 22 and 23 of the convention", ("22", "23")),
        ("open beds in every county (Articles 22 and 23);", ("22", "23")),
        ("conformément à l’article 25 de la Convention d’Istanbul", ("25",)),
        ("exigé par l’article 25 de la convention", ("25",)),
        ("The convention, in its Article 11, requires data on all forms of violence", ("11",)),
        ("The convention requires in its Articles 22 and 23 that shelters be accessible", ("22", "23")),
        ("The convention’s Article 11 requires data", ("11",)),
        ("The Istanbul Convention (Article 11) requires data", ("11",)),
        ("The Istanbul Convention, Article 11, requires data", ("11",)),
        ("Article 20(1) of the convention", ("20",)),
        ("Article 20 § 1 of the convention", ("20",)),
        ("Article 20.1 of the Istanbul Convention", ("20",)),
        ("Article 44, paragraph 1 (e), of the Istanbul Convention", ("44",)),
        ("Art. 20 of the convention", ("20",)),
        ("Arts. 22 and 23 of the Istanbul Convention", ("22", "23")),
        ("the convention requires, under Article 11, that data be collected", ("11",)),
        ("Articles 22 to 24 and 26 of the convention", ("22", "23", "24", "26")),
        ("open beds (see Article 23)", ("23",)),
        ("open beds (see also Articles 22, 23 and 25)", ("22", "23", "25")),
        ("open beds (Art. 23)", ("23",)),
        ("open beds (cf. Article 23, paragraph 1)", ("23",)),
        ("open beds [Article 23]", ("23",)),
        ("La convention, en son article 11, exige des données", ("11",)),
        ("La Convention d’Istanbul exige, dans ses articles 22 et 23, des refuges", ("22", "23")),
        ("À l’article 11, la convention exige des données", ("11",)),
        ("aux termes de l’article 20, paragraphe 1, de la Convention d’Istanbul", ("20",)),
        ("l’article 11 de ladite convention", ("11",)),
        ("des places en refuge (art. 23)", ("23",)),
        ("des places en refuge (voir aussi articles 22 et 23)", ("22", "23")),
        ("Le Code civil, en son article 11, dispose", ()),
        ("The Constitution, in its Article 11, protects the family", ()),
        ("The Lanzarote Convention, in its Article 11, requires data", ()),
        ("The convention applies; Article 46 provides for aggravation", ()),
        ("the convention applies where Article 46 of the Criminal Code does not", ()),
        ("Article 3 of the Convention on the Rights of the Child", ()),
        ("Article 3 of the European Convention on Human Rights", ()),
        ("Article 3 de la Convention européenne des droits de l’homme", ()),
        ("Article 177 of the Criminal Code", ()),
        ("Article 12 of the Act on shelters", ()),
        ("under Article 14 a shelter may refuse admission", ()),
        ("as the Convention requires", ()),
    ],
)
def test_a_text_places_a_passage_only_if_it_cites_an_article_of_the_convention(
    text: str, articles: tuple[str, ...]
) -> None:
    assert find_cited_articles(text) == articles
    assert articles_and_basis(text, "Emerging trends")[0] == articles


def test_the_heading_takes_precedence_over_the_text() -> None:
    assert articles_and_basis("as Article 31 of the convention requires", "Shelters (Article 23)") == (
        ("23",),
        PlacementBasis.HEADING,
    )


def test_in_a_report_on_another_treaty_the_name_is_needed() -> None:
    for text in ("The Convention, in its Article 11, requires", "(Article 11)", "Article 11 of the convention"):
        assert find_cited_articles(text, about_the_convention=False) == ()
    named = "The Istanbul Convention, in its Article 11, requires data"
    assert find_cited_articles(named, about_the_convention=False) == ("11",)


def test_in_a_report_on_another_treaty_articles_are_those_of_that_treaty() -> None:
    text = "under article 16 of the Convention and Article 25 of the Istanbul Convention"
    assert articles_and_basis(text, "Marriage (article 16)", about_the_convention=False) == (
        ("25",),
        PlacementBasis.TEXT,
    )


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=200))
def test_for_any_text_every_article_given_exists_in_the_convention(headings: list[str], text: str) -> None:
    articles, basis = articles_and_basis(text, *headings)
    assert all(1 <= int(number) <= 81 for number in articles)
    assert (basis is PlacementBasis.NONE) == (articles == ())


def test_passages_are_returned_in_their_order() -> None:
    passages = [make_passage("one"), make_passage("two", "Education (Article 14)")]
    assert place_under_articles(passages) == (
        PlacedPassage(passages[0]),
        PlacedPassage(passages[1], ("14",), PlacementBasis.HEADING),
    )
