"""Queries for published practices, of which readers see frozen versions only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.utils.translation import get_language

from samsvar.exchange.practices import (
    FORMS_OF_VIOLENCE,
    EvidenceLevel,
    confirmation_due,
)
from samsvar.site.exchange.practices.models import Practice, PracticeVersion
from samsvar.site.exchange.practices.queries.content import ShownText, choose_shown_text, cite_praise
from samsvar.site.monitoring.models import Finding
from samsvar.site.shell.filters import FilterValues

PRACTICES_A_PAGE = 25
NEWEST_ON_HOME = 5

# What a filter's value is called in the tags of a version
TAG_OF_FILTER = {
    "article": "article", "form": "concept", "topic": "concept", "state": "state", "level": "level",
    "language": "language",
}  # fmt: skip
ORDERS = {
    "": ("-published_at",),
    "confirmed": ("-practice__confirmed_on",),
    "evidence": ("-evidence_rank", "-published_at"),
    "state": ("practice__state_id", "-published_at"),
}


def current_versions() -> QuerySet[PracticeVersion]:
    """Return the newest published version of each practice that is not retired, with its practice."""
    return PracticeVersion.objects.filter(
        number=F("practice__published_version"), practice__retired_reason=""
    ).select_related("practice")


def published_practices() -> QuerySet[Practice]:
    """Return the practices that readers can open and that are not retired for them."""
    return Practice.objects.filter(published_version__isnull=False, retired_reason="")


# --- The list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PracticeFilters(FilterValues):
    """Filters of the list of practices; "" for no filter. A value that no practice has matches nothing."""

    article: str = ""
    form: str = ""  # key of a concept that is a form of violence
    topic: str = ""  # key of any other concept
    state: str = ""
    level: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class ListedPractice:
    """A practice in a list, in a language of the reader if there is one."""

    public_id: str
    title: str
    problem: str
    language: str
    is_draft_translation: bool
    state: str
    organisation: str  # "" for the national desk
    evidence_level: str
    confirmed_on: date
    is_confirmed: bool  # within the last 18 months


@dataclass(frozen=True, slots=True)
class PracticeList:
    """Published practices that match filters, and the values that the filters offer."""

    practices: Page[PracticeVersion]
    listed: Sequence[ListedPractice]
    total: int  # without filters
    filters: PracticeFilters
    choices: Mapping[str, Sequence[str]]  # by filter: the values that practices have


def practice_list(
    filters: PracticeFilters, *, language: str, day: date, order: str = "", page: str | None = None
) -> PracticeList:
    """Return a page of the published practices that match the filters. Runs three queries."""
    versions = current_versions()
    all_tags = list(versions.order_by().values_list("tags", flat=True))
    choices = _choices({tag for tags in all_tags for tag in tags.split("|") if tag})
    for name, value in filters.to_dict().items():
        if value:
            is_known = value in choices[name]
            versions = (
                versions.filter(tags__contains=f"|{TAG_OF_FILTER[name]}:{value}|") if is_known else versions.none()
            )
    ordered = versions.order_by(*ORDERS.get(order, ORDERS[""]), "practice_id")
    shown = Paginator(ordered, PRACTICES_A_PAGE).get_page(page)
    return PracticeList(
        practices=shown,
        listed=[list_practice(version, language=language, day=day) for version in shown],
        total=len(all_tags),
        filters=filters,
        choices=choices,
    )


def _choices(tags: set[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {"article": [], "concept": [], "state": [], "level": [], "language": []}
    for tag in tags:
        name, _colon, value = tag.partition(":")
        values[name].append(value)
    return {
        "article": sorted(values["article"], key=int),
        "form": [key for key in FORMS_OF_VIOLENCE if key in values["concept"]],
        "topic": [key for key in values["concept"] if key not in FORMS_OF_VIOLENCE],
        "state": values["state"],
        "level": [level for level in EvidenceLevel if level in values["level"]],
        "language": values["language"],
    }


def list_practice(version: PracticeVersion, *, language: str, day: date) -> ListedPractice:
    """Return what a list shows of a published version, whose practice has been loaded with it."""
    content, practice = version.content, version.practice
    text = choose_shown_text(content, language)
    confirmed = practice.confirmed_on or version.published_at.date()
    return ListedPractice(
        public_id=practice.public_id,
        title=text.fields["title"],
        problem=text.fields["problem"],
        language=text.language,
        is_draft_translation=text.fields["is_draft_translation"],
        state=content["state"],
        organisation=content["organisation"]["name"] if content["organisation"] else "",
        evidence_level=content["evidence_level"],
        confirmed_on=confirmed,
        is_confirmed=day < confirmation_due(confirmed),
    )


def newest_practices(*, language: str, day: date) -> tuple[list[ListedPractice], int]:
    """Return the newest published practices and the number of all."""
    versions = current_versions().order_by("-published_at", "practice_id")
    return [list_practice(one, language=language, day=day) for one in versions[:NEWEST_ON_HOME]], versions.count()


# --- The page of a practice -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PracticePage:
    """A published version of a practice, in one language."""

    practice: Practice
    version: PracticeVersion
    earlier: tuple[PracticeVersion, ...]  # versions before the newest, without their content
    text: ShownText
    praise: str  # the citation of the praise that it rests on; "" if there is none
    praise_is_public: bool  # whether the finding can be linked to
    confirmed_on: date
    is_confirmed: bool

    @property
    def content(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = self.version.content
        return content

    @property
    def is_newest(self) -> bool:
        return self.version.number == self.practice.published_version

    @property
    def is_retired(self) -> bool:
        return bool(self.practice.retired_reason)


def practice_page(
    public_id: str, *, number: int | None = None, languages: Sequence[str], day: date
) -> PracticePage | None:
    """Return a published practice, or an earlier version of it; None if there is none. Runs four queries at most."""
    practice = Practice.objects.filter(public_id=public_id, published_version__isnull=False).first()
    newest = practice.published_version if practice else None
    if practice is None or newest is None:
        return None
    version = practice.versions.filter(number=number or newest).first()
    if version is None:
        return None
    praise = version.content["praise"]
    confirmed = practice.confirmed_on or version.published_at.date()
    return PracticePage(
        practice=practice,
        version=version,
        earlier=tuple(practice.versions.exclude(number=newest).defer("content")),
        text=choose_shown_text(version.content, *languages),
        praise=cite_praise(version.content),
        praise_is_public=bool(praise) and Finding.objects.filter(public_id=praise["finding"]).exists(),
        confirmed_on=confirmed,
        is_confirmed=day < confirmation_due(confirmed),
    )


def practices_of_praise(public_id: str, *, language: str, day: date) -> list[ListedPractice]:
    """Return the published practices that came of praise, by the public ID of the finding."""
    versions = current_versions().filter(practice__praise=public_id).order_by("published_at")
    return [list_practice(version, language=language, day=day) for version in versions]


def published_titles(practices: Iterable[Practice]) -> dict[int, tuple[str, str]]:
    """Return the title of each published practice and its language, by practice, in the reader's language if possible.

    A practice that has been retired in the meantime keeps its title: its page says that it is retired.
    """
    versions = PracticeVersion.objects.filter(
        practice__in=[practice.pk for practice in practices], number=F("practice__published_version")
    )
    texts = {version.practice_id: choose_shown_text(version.content, get_language() or "en") for version in versions}
    return {practice: (text.fields["title"], text.language) for practice, text in texts.items()}
