"""Measure the speed and size of the pages: requests per second warm and cold, queries, and bytes of a first view.

Creates the demonstration data, starts the demonstration's own server (two processes) and sends requests from another
process on the same machine. The ratios compare with an application that does nothing in the same server. Where
`--peer NAME=ADDRESS` names a running page of another program, the same client measures it in the same run.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 8
SECONDS = 3.0
WARM_TARGET, COLD_TARGET = 1_200, 120  # requests per second, with two processes on two cores
WEIGHT_TARGET, REQUESTS_TARGET, QUERIES_TARGET = 120_000, 10, 12
NULL = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@dataclass(frozen=True, slots=True)
class Speed:
    """The result of one load test of one address."""

    per_second: float
    failed: int
    milliseconds: float  # of processor time per response, which a busy machine changes little


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=ADDRESS", help="a page of another program")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each load (default: %(default)s)")
    parser.add_argument("--load", nargs=2, metavar=("ADDRESS", "SECONDS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.load:
        print(json.dumps(run_load(asked.load[0], float(asked.load[1]))))
        return 0
    with tempfile.TemporaryDirectory(prefix="samsvar-bench-") as folder:
        return measure(Path(folder), asked.seconds, dict(peer.split("=", 1) for peer in asked.peer))


def measure(folder: Path, seconds: float, peers: dict[str, str]) -> int:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "SAMSVAR_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.demo",
    }
    began = time.perf_counter()
    manage = [sys.executable, "-m", "samsvar.site.manage"]
    subprocess.run(
        [*manage, "demo", "--data", str(folder), "--no-serve"], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    print(f"demonstration made in {time.perf_counter() - began:.1f} s")
    os.environ.update(environment)
    pages = example_pages()
    queries = {name: queries_of(path) for name, path in pages.items()}
    (folder / "null_application.py").write_text(NULL, encoding="ascii")
    with serving(environment | {"PYTHONPATH": str(folder)}, "null_application:application") as (base, server):
        null = speed_of(base + "/", seconds, server)
    print(f"an application that does nothing, in the same server: {null.per_second:,.0f} requests/s")
    for name, address in peers.items():
        print(f"{name}: {speed_of(address, seconds).per_second:,.0f} requests/s ({address})")
    with serving(environment) as (base, server):
        weights = {name: measure_first_view(base, path) for name, path in pages.items()}
        warm = {name: speed_of(base + path, seconds, server) for name, path in pages.items()}
    with serving(environment | {"SAMSVAR_PAGE_CACHE_BYTES": "0"}) as (base, server):
        cold = {name: speed_of(base + path, seconds, server) for name, path in pages.items()}
    print("page       warm/s  of null  ms each   cold/s  ms each  queries      page  first view  requests")
    for name in pages:
        page, view, requests = weights[name]
        print(
            f"{name:9}{warm[name].per_second:>8,.0f}{warm[name].per_second / null.per_second:>9.0%}"
            f"{warm[name].milliseconds:>9.2f}{cold[name].per_second:>9,.0f}{cold[name].milliseconds:>9.1f}"
            f"{queries[name]:>9}{page / 1000:>8.1f}kB{view / 1000:>10.1f}kB{requests:>10}"
        )
    print(
        f"processors: {os.cpu_count()}, load when measured: {os.getloadavg()[0]:.1f}; "
        "ms each: of a processor, for one answer"
    )
    kept = {
        f"every page warm ≥ {WARM_TARGET:,}/s": min(one.per_second for one in warm.values()) >= WARM_TARGET,
        f"country cold ≥ {COLD_TARGET}/s": cold["country"].per_second >= COLD_TARGET,
        f"country ≤ {QUERIES_TARGET} queries": queries["country"] <= QUERIES_TARGET,
        f"first view ≤ {WEIGHT_TARGET // 1000} kB": max(view for _, view, _ in weights.values()) <= WEIGHT_TARGET,
        f"first view ≤ {REQUESTS_TARGET} requests": max(requests for *_, requests in weights.values())
        <= REQUESTS_TARGET,
        "no request failed": not any(one.failed for one in (*warm.values(), *cold.values())),
    }
    for promise, is_kept in kept.items():
        print(f"{'kept' if is_kept else 'BROKEN':7}{promise}")
    return 0 if all(kept.values()) else 1


def example_pages() -> dict[str, str]:
    """Return one page of each kind, the one with the most content."""
    import django

    django.setup()
    from samsvar.site.monitoring.models import Finding

    finding = Finding.objects.filter(state_id="XA").order_by("-rank", "id").first()
    assert finding is not None
    return {
        "home": "/en/",
        "map": "/en/map/?on=2019-06-04",
        "country": "/en/countries/NO/",
        "fictional": "/en/countries/XA/",
        "article": "/en/articles/25/",
        "matrix": "/en/matrix/",
        "finding": f"/en/findings/{finding.public_id}/",
        "findings": "/en/findings/",
    }


def queries_of(path: str) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = Client(SERVER_NAME="localhost").get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return len(captured)


@contextlib.contextmanager
def serving(environment: dict[str, str], application: str = "") -> Iterator[tuple[str, int]]:
    """Run the demonstration's server on a free port for the length of the block; yield its address and process id."""
    from samsvar.site.demo.management.commands.demo import server_command

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = server_command("127.0.0.1", port, 2)
    if application:
        command[command.index("samsvar.site.wsgi:application")] = application
    server = subprocess.Popen(command, env=environment)
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                fetch("127.0.0.1", port, "/robots.txt")
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=15)


def fetch(host: str, port: int, path: str) -> bytes:
    """Return the response body as transferred, compressed."""
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "br, gzip"})
        answer = connection.getresponse()
        return answer.read()
    finally:
        connection.close()


def measure_first_view(base: str, path: str) -> tuple[int, int, int]:
    """Return the bytes of the page, the bytes of everything in a first view, and the number of requests."""
    import brotli

    parts = urlsplit(base)
    assert parts.hostname is not None
    assert parts.port is not None
    page = fetch(parts.hostname, parts.port, path)
    html = brotli.decompress(page).decode()
    tags = re.findall(r"<(?:link|script|img)\b[^>]*>", html)
    eager = [tag for tag in tags if 'loading="lazy"' not in tag]
    linked = {
        found[1]
        for tag in eager
        if (tag.startswith("<link") and re.search(r'rel="(?:stylesheet|icon|preload|modulepreload)"', tag))
        or not tag.startswith("<link")
        if (found := re.search(r'(?:href|src)="(/[^"]+)"', tag))
    }
    weight = sum(len(fetch(parts.hostname, parts.port, address)) for address in linked)
    return len(page), len(page) + weight, 1 + len(linked)


# --- The client: a separate process with one loop over a few persistent connections -----------------------------------


def speed_of(address: str, seconds: float, server: int = 0) -> Speed:
    """Request an address as fast as it responds, after a short warm-up; `server` is the process id of the server."""
    for duration in (0.5, seconds):
        spent = _processor_time(server)
        command = [sys.executable, str(Path(__file__).resolve()), "--load", address, str(duration)]
        said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    spent = _processor_time(server) - spent
    return Speed(said["answered"] / said["seconds"], said["failed"], 1_000 * spent / max(1, said["answered"]))


def _processor_time(server: int) -> float:
    """Return the seconds of processor time that a server and its child processes have used so far."""
    if not server:
        return 0.0
    leader = psutil.Process(server)
    return sum(one.cpu_times().user + one.cpu_times().system for one in (leader, *leader.children(recursive=True)))


def run_load(address: str, seconds: float) -> dict[str, float]:
    """Keep `CONNECTIONS` requests in flight for some seconds; a response other than 200 counts as failed."""
    parts = urlsplit(address)
    target = (parts.hostname or "127.0.0.1", parts.port or 80)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    head = (f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", "Accept-Encoding: br, gzip", "Connection: keep-alive")
    request = ("\r\n".join(head) + "\r\n\r\n").encode()
    answered = failed = 0
    poll = select.poll()
    lines: dict[int, tuple[socket.socket, bytearray]] = {}

    def begin() -> None:
        line = socket.create_connection(target, timeout=30)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines[line.fileno()] = (line, bytearray())
        poll.register(line, select.POLLIN)
        line.sendall(request)

    def end(number: int) -> None:
        line, _ = lines.pop(number)
        poll.unregister(line)
        line.close()

    for _ in range(CONNECTIONS):
        begin()
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < seconds:
        for number, _event in poll.poll(1_000):
            line, got = lines[number]
            part = line.recv(262_144)
            got += part
            length = _response_length(got)
            if part and (length is None or len(got) < length):
                continue
            answered += bool(got)
            failed += not got.startswith(b"HTTP/1.1 200")
            if part and b"\r\nconnection: close" not in bytes(got[:2_000]).lower():
                got.clear()
                line.sendall(request)
            else:
                end(number)
                begin()
    return {"answered": answered, "failed": failed, "seconds": now - began}


def _response_length(got: bytearray) -> int | None:
    """Return the length of the whole response, or None if it is not known yet.

    Without Content-Length it is not known until the connection closes.
    """
    head = got.find(b"\r\n\r\n")
    if head < 0:
        return None
    found = re.search(rb"\r\ncontent-length: *(\d+)", bytes(got[: head + 2]).lower())
    return head + 4 + int(found[1]) if found else None


if __name__ == "__main__":
    sys.exit(main())
