"""The commands of a real site: loading facts, importing files from the server, processing reports again."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from samsvar.interchange.fetching import Response
from samsvar.monitoring.report import Strength
from samsvar.site.audit.queries import get_change_number
from samsvar.site.convention.management.commands import check_treaty_status
from samsvar.site.convention.queries import statuses_on
from samsvar.site.monitoring import storage
from samsvar.site.monitoring.actions import ingest
from samsvar.site.monitoring.models import Document, Report
from samsvar.territories import territory_name
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


def test_the_treaty_events_are_compared_with_charts_and_not_changed(tmp_path, monkeypatch):
    run_command("load_facts")
    table = [["Party", "Signature", "Ratification", "Entry into force"]]
    for code, status in statuses_on(date(2026, 1, 14)).items():
        days = [status.signed, status.ratified, status.in_force]
        table.append([territory_name(code), *(str(day or "") for day in days)])
    norway = next(row for row in table if row[0] == "Norway")
    assert norway[2] == "2017-07-05"
    norway[2] = "2017-07-06"
    chart = tmp_path / "chart.csv"
    chart.write_text("\n".join(map(",".join, table)), encoding="utf-8")
    before, err = get_change_number(), io.StringIO()
    listed = tmp_path / "list.html"
    listed.write_text(
        "<h3>Ireland</h3><p>Reservation contained in the instrument of ratification deposited on 8 March 2019</p>"
        "<p>Articles concerned: 30, 59</p>",
        encoding="utf-8",
    )
    sources = (f"--depositary={chart}", f"--reservations={listed}", "--netherlands=-")
    output = run_command("check_treaty_status", *sources, "--format=csv", stderr=err)
    assert "NO,Norway,ratification,differs,2017-07-05,2017-07-06,confirmed,https://" in output
    assert 'IE,Ireland,reservation,other articles,2019-03-08: 30(2);44(3),"2019-03-08: 30, 59",confirmed,' in output
    assert "reservations: reservations and declarations of 1 state compared: " in err.getvalue()
    assert "Nothing was changed." in err.getvalue()
    assert get_change_number() == before
    assert "not in the chart" not in err.getvalue()
    chart.write_text("\n".join(map(",".join, table[:4])), encoding="utf-8")
    run_command("check_treaty_status", *sources, stderr=err)
    assert re.search(r"depositary: 4\d states on which we have events are not in the chart\.", err.getvalue())
    chart.write_text("\n".join(map(",".join, [row for row in table if row != norway])), encoding="utf-8")
    run_command("check_treaty_status", *sources, stderr=err)
    assert "depositary: 1 state with events is not in the chart." in err.getvalue()
    with pytest.raises(CommandError, match="every source was left out"):
        run_command("check_treaty_status", "--depositary=-", "--reservations=-", "--netherlands=-", stderr=err)
    with pytest.raises(CommandError, match="1 of 2 sources could not be compared"):
        run_command("check_treaty_status", f"--depositary={tmp_path / 'none'}", *sources[1:], stderr=err)
    monkeypatch.setattr(
        check_treaty_status, "fetch_public_document", lambda *_, **__: Response("", 200, {}, b"<p>Hello")
    )
    with pytest.raises(CommandError, match="3 of 3 sources could not be compared"):
        run_command("check_treaty_status", stderr=err)
    assert "This is not a chart of signatures and ratifications" in err.getvalue()
