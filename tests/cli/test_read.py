"""`samsvar read`: what it prints, what it refuses, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from samsvar.cli import main
from samsvar.interchange.records import FINDING_COLUMNS
from tests.monitoring.papers import broken_pdf, paragraphs, pdf

TEXT = """GREVIO
Baseline Evaluation Report
Nordmark
GREVIO/Inf(2021)31

A. Shelters (Article 23)

1. GREVIO strongly encourages the authorities of Nordmark to:

   a. open shelters;

   b. pay for them.

2. GREVIO welcomes the helpline.
"""


@pytest.fixture
def report(tmp_path) -> Path:
    path = tmp_path / "nordmark.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def printed(capsys, *arguments: object) -> str:
    assert main(["read", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_one_finding_in_json_has_these_fields_in_this_order(report, capsys):
    first, second = json.loads(printed(capsys, report, "--format", "json"))
    assert list(first)[:18] == [
        "document", "body", "state", "procedure", "paragraph", "page", "pages", "boxes", "heading", "articles",
        "strength", "verb", "addressee", "from_state", "actions", "text", "language", "reader",
    ]  # fmt: skip
    boxes = first.pop("boxes")
    assert [list(box) for box in boxes] == [["page", "left", "top", "right", "bottom"]]
    assert first == {
        "document": "nordmark.txt", "body": "grevio", "state": "XA", "procedure": "baseline", "paragraph": "1",
        "page": 1, "pages": [1], "heading": first["heading"], "articles": ["23"], "strength": "strongly_encourages",
        "verb": "strongly encourages", "addressee": "the authorities of Nordmark", "from_state": [],
        "actions": ["a. open shelters;", "b. pay for them."],
        "text": "GREVIO strongly encourages the authorities of Nordmark to:\na. open shelters;\nb. pay for them.",
        "language": "en", "reader": "grevio 1", "deadline": None, "cites": [],
    }  # fmt: skip
    assert first["heading"].endswith("A. Shelters (Article 23)")
    assert (second["paragraph"], second["strength"]) == ("2", "welcomes")


def test_many_files_are_one_array_in_json_and_a_line_each_in_jsonl(report, tmp_path, capsys):
    other = tmp_path / "other.pdf"
    other.write_bytes(pdf(paragraphs(2) + "\n\n3\\. GREVIO urges the authorities to act."))
    findings = json.loads(printed(capsys, report, other, "--format", "json", "--body", "grevio"))
    assert [(f["document"], f["paragraph"]) for f in findings] == [
        ("nordmark.txt", "1"), ("nordmark.txt", "2"), ("other.pdf", "3"),
    ]  # fmt: skip
    lines = printed(capsys, report, other, "--format", "jsonl", "--body", "grevio").splitlines()
    assert [json.loads(line) for line in lines] == findings


def test_no_findings_are_an_empty_array_and_a_table_says_so(tmp_path, capsys):
    path = tmp_path / "plain.txt"
    path.write_text("1. Nothing.\n\n2. Nothing at all.\n")
    assert printed(capsys, path, "--format", "json") == "[]\n"
    assert printed(capsys, path) == "No findings.\n"


def test_a_spreadsheet_runs_no_cell(tmp_path, capsys):
    path = tmp_path / "=cmd.txt"
    path.write_text("1. =HYPERLINK. GREVIO urges the authorities to act.\n\n2. GREVIO urges the state to act.\n")
    rows = list(csv.reader(io.StringIO(printed(capsys, path, "--format", "csv", "--body", "grevio"))))
    assert rows[0] == list(FINDING_COLUMNS)
    assert rows[1][0] == "'=cmd.txt"
    assert rows[1][rows[0].index("text")].startswith("'=HYPERLINK")


def test_a_table_is_for_the_eye(report, capsys):
    lines = printed(capsys, report).splitlines()
    assert lines[0].split() == ["Document", "State", "Paragraph", "Page", "Articles", "Strength", "From", "Text"]
    assert lines[-1] == "2 findings."


def test_a_folder_means_the_reports_in_it(report, tmp_path, capsys):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    assert len(json.loads(printed(capsys, tmp_path, "--format", "json"))) == 2


def test_a_refused_file_is_named_with_its_reason_and_the_others_are_read(report, tmp_path, capsys):
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(broken_pdf())
    assert main(["read", str(bad), str(report), "--format", "jsonl"]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert err.startswith(f"samsvar: {bad}: unreadable_report: “bad.pdf” is damaged")


def test_the_account_is_told_on_standard_error(report, capsys):
    assert main(["read", str(report), "--format", "json", "--account"]) == 0
    out, err = capsys.readouterr()
    json.loads(out)
    assert err.startswith("nordmark.txt: 186 characters read = 130 understood + 56 set aside (cover 56)")
    assert err.splitlines()[0].endswith(" + 0 unexplained")


@pytest.mark.parametrize(
    "arguments",
    [
        ["read"],
        ["read", "no-such-file.pdf"],
        ["read", "-", "--state", "QQ"],
        ["read", "-", "--body", "nobody"],
        ["read", "-", "--lang", "nb"],
        ["read", "-", "--format", "xml"],
        ["read", "-", "--processes", "0"],
    ],
)
def test_wrong_use_ends_with_two_and_reads_nothing(arguments, capsys):
    try:
        code = main(arguments)
    except SystemExit as left:
        code = left.code
    assert code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "samsvar" in err


def test_a_hyphen_reads_text_from_standard_input_and_the_state_can_be_said():
    done = subprocess.run(
        [sys.executable, "-m", "samsvar.cli", "read", "-", "--body", "cedaw", "--state", "no", "--format", "json"],
        input="%PDF-1.7 is only text here.\n\n1. The Committee urges the State party to open shelters.\n\n2. More.\n",
        capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    (finding,) = json.loads(done.stdout)
    assert (finding["document"], finding["state"], finding["paragraph"], finding["strength"]) == (
        "-",
        "NO",
        "1",
        "urges",
    )
    assert done.stderr == ""


def test_no_bar_is_drawn_where_nobody_watches(report, tmp_path, capsys):
    other = tmp_path / "other.txt"
    other.write_text(TEXT)
    assert main(["read", str(report), str(other)]) == 0
    assert capsys.readouterr().err == ""


def test_a_bar_is_drawn_for_many_files_on_a_terminal(report, tmp_path, capsys, monkeypatch):
    other = tmp_path / "other.txt"
    other.write_text(TEXT)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["read", str(report), str(other)]) == 0
    assert "0/2 [" in capsys.readouterr().err


def samsvar(
    *arguments: object, stdin: object = subprocess.DEVNULL, given: bytes | None = None, stdout: object = subprocess.PIPE
):
    """The command in a process of its own, as a shell runs it."""
    return subprocess.run(
        [sys.executable, "-m", "samsvar.cli", *map(str, arguments)],
        stdin=None if given is not None else stdin, input=given, stdout=stdout, stderr=subprocess.PIPE,
        check=False, timeout=60, env={"PYTHONPATH": ":".join(sys.path), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def test_a_folder_without_reports_is_wrong_use(tmp_path, capsys):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    assert main(["read", str(tmp_path)]) == 2
    assert capsys.readouterr() == (
        "",
        (
            f"samsvar: There is no report in the folder “{tmp_path}”. Nothing was read. Its files are read, not those"
            " of folders inside it, where they end in .pdf, .docx, .html, .htm, .txt.\n"
        ),
    )


def test_a_pipe_is_read_like_the_file_it_brings(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = pdf(paragraphs(2) + "\n\n3\\. GREVIO urges the authorities to act.")
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    done = samsvar("read", pipe, "--body", "grevio", "--format", "jsonl")
    writer.join()
    assert (done.returncode, json.loads(done.stdout)["paragraph"]) == (0, "3")


def test_a_device_is_refused_by_name_and_not_read(capsys):
    assert main(["read", "/dev/zero"]) == 1
    assert "unreadable_report: “/dev/zero” is a device or a pipe and no file." in capsys.readouterr().err


def test_what_is_no_text_is_refused_by_name_on_standard_input():
    done = samsvar("read", "-", given=pdf(paragraphs(2)))
    assert done.returncode == 1
    assert done.stderr.decode().startswith("samsvar: -: unknown_format: “-” is no text")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_is_read_in_the_encodings_that_editors_write(encoding):
    text = "Le GREVIO exhorte les autorités à agir."
    done = samsvar("read", "-", "--format", "jsonl", given=f"7. {text}".encode(encoding))
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == [text]


def test_standard_input_is_given_up_after_its_seconds():
    text = "".join(f"{n}. GREVIO urges the authorities to act on {n}.\n\n" for n in range(1, 200_000))
    done = samsvar("read", "-", "--seconds", "1", given=text.encode())
    assert done.returncode == 1
    assert done.stderr.decode().startswith("samsvar: -: time_limit: Reading was stopped after 1 seconds")


def test_closed_standard_input_is_refused_by_name(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["read", "-"]) == 1
    assert capsys.readouterr().err.startswith("samsvar: -: empty_report: Standard input is closed.")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_full_disk_is_told_in_a_sentence(report):
    with open("/dev/full", "wb") as full:
        done = samsvar("read", report, stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode() == "samsvar: The system says: No space left on device. The output is not whole.\n"


def test_a_reader_that_goes_away_is_no_error(report):
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = samsvar("read", report, stdout=write_end)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_ends_the_command_at_once_and_with_a_sentence(monkeypatch, report, capsys):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("samsvar.cli.read._answers", interrupted)
    monkeypatch.setattr("samsvar.cli._write_no_more", lambda: None)  # pytest's own output goes on
    assert main(["read", str(report)]) == 130
    assert capsys.readouterr().err == "samsvar: stopped.\n"
