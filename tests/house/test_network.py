"""Tests that nothing uses the network: neither tests, nor reading a report, nor listing the Parties."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Python runs sitecustomize at every start, so this watches the command and all its child processes.
WATCH_SCRIPT = """
import os, socket, sys

def watch(event, args):
    if event == "socket.__new__" and args[1] not in {socket.AF_UNIX}:
        with open(os.environ["WATCHED_CALLS_LOG"], "a") as log:
            log.write(f"{event} {args[1:]}\\n")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.connect"}:
        with open(os.environ["WATCHED_CALLS_LOG"], "a") as log:
            log.write(f"{event} {args}\\n")

sys.addaudithook(watch)
"""


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])  # reserved for documentation: no machine answers there
def test_a_test_that_connects_to_another_machine_fails(host, network_attempts):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as line, pytest.raises(RuntimeError, match="this machine only"):
        line.connect((host, 80))
    assert network_attempts == [f"socket.connect '{host}'"]
    network_attempts.clear()


def test_a_test_that_looks_up_a_host_name_fails(network_attempts):
    with pytest.raises(RuntimeError, match="this machine only"):
        socket.getaddrinfo("samsvar.example", 443)
    network_attempts.clear()


def test_a_test_may_connect_to_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5):
            pass


def run_watched(tmp_path: Path, *command: str, text: str = "") -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run Python with the watcher; return the finished process and its network calls."""
    (tmp_path / "sitecustomize.py").write_text(WATCH_SCRIPT)
    log = tmp_path / "watch.log"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "WATCHED_CALLS_LOG": str(log)}
    done = subprocess.run(
        [sys.executable, *command],
        input=text,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done, log.read_text().splitlines() if log.exists() else []


def test_a_socket_opened_by_a_child_process_is_recorded(tmp_path):
    child = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'], check=True)"
    )
    done, touched = run_watched(tmp_path, "-c", child)
    assert done.returncode == 0, done.stderr
    assert len(touched) == 1


REPORT = """Article 7: Comprehensive and co-ordinated policies

1. GREVIO strongly encourages the authorities of Nordmark, a fictional state, to adopt a long-term plan.
"""


def test_reading_a_report_uses_no_network(tmp_path):
    done, touched = run_watched(
        tmp_path, "-m", "samsvar.cli", "read", "--body", "grevio", "--format", "json", "-", text=REPORT
    )
    assert done.returncode == 0, done.stderr
    assert '"strongly_encourages"' in done.stdout
    assert touched == []


def test_listing_the_parties_uses_no_network(tmp_path):
    done, touched = run_watched(tmp_path, "-m", "samsvar.cli", "status", "--on", "2019-06-04", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert '"party"' in done.stdout
    assert touched == []
