"""`samsvar-site add_editor NAME`: an account that may bring reports in and judge findings."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from samsvar.site.monitoring.permissions import EDITORS
from samsvar.site.trail.actions import record


class Command(BaseCommand):
    help = "Makes an account an editor's; a new one gets the password that is asked for, or that standard input holds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *, name: str, **_: Any) -> None:
        users = get_user_model().objects
        user = users.filter(username=name).first()
        with transaction.atomic():
            if user is None:
                password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
                try:
                    validate_password(password)
                except ValidationError as weak:
                    raise CommandError(f"No account was made. {' '.join(weak.messages)}") from weak
                user = users.create_user(username=name, password=password)
            user.groups.add(Group.objects.get(name=EDITORS))
            record(by=None, verb="made editor", subject=f"user {user.pk}")
        self.stdout.write(f"{name} may bring reports in and judge findings.")
