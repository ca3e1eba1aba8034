"""Reading files that nobody vouches for: in a child process with limits on memory and time.

A file can crash a PDF library, keep it busy for ever or ask it for all memory there is. Whatever it does, it does to
the child: the parent gets a named error, and a new child for the next file. A child that is well is used again, so that
the start (0.2 s) is paid once and not for each file.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import io
import os
import pickle
import resource
import select
import signal
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from samsvar import errors
from samsvar.errors import MemoryLimit, ReaderCrashed, SamsvarError, TimeLimit
from samsvar.monitoring.report import Reading

SECONDS: Final = 60.0  # wall clock for one file; the slowest of 4,633 odd PDFs takes less than one (2026-11)
MEGABYTES: Final = 1024  # address space of the child; 500 pages need less than 300
JOBS_OF_A_CHILD: Final = 500  # after that many a new child takes over, whatever the library may have leaked
_PROGRAM: Final = "from samsvar.monitoring.sandbox import serve"  # what a child runs
_FRAME = struct.Struct(">Q")
_LONGEST_ANSWER: Final = 1 << 30

# What an answer of the child may be made of. It has read a file that may be hostile, so that no other class is built.
_OURS: Final = {
    "samsvar.monitoring.report": frozenset(
        ("Reading", "Passage", "Finding", "Account", "Unexplained", "Strength", "Aside")
    ),
    "samsvar.spans": frozenset(("Span", "Box")),
    "datetime": frozenset(("date",)),
}


def read_report_guarded(
    source: bytes | str | Path, *, seconds: float = SECONDS, megabytes: int = MEGABYTES, **about: Any
) -> Reading:
    """What `read_report` says, from a child process; `about` are its keywords (document, body, state, language …).

    Raises what `read_report` raises, or TimeLimit, MemoryLimit and ReaderCrashed.
    """
    return cast("Reading", _ask("read", source, about, seconds, megabytes))


def page_picture_guarded(
    source: bytes | str | Path, page: int, *, width: int = 1000, seconds: float = 20.0, megabytes: int = MEGABYTES
) -> bytes:
    """What `page_picture` draws, a PNG, from a child process."""
    return cast("bytes", _ask("picture", source, {"page": page, "width": width}, seconds, megabytes))


def read_many(
    paths: Iterable[Path],
    *,
    processes: int = 0,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
    **about: Any,
) -> Iterator[tuple[Path, Reading | SamsvarError]]:
    """Each file with its reading, or the named error that refused it, in the order given.

    `processes` children read at once; 0 means one for each processor that this process may use.
    """
    many = processes or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else processes or 2

    def one(path: Path) -> Reading | SamsvarError:
        try:
            return read_report_guarded(path, seconds=seconds, megabytes=megabytes, document=path.name, **about)
        except SamsvarError as error:
            return error
        except OSError as error:
            return errors.UnreadableReport(
                f"“{path}” cannot be opened: {error.strerror}.", advice="Check its name and who may read it."
            )

    with ThreadPoolExecutor(max_workers=many) as threads:  # they wait for children and do no work of their own
        waiting = list(paths)
        yield from zip(waiting, threads.map(one, waiting), strict=True)


# --- the parent's side ---------------------------------------------------------------------------------------------


class _Child:
    """One process that reads, and the pipe to it."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self.jobs = 0
        start = f"import sys; sys.path[:] = {sys.path!r}; {_PROGRAM}; serve({megabytes})"
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            close_fds=True,
            start_new_session=True,  # Ctrl-C in a terminal is the parent's to handle
        )
        self.jobs_pipe = cast("BinaryIO", self.process.stdin)
        self.answers_pipe = cast("BinaryIO", self.process.stdout)

    def asked(self, job: bytes, seconds: float) -> bytes:
        """The answer to a job; raises TimeLimit, MemoryLimit or ReaderCrashed, and is then dead."""
        deadline = time.monotonic() + seconds
        self.jobs += 1
        try:
            self._send(job, deadline)
            (length,) = _FRAME.unpack(self._received(_FRAME.size, deadline))
            if length > _LONGEST_ANSWER:
                raise EOFError
            return self._received(length, deadline)
        except TimeoutError:
            self.kill()
            raise TimeLimit(f"Reading was stopped after {seconds:g} seconds.") from None
        except (EOFError, OSError):
            raise self._cause_of_death(seconds) from None

    def _send(self, job: bytes, deadline: float) -> None:
        pipe = self.jobs_pipe.fileno()
        os.set_blocking(pipe, False)
        rest = memoryview(_FRAME.pack(len(job)) + job)
        while rest:
            _, ready, _ = select.select([], [pipe], [], max(deadline - time.monotonic(), 0.0))
            if not ready:
                raise TimeoutError
            rest = rest[os.write(pipe, rest[: 1 << 16]) :]

    def _received(self, length: int, deadline: float) -> bytes:
        pipe = self.answers_pipe.fileno()
        pieces: list[bytes] = []
        while length:
            ready, _, _ = select.select([pipe], [], [], max(deadline - time.monotonic(), 0.0))
            if not ready:
                raise TimeoutError
            piece = os.read(pipe, min(length, 1 << 20))
            if not piece:
                raise EOFError
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def _cause_of_death(self, seconds: float) -> SamsvarError:
        self.kill()
        code = self.process.returncode
        killed_by = -code if code is not None and code < 0 else 0
        if killed_by == signal.SIGXCPU:
            return TimeLimit(f"Reading was stopped after {seconds:g} seconds of work.")
        if code == _OUT_OF_MEMORY or killed_by == signal.SIGKILL:  # the system's own way when memory runs out
            return MemoryLimit(f"Reading needed more than {self.megabytes} MB.")
        how = signal.Signals(killed_by).name if killed_by else f"exit code {code}"
        return ReaderCrashed(f"The process that read the file died ({how}).")

    def kill(self) -> None:
        """Ends the process, if it has not ended, and closes the pipes."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2 if self.process.poll() is None and self._hung_up() else 0)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pipe in (self.jobs_pipe, self.answers_pipe):
            with contextlib.suppress(OSError):
                pipe.close()

    def _hung_up(self) -> bool:
        """Whether the child has closed its end, and is about to say with its exit code why."""
        with contextlib.suppress(OSError, ValueError):
            ready, _, _ = select.select([self.answers_pipe], [], [], 0)
            return bool(ready)
        return True

    @property
    def well(self) -> bool:
        return self.process.poll() is None and self.jobs < JOBS_OF_A_CHILD


class _Nursery:
    """The idle children of this process. A forked copy of the process starts its own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.idle: list[_Child] = []
        self.owner = os.getpid()

    def take(self, megabytes: int) -> _Child:
        with self.lock:
            if self.owner != os.getpid():
                self.idle, self.owner = [], os.getpid()
            for child in self.idle:
                if child.megabytes == megabytes and child.well:
                    self.idle.remove(child)
                    return child
        return _Child(megabytes)

    def give_back(self, child: _Child) -> None:
        with self.lock:
            if child.well and len(self.idle) < 16 and self.owner == os.getpid():
                self.idle.append(child)
                return
        child.kill()

    def close(self) -> None:
        with self.lock:
            children, self.idle = (self.idle if self.owner == os.getpid() else []), []
        for child in children:
            child.process.kill()
            child.kill()


_NURSERY = _Nursery()
atexit.register(_NURSERY.close)


def _ask(work: str, source: bytes | str | Path, about: Mapping[str, Any], seconds: float, megabytes: int) -> Any:
    if not isinstance(source, bytes):
        mode = Path(source).stat().st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            with Path(source).open("rb"):  # a missing file or a folder is the caller's error, not the child's
                pass
        else:  # to open a pipe may wait for ever, and a device may never end
            raise errors.UnreadableReport(f"“{source}” is a device or a pipe and no file.", advice="Name a file.")
        source = str(Path(source).resolve())
    job = pickle.dumps((work, source, dict(about), seconds))
    child = _NURSERY.take(megabytes)
    try:
        answer = child.asked(job, seconds)
    finally:
        _NURSERY.give_back(child)
    kind, value = _Answers(io.BytesIO(answer)).load()
    if kind == "error":
        raise _error_from(value)
    return value


class _Answers(pickle.Unpickler):
    """Builds nothing but the values of a reading."""

    def find_class(self, module: str, name: str) -> Any:
        if name in _OURS.get(module, ()):
            return super().find_class(module, name)
        raise ReaderCrashed(f"The process that read the file answered with a {module}.{name}.")


def _error_from(told: Mapping[str, Any]) -> SamsvarError:
    """The error that the child met, rebuilt from its name, words and facts."""
    cls = getattr(errors, str(told["class"]), ReaderCrashed)
    if not (isinstance(cls, type) and issubclass(cls, SamsvarError)):
        cls = ReaderCrashed
    error = cls.__new__(cls)
    SamsvarError.__init__(error, str(told["message"]), kept=str(told["kept"]), advice=str(told["advice"]))
    for name, value in told["facts"].items():
        setattr(error, str(name), value)
    return error


# --- the child's side ----------------------------------------------------------------------------------------------

_OUT_OF_MEMORY: Final = 77  # the exit code with which the child says so


def serve(megabytes: int) -> None:
    """The child's whole life: limits on itself, then one job after the other until the parent closes the pipe."""
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)  # whatever a library prints does not end up between the answers
    from samsvar.monitoring.pipeline import read_report
    from samsvar.monitoring.reading import page_picture

    _limit(resource.RLIMIT_AS, megabytes * 1_000_000)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    works: dict[str, Callable[..., Any]] = {"read": read_report, "picture": page_picture}
    while job := _next_job(jobs):
        try:
            work, source, about, seconds = pickle.loads(job)  # noqa: S301 - from the parent, which is trusted
            _limit_work(seconds)
            content = Path(source).read_bytes() if isinstance(source, str) else source
            answer = ("ok", works[work](content, **about))
        except SamsvarError as error:
            answer = ("error", _told(error))
        except MemoryError:
            os._exit(_OUT_OF_MEMORY)  # what is left of this process is not to be trusted with another file
        except RecursionError:
            answer = ("error", _told(ReaderCrashed("The file nests deeper than can be followed.")))
        except Exception as error:
            answer = ("error", _told(ReaderCrashed(f"The reader failed on this file ({type(error).__name__}).")))
        packed = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
        answers.write(_FRAME.pack(len(packed)) + packed)
        answers.flush()


def _next_job(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(_FRAME.size)
    return pipe.read(_FRAME.unpack(head)[0]) if len(head) == _FRAME.size else None


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(OSError, ValueError):  # not every system knows every limit
        resource.setrlimit(what, (most, most))


def _limit_work(seconds: float) -> None:
    """Lets the next job use as much processor time as its wall clock has, should the parent be gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 2
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _told(error: SamsvarError) -> dict[str, Any]:
    simple = (int, float, str, bool, builtins.type(None))
    facts = {
        name: value
        for name, value in vars(error).items()
        if name not in ("message", "kept", "advice") and isinstance(value, simple)
    }
    known = type(error).__name__ if hasattr(errors, type(error).__name__) else "MonitoringError"
    return {"class": known, "message": error.message, "kept": error.kept, "advice": error.advice, "facts": facts}
