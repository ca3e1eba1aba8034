"""An expert whom nobody knows is put into a session by name and address, and asked by a letter to be named."""

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

from samsvar.ids import secret_hash
from samsvar.meetings.registration import Standing
from samsvar.network.consent import Ground, Purpose, Visibility, current_text
from samsvar.network.people import Field
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models
from samsvar.site.meetings.organising.actions.announcements import concerned
from samsvar.site.meetings.programme.actions import speakers
from samsvar.site.meetings.programme.actions.publishing import publish
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.registration import errors
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import invitations
from samsvar.site.meetings.registration.actions import registering as registration
from samsvar.site.network.data_inventory import subject_of
from samsvar.site.network.directory.queries.people import name_in_public
from samsvar.site.network.models import Basis, Letter, Organisation, Person
from samsvar.site.network.privacy.actions.privacy import erase
from samsvar.site.network.privacy.actions.retention import run_retention
from samsvar.site.network.privacy.queries.privacy import my_data
from tests.factories.meetings import make_meeting, make_session, organiser_of, published
from tests.factories.people import join, make_account, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db
SITE = "https://samsvar.example/"
EMAIL = "ilvane@experts.example"
WRITTEN = {
    "name": "Ilvane Brookmantle", "title": "Professor of law", "email": EMAIL, "organisation": "harbour-house",
    "country": "XC", "letters": "fr", "part": "chair",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_limit_of_another_test(db: None) -> None:
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
    return organiser_of(meeting)


def people_of(session: models.Session) -> str:
    return reverse("meetings:session-people", args=[session.meeting.public_id, session.public_id])


def typed(**more: str) -> dict[str, str]:
    return {"what": "expert"} | {f"expert-{name}": value for name, value in (WRITTEN | more).items()}


def put_in(session: models.Session, organiser: Any, **more: Any) -> models.SpeakerLink:
    """As the form does it; the link that was made or found."""
    speakers.put_in(by=organiser, session=session, site=SITE, **(WRITTEN | more))
    return models.SpeakerLink.objects.select_related("meeting", "person").get(email=(WRITTEN | more)["email"].lower())


def page_of(link: models.SpeakerLink) -> str:
    return reverse("meetings:speaking", args=[link.meeting.public_id, actions_emails.token_of(link)])


def text_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return " ".join(answer.content.decode().partition("<main")[2].split())


def organisers_view(session: models.Session, organiser: Any) -> str:
    client = sign_in(Client(), organiser, staff_session="the programme")
    return re.sub(r"<[^>]+>", "", text_of(client, people_of(session)))


def version() -> str:
    text = current_text(Purpose.PROGRAMME)
    assert text is not None
    return text.version


# --- Put in and asked -------------------------------------------------------------------------------------------------


def test_an_organiser_types_who_it_is_and_a_letter_in_their_language_has_the_link(client, session, organiser):
    sign_in(client, organiser, staff_session="the programme")
    assert client.post(people_of(session), typed()).status_code == 302
    link, letter = models.SpeakerLink.objects.get(), Letter.objects.get()
    with_link = reverse("meetings:speaking", args=[session.meeting.public_id, actions_emails.token_of(link)])
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
    assert list(link.person.bases.values_list("purpose", "ground")) == [(Purpose.MEETINGS, Ground.PUBLIC_TASK)]
    assert link.token_hash == secret_hash(actions_emails.token_of(link))


def test_until_they_agree_the_programme_says_no_name_and_the_organiser_sees_that_they_were_asked(session, organiser):
    put_in(session, organiser)
    published(session.meeting)
    for name in ("programme", "speakers", "schedule-json", "schedule-xml"):
        answer = Client().get(reverse(f"meetings:{name}", args=[session.meeting.public_id])).content.decode()
        assert "Brookmantle" not in answer
        assert "Harbour house" not in answer
    assert re.search(
        r"Ilvane Brookmantle \(chair\), \S.* asked on .*, not answered", organisers_view(session, organiser)
    )


def test_a_yes_and_a_no_by_the_link_hold_at_once_and_the_organiser_reads_which(session, organiser):
    link = put_in(session, organiser)
    published(session.meeting)
    by_link, programme = Client(), reverse("meetings:programme", args=[session.meeting.public_id])
    page = text_of(by_link, page_of(link))
    assert all(word in page for word in ("Session at 9", "Professor of law", "Harbour house", "Do not name me"))
    assert by_link.post(page_of(link), {"do": "name", "version": "programme-1"}).status_code == 409
    assert by_link.post(page_of(link), {"do": "name", "version": version()}).status_code == 302
    assert "Ilvane Brookmantle" in text_of(Client(), programme)
    assert "Harbour house" in text_of(Client(), programme)
    assert "not answered" not in organisers_view(session, organiser)
    assert by_link.post(page_of(link), {"do": "unname"}).status_code == 302
    assert "Brookmantle" not in text_of(Client(), programme)
    assert "not to name them" in organisers_view(session, organiser)
    assert "Do not name me" not in text_of(by_link, page_of(link))  # it is said


def test_a_no_at_first_is_an_answer(session, organiser):
    link = put_in(session, organiser)
    assert Client().post(page_of(link), {"do": "unname"}).status_code == 302
    assert "not to name them" in organisers_view(session, organiser)
    assert not Basis.objects.filter(purpose=Purpose.PROGRAMME).exists()


def test_a_name_and_position_are_corrected_by_the_link_and_an_empty_name_is_not(session, organiser):
    link = put_in(session, organiser)
    wrong = Client().post(page_of(link), {"do": "correct", "name": " ", "title": ""})
    assert wrong.status_code == 422
    both = {"organisation": "harbour-house", "organisation_in_words": "Institute of the Bay"}
    twice = Client().post(page_of(link), {"do": "correct", "name": "Ilvane", "title": "", **both})
    assert twice.status_code == 422
    in_words = {"organisation": "", "organisation_in_words": "Institute of the Bay"}
    Client().post(page_of(link), {"do": "correct", "name": "Ilvané Brookmantle", "title": "", **in_words})
    said = {one.field: one.value for one in link.person.details.all()}
    assert (said[Field.NAME], Field.TITLE in said) == ("Ilvané Brookmantle", False)
    assert "Institute of the Bay" in text_of(Client(), page_of(link))
    assert "Ilvané Brookmantle" in organisers_view(session, organiser)


def test_whoever_does_not_appear_is_named_no_more_and_is_put_into_nothing_until_they_think_again(session, organiser):
    link = put_in(session, organiser)
    published(session.meeting)
    client = Client()
    client.post(page_of(link), {"do": "name", "version": version()})
    client.post(page_of(link), {"do": "stay-away"})
    programme = reverse("meetings:programme", args=[session.meeting.public_id])
    assert "Brookmantle" not in text_of(Client(), programme)
    assert "that they do not appear" in organisers_view(session, organiser)
    with pytest.raises(speakers.DoesNotAppear):
        put_in(make_session(session.meeting, 11), organiser)
    assert "I agree" not in text_of(client, page_of(link))
    client.post(page_of(link), {"do": "appear"})
    put_in(make_session(session.meeting, 13), organiser)
    assert "I agree" in text_of(client, page_of(link))


def test_one_address_is_one_person_at_a_meeting_and_is_written_to_once(session, organiser):
    link = put_in(session, organiser)
    again = put_in(make_session(session.meeting, 11), organiser, email=EMAIL.upper(), name="I. Brookmantle")
    assert (again.pk, Letter.objects.count(), Person.objects.filter(details__value=EMAIL).count()) == (link.pk, 1, 1)
    assert models.Appearance.objects.filter(person=link.person).values("key").distinct().count() == 1
    with pytest.raises(speakers.ProgrammeError):
        put_in(session, organiser)  # the same part in the same session
    assert Letter.objects.count() == 1


def test_somebody_who_does_not_answer_is_asked_again_after_a_day_and_not_before(client, session, organiser):
    link = put_in(session, organiser)
    sign_in(client, organiser, staff_session="the programme")
    ask = {"what": "ask", "appearance": str(session.appearances.get().pk)}
    assert "Ask again" not in text_of(client, people_of(session))
    assert client.post(people_of(session), ask).status_code == 409
    models.SpeakerLink.objects.update(asked_at=timezone.now() - timedelta(days=1, minutes=1))
    assert "Ask again" in text_of(client, people_of(session))
    assert client.post(people_of(session), ask).status_code == 302
    letters = Letter.objects.order_by("pk").values_list("body", flat=True)
    assert [actions_emails.token_of(link) in body for body in letters] == [True, True]  # the link is the same
    link.refresh_from_db()
    assert link.asked_at > timezone.now() - timedelta(minutes=1)


def test_whoever_does_not_run_the_meeting_asks_nobody(session):
    for account in (make_account(), organiser_of(make_meeting())):
        with pytest.raises(PermissionDenied):
            put_in(session, account)
    assert (Letter.objects.count(), models.SpeakerLink.objects.count()) == (0, 0)


def test_an_organisation_that_no_list_has_is_written_in_words(client, session, organiser):
    sign_in(client, organiser, staff_session="the programme")
    twice = typed(organisation_in_words="Institute of the Bay")
    assert client.post(people_of(session), twice).status_code == 422
    client.post(people_of(session), typed(organisation="", organisation_in_words="Institute of the Bay"))
    link = models.SpeakerLink.objects.get()
    Client().post(page_of(link), {"do": "name", "version": version()})
    published(session.meeting)
    assert "Institute of the Bay" in text_of(Client(), reverse("meetings:speakers", args=[session.meeting.public_id]))


def test_a_meeting_sends_no_flood_of_letters(monkeypatch, session, organiser):
    monkeypatch.setattr(speakers, "MOST_ASKED", 2)
    for number in range(2):
        put_in(make_session(session.meeting, 11 + number), organiser, email=f"one{number}@experts.example")
    with pytest.raises(speakers.TooManyAsked):
        put_in(session, organiser)
    assert Letter.objects.count() == 2


def test_a_cancelled_meeting_asks_nobody(session, organiser):
    session.meeting.cancelled_at = timezone.now()
    session.meeting.save()
    with pytest.raises(errors.MeetingIsCancelled):
        put_in(session, organiser)


def test_what_is_wrong_stands_beside_its_field(client, session, organiser):
    sign_in(client, organiser, staff_session="the programme")
    answer = client.post(people_of(session), typed(email="no address", country="Nowhere"))
    assert (answer.status_code, models.SpeakerLink.objects.count()) == (422, 0)
    assert answer.content.decode().count('class="errorlist"') == 2


@pytest.mark.parametrize("token", ["none", "x" * 43])
def test_a_link_that_nobody_was_sent_opens_nothing(client, session, organiser, token):
    put_in(session, organiser)
    assert client.get(reverse("meetings:speaking", args=[session.meeting.public_id, token])).status_code == 404


def test_a_link_opens_nothing_at_another_meeting_and_nothing_else_of_its_own(client, session, organiser):
    link, other = put_in(session, organiser), make_meeting()
    token = actions_emails.token_of(link)
    assert client.get(reverse("meetings:speaking", args=[other.public_id, token])).status_code == 404
    for name in ("registration-link", "invitation", "delegation", "offer-by-link"):
        assert client.get(reverse(f"meetings:{name}", args=[session.meeting.public_id, token])).status_code == 404


# --- Somebody known ---------------------------------------------------------------------------------------------------


def a_member(**more: Any) -> Any:
    """Somebody of a network whom an organiser cannot see."""
    account = make_account(email=EMAIL)
    person = make_person(
        account=account, details={Field.NAME: "Ilvane of the Lantern", Field.COUNTRY: "XB", Field.EMAIL: EMAIL}, **more
    )
    join(make_network(), person)
    return account, person


def test_an_address_with_an_account_looks_to_the_organiser_like_any_other(session, organiser):
    _account, member = a_member()
    link = put_in(session, organiser)
    assert link.person.pk != member.pk
    seen = organisers_view(session, organiser)
    assert "Ilvane Brookmantle" in seen
    assert "Lantern" not in seen
    assert not Entry.objects.filter(saw=True, person=member.public_id).exists()
    assert not member.bases.filter(purpose=Purpose.MEETINGS).exists()


def test_whoever_has_an_account_signs_in_first_and_is_the_person_they_are_from_then_on(client, session, organiser):
    account, member = a_member()
    link = put_in(session, organiser)
    models.Availability.objects.create(
        meeting=session.meeting, person=link.person, starts=session.starts, ends=session.ends
    )
    published(session.meeting)
    named = link.person
    page = text_of(client, page_of(link), 409)
    assert "Sign in" in page
    assert "Brookmantle" not in page
    assert client.post(page_of(link), {"do": "name", "version": version()}).status_code == 409
    sign_in(client, account)
    assert "Ilvane of the Lantern" in text_of(client, page_of(link))
    link.refresh_from_db()
    assert (link.person, Person.objects.filter(pk=named.pk).exists()) == (member, False)
    assert list(session.appearances.values_list("person", flat=True)) == [member.pk]
    assert list(models.Version.objects.get().people.values()) == [member.public_id]
    assert models.Availability.objects.get().person == member
    client.post(page_of(link), {"do": "name", "version": version()})
    assert name_in_public(member) == "Ilvane of the Lantern"
    assert "Ilvane of the Lantern" in text_of(Client(), reverse("meetings:speakers", args=[session.meeting.public_id]))
    assert "Correct your name" not in text_of(client, page_of(link))  # in their entry


def test_an_account_without_an_entry_gets_the_one_that_was_written(client, session, organiser):
    account = make_account(email=EMAIL)
    link = put_in(session, organiser)
    sign_in(client, account)
    assert client.get(page_of(link)).status_code == 200
    link.person.refresh_from_db()
    assert link.person.account == account


def test_what_was_agreed_before_there_was_an_account_is_taken_along(client, session, organiser):
    link = put_in(session, organiser)
    client.post(page_of(link), {"do": "name", "version": version()})
    account, member = a_member()
    sign_in(client, account)
    text_of(client, page_of(link))
    assert name_in_public(member) == "Ilvane of the Lantern"


def test_the_link_of_somebody_else_is_refused_to_an_account(client, session, organiser):
    link = put_in(session, organiser)
    sign_in(client, make_account())
    assert "Brookmantle" not in text_of(client, page_of(link), 409)
    assert client.post(page_of(link), {"do": "name", "version": version()}).status_code == 409
    assert not Basis.objects.filter(purpose=Purpose.PROGRAMME).exists()


def a_participant(meeting: models.Meeting, **more: Any) -> models.Registration:
    """Somebody without an account with a place at the meeting, under the address."""
    invitation = invitations.make_invitation(
        meeting, EMAIL, by=make_account(), expires_at=timezone.now() + timedelta(days=9), language="nb"
    )
    person = make_person(details={Field.NAME: "Ilvane the Participant", Field.EMAIL: EMAIL}, **more)
    Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, since=timezone.now(), note="t"
    )
    return models.Registration.objects.create(
        meeting=meeting, person=person, invitation=invitation, standing=Standing.CONFIRMED
    )


def test_an_address_of_a_participant_is_that_participant_under_the_name_that_they_registered_with(session, organiser):
    row = a_participant(session.meeting)
    link = put_in(session, organiser)
    assert link.person == row.person
    assert "Ilvane the Participant" in organisers_view(session, organiser)
    assert not Person.objects.filter(details__value="Ilvane Brookmantle").exists()


def test_an_address_of_a_hidden_participant_stays_apart_and_the_organiser_sees_what_they_wrote(session, organiser):
    row = a_participant(session.meeting, at_risk=True, pseudonym="A. Heron")
    link = put_in(session, organiser)
    assert link.person != row.person
    seen = organisers_view(session, organiser)
    assert "Ilvane Brookmantle" in seen
    assert "Heron" not in seen


def test_whoever_is_hidden_stays_apart_from_what_was_written_and_nobody_learns_that_it_is_them(
    client, session, organiser
):
    account, member = a_member(at_risk=True, pseudonym="A. Heron")
    link = put_in(session, organiser)
    published(session.meeting)
    before = organisers_view(session, organiser)
    sign_in(client, account)
    page = text_of(client, page_of(link))
    assert "You are hidden on this site" in page
    assert "I agree" not in page
    for asked in ({"do": "name", "version": version()}, {"do": "unname"}, {"do": "correct", "name": "X", "title": ""}):
        client.post(page_of(link), asked)
    link.refresh_from_db()
    assert (link.person == member, link.person.account, link.answered_at) == (False, None, None)
    assert organisers_view(session, organiser) == before
    client.post(page_of(link), {"do": "stay-away"})
    line = Entry.objects.get(verb="said that they do not appear")
    assert (line.actor, line.person) == (None, link.person.public_id)
    assert "Heron" not in organisers_view(session, organiser)
    assert not Entry.objects.filter(person=member.public_id, subject=f"meeting {session.meeting.public_id}").exists()


def test_a_registration_that_an_account_takes_over_brings_its_sessions_along(session, organiser):
    """The person that somebody else wrote down goes; what stands under them in the programme does not."""
    row = a_participant(session.meeting)
    link, named = put_in(session, organiser), row.person
    published(session.meeting)
    account, member = a_member()
    registration.take_over(account=account, meeting=session.meeting, site=SITE)
    row.refresh_from_db()
    link.refresh_from_db()
    assert (row.person, link.person, Person.objects.filter(pk=named.pk).exists()) == (member, member, False)
    assert list(session.appearances.values_list("person", flat=True)) == [member.pk]
    assert list(models.Version.objects.get().people.values()) == [member.public_id]


# --- Letters to them --------------------------------------------------------------------------------------------------


def test_changes_and_a_cancelled_meeting_are_told_in_their_language_and_lead_to_their_page(session, organiser):
    session.meeting.access = "invited"
    session.meeting.save()
    link = put_in(session, organiser)
    published(session.meeting)
    session.title = {"en": "Another title"}
    session.starts += timedelta(minutes=15)
    session.save()
    Letter.objects.all().delete()
    publish(by=organiser, meeting=session.meeting, site=SITE)
    letter = Letter.objects.get(to=EMAIL)
    path = page_of(link).replace("/en/", "/fr/")
    assert path in letter.body
    told = [(one.language, one.page) for one in concerned(session.meeting, SITE) if one.to == EMAIL]
    assert told == [("fr", f"https://samsvar.example{path}")]


# --- How long, and erased ---------------------------------------------------------------------------------------------


def test_whoever_is_taken_out_before_they_were_in_a_version_is_kept_nowhere(session, organiser):
    link = put_in(session, organiser)
    appearance = session.appearances.get()
    speakers.take_out(by=organiser, appearance=appearance)
    assert not Person.objects.filter(pk=link.person.pk).exists()
    assert not models.SpeakerLink.objects.exists()


def test_whoever_is_taken_out_of_a_published_session_can_still_take_their_name_back(client, session, organiser):
    link = put_in(session, organiser)
    client.post(page_of(link), {"do": "name", "version": version()})
    published(session.meeting)
    speakers.take_out(by=organiser, appearance=session.appearances.get())
    programme = reverse("meetings:programme", args=[session.meeting.public_id])
    assert "Brookmantle" in text_of(Client(), programme)
    client.post(page_of(link), {"do": "unname"})
    assert "Brookmantle" not in text_of(Client(), programme)


def test_a_participant_who_is_taken_out_stays_a_participant(session, organiser):
    row = a_participant(session.meeting)
    put_in(session, organiser)
    speakers.take_out(by=organiser, appearance=session.appearances.get())
    row.refresh_from_db()
    assert (row.person is not None, models.SpeakerLink.objects.count()) == (True, 0)


@pytest.mark.parametrize("agreed", [False, True])
def test_half_a_year_after_the_meeting_whoever_is_not_named_is_deleted(client, meeting, agreed):
    meeting.invented = False
    meeting.save()
    organiser, session = organiser_of(meeting), make_session(meeting)
    link = put_in(session, organiser)
    published(meeting)
    if agreed:
        client.post(page_of(link), {"do": "name", "version": version()})
    run_retention(by=None, now=timezone.now() + timedelta(days=33 + 178))
    assert models.SpeakerLink.objects.exists()
    run_retention(by=None, now=timezone.now() + timedelta(days=33 + 182))
    there = (models.SpeakerLink.objects.exists(), Person.objects.filter(pk=link.person.pk).exists())
    assert there == (agreed, agreed)
    assert list(models.Version.objects.get().people.values()) == ([link.person.public_id] if agreed else [])
    if agreed:  # who is named takes it back, and is deleted with the next run
        client.post(page_of(link), {"do": "unname"})
        run_retention(by=None, now=timezone.now() + timedelta(days=33 + 183))
        assert not Person.objects.filter(pk=link.person.pk).exists()


def test_what_is_held_is_handed_out_and_erased_with_the_link(session, organiser):
    link = put_in(session, organiser)
    published(session.meeting)
    data = my_data(subject_of(person=link.person), now=timezone.now()).as_json()
    assert EMAIL in str(data)
    assert link.token_hash not in str(data)
    erase(subject=subject_of(person=link.person), by=None, asked="by letter")
    assert not models.SpeakerLink.objects.exists()
    assert not session.appearances.exists()
    assert list(models.Version.objects.get().people.values()) == []
    assert Client().get(page_of(link)).status_code == 404


def test_the_trail_says_who_asked_whom_and_holds_no_address(session, organiser):
    link = put_in(session, organiser)
    Client().post(page_of(link), {"do": "name", "version": version()})
    lines = Entry.objects.filter(person=link.person.public_id, saw=False)
    verbs = {one.verb: one.actor_id for one in lines}
    assert verbs["asked somebody to appear"] == organiser.pk
    assert verbs["consented"] is None
    assert not any(word in str(list(lines.values())) for word in (EMAIL, "Brookmantle"))


def test_the_people_of_a_session_ask_the_same_number_of_questions_however_many_were_asked(session, organiser):
    put_in(session, organiser)
    with CaptureQueriesContext(connection) as few:
        queries.names_for(organiser, session.meeting, list(queries.sessions_of(session.meeting)))
    for number in range(4):
        put_in(session, organiser, email=f"one{number}@experts.example")
    with CaptureQueriesContext(connection) as many:
        queries.names_for(organiser, session.meeting, list(queries.sessions_of(session.meeting)))
    assert len(few) == len(many)
