"""The demonstration's network: entirely fictional, lawful, safe, and loaded only once."""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from samsvar.convention.treaty import ISTANBUL
from samsvar.network.consent import PURPOSE_FOR_VISIBILITY, Purpose, Visibility
from samsvar.network.membership import Office, Term, check_term_conflicts
from samsvar.network.people import Field, Group, OrganisationKind
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.demo.accounts import make_demo_accounts
from samsvar.site.demo.people import fictional_people, make_demo_network, make_demo_people
from samsvar.site.network import models
from samsvar.site.network.access.permissions import term_filter
from samsvar.site.network.accounts.queries import demo_accounts
from samsvar.site.network.directory.queries.people import people_with_visible_name
from samsvar.site.network.messages.queries import question_recipient
from samsvar.territories import territory
from samsvar.thesaurus.concepts import concepts
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db

FICTIONAL_STATES = {"XA", "XB", "XC"}


@pytest.fixture
def accounts():
    load_convention()
    make_demo_network()
    make_demo_accounts()


@pytest.fixture
def demo_network(accounts):
    make_demo_people()
    return models.Network.objects.get(slug="lantern")


def all_rows() -> dict[str, list[dict]]:
    kinds = (
        *(models.Network, models.Organisation, models.Seat, models.Person, models.Detail, models.Basis),
        *(
            models.Membership,
            models.MemberQuestion,
            models.QuestionMessage,
            models.Invitation,
            models.Account,
            models.RoleGrant,
        ),
    )
    return {kind.__name__: list(kind.objects.order_by("pk").values()) for kind in kinds}


def test_loading_twice_changes_nothing(demo_network):
    before, lines = all_rows(), AuditEntry.objects.count()
    assert make_demo_people() == 0
    assert (all_rows(), AuditEntry.objects.count()) == (before, lines)


def test_loading_again_keeps_changes_made_by_people(demo_network):
    person = models.Person.objects.get(account__email="desk@nordmark.example")
    person.bases.filter(purpose=Purpose.PUBLIC_ENTRY).update(until=timezone.now())
    person.details.filter(field=Field.TITLE).delete()
    before = all_rows()
    make_demo_people()
    assert all_rows() == before


def test_everything_in_the_demo_network_is_fictional(demo_network):
    assert demo_network.fictional
    assert {one.fictional for one in models.Organisation.objects.all()} == {True}
    assert {one.fictional for one in models.Person.objects.all()} == {True}
    assert {
        demo_network.lead_id,
        *models.Organisation.objects.exclude(state=None).values_list("state_id", flat=True),
    } == FICTIONAL_STATES
    assert set(models.Detail.objects.filter(field=Field.COUNTRY).values_list("value", flat=True)) == FICTIONAL_STATES
    assert all(territory(code).fictional for code in FICTIONAL_STATES)
    addresses = [
        *models.Account.objects.values_list("email", flat=True),
        *models.Detail.objects.filter(field=Field.EMAIL).values_list("value", flat=True),
        *models.Invitation.objects.values_list("email", flat=True),
    ]
    assert len(addresses) > 20
    assert [one for one in addresses if not one.endswith(".example")] == []
    numbers = models.Detail.objects.filter(field=Field.TELEPHONE).values_list("value", flat=True)
    assert [one for one in numbers if not one.startswith("+990 ")] == []  # no country has the calling code 990


def test_the_demo_network_has_data_of_every_kind(demo_network):
    people = models.Person.objects.all()
    groups = Counter(models.Detail.objects.filter(field=Field.GROUP).values_list("value", flat=True))
    assert (people.count(), models.Organisation.objects.count()) == (35, 13)
    assert set(groups) == set(Group)
    assert people.count() - sum(groups.values()) == 1  # one person has no group
    assert set(models.Organisation.objects.values_list("kind", flat=True)) == set(OrganisationKind) - {
        OrganisationKind.NATIONAL_INSTITUTION  # none is invented for the fictional states
    }
    assert set(demo_network.memberships.values_list("office", flat=True)) == set(Office)
    assert set(models.Detail.objects.values_list("visibility", flat=True)) == set(Visibility) - {Visibility.ONLY_ME}
    assert Counter(models.MemberQuestion.objects.values_list("progress", flat=True)) == {
        "waiting": 2,
        "answered": 1,
        "declined": 1,
    }
    assert people.filter(at_risk=True).count() == 1
    assert models.Invitation.objects.get().email == "newcomer@sudmar.example"


def test_no_field_is_more_visible_than_its_consents_allow(demo_network):
    wide = models.Detail.objects.exclude(visibility=Visibility.SECRETARIAT).select_related("person")
    assert wide.count() > 100
    held = {(basis.person_id, basis.purpose) for basis in models.Basis.objects.all()}
    assert [
        one for one in wide if (one.person_id, PURPOSE_FOR_VISIBILITY[Visibility(one.visibility)]) not in held
    ] == []
    assert {(one.visibility) for one in models.Detail.objects.filter(person__at_risk=True)} == {Visibility.SECRETARIAT}
    embla = {
        one.field: one.visibility
        for one in models.Detail.objects.filter(person__public_id=_public_id_of("morgenbluss"))
    }
    assert (embla["name"], embla["email"], embla["telephone"], embla["gender"]) == (
        Visibility.SIGNED_IN,
        Visibility.MY_NETWORKS,
        Visibility.SECRETARIAT,
        Visibility.SECRETARIAT,
    )


def _public_id_of(key: str) -> str:
    return next(one.public_id for one in fictional_people() if one.key == key)


def test_the_person_at_risk_is_listed_for_no_one_without_a_staff_session(demo_network):
    at_risk = models.Person.objects.get(at_risk=True)
    name = at_risk.details.get(field=Field.NAME).value
    assert (name, at_risk.pseudonym) == ("Ingvar-Liv Skjulteskinn", "M. Solvake")
    member = get_user_model().objects.get(email="desk@nordmark.example")
    for user in (AnonymousUser(), member):
        assert at_risk not in people_with_visible_name(user)
    secretariat = get_user_model().objects.get(email="secretariat@lantern.example")
    secretariat.second_factor = True
    assert at_risk not in people_with_visible_name(secretariat)  # without a staff session


def test_signed_in_members_find_others_and_can_send_them_questions(demo_network):
    reader = get_user_model().objects.get(email="reader@nordmark.example")
    seen = {
        reader: people_with_visible_name(reader).count(),
        "anybody": people_with_visible_name(AnonymousUser()).count(),
    }
    member = get_user_model().objects.get(email="desk@nordmark.example")
    today = demo_network.memberships.filter(term_filter(timezone.now().date()))
    left = demo_network.memberships.exclude(person__in=today.values("person")).values("person")
    hidden = models.Detail.objects.filter(person__in=left, field=Field.NAME, visibility=Visibility.MY_NETWORKS)
    assert hidden.count() == 1  # a former member is no longer visible to members
    assert (seen["anybody"], seen[reader], people_with_visible_name(member).count()) == (12, 22, 28)
    askable = [
        one
        for one in people_with_visible_name(member)
        if (found := question_recipient(member, one.public_id)) and found.accepts_questions
    ]
    assert len(askable) > 12


def test_terms_follow_one_another_and_no_office_is_held_by_two(demo_network):
    rows = list(demo_network.memberships.select_related("person", "follows__person"))
    terms = [
        Term(
            row.person.public_id,
            Office(row.office),
            row.begins,
            row.ends,
            row.state_id or "",
            row.follows.person.public_id if row.follows else "",
        )
        for row in rows
    ]
    for number, term in enumerate(terms):
        check_term_conflicts(term, terms[:number])
    chairs = sorted((term for term in terms if term.office is Office.CHAIR), key=lambda term: term.begins)
    assert [chair.follows for chair in chairs] == ["", *(chair.person for chair in chairs[:-1])]
    assert len(chairs) == 3
    assert all((after.begins - before.ends).days == 1 for before, after in pairwise(chairs))
    contact_points = [term for term in terms if term.office is Office.NATIONAL_CONTACT_POINT]
    assert {term.country for term in contact_points if term.ends is None} == FICTIONAL_STATES


def test_expertise_names_articles_and_concepts_that_exist(demo_network):
    for value in set(models.Detail.objects.filter(field=Field.EXPERTISE).values_list("value", flat=True)):
        kind, _colon, key = value.partition(":")
        assert key in (ISTANBUL if kind == "article" else concepts()), value


def test_people_with_a_demo_account_have_its_name_and_all_others_cannot_sign_in(demo_network):
    offered = {account.email: account.name for account in demo_accounts()}
    named = dict(
        models.Detail.objects.filter(field=Field.NAME, person__account__email__in=offered).values_list(
            "person__account__email", "value"
        )
    )
    assert named == {email: offered[email] for email in named}
    assert len(named) == 6
    others = get_user_model().objects.exclude(email__in=offered)
    assert others.exists()
    assert [one.email for one in others if one.has_usable_password()] == []


def test_an_account_with_its_own_profile_keeps_it(accounts):
    desk = get_user_model().objects.get(email="desk@nordmark.example")
    own = models.Person.objects.create(account=desk)
    make_demo_people()
    assert models.Person.objects.get(account=desk) == own
    assert models.Person.objects.count() == 36


def test_the_demo_questions_could_have_been_sent_by_their_senders(demo_network):
    for ask in models.MemberQuestion.objects.select_related("by", "to"):
        found = question_recipient(ask.by, ask.to.public_id)
        assert found is not None, ask.subject
        assert found.accepts_questions


def test_the_demo_secretariat_sees_the_waiting_questions_and_others_do_not(demo_network, client):
    sign_in(client, get_user_model().objects.get(email="secretariat@lantern.example"), staff_session="questions")
    page = client.get(reverse("network:pending-questions")).content.decode()
    waiting = models.MemberQuestion.objects.filter(progress="waiting")
    assert [ask.subject in page for ask in waiting] == [True, True]
    elsewhere = make_account()
    assert client.get(reverse("network:my-questions")).status_code == 200
    assert sign_in(client, elsewhere).get(reverse("network:pending-questions")).status_code == 403


def test_demo_people_load_within_two_seconds_and_reload_with_few_queries(accounts):
    begun = time.perf_counter()
    make_demo_people()
    assert time.perf_counter() - begun < 2
    with CaptureQueriesContext(
        connection,
    ) as again:
        make_demo_people()
    assert len(again) < 40
