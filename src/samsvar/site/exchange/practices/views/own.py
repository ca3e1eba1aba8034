"""Views of a practice's owner: their list, the form with its rows, other languages, and each act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.exchange.permissions import Contributor, contributors
from samsvar.site.exchange.practices import models
from samsvar.site.exchange.practices.actions import writing
from samsvar.site.exchange.practices.forms import NO_CASES, PracticeForm, RetireForm, TranslationForm
from samsvar.site.exchange.practices.labels import PRACTICE_FIELDS
from samsvar.site.exchange.practices.permissions import can_decide_practice, can_edit_practice
from samsvar.site.exchange.practices.queries.leads import find_praise
from samsvar.site.exchange.practices.queries.own import (
    find_own_practice,
    is_editable,
    own_practice_page,
    own_practices,
)
from samsvar.site.exchange.practices.view_helpers import content_context, revision_seen
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.view_permissions import requires


@requires(Claim.CONTRIBUTE)
@require_safe
def practices(request: HttpRequest) -> HttpResponse:
    """List the practices of the organisations and desks on whose behalf the user can write."""
    context = {"practices": own_practices(request.user), "can_write": bool(contributors(request.user))}
    return render(request, "exchange/practices/own_list.html", context)


@requires(Claim.CONTRIBUTE)
@page_with_form
def add_practice(request: HttpRequest) -> HttpResponse:
    """Write a practice, from the praise of `?praise=` if there is one."""
    behalves = contributors(request.user)
    if not behalves:
        return render(request, "exchange/practices/no_contributor.html", status=403)
    praise = find_praise(request.GET["praise"]) if request.GET.get("praise") else None
    if praise is not None:
        behalves = [one for one in behalves if one.state == praise.state_id]
        object_or_404(behalves or None)
    form = PracticeForm(request.POST or None, contributors=behalves, praise=praise)
    return form_page(
        request,
        form,
        action=lambda: writing.save_practice(
            by=current_account(request), contributor=form.chosen_contributor, values=form.values, text=form.text_values,
            praise=praise,
        ),
        success=_("Practice saved. Only you and your colleagues can see it until it is submitted for review."),
        redirect_to=lambda saved: redirect("exchange:own-practice", saved.public_id),
        template="exchange/practices/form.html",
        context=lambda: {"no_cases": NO_CASES, "praise": praise, "citation": praise and short_citation(praise)},
    )  # fmt: skip


@requires(Claim.CONTRIBUTE)
@require_safe
def practice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the owner the status of a practice, what is missing, the comments of reviewers, and the history."""
    own = _own_or_404(request, public_id)
    page = own_practice_page(own, timezone.localdate())
    context = {
        "page": page,
        "practice": own,
        "missing": [PRACTICE_FIELDS[name] for name in page.missing],
        **content_context(request, page.content),
    }
    return render(request, "exchange/practices/own.html", context)


def _own_or_404(request: HttpRequest, public_id: str) -> models.Practice:
    return object_or_404(find_own_practice(request.user, public_id))


def _editable_or_404(request: HttpRequest, public_id: str) -> models.Practice:
    own = _own_or_404(request, public_id)
    return object_or_404(own if is_editable(own) else None)


@requires(Claim.CONTRIBUTE)
@page_with_form
def edit_practice(request: HttpRequest, public_id: str) -> HttpResponse:
    own = _editable_or_404(request, public_id)
    contributor = Contributor(own.state_id, own.organisation)
    form = PracticeForm(
        request.POST or None, contributors=[contributor], existing=own, text=own.texts.get(language=own.language)
    )
    return form_page(
        request,
        form,
        action=lambda: writing.save_practice(
            by=current_account(request), contributor=contributor, values=form.values, text=form.text_values,
            existing=own, seen=revision_seen(request),
        ),
        success=_("Changes saved."),
        redirect_to=reverse("exchange:own-practice", args=[public_id]),
        template="exchange/practices/form.html",
        context=lambda: {
            "practice": own, "no_cases": NO_CASES, "seen": request.POST.get("seen", own.revision),
        },
    )  # fmt: skip


# --- Other languages --------------------------------------------------------------------------------------------------


@requires(Claim.CONTRIBUTE)
@page_with_form
def add_translation(request: HttpRequest, public_id: str) -> HttpResponse:
    own = _editable_or_404(request, public_id)
    return _translation_page(request, own, None)


@requires(Claim.CONTRIBUTE)
@page_with_form
def edit_translation(request: HttpRequest, public_id: str, language: str) -> HttpResponse:
    own = _editable_or_404(request, public_id)
    texts = own.texts.exclude(language=own.language)
    return _translation_page(request, own, object_or_404(texts.filter(language=language).first()))


def _translation_page(request: HttpRequest, own: models.Practice, text: models.PracticeText | None) -> HttpResponse:
    form = TranslationForm(request.POST or None, practice=own, text=text)
    return form_page(
        request,
        form,
        action=lambda: writing.save_translation(
            by=current_account(request), practice=own, text=form.text_values, is_new=text is None,
            language=text.language if text else form.cleaned_data["language"],
            is_draft=form.cleaned_data["is_draft"], seen=revision_seen(request),
        ),
        success=_("Text saved."),
        redirect_to=reverse("exchange:own-practice", args=[own.public_id]),
        template="exchange/practices/translation_form.html",
        context=lambda: {
            "practice": own, "text": text, "original": own.texts.get(language=own.language),
            "seen": request.POST.get("seen", own.revision),
        },
    )  # fmt: skip


@requires(Claim.CONTRIBUTE)
@require_POST
def delete_translation(request: HttpRequest, public_id: str, language: str) -> HttpResponse:
    own = _editable_or_404(request, public_id)
    return _act(
        request, own, lambda: writing.delete_translation(by=current_account(request), practice=own, language=language),
        _("Text deleted."),
    )  # fmt: skip


# --- Acts -------------------------------------------------------------------------------------------------------------


def _act(request: HttpRequest, practice: models.Practice, action: Callable[[], Any], success: str) -> HttpResponse:
    own_page = reverse("exchange:own-practice", args=[practice.public_id])
    return post_action(request, action, success=success, redirect_to=own_page)


@requires(Claim.CONTRIBUTE)
@require_POST
def submit_practice(request: HttpRequest, public_id: str) -> HttpResponse:
    own, seen = _own_or_404(request, public_id), revision_seen(request)
    return _act(
        request, own, lambda: writing.submit_practice(by=current_account(request), practice=own, seen=seen),
        _("Practice submitted. Two peers of other organisations review it."),
    )  # fmt: skip


@requires(Claim.CONTRIBUTE)
@require_POST
def revise_practice(request: HttpRequest, public_id: str) -> HttpResponse:
    own, seen = _own_or_404(request, public_id), revision_seen(request)
    return _act(
        request, own, lambda: writing.revise_practice(by=current_account(request), practice=own, seen=seen),
        _("New version started. The published one stays public until the new one is."),
    )  # fmt: skip


@requires(Claim.CONTRIBUTE)
@require_POST
def confirm_practice(request: HttpRequest, public_id: str) -> HttpResponse:
    own, seen = _own_or_404(request, public_id), revision_seen(request)
    return _act(
        request, own, lambda: writing.confirm_practice(by=current_account(request), practice=own, seen=seen),
        _("Practice confirmed."),
    )  # fmt: skip


@requires(Claim.CONTRIBUTE)
@require_POST
def take_up_practice(request: HttpRequest, public_id: str) -> HttpResponse:
    own, seen = _own_or_404(request, public_id), revision_seen(request)
    return _act(
        request, own, lambda: writing.take_up_practice(by=current_account(request), practice=own, seen=seen),
        _("New version started. The practice stays retired until it is published again."),
    )  # fmt: skip


@requires(Claim.CONTRIBUTE)
@page_with_form
def retire_practice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Retire a published practice, as its owner or as the secretariat."""
    practice = object_or_404(
        models.Practice.objects.filter(public_id=public_id, published_version__isnull=False, retired_reason="").first()
    )
    may_retire = can_edit_practice(request.user, practice) or can_decide_practice(request.user, practice)
    object_or_404(practice if may_retire else None)
    form = RetireForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: writing.retire_practice(
            by=current_account(request), practice=practice, reason=form.cleaned_data["reason"],
            seen=revision_seen(request),
        ),
        success=_("Practice retired. Its page stays open, with the reason."),
        redirect_to=reverse("exchange:practice", args=[public_id]),
        template="exchange/practices/retire.html",
        context=lambda: {"practice": practice, "seen": request.POST.get("seen", practice.revision)},
    )  # fmt: skip


@requires(Claim.CONTRIBUTE)
@require_POST
def delete_practice(request: HttpRequest, public_id: str) -> HttpResponse:
    own, seen = _own_or_404(request, public_id), revision_seen(request)
    return post_action(
        request,
        lambda: writing.delete_practice(by=current_account(request), practice=own, seen=seen),
        success=_("Draft deleted."),
        redirect_to=reverse("exchange:own-practices"),
        on_error=reverse("exchange:own-practice", args=[public_id]),
    )
