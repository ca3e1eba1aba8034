"""Outcomes recorded in a session are shown, corrected and closed; commitments are followed up."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import (
    CommitmentProgress,
    OutcomeKind,
    OutcomeStatus,
)
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.organising.actions.helpers import assign_duty as give_a_duty
from samsvar.site.meetings.outcomes.actions import outcomes as actions
from samsvar.site.meetings.outcomes.actions.outcomes import CommitmentOwnerMissing, RecordClosed, RecordNotShown
from samsvar.site.meetings.outcomes.queries import outcomes as queries
from samsvar.site.network.models import Organisation, OutgoingEmail
from tests.factories.meetings import make_duty, make_meeting, make_organiser, make_registration
from tests.factories.people import make_account, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 24)


@pytest.fixture
def sudmar():
    return State.objects.get_or_create(code="XB", defaults={"kind": "fictional"})[0]


@pytest.fixture
def meeting(sudmar):
    return make_meeting(ends=date(2026, 9, 17))


@pytest.fixture
def session(meeting):
    return models.Session.objects.create(
        meeting=meeting,
        title={"en": "Shelters in small places"},
        state=models.Session.State.READY,
        starts=datetime(2026, 9, 15, 8, 0, tzinfo=UTC),
        ends=datetime(2026, 9, 15, 9, 0, tzinfo=UTC),
    )


@pytest.fixture
def organiser(meeting):
    return make_organiser(meeting)


def record_commitment(organiser, session, **more) -> models.Outcome:
    said = {
        "kind": OutcomeKind.COMMITMENT,
        "text": "A shelter within an hour of everybody.",
        "state": "XB",
        "due": "2027-06",
        "article": "23",
    }
    return actions.record_outcome(by=organiser, meeting=session.meeting, session=session, **(said | more))


def make_closed_outcome(organiser, session, *, access=AccessLevel.PUBLIC, **more) -> models.Outcome:
    outcome = record_commitment(organiser, session, **more)
    actions.mark_outcomes_as_shown(by=organiser, session=session)
    actions.close_record(by=organiser, session=session)
    outcome.refresh_from_db()
    return actions.set_outcome_access(by=organiser, outcome=outcome, access=access)


def test_a_commitment_must_say_who_made_it(organiser, session):
    with pytest.raises(CommitmentOwnerMissing):
        record_commitment(organiser, session, state="")
    assert models.Outcome.objects.count() == 0


def test_only_someone_with_the_duty_can_record_outcomes(organiser, session):
    helper, stranger = make_account(), make_account(Role.EDITOR)
    with pytest.raises(PermissionDenied):
        record_commitment(helper, session)
    models.Duty.objects.create(
        meeting=session.meeting, account=helper, kind="record", until=timezone.now() + timedelta(hours=1)
    )
    assert record_commitment(helper, session).recorded_by == helper
    with pytest.raises(PermissionDenied):
        record_commitment(stranger, session)


def test_a_check_in_duty_does_not_allow_recording_outcomes(session):
    helper = make_account()
    models.Duty.objects.create(
        meeting=session.meeting, account=helper, kind="door", until=timezone.now() + timedelta(hours=1)
    )
    with pytest.raises(PermissionDenied):
        record_commitment(helper, session)


def test_a_record_cannot_be_closed_before_it_was_shown_to_those_present(organiser, session):
    record_commitment(organiser, session)
    with pytest.raises(RecordNotShown):
        actions.close_record(by=organiser, session=session)
    actions.mark_outcomes_as_shown(by=organiser, session=session)
    late = record_commitment(organiser, session, text="And a telephone in every village.")
    with pytest.raises(RecordNotShown):
        actions.close_record(by=organiser, session=session)
    actions.mark_outcomes_as_shown(by=organiser, session=session)
    assert actions.close_record(by=organiser, session=session) == 2
    late.refresh_from_db()
    assert late.state == OutcomeStatus.CONFIRMED


def test_an_outcome_corrected_after_it_was_shown_must_be_shown_again(organiser, session):
    outcome = record_commitment(organiser, session)
    actions.mark_outcomes_as_shown(by=organiser, session=session)
    actions.correct_outcome(by=organiser, outcome=outcome, text="Within two hours.", state="XB")
    with pytest.raises(RecordNotShown):
        actions.close_record(by=organiser, session=session)


def test_nothing_can_be_recorded_or_retracted_once_the_record_is_closed(organiser, session):
    outcome = make_closed_outcome(organiser, session)
    session.refresh_from_db()
    with pytest.raises(RecordClosed):
        record_commitment(organiser, session)
    with pytest.raises(RecordClosed):
        actions.retract_outcome(by=organiser, outcome=outcome, why="nobody said it")


def test_a_correction_after_closing_needs_a_reason_and_keeps_the_earlier_text(organiser, session):
    outcome = make_closed_outcome(organiser, session)
    with pytest.raises(actions.ReasonRequired):
        actions.correct_outcome(by=organiser, outcome=outcome, text="Within two hours.", state="XB")
    actions.correct_outcome(
        by=organiser, outcome=outcome, text="Within two hours.", state="XB", why="misheard, says the delegation"
    )
    change = outcome.changes.get()
    assert (change.text_before, change.why, change.after_closing) == (
        "A shelter within an hour of everybody.",
        "misheard, says the delegation",
        True,
    )


def test_unconfirmed_outcomes_are_not_public(client, organiser, session):
    outcome = record_commitment(organiser, session)
    page = reverse("meetings:outcomes", args=[session.meeting.public_id])
    assert outcome.text not in client.get(page).content.decode()
    closed_one = make_closed_outcome(organiser, session, text="A second promise.")
    text = client.get(page).content.decode()
    assert closed_one.text in text
    assert outcome.text not in text  # confirmed with it, but open only to participants


def test_an_outcome_for_participants_is_not_in_the_register_and_hidden_from_others(client, organiser, session):
    outcome = make_closed_outcome(organiser, session, access=AccessLevel.PARTICIPANTS)
    assert outcome.text not in client.get(reverse("meetings:commitments")).content.decode()
    assert client.get(reverse("meetings:commitment", args=[outcome.public_id])).status_code == 404
    sign_in(client, organiser)
    assert client.get(reverse("meetings:commitment", args=[outcome.public_id])).status_code == 200


def test_the_person_who_presented_a_commitment_can_report_progress_and_a_stranger_cannot(client, organiser, session):
    account = make_account()
    person = make_person(account=account)
    outcome = make_closed_outcome(organiser, session, person=person)
    address = reverse("meetings:commitment", args=[outcome.public_id])
    stranger = sign_in(client, make_account(Role.READER))
    assert stranger.post(address, {"keeping": "kept", "text": "Done."}).status_code == 404
    sign_in(client, account)
    assert client.post(address, {"keeping": "under_way", "text": "Two of three are open."}).status_code == 302
    commitment = models.Commitment.objects.get(outcome=outcome)
    assert (commitment.keeping, commitment.progress.get().text) == (
        CommitmentProgress.UNDER_WAY,
        "Two of three are open.",
    )


def test_the_national_desk_of_the_state_can_report_progress_and_another_desk_cannot(organiser, session):
    outcome = make_closed_outcome(organiser, session)
    State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    own, other = make_account(Role.NATIONAL_DESK, state="XB"), make_account(Role.NATIONAL_DESK, state="XA")
    commitment = models.Commitment.objects.select_related("outcome__meeting").get(outcome=outcome)
    actions.record_progress(by=own, commitment=commitment, progress=CommitmentProgress.KEPT)
    with pytest.raises(PermissionDenied):
        actions.record_progress(by=other, commitment=commitment, progress=CommitmentProgress.NOT_KEPT)


def test_only_the_organiser_can_give_up_a_commitment_and_must_give_a_reason(organiser, session):
    outcome = make_closed_outcome(organiser, session)
    commitment = models.Commitment.objects.select_related("outcome__meeting").get(outcome=outcome)
    desk = make_account(Role.NATIONAL_DESK, state="XB")
    with pytest.raises(PermissionDenied):
        actions.record_progress(by=desk, commitment=commitment, progress=CommitmentProgress.RELEASED, text="too dear")
    with pytest.raises(actions.ReasonRequired):
        actions.record_progress(by=organiser, commitment=commitment, progress=CommitmentProgress.RELEASED)
    actions.record_progress(
        by=organiser, commitment=commitment, progress=CommitmentProgress.RELEASED, text="The law changed."
    )
    commitment.refresh_from_db()
    assert (commitment.keeping, commitment.next_follow_up) == (CommitmentProgress.RELEASED, None)


def test_the_register_filters_and_counts(organiser, session):
    make_closed_outcome(organiser, session)
    State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    page = queries.commitment_register(make_account(), date(2027, 7, 1))
    assert [one.outcome.text for one in page.commitments] == ["A shelter within an hour of everybody."]
    assert (page.states, page.articles, page.progress_summary.overdue) == (("XB",), ("23",), 1)
    assert queries.commitment_register(make_account(), date(2027, 6, 30), overdue=True).commitments == ()
    assert queries.commitment_register(make_account(), DAY, state="XA").commitments == ()


def test_the_next_meeting_of_the_network_lists_open_commitments(organiser, session):
    from tests.factories.people import make_network

    network = make_network()
    models.Meeting.objects.filter(pk=session.meeting.pk).update(network=network)
    make_closed_outcome(organiser, session)
    later = make_meeting(network=network, begins=date(2027, 3, 1), ends=date(2027, 3, 2))
    other = make_meeting(begins=date(2027, 3, 1), ends=date(2027, 3, 2))
    assert [one.outcome.article for one in queries.earlier_open_commitments(later, DAY)] == ["23"]
    assert queries.earlier_open_commitments(other, DAY) == ()


def test_the_table_of_commitments_names_no_one(client, organiser, session):
    person = make_person()
    make_closed_outcome(organiser, session, person=person, text="=HYPERLINK(1)")
    table = client.get(reverse("meetings:commitments-csv")).content.decode()
    assert "'=HYPERLINK(1)" in table
    assert person.public_id not in table
    assert "Fictional Person" not in table


def test_each_step_of_a_record_is_in_the_audit_log(organiser, session):
    make_closed_outcome(organiser, session)
    subject = f"meeting {session.meeting.public_id}"
    verbs = list(AuditEntry.objects.filter(subject=subject).order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "recorded an outcome",
        "published outcomes",
        "closed the record of a session",
        "published an outcome",
    ]


def test_a_recorder_can_complete_a_session_using_only_forms(client, organiser, session):
    sign_in(client, organiser)
    slug = session.meeting.public_id
    page = reverse("meetings:record", args=[slug, session.public_id])
    said = {"kind": "decision", "text": "To meet again in spring.", "state": "", "organisation": "", "due": ""}
    assert client.post(page, said | {"article": "", "finding": ""}).status_code == 302
    assert client.post(page, said | {"kind": "commitment", "article": "", "finding": ""}).status_code == 409
    shown = client.post(reverse("meetings:show-outcomes", args=[slug, session.public_id]))
    screen = client.get(shown["Location"])
    assert screen["Refresh"] == "10"
    assert "To meet again in spring." in screen.content.decode()
    assert "Refresh" not in client.get(shown["Location"] + "?still=1")
    assert client.post(reverse("meetings:close-record", args=[slug, session.public_id])).status_code == 302
    session.refresh_from_db()
    assert session.outcomes_closed_at is not None
    assert "To meet again in spring." in client.get(page).content.decode()


def test_only_the_organiser_can_choose_the_contact_for_a_commitment(client, organiser, session):
    guest = make_registration(session.meeting, "Guest of a Harbour")
    outcome = record_commitment(organiser, session)
    address = reverse("meetings:commitment-contact", args=[session.meeting.public_id, outcome.public_id])
    helper = make_account()
    make_duty(session.meeting, helper, "record")
    assert sign_in(client, helper).get(address).status_code == 403
    sign_in(client, organiser)
    assert "Guest of a Harbour" in client.get(address).content.decode()
    # not a participant of any meeting
    assert client.post(address, {"person": make_person().public_id}).status_code == 422
    assert client.post(address, {"person": guest.person.public_id}).status_code == 302
    commitment = models.Commitment.objects.get(outcome=outcome)
    assert commitment.person == guest.person
    assert client.post(address, {"person": ""}).status_code == 302
    commitment.refresh_from_db()
    assert commitment.person is None


def test_a_decision_has_no_contact(client, organiser, session):
    outcome = actions.record_outcome(
        by=organiser, meeting=session.meeting, session=session, kind=OutcomeKind.DECISION, text="We meet again."
    )
    sign_in(client, organiser)
    address = reverse("meetings:commitment-contact", args=[session.meeting.public_id, outcome.public_id])
    assert client.get(address).status_code == 404


def test_a_correction_keeps_the_contact(organiser, session):
    person = make_person()
    outcome = record_commitment(organiser, session, person=person)
    actions.correct_outcome(by=organiser, outcome=outcome, text="Within two hours.", state="XB")
    assert models.Commitment.objects.get(outcome=outcome).person == person


def test_readers_of_an_outcome_see_corrections_made_after_closing(client, organiser, session):
    outcome = record_commitment(organiser, session, text="Within half an hour.")
    actions.correct_outcome(by=organiser, outcome=outcome, text="Within an hour.", state="XB")  # before closing
    actions.mark_outcomes_as_shown(by=organiser, session=session)
    actions.close_record(by=organiser, session=session)
    outcome.refresh_from_db()
    actions.set_outcome_access(by=organiser, outcome=outcome, access=AccessLevel.PUBLIC)
    actions.correct_outcome(by=organiser, outcome=outcome, text="Within two hours.", state="XB", why="misheard")
    for page in (
        reverse("meetings:outcomes", args=[session.meeting.public_id]),
        reverse("meetings:commitment", args=[outcome.public_id]),
    ):
        shown = client.get(page).content.decode()
        assert ("misheard" in shown, "Within an hour." in shown, "Within half an hour." in shown) == (True, True, False)


def test_a_finding_is_given_by_its_url_and_an_unknown_one_is_rejected(client, organiser, session):
    load_convention()
    finding = make_report(b"answered", make_reading([make_finding(1)], state="XB")).findings.get().public_id
    sign_in(client, organiser)
    page = reverse("meetings:record", args=[session.meeting.public_id, session.public_id])
    said = {"kind": "decision", "text": "To open a shelter.", "state": "", "organisation": "", "due": "", "article": ""}
    for wrong in ("https://x/y", "no such thing", "0" * 16):
        assert client.post(page, said | {"finding": wrong}).status_code == 422, wrong
    assert (
        client.post(page, said | {"finding": f"https://samsvar.example/fr/findings/{finding}/?a=b"}).status_code == 302
    )
    assert models.Outcome.objects.get().finding == finding


def test_a_correction_after_closing_shows_all_earlier_values(client, organiser, session):
    State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    outcome = make_closed_outcome(organiser, session)
    spoke = make_person()
    actions.set_progress_reporter(by=organiser, outcome=outcome, person=spoke)
    actions.correct_outcome(
        by=organiser, outcome=outcome, text=outcome.text, state="XA", due="2035", article="20", why="a slip of the pen"
    )
    change = outcome.changes.get()
    assert change.before == {"state": "XB", "due": "2027-06", "article": "23"}
    page = client.get(reverse("meetings:commitment", args=[outcome.public_id])).content.decode()
    before = " ".join(
        re.sub(r"<[^>]+>", " ", page.partition("a slip of the pen. Previously:")[2].partition("</dd>")[0]).split()
    )
    assert before == "State: Sudmar Until: June 2027 Article: 23"
    assert AuditEntry.objects.order_by("-pk")[0].details["changed"] == ["article", "due", "state"]
    assert models.Commitment.objects.get().person is None  # Sudmar's contact is not asked about Nordmark's commitment


def test_those_present_see_who_commits_to_what_with_article_and_finding(client, organiser, session):
    finding = make_report(reading=make_reading([make_finding(1)])).findings.get()
    body = Organisation.objects.create(public_id="lamp-house", name="Lamp House", kind="shelter_ngo", fictional=True)
    record_commitment(organiser, session, organisation=body, finding=finding.public_id)
    sign_in(client, organiser)
    for name in ("meetings:outcomes-screen", "meetings:record"):
        page = client.get(reverse(name, args=[session.meeting.public_id, session.public_id])).content.decode()
        listed = page.partition('<ol class="lines')[2].partition("</ol>")[0]
        assert "Lamp House, Sudmar" in listed, name
        assert (reverse("pages:article", args=["23"]) in listed, finding.public_id in listed) == (True, True), name


def test_state_and_due_date_are_rejected_for_outcomes_other_than_commitments(client, organiser, session):
    sign_in(client, organiser)
    page = reverse("meetings:record", args=[session.meeting.public_id, session.public_id])
    said = {"kind": "practice", "text": "A house that works.", "state": "XB", "due": "2027"}
    answer = client.post(page, said)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"state", "due"})
    assert models.Outcome.objects.count() == 0
    assert client.post(page, {"kind": "practice", "text": "A house that works."}).status_code == 302


def test_states_at_the_meeting_come_first_and_organisations_show_their_country(client, organiser, session):
    session.meeting.states.create(state_id="XB", place="invited")
    Organisation.objects.create(
        public_id="justice", name="Ministry of Justice", kind="ministry", state_id="XB", fictional=True
    )
    sign_in(client, organiser)
    form = client.get(reverse("meetings:record", args=[session.meeting.public_id, session.public_id])).context["form"]
    assert form.fields["state"].choices[1] == ("States at this meeting", [("XB", "Sudmar")])
    assert [label for _key, label in form.fields["organisation"].choices][1:] == ["Ministry of Justice, Sudmar"]


def test_the_register_can_be_exported_as_it_is_shown(client, organiser, session):
    outcome = make_closed_outcome(organiser, session)
    shown = reverse("meetings:commitments")
    for question in ("", "?state=XB"):
        page = client.get(shown + question).content.decode()
        for form in ("csv", "xlsx"):
            (address,) = re.findall(rf'href="([^"]*commitments\.{form}[^"]*)"', page)
            assert (address.partition("?")[2], client.get(address).status_code) == (question[1:], 200)
    (row,) = csv.DictReader(io.StringIO(client.get(reverse("meetings:commitments-csv")).content.decode("utf-8-sig")))
    told = ("id", "address", "meeting_title", "session", "promised_on", "state_name", "due", "last_words", "corrected")
    assert [row[name] for name in told] == [
        outcome.public_id,
        f"https://samsvar.example/en/meetings/commitments/{outcome.public_id}/",
        session.meeting.title["en"],
        "Shelters in small places",
        "2026-09-15",
        "Sudmar",
        "2027-06",
        "",
        "no",
    ]


def test_those_responsible_find_their_commitment_in_the_register_whatever_its_access(client, organiser, session):
    State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    outcome = make_closed_outcome(organiser, session, access=AccessLevel.ORGANISERS)
    desk = make_account(Role.NATIONAL_DESK, state="XB")
    other = make_account(Role.NATIONAL_DESK, state="XA")
    speaker = make_account()
    actions.set_progress_reporter(by=organiser, outcome=outcome, person=make_person(account=speaker))
    page = reverse("meetings:commitments")
    found = {
        name: outcome.public_id in sign_in(Client(), who, second_factor=True).get(page, {"mine": "1"}).content.decode()
        for name, who in (("desk", desk), ("desk elsewhere", other), ("speaker", speaker), ("stranger", make_account()))
    }
    assert found == {"desk": True, "desk elsewhere": False, "speaker": True, "stranger": False}
    assert outcome.public_id not in client.get(page).content.decode()


def test_a_commitment_page_shows_in_which_role_progress_was_reported(client, organiser, session):
    outcome = make_closed_outcome(organiser, session)
    desk = make_account(Role.NATIONAL_DESK, state="XB")
    actions.record_progress(by=None, commitment=outcome.commitment, progress=CommitmentProgress.UNDER_WAY)
    for who in (desk, organiser):
        actions.record_progress(by=who, commitment=outcome.commitment, progress=CommitmentProgress.UNDER_WAY)
    assert list(outcome.commitment.progress.values_list("said_as", flat=True)) == ["speaker", "desk", "organiser"]
    page = client.get(reverse("meetings:commitment", args=[outcome.public_id])).content.decode()
    assert re.findall(r"· (reported by [^<]+)<", page) == [
        "reported by the person who presented it", "reported by the national desk", "reported by the organiser",
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "page"), [("record", "meetings:manage-outcomes"), ("door", "meetings:check-in")])
def test_a_helper_is_emailed_a_link_and_shown_only_the_pages_of_their_duty(client, meeting, organiser, kind, page):
    helper = make_account()
    until = timezone.now() + timedelta(days=1)
    for _again in range(2):
        duty = give_a_duty(by=organiser, meeting=meeting, email=helper.email, kind=kind, until=until)
    letter = OutgoingEmail.objects.get()
    address = reverse(page, args=[meeting.public_id])
    assert (letter.to, f"https://samsvar.example{address}" in letter.body, duty.account) == (helper.email, True, helper)
    sign_in(client, helper)
    shown = client.get(reverse("meetings:meeting", args=[meeting.public_id])).content.decode()
    assert address in shown.partition("You are a helper at this meeting:")[2].partition("</p>")[0]
    if kind == "record":
        ways = client.get(address).content.decode().partition('<nav class="tabs')[2].partition("</nav>")[0]
        assert re.findall(r'href="([^"]+)"', ways) == [address]
    models.Duty.objects.update(until=timezone.now())
    afterwards = client.get(reverse("meetings:meeting", args=[meeting.public_id])).content.decode()
    assert "You are a helper at this meeting:" not in afterwards
