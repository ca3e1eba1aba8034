"""No one can copy the directory page by page: what an account may do how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.core.internal import ratelimit
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django.urls import reverse

from samsvar.network.rights import Role
from samsvar.site.network.models import Organisation
from samsvar.site.shell import limits
from samsvar.site.shell.limits import LIMITS, RateLimit, enforce_rate_limit, rate_limited
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in

LOW_LIMITS = {
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
    now = ratelimit.time.time()
    assert statuses(view, account, 4)[-1] == 429
    monkeypatch.setattr(ratelimit.time, "time", lambda: now + 601)
    assert statuses(view, account, 1) == [200]


def test_a_limited_response_says_when_to_retry_and_is_not_cached(low_limits):
    view = rate_limited("ask")(redirect_view)
    account = make_account()
    assert statuses(view, account, 2, "POST") == [302, 302]
    answer = view(make_request(account, "POST"))
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (429, "86400", "no-store")


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
    now = ratelimit.time.time()
    assert statuses(view, account, 3, "POST") == [302, 302, 429]
    monkeypatch.setattr(ratelimit.time, "time", lambda: now + 3601)
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
    assert got.count(200) <= 3  # a request that waits in vain for the counter is refused, never let through
    assert set(got) == {200, 429}
    cache.clear()


def test_every_limit_has_valid_rates():
    assert {name: [str(rate) for rate in ratelimit.parse_rates(limit.rates)] for name, limit in LIMITS.items()} == {
        "directory": ["240/600.0/user"],
        "pictures": ["1200/600.0/user"],
        "export": ["10/3600/user"],
        "ask": ["5/3600/user", "20/86400/user"],
        "upload": ["60/3600/user"],
        "photograph": ["20/3600/user"],
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
