"""Query for private files that no database row refers to.

Such a file is left behind if storing it succeeds but saving its row fails, or if its row is deleted but the file is
not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.apps import apps
from django.db import models

from samsvar.site.shell.uploads import list_private_files

GRACE_PERIOD = timedelta(days=1)  # a file is stored before its row; no upload takes a day
HASH_LENGTH = 64  # characters in a content hash; every field that can refer to a file has this length


def unreferenced_files(now: datetime) -> list[str]:
    """Return the hashes of private files older than the grace period that no field of any app refers to."""
    unreferenced = {hash_ for hash_, modified in list_private_files() if modified < now - GRACE_PERIOD}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if unreferenced and isinstance(field, models.CharField) and field.max_length == HASH_LENGTH:
                referenced = model._default_manager.filter(**{f"{field.name}__in": list(unreferenced)})
                unreferenced -= set(referenced.values_list(field.name, flat=True))
    return sorted(unreferenced)
