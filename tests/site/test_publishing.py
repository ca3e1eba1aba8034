"""From an upload to a public report: draft, details, publication, withdrawal, deletion, and the same file again."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from samsvar.monitoring.report import TitlePage
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.audit.queries import get_change_number
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import models, storage
from samsvar.site.monitoring.actions import catalogue, publishing, uploads
from samsvar.site.monitoring.queries import report_state
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings

TEXT = (
    b"GREVIO/Inf(2023)77\n\nGREVIO\n\n(Baseline) Evaluation Report\n\nNordmark\n\n"
    b"1. GREVIO urges the Nordmark authorities to train the police.\n\n2. GREVIO welcomes the shelters of the state.\n"
)


@pytest.fixture(autouse=True)
def empty_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)


@pytest.fixture
def editor(db):
    load_convention()
    return make_account(Role.EDITOR)


@pytest.fixture
def desk(editor):
    return make_account(Role.NATIONAL_DESK, state="XA")


@pytest.fixture
def signed_in(client, editor):
    client.force_login(editor)
    return client


def upload(client, *files: tuple[str, bytes], **fields):
    data = {"file": [SimpleUploadedFile(*file) for file in files], "body": "auto", "state": "XA", **fields}
    return client.post(reverse("monitoring:upload"), data)


def details_of(report: models.Report, **changed: str) -> dict[str, str]:
    document = report.document
    return {
        "body": document.body, "state": document.state_id or "", "procedure": document.procedure,
        "reference": document.reference, "published": document.published, "title": document.title,
        "language": document.language, "seen": report_state(report), "reason": "as printed", **changed,
    }  # fmt: skip


def address(name: str, report: models.Report) -> str:
    return reverse(f"monitoring:{name}", args=[report.public_id])


def publish(client, report: models.Report):
    report = models.Report.everything.get(pk=report.pk)
    return client.post(address("publish-report", report), {"seen": report_state(report)})


# --- Draft and publication --------------------------------------------------------------------------------------------


def test_an_upload_becomes_a_draft_that_an_editor_checks_and_publishes(signed_in, client):
    answer = upload(signed_in, ("report.txt", TEXT), body="grevio", published="2023-05-11")
    page = signed_in.get(answer["Location"]).content.decode()
    report = models.Report.everything.get()
    assert address("report-details", report) in page
    assert (report.status, models.Report.objects.count(), models.Finding.objects.count()) == ("draft", 0, 0)
    details = signed_in.get(address("report-details", report)).content.decode()
    assert "Is this right?" in details
    assert 'value="GREVIO/Inf(2023)77"' in details
    assert publish(signed_in, report).status_code == 302
    report.refresh_from_db()
    assert (report.status, models.Finding.objects.count()) == ("published", 2)
    assert AuditEntry.objects.filter(verb="published", subject=f"report {report.public_id}").exists()


def test_what_was_entered_wins_over_the_title_page_and_the_difference_is_shown(signed_in):
    upload(signed_in, ("report.txt", TEXT), body="cedaw", state="XB")
    report = models.Report.everything.get()
    assert (report.document.body, report.document.state_id) == ("cedaw", "XB")
    page = signed_in.get(address("report-details", report)).content.decode()
    assert "Details that differ from the title page" in page
    shown = {one.field: (one.current, one.other) for one in differences(signed_in, report)}
    assert (shown["body"], shown["state"]) == (("cedaw", "grevio"), ("XB", "XA"))


def differences(client, report):
    return client.get(address("report-details", report)).context["page"].title_page_differences


def test_a_title_and_a_date_are_taken_from_the_file_if_no_one_entered_them(editor):
    reading = make_reading([make_finding(1)], published=None)
    title_page = TitlePage("grevio", "XA", None, None, "Baseline evaluation report", date(2023, 5, 11), "en")
    report = make_report(b"a", replace(reading, title_page=title_page), publish=False)
    assert (report.document.title, report.document.published) == ("Baseline evaluation report", "2023-05-11")


def test_details_can_be_corrected_before_and_after_publication(signed_in):
    report = make_report(publish=False)
    for status in ("draft", "published"):
        changed = {"state": "XB", "published": "2021", "title": f"A {status}", "procedure": "first_thematic"}
        assert signed_in.post(address("report-details", report), details_of(report, **changed)).status_code == 302
        report = models.Report.everything.get(pk=report.pk)
        assert (report.document.title, report.document.published) == (f"A {status}", "2021")
        values = set(report.findings.values_list("state_id", "year", "procedure"))
        assert values == {("XB", 2021, "first_thematic")}
        publish(signed_in, report)
        report = models.Report.everything.get(pk=report.pk)


def test_a_page_changes_at_once_when_a_report_is_published_or_withdrawn(editor):
    report = make_report(publish=False)
    numbers = [get_change_number()]
    publishing.publish_report(report=report, by=editor, seen=report_state(report))
    numbers.append(get_change_number())
    publishing.withdraw_report(report=report, by=editor, reason="the wrong file")
    numbers.append(get_change_number())
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("invalid", [{"published": "yesterday"}, {"state": "ZZ"}, {"body": "nobody"}, {"seen": ""}])
def test_invalid_details_are_shown_again_and_change_nothing(signed_in, invalid):
    report = make_report()
    answer = signed_in.post(address("report-details", report), details_of(report, title="Another", **invalid))
    assert answer.status_code == 422
    assert models.Document.everything.get().title == report.document.title


def test_details_that_someone_else_changed_meanwhile_are_not_overwritten(signed_in, editor):
    report = make_report(publish=False)
    old = details_of(report, title="Mine")
    publishing.save_details(
        report=report, by=editor, seen=report_state(report),
        details={**{name: getattr(report.document, name) for name in publishing.DETAILS}, "title": "Theirs"},
    )  # fmt: skip
    answer = signed_in.post(address("report-details", report), old)
    assert (answer.status_code, models.Document.everything.get().title) == (409, "Theirs")
    assert signed_in.post(address("publish-report", report), {"seen": old["seen"]}).status_code == 302
    assert models.Report.everything.get().status == "draft"  # it is not the report that the editor saw


# --- Changes of a published report ------------------------------------------------------------------------------------


def test_details_of_a_published_report_need_a_reason_and_everyone_can_read_their_history(signed_in, editor, client):
    report = make_report()
    changed = {"state": "XB", "title": "Corrected"}
    before = report.document.title
    refused = signed_in.post(address("report-details", report), details_of(report, **changed, reason=" "))
    assert (refused.status_code, models.Document.everything.get().title) == (422, before)
    with pytest.raises(publishing.DetailsReasonMissing):
        publishing.save_details(
            report=report, by=editor, seen=report_state(report),
            details={name: getattr(report.document, name) for name in publishing.DETAILS} | {"title": "Corrected"},
        )  # fmt: skip
    reason = "The title page names another state."
    signed_in.post(address("report-details", report), details_of(report, **changed, reason=reason))
    entry = AuditEntry.objects.get(verb="edited the details of a report")
    assert (entry.why, entry.actor) == (reason, editor)
    client.logout()
    page = client.get(address("report", report)).content.decode()
    assert reason in page
    assert "Changed by an editor" in page
    assert editor.email not in page
    change = models.DetailsChange.objects.get()
    assert (change.before, change.after) == (
        {"state": "XA", "title": before}, {"state": "XB", "title": "Corrected"},
    )  # fmt: skip
    assert "Nordmark → Sudmar" in " ".join(page.split())


def test_a_withdrawn_report_keeps_the_history_of_its_details_and_a_draft_has_none(signed_in, editor):
    draft = make_report(b"draft", publish=False)
    assert "reason" not in signed_in.get(address("report-details", draft)).context["form"].fields
    signed_in.post(address("report-details", draft), details_of(draft, title="Typed"))
    assert models.DetailsChange.objects.count() == 0
    report = make_report(b"public")
    publishing.withdraw_report(report=report, by=editor, reason="the wrong file")
    report = models.Report.everything.get(pk=report.pk)
    assert (
        signed_in.post(address("report-details", report), details_of(report, title="Other", reason="")).status_code
        == 422
    )
    signed_in.post(address("report-details", report), details_of(report, title="Other", reason="misprint"))
    assert models.DetailsChange.objects.get().reason == "misprint"


def test_reading_a_published_report_again_says_so_and_is_in_its_history(signed_in, client):
    upload(signed_in, ("report.txt", TEXT), body="cedaw")
    report = models.Report.everything.get()
    publish(signed_in, report)
    report = models.Report.everything.get()
    reason = "It is a report of GREVIO."
    answer = signed_in.post(
        address("report-details", report), details_of(report, body="grevio", title="A title", reason=reason)
    )
    progress = signed_in.get(answer["Location"]).content.decode()
    assert "Details saved." in progress
    assert "The stored file has been read again as a report of this body: GREVIO" in progress
    waiting = models.Upload.objects.first()
    models.Upload.objects.filter(pk=waiting.pk).update(progress="waiting")
    progress = signed_in.get(answer["Location"]).content.decode()
    assert "The stored file is waiting to be read again as a report of this body: GREVIO" in progress
    assert "has been uploaded" not in progress
    client.logout()
    page = client.get(address("report", report)).content.decode()
    assert page.count(reason) == 2  # the other details, and the reading
    assert "Read again for an editor" in page
    body = models.DetailsChange.objects.last()
    assert (body.before["body"], body.after["body"], body.role) == ("cedaw", "grevio", "editor")


def test_a_reading_again_that_fails_does_not_say_that_the_saved_details_were_not_saved(signed_in):
    upload(signed_in, ("report.txt", TEXT), body="grevio")
    report = models.Report.everything.get()
    storage.remove(storage.storage_name(report.content_hash))
    answer = signed_in.post(address("report-details", report), details_of(report, body="cedaw", title="Another"))
    page = signed_in.get(answer["Location"]).content.decode()
    assert "Nothing was saved" not in page
    assert "text and findings are as they were before" in page
    assert models.Document.everything.get().title == "Another"


# --- Read again -------------------------------------------------------------------------------------------------------


def test_another_body_reads_the_file_again_and_keeps_a_reviewers_decision(signed_in):
    upload(signed_in, ("report.txt", TEXT), body="cedaw")
    report = models.Report.everything.get()
    assert report.findings.count() == 0
    answer = signed_in.post(address("report-details", report), details_of(report, body="grevio"))
    assert answer["Location"].startswith("/en/upload/")
    report = models.Report.everything.get()
    assert (report.document.body, report.reader.split()[0], report.findings.count()) == ("grevio", "grevio", 2)
    assert (report.status, "body" in report.document.edited) == ("draft", True)


def test_the_procedure_of_another_body_is_not_kept_unless_a_person_entered_it(signed_in):
    upload(signed_in, ("report.txt", TEXT), body="cedaw")
    report = models.Report.everything.get()
    assert report.document.procedure == "concluding_observations"
    signed_in.post(address("report-details", report), details_of(report, body="grevio"))
    report = models.Report.everything.get()
    assert report.document.procedure == ""
    assert set(report.findings.values_list("procedure", flat=True)) == {""}
    signed_in.post(address("report-details", report), details_of(report, procedure="baseline"))
    report = models.Report.everything.get()
    signed_in.post(address("report-details", report), details_of(report, body="cedaw"))
    assert models.Report.everything.get().document.procedure == "baseline"


def test_a_reading_again_that_fails_changes_nothing_and_says_why(signed_in):
    upload(signed_in, ("report.txt", TEXT), body="grevio")
    report = models.Report.everything.get()
    storage.remove(storage.storage_name(report.content_hash))
    answer = signed_in.post(address("report-details", report), details_of(report, body="cedaw"))
    assert models.Upload.objects.first().refusal["code"] == "file_missing"
    assert "is missing from storage" in signed_in.get(answer["Location"]).content.decode()
    assert (models.Report.everything.get().findings.count(), models.Document.everything.get().body) == (2, "grevio")


# --- The same file again, and several files ---------------------------------------------------------------------------


def test_the_same_file_again_says_what_is_there_and_offers_to_apply_what_was_entered(signed_in):
    upload(signed_in, ("report.txt", TEXT), body="grevio")
    report = models.Report.everything.get()
    publish(signed_in, report)
    answer = upload(signed_in, ("again.txt", TEXT), body="cedaw", state="XB", published="2020-02-02")
    page = signed_in.get(answer["Location"]).content.decode()
    again = models.Upload.objects.first()
    link = f"{address('report-details', report)}?upload={again.pk}"
    assert "Its report is published." in page
    assert link in page
    form = signed_in.get(link).context["form"]
    assert (form.initial["body"], form.initial["state"], form.initial["published"]) == ("cedaw", "XB", "2020-02-02")
    assert models.Report.everything.count() == 1


def test_someone_elses_draft_is_not_shown_to_who_uploads_the_same_file(client, editor, desk):
    client.force_login(editor)
    upload(client, ("secret.txt", TEXT), body="grevio")
    report = models.Report.everything.get()
    client.force_login(desk)
    answer = upload(client, ("mine.txt", TEXT), body="grevio")
    page = client.get(answer["Location"]).content.decode()
    assert "This file has been uploaded before." in page
    assert report.public_id not in page
    assert client.get(address("report", report)).status_code == 404


def test_several_files_at_once_have_a_progress_line_each(signed_in):
    files = [(f"{number}.txt", TEXT + str(number).encode()) for number in range(3)]
    answer = upload(signed_in, *files, ("broken.pdf", b"%PDF-1.7 no more"))
    assert answer["Location"] == reverse("monitoring:uploads")
    page = signed_in.get(answer["Location"]).content.decode()
    assert all(page.count(f">{name}</a>") == 1 for name in ("0.txt", "1.txt", "2.txt", "broken.pdf"))
    assert (models.Report.everything.count(), page.count("rejected")) == (3, 1)


def test_too_many_files_at_once_are_refused_before_any_is_stored(signed_in):
    answer = upload(signed_in, *((f"{number}.txt", b"a") for number in range(21)))
    assert (answer.status_code, models.Upload.objects.count()) == (422, 0)
    assert "You chose 21 files" in answer.content.decode()


# --- A national desk --------------------------------------------------------------------------------------------------


def test_a_desk_prepares_a_draft_on_its_state_and_cannot_publish_it_whatever_other_role_it_has(client, desk, editor):
    client.force_login(desk)
    upload(client, ("report.txt", TEXT), body="grevio")
    report = models.Report.everything.get()
    assert client.post(address("report-details", report), details_of(report, title="Ours")).status_code == 302
    report = models.Report.everything.get()
    moved = details_of(report, state="XB")
    assert client.post(address("report-details", report), moved).status_code == 422  # not offered in the form
    with pytest.raises(PermissionDenied):
        publishing.save_details(
            report=report, by=desk, seen=report_state(report),
            details={**{name: getattr(report.document, name) for name in publishing.DETAILS}, "state_id": "XB"},
        )  # fmt: skip
    assert publish(client, report).status_code == 403
    both = make_account(Role.NATIONAL_DESK, Role.EDITOR, state="XA")
    with pytest.raises(PermissionDenied):
        publishing.publish_report(report=report, by=both, seen=report_state(report))
    client.force_login(editor)
    assert "on behalf of the state under review" in client.get(address("report-details", report)).content.decode()
    assert publish(client, report).status_code == 302
    client.force_login(desk)
    report = models.Report.everything.get()
    assert client.post(address("report-details", report), details_of(report, title="Doctored")).status_code == 404


def test_drafts_are_listed_for_editors_and_for_the_desk_that_uploaded_them(client, desk, editor):
    ours = make_report(b"a", publish=False, by=desk)
    theirs = make_report(b"b", make_reading([make_finding(1)]), publish=False, by=editor)
    for account, listed in ((editor, {ours, theirs}), (desk, {ours})):
        client.force_login(account)
        assert set(client.get(reverse("monitoring:drafts")).context["reports"]) == listed


# --- Withdrawal and deletion ------------------------------------------------------------------------------------------


def test_a_withdrawn_report_says_when_and_why_at_its_addresses_and_is_nowhere_else(signed_in, client):
    report = make_report(about={"title": "Quillhavre"})
    finding = report.findings.first()
    assert signed_in.post(address("withdraw-report", report), {"reason": ""}).status_code == 422
    signed_in.post(address("withdraw-report", report), {"reason": "This is the file of another report."})
    client.logout()
    for name, key in (("report", report), ("text", report), ("finding", finding)):
        answer = client.get(reverse(f"monitoring:{name}", args=[key.public_id]))
        assert answer.status_code == 410
        assert "This is the file of another report." in answer.content.decode()
        assert "Quillhavre" not in answer.content.decode()
    for gone in ("/en/reports/", "/en/findings/", "/en/countries/XA/", "/en/"):
        content = client.get(gone).content.decode()
        assert not {report.public_id, finding.public_id} & set(content.replace("/", " ").split())
    assert client.get(reverse("files:report", args=[report.public_id])).status_code == 404
    assert client.get(reverse("files:cite", args=[finding.public_id, "bib"])).status_code == 404


def test_a_finding_says_to_editors_that_its_report_is_not_public_and_cannot_be_followed(signed_in):
    report = make_report(publish=False)
    place = reverse("monitoring:finding", args=[report.findings.first().public_id])

    def page():
        return signed_in.get(place).content.decode()

    assert "only the editors and the person who uploaded it can see this report." in page()
    assert "/follow/finding/" not in page()
    publish(signed_in, report)
    assert "can see this report." not in page()
    assert "/follow/finding/" in page()
    signed_in.post(address("withdraw-report", report), {"reason": "This is the file of another report."})
    assert "This is the file of another report." in page()
    assert "/follow/finding/" not in page()


def test_a_withdrawn_report_can_be_published_again_with_its_reviews(editor):
    report = make_report()
    report.findings.update(review="confirmed")
    publishing.withdraw_report(report=report, by=editor, reason="a doubt")
    report = models.Report.everything.get()
    publishing.publish_report(report=report, by=editor, seen=report_state(report))
    report = models.Report.objects.get()
    assert (report.withdrawn_at, report.withdrawal_reason) == (None, "")
    assert set(models.Finding.objects.values_list("review", flat=True)) == {"confirmed"}


def test_a_deleted_draft_leaves_no_row_and_no_file(signed_in, django_capture_on_commit_callbacks):
    upload(signed_in, ("report.txt", TEXT), body="grevio")
    report = models.Report.everything.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert signed_in.post(address("delete-draft", report))["Location"] == reverse("monitoring:drafts")
    counts = [model.everything.count() for model in (models.Report, models.Finding, models.Passage)]
    assert (counts, storage.fetch(report.content_hash)) == ([0, 0, 0], None)
    assert (
        "This draft was deleted."
        in signed_in.get(reverse("monitoring:upload-progress", args=[models.Upload.objects.get().pk])).content.decode()
    )


@pytest.mark.parametrize("status", ["published", "withdrawn"])
def test_a_report_that_was_public_cannot_be_deleted(signed_in, editor, status):
    report = make_report()
    if status == "withdrawn":
        publishing.withdraw_report(report=report, by=editor, reason="a doubt")
    signed_in.post(address("delete-draft", report))
    assert models.Report.everything.get().status == status


def test_files_of_deleted_drafts_and_of_refused_uploads_are_orphans(editor):
    for progress in models.Upload.Progress:
        content = f"an upload that is {progress}".encode()
        storage.store(content)
        models.Upload.objects.create(
            uploaded_by=editor, content_hash=storage.hash_content(content), filename=progress, size=1, body="auto",
            progress=progress,
        )  # fmt: skip
    deleted = uploads.delete_orphaned_files(older_than=-uploads.MIN_ORPHAN_AGE)
    assert len(deleted) == 2


# --- The catalogue ----------------------------------------------------------------------------------------------------


def make_catalogue_document(**values) -> models.Document:
    return models.Document.everything.create(
        public_id=uuid.uuid4().hex[:16], origin="catalogue", body="grevio", state_id="XA",
        reference="GREVIO/Inf(2023)77", published="2023-05", **values,
    )  # fmt: skip


def test_a_draft_does_not_touch_the_catalogue_until_it_is_published(editor):
    known = make_catalogue_document()
    report = make_report(publish=False, about={"reference": "GREVIO/Inf(2023)77", "title": "From the file"})
    known.refresh_from_db()
    assert (report.document == known, known.title) == (False, "")
    publishing.publish_report(report=report, by=editor, seen=report_state(report))
    known.refresh_from_db()
    assert (known.report, known.title) == (report, "From the file")
    assert known.published == "2023-05-11"  # entered by a person
    assert models.Document.everything.count() == 1
    catalogue.load_catalogue()  # keeps what a person entered
    assert models.Document.everything.get(pk=known.pk).title == "From the file"


def test_a_withdrawn_report_leaves_the_catalogue_as_it_was(editor):
    known = make_catalogue_document()
    report = make_report(about={"reference": "GREVIO/Inf(2023)77"})
    assert report.document == known
    publishing.withdraw_report(report=report, by=editor, reason="the wrong file")
    known.refresh_from_db()
    assert (models.Report.everything.get().document == known, known.edited) == (False, [])
    assert models.Document.objects.get() == known


def test_a_day_in_the_future_is_refused_because_it_would_be_the_latest_round(signed_in):
    future = f"{timezone.localdate().year + 1}-01"
    page = upload(signed_in, ("report.txt", TEXT), published=f"{future}-02")
    assert (page.status_code, "This date is in the future." in page.content.decode()) == (422, True)
    upload(signed_in, ("report.txt", TEXT))
    report = models.Report.everything.get()
    address = reverse("monitoring:report-details", args=[report.public_id])
    page = signed_in.post(address, details_of(report, published=future))
    assert (page.status_code, "This date is in the future." in page.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("content", "error"), [(b"", "“second.txt” is empty."), (b"a" * 3000, "“second.txt” is 2.9\xa0KB. The maximum is")]
)
def test_a_file_that_cannot_be_accepted_is_named_and_the_others_are_uploaded(signed_in, settings, content, error):
    settings.SAMSVAR_UPLOAD_LIMIT = 2000
    answer = upload(signed_in, ("first.txt", TEXT), ("second.txt", content), ("third.txt", TEXT + b"\n3. More.\n"))
    page = answer.content.decode()
    assert (answer.status_code, page.count(error), "Nothing was changed." in page) == (422, 1, False)
    accepted = page.partition("These files were uploaded:")[2].partition("</ul>")[0]
    assert ("first.txt" in accepted, "second.txt" in accepted, "third.txt" in accepted) == (True, False, True)
    assert {one.filename: one.progress for one in models.Upload.objects.all()} == {
        "first.txt": "done",
        "third.txt": "done",
    }


def test_all_files_that_cannot_be_accepted_are_named_together_with_the_other_errors(signed_in):
    page = upload(signed_in, ("one.txt", b""), ("two.txt", b""), state="ZZ").content.decode()
    assert ("“one.txt” is empty." in page, "“two.txt” is empty." in page) == (True, True)
    page = upload(signed_in, ("one.txt", b""), ("two.txt", TEXT), state="ZZ").content.decode()
    assert ("“one.txt” is empty." in page, "These files were uploaded:" in page) == (True, False)
    assert models.Upload.objects.count() == 0


def test_a_file_without_findings_is_not_published_without_a_warning(signed_in):
    upload(signed_in, ("report.txt", b"1. A paper about compilers.\n\n2. It has no conclusions.\n"), state="")
    page = signed_in.get(reverse("monitoring:report-details", args=[models.Report.everything.get().public_id]))
    assert "No findings were extracted from this file." in page.content.decode()
    assert "No state under review is given." in page.content.decode()
