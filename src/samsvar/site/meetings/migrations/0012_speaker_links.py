"""Whom an organiser put into a session by name and address, and what they answered."""

import django.db.models.deletion
from django.db import migrations, models

import samsvar.ids


class Migration(migrations.Migration):
    dependencies = [
        ("samsvar_meetings", "0011_places_kept"),
        ("samsvar_network", "0003_claims"),
    ]

    operations = [
        migrations.CreateModel(
            name="SpeakerLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(default="en", max_length=8)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("declined_at", models.DateTimeField(blank=True, null=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="speaker_links",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="speaker_links",
                        to="samsvar_network.person",
                    ),
                ),
            ],
            options={
                "ordering": ["meeting_id", "asked_at", "id"],
                "constraints": [models.UniqueConstraint(fields=("meeting", "email"), name="one_speaker_an_address")],
            },
        ),
    ]
