"""Offices: who holds one on a day, who succeeds whom, and which two terms cannot both be true."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.membership import (
    SINGLE_HOLDER_OFFICES,
    InvalidTermDates,
    Office,
    Term,
    TermsOverlap,
    check_term_conflicts,
)

FIRST = Term("heron", Office.CHAIR, date(2020, 1, 1), date(2022, 12, 31))
SECOND = Term("finch", Office.CHAIR, date(2023, 1, 1), follows="heron")
CONTACT = Term("wren", Office.NATIONAL_CONTACT_POINT, date(2021, 5, 1), country="XA")


def test_a_term_includes_its_last_day():
    days = (date(2019, 12, 31), date(2020, 1, 1), date(2022, 12, 31), date(2023, 1, 1))
    assert [(FIRST.is_active_on(day), SECOND.is_active_on(day)) for day in days] == [
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
def test_overlapping_terms_in_a_single_office_or_of_one_person_are_rejected(new, others):
    with pytest.raises(TermsOverlap):
        check_term_conflicts(new, others)


@pytest.mark.parametrize(
    ("new", "others"),
    [
        (SECOND, [FIRST]),
        (Term("lark", Office.NATIONAL_CONTACT_POINT, date(2025, 1, 1), country="XB"), [CONTACT]),
        (Term("lark", Office.MEMBER, None), [Term("wren", Office.MEMBER, None)]),
        (Term("heron", Office.MEMBER, date(2021, 1, 1)), [FIRST]),
    ],
)
def test_successors_and_several_members_are_accepted(new, others):
    check_term_conflicts(new, others)


def test_a_term_cannot_end_before_it_begins():
    with pytest.raises(InvalidTermDates):
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
def test_accepted_terms_never_put_two_people_in_a_single_office(asked, day):
    held: list[Term] = []
    for term in asked:
        try:
            check_term_conflicts(term, held)
        except TermsOverlap:
            continue
        held.append(term)
    for office in SINGLE_HOLDER_OFFICES:
        assert len([term for term in held if term.office is office and term.is_active_on(day)]) <= 1
