"""Officials get at most one email a week about asks, and only if something waits for them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest

from samsvar.implementation.asks import ActNotPossible, AskStatus
from samsvar.network.rights import Role
from samsvar.site.convention.models import State
from samsvar.site.demo.asks import make_demo_asks
from samsvar.site.implementation import models
from samsvar.site.implementation.asks import queries
from samsvar.site.implementation.asks.actions import asks
from samsvar.site.implementation.asks.actions.emails import send_weekly_emails
from samsvar.site.implementation.asks.digest_lines import digest_lines
from samsvar.site.implementation.asks.scheduled import run_ask_tasks
from samsvar.site.implementation.digest.queries import DigestStatus
from samsvar.site.network.models import OutgoingEmail
from samsvar.site.shell.hooks import providers
from tests.factories.asks import EMAIL, answer_all, in_days, make_ask
from tests.factories.people import make_account

pytestmark = pytest.mark.django_db


def at(days: int) -> datetime:
    day = in_days(days)
    return datetime(day.year, day.month, day.day, 3, 0, tzinfo=UTC)


def emails(to: str = EMAIL) -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(to=to).order_by("pk"))


def test_the_request_is_emailed_at_once_with_its_link_in_the_language_of_the_official():
    ask = make_ask(language="nb", title="Besøksforbud")
    (email,) = emails()
    assert queries.link_token(ask) in email.body
    assert "/nb/" in email.body
    assert "Besøksforbud" in email.body
    assert "How many orders" not in email.body


def test_several_requests_to_one_person_are_one_email():
    drafts = [make_ask(sent=False, title=f"Request {number}") for number in range(3)]
    asks.send_asks(by=None, asks=drafts)
    (email,) = emails()
    assert [f"Request {number}" in email.body for number in range(3)] == [True] * 3


def test_a_second_request_within_a_week_waits_until_the_week_is_over():
    make_ask()
    second = make_ask(title="Second")
    assert len(emails()) == 1
    assert queries.ask_page(second, in_days(0)).next_email_on == in_days(7)
    assert send_weekly_emails(now=at(6)) == 0
    assert send_weekly_emails(now=at(7)) == 1
    body = emails()[1].body
    assert "Second" in body
    assert "Emergency" not in body  # nothing new about the first one
    second.refresh_from_db()
    assert queries.ask_page(second, in_days(7)).next_email_on is None


def test_a_reminder_comes_a_week_before_the_due_day_and_while_the_request_is_overdue():
    make_ask(due=in_days(30))
    sent_on = [day for day in range(60) if send_weekly_emails(now=at(day))]
    assert sent_on == [23, 30, 37, 44]  # the link ends on day 44
    assert "Due soon" in emails()[1].body
    assert "Overdue" in emails()[3].body


def test_a_request_that_was_sent_back_is_named_with_its_link():
    ask = make_ask(due=in_days(60))
    answer_all(ask)
    asks.send_back(by=None, ask=ask, version=1, note="Please give the number.", due=in_days(60))
    assert len(emails()) == 1  # the first one was sent today
    assert send_weekly_emails(now=at(7)) == 1
    assert "Sent back" in emails()[1].body
    assert "Please give the number" not in emails()[1].body  # the note is on the page
    assert send_weekly_emails(now=at(14)) == 0


def test_a_desk_reminds_an_official_at_most_once_a_week():
    ask = make_ask(due=in_days(60))
    with pytest.raises(asks.EmailedLately):
        asks.remind_official(by=None, ask=ask)
    models.AskEmail.objects.update(sent_on=in_days(-7))
    asks.remind_official(by=None, ask=ask)
    assert "Reminder" in emails()[1].body
    with pytest.raises(asks.EmailedLately):
        asks.remind_official(by=None, ask=ask)
    answer_all(ask)
    with pytest.raises(ActNotPossible):
        asks.remind_official(by=None, ask=ask)


def test_nothing_is_sent_about_answered_accepted_lapsed_or_withdrawn_requests():
    for status in (AskStatus.ANSWERED, AskStatus.LAPSED, AskStatus.WITHDRAWN):
        ask = make_ask(due=in_days(10))
        models.Ask.objects.filter(pk=ask.pk).update(status=status)
    OutgoingEmail.objects.all().delete()
    assert [send_weekly_emails(now=at(day)) for day in range(1, 30)] == [0] * 29


def test_no_one_gets_more_than_one_email_a_week_whatever_happens():
    people = [f"official-{number}@xa.example" for number in range(4)]
    days: dict[str, list[int]] = {}
    for day in range(45):
        if day % 3 == 0:
            asks.send_asks(by=None, asks=[make_ask(sent=False, email=people[day % 4], due=in_days(day + 10))])
        waiting = models.Ask.objects.filter(status=AskStatus.SENT).order_by("?" if day % 2 else "pk").first()
        if day % 5 == 0 and waiting:
            answer_all(waiting)
            asks.send_back(by=None, ask=waiting, version=1, note="More.", due=in_days(day + 10))
        before = set(OutgoingEmail.objects.values_list("pk", flat=True))
        run_ask_tasks(now=at(day))
        for email in OutgoingEmail.objects.exclude(pk__in=before):
            days.setdefault(email.to, []).append(day)
    assert set(days) <= set(people)
    gaps = [later - earlier for sent in days.values() for earlier, later in itertools.pairwise(sent)]
    assert min(gaps) >= 7
    assert len(gaps) > 6


def test_expired_requests_lapse_by_themselves():
    ask, answered = make_ask(due=in_days(10)), make_ask(due=in_days(10))
    answer_all(answered)
    assert asks.lapse_asks(day=in_days(24)) == 0
    assert asks.lapse_asks(day=in_days(25)) == 1
    ask.refresh_from_db()
    answered.refresh_from_db()
    assert (ask.status, answered.status) == (AskStatus.LAPSED, AskStatus.ANSWERED)
    assert (ask.events.last().act, ask.events.last().actor) == ("lapse", "clock")


def test_the_weekly_email_of_the_desk_names_answers_and_overdue_requests_and_the_officials_email_does_not():
    desk = make_account(Role.NATIONAL_DESK, email="desk@xa.example", state=make_ask().state_id)
    answered, late = models.Ask.objects.get(), make_ask(email="other@xa.example")
    answer_all(answered)
    models.Ask.objects.update(created_by=desk)
    models.Ask.objects.filter(pk=late.pk).update(due=in_days(-2))
    assert [line.status for line in digest_lines("XA", desk, in_days(0))] == [DigestStatus.OVERDUE, DigestStatus.TO_DO]
    assert send_weekly_emails(now=at(7)) == 1
    assert emails(desk.email) == []


def test_the_daily_task_runs_the_tasks_of_asks():
    assert run_ask_tasks in providers("daily_task")


def test_an_email_names_the_due_day_as_the_language_writes_it():
    make_ask(due=date(2031, 3, 1), language="fr")
    assert "1er mars 2031" in emails()[0].body


def test_the_demonstration_has_a_request_in_each_status_and_writes_to_fictional_addresses_once():
    State.objects.create(code="XA", kind="fictional")
    make_demo_asks()
    demo = list(models.Ask.objects.all())
    assert {ask.status for ask in demo} == set(AskStatus)
    make_demo_asks()
    assert models.Ask.objects.count() == len(demo)
    addresses = list(OutgoingEmail.objects.values_list("to", flat=True))
    assert len(addresses) == len(set(addresses)) == len(demo) - 1  # all but the draft
    assert all(address.endswith(".example") for address in addresses)
