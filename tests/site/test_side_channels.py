"""Side channels: a count, a list, a file or a mark must not reveal what no page shows."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.network.consent import LegalBasis, Purpose, Visibility, current_consent_text
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.meetings import models as meeting_models
from samsvar.site.meetings.registration.actions.invitations import answer_link_request, create_invitation
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import ReasonTooShort
from samsvar.site.network.access.permissions import clear_cached_access, get_viewer
from samsvar.site.network.accounts.actions.accounts import accept_invitation
from samsvar.site.network.data_inventory import resolve_subject
from samsvar.site.network.directory.actions.consent import (
    LegalBasisReasonMissing,
    end_basis,
    give_consent,
    record_basis,
)
from samsvar.site.network.directory.actions.people import end_safety_protection, hide_profile_for_safety
from samsvar.site.network.directory.queries.people import find_visible_person, public_name
from samsvar.site.network.membership.actions import members
from samsvar.site.network.membership.actions.exports import export_members
from samsvar.site.network.messages import actions as asks
from samsvar.site.network.privacy.actions.privacy import export_personal_data
from samsvar.site.network.privacy.queries.erasure import erasure_page
from tests.factories.meetings import make_meeting, make_registration
from tests.factories.people import PASSWORD, make_account, make_membership, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

SITE = "https://samsvar.example/"
DAY = timedelta(days=1)


def with_staff_session(account: models.Account) -> models.Account:
    account.second_factor = True
    account.staff_session = models.StaffSession(ends_at=timezone.now() + DAY)
    clear_cached_access(account)
    return account


def exported_json(account: models.Account) -> str:
    packed = export_personal_data(subject=resolve_subject(account=account), by=account)
    return zipfile.ZipFile(BytesIO(packed)).read("my-data.json").decode()


@pytest.fixture
def question() -> models.MemberQuestion:
    """A question to a member whose name is visible when signed in, and their network only to the secretariat."""
    network = make_network("quiet-house")
    member = make_person(
        account=make_account(Role.READER),
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY, Purpose.CONTACT),
        details={Field.NAME: "Ilvane Brookmantle"},
    )
    models.Detail.objects.create(person=member, field=Field.NETWORKS, value=network.slug)
    make_membership(network, member)
    return asks.ask_member(
        by=make_account(Role.READER), person=member, subject="Forms", text="Which form do you fill in?"
    )


# --- People at risk ---------------------------------------------------------------------------------------------------


def test_a_members_export_does_not_reveal_a_question_that_was_declined(
    question: models.MemberQuestion,
):
    secretary = with_staff_session(make_account(Role.SECRETARIAT))
    asks.decline_question(question=question, by=secretary, reason="Not for this network.")
    about = set(AuditEntry.objects.filter(person=question.to.public_id, saw=False).values_list("verb", flat=True))
    assert about == {"sent a question to a member", "did not forward a question"}
    told = json.loads(exported_json(question.to.account))
    assert {line["verb"] for line in told["data"]["seen"] if not line["saw"]} == set()


def test_a_members_export_shows_what_happened_to_a_question_that_was_forwarded(question: models.MemberQuestion):
    asks.forward_question(question=question, by=with_staff_session(make_account(Role.SECRETARIAT)))
    told = json.loads(exported_json(question.to.account))
    assert [line["verb"] for line in told["data"]["seen"] if not line["saw"]] == [
        "sent a question to a member",
        "forwarded a question",
    ]


def test_the_erasure_preview_does_not_count_a_question_that_was_not_forwarded(question: models.MemberQuestion):
    subject = resolve_subject(person=question.to)
    counted = {category.key: count for category, count in erasure_page(subject, now=timezone.now()).counts}
    assert models.MemberQuestion.objects.filter(to=question.to).count() == 1
    assert {key for key in counted if key in {"questions_received", "received_lines"}} == set()


def test_the_senders_export_does_not_reveal_the_network_of_the_member(question: models.MemberQuestion):
    assert question.network is not None
    assert "quiet-house" not in exported_json(question.by).lower()
    assert question.network.name not in exported_json(question.by)


# --- Former members ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("begins", "ends"), [(-30, -1), (1, None)])
def test_details_for_network_members_are_visible_only_during_membership(begins, ends):
    today = timezone.now().date()
    network, fellow = make_network(), make_account(Role.READER)
    make_membership(network, make_person(account=fellow))
    person = make_person(
        visibility=Visibility.MY_NETWORKS, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane Brookmantle"}
    )
    term = make_membership(network, person)
    assert find_visible_person(fellow, person.public_id) is not None
    term.begins, term.ends = today + begins * DAY, today + ends * DAY if ends else None
    term.save()
    assert find_visible_person(fellow, person.public_id) is None
    assert get_viewer(fellow, models.Person.objects.get(pk=person.pk)).shares_network is False
    secretary = with_staff_session(make_account(Role.SECRETARIAT, network=network))
    assert find_visible_person(secretary, person.public_id) is not None


@pytest.mark.parametrize("opened_by", ["the person's consent", "a ground of the secretariat"])
def test_visibility_chosen_under_an_expired_legal_basis_is_not_restored(opened_by):
    person = make_person(visibility=Visibility.PUBLIC, details={Field.NAME: "Ilvane Brookmantle"})
    now = timezone.now()
    about = {"person": person, "purpose": Purpose.PUBLIC_ENTRY, "ground": LegalBasis.PUBLIC_TASK, "note": "a decision"}
    basis = models.Basis.objects.create(**about, since=now - 9 * DAY, until=now + DAY)
    assert find_visible_person(AnonymousUser(), person.public_id) is not None
    models.Basis.objects.filter(pk=basis.pk).update(until=now - DAY)  # it expires by itself, without any action
    assert find_visible_person(AnonymousUser(), person.public_id) is None
    if opened_by == "the person's consent":
        version = current_consent_text(Purpose.PUBLIC_ENTRY).version
        give_consent(person=person, purpose=Purpose.PUBLIC_ENTRY, version=version, by=None)
    else:
        record_basis(**about, by=None)
    assert find_visible_person(AnonymousUser(), person.public_id) is None
    person.details.update(visibility=Visibility.PUBLIC)  # chosen again
    assert find_visible_person(AnonymousUser(), person.public_id) is not None


# --- The secretariat --------------------------------------------------------------------------------------------------


def test_viewing_the_list_of_invitations_is_logged_as_access_to_the_addresses(client):
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
    seen = AuditEntry.objects.filter(saw=True, person=member.public_id, actor=secretary)
    assert [(one.subject, one.details) for one in seen] == [("invitations", {"fields": ["address of the account"]})]


def test_the_at_risk_mark_is_shown_only_to_staff_who_may_see_the_person(client):
    ours, theirs = make_network("amber"), make_network("beech")
    person = make_person(at_risk=True, pseudonym="A. Heron")
    make_membership(ours, person)
    secretary = make_account(Role.SECRETARIAT, network=ours)
    sign_in(client, secretary, staff_session="members")
    mark = "pill at-risk"
    assert mark in client.get(reverse("network:network-members", args=["amber"])).content.decode()
    make_membership(theirs, person)
    models.Refusal.objects.create(
        account=secretary, claim=Claim.MANAGE_PEOPLE, network=theirs, since=timezone.now(), reason="a conflict"
    )
    page = client.get(reverse("network:network-members", args=["amber"])).content.decode()
    assert mark not in page
    assert person.public_id not in page


def test_staff_refused_access_to_members_cannot_export_them(client):
    network = make_network()
    make_membership(network, make_person(at_risk=True, pseudonym="A. Heron"))
    secretary = with_staff_session(make_account(Role.SECRETARIAT, network=network))
    why = "the meeting of June, for its secretariat"
    how = {"network": network, "by": secretary, "file_format": "csv", "with_people_at_risk": True, "reason": why}
    assert [row["at_risk"] for row in export_members(**how).rows] == [True]
    models.Refusal.objects.create(
        account=secretary, claim=Claim.MANAGE_PEOPLE, network=network, since=timezone.now(), reason="a conflict"
    )
    clear_cached_access(secretary)
    with pytest.raises(PermissionDenied):
        export_members(**how)
    sign_in(client, secretary, staff_session="the list")
    assert client.get(reverse("network:export-members", args=[network.slug])).status_code == 403


def test_giving_a_seat_does_not_allow_editing_an_organisation_of_another_network():
    ours, theirs = make_network("amber"), make_network("beech")
    about = {"kind": OrganisationKind.SHELTER_NGO, "fictional": True}
    house = members.save_organisation(by=None, name="House of the Quiet Lamp", website="https://lamp.example/", **about)
    members.give_seat(network=theirs, organisation=house, by=None)
    secretary = with_staff_session(make_account(Role.SECRETARIAT, network=ours))
    members.give_seat(network=ours, organisation=house, by=secretary)  # does not change who may edit the organisation
    changed = {"organisation": house, "name": "Another", "website": "https://elsewhere.example/", **about}
    with pytest.raises(PermissionDenied):
        members.save_organisation(by=secretary, **changed)
    members.end_seat(seat=theirs.seats.get(), ends=timezone.now().date(), by=None)
    with pytest.raises(PermissionDenied):  # a seat that has ended still counts
        members.save_organisation(by=secretary, **changed)
    of_both = make_account(Role.SECRETARIAT, network=ours)
    models.RoleGrant.objects.create(account=of_both, role=Role.SECRETARIAT, network=theirs, since=timezone.now() - DAY)
    assert members.save_organisation(by=with_staff_session(of_both), **changed).name == "Another"
    of_the_site = with_staff_session(make_account(Role.SECRETARIAT))
    assert members.save_organisation(by=of_the_site, **{**changed, "name": "A third"}).name == "A third"


def test_adding_a_member_requires_a_note_on_the_legal_basis():
    network = make_network()
    secretary = with_staff_session(make_account(Role.SECRETARIAT, network=network))
    with pytest.raises(LegalBasisReasonMissing):
        members.add_member(network=network, by=secretary, name="Ilvane Brookmantle", note="  ")
    assert (models.Person.objects.count(), models.Membership.objects.count()) == (0, 0)
    made = members.add_member(network=network, by=secretary, name="Ilvane Brookmantle", note="named by letter")
    assert made.person.bases.get().note == "named by letter"


def test_ending_a_legal_basis_requires_a_reason():
    network, person = make_network(), make_person()
    make_membership(network, person)
    basis = record_basis(
        person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.CONTRACT, note="a contract", by=None
    )
    secretary = with_staff_session(make_account(Role.SECRETARIAT, network=network))
    with pytest.raises(ReasonTooShort):
        end_basis(basis=basis, by=secretary, why="over")
    end_basis(basis=basis, by=secretary, why="the contract ended in May")
    assert AuditEntry.objects.get(verb="ended a legal basis").why == "the contract ended in May"


def test_a_second_invitation_does_not_restore_a_role_that_was_ended(client):
    account = make_account(Role.READER, email="member@sudmar.example")
    account.grants.update(until=timezone.now() - DAY)
    invitation = models.Invitation.objects.create(
        token_hash="1" * 64, email=account.email, network=make_network(), office="member",
        expires_at=timezone.now() + DAY,
    )  # fmt: skip
    accept_invitation(invitation=invitation, account=account)
    assert [grant.until is None for grant in account.grants.all()] == [False]


# --- People at risk ---------------------------------------------------------------------------------------------------


def test_ending_protection_puts_no_name_into_a_public_programme():
    person = make_person(consents=(Purpose.PROGRAMME,), details={Field.NAME: "Ilvane Brookmantle"})
    assert public_name(person) == "Ilvane Brookmantle"
    hide_profile_for_safety(person=person, pseudonym="A. Heron", by=None)
    assert public_name(person) is None  # until they agree again, then under the pseudonym
    consent = {"person": person, "purpose": Purpose.PROGRAMME, "ground": LegalBasis.CONSENT, "text_version": "tests"}
    models.Basis.objects.create(**consent, since=timezone.now())
    assert public_name(person) == "A. Heron"
    end_safety_protection(person=person, by=None)
    assert public_name(person) is None
    assert not person.bases.filter(until__isnull=True).exists()
    models.Basis.objects.create(**consent, since=timezone.now())
    assert public_name(person) == "Ilvane Brookmantle"


@pytest.fixture
def hidden_person() -> models.Person:
    """A person at risk with an account who is a member of one network and a former member of another."""
    person = make_person(
        account=make_account(Role.READER, email="heron@sudmar.example"),
        at_risk=True,
        pseudonym="A. Heron",
        details={Field.NAME: "Ilvane Brookmantle"},
    )
    make_membership(make_network("amber"), person)
    make_membership(make_network("beech"), person, ends=timezone.now().date() - DAY)
    return person


def test_ending_protection_notifies_the_person_and_the_secretariats(hidden_person: models.Person):
    amber, beech = models.Network.objects.order_by("slug")
    one = with_staff_session(make_account(Role.SECRETARIAT, network=amber, email="amber@network.example"))
    make_account(Role.SECRETARIAT, network=beech, email="beech@network.example")
    make_account(Role.SECRETARIAT, email="site@network.example")
    kept_from = make_account(Role.SECRETARIAT, email="refused@network.example")
    make_account(Role.SECRETARIAT, network=make_network("cedar"), email="cedar@network.example")
    models.Refusal.objects.create(
        account=kept_from, claim=Claim.MANAGE_PEOPLE, network=beech, since=timezone.now(), reason="a conflict"
    )
    with pytest.raises(ReasonTooShort):
        end_safety_protection(person=hidden_person, by=one, why="moved")
    assert (models.Person.objects.get().at_risk, models.OutgoingEmail.objects.count()) == (True, 0)
    end_safety_protection(person=hidden_person, by=one, why="she moved abroad in March")
    letters = list(models.OutgoingEmail.objects.order_by("to"))
    assert [letter.to for letter in letters] == [
        "amber@network.example",
        "beech@network.example",
        "heron@sudmar.example",
        "site@network.example",
    ]
    manage = f"{SITE}en/people/{hidden_person.public_id}/manage/"
    assert [manage in letter.body for letter in letters] == [True, True, False, True]
    assert f"{SITE}en/profile/" in letters[2].body
    said = " ".join(letter.subject + letter.body for letter in letters)
    assert [word for word in ("Ilvane", "Brookmantle", "Heron", "amber@", "March") if word in said] == []
    assert AuditEntry.objects.get(verb="ended safety protection").why == "she moved abroad in March"


def test_emails_about_ended_protection_are_sent_only_if_the_change_is_committed(hidden_person: models.Person):
    make_account(Role.SECRETARIAT)

    class Stopped(Exception):
        pass

    with pytest.raises(Stopped), transaction.atomic():
        end_safety_protection(person=hidden_person, by=None, why="she moved abroad")
        assert models.OutgoingEmail.objects.count() == 2
        raise Stopped
    assert (models.Person.objects.get().at_risk, models.OutgoingEmail.objects.count()) == (True, 0)


def test_a_hidden_person_can_end_their_own_protection_after_reauthentication(hidden_person: models.Person, client):
    secretary = make_account(Role.SECRETARIAT)
    sign_in(client, hidden_person.account)
    address = reverse("network:end-protection")
    assert address in client.get(reverse("network:profile")).content.decode()
    assert client.post(address)["Location"].startswith(reverse("account_reauthenticate"))
    assert models.Person.objects.get().at_risk is True
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(address).status_code == 200
    assert client.post(address)["Location"] == reverse("network:profile")
    assert models.Person.objects.get().at_risk is False
    assert {letter.account for letter in models.OutgoingEmail.objects.all()} == {secretary, hidden_person.account}
    assert client.post(address).status_code == 404


def test_no_one_else_can_end_the_protection_of_a_person(hidden_person: models.Person, client):
    for stranger in (
        make_account(Role.READER),
        with_staff_session(make_account(Role.SECRETARIAT, network=make_network("cedar"))),
    ):
        with pytest.raises(PermissionDenied):
            end_safety_protection(person=hidden_person, by=stranger, why="because I say so")
    sign_in(client, make_account(Role.READER))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(reverse("network:end-protection")).status_code == 404
    assert models.Person.objects.get(pk=hidden_person.pk).at_risk is True


def test_the_alert_about_an_export_goes_only_to_staff_who_may_see_the_members(hidden_person: models.Person):
    amber = models.Network.objects.get(slug="amber")
    one = with_staff_session(make_account(Role.SECRETARIAT, network=amber, email="amber@network.example"))
    kept_from = make_account(Role.SECRETARIAT, email="refused@network.example")
    models.Refusal.objects.create(
        account=kept_from, claim=Claim.MANAGE_PEOPLE, network=amber, since=timezone.now(), reason="a conflict"
    )
    why = "the meeting of June, for its secretariat"
    export_members(network=amber, by=one, file_format="csv", with_people_at_risk=True, reason=why)
    letter = models.OutgoingEmail.objects.get()
    assert (letter.to, letter.subject) == (
        "amber@network.example",
        "Samsvar: A list including people at risk has been exported",
    )
    assert f"{SITE}en/networks/amber/members/" in letter.body
    assert "Ilvane" not in letter.body


# --- Invitations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_account", [True, False])
def test_an_invitation_says_who_will_see_what_before_it_is_accepted(client, has_account):
    invitation = models.Invitation.objects.create(
        token_hash=hash_secret("token"), email="member@sudmar.example", network=make_network(), office="member",
        expires_at=timezone.now() + DAY,
    )  # fmt: skip
    if has_account:
        sign_in(client, make_account(Role.READER, email=invitation.email))
    page = client.get(reverse("network:open-invitation", args=["token"]), follow=True).content.decode()
    assert "The secretariat of “Lantern” can see your whole profile" in page
    assert "Members of “Lantern” can see only what you have made visible to members of your networks" in page
    assert (reverse("network:profile") in page.partition("<main")[2]) is has_account


# --- Lost links -------------------------------------------------------------------------------------------------------


def test_asking_for_a_lost_link_does_the_same_work_for_every_address(settings):
    """A guest with a place, an account with one, a person at risk or no one: the request does not look them up."""
    meeting = make_meeting(begins=timezone.now().date() + DAY, ends=timezone.now().date() + DAY)
    invitation = create_invitation(
        meeting, "guest@sudmar.example", by=None, expires_at=timezone.now() + DAY, language="en"
    )
    make_registration(meeting, "Ana Moreau", invitation=invitation)
    make_registration(meeting, "Eva Moreau", account=make_account(email="account@sudmar.example"))
    hidden = {"at_risk": True, "pseudonym": "A. Heron"}
    make_registration(meeting, "Ilvane Brookmantle", account=make_account(email="hidden@sudmar.example"), **hidden)
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}  # as if a worker ran later
    work: dict[str, list[str]] = {}
    for number, name in enumerate(("warm-up", "unknown", "guest", "account", "hidden")):
        with CaptureQueriesContext(connection) as queries:
            answer = Client(REMOTE_ADDR=f"192.0.2.{number}").post(
                reverse("meetings:resend-link"), {"email": f"{name}@sudmar.example"}
            )
        assert answer.status_code == 200
        # a number may be written as 12, 12.0 or 1.2e+01
        work[name] = [re.sub(r"'[^']*'|\d+(?:\.\d+)?(?:e[+-]?\d+)?", "?", query["sql"]) for query in queries]
    assert work["unknown"] == work["guest"] == work["account"] == work["hidden"]
    assert models.OutgoingEmail.objects.count() == 0
    for link_request in meeting_models.LinkRequest.objects.all():
        answer_link_request(link_request=link_request)
    assert sorted(models.OutgoingEmail.objects.values_list("to", flat=True)) == [
        "account@sudmar.example", "guest@sudmar.example", "hidden@sudmar.example",
    ]  # fmt: skip
    assert meeting_models.LinkRequest.objects.count() == 0
