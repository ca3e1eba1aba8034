"""Atom feed (RFC 4287) of the versions of a programme, with the same content as the page."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from django.utils.translation import gettext as _

from samsvar.site.meetings import models
from samsvar.site.meetings.programme import labels as words
from samsvar.site.meetings.programme.queries.published import VisibleVersion
from samsvar.site.shell.labels import COLON
from samsvar.text import remove_invalid_xml_characters

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"


def render_atom_feed(
    meeting: models.Meeting, versions: Iterable[VisibleVersion], *, page_url: str, self_url: str, language: str
) -> str:
    """Return the feed as XML, with one entry per version and one line per change."""
    visible_versions = list(versions)
    feed = Xml.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": language})
    _add_element(feed, "title", _("Programme of “%(meeting)s”") % {"meeting": meeting.get_title(language)})
    _add_element(feed, "id", page_url)
    updated = visible_versions[0].version.released_at if visible_versions else meeting.created_at
    _add_element(feed, "updated", updated.isoformat())
    _add_element(feed, "link", rel="self", href=self_url)
    _add_element(feed, "link", rel="alternate", type="text/html", href=page_url)
    _add_element(_add_element(feed, "author"), "name", "Samsvar")
    for shown_version in visible_versions:
        version = shown_version.version
        entry = _add_element(feed, "entry")
        _add_element(entry, "title", _("Version %(number)s") % {"number": version.number})
        _add_element(entry, "id", f"{page_url}#version-{version.number}")
        _add_element(entry, "updated", version.released_at.isoformat())
        _add_element(entry, "link", href=f"{page_url}#version-{version.number}")
        lines = [version.note]
        for change in shown_version.changes:
            lines.append(f"{words.CHANGES[change.kind]}{COLON} {meeting.choose_text(change.title, language)}")
        _add_element(entry, "summary", "\n".join(filter(None, lines)) or "–")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(feed, encoding="unicode")


def _add_element(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    element.text = remove_invalid_xml_characters(text) or None
    return element
