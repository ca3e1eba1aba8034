"""Amounts of money: decimals in one currency, never floats and never added across currencies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from babel.numbers import format_currency, list_currencies

from samsvar.errors import SamsvarError

MAX_AMOUNT = Decimal("1e15")  # a larger amount is a typing error, and does not fit into a database column


class FundingError(SamsvarError):
    """Base class of errors in amounts and other data on funding."""


class UnreadableAmount(FundingError):
    """Raised when a text is not a valid amount."""

    advice = "Write digits, with a full stop before any cents: 92253 or 92253.50."

    def __init__(self, text: str) -> None:
        super().__init__(f"“{text}” is not an amount.")
        self.text = text


class UnknownCurrency(FundingError):
    """Raised when a code is not that of a known currency."""

    advice = "Use a three-letter ISO 4217 code such as EUR, NOK or RON."

    def __init__(self, currency: str) -> None:
        super().__init__(f"“{currency}” is not a currency.")
        self.currency = currency


class CurrencyMismatch(FundingError):
    """Raised when amounts in different currencies are added or divided."""

    advice = "State both amounts separately; adding them needs an exchange rate and a date."

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second} cannot be added.")
        self.first, self.second = first, second


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money in one currency, with its value date if a source gives one; negative for refunds."""

    value: Decimal
    currency: str
    value_date: date | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal):
            raise TypeError("an amount must be a Decimal: a float loses cents")
        if self.currency not in currency_codes():
            raise UnknownCurrency(self.currency)
        if not self.value.is_finite() or abs(self.value) >= MAX_AMOUNT or _decimal_places(self.value) > 2:
            raise UnreadableAmount(str(self.value))

    def __add__(self, other: Amount) -> Amount:
        """Return the sum, without a value date, because the two amounts may have different ones."""
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return Amount(self.value + other.value, self.currency)

    def fraction_of(self, whole: Amount) -> Decimal:
        """Return this amount divided by `whole`. Raises CurrencyMismatch, or UnreadableAmount if `whole` is 0."""
        if whole.currency != self.currency:
            raise CurrencyMismatch(self.currency, whole.currency)
        if not whole.value:
            raise UnreadableAmount("0")
        return self.value / whole.value

    def to_text(self, language: str = "en") -> str:
        """Format the amount in the reader's language: "€92,253", "92 253 €"; cents only if there are any."""
        locale = "en_GB" if language == "en" else language
        if _decimal_places(self.value):
            text = str(format_currency(self.value, self.currency, locale=locale))
        else:
            text = str(
                format_currency(
                    self.value, self.currency, _whole_amount_pattern(locale), locale=locale, currency_digits=False
                )
            )
        # CLDR separates letters from digits ("NOK 5"); Babel 2.18 does not.
        return re.sub(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", "\u00a0", text)

    @property
    def plain_number(self) -> str:
        """The number without its currency, for a table cell: "92253", "680011.50"."""
        return format_decimal(self.value)


def totals_by_currency(amounts: Iterable[Amount]) -> tuple[Amount, ...]:
    """Return the sum for each currency, sorted by currency code; () for no amounts."""
    sums: dict[str, Amount] = {}
    for amount in amounts:
        subtotal = sums.get(amount.currency)
        sums[amount.currency] = subtotal + amount if subtotal else Amount(amount.value, amount.currency)
    return tuple(sums[currency] for currency in sorted(sums))


def parse_amount(text: str, currency: str, valued_on: date | None = None) -> Amount | None:
    """Parse the amount in a cell; return None for an empty cell.

    Spaces may separate thousands; commas and points may not. "1.000" is rejected, because half of Europe reads it as
    a thousand and the other half as one.
    """
    digits = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not digits:
        return None
    if not re.fullmatch(r"-?\d+(\.\d{1,2})?", digits, re.ASCII):
        raise UnreadableAmount(text)
    return Amount(Decimal(digits), currency, valued_on)


def format_decimal(value: Decimal) -> str:
    """Format a number without an exponent, and without decimal places if they are all zero."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text and not _decimal_places(value) else text


@cache
def currency_codes() -> frozenset[str]:
    """Return the ISO 4217 codes, including historical ones, from Unicode CLDR."""
    return frozenset(list_currencies())


def _decimal_places(value: Decimal) -> int:
    """Return the number of decimal places, ignoring trailing zeros."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@cache
def _whole_amount_pattern(locale: str) -> str:
    """Return a locale's number pattern for currency amounts without cents."""
    from babel import Locale

    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    return re.sub(r"0[.]0+", "0", str(pattern))
