"""Public facts about money, and tables of others: nothing unverified counts, nothing is guessed, nothing gets lost."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from samsvar.dates import PartialDate
from samsvar.funding.amounts import Amount
from samsvar.funding.loading import (
    BadCell,
    activities,
    areas,
    figures,
    gathering_key,
    links,
    publication_key,
    read_row,
    results,
    row_of,
    transactions,
)
from samsvar.funding.programmes import FORMS, Activity, Kind, Partner, Role, Scheme, Side, sums_by_period, sums_of
from samsvar.funding.projects import LinkKind, Step, planned_and_paid
from samsvar.network.loading import Confidence, gatherings, organisations, publications

SHARED = Path(__file__).resolve().parents[3] / "shared/data/synergy_programmes.csv"


def eur(value: int) -> Amount:
    return Amount(Decimal(value), "EUR")


def test_these_are_the_activities_that_we_know_of():
    kinds = [one.kind for one in activities()]
    assert {kind: kinds.count(kind) for kind in Kind} == {
        Kind.PROGRAMME: 14, Kind.CALL: 3, Kind.INITIATIVE: 5, Kind.PROJECT: 1,
    }  # fmt: skip
    assert [one.slug for one in activities() if one.confidence is Confidence.FROM_MEMORY] == ["cy-localdev"]
    assert [one.slug for one in activities() if "code" in one.from_memory] == [
        "bg-homeaffairs", "lt-justice", "pl-justice", "pt-conciliation",
    ]  # fmt: skip


def test_the_initiative_behind_bucharest():
    (initiative,) = [one for one in activities() if one.slug == "ro-a-common-voice"]
    assert (initiative.grant, initiative.code, initiative.beneficiaries, initiative.ends) == (
        eur(92253), "", ("RO",), PartialDate(2019, 6),
    )  # fmt: skip
    behind = [slug for slug, link in links() if link.key == "synergy-2019-06-04-bucharest"]
    assert behind == ["ro-a-common-voice", "bg-justice-bi006"]


def test_totals_are_of_programmes_alone_and_leave_out_what_is_only_remembered():
    assert {
        period: (sums.grants, sums.gbv, sums.programmes, sums.with_grant, sums.unverified)
        for period, sums in sums_by_period(activities()).items()
    } == {
        "2014-2021": ((eur(138_600_000),), (eur(2_000_000),), 9, 5, 1),
        "2009-2014": ((eur(16_065_000),), (eur(16_065_000),), 4, 4, 0),
    }


def test_figures_that_contradict_each_other_stand_side_by_side_and_count_nowhere():
    assert [(one.code, one.amount, one.counts) for one in figures()] == [
        ("PA22", eur(18_300_000), False), ("PA22", eur(27_600_000), False), ("JHA", eur(338_000_000), False),
    ]  # fmt: skip
    assert len({one.source for one in figures()}) == 3


def test_everything_points_at_something():
    slugs = {one.slug for one in activities()}
    assert {one.part_of for one in activities()} - {""} <= slugs
    assert {slug for slug, _ in (*transactions(), *links(), *results())} <= slugs
    assert {key for one in activities() for key in one.areas} <= set(areas())
    for kind, known in (
        (LinkKind.GATHERING, list(map(gathering_key, gatherings()))),
        (LinkKind.PUBLICATION, list(map(publication_key, publications()))),
    ):
        assert len(set(known)) == len(known)
        assert {link.key for _, link in links() if link.kind is kind} <= set(known)
    named = {partner.organisation for one in activities() for partner in one.partners} - {""}
    assert named <= set(organisations())


def test_every_fact_that_is_not_only_remembered_has_a_source_and_a_day():
    assert [one.slug for one in activities() if one.counts and not (one.source and one.read_on)] == []
    assert planned_and_paid(tuple(one for _, one in transactions())) == {Step.COMMITTED: (eur(680_011),)}


def test_our_files_say_what_was_compiled():
    if not SHARED.exists():
        pytest.skip("the compiled table lies beside the repository on developers' machines only")
    with SHARED.open(encoding="utf-8", newline="") as file:
        compiled = list(csv.DictReader(file))
    kinds = {"bilateral_initiative": "initiative", "predefined_project": "project"}
    totals = [row for row in compiled if row["record_type"].endswith("_total")]
    rest = [row for row in compiled if row not in totals]
    ours = {(one.code, one.title if not one.code else ""): one for one in activities()}

    def said(row):
        return (
            kinds.get(row["record_type"], row["record_type"]), row["period"], row["beneficiary_iso2"],
            *(row[f"{name}_eur"] for name in ("grant_total", "grant_eea", "grant_norway", "cofinancing", "dgbv_share")),
            row["date_from"], row["date_to"], row["source_url"], row["second_source_url"], row["confidence"],
        )  # fmt: skip

    def told(one):
        row = row_of(one)
        return tuple(
            row[name]
            for name in (
                "kind", "period", "beneficiaries", "grant", "grant_eea", "grant_norway", "cofinancing", "gbv_share",
                "begins", "ends", "source", "second_source", "confidence",
            )
        )  # fmt: skip

    assert {(row["code"], "" if row["code"] else row["title"]): said(row) for row in rest} == {
        key: told(one) for key, one in ours.items()
    }
    assert [(row["code"], row["grant_total_eur"], row["source_url"]) for row in totals] == [
        (one.code, one.amount.written, one.source) for one in figures()
    ]


# --- Tables of others -------------------------------------------------------------------------------------------------

TEXT = some.text(some.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="|'"), min_size=1)
AMOUNTS = some.none() | some.integers(0, 10**12).map(lambda cents: Amount(Decimal(cents) / 100, "NOK"))
STATES = some.lists(some.sampled_from(["NO", "RO", "BG", "XA"]), unique=True, max_size=3).map(tuple)
PARTNERS = some.lists(
    some.builds(
        lambda name, role, side: Partner(name, role, side, "" if side is Side.INTERNATIONAL else "NO"),
        TEXT.map(lambda name: name[:60]), some.sampled_from(Role), some.sampled_from(Side),
    ),
    max_size=3,
).map(tuple)  # fmt: skip


@some.composite
def some_activity(draw) -> Activity:
    kind = draw(some.sampled_from(Kind))
    part = draw(AMOUNTS)
    more = draw(some.integers(0, 10**9))
    return Activity(
        slug=f"a-{draw(some.integers(1, 9999))}",
        kind=kind,
        title=draw(TEXT)[:200],
        code=draw(TEXT | some.just(""))[:50],
        form=draw(some.sampled_from([None, *FORMS[kind]])),
        period=draw(some.sampled_from(["", "2014-2021"])),
        part_of="" if kind is Kind.PROGRAMME else draw(some.sampled_from(["", "above"])),
        donors=draw(STATES),
        beneficiaries=draw(STATES),
        areas=draw(some.sampled_from([(), ("PA22",), ("PA21", "PA22")])),
        grant=Amount(part.value + more, "NOK") if part else None,
        parts=((Scheme.NORWAY, part),) if part else (),
        cofinancing=draw(AMOUNTS),
        begins=draw(some.sampled_from([None, PartialDate(2018), PartialDate(2018, 9), PartialDate(2018, 9, 3)])),
        ends=draw(some.sampled_from([None, PartialDate(2019), PartialDate(2019, 6, 30)])),
        partners=draw(PARTNERS),
        note=draw(TEXT | some.just("")),
        confidence=Confidence.SINGLE_SOURCE,
        source="https://source.example/",
        from_memory=draw(some.sampled_from([(), ("code",), ("grant", "ends")])),
        read_on=draw(some.sampled_from([None, date(2026, 11, 24)])),
        invented=draw(some.booleans()),
    )


def test_what_is_remembered_of_a_row_is_told_to_nobody_as_a_fact():
    activity, _ = read_row({**GOOD, "code": "XA-1", "grant_norway": "50", "from_memory": "code grant_norway grant"})
    assert activity is not None
    known = activity.without_memory()
    assert (known.code, known.grant, known.parts, known.from_memory) == ("", None, (), ())
    assert sums_of([activity]).grants == ()


@given(some_activity())
def test_what_is_taken_out_comes_back_the_same(activity):
    assert read_row(row_of(activity)) == (activity, ())


GOOD = {
    "kind": "programme", "id": "a-programme", "title": "A programme", "currency": "EUR", "grant": "100",
    "source": "https://source.example/", "beneficiaries": "XA",
}  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"kind": "grantt"}, "unknown_word"),
        ({"title": ""}, "no_title"),
        ({"kind": ""}, "no_kind"),
        ({"id": "Not Short"}, "no_slug"),
        ({"grant": "1.000,00"}, "unreadable_amount"),
        ({"grant": "-5"}, "negative_amount"),
        ({"currency": "EURO"}, "unknown_currency"),
        ({"currency": ""}, "no_currency"),
        ({"beneficiaries": "Ruritania"}, "unknown_state"),
        ({"begins": "spring"}, "unreadable_date"),
        ({"begins": "2020", "ends": "2019"}, "ends_first"),
        ({"grant_norway": "101"}, "parts_exceed_grant"),
        ({"gbv_share": "101"}, "share_exceeds_grant"),
        ({"partners": "somebody"}, "bad_partner"),
        ({"areas": "PA99"}, "unknown_word"),
        ({"source": "", "confidence": "confirmed"}, "no_source"),
        ({"form": "conference"}, "wrong_form"),
        ({"part_of": "another"}, "programme_in_programme"),
        ({"source": "n/a", "confidence": "confirmed"}, "no_real_source"),
        ({"source": "javascript:alert(1)"}, "no_real_source"),
        ({"second_source": "none"}, "no_real_source"),
        ({"from_memory": "source"}, "unknown_word"),
        ({"title": "x" * 301}, "too_long"),
    ],
)
def test_what_is_wrong_is_named_with_its_cell(cell, code):
    activity, wrong = read_row({**GOOD, **cell})
    assert (activity, [one.code for one in wrong]) == (None, [code])


def test_everything_that_is_wrong_in_a_row_is_told_at_once():
    _, wrong = read_row({**GOOD, "begins": "spring", "beneficiaries": "ZZZ"})
    assert wrong == (
        BadCell("beneficiaries", "ZZZ", "unknown_state", "“ZZZ” is no state."),
        BadCell("begins", "spring", "unreadable_date", "“spring” is no date."),
    )


def test_an_amount_keeps_its_value_date():
    activity, _ = read_row({**GOOD, "valued_on": "2024-05-01"})
    assert activity is not None
    assert activity.grant == replace(eur(100), on=date(2024, 5, 1))
    assert row_of(activity)["valued_on"] == "2024-05-01"
