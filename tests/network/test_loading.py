"""Public facts about networks: each has a source, no person is named, and nothing unverified is counted."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from samsvar.dates import PartialDate
from samsvar.errors import SamsvarError
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.network.loading import (
    Confidence,
    CountPrecision,
    Fact,
    Gathering,
    GatheringFormat,
    GatheringKind,
    GatheringRelation,
    InvalidFact,
    OrganisationRole,
    filter_verified,
    gatherings,
    gatherings_held_by,
    network_publications,
    networks,
    organisations,
    parse_gatherings,
    parse_networks,
    parse_organisations,
    parse_publications,
    publications,
)
from samsvar.network.people import OrganisationKind
from samsvar.territories import TerritoryKind, territory
from samsvar.text import read_data_file

FILES = ("networks.toml", "organisations.toml", "gatherings.csv", "publications.csv", "README.md")


def all_facts() -> list[Fact]:
    """Return all facts in all files."""
    named = [network.states for network in networks().values()]
    return [*networks().values(), *named, *organisations().values(), *gatherings(), *publications()]


def test_the_folder_has_only_the_files_that_are_read_and_a_readme():
    folder = files("samsvar.network").joinpath("data")
    of_others = {"consents.toml"}  # read by consent.py
    assert {path.name for path in folder.iterdir()} - of_others == set(FILES)


def test_synergy_is_led_by_norway():
    synergy = networks()["synergy"]
    assert (synergy.name, synergy.led_by, organisations()[synergy.lead].names, synergy.confidence) == (
        "SYNERGY Network against Gender-based and Domestic Violence",
        "NO",
        (("en", "Norwegian Ministry of Justice and Public Security"), ("nb", "Justis- og beredskapsdepartementet")),
        Confidence.CONFIRMED,
    )


def test_a_network_and_its_members_are_described_in_every_language():
    for network in networks().values():
        for sentences in (network.about, network.members):
            assert tuple(language for language, _ in sentences) == INTERFACE_LANGUAGES
            assert all(sentence.endswith(".") for _, sentence in sentences)
            assert len({sentence for _, sentence in sentences}) == len(INTERFACE_LANGUAGES)


def test_the_states_with_members_are_those_named_by_a_document_of_a_known_date():
    states = networks()["synergy"].states
    assert (str(states.on), states.codes, states.confidence) == (
        "2020-09-25",
        ("BG", "HR", "CY", "CZ", "EE", "GR", "HU", "LV", "LT", "MT", "NO", "PL", "PT", "RO", "SK", "SI"),
        Confidence.SINGLE_SOURCE,
    )


def test_synergy_has_held_these_gatherings():
    held = [(str(one.begins or ""), str(one.ends or ""), one.place, one.kind) for one in gatherings_held_by("synergy")]
    assert held == [
        ("2018-11-14", "2018-11-15", "Bucharest", GatheringKind.CONFERENCE),
        ("2018-11-15", "2018-11-15", "Bucharest", GatheringKind.NETWORK_MEETING),
        ("2019-06-04", "2019-06-06", "Bucharest", GatheringKind.CONFERENCE),
        ("2019-06", "2019-06", "Bucharest", GatheringKind.NETWORK_MEETING),
        ("2019-10-06", "2019-10-08", "Prague", GatheringKind.CONFERENCE),
        ("2019-10-08", "2019-10-08", "Prague", GatheringKind.NETWORK_MEETING),
        ("2021-03-18", "2021-03-18", "", GatheringKind.NETWORK_MEETING),
        ("2022-11", "2022-11", "Strasbourg", GatheringKind.STUDY_VISIT),
        ("2023-06-15", "2023-06-16", "Sofia", GatheringKind.CONFERENCE),
        ("2023-06", "2023-06", "Sofia", GatheringKind.NETWORK_MEETING),
        ("2023-12-06", "2023-12-08", "Bratislava", GatheringKind.CONFERENCE),
        ("2023-12", "2023-12", "Bratislava", GatheringKind.NETWORK_MEETING),
        ("2024-09-25", "2024-09-26", "Warsaw", GatheringKind.CONFERENCE),
        ("2024-09", "2024-09", "Warsaw", GatheringKind.NETWORK_MEETING),
        ("2025-01-20", "2025-01-20", "Brussels", GatheringKind.CONFERENCE),
        ("", "", "", GatheringKind.NETWORK_MEETING),
        ("", "", "", GatheringKind.CONFERENCE),
    ]


def test_gatherings_held_by_others_are_not_listed_as_the_networks_own():
    others = [(one.relation, one.place) for one in gatherings() if one not in gatherings_held_by("synergy")]
    assert others == [
        (GatheringRelation.SAME_FIELD, "Prague"),
        (GatheringRelation.SAME_FIELD, "Oslo"),
        (GatheringRelation.SAME_FIELD, "Reykjavik"),
        (GatheringRelation.ATTENDED, "Bucharest"),
        (GatheringRelation.SAME_FIELD, ""),
        (GatheringRelation.SAME_FIELD, ""),
        (GatheringRelation.SAME_FIELD, "Kaunas"),
    ]


def test_the_number_of_participants_is_as_exact_as_its_source():
    numbers = {
        (one.place, str(one.begins)): (one.participants, one.reckoning) for one in gatherings() if one.participants
    }
    assert numbers == {
        ("Bucharest", "2018-11-14"): (104, CountPrecision.STATED),
        ("Bucharest", "2018-11-15"): (63, CountPrecision.STATED),
        ("Bucharest", "2019-06-04"): (120, CountPrecision.STATED),
        ("Prague", "2019-10-08"): (40, CountPrecision.STATED),
        ("Reykjavik", "2019-10-31"): (120, CountPrecision.MORE_THAN),
        ("Sofia", "2023-06-15"): (80, CountPrecision.NEARLY),
        ("Bratislava", "2023-12-06"): (130, CountPrecision.MORE_THAN),
    }


def test_gatherings_are_in_order_of_date_with_undated_ones_last():
    days = [one.begins.earliest if one.begins else None for one in gatherings()]
    known = [day for day in days if day]
    assert days == [*known, *([None] * (len(days) - len(known)))]
    years = [day.year for day in known]
    assert years == sorted(years)


def test_every_gathering_or_publication_has_a_title_or_a_description():
    assert [one for one in gatherings() if not (one.title or one.about)] == []
    assert [one for one in network_publications("synergy") if not one.about] == []
    assert all(bool(one.title) is bool(one.language) for one in (*gatherings(), *publications()))


def test_every_fact_has_a_web_page_as_its_source():
    assert len(all_facts()) == 1 + 1 + 28 + 24 + 3
    assert [fact for fact in all_facts() if not fact.source] == []
    addresses = {address for fact in all_facts() for address in fact.sources}
    assert {address for address in addresses if not re.fullmatch(r"https?://[\w.-]+/\S+", address)} == set()
    assert all(len(set(fact.sources)) == len(fact.sources) for fact in all_facts())


def test_every_state_is_real():
    codes = {
        *(code for network in networks().values() for code in (network.led_by, *network.states.codes)),
        *(fact.state for fact in (*organisations().values(), *gatherings(), *publications())),
    } - {""}
    kinds = {known.kind if (known := territory(code)) else None for code in codes}
    assert kinds == {TerritoryKind.COUNCIL_OF_EUROPE}


def test_only_an_international_organisation_has_no_state():
    stateless = [one.kind for one in organisations().values() if not one.state]
    assert stateless == [OrganisationKind.INTERNATIONAL_ORGANISATION]


def test_an_organisations_slug_begins_with_its_state():
    assert [slug for slug, one in organisations().items() if one.state and slug[:3] != f"{one.state.lower()}-"] == []


def test_every_organiser_or_leader_is_a_listed_organisation():
    named = {slug for one in (*gatherings(), *publications()) for slug in one.organisations}
    assert named | {network.lead for network in networks().values()} <= organisations().keys()
    assert {one.network for one in (*gatherings(), *publications())} <= networks().keys()


def test_organisers_are_those_named_by_gatherings_that_the_network_held():
    held = {slug for one in gatherings_held_by("synergy") for slug in one.organisations}
    organising = {slug for slug, one in organisations().items() if one.part is OrganisationRole.ORGANISES}
    assert organising == {
        slug for slug in held if organisations()[slug].part not in {OrganisationRole.LEADS, OrganisationRole.PARTNER}
    }
    assert {slug for slug, one in organisations().items() if one.part is OrganisationRole.FIELD} & held == set()


def test_the_leading_organisation_comes_first():
    parts = [one.part for one in organisations().values()]
    assert (parts[0], parts.count(OrganisationRole.LEADS)) == (OrganisationRole.LEADS, 1)


def test_an_organisation_has_the_name_in_its_source_and_the_english_one_elsewhere():
    anes = organisations()["ro-anes"]
    assert [anes.name(language) for language in ("en", "ro", "fr")] == [
        "National Agency for Equal Opportunities for Women and Men",
        "Agenția Națională pentru Egalitatea de Șanse între Femei și Bărbați (ANES)",
        "National Agency for Equal Opportunities for Women and Men",
    ]


# --- No one can be found or contacted through these files -------------------------------------------------------------

ADDRESS = re.compile(r"[\w.+-]+\s*(?:@|\(at\)|\[at\])\s*[\w-]+")
TELEPHONE = re.compile(r"\+\s?\d|\btel\b|\d(?:[ ()/.-]?\d){6,}", re.IGNORECASE)
OFFICE = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|professor|excellency)\b\.?|state[ -]secretary|ambassador|vice[ -]?minister"
    r"|\b(?:prime )?minister\b|\bpresident\b|\bdirector\b|\bhead of\b",
    re.IGNORECASE,
)


def personal_details_in(text: str) -> list[str]:
    """Return what names a person or says how to reach one: addresses, numbers, titles and offices.

    Titles and numbers in the URL of a source are allowed.
    """
    without = re.sub(r"https?://[^\s\",]+|\b\d{4}(?:-\d{2}){1,2}\b|\b\d{4}-\d{4}\b", " ", text)
    return [*ADDRESS.findall(text), *TELEPHONE.findall(without), *OFFICE.findall(without)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("write to desk@network.example", ["desk@network"]),
        ("write to desk(at)network.example", ["desk(at)network"]),
        ("call +47 00 00 00 00", ["+4", "7 00 00 00 00"]),
        ("call 0000 000 000", ["0000 000 000"]),
        ("opened by State Secretary Ola Nordmarking, a fictional person", ["State Secretary"]),
        ("https://authority.example/speech-state-secretary-nordmarking/id7", []),  # as its publisher named it
        ("Ms. Nordmarking, a fictional person", ["Ms."]),
        ("2018-11-14,2018-11-15,https://authority.example/id2653680/", []),
        ("the programmes of 2014-2021", []),
        ("Ministry of Justice", []),
    ],
)
def test_an_address_a_number_or_an_office_is_detected(line, found):
    assert personal_details_in(line) == found


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_a_person_or_says_how_to_reach_one(name):
    text = read_data_file("samsvar.network", name)
    assert len(text) > 1000
    assert personal_details_in(text) == []


# --- Unverified facts are kept, shown as unverified, and never counted ------------------------------------------------

HEAD = (
    "network,tie,kind,form,from,to,place,state,title,language,about,organiser,organisations,participants,reckoning,"
    "meeting,confidence,source,second_source,note\n"
)
VERIFIED = (
    "synergy,held,conference,,2019-06-04,2019-06-06,Bucharest,RO,,,A conference,,,120,stated,,"
    "confirmed,https://a.example/1,,\n"
)
UNVERIFIED = (
    "synergy,held,conference,,2020,2020,Oslo,NO,,,A conference,,,500,about,,from-memory,,,Nobody has found a source\n"
)


def test_an_unverified_fact_is_kept_and_never_counted():
    both = parse_gatherings(HEAD + VERIFIED + UNVERIFIED)
    assert [one.participants for one in both] == [120, 500]
    assert [one.participants for one in filter_verified(both)] == [120]


def test_every_fact_in_the_files_is_verified_and_counted():
    assert filter_verified(all_facts()) == tuple(all_facts())


def test_every_column_of_a_row_is_read_into_the_gathering():
    row = (
        "synergy,attended,study_visit,hybrid,2019-06,2019-06,Oslo,NO,Seeing,en,Our words,The ministry,a|b,80,nearly,"
        "seeing-2019,single-source,https://a.example/1,https://b.example/2,Mind this\n"
    )
    assert parse_gatherings(HEAD + row) == (
        Gathering(
            network="synergy",
            relation=GatheringRelation.ATTENDED,
            kind=GatheringKind.STUDY_VISIT,
            form=GatheringFormat.HYBRID,
            begins=PartialDate(2019, 6),
            ends=PartialDate(2019, 6),
            place="Oslo",
            state="NO",
            title="Seeing",
            language="en",
            about="Our words",
            organiser="The ministry",
            organisations=("a", "b"),
            participants=80,
            reckoning=CountPrecision.NEARLY,
            meeting="seeing-2019",
            confidence=Confidence.SINGLE_SOURCE,
            source="https://a.example/1",
            second_source="https://b.example/2",
            note="Mind this",
        ),
    )


def test_a_date_is_as_exact_as_its_source():
    assert {(str(one.begins), one.precision) for one in gatherings() if one.place in {"Strasbourg", "Kaunas"}} == {
        ("2022-11", "month"),
        ("None", "none"),
    }


# --- Invalid entries are reported -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("2019-06-04", "4 June 2019", "“4 June 2019” is not a date."),
        ("2019-06-04", "", "it has a start or an end, but not both."),
        ("2019-06-04", "2019-07", "it ends before it starts."),
        (",RO,", ",RX,", "“RX” is not a known state."),
        (",RO,", ",ro,", "“ro” is not a known state."),
        (",RO,", ",XA,", "“XA” is not a known state."),  # a fictional state has no place among public facts
        (",RO,", ",,", "“” is not a known state."),  # every place is in some state
        ("held", "hosted", "'hosted' is not a valid GatheringRelation."),
        ("conference", "party", "'party' is not a valid GatheringKind."),
        ("120", "many", "“many” is not a number of people."),
        ("120", "0", "“0” is not a number of people."),
        ("120", "", "a number of participants requires the source's way of counting, and vice versa."),
        ("confirmed", "sure", "'sure' is not a valid Confidence."),
        ("https://a.example/1", "", "without a source it can only be marked “from-memory”."),
    ],
)
def test_an_invalid_row_is_reported_with_its_line(before, after, problem):
    assert VERIFIED.count(before) == 1 or before == "conference"
    with pytest.raises(InvalidFact) as bad:
        parse_gatherings(HEAD + VERIFIED + VERIFIED.replace(before, after, 1))
    assert (bad.value.file, bad.value.place, bad.value.problem) == ("gatherings.csv", "line 3", problem)
    assert bad.value.full_message() == (
        f"gatherings.csv, line 3: {problem} Nothing was saved. Correct the entry and load the file again."
    )


@pytest.mark.parametrize("row", ["synergy,held\n", VERIFIED.replace("\n", ",more\n")])
def test_a_row_with_too_few_or_too_many_values_is_reported(row):
    with pytest.raises(InvalidFact, match="line 2: the columns must be network, tie"):
        parse_gatherings(HEAD + row)


def test_a_publication_without_a_source_is_reported():
    head = "network,published,state,title,language,about,by,organisations,confidence,source,second_source,note\n"
    with pytest.raises(
        InvalidFact, match=r"publications\.csv, line 2: without a source it can only be marked “from-memory”"
    ):
        parse_publications(head + "synergy,,RO,,,A manual,,,single-source,,,\n")


ENTRY = """[no-ministry]
names = { en = "Ministry" }
kind = "ministry"
state = "NO"
part = "leads"
confidence = "confirmed"
source = "https://a.example/1"
"""


def test_an_organisation_is_read():
    assert parse_organisations(ENTRY)["no-ministry"].name("nb") == "Ministry"


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('{ en = "Ministry" }', '{ nb = "Departementet" }', "it has no name in English."),
        ('state = "NO"', 'state = ""', "“” is not a known state."),
        ('kind = "ministry"', 'kind = "agency"', "'agency' is not a valid OrganisationKind."),
        ('part = "leads"', 'part = "member"', "'member' is not a valid OrganisationRole."),
        ('part = "leads"\n', "", "“part” is missing."),
        ('part = "leads"\n', 'part = "leads"\nwebsight = ""\n', "there is no field “websight”."),
    ],
)
def test_an_invalid_organisation_is_reported(before, after, problem):
    assert before in ENTRY
    with pytest.raises(InvalidFact) as bad:
        parse_organisations(ENTRY.replace(before, after))
    assert (bad.value.file, bad.value.place, bad.value.problem) == ("organisations.toml", "no-ministry", problem)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("ro = ", "de = ", "a sentence is required in en, fr, nb, ro, in this order."),
        ('on = "2020-09-25"', 'on = ""', "the states have no date."),
        ('codes = ["BG"', 'codes = ["Bulgaria"', "“Bulgaria” is not a known state."),
        ('led_by = "NO"', 'led_by = "NN"', "“NN” is not a known state."),
    ],
)
def test_an_invalid_network_is_reported(before, after, problem):
    text = read_data_file("samsvar.network", "networks.toml")
    assert before in text
    with pytest.raises(InvalidFact) as bad:
        parse_networks(text.replace(before, after))
    assert (bad.value.file, bad.value.place, bad.value.problem) == ("networks.toml", "synergy", problem)


def test_an_invalid_toml_file_is_reported():
    with pytest.raises(InvalidFact, match=r"networks\.toml, the whole file: "):
        parse_networks("[synergy")
    with pytest.raises(SamsvarError, match=r"networks\.toml, name: it is outside any entry"):
        parse_networks('name = "SYNERGY"')
