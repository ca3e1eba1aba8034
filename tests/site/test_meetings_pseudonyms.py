"""People hidden after publication leave the programme until they choose; their new name and key link to nothing."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from samsvar.ids import hash_secret
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.network.consent import Purpose, current_consent_text
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.badges import render_badges
from samsvar.site.meetings.attendance.queries.check_in import confirmed_registrations, list_guests
from samsvar.site.meetings.letters.actions import issue_letter
from samsvar.site.meetings.programme.queries.draft import unpublished_changes
from samsvar.site.meetings.programme.queries.published import published_version
from samsvar.site.meetings.registration.actions.emails import link_token
from samsvar.site.network.directory.actions.people import (
    end_safety_protection,
    hide_participant_profile,
    hide_profile_for_safety,
)
from samsvar.site.network.models import Person
from tests.factories.meetings import make_meeting, make_organiser, make_registration, make_session, publish_programme
from tests.factories.people import make_person
from tests.site.test_meetings_letters import page_text

pytestmark = pytest.mark.django_db
REAL_NAME = "Tuvrid Fyrvokterlys"


@pytest.fixture
def speaker(db: None) -> Person:
    return make_person(details={Field.NAME: REAL_NAME}, consents=(Purpose.PROGRAMME, Purpose.MEETINGS))


def make_programme(speaker: Person) -> tuple[models.Meeting, models.Registration]:
    """Publish a programme with a session of the speaker, who has a place, and one of someone else."""
    meeting = make_meeting()
    other = make_person(details={Field.NAME: "Ana Moreau"}, consents=(Purpose.PROGRAMME,))
    for hour, person in [(9, speaker), (15, other)]:
        models.Appearance.objects.create(
            session=make_session(meeting, hour), person=person, part=ProgrammeRole.SPEAKER, key=f"key-{person.pk}"
        )
    registration = make_registration(meeting, person=speaker)
    publish_programme(meeting)
    return meeting, registration


def public_texts(meeting: models.Meeting) -> dict[str, str]:
    """Return every public page and feed of the programme, by name."""
    client, args = Client(), [meeting.public_id]
    texts = {
        name: client.get(reverse(f"meetings:{name}", args=args)).content.decode()
        for name in (
            "programme",
            "speakers",
            "schedule-ics",
            "schedule-json",
            "schedule-xml",
            "versions",
            "versions-feed",
        )
    }
    session = meeting.sessions.order_by("starts")[0]
    texts["session"] = client.get(reverse("meetings:session", args=[*args, session.public_id])).content.decode()
    return texts


def public_people(meeting: models.Meeting) -> list[dict[str, str]]:
    schedule = json.loads(Client().get(reverse("meetings:schedule-json", args=[meeting.public_id])).content)
    days = schedule["schedule"]["conference"]["days"]
    events = [event for day in days for room in day["rooms"].values() for event in room]
    return [person for event in events for person in event["persons"]]


def agree(registration: models.Registration) -> None:
    """Agree on the page of the registration, by its link, to be named in the programme."""
    text = current_consent_text(Purpose.PROGRAMME)
    assert text is not None
    models.Registration.objects.filter(pk=registration.pk).update(token_hash=hash_secret(link_token(registration)))
    address = reverse("meetings:registration-link", args=[registration.meeting.public_id, link_token(registration)])
    assert Client().post(address, {"do": "name", "version": text.version}).status_code == 302


@pytest.mark.parametrize("by_secretariat", [True, False])
def test_a_person_hidden_after_publication_leaves_the_programme_until_they_choose(speaker, by_secretariat):
    meeting, registration = make_programme(speaker)
    before = public_people(meeting)
    (old_guid,) = {person["guid"] for person in before if person["name"] == REAL_NAME}  # there is a name to leak
    pages = public_texts(meeting)
    assert {name for name, text in pages.items() if REAL_NAME in text} >= {"programme", "speakers", "schedule-json"}
    if by_secretariat:
        hide_profile_for_safety(person=speaker, pseudonym="P. Pseudonym", by=None)
    else:
        hide_participant_profile(person=speaker, pseudonym="P. Pseudonym", by=None, meeting=meeting.public_id, own=True)
    for name, text in public_texts(meeting).items():
        assert [word in text for word in (REAL_NAME, "P. Pseudonym", old_guid, f"key-{speaker.pk}")] == [False] * 4, (
            name
        )
    assert [person["name"] for person in public_people(meeting)] == ["Ana Moreau"]
    page = Client().get(reverse("meetings:speakers", args=[meeting.public_id]))
    assert (len(page.context["page"].named_speakers), page.context["page"].other_count) == (1, 0)

    latest = published_version(meeting)
    assert unpublished_changes(meeting, latest, list(meeting.sessions.all())) == ()  # no list of changes shows it
    agree(registration)
    after = [person for person in public_people(meeting) if person["name"] != "Ana Moreau"]
    assert {person["name"] for person in after} == {"P. Pseudonym"}
    (new_guid,) = {person["guid"] for person in after}
    assert new_guid != old_guid
    session = meeting.sessions.order_by("starts")[0]
    page = Client().get(reverse("meetings:session", args=[meeting.public_id, session.public_id])).content.decode()
    assert ("P. Pseudonym" in page, REAL_NAME in page) == (True, False)


def test_no_two_meetings_badges_letters_or_programmes_share_a_pseudonym(speaker):
    meetings = [make_programme(speaker) for _ in range(2)]
    hide_profile_for_safety(person=speaker, pseudonym="P. Pseudonym", by=None)
    organiser = make_organiser(meetings[0][0])
    names = []
    for meeting, registration in meetings:
        registration.refresh_from_db()
        (guest,) = list_guests(None, [registration], subject="tests")
        letter = issue_letter(by=organiser, registration=registration, kind="invitation", language="en")
        badge = render_badges(
            by=organiser, meeting=meeting, registrations=confirmed_registrations(meeting), language="en"
        )
        agree(registration)
        (named,) = {person["name"] for person in public_people(meeting)} - {"Ana Moreau"}
        assert letter.letter.printed_name == guest.name == named
        assert guest.name in page_text(badge)
        names.append(guest.name)
    third = make_registration(make_meeting(), person=speaker)  # without a name kept for it
    names.append(list_guests(None, [third], subject="tests")[0].name)
    assert ("P. Pseudonym" in names, "" in names, len(set(names))) == (True, False, 3), names
    guids = [{person["guid"] for person in public_people(meeting)} for meeting, _registration in meetings]
    assert guids[0].isdisjoint(guids[1])


def test_a_participant_at_risk_can_change_their_name_at_one_meeting(speaker, client):
    (meeting, registration), (_other, other_registration) = make_programme(speaker), make_programme(speaker)
    hide_participant_profile(person=speaker, pseudonym="A. Heron", by=None, meeting=meeting.public_id, own=True)
    agree(registration)
    address = reverse("meetings:registration-link", args=[meeting.public_id, link_token(registration)])
    assert "A. Heron" in client.get(address).content.decode()
    assert client.post(address, {"do": "pseudonym", "pseudonym": " "}).status_code == 422
    assert client.post(address, {"do": "pseudonym", "pseudonym": "B. Wren"}).status_code == 302
    registration.refresh_from_db()
    other_registration.refresh_from_db()
    guests = list_guests(None, [registration, other_registration], subject="tests")
    assert [guest.name == "B. Wren" for guest in sorted(guests, key=lambda guest: guest.registration.pk)] == [
        True,
        False,
    ]
    assert {person["name"] for person in public_people(meeting)} == {"B. Wren", "Ana Moreau"}


def test_after_protection_ends_the_name_returns_only_with_a_new_consent(speaker):
    meeting, registration = make_programme(speaker)
    hide_participant_profile(person=speaker, pseudonym="A. Heron", by=None, meeting=meeting.public_id, own=True)
    agree(registration)
    end_safety_protection(person=speaker, by=None)
    assert {person["name"] for person in public_people(meeting)} == {"Ana Moreau"}
    agree(registration)
    assert {person["name"] for person in public_people(meeting)} == {REAL_NAME, "Ana Moreau"}
