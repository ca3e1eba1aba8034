"""Experts without an account are added to a session by name and address, and asked by email to be named."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.consent import LegalBasis, Purpose, Visibility, current_consent_text
from samsvar.network.people import Field
from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models
from samsvar.site.meetings.organising.actions.announcements import iter_recipients
from samsvar.site.meetings.programme.actions import speakers
from samsvar.site.meetings.programme.actions.publishing import publish_version
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.registration import errors
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import invitations
from samsvar.site.meetings.registration.actions import registering as registration
from samsvar.site.network.data_inventory import resolve_subject
from samsvar.site.network.directory.queries.people import public_name
from samsvar.site.network.models import Basis, Organisation, OutgoingEmail, Person
from samsvar.site.network.privacy.actions.privacy import erase_personal_data
from samsvar.site.network.privacy.actions.retention import run_retention
from samsvar.site.network.privacy.queries.my_data import my_data
from tests.factories.meetings import make_meeting, make_organiser, make_session, publish_programme
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db
EMAIL = "ilvane@experts.example"
EXPERT = {
    "name": "Ilvane Brookmantle", "title": "Professor of law", "email": EMAIL, "organisation": "harbour-house",
    "country": "XC", "letters": "fr", "part": "chair",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clear_rate_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def meeting(db: None) -> models.Meeting:
    from samsvar.site.convention.actions import load_convention

    load_convention()
    Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC")
    first = (timezone.now() + timedelta(days=30)).date()
    return make_meeting(begins=first, ends=first + timedelta(days=2))


@pytest.fixture
def session(meeting: models.Meeting) -> models.Session:
    return make_session(meeting)


@pytest.fixture
def organiser(meeting: models.Meeting) -> Any:
    return make_organiser(meeting)


def session_people_url(session: models.Session) -> str:
    return reverse("meetings:session-people", args=[session.meeting.public_id, session.public_id])


def expert_form_data(**more: str) -> dict[str, str]:
    return {"what": "expert"} | {f"expert-{name}": value for name, value in (EXPERT | more).items()}


def add_speaker(session: models.Session, organiser: Any, **more: Any) -> models.SpeakerLink:
    """As the form does it; the link that was made or found."""
    speakers.invite_speaker(by=organiser, session=session, **(EXPERT | more))
    return models.SpeakerLink.objects.select_related("meeting", "person").get(email=(EXPERT | more)["email"].lower())


def speaker_page_url(link: models.SpeakerLink) -> str:
    return reverse("meetings:speaker-page", args=[link.meeting.public_id, actions_emails.link_token(link)])


def page_text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return " ".join(answer.content.decode().partition("<main")[2].split())


def organiser_page_text(session: models.Session, organiser: Any) -> str:
    client = sign_in(Client(), organiser, staff_session="the programme")
    return re.sub(r"<[^>]+>", "", page_text(client, session_people_url(session)))


def consent_version() -> str:
    text = current_consent_text(Purpose.PROGRAMME)
    assert text is not None
    return text.version


# --- Speakers with an account or a registration -----------------------------------------------------------------------


def test_a_speaker_added_by_the_organiser_gets_an_email_with_a_link_in_their_language(client, session, organiser):
    sign_in(client, organiser, staff_session="the programme")
    assert client.post(session_people_url(session), expert_form_data()).status_code == 302
    link, letter = models.SpeakerLink.objects.get(), OutgoingEmail.objects.get()
    with_link = reverse("meetings:speaker-page", args=[session.meeting.public_id, actions_emails.link_token(link)])
    assert (letter.to, link.email, link.language) == (EMAIL, EMAIL, "fr")
    assert with_link.replace("/en/", "/fr/") in letter.body
    assert not any(word in letter.body for word in ("Brookmantle", "Harbour house", "Professor"))
    details = {Field(one.field): (one.value, one.visibility) for one in link.person.details.all()}
    assert details == {
        field: (value, Visibility.SECRETARIAT)
        for field, value in (
            (Field.NAME, "Ilvane Brookmantle"), (Field.TITLE, "Professor of law"), (Field.EMAIL, EMAIL),
            (Field.ORGANISATION, "harbour-house"), (Field.COUNTRY, "XC"),
        )
    }  # fmt: skip
    assert list(session.appearances.values_list("person", "part")) == [(link.person.pk, "chair")]
    assert list(link.person.bases.values_list("purpose", "ground")) == [(Purpose.MEETINGS, LegalBasis.PUBLIC_TASK)]
    assert link.token_hash == hash_secret(actions_emails.link_token(link))


def test_a_speaker_is_not_named_in_the_programme_until_they_agree(session, organiser):
    add_speaker(session, organiser)
    publish_programme(session.meeting)
    for name in ("programme", "speakers", "schedule-json", "schedule-xml"):
        answer = Client().get(reverse(f"meetings:{name}", args=[session.meeting.public_id])).content.decode()
        assert "Brookmantle" not in answer
        assert "Harbour house" not in answer
    assert re.search(
        r"Ilvane Brookmantle \(chair\), \S.* asked on .*, no answer yet", organiser_page_text(session, organiser)
    )


def test_agreeing_or_declining_by_the_link_takes_effect_at_once(session, organiser):
    link = add_speaker(session, organiser)
    publish_programme(session.meeting)
    by_link, programme = Client(), reverse("meetings:programme", args=[session.meeting.public_id])
    page = page_text(by_link, speaker_page_url(link))
    assert all(word in page for word in ("Session at 9", "Professor of law", "Harbour house", "Do not name me"))
    assert by_link.post(speaker_page_url(link), {"do": "name", "version": "programme-1"}).status_code == 409
    assert by_link.post(speaker_page_url(link), {"do": "name", "version": consent_version()}).status_code == 302
    assert "Ilvane Brookmantle" in page_text(Client(), programme)
    assert "Harbour house" in page_text(Client(), programme)
    assert "no answer yet" not in organiser_page_text(session, organiser)
    assert by_link.post(speaker_page_url(link), {"do": "unname"}).status_code == 302
    assert "Brookmantle" not in page_text(Client(), programme)
    assert re.search(r"on [^,]+, declined to be named", organiser_page_text(session, organiser))
    assert "Do not name me" not in page_text(by_link, speaker_page_url(link))  # they have already declined


def test_declining_without_having_agreed_first_counts_as_an_answer(session, organiser):
    link = add_speaker(session, organiser)
    assert Client().post(speaker_page_url(link), {"do": "unname"}).status_code == 302
    assert re.search(r"on [^,]+, declined to be named", organiser_page_text(session, organiser))
    assert not Basis.objects.filter(purpose=Purpose.PROGRAMME).exists()


def test_a_speaker_can_correct_their_details_by_the_link_but_not_clear_their_name(session, organiser):
    link = add_speaker(session, organiser)
    wrong = Client().post(speaker_page_url(link), {"do": "correct", "name": " ", "title": ""})
    assert wrong.status_code == 422
    both = {"organisation": "harbour-house", "organisation_in_words": "Institute of the Bay"}
    twice = Client().post(speaker_page_url(link), {"do": "correct", "name": "Ilvane", "title": "", **both})
    assert twice.status_code == 422
    in_words = {"organisation": "", "organisation_in_words": "Institute of the Bay"}
    Client().post(speaker_page_url(link), {"do": "correct", "name": "Ilvané Brookmantle", "title": "", **in_words})
    said = {one.field: one.value for one in link.person.details.all()}
    assert (said[Field.NAME], Field.TITLE in said) == ("Ilvané Brookmantle", False)
    assert "Institute of the Bay" in page_text(Client(), speaker_page_url(link))
    assert "Ilvané Brookmantle" in organiser_page_text(session, organiser)


def test_a_speaker_who_cancels_is_not_named_or_added_until_they_change_their_mind(session, organiser):
    link = add_speaker(session, organiser)
    publish_programme(session.meeting)
    client = Client()
    client.post(speaker_page_url(link), {"do": "name", "version": consent_version()})
    client.post(speaker_page_url(link), {"do": "stay-away"})
    programme = reverse("meetings:programme", args=[session.meeting.public_id])
    assert "Brookmantle" not in page_text(Client(), programme)
    assert "that they will not take part" in organiser_page_text(session, organiser)
    with pytest.raises(speakers.SpeakerDeclined):
        add_speaker(make_session(session.meeting, 11), organiser)
    assert "I agree" not in page_text(client, speaker_page_url(link))
    client.post(speaker_page_url(link), {"do": "appear"})
    add_speaker(make_session(session.meeting, 13), organiser)
    assert "I agree" in page_text(client, speaker_page_url(link))


def test_a_speaker_in_several_sessions_is_one_person_and_gets_one_email(session, organiser):
    link = add_speaker(session, organiser)
    again = add_speaker(make_session(session.meeting, 11), organiser, email=EMAIL.upper(), name="I. Brookmantle")
    assert (again.pk, OutgoingEmail.objects.count(), Person.objects.filter(details__value=EMAIL).count()) == (
        link.pk,
        1,
        1,
    )
    assert models.Appearance.objects.filter(person=link.person).values("key").distinct().count() == 1
    with pytest.raises(speakers.ProgrammeError):
        add_speaker(session, organiser)  # the same part in the same session
    assert OutgoingEmail.objects.count() == 1


def test_a_speaker_who_has_not_answered_can_be_asked_again_only_after_a_day(client, session, organiser):
    link = add_speaker(session, organiser)
    sign_in(client, organiser, staff_session="the programme")
    ask = {"what": "ask", "appearance": str(session.appearances.get().pk)}
    assert "Ask again" not in page_text(client, session_people_url(session))
    assert client.post(session_people_url(session), ask).status_code == 409
    models.SpeakerLink.objects.update(asked_at=timezone.now() - timedelta(days=1, minutes=1))
    assert "Ask again" in page_text(client, session_people_url(session))
    assert client.post(session_people_url(session), ask).status_code == 302
    letters = OutgoingEmail.objects.order_by("pk").values_list("body", flat=True)
    assert [actions_emails.link_token(link) in body for body in letters] == [
        True,
        True,
    ]  # both emails have the same link
    link.refresh_from_db()
    assert link.asked_at > timezone.now() - timedelta(minutes=1)


def test_only_an_organiser_of_the_meeting_can_add_a_speaker(session):
    for account in (make_account(), make_organiser(make_meeting())):
        with pytest.raises(PermissionDenied):
            add_speaker(session, account)
    assert (OutgoingEmail.objects.count(), models.SpeakerLink.objects.count()) == (0, 0)


def test_an_unlisted_organisation_can_be_entered_as_text(client, session, organiser):
    sign_in(client, organiser, staff_session="the programme")
    twice = expert_form_data(organisation_in_words="Institute of the Bay")
    assert client.post(session_people_url(session), twice).status_code == 422
    client.post(
        session_people_url(session), expert_form_data(organisation="", organisation_in_words="Institute of the Bay")
    )
    link = models.SpeakerLink.objects.get()
    Client().post(speaker_page_url(link), {"do": "name", "version": consent_version()})
    publish_programme(session.meeting)
    assert "Institute of the Bay" in page_text(Client(), reverse("meetings:speakers", args=[session.meeting.public_id]))


def test_the_number_of_speaker_emails_of_a_meeting_is_limited(monkeypatch, session, organiser):
    monkeypatch.setattr(speakers, "MAX_REQUESTS_PER_HOUR", 2)
    for number in range(2):
        add_speaker(make_session(session.meeting, 11 + number), organiser, email=f"one{number}@experts.example")
    with pytest.raises(speakers.TooManySpeakersAsked):
        add_speaker(session, organiser)
    assert OutgoingEmail.objects.count() == 2


def test_no_speaker_can_be_added_to_a_cancelled_meeting(session, organiser):
    session.meeting.cancelled_at = timezone.now()
    session.meeting.save()
    with pytest.raises(errors.MeetingIsCancelled):
        add_speaker(session, organiser)


def test_errors_are_shown_next_to_their_fields(client, session, organiser):
    sign_in(client, organiser, staff_session="the programme")
    answer = client.post(session_people_url(session), expert_form_data(email="no address", country="Nowhere"))
    assert (answer.status_code, models.SpeakerLink.objects.count()) == (422, 0)
    assert answer.content.decode().count('class="errorlist"') == 2


@pytest.mark.parametrize("token", ["none", "x" * 43])
def test_a_link_that_was_never_sent_is_not_found(client, session, organiser, token):
    add_speaker(session, organiser)
    assert client.get(reverse("meetings:speaker-page", args=[session.meeting.public_id, token])).status_code == 404


def test_a_speaker_link_works_only_for_its_own_meeting_and_page(client, session, organiser):
    link, other = add_speaker(session, organiser), make_meeting()
    token = actions_emails.link_token(link)
    assert client.get(reverse("meetings:speaker-page", args=[other.public_id, token])).status_code == 404
    for name in ("registration-link", "invitation", "delegation", "submit-by-link"):
        assert client.get(reverse(f"meetings:{name}", args=[session.meeting.public_id, token])).status_code == 404


# --- Retention and erasure --------------------------------------------------------------------------------------------


def make_member(**more: Any) -> Any:
    """Create a member of a network whom an organiser cannot see."""
    account = make_account(email=EMAIL)
    person = make_person(
        account=account, details={Field.NAME: "Ilvane of the Lantern", Field.COUNTRY: "XB", Field.EMAIL: EMAIL}, **more
    )
    make_membership(make_network(), person)
    return account, person


def test_the_organiser_cannot_see_whether_an_address_has_an_account(session, organiser):
    _account, member = make_member()
    link = add_speaker(session, organiser)
    assert link.person.pk != member.pk
    seen = organiser_page_text(session, organiser)
    assert "Ilvane Brookmantle" in seen
    assert "Lantern" not in seen
    assert not AuditEntry.objects.filter(saw=True, person=member.public_id).exists()
    assert not member.bases.filter(purpose=Purpose.MEETINGS).exists()


def test_a_speaker_with_an_account_must_sign_in_and_then_appears_with_their_profile(client, session, organiser):
    account, member = make_member()
    link = add_speaker(session, organiser)
    models.Availability.objects.create(
        meeting=session.meeting, person=link.person, starts=session.starts, ends=session.ends
    )
    publish_programme(session.meeting)
    named = link.person
    page = page_text(client, speaker_page_url(link), 409)
    assert "Sign in" in page
    assert "Brookmantle" not in page
    assert client.post(speaker_page_url(link), {"do": "name", "version": consent_version()}).status_code == 409
    sign_in(client, account)
    assert "Ilvane of the Lantern" in page_text(client, speaker_page_url(link))
    link.refresh_from_db()
    assert (link.person, Person.objects.filter(pk=named.pk).exists()) == (member, False)
    assert list(session.appearances.values_list("person", flat=True)) == [member.pk]
    assert list(models.Version.objects.get().people.values()) == [member.public_id]
    assert models.Availability.objects.get().person == member
    client.post(speaker_page_url(link), {"do": "name", "version": consent_version()})
    assert public_name(member) == "Ilvane of the Lantern"
    assert "Ilvane of the Lantern" in page_text(
        Client(), reverse("meetings:speakers", args=[session.meeting.public_id])
    )
    assert "Correct your name" not in page_text(client, speaker_page_url(link))  # they edit it in their profile


def test_an_account_without_a_profile_gets_the_one_created_by_the_organiser(client, session, organiser):
    account = make_account(email=EMAIL)
    link = add_speaker(session, organiser)
    sign_in(client, account)
    assert client.get(speaker_page_url(link)).status_code == 200
    link.person.refresh_from_db()
    assert link.person.account == account


def test_consent_given_before_the_account_existed_is_kept(client, session, organiser):
    link = add_speaker(session, organiser)
    client.post(speaker_page_url(link), {"do": "name", "version": consent_version()})
    account, member = make_member()
    sign_in(client, account)
    page_text(client, speaker_page_url(link))
    assert public_name(member) == "Ilvane of the Lantern"


def test_an_account_cannot_use_the_link_of_someone_else(client, session, organiser):
    link = add_speaker(session, organiser)
    sign_in(client, make_account())
    assert "Brookmantle" not in page_text(client, speaker_page_url(link), 409)
    assert client.post(speaker_page_url(link), {"do": "name", "version": consent_version()}).status_code == 409
    assert not Basis.objects.filter(purpose=Purpose.PROGRAMME).exists()


def make_participant(meeting: models.Meeting, **more: Any) -> models.Registration:
    """Create a participant without an account whose registration has the speaker's address."""
    invitation = invitations.create_invitation(
        meeting, EMAIL, by=make_account(), expires_at=timezone.now() + timedelta(days=9), language="nb"
    )
    person = make_person(details={Field.NAME: "Ilvane the Participant", Field.EMAIL: EMAIL}, **more)
    Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=timezone.now(), note="t"
    )
    return models.Registration.objects.create(
        meeting=meeting, person=person, invitation=invitation, status=RegistrationStatus.CONFIRMED
    )


def test_a_participant_added_as_a_speaker_keeps_the_name_they_registered_with(session, organiser):
    row = make_participant(session.meeting)
    link = add_speaker(session, organiser)
    assert link.person == row.person
    assert "Ilvane the Participant" in organiser_page_text(session, organiser)
    assert not Person.objects.filter(details__value="Ilvane Brookmantle").exists()


def test_a_hidden_participant_added_as_a_speaker_is_not_linked_to_their_registration(session, organiser):
    row = make_participant(session.meeting, at_risk=True, pseudonym="A. Heron")
    link = add_speaker(session, organiser)
    assert link.person != row.person
    seen = organiser_page_text(session, organiser)
    assert "Ilvane Brookmantle" in seen
    assert "Heron" not in seen


def test_a_hidden_member_added_as_a_speaker_is_not_revealed_to_the_organiser(client, session, organiser):
    account, member = make_member(at_risk=True, pseudonym="A. Heron")
    link = add_speaker(session, organiser)
    publish_programme(session.meeting)
    before = organiser_page_text(session, organiser)
    sign_in(client, account)
    page = page_text(client, speaker_page_url(link))
    assert "Your identity is hidden on this site" in page
    assert "I agree" not in page
    for asked in (
        {"do": "name", "version": consent_version()},
        {"do": "unname"},
        {"do": "correct", "name": "X", "title": ""},
    ):
        client.post(speaker_page_url(link), asked)
    link.refresh_from_db()
    assert (link.person == member, link.person.account, link.answered_at) == (False, None, None)
    assert organiser_page_text(session, organiser) == before
    client.post(speaker_page_url(link), {"do": "stay-away"})
    line = AuditEntry.objects.get(verb="declined an appearance")
    assert (line.actor, line.person) == (None, link.person.public_id)
    assert "Heron" not in organiser_page_text(session, organiser)
    assert not AuditEntry.objects.filter(
        person=member.public_id, subject=f"meeting {session.meeting.public_id}"
    ).exists()


def test_a_registration_claimed_by_an_account_keeps_its_sessions(session, organiser):
    """The person created by the organiser is deleted, but their place in the programme is kept."""
    row = make_participant(session.meeting)
    link, named = add_speaker(session, organiser), row.person
    publish_programme(session.meeting)
    account, member = make_member()
    registration.claim_registration(account=account, meeting=session.meeting)
    row.refresh_from_db()
    link.refresh_from_db()
    assert (row.person, link.person, Person.objects.filter(pk=named.pk).exists()) == (member, member, False)
    assert list(session.appearances.values_list("person", flat=True)) == [member.pk]
    assert list(models.Version.objects.get().people.values()) == [member.public_id]


# --- Emails to them ---------------------------------------------------------------------------------------------------


def test_speakers_are_notified_in_their_language_with_a_link_to_their_page(session, organiser):
    session.meeting.access = "invited"
    session.meeting.save()
    link = add_speaker(session, organiser)
    publish_programme(session.meeting)
    session.title = {"en": "Another title"}
    session.starts += timedelta(minutes=15)
    session.save()
    OutgoingEmail.objects.all().delete()
    publish_version(by=organiser, meeting=session.meeting)
    letter = OutgoingEmail.objects.get(to=EMAIL)
    path = speaker_page_url(link).replace("/en/", "/fr/")
    assert path in letter.body
    told = [(one.language, one.page_url) for one in iter_recipients(session.meeting) if one.email == EMAIL]
    assert told == [("fr", f"https://samsvar.example{path}")]


# --- Retention and erasure --------------------------------------------------------------------------------------------


def test_a_speaker_removed_before_publication_is_deleted(session, organiser):
    link = add_speaker(session, organiser)
    appearance = session.appearances.get()
    speakers.remove_speaker(by=organiser, appearance=appearance)
    assert not Person.objects.filter(pk=link.person.pk).exists()
    assert not models.SpeakerLink.objects.exists()


def test_a_speaker_removed_after_publication_can_still_withdraw_their_name(client, session, organiser):
    link = add_speaker(session, organiser)
    client.post(speaker_page_url(link), {"do": "name", "version": consent_version()})
    publish_programme(session.meeting)
    speakers.remove_speaker(by=organiser, appearance=session.appearances.get())
    programme = reverse("meetings:programme", args=[session.meeting.public_id])
    assert "Brookmantle" in page_text(Client(), programme)
    client.post(speaker_page_url(link), {"do": "unname"})
    assert "Brookmantle" not in page_text(Client(), programme)


def test_a_participant_removed_as_a_speaker_stays_a_participant(session, organiser):
    row = make_participant(session.meeting)
    add_speaker(session, organiser)
    speakers.remove_speaker(by=organiser, appearance=session.appearances.get())
    row.refresh_from_db()
    assert (row.person is not None, models.SpeakerLink.objects.count()) == (True, 0)


@pytest.mark.parametrize("agreed", [False, True])
def test_speakers_who_are_not_named_are_deleted_half_a_year_after_the_meeting(client, meeting, agreed):
    meeting.fictional = False
    meeting.save()
    organiser, session = make_organiser(meeting), make_session(meeting)
    link = add_speaker(session, organiser)
    publish_programme(meeting)
    if agreed:
        client.post(speaker_page_url(link), {"do": "name", "version": consent_version()})
    run_retention(by=None, now=timezone.now() + timedelta(days=33 + 178))
    assert models.SpeakerLink.objects.exists()
    run_retention(by=None, now=timezone.now() + timedelta(days=33 + 182))
    there = (models.SpeakerLink.objects.exists(), Person.objects.filter(pk=link.person.pk).exists())
    assert there == (agreed, agreed)
    assert list(models.Version.objects.get().people.values()) == ([link.person.public_id] if agreed else [])
    if agreed:  # a named speaker withdraws their name and is deleted in the next run
        client.post(speaker_page_url(link), {"do": "unname"})
        run_retention(by=None, now=timezone.now() + timedelta(days=33 + 183))
        assert not Person.objects.filter(pk=link.person.pk).exists()


def test_speaker_data_are_exported_and_are_erased_with_the_link(session, organiser):
    link = add_speaker(session, organiser)
    publish_programme(session.meeting)
    data = my_data(resolve_subject(person=link.person), now=timezone.now()).to_json_data()
    assert EMAIL in str(data)
    assert link.token_hash not in str(data)
    erase_personal_data(subject=resolve_subject(person=link.person), by=None, channel="by letter")
    assert not models.SpeakerLink.objects.exists()
    assert not session.appearances.exists()
    assert list(models.Version.objects.get().people.values()) == []
    assert Client().get(speaker_page_url(link)).status_code == 404


def test_the_audit_log_records_who_asked_whom_without_any_address(session, organiser):
    link = add_speaker(session, organiser)
    Client().post(speaker_page_url(link), {"do": "name", "version": consent_version()})
    lines = AuditEntry.objects.filter(person=link.person.public_id, saw=False)
    verbs = {one.verb: one.actor_id for one in lines}
    assert verbs["invited a speaker"] == organiser.pk
    assert verbs["consented"] is None
    assert not any(word in str(list(lines.values())) for word in (EMAIL, "Brookmantle"))


def test_the_number_of_queries_does_not_grow_with_the_number_of_speakers(session, organiser):
    add_speaker(session, organiser)
    with CaptureQueriesContext(connection) as few:
        queries.people_in_sessions(organiser, session.meeting, list(queries.draft_sessions(session.meeting)))
    for number in range(4):
        add_speaker(session, organiser, email=f"one{number}@experts.example")
    with CaptureQueriesContext(connection) as many:
        queries.people_in_sessions(organiser, session.meeting, list(queries.draft_sessions(session.meeting)))
    assert len(few) == len(many)
