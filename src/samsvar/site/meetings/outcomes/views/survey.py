"""Views for answering the survey, setting it up and reading its results."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from samsvar.meetings.survey import AnswerType
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404, meeting_or_404
from samsvar.site.meetings.outcomes.actions import survey as actions
from samsvar.site.meetings.outcomes.forms.survey import SurveyAnswerForm, SurveyForm, SurveyQuestionForm
from samsvar.site.meetings.outcomes.queries import survey as queries
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import allow_link_access, public, requires


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@rate_limited("ask")
@page_with_form
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the survey to a participant who has signed in or opened their registration link."""
    return _survey_page(request, meeting_or_404(request, slug))


@public
@rate_limited("ask")
@page_with_form
def survey_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show the survey using the link of a registration, even if the meeting is not public."""
    meeting = models.Meeting.objects.select_related("inside", "network", "state").filter(public_id=slug).first()
    return _survey_page(request, object_or_404(meeting), token)


def _survey_page(request: HttpRequest, meeting: models.Meeting, token: str = "") -> HttpResponse:
    survey = object_or_404(queries.find_survey(meeting))
    registration = object_or_404(queries.participant_registration(request.user, meeting, token))
    form = SurveyAnswerForm(request.POST or None, survey=survey)
    now = timezone.now()
    return form_page(
        request,
        form,
        action=lambda: actions.answer_survey(registration=registration, answers=form.answers()),
        success=_("Thank you. Your answers are saved without your name."),
        redirect_to=request.path,
        template="meetings/outcomes/survey.html",
        context=lambda: {
            "meeting": meeting,
            "survey": survey,
            "answered": queries.has_answered(registration),
            "open": queries.is_open(survey, now),
            "over": survey.closes_at <= now,
            "fewest": queries.MIN_ANSWERS,
        },
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_survey(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit the period and the questions of the survey, and show its results."""
    meeting = managed_meeting_or_404(request, slug)
    survey = queries.find_survey(meeting)
    times = SurveyForm(request.POST if "opens_at" in request.POST else None, meeting=meeting, survey=survey)
    question = SurveyQuestionForm(request.POST if "kind" in request.POST else None, meeting=meeting)

    def save() -> None:
        by = current_account(request)
        if times.is_bound:
            actions.save_survey(by=by, meeting=meeting, **times.cleaned_data)
        else:
            data = question.cleaned_data
            actions.add_question(
                by=by,
                survey=object_or_404(survey),
                text=data["text"],
                kind=AnswerType(data["kind"]),
                options=data["choices"] if data["kind"] == AnswerType.CHOICE else [],
            )

    return form_page(
        request,
        times if times.is_bound else question,
        action=save,
        success=_("Saved.") if times.is_bound else _("Question added."),
        redirect_to=request.path,
        template="meetings/outcomes/manage_survey.html",
        context=lambda: {
            "meeting": meeting,
            "survey": survey,
            "times": times,
            "question": question,
            "results": queries.survey_results(survey, request.LANGUAGE_CODE, timezone.now()) if survey else None,
        },
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_question(request: HttpRequest, slug: str, question: int) -> HttpResponse:
    survey = object_or_404(queries.find_survey(managed_meeting_or_404(request, slug)))
    survey_question = object_or_404(survey.questions.filter(pk=question).first())
    return post_action(
        request,
        lambda: actions.remove_question(by=current_account(request), question=survey_question),
        redirect_to=reverse("meetings:manage-survey", args=[slug]),
    )
