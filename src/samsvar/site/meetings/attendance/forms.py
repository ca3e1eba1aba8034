"""Forms of attendance."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.meetings.meeting import Access, Category
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.walk_ins import Stranger
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.registration.labels import LISTED
from samsvar.site.network import labels as network_words
from samsvar.site.network.directory.forms import (
    OrganisationAsked,
    countries,
    organisation_told,
    unlisted_organisation,
)


class HoursForm(forms.Form):
    """When one-to-one meetings are held, in the meeting's own zone."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}))
    minutes = forms.IntegerField(label=_("Minutes of each meeting"), min_value=5, max_value=120, initial=20)
    tables = forms.IntegerField(label=_("Tables"), min_value=1, max_value=200)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        self.fields["day"].initial = meeting.begins

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.errors:
            return said
        if not self.meeting.begins <= said["day"] <= self.meeting.ends:
            self.add_error("day", _now("This is no day of the meeting."))
        elif said["ends"] <= said["starts"]:
            self.add_error("ends", _now("The end lies after the beginning."))
        return said

    def values(self) -> dict[str, Any]:
        """What the action takes: moments instead of a day and times."""
        said = self.cleaned_data
        zone = ZoneInfo(self.meeting.zone)

        def at(day: date, moment: Any) -> datetime:
            return datetime.combine(day, moment, zone)

        return {
            "starts": at(said["day"], said["starts"]),
            "ends": at(said["day"], said["ends"]),
            "minutes": said["minutes"],
            "tables": said["tables"],
        }


class OpenForm(forms.Form):
    """To agree to be asked."""

    about = forms.CharField(
        label=_("What you would like to talk about"),
        max_length=200,
        required=False,
        help_text=_("Other participants read this beside your name and organisation."),
    )


class AskForm(forms.Form):
    """One line why."""

    about = forms.CharField(label=_("Why you would like to meet"), max_length=500)


class WalkInForm(OrganisationAsked):
    """Somebody at the door without a registration. Everything but the name may be left open."""

    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()
    country = forms.ChoiceField(label=_("Country"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    category = forms.ChoiceField(label=_("Takes part as"), required=False)
    photographs = forms.ChoiceField(
        label=_("May they be photographed?"),
        required=False,
        choices=[("", _("was not asked")), ("yes", _("yes")), ("no", _("no"))],
    )
    listed = forms.ChoiceField(
        label=_("Who may see their name in the list of participants?"), required=False, choices=list(LISTED.items())
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("A letter with their own link goes there. Without one, no letter is written."),
    )

    def __init__(self, *args: Any, meeting: models.Meeting, on_a_device: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = (
            ("country", countries(invented=meeting.invented)),
            ("group", [("", "—"), *((one.value, word) for one, word in network_words.GROUPS.items())]),
            ("category", [(one.value, word) for one, word in words.CATEGORIES.items()]),
        )
        for name, choices in lists:
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        if on_a_device:  # which keeps no address
            del self.fields["email"]

    def stranger(self) -> Stranger | None:
        """Who it is, as far as what was written can be used; None without a name.

        What a device kept is never refused: a country that is none any more is left open, a long name is cut, and of an
        organisation that is chosen and written the chosen one is kept.
        """
        self.is_valid()
        told = self.cleaned_data
        name = (told.get("name") or self._written("name")).strip()
        if not name:
            return None
        country = told.get("country", "")
        in_words = told.get("organisation_in_words") or self._written("organisation_in_words")
        return Stranger(
            name=name,
            email=told.get("email", ""),
            organisation=organisation_told(told.get("organisation", ""), in_words, country=country),
            country=country,
            group=told.get("group", ""),
            category=told.get("category") or Category.PARTICIPANT.value,
            listed=told.get("listed") or Access.ORGANISERS.value,
            photographs={"yes": True, "no": False}.get(told.get("photographs", "")),
        )

    def _written(self, name: str) -> str:
        """What can be used of a text as it was sent."""
        return "".join(one for one in str(self.data.get(name) or "") if one.isprintable()).strip()[:120]
