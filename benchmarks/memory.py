"""Measure the memory of the web processes after many mixed requests.

Creates the demonstration data, starts the demonstration's server (two processes with four threads) and sends requests
of many kinds: public pages with many filters, searches that no one has sent before, pages of signed-in members and
organisers, downloads, wrong addresses. Meanwhile the data changes, which empties the page cache. The figure is the
largest web process at the end; memory that it shares with the other process is counted once, by proportion.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil
from pages import ROOT, serving

REQUESTS, LIMIT_MB, CLIENTS = 100_000, 200, 8
REQUESTS_PER_CHANGE = 1_000
PUBLIC_STARTS = (
    "/en/",
    "/fr/",
    "/nb/",
    "/ro/",
    "/en/search/?q=shelter",
    "/en/findings/",
    "/en/meetings/",
    "/en/funding/",
)
WORDS = "shelter victim training police court data children migrant urges funding helpline stalking perpetrator".split()
MAX_ADDRESSES = 3_000  # of each visitor


@dataclass(slots=True)
class Visitor:
    """Someone who asks for pages: their cookie, the addresses they know, and how often they come."""

    name: str
    weight: int
    cookie: str = ""
    starts: tuple[str, ...] = PUBLIC_STARTS
    addresses: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="how many (default: %(default)s)")
    parser.add_argument("--data", help="a folder with the demonstration's data, to use instead of new data")
    parser.add_argument("--seed", type=int, default=2026, help="of the order of requests (default: %(default)s)")
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    with tempfile.TemporaryDirectory(prefix="samsvar-bench-") as folder:
        return measure(Path(asked.data or folder), asked.requests, asked.seed)


def measure(folder: Path, requests: int, seed: int) -> int:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "SAMSVAR_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.demo",
    }
    manage = [sys.executable, "-m", "samsvar.site.manage"]
    subprocess.run(
        [*manage, "demo", "--data", str(folder), "--no-serve"], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    os.environ.update(environment)
    visitors = make_visitors()
    with serving(environment) as (base, server):
        known: dict[tuple[str, ...], list[str]] = {}
        for visitor in visitors:  # members know the same addresses
            visitor.addresses = known.get(visitor.starts) or crawl(base, visitor)
            known[visitor.starts] = visitor.addresses
        for addresses in known.values():
            print(f"visitors of {addresses[0]} …: {len(addresses):,} addresses")
        leader = psutil.Process(server)
        print(" requests     per second   MB of each process (anonymous memory)")
        answers: Counter[int] = Counter()
        done, began = 0, time.perf_counter()
        for stop in checkpoints(requests):
            answers += send(base, visitors, stop - done, random.Random(seed + done))
            done = stop
            sizes = [measure_process(one) for one in leader.children()]
            shown = "   ".join(f"{size:.0f} ({anonymous:.0f})" for size, anonymous in sizes)
            print(f"{done:>9,}{done / (time.perf_counter() - began):>15.0f}   {shown}", flush=True)
    print("answers: " + ", ".join(f"{status} × {count:,}" for status, count in sorted(answers.items())))
    largest = max(size for size, _ in sizes)
    kept = {
        f"≤ {LIMIT_MB} MB a process after {done:,} requests: {largest:.0f} MB": largest <= LIMIT_MB,
        "no request failed": not any(status >= 500 or status == 0 for status in answers),
    }
    for promise, is_kept in kept.items():
        print(f"{'kept' if is_kept else 'BROKEN':7}{promise}")
    return 0 if all(kept.values()) else 1


def make_visitors() -> list[Visitor]:
    """Return visitors without an account, members and an organiser, with open sessions."""
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from samsvar.network.rights import Role
    from samsvar.site.network.models import Account, RoleGrant
    from tests.factories.people import sign_in as sign_in_client

    def sign_in(account: Account) -> str:
        client = sign_in_client(Client(SERVER_NAME="localhost"), account, second_factor=True)
        return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    members = Account.objects.filter(is_active=True, person__isnull=False).distinct()[:12]
    organiser = RoleGrant.objects.filter(role=Role.ORGANISER).exclude(meeting="").select_related("account").first()
    visitors = [Visitor("everyone", 60)]
    inside = ("/en/", "/en/directory/", "/en/account/", "/en/networks/", *PUBLIC_STARTS[4:])
    visitors += [Visitor(f"member {number}", 2, sign_in(one), inside) for number, one in enumerate(members, 1)]
    if organiser is not None:
        slug = organiser.meeting
        starts = (f"/en/meetings/{slug}/", f"/en/meetings/{slug}/manage/", f"/en/meetings/{slug}/check-in/")
        visitors.append(Visitor("organiser", 8, sign_in(organiser.account), starts))
    return visitors


def checkpoints(requests: int) -> Iterator[int]:
    yield from (stop for stop in (1_000, 5_000, 10_000, 20_000, 34_000, 50_000, 75_000) if stop < requests)
    yield requests


def crawl(base: str, visitor: Visitor) -> list[str]:
    """Return the addresses that a visitor reaches in three clicks, without those that sign out or stay open."""
    seen, edge = dict.fromkeys(visitor.starts), list(visitor.starts)
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    for _ in range(3):
        found: dict[str, None] = {}
        for address in edge[:120]:
            status, body = ask(connection, address, visitor.cookie, "identity")
            if status == 200:
                for link in re.findall(rb'(?:href|src|action)="(/[^"#]*)', body):
                    found[unescape(link.decode())] = None
        edge = [one for one in found if one not in seen and not re.search(r"/static/|sign-out|/events/$|language", one)]
        seen |= dict.fromkeys(edge)
    connection.close()
    return list(seen)[:MAX_ADDRESSES]


def send(base: str, visitors: list[Visitor], requests: int, chance: random.Random) -> Counter[int]:
    """Send a number of requests from several clients at once, and change the data now and then."""
    answers: Counter[int] = Counter()
    lock = threading.Lock()
    left = iter(range(requests))

    def run_client(chance: random.Random) -> None:
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                break
            if number % REQUESTS_PER_CHANGE == 0:
                change_data()
            (visitor,) = chance.choices(visitors, [one.weight for one in visitors])
            status, _ = ask(connection, choose_address(visitor, chance), visitor.cookie)
            with lock:
                answers[status] += 1
        connection.close()

    threads = [threading.Thread(target=run_client, args=(random.Random(chance.random()),)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def choose_address(visitor: Visitor, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.10:
        words = " ".join(chance.sample(WORDS, 2))
        return f"/{chance.choice(('en', 'fr', 'nb', 'ro'))}/search/?q={quote(words)}+{chance.randrange(10**6)}"
    if kind < 0.12:
        return f"/en/nothing/{chance.randrange(10**6)}/"
    # mostly popular pages, and each other page now and then
    return visitor.addresses[int(len(visitor.addresses) * chance.random() ** 2)]


def change_data() -> None:
    from django.db import connection

    from samsvar.site.convention.models import State

    State.objects.filter(code="XA").update(kind="fictional")
    connection.close()


def ask(connection: http.client.HTTPConnection, address: str, cookie: str, encoding: str = "br") -> tuple[int, bytes]:
    headers = {"Accept-Encoding": encoding} | ({"Cookie": cookie} if cookie else {})
    try:
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0, b""


def measure_process(process: psutil.Process) -> tuple[float, float]:
    """Return a process's proportional size and its anonymous memory, in MB."""
    path = Path(f"/proc/{process.pid}/smaps_rollup")
    figures = dict(re.findall(r"^(\w+):\s+(\d+) kB$", path.read_text(encoding="ascii"), re.MULTILINE))
    return int(figures["Pss"]) / 1_000, int(figures["Anonymous"]) / 1_000


if __name__ == "__main__":
    sys.exit(main())
