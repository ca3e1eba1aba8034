"""Pages for organisers: opening registration, invitations and delegations."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, tried
from samsvar.site.meetings.registration.actions import delegations, invitations
from samsvar.site.meetings.registration.forms.organising import DelegationForm, InviteForm
from samsvar.site.meetings.registration.forms.registration import LETTERS_IN
from samsvar.site.meetings.registration.queries import registrations as queries
from samsvar.site.meetings.registration.views.registrations import _after, page_with_form
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of
from samsvar.site.shell.view_permissions import door as opens


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_invitations(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    form = InviteForm(request.POST or None, meeting=meeting, initial={"language": (meeting.languages or ["en"])[0]})
    refusal = None
    if request.method == "POST" and form.is_valid():
        told, by, site = form.cleaned_data, account_of(request), site_of(request)

        def send() -> tuple[int, int]:
            sent = known = 0
            addresses = invitations.addresses_in(told["addresses"])
            if addresses:
                one = invitations.invite(
                    meeting=meeting, addresses=addresses, by=by, site=site, expires_at=told["until"],
                    language=told["language"], category=told["category"], group=told["group"], state=told["country"],
                )  # fmt: skip
                sent, known = one.sent, one.known
            if told.get("members"):
                two = invitations.invite_members(
                    meeting=meeting, by=by, site=site, expires_at=told["until"], language=told["language"]
                )
                sent, known = sent + two.sent, known + two.known
            return sent, known

        done, refusal = tried(send)
        if done is not None:
            said = ngettext("%(n)s invitation is on its way.", "%(n)s invitations are on their way.", done[0])
            more = ngettext("%(n)s address had one already.", "%(n)s addresses had one already.", done[1])
            told_so = said % {"n": done[0]} + (" " + more % {"n": done[1]} if done[1] else "")
            messages.success(request, told_so)
            return redirect("meetings:manage-invitations", slug)
    pages = queries.invitations_page(meeting, request.GET.get("page"))
    context = {
        "meeting": meeting, "form": form, "refusal": refusal, "pages": pages,
        "letters": queries.letters_before(
            meeting, "meetings/invitation", [code for code, _name in LETTERS_IN], request.get_host()
        ),
    }  # fmt: skip
    return render(request, "meetings/registration_invitations.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def invite_again(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    row = _invitation(request, slug, public_id)
    return _after(
        request, "meetings:manage-invitations", slug, _("The invitation is on its way once more."),
        invitations.send_again, invitation=row, by=account_of(request), site=site_of(request),
    )  # fmt: skip


@opens(Claim.MANAGE_MEETING)
@require_POST
def withdraw_invitation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    row = _invitation(request, slug, public_id)
    return _after(
        request, "meetings:manage-invitations", slug, _("The invitation is withdrawn."),
        invitations.withdraw_invitation, invitation=row, by=account_of(request),
    )  # fmt: skip


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_delegations(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    form = DelegationForm(request.POST or None, meeting=meeting)
    refusal = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done, refusal = tried(
            delegations.make_delegation, meeting=meeting, by=account_of(request), site=site_of(request),
            places=told["places"], head_email=told["head_email"], state=told["country"],
            organisation=int(told["organisation"]) if told["organisation"] else None, nominate_until=told["until"],
            language=told["language"], note=told["note"],
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("The delegation is made, and a letter to its head is on its way."))
            return redirect("meetings:manage-delegations", slug)
    context = {"meeting": meeting, "form": form, "refusal": refusal, "delegations": queries.delegations_of(meeting)}
    return render(request, "meetings/registration_delegations.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def write_to_head(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    row = or_404(queries.delegation_by(managed_or_404(request, slug), public_id))
    delegations.write_to_head(row, site=site_of(request), by=account_of(request))
    messages.success(request, _("A letter to the head is on its way."))
    return redirect("meetings:manage-delegations", slug)


@opens(Claim.MANAGE_MEETING)
@page_with_form
def change_delegation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Places, day, language, and another head where the one before is not it any more."""
    meeting = managed_or_404(request, slug)
    row = or_404(queries.delegation_by(meeting, public_id))
    form = DelegationForm(request.POST or None, meeting=meeting, delegation=row)
    refusal = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done, refusal = tried(
            delegations.change_delegation, delegation=row, by=account_of(request), site=site_of(request),
            places=told["places"], nominate_until=told["until"], head_email=told["head_email"],
            language=told["language"], note=told["note"],
        )  # fmt: skip
        if done is not None:
            said = _("The delegation is changed.")
            if done.public_id != public_id:
                said = _("The delegation is changed, and a letter to its new head is on its way.")
            messages.success(request, said)
            return redirect("meetings:manage-delegations", slug)
    context = {"meeting": meeting, "delegation": row, "form": form, "refusal": refusal}
    return render(request, "meetings/registration_delegation_change.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def end_naming(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    row = or_404(queries.delegation_by(managed_or_404(request, slug), public_id))
    return _after(
        request, "meetings:manage-delegations", slug, _("Nobody more is named. Places that were kept are free."),
        delegations.end_naming, delegation=row, by=account_of(request), site=site_of(request),
    )  # fmt: skip


def _invitation(request: HttpRequest, slug: str, public_id: str) -> models.MeetingInvitation:
    meeting = managed_or_404(request, slug)
    return or_404(meeting.invitations.select_related("meeting", "person").filter(public_id=public_id).first())
