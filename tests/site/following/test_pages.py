"""The pages of following: what someone sees before they follow, their list, the links on pages, and the feeds."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as Xml

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.serializers import serialize
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.implementation.measures import Stage
from samsvar.search.errors import IndexDamaged
from samsvar.search.query import AnyOf, parse_query_text
from samsvar.site.following import actions, models, queries, searches
from samsvar.site.following.panels import follow_panel
from samsvar.site.following.targets import find_search, find_target
from samsvar.site.implementation.measures.actions import save_measure
from samsvar.site.implementation.measures.models import Change
from samsvar.site.network.models import OutgoingEmail
from samsvar.site.search.params import SearchParams
from tests.factories.exchange_practices import publish_practice
from tests.factories.implementation import make_measure
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.site.following.test_digest import events_in, published, send

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def index_of_its_own(tmp_path: Any, settings: Any) -> None:
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "search"


@pytest.fixture
def reader():
    return make_account()


@pytest.fixture
def signed_in(reader):
    return sign_in(Client(), reader)


def search_for(**params: str):
    return find_search(QueryDict(urlencode(params)))


def numbers_in(page: str) -> list[int]:
    return [int(part.partition("</dd>")[0]) for part in page.split("<dd>")[1:] if part.partition("</dd>")[0].isdigit()]


def test_the_page_says_how_much_a_follow_would_have_told_and_warns(signed_in):
    published(make_report(b"old", make_reading([make_finding(1)])), days_ago=400)
    published(make_report(b"last year", make_reading([make_finding(2), make_finding(3)])), days_ago=90)
    address = reverse("following:follow", args=["country", "XA"])
    page = signed_in.get(address).content.decode()
    assert numbers_in(page) == [0, 2, 3]
    assert "more than 20 in a week" not in page
    make_report(b"new", make_reading([make_finding(number) for number in range(10, 31)]))
    page = signed_in.get(address).content.decode()
    assert numbers_in(page) == [21, 23, 24]
    assert "more than 20 in a week" in page


def test_the_page_of_a_search_also_says_how_many_items_match_now(signed_in):
    make_report(b"old", make_reading([make_finding(1, text="GREVIO urges the authorities to open shelters.")]))
    make_measure("Open a second shelter")
    make_measure("Train the police")
    for filters, matches in ({"state": "XA"}, 2), ({"kind": "measure"}, 1), ({"kind": "practice"}, 0):
        page = signed_in.get(search_for(q="shelters", **filters).follow_path)
        assert page.context["expected"].matches == matches
        assert f">{matches}</a></dd>" in page.content.decode()


def test_a_person_follows_edits_pauses_and_stops(signed_in, reader):
    address = reverse("following:follow", args=["country", "XA"])
    assert signed_in.post(address, {"note": "For our shadow report"}).status_code == 302
    own = models.Follow.objects.get()
    listed = reverse("following:list")
    page = signed_in.get(listed).content.decode()
    assert "For our shadow report" in page
    assert "You follow this already" in signed_in.get(address).content.decode()
    signed_in.post(address, {"note": "Another reason"})
    assert models.Follow.objects.get().note == "Another reason"
    change = reverse("following:change", args=[own.pk])
    yesterday = timezone.localdate() - timedelta(days=1)
    assert signed_in.post(change, {"paused_until": yesterday.isoformat()}).status_code == 422
    tomorrow = timezone.localdate() + timedelta(days=2)
    assert signed_in.post(change, {"note": "", "paused_until": tomorrow.isoformat()}).status_code == 302
    assert "Paused until" in signed_in.get(listed).content.decode()
    signed_in.post(listed, {"frequency": "daily", "paused_until": ""})
    assert models.FollowDigest.objects.get().frequency == "daily"
    signed_in.post(reverse("following:stop", args=[own.pk]))
    assert reader.follows.count() == 0
    for code in ("XA", "XB"):
        actions.follow(account=reader, target=find_target("country", code))
    assert "You follow 2 things." in signed_in.get(reverse("following:stop-all")).content.decode()
    assert reader.follows.count() == 2
    signed_in.post(reverse("following:stop-all"))
    assert reader.follows.count() == 0


def test_before_following_a_search_each_of_its_concepts_can_be_switched_off(signed_in):
    address = reverse("following:follow-search")
    page = " ".join(signed_in.get(address, {"q": "krisesenter barn", "state": "XA"}).content.decode().split())
    assert '<q><span lang="nb">krisesenter</span></q> <span class="quiet">(Norwegian Bokmål)</span>' in page
    switched_off = f"{address}?q=krisesenter+barn&amp;state=XA&amp;without=shelters"
    assert f'href="{switched_off}">Switch off' in page
    page = " ".join(signed_in.get(switched_off.replace("&amp;", "&")).content.decode().split())
    assert "without the concepts: shelters" in page
    assert f'href="{address}?q=krisesenter+barn&amp;state=XA">Switch on' in page


def test_a_pause_that_has_ended_does_not_block_other_changes(signed_in, reader):
    signed_in.post(reverse("following:follow", args=["country", "XA"]), {"note": ""})
    reader.follows.update(paused_until=timezone.localdate())
    models.FollowDigest.objects.update(paused_until=timezone.localdate())
    changed = reverse("following:change", args=[reader.follows.get().pk])
    for address, values in ((changed, {"note": "For our report"}), (reverse("following:list"), {"frequency": "daily"})):
        form = signed_in.get(address).context["form"]
        shown = {name: form[name].value() or "" for name in form.fields}
        assert signed_in.post(address, {**shown, **values}).status_code == 302
    assert reader.follows.get().note == "For our report"
    assert reader.follow_digest.frequency == "daily"


@pytest.mark.parametrize("query", ["", "q=", "q=%22", "q=*", "without=shelters", "sort=newest", "q=AND&page=2"])
def test_a_search_for_everything_cannot_be_followed(signed_in, query):
    assert find_search(QueryDict(query)) is None
    assert follow_panel(models.FollowKind.SEARCH, query) is None
    assert signed_in.get(f"{reverse('following:follow-search')}?{query}").status_code == 404


def test_a_search_that_is_too_long_for_an_address_cannot_be_followed():
    filters = [("lang", "x" * 60 + str(number)) for number in range(30)]
    words = " ".join(["shelters"] * 50)
    assert find_search(QueryDict(urlencode([("q", words), *filters[:9]]))) is not None
    assert (
        find_search(QueryDict(urlencode([("q", "å" * 480), *(("body", f"{n}" + "b" * 50) for n in range(30))]))) is None
    )


def test_no_one_follows_what_is_not_public_or_more_than_a_digest_holds(signed_in, reader):
    hidden = make_measure("Not announced", visibility="desk")
    draft = make_report(publish=False).findings.first()
    for kind, key in (("measure", hidden.public_id), ("finding", draft.public_id), ("article", "82"), ("cat", "1")):
        assert signed_in.get(reverse("following:follow", args=[kind, key])).status_code == 404
        assert signed_in.get(reverse("following:feed", args=[kind, key])).status_code == 404
    models.Follow.objects.bulk_create(
        models.Follow(account=reader, kind="article", key=str(number)) for number in range(queries.MAX_FOLLOWS)
    )
    answer = signed_in.post(reverse("following:follow", args=["country", "XA"]), {"note": ""})
    assert answer.status_code == 409
    assert "as many things as one digest can hold" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("shelters state:XA", "“shelters” · Country: Nordmark"),
        ("shelters AND children", "“shelters AND children”"),
        ("rape state:NO,SE NOT lang:fr", "“rape” · Country: Norway, Sweden · without Language: French"),
        ("(police OR courts) year:2018..2022", "(“police” or “courts”) · Year: 2018–2022"),
        ("(a b state:NO) OR NOT (c OR d)", "(“a b” · Country: Norway) or without (“c” or “d”)"),
        ("round:baseline year:2018..", "Round: baseline evaluation · Year: 2018.."),
        ("shelters OR concept:social-housing", "“shelters” or Concept: social housing"),
        ("title:shelter", "“title:shelter”"),
        ("GREVIO/Inf(2022)30 § 57", "“GREVIO/Inf(2022)30 § 57”"),
        ("!!!", "“!!!”"),
    ],
)
def test_a_search_is_named_in_words(typed, words):
    with override("en"):
        assert searches.describe_search(urlencode({"q": typed})) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "(“shelters” or Concept: social housing) · without “children” · Country: Nordmark"),
        ("nb", "(«shelters» eller Begrep: kommunal bolig) · uten «children» · Land: Nordmark"),
        ("ro", "(„shelters” sau Concept: locuințe sociale) · fără „children” · Țară: Nordmark"),
    ],
)
def test_a_wider_search_is_named_in_the_readers_language(language, words):
    with override(language):
        query = urlencode({"q": "(shelters OR concept:social-housing) NOT children", "state": "XA"})
        assert searches.describe_search(query) == words


def test_a_followed_search_tells_what_is_new_and_what_happens_to_its_findings(reader):
    earlier = make_report(
        b"2020",
        make_reading(
            [make_finding(1, text="GREVIO urges the authorities to open shelters."), make_finding(2)], state="XA"
        ),
    )
    published(earlier, days_ago=3)
    search = search_for(q="shelters", state="XA")
    with override("en"):
        assert search.name == "“shelters” · Country: Nordmark"
    with override("fr"):
        assert search.name == "«\N{NO-BREAK SPACE}shelters\N{NO-BREAK SPACE}» · Pays\N{NO-BREAK SPACE}: Nordmark"
    with override("nb"):
        assert search.name == "«shelters» · Land: Nordmark"
    with override("ro"):
        assert search.name == "„shelters” · Țară: Nordmark"
    follow = actions.follow(account=reader, target=search)
    models.Follow.objects.filter(pk=follow.pk).update(since=timezone.now() - timedelta(hours=1))
    assert send() == 0
    make_report(
        b"2021",
        make_reading(
            [make_finding(3, text="GREVIO encourages the authorities to fund shelters."), make_finding(4)],
            reference="GREVIO(2021)1",
        ),
    )
    abroad = make_finding(5, text="GREVIO urges the authorities to open shelters.", state="XB")
    make_report(b"of a neighbour", make_reading([abroad], state="XB"))
    make_measure("Open a second shelter")
    make_measure("Train the police")
    assert send() == 1
    body = OutgoingEmail.objects.get().body
    assert sorted(events_in(body)) == ["New: Nordmark, GREVIO 2023 § 3, p. 1", "New: measure of Nordmark (decided)"]
    assert "Search: “shelters” · Country: Nordmark\n" in body
    assert send(7) == 0


def test_a_followed_search_tells_new_paragraphs_that_are_no_findings(reader):
    follow = actions.follow(account=reader, target=search_for(q="shelters"))
    models.Follow.objects.filter(pk=follow.pk).update(since=timezone.now() - timedelta(hours=1))
    reading = make_reading([make_finding(1)])
    described = replace(reading.passages[0], number="2", text="Three municipalities have shelters.")
    make_report(b"with a description", replace(reading, passages=(*reading.passages, described)))
    assert send() == 1
    assert events_in(OutgoingEmail.objects.get().body) == ["New: Nordmark, GREVIO 2023 § 2, p. 1"]
    assert "Three municipalities have shelters." in OutgoingEmail.objects.get().body


def test_a_search_that_cannot_be_run_stops_no_digest_and_loses_nothing(reader, monkeypatch, caplog):
    follow = actions.follow(account=reader, target=search_for(q="shelters"))
    models.Follow.objects.filter(pk=follow.pk).update(since=timezone.now() - timedelta(hours=1))
    actions.follow(account=reader, target=find_target("country", "XB"))
    make_measure("Open shelters")
    find = queries.search_events

    def fail(*_: Any) -> Any:
        raise IndexDamaged("The index is damaged.")

    monkeypatch.setattr(queries, "search_events", fail)
    make_measure("A measure of a neighbour", state="XB")
    assert send() == 1
    assert "shelters" not in caplog.text
    monkeypatch.setattr(queries, "search_events", find)
    assert send(7) == 1
    assert "Open shelters" in OutgoingEmail.objects.order_by("pk").last().body


def test_related_concepts_are_suggested_and_none_is_added(signed_in, reader):
    search = search_for(q="krisesenter")
    page = signed_in.get(search.follow_path).content.decode()
    assert "Related concepts" in page
    suggestions = searches.suggest_concepts(search.query)
    assert suggestions
    assert all("concept%3A" in suggestion.query for suggestion in suggestions)
    signed_in.post(search.follow_path, {"note": ""})
    assert models.Follow.objects.get().query == "q=krisesenter"


def test_no_concept_is_suggested_that_the_search_asks_for_already():
    def suggested(words: str) -> set[str]:
        return {one.name for one in searches.suggest_concepts(search_for(q=words).query)}

    assert {"social housing", "specialist support services"} <= suggested("shelters")
    assert suggested("shelters social housing").isdisjoint({"shelters", "social housing"})
    assert "social housing" not in suggested("shelters OR concept:social-housing")


@pytest.mark.parametrize("typed", ['krisesenter "legal aid', "krisesenter) OR vold", "krisesenter NOT"])
def test_a_related_concept_is_added_to_the_search_as_it_was_understood(typed):
    suggestions = searches.suggest_concepts(search_for(q=typed).query)
    assert suggestions
    for suggestion in suggestions:
        wider = SearchParams.from_params(QueryDict(suggestion.query)).query.tree
        assert isinstance(wider, AnyOf)
        understood = parse_query_text(typed).tree
        assert {*(understood.parts if isinstance(understood, AnyOf) else [understood])} < {*wider.parts}


def test_a_search_without_room_for_another_concept_gets_no_suggestions():
    assert searches.suggest_concepts(search_for(q=f"krisesenter {'x' * 470}").query) == ()


def test_each_page_links_to_follow_and_to_its_feed_without_a_query_more(client, django_assert_num_queries):
    report = make_report()
    finding, measure, practice = report.findings.first(), make_measure(), publish_practice()
    for kind, key in (
        ("finding", finding.public_id), ("measure", measure.public_id), ("practice", practice.public_id),
        ("article", "7"), ("country", "XA"),
    ):  # fmt: skip
        target = find_target(kind, key)
        page = client.get(target.path).content.decode()
        assert f'href="{target.follow_path}"' in page
        assert f'href="{target.feed_path}"' in page
    with django_assert_num_queries(0):
        follow_panel(models.FollowKind.COUNTRY, "XA")
        follow_panel(models.FollowKind.SEARCH, "q=shelters")
    search = search_for(q="shelters", state="XA")
    assert search.follow_path.replace("&", "&amp;") in client.get(search.path).content.decode()


def test_a_feed_has_the_events_of_a_year_and_nothing_about_a_person(client, signed_in):
    published(make_report(b"old", make_reading([make_finding(1)])), days_ago=400)
    report = make_report(b"new", make_reading([make_finding(2)]))
    measure = make_measure("Et krisesenter til", language="nb")
    make_measure("Not announced", visibility="desk")
    address = reverse("following:feed", args=["country", "XA"])
    answer = client.get(address)
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = Xml.fromstring(answer.content)
    assert feed.findtext(f"{ATOM}title") == "News: Nordmark"
    assert {entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")} == {
        "New: measure of Nordmark (decided)", "New: Nordmark, GREVIO 2023 § 2, p. 1",
    }  # fmt: skip
    (summary,) = [one.find(f"{ATOM}summary") for one in feed.iter(f"{ATOM}entry") if "measure" in one[0].text]
    assert summary.get("{http://www.w3.org/XML/1998/namespace}lang") == "nb"
    assert "Not announced" not in answer.content.decode()
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert signed_in.get(address).content == answer.content  # the same for everyone
    for kind, key in (("finding", report.findings.get().public_id), ("measure", measure.public_id), ("article", "7")):
        assert len(Xml.fromstring(client.get(reverse("following:feed", args=[kind, key])).content)) >= 6


def test_the_feed_of_a_measure_leaves_out_what_happened_more_than_a_year_ago(client):
    measure = make_measure("Open a second shelter")
    Change.objects.update(at=timezone.now() - timedelta(days=400))
    save_measure(by=None, state="XA", existing=measure, values={}, stage=Stage.DONE)
    for kind, key in (("measure", measure.public_id), ("country", "XA")):
        feed = Xml.fromstring(client.get(reverse("following:feed", args=[kind, key])).content)
        titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
        assert titles == ["New stage: measure of Nordmark (done)"]


def test_a_feed_has_the_fifty_newest_events(client):
    published(make_report(b"old", make_reading([make_finding(number) for number in range(1, 31)])), days_ago=9)
    new = make_report(b"new", make_reading([make_finding(number) for number in range(31, 61)]))
    address = reverse("following:feed", args=["country", "XA"])
    feed = Xml.fromstring(client.get(address).content)
    days = [entry.findtext(f"{ATOM}updated")[:10] for entry in feed.iter(f"{ATOM}entry")]
    assert days == sorted(days, reverse=True)
    assert (len(days), days.count(new.published_at.date().isoformat())) == (50, 30)
    assert feed.findtext(f"{ATOM}updated")[:10] == days[0]


def test_a_search_leaves_nothing_in_the_database_and_in_the_log(client, signed_in, caplog):
    """Only a search that a person follows is stored, and that one only for them."""
    make_report()

    def everything() -> dict[str, str]:
        return {
            model._meta.label: serialize("json", model._base_manager.order_by("pk"))
            for model in apps.get_models()
            if model._meta.label not in {"sessions.Session", "samsvar_shell.RateLimitCounter"}
        }

    signed_in.get(reverse("pages:home"))
    before = everything()
    with caplog.at_level(logging.DEBUG):
        for visitor in (client, signed_in):
            for words in ("Brannstasjonsveien 7", "quite* (", "GREVIO/Inf(2099)99 § 57"):
                for page in ("search:search", "search:feed", "following:follow-search"):
                    visitor.get(reverse(page), {"q": f"{words} Ostrander", "state": "XA"})
    assert everything() == before
    assert not any("Ostrander" in str(session.get_decoded()) for session in Session.objects.all())
    assert "Ostrander" not in " ".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
