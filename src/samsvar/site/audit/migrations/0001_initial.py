import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from samsvar.site.shell.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("samsvar_network", "__first__"),
        # Before most of our tables: Django makes classes of all models again after each of these migrations.
        ("sessions", "0001_initial"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeNumber",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_change_number")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_retention_run")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True, db_index=True)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("verb", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=120)),
                ("details", models.JSONField(default=dict)),
                ("saw", models.BooleanField(default=False)),
                ("person", models.CharField(blank=True, db_index=True, max_length=16)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("staff_session", models.UUIDField(blank=True, db_index=True, null=True)),
                ("keep_until", models.DateField()),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["person", "saw", "at"], name="who_saw_whom")],
                "constraints": [],
            },
        ),
    ]
