"""The Atom feed (RFC 4287) of what can be followed: the same for everyone, and only what is public."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from django.utils.translation import gettext as _

from samsvar.site.following.events import FollowEvent
from samsvar.site.following.queries import describe_event
from samsvar.site.following.targets import FollowTarget
from samsvar.site.shell.site_url import absolute_url
from samsvar.text import remove_invalid_xml_characters

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"


def render_feed(target: FollowTarget, events: Iterable[FollowEvent], *, updated: str, language: str) -> str:
    """Return the feed as XML; `updated` is the moment of a feed without an event, in ISO format."""
    shown = list(events)
    page = absolute_url(target.path)
    feed = Xml.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": language})
    _add_element(feed, "title", _("News: %(name)s") % {"name": target.name})
    _add_element(feed, "id", absolute_url(target.feed_path))
    _add_element(feed, "updated", shown[0].at.isoformat() if shown else updated)
    _add_element(feed, "link", rel="self", href=absolute_url(target.feed_path))
    _add_element(feed, "link", rel="alternate", type="text/html", href=page)
    _add_element(_add_element(feed, "author"), "name", "Samsvar")
    for event in shown:
        text = describe_event(event, target)
        link = absolute_url(text.path)
        entry = _add_element(feed, "entry")
        _add_element(entry, "title", text.title)
        _add_element(entry, "id", f"{absolute_url(target.feed_path)}#{event.key}")
        _add_element(entry, "updated", event.at.isoformat())
        _add_element(entry, "link", href=link)
        summary = _add_element(entry, "summary", text.words or text.title)
        if text.language:
            summary.set(f"{{{XML}}}lang", text.language)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(feed, encoding="unicode")


def _add_element(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    element.text = remove_invalid_xml_characters(text) or None
    return element
