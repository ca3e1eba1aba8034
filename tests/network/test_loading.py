"""Public facts of the networks: each has a source, no person is named, nothing unverified is counted."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from samsvar.dates import PartialDate
from samsvar.errors import SamsvarError
from samsvar.languages import INTERFACE
from samsvar.network.loading import (
    BadFact,
    Confidence,
    Fact,
    Form,
    Gathering,
    GatheringKind,
    Part,
    Reckoning,
    Tie,
    counted,
    data_file,
    gatherings,
    gatherings_in,
    gatherings_of,
    networks,
    networks_in,
    organisations,
    organisations_in,
    publications,
    publications_in,
    publications_of,
)
from samsvar.network.people import OrganisationKind
from samsvar.territories import Kind, territory

FILES = ("networks.toml", "organisations.toml", "gatherings.csv", "publications.csv", "README.md")


def every_fact() -> list[Fact]:
    """All facts of all files."""
    named = [network.states for network in networks().values()]
    return [*networks().values(), *named, *organisations().values(), *gatherings(), *publications()]


def test_the_files_are_those_that_are_read_and_their_readme():
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


def test_what_a_network_is_and_what_its_members_are_is_said_in_every_language():
    for network in networks().values():
        for sentences in (network.about, network.members):
            assert tuple(language for language, _ in sentences) == INTERFACE
            assert all(sentence.endswith(".") for _, sentence in sentences)
            assert len({sentence for _, sentence in sentences}) == len(INTERFACE)


def test_the_states_with_members_are_those_that_a_paper_named_on_a_day():
    states = networks()["synergy"].states
    assert (str(states.on), states.codes, states.confidence) == (
        "2020-09-25",
        ("BG", "HR", "CY", "CZ", "EE", "GR", "HU", "LV", "LT", "MT", "NO", "PL", "PT", "RO", "SK", "SI"),
        Confidence.SINGLE_SOURCE,
    )


def test_synergy_has_held_these():
    held = [(str(one.begins or ""), str(one.ends or ""), one.place, one.kind) for one in gatherings_of("synergy")]
    assert held == [
        ("2018-11-14", "2018-11-15", "Bucharest", GatheringKind.CONFERENCE),
        ("2018-11-15", "2018-11-15", "Bucharest", GatheringKind.NETWORK_MEETING),
        ("2019-06-04", "2019-06-06", "Bucharest", GatheringKind.CONFERENCE),
        ("2019-06", "2019-06", "Bucharest", GatheringKind.NETWORK_MEETING),
        ("2019-10-06", "2019-10-08", "Prague", GatheringKind.CONFERENCE),
        ("2019-10", "2019-10", "Prague", GatheringKind.NETWORK_MEETING),
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


def test_what_others_held_is_not_said_to_be_the_networks():
    others = [(one.tie, one.place) for one in gatherings() if one not in gatherings_of("synergy")]
    assert others == [
        (Tie.BESIDE, "Prague"),
        (Tie.BESIDE, "Oslo"),
        (Tie.BESIDE, "Reykjavik"),
        (Tie.ATTENDED, "Bucharest"),
        (Tie.BESIDE, ""),
        (Tie.BESIDE, ""),
        (Tie.BESIDE, "Kaunas"),
    ]


def test_the_number_of_participants_is_as_exact_as_its_source():
    numbers = {
        (one.place, str(one.begins)): (one.participants, one.reckoning) for one in gatherings() if one.participants
    }
    assert numbers == {
        ("Bucharest", "2018-11-14"): (104, Reckoning.STATED),
        ("Bucharest", "2018-11-15"): (63, Reckoning.STATED),
        ("Bucharest", "2019-06-04"): (120, Reckoning.STATED),
        ("Reykjavik", "2019-10-31"): (120, Reckoning.MORE_THAN),
        ("Sofia", "2023-06-15"): (80, Reckoning.NEARLY),
        ("Bratislava", "2023-12-06"): (130, Reckoning.MORE_THAN),
    }


def test_gatherings_come_by_date_and_those_without_one_last():
    days = [one.begins.earliest if one.begins else None for one in gatherings()]
    known = [day for day in days if day]
    assert days == [*known, *([None] * (len(days) - len(known)))]
    years = [day.year for day in known]
    assert years == sorted(years)


def test_a_gathering_or_publication_says_what_it_was():
    assert [one for one in gatherings() if not (one.title or one.about)] == []
    assert [one for one in publications_of("synergy") if not one.about] == []
    assert all(bool(one.title) is bool(one.language) for one in (*gatherings(), *publications()))


def test_every_fact_has_a_source_that_is_a_page():
    assert len(every_fact()) == 1 + 1 + 28 + 24 + 3
    assert [fact for fact in every_fact() if not fact.source] == []
    addresses = {address for fact in every_fact() for address in fact.sources}
    assert {address for address in addresses if not re.fullmatch(r"https?://[\w.-]+/\S+", address)} == set()
    assert all(len(set(fact.sources)) == len(fact.sources) for fact in every_fact())


def test_every_state_is_a_real_one():
    codes = {
        *(code for network in networks().values() for code in (network.led_by, *network.states.codes)),
        *(fact.state for fact in (*organisations().values(), *gatherings(), *publications())),
    } - {""}
    kinds = {known.kind if (known := territory(code)) else None for code in codes}
    assert kinds == {Kind.COUNCIL_OF_EUROPE}


def test_only_an_international_organisation_is_of_no_state():
    stateless = [one.kind for one in organisations().values() if not one.state]
    assert stateless == [OrganisationKind.INTERNATIONAL_ORGANISATION]


def test_an_organisations_slug_begins_with_its_state():
    assert [slug for slug, one in organisations().items() if one.state and slug[:3] != f"{one.state.lower()}-"] == []


def test_whoever_is_named_as_organiser_or_leader_is_listed():
    named = {slug for one in (*gatherings(), *publications()) for slug in one.organisations}
    assert named | {network.lead for network in networks().values()} <= organisations().keys()
    assert {one.network for one in (*gatherings(), *publications())} <= networks().keys()


def test_an_organisation_organises_where_a_gathering_that_the_network_held_says_so():
    held = {slug for one in gatherings_of("synergy") for slug in one.organisations}
    organising = {slug for slug, one in organisations().items() if one.part is Part.ORGANISES}
    assert organising == {slug for slug in held if organisations()[slug].part not in {Part.LEADS, Part.PARTNER}}
    assert {slug for slug, one in organisations().items() if one.part is Part.FIELD} & held == set()


def test_organisations_come_with_the_leading_one_first():
    parts = [one.part for one in organisations().values()]
    assert (parts[0], parts.count(Part.LEADS)) == (Part.LEADS, 1)


def test_an_organisation_is_called_as_a_source_prints_it_and_in_english_elsewhere():
    anes = organisations()["ro-anes"]
    assert [anes.name(language) for language in ("en", "ro", "fr")] == [
        "National Agency for Equal Opportunities for Women and Men",
        "Agenția Națională pentru Egalitatea de Șanse între Femei și Bărbați (ANES)",
        "National Agency for Equal Opportunities for Women and Men",
    ]


# --- Nobody can be found or called through these files ----------------------------------------------------------------

ADDRESS = re.compile(r"[\w.+-]+\s*(?:@|\(at\)|\[at\])\s*[\w-]+")
TELEPHONE = re.compile(r"\+\s?\d|\btel\b|\d(?:[ ()/.-]?\d){6,}", re.IGNORECASE)
OFFICE = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|professor|excellency)\b\.?|state[ -]secretary|ambassador|vice[ -]?minister"
    r"|\b(?:prime )?minister\b|\bpresident\b|\bdirector\b|\bhead of\b",
    re.IGNORECASE,
)


def reachable(text: str) -> list[str]:
    """What in a text reaches or names a person: addresses, numbers, titles and offices; the address of a source may."""
    without = re.sub(r"https?://[^\s\",]+|\b\d{4}(?:-\d{2}){1,2}\b|\b\d{4}-\d{4}\b", " ", text)
    return [*ADDRESS.findall(text), *TELEPHONE.findall(without), *OFFICE.findall(without)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("write to desk@network.example", ["desk@network"]),
        ("write to desk(at)network.example", ["desk(at)network"]),
        ("call +47 00 00 00 00", ["+4", "7 00 00 00 00"]),
        ("call 0000 000 000", ["0000 000 000"]),
        ("opened by State Secretary Ola Nordmarking, an invented person", ["State Secretary"]),
        ("https://authority.example/speech-state-secretary-nordmarking/id7", []),  # as its publisher named it
        ("Ms. Nordmarking, an invented person", ["Ms."]),
        ("2018-11-14,2018-11-15,https://authority.example/id2653680/", []),
        ("the programmes of 2014-2021", []),
        ("Ministry of Justice", []),
    ],
)
def test_an_address_a_number_or_an_office_would_be_found(line, found):
    assert reachable(line) == found


@pytest.mark.parametrize("name", FILES)
def test_no_file_reaches_or_names_a_person(name):
    text = data_file(name)
    assert len(text) > 1000
    assert reachable(text) == []


# --- What is only remembered is kept, shown as that, and counted nowhere ----------------------------------------------

HEAD = (
    "network,tie,kind,form,from,to,place,state,title,language,about,organiser,organisations,participants,reckoning,"
    "meeting,confidence,source,second_source,note\n"
)
SEEN = (
    "synergy,held,conference,,2019-06-04,2019-06-06,Bucharest,RO,,,A conference,,,120,stated,,"
    "confirmed,https://a.example/1,,\n"
)
REMEMBERED = (
    "synergy,held,conference,,2020,2020,Oslo,NO,,,A conference,,,500,about,,from-memory,,,Nobody has found a source\n"
)


def test_what_is_only_remembered_is_kept_and_never_counted():
    both = gatherings_in(HEAD + SEEN + REMEMBERED)
    assert [one.participants for one in both] == [120, 500]
    assert [one.participants for one in counted(both)] == [120]


def test_everything_in_the_files_today_may_be_counted():
    assert counted(every_fact()) == tuple(every_fact())


def test_a_row_becomes_a_gathering_whole():
    row = (
        "synergy,attended,study_visit,hybrid,2019-06,2019-06,Oslo,NO,Seeing,en,Our words,The ministry,a|b,80,nearly,"
        "seeing-2019,single-source,https://a.example/1,https://b.example/2,Mind this\n"
    )
    assert gatherings_in(HEAD + row) == (
        Gathering(
            network="synergy",
            tie=Tie.ATTENDED,
            kind=GatheringKind.STUDY_VISIT,
            form=Form.HYBRID,
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
            reckoning=Reckoning.NEARLY,
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


# --- A broken entry is named ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("2019-06-04", "4 June 2019", "“4 June 2019” is no date."),
        ("2019-06-04", "", "it has one end of its time and not the other."),
        ("2019-06-04", "2019-07", "it ends before it begins."),
        (",RO,", ",RX,", "“RX” is no known state."),
        (",RO,", ",ro,", "“ro” is no known state."),
        (",RO,", ",XA,", "“XA” is no known state."),  # an invented state has no place among public facts
        (",RO,", ",,", "“” is no known state."),  # a place lies in some state
        ("held", "hosted", "'hosted' is not a valid Tie."),
        ("conference", "party", "'party' is not a valid GatheringKind."),
        ("120", "many", "“many” is no number of people."),
        ("120", "0", "“0” is no number of people."),
        ("120", "", "a number of participants and how a source puts it go together."),
        ("confirmed", "sure", "'sure' is not a valid Confidence."),
        ("https://a.example/1", "", "without a source it can only be from memory."),
    ],
)
def test_a_row_that_cannot_be_believed_is_named_with_its_line(before, after, problem):
    assert SEEN.count(before) == 1 or before == "conference"
    with pytest.raises(BadFact) as bad:
        gatherings_in(HEAD + SEEN + SEEN.replace(before, after, 1))
    assert (bad.value.file, bad.value.place, bad.value.problem) == ("gatherings.csv", "line 3", problem)
    assert bad.value.explained() == (
        f"gatherings.csv, line 3: {problem} Nothing was stored. Mend the entry and load the file again."
    )


@pytest.mark.parametrize("row", ["synergy,held\n", SEEN.replace("\n", ",more\n")])
def test_a_row_with_too_few_or_too_many_values_is_named(row):
    with pytest.raises(BadFact, match="line 2: its columns are not network, tie"):
        gatherings_in(HEAD + row)


def test_a_publication_without_a_source_is_named():
    head = "network,published,state,title,language,about,by,organisations,confidence,source,second_source,note\n"
    with pytest.raises(BadFact, match=r"publications\.csv, line 2: without a source it can only be from memory"):
        publications_in(head + "synergy,,RO,,,A manual,,,single-source,,,\n")


ENTRY = """[no-ministry]
names = { en = "Ministry" }
kind = "ministry"
state = "NO"
part = "leads"
confidence = "confirmed"
source = "https://a.example/1"
"""


def test_an_entry_is_read():
    assert organisations_in(ENTRY)["no-ministry"].name("nb") == "Ministry"


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('{ en = "Ministry" }', '{ nb = "Departementet" }', "it has no name in English."),
        ('state = "NO"', 'state = ""', "“” is no known state."),
        ('kind = "ministry"', 'kind = "agency"', "'agency' is not a valid OrganisationKind."),
        ('part = "leads"', 'part = "member"', "'member' is not a valid Part."),
        ('part = "leads"\n', "", "“part” is missing."),
        ('part = "leads"\n', 'part = "leads"\nwebsight = ""\n', "nothing is known of “websight”."),
    ],
)
def test_an_organisation_that_cannot_be_believed_is_named(before, after, problem):
    assert before in ENTRY
    with pytest.raises(BadFact) as bad:
        organisations_in(ENTRY.replace(before, after))
    assert (bad.value.file, bad.value.place, bad.value.problem) == ("organisations.toml", "no-ministry", problem)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("ro = ", "de = ", "a sentence is asked for in en, fr, nb, ro, and in this order."),
        ('on = "2020-09-25"', 'on = ""', "the states are named on no day."),
        ('codes = ["BG"', 'codes = ["Bulgaria"', "“Bulgaria” is no known state."),
        ('led_by = "NO"', 'led_by = "NN"', "“NN” is no known state."),
    ],
)
def test_a_network_that_cannot_be_believed_is_named(before, after, problem):
    text = data_file("networks.toml")
    assert before in text
    with pytest.raises(BadFact) as bad:
        networks_in(text.replace(before, after))
    assert (bad.value.file, bad.value.place, bad.value.problem) == ("networks.toml", "synergy", problem)


def test_a_file_that_is_no_toml_is_named():
    with pytest.raises(BadFact, match=r"networks\.toml, the whole file: "):
        networks_in("[synergy")
    with pytest.raises(SamsvarError, match=r"networks\.toml, name: it stands outside any entry"):
        networks_in('name = "SYNERGY"')
