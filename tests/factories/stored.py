"""Where a test keeps its files: a folder of its own in the place of the site's."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def storages_in(folder: Path) -> dict[str, Any]:
    """The setting by which files are stored in this folder."""
    from django.conf import settings

    backend = "samsvar.site.monitoring.storage.WholeFiles"
    return {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": {"location": folder}}}


def stored_in(folder: Path) -> Any:
    """Until its end, files are stored in this folder."""
    from django.test import override_settings

    return override_settings(STORAGES=storages_in(folder))
