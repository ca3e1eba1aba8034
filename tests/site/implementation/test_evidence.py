"""Evidence of both sides: who gives it, who sees it, and that neither side can touch the evidence of the other."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.implementation.evidence import (
    ORGANISATION_SIDES,
    EvidenceStatus,
    EvidenceStepNotPossible,
    FormFault,
    Side,
)
from samsvar.implementation.measures import MeasureVisibility, ReasonRequired
from samsvar.implementation.progress import Proven
from samsvar.network.people import OrganisationKind
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation.evidence import actions, queries
from samsvar.site.implementation.evidence.actions import EvidenceFile, FormToCorrect, LinkOrFileMissing
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.evidence.permissions import Giver, can_act_for_giver, possible_givers
from samsvar.site.implementation.measures.actions import link_answer
from samsvar.site.implementation.progress.queries import with_progress
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import clear_cached_access
from samsvar.site.network.membership.queries import represented_organisations
from samsvar.site.shell.uploads import UploadRejected, read_private_file
from tests.factories.implementation import (
    giver_for,
    make_evidence,
    make_measure,
    make_organisation,
    make_representative,
)
from tests.factories.people import make_account, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db

TEXT = b"In March, calls between 22.00 and 8.00 were not answered on 9 nights."
VALUES = {"kind": "report", "title": "What was counted in March", "begins": "2026-03", "ends": "2026-03"}


@pytest.fixture
def world():
    """A state with a finding, a public measure that answers it, its desk, an NGO and another NGO."""

    class World:
        pass

    load_convention()
    it = World()
    it.finding = make_report(reading=make_reading([make_finding(1)])).findings.get()
    it.measure = make_measure("Run the helpline day and night")
    link_answer(by=None, measure=it.measure, finding=it.finding)
    it.desk = make_account(Role.NATIONAL_DESK, state="XA")
    it.ngo, it.other_ngo = make_organisation("Lamp House"), make_organisation("Harbour House")
    it.member, it.other_member = make_representative(it.ngo), make_representative(it.other_ngo)
    it.reviewer = make_account(Role.REVIEWER)
    return it


def offer(world, by, giver, *, release=True, **how):
    about = how.pop("about", world.measure)
    values = {**VALUES, "link": "https://nordmark.example/report", **how.pop("values", {})}
    row = actions.offer_evidence(by=by, giver=giver, about=about, values=values, **how)
    return actions.accept_evidence(by=by, evidence=row) if release else row


# --- On whose behalf --------------------------------------------------------------------------------------------------


def test_every_kind_of_organisation_has_a_side_or_none():
    assert set(ORGANISATION_SIDES) == set(OrganisationKind)


def test_the_side_follows_from_the_organisation(world):
    assert possible_givers(world.desk, "XA") == [Giver("XA", Side.STATE)]
    assert possible_givers(world.member, "XA") == [Giver("XA", Side.CIVIL_SOCIETY, world.ngo)]
    commission = make_representative(make_organisation("Equality Commission", kind="national_institution"))
    assert [giver.side for giver in possible_givers(commission, "XA")] == [Side.NATIONAL_INSTITUTION]


@pytest.mark.parametrize("kind", ["ministry", "co_ordinating_body", "police", "justice", "health", "social_service"])
def test_a_body_of_the_state_gives_evidence_only_through_the_desk(world, kind):
    assert possible_givers(make_representative(make_organisation("Public Body", kind=kind)), "XA") == []


@pytest.mark.parametrize(
    "why",
    ["no membership", "membership ended", "only the profile says so", "staff role", "desk of the state", "abroad"],
)
def test_no_one_speaks_for_an_organisation_that_they_do_not_represent(world, why):
    if why == "no membership":
        account = make_account(Role.CONTRIBUTOR)
    elif why == "only the profile says so":
        from samsvar.network.people import Field

        account = make_account(Role.CONTRIBUTOR)
        make_person(account=account, details={Field.ORGANISATION: world.ngo.public_id})
    elif why == "staff role":
        account = make_representative(world.ngo, Role.CONTRIBUTOR, Role.SECRETARIAT)
    elif why == "desk of the state":
        account = make_representative(world.ngo, Role.CONTRIBUTOR)
        account.grants.create(role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now())
        clear_cached_access(account)
        assert possible_givers(account, "XA") == [Giver("XA", Side.STATE)]
        account.grants.filter(role=Role.NATIONAL_DESK).update(
            since=timezone.now() - timedelta(days=90), until=timezone.now() - timedelta(days=1)
        )
        clear_cached_access(account)
    elif why == "abroad":
        account = make_representative(make_organisation("Southern House", state="XB"))
    else:
        account = make_representative(world.ngo)
        account.person.memberships.update(ends=timezone.localdate() - timedelta(days=1))
    assert possible_givers(account, "XA") == []
    with pytest.raises(PermissionDenied):
        offer(world, account, giver_for(world.ngo))


def test_an_international_organisation_has_no_side_and_a_member_of_two_organisations_chooses(world):
    account = make_representative(make_organisation("World Body", kind="international_organisation", state=None))
    assert [one.name for one in represented_organisations(account)] == ["World Body"]
    assert possible_givers(account, "XA") == []
    both = make_representative(world.ngo)
    both.person.memberships.create(
        network=both.person.memberships.get().network, organisation=world.other_ngo, office="member"
    )
    assert [giver.organisation for giver in possible_givers(both, "XA")] == [world.other_ngo, world.ngo]
    page = sign_in(Client(), both).get(reverse("implementation:offer-for-measure", args=[world.measure.public_id]))
    assert b"Harbour House" in page.content
    assert b"Lamp House" in page.content


# --- Both sides -------------------------------------------------------------------------------------------------------


def test_the_two_sides_differ_and_both_stay_on_the_page_with_their_periods(world):
    offer(world, world.desk, giver_for(None), values={"title": "The helpline runs day and night", "begins": "2025"})
    offer(world, world.member, giver_for(world.ngo), values={"supports": False, "title": "Not in March"})
    today = timezone.localdate()
    page = queries.evidence_for_finding(AnonymousUser(), world.finding.public_id, today)
    assert page is not None
    assert page.proven is Proven.SIDES_DIFFER
    assert [card.evidence.title for card in page.state_cards] == ["The helpline runs day and night"]
    assert [card.evidence.title for card in page.other_cards] == ["Not in March"]
    assert with_progress(Finding.objects.all(), today).get().proven == page.proven
    for name, public_id in (("measure", world.measure.public_id), ("finding", world.finding.public_id)):
        shown = Client().get(reverse(f"implementation:{name}-evidence", args=[public_id])).content.decode()
        for words in (
            "Not in March",
            "day and night",
            "Lamp House",
            "shelter or non-governmental organisation",
            "National desk of",
            "March 2026",
        ):
            assert words in shown, words


def test_evidence_is_only_for_its_own_side_until_it_is_released(world):
    row = offer(world, world.member, giver_for(world.ngo), release=False)
    address = reverse("implementation:evidence", args=[row.public_id])
    sees = {
        name: sign_in(Client(), account).get(address).status_code
        for name, account in (
            ("own", world.member), ("colleague", make_representative(world.ngo)), ("other NGO", world.other_member),
            ("desk", world.desk), ("reviewer", world.reviewer),
            ("editor", make_account(Role.EDITOR)), ("administrator", make_account(Role.ADMINISTRATOR)),
        )
    }  # fmt: skip
    assert sees == {
        "own": 200, "colleague": 200, "other NGO": 404, "desk": 404, "reviewer": 404, "editor": 404,
        "administrator": 404,
    }  # fmt: skip
    assert Client().get(address).status_code == 404
    actions.accept_evidence(by=world.member, evidence=row)
    assert Client().get(address).status_code == 200


@pytest.mark.parametrize("act", ["accept", "set_aside", "withdraw", "revise"])
@pytest.mark.parametrize("side", ["state", "civil_society"])
def test_neither_side_can_alter_set_aside_or_withdraw_the_others_evidence(world, side, act):
    givers = {"state": (world.desk, giver_for(None)), "civil_society": (world.member, giver_for(world.ngo))}
    own, giver = givers[side]
    strangers = [world.other_member, world.reviewer, make_account(Role.ADMINISTRATOR)]
    strangers.append(world.member if side == "state" else world.desk)
    row = offer(world, own, giver)
    before = Evidence.objects.values().get()
    for stranger in strangers:
        assert not can_act_for_giver(stranger, row)
        with pytest.raises(PermissionDenied):
            if act == "accept":
                actions.accept_evidence(by=stranger, evidence=row)
            elif act == "set_aside":
                actions.set_evidence_aside(by=stranger, evidence=row, reason="we disagree")
            elif act == "withdraw":
                actions.withdraw_evidence(by=stranger, evidence=row)
            else:
                offer(world, stranger, (possible_givers(stranger, "XA") or [giver])[0], revises=row)
        client = sign_in(Client(), stranger)
        names = {"accept": "accept-evidence", "set_aside": "set-evidence-aside", "withdraw": "withdraw-evidence"}
        address = reverse(f"implementation:{names.get(act, 'revise-evidence')}", args=[row.public_id])
        assert client.post(address, {"reason": "we disagree"}).status_code == 404
    assert Evidence.objects.values().get() == before


# --- Revisions, expiry, setting aside, withdrawing --------------------------------------------------------------------


def test_a_new_revision_replaces_the_one_before_only_once_it_is_released(world):
    first = offer(world, world.member, giver_for(world.ngo))
    second = offer(world, world.member, giver_for(world.ngo), release=False, revises=first, values={"title": "Again"})
    assert (second.revision, second.series, second.revision_of) == (2, first.series, first)
    page = queries.evidence_for_measure(AnonymousUser(), world.measure.public_id, timezone.localdate())
    assert page is not None
    assert [card.evidence for card in page.other_cards] == [first]
    actions.accept_evidence(by=world.member, evidence=second)
    page = queries.evidence_for_measure(AnonymousUser(), world.measure.public_id, timezone.localdate())
    assert page is not None
    assert [(card.evidence, card.earlier) for card in page.other_cards] == [(second, (first,))]
    with pytest.raises(actions.NewerRevisionExists):
        offer(world, world.member, giver_for(world.ngo), revises=first)
    shown = Client().get(reverse("implementation:evidence", args=[first.public_id])).content.decode()
    assert "There is a newer revision" in shown


def test_what_is_set_aside_or_withdrawn_does_not_bring_back_an_earlier_revision(world):
    for end in (lambda row: actions.set_evidence_aside(by=world.member, evidence=row, reason="a wrong table"),
                lambda row: actions.withdraw_evidence(by=world.member, evidence=row)):  # fmt: skip
        first = offer(world, world.member, giver_for(world.ngo))
        end(offer(world, world.member, giver_for(world.ngo), revises=first))
        page = queries.evidence_for_finding(AnonymousUser(), world.finding.public_id, timezone.localdate())
        assert page is not None
        assert (page.other_cards, page.proven) == ((), Proven.NO_EVIDENCE)
    assert with_progress(Finding.objects.all(), timezone.localdate()).get().proven == Proven.NO_EVIDENCE


def test_its_giver_still_sees_what_is_set_aside_with_the_reason_and_others_do_not(world):
    row = offer(world, world.member, giver_for(world.ngo))
    with pytest.raises(ReasonRequired):
        actions.set_evidence_aside(by=world.member, evidence=row, reason=" ")
    actions.set_evidence_aside(by=world.member, evidence=row, reason="counted twice")
    address = reverse("implementation:evidence", args=[row.public_id])
    own = sign_in(Client(), world.member)
    assert b"counted twice" in own.get(address).content
    assert b"counted twice" in own.get(reverse("implementation:own-evidence")).content
    assert Client().get(address).status_code == 404
    assert sign_in(Client(), world.desk).get(address).status_code == 404
    actions.accept_evidence(by=world.member, evidence=row)
    assert b"counted twice" not in Client().get(address).content


def test_expired_evidence_is_shown_as_expired_and_not_hidden(world):
    yesterday = timezone.localdate() - timedelta(days=1)
    offer(world, world.desk, giver_for(None), values={"valid_until": yesterday, "title": "A permit"})
    shown = Client().get(reverse("implementation:finding-evidence", args=[world.finding.public_id])).content.decode()
    assert "A permit" in shown
    assert 'data-kind="late">expired<' in shown
    state = reverse("implementation:state-evidence", args=["XA"])
    listed = {query: b"A permit" in Client().get(state, query and {"validity": query}).content
              for query in ("", "valid", "expired")}  # fmt: skip
    assert listed == {"": True, "valid": False, "expired": True}
    page = queries.evidence_for_finding(AnonymousUser(), world.finding.public_id, yesterday)
    assert page is not None
    assert page.proven is Proven.STATE_ONLY


def test_withdrawn_evidence_cannot_come_back_and_its_files_are_gone(world, django_capture_on_commit_callbacks):
    row = offer(world, world.member, giver_for(world.ngo), values={"link": ""}, file=upload())
    assert read_private_file(row.stored_hash)
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw_evidence(by=world.member, evidence=row)
    assert read_private_file(row.stored_hash) is None
    again = Evidence.objects.get()
    assert (again.status, again.stored_hash, again.content_hash) == ("withdrawn", "", row.content_hash)
    for act in (lambda: actions.accept_evidence(by=world.member, evidence=again),
                lambda: offer(world, world.member, giver_for(world.ngo), revises=again)):  # fmt: skip
        with pytest.raises(EvidenceStepNotPossible):
            act()


# --- Reviewers --------------------------------------------------------------------------------------------------------


def test_a_reviewer_sets_aside_only_for_form_and_only_a_new_revision_corrects_it(world):
    for own, giver in ((world.member, giver_for(world.ngo)), (world.desk, giver_for(None))):
        row = offer(world, own, giver)
        address = reverse("implementation:set-aside-for-form", args=[row.public_id])
        client = sign_in(Client(), world.reviewer)
        assert client.post(address, {"fault": "it is false", "reason": "no"}).status_code == 422
        assert client.post(address, {"fault": "personal_data", "reason": "page 3"}).status_code == 302
        row.refresh_from_db()
        assert (row.status, row.form_fault, row.decided_role) == ("set_aside", "personal_data", "reviewer")
        assert Client().get(reverse("implementation:evidence", args=[row.public_id])).status_code == 404
        shown = sign_in(Client(), own).get(reverse("implementation:evidence", args=[row.public_id])).content.decode()
        assert "page 3" in shown
        assert "Release evidence" not in shown
        with pytest.raises(FormToCorrect):
            actions.accept_evidence(by=own, evidence=row)
        assert offer(world, own, giver, revises=row).status == EvidenceStatus.ACCEPTED


@pytest.mark.parametrize(
    "why", ["bound to the state", "gives evidence too", "not a reviewer", "the desk", "the other side"]
)
def test_no_one_checks_the_form_who_has_a_side(world, why):
    row = offer(world, world.member, giver_for(world.ngo))
    account = {
        "bound to the state": lambda: make_representative(
            make_organisation("Ministry", kind="ministry"), Role.REVIEWER
        ),
        "gives evidence too": lambda: make_representative(world.ngo, Role.REVIEWER),
        "not a reviewer": lambda: make_account(Role.CONTRIBUTOR),
        "the desk": lambda: world.desk,
        "the other side": lambda: world.other_member,
    }[why]()
    with pytest.raises(PermissionDenied):
        actions.set_aside_for_form(by=account, evidence=row, fault=FormFault.BROKEN_LINK, reason="404")
    answer = sign_in(Client(), account).post(
        reverse("implementation:set-aside-for-form", args=[row.public_id]), {"fault": "broken_link", "reason": "404"}
    )
    assert answer.status_code in {403, 404}
    row.refresh_from_db()
    assert row.status == EvidenceStatus.ACCEPTED


# --- Files ------------------------------------------------------------------------------------------------------------


def upload(content=TEXT, name="march.txt"):
    return EvidenceFile(SimpleUploadedFile(name, content), name)


def test_a_file_is_stored_under_its_hash_and_private_until_the_evidence_is_released(world):
    row = offer(world, world.member, giver_for(world.ngo), release=False, values={"link": ""}, file=upload())
    address = reverse("implementation:evidence-file", args=[row.public_id])
    assert Client().get(address).status_code == 404
    assert sign_in(Client(), world.desk).get(address).status_code == 404
    assert sign_in(Client(), world.member).get(address).content == TEXT
    actions.accept_evidence(by=world.member, evidence=row)
    answer = Client().get(address)
    assert answer.content == TEXT
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "private, no-store"
    shown = Client().get(reverse("implementation:evidence", args=[row.public_id])).content.decode()
    assert hashlib.sha256(TEXT).hexdigest() in shown
    actions.set_evidence_aside(by=world.member, evidence=row, reason="a name on page 2")
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("content", [b"MZ\x90\x00 a program", b"<html><script>x()</script></html>", b"\0\0\0"])
def test_a_file_of_another_type_is_rejected_and_nothing_is_saved(world, content):
    with pytest.raises(UploadRejected):
        offer(world, world.member, giver_for(world.ngo), values={"link": ""}, file=upload(content, "a.pdf"))
    assert not Evidence.objects.exists()


def test_every_file_is_scanned_for_viruses(world, monkeypatch):
    scanned = []
    monkeypatch.setattr(actions, "scan_for_viruses", scanned.append)
    offer(world, world.member, giver_for(world.ngo), values={"link": ""}, file=upload())
    assert scanned == [TEXT]


def test_evidence_is_a_link_or_a_file_and_only_a_statement_can_be_neither(world):
    for how in ({"values": {"link": ""}}, {"file": upload()}):
        with pytest.raises(LinkOrFileMissing):
            offer(world, world.member, giver_for(world.ngo), **how)
    assert offer(world, world.member, giver_for(world.ngo), values={"link": "", "kind": "statement"}).pk
    with pytest.raises(IntegrityError), transaction.atomic():
        make_evidence(world.measure, link="https://nordmark.example/", content_hash="0" * 64)


# --- Forms and pages --------------------------------------------------------------------------------------------------


def test_evidence_is_offered_on_the_page_and_received_today_whatever_period_it_describes(world):
    client = sign_in(Client(), world.member)
    address = reverse("implementation:offer-for-finding", args=[world.finding.public_id])
    data = {**VALUES, "supports": "no", "language": "en", "link": "https://lamp.example/march", "ends": "2026-02"}
    answer = client.post(address, data)
    assert answer.status_code == 422
    assert "The period ends before it begins." in answer.content.decode()
    answer = client.post(address, data | {"ends": "2026-03-31", "side": "state", "organisation": "harbour-house"})
    row = Evidence.objects.get()
    assert answer["Location"] == reverse("implementation:evidence", args=[row.public_id])
    assert (row.side, row.organisation, row.supports, row.status) == ("civil_society", world.ngo, False, "offered")
    assert (row.begins, row.ends, row.received) == ("2026-03", "2026-03-31", timezone.localdate())
    assert (row.given_by, row.finding_id, row.measure) == (world.member, world.finding.public_id, None)
    client.post(reverse("implementation:accept-evidence", args=[row.public_id]))
    row.refresh_from_db()
    assert (row.status, row.decided_by, row.decided_role) == ("accepted", world.member, "contributor")
    entry = AuditEntry.objects.get(verb="released evidence")
    assert (entry.actor, entry.subject) == (world.member, f"evidence {row.public_id}")


def test_a_desk_gives_evidence_for_a_body_of_its_own_state_only(world):
    police = make_organisation("Police Directorate", kind="police")
    make_organisation("Police Abroad", kind="police", state="XB")
    client = sign_in(Client(), world.desk)
    address = reverse("implementation:offer-for-measure", args=[world.measure.public_id])
    page = client.get(address).content.decode()
    assert [name in page for name in ("Police Directorate", "Police Abroad", "Lamp House")] == [True, False, False]
    data = {**VALUES, "supports": "yes", "language": "en", "link": "https://nordmark.example/law", "body": "lamp-house"}
    assert client.post(address, data).status_code == 422
    assert client.post(address, data | {"body": police.public_id}).status_code == 302
    assert (Evidence.objects.get().organisation, Evidence.objects.get().side) == (police, "state")
    row = Evidence.objects.get()
    desk = client.get(reverse("implementation:desk", args=["XA"])).content.decode()
    assert f'href="{reverse("implementation:evidence", args=[row.public_id])}"' in desk  # waits for its release
    actions.accept_evidence(by=world.desk, evidence=row)
    shown = Client().get(reverse("implementation:measure", args=[world.measure.public_id])).content.decode()
    panel = " ".join(shown.split('id="evidence-panel"')[1].split("</section>")[0].split())
    assert "<dt>From the state</dt> <dd>1</dd> <dt>From others</dt> <dd>none given here</dd>" in panel


def test_evidence_for_a_measure_that_is_not_public_is_not_public(world):
    hidden = make_measure("A plan of the desk", visibility=MeasureVisibility.DESK)
    row = offer(world, world.desk, giver_for(None), about=hidden, values={"title": "Quiet minutes"})
    assert Client().get(reverse("implementation:measure-evidence", args=[hidden.public_id])).status_code == 404
    member = sign_in(Client(), world.member)
    for name, public_id in (("evidence", row.public_id), ("offer-for-measure", hidden.public_id)):
        assert member.get(reverse(f"implementation:{name}", args=[public_id])).status_code == 404
    assert b"Quiet minutes" not in Client().get(reverse("implementation:state-evidence", args=["XA"])).content
    assert (
        sign_in(Client(), world.desk).get(reverse("implementation:evidence", args=[row.public_id])).status_code == 200
    )


def test_the_pages_of_a_finding_and_of_a_country_lead_to_the_evidence_of_both_sides(world):
    row = offer(world, world.desk, giver_for(None))
    shown = Client().get(reverse("monitoring:finding", args=[world.finding.public_id])).content.decode()
    for name, args in (("finding-evidence", [world.finding.public_id]), ("evidence", [row.public_id])):
        assert f'href="{reverse(f"implementation:{name}", args=args)}"' in shown
    shown = Client().get(reverse("pages:country-tab", args=["XA", "progress"])).content.decode()
    assert f'href="{reverse("implementation:state-evidence", args=["XA"])}"' in shown


@pytest.mark.parametrize("number", [3, 30])
def test_the_page_of_both_sides_needs_the_same_queries_for_any_amount(world, number, django_assert_max_num_queries):
    for count in range(number):
        make_evidence(world.measure, title=f"Report {count}", organisation=world.ngo, side=Side.CIVIL_SOCIETY)
    with django_assert_max_num_queries(12):
        Client().get(reverse("implementation:finding-evidence", args=[world.finding.public_id]))
