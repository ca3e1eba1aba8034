"""Who knows the address of somebody else's thing gets nothing of it: every route with an id, each kind of visitor."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.urls import reverse

from tests.factories.attacks import (
    PEOPLE,
    ROWS,
    SECRET_KINDS,
    World,
    address_of,
    difference,
    everything,
    routes,
)

WITH_IDS = [route for route in routes() if route.parameters]
OWNED = [route for route in WITH_IDS if route.name in ROWS and ROWS[route.name].rightful]


def is_refused(answer, *, way_out: tuple[str, ...]) -> bool:
    """Not there, not allowed, the wrong method, or sent away to show who one is."""
    if answer.status_code in {301, 302, 303}:
        return answer["Location"].startswith(way_out)
    return answer.status_code in {403, 404, 405}


def ways_out() -> tuple[str, ...]:
    """Where the gate sends those who lack something."""
    names = ("account_login", "network:second-factor", "network:open-staff-session", "account_reauthenticate")
    return tuple(reverse(name) for name in names)


def test_every_route_with_an_id_says_whose_its_things_are():
    assert sorted(route.name for route in WITH_IDS) == sorted(ROWS)


@pytest.mark.parametrize("route", OWNED, ids=lambda route: route.name)
def test_what_belongs_to_somebody_answers_to_nobody_else(world: World, undrawn, route):
    row, address = ROWS[route.name], address_of(route, world)
    before = everything()
    strangers = [name for name in PEOPLE if name not in {row.rightful, *row.also}]
    assert strangers
    said = {}
    for name in strangers:
        for method in ("get", "post"):
            answer = getattr(world.clients[name], method)(address)
            if not is_refused(answer, way_out=ways_out()):
                said[name, method] = answer.status_code
    assert said == {}
    assert difference(before, everything()) == {}
    # and there was something to refuse: the one whose it is gets in
    rightful = world.clients[row.rightful]
    answer = rightful.get(address)
    if answer.status_code == 405:
        answer = rightful.post(address)
    assert not is_refused(answer, way_out=ways_out()), (answer.status_code, answer.get("Location"))


@pytest.mark.parametrize("route", OWNED, ids=lambda route: route.name)
def test_what_is_not_there_answers_like_what_belongs_to_somebody_else(world: World, undrawn, route):
    """Else the difference would tell that it exists."""
    row = ROWS[route.name]
    theirs = address_of(route, world)
    nothing = address_of(route, World({}, {}, _without_secrets(world)))
    if nothing == theirs:
        pytest.skip("that it exists is no secret")
    for stranger in ("nobody", "reader", "desk", "abroad"):
        if stranger in row.also or stranger == row.rightful:
            continue
        client = world.clients[stranger]
        for method in ("get", "post"):
            first, second = getattr(client, method)(theirs), getattr(client, method)(nothing)
            assert (stranger, method, first.status_code, first.get("Location", "").partition("?")[0]) == (
                stranger,
                method,
                second.status_code,
                second.get("Location", "").partition("?")[0],
            )


def _without_secrets(world):
    return {kind: _nothing(id_) if kind in SECRET_KINDS else id_ for kind, id_ in world.ids.items()}


def _nothing(id_):
    """An id like this one, of nothing."""
    if isinstance(id_, int):
        return 987_654_321
    return UUID(int=1) if isinstance(id_, UUID) else "0" * 16
