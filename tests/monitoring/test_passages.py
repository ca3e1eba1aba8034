"""Where paragraphs begin and end, in any language: the printed number is the unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring.passages import SplitReport, split_into_passages
from samsvar.monitoring.profile import get_profile
from samsvar.monitoring.reading import read_pages
from samsvar.monitoring.report import SetAsideReason
from tests.monitoring.papers import make_docx, make_paragraphs, make_pdf


def split_content(content: bytes | str, body: str = "general") -> SplitReport:
    raw = content.encode() if isinstance(content, str) else content
    return split_into_passages(read_pages(raw, "x"), get_profile(body))


def paragraph_numbers(content: bytes | str) -> list[str]:
    return [passage.number for passage in split_content(content).passages]


def lines_set_aside(taken_apart: SplitReport, why: SetAsideReason) -> list[str]:
    return [line.text for line, reason in taken_apart.asides if reason is why]


def test_paragraphs_continue_over_pages_without_headers_and_footers():
    taken_apart = split_content(make_pdf("= Protection\n\n" + make_paragraphs(12)))
    assert [passage.number for passage in taken_apart.passages] == [str(n) for n in range(1, 13)]
    assert {passage.text.count("fictional") for passage in taken_apart.passages} == {0}
    assert any(len(passage.pages) == 2 for passage in taken_apart.passages)
    assert set(lines_set_aside(taken_apart, SetAsideReason.RUNNING_HEAD)) == {"OST/2021/3 · fictional"}
    assert lines_set_aside(taken_apart, SetAsideReason.PAGE_NUMBER) == [
        str(n + 1) for n in range(len(lines_set_aside(taken_apart, SetAsideReason.PAGE_NUMBER)))
    ]


def test_a_paragraph_over_two_pages_has_a_box_on_each():
    passage = next(p for p in split_content(make_pdf(make_paragraphs(12))).passages if len(p.pages) == 2)
    assert [box.page for box in passage.boxes] == list(passage.pages)
    assert passage.text.endswith("Nothing else was said.")


SAME_TEXT = {  # one report in five languages: the same structure, and therefore the same paragraphs
    "en": (
        "Shelters",
        "The authorities report that nine shelters are open",
        "They say this:",
        "more beds",
        "two helplines",
    ),
    "fr": (
        "Refuges",
        "Les autorités indiquent que neuf refuges sont ouverts",
        "Elles disent :",
        "des lits",
        "deux lignes",
    ),
    "es": (
        "Refugios",
        "Las autoridades informan de que hay nueve refugios",
        "Señalan esto:",
        "más camas",
        "dos líneas",
    ),
    "ru": ("Приюты", "Власти сообщают, что открыто девять приютов", "Они указывают:", "больше мест", "две линии"),
    "ro": (
        "Adăposturi",
        "Autoritățile arată că sunt nouă adăposturi",
        "Ele precizează:",
        "mai multe paturi",
        "două linii",
    ),
}


@pytest.mark.parametrize("language", SAME_TEXT)
def test_the_same_report_has_the_same_paragraphs_in_five_languages(language):
    heading, text, leads, first, second = SAME_TEXT[language]
    body = "\n\n".join(f"{n}\\. {text}, {text.lower()}, {text.lower()}." for n in range(1, 7))
    points = f"7\\. {leads}\n\n#pad(left: 20pt)[(a) {first};]\n\n#pad(left: 20pt)[(b) {second}.]\n\n8\\. {text}."
    passages = split_content(make_pdf(f"= I. {heading}\n\n{body}\n\n{points}")).passages
    assert [passage.number for passage in passages] == ["1", "2", "3", "4", "5", "6", "7", "7.a", "7.b", "8"]
    assert passages[6].points == (f"(a) {first};", f"(b) {second}.")
    assert {passage.headings for passage in passages} == {(f"I. {heading}",)}


def test_a_report_written_from_right_to_left_is_split_into_paragraphs():
    text = "أفادت السلطات بأن التدابير التي اتخذت كانت كثيرة وأن البلديات قد وافقت عليها وأن أحدا لم يطلب أقل منها"
    head = '#set page(width: 420pt, height: 300pt)\n#set text(10pt, lang: "ar", dir: rtl, font: "DejaVu Sans Mono")\n'
    passages = split_content(make_pdf("\n\n".join(f"{n} - {text}." for n in range(1, 9)), head=head)).passages
    assert [passage.number for passage in passages] == [str(n) for n in range(1, 9)]
    assert {passage.text for passage in passages} == {f"{text}."}
    assert all(box.right - box.left > 200 for passage in passages for box in passage.boxes)


def test_a_year_or_a_list_inside_a_paragraph_is_not_a_paragraph_of_the_report():
    text = """
1. The plan was adopted in the autumn of

2013. It has three aims, which the ministry named in this order:

   1. prevention of violence;
   2. protection of victims;
   3. prosecution of perpetrators.

2. The plan was renewed.

3. It ends in 2027.
"""
    assert paragraph_numbers(text) == ["1", "1.1", "1.2", "1.3", "2", "3"]
    assert split_content(text).passages[0].text.startswith("The plan was adopted in the autumn of 2013. It has")


def test_a_list_longer_than_its_report_does_not_replace_the_reports_numbering():
    items = "\n\n".join(f"      {n}. Ratify the protocol number {n} (Chile);" for n in range(1, 21))
    text = f"1. One.\n\n2. Two.\n\n3. The following enjoy support:\n\n{items}\n\n4. Four.\n\n5. Five.\n"
    assert paragraph_numbers(text) == ["1", "2", "3", *(f"3.{n}" for n in range(1, 21)), "4", "5"]


def test_numbers_of_several_parts_are_kept_as_printed():
    text = "101. These will be examined:\n\n101.1. Ratify.\n\n101.2 Sign.\n\n101. 3. Accede.\n\n102. All of these.\n"
    assert paragraph_numbers(text) == ["101", "101.1", "101.2", "101.3", "102"]


def test_a_missing_number_does_not_end_the_numbering():
    assert paragraph_numbers("1. One.\n\n2. Two.\n\n4. Four.\n\n5. Five.\n\n6. Six.\n") == ["1", "2", "4", "5", "6"]


def test_a_number_alone_on_its_line_belongs_to_the_text_below_it():
    text = "57.\nThe first text.\n\n58.\nThe second text.\n\n59.\nThe third text.\n"
    assert [(p.number, p.text) for p in split_content(text).passages] == [
        ("57", "The first text."), ("58", "The second text."), ("59", "The third text."),
    ]  # fmt: skip


def test_headings_form_a_path_and_numbered_headings_are_not_paragraphs():
    source = """= I. Prevention

== A. Data collection (Article 11)

1\\. The first paragraph of the report stands here and is long enough to be one.

=== 1. Administrative data

2\\. The second paragraph of the report stands here and is long enough to be one.

=== 2. Surveys

3\\. The third paragraph of the report stands here and is long enough to be one.

= II. Protection

4\\. The fourth paragraph of the report stands here and is long enough to be one.
"""
    sizes = {1: 14, 2: 12, 3: 10}
    head = "#set text(size: 10pt)\n" + "".join(
        f"#show heading.where(level: {level}): set text(size: {size}pt)\n" for level, size in sizes.items()
    )
    assert [(p.number, p.headings) for p in split_content(make_pdf(source, head=head)).passages] == [
        ("1", ("I. Prevention", "A. Data collection (Article 11)")),
        ("2", ("I. Prevention", "A. Data collection (Article 11)", "1. Administrative data")),
        ("3", ("I. Prevention", "A. Data collection (Article 11)", "2. Surveys")),
        ("4", ("II. Protection",)),
    ]


def test_footnotes_are_kept_with_their_paragraph_but_not_in_its_text():
    source = (
        "1\\. Stalking is an offence.#footnote[Penal Code, Article 177.] It is rare.\n\n"
        "2\\. Courts know it.\n\n3\\. So do the police."
    )
    taken_apart = split_content(make_pdf(source))
    assert taken_apart.passages[0].text == "Stalking is an offence. It is rare."
    assert taken_apart.passages[0].footnotes == ("Penal Code, Article 177.",)
    assert [passage.footnotes for passage in taken_apart.passages[1:]] == [(), ()]


def test_a_contents_page_is_set_aside():
    entries = "\n\n".join(f"Chapter {n} #box(width: 1fr, repeat[.]) {n + 3}" for n in range(1, 9))
    taken_apart = split_content(make_pdf(f"Contents\n\n{entries}\n#pagebreak()\n" + make_paragraphs(8)))
    assert [passage.number for passage in taken_apart.passages] == [str(n) for n in range(1, 9)]
    assert lines_set_aside(taken_apart, SetAsideReason.CONTENTS)[0] == "Contents"
    assert len(lines_set_aside(taken_apart, SetAsideReason.CONTENTS)) == 9


def test_an_annex_is_set_aside_and_kept():
    taken_apart = split_content(
        make_pdf(make_paragraphs(6) + "\n\n= Appendix I – List of proposals\n\n" + make_paragraphs(3))
    )
    assert [passage.number for passage in taken_apart.passages] == ["1", "2", "3", "4", "5", "6"]
    assert [passage.number for passage in taken_apart.annex] == ["1", "2", "3"]
    assert lines_set_aside(taken_apart, SetAsideReason.ANNEX)[0] == "Appendix I – List of proposals"


@pytest.mark.parametrize(
    ("lines", "healed"),
    [
        ("the protec-\ntion of victims needs protection", "the protection of victims needs protection"),
        ("a decision-\nmaking body and a decision", "a decision-making body and a decision"),
        ("the anti-\ntrafficking law", "the anti-trafficking law"),
        ("Euro-\nAtlantic states", "Euro-Atlantic states"),
        ("2009-\n2010 and after", "2009-2010 and after"),
        ("sign and/\nor ratify", "sign and/or ratify"),
        ("law \u2013\nand order", "law \u2013 and order"),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_is_removed_only_if_it_splits_a_word(lines, healed):
    assert split_content(f"1. First, {lines}.\n\n2. Second.\n").passages[0].text == f"First, {healed}."


def test_points_are_nested_and_return_to_the_outer_level():
    text = """
1. Requests the authorities to:

   (a) adopt a plan that:

      (i) covers all forms of violence;

      (ii) has a budget;

   (b) report on it.

2. Next.
"""
    passages = split_content(text).passages
    assert [passage.number for passage in passages] == ["1", "1.a", "1.a.i", "1.a.ii", "1.b", "2"]
    assert passages[0].points == (
        "(a) adopt a plan that:", "(i) covers all forms of violence;", "(ii) has a budget;", "(b) report on it.",
    )  # fmt: skip


def test_pasted_text_without_blank_lines_keeps_its_headings_and_its_numbering():
    pasted = """A. General support services (Article 20)
101. Social services exist in every county, and the law of
2012 gives victims a right to them.
B. Shelters (Article 23)
102. The authorities are asked to:
a. open shelters;
b. pay for them.
103. There is a helpline.
1. Children in shelters
104. The figures were:
1. 20 children in 2018;
2. 30 children in 2019.
105. Nothing else was said.
"""
    assert [
        (passage.number, passage.headings, passage.text) for passage in split_content(pasted, "grevio").passages
    ] == [
        ("101", (A,), "Social services exist in every county, and the law of 2012 gives victims a right to them."),
        ("102", (B,), "The authorities are asked to:\na. open shelters;\nb. pay for them."),
        ("102.a", (B,), "open shelters;"),
        ("102.b", (B,), "pay for them."),
        ("103", (B,), "There is a helpline."),
        ("104", (B, C), "The figures were:"),
        ("104.1", (B, C), "20 children in 2018;"),
        ("104.2", (B, C), "30 children in 2019."),
        ("105", (B, C), "Nothing else was said."),
    ]


A, B, C = "A. General support services (Article 20)", "B. Shelters (Article 23)", "1. Children in shelters"


def test_text_after_a_numbered_list_is_not_part_of_its_last_paragraph():
    def build(document):
        document.add_paragraph("Recommends that the Government take the following measures:")
        for text in ("open a shelter;", "open a helpline;", "train judges."):
            document.add_paragraph(text, style="List Number")
        document.add_paragraph("Requests the Government to report by 30 January 2025.")

    assert [(p.number, p.text) for p in split_content(make_docx(build)).passages] == [
        ("", "Recommends that the Government take the following measures:"),
        ("1", "open a shelter;"), ("2", "open a helpline;"), ("3", "train judges."),
        ("", "Requests the Government to report by 30 January 2025."),
    ]  # fmt: skip


def without_spaces(text: str) -> str:
    return "".join(text.split())


REPORTS = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.integers(0, 40).map(lambda n: f"{n}. "),
        st.sampled_from(["", "I. Prevention", "(a) ", "Annex", "• ", "12", "A/HRC/1", "....... 4", "word-", "\f"]),
    ),
    max_size=40,
).map("\n".join)


@given(REPORTS)
def test_the_span_of_every_passage_leads_to_its_text(text):
    if not text.strip("\0 \t\r\n"):
        return
    taken_apart = split_and_check(text)
    if taken_apart is None:
        return
    for passage in (*taken_apart.passages, *taken_apart.annex):
        assert without_spaces(passage.span.extract(taken_apart.text)) == without_spaces(passage.text)
        assert [box.page for box in passage.boxes] == sorted(box.page for box in passage.boxes)
        assert set(passage.pages) == {box.page for box in passage.boxes}


def split_and_check(text: str) -> SplitReport | None:
    from samsvar.errors import MonitoringError

    try:
        report = read_pages(text.encode("utf-8", "replace"), "x", "text")
    except MonitoringError:
        return None
    taken_apart = split_into_passages(report, get_profile("general"))
    lines = [line for page in report.pages for line in page.lines]
    fates = [*taken_apart.understood, *(line for line, _ in taken_apart.asides), *taken_apart.unexplained]
    assert sorted(map(id, fates)) == sorted(map(id, lines))  # each line is used exactly once
    sizes = {page.number: (page.width, page.height) for page in report.pages}
    for passage in taken_apart.passages:
        for box in passage.boxes:
            width, height = sizes[box.page]
            assert 0 <= box.left <= box.right <= width
            assert 0 <= box.top <= box.bottom <= height
    return taken_apart
