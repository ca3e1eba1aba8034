"""A person's own profile: visibility is chosen per field and never exceeds what the person consented to."""

from __future__ import annotations

import io
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from samsvar.network.consent import LegalBasis, Purpose, Visibility, current_consent_text
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network import models
from samsvar.site.network.context_processors import ACCOUNT_MENU, STAFF_MENU
from samsvar.site.network.directory.actions.consent import (
    ConsentNotDelegable,
    ConsentTextChanged,
    EndNotAtMidnight,
    LegalBasisReasonMissing,
    NothingToWithdraw,
    end_basis,
    give_consent,
    record_basis,
    withdraw_consent,
)
from samsvar.site.network.directory.actions.people import (
    ConsentMissing,
    FieldUpdate,
    PersonIsHidden,
    ProfileNameMissing,
    PseudonymMissing,
    VisibilityTooWide,
    hide_profile_for_safety,
    save_profile,
)
from samsvar.site.network.directory.forms import PROFILE_FIELDS
from samsvar.site.shell.uploads import read_private_file
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

SECRETARIAT, SIGNED_IN, PUBLIC = Visibility.SECRETARIAT, Visibility.SIGNED_IN, Visibility.PUBLIC
VERSIONS = {purpose: text.version for purpose in Purpose if (text := current_consent_text(purpose))}


def form_data(**told):
    """Return the form data of a profile visible only to the secretariat, with the given changes."""
    return {f"sees_{field}": "secretariat" for field in PROFILE_FIELDS} | {"name": "Ilvane Brookmantle"} | told


@pytest.fixture
def member(client):
    account = make_account(Role.READER)
    sign_in(client, account)
    return account


def stored_details(person):
    return {(row.field, row.value): row.visibility for row in person.details.all()}


def test_a_new_profile_is_visible_only_to_the_secretariat(client, member):
    assert client.get("/en/profile/").status_code == 200
    told = form_data(
        title="Head of section", languages=["ro", "fr"], articles="20, 7", concepts=["shelters"], country="XA"
    )
    assert client.post("/en/profile/", told).status_code == 302
    person = models.Person.objects.get(account=member)
    assert stored_details(person) == {
        ("name", "Ilvane Brookmantle"): "secretariat",
        ("title", "Head of section"): "secretariat",
        ("country", "XA"): "secretariat",
        ("languages", "ro"): "secretariat",
        ("languages", "fr"): "secretariat",
        ("expertise", "article:20"): "secretariat",
        ("expertise", "article:7"): "secretariat",
        ("expertise", "concept:shelters"): "secretariat",
    }
    line = AuditEntry.objects.get(verb="created a profile")
    assert (line.actor, line.person) == (member, person.public_id)
    assert line.details == {"fields": ["country", "expertise", "languages", "name", "title"]}
    assert "7, 20" in client.get("/en/profile/").content.decode()


def test_wider_visibility_without_consent_saves_nothing(client, member):
    client.post("/en/profile/", form_data())
    answer = client.post("/en/profile/", form_data(name="Another Name", sees_name="signed_in"))
    assert answer.status_code == 409
    assert "There is no consent for showing some of these fields to the people chosen." in answer.content.decode()
    assert stored_details(models.Person.objects.get()) == {("name", "Ilvane Brookmantle"): "secretariat"}


def test_wider_visibility_with_consent_is_saved_with_the_consent_text(client, member):
    answer = client.post("/en/profile/", form_data(sees_name="public", consent_public_entry="on"))
    assert answer.status_code == 302
    person = models.Person.objects.get()
    assert stored_details(person) == {("name", "Ilvane Brookmantle"): "public"}
    basis = person.bases.get()
    assert (basis.purpose, basis.ground, basis.text_version) == ("public_entry", "consent", VERSIONS["public_entry"])
    assert basis.recorded_by == member
    client.logout()
    assert client.get(f"/en/people/{person.public_id}/").status_code == 200


def test_one_consent_does_not_cover_another_purpose(member):
    person = save_profile(person=None, updates={Field.NAME: FieldUpdate(("Ilvane",), SECRETARIAT)}, by=member)
    with pytest.raises(ConsentMissing) as needs:
        save_profile(
            person=person,
            updates={Field.NAME: FieldUpdate(None, PUBLIC), Field.TITLE: FieldUpdate(("Head",), SIGNED_IN)},
            by=member,
            consents={Purpose.PUBLIC_ENTRY: VERSIONS[Purpose.PUBLIC_ENTRY]},
        )
    assert needs.value.purposes == (Purpose.DIRECTORY,)
    assert list(person.bases.all()) == []  # the consent was rolled back with the rest
    assert stored_details(person) == {("name", "Ilvane"): "secretariat"}


def test_consent_to_an_older_text_covers_only_what_it_already_showed(member):
    person = make_person(
        account=member, visibility=SIGNED_IN, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane"}
    )
    member._access = None
    save_profile(person=person, updates={Field.NAME: FieldUpdate(("Ilvane",), SIGNED_IN)}, by=member)
    with pytest.raises(ConsentMissing):
        save_profile(person=person, updates={Field.TITLE: FieldUpdate(("Head",), SIGNED_IN)}, by=member)


def test_no_field_exceeds_its_widest_permitted_visibility(member):
    person = save_profile(person=None, updates={Field.NAME: FieldUpdate(("Ilvane",), SECRETARIAT)}, by=member)
    consents = {purpose: VERSIONS[purpose] for purpose in (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)}
    with pytest.raises(VisibilityTooWide):
        save_profile(
            person=person,
            updates={Field.EMAIL: FieldUpdate(("i@nordmark.example",), PUBLIC)},
            by=member,
            consents=consents,
        )
    with pytest.raises(VisibilityTooWide):
        save_profile(
            person=person, updates={Field.GENDER: FieldUpdate(("woman",), SIGNED_IN)}, by=member, consents=consents
        )


def test_a_profile_requires_a_name(member):
    with pytest.raises(ProfileNameMissing):
        save_profile(person=None, updates={Field.NAME: FieldUpdate(("  ",), SECRETARIAT)}, by=member)
    assert models.Person.objects.count() == 0


def test_no_one_can_change_the_profile_of_another_person(client, member):
    other = make_person(details={Field.NAME: "Tamsel Quillfrost"})
    with pytest.raises(PermissionDenied):
        save_profile(person=other, updates={Field.NAME: FieldUpdate(("Changed",), SECRETARIAT)}, by=member)
    client.post("/en/profile/", form_data(person=other.pk, public_id=other.public_id, at_risk="on", account=other.pk))
    assert stored_details(other) == {("name", "Tamsel Quillfrost"): "secretariat"}
    assert models.Person.objects.get(account=member).at_risk is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"articles": "7, 99"},
        {"languages": ["klingon"]},
        {"concepts": ["<script>"]},
        {"organisation": "nowhere"},
        {"sees_name": "the world"},
        {"sees_email": "public"},
        {"email": "no address"},
    ],
)
def test_invalid_choices_are_rejected(client, member, wrong):
    assert client.post("/en/profile/", form_data(**wrong)).status_code == 422
    assert models.Person.objects.count() == 0


def test_members_choose_who_sees_their_memberships_but_cannot_edit_them(client, member):
    person = make_person(account=member, details={Field.NAME: "Ilvane"})
    make_membership(make_network("lantern"), person)
    told = form_data(sees_networks="signed_in", networks="harbour", consent_directory="on")
    assert client.post("/en/profile/", told).status_code == 302
    assert stored_details(person)["networks", "lantern"] == "signed_in"
    assert ("networks", "harbour") not in stored_details(person)


@pytest.mark.parametrize(
    ("seen_as", "name", "title"), [("network", True, True), ("signed-in", True, False), ("public", False, False)]
)
def test_the_preview_shows_what_others_see(client, member, seen_as, name, title):
    person = make_person(
        account=member, visibility=SIGNED_IN, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane Brookmantle"}
    )
    models.Detail.objects.create(person=person, field=Field.TITLE, value="Keeper", visibility=Visibility.MY_NETWORKS)
    page = client.get(f"/en/profile/as/{seen_as}/").content.decode()
    assert ("Ilvane Brookmantle" in page, "Keeper" in page) == (name, title)
    assert ("They cannot see anything about you" in page) is not name


# --- Protection -------------------------------------------------------------------------------------------------------


def test_every_purpose_shows_its_legal_basis_and_consent_can_be_withdrawn(client, member):
    person = make_person(account=member, details={Field.NAME: "Ilvane"})
    record_basis(person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, note="Article 11", by=None)
    page = client.get("/en/consents/").content.decode()
    assert "task in the public interest" in page
    assert "Article 11" in page
    client.post("/en/consents/contact/give/", {"version": VERSIONS["contact"]})
    assert person.bases.filter(purpose="contact", until=None).count() == 1
    assert "/en/consents/contact/withdraw/" in client.get("/en/consents/").content.decode()
    client.post("/en/consents/contact/withdraw/")
    (basis,) = person.bases.filter(purpose="contact")
    assert basis.until <= timezone.now()
    assert [line.verb for line in AuditEntry.objects.filter(person=person.public_id).order_by("pk")] == [
        "recorded a legal basis",
        "consented",
        "withdrew",
    ]


def test_consent_to_an_outdated_text_is_rejected(client, member):
    person = make_person(account=member, details={Field.NAME: "Ilvane"})
    with pytest.raises(ConsentTextChanged):
        give_consent(person=person, purpose=Purpose.CONTACT, version="contact-0", by=None)
    client.post("/en/consents/contact/give/", {"version": "contact-0"})
    assert person.bases.count() == 0


def test_a_new_text_asks_for_consent_again_and_the_old_consent_stays_on_record(client, member):
    person = make_person(account=member, consents=(Purpose.CONTACT,), details={Field.NAME: "Ilvane"})
    assert "The text has changed since then." in client.get("/en/consents/").content.decode()
    client.post("/en/consents/contact/give/", {"version": VERSIONS["contact"]})
    bases = person.bases.filter(purpose="contact").order_by("pk")
    assert [(basis.text_version, basis.until is None) for basis in bases] == [
        ("tests", False),
        (VERSIONS["contact"], True),
    ]
    assert "The text has changed since then." not in client.get("/en/consents/").content.decode()


def test_consenting_again_does_not_restore_the_earlier_visibility(member):
    person = make_person(
        account=member, visibility=SIGNED_IN, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane"}
    )
    withdraw_consent(person=person, purpose=Purpose.DIRECTORY, by=member)
    assert stored_details(person) == {("name", "Ilvane"): "secretariat"}
    give_consent(person=person, purpose=Purpose.DIRECTORY, version=VERSIONS[Purpose.DIRECTORY], by=member)
    assert stored_details(person) == {("name", "Ilvane"): "secretariat"}


def test_withdrawing_consent_leaves_data_with_another_legal_basis_visible(member):
    person = make_person(
        account=member, visibility=SIGNED_IN, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane"}
    )
    record_basis(person=person, purpose=Purpose.DIRECTORY, ground=LegalBasis.PUBLIC_TASK, note="A law", by=None)
    withdraw_consent(person=person, purpose=Purpose.DIRECTORY, by=member)
    assert stored_details(person) == {("name", "Ilvane"): "signed_in"}
    end_basis(basis=person.bases.get(ground=LegalBasis.PUBLIC_TASK), by=None, why="the law was repealed")
    assert stored_details(person) == {("name", "Ilvane"): "secretariat"}


def test_no_one_can_give_or_withdraw_consent_for_another_person(member):
    other = make_person(consents=(Purpose.DIRECTORY,))
    with pytest.raises(PermissionDenied):
        give_consent(person=other, purpose=Purpose.CONTACT, version=VERSIONS[Purpose.CONTACT], by=member)
    with pytest.raises(PermissionDenied):
        withdraw_consent(person=other, purpose=Purpose.DIRECTORY, by=member)
    with pytest.raises(PermissionDenied):
        record_basis(person=other, purpose=Purpose.MEETINGS, ground=LegalBasis.CONTRACT, note="A contract", by=member)
    with pytest.raises(NothingToWithdraw):
        withdraw_consent(person=other, purpose=Purpose.CONTACT, by=None)


def test_another_legal_basis_needs_a_reason_is_never_consent_and_ends_at_midnight(member):
    person = make_person()
    kept = {"person": person, "purpose": Purpose.MEETINGS, "by": None}
    with pytest.raises(LegalBasisReasonMissing):
        record_basis(ground=LegalBasis.CONTRACT, note=" ", **kept)
    with pytest.raises(ConsentNotDelegable):
        record_basis(ground=LegalBasis.CONSENT, note="She said so", **kept)
    tomorrow = timezone.now() + timezone.timedelta(days=1)
    with pytest.raises(EndNotAtMidnight):
        record_basis(ground=LegalBasis.CONTRACT, note="A contract", until=tomorrow.replace(hour=12), **kept)
    midnight = tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)
    assert record_basis(ground=LegalBasis.CONTRACT, note="A contract", until=midnight, **kept).until == midnight


def test_a_secretariat_can_record_a_legal_basis_and_withdraw_consent_with_a_reason(client):
    lantern = make_network("lantern")
    person = make_person(consents=(Purpose.CONTACT,))
    make_membership(lantern, person)
    sign_in(client, make_account(Role.SECRETARIAT, network=lantern), staff_session="a letter of 3 March")
    address = f"/en/people/{person.public_id}/manage/"
    assert client.get(address).status_code == 200
    client.post(address + "legal-basis/", {"purpose": "meetings", "ground": "public_task", "note": "Article 11"})
    assert person.bases.filter(purpose="meetings", note="Article 11").count() == 1
    consent = person.bases.get(purpose="contact")
    client.post(f"{address}legal-basis/{consent.pk}/end/")
    consent.refresh_from_db()
    assert consent.until is None  # no reason given
    client.post(f"{address}legal-basis/{consent.pk}/end/", {"why": "her letter of 3 March"})
    consent.refresh_from_db()
    assert consent.until is not None
    assert [line.why for line in AuditEntry.objects.filter(verb="withdrew")] == ["her letter of 3 March"]
    stranger = make_person(consents=(Purpose.CONTACT,)).bases.get()
    assert client.post(f"{address}legal-basis/{stranger.pk}/end/").status_code == 404


# --- Protection -------------------------------------------------------------------------------------------------------


def test_protecting_a_person_narrows_all_visibility_and_ending_it_restores_none(client):
    lantern = make_network("lantern")
    person = make_person(
        visibility=PUBLIC, consents=(Purpose.PUBLIC_ENTRY, Purpose.DIRECTORY), details={Field.NAME: "Ilvane"}
    )
    make_membership(lantern, person)
    with pytest.raises(PseudonymMissing):
        hide_profile_for_safety(person=person, pseudonym=" ", by=None)
    sign_in(client, make_account(Role.SECRETARIAT, network=lantern), staff_session="she called on 3 March")
    why = "threatened at home"
    address = f"/en/people/{person.public_id}/manage/risk/"
    client.post(address, {"at_risk": "on", "pseudonym": "A. Heron", "why": why})
    person.refresh_from_db()
    assert (person.at_risk, person.pseudonym, stored_details(person)) == (
        True,
        "A. Heron",
        {("name", "Ilvane"): "secretariat"},
    )
    assert AuditEntry.objects.get(verb="turned on safety protection").why == why
    client.post(address, {"why": "moved to another country"})
    person.refresh_from_db()
    assert (person.at_risk, person.pseudonym, stored_details(person)) == (
        False,
        "",
        {("name", "Ilvane"): "secretariat"},
    )


def test_a_person_at_risk_cannot_become_visible_by_mistake(member):
    person = make_person(account=member, at_risk=True, pseudonym="A. Heron", consents=(Purpose.DIRECTORY,))
    with pytest.raises(PersonIsHidden):
        save_profile(person=person, updates={Field.TITLE: FieldUpdate(("Head",), SIGNED_IN)}, by=member)


# --- Photographs ------------------------------------------------------------------------------------------------------


def make_picture(colour="teal", **more):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Taken at the secret house"
    Image.new("RGB", (900, 600), colour).save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("portrait.jpg", out.getvalue(), "image/jpeg")


def test_a_photograph_is_stored_without_metadata_replaced_and_deleted(
    client, member, django_capture_on_commit_callbacks
):
    client.post("/en/profile/", form_data())
    sent = make_picture()
    assert b"secret house" in sent.read()
    sent.seek(0)
    client.post("/en/profile/photograph/", {"picture": sent})
    person = models.Person.objects.get()
    first = person.photographs.get()
    kept = read_private_file(first.content_hash)
    assert kept is not None
    assert b"secret house" not in kept
    assert stored_details(person)["photograph", first.content_hash] == "secretariat"
    answer = client.get(f"/en/people/{person.public_id}/photograph/")
    assert (answer.status_code, answer.content) == (200, kept)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/en/profile/photograph/", {"picture": make_picture("navy")})
    second = person.photographs.get()
    assert second.content_hash != first.content_hash
    assert read_private_file(first.content_hash) is None
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/en/profile/photograph/remove/")
    assert read_private_file(second.content_hash) is None
    assert client.get(f"/en/people/{person.public_id}/photograph/").status_code == 404
    assert "photograph" not in {field for field, _ in stored_details(person)}


def test_a_file_that_is_not_a_picture_is_rejected_with_a_message(client, member):
    client.post("/en/profile/", form_data())
    told = {"picture": SimpleUploadedFile("portrait.jpg", b"<script>alert(1)</script>", "image/jpeg")}
    page = client.post("/en/profile/photograph/", told, follow=True).content.decode()
    assert "Nothing was saved." in page
    assert models.Photograph.objects.count() == 0


def test_a_picture_uploaded_by_two_people_is_kept_while_one_of_them_uses_it(member, django_capture_on_commit_callbacks):
    from samsvar.site.network.directory.actions.photographs import remove_photograph, set_photograph

    first, second = make_person(), make_person()
    for person in (first, second):
        photograph = set_photograph(person=person, upload=make_picture(), by=None)
    with django_capture_on_commit_callbacks(execute=True):
        remove_photograph(person=first, by=None)
    assert read_private_file(photograph.content_hash) is not None
    with django_capture_on_commit_callbacks(execute=True):
        remove_photograph(person=second, by=None)
    assert read_private_file(photograph.content_hash) is None


def test_profiles_and_previews_show_networks_by_name(client, member):
    person = make_person(account=member, consents=(Purpose.DIRECTORY,), visibility=SIGNED_IN)
    network = make_network("quiet-house")
    models.Network.objects.filter(pk=network.pk).update(name="The House of Quiet")
    models.Detail.objects.create(person=person, field=Field.NETWORKS, value="quiet-house", visibility=SIGNED_IN)
    make_membership(network, person)
    sign_in(client, member)
    for address in (reverse("network:profile"), reverse("network:profile-preview", args=["signed-in"])):
        said = re.sub(r"<[^>]*>", "", client.get(address).content.decode().partition("<main")[2])
        assert ("The House of Quiet" in said, "quiet-house" in said) == (True, False), address


@pytest.mark.parametrize(("address", "role"), [("my-questions", Role.READER), ("pending-questions", Role.SECRETARIAT)])
def test_a_page_of_questions_has_the_title_of_its_menu_item(client, address, role):
    sign_in(client, make_account(role), staff_session="questions that wait")
    page = client.get(reverse(f"network:{address}")).content.decode()
    word = {name: str(word) for name, word, _ in (*ACCOUNT_MENU, *STAFF_MENU)}[f"network:{address}"]
    assert re.search(r"<h1>(.*?)</h1>", page)[1] == word
    assert re.search(r"<title>\s*(.*?)\s", page)[1] == word.split()[0]
