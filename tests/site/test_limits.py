"""Nobody carries the directory away page by page: what one account may do often, and what not."""

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
from samsvar.site.shell.limits import LIMITS, Limit, limited, too_many
from tests.factories.people import join, make_account, make_network, make_person, sign_in

FEW = {
    "export": Limit("1/h/user", "files with people"),
    "photograph": Limit("1/h/user", "photographs"),
    "directory": Limit("3/10m/user", "pages", counts_reading=True),
    "pictures": Limit("3/10m/user", "pictures", counts_reading=True),
    "ask": Limit("2/h/user,3/d/user", "questions", counts_mistakes=False),
    "upload": Limit("2/h/user", "files"),
}


@pytest.fixture
def few(monkeypatch, db):
    monkeypatch.setattr(limits, "LIMITS", FEW)


def request_of(account, method="GET"):
    request = RequestFactory().generic(method, "/en/directory/")
    request.user = account
    return request


def statuses(view, account, times, method="GET"):
    return [view(request_of(account, method)).status_code for _ in range(times)]


def showing(request):
    return HttpResponse("a page")


def doing(request):
    return HttpResponseRedirect("/done/")


def test_a_reader_is_stopped_after_so_many_pages_and_another_reader_is_not(few):
    view = limited("directory")(showing)
    one, other = make_account(), make_account()
    assert statuses(view, one, 5) == [200, 200, 200, 429, 429]
    assert statuses(view, other, 1) == [200]


def test_a_second_browser_and_another_address_do_not_help(few):
    view = limited("directory")(showing)
    account = make_account()
    assert statuses(view, account, 3) == [200, 200, 200]
    elsewhere = RequestFactory().get("/fr/directory/", REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="another")
    elsewhere.user = account
    assert view(elsewhere).status_code == 429


def test_after_the_time_it_goes_on(few, monkeypatch):
    view = limited("directory")(showing)
    account = make_account()
    now = ratelimit.time.time()
    assert statuses(view, account, 4)[-1] == 429
    monkeypatch.setattr(ratelimit.time, "time", lambda: now + 601)
    assert statuses(view, account, 1) == [200]


def test_who_is_stopped_is_told_when_to_come_back_and_no_cache_keeps_it(few):
    view = limited("ask")(doing)
    account = make_account()
    assert statuses(view, account, 2, "POST") == [302, 302]
    answer = view(request_of(account, "POST"))
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (429, "86400", "no-store")


def test_a_form_that_is_only_looked_at_counts_nothing(few):
    view = limited("upload")(showing)
    account = make_account()
    assert statuses(view, account, 9) == [200] * 9
    assert statuses(view, account, 3, "POST") == [200, 200, 429]


def test_a_question_that_came_back_to_be_mended_is_not_counted_and_a_file_is(few):
    account = make_account()
    assert statuses(limited("ask")(showing), account, 9, "POST") == [200] * 9
    assert statuses(limited("ask")(doing), account, 3, "POST") == [302, 302, 429]
    assert statuses(limited("upload")(showing), account, 3, "POST") == [200, 200, 429]


def test_both_rates_of_a_limit_hold(few, monkeypatch):
    view = limited("ask")(doing)
    account = make_account()
    now = ratelimit.time.time()
    assert statuses(view, account, 3, "POST") == [302, 302, 429]
    monkeypatch.setattr(ratelimit.time, "time", lambda: now + 3601)
    assert statuses(view, account, 2, "POST") == [302, 429]


def test_who_is_not_signed_in_is_not_counted_by_these_limits(few):
    assert statuses(limited("directory")(showing), AnonymousUser(), 9) == [200] * 9


def test_a_view_may_count_in_the_middle(few):
    account = make_account()
    assert [too_many(request_of(account), "directory") for _ in range(3)] == [None] * 3
    assert too_many(request_of(account), "directory").status_code == 429


def test_what_a_view_says_of_itself_stays(few):
    def a_view_with_a_door(request):
        """Show it."""

    a_view_with_a_door.door = "a claim"
    view = limited("directory")(a_view_with_a_door)
    assert (view.door, view.__name__, view.__doc__) == ("a claim", "a_view_with_a_door", "Show it.")
    assert view.limit == "directory"


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_moment_are_all_counted(monkeypatch):
    monkeypatch.setattr(limits, "LIMITS", FEW)
    view = limited("directory")(showing)
    account = make_account()

    def ask(_):
        try:
            return view(request_of(account)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as several:
        got = sorted(several.map(ask, range(12)))
    assert got.count(200) <= 3  # who waits in vain for the count is refused, never let through
    assert set(got) == {200, 429}
    cache.clear()


def test_every_limit_is_one_that_can_be_kept():
    assert {name: [str(rate) for rate in ratelimit.parse_rates(limit.rates)] for name, limit in LIMITS.items()} == {
        "directory": ["240/600.0/user"],
        "pictures": ["1200/600.0/user"],
        "export": ["10/3600/user"],
        "ask": ["5/3600/user", "20/86400/user"],
        "upload": ["60/3600/user"],
        "photograph": ["20/3600/user"],
    }
    assert all(limit.of for limit in LIMITS.values())


def test_a_view_cannot_name_a_limit_that_is_not_in_the_table():
    with pytest.raises(KeyError):
        limited("direktory")


@pytest.mark.parametrize("page", ["directory", "person", "network", "organisation"])
def test_each_page_that_shows_people_is_kept_to_the_limit_of_the_directory(few, client, page):
    network, person = make_network(), make_person(account=make_account(Role.READER))
    join(network, person)
    body = Organisation.objects.create(public_id="xa-lantern", name="Lantern", kind="shelter_ngo", invented=True)
    about = {"person": [person.public_id], "network": [network.slug], "organisation": [body.public_id]}
    address = reverse(f"network:{page}", args=about.get(page, []))
    cache.clear()
    sign_in(client, person.account)
    assert [client.get(address).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_lists_taken_out_and_photographs_brought_in_are_kept_to_their_limits(few, client):
    network, account = make_network(), make_account(Role.SECRETARIAT)
    make_person(account=account)
    cache.clear()
    sign_in(client, account, staff_session="the list of members")
    taken = reverse("network:export-members", args=[network.slug])
    assert [client.post(taken, {"form": "csv"}).status_code for _ in range(2)] == [200, 429]
    assert [client.get(taken).status_code for _ in range(2)] == [200, 200]  # looking takes nothing out
    assert [client.post(reverse("network:set-photograph")).status_code for _ in range(2)] == [302, 429]


def test_pictures_of_people_and_questions_that_may_name_people_are_kept_to_their_limits(few, client):
    person = make_person(account=make_account(Role.READER))
    cache.clear()
    sign_in(client, person.account)
    picture = reverse("network:photograph", args=[person.public_id])
    assert [client.get(picture).status_code for _ in range(4)] == [404, 404, 404, 429]
    search = reverse("search:search")
    narrowed = [client.get(search, {"q": "lantern", "state": "NO"}).status_code for _ in range(4)]
    asked = [client.get(search, {"q": "lantern"}).status_code for _ in range(4)]
    assert (narrowed, asked) == ([200] * 4, [200, 200, 200, 429])
