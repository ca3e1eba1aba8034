"""Views of reports back: the desk's drafts, their Word files, clearance and submission, and published reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.implementation.drafts import FROZEN
from samsvar.implementation.forms import Variant
from samsvar.network.rights import Claim
from samsvar.site.implementation import models
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.implementation.reports import actions, forms, queries
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.uploads import FileType, file_response
from samsvar.site.shell.view_permissions import public, requires
from samsvar.territories import territories

# --- Drafts -----------------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def drafts(request: HttpRequest, code: str) -> HttpResponse:
    state = _managed_state_or_404(request, code)
    return render(request, "implementation/reports/drafts.html", {"state": state, "drafts": queries.list_drafts(state)})


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def new_draft(request: HttpRequest, code: str) -> HttpResponse:
    state = _managed_state_or_404(request, code)
    form = forms.CreateDraftForm(request.POST or None, state=state)
    return form_page(
        request, form,
        action=lambda: actions.create_draft(
            by=current_account(request), state=state, form=form.known_forms[form.cleaned_data["form"]],
            title=form.cleaned_data["title"], language=form.cleaned_data["language"],
            variant=Variant(form.cleaned_data["variant"]), report=form.cleaned_data["report"],
            duty=form.cleaned_data["duty"],
        ),
        success=_("Draft created."),
        redirect_to=_to_draft,
        template="implementation/reports/new_draft.html", context=lambda: {"state": state},
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def show_draft(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    return _render_draft(request, _draft_or_404(request, code, public_id), forms.WordUploadForm())


def _render_draft(
    request: HttpRequest, draft: models.Draft, upload: forms.WordUploadForm, error: object = None
) -> HttpResponse:
    page = queries.draft_page(request.user, draft)
    context = {
        "page": page, "draft": draft, "state": draft.state_id, "form": upload, "error": error,
        "is_frozen": draft.status in FROZEN,
        "submission": getattr(draft, "submission", None),
    }  # fmt: skip
    status = 409 if error else 422 if upload.errors else 200
    return render(request, "implementation/reports/draft.html", context, status=status)


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def section(request: HttpRequest, code: str, public_id: str, section_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    page = queries.section_page(draft, object_or_404(draft.sections.filter(section_id=section_id).first()))
    form = forms.SectionForm(request.POST or None, page=page, language=draft.language)
    context = {"page": page, "draft": draft, "state": draft.state_id, "is_frozen": draft.status in FROZEN}
    return form_page(
        request, form,
        action=lambda: actions.save_section(
            by=current_account(request), draft=draft, section_id=section_id, fields=form.contents(),
            seen=form.cleaned_data["seen"],
        ),
        success=_describe_saving,
        redirect_to=lambda _saved: redirect(request.path),
        template="implementation/reports/section.html", context=lambda: context,
    )  # fmt: skip


def _describe_saving(saved: actions.SavedText) -> str:
    if not saved.sections:
        return _("There were no differences.")
    message = ngettext("%(count)s section saved.", "%(count)s sections saved.", saved.sections) % {
        "count": saved.sections
    }
    if saved.ended_clearance is None:
        return message
    ended = _("The clearance by %(office)s no longer applies, because the text has changed.")
    return f"{message} {ended % {'office': saved.ended_clearance.office}}"


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def take_newer(request: HttpRequest, code: str, public_id: str, section_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    object_or_404(draft.sections.filter(section_id=section_id).first())
    return post_action(
        request,
        lambda: actions.take_newer_records(by=current_account(request), draft=draft, section_id=section_id),
        success=_describe_saving,
        redirect_to=reverse("implementation:report-section", args=[draft.state_id, draft.public_id, section_id]),
    )


# --- Word -------------------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def word_file(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    content = queries.draft_as_docx(draft)
    return file_response(content, FileType.DOCX, f"report-{draft.state_id}-{draft.public_id}-{draft.number}.docx")


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("upload")
@require_POST
def upload_word(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    form = forms.WordUploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render_draft(request, draft, form)
    file = form.cleaned_data["file"]
    return post_action(
        request,
        lambda: actions.receive_word(by=current_account(request), draft=draft, file=file, filename=file.name),
        redirect_to=lambda edited: redirect(
            "implementation:edited-report-draft", draft.state_id, draft.public_id, edited.public_id
        ),
        on_error=_draft_url(draft),
    )


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def edited_file(request: HttpRequest, code: str, public_id: str, file_id: str) -> HttpResponse:
    """Show the differences of an edited file, and save the sections that the user chooses."""
    draft = _draft_or_404(request, code, public_id)
    edited = object_or_404(draft.edited_files.filter(public_id=file_id, accepted_at=None).first())
    preview = queries.preview_file(draft, edited)
    form = forms.AcceptWordForm(request.POST or None, changes=preview.changes)
    context = {"preview": preview, "draft": draft, "state": draft.state_id}
    return form_page(
        request, form,
        action=lambda: actions.accept_word(
            by=current_account(request), edited=edited, section_ids=form.cleaned_data["sections"]
        ),
        success=_describe_saving,
        redirect_to=lambda _saved: redirect(_draft_url(draft)),
        template="implementation/reports/edited_file.html", context=lambda: context,
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def discard_file(request: HttpRequest, code: str, public_id: str, file_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    edited = object_or_404(draft.edited_files.filter(public_id=file_id).first())
    return post_action(
        request,
        lambda: actions.discard_word(by=current_account(request), edited=edited),
        success=_("The edited file was discarded. The draft is as it was."),
        redirect_to=_draft_url(draft),
    )


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def finish_note(request: HttpRequest, code: str, public_id: str, pk: int) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    note = object_or_404(draft.notes.filter(pk=pk).first())
    back = _draft_url(draft)
    if note.section_id:
        back = reverse("implementation:report-section", args=[draft.state_id, draft.public_id, note.section_id])
    return post_action(
        request,
        lambda: actions.finish_note(by=current_account(request), note=note),
        success=_("Note marked as done."),
        redirect_to=back,
    )


# --- Clearance and submission -----------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def mark_written(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    return post_action(
        request,
        lambda: actions.mark_written(by=current_account(request), draft=draft),
        success=_("Marked as written. Another member of the desk can clear it now."),
        redirect_to=_draft_url(draft),
    )


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def return_draft(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)

    def describe(ended: models.Clearance | None) -> str:
        if ended is None:
            return _("The draft can be completed again.")
        return _("The draft can be completed again. The clearance by %(office)s no longer applies.") % {
            "office": ended.office
        }

    return post_action(
        request,
        lambda: actions.return_draft(by=current_account(request), draft=draft),
        success=describe,
        redirect_to=_draft_url(draft),
    )


@requires(Claim.CLEAR_REPORT)
@page_with_form
def clear_draft(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    form = forms.ClearForm(request.POST or None)
    return _decision_page(
        request, draft, form, actions.clear_draft, _("Report cleared."), "implementation/reports/clear.html"
    )


@requires(Claim.SUBMIT_REPORT)
@page_with_form
def submit_draft(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    form = forms.SubmitForm(request.POST or None, draft=draft)
    return _decision_page(
        request, draft, form, actions.submit_draft, _describe_submission, "implementation/reports/submit.html"
    )


def _decision_page(
    request: HttpRequest,
    draft: models.Draft,
    form: BaseForm,
    action: Callable[..., Any],
    success: str | Callable[[Any], str],
    template: str,
) -> HttpResponse:
    """Decide on a draft with a form, whose values are arguments of the action."""
    return form_page(
        request, form,
        action=lambda: action(by=current_account(request), draft=draft, **form.cleaned_data),
        success=success,
        redirect_to=_draft_url(draft),
        template=template,
        context=lambda: {"draft": draft, "state": draft.state_id, "page": queries.draft_page(request.user, draft)},
    )  # fmt: skip


def _describe_submission(submission: models.Submission) -> str:
    message = _("Report submitted. Its text is frozen.")
    duty = queries.draft_duty(submission.draft)
    if duty is None:
        return message
    if queries.has_completed(submission.draft, duty):
        return f"{message} {_('The duty is recorded as done today.')}"
    return f"{message} {_('The duty was done before; what is recorded about it has not changed.')}"


@requires(Claim.SUBMIT_REPORT)
@require_POST
def publish_report(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    return post_action(
        request,
        lambda: actions.publish_submission(by=current_account(request), draft=draft),
        success=_("Report published. Everyone can read it now."),
        redirect_to=_draft_url(draft),
    )


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def new_version(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    draft = _draft_or_404(request, code, public_id)
    message = _("New version created. The submitted one stays as it is.")
    if (duty := queries.draft_duty(draft)) and duty.is_done:
        message = f"{message} {_('The duty stays done, with the day and the source that are recorded.')}"
    return post_action(
        request,
        lambda: actions.start_new_version(by=current_account(request), draft=draft),
        success=message,
        redirect_to=_to_draft,
        on_error=_draft_url(draft),
    )


# --- Published reports ------------------------------------------------------------------------------------------------


@public
@require_safe
def published_report(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = object_or_404(queries.find_published(public_id))
    report = queries.submitted_report(submission)
    context = {"report": report, "submission": submission, "state": submission.draft.state_id}
    return render(request, "implementation/reports/published.html", context)


@public
@require_safe
def published_file(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = object_or_404(queries.find_published(public_id))
    content = object_or_404(actions.read_submitted_file(submission))
    return file_response(content, FileType.DOCX, f"report-{submission.draft.state_id}-{public_id}.docx")


@public
@require_safe
def published_json(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the frozen JSON exactly as it was hashed, so that anyone can check the hash."""
    submission = object_or_404(queries.find_published(public_id))
    headers = {"Cache-Control": "no-cache", "Content-Disposition": f'inline; filename="report-{public_id}.json"'}
    return HttpResponse(submission.json, content_type="application/json; charset=utf-8", headers=headers)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _managed_state_or_404(request: HttpRequest, code: str) -> str:
    state = code.upper()
    if state not in territories() or not can_manage_country(request.user, state):
        raise Http404
    return state


def _draft_or_404(request: HttpRequest, code: str, public_id: str) -> models.Draft:
    """Return a draft of the state in the URL; drafts of other desks do not exist for the user."""
    draft = object_or_404(queries.find_draft(request.user, public_id))
    if draft.state_id != code.upper():
        raise Http404
    return draft


def _draft_url(draft: models.Draft) -> str:
    return reverse("implementation:report-draft", args=[draft.state_id, draft.public_id])


def _to_draft(draft: Any) -> HttpResponse:
    return redirect(_draft_url(draft))
