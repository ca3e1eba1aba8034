"""Forms for organisers: the meeting, its cancellation, countries, organisations, links, documents and helpers."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.meeting import AccessLevel, AttendanceMode, CountryRole, MeetingKind, RegistrationPolicy
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions.queries import uses_reviews
from samsvar.site.meetings.meeting.forms.fields import ZonedDateTimeField, time_zone_choices
from samsvar.site.meetings.meeting.queries.opening import get_meeting_end
from samsvar.site.meetings.organising.actions.meetings import EndsBeforeStart
from samsvar.site.meetings.organising.queries import selectable_organisations
from samsvar.site.network.access.permissions import Network
from samsvar.site.network.directory.forms import CollapsedChoicesField, country_choices, language_choices
from samsvar.site.network.directory.queries import organisations as queries_organisations
from samsvar.site.network.labels import language_name
from samsvar.site.network.membership import queries as directory
from samsvar.site.shell.labels import enum_choices

TEXT_FIELDS = ("title", "purpose", "practical")  # texts with a field per language of the meeting


class MeetingForm(forms.Form):
    """Form for a meeting; if `meeting` is None, for a new one, whose texts are in one language."""

    public_id = forms.SlugField(
        label=_("Address"),
        max_length=40,
        help_text=_(
            "The last part of the meeting’s web address, in lower case, for example oslo-2027. It "
            "cannot be changed later."
        ),
    )
    network = forms.ModelChoiceField(
        label=_("Network"),
        queryset=directory.networks_with_organisation_counts().none(),
        to_field_name="slug",
        empty_label="—",
    )
    kind = forms.ChoiceField(label=_("Type"), choices=partial(enum_choices, MeetingKind))
    inside = forms.ModelChoiceField(
        label=_("Part of"),
        queryset=models.Meeting.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("not part of another meeting"),
    )
    begins = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("All times of the meeting are entered and shown in this time zone.")
    )
    attendance = forms.ChoiceField(label=_("How people take part"), choices=partial(enum_choices, AttendanceMode))
    state = forms.ChoiceField(label=_("Country"), required=False, choices=country_choices)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    place = forms.CharField(label=_("Venue"), max_length=160, required=False)
    address = forms.CharField(label=_("Street and number"), max_length=300, required=False)
    link = forms.URLField(
        label=_("Online meeting link"),
        required=False,
        assume_scheme="https",
        help_text=_("Shown only to people whose place is confirmed."),
    )
    entry = forms.ChoiceField(label=_("Who can register"), choices=partial(enum_choices, RegistrationPolicy))
    original = forms.ChoiceField(label=_("Original language"), choices=language_choices)
    languages = CollapsedChoicesField(
        label=_("Other languages"),
        choices=language_choices,
        help_text=_(
            "Save first, then enter the texts in each of these languages. Removing a language also deletes its texts."
        ),
    )

    def __init__(
        self, *args: Any, meeting: models.Meeting | None, networks: list[Network], outer: Any, **kwargs: Any
    ) -> None:
        own = get_language() or "en"
        self.meeting = meeting
        languages = list(meeting.languages) if meeting else [own]
        kwargs["initial"] = {
            **({name: getattr(meeting, name) for name in MEETING_FIELDS} if meeting else {"zone": "Europe/Oslo"}),
            "state": (meeting.state_id if meeting else "") or "",
            "inside": meeting.inside.public_id if meeting and meeting.inside else None,
            "original": (languages or [own])[0],
            "languages": languages[1:],
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        self._set_choices(networks, outer)
        self.text_languages = tuple(languages or [own])
        for code in self.text_languages:
            for name in TEXT_FIELDS:
                self.fields[f"{name}_{code}"] = self._build_text_field(name, code)
                if meeting:
                    self.initial[f"{name}_{code}"] = getattr(meeting, name).get(code, "")
        if meeting:
            for name in ("public_id", "network", "entry"):  # who may request a place is set on the registration page
                del self.fields[name]
            self._add_notification_fields()

    def _set_choices(self, networks: list[Network], outer: Any) -> None:
        fields: Any = self.fields
        offered, language = directory.networks_with_organisation_counts(), get_language() or "en"
        fields["network"].queryset = offered.filter(pk__in=[one.pk for one in networks])
        fields["network"].label_from_instance = lambda one: one.name
        fields["inside"].queryset = outer
        fields["inside"].label_from_instance = lambda one: one.get_title(language)
        fields["zone"].choices = time_zone_choices(language)

    def _build_text_field(self, name: str, code: str) -> forms.CharField:
        language = language_name(code)
        if name == "title":
            label, widget = _("Title, in %(language)s") % {"language": language}, forms.TextInput(attrs={"lang": code})
            required = code == self.initial["original"]
            return forms.CharField(label=label, max_length=200, required=required, widget=widget)
        purpose, practical = _("Purpose, in %(language)s"), _("Practical information, in %(language)s")
        label = (purpose if name == "purpose" else practical) % {"language": language}
        textarea = forms.Textarea(attrs={"rows": 4, "lang": code})
        return forms.CharField(label=label, max_length=2000, required=False, widget=textarea)

    def _add_notification_fields(self) -> None:
        """Add the fields for emailing everyone concerned when the dates or the place change."""
        self.fields["why"] = forms.CharField(
            label=_("Reason for the change of dates or location"),
            max_length=300,
            required=False,
            help_text=_("Everyone affected will see this in their email."),
        )
        self.fields["tell"] = forms.BooleanField(
            label=_("Email everyone affected when the dates or location change"), required=False, initial=True
        )

    def clean(self) -> dict[str, Any]:
        """Check the order of the days here too, so that the page lists it together with all other errors."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and ends < begins:
            self.add_error("ends", EndsBeforeStart.message)
        return cleaned

    def get_notification_options(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("why", "tell")}

    def get_meeting_values(self) -> dict[str, Any]:
        """Return the values of the meeting's fields, including its texts by language."""
        cleaned = self.cleaned_data
        languages = list(dict.fromkeys([cleaned["original"], *cleaned["languages"]]))
        texts = {
            name: {code: cleaned[f"{name}_{code}"] for code in self.text_languages if cleaned[f"{name}_{code}"]}
            for name in TEXT_FIELDS
        }
        kept_texts = {
            name: {code: one for code, one in by_code.items() if code in languages} for name, by_code in texts.items()
        }
        if not kept_texts["title"]:  # the original language was changed: keep the texts as they are
            languages, kept_texts = list(dict.fromkeys([*languages, *self.text_languages])), texts
        values = {name: cleaned[name] for name in (*MEETING_FIELDS, "inside") if name in cleaned}
        return {**values, "state_id": cleaned["state"] or None, "languages": languages, **kept_texts}


MEETING_FIELDS = ("kind", "begins", "ends", "zone", "attendance", "city", "place", "address", "link", "entry")


class PublishForm(forms.Form):
    """Form for who can see the page of a meeting; nothing is chosen for a meeting that is not published."""

    access = forms.ChoiceField(label=_("Who will see this meeting"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        if meeting.is_published:
            kwargs["initial"] = {"access": meeting.access}
        super().__init__(*args, **kwargs)
        field: Any = self.fields["access"]
        self.audiences = audience_labels(meeting)
        field.choices = list(self.audiences.items())


class WithdrawForm(forms.Form):
    """Form for withdrawing a meeting from publication."""

    access = forms.ChoiceField(choices=[(AccessLevel.ORGANISERS.value, "")])


def audience_labels(meeting: models.Meeting) -> dict[str, str]:
    """Return, by access level, a description of who can see the page of a meeting published with it."""
    labels = {
        AccessLevel.PUBLIC: _now("everyone, including people without an account and search engines"),
        AccessLevel.SIGNED_IN: _now("everyone who has an account on this site and is signed in"),
        AccessLevel.NETWORK: "",
        AccessLevel.PARTICIPANTS: _now("people who have a confirmed place or appear in the programme"),
    }
    if meeting.network is not None:
        members = _now("current members of this network: %(network)s") % {"network": meeting.network.name}
        labels[AccessLevel.NETWORK] = members
    return {level.value: label for level, label in labels.items() if label}


class CancelForm(forms.Form):
    """Form for the reason for cancelling or reinstating a meeting."""

    why = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone who can see the meeting will see this, and everyone affected will get it by email."),
    )


class InvitedStatesForm(forms.Form):
    """Form for the invited states."""

    states = CollapsedChoicesField(label=_("Invited countries"))

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        invited = meeting.states.filter(place=CountryRole.INVITED).values_list("state_id", flat=True)
        kwargs["initial"] = {"states": list(invited)}
        super().__init__(*args, **kwargs)
        field: Any = self.fields["states"]
        field.choices = [one for one in country_choices(include_fictional=meeting.fictional) if one[0]]


class MeetingOrganisationForm(forms.Form):
    """Form for adding an organisation with its role at the meeting."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=queries_organisations.organisations().none(),
        to_field_name="public_id",
        empty_label="—",
    )
    role = forms.ChoiceField(label=_("Role"), choices=partial(enum_choices, models.MeetingOrganisation.Role))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["organisation"].queryset = selectable_organisations()
        fields["organisation"].label_from_instance = lambda one: one.name


class RelatedItemForm(forms.Form):
    """Form for a link to what the meeting is about."""

    kind = forms.ChoiceField(label=_("Type"), choices=partial(enum_choices, models.MeetingLink.Kind))
    key = forms.CharField(
        label=_("Reference"),
        max_length=80,
        help_text=_(
            "An article number, the last part of the web address of a finding or report, or the identifier of "
            "a subject."
        ),
    )


class DocumentForm(forms.Form):
    """Form for uploading a document, with its title, access level and embargo."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "PDF, DOCX, ODT, slides (PPTX, ODP), a spreadsheet (XLSX, ODS), plain text or an image, up to 20 "
            "MB. Files with macros are not accepted."
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.odt,.pptx,.odp,.xlsx,.ods,.txt,.png,.jpg,.jpeg,.webp"}),
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=lambda: [("", "—"), *language_choices()])
    access = forms.ChoiceField(label=_("Who can read it"), choices=partial(enum_choices, AccessLevel))
    embargo_until = ZonedDateTimeField(
        label=_("Available from"), required=False, help_text=_("Until then, only speakers and organisers can read it.")
    )
    session = forms.ModelChoiceField(
        label=_("Session"),
        queryset=models.Session.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("whole meeting"),
    )

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        own = get_language() or "en"
        kwargs["initial"] = {"access": AccessLevel.PARTICIPANTS, "language": meeting.original_language or own}
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["embargo_until"].zone = meeting.zone
        fields["session"].queryset = meeting.sessions.all()
        fields["session"].label_from_instance = lambda one: meeting.choose_text(one.title, own)
        self.original = meeting.original_language or own

    def get_document_values(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        title = {self.original: cleaned.pop("title")}
        return {**cleaned, "title": title, "filename": cleaned["file"].name or "file"}


class DutyForm(forms.Form):
    """Form for giving a helper a duty."""

    email = forms.EmailField(label=_("Email address of the person’s account"))
    kind = forms.ChoiceField(label=_("Task"))
    until = ZonedDateTimeField(label=_("Until"))

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        kwargs["initial"] = {"until": get_meeting_end(meeting)}
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        offered = [one for one in models.Duty.Kind if one != models.Duty.Kind.REVIEW or uses_reviews(meeting)]
        fields["kind"].choices = enum_choices(offered)
        fields["until"].zone = meeting.zone

    def clean_until(self) -> datetime:
        until: datetime = self.cleaned_data["until"]
        if until <= timezone.now():
            raise forms.ValidationError(_("Choose a time in the future."))
        return until
