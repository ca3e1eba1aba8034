"""`samsvar status`: who was bound by the Convention on a day."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from datetime import date
from typing import cast

from samsvar import dates
from samsvar.convention.loading import treaty_events
from samsvar.convention.status import Confidence as Sure
from samsvar.convention.status import Event, EventKind, StateStatus, Status, count_of, status_on
from samsvar.errors import SamsvarError
from samsvar.interchange.records import STATUS_COLUMNS, status_row
from samsvar.interchange.tables import csv_text, json_text, table_text
from samsvar.languages import INTERFACE
from samsvar.territories import Kind, territory


class UnknownState(SamsvarError):
    """A state was asked for by a code that means none."""

    code = "unknown_state"
    kept = ""
    advice = "Use the two letters of ISO 3166 such as NO, or EU for the European Union."

    def __init__(self, code: str) -> None:
        super().__init__(f"“{code}” is no state’s code.")
        self.state = code


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The words and options of the command."""
    parser = subparsers.add_parser("status", help="who has signed, ratified, reserved and left, on any day")
    parser.add_argument("--on", metavar="DAY", help="the day, as 2019-06-04; today where left out")
    parser.add_argument(
        "--state", metavar="CODE", nargs="+", action="extend", default=[], help="these states only, in this order"
    )
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    parser.add_argument("--lang", choices=INTERFACE, default="en", help="language of the states' names")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the statuses of the day. Raises UnreadableDate and UnknownState, which end the command with code 2."""
    day = dates.day(options.on) if options.on is not None else date.today()  # noqa: DTZ011 - the reader's own day is meant
    chosen = _chosen(day, options.state)
    rows = [status_row(one, options.lang) for one in chosen.values()]
    match options.format:
        case "json":
            sys.stdout.write(json_text(rows))
        case "csv":
            sys.stdout.write(csv_text(rows, STATUS_COLUMNS))
        case _:
            sys.stdout.write(table_text(map(_brief, rows), _HEADINGS))
            sys.stdout.write(f"\n{_counted(day, chosen)}\n")
    return 0


def _chosen(day: date, codes: Iterable[str]) -> dict[str, StateStatus]:
    """The states asked for, each once and in the order asked; all with an event where none is asked for."""
    statuses = status_on(day, treaty_events())
    wanted = {code.upper(): _known(code) for code in codes}
    return {code: statuses.get(code) or _without_event(day, code) for code in wanted} if wanted else statuses


def _known(code: str) -> str:
    known = territory(code)
    if known is None or known.kind is Kind.INVENTED:
        raise UnknownState(code)
    return known.code


def _without_event(day: date, code: str) -> StateStatus:
    """A state of which no source says anything: none, and no surer than memory."""
    return status_on(day, [Event(code, EventKind.NONE, confidence=Sure.FROM_MEMORY)])[code]


_HEADINGS = {
    "state": "Code",
    "name": "State",
    "status": "Status",
    "signed": "Signed",
    "ratified": "Ratified",
    "in_force": "In force",
    "left": "Left",
    "reservations": "Reservations",
    "confidence": "Confidence",
}


def _brief(row: dict[str, object]) -> dict[str, object]:
    """A row for the eye: reservations by their provision, those that need a word behind it together."""
    by_mark: dict[str, list[str]] = {}
    for life in cast("list[dict[str, str | None]]", row["reservations"]):
        mark = (
            "unverified"
            if life["confidence"] == Sure.FROM_MEMORY
            else _MARKS.get(str(life["stage"]), "renewal not seen")
        )
        by_mark.setdefault(mark, []).append(life["provision"] or "not named")
    shown = [", ".join(provisions) + (f" ({mark})" if mark else "") for mark, provisions in by_mark.items()]
    return {**row, "reservations": "; ".join(shown), "status": str(row["status"]).replace("_", " ")}


_MARKS = {"in_force": "", "extended": "extended", "made": "announced", "articles_unseen": "renewed in part"}


def _counted(day: date, chosen: dict[str, StateStatus]) -> str:
    """The counts of the day in a sentence."""
    words = {
        Status.PARTY: ("Party", "Parties"),
        Status.SIGNATORY: ("signatory", "signatories"),
        Status.FORMER_PARTY: ("former Party", "former Parties"),
        Status.NONE: ("none", "none"),
    }
    numbers = {status: count_of(status, chosen) for status in words}
    counts = ", ".join(f"{number} {words[status][number != 1]}" for status, number in numbers.items())
    waiting = [one.state for one in chosen.values() if one.ratified_not_in_force and one.status is not Status.PARTY]
    more = f"; ratified and not yet bound: {', '.join(waiting)}" if waiting else ""
    return f"On {dates.shown(day)}: {counts}{more}."
