"""What git must not know, and the tools that look for it."""

from __future__ import annotations

import re

import pytest

from tools import licences, tracked


def test_no_tracked_file_names_a_registry_or_one_machine_or_is_large():
    assert list(tracked.faults()) == []


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("see ../shared/design and ~/.cache", False),
        ("https://www.coe.int/home/page", False),
        ("open('/" + "tmp/report.pdf')", True),
        ("cd /" + "work/main", True),
        ("a folder like /roots/ or framework/home", False),
        ("SQLite at sqlite:////" + "root/x", False),  # an address, not a path: `:` and `/` stand before it
    ],
)
def test_a_folder_of_one_machine_is_told_from_an_address(line, is_found):
    assert bool(tracked.MACHINE.search(line)) is is_found


def test_everything_we_build_on_goes_with_the_eupl():
    assert list(licences.faults()) == []


@pytest.mark.parametrize(
    ("expression", "shipped", "answer"),
    [
        ("MIT", True, True),
        ("GPL-3.0-or-later", True, False),
        ("GPL-3.0-or-later", False, True),
        ("MIT AND Proprietary", False, False),
        ("Proprietary OR MIT", True, True),
        ("(MIT OR Proprietary) AND BSD-3-Clause", True, True),
        ("Apache-2.0 WITH LLVM-exception", True, True),
    ],
)
def test_any_side_of_or_will_do_and_every_side_of_and_has_to(expression, shipped, answer):
    assert licences.is_allowed(expression, shipped=shipped) is answer


MARKER = re.compile(
    r" ; [^\n]*(?= \\$)", re.MULTILINE
)  # on which machines: what one lock needs on Windows, a larger one may need everywhere


@pytest.mark.parametrize("lock", ["uv.txt", "node.txt", "build.txt", "site.txt"])
def test_the_small_locks_say_what_the_large_one_says(lock):
    """One version of a package in all of them: an environment is made from several."""

    def blocks(name):
        text = (tracked.ROOT / "requirements" / name).read_text(encoding="utf-8")
        return dict(MARKER.sub("", block).split("==", 1) for block in re.split(r"\n(?=\w)", text.strip()))

    small, large = blocks(lock), blocks("dev.txt")
    both = small.keys() & large.keys()
    assert {name: small[name] for name in both} == {name: large[name] for name in both}
    assert both or lock == "build.txt"


def test_every_lock_is_hashed():
    for lock in licences.LOCKS.glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert text.count("\n") > 1
        assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\w)", text.strip())), lock.name
