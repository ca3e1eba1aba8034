"""Forms for opening registration, inviting, delegations, quotas and decisions."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.meeting import Entry
from samsvar.meetings.registration import FOLLOWS, QuotaKind, Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.forms.fields import ZonedDateTimeField
from samsvar.site.meetings.meeting.queries.opening import end_of
from samsvar.site.meetings.registration import labels as registration_labels
from samsvar.site.meetings.registration.forms.registration import LETTERS_IN, categories, groups
from samsvar.site.meetings.registration.queries.registrations import organisations
from samsvar.site.network.directory.forms import countries


class OpeningForm(forms.Form):
    """Who may ask for a place and from when until when, whether each is decided on, until when answers change."""

    entry = forms.ChoiceField(label=_("Who may ask for a place"))
    opens_at = ZonedDateTimeField(
        label=_("Opens"), required=False, help_text=_("Left empty: nobody can register, and no page says when.")
    )
    closes_at = ZonedDateTimeField(
        label=_("Closes"), required=False, help_text=_("Left empty: at the end of the last day.")
    )
    approval = forms.BooleanField(
        label=_("you decide on each registration"),
        required=False,
        help_text=_("A place is held from the moment that somebody asks until you decide."),
    )
    changes_until = ZonedDateTimeField(
        label=_("People change their own answers until"),
        required=False,
        help_text=_("Left empty: for as long as they have a place."),
    )

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        self.meeting = meeting
        kwargs["initial"] = {name: getattr(meeting, name) for name in OPENING}
        super().__init__(*args, **kwargs)
        choose: Any = self.fields
        choose["entry"].choices = [(one.value, words.ENTRIES[one]) for one in Entry]
        for name in ("opens_at", "closes_at", "changes_until"):
            choose[name].zone = meeting.zone

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        opens, closes, end = told.get("opens_at"), told.get("closes_at"), end_of(self.meeting)
        if closes and not opens and "opens_at" not in self.errors:
            self.add_error("opens_at", _now("Say when it opens, too."))
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _now("It would close before it opens."))
        for name in ("opens_at", "closes_at", "changes_until"):
            if told.get(name) and told[name] > end:
                self.add_error(name, _now("By then the meeting is over."))
        return told


OPENING = ("entry", "opens_at", "closes_at", "approval", "changes_until")


class InviteForm(forms.Form):
    """Whom an organiser invites, as what, and until when."""

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, or with commas between them; 500 at most."),
    )
    members = forms.BooleanField(label=_("and every member of the meeting’s network"), required=False)
    category = forms.ChoiceField(label=pgettext_lazy("takes part as", "As"))
    group = forms.ChoiceField(label=_("Group"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False, help_text=_("Leave open for them to say."))
    language = forms.ChoiceField(label=_("Language of the letter"), choices=LETTERS_IN)
    until = forms.DateField(label=_("Valid until"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        lists = (("category", categories()), ("group", groups()), ("country", countries(invented=meeting.invented)))
        for name, choices in lists:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        if meeting.network_id is None:
            del self.fields["members"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("addresses", "").strip() and not told.get("members"):
            self.add_error("addresses", _now("Write at least one address."))
        return told

    def clean_until(self) -> datetime:
        until = _end_of(self.cleaned_data["until"], self.meeting)
        if until <= timezone.now():
            raise forms.ValidationError(_("This day is over."))
        return until


class DelegationForm(forms.Form):
    """A delegation of a state or a body."""

    country = forms.ChoiceField(label=_("Country"), required=False)
    organisation = forms.ChoiceField(label=_("or organisation"), required=False)
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=500)
    head_email = forms.EmailField(label=_("E-mail address of the head"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language of our letters to the head"),
        required=False,
        choices=[("", _("that of their account here; without one, the meeting’s first")), *LETTERS_IN],
    )
    until = forms.DateField(label=_("Names until"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note for yourselves"), max_length=300, required=False)

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
        if delegation is not None:  # whose it is stays
            del self.fields["country"], self.fields["organisation"]
            return
        lists = (
            ("country", countries(invented=meeting.invented)),
            ("organisation", [("", "—"), *((str(one.pk), one.name) for one in organisations())]),
        )
        for name, choices in lists:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "country" in self.fields and bool(told.get("country")) == bool(told.get("organisation")):
            self.add_error("country", _now("Choose a country or an organisation, one of the two."))
        return told

    def clean_until(self) -> datetime:
        return _end_of(self.cleaned_data["until"], self.meeting)


class QuotaForm(forms.Form):
    """So many places of one kind."""

    what = forms.ChoiceField(label=_("Places for"))
    places = forms.IntegerField(label=_("Number"), min_value=0, max_value=100_000)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (f"{QuotaKind.WHOLE}:", registration_labels.QUOTA_KINDS[QuotaKind.WHOLE]),
            (_("Groups"), [(f"{QuotaKind.GROUP}:{code}", name) for code, name in groups() if code]),
            (_("Takes part as"), [(f"{QuotaKind.CATEGORY}:{code}", name) for code, name in categories()]),
            (
                _("Countries"),
                [(f"{QuotaKind.COUNTRY}:{code}", name) for code, name in countries(invented=meeting.invented) if code],
            ),
        ]

    def key(self) -> tuple[str, str]:
        kind, _colon, key = self.cleaned_data["what"].partition(":")
        return kind, key


class DecisionForm(forms.Form):
    """What shall become of the chosen registrations."""

    CHOICES = [
        ("approve", _("Approve")),
        ("refuse", _("Refuse")),
        ("put_back", _("Take the approval back")),
        ("withdraw", _("Take the place back")),
    ]
    what = forms.ChoiceField(label=_("With those chosen"), choices=CHOICES)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("The person reads it. Needed unless you approve."),
    )

    def __init__(self, *args: Any, standing: str = "", **kwargs: Any) -> None:
        """`standing`: of one registration; what does not follow from it is not offered."""
        super().__init__(*args, **kwargs)
        if standing:
            now = Standing(standing)
            leads = {
                "approve": now is Standing.ASKED,
                "refuse": Standing.REFUSED in FOLLOWS[now],
                "put_back": now is Standing.CONFIRMED,
                "withdraw": Standing.WITHDRAWN in FOLLOWS[now],
            }
            what = self.fields["what"]
            assert isinstance(what, forms.ChoiceField)
            what.label, what.choices = _("Decision"), [(code, word) for code, word in self.CHOICES if leads[code]]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("what") != "approve" and len(told.get("reason", "").strip()) < 10:
            self.add_error("reason", _now("Say why, in at least ten characters."))
        return told


class ListForm(forms.Form):
    """How the list of registrations leaves the site."""

    with_people_at_risk = forms.BooleanField(label=_("With the people who are at risk"), required=False)
    why = forms.CharField(
        label=_("For what it is needed"),
        max_length=300,
        required=False,
        help_text=_("Asked for with people at risk. It stands in the trail; name nobody."),
    )


class MoveForm(forms.Form):
    """Under what a registration is counted."""

    category = forms.ChoiceField(label=_("Takes part as"))
    group = forms.ChoiceField(label=_("Group"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = (("category", categories()), ("group", groups()), ("country", countries(invented=meeting.invented)))
        for name, choices in lists:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class GroupTableForm(forms.Form):
    """A table of people to register at once."""

    table = forms.FileField(
        label=_("Table"),
        help_text=_(
            "CSV or XLSX with the columns name, email, country, group, category, title, organisation and language. "
            "Headings and words are read in each language of this site."
        ),
    )
    encoding = forms.ChoiceField(
        label=_("Letters of a CSV that is not in Unicode"),
        choices=[
            ("cp1252", _("Windows, Western: é, ø, å")),
            ("cp1250", _("Windows, Central European: ă, ș, ž")),
        ],
        help_text=_("Excel’s “CSV” on Windows does not say. Look at the names before you register anybody."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"encoding": "cp1250" if get_language() == "ro" else "cp1252"})
        super().__init__(*args, **kwargs)


def _end_of(last_day: Any, meeting: models.Meeting) -> datetime:
    """The end of a day where the meeting is."""
    return datetime.combine(last_day, time(23, 59), tzinfo=ZoneInfo(meeting.zone))
