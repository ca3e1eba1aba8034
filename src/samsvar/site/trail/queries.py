"""What others ask the trail: the change number, and the lines about one thing."""

from __future__ import annotations

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from samsvar.site.trail.models import Entry

CHANGE_NUMBER = "SELECT number FROM samsvar_trail_change WHERE id = 1"


def change_number(using: BaseDatabaseWrapper | None = None) -> int:
    """The number that rises with every change of what the site shows; 0 in a database without the row.

    One query by primary key; read it *before* whatever is to be kept under it, never after.
    """
    with (using or connection).cursor() as cursor:
        cursor.execute(CHANGE_NUMBER)
        row = cursor.fetchone()
    return row[0] if row else 0


def lines_about(subject: str) -> QuerySet[Entry]:
    """The trail of one thing, newest first, with the actors' names in the same query."""
    return Entry.objects.filter(subject=subject).select_related("actor")
