"""Models for accounts and invitations."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from samsvar.ids import random_id
from samsvar.network.membership import Office
from samsvar.site.shell.labels import enum_choices

# --- Accounts ---------------------------------------------------------------------------------------------------------


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **extra_fields: Any) -> Account:
        account = self.model(email=email.strip().lower(), **extra_fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").strip().lower())


class Account(AbstractBaseUser):
    """A user account. There are no superusers: all permissions come from the roles given to the account."""

    changes_no_page = True  # pages show people, never accounts

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    email = models.EmailField(unique=True)  # always in lower case
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=8, blank=True)  # the language of emails to this account
    joined_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # the row is kept for the audit log, without personal data

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="unique_account_address")]

    def __str__(self) -> str:
        return f"account {self.public_id}"  # never the address, because this ends up in logs


class Invitation(models.Model):
    """An invitation of an address to create an account. The token is only in the email; its hash is stored."""

    changes_no_page = True

    public_id = models.CharField(max_length=16, unique=True, default=random_id)
    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField()
    language = models.CharField(max_length=8, default="en")
    network = models.ForeignKey("Network", null=True, blank=True, on_delete=models.CASCADE)
    organisation = models.ForeignKey("Organisation", null=True, blank=True, on_delete=models.SET_NULL)
    office = models.CharField(max_length=30, choices=partial(enum_choices, Office), blank=True)  # in the network
    # An existing member: the invited account is attached to this person, so that no duplicate is created.
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
