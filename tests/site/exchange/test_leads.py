"""Leads: what a report welcomes is offered to the state's desk as the start of a practice, with its citation."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.practices.actions import leads as actions
from samsvar.site.exchange.practices.actions.writing import PraiseOfOtherState
from samsvar.site.exchange.practices.models import LeadDecision, Practice
from samsvar.site.exchange.practices.queries.leads import unused_praise
from tests.factories.exchange_practices import make_practice, publish
from tests.factories.implementation import make_organisation, make_representative
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.site.exchange.test_practices import form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A report that urges one thing and welcomes two, and the desk of its state."""
    load_convention()
    it = SimpleNamespace()
    report = make_report(
        reading=make_reading(
            [
                make_finding(1),
                make_finding(2, strength=Strength.WELCOMES, articles=("52", "50")),
                make_finding(3, strength=Strength.WELCOMES),
            ]
        )
    )
    it.urged, it.first, it.second = report.findings.order_by("ordinal")
    it.account = make_account(Role.NATIONAL_DESK, state="XA")
    it.desk = sign_in(Client(), it.account)
    return it


def test_the_desk_sees_what_a_report_welcomes_and_starts_a_practice_from_it(world):
    desk_page = world.desk.get(reverse("implementation:desk", args=["XA"])).content.decode()
    assert reverse("exchange:practice-leads", args=["XA"]) in desk_page
    page = world.desk.get(reverse("exchange:practice-leads", args=["XA"])).content.decode()
    assert "GREVIO 2023 § 2, p. 1" in page
    assert "GREVIO 2023 § 1, p. 1" not in page
    address = f"{reverse('exchange:add-practice')}?praise={world.first.public_id}"
    assert address in page
    form = world.desk.get(address)
    assert form.context["form"]["articles"].value() == "50, 52"
    assert "GREVIO 2023 § 2, p. 1" in form.content.decode()
    world.desk.post(address, form_data())
    practice = Practice.objects.get()
    assert (practice.praise, practice.origin, practice.organisation, practice.state_id) == (
        world.first.public_id, "praise", None, "XA",
    )  # fmt: skip
    assert list(unused_praise("XA")) == [world.second]


def test_the_page_of_the_finding_shows_the_practice_only_once_it_is_published(world):
    practice = make_practice(praise=world.first)
    address = reverse("monitoring:finding", args=[world.first.public_id])
    assert "An on-call judge" not in Client().get(address).content.decode()
    publish(practice)
    assert "An on-call judge" in Client().get(address).content.decode()
    page = Client().get(reverse("exchange:practice", args=[practice.public_id])).content.decode()
    assert f'<a href="{address}">GREVIO 2023 § 2, p. 1</a>' in page


def test_a_practice_keeps_its_citation_when_the_report_is_withdrawn(world):
    practice = publish(make_practice(praise=world.first))
    world.first.report.document.delete()
    page = Client().get(reverse("exchange:practice", args=[practice.public_id])).content.decode()
    assert "GREVIO 2023 § 2, p. 1" in page
    assert reverse("monitoring:finding", args=[world.first.public_id]) not in page


def test_the_desk_says_why_praise_is_no_practice_and_can_withdraw_that(world):
    address = reverse("exchange:decide-lead", args=["XA", world.second.public_id])
    assert world.desk.post(address, {"reason": " "}).status_code == 422
    assert world.desk.post(address, {"reason": "It was ended in 2022."}).status_code == 302
    assert list(unused_praise("XA")) == [world.first]
    page = world.desk.get(reverse("exchange:practice-leads", args=["XA"])).content.decode()
    assert "It was ended in 2022." in page
    assert world.desk.post(address, {"reason": "Once more."}).status_code == 409
    world.desk.post(reverse("exchange:withdraw-lead-decision", args=["XA", world.second.public_id]))
    assert not LeadDecision.objects.exists()


def test_the_desk_of_another_state_has_no_say(world):
    other = make_account(Role.NATIONAL_DESK, state="XB")
    with pytest.raises(PermissionDenied):
        actions.decide_lead(by=other, finding=world.first, reason="No.")
    with pytest.raises(PraiseOfOtherState):
        make_practice(praise=world.first, state="XB")
    address = f"{reverse('exchange:add-practice')}?praise={world.first.public_id}"
    assert sign_in(Client(), other).get(address).status_code == 404


def test_a_draft_of_another_organisation_does_not_take_the_lead_away(world):
    organisation = make_organisation()
    practice = make_practice(organisation, by=make_representative(organisation), praise=world.first)
    assert list(unused_praise("XA")) == [world.first, world.second]
    publish(practice)
    assert list(unused_praise("XA")) == [world.second]


def test_a_desk_without_unused_praise_reads_what_to_expect(world):
    for finding in (world.first, world.second):
        actions.decide_lead(by=world.account, finding=finding, reason="Nothing to add.")
    page = world.desk.get(reverse("exchange:practice-leads", args=["XA"])).content.decode()
    assert "There is no unused praise." in page
