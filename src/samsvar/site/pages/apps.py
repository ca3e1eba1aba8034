from collections.abc import Collection, Mapping
from typing import Any

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "samsvar.site.pages"
    label = "samsvar_pages"
    verbose_name = "Pages"

    def ready(self) -> None:
        """Register the links from funding to meetings here, because neither of these apps depends on the other."""
        from samsvar.site.shell import hooks

        hooks.register("link_target:meeting", _resolve_meeting_links)


def _resolve_meeting_links(keys: Collection[str]) -> Mapping[str, Any]:
    """Return the link targets of public meetings by key. Other meetings are omitted, so only their key is shown."""
    from django.contrib.auth.models import AnonymousUser
    from django.urls import reverse
    from django.utils.translation import get_language

    from samsvar.site.funding import links
    from samsvar.site.meetings.meeting.permissions import visible_meetings
    from samsvar.text import choose_language

    resolved = {}
    for meeting in visible_meetings(AnonymousUser()).filter(public_id__in=keys).order_by("public_id"):
        language = get_language() or "en"
        resolved[meeting.public_id] = links.LinkTarget(
            title=meeting.get_title(language) or meeting.public_id,
            href=reverse("meetings:meeting", args=[meeting.public_id]),
            language=choose_language(meeting.title, language, meeting.original_language),
            fictional=meeting.fictional,
        )
    return resolved
