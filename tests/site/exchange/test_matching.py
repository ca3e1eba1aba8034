"""Matches on pages: what is found for a finding, a measure and an article, why, and what no one may see."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.exchange.matching import CandidateKind, Feature
from samsvar.monitoring.report import Strength
from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.matching import queries
from samsvar.site.exchange.matching.labels import reason_sentence
from samsvar.site.exchange.models import HelpRequest, Offer
from samsvar.site.network.models import Network
from tests.factories.exchange_matching import make_published_practice
from tests.factories.implementation import make_measure
from tests.factories.people import make_account, make_membership, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding():
    """Nordmark is urged to provide counselling outside the towns; another state is praised for a survey."""
    load_convention()
    text = "GREVIO urges the authorities to provide counselling and specialist support services in the countryside."
    praise = make_finding(
        2, strength=Strength.WELCOMES, articles=["11"], state="XC", text="GREVIO welcomes the survey."
    )
    make_report(b"praise", reading=make_reading([praise]))
    return make_report(reading=make_reading([make_finding(1, articles=["22"], text=text)])).findings.get()


@pytest.fixture
def bus():
    return make_published_practice(
        problem="No one in the countryside could reach counselling.", concepts=("specialist-support-services",)
    )


def matches_of(finding, user=None, **how):
    source = queries.gap_of_finding(finding.public_id, ["en"])
    return queries.find_matches(user or AnonymousUser(), source, **how)


def test_a_finding_shows_the_practice_that_fits_and_why(finding, bus):
    page = matches_of(finding)
    assert [one.title for one in page.good] == ["A bus with counsellors"]
    sentences = [reason_sentence(reason, "XB") for reason in page.good[0].match.reasons]
    assert "Same topic: specialist support services." in sentences
    assert "Same article: 22." in sentences
    assert not page.near_misses


def test_a_practice_published_a_moment_ago_is_found_and_a_retired_one_is_not(finding, bus):
    assert matches_of(finding).good
    other = make_published_practice("A second bus", concepts=("specialist-support-services",))
    assert {one.title for one in matches_of(finding).good} == {"A bus with counsellors", "A second bus"}
    other.status, other.status_reason, other.updated_at = "retired", "The money ended.", timezone.now()
    other.retired_reason = other.status_reason
    other.save()
    assert [one.title for one in matches_of(finding).good] == ["A bus with counsellors"]


def test_a_draft_is_never_found(finding):
    practice = make_published_practice("A draft bus", concepts=("specialist-support-services",))
    practice.status, practice.published_version = "draft", None
    practice.save()
    assert matches_of(finding).good == ()


def test_the_page_lets_a_reason_be_switched_off_and_keeps_that_in_the_address(client, finding, bus):
    url = reverse("exchange:matches")
    page = client.get(url, {"finding": finding.public_id}).content.decode()
    assert "Same topic: specialist support services." in page
    assert "not an endorsement" in page
    page = client.get(url, {"finding": finding.public_id, "off": "topic", "weight-article": "40"}).content.decode()
    assert "Same topic" not in page.split("Change how this is matched")[0]
    assert 'name="off" value="topic" aria-labelledby="feature-topic" checked' in page
    assert 'name="weight-article" value="40"' in page


@pytest.mark.parametrize(
    "params",
    [
        {}, {"finding": "no-such"}, {"article": "999"}, {"article": "22", "country": "QQ"}, {"measure": "no-such"},
        {"article": ["22"] * 2, "off": ["nonsense"], "weight-topic": "-1"},
    ],
)  # fmt: skip
def test_an_unknown_gap_is_not_found_and_odd_settings_are_ignored(client, finding, params):
    response = client.get(reverse("exchange:matches"), params)
    assert response.status_code == (200 if "off" in params else 404)


def test_no_good_match_says_so_and_shows_what_comes_near(client, finding):
    make_published_practice("A survey every five years", articles=("22", "11"), concepts=("prevalence-surveys",))
    page = client.get(reverse("exchange:matches"), {"finding": finding.public_id}).content.decode()
    assert "No good match." in page
    assert page.index("No good match.") < page.index("A survey every five years")


def test_a_measure_of_the_desk_is_no_gap_for_others(client, finding):
    measure = make_measure("A secret measure", visibility="desk")
    assert client.get(reverse("exchange:matches"), {"measure": measure.public_id}).status_code == 404
    desk = sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XA"))
    assert desk.get(reverse("exchange:matches"), {"measure": measure.public_id}).status_code == 200


def test_offers_are_shown_to_members_only(client, finding):
    Offer.objects.create(
        state_id="XB", title="Ask us about our bus", text="Counselling in the countryside.", articles=["22"],
        concepts=["specialist-support-services"], help=["call"], languages=["en"],
    )  # fmt: skip
    url = reverse("exchange:matches")
    assert "Ask us about our bus" not in client.get(url, {"finding": finding.public_id}).content.decode()
    titles = {one.title for one in matches_of(finding, make_account(Role.READER)).good}
    assert titles == {"Ask us about our bus"}


def test_the_matches_of_a_request_do_not_tell_where_it_comes_from(finding, bus):
    """A state's own practices are left out, so their absence would name the state of someone who is shown as no one."""
    own = make_published_practice("Our own bus", state="XA", concepts=("specialist-support-services",))
    asker, member = make_account(Role.CONTRIBUTOR), make_account(Role.CONTRIBUTOR)
    columns = {"by": asker, "state_id": "XA", "situation": "", "concepts": ["specialist-support-services"]}
    hidden = HelpRequest.objects.create(problem="Who has a bus?", shown_as="no_one", **columns)
    shown = HelpRequest.objects.create(problem="Who has a bus?", shown_as="country", **columns)

    def own_is_found(user, request):
        source = queries.gap_of_request(user, request.public_id)
        found = queries.find_matches(user, source).good
        return own.public_id in {one.match.candidate.key for one in found}

    assert not own_is_found(asker, hidden)
    assert own_is_found(member, hidden)
    assert not own_is_found(member, shown)
    assert queries.gap_of_request(AnonymousUser(), hidden.public_id) is None


def make_expert(**how):
    """Create a person of Ostria who knows about support services, and may be suggested unless `how` says otherwise."""
    details = {
        Field.NAME: "Elin Lykt", Field.COUNTRY: "XB", Field.EXPERTISE: "concept:specialist-support-services",
        Field.LANGUAGES: "en",
    }  # fmt: skip
    consents = how.pop("consents", (Purpose.DIRECTORY, Purpose.MATCHING))
    person = make_person(details=details, consents=consents, visibility=Visibility.SIGNED_IN, **how)
    make_membership(Network.objects.get_or_create(slug="lantern", defaults={"name": "Lantern"})[0], person)
    return person


def people_found(finding, user):
    matches = queries.member_index(user, timezone.localdate()).find(
        queries.gap_of_finding(finding.public_id, ["en"]).gap
    )
    return [match for match in matches.good if match.candidate.kind is CandidateKind.PERSON]


def test_members_are_shown_people_who_agreed_to_be_suggested(finding):
    person = make_expert()
    assert people_found(finding, AnonymousUser()) == []
    assert [match.candidate.key for match in people_found(finding, make_account(Role.READER))] == [person.public_id]
    (shown,) = matches_of(finding, make_account(Role.READER)).good
    assert shown.title == "Elin Lykt"


@pytest.mark.parametrize("why", ["no consent", "withdrawn", "at risk", "erased"])
def test_no_one_else_is_suggested(finding, why):
    person = make_expert(
        consents=(Purpose.DIRECTORY,) if why == "no consent" else (Purpose.DIRECTORY, Purpose.MATCHING),
        **({"at_risk": True, "pseudonym": "Lamp"} if why == "at risk" else {}),
    )
    if why == "withdrawn":
        person.bases.filter(purpose=Purpose.MATCHING).update(until=timezone.now())
    if why == "erased":
        person.erased_at = timezone.now()
        person.save()
    assert people_found(finding, make_account(Role.READER)) == []


def test_a_panel_shows_what_everyone_can_see(client, finding, bus):
    page = client.get(reverse("monitoring:finding", args=[finding.public_id])).content.decode()
    assert "Who has solved this?" in page
    assert "A bus with counsellors" in page
    assert "A bus with counsellors" in client.get(reverse("pages:article", args=["22"])).content.decode()


def test_pages_show_people_and_offers_to_members_with_reasons_and_no_longer_once_consent_ends(finding, bus):
    expert = make_expert()
    Offer.objects.create(
        state_id="XB", title="Ask us about our bus", text="Counselling in the countryside.", articles=["22"],
        concepts=["specialist-support-services"], help=["call"], languages=["en"],
    )  # fmt: skip
    reader = sign_in(Client(), make_account(Role.READER))
    pages = [
        reverse("monitoring:finding", args=[finding.public_id]), reverse("pages:article", args=["22"]),
        reverse("pages:country-tab", args=["XA", "progress"]),
    ]  # fmt: skip

    def shown(client):
        return [
            [name for name in ("Elin Lykt", "Ask us about our bus") if name in client.get(page).content.decode()]
            for page in pages
        ]

    assert shown(reader) == [["Elin Lykt", "Ask us about our bus"]] * 3
    assert "Same topic: specialist support services." in reader.get(pages[0]).content.decode()
    assert shown(Client()) == [[], [], []]
    expert.bases.filter(purpose=Purpose.MATCHING).update(until=timezone.now())
    assert shown(reader) == [["Ask us about our bus"]] * 3


def test_a_country_s_page_shows_where_to_go_with_the_best_practice_there_and_its_reasons(client, finding, bus):
    page = client.get(reverse("pages:country-tab", args=["XA", "progress"])).content.decode()
    assert "has experience with 1 open recommendation" in page
    assert "A bus with counsellors" in page
    assert "Same article: 22." in page


def test_people_and_offers_of_the_own_state_are_left_out(finding):
    Offer.objects.create(
        state_id="XA", title="Our own bus", text="Counselling in the countryside.", articles=["22"],
        concepts=["specialist-support-services"], help=["call"], languages=["en"],
    )  # fmt: skip
    gap = queries.gap_of_finding(finding.public_id, ["en"]).gap
    assert gap.state == "XA"
    assert queries.member_matches(make_account(Role.READER), gap) == ()
    # those of another state are shown, but not to an account without a role
    Offer.objects.update(state_id="XB")
    assert [one.title for one in queries.member_matches(make_account(Role.READER), gap)] == ["Our own bus"]
    assert queries.member_matches(make_account(), gap) == ()
    assert queries.members_for_country(make_account(), "XA") == ()


def test_a_country_is_told_where_to_go_and_why(client, finding, bus):
    page = client.get(reverse("exchange:destinations", args=["XA"])).content.decode()
    assert "A bus with counsellors" in page
    assert "GREVIO" in page
    assert "No good match yet." in client.get(reverse("exchange:destinations", args=["XB"])).content.decode()
    assert client.get(reverse("exchange:destinations", args=["QQ"])).status_code == 404


def test_every_feature_and_kind_has_a_label_and_a_sentence(finding, bus):
    from samsvar.exchange.matching import Reason
    from samsvar.site.exchange.matching.labels import CANDIDATE_KINDS, FEATURES

    assert set(FEATURES) == set(Feature)
    assert set(CANDIDATE_KINDS) == set(CandidateKind)
    about = {
        Feature.TOPIC: ("shelters",), Feature.GROUP: ("older-women",), Feature.FORM: ("stalking",),
        Feature.EVIDENCE: ("evaluated",), Feature.LANGUAGE: ("en",), Feature.RECENCY: ("2026-01-02",),
        Feature.ADOPTED: ("XC",),
    }  # fmt: skip
    across = Reason(Feature.WORDS, 1.0, 1.0, ("concept:shelters", "concept:stalking"))
    assert reason_sentence(across, "XB") == "Both texts mention: shelters, stalking."
    for feature in Feature:
        assert reason_sentence(Reason(feature, 1.0, 1.0, about.get(feature, ("22",))), "XB").endswith(".")


def test_the_number_of_queries_does_not_grow_with_the_candidates(client, finding, bus, django_assert_max_num_queries):
    for number in range(8):
        make_published_practice(f"Bus {number}", concepts=("specialist-support-services",))
    queries.public_index(timezone.localdate())
    with django_assert_max_num_queries(6):
        matches_of(finding)
