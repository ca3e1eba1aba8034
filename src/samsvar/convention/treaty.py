"""The chapters and articles of the Convention, with their titles and summaries of what they require."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from samsvar.errors import ConventionError
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.text import choose_text, read_data_file


class NoSuchArticle(ConventionError):
    """Raised when the treaty has no article with the requested number."""

    def __init__(self, number: str, treaty: str, last: str) -> None:
        super().__init__(f"The {treaty} has no Article “{number}”.", advice=f"Its articles are 1 to {last}.")
        self.number = number


class Pillar(StrEnum):
    """The four pillars of the Convention, known as the four Ps, and OTHER for the remaining chapters.

    The remaining chapters are general obligations, migration, co-operation, monitoring and final clauses.
    """

    INTEGRATED_POLICIES = "integrated_policies"
    PREVENTION = "prevention"
    PROTECTION = "protection"
    PROSECUTION = "prosecution"
    OTHER = "other"


class Violence(StrEnum):
    """The forms of violence that have their own article (33 to 40)."""

    PSYCHOLOGICAL = "psychological_violence"
    STALKING = "stalking"
    PHYSICAL = "physical_violence"
    SEXUAL = "sexual_violence"
    FORCED_MARRIAGE = "forced_marriage"
    FEMALE_GENITAL_MUTILATION = "female_genital_mutilation"
    FORCED_ABORTION_AND_STERILISATION = "forced_abortion_and_sterilisation"
    SEXUAL_HARASSMENT = "sexual_harassment"


class TitleSource(StrEnum):
    """The origin of a title's wording, and how certain it is."""

    CONFIRMED = "confirmed"  # the treaty's own wording, as printed by an official source
    SINGLE_SOURCE = "single-source"
    UNVERIFIED = "from-memory"  # meant to be the treaty's own wording, not yet checked against it
    OUR_TRANSLATION = "our-translation"  # our own translation; a state's official one may differ


@dataclass(frozen=True, slots=True)
class Title:
    """A title in one language."""

    language: str
    text: str
    source: TitleSource


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the treaty. `number` is a Roman numeral: "IV"."""

    number: str
    titles: tuple[Title, ...]
    articles: tuple[str, ...]  # numbers, in order

    def title(self, language: str = "en") -> str:
        return select_title(self.titles, language).text


@dataclass(frozen=True, slots=True)
class Article:
    """An article of the treaty. `number` is a string, as in findings: "7"."""

    number: str
    chapter: str  # Roman numeral
    paragraphs: int
    pillar: Pillar
    violence: Violence | None  # the form of violence that the article makes an offence
    titles: tuple[Title, ...]
    summaries: tuple[tuple[str, str], ...]  # (language, our own sentence); () outside Articles 4 to 65

    def title(self, language: str = "en") -> str:
        return select_title(self.titles, language).text

    def title_source(self, language: str = "en") -> TitleSource:
        """Return the origin of the title in `language`."""
        return select_title(self.titles, language).source

    def summary(self, language: str = "en") -> str | None:
        """Return our one-sentence summary of what the article requires of a Party; None if it requires no action."""
        return choose_text(dict(self.summaries), language) or None


@dataclass(frozen=True, slots=True)
class Treaty:
    """A treaty and its articles; `treaty["7"]` is Article 7, and `"7" in treaty` tests whether it exists."""

    name: str
    reference: str
    chapters: tuple[Chapter, ...]
    articles: tuple[Article, ...]

    def __getitem__(self, number: str) -> Article:
        """Return the article with this number. Raises NoSuchArticle."""
        matching = next((article for article in self.articles if article.number == number), None)
        if matching is None:
            raise NoSuchArticle(number, self.name, self.articles[-1].number)
        return matching

    def __contains__(self, number: object) -> bool:
        return any(article.number == number for article in self.articles)

    def __iter__(self) -> Iterator[Article]:
        return iter(self.articles)

    def __len__(self) -> int:
        return len(self.articles)

    def chapter(self, number: str) -> Chapter:
        """Return the chapter with this Roman numeral. Raises KeyError."""
        return {chapter.number: chapter for chapter in self.chapters}[number]


def select_title(titles: tuple[Title, ...], language: str) -> Title:
    """Return the title in `language`, or in English if there is none."""
    by_language = {title.language: title for title in titles}
    return by_language.get(language, by_language["en"])


def _load_istanbul_convention() -> Treaty:
    articles = tuple(_load_articles())
    return Treaty("Istanbul Convention", "CETS No. 210", tuple(_load_chapters(articles)), articles)


def _load_articles() -> Iterator[Article]:
    summaries = tomllib.loads(read_data_file("samsvar.convention", "istanbul/summaries.toml"))
    for row in csv.DictReader(read_data_file("samsvar.convention", "istanbul/articles.csv").splitlines()):
        yield Article(
            number=row["number"],
            chapter=row["chapter"],
            paragraphs=int(row["paragraphs"]),
            pillar=Pillar(row["pillar"]),
            violence=Violence(row["violence"]) if row["violence"] else None,
            titles=_titles_from_row(row, TitleSource(row["confidence"]), TitleSource(row["confidence_fr"])),
            summaries=tuple(summaries.get(row["number"], {}).items()),
        )


def _load_chapters(articles: tuple[Article, ...]) -> Iterator[Chapter]:
    for row in csv.DictReader(read_data_file("samsvar.convention", "istanbul/chapters.csv").splitlines()):
        titles = _titles_from_row(row, TitleSource.CONFIRMED, TitleSource.UNVERIFIED)
        yield Chapter(row["number"], titles, tuple(one.number for one in articles if one.chapter == row["number"]))


def _titles_from_row(row: dict[str, str], english_source: TitleSource, french_source: TitleSource) -> tuple[Title, ...]:
    """Return the titles in every interface language; the treaty itself has two, English and French."""
    sources = {"en": english_source, "fr": french_source}
    return tuple(
        Title(language, row[f"title_{language}"], sources.get(language, TitleSource.OUR_TRANSLATION))
        for language in INTERFACE_LANGUAGES
    )


ISTANBUL = _load_istanbul_convention()
