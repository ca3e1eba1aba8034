"""A request shown as no one's gives away neither name, organisation nor country, and being at risk overrides a choice.

Each test first makes sure that there is something to give away: the same request, shown by name, does show it.
"""

from __future__ import annotations

import zipfile

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from samsvar.exchange.requests import ShownAs
from samsvar.network.consent import Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.network.access.permissions import clear_cached_access
from samsvar.site.network.models import Detail, OutgoingEmail
from tests.factories.exchange_requests import make_help_request, make_member, make_reply
from tests.factories.implementation import make_organisation
from tests.factories.people import make_account, make_network, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

NAME, BODY, COUNTRY = "Fictional Whisper", "Hidden Harbour Shelter", "Nordmark"
SECRETS = {NAME, BODY, COUNTRY}


@pytest.fixture
def world():
    class World:
        pass

    load_convention()
    it = World()
    it.home = make_network()
    it.shelter = make_organisation(BODY)
    it.asker = make_member(it.home, name=NAME, organisation=it.shelter, email="whisper@shelter.example")
    it.member = make_member(it.home, name="Fictional Reader", organisation=make_organisation("Night Line", state="XB"))
    it.elsewhere = make_network("harbour")
    return it


def client_of(account, **how):
    clear_cached_access(account)
    return sign_in(Client(), account, **how)


def main_part(client, page):
    """Return a page without its head and the notice of a demonstration, which names the fictional states."""
    return client.get(page).content.decode().partition("<main")[2]


def shown_to(account, request):
    """Return which secrets any page about a request shows in its main part, which also reveals the asker's address."""
    client = client_of(account)
    pages = [
        reverse("exchange:request", args=[request.public_id]),
        reverse("exchange:requests"),
        reverse("exchange:my-requests"),
        reverse("pages:article", args=["24"]),
        reverse("search:search") + "?q=noaptea",
    ]
    text = "".join(main_part(client, page) for page in pages[:3])
    text += "".join(
        main_part(client, page).partition('id="ask-network"')[2].partition("</section>")[0] for page in pages[3:]
    )
    # the form below the replies lists bodies to ask, the same ones on the page of every request
    text = text.partition('name="body"')[0] + text.partition('name="body"')[2].partition("</select>")[2]
    return {secret for secret in {*SECRETS, "whisper@shelter.example"} if secret in text}


@pytest.mark.parametrize(
    ("shown", "secrets"),
    [
        (ShownAs.NAME, {NAME, BODY, COUNTRY}),
        (ShownAs.ORGANISATION, {BODY, COUNTRY}),
        (ShownAs.COUNTRY, {COUNTRY}),
        (ShownAs.NO_ONE, set()),
    ],
)
def test_members_see_exactly_what_the_asker_chose(world, shown, secrets):
    request = make_help_request(world.asker, world.home, shown=shown)
    make_reply(world.member, request)
    assert shown_to(world.member, request) == secrets


@pytest.mark.parametrize("shown", ShownAs)
def test_someone_at_risk_is_shown_as_no_one_whatever_they_chose(world, shown):
    request = make_help_request(world.asker, world.home, shown=shown)
    if shown is ShownAs.NAME:
        assert shown_to(world.member, request) == SECRETS
    person = world.asker.person
    person.at_risk, person.pseudonym = True, "Fictional Pseudonym"
    person.save()
    assert shown_to(world.member, request) == set()


def test_a_reply_of_someone_at_risk_is_shown_as_a_members(world):
    other = make_member(world.home, name="Fictional Third")
    request = make_help_request(other, world.home)
    make_reply(world.asker, request, shown=ShownAs.NAME)
    assert shown_to(world.member, request) >= {NAME, BODY}
    person = world.asker.person
    person.at_risk, person.pseudonym = True, "Fictional Pseudonym"
    person.save()
    assert shown_to(world.member, request) == set()
    assert shown_to(other, request) == set()


def test_someone_at_risk_is_not_asked_how_they_are_shown(world):
    form = client_of(world.asker).get(reverse("exchange:ask")).content.decode()
    assert 'name="shown_as"' in form
    person = world.asker.person
    person.at_risk, person.pseudonym = True, "Fictional Pseudonym"
    person.save()
    form = client_of(world.asker).get(reverse("exchange:ask")).content.decode()
    assert 'name="shown_as"' not in form


def test_a_name_that_the_profile_hides_is_not_shown_in_a_request(world):
    request = make_help_request(world.asker, world.home, shown=ShownAs.NAME)
    assert NAME in shown_to(world.member, request)
    Detail.objects.filter(person=world.asker.person, field=Field.NAME).update(visibility=Visibility.SECRETARIAT)
    assert shown_to(world.member, request) == {BODY, COUNTRY}


def test_what_the_asker_writes_back_is_not_signed(world):
    request = make_help_request(world.asker, world.home)
    make_reply(world.member, request)
    client_of(world.asker).post(
        reverse("exchange:request", args=[request.public_id]), {"text": "More about it", "language": "en"}
    )
    assert (
        "More about it"
        in client_of(world.member).get(reverse("exchange:request", args=[request.public_id])).content.decode()
    )
    assert shown_to(world.member, request) == set()


def test_a_filter_cannot_ask_for_a_country_or_an_organisation(world):
    make_help_request(world.asker, world.home)
    client = client_of(world.member)
    plain = client.get(reverse("exchange:requests")).content.decode()
    for name, value in (("state", "XA"), ("country", "XA"), ("organisation", "hidden-harbour-shelter"), ("by", NAME)):
        filtered = client.get(reverse("exchange:requests"), {name: value}).content.decode()
        assert filtered.count('class="quiet"') == plain.count('class="quiet"'), name


def test_emails_and_the_outbox_do_not_name_the_asker(world):
    make_account(Role.SECRETARIAT, network=world.home)
    request = make_help_request(world.asker, world.home, shown=ShownAs.NAME)
    make_reply(world.member, request, shown=ShownAs.NAME)
    written = [email.subject + email.body for email in OutgoingEmail.objects.all()]
    assert len(written) == 2
    assert [text for text in written for secret in SECRETS if secret in text] == []


def test_the_data_file_of_a_helper_does_not_name_the_asker(world, tmp_path, capsys):
    request = make_help_request(world.asker, world.home)
    make_reply(world.member, request, "My own reply")
    call_command("my_data", world.member.email, str(tmp_path / "data.zip"))
    with zipfile.ZipFile(tmp_path / "data.zip") as archive:
        text = "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    assert "My own reply" in text
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_member_of_another_network_sees_nothing_of_it(world):
    request = make_help_request(world.asker, world.home, shown=ShownAs.NAME)
    stranger = make_member(world.elsewhere, name="Fictional Stranger")
    page = reverse("exchange:request", args=[request.public_id])
    assert client_of(world.member).get(page).status_code == 200
    assert client_of(stranger).get(page).status_code == 404
    assert BODY not in client_of(stranger).get(reverse("exchange:requests")).content.decode()
    secretariat = make_account(Role.SECRETARIAT, network=world.elsewhere)
    desk = client_of(secretariat, staff_session="the helpdesk")
    assert desk.get(reverse("exchange:helpdesk-request", args=[request.public_id])).status_code == 404
    assert request.problem[:20] not in desk.get(reverse("exchange:helpdesk")).content.decode()


def test_the_matches_of_an_unnamed_request_do_not_show_the_finding_that_it_was_asked_from(world):
    finding = make_report(reading=make_reading([make_finding(1, articles=("24",))])).findings.get()
    named = make_help_request(world.asker, world.home, finding=finding.public_id, shown=ShownAs.COUNTRY)
    unnamed = make_help_request(world.asker, world.home, finding=finding.public_id)
    client = client_of(world.member)
    for request, is_shown in ((named, True), (unnamed, False)):
        page = main_part(client, reverse("exchange:request", args=[request.public_id]))
        assert (finding.public_id in page) is is_shown
    matches = main_part(client, f"{reverse('exchange:matches')}?request={unnamed.public_id}")
    assert finding.public_id not in matches
    assert COUNTRY not in matches
