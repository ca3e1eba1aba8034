"""Measures, practices, meetings, requests and people on the search page: found by those who may see them, no others."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from samsvar.exchange.requests import RequestStatus
from samsvar.implementation.measures import MeasureVisibility
from samsvar.meetings.meeting import AccessLevel
from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.search.query import parse_query_text
from samsvar.site.exchange.models import HelpRequest
from samsvar.site.exchange.practices.actions import writing
from samsvar.site.implementation.models import Answer, Measure
from samsvar.site.meetings.models import Meeting
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.directory.queries.directory import search_people
from samsvar.site.search import queries
from samsvar.site.shell import hooks
from tests.factories.exchange_practices import make_practice, publish
from tests.factories.exchange_requests import make_help_request, make_member
from tests.factories.implementation import make_measure, make_organisation, make_representative
from tests.factories.meetings import make_meeting
from tests.factories.people import make_account, make_network, make_person, sign_in
from tests.site.test_search import index_of_its_own, make_report, make_state

__all__ = ["index_of_its_own"]  # a fixture

pytestmark = pytest.mark.django_db

CANARY = "Quillhavre"


def search(asked: str, language: str = "en", user: Any = None, **more: str) -> queries.SearchPage:
    query = QueryDict(mutable=True)
    query.update({"q": asked, **more})
    return queries.search_page(params=query, language=language, user=user or AnonymousUser())


def kinds(page: queries.SearchPage) -> list[tuple[str, str]]:
    return sorted((hit.kind, hit.href) for hit in page.hits)


def indexed_texts() -> str:
    """Return everything that the index stores, for any reader."""
    engine = queries.get_index_updater().get_current_index().engine
    return repr([*engine.iter_items(parse_query_text(""), limit=1_000)])


def test_public_measures_practices_and_meetings_are_found_in_any_language():
    make_state(), make_state("XB")
    measure = make_measure("Open a second shelter in the north", begins="2026-03")
    practice = publish(make_practice(text={"title": "A shelter with a school"}))
    meeting = make_meeting()
    page = search("krisesenter")
    assert kinds(page) == [
        ("measure", f"/en/measures/{measure.public_id}/"),
        ("meeting", f"/en/meetings/{meeting.public_id}/"),
        ("practice", f"/en/exchange/practices/{practice.public_id}/"),
    ]
    titles = {hit.kind: hit.title for hit in page.hits}
    assert titles["measure"] == (("Open a second ", False), ("shelter", True), (" in the north", False))
    assert {hit.kind: hit.item.year for hit in page.hits}["measure"] == 2026
    assert page.facets[0].name == "kind"
    assert {value.value: value.count for value in page.facets[0].visible_values} == {
        "measure": 1, "practice": 1, "meeting": 1,
    }  # fmt: skip
    # a practice is also found by the subjects that its owner gave it, and a meeting shown in the reader's language
    assert ("practice", f"/en/exchange/practices/{practice.public_id}/") in kinds(search("violence domestique"))
    (hit,) = search("refuges", "fr", kind="meeting").hits
    assert (hit.item.language, "".join(piece for piece, _ in hit.title)) == ("fr", "Des refuges près de chacun")


def test_a_measure_has_the_articles_of_the_published_findings_that_it_answers():
    make_report("a", "GREVIO urges the authorities to open shelters.")
    measure = make_measure()
    assert search("", kind="measure").hits[0].item.articles == ()
    Answer.objects.create(measure=measure, finding=Finding.objects.get())
    assert search("", kind="measure", article="25").hits[0].item.articles == ("25",)


def test_a_change_of_a_measure_practice_or_meeting_shows_in_the_next_search():
    make_state(), make_state("XB")
    measure, practice, meeting = make_measure(CANARY), publish(make_practice(text={"title": CANARY})), make_meeting()
    Meeting.objects.update(title={"en": CANARY})
    assert [kind for kind, _ in kinds(search(CANARY))] == ["measure", "meeting", "practice"]
    Measure.objects.filter(pk=measure.pk).update(visibility=MeasureVisibility.DESK)
    writing.retire_practice(by=None, practice=practice, reason="No longer done")
    Meeting.objects.filter(pk=meeting.pk).update(access=AccessLevel.SIGNED_IN)
    assert kinds(search(CANARY)) == []
    assert CANARY not in indexed_texts()


def test_nothing_private_is_in_the_index_and_each_reader_finds_what_they_may_open(client: Client):
    make_state(), make_state("XB")
    home = make_network("lantern")
    organisation = make_organisation("House of Lamps")
    owner, asker = make_representative(organisation), make_member(home, name="Ilvane Brookmantle")
    member = make_member(home, name="Tamsel Quillfrost")
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    measure = make_measure(f"{CANARY} plan", visibility=MeasureVisibility.DESK)
    practice = make_practice(organisation, text={"title": f"{CANARY} practice"})
    meeting = make_meeting(title={"en": f"{CANARY} meeting"}, access=AccessLevel.SIGNED_IN)
    request = make_help_request(asker, home, problem=f"Who has a {CANARY}?", situation="None here.", language="en")
    make_person(details={Field.NAME: f"{CANARY} Person", Field.ABOUT: CANARY}, visibility=Visibility.SECRETARIAT)

    # there is something to leak: each is on a page of its own, for those who may open it
    for account, address in (
        (desk, reverse("implementation:measure", args=[measure.public_id])),
        (owner, reverse("exchange:own-practice", args=[practice.public_id])),
        (member, reverse("meetings:meeting", args=[meeting.public_id])),
        (member, reverse("exchange:request", args=[request.public_id])),
    ):
        reader = Client()
        sign_in(reader, account)
        assert CANARY in reader.get(address).content.decode(), address

    assert CANARY not in indexed_texts()
    for address in (
        f"/en/search/?q={CANARY}",
        f"/en/search/results.csv?q={CANARY}",
        f"/en/search/results.atom?q={CANARY}",
    ):
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        hits = body.decode().replace(f"q={CANARY}", "").replace(f'value="{CANARY}"', "")
        assert f"{CANARY} m" not in hits, address
        assert f"{CANARY} p" not in hits, address
        assert f"{CANARY}?" not in hits, address
    # a member finds the meeting and the request above the results, in the database
    own_results = {
        str(title): [one.title for one in found] for title, found in search(CANARY, user=member).extra_results
    }
    assert own_results == {"Meetings for members": [f"{CANARY} meeting"], "Requests for help": [f"Who has a {CANARY}?"]}
    reader = make_account(Role.READER)
    assert [str(title) for title, _ in search(CANARY, user=reader).extra_results] == ["Meetings for members"]
    assert search(CANARY).extra_results == ()


def test_requests_are_found_by_subject_in_any_language_and_never_once_withdrawn():
    home = make_network("lantern")
    asker, member = make_member(home, name="Ilvane Brookmantle"), make_member(home, name="Tamsel Quillfrost")
    make_help_request(asker, home, problem="Cum deschidem un adăpost?", situation="Nu avem.", concepts=("legal-aid",))
    find = hooks_of("Requests for help")
    for asked in ("krisesenter", "adăpost", "aide juridique", "deschidem refuge"):
        assert [one.title for one in find(member, asked, "en")] == ["Cum deschidem un adăpost?"], asked
    assert find(member, "police", "en") == []
    assert find(AnonymousUser(), "krisesenter", "en") == []
    HelpRequest.objects.update(status=RequestStatus.WITHDRAWN)
    assert find(member, "krisesenter", "en") == []


def hooks_of(title: str) -> Any:
    return next(find for name, find in hooks.providers("search_results") if str(name) == title)


@pytest.mark.parametrize(
    ("asked", "language", "is_found"),
    [
        ("custody", "en", True),  # a word of “custody and visitation rights”, and no name of a concept itself
        ("gardes", "fr", True),  # “garde et droit de visite”
        ("visitation Ilvane", "ro", True),  # in English in every language
        ("garde", "nb", False),
        ("general", "en", True),  # of the title of Article 20
        ("with", "en", False),
        ("bystander", "en", False),
    ],
)
def test_people_are_found_by_words_of_the_names_of_their_expertise(asked: str, language: str, is_found: bool):
    details = {Field.NAME: "Ilvane Brookmantle", Field.EXPERTISE: ["concept:custody-and-visitation", "article:20"]}
    both = (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)
    expert = make_person(visibility=Visibility.PUBLIC, consents=both, details=details)
    with override(language):
        assert search_people(AnonymousUser(), asked)[1] == is_found
        expert.details.filter(field=Field.EXPERTISE).update(visibility=Visibility.SECRETARIAT)
        assert search_people(AnonymousUser(), asked)[1] == 0


def test_people_are_found_by_subjects_of_their_expertise_only_while_these_are_visible():
    both = (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)
    details = {Field.NAME: "Ilvane Brookmantle", Field.EXPERTISE: ["concept:shelters", "article:20"]}
    expert = make_person(visibility=Visibility.PUBLIC, consents=both, details=details)
    make_person(visibility=Visibility.PUBLIC, consents=both, details={Field.NAME: "Tamsel Quillfrost"})
    children = {Field.NAME: "Ildri Vinterhavn", Field.EXPERTISE: ["concept:children"]}
    make_person(visibility=Visibility.PUBLIC, consents=both, details=children)
    assert [search_people(AnonymousUser(), asked)[1] for asked in ("barn", "born")] == [1, 0]  # not Danish “børn”
    for asked in ("shelter", "krisesenter", "refuges Ilvane", "services de soutien spécialisés"):  # a broader concept
        people, count = search_people(AnonymousUser(), asked)
        assert ([one.name for one in people], count) == (["Ilvane Brookmantle"], 1), asked
    assert search_people(AnonymousUser(), "refuges Tamsel")[1] == 0
    expert.details.filter(field=Field.EXPERTISE).update(visibility=Visibility.SECRETARIAT)
    assert search_people(AnonymousUser(), "krisesenter")[1] == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("shelters police", "shelters police"), ("shelters AND (police)", "shelters police"),
        ('"Ilvane Brookmantle"', "Ilvane Brookmantle"), ("shelters Norway", "shelters Norway"), ("krise*", "krise"),
        ("-shelters", ""), ("police NOT shelters", ""), ("shelters OR police", ""), ("state:NO", ""), ("title:x", ""),
        ("🙂", ""), ("", ""),
    ],
)  # fmt: skip
def test_people_are_searched_by_words_that_must_all_match_and_by_nothing_else(asked: str, words: str):
    query = QueryDict(mutable=True)
    query["q"] = asked
    assert queries.words_for_people(query) == words
    query["kind"] = "finding"
    assert queries.words_for_people(query) == ""
