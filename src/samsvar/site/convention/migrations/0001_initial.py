import django.db.models.deletion
from django.db import migrations, models

from samsvar.site.shell.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="State",
            fields=[
                ("code", models.CharField(max_length=3, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("column", models.PositiveSmallIntegerField(null=True)),
                ("row", models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                "ordering": ["code"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="TreatyEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(max_length=16, unique=True)),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="samsvar_convention.state",
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("day", models.CharField(blank=True, max_length=10)),
                ("effective", models.CharField(blank=True, max_length=10)),
                ("provisions", models.CharField(blank=True, max_length=200)),
                ("basis", models.CharField(blank=True, max_length=200)),
                ("note", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                ("confidence", models.CharField(max_length=20)),
            ],
            options={
                "ordering": ["state_id", "day", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
