from functools import partial

import django.db.models.deletion
from django.db import migrations, models

import samsvar.funding.programmes
import samsvar.funding.projects
import samsvar.ids
import samsvar.network.loading
from samsvar.site.shell.first_migration import FirstMigration
from samsvar.site.shell.labels import enum_choices


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("samsvar_convention", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                (
                    "confidence",
                    models.CharField(choices=partial(enum_choices, samsvar.network.loading.Confidence), max_length=20),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.funding.programmes.ActivityKind), max_length=12
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=60)),
                ("title", models.CharField(max_length=300)),
                ("language", models.CharField(default="en", max_length=8)),
                (
                    "form",
                    models.CharField(
                        blank=True,
                        choices=partial(enum_choices, samsvar.funding.programmes.ActivityFormat),
                        max_length=16,
                    ),
                ),
                ("period", models.CharField(blank=True, max_length=20)),
                (
                    "part_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="samsvar_funding.activity",
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("grant", models.DecimalField(blank=True, decimal_places=2, max_digits=17, null=True)),
                ("grant_eea", models.DecimalField(blank=True, decimal_places=2, max_digits=17, null=True)),
                ("grant_norway", models.DecimalField(blank=True, decimal_places=2, max_digits=17, null=True)),
                ("cofinancing", models.DecimalField(blank=True, decimal_places=2, max_digits=17, null=True)),
                ("gbv_share", models.DecimalField(blank=True, decimal_places=2, max_digits=17, null=True)),
                ("valued_on", models.DateField(blank=True, null=True)),
                ("begins", models.CharField(blank=True, max_length=10)),
                ("ends", models.CharField(blank=True, max_length=10)),
                ("about", models.TextField(blank=True)),
                ("from_memory", models.CharField(blank=True, max_length=200)),
                ("read_on", models.DateField(blank=True, null=True)),
                ("fictional", models.BooleanField(default=False)),
                (
                    "keeper",
                    models.CharField(
                        choices=[("facts", "Facts"), ("person", "Person"), ("demo", "Demo")], max_length=8
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["-period", "kind", "slug"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("currency", ""), _negated=True),
                            models.Q(
                                ("cofinancing", None),
                                ("gbv_share", None),
                                ("grant", None),
                                ("grant_eea", None),
                                ("grant_norway", None),
                            ),
                            _connector="OR",
                        ),
                        name="an_amount_has_a_currency",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ActivityState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="states",
                        to="samsvar_funding.activity",
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="samsvar_convention.state"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.funding.programmes.PartnerSide), max_length=16
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["activity_id", "side", "place"],
                "constraints": [models.UniqueConstraint(fields=("activity", "state", "side"), name="one_side_a_state")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ActivityArea",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="areas", to="samsvar_funding.activity"
                    ),
                ),
                ("area", models.CharField(max_length=30)),
                ("place", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["activity_id", "place"],
                "constraints": [models.UniqueConstraint(fields=("activity", "area"), name="one_area_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Partner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="partners",
                        to="samsvar_funding.activity",
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(max_length=200)),
                (
                    "role",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.funding.programmes.PartnerRole), max_length=16
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.funding.programmes.PartnerSide), max_length=16
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="samsvar_convention.state",
                    ),
                ),
                ("organisation", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "ordering": ["activity_id", "place"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                (
                    "confidence",
                    models.CharField(choices=partial(enum_choices, samsvar.network.loading.Confidence), max_length=20),
                ),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=60, unique=True)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transactions",
                        to="samsvar_funding.activity",
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.funding.projects.TransactionStep), max_length=10
                    ),
                ),
                ("value", models.DecimalField(decimal_places=2, max_digits=17)),
                ("currency", models.CharField(max_length=3)),
                ("day", models.CharField(blank=True, max_length=10)),
                ("payer", models.CharField(blank=True, max_length=200)),
                ("receiver", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["activity_id", "day", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                (
                    "confidence",
                    models.CharField(choices=partial(enum_choices, samsvar.network.loading.Confidence), max_length=20),
                ),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=60, unique=True)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="samsvar_funding.activity",
                    ),
                ),
                ("what", models.CharField(max_length=300)),
                ("promised", models.TextField(blank=True)),
                ("came", models.TextField(blank=True)),
                ("unit", models.CharField(blank=True, max_length=60)),
                ("promised_number", models.DecimalField(blank=True, decimal_places=2, max_digits=17, null=True)),
                ("came_number", models.DecimalField(blank=True, decimal_places=2, max_digits=17, null=True)),
                ("begins", models.CharField(blank=True, max_length=10)),
                ("ends", models.CharField(blank=True, max_length=10)),
            ],
            options={
                "ordering": ["activity_id", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="samsvar_funding.activity"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.funding.projects.FundingLinkKind), max_length=12
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("source", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["activity_id", "kind", "key"],
                "indexes": [models.Index(fields=["kind", "key"], name="money_behind")],
                "constraints": [
                    models.UniqueConstraint(fields=("activity", "kind", "key"), name="one_link_to_a_thing")
                ],
            },
        ),
        migrations.CreateModel(
            name="FactsheetTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                (
                    "confidence",
                    models.CharField(choices=partial(enum_choices, samsvar.network.loading.Confidence), max_length=20),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("kind", models.CharField(max_length=12)),
                ("code", models.CharField(max_length=30)),
                ("name", models.CharField(max_length=200)),
                ("period", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("value", models.DecimalField(decimal_places=2, max_digits=17)),
                ("day", models.CharField(blank=True, max_length=10)),
                ("read_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-period", "kind", "value"],
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
