"""Views for issuing letters and badges, as an organiser or a participant, and for checking a letter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from samsvar.network.rights import Claim
from samsvar.site.meetings.attendance.actions import badges as actions_badges
from samsvar.site.meetings.attendance.queries import check_in as check_in_queries
from samsvar.site.meetings.letters import actions, queries
from samsvar.site.meetings.letters.forms import (
    BadgesForm,
    CertificatesForm,
    LastNameForm,
    OrganiserLetterForm,
    OwnLetterForm,
    PhotographerSheetForm,
    SignatoryForm,
)
from samsvar.site.meetings.meeting.queries import facts
from samsvar.site.meetings.meeting.view_helpers import (
    acting_account,
    download_response,
    managed_meeting_or_404,
    meeting_or_404,
)
from samsvar.site.meetings.registration.queries.registrations import photo_answer_counts
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell import limits as ratelimit
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import allow_link_access, public, requires

PAGE_SIZE = 30
# Names are not secret, so guessing one must be slow. A consulate may check the letters of a whole delegation.
LETTER_CHECK_RATE_LIMIT = {"letter-check": "30/10m/ip,10/10m/key"}
OWN_LETTER_RATE_LIMIT = {"own-letters": "20/h/key"}  # each letter is typeset, and its code is kept permanently


@public
@page_with_form
def check_letter(request: HttpRequest, code: str) -> HttpResponse:
    """Check a letter by its code: whether it is valid or revoked, and whether the last name matches."""
    form = LastNameForm(request.POST or None)
    if form.is_bound and form.is_valid():
        limited = ratelimit.consume_or_429(
            request, action="letter-check", config=LETTER_CHECK_RATE_LIMIT, key=code.strip().upper()
        )
        if limited:
            return limited
    last_name = form.cleaned_data["last_name"] if request.method == "POST" and form.is_valid() else ""
    letter_check = object_or_404(queries.check_letter(code, last_name))
    context = {"check": letter_check, "form": form}
    response = render(request, "meetings/letters/check.html", context, status=form_page_status(form, None))
    response["Cache-Control"] = "no-store"  # a revocation takes effect at once, and the name entered must not be cached
    return response


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_letters(request: HttpRequest, slug: str) -> HttpResponse:
    """Issue and revoke letters for each participant, issue certificates, and set the signatory."""
    meeting = managed_meeting_or_404(request, slug)
    by = current_account(request)
    signatory_form = SignatoryForm(
        request.POST if "signatory" in request.POST else None,
        initial={"signatory": meeting.signatory, "contact": meeting.letters_contact},
    )
    certificates_form = CertificatesForm(
        request.POST if "certificates_language" in request.POST else None, meeting=meeting, auto_id="all_%s"
    )
    other_form = next((one for one in (signatory_form, certificates_form) if one.is_bound), None)
    form = OrganiserLetterForm(
        request.POST if request.method == "POST" and other_form is None else None,
        meeting=meeting,
        initial={"language": facts.get_reader_language()},
    )

    def save() -> HttpResponse:
        if signatory_form.is_bound:
            actions.set_signatory(by=by, meeting=meeting, **signatory_form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("meetings:manage-letters", slug)
        if certificates_form.is_bound:
            language = certificates_form.cleaned_data["certificates_language"]
            _count, pdf = actions.issue_certificates(by=by, meeting=meeting, language=language)
            return download_response(pdf, f"{meeting.public_id}-certificates.pdf")
        registration = object_or_404(check_in_queries.find_registration(meeting, request.POST.get("registration", "")))
        letter = actions.issue_letter(by=by, registration=registration, **form.get_letter_values())
        return download_response(letter.pdf, letter.filename)

    def context() -> dict[str, Any]:
        registrations = check_in_queries.confirmed_registrations(meeting)
        query = request.GET.get("q", "").strip()
        if query:
            matches = check_in_queries.search_guests(request.user, meeting, query)
            registrations = registrations.filter(pk__in=[one.registration.pk for one in matches])
        pages = Paginator(registrations, PAGE_SIZE).get_page(request.GET.get("page"))
        rows = queries.letter_rows(request.user, meeting, pages.object_list)
        return {
            "meeting": meeting,
            "form": form,
            "signs": signatory_form,
            "everybody": certificates_form,
            "can_certify": queries.can_certify_attendance(meeting),
            "certificates_from": queries.first_certificate_day(meeting),
            "asked": query,
            "pages": pages,
            "lines": rows,
            "has_issued": any(line.letters for line in rows),
        }

    return form_page(
        request,
        other_form or form,
        action=save,
        redirect_to=lambda response: response,
        template="meetings/letters/manage.html",
        context=context,
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def revoke_letter(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    letter = object_or_404(meeting.issued.filter(code=code).first())
    actions.revoke_letter(by=current_account(request), letter=letter)
    messages.success(request, _("Letter revoked. Anyone who checks its code will see that it has been revoked."))
    return redirect("meetings:manage-letters", slug)


@requires(Claim.MANAGE_MEETING)
@rate_limited("export")
@page_with_form
def badges(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    form = BadgesForm(request.POST or None, initial={"language": facts.get_reader_language()})
    registrations = check_in_queries.confirmed_registrations(meeting)

    def render_selected_badges() -> bytes:
        data, selected = form.cleaned_data, registrations
        if data["category"]:
            selected = selected.filter(category=data["category"])
        if data["new"]:
            selected = selected.exclude(check_ins__undone_at__isnull=True, check_ins__isnull=False)
        return actions_badges.render_badges(
            by=current_account(request), meeting=meeting, registrations=selected, language=data["language"]
        )

    return form_page(
        request,
        form,
        action=render_selected_badges,
        redirect_to=lambda pdf: download_response(pdf, f"{meeting.public_id}-badges.pdf"),
        template="meetings/attendance/badges.html",
        context=lambda: {"meeting": meeting, "count": registrations.count()},
    )


@requires(Claim.MANAGE_MEETING)
@rate_limited("export")
@page_with_form
def photographer_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """Print the photographer's sheet, which lists people who may not be photographed, named as on their badges."""
    meeting = managed_meeting_or_404(request, slug)
    form = PhotographerSheetForm(request.POST or None, initial={"language": facts.get_reader_language()})
    return form_page(
        request,
        form,
        action=lambda: actions_badges.render_photographer_sheet(
            by=current_account(request), meeting=meeting, **form.cleaned_data
        ),
        redirect_to=lambda pdf: download_response(pdf, f"{meeting.public_id}-photographs.pdf"),
        template="meetings/attendance/photographs.html",
        context=lambda: {
            "meeting": meeting,
            "counts": photo_answer_counts(check_in_queries.confirmed_registrations(meeting)),
        },
    )


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@page_with_form
def own_letters(request: HttpRequest, slug: str) -> HttpResponse:
    """List the user's own letters and issue new ones; passport details are printed in the letter only."""
    meeting = meeting_or_404(request, slug)
    registration = object_or_404(check_in_queries.find_own_registration(request.user, meeting))
    form = OwnLetterForm(request.POST or None, initial={"language": registration.language})
    if form.is_bound and form.is_valid():
        key = registration.public_id
        limited = ratelimit.consume_or_429(request, action="own-letters", config=OWN_LETTER_RATE_LIMIT, key=key)
        if limited:
            return limited
    return form_page(
        request,
        form,
        action=lambda: actions.issue_letter(
            by=acting_account(request),
            registration=registration,
            **{name: form.cleaned_data[name] for name in ("kind", "language")},
            passport=form.get_passport(),
            for_themselves=True,
        ),
        redirect_to=lambda letter: download_response(letter.pdf, letter.filename),
        template="meetings/letters/own.html",
        context=lambda: {
            "meeting": meeting,
            "letters": registration.issued.all(),
            "ticket": bool(registration.ticket),
        },
    )
