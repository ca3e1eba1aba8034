"""Views for findings, reports and uploads."""

from __future__ import annotations

import json
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Claim
from samsvar.site.monitoring import citing, pictures, queries, storage, tasks
from samsvar.site.monitoring.actions import reviews
from samsvar.site.monitoring.forms import FindingReviewForm, UploadForm
from samsvar.site.monitoring.models import Finding, Upload
from samsvar.site.monitoring.permissions import can_review, can_upload, uploadable_states
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import page_with_form
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
    page = object_or_404(queries.finding_page(public_id))
    form = _review_form(page) if can_review(request.user, page.finding) else None
    return _render_finding_page(request, page, form)


@requires(Claim.REVIEW_FINDINGS)
@require_POST
def review_finding(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(queries.finding_page(public_id))
    if not can_review(request.user, page.finding):
        raise PermissionDenied
    form = FindingReviewForm(request.POST)
    review_error = None
    if form.is_valid():
        data = form.cleaned_data
        discard_corrections = data["review"] != "confirmed"  # corrections are saved only with a confirmation
        try:
            reviews.review_finding(
                finding=page.finding,
                by=request.user,  # type: ignore[arg-type]  # the claim requires a signed-in user
                review=data["review"],
                strength=None if discard_corrections or "strength" not in request.POST else data["strength"],
                articles=None if discard_corrections or "articles" not in request.POST else data["articles"],
                note=data["note"],
                seen=data["seen"] or None,
            )
        except SamsvarError as error:
            review_error = error
        else:
            next_id = page.next.public_id if page.next and "and_next" in request.POST else public_id
            return redirect("monitoring:finding", next_id)
    return _render_finding_page(request, page, form, review_error)


@public
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    page = queries.findings_page(request.GET.dict())
    filters = build_filter_form(
        request.GET.dict(), "filter",
        state=(_("State"), pgettext("states", "all"), [(code, state_name(code)) for code in page.states]),
        article=(
            _("Article"), pgettext("articles", "all"),
            [(number, Truncator(f"{number} {article_title(number)}").chars(43)) for number in page.articles],
        ),
        strength=(_("Strength"), pgettext("strengths", "all"), enum_choices(Strength)),
        body=(_("Body"), pgettext("bodies", "all"), [(body, label(body, "body")) for body in page.bodies]),
        year=(_("Year"), pgettext("years", "all"), [(year, year) for year in page.years]),
        review=(_("Label"), _("all except rejected"), [(review, label(review, "review")) for review in Finding.Review]),
    )  # fmt: skip
    return render(request, "monitoring/findings.html", {"page": page, "filters": filters})


@public
@require_safe
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(queries.report_page(public_id))
    return render(request, "monitoring/report.html", {"page": page, "report": page.report})


@public
@require_safe
def report_text(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(queries.text_page(public_id, page=request.GET.get("page"), at=request.GET.get("at")))
    return render(request, "monitoring/text.html", {"page": page, "report": page.report})


@public
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    return render(request, "monitoring/reports.html", {"reports": queries.reports_page(request.GET.dict())})


@requires(Claim.UPLOAD_REPORTS)
@rate_limited("upload")
@page_with_form
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, states=uploadable_states(request.user))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if not can_upload(request.user, data["state"]):
            raise PermissionDenied
        try:
            accepted_upload = tasks.accept_and_enqueue_upload(
                content=data["file"].read(),
                filename=data["file"].name or "report",
                body=data["body"],
                state=data["state"] or None,
                published=data["published"],
                by=request.user,  # type: ignore[arg-type]  # the claim requires a signed-in user
            )
        except SamsvarError as error:  # from the virus scanner
            form.add_error("file", error.full_message())
        else:
            return redirect("monitoring:upload-progress", accepted_upload.pk)
    context = {"form": form, "uploads": queries.latest_uploads(request.user)}
    return render(request, "monitoring/upload.html", context, status=422 if form.errors else 200)


@requires(Claim.UPLOAD_REPORTS)
@require_safe
def upload_progress(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Show the progress of an upload.

    The page refreshes itself, even without JavaScript, until the upload is done or refused.
    """
    user_upload = object_or_404(queries.find_own_upload(request.user, upload))
    waiting = user_upload.progress in {Upload.Progress.WAITING, Upload.Progress.READING}
    response = render(request, "monitoring/upload_progress.html", {"upload": user_upload, "waiting": waiting})
    response["Cache-Control"] = "no-store"
    if waiting:
        response["Refresh"] = "2"
    return response


# --- Files and images, the same in every language ---------------------------------------------------------------------


@public
@require_safe
def page_image(request: HttpRequest, public_id: str, page: int) -> HttpResponseBase:
    """Serve a page of a report as an image of fixed width.

    Its ETag changes only with the image, and browsers can cache it for a week without revalidation.
    """
    report = object_or_404(queries.find_report(public_id))
    etag = f'"{pictures.image_name(report, page)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    try:
        image = pictures.page_image(report, page)
    except SamsvarError as error:
        return HttpResponse(error.full_message(), status=503, content_type="text/plain; charset=utf-8")
    headers = {"ETag": etag, "Cache-Control": "public, max-age=604800, immutable"}
    return HttpResponse(object_or_404(image), content_type="image/png", headers=headers)


@public
@require_safe
def report_file(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Serve a report's file as a download, so that browsers do not open it on our domain."""
    report = object_or_404(queries.find_report(public_id))
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
    response["Cache-Control"] = "public, max-age=86400"
    return response


@public
@require_safe
def export_citation(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """Serve a citation for reference managers: `cite.bib` or `cite.json` (CSL-JSON)."""
    page = object_or_404(queries.finding_page(public_id))
    citation = citing.build_citation(page, _permalink(request, page))
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


def _render_finding_page(
    request: HttpRequest, page: queries.FindingPage, form: FindingReviewForm | None, error: SamsvarError | None = None
) -> HttpResponse:
    permalink = _permalink(request, page)
    citation = citing.build_citation(page, permalink).to_text(get_language() or "en")
    context = {"page": page, "finding": page.finding, "citation": citation, "permalink": permalink, "form": form}
    status = 409 if error else 422 if request.method == "POST" else 200
    return render(request, "monitoring/finding.html", {**context, "error": error}, status=status)


def _permalink(request: HttpRequest, page: queries.FindingPage) -> str:
    return request.build_absolute_uri(reverse("monitoring:finding", args=[page.finding.public_id]))


def _review_form(page: queries.FindingPage) -> FindingReviewForm:
    finding = page.finding
    articles = ", ".join(map(str, page.article_numbers))
    seen = reviews.review_state(finding)
    return FindingReviewForm(
        initial={"strength": finding.strength, "articles": articles, "note": finding.note, "seen": seen}
    )
