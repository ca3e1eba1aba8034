"""Tests of `samsvar read`: its output, its errors and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from samsvar.cli import main
from samsvar.cli import read as read_command
from samsvar.interchange.fetching import Response
from samsvar.interchange.records import FINDING_COLUMNS
from tests.monitoring.papers import broken_pdf, make_paragraphs, make_pdf

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


def run_read(capsys, *arguments: object) -> str:
    assert main(["read", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_a_json_finding_has_these_fields_in_this_order(report, capsys):
    first, second = json.loads(run_read(capsys, report, "--format", "json"))
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
        "state_position": None,
    }  # fmt: skip
    assert first["heading"].endswith("A. Shelters (Article 23)")
    assert (second["paragraph"], second["strength"]) == ("2", "welcomes")


def test_several_files_make_one_json_array_or_one_jsonl_line_per_finding(report, tmp_path, capsys):
    other = tmp_path / "other.pdf"
    other.write_bytes(make_pdf(make_paragraphs(2) + "\n\n3\\. GREVIO urges the authorities to act."))
    findings = json.loads(run_read(capsys, report, other, "--format", "json", "--body", "grevio"))
    assert [(f["document"], f["paragraph"]) for f in findings] == [
        ("nordmark.txt", "1"), ("nordmark.txt", "2"), ("other.pdf", "3"),
    ]  # fmt: skip
    lines = run_read(capsys, report, other, "--format", "jsonl", "--body", "grevio").splitlines()
    assert [json.loads(line) for line in lines] == findings


def test_no_findings_give_an_empty_array_or_a_message(tmp_path, capsys):
    path = tmp_path / "plain.txt"
    path.write_text("1. GREVIO visited the country in May.\n\n2. The shelters are open at all hours of the day.\n")
    assert run_read(capsys, path, "--format", "json", "--body", "grevio") == "[]\n"
    assert run_read(capsys, path, "--body", "grevio") == "No findings.\n"


def test_a_report_of_an_unrecognised_body_says_so_and_exits_with_3(report, tmp_path, capsys):
    plain = tmp_path / "plain.txt"
    plain.write_text("1. Nothing.\n\n2. Nothing at all.\n")
    reason = (
        f"samsvar: {plain}: No monitoring body was recognised as its author, so no findings were looked for."
        " Use --body to name it.\n"
    )
    assert main(["read", str(plain)]) == 3
    assert capsys.readouterr() == ("No findings; 1 file was not examined.\n", reason)
    assert main(["read", str(plain), "--format", "json"]) == 3
    assert capsys.readouterr() == ("[]\n", reason)
    assert main(["read", str(report), str(plain)]) == 3  # the findings of the other report are printed
    out, err = capsys.readouterr()
    assert out.endswith("2 findings.\n")
    assert err == reason
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(broken_pdf())
    assert main(["read", str(plain), str(bad)]) == 1  # a file that cannot be read counts more


def test_a_report_in_a_language_without_wording_exits_with_3(tmp_path, capsys):
    spanish = tmp_path / "es.txt"
    spanish.write_text(
        "1. El Comité recomienda que el Estado parte abra refugios para las mujeres que han dejado un hogar violento.\n"
    )
    assert main(["read", str(spanish), "--body", "cedaw"]) == 3
    out, err = capsys.readouterr()
    assert out == "No findings; 1 file was not examined.\n"
    assert err == (
        f"samsvar: {spanish}: It is in Spanish, in which the wording of its author is not known, so no findings were"
        " looked for. If this is not its language, use --lang to name it.\n"
    )


@pytest.mark.parametrize("arguments", [["--help"], ["read", "--help"], ["status", "--help"]])
def test_the_help_lists_the_exit_codes(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    text = capsys.readouterr().out
    for code in ("0    success", "1    some files", "2    wrong usage", "3    only", "130  stopped"):
        assert code in text


def test_csv_cells_cannot_run_as_formulas(tmp_path, capsys):
    path = tmp_path / "=cmd.txt"
    path.write_text("1. =HYPERLINK. GREVIO urges the authorities to act.\n\n2. GREVIO urges the state to act.\n")
    rows = list(csv.reader(io.StringIO(run_read(capsys, path, "--format", "csv", "--body", "grevio"))))
    assert rows[0] == list(FINDING_COLUMNS)
    assert rows[1][0] == "'=cmd.txt"
    assert rows[1][rows[0].index("text")].startswith("'=HYPERLINK")


def test_the_table_has_headings_and_a_count(report, capsys):
    lines = run_read(capsys, report).splitlines()
    assert lines[0].split() == ["Document", "State", "Paragraph", "Page", "Articles", "Strength", "From", "Text"]
    assert lines[-1] == "2 findings."


def test_a_folder_reads_only_the_reports_in_it(report, tmp_path, capsys):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    assert len(json.loads(run_read(capsys, tmp_path, "--format", "json"))) == 2


def test_a_folder_is_read_with_its_subfolders(report, tmp_path, capsys):
    for name in ("2020/b.txt", "2020/first/a.TXT", ".hidden/c.txt", "2020/~$b.docx", ".d.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT)
    (tmp_path / "2020/again").symlink_to(tmp_path)  # would never end
    (tmp_path / "folder.txt").mkdir()
    findings = json.loads(run_read(capsys, tmp_path, "--format", "json"))
    assert [f["document"] for f in findings[::2]] == ["2020/b.txt", "2020/first/a.TXT", "nordmark.txt"]


def test_a_damaged_file_is_reported_and_the_others_are_read(report, tmp_path, capsys):
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(broken_pdf())
    assert main(["read", str(bad), str(report), "--format", "jsonl"]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert err.startswith(f"samsvar: {bad}: unreadable_report: “bad.pdf” is damaged")


def test_the_extraction_report_is_printed_to_standard_error(report, capsys):
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
def test_wrong_arguments_exit_with_2_and_read_nothing(arguments, capsys):
    try:
        code = main(arguments)
    except SystemExit as left:
        code = left.code
    assert code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "samsvar" in err


def test_a_hyphen_reads_standard_input_and_the_state_can_be_given():
    done = subprocess.run(
        [sys.executable, "-m", "samsvar.cli", "read", "-", "--body", "cedaw", "--state", "no", "--format", "json"],
        input="1. The Committee urges the State party to open shelters.\n\n2. More.\n",
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


def test_no_progress_bar_is_shown_without_a_terminal(report, tmp_path, capsys):
    other = tmp_path / "other.txt"
    other.write_text(TEXT)
    assert main(["read", str(report), str(other)]) == 0
    assert capsys.readouterr().err == ""


def test_a_progress_bar_is_shown_for_several_files_on_a_terminal(report, tmp_path, capsys, monkeypatch):
    other = tmp_path / "other.txt"
    other.write_text(TEXT)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["read", str(report), str(other)]) == 0
    assert "0/2 [" in capsys.readouterr().err


def run_samsvar(
    *arguments: object, stdin: object = subprocess.DEVNULL, given: bytes | None = None, stdout: object = subprocess.PIPE
):
    """Run the command in its own process, as a shell would."""
    return subprocess.run(
        [sys.executable, "-m", "samsvar.cli", *map(str, arguments)],
        stdin=None if given is not None else stdin, input=given, stdout=stdout, stderr=subprocess.PIPE,
        check=False, timeout=60, env={"PYTHONPATH": ":".join(sys.path), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def test_a_folder_without_reports_exits_with_2(tmp_path, capsys):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    assert main(["read", str(tmp_path)]) == 2
    assert capsys.readouterr() == (
        "",
        (
            f"samsvar: The folder “{tmp_path}” contains no reports. Nothing was read. Files in it and in"
            " its subfolders are read if their names end in .pdf, .docx, .html, .htm, .txt.\n"
        ),
    )


def test_a_named_pipe_is_read_like_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = make_pdf(make_paragraphs(2) + "\n\n3\\. GREVIO urges the authorities to act.")
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    done = run_samsvar("read", pipe, "--body", "grevio", "--format", "jsonl")
    writer.join()
    assert (done.returncode, json.loads(done.stdout)["paragraph"]) == (0, "3")


def test_a_device_is_rejected_without_being_read(capsys):
    assert main(["read", "/dev/zero"]) == 1
    assert "unreadable_report: “/dev/zero” is not a file." in capsys.readouterr().err


def test_standard_input_takes_any_format():
    content = make_pdf(make_paragraphs(2) + "\n\n3\\. GREVIO urges the authorities to act.")
    done = run_samsvar("read", "-", "--body", "grevio", "--format", "jsonl", given=content)
    assert (done.returncode, json.loads(done.stdout)["paragraph"], done.stderr) == (0, "3", b"")
    done = run_samsvar("read", "-", given=b"\x89PNG\r\n\x1a\n" + bytes(200))
    assert done.returncode == 1
    assert done.stderr.decode().startswith("samsvar: -: unknown_format: “-” is")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_is_read_in_common_encodings(encoding):
    text = "Le GREVIO exhorte les autorités à agir."
    done = run_samsvar("read", "-", "--body", "grevio", "--format", "jsonl", given=f"7. {text}".encode(encoding))
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == [text]


def test_reading_standard_input_stops_at_the_time_limit():
    text = "".join(f"{n}. GREVIO urges the authorities to act on {n}.\n\n" for n in range(1, 200_000))
    done = run_samsvar("read", "-", "--seconds", "1", given=text.encode())
    assert done.returncode == 1
    assert done.stderr.decode().startswith("samsvar: -: time_limit_exceeded: Reading was stopped after 1 seconds")


def test_closed_standard_input_is_rejected(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["read", "-"]) == 1
    assert capsys.readouterr().err.startswith("samsvar: -: empty_report: Standard input is closed.")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_full_disk_is_reported_in_a_sentence(report):
    with open("/dev/full", "wb") as full:
        done = run_samsvar("read", report, stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode() == "samsvar: No space left on device. The output is incomplete.\n"


def test_a_closed_output_pipe_is_not_an_error(report):
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = run_samsvar("read", report, stdout=write_end)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_stops_the_command_with_a_message(monkeypatch, report, capsys):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("samsvar.cli.read._read_files", interrupted)
    monkeypatch.setattr("samsvar.cli._discard_output", lambda: None)  # pytest still needs to write its own output
    assert main(["read", str(report)]) == 130
    assert capsys.readouterr().err == "samsvar: stopped.\n"


# --- Web addresses ----------------------------------------------------------------------------------------------------


def test_a_public_document_is_fetched_and_read_under_its_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = b"<html><body><p>GREVIO</p><p>Baseline Evaluation Report</p><p>1. GREVIO urges the authorities to act.</p>"
    asked: list[dict[str, Any]] = []

    def fetch(address: str, **options: Any) -> Response:
        asked.append({"address": address, **options})
        return Response(address, 200, {}, page)

    monkeypatch.setattr(read_command, "fetch_public_document", fetch)
    assert main(["read", "https://example.org/report", "--format", "jsonl", "--seconds", "30"]) == 0
    (finding,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (finding["document"], finding["paragraph"]) == ("https://example.org/report", "1")
    assert asked[0]["seconds"] == 30
    assert asked[0]["max_bytes"] == 200_000_000


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://127.0.0.1/report.pdf", "private_address"), ("http://[::1]/report.pdf", "private_address"),
        ("file:///etc/passwd", "unsupported_address"),
        ("ftp://example.org/report.pdf", "unsupported_address"),
    ],
)  # fmt: skip
def test_private_addresses_and_other_schemes_are_refused_by_name(
    address: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", address]) == 1
    out, error = capsys.readouterr()
    assert f": {code}: " in error
    assert out == ""  # "No findings." would be said of a document that no one has read
