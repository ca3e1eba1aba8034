"""The pipeline from the bytes of a report to findings with their paragraph and page; start here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from samsvar.errors import OcrRequired, ReadingTooLarge
from samsvar.languages import detect_language, display_language
from samsvar.monitoring.extraction_report import build_extraction_report
from samsvar.monitoring.findings import extract_findings_by_verb
from samsvar.monitoring.ocr import find_tesseract, read_scanned_pages
from samsvar.monitoring.passages import SplitReport, split_into_passages
from samsvar.monitoring.passages.joining import HyphenResolver
from samsvar.monitoring.profile import Profile, get_profile, recognise_profile
from samsvar.monitoring.profiles.upr.lines import correct_lines
from samsvar.monitoring.profiles.upr.rules import find_recommendations, note_irregularities
from samsvar.monitoring.reading import read_pages
from samsvar.monitoring.report import Finding, Line, Passage, Reading, Report, SetAsideReason, TitlePage
from samsvar.monitoring.title_page import find_publication_date, find_title
from samsvar.monitoring.wording import list_wording_languages
from samsvar.territories import code_by_name

TITLE_LINES = 60  # lines from the top of a page that are searched for a body, a state and a reference
MAX_STATE_NAME_WORDS = 8  # "United Kingdom of Great Britain and Northern Ireland" has eight
UNKNOWN_LANGUAGE = "und"  # BCP 47 code for a language that was not determined


def read_report(
    source: bytes | str | Path,
    *,
    document: str | None = None,
    body: str = "auto",
    state: str | None = None,
    language: str = "auto",
    published: date | None = None,
    format: str = "auto",  # noqa: A002 - the word that callers expect
    ocr: bool = True,
) -> Reading:
    """Read a report, given as bytes or as a path.

    `document` is its display name (by default the filename). `body` is the id of a profile, or "auto" to
    recognise it. `state` is the code of the state under review; if None, it is taken from the title page.
    `language` is a code, or "auto" to detect it. `format` is "pdf", "docx", "html" or "text", or "auto" to
    detect it from the first bytes. Scans are read with Tesseract if it is installed, unless `ocr` is False; this
    takes seconds for each page, and `extraction_report.ocr` says how sure it was. Raises a MonitoringError that
    explains why a file cannot be read.
    """
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    name = document or ("report" if isinstance(source, bytes) else Path(source).name)
    ocr_summary = None
    try:
        report = read_pages(content, name, format)
    except OcrRequired:
        if not ocr or find_tesseract() is None:
            raise
        report, ocr_summary = read_scanned_pages(content, name, language)
    detected = detect_profile(report)
    profile = detected if body == "auto" else get_profile(body)
    if profile.concludes_by == "recommendations":
        report = correct_lines(report)
    split = split_into_passages(report, profile)
    title_page = read_title_page(report, split, detected)
    metadata = read_metadata(
        report, split, profile, state=state, language=title_page.language if language == "auto" else language
    )
    check_size(split.passages)
    findings, notes = extract_findings(split, profile, metadata, document=name)
    check_size(split.passages, findings)
    extraction_report = build_extraction_report(report, split, (*report.notes, *notes))
    extraction_report = replace(extraction_report, ocr=ocr_summary)
    return Reading(
        document=name,
        body=profile.id,
        state=metadata.state,
        procedure=metadata.procedure,
        reference=metadata.reference,
        published=published,
        language=metadata.language,
        format=report.format,
        page_count=len(report.pages),
        page_sizes=tuple((page.width, page.height) for page in report.pages),
        text=split.text,
        passages=split.passages,
        findings=findings,
        extraction_report=extraction_report,
        reader=profile.reader,
        source_hash=sha256(content).hexdigest(),
        unexamined=_find_reason_not_to_examine(profile, metadata.language),
        title_page=title_page,
    )


# Bounds far above any report: of 56 reviews measured (2026-11), the longest has 77,000 characters, the longest
# paragraph 3,000, and the most findings are 268. What is stored and shown of a reading grows with them.
MAX_TEXT = 5_000_000  # characters of all paragraphs
MAX_PARAGRAPH = 100_000  # characters
MAX_FINDINGS = 5_000


def check_size(passages: Sequence[Passage], findings: Sequence[Finding] = ()) -> None:
    """Raise ReadingTooLarge for a text that cannot be a single report, before anything is computed from it."""
    longest = max((len(passage.text) for passage in passages), default=0)
    total = sum(len(passage.text) for passage in passages)
    if longest > MAX_PARAGRAPH:
        raise ReadingTooLarge(f"One paragraph has {longest:,} characters; the limit is {MAX_PARAGRAPH:,}.")
    if total > MAX_TEXT:
        raise ReadingTooLarge(f"The text has {total:,} characters; the limit is {MAX_TEXT:,}.")
    if len(findings) > MAX_FINDINGS:
        raise ReadingTooLarge(f"The report has {len(findings):,} findings; the limit is {MAX_FINDINGS:,}.")


@dataclass(frozen=True, slots=True)
class ReportMetadata:
    """The metadata of a report, found on its first pages or given by the caller."""

    state: str | None
    procedure: str | None
    reference: str | None
    language: str


def read_title_page(report: Report, split: SplitReport, profile: Profile) -> TitlePage:
    """Return the details that the first pages state, to be compared with those that a person gives.

    `profile` is that of the body recognised on them.
    """
    metadata = read_metadata(report, split, profile, state=None, language="auto")
    hyphens = HyphenResolver([line for page in report.pages for line in page.lines])
    return TitlePage(
        body=profile.id,
        state=metadata.state,
        procedure=metadata.procedure,
        reference=metadata.reference,
        title=find_title(report.pages[0].lines[:TITLE_LINES], hyphens),
        published=find_publication_date(line.text for page in report.pages[:2] for line in page.lines[:TITLE_LINES]),
        language=metadata.language,
    )


def detect_profile(report: Report) -> Profile:
    """Return the profile of the body named on the first pages; the general profile if none is recognised."""
    beginning = " ".join(line.text for page in report.pages[1:3] for line in page.lines[:TITLE_LINES])
    return recognise_profile(_title_text(report), beginning)


def _title_text(report: Report) -> str:
    """Return the text at the top of the first page, including its running heads."""
    lines = report.pages[0].lines
    running = (line.text for line in lines[TITLE_LINES:] if line.aside is SetAsideReason.RUNNING_HEAD)
    return " ".join([*(line.text for line in lines[:TITLE_LINES]), *running])


def read_metadata(
    report: Report, split: SplitReport, profile: Profile, *, state: str | None, language: str
) -> ReportMetadata:
    """Return the metadata from a report's first pages; a `state` or `language` given by the caller is used instead."""
    title = _title_text(report)
    second = report.pages[1].lines[:TITLE_LINES] if len(report.pages) > 1 else ()
    beginning = " ".join([title, *(line.text for line in second)])
    reference = profile.reference.search(beginning) if profile.reference else None
    procedure = next((name for words, name in profile.procedures if words.search(title)), None) or next(
        (name for words, name in profile.procedures if words.search(beginning)), profile.procedure
    )
    if language == "auto":
        language = detect_language(_language_sample(split.passages)) or UNKNOWN_LANGUAGE
    return ReportMetadata(
        state=state.upper()
        if state
        else _find_visited_state(title, profile) or _find_title_state(report.pages[0].lines),
        procedure=procedure,
        reference=reference[0] if reference else None,
        language=language,
    )


def _language_sample(passages: tuple[Passage, ...]) -> str:
    """Return about 6,000 characters of running text, which is enough to detect the language quickly."""
    texts: list[str] = []
    length = 0
    for passage in passages:
        texts.append(passage.text)
        length += len(passage.text)
        if length > 6_000:
            break
    return " ".join(texts)[:8_000]


def _find_visited_state(title: str, profile: Profile) -> str | None:
    """Return the code of the state that a title names after words such as "Visit to", or None."""
    match = profile.state_under_review.search(title) if profile.state_under_review else None
    words = match["state"].split()[:MAX_STATE_NAME_WORDS] if match else []
    names = (" ".join(words[:length]) for length in range(len(words), 0, -1))
    return next((code for name in names if (code := code_by_name(name.strip(" ,.*")))), None)


def _find_title_state(lines: tuple[Line, ...]) -> str | None:
    """Return the code of the state named alone on one or two lines of the title page, in the largest type, or None."""
    best: tuple[float, str] | None = None
    for number, line in enumerate(lines[:TITLE_LINES]):
        after = lines[number + 1].text if number + 1 < len(lines) else ""
        if len(line.text) > 80:
            continue
        code = code_by_name(line.text) or code_by_name(f"{line.text} {after}")
        if code and (best is None or line.size > best[0]):
            best = (line.size, code)
    return best[1] if best else None


def _find_reason_not_to_examine(profile: Profile, language: str) -> str:
    """Return why no findings are looked for, as in `Reading.unexamined`. An unknown language is tried all the same."""
    if profile.concludes_by == "nothing":
        return "author"
    if profile.concludes_by == "verbs" and language not in (*list_wording_languages(profile.id), UNKNOWN_LANGUAGE):
        return "language"
    return ""


def extract_findings(
    split: SplitReport, profile: Profile, metadata: ReportMetadata, *, document: str
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return the findings of a report, and notes for a person to check."""
    match profile.concludes_by:
        case "recommendations":
            recommendations = find_recommendations(
                split.passages, profile, document=document, state=metadata.state, language=metadata.language
            )
            return recommendations, note_irregularities(recommendations)
        case "verbs" if _find_reason_not_to_examine(profile, metadata.language) == "language":
            known = " and ".join(display_language(code) for code in list_wording_languages(profile.id))
            note = (
                f"The report is in {display_language(metadata.language)}. The wording of {profile.name} is known in "
                f"{known} only, so no conclusions were extracted."
            )
            return (), (note,)
        case "verbs":
            findings, notes = extract_findings_by_verb(
                split.passages,
                split.annex,
                document=document,
                body=profile.id,
                state=metadata.state,
                procedure=metadata.procedure,
                language=metadata.language,
                reader=profile.reader,
            )
            if not findings and metadata.language == UNKNOWN_LANGUAGE:
                notes = (*notes, f"{profile.name}’s wording was not found in any of the languages in its profile.")
            return findings, notes
        case _:
            return (), (
                "No monitoring body was recognised, so no conclusions were extracted. Choose the report’s author.",
            )
