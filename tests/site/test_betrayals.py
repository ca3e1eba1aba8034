"""What betrays somebody sideways: a count, a list, a file or a mark that tells what no page says."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from samsvar.network.consent import Ground, Purpose, Visibility, current_text
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.network import models
from samsvar.site.network.actions import asks
from samsvar.site.network.actions.consent import give_consent, record_basis
from samsvar.site.network.actions.exports import export_members
from samsvar.site.network.actions.people import set_risk
from samsvar.site.network.actions.privacy import hand_out
from samsvar.site.network.holdings import subject_of
from samsvar.site.network.permissions import forget_access, viewer_of
from samsvar.site.network.queries.people import name_in_public, person_for
from samsvar.site.network.queries.privacy import erasure_page
from samsvar.site.trail.models import Entry
from tests.factories.people import join, make_account, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
DAY = timedelta(days=1)


def in_staff_session(account: models.Account) -> models.Account:
    account.second_factor = True
    account.staff_session = models.StaffSession(ends_at=timezone.now() + DAY)
    forget_access(account)
    return account


def file_of(account: models.Account) -> str:
    packed = hand_out(subject=subject_of(account=account), by=account)
    return zipfile.ZipFile(BytesIO(packed)).read("my-data.json").decode()


@pytest.fixture
def asked() -> models.Ask:
    """A question to a member whose name everybody signed in may see, and their network the secretariat alone."""
    network = make_network("quiet-house")
    member = make_person(
        account=make_account(Role.READER),
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY, Purpose.CONTACT),
        details={Field.NAME: "Ilvane Brookmantle"},
    )
    models.Detail.objects.create(person=member, field=Field.NETWORKS, value=network.slug)
    join(network, member)
    return asks.ask_member(
        by=make_account(Role.READER), person=member, subject="Forms", text="Which form do you fill in?", site=SITE
    )


# --- Questions --------------------------------------------------------------------------------------------------------


def test_no_line_of_the_trail_in_their_file_tells_a_member_of_a_question_that_was_turned_down(asked: models.Ask):
    secretary = in_staff_session(make_account(Role.SECRETARIAT))
    asks.decline_ask(ask=asked, by=secretary, reason="Not for this network.", site=SITE)
    about = set(Entry.objects.filter(person=asked.to.public_id, saw=False).values_list("verb", flat=True))
    assert about == {"asked a member", "did not forward a question"}
    told = json.loads(file_of(asked.to.account))
    assert {line["verb"] for line in told["data"]["seen"] if not line["saw"]} == set()


def test_a_member_reads_in_their_file_who_did_what_with_a_question_that_reached_them(asked: models.Ask):
    asks.forward_ask(ask=asked, by=in_staff_session(make_account(Role.SECRETARIAT)), site=SITE)
    told = json.loads(file_of(asked.to.account))
    assert [line["verb"] for line in told["data"]["seen"] if not line["saw"]] == [
        "asked a member",
        "forwarded a question",
    ]


def test_what_erasure_would_do_counts_no_question_that_was_turned_down(asked: models.Ask):
    subject = subject_of(person=asked.to)
    counted = {one.holding.key: one.count for one in erasure_page(subject, now=timezone.now()).consequences}
    assert models.Ask.objects.filter(to=asked.to).count() == 1
    assert {key for key in counted if key in {"questions_received", "received_lines"}} == set()


def test_the_file_of_who_asked_does_not_tell_of_which_network_the_member_is(asked: models.Ask):
    assert asked.network is not None
    assert "quiet-house" not in file_of(asked.by).lower()
    assert asked.network.name not in file_of(asked.by)


# --- Those who have left ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("begins", "ends"), [(-30, -1), (1, None)])
def test_members_of_a_network_see_what_is_for_members_only_while_somebody_is_one(begins, ends):
    today = timezone.now().date()
    network, fellow = make_network(), make_account(Role.READER)
    join(network, make_person(account=fellow))
    person = make_person(
        visibility=Visibility.MY_NETWORKS, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane Brookmantle"}
    )
    term = join(network, person)
    assert person_for(fellow, person.public_id) is not None
    term.begins, term.ends = today + begins * DAY, today + ends * DAY if ends else None
    term.save()
    assert person_for(fellow, person.public_id) is None
    assert viewer_of(fellow, models.Person.objects.get(pk=person.pk)).shares_network is False
    secretary = in_staff_session(make_account(Role.SECRETARIAT, network=network))
    assert person_for(secretary, person.public_id) is not None


@pytest.mark.parametrize("opened_by", ["the person's consent", "a ground of the secretariat"])
def test_nothing_is_shown_again_that_was_chosen_under_a_ground_which_has_ended_by_itself(opened_by):
    person = make_person(visibility=Visibility.PUBLIC, details={Field.NAME: "Ilvane Brookmantle"})
    now = timezone.now()
    about = {"person": person, "purpose": Purpose.PUBLIC_ENTRY, "ground": Ground.PUBLIC_TASK, "note": "a decision"}
    basis = models.Basis.objects.create(**about, since=now - 9 * DAY, until=now + DAY)
    assert person_for(AnonymousUser(), person.public_id) is not None
    models.Basis.objects.filter(pk=basis.pk).update(until=now - DAY)  # the day has come; nobody does anything
    assert person_for(AnonymousUser(), person.public_id) is None
    if opened_by == "the person's consent":
        version = current_text(Purpose.PUBLIC_ENTRY).version
        give_consent(person=person, purpose=Purpose.PUBLIC_ENTRY, version=version, by=None)
    else:
        record_basis(**about, by=None)
    assert person_for(AnonymousUser(), person.public_id) is None
    person.details.update(visibility=Visibility.PUBLIC)  # chosen anew
    assert person_for(AnonymousUser(), person.public_id) is not None


# --- The secretariat --------------------------------------------------------------------------------------------------


def test_who_reads_the_list_of_invitations_has_seen_the_addresses_of_those_who_accepted(client):
    network = make_network()
    member = make_person(account=make_account(Role.READER, email="member@sudmar.example"))
    models.Invitation.objects.create(
        token_hash="1" * 64,
        email=member.account.email,
        network=network,
        office="member",
        expires_at=timezone.now() + DAY,
        accepted_at=timezone.now(),
        account=member.account,
    )
    secretary = make_account(Role.SECRETARIAT, network=network)
    page = sign_in(client, secretary, staff_session="invitations").get(reverse("network:invitations"))
    assert "member@sudmar.example" in page.content.decode()
    seen = Entry.objects.filter(saw=True, person=member.public_id, actor=secretary)
    assert [(one.subject, one.details) for one in seen] == [("invitations", {"fields": ["address of the account"]})]


def test_the_mark_of_somebody_at_risk_is_for_those_alone_who_may_see_them(client):
    ours, theirs = make_network("amber"), make_network("beech")
    person = make_person(at_risk=True, pseudonym="A. Heron")
    join(ours, person)
    secretary = make_account(Role.SECRETARIAT, network=ours)
    sign_in(client, secretary, staff_session="members")
    mark = "pill at-risk"
    assert mark in client.get(reverse("network:network-members", args=["amber"])).content.decode()
    join(theirs, person)
    models.Refusal.objects.create(
        account=secretary, claim=Claim.MANAGE_PEOPLE, network=theirs, since=timezone.now(), reason="a conflict"
    )
    page = client.get(reverse("network:network-members", args=["amber"])).content.decode()
    assert mark not in page
    assert person.public_id not in page


def test_who_is_refused_to_see_members_takes_no_list_of_them(client):
    network = make_network()
    join(network, make_person(at_risk=True, pseudonym="A. Heron"))
    secretary = in_staff_session(make_account(Role.SECRETARIAT, network=network))
    why = "the meeting of June, for its secretariat"
    how = {"network": network, "by": secretary, "form": "csv", "with_people_at_risk": True, "why": why}
    assert [row["at_risk"] for row in export_members(**how).rows] == [True]
    models.Refusal.objects.create(
        account=secretary, claim=Claim.MANAGE_PEOPLE, network=network, since=timezone.now(), reason="a conflict"
    )
    forget_access(secretary)
    with pytest.raises(PermissionDenied):
        export_members(**how)
    sign_in(client, secretary, staff_session="the list")
    assert client.get(reverse("network:export-members", args=[network.slug])).status_code == 403


# --- At risk ----------------------------------------------------------------------------------------------------------


def test_ending_the_protection_puts_no_name_into_a_public_programme():
    person = make_person(consents=(Purpose.PROGRAMME,), details={Field.NAME: "Ilvane Brookmantle"})
    assert name_in_public(person) == "Ilvane Brookmantle"
    set_risk(person=person, at_risk=True, pseudonym="A. Heron", by=None)
    assert name_in_public(person) == "A. Heron"
    set_risk(person=person, at_risk=False, by=None)
    assert name_in_public(person) is None
    assert person.bases.get().until is not None
    consent = {"person": person, "purpose": Purpose.PROGRAMME, "ground": Ground.CONSENT, "text_version": "tests"}
    models.Basis.objects.create(**consent, since=timezone.now())
    assert name_in_public(person) == "Ilvane Brookmantle"
