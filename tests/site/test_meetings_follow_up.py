"""Whoever spoke for a commitment is asked twice a year, once each time, until it is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from samsvar.meetings.outcomes import Keeping, OutcomeState
from samsvar.network.consent import Ground, Purpose
from samsvar.network.people import Field
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.actions.follow_up import ask_how_it_goes
from samsvar.site.meetings.outcomes.actions.outcomes import say_how_it_goes
from samsvar.site.network.models import Basis, Letter
from tests.factories.meetings import make_meeting
from tests.factories.people import make_account, make_person

pytestmark = pytest.mark.django_db

HOST = "samsvar.example"
ENDS = date(2026, 3, 17)
HALF_YEAR_LATER = datetime(2026, 9, 17, 3, 0, tzinfo=UTC)


def make_commitment(person, *, keeping=Keeping.PROMISED, meeting=None, **more) -> models.Commitment:
    State.objects.get_or_create(code="XB", defaults={"kind": "invented"})
    meeting = meeting or make_meeting(begins=ENDS, ends=ENDS)
    outcome = models.Outcome.objects.create(
        meeting=meeting, kind="commitment", text="A shelter within an hour.", state=OutcomeState.CONFIRMED, **more
    )
    return models.Commitment.objects.create(
        outcome=outcome, state_id="XB", person=person, keeping=keeping, next_follow_up=date(2026, 9, 17)
    )


@pytest.fixture
def person():
    return make_person(account=make_account())


def link_in(letter: Letter) -> str:
    address = next(line for line in letter.body.splitlines() if line.startswith("https://"))
    return address.removeprefix(f"https://{HOST}")


def test_one_letter_asks_about_all_that_is_open(client, person):
    first, second = make_commitment(person), make_commitment(person)
    make_commitment(person, keeping=Keeping.KEPT)
    assert ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST) == 1
    letter = Letter.objects.get()
    assert letter.to == person.account.email
    digest = models.FollowUp.objects.get()
    assert set(digest.commitments.all()) == {first, second}
    first.refresh_from_db()
    assert first.next_follow_up == date(2027, 3, 17)


def test_a_letter_says_nothing_of_what_was_promised(person):
    make_commitment(person)
    ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST)
    assert "shelter" not in Letter.objects.get().body


def test_nobody_is_asked_before_the_day_nor_twice_on_it(person):
    make_commitment(person)
    assert ask_how_it_goes(now=HALF_YEAR_LATER - timedelta(days=1), host=HOST) == 0
    assert ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST) == 1
    assert ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST) == 0
    assert ask_how_it_goes(now=HALF_YEAR_LATER + timedelta(days=40), host=HOST) == 0
    assert ask_how_it_goes(now=HALF_YEAR_LATER + timedelta(days=181), host=HOST) == 1
    assert Letter.objects.count() == 2


def test_a_day_that_was_missed_is_made_up_for(person):
    make_commitment(person)
    assert ask_how_it_goes(now=HALF_YEAR_LATER + timedelta(days=5), host=HOST) == 1


def test_a_person_without_an_account_is_asked_at_their_address(client):
    person = make_person(details={Field.NAME: "Invented Speaker", Field.EMAIL: "speaker@sudmar.example"})
    Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, since=timezone.now(), note="took part"
    )
    make_commitment(person)
    assert ask_how_it_goes(now=timezone.now() + timedelta(days=400), host=HOST) == 1
    assert Letter.objects.get().to == "speaker@sudmar.example"


def test_who_cannot_be_written_to_gets_no_letter_and_the_commitment_stays_open(person):
    nobody = make_person(details={Field.NAME: "Invented Speaker"})
    commitment = make_commitment(nobody)
    assert ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST) == 0
    commitment.refresh_from_db()
    assert (commitment.keeping, commitment.next_follow_up) == (Keeping.PROMISED, date(2027, 3, 17))


def test_an_erased_person_is_not_asked(person):
    make_commitment(person)
    person.erased_at = timezone.now()
    person.save()
    assert ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST) == 0


def test_the_link_answers_for_its_own_commitments_and_for_no_other(client, person):
    own, other = make_commitment(person), make_commitment(make_person())
    ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST)
    path = link_in(Letter.objects.first())
    assert own.outcome.text in client.get(path).content.decode()
    said = {"keeping": "kept", "text": "It opened in May.", "evidence": "https://sudmar.example/shelter"}
    assert client.post(f"{path}{other.outcome.public_id}/", said).status_code == 404
    assert client.post(f"{path}{own.outcome.public_id}/", said).status_code == 302
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.keeping, own.next_follow_up, other.keeping) == (Keeping.KEPT, None, Keeping.PROMISED)
    assert models.FollowUp.objects.get(person=person).answered_at is not None


def test_nobody_gives_a_commitment_up_by_a_link(client, person):
    own = make_commitment(person)
    ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST)
    path = f"{link_in(Letter.objects.get())}{own.outcome.public_id}/"
    assert client.post(path, {"keeping": "given_up", "text": "no"}).status_code == 422


def test_a_link_holds_for_ninety_days(client, person):
    make_commitment(person)
    ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST)
    path = link_in(Letter.objects.get())
    models.FollowUp.objects.update(sent_at=timezone.now() - timedelta(days=89))
    assert client.get(path).status_code == 200
    models.FollowUp.objects.update(sent_at=timezone.now() - timedelta(days=91))
    assert client.get(path).status_code == 404


def test_a_link_that_nobody_was_sent_opens_nothing(client):
    assert client.get(reverse("meetings:how-it-goes", args=["guessed"])).status_code == 404


def test_somebody_who_spoke_at_two_meetings_gets_one_letter_each_half_year_about_all_that_is_open(person):
    """Meetings end on different days; their commitments come to lie on one."""
    first = make_commitment(person)
    second = make_commitment(person, meeting=make_meeting(begins=date(2026, 6, 20), ends=date(2026, 6, 20)))
    models.Commitment.objects.filter(pk=second.pk).update(next_follow_up=date(2026, 12, 20))
    written = {}
    day = HALF_YEAR_LATER
    while day < HALF_YEAR_LATER + timedelta(days=600):
        if ask_how_it_goes(now=day, host=HOST):
            written[day.date()] = set(models.FollowUp.objects.get(due=day.date()).commitments.all())
        day += timedelta(days=1)
    assert written == {
        one: {first, second} for one in (date(2026, 9, 17), date(2027, 3, 17), date(2027, 9, 17), date(2028, 3, 17))
    }


def test_what_was_promised_after_a_letter_waits_for_the_next(person):
    make_commitment(person)
    ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST)
    late = make_commitment(person)
    models.Commitment.objects.filter(pk=late.pk).update(next_follow_up=date(2026, 10, 1))
    assert ask_how_it_goes(now=HALF_YEAR_LATER + timedelta(days=20), host=HOST) == 0
    late.refresh_from_db()
    assert late.next_follow_up == date(2027, 3, 17)


def test_saying_how_it_goes_does_not_move_the_day_of_the_next_letter(person):
    commitment = make_commitment(person)
    ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST)
    commitment.refresh_from_db()
    say_how_it_goes(by=None, commitment=commitment, keeping=Keeping.UNDER_WAY)
    commitment.refresh_from_db()
    assert commitment.next_follow_up == date(2027, 3, 17)


@pytest.mark.parametrize(
    ("count", "said"), [(1, "a commitment that is still open"), (2, "2 commitments that are still open")]
)
def test_a_letter_counts_as_its_language_counts(person, count, said):
    for _one in range(count):
        make_commitment(person)
    ask_how_it_goes(now=HALF_YEAR_LATER, host=HOST)
    assert said in " ".join(Letter.objects.get().body.split())
