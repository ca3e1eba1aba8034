"""Views of the thesaurus."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from samsvar.interchange.thesaurus_export import EXPORT_FORMATS
from samsvar.site.shell.downloads import cacheable_response
from samsvar.site.shell.view_permissions import public
from samsvar.site.thesaurus.queries import concept_page, exported_thesaurus, thesaurus_page
from samsvar.thesaurus.concepts import ConceptNotFound, retired_concepts


@public
@require_safe
def thesaurus(request: HttpRequest) -> HttpResponse:
    """List the concepts by kind, and those with a label that contains a word."""
    page = thesaurus_page(word=request.GET.get("q", ""), language=get_language() or "en")
    return render(request, "thesaurus/thesaurus.html", {"page": page, "formats": EXPORT_FORMATS.values()})


@public
@require_safe
def concept(request: HttpRequest, concept: str) -> HttpResponse:
    """Show a concept. The key of a retired one redirects to the concept that replaces it."""
    try:
        page = concept_page(concept, language=get_language() or "en")
    except ConceptNotFound as error:
        retired = retired_concepts().get(concept)
        if retired and retired.replaced_by:
            return redirect("thesaurus:concept", concept=retired.replaced_by, permanent=True)
        raise Http404(_("The thesaurus has no concept “%(key)s”.") % {"key": concept}) from error
    return render(request, "thesaurus/concept.html", {"page": page, "concept": page.concept})


@public
@require_safe
def download(request: HttpRequest, form: str) -> HttpResponse:
    """Return the whole thesaurus as a file; `form` is the extension of a format."""
    for name, export_format in EXPORT_FORMATS.items():
        if export_format.extension == form:
            pages = request.build_absolute_uri(reverse("thesaurus:thesaurus"))
            content_type = f"{export_format.media_type}; charset=utf-8"
            response = cacheable_response(request, exported_thesaurus(name, pages), content_type)
            response["Content-Disposition"] = f'attachment; filename="samsvar-thesaurus.{form}"'
            return response
    raise Http404(_("The thesaurus is not available in this format."))
