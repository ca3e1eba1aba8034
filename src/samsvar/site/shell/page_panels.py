"""What a room that stands higher has to say on a page of a lower one: `{% beside "finding" finding.public_id %}`.

A finding's page knows nothing of money. The room that does registers, at the start, what it shows there: the name of a
template and its context, or None where it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

type Said = tuple[str, dict[str, Any]] | None
type Speaker = Callable[[str], Said]

_SPEAKERS: dict[str, list[Speaker]] = {}


def register(kind: str, speaker: Speaker) -> None:
    """Let a room speak on the pages of a kind of thing; twice is once."""
    speakers = _SPEAKERS.setdefault(kind, [])
    if speaker not in speakers:
        speakers.append(speaker)


def said_beside(kind: str, key: str) -> list[tuple[str, dict[str, Any]]]:
    """Everything that is said beside one thing, in the order in which the rooms registered."""
    return [said for speaker in _SPEAKERS.get(kind, ()) if (said := speaker(key)) is not None]
