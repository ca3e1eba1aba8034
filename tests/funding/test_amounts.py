"""Tests of amounts: exact, in one currency each, written back as they were read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from samsvar.funding.amounts import (
    Amount,
    CurrencyMismatch,
    UnknownCurrency,
    UnreadableAmount,
    parse_amount,
    totals_by_currency,
)

CENTS = some.integers(min_value=-(10**16), max_value=10**16).map(lambda cents: Decimal(cents) / 100)
EUROS = CENTS.map(lambda value: Amount(value, "EUR"))


@given(EUROS)
def test_a_written_amount_can_be_read_back(amount):
    assert parse_amount(amount.plain_number, "EUR") == amount


@given(some.lists(some.builds(Amount, CENTS, some.sampled_from(["EUR", "NOK", "RON"])), max_size=8))
def test_totals_are_exact_and_kept_per_currency(amounts):
    assert {one.currency: one.value for one in totals_by_currency(amounts)} == {
        currency: sum(one.value for one in amounts if one.currency == currency)
        for currency in {one.currency for one in amounts}
    }


def test_amounts_in_two_currencies_cannot_be_added():
    with pytest.raises(CurrencyMismatch):
        Amount(Decimal(1), "EUR") + Amount(Decimal(1), "NOK")


@pytest.mark.parametrize("text", ["1.000,00", "92,253", "1.234", "€5", "1e6", "NaN", "٣", "--1"])
def test_ambiguous_and_unreadable_amounts_are_rejected(text):
    with pytest.raises(UnreadableAmount):
        parse_amount(text, "EUR")


def test_spaces_separate_thousands_and_an_empty_cell_is_not_an_amount():
    assert (parse_amount("92 253.50", "EUR"), parse_amount("2\u202f000\u00a0000", "EUR"), parse_amount(" ", "EUR")) == (
        Amount(Decimal("92253.5"), "EUR"),
        Amount(Decimal(2_000_000), "EUR"),
        None,
    )


def test_floats_and_unknown_currencies_are_rejected():
    with pytest.raises(TypeError):
        Amount(1.1, "EUR")  # type: ignore[arg-type]
    with pytest.raises(UnknownCurrency):
        Amount(Decimal(1), "EURO")


def test_amounts_are_formatted_for_each_language():
    amount = Amount(Decimal(92253), "EUR")
    assert [amount.to_text(language) for language in ("en", "fr", "nb", "ro")] == [
        "€92,253", "92\u202f253\xa0€", "92\xa0253\xa0€", "92.253\xa0EUR",
    ]  # fmt: skip
    assert Amount(Decimal("680011.5"), "EUR").to_text() == "€680,011.50"
    assert Amount(Decimal(2_500_000), "NOK").to_text() == "NOK\u00a02,500,000"
    assert Amount(Decimal("-5.5"), "NOK").to_text() == "-NOK\u00a05.50"
