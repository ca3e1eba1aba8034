"""Synchronisation of an index with its source: by change number, group by group, with one writer per machine.

The index is derived data: it can be deleted at any time and is rebuilt from its source. Results are never
older than the source was at the time of the query, except while another process builds the index; users
then see a notice.

The folder contains the indexes, `lock`, and `current-N-T`, the name of the index in use, where N is the engine's
INDEX_FORMAT and T the version of the thesaurus, because an index holds the concepts of each text. Processes with
another N or T, as after an update of the site, have an index of their own beside it; each holds a lock on `in-use-N-T`,
and once no process does, that index is removed.

An index is changed in one commit. A new index is built next to the old one, and `current-N-T` is replaced once it is
complete. A process that is killed at any moment therefore leaves either the old index or the new one.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
import uuid
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from samsvar.search.engine import INDEX_FORMAT, Engine
from samsvar.search.errors import IndexDamaged, SearchError
from samsvar.search.items import IndexGroup
from samsvar.thesaurus.concepts import thesaurus_version

LOCK_TIMEOUT = 2.0  # seconds to wait for another writer if an older index can answer
FIRST_BUILD_TIMEOUT = 20.0  # seconds to wait if there is no index yet; web servers time out after 30
UNCOMMITTED_POSITION = -1  # position of an index with uncommitted changes, which equals no change number


class IndexBeingBuilt(SearchError):
    """Raised when another process is building the first index and takes longer than a reader should wait."""

    effect = "No saved data has been lost."
    advice = "Try again in a minute."

    def __init__(self) -> None:
        super().__init__("The search index is being built.")


class IndexFolderUnusable(SearchError):
    """Raised when the folder of the index is not writable."""

    effect = "No saved data has been lost; only search is affected."

    def __init__(self, folder: Path, problem: OSError) -> None:
        super().__init__(
            f"The folder of the search index, {folder}, cannot be used: {problem.strerror or problem}.",
            advice="Give the site's user permission to write to it, and check that the disk is not full.",
        )


class IndexSource(Protocol):
    """The data that an index is derived from."""

    def get_change_number(self) -> int | None:
        """Return a number that changes with every change of the data, or None in an open transaction."""

    def fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprint of every group, which changes whenever anything in the group changes."""

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[IndexGroup]:
        """Return the groups with these names and fingerprints, possibly without those deleted in the meantime."""


@dataclass(frozen=True, slots=True)
class CurrentIndex:
    """An index to search. `is_stale` means that it is older than its source, because another process is writing."""

    engine: Engine
    is_stale: bool = False


class IndexUpdater:
    """An updater that keeps the index in a folder up to date with a source; one per process, thread-safe."""

    def __init__(self, folder: Path, source: IndexSource, *, lock_timeout: float = LOCK_TIMEOUT) -> None:
        self.folder, self.source, self.lock_timeout = folder, source, lock_timeout
        self._process_id = os.getpid()
        self._thread_mutex = threading.Lock()
        self._current: tuple[Engine, int | None] | None = None  # with the change number at which it was last read
        self._is_marked = False  # whether this process holds a lock on `in-use-N-T`

    def get_current_index(self) -> CurrentIndex:
        """Return the index, first updating it to the source's current change number if necessary.

        Costs one read of the change number if nothing has changed. Raises IndexBeingBuilt or IndexFolderUnusable.
        """
        number = self.source.get_change_number()
        current = self._current
        if current and number is not None and current[1] == number and self._process_id == os.getpid():
            return CurrentIndex(current[0])
        with self._hold_thread_lock():
            return self._update_if_needed(number)

    def rebuild(self) -> int:
        """Rebuild the index next to the one in use, which can still be searched; return the number of groups in it."""
        with self._hold_thread_lock(), self._hold_write_lock(None):
            engine = self._build_index(self.source.get_change_number())
            return len(self._set_current_index(engine).engine.fingerprints())

    def replace_damaged_index(self, damaged: Engine) -> CurrentIndex:
        """Return a replacement for an index that failed during a search; several threads can share one replacement."""
        with self._hold_thread_lock(), self._hold_write_lock(None):
            engine = self._open_current_index()
            if engine is None or engine.folder == damaged.folder:
                engine = self._build_index(self.source.get_change_number())
            self._current = (engine, None)  # equals no change number, so the next search checks for changes
        return self.get_current_index()

    # --- Updating -----------------------------------------------------------------------------------------------------

    def _update_if_needed(self, number: int | None) -> CurrentIndex:
        engine = self._open_current_index()
        if engine and number is not None and engine.get_change_number() == number:
            if self._current is None and self._list_other_pointers():
                with self._hold_write_lock(0) as acquired:
                    if acquired:
                        self._remove_unused_indexes(engine.folder.name)
            return self._set_current_index(engine)
        with self._hold_write_lock(self.lock_timeout if engine else FIRST_BUILD_TIMEOUT) as acquired:
            if not acquired:
                if engine is None:
                    raise IndexBeingBuilt
                return CurrentIndex(engine, is_stale=True)
            engine = self._open_current_index()  # the previous holder of the lock may already have updated it
            number = self.source.get_change_number()
            if engine and number is not None and engine.get_change_number() == number:
                return self._set_current_index(engine)
            if engine is None:
                return self._set_current_index(self._build_index(number))
            try:
                self._update_groups(engine, number)
                self._remove_unused_indexes(engine.folder.name)
            except IndexDamaged:
                engine = self._build_index(number)
            return self._set_current_index(engine)

    def _update_groups(self, engine: Engine, number: int | None) -> None:
        """Write the changed groups and remove the deleted ones; `number` must have been read before this call."""
        current, stored = self.source.fingerprints(), engine.fingerprints()
        changed = {name: fingerprint for name, fingerprint in current.items() if stored.get(name) != fingerprint}
        removed = stored.keys() - current.keys()
        if changed or removed or number is not None:
            engine.write(
                position=UNCOMMITTED_POSITION if number is None else number,
                groups=self.source.groups(changed) if changed else (),
                removed=removed,
            )

    def _build_index(self, number: int | None) -> Engine:
        """Build a complete new index and make it the current one."""
        name = f"index-{uuid.uuid4().hex}"
        self._mark_in_use()
        try:
            engine = Engine.create(self.folder / name)
            engine.write(
                position=UNCOMMITTED_POSITION if number is None else number,
                groups=self.source.groups(self.source.fingerprints()),
            )
            new_pointer = self.folder / f"{name}.current"
            new_pointer.write_text(name, encoding="ascii")
            new_pointer.replace(self._pointer_path)
        except OSError as problem:
            raise IndexFolderUnusable(self.folder, problem) from problem
        self._remove_unused_indexes(name)
        return engine

    def _remove_unused_indexes(self, current_name: str) -> None:
        """Delete indexes that no pointer names: replaced ones, and incomplete ones left by a killed process.

        Pointers of other versions of which no process runs are deleted first. A process that is still reading a
        replaced index keeps its files open, which on Unix remain readable after they are deleted, and switches to the
        new index at its next search. Call this with the write lock, so that no index is being built.
        """
        for pointer in self._list_other_pointers():
            self._remove_if_unused(pointer)
        names_in_use = {current_name, *(self._read_pointer(pointer) for pointer in self.folder.glob("current-*"))}
        for old in self.folder.glob("index-*"):
            if old.name not in names_in_use:
                if old.is_dir():
                    shutil.rmtree(old, ignore_errors=True)
                else:
                    old.unlink(missing_ok=True)

    def _list_other_pointers(self) -> list[Path]:
        """Return the pointers of other versions of the engine or of the thesaurus."""
        return [pointer for pointer in self.folder.glob("current-*") if pointer != self._pointer_path]

    def _mark_in_use(self) -> None:
        """Keep the index of this version from being removed for as long as this process runs.

        The operating system releases the lock when the process ends, however it does. A folder that cannot be written
        to has no lock, and nothing can be removed from it.
        """
        import fcntl  # as in `_hold_write_lock`

        path = _in_use_path(self._pointer_path)
        while not self._is_marked:
            try:
                lock = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
            except OSError:
                return
            fcntl.flock(lock, fcntl.LOCK_SH)  # waits for no longer than `_remove_if_unused` takes
            try:
                self._is_marked = os.path.samestat(os.fstat(lock), path.stat())
            except FileNotFoundError:
                self._is_marked = False
            if self._is_marked:
                weakref.finalize(self, os.close, lock)
            else:  # it was removed between opening and locking it
                os.close(lock)

    @staticmethod
    def _remove_if_unused(pointer: Path) -> None:
        """Remove the pointer of another version, unless a process with that version runs."""
        import fcntl  # as in `_hold_write_lock`

        path = _in_use_path(pointer)
        try:
            lock = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        except OSError:
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            pointer.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        except OSError:  # in use, or in a folder of another user
            return
        finally:
            os.close(lock)

    # --- The current index --------------------------------------------------------------------------------------------

    @property
    def _pointer_path(self) -> Path:
        return self.folder / f"current-{INDEX_FORMAT}-{thesaurus_version()[:12]}"

    @staticmethod
    def _read_pointer(pointer: Path) -> str:
        try:
            name = pointer.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""
        return name if name.startswith("index-") and "/" not in name else ""

    def _open_current_index(self) -> Engine | None:
        """Return the index in use on this machine at its latest commit, or None if it cannot be read."""
        self._mark_in_use()
        name = self._read_pointer(self._pointer_path)
        if not name:
            return None
        try:
            if self._current and self._current[0].folder == self.folder / name and (self.folder / name).exists():
                self._current[0].reload()
                return self._current[0]
            engine = Engine.open(self.folder / name)
            engine.get_change_number()  # opening reads very little; this also reads stored data
        except IndexDamaged:
            return None
        return engine

    def _set_current_index(self, engine: Engine) -> CurrentIndex:
        self._current = (engine, engine.get_change_number())
        return CurrentIndex(engine)

    # --- One writer ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _hold_thread_lock(self) -> Iterator[None]:
        """Hold the thread lock; in a forked process, reset the state first, because an index cannot survive a fork."""
        if self._process_id != os.getpid():
            self._process_id, self._thread_mutex, self._current = os.getpid(), threading.Lock(), None
        with self._thread_mutex:
            yield

    @contextmanager
    def _hold_write_lock(self, timeout: float | None) -> Iterator[bool]:
        """Hold the machine's write lock; yield whether it was acquired within `timeout` seconds (None: wait forever).

        The operating system releases the lock if the process dies.
        """
        import fcntl  # Unix only, like the site's server; the rest of the library also works elsewhere, in notebooks

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as problem:
            raise IndexFolderUnusable(self.folder, problem) from problem
        try:
            deadline = None if timeout is None else time.monotonic() + timeout
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if deadline is not None and time.monotonic() > deadline:
                        yield False
                        return
                    time.sleep(0.01)
                else:
                    break
            yield True
        finally:
            os.close(lock)


def _in_use_path(pointer: Path) -> Path:
    """Return the file on which every process with the version of a pointer holds a lock."""
    return pointer.with_name(pointer.name.replace("current-", "in-use-", 1))


class InMemorySource:
    """An in-memory source for tests, benchmarks, and notebooks that search the reports that they have read."""

    def __init__(self, groups: Collection[IndexGroup] = ()) -> None:
        self.number = 1
        self._groups = {group.name: group for group in groups}

    def put(self, *groups: IndexGroup, removed: Collection[str] = ()) -> None:
        """Add groups, replacing those with the same names, and remove the groups named in `removed`."""
        self.number += 1
        self._groups = {name: group for name, group in self._groups.items() if name not in removed}
        self._groups |= {group.name: group for group in groups}

    def get_change_number(self) -> int | None:
        """Return the change number, which grows with every `put`."""
        return self.number

    def fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprint of each group."""
        return {group.name: group.fingerprint for group in self._groups.values()}

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[IndexGroup]:
        """Return the groups with these names."""
        return [self._groups[name] for name in fingerprints]
