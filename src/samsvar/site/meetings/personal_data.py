"""Declarations of personal data in meetings, one module per feature."""

from __future__ import annotations

from samsvar.site.meetings.attendance import personal_data as attendance
from samsvar.site.meetings.contributions import personal_data as contributions
from samsvar.site.meetings.meeting import personal_data as meeting
from samsvar.site.meetings.outcomes import personal_data as outcomes
from samsvar.site.meetings.programme import personal_data as programme
from samsvar.site.meetings.registration import personal_data as registration

FEATURES = (meeting, registration, programme, contributions, attendance, outcomes)
