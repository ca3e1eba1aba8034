"""Find what git must not track: hosts of package registries, paths of one machine, symbolic links, large files."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 1_000_000  # in bytes: cloning should take seconds
LARGEST_CATALOGUE = 2_000_000  # of 5,253 sentences: 1.05 MB, compressed 0.21 MB (2026-11)

# written in two halves, because this file is tracked too
REGISTRY_HOST = re.compile("|".join(re.escape(one + two) for one, two in (
    ("pypi", ".org"), ("python", "hosted.org"), ("registry.npm", "js.org"), ("registry.yarn", "pkg.com"),
    ("deb.deb", "ian.org"), ("proxy.go", "lang.org"), ("conda.ana", "conda.org"), ("unp", "kg.com"),
    ("jsde", "livr.net"),
)))  # fmt: skip
# the start of a path on some machine; `../shared/work` and `https://…/home/` do not count
MACHINE_PATH = re.compile(r"(?<![\w.:/…-])/(?:wo" r"rk|ro" r"ot|ho" r"me|tm" r"p|Us" r"ers)/\w")


def tracked_files() -> list[Path]:
    """Return the existing files that git tracks, and those that would be added with the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is where PATH says
        cwd=ROOT, check=True, capture_output=True,
    ).stdout  # fmt: skip
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_symlink() or path.is_file()]


def find_problems() -> Iterator[str]:
    """Yield each tracked file that contains a machine's own path or a registry's host, or that is too large."""
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if path.is_symlink():
            yield f"{name}: a link to {path.readlink()}, which another machine may not have"
            continue
        content = path.read_bytes()
        largest = LARGEST_CATALOGUE if path.suffix == ".po" else LARGEST
        if len(content) > largest:
            yield f"{name}: {len(content):,} bytes; more than {largest:,}"
        if b"\0" in content[:8000]:
            continue  # a picture or a font
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            for what, pattern in (("a registry's host", REGISTRY_HOST), ("a folder of one machine", MACHINE_PATH)):
                if found := pattern.search(line):
                    yield f"{name}:{number}: {found[0]} is {what}"


if __name__ == "__main__":
    found = list(find_problems())
    print(
        "\n".join(found)
        or "no tracked file names a registry's host or one machine's folder, none is a link or too large"
    )
    sys.exit(1 if found else 0)
