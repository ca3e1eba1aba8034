"""Programmes, calls, initiatives and projects as the search page shows them, above what the index found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import reverse

from samsvar.site.funding import labels as words
from samsvar.site.funding.models import Activity
from samsvar.site.funding.permissions import User
from samsvar.site.search.queries import Beside, says_all
from samsvar.site.shell.labels import word
from samsvar.territories import name_of

MOST = 5  # the page of money has all of them
COLUMNS = (
    "slug", "kind", "code", "title", "language", "form", "period", "invented", "states__state_id", "partners__name",
)  # fmt: skip


@dataclass(slots=True)
class _Named:
    """An activity with the states and bodies that take part in it."""

    slug: str
    kind: str
    code: str
    title: str
    language: str
    form: str
    period: str
    invented: bool
    states: dict[str, None] = field(default_factory=dict)  # in their order, each once
    partners: set[str] = field(default_factory=set)


def found_beside(user: User, asked: str, language: str) -> list[Beside]:
    """The activities in whose title, number, kind, period, states or partners all the words stand. One query.

    Everybody may know of all of them. There are some thousands at most, and they are read whole.
    """
    del user
    found = [one for one in _named() if says_all(asked, _texts(one, language))]
    return [_beside(one, language) for one in found[:MOST]]


def _named() -> list[_Named]:
    rows: dict[str, _Named] = {}
    order = ("-period", "kind", "slug", "states__side", "states__place")
    for *own, state, partner in Activity.objects.order_by(*order).values_list(*COLUMNS):
        one = rows.setdefault(own[0], _Named(*own))
        if state:
            one.states[state] = None
        if partner:
            one.partners.add(partner)
    return list(rows.values())


def _texts(one: _Named, language: str) -> Iterator[str]:
    yield from (one.title, one.code, one.period, str(word(words.KINDS, one.kind)))
    if one.form:
        yield str(word(words.FORMS, one.form))
    yield from (name_of(code, language) for code in one.states)
    yield from one.partners


def _beside(one: _Named, language: str) -> Beside:
    said = [str(word(words.KINDS, one.kind)), one.period, ", ".join(name_of(code, language) for code in one.states)]
    return Beside(
        href=reverse("funding:activity", args=[one.slug]),
        title=one.title,
        language="" if one.language == language else one.language,
        line=" · ".join(filter(None, said)),
        invented=one.invented,
    )
