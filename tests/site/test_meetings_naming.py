"""A speaker without an account agrees to be named in the programme, and takes it back, on pages of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import secret_hash
from samsvar.network.consent import Ground, Purpose, Visibility, current_text
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import actions as contributions
from samsvar.site.meetings.registration.actions import emails as actions
from samsvar.site.meetings.registration.actions import invitations
from samsvar.site.network.directory.queries.people import (
    UNNAMED,
    InProgramme,
    details_for,
    name_in_public,
    said_in_programme,
)
from samsvar.site.network.models import Basis, Organisation
from samsvar.territories import name_of
from tests.factories.meetings import make_meeting, make_session, published
from tests.factories.people import make_account, make_person, sign_in

pytestmark = pytest.mark.django_db

SAID = {"name": "Ilvane Brookmantle", "country": "XC", "language": "en", "listed": "organisers"}


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    from samsvar.site.convention.actions import load_convention

    load_convention()
    Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC")
    first = (timezone.now() + timedelta(days=30)).date()
    return make_meeting(
        opens_at=timezone.now() - timedelta(days=1), begins=first, ends=first + timedelta(days=2), city="Lantern Bay"
    )


def registers(meeting: models.Meeting, *, category: str = "speaker", client: Client | None = None, **said: Any) -> Any:
    invitation = invitations.make_invitation(
        meeting, "guest@network.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en", category=category,
    )  # fmt: skip
    where = reverse("meetings:invitation", args=[meeting.public_id, actions.token_of(invitation)])
    answer = (client or Client()).post(where, {**SAID, "organisation": "harbour-house", **said})
    assert answer.status_code == 302, answer.status_code
    row = models.Registration.objects.get()
    return row, reverse("meetings:registration-link", args=[meeting.public_id, actions.token_of(row)])


def speaks(meeting: models.Meeting, person: Any) -> models.Session:
    session = make_session(meeting)
    models.Appearance.objects.create(session=session, person=person, part="speaker")
    published(meeting)
    return session


def said_of(meeting: models.Meeting, session: models.Session) -> dict[str, list[bool]]:
    """On each public page of it: name, organisation, country."""
    words = ("Ilvane Brookmantle", "Harbour house", name_of("XC", "en"))
    pages = {
        "programme": reverse("meetings:programme", args=[meeting.public_id]),
        "session": reverse("meetings:session", args=[meeting.public_id, session.public_id]),
        "speakers": reverse("meetings:speakers", args=[meeting.public_id]),
        "feed": reverse("meetings:schedule-json", args=[meeting.public_id]),
    }
    found = {}
    for name, address in pages.items():
        text = Client().get(address).content.decode()
        text = text if name == "feed" else text.partition("<main")[2]
        found[name] = [word in text for word in words]
    return found | {"feed": found["feed"][:2]}  # a feed has no countries of people


def everywhere(*said: bool) -> dict[str, list[bool]]:
    return {name: list(said) for name in ("programme", "session", "speakers")} | {"feed": list(said[:2])}


def test_an_invited_speaker_agrees_on_the_form_and_stands_there_with_organisation_and_country(meeting):
    row, _own = registers(meeting, named="on")
    session = speaks(meeting, row.person)
    assert said_of(meeting, session) == everywhere(True, True, True)
    basis = Basis.objects.get(person=row.person, purpose=Purpose.PROGRAMME)
    text = current_text(Purpose.PROGRAMME)
    assert text is not None
    assert (basis.ground, basis.text_version, basis.until) == (Ground.CONSENT, text.version, None)


def test_a_speaker_agrees_and_takes_it_back_by_their_link_and_it_holds_at_once(meeting):
    row, own = registers(meeting)
    session = speaks(meeting, row.person)
    assert said_of(meeting, session) == everywhere(False, False, False)
    by_link, version = Client(), current_text(Purpose.PROGRAMME).version  # type: ignore[union-attr]
    assert by_link.post(own, {"do": "name", "version": "programme-1"}).status_code == 409  # the text of yesterday
    by_link.post(own, {"do": "name", "version": version})
    assert said_of(meeting, session) == everywhere(True, True, True)
    by_link.post(own, {"do": "unname"})
    assert said_of(meeting, session) == everywhere(False, False, False)
    assert Basis.objects.filter(person=row.person, purpose=Purpose.PROGRAMME, until__isnull=False).count() == 1


def test_who_takes_part_otherwise_is_asked_once_they_appear_in_a_session(meeting):
    row, own = registers(meeting, category="participant", named="on")  # a tick that no form offered
    assert not Basis.objects.filter(purpose=Purpose.PROGRAMME).exists()
    assert "Your name in the public programme" not in Client().get(own).content.decode()
    speaks(meeting, row.person)
    assert "Your name in the public programme" in Client().get(own).content.decode()


def test_of_a_speaker_who_is_hidden_the_programme_says_the_pseudonym_and_nothing_else(meeting):
    row, _own = registers(meeting, named="on", hide="on", pseudonym="A. Heron")
    session = speaks(meeting, row.person)
    assert said_of(meeting, session) == everywhere(False, False, False)
    assert "A. Heron" in Client().get(reverse("meetings:speakers", args=[meeting.public_id])).content.decode()


def test_who_agreed_to_an_older_text_stands_there_with_their_name_alone(meeting):
    row, _own = registers(meeting)
    consent = {"purpose": Purpose.PROGRAMME, "ground": Ground.CONSENT, "text_version": "programme-1"}
    Basis.objects.create(person=row.person, since=timezone.now(), **consent)
    assert said_of(meeting, speaks(meeting, row.person)) == everywhere(True, False, False)


def test_whoever_offers_a_contribution_by_a_link_agrees_with_it_or_later_on_their_page(meeting):
    now = timezone.now()
    call = models.ContributionCall.objects.create(
        meeting=meeting, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), languages=["en"],
        text={"en": "Offer something"},
    )  # fmt: skip
    token = "a-token-of-a-link"
    call.links.create(email="otto@network.example", token_hash=secret_hash(token), sent_at=now)
    where = reverse("meetings:offer-by-link", args=[meeting.public_id, token])
    asked = {"name": "Ilvane Brookmantle", "organisation": "harbour-house", "country": "XC", "named": "on"}
    what = {"title": "Shelters", "abstract": "What they need", "kind": "talk", "language": "en"}
    client = Client()
    assert client.post(where, {**asked, **what}).status_code == 302
    row = models.Contribution.objects.get()
    session = speaks(meeting, row.person)
    assert said_of(meeting, session) == everywhere(True, True, True)
    client.post(where, {"do": "unname"})
    assert said_of(meeting, session) == everywhere(False, False, False)
    assert (row.title, contributions.queries.is_open(call, now)) == ("Shelters", True)


def test_who_registers_with_an_account_agrees_as_themselves(client, meeting):
    account = make_account(email="guest@network.example")
    sign_in(client, account)
    row, _own = registers(meeting, client=client, named="on")
    assert row.person.account == account
    assert Basis.objects.get(purpose=Purpose.PROGRAMME).recorded_by == account
    assert make_person().bases.filter(purpose=Purpose.PROGRAMME).count() == 0


@pytest.mark.parametrize("at_risk", [False, True])
@pytest.mark.parametrize("chosen", list(Visibility))
@pytest.mark.parametrize("text", ["", "programme-1", "programme-2", "a law"])
@pytest.mark.parametrize("public_entry", [False, True])
def test_a_programme_says_of_somebody_what_their_consents_and_their_public_entry_say(
    at_risk, chosen, text, public_entry
):
    """Held against the door itself: the name as it gives names, the rest as everybody reads the entry, or as agreed."""
    body = Organisation.objects.create(public_id="lamp-house", name="Lamp House", kind="shelter_ngo", invented=True)
    details = {Field.NAME: "Invented Speaker", Field.ORGANISATION: body.public_id, Field.COUNTRY: "XA"}
    person = make_person(at_risk=at_risk, pseudonym="Star", visibility=chosen, details=details)
    person.bases.all().delete()
    purposes = [(Purpose.PUBLIC_ENTRY, Ground.CONSENT, "public-1")] if public_entry else []
    if text:
        ground = Ground.PUBLIC_TASK if text == "a law" else Ground.CONSENT
        purposes.append((Purpose.PROGRAMME, ground, "" if text == "a law" else text))
    for purpose, ground, version in purposes:
        person.bases.create(purpose=purpose, ground=ground, since=timezone.now(), text_version=version, note="invented")
    name = name_in_public(person) or ""
    fields = (Field.ORGANISATION, Field.COUNTRY)
    (entry,) = details_for(AnonymousUser(), [person], subject="", fields=fields)
    agreed = text == "programme-2" and not at_risk and chosen is not Visibility.ONLY_ME
    expected = InProgramme(
        name,
        "Lamp House" if name and (agreed or entry.organisation) else "",
        "XA" if name and (agreed or entry.country) else "",
    )
    assert said_in_programme([person.public_id]).get(person.public_id, UNNAMED) == expected
