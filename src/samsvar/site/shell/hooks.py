"""Hooks through which a higher-level app extends a lower-level one that does not depend on it.

An app registers its providers in `AppConfig.ready()`. The name of a hook may end in a kind of object, as in
`page_panel:finding`.
"""

from __future__ import annotations

from typing import Any

_PROVIDERS: dict[str, dict[str, list[Any]]] = {
    # (key) -> (template name, context), or None if there is nothing to show: `{% panels %}`. The key of "finding" is
    # the finding itself, with its report, which may be a draft, and its articles.
    "page_panel": {},
    "search_results": {},  # (heading, (user, query text, language) -> results): samsvar.site.search.queries
    "search_items": {},  # public items of a kind in the search index: samsvar.site.search.source.ItemSource
    # (kind, keys) -> ((slug, title) of each programme that funded it) by key: samsvar.site.exchange.achievements
    "programmes": {},
    # rows that point at a finding or a report by its ID: samsvar.site.monitoring.finding_links.LinkSource
    "finding_links": {},
    "report_links": {},
    "report_rows": {},  # the same with the report's primary key
    "link_target": {},  # (keys) -> target by key: samsvar.site.funding.links
    # (public ID of a finding) -> (title, URL, text) of each published report: samsvar.site.implementation.rooms
    "submitted_texts": {},
    "email_templates": {},  # email template by name: samsvar.site.network.emails.email_templates
    "error_texts": {},  # (message, advice[, effect]) by code of the library's error: samsvar.site.shell.errors
    "protection_started": {},  # (person=…, meeting=public ID or ""): samsvar.site.network.directory.actions.people
    "consent_withdrawn": {},  # (person=…, purpose=…): samsvar.site.network.directory.actions.consent
    "digest_lines": {},  # (state code, account, day) -> lines: samsvar.site.implementation.digest.queries
    "daily_task": {},  # (now=…) -> count by kind of work: samsvar.site.network.scheduled
}


def register(hook: str, provider: Any) -> None:
    """Register a provider for a hook; registering it twice has no effect. Raise `KeyError` for an unknown hook."""
    name, _, about = hook.partition(":")
    registered = _PROVIDERS[name].setdefault(about, [])
    if provider not in registered:
        registered.append(provider)


def providers(hook: str) -> tuple[Any, ...]:
    """Return the providers of a hook in the order of registration. Raise `KeyError` for an unknown hook."""
    name, _, about = hook.partition(":")
    return tuple(_PROVIDERS[name].get(about, ()))
