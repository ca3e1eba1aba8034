"""Storage of report files by content hash, in Django's storage. Files are written completely or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import platform
import re
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext_lazy as _

from samsvar.ids import hash_content
from samsvar.site.shell.errors import SiteError

FOLDER = "reports"
log = logging.getLogger("samsvar.storage")


class FileChanged(SiteError):
    """Raised if a file is no longer the one that was uploaded."""

    message = _("The stored file has changed since it was uploaded, so it is not offered.")
    effect = _("The text of the report is not affected.")
    advice = _("Tell the people who run this site: they can restore it from a backup.")


class AtomicFileSystemStorage(FileSystemStorage):
    """A file system storage that writes to a temporary file and renames it, so that no partial file is left behind.

    Object stores (S3) write atomically anyway; for them, `STORAGES["default"]` names another backend.
    """

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=_temporary_prefix(os.getpid()))
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # named by content hash: an existing file has the same content


def _temporary_prefix(pid: int) -> str:
    return f".writing-{platform.node()}-{pid}-"


def _is_left_by_dead_process(name: str) -> bool:
    """Return whether a file is the partial file of a process of this machine that no longer runs."""
    match = re.match(rf"\.writing-{re.escape(platform.node())}-(\d+)-", name)
    if match is None:
        return False
    try:
        os.kill(int(match[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it runs as another user
        return False
    return False


def storage_name(hash_: str) -> str:
    """Return the storage name of a report's file, spread over 256 folders."""
    return f"{FOLDER}/{hash_[:2]}/{hash_}"


def store(content: bytes) -> str:
    """Store a file and return its content hash. An existing file is rewritten, to update its modification time."""
    hash_ = hash_content(content)
    default_storage.save(storage_name(hash_), ContentFile(content))
    return hash_


def fetch(hash_: str) -> bytes | None:
    """Return the content of the file with this hash; None if the file is missing or its content does not match."""
    try:
        with default_storage.open(storage_name(hash_), "rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content if hash_content(content) == hash_ else None


def open_unchanged(hash_: str) -> File:
    """Return the open file with this hash, after reading all of it; raise `FileChanged` if its content does not match.

    Raises FileNotFoundError.
    """
    file: File = default_storage.open(storage_name(hash_), "rb")
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    if digest.hexdigest() != hash_:
        file.close()
        log.error("the file %s has changed since it was stored: restore it from a backup", storage_name(hash_))
        raise FileChanged
    file.seek(0)
    return file


def remove(name: str) -> None:
    default_storage.delete(name)


def list_files_written_before(moment: datetime) -> list[str]:
    """Return the names of all files last written before `moment`, and of partial files of killed processes."""
    names: list[str] = []
    try:
        folders = default_storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        return []
    for folder in folders:
        for file in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
            name = f"{FOLDER}/{folder}/{file}"
            with contextlib.suppress(FileNotFoundError):  # another process may be deleting orphaned files too
                if _is_left_by_dead_process(file) or default_storage.get_modified_time(name) < moment:
                    names.append(name)
    return names
