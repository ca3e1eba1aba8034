"""The four groups and their shares."""

from __future__ import annotations

from samsvar.network.people import Group, share_of_groups


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
