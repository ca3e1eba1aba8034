"""Atom feeds (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from xml.etree import ElementTree as Xml

from samsvar.text import remove_invalid_xml_characters

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"

Xml.register_namespace("", ATOM)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed. `id` never changes; `updated` is when the entry last changed, so it is never in the future.

    `language` is that of its texts, `summary_language` that of the summary if it differs; "" for that of the feed.
    """

    id: str
    title: str
    updated: datetime
    link: str
    summary: str = ""
    language: str = ""
    summary_language: str = ""


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def render_feed(
    entries: Iterable[Entry], *, title: str, page_url: str, self_url: str, updated: datetime, language: str
) -> bytes:
    """Return a feed about the page at `page_url`, which is also its id; `updated` is used if there are no entries."""
    entries = list(entries)
    feed = Xml.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": language})
    _add(feed, "title", title)
    _add(feed, "id", page_url)
    _add(feed, "updated", max((entry.updated for entry in entries), default=updated).isoformat())
    _add(feed, "link", rel="self", href=self_url)
    _add(feed, "link", rel="alternate", type="text/html", href=page_url)
    _add(_add(feed, "author"), "name", "Samsvar")
    for entry in entries:
        element = _add(feed, "entry")
        if entry.language not in ("", language):
            element.set(f"{{{XML}}}lang", entry.language)
        _add(element, "title", entry.title)
        _add(element, "id", entry.id)
        _add(element, "updated", entry.updated.isoformat())
        _add(element, "link", href=entry.link)
        if entry.summary:
            summary = _add(element, "summary", entry.summary)
            if entry.summary_language not in ("", entry.language or language):
                summary.set(f"{{{XML}}}lang", entry.summary_language)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(feed, encoding="unicode").encode()


def _add(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    element.text = remove_invalid_xml_characters(text) or None
    return element
