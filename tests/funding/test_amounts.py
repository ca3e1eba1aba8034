"""Amounts: exact, in one currency each, written back as they were read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from samsvar.funding.amounts import (
    Amount,
    DifferentCurrencies,
    UnknownCurrency,
    UnreadableAmount,
    amount_in,
    totals,
)

CENTS = some.integers(min_value=-(10**16), max_value=10**16).map(lambda cents: Decimal(cents) / 100)
EUROS = CENTS.map(lambda value: Amount(value, "EUR"))


@given(EUROS)
def test_what_is_written_is_read_again(amount):
    assert amount_in(amount.written, "EUR") == amount


@given(some.lists(some.builds(Amount, CENTS, some.sampled_from(["EUR", "NOK", "RON"])), max_size=8))
def test_a_total_keeps_each_currency_and_each_cent(amounts):
    assert {one.currency: one.value for one in totals(amounts)} == {
        currency: sum(one.value for one in amounts if one.currency == currency)
        for currency in {one.currency for one in amounts}
    }


def test_two_currencies_have_no_sum():
    with pytest.raises(DifferentCurrencies):
        Amount(Decimal(1), "EUR") + Amount(Decimal(1), "NOK")


@pytest.mark.parametrize("text", ["1.000,00", "92,253", "1.234", "€5", "1e6", "NaN", "٣", "--1"])
def test_what_could_mean_two_things_is_refused(text):
    with pytest.raises(UnreadableAmount):
        amount_in(text, "EUR")


def test_blanks_part_thousands_and_an_empty_cell_is_no_amount():
    assert (amount_in("92 253.50", "EUR"), amount_in("2\u202f000\u00a0000", "EUR"), amount_in(" ", "EUR")) == (
        Amount(Decimal("92253.5"), "EUR"),
        Amount(Decimal(2_000_000), "EUR"),
        None,
    )


def test_a_float_is_no_amount_and_a_word_no_currency():
    with pytest.raises(TypeError):
        Amount(1.1, "EUR")  # type: ignore[arg-type]
    with pytest.raises(UnknownCurrency):
        Amount(Decimal(1), "EURO")


def test_each_language_writes_an_amount_its_own_way():
    amount = Amount(Decimal(92253), "EUR")
    assert [amount.shown(language) for language in ("en", "fr", "nb", "ro")] == [
        "€92,253", "92\u202f253\xa0€", "92\xa0253\xa0€", "92.253\xa0EUR",
    ]  # fmt: skip
    assert Amount(Decimal("680011.5"), "EUR").shown() == "€680,011.50"
    assert Amount(Decimal(2_500_000), "NOK").shown() == "NOK\u00a02,500,000"
    assert Amount(Decimal("-5.5"), "NOK").shown() == "-NOK\u00a05.50"
