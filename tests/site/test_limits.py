"""No one can copy the directory page by page: what an account may do how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.rights import Role
from samsvar.site.network.models import Organisation
from samsvar.site.shell import limits
from samsvar.site.shell.limits import LIMITS, RateLimit, consume, enforce_rate_limit, parse_rates, rate_limited
from samsvar.site.shell.models import RateLimitCounter
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in

LOW_LIMITS = {
    **limits.LIMITS,  # views of every limit may be imported while these apply
    "export": RateLimit("1/h/user", "files with people"),
    "photograph": RateLimit("1/h/user", "photographs"),
    "directory": RateLimit("3/10m/user", "pages", counts_reads=True),
    "pictures": RateLimit("3/10m/user", "pictures", counts_reads=True),
    "ask": RateLimit("2/h/user,3/d/user", "questions", counts_invalid=False),
    "upload": RateLimit("2/h/user", "files"),
}


@pytest.fixture
def low_limits(monkeypatch, db):
    monkeypatch.setattr(limits, "LIMITS", LOW_LIMITS)


def make_request(account, method="GET"):
    request = RequestFactory().generic(method, "/en/directory/")
    request.user = account
    return request


def statuses(view, account, times, method="GET"):
    return [view(make_request(account, method)).status_code for _ in range(times)]


def page_view(request):
    return HttpResponse("a page")


def redirect_view(request):
    return HttpResponseRedirect("/done/")


def test_a_reader_is_stopped_after_the_limit_and_another_reader_is_not(low_limits):
    view = rate_limited("directory")(page_view)
    one, other = make_account(), make_account()
    assert statuses(view, one, 5) == [200, 200, 200, 429, 429]
    assert statuses(view, other, 1) == [200]


def test_another_browser_or_ip_address_does_not_avoid_the_limit(low_limits):
    view = rate_limited("directory")(page_view)
    account = make_account()
    assert statuses(view, account, 3) == [200, 200, 200]
    elsewhere = RequestFactory().get("/fr/directory/", REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="another")
    elsewhere.user = account
    assert view(elsewhere).status_code == 429


def test_the_limit_resets_after_its_period(low_limits, monkeypatch):
    view = rate_limited("directory")(page_view)
    account = make_account()
    now = limits.time.time()
    assert statuses(view, account, 4)[-1] == 429
    monkeypatch.setattr(limits.time, "time", lambda: now + 601)
    assert statuses(view, account, 1) == [200]


def test_a_limited_response_says_when_to_retry_and_is_not_cached(low_limits):
    view = rate_limited("ask")(redirect_view)
    account = make_account()
    assert statuses(view, account, 2, "POST") == [302, 302]
    answer = view(make_request(account, "POST"))
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (429, "28800", "no-store")


def test_viewing_a_form_does_not_count(low_limits):
    view = rate_limited("upload")(page_view)
    account = make_account()
    assert statuses(view, account, 9) == [200] * 9
    assert statuses(view, account, 3, "POST") == [200, 200, 429]


def test_an_invalid_question_is_not_counted_but_an_invalid_upload_is(low_limits):
    account = make_account()
    assert statuses(rate_limited("ask")(page_view), account, 9, "POST") == [200] * 9
    assert statuses(rate_limited("ask")(redirect_view), account, 3, "POST") == [302, 302, 429]
    assert statuses(rate_limited("upload")(page_view), account, 3, "POST") == [200, 200, 429]


def test_both_rates_of_a_limit_apply(low_limits, monkeypatch):
    view = rate_limited("ask")(redirect_view)
    account = make_account()
    now = limits.time.time()
    assert statuses(view, account, 3, "POST") == [302, 302, 429]
    monkeypatch.setattr(limits.time, "time", lambda: now + 3601)
    assert statuses(view, account, 2, "POST") == [302, 429]


def test_anonymous_visitors_are_not_counted_by_these_limits(low_limits):
    assert statuses(rate_limited("directory")(page_view), AnonymousUser(), 9) == [200] * 9


def test_a_view_can_count_a_request_itself(low_limits):
    account = make_account()
    assert [enforce_rate_limit(make_request(account), "directory") for _ in range(3)] == [None] * 3
    assert enforce_rate_limit(make_request(account), "directory").status_code == 429


def test_the_decorator_keeps_the_attributes_of_the_view(low_limits):
    def a_view_with_a_claim(request):
        """Show it."""

    a_view_with_a_claim.required_claim = "a claim"
    view = rate_limited("directory")(a_view_with_a_claim)
    assert (view.required_claim, view.__name__, view.__doc__) == ("a claim", "a_view_with_a_claim", "Show it.")
    assert view.limit == "directory"


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_are_all_counted(monkeypatch):
    monkeypatch.setattr(limits, "LIMITS", LOW_LIMITS)
    view = rate_limited("directory")(page_view)
    account = make_account()

    def ask(_):
        try:
            return view(make_request(account)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as several:
        got = sorted(several.map(ask, range(12)))
    assert got == [200] * 3 + [429] * 9


def test_a_request_is_counted_by_one_statement_and_given_back_by_one(db, django_assert_num_queries):
    request = make_request(make_account())
    for _ in range(2):
        with django_assert_num_queries(1):
            usage = consume(request, action="a", rates="2/h/user")
    with django_assert_num_queries(1):
        assert consume(request, action="a", rates="2/h/user") is None
    with django_assert_num_queries(1):
        usage.rollback()
    assert consume(request, action="a", rates="2/h/user")
    assert consume(request, action="a", rates="2/h/user") is None


def test_a_request_refused_by_one_rate_does_not_count_by_another(db):
    request = make_request(make_account())
    assert consume(request, action="a", rates="9/d/user,1/m/key", key="one")
    before = dict(RateLimitCounter.objects.values_list("key", "empty_at"))
    assert consume(request, action="a", rates="9/d/user,1/m/key", key="one") is None
    after = dict(RateLimitCounter.objects.values_list("key", "empty_at"))
    assert len(before) == 2
    # the rate that had room may only have been touched by the time that passed between the two
    assert {key: round(value) for key, value in after.items()} == {key: round(value) for key, value in before.items()}


@pytest.mark.django_db
@given(st.lists(st.floats(0, 40), min_size=1, max_size=40))
def test_no_period_has_more_requests_than_the_bucket_and_what_has_emptied(pauses):
    """Compare with a bucket that is calculated by hand: 3 in 30 seconds, one more every 10."""
    RateLimitCounter.objects.all().delete()
    request, now, level = RequestFactory().get("/"), 1_800_000_000.0, 0.0
    for pause in pauses:
        now, level = now + pause, max(0.0, level - pause)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(limits.time, "time", lambda now=now: now)
            usage = consume(request, action="a", rates="3/30s/ip")
        if abs(level - 20) > 0.01:  # at the edge, rounding decides
            assert bool(usage) is (level <= 20)
        level += 10 if usage else 0


def test_a_clock_that_was_ahead_does_not_lock_anyone_out(db, monkeypatch):
    request, now = make_request(make_account()), limits.time.time()
    monkeypatch.setattr(limits.time, "time", lambda: now + 400 * 86_400)
    assert [bool(consume(request, action="a", rates="1/d/user")) for _ in range(2)] == [True, False]
    monkeypatch.setattr(limits.time, "time", lambda: now)
    assert [bool(consume(request, action="a", rates="1/d/user")) for _ in range(2)] == [True, False]


def test_a_network_address_counts_for_all_actions_separately_and_is_not_stored(db):
    factory = RequestFactory()
    one, same_network = (factory.get("/", REMOTE_ADDR=f"2001:db8:1:2::{last}") for last in (1, "ffff"))
    other = factory.get("/", REMOTE_ADDR="2001:db8:1:3::1")
    assert consume(one, action="a", rates="1/h")
    assert consume(same_network, action="a", rates="1/h") is None
    assert consume(other, action="a", rates="1/h")
    assert consume(one, action="b", rates="1/h")
    assert not [key for key in RateLimitCounter.objects.values_list("key", flat=True) if "2001" in key]


def test_every_limit_has_valid_rates():
    assert {
        name: [f"{one.amount}/{one.seconds:g}/{one.per}" for one in parse_rates(limit.rates)]
        for name, limit in LIMITS.items()
    } == {
        "directory": ["240/600/user"],
        "pictures": ["1200/600/user"],
        "export": ["10/3600/user"],
        "ask": ["5/3600/user", "20/86400/user"],
        "send_asks": ["60/3600/user"],
        "upload": ["60/3600/user"],
        "photograph": ["20/3600/user"],
        "let_in": ["20/3600/user"],
    }
    assert all(limit.description for limit in LIMITS.values())


def test_a_view_cannot_name_a_limit_that_is_not_in_the_table():
    with pytest.raises(KeyError):
        rate_limited("direktory")


@pytest.mark.parametrize("page", ["directory", "person", "network", "organisation"])
def test_each_page_that_shows_people_follows_the_directory_limit(low_limits, client, page):
    network, person = make_network(), make_person(account=make_account(Role.READER))
    make_membership(network, person)
    body = Organisation.objects.create(public_id="xa-lantern", name="Lantern", kind="shelter_ngo", fictional=True)
    about = {"person": [person.public_id], "network": [network.slug], "organisation": [body.public_id]}
    address = reverse(f"network:{page}", args=about.get(page, []))
    cache.clear()
    sign_in(client, person.account)
    assert [client.get(address).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_exports_of_members_and_uploads_of_photographs_are_limited(low_limits, client):
    network, account = make_network(), make_account(Role.SECRETARIAT)
    make_person(account=account)
    cache.clear()
    sign_in(client, account, staff_session="the list of members")
    taken = reverse("network:export-members", args=[network.slug])
    assert [client.post(taken, {"form": "csv"}).status_code for _ in range(2)] == [200, 429]
    assert [client.get(taken).status_code for _ in range(2)] == [200, 200]  # viewing exports nothing
    assert [client.post(reverse("network:set-photograph")).status_code for _ in range(2)] == [302, 429]


def test_photographs_and_searches_that_may_name_people_are_limited(low_limits, client):
    person = make_person(account=make_account(Role.READER))
    cache.clear()
    sign_in(client, person.account)
    picture = reverse("network:photograph", args=[person.public_id])
    assert [client.get(picture).status_code for _ in range(4)] == [404, 404, 404, 429]
    search = reverse("search:search")
    narrowed = [client.get(search, {"q": "lantern", "state": "NO"}).status_code for _ in range(4)]
    asked = [client.get(search, {"q": "lantern"}).status_code for _ in range(4)]
    assert (narrowed, asked) == ([200] * 4, [200, 200, 200, 429])
