"""Measure whether the duration of a sign-in reveals if an address has an account.

Sends wrong passwords alternately for an address with an account and for one without, through the whole site with the
slow hash of a production site, and compares the two distributions. The test suite counts calls of the hasher instead
(tests/site/attacks/test_guessing.py): on a busy machine, a test of durations would fail at random.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from math import sqrt

PAIRS = 60  # of attempts; each takes about a third of a second with the slow hash


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS, help="how many of each kind (default: %(default)s)")
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory(prefix="samsvar-bench-") as folder:
        os.environ |= {"SAMSVAR_DATA": folder, "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.testing"}
        import django
        from django.conf import settings

        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # as on a production site
        settings.ACCOUNT_RATE_LIMITS = False
        settings.LOGGING = {**settings.LOGGING, "root": {"handlers": [], "level": "CRITICAL"}, "loggers": {}}
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        known, unknown = measure_attempts(pairs)
    print(f"wrong password, {pairs} attempts of each kind, in turn, milliseconds")
    for name, times in (("with an account", known), ("without an account", unknown)):
        low, middle, high = statistics.quantiles(times, n=4)
        print(f"  {name:<20} median {middle:6.1f}   quarter {low:6.1f}   three quarters {high:6.1f}")
    difference = statistics.mean(known) - statistics.mean(unknown)
    error = sqrt(statistics.variance(known) / pairs + statistics.variance(unknown) / pairs)
    print(f"  means differ by {difference:+.2f} ms, {abs(difference) / error:.1f} standard errors of {error:.2f} ms")
    print(
        f"  who guesses by the common median is right in {guess_accuracy(known, unknown):.0%} of cases; 50% is chance"
    )
    return 0


def measure_attempts(pairs: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each attempt, with and without an account; the order within a pair is random."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    get_user_model().objects.create_user("somebody@network.example", "a long and quiet street")
    addresses = {"somebody@network.example": [], "nobody-at-all@network.example": []}
    chance = random.Random(2026)
    for number in range(pairs + 3):
        for address in chance.sample(list(addresses), k=2):
            client = Client(REMOTE_ADDR=f"192.0.2.{number % 250 + 1}")
            begun = time.perf_counter()
            answer = client.post("/en/sign-in/", {"login": address, "password": f"a wrong guess {number}"})
            spent = (time.perf_counter() - begun) * 1000
            assert answer.status_code == 200, answer.status_code
            if number >= 3:  # the first attempts fill caches
                addresses[address].append(spent)
    known, unknown = addresses.values()
    return known, unknown


def guess_accuracy(known: list[float], unknown: list[float]) -> float:
    """Return how often guessing by the common median is right, for the better of the two guesses."""
    middle = statistics.median([*known, *unknown])
    right = (sum(one > middle for one in known) + sum(one <= middle for one in unknown)) / (len(known) + len(unknown))
    return max(right, 1 - right)


if __name__ == "__main__":
    sys.exit(main())
