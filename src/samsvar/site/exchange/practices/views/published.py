"""Public views: the exchange's home page, the list of practices and the page of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from samsvar.exchange.practices import FORMS_OF_VIOLENCE, EvidenceLevel
from samsvar.network.rights import Claim
from samsvar.site.exchange.labels import EVIDENCE_LEVELS
from samsvar.site.exchange.permissions import can_publish_practices
from samsvar.site.exchange.practices.labels import PRACTICE_ORDERS
from samsvar.site.exchange.practices.permissions import can_decide_practice, can_edit_practice
from samsvar.site.exchange.practices.queries.published import (
    PracticeFilters,
    PracticeList,
    newest_practices,
    practice_list,
    practice_page,
)
from samsvar.site.network.access.permissions import has_claim
from samsvar.site.network.labels import language_name
from samsvar.site.network.templatetags.people import concept_label
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.site_url import absolute_url
from samsvar.site.shell.templatetags.samsvar import article_title, state_name
from samsvar.site.shell.view_permissions import public


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what the exchange offers: practices, and the panels of the features above them."""
    practices, number = newest_practices(language=_language(), day=timezone.localdate())
    context = {"practices": practices, "number": number, **_own_links(request)}
    return render(request, "exchange/practices/home.html", context)


def _own_links(request: HttpRequest) -> dict[str, bool]:
    """Return which links to their own pages a user needs."""
    return {
        "can_write": has_claim(request.user, Claim.CONTRIBUTE),
        "can_review": has_claim(request.user, Claim.REVIEW_PRACTICES),
        "can_publish": can_publish_practices(request.user),
    }


def _language() -> str:
    return get_language() or "en"


@public
@require_safe
def practices(request: HttpRequest) -> HttpResponse:
    order = request.GET.get("order", "")
    page = practice_list(
        PracticeFilters.from_params(request.GET.dict()), language=_language(), day=timezone.localdate(), order=order,
        page=request.GET.get("page"),
    )  # fmt: skip
    context = {"page": page, "filters": _filter_form(page, order), "levels": list(EvidenceLevel), **_own_links(request)}
    return render(request, "exchange/practices/list.html", context)


def _filter_form(page: PracticeList, order: str) -> object:
    choices = page.choices

    def named(values: Iterable[str], name: Callable[[str], str]) -> list[tuple[str, str]]:
        return sorted(((value, name(value)) for value in values), key=lambda choice: choice[1].lower())

    return build_filter_form(
        page.filters.to_dict() | {"order": order},
        "filter",
        article=(
            _("Article"), pgettext("articles", "all"),
            [(number, Truncator(f"{number} {article_title(number)}").chars(43)) for number in choices["article"]],
        ),
        form=(
            _("Form of violence"), pgettext("forms of violence", "all"),
            [(key, concept_label(key)) for key in choices["form"]],
        ),
        topic=(_("Subject or group"), pgettext("subjects", "all"), named(choices["topic"], concept_label)),
        state=(_("State"), pgettext("states", "all"), named(choices["state"], state_name)),
        level=(
            _("Evidence level"), pgettext("evidence levels", "all"),
            [(level, EVIDENCE_LEVELS[level]) for level in choices["level"]],
        ),
        language=(_("Language"), pgettext("languages", "all"), named(choices["language"], language_name)),
        order=(pgettext("order of a list", "Order"), None, PRACTICE_ORDERS.items()),
    )  # fmt: skip


@public
@require_safe
def practice(request: HttpRequest, public_id: str, number: int | None = None) -> HttpResponse:
    """Show a published practice, in the language of `?in=` if there is a text in it."""
    languages = [request.GET.get("in", ""), _language()]
    page = object_or_404(practice_page(public_id, number=number, languages=languages, day=timezone.localdate()))
    context = {
        "page": page,
        "content": page.content,
        "text": page.text.fields,
        "levels": list(EvidenceLevel),
        "forms_of_violence": FORMS_OF_VIOLENCE,
        "permalink": absolute_url(request.path_info if number else f"{request.path}v/{page.version.number}/"),
        "can_edit": can_edit_practice(request.user, page.practice),
        "can_retire": can_decide_practice(request.user, page.practice),
    }
    return render(request, "exchange/practices/practice.html", context)
