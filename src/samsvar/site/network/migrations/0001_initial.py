import uuid
from functools import partial

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import samsvar.ids
import samsvar.network.consent
import samsvar.network.membership
import samsvar.network.people
import samsvar.network.rights
from samsvar.site.shell.first_migration import FirstMigration
from samsvar.site.shell.labels import enum_choices


class Migration(FirstMigration):
    initial = True

    dependencies = [("samsvar_convention", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("is_active", models.BooleanField(default=True)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("joined_at", models.DateTimeField(auto_now_add=True)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="unique_account_address"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "account",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="person",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at_risk", models.BooleanField(default=False)),
                ("pseudonym", models.CharField(blank=True, max_length=80)),
                ("fictional", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("at_risk", False),
                            models.Q(("pseudonym", ""), _negated=True),
                            ("erased_at__isnull", False),
                            _connector="OR",
                        ),
                        name="a_person_at_risk_has_a_pseudonym",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Detail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="details", to="samsvar_network.person"
                    ),
                ),
                ("field", models.CharField(choices=partial(enum_choices, samsvar.network.people.Field), max_length=20)),
                ("value", models.TextField()),
                (
                    "visibility",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.network.consent.Visibility),
                        default=samsvar.network.consent.Visibility["SECRETARIAT"],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["person_id", "field", "id"],
                "indexes": [models.Index(fields=["field", "value"], name="detail_by_value")],
                "constraints": [models.UniqueConstraint(fields=("person", "field", "value"), name="one_row_a_value")],
            },
        ),
        migrations.CreateModel(
            name="Basis",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bases", to="samsvar_network.person"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(choices=partial(enum_choices, samsvar.network.consent.Purpose), max_length=20),
                ),
                (
                    "ground",
                    models.CharField(choices=partial(enum_choices, samsvar.network.consent.LegalBasis), max_length=24),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("text_version", models.CharField(blank=True, max_length=40)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["person_id", "purpose", "since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ground", samsvar.network.consent.LegalBasis["CONSENT"]), _negated=True),
                            models.Q(("text_version", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_consent_names_its_text",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ground", samsvar.network.consent.LegalBasis["CONSENT"]),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="another_ground_says_why",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Photograph",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photographs",
                        to="samsvar_network.person",
                    ),
                ),
                ("content_hash", models.CharField(max_length=64)),
                ("format", models.CharField(max_length=8)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="FormDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(max_length=300)),
                ("form", models.CharField(max_length=20)),
                ("fields", models.JSONField(default=dict)),
                ("at", models.DateTimeField(auto_now=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "page", "form"), name="one_draft_of_a_form")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutgoingEmail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("to", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=250)),
                ("body", models.TextField()),
                ("html", models.TextField(blank=True)),
                ("end_url", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("refusal", models.CharField(blank=True, max_length=250)),
            ],
            options={"ordering": ["-at", "-id"], "indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("name_language", models.CharField(blank=True, max_length=8)),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.network.people.OrganisationKind), max_length=30
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
                ("languages", models.JSONField(default=list)),
                ("website", models.URLField(blank=True)),
                ("about", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                ("confidence", models.CharField(blank=True, max_length=20)),
                ("fictional", models.BooleanField(default=False)),
            ],
            options={"ordering": ["name"], "indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="Network",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("about", models.TextField(blank=True)),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="samsvar_convention.state",
                    ),
                ),
                ("founded", models.CharField(blank=True, max_length=10)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                ("confidence", models.CharField(blank=True, max_length=20)),
                ("fictional", models.BooleanField(default=False)),
            ],
            options={"ordering": ["name"], "indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seats", to="samsvar_network.network"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seats",
                        to="samsvar_network.organisation",
                    ),
                ),
                ("begins", models.DateField(blank=True, null=True)),
                ("ends", models.DateField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("network", "organisation", "begins"), name="one_seat_a_beginning")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="samsvar_network.network",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="samsvar_network.person",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="samsvar_network.organisation",
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
                (
                    "office",
                    models.CharField(choices=partial(enum_choices, samsvar.network.membership.Office), max_length=30),
                ),
                ("begins", models.DateField(blank=True, null=True)),
                ("ends", models.DateField(blank=True, null=True)),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="followed_by",
                        to="samsvar_network.membership",
                    ),
                ),
            ],
            options={
                "ordering": ["network_id", "office", "begins", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("begins__isnull", True),
                            ("ends__isnull", True),
                            ("ends__gte", models.F("begins")),
                            _connector="OR",
                        ),
                        name="a_term_ends_after_it_begins",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="MemberQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asks_made",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asks_received",
                        to="samsvar_network.person",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="samsvar_network.network",
                    ),
                ),
                ("subject", models.CharField(max_length=150)),
                (
                    "progress",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("forwarded", "Forwarded"),
                            ("answered", "Answered"),
                            ("declined", "Declined"),
                            ("closed", "Closed"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
            options={"ordering": ["-at"], "indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="QuestionMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ask",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="samsvar_network.memberquestion",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("asker", "Sender"), ("member", "Member"), ("secretariat", "Secretariat")],
                        max_length=12,
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"ordering": ["ask_id", "at", "id"], "indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("role", models.CharField(choices=partial(enum_choices, samsvar.network.rights.Role), max_length=20)),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="samsvar_convention.state",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="samsvar_network.network"
                    ),
                ),
                ("meeting", models.CharField(blank=True, max_length=40)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["account_id", "role", "since"], "indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("claim", models.CharField(choices=partial(enum_choices, samsvar.network.rights.Claim), max_length=30)),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="samsvar_convention.state",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="samsvar_network.network"
                    ),
                ),
                ("meeting", models.CharField(blank=True, max_length=40)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(max_length=300)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="StaffSession",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("browser", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=300)),
                ("opened_at", models.DateTimeField(auto_now_add=True)),
                ("ends_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"ordering": ["-opened_at"], "indexes": [], "constraints": []},
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(default="en", max_length=8)),
                (
                    "network",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="samsvar_network.network"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="samsvar_network.organisation",
                    ),
                ),
                (
                    "office",
                    models.CharField(
                        blank=True, choices=partial(enum_choices, samsvar.network.membership.Office), max_length=30
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="samsvar_network.person",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations_made",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"ordering": ["-at"], "indexes": [], "constraints": []},
        ),
    ]
