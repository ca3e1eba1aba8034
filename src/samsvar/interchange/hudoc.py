"""HUDOC's feeds as documents and sections: what it prints, set right where it is wrong, with both side by side."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote
from xml.parsers import expat

from samsvar.convention.provisions import articles_named
from samsvar.convention.status import Confidence
from samsvar.convention.treaty import ISTANBUL
from samsvar.dates import PartialDate
from samsvar.errors import InterchangeError
from samsvar.ids import stable_id
from samsvar.monitoring.catalogue import Correction, Document, Kind, Placed, Printed, Section
from samsvar.territories import code_of

LARGEST_FEED = 64 * 1024 * 1024  # bytes; 2,000 items are 0.65 MB (2025-07)
LONGEST_FIELD = 20_000  # characters; the longest title seen has 175
DEEPEST = 16  # elements inside each other; a feed has four

Fetch = Callable[[str], bytes]  # an address to the bytes that stand there; the caller owns time limits and manners


class UnreadableFeed(InterchangeError):
    """The bytes are no RSS feed."""

    code = "unreadable_feed"
    advice = "Save the feed again as HUDOC gives it (RSS, not HTML)."

    def __init__(self, why: str) -> None:
        super().__init__(f"This is no HUDOC feed: {why}")
        self.why = why


class UnsafeFeed(UnreadableFeed):
    """The feed declares entities or is built to exhaust memory; no feed of HUDOC does."""

    code = "unsafe_feed"


class UnknownSite(InterchangeError):
    """A HUDOC that we do not know how to read."""

    code = "unknown_site"

    def __init__(self, site: str) -> None:
        super().__init__(
            f"“{site}” is no HUDOC site that we read.", advice=f"Choose one of {', '.join(_data()['sites'])}."
        )
        self.site = site


@dataclass(frozen=True, slots=True)
class Feed:
    """What one feed, or several of one site, told. `flaws` counts what is wrong with it, by the flaw's name."""

    site: str
    items: int
    documents: tuple[Document, ...]
    flaws: tuple[tuple[str, int], ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(section for document in self.documents for section in document.sections)


# The names of flaws, in the order in which they are told
STOPS = "feed stops at its limit: more may exist"
REPEATED = "item given twice"
NO_DATE = "no date, or one that cannot be"
NO_STATE = "no state printed"
WRONG_STATE = "printed state is not the identifier’s"
EMPTY_HEADING = "empty heading"
UNEVEN = "identifier with blanks, or in uneven case or hyphens"
TWO_DATES = "sections of one document have different dates"
MISSING = "sections missing that the publisher counts"
SAME_NAME = "different items under one identifier"
FLAWS = (STOPS, REPEATED, NO_DATE, NO_STATE, WRONG_STATE, EMPTY_HEADING, UNEVEN, TWO_DATES, MISSING, SAME_NAME)


def read_feed(content: bytes, site: str) -> Feed:
    """The documents and sections of one feed. Raises UnreadableFeed, UnsafeFeed and UnknownSite; never reads a part."""
    return _feed(list(_items(content)), site)


def harvest(fetch: Fetch, site: str, addresses: Iterable[str]) -> Feed:
    """Several feeds of one site as one, so that slices below the limit make up for a feed that stops.

    `fetch` gets each address once, in order. Items that several slices share count once and are no flaw.
    """
    slices = [list(_items(fetch(address))) for address in addresses]
    stopped = any(len(part) == _data()["most_items"] for part in slices)
    items = list(dict.fromkeys(item for part in slices for item in part))
    feed = _feed(items, site)
    flaws = dict(feed.flaws) | ({STOPS: 1} if stopped else {})
    if not stopped:
        flaws.pop(STOPS, None)
    return replace(feed, flaws=_ordered(flaws))


def _feed(items: Sequence[Printed], site: str) -> Feed:
    """Items → documents, each with its sections in order and placed under articles."""
    if site not in _data()["sites"]:
        raise UnknownSite(site)
    flaws: Counter[str] = Counter()
    if len(items) == _data()["most_items"]:
        flaws[STOPS] = 1
    unique = list(dict.fromkeys(items))
    flaws[REPEATED] = len(items) - len(unique)
    read = _read_grevio if site == "grevio" else _read_greta
    grouped: dict[str, list[_Item]] = {}
    for printed in unique:
        item = read(printed)
        grouped.setdefault(item.key, []).append(item)
    documents = [_document(site, group, flaws) for group in grouped.values()]
    documents.sort(key=lambda document: (document.state or "", str(document.published or ""), document.identifier))
    return Feed(site, len(items), tuple(documents), _ordered(flaws))


def _ordered(flaws: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((flaw, flaws[flaw]) for flaw in FLAWS if flaws.get(flaw))


# --- The feed's bytes -----------------------------------------------------------------------------------------


def _items(content: bytes) -> Iterator[Printed]:
    """Every item of an RSS feed, as printed. Entities and document types are refused before anything is expanded."""
    if len(content) > LARGEST_FEED:
        raise UnsafeFeed(f"it is larger than {LARGEST_FEED // 1024 // 1024} MB.")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as broken:
        raise UnreadableFeed(
            f"{expat.errors.messages.get(broken.code, 'broken XML')}, line {broken.lineno}."
        ) from broken
    except (LookupError, UnicodeError) as encoding:
        raise UnreadableFeed("its encoding is unknown or wrong.") from encoding
    if not reader.is_feed:
        raise UnreadableFeed("it has no <rss> or no <channel>.")
    return iter(reader.items)


def _refuse_doctype(*_: object) -> None:
    raise UnsafeFeed("it declares a document type or entities.")


class _Reader:
    """Collects the items while expat walks through the feed."""

    def __init__(self) -> None:
        self.items: list[Printed] = []
        self.path: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.length = 0
        self.is_feed = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.path.append(name)
        if len(self.path) > DEEPEST:
            raise UnsafeFeed("its elements stand too deep inside each other.")
        self.is_feed = self.is_feed or self.path == ["rss", "channel"]
        if self.path == _ITEM:
            self.fields = {}
        self.length = 0

    def text(self, piece: str) -> None:
        if self.path[:-1] == _ITEM:
            self.length += len(piece)
            if self.length > LONGEST_FIELD:
                raise UnsafeFeed(f"its field <{self.path[-1]}> is longer than {LONGEST_FIELD:,} characters.")
            self.fields.setdefault(self.path[-1], []).append(piece)

    def end(self, _name: str) -> None:
        if self.path == _ITEM:
            title, description, date, link = ("".join(self.fields.get(key, ())) for key in _KEYS)
            found = _IDENTIFIER.search(link)
            self.items.append(Printed(found[1] if found else "", title, description, date, link))
        self.path.pop()


_ITEM = ["rss", "channel", "item"]
_KEYS = ("title", "description", "pubDate", "link")
_IDENTIFIER = re.compile(r'\[\s*"(.*?)"\s*\]\s*\}?\s*$', re.DOTALL)


# --- One item ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Item:
    """An item with what its identifier and description say; `number` 0 is the whole document."""

    printed: Printed
    key: str  # of its document: the identifier without section, blanks, case and hyphens
    base: str  # the identifier without its section, as printed
    state: str | None  # of the identifier
    state_printed: str  # of the description
    kind: Kind
    procedure: str | None
    reference: str | None
    language: str
    number: int
    of: int | None


_SECTION = re.compile(r"-(\d{1,4})\s*$")
_COUNT = re.compile(r"(\d{1,4})\s*(?:/\s*(\d{1,4}))?\s*$")
_REFERENCE = re.compile(r"GREVIO\s*[-/ ]?\s*(Inf)?\s*\(?(\d{4})\)\s*(\d+)", re.IGNORECASE)


def _read_grevio(printed: Printed) -> _Item:
    """GREVIO: "GREVIO-Inf(2022)30_Norway_Baseline_Evaluation_Report_Eng-7", "Baseline … NORWAY - 7/62"."""
    section, count = _SECTION.search(printed.identifier), _COUNT.search(printed.description)
    base = printed.identifier[: section.start()] if section else printed.identifier
    flat, description = _flat(base), " ".join(printed.description[: count.start() if count else None].split())
    about = f"{flat} {_flat(description)}"
    reference = _REFERENCE.search(base)
    return _Item(
        printed=printed,
        key=_even(base) or stable_id(printed.title, printed.description, printed.date),
        base=base,
        state=code_of(_state_within(flat.split(" "))),
        state_printed=_state_within(re.split(r"[\s\-–]+", description)),
        kind=Kind(_first("kinds", about, "kind") or Kind.REPORT),
        procedure=_first("procedures", about, "procedure"),
        reference=f"GREVIO{'/Inf' if reference[1] else ''}({reference[2]}){reference[3]}" if reference else None,
        language=next((code for mark, code in _data()["languages"].items() if mark in flat.split(" ")), "en"),
        number=int(section[1]) if section else int(count[1]) if count else 0,
        of=int(count[2]) if count and count[2] else None,
    )


_GRETA = re.compile(
    r"(?:(?P<state>[A-Z]{3})-)?(?P<kind>[A-Z]{3})-(?P<round>\d*)-(?P<year>\d{0,4})-(?P<number>.*?)-(?P<language>[A-Z]{3})"
    r"(?:-(?P<section>\d{1,4}))?\s*",
    re.DOTALL,
)


def _read_greta(printed: Printed) -> _Item:
    """GRETA: "NOR-REP-3-2022-07-ENG-12", "3 - Norway - Country Reports"."""
    data, found = _data()["greta"], _GRETA.fullmatch(printed.identifier)
    parts: Mapping[str, str | None] = found.groupdict() if found else {}
    section = parts.get("section")
    base = printed.identifier[: found.start("section") - 1] if found and section else printed.identifier
    middle = [part.strip() for part in printed.description.split(" - ")]
    return _Item(
        printed=printed,
        key=_even(base) or stable_id(printed.title, printed.description, printed.date),
        base=base,
        state=data["states"].get(parts.get("state") or ""),
        state_printed=next((part for part in middle if code_of(part)), ""),
        kind=Kind(data["kinds"].get(parts.get("kind") or "", Kind.REPORT)),
        procedure=data["rounds"].get(parts.get("round") or ""),
        reference=None,
        language=_data()["languages"].get((parts.get("language") or "eng").lower(), "en"),
        number=int(section) if section else 0,
        of=None,
    )


def _flat(text: str) -> str:
    """Lower case, words parted by single blanks: "_Final_version-HUDOC" → "final version hudoc"."""
    return " ".join(re.split(r"[\s_\-–]+", text.lower())).strip()


def _even(identifier: str) -> str:
    """The identifier without what the publisher does unevenly: case, blanks, hyphens, underscores, strokes."""
    return re.sub(r"[\s_\-–/]+", "", identifier).casefold()


def _state_within(words: Sequence[str]) -> str:
    """The longest run of words that is a state's name; "" where there is none."""
    words = [word for word in words if word]
    for length in range(min(5, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            if code_of(name := " ".join(words[start : start + length])):
                return name
    return ""


def _first(table: str, text: str, value: str) -> str | None:
    """The value of the first row of a table one of whose words the text has."""
    return next((row[value] for row in _data()[table] if any(word in text for word in row["words"])), None)


# --- One document -------------------------------------------------------------------------------------------------


def _document(site: str, items: Sequence[_Item], flaws: Counter[str]) -> Document:
    """The items of one document as a value, and what is wrong with them added to `flaws`."""
    whole = next((item for item in items if item.number == 0), items[0])
    state, corrections = _state_of(items, flaws)
    published = _date_of(items, flaws, corrections)
    sections = _placed(_sections(site, [item for item in items if item.number], flaws), site)
    expected = max((item.of for item in items if item.of), default=None)
    own = [flaw for flaw, found in _own_flaws(items, sections, expected).items() if found]
    flaws.update(own)
    return Document(
        id=stable_id("hudoc", site, whole.base),
        body=_data()["sites"][site]["body"],
        state=state,
        procedure=whole.procedure,
        kind=whole.kind,
        reference=whole.reference,
        published=published,
        language=whole.language,
        link=_link(site, whole.printed.identifier),
        source=_data()["sites"][site]["address"],
        confidence=Confidence.CONFIRMED,
        identifier=whole.base,
        sections=sections,
        expected_sections=expected,
        corrections=tuple(corrections),
        flaws=tuple(own),
        printed=replace(whole.printed, state=whole.state_printed),
    )


def _state_of(items: Sequence[_Item], flaws: Counter[str]) -> tuple[str | None, list[Correction]]:
    """The state of a document: its identifier's; else the one that its items print; sections without one inherit it."""
    flaws[NO_STATE] += sum(not item.state_printed for item in items)
    flaws[WRONG_STATE] += sum(_contradicts(item) for item in items)
    of_identifier = next((item.state for item in items if item.state), None)
    printed = Counter(item.state_printed for item in items if item.state_printed)
    state = of_identifier or (code_of(printed.most_common(1)[0][0]) if printed else None)
    if state is None:
        return None, []
    why = "its identifier names the state" if of_identifier else "other sections of the document name the state"
    wrong = [name for name in printed if code_of(name) != state]
    missing = [""] if any(not item.state_printed for item in items) else []
    return state, [Correction("state", name, state, why) for name in (*wrong, *missing)]


def _contradicts(item: _Item) -> bool:
    return bool(item.state and item.state_printed and code_of(item.state_printed) != item.state)


def _date_of(items: Sequence[_Item], flaws: Counter[str], corrections: list[Correction]) -> PartialDate | None:
    """The date that most items of the document have; None where they have none that can be."""
    dates = [_date(item.printed.date) for item in items]
    flaws[NO_DATE] += dates.count(None)
    known = Counter(date for date in dates if date)
    flaws[TWO_DATES] += len(known) > 1
    for item, date in zip(items, dates, strict=True):
        if date is None and item.number == 0:
            corrections.append(Correction("date", item.printed.date, "", "no document is so old"))
    return known.most_common(1)[0][0] if known else None


FIRST_YEAR = 2009  # GRETA began to work; a date before is a date that is not known (HUDOC prints the year 1)


def _date(printed: str) -> PartialDate | None:
    try:
        read = parsedate_to_datetime(printed)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return PartialDate(read.year, read.month, read.day) if read.year >= FIRST_YEAR else None


def _own_flaws(items: Sequence[_Item], sections: Sequence[Section], expected: int | None) -> dict[str, bool]:
    """What is wrong with a document as a whole."""
    bases = {item.base for item in items}
    return {
        UNEVEN: len(bases) > 1 or any(" " in base.strip() for base in bases),
        MISSING: expected is not None and {section.number for section in sections} != set(range(1, expected + 1)),
    }


def _sections(site: str, items: Sequence[_Item], flaws: Counter[str]) -> list[Section]:
    """The sections of a document by their numbers, not yet placed."""
    found: list[Section] = []
    taken: set[str] = set()
    for item in sorted(items, key=lambda item: (item.number, item.printed.title)):
        identifier = stable_id("hudoc", site, item.printed.identifier)
        if identifier in taken:
            flaws[SAME_NAME] += 1
            identifier = stable_id("hudoc", site, item.printed.identifier, item.printed.title, item.printed.date)
        taken.add(identifier)
        heading = " ".join(item.printed.title.split())
        flaws[EMPTY_HEADING] += not heading
        found.append(
            Section(
                id=identifier,
                number=item.number,
                of=item.of,
                heading=heading,
                outline=(),
                articles=(),
                placed=Placed.NOT,
                probable_articles=(),
                link=_link(site, item.printed.identifier),
                printed=replace(item.printed, state=item.state_printed),
            )
        )
    return found


def _link(site: str, identifier: str) -> str:
    """The address of a document or section that a browser opens: as the publisher's with quotes and blanks escaped."""
    settings = _data()["sites"][site]
    return f"{settings['address']}#{quote(f'{{"{settings["key"]}":["{identifier}"]}}', safe='()/:{}[]')}"


# --- Articles -------------------------------------------------------------------------------------------------------

_ROMAN = re.compile(r"[IVX]+")
_STEP = re.compile(
    r"\s*(?P<step>[IVX]+|[A-Z]|\d{1,2}|[ivx]+|[a-z])(?:\s*[./](?!\w*\))\s*|(?<=[IVXA-Z])\s*(?=\d{1,2}\s*\.))"
)


def outline_of(heading: str) -> tuple[str, ...]:
    """The outline number before a heading: "III. A. 3. Training" → ("III", "A", "3"); () where it has none."""
    steps: list[str] = []
    at = 0
    while found := _STEP.match(heading, at):
        steps.append(found["step"])
        at = found.end()
    return tuple(steps)


def _placed(sections: Sequence[Section], site: str) -> tuple[Section, ...]:
    """Sections with the articles that their heading names, or else the one above; probable articles for the others."""
    last = _data()["sites"][site]["last_article"]
    above: dict[tuple[str, ...], tuple[str, ...]] = {}
    chapter = ""
    found = []
    for section in sections:
        outline = outline_of(section.heading)
        if outline and _ROMAN.fullmatch(outline[0]):
            chapter = outline[0]
        elif outline and chapter:  # "F. Telephone helplines" between "IV. E." and "IV. G.": the chapter goes on
            outline = (chapter, *outline)
        named = articles_named(section.heading, last)
        inherited = above.get(outline[:-1], ()) if not named and _stands_under(outline, above) else ()
        if outline:
            above[outline] = named or inherited
        placed = Placed.BY_HEADING if named else Placed.BY_HEADING_ABOVE if inherited else Placed.NOT
        found.append(replace(section, outline=outline, articles=named or inherited, placed=placed))
    return tuple(_with_probable(found)) if site == "grevio" else tuple(found)


def _stands_under(outline: tuple[str, ...], above: Mapping[tuple[str, ...], tuple[str, ...]]) -> bool:
    """Whether the heading one step above it in the outline is its own.

    A chapter's heading that comes behind sections of the chapter is a section whose number lost a part ("IV.
    Investigations (Articles 22, 23 and 27)" between IV.6 and IV.8), and nothing stands under it.
    """
    parent = outline[:-1]
    before = list(above)
    if parent not in above:
        return False
    return len(parent) > 1 or not any(one[: len(parent)] == parent for one in before[: before.index(parent)])


def _with_probable(sections: Sequence[Section]) -> Iterator[Section]:
    """Unplaced sections with the articles that such a heading usually is about, or that alone are left for it.

    GREVIO's chapters are the Convention's and keep its order, so that one article left between the neighbours of a
    sub-section in the same chapter is the article. Where both ways contradict each other there is no answer.
    """
    for position, section in enumerate(sections):
        if section.placed is not Placed.NOT or len(section.outline) < 2:  # a chapter is about all of its articles
            yield section
            continue
        between = _between(sections, position)
        usual = tuple(_data()["usual"].get(_bare(section.heading), "").split())
        if usual:
            probable = usual if not between or between & set(usual) else ()
        else:
            probable = tuple(between) if len(between) == 1 and len(section.outline) > 2 else ()
        yield replace(section, probable_articles=probable)


def _between(sections: Sequence[Section], position: int) -> set[str]:
    """The articles of the section's chapter between those of its neighbours before and after."""
    chapter = sections[position].outline[0]
    within = next((one.articles for one in ISTANBUL.chapters if one.number == chapter), ())
    numbers = [int(number) for number in within]
    if not numbers:
        return set()
    before = [int(n) for one in sections[:position] for n in one.articles if n in within]
    after = [int(n) for one in sections[position + 1 :] for n in one.articles if n in within]
    if not before:  # nothing before it in the chapter: it may be about the chapter as a whole
        return set()
    low, high = max(before), min(after, default=numbers[-1] + 1)
    return {str(number) for number in numbers if low < number < high}


def _bare(heading: str) -> str:
    """A heading without its outline number, in lower case."""
    at = 0
    while found := _STEP.match(heading, at):
        at = found.end()
    return heading[at:].strip().lower()


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("samsvar.interchange").joinpath("data/hudoc.toml").read_text(encoding="utf-8"))
