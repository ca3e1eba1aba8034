"""Transactions and results of funded activities, and links to what the funding led to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from samsvar.dates import PartialDate
from samsvar.funding.amounts import Amount, totals_by_currency
from samsvar.funding.programmes import Contradiction
from samsvar.network.loading import Confidence, Fact


class TransactionStep(StrEnum):
    """The steps of a payment."""

    PLANNED = "planned"
    COMMITTED = "committed"  # promised in a contract
    DISBURSED = "disbursed"  # paid to the organisation that does the work
    SPENT = "spent"


PAID_STEPS = frozenset({TransactionStep.DISBURSED, TransactionStep.SPENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction(Fact):
    """Money that was planned, committed, paid out or spent. `on` is None if no source gives a date."""

    id: str
    step: TransactionStep
    amount: Amount
    on: PartialDate | None = None
    payer: str = ""  # name of the organisation
    receiver: str = ""  # name of the organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Fact):
    """A promised or achieved result, in words and, if a source gives numbers, in numbers."""

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
            raise Contradiction("what", "A result needs a subject.", "no_result")
        if self.begins and self.ends and self.ends.latest < self.begins.earliest:
            raise Contradiction("ends", f"It ends ({self.ends}) before it starts ({self.begins}).", "ends_first")
        if not any((self.promised, self.came, self.promised_number is not None, self.came_number is not None)):
            raise Contradiction("promised", "Enter an expected or an achieved result.", "empty_result")

    @property
    def is_measured(self) -> bool:
        return self.promised_number is not None or self.came_number is not None


class FundingLinkKind(StrEnum):
    """The kinds of things that funding can lead to."""

    MEETING = "meeting"
    GATHERING = "gathering"  # of a network, according to public sources
    PUBLICATION = "publication"  # of a network, according to public sources
    PRACTICE = "practice"
    MEASURE = "measure"
    FINDING = "finding"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class FundingLink:
    """A link to something that funding led to, by kind and public key, with an optional note and source."""

    kind: FundingLinkKind
    key: str
    note: str = ""
    source: str = ""


def totals_by_step(transactions: tuple[Transaction, ...]) -> dict[TransactionStep, tuple[Amount, ...]]:
    """Return the totals by step and currency, without unverified transactions."""
    counted = [one for one in transactions if one.confidence is not Confidence.UNVERIFIED]
    return {
        step: sums
        for step in TransactionStep
        if (sums := totals_by_currency(one.amount for one in counted if one.step is step))
    }
