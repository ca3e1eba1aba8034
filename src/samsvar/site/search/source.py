"""The source of the search index: database rows as searchable items, in groups.

A group is a processed report (with its document, its findings and the passages without a finding), or a document of the
catalogue with its sections; other apps add groups of their own (`ItemSource`). Nothing that is not public to everyone
may be here, because the index knows no readers.

The fingerprint of a group changes whenever anything in it that can be found or shown changes. Every action that reviews
or reprocesses a report increases its `revision`, so its findings need not be read to compute the fingerprint.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import batched
from typing import Any, Protocol

from django.db import connection
from django.db.models import Prefetch

from samsvar.ids import stable_id
from samsvar.search.items import IndexGroup, SearchItem
from samsvar.site.audit.queries import get_change_number
from samsvar.site.monitoring.models import Document, Finding, FindingArticle, Passage, Report, Section, SectionArticle
from samsvar.site.shell import hooks
from samsvar.territories import is_fictional

REPORT_BATCH_SIZE = 20  # some 10,000 passages in memory; larger batches are not faster
DOCUMENT_BATCH_SIZE = 200
CATALOGUE_LANGUAGE = "en"  # of documents without a language: the catalogue's titles are in English (2026-11)
# the fields of a document that are searched or shown
_DOCUMENT_FIELDS = "state_id body procedure kind reference title language published link origin".split()


class ItemSource(Protocol):
    """The public items of one kind that another app adds to the index, registered for the hook "search_items".

    The names of its groups begin with the kind and a stroke: "measure/XA". The text of an item begins with its title.
    """

    kind: str

    def fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprint of each group; it changes whenever anything in the group that is searched changes."""

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[IndexGroup]:
        """Return the groups with these names and fingerprints."""

    def get_url(self, public_id: str) -> str:
        """Return the URL of the page of an item whose id is "<kind>/<public_id>"."""

    def changed_at(self, public_ids: Collection[str]) -> Mapping[str, datetime]:
        """Return when each of these items last changed here; its own day, such as a meeting's, may be in the future."""


def find_item_source(kind: str) -> ItemSource | None:
    """Return the source of the items of a kind; None for those of this module."""
    source: ItemSource
    for source in hooks.providers("search_items"):
        if source.kind == kind:
            return source
    return None


class DatabaseSource:
    """The database as the source of the index. Detecting changes takes four queries, and those of other apps."""

    def get_change_number(self) -> int | None:
        """Return the change number, or None inside a transaction.

        A transaction may be rolled back, and its change number may then be reused for a different change.
        """
        return None if connection.in_atomic_block else get_change_number()

    def fingerprints(self) -> Mapping[str, str]:
        """Return, by group name, the fingerprint of every report, other document and group of another app."""
        links: dict[int, list[int]] = defaultdict(list)
        for section, article in SectionArticle.objects.order_by("section", "article").values_list("section", "article"):
            links[section].append(article)
        sections: dict[int, list[str]] = defaultdict(list)
        rows = Section.objects.order_by("id").values_list("document_id", "id", "public_id", "number", "heading", "link")
        for document, key, *values in rows:
            sections[document].append(stable_id(*map(str, values), str(links.get(key))))
        reports = {
            row["document_id"]: row
            for row in Report.objects.order_by().values(
                "document_id", "public_id", "content_hash", "reader", "language", "revision"
            )
        }
        fingerprints: dict[str, str] = {}
        for document in Document.objects.order_by().values("id", "public_id", *_DOCUMENT_FIELDS):
            parts = [str(document[name]) for name in _DOCUMENT_FIELDS] + sections.get(document["id"], [])
            if report := reports.get(document["id"]):
                parts += [str(value) for value in report.values()]
                fingerprints[f"report/{report['public_id']}"] = stable_id(*parts)
            else:
                fingerprints[f"document/{document['public_id']}"] = stable_id(*parts)
        for source in hooks.providers("search_items"):
            fingerprints.update(source.fingerprints())
        return fingerprints

    def groups(self, fingerprints: Mapping[str, str]) -> Iterator[IndexGroup]:
        """Yield the groups with these names in batches, with at most seven queries per batch."""
        reports = [name.partition("/")[2] for name in fingerprints if name.startswith("report/")]
        documents = [name.partition("/")[2] for name in fingerprints if name.startswith("document/")]
        for batch in batched(reports, REPORT_BATCH_SIZE):
            for report in _load_reports(batch):
                name = f"report/{report.public_id}"
                yield IndexGroup(
                    name, fingerprints[name], [*_report_items(report), *_document_items(report.document, name)]
                )
        for batch in batched(documents, DOCUMENT_BATCH_SIZE):
            for document in Document.objects.filter(public_id__in=batch).prefetch_related(_SECTIONS):
                name = f"document/{document.public_id}"
                yield IndexGroup(name, fingerprints[name], [*_document_items(document, name)])
        for source in hooks.providers("search_items"):
            prefix = f"{source.kind}/"
            if own := {name: value for name, value in fingerprints.items() if name.startswith(prefix)}:
                yield from source.groups(own)


_ARTICLES = Prefetch("articles", FindingArticle.everything.order_by("article"))
_SECTIONS = Prefetch(
    "sections", Section.objects.prefetch_related(Prefetch("articles", SectionArticle.objects.order_by("article")))
)


def _load_reports(public_ids: Iterable[str]) -> Iterable[Report]:
    return (
        Report.objects.filter(public_id__in=public_ids)
        .select_related("document")
        .prefetch_related(
            Prefetch("findings", Finding.everything.prefetch_related(_ARTICLES)),
            Prefetch("passages", Passage.everything.defer("boxes", "footnotes")),
            Prefetch("document__sections", _SECTIONS.queryset),
        )
    )


def _report_items(report: Report) -> Iterator[SearchItem]:
    """Yield a report's findings, and what no finding repeats of its passages, so that no text is counted twice.

    The findings of a paragraph each have their own part of its text.
    """
    document, name = report.document, f"report/{report.public_id}"
    finding_texts: dict[str, list[str]] = defaultdict(list)  # by paragraph number
    rejected_texts: dict[int | None, list[str]] = defaultdict(list)  # by passage
    with_findings: set[int | None] = set()
    for finding in report.findings.all():
        if finding.review == Finding.Review.REJECTED:
            rejected_texts[finding.passage_id].append(finding.text)
            continue
        with_findings.add(finding.passage_id)
        finding_texts[finding.paragraph].append(_normalise_text(finding.text))
        yield SearchItem(
            id=f"finding/{finding.public_id}",
            group=name,
            kind="finding",
            text=finding.text,
            language=finding.language,
            heading=finding.heading,
            title=document.title or document.reference,
            state=finding.state_id or "",
            articles=tuple(str(link.article) for link in finding.articles.all()),
            strength=finding.strength,
            body=finding.body,
            year=finding.year,
            published=document.published,
            round=document.procedure,
            reference=document.reference,
            review=finding.review,
            fictional=is_fictional(finding.state_id),
            paragraph=finding.paragraph,
            page=finding.page,
            ordinal=finding.ordinal,
        )
    repeated = {number: "".join(texts) for number, texts in finding_texts.items()}
    for passage in report.passages.all():
        text = _normalise_text(passage.text)
        # the text of a lettered point ("57.a") is part of the finding of its paragraph ("57")
        if any(text in repeated.get(number, "") for number in (passage.number, passage.number.partition(".")[0])):
            continue
        rejected = rejected_texts[passage.pk] if passage.pk in with_findings else []
        yield SearchItem(
            id=f"passage/{report.public_id}-{passage.ordinal}",
            kind="passage",
            text=" … ".join(rejected) or passage.text,
            language=report.language,
            heading=" › ".join(passage.headings),
            title=document.title or document.reference,
            **_document_values(document, name),
            paragraph=passage.number,
            page=passage.page,
            ordinal=passage.ordinal,
        )


def _document_items(document: Document, group: str) -> Iterator[SearchItem]:
    """Yield a document with its title and reference, and its sections with their headings."""
    language = document.language or CATALOGUE_LANGUAGE
    title = " · ".join(dict.fromkeys(filter(None, (document.title, document.reference))))
    yield SearchItem(
        id=f"document/{document.public_id}",
        kind="document",
        text=title,
        language=language,
        title=title,
        link=document.link,
        **_document_values(document, group),
    )
    for position, section in enumerate(document.sections.all()):
        yield SearchItem(
            id=f"section/{section.public_id}",
            kind="section",
            text=section.heading,
            language=language,
            heading=section.heading,
            title=title,
            articles=tuple(str(link.article) for link in section.articles.all()),
            ordinal=position,
            link=section.link or document.link,
            **_document_values(document, group),
        )


def _document_values(document: Document, group: str) -> dict[str, Any]:
    """Return the values that everything in a document has, except the findings, which have values of their own."""
    year = re.match(r"\d{4}", document.published)
    return {
        "group": group, "state": document.state_id or "", "body": document.body,
        "year": int(year[0]) if year else None, "fictional": is_fictional(document.state_id),
        "published": document.published, "round": document.procedure, "reference": document.reference,
    }  # fmt: skip


def _normalise_text(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
