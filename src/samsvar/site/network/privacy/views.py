"""Views of personal data."""

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
from django.views.decorators.http import require_http_methods, require_safe

from samsvar.network.membership import NetworkError
from samsvar.network.people import Field
from samsvar.network.rights import ANYTHING, Claim
from samsvar.site.network.access import permissions
from samsvar.site.network.data_inventory import Subject, subject_of
from samsvar.site.network.directory.queries.people import details_for
from samsvar.site.network.labels import trouble
from samsvar.site.network.privacy.actions import privacy as actions
from samsvar.site.network.privacy.actions.retention import run_retention
from samsvar.site.network.privacy.forms import ErasureByLetter, FindSomebody, TypedConfirmation
from samsvar.site.network.privacy.queries import privacy as queries
from samsvar.site.shell.limits import too_many
from samsvar.site.shell.view_permissions import door, open_to_all

PAGE = require_http_methods(["GET", "HEAD", "POST"])


# --- One's own data ---------------------------------------------------------------------------------------------------


@door(Claim.OWN_ACCOUNT)
@PAGE
@reauthentication_required
def my_data(request: HttpRequest) -> HttpResponse:
    """What is held of me, how much of it, and all of it as a file. Asks who it is once more: it is everything."""
    subject = _oneself(request)
    if request.method == "POST":
        if limited := too_many(request, "export"):
            return limited
        packed = actions.hand_out(subject=subject, by=subject.account)
        headers = {"Content-Disposition": 'attachment; filename="my-data.zip"', "Cache-Control": "private, no-store"}
        return HttpResponse(packed, content_type="application/zip", headers=headers)
    counts = [(holding, count, queries.how_long(holding)) for holding, count in queries.my_counts(subject)]
    context = {"counts": counts, "sights": queries.seen_lately(subject)}
    return render(request, "network/privacy_my_data.html", context)


@door(Claim.OWN_ACCOUNT)
@PAGE
@reauthentication_required
def erase_me(request: HttpRequest) -> HttpResponse:
    """What erasure would do, and then, with one's own address typed, erasure itself."""
    subject = _oneself(request)
    assert subject.account is not None
    label = _("Type your address, %(address)s, to confirm") % {"address": subject.account.email}
    form = TypedConfirmation(request.POST or None, asked_for=subject.account.email, label=label)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.erase(subject=subject, by=subject.account, asked="on the site")
        except NetworkError as error:
            refusal = trouble(error)
        else:
            logout(request)
            return redirect("network:erased")
    context = {
        "page": queries.erasure_page(subject, now=timezone.now()),
        "form": form,
        "refusal": refusal,
        "is_staff": bool(permissions.access_of(request.user).is_staff),
    }
    return render(request, "network/privacy_erase_me.html", context, status=422 if form.errors or refusal else 200)


@open_to_all
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """Said after one's own erasure, to somebody whom the site no longer knows."""
    return render(request, "network/privacy_erased.html")


# --- A request that came by letter ------------------------------------------------------------------------------------


@door(Claim.ERASE_PEOPLE)
@PAGE
def erase_people(request: HttpRequest) -> HttpResponse:
    """Find who asked; one whom this secretariat may not erase is not found, as one who is not there."""
    form = FindSomebody(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who = form.cleaned_data["who"].strip()
        found = queries.somebody_at(who) if "@" in who else queries.somebody_called(who)
        if found is not None and _may_erase(request, found):
            return redirect("network:erase-person", _public_id(found))
        form.add_error("who", _("Nobody was found whom you may erase."))
    return render(
        request, "network/privacy_erase_people.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@door(Claim.ERASE_PEOPLE)
@PAGE
def erase_person(request: HttpRequest, public_id: str) -> HttpResponse:
    """What erasing this person would do, and then erasure itself, with their public number typed."""
    subject = queries.somebody_called(public_id)
    if subject is None or not _may_erase(request, subject):
        raise Http404
    if subject.account is not None and subject.account.pk == request.user.pk:
        return redirect("network:erase-me")  # which asks who it is once more
    label = _("Type the public number, %(number)s, to confirm") % {"number": public_id}
    form = ErasureByLetter(request.POST or None, asked_for=public_id, label=label)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.erase(
                subject=subject,
                by=request.user,  # type: ignore[arg-type]  # signed in: its door
                asked="by letter",
                received=form.cleaned_data["received"],
            )
        except NetworkError as error:
            refusal = trouble(error)
        else:
            messages.success(request, _("The person is erased. Tell them so, and what was kept."))
            return redirect("network:erase-people")
    # by the door to people, which shows only what this user may see and writes that down
    seen = (
        details_for(request.user, [subject.person], subject="erasure", fields=(Field.NAME,)) if subject.person else []
    )
    context = {
        "page": queries.erasure_page(subject, now=timezone.now()),
        "form": form,
        "refusal": refusal,
        "name": seen[0].name if seen else "",
        "public_id": public_id,
    }
    return render(request, "network/privacy_erase_person.html", context, status=422 if form.errors or refusal else 200)


# --- What is past its time --------------------------------------------------------------------------------------------


@door(Claim.RUN_RETENTION)
@PAGE
def retention(request: HttpRequest) -> HttpResponse:
    """What would go now, kind by kind; the daily task does it by itself, and a button does it at once."""
    if not permissions.holds(request.user, Claim.RUN_RETENTION, ANYTHING):
        raise PermissionDenied
    if request.method == "POST":
        gone = run_retention(by=request.user)  # type: ignore[arg-type]  # signed in: its door
        rows = sum(gone.values())
        said = ngettext("%(rows)s row is removed.", "%(rows)s rows are removed.", rows) % {"rows": rows}
        messages.success(request, said)
        return redirect("network:retention")
    due = [(one, queries.period_words(one.kind)) for one in queries.what_is_due(timezone.now())]
    return render(request, "network/privacy_retention.html", {"due": due, "any": any(one.count for one, _said in due)})


# --- What the site does with data -------------------------------------------------------------------------------------


@door(Claim.READ_PROCESSING)
@require_safe
def processing(request: HttpRequest) -> HttpResponse:
    """The record of processing that Article 30 of the GDPR asks for."""
    record = queries.record_of_processing()
    periods = [(kind, queries.period_words(kind)) for kind, _days in record.periods]
    return render(request, "network/privacy_processing.html", {"record": record, "periods": periods})


@open_to_all
@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """The privacy notice, from the same registry as everything else here."""
    return render(
        request, "network/privacy_notice.html", {"uses": queries.uses(), "record": queries.record_of_processing()}
    )


def _oneself(request: HttpRequest) -> Subject:
    return subject_of(account=request.user)  # type: ignore[arg-type]  # signed in: its door


def _may_erase(request: HttpRequest, subject: Subject) -> bool:
    return permissions.can_erase(request.user, account=subject.account, person=subject.person)


def _public_id(subject: Subject) -> str:
    one: Any = subject.person or subject.account
    return str(one.public_id)
