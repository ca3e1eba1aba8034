"""Who sees which data of a person: the library and the database give the same answer, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from samsvar.network.consent import LegalBasis, Purpose, Visibility, effective_visibility, is_visible
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from samsvar.site.network.access.permissions import get_viewer
from samsvar.site.network.directory.queries.people import (
    current_purposes,
    find_visible_person,
    get_visible_people,
    public_name,
    visible_details,
)
from tests.factories.people import make_account, make_membership, make_network, make_person

pytestmark = pytest.mark.django_db


class OpenStaffSession:
    """What the access middleware sets on an account whose browser has an open staff session."""

    closed_at = None
    pk = None
    reason = "to answer a question"

    def __init__(self) -> None:
        self.ends_at = timezone.now() + timedelta(minutes=5)


bases = st.lists(
    st.tuples(
        st.sampled_from([Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY, Purpose.MEETINGS]),
        st.sampled_from(["holds", "withdrawn", "of tomorrow", "until tomorrow"]),
    ),
    max_size=3,
)
networks = st.sets(st.sampled_from(["amber", "beech"]))


class PersonVisibilityTest(TestCase):
    @settings(max_examples=120)
    @given(
        chosen=st.dictionaries(st.sampled_from(Field), st.sampled_from(Visibility), min_size=1, max_size=6),
        held=bases,
        at_risk=st.booleans(),
        of_person=networks,
        left=networks,
        of_viewer=networks,
        who=st.sampled_from(["anybody", "nobody's role", "reader", "self", "secretariat", "administrator"]),
        bound=st.sampled_from([None, "amber", "beech"]),
        refused=st.sampled_from(
            [None, (Claim.SEE_DIRECTORY, None), (Claim.SEE_DIRECTORY, "amber"), (Claim.MANAGE_PEOPLE, "beech")]
        ),
        staff_session=st.booleans(),
    )
    def test_the_database_and_the_library_let_the_same_viewers_see_the_same_details(
        self, chosen, held, at_risk, of_person, left, of_viewer, who, bound, refused, staff_session
    ):
        now, day = timezone.now(), timedelta(days=1)
        made = {slug: make_network(slug) for slug in ("amber", "beech")}
        person = make_person(details={}, at_risk=at_risk, pseudonym="A. Heron")
        person.details.all().delete()
        for field, visibility in chosen.items():
            models.Detail.objects.create(person=person, field=field, value=f"{field} of hers", visibility=visibility)
        for purpose, when in held:
            since = now + day if when == "of tomorrow" else now - day
            until = {"withdrawn": now - timedelta(seconds=1), "until tomorrow": now + day}.get(when)
            models.Basis.objects.create(
                person=person, purpose=purpose, ground=LegalBasis.PUBLIC_TASK, note="a test", since=since, until=until
            )
        for slug in of_person:
            make_membership(made[slug], person, ends=(now - day).date() if slug in left else None)
        viewer = AnonymousUser()
        if who != "anybody":
            role = {
                "reader": Role.READER,
                "self": Role.READER,
                "secretariat": Role.SECRETARIAT,
                "administrator": Role.ADMINISTRATOR,
            }
            viewer = make_account(*([role[who]] if who in role else []), network=made.get(bound))
            viewer.second_factor = True
            viewer.staff_session = OpenStaffSession() if staff_session else None
            if refused:
                models.Refusal.objects.create(
                    account=viewer, claim=refused[0], network=made.get(refused[1]), since=now, reason="a test"
                )
            own = person if who == "self" else make_person(details={Field.TITLE: "x"})
            own.account = viewer
            own.save()
            if who != "self":
                for slug in of_viewer:
                    make_membership(made[slug], own)
        stands, lawful = get_viewer(viewer, person), current_purposes(person, now)
        expected = {
            field
            for field, visibility in chosen.items()
            if is_visible(effective_visibility(field, visibility, lawful, at_risk=at_risk), stands)
        }
        assert {Field(row.field) for row in visible_details(viewer).filter(person=person)} == expected
        (view,) = get_visible_people(viewer, [person], subject="a test")
        assert {one.field for one in view.details} == expected
        public = {
            field
            for field in expected
            if effective_visibility(field, chosen[field], lawful, at_risk=at_risk) is Visibility.PUBLIC
        }
        assert {one.field for one in view.details if one.is_public} == public
        sights = list(AuditEntry.objects.filter(saw=True, person=person.public_id).values_list("details", flat=True))
        hidden = sorted(str(field) for field in expected - public)
        assert sights == ([{"fields": hidden}] if hidden and who != "self" else [])


@pytest.mark.parametrize("purpose", [Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY])
@pytest.mark.parametrize(
    ("since", "until", "holds"), [(-2, None, True), (-2, 1, True), (-2, -1, False), (1, None, False), (1, 2, False)]
)
def test_a_legal_basis_shows_data_only_while_it_is_valid(purpose, since, until, holds):
    """The chosen visibility does not change; data are shown only while a legal basis is valid."""
    now, hour = timezone.now(), timedelta(hours=1)
    person = make_person(visibility=Visibility.PUBLIC, details={Field.NAME: "Ilvane Brookmantle"})
    models.Basis.objects.create(
        person=person,
        purpose=purpose,
        ground=LegalBasis.PUBLIC_TASK,
        note="a test",
        since=now + since * hour,
        until=None if until is None else now + until * hour,
    )
    reader, anybody = make_account(Role.READER), AnonymousUser()
    assert visible_details(reader).exists() is holds
    assert visible_details(anybody).exists() is (holds and purpose is Purpose.PUBLIC_ENTRY)


def test_a_field_is_visible_only_to_the_secretariat_by_default():
    person = models.Person.objects.create()
    detail = models.Detail.objects.create(person=person, field=Field.NAME, value="Fictional Person")
    assert detail.visibility == Visibility.SECRETARIAT
    assert list(visible_details(AnonymousUser())) == []


def test_only_the_requested_fields_are_returned_and_logged():
    member = make_person(
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY,),
        details={Field.NAME: "Ilvane Brookmantle", Field.TELEPHONE: "+00 1"},
    )
    reader = make_account(Role.READER)
    (view,) = get_visible_people(reader, [member], subject="directory", fields=[Field.NAME])
    assert (view.name, view.telephone) == ("Ilvane Brookmantle", "")
    line = AuditEntry.objects.get(saw=True)
    assert (line.actor, line.person, line.subject, line.details) == (
        reader,
        member.public_id,
        "directory",
        {"fields": ["name"]},
    )


def test_a_person_with_a_hidden_name_is_treated_as_nonexistent():
    person = make_person(details={Field.NAME: "Ilvane Brookmantle"})
    assert find_visible_person(AnonymousUser(), person.public_id) is None
    assert find_visible_person(AnonymousUser(), "0" * 16) is None
    models.Detail.objects.update(visibility=Visibility.PUBLIC)
    assert find_visible_person(AnonymousUser(), person.public_id) is None  # no consent to a public profile
    models.Basis.objects.create(
        person=person, purpose=Purpose.PUBLIC_ENTRY, ground=LegalBasis.CONSENT, since=timezone.now(), text_version="1"
    )
    assert find_visible_person(AnonymousUser(), person.public_id).name == "Ilvane Brookmantle"


@pytest.mark.parametrize(
    ("consents", "at_risk", "name"),
    [
        ((Purpose.PROGRAMME,), False, "Ilvane Brookmantle"),
        ((Purpose.PROGRAMME,), True, "A. Heron"),
        ((Purpose.PUBLIC_ENTRY, Purpose.DIRECTORY), False, None),
        ((), True, None),
    ],
)
def test_a_programme_names_those_who_consented_and_people_at_risk_by_pseudonym(consents, at_risk, name):
    person = make_person(
        consents=consents, details={Field.NAME: "Ilvane Brookmantle"}, at_risk=at_risk, pseudonym="A. Heron"
    )
    assert public_name(person) == name
