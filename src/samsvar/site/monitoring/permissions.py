"""Who may bring reports in and who may judge findings."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

EDITORS = "editor"  # the auth group; made after every `migrate` (apps.py)


def can_upload(user: User | AnonymousUser) -> bool:
    """Editors bring reports in, and see how their reading goes."""
    return _is_editor(user)


def can_review(user: User | AnonymousUser) -> bool:
    """Editors confirm, correct or reject the reader's labels."""
    return _is_editor(user)


def _is_editor(user: User | AnonymousUser) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    known: bool | None = getattr(user, "_is_editor", None)  # asked several times on one page, and once of the database
    if known is None:
        known = user.is_superuser or user.groups.filter(name=EDITORS).exists()
        user._is_editor = known  # type: ignore[attr-defined]
    return known
