"""Where every state stands on a day, as pages show it: squares of the map, rows of its table, counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from samsvar.convention.status import Event, EventKind, Reservation, StateStatus
from samsvar.site.convention.queries import square_status
from samsvar.territories import name_of, territories, territory

# A square says one of these, strongest bond first; "ratified" is a signatory whose day of entry into force lies ahead.
STATUSES = ("in_force", "ratified", "signatory", "none", "former_party")


@dataclass(frozen=True, slots=True)
class Square:
    """One state on the tile map."""

    code: str
    name: str
    column: int
    row: int
    status: str  # one of STATUSES


@dataclass(frozen=True, slots=True)
class Count:
    """How many states of the map have a status."""

    status: str
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    """One state in the table of statuses; dates in ISO form, "" where there is none."""

    code: str
    name: str
    invented: bool
    status: str
    signed: str
    ratified: str
    in_force: str
    left: str
    reservations: str  # provisions with an active reservation
    unnamed_reservations: bool  # there are some whose articles no source names
    sources: tuple[str, ...]
    confidence: str


def squares(statuses: dict[str, StateStatus], language: str) -> tuple[Square, ...]:
    """The tile map's squares in reading order: by row, then column, so that the keyboard walks as the eye does."""
    placed = sorted((known.tile[1], known.tile[0], known.code) for known in territories().values() if known.tile)
    return tuple(
        Square(code, name_of(code, language), column, row, square_status(statuses.get(code)))
        for row, column, code in placed
    )


def counts(shown: Sequence[Square]) -> tuple[Count, ...]:
    """How many squares say each status; a status that none has is left out, but for "in force"."""
    numbers = [Count(status, sum(square.status == status for square in shown)) for status in STATUSES]
    return tuple(count for count in numbers if count.number or count.status == "in_force")


def row(code: str, status: StateStatus | None, language: str) -> Row:
    """One state's line in the table."""
    known = territory(code)
    active = [one for one in status.reservations if one.active] if status else []
    return Row(
        code=code,
        name=known.name(language) if known else code,
        invented=bool(known and known.invented),
        status=square_status(status),
        signed=str(status.signed or "") if status else "",
        ratified=str(status.ratified or "") if status else "",
        in_force=str(status.in_force or "") if status else "",
        left=str(status.left or "") if status else "",
        reservations=provisions_of(active),
        unnamed_reservations=any(one.provision is None for one in active),
        sources=status.sources if status else (),
        confidence=status.confidence.value if status else "",
    )


def alphabetical(name: str) -> str:
    """What a name is sorted by: accents and case make no difference (États-Unis under E, Țările de Jos under T).

    Ø is a letter of its own and stays behind Z, as Norwegian has it.
    """
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c))


def provisions_of(reservations: Iterable[Reservation]) -> str:
    """The reserved provisions as a reader writes them: "30(2), 44(1)(e)"."""
    return ", ".join(str(one.provision) for one in reservations if one.provision)


def days_of_change(events: Iterable[Event]) -> tuple[date, ...]:
    """The days on which a status may have changed, in order, each once."""
    changing = {
        EventKind.SIGNATURE,
        EventKind.RATIFICATION,
        EventKind.ACCEPTANCE,
        EventKind.APPROVAL,
        EventKind.ACCESSION,
        EventKind.ENTRY_INTO_FORCE,
        EventKind.DENUNCIATION_EFFECTIVE,
    }
    return tuple(
        sorted({event.date.latest for event in events if event.date and event.counts and event.kind in changing})
    )
