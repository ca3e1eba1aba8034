"""The Atom feed (RFC 4287) of a network: its meetings, its publications, and members with a public profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.dates import PartialDate
from samsvar.ids import stable_id
from samsvar.network import loading
from samsvar.site.network import labels, models
from samsvar.site.shell import atom
from samsvar.territories import territory_name

# Date of entries whose source gives none, because Atom entries need a date and feed readers sort by it.
FALLBACK_DATE = date(2018, 1, 1)


def build_atom_feed(
    network: models.Network, people: Iterable[Mapping[str, object]], request: HttpRequest, *, language: str
) -> bytes:
    """Return the feed as XML, generated for each request so that it never shows more than the pages do."""
    page = request.build_absolute_uri(reverse("network:network", args=[network.slug]))
    entries = [*_activity_entries(network, page, language), *_member_entries(people, request)]
    return atom.render_feed(
        sorted(entries, key=lambda entry: entry.updated, reverse=True),
        title=network.name,
        page_url=page,
        self_url=request.build_absolute_uri(),
        updated=atom.midnight(FALLBACK_DATE),
        language=language,
    )


def _activity_entries(network: models.Network, page: str, language: str) -> Iterable[atom.Entry]:
    for gathering in loading.gatherings_held_by(network.slug):
        country = territory_name(gathering.state, language) if gathering.state else ""
        where = ", ".join(filter(None, (gathering.place, country)))
        title = gathering.title or gathering.about or str(labels.GATHERING_KINDS[gathering.kind])
        key = stable_id("gathering", gathering.network, str(gathering.begins or ""), gathering.title, gathering.source)
        updated = atom.midnight(_past_day(gathering.begins))
        title_language = gathering.language if gathering.title else "en" if gathering.about else ""
        yield atom.Entry(f"{page}#{key}", title, updated, gathering.source or page, where, title_language, language)
    for publication in loading.network_publications(network.slug):
        key = stable_id("publication", publication.network, publication.title, publication.about, publication.source)
        updated, title = atom.midnight(_past_day(publication.published)), publication.title or publication.about
        title_language = publication.language if publication.title else "en"
        link = publication.source or page
        yield atom.Entry(f"{page}#{key}", title, updated, link, publication.by, title_language, "en")


def _member_entries(people: Iterable[Mapping[str, object]], request: HttpRequest) -> Iterable[atom.Entry]:
    """Yield an entry per member, dated FALLBACK_DATE, because no one consented to publishing when they joined."""
    for member in people:
        link = request.build_absolute_uri(reverse("network:person", args=[member["id"]]))
        about = ", ".join(str(member[key]) for key in ("title", "organisation") if member[key])
        title = _("Member: %(name)s") % {"name": member["name"]}
        yield atom.Entry(link, title, atom.midnight(FALLBACK_DATE), link, about)


def _past_day(when: PartialDate | None) -> date:
    """Return the first day of a time; FALLBACK_DATE if it is unknown or in the future: entries changed before."""
    return when.earliest if when and when.earliest <= timezone.localdate() else FALLBACK_DATE
