"""Files that are not for everybody and that no row of the database names: left by what failed between the two."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.apps import apps
from django.db import models

from samsvar.site.shell.uploads import private_files

GRACE = timedelta(days=1)  # a file is stored before its row; no upload takes a day
HASH_LENGTH = 64  # letters of a content hash: every column that can name a file is that long


def unnamed_files(now: datetime) -> list[str]:
    """The hashes of private files older than the grace that stand in no column that could name one, of any app."""
    old = {hash_ for hash_, written in private_files() if written < now - GRACE}
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if old and isinstance(column, models.CharField) and column.max_length == HASH_LENGTH:
                named = model._default_manager.filter(**{f"{column.name}__in": list(old)})
                old -= set(named.values_list(column.name, flat=True))
    return sorted(old)
