"""Where a text stands: a stretch of characters, and a box on a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` up to but not including `end` of a report's own text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span runs forwards from zero, not from {self.start} to {self.end}")

    def within(self, text: str) -> str:
        """The characters of `text` that this span names."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A rectangle on page `page` (counted from 1), in points from the top left corner of the page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float

    def joined(self, other: Box) -> Box:
        """The smallest box that holds both; both stand on one page."""
        if self.page != other.page:
            raise ValueError(f"boxes of pages {self.page} and {other.page} do not join")
        return Box(
            self.page,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )
