"""One's own entry: who sees what is chosen field by field, and nothing is wider than somebody agreed to."""

from __future__ import annotations

import io
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from samsvar.network.consent import Ground, Purpose, Visibility, current_text
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.network import models
from samsvar.site.network.context_processors import OWN, STAFF
from samsvar.site.network.directory.actions.consent import (
    ConsentIsTheirOwn,
    EndsWithinADay,
    NothingToWithdraw,
    ReasonIsMissing,
    TextHasChanged,
    end_basis,
    give_consent,
    record_basis,
    withdraw_consent,
)
from samsvar.site.network.directory.actions.people import (
    HiddenForSafety,
    NameIsMissing,
    NeedsConsent,
    PseudonymIsMissing,
    Said,
    TooWide,
    hide_for_safety,
    save_entry,
)
from samsvar.site.network.directory.forms import ENTRY_ORDER
from samsvar.site.shell.uploads import fetch_private
from tests.factories.people import join, make_account, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db

SECRETARIAT, SIGNED_IN, PUBLIC = Visibility.SECRETARIAT, Visibility.SIGNED_IN, Visibility.PUBLIC
VERSIONS = {purpose: text.version for purpose in Purpose if (text := current_text(purpose))}


def form(**told):
    """All that the form sends: everything for the secretariat, unless `told` says otherwise."""
    return {f"sees_{field}": "secretariat" for field in ENTRY_ORDER} | {"name": "Ilvane Brookmantle"} | told


@pytest.fixture
def member(client):
    account = make_account(Role.READER)
    sign_in(client, account)
    return account


def details(person):
    return {(row.field, row.value): row.visibility for row in person.details.all()}


def test_whoever_has_no_entry_makes_one_and_all_of_it_is_for_the_secretariat(client, member):
    assert client.get("/en/entry/").status_code == 200
    told = form(title="Head of section", languages=["ro", "fr"], articles="20, 7", concepts=["shelters"], country="XA")
    assert client.post("/en/entry/", told).status_code == 302
    person = models.Person.objects.get(account=member)
    assert details(person) == {
        ("name", "Ilvane Brookmantle"): "secretariat",
        ("title", "Head of section"): "secretariat",
        ("country", "XA"): "secretariat",
        ("languages", "ro"): "secretariat",
        ("languages", "fr"): "secretariat",
        ("expertise", "article:20"): "secretariat",
        ("expertise", "article:7"): "secretariat",
        ("expertise", "concept:shelters"): "secretariat",
    }
    line = Entry.objects.get(verb="made an entry")
    assert (line.actor, line.person) == (member, person.public_id)
    assert line.details == {"fields": ["country", "expertise", "languages", "name", "title"]}
    assert "7, 20" in client.get("/en/entry/").content.decode()


def test_a_wider_choice_without_consent_stores_nothing_at_all(client, member):
    client.post("/en/entry/", form())
    answer = client.post("/en/entry/", form(name="Another Name", sees_name="signed_in"))
    assert answer.status_code == 409
    assert "Some fields would be shown to people for whom there is no consent." in answer.content.decode()
    assert details(models.Person.objects.get()) == {("name", "Ilvane Brookmantle"): "secretariat"}


def test_a_wider_choice_with_the_consent_beside_it_is_stored_with_the_text(client, member):
    answer = client.post("/en/entry/", form(sees_name="public", consent_public_entry="on"))
    assert answer.status_code == 302
    person = models.Person.objects.get()
    assert details(person) == {("name", "Ilvane Brookmantle"): "public"}
    basis = person.bases.get()
    assert (basis.purpose, basis.ground, basis.text_version) == ("public_entry", "consent", VERSIONS["public_entry"])
    assert basis.recorded_by == member
    client.logout()
    assert client.get(f"/en/people/{person.public_id}/").status_code == 200


def test_one_consent_is_not_another(member):
    person = save_entry(person=None, said={Field.NAME: Said(("Ilvane",), SECRETARIAT)}, by=member)
    with pytest.raises(NeedsConsent) as needs:
        save_entry(
            person=person,
            said={Field.NAME: Said(None, PUBLIC), Field.TITLE: Said(("Head",), SIGNED_IN)},
            by=member,
            consents={Purpose.PUBLIC_ENTRY: VERSIONS[Purpose.PUBLIC_ENTRY]},
        )
    assert needs.value.purposes == (Purpose.DIRECTORY,)
    assert list(person.bases.all()) == []  # the consent went with the rest
    assert details(person) == {("name", "Ilvane"): "secretariat"}


def test_an_older_text_holds_for_what_it_showed_and_not_for_more(member):
    person = make_person(
        account=member, visibility=SIGNED_IN, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane"}
    )
    member._access = None
    save_entry(person=person, said={Field.NAME: Said(("Ilvane",), SIGNED_IN)}, by=member)
    with pytest.raises(NeedsConsent):
        save_entry(person=person, said={Field.TITLE: Said(("Head",), SIGNED_IN)}, by=member)


def test_no_field_is_wider_than_it_may_ever_be(member):
    person = save_entry(person=None, said={Field.NAME: Said(("Ilvane",), SECRETARIAT)}, by=member)
    consents = {purpose: VERSIONS[purpose] for purpose in (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)}
    with pytest.raises(TooWide):
        save_entry(
            person=person, said={Field.EMAIL: Said(("i@nordmark.example",), PUBLIC)}, by=member, consents=consents
        )
    with pytest.raises(TooWide):
        save_entry(person=person, said={Field.GENDER: Said(("woman",), SIGNED_IN)}, by=member, consents=consents)


def test_an_entry_without_a_name_is_not_made(member):
    with pytest.raises(NameIsMissing):
        save_entry(person=None, said={Field.NAME: Said(("  ",), SECRETARIAT)}, by=member)
    assert models.Person.objects.count() == 0


def test_nobody_changes_the_entry_of_another(client, member):
    other = make_person(details={Field.NAME: "Tamsel Quillfrost"})
    with pytest.raises(PermissionDenied):
        save_entry(person=other, said={Field.NAME: Said(("Changed",), SECRETARIAT)}, by=member)
    client.post("/en/entry/", form(person=other.pk, public_id=other.public_id, at_risk="on", account=other.pk))
    assert details(other) == {("name", "Tamsel Quillfrost"): "secretariat"}
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
def test_what_is_no_choice_is_refused(client, member, wrong):
    assert client.post("/en/entry/", form(**wrong)).status_code == 422
    assert models.Person.objects.count() == 0


def test_memberships_are_shown_as_one_chooses_and_not_typed(client, member):
    person = make_person(account=member, details={Field.NAME: "Ilvane"})
    join(make_network("lantern"), person)
    told = form(sees_networks="signed_in", networks="harbour", consent_directory="on")
    assert client.post("/en/entry/", told).status_code == 302
    assert details(person)["networks", "lantern"] == "signed_in"
    assert ("networks", "harbour") not in details(person)


@pytest.mark.parametrize(
    ("seen_as", "name", "title"), [("network", True, True), ("signed-in", True, False), ("public", False, False)]
)
def test_the_preview_shows_what_others_see(client, member, seen_as, name, title):
    person = make_person(
        account=member, visibility=SIGNED_IN, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane Brookmantle"}
    )
    models.Detail.objects.create(person=person, field=Field.TITLE, value="Keeper", visibility=Visibility.MY_NETWORKS)
    page = client.get(f"/en/entry/as/{seen_as}/").content.decode()
    assert ("Ilvane Brookmantle" in page, "Keeper" in page) == (name, title)
    assert ("They see nothing of you" in page) is not name


# --- Consents ---------------------------------------------------------------------------------------------------------


def test_every_use_says_what_it_stands_on_and_is_withdrawn_with_one_press(client, member):
    person = make_person(account=member, details={Field.NAME: "Ilvane"})
    record_basis(person=person, purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, note="Article 11", by=None)
    page = client.get("/en/consents/").content.decode()
    assert "a task in the public interest" in page
    assert "Article 11" in page
    client.post("/en/consents/contact/give/", {"version": VERSIONS["contact"]})
    assert person.bases.filter(purpose="contact", until=None).count() == 1
    assert "/en/consents/contact/withdraw/" in client.get("/en/consents/").content.decode()
    client.post("/en/consents/contact/withdraw/")
    (basis,) = person.bases.filter(purpose="contact")
    assert basis.until <= timezone.now()
    assert [line.verb for line in Entry.objects.filter(person=person.public_id).order_by("pk")] == [
        "recorded a ground",
        "consented",
        "withdrew",
    ]


def test_a_consent_to_another_text_than_today_s_is_not_taken(client, member):
    person = make_person(account=member, details={Field.NAME: "Ilvane"})
    with pytest.raises(TextHasChanged):
        give_consent(person=person, purpose=Purpose.CONTACT, version="contact-0", by=None)
    client.post("/en/consents/contact/give/", {"version": "contact-0"})
    assert person.bases.count() == 0


def test_a_new_text_asks_again_and_the_old_consent_is_kept_in_the_record(client, member):
    person = make_person(account=member, consents=(Purpose.CONTACT,), details={Field.NAME: "Ilvane"})
    assert "The text has changed since." in client.get("/en/consents/").content.decode()
    client.post("/en/consents/contact/give/", {"version": VERSIONS["contact"]})
    bases = person.bases.filter(purpose="contact").order_by("pk")
    assert [(basis.text_version, basis.until is None) for basis in bases] == [
        ("tests", False),
        (VERSIONS["contact"], True),
    ]
    assert "The text has changed since." not in client.get("/en/consents/").content.decode()


def test_consenting_again_opens_nothing_that_was_not_chosen_anew(member):
    person = make_person(
        account=member, visibility=SIGNED_IN, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane"}
    )
    withdraw_consent(person=person, purpose=Purpose.DIRECTORY, by=member)
    assert details(person) == {("name", "Ilvane"): "secretariat"}
    give_consent(person=person, purpose=Purpose.DIRECTORY, version=VERSIONS[Purpose.DIRECTORY], by=member)
    assert details(person) == {("name", "Ilvane"): "secretariat"}


def test_withdrawing_one_consent_leaves_what_stands_on_another_ground(member):
    person = make_person(
        account=member, visibility=SIGNED_IN, consents=(Purpose.DIRECTORY,), details={Field.NAME: "Ilvane"}
    )
    record_basis(person=person, purpose=Purpose.DIRECTORY, ground=Ground.PUBLIC_TASK, note="A law", by=None)
    withdraw_consent(person=person, purpose=Purpose.DIRECTORY, by=member)
    assert details(person) == {("name", "Ilvane"): "signed_in"}
    end_basis(basis=person.bases.get(ground=Ground.PUBLIC_TASK), by=None, why="the law was repealed")
    assert details(person) == {("name", "Ilvane"): "secretariat"}


def test_nobody_consents_or_withdraws_for_another(member):
    other = make_person(consents=(Purpose.DIRECTORY,))
    with pytest.raises(PermissionDenied):
        give_consent(person=other, purpose=Purpose.CONTACT, version=VERSIONS[Purpose.CONTACT], by=member)
    with pytest.raises(PermissionDenied):
        withdraw_consent(person=other, purpose=Purpose.DIRECTORY, by=member)
    with pytest.raises(PermissionDenied):
        record_basis(person=other, purpose=Purpose.MEETINGS, ground=Ground.CONTRACT, note="A contract", by=member)
    with pytest.raises(NothingToWithdraw):
        withdraw_consent(person=other, purpose=Purpose.CONTACT, by=None)


def test_another_ground_needs_a_reason_is_never_consent_and_ends_at_midnight(member):
    person = make_person()
    kept = {"person": person, "purpose": Purpose.MEETINGS, "by": None}
    with pytest.raises(ReasonIsMissing):
        record_basis(ground=Ground.CONTRACT, note=" ", **kept)
    with pytest.raises(ConsentIsTheirOwn):
        record_basis(ground=Ground.CONSENT, note="She said so", **kept)
    tomorrow = timezone.now() + timezone.timedelta(days=1)
    with pytest.raises(EndsWithinADay):
        record_basis(ground=Ground.CONTRACT, note="A contract", until=tomorrow.replace(hour=12), **kept)
    midnight = tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)
    assert record_basis(ground=Ground.CONTRACT, note="A contract", until=midnight, **kept).until == midnight


def test_a_secretariat_records_a_ground_and_withdraws_on_the_word_of_the_person(client):
    lantern = make_network("lantern")
    person = make_person(consents=(Purpose.CONTACT,))
    join(lantern, person)
    sign_in(client, make_account(Role.SECRETARIAT, network=lantern), staff_session="a letter of 3 March")
    address = f"/en/people/{person.public_id}/manage/"
    assert client.get(address).status_code == 200
    client.post(address + "ground/", {"purpose": "meetings", "ground": "public_task", "note": "Article 11"})
    assert person.bases.filter(purpose="meetings", note="Article 11").count() == 1
    consent = person.bases.get(purpose="contact")
    client.post(f"{address}ground/{consent.pk}/end/")
    consent.refresh_from_db()
    assert consent.until is None  # nobody said why
    client.post(f"{address}ground/{consent.pk}/end/", {"why": "her letter of 3 March"})
    consent.refresh_from_db()
    assert consent.until is not None
    assert [line.why for line in Entry.objects.filter(verb="withdrew")] == ["her letter of 3 March"]
    stranger = make_person(consents=(Purpose.CONTACT,)).bases.get()
    assert client.post(f"{address}ground/{stranger.pk}/end/").status_code == 404


# --- Safety -----------------------------------------------------------------------------------------------------------


def test_hiding_somebody_narrows_all_they_had_chosen_and_ending_it_shows_nothing(client):
    lantern = make_network("lantern")
    person = make_person(
        visibility=PUBLIC, consents=(Purpose.PUBLIC_ENTRY, Purpose.DIRECTORY), details={Field.NAME: "Ilvane"}
    )
    join(lantern, person)
    with pytest.raises(PseudonymIsMissing):
        hide_for_safety(person=person, pseudonym=" ", by=None)
    sign_in(client, make_account(Role.SECRETARIAT, network=lantern), staff_session="she called on 3 March")
    why = "threatened at home"
    address = f"/en/people/{person.public_id}/manage/risk/"
    client.post(address, {"at_risk": "on", "pseudonym": "A. Heron", "why": why})
    person.refresh_from_db()
    assert (person.at_risk, person.pseudonym, details(person)) == (
        True,
        "A. Heron",
        {("name", "Ilvane"): "secretariat"},
    )
    assert Entry.objects.get(verb="hid for safety").why == why
    client.post(address, {"why": "moved to another country"})
    person.refresh_from_db()
    assert (person.at_risk, person.pseudonym, details(person)) == (False, "", {("name", "Ilvane"): "secretariat"})


def test_whoever_is_hidden_cannot_show_themselves_by_mistake(member):
    person = make_person(account=member, at_risk=True, pseudonym="A. Heron", consents=(Purpose.DIRECTORY,))
    with pytest.raises(HiddenForSafety):
        save_entry(person=person, said={Field.TITLE: Said(("Head",), SIGNED_IN)}, by=member)


# --- Photographs ------------------------------------------------------------------------------------------------------


def picture(colour="teal", **more):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Taken at the secret house"
    Image.new("RGB", (900, 600), colour).save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("portrait.jpg", out.getvalue(), "image/jpeg")


def test_a_photograph_is_stored_without_metadata_replaced_and_deleted(
    client, member, django_capture_on_commit_callbacks
):
    client.post("/en/entry/", form())
    sent = picture()
    assert b"secret house" in sent.read()
    sent.seek(0)
    client.post("/en/entry/photograph/", {"picture": sent})
    person = models.Person.objects.get()
    first = person.photographs.get()
    kept = fetch_private(first.content_hash)
    assert kept is not None
    assert b"secret house" not in kept
    assert details(person)["photograph", first.content_hash] == "secretariat"
    answer = client.get(f"/en/people/{person.public_id}/photograph/")
    assert (answer.status_code, answer.content) == (200, kept)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/en/entry/photograph/", {"picture": picture("navy")})
    second = person.photographs.get()
    assert second.content_hash != first.content_hash
    assert fetch_private(first.content_hash) is None
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/en/entry/photograph/remove/")
    assert fetch_private(second.content_hash) is None
    assert client.get(f"/en/people/{person.public_id}/photograph/").status_code == 404
    assert "photograph" not in {field for field, _ in details(person)}


def test_what_is_no_picture_is_refused_in_words(client, member):
    client.post("/en/entry/", form())
    told = {"picture": SimpleUploadedFile("portrait.jpg", b"<script>alert(1)</script>", "image/jpeg")}
    page = client.post("/en/entry/photograph/", told, follow=True).content.decode()
    assert "Nothing was stored." in page
    assert models.Photograph.objects.count() == 0


def test_a_picture_that_two_people_sent_stays_while_one_of_them_has_it(member, django_capture_on_commit_callbacks):
    from samsvar.site.network.directory.actions.photographs import remove_photograph, set_photograph

    first, second = make_person(), make_person()
    for person in (first, second):
        photograph = set_photograph(person=person, upload=picture(), by=None)
    with django_capture_on_commit_callbacks(execute=True):
        remove_photograph(person=first, by=None)
    assert fetch_private(photograph.content_hash) is not None
    with django_capture_on_commit_callbacks(execute=True):
        remove_photograph(person=second, by=None)
    assert fetch_private(photograph.content_hash) is None


def test_networks_stand_in_ones_entry_and_its_previews_by_their_names(client, member):
    person = make_person(account=member, consents=(Purpose.DIRECTORY,), visibility=SIGNED_IN)
    network = make_network("quiet-house")
    models.Network.objects.filter(pk=network.pk).update(name="The House of Quiet")
    models.Detail.objects.create(person=person, field=Field.NETWORKS, value="quiet-house", visibility=SIGNED_IN)
    join(network, person)
    sign_in(client, member)
    for address in (reverse("network:entry"), reverse("network:entry-preview", args=["signed-in"])):
        said = re.sub(r"<[^>]*>", "", client.get(address).content.decode().partition("<main")[2])
        assert ("The House of Quiet" in said, "quiet-house" in said) == (True, False), address


@pytest.mark.parametrize(("address", "role"), [("my-asks", Role.READER), ("asks-to-decide", Role.SECRETARIAT)])
def test_a_page_of_questions_is_called_what_the_menu_calls_it(client, address, role):
    sign_in(client, make_account(role), staff_session="questions that wait")
    page = client.get(reverse(f"network:{address}")).content.decode()
    word = {name: str(word) for name, word, _ in (*OWN, *STAFF)}[f"network:{address}"]
    assert re.search(r"<h1>(.*?)</h1>", page)[1] == word
    assert re.search(r"<title>\s*(.*?)\s", page)[1] == word.split()[0]
