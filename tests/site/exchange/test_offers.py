"""Offers of help with limits: who makes them, who sees them, and how often they can be taken up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.exchange.requests import OfferStatus
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.models import Introduction
from samsvar.site.exchange.requests import actions, queries
from samsvar.site.exchange.requests.models import Offer
from tests.factories.exchange_requests import make_help_request, make_member, make_offer
from tests.factories.implementation import make_organisation
from tests.factories.people import make_account, make_network, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    class World:
        pass

    load_convention()
    it = World()
    it.home = make_network()
    it.body = make_organisation("Night Line", state="XB")
    it.giver = make_member(it.home, name="Fictional Giver", organisation=it.body)
    it.colleague = make_member(it.home, name="Fictional Colleague", organisation=it.body)
    it.asker = make_member(it.home, name="Fictional Asker", organisation=make_organisation())
    return it


FORM = {"title": "A visit to the night shift", "language": "en", "help": ["study_visit"], "articles": "24, 22"}


def test_an_organisation_offers_help_with_limits(world):
    until = (timezone.now() + timedelta(days=90)).date()
    client = sign_in(Client(), world.giver)
    answer = client.post(reverse("exchange:add-offer"), {
        **FORM, "per_year": "2", "until": until.isoformat(), "languages": ["en", "ro"], "concepts": ["helplines"],
    })  # fmt: skip
    offer = Offer.objects.get()
    assert answer["Location"] == reverse("exchange:offer", args=[offer.public_id])
    assert (offer.organisation, offer.state_id, offer.per_year, offer.until) == (world.body, "XB", 2, until)
    assert (offer.help, offer.articles, offer.languages) == (["study_visit"], ["24", "22"], ["en", "ro"])
    page = sign_in(Client(), world.asker).get(reverse("exchange:offers")).content.decode()
    assert "A visit to the night shift" in page
    assert "Night Line" in page
    assert "taken up 0 of 2 times" in page
    assert "Fictional Giver" not in page  # offers are made by bodies


def test_an_offer_without_a_limit_says_so(world):
    offer = make_offer(world.giver)
    page = sign_in(Client(), world.asker).get(reverse("exchange:offer", args=[offer.public_id])).content.decode()
    assert "without a limit" in page


@pytest.mark.parametrize(
    "wrong", [{"until": "2020-01-01"}, {"per_year": "0"}, {"help": []}, {"articles": "99"}, {"title": ""}]
)
def test_an_offer_with_impossible_limits_is_returned(world, wrong):
    answer = sign_in(Client(), world.giver).post(reverse("exchange:add-offer"), {**FORM, **wrong})
    assert answer.status_code in {409, 422}
    assert not Offer.objects.exists()


def test_someone_who_represents_no_one_cannot_offer_and_reads_why(world):
    lone = make_account(Role.CONTRIBUTOR)
    page = sign_in(Client(), lone).get(reverse("exchange:add-offer")).content.decode()
    assert "You cannot make an offer on behalf of anyone." in page
    assert sign_in(Client(), make_account(Role.READER)).get(reverse("exchange:add-offer")).status_code == 403


def test_only_those_who_write_for_the_body_change_an_offer(world):
    offer = make_offer(world.giver)
    for name, sent in (("edit-offer", FORM), ("offer-status", {"status": "ended"})):
        address = reverse(f"exchange:{name}", args=[offer.public_id])
        assert sign_in(Client(), world.asker).post(address, sent).status_code == 404
        assert sign_in(Client(), world.colleague).post(address, sent).status_code == 302
    offer.refresh_from_db()
    assert (offer.title, offer.status) == (FORM["title"], "ended")
    with pytest.raises(PermissionDenied):
        actions.set_offer_status(by=world.asker, offer=offer, status=OfferStatus.OPEN)


def test_a_paused_or_ended_offer_is_seen_by_its_own_side_only(world):
    offer = make_offer(world.giver)
    for status in (OfferStatus.PAUSED, OfferStatus.ENDED):
        actions.set_offer_status(by=world.giver, offer=offer, status=status)
        assert offer.title not in sign_in(Client(), world.asker).get(reverse("exchange:offers")).content.decode()
        page = reverse("exchange:offer", args=[offer.public_id])
        assert sign_in(Client(), world.asker).get(page).status_code == 404
        assert offer.title in sign_in(Client(), world.giver).get(reverse("exchange:offers")).content.decode()
        assert sign_in(Client(), world.giver).get(page).status_code == 200
    actions.set_offer_status(by=world.giver, offer=offer, status=OfferStatus.OPEN)
    assert offer.title in sign_in(Client(), world.asker).get(reverse("exchange:offers")).content.decode()


def test_an_expired_offer_leaves_the_list_the_day_after(world):
    last = timezone.now().date() + timedelta(days=3)
    offer = make_offer(world.giver, until=last)
    assert [view.offer for view in queries.offer_list(world.asker, last).offers] == [offer]
    assert queries.offer_list(world.asker, last + timedelta(days=1)).offers == ()


def test_only_signed_in_members_see_offers(world):
    make_offer(world.giver)
    assert Client().get(reverse("exchange:offers")).status_code == 302
    assert sign_in(Client(), make_account()).get(reverse("exchange:offers")).status_code == 403


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("introduced", True), ("took_place", True), ("did_not_take_place", False), ("left", False),
        ("invited", False), ("no_answer", False),
    ],
)  # fmt: skip
def test_capacity_counts_introductions_of_this_year_that_were_made(world, status, counts):
    offer = make_offer(world.giver, per_year=1)
    request = make_help_request(world.asker, world.home)
    this_year = datetime(2026, 5, 1, tzinfo=UTC)
    Introduction.objects.create(
        request=request, offer=offer, helper=world.giver, status=status, introduced_at=this_year,
        asker_accepted_at=this_year, helper_accepted_at=this_year,
        held_on=this_year.date() if status == "took_place" else None,
    )  # fmt: skip
    view = queries.find_offer(world.asker, offer.public_id, date(2026, 6, 1))
    assert (view.used, view.is_free) == (int(counts), not counts)
    next_year = queries.find_offer(world.asker, offer.public_id, date(2027, 6, 1))
    assert (next_year.used, next_year.is_free) == (0, True)
