"""Template filters of the exchange."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.exchange.matching import Gap, Match
from samsvar.site.exchange.achievements.labels import ACHIEVEMENTS
from samsvar.site.exchange.matching import queries
from samsvar.site.exchange.matching.labels import reason_sentence
from samsvar.site.exchange.matching.queries import ShownMatch
from samsvar.site.network.access.permissions import User
from samsvar.site.shell.labels import COLON
from samsvar.thesaurus.concepts import concepts

register = template.Library()


@register.filter
def match_reasons(match: Match, limit: int | None = None) -> list[str]:
    """Return the reasons of a match as sentences, the most important first."""
    return [reason_sentence(reason, match.candidate.state) for reason in match.reasons[:limit]]


@register.simple_tag
def members_who_match(user: User, gap: Gap) -> tuple[ShownMatch, ...]:
    """Return the people and offers that may help with a gap, for members only."""
    return queries.member_matches(user, gap) if user and user.is_authenticated else ()


@register.simple_tag
def members_for_country(user: User, code: str) -> tuple[ShownMatch, ...]:
    """Return the people and offers that may help a state with its open recommendations, for members only."""
    return queries.members_for_country(user, code) if user and user.is_authenticated else ()


@register.filter
def gap_words(gap: Gap) -> str:
    """Return what a gap was understood as: its articles and the names of its concepts."""
    subject = gap.subject
    language = get_language() or "en"
    names = [concepts()[key].label(language) for key in sorted(subject.topics | subject.groups | subject.forms)]
    articles = [_("Article %(number)s") % {"number": number} for number in subject.articles]
    return ", ".join([*articles, *names]) or _("its words only")


@register.filter
def with_kinds(counts: Iterable[int], totals: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the counts of a line, each with the kind of its column."""
    return [(kind, count) for (kind, _total), count in zip(totals, counts, strict=True)]


@register.simple_tag
def achievement_link(
    kind: str, count: int, *, year: int | None = None, pair: tuple[str, str] | str = "", programme: str = ""
) -> str:
    """Return a number that opens the list of what it counts; `pair` is "-" for pairs that are not shown."""
    if not count:
        return "0"
    asker, helper = pair if isinstance(pair, tuple) else ("", "")
    params = {
        "year": str(year or ""), "programme": programme, **({"asker": asker, "helper": helper} if pair else {}),
    }  # fmt: skip
    query = urlencode({name: value for name, value in params.items() if value or name in {"asker", "helper"}})
    url = reverse("exchange:achievement", args=[kind])
    label = ACHIEVEMENTS[kind]
    return format_html(
        '<a href="{}{}" aria-label="{}">{}</a>', url, f"?{query}" if query else "", f"{label}{COLON} {count}", count
    )
