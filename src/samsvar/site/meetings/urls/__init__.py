"""Every address of the meetings, in one namespace; each topic keeps its own list."""

from __future__ import annotations

from samsvar.site.meetings.urls import after, contributions, day, exchange, meeting, outcomes, programme, registration

app_name = "meetings"
urlpatterns = [
    *outcomes.urlpatterns,  # first: `commitments` is no meeting
    *programme.urlpatterns,
    *registration.urlpatterns,
    *contributions.urlpatterns,
    *day.urlpatterns,
    *after.urlpatterns,
    *exchange.urlpatterns,
    *meeting.urlpatterns,  # last: `<slug>/` would stand before the others' fixed words
]
