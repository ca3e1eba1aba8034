"""What the search index is derived from: rows of the database as things to find, group by group.

A group is a report that was read in (with its document, its findings and those passages that hold none), or a document
of the catalogue with its sections. Its fingerprint changes with everything of it that can be found or shown: a report's
`revision` is raised by every action that judges or reads again, so that its findings need not be read to know.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import batched

from django.db import connection
from django.db.models import Prefetch

from samsvar.ids import stable_id
from samsvar.search.engine import Findable, Group
from samsvar.site.audit.queries import change_number
from samsvar.site.monitoring.models import Document, Finding, FindingArticle, Passage, Report, Section, SectionArticle
from samsvar.territories import territory

REPORTS_AT_ONCE = 20  # some 10,000 passages in memory; more does not make the build faster
DOCUMENTS_AT_ONCE = 200
CATALOGUE_LANGUAGE = "en"  # of documents that name none: our catalogue writes its titles in English (2026-11)
_DOCUMENT = (
    "state_id body procedure kind reference title language published link origin".split()
)  # what of a document is found or shown


class Rows:
    """The database as the source of the index; four queries tell what has changed."""

    def change_number(self) -> int | None:
        """None inside a transaction: what it sees may be rolled back, and its number given to something else."""
        return None if connection.in_atomic_block else change_number()

    def fingerprints(self) -> Mapping[str, str]:
        """Of every report and every other document."""
        links: dict[int, list[int]] = defaultdict(list)
        for section, article in SectionArticle.objects.order_by("section", "article").values_list("section", "article"):
            links[section].append(article)
        sections: dict[int, list[str]] = defaultdict(list)
        rows = Section.objects.order_by("id").values_list("document_id", "id", "public_id", "number", "heading", "link")
        for document, key, *shown in rows:
            sections[document].append(stable_id(*map(str, shown), str(links.get(key))))
        reports = {
            row["document_id"]: row
            for row in Report.objects.order_by().values(
                "document_id", "public_id", "content_hash", "reader", "language", "revision"
            )
        }
        found: dict[str, str] = {}
        for document in Document.objects.order_by().values("id", "public_id", *_DOCUMENT):
            told = [str(document[name]) for name in _DOCUMENT] + sections.get(document["id"], [])
            if report := reports.get(document["id"]):
                told += [str(value) for value in report.values()]
                found[f"report/{report['public_id']}"] = stable_id(*told)
            else:
                found[f"document/{document['public_id']}"] = stable_id(*told)
        return found

    def groups(self, fingerprints: Mapping[str, str]) -> Iterator[Group]:
        """Those asked for, some at a time: at most seven queries for each batch, whatever stands in it."""
        reports = [name.partition("/")[2] for name in fingerprints if name.startswith("report/")]
        documents = [name.partition("/")[2] for name in fingerprints if name.startswith("document/")]
        for some in batched(reports, REPORTS_AT_ONCE):
            for report in _reports(some):
                name = f"report/{report.public_id}"
                yield Group(name, fingerprints[name], [*_of_report(report), *_of_document(report.document, name)])
        for some in batched(documents, DOCUMENTS_AT_ONCE):
            for document in Document.objects.filter(public_id__in=some).prefetch_related(_SECTIONS):
                name = f"document/{document.public_id}"
                yield Group(name, fingerprints[name], [*_of_document(document, name)])


_ARTICLES = Prefetch("articles", FindingArticle.objects.order_by("article"))
_SECTIONS = Prefetch(
    "sections", Section.objects.prefetch_related(Prefetch("articles", SectionArticle.objects.order_by("article")))
)


def _reports(public_ids: Iterable[str]) -> Iterable[Report]:
    return (
        Report.objects.filter(public_id__in=public_ids)
        .select_related("document")
        .prefetch_related(
            Prefetch("findings", Finding.objects.exclude(review=Finding.Review.REJECTED).prefetch_related(_ARTICLES)),
            Prefetch("passages", Passage.objects.defer("boxes", "footnotes")),
            Prefetch("document__sections", _SECTIONS.queryset),
        )
    )


def _of_report(report: Report) -> Iterator[Findable]:
    """Its findings, and the passages that no finding repeats: what is found twice would be counted twice."""
    document, name = report.document, f"report/{report.public_id}"
    told: dict[str, list[str]] = defaultdict(list)  # by paragraph number
    for finding in report.findings.all():
        told[finding.paragraph].append(_bare(finding.text))
        yield Findable(
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
            review=finding.review,
            invented=_invented(finding.state_id),
            paragraph=finding.paragraph,
            page=finding.page,
            ordinal=finding.ordinal,
        )
    for passage in report.passages.all():
        # a lettered point ("57.a") stands in the finding of its paragraph ("57")
        repeated = (*told.get(passage.number, ()), *told.get(passage.number.partition(".")[0], ()))
        if any(_bare(passage.text) in text for text in repeated):
            continue
        yield Findable(
            id=f"passage/{report.public_id}-{passage.ordinal}",
            group=name,
            kind="passage",
            text=passage.text,
            language=report.language,
            heading=" › ".join(passage.headings),
            title=document.title or document.reference,
            state=document.state_id or "",
            body=document.body,
            year=_year(document),
            invented=_invented(document.state_id),
            paragraph=passage.number,
            page=passage.page,
            ordinal=passage.ordinal,
        )


def _of_document(document: Document, name: str) -> Iterator[Findable]:
    """The document by its title and reference, and its sections by their headings, as the publisher cut them."""
    language = document.language or CATALOGUE_LANGUAGE
    title = " · ".join(dict.fromkeys(filter(None, (document.title, document.reference))))
    yield Findable(
        id=f"document/{document.public_id}",
        group=name,
        kind="document",
        text=title,
        language=language,
        title=title,
        state=document.state_id or "",
        body=document.body,
        year=_year(document),
        invented=_invented(document.state_id),
        link=document.link,
    )
    for place, section in enumerate(document.sections.all()):
        yield Findable(
            id=f"section/{section.public_id}",
            group=name,
            kind="section",
            text=section.heading,
            language=language,
            heading=section.heading,
            title=title,
            state=document.state_id or "",
            articles=tuple(str(link.article) for link in section.articles.all()),
            body=document.body,
            year=_year(document),
            invented=_invented(document.state_id),
            ordinal=place,
            link=section.link or document.link,
        )


def _year(document: Document) -> int | None:
    found = re.match(r"\d{4}", document.published)
    return int(found[0]) if found else None


def _invented(code: str | None) -> bool:
    known = territory(code) if code else None
    return bool(known and known.invented)


def _bare(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
