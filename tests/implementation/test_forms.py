"""Forms are data with a version, and a wrong file is named with the place of its error."""

from __future__ import annotations

import pytest

from samsvar.implementation.forms import InvalidForm, UnknownForm, Variant, find_form, load_forms, parse_form

TEXT = '{ en = "E", fr = "F", nb = "N", ro = "R" }'
SMALL = f"""
id = "small"
version = "1"
use = "report_back"
source = "Our own"
read_on = "2026-11-26"
printed_form_seen = false
title = {TEXT}
note = {TEXT}
[[parts]]
id = "first"
title = {TEXT}
[[parts.fields]]
id = "text"
label = {TEXT}
"""


def test_the_three_forms_say_that_the_printed_form_was_not_seen():
    forms = load_forms()
    assert [(form.form_id, form.use.value) for form in forms] == [
        ("report-back", "report_back"),
        ("shadow-report", "shadow_report"),
        ("state-report-annexes", "state_report_annex"),
    ]
    assert not any(form.printed_form_seen for form in forms)
    assert all(form.note[language] for form in forms for language in ("en", "fr", "nb", "ro"))


def test_the_report_back_asks_in_its_short_variant_only_for_measures():
    part = find_form("report-back").part("finding")
    assert part.for_each_finding
    assert [one.field_id for one in part.fields_of(Variant.SHORT)] == ["measures", "owner"]
    assert [one.field_id for one in part.fields_of(Variant.FULL)] == [
        "measures", "effect", "evidence", "remains", "consulted", "owner",
    ]  # fmt: skip
    assert [one.field_id for one in part.fields if one.internal] == ["owner"]


def test_the_annexes_are_tables_of_administrative_data_and_of_training_by_profession():
    annexes = find_form("state-report-annexes")
    tables = {one.field_id: one for part in annexes.parts for one in part.fields}
    assert list(tables) == ["offences", "orders", "initial", "further"]
    assert [row["en"] for row in tables["offences"].row_headings][3] == "Sexual violence, including rape (Article 36)"
    assert tables["initial"].columns[0]["en"] == tables["further"].columns[0]["en"] == "Profession"
    assert tables["initial"].row_headings == tables["further"].row_headings


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('id = "small"', "", "the form has no “id”"),
        ('use = "report_back"', 'use = "novel"', "“novel” is not a use of a form"),
        ("printed_form_seen = false", 'printed_form_seen = "no"', "“printed_form_seen” is neither true nor false"),
        ('version = "1"', 'version = " "', "“version” is empty"),
        ('id = "text"', 'id = "Text 1"', "part “first”, field “Text 1” needs an id of 1 to 12 letters a to z"),
        ('id = "text"', 'id = "text"\ntakes = ["rumour"]', "part “first”, field “text” takes “rumour”, which is not"),
        ('id = "text"', 'id = "text"\nvariants = []', "part “first”, field “text” has an unknown variant, or none"),
        ('id = "text"', f'id = "text"\nrows = [{TEXT}]', "part “first”, field “text” has rows and no columns"),
        ('id = "text"', 'id = "text"\nhlep = 1', "part “first”, field “text” has an unknown key “hlep”"),
        (f"label = {TEXT}", 'label = { en = "E" }', "lacks a text in one of: en, fr, nb, ro"),
        ("[[parts.fields]]", "[[parts.fields", "not valid TOML"),
        ("[[parts]]", "[[elsewhere]]", "the form has an unknown key “elsewhere”"),
    ],
)
def test_an_invalid_file_is_named_with_the_place_of_the_error(before, after, problem):
    assert parse_form(SMALL, "small.toml").parts[0].fields[0].label["ro"] == "R"
    assert before in SMALL
    with pytest.raises(InvalidForm) as caught:
        parse_form(SMALL.replace(before, after), "small.toml")
    assert caught.value.message.startswith("small.toml: ")
    assert problem in caught.value.message


def test_two_fields_of_a_part_cannot_have_the_same_id():
    twice = SMALL + f'[[parts.fields]]\nid = "text"\nlabel = {TEXT}\n'
    with pytest.raises(InvalidForm, match="the id “text” occurs twice"):
        parse_form(twice, "small.toml")


def test_an_unknown_form_or_version_is_named():
    with pytest.raises(UnknownForm, match="“report-back” of version “1900”"):
        find_form("report-back", "1900")
    with pytest.raises(UnknownForm, match="no form “report-back/other”"):
        find_form("report-back").part("other")
