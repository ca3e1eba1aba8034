"""Images of report pages, rendered on demand by a child process with limits, and cached."""

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

WIDTH = 1000  # pixels; enough to read the text, and the only width served
CACHE_VERSION = "1"  # increment when rendering changes, so that old images are no longer used
CACHE_BYTES = 512 * 1024 * 1024  # about 5,000 pages

type Renderer = Callable[..., bytes]


def render_page_within_limits(content: bytes, page: int) -> bytes:
    """Render a page as PNG in a child process with limits on time and memory."""
    from samsvar.monitoring.sandbox import render_page_sandboxed

    picture: bytes = render_page_sandboxed(content, page, width=WIDTH, seconds=30, megabytes=1024)
    return picture


def page_image(report: Report, page: int, *, render: Renderer = render_page_within_limits) -> bytes | None:
    """Return a page of a PDF report as PNG; None for other formats, missing pages and missing files.

    Raises a `SamsvarError` if the page cannot be rendered. Only one page is rendered at a time on a machine, so that
    requests for many pages cannot overload it.
    """
    if report.format != "pdf" or not 1 <= page <= report.page_count:
        return None
    path = image_path(report, page)
    if (cached := _read_cached_image(path)) is not None:
        return cached
    with _rendering_lock():
        if (cached := _read_cached_image(path)) is not None:  # rendered by another process while this one waited
            return cached
        content = storage.fetch(report.content_hash)
        if content is None:
            return None
        image = render(content, page)
        _write_cached_image(path, image)
    return image


def image_name(report: Report, page: int) -> str:
    """Return a name that changes whenever the image does, for ETags and the cache."""
    return f"{report.content_hash[:32]}-{page}-{WIDTH}-{CACHE_VERSION}"


def delete_images(content_hash: str) -> None:
    """Delete the cached images of a report's pages."""
    for file in (Path(settings.SAMSVAR_PICTURES) / content_hash[:2]).glob(f"{content_hash[:32]}-*"):
        file.unlink(missing_ok=True)


def image_path(report: Report, page: int) -> Path:
    return Path(settings.SAMSVAR_PICTURES) / report.content_hash[:2] / f"{image_name(report, page)}.png"


def _read_cached_image(path: Path) -> bytes | None:
    try:
        image = path.read_bytes()
    except FileNotFoundError:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # mark as used, because the least recently used images are deleted first
    return image


def _write_cached_image(path: Path, image: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".writing")
    with os.fdopen(descriptor, "wb") as file:
        file.write(image)
    os.replace(temporary, path)
    _evict_old_images(Path(settings.SAMSVAR_PICTURES))


def _evict_old_images(folder: Path) -> None:
    """Delete the least recently used images, including partly written ones, until the rest fit into `CACHE_BYTES`."""
    files = []
    for file in folder.glob("*/*"):
        with contextlib.suppress(FileNotFoundError):
            stat = file.stat()
            files.append((stat.st_mtime, stat.st_size, file))
    total_size = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total_size <= CACHE_BYTES:
            return
        file.unlink(missing_ok=True)
        total_size -= size


@contextlib.contextmanager
def _rendering_lock() -> Iterator[None]:
    folder = Path(settings.SAMSVAR_PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".drawing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file is closed, even if the process is killed
        yield
