"""Knowing the address of someone else's data gives no access: every route with an id, each kind of visitor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from samsvar.site.network.models import FormDraft
from tests.factories.attacks import (
    PEOPLE,
    ROUTE_ACCESS,
    SECRET_KINDS,
    World,
    address_of,
    database_snapshot,
    post_data_of,
    routes,
    snapshot_difference,
)

WITH_IDS = [route for route in routes() if route.parameters]
Rows = dict[str, list[dict[str, Any]]]
OWNED = [route for route in WITH_IDS if route.name in ROUTE_ACCESS and ROUTE_ACCESS[route.name].rightful]


def is_refused(answer, *, way_out: tuple[str, ...]) -> bool:
    """Return whether access was refused: 403, 404, 405, or a redirect to prove who one is."""
    if answer.status_code in {301, 302, 303}:
        return answer["Location"].startswith(way_out)
    return answer.status_code in {403, 404, 405}


def redirect_targets() -> tuple[str, ...]:
    """Return where the access middleware sends people who lack something."""
    names = ("account_login", "network:second-factor", "network:open-staff-session", "account_reauthenticate")
    return tuple(reverse(name) for name in names)


def test_every_route_with_an_id_states_who_may_open_it():
    assert sorted(route.name for route in WITH_IDS) == sorted(ROUTE_ACCESS)


@pytest.fixture(scope="module")
def before(open_module_world: Any) -> Rows:
    """Return every row of the world as each test finds it."""
    with open_module_world():
        return database_snapshot()


@pytest.mark.parametrize("route", OWNED, ids=lambda route: route.name)
def test_only_the_rightful_visitor_has_access(world: World, before: Rows, without_rendering, route):
    row, address, data = ROUTE_ACCESS[route.name], address_of(route, world), post_data_of(route, world)
    strangers = [name for name in PEOPLE if name not in {row.rightful, *row.also}]
    assert strangers
    said = {}
    for name in strangers:
        for method, sent in (("get", {}), ("post", data)):
            answer = getattr(world.clients[name], method)(address, sent)
            if not is_refused(answer, way_out=redirect_targets()):
                said[name, method] = answer.status_code
    assert said == {}
    assert snapshot_difference(before, database_snapshot()) == {}
    # There was something to refuse: the rightful visitor gets in.
    rightful = world.clients[row.rightful]
    answer = rightful.get(address)
    if answer.status_code == 405:
        answer = rightful.post(address, data)
    assert not is_refused(answer, way_out=redirect_targets()), (answer.status_code, answer.get("Location"))


@pytest.mark.parametrize("route", OWNED, ids=lambda route: route.name)
def test_a_missing_object_answers_like_one_that_belongs_to_someone_else(world: World, without_rendering, route):
    """Otherwise the difference would reveal that it exists."""
    row = ROUTE_ACCESS[route.name]
    theirs = address_of(route, world)
    nothing = address_of(route, World({}, {}, _with_unused_ids(world)))
    if nothing == theirs:
        pytest.skip("that it exists is no secret")
    for stranger in ("nobody", "reader", "desk", "abroad"):
        if stranger in row.also or stranger == row.rightful:
            continue
        client = world.clients[stranger]
        for method, sent in (("get", {}), ("post", post_data_of(route, world))):
            first, second = (getattr(client, method)(address, sent) for address in (theirs, nothing))
            assert (stranger, method, first.status_code, first.get("Location", "").partition("?")[0]) == (
                stranger,
                method,
                second.status_code,
                second.get("Location", "").partition("?")[0],
            )


def test_only_its_author_reads_a_draft_of_a_form(world: World):
    page, drafts = "/en/upload/", reverse("network:form-drafts")
    FormDraft.objects.create(account=world.accounts["owner"], page=page, form="0", fields={"title": ["unsent words"]})
    read = {name for name in PEOPLE if b"unsent words" in world.clients[name].get(drafts, {"page": page}).content}
    assert read == {"owner"}


def _with_unused_ids(world):
    return {kind: _unused_id(id_) if kind in SECRET_KINDS else id_ for kind, id_ in world.ids.items()}


def _unused_id(id_):
    """Return an id of the same type that belongs to nothing."""
    if isinstance(id_, int):
        return 987_654_321
    return UUID(int=1) if isinstance(id_, UUID) else "0" * 16
