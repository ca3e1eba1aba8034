"""Pictures of a report's pages: drawn when somebody looks, by a child process with limits, and kept for a while."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from samsvar.site.monitoring import storage
from samsvar.site.monitoring.models import Report

WIDTH = 1000  # pixels; text of a page is well readable at it, and nobody can ask for another
EDITION = "1"  # raise it when pictures are drawn differently: old ones are then not found any more
CACHE_BYTES = 512 * 1024 * 1024  # about 5,000 pages

type Draw = Callable[..., bytes]


def draw_within_limits(content: bytes, page: int) -> bytes:
    """The library's guarded drawing of one page, as PNG."""
    from samsvar.monitoring.sandbox import page_picture_guarded

    picture: bytes = page_picture_guarded(content, page, width=WIDTH, seconds=30, megabytes=1024)
    return picture


def picture_of(report: Report, page: int, *, draw: Draw = draw_within_limits) -> bytes | None:
    """One page of a report as PNG; None where its file is lost or has no such page. Raises the reader's named errors.

    One picture is drawn at a time on a machine: whoever asks for all pages of all reports waits in their own queue.
    """
    if report.format != "pdf" or not 1 <= page <= report.page_count:
        return None
    place = place_of(report, page)
    if (kept := _kept(place)) is not None:
        return kept
    with _one_at_a_time():
        if (kept := _kept(place)) is not None:  # another process drew it while this one waited
            return kept
        content = storage.fetch(report.content_hash)
        if content is None:
            return None
        picture = draw(content, page)
        _keep(place, picture)
    return picture


def name_of(report: Report, page: int) -> str:
    """A name that changes when the picture does: for ETags."""
    return f"{report.content_hash[:32]}-{page}-{WIDTH}-{EDITION}"


def place_of(report: Report, page: int) -> Path:
    return Path(settings.SAMSVAR_PICTURES) / report.content_hash[:2] / f"{name_of(report, page)}.png"


def _kept(place: Path) -> bytes | None:
    try:
        picture = place.read_bytes()
    except FileNotFoundError:
        return None
    with contextlib.suppress(OSError):
        os.utime(place)  # seen just now: the oldest go first
    return picture


def _keep(place: Path, picture: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=place.parent, suffix=".writing")
    with os.fdopen(descriptor, "wb") as file:
        file.write(picture)
    os.replace(beside, place)
    _make_room(Path(settings.SAMSVAR_PICTURES))


def _make_room(folder: Path) -> None:
    """Remove the pictures nobody looked at for longest, until those that stay fit; half-written ones go with them."""
    seen = []
    for file in folder.glob("*/*"):
        with contextlib.suppress(FileNotFoundError):
            about = file.stat()
            seen.append((about.st_mtime, about.st_size, file))
    weight = sum(size for _, size, _ in seen)
    for _, size, file in sorted(seen):
        if weight <= CACHE_BYTES:
            return
        file.unlink(missing_ok=True)
        weight -= size


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    folder = Path(settings.SAMSVAR_PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".drawing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go of when the file closes, also by a kill
        yield
