"""Benchmark the opening of registration: 500 people want 120 places under 22 country quotas within a minute.

Starts its own PostgreSQL and the site's own server (two processes), and sends real requests from another process: each
person opens the link of their invitation, sends the form and reads the answer. Afterwards it checks in the database
that no place was given twice and no one was lost. For reference, the same run measures an application that does
nothing in the same server, and the same registration by one person after another.
"""

from __future__ import annotations

import argparse
import html
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

PEOPLE, PLACES, COUNTRIES, PLACES_PER_COUNTRY, SECONDS = 500, 120, 22, 6, 60.0
REFERENCE_PEOPLE = 30  # number of people in the reference, one after another
P99_TARGET = 1.5  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="within which all come (default: %(default)s)")
    parser.add_argument("--crowd", nargs=3, metavar=("BASE", "FILE", "SECONDS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.crowd:
        base, file, seconds = asked.crowd
        print(json.dumps(simulate_crowd(base, json.loads(Path(file).read_text()), float(seconds))))
        return 0
    from tools import postgres

    with tempfile.TemporaryDirectory(prefix="samsvar-bench-") as folder, postgres.run_server() as database:
        return measure(Path(folder), database, asked.people, asked.seconds)


def measure(folder: Path, database: str, people: int, seconds: float) -> int:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "SAMSVAR_DATA": str(folder),
        "SAMSVAR_DEMO_DATABASE": database,
        "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.demo",
    }
    os.environ.update(environment)
    crowds = prepare_meetings(people)
    from pages import NULL, _processor_time, serving, speed_of

    (folder / "null_application.py").write_text(NULL, encoding="ascii")
    with serving(environment | {"PYTHONPATH": str(folder)}, "null_application:application") as (base, server):
        null = speed_of(base + "/", 3.0, server)
    with serving(environment) as (base, server):
        alone = run_crowd(base, folder, crowds["alone"], 0.0)
        spent = _processor_time(server)
        together = run_crowd(base, folder, crowds["together"], seconds)
        spent = _processor_time(server) - spent
    print(f"an application that does nothing, in the same server: {null.per_second:,.0f} requests/s")
    print_timings("one after another", alone)
    print_timings(f"{people} people within {seconds:.0f} s", together)
    print(f"of a processor: {1_000 * spent / people:.0f} ms for one person’s three requests, the database not counted")
    told = read_results()
    print(f"confirmed {told['confirmed']}, waiting {told['waiting']}; processors: {os.cpu_count()}, ", end="")
    print(f"load when measured: {os.getloadavg()[0]:.1f}")
    answers = together["answers"]
    kept = {
        "everybody gets an answer": len(answers) == people and not together["failed"],
        "none is lost": told["confirmed"] + told["waiting"] == people,
        f"all {PLACES} places are given": told["confirmed"] == min(PLACES, people),
        "no place is given twice": all(taken == held <= places for taken, held, places in told["quotas"]),
        "each was told what the record says": answers.count("place") == told["confirmed"],
        "the line has no gap": told["numbers"] == list(range(1, told["waiting"] + 1)),
        f"within {seconds:.0f} s": together["lasted"] <= max(seconds, 1) + P99_TARGET * 3,
        f"p99 ≤ {P99_TARGET} s": quantile(together["times"], 0.99) <= P99_TARGET,
    }
    for promise, is_kept in kept.items():
        print(f"{'kept' if is_kept else 'BROKEN':7}{promise}")
    return 0 if all(kept.values()) else 1


def prepare_meetings(people: int) -> dict[str, list[str]]:
    """Create two meetings, for the reference and for the crowd; return the invitation links of each."""
    import django

    django.setup()
    from datetime import date, timedelta

    from django.core.management import call_command
    from django.db import connections
    from django.utils import timezone

    from samsvar.meetings.meeting import AccessLevel
    from samsvar.site.convention.actions import load_convention
    from samsvar.site.convention.models import State
    from samsvar.site.demo.management.commands.demo import _collect_static
    from samsvar.site.meetings import models
    from samsvar.site.meetings.registration.actions.emails import link_url
    from samsvar.site.meetings.registration.actions.invitations import create_invitation
    from samsvar.site.network.models import Account

    call_command("migrate", verbosity=0, interactive=False)
    _collect_static()
    load_convention()
    by = Account.objects.create_user("organiser@bench.example", None)
    codes = sorted(State.objects.exclude(code__startswith="X").values_list("code", flat=True))[:COUNTRIES]
    links: dict[str, list[str]] = {}
    for name, number in (("alone", REFERENCE_PEOPLE), ("together", people)):
        meeting = models.Meeting.objects.create(
            public_id=f"bench-{name}", kind="conference", languages=["en"], title={"en": "Places for some"},
            begins=date(2027, 6, 1), ends=date(2027, 6, 3), zone="Europe/Bucharest", access=AccessLevel.ORGANISERS,
            opens_at=timezone.now() - timedelta(hours=1), fictional=True,
        )  # fmt: skip
        quotas = [("whole", "", PLACES), *(("country", code, PLACES_PER_COUNTRY) for code in codes)]
        for kind, key, places in quotas:
            models.Quota.objects.create(meeting=meeting, kind=kind, key=key, places=places)
        until = timezone.now() + timedelta(days=9)
        links[name] = [
            urlsplit(
                link_url(
                    create_invitation(
                        meeting, f"guest-{one}@{name}.example", by=by, expires_at=until, language="en",
                        state=codes[one % len(codes)],
                    ),
                    language="en",
                )
            ).path
            for one in range(number)
        ]  # fmt: skip
    connections.close_all()
    return links


def read_results() -> dict[str, object]:
    """Return the final state in the database: counts by status, and (taken, held, places) of each quota."""
    from samsvar.site.meetings import models
    from samsvar.site.meetings.registration.queries.quotas import PLACE_HOLDING_STATUSES, registration_quotas

    meeting = models.Meeting.objects.get(public_id="bench-together")
    rows = list(meeting.registrations.all())
    held = [row for row in rows if row.status in PLACE_HOLDING_STATUSES]
    return {
        "confirmed": len(held),
        "waiting": sum(row.status == "waiting" for row in rows),
        "numbers": sorted(row.waiting_number for row in rows if row.waiting_number is not None),
        "quotas": [
            (one.taken, sum(bool(registration_quotas(row, [one])) for row in held), one.places)
            for one in meeting.quotas.all()
        ],
    }


def run_crowd(base: str, folder: Path, links: list[str], seconds: float) -> dict:
    file = folder / "links.json"
    file.write_text(json.dumps(links), encoding="ascii")
    command = [sys.executable, str(Path(__file__).resolve()), "--crowd", base, str(file), str(seconds)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def print_timings(what: str, got: dict) -> None:
    times = got["times"]
    print(
        f"{what}: {len(got['answers'])} answers, {got['failed']} failed, {len(times) / got['lasted']:.1f} requests/s, "
        f"p50 {quantile(times, 0.5):.3f} s, p99 {quantile(times, 0.99):.3f} s, longest {max(times):.3f} s"
    )


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


# --- The crowd: a separate process ------------------------------------------------------------------------------------


def simulate_crowd(base: str, links: list[str], seconds: float) -> dict:
    """Register everyone at random moments within these seconds, half in the first third; 0 means one by one."""
    parts, lock = urlsplit(base), threading.Lock()
    got: dict = {"answers": [], "times": [], "failed": 0, "wrong": []}
    dice = random.Random(20261124)
    moments = sorted(
        dice.uniform(0, seconds / 3 if one % 2 else seconds * 0.95) if seconds else 0.0 for one in range(len(links))
    )
    began = time.perf_counter()

    def person(moment: float, path: str) -> None:
        time.sleep(max(0.0, began + moment - time.perf_counter()))
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            said, times = complete_registration(line, path)
        except (OSError, http.client.HTTPException, ValueError) as error:
            with lock:
                got["failed"] += 1
                got["wrong"].append(repr(error)[:200])
            return
        finally:
            line.close()
        with lock:
            got["answers"].append(said)
            got["times"] += times

    if seconds:
        with ThreadPoolExecutor(len(links)) as pool:
            list(pool.map(person, moments, links))
    else:
        for path in links:
            person(0.0, path)
    return got | {"lasted": time.perf_counter() - began}


def complete_registration(line: http.client.HTTPConnection, path: str) -> tuple[str, list[float]]:
    """Open the link, send the form and read the result; return "place" or "waiting", and the three request times."""
    times: list[float] = []
    status, headers, page = send_request(line, "GET", path, times)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    cookie = "; ".join(one.split(";")[0] for name, one in headers if name.lower() == "set-cookie")
    if status != 200 or token is None:
        raise ValueError(f"no form: {status}")
    said = {"csrfmiddlewaretoken": token[1], "name": "Fictional Guest", "language": "en", "listed": "organisers"}
    status, headers, _page = send_request(line, "POST", path, times, urlencode(said), cookie)
    if status != 302:
        raise ValueError(f"not taken: {status}")
    status, _headers, page = send_request(
        line, "GET", next(one for name, one in headers if name.lower() == "location"), times
    )
    page = html.unescape(page)
    if status == 200 and "You have a place." in page:
        return "place", times
    if status == 200 and re.search(r"You are number \d+ on the waiting list", page):
        return "waiting", times
    raise ValueError(f"no answer: {status}")


def send_request(
    line: http.client.HTTPConnection, method: str, path: str, times: list[float], body: str = "", cookie: str = ""
) -> tuple[int, list[tuple[str, str]], str]:
    headers = {"Cookie": cookie} if cookie else {}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    began = time.perf_counter()
    line.request(method, path, body or None, headers)
    answer = line.getresponse()
    page = answer.read().decode()
    times.append(time.perf_counter() - began)
    return answer.status, answer.getheaders(), page


if __name__ == "__main__":
    sys.exit(main())
