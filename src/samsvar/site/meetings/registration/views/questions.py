"""Pages for organisers: questions asked of participants."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, tried
from samsvar.site.meetings.registration.actions import questions as asking
from samsvar.site.meetings.registration.forms.questions import QuestionForm
from samsvar.site.meetings.registration.queries import questions as queries
from samsvar.site.meetings.registration.views.registrations import page_with_form
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of, tell_trouble
from samsvar.site.shell.view_permissions import door as opens


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_questions(request: HttpRequest, slug: str) -> HttpResponse:
    """The meeting's own questions, each with what it is for and the day its answers go."""
    meeting = managed_or_404(request, slug)
    form = QuestionForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        asking.add_question(meeting=meeting, by=account_of(request), **form.columns())
        messages.success(request, _("The question is asked from now on."))
        return redirect("meetings:manage-questions", slug)
    context = {
        "meeting": meeting, "form": form, "questions": queries.asked_by(meeting), "refusal": None,
        "open": len(queries.still_to_answer(meeting)),
    }  # fmt: skip
    return render(request, "meetings/registration_questions.html", context, status=status_of(form, None))


@opens(Claim.MANAGE_MEETING)
@require_POST
def remind_of_questions(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    sent, refusal = tried(asking.remind_of_questions, meeting=meeting, by=account_of(request), site=site_of(request))
    if refusal is not None:
        tell_trouble(request, refusal)
    elif sent:
        said = ngettext("%(n)s letter is on its way.", "%(n)s letters are on their way.", sent)
        messages.success(request, said % {"n": sent})
    else:
        messages.success(request, _("Everybody who has an address was reminded within the last day."))
    return redirect("meetings:manage-questions", slug)


@opens(Claim.MANAGE_MEETING)
@page_with_form
def change_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Other words, other choices, an earlier day; what was promised to those who have answered holds."""
    meeting = managed_or_404(request, slug)
    question = _question(meeting, public_id)
    values = list(question.answers.values_list("value", flat=True))
    form = QuestionForm(
        request.POST or None, meeting=meeting, question=question, answers=len(values),
        chosen=asking.times_chosen(values),
    )  # fmt: skip
    refusal = None
    if request.method == "POST" and form.is_valid():
        _done, refusal = tried(
            asking.change_question, question=question, by=account_of(request),
            anew=bool(form.cleaned_data.get("anew")), **form.columns(),
        )  # fmt: skip
        if refusal is None:
            messages.success(request, _("The question is changed."))
            return redirect(_place_of(question))
    context = {"meeting": meeting, "question": question, "form": form, "refusal": refusal}
    return render(request, "meetings/registration_question.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def move_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One place up, or with `way` down one place down; the page comes back where the question stands now."""
    question = _question(managed_or_404(request, slug), public_id)
    asking.move_question(question=question, by=account_of(request), up=request.POST.get("way") != "down")
    return redirect(_place_of(question))


@opens(Claim.MANAGE_MEETING)
@require_POST
def remove_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    question = _question(managed_or_404(request, slug), public_id)
    asking.remove_question(question=question, by=account_of(request))
    messages.success(request, _("The question and its answers are gone."))
    return redirect("meetings:manage-questions", slug)


@opens(Claim.MANAGE_MEETING)
@require_safe
def registration_summary(request: HttpRequest, slug: str) -> HttpResponse:
    """For the caterer, the interpreters, the hall: how many of each answer, and nobody's name."""
    meeting = managed_or_404(request, slug)
    context = {"meeting": meeting, "sums": queries.summary(meeting, request.LANGUAGE_CODE), "refusal": None}
    return render(request, "meetings/registration_summary.html", context)


def _question(meeting: models.Meeting, public_id: str) -> models.Question:
    return or_404(meeting.questions.select_related("meeting").filter(public_id=public_id).first())


def _place_of(question: models.Question) -> str:
    page = reverse("meetings:manage-questions", args=[question.meeting.public_id])
    return f"{page}#question-{question.public_id}"
