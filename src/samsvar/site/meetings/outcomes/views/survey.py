"""The evaluation: participants answer it, the organiser makes it and reads what came in."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from samsvar.meetings.survey import SurveyKind
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, meeting_or_404, tried
from samsvar.site.meetings.outcomes.actions import survey as actions
from samsvar.site.meetings.outcomes.forms.survey import AnswerForm, QuestionForm, SurveyForm
from samsvar.site.meetings.outcomes.queries import survey as queries
from samsvar.site.network.view_helpers import account_of, or_404, status_of, tell_trouble
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import by_link_too, door, open_to_all

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@door(Claim.OWN_ACCOUNT)
@by_link_too
@limited("ask")
@page_with_form
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    """The evaluation for a participant who is signed in; a letter leads here."""
    return _survey(request, meeting_or_404(request, slug))


@open_to_all
@limited("ask")
@page_with_form
def survey_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The same with the link of one's own registration, also where not everybody may know of the meeting."""
    known = models.Meeting.objects.select_related("inside", "network", "state").filter(public_id=slug).first()
    return _survey(request, or_404(known), token)


def _survey(request: HttpRequest, meeting: models.Meeting, token: str = "") -> HttpResponse:
    found = or_404(queries.survey_of(meeting))
    registration = queries.registration_of(request.user, meeting, token)
    if registration is None:
        raise Http404
    form = AnswerForm(request.POST or None, survey=found)
    refusal = None
    if request.method == "POST" and form.is_valid():
        _done, refusal = tried(actions.answer_survey, registration=registration, answers=form.answers())
        if refusal is None:
            messages.success(request, _("Thank you. Your answers are counted without your name."))
            return redirect(request.path)
    now = timezone.now()
    context = {
        "meeting": meeting,
        "survey": found,
        "form": form,
        "refusal": refusal,
        "answered": queries.has_answered(registration),
        "open": queries.is_open(found, now),
        "over": found.closes_at <= now,
        "fewest": queries.FEWEST,
    }
    return render(request, "meetings/survey.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_MEETING)
@page_with_form
def manage_survey(request: HttpRequest, slug: str) -> HttpResponse:
    """When it is open, what it asks, what came in."""
    meeting = managed_or_404(request, slug)
    found = queries.survey_of(meeting)
    posted = request.POST if request.method == "POST" else None
    times = SurveyForm(posted if posted is not None and "opens_at" in posted else None, meeting=meeting, survey=found)
    question = QuestionForm(posted if posted is not None and "kind" in posted else None, meeting=meeting)
    refusal = None
    if times.is_bound and times.is_valid():
        _done, refusal = tried(actions.save_survey, by=account_of(request), meeting=meeting, **times.cleaned_data)
        if refusal is None:
            messages.success(request, _("Saved."))
            return redirect("meetings:manage-survey", slug)
    elif question.is_bound and question.is_valid() and found is not None:
        said = question.cleaned_data
        _done, refusal = tried(
            actions.add_question,
            by=account_of(request),
            survey=found,
            text=said["text"],
            kind=SurveyKind(said["kind"]),
            options=said["choices"] if said["kind"] == SurveyKind.CHOICE else [],
        )
        if refusal is None:
            messages.success(request, _("The question is added."))
            return redirect("meetings:manage-survey", slug)
    context = {
        "meeting": meeting,
        "survey": found,
        "times": times,
        "question": question,
        "refusal": refusal,
        "results": queries.results_of(found, request.LANGUAGE_CODE, timezone.now()) if found else None,
    }
    wrong = times if times.is_bound else question
    return render(request, "meetings/survey_manage.html", context, status=status_of(wrong, refusal))


@door(Claim.MANAGE_MEETING)
@require_POST
def remove_question(request: HttpRequest, slug: str, question: int) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    found = or_404(queries.survey_of(meeting))
    row = or_404(found.questions.filter(pk=question).first())
    _done, refusal = tried(actions.remove_question, by=account_of(request), question=row)
    if refusal is not None:
        tell_trouble(request, refusal)
    return redirect("meetings:manage-survey", slug)
