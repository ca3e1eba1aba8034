"""Views for the directory and for people's pages, as each viewer may see them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.network.directory.queries import directory as queries
from samsvar.site.network.directory.queries import people as people_queries
from samsvar.site.network.labels import language_name
from samsvar.site.network.templatetags.people import expertise_label
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.templatetags.samsvar import label, state_name
from samsvar.site.shell.uploads import file_response, read_private_file
from samsvar.site.shell.view_permissions import public, requires


@public
@rate_limited("directory")
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    page = queries.directory_page(request.user, request.GET)

    def build_options(name: str, name_of: Callable[[str], Any]) -> list[tuple[str, str]]:
        return [(value, f"{name_of(value)} ({count})") for value, count in page.choices[name].items()]

    form = build_filter_form(
        page.filters, "people",
        network=(_("Network"), pgettext("networks", "all"), build_options("network", page.network_names.get)),
        country=(_("Country"), pgettext("countries", "all"), build_options("country", state_name)),
        group=(
            _("Group"), pgettext("groups of people", "all"), build_options("group", partial(label, vocabulary="Group"))
        ),
        language=(_("Language"), pgettext("languages", "all"), build_options("language", language_name)),
        expertise=(
            _("Expertise"), pgettext("expertise", "all"),
            build_options("expertise", lambda value: Truncator(expertise_label(value)).chars(60)),
        ),
        kind=(
            _("Type of organisation"), pgettext("kinds", "all"),
            build_options("kind", partial(label, vocabulary="OrganisationKind")),
        ),
    )  # fmt: skip
    for name, counts in page.choices.items():
        if not counts:
            del form.fields[name]
    return render(request, "network/directory/list.html", {"page": page, "filters": form})


@public
@rate_limited("directory")
@require_safe
def person(request: HttpRequest, public_id: str) -> HttpResponse:
    view = object_or_404(people_queries.find_visible_person(request.user, public_id))
    manages = people_queries.managed_person(request.user, public_id) is not None
    return render(request, "network/directory/person.html", {"person": view, "manages": manages})


@requires(Claim.OWN_ACCOUNT)
@rate_limited("pictures")
@require_safe
def photograph(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Serve a photograph to viewers who may see it now. It is not cached, so that withdrawn consent applies at once."""
    view = people_queries.find_visible_person(request.user, public_id, fields=(Field.NAME, Field.PHOTOGRAPH))
    content = read_private_file(view.photograph) if view and view.photograph else None
    if content is None:
        raise Http404
    return file_response(content, "webp", f"{public_id}.webp", inline=True)
