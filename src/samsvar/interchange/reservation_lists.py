"""Lists of reservations and declarations that others publish, compared with our treaty events.

Three forms are read. The depositary's list has, for each state, its name and then entries: a heading with the kind and
the day ("Reservation contained in the instrument of ratification deposited on 22 April 2014"), the text, and a line
"Articles concerned: 30". The treaty database of the Netherlands has the state's name and then a day as 22-04-2014 above
each text. A chart may only mark the states: columns R., D. and O. with the depositary, "Reservations / Declarations"
and "Objections" in the Dutch database. A table of our own form has the columns State, Kind, Date and Articles.

None of these pages could be opened from where this was written (2026-11): the forms are those that quotations and our
own sources describe. What cannot be told from the list is therefore not compared, and every difference is for a person.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from samsvar.convention.provisions import find_article_numbers, format_provisions
from samsvar.convention.status import Event, EventKind
from samsvar.dates import PartialDate
from samsvar.interchange.treaty_charts import find_state, parse_chart_day, read_chart_tables, remove_charts
from samsvar.monitoring.markup import read_html_blocks
from samsvar.monitoring.reading import detect_format
from samsvar.monitoring.title_page import parse_printed_day
from samsvar.territories import territory_name

STATEMENT_KINDS: Final = (
    EventKind.RESERVATION,
    EventKind.RESERVATION_RENEWAL,
    EventKind.RESERVATION_WITHDRAWN,
    EventKind.DECLARATION,
    EventKind.OBJECTION,
)
_INVOKED_ARTICLES: Final = frozenset(
    {"78", "79"}
)  # the clauses that allow reservations: named in most, reserved by none
_LONGEST_NAME: Final = 60  # characters of a line with a state's name

# What a heading begins with, in English, French and Dutch, in small letters; the first that fits
_KIND_WORDS: Final[Mapping[EventKind, tuple[str, ...]]] = {
    EventKind.RESERVATION_WITHDRAWN: (
        "withdrawal", "partial withdrawal", "total withdrawal", "retrait", "intrekking", "gedeeltelijke intrekking",
    ),
    EventKind.RESERVATION_RENEWAL: ("renewal", "renouvellement", "vernieuwing", "verlenging"),
    EventKind.RESERVATION: ("reservation", "réserve", "reserve", "voorbehoud"),
    EventKind.DECLARATION: ("declaration", "déclaration", "verklaring"),
    EventKind.OBJECTION: ("objection", "bezwaar"),
}  # fmt: skip
# A reservation or declaration that says one of these is a withdrawal or a renewal
_CHANGES: Final = (
    (EventKind.RESERVATION_WITHDRAWN, re.compile(r"\b(?:withdr[ae]w|retir|intrek|ingetrokken)", re.IGNORECASE)),
    (
        EventKind.RESERVATION_RENEWAL,
        re.compile(r"\b(?:renew|maintain|uphold|renouvel|maintien|maintenir|handha|verleng)", re.IGNORECASE),
    ),
)
_TEXT_KINDS: Final = (  # for an entry without a heading; else it is a declaration
    (EventKind.OBJECTION, re.compile(r"\bobject(?:s|ion)\b|\bmaakt bezwaar", re.IGNORECASE)),
    (EventKind.RESERVATION, re.compile(r"\breserv(?:es?|ations?)\b|\bréserve|\bvoorbehoud", re.IGNORECASE)),
)
_ARTICLES_CONCERNED = re.compile(
    r"\b(?:articles? concerned|articles? concernés?)\s*:?\s*(?P<numbers>[\d\s,;.-]*)", re.IGNORECASE
)
_DAY_ALONE = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\s*:?")
# The columns of marks, by the kinds that one mark covers
_MARK_HEADINGS: Final[Mapping[str, tuple[EventKind, ...]]] = {
    "r.": (EventKind.RESERVATION,),
    "d.": (EventKind.DECLARATION,),
    "o.": (EventKind.OBJECTION,),
    "reservations": (EventKind.RESERVATION,),
    "declarations": (EventKind.DECLARATION,),
    "objections": (EventKind.OBJECTION,),
    "reservations / declarations": (EventKind.RESERVATION, EventKind.DECLARATION),
    "voorbehouden / verklaringen": (EventKind.RESERVATION, EventKind.DECLARATION),
    "bezwaren": (EventKind.OBJECTION,),
}
_NO: Final = frozenset({"", "no", "non", "nee", "-", "–", "0"})


class StatementDifferenceKind(StrEnum):
    """How a list and our events differ."""

    ONLY_LIST = "only the chart"
    ONLY_OURS = "only ours"
    DAY = "differs"
    MORE_PRECISE = "more precise"
    KIND = "other kind"
    ARTICLES = "other articles"


@dataclass(frozen=True, slots=True)
class ListedStatement:
    """A reservation, declaration or objection as listed; `articles` is None if the list does not name them."""

    state: str
    kind: EventKind
    day: date
    articles: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ReservationList:
    """The statements in a list, and what its columns mark: whether a state has statements of some kinds.

    `statements` is empty for a chart that only marks states.
    """

    statements: tuple[ListedStatement, ...]
    marks: Mapping[tuple[EventKind, ...], Mapping[str, bool]]

    @property
    def states(self) -> frozenset[str]:
        """The states that the list names."""
        return frozenset(
            {one.state for one in self.statements} | {code for states in self.marks.values() for code in states}
        )


@dataclass(frozen=True, slots=True)
class StatementDifference:
    """A difference between a list and our events, for a person to confirm.

    `listed` is None for what only we have, and for a mark without a day; `event` is None for what only the list has.
    """

    state: str
    kinds: tuple[EventKind, ...]
    difference: StatementDifferenceKind
    listed: ListedStatement | None
    event: Event | None


def read_reservation_list(content: bytes) -> ReservationList | None:
    """Read a list from an HTML page, a CSV file or a spreadsheet; None if it lists no reservation or declaration.

    Raises UnreadableChart for a file that is no page and no table.
    """
    tables = read_chart_tables(content)
    statements = list(_iter_page_statements(content)) if detect_format(content) == "html" else []
    marks: dict[tuple[EventKind, ...], dict[str, bool]] = {}
    for rows in tables:
        statements.extend(_iter_table_statements(rows))
        for kinds, states in _parse_marks(rows).items():
            marks.setdefault(kinds, {}).update(states)
    return ReservationList(tuple(_merge_statements(statements)), marks) if statements or marks else None


# --- Comparing --------------------------------------------------------------------------------------------------------


def compare_reservations(listed: ReservationList, events: Collection[Event]) -> tuple[StatementDifference, ...]:
    """Return where a list differs from our events, by state. A chart that only marks states is compared by its marks.

    Articles are compared by number, without paragraphs, and only where the list names them. Reservations that have
    lapsed are no statement of their own, so that our events about it are left out.
    """
    ours = _merge_events(event for event in events if event.kind in STATEMENT_KINDS)
    if not listed.statements:
        return tuple(_compare_marks(listed, ours, frozenset(_ended_states(events))))
    by_state: dict[str, tuple[list[ListedStatement], list[Event]]] = defaultdict(lambda: ([], []))
    for statement in listed.statements:
        by_state[statement.state][0].append(statement)
    for event in ours:
        by_state[event.state][1].append(event)
    return tuple(difference for state in sorted(by_state) for difference in _compare_state(state, *by_state[state]))


def _compare_state(state: str, statements: list[ListedStatement], events: list[Event]) -> Iterator[StatementDifference]:
    """Pair the statements of a state with our events, the surest pairs first, and yield what differs."""
    for fits in (_is_same, _is_less_precise, _is_same_day, _is_same_kind):
        for statement in tuple(statements):
            candidates = [event for event in events if fits(statement, event)]
            rivals = [one for one in statements if candidates and fits(one, candidates[0])]
            if fits is _is_same_kind and (len(candidates) != 1 or len(rivals) != 1):
                continue  # which of several changed is not for us to say
            if candidates:
                statements.remove(statement)
                events.remove(candidates[0])
                if (difference := _find_difference(statement, candidates[0])) is not None:
                    yield StatementDifference(state, (statement.kind,), difference, statement, candidates[0])
    for statement in statements:
        yield StatementDifference(state, (statement.kind,), StatementDifferenceKind.ONLY_LIST, statement, None)
    for event in events:
        yield StatementDifference(state, (event.kind,), StatementDifferenceKind.ONLY_OURS, None, event)


def _is_same(statement: ListedStatement, event: Event) -> bool:
    return statement.kind is event.kind and event.date is not None and _is_day(event.date, statement.day)


def _is_less_precise(statement: ListedStatement, event: Event) -> bool:
    """Return whether our event has no day, or only the month or year of the statement's."""
    is_within = event.date is None or event.date.earliest <= statement.day <= event.date.latest
    return statement.kind is event.kind and is_within


def _is_same_day(statement: ListedStatement, event: Event) -> bool:
    return event.date is not None and _is_day(event.date, statement.day)


def _is_same_kind(statement: ListedStatement, event: Event) -> bool:
    return statement.kind is event.kind


def _is_day(partial: PartialDate, day: date) -> bool:
    return partial.earliest == partial.latest == day


def _find_difference(statement: ListedStatement, event: Event) -> StatementDifferenceKind | None:
    if statement.kind is not event.kind:
        return StatementDifferenceKind.KIND
    if not _is_less_precise(statement, event):
        return StatementDifferenceKind.DAY
    ours = frozenset(str(provision.article) for provision in event.provisions) - _INVOKED_ARTICLES
    theirs = (statement.articles or frozenset()) - _INVOKED_ARTICLES
    if not _is_same(statement, event) or (theirs and not ours):
        return StatementDifferenceKind.MORE_PRECISE
    return StatementDifferenceKind.ARTICLES if theirs and theirs != ours else None


def _compare_marks(
    listed: ReservationList, events: Sequence[Event], ended: frozenset[str]
) -> Iterator[StatementDifference]:
    """Compare the marks. Whether a chart marks a reservation that has ended was not seen, so those are not compared."""
    for kinds, states in listed.marks.items():
        for state, is_marked in sorted(states.items()):
            event = next((one for one in events if one.state == state and one.kind in kinds), None)
            if is_marked and event is None:
                yield StatementDifference(state, kinds, StatementDifferenceKind.ONLY_LIST, None, None)
            elif event is not None and not is_marked and state not in ended:
                yield StatementDifference(state, kinds, StatementDifferenceKind.ONLY_OURS, None, event)


def _ended_states(events: Iterable[Event]) -> Iterator[str]:
    ends = (EventKind.RESERVATION_WITHDRAWN, EventKind.RESERVATION_LAPSED)
    return (event.state for event in events if event.kind in ends)


def reservation_row(difference: StatementDifference) -> dict[str, object]:
    """Return a difference as a row for a table, with the columns of `difference_row`."""
    event, listed = difference.event, difference.listed
    chart = ""
    if listed is not None:
        articles = ", ".join(sorted(listed.articles or (), key=int))
        kind = f"{_name_kind(listed.kind)} " if event is not None and event.kind is not listed.kind else ""
        chart = f"{kind}{listed.day.isoformat()}" + (f": {articles}" if articles else "")
    elif event is None:
        chart = "marked"
    ours = ""
    if event is not None:
        provisions = format_provisions(event.provisions)
        ours = f"{event.date or 'no day'}" + (f": {provisions}" if provisions else "")
    shown = (event.kind,) if event is not None else difference.kinds
    return {
        "state": difference.state,
        "name": territory_name(difference.state),
        "event": " or ".join(map(_name_kind, shown)),
        "difference": difference.difference.value,
        "ours": ours,
        "chart": chart,
        "confidence": event.confidence.value if event else "",
        "source": event.source if event else "",
    }


def _name_kind(kind: EventKind) -> str:
    return kind.value.replace("_", " ")


def _merge_events(events: Iterable[Event]) -> list[Event]:
    """Join our events of the same kind and day: a list may have them in one entry."""
    merged: dict[tuple[str, EventKind, str], Event] = {}
    for event in events:
        key = (event.state, event.kind, str(event.date or ""))
        before = merged.get(key)
        provisions = {*event.provisions, *(before.provisions if before else ())}
        merged[key] = replace(before or event, provisions=tuple(sorted(provisions)))
    return list(merged.values())


def _merge_statements(statements: Iterable[ListedStatement]) -> Iterator[ListedStatement]:
    """Join entries of the same kind and day; the articles are unknown if those of one entry are."""
    merged: dict[tuple[str, EventKind, date], ListedStatement] = {}
    for statement in statements:
        key = (statement.state, statement.kind, statement.day)
        before = merged.get(key)
        if before is not None:
            unknown = statement.articles is None or before.articles is None
            articles = None if unknown else frozenset({*(statement.articles or ()), *(before.articles or ())})
            statement = replace(statement, articles=articles)
        merged[key] = statement
    yield from merged.values()


# --- Reading ----------------------------------------------------------------------------------------------------------


def _iter_page_statements(content: bytes) -> Iterator[ListedStatement]:
    """Yield the entries under the names of states in a page of running text."""
    state: str | None = None
    entry: tuple[EventKind | None, date, list[str]] | None = None  # kind if its heading has one, day, blocks
    for block in read_html_blocks(remove_charts(content)):
        text = block.text.strip()
        code = find_state(text.rstrip(":")) if len(text) <= _LONGEST_NAME else None
        heading = _parse_entry_heading(text)
        if code or heading:
            if state and entry:
                yield _build_statement(state, *entry)
            entry = None
        if code:
            state = code
        elif heading:
            entry = (*heading, [text])
        elif entry:
            entry[2].append(text)
    if state and entry:
        yield _build_statement(state, *entry)


def _parse_entry_heading(text: str) -> tuple[EventKind | None, date] | None:
    """Return the kind and the day of an entry's heading, the kind None for a day alone; None for another text."""
    if _DAY_ALONE.fullmatch(text):
        day = parse_chart_day(text)
        return (None, day) if day else None
    kind = _find_kind(text)
    day = parse_printed_day(text) or parse_chart_day(text)
    return (kind, day) if kind and day else None


def _find_kind(text: str) -> EventKind | None:
    lower = text.strip().lower()
    return next((kind for kind, words in _KIND_WORDS.items() if lower.startswith(words)), None)


def _build_statement(state: str, kind: EventKind | None, day: date, blocks: Sequence[str]) -> ListedStatement:
    text = " ".join(blocks)
    if kind is None:
        kind = next((one for one, pattern in _TEXT_KINDS if pattern.search(text)), EventKind.DECLARATION)
        changes = text
    else:
        changes = blocks[0]  # a text may speak of another state's withdrawal; a heading does not
    if kind in (EventKind.RESERVATION, EventKind.DECLARATION):
        kind = next((one for one, pattern in _CHANGES if pattern.search(changes)), kind)
    return ListedStatement(state, kind, day, _find_articles(blocks))


def _find_articles(blocks: Sequence[str]) -> frozenset[str] | None:
    """Return the articles on the line "Articles concerned"; None without one: a text names others than it reserves."""
    lines = [match["numbers"] for block in blocks for match in _ARTICLES_CONCERNED.finditer(block)]
    return frozenset(number for line in lines for number in re.findall(r"\d+", line)) or None


def _iter_table_statements(rows: Sequence[Sequence[str]]) -> Iterator[ListedStatement]:
    """Yield the rows of a table with the columns State, Kind, Date and, if it has one, Articles."""
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    places = [
        next((at for at, cell in enumerate(header) if cell.startswith(words)), None)
        for words in (("state", "party", "état"), ("kind", "nature", "type"), ("date", "day"), ("article",))
    ]
    state_at, kind_at, day_at, articles_at = places
    if state_at is None or kind_at is None or day_at is None:
        return
    for line in rows[1:]:
        cells = [*line, *[""] * (len(header) - len(line))]
        state, kind = find_state(cells[state_at].strip()), _find_kind(cells[kind_at])
        day = parse_chart_day(cells[day_at]) or parse_printed_day(cells[day_at])
        if state and kind and day:
            printed = cells[articles_at] if articles_at is not None else ""
            yield ListedStatement(state, kind, day, frozenset(find_article_numbers(f"Articles {printed}")) or None)


def _parse_marks(rows: Sequence[Sequence[str]]) -> dict[tuple[EventKind, ...], dict[str, bool]]:
    """Return the columns of marks of a table, by the kinds that they cover; {} for a table without any."""
    start = next(
        (at for at, cells in enumerate(rows[:5], 1) if any(cell.strip().lower() in _MARK_HEADINGS for cell in cells)),
        None,
    )
    if start is None:
        return {}
    header = [cell.strip().lower() for cell in rows[start - 1]]
    columns = {at: _MARK_HEADINGS[cell] for at, cell in enumerate(header) if cell in _MARK_HEADINGS}
    marks: dict[tuple[EventKind, ...], dict[str, bool]] = {kinds: {} for kinds in columns.values()}
    for line in rows[start:]:
        state = find_state(line[0].strip()) if line else None
        for at, kinds in columns.items() if state else ():
            marks[kinds][state or ""] = at < len(line) and line[at].strip().lower() not in _NO
    return {kinds: states for kinds, states in marks.items() if states}
