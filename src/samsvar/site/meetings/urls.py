"""URL patterns of the meetings app, collected from its features in one namespace.

`meeting` comes last because its `<slug>/` would match the fixed paths of the others.
"""

from __future__ import annotations

from samsvar.site.meetings.agenda import urls as agenda
from samsvar.site.meetings.attendance import urls as attendance
from samsvar.site.meetings.contributions import urls as contributions
from samsvar.site.meetings.letters import urls as letters
from samsvar.site.meetings.meeting import urls as meeting
from samsvar.site.meetings.organising import urls as organising
from samsvar.site.meetings.outcomes import urls as outcomes
from samsvar.site.meetings.programme import urls as programme
from samsvar.site.meetings.registration import urls as registration

app_name = "meetings"
urlpatterns = [
    *outcomes.urlpatterns,
    *agenda.urlpatterns,
    *programme.urlpatterns,
    *registration.urlpatterns,
    *contributions.urlpatterns,
    *attendance.urlpatterns,
    *letters.urlpatterns,
    *organising.urlpatterns,
    *meeting.urlpatterns,
]
