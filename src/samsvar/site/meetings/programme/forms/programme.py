"""What an organiser writes into the programme: sessions, people in them, rooms, tracks, the note of a version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.dates import shown_span
from samsvar.meetings.meeting import Access, Part
from samsvar.meetings.programme import SessionKind, TrackColour, is_around
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.forms.texts import Text, add_texts, take_texts
from samsvar.site.meetings.programme import labels as programme_labels
from samsvar.site.meetings.programme.labels import TRACK_COLOURS
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.registration.forms.registration import LETTERS_IN
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.directory.forms import OrganisationAsked, countries, spoken, unlisted_organisation
from samsvar.site.network.labels import language_name
from samsvar.territories import name_of

CHANNELS = 3  # languages that a session is interpreted into, as the form has room for at first
LOCAL = "%Y-%m-%dT%H:%M"


class Moment(forms.DateTimeField):
    """A day and time in the meeting's zone, whichever zone the reader is in."""

    def __init__(self, zone: str, **more: Any) -> None:
        self.zone = ZoneInfo(zone)
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(widget=widget, input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **more)

    def near(self, meeting: models.Meeting) -> Moment:
        """The same field for a session, which is held around its meeting."""
        self.validators.append(_Around(meeting))
        return self

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(self.zone).strftime(LOCAL) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """The moment in UTC terms; a time that a clock change leaves out is refused, as it never comes."""
        if value in self.empty_values:
            return None
        found = None
        for form in self.input_formats or ():
            try:
                found = datetime.strptime(str(value).strip(), form)  # noqa: DTZ007 - the meeting's zone is set below
            except ValueError:
                continue
            break
        if found is None:
            raise forms.ValidationError(_("Write a day and a time, as 2026-09-15T09:30."), code="invalid")
        moment = found.replace(tzinfo=self.zone)
        try:
            back = moment.astimezone(ZoneInfo("UTC")).astimezone(self.zone).replace(tzinfo=None)
        except OverflowError:  # in the first and last hours that a calendar can say
            raise forms.ValidationError(_("Write a day and a time, as 2026-09-15T09:30."), code="invalid") from None
        if back != found:
            raise forms.ValidationError(
                _("There is no such time: the clocks are put forward then."), code="no_such_time"
            )
        return moment


class _Around:
    """Refuses a moment that is far from the meeting."""

    def __init__(self, meeting: models.Meeting) -> None:
        self.meeting = meeting

    def __call__(self, moment: datetime) -> None:
        meeting = self.meeting
        if not is_around(moment, meeting.begins, meeting.ends, ZoneInfo(meeting.zone)):
            raise forms.ValidationError(
                _("The meeting is held on %(days)s; a session lies at most a month before or after it."),
                code="far_away",
                params={"days": shown_span(meeting.begins, meeting.ends, get_language() or "en", meeting.precision)},
            )


class SessionForm(forms.Form):
    """A session: texts in each language of the meeting, when, where, in which languages, for whom."""

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.meeting = meeting
        fields = self.fields
        title = Text(_("Title in %(language)s"), 200, needed=True)
        add_texts(
            self, meeting, {"title": title, "abstract": Text(_("What it is about, in %(language)s"), 5000, rows=4)}
        )
        fields["kind"] = forms.ChoiceField(
            label=_("Kind"), choices=[(one.value, programme_labels.SESSION_KINDS[one]) for one in SessionKind]
        )
        fields["state"] = forms.ChoiceField(
            label=pgettext_lazy("of a session", "State"),
            choices=[(one.value, programme_labels.SESSION_STATES[one.value]) for one in models.Session.State],
            help_text=_("A draft is in no published version."),
        )
        zone = {"zone": meeting.zone}
        fields["starts"] = Moment(
            meeting.zone, label=_("Begins"), required=False, help_text=_("Time in %(zone)s") % zone
        ).near(meeting)
        fields["ends"] = Moment(
            meeting.zone, label=_("Ends"), required=False, help_text=_("Time in %(zone)s") % zone
        ).near(meeting)
        fields["room"] = _Named(label=_("Room"), queryset=meeting.rooms.all(), required=False)
        fields["track"] = _Named(label=_("Track"), queryset=meeting.tracks.all(), required=False)
        fields["languages"] = forms.MultipleChoiceField(
            label=_("Languages spoken"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=_languages(meeting, self.initial.get("languages", [])),
        )
        heard = self.initial.pop("interpreted", [])
        self.channels = range(1, max(len(heard) + 1, CHANNELS) + 1)
        known = [("", "—"), *_languages(meeting, [one["language"] for one in heard])]
        for number in self.channels:
            fields[f"interpreted_{number}"] = forms.ChoiceField(
                label=_("Interpreted into (%(number)s)") % {"number": number}, required=False, choices=known
            )
            fields[f"channel_{number}"] = forms.CharField(
                label=_("Its channel of the receivers (%(number)s)") % {"number": number}, required=False, max_length=20
            )
        for number, one in enumerate(heard, start=1):
            self.initial[f"interpreted_{number}"] = one["language"]
            self.initial[f"channel_{number}"] = one.get("channel", "")
        fields["access"] = forms.ChoiceField(
            label=_("Who may read of it"), choices=[(one.value, words.ACCESSES[one]) for one in Access]
        )
        fields["places"] = forms.IntegerField(
            label=_("Places to sign up for"),
            required=False,
            min_value=1,
            max_value=100_000,
            help_text=_("Empty where nobody has to sign up."),
        )
        fields["articles"] = forms.CharField(
            label=_("Articles of the Convention"), required=False, max_length=100, help_text=_("Numbers, as: 20 22")
        )
        chosen = self.initial.get("findings", [])
        if known := queries.findings_to_choose(
            meeting, self.initial.pop("of_articles", []), chosen, language=get_language() or "en"
        ):
            fields["findings"] = forms.MultipleChoiceField(
                label=_("Findings"),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=known,
                help_text=_("Those of the meeting’s countries under the articles that are stored above."),
            )
        fields["more_findings"] = forms.CharField(
            label=_("Further findings"),
            required=False,
            max_length=2000,
            help_text=_("The addresses of their pages, with spaces between."),
        )
        inside = queries.unheld(meeting)
        if inside:
            fields["holds"] = _Named(label=_("Meeting that is held in it"), queryset=inside, required=False)

    @classmethod
    def initial_of(cls, session: models.Session) -> dict[str, Any]:
        """What stands in the form of a session that is there."""
        links = list(session.links.all())
        return {
            **{f"title_{code}": text for code, text in session.title.items()},
            **{f"abstract_{code}": text for code, text in session.abstract.items()},
            "kind": session.kind,
            "state": session.state,
            "starts": session.starts,
            "ends": session.ends,
            "room": session.room,
            "track": session.track,
            "languages": list(session.languages),
            "interpreted": list(session.interpreted),
            "access": session.access,
            "places": session.places,
            "articles": " ".join(one.key for one in links if one.kind == models.Link.Kind.ARTICLE),
            "findings": [one.key for one in links if one.kind == models.Link.Kind.FINDING],
            "of_articles": [one.key for one in links if one.kind == models.Link.Kind.ARTICLE],
            "holds": session.holds,
        }

    def clean_articles(self) -> list[str]:
        numbers = self.cleaned_data["articles"].replace(",", " ").split()
        wrong = [one for one in numbers if not (one.isdecimal() and 1 <= int(one) <= 81)]
        if wrong:
            raise forms.ValidationError(
                _("There is no Article “%(wrong)s”."), code="no_article", params={"wrong": wrong[0]}
            )
        return list(dict.fromkeys(str(int(one)) for one in numbers))

    def clean_more_findings(self) -> list[str]:
        said = self.cleaned_data["more_findings"].replace(",", " ").split()
        asked = list(dict.fromkeys(one.partition("#")[0].rstrip("/").rsplit("/", 1)[-1] for one in said))
        known = set(Finding.objects.filter(public_id__in=asked).values_list("public_id", flat=True))
        wrong = [one for one in asked if one not in known]
        if wrong:
            raise forms.ValidationError(
                _("There is no finding “%(wrong)s”."), code="no_finding", params={"wrong": wrong[0]}
            )
        return asked

    def _heard(self, cleaned: dict[str, Any]) -> list[dict[str, str]]:
        """What is interpreted, as `save_session` takes it; a language that stands there twice is wrong."""
        found: dict[str, str] = {}
        for number in self.channels:
            language, channel = cleaned.pop(f"interpreted_{number}", ""), cleaned.pop(f"channel_{number}", "")
            if language in found:
                self.add_error(f"interpreted_{number}", _("A language stands there twice."))
            elif language:
                found[language] = channel
            elif channel:
                self.add_error(f"interpreted_{number}", _("Choose the language of this channel."))
        return [{"language": language, "channel": channel} for language, channel in found.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("It would end before it begins."))
        if bool(starts) != bool(ends) and not {"starts", "ends"} & self.errors.keys():
            self.add_error("ends" if starts else "starts", _("Say both when it begins and when it ends, or neither."))
        cleaned["interpreted"] = self._heard(cleaned)
        return cleaned

    def values(self) -> dict[str, Any]:
        """What `save_session` takes."""
        cleaned = dict(self.cleaned_data)
        texts = {name: take_texts(cleaned, self.meeting, name) for name in ("title", "abstract")}
        findings = dict.fromkeys([*cleaned.pop("findings", []), *cleaned.pop("more_findings")])
        return {**cleaned, **texts, "findings": list(findings)}


class MoveForm(forms.Form):
    """Another time or another room."""

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["starts"] = Moment(
            meeting.zone, label=_("Begins"), required=False, help_text=_("Time in %(zone)s") % {"zone": meeting.zone}
        ).near(meeting)
        self.fields["minutes"] = forms.IntegerField(
            label=_("Minutes"), required=False, min_value=1, max_value=1440, help_text=_("Empty: as long as before.")
        )
        self.fields["room"] = _Named(label=_("Room"), queryset=meeting.rooms.all(), required=False)


class PartForm(forms.Form):
    """As what somebody appears."""

    part = forms.ChoiceField(label=_("Appears as"), choices=[(one.value, programme_labels.PARTS[one]) for one in Part])
    language = forms.ChoiceField(label=_("Interprets into"), required=False, help_text=_("For interpreters alone."))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choose: Any = self.fields["language"]
        choose.choices = [("", "—"), *spoken()]


class ExpertForm(OrganisationAsked, PartForm):
    """Somebody whom nobody here knows yet, with the address to which they are written."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    title = forms.CharField(label=_("Position"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()
    country = forms.ChoiceField(label=_("Country"), required=False)
    letters = forms.ChoiceField(label=_("Language of the letter"), choices=LETTERS_IN)
    field_order = (
        "name",
        "title",
        "email",
        "organisation",
        "organisation_in_words",
        "country",
        "letters",
        "part",
        "language",
    )

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choose: Any = self.fields["country"]
        choose.choices = countries(invented=meeting.invented)

    def values(self) -> dict[str, Any]:
        """What `put_in` takes."""
        return self.told_as_one(country=self.cleaned_data["country"])


class OfficeHolderForm(forms.Form):
    """A holder of public office whom a public source names."""

    named = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    office = forms.CharField(label=_("Office"), max_length=200)
    state = forms.ModelChoiceField(label=_("Country"), queryset=State.objects.none(), required=False)
    source = forms.CharField(label=_("Source"), max_length=500, help_text=_("The public page that names them."))
    part = forms.ChoiceField(label=_("Appears as"), choices=[(one.value, programme_labels.PARTS[one]) for one in Part])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["state"] = _state_field(required=False)


class UnnamedForm(forms.Form):
    """Somebody from a country whom nobody names yet."""

    part = forms.ChoiceField(label=_("Appears as"), choices=[(one.value, programme_labels.PARTS[one]) for one in Part])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["state"] = _state_field(required=True)


class RoomForm(forms.Form):
    """A room."""

    name = forms.CharField(label=_("Name"), max_length=80)
    capacity = forms.IntegerField(label=_("Seats"), required=False, min_value=1, max_value=1_000_000)


class TrackForm(forms.Form):
    """A track, in each language of the meeting."""

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.meeting = meeting
        add_texts(self, meeting, {"name": Text(_("Name in %(language)s"), 80, needed=True)})
        self.fields["colour"] = forms.ChoiceField(
            label=_("Colour"),
            choices=[
                ("", pgettext_lazy("a colour", "none")),
                *((one.value, TRACK_COLOURS[one]) for one in TrackColour),
            ],
            required=False,
        )

    def values(self) -> dict[str, Any]:
        """What `save_track` takes."""
        cleaned = dict(self.cleaned_data)
        return {"name": take_texts(cleaned, self.meeting, "name"), "colour": cleaned["colour"]}

    @classmethod
    def initial_of(cls, track: models.Track) -> dict[str, Any]:
        return {**{f"name_{code}": said for code, said in track.name.items()}, "colour": track.colour}


class AvailableForm(forms.Form):
    """A time at which somebody in the programme can appear."""

    def __init__(self, meeting: models.Meeting, people: Mapping[str, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["person"] = forms.ChoiceField(label=_("Who"), choices=list(people.items()))
        zone = _("Time in %(zone)s") % {"zone": meeting.zone}
        self.fields["starts"] = Moment(meeting.zone, label=_("From"), help_text=zone)
        self.fields["ends"] = Moment(meeting.zone, label=_("Until"), help_text=zone)


class PublishForm(forms.Form):
    """A new version."""

    note = forms.CharField(
        label=_("What is new in it"), required=False, max_length=300, help_text=_("Everybody can read this.")
    )
    tell_them = forms.BooleanField(label=_("Write to those whom the changes concern"), required=False, initial=True)
    with_conflicts = forms.BooleanField(label=_("Publish it although something does not fit"), required=False)


class OneOf(forms.ModelChoiceField):
    """A choice among rows, where a dash says that none is chosen."""

    def __init__(self, *args: Any, empty_label: str = "—", **more: Any) -> None:
        super().__init__(*args, empty_label=empty_label, **more)


class _Named(OneOf):
    def label_from_instance(self, one: Any) -> str:
        name = getattr(one, "name", None) or one.title
        return name if isinstance(name, str) else str(next(iter(name.values()), one.pk))


def _state_field(*, required: bool) -> forms.ModelChoiceField:
    return _StateField(label=_("Country"), queryset=State.objects.all(), required=required)


class _StateField(OneOf):
    def label_from_instance(self, one: Any) -> str:
        return name_of(one.pk, get_language() or "en")


def _languages(meeting: models.Meeting, kept: Iterable[str]) -> list[tuple[str, str]]:
    """Languages by name: those of the meeting and those that are chosen first, then all that people speak here."""
    first = dict.fromkeys([*meeting.languages, *kept])
    return [*((code, language_name(code)) for code in first), *(one for one in spoken() if one[0] not in first)]
