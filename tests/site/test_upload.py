"""Uploading a report: the editor's form, the queue, the progress, and recovery after a kill at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from samsvar.monitoring import read_report
from samsvar.monitoring.report import DoubtfulWord, OcrSummary, Reading
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import models, storage, tasks
from samsvar.site.monitoring.actions import ingest, uploads
from tests.factories.people import make_account
from tests.factories.reports import make_pdf
from tests.factories.stored import storage_settings

ROOT = Path(__file__).resolve().parents[2]
REPORT = """
GREVIO/Inf(2023)77

#align(center)[*GREVIO*

*(Baseline) Evaluation Report*

*Nordmark*]

#pagebreak()

= II. Integrated policies and data collection

== A. Comprehensive and co-ordinated policies (Article 7)

1. The authorities have adopted a national action plan.

2. *GREVIO urges the Nordmark authorities to give the co-ordinating body the means that its task needs.*

3. *GREVIO encourages the Nordmark authorities to evaluate the plan independently.*
"""


@pytest.fixture(autouse=True)
def empty_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)


@pytest.fixture
def editor(db):
    load_convention()
    return make_account(Role.EDITOR, email="an-editor@network.example")


@pytest.fixture
def signed_in(client, editor):
    client.force_login(editor)
    return client


def post_upload(client, content: bytes, name: str = "report.pdf", **fields):
    data = {
        "file": SimpleUploadedFile(name, content),
        "body": "grevio",
        "state": "XA",
        "published": "2023-05-11",
        **fields,
    }
    return client.post(reverse("monitoring:upload"), data)


def test_an_uploaded_report_becomes_findings(signed_in):
    answer = post_upload(signed_in, make_pdf(REPORT))
    upload = models.Upload.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("monitoring:upload-progress", args=[upload.pk]))
    page = signed_in.get(answer["Location"])
    assert (upload.progress, "Refresh" in page) == ("done", False)
    assert reverse("monitoring:report", args=[upload.report.public_id]) in page.content.decode()
    assert [(finding.paragraph, finding.strength) for finding in upload.report.findings.all()] == [
        ("2", "urges"),
        ("3", "encourages"),
    ]
    assert (upload.report.document.state_id, upload.report.document.published) == ("XA", "2023-05-11")


def test_uploading_the_same_file_again_leads_to_the_same_report(signed_in):
    post_upload(signed_in, make_pdf(REPORT))
    post_upload(signed_in, make_pdf(REPORT), name="another name.pdf")
    assert models.Report.everything.count() == 1
    assert {upload.report for upload in models.Upload.objects.all()} == {models.Report.everything.get()}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "unknown_format"),
        (b"%PDF-1.7\n1 0 obj\nand then nothing", "unreadable_report"),
        (b" \n\n ", "empty_report"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(signed_in, content, code):
    answer = post_upload(signed_in, content)
    upload = models.Upload.objects.get()
    assert (upload.progress, upload.refusal["code"]) == ("refused", code)
    page = signed_in.get(answer["Location"]).content.decode()
    assert "Nothing was saved." in page
    assert (models.Report.everything.count(), models.Document.objects.filter(origin="upload").count()) == (0, 0)


def test_an_unexpected_error_is_reported_as_our_mistake(signed_in, monkeypatch, caplog):
    monkeypatch.setattr(ingest, "_store_report", lambda *_, **__: 1 / 0)
    post_upload(signed_in, make_pdf(REPORT))
    assert models.Upload.objects.get().refusal["code"] == "our_mistake"
    assert "ZeroDivisionError" in caplog.text


def test_a_file_over_the_limit_is_refused_before_it_is_stored(signed_in, settings):
    settings.SAMSVAR_UPLOAD_LIMIT = 100
    answer = post_upload(signed_in, b"a" * 101)
    assert (answer.status_code, models.Upload.objects.count()) == (422, 0)
    assert "The maximum is" in answer.content.decode()


def test_an_oversized_request_is_refused_before_it_is_read(client, db):
    """CSRF protection would write the body of anyone's request to disk while looking for its token."""
    answer = client.generic("POST", reverse("monitoring:upload"), b"", CONTENT_LENGTH=str(10**10))
    assert answer.status_code == 413
    assert "Nothing was saved." in answer.content.decode()


@pytest.mark.parametrize("field", [{"state": "ZZ"}, {"body": "nobody"}, {"published": "yesterday"}])
def test_an_invalid_upload_form_is_shown_again(signed_in, field):
    assert post_upload(signed_in, make_pdf(REPORT), **field).status_code == 422
    assert models.Upload.objects.count() == 0


def test_only_editors_can_upload_a_report(client, editor):
    address = reverse("monitoring:upload")
    assert client.get(address).status_code == 302
    client.force_login(make_account(Role.READER))
    assert (client.get(address).status_code, post_upload(client, make_pdf(REPORT)).status_code) == (403, 403)
    assert models.Upload.objects.count() == 0


def test_only_the_uploader_can_see_the_progress_of_an_upload(client, signed_in, editor):
    post_upload(signed_in, make_pdf(REPORT))
    address = reverse("monitoring:upload-progress", args=[models.Upload.objects.get().pk])
    client.force_login(make_account(Role.EDITOR))
    assert client.get(address).status_code == 404


def test_the_page_of_a_waiting_upload_refreshes_by_itself(signed_in, editor):
    upload = uploads.accept_upload(content=b"x", filename="a.pdf", body="auto", state=None, published=None, by=editor)
    page = signed_in.get(reverse("monitoring:upload-progress", args=[upload.pk]))
    assert (page["Refresh"], page["Cache-Control"]) == ("2", "no-store")


# --- A kill at any moment ---------------------------------------------------------------------------------------------


def test_a_file_that_crashes_its_reader_is_not_retried_forever(editor):
    upload = uploads.accept_upload(content=b"x", filename="a.pdf", body="auto", state=None, published=None, by=editor)
    models.Upload.objects.filter(pk=upload.pk).update(progress="reading", attempts=uploads.MAX_ATTEMPTS)
    uploads.process_upload(upload=upload)
    assert (upload.progress, upload.refusal["code"]) == ("refused", "reader_crashed")


def test_an_upload_whose_file_is_missing_is_refused(editor):
    upload = uploads.accept_upload(content=b"x", filename="a.pdf", body="auto", state=None, published=None, by=editor)
    storage.remove(storage.storage_name(upload.content_hash))
    uploads.process_upload(upload=upload)
    assert (upload.progress, upload.refusal["code"]) == ("refused", "file_missing")


def test_a_worker_resumes_uploads_that_another_left_unfinished(editor, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    from django_tasks_db.models import DBTaskResult

    how = {"filename": "a.pdf", "body": "grevio", "state": "XA", "published": None, "by": editor}
    tasks.accept_and_enqueue_upload(content=make_pdf(REPORT), **how)
    cut_off = tasks.accept_and_enqueue_upload(content=make_pdf(REPORT.replace("urges", "invites")), **how)
    models.Upload.objects.filter(pk=cut_off.pk).update(progress="reading", attempts=1)
    DBTaskResult.objects.filter(args_kwargs__args__0=str(cut_off.pk)).update(status="RUNNING")
    assert tasks.requeue_unfinished_uploads() == 2
    assert sorted(line.args_kwargs["args"][0] for line in DBTaskResult.objects.filter(status="READY")) == sorted(
        str(upload.pk) for upload in models.Upload.objects.all()
    )
    assert not DBTaskResult.objects.filter(status="RUNNING").exists()


# The points at which a process is killed: the name of a function, and whether before or after its call.
KILL_POINTS = {
    "before anything is stored": ("samsvar.site.monitoring.actions.uploads.accept_upload", "before"),
    "when the file is stored and no row is": ("samsvar.site.monitoring.storage.store", "after"),
    "when the upload is accepted": ("samsvar.site.monitoring.tasks.accept_and_enqueue_upload", "after"),
    "before the reading": ("samsvar.site.monitoring.actions.ingest.read_report_within_limits", "before"),
    "after the reading": ("samsvar.site.monitoring.actions.ingest.read_report_within_limits", "after"),
    "in the middle of the rows": ("samsvar.site.monitoring.actions.ingest._create_passages_and_findings", "before"),
    "when all rows are written and not committed": (
        "samsvar.site.monitoring.actions.ingest._create_passages_and_findings",
        "after",
    ),
    "when the report is committed and the upload does not know": (
        "samsvar.site.monitoring.actions.uploads.import_report",
        "after",
    ),
}

PROCESS_SCRIPT = """
import importlib, os, signal, sys
sys.path[:0] = [{root!r}, {src!r}]
import django
django.setup()
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"] = {{"location": {folder!r}}}
settings.TASKS = {{"default": {{"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}}}
settings.DATABASES["default"]["NAME"] = {database!r}
from django.contrib.auth import get_user_model
from samsvar.site.monitoring import models, storage, tasks
from samsvar.site.monitoring.actions import ingest, uploads

def killing(function, when):
    def killed(*args, **kwargs):
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
    return killed

if {moment!r}:
    module, _, name = {moment!r}.rpartition(".")
    place = importlib.import_module(module)
    deadly = killing(getattr(place, name), {when!r})
    setattr(place, name, deadly)
    if name == "read_report_within_limits":
        ingest.import_report.__kwdefaults__["read"] = deadly
        uploads.process_upload.__kwdefaults__["read"] = deadly

def web():
    content = open({file!r}, "rb").read()
    by = get_user_model().objects.get(email="an-editor@network.example")
    tasks.accept_and_enqueue_upload(content=content, filename="a.pdf", body="grevio", state="XA", published=None, by=by)

def work():
    tasks.requeue_unfinished_uploads()
    from django.core.management import call_command
    call_command("db_worker", interval=0, batch=True, startup_delay=False, verbosity=0, reload=False)

{role}()
"""


class Processes:
    """Web requests and workers in separate processes that use the database and the files of this test."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "report.pdf"
        self.documents = folder / "documents"
        self.file.write_bytes(make_pdf(REPORT))

    def start(self, role: str, moment: tuple[str, str] = ("", "")) -> subprocess.Popen[bytes]:
        script = PROCESS_SCRIPT.format(
            root=str(ROOT),
            src=str(ROOT / "src"),
            folder=str(self.documents),
            database=str(connection.settings_dict["NAME"]),
            moment=moment[0],
            when=moment[1],
            file=str(self.file),
            role=role,
        )
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.testing"}
        return subprocess.Popen([sys.executable, "-c", script], env=environment, start_new_session=True)

    def run(self, role: str, moment: tuple[str, str] = ("", "")) -> int:
        """Run a process and return its exit status; `moment` is where it is killed."""
        return self.start(role, moment).wait(timeout=60)


@pytest.fixture
def processes(tmp_path, settings):
    settings.STORAGES["default"]["OPTIONS"]["location"] = tmp_path / "documents"
    return Processes(tmp_path)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", KILL_POINTS.values(), ids=KILL_POINTS.keys())
def test_a_kill_at_any_moment_leaves_a_complete_report_or_none_after_the_next_start(editor, processes, moment):
    in_web = moment[0].endswith(("accept_upload", "store", "accept_and_enqueue_upload"))
    if not in_web:
        assert processes.run("web") == 0
    assert processes.run("web" if in_web else "work", moment) == -signal.SIGKILL
    report = models.Report.everything.first()
    assert report is None or report.findings.count() == 2  # no incomplete report is ever visible
    assert processes.run("work") == 0
    accepted = models.Upload.objects.first()
    if accepted is None:  # killed before the form was answered: the editor uploads it again, and nothing is left behind
        assert models.Report.everything.count() == models.Document.objects.filter(origin="upload").count() == 0
        assert len(uploads.delete_orphaned_files(older_than=timedelta(0))) <= 1
        assert uploads.delete_orphaned_files(older_than=timedelta(0)) == []
    else:
        report = models.Report.everything.get()
        assert (accepted.progress, accepted.report) == ("done", report)
        assert (report.findings.count(), report.passages.count() >= 3) == (2, True)
        assert storage.fetch(report.content_hash) is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wait", [0.5, 1.0])
def test_a_killed_worker_leaves_no_child_process_and_the_next_one_continues(editor, processes, wait):
    assert processes.run("web") == 0
    victim = processes.start("work")
    time.sleep(wait)
    victim.kill()
    victim.wait()
    end = time.monotonic() + 10
    while _processes_of_session(victim.pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert _processes_of_session(victim.pid) == []
    assert processes.run("work") == 0
    report = models.Report.everything.get()
    assert (report.findings.count(), models.Upload.objects.get().report) == (2, report)


def _processes_of_session(leader: int) -> list[int]:
    """Return the live processes of a session: a worker leads its own session, and its readers belong to it."""
    found = []
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == leader and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def read_as_scan(content: bytes, **options: object) -> Reading:
    """Read a report as if Tesseract had read it."""
    reading = read_report(content, **options)
    summary = OcrSummary("Tesseract 5.9.9", ("eng",), 1203, 0.934, 2, (DoubtfulWord("sheiter", 2, 0.41),))
    return replace(reading, extraction_report=replace(reading.extraction_report, ocr=summary))


def test_the_page_of_a_scanned_report_says_how_sure_the_ocr_was(signed_in, editor):
    content = make_pdf(REPORT)
    report = ingest.import_report(content=content, filename="scan.pdf", by=editor, publish=True, read=read_as_scan)
    page = signed_in.get(reverse("monitoring:report", args=[report.public_id])).content.decode()
    assert "It was read by OCR (Tesseract 5.9.9), with a mean confidence of 0.93 out of 1." in " ".join(page.split())
    assert "2 of 1,203 words have a confidence below 0.6." in " ".join(page.split())
    assert "sheiter" in page


def test_a_report_with_a_text_layer_says_nothing_of_ocr(signed_in, editor):
    report = ingest.import_report(content=make_pdf(REPORT), filename="a.pdf", by=editor, publish=True)
    assert "OCR" not in signed_in.get(reverse("monitoring:report", args=[report.public_id])).content.decode()
