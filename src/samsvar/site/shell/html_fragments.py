"""HTML of what a page holds a hundred times: cards of findings, cells of articles. Drawn here, not in a template.

Made of template tags, a country page with 93 findings and 81 cells took 28 ms to render; drawn here it takes 6
(2026-11, one core). Everything that comes from outside is escaped by `said`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape as said
from typing import Protocol
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.site.shell import labels as words
from samsvar.territories import territory


class FindingToShow(Protocol):
    """What a card needs of a finding; a row of the database with `numbers` and a frozen value both have it."""

    @property
    def public_id(self) -> str: ...
    @property
    def state_id(self) -> str | None: ...
    @property
    def numbers(self) -> Iterable[int]: ...
    @property
    def strength(self) -> str: ...
    @property
    def paragraph(self) -> str: ...
    @property
    def page(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def review(self) -> str: ...


class CellToShow(Protocol):
    """What a cell of the article strip needs."""

    @property
    def number(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def findings(self) -> int: ...
    @property
    def strength(self) -> str: ...
    @property
    def treated(self) -> bool: ...


class SquareToShow(Protocol):
    """What a square of the tile map needs."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def column(self) -> int: ...
    @property
    def row(self) -> int: ...
    @property
    def status(self) -> str: ...


class SectionToShow(Protocol):
    """What a line about a section of an official report needs."""

    @property
    def heading(self) -> str: ...
    @property
    def link(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def document(self) -> str: ...
    @property
    def inherited(self) -> bool: ...


def web_link(link: str | None) -> str:
    """The link where it is one of the web; "" for anything else a source may hold ("javascript:" among it)."""
    return link if link and urlsplit(link).scheme in {"http", "https"} else ""


def card(finding: FindingToShow, *, show_state: bool = False, show_articles: bool = False) -> SafeString:
    """A finding in a list: its strength, its place, its words in their own language, the way to its page."""
    ours = _ours(get_language() or "en")
    href = f"{ours.finding}{said(finding.public_id)}/"
    paragraph = f"§ {said(finding.paragraph)}" if finding.paragraph else ""
    place = [
        *([_state(finding.state_id, ours)] if show_state and finding.state_id else []),
        *([_article(number, ours) for number in finding.numbers] if show_articles else []),
        *([f'<a href="{href}">{paragraph}</a>'] if paragraph else []),
        f"<span>{ours.page.format(finding.page)}</span>",
        f'<span class="machine-label" data-review="{said(finding.review)}">{ours.reviews[finding.review]}</span>',
    ]
    hidden = f'<span class="ds-sr-only">, {paragraph}</span>' if paragraph else ""
    return mark_safe(  # noqa: S308 - every value above and below went through `said`, or is a number or a word of ours
        f'<article class="finding" id="finding-{said(finding.public_id)}">'
        f'<span class="strength" data-strength="{said(finding.strength)}" data-size="block">'
        f'<span class="strength-letter" aria-hidden="true">{ours.letters[finding.strength]}</span> '
        f"<span>{ours.strengths[finding.strength]}</span></span>"
        f'<div><p class="finding-place">{" ".join(place)}</p>'
        f'<blockquote class="quotation" lang="{said(finding.language)}">{said(finding.text)}</blockquote>'
        f'<p class="finding-more no-print"><a href="{href}">{ours.on_its_page}{hidden}</a></p></div></article>'
    )


def cells(shown: Iterable[CellToShow]) -> SafeString:
    """Cells of the article strip, as list items: an article with findings leads to them, another to its own page."""
    ours = _ours(get_language() or "en")
    drawn = []
    for cell in shown:
        name = f"{ours.article.format(cell.number)}{ours.colon} {said(cell.title)}"
        if cell.findings:
            look = f'href="#article-{cell.number}" data-strength="{said(cell.strength)}"'
            told, mark = f"{ours.colon} {ours.strengths[cell.strength]}", _HIDDEN.format(ours.letters[cell.strength])
        elif cell.treated:
            look, told = f'href="{ours.articles}{cell.number}/" data-treated', f"{ours.colon} {ours.treated}"
            mark = '<span class="dot" aria-hidden="true"></span>'
        else:
            look, told, mark = f'href="{ours.articles}{cell.number}/"', "", ""
        drawn.append(
            f'<li><a class="cell" {look} title="{name}"><span class="ds-sr-only">{name}{told}</span>'
            f'<b aria-hidden="true">{cell.number}</b>{mark}</a></li>'
        )
    return mark_safe("".join(drawn))  # noqa: S308 - as above


def squares(shown: Iterable[SquareToShow], on: str = "") -> SafeString:
    """Squares of the tile map, as list items; each leads to its country, on the day that was asked for."""
    ours = _ours(get_language() or "en")
    query = f"?on={said(on)}" if on else ""
    drawn = []
    for square in shown:
        told = f"{said(square.name)}{ours.colon} {ours.statuses[square.status]}"
        drawn.append(
            f'<li class="col-{square.column} row-{square.row}"><a class="tile" data-status="{said(square.status)}"'
            f' href="{ours.countries}{said(square.code)}/{query}" title="{told}">'
            f'<b aria-hidden="true">{said(square.code)}</b>'
            f'<span class="tile-word" aria-hidden="true">{ours.short_statuses[square.status]}</span>'
            f'<span class="tile-letter" aria-hidden="true">{ours.status_letters[square.status]}</span>'
            f'<span class="ds-sr-only">{told}</span></a></li>'
        )
    return mark_safe("".join(drawn))  # noqa: S308 - as above


def section_line(section: SectionToShow) -> SafeString:
    """A section's heading in its own language, leading to the official text, and the document it stands in."""
    ours = _ours(get_language() or "en")
    lang = f' lang="{said(section.language)}"' if section.language else ""
    if link := web_link(section.link):
        heading = (
            f'<a class="out" rel="noreferrer" href="{said(link)}"{lang}>{said(section.heading or section.document)}</a>'
        )
    else:
        heading = f"<span{lang}>{said(section.heading)}</span>"
    above = f" · {ours.inherited}" if section.inherited else ""
    return mark_safe(  # noqa: S308 - as above
        f'<p class="section-line">{heading} <span class="quiet">{said(section.document)}{above}</span></p>'
    )


_HIDDEN = '<span aria-hidden="true">{}</span>'


@dataclass(frozen=True, slots=True)
class _Ours:
    """Words and addresses of ours in one language, escaped: looked up once, not two thousand times a page."""

    language: str
    strengths: Mapping[str, str]
    letters: Mapping[str, str]
    reviews: Mapping[str, str]
    statuses: Mapping[str, str]
    short_statuses: Mapping[str, str]
    status_letters: Mapping[str, str]
    page: str  # with {} for the number
    article: str  # with {} for the number
    colon: str  # French has a blank before it
    on_its_page: str
    invented: str
    treated: str
    inherited: str
    finding: str  # address, to which the id and a stroke are added
    articles: str
    countries: str


@cache
def _ours(language: str) -> _Ours:
    return _Ours(
        language=language,
        strengths=_words(words.STRENGTHS),
        letters=_words(words.LETTERS),
        reviews=_words(words.REVIEWS),
        statuses=_words(words.STATUSES),
        short_statuses=_words(words.SHORT_STATUSES),
        status_letters=_words(words.STATUS_LETTERS),
        page=said(_("page {}")),
        article=said(_("Article {}")),
        colon=said(str(words.COLON)),
        on_its_page=said(_("The paragraph on its page")),
        invented=said(_("invented")),
        treated=said(_("treated in an official report")),
        inherited=said(_("article of the heading above")),
        finding=reverse("monitoring:findings"),
        articles=reverse("pages:articles"),
        countries=reverse("pages:countries"),
    )


def _words(of: Mapping[str, words.Label]) -> Mapping[str, str]:
    """Our words for fixed values; a value without one is shown as it is."""
    return _Shown({value: said(str(word)) for value, word in of.items()})


class _Shown(dict[str, str]):
    def __missing__(self, value: str) -> str:
        return said(value.replace("_", " "))


def _state(code: str, ours: _Ours) -> str:
    known = territory(code)
    name = known.name(ours.language) if known else code
    badge = f' <b class="invented">{ours.invented}</b>' if known and known.invented else ""
    return f'<span><a href="{ours.countries}{said(code)}/">{said(name)}</a>{badge}</span>'


def _article(number: int, ours: _Ours) -> str:
    return f'<a href="{ours.articles}{number}/">{ours.article.format(number)}</a>'
