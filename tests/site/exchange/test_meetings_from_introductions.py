"""A call, a peer review or a study visit is a meeting: made from an introduction, and linked to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.exchange.introductions import IntroductionStatus
from samsvar.exchange.requests import HelpForm, ShownAs
from samsvar.meetings.meeting import AccessLevel, AttendanceMode, MeetingKind
from samsvar.network.rights import Role
from samsvar.site.exchange.introductions import actions
from samsvar.site.meetings.models import Meeting
from tests.factories.exchange_introductions import make_introduction, make_member
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretariat(db: None) -> Any:
    return sign_in(Client(), make_account(Role.SECRETARIAT), staff_session="the helpdesk")


def form_of(introduction: Any) -> str:
    return reverse("meetings:meeting-from-introduction", args=[introduction.public_id])


def page_of(client: Client, introduction: Any) -> str:
    return client.get(reverse("exchange:introduction", args=[introduction.public_id])).content.decode()


def create_meeting(client: Client, introduction: Any, **data: str) -> Meeting:
    """Submit the form as it is filled in, with the days."""
    form = client.get(form_of(introduction)).context["form"]
    day = (timezone.localdate() - timedelta(days=3)).isoformat()
    values = {name: form[name].value() for name in form.fields if form[name].value()}
    values["network"] = introduction.network.slug
    answer = client.post(form_of(introduction), {**values, "begins": day, "ends": day, **data})
    assert answer.status_code == 302, answer.context["form"].errors
    return Meeting.objects.latest("pk")


@pytest.mark.parametrize(
    ("form_of_help", "kind", "attendance"),
    [
        (HelpForm.CALL, MeetingKind.CALL, AttendanceMode.ONLINE),
        (HelpForm.PEER_REVIEW, MeetingKind.PEER_REVIEW, AttendanceMode.IN_PERSON),
        (HelpForm.STUDY_VISIT, MeetingKind.STUDY_VISIT, AttendanceMode.IN_PERSON),
    ],
)
def test_each_form_of_help_becomes_a_meeting_of_its_kind(
    secretariat: Client, form_of_help: HelpForm, kind: MeetingKind, attendance: AttendanceMode
) -> None:
    introduction = make_introduction(introduced=True, form_of_help=form_of_help)
    meeting = create_meeting(secretariat, introduction)
    introduction.refresh_from_db()
    assert (meeting.kind, meeting.attendance, meeting.access) == (kind, attendance, AccessLevel.ORGANISERS)
    assert introduction.meeting == meeting.public_id
    assert meeting.fictional
    assert set(meeting.states.values_list("state_id", "place")) == {("XB", "host"), ("XA", "invited")}
    assert "Sudmar" in meeting.title["en"]
    assert secretariat.get(form_of(introduction)).status_code == 404  # only one meeting


def test_a_country_that_a_side_does_not_show_is_not_added(secretariat: Client) -> None:
    introduction = make_introduction(introduced=True)
    introduction.asker_shown_as = ShownAs.NO_ONE
    introduction.save()
    meeting = create_meeting(secretariat, introduction)
    assert set(meeting.states.values_list("state_id", "place")) == {("XB", "host")}


def test_a_written_answer_is_no_meeting_and_nothing_is_made_before_both_accept(secretariat: Client) -> None:
    answer = make_introduction(introduced=True, form_of_help=HelpForm.ANSWER)
    waiting = make_introduction(invited=True, form_of_help=HelpForm.CALL)
    for introduction in (answer, waiting):
        assert secretariat.get(form_of(introduction)).status_code == 404
        assert "Create a meeting from it" not in page_of(secretariat, introduction)


def test_only_the_secretariat_that_arranges_it_makes_the_meeting() -> None:
    introduction = make_introduction(introduced=True)
    for account in (introduction.asker, introduction.helper, make_member("Mona Member")):
        assert sign_in(Client(), account).get(form_of(introduction)).status_code in {403, 404}


def test_the_sides_see_the_meeting_once_it_is_published_and_no_one_else_sees_where_it_comes_from(
    secretariat: Client,
) -> None:
    introduction = make_introduction(introduced=True)
    meeting = create_meeting(secretariat, introduction)
    url = reverse("meetings:meeting", args=[meeting.public_id])
    asker = sign_in(Client(), introduction.asker)
    assert url not in page_of(asker, introduction)
    assert "preparing a meeting" in page_of(asker, introduction)
    Meeting.objects.update(access=AccessLevel.PUBLIC)
    assert url in page_of(asker, introduction)
    link = reverse("exchange:introduction", args=[introduction.public_id])
    assert link in asker.get(url).content.decode()
    for client in (Client(), sign_in(Client(), make_member("Mona Member"))):
        assert introduction.public_id not in client.get(url).content.decode()


def test_a_meeting_that_was_held_closes_its_introduction_on_that_day(secretariat: Client) -> None:
    introduction = make_introduction(introduced=True)
    meeting = create_meeting(secretariat, introduction)
    Meeting.objects.update(access=AccessLevel.PUBLIC)
    day = meeting.ends.isoformat()
    assert f'name="held_on" value="{day}"' in page_of(sign_in(Client(), introduction.helper), introduction)
    held = reverse("exchange:introduction-held", args=[introduction.public_id])
    sign_in(Client(), introduction.helper).post(held, {"held_on": day})
    introduction.refresh_from_db()
    assert (introduction.status, introduction.held_on) == (IntroductionStatus.TOOK_PLACE, meeting.ends)


def test_a_cancelled_meeting_offers_nothing_of_the_kind(secretariat: Client) -> None:
    introduction = make_introduction(introduced=True)
    create_meeting(secretariat, introduction)
    Meeting.objects.update(access=AccessLevel.PUBLIC, cancelled_at=timezone.now(), cancelled_why="Snow.")
    page = page_of(sign_in(Client(), introduction.asker), introduction)
    assert 'type="hidden" name="held_on"' not in page
    actions.record_not_held(by=introduction.asker, introduction=introduction)
    introduction.refresh_from_db()
    assert introduction.status == IntroductionStatus.DID_NOT_TAKE_PLACE
