"""Every table and every column is in the registry of what is held of people, or says why it holds nothing."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import override_settings

from samsvar.site.network.data_inventory import (
    Fate,
    Holding,
    HoldsNone,
    UnknownKind,
    days_of,
    ends_at,
    holdings,
    holds_none,
    kind_called,
    kinds,
)
from samsvar.site.network.models import Account, Person
from samsvar.site.network.personal_data import HOLDS_NONE_TABLES

ALL = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
TELLING = re.compile(
    r"name|mail|phone|mobile|address|(^|_)(ip|by|to|from|user|person|owner|author|contact|birth|gender|sex|text|body|note|"
    r"reason|comment|about|remark|why|agent|title|photo|picture|account|member)(_|$)"
)
FREE = (models.TextField, models.JSONField, models.EmailField, models.GenericIPAddressField, models.FileField)


def columns_of(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.local_concrete_fields}


def looks_personal(field: models.Field) -> bool:
    """Whether a column's name or type says that a person may stand in it."""
    return isinstance(field, FREE) or bool(TELLING.search(field.name))


def forgotten_models(known: set[str], every: dict[str, type[models.Model]]) -> set[str]:
    return set(every) - known


def undecided_columns(holding: Holding) -> set[str]:
    return columns_of(holding.table) ^ {*holding.given, *holding.withheld, *holding.plain}


def unexplained_columns(label: str, none: HoldsNone) -> set[str]:
    telling = {field.name for field in ALL[label]._meta.local_concrete_fields if looks_personal(field)}
    return telling - set(none.columns)


def test_every_model_is_registered_or_says_why_it_holds_nothing():
    known = {one.model for one in holdings()} | set(holds_none())
    assert forgotten_models(known, ALL) == set()
    assert known - set(ALL) == set()  # nor is one named that is no more
    assert {one.model for one in holdings()} & set(holds_none()) == set()


def test_a_model_that_forgot_would_be_found():
    known = {one.model for one in holdings()} | set(holds_none())
    known.discard("samsvar_monitoring.Upload")
    assert forgotten_models(known, ALL) == {"samsvar_monitoring.Upload"}


@pytest.mark.parametrize("holding", holdings(), ids=lambda one: one.key)
def test_every_column_is_handed_out_or_withheld_with_a_reason_or_says_nothing_of_anybody(holding):
    assert undecided_columns(holding) == set()
    every = [*holding.given, *holding.withheld, *holding.plain]
    assert len(every) == len(set(every))  # one decision a column
    assert all(str(reason).strip() for reason in holding.withheld.values())
    assert set(holding.empty) <= columns_of(holding.table)


def test_a_column_that_nobody_decided_on_would_be_found():
    from dataclasses import replace

    upload = next(one for one in holdings() if one.key == "uploads")
    less = replace(upload, given=tuple(name for name in upload.given if name != "filename"))
    assert undecided_columns(less) == {"filename"}


@pytest.mark.parametrize("label", sorted(holds_none()))
def test_a_table_that_holds_nothing_of_anybody_explains_each_column_that_looks_otherwise(label):
    none = holds_none()[label]
    assert none.because
    assert unexplained_columns(label, none) == set()
    assert set(none.columns) <= columns_of(ALL[label])
    direct = [f.name for f in ALL[label]._meta.local_concrete_fields if f.related_model in (Account, Person)]
    assert direct == []


def test_a_column_that_looks_personal_would_be_found():
    assert unexplained_columns("samsvar_network.Organisation", HoldsNone("bodies")) >= {"name", "about", "source"}


def direct_ways() -> set[tuple[str, str]]:
    """Every column of every table that leads to an account or a person."""
    return {
        (label, field.name)
        for label, model in ALL.items()
        for field in model._meta.local_concrete_fields
        if field.related_model in (Account, Person)
    }


# The two rows of somebody lead to one another; `subject_of` goes that way.
BETWEEN_THE_TWO = {("samsvar_network.Person", "account")}


def test_every_way_from_a_row_to_a_person_is_gone_by_a_holding():
    gone = {(one.model, way.partition("__")[0]) for one in holdings() for way in one.through}
    assert direct_ways() - gone - BETWEEN_THE_TWO == set()


def test_a_row_that_belongs_to_somebodys_row_is_registered_itself():
    """Lines of an exchange, tokens of a connection: what hangs on a registered row may say something of its person."""
    held = {one.model for one in holdings()}
    hanging = {
        label
        for label, model in ALL.items()
        for field in model._meta.local_concrete_fields
        if field.related_model is not None and field.related_model._meta.label in held
    }
    assert hanging - held <= set(holds_none())
    assert {"samsvar_network.AskLine", "account.EmailConfirmation", "socialaccount.SocialToken"} <= held


@pytest.mark.parametrize("holding", [one for one in holdings() if one.through], ids=lambda one: one.key)
def test_a_way_ends_at_an_account_or_a_person(holding):
    assert {ends_at(holding.table, way) for way in holding.through} <= {Account, Person}


@pytest.mark.parametrize("holding", holdings(), ids=lambda one: one.key)
def test_a_holding_says_what_the_law_asks(holding):
    assert holding.purposes
    assert holding.grounds
    for words in (holding.what, holding.recipients, holding.stays, holding.erasure):
        assert str(words).strip()
    assert holding.fate is not Fate.EMPTIED or holding.empty or holding.erase
    if str(holding.stays).replace("_", "").isalpha():  # one word: the key of a period
        assert kind_called(str(holding.stays)) is not None


def test_keys_are_used_once():
    keys = [one.key for one in holdings()]
    assert len(keys) == len(set(keys))
    periods = [one.key for one in kinds()]
    assert len(periods) == len(set(periods))


@pytest.mark.django_db
def test_every_table_of_the_database_is_a_models_or_says_why_it_holds_nothing():
    tables = set(connection.introspection.table_names())
    modelled = {model._meta.db_table for model in ALL.values()}
    assert {"samsvar_network_detail", "django_migrations"} <= tables
    assert tables - modelled - set(HOLDS_NONE_TABLES) == set()


def test_a_site_may_keep_things_for_another_time():
    letters = kind_called("letters")
    assert days_of(letters) == 30
    with override_settings(SAMSVAR_RETENTION={"letters": 14}):
        assert days_of(letters) == 14


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"lettres": 14}, "There is no kind “lettres” to keep."),
        ({"letters": 0}, "“letters” is to be kept 0 days."),
        ({"audit_log": 10}, "There is no kind “audit_log” to keep."),  # each line says itself how long it stays
    ],
)
def test_a_period_for_nothing_is_refused_by_name(said, message):
    with override_settings(SAMSVAR_RETENTION=said), pytest.raises(UnknownKind) as refusal:
        days_of(kind_called("letters"))
    assert refusal.value.message == message
