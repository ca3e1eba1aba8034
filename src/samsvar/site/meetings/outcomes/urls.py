"""URLs of outcomes, commitments, the survey and the report."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.outcomes.views import outcomes, report, survey

urlpatterns: list[URLPattern] = [
    path("commitments/", outcomes.commitments, name="commitments"),
    path("commitments.csv", outcomes.commitments, {"form": "csv"}, name="commitments-csv"),
    path("commitments.xlsx", outcomes.commitments, {"form": "xlsx"}, name="commitments-xlsx"),
    path("commitments/<slug:public_id>/", outcomes.commitment, name="commitment"),
    path("how-it-goes/<str:token>/", outcomes.how_it_goes, name="how-it-goes"),
    path("how-it-goes/<str:token>/<slug:public_id>/", outcomes.how_it_goes, name="how-this-goes"),
    path("<slug:slug>/what-came-of-it/", outcomes.what_came, name="what-came"),
    path("<slug:slug>/manage/outcomes/", outcomes.manage_outcomes, name="manage-outcomes"),
    path("<slug:slug>/manage/outcomes/<slug:public_id>/", outcomes.record_session, name="record"),
    path("<slug:slug>/manage/outcomes/<slug:public_id>/screen/", outcomes.screen, name="outcomes-screen"),
    path("<slug:slug>/manage/outcomes/<slug:public_id>/show/", outcomes.show, name="show-outcomes"),
    path("<slug:slug>/manage/outcomes/<slug:public_id>/close/", outcomes.close, name="close-record"),
    path("<slug:slug>/manage/outcome/<slug:public_id>/correct/", outcomes.correct, name="correct-outcome"),
    path("<slug:slug>/manage/outcome/<slug:public_id>/strike/", outcomes.strike, name="strike-outcome"),
    path("<slug:slug>/manage/outcome/<slug:public_id>/who-is-asked/", outcomes.who_is_asked, name="who-is-asked"),
    path("<slug:slug>/manage/outcome/<slug:public_id>/open/", outcomes.publish, name="publish-outcome"),
    path("<slug:slug>/survey/", survey.survey, name="survey"),
    path("<slug:slug>/survey/<str:token>/", survey.survey_by_link, name="survey-by-link"),
    path("<slug:slug>/participants/", report.participants, name="participants"),
    path("<slug:slug>/manage/report/", report.report, name="manage-report"),
    path("<slug:slug>/manage/report.docx", report.report_file, {"form": "docx"}, name="report-docx"),
    path("<slug:slug>/manage/report.pdf", report.report_file, {"form": "pdf"}, name="report-pdf"),
    path("<slug:slug>/manage/survey/", survey.manage_survey, name="manage-survey"),
    path("<slug:slug>/manage/survey/<int:question>/remove/", survey.remove_question, name="remove-survey-question"),
]
