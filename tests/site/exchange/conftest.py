"""Shared objects of the tests of measures and the desk: two fictional states and the desk of the first."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def nordmark(db: None) -> Any:
    from samsvar.site.convention.models import State

    State.objects.get_or_create(code="XB", defaults={"kind": "fictional"})
    return State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})[0]


@pytest.fixture
def desk(nordmark: Any) -> Any:
    from django.test import Client

    from samsvar.network.rights import Role
    from tests.factories.people import make_account, sign_in

    return sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XA"))
