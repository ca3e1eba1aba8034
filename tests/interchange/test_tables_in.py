"""Tests of imported tables: CSV files and workbooks become the same rows of text; other files are rejected."""

from __future__ import annotations

import io
import os
import time
import zipfile
from datetime import date

import psutil
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as some
from python_calamine import CalamineWorkbook

from samsvar.errors import UnreadableTable
from samsvar.interchange import workbooks
from samsvar.interchange.tables import (
    MAX_TABLE_BYTES,
    Sheet,
    is_encoding_certain,
    read_sheets,
    read_table,
    render_csv,
    render_xlsx,
)
from samsvar.interchange.workbooks import MAX_CELLS, MAX_CHARACTERS, MAX_UNPACKED_BYTES

CELL = some.text(some.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=20).filter(
    lambda text: text.strip() and not text.startswith("'")
)


@given(some.lists(some.fixed_dictionaries({"a": CELL, "b": CELL}), min_size=1, max_size=5))
def test_exported_csv_is_read_back_unchanged(rows):
    assert read_table(render_csv(rows, ("a", "b")).encode()) == [["a", "b"], *([row["a"], row["b"]] for row in rows)]


def test_an_exported_workbook_is_read_back_unchanged():
    rows = [{"a": "00123", "b": "=1+1"}, {"a": "2019-06", "b": "Ș and 乙"}, {"a": "'=1+1", "b": "'tis"}]
    assert read_table(render_xlsx(rows, {"a": "a", "b": "b"})) == [["a", "b"], *([r["a"], r["b"]] for r in rows)]


NUMBER = some.decimals(-(10**9), 10**9, places=2) | some.integers(-(10**12), 10**12)
DAY = some.dates(date(1900, 3, 1), date(2400, 1, 1))


@given(some.lists(some.tuples(NUMBER, DAY), min_size=1, max_size=5))
def test_numbers_and_days_of_an_exported_workbook_are_cells_of_their_kind(values):
    rows = [{"sum": f"{number}", "day": f"{day}", "phone": f"0{number}"} for number, day in values]
    content = render_xlsx(rows, {name: name for name in ("sum", "day", "phone")}, numbers=["sum"], dates=["day"])
    (sheet,) = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python()[1:]
    assert sum(row[0] for row in cells) == pytest.approx(float(sum(number for number, _day in values)))
    assert [row[1] for row in cells] == [day for _number, day in values]
    assert [row[2] for row in cells] == [row["phone"] for row in rows]


@pytest.mark.parametrize(
    ("number", "day"),
    [("", ""), ("about 5", "2019-06"), ("1" * 16, "2019"), ("1e5", "1899-12-31"), ("=1+1", "0001-01-01"), ("٣", "x")],
)
def test_what_is_no_plain_number_or_day_stays_the_text_that_it_is(number, day):
    content = render_xlsx([{"a": number, "b": day, "c": "."}], {"a": "a", "b": "b", "c": "c"}, numbers="a", dates="b")
    assert read_table(content)[1] == [number, day, "."]


def test_a_workbook_has_a_filter_and_columns_wide_enough_to_read():
    content = render_xlsx([{"a": "a title that is longer than a column"}], {"a": "a"})
    with zipfile.ZipFile(io.BytesIO(content)) as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
    assert '<autoFilter ref="A1:A2"/>' in sheet
    assert "<cols>" in sheet


def test_numbers_and_dates_in_a_workbook_become_plain_text():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["title", 92253, 680011.5, 0.1, True])
        sheet.write_datetime(0, 5, date(2019, 6, 4), book.add_format({"num_format": "yyyy-mm-dd"}))
    assert read_table(out.getvalue()) == [["title", "92253", "680011.5", "0.1", "yes", "2019-06-04"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_taken_from_the_heading_row(separator):
    text = f'\ufeffkind{separator}title\ncall{separator}"a, b; c\td"\n'
    assert read_table(text.encode()) == [["kind", "title"], ["call", "a, b; c\td"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
def test_text_is_read_in_every_recognisable_encoding(encoding):
    (sheet,) = read_sheets("kind;title\ncall;Égalité – «før» 5 €\n".encode(encoding))
    assert sheet == Sheet("", (("kind", "title"), ("call", "Égalité – «før» 5 €")), encoding.removesuffix("-sig"))


def test_every_sheet_of_a_workbook_is_read_with_its_name():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Cover").write(0, 0, "Grants")
        book.add_worksheet("Projects").write_row(0, 0, ["Title", "Country"])
    assert read_sheets(out.getvalue()) == (Sheet("Cover", (("Grants",),)), Sheet("Projects", (("Title", "Country"),)))


def test_a_title_above_the_headings_does_not_determine_the_separator():
    text = "Projects, all, of 2021\n\nTitle;Country\nLamps, red;XA\nLamps, blue;XB\n"
    assert read_table(text.encode())[2:4] == [["Title", "Country"], ["Lamps, red", "XA"]]


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * (MAX_UNPACKED_BYTES + 1))
    return out.getvalue()


def disguised_zip_bomb() -> bytes:
    """Return a zip bomb whose directory claims that it unpacks to one byte."""
    content = bytearray(zip_bomb())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (1).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_empty"),
        (b" \n ", "table_empty"),
        (b"a" * (MAX_TABLE_BYTES + 1), "table_too_large"),
        ("kind;title\ncall;Bucureşti".encode("windows-1250"), "table_not_utf8"),
        ("kind;title\ncall;Prevenirea violenţei".encode("windows-1250"), "table_not_utf8"),
        ("kind;title\ncall;Πρόγραμμα ¤".encode("iso-8859-7", "replace") + b"\xa4", "table_not_utf8"),
        (b"kind,title\x00", "table_damaged"),
        (b'kind,title\ncall,"open', "table_damaged"),
        (b"PK\x03\x04 and then nothing", "table_damaged"),
        (b"\xd0\xcf\x11\xe0 and then nothing", "table_damaged"),
        (render_xlsx([{"a": "b"}], {"a": "a"})[:-200], "table_damaged"),
        (zip_bomb(), "table_unpacks_too_large"),
        (disguised_zip_bomb(), "table_unpacks_too_large"),
    ],
)
def test_an_invalid_table_is_rejected_with_an_error_code(content, code):
    with pytest.raises(UnreadableTable) as refused:
        read_table(content)
    assert (refused.value.code, refused.value.effect) == (code, "Nothing was saved.")


def test_text_tables_written_by_excel_are_read():
    wanted = [["name", "email"], ["Ørjan Țepeș", "a@a.example"]]
    text = "name;email\r\nØrjan Țepeș;a@a.example\r\n"
    assert read_table(f"sep=;\r\n{text}".encode()) == wanted
    assert read_table(text.replace(";", "\t").encode("utf-16")) == wanted
    assert read_table(("sep=|\n" + text.replace(";", "|")).encode()) == wanted


def test_text_that_is_not_unicode_is_read_in_the_given_encoding():
    western, central = "name\nØrjan Élan\n".encode("cp1252"), "name\nMăgură Ţurcan\n".encode("cp1250")
    assert (
        is_encoding_certain(western),
        is_encoding_certain("name\nØ".encode()),
        is_encoding_certain("name".encode("utf-16")),
    ) == (
        False,
        True,
        True,
    )
    assert read_table(western, encoding="cp1252") == [["name"], ["Ørjan Élan"]]
    assert read_table(central, encoding="cp1250") == [["name"], ["Măgură Ţurcan"]]
    assert read_table("name\nØrjan\n".encode(), encoding="cp1252") == [["name"], ["Ørjan"]]  # Unicode is recognised
    with pytest.raises(UnreadableTable):
        read_table(central)


# --- Workbooks that are small as files and large as tables ------------------------------------------------------------

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"


def make_workbook(cells: str, shared: str = "x", sheets: int = 1) -> bytes:
    """Return an XLSX with these cells as XML and one shared text; several sheets are the same part under many names."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write(0, 0, shared)
    with zipfile.ZipFile(out) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["xl/worksheets/sheet1.xml"] = SHEET.format(cells).encode()
    one = b'<sheet name="Sheet1" sheetId="1" r:id="rId1"/>'
    many = b"".join(
        b'<sheet name="S%d" sheetId="%d" r:id="rId1"/>' % (number, number) for number in range(1, sheets + 1)
    )
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(one, many)
    assert many in parts["xl/workbook.xml"]
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return again.getvalue()


def make_ods(rows: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
        names = " ".join(f'xmlns:{name}="{OFFICE.format(name)}"' for name in ("office", "table", "text"))
        packed.writestr(
            "content.xml",
            f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="One">{rows}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def corners(last: str) -> str:
    return f'<row r="1"><c r="A1"><v>1</v></c></row><row><c r="{last}"><v>2</v></c></row>'


SHARED_CELLS = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 20_001))
ODS_CELL = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'
ODS_ROW = "<table:table-row{}>{}</table:table-row>"
LARGE_ONCE_READ = [
    (make_workbook(corners("XFD1048576")), "table_too_many_cells"),  # 400 GB as a table
    (make_workbook(corners("AZ1048576")), "table_too_many_cells"),  # 2.2 GB
    (make_workbook(SHARED_CELLS, shared="x" * 32_000), "table_too_much_text"),  # 640 MB
    (make_workbook(corners("A200000"), sheets=50), "table_too_many_cells"),
    (make_ods(ODS_ROW.format("", ODS_CELL.format(' table:number-columns-repeated="16384"', "x" * 9_999))),
     "table_too_much_text"),
    (make_ods(ODS_ROW.format(' table:number-rows-repeated="1048576"', ODS_CELL.format("", 1))), "table_too_many_cells"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "code"), LARGE_ONCE_READ)
def test_a_workbook_that_is_large_once_read_is_rejected_before_a_table_is_made(content, code):
    assert len(content) < 200_000
    read_table(render_xlsx([{"a": "b"}], {"a": "a"}))  # starts the child process, so that the time is the file's own
    before, start = psutil.Process().memory_info().rss, time.monotonic()
    with pytest.raises(UnreadableTable) as refused:
        read_table(content)
    assert refused.value.code == code
    assert time.monotonic() - start < 10  # and not minutes; the machine may be busy
    assert psutil.Process().memory_info().rss - before < 10_000_000


def test_formatted_but_empty_cells_do_not_count():
    styled = "".join(f'<row r="{row}"><c r="A{row}"/><c r="XFD{row}"/></row>' for row in (1, 2, 1_048_576))
    filled = '<row r="3"><c r="A3" t="s"><v>0</v></c><c t="inlineStr"><is><t>b</t></is></c></row>'
    assert read_table(make_workbook(styled + filled, shared="a")) == [["", ""], ["", ""], ["a", "b"]]
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = (
        ODS_ROW.format("", ODS_CELL.format("", "a")),
        ODS_ROW.format(' table:number-rows-repeated="1048000"', empty),
    )
    assert read_table(make_ods("".join(rows))) == [["a"]]


def test_a_workbook_at_its_bounds_is_read():
    rows, columns = MAX_CELLS // 10, 10
    assert len(read_table(make_workbook(corners(f"J{rows}")))) == rows
    with pytest.raises(UnreadableTable):
        read_table(make_workbook(corners(f"J{rows + 1}")))
    assert columns * rows == MAX_CELLS < MAX_CHARACTERS


def test_a_crash_of_the_program_that_reads_workbooks_is_an_invalid_table(monkeypatch):
    monkeypatch.setattr(workbooks, "_read_cells", os.abort)  # called with the content: a crash or a TypeError
    with pytest.raises(UnreadableTable) as refused:
        read_table(render_xlsx([{"a": "b"}], {"a": "a"}))
    assert refused.value.code == "table_damaged"
