"""The Atom feed (RFC 4287) of a network: its meetings, its publications, and members with a public profile."""

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
from samsvar.site.network import labels, models
from samsvar.territories import territory_name
from samsvar.text import remove_invalid_xml_characters

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
# Date of entries whose source gives none, because Atom entries need a date and feed readers sort by it.
FALLBACK_DATE = date(2018, 1, 1)

Xml.register_namespace("", ATOM)


def build_atom_feed(
    network: models.Network, people: Iterable[Mapping[str, object]], request: HttpRequest, *, language: str
) -> str:
    """Return the feed as XML, generated for each request so that it never shows more than the pages do."""
    page = request.build_absolute_uri(reverse("network:network", args=[network.slug]))
    feed = Xml.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": language})
    entries = [*_activity_entries(network, page, language), *_member_entries(people, request)]
    entries.sort(key=lambda entry: entry[0], reverse=True)
    _add_element(feed, "title", network.name)
    _add_element(feed, "id", page)
    _add_element(feed, "updated", (entries[0][0] if entries else _midnight(FALLBACK_DATE)).isoformat())
    _add_element(feed, "link", rel="self", href=request.build_absolute_uri())
    _add_element(feed, "link", rel="alternate", type="text/html", href=page)
    _add_element(_add_element(feed, "author"), "name", "Samsvar")
    for updated, id_, title, link, summary in entries:
        entry = _add_element(feed, "entry")
        _add_element(entry, "title", title)
        _add_element(entry, "id", id_)
        _add_element(entry, "updated", updated.isoformat())
        _add_element(entry, "link", href=link)
        _add_element(entry, "summary", summary)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(feed, encoding="unicode")


type FeedEntry = tuple[datetime, str, str, str, str]  # updated, id, title, link, summary


def _activity_entries(network: models.Network, page: str, language: str) -> Iterable[FeedEntry]:
    for gathering in loading.gatherings_held_by(network.slug):
        country = territory_name(gathering.state, language) if gathering.state else ""
        where = ", ".join(filter(None, (gathering.place, country)))
        title = gathering.title or gathering.about or str(labels.GATHERING_KINDS[gathering.kind])
        key = stable_id("gathering", gathering.network, str(gathering.begins or ""), gathering.title, gathering.source)
        id_ = f"{page}#{key}"
        yield _midnight(_earliest_day(gathering.begins)), id_, title, gathering.source or page, where
    for publication in loading.network_publications(network.slug):
        key = stable_id("publication", publication.network, publication.title, publication.about, publication.source)
        day, title = _earliest_day(publication.published), publication.title or publication.about
        yield _midnight(day), f"{page}#{key}", title, publication.source or page, publication.by


def _member_entries(people: Iterable[Mapping[str, object]], request: HttpRequest) -> Iterable[FeedEntry]:
    """Yield an entry per member, dated FALLBACK_DATE, because no one consented to publishing when they joined."""
    for member in people:
        link = request.build_absolute_uri(reverse("network:person", args=[member["id"]]))
        about = ", ".join(str(member[key]) for key in ("title", "organisation") if member[key])
        yield _midnight(FALLBACK_DATE), link, _("Member: %(name)s") % {"name": member["name"]}, link, about


def _earliest_day(when: PartialDate | None) -> date:
    return when.earliest if when else FALLBACK_DATE


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _add_element(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    element.text = remove_invalid_xml_characters(text) or None
    return element
