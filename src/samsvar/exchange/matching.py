"""Matching: practices, praise, offers and people that may help with a gap, each with its reasons.

The candidates are those that share an article, a topic, a group or a form of violence with the gap. Each **feature** of
a pair has a value from 0 to 1, or none if it cannot be known or does not apply. The score is the average of the values,
weighted; a feature without a value does not count. Nothing is learned and nothing is random: the same input gives the
same order, and ties are ordered by key.

Only the features of relevance decide whether something is a good match at all (`GOOD_MATCH`): a well-evaluated practice
in the reader's language about something else does not help. `benchmarks/matching.py` measures both on graded queries.

A state's own practices never match its gaps: it knows them. People are candidates only with consent, which the caller
checks.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from samsvar.exchange.countries import CountryProfile, country_profile
from samsvar.exchange.practices import EvidenceLevel, confirmation_due
from samsvar.exchange.subjects import Subject, languages_of

GOOD_MATCH: Final = 0.54  # least relevance of a good match; set on the graded queries of benchmarks/matching
RELATED: Final = 0.25  # least relevance of what is listed after a good match
NEAR_MISSES: Final = 5  # candidates that are shown on demand if there is no good match
MOST_SHARED_WORDS: Final = 5  # named in a reason
CONCEPT_PREFIX: Final = "concept:"  # of a concept in `Reason.about`, where words of two languages were compared
SAME_WORDS: Final = 0.4  # texts that are as alike as this count as about the same; two of one subject rarely exceed it
SAME_CONCEPTS: Final = 0.8  # the same for texts of two languages, which are compared by the concepts that they name
NO_SHARED_CONCEPT: Final = 0.4  # value of such texts without a shared concept: less than if nothing could be compared
FOR_EVERYONE: Final = 0.5  # value of the group for what is tagged and names no group: it is meant for all women


class CandidateKind(StrEnum):
    """What can be proposed for a gap."""

    PRACTICE = "practice"
    PRAISE = "praise"  # a paragraph of a report that welcomes something
    OFFER = "offer"
    PERSON = "person"


class Feature(StrEnum):
    """The features of a match. Each is a sentence on the page, and can be switched off."""

    TOPIC = "topic"
    ARTICLE = "article"
    GROUP = "group"
    FORM = "form"
    PART = "part"  # the part of the finding that is asked about
    WORDS = "words"
    EVIDENCE = "evidence"
    LANGUAGE = "language"
    SIZE = "size"
    STRUCTURE = "structure"  # federal or unitary
    LEGAL_FAMILY = "legal_family"
    RECENCY = "recency"
    ADOPTED = "adopted"  # by a similar country
    CAPACITY = "capacity"


# The features that decide whether something is a good match at all.
RELEVANCE = (Feature.TOPIC, Feature.ARTICLE, Feature.GROUP, Feature.FORM, Feature.PART, Feature.WORDS)

OTHERS: Final = tuple(feature for feature in Feature if feature not in RELEVANCE)  # they only order what is relevant
_EVIDENCE = {level: level.rank / (len(EvidenceLevel) - 1) for level in EvidenceLevel}

DEFAULT_WEIGHTS: Mapping[Feature, float] = {
    Feature.TOPIC: 10,
    Feature.ARTICLE: 15,
    Feature.GROUP: 20,
    Feature.FORM: 5,
    Feature.PART: 10,
    Feature.WORDS: 30,
    Feature.EVIDENCE: 4,
    Feature.LANGUAGE: 3,
    Feature.SIZE: 1,
    Feature.STRUCTURE: 1,
    Feature.LEGAL_FAMILY: 1,
    Feature.RECENCY: 1,
    Feature.ADOPTED: 2,
    Feature.CAPACITY: 2,
}
# What a feature of relevance counts as if it applies and cannot be known: praise in a report may name no topic, and
# words of two languages cannot be compared if one text names no concept. Other features then do not count at all.
NEUTRAL_VALUES: Mapping[Feature, float] = {
    Feature.TOPIC: 0.2, Feature.GROUP: 0.2, Feature.FORM: 0.4, Feature.PART: 0.5, Feature.WORDS: 0.5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """What someone wants to solve: a finding, a measure, an article or a request for help."""

    state: str  # "" if unknown; candidates of this state are left out
    subject: Subject
    part_words: frozenset[str] = frozenset()  # of the part that is asked about, as `Subject.words`
    languages: frozenset[str] = frozenset()  # in which answers can be read; none: unknown


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something or someone that may help. What is None is unknown and does not count."""

    kind: CandidateKind
    key: str  # unique, and the order of ties
    state: str
    subject: Subject
    languages: frozenset[str] = frozenset()
    evidence: EvidenceLevel | None = None
    confirmed: date | None = None
    adopted_by: frozenset[str] = frozenset()  # codes of states
    has_capacity: bool | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature of a match with its value, the weight it had, and what it is about, such as the articles shared."""

    feature: Feature
    value: float  # 0 to 1
    weight: float
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate for a gap: its relevance and score from 0 to 1, and the reasons, the most important first."""

    candidate: Candidate
    relevance: float
    score: float
    reasons: tuple[Reason, ...]

    @property
    def is_good(self) -> bool:
        return self.relevance >= GOOD_MATCH


@dataclass(frozen=True, slots=True)
class Matches:
    """The good matches for a gap, best first, and the near misses, in case there are none."""

    good: tuple[Match, ...]
    near_misses: tuple[Match, ...]


def effective_weights(
    changed: Mapping[Feature, float] | None = None, off: Collection[Feature] = ()
) -> dict[Feature, float]:
    """Return the default weights with a viewer's changes; features that are switched off weigh nothing."""
    weights = {**DEFAULT_WEIGHTS, **(changed or {})}
    return {feature: 0.0 if feature in off else max(0.0, weight) for feature, weight in weights.items()}


@dataclass
class CandidateIndex:
    """Candidates, indexed by what they are about. Build it once for many gaps.

    A few candidates say little about how rare a word is: a larger index can be given as their `background`.
    """

    candidates: Sequence[Candidate]
    day: date
    background: CandidateIndex | None = None
    _total: int = field(init=False, default=0)  # of the candidates among which rarity is counted
    _by_article: dict[str, list[int]] = field(init=False, default_factory=lambda: defaultdict(list))
    _by_concept: dict[str, list[int]] = field(init=False, default_factory=lambda: defaultdict(list))
    _by_word: dict[str, list[int]] = field(init=False, default_factory=lambda: defaultdict(list))
    _rarity: dict[str, float] = field(init=False, default_factory=dict)  # of concepts and words
    _rarity_in_texts: dict[str, float] = field(init=False, default_factory=dict)  # of the concepts that texts name
    _articles: list[dict[str, float]] = field(init=False, default_factory=list)  # less for those further down the list
    _languages: list[frozenset[str]] = field(init=False, default_factory=list)  # of each candidate's words
    _lengths: list[float] = field(init=False, default_factory=list)
    _concept_lengths: list[float] = field(init=False, default_factory=list)  # of the concepts that each text names

    def __post_init__(self) -> None:
        self.candidates = sorted(self.candidates, key=lambda candidate: (candidate.kind, candidate.key))
        for number, candidate in enumerate(self.candidates):
            subject = candidate.subject
            self._articles.append({article: 1 / (1 + 0.25 * at) for at, article in enumerate(subject.all_articles)})
            self._languages.append(languages_of(subject.words))
            for article in self._articles[-1]:
                self._by_article[article].append(number)
            for concept in subject.topics | subject.groups | subject.forms:
                self._by_concept[concept].append(number)
            for word in subject.words:
                self._by_word[word].append(number)
        self._total = total = len(self.candidates) + (self.background._total if self.background else 0)
        for concept, numbers in self._by_concept.items():
            self._rarity[concept] = math.log(1 + total / len(numbers))
        for word, numbers in self._by_word.items():
            self._rarity[word] = _rarity_of_word(len(numbers), total)
        counts = Counter(concept for candidate in self.candidates for concept in candidate.subject.named)
        self._rarity_in_texts = {concept: _rarity_of_word(count, total) for concept, count in counts.items()}
        if self.background is not None:
            self._rarity |= self.background._rarity
            self._rarity_in_texts |= self.background._rarity_in_texts
        self._lengths = [self._length(candidate.subject.words) for candidate in self.candidates]
        self._concept_lengths = [self._concept_length(candidate.subject.named) for candidate in self.candidates]

    def rarity(self, key: str) -> float:
        """Return the weight of a concept or word; one that no candidate has weighs most."""
        if (known := self._rarity.get(key)) is not None:
            return known
        return _rarity_of_word(0, self._total) if ":" in key else math.log(1 + max(1, self._total))

    def _length(self, words: Collection[str]) -> float:
        return math.sqrt(sum([self.rarity(word) ** 2 for word in words]))

    def _concept_length(self, named: Collection[str]) -> float:
        """Return the length of the concepts that a text names and of one more, as one in common says little."""
        unseen, rarity = _rarity_of_word(0, self._total), self._rarity_in_texts
        return math.sqrt(sum([rarity.get(concept, unseen) ** 2 for concept in named]) + unseen**2)

    def find(self, gap: Gap, weights: Mapping[Feature, float] | None = None, *, limit: int = 10) -> Matches:
        """Return the best matches for a gap, at most `limit`, if one of them is good; else what comes nearest."""
        weights = weights if weights is not None else DEFAULT_WEIGHTS
        facts = _GapFacts(self, gap)
        by_relevance = sorted(self._relevances(gap, facts, weights), key=lambda entry: (-entry[0], entry[2]))
        if by_relevance and by_relevance[0][0] >= GOOD_MATCH:
            listed = [entry for entry in by_relevance if entry[0] >= RELATED]
            return Matches(tuple(self._best(gap, facts, listed, weights, limit)), ())
        near = by_relevance[:NEAR_MISSES]
        return Matches((), tuple(self._match(gap, facts, number, weights) for _, _, number in near))

    def _best(
        self,
        gap: Gap,
        facts: _GapFacts,
        good: Sequence[tuple[float, float, int]],
        weights: Mapping[Feature, float],
        limit: int,
    ) -> list[Match]:
        """Return the matches with the best scores, the first by key among equals.

        `good` are (relevance, weight of the features of relevance, number), the most relevant first. The other
        features can raise a score only so far, so most candidates need not be looked at.
        """
        most = sum(weights[feature] for feature in OTHERS)
        best: list[tuple[float, int]] = []  # (score with a minus, number); numbers are in the order of kind and key
        for relevance, weight, number in good:
            highest = (relevance * weight + most) / (weight + most)
            if len(best) >= limit and highest < -best[-1][0]:
                break
            score = _score(relevance, weight, self._other_values(gap, facts, number), weights)
            insort(best, (-score, number))
            del best[limit:]
        return [self._match(gap, facts, number, weights) for _, number in best]

    def explain(self, gap: Gap, candidate: Candidate, weights: Mapping[Feature, float] | None = None) -> Match:
        """Return the match of a gap and one candidate, with its reasons, whether it is a good one or not."""
        weights = weights if weights is not None else DEFAULT_WEIGHTS
        return self._match(gap, _GapFacts(self, gap), self.candidates.index(candidate), weights)

    def _match(self, gap: Gap, facts: _GapFacts, number: int, weights: Mapping[Feature, float]) -> Match:
        candidate = self.candidates[number]
        relevant, others = self._relevance_values(gap, facts, number), self._other_values(gap, facts, number)
        reasons = [
            Reason(feature, value, weights[feature], about)
            for feature, value in {**relevant, **others}.items()
            if value and weights[feature] > 0
            and ((about := self._about(feature, gap, candidate)) or feature not in RELEVANCE)
        ]  # fmt: skip
        reasons.sort(key=lambda reason: -reason.value * reason.weight)  # stable: equals stay in the order of features
        relevance, weight = _average(relevant, weights, RELEVANCE)
        return Match(candidate, relevance, _score(relevance, weight, others, weights), tuple(reasons))

    def _relevances(
        self, gap: Gap, facts: _GapFacts, weights: Mapping[Feature, float]
    ) -> Iterable[tuple[float, float, int]]:
        """Yield (relevance, weight of the features that apply, number) of each candidate that the gap may match."""
        numbers = {number for article in facts.articles for number in self._by_article.get(article, ())}
        for concept in gap.subject.topics | gap.subject.groups:
            numbers.update(self._by_concept.get(concept, ()))
        for number in numbers:
            if self.candidates[number].state != gap.state or not gap.state:
                relevance, weight = _average(self._relevance_values(gap, facts, number), weights, RELEVANCE)
                if relevance > 0:
                    yield relevance, weight, number

    def _relevance_values(self, gap: Gap, facts: _GapFacts, number: int) -> dict[Feature, float | None]:
        wanted, offered = gap.subject, self.candidates[number].subject
        values: dict[Feature, float | None] = {}
        if facts.articles:
            values[Feature.ARTICLE] = _shared_articles(facts.articles, self._articles[number])
        if wanted.topics:
            values[Feature.TOPIC] = self._shared(facts.topic_rarity, wanted.topics, offered.topics)
        if wanted.groups:
            for_everyone = FOR_EVERYONE if offered.topics or offered.forms else None
            shared = self._shared(facts.group_rarity, wanted.groups, offered.groups)
            values[Feature.GROUP] = for_everyone if shared is None else shared
        if wanted.forms:
            values[Feature.FORM] = self._shared(facts.form_rarity, wanted.forms, offered.forms)
        if facts.part_length or facts.length:
            is_comparable = not self._languages[number].isdisjoint(facts.word_languages)
            if facts.part_length:
                values[Feature.PART] = self._part_in(facts, number) if is_comparable else None
            if facts.length:
                values[Feature.WORDS] = (
                    self._likeness(facts, number) if is_comparable else self._likeness_by_concepts(facts, number)
                )
        return values

    def _other_values(self, gap: Gap, facts: _GapFacts, number: int) -> dict[Feature, float | None]:
        """Return the value of each feature that only orders what is relevant; None if it is unknown."""
        candidate = self.candidates[number]
        home, away = facts.country, country_profile(candidate.state)
        languages_known = gap.languages and candidate.languages
        confirmed = candidate.confirmed
        return {
            Feature.EVIDENCE: None if candidate.evidence is None else _EVIDENCE[candidate.evidence],
            Feature.LANGUAGE: float(not gap.languages.isdisjoint(candidate.languages)) if languages_known else None,
            Feature.SIZE: home.similar_size(away),
            Feature.STRUCTURE: home.same_structure(away),
            Feature.LEGAL_FAMILY: home.same_legal_family(away),
            Feature.RECENCY: None if confirmed is None else float(self.day < confirmation_due(confirmed)),
            Feature.ADOPTED: _adopted_by_similar(home, candidate.adopted_by),
            Feature.CAPACITY: None if candidate.has_capacity is None else float(candidate.has_capacity),
        }

    def _shared(self, total: float, wanted: frozenset[str], offered: frozenset[str]) -> float | None:
        """Return how much of what is wanted is offered, weighted by rarity; None if the candidate names nothing.

        A broad offer counts a little less.
        """
        if not offered:
            return None
        shared = wanted & offered
        if not shared:
            return 0.0
        rarity = self._rarity
        return sum([rarity[key] for key in shared]) / total * (0.75 + 0.25 * len(shared) / len(offered))

    def _likeness(self, facts: _GapFacts, number: int) -> float:
        """Return how alike two texts are: the cosine of their words, weighted by rarity; `SAME_WORDS` counts as 1."""
        rarity = self._rarity
        shared = sum([rarity[word] ** 2 for word in facts.words & self.candidates[number].subject.words])
        return min(1.0, shared / (facts.length * (self._lengths[number] or 1.0)) / SAME_WORDS)

    def _likeness_by_concepts(self, facts: _GapFacts, number: int) -> float | None:
        """Return how alike two texts of different languages are, by the concepts that they name.

        None if one of them names none. `SAME_CONCEPTS` counts as 1, and nothing in common as `NO_SHARED_CONCEPT`.
        """
        named = self.candidates[number].subject.named
        if not named or not facts.named:
            return None
        if facts.named.isdisjoint(named):
            return NO_SHARED_CONCEPT
        rarity = self._rarity_in_texts
        shared = sum([rarity[concept] ** 2 for concept in facts.named & named])
        alike = min(1.0, shared / (facts.concept_length * self._concept_lengths[number]) / SAME_CONCEPTS)
        return NO_SHARED_CONCEPT + (1 - NO_SHARED_CONCEPT) * alike

    def _part_in(self, facts: _GapFacts, number: int) -> float:
        """Return how much of the part that is asked about is in the candidate's text."""
        rarity = self._rarity
        shared = sum([rarity[word] ** 2 for word in facts.part_words & self.candidates[number].subject.words])
        return shared / facts.part_length**2

    def _about(self, feature: Feature, gap: Gap, candidate: Candidate) -> tuple[str, ...]:
        """Return what a reason names: articles, keys of concepts, words, states or languages, in a fixed order."""
        own, other = gap.subject, candidate.subject
        match feature:
            case Feature.TOPIC:
                return tuple(sorted(own.topics & other.topics))
            case Feature.GROUP:
                return tuple(sorted(own.groups & other.groups))
            case Feature.FORM:
                return tuple(sorted(own.forms & other.forms))
            case Feature.ARTICLE:
                offered = other.all_articles
                return tuple(article for article in own.all_articles if article in offered)
            case Feature.PART:
                return self._rarest(gap.part_words & other.words)
            case Feature.WORDS:
                if own_words := self._rarest(own.words & other.words):
                    return own_words
                return tuple(f"{CONCEPT_PREFIX}{key}" for key in sorted(own.named & other.named))
            case Feature.EVIDENCE:
                return (candidate.evidence,) if candidate.evidence else ()
            case Feature.LANGUAGE:
                return tuple(sorted(gap.languages & candidate.languages))
            case Feature.RECENCY:
                return (candidate.confirmed.isoformat(),) if candidate.confirmed else ()
            case Feature.ADOPTED:
                home = country_profile(gap.state)
                return tuple(state for state in sorted(candidate.adopted_by) if home.is_similar(country_profile(state)))
        return ()

    def _rarest(self, words: Collection[str]) -> tuple[str, ...]:
        rarest = sorted(words, key=lambda word: (-self.rarity(word), word))[:MOST_SHARED_WORDS]
        return tuple(word.partition(":")[2] for word in rarest)


class _GapFacts:
    """What is computed once for a gap: its articles, its words, and the weights of what it asks for."""

    def __init__(self, index: CandidateIndex, gap: Gap) -> None:
        self.country = country_profile(gap.state)
        self.articles = gap.subject.all_articles
        self.words, self.part_words = gap.subject.words, gap.part_words
        self.word_languages = languages_of(self.words | self.part_words)
        self.named = gap.subject.named
        self.length = index._length(self.words)
        self.concept_length = index._concept_length(self.named)
        self.part_length = index._length(self.part_words)
        self.topic_rarity = sum(map(index.rarity, gap.subject.topics))
        self.group_rarity = sum(map(index.rarity, gap.subject.groups))
        self.form_rarity = sum(map(index.rarity, gap.subject.forms))


def _rarity_of_word(found_in: int, total: int) -> float:
    return max(0.0, math.log((total + 1) / (found_in + 0.5)))


def _shared_articles(wanted: tuple[str, ...], offered: Mapping[str, float]) -> float:
    """Return 1 if the main articles are the same, less for articles further down in either list."""
    return max([offered[article] / (1 + 0.5 * at) for at, article in enumerate(wanted) if article in offered] or [0.0])


def _adopted_by_similar(home: CountryProfile, adopted_by: frozenset[str]) -> float | None:
    if not adopted_by:
        return None
    return max(1.0 if home.is_similar(country_profile(other)) else 0.5 for other in adopted_by)


def _average(
    values: Mapping[Feature, float | None], weights: Mapping[Feature, float], features: Iterable[Feature]
) -> tuple[float, float]:
    """Return the weighted average of the features that apply, and the sum of their weights; 0 if none applies.

    What is unknown counts as its neutral value, or not at all if it has none.
    """
    total = weight_sum = 0.0
    for feature in features:
        if feature in values:
            value = values[feature]
            if value is None:
                value = NEUTRAL_VALUES.get(feature)
            if value is not None:
                total += weights[feature] * value
                weight_sum += weights[feature]
    return (total / weight_sum if weight_sum else 0.0), weight_sum


def _score(
    relevance: float, weight: float, others: Mapping[Feature, float | None], weights: Mapping[Feature, float]
) -> float:
    """Return the average of all features that apply: of those of relevance, with their weight, and of the others."""
    average, other_weight = _average(others, weights, OTHERS)
    total = weight + other_weight
    return (relevance * weight + average * other_weight) / total if total else 0.0
