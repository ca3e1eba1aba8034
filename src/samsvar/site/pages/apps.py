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

    from samsvar.languages import best
    from samsvar.site.funding import links
    from samsvar.site.meetings.meeting.permissions import meetings_for

    found = {}
    for meeting in meetings_for(AnonymousUser()).filter(public_id__in=keys).order_by("public_id"):
        written, title = best(meeting.title, get_language() or "en", *meeting.languages[:1])
        found[meeting.public_id] = links.Resolved(
            title=title or meeting.public_id,
            href=reverse("meetings:meeting", args=[meeting.public_id]),
            language=written,
            invented=meeting.invented,
        )
    return found
