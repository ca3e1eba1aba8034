"""Every state's status on a date, as shown on pages: squares of the map, rows of the table, and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from samsvar.convention.status import Event, EventKind, Reservation, StateStatus
from samsvar.site.convention.queries import tile_status
from samsvar.territories import is_fictional, territories, territory_name

# Statuses of a square, strongest first; "ratified" means that entry into force is still to come.
STATUSES = ("in_force", "ratified", "signatory", "none", "former_party")
# Kinds of events that change a state's status.
STATUS_CHANGES = "signature ratification acceptance approval accession entry_into_force denunciation_effective"


@dataclass(frozen=True, slots=True)
class MapSquare:
    """A square of the tile map, for one state."""

    code: str
    name: str
    column: int
    row: int
    status: str  # one of STATUSES


@dataclass(frozen=True, slots=True)
class StatusCount:
    """The number of states on the map with a status."""

    status: str
    number: int


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A row of the status table; each date is an ISO string, or "" if there is none."""

    code: str
    name: str
    fictional: bool
    status: str
    signed: str
    ratified: str
    in_force: str
    left_on: str
    reservations: str  # provisions with an active reservation
    unnamed_reservations: bool  # whether no source names the articles of some of them
    uncertain_reservations: str  # provisions with a reservation of which no source says whether it is in force
    sources: tuple[str, ...]
    confidence: str


def build_map_squares(statuses: dict[str, StateStatus], language: str) -> tuple[MapSquare, ...]:
    """Return the squares of the tile map in reading order, which is also the tab order."""
    tiles = sorted((state.tile[1], state.tile[0], state.code) for state in territories().values() if state.tile)
    return tuple(
        MapSquare(code, territory_name(code, language), column, row, tile_status(statuses.get(code)))
        for row, column, code in tiles
    )


def count_statuses(tiles: Sequence[MapSquare]) -> tuple[StatusCount, ...]:
    """Return the number of squares with each status. Statuses with no squares are left out, except "in force"."""
    status_counts = [StatusCount(status, sum(square.status == status for square in tiles)) for status in STATUSES]
    return tuple(count for count in status_counts if count.number or count.status == "in_force")


def status_row(code: str, status: StateStatus | None, language: str) -> StatusRow:
    """Return a state's row of the status table."""
    active_reservations = [one for one in status.reservations if one.is_active] if status else []
    return StatusRow(
        code=code,
        name=territory_name(code, language),
        fictional=is_fictional(code),
        status=tile_status(status),
        signed=str(status.signed or "") if status else "",
        ratified=str(status.ratified or "") if status else "",
        in_force=str(status.in_force or "") if status else "",
        left_on=str(status.left or "") if status else "",
        reservations=join_provisions(active_reservations),
        unnamed_reservations=any(reservation.provision is None for reservation in active_reservations),
        uncertain_reservations=join_provisions(
            reservation for reservation in (status.reservations if status else ()) if reservation.is_uncertain
        ),
        sources=status.sources if status else (),
        confidence=status.confidence.value if status else "",
    )


def join_provisions(reservations: Iterable[Reservation]) -> str:
    """Return the provisions as text: "30(2), 44(1)(e)"."""
    return ", ".join(str(one.provision) for one in reservations if one.provision)


def status_change_dates(events: Iterable[Event]) -> tuple[date, ...]:
    """Return the dates on which a status may have changed, in order and without duplicates."""
    kinds = {EventKind(kind) for kind in STATUS_CHANGES.split()}
    return tuple(sorted({one.date.latest for one in events if one.date and one.is_verified and one.kind in kinds}))
