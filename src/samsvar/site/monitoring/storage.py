"""Where the files of reports lie: by content hash, behind Django's storage, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from samsvar.ids import content_hash

FOLDER = "reports"


class WholeFiles(FileSystemStorage):
    """Django's folder, with a file written beside its place and then moved there: a kill leaves no half file.

    An object store (S3) does the same by itself; there `STORAGES["default"]` names its own backend.
    """

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                for part in content.chunks():
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside)
            raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # named by its content: what is there already is the same


def place_of(hash_: str) -> str:
    """The name of a report's file in the storage; 256 folders keep each of them short."""
    return f"{FOLDER}/{hash_[:2]}/{hash_}"


def store(content: bytes) -> str:
    """Put a file in its place and return its content hash; what is there already is written again, to be fresh."""
    hash_ = content_hash(content)
    default_storage.save(place_of(hash_), ContentFile(content))
    return hash_


def fetch(hash_: str) -> bytes | None:
    """The file with this hash; None where it is missing or is not what its name says."""
    try:
        with default_storage.open(place_of(hash_), "rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content if content_hash(content) == hash_ else None


def remove(name: str) -> None:
    default_storage.delete(name)


def stored_before(moment: datetime) -> list[str]:
    """Names of all files last written before `moment`, half-written ones of a killed process among them."""
    found: list[str] = []
    try:
        folders = default_storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        return []
    for folder in folders:
        for file in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
            name = f"{FOLDER}/{folder}/{file}"
            with contextlib.suppress(FileNotFoundError):  # another process sweeps too
                if default_storage.get_modified_time(name) < moment:
                    found.append(name)
    return found
