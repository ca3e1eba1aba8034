"""The contact for a commitment is emailed twice a year, once each time, until the commitment has ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.outcomes import CommitmentProgress, OutcomeStatus
from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.people import Field
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.actions.follow_up import send_follow_ups
from samsvar.site.meetings.outcomes.actions.outcomes import record_progress
from samsvar.site.network.models import Basis, OutgoingEmail
from tests.factories.meetings import make_meeting
from tests.factories.people import make_account, make_person

pytestmark = pytest.mark.django_db

ENDS = date(2026, 3, 17)
HALF_YEAR_LATER = datetime(2026, 9, 17, 3, 0, tzinfo=UTC)


def make_commitment(person, *, keeping=CommitmentProgress.NOT_REPORTED, meeting=None, **more) -> models.Commitment:
    State.objects.get_or_create(code="XB", defaults={"kind": "fictional"})
    meeting = meeting or make_meeting(begins=ENDS, ends=ENDS)
    outcome = models.Outcome.objects.create(
        meeting=meeting, kind="commitment", text="A shelter within an hour.", state=OutcomeStatus.CONFIRMED, **more
    )
    return models.Commitment.objects.create(
        outcome=outcome, state_id="XB", person=person, keeping=keeping, next_follow_up=date(2026, 9, 17)
    )


@pytest.fixture
def person():
    return make_person(account=make_account())


def link_path(letter: OutgoingEmail) -> str:
    address = next(line for line in letter.body.splitlines() if line.startswith("https://"))
    return address.removeprefix("https://samsvar.example")


def test_one_email_asks_about_all_open_commitments(client, person):
    first, second = make_commitment(person), make_commitment(person)
    make_commitment(person, keeping=CommitmentProgress.KEPT)
    assert send_follow_ups(now=HALF_YEAR_LATER) == 1
    letter = OutgoingEmail.objects.get()
    assert letter.to == person.account.email
    digest = models.FollowUp.objects.get()
    assert set(digest.commitments.all()) == {first, second}
    first.refresh_from_db()
    assert first.next_follow_up == date(2027, 3, 17)


def test_the_email_does_not_contain_the_text_of_the_commitment(person):
    make_commitment(person)
    send_follow_ups(now=HALF_YEAR_LATER)
    assert "shelter" not in OutgoingEmail.objects.get().body


def test_a_follow_up_is_not_sent_early_or_twice(person):
    make_commitment(person)
    assert send_follow_ups(now=HALF_YEAR_LATER - timedelta(days=1)) == 0
    assert send_follow_ups(now=HALF_YEAR_LATER) == 1
    assert send_follow_ups(now=HALF_YEAR_LATER) == 0
    assert send_follow_ups(now=HALF_YEAR_LATER + timedelta(days=40)) == 0
    assert send_follow_ups(now=HALF_YEAR_LATER + timedelta(days=181)) == 1
    assert OutgoingEmail.objects.count() == 2


def test_a_missed_follow_up_is_sent_later(person):
    make_commitment(person)
    assert send_follow_ups(now=HALF_YEAR_LATER + timedelta(days=5)) == 1


def test_a_person_without_an_account_is_emailed_at_their_own_address(client):
    person = make_person(details={Field.NAME: "Fictional Speaker", Field.EMAIL: "speaker@sudmar.example"})
    Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=timezone.now(), note="took part"
    )
    make_commitment(person)
    assert send_follow_ups(now=timezone.now() + timedelta(days=400)) == 1
    assert OutgoingEmail.objects.get().to == "speaker@sudmar.example"


def test_a_person_without_an_address_gets_no_email_and_the_commitment_stays_open(person):
    nobody = make_person(details={Field.NAME: "Fictional Speaker"})
    commitment = make_commitment(nobody)
    assert send_follow_ups(now=HALF_YEAR_LATER) == 0
    commitment.refresh_from_db()
    assert (commitment.keeping, commitment.next_follow_up) == (CommitmentProgress.NOT_REPORTED, date(2027, 3, 17))


def test_an_erased_person_is_not_asked(person):
    make_commitment(person)
    person.erased_at = timezone.now()
    person.save()
    assert send_follow_ups(now=HALF_YEAR_LATER) == 0


def test_a_link_gives_access_only_to_its_own_commitments(client, person):
    own, other = make_commitment(person), make_commitment(make_person())
    send_follow_ups(now=HALF_YEAR_LATER)
    path = link_path(OutgoingEmail.objects.first())
    assert own.outcome.text in client.get(path).content.decode()
    said = {"keeping": "kept", "text": "It opened in May.", "evidence": "https://sudmar.example/shelter"}
    assert client.post(f"{path}{other.outcome.public_id}/", said).status_code == 404
    assert client.post(f"{path}{own.outcome.public_id}/", said).status_code == 302
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.keeping, own.next_follow_up, other.keeping) == (
        CommitmentProgress.KEPT,
        None,
        CommitmentProgress.NOT_REPORTED,
    )
    assert models.FollowUp.objects.get(person=person).answered_at is not None


def test_a_commitment_cannot_be_given_up_by_link(client, person):
    own = make_commitment(person)
    send_follow_ups(now=HALF_YEAR_LATER)
    path = f"{link_path(OutgoingEmail.objects.get())}{own.outcome.public_id}/"
    assert client.post(path, {"keeping": "given_up", "text": "no"}).status_code == 422


def test_a_link_is_valid_for_ninety_days(client, person):
    make_commitment(person)
    send_follow_ups(now=HALF_YEAR_LATER)
    path = link_path(OutgoingEmail.objects.get())
    models.FollowUp.objects.update(sent_at=timezone.now() - timedelta(days=89))
    assert client.get(path).status_code == 200
    models.FollowUp.objects.update(sent_at=timezone.now() - timedelta(days=91))
    assert client.get(path).status_code == 404


def test_an_unknown_link_opens_nothing(client):
    assert client.get(reverse("meetings:commitment-progress", args=["guessed"])).status_code == 404


def test_a_speaker_at_two_meetings_gets_one_email_each_half_year_for_both(person):
    """The meetings end on different days; the follow-ups of their commitments move to the same day."""
    first = make_commitment(person)
    second = make_commitment(person, meeting=make_meeting(begins=date(2026, 6, 20), ends=date(2026, 6, 20)))
    models.Commitment.objects.filter(pk=second.pk).update(next_follow_up=date(2026, 12, 20))
    written = {}
    day = HALF_YEAR_LATER
    while day < HALF_YEAR_LATER + timedelta(days=600):
        if send_follow_ups(now=day):
            written[day.date()] = set(models.FollowUp.objects.get(due=day.date()).commitments.all())
        day += timedelta(days=1)
    assert written == {
        one: {first, second} for one in (date(2026, 9, 17), date(2027, 3, 17), date(2027, 9, 17), date(2028, 3, 17))
    }


def test_a_commitment_made_after_an_email_waits_for_the_next_one(person):
    make_commitment(person)
    send_follow_ups(now=HALF_YEAR_LATER)
    late = make_commitment(person)
    models.Commitment.objects.filter(pk=late.pk).update(next_follow_up=date(2026, 10, 1))
    assert send_follow_ups(now=HALF_YEAR_LATER + timedelta(days=20)) == 0
    late.refresh_from_db()
    assert late.next_follow_up == date(2027, 3, 17)


def test_reporting_progress_does_not_change_the_date_of_the_next_email(person):
    commitment = make_commitment(person)
    send_follow_ups(now=HALF_YEAR_LATER)
    commitment.refresh_from_db()
    record_progress(by=None, commitment=commitment, progress=CommitmentProgress.UNDER_WAY)
    commitment.refresh_from_db()
    assert commitment.next_follow_up == date(2027, 3, 17)


@pytest.mark.parametrize(
    ("count", "said"), [(1, "a commitment that is still open"), (2, "2 commitments that are still open")]
)
def test_the_email_uses_singular_and_plural_forms(person, count, said):
    for _one in range(count):
        make_commitment(person)
    send_follow_ups(now=HALF_YEAR_LATER)
    assert said in " ".join(OutgoingEmail.objects.get().body.split())
