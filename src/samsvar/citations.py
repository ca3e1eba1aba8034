"""How a paragraph of a report is cited: in words, for BibTeX, for CSL-JSON; and a printed citation read again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samsvar.dates import PartialDate, shown
from samsvar.errors import SamsvarError
from samsvar.ids import slug
from samsvar.territories import name_of


class UnreadableCitation(SamsvarError):
    """A text cites no document that we can recognise."""

    code = "unreadable_citation"
    kept = ""
    advice = "Write the document's reference and the paragraph: GREVIO/Inf(2020)14, § 25."

    def __init__(self, printed: str) -> None:
        super().__init__(f"“{printed}” cites no document.")
        self.printed = printed


@dataclass(frozen=True, slots=True)
class Place:
    """A document by its reference, and a paragraph of it by its printed number; None for the document as a whole."""

    reference: str
    paragraph: str | None = None

    def __str__(self) -> str:
        """As lawyers write it: "GREVIO/Inf(2020)14, § 25"."""
        return f"{self.reference}, § {self.paragraph}" if self.paragraph else self.reference


_COUNCIL = (
    r"(?P<series>[A-Z][A-Za-z]*(?:-[A-Z]+)*)(?:\s*[/-]\s*(?P<kind>Inf|Rec))?\s*\((?P<year>\d{4})\)\s*(?P<number>\d+)"
)
_NATIONS = r"(?P<symbol>[A-Z]+(?:/[A-Z0-9.]+){2,}(?:\s?\(\d+\))?)"  # A/HRC/27/5, CEDAW/C/NOR/CO/9
_SIGN = r"(?:§{1,2}|paragraphs?|paragraphes?|paras?\.?|avsnitt|punctul|paragraful)"
_PARAGRAPH = re.compile(
    rf"\s*,?\s*(?:\(|\[)?{_SIGN}\s*(?P<paragraph>\d+(?:\.\d+)*(?:\.?[a-z](?![a-z]))?)", re.IGNORECASE
)
_DOCUMENT = re.compile(rf"(?<![\w/])(?:{_COUNCIL}|{_NATIONS})")


def place_cited(printed: str) -> Place:
    """The one place that a text cites: "GREVIO-Inf (2020) 14, paragraph 25" → GREVIO/Inf(2020)14, § 25.

    Blanks and hyphens inside a reference are evened out. Raises UnreadableCitation where there is none.
    """
    places = places_cited(printed)
    if not places:
        raise UnreadableCitation(printed)
    return places[0]


def places_cited(text: str) -> tuple[Place, ...]:
    """Every place that a running text cites by reference, in order; a repeated one again."""
    return tuple(_place(text, found) for found in _DOCUMENT.finditer(text))


def _place(text: str, found: re.Match[str]) -> Place:
    kind = f"/{found['kind'].capitalize()}" if found["kind"] else ""
    reference = found["symbol"] or f"{found['series']}{kind}({found['year']}){found['number']}"
    paragraph = _PARAGRAPH.match(text, found.end())
    return Place(reference.replace(" ", ""), paragraph["paragraph"] if paragraph else None)


@dataclass(frozen=True, slots=True)
class Citation:
    """All that a citation of one paragraph needs. `body` is the author's name in full or as it signs: "GREVIO"."""

    reference: str
    title: str
    body: str
    permalink: str
    paragraph: str | None = None
    page: int | None = None  # counted from 1, as the file counts
    state: str | None = None  # code
    published: PartialDate | None = None
    publisher: str = "Council of Europe"
    language: str = "en"  # of the document

    @property
    def place(self) -> Place:
        return Place(self.reference, self.paragraph)

    def plain(self, language: str = "en") -> str:
        """The citation in one line, dates and the state's name as `language` (of the interface) writes them."""
        state = name_of(self.state, language) if self.state else None
        titled = f"{self.title}: {state}" if state and state not in self.title else self.title
        page = {"en": "p.", "fr": "p.", "nb": "s.", "ro": "p."}.get(language, "p.")
        parts = [
            self.body,
            titled,
            self.reference,
            shown(self.published, language) if self.published else None,
            f"§ {self.paragraph}" if self.paragraph else None,
            f"{page} {self.page}" if self.page else None,
            self.permalink,
        ]
        return ", ".join(part for part in parts if part)

    def bibtex(self) -> str:
        """A `@techreport` entry; every character that TeX reads as a command is escaped."""
        fields = {
            "author": f"{{{_tex(self.body)}}}",
            "title": f"{{{_tex(self.title)}}}",
            "institution": _tex(self.publisher),
            "number": _tex(self.reference),
            "year": str(self.published.year) if self.published else None,
            "month": str(self.published.month) if self.published and self.published.month else None,
            "note": _tex(self._within()) or None,
            "url": self.permalink.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
            "language": self.language,
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        return f"@techreport{{{self.key},\n{lines}\n}}\n"

    def csl(self) -> dict[str, object]:
        """One item of CSL-JSON (schema csl-data, 1.0.2); the paragraph is its `locator`."""
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
        if within := self._within():
            item["note"] = within
        if self.state:
            item["jurisdiction"] = name_of(self.state)
        return item

    @property
    def key(self) -> str:
        """A short name for this place, the same in every format: "grevio-inf-2020-14-25"."""
        return slug(f"{self.reference} {self.paragraph or ''}") or "untitled"

    def _within(self) -> str:
        """Where in the document: "§ 25, p. 14"."""
        paragraph = f"§ {self.paragraph}" if self.paragraph else ""
        page = f"p. {self.page}" if self.page else ""
        return ", ".join(filter(None, [paragraph, page]))


_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\n": " ",
    "\r": " ",
}


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)
