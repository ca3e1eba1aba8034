"""Measure the cost of reading reports: against plain text, with one and two processes, in time and memory.

Uses the real files under ../shared where they exist, and the demonstration's own reports everywhere. Prints each
ratio with its target and exits with code 1 if a target is missed; `--quick` leaves out the slow measurements.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pypdfium2
import pypdfium2.raw as pdfium

from samsvar.monitoring import read_report
from samsvar.monitoring.sandbox import read_reports_sandboxed
from samsvar.site.demo.sources import compile_pdf, fictional_reports

SHARED = Path(__file__).resolve().parents[2] / "shared" / "documents" / "upr"
MAX_RATIO = 1.9  # read_report compared with plain text of the same pages, processor time
MIN_SPEEDUP = 1.8  # two processes compared with one, wall clock, if two processors are free
MAX_MEMORY = 300  # MB for 500 pages


def extract_plain_text(content: bytes) -> int:
    """Extract the plain text of a document and do nothing else; return the number of pages."""
    document = pypdfium2.PdfDocument(content)
    for page in document:
        page.get_textpage().get_text_range()
    pages = len(document)
    document.close()
    return pages


def processor_seconds(work: Callable[[bytes], object], content: bytes) -> float:
    """Return the processor time of one call."""
    start = time.process_time()
    work(content)
    return time.process_time() - start


def ratio_to_plain_text(contents: Sequence[bytes], rounds: int = 5) -> tuple[float, float, int]:
    """Return the cost of reading as a multiple of plain text, the pages read per second, and the number of pages.

    Both are measured file by file in turn, so that a busy machine slows both equally. The best of some rounds counts.
    """
    ours = theirs = 0.0
    pages = 0
    for content in contents:
        both = [
            (processor_seconds(extract_plain_text, content), processor_seconds(read_report, content))
            for _ in range(rounds)
        ]
        theirs += min(plain for plain, _ in both)
        ours += min(read for _, read in both)
        pages += extract_plain_text(content)
    return ours / theirs, pages / ours, pages


def speedup_of_two_processes(paths: Sequence[Path], rounds: int = 8) -> tuple[float, bool]:
    """Return how much faster two processes read a set of files than one, and whether the result is reliable.

    The child processes are warm, and the fastest of some rounds counts. The result is reliable if other programs used
    less than a tenth of a processor during those rounds.
    """

    def round_of(processes: int) -> tuple[float, float]:
        start, before, ours = time.perf_counter(), _busy_seconds(), _own_seconds()
        for _path, answer in read_reports_sandboxed(paths, processes=processes, ocr_seconds=0):
            if isinstance(answer, Exception):
                raise answer
        wall = time.perf_counter() - start
        return wall, (_busy_seconds() - before - (_own_seconds() - ours)) / wall

    round_of(2)  # starts the child processes
    one, beside_one = min(round_of(1) for _ in range(rounds))
    two, beside_two = min(round_of(2) for _ in range(rounds))
    return one / two, (os.cpu_count() or 1) > 1 and max(beside_one, beside_two) < 0.1


def _busy_seconds() -> float:
    """Return the processor time that the whole machine has used since it started."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def _own_seconds() -> float:
    """Return the processor time of this process and its living children."""
    own = psutil.Process()
    used = [process.cpu_times() for process in (own, *own.children())]
    return float(sum(times.user + times.system for times in used))


def join_documents(contents: Sequence[bytes], pages: int) -> bytes:
    """Return one document with that many pages, built by repeating other documents."""
    target = pdfium.FPDF_CreateNewDocument()
    made = 0
    while made < pages:
        for content in contents:
            source = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
            count = min(pdfium.FPDF_GetPageCount(source), pages - made)
            pdfium.FPDF_ImportPages(target, source, f"1-{count}".encode() if count else None, made)
            made += count
            pdfium.FPDF_CloseDocument(source)
            if made >= pages:
                break
    pieces: list[bytes] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(pdfium.FPDF_FILEWRITE), ctypes.POINTER(None), ctypes.c_ulong)
    def write(_file: object, data: int, size: int) -> int:
        pieces.append(ctypes.string_at(data, size))
        return 1

    writer = pdfium.FPDF_FILEWRITE(version=1, WriteBlock=write)
    pdfium.FPDF_SaveAsCopy(target, ctypes.byref(writer), pdfium.FPDF_NO_INCREMENTAL)
    pdfium.FPDF_CloseDocument(target)
    return b"".join(pieces)


def peak_memory(content: bytes) -> float:
    """Return the peak resident memory, in MB, of a process that only reads a document."""
    program = (
        "import resource, sys; from samsvar.monitoring import read_report;"
        "read_report(open(sys.argv[1], 'rb').read());"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        done = subprocess.run([sys.executable, "-c", program, file.name], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> int:
    """Measure and print; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the ratio to plain text, few rounds")
    quick = parser.parse_args().quick
    broken = False

    def told(what: str, measured: float, promise: float, at_most: bool, unit: str = "") -> None:
        nonlocal broken
        kept = measured <= promise if at_most else measured >= promise
        broken = broken or not kept
        words = f"{'at most' if at_most else 'at least'} {promise:g}{unit}"
        print(f"{what}: {measured:.2f}{unit} ({words}){'' if kept else '  BROKEN'}")

    own = [compile_pdf(report) for report in fictional_reports()]
    real = [path.read_bytes() for path in sorted(SHARED.glob("*.pdf"))]
    for name, contents in (("real reports", real), ("the demonstration's reports", own)):
        if not contents:
            print(f"{name}: not here")
            continue
        ratio, speed, pages = ratio_to_plain_text(contents, 2 if quick else 5)
        told(f"{name}, {pages} pages: reading against plain text", ratio, MAX_RATIO, at_most=True)
        print(f"{name}: {speed:.0f} pages per processor second")
    if quick:
        return int(broken)
    with tempfile.TemporaryDirectory() as folder:
        many = []
        for index, content in enumerate(real or own * 4):
            path = Path(folder, f"{index}.pdf")
            path.write_bytes(content)
            many.append(path)
        gain, free = speedup_of_two_processes(many)
        if free:
            told("two processes against one", gain, MIN_SPEEDUP, at_most=False)
        else:
            print(f"two processes against one: {gain:.2f} (two processors were not free, so it is not judged)")
    told(
        "peak memory for 500 pages", peak_memory(join_documents(real or own, 500)), MAX_MEMORY, at_most=True, unit=" MB"
    )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
