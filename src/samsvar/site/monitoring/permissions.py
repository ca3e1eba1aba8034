"""Who may bring reports in and who may judge findings."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

EDITORS = "editor"  # the auth group; made after every `migrate` (apps.py)


def can_upload(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Editors bring reports in, and see how their reading goes."""
    return _is_editor(user)


def can_review(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Editors confirm, correct or reject the reader's labels."""
    return _is_editor(user)


def _is_editor(user: AbstractBaseUser | AnonymousUser) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    if not hasattr(user, "_is_editor"):  # asked several times on one page, and once of the database
        user._is_editor = user.is_superuser or user.groups.filter(name=EDITORS).exists()  # type: ignore[union-attr]
    return bool(user._is_editor)  # type: ignore[union-attr]
