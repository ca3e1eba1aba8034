"""Harvest of a HUDOC site from a server of our own that misbehaves in every way that was reported of the real ones."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from samsvar.interchange import hudoc_harvest, snapshots
from samsvar.interchange.fetching import Fetcher, FetchFailed, ForbiddenByRobots
from samsvar.interchange.hudoc import site_settings
from samsvar.interchange.hudoc_harvest import Harvest, HarvestedDocument, UnreadableList, list_sections
from samsvar.interchange.snapshots import LOG, FolderInUse, UnreadableLog, UnusableFolder, open_snapshots
from samsvar.monitoring.catalogue import DocumentKind
from samsvar.monitoring.pipeline import read_report
from samsvar.monitoring.report import Strength
from tests.factories.hudoc_server import HudocServer, make_feed, report_items, section_page, serve

NORWAY = "GREVIO-Inf(2026)1_Norway_Baseline_Evaluation_Report_Eng"
DENMARK = "GREVIO-Inf(2026)2_Denmark_Baseline_Evaluation_Report_Eng"
CONTACT = "secretariat@example.org"


@pytest.fixture
def hudoc() -> Iterator[HudocServer]:
    """A server with a report of two sections on each of two states."""
    headings = ("I. Introduction", "III. B. Training of professionals (Article 15)")
    hudoc = HudocServer(
        items=[
            *report_items(NORWAY, "Baseline Evaluation Report NORWAY", *headings),
            *report_items(DENMARK, "Baseline Evaluation Report DENMARK", *headings),
        ]
    )
    for base in (NORWAY, DENMARK):
        hudoc.texts[f"{base}-1"] = section_page("1. The delegation met judges and shelters.")
        hudoc.texts[f"{base}-2"] = section_page(
            "2. Judges are not trained.", "3. GREVIO urges the authorities to train judges every year.", bold=(1,)
        )
    with serve(hudoc):
        yield hudoc


def make_fetcher(**options: Any) -> Fetcher:
    """Return a fetcher that does not wait, except where a test says so."""
    settings = {"interval": 0.0, "first_pause": 0.0, "seconds": 5.0, "allow_private": True}
    return Fetcher(CONTACT, **{**settings, **options})


def now() -> datetime:
    return datetime.now(UTC)


def run_harvest(hudoc: HudocServer, folder: Path, **options: Any) -> tuple[Harvest, list[HarvestedDocument]]:
    fetcher = options.pop("fetcher", None) or make_fetcher()
    with open_snapshots(folder) as snapshots:
        harvest = Harvest(fetcher, snapshots, hudoc.site, address=hudoc.address, **{"now": now, **options})
        return harvest, list(harvest.fetch_documents(harvest.list_documents()))


def test_a_document_is_put_together_from_its_sections_and_read_with_paragraph_and_article(
    hudoc: HudocServer, tmp_path: Path
) -> None:
    _, documents = run_harvest(hudoc, tmp_path)
    assert [one.document.state for one in documents] == ["DK", "NO"]
    reading = read_report(documents[1].content, document="report.html", body="grevio", state="NO")
    (finding,) = reading.findings
    assert (finding.paragraph, finding.strength, finding.articles) == ("3", Strength.URGES, ("15",))
    assert [passage.number for passage in reading.passages] == ["1", "2", "3"]
    assert reading.passages[2].bold  # a class of the converter's style sheet says so
    assert (reading.reference, reading.procedure) == ("GREVIO/Inf(2026)1", "baseline")
    assert reading.extraction_report.unexplained == ()
    assert b"track()" not in documents[1].content


@pytest.mark.parametrize(
    "fault", ["empty", "tags", "truncated", "reset", "slow", "500", "503", "429", "429:0", "408", "json"]
)
def test_a_text_that_fails_once_is_asked_for_again(hudoc: HudocServer, tmp_path: Path, fault: str) -> None:
    expected = [one.content for one in run_harvest(hudoc, tmp_path / "good")[1]]
    hudoc.faults[f"{NORWAY}-2"] = [fault]
    fetcher = make_fetcher(seconds=0.15) if fault == "slow" else None
    _, documents = run_harvest(hudoc, tmp_path / "bad", fetcher=fetcher)
    assert [one.content for one in documents] == expected
    assert len(hudoc.asked("Norway_Baseline_Evaluation_Report_Eng-2")) == 3


@pytest.mark.parametrize("fault", ["empty", "truncated", "garbage", "500", "no items"])
def test_a_list_that_fails_once_is_asked_for_again(hudoc: HudocServer, tmp_path: Path, fault: str) -> None:
    hudoc.faults["contentsitename:GREVIO"] = [fault]
    assert len(run_harvest(hudoc, tmp_path)[1]) == 2


def test_a_menu_of_the_service_is_no_part_of_a_document(hudoc: HudocServer, tmp_path: Path) -> None:
    hudoc.texts[f"{NORWAY}-1"] = b"<html><body><nav><p>Search the site</p></nav><p>1. The delegation.</p></body></html>"
    norway = run_harvest(hudoc, tmp_path)[1][1]
    assert b"1. The delegation." in norway.content
    assert b"Search the site" not in norway.content


def test_an_answer_that_is_no_page_and_a_page_of_another_server_are_never_saved_as_a_text(
    hudoc: HudocServer, tmp_path: Path
) -> None:
    hudoc.faults[f"{DENMARK}-1"] = ["json"] * 3
    hudoc.faults[f"{NORWAY}-1"] = ["elsewhere"]
    denmark, norway = run_harvest(hudoc, tmp_path)[1]
    assert "is not a page: the service says that it is “application/json”" in denmark.failure
    assert "redirects to localhost:1, which is another server" in norway.failure
    assert [one.failure for one in run_harvest(hudoc, tmp_path)[1]] == ["", ""]


@pytest.mark.parametrize(
    "notice",
    [
        "The requested document is unavailable.",
        "Document not found",
        "This service is temporarily unavailable. Please try again later.",
        "Le document demandé n’est pas disponible.",
        "An error occurred.",
    ],
)
def test_a_page_that_only_says_that_there_is_no_text_is_never_saved_as_one(
    hudoc: HudocServer, tmp_path: Path, notice: str
) -> None:
    expected = [one.content for one in run_harvest(hudoc, tmp_path)[1]]
    right, hudoc.texts[f"{NORWAY}-2"] = hudoc.texts[f"{NORWAY}-2"], section_page(notice)
    _, norway = run_harvest(hudoc, tmp_path, recheck=timedelta(0))[1]
    assert f"the page says only “{notice}”" in norway.failure
    hudoc.texts[f"{NORWAY}-2"] = right
    assert [one.content for one in run_harvest(hudoc, tmp_path, recheck=timedelta(0))[1]] == expected


def test_a_paragraph_about_something_unavailable_is_a_text(hudoc: HudocServer, tmp_path: Path) -> None:
    hudoc.texts[f"{NORWAY}-2"] = section_page("12. A document on referrals is not available to the police.")
    assert [one.failure for one in run_harvest(hudoc, tmp_path)[1]] == ["", ""]


def test_an_answer_that_is_no_list_is_named_with_its_address(hudoc: HudocServer, tmp_path: Path) -> None:
    hudoc.faults["contentsitename:GREVIO"] = ["garbage"] * 3
    with pytest.raises(UnreadableList) as caught:
        run_harvest(hudoc, tmp_path)
    assert hudoc.address in caught.value.message
    assert "in a browser" in caught.value.advice


def test_a_service_that_fails_is_left_alone_after_a_few_documents(hudoc: HudocServer, tmp_path: Path) -> None:
    bases = [f"GREVIO_INF(2024)10_{name}_eng" for name in ("ALBANIA", "AUSTRIA", "BELGIUM", "DENMARK", "NORWAY")]
    hudoc.items = [item for base in bases for item in report_items(base, base.split("_")[2], *map(str, range(1, 31)))]
    hudoc.texts = {identifier: section_page("1. Text.") for identifier, *_ in hudoc.items}
    first = [identifier for identifier, *_ in hudoc.items if "ALBANIA" in identifier]
    hudoc.faults.update({identifier: ["503"] * 2 for identifier in first})
    harvest, documents = run_harvest(hudoc, tmp_path / "one", fetcher=make_fetcher(attempts=2))
    assert [bool(one.failure) for one in documents] == [True, False, False, False, False]  # only one is broken
    assert harvest.notes == []

    hudoc.requests.clear()
    hudoc.faults.update({identifier: ["503"] * 2 for identifier, *_ in hudoc.items})
    harvest, documents = run_harvest(hudoc, tmp_path / "all", fetcher=make_fetcher(attempts=2))
    assert ["answered 503" in one.failure for one in documents] == [True, True, True]
    assert len(hudoc.asked("conversion")) < 150  # of 300: a few texts of three documents, and those under way
    assert "for none of 3 documents in a row" in harvest.notes[0]


def test_a_list_that_ends_with_an_error_before_its_limit_is_named(tmp_path: Path) -> None:
    hudoc = HudocServer(limit=2, items=report_items(NORWAY, "NORWAY", "Heading 1", "Heading 2"))
    hudoc.faults["contentsitename:GREVIO"] = ["", *["503"] * 5]
    with serve(hudoc), open_snapshots(tmp_path) as snapshots:
        harvest = Harvest(make_fetcher(), snapshots, "grevio", now, hudoc.address)
        harvest.list_documents()
    (note,) = harvest.notes
    assert note.startswith("The list may be cut off after 2 items: ")
    assert "answered 503" in note


def test_different_items_with_one_identifier_are_no_change_at_the_next_harvest(
    hudoc: HudocServer, tmp_path: Path
) -> None:
    hudoc.items.append((f"{NORWAY}-2", "III. B. Training (Article 15)", *hudoc.items[2][2:]))
    for _ in range(3):
        documents = run_harvest(hudoc, tmp_path)[1]
    hudoc.items.reverse()
    documents = run_harvest(hudoc, tmp_path)[1]
    assert [(one.texts_fetched, one.title_changes) for one in documents] == [(0, ()), (0, ())]


def test_a_choice_that_leaves_nothing_is_named(hudoc: HudocServer, tmp_path: Path) -> None:
    harvest, documents = run_harvest(hudoc, tmp_path, since=date(2026, 6, 5))
    assert documents == []
    assert harvest.notes == [
        f"{hudoc.address} was asked, and none of 2 documents was chosen. Check --state and --since, or ask for all."
    ]
    harvest, documents = run_harvest(hudoc, tmp_path, states=("NO", "SE"))
    assert len(documents) == 1
    assert harvest.notes == ["No document on Sweden is listed, or none since the day given."]


def test_a_full_disk_stops_the_harvest_and_the_next_one_continues(
    hudoc: HudocServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hudoc.items = report_items(NORWAY, "NORWAY", *(f"Heading {n}" for n in range(1, 31)))
    hudoc.texts = {f"{NORWAY}-{n}": section_page(f"{n}. Text.") for n in range(1, 31)}
    free = iter(range(12))

    def sync(_descriptor: int) -> None:
        if next(free, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(snapshots.os, "fsync", sync)
    with pytest.raises(UnusableFolder, match="No space left on device") as caught:
        run_harvest(hudoc, tmp_path)
    assert "What was saved before is kept" in caught.value.full_message()
    assert len(hudoc.asked("conversion")) < 30  # not all
    monkeypatch.undo()
    assert not list(tmp_path.rglob(".writing-*"))
    (norway,) = run_harvest(hudoc, tmp_path)[1]
    assert (norway.failure, norway.empty) == ("", ())


def test_a_folder_that_cannot_be_used_is_named(hudoc: HudocServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableFolder, match=r"file/grevio: Not a directory"):
        run_harvest(hudoc, tmp_path / "file/grevio")
    assert hudoc.requests == []


def test_a_failing_document_is_named_and_the_others_are_harvested(hudoc: HudocServer, tmp_path: Path) -> None:
    hudoc.faults[f"{DENMARK}-1"] = ["500"] * 5
    hudoc.faults[f"{NORWAY}-1"] = ["empty"] * 5
    denmark, norway = run_harvest(hudoc, tmp_path)[1]
    assert "answered 500" in denmark.failure
    assert denmark.content == b""
    assert norway.empty == (f"{NORWAY}-1",)
    assert b"train judges" in norway.content
    denmark, norway = run_harvest(hudoc, tmp_path)[1]  # the next harvest asks for these two again, and no others
    assert (denmark.failure, norway.empty) == ("", ())
    assert (denmark.texts_fetched, norway.texts_fetched) == (1, 1)


def test_texts_that_fail_here_and_there_do_not_keep_the_others_from_being_fetched(tmp_path: Path) -> None:
    hudoc = HudocServer(items=report_items(NORWAY, "NORWAY", *(f"Heading {n}" for n in range(1, 61))))
    hudoc.texts = {identifier: section_page("1. Text.") for identifier, *_ in hudoc.items}
    hudoc.faults |= {f"{NORWAY}-{n}": ["500"] for n in range(2, 21, 2)}
    with serve(hudoc):
        (norway,) = run_harvest(hudoc, tmp_path, fetcher=make_fetcher(attempts=1))[1]
        assert "answered 500" in norway.failure
        (norway,) = run_harvest(hudoc, tmp_path)[1]
    assert (norway.failure, norway.texts_fetched) == ("", 10)


def test_a_list_is_fetched_in_windows(tmp_path: Path) -> None:
    headings = [f"III. {n}. Heading" for n in range(1, 50)]
    names = ["Norway", "Denmark", "Sweden", "Finland", "Iceland"]
    hudoc = HudocServer(limit=100)
    for name in names:
        hudoc.items += report_items(f"GREVIO-Inf(2026)1_{name}_Baseline_Evaluation_Report_Eng", name.upper(), *headings)
    with serve(hudoc), open_snapshots(tmp_path) as snapshots:
        documents = Harvest(make_fetcher(), snapshots, "grevio", now, hudoc.address).list_documents()
        starts = [path.rpartition("start=")[2] for path, *_ in hudoc.requests if "rss" in path]
        assert starts == ["0", "100", "200", "250"]
        assert [len(one.sections) for one in documents] == [49] * 5
        assert len(hudoc.requests) == 5  # with robots.txt


@pytest.fixture
def cut_list(monkeypatch: pytest.MonkeyPatch) -> Iterator[HudocServer]:
    """A server whose list stops without a word, at 50 items instead of 2,000, so that the test is quick."""
    assert hudoc_harvest.most_items() == 2000
    monkeypatch.setattr(hudoc_harvest, "most_items", lambda: 50)
    hudoc = HudocServer(limit=50)
    for name in ("Albania", "Denmark", "Finland", "Iceland", "Norway", "Sweden"):
        headings = [f"III. {n}. Heading" for n in range(1, 10)]
        hudoc.items += report_items(f"GREVIO-Inf(2026)1_{name}_Baseline_Evaluation_Report_Eng", name.upper(), *headings)
    with serve(hudoc):
        yield hudoc


@pytest.mark.parametrize("after_limit", ["same", "nothing", "error"])
def test_a_list_that_is_cut_is_completed_state_by_state(
    cut_list: HudocServer, tmp_path: Path, after_limit: str
) -> None:
    cut_list.after_limit = after_limit
    with open_snapshots(tmp_path) as snapshots:
        harvest = Harvest(make_fetcher(), snapshots, "grevio", now, cut_list.address)
        documents = harvest.list_documents()
    assert {one.state: len(one.sections) for one in documents} == dict.fromkeys(("AL", "DK", "FI", "IS", "NO", "SE"), 9)
    assert harvest.notes == []


def test_a_list_that_stays_cut_is_named(cut_list: HudocServer, tmp_path: Path) -> None:
    cut_list.after_limit, cut_list.filters_by_state = (
        "same",
        False,
    )  # if the field has another name, the same items come back each time
    with open_snapshots(tmp_path) as snapshots:
        harvest = Harvest(make_fetcher(), snapshots, "grevio", now, cut_list.address)
        assert len(harvest.list_documents()) == 5
    assert any("asking by state added none" in note for note in harvest.notes)


def test_states_and_days_are_chosen(hudoc: HudocServer, tmp_path: Path) -> None:
    _, documents = run_harvest(hudoc, tmp_path, states=("NO",))
    assert [one.document.state for one in documents] == ["NO"]
    assert hudoc.asked("greviostate%3D%22Norway%22")
    assert not hudoc.asked("Denmark")
    assert run_harvest(hudoc, tmp_path, since=date(2026, 6, 5))[1] == []
    assert len(run_harvest(hudoc, tmp_path, since=date(2026, 6, 4))[1]) == 2
    assert [one.document.state for one in run_harvest(hudoc, tmp_path, states=("SE",))[1]] == []


def test_a_state_of_which_the_service_lists_nothing_is_looked_for_in_the_whole_list(
    hudoc: HudocServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = site_settings("grevio")["key"]
    items = hudoc.items
    monkeypatch.setattr(
        hudoc, "list_window", lambda query, start: make_feed([] if start or "state=" in query else items, key)
    )
    _, documents = run_harvest(hudoc, tmp_path, states=("NO",))
    assert [one.document.state for one in documents] == ["NO"]


def test_a_changed_text_keeps_both_versions_and_an_empty_one_replaces_nothing(
    hudoc: HudocServer, tmp_path: Path
) -> None:
    day = datetime(2026, 7, 1, tzinfo=UTC)
    before = run_harvest(hudoc, tmp_path, now=lambda: day)[1][1].content
    hudoc.texts[f"{NORWAY}-2"] = section_page("2. GREVIO invites the authorities to train judges.")
    later = day + timedelta(days=8)
    after = run_harvest(hudoc, tmp_path, now=lambda: later)[1][1].content
    assert b"urges" in before
    assert b"invites" in after
    hudoc.texts[f"{NORWAY}-2"] = b""
    assert run_harvest(hudoc, tmp_path, now=lambda: later + timedelta(days=8))[1][1].content == after
    with open_snapshots(tmp_path) as snapshots:
        (address,) = [one for one in snapshots._snapshots if "Norway" in one and one.endswith("-2")]
        versions = snapshots.list_versions(address)
        assert [one.at for one in versions] == [day, later]
        assert [b"urges" in snapshots.read(one) for one in versions] == [True, False]
        assert all(one.headers["etag"] for one in versions)


def test_a_changed_title_keeps_both_versions(hudoc: HudocServer, tmp_path: Path) -> None:
    day = datetime(2026, 7, 1, tzinfo=UTC)
    run_harvest(hudoc, tmp_path, now=lambda: day)
    place = next(i for i, item in enumerate(hudoc.items) if item[0] == f"{NORWAY}-2")
    hudoc.items[place] = (f"{NORWAY}-2", "III. B. Training (Article 15)", *hudoc.items[place][2:])
    norway = run_harvest(hudoc, tmp_path, now=lambda: day + timedelta(days=1))[1][1]
    (change,) = norway.title_changes
    assert change.before == "III. B. Training of professionals (Article 15)"
    assert change.after == "III. B. Training (Article 15)"
    assert change.at == day + timedelta(days=1)
    assert b"<h3>III. B. Training (Article 15)</h3>" in norway.content
    assert norway.texts_fetched == 1  # the text under a changed title is asked for again


def test_items_that_are_no_longer_listed_are_counted_and_their_texts_kept(hudoc: HudocServer, tmp_path: Path) -> None:
    run_harvest(hudoc, tmp_path)
    contents = len(list((tmp_path / "contents").rglob("*")))
    del hudoc.items[:3]
    harvest, documents = run_harvest(hudoc, tmp_path)
    assert len(documents) == 1
    assert harvest.notes == ["3 items that were listed earlier are no longer listed; what was saved of them is kept."]
    assert len(list((tmp_path / "contents").rglob("*"))) == contents


def test_texts_are_asked_for_again_only_after_a_time_and_with_conditions(hudoc: HudocServer, tmp_path: Path) -> None:
    day = datetime(2026, 7, 1, tzinfo=UTC)
    first = run_harvest(hudoc, tmp_path, now=lambda: day)[1]
    again = run_harvest(hudoc, tmp_path, now=lambda: day + timedelta(days=6))[1]
    assert sum(one.texts_fetched for one in again) == 0
    hudoc.requests.clear()
    again = run_harvest(hudoc, tmp_path, now=lambda: day + timedelta(days=7))[1]
    assert [one.content for one in again] == [one.content for one in first]
    asked = hudoc.asked("conversion")
    assert len(asked) == 4
    assert all(headers["if-none-match"] for headers in asked)
    again = run_harvest(hudoc, tmp_path, now=lambda: day + timedelta(days=8))[1]
    assert sum(one.texts_fetched for one in again) == 0  # "unchanged" is an answer, too
    assert len(list((tmp_path / "contents").rglob("*"))) == 4  # two contents, each the same for both states, in folders


def test_the_server_is_told_who_asks_and_its_rules_are_kept(hudoc: HudocServer, tmp_path: Path) -> None:
    run_harvest(hudoc, tmp_path)
    assert all(CONTACT in headers["user-agent"] for headers in hudoc.asked(""))
    assert len(hudoc.asked("/robots.txt")) == 1
    for rule in ("Disallow: /app/conversion/", "Allow: /\nDisallow: /*/conversion/*?*id="):  # the longest counts
        hudoc.robots = f"\ufeffUser-agent: *\n{rule}\nCrawl-delay: inf\n"
        _, documents = run_harvest(hudoc, tmp_path, recheck=timedelta(0))
        assert documents
        assert all("robots.txt" in one.failure for one in documents)
    hudoc.robots = "User-agent: Samsvar\nDisallow: /\n"
    with pytest.raises(ForbiddenByRobots):
        run_harvest(hudoc, tmp_path)


def test_requests_start_at_the_agreed_rate_and_at_most_four_are_open(hudoc: HudocServer, tmp_path: Path) -> None:
    hudoc.items = report_items(NORWAY, "NORWAY", *(f"Heading {n}" for n in range(1, 13)))
    hudoc.texts = {f"{NORWAY}-{n}": section_page(f"{n}. Text.") for n in range(1, 13)}
    hudoc.faults.update({f"{NORWAY}-{n}": ["slow"] for n in range(1, 13)})
    hudoc.slow_seconds = 0.1
    pauses: list[float] = []
    fetcher = make_fetcher(interval=1.5, clock=lambda: 100.0, sleep=pauses.append)
    run_harvest(hudoc, tmp_path, fetcher=fetcher)
    assert sorted(pauses) == [1.5 * n for n in range(1, 15)]  # robots.txt, two windows of the list, twelve texts
    assert hudoc.most_open_requests == 4


def test_a_server_that_asks_for_a_pause_gets_it(hudoc: HudocServer, tmp_path: Path) -> None:
    pauses: list[float] = []
    fetcher = make_fetcher(sleep=pauses.append)
    hudoc.faults["contentsitename:GREVIO"] = ["429:7", "500", "500"]
    hudoc.faults[f"{NORWAY}-1"] = ["503:9000"]  # longer than we wait: the next harvest continues
    _, documents = run_harvest(hudoc, tmp_path, fetcher=fetcher)
    assert 7 in pauses
    assert "answered 503" in documents[1].failure
    assert max(pauses) <= fetcher.longest_pause


def test_waits_grow_from_attempt_to_attempt(hudoc: HudocServer, tmp_path: Path) -> None:
    pauses: list[float] = []
    hudoc.faults["contentsitename:GREVIO"] = ["500"] * 5
    with pytest.raises(FetchFailed):
        run_harvest(hudoc, tmp_path, fetcher=make_fetcher(first_pause=2.0, sleep=pauses.append))
    assert len(pauses) == 4
    assert all(2 * 2**n <= pause <= 3 * 2**n for n, pause in enumerate(pauses))


_KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from samsvar.interchange.fetching import Fetcher
from samsvar.interchange.hudoc_harvest import Harvest
from samsvar.interchange.snapshots import open_snapshots
with open_snapshots(Path(sys.argv[2])) as snapshots:
    now = lambda: datetime.now(UTC)
    harvest = Harvest(Fetcher("x", interval=0.02, allow_private=True), snapshots, "grevio", now, sys.argv[1])
    list(harvest.fetch_documents(harvest.list_documents()))
"""


def test_a_killed_harvest_continues_where_it_ended(hudoc: HudocServer, tmp_path: Path) -> None:
    # half a second: a process is started and killed
    hudoc.items = report_items(NORWAY, "NORWAY", *(f"Heading {n}" for n in range(1, 31)))
    hudoc.texts = {f"{NORWAY}-{n}": section_page(f"{n}. Text.") for n in range(1, 31)}
    with subprocess.Popen([sys.executable, "-c", _KILLED, hudoc.address, str(tmp_path)]) as process:
        while len(hudoc.asked("conversion")) < 15 and process.poll() is None:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    before = len(hudoc.asked("conversion"))
    _, (norway,) = run_harvest(hudoc, tmp_path)
    assert (norway.failure, norway.empty) == ("", ())
    assert len(hudoc.asked("conversion")) - before <= 30 - 15 + 4  # those under way when it was killed, and the rest
    assert all(f"<p>{n}. Text.</p>".encode() in norway.content for n in range(1, 31))


def test_what_a_killed_harvest_had_half_written_is_removed(hudoc: HudocServer, tmp_path: Path) -> None:
    run_harvest(hudoc, tmp_path)
    half = next((tmp_path / "contents").iterdir()) / ".writing-abc"
    half.write_bytes(b"<html>")
    run_harvest(hudoc, tmp_path)
    assert not half.exists()


def test_a_log_that_ends_anywhere_can_be_continued(hudoc: HudocServer, tmp_path: Path) -> None:
    run_harvest(hudoc, tmp_path)
    log = (tmp_path / LOG).read_bytes()
    for end in range(0, len(log), 97):
        (tmp_path / LOG).write_bytes(log[:end])
        with open_snapshots(tmp_path) as snapshots:
            assert len(snapshots.list_identifiers()) <= 6
        assert (tmp_path / LOG).read_bytes() == log[: log.rfind(b"\n", 0, end) + 1]
    assert len(run_harvest(hudoc, tmp_path)[1]) == 2


def test_a_damaged_log_and_a_second_harvest_are_named(hudoc: HudocServer, tmp_path: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(open_snapshots(tmp_path))
        with pytest.raises(FolderInUse):
            run_harvest(hudoc, tmp_path)
    (tmp_path / LOG).write_bytes(b'{"kind": "unknown", "at": "2026-01-01"}\n')
    with pytest.raises(UnreadableLog):
        run_harvest(hudoc, tmp_path)
    run_harvest(hudoc, tmp_path / "another")


def test_items_that_occur_twice_and_press_releases_are_not_fetched(tmp_path: Path) -> None:
    items = [
        ("NOR-CbC-VI-2026-28-ENG", "Sixth report on Norway", "VI - Norway - Country Reports", "Wed, 04 Mar 2026"),
        ("NOR-PR-VI-2026-29-ENG", "Norway should do more", "VI - Norway - Press Releases", "Wed, 04 Mar 2026"),
        ("NOR-COM-VI-2026-28-ENG", "Comments", "VI - Norway - Government Observations", "Wed, 04 Mar 2026"),
        ("NOR-IFU-VI-2028-01-ENG", "Conclusions", "VI - Norway - Interim Follow-up Conclusions", "Wed, 01 Mar 2028"),
    ]
    hudoc = HudocServer("ecri", [*items, *items])
    hudoc.texts = {identifier: section_page("1. ECRI recommends that judges are trained.") for identifier, *_ in items}
    with serve(hudoc):
        documents = [one.document for one in run_harvest(hudoc, tmp_path)[1]]
    assert {one.kind for one in documents} == {
        DocumentKind.REPORT, DocumentKind.GOVERNMENT_COMMENTS, DocumentKind.CONCLUSIONS,
    }  # fmt: skip
    assert {one.state for one in documents} == {"NO"}
    assert len(hudoc.asked("conversion")) == 3


def test_cpt_headings_are_paths(tmp_path: Path) -> None:
    part = "II. FACTS FOUND / A. Prison establishments"
    headings = (
        "Executive summary", f"{part} / 1. Preliminary remarks", f"{part} / 2. Healthcare / a. staff",
        f"{part} / 2. Healthcare / b. access",
    )  # fmt: skip
    base = "p-nor-20260212-en"
    hudoc = HudocServer("cpt", report_items(base, "Norway: visit 2026", *headings)[1:])
    hudoc.texts = {f"{base}-{n}": section_page(f"{n}. Text {n}.") for n in range(1, 5)}
    with serve(hudoc):
        (norway,) = run_harvest(hudoc, tmp_path, states=("NO",))[1]
    assert norway.document.state == "NO"
    assert [identifier for identifier, _ in list_sections(norway.document)] == [f"{base}-{n}" for n in range(1, 5)]
    assert hudoc.asked("cptstate%3D%22NOR%22")
    reading = read_report(norway.content, document="report.html")
    assert (reading.body, reading.state, reading.procedure) == ("council_of_europe", "NO", "country_visit")
    assert reading.passages[3].headings == (
        "II. FACTS FOUND", "A. Prison establishments", "2. Healthcare", "b. access",
    )  # fmt: skip
