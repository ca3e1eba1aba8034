"""Queries for matching: what there is to match with, what a gap is about, and the matches with their reasons.

The public candidates (published practices and praise) are indexed once per process, until one of them changes. Offers
and people are added for members only, as the viewer may see them now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Self
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Max, Q, QuerySet, Value
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from samsvar.convention.treaty import ISTANBUL
from samsvar.exchange.adoptions import AdoptionStatus
from samsvar.exchange.matching import (
    DEFAULT_WEIGHTS,
    Candidate,
    CandidateIndex,
    CandidateKind,
    Feature,
    Gap,
    Match,
    effective_weights,
)
from samsvar.exchange.practices import EvidenceLevel
from samsvar.exchange.requests import OfferStatus, ShownAs, has_free_capacity
from samsvar.exchange.subjects import Subject, concepts_named_in, concepts_of_article, make_subject, words_of
from samsvar.monitoring.report import Strength
from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.exchange.adoptions.models import Adoption
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.exchange.practices.queries.content import choose_shown_text
from samsvar.site.exchange.practices.queries.published import current_versions
from samsvar.site.exchange.requests.models import HelpRequest, Offer
from samsvar.site.exchange.requests.permissions import can_handle, helpdesk_requests, visible_requests
from samsvar.site.exchange.requests.queries import effective_shown_as, offers_with_use
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import find_measure
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, FindingArticle, Report
from samsvar.site.monitoring.rounds import find_open_findings
from samsvar.site.network.access.permissions import User, has_claim
from samsvar.site.network.directory.queries.people import find_visible_people, people_to_suggest, split_expertise
from samsvar.territories import territories

# The texts of a practice by which it is suggested.
PRACTICE_TEXTS = ("title", "problem", "solution")
MATCHES_ON_A_PANEL = 3
MATCHES_ON_A_PAGE = 10
MAX_WEIGHT = 100


# --- Candidates -------------------------------------------------------------------------------------------------------


def public_candidates() -> tuple[Candidate, ...]:
    """Return the published practices and the praise in public reports, read again only after one has changed."""
    return _public_candidates(_edition())


def public_index(day: date) -> CandidateIndex:
    """Return the index of the public candidates on a day."""
    return _public_index(_edition(), day)


def _edition() -> tuple[Any, ...]:
    """Return a value that changes whenever a public candidate may have changed. Runs one query."""
    praise = Finding.objects.filter(strength=Strength.WELCOMES)
    parts = (
        _summary("practices", Practice.objects.all(), "updated_at"),
        _summary("praise", praise, "reviewed_at"),
        _summary("reports", praise, "report__published_at"),
        _summary("adoptions", Adoption.objects.filter(_is_adopted()), "at"),
    )
    return tuple(sorted(parts[0].union(*parts[1:], all=True).order_by(), key=lambda part: str(part[0])))


def _summary(name: str, objects: QuerySet[Any, Any], moment: str) -> QuerySet[Any, Any]:
    """Return the number of objects, the newest, and the latest of a moment, in one line, or none without objects."""
    lines = objects.order_by().values(part=Value(name)).annotate(count=Count("pk"), newest=Max("pk"), last=Max(moment))
    return lines.values_list("part", "count", "newest", "last")


@lru_cache(maxsize=1)
def _public_candidates(_edition: tuple[Any, ...]) -> tuple[Candidate, ...]:
    return (*_practice_candidates(), *_praise_candidates())


@lru_cache(maxsize=1)
def _public_index(edition: tuple[Any, ...], day: date) -> CandidateIndex:
    return CandidateIndex(_public_candidates(edition), day)


def _is_adopted() -> Q:
    return Q(status__in=[AdoptionStatus.TAKEN_UP, AdoptionStatus.WORKING], is_public=True)


def _practice_candidates() -> Iterable[Candidate]:
    adopted: dict[int, set[str]] = defaultdict(set)
    for adoption in Adoption.objects.filter(_is_adopted()).only("practice_id", "state_id"):
        adopted[adoption.practice_id].add(adoption.state_id)
    for version in current_versions():
        practice, content = version.practice, version.content
        yield Candidate(
            CandidateKind.PRACTICE,
            practice.public_id,
            practice.state_id,
            practice_subject(content),
            languages=frozenset(content["texts"]),
            evidence=EvidenceLevel(content["evidence_level"]),
            confirmed=practice.confirmed_on,
            adopted_by=frozenset(adopted[practice.pk] - {practice.state_id}),
        )


def practice_subject(content: Mapping[str, Any]) -> Subject:
    """Return what a frozen version of a practice is about."""
    texts = {language: " ".join(text[name] for name in PRACTICE_TEXTS) for language, text in content["texts"].items()}
    return make_subject(articles=content["articles"], concept_keys=content["concepts"], texts=texts)


def _praise_candidates() -> Iterable[Candidate]:
    praise = Finding.objects.filter(strength=Strength.WELCOMES, state__isnull=False)
    praise = praise.exclude(review=Finding.Review.REJECTED)
    articles = _articles_of(praise)
    for finding in praise.only("public_id", "state_id", "text", "heading", "language"):
        yield Candidate(
            CandidateKind.PRAISE,
            finding.public_id,
            finding.state_id or "",
            _subject_of_finding(finding.text, finding.heading, finding.language, articles.get(finding.pk, ())),
            languages=frozenset({finding.language}),
        )


def _subject_of_finding(text: str, heading: str, language: str, articles: Iterable[str]) -> Subject:
    """Return what a finding is about: its articles, its text, and the concepts that its text or heading names.

    If they name none, the concepts of its main article count.
    """
    articles = tuple(articles)
    named = concepts_named_in(f"{heading} {text}", language)
    keys = named or concepts_of_article(articles[0] if articles else "")
    return make_subject(articles=articles, concept_keys=keys, texts={language: text})


def _articles_of(findings: Any) -> dict[int, list[str]]:
    articles: dict[int, list[str]] = defaultdict(list)
    values = FindingArticle.objects.filter(finding__in=findings).order_by("pk")
    for finding, number in values.values_list("finding_id", "article"):
        articles[finding].append(str(number))
    return articles


def _offer_candidates(day: date) -> Iterable[Candidate]:
    offers: Any = offers_with_use(day.year).filter(status=OfferStatus.OPEN)
    for offer in offers:
        text = {offer.language: f"{offer.title} {offer.text}"}
        yield Candidate(
            CandidateKind.OFFER,
            offer.public_id,
            offer.state_id,
            make_subject(articles=offer.articles, concept_keys=offer.concepts, texts=text),
            languages=frozenset(offer.languages),
            has_capacity=has_free_capacity(per_year=offer.per_year, used=offer.used, until=offer.until, day=day),
        )


def _people_candidates(user: User) -> Iterable[Candidate]:
    """Yield the people who consented to being suggested, by what the viewer may see of their expertise now."""
    for public_id, fields in sorted(people_to_suggest(user).items()):
        articles, concepts = split_expertise(fields[Field.EXPERTISE])
        yield Candidate(
            CandidateKind.PERSON,
            public_id,
            (fields[Field.COUNTRY] or [""])[0],
            make_subject(articles=articles, concept_keys=concepts),
            languages=frozenset(fields[Field.LANGUAGES]),
        )


# --- Gaps -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GapSource:
    """A gap with what it comes from: a finding, a measure, an article or a request."""

    gap: Gap
    kind: str
    title: str
    key: str  # public ID, or the number of the article
    language: str = ""  # of the title
    strength: str = ""  # of a finding


def gap_of_finding(public_id: str, languages: Collection[str]) -> GapSource | None:
    """Return the gap that a public finding describes; None if there is no such finding. Runs two queries."""
    finding = Finding.objects.filter(public_id=public_id).prefetch_related("articles").first()
    return _gap_of_finding(finding, languages) if finding else None


def _gap_of_finding(finding: Finding, languages: Collection[str]) -> GapSource:
    articles = [str(link.article) for link in sorted(finding.articles.all(), key=lambda link: link.pk)]
    subject = _subject_of_finding(finding.text, finding.heading, finding.language, articles)
    gap = Gap(finding.state_id or "", subject, languages=frozenset(languages))
    return GapSource(gap, "finding", finding.text, finding.public_id, finding.language, finding.strength)


def gap_of_measure(user: User, public_id: str, languages: Collection[str]) -> GapSource | None:
    """Return the gap that a measure is to close; None if the user cannot see the measure."""
    measure = find_measure(user, public_id)
    return _gap_of(measure, languages) if measure else None


def _gap_of(measure: Measure, languages: Collection[str]) -> GapSource:
    """Return the gap of a measure, with the articles of the findings that it answers."""
    answered = Finding.objects.filter(answers__measure=measure, answers__ended_at=None)
    numbers = FindingArticle.objects.filter(finding__in=answered).order_by("pk").values_list("article", flat=True)
    subject = make_subject(
        articles=[str(number) for number in numbers], texts={measure.language: f"{measure.title} {measure.text}"}
    )
    gap = Gap(measure.state_id, subject, languages=frozenset(languages))
    return GapSource(gap, "measure", measure.title, measure.public_id, measure.language)


def gap_of_article(number: str, state: str, languages: Collection[str]) -> GapSource | None:
    """Return the gap of a state, or of anyone (""), in an article; None if there is no such article or state."""
    if number not in ISTANBUL or (state and state not in territories()):
        return None
    gap = Gap(state, Subject(articles=(number,)), languages=frozenset(languages))
    return GapSource(gap, "article", "", number)


def gap_of_request(user: User, public_id: str) -> GapSource | None:
    """Return the gap of a request for help; None if the user may not see the request.

    The state is left out for those who may not know it: its own practices are missing among the matches, which would
    tell them.
    """
    if not user.is_authenticated:
        return None
    condition = Q(by=user.pk) | visible_requests(user) | helpdesk_requests(user)
    request = HelpRequest.objects.filter(condition, public_id=public_id).select_related("by__person").first()
    if request is None:
        return None
    may_know_state = (
        request.by_id == user.pk or can_handle(user, request) or effective_shown_as(request) is not ShownAs.NO_ONE
    )
    return _gap_of_request(request, request.state_id or "" if may_know_state else "")


def _gap_of_request(request: HelpRequest, state: str) -> GapSource:
    subject = make_subject(
        articles=request.articles,
        concept_keys=request.concepts,
        texts={request.language: f"{request.problem} {request.situation}"},
    )
    gap = Gap(
        state,
        subject,
        part_words=words_of(request.part, request.language),
        languages=frozenset(request.languages or [request.language]),
    )
    return GapSource(gap, "request", request.problem, request.public_id, request.language)


# --- Matches ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangedWeight:
    """A feature that does not have its usual weight, by name; 0 if it is switched off."""

    feature: str
    weight: float


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """How a viewer wants to match: the weights that differ from the usual ones, and the features switched off."""

    changed: Mapping[Feature, float] = field(default_factory=dict)
    off: frozenset[Feature] = frozenset()

    @classmethod
    def from_params(cls, params: QueryDict) -> Self:
        """Return the settings that an address names. What is no weight from 0 to `MAX_WEIGHT` is ignored."""
        changed = {}
        for feature, usual in DEFAULT_WEIGHTS.items():
            text = params.get(f"weight-{feature}", "")
            if text.isascii() and text.isdecimal() and len(text) <= 3:
                weight = min(int(text), MAX_WEIGHT)
                if weight != usual:
                    changed[feature] = float(weight)
        return cls(changed, frozenset(Feature(name) for name in params.getlist("off") if name in set(Feature)))

    @property
    def weights(self) -> dict[Feature, float]:
        return effective_weights(self.changed, self.off)

    @property
    def changed_weights(self) -> list[ChangedWeight]:
        """The features that do not have their usual weight, in the order of the page."""
        weights = self.weights
        return [
            ChangedWeight(feature, weights[feature])
            for feature in Feature
            if weights[feature] != DEFAULT_WEIGHTS[feature]
        ]

    @property
    def query(self) -> str:
        """The settings as part of an address, "" for the usual ones."""
        off = [("off", feature.value) for feature in Feature if feature in self.off]
        return urlencode([*off, *((f"weight-{feature}", f"{weight:.0f}") for feature, weight in self.changed.items())])


USUAL_SETTINGS = MatchSettings()


@dataclass(frozen=True, slots=True)
class ShownMatch:
    """A match with what a page shows of the candidate."""

    match: Match
    title: str
    about: str  # the problem solved, what a report says, what is offered, or a person's organisation
    language: str  # of both; "" for names
    url: str

    @property
    def can_be_introduced(self) -> bool:
        """Whether it has an owner whom the secretariat can ask; praise in a report has none."""
        return self.match.candidate.kind in {CandidateKind.PRACTICE, CandidateKind.OFFER}


@dataclass(frozen=True, slots=True)
class MatchPage:
    """The matches for a gap as a viewer has asked for them."""

    source: GapSource
    good: tuple[ShownMatch, ...]
    near_misses: tuple[ShownMatch, ...]
    settings: MatchSettings


def public_matches(gap: Gap, *, limit: int = MATCHES_ON_A_PANEL) -> tuple[Match, ...]:
    """Return the good matches among practices and praise, which everyone can see."""
    return public_index(timezone.localdate()).find(gap, limit=limit).good


def member_index(user: User, day: date) -> CandidateIndex:
    """Return the index of all that a viewer may be shown: the public candidates, and offers and people for members."""
    if not has_claim(user, Claim.SEE_DIRECTORY):
        return public_index(day)
    return CandidateIndex([*public_candidates(), *_offer_candidates(day), *_people_candidates(user)], day)


def member_matches(user: User, gap: Gap) -> tuple[ShownMatch, ...]:
    """Return the people and offers that are a good match, as a member may see them now; nothing for anyone else.

    They are indexed apart from practices and praise, which are many and the same for everyone.
    """
    if not has_claim(user, Claim.SEE_DIRECTORY):
        return ()
    index = _members_index(user, timezone.localdate())
    good = [match for match in index.find(gap, limit=MATCHES_ON_A_PANEL).good if match.is_good]
    return show_matches(user, good)


def _members_index(user: User, day: date) -> CandidateIndex:
    return CandidateIndex([*_offer_candidates(day), *_people_candidates(user)], day, public_index(day))


def find_matches(user: User, source: GapSource, settings: MatchSettings = USUAL_SETTINGS) -> MatchPage:
    """Return the matches for a gap with a viewer's settings, and what the page shows of them."""
    matches = member_index(user, timezone.localdate()).find(source.gap, settings.weights, limit=MATCHES_ON_A_PAGE)
    good, near_misses = show_matches(user, matches.good), show_matches(user, matches.near_misses)
    return MatchPage(source, good, near_misses, settings)


def show_matches(user: User, matches: Iterable[Match]) -> tuple[ShownMatch, ...]:
    """Return matches with what a page shows of them, without those that are no longer visible. Four queries at most."""
    by_kind: dict[CandidateKind, list[str]] = defaultdict(list)
    matches = tuple(matches)
    for match in matches:
        by_kind[match.candidate.kind].append(match.candidate.key)
    language = get_language() or "en"
    shown: dict[tuple[CandidateKind, str], ShownParts] = {
        **_shown_practices(by_kind[CandidateKind.PRACTICE], language),
        **_shown_praise(by_kind[CandidateKind.PRAISE]),
        **_shown_offers(by_kind[CandidateKind.OFFER]),
        **_shown_people(user, by_kind[CandidateKind.PERSON]),
    }
    return tuple(
        ShownMatch(match, **asdict(parts))
        for match in matches
        if (parts := shown.get((match.candidate.kind, match.candidate.key)))
    )


@dataclass(frozen=True, slots=True)
class ShownParts:
    """What a page shows of a candidate: its title and a line about it, in the language they are written in."""

    title: str
    about: str = ""
    language: str = ""
    url: str = ""


def _shown_practices(keys: Collection[str], language: str) -> dict[tuple[CandidateKind, str], ShownParts]:
    shown = {}
    for version in current_versions().filter(practice__public_id__in=keys) if keys else ():
        text, key = choose_shown_text(version.content, language), version.practice.public_id
        shown[CandidateKind.PRACTICE, key] = ShownParts(
            text.fields["title"], text.fields["problem"], text.language, reverse("exchange:practice", args=[key])
        )
    return shown


def _shown_praise(keys: Collection[str]) -> dict[tuple[CandidateKind, str], ShownParts]:
    findings = Finding.objects.filter(public_id__in=keys).select_related("report__document") if keys else ()
    return {
        (CandidateKind.PRAISE, finding.public_id): ShownParts(
            short_citation(finding),
            finding.text,
            finding.language,
            reverse("monitoring:finding", args=[finding.public_id]),
        )
        for finding in findings
    }


def _shown_offers(keys: Collection[str]) -> dict[tuple[CandidateKind, str], ShownParts]:
    return {
        (CandidateKind.OFFER, offer.public_id): ShownParts(
            offer.title, offer.text, offer.language, reverse("exchange:offer", args=[offer.public_id])
        )
        for offer in (Offer.objects.filter(public_id__in=keys) if keys else ())
    }


def _shown_people(user: User, keys: Collection[str]) -> dict[tuple[CandidateKind, str], ShownParts]:
    if not keys:
        return {}
    fields = (Field.NAME, Field.ORGANISATION)
    return {
        (CandidateKind.PERSON, person.public_id): ShownParts(
            person.name or "",
            person.organisation.label if person.organisation else "",
            url=reverse("network:person", args=[person.public_id]),
        )
        for person in find_visible_people(user, keys, subject="matches", fields=fields)
    }


# --- Where to go ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Destination:
    """A country that a state could visit: how many of its open recommendations have a good match there, and which."""

    state: str
    matches: tuple[tuple[Finding, Match], ...]  # the best practice or praise of each recommendation, best first

    @property
    def total(self) -> float:
        return sum(match.score for _, match in self.matches)


def destinations(state: str, day: date) -> tuple[Destination, ...]:
    """Return where a state could learn most about its open recommendations of the latest round, most useful first.

    Each recommendation counts once for each country, with the best match there.
    """
    index = public_index(day)
    by_state: dict[str, list[tuple[Finding, Match]]] = defaultdict(list)
    for finding, gap in _open_gaps(state):
        seen: set[str] = set()
        for match in index.find(gap, limit=MATCHES_ON_A_PAGE).good:
            if match.is_good and match.candidate.state not in seen:
                seen.add(match.candidate.state)
                by_state[match.candidate.state].append((finding, match))
    suggested = [
        Destination(code, tuple(sorted(pairs, key=lambda pair: (-pair[1].score, pair[0].public_id))))
        for code, pairs in by_state.items()
    ]
    return tuple(sorted(suggested, key=lambda destination: (-destination.total, destination.state)))


def _open_gaps(state: str) -> Iterable[tuple[Finding, Gap]]:
    """Yield the open recommendations of a state's latest round, each with the gap that it describes."""
    findings = Finding.objects.filter(pk__in=find_open_findings(state)).select_related("report__document")
    articles = _articles_of(findings)
    for finding in findings:
        subject = _subject_of_finding(finding.text, finding.heading, finding.language, articles.get(finding.pk, ()))
        yield finding, Gap(state, subject)


def members_for_country(user: User, state: str) -> tuple[ShownMatch, ...]:
    """Return the people and offers that match an open recommendation of a state best, for members only."""
    if not has_claim(user, Claim.SEE_DIRECTORY):
        return ()
    index = _members_index(user, timezone.localdate())
    best: dict[Candidate, Match] = {}
    for _finding, gap in _open_gaps(state):
        for match in index.find(gap, limit=MATCHES_ON_A_PANEL).good:
            known = best.get(match.candidate)
            if match.is_good and (known is None or match.score > known.score):
                best[match.candidate] = match
    order = sorted(best.values(), key=lambda match: (-match.score, match.candidate.kind, match.candidate.key))
    return show_matches(user, order[:MATCHES_ON_A_PANEL])


@dataclass(frozen=True, slots=True)
class ShownDestination:
    """A destination with its matches as a page shows them, each beside the recommendation that it may help with."""

    state: str
    pairs: tuple[tuple[Finding, ShownMatch], ...]


def show_destination(user: User, destination: Destination) -> ShownDestination:
    """Return a destination with what the page shows of each match."""
    matches = show_matches(user, [match for _, match in destination.matches])
    shown = {shown_match.match.candidate.key: shown_match for shown_match in matches}
    pairs = ((finding, shown.get(match.candidate.key)) for finding, match in destination.matches)
    return ShownDestination(destination.state, tuple((finding, match) for finding, match in pairs if match))


# --- Panels -----------------------------------------------------------------------------------------------------------


def finding_panel(finding: Finding) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a finding's page: who has solved it. A finding that welcomes something has none."""
    if finding.report.status != Report.Status.PUBLISHED:
        return None
    if finding.strength == Strength.WELCOMES or not finding.state_id:
        return None
    return _panel(_gap_of_finding(finding, ()), {"finding": finding.public_id})


def article_panel(number: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of an article's page: practices and praise about it."""
    source = gap_of_article(str(number), "", ())
    return _panel(source, {"article": number}) if source else None


def measure_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a measure's page, for those who can see the measure."""
    measure = Measure.objects.filter(public_id=public_id).first()
    source = _gap_of(measure, ()) if measure else None
    return _panel(source, {"measure": public_id}) if source else None


def country_panel(code: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a country's page: where it could go to learn. None if there is nowhere yet."""
    suggested = destinations(code, timezone.localdate())
    if not suggested:
        return None
    best = [match for destination in suggested[:MATCHES_ON_A_PANEL] for _finding, match in destination.matches[:1]]
    shown = {one.match.candidate.state: one for one in show_matches(AnonymousUser(), best)}
    first = [(one.state, len(one.matches), shown.get(one.state)) for one in suggested[:MATCHES_ON_A_PANEL]]
    return "exchange/matching/_country.html", {"code": code, "destinations": first}


def request_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a request's page, which only those who may see the request open; no state is left out."""
    request = HelpRequest.objects.filter(public_id=public_id).first()
    return _panel(_gap_of_request(request, ""), {"request": public_id}) if request else None


def _panel(source: GapSource, params: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    matches = show_matches(AnonymousUser(), public_matches(source.gap))
    return "exchange/matching/_panel.html", {"matches": matches, "gap": source.gap, "query": urlencode(params)}
