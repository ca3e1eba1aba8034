"""Pages made of several rooms: each is one query and one template."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from samsvar.site.pages import about, queries
from samsvar.site.pages import matrix as matrices
from samsvar.site.pages.query_params import day_asked_for
from samsvar.site.shell.view_permissions import open_to_all


@open_to_all
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search box, the map of today, what is new."""
    page = queries.home_page(asked=day_asked_for(request), language=_language(), user=request.user)
    return render(request, "pages/home.html", {"page": page})


@open_to_all
@require_safe
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def map_of_parties(request: HttpRequest) -> HttpResponse:
    """Who was bound on any day; htmx asks for the part that a day changes."""
    page = queries.map_page(asked=day_asked_for(request), language=_language())
    return render(request, "pages/_on_the_day.html" if _partial(request) else "pages/map.html", {"page": page})


@open_to_all
@require_safe
def countries(request: HttpRequest) -> HttpResponse:
    """Every state, by kind."""
    page = queries.countries_page(day=timezone.localdate(), language=_language())
    return render(request, "pages/countries.html", {"page": page})


@open_to_all
@require_safe
def country(request: HttpRequest, code: str) -> HttpResponse:
    """All that is known of one state. Its code is written in capitals; other writings lead there."""
    if code != code.upper():
        return redirect("pages:country", code=code.upper(), permanent=True)
    page = queries.country_page(code=code, asked=day_asked_for(request), language=_language(), user=request.user)
    if page is None:
        raise Http404(_("There is no state with the code “%(code)s” here.") % {"code": code})
    return render(request, "pages/country.html", {"page": page})


@open_to_all
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """The treaty from end to end."""
    return render(request, "pages/articles.html", {"page": queries.articles_page(language=_language())})


@open_to_all
@require_safe
def article(request: HttpRequest, number: int) -> HttpResponse:
    """What one article asks for, and who was told what about it. `/articles/007/` leads to the page of Article 7."""
    if not request.path.endswith(f"/{number}/"):
        return redirect("pages:article", number=number, permanent=True)
    page = queries.article_page(
        number=number, day=timezone.localdate(), page=request.GET.get("page", ""), language=_language()
    )
    if page is None:
        raise Http404(_("The Convention has no Article %(number)s.") % {"number": number})
    return render(request, "pages/article.html", {"page": page})


@open_to_all
@require_safe
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def matrix(request: HttpRequest) -> HttpResponse:
    """Countries by articles; as a page, as the part that a filter changes, as CSV or as JSON."""
    questions = request.GET.dict()
    match questions.pop("format", ""):
        case "csv":
            return _download(matrices.matrix_csv(questions=questions, language=_language()), "text/csv", "csv")
        case "json":
            return _download(
                matrices.matrix_json(questions=questions, language=_language()), "application/json", "json"
            )
    page = matrices.matrix_page(questions=questions, language=_language())
    return render(request, "pages/_matrix.html" if _partial(request) else "pages/matrix.html", {"page": page})


@open_to_all
@require_safe
def about_data(request: HttpRequest) -> HttpResponse:
    """Where everything comes from, and how sure it is."""
    return render(request, "pages/about_data.html", {"page": about.about_page(language=_language())})


def _download(text: str, kind: str, ending: str) -> HttpResponse:
    disposition = f'attachment; filename="samsvar-matrix.{ending}"'
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": disposition})


def _language() -> str:
    return get_language() or "en"


def _partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page; a page from its history is asked for whole."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined] # set by django_htmx's middleware
    return bool(htmx) and not htmx.history_restore_request
