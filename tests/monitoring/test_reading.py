"""Files become pages of lines, or are rejected with a named error."""

from __future__ import annotations

import io
import zipfile

import pytest

from samsvar.errors import (
    EmptyReport,
    EncryptedReport,
    MonitoringError,
    NoSuchPage,
    OcrRequired,
    ReportTooLarge,
    UnknownFormat,
    UnreadableReport,
)
from samsvar.monitoring import reading
from samsvar.monitoring.reading import detect_format, read_pages, render_page
from samsvar.monitoring.report import SetAsideReason
from tests.monitoring.papers import broken_pdf, locked_pdf, make_docx, make_pdf, scanned_pdf


def line_texts(content: bytes) -> list[str]:
    return [line.text for page in read_pages(content, "x").pages for line in page.lines]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\n\n%PDF-1.4", "pdf"),
        (b"1 0 obj << /Type /Catalog >> endobj", "pdf"),
        (b"<!DOCTYPE html><p>a</p>", "html"),
        (b"\xef\xbb\xbf <html lang=en>", "html"),
        ("1. GREVIO salue l’ouverture d’un refuge.".encode(), "text"),
        ("a < b and p > q".encode("utf-16"), "text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word, Excel or PowerPoint file"),
        (b"\x89PNG\r\n", "a picture"),
    ],
)
def test_the_format_of_a_file_is_recognised_by_its_first_bytes(content, kind):
    assert detect_format(content) == kind


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyReport),
        (b" \r\n\0\0", EmptyReport),
        (broken_pdf(), UnreadableReport),
        (locked_pdf(), EncryptedReport),
        (scanned_pdf(), OcrRequired),
        (make_pdf("", head="#set page(width: 200pt, height: 200pt)\n"), EmptyReport),
        (b"{\\rtf1 hello}", UnknownFormat),
        (b"PK\x03\x04 something else", UnknownFormat),
        (b"\x01\x02\x03\x04\x05" * 40, UnknownFormat),
        (b"PK\x03\x04 word/document.xml but no archive", UnreadableReport),
        (b"<html><body></body></html>", EmptyReport),
    ],
)
def test_an_unreadable_file_is_rejected_with_a_named_error_and_advice(content, error):
    with pytest.raises(error) as refused:
        read_pages(content, "x")
    assert refused.value.effect == "Nothing was saved."
    assert refused.value.advice
    assert "“x”" in str(refused.value)


def test_the_error_for_a_scan_advises_adding_a_text_layer():
    with pytest.raises(OcrRequired) as refused:
        read_pages(scanned_pdf(), "scan.pdf")
    assert "ocrmypdf" in refused.value.advice


def test_a_text_file_with_the_name_of_a_pdf_is_rejected():
    with pytest.raises(UnreadableReport):
        read_pages(b"404 not found", "report.pdf")
    assert line_texts(b"404 not found") == ["404 not found"]


def test_a_file_above_the_limit_is_too_large(monkeypatch):
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 10)
    with pytest.raises(ReportTooLarge):
        read_pages(b"more than ten bytes", "x")


def test_an_archive_that_unpacks_to_more_than_the_limit_is_too_large(monkeypatch):
    from samsvar.monitoring import docx as word_module

    monkeypatch.setattr(word_module, "MAX_PART_BYTES", 1000)
    with pytest.raises(ReportTooLarge):
        read_pages(make_docx(lambda document: document.add_paragraph("a" * 2000)), "x.docx")


def test_entities_of_a_word_file_are_not_expanded():
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;">]>'
        b"<d><body><p><r><t>&b;</t></r></p></body></d>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", bomb)
    with pytest.raises(MonitoringError):
        read_pages(out.getvalue(), "x.docx")


def test_a_line_has_its_position_size_and_weight():
    page = read_pages(make_pdf("= Prevention\n\nPlain words.\n\n*Bold words* \\\n_Leaning words_"), "x").pages[0]
    heading, plain, bold, italic = (
        next(line for line in page.lines if line.text.startswith(start))
        for start in ("Prevention", "Plain", "Bold", "Leaning")
    )
    assert (heading.size, heading.bold) == (14.0, True)
    assert (plain.size, plain.bold, plain.italic) == (10.0, False, False)
    assert bold.bold
    assert italic.italic
    assert 49 < plain.box.left < 51
    assert heading.box.bottom < plain.box.top < bold.box.top < italic.box.top


def test_superscript_digits_stay_superscript():
    assert any("offence¹" in line for line in line_texts(make_pdf("Stalking is an offence#super[1] since 2019.")))
    assert any("m2 in 2019" in line for line in line_texts(make_pdf("The shelter has 240 m2 in 2019.")))


def test_a_number_in_the_margin_is_joined_to_its_line():
    source = "#place(dx: -25pt)[57.]\nThe number stands in the margin."
    assert "57. The number stands in the margin." in line_texts(make_pdf(source))


def test_boxes_on_a_rotated_page_are_where_the_text_is_displayed():
    import pypdfium2

    document = pypdfium2.PdfDocument(make_pdf("Some words."))
    document[0].set_rotation(90)
    out = io.BytesIO()
    document.save(out)
    page = read_pages(out.getvalue(), "x").pages[0]
    assert (round(page.width), round(page.height)) == (300, 420)
    words = next(line for line in page.lines if line.text == "Some words.")
    assert words.box.left > 200  # what was at the top is now on the right
    assert words.box.right <= page.width
    assert words.box.bottom <= page.height


def test_two_columns_are_read_one_after_the_other():
    source = "#columns(2)[" + "\n\n".join(f"Left or right, this is line {n} of the text." for n in range(30)) + "]"
    numbers = [int(line.split()[6]) for line in line_texts(make_pdf(source)) if line.startswith("Left or right")]
    assert numbers == sorted(numbers)


def test_a_word_file_has_the_numbers_that_word_would_print():
    def build(document):
        document.add_heading("Prevention", 1)
        for text in ("First.", "Second."):
            document.add_paragraph(text, style="List Number")
        document.add_paragraph("a point;", style="List Bullet")
        document.add_paragraph("Third.", style="List Number")
        document.sections[0].header.paragraphs[0].text = "OST/2021/3"

    lines = read_pages(make_docx(build), "x.docx").pages[0].lines
    assert [line.text for line in lines] == [
        "Prevention", "1. First.", "2. Second.", "• a point;", "3. Third.", "OST/2021/3",
    ]  # fmt: skip
    assert [line.level for line in lines] == [1, 0, 0, 0, 0, 0]
    assert lines[-1].aside is SetAsideReason.RUNNING_HEAD


def test_a_web_page_keeps_headings_lists_and_notes_but_not_scripts():
    page = b"""<html><head><title>t</title><script>let a = 1</script></head><body><nav>Home</nav>
      <h2>Shelters (Article 23)</h2><ol start=5><li>There are <b>nine</b>.<sup>1</sup></li><li><p>More:</p>
      <ol type=a><li>one</li></ol></li></ol><p hidden>no</p></body></html>"""
    lines = read_pages(page, "x").pages[0].lines
    assert [(line.text, line.level) for line in lines] == [
        ("Home", 0), ("Shelters (Article 23)", 2), ("5. There are nine.¹", 0), ("6. More:", 0), ("a. one", 0),
    ]  # fmt: skip
    assert lines[0].aside is SetAsideReason.RUNNING_HEAD


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_plain_text_is_read_in_the_usual_encodings(encoding):
    assert line_texts("L’État partie — très".encode(encoding)) == ["L’État partie — très"]


def test_a_page_is_drawn_at_the_requested_width():
    picture = render_page(make_pdf("Some words."), 1, width=420)
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20]) == 420
    assert int.from_bytes(picture[20:24]) == 300
    assert (
        render_page(make_pdf("#text(fill: red)[Some words.]"), 1, width=420)[25] == 2
    )  # in colour only where the page has colour
    assert picture[25] == 0


def test_drawing_a_page_that_does_not_exist_is_an_error():
    with pytest.raises(NoSuchPage) as refused:
        render_page(make_pdf("Some words."), 9)
    assert (refused.value.page, refused.value.pages) == (9, 1)
    with pytest.raises(UnknownFormat):
        render_page(b"only text", 1)
