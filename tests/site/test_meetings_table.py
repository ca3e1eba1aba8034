"""A table of people as people have it: in their language, from their spreadsheet."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from samsvar.site.meetings.registration.actions import organising
from tests.factories.meetings import make_meeting, organiser_of
from tests.factories.people import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (("Name", "E-mail", "Country", "Group", "Takes part as"),
         ("A", "a@a.example", "Norway", "Researchers", "press")),
        (("navn", "E-postadresse", "Land", "Gruppe", "Deltar som"),
         ("A", "A@a.example", "Norge", "forskere", "presse")),
        (("NOM", "courriel", "Pays", "Groupe", "category"), ("A", "a@a.example", "Norvège", "researchers", "presse")),
        (("name", "email", "country", "group", "category"), ("A", "a@a.example", "no", "researchers", "press")),
    ],
)  # fmt: skip
def test_headings_and_words_are_read_in_the_languages_of_the_site(head, line):
    (row,) = organising.read_group(make_meeting(), [head, line])
    assert row == {
        "name": "A", "email": "a@a.example", "country": "NO", "group": "researchers", "category": "press",
        "language": "",
    }  # fmt: skip


def test_what_no_language_has_is_refused_by_cell():
    cells = [("name", "E-mail", "Country", "Group", "Shoe size"), ("A", "a@a.example", "Atlantis", "sailors", "41")]
    with pytest.raises(organising.WrongTable) as wrong:
        organising.read_group(make_meeting(), cells)
    assert [(one.row, one.column) for one in wrong.value.wrong] == [(1, "Shoe size")]
    with pytest.raises(organising.WrongTable) as wrong:
        organising.read_group(make_meeting(), [one[:4] for one in cells])
    assert [(one.row, one.column) for one in wrong.value.wrong] == [(2, "country"), (2, "group")]
    with pytest.raises(organising.WrongTable) as wrong:
        organising.read_group(make_meeting(), [("name", "email", "E-mail")])
    assert [(one.column, one.says) for one in wrong.value.wrong] == [("email", "This column stands there twice.")]


def test_letters_of_windows_are_read_as_the_organiser_says_and_shown_before_anybody_is_registered():
    meeting = make_meeting()
    client = sign_in(Client(), organiser_of(meeting), staff_session="a group")
    address = reverse("meetings:register-group", args=[meeting.public_id])
    table = BytesIO("name;E-mail\r\nØrjan Élan;a@a.example\r\n".encode("cp1252"))
    table.name = "guests.csv"
    page = client.post(address, {"table": table, "encoding": "cp1252"}).content.decode()
    assert ("Ørjan Élan" in page, "does not say in which letters" in page) == (True, True)
    with override("ro"):
        assert organising.read_group(meeting, [("Nume", "mail"), ("A", "a@a.example")])[0]["name"] == "A"
