"""Suggested sessions of a meeting, from gaps to the draft; and participants who could help each other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.exchange.requests import ShownAs
from samsvar.monitoring.report import Strength
from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.matching.labels import reason_sentence
from samsvar.site.exchange.models import HelpRequest, Introduction
from samsvar.site.meetings import models
from samsvar.site.meetings.agenda import errors
from samsvar.site.meetings.agenda.actions import sessions as actions
from samsvar.site.meetings.agenda.queries import contacts as contact_queries
from samsvar.site.meetings.agenda.queries import sessions as queries
from samsvar.site.meetings.agenda.queries.sessions import ExperienceKind
from samsvar.site.meetings.registration.actions.registering import restrict_visibility_at_all_meetings
from samsvar.site.monitoring.models import Finding, FindingLink
from samsvar.site.network.models import Network, Organisation, Seat
from tests.factories.exchange_matching import make_published_practice
from tests.factories.implementation import make_measure
from tests.factories.meetings import make_meeting, make_organiser, make_registration, make_session, publish_programme
from tests.factories.people import make_account, make_membership, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

SHELTERS = "GREVIO urges the authorities to open more shelters for women in the countryside."


def report_on(state, *findings, year=2024, **how):
    reading = make_reading(findings, state=state, published=date(year, 5, 11), **how)
    return make_report(f"{state} {year} {how}".encode(), reading=reading)


@pytest.fixture
def meeting():
    """XA and XB share a gap under Article 23 and are invited with XC, which a report praises."""
    load_convention()
    report_on(
        "XA",
        make_finding(1, articles=["23"], state="XA", text=SHELTERS),
        make_finding(2, articles=["23"], state="XA", strength=Strength.ENCOURAGES),
        make_finding(3, articles=["7"], state="XA"),
    )
    report_on("XB", make_finding(4, articles=["23"], state="XB", strength=Strength.STRONGLY_ENCOURAGES))
    report_on("XC", make_finding(5, articles=["23"], state="XC", strength=Strength.WELCOMES))
    meeting = make_meeting()
    for code in ("XA", "XB", "XC"):
        meeting.states.create(state_id=code)
    return meeting


def suggestions_of(meeting, user=None):
    return queries.agenda_page(user or AnonymousUser(), meeting, language="en").suggestions


def test_a_gap_that_two_countries_share_is_suggested_with_the_strongest_findings_first(meeting):
    (suggestion,) = suggestions_of(meeting)
    assert (suggestion.article, suggestion.title) == (23, "Shelters")
    assert [(one.state, [each.paragraph for each in one.findings], one.total) for one in suggestion.countries] == [
        ("XA", ["1", "2"], 2),
        ("XB", ["4"], 1),
    ]


def test_gaps_are_ordered_by_countries_and_then_by_strength(meeting):
    report_on("XC", *(make_finding(n, articles=["20"], state="XC") for n in (7, 8)), year=2025)
    report_on("XB", make_finding(9, articles=["20"], state="XB"), body="committee_of_the_parties", year=2025)
    assert [gap.article for gap in queries.shared_gaps(["XA", "XB", "XC"])] == [20, 23]
    report_on("XC", make_finding(10, articles=["23"], state="XC"), body="committee_of_the_parties", year=2025)
    assert [gap.article for gap in queries.shared_gaps(["XA", "XB", "XC"])] == [23, 20]


def test_the_experience_of_countries_at_the_meeting_comes_first_and_of_others_is_marked(meeting):
    make_published_practice("Beds beside farms", state="XC", articles=("23",))
    make_published_practice("A house in each valley", state="XB", articles=("23",))
    make_published_practice("Something else", state="XB", articles=("54",))
    meeting.states.filter(state_id="XC").delete()
    (suggestion,) = suggestions_of(meeting)
    assert [(one.kind, one.state, one.is_at_meeting) for one in suggestion.experiences] == [
        (ExperienceKind.PRACTICE, "XB", True),
        (ExperienceKind.PRACTICE, "XC", False),
        (ExperienceKind.PRAISE, "XC", False),
    ]
    sentences = [reason_sentence(reason, "XB") for reason in suggestion.experiences[0].match.reasons]
    assert "Same article: 23." in sentences


def test_a_finding_that_a_later_text_closed_counts_and_one_that_it_restates_does_not(meeting):
    earlier = report_on("XC", make_finding(20, articles=["23"], state="XC"), year=2018).findings.get()
    later = report_on("XC", make_finding(21, articles=["54"], state="XC"), year=2025, body="committee_of_the_parties")
    link = FindingLink.objects.create(
        later=later.findings.get(), earlier=earlier, basis="citation", certain=True, similarity=1, later_text="restates"
    )
    kinds = [one.kind for one in suggestions_of(meeting)[0].experiences]
    assert kinds == [ExperienceKind.PRAISE]
    link.later_text = "closes"
    link.save()
    closed = suggestions_of(meeting)[0].experiences[0]
    assert (closed.kind, closed.title) == (ExperienceKind.CLOSED, "GREVIO 2018 § 20, p. 1")


def test_only_a_public_measure_that_is_done_and_answers_as_a_whole_counts(meeting):
    finding = Finding.objects.get(paragraph="4")
    measure = make_measure(state="XB", title="Six new shelters", stage="done", visibility="public")
    answer = measure.answers.create(finding=finding, scope="whole")

    def kinds():
        return [one.kind for one in suggestions_of(meeting)[0].experiences if one.state == "XB"]

    assert kinds() == [ExperienceKind.MEASURE]
    for row, changes in (
        (measure, {"visibility": "desk"}),
        (measure, {"visibility": "public", "stage": "under_way"}),
        (measure, {"stage": "done"}),
        (answer, {"scope": "part"}),
    ):
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        assert kinds() == ([ExperienceKind.MEASURE] if changes == {"stage": "done"} else [])


def test_a_network_meeting_without_invited_countries_compares_those_of_its_members():
    load_convention()
    network = Network.objects.create(slug="harbour", name="Harbour")
    ministry = Organisation.objects.create(public_id="ministry", name="Ministry", kind="ministry", state_id="XA")
    Seat.objects.create(network=network, organisation=ministry)
    make_membership(network, make_person(), state_id="XB")
    make_membership(network, make_person(), state_id="XC", ends=timezone.localdate() - timedelta(days=1))
    make_membership(network, make_person(at_risk=True, pseudonym="Anna"), state_id="XC")
    meeting = make_meeting(network=network)
    assert queries.agenda_countries(meeting) == ["XA", "XB"]
    assert queries.agenda_page(AnonymousUser(), meeting, language="en").are_of_network
    meeting.states.create(state_id="XC")
    assert queries.agenda_countries(meeting) == ["XC"]


# --- Speakers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def network():
    return Network.objects.create(slug="harbour", name="Harbour")


@pytest.fixture
def organiser(meeting, network):
    """An organiser of the meeting who is a member of the network, and so may see its directory."""
    account = make_organiser(meeting)
    make_membership(network, make_person(account=account))
    return account


def make_expert(
    network, name, *, visibility=Visibility.MY_NETWORKS, consents=(Purpose.DIRECTORY, Purpose.MATCHING), **how
):
    person = make_person(
        account=make_account(),
        visibility=visibility,
        details={Field.NAME: name, Field.EXPERTISE: ["article:23"]},
        consents=consents,
        **how,
    )
    make_membership(network, person)
    return person


def names_of(meeting, user):
    return [person.name for person in suggestions_of(meeting, user)[0].people]


def test_people_who_agreed_to_it_are_suggested_as_speakers_and_the_look_is_recorded(meeting, network, organiser):
    person = make_expert(network, "Mara Fictional")
    assert names_of(meeting, organiser) == ["Mara Fictional"]
    entry = AuditEntry.objects.filter(person=person.public_id).latest("pk")
    assert f"agenda {meeting.public_id}" in entry.subject


def test_no_one_is_suggested_without_consent_or_at_risk_or_hidden_from_the_organiser(meeting, network, organiser):
    agreed = make_expert(network, "Agreed")
    make_expert(network, "Without consent", consents=(Purpose.DIRECTORY,))
    make_expert(network, "At risk", at_risk=True, pseudonym="Anna")
    make_expert(network, "Hidden", visibility=Visibility.ONLY_ME)
    assert names_of(meeting, organiser) == ["Agreed"]
    assert names_of(meeting, AnonymousUser()) == []
    agreed.bases.filter(purpose=Purpose.MATCHING).update(until=timezone.now())
    assert names_of(meeting, organiser) == []


# --- Adding a session -------------------------------------------------------------------------------------------------


def test_a_suggestion_becomes_a_draft_session_with_citations_and_links_and_nothing_is_published(meeting, organiser):
    make_published_practice("A house in each valley", state="XC", articles=("23",))
    practice = suggestions_of(meeting)[0].practice_keys[0]
    session = actions.add_suggested_session(by=organiser, meeting=meeting, article=23)
    assert session.state == models.Session.State.DRAFT
    assert session.title == {"en": "Shelters (Article 23): sharing experience"}
    text = session.abstract["en"]
    assert "GREVIO 2024 § 1, p. 1; GREVIO 2024 § 2, p. 1" in text
    assert "has published a practice on this subject: A house in each valley" in text
    findings = Finding.objects.filter(paragraph__in=["1", "2", "4"]).values_list("public_id", flat=True)
    assert sorted(session.links.values_list("kind", "key")) == sorted(
        [("article", "23"), ("practice", practice), *(("finding", key) for key in findings)]
    )
    meeting.refresh_from_db()
    assert (meeting.version, session.appearances.count()) == (0, 0)
    assert suggestions_of(meeting)[0].session == session


def test_a_suggestion_is_added_only_once_and_again_after_its_session_was_removed(meeting, organiser):
    session = actions.add_suggested_session(by=organiser, meeting=meeting, article=23)
    with pytest.raises(errors.AlreadyInProgramme):
        actions.add_suggested_session(by=organiser, meeting=meeting, article=23)
    session.delete()
    actions.add_suggested_session(by=organiser, meeting=meeting, article=23)
    assert meeting.sessions.count() == 1


def test_what_is_no_longer_shared_and_what_someone_may_not_manage_is_refused(meeting, organiser):
    with pytest.raises(PermissionDenied):
        actions.add_suggested_session(by=make_account(Role.SECRETARIAT), meeting=meeting, article=23)
    meeting.states.filter(state_id="XB").delete()
    with pytest.raises(errors.GapNotShared):
        actions.add_suggested_session(by=organiser, meeting=meeting, article=23)
    assert not meeting.sessions.exists()


def test_the_text_is_in_the_language_of_the_organiser_if_the_meeting_has_it(meeting, organiser):
    meeting.languages = ["fr", "en"]
    meeting.save()
    with override("nb"):
        session = actions.add_suggested_session(by=organiser, meeting=meeting, article=23)
    assert set(session.title) == set(session.abstract) == {"fr"}
    assert "Refuges" in session.title["fr"]


def test_the_page_offers_each_session_once_and_editing_keeps_its_practices(client, meeting, organiser):
    practice = make_published_practice("A house in each valley", state="XC", articles=("23",))
    sign_in(client, organiser, staff_session="the agenda")
    address = reverse("meetings:manage-agenda", args=[meeting.public_id])
    add = reverse("meetings:add-suggested-session", args=[meeting.public_id, 23])
    page = client.get(address).content.decode()
    assert add in page
    assert "A house in each valley" in page
    response = client.post(add)
    session = meeting.sessions.get()
    edit = reverse("meetings:edit-session", args=[meeting.public_id, session.public_id])
    assert (response.status_code, response.url) == (302, edit)
    page = client.get(address).content.decode()
    assert add not in page
    assert edit in page
    form = client.get(edit).context["form"]
    data = {name: value for name, value in form.initial.items() if value not in (None, "")}
    client.post(edit, data | {"practices": [practice.public_id]})
    assert list(session.links.filter(kind="practice").values_list("key", flat=True)) == [practice.public_id]
    client.post(edit, data | {"practices": []})
    assert not session.links.filter(kind="practice").exists()


def test_a_meeting_without_shared_gaps_says_what_to_do(client):
    load_convention()
    meeting = make_meeting()
    sign_in(client, make_organiser(meeting), staff_session="the agenda")
    address = reverse("meetings:manage-agenda", args=[meeting.public_id])
    assert "Add the invited countries" in client.get(address).content.decode()
    for code in ("XA", "XB"):
        meeting.states.create(state_id=code)
    assert "share no open recommendations" in client.get(address).content.decode()


def test_the_published_page_of_a_session_links_to_its_findings_and_practices(client, meeting):
    practice = make_published_practice("A house in each valley", state="XC", articles=("23",))
    finding = Finding.objects.get(paragraph="1")
    session = make_session(meeting)
    for kind, key in (("finding", finding.public_id), ("practice", practice.public_id), ("practice", "none")):
        session.links.create(meeting=meeting, kind=kind, key=key)
    publish_programme(meeting)
    page = client.get(reverse("meetings:session", args=[meeting.public_id, session.public_id])).content.decode()
    assert reverse("monitoring:finding", args=[finding.public_id]) in page
    assert "GREVIO 2024 § 1, p. 1" in page
    assert reverse("exchange:practice", args=[practice.public_id]) in page
    assert "A house in each valley" in page
    assert reverse("exchange:practice", args=["none"]) not in page


# --- One-to-one meetings by needs and offers --------------------------------------------------------------------------


@pytest.fixture
def make_participant(network):
    """Make a confirmed participant with an account, who is a member of the network and agreed to be suggested."""
    meeting = make_meeting(public_id="exchange-days")

    def make(name, *, agrees=True, expertise=(), visibility=Visibility.MY_NETWORKS, **how):
        registration = make_registration(meeting, name, account=make_account(Role.CONTRIBUTOR), **how)
        person = registration.person
        person.details.update(visibility=visibility)
        for purpose in (Purpose.DIRECTORY, Purpose.MATCHING):
            person.bases.create(purpose=purpose, ground=LegalBasis.CONSENT, since=timezone.now(), text_version="tests")
        for value in expertise:
            person.details.create(field=Field.EXPERTISE, value=value, visibility=visibility)
        make_membership(network, person)
        registration.is_suggested = agrees
        registration.save()
        return registration

    return make


def make_request(registration, network, **how):
    columns = {"shown_as": ShownAs.NAME, "articles": ["23"], "problem": "Too few shelters.", "situation": "Two."}
    return HelpRequest.objects.create(by=registration.person.account, network=network, **(columns | how))


def page_of(registration):
    account = get_user_model().objects.get(pk=registration.person.account_id)
    return contact_queries.contacts_page(account, models.Registration.objects.get(pk=registration.pk))


def contacts_of(registration):
    return [contact.shown.title for entry in page_of(registration).can_get_help for contact in entry.contacts]


def test_participants_who_agreed_are_suggested_by_their_expertise_with_reasons(network, make_participant):
    load_convention()
    asker, helper = make_participant("Asker"), make_participant("Helper", expertise=["article:23"])
    make_participant("Did not agree", expertise=["article:23"], agrees=False)
    make_participant("Elsewhere", expertise=["article:54"])
    make_request(asker, network)
    (entry,) = page_of(asker).can_get_help
    assert [contact.shown.title for contact in entry.contacts] == ["Helper"]
    assert [reason.about for reason in entry.contacts[0].shown.match.reasons] == [("23",)]
    assert [needed.name for needed in page_of(helper).can_help] == ["Asker"]


def test_no_one_sees_or_is_seen_without_agreeing(network, make_participant):
    load_convention()
    asker = make_participant("Asker", agrees=False)
    helper = make_participant("Helper", expertise=["article:23"])
    make_request(asker, network)
    page = page_of(asker)
    assert (page.can_get_help, page.can_help, page_of(helper).can_help) == ((), (), ())


def test_no_one_at_risk_hidden_or_without_consent_is_suggested(network, make_participant):
    load_convention()
    asker = make_participant("Asker")
    make_request(asker, network)
    make_participant("At risk", expertise=["article:23"], at_risk=True, pseudonym="Anna")
    make_participant("Hidden", expertise=["article:23"], visibility=Visibility.ONLY_ME)
    withdrawn = make_participant("Withdrawn", expertise=["article:23"])
    assert contacts_of(asker) == ["Withdrawn"]
    withdrawn.person.bases.filter(purpose=Purpose.MATCHING).update(until=timezone.now())
    assert contacts_of(asker) == []


@pytest.mark.parametrize("shown_as", [ShownAs.ORGANISATION, ShownAs.COUNTRY, ShownAs.NO_ONE])
def test_a_request_that_does_not_show_a_name_tells_no_one_that_its_asker_is_here(network, make_participant, shown_as):
    load_convention()
    helper = make_participant("Helper", expertise=["article:23"])
    asker = make_participant("Asker")
    make_request(asker, network, shown_as=shown_as)
    assert page_of(helper).can_help == ()
    assert contacts_of(asker) == ["Helper"]


def test_a_practice_suggests_its_contact_if_they_are_here(network, make_participant):
    load_convention()
    asker, contact = make_participant("Asker"), make_participant("Contact")
    body = Organisation.objects.create(public_id="body", name="Shelters of XB", kind="ngo", state_id="XB")
    contact.person.memberships.update(organisation=body)
    practice = make_published_practice("A house in each valley", articles=("23",), organisation=body)
    make_request(asker, network, state_id="XA")
    (entry,) = page_of(asker).can_get_help
    assert [(one.name, one.shown.title, one.key) for one in entry.contacts] == [
        ("Contact", "A house in each valley", f"practice:{practice.public_id}")
    ]
    contact.is_suggested = False
    contact.save()
    assert contacts_of(asker) == []


def test_a_talk_is_asked_for_as_an_introduction_of_a_call_that_names_the_meeting(client, network, make_participant):
    load_convention()
    asker, helper = make_participant("Asker"), make_participant("Helper", expertise=["article:23"])
    request = make_request(asker, network)
    sign_in(client, asker.person.account)
    address = reverse("meetings:suggested-contacts", args=[asker.meeting.public_id])
    page = client.get(address).content.decode()
    assert "Ask for a talk" in page
    assert "Same article: 23." in page
    ask = reverse("meetings:ask-for-talk", args=[asker.meeting.public_id])
    data = {"request": request.public_id, "whom": f"person:{helper.person.public_id}"}
    client.post(ask, data)
    made = Introduction.objects.get()
    assert (made.help, made.status, made.at_meeting, made.asker, made.helper, made.invited_at) == (
        "call", "proposed", "exchange-days", asker.person.account, helper.person.account, None,
    )  # fmt: skip
    assert [reason["feature"] for reason in made.reasons] == ["article"]
    page = client.get(address).content.decode()
    assert "You have an introduction about this." in page
    assert "Ask for a talk" not in page
    page = client.get(reverse("exchange:introduction", args=[made.public_id])).content.decode()
    assert reverse("meetings:meeting", args=["exchange-days"]) in page
    for whom in (data["whom"], "person:someone-else"):  # twice, or someone who is not suggested
        client.post(ask, data | {"whom": whom})
    assert Introduction.objects.count() == 1


def test_the_tick_is_off_until_a_participant_sets_it_and_protection_ends_it(client, network, make_participant):
    load_convention()
    own = make_participant("Asker", agrees=False)
    assert models.Registration._meta.get_field("is_suggested").default is False
    sign_in(client, own.person.account)
    assert (
        "I agree to be suggested"
        in client.get(reverse("meetings:my-registration", args=[own.meeting.public_id])).content.decode()
    )
    agree = reverse("meetings:agree-to-suggestions", args=[own.meeting.public_id])
    for value, expected in (("1", True), ("0", False), ("1", True)):
        client.post(agree, {"agrees": value})
        own.refresh_from_db()
        assert own.is_suggested is expected
    restrict_visibility_at_all_meetings(own.person)
    own.refresh_from_db()
    assert own.is_suggested is False
