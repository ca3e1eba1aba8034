"""Snapshots of what a publisher had online: every version of a text or title, with its day and headers.

A folder holds the contents, named by their hash, and `log.jsonl`, to which lines are only ever added. A process may be
killed at any moment: a content is written completely or not at all, before the line that names it, and a last line that
was cut off is ignored.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from samsvar.errors import InterchangeError
from samsvar.ids import hash_content
from samsvar.monitoring.catalogue import PublishedMetadata

KEPT_HEADERS: Final = ("etag", "last-modified", "content-type", "date", "content-language")
LOG = "log.jsonl"
_UNFINISHED: Final = ".writing-"


class FolderInUse(InterchangeError):
    """Raised when another process is harvesting into the same folder."""

    effect = "Nothing was fetched."
    advice = "Wait until it has finished, or choose another folder."

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Another harvest is using the folder {folder}.")


class UnusableFolder(InterchangeError):
    """Raised when the folder cannot be written: the disk is full, or its permissions do not allow it."""

    effect = "What was saved before is kept, and nothing is half written."
    advice = (
        "Free space, correct the permissions or choose another folder, and run the command again: it continues there."
    )

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(f"Nothing can be saved in the folder {folder}: {error.strerror or error}.")


class UnreadableLog(InterchangeError):
    """Raised when a line of the log is not one of ours, other than a last line that was cut off."""

    effect = "Nothing was fetched."
    advice = "Restore the folder from a backup, or choose another folder."

    def __init__(self, folder: Path, line: int) -> None:
        super().__init__(f"Line {line} of {folder / LOG} cannot be read.")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A content as it was at an address, from the day on which it was first seen there until the next snapshot."""

    address: str
    content_hash: str
    at: datetime
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemVersion:
    """A feed item as it was listed, from the day on which it was first seen so until the next version."""

    item: PublishedMetadata
    at: datetime


class SnapshotFolder:
    """The snapshots in a folder. All methods may be called from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open a folder; it is created if it does not exist. Raises FolderInUse, UnusableFolder or UnreadableLog."""
        self.folder = folder
        self._lock = threading.Lock()
        with _naming_faults(folder):
            (folder / "contents").mkdir(parents=True, exist_ok=True)
            self._log = (folder / LOG).open("ab+")
        import fcntl  # Unix only; the rest of the library also works elsewhere, in notebooks

        try:
            fcntl.flock(self._log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._log.close()
            raise FolderInUse(folder) from error
        for unfinished in (folder / "contents").glob(f"*/{_UNFINISHED}*"):  # of a process that was killed
            unfinished.unlink(missing_ok=True)
        self._snapshots: dict[str, list[Snapshot]] = {}
        self._items: dict[str, list[ItemVersion]] = {}
        self._checked: dict[str, datetime] = {}
        self._read_log()

    def close(self) -> None:
        with suppress(OSError):  # what could not be written was reported when it was written
            self._log.close()

    def list_versions(self, address: str) -> tuple[Snapshot, ...]:
        """Return every snapshot of an address, the oldest first."""
        return tuple(self._snapshots.get(address, ()))

    def find_latest(self, address: str) -> Snapshot | None:
        return next(reversed(self._snapshots.get(address, [])), None)

    def list_item_versions(self, identifier: str) -> tuple[ItemVersion, ...]:
        """Return every version of a feed item, the oldest first."""
        return tuple(self._items.get(identifier, ()))

    def when_checked(self, address: str) -> datetime | None:
        """Return when the address last answered, whether or not its content had changed; None if it never did."""
        return self._checked.get(address)

    def read(self, snapshot: Snapshot) -> bytes:
        return self._content_path(snapshot.content_hash).read_bytes()

    def save(self, address: str, content: bytes, headers: Mapping[str, str], at: datetime) -> bool:
        """Save an answer, and return whether its content differs from the latest snapshot."""
        content_hash = hash_content(content)
        latest = self.find_latest(address)
        if latest is not None and latest.content_hash == content_hash:
            self.record_unchanged(address, at)
            return False
        path = self._content_path(content_hash)
        if not path.exists():
            write_completely(path, content)
        saved_headers = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        self._append(
            {
                "kind": "content",
                "address": address,
                "at": at.isoformat(),
                "hash": content_hash,
                "headers": saved_headers,
            }
        )
        return True

    def record_unchanged(self, address: str, at: datetime) -> None:
        self._append({"kind": "unchanged", "address": address, "at": at.isoformat()})

    def record_items(self, items: Iterable[PublishedMetadata], at: datetime) -> tuple[PublishedMetadata, ...]:
        """Record the items of a list, and return those that are new or differ from their latest version.

        Of different items with the same identifier, the first is recorded, and a later list with one of them is no
        change.
        """
        listed: dict[str, list[PublishedMetadata]] = {}
        for item in items:
            listed.setdefault(item.identifier, []).append(item)
        known = {identifier: versions[-1].item for identifier, versions in self._items.items()}
        changed = tuple(own[0] for identifier, own in listed.items() if known.get(identifier) not in own)
        self._append(*({"kind": "item", "at": at.isoformat(), **asdict(item)} for item in changed))
        return changed

    def list_identifiers(self) -> frozenset[str]:
        """Return the identifiers of all items that were ever listed."""
        return frozenset(self._items)

    def _content_path(self, content_hash: str) -> Path:
        return self.folder / "contents" / content_hash[:2] / content_hash

    def _append(self, *lines: Mapping[str, Any]) -> None:
        with self._lock, _naming_faults(self.folder):
            self._log.write(b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines))
            self._log.flush()
            os.fsync(self._log.fileno())
            for line in lines:
                self._apply(line)

    def _read_log(self) -> None:
        self._log.seek(0)
        end = 0
        for number, raw in enumerate(self._log, 1):
            if not raw.endswith(b"\n"):  # the process was killed while it wrote this line
                break
            try:
                self._apply(json.loads(raw))
            except (ValueError, KeyError, TypeError) as error:
                self._log.close()
                raise UnreadableLog(self.folder, number) from error
            end += len(raw)
        self._log.truncate(end)

    def _apply(self, line: Mapping[str, Any]) -> None:
        at = datetime.fromisoformat(line["at"])
        match line["kind"]:
            case "content":
                snapshot = Snapshot(line["address"], line["hash"], at, line["headers"])
                self._snapshots.setdefault(snapshot.address, []).append(snapshot)
                self._checked[snapshot.address] = at
            case "unchanged":
                self._checked[line["address"]] = at
            case "item":
                item = PublishedMetadata(**{field.name: line[field.name] for field in fields(PublishedMetadata)})
                self._items.setdefault(item.identifier, []).append(ItemVersion(item, at))
            case kind:
                raise ValueError(kind)


@contextmanager
def _naming_faults(folder: Path) -> Iterator[None]:
    """Raise UnusableFolder for an error of the disk."""
    try:
        yield
    except OSError as error:
        raise UnusableFolder(folder, error) from error


@contextmanager
def open_snapshots(folder: Path) -> Iterator[SnapshotFolder]:
    """Open a folder for one harvest, and release it afterwards. Raises FolderInUse, UnusableFolder or UnreadableLog."""
    snapshots = SnapshotFolder(folder)
    try:
        yield snapshots
    finally:
        snapshots.close()


def write_completely(path: Path, content: bytes) -> None:
    """Write a file completely or not at all, even if the process is killed or the machine stops.

    Raises UnusableFolder.
    """
    with _naming_faults(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise
