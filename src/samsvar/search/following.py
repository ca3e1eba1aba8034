"""How an index follows what it is derived from: by a change number, group by group, with one writer on a machine.

The index is worth nothing: it can be deleted at any time and is built anew from its source. What is searched is never
older than the source was when the question came, except while another process builds the index, which is said then.

In the folder stand `current-N` (the name of the index in use, N the engine's FORMAT), the indexes, and `lock`. An index
is changed in one commit; a new one is built beside the old one and `current-N` is moved over to it when it is whole. So
whoever is killed, at any moment, leaves the old index or the new one.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from samsvar.search.engine import FORMAT, Engine, Group, IndexDamaged, SearchError

PATIENCE = 2.0  # seconds to wait for another writer when there is an older index to answer from
FIRST_PATIENCE = 20.0  # seconds to wait when there is none; web servers give up on a request after 30
UNSETTLED = -1  # the position of an index that holds what may yet be rolled back: no number equals it


class IndexBeingBuilt(SearchError):
    """Another process is building the first index, and it takes longer than a reader should wait."""

    code = "index_being_built"
    kept = "Everything that was stored is there."
    advice = "Try again in a minute."

    def __init__(self) -> None:
        super().__init__("The search index is being built.")


class FolderUnusable(SearchError):
    """The folder of the index cannot be written to."""

    code = "index_folder_unusable"
    kept = "Everything that was stored is there; only search is affected."

    def __init__(self, folder: Path, problem: OSError) -> None:
        super().__init__(
            f"The folder of the search index, {folder}, cannot be used: {problem.strerror or problem}.",
            advice="Give the site's user the right to write there, and room on the disk.",
        )


class Source(Protocol):
    """What an index is derived from."""

    def change_number(self) -> int | None:
        """Different whenever anything has changed; None where it cannot be relied on (an open transaction)."""

    def fingerprints(self) -> Mapping[str, str]:
        """Of every group there is: different whenever something in the group has changed."""

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[Group]:
        """Each of these groups, with the fingerprint given; one that has gone meanwhile may be left out."""


@dataclass(frozen=True, slots=True)
class Followed:
    """An index to ask. `behind`: it is older than its source, because another process holds the pen."""

    engine: Engine
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Caught:
    """What a following changed: how many groups were written and taken out."""

    written: int
    gone: int


class Follower:
    """The index in one folder, kept up with one source. One for each process; safe to use from several threads."""

    def __init__(self, folder: Path, source: Source, *, patience: float = PATIENCE) -> None:
        self.folder, self.source, self.patience = folder, source, patience
        self._pid = os.getpid()
        self._thread = threading.Lock()
        self._in_use: tuple[Engine, int | None] | None = None  # and the position that it was last seen at

    def followed(self) -> Followed:
        """The index, brought up to the source's present change number first where it stands elsewhere.

        Costs one reading of the change number where nothing has changed. Raises IndexBeingBuilt, FolderUnusable.
        """
        number = self.source.change_number()
        if (now := self._in_use) and self._pid == os.getpid() and number is not None and now[1] == number:
            return Followed(now[0])
        with self._mine():
            return self._caught_up(number)

    def rebuild(self) -> int:
        """Build the index anew beside the one in use, which answers meanwhile; the number of groups in it."""
        with self._mine(), self._pen(None):
            return len(self._use(self._built(self.source.change_number())).engine.fingerprints())

    def mended(self, damaged: Engine) -> Followed:
        """An index in the place of one that failed while it was asked; built once, whoever meets it."""
        with self._mine(), self._pen(None):
            engine = self._opened()
            if engine is None or engine.folder == damaged.folder:
                engine = self._built(self.source.change_number())
            self._in_use = (engine, None)  # no number equals None: the next question looks whether it is up to date
        return self.followed()

    # --- Catching up ---

    def _caught_up(self, number: int | None) -> Followed:
        engine = self._opened()
        if engine and number is not None and engine.position() == number:
            return self._use(engine)
        with self._pen(self.patience if engine else FIRST_PATIENCE) as held:
            if not held:
                if engine is None:
                    raise IndexBeingBuilt
                return Followed(engine, behind=True)
            engine = self._opened()  # whoever held the pen may have done the work
            number = self.source.change_number()
            if engine and number is not None and engine.position() == number:
                return self._use(engine)
            if engine is None:
                return self._use(self._built(number))
            try:
                self._update(engine, number)
            except IndexDamaged:
                engine = self._built(number)
            return self._use(engine)

    def _update(self, engine: Engine, number: int | None) -> Caught:
        """Write the groups whose fingerprint has changed; nothing else is read. The number was read before them."""
        now, held = self.source.fingerprints(), engine.fingerprints()
        changed = {name: fingerprint for name, fingerprint in now.items() if held.get(name) != fingerprint}
        gone = held.keys() - now.keys()
        if changed or gone or number is not None:
            engine.write(
                position=UNSETTLED if number is None else number,
                groups=self.source.groups(changed) if changed else (),
                gone=gone,
            )
        return Caught(len(changed), len(gone))

    def _built(self, number: int | None) -> Engine:
        """A new index with everything, put in the place of whatever stands there."""
        name = f"index-{uuid.uuid4().hex}"
        try:
            engine = Engine.create(self.folder / name)
            engine.write(
                position=UNSETTLED if number is None else number, groups=self.source.groups(self.source.fingerprints())
            )
            fresh = self.folder / f"{name}.current"
            fresh.write_text(name, encoding="ascii")
            fresh.replace(self._pointer)
        except OSError as problem:
            raise FolderUnusable(self.folder, problem) from problem
        self._sweep(name)
        return engine

    def _sweep(self, kept: str) -> None:
        """Take away indexes that nothing points at: replaced ones, and those that a kill left half built.

        A process that still reads one keeps its open files; it meets the new index at its next question.
        """
        named = {kept, *(self._named_by(pointer) for pointer in self.folder.glob("current-*"))}
        for old in self.folder.glob("index-*"):
            if old.name not in named:
                if old.is_dir():
                    shutil.rmtree(old, ignore_errors=True)
                else:
                    old.unlink(missing_ok=True)

    # --- The index in use ---

    @property
    def _pointer(self) -> Path:
        return self.folder / f"current-{FORMAT}"

    @staticmethod
    def _named_by(pointer: Path) -> str:
        try:
            name = pointer.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""
        return name if name.startswith("index-") and "/" not in name else ""

    def _opened(self) -> Engine | None:
        """The index that is in use on this machine, at its last commit; None where none can be read."""
        name = self._named_by(self._pointer)
        if not name:
            return None
        try:
            if self._in_use and self._in_use[0].folder == self.folder / name and (self.folder / name).exists():
                self._in_use[0].reload()
                return self._in_use[0]
            engine = Engine.open(self.folder / name)
            engine.position()  # opening alone reads little; this reads the store
        except IndexDamaged:
            return None
        return engine

    def _use(self, engine: Engine) -> Followed:
        self._in_use = (engine, engine.position())
        return Followed(engine)

    # --- One writer ---

    @contextmanager
    def _mine(self) -> Iterator[None]:
        """One thread at a time; a forked process begins anew, for an index does not live through a fork."""
        if self._pid != os.getpid():
            self._pid, self._thread, self._in_use = os.getpid(), threading.Lock(), None
        with self._thread:
            yield

    @contextmanager
    def _pen(self, patience: float | None) -> Iterator[bool]:
        """The right to write on this machine, waited for so many seconds (None: as long as it takes); whether it came.

        The system takes the lock from a process that dies.
        """
        import fcntl  # Unix only, like the site's server; a notebook elsewhere can still use the rest of the library

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as problem:
            raise FolderUnusable(self.folder, problem) from problem
        try:
            until = None if patience is None else time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if until is not None and time.monotonic() > until:
                        yield False
                        return
                    time.sleep(0.01)
                else:
                    break
            yield True
        finally:
            os.close(lock)


class Collected:
    """A source that is held in memory: for tests, benchmarks, and a notebook that searches the reports it has read."""

    def __init__(self, groups: Collection[Group] = ()) -> None:
        self.number = 1
        self._groups = {group.name: group for group in groups}

    def put(self, *groups: Group, gone: Collection[str] = ()) -> None:
        """Take these groups in, in the place of those with their names, and let go of others."""
        self.number += 1
        self._groups = {name: group for name, group in self._groups.items() if name not in gone}
        self._groups |= {group.name: group for group in groups}

    def change_number(self) -> int | None:
        """Grows with every `put`."""
        return self.number

    def fingerprints(self) -> Mapping[str, str]:
        """As given with the groups."""
        return {group.name: group.fingerprint for group in self._groups.values()}

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[Group]:
        """Those asked for."""
        return [self._groups[name] for name in fingerprints]
