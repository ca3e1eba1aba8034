"""The commands of a real site: loading facts, importing files from the server, processing reports again."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from samsvar.monitoring.report import Strength
from samsvar.site.audit.queries import get_change_number
from samsvar.site.monitoring import storage
from samsvar.site.monitoring.actions import ingest
from samsvar.site.monitoring.models import Document, Report
from tests.factories.reports import make_finding, make_pdf, make_reading, make_report
from tests.factories.stored import storage_settings
from tests.site.test_upload import REPORT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path / "files")


def run_command(command: str, *arguments: str, **options) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


def test_loading_the_facts_again_writes_nothing():
    run_command("load_facts")
    assert Document.objects.filter(body="grevio", state="NO").exists()
    before = get_change_number()
    assert run_command("load_facts") == (
        "states: 0 saved, events: 0 saved, documents: 0 saved, sections: 0 saved, "
        "networks: 0 saved, organisations: 0 saved, meetings: 0 saved, funding: 0 saved, indicators: 0 saved\n"
    )
    assert get_change_number() == before


def test_files_on_the_server_are_imported_and_rejected_ones_are_named(tmp_path):
    run_command("load_facts")
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(make_pdf(REPORT))
    bad.write_bytes(b"%PDF-1.7 no more")
    err = io.StringIO()
    with pytest.raises(CommandError, match="2 of 3 files could not be imported"):
        run_command(
            "read_in", str(bad), str(good), str(tmp_path / "none.pdf"), "--body=grevio", "--state=XA", stderr=err
        )
    assert [line.split(": ")[0] for line in err.getvalue().splitlines()] == [str(bad), str(tmp_path / "none.pdf")]
    assert Report.everything.get().findings.count() == 2


def test_reports_are_processed_again_and_a_missing_file_is_named(monkeypatch):
    run_command("load_facts")
    kept = make_report(b"kept")
    lost = make_report(b"lost")
    storage.remove(storage.storage_name(lost.content_hash))
    reading = make_reading([make_finding(5, strength=Strength.INVITES)], reader="grevio 2")
    monkeypatch.setitem(ingest.reread_report.__kwdefaults__, "read", lambda *_, **__: reading)
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 reports could not be read again"):
        run_command("read_again", stderr=err)
    assert lost.public_id in err.getvalue()
    assert [finding.paragraph for finding in kept.findings.all()] == ["5"]
    assert [finding.paragraph for finding in lost.findings.all()] == ["1", "2"]


def test_a_missing_setting_is_named_without_a_traceback(tmp_path):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SAMSVAR", "DJANGO"))}
    command = [sys.executable, "-m", "samsvar.site.manage", "load_facts"]
    ended = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Nothing was done: SAMSVAR_SECRET_KEY is not set")
    assert "Traceback" not in ended.stderr
