"""Tests of the Convention's articles: their number, their chapters, their titles and their summaries."""

from __future__ import annotations

from collections import Counter

import pytest

from samsvar.convention.treaty import ISTANBUL, NoSuchArticle, Pillar, TitleSource, Violence
from samsvar.languages import INTERFACE_LANGUAGES


def test_the_convention_has_81_articles_in_12_chapters() -> None:
    assert [article.number for article in ISTANBUL] == [str(number) for number in range(1, 82)]
    assert {chapter.number: (chapter.articles[0], chapter.articles[-1]) for chapter in ISTANBUL.chapters} == {
        "I": ("1", "6"),
        "II": ("7", "11"),
        "III": ("12", "17"),
        "IV": ("18", "28"),
        "V": ("29", "48"),
        "VI": ("49", "58"),
        "VII": ("59", "61"),
        "VIII": ("62", "65"),
        "IX": ("66", "70"),
        "X": ("71", "71"),
        "XI": ("72", "72"),
        "XII": ("73", "81"),
    }


def test_articles_belong_to_the_pillar_of_their_chapter() -> None:
    assert Counter(article.pillar for article in ISTANBUL) == {
        Pillar.INTEGRATED_POLICIES: 5,
        Pillar.PREVENTION: 6,
        Pillar.PROTECTION: 11,
        Pillar.PROSECUTION: 30,
        Pillar.OTHER: 29,
    }


def test_articles_33_to_40_each_name_a_different_form_of_violence() -> None:
    assert [(article.number, article.violence) for article in ISTANBUL if article.violence] == (
        [(str(number), form) for number, form in zip(range(33, 41), Violence, strict=True)]
    )


def test_an_article_has_a_title_in_each_language_and_the_origin_of_its_wording() -> None:
    article = ISTANBUL["22"]
    assert [(article.title(language), article.title_source(language)) for language in INTERFACE_LANGUAGES] == [
        ("Specialist support services", TitleSource.CONFIRMED),
        ("Services de soutien spécialisés", TitleSource.UNVERIFIED),
        ("Spesialiserte støttetjenester", TitleSource.OUR_TRANSLATION),
        ("Servicii specializate de sprijin", TitleSource.OUR_TRANSLATION),
    ]


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_every_article_and_chapter_has_a_title_in_every_language(language: str) -> None:
    assert [a.number for a in ISTANBUL if not a.title(language).strip()] == []
    assert [c.number for c in ISTANBUL.chapters if not c.title(language).strip()] == []


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_articles_4_to_65_each_have_a_summary_of_one_sentence(language: str) -> None:
    summaries = {article.number: article.summary(language) for article in ISTANBUL if article.summary(language)}
    assert list(summaries) == [str(number) for number in range(4, 66)]
    assert len(set(summaries.values())) == 62
    for number, summary in summaries.items():
        assert summary is not None
        assert summary.endswith("."), number
        assert summary.count(". ") == 0, number
        assert 40 < len(summary) < 260, number


def test_summaries_are_translated_into_every_language() -> None:
    for article in ISTANBUL:
        texts = {article.summary(language) for language in INTERFACE_LANGUAGES}
        assert len(texts) == (4 if article.summary() else 1), article.number


def test_an_unknown_article_is_rejected() -> None:
    with pytest.raises(NoSuchArticle) as refused:
        ISTANBUL["82"]
    assert refused.value.advice == "Its articles are 1 to 81."
    assert "82" not in ISTANBUL
    assert "7" in ISTANBUL


def test_a_chapter_has_a_title_in_each_language() -> None:
    assert ISTANBUL.chapter("IX").title("nb") == "Overvåking"
