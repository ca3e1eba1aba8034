"""Rounds of monitoring: which documents form one, what the latest says under an article, and what is open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring.report import Strength
from samsvar.monitoring.rounds import (
    ArticleFinding,
    ArticleRound,
    Round,
    RoundDocument,
    Trend,
    build_histories,
    compare_with_earlier,
    find_open,
    group_into_rounds,
)

BASELINE = RoundDocument("baseline", "grevio", "baseline", "report", "2020-09-21", "GREVIO/Inf(2020)901")
RECOMMENDATION = RoundDocument(
    "recommendation", "committee_of_the_parties", "recommendation", "", "2021-01-28", answers="GREVIO/Inf(2020) 901"
)
CONCLUSIONS = RoundDocument("conclusions", "committee_of_the_parties", "conclusions", "", "2024-06-04")
THEMATIC = RoundDocument("thematic", "grevio", "first_thematic", "report", "2025-09-15", "GREVIO/Inf(2025)904")


def members(*documents: RoundDocument) -> list[tuple[int | None, tuple[object, ...]]]:
    return [(one.year, one.documents) for one in group_into_rounds(documents)]


def history(*findings: ArticleFinding) -> tuple[ArticleRound, ...]:
    rounds = group_into_rounds([BASELINE, RECOMMENDATION, CONCLUSIONS, THEMATIC])
    return build_histories(rounds, findings).get(25, ())


def steps(result: tuple[ArticleRound, ...]) -> list[tuple[str, int | None]]:
    return [(one.strength or "", one.round.year) for one in result]


ARTICLE_25 = (
    ArticleFinding("55", 25, "baseline", "urges"),
    ArticleFinding("CP 6", 25, "recommendation", "urges"),
    ArticleFinding("CP 7", 25, "conclusions", "welcomes"),
    ArticleFinding("CP 7 bis", 25, "conclusions", "encourages"),
    ArticleFinding("29", 25, "thematic", "welcomes"),
    ArticleFinding("30", 25, "thematic", "strongly_encourages"),
)


def test_a_recommendation_belongs_to_the_round_of_its_report_and_conclusions_are_a_round_of_their_own():
    assert members(THEMATIC, CONCLUSIONS, RECOMMENDATION, BASELINE) == [
        (2020, ("baseline", "recommendation")),
        (2024, ("conclusions",)),
        (2025, ("thematic",)),
    ]


def test_a_recommendation_that_names_no_report_follows_the_last_one_before_it():
    unnamed = RECOMMENDATION._replace(answers="", published="2026-01")
    assert members(BASELINE, unnamed, THEMATIC) == [(2020, ("baseline",)), (2025, ("thematic", "recommendation"))]


def test_a_recommendation_without_a_report_is_a_round_of_its_own():
    assert members(RECOMMENDATION, THEMATIC) == [(2021, ("recommendation",)), (2025, ("thematic",))]


def test_the_catalogue_names_the_committees_documents_by_their_kind():
    """There the procedure is that of the report: a recommendation of the baseline evaluation."""
    recommendation = RECOMMENDATION._replace(procedure="baseline", kind="recommendation")
    conclusions = CONCLUSIONS._replace(procedure="baseline", kind="conclusions")
    assert members(BASELINE, recommendation, conclusions) == [
        (2020, ("baseline", "recommendation")),
        (2024, ("conclusions",)),
    ]


def test_language_versions_of_a_report_are_one_round():
    french = BASELINE._replace(key="rapport")
    assert members(BASELINE, french) == [(2020, ("baseline", "rapport"))]


@pytest.mark.parametrize(
    "document",
    [
        RoundDocument("upr", "upr", "upr", "report", "2026-03-01"),
        RoundDocument("cedaw", "cedaw", "concluding_observations", "report", "2026-03-01"),
        RoundDocument("paper", "general", "", "", "2026-03-01"),
        RoundDocument("comments", "grevio", "baseline", "government_comments", "2026-03-01"),
        RoundDocument("state report", "grevio", "report_back", "", "2026-03-01"),
    ],
)
def test_other_treaties_and_the_states_own_texts_are_no_rounds(document):
    assert members(BASELINE, document) == [(2020, ("baseline",))]


def test_a_round_without_a_date_is_never_the_latest():
    undated = THEMATIC._replace(published="")
    assert members(BASELINE, undated) == [(None, ("thematic",)), (2020, ("baseline",))]


def test_the_latest_round_shows_its_strongest_demand_and_the_history_those_before():
    assert steps(history(*ARTICLE_25)) == [("urges", 2020), ("encourages", 2024), ("strongly_encourages", 2025)]


def test_a_demand_without_a_strength_ranks_after_invites_and_before_praise():
    praise = ArticleFinding("1", 25, "thematic", "welcomes")
    unranked = ArticleFinding("2", 25, "thematic", "")
    invites = ArticleFinding("3", 25, "thematic", "invites")
    assert steps(history(praise)) == [("welcomes", 2025)]
    assert steps(history(praise, unranked)) == [("", 2025)]
    assert steps(history(praise, unranked, invites)) == [("invites", 2025)]


def test_open_are_the_demands_of_the_latest_round_on_the_article():
    assert find_open({25: history(*ARTICLE_25)}) == {"30": "strongly_encourages"}


@pytest.mark.parametrize("later_text", ["closes", "restates"])
def test_a_finding_that_a_later_text_closes_or_restates_is_not_open(later_text):
    *others, last = ARTICLE_25
    assert find_open({25: history(*others, last._replace(later_text=later_text))}) == {}


def test_a_closed_demand_no_longer_colours_its_round_but_a_restated_one_does():
    *others, last = ARTICLE_25
    assert history(*others, last._replace(later_text="closes"))[-1].strength is Strength.WELCOMES
    assert history(*others, last._replace(later_text="restates"))[-1].strength is Strength.STRONGLY_ENCOURAGES
    only = history(last._replace(later_text="closes"))[-1]
    assert (only.strength, only.is_closed) == (Strength.STRONGLY_ENCOURAGES, True)


def test_a_finding_is_open_if_one_of_its_articles_was_not_taken_up_again():
    rounds = group_into_rounds([BASELINE, THEMATIC])
    findings = [
        ArticleFinding("55", 25, "baseline", "urges"),
        ArticleFinding("55", 22, "baseline", "urges"),
        ArticleFinding("30", 25, "thematic", "invites"),
        ArticleFinding("60", None, "baseline", "encourages"),
    ]
    assert find_open(build_histories(rounds, findings)) == {"30": "invites", "55": "urges", "60": "encourages"}


@pytest.mark.parametrize(
    ("earlier", "latest", "trend"),
    [
        ("urges", "encourages", Trend.MILDER),
        ("urges", "urges", Trend.SAME),
        ("invites", "urges", Trend.STRONGER),
        ("invites", "welcomes", Trend.MILDER),
    ],
)
def test_the_trend_compares_the_latest_round_with_the_one_before_by_the_same_body(earlier, latest, trend):
    """The Committee's conclusions in between are by another body, with a scale of its own."""
    result = history(
        ArticleFinding("1", 25, "baseline", earlier),
        ArticleFinding("2", 25, "conclusions", "strongly_encourages"),
        ArticleFinding("3", 25, "thematic", latest),
    )
    assert compare_with_earlier(result) is trend


def test_without_an_earlier_round_the_demand_is_new_and_with_another_body_only_that_is_compared():
    urged = ArticleFinding("1", 25, "baseline", "urges")
    assert compare_with_earlier(history(urged)) is Trend.NEW
    assert compare_with_earlier(history(urged, ArticleFinding("2", 25, "conclusions", "invites"))) is Trend.MILDER


DOCUMENTS = st.builds(
    RoundDocument,
    key=st.integers(0, 10_000),
    body=st.sampled_from(["grevio", "committee_of_the_parties", "upr"]),
    procedure=st.sampled_from(["baseline", "first_thematic", "recommendation", "conclusions"]),
    kind=st.sampled_from(["", "report", "recommendation", "government_comments"]),
    published=st.sampled_from(["", "2019", "2020-03", "2020-03-05", "2024-01-01"]),
    reference=st.sampled_from(["", "A", "B"]),
    answers=st.sampled_from(["", "A", "B"]),
)


@given(st.lists(DOCUMENTS, max_size=8, unique_by=lambda document: document.key))
def test_every_document_is_in_at_most_one_round_and_rounds_are_in_order_of_time(documents):
    rounds = group_into_rounds(documents)
    keys = [key for one in rounds for key in one.documents]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {document.key for document in documents if document.body != "upr"}
    assert [one.published for one in rounds] == sorted(one.published for one in rounds)
    assert rounds == group_into_rounds(documents)
    assert all(isinstance(one, Round) for one in rounds)
