"""The commands of a site that is run for real: facts, editors, files on the server, and a newer reader."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from samsvar.monitoring.report import Strength
from samsvar.site.audit.queries import change_number
from samsvar.site.monitoring import actions
from samsvar.site.monitoring.models import Document, Report
from tests.factories.reports import a_finding, a_pdf, a_reading, make_report
from tests.factories.stored import storages_in
from tests.site.test_upload import REPORT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def an_empty_storage(settings, tmp_path):
    settings.STORAGES = storages_in(tmp_path / "files")


def said(command: str, *arguments: str, **options) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


def test_facts_are_loaded_once():
    said("load_facts")
    assert Document.objects.filter(body="grevio", state="NO").exists()
    before = change_number()
    assert said("load_facts") == (
        "states: 0 written, events: 0 written, documents: 0 written, sections: 0 written, "
        "networks: 0 written, organisations: 0 written, meetings: 0 written, funding: 0 written\n"
    )
    assert change_number() == before


def test_files_on_the_server_are_read_in_and_the_bad_one_is_named(tmp_path):
    said("load_facts")
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(a_pdf(REPORT))
    bad.write_bytes(b"%PDF-1.7 no more")
    err = io.StringIO()
    with pytest.raises(CommandError, match="2 of 3 files were refused"):
        said("read_in", str(bad), str(good), str(tmp_path / "none.pdf"), "--body=grevio", "--state=XA", stderr=err)
    assert [line.split(": ")[0] for line in err.getvalue().splitlines()] == [str(bad), str(tmp_path / "none.pdf")]
    assert Report.objects.get().findings.count() == 2


def test_reports_are_read_again_and_a_lost_file_is_named(monkeypatch):
    said("load_facts")
    kept = make_report(b"kept")
    lost = make_report(b"lost")
    actions.storage.remove(actions.storage.place_of(lost.content_hash))
    reading = a_reading([a_finding(5, strength=Strength.INVITES)], reader="grevio 2")
    monkeypatch.setitem(actions.reread_report.__kwdefaults__, "read", lambda *_, **__: reading)
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 reports could not be read again"):
        said("read_again", stderr=err)
    assert lost.public_id in err.getvalue()
    assert [finding.paragraph for finding in kept.findings.all()] == ["5"]
    assert [finding.paragraph for finding in lost.findings.all()] == ["1", "2"]


def test_a_setting_that_is_missing_is_named_without_a_traceback(tmp_path):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SAMSVAR", "DJANGO"))}
    command = [sys.executable, "-m", "samsvar.site.manage", "load_facts"]
    ended = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Nothing was done: SAMSVAR_SECRET_KEY is not set")
    assert "Traceback" not in ended.stderr
