"""Officials get at most one email a week about asks, and only if something waits for them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from samsvar.dates import display_date
from samsvar.implementation.asks import ActNotPossible, AskStatus
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
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
from tests.factories.people import make_account, sign_in

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


# --- Ending the emails ------------------------------------------------------------------------------------------------


def end_path(email: OutgoingEmail) -> str:
    return "/" + email.end_url.partition("://")[2].partition("/")[2]


def test_a_mail_program_ends_the_emails_about_open_requests_with_one_click(client):
    first, second, neighbour = make_ask(), make_ask(title="Second"), make_ask(email="other@justice.xa.example")
    path = end_path(emails()[0])
    assert emails()[0].end_url in emails()[0].body
    assert "Do you want to end" in client.get(path).content.decode()
    assert not models.Ask.objects.exclude(emails_ended_at=None).exists()  # a scanner that opens links ends nothing
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.cookies.output()) == (200, "")
    assert {ask.pk for ask in models.Ask.objects.exclude(emails_ended_at=None)} == {first.pk, second.pk}
    neighbour.refresh_from_db()
    assert neighbour.emails_ended_at is None
    assert send_weekly_emails(now=at(25)) == 1  # to the neighbour
    assert len(emails()) == 1


def test_any_other_request_to_end_emails_needs_the_token_of_the_page():
    make_ask()
    client, path = Client(enforce_csrf_checks=True), end_path(emails()[0])
    for data in ({}, {"List-Unsubscribe": ""}, {"List-Unsubscribe": "Two-Clicks"}):
        answer = client.post(path, data)
        assert (answer.status_code, answer.templates[0].name) == (403, "403_csrf.html")
    assert models.Ask.objects.get().emails_ended_at is None
    token = str(client.get(path).context["csrf_token"])
    assert client.post(path, {"csrfmiddlewaretoken": token}).status_code == 200
    assert models.Ask.objects.get().emails_ended_at is not None


def test_a_desk_sees_that_the_emails_were_ended_and_cannot_send_a_reminder(client):
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    ask = make_ask(by=desk)
    client.post(end_path(emails()[0]))
    with pytest.raises(asks.EmailsEnded):
        asks.remind_official(by=desk, ask=ask)
    sign_in(client, desk)
    page = client.get(reverse("implementation:ask", args=["XA", ask.public_id])).content.decode()
    assert "ended by this person on" in page
    new = make_ask(title="A new request")
    assert send_weekly_emails(now=at(7)) == 1
    assert [queries.link_token(one) in emails()[-1].body for one in (ask, new)] == [False, True]


def test_the_link_that_ends_emails_is_worthless_for_another_official_and_when_forged(client):
    ask = make_ask()
    path = end_path(emails()[0])
    other = make_ask(email="other@justice.xa.example")
    forged = queries.end_token(ask).replace(ask.public_id, other.public_id)
    assert client.post(reverse("implementation:end-ask-emails", args=[forged])).status_code == 404
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    asks.change_official(by=desk, ask=ask, name="B. Dahl", email="b.dahl@xa.example")
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert not models.Ask.objects.exclude(emails_ended_at=None).exists()


# --- The due day ------------------------------------------------------------------------------------------------------


def test_a_changed_due_day_is_in_the_next_weekly_email_and_in_none_of_its_own(client):
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    ask = make_ask(by=desk, due=in_days(30))
    sign_in(client, desk)
    data = {"due": in_days(60).isoformat(), "note": "Parliament decides later."}
    address = reverse("implementation:change-ask-due-day", args=["XA", ask.public_id])
    assert client.post(address, data).status_code == 302
    ask.refresh_from_db()
    assert (ask.due, ask.status, ask.edition) == (in_days(60), "sent", 1)
    assert len(emails()) == 1  # the one with the link
    assert [send_weekly_emails(now=at(day)) for day in range(1, 9)] == [0] * 6 + [1, 0]
    assert f"New due day: “Emergency barring orders”, for Nordmark, now due {display_date(ask.due, 'en')}" in (
        emails()[-1].body
    )
    page = client.get(reverse("implementation:ask", args=["XA", ask.public_id])).content.decode()
    line = f"{display_date(in_days(30), 'en')} → {display_date(in_days(60), 'en')}"
    assert line in " ".join(page.partition("<h2>History</h2>")[2].split())
    assert AuditEntry.objects.filter(
        verb="changed the due day of a request for information", subject=f"ask {ask.public_id}"
    ).exists()


def test_the_link_and_the_lapse_follow_the_due_day():
    later, earlier = make_ask(due=in_days(30)), make_ask(due=in_days(30))
    asks.change_due_day(by=None, ask=later, due=in_days(60))
    asks.change_due_day(by=None, ask=earlier, due=in_days(10))
    found = {
        day: [queries.find_ask_by_token(queries.link_token(ask), in_days(day)) is not None for ask in (later, earlier)]
        for day in (24, 25, 74, 75)
    }
    assert found == {24: [True, True], 25: [True, False], 74: [True, False], 75: [False, False]}
    assert asks.lapse_asks(day=in_days(25)) == 1
    assert asks.lapse_asks(day=in_days(75)) == 1


def test_the_due_day_of_an_ask_that_is_not_out_or_to_an_impossible_day_is_not_changed(client):
    State.objects.create(code="XB", kind="fictional")
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    ask = make_ask(by=desk, due=in_days(30))
    for due, error in ((in_days(0), asks.DueDayPast), (in_days(30), asks.SameDueDay)):
        with pytest.raises(error):
            asks.change_due_day(by=desk, ask=ask, due=due)
    with pytest.raises(PermissionDenied):
        asks.change_due_day(by=make_account(Role.NATIONAL_DESK, state="XB"), ask=ask, due=in_days(40))
    answer_all(ask)
    with pytest.raises(ActNotPossible):
        asks.change_due_day(by=desk, ask=ask, due=in_days(40))
    sign_in(client, desk)
    assert client.get(reverse("implementation:change-ask-due-day", args=["XA", ask.public_id])).status_code == 404
    assert not models.AskEvent.objects.filter(act="change_due").exists()
