"""States and treaty events in the database match the library's and give the same statuses."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samsvar.convention import loading
from samsvar.convention.status import Status, count_with_status, status_on
from samsvar.site.audit.models import AuditEntry
from samsvar.site.audit.queries import get_change_number
from samsvar.site.convention import queries
from samsvar.site.convention.actions import load_convention
from samsvar.site.convention.models import State, TreatyEvent
from samsvar.territories import territories

pytestmark = pytest.mark.django_db


def test_every_state_and_event_of_the_library_is_loaded_unchanged():
    load_convention()
    assert {state.code: state.kind for state in State.objects.all()} == {
        code: one.kind.value for code, one in territories().items()
    }
    key = str
    assert sorted(queries.treaty_events(), key=key) == sorted(loading.treaty_events(), key=key)


def test_loading_again_writes_nothing():
    written = load_convention()
    before = get_change_number()
    assert written["states"] > 0 < written["events"]
    assert load_convention() == {"states": 0, "events": 0}
    assert get_change_number() == before
    assert [line.verb for line in AuditEntry.objects.all()] == ["loaded"]


def test_loading_restores_changed_events_and_removes_unsourced_ones():
    load_convention()
    TreatyEvent.objects.filter(state="NO", kind="ratification").update(day="2099-01-01")
    TreatyEvent.objects.create(
        public_id="fictional", state_id="NO", kind="denunciation", day="2018-01-01", confidence="confirmed"
    )
    assert load_convention() == {"states": 0, "events": 2}
    assert not TreatyEvent.objects.filter(public_id="fictional").exists()
    assert queries.statuses_on(date(2019, 6, 4))["NO"].status is Status.PARTY


def test_33_states_were_parties_when_the_conference_opened():
    load_convention()
    on = date(2019, 6, 4)
    assert count_with_status(Status.PARTY, queries.statuses_on(on)) == 33
    assert queries.statuses_on(on) == status_on(on, loading.treaty_events())


def test_statuses_cost_one_query():
    load_convention()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        queries.statuses_on(date(2019, 6, 4))
    assert len(captured) == 1
