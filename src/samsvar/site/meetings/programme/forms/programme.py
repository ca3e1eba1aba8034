"""Forms for the draft programme: sessions, people in sessions, rooms, tracks, availability and publishing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.dates import display_date_range
from samsvar.meetings.meeting import AccessLevel, ProgrammeRole
from samsvar.meetings.programme import SessionKind, TrackColour, is_near_dates
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.forms.texts import TranslatedFieldOptions, add_translated_fields, pop_translations
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.registration.forms.registration import EMAIL_LANGUAGES
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.directory.forms import (
    OrganisationChoiceForm,
    country_choices,
    language_choices,
    unlisted_organisation_field,
)
from samsvar.site.network.labels import language_name
from samsvar.site.shell.labels import Label, enum_choices
from samsvar.territories import territory_name
from samsvar.text import choose_text

MIN_CHANNEL_FIELDS = 3  # number of interpretation channels that can be entered in an empty form
LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


class MeetingDateTimeField(forms.DateTimeField):
    """A field for a date and time in the meeting's time zone, regardless of the reader's own."""

    def __init__(self, zone: str, **more: Any) -> None:
        self.zone = ZoneInfo(zone)
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_FORMAT)
        super().__init__(widget=widget, input_formats=[LOCAL_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **more)

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(self.zone).strftime(LOCAL_FORMAT) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """Return the time in the meeting's zone. A time skipped by a clock change is invalid."""
        if value in self.empty_values:
            return None
        parsed = None
        for input_format in self.input_formats or ():
            try:
                parsed = datetime.strptime(str(value).strip(), input_format)  # noqa: DTZ007 - the meeting's zone is set below
            except ValueError:
                continue
            break
        invalid = forms.ValidationError(_("Enter a date and time, for example 2026-09-15T09:30."), code="invalid")
        if parsed is None:
            raise invalid
        moment = parsed.replace(tzinfo=self.zone)
        try:
            round_trip = moment.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None)
        except OverflowError:  # in the first and last hours that `datetime` can represent
            raise invalid from None
        if round_trip != parsed:
            message = _("This time does not exist, because the clocks go forward then.")
            raise forms.ValidationError(message, code="no_such_time")
        return moment


class _NearMeetingValidator:
    """A validator that rejects times far from the meeting."""

    def __init__(self, meeting: models.Meeting) -> None:
        self.meeting = meeting

    def __call__(self, moment: datetime) -> None:
        meeting = self.meeting
        if not is_near_dates(moment, meeting.begins, meeting.ends, ZoneInfo(meeting.zone)):
            days = display_date_range(meeting.begins, meeting.ends, get_language() or "en", meeting.precision)
            message = _("Sessions must be within a month of the meeting (%(days)s).")
            raise forms.ValidationError(message, code="far_away", params={"days": days})


def _session_time_field(meeting: models.Meeting, label: Label) -> MeetingDateTimeField:
    zone = _("Time zone: %(zone)s") % {"zone": meeting.zone}
    field = MeetingDateTimeField(meeting.zone, label=label, required=False, help_text=zone)
    field.validators.append(_NearMeetingValidator(meeting))
    return field


class SessionForm(forms.Form):
    """Form for a session: its texts in each language of the meeting, time, room, languages and visibility."""

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.meeting = meeting
        fields = self.fields
        title = TranslatedFieldOptions(_("Title in %(language)s"), 200, required=True)
        abstract = TranslatedFieldOptions(_("Description in %(language)s"), 5000, rows=4)
        add_translated_fields(self, meeting, {"title": title, "abstract": abstract})
        fields["kind"] = forms.ChoiceField(label=_("Type"), choices=enum_choices(SessionKind))
        fields["state"] = forms.ChoiceField(
            label=pgettext_lazy("of a session", "Status"),
            choices=enum_choices(models.Session.State),
            help_text=_("Drafts are not included in published versions."),
        )
        fields["starts"] = _session_time_field(meeting, _("Starts"))
        fields["ends"] = _session_time_field(meeting, _("Ends"))
        fields["room"] = _NamedModelChoiceField(label=_("Room"), queryset=meeting.rooms.all(), required=False)
        fields["track"] = _NamedModelChoiceField(label=_("Track"), queryset=meeting.tracks.all(), required=False)
        fields["languages"] = forms.MultipleChoiceField(
            label=_("Languages spoken"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=_language_choices(meeting, self.initial.get("languages", [])),
        )
        interpretation = self.initial.pop("interpreted", [])
        self.channels = range(1, max(len(interpretation) + 1, MIN_CHANNEL_FIELDS) + 1)
        choices = [("", "—"), *_language_choices(meeting, [channel["language"] for channel in interpretation])]
        for number in self.channels:
            fields[f"interpreted_{number}"] = forms.ChoiceField(
                label=_("Interpretation language %(number)s") % {"number": number}, required=False, choices=choices
            )
            fields[f"channel_{number}"] = forms.CharField(
                label=_("Interpretation channel %(number)s") % {"number": number}, required=False, max_length=20
            )
        for number, channel in enumerate(interpretation, start=1):
            self.initial[f"interpreted_{number}"] = channel["language"]
            self.initial[f"channel_{number}"] = channel.get("channel", "")
        fields["access"] = forms.ChoiceField(label=_("Visibility"), choices=enum_choices(AccessLevel))
        fields["places"] = forms.IntegerField(
            label=_("Places that can be booked"),
            required=False,
            min_value=1,
            max_value=100_000,
            help_text=_("Leave blank if people do not need to book a place."),
        )
        fields["articles"] = forms.CharField(
            label=_("Articles of the Convention"),
            required=False,
            max_length=100,
            help_text=_("Numbers, for example: 20 22"),
        )
        chosen = self.initial.get("findings", [])
        articles, language = self.initial.pop("of_articles", []), get_language() or "en"
        if choices := queries.finding_choices(meeting, articles, chosen, language=language):
            fields["findings"] = forms.MultipleChoiceField(
                label=_("Findings"),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=choices,
                help_text=_("Findings about the meeting’s countries under the articles saved above."),
            )
        fields["more_findings"] = forms.CharField(
            label=_("Further findings"),
            required=False,
            max_length=2000,
            help_text=_("Enter the addresses of the findings’ pages, separated by spaces."),
        )
        if practices := queries.practice_choices(self.initial.get("practices", []), language=language):
            fields["practices"] = forms.MultipleChoiceField(
                label=_("Practices"), required=False, widget=forms.CheckboxSelectMultiple, choices=practices
            )
        if inside := queries.inner_meetings(meeting):
            label = _("Meeting held in this session")
            fields["holds"] = _NamedModelChoiceField(label=label, queryset=inside, required=False)

    @classmethod
    def initial_from_session(cls, session: models.Session) -> dict[str, Any]:
        """Return the initial values for editing an existing session."""
        links, kinds = list(session.links.all()), models.MeetingLink.Kind
        articles = [one.key for one in links if one.kind == kinds.ARTICLE]
        same = ("kind", "state", "starts", "ends", "room", "track", "access", "places", "holds")
        return {
            **{f"title_{code}": text for code, text in session.title.items()},
            **{f"abstract_{code}": text for code, text in session.abstract.items()},
            **{name: getattr(session, name) for name in same},
            "languages": list(session.languages),
            "interpreted": list(session.interpreted),
            "articles": " ".join(articles),
            "findings": [one.key for one in links if one.kind == kinds.FINDING],
            "practices": [one.key for one in links if one.kind == kinds.PRACTICE],
            "of_articles": articles,
        }

    def clean_articles(self) -> list[str]:
        numbers = self.cleaned_data["articles"].replace(",", " ").split()
        invalid = [one for one in numbers if not (one.isdecimal() and 1 <= int(one) <= 81)]
        if invalid:
            message, wrong = _("There is no Article “%(wrong)s”."), {"wrong": invalid[0]}
            raise forms.ValidationError(message, code="no_article", params=wrong)
        return list(dict.fromkeys(str(int(one)) for one in numbers))

    def clean_more_findings(self) -> list[str]:
        addresses = self.cleaned_data["more_findings"].replace(",", " ").split()
        public_ids = list(dict.fromkeys(one.partition("#")[0].rstrip("/").rsplit("/", 1)[-1] for one in addresses))
        existing = set(Finding.objects.filter(public_id__in=public_ids).values_list("public_id", flat=True))
        invalid = [one for one in public_ids if one not in existing]
        if invalid:
            message, wrong = _("There is no finding “%(wrong)s”."), {"wrong": invalid[0]}
            raise forms.ValidationError(message, code="no_finding", params=wrong)
        return public_ids

    def _clean_interpretation(self, cleaned: dict[str, Any]) -> list[dict[str, str]]:
        """Return the interpretation channels as `save_session` expects them. A language listed twice is an error."""
        channels_by_language: dict[str, str] = {}
        for number in self.channels:
            language, channel = cleaned.pop(f"interpreted_{number}", ""), cleaned.pop(f"channel_{number}", "")
            if language in channels_by_language:
                self.add_error(f"interpreted_{number}", _("A language is listed twice."))
            elif language:
                channels_by_language[language] = channel
            elif channel:
                self.add_error(f"interpreted_{number}", _("Choose the language of this channel."))
        return [{"language": language, "channel": channel} for language, channel in channels_by_language.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end cannot be before the start."))
        if bool(starts) != bool(ends) and not {"starts", "ends"} & self.errors.keys():
            self.add_error("ends" if starts else "starts", _("Enter both a start time and an end time, or neither."))
        cleaned["interpreted"] = self._clean_interpretation(cleaned)
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return the arguments for `save_session`."""
        cleaned = dict(self.cleaned_data)
        texts = {name: pop_translations(cleaned, self.meeting, name) for name in ("title", "abstract")}
        findings = dict.fromkeys([*cleaned.pop("findings", []), *cleaned.pop("more_findings")])
        return {**cleaned, **texts, "findings": list(findings)}


class MoveSessionForm(forms.Form):
    """Form for moving a session to another time or room."""

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["starts"] = _session_time_field(meeting, _("Starts"))
        self.fields["minutes"] = forms.IntegerField(
            label=_("Duration (minutes)"),
            required=False,
            min_value=1,
            max_value=1440,
            help_text=_("Leave blank to keep the current duration."),
        )
        self.fields["room"] = _NamedModelChoiceField(label=_("Room"), queryset=meeting.rooms.all(), required=False)


class AppearanceForm(forms.Form):
    """Form for the role in which a person appears in a session."""

    part = forms.ChoiceField(label=_("Role in the session"), choices=partial(enum_choices, ProgrammeRole))
    language = forms.ChoiceField(
        label=_("Interprets into"),
        required=False,
        choices=lambda: [("", "—"), *language_choices()],
        help_text=_("For interpreters only."),
    )


class SpeakerForm(OrganisationChoiceForm, AppearanceForm):
    """Form for adding a speaker by name and email address, to which a link is sent."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    email = forms.EmailField(label=_("Email address"), max_length=254)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation_field()
    country = forms.ChoiceField(label=_("Country"), required=False)
    letters = forms.ChoiceField(label=_("Language of the email"), choices=EMAIL_LANGUAGES)
    field_order = (
        "name", "title", "email", "organisation", "organisation_in_words", "country", "letters", "part", "language",
    )  # fmt: skip

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choose: Any = self.fields["country"]
        choose.choices = country_choices(include_fictional=meeting.fictional)

    def values(self) -> dict[str, Any]:
        """Return the arguments for `invite_speaker`."""
        return self.data_with_organisation(country=self.cleaned_data["country"])


class OptionalModelChoiceField(forms.ModelChoiceField):
    """A model choice field whose empty choice is a dash."""

    def __init__(self, *args: Any, empty_label: str = "—", **more: Any) -> None:
        super().__init__(*args, empty_label=empty_label, **more)


class _StateField(OptionalModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return territory_name(obj.pk, get_language() or "en")


class OfficeHolderForm(forms.Form):
    """Form for a holder of public office who is named by a public source."""

    named = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    office = forms.CharField(label=_("Public office"), max_length=200)
    state = _StateField(label=_("Country"), queryset=State.objects.all(), required=False)
    source = forms.CharField(label=_("Source"), max_length=500, help_text=_("The public page that names this person."))
    part = forms.ChoiceField(label=_("Role in the session"), choices=partial(enum_choices, ProgrammeRole))


class UnnamedPersonForm(forms.Form):
    """Form for an unnamed person of whom only the country is known."""

    part = forms.ChoiceField(label=_("Role in the session"), choices=partial(enum_choices, ProgrammeRole))
    state = _StateField(label=_("Country"), queryset=State.objects.all())


class RoomForm(forms.Form):
    """Form for a room."""

    name = forms.CharField(label=_("Name"), max_length=80)
    capacity = forms.IntegerField(label=_("Seats"), required=False, min_value=1, max_value=1_000_000)


class TrackForm(forms.Form):
    """Form for a track, with its name in each language of the meeting."""

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.meeting = meeting
        name = TranslatedFieldOptions(_("Name in %(language)s"), 80, required=True)
        add_translated_fields(self, meeting, {"name": name})
        colours = [("", pgettext_lazy("a colour", "none")), *enum_choices(TrackColour)]
        self.fields["colour"] = forms.ChoiceField(label=_("Colour"), choices=colours, required=False)

    def values(self) -> dict[str, Any]:
        """Return the arguments for `save_track`."""
        cleaned = dict(self.cleaned_data)
        return {"name": pop_translations(cleaned, self.meeting, "name"), "colour": cleaned["colour"]}

    @classmethod
    def initial_from_track(cls, track: models.Track) -> dict[str, Any]:
        return {**{f"name_{code}": name for code, name in track.name.items()}, "colour": track.colour}


class AvailabilityForm(forms.Form):
    """Form for a period in which a person in the programme is available."""

    def __init__(self, meeting: models.Meeting, people: Mapping[str, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["person"] = forms.ChoiceField(label=_("Who"), choices=list(people.items()))
        zone = _("Time zone: %(zone)s") % {"zone": meeting.zone}
        self.fields["starts"] = MeetingDateTimeField(meeting.zone, label=_("From"), help_text=zone)
        self.fields["ends"] = MeetingDateTimeField(meeting.zone, label=_("Until"), help_text=zone)


class PublishVersionForm(forms.Form):
    """Form for publishing a new version."""

    note = forms.CharField(
        label=_("What’s new in this version"), required=False, max_length=300, help_text=_("Everyone can read this.")
    )
    notify = forms.BooleanField(label=_("Email the people affected by the changes"), required=False, initial=True)
    with_conflicts = forms.BooleanField(label=_("Publish despite conflicts"), required=False)


class _NamedModelChoiceField(OptionalModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        name = getattr(obj, "name", None) or obj.title
        return name if isinstance(name, str) else choose_text(name, get_language() or "en") or str(obj.pk)


def _language_choices(meeting: models.Meeting, chosen: Iterable[str]) -> list[tuple[str, str]]:
    """Return languages by name: those of the meeting and those already chosen first, then all others."""
    first = {code: language_name(code) for code in [*meeting.languages, *chosen]}
    return list((first | {code: name for code, name in language_choices() if code not in first}).items())
