"""Template filters of the exchange."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.exchange.matching import Gap, Match
from samsvar.site.exchange.matching.labels import reason_sentence
from samsvar.thesaurus.concepts import concepts

register = template.Library()


@register.filter
def match_reasons(match: Match, limit: int | None = None) -> list[str]:
    """Return the reasons of a match as sentences, the most important first."""
    return [reason_sentence(reason, match.candidate.state) for reason in match.reasons[:limit]]


@register.filter
def gap_words(gap: Gap) -> str:
    """Return what a gap was understood as: its articles and the names of its concepts."""
    subject = gap.subject
    language = get_language() or "en"
    names = [concepts()[key].label(language) for key in sorted(subject.topics | subject.groups | subject.forms)]
    articles = [_("Article %(number)s") % {"number": number} for number in subject.articles]
    return ", ".join([*articles, *names]) or _("its words only")
