"""The demonstration has evidence from both sides that differs once, one expired, one set aside, and a room."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.implementation.progress import Proven
from samsvar.site.convention.actions import load_convention
from samsvar.site.demo.accounts import make_demo_accounts
from samsvar.site.demo.actions import demo_events
from samsvar.site.demo.evidence import make_demo_evidence
from samsvar.site.demo.people import make_demo_network, make_demo_people
from samsvar.site.implementation.evidence import queries
from samsvar.site.implementation.models import Evidence, Room, RoomPublication
from samsvar.site.network.models import Account
from tests.factories.people import sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


def test_both_sides_of_nordmark_differ_on_an_open_recommendation_and_a_shelter_has_a_room():
    load_convention(extra_events=demo_events())
    make_report(reading=make_reading([make_finding(1, articles=("22",)), make_finding(2, articles=("23",))]))
    make_demo_network()
    make_demo_accounts()
    make_demo_people()
    make_demo_evidence()
    make_demo_evidence()  # a second start adds nothing
    shelter = Account.objects.get(email="shelter@nordmark.example")
    finding = Evidence.objects.filter(side="state").first().finding
    page = queries.evidence_for_finding(shelter, finding.public_id, timezone.localdate())
    assert page is not None
    assert page.proven is Proven.SIDES_DIFFER
    state = [(card.evidence.title, card.is_expired) for card in page.state_cards]
    assert sorted(state) == [
        ("Agreements with the municipalities on crisis centres", True),
        ("All crisis centres admit women with an addiction since January 2026", False),
    ]
    others = [(card.evidence.title, card.evidence.status, card.evidence.organisation_text) for card in page.other_cards]
    assert sorted(others) == [
        ("A survey of crisis centres in February 2026", "set_aside", "Fyrlys krisesenter"),
        ("Women with an addiction who were turned away in March 2026", "accepted", "Fyrlys krisesenter"),
    ]
    # an open recommendation: its page and the country's tab say so
    for address in (
        reverse("monitoring:finding", args=[finding.public_id]),
        reverse("pages:country-tab", args=["XA", "progress"]),
    ):
        assert 'data-proven="sides_differ"' in Client().get(address).text
    room = Room.objects.get()
    assert [bool(section.text) for section in room.sections.all()] == [True] * 3
    address = reverse("implementation:room", args=[room.public_id])
    assert sign_in(Client(), shelter).get(address).status_code == 200
    desk = Account.objects.get(email="desk@nordmark.example")
    assert sign_in(Client(), desk).get(address).status_code == 404
    assert not RoomPublication.objects.exists()
