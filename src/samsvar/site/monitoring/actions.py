"""Every write about reports and findings: reading one in, judging a finding, sweeping up after a kill.

A report is there whole or not at all. Its file is stored first, under its content hash; its rows follow in one
transaction. What a kill can leave between the two is a file that no row names, and `sweep_files` removes it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Model
from django.utils import timezone

from samsvar.errors import MonitoringError, ReaderCrashed, SamsvarError, TooLarge
from samsvar.ids import content_hash, slug, stable_id
from samsvar.monitoring.catalogue import Document, Placed, Section, catalogue
from samsvar.monitoring.lineage import Issued, links_among
from samsvar.monitoring.report import Finding, Passage, Reading, Strength
from samsvar.monitoring.review import Change, Decision, Outcome, after, change_between
from samsvar.site.audit.actions import record
from samsvar.site.convention.actions import bring
from samsvar.site.convention.models import State
from samsvar.site.monitoring import models, storage
from samsvar.site.monitoring.permissions import can_review, can_upload
from samsvar.site.monitoring.queries import finding_value
from samsvar.site.network.access.permissions import Account

type Reader = Callable[..., Reading]
type User = Account | None

MOST_ATTEMPTS = 3  # readings begun; a file that took its reader down this often is refused
ORPHAN_AGE = timedelta(hours=1)  # a file is stored seconds before its row; an hour is no race, even on a slow machine

log = logging.getLogger(__name__)


class FileLost(MonitoringError):
    """The stored file is missing, or is not what its name says."""

    code = "file_lost"
    advice = "Bring the report in once more."


class FindingChanged(MonitoringError):
    """Somebody else judged this finding in the meantime."""

    code = "finding_changed"
    kept = "Your judgement was not stored; theirs was."
    advice = "Look at the finding as it is now, and judge it again if you still want to."


class NoSuchLabel(MonitoringError):
    """A strength or an article was given that does not exist."""

    code = "no_such_label"
    kept = "The finding is as it was."


def read_within_limits(content: bytes, **how: Any) -> Reading:
    """The library's guarded reading, in a child process with this site's limits of time and memory."""
    from samsvar.monitoring.sandbox import read_report_guarded

    return read_report_guarded(
        content, seconds=settings.SAMSVAR_READ_SECONDS, megabytes=settings.SAMSVAR_READ_MEGABYTES, **how
    )


def ingest_report(
    *,
    content: bytes,
    filename: str,
    body: str = "auto",
    state: str | None = None,
    published: date | None = None,
    by: User = None,
    origin: str = models.Document.Origin.UPLOAD,
    about: dict[str, Any] | None = None,
    read: Reader = read_within_limits,
) -> models.Report:
    """Read a report and store it whole: file, document, passages, findings, account and a line in the trail.

    The same file twice is one report: the one that is there already is returned. `about` holds what else is known of
    the document (reference, procedure, title, link, source …); `read` is how it is read. Raises the reader's named
    errors and stores nothing then.
    """
    hash_ = content_hash(content)
    if there := models.Report.objects.filter(content_hash=hash_).first():
        return there
    if len(content) > settings.SAMSVAR_UPLOAD_LIMIT:
        raise TooLarge(f"“{filename}” has {len(content):,} bytes; at most {settings.SAMSVAR_UPLOAD_LIMIT:,} are read.")
    reading = read(content, document=filename, body=body, state=state, published=published)
    storage.store(content)
    try:
        with transaction.atomic():
            return _keep(reading, hash_, content, filename, by=by, origin=origin, about=about or {})
    except IntegrityError:  # another process read the same file at the same time and was first
        if there := models.Report.objects.filter(content_hash=hash_).first():
            return there
        raise


def load_catalogue(*, by: User = None) -> dict[str, int]:
    """The library's catalogue of real documents and their sections as rows; says how many were written.

    Twice is as good as once. A document that a report was read in for keeps its report.
    """
    documents = catalogue()
    with transaction.atomic():
        of_catalogue = (models.Document.Origin.CATALOGUE, models.Document.Origin.HUDOC)
        unread = models.Document.objects.filter(origin__in=of_catalogue, report__isnull=True)
        written = bring(models.Document, "public_id", map(_catalogued, documents), forget=True, among=unread)
        keys = dict(models.Document.objects.values_list("public_id", "pk"))
        sections = [(keys[document.id], section) for document in documents for section in document.sections]
        written_sections = bring(
            models.Section, "public_id", (_section(key, one) for key, one in sections), forget=True
        )
        _place_sections([section for _, section in sections])
        if written or written_sections:
            record(
                by=by, verb="loaded", subject="catalogue", details={"documents": written, "sections": written_sections}
            )
    return {"documents": written, "sections": written_sections}


def reread_report(*, report: models.Report, by: User = None, read: Reader = read_within_limits) -> models.Report:
    """Read a stored report again, with the reader of today; a person's decisions stay, or come back to be looked at.

    A finding that a person has judged is found again by paragraph and place; where its text is the same the decision
    stays, where it is not, or the finding is gone, it is kept and marked for a person to look at.
    """
    content = storage.fetch(report.content_hash)
    if content is None:
        raise FileLost(f"The file of report {report.public_id} is not in the storage.")
    document = report.document
    reading = read(
        content,
        document=report.filename,
        body=document.body,
        state=document.state_id,
        published=_as_day(document.published),
    )
    with transaction.atomic():
        judged = {
            finding.public_id: finding
            for finding in report.findings.exclude(review=models.Finding.Review.MACHINE).prefetch_related("articles")
        }
        decisions = {key: (one, [article.article for article in one.articles.all()]) for key, one in judged.items()}
        report.passages.all().delete()
        report.findings.all().delete()
        _describe(report, reading)
        report.revision += 1
        report.save()
        _add_rows(report, reading, decisions)
        record(by=by, verb="read again", subject=f"report {report.public_id}", details={"reader": reading.reader})
    return report


def review_finding(
    *,
    finding: models.Finding,
    by: Account,
    review: str,
    strength: str | None = None,
    articles: Sequence[int] | None = None,
    note: str = "",
    seen: str | None = None,
) -> models.Finding:
    """Confirm a finding, correct its strength or articles, reject it, or give it back to the machine.

    `strength` and `articles` are None where they stay as they are. `seen` is `seen_state` of the finding that the
    reviewer looked at; where somebody else has judged it since, nothing is stored.
    """
    if not can_review(by, finding):
        raise PermissionDenied
    choice = models.Finding.Review(review)
    if strength is not None and strength not in {"", *Strength}:
        raise NoSuchLabel(f"There is no strength “{strength}”.")
    if articles is not None and not all(1 <= number <= 81 for number in articles):
        raise NoSuchLabel("The Convention has Articles 1 to 81.")
    with transaction.atomic():
        # a write first: it takes the change number's lock, behind which every other writer waits (decision 2)
        models.Report.objects.filter(pk=finding.report_id).update(revision=F("revision") + 1)
        finding = models.Finding.objects.prefetch_related("articles").get(pk=finding.pk)
        if seen is not None and seen != seen_state(finding):
            raise FindingChanged("Somebody else judged this finding while you were looking at it.")
        if choice is models.Finding.Review.MACHINE:
            strength, articles = finding.machine.get("strength", ""), finding.machine.get("articles", [])
        finding.review = choice
        finding.note = note
        finding.reviewed_by = by if choice is not models.Finding.Review.MACHINE else None
        finding.reviewed_at = timezone.now() if choice is not models.Finding.Review.MACHINE else None
        if strength is not None:
            finding.strength, finding.rank = strength, _rank(strength)
        finding.save()
        if articles is not None:
            finding.articles.all().delete()
            _place(finding, articles)
        record(
            by=by,
            verb={"confirmed": "confirmed", "rejected": "rejected", "machine": "gave back"}[choice.value],
            subject=f"finding {finding.public_id}",
            details={"strength": finding.strength, "articles": sorted(set(articles)) if articles is not None else None},
        )
    return models.Finding.objects.get(pk=finding.pk)


def seen_state(finding: models.Finding) -> str:
    """What a reviewer looked at, as one word that a form carries."""
    return f"{finding.review}-{finding.reviewed_at.isoformat() if finding.reviewed_at else ''}"


def link_findings(*, state: str | None) -> int:
    """Compute anew which findings on a state take up which earlier ones; says how many links there are.

    Citations are certain; likeness of words under the same article is a proposal (`samsvar.monitoring.lineage`).
    """
    if state is None:
        return 0
    rows = models.Finding.objects.filter(state_id=state).exclude(review=models.Finding.Review.REJECTED)
    issued = [
        Issued(
            key=str(row.pk),
            finding=finding_value(row),
            reference=row.report.document.reference or row.report.document.public_id,
            published=_as_day(row.report.document.published),
            answers=row.report.document.answers or None,
        )
        for row in rows.select_related("report__document").prefetch_related("articles")
    ]
    links = links_among(issued)
    with transaction.atomic():
        models.FindingLink.objects.filter(later__state_id=state).delete()
        models.FindingLink.objects.bulk_create(
            [
                models.FindingLink(
                    later_id=int(link.later),
                    earlier_id=int(link.earlier),
                    basis=link.basis.value,
                    certain=link.certain,
                    likeness=link.likeness,
                )
                for link in links
            ],
            batch_size=500,
            ignore_conflicts=True,  # one paragraph cited twice by the same finding is one link
        )
    return len(links)


# --- The way in by upload -------------------------------------------------------------------------------------------


def accept_upload(
    *, content: bytes, filename: str, body: str, state: str | None, published: date | None, by: Account
) -> models.Upload:
    """Keep a file and what its uploader says about it, to be read in the background; done if it is there already."""
    if not can_upload(by, state):
        raise PermissionDenied
    hash_ = content_hash(content)
    there = models.Report.objects.filter(content_hash=hash_).first()
    if there is None:
        storage.store(content)
    with transaction.atomic():
        upload = models.Upload.objects.create(
            uploaded_by=by,
            content_hash=hash_,
            filename=_fit(models.Upload, "filename", filename),
            size=len(content),
            body=body,
            state_id=state,
            published=published,
            report=there,
            progress=models.Upload.Progress.DONE if there else models.Upload.Progress.WAITING,
        )
        record(by=by, verb="uploaded", subject=f"upload {upload.pk}", details={"content": hash_, "size": len(content)})
    return upload


def read_in_upload(*, upload: models.Upload, read: Reader = read_within_limits) -> models.Upload:
    """Read an accepted file in; it ends as a whole report or as a refusal with its reason, and may be called again."""
    finished = (models.Upload.Progress.DONE, models.Upload.Progress.REFUSED)
    begun = (
        models.Upload.objects.filter(pk=upload.pk)
        .exclude(progress__in=finished)
        .update(progress=models.Upload.Progress.READING, attempts=F("attempts") + 1)
    )
    upload.refresh_from_db()
    if not begun:
        return upload
    try:
        if upload.attempts > MOST_ATTEMPTS:
            raise ReaderCrashed(
                f"“{upload.filename}” was tried {MOST_ATTEMPTS} times, and each time its reading was cut off."
            )
        content = storage.fetch(upload.content_hash)
        if content is None:
            raise FileLost(f"The file “{upload.filename}” is not in the storage.")
        upload.report = ingest_report(
            content=content,
            filename=upload.filename,
            body=upload.body,
            state=upload.state_id,
            published=upload.published,
            by=upload.uploaded_by,
            read=read,
        )
        upload.progress = models.Upload.Progress.DONE
    except SamsvarError as refusal:
        upload.progress = models.Upload.Progress.REFUSED
        upload.refusal = {
            "code": refusal.code,
            "message": storable(refusal.message),
            "kept": refusal.kept,
            "advice": refusal.advice,
        }
    except Exception:
        # our own mistake and not the file's: the uploader is told so, the log has the traceback
        log.exception("upload %s could not be read in", upload.pk)
        upload.progress = models.Upload.Progress.REFUSED
        upload.refusal = {
            "code": "our_mistake",
            "message": "Samsvar failed on this file. The fault is ours, and was noted.",
            "kept": "Nothing was stored.",
            "advice": "Tell those who run this site; they find it in the log by the number of this upload.",
        }
    upload.save(update_fields=["progress", "report", "refusal"])
    return upload


def unfinished_uploads() -> list[models.Upload]:
    """Uploads that wait, or whose reading was cut off: what a worker takes up at its start."""
    finished = (models.Upload.Progress.DONE, models.Upload.Progress.REFUSED)
    return list(models.Upload.objects.exclude(progress__in=finished).order_by("at"))


def sweep_files(*, older_than: timedelta = ORPHAN_AGE) -> list[str]:
    """Remove the files that no report and no waiting upload names, and say which they were."""
    candidates = storage.stored_before(timezone.now() - older_than)
    refused = models.Upload.Progress.REFUSED
    named = set(models.Report.objects.values_list("content_hash", flat=True))
    named |= set(models.Upload.objects.exclude(progress=refused).values_list("content_hash", flat=True))
    swept = [name for name in candidates if name.rpartition("/")[2] not in named]
    for name in swept:
        storage.remove(name)
    return swept


# --- From the catalogue to rows ---------------------------------------------------------------------------------------


def _catalogued(document: Document) -> dict[str, Any]:
    origin = models.Document.Origin.HUDOC if document.identifier else models.Document.Origin.CATALOGUE
    return {
        "public_id": document.id,
        "origin": origin.value,
        "body": document.body,
        "state_id": document.state,
        "procedure": document.procedure or "",
        "kind": document.kind.value,
        "reference": document.reference or "",
        "language": document.language,
        "published": str(document.published or ""),
        "link": document.link,
        "source": document.source,
        "second_source": document.second_source,
        "confidence": document.confidence.value,
        "note": document.note,
        "publisher": {
            "identifier": document.identifier,
            "expected_sections": document.expected_sections,
            "adopted": str(document.adopted or ""),
            "reference_confidence": document.reference_confidence.value if document.reference_confidence else "",
            "corrections": [asdict(correction) for correction in document.corrections],
            "flaws": list(document.flaws),
        },
    }


def _section(document: int, section: Section) -> dict[str, Any]:
    return {
        "public_id": section.id,
        "document_id": document,
        "number": section.number,
        "heading": section.heading,
        "link": section.link,
        "inherited": section.placed is Placed.BY_HEADING_ABOVE,
        "publisher": {
            "of": section.of,
            "outline": list(section.outline),
            "placed": section.placed.value,
            "probable_articles": list(section.probable_articles),
        },
    }


def _place_sections(sections: Sequence[Section]) -> None:
    """Make the articles of the catalogue's sections what the catalogue says, touching only those that differ."""
    keys = dict(models.Section.objects.values_list("public_id", "pk"))
    wanted = {(keys[section.id], int(number)) for section in sections for number in section.articles}
    there = {(row.section_id, row.article): row.pk for row in models.SectionArticle.objects.all()}
    if gone := [there[pair] for pair in there.keys() - wanted]:
        models.SectionArticle.objects.filter(pk__in=gone).delete()
    models.SectionArticle.objects.bulk_create(
        [models.SectionArticle(section_id=key, article=number) for key, number in sorted(wanted - there.keys())],
        batch_size=500,
    )


# --- From a reading to rows -------------------------------------------------------------------------------------------


def _keep(
    reading: Reading, hash_: str, content: bytes, filename: str, *, by: User, origin: str, about: dict[str, Any]
) -> models.Report:
    document = _document_for(reading, hash_, origin=origin, about=about)
    report = models.Report(
        public_id=stable_id("report", hash_),
        document=document,
        content_hash=hash_,
        filename=_fit(models.Report, "filename", storable(filename)),
        size=len(content),
        read_by=by,
    )
    _describe(report, reading)
    report.save()
    _add_rows(report, reading, {})
    record(
        by=by,
        verb="read in",
        subject=f"report {report.public_id}",
        details={"reader": reading.reader, "findings": len(reading.findings), "origin": origin},
    )
    return report


def _document_for(reading: Reading, hash_: str, *, origin: str, about: dict[str, Any]) -> models.Document:
    """The catalogue's document with this reference, where it has no report yet; else a new one."""
    state = State.objects.filter(code=reading.state).first() if reading.state else None
    reference = about.get("reference") or reading.reference or ""
    if reference and state:
        unread = models.Document.objects.filter(state=state, body=reading.body, report__isnull=True)
        for document in unread.exclude(reference=""):
            if slug(document.reference) == slug(reference):
                return document
    published = about.get("published") or (reading.published.isoformat() if reading.published else "")
    known = {name: storable(str(value)) for name, value in about.items() if name in _ABOUT}
    return models.Document.objects.create(
        **{
            "public_id": stable_id("document", hash_),
            "origin": origin,
            "body": reading.body,
            "state": state,
            "procedure": reading.procedure or "",
            "language": reading.language,
            **known,
            "reference": _fit(models.Document, "reference", storable(reference)),
            "published": published,
        }
    )


_ABOUT = frozenset({"answers", "kind", "procedure", "title", "link", "source", "second_source", "confidence", "note"})


def _describe(report: models.Report, reading: Reading) -> None:
    account = reading.account
    report.format = reading.format
    report.page_count = reading.page_count
    report.page_sizes = [[round(width, 2), round(height, 2)] for width, height in reading.page_sizes]
    report.language = reading.language
    report.reader = _fit(models.Report, "reader", reading.reader)
    report.account = {
        "read": account.read,
        "understood": account.understood,
        "set_aside": dict(account.set_aside),
        "unexplained": [{"text": storable(line.text), "page": line.page} for line in account.unexplained],
        "notes": [storable(note) for note in account.notes],
    }


def _add_rows(report: models.Report, reading: Reading, decisions: dict[str, tuple[models.Finding, list[int]]]) -> None:
    """Passages and findings of a reading; `decisions` are a person's, by the public id of the finding."""
    passages = models.Passage.objects.bulk_create(
        (_passage(report, number, passage) for number, passage in enumerate(reading.passages)), batch_size=500
    )
    stands_in = _places(reading.passages, passages)
    rows: list[models.Finding] = []
    placed: list[Sequence[int]] = []
    seen: dict[str, int] = {}
    left = dict(decisions)
    for ordinal, finding in enumerate(reading.findings):
        where = finding.paragraph or f"page {finding.page}"
        seen[where] = seen.get(where, 0) + 1
        row = _finding(report, ordinal, finding, stable_id("finding", report.content_hash, where, str(seen[where])))
        row.passage = stands_in(finding)
        articles: Sequence[int] = row.machine["articles"]
        if row.public_id in left:
            articles = _with_decision(row, finding, *left.pop(row.public_id))
        rows.append(row)
        placed.append(articles)
    for row, articles in left.values():  # judged once, not found any more: kept, and a person is told
        row.pk, row.passage, row.ordinal = None, None, len(rows)
        _without_reading(row, articles)
        rows.append(row)
        placed.append(articles)
    rows = models.Finding.objects.bulk_create(rows, batch_size=200)
    models.FindingArticle.objects.bulk_create(
        [
            models.FindingArticle(finding=row, article=number)
            for row, numbers in zip(rows, placed, strict=True)
            for number in sorted(set(numbers))
        ],
        batch_size=1000,
    )
    link_findings(state=report.document.state_id)


GONE = "[came back: the newer reader does not find it]"
TEXT_CHANGED = "[came back: the text read differs from what was judged]"


def _decision_on(row: models.Finding, articles: Sequence[int]) -> Decision:
    """What a person has decided about this row, in the words of `samsvar.monitoring.review`."""
    match models.Finding.Review(row.review):
        case models.Finding.Review.MACHINE:
            return Decision.NONE
        case models.Finding.Review.REJECTED:
            return Decision.REJECTED
        case models.Finding.Review.CONFIRMED:
            same = (row.machine.get("strength"), row.machine.get("articles")) == (row.strength, sorted(articles))
            return Decision.ACCEPTED if same else Decision.CORRECTED


def _with_decision(row: models.Finding, now: Finding, old: models.Finding, articles: list[int]) -> Sequence[int]:
    """Carry a person's decision over to the new row, or return the finding to the list; the articles it then has."""
    machine_articles: Sequence[int] = row.machine["articles"]
    if after(_decision_on(old, articles), change_between(finding_value(old), now)) is Outcome.RETURN:
        row.note = f"{TEXT_CHANGED} {old.note}".strip()
        return machine_articles
    row.review, row.reviewed_by, row.reviewed_at, row.note = old.review, old.reviewed_by, old.reviewed_at, old.note
    row.strength, row.rank = old.strength, old.rank
    return articles


def _without_reading(row: models.Finding, articles: list[int]) -> None:
    """A row that a person judged and a newer reader does not find: kept, and listed again where the table says so."""
    if after(_decision_on(row, articles), Change.GONE) is Outcome.RETURN:
        row.review, row.reviewed_by, row.reviewed_at = models.Finding.Review.MACHINE, None, None
        row.note = f"{GONE} {row.note}".strip()


def _passage(report: models.Report, ordinal: int, passage: Passage) -> models.Passage:
    return models.Passage(
        report=report,
        ordinal=ordinal,
        number=_fit(models.Passage, "number", passage.number),
        text=storable(passage.text),
        page=passage.pages[0] if passage.pages else 1,
        boxes=_rounded(passage.boxes),
        headings=[storable(heading) for heading in passage.headings],
        footnotes=[storable(note) for note in passage.footnotes],
    )


def _finding(report: models.Report, ordinal: int, finding: Finding, public_id: str) -> models.Finding:
    strength = finding.strength.value if finding.strength else ""
    document = report.document
    year = document.published[:4]
    return models.Finding(
        public_id=public_id,
        report=report,
        ordinal=ordinal,
        state=document.state,
        body=finding.body,
        procedure=document.procedure,
        year=int(year) if year.isdigit() else None,
        paragraph=_fit(models.Finding, "paragraph", finding.paragraph),
        page=finding.page,
        pages=list(finding.pages),
        boxes=_rounded(finding.boxes),
        heading=storable(finding.heading),
        strength=strength,
        rank=_rank(strength),
        verb=_fit(models.Finding, "verb", storable(finding.verb)),
        addressee=_fit(models.Finding, "addressee", storable(finding.addressee or "")),
        from_states=[storable(name) for name in finding.from_state],
        actions=[storable(action) for action in finding.actions],
        deadline=_fit(models.Finding, "deadline", storable(finding.deadline or "")),
        cites=[storable(cite) for cite in finding.cites],
        text=storable(finding.text),
        language=finding.language,
        reader=_fit(models.Finding, "reader", finding.reader),
        machine={
            "strength": strength,
            "articles": sorted({int(number) for number in finding.articles if number.isdigit()}),
        },
    )


def _places(values: Sequence[Passage], rows: Sequence[models.Passage]) -> Callable[[Finding], models.Passage | None]:
    """A function that names the passage a finding stands in: by number, and by page where a number comes twice."""
    by_number: dict[str, list[tuple[Passage, models.Passage]]] = {}
    for value, row in zip(values, rows, strict=True):
        by_number.setdefault(value.number, []).append((value, row))

    def stands_in(finding: Finding) -> models.Passage | None:
        candidates = [pair for pair in by_number.get(finding.paragraph, []) if finding.page in pair[0].pages]
        holding = [pair for pair in candidates if _flat(finding.text) in _flat(pair[0].text)]
        best = holding or (candidates if finding.paragraph else [])
        return best[0][1] if best else None

    return stands_in


def _place(finding: models.Finding, articles: Iterable[int]) -> None:
    models.FindingArticle.objects.bulk_create(
        models.FindingArticle(finding=finding, article=number) for number in sorted(set(articles))
    )


def _rank(strength: str) -> int:
    return Strength(strength).rank if strength else 9


def _rounded(boxes: Iterable[Any]) -> list[list[float]]:
    return [[box.page, *(round(value, 2) for value in (box.left, box.top, box.right, box.bottom))] for box in boxes]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _as_day(iso: str) -> date | None:
    try:
        return datetime.strptime(iso, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        return None


def storable(text: str) -> str:
    """The text as both databases take it: PostgreSQL knows no NUL, and neither knows half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _fit(model: type[Model], field: str, text: str) -> str:
    """The text, cut to the column where it is longer: PostgreSQL would refuse it and SQLite would not."""
    longest = getattr(model._meta.get_field(field), "max_length", None) or 0
    return text if len(text) <= longest else text[: longest - 1] + "…"
