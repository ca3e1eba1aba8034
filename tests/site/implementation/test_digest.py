"""The weekly email of a national desk: at most one a week, nothing twice, nothing of another state."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.dates import PartialDate
from samsvar.implementation.duties import DutyKind
from samsvar.network.rights import Claim, Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation.digest import actions, queries
from samsvar.site.implementation.digest.queries import DigestLine, DigestStatus, digest_status, end_links
from samsvar.site.implementation.models import DigestSubscription, Measure
from samsvar.site.implementation.scheduled import run_implementation_tasks
from samsvar.site.network.models import OutgoingEmail, Refusal, RoleGrant
from samsvar.site.shell import hooks
from tests.factories.asks import make_ask
from tests.factories.implementation import make_duty, make_measure
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def states(module_states):
    """The states."""


@pytest.fixture(scope="module")
def module_states(module_rows):
    with module_rows():
        load_convention()
        yield


@pytest.fixture
def desk():
    return make_account(Role.NATIONAL_DESK, state="XA")


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def send(days: int = 0) -> int:
    """Run the daily task as on a later day."""
    return actions.send_digests(now=timezone.now() + timedelta(days=days))


def bodies(account=None) -> list[str]:
    emails = OutgoingEmail.objects.order_by("pk")
    return [one.body for one in (emails.filter(account=account) if account else emails)]


@pytest.mark.parametrize(
    ("due", "status"),
    [
        (PartialDate(2026, 12, 27), DigestStatus.DUE),
        (PartialDate(2026, 12, 28), None),
        (PartialDate(2026, 12), None),  # until the last day of the month
        (PartialDate(2026, 11, 27), DigestStatus.DUE),
        (PartialDate(2026, 11, 26), DigestStatus.OVERDUE),
        (PartialDate(2026, 10, 28), DigestStatus.OVERDUE),
        (PartialDate(2026, 10, 27), DigestStatus.ESCALATED),
        (None, DigestStatus.TO_DO),
    ],
)
def test_how_urgent_something_is(due, status):
    assert digest_status(due, date(2026, 11, 27)) is status


def test_an_email_lists_what_is_due_and_overdue_of_the_own_state(desk):
    make_measure("Train the police", due=day(20))
    make_measure("Open a shelter", due=day(-3))
    make_measure("Publish figures", due=day(-40))
    make_measure("Later", due=day(40))
    make_measure("Finished", due=day(-3), stage="done")
    make_measure("Of a neighbour", state="XB", due=day(-3))
    make_duty(due=day(10), basis="printed", due_source="Conclusions, § 9")
    assert send() == 1
    (body,) = bodies()
    lines = [line for line in body.splitlines() if line.startswith("- ") or line.endswith(":")]
    texts = [line.partition(": ")[2] or line for line in lines]
    assert texts == [
        "Overdue for more than 30 days, for the whole desk:", "Measure: Publish figures",
        "Overdue:", "Measure: Open a shelter",
        "Due within 30 days:", "report on the measures taken (baseline evaluation)", "Measure: Train the police",
        "To see everything, or to snooze this email:",
    ]  # fmt: skip
    assert OutgoingEmail.objects.get().to == desk.email


def test_what_only_the_desk_can_see_is_counted_and_not_named_in_an_email(desk, client):
    make_measure("A reform that is not announced", due=day(3), visibility="desk")
    assert send() == 1
    (body,) = bodies()
    assert "not announced" not in body
    assert "And 1 line that only your desk can see." in body
    sign_in(client, desk)
    assert "A reform that is not announced" in client.get(reverse("implementation:digest")).content.decode()


def test_nothing_is_sent_when_there_is_nothing_to_tell(desk):
    make_measure("Later", due=day(60))
    assert send() == 0
    assert bodies() == []
    assert run_implementation_tasks(now=timezone.now()) == {}


def test_no_one_gets_more_than_one_email_in_seven_days(desk):
    sent = []
    for later in range(15):  # every day, something new
        make_measure(f"New {later}", due=day(later))
        if send(later):
            sent.append(later)
    assert sent == [0, 7, 14]


def test_no_line_is_sent_twice_but_a_new_status_or_day_is(desk):
    measure = make_measure("Open a shelter", due=day(20))
    assert [send(), send(7), send(14)] == [1, 0, 0]
    assert send(21) == 1  # overdue since yesterday
    assert send(28) == 0
    assert send(52) == 1  # for more than 30 days
    assert send(80) == 0
    make_measure("Another", due=day(90))
    assert send(88) == 1
    assert "Open a shelter" not in bodies()[-1]
    assert "1 thing that we told you about earlier is still open." in bodies()[-1]
    Measure.objects.filter(pk=measure.pk).update(due=day(100))
    assert send(96) == 1
    assert "Open a shelter" in bodies()[-1]


def test_what_no_longer_applies_is_forgotten(desk):
    measure = make_measure("Open a shelter", due=day(1))
    make_measure("Train the police", due=day(1))
    send()
    Measure.objects.filter(pk=measure.pk).update(stage="done")
    send(7)
    assert [key.split("/")[1] for key in DigestSubscription.objects.get().sent_lines] == [
        Measure.objects.get(title="Train the police").public_id
    ]


def test_two_runs_on_one_day_send_one_email(desk):
    make_measure("Open a shelter", due=day(1))
    assert [send(), send()] == [1, 0]


@pytest.mark.parametrize(
    "change",
    [
        lambda account: account.__class__.objects.filter(pk=account.pk).update(is_active=False),
        lambda account: RoleGrant.objects.filter(account=account).update(until=timezone.now() - timedelta(days=1)),
        lambda account: RoleGrant.objects.filter(account=account).update(role=Role.READER, state=None),
        lambda account: RoleGrant.objects.filter(account=account).update(state="XB"),
        lambda account: Refusal.objects.create(account=account, claim=Claim.MANAGE_COUNTRY, since=timezone.now()),
    ],
)
def test_no_one_who_is_not_at_the_desk_now_gets_an_email(desk, change):
    make_measure("Open a shelter", due=day(1))
    change(desk)
    assert send() == 0


def test_an_email_is_in_the_language_of_its_reader(desk):
    desk.language = "fr"
    desk.save()
    make_measure("Open a shelter", due=day(1))
    send()
    assert "Bonjour" in bodies()[0]


def test_a_proposed_day_is_never_overdue(desk):
    make_duty(DutyKind.STATE_REPORT, due=day(-90), basis="proposed", due_source="our own expectation")
    send()
    (body,) = bodies()
    assert "Overdue" not in body
    assert "the proposed date has passed" in body


def test_lines_of_other_features_are_for_this_person_or_after_30_days_for_the_whole_desk(desk, monkeypatch):
    colleague = make_account(Role.NATIONAL_DESK, state="XA")
    asked = []

    def asks(state, account, today):
        asked.append((state, account.pk))
        if account == desk:
            yield DigestLine("ask/1/sent-back", DigestStatus.TO_DO, "An answer was sent back", link="/en/asks/1/")

    monkeypatch.setitem(hooks._PROVIDERS["digest_lines"], "", [asks])
    assert send() == 1
    assert set(asked) == {("XA", desk.pk), ("XA", colleague.pk)}
    assert "- An answer was sent back" in bodies(desk)[0]
    assert bodies(colleague) == []


# --- A person's own settings ------------------------------------------------------------------------------------------


def test_a_snoozed_email_starts_again_on_its_day(desk):
    make_measure("Open a shelter", due=day(1))
    actions.change_digest(account=desk, is_on=True, snoozed_until=timezone.localdate() + timedelta(days=10))
    assert [send(), send(9), send(10)] == [0, 0, 1]


def test_a_person_snoozes_turns_off_and_turns_on_again(desk, client):
    sign_in(client, desk)
    page = reverse("implementation:digest")
    assert client.post(page, {"is_on": "on", "snoozed_until": day(0)}).status_code == 422
    assert client.post(page, {"is_on": "on", "snoozed_until": day(5)}).status_code == 302
    assert DigestSubscription.objects.get().snoozed_until.isoformat() == day(5)
    client.post(page, {})
    assert (DigestSubscription.objects.get().is_on, DigestSubscription.objects.get().snoozed_until) == (False, None)
    client.post(page, {"is_on": "on"})
    assert DigestSubscription.objects.get().is_on


def test_the_link_in_the_email_ends_it_without_signing_in(desk, client):
    make_measure("Open a shelter", due=day(1))
    send()
    link = next(word for word in bodies()[0].split() if word.endswith("/end/"))
    path = "/" + link.partition("://")[2].partition("/")[2]
    response = client.get(path)
    assert response["Cache-Control"] == "private, no-store"
    assert desk.email not in response.content.decode()
    assert DigestSubscription.objects.get().is_on  # a scanner that opens links ends nothing
    assert "no longer get this email" in client.post(path).content.decode()
    assert not DigestSubscription.objects.get().is_on
    make_measure("Another", due=day(1))
    assert send(7) == 0


def test_a_mail_program_ends_the_email_with_one_click(desk):
    make_measure("Open a shelter", due=day(1))
    send()
    email = OutgoingEmail.objects.get()
    assert email.end_url in email.body
    client, path = Client(enforce_csrf_checks=True), "/" + email.end_url.partition("://")[2].partition("/")[2]
    assert client.post(path).status_code == 403
    assert DigestSubscription.objects.get().is_on
    answer = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.cookies.output()) == (200, "")
    assert not DigestSubscription.objects.get().is_on
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200  # a mail program may ask twice


def test_the_link_of_one_person_does_nothing_for_another(desk, client):
    other = make_account(Role.NATIONAL_DESK, state="XA")
    forged = f"{other.public_id}:{end_links.token(desk).partition(':')[2]}"
    assert client.post(reverse("implementation:end-digest", args=[forged])).status_code == 404
    assert queries.end_links.find_account(end_links.token(desk)) == desk
    assert queries.end_links.find_account(desk.public_id) is None


def test_no_mail_leaves_before_the_task_that_sends_it(desk):
    make_measure("Open a shelter", due=day(1))
    send()
    assert mail.outbox == []  # the email is in the queue, as all others are


def test_an_ask_is_told_to_its_sender_and_after_30_days_to_the_whole_desk(desk, client):
    colleague = make_account(Role.NATIONAL_DESK, state="XA")
    make_ask(by=desk, title="Emergency barring orders", due=timezone.localdate() + timedelta(days=2))
    assert send() == 1
    assert bodies(colleague) == []
    assert "Emergency barring orders" not in bodies(desk)[0]  # an ask is not public
    sign_in(client, desk)
    assert "No answers yet: Emergency barring orders" in client.get(reverse("implementation:digest")).content.decode()
    assert send(10) == 1  # overdue, for its sender
    assert bodies(colleague) == []
    send(33)
    assert len(bodies(colleague)) == 1
    assert len(bodies(desk)) == 3
