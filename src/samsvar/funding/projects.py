"""What became of the money: sums promised and paid, what was to come of them and what came, and what it led to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from samsvar.dates import PartialDate
from samsvar.funding.amounts import Amount, totals
from samsvar.funding.programmes import Contradiction
from samsvar.network.loading import Confidence, Fact


class Step(StrEnum):
    """How far money has come."""

    PLANNED = "planned"
    COMMITTED = "committed"  # promised in a contract
    DISBURSED = "disbursed"  # paid to whoever does the work
    SPENT = "spent"


PAID = frozenset({Step.DISBURSED, Step.SPENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction(Fact):
    """Money that was planned, promised, paid out or spent. `on` is None where no source gives a day."""

    id: str
    step: Step
    amount: Amount
    on: PartialDate | None = None
    payer: str = ""  # a body's name
    receiver: str = ""  # likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Fact):
    """What was promised and what came. Numbers stand beside the words where a source gives them."""

    id: str
    what: str  # "Places in shelters"
    promised: str = ""
    came: str = ""
    unit: str = ""
    promised_number: Decimal | None = None
    came_number: Decimal | None = None
    begins: PartialDate | None = None
    ends: PartialDate | None = None

    def __post_init__(self) -> None:
        Fact.__post_init__(self)
        if not self.what.strip():
            raise Contradiction("what", "A result says what it is about.", "no_result")
        if self.begins and self.ends and self.ends.latest < self.begins.earliest:
            raise Contradiction("ends", f"It ends ({self.ends}) before it begins ({self.begins}).", "ends_first")
        if not any((self.promised, self.came, self.promised_number is not None, self.came_number is not None)):
            raise Contradiction("promised", "Say what was promised or what came.", "empty_result")

    @property
    def is_measured(self) -> bool:
        return self.promised_number is not None or self.came_number is not None


class LinkKind(StrEnum):
    """What money can have led to."""

    MEETING = "meeting"
    GATHERING = "gathering"  # of a network, as public sources tell of it
    PUBLICATION = "publication"  # of a network, likewise
    PRACTICE = "practice"
    MEASURE = "measure"
    FINDING = "finding"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Link:
    """What money led to, by its kind and its public key, with a word on how and whoever says so."""

    kind: LinkKind
    key: str
    note: str = ""
    source: str = ""


def planned_and_paid(transactions: tuple[Transaction, ...]) -> dict[Step, tuple[Amount, ...]]:
    """The sum of each step and currency; what is only remembered is left out."""
    counted = [one for one in transactions if one.confidence is not Confidence.FROM_MEMORY]
    return {step: sums for step in Step if (sums := totals(one.amount for one in counted if one.step is step))}
