"""Where a test keeps its files: a folder of its own in the place of the site's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WHOLE_FILES = "samsvar.site.monitoring.storage.WholeFiles"


def stored_in(folder: Path) -> Any:
    """Until its end, files are stored in this folder."""
    from django.conf import settings as configured
    from django.test import override_settings

    return override_settings(
        STORAGES={**configured.STORAGES, "default": {"BACKEND": WHOLE_FILES, "OPTIONS": {"location": folder}}}
    )
