"""What is done to the search index. It is derived: nothing here touches the record."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from samsvar.search.engine import Engine
from samsvar.search.following import Followed
from samsvar.site.search.queries import follower


def follow() -> Followed:
    """Bring this machine's index up to the database now, so that the next reader need not wait."""
    return follower().followed()


def rebuild() -> Engine:
    """Build this machine's index anew while the old one answers."""
    follower().rebuild()
    return follower().followed().engine


def index_size() -> int:
    """Bytes of the index on disk."""
    folder = Path(settings.SAMSVAR_SEARCH_INDEX)
    return sum(os.path.getsize(file) for file in folder.rglob("*") if file.is_file())
