"""Adoptions: a practice of one state becomes a measure of another, and is seen from both sides."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from samsvar.exchange.adoptions import AdoptionStatus, AdoptionStepNotPossible
from samsvar.implementation.measures import MeasureVisibility
from samsvar.network.rights import Role
from samsvar.site.exchange.adoptions import actions, queries
from samsvar.site.exchange.adoptions.permissions import possible_adopters
from samsvar.site.exchange.models import Adoption
from samsvar.site.implementation.measures.models import Measure
from tests.factories.exchange_introductions import (
    make_adoption,
    make_introduction,
    make_member,
    make_practice,
    make_state,
)
from tests.factories.implementation import make_evidence, make_measure, make_organisation
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(db: None) -> Any:
    make_state("XA")
    return make_practice(organisation=make_organisation("Lighthouse", state=make_state("XB").code))


@pytest.fixture
def desk(practice: Any) -> Any:
    return sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XA"))


def take_up(client: Client, practice: Any, **data: str) -> Any:
    url = reverse("exchange:adopt-practice", args=[practice.public_id])
    return client.post(url, {"kind": "adapted", "language": "en", "changed": "One county first.", **data})


def step(client: Client, adoption: Adoption, status: str, **data: str) -> Any:
    return client.post(reverse("exchange:adoption-step", args=[adoption.public_id]), {"status": status, **data})


def page_of(adoption: Adoption) -> str:
    return reverse("exchange:adoption", args=[adoption.public_id])


def test_a_desk_takes_up_a_practice_as_a_new_measure_in_one_step(desk: Client, practice: Any) -> None:
    form = desk.get(reverse("exchange:adopt-practice", args=[practice.public_id]))
    assert form.context["form"]["measure_title"].value() == "A reverse alarm"
    take_up(desk, practice, measure="new", measure_title="Our own alarm")
    adoption, measure = Adoption.objects.get(), Measure.objects.get()
    assert (adoption.state_id, adoption.measure, adoption.status) == ("XA", measure, AdoptionStatus.CONSIDERED)
    assert (measure.title, measure.state_id, measure.visibility) == ("Our own alarm", "XA", MeasureVisibility.DESK)
    assert take_up(desk, practice, measure="new", measure_title="").status_code == 422


def test_it_links_an_existing_measure_of_the_own_state_only(desk: Client, practice: Any) -> None:
    own, foreign = make_measure("Alarms"), make_measure("Theirs", state="XB")
    assert take_up(desk, practice, measure=foreign.public_id).status_code == 422
    take_up(desk, practice, measure=own.public_id)
    assert Adoption.objects.get().measure == own
    again = take_up(desk, practice, measure=own.public_id)
    assert again.status_code == 409
    assert "already linked" in again.content.decode()
    with pytest.raises(actions.MeasureOfOtherState):
        make_adoption(practice=practice, measure=foreign)


def test_who_can_take_up_a_practice(practice: Any) -> None:
    owner = practice.organisation
    own_desk = make_account(Role.NATIONAL_DESK, state="XB")
    colleague = make_member("Olga Owner", owner)
    neighbour = make_member("Nils Neighbour", make_organisation("Other House", state="XB"))
    foreigner = make_member("Fia Foreign", make_organisation("Far House", state="XA"))
    reader = make_account(Role.READER)
    adopters = {
        account.email: [one.organisation and one.organisation.name for one in possible_adopters(account, practice)]
        for account in (own_desk, colleague, neighbour, foreigner, reader)
    }
    assert list(adopters.values()) == [[], [], ["Other House"], ["Far House"], []]
    for account in (own_desk, colleague, reader):
        answer = sign_in(Client(), account).get(reverse("exchange:adopt-practice", args=[practice.public_id]))
        assert answer.status_code in {403, 404}


def test_within_the_same_state_it_does_not_count_across_states(practice: Any) -> None:
    inside = make_adoption(practice=practice, state="XB", organisation=make_organisation("Other House", state="XB"))
    across = make_adoption(practice=practice, state="XA")
    assert list(queries.across_states()) == [across]
    page = Client().get(page_of(inside)).content.decode()
    assert "not counted as an adoption across states" in page


def test_working_needs_evidence_of_the_measure_or_a_link(desk: Client, practice: Any) -> None:
    measure = make_measure("Alarms")
    adoption = make_adoption(practice=practice, measure=measure)
    step(desk, adoption, "taken_up")
    refused = step(desk, adoption, "working")
    assert refused.status_code == 409
    assert "needs evidence" in refused.content.decode()
    make_evidence(measure, supports=False)  # shows that it does not work
    assert step(desk, adoption, "working").status_code == 409
    make_evidence(measure)
    assert step(desk, adoption, "working").status_code == 302
    linked = make_adoption(practice=make_practice("Another"))
    step(desk, linked, "taken_up")
    assert step(desk, linked, "working", evidence_link="https://nordmark.example/report").status_code == 302
    linked.refresh_from_db()
    assert [event.status for event in linked.events.all()] == ["considered", "taken_up", "working"]
    assert "nordmark.example" in desk.get(page_of(linked)).content.decode()


def test_giving_up_needs_a_reason_and_is_valued_alike(desk: Client, practice: Any) -> None:
    adoption = make_adoption(practice=practice)
    assert step(desk, adoption, "given_up").status_code == 409
    assert step(desk, adoption, "given_up", reason="No signal in the valleys.").status_code == 302
    page = Client().get(page_of(adoption)).content.decode()
    assert "No signal in the valleys." in page
    assert "teaches others as much as one that works" in page
    with pytest.raises(AdoptionStepNotPossible):
        actions.take_step(by=None, adoption=adoption, status=AdoptionStatus.WORKING, evidence_link="https://x.example")


def test_it_is_seen_from_both_sides_and_only_the_public_ones_by_others(desk: Client, practice: Any) -> None:
    measure, hidden_measure = make_measure("Alarms"), make_measure("Secret", visibility=MeasureVisibility.DESK)
    public = make_adoption(practice=practice, measure=measure)
    private = make_adoption(practice=practice, measure=hidden_measure, is_public=False)
    shown = queries.practice_panel(practice.public_id)
    assert shown is not None
    assert [row.adoption for row in shown[1]["rows"]] == [public]
    on_measure = Client().get(reverse("implementation:measure", args=[measure.public_id])).content.decode()
    assert page_of(public) in on_measure
    assert "A reverse alarm" in on_measure
    for client, expected in ((Client(), 404), (desk, 200)):
        assert client.get(page_of(private)).status_code == expected
    assert (
        page_of(private)
        in desk.get(reverse("implementation:measure", args=[hidden_measure.public_id])).content.decode()
    )
    assert "Secret" not in Client().get(reverse("exchange:adoptions")).content.decode()
    on_desk = desk.get(reverse("exchange:practice-leads", args=["XA"])).content.decode()
    assert page_of(public) in on_desk
    assert page_of(private) in on_desk


def test_a_public_adoption_does_not_reveal_a_measure_that_is_not_public(practice: Any) -> None:
    make_adoption(practice=practice, measure=make_measure("Secret", visibility=MeasureVisibility.DESK))
    adoption = Adoption.objects.get()
    for url in (page_of(adoption), reverse("exchange:adoptions")):
        assert "Secret" not in Client().get(url).content.decode()


def test_only_its_own_side_changes_it(desk: Client, practice: Any) -> None:
    adoption = make_adoption(practice=practice)
    other = make_account(Role.NATIONAL_DESK, state="XB")
    for name in ("adoption-step", "edit-adoption", "confirm-adoption"):
        answer = sign_in(Client(), other).post(reverse(f"exchange:{name}", args=[adoption.public_id]), {})
        assert answer.status_code == 404, name
    with pytest.raises(PermissionDenied):
        actions.take_step(by=other, adoption=adoption, status=AdoptionStatus.TAKEN_UP)
    desk.post(reverse("exchange:edit-adoption", args=[adoption.public_id]), {"kind": "as_is", "language": "en"})
    adoption.refresh_from_db()
    assert (adoption.kind, adoption.is_public) == ("as_is", False)


def test_the_owner_of_the_practice_may_confirm_a_public_adoption(practice: Any) -> None:
    owner = sign_in(Client(), make_member("Olga Owner", practice.organisation))
    public, private = make_adoption(practice=practice), make_adoption(practice=practice, is_public=False)
    for adoption, expected in ((public, 302), (private, 404)):
        url = reverse("exchange:confirm-adoption", args=[adoption.public_id])
        assert owner.post(url).status_code == expected
    public.refresh_from_db()
    assert public.origin_confirmed_at is not None
    assert public.status == AdoptionStatus.CONSIDERED


@pytest.mark.parametrize("status", ["retired", "draft"])  # a draft, once its owner begins a new version
def test_a_practice_that_is_not_published_cannot_be_taken_up(desk: Client, practice: Any, status: str) -> None:
    practice.status, practice.status_reason, practice.retired_reason = status, "No longer done.", "No longer done."
    practice.save()
    assert take_up(desk, practice).status_code == 404
    with pytest.raises(actions.PracticeNotPublished):
        make_adoption(practice=practice)


def test_an_adoption_remembers_the_introduction_that_led_to_it_and_no_one_elses() -> None:
    for code in ("XA", "XC"):
        make_state(code)
    asker = make_member("Asta Asker", None, Role.NATIONAL_DESK, state="XA")
    introduction = make_introduction(asker=asker, introduced=True)
    client, practice = sign_in(Client(), asker), introduction.practice
    page = client.get(reverse("exchange:introduction", args=[introduction.public_id])).content.decode()
    url = reverse("exchange:adopt-practice", args=[practice.public_id])
    link = f"{url}?introduction={introduction.public_id}"
    assert link in page
    client.post(link, {"kind": "adapted", "language": "en"})
    stranger = make_account(Role.NATIONAL_DESK, state="XC")
    sign_in(Client(), stranger).post(link, {"kind": "adapted", "language": "en"})
    assert dict(Adoption.objects.values_list("state", "introduction")) == {"XA": introduction.public_id, "XC": ""}


def test_the_page_of_the_exchange_links_to_adoptions_and_for_members_to_their_introductions(desk: Client) -> None:
    for client, sees_introductions in ((Client(), False), (desk, True)):
        page = client.get(reverse("exchange:home")).content.decode()
        assert reverse("exchange:adoptions") in page
        assert (reverse("exchange:own-introductions") in page) == sees_introductions
