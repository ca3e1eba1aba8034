"""Scanned reports: read with Tesseract where it is installed, with its confidence, and refused by name elsewhere."""

from __future__ import annotations

import io
import shutil
import stat
import sys
import time
from functools import cache
from pathlib import Path

import psutil
import pytest

from samsvar.cli import main
from samsvar.errors import OcrFailed, OcrRequired, ReportTooLarge, TimeLimitExceeded
from samsvar.monitoring import ocr, read_report, sandbox
from samsvar.monitoring.reading import render_page
from samsvar.monitoring.report import DoubtfulWord
from samsvar.monitoring.sandbox import read_report_sandboxed
from tests.monitoring.papers import make_pdf, scanned_pdf

REPORT = """
= GREVIO

= Baseline Evaluation Report

= Nordmark

GREVIO/Inf(2021)31

#pagebreak()

== A. Specialist support services (Article 22)

7\\. The authorities of Nordmark report that four of eleven counties have a shelter, and that the others pay for places
elsewhere.

8\\. GREVIO urges the Nordmark authorities to open shelters in every county and to fund them for several years at a
time.

9\\. GREVIO welcomes the new helpline, which is open at all hours.
"""
HEAD = "#set page(width: 480pt, height: 360pt, margin: 50pt)\n#set text(size: 12pt)\n#set par(spacing: 16pt)\n"


@cache
def scan(dpi: int = 200) -> bytes:
    """Return a PDF that consists of pictures of the report's two pages."""
    from PIL import Image

    content = make_pdf(REPORT, head=HEAD)
    pictures = [
        Image.open(io.BytesIO(render_page(content, number, width=480 * dpi // 72))).convert("L") for number in (1, 2)
    ]
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi)
    return out.getvalue()


@pytest.fixture(autouse=True)
def child_pool(monkeypatch):
    children = sandbox._ChildPool()
    monkeypatch.setattr(sandbox, "_CHILD_POOL", children)
    yield children
    children.close()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a program named tesseract that runs this Python text; `arguments` are its arguments."""

    def installed(program: str, languages: str = "eng fra osd") -> Path:
        path = tmp_path / "bin" / "tesseract"
        path.parent.mkdir(exist_ok=True)
        listed = "List of available languages (3):\\n" + "\\n".join(languages.split())
        path.write_text(
            f"#!{sys.executable} -S\nimport sys, time\narguments = sys.argv[1:]\n"
            f"if '--version' in arguments: print('tesseract 5.9.9'); sys.exit()\n"
            f"if '--list-langs' in arguments: print('{listed}'); sys.exit()\n"
            f"picture = sys.stdin.buffer.read()\nassert picture.startswith(b'\\x89PNG')\n{program}\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(path.parent))
        return path

    return installed


COLUMNS = "level page_num block_num par_num line_num word_num left top width height conf text"
ROWS = [
    "1 1 0 0 0 0 0 0 2000 1500 -1 ",
    "5 1 1 1 1 1 200 300 100 50 96.5 1.",
    "5 1 1 1 1 2 320 300 300 50 91.0 GREVIO",
    "5 1 1 1 1 3 640 310 200 40 88.0 urges",
    "5 1 1 1 1 4 860 300 100 50 93.0 the",
    "5 1 1 1 2 1 200 370 300 50 41.5 authorittes",
    "5 1 1 1 2 2 520 370 100 50 90.0 to",
    "5 1 1 1 2 3 640 370 200 50 95.0 act.",
]
TABLE = "\n".join("\t".join(row.split(" ", 11)) for row in [COLUMNS, *ROWS]) + "\n"
ANSWER = f"print({TABLE!r}, end='')"


def test_a_fake_tesseract_gives_lines_words_and_confidence(install):
    install(ANSWER)
    reading = read_report(scanned_pdf(), document="scan.pdf", body="grevio")
    (finding,) = reading.findings
    assert (finding.text, finding.paragraph) == ("GREVIO urges the authorittes to act.", "1")
    assert (finding.boxes[0].left, finding.boxes[0].top) == pytest.approx((320 * 72 / 300, 300 * 72 / 300), abs=40)
    summary = reading.extraction_report.ocr
    assert summary is not None
    assert (summary.engine, summary.languages, summary.words) == ("Tesseract 5.9.9", ("eng", "fra"), 7)
    assert summary.mean_confidence == pytest.approx(0.85, abs=0.001)
    assert (summary.doubtful_count, summary.doubtful) == (1, (DoubtfulWord("authorittes", 1, 0.41),))
    assert read_report_sandboxed(scanned_pdf(), document="scan.pdf", body="grevio") == reading


def test_the_language_of_the_report_is_asked_for(install):
    install(f"assert arguments[-3:] == ['-l', 'fra', 'tsv'], arguments\n{ANSWER}")
    summary = read_report(scanned_pdf(), language="fr").extraction_report.ocr
    assert summary is not None
    assert summary.languages == ("fra",)


@pytest.mark.parametrize(
    ("program", "languages", "message"),
    [
        ("sys.exit('the page is upside down')", "eng", "the page is upside down"),
        ("print('level\\tconf\\n5\\tmany')", "eng", "cannot be read"),
        (ANSWER, "osd", "without any of our languages"),
    ],
)
def test_a_failing_tesseract_is_an_error_with_advice(install, program, languages, message):
    install(program, languages)
    with pytest.raises(OcrFailed, match=message) as refused:
        read_report_sandboxed(scanned_pdf(), document="scan.pdf")
    assert "ocrmypdf" in refused.value.advice


def test_a_page_that_takes_too_long_is_stopped(install, monkeypatch):
    install("time.sleep(60)")
    monkeypatch.setattr(ocr, "PAGE_TIMEOUT_SECONDS", 0.5)
    with pytest.raises(OcrFailed, match=r"stopped after 0\.5 seconds on page 1 of “scan\.pdf”"):
        read_report(scanned_pdf(), document="scan.pdf")


def test_a_scan_that_takes_too_long_is_stopped_with_its_program(install):
    path = install("time.sleep(60)")
    with pytest.raises(TimeLimitExceeded):
        read_report_sandboxed(scanned_pdf(), ocr_seconds=0.9)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _running(path):
        time.sleep(0.02)
    assert not _running(path)


def _running(path: Path) -> bool:
    """Return whether a process of this program is running."""
    return any(str(path) in (process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))


def test_a_scan_of_too_many_pages_is_refused(install, monkeypatch):
    install(ANSWER)
    monkeypatch.setattr(ocr, "MAX_PAGES", 1)
    with pytest.raises(ReportTooLarge, match="a scan with 2 pages; the limit for scans is 1"):
        read_report(scan())


def test_a_scan_without_text_is_refused(install):
    install(f"print({COLUMNS.replace(' ', chr(9))!r})")
    with pytest.raises(OcrRequired):
        read_report(scanned_pdf())


def test_without_tesseract_a_scan_is_refused_with_the_command_to_run(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for read in (read_report, read_report_sandboxed):
        with pytest.raises(OcrRequired) as refused:
            read(scanned_pdf())
        assert "ocrmypdf input.pdf output.pdf" in refused.value.advice


def test_ocr_can_be_turned_off(install, tmp_path, capsys):
    install(ANSWER)
    with pytest.raises(OcrRequired):
        read_report(scanned_pdf(), ocr=False)
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned_pdf())
    assert main(["read", str(path), "--ocr-seconds", "0"]) == 1
    assert "ocr_required" in capsys.readouterr().err


def test_the_command_says_that_a_report_was_read_by_ocr(install, tmp_path, capsys):
    install(ANSWER)
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned_pdf())
    assert main(["read", str(path), "--body", "grevio", "--account"]) == 0
    assert (
        "  read by OCR (Tesseract 5.9.9, eng+fra): mean confidence 0.85; 1 of 7 words below 0.60: authorittes (page 1)"
        in capsys.readouterr().err.splitlines()
    )


@pytest.mark.skipif(not shutil.which("tesseract"), reason="Tesseract is not installed (apt-get install tesseract-ocr)")
def test_tesseract_reads_a_scanned_report():
    reading = read_report_sandboxed(scan(), document="scan.pdf")
    assert (reading.body, reading.state, reading.procedure, reading.language) == ("grevio", "XA", "baseline", "en")
    assert [(f.paragraph, f.page, f.articles, f.strength) for f in reading.findings] == [
        ("8", 2, ("22",), "urges"),
        ("9", 2, ("22",), "welcomes"),
    ]
    assert reading.findings[0].text == (
        "GREVIO urges the Nordmark authorities to open shelters in every county and to fund them for several years at a"
        " time."
    )
    summary = reading.extraction_report.ocr
    assert summary is not None
    assert summary.words > 60
    assert summary.mean_confidence > 0.85
