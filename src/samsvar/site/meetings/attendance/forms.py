"""Forms for walk-ins and one-to-one meetings."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.meeting import AccessLevel, ParticipantCategory
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.walk_ins import WalkInData
from samsvar.site.meetings.registration.forms.registration import group_choices, set_country_choices
from samsvar.site.meetings.registration.labels import VISIBILITY_LABELS
from samsvar.site.network.directory.forms import (
    OrganisationChoiceForm,
    organisation_value,
    unlisted_organisation_field,
)
from samsvar.site.shell.labels import enum_choices


class OneToOnePeriodForm(forms.Form):
    """Form for a period of one-to-one meetings, in the meeting's time zone."""

    day = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}))
    minutes = forms.IntegerField(label=_("Length of each meeting in minutes"), min_value=5, max_value=120, initial=20)
    tables = forms.IntegerField(label=_("Tables"), min_value=1, max_value=200)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        self.fields["day"].initial = meeting.begins

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if not self.meeting.begins <= data["day"] <= self.meeting.ends:
            self.add_error("day", _now("This date is not one of the meeting days."))
        elif data["ends"] <= data["starts"]:
            self.add_error("ends", _now("The end must be after the start."))
        return data

    def get_values(self) -> dict[str, Any]:
        """Return the keyword arguments for `add_one_to_one_period`, with aware datetimes."""
        data, zone = self.cleaned_data, ZoneInfo(self.meeting.zone)
        starts, ends = (datetime.combine(data["day"], data[name], zone) for name in ("starts", "ends"))
        return {"starts": starts, "ends": ends, "minutes": data["minutes"], "tables": data["tables"]}


class NetworkingOptInForm(forms.Form):
    """Form for opting in to one-to-one requests."""

    about = forms.CharField(
        label=_("Topics you would like to discuss"),
        max_length=200,
        required=False,
        help_text=_("Other participants see this next to your name and organisation."),
    )


class OneToOneRequestForm(forms.Form):
    """Form for requesting a one-to-one meeting, with a short reason."""

    about = forms.CharField(label=_("Why you would like to meet"), max_length=500)


class WalkInForm(OrganisationChoiceForm):
    """Form for a walk-in, a person who arrives without a registration; only the name is required."""

    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation_field()
    country = forms.ChoiceField(label=_("Country"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False, choices=group_choices)
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=partial(enum_choices, ParticipantCategory)
    )
    photographs = forms.ChoiceField(
        label=_("May they be photographed?"),
        required=False,
        choices=[("", _("not asked")), ("yes", _("yes")), ("no", _("no"))],
    )
    listed = forms.ChoiceField(
        label=_("Who can see their name in the list of participants?"),
        required=False,
        choices=list(VISIBILITY_LABELS.items()),
    )
    email = forms.EmailField(
        label=_("Email address"),
        required=False,
        max_length=254,
        help_text=_("We email their personal link to this address. Without an address, no email is sent."),
    )

    def __init__(self, *args: Any, meeting: models.Meeting, on_a_device: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_country_choices(self, meeting)
        if on_a_device:  # an offline device does not save email addresses
            del self.fields["email"]

    def get_walk_in_data(self) -> WalkInData | None:
        """Return the walk-in's details as far as they are valid, or None if there is no name.

        An entry from an offline device is never rejected: an unknown country is left empty, a long name is shortened,
        and if an organisation is both chosen and typed, the chosen one is used.
        """
        self.is_valid()
        data = self.cleaned_data
        name = (data.get("name") or self._get_printable_text("name")).strip()
        if not name:
            return None
        country = data.get("country", "")
        in_words = data.get("organisation_in_words") or self._get_printable_text("organisation_in_words")
        return WalkInData(
            name=name,
            email=data.get("email", ""),
            organisation=organisation_value(data.get("organisation", ""), in_words, country=country),
            country=country,
            group=data.get("group", ""),
            category=data.get("category") or ParticipantCategory.PARTICIPANT.value,
            listed=data.get("listed") or AccessLevel.ORGANISERS.value,
            photographs={"yes": True, "no": False}.get(data.get("photographs", "")),
        )

    def _get_printable_text(self, name: str) -> str:
        """Return the printable characters of a submitted field, at most 120 of them."""
        return "".join(one for one in str(self.data.get(name) or "") if one.isprintable()).strip()[:120]
