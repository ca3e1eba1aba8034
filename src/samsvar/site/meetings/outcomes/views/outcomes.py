"""What came of a meeting: recorded in the session, shown for correction, closed, and followed up."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import Keeping, OutcomeKind
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.permissions import can_help, can_manage
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, meeting_or_404, tried
from samsvar.site.meetings.outcomes import labels as outcomes_labels
from samsvar.site.meetings.outcomes.actions import follow_up
from samsvar.site.meetings.outcomes.actions import outcomes as actions
from samsvar.site.meetings.outcomes.forms.outcomes import AccessForm, AskedForm, KeepingForm, OutcomeForm, WhyForm
from samsvar.site.meetings.outcomes.queries import outcomes as queries
from samsvar.site.meetings.outcomes.queries import survey as surveys
from samsvar.site.network.view_helpers import account_of, or_404, status_of, tell_trouble
from samsvar.site.shell.downloads import table_file
from samsvar.site.shell.view_permissions import door, open_to_all

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


# --- What everybody reads ---------------------------------------------------------------------------------------------


@open_to_all
@require_safe
def what_came(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    page = queries.came_of(request.user, meeting, timezone.now().date())
    may_evaluate = surveys.may_answer(request.user, meeting, timezone.now())
    return render(request, "meetings/what_came.html", {"meeting": meeting, "page": page, "may_evaluate": may_evaluate})


@open_to_all
@require_safe
def commitments(request: HttpRequest, form: str = "") -> HttpResponse:
    """The register of commitments over all meetings; also as a table to download."""
    asked = request.GET
    page = queries.register(
        request.user,
        timezone.now().date(),
        state=asked.get("state", ""),
        article=asked.get("article", ""),
        keeping=asked.get("keeping", ""),
        overdue=bool(asked.get("overdue")),
        mine=bool(asked.get("mine")),
    )
    if form:
        rows = queries.rows_of(page, request.LANGUAGE_CODE, request.build_absolute_uri("/"))
        return table_file(rows, queries.COLUMNS, form, "commitments")
    context = {"page": page, "keepings": [(one.value, outcomes_labels.KEEPINGS[one]) for one in Keeping]}
    return render(request, "meetings/commitments.html", context)


@open_to_all
@page_with_form
def commitment(request: HttpRequest, public_id: str) -> HttpResponse:
    """One commitment with its history; whoever speaks for it says here how it goes."""
    found = or_404(queries.commitment_of(request.user, public_id))
    meeting = found.outcome.meeting
    manages = request.user.is_authenticated and can_manage(request.user, meeting)
    may_say = manages or queries.speaks_for(request.user, found.commitment)
    form = KeepingForm(request.POST or None, may_give_up=manages) if may_say else None
    refusal = None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            _said, refusal = tried(
                actions.say_how_it_goes,
                by=account_of(request),
                commitment=found.commitment,
                keeping=Keeping(form.cleaned_data["keeping"]),
                text=form.cleaned_data["text"],
                evidence=form.cleaned_data["evidence"],
            )
            if refusal is None:
                messages.success(request, _("This is how the commitment stands now."))
                return redirect("meetings:commitment", public_id)
    context = {"one": found, "meeting": meeting, "form": form, "refusal": refusal}
    status = status_of(form, refusal) if form is not None and request.method == "POST" else 200
    return render(request, "meetings/commitment.html", context, status=status)


@open_to_all
@page_with_form
def how_it_goes(request: HttpRequest, token: str, public_id: str = "") -> HttpResponse:
    """The page of a digest's link: all open commitments of one person, and a form for one of them."""
    found = queries.digest_by(token, timezone.now())
    if found is None:
        return render(request, "meetings/how_it_goes_gone.html", status=404)
    digest, views = found
    one = next((view for view in views if view.outcome.public_id == public_id), None)
    if public_id and one is None:
        raise Http404
    form = KeepingForm(request.POST or None) if one else None
    refusal = None
    if request.method == "POST" and one is not None and form is not None and form.is_valid():
        _said, refusal = tried(
            follow_up.say_by_link,
            digest=digest,
            commitment=one.commitment,
            keeping=Keeping(form.cleaned_data["keeping"]),
            text=form.cleaned_data["text"],
            evidence=form.cleaned_data["evidence"],
        )
        if refusal is None:
            messages.success(request, _("This is how the commitment stands now."))
            return redirect("meetings:how-it-goes", token)
    context = {"commitments": views, "one": one, "form": form, "refusal": refusal, "token": token}
    status = status_of(form, refusal) if form is not None and request.method == "POST" else 200
    return render(request, "meetings/how_it_goes.html", context, status=status)


# --- Who records ------------------------------------------------------------------------------------------------------


@door(Claim.OWN_ACCOUNT)
@require_safe
def manage_outcomes(request: HttpRequest, slug: str) -> HttpResponse:
    """The sessions of a meeting, and what is recorded of each: for the organiser and for those at the record."""
    meeting = _recorded_meeting(request, slug)
    context = {"meeting": meeting, "sessions": queries.sessions_to_record(meeting)}
    return render(request, "meetings/outcomes_manage.html", context)


@door(Claim.OWN_ACCOUNT)
@page_with_form
def record_session(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """The recorder's page of one session: one outcome after another."""
    meeting = _recorded_meeting(request, slug)
    page = or_404(queries.record_of(request.user, meeting, public_id))
    form = OutcomeForm(request.POST or None, invited=queries.states_of(meeting))
    refusal = None
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        _made, refusal = tried(
            actions.record_outcome,
            by=account_of(request),
            meeting=meeting,
            session=page.session,
            language=request.LANGUAGE_CODE,
            **said | {"kind": OutcomeKind(said["kind"])},
        )
        if refusal is None:
            messages.success(request, _("It is recorded."))
            return redirect("meetings:record", slug, public_id)
    context = {
        "meeting": meeting,
        "page": page,
        "form": form,
        "refusal": refusal,
        "accesses": [(one.value, words.ACCESSES[one]) for one in Access],
    }
    return render(request, "meetings/outcomes_record.html", context, status=status_of(form, refusal))


@door(Claim.OWN_ACCOUNT)
@page_with_form
def correct(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = _recorded_meeting(request, slug)
    outcome = or_404(queries.outcome_by(meeting, public_id))
    form = OutcomeForm(
        request.POST or None, outcome=outcome, invited=queries.states_of(meeting), initial=queries.said_of(outcome)
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        _made, refusal = tried(actions.correct_outcome, by=account_of(request), outcome=outcome, **form.cleaned_data)
        if refusal is None:
            messages.success(request, _("It is corrected."))
            return _back(meeting, outcome)
    context = {"meeting": meeting, "outcome": outcome, "form": form, "refusal": refusal}
    return render(request, "meetings/outcomes_correct.html", context, status=status_of(form, refusal))


@door(Claim.OWN_ACCOUNT)
@page_with_form
def strike(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = _recorded_meeting(request, slug)
    outcome = or_404(queries.outcome_by(meeting, public_id))
    form = WhyForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        _made, refusal = tried(
            actions.strike_outcome, by=account_of(request), outcome=outcome, why=form.cleaned_data["why"]
        )
        if refusal is None:
            messages.success(request, _("It is taken back."))
            return _back(meeting, outcome)
    context = {"meeting": meeting, "outcome": outcome, "form": form, "refusal": refusal, "striking": True}
    return render(request, "meetings/outcomes_correct.html", context, status=status_of(form, refusal))


@door(Claim.OWN_ACCOUNT)
@require_safe
def screen(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """The outcomes of a session for the screen in the room. It comes anew by itself, with or without script, until told
    to hold still (`?still=1`).
    """
    meeting = _recorded_meeting(request, slug)
    page = or_404(queries.record_of(request.user, meeting, public_id))
    still = bool(request.GET.get("still"))
    response = render(request, "meetings/outcomes_screen.html", {"meeting": meeting, "page": page, "still": still})
    if not still:
        response["Refresh"] = "10"
    return response


@door(Claim.OWN_ACCOUNT)
@require_POST
def show(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = _recorded_meeting(request, slug)
    page = or_404(queries.record_of(request.user, meeting, public_id))
    _done, refusal = tried(actions.show_outcomes, by=account_of(request), session=page.session)
    if refusal is not None:
        tell_trouble(request, refusal)
        return redirect("meetings:record", slug, public_id)
    return redirect("meetings:outcomes-screen", slug, public_id)


@door(Claim.OWN_ACCOUNT)
@require_POST
def close(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = _recorded_meeting(request, slug)
    page = or_404(queries.record_of(request.user, meeting, public_id))
    _done, refusal = tried(actions.close_record, by=account_of(request), session=page.session)
    if refusal is not None:
        tell_trouble(request, refusal)
    else:
        messages.success(request, _("The record of this session is closed."))
    return redirect("meetings:record", slug, public_id)


@door(Claim.MANAGE_MEETING)
@page_with_form
def who_is_asked(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Who spoke for a commitment, and gets the letter that asks how it goes."""
    meeting = managed_or_404(request, slug)
    outcome = or_404(queries.outcome_by(meeting, public_id))
    if outcome.kind != OutcomeKind.COMMITMENT:
        raise Http404
    people = queries.who_can_be_asked(request.user, meeting)
    asked = outcome.commitment.person
    form = AskedForm(
        request.POST or None,
        people=[(key, called) for key, (_person, called) in people.items()],
        initial={"person": asked.public_id if asked else ""},
    )
    if request.method == "POST" and form.is_valid():
        chosen = people.get(form.cleaned_data["person"])
        actions.say_who_is_asked(by=account_of(request), outcome=outcome, person=chosen[0] if chosen else None)
        messages.success(request, _("It is stored who is asked how this commitment goes."))
        return _back(meeting, outcome)
    context = {"meeting": meeting, "outcome": outcome, "form": form}
    return render(request, "meetings/outcomes_asked.html", context, status=status_of(form, None))


@door(Claim.MANAGE_MEETING)
@require_POST
def publish(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    outcome = or_404(queries.outcome_by(meeting, public_id))
    form = AccessForm(request.POST)
    if form.is_valid():
        _done, refusal = tried(
            actions.publish_outcome,
            by=account_of(request),
            outcome=outcome,
            access=Access(form.cleaned_data["access"]),
        )
        if refusal is not None:
            tell_trouble(request, refusal)
        else:
            messages.success(request, _("It is open to those you chose."))
    return _back(meeting, outcome)


# --- Steps ------------------------------------------------------------------------------------------------------------


def _recorded_meeting(request: HttpRequest, slug: str) -> models.Meeting:
    """The meeting, for those who record at it; nobody else learns that there is such an address."""
    meeting = meeting_or_404(request, slug)
    if not can_help(request.user, meeting, models.Duty.Kind.RECORD):
        raise Http404
    return meeting


def _back(meeting: models.Meeting, outcome: models.Outcome) -> HttpResponse:
    if outcome.session is None:
        return redirect("meetings:manage-outcomes", meeting.public_id)
    return redirect("meetings:record", meeting.public_id, outcome.session.public_id)
