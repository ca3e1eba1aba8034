"""What the views of practices share: the context of a text that is not yet public, and the revision that was seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from samsvar.exchange.practices import FORMS_OF_VIOLENCE, EvidenceLevel
from samsvar.site.exchange.practices.queries.content import choose_shown_text, cite_praise

_MAX_DIGITS = 9  # of a revision in a form


def content_context(request: HttpRequest, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the context of a text that is not yet public, in the language of `?in=` or the original."""
    shown = choose_shown_text(content, request.GET.get("in", ""))
    return {
        "content": content,
        "shown": shown,
        "text": shown.fields,
        "praise": cite_praise(content),
        "levels": list(EvidenceLevel),
        "forms_of_violence": FORMS_OF_VIOLENCE,
    }


def revision_seen(request: HttpRequest) -> int:
    """Return the revision that the user saw; 0, which is never current, if the form does not say."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) <= _MAX_DIGITS else 0
