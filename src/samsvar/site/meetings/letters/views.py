"""Letters and badges: made by the organiser or by oneself, and asked about by whoever holds the paper."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from samsvar.network.rights import Claim
from samsvar.site.meetings.attendance.actions import badges as actions_badges
from samsvar.site.meetings.attendance.queries import check_in as door_queries
from samsvar.site.meetings.letters import actions, queries
from samsvar.site.meetings.letters.forms import (
    BadgesForm,
    CertificatesForm,
    LastNameForm,
    LetterForm,
    OwnLetterForm,
    PhotographsForm,
    SignsForm,
)
from samsvar.site.meetings.meeting.queries import facts
from samsvar.site.meetings.meeting.view_helpers import by_of, managed_or_404, meeting_or_404, tried
from samsvar.site.meetings.registration.queries.registrations import photographs_among
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import by_link_too, door, open_to_all

page_with_form = require_http_methods(["GET", "HEAD", "POST"])
ON_A_PAGE = 30
OWN_LETTERS = {"own-letters": "20/h/key"}  # each is typeset, and has a code that stays


@open_to_all
@page_with_form
def letter(request: HttpRequest, code: str) -> HttpResponse:
    """What a paper's code says: valid or revoked, and nothing of the person but whether a typed last name fits."""
    form = LastNameForm(request.POST or None)
    typed = form.cleaned_data["last_name"] if request.method == "POST" and form.is_valid() else ""
    paper = queries.paper(code, typed)
    if paper is None:
        raise Http404
    response = render(request, "meetings/letter.html", {"paper": paper, "form": form}, status=status_of(form, None))
    response["Cache-Control"] = "no-store"  # revoked is revoked, and what was typed is nobody's
    return response


@door(Claim.MANAGE_MEETING)
@page_with_form
def manage_letters(request: HttpRequest, slug: str) -> HttpResponse:
    """Letters of each participant: issued, and revoked."""
    meeting = managed_or_404(request, slug)
    posted = request.POST if request.method == "POST" else None
    signs = SignsForm(
        posted if posted is not None and "signatory" in posted else None,
        initial={"signatory": meeting.signatory, "contact": meeting.letters_contact},
    )
    everybody = CertificatesForm(posted if posted is not None and "certificates_language" in posted else None)
    form = LetterForm(
        posted if not (signs.is_bound or everybody.is_bound) else None,
        initial={"language": facts.reader_language()},
    )
    refusal = None
    if signs.is_bound and signs.is_valid():
        actions.say_who_signs(by=account_of(request), meeting=meeting, **signs.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("meetings:manage-letters", slug)
    if everybody.is_bound and everybody.is_valid():
        made, refusal = tried(
            actions.issue_certificates,
            by=account_of(request),
            meeting=meeting,
            site=site_of(request),
            language=everybody.cleaned_data["certificates_language"],
        )
        if refusal is None:
            return _pdf(made[1], f"{meeting.public_id}-certificates.pdf")
    if form.is_bound and form.is_valid():
        registration = or_404(door_queries.registration_of(meeting, request.POST.get("registration", "")))
        by, site = account_of(request), site_of(request)
        made, refusal = tried(actions.issue_letter, by=by, registration=registration, site=site, **form.cleaned_data)
        if refusal is None:
            return _pdf(made.pdf, made.filename)
    rows = door_queries.confirmed(meeting)
    asked = request.GET.get("q", "").strip()
    if asked:
        found = door_queries.search_guests(request.user, meeting, asked)
        rows = rows.filter(pk__in=[one.registration.pk for one in found])
    pages = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    lines = queries.letters_to_issue(request.user, meeting, pages.object_list)
    context = {
        "meeting": meeting,
        "form": form,
        "signs": signs,
        "everybody": everybody,
        "refusal": refusal,
        "asked": asked,
        "pages": pages,
        "lines": lines,
        "has_issued": any(line.letters for line in lines),
    }
    wrong = next((one for one in (signs, everybody) if one.is_bound), form)
    return render(request, "meetings/letters_manage.html", context, status=status_of(wrong, refusal))


@door(Claim.MANAGE_MEETING)
@require_POST
def revoke(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    actions.revoke_letter(by=account_of(request), letter=or_404(queries.letter_of(meeting, code)))
    messages.success(request, _("The letter is revoked: whoever asks by its code reads so."))
    return redirect("meetings:manage-letters", slug)


@door(Claim.MANAGE_MEETING)
@limited("export")
@page_with_form
def badges(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    form = BadgesForm(request.POST or None, initial={"language": facts.reader_language()})
    refusal = None
    rows = door_queries.confirmed(meeting)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if said["category"]:
            rows = rows.filter(category=said["category"])
        if said["new"]:
            rows = rows.exclude(check_ins__undone_at__isnull=True, check_ins__isnull=False)
        by, language = account_of(request), said["language"]
        pdf, refusal = tried(actions_badges.print_badges, by=by, meeting=meeting, registrations=rows, language=language)
        if refusal is None:
            return _pdf(pdf, f"{meeting.public_id}-badges.pdf")
    context = {"meeting": meeting, "form": form, "refusal": refusal, "count": door_queries.confirmed(meeting).count()}
    return render(request, "meetings/badges.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_MEETING)
@limited("export")
@page_with_form
def photographs(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet for the photographer: whom to leave out, as their badges say who they are."""
    meeting = managed_or_404(request, slug)
    form = PhotographsForm(request.POST or None, initial={"language": facts.reader_language()})
    refusal = None
    if request.method == "POST" and form.is_valid():
        by = account_of(request)
        pdf, refusal = tried(actions_badges.print_for_photographer, by=by, meeting=meeting, **form.cleaned_data)
        if refusal is None:
            return _pdf(pdf, f"{meeting.public_id}-photographs.pdf")
    context = {
        "meeting": meeting,
        "form": form,
        "refusal": refusal,
        "counts": photographs_among(door_queries.confirmed(meeting)),
    }
    return render(request, "meetings/photographs.html", context, status=status_of(form, refusal))


@door(Claim.OWN_ACCOUNT)
@by_link_too
@page_with_form
def own_letters(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own letters: made at once, with what one gives of one's passport in the letter alone."""
    meeting = meeting_or_404(request, slug)
    registration = or_404(door_queries.own_registration(request.user, meeting))
    form = OwnLetterForm(request.POST or None, initial={"language": registration.language})
    refusal = None
    if request.method == "POST" and form.is_valid():
        limited_now = ratelimit.consume_or_429(
            request, action="own-letters", config=OWN_LETTERS, key=registration.public_id
        )
        if limited_now:
            return limited_now
        made, refusal = tried(
            actions.issue_letter,
            by=by_of(request),
            registration=registration,
            kind=form.cleaned_data["kind"],
            language=form.cleaned_data["language"],
            passport=form.passport(),
            site=site_of(request),
            for_themselves=True,
        )
        if refusal is None:
            return _pdf(made.pdf, made.filename)
    context = {
        "meeting": meeting,
        "form": form,
        "refusal": refusal,
        "letters": queries.own_letters(registration),
        "ticket": bool(registration.ticket),
    }
    return render(request, "meetings/letters_own.html", context, status=status_of(form, refusal))


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
