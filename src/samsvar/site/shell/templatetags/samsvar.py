"""Words, names and days in the reader's language: `{% load samsvar %}`."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.translation import get_language

from samsvar import dates, territories
from samsvar.convention.treaty import ISTANBUL
from samsvar.site.shell import html_fragments as drawing
from samsvar.site.shell import labels as words

register = template.Library()


def _language() -> str:
    return get_language() or "en"


@register.filter
def state_name(code: str | None) -> str:
    """The name of a state in the reader's language; "" for none."""
    return territories.name_of(code, _language()) if code else ""


@register.filter
def is_invented(code: str | None) -> bool:
    """Whether the code is that of an invented state, which must say so wherever it is shown."""
    known = territories.territory(code) if code else None
    return bool(known and known.invented)


@register.filter
def day(iso: Any) -> str:
    """A day, month or year as the reader's language writes it: "2019-06-04" → "4 June 2019"; "" for none."""
    if not iso:
        return ""
    try:
        partial = dates.partial_date(str(iso))
    except dates.UnreadableDate:
        return str(iso)  # a source's own writing is shown rather than nothing
    return partial.shown(_language()) if partial else ""


@register.filter
def when(iso: Any) -> str:
    """A day, month or year as it stands inside a sentence: "on 4 June 2019", "in June 2019", "en 2019"."""
    try:
        partial = dates.partial_date(str(iso or ""))
    except dates.UnreadableDate:
        return str(iso)
    return str(words.WHEN[partial.precision]) % {"date": partial.shown(_language())} if partial else ""


@register.simple_tag
def colon() -> words.Label:
    """A colon as the reader's language sets it: `{{ state }}{% colon %} {{ event }}`."""
    return words.COLON


@register.simple_tag
def semicolon() -> words.Label:
    """A semicolon as the reader's language sets it."""
    return words.SEMICOLON


@register.filter
def article_title(number: Any) -> str:
    """The title of an article in the reader's language."""
    return ISTANBUL[str(number)].title(_language()) if str(number) in ISTANBUL else ""


@register.filter
def strength_letter(strength: str | None) -> words.Label:
    """The one letter that stands for a strength in a cell."""
    return words.LETTERS.get(strength or "", "?")


@register.filter
def status_letter(status: str) -> words.Label:
    """The one letter that stands for a status on a small square of the map."""
    return words.STATUS_LETTERS.get(status, "?")


for _name, _words in {  # {{ finding.review|review_word }}: the word for a fixed value
    "strength_word": words.STRENGTHS,
    "status_word": words.STATUSES,
    "status_short": words.SHORT_STATUSES,
    "event_word": words.EVENTS,
    "confidence_word": words.CONFIDENCES,
    "confidence_meaning": words.CONFIDENCE_MEANINGS,
    "body_word": words.BODIES,
    "procedure_word": words.PROCEDURES,
    "document_kind_word": words.DOCUMENT_KINDS,
    "review_word": words.REVIEWS,
    "kind_of_state_word": words.KINDS_OF_STATE,
    "pillar_word": words.PILLARS,
    "form_word": words.FORMS,
    "stage_word": words.STAGES,
}.items():
    register.filter(_name, partial(words.word, _words))


@register.filter
def host(link: str) -> str:
    """The name of the place a link leads to, which a link out of the site shows: "rm.coe.int"."""
    return urlsplit(link).netloc.removeprefix("www.")


register.filter("web_link", drawing.web_link)
register.simple_tag(drawing.card, name="finding_card")  # {% finding_card finding show_state=True %}
register.filter("drawn_cells", drawing.cells)
register.filter("drawn_squares", drawing.squares)
register.filter("drawn_section", drawing.section_line)


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """The address of this page with some of its questions changed; None or "" takes one away."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else context["request"].path
