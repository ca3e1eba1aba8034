"""Maintenance of the search index, which is derived data: nothing here changes the database."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from samsvar.search.engine import Engine
from samsvar.search.index_sync import CurrentIndex
from samsvar.site.search.queries import get_index_updater


def update_index() -> CurrentIndex:
    """Update this machine's index from the database now, so that the next reader need not wait."""
    return get_index_updater().get_current_index()


def rebuild_index() -> Engine:
    """Rebuild this machine's index, while searches continue to use the old one."""
    get_index_updater().rebuild()
    return get_index_updater().get_current_index().engine


def index_size() -> int:
    """Return the size of the index on disk, in bytes."""
    folder = Path(settings.SAMSVAR_SEARCH_INDEX)
    return sum(os.path.getsize(file) for file in folder.rglob("*") if file.is_file())
