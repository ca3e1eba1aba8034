"""The world that every attack starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.factories.attacks import World


@pytest.fixture(autouse=True)
def an_empty_storage(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "samsvar.site.monitoring.storage.WholeFiles", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def world(db, an_empty_storage) -> World:
    from tests.factories.attacks import make_world  # Django's models can be imported once its settings are read

    return make_world()
