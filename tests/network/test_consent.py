"""What is visible of a person: never more than was chosen, than is lawful, and than is safe."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.consent import (
    ANONYMOUS,
    FIELD_PURPOSES,
    WIDEST_VISIBILITY,
    Basis,
    LegalBasis,
    Purpose,
    Viewer,
    Visibility,
    consent_texts,
    current_consent_text,
    effective_visibility,
    is_visible,
    parse_consent_texts,
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
def test_a_choice_is_limited_by_law_and_by_safety(field, chosen, lawful, at_risk, now):
    assert effective_visibility(field, chosen, lawful, at_risk=at_risk) is now


@given(fields, choices, held, st.booleans())
def test_visibility_is_never_wider_than_chosen_or_than_the_field_allows(field, chosen, lawful, at_risk):
    now = effective_visibility(field, chosen, lawful, at_risk=at_risk)
    assert now.width <= min(chosen.width, WIDEST_VISIBILITY.get(field, Visibility.PUBLIC).width)


@given(fields, choices, held, st.sampled_from(Purpose), st.booleans(), viewers)
def test_withdrawing_consent_never_shows_more(field, chosen, lawful, withdrawn, at_risk, viewer):
    before = is_visible(effective_visibility(field, chosen, lawful, at_risk=at_risk), viewer)
    after = is_visible(effective_visibility(field, chosen, lawful - {withdrawn}, at_risk=at_risk), viewer)
    assert before or not after


@given(fields, choices, held, viewers)
def test_only_the_secretariat_sees_anything_of_a_person_at_risk(field, chosen, lawful, viewer):
    if is_visible(effective_visibility(field, chosen, lawful, at_risk=True), viewer):
        assert viewer.is_secretariat


@given(fields, choices, held)
def test_without_a_legal_basis_a_stranger_sees_nothing(field, chosen, lawful):
    if is_visible(effective_visibility(field, chosen, lawful, at_risk=False), ANONYMOUS):
        assert Purpose.PUBLIC_ENTRY in lawful


def test_a_legal_basis_holds_from_its_start_until_just_before_its_end():
    basis = Basis(
        Purpose.DIRECTORY, LegalBasis.CONSENT, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    )
    moments = [datetime(2025, 12, 31, 23, 59, tzinfo=UTC), basis.since, datetime(2026, 1, 2, tzinfo=UTC)]
    assert [basis.is_active_at(moment) for moment in moments] == [False, True, False]


def test_every_field_has_a_purpose():
    assert set(FIELD_PURPOSES) == set(Field)


def test_every_purpose_that_shows_a_person_to_others_has_a_consent_text():
    assert {Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY} <= {one.purpose for one in consent_texts()}
    assert current_consent_text(Purpose.SECURITY) is None  # accounts have another legal basis than consent
    assert len({one.version for one in consent_texts()}) == len(consent_texts())


def test_consent_texts_are_read_from_the_older_to_the_newer():
    older, newer = parse_consent_texts(
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
def test_a_duplicate_version_or_one_out_of_order_is_rejected(version, since):
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
        parse_consent_texts(text)
