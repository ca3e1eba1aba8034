"""A draft goes to Word and comes back with every word, whatever was written and however it was edited."""

from __future__ import annotations

import copy
import dataclasses
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsvar.implementation.drafts import (
    Block,
    Draft,
    DraftSection,
    FieldContent,
    Quotation,
    Record,
    RecordKey,
    RecordKind,
    compare_fields,
    find_gaps,
    start_section,
)
from samsvar.implementation.forms import Variant, find_form
from samsvar.interchange import report_back_docx
from samsvar.interchange.report_back_docx import (
    DamagedDraftFile,
    DraftFileTooLarge,
    EditedDraft,
    FileOfAnotherDraft,
    NotADraftFile,
    Note,
    NoteKind,
    match_sections,
    read_draft_docx,
    write_draft_docx,
)

FORM = find_form("report-back")
ANNEXES = find_form("state-report-annexes")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LAW = Record(RecordKey(RecordKind.MEASURE, "a1"), "1", "Act on barring orders: done on 1 March 2026.", "measure a1")
SHELTER = Record(RecordKey(RecordKind.MEASURE, "b2"), "1", "Shelter in the north: under way.", "measure b2")
SECOND = FieldContent("measures", (Block("Second."),))
QUOTATION = Quotation("f1", "The body urges the authorities:\na) to act;\nb) to count.", "GREVIO 2025 § 30, p. 5", "en")


def make_draft(*fields: FieldContent, language: str = "en") -> Draft:
    return Draft(
        "d1", 3, "XA", "Report on measures taken", language, FORM.form_id, FORM.version, Variant.FULL,
        (
            DraftSection("s1", "finding", "1. Barring orders", 4, QUOTATION, fields),
            DraftSection("s2", "finding", "2. Shelters", 1, QUOTATION, (SECOND,)),
        ),
    )  # fmt: skip


def read(content: bytes, draft: Draft, form: Any = FORM, **options: Any) -> EditedDraft:
    """Read in this process, which is faster than in a child."""
    return match_sections(report_back_docx._read_marks(content), draft, form, **options)


def edit(content: bytes, change: Any) -> bytes:
    document = Document(io.BytesIO(content))
    change(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def rewrite(content: bytes, name: str, change: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, change(data.decode()).encode() if member == name else data)
    return buffer.getvalue()


def paragraph_of(document: Any, text: str) -> Any:
    return next(one for one in document.paragraphs if text in one.text)


# --- The round trip ---------------------------------------------------------------------------------------------------

ANY_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
LINES = st.lists(
    st.one_of(ANY_TEXT, ANY_TEXT.map("- {}".format), ANY_TEXT.map("  - {}".format), ANY_TEXT.map("    - {}".format),
              ANY_TEXT.map("      - {}".format), ANY_TEXT.map("1. {}".format), st.just(""), st.just("svs_s1_1")),
    max_size=6,
).map("\n".join)  # fmt: skip
RECORDS = st.builds(
    Record,
    st.just(RecordKey(RecordKind.MEASURE, "a1")),
    st.just("1"),
    LINES.filter(lambda text: text.strip()),
    ANY_TEXT,
)
BLOCKS = st.one_of(
    st.builds(Block, LINES), RECORDS.map(lambda record: Block(record.text, record)),
    st.builds(Block, LINES.filter(lambda text: text.strip()), RECORDS),
)  # fmt: skip
FIELDS = ["measures", "effect", "evidence", "remains", "consulted", "owner"]
SECTIONS = st.lists(
    st.builds(
        lambda heading, quoted, blocks: DraftSection(
            "", "finding", heading, 4, Quotation("f1", quoted, heading, "en"),
            tuple(map(FieldContent, FIELDS, blocks)),
        ),
        ANY_TEXT, LINES, st.lists(st.lists(BLOCKS, max_size=3).map(tuple), max_size=6),
    ),
    min_size=1, max_size=8,
)  # fmt: skip
# Few examples, each with many sections and rows: a document takes 0.1 s to open, whatever is in it
FEW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=15)


@FEW
@given(SECTIONS, ANY_TEXT)
def test_the_round_trip_loses_nothing_whatever_was_written(sections, title):
    numbered = [dataclasses.replace(section, section_id=f"s{number}") for number, section in enumerate(sections)]
    draft = dataclasses.replace(make_draft(), title=title, sections=tuple(numbered))
    edited = read(write_draft_docx(draft, FORM, subtitle_lines=[title]), draft, subtitle_lines=[title])
    assert [(one.section_id, one.version, one.fields) for one in edited.sections] == [
        (one.section_id, one.version, one.fields) for one in draft.sections
    ]
    assert (edited.notes, edited.missing) == ((), ())


@FEW
@given(st.lists(st.lists(LINES, min_size=7, max_size=7), max_size=4))
def test_the_round_trip_of_a_table_keeps_every_cell(rows):
    content = FieldContent("initial", (Block("Text"),), tuple(map(tuple, rows)))
    section = DraftSection("s1", "training", "Training", fields=(content,))
    draft = Draft("d1", 1, "XA", "Annexes", "en", ANNEXES.form_id, ANNEXES.version, Variant.FULL, (section,))
    edited = read(write_draft_docx(draft, ANNEXES), draft, ANNEXES)
    assert edited.sections[0].fields == section.fields
    assert edited.notes == ()


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
def test_the_prepared_annexes_come_back_in_every_language_and_each_gap_is_a_comment(language):
    sections = tuple(
        start_section(part, section_id=f"s{number}", language=language) for number, part in enumerate(ANNEXES.parts)
    )
    draft = Draft("d1", 1, "XA", "A", language, ANNEXES.form_id, ANNEXES.version, Variant.FULL, sections)
    content = write_draft_docx(draft, ANNEXES)
    assert len(list(Document(io.BytesIO(content)).comments)) == 4
    edited = read_draft_docx(content, draft, ANNEXES)  # in a child process
    assert [one.fields for one in edited.sections] == [one.fields for one in sections]
    assert edited.notes == ()


# --- The file ---------------------------------------------------------------------------------------------------------


def test_the_file_has_headings_the_quotation_citations_and_gaps_as_comments():
    draft = make_draft(FieldContent("measures", (Block(LAW.text, LAW), Block("In force."), Block("Changed.", SHELTER))))
    document = Document(io.BytesIO(write_draft_docx(draft, FORM)))
    texts = [(one.style.name, one.text) for one in document.paragraphs]
    assert texts[:10] == [
        ("Title", "Report on measures taken"),
        ("Heading 1", "1. Barring orders"),
        ("Quote", "The body urges the authorities:"),
        ("Quote", "a) to act;"),
        ("Quote", "b) to count."),
        ("Caption", "GREVIO 2025 § 30, p. 5"),
        ("Heading 2", "Measures taken"),
        ("Normal", "Act on barring orders: done on 1 March 2026. [measure a1]"),
        ("Normal", "In force."),
        ("Normal", "Changed. [measure b2, edited]"),
    ]
    comments = [comment.text for comment in document.comments]
    assert comments[0] == "No effect or figure is given. If there are no figures, say why."
    assert len(comments) == 8
    assert {comment.author for comment in document.comments} == {"Samsvar"}


def test_a_file_to_submit_has_neither_comments_nor_internal_fields():
    draft = make_draft(FieldContent("owner", (Block("Ask the ministry again"),)))
    document = Document(io.BytesIO(write_draft_docx(draft, FORM, gaps=(), include_internal=False)))
    assert not list(document.comments)
    assert not any("Ask the ministry" in one.text or "Internal" in one.text for one in document.paragraphs)


def test_a_field_that_the_variant_does_not_print_is_kept_when_the_file_comes_back():
    draft = make_draft(FieldContent("measures", (Block("One."),)), FieldContent("remains", (Block("Much."),)))
    short = dataclasses.replace(draft, variant=Variant.SHORT)
    edited = read(write_draft_docx(short, FORM), short)
    assert edited.sections[0].fields == draft.sections[0].fields


# --- Editing ----------------------------------------------------------------------------------------------------------


def test_text_that_someone_types_lands_in_its_field_and_the_difference_is_shown():
    draft = make_draft(FieldContent("measures", (Block("The act is in force."), Block(LAW.text, LAW))))

    def change(document):
        paragraph_of(document, "The act is").runs[0].text = "The new act is in force."
        paragraph_of(document, "Measures taken").insert_paragraph_before("Typed before the label.")
        paragraph_of(document, LAW.text).runs[0].text = "Act on barring orders, in force."
        paragraph_of(document, "Effect and figures").insert_paragraph_before("A new item", style="List Bullet")

    edited = read(edit(write_draft_docx(draft, FORM), change), draft)
    assert edited.sections[0].fields == (
        FieldContent(
            "measures",
            (Block("The new act is in force."), Block("Act on barring orders, in force.", LAW), Block("- A new item")),
        ),
    )
    assert edited.notes == (Note(NoteKind.HEADING, "s1", "Typed before the label."),)
    assert [one.field_id for one in compare_fields(draft.sections[0].fields, edited.sections[0].fields)] == ["measures"]


def test_a_deleted_sentence_of_a_record_is_gone_and_a_moved_one_still_cites_it():
    draft = make_draft(FieldContent("measures", (Block(LAW.text, LAW), Block(SHELTER.text, SHELTER))))

    def change(document):
        paragraph_of(document, LAW.text)._p.getparent().remove(paragraph_of(document, LAW.text)._p)
        moved = paragraph_of(document, SHELTER.text)._p
        paragraph_of(document, "Effect and figures")._p.addnext(moved)

    edited = read(edit(write_draft_docx(draft, FORM), change), draft)
    assert edited.sections[0].fields == (FieldContent("effect", (Block(SHELTER.text, SHELTER),)),)


def test_tracked_changes_are_accepted():
    draft = make_draft(FieldContent("measures", (Block("Old words here.\nSecond line."), Block(LAW.text, LAW))))

    def change(document):
        line, second = paragraph_of(document, "Old words"), paragraph_of(document, "Second line")
        track(line.runs[0]._r, "del")
        inserted = copy.deepcopy(second.runs[0]._r)
        inserted.find(f"{W}t").text = "New words."
        line._p.append(inserted)
        track(inserted, "ins")
        record = paragraph_of(document, LAW.text)
        for run in list(record.runs):
            track(run._r, "del")
        mark_end_deleted(record._p)
        moved = copy.deepcopy(second._p)
        second._p.addprevious(moved)
        track(moved.find(f"{W}r"), "moveFrom")
        mark_end_deleted(moved, "moveFrom")

    edited = read(edit(write_draft_docx(draft, FORM), change), draft)
    assert edited.sections[0].fields == (FieldContent("measures", (Block("New words.\nSecond line."),)),)
    assert edited.notes == ()


def test_a_line_end_deleted_by_a_tracked_change_joins_two_lines():
    draft = make_draft(FieldContent("measures", (Block("First half\nsecond half."),)))

    def change(document):
        mark_end_deleted(paragraph_of(document, "First half")._p)

    edited = read(edit(write_draft_docx(draft, FORM), change), draft)
    assert edited.sections[0].fields[0].text == "First halfsecond half."


def track(run, name):
    wrapper = run.makeelement(f"{W}{name}", {f"{W}id": "900", f"{W}author": "A"})
    run.addprevious(wrapper)
    wrapper.append(run)
    if name == "del":
        for text in run.iter(f"{W}t"):
            text.tag = f"{W}delText"


def mark_end_deleted(paragraph, name="del"):
    properties = paragraph.get_or_add_pPr()
    run_properties = properties.makeelement(f"{W}rPr", {})
    run_properties.append(properties.makeelement(f"{W}{name}", {f"{W}id": "901", f"{W}author": "A"}))
    properties.append(run_properties)


def test_comments_of_people_are_kept_as_notes_and_ours_are_not():
    draft = make_draft(FieldContent("measures", (Block("The act is in force."),)))

    def change(document):
        run = paragraph_of(document, "The act is").runs
        document.add_comment(run, text="Since which day?\nAsk the ministry.", author="Desk officer", initials="DO")
        document.add_comment(run, text="Not one of our gaps", author="Samsvar", initials="S")

    edited = read(edit(write_draft_docx(draft, FORM), change), draft)
    assert edited.sections[0].fields == draft.sections[0].fields
    assert set(edited.notes) == {
        Note(NoteKind.COMMENT, "s1", "Since which day?\nAsk the ministry.", "Desk officer"),
        Note(NoteKind.COMMENT, "s1", "Not one of our gaps", "Samsvar"),
    }


def test_text_boxes_footnotes_and_tables_of_another_shape_become_notes():
    draft = make_draft(FieldContent("measures", (Block("The act is in force."),)))

    def change(document):
        paragraph = paragraph_of(document, "The act is")
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).text, table.cell(1, 1).text = "Year", "12"
        paragraph._p.addnext(table._tbl)
        run = paragraph.add_run()
        box = run._r.makeelement(f"{W}txbxContent", {})
        box.append(copy.deepcopy(paragraph_of(document, "Second.")._p))
        run._r.append(box)
        run._r.append(run._r.makeelement(f"{W}footnoteReference", {f"{W}id": "7"}))

    def add_footnote(content):
        text = '<w:footnote w:id="7"><w:p><w:r><w:t>OJ 4.</w:t></w:r></w:p></w:footnote>'
        note = f'<w:footnotes xmlns:w="{W[1:-1]}">{text}</w:footnotes>'
        buffer = io.BytesIO(content)
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr("word/footnotes.xml", note)
        return buffer.getvalue()

    edited = read(add_footnote(edit(write_draft_docx(draft, FORM), change)), draft)
    assert edited.sections[0].fields == draft.sections[0].fields
    assert set(edited.notes) == {
        Note(NoteKind.TEXT_BOX, "s1", "Second."),
        Note(NoteKind.FOOTNOTE, "s1", "OJ 4."),
        Note(NoteKind.TABLE, "s1", "Year | \n | 12"),
    }


def test_a_changed_heading_or_quotation_is_a_note_and_the_draft_s_own_stays():
    draft = make_draft(FieldContent("measures", (Block("One."),)))

    def change(document):
        paragraph_of(document, "1. Barring orders").runs[0].text = "1. Orders that bar"
        paragraph_of(document, "a) to act;").runs[0].text = "a) to do nothing;"

    edited = read(edit(write_draft_docx(draft, FORM), change), draft)
    assert edited.sections[0].fields == draft.sections[0].fields
    assert [(one.kind, one.text) for one in edited.notes] == [
        (NoteKind.HEADING, "1. Orders that bar"),
        (NoteKind.HEADING, "a) to do nothing;"),
    ]


def test_a_deleted_section_is_named_and_not_emptied():
    draft = make_draft(FieldContent("measures", (Block("One."),)))

    def change(document):
        body = document.element.body
        start = paragraph_of(document, "2. Shelters")._p
        for element in [start, *start.itersiblings()]:
            if element.tag == f"{W}p":
                body.remove(element)

    edited = read(edit(write_draft_docx(draft, FORM), change), draft)
    assert [one.section_id for one in edited.sections] == ["s1"]
    assert edited.missing == ("s2",)


def test_a_section_saved_since_the_export_is_compared_with_the_exported_one():
    draft = make_draft(FieldContent("measures", (Block(LAW.text, LAW), Block("And."))))
    content = write_draft_docx(draft, FORM)
    exported = draft.sections[0]
    newer = dataclasses.replace(exported, version=5, fields=(FieldContent("measures", (Block("All new."),)),))
    now = dataclasses.replace(draft, sections=(newer, draft.sections[1]))
    edited = read(content, now, find_section=lambda section_id, version: exported if version == 4 else None)
    assert (edited.sections[0].version, edited.sections[0].fields) == (4, exported.fields)


def test_a_numbered_list_of_word_keeps_its_numbers():
    draft = make_draft(FieldContent("measures", (Block("One."),)))

    def change(document):
        label = paragraph_of(document, "Effect and figures")
        for text in ("Law", "Decree"):
            label.insert_paragraph_before(text, style="List Number")

    edited = read(edit(write_draft_docx(draft, FORM), change), draft)
    assert edited.sections[0].fields[0].text == "One.\n1. Law\n2. Decree"


# --- LibreOffice ------------------------------------------------------------------------------------------------------

# `LIBREOFFICE_DRAFT` as exported, then opened in LibreOffice 25.2, edited there and saved as DOCX again: a sentence was
# changed and has a comment, another has a footnote, words were inserted and deleted as tracked changes.
LIBREOFFICE = Path(__file__).parent / "libreoffice" / "edited_report_back.docx"
LIBREOFFICE_DRAFT = make_draft(
    FieldContent("measures", (
        Block("Own words after.\n- one\n  - one a\n    - one a i\n- two\n\nBehind a\ttab."), Block(LAW.text, LAW),
        Block("Between."), Block("Shelter in the north: almost open.", SHELTER),
    )),
    FieldContent("remains", (Block("  Two  spaces, and - a hyphen "),)),
)  # fmt: skip


def test_a_file_saved_by_libreoffice_differs_only_where_someone_edited_it():
    edited = read(LIBREOFFICE.read_bytes(), LIBREOFFICE_DRAFT)
    measures, remains = edited.sections[0].fields
    assert [(block.text, block.record) for block in measures.blocks] == [
        ("Own words inserted.\n- one\n  - one a\n    - one a i\n- two\n\nBehind a\ttab.", None),
        (LAW.text, LAW),
        ("Between, as edited in LibreOffice.\nA new line.", None),
        ("Shelter in the north: almost open, says the county.", SHELTER),
    ]
    assert remains == LIBREOFFICE_DRAFT.sections[0].field("remains")
    assert edited.sections[1].fields == LIBREOFFICE_DRAFT.sections[1].fields
    assert edited.missing == ()
    assert edited.notes == (  # and none of our comments on gaps, which are still in the file
        Note(NoteKind.COMMENT, "s1", "Since when?\nSecond line", "Minister’s office"),
        Note(NoteKind.FOOTNOTE, "s1", "Letter of the county."),
    )
    comments = [one.text for one in Document(io.BytesIO(LIBREOFFICE.read_bytes())).comments if one.author == "Samsvar"]
    assert comments == [gap.text for gap in find_gaps(LIBREOFFICE_DRAFT, FORM)]


def test_spaces_at_the_end_of_a_line_of_a_cell_are_no_difference_because_libreoffice_drops_them():
    written = FieldContent("initial", rows=(("Judges \nand prosecutors\t", "yes", "", "", "", "", ""),))
    read_back = FieldContent("initial", rows=(("Judges\nand prosecutors", "yes", "", "", "", "", ""),))
    assert compare_fields([written], [read_back]) == ()


@pytest.mark.parametrize(("form", "across"), [(FORM, False), (ANNEXES, True)])
def test_pages_are_a4_and_lie_across_where_a_table_is_wide(form, across):
    sections = tuple(
        start_section(part, section_id=f"s{number}", language="en") for number, part in enumerate(form.parts)
    )
    draft = Draft("d1", 1, "XA", "Title", "en", form.form_id, form.version, Variant.FULL, sections)
    document = Document(io.BytesIO(write_draft_docx(draft, form)))
    (page,) = document.sections
    size = (round(page.page_width.mm), round(page.page_height.mm))
    assert size == ((297, 210) if across else (210, 297))
    text_width = page.page_width - page.left_margin - page.right_margin
    for table in document.tables:
        assert sum(column.width for column in table.columns) <= text_width + Mm(1)  # widths are rounded


# --- Files that are refused -------------------------------------------------------------------------------------------


def test_a_file_of_another_draft_or_version_is_refused_by_name():
    draft = make_draft(FieldContent("measures", (Block("One."),)))
    content = write_draft_docx(draft, FORM)
    for other in (dataclasses.replace(draft, draft_id="d2"), dataclasses.replace(draft, number=4)):
        with pytest.raises(FileOfAnotherDraft) as caught:
            read_draft_docx(content, other, FORM)
        assert (caught.value.draft_id, caught.value.number) == ("d1", 3)


def test_a_document_without_marks_is_no_draft():
    document = Document()
    document.add_paragraph("Minutes of a meeting")
    buffer = io.BytesIO()
    document.save(buffer)
    with pytest.raises(NotADraftFile):
        read_draft_docx(buffer.getvalue(), make_draft(), FORM)


BOMB = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"%PDF-1.7",
        lambda content: content[: len(content) // 2],
        lambda content: rewrite(content, "word/document.xml", lambda text: text[: len(text) // 2]),
        lambda content: rewrite(content, "word/document.xml", lambda text: "<w/>"),
        lambda content: rewrite(content, "word/comments.xml", lambda text: text.replace("<w:comment ", "<")),
    ],
)
def test_a_damaged_file_is_refused_by_name(damage):
    draft = make_draft()
    with pytest.raises(DamagedDraftFile):
        read_draft_docx(damage(write_draft_docx(draft, FORM)), draft, FORM)


def test_a_file_that_unpacks_to_too_much_is_refused_without_unpacking_it(monkeypatch):
    draft = make_draft()
    content = write_draft_docx(draft, FORM)
    monkeypatch.setattr(report_back_docx, "MAX_PART_BYTES", 10_000)
    with pytest.raises(DraftFileTooLarge):
        read(content, draft)
    monkeypatch.undo()
    monkeypatch.setattr(report_back_docx, "MAX_PARAGRAPHS", 10)
    with pytest.raises(DraftFileTooLarge):
        read(content, draft)


def test_entities_are_not_expanded():
    draft = make_draft(FieldContent("measures", (Block("Entity here."),)))

    def change(text):
        return re.sub(r"(<\?xml[^>]*\?>)", rf"\1{BOMB}", text).replace("Entity here.", "Entity &b; here.")

    content = rewrite(write_draft_docx(draft, FORM), "word/document.xml", change)
    text = read(content, draft).sections[0].fields[0].text
    assert "aaaa" not in text
