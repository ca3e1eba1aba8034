"""The states and the Union by their codes: their names in four languages, and the code that a printed name means."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from babel import Locale


class Kind(StrEnum):
    """What a territory is to the Convention (2026-11)."""

    COUNCIL_OF_EUROPE = "council_of_europe"
    EUROPEAN_UNION = "european_union"
    MAY_SIGN = "may_sign"  # took part in drafting without being a member: Article 75, paragraph 1
    UNITED_NATIONS = "united_nations"  # may be invited to accede: Article 76
    OTHER = "other"  # named in reports without being a member of the United Nations
    INVENTED = "invented"  # a state of the demonstration, which exists nowhere and must say so wherever it is shown


@dataclass(frozen=True, slots=True)
class Territory:
    """One state, the Union or an invented state. `code` is ISO 3166-1 alpha-2, "EU", "XK", or XA, XB, XC (invented)."""

    code: str
    kind: Kind
    names: tuple[tuple[str, str], ...]  # (language, name), for every language of the interface
    also: tuple[str, ...]  # other printed forms, among them those of the United Nations and older names
    adjectives: tuple[str, ...]  # "Danish" as in "the Danish authorities", French in all four forms
    tile: tuple[int, int] | None  # (column, row) on the tile map, counted from the top left; None off the map

    @property
    def invented(self) -> bool:
        return self.kind is Kind.INVENTED

    def name(self, language: str = "en") -> str:
        """The name in `language`; in English where we have none in that language."""
        names = dict(self.names)
        return names.get(language, names["en"])

    def __str__(self) -> str:
        return self.name()


@cache
def territories() -> dict[str, Territory]:
    """Every territory by its code: members of the Council of Europe first, invented states last.

    Source of territories.csv: names from Unicode CLDR (Babel 2.18), put as the Council of Europe and the United Nations
    print them where these differ; other forms from printed lists of states, 2009 to 2014. Read 2026-11-24.
    """
    text = files("samsvar").joinpath("territories.csv").read_text(encoding="utf-8")
    return {row["code"]: _territory(row) for row in csv.DictReader(text.splitlines())}


def territory(code: str) -> Territory | None:
    """The territory with this code, in capitals or not; None where there is none."""
    return territories().get(code.upper())


def name_of(code: str, language: str = "en") -> str:
    """The name of the territory with this code; the code itself where it is unknown."""
    known = territory(code)
    return known.name(language) if known else code


@lru_cache(maxsize=20_000)  # the same few hundred names come back in every report
def code_of(name: str) -> str | None:
    """The code that a printed name means, in English, French, Norwegian, Romanian or Spanish; None for no known name.

    Case, accents, apostrophes, hyphens, blanks (also those of a line's end), a leading article and a footnote's mark
    make no difference: "TÜRKIYE", "the Nether-\\nlands" and "Ukraine 1" are read.
    """
    return _codes_by_key().get(_key(name))


@lru_cache(maxsize=20_000)
def states_in(printed: str) -> tuple[str, ...]:
    """The names in a printed list of states, in order and as printed (blanks made single); unknown words are kept too.

    "France, Bosnia and Herzegovina; Trinidad and Tobago and Chile" has four names. Commas, semicolons, strokes and the
    words for "and" part names only where no known name runs over them.
    """
    flat = " ".join(printed.split())
    names: list[str] = []
    parts = [*_parts(flat)]
    at = 0
    while at < len(parts):
        longest_first = range(min(len(parts), at + MOST_PARTS_OF_A_NAME), at, -1)
        candidates = {end: flat[parts[at][0] : parts[end - 1][1]] for end in longest_first}
        end = next((end for end, candidate in candidates.items() if code_of(candidate)), at + 1)
        names.extend([candidates[end]] if code_of(candidates[end]) else _run_together(candidates[end]))
        at = end
    return tuple(names)


def codes_in(printed: str) -> tuple[str | None, ...]:
    """The code of each name in a printed list of states, None for a name that is unknown."""
    return tuple(code_of(name) for name in states_in(printed))


def code_of_adjective(word: str) -> str | None:
    """The code that an adjective means: "Danish" → "DK", "norvégiennes" → "NO"; None for no known adjective."""
    return _codes_by_adjective().get(_key(word))


MOST_PARTS_OF_A_NAME = 4  # between separators: "Saint Kitts and Nevis" has two, "St. Vincent and the Grenadines" three
_SEPARATOR = re.compile(r"\s*[,;/&]\s*|\.\s+|\s+[-–—]\s+|\s+(?:and|et|y|e|og|și)\s+", re.IGNORECASE)
_MARK = re.compile(r"[\s*†‡]*(?:\[?\d{1,3}\]?)?[\s*†‡.]*$")  # a footnote's mark, or a full stop, behind a name
_ARTICLE = re.compile(r"^(?:the|le|la|les|el|los|las)\s+|^l['’]\s*", re.IGNORECASE)
_QUOTES = " \t\r\n\"'“”‘’«»„("
_CONJUNCTION = re.compile(r"^(?:and|et|y|e|og|și)\s+", re.IGNORECASE)


def _parts(flat: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each stretch between separators; empty ones are left out."""
    start = 0
    for found in _SEPARATOR.finditer(flat):
        yield from _bare(flat, start, found.start())
        start = found.end()
    yield from _bare(flat, start, len(flat))


def _bare(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretch without blanks and without the "and" of ", and"; nothing where nothing remains."""
    text = flat[start:end]
    if joined := _CONJUNCTION.match(text):
        start, text = start + joined.end(), text[joined.end() :]
    lead = len(text) - len(text.lstrip())
    if stripped := text.strip():
        yield start + lead, start + lead + len(stripped)


def _run_together(piece: str) -> list[str]:
    """Names that follow each other without a separator ("Spain France"); the piece itself where any word is unknown."""
    words = piece.split(" ")
    found: list[str] = []
    at = 0
    while at < len(words):
        end = next((end for end in range(len(words), at, -1) if code_of(" ".join(words[at:end]))), None)
        if end is None:
            return [piece]
        found.append(" ".join(words[at:end]))
        at = end
    return found


def _key(name: str) -> str:
    """A name without all that printers change: case, accents, marks, blanks, the article."""
    bare = _ARTICLE.sub("", _MARK.sub("", name).lstrip(_QUOTES))
    plain = unicodedata.normalize("NFKD", bare.replace("&", " and ")).casefold()
    return "".join(c for c in plain if c.isalnum())


@cache
def _codes_by_key() -> dict[str, str]:
    codes: dict[str, str] = {}
    for known in territories().values():
        for name in (*(name for _, name in known.names), *known.also):
            codes.setdefault(_key(name), known.code)
    return codes


@cache
def _codes_by_adjective() -> dict[str, str]:
    return {_key(word): known.code for known in territories().values() for word in known.adjectives}


def _territory(row: dict[str, str]) -> Territory:
    return Territory(
        code=row["code"],
        kind=Kind(row["kind"]),
        names=tuple((key.removeprefix("name_"), row[key]) for key in ("name_en", "name_fr", "name_nb", "name_ro")),
        also=tuple(filter(None, row["also"].split("|"))),
        adjectives=(*filter(None, row["adjective_en"].split("|")), *_french_forms(row["adjective_fr"])),
        tile=(int(row["column"]), int(row["row"])) if row["column"] else None,
    )


def _french_forms(masculine_and_feminine: str) -> Iterator[str]:
    """Singular and plural of both genders: "danois|danoise" → danois, danoise, danois, danoises."""
    for form in filter(None, masculine_and_feminine.split("|")):
        yield form
        yield form if form.endswith("s") else form + "s"


@cache
def city_in(city: str, zone: str, language: str) -> str:
    """A city as a language calls it, where Unicode CLDR names it as the one of its time zone: "Bucarest" in French.

    CLDR knows no other cities, so that every other stays as it is written.
    """
    english = Locale("en").time_zones.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")
    if language == "en" or city.casefold() != english.casefold():
        return city
    return str(Locale(language).time_zones.get(zone, {}).get("city") or city)
