"""The world that every attack test starts from: built once per module, and restored for each test."""

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

from tests.factories.stored import storage_settings, store_files_in

if TYPE_CHECKING:
    from tests.factories.attacks import World

REFUSAL = "403.html"


@pytest.fixture(autouse=True)
def an_empty_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)


@pytest.fixture
def without_rendering(monkeypatch):
    """Skip rendering HTML pages, for tests that do not depend on their content. Lists and files are as usual."""
    draw = Template.render

    def render(self: Template, *args: Any, **more: Any) -> Any:
        if not (self.origin.template_name or "").endswith(".html"):
            return draw(self, *args, **more)
        # for the response's list of templates
        template_rendered.send(sender=self.template, template=self.template, context=Context())
        return ""

    monkeypatch.setattr(Template, "render", render)


@contextmanager
def render_403_once() -> Iterator[None]:
    """Render the 403 page once per account: it is the same for every address that the account may not open."""
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
def world_files(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("world")


@pytest.fixture(scope="module")
def module_world(module_rows: Any, world_files: Path) -> Iterator[tuple[World, dict[str, Any]]]:
    from tests.factories.attacks import make_world  # Django's models can be imported only after its settings are read

    with module_rows():
        with store_files_in(world_files):
            world = make_world()
        yield world, {name: copy(client.cookies) for name, client in world.clients.items()}


@pytest.fixture(scope="module")
def open_module_world(module_world: tuple[World, dict[str, Any]], django_db_blocker: Any, world_files: Path) -> Any:
    """Return a function that opens the module's world for shared results: `with open_module_world() as world:`."""

    @contextmanager
    def opened() -> Iterator[World]:
        with django_db_blocker.unblock(), store_files_in(world_files):
            yield module_world[0]

    return opened


@pytest.fixture
def world(module_world, db, an_empty_storage, world_files: Path, settings) -> World:
    """Return the module's world as it was built; `db` undoes what a test changes in the database."""
    from tests.factories.attacks import World as Built

    built, cookies = module_world
    shutil.copytree(world_files, settings.STORAGES["default"]["OPTIONS"]["location"], dirs_exist_ok=True)
    for name, client in built.clients.items():
        client.cookies = copy(cookies[name])
    return Built(dict(built.clients), dict(built.accounts), dict(built.ids))


# Tests of requests, headers and rendered pages, on which the database has no influence (docs/decisions/0017). Who may
# see and change what is tested on both: strangers, forged requests, guessing, sessions, every address as everyone.
ON_ONE_DATABASE = {"test_files", "test_forms", "test_hosts", "test_scripts"}
# The same addresses as in the test before it, where the views choose between two answers, not the database
TESTS_ON_ONE_DATABASE = {
    "test_a_missing_object_answers_like_one_that_belongs_to_someone_else",
    "test_no_address_with_a_redirect_parameter_leads_to_another_site",  # where it leads is made of the request
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect on PostgreSQL what SQLite has answered for both in the same run."""
    if config.getoption("--database") != "postgresql":
        return
    here = Path(__file__).parent
    left_out = [
        item
        for item in items
        if item.path.parent == here
        and (item.path.stem in ON_ONE_DATABASE or getattr(item, "originalname", "") in TESTS_ON_ONE_DATABASE)
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
