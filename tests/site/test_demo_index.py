"""A demonstration that starts again: its search index is updated, and built only if there is none."""

from __future__ import annotations

import pytest

from samsvar.site.convention.actions import load_convention
from samsvar.site.demo.management.commands.demo import _build_search_index
from samsvar.site.search.queries import get_index_updater
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_second_start_updates_the_index_and_does_not_build_it_again(settings, tmp_path):
    settings.SAMSVAR_SEARCH_INDEX = tmp_path / "search"
    load_convention()
    _build_search_index()
    [built] = tmp_path.glob("search/index-*")
    groups = set(get_index_updater().get_current_index().engine.fingerprints())
    make_report(b"xa", make_reading([make_finding(1, articles=("7",))]))
    _build_search_index()
    assert list(tmp_path.glob("search/index-*")) == [built]
    assert set(get_index_updater().get_current_index().engine.fingerprints()) > groups
