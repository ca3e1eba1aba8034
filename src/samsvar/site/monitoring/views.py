"""Views for findings, reports and uploads."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Claim
from samsvar.site.convention.query_params import requested_day
from samsvar.site.monitoring import citing, pictures, queries, storage, tasks
from samsvar.site.monitoring.actions import publishing
from samsvar.site.monitoring.actions.succession import decide_successions, open_successions
from samsvar.site.monitoring.finding_links import count_links
from samsvar.site.monitoring.forms import DetailsForm, SuccessionForm, UploadForm, WithdrawalForm
from samsvar.site.monitoring.models import Finding, Report, Upload
from samsvar.site.monitoring.permissions import can_edit, can_see_report, can_upload, uploadable_states
from samsvar.site.monitoring.sources import find_public_version
from samsvar.site.monitoring.view_helpers import build_permalink, render_finding_page
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.cache import PRIVATE_CACHE_CONTROL, SHARED_CACHE_CONTROL
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, post_action, run_action
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.templatetags.samsvar import article_title, label, state_name
from samsvar.site.shell.view_permissions import public, requires

# Content types of stored files. HTML is served as plain text, so a report cannot run scripts on our domain.
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/plain; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}


@public
@require_safe
def finding(request: HttpRequest, public_id: str) -> HttpResponse:
    requested = requested_day(request)
    page = queries.finding_page(public_id, request.user, requested.past_day)
    if page is None:
        current = queries.find_current_version(public_id)
        return _withdrawn_page(request, queries.withdrawn_report(finding_id=public_id), current)
    return render_finding_page(request, page, requested=requested)


@public
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    page = queries.findings_page(request.GET.dict())
    filters = build_filter_form(
        {**request.GET.dict(), "state": page.filters.state}, "filter",
        state=(_("State"), pgettext("states", "all"), [(code, state_name(code)) for code in page.states]),
        article=(
            _("Article"), pgettext("articles", "all"),
            [(number, Truncator(f"{number} {article_title(number)}").chars(43)) for number in page.articles],
        ),
        strength=(_("Strength"), pgettext("strengths", "all"), enum_choices(Strength)),
        body=(_("Body"), pgettext("bodies", "all"), [(body, label(body, "body")) for body in page.bodies]),
        year=(_("Year"), pgettext("years", "all"), [(year, year) for year in page.years]),
        status=(_("Status"), pgettext("findings", "all"), [("open", _("open recommendations"))]),
        review=(_("Label"), _("all except rejected"), [(review, label(review, "review")) for review in Finding.Review]),
    )  # fmt: skip
    return render(request, "monitoring/findings.html", {"page": page, "filters": filters})


@public
@require_safe
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.report_page(public_id, request.user, request.GET.get("page"))
    if page is None:
        return _withdrawn_page(request, queries.withdrawn_report(report_id=public_id))
    context = {"page": page, "report": page.report, "can_edit": can_edit(request.user, page.report)}
    return render(request, "monitoring/report.html", context)


@public
@require_safe
def report_text(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.text_page(public_id, request.user, page=request.GET.get("page"), at=request.GET.get("at"))
    if page is None:
        return _withdrawn_page(request, queries.withdrawn_report(report_id=public_id))
    return render(request, "monitoring/text.html", {"page": page, "report": page.report})


@public
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    return render(request, "monitoring/reports.html", {"reports": queries.reports_page(request.GET.dict())})


def _withdrawn_page(request: HttpRequest, report: Report | None, current: Finding | None = None) -> HttpResponse:
    """Say when and why a report was withdrawn, at the addresses where it was public; 404 if it never was.

    `current` is the finding of a newer version that took the place of the one at the address. Without it, the page
    leads to the newer version of the report.
    """
    withdrawn = object_or_404(report)
    context = {"report": withdrawn, "current": current, "newer": None if current else find_public_version(withdrawn)}
    return render(request, "monitoring/withdrawn.html", context, status=410)


# --- Uploading and publishing -----------------------------------------------------------------------------------------


@requires(Claim.UPLOAD_REPORTS)
@rate_limited("upload")
@page_with_form
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, states=uploadable_states(request.user))
    accepted: list[Upload] = []
    refused: list[str] = []  # a message for each file
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if not can_upload(request.user, data["state"]):
            raise PermissionDenied
        refused = [message for error in form.file_errors for message in error.messages]
        for file in data["file"]:
            try:
                accepted.append(
                    tasks.accept_and_enqueue_upload(
                        content=file.read(),
                        filename=file.name or "report",
                        body=data["body"],
                        state=data["state"] or None,
                        published=data["published"],
                        by=current_account(request),
                    )
                )
            except SamsvarError as error:  # from the virus scanner
                refused.append(f"{file.name}: {error.full_message()}")
        if not refused:
            return redirect("monitoring:uploads") if accepted[1:] else _redirect_to_progress(accepted[0])
        if not accepted:
            for message in refused:
                form.add_error("file", message)
    context = {
        "form": form,
        "accepted": accepted,
        "refused": refused if accepted else (),
        "uploads": queries.latest_uploads(request.user),
    }
    return render(request, "monitoring/upload.html", context, status=422 if refused or form.errors else 200)


def _redirect_to_progress(upload: Upload) -> HttpResponse:
    return redirect("monitoring:upload-progress", upload.pk)


@requires(Claim.UPLOAD_REPORTS)
@require_safe
def uploads(request: HttpRequest) -> HttpResponse:
    """Show the progress of the user's latest uploads, a line for each file."""
    user_uploads = queries.latest_uploads(request.user, limit=40)
    waiting = any(one.progress not in Upload.FINISHED for one in user_uploads)
    return _progress_response(request, "monitoring/uploads.html", {"uploads": user_uploads, "waiting": waiting})


@requires(Claim.UPLOAD_REPORTS)
@require_safe
def upload_progress(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Show the progress of an upload and, when it is done, what can be done with the report."""
    user_upload = object_or_404(queries.find_own_upload(request.user, upload))
    report = user_upload.report
    error = user_upload.refusal
    if error and user_upload.rereads:
        error |= {"effect": _("The report’s text and findings are as they were before.")}
    context = {
        "upload": user_upload,
        "error": error,
        "waiting": user_upload.progress not in Upload.FINISHED,
        "report": report if report and can_see_report(request.user, report) else None,
        "can_edit": bool(report and can_edit(request.user, report)),
        "uploaded_before": bool(report and report.read_at < user_upload.at and not user_upload.rereads),
        "differences": (
            queries.upload_differences(user_upload, report.document) if report and not user_upload.rereads else ()
        ),
    }
    return _progress_response(request, "monitoring/upload_progress.html", context)


def _progress_response(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Return a page that refreshes itself, even without JavaScript, while something is `waiting`."""
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    if context["waiting"]:
        response["Refresh"] = "2"
    return response


@requires(Claim.UPLOAD_REPORTS)
@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    reports, undecided = queries.unpublished_reports(request.user), queries.undecided_reports(request.user)
    context = {"reports": reports, "undecided": undecided}
    return render(request, "monitoring/drafts.html", context)


@requires(Claim.UPLOAD_REPORTS)
@page_with_form
def report_details(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask whether the details of a report are right, and save them. Another body or language reads the file again."""
    page = object_or_404(queries.details_page(public_id, request.user, request.GET.get("upload", "")))
    form = DetailsForm(
        request.POST or None,
        states=uploadable_states(request.user),
        document=page.document,
        asks_reason=page.report.published_at is not None,
        initial=_initial_details(page),
    )
    if not form.is_bound or not form.is_valid():
        return _render_details(request, page, form)
    data = form.cleaned_data
    reread = data["body"] != page.document.body or (data["language"] and data["language"] != page.document.language)
    by, reason = current_account(request), data.get("reason", "")
    saved, error = run_action(
        publishing.save_details, report=page.report, by=by, details=form.details(), seen=data["seen"], reason=reason
    )
    if error:
        return _render_details(request, page, form, error)
    if reread:
        if queries.report_state(saved) != data["seen"]:
            messages.success(request, _("Details saved."))
        return _redirect_to_progress(
            tasks.enqueue_rereading(report=saved, body=data["body"], language=data["language"], by=by, reason=reason)
        )
    messages.success(request, _("Details saved."))
    return redirect("monitoring:report-details", public_id)


@requires(Claim.PUBLISH_REPORTS)
@require_POST
def publish_report(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(queries.details_page(public_id, request.user))
    return post_action(
        request,
        lambda: publishing.publish_report(
            report=page.report, by=current_account(request), seen=request.POST.get("seen", "")
        ),
        success=_describe_publication,
        redirect_to=reverse("monitoring:report", args=[public_id]),
        on_error=reverse("monitoring:report-details", args=[public_id]),
    )


def _describe_publication(report: Report) -> str:
    undecided = open_successions(report).count()
    if not undecided:
        return _("Report published.")
    return ngettext(
        "Report published. %(count)d finding of the earlier version has no clear counterpart: see the drafts of "
        "reports.",
        "Report published. %(count)d findings of the earlier version have no clear counterpart: see the drafts of "
        "reports.",
        undecided,
    ) % {"count": undecided}


@requires(Claim.PUBLISH_REPORTS)
@page_with_form
def undecided_links(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask what takes the place of findings of an earlier version that nothing in the new one clearly replaces."""
    page = object_or_404(queries.details_page(public_id, request.user))
    object_or_404(page.can_publish or None)
    undecided = [succession.earlier for succession in open_successions(page.report)]
    findings = page.report.findings.all()
    form = SuccessionForm(
        request.POST or None,
        undecided=undecided,
        findings=findings,
        links=count_links([finding.public_id for finding in undecided]),
    )
    return form_page(
        request,
        form,
        action=lambda: decide_successions(report=page.report, by=current_account(request), choices=form.decisions()),
        success=_describe_moved_links,
        redirect_to=reverse("monitoring:undecided-links", args=[public_id]),
        template="monitoring/undecided_links.html",
        context=lambda: {"report": page.report, "undecided": undecided, "findings": findings},
    )


def _describe_moved_links(counts: dict[str, int]) -> str:
    moved, left = counts.get("moved", 0), counts.get("left", 0)
    text = _("Decisions saved.")  # without a number, there may have been links that only others may know of
    if moved:
        text = ngettext("Decisions saved. %(count)d link moved.", "Decisions saved. %(count)d links moved.", moved)
    stays = ngettext(
        "%(count)d link stays with the earlier version, because the finding has the same already.",
        "%(count)d links stay with the earlier version, because the finding has the same already.",
        left,
    )
    return text % {"count": moved} + (f" {stays % {'count': left}}" if left else "")


@requires(Claim.PUBLISH_REPORTS)
@require_POST
def withdraw_report(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(queries.details_page(public_id, request.user))
    withdrawal = WithdrawalForm(request.POST, auto_id="withdrawal-%s")
    if not withdrawal.is_valid():
        return _render_details(request, page, None, withdrawal=withdrawal)
    return post_action(
        request,
        lambda: publishing.withdraw_report(
            report=page.report, by=current_account(request), reason=withdrawal.cleaned_data["reason"]
        ),
        success=_("Report withdrawn."),
        redirect_to=reverse("monitoring:report-details", args=[public_id]),
    )


@requires(Claim.UPLOAD_REPORTS)
@require_POST
def delete_draft(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(queries.details_page(public_id, request.user))
    return post_action(
        request,
        lambda: publishing.delete_draft(report=page.report, by=current_account(request)),
        success=_("Draft deleted."),
        redirect_to=reverse("monitoring:drafts"),
        on_error=reverse("monitoring:report-details", args=[public_id]),
    )


def _initial_details(page: queries.DetailsPage) -> dict[str, Any]:
    document = page.document
    names = ("body", "procedure", "reference", "published", "title", "language")
    stored = {"state": document.state_id or "", "seen": page.seen} | {name: getattr(document, name) for name in names}
    return stored | {difference.field: difference.other for difference in page.upload_differences}


def _render_details(
    request: HttpRequest,
    page: queries.DetailsPage,
    form: DetailsForm | None,
    error: ErrorText | None = None,
    withdrawal: WithdrawalForm | None = None,
) -> HttpResponse:
    form = form or DetailsForm(
        states=uploadable_states(request.user),
        document=page.document,
        asks_reason=page.report.published_at is not None,
        initial=_initial_details(page),
    )
    context = {
        "page": page, "report": page.report, "form": form, "error": error,
        "withdrawal": withdrawal or WithdrawalForm(auto_id="withdrawal-%s"),
    }  # fmt: skip
    status = 422 if withdrawal else form_page_status(form, error)
    return render(request, "monitoring/details.html", context, status=status)


# --- Files and images, the same in every language ---------------------------------------------------------------------


@public
@require_safe
def page_image(request: HttpRequest, public_id: str, page: int) -> HttpResponseBase:
    """Serve a page of a report as an image of fixed width.

    Its ETag changes only with the image. A cache has to ask whether the report is still published.
    """
    report = object_or_404(queries.find_report(public_id, request.user))
    etag = f'"{pictures.image_name(report, page)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    try:
        image = pictures.page_image(report, page)
    except SamsvarError as error:
        return HttpResponse(error.full_message(), status=503, content_type="text/plain; charset=utf-8")
    headers = {"ETag": etag, "Cache-Control": _file_cache_control(report)}
    return HttpResponse(object_or_404(image), content_type="image/png", headers=headers)


@public
@require_safe
def report_file(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Serve a report's file as a download, so that browsers do not open it on our domain."""
    report = object_or_404(queries.find_report(public_id, request.user))
    try:
        content = storage.open_unchanged(report.content_hash)
    except FileNotFoundError as lost:
        raise Http404(_("The file for this report is missing from storage.")) from lost
    except storage.FileChanged as error:
        return HttpResponse(error.full_message(), status=503, content_type="text/plain; charset=utf-8")
    response = FileResponse(
        content, as_attachment=True, filename=report.filename, content_type=CONTENT_TYPES[report.format]
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = _file_cache_control(report)
    return response


@public
@require_safe
def export_citation(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """Serve a citation for reference managers: `cite.bib` or `cite.json` (CSL-JSON)."""
    page = object_or_404(queries.finding_page(public_id, request.user))
    citation = citing.build_citation(page.document, page.finding, build_permalink(request, page))
    match form:
        case "bib":
            text, content_type = citation.to_bibtex(), "application/x-bibtex"
        case "json":
            text = json.dumps([citation.to_csl()], ensure_ascii=False, indent=1)
            content_type = "application/vnd.citationstyles.csl+json"
        case _:
            raise Http404
    headers = {"Content-Disposition": f'attachment; filename="samsvar-{public_id}.{form}"'}
    return HttpResponse(text, content_type=f"{content_type}; charset=utf-8", headers=headers)


def _file_cache_control(report: Report) -> str:
    return SHARED_CACHE_CONTROL if report.status == Report.Status.PUBLISHED else PRIVATE_CACHE_CONTROL
