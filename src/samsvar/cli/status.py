"""The command `samsvar status`, which shows who was bound by the Convention on a given day."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from datetime import date
from typing import cast

from samsvar import dates
from samsvar.convention.loading import treaty_events
from samsvar.convention.status import Event, EventKind, StateStatus, Status, count_with_status, status_on
from samsvar.convention.status import SourceConfidence as Sure
from samsvar.errors import SamsvarError
from samsvar.interchange.records import STATUS_COLUMNS, status_row
from samsvar.interchange.tables import render_csv, render_json, render_table
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.territories import TerritoryKind, territory


class UnknownStateCode(SamsvarError):
    """Raised when the code of a requested state is unknown."""

    advice = "Use a two-letter ISO 3166 code such as NO, or EU for the European Union."

    def __init__(self, code: str, effect: str = "") -> None:
        super().__init__(f"“{code}” is not a country code.", effect=effect)
        self.state = code


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options to the parser."""
    parser = subparsers.add_parser("status", help="show signatures, ratifications, reservations and denunciations")
    parser.add_argument("--on", metavar="DAY", help="the day, for example 2019-06-04 (default: today)")
    parser.add_argument(
        "--state", metavar="CODE", nargs="+", action="extend", default=[], help="show only these states, in this order"
    )
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    parser.add_argument("--lang", choices=INTERFACE_LANGUAGES, default="en", help="language of the states' names")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print each state's status on the day. Raises UnreadableDate or UnknownStateCode; the exit code is then 2."""
    day = dates.parse_day(options.on) if options.on is not None else date.today()  # noqa: DTZ011 - the reader's own day is meant
    statuses = _select_statuses(day, options.state)
    rows = [status_row(one, options.lang) for one in statuses.values()]
    match options.format:
        case "json":
            sys.stdout.write(render_json(rows))
        case "csv":
            sys.stdout.write(render_csv(rows, STATUS_COLUMNS))
        case _:
            sys.stdout.write(render_table(map(_format_row, rows), _HEADINGS))
            sys.stdout.write(f"\n{_summarise_statuses(day, statuses)}\n")
    return 0


def _select_statuses(day: date, codes: Iterable[str]) -> dict[str, StateStatus]:
    """Return the statuses of the requested states, in that order, or those of every state with an event."""
    statuses = status_on(day, treaty_events())
    requested_codes = {code.upper(): parse_state_code(code) for code in codes}
    if not requested_codes:
        return statuses
    return {code: statuses.get(code) or _status_without_events(day, code) for code in requested_codes}


def parse_state_code(code: str) -> str:
    """Return the code of a real state in capitals. Raises UnknownStateCode."""
    state = territory(code)
    if state is None or state.kind is TerritoryKind.FICTIONAL:
        raise UnknownStateCode(code)
    return state.code


def _status_without_events(day: date, code: str) -> StateStatus:
    """Return the status of a state that no source mentions: "none", with the confidence "unverified"."""
    return status_on(day, [Event(code, EventKind.NONE, confidence=Sure.UNVERIFIED)])[code]


_HEADINGS = {
    "state": "Code", "name": "State", "status": "Status", "signed": "Signed", "ratified": "Ratified",
    "in_force": "In force", "left": "Left", "reservations": "Reservations", "confidence": "Confidence",
}  # fmt: skip


def _format_row(row: dict[str, object]) -> dict[str, object]:
    """Format a row for the table, with the reservations grouped by remark, such as "announced"."""
    by_mark: dict[str, list[str]] = {}
    for reservation in cast("list[dict[str, str | None]]", row["reservations"]):
        mark = _STAGE_MARKS.get(str(reservation["stage"]), "renewal not confirmed")
        if reservation["confidence"] == Sure.UNVERIFIED:
            mark = "unverified"
        by_mark.setdefault(mark, []).append(reservation["provision"] or "not named")
    groups = [", ".join(provisions) + (f" ({mark})" if mark else "") for mark, provisions in by_mark.items()]
    return {**row, "reservations": "; ".join(groups), "status": str(row["status"]).replace("_", " ")}


_STAGE_MARKS = {"in_force": "", "extended": "extended", "made": "announced", "articles_unseen": "renewed in part"}


def _summarise_statuses(day: date, statuses: dict[str, StateStatus]) -> str:
    """Return a sentence that counts the states with each status on the day."""
    labels = {
        Status.PARTY: ("Party", "Parties"),
        Status.SIGNATORY: ("signatory", "signatories"),
        Status.FORMER_PARTY: ("former Party", "former Parties"),
        Status.NONE: ("none", "none"),
    }
    numbers = {status: count_with_status(status, statuses) for status in labels}
    counts = ", ".join(f"{number} {labels[status][number != 1]}" for status, number in numbers.items())
    ratified_not_bound = [
        one.state for one in statuses.values() if one.is_awaiting_entry_into_force and one.status is not Status.PARTY
    ]
    suffix = f"; ratified and not yet bound: {', '.join(ratified_not_bound)}" if ratified_not_bound else ""
    return f"On {dates.display_date(day)}: {counts}{suffix}."
