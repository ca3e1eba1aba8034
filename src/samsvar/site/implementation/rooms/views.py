"""Views of rooms. A room that the user cannot open answers as one that does not exist."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.interchange.report_docx import render_docx
from samsvar.interchange.report_markdown import render_markdown
from samsvar.network.rights import Claim
from samsvar.site.implementation.rooms import actions, queries
from samsvar.site.implementation.rooms.exports import build_report
from samsvar.site.implementation.rooms.forms import MemberForm, RoomForm, SectionForm, SectionTextForm
from samsvar.site.implementation.rooms.models import Room
from samsvar.site.implementation.rooms.permissions import room_organisations
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import public, requires

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@requires(Claim.CONTRIBUTE)
@require_safe
def rooms(request: HttpRequest) -> HttpResponse:
    """List the rooms that the user can open."""
    return render(request, "implementation/rooms/list.html", {"page": queries.own_rooms_page(request.user)})


@requires(Claim.CONTRIBUTE)
@page_with_form
def new_room(request: HttpRequest) -> HttpResponse:
    organisations = room_organisations(request.user)
    object_or_404(organisations or None)
    form = RoomForm(request.POST or None, organisations=organisations)
    return form_page(
        request,
        form,
        action=lambda: actions.create_room(by=current_account(request), **form.cleaned_data),
        success=_("Room created. Only you can open it."),
        redirect_to=lambda room: redirect("implementation:room", room.public_id),
        template="implementation/rooms/new.html",
    )


@requires(Claim.CONTRIBUTE)
@page_with_form
def room(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a room with its sections and members, and add a section."""
    own = _room_or_404(request, public_id)
    form = SectionForm(request.POST or None, room=own)
    return form_page(
        request,
        form,
        action=lambda: actions.add_section(by=current_account(request), room=own, **form.cleaned_data),
        success=_("Section added."),
        redirect_to=lambda section: redirect("implementation:room-section", public_id, section.pk),
        template="implementation/rooms/room.html",
        context=lambda: {"page": queries.room_page(own), "member_form": MemberForm(auto_id="member-%s")},
    )


@requires(Claim.CONTRIBUTE)
@require_POST
def add_outline(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a section for each finding of the report, or a heading for each chapter of a shadow report."""
    own = _room_or_404(request, public_id)
    add = actions.add_chapters if request.POST.get("chapters") else actions.add_outline
    return post_action(
        request,
        lambda: add(by=current_account(request), room=own),
        success=lambda added: (
            ngettext("%(count)d section added.", "%(count)d sections added.", added) % {"count": added}
        ),
        redirect_to=_room_url(own),
    )


@requires(Claim.CONTRIBUTE)
@page_with_form
def section(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Show a section beside what the monitoring body and the state say, and save its text."""
    own = _room_or_404(request, public_id)
    page = object_or_404(queries.section_page(own, pk))
    form = SectionTextForm.for_section(request.POST or None, page.subject.section)
    return form_page(
        request,
        form,
        action=lambda: actions.save_section(
            by=current_account(request), room=own, section=page.subject.section, **form.cleaned_data
        ),
        success=_("Section saved."),
        redirect_to=request.path,
        template="implementation/rooms/section.html",
        context=lambda: {"room": own, "page": page},
    )


@requires(Claim.CONTRIBUTE)
@require_POST
def delete_section(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    own = _room_or_404(request, public_id)
    page = object_or_404(queries.section_page(own, pk))
    return post_action(
        request,
        lambda: actions.delete_section(by=current_account(request), room=own, section=page.subject.section),
        success=_("Section deleted."),
        redirect_to=_room_url(own),
    )


@requires(Claim.CONTRIBUTE)
@rate_limited("let_in")
@require_POST
def let_in(request: HttpRequest, public_id: str) -> HttpResponse:
    own, form = _room_or_404(request, public_id), MemberForm(request.POST)
    if not form.is_valid():
        return redirect(_room_url(own))
    return post_action(
        request,
        lambda: actions.let_in(by=current_account(request), room=own, **form.cleaned_data),
        success=_("Your colleague can open the room now. Tell them: we send no email about it."),
        redirect_to=_room_url(own),
    )


@requires(Claim.CONTRIBUTE)
@require_POST
def remove_member(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    own = _room_or_404(request, public_id)
    member = object_or_404(own.members.select_related("account").filter(pk=pk).first())
    return post_action(
        request,
        lambda: actions.remove_member(by=current_account(request), room=own, member=member),
        success=_("Removed from the room."),
        redirect_to=reverse("implementation:rooms") if member.account_id == request.user.pk else _room_url(own),
        on_error=_room_url(own),
    )


@requires(Claim.CONTRIBUTE)
@rate_limited("export")
@require_safe
def export_room(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """Download a room as a Word document or as Markdown."""
    report = build_report(_room_or_404(request, public_id), language=request.LANGUAGE_CODE)
    if form == "docx":
        response = HttpResponse(render_docx(report), content_type=DOCX_TYPE)
    else:
        response = HttpResponse(render_markdown(report), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="comment.{form}"'
    return response


@requires(Claim.CONTRIBUTE)
@page_with_form
def publish_room(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what would be published, and publish it."""
    own = _room_or_404(request, public_id)
    if request.method == "POST":
        return post_action(
            request,
            lambda: actions.publish_room(by=current_account(request), room=own),
            success=_("Published: everyone can read it now."),
            redirect_to=lambda publication: redirect("implementation:published-comment", publication.public_id),
            on_error=_room_url(own),
        )
    return render(request, "implementation/rooms/publish.html", {"page": queries.room_page(own)})


@requires(Claim.CONTRIBUTE)
@require_POST
def withdraw_publication(request: HttpRequest, public_id: str) -> HttpResponse:
    own = _room_or_404(request, public_id)
    return post_action(
        request,
        lambda: actions.withdraw_publication(by=current_account(request), room=own),
        success=_("Publication withdrawn. The room stays as it is."),
        redirect_to=_room_url(own),
    )


@requires(Claim.CONTRIBUTE)
@page_with_form
def delete_room(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask whether to delete a room, and delete it."""
    own = _room_or_404(request, public_id)
    if request.method == "POST":
        return post_action(
            request,
            lambda: actions.delete_room(by=current_account(request), room=own),
            success=_("Room deleted."),
            redirect_to=reverse("implementation:rooms"),
        )
    return render(request, "implementation/rooms/delete.html", {"page": queries.room_page(own)})


@public
@require_safe
def published_comment(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what an organisation has published from its room."""
    publication = object_or_404(queries.find_publication(public_id))
    context = {"publication": publication, "sections": queries.published_sections(publication)}
    return render(request, "implementation/rooms/published.html", context)


def _room_or_404(request: HttpRequest, public_id: str) -> Room:
    return object_or_404(queries.find_room(request.user, public_id))


def _room_url(own: Room) -> str:
    return reverse("implementation:room", args=[own.public_id])
