"""URLs of findings, reports and uploads."""

from __future__ import annotations

from django.urls import path

from samsvar.site.monitoring import views
from samsvar.site.monitoring.review import views as review_views

app_name = "monitoring"
urlpatterns = [
    path("findings/", views.findings, name="findings"),
    path("findings/<slug:public_id>/", views.finding, name="finding"),
    path("findings/<slug:public_id>/review/", review_views.review_finding, name="review"),
    path("findings/<slug:public_id>/undo/", review_views.undo_review, name="undo-review"),
    path("findings/<slug:public_id>/propose/", review_views.propose_correction, name="propose"),
    path("findings/<slug:public_id>/wrong-label/", review_views.report_label, name="report-label"),
    path("review/", review_views.work_list, name="work-list"),
    path("review/remarks/<uuid:remark>/", review_views.deal_with_remark, name="deal-with-remark"),
    path("review/shortcuts/", review_views.toggle_shortcuts, name="toggle-shortcuts"),
    path("review/reports/<slug:public_id>/", review_views.report_work_list, name="report-work-list"),
    path("review/sample/", review_views.draw_sample, name="draw-sample"),
    path("review/samples/<uuid:sample>/", review_views.sample, name="sample"),
    path("review/samples/<uuid:sample>/confirm/", review_views.confirm_after_sample, name="confirm-after-sample"),
    path("proposals/<uuid:proposal>/accept/", review_views.accept_proposal, name="accept-proposal"),
    path("proposals/<uuid:proposal>/decline/", review_views.decline_proposal, name="decline-proposal"),
    path("proposals/<uuid:proposal>/withdraw/", review_views.withdraw_proposal, name="withdraw-proposal"),
    path("findings/<slug:public_id>/links/<int:pk>/", review_views.decide_link, name="decide-link"),
    path("review/links/", review_views.link_list, name="link-list"),
    path("review/links/undo/", review_views.undo_link_decision, name="undo-link-decision"),
    path("reports/", views.reports, name="reports"),
    path("reports/drafts/", views.drafts, name="drafts"),
    path("reports/<slug:public_id>/", views.report, name="report"),
    path("reports/<slug:public_id>/details/", views.report_details, name="report-details"),
    path("reports/<slug:public_id>/links/", views.undecided_links, name="undecided-links"),
    path("reports/<slug:public_id>/publish/", views.publish_report, name="publish-report"),
    path("reports/<slug:public_id>/withdraw/", views.withdraw_report, name="withdraw-report"),
    path("reports/<slug:public_id>/delete/", views.delete_draft, name="delete-draft"),
    path("reports/<slug:public_id>/text/", views.report_text, name="text"),
    path("upload/", views.upload, name="upload"),
    path("upload/progress/", views.uploads, name="uploads"),
    path("upload/<uuid:upload>/", views.upload_progress, name="upload-progress"),
]
