"""A report is saved completely or not at all, and only once; no extraction software overwrites a person's review."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from samsvar.errors import OcrRequired, ReportTooLarge
from samsvar.ids import hash_content, stable_id
from samsvar.monitoring import lineage
from samsvar.monitoring.report import StatePosition, Strength
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.audit.queries import get_change_number
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import models, storage
from samsvar.site.monitoring.actions import ingest, reviews, uploads
from samsvar.site.monitoring.permissions import can_review, can_upload
from samsvar.site.monitoring.queries import to_library_finding
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)


@pytest.fixture(autouse=True)
def states():
    load_convention()


@pytest.fixture
def editor():
    return make_account(Role.EDITOR)


def labels(report):
    return [
        (one.paragraph, one.strength, one.rank, sorted(row.article for row in one.articles.all()), one.review)
        for one in report.findings.all()
    ]


# --- Review by a person -----------------------------------------------------------------------------------------------


def test_a_report_is_saved_with_its_file_findings_and_extraction_report(editor):
    report = make_report(b"content", by=editor, published=date(2023, 5, 11), about={"reference": "GREVIO/Inf(2023)99"})
    assert storage.fetch(hash_content(b"content")) == b"content"
    assert labels(report) == [("1", "urges", 1, [7], "machine"), ("2", "welcomes", 5, [8, 12], "machine")]
    assert [passage.number for passage in report.passages.all()] == ["1", "2"]
    assert [finding.passage.number for finding in report.findings.all()] == ["1", "2"]
    assert (report.document.reference, report.document.published, report.document.state_id) == (
        "GREVIO/Inf(2023)99",
        "2023-05-11",
        "XA",
    )
    account = report.account
    unexplained = sum(len("".join(line["text"].split())) for line in account["unexplained"])
    assert account["read"] == account["understood"] + sum(account["set_aside"].values()) + unexplained
    assert [(line.actor, line.verb, line.subject) for line in AuditEntry.objects.filter(verb="imported a report")] == [
        (editor, "imported a report", f"report {report.public_id}")
    ]


def test_the_states_position_on_a_recommendation_is_saved_and_read_again():
    reading = make_reading([replace(make_finding(1), state_position=StatePosition.NOTED), make_finding(2)])
    noted, without = make_report(b"review", reading=reading).findings.prefetch_related("articles")
    assert (noted.state_position, without.state_position) == ("noted", "")
    assert to_library_finding(noted).state_position is StatePosition.NOTED
    assert to_library_finding(without).state_position is None


def test_the_same_file_twice_gives_one_report():
    first = make_report(b"content")
    before = get_change_number()
    again = make_report(b"content", reading=make_reading([make_finding(9)]))
    assert (again, models.Report.objects.count(), get_change_number()) == (first, 1, before)


def test_finding_ids_are_derived_from_the_file_and_the_paragraph():
    report = make_report(
        b"content", make_reading([make_finding(1), make_finding(1, strength=Strength.INVITES), make_finding(2)])
    )
    hash_ = hash_content(b"content")
    assert [finding.public_id for finding in report.findings.all()] == [
        stable_id("finding", hash_, "1", "1"),
        stable_id("finding", hash_, "1", "2"),
        stable_id("finding", hash_, "2", "1"),
    ]


def test_a_refused_file_leaves_nothing_behind():
    def refuse(*_, **__):
        raise OcrRequired("The pages are pictures.")

    with pytest.raises(OcrRequired):
        ingest.import_report(content=b"content", filename="a.pdf", read=refuse)
    assert models.Document.objects.count() == models.Report.objects.count() == 0
    assert storage.fetch(hash_content(b"content")) is None


def test_a_database_error_halfway_leaves_no_rows(monkeypatch):
    def fail(*_, **__):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(models.FindingArticle.objects, "bulk_create", fail)
    with pytest.raises(DatabaseError):
        make_report(b"content")
    monkeypatch.undo()
    assert models.Document.objects.count() == models.Report.objects.count() == models.Passage.objects.count() == 0
    assert not AuditEntry.objects.filter(verb="imported a report").exists()
    assert uploads.delete_orphaned_files(older_than=timedelta(0)) == [storage.storage_name(hash_content(b"content"))]


def test_a_file_over_the_limit_is_refused_without_being_read(settings):
    settings.SAMSVAR_UPLOAD_LIMIT = 3
    with pytest.raises(ReportTooLarge, match="4 bytes"):
        make_report(b"1234")


def test_a_report_is_attached_to_its_catalogue_entry():
    known = models.Document.objects.create(
        public_id="known", origin="catalogue", body="grevio", state_id="XA", reference="GREVIO/Inf(2023)99"
    )
    reading = make_reading([make_finding(1)], reference="GREVIO/Inf (2023) 99")
    assert make_report(b"one", reading).document == known
    assert make_report(b"another file of it", reading).document != known


def test_invalid_characters_are_removed_or_replaced_and_long_labels_cut():
    text = "GREVIO urges\x00 the authorities \ud800to act."
    odd = replace(
        make_finding(1, text=text), verb="v" * 200, addressee="a" * 500, paragraph="1" * 60, deadline="d" * 900
    )
    finding = make_report(b"odd", make_reading([odd])).findings.get()
    assert finding.text == "GREVIO urges the authorities ?to act."
    assert (len(finding.verb), len(finding.addressee), len(finding.paragraph), len(finding.deadline)) == (
        80,
        200,
        24,
        120,
    )


# --- Review by a person -----------------------------------------------------------------------------------------------


def test_a_correction_by_a_reviewer_keeps_the_automatic_label(editor):
    report = make_report()
    finding = report.findings.first()
    judged = reviews.review_finding(
        finding=finding, by=editor, review="confirmed", strength="encourages", articles=[10, 7], note="softer"
    )
    assert labels(report)[0] == ("1", "encourages", 3, [7, 10], "confirmed")
    assert judged.machine == {"strength": "urges", "articles": [7]}
    assert (judged.reviewed_by, judged.note) == (editor, "softer")
    report.refresh_from_db()
    assert report.revision == 2
    line = AuditEntry.objects.get(subject=f"finding {finding.public_id}")
    assert (line.actor, line.verb, line.details) == (
        editor,
        "confirmed",
        {"strength": "encourages", "articles": [7, 10]},
    )


def test_undoing_a_review_restores_the_automatic_label(editor):
    report = make_report()
    finding = report.findings.first()
    label = {"strength": "invites", "articles": [55]}
    reviews.review_finding(finding=finding, by=editor, review="confirmed", note="softer", **label)
    judged = reviews.review_finding(finding=finding, by=editor, review="machine", note="as printed")
    assert labels(report)[0] == ("1", "urges", 1, [7], "machine")
    assert (judged.reviewed_by, judged.reviewed_at) == (None, None)


def test_two_reviewers_at_once_do_not_overwrite_each_other(editor):
    finding = make_report().findings.first()
    seen = reviews.review_state(finding)
    reviews.review_finding(finding=finding, by=editor, review="rejected", note="told of", seen=seen)
    with pytest.raises(reviews.FindingChanged):
        reviews.review_finding(finding=finding, by=editor, review="confirmed", seen=seen)
    assert models.Finding.objects.get(pk=finding.pk).review == "rejected"


@pytest.mark.parametrize("who", [AnonymousUser(), "reader", "former editor"])
def test_only_editors_can_review_and_upload(who, editor):
    if who == "reader":
        who = make_account(Role.READER)
    elif who == "former editor":
        editor.is_active = False
        who = editor
    finding = make_report().findings.first()
    assert (can_review(who, finding), can_upload(who, None)) == (False, False)
    with pytest.raises(PermissionDenied):
        reviews.review_finding(finding=finding, by=who, review="rejected")
    assert models.Finding.objects.get(pk=finding.pk).review == "machine"


@pytest.mark.parametrize("label", [{"strength": "begs"}, {"articles": [0]}, {"articles": [82]}])
def test_a_label_that_does_not_exist_is_refused(editor, label):
    finding = make_report().findings.first()
    with pytest.raises(reviews.UnknownLabel):
        reviews.review_finding(finding=finding, by=editor, review="confirmed", **label)


def reread(report, findings, reader="grevio 2"):
    reading = make_reading(findings, reader=reader)
    return ingest.reread_report(report=report, read=lambda *_, **__: reading)


def test_rereading_updates_labels_that_no_one_has_reviewed():
    report = make_report()
    reread(report, [make_finding(1, strength=Strength.INVITES, articles=("9",)), make_finding(3)])
    assert labels(report) == [("1", "invites", 4, [9], "machine"), ("3", "urges", 1, [7], "machine")]
    assert (report.reader, report.revision) == ("grevio 2", 2)


def test_rereading_never_overwrites_a_review(editor):
    report = make_report()
    first, second = report.findings.all()
    label = {"strength": "encourages", "articles": [10]}
    reviews.review_finding(finding=first, by=editor, review="confirmed", note="softer", **label)
    reviews.review_finding(finding=second, by=editor, review="rejected", note="told of, not concluded")
    same = first.text
    reread(report, [make_finding(1, strength=Strength.INVITES, text=same), make_finding(2, strength=Strength.WELCOMES)])
    assert labels(report) == [("1", "encourages", 3, [10], "confirmed"), ("2", "welcomes", 5, [8, 12], "rejected")]
    judged = report.findings.first()
    assert (judged.public_id, judged.reviewed_by) == (first.public_id, editor)
    assert judged.machine == {"strength": "invites", "articles": [7]}


def test_a_reviewed_finding_whose_text_has_changed_must_be_reviewed_again(editor):
    report = make_report()
    reviews.review_finding(finding=report.findings.first(), by=editor, review="confirmed", note="mine")
    reread(report, [make_finding(1, text="GREVIO urges the authorities to do something else."), make_finding(2)])
    back = report.findings.first()
    assert (back.review, back.reviewed_by, back.note) == ("machine", None, f"{ingest.TEXT_CHANGED_NOTE} mine")


@pytest.mark.parametrize(
    ("decided", "then", "note"),
    [("confirmed", "machine", f"{ingest.GONE_NOTE} mine"), ("rejected", "rejected", "mine")],
)
def test_a_reviewed_finding_that_is_no_longer_found_is_kept(editor, decided, then, note):
    report = make_report()
    reviews.review_finding(finding=report.findings.first(), by=editor, review=decided, note="mine")
    reread(report, [make_finding(2, strength=Strength.WELCOMES)])
    assert labels(report) == [("2", "welcomes", 5, [7], "machine"), ("1", "urges", 1, [7], then)]
    assert report.findings.last().note == note


def test_a_citation_links_findings_and_similar_wording_only_suggests_a_link():
    asks = "GREVIO urges the authorities to open a rape crisis centre in every region of the country."
    first = make_report(
        b"first",
        make_reading([make_finding(1, text=asks), make_finding(2)], published=date(2020, 1, 1), reference="A(2020)1"),
    )
    later = [
        make_finding(7, text=asks + " It is late.", articles=("7",)),
        make_finding(8, text="GREVIO urges the authorities to do more.", articles=("22",), cites=("A(2020)1 § 2",)),
    ]
    second = make_report(b"second", make_reading(later, published=date(2024, 1, 1), reference="A(2024)9"))
    links = {
        (one.later.paragraph, one.earlier.paragraph, one.basis, one.certain) for one in models.FindingLink.objects.all()
    }
    assert links == {("7", "1", "wording", False), ("8", "2", "citation", True)}
    assert {one.later.report for one in models.FindingLink.objects.all()} == {second}
    assert {one.earlier.report for one in models.FindingLink.objects.all()} == {first}


def test_rereading_a_report_whose_file_is_lost_is_an_error():
    report = make_report()
    storage.remove(storage.storage_name(report.content_hash))
    with pytest.raises(ingest.FileMissing):
        reread(report, [])


# --- Files ------------------------------------------------------------------------------------------------------------


def test_unreferenced_files_are_deleted_once_they_are_old_enough(editor):
    kept = make_report(b"named by a report")
    uploads.accept_upload(content=b"waits", filename="a", body="auto", state=None, published=None, by=editor)
    storage.store(b"an orphan")
    default_storage.save("reports/ab/.writing-half", ContentFile(b"half"))
    assert uploads.delete_orphaned_files() == []
    assert sorted(uploads.delete_orphaned_files(older_than=timedelta(0))) == sorted(
        [storage.storage_name(hash_content(b"an orphan")), "reports/ab/.writing-half"]
    )
    assert storage.fetch(kept.content_hash) == b"named by a report"
    assert storage.fetch(hash_content(b"waits")) == b"waits"


def test_a_stored_file_that_does_not_match_its_hash_counts_as_lost():
    hash_ = storage.store(b"content")
    default_storage.save(storage.storage_name(hash_), ContentFile(b"conten"))
    assert storage.fetch(hash_) is None
    assert storage.store(b"content") == hash_
    assert storage.fetch(hash_) == b"content"


def make_two_rounds() -> tuple[models.Report, models.Report]:
    """Import two rounds on one state; the second cites the first."""
    reference = "GREVIO/Inf(2020)901"
    first = make_report(b"a", make_reading([make_finding(1), make_finding(2)], published=date(2020, 1, 1)),
                        about={"reference": reference})  # fmt: skip
    cites = [make_finding(1, cites=(f"{reference} § 1",)), make_finding(2, cites=(f"{reference} § 2",))]
    second = make_report(
        b"b", make_reading(cites, published=date(2025, 1, 1)), about={"reference": "GREVIO/Inf(2025)1"}
    )
    return first, second


def test_links_are_computed_outside_any_transaction_and_only_the_difference_is_written(transactional_db, monkeypatch):
    in_transaction = []

    def find_links(published):
        in_transaction.append(connection.in_atomic_block)
        return lineage.find_links(published)

    monkeypatch.setattr(reviews, "find_links", find_links)
    _first, second = make_two_rounds()
    assert (in_transaction, models.FindingLink.objects.count()) == ([False, False], 2)
    before = set(models.FindingLink.objects.values_list("pk", flat=True))
    number = get_change_number()
    reviews.link_findings(state="XA")
    assert get_change_number() == number  # nothing differs, so nothing is written
    second.findings.filter(ordinal=0).update(review="rejected")
    reviews.link_findings(state="XA")
    assert set(models.FindingLink.objects.values_list("pk", flat=True)) < before


def test_links_of_findings_that_changed_meanwhile_are_computed_again(monkeypatch):
    make_two_rounds()
    models.FindingLink.objects.all().delete()
    runs = []

    def find_links(published):
        if not runs:  # a reviewer rejects a finding while the links are computed
            later = models.Finding.objects.get(report__document__published="2025-01-01", paragraph="1")
            reviews.review_finding(finding=later, by=make_account(Role.EDITOR), review="rejected", note="told of")
        runs.append(len(published))
        return lineage.find_links(published)

    monkeypatch.setattr(reviews, "find_links", find_links)
    reviews.link_findings(state="XA")
    assert runs == [4, 3]
    assert [link.later.paragraph for link in models.FindingLink.objects.all()] == ["2"]
