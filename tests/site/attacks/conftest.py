"""The world that every attack starts from: built once for a module of tests, and as it was for each of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.template.backends.django import Template
from django.template.context import Context
from django.test.signals import template_rendered

from tests.factories.stored import storages_in, stored_in

if TYPE_CHECKING:
    from tests.factories.attacks import World

REFUSAL = "403.html"


@pytest.fixture(autouse=True)
def an_empty_storage(settings, tmp_path):
    settings.STORAGES = storages_in(tmp_path)


@pytest.fixture
def undrawn(monkeypatch):
    """Pages are not drawn: for tests to which it says nothing what stands on them. Lists and files are as always."""
    draw = Template.render

    def render(self: Template, *args: Any, **more: Any) -> Any:
        if not (self.origin.template_name or "").endswith(".html"):
            return draw(self, *args, **more)
        template_rendered.send(sender=self.template, template=self.template, context=Context())  # for the answer's list
        return ""

    monkeypatch.setattr(Template, "render", render)


@contextmanager
def refusals_drawn_once() -> Iterator[None]:
    """The page that refuses is drawn once for each account: of all addresses that are not theirs it says the same."""
    draw, drawn = Template.render, {}

    def render(self: Template, context: Any = None, request: Any = None) -> Any:
        if self.origin.template_name != REFUSAL:
            return draw(self, context, request)
        account = request.user.pk
        if account not in drawn:
            drawn[account] = draw(self, context, request)
        return drawn[account]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", render)
        yield


@pytest.fixture(scope="module")
def files_of_the_world(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("world")


@pytest.fixture(scope="module")
def world_of_the_module(rows_of_the_module: Any, files_of_the_world: Path) -> Iterator[tuple[World, dict[str, Any]]]:
    from tests.factories.attacks import make_world  # Django's models can be imported once its settings are read

    with rows_of_the_module():
        with stored_in(files_of_the_world):
            world = make_world()
        yield world, {name: copy(client.cookies) for name, client in world.clients.items()}


@pytest.fixture(scope="module")
def in_the_world(
    world_of_the_module: tuple[World, dict[str, Any]], django_db_blocker: Any, files_of_the_world: Path
) -> Any:
    """Opens the module's world for what several of its tests look at: `with in_the_world() as world:`."""

    @contextmanager
    def opened() -> Iterator[World]:
        with django_db_blocker.unblock(), stored_in(files_of_the_world):
            yield world_of_the_module[0]

    return opened


@pytest.fixture
def world(world_of_the_module, db, an_empty_storage, files_of_the_world: Path, settings) -> World:
    """The module's world as it was built: what a test does to it is taken back, in the database by `db`."""
    from tests.factories.attacks import World as Built

    built, cookies = world_of_the_module
    shutil.copytree(files_of_the_world, settings.STORAGES["default"]["OPTIONS"]["location"], dirs_exist_ok=True)
    for name, client in built.clients.items():
        client.cookies = copy(cookies[name])
    return Built(dict(built.clients), dict(built.accounts), dict(built.ids))


# What is asked of requests, headers and drawn pages, in which no database has a word (docs/decisions/0017). Who may see
# and change what is asked on both: strangers, forged requests, guesses, sessions, and every address as everybody.
ON_ONE_DATABASE = {"test_files", "test_forms", "test_hosts", "test_scripts"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what SQLite has answered for both in the same run."""
    if config.getoption("--database") != "postgresql":
        return
    here = Path(__file__).parent
    left_out = [item for item in items if item.path.parent == here and item.path.stem in ON_ONE_DATABASE]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
