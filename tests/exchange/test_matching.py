"""What matches a gap, in which order, and why: hand-made cases, and what holds for all input."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.exchange.countries import CountryProfile, country_profile
from samsvar.exchange.matching import (
    DEFAULT_WEIGHTS,
    GOOD_MATCH,
    RELATED,
    RELEVANCE,
    Candidate,
    CandidateIndex,
    CandidateKind,
    Feature,
    Gap,
    Match,
    effective_weights,
)
from samsvar.exchange.practices import EvidenceLevel
from samsvar.exchange.subjects import FORMS_OF_VIOLENCE, GROUPS, Subject, make_subject, words_of
from samsvar.thesaurus.concepts import concepts

DAY = date(2026, 11, 27)
BUS = make_subject(
    articles=["22"],
    concept_keys=["specialist-support-services", "older-women"],
    texts={"en": "A bus with two counsellors calls at forty villages a month."},
)
ALARM = make_subject(
    articles=["53", "52"],
    concept_keys=["protection-orders", "stalking"],
    texts={"en": "The perpetrator wears a reverse alarm, and a control room calls him first."},
)


def practice(key: str, subject: Subject, state: str = "XB", **values: object) -> Candidate:
    return Candidate(CandidateKind.PRACTICE, key, state, subject, **values)  # type: ignore[arg-type]


def find(gap: Gap, *candidates: Candidate) -> list[str]:
    return [match.candidate.key for match in CandidateIndex(candidates, DAY).find(gap).good]


def reasons_of(match: Match) -> dict[Feature, tuple[str, ...]]:
    return {reason.feature: reason.about for reason in match.reasons}


def test_the_topics_are_concepts_that_are_neither_forms_nor_groups() -> None:
    assert concepts().keys() >= set(FORMS_OF_VIOLENCE)
    assert concepts().keys() >= GROUPS
    subject = make_subject(concept_keys=["shelters", "stalking", "older-women", "no-such-concept"])
    assert (subject.topics, subject.forms, subject.groups) == ({"shelters"}, {"stalking"}, {"older-women"})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We have one shelter for the whole country."),
        ("nb", "Vi trenger flere krisesentre."),
        ("fr", "Il nous faut des refuges."),
    ],
)
def test_a_text_that_names_a_concept_is_about_it(language: str, text: str) -> None:
    assert "shelters" in make_subject(texts={language: text}).topics


def test_words_are_base_forms_without_grammar() -> None:
    assert words_of("The judges were trained by their colleagues.", "en") >= {"en:judge", "en:colleague"}
    assert not words_of("The of and to in.", "en")


def test_the_nearest_subject_comes_first_and_says_why() -> None:
    gap = Gap(
        "XA", make_subject(articles=["53"], concept_keys=["protection-orders"], texts={"en": "Do reverse alarms work?"})
    )
    index = CandidateIndex([practice("bus", BUS), practice("alarm", ALARM)], DAY)
    (match,) = index.find(gap).good
    assert match.candidate.key == "alarm"
    assert reasons_of(match)[Feature.ARTICLE] == ("53",)
    assert reasons_of(match)[Feature.TOPIC] == ("protection-orders",)
    assert "alarm" in reasons_of(match)[Feature.WORDS]


def test_a_topic_is_found_across_languages() -> None:
    gap = Gap(
        "XA",
        make_subject(texts={"ro": "Avem nevoie de ordine de protecție."}, concept_keys=["protection-orders"]),
    )
    assert find(gap, practice("bus", BUS), practice("alarm", ALARM)) == ["alarm"]


def test_texts_of_two_languages_are_compared_by_the_concepts_that_they_name() -> None:
    def praise(key: str, text: str) -> Candidate:
        subject = make_subject(articles=["15"], concept_keys=["training-of-professionals"], texts={"fr": text})
        return Candidate(CandidateKind.PRAISE, key, "XC", subject)

    asked = "Who trains police officers together with shelters?"
    gap = Gap("XA", make_subject(articles=["15"], concept_keys=["training-of-professionals"], texts={"en": asked}))
    same = praise("d", "Les policiers sont formés avec les refuges.")
    nothing_named = praise("b", "On le fait ici depuis longtemps.")
    other = praise("a", "Les enseignants sont formés avec les procureurs.")
    index = CandidateIndex([same, nothing_named, other], DAY)
    matches = index.find(gap).good
    assert [match.candidate.key for match in matches] == ["d", "b", "a"]
    assert set(reasons_of(matches[0])[Feature.WORDS]) >= {"concept:police-officers", "concept:shelters"}
    assert Feature.WORDS not in reasons_of(index.explain(gap, other))


def test_what_names_no_group_is_for_everyone_and_gives_no_reason() -> None:
    def shelter(key: str, *groups: str) -> Candidate:
        return practice(key, make_subject(articles=["23"], concept_keys=["shelters", *groups]))

    gap = Gap("XA", make_subject(articles=["23"], concept_keys=["shelters", "older-women"]))
    for_older, for_all, for_roma = shelter("c", "older-women"), shelter("b"), shelter("a", "roma-women")
    assert find(gap, for_older, for_all, for_roma) == ["c", "b", "a"]
    index = CandidateIndex([for_older, for_all, for_roma], DAY)
    assert [Feature.GROUP in reasons_of(index.explain(gap, one)) for one in (for_older, for_all)] == [True, False]


def test_a_few_candidates_are_judged_by_the_words_of_the_many_and_as_among_them() -> None:
    many = [practice(f"{number:02}", BUS) for number in range(20)]
    few = [replace(practice("offer", ALARM), kind=CandidateKind.OFFER)]
    gap = Gap(
        "XA",
        make_subject(articles=["53"], texts={"en": "A bus with counsellors calls at the villages: who has an alarm?"}),
    )
    alone, among = CandidateIndex(few, DAY), CandidateIndex(few, DAY, CandidateIndex(many, DAY))
    together = CandidateIndex([*many, *few], DAY).explain(gap, few[0])
    assert among.explain(gap, few[0]).relevance == pytest.approx(together.relevance, abs=0.05)
    assert alone.explain(gap, few[0]).relevance < together.relevance - 0.1
    assert [match.candidate.key for match in among.find(gap).good] == ["offer"]


def test_half_of_the_part_that_is_asked_about_is_worth_less_than_the_whole() -> None:
    half, whole = (
        practice(key, make_subject(articles=["15"], texts={"en": text}))
        for key, text in (("a", "Judges are trained."), ("b", "The police are trained."))
    )
    gap = Gap("XA", make_subject(articles=["15"]), part_words=words_of("training of the police", "en"))
    assert find(gap, half, whole) == ["b", "a"]


def test_what_touches_only_an_article_is_a_near_miss() -> None:
    gap = Gap(
        "XA",
        make_subject(
            articles=["11", "22"],
            concept_keys=["prevalence-surveys"],
            texts={"en": "How often is the survey repeated?"},
        ),
    )
    matches = CandidateIndex([practice("bus", BUS)], DAY).find(gap)
    assert not matches.good
    assert [match.candidate.key for match in matches.near_misses] == ["bus"]
    assert matches.near_misses[0].relevance < GOOD_MATCH


def test_one_s_own_state_is_left_out_and_an_unknown_state_is_no_one_s() -> None:
    candidates = [practice("own", ALARM, "XA"), practice("other", ALARM, "XB"), practice("unknown", ALARM, "")]
    assert sorted(find(Gap("XA", ALARM), *candidates)) == ["other", "unknown"]
    assert sorted(find(Gap("", ALARM), *candidates)) == ["other", "own", "unknown"]


def test_equal_candidates_are_ordered_by_key() -> None:
    assert find(Gap("XA", ALARM), practice("b", ALARM), practice("a", ALARM)) == ["a", "b"]


def test_better_evidence_comes_first_among_equals_and_cannot_make_a_match() -> None:
    weak = practice("a", ALARM, evidence=EvidenceLevel.DESCRIBED)
    strong = practice("b", ALARM, evidence=EvidenceLevel.REPEATED)
    assert find(Gap("XA", ALARM), weak, strong) == ["b", "a"]
    assert not find(Gap("XA", make_subject(articles=["11", "22"])), replace(strong, subject=BUS, key="c"))[1:]


def test_a_feature_that_is_switched_off_gives_no_reason() -> None:
    gap = Gap("XA", ALARM, languages=frozenset({"ro"}))
    candidate = practice("alarm", ALARM, languages=frozenset({"ro"}))
    index = CandidateIndex([candidate], DAY)
    assert Feature.LANGUAGE in reasons_of(index.explain(gap, candidate))
    off = effective_weights(off=[Feature.LANGUAGE])
    assert Feature.LANGUAGE not in reasons_of(index.explain(gap, candidate, off))


def test_what_is_unknown_does_not_count_against_a_candidate() -> None:
    known = practice("a", ALARM, has_capacity=False)
    unknown = practice("b", ALARM)
    assert find(Gap("XA", ALARM), known, unknown) == ["b", "a"]


def test_countries_are_compared_only_where_both_are_known() -> None:
    assert country_profile("XA").similar_size(country_profile("XC")) == 1.0
    assert country_profile("XA").same_structure(CountryProfile("??")) is None
    assert not country_profile("XA").is_similar(CountryProfile("??"))


SUBJECTS = st.builds(
    Subject,
    articles=st.lists(st.sampled_from(["11", "22", "23", "53"]), max_size=3, unique=True).map(tuple),
    topics=st.frozensets(st.sampled_from(["shelters", "helplines", "protection-orders"]), max_size=2),
    groups=st.frozensets(st.sampled_from(sorted(GROUPS)), max_size=2),
    forms=st.frozensets(st.sampled_from(sorted(FORMS_OF_VIOLENCE)), max_size=2),
    words=st.frozensets(st.sampled_from(["en:bus", "en:alarm", "en:judge", "fr:juge"]), max_size=3),
)
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        kind=st.sampled_from(CandidateKind),
        key=st.sampled_from("abcdefgh"),
        state=st.sampled_from(["", "XA", "XB", "XC"]),
        subject=SUBJECTS,
        evidence=st.none() | st.sampled_from(EvidenceLevel),
        confirmed=st.none() | st.just(date(2026, 1, 1)) | st.just(date(2020, 1, 1)),
        adopted_by=st.frozensets(st.sampled_from(["XA", "XC"])),
        has_capacity=st.none() | st.booleans(),
    ),
    max_size=8,
    unique_by=lambda candidate: candidate.key,
)
WEIGHTS = st.dictionaries(st.sampled_from(Feature), st.floats(0, 50), max_size=4)


@given(st.builds(Gap, state=st.sampled_from(["", "XA"]), subject=SUBJECTS), CANDIDATES, WEIGHTS, st.randoms())
def test_the_order_is_that_of_the_scores_whatever_the_input(
    gap: Gap, candidates: list[Candidate], changed: dict[Feature, float], randomness: object
) -> None:
    weights = effective_weights(changed)
    index = CandidateIndex(candidates, DAY)
    matches = index.find(gap, weights, limit=3)
    shuffled = list(candidates)
    randomness.shuffle(shuffled)  # type: ignore[attr-defined]
    assert CandidateIndex(shuffled, DAY).find(gap, weights, limit=3) == matches
    for match in (*matches.good, *matches.near_misses):
        assert 0 <= match.relevance <= 1.0001
        assert match == index.explain(gap, match.candidate, weights)
        assert match.candidate.state != gap.state or gap.state == ""
    # the search looks at fewer candidates than there are, and must find the same as one that looks at all
    gap_articles = set(gap.subject.all_articles)
    possible = [
        index.explain(gap, candidate, weights)
        for candidate in candidates
        if (candidate.state != gap.state or not gap.state)
        and (
            gap_articles & set(candidate.subject.all_articles)
            or (gap.subject.topics | gap.subject.groups) & (candidate.subject.topics | candidate.subject.groups)
        )
    ]
    listed = [match for match in possible if match.relevance >= RELATED and match.relevance > 0]
    listed.sort(key=lambda match: (-match.score, match.candidate.kind, match.candidate.key))
    assert list(matches.good) == (listed[:3] if any(match.is_good for match in possible) else [])
    assert not (matches.good and matches.near_misses)


def test_the_weights_of_relevance_outweigh_the_rest() -> None:
    relevance = sum(DEFAULT_WEIGHTS[feature] for feature in RELEVANCE)
    assert relevance > 4 * (sum(DEFAULT_WEIGHTS.values()) - relevance)
