"""The versions of a programme as an Atom feed (RFC 4287), which tells no more than the page does."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from django.utils.translation import gettext as _

from samsvar.languages import best
from samsvar.site.meetings import models
from samsvar.site.meetings.programme import labels as words
from samsvar.site.meetings.programme.queries.published import ShownVersion
from samsvar.site.shell.labels import COLON

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"


def atom_feed(meeting: models.Meeting, versions: Iterable[ShownVersion], *, page: str, here: str, language: str) -> str:
    """The feed as text; an entry a version, with what it changed in lines."""
    shown = list(versions)
    original = (meeting.languages or [""])[0]
    feed = Xml.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": language})
    title = best(meeting.title, language, original)[1]
    _add(feed, "title", _("Programme of “%(meeting)s”") % {"meeting": title})
    _add(feed, "id", page)
    updated = shown[0].version.released_at if shown else meeting.created_at
    _add(feed, "updated", updated.isoformat())
    _add(feed, "link", rel="self", href=here)
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    _add(_add(feed, "author"), "name", "Samsvar")
    for one in shown:
        entry = _add(feed, "entry")
        _add(entry, "title", _("Version %(number)s") % {"number": one.version.number})
        _add(entry, "id", f"{page}#version-{one.version.number}")
        _add(entry, "updated", one.version.released_at.isoformat())
        _add(entry, "link", href=f"{page}#version-{one.version.number}")
        lines = [
            f"{words.CHANGES[change.kind]}{COLON} {best(change.title, language, original)[1]}" for change in one.changes
        ]
        _add(entry, "summary", "\n".join(filter(None, [one.version.note, *lines])) or "–")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(feed, encoding="unicode")


def _add(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    made = Xml.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    made.text = "".join(c for c in text if c in "\t\n\r" or ord(c) >= 32 and ord(c) not in (0xFFFE, 0xFFFF)) or None
    return made
