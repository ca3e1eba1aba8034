"""The four groups and their shares; an organisation that the list has not."""

from __future__ import annotations

import pytest

from samsvar.network.people import Group, organisation_in_words, share_of_groups, words_of_organisation


def test_an_absent_group_is_seen_and_shares_are_of_all_people():
    assert share_of_groups([Group.RESEARCHERS, Group.RESEARCHERS, Group.POLITICIANS, None]) == {
        Group.POLITICIANS: (1, 0.25),
        Group.PRACTITIONERS: (0, 0.0),
        Group.RESEARCHERS: (2, 0.5),
        Group.CIVIL_SOCIETY: (0, 0.0),
        None: (1, 0.25),
    }


def test_a_network_without_people_has_four_groups_of_nobody():
    assert share_of_groups([]) == dict.fromkeys(Group, (0, 0.0))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("House by the Sea", "House by the Sea"),
        ("  House\n by\t the  Sea ", "House by the Sea"),
        ("Фонд “Надежда”", "Фонд “Надежда”"),
        ("a" * 119 + " house", "a" * 119),
    ],
)
def test_an_organisation_said_in_words_is_read_back_as_it_was_said(said, words):
    assert words_of_organisation(organisation_in_words(said)) == words


@pytest.mark.parametrize("value", ["house-by-the-sea", "no-ministry-of-justice", "", "“"])
def test_a_public_id_is_no_words(value):
    assert words_of_organisation(value) == ""
