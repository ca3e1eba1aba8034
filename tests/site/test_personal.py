"""Every table and column is in the registry of personal data, or says why it holds none."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import override_settings

from samsvar.site.network.data_inventory import (
    DataCategory,
    ErasureMethod,
    NoPersonalData,
    UnknownRetentionRule,
    data_categories,
    find_retention_rule,
    related_model_for_lookup,
    retention_days,
    retention_rules,
    tables_without_personal_data,
)
from samsvar.site.network.models import Account, Person
from samsvar.site.network.personal_data import TABLES_WITHOUT_MODEL

ALL_MODELS = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
PERSONAL_COLUMN_NAME = re.compile(
    r"name|mail|phone|mobile|address|(^|_)(ip|by|to|from|user|person|owner|author|contact|birth|gender|sex|text|body|note|"
    r"reason|comment|about|remark|why|agent|title|photo|picture|account|member)(_|$)"
)
FREE_FORM_FIELDS = (
    models.TextField,
    models.JSONField,
    models.EmailField,
    models.GenericIPAddressField,
    models.FileField,
)


def columns_of(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.local_concrete_fields}


def looks_personal(field: models.Field) -> bool:
    """Return whether a column's name or type suggests personal data."""
    return isinstance(field, FREE_FORM_FIELDS) or bool(PERSONAL_COLUMN_NAME.search(field.name))


def unregistered_models(known: set[str], every: dict[str, type[models.Model]]) -> set[str]:
    return set(every) - known


def undecided_columns(category: DataCategory) -> set[str]:
    return columns_of(category.model) ^ {*category.exported, *category.withheld, *category.not_personal}


def unexplained_columns(label: str, none: NoPersonalData) -> set[str]:
    telling = {field.name for field in ALL_MODELS[label]._meta.local_concrete_fields if looks_personal(field)}
    return telling - set(none.columns)


def test_every_model_is_registered_or_says_why_it_holds_no_personal_data():
    known = {one.model._meta.label for one in data_categories()} | set(tables_without_personal_data())
    assert unregistered_models(known, ALL_MODELS) == set()
    assert known - set(ALL_MODELS) == set()  # and none is named that no longer exists
    assert {one.model._meta.label for one in data_categories()} & set(tables_without_personal_data()) == set()


def test_an_unregistered_model_would_be_found():
    known = {one.model._meta.label for one in data_categories()} | set(tables_without_personal_data())
    known.discard("samsvar_monitoring.Upload")
    assert unregistered_models(known, ALL_MODELS) == {"samsvar_monitoring.Upload"}


@pytest.mark.parametrize("category", data_categories(), ids=lambda one: one.key)
def test_every_column_is_exported_or_withheld_with_a_reason_or_not_personal(category):
    assert undecided_columns(category) == set()
    every = [*category.exported, *category.withheld, *category.not_personal]
    assert len(every) == len(set(every))  # one decision a column
    assert all(str(reason).strip() for reason in category.withheld.values())
    assert set(category.erasure.new_values) <= columns_of(category.model)


def test_an_undecided_column_would_be_found():
    from dataclasses import replace

    upload = next(one for one in data_categories() if one.key == "uploads")
    less = replace(upload, exported=tuple(name for name in upload.exported if name != "filename"))
    assert undecided_columns(less) == {"filename"}


@pytest.mark.parametrize("label", sorted(tables_without_personal_data()))
def test_a_table_without_personal_data_explains_each_column_that_looks_personal(label):
    none = tables_without_personal_data()[label]
    assert none.reason
    assert unexplained_columns(label, none) == set()
    assert set(none.columns) <= columns_of(ALL_MODELS[label])
    direct = [f.name for f in ALL_MODELS[label]._meta.local_concrete_fields if f.related_model in (Account, Person)]
    assert direct == []


def test_an_unexplained_column_that_looks_personal_would_be_found():
    assert unexplained_columns("samsvar_network.Organisation", NoPersonalData("bodies")) >= {"name", "about", "source"}


def references_to_people() -> set[tuple[str, str]]:
    """Return every column of every table that references an account or a person."""
    return {
        (label, field.name)
        for label, model in ALL_MODELS.items()
        for field in model._meta.local_concrete_fields
        if field.related_model in (Account, Person)
    }


def test_every_reference_to_a_person_is_covered_by_a_data_category():
    gone = {(one.model._meta.label, way.partition("__")[0]) for one in data_categories() for way in one.through}
    assert references_to_people() - gone == set()


def test_a_table_that_references_a_registered_table_is_registered_too():
    """Lines of an exchange, tokens of a connection: what hangs on a registered row may say something of its person."""
    held = {one.model._meta.label for one in data_categories()}
    hanging = {
        label
        for label, model in ALL_MODELS.items()
        for field in model._meta.local_concrete_fields
        if field.related_model is not None and field.related_model._meta.label in held
    }
    assert hanging - held <= set(tables_without_personal_data())
    assert {"samsvar_network.QuestionMessage", "account.EmailConfirmation", "socialaccount.SocialToken"} <= held


@pytest.mark.parametrize("category", [one for one in data_categories() if one.through], ids=lambda one: one.key)
def test_every_lookup_of_a_data_category_ends_at_an_account_or_a_person(category):
    assert {related_model_for_lookup(category.model, way) for way in category.through} <= {Account, Person}


@pytest.mark.parametrize("category", data_categories(), ids=lambda one: one.key)
def test_a_data_category_states_what_the_law_requires(category):
    assert category.purposes
    assert category.legal_bases
    for words in (category.description, category.recipients, category.retention, category.erasure.note):
        assert str(words).strip()
    erasure = category.erasure
    assert erasure.method is not ErasureMethod.ANONYMISED or erasure.new_values or erasure.function
    if str(category.retention).replace("_", "").isalpha():  # one word: the key of a period
        assert find_retention_rule(str(category.retention)) is not None


def test_keys_are_unique():
    keys = [one.key for one in data_categories()]
    assert len(keys) == len(set(keys))
    periods = [one.key for one in retention_rules()]
    assert len(periods) == len(set(periods))


@pytest.mark.django_db
def test_every_database_table_belongs_to_a_model_or_says_why_it_holds_no_personal_data():
    tables = set(connection.introspection.table_names())
    modelled = {model._meta.db_table for model in ALL_MODELS.values()}
    assert {"samsvar_network_detail", "django_migrations"} <= tables
    assert tables - modelled - set(TABLES_WITHOUT_MODEL) == set()


def test_a_site_can_change_a_retention_period():
    letters = find_retention_rule("letters")
    assert retention_days(letters) == 30
    with override_settings(SAMSVAR_RETENTION={"letters": 14}):
        assert retention_days(letters) == 14


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"lettres": 14}, "There is no retention rule “lettres”."),
        ({"letters": 0}, "The retention period of “letters” is set to 0 days."),
        ({"audit_log": 10}, "There is no retention rule “audit_log”."),  # each entry has its own retention period
    ],
)
def test_an_invalid_retention_period_is_refused_by_name(said, message):
    with override_settings(SAMSVAR_RETENTION=said), pytest.raises(UnknownRetentionRule) as refusal:
        retention_days(find_retention_rule("letters"))
    assert refusal.value.message == message
