"""Layouts that were read wrongly before: each test is one kind of document from the field, in our own words."""

from __future__ import annotations

import re

import pytest

from benchmarks import splitting
from samsvar.errors import UnreadablePage
from samsvar.monitoring import read_report
from samsvar.monitoring.passages import split_into_passages
from samsvar.monitoring.profile import get_profile
from samsvar.monitoring.reading import read_pages
from samsvar.monitoring.report import SetAsideReason
from tests.monitoring.papers import make_pdf

SENTENCE = (
    "The delegation said that the law had been amended in the previous year, that the courts had begun to apply it in"
    " all districts, and that nobody had asked for less."
)


def passages_of(content: bytes, kind: str = "auto") -> list[tuple[str, str]]:
    split = split_into_passages(read_pages(content, "document", kind), get_profile("general"))
    return [(passage.number, passage.text) for passage in split.passages]


def numbers_of(text: str) -> list[str]:
    return [number for number, _ in passages_of(text.encode(), "text")]


@pytest.mark.parametrize("style", ["x.", "x)", "(x)"])
def test_roman_points_are_points_of_their_paragraph(style):
    points = "\n".join(f"   {style.replace('x', numeral)} step {numeral};" for numeral in ("i", "ii", "iii", "iv"))
    text = f"1. The authorities should take these steps:\n{points}\n\n2. They should report.\n"
    assert numbers_of(text) == ["1", "1.i", "1.ii", "1.iii", "1.iv", "2"]


def test_an_i_after_an_h_is_a_letter_if_a_j_follows_and_a_roman_numeral_if_ii_follows():
    letters = "\n".join(f"   ({letter}) step {letter};" for letter in "abcdefgh")
    lettered = f"1. The authorities should:\n{letters}\n   (i) step i;\n   (j) step j.\n\n2. They should report.\n"
    assert numbers_of(lettered)[8:] == ["1.h", "1.i", "1.j", "2"]
    nested = f"1. The authorities should:\n{letters}\n   (i) first;\n   (ii) second.\n\n2. They should report.\n"
    assert numbers_of(nested)[8:] == ["1.h", "1.h.i", "1.h.ii", "2"]


def test_a_page_number_of_the_texts_size_right_under_footnotes_does_not_hide_them():
    notes = "#footnote[A note on the courts, which is small print.]"
    paragraphs = "\n\n".join(f"{n}\\. {SENTENCE}{notes} {SENTENCE}" for n in range(1, 9))
    head = """#set page(width: 420pt, height: 300pt, margin: 50pt, footer-descent: 1pt,
  footer: context align(center, counter(page).display()))
#set text(size: 10pt)
#set par(spacing: 11pt, leading: 5pt)
#show footnote.entry: set text(size: 7pt)
"""
    assert passages_of(make_pdf(paragraphs, head=head)) == [(str(n), f"{SENTENCE} {SENTENCE}") for n in range(1, 9)]


def test_a_preamble_is_text_and_its_title_is_the_cover():
    clauses = [
        "The Committee of the Parties,",
        "Having regard to the Convention, and to its own rules of procedure, which were adopted at the first meeting;",
        "Recalling the reports that the group of experts has published since, and the comments of the Government;",
        "Recommends that the Government of Ostria take the measures that are listed in the paragraphs below:",
    ]
    source = "*Recommendation on Ostria*\n\n" + "\n\n".join(clauses) + f"\n\n1\\. {SENTENCE}\n\n2\\. {SENTENCE}" * 1
    content = make_pdf(source + "\n\n#pagebreak()\n\n" + f"3\\. {SENTENCE}")
    split = split_into_passages(read_pages(content, "document"), get_profile("committee_of_the_parties"))
    assert [(passage.number, passage.text) for passage in split.passages] == [
        *(("", clause) for clause in clauses),
        *((str(n), SENTENCE) for n in (1, 2, 3)),
    ]
    assert [line.text for line in split.cover] == ["Recommendation on Ostria"]


@pytest.mark.parametrize("columns", [2, 3, 4])
def test_columns_are_read_one_after_the_other(columns):
    paragraphs = [f"{n}. {SENTENCE}" for n in range(1, 9 * columns)]
    head = "#set page(width: 700pt, height: 500pt, margin: 40pt)\n#set text(size: 8pt)\n#set par(justify: true)\n"
    source = "\n\n".join(f'#"{paragraph}"' for paragraph in paragraphs)
    content = make_pdf(f"#columns({columns}, gutter: 14pt)[{source}]", head=head)
    assert passages_of(content) == [(str(n), SENTENCE) for n in range(1, 9 * columns)]
    assert read_pages(content, "document").notes == ()


def test_a_page_whose_columns_cannot_be_told_apart_is_named_in_the_extraction_report():
    cells = "".join(f"[{SENTENCE[:70]}], [{SENTENCE[70:105]}]," for _ in range(14))
    head = "#set page(width: 620pt)\n#set text(size: 7pt)\n"
    content = make_pdf(f"#grid(columns: (300pt, 150pt), row-gutter: 4pt, {cells})", head=head)
    (note,) = read_pages(content, "document").notes
    assert note.startswith("Text is side by side, in a table or in columns, on 1 of 1 pages (1):")
    assert note in read_report(content).extraction_report.notes


def test_lists_nested_without_end_are_numbered_to_a_limited_depth():
    indents = [" " * 4 * depth for depth in range(8)]
    lines = [f"{indent}{n}. step {n}:" for indent in indents for n in (1, 2)]
    lines += [f"{indent}3. last step." for indent in reversed(indents)]
    numbers = numbers_of("\n".join(lines))
    assert len(numbers) == len(lines)
    assert max(number.count(".") + 1 for number in numbers) == 6


def test_letters_outside_the_basic_plane_are_letters():
    source = '#set text(font: "New Computer Modern Math")\n1. The names 𝐀𝐁𝐂 and 𝔊 are printed so.\n\n2. 𝐁𝐨𝐥𝐝 𝐥𝐞𝐭𝐭𝐞𝐫𝐬.'
    assert passages_of(make_pdf(source)) == [("1", "The names 𝐀𝐁𝐂 and 𝔊 are printed so."), ("2", "𝐁𝐨𝐥𝐝 𝐥𝐞𝐭𝐭𝐞𝐫𝐬.")]


def damage_page(content: bytes, page: int) -> bytes:
    """Return a PDF with a page that its list of pages looks for in the wrong place."""
    pages = re.search(rb"/Kids\[([^\]]+)\]", content)
    assert pages
    names = re.findall(rb"\d+ 0 R", pages[1])
    names[page - 1] = b"9" * (len(names[page - 1]) - 4) + b" 0 R"
    return content.replace(pages[0], b"/Kids[" + b" ".join(names) + b"]")


def test_a_damaged_page_leaves_the_others_readable_and_is_noted():
    content = make_pdf("\n\n#pagebreak()\n\n".join(f"{n}\\. {SENTENCE}" for n in (1, 2, 3)))
    reading = read_report(damage_page(content, 2))
    assert [passage.number for passage in reading.passages] == ["1", "3"]
    assert reading.page_count == len(reading.page_sizes) == 3
    assert reading.extraction_report.notes[0] == (
        "Page 2 of 3 is damaged and cannot be read. Its text and its conclusions are missing."
    )


def test_a_report_without_a_readable_page_is_refused():
    with pytest.raises(UnreadablePage, match="Page 1 of 1 is damaged"):
        read_pages(damage_page(make_pdf(f"1\\. {SENTENCE}"), 1), "document")


@pytest.mark.parametrize("style", ["#text", "#emph", "#strong"])
def test_a_quotation_in_a_block_belongs_to_its_paragraph_whatever_its_type(style):
    article = "Every citizen shall have the right and the opportunity to take part in the conduct of public affairs"
    block = f"#pad(left: 40pt)[{style}[Article 25] \\ {style}[{article}]]"
    source = f"1\\. {SENTENCE} The law says:\n\n{block}\n\n2\\. {SENTENCE}\n\n3\\. {SENTENCE}"
    assert passages_of(make_pdf(source)) == [
        ("1", f"{SENTENCE} The law says: Article 25 {article}"), ("2", SENTENCE), ("3", SENTENCE),
    ]  # fmt: skip


def test_a_paragraph_continues_after_a_quotation():
    quotation = f"#v(6pt)#pad(x: 40pt)[“{SENTENCE}”]\n\n#v(6pt)"
    source = f"1\\. {SENTENCE}\n\n{quotation}{SENTENCE}\n\n2\\. {SENTENCE}\n\n3\\. {SENTENCE}"
    assert passages_of(make_pdf(source))[0] == ("1", f"{SENTENCE} “{SENTENCE}” {SENTENCE}")


def test_unnumbered_paragraphs_with_hardly_any_space_between_them_are_told_apart():
    head = "#set page(width: 420pt)\n#set text(size: 10pt)\n#set par(spacing: 7pt, leading: 5pt)\n"
    assert passages_of(make_pdf(f"{SENTENCE}\n\n{SENTENCE}\n\n{SENTENCE}", head=head)) == [("", SENTENCE)] * 3


def test_headings_at_the_top_of_pages_are_not_running_heads_because_only_their_numbers_differ():
    source = "\n\n#pagebreak()\n\n".join(f"*Article {n}*\n\n{SENTENCE}" for n in (1, 4, 9, 12))
    split = split_into_passages(read_pages(make_pdf(source), "document"), get_profile("general"))
    assert [passage.headings for passage in split.passages] == [(f"Article {n}",) for n in (1, 4, 9, 12)]
    assert all(reason is not SetAsideReason.RUNNING_HEAD for line, reason in split.asides if "Article" in line.text)


@pytest.mark.parametrize(("kind", "language"), [*zip(splitting.KINDS, [*splitting.SENTENCES] * 3, strict=False)])
def test_documents_of_many_kinds_are_split_into_their_paragraphs(kind, language):
    counts, expected, found = splitting.measure_document(language, kind, seed=1)
    assert splitting.f1(*counts) >= splitting.MIN_F1, (expected, found)
