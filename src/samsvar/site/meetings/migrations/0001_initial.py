import uuid
from functools import partial

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import samsvar.ids
import samsvar.meetings.contributions
import samsvar.meetings.meeting
import samsvar.meetings.outcomes
import samsvar.meetings.programme
import samsvar.meetings.registration
import samsvar.meetings.survey
import samsvar.network.people
import samsvar.site.meetings.contributions.models
import samsvar.site.meetings.letters.models
import samsvar.site.meetings.meeting.models
import samsvar.site.meetings.programme.models
import samsvar.site.meetings.registration.models
from samsvar.site.shell.first_migration import FirstMigration
from samsvar.site.shell.labels import enum_choices


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("samsvar_convention", "0001_initial"),
        ("samsvar_network", "0001_initial"),
        ("samsvar_network", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.SlugField(max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.MeetingKind), max_length=30
                    ),
                ),
                (
                    "inside",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings_inside",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="samsvar_network.network",
                    ),
                ),
                ("languages", models.JSONField(default=list)),
                ("title", models.JSONField(default=dict)),
                ("purpose", models.JSONField(default=dict)),
                ("practical", models.JSONField(default=dict)),
                ("begins", models.DateField()),
                ("ends", models.DateField()),
                (
                    "precision",
                    models.CharField(
                        choices=[("day", "Day"), ("month", "Month"), ("year", "Year")], default="day", max_length=5
                    ),
                ),
                ("zone", models.CharField(max_length=40)),
                (
                    "attendance",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.AttendanceMode),
                        default=samsvar.meetings.meeting.AttendanceMode["IN_PERSON"],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings_held",
                        to="samsvar_convention.state",
                    ),
                ),
                ("city", models.CharField(blank=True, max_length=80)),
                ("place", models.CharField(blank=True, max_length=160)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("link", models.URLField(blank=True)),
                (
                    "access",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.AccessLevel),
                        default=samsvar.meetings.meeting.AccessLevel["ORGANISERS"],
                        max_length=12,
                    ),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_why", models.CharField(blank=True, max_length=300)),
                ("signatory", models.CharField(blank=True, max_length=200)),
                ("letters_contact", models.CharField(blank=True, max_length=200)),
                (
                    "entry",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.RegistrationPolicy),
                        default=samsvar.meetings.meeting.RegistrationPolicy["INVITED"],
                        max_length=10,
                    ),
                ),
                ("opens_at", models.DateTimeField(blank=True, null=True)),
                ("closes_at", models.DateTimeField(blank=True, null=True)),
                ("approval", models.BooleanField(default=False)),
                ("changes_until", models.DateTimeField(blank=True, null=True)),
                ("participants", models.PositiveIntegerField(blank=True, null=True)),
                ("reckoning", models.CharField(blank=True, max_length=12)),
                ("source", models.TextField(blank=True)),
                ("second_source", models.TextField(blank=True)),
                ("confidence", models.CharField(blank=True, max_length=20)),
                ("note", models.TextField(blank=True)),
                ("fictional", models.BooleanField(default=False)),
                ("fictional_people", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("version", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["-begins", "public_id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gte", models.F("begins"))), name="a_meeting_ends_after_it_begins"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens_at__isnull", True),
                            ("closes_at__isnull", True),
                            ("closes_at__gt", models.F("opens_at")),
                            _connector="OR",
                        ),
                        name="registration_closes_after_it_opens",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="MeetingOrganisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="organisations",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="samsvar_network.organisation"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.site.meetings.meeting.models.MeetingOrganisation.Role),
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["meeting_id", "role", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "organisation", "role"), name="one_role_a_body")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="InvitedState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="states",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="samsvar_convention.state"
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.CountryRole),
                        default=samsvar.meetings.meeting.CountryRole["INVITED"],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["meeting_id", "state_id"],
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "state", "place"), name="one_place_a_state")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="LinkRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(max_length=8)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="MeetingPseudonym",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pseudonyms",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="samsvar_network.person"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
            ],
            options={
                "indexes": [],
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "person"), name="one_pseudonym_a_meeting"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duties",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.site.meetings.meeting.models.Duty.Kind), max_length=10
                    ),
                ),
                ("until", models.DateTimeField()),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Room",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rooms", to="samsvar_meetings.meeting"
                    ),
                ),
                ("key", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("capacity", models.PositiveIntegerField(blank=True, null=True)),
                ("order", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["meeting_id", "order", "name"],
                "constraints": [models.UniqueConstraint(fields=("meeting", "key"), name="one_room_a_key")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Track",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tracks",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                ("key", models.SlugField(max_length=40)),
                ("name", models.JSONField(default=dict)),
                (
                    "colour",
                    models.CharField(
                        blank=True, choices=partial(enum_choices, samsvar.meetings.programme.TrackColour), max_length=8
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["meeting_id", "order", "key"],
                "constraints": [models.UniqueConstraint(fields=("meeting", "key"), name="one_track_a_key")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                ("guid", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "holds",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="held_in",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                ("title", models.JSONField(default=dict)),
                ("abstract", models.JSONField(default=dict)),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.programme.SessionKind),
                        default=samsvar.meetings.programme.SessionKind["TALK"],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.site.meetings.programme.models.Session.State),
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("starts", models.DateTimeField(blank=True, null=True)),
                ("ends", models.DateTimeField(blank=True, null=True)),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sessions",
                        to="samsvar_meetings.room",
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sessions",
                        to="samsvar_meetings.track",
                    ),
                ),
                ("languages", models.JSONField(default=list)),
                ("interpreted", models.JSONField(default=list)),
                (
                    "access",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.AccessLevel),
                        default=samsvar.meetings.meeting.AccessLevel["PUBLIC"],
                        max_length=12,
                    ),
                ),
                ("places", models.PositiveIntegerField(blank=True, null=True)),
                ("source", models.TextField(blank=True)),
                ("outcomes_shown_at", models.DateTimeField(blank=True, null=True)),
                ("outcomes_closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["meeting_id", "starts", "room__order", "id"],
                "indexes": [models.Index(fields=["meeting", "starts"], name="session_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts__isnull", True),
                            ("ends__isnull", True),
                            ("ends__gt", models.F("starts")),
                            _connector="OR",
                        ),
                        name="a_session_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Appearance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appearances",
                        to="samsvar_meetings.session",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appearances",
                        to="samsvar_network.person",
                    ),
                ),
                ("key", models.CharField(default=samsvar.ids.random_id, max_length=16)),
                (
                    "part",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.ProgrammeRole),
                        default=samsvar.meetings.meeting.ProgrammeRole["SPEAKER"],
                        max_length=12,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("named", models.CharField(blank=True, max_length=120)),
                ("office", models.CharField(blank=True, max_length=200)),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="samsvar_convention.state",
                    ),
                ),
                ("source", models.TextField(blank=True)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["session_id", "order", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("session", "person", "part"), name="one_part_a_person"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person__isnull", True),
                            models.Q(("named", ""), ("office", ""), ("source", "")),
                            _connector="OR",
                        ),
                        name="a_person_of_ours_is_named_by_the_door",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("named", ""), models.Q(("source", ""), _negated=True), _connector="OR"),
                        name="who_is_named_has_a_source",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SpeakerLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
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
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(default="en", max_length=8)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("declined_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["meeting_id", "asked_at", "id"],
                "constraints": [models.UniqueConstraint(fields=("meeting", "email"), name="one_speaker_an_address")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Availability",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="availabilities",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="samsvar_network.person"
                    ),
                ),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
            ],
            options={
                "ordering": ["meeting_id", "person_id", "starts"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("note", models.CharField(blank=True, max_length=300)),
                ("programme", models.JSONField()),
                ("people", models.JSONField(default=dict)),
                ("changes", models.JSONField(default=list)),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("released_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["meeting_id", "-number"],
                "constraints": [models.UniqueConstraint(fields=("meeting", "number"), name="one_version_a_number")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotas",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.registration.QuotaKind), max_length=10
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=20)),
                ("places", models.PositiveIntegerField()),
                ("taken", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["meeting_id", "kind", "key"],
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "kind", "key"), name="unique_quota_per_key"),
                    models.CheckConstraint(
                        condition=models.Q(("taken__lte", models.F("places"))), name="quota_not_exceeded"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="WaitingList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="line", to="samsvar_meetings.meeting"
                    ),
                ),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delegations",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="samsvar_convention.state",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="samsvar_network.organisation",
                    ),
                ),
                ("places", models.PositiveSmallIntegerField()),
                ("reserved", models.PositiveSmallIntegerField(default=0)),
                (
                    "head",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="delegations_headed",
                        to="samsvar_network.person",
                    ),
                ),
                ("head_email", models.EmailField(blank=True, max_length=254)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("token_hash", models.CharField(blank=True, db_index=True, max_length=64)),
                ("nominate_until", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["meeting_id", "state_id", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="MeetingInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(default="en", max_length=8)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="samsvar_network.person",
                    ),
                ),
                (
                    "delegation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="samsvar_meetings.delegation",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.ParticipantCategory),
                        default=samsvar.meetings.meeting.ParticipantCategory["PARTICIPANT"],
                        max_length=12,
                    ),
                ),
                (
                    "group",
                    models.CharField(
                        blank=True, choices=partial(enum_choices, samsvar.network.people.Group), max_length=20
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="samsvar_convention.state",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("declined_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["meeting_id", "email"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                ("token_hash", models.CharField(blank=True, db_index=True, max_length=64)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="registrations",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="registrations",
                        to="samsvar_network.person",
                    ),
                ),
                (
                    "invitation",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="registration",
                        to="samsvar_meetings.meetinginvitation",
                    ),
                ),
                (
                    "delegation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="registrations",
                        to="samsvar_meetings.delegation",
                    ),
                ),
                ("nominated_name", models.CharField(blank=True, max_length=120)),
                ("is_head", models.BooleanField(default=False)),
                (
                    "category",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.ParticipantCategory),
                        default=samsvar.meetings.meeting.ParticipantCategory["PARTICIPANT"],
                        max_length=12,
                    ),
                ),
                (
                    "group",
                    models.CharField(
                        blank=True, choices=partial(enum_choices, samsvar.network.people.Group), max_length=20
                    ),
                ),
                ("gender", models.CharField(blank=True, max_length=20)),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="samsvar_convention.state",
                    ),
                ),
                ("counts_by_country", models.BooleanField(default=True)),
                (
                    "status",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.registration.RegistrationStatus), max_length=10
                    ),
                ),
                ("waiting_since", models.DateTimeField(blank=True, null=True)),
                ("waiting_number", models.PositiveIntegerField(blank=True, null=True)),
                ("language", models.CharField(default="en", max_length=8)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("told_of_days_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replaced_by",
                        to="samsvar_meetings.registration",
                    ),
                ),
                (
                    "listed",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.AccessLevel),
                        default=samsvar.meetings.meeting.AccessLevel["ORGANISERS"],
                        max_length=12,
                    ),
                ),
                ("photographs", models.BooleanField(null=True)),
                ("is_suggested", models.BooleanField(default=False)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("ticket", models.CharField(blank=True, max_length=32, null=True, unique=True)),
            ],
            options={
                "ordering": ["meeting_id", "at", "id"],
                "indexes": [models.Index(fields=["meeting", "status"], name="registration_by_status")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status__in", ["refused", "declined", "withdrawn", "replaced"]), _negated=True
                        ),
                        fields=("meeting", "person"),
                        name="unique_active_registration",
                    ),
                    models.UniqueConstraint(fields=("meeting", "waiting_number"), name="unique_waiting_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                ("text", models.JSONField(default=dict)),
                ("help", models.JSONField(default=dict)),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.site.meetings.registration.models.Question.Kind),
                        default="text",
                        max_length=10,
                    ),
                ),
                ("options", models.JSONField(default=list)),
                ("required", models.BooleanField(default=False)),
                (
                    "subject",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.site.meetings.registration.models.Question.Subject),
                        default="other",
                        max_length=15,
                    ),
                ),
                ("purpose", models.JSONField(default=dict)),
                ("delete_on", models.DateField()),
                ("of", models.JSONField(default=list)),
                ("after_confirmation", models.BooleanField(default=False)),
                ("order", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["meeting_id", "order", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="samsvar_meetings.registration",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="samsvar_meetings.question",
                    ),
                ),
                ("value", models.JSONField()),
            ],
            options={
                "ordering": ["registration_id", "question_id"],
                "constraints": [
                    models.UniqueConstraint(fields=("registration", "question"), name="unique_answer_per_question")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_ins",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="check_ins",
                        to="samsvar_meetings.registration",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="check_ins",
                        to="samsvar_meetings.session",
                    ),
                ),
                ("device", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField()),
                ("received_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("walked_in", models.BooleanField(default=False)),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["meeting_id", "at"],
                "indexes": [models.Index(fields=["meeting", "registration"], name="check_in_by_person")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ScheduleEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="my_sessions",
                        to="samsvar_meetings.registration",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wanted_by",
                        to="samsvar_meetings.session",
                    ),
                ),
                ("signed_up", models.BooleanField(default=False)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("account", "session"), name="once_in_an_accounts_schedule"),
                    models.UniqueConstraint(
                        fields=("registration", "session"), name="once_in_a_registrations_schedule"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("account__isnull", True), ("registration__isnull", True), _connector="XOR"),
                        name="a_schedule_is_one_persons",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ScheduleLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="samsvar_meetings.meeting"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendars",
                        to="samsvar_meetings.registration",
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "account"), name="one_calendar_a_meeting"),
                    models.UniqueConstraint(fields=("registration",), name="one_calendar_a_registration"),
                    models.CheckConstraint(
                        condition=models.Q(("account__isnull", True), ("registration__isnull", True), _connector="XOR"),
                        name="a_calendar_is_one_persons",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="NetworkingOptIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "registration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_to_talk",
                        to="samsvar_meetings.registration",
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="OneToOnePeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="encounter_times",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("minutes", models.PositiveSmallIntegerField(default=20)),
                ("tables", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ["meeting_id", "starts"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("starts"))), name="encounters_end_after"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="OneToOneMeeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="encounters",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "asker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="encounters_asked",
                        to="samsvar_meetings.registration",
                    ),
                ),
                (
                    "asked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="encounters_received",
                        to="samsvar_meetings.registration",
                    ),
                ),
                ("about", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("starts", models.DateTimeField(blank=True, null=True)),
                ("table", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["meeting_id", "starts", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "accepted")),
                        fields=("meeting", "starts", "table"),
                        name="one_pair_a_table",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "accepted"), _negated=True),
                            models.Q(("starts__isnull", False), ("table__isnull", False)),
                            _connector="OR",
                        ),
                        name="who_agreed_has_a_time_and_a_table",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asker", models.F("asked")), _negated=True), name="nobody_meets_themselves"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("asked", "accepted"))),
                        fields=("asker", "asked"),
                        name="one_question_a_pair",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="OneToOneSeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "encounter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seats",
                        to="samsvar_meetings.onetoonemeeting",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seats",
                        to="samsvar_meetings.registration",
                    ),
                ),
                ("starts", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("registration", "starts"), name="nobody_sits_at_two_tables")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ContributionCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="call", to="samsvar_meetings.meeting"
                    ),
                ),
                ("text", models.JSONField(default=dict)),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("reviewed", models.BooleanField(default=True)),
                ("languages", models.JSONField(default=list)),
                (
                    "reviews_seen",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.contributions.ReviewVisibility),
                        default=samsvar.meetings.contributions.ReviewVisibility["AFTER_OWN"],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ContributionLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="samsvar_meetings.contributioncall",
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(default="en", max_length=8)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["call_id", "sent_at", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contributions",
                        to="samsvar_meetings.contributioncall",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="contributions",
                        to="samsvar_network.person",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "link",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="contribution",
                        to="samsvar_meetings.contributionlink",
                    ),
                ),
                ("with_others", models.CharField(blank=True, max_length=300)),
                ("title", models.CharField(max_length=200)),
                ("abstract", models.TextField()),
                ("language", models.CharField(max_length=8)),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.programme.SessionKind),
                        default=samsvar.meetings.programme.SessionKind["TALK"],
                        max_length=20,
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="samsvar_meetings.track",
                    ),
                ),
                ("articles", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.site.meetings.contributions.models.Contribution.State),
                        default="offered",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "session",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="contribution",
                        to="samsvar_meetings.session",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["call_id", "at", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ContributionReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="samsvar_meetings.contribution",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("conflict", models.BooleanField(default=False)),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["contribution_id", "at"],
                "constraints": [models.UniqueConstraint(fields=("contribution", "by"), name="one_review_a_reviewer")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ImportedPerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="samsvar_meetings.meeting"
                    ),
                ),
                ("key", models.CharField(max_length=16)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="samsvar_network.person",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("meeting", "key"), name="one_person_a_key")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="IssuedLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, unique=True)),
                (
                    "registration",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="issued",
                        to="samsvar_meetings.registration",
                    ),
                ),
                ("printed_name", models.CharField(blank=True, max_length=120)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="issued",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.site.meetings.letters.models.IssuedLetter.Kind),
                        max_length=14,
                    ),
                ),
                ("language", models.CharField(max_length=8)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outcomes",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="outcomes",
                        to="samsvar_meetings.session",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.outcomes.OutcomeKind), max_length=12
                    ),
                ),
                ("text", models.TextField()),
                ("language", models.CharField(blank=True, max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.outcomes.OutcomeStatus),
                        default=samsvar.meetings.outcomes.OutcomeStatus["RECORDED"],
                        max_length=10,
                    ),
                ),
                (
                    "access",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.AccessLevel),
                        default=samsvar.meetings.meeting.AccessLevel["PARTICIPANTS"],
                        max_length=12,
                    ),
                ),
                ("article", models.CharField(blank=True, max_length=12)),
                ("finding", models.CharField(blank=True, max_length=16)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["meeting_id", "session_id", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="OutcomeChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="samsvar_meetings.outcome",
                    ),
                ),
                ("text_before", models.TextField()),
                ("before", models.JSONField(default=dict)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("after_closing", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["outcome_id", "at", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="commitment",
                        to="samsvar_meetings.outcome",
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="samsvar_convention.state",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="samsvar_network.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="commitments",
                        to="samsvar_network.person",
                    ),
                ),
                ("due", models.CharField(blank=True, max_length=10)),
                (
                    "keeping",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.outcomes.CommitmentProgress),
                        default=samsvar.meetings.outcomes.CommitmentProgress["NOT_REPORTED"],
                        max_length=12,
                    ),
                ),
                ("next_follow_up", models.DateField(blank=True, null=True)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ProgressReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="progress",
                        to="samsvar_meetings.commitment",
                    ),
                ),
                (
                    "keeping",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.outcomes.CommitmentProgress), max_length=12
                    ),
                ),
                (
                    "said_as",
                    models.CharField(
                        blank=True, choices=partial(enum_choices, samsvar.meetings.outcomes.ReporterRole), max_length=10
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("evidence", models.URLField(blank=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["commitment_id", "at", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="samsvar_network.person"
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("due", models.DateField()),
                ("sent_at", models.DateTimeField(auto_now_add=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("commitments", models.ManyToManyField(related_name="follow_ups", to="samsvar_meetings.commitment")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "due"), name="one_digest_a_half_year")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="survey",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("announced_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="SurveyQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="samsvar_meetings.survey",
                    ),
                ),
                ("text", models.JSONField(default=dict)),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.survey.AnswerType),
                        default=samsvar.meetings.survey.AnswerType["SCALE"],
                        max_length=8,
                    ),
                ),
                ("options", models.JSONField(default=list)),
                ("order", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["survey_id", "order", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="SurveyParticipation",
            fields=[
                (
                    "id",
                    models.CharField(default=samsvar.ids.random_id, max_length=16, primary_key=True, serialize=False),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="responses",
                        to="samsvar_meetings.survey",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="samsvar_meetings.registration",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("survey", "registration"), name="one_turn_a_participant")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SurveyTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tallies",
                        to="samsvar_meetings.surveyquestion",
                    ),
                ),
                ("value", models.CharField(max_length=40)),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("question", "value"), name="one_tally_a_value")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SurveyText",
            fields=[
                (
                    "id",
                    models.CharField(default=samsvar.ids.random_id, max_length=16, primary_key=True, serialize=False),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="samsvar_meetings.surveyquestion",
                    ),
                ),
                ("text", models.TextField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="MeetingLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="samsvar_meetings.meeting"
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="samsvar_meetings.session",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.site.meetings.meeting.models.MeetingLink.Kind),
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["meeting_id", "session_id", "kind", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("session", "kind", "key"), name="one_link_of_a_session"),
                    models.UniqueConstraint(
                        condition=models.Q(("session__isnull", True)),
                        fields=("meeting", "kind", "key"),
                        name="one_link_of_a_meeting",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="MeetingDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=samsvar.ids.random_id, max_length=16, unique=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="samsvar_meetings.meeting",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="documents",
                        to="samsvar_meetings.session",
                    ),
                ),
                ("title", models.JSONField(default=dict)),
                ("language", models.CharField(blank=True, max_length=8)),
                (
                    "access",
                    models.CharField(
                        choices=partial(enum_choices, samsvar.meetings.meeting.AccessLevel),
                        default=samsvar.meetings.meeting.AccessLevel["PARTICIPANTS"],
                        max_length=12,
                    ),
                ),
                ("embargo_until", models.DateTimeField(blank=True, null=True)),
                ("content_hash", models.CharField(max_length=64)),
                ("filename", models.CharField(max_length=200)),
                ("format", models.CharField(max_length=10)),
                ("size", models.PositiveIntegerField()),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["meeting_id", "session_id", "at", "id"],
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
