"""Pasted text: paragraphs without a report around them, numbered or not, one or many."""

from __future__ import annotations

import pytest
import typst

from samsvar.monitoring import read_report


def numbers_and_texts(text: str) -> list[tuple[str, str]]:
    return [(one.number, one.text) for one in read_report(text.encode(), document="pasted", body="grevio").passages]


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("57. GREVIO urges the authorities to act.", [("57", "GREVIO urges the authorities to act.")]),
        ("57. One thing.\n58. Another.", [("57", "One thing."), ("58", "Another.")]),
        ("57 women were heard.", [("", "57 women were heard.")]),  # a count, not a paragraph number
        ("2013. That was the year.", [("", "2013. That was the year.")]),
        ("One thing.\n\nAnother,\nover two lines.", [("", "One thing."), ("", "Another, over two lines.")]),
    ],
)
def test_a_pasted_text_is_split_at_its_numbers_and_blank_lines(text, passages):
    assert numbers_and_texts(text) == passages


def test_an_indent_alone_begins_a_new_passage():
    sentences = [
        f"This is paragraph {n} of a text that goes on over its first line, " * 3 + "and ends." for n in "abcd"
    ]
    source = "#set page(width: 12cm)\n#set par(first-line-indent: 1.5em, spacing: 0.65em)\n" + "\n\n".join(sentences)
    reading = read_report(typst.compile(source.encode()), document="indented.pdf")
    assert [one.text for one in reading.passages] == sentences
