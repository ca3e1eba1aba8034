"""What is visible of a person: no more than was chosen, than is lawful, and than is safe."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.consent import (
    ANYBODY,
    USED_FOR,
    WIDEST,
    Basis,
    Ground,
    Purpose,
    Viewer,
    Visibility,
    consent_texts,
    consent_texts_in,
    current_text,
    effective,
    is_visible,
    purposes_asked,
)
from samsvar.network.people import Field

BOTH = frozenset({Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY})
fields, choices = st.sampled_from(Field), st.sampled_from(Visibility)
held = st.frozensets(st.sampled_from(Purpose))
viewers = st.builds(Viewer, st.booleans(), st.just(False), st.booleans(), st.booleans())


@pytest.mark.parametrize(
    ("field", "chosen", "lawful", "at_risk", "now"),
    [
        (Field.NAME, Visibility.PUBLIC, BOTH, False, Visibility.PUBLIC),
        (Field.NAME, Visibility.PUBLIC, frozenset({Purpose.DIRECTORY}), False, Visibility.SIGNED_IN),
        (Field.NAME, Visibility.PUBLIC, frozenset(), False, Visibility.SECRETARIAT),
        (Field.NAME, Visibility.PUBLIC, BOTH, True, Visibility.SECRETARIAT),
        (Field.NAME, Visibility.ONLY_ME, BOTH, True, Visibility.ONLY_ME),
        (Field.EMAIL, Visibility.PUBLIC, BOTH, False, Visibility.SIGNED_IN),
        (Field.PHOTOGRAPH, Visibility.PUBLIC, BOTH, False, Visibility.SIGNED_IN),
        (Field.GENDER, Visibility.PUBLIC, BOTH, False, Visibility.SECRETARIAT),
    ],
)
def test_a_choice_is_narrowed_by_law_and_by_safety(field, chosen, lawful, at_risk, now):
    assert effective(field, chosen, lawful, at_risk=at_risk) is now


@given(fields, choices, held, st.booleans())
def test_nothing_is_ever_wider_than_was_chosen_or_than_its_field_may_be(field, chosen, lawful, at_risk):
    now = effective(field, chosen, lawful, at_risk=at_risk)
    assert now.width <= min(chosen.width, WIDEST.get(field, Visibility.PUBLIC).width)


@given(fields, choices, held, st.sampled_from(Purpose), st.booleans(), viewers)
def test_withdrawing_never_shows_more(field, chosen, lawful, withdrawn, at_risk, viewer):
    before = is_visible(effective(field, chosen, lawful, at_risk=at_risk), viewer)
    after = is_visible(effective(field, chosen, lawful - {withdrawn}, at_risk=at_risk), viewer)
    assert before or not after


@given(fields, choices, held, viewers)
def test_of_a_person_at_risk_nobody_but_the_secretariat_sees_anything(field, chosen, lawful, viewer):
    if is_visible(effective(field, chosen, lawful, at_risk=True), viewer):
        assert viewer.is_secretariat


@given(fields, choices, held)
def test_without_consent_or_another_ground_a_stranger_sees_nothing(field, chosen, lawful):
    if is_visible(effective(field, chosen, lawful, at_risk=False), ANYBODY):
        assert Purpose.PUBLIC_ENTRY in lawful


def test_a_basis_holds_from_its_first_moment_until_before_its_last():
    basis = Basis(Purpose.DIRECTORY, Ground.CONSENT, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    moments = [datetime(2025, 12, 31, 23, 59, tzinfo=UTC), basis.since, datetime(2026, 1, 2, tzinfo=UTC)]
    assert [basis.holds_at(moment) for moment in moments] == [False, True, False]


def test_every_field_says_what_it_is_used_for():
    assert set(USED_FOR) == set(Field)


def test_every_use_that_shows_somebody_to_others_is_asked_for_in_words():
    assert {Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY} <= set(purposes_asked())
    assert current_text(Purpose.SECURITY) is None  # accounts stand on another ground than consent
    assert len({one.version for one in consent_texts()}) == len(consent_texts())


def test_a_newer_text_is_asked_for_in_place_of_the_older():
    older, newer = consent_texts_in(
        """
        [[text]]
        purpose = "contact"
        version = "contact-1"
        since = 2026-01-01
        [[text]]
        purpose = "contact"
        version = "contact-2"
        since = 2026-02-01
        """
    )
    assert (older.since, newer.version) == (date(2026, 1, 1), "contact-2")


@pytest.mark.parametrize(("version", "since"), [("contact-1", "2026-02-01"), ("contact-2", "2025-02-01")])
def test_a_version_that_is_named_twice_or_out_of_order_is_refused(version, since):
    text = f"""
        [[text]]
        purpose = "contact"
        version = "contact-1"
        since = 2026-01-01
        [[text]]
        purpose = "contact"
        version = "{version}"
        since = {since}
        """
    with pytest.raises(ValueError, match=version):
        consent_texts_in(text)
