"""A consent that is withdrawn, or somebody hidden for their safety, is gone at once from every place of the site.

Each place is asked first, while the person *is* there: who finds nothing where there was nothing has proved nothing.
A new place is one line in `PLACES`.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.urls import reverse

from samsvar.network.consent import Purpose, Visibility, current_text
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Role
from samsvar.site.audit.queries import LastingNumber
from samsvar.site.network import models
from samsvar.site.network.directory.actions.consent import give_consent, withdraw_consent
from samsvar.site.network.directory.actions.people import Said, hide_for_safety, save_entry
from samsvar.site.network.membership.actions.members import appoint, give_seat, save_organisation
from samsvar.site.shell.uploads import store_private
from tests.factories.people import make_account, make_network, make_person, sign_in
from tests.site.test_cache import ask, keeping

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "Ilvane Brookmantle"
TITLE = "Keeper of the lighthouse"
PICTURE = b"RIFF0000WEBP a picture that nobody else has"
MARKS = (b"Brookmantle", b"Keeper of the lighthouse", PICTURE)


@dataclass
class World:
    """One person who shows all that can be shown, and everybody who looks."""

    network: models.Network
    person: models.Person
    reader: models.Account
    member: models.Account
    secretariat: models.Account
    kept: Any

    def anybody(self, path: str) -> bytes:
        """What a browser without an account gets through the page cache, as gunicorn serves it; asked twice."""
        answers = [ask(self.kept, path, HTTP_HOST="testserver") for _ in range(2)]
        connection.close()
        (status, headers, body), (_status, _headers, again) = answers
        assert body == again
        assert "max-age" not in headers.get("Cache-Control", ""), (path, headers)
        return body if status.startswith("200") else b""

    def somebody(self, account: models.Account, path: str, session: str = "") -> bytes:
        client = sign_in(Client(), account, staff_session=session)
        response = client.get(path)
        assert "no-store" in response["Cache-Control"] or response.status_code == 404, path
        return response.content if response.status_code == 200 else b""


def address(name: str, *args: str) -> str:
    return reverse(f"network:{name}", args=args)


def export(world: World, form: str) -> bytes:
    """A list of members as the secretariat takes it out."""
    client = sign_in(Client(), world.secretariat, staff_session="yearly check of the list")
    content: bytes = client.post(address("export-members", "lantern"), {"form": form}).content
    if form != "xlsx":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist())


def files(world: World) -> bytes:
    """Every file below the site's data but the database itself: search index, pictures, static files, caches."""
    world.anybody("/en/search/?q=ilvane")  # whatever a search writes is written
    found = []
    for path in sorted(Path(site.DATA).rglob("*")):
        if path.is_file() and "sqlite3" not in path.name and "private" not in path.parts:
            with contextlib.suppress(OSError):
                found.append(path.read_bytes())
    return b"".join(found)


type Place = Callable[[World], bytes]

PUBLIC: dict[str, Place] = {
    "the page of the network": lambda w: w.anybody(address("network", "lantern")),
    "the page of the network in another language": lambda w: w.anybody("/ro/networks/lantern/"),
    "the page of the network on an earlier day": lambda w: w.anybody(address("network", "lantern") + "?on=2024-05-01"),
    "the page of the organisation": lambda w: w.anybody(address("organisation", "xa-house-of-lamps")),
    "the public directory": lambda w: w.anybody(address("directory")),
    "the public directory, asked for a name": lambda w: w.anybody(address("directory") + "?q=ilvane"),
    "the public directory, asked for a language": lambda w: w.anybody(address("directory") + "?language=ro"),
    "the person's own page": lambda w: w.anybody(address("person", w.person.public_id)),
    "the search page": lambda w: w.anybody("/en/search/?q=ilvane"),
    "people.json": lambda w: w.anybody(address("network-people-json", "lantern")),
    "people.csv": lambda w: w.anybody(address("network-people-csv", "lantern")),
    "the feed": lambda w: w.anybody(address("network-feed", "lantern")),
}
SIGNED_IN: dict[str, Place] = {
    "the directory of who is signed in": lambda w: w.somebody(w.reader, address("directory")),
    "the person's page for who is signed in": lambda w: w.somebody(w.reader, address("person", w.person.public_id)),
    "the network for who is signed in": lambda w: w.somebody(w.reader, address("network", "lantern")),
    "the search page for who is signed in": lambda w: w.somebody(w.reader, "/en/search/?q=ilvane"),
    "the directory of a fellow member": lambda w: w.somebody(w.member, address("directory")),
    "the person's page for a fellow member": lambda w: w.somebody(w.member, address("person", w.person.public_id)),
    "the photograph for who is signed in": lambda w: w.somebody(w.reader, address("photograph", w.person.public_id)),
    "the photograph for a fellow member": lambda w: w.somebody(w.member, address("photograph", w.person.public_id)),
}
EXPORTS: dict[str, Place] = {
    "members.csv": lambda w: export(w, "csv"),
    "members.xlsx": lambda w: export(w, "xlsx"),
}
PLACES = PUBLIC | SIGNED_IN


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Iterator[World]:
    from samsvar.site.convention.actions import load_convention

    settings.SAMSVAR_SEARCH_INDEX = Path(site.DATA) / "search-of-withdrawal"
    load_convention()
    network = make_network("lantern")
    house = save_organisation(by=None, name="House of Lamps", kind=OrganisationKind.SHELTER_NGO, state="XA")
    give_seat(network=network, organisation=house, by=None)
    own = make_account(Role.READER)
    person = make_person(account=own, details={Field.NAME: NAME})
    appoint(network=network, person=person, by=None, office="chair", organisation=house)  # type: ignore[arg-type]
    hash_ = store_private(PICTURE)
    models.Photograph.objects.create(person=person, content_hash=hash_, format="webp", width=1, height=1)
    models.Detail.objects.create(person=person, field=Field.PHOTOGRAPH, value=hash_)
    show(person)
    member = make_account(Role.READER)
    appoint(network=network, person=make_person(account=member), by=None, office="member")  # type: ignore[arg-type]
    number = LastingNumber()
    yield World(
        network=network,
        person=person,
        reader=make_account(Role.READER),
        member=member,
        secretariat=make_account(Role.SECRETARIAT, network=network),
        kept=keeping(get_wsgi_application(), number=number, limit=10_000_000),
    )
    number.close()


def show(person: models.Person) -> None:
    """Everything to everybody, with the consents that this needs; what may not be public, to who is signed in."""
    wide = Visibility.PUBLIC
    save_entry(
        person=person,
        by=person.account,  # type: ignore[arg-type]
        said={
            Field.NAME: Said((NAME,), wide),
            Field.TITLE: Said((TITLE,), wide),
            Field.ORGANISATION: Said(("xa-house-of-lamps",), wide),
            Field.LANGUAGES: Said(("ro",), wide),
            Field.NETWORKS: Said(None, wide),
            Field.PHOTOGRAPH: Said(None, Visibility.SIGNED_IN),
        },
        consents={
            purpose: text.version
            for purpose in (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)
            if (text := current_text(purpose))
        },
    )


def is_there(body: bytes) -> bool:
    return any(mark in body for mark in MARKS)


def withdraw_all(world: World) -> None:
    for purpose in (Purpose.PUBLIC_ENTRY, Purpose.DIRECTORY):
        withdraw_consent(person=world.person, purpose=purpose, by=None)


def hide(world: World) -> None:
    hide_for_safety(person=world.person, pseudonym="A. Heron", by=None, why="she is threatened")


def where(world: World, places: dict[str, Place]) -> dict[str, bool]:
    """In which of these places something of the person is found now."""
    return {name: is_there(place(world)) for name, place in places.items()}


@pytest.mark.parametrize("ending", [withdraw_all, hide])
def test_whoever_withdraws_or_is_hidden_is_gone_from_every_place_at_once(ending: Callable[[World], None], world: World):
    assert where(world, PLACES) == dict.fromkeys(PLACES, True)  # there is something to lose everywhere
    ending(world)
    assert where(world, PLACES) == dict.fromkeys(PLACES, False)
    key = world.person.public_id.encode()  # not even a number is left; the person's own address repeats what was asked
    own = {"the person's own page", "the person's page for who is signed in", "the person's page for a fellow member"}
    assert [name for name, place in PLACES.items() if name not in own and key in place(world)] == []


def test_consenting_again_shows_nothing_anywhere_until_it_is_chosen_anew(world: World):
    withdraw_all(world)
    for purpose in (Purpose.PUBLIC_ENTRY, Purpose.DIRECTORY):
        text = current_text(purpose)
        assert text is not None
        give_consent(person=world.person, purpose=purpose, version=text.version, by=None)
    assert where(world, PLACES) == dict.fromkeys(PLACES, False)
    show(world.person)
    assert where(world, PLACES) == dict.fromkeys(PLACES, True)


def test_without_the_public_entry_what_is_public_is_gone_and_who_is_signed_in_sees_no_more_than_before(world: World):
    assert where(world, PUBLIC) == dict.fromkeys(PUBLIC, True)
    withdraw_consent(person=world.person, purpose=Purpose.PUBLIC_ENTRY, by=None)
    assert where(world, PUBLIC) == dict.fromkeys(PUBLIC, False)
    assert where(world, SIGNED_IN) == dict.fromkeys(SIGNED_IN, True)


@pytest.mark.parametrize("place", EXPORTS)
def test_somebody_at_risk_is_on_no_list_that_leaves_the_site_unasked(place: str, world: World):
    assert is_there(EXPORTS[place](world))
    hide(world)
    assert not is_there(EXPORTS[place](world))


def test_no_file_of_the_site_holds_a_person_s_details_at_any_time(world: World):
    """Public or not: pages and lists are made of the database, and no file beside it has to be cleaned."""
    for place in PLACES.values():
        place(world)
    marker = Path(site.DATA) / "a file that the search below must find"
    marker.write_bytes(NAME.encode())
    try:
        assert is_there(files(world))
    finally:
        marker.unlink()
    assert not is_there(files(world))
    withdraw_all(world)
    assert not is_there(files(world))


def test_a_withdrawal_that_is_not_committed_takes_nothing_away(world: World):
    from django.db import transaction

    page = PUBLIC["the person's own page"]
    with contextlib.suppress(RuntimeError), transaction.atomic():
        withdraw_all(world)
        raise RuntimeError
    assert is_there(page(world))


def test_the_person_and_the_secretariat_see_what_nobody_else_does(world: World):
    hide(world)
    own = world.person.account
    assert own is not None
    path = address("person", world.person.public_id)
    assert is_there(world.somebody(own, path))
    assert is_there(world.somebody(own, address("photograph", world.person.public_id)))
    assert is_there(world.somebody(world.secretariat, path, session="to look after her"))
    assert not is_there(world.somebody(world.secretariat, path))
