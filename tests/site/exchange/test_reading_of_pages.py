"""What a hurried reader meets on the pages of the exchange: ordered headings, short lists, texts in their language."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from samsvar.exchange.practices import EvidenceLevel
from samsvar.network import loading
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.labels import EVIDENCE_LEVEL_MEANINGS
from samsvar.site.exchange.practices.forms import PracticeForm
from samsvar.site.exchange.requests.forms import EnterRequestForm, ReplyForm
from samsvar.site.exchange.templatetags.exchange import achievement_link
from samsvar.site.network.membership.queries import LATEST_GATHERINGS, NetworkPage
from samsvar.site.network.models import Network
from tests.factories.exchange_matching import make_published_practice
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db


def page_of(name: str, *args: object, query: str = "", client: Client | None = None) -> str:
    response = (client or Client()).get(reverse(f"exchange:{name}", args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


@pytest.fixture
def bus():
    load_convention()
    return make_published_practice(problem="No one in the countryside could reach counselling.")


def test_the_list_explains_the_evidence_levels_once_for_all_practices(bus):
    make_published_practice(title="A second practice", problem="No one could reach counselling at night.")
    page = page_of("practices")
    for level in EvidenceLevel:
        assert page.count(str(EVIDENCE_LEVEL_MEANINGS[level])) == 1


def test_the_filters_are_folded_until_one_is_chosen(bus):
    folded, opened = (page_of("practices", query=query) for query in ("", "?state=XB"))
    assert re.search(r'<details class="fold filter-fold no-print">', folded)
    assert re.search(r'<details class="fold filter-fold no-print" open>', opened)


def test_a_practice_says_in_which_language_it_is_if_not_in_the_readers(bus):
    with translation.override("fr"):
        page = page_of("practices")
        assert "Langue : anglais" in " ".join(page.split())
    assert "Language: English" not in page_of("practices")


def test_headings_are_in_the_language_of_the_page_and_texts_in_their_own(bus):
    with translation.override("fr"):
        page = page_of("practice", bus.public_id)
    assert 'lang=""' not in page
    assert re.search(r'<h2 id="problem" lang="fr">Problème</h2>', page)
    assert re.search(r'<div class="stack practice-text" lang="en">', page)


def test_the_headings_of_matches_follow_the_title_of_the_page(bus):
    levels = re.findall(r"<h([1-6])[ >]", main_of(page_of("matches", query="?article=22")))
    assert levels[0] == "1"
    assert "3" not in levels[: levels.index("2") + 1] if "2" in levels else levels == ["1"]
    assert "2" in levels


def test_members_find_what_they_can_do_before_the_practices_and_others_the_practices(bus):
    member = sign_in(Client(), make_account(Role.CONTRIBUTOR))
    for client, is_first in ((member, True), (Client(), False)):
        page = page_of("home", client=client)
        assert (page.index('id="help-requests"') < page.index('id="practices"')) is is_first


def test_colons_are_those_of_the_readers_language(bus):
    with translation.override("fr"):
        form = PracticeForm(contributors=[])
        assert re.match(r"décrite\s: ", str(form.fields["evidence_level"].choices[0][1]))
        assert re.search(r'aria-label="[^":]+\s: 3"', achievement_link("asked", 3))


def test_who_replies_and_who_enters_a_request_for_a_member_read_choices_about_themselves(bus):
    reply = dict(ReplyForm.base_fields["shown_as"].choices)
    assert str(reply["no_one"]) == "no one: only the secretariat sees who replies"
    network = Network.objects.create(slug="lantern", name="Lantern")
    entered = EnterRequestForm(network=network, members=[]).fields["shown_as"].choices
    assert [str(label) for _value, label in entered][:3] == [
        "name and organisation",
        "organisation only",
        "country only",
    ]


def test_a_question_in_the_list_of_errors_is_not_followed_by_a_colon(bus):
    network = Network.objects.create(slug="lantern", name="Lantern")
    form = EnterRequestForm({}, network=network, members=[])
    text = render_to_string("samsvar/components/error_summary.html", {"form": form})
    assert "What do you want to solve? This field is required." in text
    assert "Who asks: This field is required." in text


def test_no_title_of_an_offer_of_the_demonstration_is_cut():
    world = tomllib.loads(files("samsvar.site.demo").joinpath("exchange.toml").read_text())
    titles = [offer["title"] for offer in world["offer"]]
    assert len(titles) == 10
    assert max(map(len, titles)) <= 70


def test_a_networks_page_shows_the_latest_dated_activities_and_folds_the_others():
    gatherings = tuple(one for one in loading.gatherings() if one.network == "synergy")
    page = SimpleNamespace(gatherings=gatherings)
    page.latest_gatherings = NetworkPage.latest_gatherings.fget(page)
    others = NetworkPage.other_gatherings.fget(page)
    assert len(page.latest_gatherings) == LATEST_GATHERINGS
    assert all(one.begins for one in page.latest_gatherings)
    assert sorted(map(id, (*page.latest_gatherings, *others))) == sorted(map(id, gatherings))
    newest = page.latest_gatherings[0].begins
    assert newest is not None
    assert all(one.begins is None or one.begins.earliest <= newest.earliest for one in others)
