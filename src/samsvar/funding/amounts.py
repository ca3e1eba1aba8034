"""Amounts of money: decimal, in one currency each, never a float, never added across currencies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from babel.numbers import format_currency, list_currencies

from samsvar.errors import SamsvarError

MOST = Decimal("1e15")  # beyond this a figure is a slip of the hand, and no column holds it


class FundingError(SamsvarError):
    """Something about money, or what it went to, does not hold."""

    code = "funding_error"


class UnreadableAmount(FundingError):
    """An amount is not written as one."""

    code = "unreadable_amount"
    advice = "Write digits, with a point before cents where there are any: 92253 or 92253.50."

    def __init__(self, written: str) -> None:
        super().__init__(f"“{written}” is no amount.")
        self.written = written


class UnknownCurrency(FundingError):
    """A code stands for no currency."""

    code = "unknown_currency"
    advice = "Use the three letters of ISO 4217: EUR, NOK, RON."

    def __init__(self, currency: str) -> None:
        super().__init__(f"“{currency}” is no currency.")
        self.currency = currency


class DifferentCurrencies(FundingError):
    """Amounts in two currencies were to become one."""

    code = "different_currencies"
    advice = "Name both amounts; without a rate and a day they have no sum."

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} cannot be added.")
        self.one, self.other = one, other


@dataclass(frozen=True, slots=True)
class Amount:
    """So much money in one currency, as of a day where the source says which. A negative one takes back."""

    value: Decimal
    currency: str
    on: date | None = None  # the day that the value holds for

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal):
            raise TypeError("an amount is a Decimal: a float loses cents")
        if self.currency not in currencies():
            raise UnknownCurrency(self.currency)
        if not self.value.is_finite() or abs(self.value) >= MOST or _places(self.value) > 2:
            raise UnreadableAmount(str(self.value))

    def __add__(self, other: Amount) -> Amount:
        """The sum, without a value date: two days have no common one."""
        if other.currency != self.currency:
            raise DifferentCurrencies(self.currency, other.currency)
        return Amount(self.value + other.value, self.currency)

    def share_of(self, whole: Amount) -> Decimal:
        """How much of `whole` this is, between 0 and 1 where it is a part of it."""
        if whole.currency != self.currency:
            raise DifferentCurrencies(self.currency, whole.currency)
        if not whole.value:
            raise UnreadableAmount("0")
        return self.value / whole.value

    def shown(self, language: str = "en") -> str:
        """As the reader's language writes it: "€92,253", "92 253 €"; cents only where there are any."""
        locale = "en_GB" if language == "en" else language
        if _places(self.value):
            said = str(format_currency(self.value, self.currency, locale=locale))
        else:
            said = str(format_currency(self.value, self.currency, _whole(locale), locale=locale, currency_digits=False))
        # CLDR's own rule parts letters from digits ("NOK 5"); Babel 2.18 does not follow it.
        return re.sub(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", "\u00a0", said)

    @property
    def written(self) -> str:
        """The bare number, as a table holds it: "92253", "680011.50"."""
        return written(self.value)


def totals(amounts: Iterable[Amount]) -> tuple[Amount, ...]:
    """The sum of each currency, in the order of their codes; () of nothing."""
    sums: dict[str, Amount] = {}
    for one in amounts:
        there = sums.get(one.currency)
        sums[one.currency] = there + one if there else Amount(one.value, one.currency)
    return tuple(sums[currency] for currency in sorted(sums))


def amount_in(text: str, currency: str, on: date | None = None) -> Amount | None:
    """The amount that a cell gives; None for an empty one. Blanks part thousands, commas and points do not.

    "1.000" is read by half of Europe as a thousand and by the other half as one, so that it is refused.
    """
    bare = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not bare:
        return None
    if not re.fullmatch(r"-?\d+(\.\d{1,2})?", bare, re.ASCII):
        raise UnreadableAmount(text)
    return Amount(Decimal(bare), currency, on)


def written(value: Decimal) -> str:
    """A number without an exponent and without empty cents."""
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") or "0") if "." in plain and not _places(value) else plain


@cache
def currencies() -> frozenset[str]:
    """The codes of ISO 4217, old ones too, from Unicode CLDR."""
    return frozenset(list_currencies())


def _places(value: Decimal) -> int:
    """How many digits stand behind the point, empty ones not counted."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@cache
def _whole(locale: str) -> str:
    """How a language writes an amount without cents."""
    from babel import Locale

    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    return re.sub(r"0[.]0+", "0", str(pattern))
