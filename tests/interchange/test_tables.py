"""Tests of exported tables: safe to open, and read back unchanged."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from samsvar.interchange.tables import (
    escape_formula,
    render_csv,
    render_json,
    render_json_line,
    render_table,
    render_xlsx,
    unescape_formula,
)


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "'=1", "\r1", "|calc", "%0A"]
)
def test_no_cell_can_run_as_a_formula(formula: str) -> None:
    assert escape_formula(formula) == "'" + formula


@pytest.mark.parametrize("text", ["", "Norway", "a = b", "'quoted'", "2014-08-01"])
def test_plain_text_is_unchanged(text: str) -> None:
    assert escape_formula(text) == text


@given(st.text())
def test_a_safe_cell_can_be_restored_unchanged(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text


@given(st.lists(st.fixed_dictionaries({"a": st.text(st.characters(codec="utf-8", exclude_characters="\0"))})))
def test_written_csv_can_be_read_back(rows: list[dict[str, str]]) -> None:
    read = list(csv.reader(io.StringIO(render_csv(rows, ["a"]), newline="")))
    assert [unescape_formula(line[0]) if line else "" for line in read[1:]] == [row["a"] for row in rows]


def test_lists_and_none_can_be_written_into_a_cell() -> None:
    row = {"articles": ("7", "10"), "left": None, "many": [{"provision": "30(2)", "until": None}], "fits": True}
    assert render_csv([row], list(row)) == "articles,left,many,fits\r\n7; 10,,30(2),true\r\n"


@given(st.lists(st.dictionaries(st.text(), st.text() | st.none() | st.integers())))
def test_written_json_can_be_read_back(rows: list[dict[str, object]]) -> None:
    assert json.loads(render_json(rows)) == rows
    assert [json.loads(render_json_line(row)) for row in rows] == rows


def test_a_text_table_aligns_wide_characters_and_truncates_long_cells() -> None:
    rows = [{"a": "日本", "b": "x" * 30}, {"a": "NO", "b": "y"}]
    assert render_table(rows, {"a": "A", "b": "B"}, max_width=5) == "A     B\n日本  xxxx…\nNO    y\n"


def cells_of(book: bytes) -> tuple[list[str | None], list[str]]:
    """Return the type of each cell of the first sheet, and the text of each."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
        strings = etree.fromstring(archive.read("xl/sharedStrings.xml"))
        assert not [name for name in archive.namelist() if "rels" in name and b"http://evil" in archive.read(name)]
    assert sheet.findall(f".//{main}f") == []  # no formulas
    texts = ["".join(part.text or "" for part in one.iter(f"{main}t")) for one in strings.iter(f"{main}si")]
    cells = sheet.findall(f".//{main}c")
    return [cell.get("t") for cell in cells], [texts[int(cell.findtext(f"{main}v"))] for cell in cells]


@pytest.mark.parametrize("text", ["=1+1", "{=1}", "+47 11", "0047", "1.5", "TRUE", "http://evil.example", "2026-01-01"])
def test_every_workbook_cell_is_text_whatever_it_looks_like(text: str) -> None:
    assert cells_of(render_xlsx([{"a": text}], {"a": "Heading"})) == (["s", "s"], ["Heading", text])


@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=40)
)
def test_every_text_can_be_read_back_from_a_workbook(text: str) -> None:
    kinds, texts = cells_of(render_xlsx([{"a": text, "b": [text, "x"]}], {"a": "A", "b": "B"}))
    assert (set(kinds), texts) == ({"s"}, ["A", "B", text, f"{text}; x"])


def test_characters_not_allowed_in_xml_are_left_out_and_long_cells_are_truncated() -> None:
    _, texts = cells_of(render_xlsx([{"a": "bell\x07 and null\x00"}, {"a": "x" * 40_000}], {"a": "A"}))
    assert texts == ["A", "bell and null", "x" * 32_767]
