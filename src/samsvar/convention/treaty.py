"""The Convention as a thing to look things up in: chapters, articles, what each is called and what it asks for."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from samsvar.convention.loading import data_file
from samsvar.convention.provisions import articles_named
from samsvar.errors import ConventionError
from samsvar.languages import INTERFACE


class NoSuchArticle(ConventionError):
    """An article was asked for that the treaty does not have."""

    code = "no_such_article"

    def __init__(self, number: str, treaty: str, last: str) -> None:
        super().__init__(f"The {treaty} has no Article “{number}”.", advice=f"Its articles are 1 to {last}.")
        self.number = number


class Pillar(StrEnum):
    """The four P’s, and what frames them: general obligations, migration, co-operation, monitoring, final clauses."""

    INTEGRATED_POLICIES = "integrated_policies"
    PREVENTION = "prevention"
    PROTECTION = "protection"
    PROSECUTION = "prosecution"
    OTHER = "other"


class Violence(StrEnum):
    """The forms of violence that have an article of their own (33 to 40)."""

    PSYCHOLOGICAL = "psychological_violence"
    STALKING = "stalking"
    PHYSICAL = "physical_violence"
    SEXUAL = "sexual_violence"
    FORCED_MARRIAGE = "forced_marriage"
    FEMALE_GENITAL_MUTILATION = "female_genital_mutilation"
    FORCED_ABORTION_AND_STERILISATION = "forced_abortion_and_sterilisation"
    SEXUAL_HARASSMENT = "sexual_harassment"


class Wording(StrEnum):
    """Whose words a title is in, and how sure we are of them."""

    CONFIRMED = "confirmed"  # the treaty's own, as an official source prints them
    SINGLE_SOURCE = "single-source"
    FROM_MEMORY = "from-memory"  # meant to be the treaty's own, and not yet compared with it
    OUR_TRANSLATION = "our-translation"  # ours; a state's official translation may differ


@dataclass(frozen=True, slots=True)
class Title:
    """A title in one language."""

    language: str
    text: str
    wording: Wording


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the treaty. `number` is Roman: "IV"."""

    number: str
    titles: tuple[Title, ...]
    articles: tuple[str, ...]  # numbers, in order

    def title(self, language: str = "en") -> str:
        return titled(self.titles, language).text


@dataclass(frozen=True, slots=True)
class Article:
    """An article of the treaty. `number` is a string as in a finding: "7"."""

    number: str
    chapter: str  # Roman number
    paragraphs: int
    pillar: Pillar
    violence: Violence | None  # the form of violence that the article makes an offence
    titles: tuple[Title, ...]
    summaries: tuple[tuple[str, str], ...]  # (language, our own sentence); () outside Articles 4 to 65

    def title(self, language: str = "en") -> str:
        return titled(self.titles, language).text

    def wording(self, language: str = "en") -> Wording:
        """Whose words `title(language)` is in."""
        return titled(self.titles, language).wording

    def summary(self, language: str = "en") -> str | None:
        """What the article asks of a Party, in one sentence of ours; None where it asks for nothing to be done."""
        texts = dict(self.summaries)
        return texts.get(language, texts.get("en"))


@dataclass(frozen=True, slots=True)
class Treaty:
    """A treaty and its articles; `treaty["7"]` is Article 7, and `"7" in treaty` whether there is one."""

    name: str
    reference: str
    chapters: tuple[Chapter, ...]
    articles: tuple[Article, ...]

    def __getitem__(self, number: str) -> Article:
        """The article with this number. Raises NoSuchArticle."""
        found = next((article for article in self.articles if article.number == number), None)
        if found is None:
            raise NoSuchArticle(number, self.name, self.articles[-1].number)
        return found

    def __contains__(self, number: object) -> bool:
        return any(article.number == number for article in self.articles)

    def __iter__(self) -> Iterator[Article]:
        return iter(self.articles)

    def __len__(self) -> int:
        return len(self.articles)

    def chapter(self, number: str) -> Chapter:
        """The chapter with this Roman number. Raises KeyError."""
        return {chapter.number: chapter for chapter in self.chapters}[number]

    def named_in(self, text: str) -> tuple[Article, ...]:
        """The articles that a heading or sentence names, in the order printed; those of other treaties never."""
        return tuple(self[number] for number in articles_named(text, int(self.articles[-1].number)))


def titled(titles: tuple[Title, ...], language: str) -> Title:
    """The title in `language`, in English where there is none."""
    by_language = {title.language: title for title in titles}
    return by_language.get(language, by_language["en"])


def _istanbul() -> Treaty:
    articles = tuple(_articles())
    return Treaty(
        name="Istanbul Convention",
        reference="CETS No. 210",
        chapters=tuple(_chapters(articles)),
        articles=articles,
    )


def _articles() -> Iterator[Article]:
    summaries = tomllib.loads(data_file("istanbul/summaries.toml"))
    for row in csv.DictReader(data_file("istanbul/articles.csv").splitlines()):
        yield Article(
            number=row["number"],
            chapter=row["chapter"],
            paragraphs=int(row["paragraphs"]),
            pillar=Pillar(row["pillar"]),
            violence=Violence(row["violence"]) if row["violence"] else None,
            titles=_titles(row, Wording(row["confidence"]), Wording(row["confidence_fr"])),
            summaries=tuple(summaries.get(row["number"], {}).items()),
        )


def _chapters(articles: tuple[Article, ...]) -> Iterator[Chapter]:
    for row in csv.DictReader(data_file("istanbul/chapters.csv").splitlines()):
        within = tuple(article.number for article in articles if article.chapter == row["number"])
        yield Chapter(row["number"], _titles(row, Wording.CONFIRMED, Wording.FROM_MEMORY), within)


def _titles(row: dict[str, str], english: Wording, french: Wording) -> tuple[Title, ...]:
    """Titles in every language of the interface; the treaty itself has two, English and French."""
    wordings = {"en": english, "fr": french}
    return tuple(
        Title(language, row[f"title_{language}"], wordings.get(language, Wording.OUR_TRANSLATION))
        for language in INTERFACE
    )


ISTANBUL = _istanbul()
