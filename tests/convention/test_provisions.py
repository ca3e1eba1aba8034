"""Tests of references to articles and provisions, as written in headings and by lawyers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.convention.provisions import (
    Provision,
    UnreadableProvision,
    find_article_numbers,
    format_provisions,
    parse_provisions,
)


@pytest.mark.parametrize(
    ("heading", "numbers"),
    [
        ("Article 7 – Comprehensive and co-ordinated policies", "7"),
        ("ARTICLE 7: COMPREHENSIVE POLICIES", "7"),
        ("ARTICLE 7 COMPREHENSIVE POLICIES", "7"),
        ("A. General obligations (Article 18)", "18"),
        ("E. Telephone helplines (article 24)", "24"),
        ("Specialist support services and shelters (Articles 22 and 23)", "22 23"),
        ("Articles 12, 13 and 14", "12 13 14"),
        ("Articles 12, 13, and 14", "12 13 14"),
        ("Articles 33 to 35", "33 34 35"),
        ("Articles 33–35 and 37", "33 34 35 37"),
        ("Psychological and physical violence (Article 33 and 35)", "33 35"),
        ("Legal proceedings (Article 55, paragraph 1)", "55"),
        ("Legal proceedings (Article 55 paragraph 2)", "55"),
        ("Article 55, paragraphs 1 and 2", "55"),
        ("Articles 5, paragraph 1, and 7", "5 7"),
        ("Article 44(1)(e) and (3)", "44"),
        ("Articles 30(2) and 59", "30 59"),
        ("Article 12.1 and Article 13.2", "12 13"),
        ("Investigation (Article 49) and Immediate response (Article 50)", "49 50"),
        ("General obligations (Article 18), with reference in particular to multi-agency co-operation", "18"),
        ("Articles 49 à 51", "49 50 51"),
        ("Réponse immédiate (articles 50 et 51)", "50 51"),
        ("Mise en œuvre de l’article 7 de la Convention", "7"),
        ("Article 31 de la Convention d’Istanbul", "31"),
        ("Article 31 of the Convention", "31"),
        ("Article 31 of the Istanbul Convention", "31"),
        ("Article 20 of the Convention on preventing and combating violence against women", "20"),
        ("Articles 22 et 23, paragraphe 1, de la Convention", "22 23"),
        ("Art. 52 and Art. 53", "52 53"),
        ("Compensation (Article 30", "30"),
        ("Articles 28 et 30", "28 30"),
        ("Criminal law (Articles 33 and 34)", "33 34"),
        ("Protection under Article 53 in practice", "53"),
        ("Article 7 and Chapter IV", "7"),
        ("Articles 5, 12 (paragraph 3), 18 and 22", "5 12 18 22"),
        ("Articles 7/8", "7 8"),
        ("Article 8 ECHR and Article 31", "31"),
        ("Article 14 of the ECHR in conjunction with Article 5 of the Convention", "5"),
        ("Article 7 in conjunction with Article 8", "7 8"),
        # articles of another instrument, or no article at all
        ("Article 14 of the ECHR read in conjunction with Article 3", ""),
        ("Article 6 of Directive 2012/29/EU", ""),
        ("Article 12 of law 35/1997", ""),
        ("Article 3 of the ECHR", ""),
        ("Article 3 ECHR", ""),
        ("Article 8 of the European Convention on Human Rights", ""),
        ("Article 19 of the Convention on the Rights of the Child", ""),
        ("Article 3 de la Convention européenne des droits de l’homme", ""),
        ("Articles 2 and 3 of the European Convention and Article 50", "50"),
        ("Article 177 of the Criminal Code", ""),
        ("Article 36 of the Criminal Code and Article 36 of the Convention", "36"),
        ("Criminal Code, Article 36", ""),
        ("Article 12 of Law 4/2013", ""),
        ("Article 14 du Code pénal", ""),
        ("Articles 33 to 135", ""),
        ("Article 7bis", ""),
        ("Article 0", ""),
        ("Chapter II", ""),
        ("Particle 7 of the beam", ""),
        ("Article 15 and 3 years", "15"),
        ("Article 7 – 2. The plan", "7"),
        ("7. Access to justice", ""),
        ("", ""),
    ],
)
def test_only_articles_of_the_convention_are_found_in_a_heading(heading: str, numbers: str) -> None:
    assert find_article_numbers(heading) == tuple(numbers.split())


ARTICLES = st.integers(1, 81)


@given(st.lists(ARTICLES, min_size=2, max_size=6, unique=True))
def test_every_article_in_a_list_is_found(numbers: list[int]) -> None:
    heading = f"Measures (Articles {', '.join(map(str, numbers[:-1]))} and {numbers[-1]})"
    assert find_article_numbers(heading) == tuple(map(str, numbers))


@given(st.text(max_size=200))
def test_any_text_yields_only_existing_articles_each_once(text: str) -> None:
    for source in (text, "Article 7, " + text):
        numbers = find_article_numbers(source)
        assert len(set(numbers)) == len(numbers)
        assert all(1 <= int(number) <= 81 for number in numbers)


PROVISIONS = st.builds(
    lambda article, paragraph, letter: Provision(article, paragraph, letter if paragraph else ""),
    ARTICLES,
    st.integers(0, 9),
    st.sampled_from(["", "a", "e"]),
)


def test_a_reference_is_split_into_its_provisions() -> None:
    assert parse_provisions("30(2);44(1)(e);59") == (Provision(30, 2), Provision(44, 1, "e"), Provision(59))


@given(st.lists(PROVISIONS))
def test_a_written_reference_can_be_read_back(provisions: list[Provision]) -> None:
    assert parse_provisions(format_provisions(provisions)) == tuple(provisions)


@pytest.mark.parametrize("reference", ["30(2", "82", "0", "Article 30", "30(e)(2)", "30,2"])
def test_a_reference_that_is_not_a_provision_is_rejected(reference: str) -> None:
    with pytest.raises(UnreadableProvision) as refused:
        parse_provisions(reference)
    assert refused.value.reference == reference


def test_provisions_sort_in_treaty_order() -> None:
    assert format_provisions(sorted(parse_provisions("59;44(3);44(1)(e);30(2)"))) == "30(2);44(1)(e);44(3);59"


def test_an_article_covers_its_paragraphs_and_letters() -> None:
    assert Provision(44).covers(Provision(44, 1, "e"))
    assert Provision(44, 1).covers(Provision(44, 1, "e"))
    assert not Provision(44, 1, "e").covers(Provision(44, 1))
    assert not Provision(44).covers(Provision(45))
