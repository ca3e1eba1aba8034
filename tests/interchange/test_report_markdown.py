"""Reports as Markdown: structure becomes markup, and what people wrote stays text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from samsvar.interchange.report_markdown import render_markdown
from samsvar.meetings.report import BulletList, MeetingReport, Paragraph, ReportHeading, Table


def make_report(*blocks):
    return MeetingReport("A title", "en", ("A line",), blocks, "Fictional")


def test_blocks_become_headings_paragraphs_lists_and_tables():
    report = make_report(
        ReportHeading("First"), Paragraph("A | b"), ReportHeading("Inside", 2), BulletList((Paragraph("one"),)),
        Table("Counts", ("Month", "Calls"), (("March", "9|10"),)),
    )  # fmt: skip
    assert render_markdown(report) == (
        "# A title\n\nA line\n\n**Fictional**\n\n## 1 First\n\nA \\| b\n\n### 1.1 Inside\n\n- one\n\n*Counts*\n\n"
        "| Month | Calls |\n| --- | --- |\n| March | 9\\|10 |\n"
    )


@given(st.text(alphabet="# *_`[]()<>!-+=~.1\\|\n a&;:>\t", max_size=40))
def test_the_text_of_a_paragraph_never_becomes_markup(text):
    rendered = render_markdown(make_report(Paragraph(text)))
    tokens = MarkdownIt().parse(rendered)
    kinds = {token.type for token in tokens}
    inline = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"heading_open", "inline", "heading_close", "paragraph_open", "paragraph_close"}
    assert inline <= {"text", "softbreak", "hardbreak", "strong_open", "strong_close", "text_special"}
