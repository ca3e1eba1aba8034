"""Whatever a file does happens in a child process: the parent gets a named error and goes on."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections import Counter
from enum import Enum
from pathlib import Path

import psutil
import pytest

from samsvar.errors import (
    EncryptedReport,
    MemoryLimitExceeded,
    NoSuchPage,
    ReaderCrashed,
    ReaderKilled,
    ReadingTooLarge,
    SamsvarError,
    TimeLimitExceeded,
    UnreadableReport,
)
from samsvar.monitoring import pipeline, read_report, report
from samsvar.monitoring import sandbox as guarded
from samsvar.monitoring.reading import render_page
from samsvar.monitoring.sandbox import read_report_sandboxed, read_reports_sandboxed, render_page_sandboxed
from tests.monitoring.papers import broken_pdf, locked_pdf, make_paragraphs, make_pdf

ODD = Path(__file__).resolve().parents[3] / "shared" / "documents" / "odd"
GOOD = b"1. GREVIO urges the authorities of Nordmark to act.\n\n2. It is late.\n"


@pytest.fixture(autouse=True)
def child_pool(monkeypatch):
    children = guarded._ChildPool()
    monkeypatch.setattr(guarded, "_CHILD_POOL", children)
    yield children
    children.close()
    assert not children.idle


@pytest.fixture
def hostile(monkeypatch):
    monkeypatch.setattr(guarded, "_PROGRAM", "from tests.monitoring.hostile import serve")


def test_a_child_process_reads_what_the_parent_would_read():
    content = make_pdf("= Prevention (Article 12)\n\n" + make_paragraphs(5))
    assert read_report_sandboxed(content, document="a.pdf") == read_report(content, document="a.pdf")


def test_a_child_process_draws_what_the_parent_would_draw(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf(make_paragraphs(2)))
    assert render_page_sandboxed(path, 1, width=300) == render_page(path, 1, width=300)
    with pytest.raises(NoSuchPage) as refused:
        render_page_sandboxed(path, 7)
    assert (refused.value.page, refused.value.pages) == (7, 1)


def test_an_error_in_the_child_keeps_its_message():
    with pytest.raises(EncryptedReport) as refused:
        read_report_sandboxed(locked_pdf(), document="secret.pdf")
    assert refused.value.full_message() == (
        "“secret.pdf” is protected by a password. Nothing was saved. Save a copy without a password and use that."
    )


def test_a_healthy_child_is_reused(child_pool):
    read_report_sandboxed(GOOD)
    (child,) = child_pool.idle
    read_report_sandboxed(GOOD)
    with pytest.raises(UnreadableReport):
        read_report_sandboxed(broken_pdf())
    assert child_pool.idle == [child]
    assert child.jobs == 3


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    ("file", "error", "words"),
    [
        (b"sleep", TimeLimitExceeded, "stopped after 0.5 seconds"),
        (b"work", TimeLimitExceeded, "stopped after 0.5 seconds"),
        (b"crash", ReaderCrashed, "SIGSEGV"),
        (b"abort", ReaderCrashed, "SIGABRT"),
        (b"leave", ReaderCrashed, "exit code 3"),
        (b"fail", ReaderCrashed, "ZeroDivisionError"),
        (b"nest", ReaderCrashed, "nested too deeply"),
        (b"stranger", ReaderCrashed, "an unexpected value (posix.system)"),
    ],
)
def test_every_failure_of_the_child_is_named_and_the_next_file_is_read(file, error, words):
    read_report_sandboxed(GOOD)  # starts the child, so that the time below is the file's alone
    start = time.monotonic()
    with pytest.raises(error) as refused:
        read_report_sandboxed(file, seconds=0.5 if error is TimeLimitExceeded else 20)
    assert time.monotonic() - start < 5
    assert words in str(refused.value)
    assert refused.value.advice
    assert len(read_report_sandboxed(GOOD).passages) == 2


@pytest.mark.usefixtures("hostile")
def test_a_file_that_uses_too_much_memory_hits_the_limit():
    with pytest.raises(MemoryLimitExceeded) as refused:
        read_report_sandboxed(b"swell", megabytes=600)
    assert "600 MB" in str(refused.value)
    assert len(read_report_sandboxed(GOOD, megabytes=600).passages) == 2


@pytest.mark.usefixtures("hostile")
def test_what_a_library_prints_does_not_corrupt_the_answers():
    assert read_report_sandboxed(b"print this, please").passages[0].text == "print this, please"


@pytest.mark.usefixtures("hostile")
def test_a_child_cannot_write_files():
    with pytest.raises(ReaderCrashed):
        read_report_sandboxed(b"write")
    assert [
        name for name in os.listdir("/tmp") if name.startswith("samsvar-hostile") and os.stat(f"/tmp/{name}").st_size
    ] == []
    for name in os.listdir("/tmp"):
        if name.startswith("samsvar-hostile"):
            os.unlink(f"/tmp/{name}")


@pytest.mark.usefixtures("hostile")
def test_no_child_process_is_left_running():
    before = set(psutil.Process().children())
    for file in (b"sleep", b"crash", b"swell"):
        with pytest.raises(SamsvarError):
            read_report_sandboxed(file, seconds=0.3)
    guarded._CHILD_POOL.close()
    assert {child for child in psutil.Process().children() if child.is_running()} <= before


def test_a_child_that_died_between_two_files_is_replaced(child_pool):
    read_report_sandboxed(GOOD)
    child_pool.idle[0].process.kill()
    child_pool.idle[0].process.wait()
    assert len(read_report_sandboxed(GOOD).passages) == 2


def test_many_files_are_returned_in_order_with_errors_in_their_place(tmp_path):
    contents = [GOOD, broken_pdf(), make_pdf(make_paragraphs(3)), b"", GOOD]
    paths = [tmp_path / f"{number}.x" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    paths.append(tmp_path / "missing.pdf")
    answers = list(read_reports_sandboxed(paths, processes=2))
    assert [path for path, _ in answers] == paths
    codes = [answer.code if isinstance(answer, SamsvarError) else len(answer.passages) for _, answer in answers]
    assert codes == [2, "unreadable_report", 3, "empty_report", 2, "unreadable_report"]


@pytest.mark.skipif(not ODD.is_dir(), reason="the odd PDFs are in ../shared, which is not here")
def test_every_odd_file_is_read_or_rejected_with_a_named_error():
    with (ODD / "outcomes.csv").open(encoding="utf-8") as lines:
        outcomes = {row["file"]: row["outcome_with_plain_pdfium"] for row in csv.DictReader(lines)}
    start = time.monotonic()
    answers = dict(read_reports_sandboxed(sorted(ODD.glob("*.pdf")), processes=2, seconds=20, ocr_seconds=0))
    assert time.monotonic() - start < 60
    told = Counter((outcomes[path.name], isinstance(answer, SamsvarError)) for path, answer in answers.items())
    assert told == {
        ("load_error", True): 40, ("no_text", True): 40, ("page_error", True): 3, ("password", True): 40,
        ("page_error", False): 1,  # its other page is readable
        ("text", False): 39, ("text", True): 1,  # one has a text layer that does not say which characters it shows
    }  # fmt: skip
    crashed = [
        path.name
        for path, answer in answers.items()
        if isinstance(answer, (ReaderCrashed, TimeLimitExceeded, MemoryLimitExceeded))
    ]
    assert crashed == []


class KilledChild:
    """A pool whose children are killed from outside while they read, as often as `times`."""

    def __init__(self, monkeypatch, times: int, sent: int = signal.SIGKILL) -> None:
        self.killed = 0
        send = guarded._ChildProcess._send_job

        def kill_and_send(child, job, deadline):
            send(child, job, deadline)
            if self.killed < times:
                self.killed += 1
                child.process.send_signal(sent)
                child.process.wait()

        monkeypatch.setattr(guarded._ChildProcess, "_send_job", kill_and_send)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_file_whose_reader_is_killed_from_outside_is_read_by_the_next_one(monkeypatch, sent):
    pool = KilledChild(monkeypatch, times=2, sent=sent)
    reading = read_report_sandboxed(b"1. GREVIO urges the authorities to train the police.", body="grevio")
    assert (pool.killed, len(reading.findings)) == (2, 1)


def test_a_file_whose_reader_is_always_killed_is_refused_with_the_true_reason(monkeypatch):
    pool = KilledChild(monkeypatch, times=99)
    with pytest.raises(ReaderKilled, match="ended 3 times from outside"):
        read_report_sandboxed(b"1. GREVIO urges the authorities to train the police.", body="grevio")
    assert pool.killed == guarded.MAX_TRIES


def test_a_paragraph_that_cannot_be_one_is_refused_by_name_in_the_child():
    with pytest.raises(ReadingTooLarge, match="One paragraph has 1"):
        read_report_sandboxed(("1. " + "word " * 30_000).encode(), body="grevio", format="text")


@pytest.mark.parametrize(("bound", "named"), [("MAX_TEXT", "characters"), ("MAX_FINDINGS", "findings")])
def test_a_text_that_cannot_be_a_single_report_is_refused_by_name(monkeypatch, bound, named):
    monkeypatch.setattr(pipeline, bound, 1)
    with pytest.raises(ReadingTooLarge, match=named):
        read_report(b"1. GREVIO urges them to act.\n\n2. GREVIO urges them to act.", body="grevio")


def test_every_enumeration_that_a_reading_can_contain_may_leave_the_guarded_process():
    """A class that is missing there refuses whole reports, as all reviews with a state's position once were."""
    enumerations = {name for name, value in vars(report).items() if isinstance(value, type) and issubclass(value, Enum)}
    own = {name for name in enumerations if getattr(report, name).__module__ == report.__name__}
    assert "StatePosition" in own
    assert own <= guarded._ALLOWED_CLASSES[report.__name__]
