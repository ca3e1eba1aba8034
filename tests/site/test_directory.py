"""The directory finds people by what its reader may see of them, and by nothing else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict

from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from samsvar.site.network.directory.queries.directory import FILTERS, directory_page, people_found, words_of
from tests.factories.people import join, make_account, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

BOTH = (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)
WIDE = {
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
ASKED = {
    "network": "lantern",
    "country": "XA",
    "group": "practitioners",
    "language": "ro",
    "expertise": "article:20",
    "kind": "shelter_ngo",
}


@pytest.fixture
def lamps():
    make_network("lantern")
    return models.Organisation.objects.create(
        public_id="house-of-lamps", name="House of Lamps", kind="shelter_ngo", invented=True
    )


def public_person(**details):
    return make_person(visibility=Visibility.PUBLIC, consents=BOTH, details=details or WIDE)


def found(user, **asked):
    query = QueryDict(mutable=True)
    query.update(asked)
    return [view.name for view in directory_page(user, query).people]


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_by_what_is_shown_and_never_by_what_is_hidden(name, lamps):
    person = public_person()
    reader, anybody = make_account(Role.READER), AnonymousUser()
    assert found(anybody, **{name: ASKED[name]}) == ["Ilvane Brookmantle"]
    person.details.filter(field=FILTERS[name]).update(visibility=Visibility.SECRETARIAT)
    for user in (anybody, reader):
        assert found(user) == ["Ilvane Brookmantle"]  # still there, found by other things
        assert found(user, **{name: ASKED[name]}) == []
        page = directory_page(user, QueryDict())
        assert page.choices[name] == ()  # not even the choice is offered


@pytest.mark.parametrize("word", ["Ilvane", "brookmantle", "HEAD", "lamps", "lighthouse"])
def test_a_word_finds_by_what_is_shown_and_never_by_what_is_hidden(word, lamps):
    person = public_person()
    anybody = AnonymousUser()
    assert found(anybody, q=word) == ["Ilvane Brookmantle"]
    assert people_found(anybody, word)[1] == 1
    person.details.exclude(field=Field.NAME).update(visibility=Visibility.SECRETARIAT)
    hidden = word not in {"Ilvane", "brookmantle"}
    assert found(anybody, q=word) == ([] if hidden else ["Ilvane Brookmantle"])
    assert people_found(anybody, word)[1] == (0 if hidden else 1)


def test_letters_of_other_languages_are_found_in_capitals_and_small(lamps):
    public_person(**{Field.NAME: "Ștefra Ångvik"})
    for word in ("ștefra", "ȘTEFRA", "Ștefra", "ångvik"):
        assert found(AnonymousUser(), q=word) == ["Ștefra Ångvik"], word


def test_all_that_is_asked_has_to_hold_together(lamps):
    public_person()
    public_person(**{Field.NAME: "Tamsel Quillfrost", Field.LANGUAGES: ["ro"], Field.COUNTRY: "XB"})
    anybody = AnonymousUser()
    assert found(anybody, language="ro") == ["Ilvane Brookmantle", "Tamsel Quillfrost"]
    assert found(anybody, language="ro", country="XB") == ["Tamsel Quillfrost"]
    assert found(anybody, language="fr", country="XB") == []
    counts = {
        choice.value: choice.count for choice in directory_page(anybody, QueryDict("language=ro")).choices["country"]
    }
    assert counts == {"XA": 1, "XB": 1}


def test_what_somebody_was_found_by_is_written_down_as_seen(lamps):
    make_person(visibility=Visibility.SIGNED_IN, consents=(Purpose.DIRECTORY,), details=WIDE)
    reader = make_account(Role.READER)
    assert found(reader, q="lighthouse") == ["Ilvane Brookmantle"]
    (line,) = Entry.objects.filter(saw=True)
    assert line.details["fields"] == ["about", "country", "expertise", "languages", "name", "organisation", "title"]
    found(reader, group="practitioners")
    assert "group" in Entry.objects.filter(saw=True).latest("pk").details["fields"]


def test_members_find_members_and_strangers_do_not(client, lamps):
    lantern = models.Network.objects.get()
    join(lantern, make_person(visibility=Visibility.MY_NETWORKS, consents=(Purpose.DIRECTORY,), details=WIDE))
    member, stranger = make_account(Role.READER), make_account(Role.READER)
    join(lantern, make_person(account=member, details={Field.NAME: "Own Name"}))
    assert found(member) == ["Ilvane Brookmantle", "Own Name"]
    assert found(stranger) == []


def test_at_risk_means_hidden_from_all_but_oneself_and_the_secretariat(client, lamps):
    lantern = models.Network.objects.get()
    own = make_account(Role.READER)
    person = make_person(account=own, visibility=Visibility.PUBLIC, consents=BOTH, details=WIDE)
    join(lantern, person)
    member = make_account(Role.READER)
    join(lantern, make_person(account=member, details={Field.TITLE: "nobody's"}))
    assert found(member) == found(AnonymousUser()) == found(own) == ["Ilvane Brookmantle"]
    models.Person.objects.filter(pk=person.pk).update(at_risk=True, pseudonym="A. Heron")
    member, own = (models.Account.objects.get(pk=one.pk) for one in (member, own))
    assert found(member) == found(AnonymousUser()) == []
    assert found(own) == ["Ilvane Brookmantle"]
    address = f"/en/people/{person.public_id}/"
    assert sign_in(client, member).get(address).status_code == 404
    secretariat = make_account(Role.SECRETARIAT, network=lantern)
    assert sign_in(client, secretariat).get(address).status_code == 404
    sign_in(client, secretariat, staff_session="to look after her")
    assert client.get(address).status_code == 200
    page = client.get("/en/people/").content.decode()
    assert "Ilvane Brookmantle" in page
    assert "at risk</strong>" in page  # marked, so that nobody reads the list out


def test_a_stranger_and_a_hidden_person_get_the_same_answer(client):
    hidden = make_person()
    answers = [client.get(f"/en/people/{key}/") for key in (hidden.public_id, "0123456789abcdef")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({answer.content.replace(hidden.public_id.encode(), b"0123456789abcdef") for answer in answers}) == 1


def test_pages_hold_so_many_and_no_more(client, lamps):
    for number in range(30):
        public_person(**{Field.NAME: f"Person {number:02}"})
    page = client.get("/en/people/").content.decode()
    assert "30 people" in page
    assert ("Person 23" in page, "Person 24" in page) == (True, False)
    assert "Person 24" in client.get("/en/people/?page=2").content.decode()


def test_the_directory_is_of_use_when_nobody_is_in_it(client):
    page = client.get("/en/people/").content.decode()
    assert "Nobody has a public entry." in page
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
def test_labels_of_the_search_page_name_nobody(asked, words):
    assert words_of(asked) == words


def test_the_search_page_shows_people_above_what_it_finds(client, lamps, tmp_path, settings):
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "search"
    person = public_person()
    page = client.get("/en/search/?q=ilvane").content.decode()
    assert f'href="/en/people/{person.public_id}/"' in page
    assert f'href="/en/people/{person.public_id}/"' not in client.get("/en/search/?q=ilvane&state=NO").content.decode()
    person.details.update(visibility=Visibility.SECRETARIAT)
    page = client.get("/en/search/?q=ilvane").content.decode()
    assert person.public_id not in page
    assert "Brookmantle" not in page


def test_a_photograph_is_for_those_who_may_see_it_and_kept_by_no_browser(client, tmp_path):
    from samsvar.site.shell.uploads import store_private

    hash_ = store_private(b"RIFF0000WEBP picture")
    person = make_person(
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY,),
        details={Field.NAME: "Ilvane Brookmantle", Field.PHOTOGRAPH: hash_},
    )
    address = f"/en/people/{person.public_id}/photograph/"
    assert client.get(address).status_code == 302  # to sign in
    sign_in(client, make_account(Role.READER))
    answer = client.get(address)
    assert (answer.content, answer["Cache-Control"]) == (b"RIFF0000WEBP picture", "private, no-store")
    assert answer["Content-Type"] == "image/webp"
    models.Person.objects.update(at_risk=True, pseudonym="A. Heron")
    assert client.get(address).status_code == 404
