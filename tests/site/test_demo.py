"""One command creates a demonstration from nothing, serves it, and leaves no process running."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from django.contrib.auth import authenticate
from django.urls import reverse

from samsvar.network.rights import STAFF_ROLES
from samsvar.site.convention.models import State
from samsvar.site.demo.accounts import make_demo_account
from samsvar.site.demo.actions import update_email_links
from samsvar.site.demo.helpers import load_demo_file
from samsvar.site.demo.sources import fictional_reports
from samsvar.site.network.accounts.queries import demo_accounts
from samsvar.site.network.emails.actions import notify
from tests.factories.people import make_account, make_network

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("account", demo_accounts(), ids=lambda account: account.role)
def test_every_demo_account_can_sign_in_with_what_the_sign_in_page_shows(db, client, account):
    make_network("lantern")
    State.objects.get_or_create(code="XA")
    make_demo_account(account)
    page = client.get(reverse("account_login")).content.decode()
    assert f'name="login" value="{account.email}"' in page
    assert f'name="password" value="{account.password}"' in page
    answer = client.post(reverse("account_login"), {"login": account.email, "password": account.password})
    if account.code:
        assert answer["Location"] == reverse("mfa_authenticate")
        page = client.get(answer["Location"]).content.decode()
        code = re.search(r'name="code" value="([0-9]{6})"', page)
        assert code is not None
        answer = client.post(reverse("mfa_authenticate"), {"code": code[1]})
    assert (answer.status_code, answer["Location"]) == (302, reverse("pages:home"))
    assert client.session["_auth_user_id"]
    assert (has_role_of_staff := account.role in STAFF_ROLES) == bool(account.code), has_role_of_staff
    assert authenticate(email=account.email, password="a guess") is None


def test_the_emails_of_the_demo_lead_to_the_address_on_which_it_is_served(db, settings):
    """Also when the data was filled for one port and is served on another."""
    account = make_account()
    account.language = "nb"
    settings.SAMSVAR_SITE_URL = "https://localhost/"
    email = notify(account, "network/entry_changed", page="network:profile")
    assert "https://localhost/nb/" in email.body
    settings.SAMSVAR_SITE_URL = "http://127.0.0.1:8799/"
    later = notify(account, "network/entry_changed", page="network:profile")
    assert [update_email_links() for _ in range(2)] == [1, 0]
    email.refresh_from_db()
    links = [re.findall(r"https?://\S+", body) for body in (email.body, later.body)]
    assert links[0] == links[1] == ["http://127.0.0.1:8799/nb/profile/"]


def test_a_real_site_shows_no_account_on_its_sign_in_page(client, db, settings):
    assert "accordance" in client.get(reverse("account_login")).content.decode()
    settings.SAMSVAR_DEMO = False
    assert "accordance" not in client.get(reverse("account_login")).content.decode()
    settings.SAMSVAR_DEMO, settings.SAMSVAR_DEMO_ACCOUNTS = True, None
    assert "accordance" not in client.get(reverse("account_login")).content.decode()


def test_the_demo_command_starts_from_nothing_cleans_up_and_recovers_after_a_kill(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SAMSVAR", "DJANGO"))}
    environment |= {
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUNBUFFERED": "1",
        "SAMSVAR_DATABASE": "postgresql://nobody@nowhere/x",
    }
    command = [sys.executable, "-m", "samsvar.site.manage", "demo", "--data", str(tmp_path), "--port", str(port)]
    demo = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert demo.stdout is not None
    said = []
    try:
        for line in demo.stdout:
            said.append(line.strip())
            if line.startswith("Samsvar is at"):
                break
        assert said[0] == f"The demonstration's data is in {tmp_path}"
        assert said[-1] == f"Samsvar is at http://127.0.0.1:{port}/  (stop it with Ctrl-C)"
        assert time.monotonic() - began < 120  # 5 s on two idle cores (2026-11)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/en/countries/XA/reports/", timeout=30) as page:
            assert page.headers["ETag"]
            assert "GREVIO/Inf(2020)901" in page.read().decode()
        children = psutil.Process(demo.pid).children(recursive=True)
        assert len(children) >= 3  # the server, its processes and the report reader
    finally:
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(timeout=30) == 0
        demo.stdout.close()
    gone, alive = psutil.wait_procs(children, timeout=15)
    assert (len(gone), alive) == (len(children), [])
    again = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert again.stdout is not None
    for line in again.stdout:
        if line.startswith("Samsvar is at"):
            break
    _kill_demo(again)
    _assert_restarts_complete(command, environment, tmp_path)


def _kill_demo(demo: subprocess.Popen[str]) -> None:
    """Kill the demonstration with a signal it cannot handle, and check that its child processes end too."""
    assert demo.stdout is not None
    children = psutil.Process(demo.pid).children(recursive=True)
    demo.kill()
    demo.wait()
    demo.stdout.close()
    assert psutil.wait_procs(children, timeout=20)[1] == []


def _assert_restarts_complete(command: list[str], environment: dict[str, str], folder: Path) -> str:
    """Fill the demonstration again, check that its reports are complete, and return what it printed."""
    again = subprocess.run(
        [*command, "--no-serve"], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert again.stderr == ""
    with closing(sqlite3.connect(folder / "samsvar.sqlite3")) as record:
        reports = "SELECT count(*) FROM samsvar_monitoring_report"
        with_findings = f"{reports} WHERE id IN (SELECT report_id FROM samsvar_monitoring_finding)"
        counted = [record.execute(query).fetchone()[0] for query in (reports, with_findings)]
    assert counted == [len(fictional_reports())] * 2
    return again.stdout


def test_older_data_are_moved_aside_and_a_demo_killed_during_setup_restarts_complete(tmp_path):
    """In one folder, because filling it takes most of the time of these tests."""
    with closing(sqlite3.connect(tmp_path / "samsvar.sqlite3")) as record:
        record.executescript(
            "CREATE TABLE django_migrations (app TEXT, name TEXT);"
            "INSERT INTO django_migrations VALUES ('samsvar_network', '0003_claims');"
        )
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "kept.pdf").write_bytes(b"of the older edition")
    (tmp_path / "secret-key").write_text("a secret of this demonstration", encoding="ascii")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "samsvar.site.manage", "demo", "--data", str(tmp_path), "--port", str(port)]

    older = None
    for moment in ("The data was created by an older version", "Reading ", "Creating the fictional meetings"):
        demo = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert demo.stdout is not None
        line = next(line for line in demo.stdout if line.startswith(moment))
        time.sleep(0.5)  # in the middle of what the line announces; after the first line it migrates
        _kill_demo(demo)
        if older is None:
            [older] = (tmp_path / "older").iterdir()
            assert f"It has been moved to {older}." in line
    again = _assert_restarts_complete(command, environment, tmp_path)
    assert "older version" not in again
    assert list((tmp_path / "older").iterdir()) == [older]
    assert (older / "documents" / "kept.pdf").read_bytes() == b"of the older edition"
    assert (tmp_path / "secret-key").read_text(encoding="ascii") == "a secret of this demonstration"
    with closing(sqlite3.connect(tmp_path / "samsvar.sqlite3")) as record:
        assert record.execute("SELECT count(*) FROM samsvar_network_account").fetchone()[0] >= 9


def test_a_port_in_use_is_reported_before_anything_is_created(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        command = [
            sys.executable,
            "-m",
            "samsvar.site.manage",
            "demo",
            "--data",
            str(tmp_path / "d"),
            "--port",
            str(port),
        ]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"127.0.0.1:{port} is already in use" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "d" / "samsvar.sqlite3").exists()


def test_a_demo_filled_twice_by_one_process_reads_the_same_files():
    """What one part of the demonstration does with the entries that it read is not seen by the next."""
    load_demo_file("duties.toml")["duty"].clear()
    assert load_demo_file("duties.toml")["duty"]
