"""Views for sending, deciding on and answering questions to members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.network.messages import actions, queries
from samsvar.site.network.messages.forms import DeclineForm, MemberQuestionForm, MessageForm
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, run_action, run_with_message
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import requires


@requires(Claim.ASK_QUESTION)
@rate_limited("ask")
@page_with_form
def ask_member(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask a person in the directory a question. Return 404 if there is no such person or the user may not see them."""
    member = object_or_404(queries.question_recipient(request.user, public_id))
    form = MemberQuestionForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: actions.ask_member(by=current_account(request), person=member.person, **form.cleaned_data),
        success=_("Your question is with the secretariat."),
        redirect_to=lambda question: redirect("network:my-question", question.public_id),
        template="network/messages/ask.html",
        context=lambda: {"member": member, "limit": queries.QUESTIONS_PER_DAY},
    )


# --- Own questions ----------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_safe
def my_questions(request: HttpRequest) -> HttpResponse:
    return render(request, "network/messages/own.html", {"page": queries.my_questions(request.user)})


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def conversation(request: HttpRequest, public_id: str) -> HttpResponse:
    page = _conversation_or_404(request, public_id)
    form = MessageForm(request.POST or None)

    def build_context() -> dict[str, Any]:
        was_refused = form.is_bound and form.is_valid()  # then show the current state
        shown = (queries.get_conversation(request.user, public_id) if was_refused else None) or page
        return {"page": shown, "ask": shown.question}

    return form_page(
        request,
        form,
        action=lambda: actions.reply(question=page.question, by=current_account(request), **form.cleaned_data),
        success=_("The other person can now read your message."),
        redirect_to=reverse("network:my-question", args=[public_id]),
        template="network/messages/conversation.html",
        context=build_context,
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def decline_to_answer(request: HttpRequest, public_id: str) -> HttpResponse:
    question, stop_questions = _conversation_or_404(request, public_id).question, "leave_in_peace" in request.POST
    success = _("You have declined. Nothing further will happen with this question.")
    by = current_account(request)
    run_with_message(
        request, actions.decline_to_answer, success, question=question, by=by, stop_questions=stop_questions
    )
    return redirect("network:my-question", public_id)


@requires(Claim.OWN_ACCOUNT)
@require_POST
def close_question(request: HttpRequest, public_id: str) -> HttpResponse:
    question, success = _conversation_or_404(request, public_id).question, _("Conversation ended.")
    run_with_message(request, actions.close_question, success, question=question, by=current_account(request))
    return redirect("network:my-question", public_id)


@requires(Claim.OWN_ACCOUNT)
@require_POST
def stop_receiving_questions(request: HttpRequest) -> HttpResponse:
    actions.stop_receiving_questions(by=current_account(request))
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
    page = object_or_404(queries.get_conversation_for_secretariat(request.user, public_id))
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


def _conversation_or_404(request: HttpRequest, public_id: str) -> queries.Conversation:
    return object_or_404(queries.get_conversation(request.user, public_id))
