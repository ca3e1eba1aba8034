"""From the bytes of a report to findings that each point at their paragraph: start here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from samsvar.languages import probable_language
from samsvar.monitoring.account import account_for
from samsvar.monitoring.findings import conclude_by_verbs
from samsvar.monitoring.passages import Split, split_into_passages
from samsvar.monitoring.profile import Profile, profile_of, recognised
from samsvar.monitoring.profiles.upr.rules import find_recommendations
from samsvar.monitoring.reading import read_pages
from samsvar.monitoring.report import Aside, Finding, Line, Passage, Reading, Report
from samsvar.territories import code_of

TITLE_LINES = 60  # lines from the top of a page in which a body, a state and a reference are looked for
UNKNOWN_LANGUAGE = "und"  # BCP 47: a language that was not determined


def read_report(
    source: bytes | str | Path,
    *,
    document: str | None = None,
    body: str = "auto",
    state: str | None = None,
    language: str = "auto",
    published: date | None = None,
    format: str = "auto",  # noqa: A002 - the word that callers expect
) -> Reading:
    """Everything a report says, from its bytes or its path.

    `document` is what to call it (the file's name where a path is given); `body` a profile's id, or "auto" to recognise
    it; `state` the code of the state under review, read from the title page where it is None; `language` "auto", or a
    code; `format` "auto", or "pdf", "docx", "html", "text" where the caller knows better than the first bytes.
    Raises a MonitoringError that names why a file cannot be read.
    """
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    called = document or ("report" if isinstance(source, bytes) else Path(source).name)
    report = read_pages(content, called, format)
    profile = profile_of_report(report) if body == "auto" else profile_of(body)
    split = split_into_passages(report, profile)
    about = what_the_title_says(report, split, profile, state=state, language=language)
    findings, notes = conclude(split, profile, about, document=called)
    account = account_for(report, split, notes)
    return Reading(
        document=called,
        body=profile.id,
        state=about.state,
        procedure=about.procedure,
        reference=about.reference,
        published=published,
        language=about.language,
        format=report.format,
        page_count=len(report.pages),
        page_sizes=tuple((page.width, page.height) for page in report.pages),
        text=split.text,
        passages=split.passages,
        findings=findings,
        account=account,
        reader=profile.reader,
        source_hash=sha256(content).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class About:
    """What the first pages say about a report."""

    state: str | None
    procedure: str | None
    reference: str | None
    language: str


def profile_of_report(report: Report) -> Profile:
    """The profile of the body that the first pages name."""
    beginning = " ".join(line.text for page in report.pages[1:3] for line in page.lines[:TITLE_LINES])
    return recognised(_title_of(report), beginning)


def _title_of(report: Report) -> str:
    """The text at the top of the first page, and what runs above and below it."""
    lines = report.pages[0].lines
    running = (line.text for line in lines[TITLE_LINES:] if line.aside is Aside.RUNNING_HEAD)
    return " ".join([*(line.text for line in lines[:TITLE_LINES]), *running])


def what_the_title_says(report: Report, split: Split, profile: Profile, *, state: str | None, language: str) -> About:
    """State, procedure, reference and language of a report, where its first pages name them."""
    title = _title_of(report)
    second = report.pages[1].lines[:TITLE_LINES] if len(report.pages) > 1 else ()
    beginning = " ".join([title, *(line.text for line in second)])
    reference = profile.reference.search(beginning) if profile.reference else None
    procedure = next((name for words, name in profile.procedures if words.search(title)), None) or next(
        (name for words, name in profile.procedures if words.search(beginning)), profile.procedure
    )
    if language == "auto":
        language = probable_language(_sample(split.passages)) or UNKNOWN_LANGUAGE
    return About(
        state=state.upper() if state else _state_on_title(report.pages[0].lines),
        procedure=procedure,
        reference=reference[0] if reference else None,
        language=language,
    )


def _sample(passages: tuple[Passage, ...]) -> str:
    """Some 6,000 characters of running text: enough to tell a language, and cheap."""
    texts: list[str] = []
    length = 0
    for passage in passages:
        texts.append(passage.text)
        length += len(passage.text)
        if length > 6_000:
            break
    return " ".join(texts)[:8_000]


def _state_on_title(lines: tuple[Line, ...]) -> str | None:
    """The code of the state that has a line, or two, of the title page to itself; the largest print counts."""
    best: tuple[float, str] | None = None
    for number, line in enumerate(lines[:TITLE_LINES]):
        after = lines[number + 1].text if number + 1 < len(lines) else ""
        if len(line.text) > 80:
            continue
        code = code_of(line.text) or code_of(f"{line.text} {after}")
        if code and (best is None or line.size > best[0]):
            best = (line.size, code)
    return best[1] if best else None


def conclude(
    split: Split, profile: Profile, about: About, *, document: str
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings of a report, and notes on what a person should look at."""
    match profile.concludes_by:
        case "recommendations":
            found = find_recommendations(
                split.passages, profile, document=document, state=about.state, language=about.language
            )
            return found, ()
        case "verbs":
            findings, notes = conclude_by_verbs(
                split.passages,
                split.annex,
                document=document,
                body=profile.id,
                state=about.state,
                procedure=about.procedure,
                language=about.language,
                reader=profile.reader,
            )
            if not findings and about.language == UNKNOWN_LANGUAGE:
                notes = (*notes, f"{profile.name}’s words were found in none of the languages that its profile knows.")
            return findings, notes
        case _:
            return (), (
                "No monitoring body was recognised, so that no conclusions were sought: say whose report it is.",
            )
