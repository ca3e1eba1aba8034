"""Tests of the files made for one ask: what is written is read back, and a file that does not belong is refused."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from samsvar.errors import UnreadableTable
from samsvar.implementation.asks import AskAnswer, AskQuestion, clean_answer
from samsvar.interchange.ask_documents import (
    FIELDS,
    MAX_FILE_BYTES,
    AskDocumentTexts,
    AskForm,
    DocumentOfAnotherAsk,
    DocumentOfOlderEdition,
    NotAnAskDocument,
    QuestionChanged,
    QuestionMissing,
    QuestionRepeated,
    read_ask_document,
    write_ask_docx,
    write_ask_xlsx,
)

TEXTS = AskDocumentTexts(
    language="nb",
    title="Spørsmål til Politidirektoratet",
    instructions=("Fyll ut de hvite feltene.", "Lag ikke nye rader."),
    number="Nr.",
    finding="Funn",
    question="Spørsmål",
    fields={"text": "Svar", "figures": "Tall", "evidence": "Lenker", "no_answer_because": "Ikke svar fordi"},
    key="Nøkkel",
    reference="Referanse",
)
QUESTIONS = (
    AskQuestion("aaaaaaaaaaaaaaa1", "What has been done?", "GREVIO 2022, paragraph 21", "The authorities\nshould act."),
    AskQuestion("aaaaaaaaaaaaaaa2", "How many places are there?"),
)
FORM = AskForm("0123456789abcdef", 2, QUESTIONS)
ANSWERS = {
    QUESTIONS[0].id: AskAnswer(
        "=1+1 _x0041_\n\tand Ș 乙", "74 places (2025)\n0 in the north", ("https://example.org/a",)
    ),
    QUESTIONS[1].id: AskAnswer(no_answer_because="Not collected before 2027."),
}
WRITERS = pytest.mark.parametrize("write", [write_ask_xlsx, write_ask_docx])

TEXT = some.text(some.characters(codec="utf-8"), max_size=60)
ANSWER = some.builds(
    clean_answer, TEXT, TEXT, some.lists(TEXT.map(lambda text: "".join(text.split())), max_size=3), TEXT
)
ASKED = some.builds(AskQuestion, some.just(""), TEXT, TEXT, TEXT)


@WRITERS
@settings(max_examples=20)  # writing a DOCX takes 40 ms
@given(some.lists(some.tuples(ASKED, ANSWER), min_size=1, max_size=3))
def test_a_file_is_read_back_unchanged(write, pairs):
    questions = tuple(replace(question, id=f"{place:016x}") for place, (question, _answer) in enumerate(pairs))
    answers = {question.id: answer for question, (_asked, answer) in zip(questions, pairs, strict=True)}
    form = AskForm("0123456789abcdef", 1, questions)
    assert read_ask_document(write(form, answers, TEXTS), form) == answers


@WRITERS
def test_formulas_escapes_and_other_scripts_are_read_back_as_they_were_typed(write):
    assert read_ask_document(write(FORM, ANSWERS, TEXTS), FORM) == ANSWERS


@WRITERS
def test_a_file_without_answers_is_read_as_empty_answers(write):
    assert read_ask_document(write(FORM, {}, TEXTS), FORM) == {one.id: AskAnswer() for one in QUESTIONS}


@WRITERS
def test_a_file_of_another_ask_is_refused(write):
    other = replace(FORM, ask_id="f" * 16)
    with pytest.raises(DocumentOfAnotherAsk):
        read_ask_document(write(other, ANSWERS, TEXTS), FORM)


@WRITERS
@pytest.mark.parametrize("earlier", [replace(FORM, edition=1), replace(FORM, questions=QUESTIONS[:1])])
def test_a_file_of_an_older_edition_or_with_other_questions_is_refused(write, earlier):
    with pytest.raises(DocumentOfOlderEdition):
        read_ask_document(write(earlier, ANSWERS, TEXTS), FORM)


def test_a_workbook_in_which_a_question_was_reworded_is_refused_with_its_number():
    content = _replace_in_archive(write_ask_xlsx(FORM, ANSWERS, TEXTS), b"How many places", b"How few places")
    with pytest.raises(QuestionChanged) as raised:
        read_ask_document(content, FORM)
    assert raised.value.number == 2


def test_a_word_document_in_which_a_question_was_reworded_is_refused_with_its_number():
    content = _replace_in_archive(write_ask_docx(FORM, ANSWERS, TEXTS), b"should act.", b"should wait.")
    with pytest.raises(QuestionChanged) as raised:
        read_ask_document(content, FORM)
    assert raised.value.number == 1


def test_a_word_document_without_a_question_or_with_one_twice_is_refused():
    document = _open_docx(write_ask_docx(FORM, ANSWERS, TEXTS))
    first, second = document.tables
    second._tbl.getparent().remove(second._tbl)
    with pytest.raises(QuestionMissing) as missing:
        read_ask_document(_save_docx(document), FORM)
    assert missing.value.number == 2
    document = _open_docx(write_ask_docx(FORM, ANSWERS, TEXTS))
    first, second = document.tables
    second.rows[0].cells[0].text = first.rows[0].cells[0].text
    with pytest.raises(QuestionRepeated) as repeated:
        read_ask_document(_save_docx(document), FORM)
    assert repeated.value.number == 1


def test_a_word_document_from_which_a_field_was_removed_is_refused():
    document = _open_docx(write_ask_docx(FORM, ANSWERS, TEXTS))
    row = document.tables[0].rows[2]._tr
    row.getparent().remove(row)
    with pytest.raises(QuestionMissing):
        read_ask_document(_save_docx(document), FORM)


def test_answers_typed_with_tracked_changes_are_read_as_if_the_changes_were_accepted():
    tracked = (
        b'<w:ins w:id="1" w:author="A"><w:r><w:t xml:space="preserve">Not collected </w:t></w:r></w:ins>'
        b'<w:del w:id="2" w:author="A"><w:r><w:delText>before</w:delText></w:r></w:del>'
        b"<w:r><w:t>until 2027.</w:t></w:r>"
    )
    run = b"<w:r><w:t>Not collected before 2027.</w:t></w:r>"
    content = _replace_in_archive(write_ask_docx(FORM, ANSWERS, TEXTS), run, tracked)
    assert read_ask_document(content, FORM)[QUESTIONS[1].id].no_answer_because == "Not collected until 2027."


def test_only_the_cells_of_answers_can_be_edited_in_the_workbook():
    with zipfile.ZipFile(io.BytesIO(write_ask_xlsx(FORM, {}, TEXTS))) as archive:
        sheet, styles = archive.read("xl/worksheets/sheet1.xml"), archive.read("xl/styles.xml")
    assert b"<sheetProtection" in sheet
    assert styles.count(b'<protection locked="0"/>') == 1
    unlocked = [b"<protection" in style for style in styles.split(b"<cellXfs")[1].split(b"<xf ")[1:]].index(True)
    assert sheet.count(b's="%d"' % unlocked) == len(QUESTIONS) * len(FIELDS)


def test_the_files_of_another_program_and_damaged_ones_are_refused():
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        workbook.add_worksheet().write_string(0, 0, "Hello")
    with pytest.raises(NotAnAskDocument):
        read_ask_document(buffer.getvalue(), FORM)
    word = write_ask_docx(FORM, ANSWERS, TEXTS)
    for damaged in (word[: len(word) // 2], b"PK\x03\x04word/document.xml", b"%PDF-1.7", b""):
        with pytest.raises(UnreadableTable):
            read_ask_document(damaged, FORM)
    with pytest.raises(UnreadableTable) as too_large:
        read_ask_document(b"PK" + bytes(MAX_FILE_BYTES), FORM)
    assert too_large.value.code == "table_too_large"


def test_a_word_document_that_unpacks_to_gigabytes_is_refused_within_the_limits():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" + b" " * 120_000_000 + b"</a>")
    with pytest.raises(UnreadableTable):
        read_ask_document(buffer.getvalue(), FORM)


def test_the_documents_have_a_language_and_a_table_header_for_screen_readers():
    with zipfile.ZipFile(io.BytesIO(write_ask_docx(FORM, ANSWERS, TEXTS))) as archive:
        assert b'w:val="nb"' in archive.read("word/styles.xml")
        assert archive.read("word/document.xml").count(b"<w:tblHeader") == len(QUESTIONS)


def _replace_in_archive(content: bytes, before: bytes, after: bytes) -> bytes:
    buffer, count = io.BytesIO(), 0
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            text = old.read(member)
            count += text.count(before)
            new.writestr(member, text.replace(before, after))
    assert count == 1
    return buffer.getvalue()


def _open_docx(content: bytes):
    from docx import Document

    return Document(io.BytesIO(content))


def _save_docx(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
