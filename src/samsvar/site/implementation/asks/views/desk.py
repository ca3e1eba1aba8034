"""The desk's pages of asks: the table, making asks for several bodies, and deciding on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.implementation.asks import AWAITING_ANSWER, OPEN_STATUSES, AskAct, AskActor, AskStatus
from samsvar.network.rights import Claim
from samsvar.site.implementation.asks import forms, models, queries
from samsvar.site.implementation.asks.actions import answers as answer_actions
from samsvar.site.implementation.asks.actions import asks as actions
from samsvar.site.implementation.asks.actions import uses
from samsvar.site.implementation.asks.documents import WRITERS, document_response
from samsvar.site.implementation.asks.permissions import can_manage_asks
from samsvar.site.implementation.asks.views.shared import answers_form, preview_file, today
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, post_action, run_action
from samsvar.site.shell.labels import Label, enum_choices
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import requires

# --- The table --------------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def ask_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show all asks of a state, with those first that wait for the desk."""
    state = _state_or_404(request, code)
    filters = request.GET
    table = queries.ask_table(
        state,
        today(),
        status=filters.get("status", ""),
        body=filters.get("body", ""),
        overdue=bool(filters.get("overdue")),
    )
    context = {
        "state": state,
        "table": table,
        "only_overdue": bool(filters.get("overdue")),
        "filters": build_filter_form(
            filters.dict(), "asks", also=("overdue", "page"),
            status=(_("Status"), pgettext("requests", "all"), enum_choices(AskStatus)),
            body=(
                pgettext("asked for information", "Body"), pgettext("bodies", "all"),
                [(body, body) for body in table.bodies],
            ),
        ),
    }  # fmt: skip
    return render(request, "implementation/asks/table.html", context)


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("send_asks")
@require_POST
def send_drafts(request: HttpRequest, code: str) -> HttpResponse:
    """Send the drafts that were ticked."""
    state = _state_or_404(request, code)
    drafts = list(
        models.Ask.objects.filter(
            state_id=state, status=AskStatus.DRAFTED, public_id__in=request.POST.getlist("ask")
        ).order_by("pk")
    )
    if not drafts:
        messages.error(request, _("No draft was chosen. Tick those that you want to send."))
        return redirect("implementation:asks", state)
    return post_action(
        request,
        lambda: actions.send_asks(by=current_account(request), asks=drafts),
        success=lambda sent: (
            ngettext("%(count)s request for information sent.", "%(count)s requests for information sent.", len(sent))
            % {"count": len(sent)}
        ),
        redirect_to=reverse("implementation:asks", args=[state]),
    )


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def new_ask(request: HttpRequest, code: str) -> HttpResponse:
    """Choose findings, then draft the same ask for several bodies. Nothing is sent yet."""
    state = _state_or_404(request, code)
    chosen = request.GET.getlist("finding")
    if not chosen and "free" not in request.GET:
        context = {"state": state, "findings": queries.findings_to_choose(state), "cite": queries.cite_finding}
        return render(request, "implementation/asks/choose.html", context)
    findings = queries.chosen_findings(state, chosen)
    is_saved = request.method == "POST" and "more" not in request.POST
    form = forms.NewAskForm(request.POST if is_saved else None, initial=request.POST.dict() or _initial_ask())
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None and not is_saved:
        count = _count_forms(data)
        total = min(count + 3, forms.MAX_RECIPIENTS)
        data["recipients-TOTAL_FORMS"] = str(total)
        for number in range(count, total):  # as in the first rows
            data[f"recipients-{number}-language"] = request.LANGUAGE_CODE
    form_kwargs = {"state": state, "page_language": request.LANGUAGE_CODE}
    recipients = forms.RecipientFormSet(data, prefix="recipients", form_kwargs=form_kwargs)
    error = None
    if is_saved and form.is_valid() & recipients.is_valid():
        drafts, error = run_action(
            actions.draft_asks,
            by=current_account(request),
            state=state,
            recipients=recipients.recipients(),
            findings=findings,
            **form.cleaned_data,
        )
        if error is None:
            count = len(drafts)
            text = ngettext("%(count)s draft saved. Check it, then send it.",
                            "%(count)s drafts saved. Check them, then send them.", count)  # fmt: skip
            messages.success(request, text % {"count": count})
            return redirect(f"{reverse('implementation:asks', args=[state])}?status={AskStatus.DRAFTED}")
    context = {"state": state, "findings": findings, "form": form, "recipients": recipients, "error": error}
    invalid = is_saved and (form.errors or recipients.total_error_count())
    return render(request, "implementation/asks/new.html", context, status=409 if error else 422 if invalid else 200)


def _initial_ask() -> dict[str, Any]:
    return {"question": _("What has been done about this since the report, and what is planned?")}


def _count_forms(data: Any) -> int:
    text = str(data.get("recipients-TOTAL_FORMS", ""))
    return int(text) if text.isdecimal() and len(text) < 4 else 0


# --- One ask ----------------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def ask_details(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Show an ask with one version of its answers, its history, and what the desk can do."""
    ask = _ask_or_404(request, code, public_id)
    return _show_ask(request, ask)


def _show_ask(request: HttpRequest, ask: models.Ask, form: Any = None, error: object = None) -> HttpResponse:
    text = request.GET.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 5 else None
    page = object_or_404(queries.ask_page(ask, today(), version=version))
    number = page.submission.number if page.submission else None
    context = {
        "ask": ask,
        "page": page,
        "state": ask.state_id,
        "error": error,
        "form": form,
        "accept": forms.AcceptForm(initial={"version": number}, auto_id="accept-%s"),
        "can_enter": AskAct.ANSWER in page.acts,
        "is_draft": ask.status == AskStatus.DRAFTED,
        "is_open": ask.status in OPEN_STATUSES,
    }
    return render(request, "implementation/asks/ask.html", context, status=form_page_status(form, error))


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def edit_ask(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Edit a draft and its questions."""
    ask = _ask_or_404(request, code, public_id)
    if ask.status != AskStatus.DRAFTED:
        raise Http404
    form = forms.DraftForm(request.POST or None, ask=ask)
    return _form_page(
        request, ask, form, _("Edit draft"), _("Save changes"), _("Draft saved."),
        lambda: actions.edit_draft(by=current_account(request), ask=ask, **form.values()),
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def delete_ask(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Delete a draft."""
    ask = _ask_or_404(request, code, public_id)
    return post_action(
        request,
        lambda: actions.delete_draft(by=current_account(request), ask=ask),
        success=_("Draft deleted."),
        redirect_to=reverse("implementation:asks", args=[ask.state_id]),
    )


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("send_asks")
@page_with_form
def send_again(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Send an ask that has lapsed once more, with a new due day and a new link."""
    ask = _ask_or_404(request, code, public_id)
    form = forms.SendAgainForm(request.POST or None)
    return _form_page(
        request, ask, form, _("Send again"), _("Send again"), _("Request for information sent."),
        lambda: actions.send_asks(by=current_account(request), asks=[ask], **form.cleaned_data),
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def send_back(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Send answers back with a note on what is missing."""
    ask = _ask_or_404(request, code, public_id)
    newest = queries.latest_submission(ask)
    form = forms.SendBackForm(request.POST or None, initial={"version": newest.number if newest else None})
    return _form_page(
        request, ask, form, _("Send back"), _("Send back"), _("Request for information sent back."),
        lambda: actions.send_back(by=current_account(request), ask=ask, **form.cleaned_data),
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def accept(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Accept the version of the answers that the desk has read."""
    ask = _ask_or_404(request, code, public_id)
    form = forms.AcceptForm(request.POST)
    if not form.is_valid():
        return _show_ask(request, ask, form)
    return post_action(
        request,
        lambda: actions.accept_answers(by=current_account(request), ask=ask, **form.cleaned_data),
        success=_("Answers accepted."),
        redirect_to=_ask_url(ask),
    )


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("send_asks")
@require_POST
def remind(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Remind the official of an ask, unless an email was sent less than a week ago."""
    ask = _ask_or_404(request, code, public_id)
    return post_action(
        request,
        lambda: actions.remind_official(by=current_account(request), ask=ask),
        success=_("Reminder sent."),
        redirect_to=_ask_url(ask),
    )


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def change_due_day(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Change the due day of an ask that is out."""
    ask = _ask_or_404(request, code, public_id)
    if ask.status not in AWAITING_ANSWER:
        raise Http404
    form = forms.DueDayForm(request.POST or None, initial={"due": ask.due})
    return _form_page(
        request, ask, form, _("Change due day"), _("Change due day"), _("Due day changed."),
        lambda: actions.change_due_day(by=current_account(request), ask=ask, **form.cleaned_data),
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def lapse(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Mark an ask as lapsed before its link expires."""
    ask = _ask_or_404(request, code, public_id)
    return post_action(
        request,
        lambda: actions.close_ask(by=current_account(request), ask=ask, act=AskAct.LAPSE),
        success=_("Request for information marked as lapsed."),
        redirect_to=_ask_url(ask),
    )


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def withdraw(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Withdraw an ask, with a reason."""
    ask = _ask_or_404(request, code, public_id)
    form = forms.CloseForm(request.POST or None)
    return _form_page(
        request, ask, form,
        _("Withdraw request for information"), _("Withdraw request for information"),
        _("Request for information withdrawn."),
        lambda: actions.close_ask(
            by=current_account(request), ask=ask, act=AskAct.WITHDRAW, note=form.cleaned_data["note"]
        ),
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("send_asks")
@page_with_form
def change_official(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Send an open ask to another official of the same body."""
    ask = _ask_or_404(request, code, public_id)
    if ask.status not in OPEN_STATUSES:
        raise Http404
    form = forms.OfficialForm(request.POST or None, initial={"name": ask.official_name, "email": ask.official_email})
    return _form_page(
        request, ask, form, _("Change official"), _("Send new link"), _("Official changed."),
        lambda: actions.change_official(by=current_account(request), ask=ask, **form.cleaned_data),
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def allow_another_browser(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Let the link be opened in another browser."""
    ask = _ask_or_404(request, code, public_id)
    return post_action(
        request,
        lambda: actions.allow_another_browser(by=current_account(request), ask=ask),
        success=_("The link can now be opened in another browser, once."),
        redirect_to=_ask_url(ask),
    )


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def ask_file(request: HttpRequest, code: str, public_id: str, form: str) -> HttpResponse:
    """Download the file of an ask, to send it by email."""
    ask = _ask_or_404(request, code, public_id)
    if form not in WRITERS:
        raise Http404
    return document_response(ask, form, with_draft=False)


# --- Answers ----------------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("upload")
@page_with_form
def enter_answers(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Enter a file that the official returned by email: first a preview of what it changes, then save."""
    ask = _ask_or_404(request, code, public_id)
    if ask.status not in OPEN_STATUSES:
        raise Http404
    before = queries.get_answers(queries.latest_submission(ask))
    if request.method == "POST" and "signed_by" in request.POST:
        form = answers_form(ask, request.POST, answers=before, is_sent=True)
        if form.is_valid():
            return post_action(
                request,
                lambda: answer_actions.submit_answers(
                    ask=ask, by=current_account(request), actor=AskActor.DESK, **form.values()
                ),
                success=_("Answers saved."),
                redirect_to=_ask_url(ask),
            )
        context = {"ask": ask, "state": ask.state_id, "form": form, "error": None, "preview": None}
        return render(request, "implementation/asks/preview.html", context, status=422)
    file_form = forms.ReturnedFileForm(request.POST or None, request.FILES or None)
    error = preview = None
    if request.method == "POST" and file_form.is_valid():
        content = file_form.cleaned_data["file"]
        result, error = run_action(answer_actions.read_returned_file, ask=ask, content=content)
        if error is None:
            preview = preview_file(ask, result, before=before, signed_by=ask.official_name)
    context = {"ask": ask, "state": ask.state_id, "form": file_form, "error": error, "preview": preview}
    status = 200 if preview else form_page_status(file_form, error)
    return render(request, "implementation/asks/preview.html", context, status=status)


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def use_answer(request: HttpRequest, code: str, public_id: str, question: int) -> HttpResponse:
    """Make evidence or a proposed measure of an accepted answer, in one step."""
    ask = _ask_or_404(request, code, public_id)
    make, success = object_or_404(_USES.get(request.POST.get("make", "")))
    return post_action(
        request,
        lambda: make(by=current_account(request), ask=ask, question=question),
        success=str(success),
        redirect_to=_ask_url(ask),
    )


_USES: dict[str, tuple[Callable[..., Any], Label]] = {
    "evidence": (uses.make_evidence, uses.EVIDENCE_ADDED),
    "measure": (uses.propose_measure, uses.MEASURE_PROPOSED),
}


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _form_page(
    request: HttpRequest,
    ask: models.Ask,
    form: Any,
    title: str,
    button: str,
    success: str,
    action: Callable[[], Any],
) -> HttpResponse:
    return form_page(
        request,
        form,
        action=action,
        success=success,
        redirect_to=_ask_url(ask),
        template="implementation/asks/form.html",
        context=lambda: {"ask": ask, "state": ask.state_id, "title": title, "button": button},
    )


def _state_or_404(request: HttpRequest, code: str) -> str:
    if not can_manage_asks(request.user, code):
        raise Http404
    return code


def _ask_or_404(request: HttpRequest, code: str, public_id: str) -> models.Ask:
    return object_or_404(queries.find_ask(request.user, code, public_id))


def _ask_url(ask: models.Ask) -> str:
    return reverse("implementation:ask", args=[ask.state_id, ask.public_id])
