"""Pages of findings and reports: one query, one template; and the forms, each with one action."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Claim
from samsvar.site.monitoring import actions, citing, pictures, queries, storage, tasks
from samsvar.site.monitoring.forms import ReviewForm, UploadForm
from samsvar.site.monitoring.models import Upload
from samsvar.site.monitoring.permissions import can_review, can_upload, states_to_upload
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door, open_to_all

# What a stored file is served as. HTML is served as text: a report may not run scripts under our name.
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/plain; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}


@open_to_all
@require_safe
def finding(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.finding_page(public_id)
    if page is None:
        raise Http404
    permalink = request.build_absolute_uri(reverse("monitoring:finding", args=[public_id]))
    reviewer = can_review(request.user, page.finding)
    form = _review_form(page) if reviewer else None
    return render(
        request,
        "monitoring/finding.html",
        {"page": page, "finding": page.finding, **_cited(page, permalink), "form": form},
    )


@door(Claim.JUDGE_FINDINGS)
@require_POST
def review(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.finding_page(public_id)
    if page is None:
        raise Http404
    if not can_review(request.user, page.finding):
        raise PermissionDenied
    form = ReviewForm(request.POST)
    refusal = None
    if form.is_valid():
        said = form.cleaned_data
        keep = said["review"] != "confirmed"  # corrections belong to a confirmation
        try:
            actions.review_finding(
                finding=page.finding,
                by=request.user,  # type: ignore[arg-type]  # signed in: its door
                review=said["review"],
                strength=None if keep or "strength" not in request.POST else said["strength"],
                articles=None if keep or "articles" not in request.POST else said["articles"],
                note=said["note"],
                seen=said["seen"] or None,
            )
        except SamsvarError as error:
            refusal = error
        else:
            follow = page.next.public_id if page.next and "and_next" in request.POST else public_id
            return redirect("monitoring:finding", follow)
    permalink = request.build_absolute_uri(reverse("monitoring:finding", args=[public_id]))
    context = {
        "page": page,
        "finding": page.finding,
        **_cited(page, permalink),
        "form": form,
        "refusal": refusal,
    }
    return render(request, "monitoring/finding.html", context, status=409 if refusal else 422)


@open_to_all
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    page = queries.findings_page(request.GET.dict())
    return render(request, "monitoring/findings.html", {"page": page, "strengths": [one.value for one in Strength]})


@open_to_all
@require_safe
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.report_page(public_id)
    if page is None:
        raise Http404
    return render(request, "monitoring/report.html", {"page": page, "report": page.report})


@open_to_all
@require_safe
def text(request: HttpRequest, public_id: str) -> HttpResponse:
    page = queries.text_page(public_id, page=request.GET.get("page"), at=request.GET.get("at"))
    if page is None:
        raise Http404
    return render(request, "monitoring/text.html", {"page": page, "report": page.report})


@open_to_all
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    return render(request, "monitoring/reports.html", {"reports": queries.reports_page(request.GET.dict())})


@door(Claim.UPLOAD_REPORTS)
@limited("upload")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, states=states_to_upload(request.user))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if not can_upload(request.user, said["state"]):
            raise PermissionDenied
        try:
            accepted = tasks.receive(
                content=said["file"].read(),
                filename=said["file"].name or "report",
                body=said["body"],
                state=said["state"] or None,
                published=said["published"],
                by=request.user,  # type: ignore[arg-type]  # signed in: its door
            )
        except SamsvarError as refusal:  # by the virus scanner
            form.add_error("file", refusal.explained())
        else:
            return redirect("monitoring:upload-progress", accepted.pk)
    context = {"form": form, "uploads": queries.latest_uploads(request.user)}
    return render(request, "monitoring/upload.html", context, status=422 if form.errors else 200)


@door(Claim.UPLOAD_REPORTS)
@require_safe
def upload_progress(request: HttpRequest, upload: UUID) -> HttpResponse:
    """How far an upload has come. The page asks again by itself (also without script) until it is done or refused."""
    found = queries.upload_of(request.user, upload)
    if found is None:
        raise Http404
    waiting = found.progress in {Upload.Progress.WAITING, Upload.Progress.READING}
    response = render(request, "monitoring/upload_progress.html", {"upload": found, "waiting": waiting})
    response["Cache-Control"] = "no-store"
    if waiting:
        response["Refresh"] = "2"
    return response


# --- Files and pictures: the same in every language -------------------------------------------------------------------


@open_to_all
@require_safe
def page_picture(request: HttpRequest, public_id: str, page: int) -> HttpResponseBase:
    """One page of a report, always in one width. Its name changes when it does, so a browser need not ask again."""
    report = queries.report_by_id(public_id)
    if report is None:
        raise Http404
    etag = f'"{pictures.name_of(report, page)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    try:
        picture = pictures.picture_of(report, page)
    except SamsvarError as error:
        return HttpResponse(error.explained(), status=503, content_type="text/plain; charset=utf-8")
    if picture is None:
        raise Http404
    headers = {"ETag": etag, "Cache-Control": "public, max-age=604800, immutable"}
    return HttpResponse(picture, content_type="image/png", headers=headers)


@open_to_all
@require_safe
def file(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The report's own file, as a download that no browser opens under our name."""
    report = queries.report_by_id(public_id)
    if report is None:
        raise Http404
    try:
        content = default_storage.open(storage.place_of(report.content_hash), "rb")
    except FileNotFoundError as lost:
        raise Http404(_("The file of this report is not in the storage.")) from lost
    response = FileResponse(content, as_attachment=True, filename=report.filename, content_type=TYPES[report.format])
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "public, max-age=86400"
    return response


@open_to_all
@require_safe
def cite(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """A citation as a file for reference managers: `cite.bib` or `cite.json` (CSL-JSON)."""
    page = queries.finding_page(public_id)
    if page is None or form not in {"bib", "json"}:
        raise Http404
    citation = citing.citation_of(page, request.build_absolute_uri(reverse("monitoring:finding", args=[public_id])))
    if form == "bib":
        text, kind = citation.bibtex(), "application/x-bibtex"
    else:
        text, kind = (
            json.dumps([citation.csl()], ensure_ascii=False, indent=1),
            "application/vnd.citationstyles.csl+json",
        )
    disposition = f'attachment; filename="samsvar-{public_id}.{form}"'
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": disposition})


def _cited(page: queries.FindingPage, permalink: str) -> dict[str, str]:
    return {"citation": citing.citation_of(page, permalink).plain(get_language() or "en"), "permalink": permalink}


def _review_form(page: queries.FindingPage) -> ReviewForm:
    found = page.finding
    initial: dict[str, Any] = {
        "strength": found.strength,
        "articles": ", ".join(str(number) for number in page.numbers),
        "note": found.note,
        "seen": actions.seen_state(found),
    }
    return ReviewForm(initial=initial)
