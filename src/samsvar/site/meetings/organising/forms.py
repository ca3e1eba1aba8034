"""Forms for creating, editing and cancelling a meeting, its countries, organisations, links, documents and helpers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.languages import best
from samsvar.meetings.meeting import Access, Attendance, Entry, MeetingKind, PlaceOf
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions.queries import asks_for_reviews
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.forms.fields import ZonedDateTimeField, _choices, zones
from samsvar.site.meetings.organising.queries import organisations_to_choose
from samsvar.site.network.access.permissions import Network
from samsvar.site.network.directory.forms import countries, spoken
from samsvar.site.network.directory.queries import organisations as queries_organisations
from samsvar.site.network.labels import language_name
from samsvar.site.network.membership import queries as directory

TEXTS = ("title", "purpose", "practical")  # said once in each language of the meeting


class MeetingForm(forms.Form):
    """A meeting as its organiser says it. `meeting` None: one that is announced, with its texts in one language."""

    public_id = forms.SlugField(
        label=_("Address"),
        max_length=40,
        help_text=_("The last part of its address, in small letters: oslo-2027. It stays as it is."),
    )
    network = forms.ModelChoiceField(
        label=_("Network"), queryset=directory.networks().none(), to_field_name="slug", empty_label="—"
    )
    kind = forms.ChoiceField(label=_("Kind"))
    inside = forms.ModelChoiceField(
        label=_("Held inside"),
        queryset=models.Meeting.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("no other meeting"),
    )
    begins = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    zone = forms.ChoiceField(label=_("Time zone"), help_text=_("All times of the meeting are read and shown in it."))
    attendance = forms.ChoiceField(label=_("How people take part"))
    state = forms.ChoiceField(label=_("Country"), required=False)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    place = forms.CharField(label=_("House"), max_length=160, required=False)
    address = forms.CharField(label=_("Street and number"), max_length=300, required=False)
    link = forms.URLField(
        label=_("Online room"),
        required=False,
        assume_scheme="https",
        help_text=_("Shown to those alone whose place is confirmed."),
    )
    access = forms.ChoiceField(label=_("Who may know of it"))
    entry = forms.ChoiceField(label=_("Who may ask for a place"))
    original = forms.ChoiceField(label=_("Language of the original texts"))
    languages = forms.MultipleChoiceField(
        label=_("Also in"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Store, and the texts can be written in each of these. A language that is let go takes its texts."),
    )

    def __init__(
        self, *args: Any, meeting: models.Meeting | None, networks: list[Network], outer: Any, **kwargs: Any
    ) -> None:
        own = get_language() or "en"
        self.meeting = meeting
        known = list(meeting.languages) if meeting else [own]
        kwargs["initial"] = {
            **({name: getattr(meeting, name) for name in COLUMNS} if meeting else {"zone": "Europe/Oslo"}),
            "state": (meeting.state_id if meeting else "") or "",
            "inside": meeting.inside.public_id if meeting and meeting.inside else None,
            "original": (known or [own])[0],
            "languages": known[1:],
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        self._choose(networks, outer)
        self.written = tuple(known or [own])
        for code in self.written:
            for name in TEXTS:
                self.fields[f"{name}_{code}"] = self._text(name, code)
                if meeting:
                    self.initial[f"{name}_{code}"] = getattr(meeting, name).get(code, "")
        if meeting:
            for name in ("public_id", "network", "entry"):  # who may ask for a place: where registration is opened
                del self.fields[name]
            self._add_telling()

    def _choose(self, networks: list[Network], outer: Any) -> None:
        choose: Any = self.fields
        choose["network"].queryset = directory.networks().filter(pk__in=[one.pk for one in networks])
        choose["network"].label_from_instance = lambda one: one.name
        choose["inside"].queryset = outer
        choose["inside"].label_from_instance = lambda one: best(one.title, get_language() or "en", one.languages[0])[1]
        choose["kind"].choices = _choices(MeetingKind, words.KINDS)
        choose["zone"].choices = zones(get_language() or "en")
        choose["attendance"].choices = _choices(Attendance, words.ATTENDANCES)
        choose["state"].choices = countries()
        choose["access"].choices = _choices(
            (Access.PUBLIC, Access.SIGNED_IN, Access.NETWORK, Access.PARTICIPANTS, Access.ORGANISERS), words.ACCESSES
        )
        choose["entry"].choices = _choices(Entry, words.ENTRIES)
        choose["original"].choices = spoken()
        choose["languages"].choices = spoken()

    def _text(self, name: str, code: str) -> forms.CharField:
        language = language_name(code)
        if name == "title":
            label, widget = _("Title, in %(language)s") % {"language": language}, forms.TextInput(attrs={"lang": code})
            return forms.CharField(
                label=label, max_length=200, required=code == self.initial["original"], widget=widget
            )
        said = _("What it is for, in %(language)s") if name == "purpose" else _("Good to know, in %(language)s")
        area = forms.Textarea(attrs={"rows": 4, "lang": code})
        return forms.CharField(label=said % {"language": language}, max_length=2000, required=False, widget=area)

    def _add_telling(self) -> None:
        """Whoever has planned to come is told of other days and another place."""
        self.fields["why"] = forms.CharField(
            label=_("Why the days or the place change"),
            max_length=300,
            required=False,
            help_text=_("Everybody concerned reads it in their letter."),
        )
        self.fields["tell"] = forms.BooleanField(
            label=_("write to everybody concerned when the days or the place change"), required=False, initial=True
        )

    def to_tell(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("why", "tell")}

    def said(self) -> dict[str, Any]:
        """The columns of the meeting."""
        cleaned = self.cleaned_data
        languages = list(dict.fromkeys([cleaned["original"], *cleaned["languages"]]))
        texts = {
            name: {code: cleaned[f"{name}_{code}"] for code in self.written if cleaned[f"{name}_{code}"]}
            for name in TEXTS
        }
        kept = {name: {code: one for code, one in said.items() if code in languages} for name, said in texts.items()}
        if not kept["title"]:  # the original language was changed: what was written stays what it is
            languages, kept = list(dict.fromkeys([*languages, *self.written])), texts
        return {
            **{name: cleaned[name] for name in COLUMNS if name in cleaned},
            "state_id": cleaned["state"] or None,
            "inside": cleaned["inside"],
            "languages": languages,
            **kept,
        }


COLUMNS = ("kind", "begins", "ends", "zone", "attendance", "city", "place", "address", "link", "access", "entry")


class CancelForm(forms.Form):
    """Why a meeting is cancelled."""

    why = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who may know of the meeting reads it, and everybody concerned in their letter."),
    )


class StatesForm(forms.Form):
    """The states that are invited."""

    states = forms.MultipleChoiceField(
        label=_("Invited countries"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        invited = meeting.states.filter(place=PlaceOf.INVITED).values_list("state_id", flat=True)
        kwargs["initial"] = {"states": list(invited)}
        super().__init__(*args, **kwargs)
        choose: Any = self.fields["states"]
        choose.choices = [one for one in countries(invented=meeting.invented) if one[0]]


class OrganisationForm(forms.Form):
    """A body, and what it is to the meeting."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=queries_organisations.organisations().none(),
        to_field_name="public_id",
        empty_label="—",
    )
    role = forms.ChoiceField(label=_("It is"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose: Any = self.fields
        choose["organisation"].queryset = organisations_to_choose()
        choose["organisation"].label_from_instance = lambda one: one.name
        choose["role"].choices = [(one.value, words.ROLES[one.value]) for one in models.MeetingOrganisation.Role]


class LinkForm(forms.Form):
    """What a meeting is about."""

    kind = forms.ChoiceField(label=_("Kind"))
    key = forms.CharField(
        label=_("Which"),
        max_length=80,
        help_text=_("An article’s number, the last part of the address of a finding or report, or a subject’s key."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose: Any = self.fields["kind"]
        choose.choices = [(one.value, words.LINKS[one.value]) for one in models.Link.Kind]


class DocumentForm(forms.Form):
    """A file, its title, and who may read it from when."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "PDF, DOCX, ODT, slides (PPTX, ODP), a table (XLSX, ODS), plain text or a picture, up to 20 MB. No macros."
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.odt,.pptx,.odp,.xlsx,.ods,.txt,.png,.jpg,.jpeg,.webp"}),
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), required=False)
    access = forms.ChoiceField(label=_("Who may read it"))
    embargo_until = ZonedDateTimeField(
        label=_("Not before"),
        required=False,
        help_text=_("Until then speakers and organisers alone read it."),
    )
    session = forms.ModelChoiceField(
        label=_("Session"),
        queryset=models.Session.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("of the whole meeting"),
    )

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        own = get_language() or "en"
        kwargs["initial"] = {"access": Access.PARTICIPANTS, "language": (meeting.languages or [own])[0]}
        super().__init__(*args, **kwargs)
        choose: Any = self.fields
        choose["language"].choices = [("", "—"), *spoken()]
        choose["access"].choices = _choices(Access, words.ACCESSES)
        choose["embargo_until"].zone = meeting.zone
        choose["session"].queryset = meeting.sessions.all()
        choose["session"].label_from_instance = lambda one: best(one.title, own, (meeting.languages or [""])[0])[1]
        self.original = (meeting.languages or [own])[0]

    def said(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        title = {self.original: cleaned.pop("title")}
        return {**cleaned, "title": title, "filename": cleaned["file"].name or "file"}


class DutyForm(forms.Form):
    """Somebody who helps with one thing."""

    email = forms.EmailField(label=_("Address of the account"))
    kind = forms.ChoiceField(label=_("Helps"))
    until = ZonedDateTimeField(label=_("Until"))

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        end = datetime.combine(meeting.ends + timedelta(days=1), datetime.min.time(), tzinfo=ZoneInfo(meeting.zone))
        kwargs["initial"] = {"until": end}
        super().__init__(*args, **kwargs)
        choose: Any = self.fields
        offered = [one for one in models.Duty.Kind if one != models.Duty.Kind.REVIEW or asks_for_reviews(meeting)]
        choose["kind"].choices = [(one.value, words.DUTIES[one.value]) for one in offered]
        choose["until"].zone = meeting.zone

    def clean_until(self) -> datetime:
        until: datetime = self.cleaned_data["until"]
        if until <= timezone.now():
            raise forms.ValidationError(_("Choose a moment to come."))
        return until
