"""The directory and its people, as each viewer may see them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.network.directory.queries import directory as queries
from samsvar.site.network.directory.queries import people as door
from samsvar.site.network.directory.queries import people as networks
from samsvar.site.shell.limits import limited
from samsvar.site.shell.uploads import fetch_private, safe_response
from samsvar.site.shell.view_permissions import door as opens
from samsvar.site.shell.view_permissions import open_to_all


@open_to_all
@limited("directory")
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    page = queries.directory_page(request.user, request.GET)
    return render(request, "network/directory_list.html", {"page": page})


@open_to_all
@limited("directory")
@require_safe
def person(request: HttpRequest, public_id: str) -> HttpResponse:
    view = door.person_for(request.user, public_id)
    if view is None:
        raise Http404
    manages = networks.managed_person(request.user, public_id) is not None
    return render(request, "network/directory_person.html", {"person": view, "manages": manages})


@opens(Claim.OWN_ACCOUNT)
@limited("pictures")
@require_safe
def photograph(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """A person's picture for those who may see it now; kept by no browser, so that a withdrawal reaches it."""
    view = door.person_for(request.user, public_id, fields=(Field.NAME, Field.PHOTOGRAPH))
    content = fetch_private(view.photograph) if view and view.photograph else None
    if content is None:
        raise Http404
    return safe_response(content, "webp", f"{public_id}.webp", inline=True)
