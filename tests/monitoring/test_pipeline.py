"""Reading a report from start to finish: state, body, language, findings and the extraction report."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.errors import EmptyReport, UnknownFormat, UnknownProfile
from samsvar.monitoring import read_report
from samsvar.monitoring.profile import get_profile, known_bodies, recognise_profile
from samsvar.monitoring.report import Reading, SetAsideReason
from samsvar.site.demo.sources import compile_pdf, fictional_reports
from tests.monitoring.papers import make_paragraphs, make_pdf

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
COVER = """GREVIO's Baseline Evaluation Report
on measures giving effect to the Convention

#text(20pt)[*Nordmark*]

GREVIO/Inf(2021)31

#pagebreak()
= II. Integrated policies

== A. Comprehensive and co-ordinated policies (Article 7)

"""


def read_with_cover(text: str) -> Reading:
    return read_report(make_pdf(COVER + text), document="nordmark.pdf", published=date(2021, 5, 1))


def test_a_reading_has_the_body_state_procedure_and_reference_of_its_report():
    reading = read_with_cover(make_paragraphs(3))
    assert (reading.body, reading.state, reading.procedure, reading.reference) == (
        "grevio", "XA", "baseline", "GREVIO/Inf(2021)31",
    )  # fmt: skip
    assert (reading.language, reading.format, reading.reader) == ("en", "pdf", "grevio 1")
    assert (reading.document, reading.published) == ("nordmark.pdf", date(2021, 5, 1))
    assert len(reading.source_hash) == 64
    assert len(reading.page_sizes) == reading.page_count == 3


def test_a_finding_points_at_its_paragraph_page_and_box():
    reading = read_with_cover(make_paragraphs(2) + "\n\n3\\. *GREVIO urges the authorities to adopt a plan.*")
    (finding,) = reading.findings
    assert (finding.paragraph, finding.articles, finding.strength) == ("3", ("7",), "urges")
    assert finding.heading == "II. Integrated policies › A. Comprehensive and co-ordinated policies (Article 7)"
    (box,) = finding.boxes
    width, height = reading.page_sizes[finding.page - 1]
    assert 0 <= box.left < box.right <= width
    assert 0 <= box.top < box.bottom <= height


def test_arguments_override_the_title_page():
    text = b"1. Le GREVIO salue le refuge.\n\n2. The Committee urges the State party to act.\n"
    assert read_report(text, body="cedaw", state="xb", language="en").state == "XB"
    assert read_report(text, body="cedaw", language="fr").language == "fr"
    with pytest.raises(UnknownProfile) as refused:
        read_report(text, body="nobody")
    assert "grevio" in refused.value.advice


def test_a_report_of_an_unknown_body_is_split_with_a_note():
    reading = read_report(b"1. One thing.\n\n2. Another thing.\n")
    assert (reading.body, reading.language, reading.findings) == ("general", "und", ())
    assert [passage.number for passage in reading.passages] == ["1", "2"]
    assert "No monitoring body was recognised" in reading.extraction_report.notes[0]


def test_a_language_that_the_profile_does_not_know_is_noted_and_not_guessed():
    reading = read_report(b"1. GREVIO oppfordrer myndighetene.\n\n2. Og mer.\n", body="grevio")
    assert reading.findings == ()
    assert reading.extraction_report.notes == (
        "GREVIO’s wording was not found in any of the languages in its profile.",
    )


def test_a_path_can_be_read_and_gives_the_document_its_name(tmp_path):
    path = tmp_path / "a report.txt"
    path.write_text("1. One.\n\n2. Two.\n")
    assert read_report(path).document == "a report.txt"
    assert read_report(str(path)) == read_report(path)
    with pytest.raises(FileNotFoundError):
        read_report(tmp_path / "missing.txt")
    with pytest.raises(EmptyReport):
        read_report(b"")


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Report of the Working Group on the Universal Periodic Review A/HRC/12/9", "upr"),
        ("GREVIO’s (Baseline) Evaluation Report", "grevio"),
        ("Rapport d’évaluation de référence du GREVIO", "grevio"),
        ("Committee of the Parties: Recommendation on the implementation of the Convention IC-CP/Inf(2021)1",
         "committee_of_the_parties"),
        ("Committee on the Elimination of Discrimination against Women: Concluding observations on it", "cedaw"),
        ("Annual report of a bank", "general"),
    ],
)  # fmt: skip
def test_a_body_is_recognised_by_its_wording_on_the_title_page(title, body):
    assert recognise_profile(title, "").id == body


def test_of_two_bodies_that_match_equally_well_the_one_on_the_title_page_is_recognised():
    cited = (
        "Committee on the Elimination of Discrimination against Women, CEDAW/C/NMK/4, concluding observations on the"
    )
    assert recognise_profile("A note by GREVIO", cited).id == "grevio"
    assert recognise_profile("A note", cited).id == "cedaw"


def test_every_profile_can_be_read_and_has_a_readme():
    for body in known_bodies():
        assert get_profile(body).annex is not None
        assert get_profile(body).recognition_patterns
        assert (ROOT / "src/samsvar/monitoring/profiles" / body / "README.md").is_file()


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=50),
        st.sampled_from([
            "1. ", "2. GREVIO urges the authorities to:", "   a. act;", "• act", "I. PREVENTION", "Article 7", "¹ note",
            "Annex", "....................... 7", "GREVIO/Inf(2021)31", "95.1 Ratify (France);", "12", "\x0c", "Norway",
        ]),
    ),
    max_size=30,
).map("\n".join)  # fmt: skip


@given(TEXTS, st.sampled_from(["auto", *known_bodies()]))
def test_every_character_of_any_text_is_accounted_for(text, body):
    if not text.strip("\0 \t\r\n\f\v\x1c\x1d\x1e\x1f\x85\xa0") or not text.split():
        return
    try:
        reading = read_report(text.encode("utf-8", "replace"), body=body, language="en", format="text")
    except UnknownFormat:  # rejected with a named error, and only for characters that no text has
        assert sum(ord(character) < 32 and character not in "\t\n\v\f\r" for character in text) > 0
        return
    account = reading.extraction_report
    printed = len("".join(text.encode("utf-8", "replace").decode("utf-8-sig").split()))
    assert account.read == printed
    assert account.read == account.understood + sum(account.set_aside.values()) + account.unexplained_characters
    assert set(account.set_aside) == {aside.value for aside in SetAsideReason}
    squeezed = ["".join(passage.text.split()) for passage in reading.passages]
    spanned = ["".join(passage.span.extract(reading.text).split()) for passage in reading.passages]
    assert spanned == squeezed
    assert all(finding.page <= reading.page_count for finding in reading.findings)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real reports are in ../shared, which is not here")
def test_the_real_recommendations_are_found():
    """Compare our reading with a list of hand-coded recommendations; see profiles/upr/README.md for what is left."""
    lines = []
    for path in sorted((SHARED / "documents" / "upr").glob("*.pdf")):
        for finding in read_report(path, body="upr").findings:
            row = {"document": finding.document, "paragraph": finding.paragraph, "text": finding.text}
            lines.append(json.dumps(row | {"from_state": finding.from_state}))
    done = subprocess.run(
        [sys.executable, SHARED / "bench" / "score_upr_exact.py", SHARED / "documents" / "upr" / "gold.jsonl"],
        input="\n".join(lines), capture_output=True, text=True, check=True,
    )  # fmt: skip
    words = done.stdout.splitlines()[-1].split()
    scores = {name: float(value) for name, value in zip(words[::2], words[1::2], strict=True)}
    assert (scores["files"], scores["gold"]) == (24, 3168)
    assert scores["recall"] >= 0.9995
    assert scores["precision"] >= 0.997
    assert scores["state"] >= 0.999
    assert scores["number"] >= 0.999
    assert scores["whole"] == 1.0
    stored = json.loads((ROOT / "src/samsvar/accuracy.json").read_text(encoding="utf-8"))["measured"]
    (figures,) = [measured["figure"] for measured in stored if measured["what"] == "Recommendations found"]
    assert figures == ", ".join(  # if they differ: benchmarks/findings.py --write
        f"{name} {scores[name]:.4f}" for name in ("recall", "precision", "state", "number", "whole")
    )


@pytest.mark.parametrize("report", fictional_reports(), ids=lambda report: report.file)
def test_every_passage_of_a_pdf_is_found_on_its_page_in_its_box(report):
    """Check that the text in a passage's boxes, read by the PDF library itself, begins and ends as the passage does."""
    import pypdfium2

    content = compile_pdf(report)
    reading = read_report(content)
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage() for page in document]
    for passage in reading.passages:
        inside = ""
        for box in passage.boxes:
            width, height = reading.page_sizes[box.page - 1]
            assert 0 <= box.left <= box.right <= width
            assert 0 <= box.top <= box.bottom <= height
            text = pages[box.page - 1].get_text_bounded(
                box.left - 1, height - box.bottom - 2, box.right + 2, height - box.top + 2
            )
            inside += letters_only(text)
        assert letters_only(passage.text)[:25] in inside, passage
        assert letters_only(passage.text)[-25:] in inside, passage


def letters_only(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


SPANISH = """Comité para la Eliminación de la Discriminación contra la Mujer
CEDAW/C/XAA/CO/4

C. Principales motivos de preocupación y recomendaciones

1. El Comité recomienda que el Estado parte abra refugios para las mujeres que han dejado un hogar violento.

2. El Comité invita al Estado parte a que los jueces y los fiscales reciban formación sobre la violencia.
"""


def test_a_report_in_a_language_without_wording_is_not_examined_and_says_so():
    reading = read_report(SPANISH.encode(), body="cedaw", format="text")
    assert (reading.language, reading.findings, reading.unexamined) == ("es", (), "language")
    (note,) = reading.extraction_report.notes
    assert note == (
        "The report is in Spanish. The wording of CEDAW Committee is known in English and French only, so no"
        " conclusions were extracted."
    )
    as_english = read_report(SPANISH.encode(), body="cedaw", format="text", language="en")
    assert as_english.unexamined == ""


MISSION = """United Nations A/HRC/99/42/Add.1
Human Rights Council

Visit to Nordmark
Report of the Special Rapporteur on violence against women and girls, its causes and consequences

III. Findings

1. Shelters should be open to all women, but the report of the Ministry shows that they are not.

VI. Conclusions and recommendations

2. Shelters should be open to all women, and the Government should pay for them in all of the regions.

3. I urge the Government of Nordmark to ratify the treaty and to report on what has been done by the end of 2027.
"""


def test_a_report_of_a_special_rapporteur_is_recognised_and_speaks_in_its_recommendations():
    reading = read_report(MISSION.encode(), format="text")
    assert (reading.body, reading.state, reading.procedure) == ("special_procedures", "XA", "country_visit")
    assert reading.reference == "A/HRC/99/42/Add.1"
    assert [(f.paragraph, f.verb, f.addressee, f.deadline) for f in reading.findings] == [
        ("2", "should", None, None),
        ("3", "urge", "the Government of Nordmark", "by the end of 2027"),
    ]
