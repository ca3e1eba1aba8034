"""Harvest of HUDOC into the database: drafts, changes of the publisher, and every Party with its findings."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from samsvar.convention.loading import treaty_events
from samsvar.convention.status import Status, status_on
from samsvar.interchange.fetching import Fetcher
from samsvar.interchange.hudoc_harvest import Harvest
from samsvar.interchange.snapshots import open_snapshots
from samsvar.monitoring.pipeline import read_report
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring.actions import harvest as actions
from samsvar.site.monitoring.actions.harvest import HarvestStatus
from samsvar.site.monitoring.actions.publishing import REPLACED, make_public
from samsvar.site.monitoring.management.commands import harvest as command
from samsvar.site.monitoring.models import Finding, Report, SourceVersion
from samsvar.site.monitoring.sources import TextChange, find_source_change
from samsvar.territories import territory_name
from tests.factories.hudoc_server import HudocServer, report_items, section_page, serve
from tests.factories.people import make_account
from tests.factories.reports import make_report
from tests.factories.stored import storage_settings

pytestmark = pytest.mark.django_db

HEADINGS = ("I. Introduction", "III. B. Training of professionals (Article 15)", "IV. D. Shelters (Article 23)")
ABOUT = "Baseline Evaluation Report"


@pytest.fixture(autouse=True)
def empty_storage(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = storage_settings(tmp_path / "files")
    settings.DATA = tmp_path / "data"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "Fetcher", partial(Fetcher, first_pause=0.0))


@pytest.fixture
def hudoc() -> Iterator[HudocServer]:
    load_convention()
    with serve(HudocServer()) as hudoc:
        yield hudoc


def add_report(hudoc: HudocServer, state: str, number: int = 1) -> str:
    """Add a report of our own writing to the server, and return its identifier."""
    name = territory_name(state)
    base = f"GREVIO-Inf(2026){number}_{name.replace(' ', '_')}_Baseline_Evaluation_Report_Eng"
    hudoc.items += report_items(base, f"{ABOUT} {name.upper()}", *HEADINGS)
    hudoc.texts[f"{base}-1"] = section_page("1. The delegation met judges and shelters.")
    hudoc.texts[f"{base}-2"] = section_page(
        f"2. GREVIO urges the authorities of {name} to train judges every year.", "3. The plan ends next year."
    )
    hudoc.texts[f"{base}-3"] = section_page("4. GREVIO encourages the authorities to open shelters in all regions.")
    return base


def run_command(hudoc: HudocServer, *arguments: str, expects_failure: bool = False) -> str:
    out = io.StringIO()
    options = ["--address", hudoc.address, "--interval", "0", "--recheck-days", "0", *arguments]
    if expects_failure:
        with pytest.raises(CommandError):
            call_command("harvest", "grevio", *options, stdout=out, stderr=out)
    else:
        call_command("harvest", "grevio", *options, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def quick_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process: a child for each of forty reports takes half a minute."""
    monkeypatch.setitem(actions.import_harvested.__kwdefaults__, "read", partial(read_report, ocr=False))


@pytest.mark.usefixtures("quick_reading")
def test_after_one_command_every_party_has_its_findings(hudoc: HudocServer) -> None:
    # three seconds: forty reports are fetched, read and stored, which is what the command is for
    statuses = status_on(date(2026, 11, 24), treaty_events())
    parties = [code for code, one in statuses.items() if one.status is Status.PARTY]
    assert len(parties) == 39
    for number, code in enumerate(parties, 1):
        add_report(hudoc, code, number)
    output = run_command(hudoc)
    assert "grevio: 39 new." in output
    drafts = Report.everything.filter(status=Report.Status.DRAFT)
    assert {report.document.state_id for report in drafts.select_related("document")} == set(parties)
    assert Finding.objects.count() == 0  # nothing is public before an editor has looked at it
    for report in drafts:
        make_public(report=report, by=None)
    found = set(Finding.objects.values_list("state", "paragraph", "strength", "articles__article"))
    assert found == {(code, *rest) for code in parties for rest in (("2", "urges", 15), ("4", "encourages", 23))}


def test_a_harvest_says_what_is_new_and_again_nothing_is(hudoc: HudocServer) -> None:
    base = add_report(hudoc, "NO")
    assert f"NO {base}: new" in run_command(hudoc, "--dry-run")
    assert (Report.everything.count(), AuditEntry.objects.filter(verb="harvested").count()) == (0, 0)
    output = run_command(hudoc)
    report = Report.everything.select_related("document").get()
    assert output.startswith(f"grevio: Asking {hudoc.address} for its list of documents.")
    assert "\ngrevio: 1 document with 3 texts. What was fetched lately is not fetched again." in output
    assert f"1 of 1: NO {base}: new, report {report.public_id} (draft)." in output
    assert output.endswith("An editor finds them under “Drafts of reports”, and publishes them there.\n")
    document = report.document
    assert (document.state_id, document.reference, document.published) == ("NO", "GREVIO/Inf(2026)1", "2026-06-04")
    assert (document.body, document.procedure, document.kind) == ("grevio", "baseline", "report")
    assert base in document.link
    assert "grevio: 1 unchanged." in run_command(hudoc)
    assert f"NO {base}: known" in run_command(hudoc, "--dry-run")
    entries = AuditEntry.objects.filter(verb="harvested").order_by("pk")
    assert [(entry.subject, entry.details) for entry in entries] == [
        ("hudoc grevio", {"new": 1}),
        ("hudoc grevio", {"unchanged": 1}),
    ]


def test_new_reports_are_published_at_once_only_if_asked(hudoc: HudocServer) -> None:
    base = add_report(hudoc, "NO")
    assert "Drafts of reports" not in run_command(hudoc, "--publish")
    assert Finding.objects.count() == 2
    hudoc.texts[f"{base}-3"] = section_page("4. GREVIO invites the authorities to open shelters.")
    run_command(hudoc, "--publish")
    assert Report.everything.filter(status=Report.Status.DRAFT).count() == 1  # a change always waits for an editor


def test_a_state_may_be_given_in_small_letters(hudoc: HudocServer) -> None:
    add_report(hudoc, "NO"), add_report(hudoc, "DK", 2)
    assert "grevio: 1 new." in run_command(hudoc, "--state", "no")
    assert Report.everything.get().document.state_id == "NO"


def test_comments_of_governments_are_not_imported(hudoc: HudocServer) -> None:
    base = add_report(hudoc, "NO").replace("Baseline_Evaluation_Report", "Gov_Comment")
    hudoc.items += report_items(base, "Comments submitted by NORWAY on the Baseline Evaluation Report", "I. Comments")
    assert "grevio: 1 document with 3 texts." in run_command(hudoc)
    assert Report.everything.get().document.kind == "report"


def test_a_failing_document_is_named_and_tried_again(hudoc: HudocServer) -> None:
    norway, denmark = add_report(hudoc, "NO", 1), add_report(hudoc, "DK", 2)
    hudoc.faults[f"{norway}-2"] = ["404"]
    hudoc.texts[f"{denmark}-1"] = hudoc.texts[f"{denmark}-2"] = hudoc.texts[f"{denmark}-3"] = section_page("")
    output = run_command(hudoc, expects_failure=True)
    assert f"NO {norway}: failed" in output
    assert f"DK {denmark}: failed: The service has no text for it." in output
    assert "grevio: 2 failed." in output
    assert SourceVersion.objects.count() == 0
    assert "1 new, 1 failed" in run_command(hudoc, expects_failure=True)


def import_all(hudoc: HudocServer, folder: Path) -> list[actions.HarvestResult]:
    """Harvest the server and import everything, reading in this process."""
    with open_snapshots(folder) as snapshots:
        fetcher = Fetcher("a@example.org", interval=0.0, allow_private=True, first_pause=0.0)
        harvest = Harvest(fetcher, snapshots, "grevio", timezone.now, hudoc.address, recheck=timedelta(0))
        return [
            actions.import_harvested(harvested=one, site="grevio", read=partial(read_report, ocr=False))
            for one in harvest.fetch_documents(harvest.list_documents())
        ]


def test_a_changed_text_becomes_a_draft_with_both_versions_and_keeps_decisions(
    hudoc: HudocServer, tmp_path: Path, client: Any
) -> None:
    base = add_report(hudoc, "NO")
    (first,) = import_all(hudoc, tmp_path)
    assert first.report is not None
    make_public(report=first.report, by=None)
    editor = make_account(Role.EDITOR)
    for paragraph, review in (("2", "confirmed"), ("4", "confirmed")):
        first.report.findings.filter(paragraph=paragraph).update(review=review, reviewed_by=editor, note="checked")
    hudoc.texts[f"{base}-3"] = section_page(
        "4. GREVIO invites the authorities to open shelters.", "5. A new paragraph."
    )
    place = next(i for i, item in enumerate(hudoc.items) if item[0] == f"{base}-2")
    hudoc.items[place] = (f"{base}-2", "III. B. Training (Article 15)", *hudoc.items[place][2:])
    (second,) = import_all(hudoc, tmp_path)
    assert (second.status, first.report.status) == (HarvestStatus.CHANGED, "published")
    assert second.report is not None
    assert second.report.status == "draft"
    reviews = dict(second.report.findings.values_list("paragraph", "review"))
    assert reviews == {"2": "confirmed", "4": "machine"}
    assert "returned for review" in second.report.findings.get(paragraph="4").note
    assert [one.report for one in SourceVersion.objects.all()] == [first.report, second.report]

    client.force_login(editor)
    page = client.get(reverse("monitoring:report-details", args=[second.report.public_id])).content.decode()
    for text in (
        "GREVIO encourages the authorities to open shelters in all regions.",
        "GREVIO invites the authorities to open shelters.", "A new paragraph.",
        "III. B. Training of professionals (Article 15)", "III. B. Training (Article 15)",
        "The earlier version is public.",
    ):  # fmt: skip
        assert text in page
    assert "The plan ends next year." not in page  # unchanged
    assert "its publisher changed the text" in client.get(reverse("monitoring:drafts")).content.decode()

    make_public(report=second.report, by=editor)
    first.report.refresh_from_db()
    assert (first.report.status, first.report.withdrawal_reason) == ("withdrawn", REPLACED)
    assert set(Finding.objects.values_list("report", flat=True)) == {second.report.pk}
    client.logout()
    for place in ("report", "text"):
        gone = client.get(reverse(f"monitoring:{place}", args=[first.report.public_id]))
        assert gone.status_code == 410
        assert reverse("monitoring:report", args=[second.report.public_id]) in gone.content.decode()

    second.report.findings.filter(paragraph="4").update(review="confirmed", reviewed_by=editor)
    hudoc.texts[f"{base}-1"] = section_page("1. The delegation met judges.")
    (third,) = import_all(hudoc, tmp_path)
    assert third.report is not None  # with the decisions on the latest version, not on the first
    assert dict(third.report.findings.values_list("paragraph", "review")) == {"2": "confirmed", "4": "confirmed"}


def test_an_inserted_paragraph_does_not_shift_the_versions_of_the_others(hudoc: HudocServer, tmp_path: Path) -> None:
    base = add_report(hudoc, "NO")
    hudoc.texts[f"{base}-3"] = section_page(*(f"{number}. {text}" for number, text in enumerate("ABCD", 4)))
    import_all(hudoc, tmp_path)
    hudoc.texts[f"{base}-3"] = section_page(*(f"{number}. {text}" for number, text in enumerate("AXBCE", 4)))
    (second,) = import_all(hudoc, tmp_path)
    assert second.report is not None
    change = find_source_change(second.report)
    assert change is not None
    assert change.paragraphs == (TextChange("5", "", "X"), TextChange("7", "D", ""), TextChange("8", "", "E"))
    hudoc.texts[f"{base}-3"] = section_page(*(f"{number}. {text}" for number, text in enumerate("AXBCF", 4)))
    (third,) = import_all(hudoc, tmp_path)
    assert third.report is not None
    change = find_source_change(third.report)
    assert change is not None
    assert change.paragraphs == (TextChange("8", "E", "F"),)


def test_a_source_whose_numbers_alone_changed_says_so(hudoc: HudocServer, tmp_path: Path, client: Any) -> None:
    base = add_report(hudoc, "NO")
    import_all(hudoc, tmp_path)
    hudoc.texts[f"{base}-3"] = section_page("5. GREVIO encourages the authorities to open shelters in all regions.")
    (second,) = import_all(hudoc, tmp_path)
    assert second.report is not None
    client.force_login(make_account(Role.EDITOR))
    page = client.get(reverse("monitoring:report-details", args=[second.report.public_id])).content.decode()
    assert "only numbers or the layout have changed" in page


def test_a_deleted_draft_is_not_imported_again_and_an_old_text_is_recognised(
    hudoc: HudocServer, tmp_path: Path
) -> None:
    base = add_report(hudoc, "NO")
    (first,) = import_all(hudoc, tmp_path)
    assert first.report is not None
    first.report.document.delete()
    (again,) = import_all(hudoc, tmp_path)
    assert (again.status, again.report) == (HarvestStatus.UNCHANGED, None)
    before = hudoc.texts[f"{base}-3"]
    hudoc.texts[f"{base}-3"] = section_page("4. GREVIO invites the authorities to open shelters.")
    assert import_all(hudoc, tmp_path)[0].status is HarvestStatus.CHANGED
    hudoc.texts[f"{base}-3"] = before
    (back,) = import_all(hudoc, tmp_path)
    assert back.status is HarvestStatus.UNCHANGED
    assert back.message.startswith("It is again as it was on ")


def test_a_report_that_was_uploaded_before_is_not_imported_a_second_time(hudoc: HudocServer, tmp_path: Path) -> None:

    uploaded = make_report(b"uploaded")
    uploaded.document.state_id, uploaded.document.reference = "NO", "GREVIO/Inf(2026)1"
    uploaded.document.save()
    add_report(hudoc, "NO")
    (result,) = import_all(hudoc, tmp_path)
    assert (result.status, result.report) == (HarvestStatus.HERE, uploaded)
    assert Report.everything.count() == 1


def test_an_uploaded_report_on_another_state_and_a_text_of_another_site_are_not_the_same(
    hudoc: HudocServer, tmp_path: Path
) -> None:
    uploaded = make_report(b"uploaded")
    uploaded.document.state_id, uploaded.document.reference = "SE", "GREVIO/Inf(2026)1"
    uploaded.document.save()
    add_report(hudoc, "NO")
    (result,) = import_all(hudoc, tmp_path)
    assert (result.status, result.report == uploaded) == (HarvestStatus.NEW, False)
    SourceVersion.objects.update(site="greta")
    assert import_all(hudoc, tmp_path)[0].status is HarvestStatus.NEW


def test_a_report_that_is_here_in_another_language_is_not_counted_twice(hudoc: HudocServer, tmp_path: Path) -> None:
    base = add_report(hudoc, "NO")
    french = base.removesuffix("Eng") + "Fre"
    hudoc.items += [(item[0].replace(base, french), *item[1:]) for item in hudoc.items]
    hudoc.texts |= {key.replace(base, french): text for key, text in hudoc.texts.items()}
    english, other = import_all(hudoc, tmp_path)
    assert (english.status, other.status, other.report) == (HarvestStatus.NEW, HarvestStatus.HERE, english.report)
    assert other.message == "It is here in another language (en)."
    assert Report.everything.count() == SourceVersion.objects.count() == 1


def test_an_import_that_was_killed_after_its_report_is_finished(hudoc: HudocServer, tmp_path: Path) -> None:
    add_report(hudoc, "NO")
    (first,) = import_all(hudoc, tmp_path)
    SourceVersion.objects.all().delete()
    (again,) = import_all(hudoc, tmp_path)
    assert (again.status, again.report) == (HarvestStatus.NEW, first.report)
    assert SourceVersion.objects.get().report == first.report


def test_an_identifier_that_the_publisher_respells_is_the_same_source(hudoc: HudocServer, tmp_path: Path) -> None:
    base = add_report(hudoc, "NO")
    import_all(hudoc, tmp_path)
    other = base.replace("_Eng", "-eng").replace("Norway_", "Norway ")
    hudoc.items = [(item[0].replace(base, other), *item[1:]) for item in hudoc.items]
    hudoc.texts = {key.replace(base, other): text for key, text in hudoc.texts.items()}
    (result,) = import_all(hudoc, tmp_path)
    assert result.status is HarvestStatus.UNCHANGED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--state", "ZZ"], "not a country code"),
        (["--since", "soon"], "Enter a full date, for example 2019-06-04"),
        (["--since", "2999-01-01"], "in the future"),
        (["grevio", "../grevio"], "not a supported HUDOC site. Nothing was fetched. Choose one of grevio, greta"),
        (["--interval", "-1"], "“-1” is not a number from 0 to 100,000"),
    ],
)
def test_wrong_usage_fetches_nothing(hudoc: HudocServer, settings: Any, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("harvest", "--address", hudoc.address, *arguments, stderr=io.StringIO())
    assert hudoc.requests == []
    assert not (settings.DATA / "harvest").exists()


@pytest.mark.usefixtures("quick_reading")
@pytest.mark.parametrize(
    ("error", "message"),
    [(OSError(errno.ENOSPC, "No space left on device"), "the disk is full"), (KeyboardInterrupt(), "stopped")],
)
def test_a_harvest_that_ends_early_says_what_was_kept(
    hudoc: HudocServer, monkeypatch: pytest.MonkeyPatch, error: BaseException, message: str
) -> None:
    add_report(hudoc, "NO")

    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(command, "import_harvested", fail)
    with pytest.raises(CommandError, match=f"{message}.*What has arrived is kept. Run the command again"):
        call_command("harvest", "--address", hudoc.address, "--interval", "0", stdout=io.StringIO())


def test_a_folder_that_cannot_be_used_is_named(hudoc: HudocServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    output = run_command(hudoc, "--folder", str(tmp_path / "file"), expects_failure=True)
    assert "grevio: Nothing can be saved in the folder" in output
    assert hudoc.requests == []
