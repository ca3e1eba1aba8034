"""States and the European Union: codes, names in four languages, and lookup of a code by a printed name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from babel import Locale

from samsvar.text import fold_to_plain


class TerritoryKind(StrEnum):
    """The status of a territory under the Convention (2026-11)."""

    COUNCIL_OF_EUROPE = "council_of_europe"
    EUROPEAN_UNION = "european_union"
    MAY_SIGN = "may_sign"  # took part in drafting without being a member: Article 75, paragraph 1
    UNITED_NATIONS = "united_nations"  # may be invited to accede: Article 76
    OTHER = "other"  # named in reports without being a member of the United Nations
    FICTIONAL = "fictional"  # exists only in the demo, and must be marked as such wherever it is shown


@dataclass(frozen=True, slots=True)
class Territory:
    """A state, the European Union or a fictional state.

    `code` is ISO 3166-1 alpha-2, "EU", "XK", or XA, XB, XC (fictional).
    """

    code: str
    kind: TerritoryKind
    names: tuple[tuple[str, str], ...]  # (language, name), for every language of the interface
    other_names: tuple[str, ...]  # other printed forms, including those of the United Nations and older names
    adjectives: tuple[str, ...]  # "Danish" as in "the Danish authorities"; French in all four forms
    tile: tuple[int, int] | None  # (column, row) on the tile map, counted from the top left; None: not on the map

    @property
    def fictional(self) -> bool:
        return self.kind is TerritoryKind.FICTIONAL

    def name(self, language: str = "en") -> str:
        """Return the name in `language`, or in English if there is none in that language."""
        names = dict(self.names)
        return names.get(language, names["en"])

    def __str__(self) -> str:
        return self.name()


@cache
def territories() -> dict[str, Territory]:
    """Return every territory by its code: members of the Council of Europe first, fictional states last.

    Source of territories.csv: names from Unicode CLDR (Babel 2.18), adapted to the usage of the Council of Europe and
    the United Nations where it differs; other forms from printed lists of states, 2009 to 2014. Read 2026-11-24.
    """
    text = files("samsvar").joinpath("territories.csv").read_text(encoding="utf-8")
    return {row["code"]: _parse_territory(row) for row in csv.DictReader(text.splitlines())}


def territory(code: str) -> Territory | None:
    """Return the territory with this code in any case, or None."""
    return territories().get(code.upper())


def territory_name(code: str, language: str = "en") -> str:
    """Return the name of the territory with this code, or the code itself if it is unknown."""
    state = territory(code)
    return state.name(language) if state else code


def is_fictional(code: str | None) -> bool:
    """Return whether the code is that of a fictional state, which must be marked as such wherever it is shown."""
    state = territory(code) if code else None
    return bool(state and state.fictional)


@lru_cache(maxsize=20_000)  # the same few hundred names occur in every report
def code_by_name(name: str) -> str | None:
    r"""Return the code for a printed name in English, French, Norwegian, Romanian or Spanish; None if it is unknown.

    Case, accents, apostrophes, hyphens, white space (including line breaks), a leading article and a footnote mark
    make no difference: "TÜRKIYE", "the Nether-\nlands" and "Ukraine 1" are recognised.
    """
    return _codes_by_name().get(_normalise_name(name))


@lru_cache(maxsize=20_000)
def split_state_names(printed: str) -> tuple[str, ...]:
    """Split a printed list of states into names, in order and as printed, with single spaces; unknown names are kept.

    "France, Bosnia and Herzegovina; Trinidad and Tobago and Chile" contains four names. Commas, semicolons, slashes and
    words for "and" separate names only where they are not part of a known name.
    """
    flat = " ".join(printed.split())
    names: list[str] = []
    parts = [*_find_name_parts(flat)]
    index = 0
    while index < len(parts):
        longest_first = range(min(len(parts), index + MAX_NAME_PARTS), index, -1)
        candidates = {end: flat[parts[index][0] : parts[end - 1][1]] for end in longest_first}
        end = next((end for end, candidate in candidates.items() if code_by_name(candidate)), index + 1)
        names.extend([candidates[end]] if code_by_name(candidates[end]) else _split_unseparated_names(candidates[end]))
        index = end
    return tuple(names)


def code_by_adjective(word: str) -> str | None:
    """Return the code for an adjective: "Danish" → "DK", "norvégiennes" → "NO"; None if it is unknown."""
    return _codes_by_adjective().get(_normalise_name(word))


MAX_NAME_PARTS = 4  # "Saint Kitts and Nevis" has two, "St. Vincent and the Grenadines" three
_SEPARATOR = re.compile(r"\s*[,;/&]\s*|\.\s+|\s+[-–—]\s+|\s+(?:and|et|y|e|og|și)\s+", re.IGNORECASE)
_FOOTNOTE_MARK = re.compile(r"[\s*†‡]*(?:\[?\d{1,3}\]?)?[\s*†‡.]*$")  # a footnote mark or full stop after a name
_ARTICLE = re.compile(r"^(?:the|le|la|les|el|los|las)\s+|^l['’]\s*", re.IGNORECASE)
_QUOTES = " \t\r\n\"'“”‘’«»„("
_CONJUNCTION = re.compile(r"^(?:and|et|y|e|og|și)\s+", re.IGNORECASE)


def _find_name_parts(flat: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each part of a list between separators, skipping empty parts."""
    start = 0
    for separator in _SEPARATOR.finditer(flat):
        yield from _trim_range(flat, start, separator.start())
        start = separator.end()
    yield from _trim_range(flat, start, len(flat))


def _trim_range(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the range without surrounding spaces or a leading "and"; yield nothing if it is empty."""
    text = flat[start:end]
    if conjunction := _CONJUNCTION.match(text):
        start, text = start + conjunction.end(), text[conjunction.end() :]
    lead = len(text) - len(text.lstrip())
    if stripped := text.strip():
        yield start + lead, start + lead + len(stripped)


def _split_unseparated_names(piece: str) -> list[str]:
    """Split names without a separator ("Spain France"); return the whole piece if any word is unknown."""
    words = piece.split(" ")
    names: list[str] = []
    index = 0
    while index < len(words):
        end = next((end for end in range(len(words), index, -1) if code_by_name(" ".join(words[index:end]))), None)
        if end is None:
            return [piece]
        names.append(" ".join(words[index:end]))
        index = end
    return names


def _normalise_name(name: str) -> str:
    """Return a name without printing variations: case, accents, footnote marks, spaces, leading article."""
    bare = _ARTICLE.sub("", _FOOTNOTE_MARK.sub("", name).lstrip(_QUOTES))
    return fold_to_plain(bare.replace("&", " and "))


@cache
def _codes_by_name() -> dict[str, str]:
    codes: dict[str, str] = {}
    for state in territories().values():
        for name in (*(name for _, name in state.names), *state.other_names):
            codes.setdefault(_normalise_name(name), state.code)
    return codes


@cache
def _codes_by_adjective() -> dict[str, str]:
    return {_normalise_name(word): state.code for state in territories().values() for word in state.adjectives}


def _parse_territory(row: dict[str, str]) -> Territory:
    return Territory(
        code=row["code"],
        kind=TerritoryKind(row["kind"]),
        names=tuple((key.removeprefix("name_"), row[key]) for key in ("name_en", "name_fr", "name_nb", "name_ro")),
        other_names=tuple(filter(None, row["also"].split("|"))),
        adjectives=(*filter(None, row["adjective_en"].split("|")), *_french_adjective_forms(row["adjective_fr"])),
        tile=(int(row["column"]), int(row["row"])) if row["column"] else None,
    )


def _french_adjective_forms(masculine_and_feminine: str) -> Iterator[str]:
    """Yield singular and plural of both genders: "danois|danoise" → danois, danoise, danois, danoises."""
    for form in filter(None, masculine_and_feminine.split("|")):
        yield form
        yield form if form.endswith("s") else form + "s"


@cache
def localised_city(city: str, zone: str, language: str) -> str:
    """Return the name of a city in a language, for example "Bucarest" in French.

    CLDR has names only for the cities of its time zones, so any other city is returned unchanged.
    """
    english = Locale("en").time_zones.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")
    if language == "en" or city.casefold() != english.casefold():
        return city
    return str(Locale(language).time_zones.get(zone, {}).get("city") or city)
