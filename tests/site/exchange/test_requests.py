"""Requests for help: who asks, who sees them and replies, what each side can do, and what the emails give away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.exchange.requests import (
    REPLIES_PER_DAY,
    REQUESTS_PER_MONTH,
    RequestActNotPossible,
    RequestStatus,
    ShownAs,
)
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.requests import actions, queries
from samsvar.site.exchange.requests.models import HelpRequest, Reply
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import clear_cached_access
from samsvar.site.network.models import FormDraft, OutgoingEmail
from tests.factories.exchange_practices import publish_practice
from tests.factories.exchange_requests import PROBLEM, SITUATION, make_help_request, make_member, make_reply
from tests.factories.implementation import make_measure, make_organisation
from tests.factories.people import make_account, make_network, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A network with an asker of a shelter in XA, a colleague of XB and a secretariat, and a member of another one."""

    class World:
        pass

    load_convention()
    it = World()
    it.home, it.elsewhere = make_network(), make_network("harbour")
    it.shelter, it.helpline = make_organisation("Lamp House"), make_organisation("Night Line", state="XB")
    it.asker = make_member(it.home, name="Fictional Asker", organisation=it.shelter, email="asker@network.example")
    it.helper = make_member(it.home, name="Fictional Helper", organisation=it.helpline)
    it.stranger = make_member(it.elsewhere, name="Fictional Stranger")
    it.secretariat = make_account(Role.SECRETARIAT, network=it.home)
    return it


def client_of(account, **how):
    clear_cached_access(account)
    return sign_in(Client(), account, **how)


def emails(account=None):
    rows = OutgoingEmail.objects.order_by("pk")
    return list(rows.filter(to=account.email) if account else rows)


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_a_member_asks_in_two_questions_and_no_one_is_shown(world):
    client = client_of(world.asker)
    answer = client.post(reverse("exchange:ask"), {
        "problem": PROBLEM, "situation": SITUATION, "language": "ro", "network": "lantern",
    })  # fmt: skip
    request = HelpRequest.objects.get()
    assert answer["Location"] == reverse("exchange:request", args=[request.public_id])
    assert (request.by, request.network, request.shown_as) == (world.asker, world.home, "no_one")
    assert (request.state_id, request.organisation, request.status) == ("XA", world.shelter, "open")
    assert (request.problem, request.situation, request.language) == (PROBLEM, SITUATION, "ro")


def test_only_the_two_questions_are_outside_the_fold(world):
    page = client_of(world.asker).get(reverse("exchange:ask")).content.decode()
    before, fold = page.split('<form class="stack measure"', 1)[1].split('<details class="fold"', 1)
    assert 'name="problem"' in before
    assert 'name="situation"' in before
    for name in ("articles", "concepts", "help", "languages", "needed_by", "shown_as", "network"):
        assert f'name="{name}"' in fold, name
    assert 'name="part"' not in page  # only from a finding


def test_the_form_is_filled_from_a_finding_a_measure_or_an_article(world):
    finding = make_report(reading=make_reading([make_finding(1, articles=("24", "22"))])).findings.get()
    client = client_of(world.asker)
    page = client.get(reverse("exchange:ask-about", args=["finding", finding.public_id])).content.decode()
    assert "GREVIO 2023 § 1" in page
    assert 'value="24, 22"' in page or 'value="22, 24"' in page
    assert 'name="part"' in page
    measure = make_measure("Open a second shelter")
    page = client.get(reverse("exchange:ask-about", args=["measure", measure.public_id])).content.decode()
    assert "Open a second shelter" in page
    assert 'value="25"' in client.get(reverse("exchange:ask-about", args=["article", "25"])).content.decode()
    client.post(reverse("exchange:ask-about", args=["finding", finding.public_id]), {
        "problem": PROBLEM, "situation": SITUATION, "language": "ro", "network": "lantern", "articles": "24",
        "part": "the night", "shown_as": "country",
    })  # fmt: skip
    request = HelpRequest.objects.get()
    assert (request.finding, request.part, request.articles) == (finding.public_id, "the night", ["24"])


@pytest.mark.parametrize(
    ("kind", "key"), [("finding", "0" * 16), ("measure", "0" * 16), ("article", "99"), ("person", "1")]
)
def test_a_request_about_something_unknown_is_not_found(world, kind, key):
    assert client_of(world.asker).get(reverse("exchange:ask-about", args=[kind, key])).status_code == 404


def test_a_request_cannot_be_about_a_measure_that_is_not_public(world):
    measure = make_measure("Secret plan", visibility="desk")
    address = reverse("exchange:ask-about", args=["measure", measure.public_id])
    assert client_of(world.asker).get(address).status_code == 404
    assert client_of(make_desk(world)).get(address).status_code == 200


def make_desk(world):
    from samsvar.site.network.models import RoleGrant

    desk = make_member(world.home, name="Fictional Desk", roles=())
    RoleGrant.objects.create(account=desk, role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now())
    return desk


def test_the_form_names_what_is_wrong_and_opens_the_fold(world):
    answer = client_of(world.asker).post(reverse("exchange:ask"), {
        "problem": PROBLEM, "situation": SITUATION, "language": "ro", "network": "lantern", "articles": "24, 99",
        "needed_by": (timezone.now() - timedelta(days=2)).date().isoformat(),
    })  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The Convention has no article 99." in page
    assert "Enter today or a later day." in page
    assert '<details class="fold" open>' in page
    assert PROBLEM in page  # what was typed is still there


def test_every_finding_measure_and_article_page_offers_to_ask(world):
    finding = make_report(reading=make_reading([make_finding(1)])).findings.get()
    measure = make_measure()
    pages = {
        reverse("monitoring:finding", args=[finding.public_id]): ["finding", finding.public_id],
        reverse("implementation:measure", args=[measure.public_id]): ["measure", measure.public_id],
        reverse("pages:article", args=["25"]): ["article", "25"],
    }
    member = client_of(world.asker)
    for page, about in pages.items():
        address = reverse("exchange:ask-about", args=about)
        assert address in member.get(page).content.decode(), page
        public = Client().get(page).content.decode()
        assert address not in public
        assert "can ask how others have solved this" in public
        assert "invites new members" in public


def test_a_reader_cannot_ask_nor_a_contributor_a_network_that_they_do_not_belong_to(world):
    reader = make_member(world.home, roles=(Role.READER,))
    assert client_of(reader).get(reverse("exchange:ask")).status_code == 403
    with pytest.raises(PermissionDenied):
        make_help_request(world.asker, world.elsewhere)
    assert make_help_request(world.asker, world.home).network == world.home


def test_an_account_asks_at_most_ten_times_in_thirty_days(world):
    for _number in range(REQUESTS_PER_MONTH):
        request = make_help_request(world.asker, world.home)
    with pytest.raises(actions.RequestLimitReached):
        make_help_request(world.asker, world.home)
    HelpRequest.objects.filter(pk=request.pk).update(at=timezone.now() - timedelta(days=31))
    make_help_request(world.asker, world.home)


def test_what_is_typed_into_the_form_can_be_kept_as_a_draft(world):
    """The script keeps drafts of forms with long texts by the path of their page: one of each finding."""
    page = client_of(world.asker).get(reverse("exchange:ask")).content.decode()
    form = page.split('<form class="stack measure"', 1)[1].split("</form>")[0]
    assert "<textarea" in form
    assert "data-no-draft" not in form
    for page in (reverse("exchange:ask"), reverse("exchange:ask-about", args=["article", "24"])):
        draft = {"page": page, "form": "0", "fields_typed": '{"problem": ["Typed in a hurry"]}'}
        assert client_of(world.asker).post(reverse("network:form-drafts"), draft).status_code == 204, page
    assert FormDraft.objects.filter(account=world.asker).count() == 2


# --- Who sees a request -----------------------------------------------------------------------------------------------


def test_members_of_the_network_see_it_and_no_one_else(world):
    request = make_help_request(world.asker, world.home)
    page, listed = reverse("exchange:request", args=[request.public_id]), reverse("exchange:requests")
    assert client_of(world.helper).get(page).status_code == 200
    assert PROBLEM in client_of(world.helper).get(listed).content.decode()
    assert client_of(world.stranger).get(page).status_code == 404
    assert PROBLEM not in client_of(world.stranger).get(listed).content.decode()
    assert client_of(make_account(Role.CONTRIBUTOR)).get(page).status_code == 404
    assert Client().get(page).status_code == 302


def test_a_membership_that_has_ended_ends_access_at_once(world):
    request = make_help_request(world.asker, world.home)
    page = reverse("exchange:request", args=[request.public_id])
    client = client_of(world.helper)
    assert client.get(page).status_code == 200
    world.helper.person.memberships.update(ends=timezone.now().date() - timedelta(days=1))
    assert client.get(page).status_code == 404
    assert client.post(page, {"text": "Late", "language": "en"}).status_code == 404
    with pytest.raises(PermissionDenied):
        clear_cached_access(world.helper)
        make_reply(world.helper, request)


def test_a_request_to_all_members_is_seen_by_members_of_every_network(world):
    request = make_help_request(world.asker, None)
    page = reverse("exchange:request", args=[request.public_id])
    assert client_of(world.stranger).get(page).status_code == 200
    assert client_of(make_account()).get(page).status_code == 404  # an account without a role


def test_a_withdrawn_request_is_gone_from_the_list_and_seen_by_its_asker_only_as_withdrawn(world):
    request = make_help_request(world.asker, world.home)
    assert PROBLEM in client_of(world.helper).get(reverse("exchange:requests")).content.decode()
    client = client_of(world.asker)
    client.post(reverse("exchange:withdraw-request", args=[request.public_id]))
    assert PROBLEM not in client_of(world.helper).get(reverse("exchange:requests")).content.decode()
    page = reverse("exchange:request", args=[request.public_id])
    assert client_of(world.helper).get(page).status_code == 404
    assert "withdrawn" in client.get(page).content.decode()


def test_only_the_asker_withdraws_judges_reopens_or_excludes(world):
    request = make_help_request(world.asker, world.home)
    client = client_of(world.helper)
    for name in ("withdraw-request", "judge-request", "reopen-request", "request-counts"):
        answer = client.post(reverse(f"exchange:{name}", args=[request.public_id]), {"verdict": "helped"})
        assert answer.status_code == 404, name
    request.refresh_from_db()
    assert (request.status, request.counts) == ("open", True)
    for act in (actions.withdraw_request, actions.reopen_request):
        with pytest.raises(PermissionDenied):
            act(by=world.helper, request=request)


# --- Filters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ({}, {"night", "school", "answered"}),
        ({"article": "24"}, {"night", "answered"}),
        ({"concept": "helplines"}, {"night"}),
        ({"language": "ro"}, {"night", "answered"}),
        ({"language": "fr"}, {"school"}),  # in which the asker can read replies
        ({"help": "study_visit"}, {"school", "answered"}),  # one that names no form accepts any
        ({"answered": "yes"}, {"answered"}),
        ({"answered": "no"}, {"night", "school"}),
        ({"article": "99"}, set()),
    ],
)
def test_the_list_is_filtered(world, query, listed):
    make_help_request(world.asker, world.home, problem="night", concepts=("helplines",), help=("call",))
    make_help_request(
        world.asker, world.home, problem="school", articles=("14",), language="en", languages=("fr",),
        help=("study_visit",),
    )  # fmt: skip
    answered = make_help_request(world.asker, world.home, problem="answered")
    make_reply(world.helper, answered)
    page = queries.request_list(make_member(world.home), queries.RequestFilters(**query))
    assert {row.request.problem for row in page.rows} == listed


# --- Replies ----------------------------------------------------------------------------------------------------------


def test_a_colleague_replies_with_a_practice_praise_a_link_and_a_body_to_ask(world):
    request = make_help_request(world.asker, world.home)
    praise = make_report(
        reading=make_reading([make_finding(1, strength=Strength.WELCOMES, articles=("24",), state="XB")], state="XB")
    ).findings.get()
    practice = publish_practice(world.helpline, state="XB", text={"title": "Shared night shifts"})
    page = reverse("exchange:request", args=[request.public_id])
    client = client_of(world.helper)
    form = client.get(page).content.decode()
    assert "Shared night shifts" in form
    assert praise.public_id in form
    answer = client.post(page, {
        "text": "We share shifts with two cities.", "language": "en", "practice": practice.pk,
        "finding": praise.public_id, "link": "https://nightline.example/how", "body": world.helpline.public_id,
        "shown_as": "name",
    })  # fmt: skip
    assert answer.status_code == 302
    reply = Reply.objects.get()
    assert (reply.practice, reply.finding, reply.body) == (practice, praise.public_id, world.helpline)
    request.refresh_from_db()
    assert request.status == "answered"
    assert request.answered_at == reply.at
    shown = client_of(world.asker).get(page).content.decode()
    for text in (
        "We share shifts with two cities.", "Shared night shifts", "Listing is not endorsement", "p. 1",
        "nightline.example", "Fictional Helper", "Night Line",
    ):  # fmt: skip
        assert text in shown, text
    assert world.helper.email not in shown


def test_praise_in_a_reply_is_a_finding_that_welcomes_something(world):
    request = make_help_request(world.asker, world.home)
    criticism = make_report(reading=make_reading([make_finding(1, articles=("24",))])).findings.get()
    page = reverse("exchange:request", args=[request.public_id])
    client_of(world.helper).post(page, {"text": "See", "language": "en", "finding": criticism.public_id})
    assert not Reply.objects.filter(finding=criticism.public_id).exists()


def test_an_empty_reply_is_returned_with_its_reason(world):
    request = make_help_request(world.asker, world.home)
    page = reverse("exchange:request", args=[request.public_id])
    answer = client_of(world.helper).post(page, {"text": " ", "language": "en"})
    assert answer.status_code == 409
    assert "The reply is empty." in answer.content.decode()
    assert not Reply.objects.exists()


def test_an_account_writes_at_most_twenty_replies_a_day(world):
    request = make_help_request(world.asker, world.home)
    for _number in range(REPLIES_PER_DAY):
        reply = make_reply(world.helper, request)
    with pytest.raises(actions.ReplyLimitReached):
        make_reply(world.helper, request)
    Reply.objects.filter(pk=reply.pk).update(at=timezone.now() - timedelta(days=1, minutes=1))
    make_reply(world.helper, request)


def test_no_one_replies_to_their_own_request_as_a_member(world):
    request = make_help_request(world.asker, world.home)
    with pytest.raises(PermissionDenied):
        make_reply(world.asker, request)
    with pytest.raises(RequestActNotPossible):
        actions.write_back(by=world.asker, request=request, fields=actions.ReplyFields(text="Anyone?"))


def test_the_asker_writes_back_and_the_helper_is_told_once(world):
    request = make_help_request(world.asker, world.home)
    make_reply(world.helper, request, "How many calls a night?")
    answer = client_of(world.asker).post(
        reverse("exchange:request", args=[request.public_id]), {"text": "About nine.", "language": "en"}
    )
    assert answer.status_code == 302
    told = [email for email in emails(world.helper) if "written back" in email.body]
    assert len(told) == 1
    page = client_of(world.helper).get(reverse("exchange:request", args=[request.public_id])).content.decode()
    assert "About nine." in page
    assert "Fictional Asker" not in page


# --- Outcome ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["helped", "partly", "not_helped"])
def test_the_asker_says_whether_it_helped_on_the_same_day(world, verdict):
    request = make_help_request(world.asker, world.home)
    make_reply(world.helper, request)
    address = reverse("exchange:judge-request", args=[request.public_id])
    answer = client_of(world.asker).post(address, {"verdict": verdict, "judgement": "Două schimburi.", "counts": "on"})
    assert answer.status_code == 302
    request.refresh_from_db()
    assert (request.status, request.judgement, request.counts) == (verdict, "Două schimburi.", True)
    assert request.judged_at is not None


def test_a_request_without_a_reply_cannot_be_judged(world):
    request = make_help_request(world.asker, world.home)
    address = reverse("exchange:judge-request", args=[request.public_id])
    answer = client_of(world.asker).post(address, {"verdict": "helped", "counts": "on"})
    assert answer.status_code == 409
    request.refresh_from_db()
    assert request.status == "open"


def test_a_request_can_be_excluded_from_figures_and_included_again(world):
    request = make_help_request(world.asker, world.home)
    address, client = reverse("exchange:request-counts", args=[request.public_id]), client_of(world.asker)
    for value, counts in (("0", False), ("1", True)):
        client.post(address, {"counts": value})
        request.refresh_from_db()
        assert request.counts is counts


def test_a_reopened_request_starts_again(world):
    request = make_help_request(world.asker, world.home)
    make_reply(world.helper, request)
    request = actions.judge_request(by=world.asker, request=request, verdict=RequestStatus.NOT_HELPED, judgement="No.")
    client_of(world.asker).post(reverse("exchange:reopen-request", args=[request.public_id]))
    request.refresh_from_db()
    assert (request.status, request.answered_at, request.judged_at) == ("open", None, None)
    assert request.waiting_since > request.at
    make_reply(world.helper, request)
    request.refresh_from_db()
    assert request.status == "answered"


# --- Own page ---------------------------------------------------------------------------------------------------------


def test_my_requests_list_what_i_asked_and_where_i_replied(world):
    empty = client_of(world.asker).get(reverse("exchange:my-requests")).content.decode()
    assert "You have not asked the network yet." in empty
    request = make_help_request(world.asker, world.home)
    make_reply(world.helper, request)
    page = client_of(world.asker).get(reverse("exchange:my-requests")).content.decode()
    assert PROBLEM in page
    assert "1 reply" in page
    other = client_of(world.helper).get(reverse("exchange:my-requests")).content.decode()
    assert "My replies" in other
    assert PROBLEM in other


# --- Emails -----------------------------------------------------------------------------------------------------------


def test_emails_say_neither_who_nor_what(world):
    request = make_help_request(world.asker, world.home, problem="Zanzibar", situation="Quetzal", shown=ShownAs.NAME)
    make_reply(world.helper, request, "Xylophone", shown=ShownAs.NAME)
    assert len(emails(world.asker)) == 1
    assert len(emails(world.secretariat)) == 1
    for email in emails():
        for secret in ("Zanzibar", "Quetzal", "Xylophone", "Fictional", "Lamp House", "Night Line", "asker@"):
            assert secret not in email.subject + email.body


def test_each_act_is_in_the_audit_log_without_its_text(world):
    request = make_help_request(world.asker, world.home)
    make_reply(world.helper, request)
    actions.judge_request(by=world.asker, request=request, verdict=RequestStatus.HELPED, judgement="Secretul")
    entries = AuditEntry.objects.filter(subject=f"help_request {request.public_id}").order_by("pk")
    assert [entry.verb for entry in entries if not entry.saw] == [
        "asked the network for help", "replied to a request for help", "said whether help helped",
    ]  # fmt: skip
    assert all("Secretul" not in str(entry.details) for entry in entries)


def test_only_members_who_may_open_a_request_find_it_and_not_who_asks(world):
    request = make_help_request(world.asker, world.home, problem="Zanzibar at night", shown=ShownAs.NAME)
    search = reverse("search:search")
    assert "Zanzibar at night" not in Client().get(search, {"q": "Zanzibar"}).content.decode()
    page = client_of(world.helper).get(search, {"q": "Zanzibar"}).content.decode()
    assert reverse("exchange:request", args=[request.public_id]) in page
    assert "Fictional" not in page.replace("fictional", "")
    HelpRequest.objects.update(network=make_network("breakwater"))  # of which the helper is no member
    assert "Zanzibar at night" not in client_of(world.helper).get(search, {"q": "Zanzibar"}).content.decode()


def test_the_finding_of_an_unnamed_request_is_not_shown_to_members(world):
    finding = make_report(reading=make_reading([make_finding(1, articles=("24",))])).findings.get()
    assert Finding.objects.filter(pk=finding.pk).exists()
    hidden = make_help_request(world.asker, world.home, finding=finding.public_id, part="la noapte")
    open_one = make_help_request(world.asker, world.home, finding=finding.public_id, shown=ShownAs.COUNTRY)
    client = client_of(world.helper)
    page = client.get(reverse("exchange:request", args=[hidden.public_id])).content.decode()
    assert finding.public_id not in page
    assert "la noapte" not in page
    assert finding.public_id in client.get(reverse("exchange:request", args=[open_one.public_id])).content.decode()
    assert (
        finding.public_id
        in client_of(world.asker).get(reverse("exchange:request", args=[hidden.public_id])).content.decode()
    )


def test_the_menus_lead_to_own_requests_and_to_the_helpdesk(world):
    own, desk = reverse("exchange:my-requests"), reverse("exchange:helpdesk")
    page = client_of(world.helper).get(own).content.decode()
    header = page.partition("<main")[0]
    assert f'href="{own}"' in header
    assert f'href="{desk}"' not in header
    staff = client_of(world.secretariat, staff_session="the helpdesk").get(desk).content.decode()
    assert f'href="{desk}"' in staff.partition("<main")[0]


def test_a_national_desk_replies_as_a_desk(world):
    request = make_help_request(world.asker, world.home)
    page = reverse("exchange:request", args=[request.public_id])
    form = {"text": "Ask us.", "language": "en", "shown_as": "organisation"}
    assert client_of(make_desk(world)).post(page, form).status_code == 302
    shown = client_of(world.asker).get(page).content.decode()
    assert "National desk of Nordmark" in shown
    assert "Fictional Desk" not in shown


def test_a_member_without_an_organisation_is_shown_by_name_or_as_no_one(world):
    alone = make_member(world.home, name="Fictional Alone")
    form = client_of(alone).get(reverse("exchange:ask")).content.decode()
    shown = [level for level in ShownAs if f'name="shown_as" value="{level}"' in form]
    assert shown == [ShownAs.NAME, ShownAs.NO_ONE]
