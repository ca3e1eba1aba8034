"""Views for the export and erasure of personal data, retention, and the record of processing."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from samsvar.network.people import Field
from samsvar.network.rights import UNLIMITED_SCOPE, Claim
from samsvar.site.network.access import permissions
from samsvar.site.network.data_inventory import SubjectOfRequest, resolve_subject
from samsvar.site.network.directory.queries.people import get_visible_people
from samsvar.site.network.privacy.actions import privacy as actions
from samsvar.site.network.privacy.actions.retention import ClockJumped, check_clock, run_retention
from samsvar.site.network.privacy.forms import FindPersonForm, TypedConfirmationForm, WrittenErasureRequestForm
from samsvar.site.network.privacy.queries import processing
from samsvar.site.network.privacy.queries.erasure import erasure_page, find_subject, find_subject_by_public_id
from samsvar.site.network.privacy.queries.my_data import category_counts, recent_accesses
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.form_pages import page_with_form, run_action
from samsvar.site.shell.limits import enforce_rate_limit
from samsvar.site.shell.view_permissions import public, requires

# --- Own data ---------------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@page_with_form
@reauthentication_required
def my_data(request: HttpRequest) -> HttpResponse:
    """Show a summary of the data about the user, and offer all of it as a file.

    Requires reauthentication, because the file contains everything.
    """
    subject = _current_data_subject(request)
    if request.method == "POST":
        if throttled := enforce_rate_limit(request, "export"):
            return throttled
        archive = actions.export_personal_data(subject=subject, by=subject.account)
        headers = {"Content-Disposition": 'attachment; filename="my-data.zip"', "Cache-Control": "private, no-store"}
        return HttpResponse(archive, content_type="application/zip", headers=headers)
    context = {"counts": category_counts(subject), "accesses": recent_accesses(subject)}
    return render(request, "network/privacy/my_data.html", context)


@requires(Claim.OWN_ACCOUNT)
@page_with_form
@reauthentication_required
def erase_my_data(request: HttpRequest) -> HttpResponse:
    """Show what erasure would do, and erase the user's data once they have typed their own email address."""
    subject = _current_data_subject(request)
    assert subject.account is not None
    label = _("Type your email address, %(address)s, to confirm") % {"address": subject.account.email}
    form = TypedConfirmationForm(request.POST or None, expected=subject.account.email, label=label)
    error = None
    if request.method == "POST" and form.is_valid():
        _result, error = run_action(
            actions.erase_personal_data, subject=subject, by=subject.account, channel="on the site"
        )
        if not error:
            logout(request)
            return redirect("network:erasure-complete")
    context = {
        "page": erasure_page(subject, now=timezone.now()),
        "form": form,
        "error": error,
        "is_staff": bool(permissions.get_access(request.user).is_staff),
    }
    return render(request, "network/privacy/erase_own.html", context, status=422 if form.errors or error else 200)


@public
@require_safe
def erasure_complete(request: HttpRequest) -> HttpResponse:
    """Confirm the erasure to a user who no longer has an account."""
    return render(request, "network/privacy/erased.html")


# --- Erasure requests received in writing -----------------------------------------------------------------------------


@requires(Claim.ERASE_PEOPLE)
@page_with_form
def erasure_requests(request: HttpRequest) -> HttpResponse:
    """Find the person who requested erasure.

    If the user may not erase that person's data, the form reports that no one was found.
    """
    form = FindPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        identifier = form.cleaned_data["identifier"].strip()
        subject = find_subject(identifier)
        if subject is not None and _can_erase(request, subject):
            return redirect("network:erase-person", _public_id(subject))
        form.add_error("identifier", _("We found no one whose personal data you can delete."))
    status = 422 if request.method == "POST" else 200
    return render(request, "network/privacy/erase_people.html", {"form": form}, status=status)


@requires(Claim.ERASE_PEOPLE)
@page_with_form
def erase_person_data(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what erasure would do, and erase the data once the person's public ID has been typed."""
    subject = find_subject_by_public_id(public_id)
    if subject is None or not _can_erase(request, subject):
        raise Http404
    if subject.account is not None and subject.account.pk == request.user.pk:
        return redirect("network:erase-my-data")  # that view asks for reauthentication
    label = _("Type the public ID, %(number)s, to confirm") % {"number": public_id}
    form = WrittenErasureRequestForm(request.POST or None, expected=public_id, label=label)
    error = None
    if request.method == "POST" and form.is_valid():
        _result, error = run_action(
            actions.erase_personal_data, subject=subject, by=request.user, channel="by letter",
            received=form.cleaned_data["received"],
        )  # fmt: skip
        if not error:
            success = _("Personal data deleted. Tell the person that this has been done and what was kept.")
            messages.success(request, success)
            return redirect("network:erasure-requests")
    # shows only what this user may see, and records the access
    people = [subject.person] if subject.person else []
    details = get_visible_people(request.user, people, subject="erasure", fields=(Field.NAME,))
    context = {
        "page": erasure_page(subject, now=timezone.now()),
        "form": form,
        "error": error,
        "name": details[0].name if details else "",
        "public_id": public_id,
    }
    return render(request, "network/privacy/erase_person.html", context, status=422 if form.errors or error else 200)


# --- Retention --------------------------------------------------------------------------------------------------------


@requires(Claim.RUN_RETENTION)
@page_with_form
def retention(request: HttpRequest) -> HttpResponse:
    """Show what each retention rule would delete now, and delete it on request, as the daily task does."""
    if not permissions.has_claim(request.user, Claim.RUN_RETENTION, UNLIMITED_SCOPE):
        raise PermissionDenied
    if request.method == "POST":
        is_date_confirmed = request.POST.get("date_is_right") == "yes"
        try:
            removed = run_retention(by=current_account(request), is_date_confirmed=is_date_confirmed)
        except ClockJumped as error:
            messages.error(request, " ".join(map(str, describe_error(error))))
        else:
            count = sum(removed.values())
            message = ngettext("%(rows)s record deleted.", "%(rows)s records deleted.", count) % {"rows": count}
            messages.success(request, message)
        return redirect("network:retention")
    overdue = processing.overdue_summaries(timezone.now())
    clock_error = None
    try:
        check_clock(timezone.now())
    except ClockJumped as error:
        clock_error = describe_error(error)
    context = {"overdue": overdue, "any": any(rows.count for rows in overdue), "clock_error": clock_error}
    return render(request, "network/privacy/retention.html", context)


# --- Record of processing and privacy notice --------------------------------------------------------------------------


@requires(Claim.READ_PROCESSING)
@require_safe
def record_of_processing(request: HttpRequest) -> HttpResponse:
    """Show the record of processing required by Article 30 of the GDPR."""
    return render(request, "network/privacy/processing.html", {"record": processing.record_of_processing()})


@public
@require_safe
def privacy_notice(request: HttpRequest) -> HttpResponse:
    """Show the privacy notice, derived from the data inventory."""
    context = {"sections": processing.privacy_notice_sections(), "record": processing.record_of_processing()}
    return render(request, "network/privacy/notice.html", context)


def _current_data_subject(request: HttpRequest) -> SubjectOfRequest:
    return resolve_subject(account=current_account(request))


def _can_erase(request: HttpRequest, subject: SubjectOfRequest) -> bool:
    return permissions.can_erase_personal_data(request.user, account=subject.account, person=subject.person)


def _public_id(subject: SubjectOfRequest) -> str:
    owner: Any = subject.person or subject.account
    return str(owner.public_id)
