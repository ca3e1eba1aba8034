"""The content of a practice as its page shows it: built from what its owner works on, frozen when it is published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samsvar.exchange.practices import EvidenceLevel, missing_fields
from samsvar.ids import hash_content
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding

TEXT_FIELDS = (
    "title", "problem", "solution", "for_whom", "conditions", "went_wrong", "results", "legal_basis", "staff",
    "cost_note",
)  # fmt: skip


def frozen_content(practice: Practice) -> dict[str, Any]:
    """Return everything that the page of a practice shows, as plain values that JSON can hold. Runs three queries.

    Keys: "state", "organisation" ({"id", "name"} or None for the national desk), "place", "since", "articles",
    "concepts", "evidence_level", "cost" (text, "" if unknown), "currency", "cost_year", "results", "links", "language",
    "origin", "praise" ({"finding", "body", "year", "paragraph", "page"} or None), and "texts": by language, the fields
    of `TEXT_FIELDS`, "blocks" and "is_draft_translation".
    """
    organisation = practice.organisation
    return {
        "state": practice.state_id,
        "organisation": {"id": organisation.public_id, "name": organisation.name} if organisation else None,
        **{
            name: getattr(practice, name)
            for name in (
                "place", "since", "articles", "concepts", "evidence_level", "currency", "cost_year", "results", "links",
                "language", "origin",
            )
        },
        "cost": "" if practice.cost is None else f"{practice.cost:.2f}",
        "praise": _praise_content(practice.praise) if practice.praise else None,
        "texts": {
            text.language: {
                **{name: getattr(text, name) for name in TEXT_FIELDS},
                "blocks": text.blocks,
                "is_draft_translation": text.is_draft_translation,
            }
            for text in practice.texts.all()
        },
    }  # fmt: skip


def _praise_content(public_id: str) -> dict[str, Any]:
    """Return where praise is printed; only its ID if its report is no longer public."""
    columns = ("body", "year", "paragraph", "page")
    finding = Finding.objects.filter(public_id=public_id).values(*columns).first()
    return {"finding": public_id, **(finding or dict.fromkeys(columns))}


def hash_of(content: Mapping[str, Any]) -> str:
    return hash_content(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())


def tags_of(content: Mapping[str, Any]) -> str:
    """Return what the list filters by: "|state:XA|article:20|concept:shelters|level:monitored|language:en|"."""
    tags = [
        f"state:{content['state']}",
        *(f"article:{number}" for number in content["articles"]),
        *(f"concept:{key}" for key in content["concepts"]),
        f"level:{content['evidence_level']}",
        *(f"language:{language}" for language in sorted(content["texts"])),
    ]
    return f"|{'|'.join(tags)}|"


def find_missing(content: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that a practice lacks before it can be submitted."""
    text = content["texts"][content["language"]]
    return missing_fields(
        {**text, "since": content["since"], "articles": content["articles"]},
        evidence_level=EvidenceLevel(content["evidence_level"]),
        results=content["results"],
    )


@dataclass(frozen=True, slots=True)
class _PrintedPraise:
    """Where a report praises something."""

    body: str
    year: int | None
    paragraph: str
    page: int | None


def cite_praise(content: Mapping[str, Any]) -> str:
    """Return the citation of the praise that a practice rests on: "GREVIO 2025 § 30, p. 5"; "" if there is none."""
    praise = content["praise"]
    if not praise or not praise["body"]:
        return ""
    return short_citation(_PrintedPraise(praise["body"], praise["year"], praise["paragraph"] or "", praise["page"]))


@dataclass(frozen=True, slots=True)
class ShownText:
    """The text of a practice in one language, for a reader."""

    language: str
    fields: Mapping[str, Any]
    languages: tuple[tuple[str, bool], ...]  # (language, whether it is a draft translation), the original first


def choose_shown_text(content: Mapping[str, Any], *languages: str) -> ShownText:
    """Return the text in the first of the languages in which there is one, else the original."""
    texts, original = content["texts"], content["language"]
    language = next((code for code in languages if code in texts), original)
    others = sorted(code for code in texts if code != original)
    return ShownText(
        language=language,
        fields=texts[language],
        languages=tuple((code, texts[code]["is_draft_translation"]) for code in (original, *others)),
    )
