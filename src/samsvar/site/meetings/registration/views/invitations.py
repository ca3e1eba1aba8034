"""Views for organisers to manage invitations and delegations."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404
from samsvar.site.meetings.registration.actions import delegations, invitations
from samsvar.site.meetings.registration.forms.organising import DelegationForm, InvitationForm
from samsvar.site.meetings.registration.forms.registration import EMAIL_LANGUAGES
from samsvar.site.meetings.registration.queries import registrations as queries
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.view_permissions import requires


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_invitations(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    initial = {"language": meeting.original_language or "en"}
    form = InvitationForm(request.POST or None, meeting=meeting, initial=initial)

    def send() -> tuple[int, int]:
        data, by = form.cleaned_data, current_account(request)
        sent = already_invited = 0
        addresses = invitations.parse_addresses(data["addresses"])
        if addresses:
            by_address = invitations.invite_addresses(
                meeting=meeting, addresses=addresses, by=by, expires_at=data["until"],
                language=data["language"], category=data["category"], group=data["group"], state=data["country"],
            )  # fmt: skip
            sent, already_invited = by_address.sent, by_address.already_invited
        if data.get("members"):
            by_membership = invitations.invite_members(
                meeting=meeting, by=by, expires_at=data["until"], language=data["language"]
            )
            sent, already_invited = sent + by_membership.sent, already_invited + by_membership.already_invited
        return sent, already_invited

    def success_message(counts: tuple[int, int]) -> str:
        sent_text = ngettext("%(n)s invitation sent.", "%(n)s invitations sent.", counts[0])
        known_text = ngettext(
            "%(n)s address had already been invited.", "%(n)s addresses had already been invited.", counts[1]
        )
        return sent_text % {"n": counts[0]} + (" " + known_text % {"n": counts[1]} if counts[1] else "")

    return form_page(
        request,
        form,
        action=send,
        success=success_message,
        redirect_to=request.path,
        template="meetings/registration/invitations.html",
        context=lambda: {
            "meeting": meeting,
            "pages": queries.invitations_page(meeting, request.GET.get("page")),
            "letters": queries.email_previews(meeting, "meetings/invitation", dict(EMAIL_LANGUAGES)),
        },
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def resend_invitation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    success = _("Invitation sent again.")
    return _change_invitation(request, slug, public_id, invitations.resend_invitation, success)


@requires(Claim.MANAGE_MEETING)
@require_POST
def withdraw_invitation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    success = _("Invitation withdrawn.")
    return _change_invitation(request, slug, public_id, invitations.withdraw_invitation, success)


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_delegations(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    form = DelegationForm(request.POST or None, meeting=meeting)

    def create() -> models.Delegation:
        data = form.cleaned_data
        return delegations.create_delegation(
            meeting=meeting, by=current_account(request),
            places=data["places"], head_email=data["head_email"], state=data["country"],
            organisation=int(data["organisation"]) if data["organisation"] else None, nominate_until=data["until"],
            language=data["language"], note=data["note"],
        )  # fmt: skip

    return form_page(
        request,
        form,
        action=create,
        success=_("Delegation created. We have emailed the head of delegation."),
        redirect_to=request.path,
        template="meetings/registration/delegations.html",
        context=lambda: {"meeting": meeting, "delegations": queries.list_delegations(meeting)},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def email_delegation_head(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    delegation = object_or_404(queries.find_delegation(managed_meeting_or_404(request, slug), public_id))
    return post_action(
        request,
        lambda: delegations.send_head_link(delegation, by=current_account(request)),
        success=_("We have emailed the head of delegation."),
        redirect_to=reverse("meetings:manage-delegations", args=[slug]),
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def change_delegation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Edit a delegation's places, closing date, language and note, or replace its head."""
    meeting = managed_meeting_or_404(request, slug)
    delegation = object_or_404(queries.find_delegation(meeting, public_id))
    form = DelegationForm(request.POST or None, meeting=meeting, delegation=delegation)

    def change() -> models.Delegation:
        data = form.cleaned_data
        return delegations.change_delegation(
            delegation=delegation, by=current_account(request),
            places=data["places"], nominate_until=data["until"], head_email=data["head_email"],
            language=data["language"], note=data["note"],
        )  # fmt: skip

    return form_page(
        request,
        form,
        action=change,
        success=lambda changed: (
            _("Delegation updated.")
            if changed.public_id == public_id
            else _("Delegation updated. We have emailed the new head of delegation.")
        ),
        redirect_to=reverse("meetings:manage-delegations", args=[slug]),
        template="meetings/registration/delegation_edit.html",
        context=lambda: {"meeting": meeting, "delegation": delegation},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def close_nominations(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    delegation = object_or_404(queries.find_delegation(managed_meeting_or_404(request, slug), public_id))
    return post_action(
        request,
        lambda: delegations.close_nominations(delegation=delegation, by=current_account(request)),
        success=_("Nominations are closed. Unused places have been released."),
        redirect_to=reverse("meetings:manage-delegations", args=[slug]),
    )


def _change_invitation(
    request: HttpRequest, slug: str, public_id: str, action: Callable[..., None], success: str
) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    invitation = object_or_404(meeting.invitations.select_related("meeting").filter(public_id=public_id).first())
    return post_action(
        request,
        lambda: action(invitation=invitation, by=current_account(request)),
        success=success,
        redirect_to=reverse("meetings:manage-invitations", args=[slug]),
    )
