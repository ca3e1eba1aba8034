"""Measure the speed and size of a conference's public pages: 60 sessions, 60 speakers, 5 rooms, 3 days.

Creates the demonstration data and such a conference, serves them with the demonstration's own server (two processes)
and sends requests from another process on the same machine, with the client of `benchmarks/pages.py`. The largest
contentful paint is that of a phone: 390 pixels wide, a processor four times slower, 1.6 Mbit/s and 150 ms latency.

`--pretalx FOLDER` also measures pretalx in the same run with the same client: the folder in which a script has
installed it, with a conference of as many talks and speakers. Indico's figures are printed as recorded earlier.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pages import ROOT, Speed, queries_of, serving, speed_of

SLUG = "bench-conference"
WEIGHT, REQUESTS, CPU, PAINT, WARM = 150_000, 12, 15.0, 1_200.0, 1_200.0  # the targets of issue 4
# Measured on 2026-11-24 with two workers on a machine with two processors; not part of this run.
INDICO = {"landing": (37.4, 44.0), "timetable": (18.0, 95.5), "speakers": (33.4, 52.0)}
LARGEST_PAINT = """() => new Promise(done => {
  let last = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) last = one.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => done(last), 600);
})"""


@dataclass(frozen=True, slots=True)
class FirstView:
    """The figures of a first visit on a phone."""

    paint: float  # milliseconds
    weight: int  # bytes transferred
    requests: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each load (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of each first visit (default: %(default)s)")
    parser.add_argument("--pretalx", metavar="FOLDER", help="where pretalx is installed, to measure it too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="samsvar-bench-") as folder:
        return measure(Path(folder), asked.seconds, asked.rounds, asked.pretalx)


def measure(folder: Path, seconds: float, rounds: int, pretalx: str | None) -> int:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "SAMSVAR_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.demo",
    }
    demo = [sys.executable, "-m", "samsvar.site.manage", "demo", "--data", str(folder), "--no-serve"]
    subprocess.run(demo, env=environment, check=True, stdout=subprocess.DEVNULL)
    os.environ.update(environment)
    make_conference()
    pages = {
        "meeting": f"/en/meetings/{SLUG}/",
        "programme": f"/en/meetings/{SLUG}/programme/",
        "speakers": f"/en/meetings/{SLUG}/speakers/",
    }
    queries = {name: queries_of(path) for name, path in pages.items()}
    with serving(environment) as (base, server):
        views = measure_first_views({name: base + path for name, path in pages.items()}, rounds)
        faults = {name: count_axe_violations(base + path) for name, path in pages.items()}
        warm = {name: speed_of(base + path, seconds, server) for name, path in pages.items()}
    with serving(environment | {"SAMSVAR_PAGE_CACHE_BYTES": "0"}) as (base, server):
        cold = {name: speed_of(base + path, seconds, server) for name, path in pages.items()}
    print("page         warm/s   cold/s  CPU ms  queries  largest paint     weight  requests  axe")
    for name in pages:
        _print_row(name, warm[name].per_second, cold[name], queries[name], views[name], faults[name])
    if pretalx:
        with pretalx_server(Path(pretalx)) as (base, server):
            theirs = {"landing": base, "schedule": base + "schedule/", "speakers": base + "speaker/"}
            seen = measure_first_views(theirs, rounds)
            for name, address in theirs.items():
                speed = speed_of(address, seconds, server)
                _print_row(f"pretalx {name}", None, speed, None, seen[name], None)
    for name, (per_second, milliseconds) in INDICO.items():
        print(f"Indico {name}: {per_second} requests/s, {milliseconds} ms of a processor (recorded, not of this run)")
    print(f"processors: {os.cpu_count()}, load when measured: {os.getloadavg()[0]:.1f}")
    kept = {
        f"warm ≥ {WARM:,.0f}/s": min(one.per_second for one in warm.values()) >= WARM,
        f"≤ {CPU:.0f} ms of a processor uncached": max(one.milliseconds for one in cold.values()) <= CPU,
        f"≤ {WEIGHT // 1000} kB cold": max(one.weight for one in views.values()) <= WEIGHT,
        f"≤ {REQUESTS} requests cold": max(one.requests for one in views.values()) <= REQUESTS,
        f"largest paint ≤ {PAINT / 1000:.1f} s": max(one.paint for one in views.values()) <= PAINT,
        "axe finds nothing": not any(faults.values()),
        "no request failed": not any(one.failed for one in (*warm.values(), *cold.values())),
    }
    for promise, is_kept in kept.items():
        print(f"{'kept' if is_kept else 'BROKEN':7}{promise}")
    return 0 if all(kept.values()) else 1


def _print_row(
    name: str, warm: float | None, cold: Speed, queries: int | None, view: FirstView, faults: int | None
) -> None:
    print(
        f"{name:18}{'–' if warm is None else f'{warm:,.0f}':>7}{cold.per_second:>9,.0f}{cold.milliseconds:>8.1f}"
        f"{'–' if queries is None else queries:>9}{view.paint:>12,.0f} ms{view.weight / 1000:>8.1f} kB"
        f"{view.requests:>10}{'–' if faults is None else faults:>5}"
    )


# --- Measuring in a browser -------------------------------------------------------------------------------------------


def make_conference() -> None:
    """Create twenty sessions a day in five rooms, each with a named speaker who has a public profile."""
    import django

    django.setup()
    from django.utils import timezone

    from samsvar.meetings.versions import programme_to_json
    from samsvar.network.consent import LegalBasis, Purpose, Visibility
    from samsvar.network.people import Field
    from samsvar.site.meetings import models
    from samsvar.site.meetings.programme.queries import draft as queries
    from samsvar.site.network.models import Basis, Detail, Organisation, Person

    begins = date(2027, 3, 2)
    meeting = models.Meeting.objects.create(
        public_id=SLUG,
        kind="conference",
        languages=["en", "fr"],
        title={"en": "A conference of sixty sessions", "fr": "Une conférence de soixante sessions"},
        begins=begins,
        ends=begins + timedelta(days=2),
        zone="Europe/Bucharest",
        city="Marinoluz",
        access="public",
        fictional=True,
    )
    rooms = [
        models.Room.objects.create(meeting=meeting, key=f"room-{n}", name=f"Room {n}", capacity=80, order=n)
        for n in range(1, 6)
    ]
    tracks = [
        models.Track.objects.create(meeting=meeting, key=f"track-{n}", name={"en": f"Track {n}"}, order=n)
        for n in range(1, 4)
    ]
    body = Organisation.objects.filter(state="XA").first()
    now = timezone.now()
    for number in range(60):
        person = Person.objects.create(fictional=True)
        details = [(Field.NAME, f"Fictional Speaker {number:02}"), (Field.COUNTRY, "XA")]
        if body is not None:
            details.append((Field.ORGANISATION, body.public_id))
        for field, value in details:
            Detail.objects.create(person=person, field=field, value=value, visibility=Visibility.PUBLIC)
        for purpose in (Purpose.PROGRAMME, Purpose.PUBLIC_ENTRY, Purpose.MEETINGS):
            Basis.objects.create(
                person=person, purpose=purpose, ground=LegalBasis.CONSENT, since=now, text_version="bench"
            )
        day, slot, room = number // 20, (number % 20) // 5, number % 5
        starts = datetime.combine(begins + timedelta(days=day), datetime.min.time(), UTC) + timedelta(
            hours=7 + 2 * slot
        )
        session = models.Session.objects.create(
            meeting=meeting,
            title={"en": f"Session {number:02}: what one state learned from another", "fr": f"Session {number:02}"},
            abstract={"en": "Three sentences about a session. They say what it is about. Nobody reads them here. " * 3},
            kind="talk",
            state="ready",
            starts=starts,
            ends=starts + timedelta(minutes=90),
            room=rooms[room],
            track=tracks[number % 3],
            languages=["en"],
            interpreted=[{"language": "fr", "channel": "2"}, {"language": "ro", "channel": "3"}],
        )
        session.appearances.create(person=person, part="speaker")
    rows = queries.publishable_sessions(queries.draft_sessions(meeting))
    keys = queries.appearance_keys(meeting, rows)
    models.Version.objects.create(
        meeting=meeting,
        number=1,
        programme=programme_to_json(queries.build_programme(meeting, rows)),
        people={keys[one.pk]: one.person.public_id for row in rows for one in row.appearances.all() if one.person},
        released_at=now,
    )
    meeting.version = 1
    meeting.save()


# --- Measuring in a browser -------------------------------------------------------------------------------------------


@contextmanager
def _browser() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT))
    from playwright.sync_api import sync_playwright

    from tools.chromium import find_chromium, launch_flags

    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=find_chromium(), args=launch_flags())
        yield program
        program.close()


def measure_first_views(addresses: dict[str, str], rounds: int) -> dict[str, FirstView]:
    """Measure each address as a phone's first visit: the median paint of several rounds, with the pages in turn."""
    found: dict[str, list[FirstView]] = {name: [] for name in addresses}
    with _browser() as browser:
        for _round in range(rounds):
            for name, address in addresses.items():
                found[name].append(_measure_first_view(browser, address))
    return {
        name: FirstView(
            statistics.median(one.paint for one in views), max(one.weight for one in views), views[0].requests
        )
        for name, views in found.items()
    }


def _measure_first_view(browser: Any, address: str) -> FirstView:
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    throughput = 1_600_000 / 8
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 150, "downloadThroughput": throughput, "uploadThroughput": throughput},
    )
    bytes_of: list[float] = []
    line.on("Network.loadingFinished", lambda event: bytes_of.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    paint = page.evaluate(LARGEST_PAINT)
    context.close()
    return FirstView(paint, int(sum(bytes_of)), len(bytes_of))


def count_axe_violations(address: str) -> int:
    """Count the violations that axe finds, on wide and narrow screens, in light and dark mode."""
    axe = (ROOT / ".cache/axe/axe.min.js").read_text(encoding="utf-8")
    found = 0
    with _browser() as browser:
        for width in (320, 1280):
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page = context.new_page()
                page.goto(address)
                page.evaluate(axe)
                found += page.evaluate("async () => (await axe.run()).violations.length")
                context.close()
    return found


# --- pretalx ----------------------------------------------------------------------------------------------------------


@contextmanager
def pretalx_server(folder: Path) -> Iterator[tuple[str, int]]:
    """Run pretalx with two workers and its conference for the length of the block; yield its address and process id."""
    data, port, redis_port = folder / "pretalx-data", 8451, 6390
    quiet = subprocess.DEVNULL
    redis = subprocess.Popen(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(redis_port), "--save", "", "--appendonly", "no"],
        cwd=data,
        stdout=quiet,
    )
    environment = {**os.environ, "PRETALX_CONFIG_FILE": str(data / "pretalx.cfg")}
    for name in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    time.sleep(1)
    command = [str(folder / "pretalx/bin/gunicorn"), "pretalx.wsgi", "--workers", "2", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, cwd=data, env=environment, stdout=quiet, stderr=quiet)
    base = f"http://127.0.0.1:{port}/democon/"
    try:
        _wait_for_port(port)
        yield base, server.pid
    finally:
        for process in (server, redis):
            process.terminate()
            process.wait(timeout=15)


def _wait_for_port(port: int) -> None:
    import socket

    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.3)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
