"""Withdrawn consent, or hiding for safety, removes a person's details from every place on the site at once.

Each place is first checked while the details *are* there: finding nothing proves something only if there was
something before. A new place is one line in `PLACES`.
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

from samsvar.network.consent import Purpose, Visibility, current_consent_text
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Role
from samsvar.site.audit.queries import ChangeNumberReader
from samsvar.site.network import models
from samsvar.site.network.directory.actions.consent import give_consent, withdraw_consent
from samsvar.site.network.directory.actions.people import FieldUpdate, hide_profile_for_safety, save_profile
from samsvar.site.network.membership.actions.members import appoint, give_seat, save_organisation
from samsvar.site.shell.uploads import store_private_file
from tests.factories.people import make_account, make_network, make_person, sign_in
from tests.site.test_cache import request_page, with_page_cache

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "Ilvane Brookmantle"
TITLE = "Keeper of the lighthouse"
PICTURE = b"RIFF0000WEBP a picture that nobody else has"
MARKS = (b"Brookmantle", b"Keeper of the lighthouse", PICTURE)


@dataclass
class World:
    """A person who shows everything that can be shown, and everyone who looks."""

    network: models.Network
    person: models.Person
    reader: models.Account
    member: models.Account
    secretariat: models.Account
    kept: Any

    def anybody(self, path: str) -> bytes:
        """Return what a browser without an account gets through the page cache, as under gunicorn; requested twice."""
        answers = [request_page(self.kept, path, HTTP_HOST="testserver") for _ in range(2)]
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


def network_url(name: str, *args: str) -> str:
    return reverse(f"network:{name}", args=args)


def export_members(world: World, form: str) -> bytes:
    """Return the list of members as exported by the secretariat."""
    client = sign_in(Client(), world.secretariat, staff_session="yearly check of the list")
    content: bytes = client.post(network_url("export-members", "lantern"), {"form": form}).content
    if form != "xlsx":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist())


def site_files(world: World) -> bytes:
    """Return every file of the site's data except the database: search index, pictures, static files, caches."""
    world.anybody("/en/search/?q=ilvane")  # triggers everything that a search writes
    found = []
    for path in sorted(Path(site.DATA).rglob("*")):
        if path.is_file() and "sqlite3" not in path.name and "private" not in path.parts:
            with contextlib.suppress(OSError):
                found.append(path.read_bytes())
    return b"".join(found)


type Place = Callable[[World], bytes]

PUBLIC_PLACES: dict[str, Place] = {
    "the page of the network": lambda w: w.anybody(network_url("network", "lantern")),
    "the page of the network in another language": lambda w: w.anybody("/ro/networks/lantern/"),
    "the page of the network on an earlier day": lambda w: w.anybody(
        network_url("network", "lantern") + "?on=2024-05-01"
    ),
    "the page of the organisation": lambda w: w.anybody(network_url("organisation", "xa-house-of-lamps")),
    "the public directory": lambda w: w.anybody(network_url("directory")),
    "the public directory, asked for a name": lambda w: w.anybody(network_url("directory") + "?q=ilvane"),
    "the public directory, asked for a language": lambda w: w.anybody(network_url("directory") + "?language=ro"),
    "the person's own page": lambda w: w.anybody(network_url("person", w.person.public_id)),
    "the search page": lambda w: w.anybody("/en/search/?q=ilvane"),
    "people.json": lambda w: w.anybody(network_url("network-people-json", "lantern")),
    "people.csv": lambda w: w.anybody(network_url("network-people-csv", "lantern")),
    "the feed": lambda w: w.anybody(network_url("network-feed", "lantern")),
}
SIGNED_IN_PLACES: dict[str, Place] = {
    "the directory of who is signed in": lambda w: w.somebody(w.reader, network_url("directory")),
    "the person's page for who is signed in": lambda w: w.somebody(w.reader, network_url("person", w.person.public_id)),
    "the network for who is signed in": lambda w: w.somebody(w.reader, network_url("network", "lantern")),
    "the search page for who is signed in": lambda w: w.somebody(w.reader, "/en/search/?q=ilvane"),
    "the directory of a fellow member": lambda w: w.somebody(w.member, network_url("directory")),
    "the person's page for a fellow member": lambda w: w.somebody(w.member, network_url("person", w.person.public_id)),
    "the photograph for who is signed in": lambda w: w.somebody(
        w.reader, network_url("photograph", w.person.public_id)
    ),
    "the photograph for a fellow member": lambda w: w.somebody(w.member, network_url("photograph", w.person.public_id)),
}
EXPORTS: dict[str, Place] = {
    "members.csv": lambda w: export_members(w, "csv"),
    "members.xlsx": lambda w: export_members(w, "xlsx"),
}
PLACES = PUBLIC_PLACES | SIGNED_IN_PLACES


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
    hash_ = store_private_file(PICTURE)
    models.Photograph.objects.create(person=person, content_hash=hash_, format="webp", width=1, height=1)
    models.Detail.objects.create(person=person, field=Field.PHOTOGRAPH, value=hash_)
    show_everything(person)
    member = make_account(Role.READER)
    appoint(network=network, person=make_person(account=member), by=None, office="member")  # type: ignore[arg-type]
    number = ChangeNumberReader()
    yield World(
        network=network,
        person=person,
        reader=make_account(Role.READER),
        member=member,
        secretariat=make_account(Role.SECRETARIAT, network=network),
        kept=with_page_cache(get_wsgi_application(), number=number, limit=10_000_000),
    )
    number.close()


def show_everything(person: models.Person) -> None:
    """Show all details to everyone, with the consents this needs; the photograph only to people who are signed in."""
    wide = Visibility.PUBLIC
    save_profile(
        person=person,
        by=person.account,  # type: ignore[arg-type]
        updates={
            Field.NAME: FieldUpdate((NAME,), wide),
            Field.TITLE: FieldUpdate((TITLE,), wide),
            Field.ORGANISATION: FieldUpdate(("xa-house-of-lamps",), wide),
            Field.LANGUAGES: FieldUpdate(("ro",), wide),
            Field.NETWORKS: FieldUpdate(None, wide),
            Field.PHOTOGRAPH: FieldUpdate(None, Visibility.SIGNED_IN),
        },
        consents={
            purpose: text.version
            for purpose in (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)
            if (text := current_consent_text(purpose))
        },
    )


def shows_person(body: bytes) -> bool:
    return any(mark in body for mark in MARKS)


def withdraw_all(world: World) -> None:
    for purpose in (Purpose.PUBLIC_ENTRY, Purpose.DIRECTORY):
        withdraw_consent(person=world.person, purpose=purpose, by=None)


def hide(world: World) -> None:
    hide_profile_for_safety(person=world.person, pseudonym="A. Heron", by=None, why="she is threatened")


def places_showing_person(world: World, places: dict[str, Place]) -> dict[str, bool]:
    """Return, for each of these places, whether details of the person appear there now."""
    return {name: shows_person(place(world)) for name, place in places.items()}


@pytest.mark.parametrize("ending", [withdraw_all, hide])
def test_withdrawing_or_hiding_removes_personal_details_everywhere_at_once(
    ending: Callable[[World], None], world: World
):
    # make sure there is something to lose everywhere
    assert places_showing_person(world, PLACES) == dict.fromkeys(PLACES, True)
    ending(world)
    assert places_showing_person(world, PLACES) == dict.fromkeys(PLACES, False)
    key = world.person.public_id.encode()  # not even the public id is left, except where the address contains it
    own = {"the person's own page", "the person's page for who is signed in", "the person's page for a fellow member"}
    assert [name for name, place in PLACES.items() if name not in own and key in place(world)] == []


def test_consenting_again_shows_nothing_until_visibility_is_chosen_again(world: World):
    withdraw_all(world)
    for purpose in (Purpose.PUBLIC_ENTRY, Purpose.DIRECTORY):
        text = current_consent_text(purpose)
        assert text is not None
        give_consent(person=world.person, purpose=purpose, version=text.version, by=None)
    assert places_showing_person(world, PLACES) == dict.fromkeys(PLACES, False)
    show_everything(world.person)
    assert places_showing_person(world, PLACES) == dict.fromkeys(PLACES, True)


def test_withdrawing_the_public_profile_hides_details_from_the_public_only(world: World):
    assert places_showing_person(world, PUBLIC_PLACES) == dict.fromkeys(PUBLIC_PLACES, True)
    withdraw_consent(person=world.person, purpose=Purpose.PUBLIC_ENTRY, by=None)
    assert places_showing_person(world, PUBLIC_PLACES) == dict.fromkeys(PUBLIC_PLACES, False)
    assert places_showing_person(world, SIGNED_IN_PLACES) == dict.fromkeys(SIGNED_IN_PLACES, True)


@pytest.mark.parametrize("place", EXPORTS)
def test_a_person_at_risk_is_left_out_of_exports_by_default(place: str, world: World):
    assert shows_person(EXPORTS[place](world))
    hide(world)
    assert not shows_person(EXPORTS[place](world))


def test_no_file_of_the_site_ever_contains_personal_details(world: World):
    """Public or not: pages and lists are built from the database, so no other file ever needs to be cleaned."""
    for place in PLACES.values():
        place(world)
    marker = Path(site.DATA) / "a file that the search below must find"
    marker.write_bytes(NAME.encode())
    try:
        assert shows_person(site_files(world))
    finally:
        marker.unlink()
    assert not shows_person(site_files(world))
    withdraw_all(world)
    assert not shows_person(site_files(world))


def test_a_withdrawal_that_is_rolled_back_has_no_effect(world: World):
    from django.db import transaction

    page = PUBLIC_PLACES["the person's own page"]
    with contextlib.suppress(RuntimeError), transaction.atomic():
        withdraw_all(world)
        raise RuntimeError
    assert shows_person(page(world))


def test_a_hidden_person_and_the_secretariat_can_still_see_the_profile(world: World):
    hide(world)
    own = world.person.account
    assert own is not None
    path = network_url("person", world.person.public_id)
    assert shows_person(world.somebody(own, path))
    assert shows_person(world.somebody(own, network_url("photograph", world.person.public_id)))
    assert shows_person(world.somebody(world.secretariat, path, session="to look after her"))
    assert not shows_person(world.somebody(world.secretariat, path))
