"""Views for registering, by emailed link or with an account, and for heads of delegation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from samsvar.ids import hash_secret
from samsvar.meetings.meeting import ParticipantCategory, RegistrationPolicy
from samsvar.meetings.registration import RegistrationPhase, RegistrationStatus
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions import pseudonyms
from samsvar.site.meetings.meeting.permissions import LinkHolder, can_see
from samsvar.site.meetings.meeting.queries import opening as opening_queries
from samsvar.site.meetings.meeting.view_helpers import (
    acting_account,
    limit_emails_to,
    meeting_or_404,
    unknown_link_response,
)
from samsvar.site.meetings.registration import link_access, tasks
from samsvar.site.meetings.registration import naming_consent as naming_consent_views
from samsvar.site.meetings.registration.actions import decisions, delegations, invitations, protection
from samsvar.site.meetings.registration.actions import emails as email_actions
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.forms.registration import (
    HideOwnIdentityForm,
    NominationForm,
    OwnPseudonymForm,
    ParticipantNameForm,
    RegistrationAddressForm,
    RegistrationForm,
    initial_data,
)
from samsvar.site.meetings.registration.queries import naming_consent
from samsvar.site.meetings.registration.queries import own as own_queries
from samsvar.site.meetings.registration.queries import questions as question_queries
from samsvar.site.meetings.registration.queries import registrations as queries
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.forms import initial_organisation_values
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import (
    form_page,
    form_page_status,
    page_with_form,
    post_action,
    run_action,
    show_error_text,
)
from samsvar.site.shell.view_permissions import allow_link_access, public, requires


@public
@never_cache
@page_with_form
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Register without an invitation: at once with an account, or else through a link sent to the given address."""
    meeting = meeting_or_404(request, slug)
    user = acting_account(request)
    registration = _get_or_claim_registration(request, user, meeting) if user is not None else None
    can_register = user is not None and own_queries.can_register_directly(user, meeting)
    # after declining, people can register again
    if registration is not None and not (can_register and RegistrationStatus(registration.status).is_over):
        return redirect("meetings:my-registration", slug)
    if can_register:
        return _registration_form_page(request, meeting, None)
    form = RegistrationAddressForm(request.POST or None)
    is_open = opening_queries.is_registration_open(meeting)
    open_to_anyone = meeting.entry == RegistrationPolicy.OPEN and is_open and user is None
    sent, error = False, None
    if request.method == "POST" and open_to_anyone and form.is_valid():
        address = form.cleaned_data["email"]
        if limited := limit_emails_to(request, address):
            return limited
        _result, error = run_action(
            tasks.request_link, meeting=meeting, address=address, language=request.LANGUAGE_CODE
        )
        sent = error is None
    context = {
        "meeting": meeting, "form": form, "sent": sent, "error": error, "open_to_anyone": open_to_anyone,
        "opening": opening_queries.get_registration_phase(meeting),
        "is_open": is_open,
    }  # fmt: skip
    return render(request, "meetings/registration/request_link.html", context, status=form_page_status(form, error))


@public
@never_cache
@page_with_form
def answer_invitation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show an invitation, with a form to register or decline, or the registration that resulted from it."""
    invitation = own_queries.find_invitation(slug, hash_secret(token))
    if invitation is None:
        return unknown_link_response(request)
    may_have_registration = invitation.answered_at is not None or invitation.delegation_id is not None
    registration = own_queries.find_invitation_registration(invitation) if may_have_registration else None
    if registration is not None and registration.status != "nominated":
        return _own_registration_page(request, registration)
    user = acting_account(request)
    if request.method == "POST" and request.POST.get("do") == "decline":
        if registration is not None:
            _result, error = run_action(decisions.decline_registration, registration=registration, by=user)
        else:
            _result, error = run_action(invitations.decline_invitation, invitation=invitation, by=user)
        invitation = own_queries.find_invitation(slug, hash_secret(token)) or invitation
        if error is None:
            return render(request, "meetings/registration/declined.html", {"meeting": invitation.meeting})
        show_error_text(request, error)
    if not own_queries.is_open_invitation(invitation):
        context = {"meeting": invitation.meeting, "declined": invitation.declined_at is not None}
        return render(request, "meetings/registration/link_expired.html", context, status=410)
    return _registration_form_page(request, invitation.meeting, invitation)


@public
@never_cache
@page_with_form
def registration_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show the registration that an emailed link belongs to, for people without an account."""
    registration = own_queries.find_registration_by_hash(slug, hash_secret(token))
    if registration is None:
        return unknown_link_response(request)
    return _own_registration_page(request, registration)


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@never_cache
@page_with_form
def my_registration(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the registration of a user who has an account or has opened their registration link."""
    meeting = object_or_404(models.Meeting.objects.filter(public_id=slug).first())
    registration = _get_or_claim_registration(request, acting_account(request), meeting)
    return _own_registration_page(request, object_or_404(registration))


@public
@never_cache
@page_with_form
def resend_link(request: HttpRequest) -> HttpResponse:
    """Resend a lost registration link.

    The response is the same for every address, so that it does not reveal who is registered.
    """
    form = RegistrationAddressForm(request.POST or None)
    sent = False
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        if limited := limit_emails_to(request, address):
            return limited
        tasks.request_link(address=address, language=request.LANGUAGE_CODE)
        sent = True
    context = {"meeting": None, "form": form, "sent": sent}
    return render(request, "meetings/registration/resend_link.html", context, status=form_page_status(form, None))


@public
@never_cache
@page_with_form
def delegation_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show a delegation to its head, who uses the emailed link."""
    delegation = own_queries.find_delegation_by_hash(slug, hash_secret(token))
    if delegation is None:
        return unknown_link_response(request)
    return _delegation_page(request, delegation, None)


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def my_delegation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show a delegation to its head, who is signed in."""
    meeting = object_or_404(models.Meeting.objects.filter(public_id=slug).first())
    delegation = object_or_404(queries.find_delegation(meeting, public_id))
    if not delegations.is_delegation_head(current_account(request), delegation):
        raise Http404
    return _delegation_page(request, delegation, current_account(request))


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _registration_form_page(
    request: HttpRequest, meeting: models.Meeting, invitation: models.MeetingInvitation | None
) -> HttpResponse:
    """Show and process the registration form. The values set by an invitation cannot be changed."""
    user = acting_account(request)
    category = invitation.category if invitation is not None else ParticipantCategory.PARTICIPANT.value
    state = (invitation.state_id or "") if invitation is not None else ""
    nomination = None
    if invitation is not None and invitation.delegation_id:
        nomination = own_queries.find_invitation_registration(invitation)
    known_name = ""
    if user is not None or nomination is not None:  # a link alone must not reveal what is in a profile
        known_name = own_queries.known_registrant_name(invitation, user)
    form = RegistrationForm(
        request.POST if request.method == "POST" else None, meeting=meeting, country=state,
        group=invitation.group if invitation is not None else "", knows_person=bool(known_name),
        questions=question_queries.category_questions(meeting, category),
        needs_country=question_queries.has_country_quotas(meeting),
        asks_naming_consent=category == ParticipantCategory.SPEAKER,
        asks_protection=not own_queries.is_registrant_at_risk(invitation, user),
        initial={"language": invitation.language if invitation else request.LANGUAGE_CODE, "listed": "organisers"},
    )  # fmt: skip
    error = None
    if invitation is not None and request.method != "POST":  # on POST, the action checks this itself
        error = _invitation_error(invitation, user)
    blocked, opening = error is not None, opening_queries.get_registration_phase(meeting)
    # A nominee already holds a place, so they can register outside the registration period.
    closed = opening is not RegistrationPhase.OPEN and (nomination is None or opening is RegistrationPhase.CANCELLED)
    if request.method == "POST" and error is None and form.is_valid():
        data = form.registration_data()
        data = data if data.name else replace(data, name=known_name)  # a known name is not asked for
        registration, error = run_action(
            actions.register_person, meeting=meeting, data=data, invitation=invitation, account=user
        )
        if registration is not None:
            return redirect(_own_registration_url(registration, user))
        blocked = invitation is not None and _invitation_error(invitation, user) is not None
    context = {
        "meeting": meeting, "form": form, "invitation": invitation, "error": error, "blocked": blocked,
        "address": invitation.email if invitation is not None else user.email if user is not None else "",
        "sign_in": f"{reverse('account_login')}?next={request.path}",
        "offers_sign_in": blocked and user is None, "closed": closed, "opening": opening,
    }  # fmt: skip
    return render(request, "meetings/registration/form.html", context, status=form_page_status(form, error))


def _invitation_error(invitation: models.MeetingInvitation, user: Account | None) -> Any:
    """Return the error to show before the form if this visitor cannot use the invitation, or None."""
    _result, error = run_action(actions.check_link_owner, link=invitation, account=user)
    return error


def _get_or_claim_registration(
    request: HttpRequest, user: Account | None, meeting: models.Meeting
) -> models.Registration | None:
    """Return the user's registration, after claiming one that others created for the address of their account."""
    registration = own_queries.own_registration(request.user, meeting)
    if user is not None and (registration is None or RegistrationStatus(registration.status).is_over):
        claimed = actions.claim_registration(account=user, meeting=meeting)
        registration = registration if claimed is None else queries.find_registration(meeting, claimed.public_id)
    return registration


def _own_registration_page(request: HttpRequest, registration: models.Registration) -> HttpResponse:
    """Show the user's own registration, with forms to edit it, decline, hide their identity or correct their name."""
    user = acting_account(request)
    invitation, person = registration.invitation, registration.person
    state = registration.state_id or "" if registration.delegation_id or (invitation and invitation.state_id) else ""
    page = own_queries.own_registration_page(registration, request.LANGUAGE_CODE)
    if person is not None and person.account_id is None and link_access.remember_links(request, [registration]):
        link_access.grant_link_access(request)  # an answered invitation link also leads here
    action = request.POST.get("do", "")
    if action == "forget":
        link_access.forget_links(request)
        return redirect("meetings:meetings")
    posted = request.POST if request.method == "POST" and not action else None
    hide_form = HideOwnIdentityForm(request.POST if action == "hide" else None, auto_id="hide_%s")
    pseudonym_form = OwnPseudonymForm(
        request.POST if action == "pseudonym" else None, auto_id="own_%s", initial={"pseudonym": page.pseudonym}
    )
    confirmed = registration.status == RegistrationStatus.CONFIRMED
    questions = question_queries.category_questions(registration.meeting, registration.category, confirmed=confirmed)
    form = RegistrationForm(
        posted, meeting=registration.meeting, questions=questions, country=state,
        group=invitation.group if invitation is not None else "",
        needs_country=question_queries.has_country_quotas(registration.meeting),
        knows_person=True, initial=initial_data(registration),
    )  # fmt: skip
    edits_name = page.may_change and own_queries.can_edit_own_name(person)
    details = {one.field: one.value for one in person.details.all()} if edits_name and person is not None else {}
    name_form = ParticipantNameForm(
        request.POST if action == "correct" else None, country=registration.state_id or "", auto_id="correct_%s",
        asks_organisation=person is None or not person.at_risk,
        initial=details | initial_organisation_values(details.get("organisation", "")),
    )  # fmt: skip
    error = None
    if request.method == "POST":
        result = None
        if action == "correct" and edits_name and name_form.is_valid():
            result, error = run_action(actions.correct_name, registration=registration, **name_form.name_data())
            message = _("Details updated.")
        elif action == "decline":
            result, error = run_action(decisions.decline_registration, registration=registration, by=user)
            message = _("You have declined. Your place is now available to someone else.")
        elif action == "hide" and hide_form.is_valid():
            result, error = run_action(
                protection.hide_own_identity, registration=registration, by=user, **hide_form.cleaned_data
            )
            message = _("Your identity is now hidden everywhere on this site.")
        elif action == "pseudonym" and pseudonym_form.is_valid():
            result, error = run_action(
                pseudonyms.change_pseudonym, registration=registration, by=user, **pseudonym_form.cleaned_data
            )
            message = _("Your name at this meeting has been changed. A badge already printed has the previous one.")
        elif action in {"name", "unname"} and person is not None:
            return naming_consent_views.change_naming_consent(request, person, user, redirect_to=request.path)
        elif action == "show":
            result, error = run_action(protection.end_protection, registration=registration)
            message = _("Your safety protection is now off. Nothing about you is shown until you choose to show it.")
        elif not action and form.is_valid():
            result, error = run_action(
                actions.change_registration, registration=registration, data=form.registration_data(), by=user
            )
            message = _("Your registration has been updated.")
        if result is not None:
            messages.success(request, message)
            return redirect(request.path)
    context = {
        "own": page, "meeting": registration.meeting, "form": form, "error": error,
        "letters": reverse("meetings:my-letters", kwargs={"slug": registration.meeting.public_id}),
        "hide": hide_form, "pseudonym_form": pseudonym_form,
        "can_register_again": _can_register_again(registration, user),
        "naming": naming_consent.get_naming_consent(person) if naming_consent.is_speaker(registration) else None,
        "correct": name_form if edits_name else None,
        "goes_on": can_see(request.user, registration.meeting), "by_link": isinstance(request.user, LinkHolder),
    }  # fmt: skip
    submitted_form = next((one for one in (hide_form, name_form, pseudonym_form) if one.is_bound), form)
    return render(request, "meetings/registration/own.html", context, status=form_page_status(submitted_form, error))


def _delegation_page(request: HttpRequest, delegation: models.Delegation, user: Account | None) -> HttpResponse:
    """Show a delegation to its head, who can nominate or replace people and withdraw nominations."""
    if "withdraw" in request.POST:
        nominee = _nominee_or_404(delegation, request.POST["withdraw"])
        return post_action(
            request,
            lambda: delegations.withdraw_nomination(registration=nominee, by=user),
            success=_("Nomination withdrawn."),
            redirect_to=request.path,
        )
    initial = {"language": request.LANGUAGE_CODE, "category": ParticipantCategory.PARTICIPANT.value}
    form = NominationForm(request.POST if request.method == "POST" else None, delegation=delegation, initial=initial)
    if form.is_bound and form.is_valid() and (limited := limit_emails_to(request, form.cleaned_data["email"])):
        return limited

    def nominate() -> models.Registration:
        replaces = request.POST.get("replaces")
        replaced = _nominee_or_404(delegation, replaces) if replaces else None
        return delegations.nominate_person(delegation=delegation, by=user, replaces=replaced, **form.nominee_data())

    def context() -> dict[str, Any]:
        rows = queries.nominee_rows(delegation, user)
        rows_with_place = [row for row in rows if row.has_place]
        return {
            "delegation": delegation,
            "meeting": delegation.meeting,
            "lines": rows,
            "free": min(delegation.reserved, max(0, delegation.places - len(rows_with_place))),
            "replaceable": rows_with_place,
        }

    return form_page(
        request,
        form,
        action=nominate,
        success=_("We have emailed the person you nominated."),
        redirect_to=request.path,
        template="meetings/registration/delegation.html",
        context=context,
    )


def _nominee_or_404(delegation: models.Delegation, public_id: str) -> models.Registration:
    registration = queries.find_registration(delegation.meeting, public_id)
    if registration is None or registration.delegation_id != delegation.pk:
        raise Http404
    return registration


def _own_registration_url(registration: models.Registration, user: Account | None) -> str:
    slug = registration.meeting.public_id
    if user is not None:
        return reverse("meetings:my-registration", kwargs={"slug": slug})
    return reverse("meetings:registration-link", kwargs={"slug": slug, "token": email_actions.link_token(registration)})


def _can_register_again(registration: models.Registration, user: Account | None) -> bool:
    """Return whether a person whose registration has ended can register again without an invitation."""
    if not RegistrationStatus(registration.status).is_over:
        return False
    if user is not None:
        return own_queries.can_register_directly(user, registration.meeting)
    meeting = registration.meeting
    return meeting.entry == RegistrationPolicy.OPEN and opening_queries.is_registration_open(meeting)
