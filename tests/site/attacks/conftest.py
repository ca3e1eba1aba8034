"""The world that every attack starts from: built once for a module of tests, and as it was for each of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.factories.attacks import World

WHOLE_FILES = "samsvar.site.monitoring.storage.WholeFiles"


@pytest.fixture(autouse=True)
def an_empty_storage(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": WHOLE_FILES, "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture(scope="module")
def files_of_the_world(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("world")


@pytest.fixture(scope="module")
def world_of_the_module(
    django_db_setup: None, django_db_blocker: Any, files_of_the_world: Path
) -> Iterator[tuple[World, dict[str, Any]]]:
    """Within a transaction of the module's own; its rows are there for each test and gone after the last."""
    from django.conf import settings as configured
    from django.db import transaction
    from django.test import override_settings

    from tests.factories.attacks import make_world  # Django's models can be imported once its settings are read

    storages = {
        **configured.STORAGES,
        "default": {"BACKEND": WHOLE_FILES, "OPTIONS": {"location": files_of_the_world}},
    }
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(STORAGES=storages):
            world = make_world()
        yield world, {name: copy(client.cookies) for name, client in world.clients.items()}
        transaction.set_rollback(True)


@pytest.fixture
def world(world_of_the_module, db, an_empty_storage, files_of_the_world: Path, settings) -> World:
    """The module's world as it was built: what a test does to it is taken back, in the database by `db`."""
    from tests.factories.attacks import World as Built

    built, cookies = world_of_the_module
    shutil.copytree(files_of_the_world, settings.STORAGES["default"]["OPTIONS"]["location"], dirs_exist_ok=True)
    for name, client in built.clients.items():
        client.cookies = copy(cookies[name])
    return Built(dict(built.clients), dict(built.accounts), dict(built.ids))
