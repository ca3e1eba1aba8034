"""Views for sending, deciding on and answering questions to members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.network.messages import actions, queries
from samsvar.site.network.messages.forms import DeclineForm, MemberQuestionForm, MessageForm
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.form_pages import form_page_status, run_action, show_error_text
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import requires

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@requires(Claim.ASK_QUESTION)
@rate_limited("ask")
@page_with_form
def ask_member(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask a person in the directory a question. Return 404 if there is no such person or the user may not see them."""
    member = queries.question_recipient(request.user, public_id)
    if member is None:
        raise Http404
    form = MemberQuestionForm(request.POST or None)
    error_text = None
    if request.method == "POST" and form.is_valid():
        question, error_text = run_action(
            actions.ask_member, by=request.user, person=member.person, **form.cleaned_data
        )
        if question:
            messages.success(request, _("Your question is with the secretariat."))
            return redirect("network:my-question", question.public_id)
    context = {"member": member, "form": form, "error": error_text, "limit": queries.QUESTIONS_PER_DAY}
    return render(request, "network/messages/ask.html", context, status=form_page_status(form, error_text))


# --- Helpers ----------------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_safe
def my_questions(request: HttpRequest) -> HttpResponse:
    return render(request, "network/messages/own.html", {"page": queries.my_questions(request.user)})


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def conversation(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.get_conversation(request.user, public_id)
    if page is None:
        raise Http404
    form = MessageForm(request.POST or None)
    error_text = None
    if request.method == "POST" and form.is_valid():
        message, error_text = run_action(
            actions.reply, question=page.question, by=request.user, text=form.cleaned_data["text"]
        )
        if message:
            messages.success(request, _("The other person can now read your message."))
            return redirect("network:my-question", public_id)
        page = queries.get_conversation(request.user, public_id) or page  # to show the current state
    context = {"page": page, "ask": page.question, "form": form, "error": error_text}
    return render(request, "network/messages/conversation.html", context, status=form_page_status(form, error_text))


@requires(Claim.OWN_ACCOUNT)
@require_POST
def decline_to_answer(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.get_conversation(request.user, public_id)
    if page is None:
        raise Http404
    stop_questions = "leave_in_peace" in request.POST
    result, error_text = run_action(
        actions.decline_to_answer, question=page.question, by=request.user, stop_questions=stop_questions
    )
    return _redirect_to_question(
        request, result, error_text, _("You have declined. Nothing further will happen with this question."), public_id
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def close_question(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.get_conversation(request.user, public_id)
    if page is None:
        raise Http404
    result, error_text = run_action(actions.close_question, question=page.question, by=request.user)
    return _redirect_to_question(request, result, error_text, _("Conversation ended."), public_id)


@requires(Claim.OWN_ACCOUNT)
@require_POST
def stop_receiving_questions(request: HttpRequest) -> HttpResponse:
    actions.stop_receiving_questions(by=request.user)  # type: ignore[arg-type]  # the claim requires a signed-in user
    messages.success(request, _("You will no longer receive questions."))
    return redirect("network:my-questions")


# --- For the secretariat ----------------------------------------------------------------------------------------------


@requires(Claim.ANSWER_QUESTIONS)
@require_safe
def pending_questions(request: HttpRequest) -> HttpResponse:
    waiting, decided = queries.pending_questions(request.user), queries.decided_questions(request.user)
    return render(request, "network/messages/pending.html", {"waiting": waiting, "decided": decided})


@requires(Claim.ANSWER_QUESTIONS)
@require_safe
def pending_question(request: HttpRequest, public_id: str) -> HttpResponse:
    return _decision_page(request, public_id)


@requires(Claim.ANSWER_QUESTIONS)
@require_POST
def forward_question(request: HttpRequest, public_id: str) -> HttpResponse:
    return _decision_page(request, public_id, actions.forward_question, success_message=_("Question forwarded."))


@requires(Claim.ANSWER_QUESTIONS)
@require_POST
def decline_question(request: HttpRequest, public_id: str) -> HttpResponse:
    form = DeclineForm(request.POST)
    success_message = _("The question was not forwarded. The person who asked can read why.")
    return _decision_page(
        request, public_id, actions.decline_question, reason_form=form, success_message=success_message
    )


@requires(Claim.ANSWER_QUESTIONS)
@require_POST
def ask_sender(request: HttpRequest, public_id: str) -> HttpResponse:
    success_message = _("The person who asked can now read your message.")
    return _decision_page(
        request, public_id, actions.ask_sender, message_form=MessageForm(request.POST), success_message=success_message
    )


# --- Smaller functions ------------------------------------------------------------------------------------------------


def _decision_page(
    request: HttpRequest,
    public_id: str,
    action: Callable[..., Any] | None = None,
    *,
    reason_form: DeclineForm | None = None,
    message_form: MessageForm | None = None,
    success_message: str = "",
) -> HttpResponse:
    """Show a pending question and run the secretariat's decision, if there is one. Errors appear on the same page."""
    page = queries.get_conversation_for_secretariat(request.user, public_id)
    if page is None:
        raise Http404
    form = reason_form or message_form
    error_text = None
    if action and (form is None or form.is_valid()):
        values = form.cleaned_data if form else {}
        result, error_text = run_action(action, question=page.question, by=request.user, **values)
        if result:
            messages.success(request, success_message)
            return redirect("network:pending-questions")
        page = queries.get_conversation_for_secretariat(request.user, public_id) or page  # the current state
    context = {
        "page": page,
        "ask": page.question,
        "reason_form": reason_form or DeclineForm(),
        "line_form": message_form or MessageForm(prefix="back"),
        "error": error_text,
    }
    return render(request, "network/messages/decide.html", context, status=form_page_status(form, error_text))


def _redirect_to_question(
    request: HttpRequest, result: Any, error_text: ErrorText | None, success_message: str, public_id: str
) -> HttpResponse:
    if result:
        messages.success(request, success_message)
    elif error_text:
        show_error_text(request, error_text)
    return redirect("network:my-question", public_id)
