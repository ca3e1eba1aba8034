"""The page of an ask's link, for an official without an account.

The first time, the official enters the address at which the link was received; from then on the link works only in that
browser, which keeps a secret in a cookie. Opening the page in an email program's preview or in a
link scanner binds nothing, because that takes a POST.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.implementation.asks import OPEN_STATUSES, AskAct
from samsvar.site.implementation.asks import forms, models, queries
from samsvar.site.implementation.asks.actions import answers as actions
from samsvar.site.implementation.asks.actions.emails import end_emails as end_emails_about_asks
from samsvar.site.implementation.asks.documents import WRITERS, document_response
from samsvar.site.implementation.asks.permissions import is_own_device
from samsvar.site.implementation.asks.views.shared import answers_form, preview_file, today
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, run_action
from samsvar.site.shell.limits import consume_or_429
from samsvar.site.shell.one_click import accept_one_click
from samsvar.site.shell.view_permissions import public

# The link itself ends 14 days after the due day, which the desk can change; the cookie of an ended link opens nothing.
COOKIE_AGE = timedelta(days=365)


@public
@page_with_form
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the questions of an ask with the official's draft, and save or send the answers."""
    ask = queries.find_ask_by_token(token, today())
    if ask is None:
        return _show_expired(request)
    if not _is_own_browser(request, ask):
        return _open_link(request, ask)
    if ask.status not in OPEN_STATUSES:
        if request.method == "POST":
            raise Http404
        return _show_answer_page(request, ask, None)
    if limited := _limit(request, "answer_ask", ask):
        return limited
    is_sent = "send" in request.POST
    form = answers_form(
        ask,
        request.POST or None,
        answers=queries.current_answers(ask),
        is_sent=is_sent,
        signed_by=_signature(ask),
    )
    error = None
    if form.is_bound and form.is_valid():
        action = actions.submit_answers if is_sent else actions.save_draft
        _result, error = run_action(action, ask=ask, **form.values())
        if error is None:
            messages.success(request, _("Answers sent.") if is_sent else _("Draft saved."))
            return redirect(request.path)
    return _show_answer_page(request, ask, form, error)


@public
@require_POST
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a returned file would change; the answer page saves it."""
    ask = _own_ask_or_404(request, token)
    if ask.status not in OPEN_STATUSES:
        raise Http404
    if limited := _limit(request, "answer_ask", ask):
        return limited
    form = forms.ReturnedFileForm(request.POST, request.FILES)
    error = preview = None
    if form.is_valid():
        result, error = run_action(actions.read_returned_file, ask=ask, content=form.cleaned_data["file"])
        if error is None:
            preview = preview_file(ask, result, before=queries.current_answers(ask), signed_by=_signature(ask))
    context = {"ask": ask, "form": form, "error": error, "preview": preview, "token": token, "by_link": True}
    return render(
        request, "implementation/asks/preview.html", context, status=200 if preview else form_page_status(form, error)
    )


@public
@require_safe
def ask_file(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """Download the file of an ask, with the draft in it."""
    ask = _own_ask_or_404(request, token)
    if form not in WRITERS:
        raise Http404
    actions.record_reading(ask=ask)
    return document_response(ask, form, with_draft=True)


# --- Opening the link -------------------------------------------------------------------------------------------------


def _open_link(request: HttpRequest, ask: models.Ask) -> HttpResponse:
    if ask.device_hash:
        return render(request, "implementation/asks/elsewhere.html", {"ask": ask}, status=403)
    if limited := _limit(request, "open_ask", ask):
        return limited
    form = forms.OpenLinkForm(request.POST or None)

    def remember_browser(secret: str) -> HttpResponse:
        response = redirect(request.path)
        response.set_cookie(
            cookie_name(ask),
            secret,
            max_age=COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    return form_page(
        request,
        form,
        action=lambda: actions.open_link(ask=ask, email=form.cleaned_data["email"]),
        redirect_to=remember_browser,
        template="implementation/asks/open.html",
        context=lambda: {"ask": ask},
    )


@public
@accept_one_click
@page_with_form
def end_emails(request: HttpRequest, token: str) -> HttpResponse:
    """End the emails about open asks to the person who got this link: by the button, or by one click.

    Opening the page ends nothing, because scanners open links.
    """
    ask = object_or_404(queries.find_ask_by_end_token(token))
    if request.method == "POST":
        end_emails_about_asks(ask=ask, now=timezone.now())
    return render(request, "implementation/asks/end_emails.html", {"has_ended": request.method == "POST"})


def cookie_name(ask: models.Ask) -> str:
    """Return the name of the cookie with the secret of the browser in which the link was first used."""
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}request-{ask.public_id}-{ask.link_number}"


def _is_own_browser(request: HttpRequest, ask: models.Ask) -> bool:
    return is_own_device(ask, request.COOKIES.get(cookie_name(ask), ""))


def _own_ask_or_404(request: HttpRequest, token: str) -> models.Ask:
    ask = queries.find_ask_by_token(token, today())
    if ask is None or not _is_own_browser(request, ask):
        raise Http404
    return ask


def _show_expired(request: HttpRequest) -> HttpResponse:
    limits = settings.SAMSVAR_RATE_LIMITS
    if limited := consume_or_429(request, action="join", config=limits, limit_get=True):
        return limited
    return render(request, "implementation/asks/expired.html", status=404)


def _limit(request: HttpRequest, action: str, ask: models.Ask) -> HttpResponse | None:
    return consume_or_429(request, action=action, config=settings.SAMSVAR_RATE_LIMITS, key=ask.public_id)


# --- The page ---------------------------------------------------------------------------------------------------------


def _show_answer_page(
    request: HttpRequest, ask: models.Ask, form: forms.AnswersForm | None, error: object = None
) -> HttpResponse:
    if request.method != "POST":
        actions.record_reading(ask=ask)
    note = ask.events.filter(act=AskAct.SEND_BACK).order_by("-id").first() if ask.status == "sent_back" else None
    page = queries.ask_page(ask, today())
    context = {
        "ask": ask,
        "page": page,
        "form": form,
        "error": error,
        "note": note,
        "draft": queries.find_draft(ask),
        "upload": forms.ReturnedFileForm(),
        "token": request.resolver_match.kwargs["token"] if request.resolver_match else "",
    }
    return render(request, "implementation/asks/answer.html", context, status=form_page_status(form, error))


def _signature(ask: models.Ask) -> str:
    """Return who signed the draft or the last version, else the name to which the ask was sent."""
    submission = queries.find_draft(ask) or queries.latest_submission(ask)
    return (submission.signed_by if submission else "") or ask.official_name
