"""The four groups and their shares; organisations that are not on the list."""

from __future__ import annotations

import pytest

from samsvar.network.people import Group, format_unlisted_organisation, group_shares, parse_unlisted_organisation


def test_an_empty_group_is_listed_and_shares_are_of_all_people():
    assert group_shares([Group.RESEARCHERS, Group.RESEARCHERS, Group.POLITICIANS, None]) == {
        Group.POLITICIANS: (1, 0.25),
        Group.PRACTITIONERS: (0, 0.0),
        Group.RESEARCHERS: (2, 0.5),
        Group.CIVIL_SOCIETY: (0, 0.0),
        None: (1, 0.25),
    }


def test_a_network_without_people_has_four_empty_groups():
    assert group_shares([]) == dict.fromkeys(Group, (0, 0.0))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("House by the Sea", "House by the Sea"),
        ("  House\n by\t the  Sea ", "House by the Sea"),
        ("Фонд “Надежда”", "Фонд “Надежда”"),
        ("a" * 119 + " house", "a" * 119),
    ],
)
def test_an_organisation_entered_as_text_is_read_back_tidied_and_shortened(said, words):
    assert parse_unlisted_organisation(format_unlisted_organisation(said)) == words


@pytest.mark.parametrize("value", ["house-by-the-sea", "no-ministry-of-justice", "", "“"])
def test_a_public_id_is_not_an_organisation_entered_as_text(value):
    assert parse_unlisted_organisation(value) == ""
