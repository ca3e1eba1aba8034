"""Importing a table of people in the organiser's own language and spreadsheet format."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from samsvar.site.meetings.registration.actions import organising
from tests.factories.meetings import make_meeting, make_organiser
from tests.factories.people import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (("Name", "E-mail", "Country", "Group", "Category"),
         ("A", "a@a.example", "Norway", "Researchers", "press")),
        (("navn", "E-postadresse", "Land", "Gruppe", "Kategori"),
         ("A", "A@a.example", "Norge", "forskere", "presse")),
        (("NOM", "courriel", "Pays", "Groupe", "category"), ("A", "a@a.example", "Norvège", "researchers", "presse")),
        (("name", "email", "country", "group", "category"), ("A", "a@a.example", "no", "researchers", "press")),
    ],
)  # fmt: skip
def test_headings_and_values_are_read_in_every_language_of_the_site(head, line):
    (row,) = organising.parse_group_table(make_meeting(), [head, line])
    assert row == {
        "name": "A", "email": "a@a.example", "country": "NO", "group": "researchers", "category": "press",
        "language": "",
    }  # fmt: skip


def test_unknown_headings_and_values_are_reported_by_cell():
    cells = [("name", "E-mail", "Country", "Group", "Shoe size"), ("A", "a@a.example", "Atlantis", "sailors", "41")]
    with pytest.raises(organising.InvalidGroupTable) as wrong:
        organising.parse_group_table(make_meeting(), cells)
    assert [(one.row, one.column) for one in wrong.value.errors] == [(1, "Shoe size")]
    with pytest.raises(organising.InvalidGroupTable) as wrong:
        organising.parse_group_table(make_meeting(), [one[:4] for one in cells])
    assert [(one.row, one.column) for one in wrong.value.errors] == [(2, "country"), (2, "group")]
    with pytest.raises(organising.InvalidGroupTable) as wrong:
        organising.parse_group_table(make_meeting(), [("name", "email", "E-mail")])
    assert [(one.column, one.message) for one in wrong.value.errors] == [("email", "This column appears twice.")]


def test_a_windows_file_is_previewed_in_the_encoding_that_the_organiser_chose():
    meeting = make_meeting()
    client = sign_in(Client(), make_organiser(meeting), staff_session="a group")
    address = reverse("meetings:register-group", args=[meeting.public_id])
    table = BytesIO("name;E-mail\r\nØrjan Élan;a@a.example\r\n".encode("cp1252"))
    table.name = "guests.csv"
    page = client.post(address, {"table": table, "encoding": "cp1252"}).content.decode()
    assert ("Ørjan Élan" in page, "does not state its character encoding" in page) == (True, True)
    with override("ro"):
        assert organising.parse_group_table(meeting, [("Nume", "mail"), ("A", "a@a.example")])[0]["name"] == "A"
