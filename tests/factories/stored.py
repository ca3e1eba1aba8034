"""Store the files of a test in a separate folder instead of the site's."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def storage_settings(folder: Path) -> dict[str, Any]:
    """Return the STORAGES setting that stores files in this folder."""
    from django.conf import settings

    backend = "samsvar.site.monitoring.storage.AtomicFileSystemStorage"
    return {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": {"location": folder}}}


def store_files_in(folder: Path) -> Any:
    """Store files in this folder for the length of the block."""
    from django.test import override_settings

    return override_settings(STORAGES=storage_settings(folder))
