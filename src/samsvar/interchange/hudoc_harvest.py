"""Harvest of a HUDOC site: its list of documents, the text of each section, and the documents put together from them.

The addresses were seen in public code (evidlabel/hudoc); no live answer was seen (2026-11). What is known about the
service and guarded against: the list stops at 2,000 items without a word, items occur twice, titles change silently, a
text takes up to 75 seconds, and some answers are empty.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from samsvar.dates import display_date, parse_day
from samsvar.errors import InterchangeError, SamsvarError
from samsvar.interchange.fetching import (
    MAX_CONNECTIONS,
    RETRIED_STATUSES,
    Fetcher,
    FetchError,
    FetchFailed,
    Response,
)
from samsvar.interchange.hudoc import (
    MAX_FEED_BYTES,
    UnreadableFeed,
    build_feed,
    is_document,
    list_alpha3_codes,
    most_items,
    parse_items,
    site_settings,
)
from samsvar.interchange.snapshots import SnapshotFolder, UnusableFolder
from samsvar.monitoring.catalogue import Document, DocumentKind, PublishedMetadata, Section
from samsvar.monitoring.markup import HtmlBlock, read_html_blocks
from samsvar.territories import TerritoryKind, territories, territory_name

MAX_WINDOWS: Final = 200  # requests for one list
MAX_FAILED_TEXTS: Final = 4  # of a document, one after the other, each tried several times; then the next document
MAX_FAILED_DOCUMENTS: Final = 3  # one after the other: the service is down
MAX_LIMIT: Final = 100_000  # seconds or days
RECHECK: Final = timedelta(days=7)  # a text that answered within this time is not asked for again
READ_KINDS: Final = frozenset({DocumentKind.REPORT, DocumentKind.RECOMMENDATION, DocumentKind.CONCLUSIONS})
MAX_NOTICE_LENGTH: Final = 200  # characters of a page that only says that a document is unavailable
_NOTICE = re.compile(
    r"\b(?:document|page|file|service|server|site|fichier|serveur)\b[^.]{0,60}\b"
    r"(?:unavailable|not available|no longer available|not found|could not be|cannot be|under maintenance"
    r"|indisponible|introuvable|pas disponible|plus disponible|en maintenance)\b"
    r"|\ban? (?:internal )?error (?:has )?occurred\b|\bune erreur (?:s[’']est produite|est survenue)\b",
    re.IGNORECASE,
)
_PARAGRAPH_NUMBER = re.compile(r"\s*\d{1,4}[.)]\s")
_COUNT = re.compile(r"[\s\-–]*\d{1,4}(?:\s*/\s*\d{1,4})?\s*$")


class FutureDay(InterchangeError):
    """Raised when only documents of a time that has not come are asked for."""

    effect = "Nothing was fetched."
    advice = "Give a day that has passed, or leave it out."

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} is in the future: nothing can have been published since.")


class UnusableLimit(InterchangeError):
    """Raised when an option of a command is not a number of seconds or days."""

    effect = "Nothing was fetched."
    advice = "Give a number, or leave the option out."

    def __init__(self, option: str, value: str) -> None:
        super().__init__(f"{option}: “{value}” is not a number from 0 to {MAX_LIMIT:,}.")


class NotAPage(FetchError):
    """Raised when the service answers with something other than a page, each time that it was asked."""

    advice = "Open the address in a browser, and try again later."

    def __init__(self, address: str, content_type: str) -> None:
        super().__init__(address, f"{address} is not a page: the service says that it is “{content_type[:80]}”.")


class TextUnavailable(FetchFailed):
    """Raised when the service answers with a page that only says that it has no text now, each time it was asked."""

    advice = "Open the address in a browser, and try again later."

    def __init__(self, address: str, text: str) -> None:
        message = f"{address} is no text: the page says only “{text}”"
        super().__init__(address, message, status=503)  # although the server said 200


class UnreadableList(FetchFailed):
    """Raised when the service answers the request for its list with something else, each time that it was asked."""

    advice = "Open the address in a browser: the service may be closed for a time. Try again later."

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, f"The answer from {address} is not a list of documents: {reason}")


@dataclass(frozen=True, slots=True)
class Listing:
    """The items that a site lists. `notes` are for a person to check: a list that may be incomplete, for example."""

    items: tuple[PublishedMetadata, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TitleChange:
    """A title that the publisher changed: before, after, and when the change was first seen."""

    identifier: str
    before: str
    after: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HarvestedDocument:
    """A document and its text, as one HTML page. `content` is empty if it could not be fetched: see `failure`.

    `empty` are the identifiers of sections without a text, after every attempt. `title_changes` are those of its
    sections, the oldest first.
    """

    document: Document
    content: bytes
    failure: str = ""
    empty: tuple[str, ...] = ()
    title_changes: tuple[TitleChange, ...] = ()
    texts_fetched: int = 0  # in this harvest; the others were checked a short time before

    def describe_empty(self) -> str:
        """Return how many sections the service gave no text for, although it was asked again; "" for none."""
        sections = "1 section has" if len(self.empty) == 1 else f"{len(self.empty)} sections have"
        return f"{sections} no text at the service." if self.empty else ""


def describe_plan(documents: Sequence[Document], interval: float) -> str:
    """Return how much there is to fetch, and for how long: a whole site takes hours at one request a second."""
    texts = sum(len(list_sections(document)) for document in documents)
    minutes = texts * interval / 60
    duration = f", up to {minutes:,.0f} minutes at this rate and longer if the service is slow" if minutes >= 1 else ""
    size = f"{count_documents(len(documents))} with {texts:,} text{'' if texts == 1 else 's'}"
    return (
        f"{size}{duration}. What was fetched lately is not fetched again. You can stop at any moment: the next run "
        "continues there."
    )


def parse_since(text: str | None, today: date) -> date | None:
    """Return the day from which documents are wanted; None for all. Raises UnreadableDate or FutureDay."""
    since = parse_day(text) if text else None
    if since is not None and since > today:
        raise FutureDay(since)
    return since


def parse_limit(option: str, value: str | float) -> float:
    """Return the number of seconds or days that an option of a command gives. Raises UnusableLimit."""
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MAX_LIMIT:  # NaN is not, either
        raise UnusableLimit(option, str(value))
    return number


def count_documents(count: int) -> str:
    """Return "1 document", "2,000 documents"."""
    return "1 document" if count == 1 else f"{count:,} documents"


@dataclass(slots=True)
class Harvest:
    """A harvest of one site into a folder. It can be ended at any moment, and continues where it ended.

    `address` is the server, for example "https://hudoc.grevio.coe.int"; "" for that of the site. `states` are codes;
    () for all. Documents published before `since` are left out, and those without a date are kept. `now` gives the
    moment, with its time zone, that is recorded with each answer.
    """

    fetcher: Fetcher
    snapshots: SnapshotFolder
    site: str
    now: Callable[[], datetime]
    address: str = ""
    states: tuple[str, ...] = ()
    since: date | None = None
    kinds: frozenset[DocumentKind] | None = None  # None for all
    recheck: timedelta = RECHECK
    notes: list[str] = field(default_factory=list)
    failed_documents: int = 0  # in a row, for which the service did not answer

    @property
    def server(self) -> str:
        if self.address:
            return self.address.rstrip("/")
        parts = urlsplit(site_settings(self.site)["address"])
        return f"{parts.scheme}://{parts.netloc}"

    def describe_start(self) -> str:
        """Return what is asked for first: a service that does not answer is waited for, for minutes."""
        return f"Asking {self.server} for its list of documents. If it does not answer, this can take some minutes."

    # --- The list -----------------------------------------------------------------------------------------------------

    def list_documents(self) -> tuple[Document, ...]:
        """Fetch the list and return the documents that are wanted; record changed titles. Raises a FetchError."""
        listing = self.list_items()
        self.notes += listing.notes
        self.snapshots.record_items(listing.items, self.now())
        documents = build_feed(filter(is_document, listing.items), self.site).documents
        wanted = tuple(document for document in documents if self._is_wanted(document))
        if not wanted:
            only = "it lists no documents" if not documents else f"none of {count_documents(len(documents))} was chosen"
            self.notes.append(f"{self.server} was asked, and {only}. Check --state and --since, or ask for all.")
        for code in self.states if wanted else ():
            if all(document.state != code for document in wanted):
                self.notes.append(f"No document on {territory_name(code)} is listed, or none since the day given.")
        return wanted

    def _is_wanted(self, document: Document) -> bool:
        if self.states and document.state not in self.states:
            return False
        if self.kinds is not None and document.kind not in self.kinds:
            return False
        return self.since is None or document.published is None or document.published.latest >= self.since

    def list_items(self) -> Listing:
        """Return the items of the site, or of the wanted states; state by state where the list of the site is cut."""
        if self.states:
            by_state = [self._list_state(code) for code in self.states]
            if all(items for items, _ in by_state):
                return Listing(*_merge_lists(by_state))
        items, cut = self._list_windows("")
        if not cut:
            missing = len(self.snapshots.list_identifiers() - {item.identifier for item in items})
            gone = f"{missing:,} items that were listed earlier are no longer listed; what was saved of them is kept."
            return Listing(_unique(items), (gone,) if missing else ())
        members = [code for code, one in territories().items() if one.kind is TerritoryKind.COUNCIL_OF_EUROPE]
        merged, notes = _merge_lists([(items, False), *(self._list_state(code) for code in members)])
        if len(merged) == len(_unique(items)):
            notes = (*notes, f"The list stops at {most_items():,} items, and asking by state added none.")
        return Listing(merged, notes)

    def _list_state(self, code: str) -> tuple[list[PublishedMetadata], bool]:
        """Return the items of one state, and whether its list is cut."""
        template: str = site_settings(self.site)["state_query"]
        query = template.replace("{name}", territory_name(code)).replace("{code}", _find_alpha3(code))
        try:
            return self._list_windows(f" AND ({query})")
        except FetchFailed as error:
            self.notes.append(f"The list of {territory_name(code)} could not be fetched: {error.message}")
            return [], False

    def _list_windows(self, condition: str) -> tuple[list[PublishedMetadata], bool]:
        """Return the items of a list, window by window, and whether it may be cut: its last window is full.

        After the limit, a server may answer with an error, with nothing, or with the same items again.
        """
        items: list[PublishedMetadata] = []
        seen: set[PublishedMetadata] = set()
        full = False
        for _ in range(MAX_WINDOWS):
            try:
                window = self._fetch_window(condition, len(items))
            except FetchFailed as error:
                if not items:
                    raise
                if not full and not 400 <= error.status < 500:  # which may be the end of the list
                    self.notes.append(f"The list may be cut off after {len(items):,} items: {error.message}")
                return items, full
            if not seen.issuperset(window):
                items += window
                seen.update(window)
                full = len(window) == most_items()
                continue
            return items, full
        return items, True

    def _fetch_window(self, condition: str, start: int) -> tuple[PublishedMetadata, ...]:
        query = {
            "library": f"{self.site}eng", "query": f"contentsitename:{self.site.upper()}{condition}",
            "sort": "", "start": str(start),
        }  # fmt: skip
        address = f"{self.server}/app/transform/rss?{urlencode(query, quote_via=quote)}"
        is_whole_site = not condition and not start  # whose list has items; that of a state may have none
        response = self.fetcher.fetch(address, is_usable=_has_items if is_whole_site else _is_complete_feed)
        try:
            return parse_items(response.content)
        except UnreadableFeed as error:
            raise UnreadableList(address, error.reason) from error

    # --- The texts ----------------------------------------------------------------------------------------------------

    def fetch_documents(self, documents: Iterable[Document]) -> Iterator[HarvestedDocument]:
        """Yield each document with its text. One that cannot be fetched is yielded with its failure.

        Stop with a note when the service does not answer for several documents one after the other.
        """
        with ThreadPoolExecutor(MAX_CONNECTIONS) as pool:
            try:
                for document in documents:
                    yield self._fetch_document(document, pool)
                    if self.failed_documents >= MAX_FAILED_DOCUMENTS:
                        self.notes.append(
                            f"The harvest stopped, because the service answered for none of {MAX_FAILED_DOCUMENTS} "
                            "documents in a row. Run the command again later: it continues with these."
                        )
                        return
            except BaseException:  # the harvest is stopped, or the disk is full: nothing more is asked for
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _fetch_document(self, document: Document, pool: ThreadPoolExecutor) -> HarvestedDocument:
        sections = list_sections(document)
        futures = [pool.submit(self._fetch_text, identifier) for identifier, _ in sections]
        texts: dict[str, bytes] = {}
        failure, fetched, failures = "", 0, 0
        for (identifier, _), future in zip(sections, futures, strict=True):
            try:
                texts[identifier], was_fetched = future.result()
                fetched += was_fetched
                failures = 0
            except UnusableFolder:
                raise
            except CancelledError:
                pass  # the texts before it failed
            except SamsvarError as error:
                failure = failure or str(error.message)
                if isinstance(error, FetchFailed) and error.status in (0, *RETRIED_STATUSES):
                    failures += 1
                if failures >= MAX_FAILED_TEXTS:
                    for other in futures:
                        other.cancel()
        has_no_answer = failures > 0 and not texts
        self.failed_documents = self.failed_documents + 1 if has_no_answer else 0
        empty = tuple(identifier for identifier, text in texts.items() if not text)
        if not failure and len(empty) == len(sections):
            failure = "The service has no text for it."
        content = b"" if failure else assemble_document(self.site, document, texts)
        changes = tuple(change for section, _ in sections for change in self._list_title_changes(section))
        return HarvestedDocument(document, content, failure, empty, changes, fetched)

    def _fetch_text(self, identifier: str) -> tuple[bytes, bool]:
        """Return the text of a section, and whether it was fetched now; b"" if it stays empty.

        A text that was fetched earlier is never replaced by an empty one.
        """
        query = urlencode({"library": self.site.upper(), "id": identifier}, quote_via=quote)
        address = f"{self.server}/app/conversion/docx/html/body?{query}"
        latest, checked = self.snapshots.find_latest(address), self.snapshots.when_checked(address)
        versions = self.snapshots.list_item_versions(identifier)
        renamed = bool(checked and versions and versions[-1].at > checked)
        if latest and checked and self.now() - checked < self.recheck and not renamed:
            return self.snapshots.read(latest), False
        headers = latest.headers if latest else {}
        response = self.fetcher.fetch(
            address,
            etag=headers.get("etag", ""),
            last_modified=headers.get("last-modified", ""),
            is_usable=_has_text,
        )
        if response.status == 304 and latest:
            self.snapshots.record_unchanged(address, self.now())
        elif not _is_page(response):
            raise NotAPage(address, response.headers["content-type"])
        elif notice := _find_notice(response.content):
            raise TextUnavailable(address, notice)
        elif read_html_blocks(response.content):
            self.snapshots.save(address, response.content, response.headers, self.now())
            return response.content, True
        return (self.snapshots.read(latest), True) if latest else (b"", True)

    def _list_title_changes(self, identifier: str) -> Iterator[TitleChange]:
        versions = self.snapshots.list_item_versions(identifier)
        for before, after in pairwise(versions):
            if before.item.title != after.item.title:
                yield TitleChange(identifier, before.item.title, after.item.title, after.at)


def _unique(items: Iterable[PublishedMetadata]) -> tuple[PublishedMetadata, ...]:
    return tuple(dict.fromkeys(items))


def _merge_lists(
    lists: Sequence[tuple[Sequence[PublishedMetadata], bool]],
) -> tuple[tuple[PublishedMetadata, ...], tuple[str, ...]]:
    """Return the items of several lists, each once, and a note if one of them is cut."""
    cut = sum(is_cut for _, is_cut in lists)
    notes = (f"{cut} lists of a state stop at {most_items():,} items: documents may be missing.",) if cut else ()
    return _unique(item for items, _ in lists for item in items), notes


def _find_alpha3(code: str) -> str:
    """Return the three-letter code of a state, as the sites use it; the code itself if it is unknown."""
    return next((three for three, two in list_alpha3_codes().items() if two == code), code)


def _is_complete_feed(response: Response) -> bool:
    if len(response.content) > MAX_FEED_BYTES:
        return True  # it is reported as unsafe, and not asked for again
    try:
        parse_items(response.content)
    except UnreadableFeed:
        return False
    return True


def _has_items(response: Response) -> bool:
    """Return whether an answer is a list that is not empty."""
    return _is_complete_feed(response) and (
        len(response.content) > MAX_FEED_BYTES or bool(parse_items(response.content))
    )


def _has_text(response: Response) -> bool:
    """Return whether an answer contains text. The conversion service sometimes answers with nothing, or with tags."""
    return _is_page(response) and bool(read_html_blocks(response.content)) and not _find_notice(response.content)


def _find_notice(content: bytes) -> str:
    """Return the text of a page that only says that a document or the service is not available; "" for any other.

    No such page was seen (2026-11). It is taken to be short, to have no numbered paragraph, and to name what is missing
    ("The requested document is unavailable") or an error.
    """
    text = " ".join(block.text for block in read_html_blocks(content))
    is_notice = len(text) <= MAX_NOTICE_LENGTH and _NOTICE.search(text) and not _PARAGRAPH_NUMBER.match(text)
    return text if is_notice else ""


def _is_page(response: Response) -> bool:
    """Return whether an answer may be a page: anything that is not said to be data, an image or a file."""
    content_type = response.headers.get("content-type", "").strip().lower()
    return not content_type or content_type.startswith(("text/", "application/xhtml+xml"))


# --- Putting a document together --------------------------------------------------------------------------------------


def list_sections(document: Document) -> tuple[tuple[str, str], ...]:
    """Return the identifiers and headings of the texts that make up a document, in order, each identifier once."""
    whole = document.metadata.identifier if document.metadata else document.identifier
    sections = {_section_identifier(section): section.heading for section in document.sections}
    return tuple(sections.items()) or ((whole, ""),)


def _section_identifier(section: Section) -> str:
    return section.metadata.identifier if section.metadata else section.id


def assemble_document(site: str, document: Document, texts: Mapping[str, bytes]) -> bytes:
    """Return a document as one HTML page with only headings, paragraphs, emphasis and indents.

    The same texts under the same headings always give the same bytes, whatever styles and scripts the publisher's pages
    contain. `texts` are the sections' pages, by identifier.
    """
    parts = [
        f'<!doctype html>\n<html lang="{document.language}">',
        f'<head><meta charset="utf-8"><title>{html.escape(document_title(document))}</title></head>',
        "<body>",
        f"<h1>{html.escape(document_title(document))}</h1>",
        *(f"<p>{html.escape(line)}</p>" for line in _title_page_lines(site, document)),
    ]
    path: tuple[str, ...] = ()
    outlines = {_section_identifier(section): len(section.outline) for section in document.sections}
    for identifier, heading in list_sections(document):
        blocks = read_html_blocks(texts.get(identifier, b""))
        steps = tuple(filter(None, (step.strip() for step in heading.split(" / ")))) if " / " in heading else (heading,)
        shared = next(
            (n for n, (a, b) in enumerate(zip(path, steps, strict=False)) if a != b), min(len(path), len(steps))
        )
        top = max(outlines.get(identifier, 0), 1) + 1
        for depth, step in enumerate(steps):
            if step and (depth >= shared or depth == len(steps) - 1):
                level = min(top + depth, 6)
                parts.append(f"<h{level}>{html.escape(step)}</h{level}>")
        path, lowest = steps, min(top + len(steps) - 1, 6)
        parts += _format_blocks(_drop_repeated_heading(blocks, steps[-1]), lowest)
    return "\n".join([*parts, "</body>\n</html>\n"]).encode()


def document_title(document: Document) -> str:
    """Return a document's title as the publisher describes it, without the numbers of the sections."""
    description = document.metadata.description if document.metadata else document.identifier
    return " ".join(_COUNT.sub("", description).split())


def _title_page_lines(site: str, document: Document) -> Iterator[str]:
    yield site_settings(site)["name"]
    if document.state:
        yield territory_name(document.state)
    if document.reference:
        yield document.reference
    if document.published and document.published.earliest == document.published.latest:
        yield f"Published on {display_date(document.published.earliest)}"


def _drop_repeated_heading(blocks: Sequence[HtmlBlock], heading: str) -> Sequence[HtmlBlock]:
    """Return the blocks without a first one that repeats the heading, or all of it but the number of its chapter."""
    first = _letters(blocks[0].text) if blocks else ""
    repeats = len(first) * 2 > len(_letters(heading)) and _letters(heading).endswith(first)
    return blocks[1:] if first and repeats else blocks


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _format_blocks(blocks: Iterable[HtmlBlock], level: int) -> Iterator[str]:
    for block in blocks:
        if block.aside is not None:  # menus and the like, which are not the document's
            continue
        text = html.escape(block.text, quote=False)
        text = f"<b>{text}</b>" if block.bold else text
        text = f"<i>{text}</i>" if block.italic else text
        tag = f"h{min(level + block.level, 6)}" if block.level else "p"
        indent = min(block.indent, 20)
        yield f"{'<blockquote>' * indent}<{tag}>{text}</{tag}>{'</blockquote>' * indent}"
