"""URLs for outcomes, commitments, the survey and the report."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.outcomes.views import outcomes, report, survey

urlpatterns: list[URLPattern] = [
    path("commitments/", outcomes.commitments, name="commitments"),
    path("commitments.csv", outcomes.commitments, {"form": "csv"}, name="commitments-csv"),
    path("commitments.xlsx", outcomes.commitments, {"form": "xlsx"}, name="commitments-xlsx"),
    path("commitments/<slug:public_id>/", outcomes.commitment, name="commitment"),
    path("commitments/<slug:public_id>/measure/", outcomes.make_measure, name="make-measure"),
    path("commitments/progress/<str:token>/", outcomes.commitment_progress, name="commitment-progress"),
    path(
        "commitments/progress/<str:token>/<slug:public_id>/",
        outcomes.commitment_progress,
        name="commitment-progress-detail",
    ),
    path("<slug:slug>/outcomes/", outcomes.meeting_outcomes, name="outcomes"),
    path("<slug:slug>/manage/outcomes/", outcomes.manage_outcomes, name="manage-outcomes"),
    path("<slug:slug>/manage/outcomes/<slug:public_id>/", outcomes.record_outcomes, name="record"),
    path("<slug:slug>/manage/outcomes/<slug:public_id>/screen/", outcomes.outcomes_screen, name="outcomes-screen"),
    path("<slug:slug>/manage/outcomes/<slug:public_id>/show/", outcomes.mark_outcomes_shown, name="show-outcomes"),
    path("<slug:slug>/manage/outcomes/<slug:public_id>/close/", outcomes.close_record, name="close-record"),
    path("<slug:slug>/manage/outcome/<slug:public_id>/correct/", outcomes.correct_outcome, name="correct-outcome"),
    path("<slug:slug>/manage/outcome/<slug:public_id>/retract/", outcomes.retract_outcome, name="retract-outcome"),
    path(
        "<slug:slug>/manage/outcome/<slug:public_id>/contact/", outcomes.commitment_contact, name="commitment-contact"
    ),
    path("<slug:slug>/manage/outcome/<slug:public_id>/publish/", outcomes.publish_outcome, name="publish-outcome"),
    path("<slug:slug>/survey/", survey.survey, name="survey"),
    path("<slug:slug>/survey/<str:token>/", survey.survey_by_link, name="survey-by-link"),
    path("<slug:slug>/participants/", report.participants, name="participants"),
    path("<slug:slug>/manage/report/", report.report, name="manage-report"),
    path("<slug:slug>/manage/report.docx", report.report_file, {"form": "docx"}, name="report-docx"),
    path("<slug:slug>/manage/report.pdf", report.report_file, {"form": "pdf"}, name="report-pdf"),
    path("<slug:slug>/manage/survey/", survey.manage_survey, name="manage-survey"),
    path("<slug:slug>/manage/survey/<int:question>/remove/", survey.remove_question, name="remove-survey-question"),
]
