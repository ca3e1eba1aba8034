"""The helpdesk: requests by age, who asks is logged, replies for others, and the daily emails, each sent once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.exchange.requests import RequestActNotPossible, RequestStatus, ShownAs
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.requests import actions, queries
from samsvar.site.exchange.requests.models import HelpRequest, Reply
from samsvar.site.exchange.requests.scheduled import run_request_tasks
from samsvar.site.network.access.permissions import clear_cached_access
from samsvar.site.network.models import OutgoingEmail
from samsvar.site.shell import hooks
from tests.factories.exchange_requests import PROBLEM, SITUATION, make_help_request, make_member, make_reply
from tests.factories.implementation import make_organisation
from tests.factories.people import make_account, make_network, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A network with an asker, a helper and a secretariat in a staff session."""

    class World:
        pass

    load_convention()
    it = World()
    it.home = make_network()
    it.body = make_organisation("Night Line", state="XB")
    it.asker = make_member(it.home, name="Fictional Asker", organisation=make_organisation())
    it.helper = make_member(it.home, name="Fictional Helper", organisation=it.body)
    it.secretariat = make_account(Role.SECRETARIAT, network=it.home)
    it.desk = sign_in(Client(), it.secretariat, staff_session="the helpdesk")
    it.request = make_help_request(it.asker, it.home)
    OutgoingEmail.objects.all().delete()
    return it


def page_of(request):
    return reverse("exchange:helpdesk-request", args=[request.public_id])


def in_days(world, days):
    return world.request.waiting_since + timedelta(days=days)


# --- The pages --------------------------------------------------------------------------------------------------------


def test_the_helpdesk_needs_a_staff_session_of_the_secretariat_of_its_network(world):
    assert world.desk.get(page_of(world.request)).status_code == 200
    clear_cached_access(world.secretariat)
    without = sign_in(Client(), world.secretariat)
    answer = without.get(page_of(world.request))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("network:open-staff-session"))
    for account in (world.helper, make_account(Role.READER)):
        assert sign_in(Client(), account).get(page_of(world.request)).status_code == 403


def test_the_list_orders_requests_by_age_without_who_asks(world):
    younger = make_help_request(world.asker, world.home, problem="The younger one")
    HelpRequest.objects.filter(pk=world.request.pk).update(waiting_since=timezone.now() - timedelta(days=31))
    page = world.desk.get(reverse("exchange:helpdesk")).content.decode()
    assert page.index(PROBLEM) < page.index(younger.problem)
    assert page.count("no reply for 30 days") == 1
    assert "31 days" in page
    assert "Fictional Asker" not in page
    taken = queries.helpdesk(user_in_session(world), timezone.now())
    assert [row.request for row in taken.unanswered] == [world.request, younger]


def user_in_session(world):
    """Return the secretariat as a request of its staff session has it."""
    from samsvar.site.network.models import StaffSession

    account = type(world.secretariat).objects.get(pk=world.secretariat.pk)
    account.second_factor, account.staff_session = True, StaffSession.objects.get(account=account)
    return account


def test_opening_a_request_shows_who_asks_and_is_in_the_audit_log(world):
    before = AuditEntry.objects.filter(saw=True).count()
    page = world.desk.get(page_of(world.request)).content.decode()
    assert "Fictional Asker" in page
    assert "Lamp House" in page
    assert world.asker.email not in page
    entries = AuditEntry.objects.filter(saw=True, person=world.asker.person.public_id)
    assert AuditEntry.objects.filter(saw=True).count() > before
    assert {entry.subject for entry in entries} == {f"help_request {world.request.public_id}"}
    assert "the helpdesk" in {entry.why for entry in entries}


def test_a_request_of_someone_at_risk_says_so_to_the_secretariat(world):
    person = world.asker.person
    person.at_risk, person.pseudonym = True, "Fictional Pseudonym"
    person.save()
    assert "Never tell anyone who asks." in world.desk.get(page_of(world.request)).content.decode()


def test_the_secretariat_does_not_handle_its_own_request(world):
    own = HelpRequest.objects.create(by=world.secretariat, network=world.home, problem="Ours", situation="None")
    assert world.desk.get(page_of(own)).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.take_request(by=user_in_session(world), request=own)


# --- Acts -------------------------------------------------------------------------------------------------------------


def test_a_request_is_taken_in_hand_once(world):
    world.desk.post(reverse("exchange:take-request", args=[world.request.public_id]))
    world.request.refresh_from_db()
    assert (world.request.status, world.request.taken_by) == ("in_hand", world.secretariat)
    with pytest.raises(RequestActNotPossible):
        actions.take_request(by=user_in_session(world), request=world.request)
    asker_page = reverse("exchange:request", args=[world.request.public_id])
    assert "in hand" in sign_in(Client(), world.asker).get(asker_page).content.decode()


def test_the_secretariat_replies_for_an_organisation_and_the_reply_says_so(world):
    answer = world.desk.post(
        page_of(world.request), {"organisation": "night-line", "text": "Come and see.", "language": "en"}
    )
    assert answer.status_code == 302
    reply = Reply.objects.get()
    assert (reply.by, reply.organisation, reply.by_secretariat) == (world.secretariat, world.body, True)
    page = sign_in(Client(), world.asker).get(reverse("exchange:request", args=[world.request.public_id]))
    assert "The secretariat, for Night Line" in page.content.decode()
    world.request.refresh_from_db()
    assert world.request.status == "answered"
    assert OutgoingEmail.objects.filter(to=world.asker.email).count() == 1


def test_the_secretariat_replies_for_itself(world):
    world.desk.post(page_of(world.request), {"text": "We are looking.", "language": "en"})
    page = sign_in(Client(), world.helper).get(reverse("exchange:request", args=[world.request.public_id]))
    assert "The secretariat" in page.content.decode()
    assert world.secretariat.email not in page.content.decode()


def test_a_request_is_entered_for_a_member_who_is_told_and_can_withdraw_it(world):
    address = reverse("exchange:enter-request", args=[world.home.slug])
    form = world.desk.get(address).content.decode()
    assert "Fictional Helper" in form
    sent = {
        "member": world.helper.person.public_id, "problem": "Told by telephone", "situation": "Nothing",
        "language": "en", "shown_as": "no_one",
    }  # fmt: skip
    answer = world.desk.post(address, sent)
    entered = HelpRequest.objects.get(typed_by=world.secretariat)
    assert answer["Location"] == page_of(entered)
    assert (entered.by, entered.network, entered.organisation) == (world.helper, world.home, world.body)
    assert OutgoingEmail.objects.filter(to=world.helper.email, body__contains="entered something").count() == 1
    client = sign_in(Client(), world.helper)
    page = client.get(reverse("exchange:request", args=[entered.public_id])).content.decode()
    assert "The secretariat entered this request for you." in page
    client.post(reverse("exchange:withdraw-request", args=[entered.public_id]))
    entered.refresh_from_db()
    assert entered.status == "withdrawn"


def test_a_request_cannot_be_entered_for_someone_of_another_network(world):
    other = make_network("harbour")
    stranger = make_member(other, name="Fictional Stranger")
    assert world.desk.get(reverse("exchange:enter-request", args=["harbour"])).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.enter_request(
            by=user_in_session(world), asker=stranger, network=world.home,
            fields=actions.RequestFields(problem="a", situation="b"),
        )  # fmt: skip


def test_a_draft_translation_is_marked_and_the_original_stays(world):
    address = reverse("exchange:translate-request", args=[world.request.public_id])
    sent = {"language": "en", "problem": "How can we answer at night?", "situation": "By day only."}
    assert world.desk.post(address, sent).status_code == 302
    page = sign_in(Client(), world.helper).get(reverse("exchange:request", args=[world.request.public_id]))
    text = page.content.decode()
    assert f'<div lang="ro"><p>{PROBLEM}</p></div>' in text
    assert f'<div lang="ro"><p>{SITUATION}</p></div>' in text
    assert "Draft translation by the secretariat: English" in text
    assert "How can we answer at night?" in text.partition('<div lang="en">')[2]
    assert world.desk.post(address, {**sent, "problem": ""}).status_code == 422


def test_a_request_that_no_one_can_answer_is_ended_with_a_note_and_can_be_reopened(world):
    world.desk.post(reverse("exchange:end-request", args=[world.request.public_id]))
    world.request.refresh_from_db()
    assert world.request.status == "ended"
    emails = OutgoingEmail.objects.filter(to=world.asker.email)
    assert ["We are sorry" in email.body for email in emails] == [True]
    client = sign_in(Client(), world.asker)
    page = client.get(reverse("exchange:request", args=[world.request.public_id])).content.decode()
    assert "You can open it again at any time." in page
    client.post(reverse("exchange:reopen-request", args=[world.request.public_id]))
    world.request.refresh_from_db()
    assert world.request.status == "open"


def test_every_act_of_the_helpdesk_is_in_the_audit_log_with_the_person_concerned(world):
    client, public_id = world.desk, world.request.public_id
    client.post(reverse("exchange:take-request", args=[public_id]))
    client.post(
        reverse("exchange:translate-request", args=[public_id]), {"language": "en", "problem": "a", "situation": "b"}
    )
    client.post(page_of(world.request), {"text": "We are looking.", "language": "en"})
    entries = AuditEntry.objects.filter(actor=world.secretariat, saw=False, subject=f"help_request {public_id}")
    assert [entry.verb for entry in entries.order_by("pk")] == [
        "took a request for help in hand", "translated a request for help",
        "replied to a request for help for the secretariat",
    ]  # fmt: skip
    assert {entry.person for entry in entries} == {world.asker.person.public_id}


# --- Daily ------------------------------------------------------------------------------------------------------------


def test_the_daily_task_is_registered():
    assert run_request_tasks in hooks.providers("daily_task")


def test_after_thirty_days_the_secretariat_is_told_once(world):
    second = make_help_request(world.asker, world.home, problem="A second one")
    HelpRequest.objects.filter(pk=second.pk).update(waiting_since=world.request.waiting_since)
    OutgoingEmail.objects.all().delete()
    assert run_request_tasks(now=in_days(world, 29.9)) == {}
    assert run_request_tasks(now=in_days(world, 30)) == {"help_requests_overdue": 2}
    assert [email.to for email in OutgoingEmail.objects.all()] == [world.secretariat.email]  # one email for both
    for days in (31, 60, 89):
        assert run_request_tasks(now=in_days(world, days)) == {}
    assert OutgoingEmail.objects.count() == 1


def test_a_request_in_hand_without_a_reply_is_overdue_too(world):
    actions.take_request(by=user_in_session(world), request=world.request)
    assert run_request_tasks(now=in_days(world, 30)) == {"help_requests_overdue": 1}


def test_a_request_with_a_reply_is_never_overdue_nor_ended(world):
    make_reply(world.helper, world.request)
    OutgoingEmail.objects.all().delete()
    assert run_request_tasks(now=in_days(world, 91)) == {"help_requests_followed_up": 1}
    world.request.refresh_from_db()
    assert world.request.status == "answered"


def test_after_ninety_days_it_ends_with_one_kind_note(world):
    run_request_tasks(now=in_days(world, 30))
    OutgoingEmail.objects.all().delete()
    assert run_request_tasks(now=in_days(world, 90)) == {"help_requests_ended": 1}
    assert run_request_tasks(now=in_days(world, 91)) == {}
    world.request.refresh_from_db()
    assert world.request.status == "ended"
    assert [(email.to, "open it again" in email.body) for email in OutgoingEmail.objects.all()] == [
        (world.asker.email, True)
    ]


def test_a_site_that_slept_for_months_tells_no_secretariat_of_what_ends_today(world):
    assert run_request_tasks(now=in_days(world, 120)) == {"help_requests_ended": 1}
    assert [email.to for email in OutgoingEmail.objects.all()] == [world.asker.email]


def test_a_reopened_request_has_thirty_and_ninety_days_of_its_own(world):
    run_request_tasks(now=in_days(world, 30))
    run_request_tasks(now=in_days(world, 90))
    request = actions.reopen_request(by=world.asker, request=world.request)
    OutgoingEmail.objects.all().delete()
    assert run_request_tasks(now=request.waiting_since + timedelta(days=29)) == {}
    assert run_request_tasks(now=request.waiting_since + timedelta(days=30)) == {"help_requests_overdue": 1}


def test_thirty_days_after_the_first_reply_the_asker_is_asked_once(world):
    first = make_reply(world.helper, world.request)
    make_reply(world.helper, world.request, "One more thing.")
    OutgoingEmail.objects.all().delete()
    assert run_request_tasks(now=first.at + timedelta(days=29)) == {}
    assert run_request_tasks(now=first.at + timedelta(days=30)) == {"help_requests_followed_up": 1}
    for days in (31, 60, 400):
        assert run_request_tasks(now=first.at + timedelta(days=days)) == {}
    assert [email.to for email in OutgoingEmail.objects.all()] == [world.asker.email]


def test_an_asker_who_has_said_whether_it_helped_is_not_asked(world):
    make_reply(world.helper, world.request)
    actions.judge_request(by=world.asker, request=world.request, verdict=RequestStatus.HELPED)
    assert run_request_tasks(now=in_days(world, 31)) == {}


def test_daily_emails_give_nothing_away(world):
    HelpRequest.objects.filter(pk=world.request.pk).update(shown_as=ShownAs.NAME, problem="Zanzibar")
    run_request_tasks(now=in_days(world, 30))
    make_reply(world.helper, world.request, "Xylophone")
    run_request_tasks(now=timezone.now() + timedelta(days=31))
    written = [email.subject + email.body for email in OutgoingEmail.objects.all()]
    assert len(written) == 3
    for secret in ("Zanzibar", "Xylophone", "Fictional", "Lamp House", "Night Line", "Nordmark"):
        assert all(secret not in text for text in written), secret


@pytest.mark.parametrize("language", ["fr", "nb", "ro"])
def test_emails_are_written_in_the_language_of_the_reader(world, language):
    world.asker.language = language
    world.asker.save()
    make_reply(world.helper, world.request)
    (email,) = OutgoingEmail.objects.filter(to=world.asker.email)
    assert f"/{language}/exchange/requests/" in email.body
