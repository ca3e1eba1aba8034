"""The network is not touched: not by tests, not by reading a report, not by asking for the Parties."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Python runs a sitecustomize at every start, so this watches the command and every child process it makes.
WATCH = """
import os, socket, sys

def watch(event, args):
    if event == "socket.__new__" and args[1] not in {socket.AF_UNIX}:
        with open(os.environ["SAMSVAR_WATCH"], "a") as log:
            log.write(f"{event} {args[1:]}\\n")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.connect"}:
        with open(os.environ["SAMSVAR_WATCH"], "a") as log:
            log.write(f"{event} {args}\\n")

sys.addaudithook(watch)
"""


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])  # addresses kept for examples: nobody answers there
def test_a_test_that_speaks_to_another_machine_fails(host, touched_network):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as line, pytest.raises(RuntimeError, match="this machine only"):
        line.connect((host, 80))
    assert touched_network == [f"socket.connect '{host}'"]
    touched_network.clear()


def test_a_test_that_looks_a_name_up_fails(touched_network):
    with pytest.raises(RuntimeError, match="this machine only"):
        socket.getaddrinfo("samsvar.example", 443)
    touched_network.clear()


def test_a_test_may_speak_to_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5):
            pass


def watched(tmp_path: Path, *command: str, text: str = "") -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run Python watched; what it said, and what it asked of the network."""
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    log = tmp_path / "watch.log"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "SAMSVAR_WATCH": str(log)}
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


def test_the_watch_sees_a_socket_of_a_child(tmp_path):
    child = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'], check=True)"
    )
    done, touched = watched(tmp_path, "-c", child)
    assert done.returncode == 0, done.stderr
    assert len(touched) == 1


REPORT = """Article 7: Comprehensive and co-ordinated policies

1. GREVIO strongly encourages the authorities of Nordmark, an invented state, to adopt a long-term plan.
"""


def test_reading_a_report_touches_no_network(tmp_path):
    done, touched = watched(
        tmp_path, "-m", "samsvar.cli", "read", "--body", "grevio", "--format", "json", "-", text=REPORT
    )
    assert done.returncode == 0, done.stderr
    assert '"strongly_encourages"' in done.stdout
    assert touched == []


def test_asking_for_the_parties_touches_no_network(tmp_path):
    done, touched = watched(tmp_path, "-m", "samsvar.cli", "status", "--on", "2019-06-04", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert '"party"' in done.stdout
    assert touched == []
