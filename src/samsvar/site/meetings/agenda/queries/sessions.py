"""Queries for suggested sessions: shared gaps, the countries with experience, and who could speak about it.

Everything but the people comes from public sources. People appear only if they consent to being suggested, are not at
risk, and let the organiser see their name and expertise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils import timezone

from samsvar.exchange.matching import CandidateIndex, CandidateKind, Gap, Match
from samsvar.exchange.subjects import make_subject
from samsvar.implementation.measures import AnswerScope, Stage
from samsvar.monitoring.report import Strength
from samsvar.monitoring.rounds import CONVENTION_BODIES
from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.exchange.matching.queries import public_candidates
from samsvar.site.exchange.practices.models import PracticeVersion
from samsvar.site.exchange.practices.queries.content import choose_shown_text
from samsvar.site.exchange.practices.queries.published import current_versions
from samsvar.site.implementation.measures.models import Answer
from samsvar.site.implementation.permissions import is_public
from samsvar.site.meetings import models
from samsvar.site.meetings.agenda.labels import experience_sentence
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.countries import article_title
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, FindingArticle, FindingLink
from samsvar.site.monitoring.rounds import round_rows_of_all_states
from samsvar.site.network.access.permissions import has_claim, term_filter
from samsvar.site.network.directory.queries.people import VisiblePerson, find_visible_people, people_to_suggest

SUGGESTIONS_A_PAGE = 5  # at most twelve screens of a phone
FINDINGS_A_COUNTRY = 3  # cited in a suggestion, the strongest first
EXPERIENCES_SHOWN = 8
PEOPLE_SHOWN = 5


class ExperienceKind(StrEnum):
    """The kinds of evidence that a country has done something about a gap, in the order in which they are shown."""

    PRACTICE = "practice"
    CLOSED = "closed"
    PRAISE = "praise"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class GapCountry:
    """A country with open findings under an article: the strongest of them, and the number of all."""

    state: str
    findings: tuple[Finding, ...]
    total: int

    @property
    def more(self) -> int:
        """The number of open findings that are not cited."""
        return self.total - len(self.findings)


@dataclass(frozen=True, slots=True)
class Experience:
    """What shows that a country has done something about a gap."""

    kind: ExperienceKind
    state: str
    is_at_meeting: bool
    title: str  # of the practice or measure, or the citation of the finding
    language: str  # of the title; "" for that of the reader
    url: str
    key: str = ""  # public ID of a practice
    organisation: str = ""  # of a practice; "" for the national desk
    match: Match | None = None  # of a practice, with its reasons

    @property
    def sentence(self) -> str:
        """What the country has done, in the active language; the title follows after a colon."""
        return experience_sentence(self.kind, self.state)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A session that could be held about a gap that several countries of a meeting share."""

    article: int
    title: str
    countries: tuple[GapCountry, ...]
    experiences: tuple[Experience, ...]
    session: models.Session | None = None  # of the draft programme that is about these findings
    people: tuple[VisiblePerson, ...] = ()

    @property
    def practice_keys(self) -> tuple[str, ...]:
        return tuple(one.key for one in self.experiences if one.kind is ExperienceKind.PRACTICE)

    @property
    def practices(self) -> tuple[Experience, ...]:
        return tuple(one for one in self.experiences if one.kind is ExperienceKind.PRACTICE)


@dataclass(frozen=True, slots=True)
class AgendaPage:
    """The suggested sessions of a meeting, a page at a time."""

    countries: tuple[str, ...]  # of the meeting, or else of its network's members
    are_of_network: bool
    gaps: Page[SharedGap]
    suggestions: tuple[Suggestion, ...]


def agenda_page(user: User, meeting: models.Meeting, *, language: str, page: str | None = None) -> AgendaPage:
    """Return the suggested sessions with the people who could speak; the look at people's names is recorded."""
    invited = _invited_countries(meeting)
    countries = invited or _network_countries(meeting)
    gaps = Paginator(shared_gaps(countries), SUGGESTIONS_A_PAGE).get_page(page)
    suggestions = _build_suggestions(meeting, list(gaps), countries, language)
    people = _people_by_article(user, meeting, [one.article for one in suggestions])
    return AgendaPage(
        countries=tuple(countries),
        are_of_network=bool(countries) and not invited,
        gaps=gaps,
        suggestions=tuple(replace(one, people=people.get(one.article, ())) for one in suggestions),
    )


def find_suggestion(meeting: models.Meeting, article: int, *, language: str) -> Suggestion | None:
    """Return the suggested session about an article, without people; None if fewer than two countries share a gap."""
    countries = agenda_countries(meeting)
    gaps = [gap for gap in shared_gaps(countries) if gap.article == article]
    return next(iter(_build_suggestions(meeting, gaps, countries, language)), None)


# --- Countries and gaps -----------------------------------------------------------------------------------------------


def agenda_countries(meeting: models.Meeting) -> list[str]:
    """Return the codes of the meeting's countries or, if it has none, of those of its network's members."""
    return _invited_countries(meeting) or _network_countries(meeting)


def _invited_countries(meeting: models.Meeting) -> list[str]:
    return sorted(set(meeting.states.values_list("state_id", flat=True)))


def _network_countries(meeting: models.Meeting) -> list[str]:
    """Return the countries of the organisations and national contact points; people at risk do not count."""
    if meeting.network is None:
        return []
    current = term_filter(timezone.localdate())
    terms = meeting.network.memberships.filter(current, person__at_risk=False, person__erased_at=None)
    codes = {
        *meeting.network.seats.filter(current).values_list("organisation__state_id", flat=True),
        *terms.values_list("state_id", flat=True),
    }
    return sorted(code for code in codes if code)


@dataclass(frozen=True, slots=True)
class SharedGap:
    """An article under which several countries have open findings."""

    article: int
    open: Mapping[str, frozenset[int]]  # primary keys of the findings, by country
    ranks: tuple[int, ...]  # number of findings of each rank of strength, the strongest first

    @property
    def order(self) -> tuple[Any, ...]:
        """Most countries first, then most of the strongest findings, then the order of the Convention."""
        return -len(self.open), tuple(-count for count in self.ranks), self.article


def shared_gaps(codes: Iterable[str]) -> list[SharedGap]:
    """Return the articles under which at least two of these countries have open findings of the latest round.

    Those that most countries share come first, then those with most of the strongest findings. Runs three queries.
    """
    rows = round_rows_of_all_states()
    by_article: dict[int, dict[str, frozenset[int]]] = defaultdict(dict)
    strengths: dict[int, str] = {}
    for code in codes:
        rounds = rows.build(code)
        strengths |= rounds.open
        for article in rounds.histories:
            if article is not None and (keys := rounds.open_under(article)):
                by_article[article][code] = keys
    return sorted(
        (
            SharedGap(article, countries, _count_ranks(strengths[key] for keys in countries.values() for key in keys))
            for article, countries in by_article.items()
            if len(countries) > 1
        ),
        key=lambda gap: gap.order,
    )


def _count_ranks(strengths: Iterable[str]) -> tuple[int, ...]:
    counts = [0] * (len(Strength) + 1)  # the last is for findings without a strength
    for strength in strengths:
        counts[Strength(strength).rank - 1 if strength else -1] += 1
    return tuple(counts)


# --- Suggestions ------------------------------------------------------------------------------------------------------


def _build_suggestions(
    meeting: models.Meeting, gaps: Sequence[SharedGap], countries: Collection[str], language: str
) -> list[Suggestion]:
    """Return the suggestions for these gaps, without people. The number of queries does not depend on that of gaps."""
    if not gaps:
        return []
    findings = _findings_of(gaps)
    experiences = _experiences(gaps, findings, countries, language)
    sessions = _sessions_by_subject(meeting)
    suggestions = []
    for gap in gaps:
        own = [findings[key] for keys in gap.open.values() for key in keys]
        subjects = {(str(gap.article), finding.public_id) for finding in own}
        suggestions.append(
            Suggestion(
                article=gap.article,
                title=article_title(gap.article, language),
                countries=tuple(
                    GapCountry(code, tuple(_strongest(findings, keys)), len(keys))
                    for code, keys in sorted(gap.open.items())
                ),
                experiences=tuple(experiences[gap.article][:EXPERIENCES_SHOWN]),
                session=next((session for subject, session in sessions.items() if subject in subjects), None),
            )
        )
    return suggestions


def _findings_of(gaps: Iterable[SharedGap]) -> dict[int, Finding]:
    keys = {key for gap in gaps for of_country in gap.open.values() for key in of_country}
    shown = ("public_id", "state", "body", "year", "paragraph", "page", "strength", "rank", "text", "language")
    return Finding.objects.only(*shown).in_bulk(keys)


def _strongest(findings: Mapping[int, Finding], keys: Iterable[int]) -> list[Finding]:
    own = [findings[key] for key in keys]
    return sorted(own, key=lambda finding: (finding.rank, -(finding.year or 0), finding.pk))[:FINDINGS_A_COUNTRY]


def _sessions_by_subject(meeting: models.Meeting) -> dict[tuple[str, str], models.Session]:
    """Return the sessions of the draft programme by each pair of (article, finding) that they are linked to."""
    articles: dict[int, list[str]] = defaultdict(list)
    findings: dict[int, list[str]] = defaultdict(list)
    sessions: dict[int, models.Session] = {}
    links = models.MeetingLink.objects.filter(session__meeting=meeting, kind__in=["article", "finding"])
    for link in links.select_related("session").order_by("session_id", "pk"):
        if link.session is not None:
            sessions[link.session.pk] = link.session
            keys = articles if link.kind == models.MeetingLink.Kind.ARTICLE else findings
            keys[link.session.pk].append(link.key)
    return {
        (article, finding): session
        for key, session in reversed(sessions.items())  # the first session about a subject wins
        for article in articles[key]
        for finding in findings[key]
    }


# --- Experience -------------------------------------------------------------------------------------------------------


def _experiences(
    gaps: Sequence[SharedGap], findings: Mapping[int, Finding], countries: Collection[str], language: str
) -> dict[int, list[Experience]]:
    """Return what shows that a country has done something about each gap: countries of the meeting first."""
    numbers = [gap.article for gap in gaps]
    by_article: dict[int, list[Experience]] = defaultdict(list)
    for article, experience in (
        *_practices(gaps, findings, countries, language),
        *_closed_findings(numbers, countries),
        *_praise(numbers, countries),
        *_measures(numbers, countries),
    ):
        by_article[article].append(experience)
    kinds = list(ExperienceKind)
    for experiences in by_article.values():
        experiences.sort(key=lambda experience: (not experience.is_at_meeting, kinds.index(experience.kind)))  # stable
    return by_article


def _practices(
    gaps: Iterable[SharedGap], findings: Mapping[int, Finding], countries: Collection[str], language: str
) -> Iterable[tuple[int, Experience]]:
    """Yield the published practices about each article, those first that match best what the countries are asked."""
    numbers = {str(gap.article) for gap in gaps}
    candidates = [
        candidate
        for candidate in public_candidates()
        if candidate.kind is CandidateKind.PRACTICE and not numbers.isdisjoint(candidate.subject.articles)
    ]
    if not candidates:
        return
    keys = [candidate.key for candidate in candidates]
    versions = {one.practice.public_id: one for one in current_versions().filter(practice__public_id__in=keys)}
    index = CandidateIndex(candidates, timezone.localdate())
    for shared in gaps:
        number = str(shared.article)
        gap = Gap(
            "", make_subject(articles=[number], texts=_texts_of(shared, findings)), languages=frozenset({language})
        )
        matches = [
            index.explain(gap, candidate)
            for candidate in candidates
            if number in candidate.subject.articles and candidate.key in versions
        ]
        for match in sorted(matches, key=lambda match: (-match.score, match.candidate.key)):
            version = versions[match.candidate.key]
            yield shared.article, _practice_experience(version, match, countries, language)


def _texts_of(gap: SharedGap, findings: Mapping[int, Finding]) -> dict[str, str]:
    """Return the texts of the findings that a suggestion cites, by language."""
    texts: dict[str, list[str]] = defaultdict(list)
    for keys in gap.open.values():
        for finding in _strongest(findings, keys):
            texts[finding.language].append(finding.text)
    return {code: "\n".join(of_code) for code, of_code in texts.items()}


def _practice_experience(
    version: PracticeVersion, match: Match, countries: Collection[str], language: str
) -> Experience:
    content, key = version.content, version.practice.public_id
    text = choose_shown_text(content, language)
    return Experience(
        ExperienceKind.PRACTICE,
        content["state"],
        content["state"] in countries,
        text.fields["title"],
        text.language,
        reverse("exchange:practice", args=[key]),
        key=key,
        organisation=content["organisation"]["name"] if content["organisation"] else "",
        match=match,
    )


def _closed_findings(numbers: Collection[int], countries: Collection[str]) -> Iterable[tuple[int, Experience]]:
    """Yield the newest finding of each country under each article that a later text closed."""
    closed = FindingLink.objects.filter(later_text=FindingLink.LaterText.CLOSES)
    closed = closed.exclude(later__review=Finding.Review.REJECTED)
    return _newest(numbers, countries, ExperienceKind.CLOSED, finding__in=closed.values("earlier"))


def _praise(numbers: Collection[int], countries: Collection[str]) -> Iterable[tuple[int, Experience]]:
    """Yield the newest finding of each country under each article that welcomes something."""
    return _newest(numbers, countries, ExperienceKind.PRAISE, finding__strength=Strength.WELCOMES)


def _newest(
    numbers: Collection[int], countries: Collection[str], kind: ExperienceKind, **which: Any
) -> Iterable[tuple[int, Experience]]:
    rows = FindingArticle.objects.filter(
        article__in=numbers, finding__state__isnull=False, finding__body__in=CONVENTION_BODIES, **which
    ).exclude(finding__review=Finding.Review.REJECTED)
    seen = set()
    for label in rows.select_related("finding").order_by("-finding__year", "finding__ordinal", "finding_id"):
        finding, state = label.finding, label.finding.state_id or ""
        if (label.article, state) in seen:
            continue
        seen.add((label.article, state))
        yield (
            label.article,
            Experience(
                kind,
                state,
                state in countries,
                short_citation(finding),
                "",
                reverse("monitoring:finding", args=[finding.public_id]),
            ),
        )


def _measures(numbers: Collection[int], countries: Collection[str]) -> Iterable[tuple[int, Experience]]:
    """Yield the public measures that are done and answer a published finding under one of the articles as a whole."""
    rows = FindingArticle.objects.filter(article__in=numbers).values_list("finding__public_id", "article")
    articles: dict[str, list[int]] = defaultdict(list)
    for public_id, article in rows:
        articles[public_id].append(article)
    answers = Answer.objects.filter(
        is_public("measure__"),
        scope=AnswerScope.WHOLE,
        ended_at=None,
        measure__stage=Stage.DONE,
        finding__public_id__in=list(articles),
    )
    seen = set()
    for answer in answers.select_related("measure").order_by("measure_id"):
        measure = answer.measure
        for article in articles[answer.finding_id]:
            if (article, measure.pk) not in seen:
                seen.add((article, measure.pk))
                yield (
                    article,
                    Experience(
                        ExperienceKind.MEASURE,
                        measure.state_id,
                        measure.state_id in countries,
                        measure.title,
                        measure.language,
                        reverse("implementation:measure", args=[measure.public_id]),
                    ),
                )


# --- Speakers ---------------------------------------------------------------------------------------------------------


def _people_by_article(
    user: User, meeting: models.Meeting, numbers: Collection[int]
) -> dict[int, tuple[VisiblePerson, ...]]:
    """Return who could speak about each article, by the expertise that the organiser may see.

    Only people who consent to being suggested and are not at risk; none for organisers who may not see the directory.
    """
    if not numbers or not has_claim(user, Claim.SEE_DIRECTORY):
        return {}
    suggested = sorted(people_to_suggest(user).items())
    by_article = {
        number: [key for key, fields in suggested if f"article:{number}" in fields[Field.EXPERTISE]][:PEOPLE_SHOWN]
        for number in numbers
    }
    shown = {key for keys in by_article.values() for key in keys}
    fields = (Field.NAME, Field.ORGANISATION, Field.COUNTRY)
    views = find_visible_people(user, shown, subject=f"agenda {meeting.public_id}", fields=fields) if shown else []
    view_by_key = {view.public_id: view for view in views}
    return {
        article: tuple(view_by_key[key] for key in keys if key in view_by_key)
        for article, keys in by_article.items()
        if keys
    }
