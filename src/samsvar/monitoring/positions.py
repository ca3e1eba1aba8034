"""The state's position on recommendations of the Universal Periodic Review, as the report prints it.

The Working Group's report lists recommendations under a paragraph that states the position on them: "The
recommendations listed below enjoy the support of …". What the state answers later, in an addendum, is not known here.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from samsvar.monitoring.profile import load_profile_table


class Position(StrEnum):
    """The position of the state under review on a recommendation, when the report was adopted."""

    SUPPORTED = "supported"
    NOTED = "noted"  # not supported; the word of the procedure
    PENDING = "pending"  # to be examined; the answer follows after the report


def introducing_paragraph(paragraph: str) -> str:
    """Return the number of the paragraph that introduces a recommendation: "95" for "95.39"; "" if there is none."""
    return paragraph.rpartition(".")[0]


def find_position(introduction: str) -> Position | None:
    """Return the position that the introducing paragraph states; None if it states none, or both support and not."""
    patterns = _position_patterns()
    remaining, stated = introduction, []
    for position in (Position.NOTED, Position.PENDING, Position.SUPPORTED):  # "did not enjoy the support" comes first
        without = patterns[position].sub(" ", remaining)
        if without != remaining:
            stated.append(position)
        remaining = without
    return stated[0] if len(stated) == 1 else None


@cache
def _position_patterns() -> dict[Position, re.Pattern[str]]:
    table = load_profile_table("upr")["positions"]
    return {position: re.compile("|".join(table[position]), re.IGNORECASE) for position in Position}
