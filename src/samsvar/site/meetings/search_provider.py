"""Public meetings in the search index, and the others above its results, to those who may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from django.urls import reverse

from samsvar.convention.treaty import ISTANBUL
from samsvar.ids import stable_id
from samsvar.meetings.meeting import AccessLevel
from samsvar.search.items import IndexGroup, SearchItem, Translation
from samsvar.site.meetings.meeting.permissions import User
from samsvar.site.meetings.meeting.queries.meetings import search_meetings
from samsvar.site.meetings.models import Meeting, MeetingLink
from samsvar.site.meetings.templatetags.meetings import meeting_dates
from samsvar.site.search.queries import ExtraResult
from samsvar.territories import localised_city, territory_name
from samsvar.text import choose_language
from samsvar.thesaurus.concepts import concepts


def matching_meetings(user: User, query: str, language: str) -> list[ExtraResult]:
    """Return the meetings that match a search and are visible to this user, but not to everyone."""
    if not user.is_authenticated:
        return []
    return [
        _build_extra_result(meeting, language)
        for meeting in search_meetings(user, query)
        if meeting.access != AccessLevel.PUBLIC
    ]


class MeetingSource:
    """The public meetings, one group each, with their texts in every language."""

    kind = "meeting"

    def fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprint of each public meeting by its group. Runs two queries."""
        return {f"meeting/{item.id.partition('/')[2]}": stable_id(repr(item)) for item in _public_items()}

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[IndexGroup]:
        """Yield the groups with these names. Runs two queries."""
        for item in _public_items():
            if item.group in fingerprints:
                yield IndexGroup(item.group, fingerprints[item.group], [item])

    def get_url(self, public_id: str) -> str:
        """Return the URL of the page of a meeting."""
        return reverse("meetings:meeting", args=[public_id])

    def changed_at(self, public_ids: Collection[str]) -> Mapping[str, datetime]:
        """Return when each of these meetings was announced here, or cancelled. Runs one query."""
        meetings = Meeting.objects.filter(access=AccessLevel.PUBLIC, public_id__in=public_ids)
        rows = meetings.values_list("public_id", "created_at", "cancelled_at")
        return {public_id: cancelled_at or created_at for public_id, created_at, cancelled_at in rows}


def _public_items() -> Iterator[SearchItem]:
    """Yield the public meetings as items of the index; there are some hundreds at most."""
    links: dict[int, dict[str, list[str]]] = {}
    rows = MeetingLink.objects.filter(meeting__access=AccessLevel.PUBLIC, session=None).order_by("pk")
    for meeting, kind, key in rows.values_list("meeting_id", "kind", "key"):
        links.setdefault(meeting, {}).setdefault(kind, []).append(key)
    for public in Meeting.objects.filter(access=AccessLevel.PUBLIC).order_by("pk"):
        keys = links.get(public.pk, {})
        texts = {code: _join_text(public, code) for code in public.title}
        original = public.original_language if public.original_language in texts else next(iter(texts), "")
        if not original:
            continue
        yield SearchItem(
            id=f"meeting/{public.public_id}",
            group=f"meeting/{public.public_id}",
            kind="meeting",
            language=original,
            title=public.title[original],
            text=texts[original],
            translations=tuple(
                Translation(code, public.title[code], text) for code, text in texts.items() if code != original
            ),
            state=public.state_id or "",
            articles=tuple(key for key in keys.get(MeetingLink.Kind.ARTICLE, ()) if key in ISTANBUL),
            concepts=tuple(key for key in keys.get(MeetingLink.Kind.CONCEPT, ()) if key in concepts()),
            year=public.begins.year,
            published=public.begins.isoformat(),
            fictional=public.fictional,
        )


def _join_text(meeting: Meeting, language: str) -> str:
    parts = (meeting.title[language], meeting.purpose.get(language, ""), meeting.city, str(meeting.begins.year))
    return "\n".join(part for part in parts if part)


def _build_extra_result(meeting: Meeting, language: str) -> ExtraResult:
    code = choose_language(meeting.title, language, meeting.original_language)
    return ExtraResult(
        href=reverse("meetings:meeting", args=[meeting.public_id]),
        title=meeting.get_title(language),
        language="" if code == language else code,
        details=" · ".join(_result_details(meeting, language)),
        fictional=meeting.fictional,
    )


def _result_details(meeting: Meeting, language: str) -> Iterator[str]:
    yield meeting_dates(meeting)
    yield meeting.get_kind_display()
    if meeting.city:
        yield localised_city(meeting.city, meeting.zone, language)
    if meeting.state_id:
        yield territory_name(meeting.state_id, language)
