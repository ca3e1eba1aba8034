"""Kill the site's processes at random while people use it, and compare what they were told with what is stored.

Creates the demonstration data, starts web processes and a worker, and lets people upload reports, register groups,
check participants in and judge findings. Meanwhile it sends SIGKILL to a web process, the web server, the worker, a
reader or all of them, starts again what ended, and compares: everything that was told as done is there once and whole,
and no upload is refused or left waiting. `--database postgresql` starts a server of its own. It is not part of
`make bench`: 200 kills take about ten minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import logging
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

ROOT = Path(__file__).resolve().parent.parent
KILLS, DRAIN_SECONDS = 200, 180.0
KINDS = ("web", "web", "server", "worker", "worker", "reader", "reader", "all")
CSRF = "a" * 32
EDITORS = 8


@dataclass(slots=True)
class Ledger:
    """What people did: `told` was confirmed by an answer, `tried` may or may not have been stored."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    told: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: {} for name in TASKS})
    tried: dict[str, set[Any]] = field(default_factory=lambda: {name: set() for name in TASKS})
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)


class Site:
    """The server and the worker, as the demonstration starts them, without the command that restarts them."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        from samsvar.site.demo.management.commands import demo

        self.environment, self.port = environment, port
        self.commands = {"server": demo.server_command("127.0.0.1", port, 2), "worker": demo._worker_command()}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.seconds_down: list[float] = []

    def start(self) -> None:
        """Start what does not run, and wait until the site answers."""
        began = time.monotonic()
        for name, command in self.commands.items():
            if name not in self.processes or self.processes[name].poll() is not None:
                log = open(Path(self.environment["SAMSVAR_DATA"]) / f"{name}.log", "ab")  # noqa: SIM115
                self.processes[name] = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        while time.monotonic() - began < 60:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/en/")
                if connection.getresponse().status == 200:
                    break
            time.sleep(0.05)
        self.seconds_down.append(time.monotonic() - began)

    def kill(self, kind: str, chance: random.Random) -> bool:
        """Send SIGKILL; return False if there is no such process at the moment."""
        targets: list[int] = []
        server, worker = (self.processes[name].pid for name in ("server", "worker"))
        with contextlib.suppress(psutil.NoSuchProcess):
            if kind == "web":
                targets = [one.pid for one in psutil.Process(server).children()]
                targets = chance.sample(targets, min(1, len(targets)))
            elif kind == "reader":
                targets = [one.pid for one in psutil.Process(worker).children()]
            elif kind == "all":
                trees = (psutil.Process(server), psutil.Process(worker))
                targets = [one.pid for tree in trees for one in (tree, *tree.children(recursive=True))]
            elif kind == "server":
                targets = [server, *(one.pid for one in psutil.Process(server).children())]
            else:
                targets = [worker]
        for pid in targets:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.processes.values():
            if process.pid in targets:
                process.wait()
        return bool(targets)

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(timeout=20)


class Person:
    """Someone with an open session, who sends forms."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie

    def post(self, path: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        """Send a form; return the status, or 0 if the connection broke before an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"{self.cookie}; csrftoken={CSRF}", "Content-Type": content_type, "X-CSRFToken": CSRF}
        try:
            connection.request("POST", path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def post_form(self, path: str, **fields: str) -> tuple[int, bytes]:
        return self.post(path, urlencode(fields).encode(), "application/x-www-form-urlencoded")


# --- What people do: each returns the key of what they did, its value, and whether they were told that it is done -----

type Deed = tuple[str, Any, int, bool]


def upload(person: Person, facts: dict[str, Any], chance: random.Random) -> Deed:
    verbs = ("urges", "strongly encourages", "encourages", "invites")
    number = uuid.uuid4().hex
    text = "\n\n".join(
        f"{one}. GREVIO {chance.choice(verbs)} the authorities of Nordmark to act on matter {number}-{one}."
        for one in range(1, chance.randrange(5, 60))
    ).encode()
    boundary = f"--------{number}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in (("body", "grevio"), ("state", "XA"), ("csrfmiddlewaretoken", CSRF))
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{number}.txt"\r\n\r\n'.encode()
    body = b"".join([*parts, head, text, f"\r\n--{boundary}--\r\n".encode()])
    status, _ = person.post("/en/upload/", body, f"multipart/form-data; boundary={boundary}")
    return hashlib.sha256(text).hexdigest(), True, status, status == 302


def register_group(person: Person, facts: dict[str, Any], chance: random.Random) -> Deed:
    group = uuid.uuid4().hex[:12]
    lines = ["name,email,country,group,category,title,organisation,language"]
    lines += [f"Guest {group} {one},{group}-{one}@network.example,,,,,," for one in range(3)]
    path = f"/en/meetings/{facts['meeting']}/manage/registrations/table/"
    status, _ = person.post_form(path, checked="\r\n".join(lines), csrfmiddlewaretoken=CSRF)
    return group, True, status, status == 302


def check_in(person: Person, facts: dict[str, Any], chance: random.Random) -> Deed:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    key = str(uuid.uuid4())
    entry = {"id": key, "registration": chance.choice(facts["registrations"]), "at": now}
    body = json.dumps({"device": "kills", "sent": now, "seen": [entry]}).encode()
    status, answer = person.post(f"/en/meetings/{facts['meeting']}/check-in/merge/", body, "application/json")
    is_stored = status == 200 and json.loads(answer)["answers"].get(key) in {"stored", "already_saved"}
    return key, True, status, is_stored


def judge(person: Person, facts: dict[str, Any], chance: random.Random) -> Deed:
    finding, note = chance.choice(facts["findings"]), uuid.uuid4().hex
    path = f"/en/findings/{finding}/review/"
    label = {"review": "confirmed", "strength": chance.choice(("urges", "invites")), "articles": "7"}  # has a reason
    facts["announce"](finding, note)
    status, _ = person.post_form(path, **label, note=note, csrfmiddlewaretoken=CSRF)
    return finding, note, status, status == 302


TASKS: dict[str, Callable[[Person, dict[str, Any], random.Random], Deed]] = {
    "uploads": upload,
    "groups": register_group,
    "check-ins": check_in,
    "judgements": judge,
}


def work(name: str, person: Person, facts: dict[str, Any], ledger: Ledger, stop: threading.Event, seed: int) -> None:
    """Do one thing again and again; a second after each, and more after an upload, which has to be read."""
    chance = random.Random(seed)
    while not stop.is_set():
        key, value, status, is_done = TASKS[name](person, facts, chance)
        with ledger.lock:
            ledger.answers[name, status] += 1
            if is_done:
                ledger.told[name][key] = value
                if name == "judgements":  # there is one judge: what came before is decided
                    ledger.tried[name] = {(finding, note) for finding, note in ledger.tried[name] if finding != key}
            elif status in {0, 500, 502, 503}:
                ledger.tried[name].add((key, value))
        stop.wait(chance.uniform(0.5, 2.0) if name == "uploads" else chance.uniform(0.05, 0.3))


# --- Comparing ----------------------------------------------------------------------------------------------------


def compare(ledger: Ledger, checked: dict[str, set[str]]) -> list[str]:
    """Return what is lost, doubled or half, of what was told since the last comparison."""
    from django.db import connection
    from django.db.models import Count

    from samsvar.site.meetings.models import CheckIn
    from samsvar.site.monitoring.models import Finding, Upload
    from samsvar.site.network.models import Detail

    with ledger.lock:
        new = {name: [key for key in told if key not in checked[name]] for name, told in ledger.told.items()}
        judgements = dict(ledger.told["judgements"])
        tried = {name: set(one) for name, one in ledger.tried.items()}
    faults: list[str] = []
    stored = set(Upload.objects.filter(content_hash__in=new["uploads"]).values_list("content_hash", flat=True))
    faults += [f"upload lost: {key[:12]}" for key in new["uploads"] if key not in stored]
    seen = set(CheckIn.objects.filter(pk__in=new["check-ins"]).values_list("pk", flat=True))
    faults += [f"check-in lost: {key}" for key in new["check-ins"] if uuid.UUID(key) not in seen]
    emails = Counter(
        Detail.objects.filter(field="email", value__endswith="@network.example").values_list("value", flat=True)
    )
    unknown = [key for key, _ in tried["groups"]]
    for group in [*new["groups"], *unknown]:
        counts = [emails[f"{group}-{one}@network.example"] for one in range(3)]
        if counts != [1, 1, 1] and not (group in unknown and counts == [0, 0, 0]):
            faults.append(f"group lost, doubled or half: {group} {counts}")
    notes = dict(Finding.objects.filter(public_id__in=judgements).values_list("public_id", "note"))
    possible = {key: {note for finding, note in tried["judgements"] if finding == key} for key in judgements}
    with ledger.lock:
        for key, note in judgements.items():
            if ledger.told["judgements"][key] == note and notes.get(key) not in {note, *possible[key]}:
                faults.append(f"judgement lost: {key}")
    doubled = CheckIn.objects.values("pk").annotate(count=Count("pk")).filter(count__gt=1).count()
    faults += [f"check-ins doubled: {doubled}"] if doubled else []
    for name, keys in new.items():
        checked[name] |= set(keys) if name != "judgements" else set()
    connection.close()
    return faults


def compare_at_the_end(site: Site, ledger: Ledger) -> list[str]:
    """Wait until every upload was read, and return what is refused, waiting, half or left over."""
    from django.core.files.storage import default_storage
    from django.db import connection

    from samsvar.site.monitoring.models import Report, Upload

    end = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < end and Upload.objects.exclude(progress__in=Upload.FINISHED).exists():
        time.sleep(0.5)
    told = list(ledger.told["uploads"])
    uploads = Upload.objects.filter(content_hash__in=told)
    faults = [
        f"upload {one.progress}: {one.content_hash[:12]} {one.refusal.get('message', '')}"
        for one in uploads
        if one.progress != Upload.Progress.DONE
    ]
    read = set(Report.everything.filter(content_hash__in=told).values_list("content_hash", flat=True))
    faults += [f"report missing: {key[:12]}" for key in told if key not in read]
    for hash_ in read:
        path = Path(default_storage.path(f"reports/{hash_[:2]}/{hash_}"))
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != hash_:
            faults.append(f"file missing or changed: {hash_[:12]}")
    left_over = list((Path(site.environment["SAMSVAR_DATA"]) / "documents").rglob(".writing-*"))
    site.kill("worker", random.Random(0))
    site.start()  # a start sweeps partial files
    time.sleep(2)
    faults += [f"partial file: {path.name}" for path in left_over if path.exists()]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for pragma, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                cursor.execute(f"PRAGMA {pragma}")
                if (found := cursor.fetchall()) != good:
                    faults.append(f"{pragma}: {found[:3]}")
    connection.close()
    return faults


# --- The run --------------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="how many (default: %(default)s)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    with tempfile.TemporaryDirectory(prefix="samsvar-kills-") as folder, database_address(asked.database) as address:
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "SAMSVAR_DATA": folder,
            "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.demo",
        } | ({"SAMSVAR_DEMO_DATABASE": address} if address else {})
        return run(environment, asked.kills, random.Random(asked.seed), asked.database)


@contextlib.contextmanager
def database_address(database: str) -> Iterator[str]:
    if database == "sqlite":
        yield ""
        return
    from tools import postgres

    with postgres.run_server() as address:
        yield address


def run(environment: dict[str, str], kills: int, chance: random.Random, database: str) -> int:
    manage = [sys.executable, "-m", "samsvar.site.manage", "demo", "--data", environment["SAMSVAR_DATA"], "--no-serve"]
    subprocess.run(manage, env=environment, check=True, stdout=subprocess.DEVNULL)
    os.environ.update(environment)
    import django

    django.setup()
    logging.disable(logging.INFO)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = Site(environment, port)
    facts, people = prepare(port)
    site.start()
    try:
        return kill_and_compare(site, facts, people, kills, chance, database)
    finally:
        site.stop()


def kill_and_compare(
    site: Site,
    facts: dict[str, Any],
    people: list[tuple[str, Person]],
    kills: int,
    chance: random.Random,
    database: str,
) -> int:
    ledger, stop = Ledger(), threading.Event()

    def announce(finding: str, note: str) -> None:
        with ledger.lock:
            ledger.tried["judgements"].add((finding, note))

    facts["announce"] = announce
    threads = [
        threading.Thread(target=work, args=(name, person, facts, ledger, stop, number), daemon=True)
        for number, (name, person) in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    faults: list[str] = []
    checked: dict[str, set[str]] = {name: set() for name in TASKS}
    killed: Counter[str] = Counter()
    began = time.monotonic()
    while killed.total() < kills and not faults:
        time.sleep(chance.uniform(0.3, 1.5))
        kind = chance.choice(KINDS)
        if site.kill(kind, chance):
            killed[kind] += 1
            site.start()
            faults += compare(ledger, checked)
            if killed.total() % 20 == 0:
                counts = ", ".join(f"{len(told)} {name}" for name, told in ledger.told.items())
                print(f"{killed.total()} kills after {time.monotonic() - began:.0f} s; {counts}", flush=True)
    stop.set()
    for thread in threads:
        thread.join()
    site.start()
    faults += compare(ledger, checked) + compare_at_the_end(site, ledger)
    print(f"{database}: {killed.total()} kills: " + ", ".join(f"{name} {count}" for name, count in killed.items()))
    print("told as done: " + ", ".join(f"{len(told):,} {name}" for name, told in ledger.told.items()))
    print("answers: " + ", ".join(f"{name} {status} × {n:,}" for (name, status), n in sorted(ledger.answers.items())))
    downtimes = sorted(site.seconds_down)
    print(f"up again after {statistics.median(downtimes):.1f} s (median), {downtimes[-1]:.1f} s (longest)")
    kept = {
        f"{killed.total()} of {kills} kills without anything lost, doubled, half, refused or waiting": not faults,
        "something was told as done in every task": all(ledger.told.values()),
    }
    for fault in faults[:20]:
        print(f"       {fault}")
    for promise, is_kept in kept.items():
        print(f"{'kept' if is_kept else 'BROKEN':7}{promise}")
    return 0 if all(kept.values()) else 1


def prepare(port: int) -> tuple[dict[str, Any], list[tuple[str, Person]]]:
    """Create a meeting with participants and accounts for each task, and open their sessions."""
    from django.conf import settings
    from django.test import Client

    from samsvar.network.rights import Role
    from samsvar.site.monitoring.models import Finding
    from tests.factories.meetings import make_duty, make_meeting, make_registration
    from tests.factories.people import make_account, sign_in

    # uploads are limited for each account; a test by force may send more
    meeting = make_meeting(public_id=f"kills-{uuid.uuid4().hex[:8]}")
    registrations = [make_registration(meeting).public_id for _ in range(30)]
    findings = list(Finding.objects.filter(state_id__in=["XA", "XB"]).values_list("public_id", flat=True)[:12])

    def person(*roles: Any, **scope: Any) -> tuple[Person, Any]:
        account = make_account(*roles, email=f"{uuid.uuid4().hex}@kills.example", **scope)
        client = sign_in(Client(SERVER_NAME="localhost"), account, second_factor=True)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        return Person(port, f"{settings.SESSION_COOKIE_NAME}={key}"), account

    people = [("uploads", person(Role.EDITOR)[0]) for _ in range(EDITORS)]
    people += [("groups", person(Role.ORGANISER, meeting=meeting.public_id)[0]) for _ in range(2)]
    for _ in range(2):
        helper, account = person(Role.READER)
        make_duty(meeting, account)
        people.append(("check-ins", helper))
    people.append(("judgements", person(Role.REVIEWER)[0]))
    facts = {"meeting": meeting.public_id, "registrations": registrations, "findings": findings}
    return facts, people


if __name__ == "__main__":
    sys.exit(main())
