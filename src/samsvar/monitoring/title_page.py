"""The title and the date of publication that a report's first pages print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache

from babel.dates import get_month_names

from samsvar.monitoring.passages.joining import HyphenResolver, join_lines
from samsvar.monitoring.report import Line
from samsvar.territories import code_by_name

LONGEST_TITLE = 300  # characters; a longer block of one size is running text, not a title
# Words that name a kind of document in the languages of the bodies, from their title pages (2026-11).
_KINDS = re.compile(
    r"\b(?:report|observations|recommendations?|conclusions|rapport|observations|recommandations?|informe|observaciones|"
    r"recomendaciones|raport|recomand[ăa]ri|rapporto|bericht|relat[óo]rio|доклад)\b",
    re.IGNORECASE,
)
# Words before the day on which a document was published, as title pages print them.
_PUBLISHED = re.compile(
    r"\b(?:published|publication|publié|publiée|publicad[oa]|publicat|offentliggjort)\b", re.IGNORECASE
)
_LANGUAGES = ("en", "fr", "es", "nb", "ro")
_SAME_SIZE = 0.6  # points by which the lines of one title differ at most


def find_title(lines: Sequence[Line], hyphens: HyphenResolver | None = None) -> str:
    """Return the title on a title page: the line that names the kind of document, with its neighbours in its size.

    "" if no line does, or if the type has one size only, because then a title looks like any other line. `hyphens`
    knows the words of the report, for a word that is broken at the end of a line; without it, those of `lines` decide.
    """
    sizes = {round(line.size) for line in lines if not line.aside}
    named = [number for number, line in enumerate(lines) if not line.aside and line.size and _KINDS.search(line.text)]
    if not named or len(sizes) < 2:
        return ""
    largest = max(named, key=lambda number: lines[number].size)  # the first of the largest
    start, end = largest, largest + 1
    while start > 0 and _continues(lines[start - 1], lines[largest]):
        start -= 1
    while end < len(lines) and _continues(lines[end], lines[largest]):
        end += 1
    texts = [" ".join(line.text.split()) for line in lines[start:end]]
    title = join_lines(texts, hyphens or HyphenResolver(lines))
    return title if len(title) <= LONGEST_TITLE else ""


def _continues(line: Line, other: Line) -> bool:
    """Return whether a line belongs to the same title: it has its size, and is not the name of a state."""
    return abs(line.size - other.size) <= _SAME_SIZE and not line.aside and code_by_name(line.text) is None


def find_publication_date(lines: Iterable[str]) -> date | None:
    """Return the day after a word such as "Published on" in one of the lines; None if there is none."""
    for line in lines:
        if (word := _PUBLISHED.search(line)) and (day := parse_printed_day(line[word.end() :])):
            return day
    return None


def parse_printed_day(text: str) -> date | None:
    """Return the first day written with the name of its month, as "21 November 2025"; None if there is none."""
    match = re.search(r"\b(\d{1,2})(?:er)?\.?\s+(?:de\s+)?([^\W\d]+)\s+(?:de\s+)?(\d{4})\b", text)
    if match is None or (month := _months().get(match[2].lower())) is None:
        return None
    try:
        return date(int(match[3]), month, int(match[1]))
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    return {
        name.lower(): number for language in _LANGUAGES for number, name in get_month_names(locale=language).items()
    }
