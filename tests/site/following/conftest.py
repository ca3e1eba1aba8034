"""Fixtures for tests of following: the states of the convention, once for each module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def module_states(module_rows: Any) -> Iterator[None]:
    from samsvar.site.convention.actions import load_convention

    with module_rows():
        load_convention()
        yield


@pytest.fixture(autouse=True)
def states(module_states: None) -> None:
    """The states."""
