"""A factory of published practices, with the content that a published version freezes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from samsvar.site.exchange import models


def make_published_practice(
    title: str = "A bus with counsellors", *, state: str = "XB", articles: tuple[str, ...] = ("22",), **how: Any
) -> models.Practice:
    """Create a practice whose first version is public. `how` may name texts of the practice, concepts or columns."""
    texts = (
        "problem",
        "solution",
        "for_whom",
        "conditions",
        "went_wrong",
        "results",
        "legal_basis",
        "staff",
        "cost_note",
    )
    own = {name: how.pop(name, "") for name in texts}
    concepts, level = list(how.pop("concepts", ())), how.pop("evidence_level", "described")
    practice = models.Practice.objects.create(
        state_id=state, articles=list(articles), concepts=concepts, status="published", published_version=1,
        published_at=timezone.now(), confirmed_on=how.pop("confirmed_on", timezone.localdate()),
        evidence_level=level, **how,
    )  # fmt: skip
    content = {
        "state": state, "organisation": None, "place": "", "since": "2020", "articles": list(articles),
        "concepts": concepts, "evidence_level": level, "cost": "", "currency": "", "cost_year": None, "results": [],
        "links": [], "language": "en", "origin": "member", "praise": None,
        "texts": {"en": {"title": title, **own, "blocks": [], "is_draft_translation": False}},
    }  # fmt: skip
    models.PracticeVersion.objects.create(practice=practice, number=1, content=content, content_hash="0" * 64)
    return practice
