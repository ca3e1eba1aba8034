"""Whatever a file does, it does to a child: the parent gets a named error and goes on."""

from __future__ import annotations

import csv
import os
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from samsvar.errors import (
    EncryptedReport,
    MemoryLimit,
    NoSuchPage,
    ReaderCrashed,
    SamsvarError,
    TimeLimit,
    UnreadableReport,
)
from samsvar.monitoring import read_report
from samsvar.monitoring import sandbox as guarded
from samsvar.monitoring.reading import page_picture
from samsvar.monitoring.sandbox import page_picture_guarded, read_many, read_report_guarded
from tests.monitoring.papers import broken_pdf, locked_pdf, paragraphs, pdf

ODD = Path(__file__).resolve().parents[3] / "shared" / "documents" / "odd"
GOOD = b"1. GREVIO urges the authorities of Nordmark to act.\n\n2. It is late.\n"


@pytest.fixture(autouse=True)
def nursery(monkeypatch):
    children = guarded._Nursery()
    monkeypatch.setattr(guarded, "_NURSERY", children)
    yield children
    children.close()
    assert not children.idle


@pytest.fixture
def hostile(monkeypatch):
    monkeypatch.setattr(guarded, "_PROGRAM", "from tests.monitoring.hostile import serve")


def test_a_child_reads_what_the_parent_would_read():
    content = pdf("= Prevention (Article 12)\n\n" + paragraphs(5))
    assert read_report_guarded(content, document="a.pdf") == read_report(content, document="a.pdf")


def test_a_child_draws_what_the_parent_would_draw(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(paragraphs(2)))
    assert page_picture_guarded(path, 1, width=300) == page_picture(path, 1, width=300)
    with pytest.raises(NoSuchPage) as refused:
        page_picture_guarded(path, 7)
    assert (refused.value.page, refused.value.pages) == (7, 1)


def test_a_refusal_is_told_as_it_was_meant():
    with pytest.raises(EncryptedReport) as refused:
        read_report_guarded(locked_pdf(), document="secret.pdf")
    assert refused.value.explained() == (
        "“secret.pdf” is protected by a password. Nothing was stored. Save a copy without a password and read that."
    )


def test_a_child_that_is_well_is_used_again(nursery):
    read_report_guarded(GOOD)
    (child,) = nursery.idle
    read_report_guarded(GOOD)
    with pytest.raises(UnreadableReport):
        read_report_guarded(broken_pdf())
    assert nursery.idle == [child]
    assert child.jobs == 3


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    ("file", "error", "words"),
    [
        (b"sleep", TimeLimit, "stopped after 0.5 seconds"),
        (b"work", TimeLimit, "stopped after 0.5 seconds"),
        (b"crash", ReaderCrashed, "SIGSEGV"),
        (b"abort", ReaderCrashed, "SIGABRT"),
        (b"leave", ReaderCrashed, "exit code 3"),
        (b"fail", ReaderCrashed, "ZeroDivisionError"),
        (b"nest", ReaderCrashed, "deeper than can be followed"),
        (b"stranger", ReaderCrashed, "answered with a posix.system"),
    ],
)
def test_whatever_happens_to_the_child_is_named_and_the_next_file_is_read(file, error, words):
    read_report_guarded(GOOD)  # the child has started: the time below is the file's alone
    start = time.monotonic()
    with pytest.raises(error) as refused:
        read_report_guarded(file, seconds=0.5 if error is TimeLimit else 20)
    assert time.monotonic() - start < 5
    assert words in str(refused.value)
    assert refused.value.advice
    assert len(read_report_guarded(GOOD).passages) == 2


@pytest.mark.usefixtures("hostile")
def test_a_file_that_wants_all_memory_meets_its_limit():
    with pytest.raises(MemoryLimit) as refused:
        read_report_guarded(b"swell", megabytes=600)
    assert "600 MB" in str(refused.value)
    assert len(read_report_guarded(GOOD, megabytes=600).passages) == 2


@pytest.mark.usefixtures("hostile")
def test_what_a_library_prints_does_not_get_between_the_answers():
    assert read_report_guarded(b"print this, please").passages[0].text == "print this, please"


@pytest.mark.usefixtures("hostile")
def test_a_child_can_write_no_file():
    with pytest.raises(ReaderCrashed):
        read_report_guarded(b"write")
    assert [
        name for name in os.listdir("/tmp") if name.startswith("samsvar-hostile") and os.stat(f"/tmp/{name}").st_size
    ] == []
    for name in os.listdir("/tmp"):
        if name.startswith("samsvar-hostile"):
            os.unlink(f"/tmp/{name}")


@pytest.mark.usefixtures("hostile")
def test_no_child_is_left_behind():
    before = set(psutil.Process().children())
    for file in (b"sleep", b"crash", b"swell"):
        with pytest.raises(SamsvarError):
            read_report_guarded(file, seconds=0.3)
    guarded._NURSERY.close()
    assert {child for child in psutil.Process().children() if child.is_running()} <= before


def test_a_child_that_died_between_two_files_is_replaced(nursery):
    read_report_guarded(GOOD)
    nursery.idle[0].process.kill()
    nursery.idle[0].process.wait()
    assert len(read_report_guarded(GOOD).passages) == 2


def test_many_files_come_back_in_their_order_and_refusals_stand_among_them(tmp_path):
    contents = [GOOD, broken_pdf(), pdf(paragraphs(3)), b"", GOOD]
    paths = [tmp_path / f"{number}.x" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    paths.append(tmp_path / "missing.pdf")
    answers = list(read_many(paths, processes=2))
    assert [path for path, _ in answers] == paths
    codes = [answer.code if isinstance(answer, SamsvarError) else len(answer.passages) for _, answer in answers]
    assert codes == [2, "unreadable_report", 3, "empty_report", 2, "unreadable_report"]


@pytest.mark.skipif(not ODD.is_dir(), reason="the odd PDFs are in ../shared, which is not here")
def test_every_odd_file_is_read_or_refused_by_name():
    with (ODD / "outcomes.csv").open(encoding="utf-8") as lines:
        outcomes = {row["file"]: row["outcome_with_plain_pdfium"] for row in csv.DictReader(lines)}
    start = time.monotonic()
    answers = dict(read_many(sorted(ODD.glob("*.pdf")), processes=2, seconds=20))
    assert time.monotonic() - start < 60
    told = Counter((outcomes[path.name], isinstance(answer, SamsvarError)) for path, answer in answers.items())
    assert told == {
        ("load_error", True): 40, ("no_text", True): 40, ("page_error", True): 4, ("password", True): 40,
        ("text", False): 39, ("text", True): 1,  # one has a text layer that does not say which letters it shows
    }  # fmt: skip
    crashed = [
        path.name for path, answer in answers.items() if isinstance(answer, (ReaderCrashed, TimeLimit, MemoryLimit))
    ]
    assert crashed == []
