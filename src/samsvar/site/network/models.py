"""Accounts, people, organisations, networks, rights, and what goes between them. Nobody outside this app reads these.

What is known of a person stands in `Detail`, one row a value, each with its visibility; what makes a use lawful stands
in `Basis`. Whether a viewer may see a detail is asked of both at the moment of looking (`queries.people`), so that a
withdrawn consent has nothing to be forgotten in.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from samsvar.ids import random_id
from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.membership import Office
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Claim, Role


def _choices(kind: Any) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in kind]


# --- Accounts ---------------------------------------------------------------------------------------------------------


class Accounts(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **more: Any) -> Account:
        account = self.model(email=email.strip().lower(), **more)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").strip().lower())


class Account(AbstractBaseUser):
    """Somebody who signs in. It has no superuser's column: every right is a role that somebody gave, for a while."""

    changes_no_page = True  # pages show people, never accounts

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    email = models.EmailField(unique=True)  # always in small letters
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=8, blank=True)  # of letters to this account
    joined_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # the row stays for the trail; nothing in it names anybody

    objects: ClassVar[Accounts] = Accounts()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_an_address")]

    def __str__(self) -> str:
        return f"account {self.public_id}"  # never the address: this text ends up in logs


class Invitation(models.Model):
    """An account offered to one address. The letter holds the token; the database holds only what it hashes to."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField()
    language = models.CharField(max_length=8, default="en")
    network = models.ForeignKey("Network", null=True, blank=True, on_delete=models.CASCADE)
    organisation = models.ForeignKey("Organisation", null=True, blank=True, on_delete=models.SET_NULL)
    office = models.CharField(max_length=30, choices=_choices(Office), blank=True)  # in the network
    # a member whom the secretariat knows already: whoever accepts is this person, and nobody is made a second time
    person = models.ForeignKey("Person", null=True, blank=True, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="invitations_made"
    )
    at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-at"]


class Letter(models.Model):
    """A message on its way out. Sent by a task, so that no page waits for a mail server, and none tells by waiting."""

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE)
    to = models.EmailField()
    subject = models.CharField(max_length=250)
    body = models.TextField()
    html = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    refusal = models.CharField(max_length=250, blank=True)  # what the mail server said

    class Meta:
        ordering = ["-at", "-id"]


# --- Rights -----------------------------------------------------------------------------------------------------------


class RoleGrant(models.Model):
    """A role that an account was given, for a reason, bound to a country, a network or a meeting where it says so."""

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=_choices(Role))
    state = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    network = models.ForeignKey("Network", null=True, blank=True, on_delete=models.CASCADE)
    meeting = models.CharField(max_length=40, blank=True)  # its public id
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["account_id", "role", "since"]


class Refusal(models.Model):
    """A claim that an account does not have, whatever its roles: a conflict of interest, a misuse."""

    changes_no_page = True

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refusals")
    claim = models.CharField(max_length=30, choices=_choices(Claim))
    state = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    network = models.ForeignKey("Network", null=True, blank=True, on_delete=models.CASCADE)
    meeting = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


class StaffSession(models.Model):
    """A while in which somebody of the staff sees and changes what belongs to others, with the reason they gave."""

    changes_no_page = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff_sessions")
    browser = models.CharField(max_length=64)  # hash of the browser session's key: it holds there and nowhere else
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]


# --- Organisations and networks ---------------------------------------------------------------------------------------


class Organisation(models.Model):
    """A body that people come from. Facts about real ones have a source; invented ones say so."""

    public_id = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    name_language = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=30, choices=_choices(OrganisationKind))
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT
    )  # None: international
    languages = models.JSONField(default=list)  # codes that it works in
    website = models.URLField(blank=True)
    about = models.TextField(blank=True)
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, blank=True)
    invented = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]


class Network(models.Model):
    """People and organisations that work together, led by one country."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    lead = models.ForeignKey("samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT)
    founded = models.CharField(max_length=10, blank=True)  # ISO, as precise as the source
    source = models.TextField(blank=True)
    second_source = models.TextField(blank=True)
    confidence = models.CharField(max_length=20, blank=True)
    invented = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]


class Seat(models.Model):
    """An organisation's place in a network, from a day to a day."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="seats")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="seats")
    begins = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "organisation", "begins"], name="one_seat_a_beginning")
        ]


# --- People -----------------------------------------------------------------------------------------------------------


class Person(models.Model):
    """Somebody of a network. The row names nobody: what is known of them stands in their details."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="person"
    )
    at_risk = models.BooleanField(default=False)  # known to the person and the secretariat alone
    pseudonym = models.CharField(max_length=80, blank=True)  # in a public programme, in place of the name
    invented = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # the row stays, so that counts stay true

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(at_risk=False) | ~models.Q(pseudonym="") | models.Q(erased_at__isnull=False),
                name="a_person_at_risk_has_a_pseudonym",
            )
        ]


class Detail(models.Model):
    """One value of one field of a person, and who may see it: a language spoken, a title, an address."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="details")
    field = models.CharField(max_length=20, choices=_choices(Field))
    # "organisation": its public id, or words in “quotation marks”; "expertise": "article:20" or "concept:…";
    # "photograph": a content hash
    value = models.TextField()
    visibility = models.CharField(max_length=20, choices=_choices(Visibility), default=Visibility.SECRETARIAT)

    class Meta:
        ordering = ["person_id", "field", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "field", "value"], name="one_row_a_value")]
        indexes = [models.Index(fields=["field", "value"], name="detail_by_value")]


class Basis(models.Model):
    """What makes one use of a person's details lawful: a consent with its text, or another ground with its reason."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="bases")
    purpose = models.CharField(max_length=20, choices=_choices(Purpose))
    ground = models.CharField(max_length=24, choices=_choices(Ground))
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)  # withdrawn; in the future only at midnight UTC (page cache)
    text_version = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["person_id", "purpose", "since"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(ground=Ground.CONSENT) | ~models.Q(text_version=""),
                name="a_consent_names_its_text",
            ),
            models.CheckConstraint(
                condition=models.Q(ground=Ground.CONSENT) | ~models.Q(note=""),
                name="another_ground_says_why",
            ),
        ]


class Membership(models.Model):
    """A person's office in a network: a term, which may follow another's."""

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.SET_NULL)
    state = models.ForeignKey(
        "samsvar_convention.State", null=True, blank=True, on_delete=models.PROTECT
    )  # whose contact point
    office = models.CharField(max_length=30, choices=_choices(Office))
    begins = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followed_by")

    class Meta:
        ordering = ["network_id", "office", "begins", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(begins__isnull=True)
                | models.Q(ends__isnull=True)
                | models.Q(ends__gte=models.F("begins")),
                name="a_term_ends_after_it_begins",
            )
        ]


class Photograph(models.Model):
    """A picture that was decoded and written anew without metadata; its bytes lie under its content hash."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="photographs")
    content_hash = models.CharField(max_length=64)
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)


class Ask(models.Model):
    """A question to a member that goes through the secretariat: neither side learns the other's address."""

    class Progress(models.TextChoices):
        WAITING = "waiting"  # for the secretariat
        FORWARDED = "forwarded"
        ANSWERED = "answered"
        DECLINED = "declined"  # by the member, or by the secretariat with a reason
        CLOSED = "closed"

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="asks_made")
    to = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="asks_received")
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL)  # whose secretariat decides
    subject = models.CharField(max_length=150)
    progress = models.CharField(max_length=12, choices=Progress, default=Progress.WAITING)
    at = models.DateTimeField(auto_now_add=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    handled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # why it was declined

    class Meta:
        ordering = ["-at"]


class AskLine(models.Model):
    """One message of an exchange, by a side and not by a name."""

    class Side(models.TextChoices):
        ASKER = "asker"
        MEMBER = "member"
        SECRETARIAT = "secretariat"

    changes_no_page = True

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="lines")
    side = models.CharField(max_length=12, choices=Side)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["ask_id", "at", "id"]
