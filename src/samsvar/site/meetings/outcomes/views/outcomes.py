"""Views for recording outcomes, showing them for correction, closing the record and reporting progress."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import CommitmentProgress, OutcomeKind
from samsvar.network.rights import Claim
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import can_manage, can_perform_duty
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404, meeting_or_404
from samsvar.site.meetings.outcomes.actions import follow_up
from samsvar.site.meetings.outcomes.actions import outcomes as actions
from samsvar.site.meetings.outcomes.forms.outcomes import (
    CommitmentContactForm,
    CommitmentProgressForm,
    OutcomeAccessForm,
    OutcomeForm,
    RetractOutcomeForm,
)
from samsvar.site.meetings.outcomes.queries import outcomes as queries
from samsvar.site.meetings.outcomes.queries import survey as surveys
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.downloads import table_response
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.templatetags.samsvar import article_title, state_name
from samsvar.site.shell.view_permissions import public, requires

# --- Public pages -----------------------------------------------------------------------------------------------------


@public
@require_safe
def meeting_outcomes(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    page = queries.meeting_outcomes(request.user, meeting, timezone.now().date())
    may_evaluate = surveys.can_visitor_answer(request.user, meeting, timezone.now())
    context = {"meeting": meeting, "page": page, "may_evaluate": may_evaluate}
    return render(request, "meetings/outcomes/page.html", context)


@public
@require_safe
def commitments(request: HttpRequest, form: str = "") -> HttpResponse:
    """Show the register of commitments of all meetings, or download it as a table."""
    filters = request.GET
    page = queries.commitment_register(
        request.user,
        timezone.now().date(),
        **{name: filters.get(name, "") for name in ("state", "article", "keeping")},
        overdue=bool(filters.get("overdue")),
        own_only=bool(filters.get("mine")),
    )
    if form:
        rows = queries.build_register_rows(page, request.LANGUAGE_CODE)
        return table_response(
            rows, queries.REGISTER_COLUMNS, form, "commitments",
            numbers=queries.REGISTER_NUMBERS, dates=queries.REGISTER_DATES,
        )  # fmt: skip
    context = {
        "page": page,
        "filters": build_filter_form(
            filters.dict(), "commitments", also=("overdue", "mine", "page"),
            state=(_("State"), pgettext("countries", "all"), [(code, state_name(code)) for code in page.states]),
            article=(
                _("Article"), pgettext("articles", "all"),
                [(number, f"{number} {article_title(number)}") for number in page.articles],
            ),
            keeping=(_("Current status"), pgettext("commitments", "all"), enum_choices(CommitmentProgress)),
        ),
    }  # fmt: skip
    return render(request, "meetings/outcomes/commitments.html", context)


@public
@page_with_form
def commitment(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a commitment with its history, and a progress form for users who may report on it."""
    view = object_or_404(queries.find_commitment(request.user, public_id))
    meeting = view.outcome.meeting
    manages = request.user.is_authenticated and can_manage(request.user, meeting)
    context = {
        "details": view,
        "meeting": meeting,
        "measure": queries.measure_of(request.user, view.commitment),
        "can_make_measure": queries.can_make_measure(request.user, view.commitment),
    }
    if not (manages or queries.is_owner_representative(request.user, view.commitment)):
        if request.method == "POST":
            raise Http404
        return render(request, "meetings/outcomes/commitment.html", context)
    form, own = CommitmentProgressForm(request.POST or None, may_give_up=manages), view.commitment
    return form_page(
        request,
        form,
        action=lambda: actions.record_progress(by=current_account(request), commitment=own, **form.values()),
        success=_("Progress saved."),
        redirect_to=request.path,
        template="meetings/outcomes/commitment.html",
        context=lambda: context,
    )


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def make_measure(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make a commitment a measure of the state, and show the measure."""
    view = object_or_404(queries.find_commitment(request.user, public_id))
    if not can_manage_country(request.user, queries.measure_state(view.commitment)):
        raise PermissionDenied
    return post_action(
        request,
        lambda: actions.make_measure(by=current_account(request), commitment=view.commitment),
        success=_("Measure added. Only the desk can see it until it is published."),
        redirect_to=lambda measure: redirect("implementation:measure", measure.public_id),
        on_error=reverse("meetings:commitment", args=[public_id]),
    )


@public
@page_with_form
def commitment_progress(request: HttpRequest, token: str, public_id: str = "") -> HttpResponse:
    """Show the commitments listed in a digest, which links here, and a progress form for the selected one."""
    digest_and_views = queries.find_digest(token, timezone.now())
    if digest_and_views is None:
        return render(request, "meetings/outcomes/report_progress_expired.html", status=404)
    digest, views = digest_and_views
    context = {"commitments": views, "token": token}
    if not public_id:
        return render(request, "meetings/outcomes/report_progress.html", context)
    selected = object_or_404(next((view for view in views if view.outcome.public_id == public_id), None))
    form = CommitmentProgressForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: follow_up.record_progress_by_link(
            follow_up=digest, commitment=selected.commitment, **form.values()
        ),
        success=_("Progress saved."),
        redirect_to=reverse("meetings:commitment-progress", args=[token]),
        template="meetings/outcomes/report_progress.html",
        context=lambda: context | {"selected": selected},
    )


# --- Recording --------------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_safe
def manage_outcomes(request: HttpRequest, slug: str) -> HttpResponse:
    """List the sessions of a meeting with the number of outcomes of each, for organisers and record keepers."""
    meeting = _recorder_meeting_or_404(request, slug)
    context = {"meeting": meeting, "sessions": queries.sessions_to_record(meeting)}
    return render(request, "meetings/outcomes/manage.html", context)


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def record_outcomes(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show the recording page of a session, where outcomes are added one after another."""
    meeting, page = _session_record_or_404(request, slug, public_id)
    form = OutcomeForm(request.POST or None, meeting_states=queries.states_at_meeting(meeting))
    return form_page(
        request,
        form,
        action=lambda: actions.record_outcome(
            by=current_account(request),
            meeting=meeting,
            session=page.session,
            language=request.LANGUAGE_CODE,
            **form.cleaned_data | {"kind": OutcomeKind(form.cleaned_data["kind"])},
        ),
        success=_("Outcome recorded."),
        redirect_to=request.path,
        template="meetings/outcomes/record.html",
        context=lambda: {"meeting": meeting, "page": page, "accesses": enum_choices(AccessLevel)},
    )


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def correct_outcome(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = _recorder_meeting_or_404(request, slug)
    outcome = object_or_404(queries.find_outcome(meeting, public_id))
    initial, states = {"text": outcome.text, **queries.outcome_values(outcome)}, queries.states_at_meeting(meeting)
    form = OutcomeForm(request.POST or None, outcome=outcome, meeting_states=states, initial=initial)
    return form_page(
        request,
        form,
        action=lambda: actions.correct_outcome(by=current_account(request), outcome=outcome, **form.cleaned_data),
        success=_("Outcome corrected."),
        redirect_to=_record_url(meeting, outcome),
        template="meetings/outcomes/correct.html",
        context=lambda: {"meeting": meeting, "outcome": outcome},
    )


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def retract_outcome(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = _recorder_meeting_or_404(request, slug)
    outcome = object_or_404(queries.find_outcome(meeting, public_id))
    form = RetractOutcomeForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: actions.retract_outcome(by=current_account(request), outcome=outcome, **form.cleaned_data),
        success=_("Outcome withdrawn."),
        redirect_to=_record_url(meeting, outcome),
        template="meetings/outcomes/correct.html",
        context=lambda: {"meeting": meeting, "outcome": outcome, "striking": True},
    )


@requires(Claim.OWN_ACCOUNT)
@require_safe
def outcomes_screen(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show the outcomes of a session on the screen in the room.

    The page reloads every ten seconds, with or without JavaScript, unless it is paused with `?still=1`.
    """
    meeting, page = _session_record_or_404(request, slug, public_id)
    still = bool(request.GET.get("still"))
    response = render(request, "meetings/outcomes/screen.html", {"meeting": meeting, "page": page, "still": still})
    if not still:
        response["Refresh"] = "10"
    return response


@requires(Claim.OWN_ACCOUNT)
@require_POST
def mark_outcomes_shown(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    _meeting, page = _session_record_or_404(request, slug, public_id)
    return post_action(
        request,
        lambda: actions.mark_outcomes_as_shown(by=current_account(request), session=page.session),
        redirect_to=reverse("meetings:outcomes-screen", args=[slug, public_id]),
        on_error=reverse("meetings:record", args=[slug, public_id]),
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def close_record(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    _meeting, page = _session_record_or_404(request, slug, public_id)
    return post_action(
        request,
        lambda: actions.close_record(by=current_account(request), session=page.session),
        success=_("The record of this session is closed."),
        redirect_to=reverse("meetings:record", args=[slug, public_id]),
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def commitment_contact(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Set the person who presented a commitment and receives the emails asking for its progress."""
    meeting = managed_meeting_or_404(request, slug)
    outcome = object_or_404(queries.find_outcome(meeting, public_id))
    if outcome.kind != OutcomeKind.COMMITMENT:
        raise Http404
    people = queries.possible_contacts(request.user, meeting)
    contact = outcome.commitment.person
    choices = [(key, contact_label) for key, (_person, contact_label) in people.items()]
    initial = {"person": contact.public_id if contact else ""}
    form = CommitmentContactForm(request.POST or None, people=choices, initial=initial)
    return form_page(
        request,
        form,
        action=lambda: actions.set_progress_reporter(
            by=current_account(request), outcome=outcome, person=people.get(form.cleaned_data["person"], (None, ""))[0]
        ),
        success=_("Contact for progress updates saved."),
        redirect_to=_record_url(meeting, outcome),
        template="meetings/outcomes/progress_contact.html",
        context=lambda: {"meeting": meeting, "outcome": outcome},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def publish_outcome(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    outcome = object_or_404(queries.find_outcome(meeting, public_id))
    form = OutcomeAccessForm(request.POST)
    if not form.is_valid():
        return redirect(_record_url(meeting, outcome))
    access = AccessLevel(form.cleaned_data["access"])
    return post_action(
        request,
        lambda: actions.set_outcome_access(by=current_account(request), outcome=outcome, access=access),
        success=_("Visibility saved."),
        redirect_to=_record_url(meeting, outcome),
    )


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _recorder_meeting_or_404(request: HttpRequest, slug: str) -> models.Meeting:
    """Return the meeting if the user may record its outcomes. Raise `Http404` for others, as if it did not exist."""
    meeting = meeting_or_404(request, slug)
    if not can_perform_duty(request.user, meeting, models.Duty.Kind.RECORD):
        raise Http404
    return meeting


def _session_record_or_404(
    request: HttpRequest, slug: str, public_id: str
) -> tuple[models.Meeting, queries.SessionRecord]:
    meeting = _recorder_meeting_or_404(request, slug)
    return meeting, object_or_404(queries.session_record(request.user, meeting, public_id))


def _record_url(meeting: models.Meeting, outcome: models.Outcome) -> str:
    if outcome.session is None:
        return reverse("meetings:manage-outcomes", args=[meeting.public_id])
    return reverse("meetings:record", args=[meeting.public_id, outcome.session.public_id])
