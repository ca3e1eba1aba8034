"""View for the page on which a person added to a session consents to be named and corrects their details."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from samsvar.ids import hash_secret
from samsvar.site.meetings.meeting.permissions import can_see
from samsvar.site.meetings.meeting.view_helpers import acting_account, unknown_link_response
from samsvar.site.meetings.programme.actions import speakers as actions
from samsvar.site.meetings.programme.queries import speakers as queries
from samsvar.site.meetings.registration.actions.registering import check_link_owner
from samsvar.site.meetings.registration.forms.registration import ParticipantNameForm
from samsvar.site.network.directory.forms import initial_organisation_values
from samsvar.site.shell.form_pages import form_page_status, page_with_form, run_action
from samsvar.site.shell.view_permissions import public


@public
@never_cache
@page_with_form
def speaker_page(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show the page that an emailed link opens. If the address has an account, its owner must sign in first."""
    link = queries.find_speaker_link(slug, hash_secret(token))
    if link is None:
        return unknown_link_response(request)
    user = acting_account(request)
    _result, error = run_action(check_link_owner, link=link, account=user)
    if error is not None:
        context = {
            "meeting": link.meeting, "error": error, "offers_sign_in": user is None,
            "sign_in": f"{reverse('account_login')}?next={request.path}",
        }  # fmt: skip
        return render(request, "meetings/programme/speaker_other_account.html", context, status=409)
    if user is not None:
        link = actions.claim_speaker_link(link=link, account=user)
    page = queries.speaker_page(link, user)
    by = None if page.is_separate else user
    action = request.POST.get("do", "")
    details = page.initial_details
    form = ParticipantNameForm(
        request.POST if action == "correct" else None, country=details.get("country", ""), auto_id="correct_%s",
        asks_organisation=not link.person.at_risk,
        initial=details | initial_organisation_values(details.get("organisation", "")),
    )  # fmt: skip
    result: bool | None = None
    message = ""
    if action in {"name", "unname"} and page.naming_consent is not None:
        version = request.POST.get("version", "")
        result, error = run_action(
            actions.set_naming_consent, link=link, consents=action == "name", version=version, by=by
        )
        message = (
            _("You have agreed. Your name is now shown in the programme.")
            if action == "name"
            else _("Your name is not shown in the programme.")
        )
    elif action == "correct" and page.can_edit_name and form.is_valid():
        result, error = run_action(actions.correct_speaker_details, link=link, **form.name_data())
        message = _("Details updated.")
    elif action in {"appear", "stay-away"}:
        result, error = run_action(actions.set_participation, link=link, appears=action == "appear", by=by)
        message = (
            _("You are listed as taking part again. The organisers can see this.")
            if action == "appear"
            else _("The organisers can see that you will not take part.")
        )
    if result is not None:
        messages.success(request, message)
        return redirect(request.path)
    context = {
        "meeting": link.meeting, "page": page, "naming": page.naming_consent, "asks_for_no": page.is_awaiting_answer,
        "form": form, "error": error, "goes_on": can_see(request.user, link.meeting),
    }  # fmt: skip
    return render(request, "meetings/programme/speaker.html", context, status=form_page_status(form, error))
