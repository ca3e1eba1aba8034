"""The survey and the report: addresses."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import report, survey

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/survey/", survey.survey, name="survey"),
    path("<slug:slug>/survey/<str:token>/", survey.survey_by_link, name="survey-by-link"),
    path("<slug:slug>/participants/", report.participants, name="participants"),
    path("<slug:slug>/manage/report/", report.report, name="manage-report"),
    path("<slug:slug>/manage/report.docx", report.report_file, {"form": "docx"}, name="report-docx"),
    path("<slug:slug>/manage/report.pdf", report.report_file, {"form": "pdf"}, name="report-pdf"),
    path("<slug:slug>/manage/survey/", survey.manage_survey, name="manage-survey"),
    path("<slug:slug>/manage/survey/<int:question>/remove/", survey.remove_question, name="remove-survey-question"),
]
