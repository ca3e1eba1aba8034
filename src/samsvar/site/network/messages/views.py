"""Pages of questions through the secretariat: to ask, to decide, to answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.network.labels import Trouble
from samsvar.site.network.messages import actions, queries
from samsvar.site.network.messages.forms import AskForm, LineForm, ReasonForm
from samsvar.site.network.view_helpers import site_of, status_of, tell_trouble, tried
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@door(Claim.ASK)
@limited("ask")
@page_with_form
def ask(request: HttpRequest, public_id: str) -> HttpResponse:
    """A question to somebody whom this user finds in the directory; nobody else can be told from nobody."""
    member = queries.member_to_ask(request.user, public_id)
    if member is None:
        raise Http404
    form = AskForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        made, refusal = tried(
            actions.ask_member, by=request.user, site=site_of(request), person=member.person, **form.cleaned_data
        )
        if made:
            messages.success(request, _("Your question waits for the secretariat."))
            return redirect("network:my-ask", made.public_id)
    context = {"member": member, "form": form, "refusal": refusal, "limit": queries.ASKS_A_DAY}
    return render(request, "network/asks_ask.html", context, status=status_of(form, refusal))


# --- One's own --------------------------------------------------------------------------------------------------------


@door(Claim.OWN_ACCOUNT)
@require_safe
def my_asks(request: HttpRequest) -> HttpResponse:
    return render(request, "network/asks_mine.html", {"page": queries.my_asks(request.user)})


@door(Claim.OWN_ACCOUNT)
@page_with_form
def exchange(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.exchange_of(request.user, public_id)
    if page is None:
        raise Http404
    form = LineForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        written, refusal = tried(
            actions.write_in_ask, ask=page.ask, by=request.user, site=site_of(request), text=form.cleaned_data["text"]
        )
        if written:
            messages.success(request, _("Your message is there for the other side to read."))
            return redirect("network:my-ask", public_id)
        page = queries.exchange_of(request.user, public_id) or page  # as it is now
    context = {"page": page, "ask": page.ask, "form": form, "refusal": refusal}
    return render(request, "network/asks_exchange.html", context, status=status_of(form, refusal))


@door(Claim.OWN_ACCOUNT)
@require_POST
def decline_to_answer(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.exchange_of(request.user, public_id)
    if page is None:
        raise Http404
    in_peace = "leave_in_peace" in request.POST
    done, refusal = tried(
        actions.decline_to_answer, ask=page.ask, by=request.user, site=site_of(request), leave_in_peace=in_peace
    )
    return _after(request, done, refusal, _("You have declined. Nothing more comes of this question."), public_id)


@door(Claim.OWN_ACCOUNT)
@require_POST
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.exchange_of(request.user, public_id)
    if page is None:
        raise Http404
    done, refusal = tried(actions.close_ask, ask=page.ask, by=request.user)
    return _after(request, done, refusal, _("This exchange is ended."), public_id)


@door(Claim.OWN_ACCOUNT)
@require_POST
def take_no_questions(request: HttpRequest) -> HttpResponse:
    actions.take_no_questions(by=request.user)  # type: ignore[arg-type]  # signed in: its door
    messages.success(request, _("No questions reach you any more."))
    return redirect("network:my-asks")


# --- The secretariat --------------------------------------------------------------------------------------------------


@door(Claim.ANSWER_ASKS)
@require_safe
def asks_to_decide(request: HttpRequest) -> HttpResponse:
    waiting, decided = queries.asks_to_decide(request.user), queries.asks_decided(request.user)
    return render(request, "network/asks_waiting.html", {"waiting": waiting, "decided": decided})


@door(Claim.ANSWER_ASKS)
@require_safe
def ask_to_decide(request: HttpRequest, public_id: str) -> HttpResponse:
    return _decision(request, public_id)


@door(Claim.ANSWER_ASKS)
@require_POST
def forward(request: HttpRequest, public_id: str) -> HttpResponse:
    return _decision(request, public_id, actions.forward_ask, said=_("The question is forwarded."))


@door(Claim.ANSWER_ASKS)
@require_POST
def decline(request: HttpRequest, public_id: str) -> HttpResponse:
    form = ReasonForm(request.POST)
    said = _("The question is not forwarded, and the asker can read why.")
    return _decision(request, public_id, actions.decline_ask, reason_form=form, said=said)


@door(Claim.ANSWER_ASKS)
@require_POST
def ask_back(request: HttpRequest, public_id: str) -> HttpResponse:
    said = _("The asker can read what you ask.")
    return _decision(request, public_id, actions.ask_back, line_form=LineForm(request.POST), said=said)


# --- Smaller ----------------------------------------------------------------------------------------------------------


def _decision(
    request: HttpRequest,
    public_id: str,
    action: Callable[..., Any] | None = None,
    *,
    reason_form: ReasonForm | None = None,
    line_form: LineForm | None = None,
    said: str = "",
) -> HttpResponse:
    """The page of one question that waits, before a decision and where one could not be taken."""
    page = queries.ask_to_decide(request.user, public_id)
    if page is None:
        raise Http404
    form = reason_form or line_form
    refusal = None
    if action and (form is None or form.is_valid()):
        values = form.cleaned_data if form else {}
        done, refusal = tried(action, ask=page.ask, by=request.user, site=site_of(request), **values)
        if done:
            messages.success(request, said)
            return redirect("network:asks-to-decide")
        page = queries.ask_to_decide(request.user, public_id) or page  # as it is now
    context = {
        "page": page,
        "ask": page.ask,
        "reason_form": reason_form or ReasonForm(),
        "line_form": line_form or LineForm(prefix="back"),
        "refusal": refusal,
    }
    return render(request, "network/asks_decide.html", context, status=status_of(form, refusal))


def _after(request: HttpRequest, done: Any, refusal: Trouble | None, said: str, public_id: str) -> HttpResponse:
    if done:
        messages.success(request, said)
    elif refusal:
        tell_trouble(request, refusal)
    return redirect("network:my-ask", public_id)
