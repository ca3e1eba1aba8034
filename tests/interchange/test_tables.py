"""Rows that go out safely and come back unchanged."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.interchange.tables import csv_text, json_line, json_text, plain_cell, safe_cell, table_text


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "'=1", "\r1", "|calc", "%0A"]
)
def test_no_cell_is_run_as_a_formula(formula: str) -> None:
    assert safe_cell(formula) == "'" + formula


@pytest.mark.parametrize("text", ["", "Norway", "a = b", "'quoted'", "2014-08-01"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_what_goes_out_comes_back_unchanged(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text


@given(st.lists(st.fixed_dictionaries({"a": st.text(st.characters(codec="utf-8", exclude_characters="\0"))})))
def test_csv_written_and_read_again_is_the_same(rows: list[dict[str, str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(rows, ["a"]), newline="")))
    assert [plain_cell(line[0]) if line else "" for line in read[1:]] == [row["a"] for row in rows]


def test_lists_and_nothing_have_their_place_in_a_cell() -> None:
    row = {"articles": ("7", "10"), "left": None, "many": [{"provision": "30(2)", "until": None}], "fits": True}
    assert csv_text([row], list(row)) == "articles,left,many,fits\r\n7; 10,,30(2),true\r\n"


@given(st.lists(st.dictionaries(st.text(), st.text() | st.none() | st.integers())))
def test_json_is_read_again_as_it_was(rows: list[dict[str, object]]) -> None:
    assert json.loads(json_text(rows)) == rows
    assert [json.loads(json_line(row)) for row in rows] == rows


def test_a_table_lines_up_wide_letters_and_cuts_long_cells() -> None:
    rows = [{"a": "日本", "b": "x" * 30}, {"a": "NO", "b": "y"}]
    assert table_text(rows, {"a": "A", "b": "B"}, widest=5) == "A     B\n日本  xxxx…\nNO    y\n"
