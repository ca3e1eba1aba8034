"""Views for introductions: the secretariat's list, the page of each introduction, and everything done there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.exchange.introductions import IntroductionAct, IntroductionActor
from samsvar.exchange.requests import ShownAs
from samsvar.network.rights import Claim
from samsvar.site.exchange.introductions import actions, forms, queries
from samsvar.site.exchange.introductions.permissions import can_ask_for_introduction
from samsvar.site.exchange.matching.queries import MatchSettings
from samsvar.site.exchange.requests.models import HelpRequest
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, run_action, run_with_message
from samsvar.site.shell.view_permissions import requires

# --- The secretariat --------------------------------------------------------------------------------------------------


@requires(Claim.RUN_HELPDESK)
@require_safe
def arranged_introductions(request: HttpRequest) -> HttpResponse:
    """List the introductions that the user's helpdesk arranges."""
    page = queries.arranged_list(request.user)
    return render(request, "exchange/introductions/arranged.html", {"page": page})


@requires(Claim.RUN_HELPDESK)
@page_with_form
def propose_introduction(request: HttpRequest, public_id: str) -> HttpResponse:
    """Propose an introduction for a request; whom to ask is the secretariat's choice."""
    help_request = object_or_404(queries.request_to_arrange(request.user, public_id))
    people, settings = queries.suggested_helpers(request.user, help_request), MatchSettings.from_params(request.GET)
    form = forms.ProposeForm(request.POST or None, request=help_request, people=people, initial=_chosen(request))
    return form_page(
        request, form,
        action=lambda: actions.propose_introduction(
            by=current_account(request), request=help_request, match=form.match_now(request.user, settings),
            **form.values,
        ),
        success=_("Introduction proposed. No one has been told yet."),
        redirect_to=lambda introduction: redirect("exchange:introduction", introduction.public_id),
        template="exchange/introductions/propose.html",
        context=lambda: {"help_request": help_request, "people": people, "settings": settings},
    )  # fmt: skip


@requires(Claim.RUN_HELPDESK)
@page_with_form
def choose_helper(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose whom to ask for a proposal of a member."""
    page = _arranged_page(request, public_id)
    help_request = object_or_404(page.introduction.request)
    people, settings = queries.suggested_helpers(request.user, help_request), MatchSettings.from_params(request.GET)
    form = forms.HelperForm(request.POST or None, request=help_request, people=people)
    return form_page(
        request, form,
        action=lambda: actions.choose_helper(
            by=current_account(request), introduction=page.introduction,
            match=form.match_now(request.user, settings), **form.values,
        ),
        success=_("Changes saved. No one has been told yet."),
        redirect_to=reverse("exchange:introduction", args=[public_id]),
        template="exchange/introductions/propose.html",
        context=lambda: {
            "help_request": help_request, "people": people, "introduction": page.introduction, "settings": settings,
        },
    )  # fmt: skip


@requires(Claim.RUN_HELPDESK)
@require_POST
def invite_both(request: HttpRequest, public_id: str) -> HttpResponse:
    page = _arranged_page(request, public_id)
    return _do(request, page, actions.invite_both, _("Both sides have been asked. They get an email without details."))


@requires(Claim.RUN_HELPDESK)
@require_POST
def drop_introduction(request: HttpRequest, public_id: str) -> HttpResponse:
    page = _arranged_page(request, public_id)
    return _do(request, page, actions.drop_introduction, _("Introduction dropped."))


def _chosen(request: HttpRequest) -> dict[str, str]:
    """Return the choice with which a form begins: the practice or offer that led to it from the page of matches."""
    return {"whom": request.GET.get("whom", "")}


def _arranged_page(request: HttpRequest, public_id: str) -> queries.IntroductionPage:
    page = object_or_404(queries.introduction_page(request.user, public_id))
    if page.side is not IntroductionActor.SECRETARIAT:
        raise Http404
    return page


# --- Both sides -------------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_safe
def own_introductions(request: HttpRequest) -> HttpResponse:
    """List the introductions of which the user is a side."""
    return render(request, "exchange/introductions/own.html", {"rows": queries.own_list(request.user)})


@requires(Claim.CONTRIBUTE)
@page_with_form
def ask_for_introduction(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask the secretariat for an introduction, for one's own request."""
    help_request = HelpRequest.objects.filter(public_id=public_id).first()
    if help_request is None or not can_ask_for_introduction(request.user, help_request):
        raise Http404
    settings = MatchSettings.from_params(request.GET)
    form = forms.AskForm(request.POST or None, request=help_request, initial=_chosen(request))
    return form_page(
        request, form,
        action=lambda: actions.ask_for_introduction(
            by=current_account(request), request=help_request, match=form.match_now(request.user, settings),
            **form.values,
        ),
        success=_("The secretariat has been told. It decides whom to ask."),
        redirect_to=lambda introduction: redirect("exchange:introduction", introduction.public_id),
        template="exchange/introductions/ask.html",
        context=lambda: {"help_request": help_request, "settings": settings},
    )  # fmt: skip


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def introduction(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show an introduction to one of its sides or to its secretariat, and take a message to the other side."""
    page = _page_or_404(request, public_id)
    if request.method != "POST":
        return _render(request, page)
    form = forms.IntroductionMessageForm(request.POST)
    return _submit(
        request, page, "message", form, _("The other side can now read your message."),
        lambda: actions.write_message(
            by=current_account(request), introduction=page.introduction, **form.cleaned_data
        ),
    )  # fmt: skip


@requires(Claim.OWN_ACCOUNT)
@require_POST
def accept_introduction(request: HttpRequest, public_id: str) -> HttpResponse:
    page = _side_page(request, public_id)
    form = forms.AcceptForm(request.POST)
    return _submit(
        request, page, "accept", form, _("You have accepted this introduction."),
        lambda: actions.accept_introduction(
            by=current_account(request), introduction=page.introduction,
            shown_as=ShownAs(form.cleaned_data["shown_as"]),
        ),
    )  # fmt: skip


@requires(Claim.OWN_ACCOUNT)
@require_POST
def leave_introduction(request: HttpRequest, public_id: str) -> HttpResponse:
    page = _side_page(request, public_id)
    return _do(request, page, actions.leave_introduction, _("You have left. No one is asked for a reason."))


@requires(Claim.OWN_ACCOUNT)
@require_POST
def record_held(request: HttpRequest, public_id: str) -> HttpResponse:
    page = _page_or_404(request, public_id)
    form = forms.HeldForm(request.POST)
    return _submit(
        request, page, "held", form, _("Recorded that it took place."),
        lambda: actions.record_held(by=current_account(request), introduction=page.introduction, **form.cleaned_data),
    )  # fmt: skip


@requires(Claim.OWN_ACCOUNT)
@require_POST
def record_not_held(request: HttpRequest, public_id: str) -> HttpResponse:
    page = _page_or_404(request, public_id)
    return _do(
        request, page, actions.record_not_held, _("Recorded that it did not take place. No one is asked to rate it.")
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def record_outcome(request: HttpRequest, public_id: str) -> HttpResponse:
    page = _side_page(request, public_id)
    form = forms.OutcomeForm(request.POST)
    return _submit(
        request, page, "outcome", form, _("Changes saved."),
        lambda: actions.record_outcome(
            by=current_account(request), introduction=page.introduction, **form.cleaned_data
        ),
    )  # fmt: skip


# --- Smaller functions ------------------------------------------------------------------------------------------------


def _page_or_404(request: HttpRequest, public_id: str) -> queries.IntroductionPage:
    return object_or_404(queries.introduction_page(request.user, public_id))


def _side_page(request: HttpRequest, public_id: str) -> queries.IntroductionPage:
    """Return an introduction of which the user is a side; raise `Http404` for its secretariat, too."""
    page = _page_or_404(request, public_id)
    if page.side is IntroductionActor.SECRETARIAT:
        raise Http404
    return page


def _do(request: HttpRequest, page: queries.IntroductionPage, action: Callable[..., Any], success: str) -> HttpResponse:
    """Run the action of a button, and return to the page of the introduction."""
    run_with_message(request, action, success, by=current_account(request), introduction=page.introduction)
    return redirect("exchange:introduction", page.introduction.public_id)


def _submit(
    request: HttpRequest,
    page: queries.IntroductionPage,
    name: str,
    form: Any,
    success: str,
    action: Callable[[], Any],
) -> HttpResponse:
    """Run the action of one of the forms on the page, or show the page again with its errors."""
    error = None
    if form.is_valid():
        _saved, error = run_action(action)
        if error is None:
            messages.success(request, success)
            return redirect("exchange:introduction", page.introduction.public_id)
        page = queries.introduction_page(request.user, page.introduction.public_id) or page  # as it is now
    return _render(request, page, {name: form}, form, error)


def _render(
    request: HttpRequest,
    page: queries.IntroductionPage,
    shown: dict[str, Any] | None = None,
    form: Any = None,
    error: Any = None,
) -> HttpResponse:
    shown_introduction, acts = page.introduction, page.acts
    # the asker has said before how they want to be shown; the helper has to choose
    request_of_reader = shown_introduction.request if page.side is IntroductionActor.ASKER else None
    initial = request_of_reader.shown_as if request_of_reader else ""
    page_forms: dict[str, Any] = {}
    if IntroductionAct.ACCEPT in acts:
        page_forms["accept"] = forms.AcceptForm(initial={"shown_as": initial}, auto_id="accept-%s")
    if IntroductionAct.HELD in acts:
        page_forms["held"] = forms.HeldForm(auto_id="held-%s")
    if page.can_tell_outcome:
        page_forms["outcome"] = forms.OutcomeForm(initial={"outcome": shown_introduction.outcome}, auto_id="outcome-%s")
    if page.can_write:
        page_forms["message"] = forms.IntroductionMessageForm(auto_id="message-%s")
    context = {"page": page, "introduction": shown_introduction, "forms": page_forms | (shown or {}), "error": error}
    status = form_page_status(form, error)
    return render(request, "exchange/introductions/introduction.html", context, status=status)
