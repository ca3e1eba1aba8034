"""The treaty events of the fictional states follow the treaty and never count among real ones."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.convention.loading import treaty_events
from samsvar.convention.status import SourceConfidence, check_entry_into_force, status_on
from samsvar.site.convention.actions import load_convention
from samsvar.site.convention.models import TreatyEvent
from samsvar.site.demo.actions import demo_events

pytestmark = pytest.mark.django_db


def test_entry_into_force_for_the_fictional_states_follows_article_75():
    assert list(check_entry_into_force((*treaty_events(), *demo_events()))) == list(
        check_entry_into_force(treaty_events())
    )


def test_the_fictional_states_have_only_events_marked_as_fictional():
    assert {event.state for event in demo_events()} == {"XA", "XB", "XC"}
    assert {event.source for event in demo_events()} == {"fictional for demonstration"}
    assert not {event.state for event in treaty_events()} & {"XA", "XB", "XC"}


def test_a_demo_loads_its_events_once_and_a_real_site_deletes_them():
    load_convention(extra_events=demo_events())
    assert TreatyEvent.objects.filter(state__kind="fictional").count() == len(demo_events())
    assert load_convention(extra_events=demo_events()) == {"states": 0, "events": 0}
    load_convention()
    assert not TreatyEvent.objects.filter(state__kind="fictional").exists()


def test_nordmark_has_been_bound_since_2016_and_without_reservations_since_2021():
    statuses = status_on(date(2022, 1, 1), (*treaty_events(), *demo_events()))
    assert (statuses["XA"].status, str(statuses["XA"].in_force)) == ("party", "2016-11-01")
    shown = {
        code: [(str(one.provision), str(one.stage)) for one in statuses[code].reservations] for code in ("XA", "XB")
    }
    assert shown == {"XA": [("59", "withdrawn")], "XB": [("30(2)", "in_force"), ("44(1)(e)", "in_force")]}


def test_no_event_of_a_fictional_state_is_marked_as_confirmed():
    assert {event.confidence for event in demo_events()} == {SourceConfidence.FICTIONAL}
