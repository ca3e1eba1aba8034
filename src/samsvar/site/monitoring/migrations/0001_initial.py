import uuid

import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from samsvar.site.shell.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("samsvar_convention", "0001_initial"),
        ("samsvar_network", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(max_length=16, unique=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("catalogue", "Catalogue"),
                            ("hudoc", "Hudoc"),
                            ("upload", "Upload"),
                            ("demo", "Demo"),
                        ],
                        max_length=12,
                    ),
                ),
                ("body", models.CharField(max_length=40)),
                (
                    "state",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="samsvar_convention.state",
                    ),
                ),
                ("procedure", models.CharField(blank=True, max_length=40)),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("reference", models.CharField(blank=True, max_length=120)),
                ("answers", models.CharField(blank=True, max_length=120)),
                ("title", models.TextField(blank=True)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("published", models.CharField(blank=True, max_length=10)),
                ("link", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                ("confidence", models.CharField(blank=True, max_length=20)),
                ("note", models.TextField(blank=True)),
                ("publisher", models.JSONField(default=dict)),
                ("edited", models.JSONField(default=list)),
            ],
            options={
                "default_manager_name": "everything",
                "ordering": ["-published", "public_id"],
                "indexes": [],
                "constraints": [],
            },
            managers=[("everything", django.db.models.manager.Manager())],
        ),
        migrations.CreateModel(
            name="Section",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(max_length=16, unique=True)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="samsvar_monitoring.document",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(null=True)),
                ("heading", models.TextField(blank=True)),
                ("link", models.TextField(blank=True)),
                ("inherited", models.BooleanField(default=False)),
                ("publisher", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["document_id", "number", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="SectionArticle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "section",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="articles",
                        to="samsvar_monitoring.section",
                    ),
                ),
                ("article", models.PositiveSmallIntegerField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("section", "article"), name="unique_article_per_section")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(max_length=16, unique=True)),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report",
                        to="samsvar_monitoring.document",
                    ),
                ),
                ("content_hash", models.CharField(max_length=64, unique=True)),
                ("filename", models.CharField(max_length=255)),
                ("size", models.PositiveBigIntegerField()),
                ("format", models.CharField(max_length=8)),
                ("page_count", models.PositiveIntegerField()),
                ("page_sizes", models.JSONField(default=list)),
                ("language", models.CharField(max_length=8)),
                ("reader", models.CharField(max_length=60)),
                ("account", models.JSONField(default=dict)),
                ("read_at", models.DateTimeField(auto_now_add=True)),
                (
                    "read_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("withdrawn", "Withdrawn")],
                        db_index=True,
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("published_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawal_reason", models.TextField(blank=True)),
                ("title_page", models.JSONField(default=dict)),
            ],
            options={
                "default_manager_name": "everything",
                "indexes": [],
                "constraints": [],
            },
            managers=[("everything", django.db.models.manager.Manager())],
        ),
        migrations.CreateModel(
            name="Passage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="samsvar_monitoring.report",
                    ),
                ),
                ("ordinal", models.PositiveIntegerField()),
                ("number", models.CharField(blank=True, max_length=24)),
                ("text", models.TextField()),
                ("page", models.PositiveIntegerField()),
                ("boxes", models.JSONField(default=list)),
                ("headings", models.JSONField(default=list)),
                ("footnotes", models.JSONField(default=list)),
            ],
            options={
                "default_manager_name": "everything",
                "ordering": ["report_id", "ordinal"],
                "constraints": [models.UniqueConstraint(fields=("report", "ordinal"), name="unique_passage_ordinal")],
                "indexes": [],
            },
            managers=[("everything", django.db.models.manager.Manager())],
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(max_length=16, unique=True)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="samsvar_monitoring.report",
                    ),
                ),
                (
                    "passage",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="findings",
                        to="samsvar_monitoring.passage",
                    ),
                ),
                ("ordinal", models.PositiveIntegerField()),
                (
                    "state",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="samsvar_convention.state",
                    ),
                ),
                ("body", models.CharField(max_length=40)),
                ("procedure", models.CharField(blank=True, max_length=40)),
                ("year", models.PositiveSmallIntegerField(db_index=True, null=True)),
                ("paragraph", models.CharField(blank=True, max_length=24)),
                ("page", models.PositiveIntegerField()),
                ("pages", models.JSONField(default=list)),
                ("boxes", models.JSONField(default=list)),
                ("heading", models.TextField(blank=True)),
                ("strength", models.CharField(blank=True, db_index=True, max_length=24)),
                ("rank", models.PositiveSmallIntegerField(default=9)),
                ("verb", models.CharField(blank=True, max_length=80)),
                ("addressee", models.CharField(blank=True, max_length=200)),
                ("from_states", models.JSONField(default=list)),
                ("state_position", models.CharField(blank=True, max_length=24)),
                ("actions", models.JSONField(default=list)),
                ("deadline", models.CharField(blank=True, max_length=120)),
                ("cites", models.JSONField(default=list)),
                ("text", models.TextField()),
                ("start", models.PositiveIntegerField(null=True)),
                ("language", models.CharField(max_length=8)),
                ("reader", models.CharField(max_length=60)),
                ("machine", models.JSONField(default=dict)),
                (
                    "review",
                    models.CharField(
                        choices=[("machine", "Machine"), ("confirmed", "Confirmed"), ("rejected", "Rejected")],
                        default="machine",
                        max_length=12,
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "default_manager_name": "everything",
                "ordering": ["report_id", "ordinal"],
                "constraints": [models.UniqueConstraint(fields=("report", "ordinal"), name="unique_finding_ordinal")],
                "indexes": [],
            },
            managers=[("everything", django.db.models.manager.Manager())],
        ),
        migrations.CreateModel(
            name="FindingArticle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="articles",
                        to="samsvar_monitoring.finding",
                    ),
                ),
                ("article", models.PositiveSmallIntegerField(db_index=True)),
            ],
            options={
                "default_manager_name": "everything",
                "constraints": [
                    models.UniqueConstraint(fields=("finding", "article"), name="unique_article_per_finding")
                ],
                "indexes": [],
            },
            managers=[("everything", django.db.models.manager.Manager())],
        ),
        # --- review: begin
        migrations.CreateModel(
            name="CorrectionProposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("label", models.JSONField()),
                ("reason", models.TextField()),
                ("role", models.CharField(max_length=24)),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("outdated", "Outdated"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("decided_role", models.CharField(blank=True, max_length=24)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_reason", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="proposals",
                        to="samsvar_monitoring.finding",
                        to_field="public_id",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="samsvar_monitoring.report",
                    ),
                ),
            ],
            options={
                "ordering": ["-proposed_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ReviewSample",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("filters", models.JSONField(default=dict)),
                ("finding_ids", models.JSONField()),
                ("matching", models.PositiveIntegerField()),
                ("drawn_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("confirmed", models.PositiveIntegerField(default=0)),
                (
                    "drawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-drawn_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="LabelChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("read", "Read"),
                            ("reread", "Reread"),
                            ("review", "Review"),
                            ("proposal", "Proposal"),
                            ("sample", "Sample"),
                            ("undo", "Undo"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("reader", models.CharField(blank=True, max_length=60)),
                ("role", models.CharField(blank=True, max_length=24)),
                ("reason", models.TextField(blank=True)),
                ("previous_reviewed_at", models.DateTimeField(null=True)),
                ("previous_note", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="label_changes",
                        to="samsvar_monitoring.finding",
                        to_field="public_id",
                    ),
                ),
                (
                    "previous_reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="changes",
                        to="samsvar_monitoring.correctionproposal",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="label_changes",
                        to="samsvar_monitoring.report",
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="changes",
                        to="samsvar_monitoring.reviewsample",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DetailsChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("reader", models.CharField(blank=True, max_length=60)),
                ("role", models.CharField(blank=True, max_length=24)),
                ("reason", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="details_changes",
                        to="samsvar_monitoring.report",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="correctionproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("finding",), name="one_open_proposal_per_finding"
            ),
        ),
        # --- review: end
        migrations.CreateModel(
            name="FindingLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "later",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="takes_up",
                        to="samsvar_monitoring.finding",
                    ),
                ),
                (
                    "earlier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taken_up_by",
                        to="samsvar_monitoring.finding",
                    ),
                ),
                ("basis", models.CharField(choices=[("citation", "Citation"), ("wording", "Wording")], max_length=12)),
                ("certain", models.BooleanField()),
                ("similarity", models.FloatField()),
                (
                    "later_text",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("closes", "Closes"),
                            ("restates", "Restates"),
                            ("takes_up", "Takes Up"),
                            ("set_aside", "Set Aside"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "default_manager_name": "everything",
                "constraints": [models.UniqueConstraint(fields=("later", "earlier"), name="unique_finding_link")],
                "indexes": [],
            },
            managers=[("everything", django.db.models.manager.Manager())],
        ),
        migrations.CreateModel(
            name="LinkDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="link_decisions",
                        to="samsvar_monitoring.report",
                    ),
                ),
                (
                    "later",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="samsvar_monitoring.finding",
                        to_field="public_id",
                    ),
                ),
                (
                    "earlier",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="link_decisions",
                        to="samsvar_monitoring.finding",
                        to_field="public_id",
                    ),
                ),
                (
                    "later_text",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("closes", "Closes"),
                            ("restates", "Restates"),
                            ("takes_up", "Takes Up"),
                            ("set_aside", "Set Aside"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("role", models.CharField(blank=True, max_length=24)),
                ("reason", models.TextField(blank=True)),
                ("is_undo", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["id"],
                "default_manager_name": "everything",
                "indexes": [],
                "constraints": [],
            },
            managers=[("everything", django.db.models.manager.Manager())],
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "uploaded_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("content_hash", models.CharField(max_length=64)),
                ("filename", models.CharField(max_length=255)),
                ("size", models.PositiveBigIntegerField()),
                ("body", models.CharField(max_length=40)),
                (
                    "state",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="samsvar_convention.state"
                    ),
                ),
                ("published", models.DateField(null=True)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("rereads", models.BooleanField(default=False)),
                ("reason", models.TextField(blank=True)),
                (
                    "progress",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("reading", "Reading"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("refusal", models.JSONField(default=dict)),
                (
                    "report",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="samsvar_monitoring.report"
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="LabelRemark",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("strength", "The strength is wrong"),
                            ("articles", "An article is wrong or missing"),
                            ("state", "The country is wrong"),
                        ],
                        max_length=12,
                    ),
                ),
                ("label", models.JSONField()),
                ("comment", models.TextField(blank=True, max_length=1000)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "open"), ("dealt_with", "dealt with")], default="open", max_length=12
                    ),
                ),
                ("dealt_with_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dealt_with_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="remarks",
                        to="samsvar_monitoring.finding",
                        to_field="public_id",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="label_remarks",
                        to="samsvar_monitoring.report",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "id"],
                "indexes": [models.Index(fields=["status", "finding"], name="open_label_remarks")],
            },
        ),
        migrations.CreateModel(
            name="SourceVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site", models.CharField(max_length=12)),
                ("source", models.CharField(max_length=255)),
                ("identifier", models.CharField(max_length=255)),
                ("content_hash", models.CharField(max_length=64)),
                ("titles", models.JSONField(default=dict)),
                ("harvested_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "report",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="source_versions",
                        to="samsvar_monitoring.report",
                    ),
                ),
            ],
            options={
                "ordering": ["harvested_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("site", "source", "content_hash"), name="unique_source_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="FindingSuccession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("similarity", models.FloatField(default=0.0)),
                ("is_closed", models.BooleanField(default=False)),
                (
                    "earlier",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="succession",
                        to="samsvar_monitoring.finding",
                        to_field="public_id",
                    ),
                ),
                (
                    "later",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="predecessors",
                        to="samsvar_monitoring.finding",
                        to_field="public_id",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="successions",
                        to="samsvar_monitoring.report",
                    ),
                ),
            ],
            options={
                "ordering": ["report_id", "id"],
            },
        ),
    ]
