"""Citations of report paragraphs: export as plain text, BibTeX or CSL-JSON, and parsing of printed citations."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samsvar.dates import PartialDate, display_date
from samsvar.ids import make_slug
from samsvar.territories import territory_name


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A cited document, or a paragraph of it; `paragraph` is None if the whole document is cited."""

    reference: str
    paragraph: str | None = None

    def __str__(self) -> str:
        """Return the citation as lawyers write it: "GREVIO/Inf(2020)14, § 25"."""
        return f"{self.reference}, § {self.paragraph}" if self.paragraph else self.reference


_COUNCIL_OF_EUROPE_SYMBOL = (
    r"(?P<series>[A-Z][A-Za-z]*(?:-[A-Z]+)*)(?:\s*[/-]\s*(?P<kind>Inf|Rec))?\s*\((?P<year>\d{4})\)\s*(?P<number>\d+)"
)
_UNITED_NATIONS_SYMBOL = r"(?P<symbol>[A-Z]+(?:/[A-Z0-9.]+){2,}(?:\s?\(\d+\))?)"  # A/HRC/27/5, CEDAW/C/NOR/CO/9
_PARAGRAPH_SIGN = (
    r"(?:§{1,2}|¶{1,2}|paragraphs?|paragraphes?|paras?\.?|par\.|avsnitt|avsn\.|punkt|pkt\.?|punctul|pct\.?"
    r"|paragraf(?:ul|en)?)"
)
_PARAGRAPH = re.compile(
    rf"\s*,?\s*(?:\(|\[)?{_PARAGRAPH_SIGN}\s*(?P<paragraph>\d+(?:\.\d+)*(?:\.?[a-z](?![a-z]))?)", re.IGNORECASE
)
_DOCUMENT = re.compile(rf"(?<![\w/])(?:{_COUNCIL_OF_EUROPE_SYMBOL}|{_UNITED_NATIONS_SYMBOL})")


def find_citations(text: str) -> tuple[CitedPassage, ...]:
    """Return all passages cited in a text by reference, in order, including repetitions.

    Spaces and hyphens are normalised: "GREVIO-Inf (2020) 14, paragraph 25" → GREVIO/Inf(2020)14, § 25.
    """
    return tuple(_passage_from_match(text, match) for match in _DOCUMENT.finditer(text))


# As people type them: in lower case, no parentheses, a space for a stroke. “Inf” or “Rec”, or a number at the end of a
# symbol of the United Nations, must be there; otherwise “women (2020) 14” would be a citation.
_TYPED_SYMBOL = re.compile(
    r"(?P<series>[a-z]{2,}(?:-[a-z]+)*)\s*[/ -]\s*(?P<kind>inf|rec)\s*[/-]?\s*(?:\(\s*)?(?P<year>(?:19|20)\d\d)"
    r"(?:\s*\))?\s*[/ -]?\s*(?P<number>\d+)(?!\w)"
    r"|(?P<symbol>[a-z]+(?:/[a-z0-9.]+)+/[a-z.]*\d[a-z0-9.]*(?:\s?\(\d+\))?)",
    re.IGNORECASE,
)


def match_citation(text: str, position: int = 0) -> tuple[CitedPassage, int] | None:
    """Return the passage that is cited at `position`, however it is typed, and where its citation ends; or None.

    “grevio inf 2022 30 para 57” → (GREVIO/Inf(2022)30, § 57). `find_citations` is stricter, because it reads texts.
    """
    match = _DOCUMENT.match(text, position) or _TYPED_SYMBOL.match(text, position)
    if match is None or (match["series"] and not match["kind"] and not match["series"].isupper()):
        return None  # “Women (2020) 14” has neither a kind nor a body's abbreviation
    reference = _reference_from_match(match)
    paragraph, end = match_paragraph(text, match.end()) or (None, match.end())
    start = len(match["series"] or reference)  # the body's abbreviation, or the whole symbol of the United Nations
    return CitedPassage(reference[:start].upper() + reference[start:], paragraph), end


def match_paragraph(text: str, position: int = 0) -> tuple[str, int] | None:
    """Return the number of the paragraph that is cited at `position`, and where that ends: “, § 57.a” → "57.a"."""
    match = _PARAGRAPH.match(text, position)
    return (_normalise_paragraph(match["paragraph"]), match.end()) if match else None


def _normalise_paragraph(number: str) -> str:
    """Return the number of a lettered point as reports are read: "57a" → "57.a"."""
    return re.sub(r"(?<=\d)(?=[a-z]$)", ".", number.lower())


def _passage_from_match(text: str, match: re.Match[str]) -> CitedPassage:
    paragraph = _PARAGRAPH.match(text, match.end())
    return CitedPassage(_reference_from_match(match), paragraph["paragraph"] if paragraph else None)


def _reference_from_match(match: re.Match[str]) -> str:
    kind = f"/{match['kind'].capitalize()}" if match["kind"] else ""
    reference = match["symbol"] or f"{match['series']}{kind}({match['year']}){match['number']}"
    return reference.replace(" ", "")


@dataclass(frozen=True, slots=True)
class Citation:
    """The data of a citation; `body` is the author's full name or usual abbreviation, such as "GREVIO"."""

    reference: str
    title: str
    body: str
    permalink: str
    paragraph: str | None = None
    page: int | None = None  # counted from 1, as in the file
    state: str | None = None  # country code
    published: PartialDate | None = None
    publisher: str = "Council of Europe"
    language: str = "en"  # of the document
    key_suffix: str = ""  # tells citations of the same paragraph apart in one file

    @property
    def passage(self) -> CitedPassage:
        return CitedPassage(self.reference, self.paragraph)

    def to_text(self, language: str = "en") -> str:
        """Return the citation in one line, with dates and the state's name in `language` (an interface language)."""
        state = territory_name(self.state, language) if self.state else None
        title = f"{self.title}: {state}" if state and state not in self.title else self.title
        page = {"en": "p.", "fr": "p.", "nb": "s.", "ro": "p."}.get(language, "p.")
        parts = [
            self.body,
            title,
            self.reference,
            display_date(self.published, language) if self.published else None,
            f"§ {self.paragraph}" if self.paragraph else None,
            f"{page} {self.page}" if self.page else None,
            self.permalink,
        ]
        return ", ".join(part for part in parts if part)

    def to_bibtex(self) -> str:
        """Return a `@techreport` entry with every TeX special character escaped."""
        fields = {
            "author": f"{{{_escape_tex(self.body)}}}",
            "title": f"{{{_escape_tex(self.title)}}}",
            "institution": _escape_tex(self.publisher),
            "number": _escape_tex(self.reference),
            "year": str(self.published.year) if self.published else None,
            "month": str(self.published.month) if self.published and self.published.month else None,
            "note": _escape_tex(self._format_location()) or None,
            "url": self.permalink.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
            "language": self.language,
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        return f"@techreport{{{self.key},\n{lines}\n}}\n"

    def to_ris(self) -> str:
        """Return a record in RIS, which Zotero, EndNote and Mendeley read, with CR LF line ends."""
        day = self.published
        fields = (
            ("TY", "RPRT"),
            ("ID", self.key),
            ("AU", self.body),
            ("TI", self.title),
            ("PB", self.publisher),
            ("PY", str(day.year) if day else ""),
            ("DA", _format_ris_day(day)),
            ("SN", self.reference),
            ("SP", str(self.page or "")),
            ("N1", self._format_location()),
            ("LA", self.language),
            ("UR", self.permalink),
        )
        lines = "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in fields if value)
        return f"{lines}ER  - \r\n\r\n"

    def to_csl(self) -> dict[str, object]:
        """Return a CSL-JSON item (schema csl-data, 1.0.2), with the paragraph as `locator`."""
        item: dict[str, object] = {
            "id": self.key,
            "type": "report",
            "title": self.title,
            "author": [{"literal": self.body}],
            "publisher": self.publisher,
            "number": self.reference,
            "URL": self.permalink,
            "language": self.language,
        }
        if self.published:
            parts = (self.published.year, self.published.month, self.published.day)
            item["issued"] = {"date-parts": [[part for part in parts if part]]}
        if self.paragraph:
            item["locator"] = self.paragraph
        if location := self._format_location():
            item["note"] = location
        if self.state:
            item["jurisdiction"] = territory_name(self.state)
        return item

    @property
    def key(self) -> str:
        """A short identifier for the passage, the same in every format: "grevio-inf-2020-14-25"."""
        return make_slug(f"{self.reference} {self.paragraph or ''} {self.key_suffix}") or "untitled"

    def _format_location(self) -> str:
        """Format the location within the document: "§ 25, p. 14"."""
        places = (f"§ {self.paragraph}" if self.paragraph else "", f"p. {self.page}" if self.page else "")
        return ", ".join(filter(None, places))


def _format_ris_day(day: PartialDate | None) -> str:
    """Format a day or month as RIS has it, "2022/06/04/" or "2022/06//"; "" for a year only."""
    if day is None or day.month is None:
        return ""
    return f"{day.year}/{day.month:02}/{f'{day.day:02}' if day.day else ''}/"


_TEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "{}&%$#_"},
    **dict.fromkeys("\r\n", " "),
}


def _escape_tex(text: str) -> str:
    return "".join(_TEX_ESCAPES.get(letter, letter) for letter in text)
