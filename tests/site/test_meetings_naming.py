"""A speaker without an account consents to be named in the programme, and withdraws consent, on their own pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.network.consent import LegalBasis, Purpose, Visibility, current_consent_text
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import actions as contributions
from samsvar.site.meetings.registration.actions import emails as actions
from samsvar.site.meetings.registration.actions import invitations
from samsvar.site.network.directory.queries.people import (
    UNNAMED,
    ProgrammePerson,
    get_visible_people,
    programme_people,
    public_name,
)
from samsvar.site.network.models import Basis, Organisation
from samsvar.territories import territory_name
from tests.factories.meetings import make_meeting, make_session, publish_programme
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


def register_guest(
    meeting: models.Meeting, *, category: str = "speaker", client: Client | None = None, **said: Any
) -> Any:
    invitation = invitations.create_invitation(
        meeting, "guest@network.example", by=make_account(), expires_at=timezone.now() + timedelta(days=9),
        language="en", category=category,
    )  # fmt: skip
    where = reverse("meetings:invitation", args=[meeting.public_id, actions.link_token(invitation)])
    answer = (client or Client()).post(where, {**SAID, "organisation": "harbour-house", **said})
    assert answer.status_code == 302, answer.status_code
    row = models.Registration.objects.get()
    return row, reverse("meetings:registration-link", args=[meeting.public_id, actions.link_token(row)])


def add_as_speaker(meeting: models.Meeting, person: Any) -> models.Session:
    session = make_session(meeting)
    models.Appearance.objects.create(session=session, person=person, part="speaker")
    publish_programme(meeting)
    return session


def shown_details(meeting: models.Meeting, session: models.Session) -> dict[str, list[bool]]:
    """Return whether name, organisation and country are shown, for each public page of the session."""
    words = ("Ilvane Brookmantle", "Harbour house", territory_name("XC", "en"))
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
    return found | {"feed": found["feed"][:2]}  # a feed has no countries for people


def on_every_page(*said: bool) -> dict[str, list[bool]]:
    return {name: list(said) for name in ("programme", "session", "speakers")} | {"feed": list(said[:2])}


def test_an_invited_speaker_who_consents_is_named_with_organisation_and_country(meeting):
    row, _own = register_guest(meeting, named="on")
    session = add_as_speaker(meeting, row.person)
    assert shown_details(meeting, session) == on_every_page(True, True, True)
    basis = Basis.objects.get(person=row.person, purpose=Purpose.PROGRAMME)
    text = current_consent_text(Purpose.PROGRAMME)
    assert text is not None
    assert (basis.ground, basis.text_version, basis.until) == (LegalBasis.CONSENT, text.version, None)


def test_a_speaker_can_give_and_withdraw_consent_by_link_with_immediate_effect(meeting):
    row, own = register_guest(meeting)
    session = add_as_speaker(meeting, row.person)
    assert shown_details(meeting, session) == on_every_page(False, False, False)
    by_link, version = Client(), current_consent_text(Purpose.PROGRAMME).version  # type: ignore[union-attr]
    stale = by_link.post(own, {"do": "name", "version": "programme-1"}, follow=True)  # the text of yesterday
    assert [message.level_tag for message in stale.context["messages"]] == ["error"]
    assert shown_details(meeting, session) == on_every_page(False, False, False)
    by_link.post(own, {"do": "name", "version": version})
    assert shown_details(meeting, session) == on_every_page(True, True, True)
    by_link.post(own, {"do": "unname"})
    assert shown_details(meeting, session) == on_every_page(False, False, False)
    assert Basis.objects.filter(person=row.person, purpose=Purpose.PROGRAMME, until__isnull=False).count() == 1


def test_other_participants_are_asked_for_consent_once_they_appear_in_a_session(meeting):
    row, own = register_guest(meeting, category="participant", named="on")  # a checkbox that the form did not offer
    assert not Basis.objects.filter(purpose=Purpose.PROGRAMME).exists()
    assert "Your name in the public programme" not in Client().get(own).content.decode()
    add_as_speaker(meeting, row.person)
    assert "Your name in the public programme" in Client().get(own).content.decode()


def test_the_programme_shows_only_the_pseudonym_of_a_speaker_at_risk(meeting):
    row, _own = register_guest(meeting, named="on", hide="on", pseudonym="A. Heron")
    session = add_as_speaker(meeting, row.person)
    assert shown_details(meeting, session) == on_every_page(False, False, False)
    assert "A. Heron" in Client().get(reverse("meetings:speakers", args=[meeting.public_id])).content.decode()


def test_consent_to_an_older_text_covers_only_the_name(meeting):
    row, _own = register_guest(meeting)
    consent = {"purpose": Purpose.PROGRAMME, "ground": LegalBasis.CONSENT, "text_version": "programme-1"}
    Basis.objects.create(person=row.person, since=timezone.now(), **consent)
    assert shown_details(meeting, add_as_speaker(meeting, row.person)) == on_every_page(True, False, False)


def test_an_author_with_a_link_can_consent_when_submitting_or_later(meeting):
    now = timezone.now()
    call = models.ContributionCall.objects.create(
        meeting=meeting, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), languages=["en"],
        text={"en": "Offer something"},
    )  # fmt: skip
    token = "a-token-of-a-link"
    call.links.create(email="otto@network.example", token_hash=hash_secret(token), sent_at=now)
    where = reverse("meetings:submit-by-link", args=[meeting.public_id, token])
    asked = {"name": "Ilvane Brookmantle", "organisation": "harbour-house", "country": "XC", "named": "on"}
    what = {"title": "Shelters", "abstract": "What they need", "kind": "talk", "language": "en"}
    client = Client()
    assert client.post(where, {**asked, **what}).status_code == 302
    row = models.Contribution.objects.get()
    session = add_as_speaker(meeting, row.person)
    assert shown_details(meeting, session) == on_every_page(True, True, True)
    client.post(where, {"do": "unname"})
    assert shown_details(meeting, session) == on_every_page(False, False, False)
    assert (row.title, contributions.queries.is_call_open(call, now)) == ("Shelters", True)


def test_consent_given_with_an_account_is_recorded_for_that_account(client, meeting):
    account = make_account(email="guest@network.example")
    sign_in(client, account)
    row, _own = register_guest(meeting, client=client, named="on")
    assert row.person.account == account
    assert Basis.objects.get(purpose=Purpose.PROGRAMME).recorded_by == account
    assert make_person().bases.filter(purpose=Purpose.PROGRAMME).count() == 0


@pytest.mark.parametrize("at_risk", [False, True])
@pytest.mark.parametrize("chosen", list(Visibility))
@pytest.mark.parametrize("text", ["", "programme-1", "programme-2", "a law"])
@pytest.mark.parametrize("public_entry", [False, True])
def test_the_programme_shows_what_consents_and_the_public_profile_allow(at_risk, chosen, text, public_entry):
    """Compare with the access rules: the name as they give names, the rest as in the public profile or as consented."""
    body = Organisation.objects.create(public_id="lamp-house", name="Lamp House", kind="shelter_ngo", fictional=True)
    details = {Field.NAME: "Fictional Speaker", Field.ORGANISATION: body.public_id, Field.COUNTRY: "XA"}
    person = make_person(at_risk=at_risk, pseudonym="Star", visibility=chosen, details=details)
    person.bases.all().delete()
    purposes = [(Purpose.PUBLIC_ENTRY, LegalBasis.CONSENT, "public-1")] if public_entry else []
    if text:
        ground = LegalBasis.PUBLIC_TASK if text == "a law" else LegalBasis.CONSENT
        purposes.append((Purpose.PROGRAMME, ground, "" if text == "a law" else text))
    for purpose, ground, version in purposes:
        person.bases.create(
            purpose=purpose, ground=ground, since=timezone.now(), text_version=version, note="fictional"
        )
    name = public_name(person) or ""
    fields = (Field.ORGANISATION, Field.COUNTRY)
    (entry,) = get_visible_people(AnonymousUser(), [person], subject="", fields=fields)
    agreed = text == "programme-2" and not at_risk and chosen is not Visibility.ONLY_ME
    expected = ProgrammePerson(
        name,
        "Lamp House" if name and (agreed or entry.organisation) else "",
        "XA" if name and (agreed or entry.country) else "",
    )
    assert programme_people([person.public_id]).get(person.public_id, UNNAMED) == expected
