"""URLs of reports back: the drafts of a desk, and published reports."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.implementation.reports import views

urlpatterns: list[URLPattern] = [
    path("report-back/<slug:public_id>/", views.published_report, name="published-report"),
    path("report-back/<slug:public_id>/report.docx", views.published_file, name="published-report-docx"),
    path("report-back/<slug:public_id>/report.json", views.published_json, name="published-report-json"),
    path("report-drafts/<slug:code>/", views.drafts, name="report-drafts"),
    path("report-drafts/<slug:code>/new/", views.new_draft, name="new-report-draft"),
    path("report-drafts/<slug:code>/<slug:public_id>/", views.show_draft, name="report-draft"),
    path("report-drafts/<slug:code>/<slug:public_id>/draft.docx", views.word_file, name="report-draft-docx"),
    path("report-drafts/<slug:code>/<slug:public_id>/upload/", views.upload_word, name="upload-report-draft"),
    path(
        "report-drafts/<slug:code>/<slug:public_id>/upload/<slug:file_id>/",
        views.edited_file,
        name="edited-report-draft",
    ),
    path(
        "report-drafts/<slug:code>/<slug:public_id>/upload/<slug:file_id>/discard/",
        views.discard_file,
        name="discard-report-draft",
    ),
    path("report-drafts/<slug:code>/<slug:public_id>/notes/<int:pk>/done/", views.finish_note, name="finish-note"),
    path(
        "report-drafts/<slug:code>/<slug:public_id>/sections/<slug:section_id>/", views.section, name="report-section"
    ),
    path(
        "report-drafts/<slug:code>/<slug:public_id>/sections/<slug:section_id>/newer/",
        views.take_newer,
        name="take-newer-records",
    ),
    path("report-drafts/<slug:code>/<slug:public_id>/written/", views.mark_written, name="mark-report-written"),
    path("report-drafts/<slug:code>/<slug:public_id>/return/", views.return_draft, name="return-report"),
    path("report-drafts/<slug:code>/<slug:public_id>/clear/", views.clear_draft, name="clear-report"),
    path("report-drafts/<slug:code>/<slug:public_id>/submit/", views.submit_draft, name="submit-report"),
    path("report-drafts/<slug:code>/<slug:public_id>/publish/", views.publish_report, name="publish-report"),
    path("report-drafts/<slug:code>/<slug:public_id>/new-version/", views.new_version, name="new-report-version"),
]
