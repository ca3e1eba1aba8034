"""How many automatic labels are right, estimated from those that people have reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, sqrt

# standard deviations on each side of the mean that contain 95 % of a normal distribution
NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The number of reviewed labels, and of those that were right."""

    right: int
    reviewed: int

    @property
    def share(self) -> float:
        """The share that was right, from 0 to 1; 0 if none was reviewed."""
        return self.right / self.reviewed if self.reviewed else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The bounds of the share of all labels with 95 % confidence, if those reviewed were drawn at random.

        Wilson's score interval, which does not claim certainty after twenty right ones of twenty. (0, 1) if none was
        reviewed.
        """
        if not self.reviewed:
            return 0.0, 1.0
        squared = NORMAL_95**2
        centre = (self.right + squared / 2) / (self.reviewed + squared)
        wrong = self.reviewed - self.right
        spread = NORMAL_95 * sqrt(self.right * wrong / self.reviewed + squared / 4) / (self.reviewed + squared)
        return max(0.0, centre - spread), min(1.0, centre + spread)

    @property
    def percentages(self) -> tuple[int, int, int]:
        """The share and the bounds of its interval in whole percent; the bounds are rounded outwards."""
        low, high = self.interval
        return round(100 * self.share), floor(100 * low), ceil(100 * high)

    def __add__(self, other: Accuracy) -> Accuracy:
        """Return the accuracy of both sets of labels together, which must have none in common."""
        return Accuracy(self.right + other.right, self.reviewed + other.reviewed)
