"""A network as an Atom feed (RFC 4287): what it did and brought out, and the members with a public entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from xml.etree import ElementTree as Xml

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from samsvar.dates import PartialDate
from samsvar.ids import stable_id
from samsvar.network import loading
from samsvar.site.network import labels as words
from samsvar.site.network import models
from samsvar.territories import name_of

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
# A fact without a day has this one: a feed asks for a moment, and a reader sorts by it.
UNDATED = date(2018, 1, 1)

Xml.register_namespace("", ATOM)


def atom_feed(
    network: models.Network, people: Iterable[Mapping[str, object]], request: HttpRequest, *, language: str
) -> str:
    """The feed as text. Its entries are made at each request, so that it never tells more than the pages do."""
    page = request.build_absolute_uri(reverse("network:network", args=[network.slug]))
    feed = Xml.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": language})
    entries = sorted(
        [*_facts(network, page, language), *_members(people, request)], key=lambda one: one[0], reverse=True
    )
    _add(feed, "title", network.name)
    _add(feed, "id", page)
    _add(feed, "updated", (entries[0][0] if entries else _moment(UNDATED)).isoformat())
    _add(feed, "link", rel="self", href=request.build_absolute_uri())
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    _add(_add(feed, "author"), "name", "Samsvar")
    for updated, id_, title, link, summary in entries:
        entry = _add(feed, "entry")
        _add(entry, "title", title)
        _add(entry, "id", id_)
        _add(entry, "updated", updated.isoformat())
        _add(entry, "link", href=link)
        _add(entry, "summary", summary)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(feed, encoding="unicode")


type Entry = tuple[datetime, str, str, str, str]  # when, id, title, link, summary


def _facts(network: models.Network, page: str, language: str) -> Iterable[Entry]:
    for one in loading.gatherings_of(network.slug):
        where = ", ".join(filter(None, (one.place, name_of(one.state, language) if one.state else "")))
        title = one.title or one.about or str(words.GATHERING_KINDS[one.kind])
        id_ = f"{page}#{stable_id('gathering', one.network, str(one.begins or ''), one.title, one.source)}"
        yield _moment(_first(one.begins)), id_, title, one.source or page, where
    for thing in loading.publications_of(network.slug):
        id_ = f"{page}#{stable_id('publication', thing.network, thing.title, thing.about, thing.source)}"
        yield _moment(_first(thing.published)), id_, thing.title or thing.about, thing.source or page, thing.by


def _members(people: Iterable[Mapping[str, object]], request: HttpRequest) -> Iterable[Entry]:
    """Members with a public entry. No day of joining is told, which nobody consented to: they stand undated."""
    for one in people:
        link = request.build_absolute_uri(reverse("network:person", args=[one["id"]]))
        about = ", ".join(str(one[key]) for key in ("title", "organisation") if one[key])
        yield _moment(UNDATED), link, _("Member: %(name)s") % {"name": one["name"]}, link, about


def _first(when: PartialDate | None) -> date:
    return when.earliest if when else UNDATED


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _add(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    made = Xml.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    made.text = "".join(c for c in text if c in "\t\n\r" or ord(c) >= 32 and ord(c) not in (0xFFFE, 0xFFFF)) or None
    return made
