from collections.abc import Collection, Mapping
from typing import Any

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "samsvar.site.pages"
    label = "samsvar_pages"
    verbose_name = "Pages"

    def ready(self) -> None:
        """Rooms that stand side by side meet here: money leads to meetings, and neither room knows the other."""
        from samsvar.site.funding import links

        links.register("meeting", _meetings)


def _meetings(keys: Collection[str]) -> Mapping[str, Any]:
    """Meetings that everybody may see; of others the key is all that is shown."""
    from django.contrib.auth.models import AnonymousUser
    from django.urls import reverse
    from django.utils.translation import get_language

    from samsvar.site.funding import links
    from samsvar.site.meetings.queries.meeting import find

    found = {}
    for key in sorted(keys):
        meeting = find(AnonymousUser(), key)
        if meeting is None:
            continue
        language = get_language() or "en"
        written = language if language in meeting.title else next(iter(meeting.title), "")
        found[key] = links.Resolved(
            title=meeting.title.get(written) or key,
            href=reverse("meetings:meeting", args=[key]),
            language=written,
            invented=meeting.invented,
        )
    return found
