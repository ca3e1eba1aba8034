"""Tests of what must not be committed, and of the tools that check it."""

from __future__ import annotations

import re

import pytest

from tools import licences, tracked


def test_no_tracked_file_is_large_or_names_a_registry_or_a_local_path():
    assert list(tracked.find_problems()) == []


def test_a_tracked_link_is_named(tmp_path, monkeypatch):
    link = tmp_path / "cache"
    link.symlink_to("elsewhere")
    monkeypatch.setattr(tracked, "ROOT", tmp_path)
    monkeypatch.setattr(tracked, "tracked_files", lambda: [link])
    assert list(tracked.find_problems()) == ["cache: a link to elsewhere, which another machine may not have"]


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("see ../shared/design and ~/.cache", False),
        ("https://www.coe.int/home/page", False),
        ("open('/" + "tmp/report.pdf')", True),
        ("cd /" + "work/main", True),
        ("a folder like /roots/ or framework/home", False),
        ("SQLite at sqlite:////" + "root/x", False),  # an address, not a path: it follows `:` and `/`
    ],
)
def test_a_local_path_is_distinguished_from_an_address(line, is_found):
    assert bool(tracked.MACHINE_PATH.search(line)) is is_found


def test_every_dependency_has_a_licence_compatible_with_the_eupl():
    assert list(licences.find_problems()) == []


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
def test_one_side_of_or_must_be_allowed_and_both_sides_of_and(expression, shipped, answer):
    assert licences.is_allowed(expression, shipped=shipped) is answer


PLATFORM_MARKER = re.compile(
    r" ; [^\n]*(?= \\$)", re.MULTILINE
)  # the platforms: one lock may need a package only on Windows, another everywhere


@pytest.mark.parametrize("lock", ["uv.txt", "node.txt", "build.txt", "site.txt"])
def test_the_small_lock_files_agree_with_the_large_one(lock):
    """Each package has the same version in all of them, because an environment is built from several."""

    def blocks(name):
        text = (tracked.ROOT / "requirements" / name).read_text(encoding="utf-8")
        return dict(PLATFORM_MARKER.sub("", block).split("==", 1) for block in re.split(r"\n(?=\w)", text.strip()))

    small, large = blocks(lock), blocks("dev.txt")
    both = small.keys() & large.keys()
    assert {name: small[name] for name in both} == {name: large[name] for name in both}
    assert both or lock == "build.txt"


def test_every_lock_file_has_hashes():
    for lock in licences.LOCKS.glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert text.count("\n") > 1
        assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\w)", text.strip())), lock.name
