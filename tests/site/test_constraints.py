"""Every constraint of the models exists on the database in use."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from samsvar.site.meetings import models

pytestmark = pytest.mark.django_db


def test_the_database_supports_every_constraint():
    call_command("check", databases=["default"], fail_level="WARNING")


@pytest.fixture
def meeting() -> models.Meeting:
    day = date(2027, 3, 10)
    return models.Meeting.objects.create(
        public_id="twice", kind="conference", title={"en": "Twice"}, begins=day, ends=day, zone="Europe/Oslo"
    )


def test_a_meeting_and_a_session_are_linked_to_a_thing_only_once(meeting):
    session = models.Session.objects.create(meeting=meeting)
    for of in (None, session):
        models.MeetingLink.objects.create(meeting=meeting, session=of, kind="article", key="20")
        with pytest.raises(IntegrityError), transaction.atomic():
            models.MeetingLink.objects.create(meeting=meeting, session=of, kind="article", key="20")
    assert meeting.links.count() == 2


def test_a_session_is_in_a_personal_schedule_only_once(meeting, django_user_model):
    session = models.Session.objects.create(meeting=meeting)
    account = django_user_model.objects.create(email="reader@nordmark.example")
    models.ScheduleEntry.objects.create(account=account, session=session)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.ScheduleEntry.objects.create(account=account, session=session)
