"""Headings and words of a table of people as somebody wrote them, in any of the interface's languages, and our own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from samsvar.languages import INTERFACE
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.network import labels as network_words
from samsvar.territories import code_of, territories

HEADINGS: Mapping[str, tuple[words.Label, ...]] = {
    "name": (pgettext_lazy("of a person", "Name"), _("Your name"), _("Name")),
    "email": (_("E-mail address"), _("E-mail addresses"), "e-mail", "mail", "courriel", "e-post", "epost"),
    "country": (_("Country"),),
    "group": (_("Group"),),
    "category": (_("Takes part as"), _("As")),
    "title": (_("What you do"),),
    "organisation": (_("Organisation"),),
    "language": (_("Language"), _("Language of our letters")),
}


def heading_of(text: str) -> str | None:
    """The column that a heading names: "E-mail", "Land" and "Takes part as" are ours; None for no known one."""
    return _headings().get(_plain(text))


def group_of(text: str) -> str | None:
    return _groups().get(_plain(text))


def category_of(text: str) -> str | None:
    return _categories().get(_plain(text))


def language_of(text: str) -> str | None:
    """One of the languages of letters, by its code or its name."""
    return _languages().get(_plain(text))


def country_of(text: str) -> str | None:
    """A country by its code or by its name in one of the languages that we know names in."""
    code = text.strip().upper()
    return code if code in territories() else code_of(text)


@lru_cache(maxsize=1)
def _headings() -> dict[str, str]:
    return _by_word(HEADINGS.items())


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    return _by_word((one.value, (said,)) for one, said in network_words.GROUPS.items())


@lru_cache(maxsize=1)
def _categories() -> dict[str, str]:
    return _by_word((one.value, (said,)) for one, said in words.CATEGORIES.items())


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    return _by_word((one, [network_words.language_name_in(one, other) for other in INTERFACE]) for one in INTERFACE)


def _by_word(known: Iterable[tuple[str, Iterable[words.Label]]]) -> dict[str, str]:
    """Each word in each language of the interface, and the key itself, to the key."""
    rows = [(key, tuple(said)) for key, said in known]
    found: dict[str, str] = {}
    for language in INTERFACE:
        with override(language):
            for key, said in rows:
                for one in said:
                    found.setdefault(_plain(str(one)), key)
    return found | {_plain(key): key for key, _said in rows}


def _plain(text: str) -> str:
    """Without accents, capitals, hyphens and blanks: "E-Mail " and "email" are one."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]", "", "".join(one for one in apart if not unicodedata.combining(one)))
