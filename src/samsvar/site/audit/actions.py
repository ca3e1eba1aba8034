"""The ways a line gets into the trail: something was done, or somebody's details were seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from samsvar.site.audit.models import Change, Entry
from samsvar.site.audit.queries import Asked, old_lines


def record(
    *,
    by: AbstractBaseUser | None,
    verb: str,
    subject: str,
    details: dict[str, Any] | None = None,
    person: str = "",
    why: str = "",
) -> Entry:
    """Write who did what to what; call it inside the action's own transaction, so that both happen or neither.

    `by` is None where a command did it. `details` hold values of the record, never anything about a person; `person` is
    the public id of whom it is about. Within a staff session its reason is the reason, unless another is given.
    """
    return Entry.objects.create(
        verb=verb, subject=subject, details=details or {}, person=person, **_circumstances(by, why)
    )


def lock_changes() -> None:
    """Take the lock of the number of changes now, in a transaction that takes other locks too and may change a page.

    The triggers take it with the first page that changes. Who comes to it with a lock that somebody else waits for, who
    has it already, would stand in a circle with them.
    """
    Change.objects.select_for_update().order_by().values_list("number", flat=True).first()


def record_sight(
    *, by: AbstractBaseUser | None, people: Mapping[str, Iterable[str]], subject: str, why: str = ""
) -> list[Entry]:
    """Write that somebody saw details of people that are not public: public id of each, with the fields shown.

    `by` None: whoever came by a link of their own, which `subject` says.

    One line a person, so that "who saw her between these two times" is one question.
    """
    circumstances = _circumstances(by, why)
    return Entry.objects.bulk_create(
        Entry(
            verb="saw",
            subject=subject,
            details={"fields": sorted(fields)},
            saw=True,
            person=person,
            **circumstances,
        )
        for person, fields in people.items()
    )


def remove_old_lines(*, by: AbstractBaseUser | None) -> int:
    """Remove the lines whose time is over and leave one that says how many went; the caller has asked who may.

    The database itself refuses to remove any other line (`triggers`).
    """
    with transaction.atomic():
        gone, _each = old_lines().delete()
        if gone:
            record(by=by, verb="removed old lines", subject="audit_log", details={"lines": gone})
    return gone


def record_export(
    *, by: AbstractBaseUser | None, asked: Asked, lines: int, form: str, verb: str = "exported the audit log"
) -> Entry:
    """Write that lines of the trail were taken out, and which: also those who read the trail leave one."""
    return record(
        by=by, verb=verb, subject="audit_log", details={**asked.said(), "lines": lines, "as": form}, person=asked.person
    )


def _circumstances(by: AbstractBaseUser | None, why: str) -> dict[str, Any]:
    session = getattr(by, "staff_session", None)  # set by site/network's gate while one is open
    return {
        "actor": by,
        "why": why or (session.reason if session else ""),
        "staff_session": session.pk if session else None,
        "keep_until": kept_until(timezone.now().date()),
    }


def kept_until(written: date) -> date:
    """The last day on which a line of this day is kept for certain."""
    return written + timedelta(days=settings.SAMSVAR_TRAIL_DAYS)
