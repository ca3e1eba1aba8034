"""What came of meetings: addresses. These stand before those of single meetings: `commitments` is no meeting."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.views import outcomes

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
]
