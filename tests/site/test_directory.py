"""The directory finds people only by what its reader may see of them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict

from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from samsvar.site.network.directory.queries.directory import FILTERS, directory_page, parse_search_terms, search_people
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

BOTH_PURPOSES = (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)
FULL_PROFILE = {
    Field.NAME: "Ilvane Brookmantle",
    Field.TITLE: "Head of section",
    Field.ORGANISATION: "house-of-lamps",
    Field.COUNTRY: "XA",
    Field.GROUP: "practitioners",
    Field.LANGUAGES: ["ro", "fr"],
    Field.EXPERTISE: ["article:20", "concept:shelters"],
    Field.NETWORKS: "lantern",
    Field.ABOUT: "Knows every lighthouse",
}
FILTER_VALUES = {
    "network": "lantern",
    "country": "XA",
    "group": "practitioners",
    "language": "ro",
    "expertise": "article:20",
    "kind": "shelter_ngo",
}


@pytest.fixture
def house_of_lamps():
    make_network("lantern")
    return models.Organisation.objects.create(
        public_id="house-of-lamps", name="House of Lamps", kind="shelter_ngo", fictional=True
    )


def make_public_person(**details):
    return make_person(visibility=Visibility.PUBLIC, consents=BOTH_PURPOSES, details=details or FULL_PROFILE)


def found_names(user, **asked):
    query = QueryDict(mutable=True)
    query.update(asked)
    return [view.name for view in directory_page(user, query).people]


@pytest.mark.parametrize(
    ("about", "asked", "is_found"),
    [
        ("Advises women who left", "woman", True), ("Works for every child", "children", True),
        ("Runs two shelters", "shelter", True), ("Runs a shelter", "shelters", True),
        ("Writes policies", "policy", True), ("A manager", "men", False), ("Managing director", "woman", False),
    ],
)  # fmt: skip
def test_people_are_found_by_other_forms_of_a_word_in_what_is_visible(about, asked, is_found):
    make_public_person(**{Field.NAME: "Ilvane Brookmantle", Field.ABOUT: about})
    make_person(details={Field.NAME: "Hidden Person", Field.ABOUT: about}, visibility=Visibility.ONLY_ME)
    people, count = search_people(AnonymousUser(), asked)
    assert ([one.name for one in people], count) == (["Ilvane Brookmantle"] * is_found, int(is_found))


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_matches_visible_fields_and_never_hidden_ones(name, house_of_lamps):
    person = make_public_person()
    reader, anybody = make_account(Role.READER), AnonymousUser()
    assert found_names(anybody, **{name: FILTER_VALUES[name]}) == ["Ilvane Brookmantle"]
    person.details.filter(field=FILTERS[name]).update(visibility=Visibility.SECRETARIAT)
    for user in (anybody, reader):
        assert found_names(user) == ["Ilvane Brookmantle"]  # still listed, found by other fields
        assert found_names(user, **{name: FILTER_VALUES[name]}) == []
        page = directory_page(user, QueryDict())
        assert page.choices[name] == {}  # not even the choice is offered


@pytest.mark.parametrize("word", ["Ilvane", "brookmantle", "HEAD", "lamps", "lighthouse"])
def test_a_search_word_matches_visible_fields_and_never_hidden_ones(word, house_of_lamps):
    person = make_public_person()
    anybody = AnonymousUser()
    assert found_names(anybody, q=word) == ["Ilvane Brookmantle"]
    assert search_people(anybody, word)[1] == 1
    person.details.exclude(field=Field.NAME).update(visibility=Visibility.SECRETARIAT)
    hidden = word not in {"Ilvane", "brookmantle"}
    assert found_names(anybody, q=word) == ([] if hidden else ["Ilvane Brookmantle"])
    assert search_people(anybody, word)[1] == (0 if hidden else 1)


def test_a_search_that_finds_nobody_stops_at_the_first_word_that_nobody_has(house_of_lamps, django_assert_num_queries):
    make_public_person()
    with django_assert_num_queries(1):
        assert search_people(AnonymousUser(), "zzyzx Ilvane lamps lighthouse") == ((), 0)
    with django_assert_num_queries(2):
        assert search_people(AnonymousUser(), "Ilvane zzyzx lamps lighthouse") == ((), 0)
    assert search_people(AnonymousUser(), "Ilvane lamps")[1] == 1


def test_search_ignores_the_case_of_non_ascii_characters(house_of_lamps):
    make_public_person(**{Field.NAME: "Ștefra Ångvik"})
    for word in ("ștefra", "ȘTEFRA", "Ștefra", "ångvik"):
        assert found_names(AnonymousUser(), q=word) == ["Ștefra Ångvik"], word


@pytest.mark.parametrize(
    "word", ["lojmira", "ŁOJMIRA", "Sorvik", "saervik", "Særvik", "sörvik", "Lojmira Sorvik-Saervik"]
)
def test_a_name_is_found_without_the_letters_that_a_keyboard_lacks(word, house_of_lamps):
    make_public_person(**{Field.NAME: "Łojmira Sørvik-Særvik"})
    assert found_names(AnonymousUser(), q=word) == ["Łojmira Sørvik-Særvik"]
    assert found_names(AnonymousUser(), q="lojmirra") == []


def test_a_person_must_match_all_filters_together(house_of_lamps):
    make_public_person()
    make_public_person(**{Field.NAME: "Tamsel Quillfrost", Field.LANGUAGES: ["ro"], Field.COUNTRY: "XB"})
    anybody = AnonymousUser()
    assert found_names(anybody, language="ro") == ["Ilvane Brookmantle", "Tamsel Quillfrost"]
    assert found_names(anybody, language="ro", country="XB") == ["Tamsel Quillfrost"]
    assert found_names(anybody, language="fr", country="XB") == []
    counts = directory_page(anybody, QueryDict("language=ro")).choices["country"]
    assert counts == {"XA": 1, "XB": 1}


def test_fields_matched_by_a_search_are_logged_as_accessed(house_of_lamps):
    make_person(visibility=Visibility.SIGNED_IN, consents=(Purpose.DIRECTORY,), details=FULL_PROFILE)
    reader = make_account(Role.READER)
    assert found_names(reader, q="lighthouse") == ["Ilvane Brookmantle"]
    (line,) = AuditEntry.objects.filter(saw=True)
    assert line.details["fields"] == ["about", "country", "expertise", "languages", "name", "organisation", "title"]
    found_names(reader, group="practitioners")
    assert "group" in AuditEntry.objects.filter(saw=True).latest("pk").details["fields"]


def test_members_find_members_and_strangers_do_not(client, house_of_lamps):
    lantern = models.Network.objects.get()
    make_membership(
        lantern, make_person(visibility=Visibility.MY_NETWORKS, consents=(Purpose.DIRECTORY,), details=FULL_PROFILE)
    )
    member, stranger = make_account(Role.READER), make_account(Role.READER)
    make_membership(lantern, make_person(account=member, details={Field.NAME: "Own Name"}))
    assert found_names(member) == ["Ilvane Brookmantle", "Own Name"]
    assert found_names(stranger) == []


def test_a_person_at_risk_is_visible_only_to_themselves_and_the_secretariat(client, house_of_lamps):
    lantern = models.Network.objects.get()
    own = make_account(Role.READER)
    person = make_person(account=own, visibility=Visibility.PUBLIC, consents=BOTH_PURPOSES, details=FULL_PROFILE)
    make_membership(lantern, person)
    member = make_account(Role.READER)
    make_membership(lantern, make_person(account=member, details={Field.TITLE: "nobody's"}))
    assert found_names(member) == found_names(AnonymousUser()) == found_names(own) == ["Ilvane Brookmantle"]
    models.Person.objects.filter(pk=person.pk).update(at_risk=True, pseudonym="A. Heron")
    member, own = (models.Account.objects.get(pk=one.pk) for one in (member, own))
    assert found_names(member) == found_names(AnonymousUser()) == []
    assert found_names(own) == ["Ilvane Brookmantle"]
    address = f"/en/people/{person.public_id}/"
    assert sign_in(client, member).get(address).status_code == 404
    secretariat = make_account(Role.SECRETARIAT, network=lantern)
    assert sign_in(client, secretariat).get(address).status_code == 404
    sign_in(client, secretariat, staff_session="to look after her")
    assert client.get(address).status_code == 200
    page = client.get("/en/people/").content.decode()
    assert "Ilvane Brookmantle" in page
    assert "at risk</strong>" in page  # marked, so that no one reads the list out


def test_an_unknown_person_and_a_hidden_person_get_the_same_response(client):
    hidden = make_person()
    answers = [client.get(f"/en/people/{key}/") for key in (hidden.public_id, "0123456789abcdef")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({answer.content.replace(hidden.public_id.encode(), b"0123456789abcdef") for answer in answers}) == 1


def test_a_page_of_the_directory_lists_24_people(client, house_of_lamps):
    for number in range(30):
        make_public_person(**{Field.NAME: f"Person {number:02}"})
    page = client.get("/en/people/").content.decode()
    assert "30 people" in page
    assert ("Person 23" in page, "Person 24" in page) == (True, False)
    assert "Person 24" in client.get("/en/people/?page=2").content.decode()


def test_an_empty_directory_says_so_and_links_to_the_networks(client):
    page = client.get("/en/people/").content.decode()
    assert "There are no public profiles." in page
    assert 'href="/en/networks/"' in page


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("ilvane  brookmantle", ("ilvane", "brookmantle")),
        ('state:NO "risk assessment" AND article:20 a', ("risk", "assessment")),
        ("lamp*", ("lamp",)),
        ("", ()),
    ],
)
def test_search_operators_are_not_used_to_search_for_people(asked, words):
    assert parse_search_terms(asked) == words


def test_the_search_page_lists_people_unless_other_filters_are_set(client, house_of_lamps, tmp_path, settings):
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "search"
    person = make_public_person()
    page = client.get("/en/search/?q=ilvane").content.decode()
    assert f'href="/en/people/{person.public_id}/"' in page
    for filtered in ("q=ilvane&state=NO", "q=ilvane+state:NO", "q=ilvane+year:2018..2020", "q=ilvane+NOT+state:XA"):
        assert f'href="/en/people/{person.public_id}/"' not in client.get(f"/en/search/?{filtered}").content.decode()
    person.details.update(visibility=Visibility.SECRETARIAT)
    page = client.get("/en/search/?q=ilvane").content.decode()
    assert person.public_id not in page
    assert "Brookmantle" not in page


def test_a_photograph_is_shown_only_with_permission_and_stored_by_no_browser(client, tmp_path):
    from samsvar.site.shell.uploads import store_private_file

    hash_ = store_private_file(b"RIFF0000WEBP picture")
    person = make_person(
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY,),
        details={Field.NAME: "Ilvane Brookmantle", Field.PHOTOGRAPH: hash_},
    )
    address = f"/en/people/{person.public_id}/photograph/"
    assert client.get(address).status_code == 302  # redirected to sign-in
    sign_in(client, make_account(Role.READER))
    answer = client.get(address)
    assert (answer.content, answer["Cache-Control"]) == (b"RIFF0000WEBP picture", "private, no-store")
    assert answer["Content-Type"] == "image/webp"
    models.Person.objects.update(at_risk=True, pseudonym="A. Heron")
    assert client.get(address).status_code == 404


def test_articles_among_the_filters_are_sorted_by_number(house_of_lamps):
    articles = ["article:62", "article:7", "article:20", "article:8"]
    make_public_person(**{**FULL_PROFILE, Field.EXPERTISE: [*articles, "concept:shelters"]})
    options = directory_page(AnonymousUser(), QueryDict()).choices["expertise"]
    assert list(options) == ["article:7", "article:8", "article:20", "article:62", "concept:shelters"]
