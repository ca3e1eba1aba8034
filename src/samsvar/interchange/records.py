"""Values of the library as plain rows, keys in a fixed order, for commands, exports and the programming interface."""

from __future__ import annotations

from samsvar.convention.status import ENDED, Reservation, StateStatus
from samsvar.monitoring.report import Finding
from samsvar.spans import Box
from samsvar.territories import name_of

STATUS_COLUMNS = (
    "state",
    "name",
    "status",
    "signed",
    "ratified",
    "in_force",
    "left",
    "reservations",
    "sources",
    "confidence",
)

FINDING_COLUMNS = (
    "document",
    "body",
    "state",
    "procedure",
    "paragraph",
    "page",
    "pages",
    "boxes",
    "heading",
    "articles",
    "strength",
    "verb",
    "addressee",
    "from_state",
    "actions",
    "text",
    "language",
    "reader",
    "deadline",
    "cites",
)


def status_row(one: StateStatus, language: str = "en") -> dict[str, object]:
    """One state's status: dates in ISO 8601 as exact as they are known, None where there is none.

    Reservations that were withdrawn or have lapsed are left out; of the others `stage` says what is known.
    """
    return {
        "state": one.state,
        "name": name_of(one.state, language),
        "status": one.status.value,
        "signed": str(one.signed) if one.signed else None,
        "ratified": str(one.ratified) if one.ratified else None,
        "in_force": one.in_force.isoformat() if one.in_force else None,
        "left": one.left.isoformat() if one.left else None,
        "reservations": [reservation_row(life) for life in one.reservations if life.stage not in ENDED],
        "sources": list(one.sources),
        "confidence": one.confidence.value,
    }


def reservation_row(life: Reservation) -> dict[str, object]:
    """One reservation: the provision (None where no source names it), its stage, and the end of its five years."""
    return {
        "provision": str(life.provision) if life.provision else None,
        "stage": life.stage.value,
        "made": str(life.made),
        "until": life.until.isoformat() if life.until else None,
        "renewed": [str(when) for when in life.renewed],
        "confidence": life.confidence.value,
    }


def finding_row(finding: Finding) -> dict[str, object]:
    """One finding, in the order of FINDING_COLUMNS; boxes in points from the top left corner of their page."""
    row: dict[str, object] = {column: getattr(finding, column) for column in FINDING_COLUMNS}
    row["strength"] = finding.strength.value if finding.strength else None
    row["boxes"] = [_box_row(box) for box in finding.boxes]
    for column in ("pages", "articles", "from_state", "actions", "cites"):
        row[column] = list(getattr(finding, column))
    return row


def _box_row(box: Box) -> dict[str, object]:
    return {
        "page": box.page,
        "left": round(box.left, 1),
        "top": round(box.top, 1),
        "right": round(box.right, 1),
        "bottom": round(box.bottom, 1),
    }
