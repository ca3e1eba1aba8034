"""Offices: who holds one on a day, who follows whom, and which two terms cannot be true together."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.membership import (
    SINGLE,
    Office,
    Term,
    TermEndsBeforeItBegins,
    TermsOverlap,
    check_against,
)

FIRST = Term("heron", Office.CHAIR, date(2020, 1, 1), date(2022, 12, 31))
SECOND = Term("finch", Office.CHAIR, date(2023, 1, 1), follows="heron")
CONTACT = Term("wren", Office.NATIONAL_CONTACT_POINT, date(2021, 5, 1), country="XA")


def test_the_last_day_of_a_term_belongs_to_it():
    days = (date(2019, 12, 31), date(2020, 1, 1), date(2022, 12, 31), date(2023, 1, 1))
    assert [(FIRST.holds_on(day), SECOND.holds_on(day)) for day in days] == [
        (False, False), (True, False), (True, False), (False, True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("new", "others"),
    [
        (Term("finch", Office.CHAIR, date(2022, 12, 31)), [FIRST]),
        (Term("finch", Office.CHAIR, None, date(2020, 1, 1)), [FIRST]),
        (Term("lark", Office.NATIONAL_CONTACT_POINT, date(2025, 1, 1), country="XA"), [CONTACT]),
        (Term("wren", Office.MEMBER, None), [Term("wren", Office.MEMBER, date(2020, 1, 1))]),
    ],
)
def test_an_office_of_one_is_not_held_by_two_and_none_is_held_twice_by_the_same(new, others):
    with pytest.raises(TermsOverlap):
        check_against(new, others)


@pytest.mark.parametrize(
    ("new", "others"),
    [
        (SECOND, [FIRST]),
        (Term("lark", Office.NATIONAL_CONTACT_POINT, date(2025, 1, 1), country="XB"), [CONTACT]),
        (Term("lark", Office.MEMBER, None), [Term("wren", Office.MEMBER, None)]),
        (Term("heron", Office.MEMBER, date(2021, 1, 1)), [FIRST]),
    ],
)
def test_one_follows_another_and_many_are_members(new, others):
    check_against(new, others)


def test_a_term_does_not_end_before_it_begins():
    with pytest.raises(TermEndsBeforeItBegins):
        Term("heron", Office.CHAIR, date(2022, 1, 2), date(2022, 1, 1))


days = st.none() | st.dates(date(2020, 1, 1), date(2020, 2, 1))
terms = st.builds(
    lambda person, office, first, last: Term(
        person, office, *((last, first) if first and last and last < first else (first, last))
    ),
    st.sampled_from(["heron", "finch"]),
    st.sampled_from(Office),
    days,
    days,
)


@given(st.lists(terms, max_size=8), st.dates(date(2019, 12, 1), date(2020, 3, 1)))
def test_whatever_was_let_in_no_office_of_one_is_ever_held_by_two(asked, day):
    held: list[Term] = []
    for term in asked:
        try:
            check_against(term, held)
        except TermsOverlap:
            continue
        held.append(term)
    for office in SINGLE:
        assert len([term for term in held if term.office is office and term.holds_on(day)]) <= 1
