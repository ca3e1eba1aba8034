"""Downloads and the feed of a search: all results of the query and its filters, in the order chosen."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _

from samsvar.citations import Citation
from samsvar.interchange.tables import TableRow, iter_csv, render_json_line, write_xlsx
from samsvar.search.expansion import expand_query
from samsvar.search.items import SearchItem
from samsvar.search.query import SearchOrder
from samsvar.site.monitoring.citing import author_and_publisher, published_day, short_citation
from samsvar.site.search.params import SearchParams
from samsvar.site.search.queries import MAX_EXPORTED, hit_link, with_index
from samsvar.site.search.source import find_item_source
from samsvar.site.shell.atom import Entry, midnight, render_feed
from samsvar.territories import territory_name

MAX_FEED_ENTRIES = 50
FEED_SUMMARY_LENGTH = 600  # characters
FALLBACK_DAY = date(2018, 1, 1)  # of results whose date is not known, because every entry needs one
COLUMNS = (
    "id", "kind", "state", "country", "articles", "strength", "body", "year", "published", "round", "reference",
    "title", "paragraph", "page", "heading", "language", "text", "review", "fictional", "citation", "url",
)  # fmt: skip
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
}

type AbsoluteUrl = Callable[[str], str]  # from a path of the site


def iter_export(search: SearchParams, file_format: str, *, language: str, absolute_url: AbsoluteUrl) -> Iterator[bytes]:
    """Yield a download of up to MAX_EXPORTED results in pieces, with one result in memory at a time.

    `file_format` is a key of CONTENT_TYPES. Raises SearchError before the first piece if the index cannot be used.
    """
    items = _iter_items(search, language=language, limit=MAX_EXPORTED)
    rows = (_build_row(item, language, absolute_url) for item in items)
    match file_format:
        case "csv":
            return (line.encode() for line in iter_csv(rows, COLUMNS))
        case "jsonl":
            return (render_json_line(row).encode() for row in rows)
        case "xlsx":
            return _iter_xlsx(rows)
        case "ris":
            return (build_citation(item, absolute_url).to_ris().encode() for item in items)
        case _:
            return (f"{build_citation(item, absolute_url).to_bibtex()}\n".encode() for item in items)


def _iter_items(search: SearchParams, *, language: str, limit: int) -> Iterator[SearchItem]:
    query = expand_query(search.query, without=search.without).query
    return with_index(
        lambda engine: engine.iter_items(query, search.filters, limit=limit, order=search.order, language=language)
    )[1]


def _build_row(item: SearchItem, language: str, absolute_url: AbsoluteUrl) -> TableRow:
    """Return a result by the columns' names; lists and numbers as they are, so that JSON keeps them."""
    return {
        "id": item.id,
        "kind": item.kind,
        "state": item.state,
        "country": territory_name(item.state, language) if item.state else "",
        "articles": list(item.articles),
        "strength": item.strength,
        "body": item.body,
        "year": item.year,
        "published": item.published,
        "round": item.round,
        "reference": item.reference,
        "title": item.title,
        "paragraph": item.paragraph,
        "page": item.page,
        "heading": item.heading,
        "language": item.language,
        "text": item.text,
        "review": item.review,
        "fictional": item.fictional,
        "citation": short_citation(item),
        "url": _permalink(item, absolute_url),
    }


def _permalink(item: SearchItem, absolute_url: AbsoluteUrl) -> str:
    href, is_external = hit_link(item)
    return href if is_external or not href else absolute_url(href)


def _iter_xlsx(rows: Iterable[TableRow]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        write_xlsx(file, rows, {column: column for column in COLUMNS}, sheet="Samsvar")
        file.seek(0)
        yield from iter(partial(file.read, 65_536), b"")


def build_citation(item: SearchItem, absolute_url: AbsoluteUrl) -> Citation:
    """Return the citation of a result; the author of a measure, practice or meeting is not known here and left open."""
    body, publisher = author_and_publisher(item.body, item.state or None)
    return Citation(
        reference=item.reference,
        title=item.title or item.reference or item.text[:120],
        body=body,
        permalink=_permalink(item, absolute_url),
        paragraph=item.paragraph or None,
        page=item.page,
        state=item.state or None,
        published=published_day(item.published or str(item.year or "")),
        publisher=publisher,
        language=item.language or "en",
        key_suffix=item.id,
    )


def render_search_feed(search: SearchParams, *, language: str, absolute_url: AbsoluteUrl) -> bytes:
    """Return the Atom feed of a search: its newest results, whatever order the page has."""
    newest = replace(search, order=SearchOrder.NEWEST)
    items = list(_iter_items(newest, language=language, limit=MAX_FEED_ENTRIES))
    query = f"?{encoded}" if (encoded := search.encode()) else ""
    page_url = absolute_url(reverse("search:search") + query)
    return render_feed(
        _iter_feed_entries(items, page_url, language, absolute_url),
        title=_("Search: %(asked)s") % {"asked": search.query_text} if search.query_text else _("Search"),
        page_url=page_url,
        self_url=absolute_url(reverse("search:feed") + query),
        updated=midnight(FALLBACK_DAY),
        language=language,
    )


def _iter_feed_entries(
    items: Sequence[SearchItem], page_url: str, language: str, absolute_url: AbsoluteUrl
) -> Iterator[Entry]:
    """Yield an entry for each item. The title is in the language of the text if it is a title of its own."""
    ids_by_kind: dict[str, list[str]] = defaultdict(list)
    for item in items:
        ids_by_kind[item.kind].append(item.id.partition("/")[2])
    sources = {kind: source for kind in ids_by_kind if (source := find_item_source(kind))}
    changed = {kind: source.changed_at(ids_by_kind[kind]) for kind, source in sources.items()}
    for item in items:
        country = territory_name(item.state, language) if item.state else ""
        title = item.title if item.kind in sources else short_citation(item) or item.title
        published = published_day(item.published or str(item.year or ""))
        moment = midnight(published.earliest if published else FALLBACK_DAY)
        yield Entry(
            id=f"{absolute_url('/')}#{item.id}",
            title=": ".join(filter(None, (country, title))),
            updated=changed.get(item.kind, {}).get(item.id.partition("/")[2], moment),
            link=_permalink(item, absolute_url) or page_url,
            summary=item.text[:FEED_SUMMARY_LENGTH],
            language=item.language if item.kind in sources else "",
            summary_language=item.language,
        )
