"""Parsers for the headings and values of an uploaded table of people, in any interface language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.site.meetings.meeting import labels as meeting_labels
from samsvar.site.network import labels as network_labels
from samsvar.territories import code_by_name, territories
from samsvar.text import fold_letters

HEADINGS: Mapping[str, tuple[meeting_labels.Label, ...]] = {
    "name": (pgettext_lazy("of a person", "Name"), _("Your name"), _("Name")),
    "email": (_("Email address"), _("Email addresses"), "e-mail", "mail", "courriel", "e-post", "epost"),
    "country": (_("Country"),),
    "group": (_("Group"),),
    "category": (_("Category"),),
    "title": (_("Job title"),),
    "organisation": (_("Organisation"),),
    "language": (_("Language"), _("Language for emails")),
}


def parse_heading(text: str) -> str | None:
    """Return the column for a heading, or None if it is unknown.

    For example, "E-mail", "Land" and "Takes part as" are recognised.
    """
    return _labels("heading").get(fold_letters(text))


def parse_group(text: str) -> str | None:
    return _labels("group").get(fold_letters(text))


def parse_category(text: str) -> str | None:
    return _labels("category").get(fold_letters(text))


def parse_language(text: str) -> str | None:
    """Return the code of an email language from its code or name, or None if it is unknown."""
    return _labels("language").get(fold_letters(text))


def parse_country(text: str) -> str | None:
    """Return a country's code from its code or from its name in any known language; None if it is unknown."""
    code = text.strip().upper()
    return code if code in territories() else code_by_name(text)


VALUE_PARSERS = {
    "country": parse_country, "group": parse_group, "category": parse_category, "language": parse_language,
}  # fmt: skip


@lru_cache(maxsize=4)
def _labels(column: str) -> dict[str, str]:
    """Return the key of each label of the headings, the groups, the categories or the languages."""
    match column:
        case "heading":
            return _keys_by_label(HEADINGS.items())
        case "group":
            return _keys_by_label((one.value, (label,)) for one, label in network_labels.GROUPS.items())
        case "category":
            return _keys_by_label((one.value, (label,)) for one, label in meeting_labels.CATEGORIES.items())
    names = network_labels.translated_language_name
    return _keys_by_label((one, [names(one, other) for other in INTERFACE_LANGUAGES]) for one in INTERFACE_LANGUAGES)


def _keys_by_label(labels_by_key: Iterable[tuple[str, Iterable[meeting_labels.Label]]]) -> dict[str, str]:
    """Map each label in every interface language, and each key itself, to the key."""
    labels = [(key, tuple(texts)) for key, texts in labels_by_key]
    keys: dict[str, str] = {}
    for language in INTERFACE_LANGUAGES:
        with override(language):
            for key, texts in labels:
                for text in texts:
                    keys.setdefault(fold_letters(str(text)), key)
    return keys | {fold_letters(key): key for key, _said in labels}
