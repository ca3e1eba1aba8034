"""Review in batches: work lists, and confirming all that match filters after looking at a sample."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions import ingest, proposals, reviews, samples
from samsvar.site.monitoring.review import queries
from samsvar.site.monitoring.review.queries import SampleFilters
from samsvar.site.network.models import RoleGrant
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def states_and_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)
    load_convention()


@pytest.fixture
def reviewer():
    return make_account(Role.REVIEWER)


def report_of(number, *, state="XA", strength=Strength.URGES, reference="Fictional (2023) 1"):
    reading = make_reading(
        [make_finding(n, state=state, strength=strength) for n in range(1, number + 1)],
        state=state,
        reference=reference,
    )
    return make_report(f"{state} {reference} {number}".encode(), reading)


def address(name, *args):
    return reverse(f"monitoring:{name}", args=args)


def confirm_sample(sample, by, *, leave=0):
    for public_id in sample.finding_ids[leave:]:
        finding = models.Finding.objects.get(public_id=public_id)
        reviews.review_finding(finding=finding, by=by, review="confirmed")


def selection(by, sample):
    """Return what the page of the sample posts as `seen`."""
    waiting = queries.findings_to_confirm(by, SampleFilters(**sample.filters), sample=sample)
    return queries.hash_selection(waiting.values_list("public_id", flat=True))


def confirm_rest(sample, by):
    return samples.confirm_after_sample(sample=sample, by=by, seen=selection(by, sample))


def waiting():
    return models.Finding.objects.filter(review="machine").count()


# --- Work lists -------------------------------------------------------------------------------------------------------


def test_the_work_list_shows_the_progress_of_each_report(client, reviewer):
    first, _other = report_of(3), report_of(2, state="XB")
    reviews.review_finding(finding=first.findings.first(), by=reviewer, review="confirmed")
    sign_in(client, reviewer)
    text = client.get(address("work-list")).content.decode()
    assert "1 of 3 reviewed" in text
    assert "0 of 2 reviewed" in text
    page = client.get(address("report-work-list", first.public_id)).content.decode()
    assert "2 findings to review" in page
    next_one = first.findings.all()[1]
    assert address("finding", next_one.public_id) in page


def test_the_work_list_of_a_desk_has_its_proposals_and_their_outcome_and_no_reports(client, reviewer):
    report = report_of(2)
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    proposal = proposals.propose_correction(
        finding=report.findings.first(), by=desk, strength="invites", reason="the verb is softer"
    )
    assert "the verb is softer" in sign_in(Client(), reviewer).get(address("work-list")).content.decode()
    proposals.decline_proposal(proposal=proposal, by=reviewer, reason="it is printed so")
    text = sign_in(client, desk).get(address("work-list")).content.decode()
    assert "the verb is softer" in text
    assert "it is printed so" in text
    assert "declined" in text
    assert "of 2 reviewed" not in text
    assert "the verb is softer" not in sign_in(Client(), reviewer).get(address("work-list")).content.decode()


def test_a_reviewer_bound_to_a_state_finds_only_the_reports_on_others(client):
    own, other = report_of(2), report_of(2, state="XB", reference="Fictional (2023) 2")
    account = make_account(Role.REVIEWER)
    RoleGrant.objects.create(account=account, role=Role.NATIONAL_DESK, state_id="XA", since=own.read_at)
    sign_in(client, account)
    text = client.get(address("work-list")).content.decode()
    assert address("report-work-list", other.public_id) in text
    assert address("report-work-list", own.public_id) not in text
    assert client.get(address("report-work-list", own.public_id)).status_code == 404


def test_the_number_of_queries_of_the_work_lists_does_not_depend_on_their_length(client, reviewer):
    def count_queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(address("work-list"))
            client.get(address("report-work-list", report.public_id))
        return len(captured)

    sign_in(client, reviewer)
    report = report_of(2)
    client.get(address("work-list"))
    few = count_queries()
    report = report_of(30, state="XB")
    report_of(3, state="XC")
    assert count_queries() == few


def test_shortcuts_can_be_turned_off_and_only_reviewers_have_them(client, reviewer):
    report = report_of(2)
    page = address("finding", report.findings.first().public_id)
    assert "shortcuts.js" not in client.get(page).content.decode()
    sign_in(client, reviewer)
    shown = client.get(page).content.decode()
    assert "shortcuts.js" in shown
    for key in "cerj":
        assert f'data-shortcut="{key}"' in shown
    client.post(address("toggle-shortcuts"))
    shown = client.get(page).content.decode()
    assert "shortcuts.js" not in shown
    assert "data-shortcut" not in shown
    client.post(address("toggle-shortcuts"))
    assert "shortcuts.js" in client.get(page).content.decode()


# --- Confirm all after a sample ---------------------------------------------------------------------------------------


def test_a_sample_of_twenty_is_the_same_for_everyone_and_for_all_filters_that_match_the_same(reviewer):
    report = report_of(60)
    filters = SampleFilters(report=report.public_id)
    first = samples.draw_sample(filters=filters, by=reviewer)
    again = samples.draw_sample(filters=filters, by=make_account(Role.EDITOR))
    other = samples.draw_sample(filters=SampleFilters(strength="urges"), by=make_account(Role.REVIEWER))
    assert (len(first.finding_ids), first.matching) == (20, 60)
    assert first.finding_ids == again.finding_ids
    assert first.finding_ids == other.finding_ids
    ordinals = models.Finding.objects.in_bulk(first.finding_ids, field_name="public_id")
    assert max(one.ordinal for one in ordinals.values()) > 30  # not simply the first ones


def test_all_others_are_confirmed_at_once_after_a_confirmed_sample(client, reviewer):
    report = report_of(24)
    sign_in(client, reviewer)
    drawn = client.post(address("draw-sample"), {"report": report.public_id})
    sample = models.ReviewSample.objects.get()
    assert drawn["Location"] == address("sample", sample.pk)
    assert "Confirm all 4 other findings" not in client.get(drawn["Location"]).content.decode()
    confirm_sample(sample, reviewer)
    page = client.get(drawn["Location"]).content.decode()
    assert "Confirm all 4 other findings" in page
    client.post(address("confirm-after-sample", sample.pk), {"seen": selection(reviewer, sample)})
    assert waiting() == 0
    changes = models.LabelChange.objects.filter(cause="sample")
    assert {(one.before["review"], one.after["review"], one.role, one.by) for one in changes} == {
        ("machine", "confirmed", "reviewer", reviewer)
    }
    assert {one.finding_id for one in changes} == {
        one.public_id for one in report.findings.exclude(public_id__in=sample.finding_ids)
    }
    entry = AuditEntry.objects.get(verb="confirmed findings after a sample")
    assert entry.details == {"filters": {"report": report.public_id}, "confirmed": 4, "sample": 20}
    public = Client().get(address("finding", changes.first().finding_id)).content.decode()
    assert "together with 3 others" in public
    assert "after a sample of 20" in public


def test_after_a_sample_its_page_says_how_many_labels_were_right_before_and_after(client, reviewer):
    report = report_of(24)
    first, second, third = report.findings.order_by("pk")[:3]
    reviews.review_finding(finding=first, by=reviewer, review="confirmed")
    reviews.review_finding(finding=second, by=reviewer, review="rejected", note="A quotation")
    reviews.review_finding(finding=third, by=make_account(Role.REVIEWER), review="confirmed")
    sample = samples.draw_sample(filters=SampleFilters(), by=reviewer)
    confirm_sample(sample, reviewer, leave=1)
    sign_in(client, reviewer)
    page = client.get(address("sample", sample.pk)).content.decode()
    assert "Accuracy of automatic labels" not in page  # one still waits
    finding = models.Finding.objects.get(public_id=sample.finding_ids[0])
    reviews.review_finding(finding=finding, by=reviewer, review="confirmed", strength="invites", note="softer")
    page = " ".join(client.get(address("sample", sample.pk)).content.decode().split())
    assert "This sample</dt> <dd> 19 of 20 right: 95% (95% interval: 76–100%)" in page
    assert "Reviewed one by one before it</dt> <dd> 2 of 3 right: 67% (95% interval: 20–94%)" in page
    assert "Together</dt> <dd> 21 of 23 right: 91% (95% interval: 73–98%)" in page


def test_findings_are_judged_on_the_page_of_the_sample_and_the_notice_returns_there(client, reviewer):
    report_of(3)
    sign_in(client, reviewer)
    client.post(address("draw-sample"))
    sample = models.ReviewSample.objects.get()
    page = client.get(address("sample", sample.pk)).content.decode()
    first = models.Finding.objects.get(public_id=sample.finding_ids[0])
    assert page.count(reverse("monitoring:review", args=[first.public_id])) == 3  # confirm, correct, reject
    assert page.count('data-shortcut="c"') == 1  # only the first that waits
    values = {"review": "confirmed", "seen": reviews.review_state(first), "sample": str(sample.pk)}
    answer = client.post(address("review", first.public_id), values)
    assert answer["Location"].startswith(address("sample", sample.pk) + "?reviewed=")
    assert answer["Location"].endswith("#next")  # the notice, with Undo, is above the next card
    page = client.get(answer["Location"]).content.decode()
    assert "1 judged" in page
    assert page.index('id="next"') < page.index(reverse("monitoring:undo-review", args=[first.public_id]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"review": "rejected", "note": "told of"},
        {"review": "confirmed", "strength": "invites", "note": "softer"},
        None,  # not judged
    ],
)
def test_one_wrong_or_missing_judgement_in_the_sample_leaves_the_others_alone(reviewer, wrong):
    report_of(24)
    sample = samples.draw_sample(filters=SampleFilters(), by=reviewer)
    confirm_sample(sample, reviewer, leave=1)
    if wrong:
        finding = models.Finding.objects.get(public_id=sample.finding_ids[0])
        reviews.review_finding(finding=finding, by=reviewer, **wrong)
    before = waiting()
    with pytest.raises(samples.SampleNotConfirmed):
        confirm_rest(sample, reviewer)
    assert waiting() == before
    assert not models.LabelChange.objects.filter(cause="sample").exists()


def test_confirmations_by_others_or_after_another_sample_do_not_count_as_judgements(reviewer):
    report_of(24)
    sample = samples.draw_sample(filters=SampleFilters(), by=reviewer)
    confirm_sample(sample, make_account(Role.EDITOR))
    with pytest.raises(samples.SampleNotConfirmed):
        confirm_rest(sample, reviewer)
    with pytest.raises(PermissionDenied):
        samples.confirm_after_sample(sample=sample, by=make_account(Role.EDITOR), seen="")


def test_what_was_read_or_judged_or_proposed_since_the_sample_is_not_confirmed_with_it(reviewer):
    report = report_of(26)
    sample = samples.draw_sample(filters=SampleFilters(), by=reviewer)
    confirm_sample(sample, reviewer)
    seen = selection(reviewer, sample)
    rest = list(report.findings.exclude(public_id__in=sample.finding_ids))
    other = make_account(Role.EDITOR)
    reviews.review_finding(finding=rest[0], by=other, review="rejected", note="told of")
    with pytest.raises(samples.SelectionChanged):
        samples.confirm_after_sample(sample=sample, by=reviewer, seen=seen)
    reviews.review_finding(finding=rest[1], by=other, review="confirmed")
    reviews.review_finding(finding=rest[1], by=other, review="machine")  # to be looked at again
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    proposals.propose_correction(finding=rest[2], by=desk, strength="invites", reason="softer")
    later = report_of(2, state="XB")
    done = confirm_rest(sample, reviewer)
    assert done.confirmed == 3
    left = {*(one.public_id for one in rest[1:3]), *(one.public_id for one in later.findings.all())}
    assert set(models.Finding.objects.filter(review="machine").values_list("public_id", flat=True)) == left
    with pytest.raises(samples.SampleClosed):
        confirm_rest(sample, reviewer)


def test_a_label_that_a_newer_reader_changed_since_the_sample_is_not_confirmed_with_it(reviewer):
    report = report_of(22)
    sample = samples.draw_sample(filters=SampleFilters(), by=reviewer)
    confirm_sample(sample, reviewer)
    rest = report.findings.exclude(public_id__in=sample.finding_ids).first()
    again = [
        make_finding(n, strength=Strength.INVITES if str(n) == rest.paragraph else Strength.URGES) for n in range(1, 23)
    ]
    ingest.reread_report(report=report, read=lambda *_, **__: make_reading(again, reader="grevio 2"))
    assert confirm_rest(sample, reviewer).confirmed == 1
    assert models.Finding.objects.get(public_id=rest.public_id).review == "machine"


def test_no_one_confirms_findings_on_a_state_that_they_are_bound_to_after_a_sample(client):
    own, other = report_of(22), report_of(22, state="XB")
    account = make_account(Role.REVIEWER, Role.EDITOR)
    RoleGrant.objects.create(account=account, role=Role.NATIONAL_DESK, state_id="XA", since=own.read_at)
    with pytest.raises(samples.NothingToConfirm):
        samples.draw_sample(filters=SampleFilters(state="XA"), by=account)
    sample = samples.draw_sample(filters=SampleFilters(), by=account)
    assert sample.matching == 22
    confirm_sample(sample, account)
    assert confirm_rest(sample, account).confirmed == 2
    assert set(own.findings.values_list("review", flat=True)) == {"machine"}
    assert set(other.findings.values_list("review", flat=True)) == {"confirmed"}
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    with pytest.raises(PermissionDenied):
        samples.draw_sample(filters=SampleFilters(), by=desk)


def test_a_bond_that_begins_after_the_sample_was_drawn_excludes_the_state(reviewer):
    report = report_of(22)
    sample = samples.draw_sample(filters=SampleFilters(), by=reviewer)
    confirm_sample(sample, reviewer)
    RoleGrant.objects.create(account=reviewer, role=Role.NATIONAL_DESK, state_id="XA", since=report.read_at)
    bound = type(reviewer).objects.get(pk=reviewer.pk)
    with pytest.raises(samples.NothingToConfirm):
        confirm_rest(sample, bound)
    assert waiting() == 2


def test_confirming_many_takes_as_many_statements_as_confirming_few(reviewer):
    def statements(number, state):
        report = report_of(number, state=state)
        sample = samples.draw_sample(filters=SampleFilters(report=report.public_id), by=reviewer)
        confirm_sample(sample, reviewer)
        seen = selection(reviewer, sample)
        with CaptureQueriesContext(connection) as captured:
            samples.confirm_after_sample(sample=sample, by=reviewer, seen=seen)
        return len(captured)

    few = statements(22, "XA")
    assert statements(80, "XB") == few
    assert few < 25


def test_a_finding_confirmed_after_a_sample_can_be_undone_by_itself(reviewer):
    report_of(22)
    sample = samples.draw_sample(filters=SampleFilters(), by=reviewer)
    confirm_sample(sample, reviewer)
    confirm_rest(sample, reviewer)
    reviews.undo_review(change=models.LabelChange.objects.filter(cause="sample").first(), by=reviewer)
    assert waiting() == 1


def test_a_sample_is_kept_until_it_is_decided_so_that_no_one_draws_until_one_is_pleasant(client, reviewer):
    report = report_of(60)
    filters, same = SampleFilters(report=report.public_id), SampleFilters(report=report.public_id, state="xa")
    first = samples.draw_sample(filters=filters, by=reviewer)
    rejected = models.Finding.objects.get(public_id=first.finding_ids[0])
    for by in (reviewer, make_account(Role.EDITOR)):  # a finding that leaves the sample brings no other one
        reviews.review_finding(finding=rejected, by=by, review="rejected", note="It is not one.")
        for chosen in (filters, same):
            assert samples.draw_sample(filters=chosen, by=reviewer) == first
    sign_in(client, reviewer)
    answer = client.post(address("draw-sample"), {"report": report.public_id})
    assert answer["Location"] == address("sample", first.pk)
    assert "you cannot draw another one from the same findings" in client.get(answer["Location"]).content.decode()
    assert AuditEntry.objects.filter(verb="drew a sample").count() == 1
    assert samples.draw_sample(filters=filters, by=make_account(Role.REVIEWER)) != first  # it is kept for one reviewer
    models.ReviewSample.objects.filter(pk=first.pk).update(drawn_at=first.drawn_at - queries.SAMPLE_PERIOD)
    assert samples.draw_sample(filters=filters, by=reviewer) != first


def test_a_decided_sample_or_one_that_was_read_again_does_not_prevent_another(reviewer):
    reading = make_reading([make_finding(n) for n in range(1, 31)])
    report = make_report(b"thirty", reading)
    filters = SampleFilters(report=report.public_id)
    first = samples.draw_sample(filters=filters, by=reviewer)
    newer = make_reading([make_finding(n, strength=Strength.INVITES) for n in range(1, 31)])
    ingest.reread_report(report=report, read=lambda *_, **__: newer)
    second = samples.draw_sample(filters=filters, by=reviewer)
    assert second != first
    confirm_sample(second, reviewer)
    assert samples.draw_sample(filters=filters, by=reviewer) == second
    confirm_rest(second, reviewer)
    with pytest.raises(samples.NothingToConfirm):
        samples.draw_sample(filters=filters, by=reviewer)


@pytest.mark.parametrize(
    ("filters", "matching"),
    [
        ({}, 7),
        ({"strength": "urges"}, 4),
        ({"strength": "none"}, 3),
        ({"state": "xb"}, 3),
        ({"article": "7"}, 7),
        ({"article": "8"}, 0),
        ({"article": "x"}, 0),
        ({"procedure": "baseline"}, 7),
        ({"procedure": "thematic"}, 0),
        ({"report": "nothing"}, 0),
        ({"state": "XA", "strength": "none"}, 0),
    ],
)
def test_the_filters_of_a_sample(client, reviewer, filters, matching):
    report_of(4)
    report_of(3, state="XB", strength=None, reference="Fictional (2023) 2")
    sign_in(client, reviewer)
    page = client.get(address("draw-sample"), filters)
    assert page.context["choices"].matching == matching
    assert client.post(address("draw-sample"), filters).status_code == (302 if matching else 409)
