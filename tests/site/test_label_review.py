"""Labels of findings: who proposes, who decides, and the public history of every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.monitoring.report import Strength
from samsvar.network.people import OrganisationKind
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions import ingest, proposals, reviews
from samsvar.site.monitoring.permissions import can_propose, can_review
from samsvar.site.network.models import Organisation, RoleGrant
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def states_and_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)
    settings.SAMSVAR_PICTURES = tmp_path / "pictures"
    load_convention()


@pytest.fixture
def report():
    return make_report()  # § 1 urges, Article 7; § 2 welcomes, Articles 8 and 12; both on XA


@pytest.fixture
def finding(report):
    return report.findings.first()


@pytest.fixture
def desk():
    return make_account(Role.NATIONAL_DESK, state="XA")


@pytest.fixture
def reviewer():
    return make_account(Role.REVIEWER)


def stored(finding):
    """Return the label and review of a finding as stored, with everything that an undo has to restore."""
    one = models.Finding.objects.prefetch_related("articles").get(public_id=finding.public_id)
    articles = sorted(article.article for article in one.articles.all())
    return one.review, one.strength, one.rank, articles, one.note, one.reviewed_by_id, one.reviewed_at


def history(finding):
    return [
        (one.cause, one.before.get("strength"), one.after["strength"], one.after["review"], one.role, one.reason)
        for one in models.LabelChange.objects.filter(finding=finding.public_id)
    ]


def page(client, finding, **query):
    return client.get(reverse("monitoring:finding", args=[finding.public_id]), query).content.decode()


def post(client, name, key, **values):
    return client.post(reverse(f"monitoring:{name}", args=[key]), values)


def propose(finding, by, **label):
    return proposals.propose_correction(finding=finding, by=by, reason="the verb is softer", **label)


# --- A government proposes, a reviewer decides ------------------------------------------------------------------------


def test_a_desk_proposes_with_a_reason_and_the_label_stays_as_it_is(client, finding, desk):
    before = stored(finding)
    sign_in(client, desk)
    seen = reviews.review_state(finding)
    answer = post(client, "propose", finding.public_id, strength="invites", articles="7", reason="softer", seen=seen)
    assert answer.status_code == 302
    assert stored(finding) == before
    proposal = models.CorrectionProposal.objects.get()
    assert (proposal.label, proposal.role, proposal.status) == (
        {"review": "confirmed", "strength": "invites", "articles": [7]},
        "national_desk",
        "open",
    )
    assert "Proposed correction, not decided yet" in page(client, finding)
    assert "softer" not in page(Client(), finding)  # not public before the decision
    assert AuditEntry.objects.get(actor=desk).verb == "proposed a correction"


def test_a_proposal_without_a_reason_is_refused(client, finding, desk):
    sign_in(client, desk)
    assert post(client, "propose", finding.public_id, strength="invites", articles="7").status_code == 422
    with pytest.raises(reviews.ReasonMissing):
        proposals.propose_correction(finding=finding, by=desk, strength="invites", reason="  ")
    assert models.CorrectionProposal.objects.count() == 0


def test_a_reviewer_accepts_a_proposal_and_the_public_reads_why(client, finding, desk, reviewer):
    proposal = propose(finding, desk, strength="invites")
    sign_in(client, reviewer)
    answer = post(client, "accept-proposal", proposal.pk, seen=reviews.review_state(finding))
    assert answer.status_code == 302
    assert stored(finding)[:4] == ("confirmed", "invites", Strength.INVITES.rank, [7])
    assert history(finding) == [
        ("read", None, "urges", "machine", "", ""),
        ("proposal", "urges", "invites", "confirmed", "reviewer", ""),
    ]
    public = page(Client(), finding)
    assert "Corrected by a reviewer" in public
    assert "Proposed by the national desk of the state concerned, accepted by a reviewer." in public
    assert stored(finding)[4] == ""  # the desk's reason is not presented as the reviewer's
    assert "the verb is softer" in public
    for account in (desk, reviewer):
        assert account.email not in public
        assert account.public_id not in public


def test_lists_say_that_a_label_was_proposed_by_the_state_until_a_reviewer_decides_otherwise(
    client, finding, desk, reviewer
):
    lists = (
        "/en/findings/",
        "/en/countries/XA/articles/",
        "/en/articles/7/",
        f"/en/search/?q={finding.text.split()[-1]}",
    )
    lists += (reverse("monitoring:report", args=[finding.report.public_id]),)
    said = "proposed by the national desk of the state concerned, confirmed by a reviewer"
    proposal = proposals.propose_correction(finding=finding, by=desk, strength="invites", reason="It says so.")
    proposals.accept_proposal(proposal=proposal, by=reviewer)
    for address in lists:
        assert said in client.get(address).content.decode(), address
    reviews.review_finding(finding=finding, by=reviewer, review="rejected", note="No.")
    reviews.undo_review(change=finding.label_changes.last(), by=reviewer)
    assert said in client.get("/en/findings/").content.decode()
    assert client.get(f"/en/findings/{finding.public_id}/").context["review"].accepted == proposal
    reviews.review_finding(finding=finding, by=reviewer, review="confirmed")
    page = client.get("/en/findings/").content.decode()
    assert said not in page
    assert "confirmed by a reviewer" in page


def test_a_declined_proposal_is_public_with_both_reasons_and_changes_nothing(client, finding, desk, reviewer):
    before = stored(finding)
    proposal = propose(finding, desk, rejects=True)
    sign_in(client, reviewer)
    assert post(client, "decline-proposal", proposal.pk).status_code == 422  # a reason is required
    assert post(client, "decline-proposal", proposal.pk, reason="it is printed so").status_code == 302
    assert stored(finding) == before
    public = page(Client(), finding)
    assert "declined by a reviewer" in public
    assert "the verb is softer" in public
    assert "it is printed so" in public
    assert "it is printed so" in page(sign_in(Client(), desk), finding)  # the proposer sees the outcome


def test_a_desk_cannot_decide_on_its_own_proposal_even_with_every_other_role(finding, desk, reviewer):
    proposal = propose(finding, desk, strength="invites")
    both = make_account(Role.REVIEWER, Role.EDITOR)
    RoleGrant.objects.create(account=both, role=Role.NATIONAL_DESK, state_id="XA", since=proposal.proposed_at)
    for account in (desk, both):
        for decide in (proposals.accept_proposal, proposals.decline_proposal):
            with pytest.raises(PermissionDenied):
                decide(proposal=proposal, by=account, reason="ours")
        with pytest.raises(PermissionDenied):
            reviews.review_finding(finding=finding, by=account, review="confirmed")
    assert models.CorrectionProposal.objects.get().status == "open"


def test_no_one_decides_on_a_proposal_that_they_made_before_they_became_a_reviewer(finding, desk):
    proposal = propose(finding, desk, strength="invites")
    desk.grants.all().delete()
    RoleGrant.objects.create(account=desk, role=Role.REVIEWER, since=proposal.proposed_at)
    account = type(desk).objects.get(pk=desk.pk)
    assert can_review(account, finding)
    with pytest.raises(PermissionDenied):
        proposals.accept_proposal(proposal=proposal, by=account)


@pytest.mark.parametrize(
    ("columns", "bound"),
    [
        ({"state_id": "XA", "office": "national_contact_point"}, True),
        ({"state_id": "XB", "office": "national_contact_point"}, False),
        ({"state_id": "XA"}, False),  # the state of any member's organisation
        ({"kind": OrganisationKind.MINISTRY, "of": "XA"}, True),
        ({"kind": OrganisationKind.CO_ORDINATING_BODY, "of": "XA"}, True),
        ({"kind": OrganisationKind.MINISTRY, "of": "XB"}, False),
        ({"kind": OrganisationKind.SHELTER_NGO, "of": "XA"}, False),
        ({}, False),
    ],
)
def test_a_reviewer_who_represents_the_state_in_a_network_can_only_propose(finding, reviewer, columns, bound):
    columns = dict(columns)
    if kind := columns.pop("kind", None):
        columns["organisation"] = Organisation.objects.create(
            public_id="office", name="A fictional office", kind=kind, state_id=columns.pop("of")
        )
    make_membership(make_network(), make_person(account=reviewer), **columns)
    assert (can_review(reviewer, finding), can_propose(reviewer, finding)) == (not bound, True)
    if bound:
        assert propose(finding, reviewer, strength="invites").role == "state_representative"


def test_a_former_desk_that_becomes_a_reviewer_is_still_bound(finding, desk):
    now = timezone.now()
    desk.grants.update(since=now - timedelta(days=30), until=now - timedelta(days=1))
    RoleGrant.objects.create(account=desk, role=Role.REVIEWER, since=now)
    assert (can_review(desk, finding), can_propose(desk, finding)) == (False, True)
    desk.grants.filter(role=Role.NATIONAL_DESK).update(until=now - timedelta(days=29))
    assert can_review(type(desk).objects.get(pk=desk.pk), finding)


def test_an_editor_for_one_country_proposes_corrections_on_it(client, finding):
    editor = make_account(Role.EDITOR, state="XA")
    assert (can_review(editor, finding), can_propose(editor, finding)) == (False, True)
    assert propose(finding, editor, strength="invites").role == "editor"


def test_a_finding_has_one_open_proposal_and_a_proposal_changes_something(finding, desk):
    with pytest.raises(proposals.NothingProposed):
        propose(finding, desk, strength="urges", articles=[7])
    propose(finding, desk, strength="invites")
    with pytest.raises(proposals.ProposalExists):
        propose(finding, desk, strength="welcomes")


def test_two_reviewers_cannot_both_decide_on_a_proposal(finding, desk, reviewer):
    proposal = propose(finding, desk, strength="invites")
    proposals.decline_proposal(proposal=proposal, by=reviewer, reason="no")
    with pytest.raises(proposals.ProposalClosed):
        proposals.accept_proposal(proposal=proposal, by=make_account(Role.EDITOR))
    assert stored(finding)[1] == "urges"


def test_a_proposal_is_not_accepted_for_a_label_that_has_changed_since(finding, desk, reviewer):
    proposal, seen = propose(finding, desk, strength="invites"), reviews.review_state(finding)
    reviews.review_finding(finding=finding, by=reviewer, review="confirmed")
    with pytest.raises(reviews.FindingChanged):
        proposals.accept_proposal(proposal=proposal, by=reviewer, seen=seen)
    assert models.CorrectionProposal.objects.get().status == "open"


def test_a_withdrawn_proposal_is_never_public(client, finding, desk):
    proposal = propose(finding, desk, strength="invites")
    other = sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XA"))
    assert post(other, "withdraw-proposal", proposal.pk).status_code == 404  # as if there were none
    assert post(other, "withdraw-proposal", uuid4()).status_code == 404
    assert post(sign_in(client, desk), "withdraw-proposal", proposal.pk).status_code == 302
    assert models.CorrectionProposal.objects.count() == 0
    assert "softer" not in page(Client(), finding)


# --- The public history -----------------------------------------------------------------------------------------------


def test_the_first_line_of_the_history_is_the_automatic_label(client, finding):
    public = page(client, finding)
    assert "History of this label" in public
    assert "Automatic label (extraction software grevio 1)" in public
    assert history(finding) == [("read", None, "urges", "machine", "", "")]


def test_a_correction_or_a_rejection_needs_a_reason_and_a_confirmation_does_not(finding, reviewer):
    for change in ({"review": "rejected"}, {"review": "confirmed", "strength": "invites"}):
        with pytest.raises(reviews.ReasonMissing):
            reviews.review_finding(finding=finding, by=reviewer, **change)
    assert stored(finding)[:2] == ("machine", "urges")
    reviews.review_finding(finding=finding, by=reviewer, review="confirmed")
    assert stored(finding)[:2] == ("confirmed", "urges")


def test_every_reason_field_says_that_it_is_public(client, finding, desk, reviewer):
    for account in (desk, reviewer):
        shown = page(sign_in(client, account), finding)
        assert "Reason (public)" in shown
        assert ">Reason<" not in shown


def test_a_decision_survives_a_newer_reader_and_the_history_says_so(report, finding, reviewer):
    reviews.review_finding(finding=finding, by=reviewer, review="confirmed", strength="encourages", note="softer")
    decided = stored(finding)
    again = [make_finding(1, strength=Strength.INVITES, text=finding.text), make_finding(2, strength=Strength.URGES)]
    second = report.findings.last()
    ingest.reread_report(report=report, read=lambda *_, **__: make_reading(again, reader="grevio 2"))
    assert stored(finding) == decided
    assert [line[0] for line in history(finding)] == ["read", "review", "reread"]
    kept = models.LabelChange.objects.filter(finding=finding.public_id).last()
    assert (kept.before["strength"], kept.after["strength"]) == ("encourages", "encourages")
    assert kept.after["automatic"] == {"strength": "invites", "articles": [7]}
    assert "The label given by a person is kept." in page(Client(), finding)
    assert history(second)[1] == ("reread", "welcomes", "urges", "machine", "", "")


def test_a_finding_returned_for_review_keeps_its_history(report, finding, reviewer):
    reviews.review_finding(finding=finding, by=reviewer, review="confirmed")
    again = [make_finding(1, text="GREVIO urges the authorities to do something else."), make_finding(2)]
    ingest.reread_report(report=report, read=lambda *_, **__: make_reading(again, reader="grevio 1"))
    assert [(line[0], line[3]) for line in history(finding)] == [
        ("read", "machine"),
        ("review", "confirmed"),
        ("reread", "machine"),
    ]
    assert "Returned for review" in page(Client(), finding)


def test_a_newer_reader_that_reads_the_same_adds_no_line(report, finding):
    again = [make_finding(1), make_finding(2, strength=Strength.WELCOMES, articles=("8", "12"))]
    ingest.reread_report(report=report, read=lambda *_, **__: make_reading(again, reader="grevio 2"))
    assert len(history(finding)) == 1


@pytest.mark.parametrize("review", ["confirmed", "rejected"])
def test_a_decision_that_survives_a_newer_reader_without_a_difference_has_a_line_too(report, finding, reviewer, review):
    reviews.review_finding(finding=finding, by=reviewer, review=review, note="as printed")
    decided = stored(finding)
    again = [make_finding(1), make_finding(2, strength=Strength.WELCOMES, articles=("8", "12"))]
    for reader in ("grevio 1", "grevio 2"):  # the first is the same reader: no line
        findings = [replace(one, reader=reader) for one in again]
        ingest.reread_report(report=report, read=lambda *_, f=findings, r=reader, **__: make_reading(f, reader=r))
    assert stored(finding) == decided
    assert [line[0] for line in history(finding)] == ["read", "review", "reread"]
    assert "The label given by a person is kept." in page(Client(), finding)


def test_a_proposal_on_a_finding_that_is_no_longer_found_becomes_outdated(client, report, finding, desk, reviewer):
    proposal = propose(finding, desk, strength="invites")
    ingest.reread_report(report=report, read=lambda *_, **__: make_reading([make_finding(2)], reader="grevio 2"))
    assert models.CorrectionProposal.objects.get().status == "outdated"
    assert post(sign_in(client, reviewer), "accept-proposal", proposal.pk).status_code == 404


# --- Rejection and undo -----------------------------------------------------------------------------------------------


def test_after_a_rejection_the_next_page_says_so_with_an_undo_that_restores_everything(client, report, reviewer):
    first, second = report.findings.all()
    reviews.review_finding(finding=first, by=make_account(Role.EDITOR), review="confirmed", note="as printed")
    before = stored(first)
    first.refresh_from_db()
    sign_in(client, reviewer)
    assert post(client, "review", first.public_id, review="rejected").status_code == 422  # asks for a reason
    seen = reviews.review_state(first)
    answer = post(client, "review", first.public_id, review="rejected", note="told of", seen=seen, and_next="1")
    assert answer["Location"].startswith(reverse("monitoring:finding", args=[second.public_id]))
    shown = client.get(answer["Location"]).content.decode()
    assert "Paragraph 1" in shown
    assert "rejected by a reviewer" in shown
    assert reverse("monitoring:undo-review", args=[first.public_id]) in shown
    change = models.LabelChange.objects.filter(finding=first.public_id).last()
    assert post(client, "undo-review", first.public_id, change=change.pk).status_code == 302
    assert stored(first) == before
    assert [line[0] for line in history(first)] == ["read", "review", "review", "undo"]


def test_an_undo_of_an_acceptance_reopens_the_proposal(finding, desk, reviewer):
    proposal = propose(finding, desk, strength="invites", articles=[3, 7])
    before = stored(finding)
    change = proposals.accept_proposal(proposal=proposal, by=reviewer)
    reviews.undo_review(change=change, by=reviewer)
    assert stored(finding) == before
    reopened = models.CorrectionProposal.objects.get()
    assert (reopened.status, reopened.decided_by, reopened.decision_reason) == ("open", None, "")


def test_only_the_last_review_is_undone_and_only_by_the_person_who_made_it(client, finding, reviewer):
    reviews.review_finding(finding=finding, by=reviewer, review="rejected", note="told of")
    change = models.LabelChange.objects.last()
    other = make_account(Role.EDITOR)
    assert post(sign_in(client, other), "undo-review", finding.public_id, change=change.pk).status_code == 404
    with pytest.raises(reviews.NothingToUndo):
        reviews.undo_review(change=change, by=other)
    reviews.review_finding(finding=finding, by=other, review="confirmed", note="it is one")
    with pytest.raises(reviews.NothingToUndo):
        reviews.undo_review(change=change, by=reviewer)
    assert stored(finding)[0] == "confirmed"
