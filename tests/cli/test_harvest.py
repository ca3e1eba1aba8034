"""Tests of `samsvar harvest hudoc`: from a saved feed to rows, and from a server to documents and findings."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from samsvar.cli import main
from samsvar.interchange.fetching import Fetcher
from samsvar.interchange.hudoc_harvest import Harvest, HarvestedDocument, describe_plan
from samsvar.interchange.snapshots import open_snapshots
from samsvar.monitoring.catalogue import parse_published_documents
from tests.factories.hudoc_server import HudocServer, report_items, section_page, serve

NAME = "GREVIO-Inf(2026)1_Nordmark_Baseline_Evaluation_Report_eng"
LINK = f'http://hudoc.grevio.coe.int/eng#{{"greviosectionid":["{NAME}-%s"]}}'
DATE = "<pubDate>Thu, 04 Jun 2026 00:00:00 GMT</pubDate>"
ITEM = f"<item><title>%s</title><description>%s</description>{DATE}<link>%s</link></item>"
FEED = (
    '<rss version="2.0"><channel><title>Feed</title>'
    + ITEM % ("", "Baseline Evaluation Report - 0", LINK % 0)
    + ITEM % ("=II. A.  Policies (Articles 7 and 10)", "Baseline Evaluation Report NORDMARK - 1/1", LINK % 1)
    + "</channel></rss>"
)


@pytest.fixture
def saved_feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.rss"
    path.write_text(FEED, encoding="utf-8")
    return path


def run_harvest(saved: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[str, str]:
    assert main(["harvest", "hudoc", "--site", "grevio", "--from-file", str(saved), *more]) == 0
    out, err = capsys.readouterr()
    return out, err


def test_a_row_has_the_corrected_value_next_to_the_printed_one(
    saved_feed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = run_harvest(saved_feed, capsys, "--format", "json")
    (row,) = json.loads(out)
    wanted = (
        "state",
        "state_printed",
        "reference",
        "date",
        "date_printed",
        "section",
        "sections",
        "heading",
        "heading_printed",
        "articles",
        "placed",
    )
    assert {key: row[key] for key in wanted} == {
        "state": "XA",
        "state_printed": "NORDMARK",
        "reference": "GREVIO/Inf(2026)1",
        "date": "2026-06-04",
        "date_printed": "Thu, 04 Jun 2026 00:00:00 GMT",
        "section": 1,
        "sections": 1,
        "heading": "=II. A. Policies (Articles 7 and 10)",
        "heading_printed": "=II. A.  Policies (Articles 7 and 10)",
        "articles": ["7", "10"],
        "placed": "heading",
    }
    assert err.splitlines() == [
        "2 items: 1 documents, 1 sections.",
        "State: 1 of 1 documents; 0 sections use their document’s.",
        "Articles: 1 sections by their own heading, 0 by the heading above, 0 probable.",
        "Two or more articles: 1 sections.",
        "      1 × no state printed",
    ]


def test_json_lines_and_csv_agree_and_no_csv_cell_can_run_as_a_formula(
    saved_feed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, _ = run_harvest(saved_feed, capsys, "--format", "jsonl")
    table, _ = run_harvest(saved_feed, capsys, "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(table))
    assert row["id"] == json.loads(line)["id"]
    assert row["heading"] == "'=II. A. Policies (Articles 7 and 10)"
    assert row["articles"] == "7; 10"


def test_the_default_output_is_a_readable_table(saved_feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = run_harvest(saved_feed, capsys)
    assert out.splitlines()[1].split()[:6] == ["XA", "NORDMARK", "baseline", "GREVIO/Inf(2026)1", "2026-06-04", "1/1"]


def test_the_compact_catalogue_can_be_read_back(
    saved_feed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_harvest(saved_feed, capsys, "--catalogue", str(tmp_path))
    texts = [(tmp_path / name).read_text(encoding="utf-8") for name in ("hudoc_documents.csv", "hudoc_sections.csv")]
    (document,) = parse_published_documents(*texts)
    assert [section.number for section in document.sections] == [1]
    assert (document.state, document.reference, document.expected_sections, document.articles) == (
        "XA",
        "GREVIO/Inf(2026)1",
        1,
        ("7", "10"),
    )
    assert document.sections[0].link.endswith("_eng-1%22]}")


@pytest.mark.parametrize(
    ("content", "said"), [("<html/>", "This is not a HUDOC feed"), ("<!DOCTYPE rss><rss/>", "This is not a HUDOC feed")]
)
def test_a_file_that_is_not_a_feed_exits_with_2_and_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    path = tmp_path / "other.rss"
    path.write_text(content)
    assert main(["harvest", "hudoc", "--site", "grevio", "--from-file", str(path)]) == 2
    assert said in capsys.readouterr().err


def test_a_missing_file_is_named_in_the_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["harvest", "hudoc", "--site", "greta", "--from-file", str(tmp_path / "none.rss")]) == 2
    assert "none.rss: No such file or directory." in capsys.readouterr().err


# --- The live service, played by a server of our own ------------------------------------------------------------------

NORWAY = "GREVIO-Inf(2026)1_Norway_Baseline_Evaluation_Report_Eng"


@pytest.fixture
def hudoc() -> Iterator[HudocServer]:
    hudoc = HudocServer(
        items=report_items(NORWAY, "Baseline Evaluation Report NORWAY", "III. B. Training (Article 15)")
    )
    hudoc.texts[f"{NORWAY}-1"] = section_page("1. GREVIO urges the authorities to train judges.")
    with serve(hudoc):
        yield hudoc


def run_live(
    hudoc: HudocServer, folder: Path, capsys: pytest.CaptureFixture[str], *more: str, code: int = 0
) -> tuple[list[dict[str, Any]], str]:
    arguments = ["--site", hudoc.site, "--address", hudoc.address, "--folder", str(folder), "--interval", "0"]
    assert main(["harvest", "hudoc", *arguments, "--contact", "a@example.org", "--format", "json", *more]) == code
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_documents_are_saved_with_their_findings_and_both_versions_of_a_changed_text(
    hudoc: HudocServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,), err = run_live(hudoc, tmp_path, capsys)
    assert (row["state"], row["reference"], row["status"], row["findings"]) == ("NO", "GREVIO/Inf(2026)1", "new", 1)
    start, first, *others = err.splitlines()
    assert start.startswith(f"Asking {hudoc.address} for its list of documents.")
    assert first.startswith("1 document with 1 text. What was fetched lately is not fetched again.")
    assert others == [
        f"1 of 1: NO {NORWAY}: new, 1 finding",
        "1 document: 1 new.",
        f"Texts and findings are in {tmp_path / 'grevio/documents'}.",
    ]
    page = Path(row["file"])
    (finding,) = map(json.loads, page.with_suffix(".findings.jsonl").read_text(encoding="utf-8").splitlines())
    assert (finding["paragraph"], finding["strength"], finding["articles"]) == ("1", "urges", ["15"])
    assert run_live(hudoc, tmp_path, capsys)[0][0]["status"] == "unchanged"
    hudoc.texts[f"{NORWAY}-1"] = section_page("1. GREVIO invites the authorities to train judges.")
    (row,), _ = run_live(hudoc, tmp_path, capsys, "--recheck-days", "0")
    assert row["status"] == "changed"
    (earlier,) = (page.parent / "earlier").iterdir()
    assert b"urges" in earlier.read_bytes()
    assert b"invites" in page.read_bytes()


def test_a_dry_run_fetches_no_text(hudoc: HudocServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (row,), err = run_live(hudoc, tmp_path, capsys, "--dry-run")
    assert err.endswith("Nothing was fetched but the list.\n")
    assert (row["status"], row["findings"], row["sections"]) == ("listed", None, 1)
    assert not hudoc.asked("conversion")


def test_a_failing_document_changes_the_exit_code(
    hudoc: HudocServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hudoc.faults[f"{NORWAY}-1"] = ["404"]
    (row,), err = run_live(hudoc, tmp_path, capsys, code=1)
    assert row["status"] == "failed"
    assert "answered 404" in err
    assert err.endswith("Run the command again to try those that failed; what has arrived is not fetched again.\n")


def test_a_harvest_says_how_long_it_may_take_and_which_sections_have_no_text(
    hudoc: HudocServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_snapshots(tmp_path) as snapshots:
        fetcher = Fetcher("a@example.org", allow_private=True)
        documents = Harvest(fetcher, snapshots, "grevio", lambda: datetime.now(UTC), hudoc.address).list_documents()
    assert describe_plan(documents * 2000, 1.0).startswith(
        "2,000 documents with 2,000 texts, up to 33 minutes at this rate and longer if the service is slow."
    )
    (document,) = documents
    texts = [HarvestedDocument(document, b"", empty=empty).describe_empty() for empty in ((), ("1",), ("1", "2"))]
    assert texts == ["", "1 section has no text at the service.", "2 sections have no text at the service."]


def test_a_wrong_day_is_answered_with_how_to_write_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["harvest", "hudoc", "--site", "grevio", "--contact", "a@example.org", "--since", "yesterday"]) == 2
    assert capsys.readouterr().err == "samsvar: “yesterday” is not a date. Enter a full date, for example 2019-06-04.\n"


def test_a_day_in_the_future_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["harvest", "hudoc", "--site", "grevio", "--contact", "a@example.org", "--since", "2999-01-01"]) == 2
    assert capsys.readouterr().err == (
        "samsvar: 2999-01-01 is in the future: nothing can have been published since. Nothing was fetched. "
        "Give a day that has passed, or leave it out.\n"
    )


@pytest.mark.parametrize("option", ["--interval", "--recheck-days"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1e300", "soon"])
def test_a_number_that_is_none_is_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["harvest", "hudoc", "--site", "grevio", "--contact", "a@example.org", f"{option}={value}"]) == 2
    assert capsys.readouterr().err == (
        f"samsvar: {option}: “{value}” is not a number from 0 to 100,000. Nothing was fetched. "
        "Give a number, or leave the option out.\n"
    )


@pytest.mark.parametrize(
    "wrong", [["--contact", ""], ["--state", "ZZ"], ["--since", "yesterday"], ["--address", "http://127.0.0.1:1"]]
)
def test_wrong_usage_fetches_nothing(
    hudoc: HudocServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("samsvar.interchange.fetching.time.sleep", lambda _: None)
    arguments = ["--address", hudoc.address, "--folder", str(tmp_path), "--contact", "a@example.org", *wrong]
    assert main(["harvest", "hudoc", "--site", "grevio", *arguments]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("samsvar: ")
    assert hudoc.requests == []
