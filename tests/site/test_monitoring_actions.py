"""A report is there whole or not at all, once, and no reader ever overwrites what a person decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError

from samsvar.errors import NeedsOcr, TooLarge
from samsvar.ids import content_hash, stable_id
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.audit.queries import change_number
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import actions, models, storage
from samsvar.site.monitoring.permissions import can_review, can_upload
from tests.factories.people import make_account
from tests.factories.reports import a_finding, a_reading, make_report
from tests.factories.stored import storages_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def an_empty_storage(settings, tmp_path):
    settings.STORAGES = storages_in(tmp_path)


@pytest.fixture(autouse=True)
def the_states():
    load_convention()


@pytest.fixture
def editor():
    return make_account(Role.EDITOR)


def labels(report):
    return [
        (one.paragraph, one.strength, one.rank, sorted(row.article for row in one.articles.all()), one.review)
        for one in report.findings.all()
    ]


# --- Reading in -------------------------------------------------------------------------------------------------------


def test_a_report_is_stored_with_its_file_its_findings_and_its_account(editor):
    report = make_report(b"content", by=editor, published=date(2023, 5, 11), about={"reference": "GREVIO/Inf(2023)99"})
    assert storage.fetch(content_hash(b"content")) == b"content"
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
    assert [(line.actor, line.verb, line.subject) for line in Entry.objects.filter(verb="read in")] == [
        (editor, "read in", f"report {report.public_id}")
    ]


def test_the_same_file_twice_is_one_report():
    first = make_report(b"content")
    before = change_number()
    again = make_report(b"content", reading=a_reading([a_finding(9)]))
    assert (again, models.Report.objects.count(), change_number()) == (first, 1, before)


def test_ids_come_from_the_file_and_the_paragraph():
    report = make_report(b"content", a_reading([a_finding(1), a_finding(1, strength=Strength.INVITES), a_finding(2)]))
    hash_ = content_hash(b"content")
    assert [finding.public_id for finding in report.findings.all()] == [
        stable_id("finding", hash_, "1", "1"),
        stable_id("finding", hash_, "1", "2"),
        stable_id("finding", hash_, "2", "1"),
    ]


def test_a_refused_file_leaves_nothing_behind():
    def refuse(*_, **__):
        raise NeedsOcr("The pages are pictures.")

    with pytest.raises(NeedsOcr):
        actions.ingest_report(content=b"content", filename="a.pdf", read=refuse)
    assert models.Document.objects.count() == models.Report.objects.count() == 0
    assert storage.fetch(content_hash(b"content")) is None


def test_a_failure_between_the_rows_leaves_no_row(monkeypatch):
    def fail(*_, **__):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(models.FindingArticle.objects, "bulk_create", fail)
    with pytest.raises(DatabaseError):
        make_report(b"content")
    monkeypatch.undo()
    assert models.Document.objects.count() == models.Report.objects.count() == models.Passage.objects.count() == 0
    assert not Entry.objects.filter(verb="read in").exists()
    assert actions.sweep_files(older_than=timedelta(0)) == [storage.place_of(content_hash(b"content"))]


def test_a_file_over_the_limit_is_refused_unread(settings):
    settings.SAMSVAR_UPLOAD_LIMIT = 3
    with pytest.raises(TooLarge, match="4 bytes"):
        make_report(b"1234")


def test_a_report_of_the_catalogue_is_attached_to_its_entry():
    known = models.Document.objects.create(
        public_id="known", origin="catalogue", body="grevio", state_id="XA", reference="GREVIO/Inf(2023)99"
    )
    reading = a_reading([a_finding(1)], reference="GREVIO/Inf (2023) 99")
    assert make_report(b"one", reading).document == known
    assert make_report(b"another file of it", reading).document != known


def test_texts_that_a_database_cannot_hold_are_mended_and_long_labels_cut():
    text = "GREVIO urges\x00 the authorities \ud800to act."
    odd = replace(a_finding(1, text=text), verb="v" * 200, addressee="a" * 500, paragraph="1" * 60, deadline="d" * 900)
    finding = make_report(b"odd", a_reading([odd])).findings.get()
    assert finding.text == "GREVIO urges the authorities ?to act."
    assert (len(finding.verb), len(finding.addressee), len(finding.paragraph), len(finding.deadline)) == (
        80,
        200,
        24,
        120,
    )


# --- A person's judgement ---------------------------------------------------------------------------------------------


def test_a_reviewer_confirms_and_corrects_and_the_machines_label_is_kept(editor):
    report = make_report()
    finding = report.findings.first()
    judged = actions.review_finding(
        finding=finding, by=editor, review="confirmed", strength="encourages", articles=[10, 7], note="softer"
    )
    assert labels(report)[0] == ("1", "encourages", 3, [7, 10], "confirmed")
    assert judged.machine == {"strength": "urges", "articles": [7]}
    assert (judged.reviewed_by, judged.note) == (editor, "softer")
    report.refresh_from_db()
    assert report.revision == 2
    line = Entry.objects.get(subject=f"finding {finding.public_id}")
    assert (line.actor, line.verb, line.details) == (
        editor,
        "confirmed",
        {"strength": "encourages", "articles": [7, 10]},
    )


def test_a_finding_given_back_has_the_machines_label_again(editor):
    report = make_report()
    finding = report.findings.first()
    actions.review_finding(finding=finding, by=editor, review="confirmed", strength="invites", articles=[55])
    judged = actions.review_finding(finding=finding, by=editor, review="machine")
    assert labels(report)[0] == ("1", "urges", 1, [7], "machine")
    assert (judged.reviewed_by, judged.reviewed_at) == (None, None)


def test_two_reviewers_at_once_do_not_overwrite_each_other(editor):
    finding = make_report().findings.first()
    seen = actions.seen_state(finding)
    actions.review_finding(finding=finding, by=editor, review="rejected", seen=seen)
    with pytest.raises(actions.FindingChanged):
        actions.review_finding(finding=finding, by=editor, review="confirmed", seen=seen)
    assert models.Finding.objects.get(pk=finding.pk).review == "rejected"


@pytest.mark.parametrize("who", [AnonymousUser(), "reader", "former editor"])
def test_only_editors_review_and_upload(who, editor):
    if who == "reader":
        who = make_account(Role.READER)
    elif who == "former editor":
        editor.is_active = False
        who = editor
    finding = make_report().findings.first()
    assert (can_review(who, finding), can_upload(who, None)) == (False, False)
    with pytest.raises(PermissionDenied):
        actions.review_finding(finding=finding, by=who, review="rejected")
    assert models.Finding.objects.get(pk=finding.pk).review == "machine"


@pytest.mark.parametrize("label", [{"strength": "begs"}, {"articles": [0]}, {"articles": [82]}])
def test_a_label_that_does_not_exist_is_refused(editor, label):
    finding = make_report().findings.first()
    with pytest.raises(actions.NoSuchLabel):
        actions.review_finding(finding=finding, by=editor, review="confirmed", **label)


def read_again(report, findings, reader="grevio 2"):
    reading = a_reading(findings, reader=reader)
    return actions.reread_report(report=report, read=lambda *_, **__: reading)


def test_a_newer_reader_changes_what_only_a_machine_said():
    report = make_report()
    read_again(report, [a_finding(1, strength=Strength.INVITES, articles=("9",)), a_finding(3)])
    assert labels(report) == [("1", "invites", 4, [9], "machine"), ("3", "urges", 1, [7], "machine")]
    assert (report.reader, report.revision) == ("grevio 2", 2)


def test_a_newer_reader_never_overwrites_what_a_person_decided(editor):
    report = make_report()
    first, second = report.findings.all()
    actions.review_finding(finding=first, by=editor, review="confirmed", strength="encourages", articles=[10])
    actions.review_finding(finding=second, by=editor, review="rejected", note="told of, not concluded")
    same = first.text
    read_again(report, [a_finding(1, strength=Strength.INVITES, text=same), a_finding(2, strength=Strength.WELCOMES)])
    assert labels(report) == [("1", "encourages", 3, [10], "confirmed"), ("2", "welcomes", 5, [8, 12], "rejected")]
    judged = report.findings.first()
    assert (judged.public_id, judged.reviewed_by) == (first.public_id, editor)
    assert judged.machine == {"strength": "invites", "articles": [7]}


def test_a_judged_finding_whose_text_reads_differently_returns_to_the_list(editor):
    report = make_report()
    actions.review_finding(finding=report.findings.first(), by=editor, review="confirmed", note="mine")
    read_again(report, [a_finding(1, text="GREVIO urges the authorities to do something else."), a_finding(2)])
    back = report.findings.first()
    assert (back.review, back.reviewed_by, back.note) == ("machine", None, f"{actions.TEXT_CHANGED} mine")


@pytest.mark.parametrize(
    ("decided", "then", "note"), [("confirmed", "machine", f"{actions.GONE} mine"), ("rejected", "rejected", "mine")]
)
def test_a_judged_finding_that_is_not_found_any_more_is_kept(editor, decided, then, note):
    report = make_report()
    actions.review_finding(finding=report.findings.first(), by=editor, review=decided, note="mine")
    read_again(report, [a_finding(2, strength=Strength.WELCOMES)])
    assert labels(report) == [("2", "welcomes", 5, [7], "machine"), ("1", "urges", 1, [7], then)]
    assert report.findings.last().note == note


def test_a_later_round_is_linked_to_the_finding_it_cites_and_likeness_is_only_proposed():
    asks = "GREVIO urges the authorities to open a rape crisis centre in every region of the country."
    first = make_report(
        b"first", a_reading([a_finding(1, text=asks), a_finding(2)], published=date(2020, 1, 1), reference="A(2020)1")
    )
    later = [
        a_finding(7, text=asks + " It is late.", articles=("7",)),
        a_finding(8, text="GREVIO urges the authorities to do more.", articles=("22",), cites=("A(2020)1 § 2",)),
    ]
    second = make_report(b"second", a_reading(later, published=date(2024, 1, 1), reference="A(2024)9"))
    links = {
        (one.later.paragraph, one.earlier.paragraph, one.basis, one.certain) for one in models.FindingLink.objects.all()
    }
    assert links == {("7", "1", "wording", False), ("8", "2", "citation", True)}
    assert {one.later.report for one in models.FindingLink.objects.all()} == {second}
    assert {one.earlier.report for one in models.FindingLink.objects.all()} == {first}


def test_reading_again_without_the_file_says_so():
    report = make_report()
    storage.remove(storage.place_of(report.content_hash))
    with pytest.raises(actions.FileLost):
        read_again(report, [])


# --- Files ------------------------------------------------------------------------------------------------------------


def test_files_that_no_row_names_are_swept_when_they_are_old_enough(editor):
    kept = make_report(b"named by a report")
    actions.accept_upload(content=b"waits", filename="a", body="auto", state=None, published=None, by=editor)
    storage.store(b"an orphan")
    default_storage.save("reports/ab/.writing-half", ContentFile(b"half"))
    assert actions.sweep_files() == []
    assert sorted(actions.sweep_files(older_than=timedelta(0))) == sorted(
        [storage.place_of(content_hash(b"an orphan")), "reports/ab/.writing-half"]
    )
    assert storage.fetch(kept.content_hash) == b"named by a report"
    assert storage.fetch(content_hash(b"waits")) == b"waits"


def test_a_stored_file_that_is_not_what_its_name_says_counts_as_lost():
    hash_ = storage.store(b"content")
    default_storage.save(storage.place_of(hash_), ContentFile(b"conten"))
    assert storage.fetch(hash_) is None
    assert storage.store(b"content") == hash_
    assert storage.fetch(hash_) == b"content"
