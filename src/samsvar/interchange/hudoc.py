"""Import of HUDOC feeds as documents and sections, with errors corrected and the published values kept."""
# One module, because items, documents and articles are three steps of reading one format.

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import cache, partial
from typing import Any, cast
from urllib.parse import quote
from xml.parsers import expat

from samsvar.convention.provisions import find_article_numbers
from samsvar.convention.status import SourceConfidence
from samsvar.convention.treaty import ISTANBUL
from samsvar.dates import PartialDate
from samsvar.errors import InterchangeError
from samsvar.ids import stable_id
from samsvar.monitoring.catalogue import (
    Correction,
    Document,
    DocumentKind,
    PublishedMetadata,
    Section,
    SectionPlacement,
)
from samsvar.territories import code_by_name
from samsvar.text import read_data_file

MAX_FEED_BYTES = 64 * 1024 * 1024  # bytes; 2,000 items are 0.65 MB (2025-07)
MAX_FIELD_LENGTH = 20_000  # characters; the longest title seen has 175
MAX_DEPTH = 16  # levels of nested elements; a feed has four

Fetch = Callable[[str], bytes]  # URL → content; the caller sets time limits and request rates


class UnreadableFeed(InterchangeError):
    """Raised when the content is not an RSS feed."""

    advice = "Save the feed again from HUDOC, as RSS and not as HTML."

    def __init__(self, reason: str) -> None:
        super().__init__(f"This is not a HUDOC feed: {reason}")
        self.reason = reason


class UnsafeFeed(UnreadableFeed):
    """Raised when a feed declares entities or is built to exhaust memory; no HUDOC feed does either."""


class UnknownSite(InterchangeError):
    """Raised when a HUDOC site is not supported."""

    def __init__(self, site: str) -> None:
        sites = ", ".join(_load_settings()["sites"])
        super().__init__(f"“{site}” is not a supported HUDOC site.", advice=f"Choose one of {sites}.")
        self.site = site


@dataclass(frozen=True, slots=True)
class Feed:
    """The content of one feed, or of several feeds from one site. `flaws` counts its errors by name."""

    site: str
    items: int
    documents: tuple[Document, ...]
    flaws: tuple[tuple[str, int], ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(section for document in self.documents for section in document.sections)


# Names of flaws, in the order in which they are reported
FEED_TRUNCATED = "feed cut off at its limit: there may be more items"
DUPLICATE_ITEM = "duplicate item"
MISSING_DATE = "no date, or an impossible one"
MISSING_STATE = "no state printed"
WRONG_STATE = "printed state differs from the identifier"
EMPTY_HEADING = "empty heading"
UNEVEN_IDENTIFIER = "identifier with spaces, or inconsistent case or hyphens"
CONFLICTING_DATES = "sections of one document have different dates"
MISSING_SECTIONS = "sections missing that the publisher counts"
DUPLICATE_IDENTIFIER = "different items with the same identifier"
FLAWS = (
    FEED_TRUNCATED, DUPLICATE_ITEM, MISSING_DATE, MISSING_STATE, WRONG_STATE, EMPTY_HEADING, UNEVEN_IDENTIFIER,
    CONFLICTING_DATES, MISSING_SECTIONS, DUPLICATE_IDENTIFIER,
)  # fmt: skip


def read_feed(content: bytes, site: str) -> Feed:
    """Return the documents and sections of one feed.

    Raises UnreadableFeed, UnsafeFeed and UnknownSite; a feed is never read in part.
    """
    return _build_feed(list(_parse_items(content)), site)


def build_feed(items: Iterable[PublishedMetadata], site: str) -> Feed:
    """Return the documents of items that were parsed before. Raises UnknownSite."""
    return _build_feed(list(items), site)


def parse_items(content: bytes) -> tuple[PublishedMetadata, ...]:
    """Return every item of a feed as published. Raises UnreadableFeed or UnsafeFeed."""
    return tuple(_parse_items(content))


def site_settings(site: str) -> Mapping[str, Any]:
    """Return what is known of a site: its body, profile, name, key and addresses. Raises UnknownSite."""
    try:
        return cast("Mapping[str, Any]", _load_settings()["sites"][site])
    except KeyError as error:
        raise UnknownSite(site) from error


def known_sites() -> tuple[str, ...]:
    """Return the names of the sites that can be read."""
    return tuple(_load_settings()["sites"])


def list_alpha3_codes() -> Mapping[str, str]:
    """Return the two-letter codes of states by the three-letter codes that the sites use."""
    return cast("Mapping[str, str]", _load_settings()["greta"]["states"])


def most_items() -> int:
    """Return the number of items at which a feed stops without saying so."""
    return int(_load_settings()["most_items"])


def read_feeds(fetch: Fetch, site: str, addresses: Iterable[str]) -> Feed:
    """Read several feeds of one site as one. Use it if the feed of the whole site is cut off at its item limit.

    `fetch` is called once for each URL, in order. Items that occur in several feeds are counted once, and not as a
    flaw.
    """
    slices = [list(_parse_items(fetch(address))) for address in addresses]
    truncated = any(len(part) == _load_settings()["most_items"] for part in slices)
    items = list(dict.fromkeys(item for part in slices for item in part))
    feed = _build_feed(items, site)
    flaws = dict(feed.flaws) | ({FEED_TRUNCATED: 1} if truncated else {})
    if not truncated:
        flaws.pop(FEED_TRUNCATED, None)
    return replace(feed, flaws=_sort_flaws(flaws))


def _build_feed(items: Sequence[PublishedMetadata], site: str) -> Feed:
    """Group items into documents, with their sections in order and placed under articles; count the flaws."""
    if site not in _load_settings()["sites"]:
        raise UnknownSite(site)
    flaws: Counter[str] = Counter()
    if len(items) == _load_settings()["most_items"]:
        flaws[FEED_TRUNCATED] = 1
    unique = list(dict.fromkeys(items))
    flaws[DUPLICATE_ITEM] = len(items) - len(unique)
    parse_item = {"grevio": _parse_grevio_item, "greta": _parse_greta_item}.get(site, partial(_parse_other_item, site))
    grouped: dict[str, list[_FeedItem]] = {}
    for printed in unique:
        item = parse_item(printed)
        grouped.setdefault(item.key, []).append(item)
    documents = [_build_document(site, group, flaws) for group in grouped.values()]
    documents.sort(key=lambda document: (document.state or "", str(document.published or ""), document.identifier))
    return Feed(site, len(items), tuple(documents), _sort_flaws(flaws))


def _sort_flaws(flaws: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((flaw, flaws[flaw]) for flaw in FLAWS if flaws.get(flaw))


# --- Parsing the feed -------------------------------------------------------------------------------------------------


def _parse_items(content: bytes) -> Iterator[PublishedMetadata]:
    """Return every item of an RSS feed as published.

    Feeds with entities or document types are rejected before anything is expanded.
    """
    if len(content) > MAX_FEED_BYTES:
        raise UnsafeFeed(f"it is larger than {MAX_FEED_BYTES // 1024 // 1024} MB.")
    reader = _FeedHandler()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _reject_doctype
    parser.EntityDeclHandler = _reject_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.add_text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UnreadableFeed(f"{expat.errors.messages.get(error.code, 'invalid XML')}, line {error.lineno}.") from error
    except (LookupError, UnicodeError) as encoding:
        raise UnreadableFeed("its encoding is unknown or wrong.") from encoding
    if not reader.is_feed:
        raise UnreadableFeed("it has no <rss> or no <channel>.")
    return iter(reader.items)


def _reject_doctype(*_: object) -> None:
    raise UnsafeFeed("it declares a document type or entities.")


class _FeedHandler:
    """Expat handlers that collect the items of a feed."""

    def __init__(self) -> None:
        self.items: list[PublishedMetadata] = []
        self.path: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.length = 0
        self.is_feed = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.path.append(name)
        if len(self.path) > MAX_DEPTH:
            raise UnsafeFeed("its elements are nested too deeply.")
        self.is_feed = self.is_feed or self.path == ["rss", "channel"]
        if self.path == _ITEM:
            self.fields = {}
        self.length = 0

    def add_text(self, piece: str) -> None:
        if self.path[:-1] == _ITEM:
            self.length += len(piece)
            if self.length > MAX_FIELD_LENGTH:
                raise UnsafeFeed(f"its field <{self.path[-1]}> is longer than {MAX_FIELD_LENGTH:,} characters.")
            self.fields.setdefault(self.path[-1], []).append(piece)

    def end(self, _name: str) -> None:
        if self.path == _ITEM:
            title, description, date, link = ("".join(self.fields.get(key, ())) for key in _KEYS)
            self.items.append(PublishedMetadata(_find_identifier(link), title, description, date, link))
        self.path.pop()


_ITEM = ["rss", "channel", "item"]
_KEYS = ("title", "description", "pubDate", "link")
_BEFORE_IDENTIFIER = re.compile(r'\[\s*+"')


def _find_identifier(link: str) -> str:
    """Return the identifier at the end of a link, as in `{"fulltext":["NOR-REP-3"]}`; "" if it has none."""
    rest = link.rstrip().removesuffix("}").rstrip()
    if not rest.endswith("]"):
        return ""
    rest = rest[:-1].rstrip()
    opening = _BEFORE_IDENTIFIER.search(rest)
    return rest[opening.end() : -1] if opening and rest.endswith('"') and opening.end() < len(rest) else ""


# --- One item ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _FeedItem:
    """A feed item with the values in its identifier and description; `number` 0 is the whole document."""

    metadata: PublishedMetadata
    key: str  # groups a document's items: identifier without section, spaces, case, hyphens
    base_identifier: str  # the identifier without its section, as published
    state: str | None  # according to the identifier
    printed_state: str  # according to the description
    kind: DocumentKind
    procedure: str | None
    reference: str | None
    language: str
    number: int
    total: int | None


_SECTION = re.compile(r"-(\d{1,4})\s*+$")
_COUNT = re.compile(r"(\d{1,4})\s*+(?:/\s*+(\d{1,4})\s*+)?$")
_REFERENCE = re.compile(r"GREVIO\s*+(?:[-/]\s*+)?(Inf)?\s*+\(?(\d{4})\)\s*+(\d+)", re.IGNORECASE)


def _parse_grevio_item(printed: PublishedMetadata) -> _FeedItem:
    """Parse a GREVIO item.

    Its identifier is, for example, "GREVIO-Inf(2022)30_Norway_Baseline_Evaluation_Report_Eng-7", and its description
    "Baseline … NORWAY - 7/62".
    """
    section, count = _SECTION.search(printed.identifier), _COUNT.search(printed.description)
    base = printed.identifier[: section.start()] if section else printed.identifier
    flat_identifier = _normalise_words(base)
    description = " ".join(printed.description[: count.start() if count else None].split())
    searchable_text = f"{flat_identifier} {_normalise_words(description)}"
    reference = _REFERENCE.search(base)
    return _FeedItem(
        metadata=printed,
        key=normalise_identifier(base) or stable_id(printed.title, printed.description, printed.date),
        base_identifier=base,
        state=code_by_name(_find_state_name(flat_identifier.split(" "))),
        printed_state=_find_state_name(re.split(r"[\s\-–]+", description)),
        kind=DocumentKind(_find_matching_setting("kinds", searchable_text, "kind") or DocumentKind.REPORT),
        procedure=_find_matching_setting("procedures", searchable_text, "procedure"),
        reference=f"GREVIO{'/Inf' if reference[1] else ''}({reference[2]}){reference[3]}" if reference else None,
        language=next(
            (code for mark, code in _load_settings()["languages"].items() if mark in flat_identifier.split(" ")), "en"
        ),
        number=int(section[1]) if section else int(count[1]) if count else 0,
        total=int(count[2]) if count and count[2] else None,
    )


_GRETA = re.compile(
    r"(?:(?P<state>[A-Z]{3})-)?(?P<kind>[A-Z]{3})-(?P<round>\d*)-(?P<year>\d{0,4})-(?P<number>.*?)-(?P<language>[A-Z]{3})"
    r"(?:-(?P<section>\d{1,4}))?\s*",
    re.DOTALL,
)


def _parse_greta_item(printed: PublishedMetadata) -> _FeedItem:
    """Parse a GRETA item: identifier "NOR-REP-3-2022-07-ENG-12", description "3 - Norway - Country Reports"."""
    data, match = _load_settings()["greta"], _GRETA.fullmatch(printed.identifier)
    parts: Mapping[str, str | None] = match.groupdict() if match else {}
    section = parts.get("section")
    base = printed.identifier[: match.start("section") - 1] if match and section else printed.identifier
    description_parts = [part.strip() for part in printed.description.split(" - ")]
    return _FeedItem(
        metadata=printed,
        key=normalise_identifier(base) or stable_id(printed.title, printed.description, printed.date),
        base_identifier=base,
        state=data["states"].get(parts.get("state") or ""),
        printed_state=next((part for part in description_parts if code_by_name(part)), ""),
        kind=DocumentKind(data["kinds"].get(parts.get("kind") or "", DocumentKind.REPORT)),
        procedure=data["rounds"].get(parts.get("round") or ""),
        reference=None,
        language=_load_settings()["languages"].get((parts.get("language") or "eng").lower(), "en"),
        number=int(section) if section else 0,
        total=None,
    )


def _parse_other_item(site: str, printed: PublishedMetadata) -> _FeedItem:
    """Parse an item of another site: identifier "p-ltu-20240212-en-3", description "Lithuania: visit 2024 - 3/12".

    ECRI's are whole documents: "NOR-CbC-VI-2024-28-ENG", "VI - Norway - Country Reports".
    """
    data = _load_settings()
    section = None if data["sites"][site].get("whole") else _SECTION.search(printed.identifier)
    count = _COUNT.search(printed.description)
    base = printed.identifier[: section.start()] if section else printed.identifier
    words = _normalise_words(base).split(" ")
    searchable_text = f"{' '.join(words)} {_normalise_words(printed.description)}"
    return _FeedItem(
        metadata=printed,
        key=normalise_identifier(base) or stable_id(printed.title, printed.description, printed.date),
        base_identifier=base,
        state=next((data["greta"]["states"].get(word.upper()) for word in words[:2] if len(word) == 3), None),
        printed_state=_find_state_name(re.split(r"[\s:\-–]+", printed.description)),
        kind=DocumentKind(_find_matching_setting("kinds", searchable_text, "kind") or DocumentKind.REPORT),
        procedure=None,
        reference=None,
        language=next((data["languages"][word] for word in reversed(words) if word in data["languages"]), "en"),
        number=int(section[1]) if section else 0,
        total=int(count[2]) if section and count and count[2] else None,
    )


def is_document(item: PublishedMetadata) -> bool:
    """Return whether a feed item is a document of the body's work, and not a press release."""
    description = _normalise_words(item.description)
    return not any(words in description for words in _load_settings()["not_documents"]["words"])


def _normalise_words(text: str) -> str:
    """Return lower-case words separated by single spaces: "_Final_version-HUDOC" → "final version hudoc"."""
    return " ".join(re.split(r"[\s_\-–]+", text.lower())).strip()


def normalise_identifier(identifier: str) -> str:
    """Return the identifier without what the publisher writes inconsistently: case, spaces, hyphens and slashes."""
    return re.sub(r"[\s_\-–/]+", "", identifier).casefold()


def _find_state_name(words: Sequence[str]) -> str:
    """Return the longest run of words that is a state's name; "" if there is none."""
    words = [word for word in words if word]
    for length in range(min(5, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            if code_by_name(name := " ".join(words[start : start + length])):
                return name
    return ""


def _find_matching_setting(table: str, text: str, value: str) -> str | None:
    """Return column `value` of the first row in a settings table with a word that occurs in the text, else None."""
    return next((row[value] for row in _load_settings()[table] if any(word in text for word in row["words"])), None)


# --- One document -----------------------------------------------------------------------------------------------------


def _build_document(site: str, items: Sequence[_FeedItem], flaws: Counter[str]) -> Document:
    """Build a document from its items, and count its flaws in `flaws`."""
    main_item = next((item for item in items if item.number == 0), items[0])
    state, corrections = _resolve_state(items, flaws)
    published = _resolve_date(items, flaws, corrections)
    sections = _place_under_articles(_build_sections(site, [item for item in items if item.number], flaws), site)
    expected = max((item.total for item in items if item.total), default=None)
    flaw_names = list(_find_document_flaws(items, sections, expected))
    flaws.update(flaw_names)
    return Document(
        id=stable_id("hudoc", site, main_item.base_identifier),
        body=_load_settings()["sites"][site]["body"],
        state=state,
        procedure=main_item.procedure,
        kind=main_item.kind,
        reference=main_item.reference,
        published=published,
        language=main_item.language,
        link=_hudoc_url(site, main_item.metadata.identifier),
        source=_load_settings()["sites"][site]["address"],
        confidence=SourceConfidence.CONFIRMED,
        identifier=main_item.base_identifier,
        sections=sections,
        expected_sections=expected,
        corrections=tuple(corrections),
        flaws=tuple(flaw_names),
        metadata=replace(main_item.metadata, state=main_item.printed_state),
    )


def _resolve_state(items: Sequence[_FeedItem], flaws: Counter[str]) -> tuple[str | None, list[Correction]]:
    """Return a document's state and the corrections to the published names.

    The state is the one in the identifier, else the most common name in the items. Items without a name get this state.
    """
    flaws[MISSING_STATE] += sum(not item.printed_state for item in items)
    flaws[WRONG_STATE] += sum(_has_wrong_state(item) for item in items)
    identifier_state = next((item.state for item in items if item.state), None)
    printed = Counter(item.printed_state for item in items if item.printed_state)
    state = identifier_state or (code_by_name(printed.most_common(1)[0][0]) if printed else None)
    if state is None:
        return None, []
    reason = "its identifier names the state" if identifier_state else "other sections of the document name the state"
    wrong_names = [name for name in printed if code_by_name(name) != state]
    missing = [""] if any(not item.printed_state for item in items) else []
    return state, [Correction("state", name, state, reason) for name in (*wrong_names, *missing)]


def _has_wrong_state(item: _FeedItem) -> bool:
    return bool(item.state and item.printed_state and code_by_name(item.printed_state) != item.state)


def _resolve_date(items: Sequence[_FeedItem], flaws: Counter[str], corrections: list[Correction]) -> PartialDate | None:
    """Return the most common valid date of the document's items; None if there is none."""
    dates = [_parse_date(item.metadata.date) for item in items]
    flaws[MISSING_DATE] += dates.count(None)
    valid_dates = Counter(date for date in dates if date)
    flaws[CONFLICTING_DATES] += len(valid_dates) > 1
    for item, date in zip(items, dates, strict=True):
        if date is None and item.number == 0:
            corrections.append(Correction("date", item.metadata.date, "", "no document is that old"))
    return valid_dates.most_common(1)[0][0] if valid_dates else None


FIRST_YEAR = 2009  # the year in which GRETA started work; an earlier date means “unknown” (HUDOC prints the year 1)


def _parse_date(printed: str) -> PartialDate | None:
    try:
        parsed = parsedate_to_datetime(printed)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return PartialDate(parsed.year, parsed.month, parsed.day) if parsed.year >= FIRST_YEAR else None


def _find_document_flaws(
    items: Sequence[_FeedItem], sections: Sequence[Section], expected: int | None
) -> Iterator[str]:
    """Yield the flaws that concern a document as a whole."""
    bases = {item.base_identifier for item in items}
    if len(bases) > 1 or any(" " in base.strip() for base in bases):
        yield UNEVEN_IDENTIFIER
    if expected is not None and {section.number for section in sections} != set(range(1, expected + 1)):
        yield MISSING_SECTIONS


def _build_sections(site: str, items: Sequence[_FeedItem], flaws: Counter[str]) -> list[Section]:
    """Build the sections of a document in order of their numbers, not yet placed under articles."""
    sections: list[Section] = []
    used_ids: set[str] = set()
    for item in sorted(items, key=lambda item: (item.number, item.metadata.title)):
        identifier = stable_id("hudoc", site, item.metadata.identifier)
        if identifier in used_ids:
            flaws[DUPLICATE_IDENTIFIER] += 1
            identifier = stable_id("hudoc", site, item.metadata.identifier, item.metadata.title, item.metadata.date)
        used_ids.add(identifier)
        heading = " ".join(item.metadata.title.split())
        flaws[EMPTY_HEADING] += not heading
        sections.append(
            Section(
                id=identifier,
                number=item.number,
                total=item.total,
                heading=heading,
                outline=(),
                articles=(),
                placement=SectionPlacement.NOT,
                probable_articles=(),
                link=_hudoc_url(site, item.metadata.identifier),
                metadata=replace(item.metadata, state=item.printed_state),
            )
        )
    return sections


def _hudoc_url(site: str, identifier: str) -> str:
    """Return the URL of a document or section, with the quotes and spaces of the publisher's URL escaped."""
    settings = _load_settings()["sites"][site]
    return f"{settings['address']}#{quote(f'{{"{settings["key"]}":["{identifier}"]}}', safe='()/:{}[]')}"


# --- Articles ---------------------------------------------------------------------------------------------------------

_ROMAN = re.compile(r"[IVX]+")
_STEP = re.compile(
    r"\s*(?P<step>[IVX]+|[A-Z]|\d{1,2}|[ivx]+|[a-z])(?:\s*[./](?!\w*\))\s*|(?<=[IVXA-Z])\s*(?=\d{1,2}\s*\.))"
)


def parse_outline(heading: str) -> tuple[str, ...]:
    """Return the outline number of a heading: "III. A. 3. Training" → ("III", "A", "3"); () if it has none."""
    return tuple(match["step"] for match in _iter_outline_steps(heading))


def _iter_outline_steps(heading: str) -> Iterator[re.Match[str]]:
    position = 0
    while match := _STEP.match(heading, position):
        yield match
        position = match.end()


def _place_under_articles(sections: Sequence[Section], site: str) -> tuple[Section, ...]:
    """Place sections under the articles named in their own heading, or else in their parent heading.

    On the GREVIO site, the other sections get probable articles.
    """
    last = _load_settings()["sites"][site].get("last_article", 0)
    articles_by_outline: dict[tuple[str, ...], tuple[str, ...]] = {}
    chapter = ""
    placed_sections = []
    for section in sections:
        outline = parse_outline(section.heading)
        if outline and _ROMAN.fullmatch(outline[0]):
            chapter = outline[0]
        elif outline and chapter:  # "F. Telephone helplines" between "IV. E." and "IV. G." continues the chapter
            outline = (chapter, *outline)
        own_articles = find_article_numbers(section.heading, last)
        articles, placed = own_articles, SectionPlacement.BY_HEADING
        if not own_articles:
            articles = articles_by_outline[outline[:-1]] if _has_parent(outline, articles_by_outline) else ()
            placed = SectionPlacement.BY_HEADING_ABOVE if articles else SectionPlacement.NOT
        if outline:
            articles_by_outline[outline] = articles
        placed_sections.append(replace(section, outline=outline, articles=articles, placement=placed))
    return tuple(_add_probable_articles(placed_sections)) if site == "grevio" else tuple(placed_sections)


def _has_parent(outline: tuple[str, ...], articles_by_outline: Mapping[tuple[str, ...], tuple[str, ...]]) -> bool:
    """Return whether the heading one level up in the outline is really the section's parent.

    A chapter heading that follows sections of the same chapter is in fact a section whose number is incomplete ("IV.
    Investigations (Articles 22, 23 and 27)" between IV.6 and IV.8), and has no sub-sections.
    """
    parent = outline[:-1]
    earlier_outlines = list(articles_by_outline)
    if parent not in articles_by_outline:
        return False
    return len(parent) > 1 or not any(
        one[: len(parent)] == parent for one in earlier_outlines[: earlier_outlines.index(parent)]
    )


def _add_probable_articles(sections: Sequence[Section]) -> Iterator[Section]:
    """Yield the sections, with probable articles for those that are not placed.

    Probable articles are those under which sections with this heading are usually placed. If there are none, a
    sub-section gets the only article of its chapter that is left between the neighbouring sections, because GREVIO's
    chapters are those of the Convention and follow its order. If the two methods contradict each other, no article is
    added.
    """
    for position, section in enumerate(sections):
        # a chapter covers all of its articles
        if section.placement is not SectionPlacement.NOT or len(section.outline) < 2:
            yield section
            continue
        between = _articles_between_neighbours(sections, position)
        usual = tuple(_load_settings()["usual"].get(_strip_outline(section.heading), "").split())
        if usual:
            probable = usual if not between or between & set(usual) else ()
        else:
            probable = tuple(between) if len(between) == 1 and len(section.outline) > 2 else ()
        yield replace(section, probable_articles=probable)


def _articles_between_neighbours(sections: Sequence[Section], position: int) -> set[str]:
    """Return the articles of the section's chapter that lie between those of the sections before and after it."""
    chapter = sections[position].outline[0]
    chapter_articles = next((one.articles for one in ISTANBUL.chapters if one.number == chapter), ())
    numbers = [int(number) for number in chapter_articles]
    if not numbers:
        return set()
    before = [int(n) for one in sections[:position] for n in one.articles if n in chapter_articles]
    after = [int(n) for one in sections[position + 1 :] for n in one.articles if n in chapter_articles]
    if not before:  # the first section of a chapter may be about the whole chapter
        return set()
    low, high = max(before), min(after, default=numbers[-1] + 1)
    return {str(number) for number in numbers if low < number < high}


def _strip_outline(heading: str) -> str:
    """Return a heading in lower case, without its outline number."""
    end = max((match.end() for match in _iter_outline_steps(heading)), default=0)
    return heading[end:].strip().lower()


@cache
def _load_settings() -> dict[str, Any]:
    return tomllib.loads(read_data_file("samsvar.interchange", "hudoc.toml"))
