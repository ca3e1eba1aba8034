"""Views for organisers to manage registration questions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404
from samsvar.site.meetings.registration.actions import questions as actions
from samsvar.site.meetings.registration.forms.questions import QuestionForm
from samsvar.site.meetings.registration.queries import questions as queries
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.view_permissions import requires


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_questions(request: HttpRequest, slug: str) -> HttpResponse:
    """List and add the meeting's own questions."""
    meeting = managed_meeting_or_404(request, slug)
    form = QuestionForm(request.POST or None, meeting=meeting)
    return form_page(
        request,
        form,
        action=lambda: actions.add_question(meeting=meeting, by=current_account(request), **form.question_fields()),
        success=_("Question added."),
        redirect_to=request.path,
        template="meetings/registration/questions.html",
        context=lambda: {
            "meeting": meeting,
            "questions": queries.questions_with_counts(meeting),
            "open": len(queries.unanswered_questions(meeting)),
        },
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def send_question_reminders(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    return post_action(
        request,
        lambda: actions.email_question_reminders(meeting=meeting, by=current_account(request)),
        success=lambda sent: (
            ngettext("%(n)s email sent.", "%(n)s emails sent.", sent) % {"n": sent}
            if sent
            else _("Everyone with an email address has been reminded in the past 24 hours.")
        ),
        redirect_to=reverse("meetings:manage-questions", args=[slug]),
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def change_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Edit a question without breaking any promise made to people who have already answered it."""
    meeting = managed_meeting_or_404(request, slug)
    question = _question_or_404(meeting, public_id)
    values = list(question.answers.values_list("value", flat=True))
    form = QuestionForm(
        request.POST or None, meeting=meeting, question=question, answer_count=len(values),
        chosen_counts=actions.count_choices(values),
    )  # fmt: skip
    return form_page(
        request,
        form,
        action=lambda: actions.change_question(
            question=question,
            by=current_account(request),
            delete_answers=bool(form.cleaned_data.get("ask_again")),
            **form.question_fields(),
        ),
        success=_("Question updated."),
        redirect_to=_question_url(question),
        template="meetings/registration/question.html",
        context=lambda: {"meeting": meeting, "question": question},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def move_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Move a question one position up, or down if `way` is "down", and redirect to the question."""
    question = _question_or_404(managed_meeting_or_404(request, slug), public_id)
    actions.move_question(question=question, by=current_account(request), up=request.POST.get("way") != "down")
    return redirect(_question_url(question))


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    question = _question_or_404(managed_meeting_or_404(request, slug), public_id)
    return post_action(
        request,
        lambda: actions.remove_question(question=question, by=current_account(request)),
        success=_("Question and answers deleted."),
        redirect_to=reverse("meetings:manage-questions", args=[slug]),
    )


@requires(Claim.MANAGE_MEETING)
@require_safe
def registration_summary(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how often each answer was given, without names, for caterers, interpreters and the venue."""
    meeting = managed_meeting_or_404(request, slug)
    context = {"meeting": meeting, "sums": queries.answer_summaries(meeting, request.LANGUAGE_CODE), "error": None}
    return render(request, "meetings/registration/answer_summary.html", context)


def _question_or_404(meeting: models.Meeting, public_id: str) -> models.Question:
    return object_or_404(meeting.questions.select_related("meeting").filter(public_id=public_id).first())


def _question_url(question: models.Question) -> str:
    page = reverse("meetings:manage-questions", args=[question.meeting.public_id])
    return f"{page}#question-{question.public_id}"
