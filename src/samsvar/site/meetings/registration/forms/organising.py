"""Forms for registration settings, invitations, delegations, quotas, decisions, exports and group imports."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.meeting import ParticipantCategory, RegistrationPolicy
from samsvar.meetings.registration import ALLOWED_TRANSITIONS, QuotaKind, RegistrationStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.forms.fields import ZonedDateTimeField
from samsvar.site.meetings.meeting.queries.opening import end_of_day, get_meeting_end
from samsvar.site.meetings.registration import labels as registration_labels
from samsvar.site.meetings.registration.forms.registration import EMAIL_LANGUAGES, group_choices, set_country_choices
from samsvar.site.meetings.registration.queries.registrations import organisations
from samsvar.site.network.directory.forms import country_choices
from samsvar.site.shell.labels import enum_choices

ACCOUNT_LANGUAGE = _(
    "the language of the person’s account on this site or, if they have no account, the meeting’s first language"
)
CATEGORY_CHOICES = partial(enum_choices, ParticipantCategory)


class RegistrationSettingsForm(forms.Form):
    """Form for the registration settings of a meeting: who can register, when, approval, and changes."""

    entry = forms.ChoiceField(label=_("Who can register"), choices=partial(enum_choices, RegistrationPolicy))
    opens_at = ZonedDateTimeField(
        label=_("Opens"),
        required=False,
        help_text=_("If this is blank, no one can register and no page gives an opening date."),
    )
    closes_at = ZonedDateTimeField(
        label=_("Closes"), required=False, help_text=_("Leave blank to close registration at the end of the last day.")
    )
    approval = forms.BooleanField(
        label=_("Registrations need your approval"),
        required=False,
        help_text=_("A place is held from the time someone registers until you decide."),
    )
    changes_until = ZonedDateTimeField(
        label=_("People can change their answers until"),
        required=False,
        help_text=_("Leave blank to allow people to change their answers for as long as they have a place."),
    )

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        self.meeting = meeting
        kwargs["initial"] = {name: getattr(meeting, name) for name in SETTINGS_FIELDS}
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        for name in ("opens_at", "closes_at", "changes_until"):
            fields[name].zone = meeting.zone

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        opens, closes, end = data.get("opens_at"), data.get("closes_at"), get_meeting_end(self.meeting)
        if closes and not opens and "opens_at" not in self.errors:
            self.add_error("opens_at", _now("Enter an opening date as well."))
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _now("Registration cannot close before it opens."))
        for name in ("opens_at", "closes_at", "changes_until"):
            if data.get(name) and data[name] > end:
                self.add_error(name, _now("This date is after the end of the meeting."))
        return data


SETTINGS_FIELDS = ("entry", "opens_at", "closes_at", "approval", "changes_until")


class InvitationForm(forms.Form):
    """Form for an organiser's invitations: recipients, category and expiry date."""

    addresses = forms.CharField(
        label=_("Email addresses"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One per line or separated by commas; 500 at most."),
    )
    members = forms.BooleanField(label=_("Also invite every member of the meeting’s network"), required=False)
    category = forms.ChoiceField(label=pgettext_lazy("takes part as", "Takes part as"), choices=CATEGORY_CHOICES)
    group = forms.ChoiceField(label=_("Group"), required=False, choices=group_choices)
    country = forms.ChoiceField(
        label=_("Country"), required=False, help_text=_("Leave blank to let the person choose.")
    )
    language = forms.ChoiceField(label=_("Language of the email"), choices=EMAIL_LANGUAGES)
    until = forms.DateField(label=_("Valid until"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        set_country_choices(self, meeting)
        if meeting.network_id is None:
            del self.fields["members"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("addresses", "").strip() and not data.get("members"):
            self.add_error("addresses", _now("Enter at least one email address."))
        return data

    def clean_until(self) -> datetime:
        until = _last_minute_of_day(self.meeting, self.cleaned_data["until"])
        if until <= timezone.now():
            raise forms.ValidationError(_("This date is in the past."))
        return until


def _organisation_choices() -> list[tuple[str, str]]:
    return [("", "—"), *((str(one.pk), one.name) for one in organisations())]


class DelegationForm(forms.Form):
    """Form for the delegation of a country or an organisation."""

    country = forms.ChoiceField(label=_("Country"), required=False)
    organisation = forms.ChoiceField(
        label=_("Organisation (instead of a country)"), required=False, choices=_organisation_choices
    )
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=500)
    head_email = forms.EmailField(label=_("Email address of the head of delegation"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language of our emails to the head of delegation"),
        required=False,
        choices=[("", ACCOUNT_LANGUAGE), *EMAIL_LANGUAGES],
    )
    until = forms.DateField(label=_("Nominations close on"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Internal note"), max_length=300, required=False)

    def __init__(
        self, *args: Any, meeting: models.Meeting, delegation: models.Delegation | None = None, **kwargs: Any
    ) -> None:
        if delegation is not None:
            until = delegation.nominate_until
            kwargs["initial"] = {
                "places": delegation.places, "head_email": delegation.head_email, "language": delegation.language,
                "until": until.astimezone(ZoneInfo(meeting.zone)).date() if until else None, "note": delegation.note,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        if delegation is not None:  # its country or organisation cannot be changed
            del self.fields["country"], self.fields["organisation"]
            return
        set_country_choices(self, meeting)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "country" in self.fields and bool(data.get("country")) == bool(data.get("organisation")):
            self.add_error("country", _now("Choose either a country or an organisation."))
        return data

    def clean_until(self) -> datetime:
        return _last_minute_of_day(self.meeting, self.cleaned_data["until"])


class QuotaForm(forms.Form):
    """Form for the number of places for a country, group or category, or for the whole meeting."""

    what = forms.ChoiceField(label=_("Places for"))
    places = forms.IntegerField(label=_("Number"), min_value=0, max_value=100_000)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries = country_choices(include_fictional=meeting.fictional)
        groups = (
            (_("Groups"), QuotaKind.GROUP, group_choices()),
            (_("Category"), QuotaKind.CATEGORY, enum_choices(ParticipantCategory)),
            (_("Countries"), QuotaKind.COUNTRY, countries),
        )
        options: list[Any] = [(f"{QuotaKind.TOTAL}:", registration_labels.QUOTA_KIND_LABELS[QuotaKind.TOTAL])]
        for label, kind, choices in groups:
            options.append((label, [(f"{kind}:{code}", name) for code, name in choices if code]))
        self.fields["what"].choices = options  # type: ignore[attr-defined]

    def kind_and_key(self) -> tuple[str, str]:
        kind, _colon, key = self.cleaned_data["what"].partition(":")
        return kind, key


class DecisionForm(forms.Form):
    """Form for a decision on one or more registrations."""

    CHOICES = [
        ("approve", _("Approve")),
        ("refuse", _("Refuse")),
        ("put_back", _("Withdraw approval")),
        ("withdraw", _("Withdraw place")),
    ]
    what = forms.ChoiceField(label=_("Action for selected registrations"), choices=CHOICES)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("The person will see this reason. Required unless you approve."),
    )

    def __init__(self, *args: Any, status: str = "", **kwargs: Any) -> None:
        """Offer only the decisions that the status of a single registration allows.

        Without `status`, as for a list of registrations, all decisions are offered.
        """
        super().__init__(*args, **kwargs)
        if status:
            current = RegistrationStatus(status)
            allowed = {
                "approve": current is RegistrationStatus.ASKED,
                "refuse": RegistrationStatus.REFUSED in ALLOWED_TRANSITIONS[current],
                "put_back": current is RegistrationStatus.CONFIRMED,
                "withdraw": RegistrationStatus.WITHDRAWN in ALLOWED_TRANSITIONS[current],
            }
            decision: Any = self.fields["what"]
            decision.label = _("Decision")
            decision.choices = [(code, label) for code, label in self.CHOICES if allowed[code]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("what") != "approve" and len(data.get("reason", "").strip()) < 10:
            self.add_error("reason", _now("Give a reason of at least ten characters."))
        return data


class ExportForm(forms.Form):
    """Form with the options for exporting the list of registrations."""

    with_people_at_risk = forms.BooleanField(label=_("Include people at risk"), required=False)
    why = forms.CharField(
        label=_("Why the list is needed"),
        max_length=300,
        required=False,
        help_text=_("Required if people at risk are included. This is recorded in the audit log; do not name anyone."),
    )


class RecategoriseForm(forms.Form):
    """Form for the category, group and country that a registration counts under."""

    category = forms.ChoiceField(label=_("Category"), choices=CATEGORY_CHOICES)
    group = forms.ChoiceField(label=_("Group"), required=False, choices=group_choices)
    country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_country_choices(self, meeting)


class GroupImportForm(forms.Form):
    """Form for uploading a table of people to register together."""

    table = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_(
            "A CSV or XLSX file with the columns name, email, country, group, category, title, organisation "
            "and language. Headings and values can be in any language of this site."
        ),
    )
    encoding = forms.ChoiceField(
        label=_("Character encoding (if the CSV is not UTF-8)"),
        choices=[("cp1252", _("Windows, Western: é, ø, å")), ("cp1250", _("Windows, Central European: ă, č, ž"))],
        help_text=_(
            "CSV files saved by Excel on Windows do not state their encoding. Check the names before "
            "you register anyone."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"encoding": "cp1250" if get_language() == "ro" else "cp1252"})
        super().__init__(*args, **kwargs)


def _last_minute_of_day(meeting: models.Meeting, day: date) -> datetime:
    """Return the last minute of a day, so that a deadline falls on the day that was entered."""
    return end_of_day(meeting, day) - timedelta(minutes=1)
