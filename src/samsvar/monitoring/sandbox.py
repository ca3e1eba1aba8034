"""Reading of untrusted files in a child process with limits on memory and time.

A file can crash a PDF library, make it run forever or exhaust the memory. Only the child process is affected: the
parent raises a SamsvarError and starts a new child for the next file. A healthy child is reused to save the start-up
time of a new one (0.2 s).
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
from samsvar.errors import (
    MemoryLimitExceeded,
    OcrRequired,
    ReaderCrashed,
    ReaderKilled,
    SamsvarError,
    TimeLimitExceeded,
)
from samsvar.monitoring.ocr import find_tesseract
from samsvar.monitoring.report import Reading

TIMEOUT_SECONDS: Final = 60.0  # wall-clock, for one file; the slowest of 4,633 odd PDFs takes less than one (2026-11)
OCR_TIMEOUT_SECONDS: Final = 600.0  # the same, for a scan; a page takes 2 to 5 seconds (2026-11)
MEMORY_LIMIT_MB: Final = 1024  # address space of the child; 500 pages need less than 300 MB
MAX_TRIES: Final = 3  # for a file whose child is ended from outside
MAX_JOBS_PER_CHILD: Final = 500  # after these, a new child takes over, in case the library leaks memory
_PROGRAM: Final = "from samsvar.monitoring.sandbox import serve"  # the code that a child runs
_LENGTH_PREFIX = struct.Struct(">Q")
_MAX_ANSWER_BYTES: Final = 1 << 28  # more than a reading of the size that the pipeline accepts
_EXIT_SECONDS: Final = 5.0  # from the end of a child's pipe to its own, on a busy machine
# A child never sends these to itself: an operator, a service manager, or the system when memory runs out does.
_SIGNALS_FROM_OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})

# The only classes that are unpickled from a child's answer, because the child has read a possibly hostile
# file.
_ALLOWED_CLASSES: Final = {
    "samsvar.monitoring.report": frozenset(
        (
            "Reading",
            "Passage",
            "Finding",
            "ExtractionReport",
            "UnexplainedLine",
            "Strength",
            "StatePosition",
            "SetAsideReason",
            "OcrSummary",
            "DoubtfulWord",
            "TitlePage",
        )
    ),
    "samsvar.spans": frozenset(("Span", "Box")),
    "datetime": frozenset(("date",)),
}


def read_report_sandboxed(
    source: bytes | str | Path,
    *,
    seconds: float = TIMEOUT_SECONDS,
    megabytes: int = MEMORY_LIMIT_MB,
    ocr_seconds: float = OCR_TIMEOUT_SECONDS,
    **options: Any,
) -> Reading:
    """Read a report in a child process; `options` are keyword arguments of `read_report` (body, state, language …).

    A scan is read with OCR if Tesseract is installed, within `ocr_seconds`; 0 turns OCR off. Raises what `read_report`
    raises, or TimeLimitExceeded, MemoryLimitExceeded or ReaderCrashed.
    """
    try:
        return cast("Reading", _run_in_child("read", source, {**options, "ocr": False}, seconds, megabytes))
    except OcrRequired:
        if not ocr_seconds or find_tesseract() is None:
            raise
    options["ocr"] = True
    return cast("Reading", _run_in_child("read", source, options, ocr_seconds, megabytes))


def render_page_sandboxed(
    source: bytes | str | Path, page: int, *, width: int = 1000, seconds: float = 20.0, megabytes: int = MEMORY_LIMIT_MB
) -> bytes:
    """Render a page as a PNG in a child process; see `render_page`."""
    return cast("bytes", _run_in_child("picture", source, {"page": page, "width": width}, seconds, megabytes))


def run_sandboxed[Answer](
    function: Callable[..., Answer], content: bytes, *, seconds: float, megabytes: int, **options: Any
) -> Answer:
    """Call a function of a module with the content of a file in a child process, and return its result.

    The result consists of built-in types and of `_ALLOWED_CLASSES`. Raises the function's own errors if they are in
    `samsvar.errors`, or TimeLimitExceeded, MemoryLimitExceeded or ReaderCrashed.
    """
    return cast("Answer", _run_in_child(function, content, options, seconds, megabytes))


def read_reports_sandboxed(
    paths: Iterable[Path],
    *,
    processes: int = 0,
    seconds: float = TIMEOUT_SECONDS,
    megabytes: int = MEMORY_LIMIT_MB,
    ocr_seconds: float = OCR_TIMEOUT_SECONDS,
    names: Mapping[Path, str] | None = None,
    **options: Any,
) -> Iterator[tuple[Path, Reading | SamsvarError]]:
    """Yield each path with its reading, or with the error that prevented it, in the given order.

    `names` gives the display names of documents; a file without one has its filename. `processes` is the number of
    children that work at once; 0 means one for each processor available to this process.
    """
    workers = processes or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else processes or 2

    def read_file(path: Path) -> Reading | SamsvarError:
        try:
            name = (names or {}).get(path, path.name)
            return read_report_sandboxed(
                path, seconds=seconds, megabytes=megabytes, ocr_seconds=ocr_seconds, document=name, **options
            )
        except SamsvarError as error:
            return error
        except OSError as error:
            return errors.UnreadableReport(
                f"“{path}” cannot be opened: {error.strerror}.", advice="Check its name and its permissions."
            )

    with ThreadPoolExecutor(max_workers=workers) as threads:  # the threads only wait for the children
        queued = list(paths)
        yield from zip(queued, threads.map(read_file, queued), strict=True)


# --- Parent process ---------------------------------------------------------------------------------------------------


class _ChildProcess:
    """A child process that reads files, with the pipes to and from it."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self.jobs = 0
        program = f"import sys; sys.path[:] = {sys.path!r}; {_PROGRAM}; serve({megabytes})"
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            close_fds=True,
            start_new_session=True,  # Ctrl-C in a terminal is handled by the parent
        )
        self.jobs_pipe = cast("BinaryIO", self.process.stdin)
        self.answers_pipe = cast("BinaryIO", self.process.stdout)

    def run_job(self, job: bytes, seconds: float) -> bytes:
        """Send a job to the child and return its answer.

        Raises TimeLimitExceeded, MemoryLimitExceeded or ReaderCrashed, after which the child is dead.
        """
        deadline = time.monotonic() + seconds
        self.jobs += 1
        try:
            self._send_job(job, deadline)
            (length,) = _LENGTH_PREFIX.unpack(self._receive_bytes(_LENGTH_PREFIX.size, deadline))
            if length > _MAX_ANSWER_BYTES:
                self.kill()
                raise ReaderCrashed(f"The process that read the file returned {length:,} bytes.")
            return self._receive_bytes(length, deadline)
        except TimeoutError:
            self.kill()
            raise TimeLimitExceeded(f"Reading was stopped after {seconds:g} seconds.") from None
        except (EOFError, OSError):
            raise self._build_exit_error(seconds) from None

    def _send_job(self, job: bytes, deadline: float) -> None:
        pipe = self.jobs_pipe.fileno()
        os.set_blocking(pipe, False)
        rest = memoryview(_LENGTH_PREFIX.pack(len(job)) + job)
        while rest:
            _, ready, _ = select.select([], [pipe], [], max(deadline - time.monotonic(), 0.0))
            if not ready:
                raise TimeoutError
            rest = rest[os.write(pipe, rest[: 1 << 16]) :]

    def _receive_bytes(self, length: int, deadline: float) -> bytes:
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

    def _build_exit_error(self, seconds: float) -> SamsvarError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_EXIT_SECONDS)  # its exit code says why it closed the pipe
        code = self.process.poll()
        self.kill()
        killed_by = -code if code is not None and code < 0 else 0
        if killed_by == signal.SIGXCPU:
            return TimeLimitExceeded(f"Reading was stopped after {seconds:g} seconds of processor time.")
        if code == _OUT_OF_MEMORY_EXIT_CODE:
            return MemoryLimitExceeded(f"Reading needed more than {self.megabytes} MB.")
        if killed_by in _SIGNALS_FROM_OUTSIDE:
            return ReaderKilled(
                f"The process that read the file was ended {MAX_TRIES} times from outside, although it kept its limits."
            )
        cause = signal.Signals(killed_by).name if killed_by else f"exit code {code}" if code is not None else "no exit"
        return ReaderCrashed(f"The process that read the file ended unexpectedly ({cause}).")

    def kill(self) -> None:
        """End the process, if it is still running, and close the pipes."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2 if self.process.poll() is None and self._has_closed_pipe() else 0)
        running = self.process.poll() is None
        self.kill_group()
        if running:
            self.process.wait()
        for pipe in (self.jobs_pipe, self.answers_pipe):
            with contextlib.suppress(OSError):
                pipe.close()

    def kill_group(self) -> None:
        """End the process and the programs that it has started: an OCR program would go on for up to a minute."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)  # start_new_session: its process group has its number

    def _has_closed_pipe(self) -> bool:
        """Return whether the child has closed its end of the pipe and is about to exit with a code that says why."""
        with contextlib.suppress(OSError, ValueError):
            ready, _, _ = select.select([self.answers_pipe], [], [], 0)
            return bool(ready)
        return True

    @property
    def is_reusable(self) -> bool:
        return self.process.poll() is None and self.jobs < MAX_JOBS_PER_CHILD


class _ChildPool:
    """The pool of idle child processes; after a fork, the new process starts with an empty pool."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.idle: list[_ChildProcess] = []
        self.owner_pid = os.getpid()

    def acquire(self, megabytes: int) -> _ChildProcess:
        with self.lock:
            if self.owner_pid != os.getpid():
                self.idle, self.owner_pid = [], os.getpid()
            for child in self.idle:
                if child.megabytes == megabytes and child.is_reusable:
                    self.idle.remove(child)
                    return child
        return _ChildProcess(megabytes)

    def release(self, child: _ChildProcess) -> None:
        with self.lock:
            if child.is_reusable and len(self.idle) < 16 and self.owner_pid == os.getpid():
                self.idle.append(child)
                return
        child.kill()

    def close(self) -> None:
        with self.lock:
            children, self.idle = (self.idle if self.owner_pid == os.getpid() else []), []
        for child in children:
            child.kill_group()
            child.kill()


_CHILD_POOL = _ChildPool()
atexit.register(_CHILD_POOL.close)


def _run_in_child(
    work: str | Callable[..., Any],
    source: bytes | str | Path,
    options: Mapping[str, Any],
    seconds: float,
    megabytes: int,
) -> Any:
    if not isinstance(source, bytes):
        mode = Path(source).stat().st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            with Path(source).open("rb"):  # a missing file or a folder is the caller's error, not the child's
                pass
        else:  # opening a pipe may block forever, and a device may never end
            raise errors.UnreadableReport(f"“{source}” is not a file.", advice="Enter the name of a file.")
        source = str(Path(source).resolve())
    job = pickle.dumps((work, source, dict(options), seconds))
    answer = _run_job_again_if_killed(job, seconds, megabytes)
    kind, value = _AnswerUnpickler(io.BytesIO(answer)).load()
    if kind == "error":
        raise _rebuild_error(value)
    return value


def _run_job_again_if_killed(job: bytes, seconds: float, megabytes: int) -> bytes:
    """Run a job in a child; in another one if the child is ended from outside, by an operator or the system."""
    for last_try in (*[False] * (MAX_TRIES - 1), True):
        child = _CHILD_POOL.acquire(megabytes)
        try:
            return child.run_job(job, seconds)
        except ReaderKilled:
            if last_try:
                raise
        finally:
            _CHILD_POOL.release(child)
    raise AssertionError  # unreachable: the last try returns or raises


class _AnswerUnpickler(pickle.Unpickler):
    """An unpickler that allows only the classes that occur in a `Reading`."""

    def find_class(self, module: str, name: str) -> Any:
        if name in _ALLOWED_CLASSES.get(module, ()):
            return super().find_class(module, name)
        raise ReaderCrashed(f"The process that read the file returned an unexpected value ({module}.{name}).")


def _rebuild_error(data: Mapping[str, Any]) -> SamsvarError:
    """Rebuild an error raised in the child from its class name, texts and attributes."""
    cls = getattr(errors, str(data["class"]), ReaderCrashed)
    if not (isinstance(cls, type) and issubclass(cls, SamsvarError)):
        cls = ReaderCrashed
    error = cls.__new__(cls)
    SamsvarError.__init__(error, str(data["message"]), effect=str(data["effect"]), advice=str(data["advice"]))
    for name, value in data["facts"].items():
        setattr(error, str(name), value)
    return error


# --- Child process ----------------------------------------------------------------------------------------------------

_OUT_OF_MEMORY_EXIT_CODE: Final = 77  # the child's exit code when it runs out of memory


def serve(megabytes: int) -> None:
    """Run the child process: set its limits, then process jobs until the parent closes the pipe."""
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, 0)
    os.dup2(devnull, 1)  # so that nothing a library prints ends up among the answers
    _set_limit(resource.RLIMIT_AS, megabytes * 1_000_000)
    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_FSIZE, 0)
    while job := _read_job(jobs):
        try:
            work, source, options, seconds = pickle.loads(job)  # noqa: S301 - from the parent, which is trusted
            _limit_processor_time(seconds)
            content = Path(source).read_bytes() if isinstance(source, str) else source
            function = work if callable(work) else _load_reader(work)
            answer = ("ok", function(content, **options))
        except SamsvarError as error:
            answer = ("error", _serialise_error(error))
        except MemoryError:
            os._exit(_OUT_OF_MEMORY_EXIT_CODE)  # this process cannot be trusted with another file
        except RecursionError:
            answer = ("error", _serialise_error(ReaderCrashed("The file is nested too deeply.")))
        except Exception as error:
            crash = ReaderCrashed(f"The reader failed on this file ({type(error).__name__}).")
            answer = ("error", _serialise_error(crash))
        packed = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
        answers.write(_LENGTH_PREFIX.pack(len(packed)) + packed)
        answers.flush()


def _load_reader(work: str) -> Callable[..., Any]:
    """Import a reader when it is first needed: a child that reads tables needs neither PDFium nor the thesaurus."""
    from samsvar.monitoring import pipeline, reading

    readers: dict[str, Callable[..., Any]] = {"read": pipeline.read_report, "picture": reading.render_page}
    return readers[work]


def _read_job(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(_LENGTH_PREFIX.size)
    return pipe.read(_LENGTH_PREFIX.unpack(head)[0]) if len(head) == _LENGTH_PREFIX.size else None


def _set_limit(resource_type: int, limit: int) -> None:
    with contextlib.suppress(OSError, ValueError):  # not every system has every limit
        resource.setrlimit(resource_type, (limit, limit))


def _limit_processor_time(seconds: float) -> None:
    """Limit the processor time of the next job to its wall-clock limit, in case the parent has died."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    most = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _serialise_error(error: SamsvarError) -> dict[str, Any]:
    simple = (int, float, str, bool, builtins.type(None))
    facts = {
        name: value
        for name, value in vars(error).items()
        if name not in ("message", "effect", "advice") and isinstance(value, simple)
    }
    class_name = type(error).__name__ if hasattr(errors, type(error).__name__) else "MonitoringError"
    texts = {"message": error.message, "effect": error.effect, "advice": error.advice}
    return {"class": class_name, "facts": facts, **texts}
