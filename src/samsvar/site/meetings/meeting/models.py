"""Models of a meeting: its details, organisations, invited states, links, documents and duties."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.ids import random_id
from samsvar.meetings.meeting import AccessLevel, AttendanceMode, CountryRole, MeetingKind, RegistrationPolicy
from samsvar.site.shell.labels import enum_choices
from samsvar.text import choose_text


class Meeting(models.Model):
    """A meeting. Translated texts are stored as `{code: text}`; the original language is the first in `languages`."""

    class Precision(models.TextChoices):
        """The precision of the dates; MONTH and YEAR mean at some time between the first and the last day."""

        DAY = "day"
        MONTH = "month"
        YEAR = "year"

    public_id = models.SlugField(max_length=40, unique=True)  # part of its URL; organisers' roles refer to it
    kind = models.CharField(max_length=30, choices=partial(enum_choices, MeetingKind))
    inside = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="meetings_inside")
    network = models.ForeignKey(
        "samsvar_network.Network", null=True, blank=True, on_delete=models.PROTECT, related_name="meetings"
    )
    languages = models.JSONField(default=list)  # languages of the texts below, the original first
    title = models.JSONField(default=dict)
    purpose = models.JSONField(default=dict)  # two or three sentences
    practical = models.JSONField(default=dict)  # for example how to get there and what to bring
    begins = models.DateField()
    ends = models.DateField()
    precision = models.CharField(max_length=5, choices=Precision, default=Precision.DAY)
    zone = models.CharField(max_length=40)  # IANA time zone
    attendance = models.CharField(
        max_length=12, choices=partial(enum_choices, AttendanceMode), default=AttendanceMode.IN_PERSON
    )
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT, related_name="meetings_held"
    )
    city = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=160, blank=True)
    address = models.CharField(max_length=300, blank=True)
    link = models.URLField(blank=True)  # URL for joining online; shown to participants only
    access = models.CharField(max_length=12, choices=partial(enum_choices, AccessLevel), default=AccessLevel.ORGANISERS)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_why = models.CharField(max_length=300, blank=True)
    signatory = models.CharField(max_length=200, blank=True)  # name and office, as printed on letters
    # for consulates or employers with questions about letters
    letters_contact = models.CharField(max_length=200, blank=True)

    entry = models.CharField(
        max_length=10, choices=partial(enum_choices, RegistrationPolicy), default=RegistrationPolicy.INVITED
    )
    opens_at = models.DateTimeField(null=True, blank=True)  # opening of registration; None if it is not open yet
    closes_at = models.DateTimeField(null=True, blank=True)
    approval = models.BooleanField(default=False)  # whether the organiser decides on each registration
    changes_until = models.DateTimeField(null=True, blank=True)  # until when participants can change their own answers

    # the number reported by a source; registrations on this site are counted instead
    participants = models.PositiveIntegerField(null=True, blank=True)
    reckoning = models.CharField(max_length=12, blank=True)  # value of CountPrecision
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    fictional = models.BooleanField(default=False)
    # a real meeting with fictional participants, for a demo; every page with figures about them says so
    fictional_people = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # number of the published programme version; 0 if none has been published
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-begins", "public_id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="a_meeting_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="registration_closes_after_it_opens",
            ),
        ]

    @property
    def is_published(self) -> bool:
        """Whether anyone but the organisers can see the meeting."""
        return self.access != AccessLevel.ORGANISERS

    @property
    def original_language(self) -> str:
        """The code of the language in which the texts were written, or "" if there are none yet."""
        return self.languages[0] if self.languages else ""

    def get_title(self, language: str) -> str:
        return self.choose_text(self.title, language)

    def choose_text(self, texts: Mapping[str, str], language: str) -> str:
        """Return one of the texts of this meeting in a language, or else in the original or another language."""
        return choose_text(texts, language, self.original_language)


class MeetingOrganisation(models.Model):
    """An organisation that hosts, organises or supports a meeting."""

    class Role(models.TextChoices):
        HOST = "host", pgettext_lazy("a body", "host")
        ORGANISER = "organiser", pgettext_lazy("a body", "organiser")
        SUPPORTER = "supporter", pgettext_lazy("a body", "supported by")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="organisations")
    organisation = models.ForeignKey("samsvar_network.Organisation", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=partial(enum_choices, Role))

    class Meta:
        ordering = ["meeting_id", "role", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "organisation", "role"], name="one_role_a_body")]


class InvitedState(models.Model):
    """A state that is invited, is the host, or provided speakers according to a source."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="states")
    state = models.ForeignKey("samsvar_convention.State", on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=10, choices=partial(enum_choices, CountryRole), default=CountryRole.INVITED)
    note = models.CharField(max_length=300, blank=True)  # the name in the source if it differs, such as "England"

    class Meta:
        ordering = ["meeting_id", "state_id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "state", "place"], name="one_place_a_state")]


class MeetingLink(models.Model):
    """A link to what a meeting or session is about: an article, finding, report, concept or practice."""

    class Kind(models.TextChoices):
        ARTICLE = "article", _("an article")  # key: its number, "20"
        FINDING = "finding", _("a finding")  # key: its public ID
        REPORT = "report", _("a report")
        CONCEPT = "concept", _("a subject")
        PRACTICE = "practice", _("a practice")  # key: its public ID

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="links")
    session = models.ForeignKey("Session", null=True, blank=True, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=partial(enum_choices, Kind))
    key = models.CharField(max_length=80)

    class Meta:
        ordering = ["meeting_id", "session_id", "kind", "id"]
        constraints = [
            # two constraints, because SQLite cannot treat nulls as equal (`nulls_distinct`)
            models.UniqueConstraint(fields=["session", "kind", "key"], name="one_link_of_a_session"),
            models.UniqueConstraint(
                fields=["meeting", "kind", "key"], condition=Q(session__isnull=True), name="one_link_of_a_meeting"
            ),
        ]


class MeetingDocument(models.Model):
    """A file such as slides, a paper or an agenda, with its own access level and embargo."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="documents")
    session = models.ForeignKey("Session", null=True, blank=True, on_delete=models.SET_NULL, related_name="documents")
    title = models.JSONField(default=dict)
    language = models.CharField(max_length=8, blank=True)  # language of the file
    access = models.CharField(
        max_length=12, choices=partial(enum_choices, AccessLevel), default=AccessLevel.PARTICIPANTS
    )
    embargo_until = models.DateTimeField(null=True, blank=True)  # until then, only speakers and organisers can read it
    content_hash = models.CharField(max_length=64)
    filename = models.CharField(max_length=200)
    format = models.CharField(max_length=10)
    size = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["meeting_id", "session_id", "at", "id"]


class MeetingPseudonym(models.Model):
    """The name of a person at risk at one meeting; another is used at any other meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="pseudonyms")
    person = models.ForeignKey("samsvar_network.Person", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="one_pseudonym_a_meeting")]


class Duty(models.Model):
    """A helper's task at one meeting until a certain time: check-in, recording outcomes, or reviewing contributions."""

    class Kind(models.TextChoices):
        DOOR = "door", _("check-in")  # sees names and whether people have a place, nothing else
        RECORD = "record", _("session records")  # records outcomes of sessions
        REVIEW = "review", _("reviewing proposals")  # reviews contributions

    changes_no_page = True

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="duties")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=partial(enum_choices, Kind))
    until = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)  # when the helper was last emailed about the duty or new work
    at = models.DateTimeField(auto_now_add=True)
