"""What the network achieved: each figure equals its list, consent ends both, and no list shows more than was agreed."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from samsvar.exchange.requests import ShownAs
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.achievements import queries
from samsvar.site.exchange.models import Adoption, HelpRequest, Introduction, Reply
from tests.factories.exchange_matching import make_published_practice
from tests.factories.people import make_account, make_person

pytestmark = pytest.mark.django_db


def make_request(*, shown_as=ShownAs.COUNTRY, status="helped", answered_from=("XB",), at_risk=False, **columns):
    """Create a request from Nordmark with a reply from each of the given states."""
    account = make_account(Role.CONTRIBUTOR)
    if at_risk:
        make_person(account=account, at_risk=True, pseudonym="Lamp")
    values = {"state_id": "XA", "problem": "A secret problem", "situation": "None", "articles": ["24"], **columns}
    request = HelpRequest.objects.create(
        by=account, shown_as=shown_as, status=status, answered_at=timezone.now() if answered_from else None, **values
    )
    for state in answered_from:
        Reply.objects.create(request=request, by=make_account(), state_id=state, text="A reply")
    return request


def make_visit(request, *, status="took_place", help="study_visit", **columns):  # noqa: A002 - the model's word
    now = timezone.now()
    return Introduction.objects.create(
        request=request, helper=make_account(), helper_state_id="XB", asker_state_id="XA", help=help, status=status,
        asker_shown_as=request.shown_as, helper_shown_as=ShownAs.COUNTRY,
        held_on=date(2026, 5, 4), asker_accepted_at=now, helper_accepted_at=now, **columns,
    )  # fmt: skip


def make_adoption(practice, *, state="XA", status="working", is_public=True, **columns):
    return Adoption.objects.create(
        practice=practice, practice_version=1, state_id=state, status=status, is_public=is_public,
        reason="It cost too much." if status == "given_up" else "", **columns,
    )  # fmt: skip


@pytest.fixture
def world():
    load_convention()
    make_request()
    make_request(answered_from=("XB", "XC"), status="partly")
    make_request(shown_as=ShownAs.NO_ONE, status="not_helped")
    make_request(shown_as=ShownAs.NAME, at_risk=True)
    make_request(status="open", answered_from=())
    make_visit(make_request())
    make_visit(make_request(), status="did_not_take_place")
    make_visit(make_request(shown_as=ShownAs.NO_ONE), help="call")
    practice = make_published_practice()
    make_adoption(practice)
    make_adoption(practice, state="XC", status="given_up")
    make_adoption(practice, state="XC", is_public=False)
    make_adoption(practice, state="XB")  # by another organisation of the same country


def totals():
    return dict(queries.achievements(None).totals)


def test_the_totals_count_what_happened(world):
    assert totals() == {
        "asked": 8, "answered": 7, "helped": 6, "calls": 1, "visits": 1, "adopted": 1, "given_up": 1,
    }  # fmt: skip


def test_pairs_show_only_countries_that_may_be_seen(world):
    page = queries.achievements(None)
    pairs = {pair: dict(zip(queries.KINDS, counts, strict=True)) for pair, counts in page.pairs}
    assert set(pairs) == {("XA", "XB"), ("XA", "XC"), ("XC", "XB")}
    assert pairs["XA", "XB"]["asked"] == 4  # neither the one shown as no one nor the one of someone at risk
    assert pairs["XA", "XC"]["helped"] == 1
    assert pairs["XC", "XB"]["given_up"] == 1
    not_shown = dict(zip(queries.KINDS, page.not_shown, strict=True))
    assert not_shown["asked"] == 4
    assert not_shown["calls"] == 1


def test_every_number_on_the_page_is_the_length_of_the_list_that_it_opens(client, world):
    html = client.get(reverse("exchange:achievements")).content.decode()
    links = re.findall(r'<a href="([^"]*/achievements/[^"]+)" aria-label="[^"]*">(\d+)</a>', html)
    assert len(links) > 12
    for url, count in links:
        listed = client.get(url.replace("&amp;", "&")).content.decode()
        assert re.search(rf"\b{count} entr(y|ies)\b", listed), url


def test_who_withdraws_consent_leaves_the_number_and_the_list_at_once(client, world):
    before = totals()
    HelpRequest.objects.filter(introductions__status="took_place").update(counts=False)
    after = totals()
    assert (before["visits"], after["visits"]) == (1, 0)
    assert after["asked"] == before["asked"] - 2
    assert "0 entries" in client.get(reverse("exchange:achievement", args=["visits"])).content.decode()


def test_an_erased_asker_still_counts_without_a_country(world):
    before = totals()["visits"]
    HelpRequest.objects.filter(introductions__status="took_place").delete()
    assert totals()["visits"] == before
    assert [entry.pairs for entry in queries.visits()] == [()]


def test_no_list_shows_the_text_of_a_request(client, world):
    for kind in queries.KINDS:
        html = client.get(reverse("exchange:achievement", args=[kind])).content.decode()
        assert "A secret problem" not in html
        assert "A reply" not in html


def test_a_year_and_a_programme_limit_the_figures(client, world, django_assert_max_num_queries):
    from samsvar.site.funding.models import Activity, Link

    fund = Activity.objects.create(slug="lantern-fund", kind="programme", title="Lantern fund", confidence="fictional")
    project = Activity.objects.create(
        slug="lantern-visits", kind="project", title="Visits", confidence="fictional", part_of=fund
    )
    Introduction.objects.filter(status="took_place", help="study_visit").update(meeting="m1")
    Link.objects.create(activity=project, kind="meeting", key="m1")
    with django_assert_max_num_queries(20):
        page = queries.achievements(2026)
    (line,) = page.programmes
    assert (line.key, line.heading) == ("lantern-fund", "Lantern fund")
    assert dict(zip(queries.KINDS, line.counts, strict=True))["visits"] == 1
    assert len(queries.entries_of("visits", programme="lantern-fund")) == 1
    assert dict(queries.achievements(2019).totals)["visits"] == 0


@pytest.mark.parametrize("params", [{"year": "20x6"}, {"asker": "QQ"}, {"programme": "no-such"}, {"page": "99"}])
def test_odd_parameters_are_no_error(client, world, params):
    assert client.get(reverse("exchange:achievement", args=["asked"]), params).status_code == 200


def test_an_unknown_kind_is_not_found(client, world):
    assert client.get(reverse("exchange:achievement", args=["no-such"])).status_code == 404
