"""Indicators say what they count, a value is a number or a reason, and only the same things are compared."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from samsvar.convention.treaty import ISTANBUL
from samsvar.implementation.indicators import (
    CATEGORIES,
    TOTAL,
    Cell,
    Dimension,
    GapReason,
    InvalidValue,
    NotComparable,
    Place,
    Population,
    TotalMismatch,
    Unit,
    Value,
    check_totals,
    check_value,
    compare_with_benchmark,
    load_benchmarks,
    load_indicators,
)
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.network.loading import Confidence

PARENTS = {"N": "XA", "S": "XA"}


def value(number, territory="XA", cell=TOTAL, **fields) -> Value:
    gap = number if isinstance(number, GapReason) else None
    return Value(
        place=Place(2024, territory, cell), number=None if gap else Decimal(number), gap=gap, **fields
    )  # fmt: skip


def test_zero_is_a_number_and_a_gap_has_a_reason():
    assert value(0).number == 0
    assert value(GapReason.NOT_COLLECTED).number is None
    for fields in ({}, {"number": Decimal(1), "gap": GapReason.NOT_AVAILABLE}):
        with pytest.raises(InvalidValue) as error:
            Value(place=Place(2024, "XA"), **fields)
        assert error.value.code == "number_or_gap"


@pytest.mark.parametrize("number", ["-1", "1e12", "-0.01"])
def test_a_number_is_not_negative_and_not_absurd(number):
    with pytest.raises(InvalidValue):
        value(number)


def test_a_cell_has_known_categories_and_a_key_that_can_be_read_back():
    cell = Cell(sex="women", age="18-24")
    assert (cell.key, Cell.from_key(cell.key), Cell.from_key("")) == ("sex=women;age=18-24", cell, TOTAL)
    assert set(cell.totals()) == {Cell(sex="women"), Cell(age="18-24"), TOTAL}
    for key in ("sex=girls", "shoe=42", "women", "sex"):
        with pytest.raises(InvalidValue):
            Cell.from_key(key)


def test_a_value_fits_its_indicator():
    shared = load_indicators()
    check_value(shared["recorded-victims"], value(12, cell=Cell(sex="women")))
    wrong = {
        "unexpected_dimension": (shared["family-places"], value(12, cell=Cell(sex="women"))),
        "denominator_mismatch": (shared["protection-orders-granted"], value(12)),
        "number_exceeds_denominator": (shared["protection-orders-granted"], value(12, denominator=Decimal(11))),
        "not_a_whole_number": (shared["family-places"], value("12.5")),
    }
    for code, (indicator, one) in wrong.items():
        with pytest.raises(InvalidValue) as error:
            check_value(indicator, one)
        assert error.value.code == code


def test_totals_are_checked_against_regions_and_categories():
    values = [
        value(10), value(4, "N"), value(5, "S"),
        value(7, cell=Cell(sex="women")), value(4, cell=Cell(sex="men")),
        value(4, "N", Cell(sex="women")), value(0, "N", Cell(sex="not_known")),
    ]  # fmt: skip
    assert check_totals(values, PARENTS) == [
        TotalMismatch(Place(2024, "XA"), Dimension.SEX, Decimal(10), Decimal(11)),
        TotalMismatch(Place(2024, "XA"), None, Decimal(10), Decimal(9)),
    ]
    # a missing region or an unknown rest explains a larger total
    assert check_totals([value(10), value(4, "N"), value(GapReason.NOT_COLLECTED, "S")], PARENTS) == []
    assert check_totals([value(10), value(7, cell=Cell(sex="women"))], PARENTS) == []


def test_forms_of_violence_may_add_up_to_more_than_the_victims():
    values = [value(10), value(8, cell=Cell(form="stalking")), value(9, cell=Cell(form="physical_violence"))]
    assert check_totals(values, {}) == []


def test_benchmarks_are_those_of_their_sources_and_never_mixed():
    benchmarks = {
        key: (one.unit, one.number, one.per, one.population, one.confidence) for key, one in load_benchmarks().items()
    }
    assert benchmarks == {
        "family-places":
            (Unit.FAMILY_PLACE, 1, 10_000, Population.INHABITANTS, Confidence.CONFIRMED),
        "rape-crisis-centres-2008":
            (Unit.RAPE_CRISIS_CENTRE, 1, 200_000, Population.WOMEN, Confidence.SINGLE_SOURCE),
        "sexual-assault-referral-centres-2008":
            (Unit.SEXUAL_ASSAULT_REFERRAL_CENTRE, 1, 400_000, Population.WOMEN, Confidence.SINGLE_SOURCE),
        "sexual-violence-centres-eige":
            (Unit.SEXUAL_VIOLENCE_CENTRE, 1, 200_000, Population.INHABITANTS, Confidence.SINGLE_SOURCE),
    }  # fmt: skip
    units = [unit for unit, *_ in benchmarks.values()]
    assert len(set(units)) == len(units)


def test_a_number_is_compared_with_a_benchmark_of_the_same_definition():
    benchmark = load_benchmarks()["family-places"]
    comparison = compare_with_benchmark(benchmark, Unit.FAMILY_PLACE, Decimal(410), Decimal(5_400_000))
    assert (comparison.number, comparison.required, comparison.is_met) == (410, 540, False)
    assert Fraction(comparison.required) == Fraction(5_400_000, 10_000)


def test_other_definitions_unverified_benchmarks_and_gaps_are_not_compared():
    benchmark = load_benchmarks()["family-places"]
    unverified = replace(benchmark, confidence=Confidence.UNVERIFIED, source="", second_source="")
    population = Decimal(5_400_000)
    reasons = [
        compare_with_benchmark(benchmark, Unit.WOMENS_BED, Decimal(410), population).reason,
        compare_with_benchmark(unverified, Unit.FAMILY_PLACE, Decimal(410), population).reason,
        compare_with_benchmark(benchmark, Unit.FAMILY_PLACE, None, population).reason,
        compare_with_benchmark(benchmark, Unit.FAMILY_PLACE, Decimal(410), None).reason,
    ]
    assert reasons == [
        NotComparable.DEFINITION_DIFFERS, NotComparable.UNVERIFIED, NotComparable.NO_NUMBER,
        NotComparable.NO_POPULATION,
    ]  # fmt: skip


def test_data_files_have_every_language_and_articles_of_the_convention():
    articles = {str(article.number) for article in ISTANBUL.articles}
    for entry in (*load_indicators().values(), *load_benchmarks().values()):
        assert set(entry.articles) <= articles
        texts = [entry.definitions, getattr(entry, "titles", None) or entry.standard]
        assert [[language for language, _ in text] for text in texts] == [[*INTERFACE_LANGUAGES]] * 2


def test_every_dimension_has_a_category_for_what_is_not_known():
    assert {categories[-1] for categories in CATEGORIES.values()} == {"not_known"}
    assert set(CATEGORIES) == set(Dimension)
