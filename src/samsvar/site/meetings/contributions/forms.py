"""Forms for the call for contributions: the call itself, submissions, reviews and decisions."""

from __future__ import annotations

from functools import partial
from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.contributions import ReviewVisibility
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions.labels import OFFERED_KINDS
from samsvar.site.meetings.meeting.forms.texts import TranslatedFieldOptions, add_translated_fields, pop_translations
from samsvar.site.meetings.programme.forms.programme import MeetingDateTimeField, OptionalModelChoiceField
from samsvar.site.meetings.registration.actions.naming_consent import current_consent_version
from samsvar.site.meetings.registration.forms.registration import set_country_choices
from samsvar.site.meetings.registration.queries.naming_consent import current_naming_consent_text
from samsvar.site.network.directory.forms import OrganisationChoiceForm, unlisted_organisation_field
from samsvar.site.network.labels import language_name
from samsvar.site.shell.labels import enum_choices
from samsvar.text import choose_text

# fields about the author, which are not fields of the contribution
PERSON_FIELDS = ("name", "organisation", "organisation_in_words", "country", "named")


class CallForm(forms.Form):
    """Form for a call: its text in each language of the meeting, its dates, and how contributions are reviewed."""

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.meeting = meeting
        text_options = TranslatedFieldOptions(_("Text of the call in %(language)s"), 5000, required=True, rows=5)
        add_translated_fields(self, meeting, {"text": text_options})
        zone = _("Time zone: %(zone)s") % {"zone": meeting.zone}
        self.fields["opens_at"] = MeetingDateTimeField(meeting.zone, label=_("Opens"), help_text=zone)
        self.fields["closes_at"] = MeetingDateTimeField(meeting.zone, label=_("Closes"), help_text=zone)
        self.fields["languages"] = forms.CharField(
            label=_("Accepted languages"), max_length=100, help_text=_("Language codes, for example: en fr")
        )
        self.fields["reviewed"] = forms.BooleanField(
            label=_("Reviewers rate the proposals"),
            required=False,
            help_text=_("If not selected, no one is asked to review and existing reviews are not shown to anyone."),
        )
        self.fields["reviews_seen"] = forms.ChoiceField(
            label=_("Reviewers can see others’ reviews"),
            choices=enum_choices(ReviewVisibility),
            help_text=_("This applies to all reviewers, regardless of their other roles."),
        )

    def clean_languages(self) -> list[str]:
        codes = list(dict.fromkeys(self.cleaned_data["languages"].lower().replace(",", " ").split()))
        wrong = [code for code in codes if code not in Locale("en").languages]
        if wrong:
            raise forms.ValidationError(
                _("“%(code)s” is not a language code such as en or fr."), code="no_language", params={"code": wrong[0]}
            )
        return codes

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("The call cannot close before it opens."))
        return cleaned

    def get_values(self) -> dict[str, Any]:
        """Return the keyword arguments for `save_call`."""
        cleaned = dict(self.cleaned_data)
        text = pop_translations(cleaned, self.meeting, "text")
        return {**cleaned, "text": text, "reviews_seen": ReviewVisibility(cleaned["reviews_seen"])}

    @classmethod
    def get_initial_values(cls, call: models.ContributionCall | None) -> dict[str, Any]:
        if call is None:
            return {"reviewed": True, "languages": "en"}
        texts = {f"text_{code}": text for code, text in call.text.items()}
        unchanged = {name: getattr(call, name) for name in ("opens_at", "closes_at", "reviewed", "reviews_seen")}
        return {**texts, **unchanged, "languages": " ".join(call.languages)}


class SubmissionLinkForm(forms.Form):
    """Form for the email address to which a submission link is sent."""

    email = forms.EmailField(label=_("Your email address"), max_length=254)


class TrackField(OptionalModelChoiceField):
    """Field for a track of the meeting, shown by its name in the active language."""

    def label_from_instance(self, track: Any) -> str:
        return choose_text(track.name, get_language() or "en", next(iter(track.name), ""))


class ContributionForm(OrganisationChoiceForm):
    """Form with which an author submits or changes a contribution."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, help_text=_("Reviewers do not see your name. You can use a pseudonym.")
    )
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation_field()
    country = forms.ChoiceField(label=_("Country"), required=False)
    named = forms.BooleanField(label=_("My name may appear in the public programme"), required=False)
    title = forms.CharField(label=_("Title"), max_length=200)
    abstract = forms.CharField(label=_("Subject"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}))
    kind = forms.ChoiceField(label=_("Type"), choices=partial(enum_choices, OFFERED_KINDS))
    track = TrackField(label=_("Track"), queryset=models.Track.objects.none(), required=False)
    articles = forms.CharField(
        label=_("Articles of the Convention"),
        required=False,
        max_length=100,
        help_text=_("Numbers, for example: 20 22"),
    )
    with_others = forms.CharField(
        label=_("Co-presenters"),
        required=False,
        max_length=300,
        help_text=_("Get their agreement first. Only the organisers see these names."),
    )

    def __init__(self, call: models.ContributionCall, *args: Any, knows_name: bool = False, **more: Any) -> None:
        super().__init__(*args, asks_organisation=not knows_name, **more)
        languages = [(code, language_name(code)) for code in call.languages]
        self.fields["language"] = forms.ChoiceField(label=_("Language you will use"), choices=languages)
        self.fields["track"].queryset = call.meeting.tracks.all()  # type: ignore[attr-defined]
        if not call.meeting.tracks.exists():
            del self.fields["track"]
        if knows_name:
            for field in ("name", "country", "named"):
                del self.fields[field]
        else:
            set_country_choices(self, call.meeting)
            self.fields["named"].help_text = current_naming_consent_text()
            if not call.reviewed:
                self.fields["name"].help_text = _("You can use a pseudonym.")

    def clean_articles(self) -> list[str]:
        numbers = self.cleaned_data["articles"].replace(",", " ").split()
        wrong = [one for one in numbers if not (one.isdecimal() and 1 <= int(one) <= 81)]
        if wrong:
            raise forms.ValidationError(
                _("There is no Article “%(wrong)s”."), code="no_article", params={"wrong": wrong[0]}
            )
        return list(dict.fromkeys(str(int(one)) for one in numbers))

    def get_contribution_values(self) -> dict[str, Any]:
        """Return the values of the contribution's own fields."""
        return {name: value for name, value in self.cleaned_data.items() if name not in PERSON_FIELDS}

    def get_author_values(self) -> dict[str, Any]:
        """Return the author's details, and the version of the consent text if the programme may name them."""
        data = self.data_with_organisation(country=self.cleaned_data["country"])
        author = {name: data[name] for name in ("name", "organisation", "country")}
        return {**author, "named": current_consent_version() if data["named"] else ""}

    @classmethod
    def get_initial_values(cls, contribution: models.Contribution) -> dict[str, Any]:
        names = ("title", "abstract", "language", "kind", "track", "with_others")
        return {**{name: getattr(contribution, name) for name in names}, "articles": " ".join(contribution.articles)}


class ContributionReviewForm(forms.Form):
    """Form for a review of a contribution."""

    score = forms.TypedChoiceField(
        label=_("Your rating"),
        coerce=int,
        choices=[
            (5, _("5 – very good")),
            (4, _("4 – good")),
            (3, _("3 – could be in the programme")),
            (2, _("2 – probably not")),
            (1, _("1 – no")),
        ],
    )
    text = forms.CharField(label=_("Reason"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 5}))


class ContributionDecisionForm(forms.Form):
    """Form for a decision on a contribution, with its reason."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=[("accept", _("accept (creates a draft session)")), ("decline", _("decline"))]
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Included in the email to the person who submitted the proposal. Required if you decline it."),
    )
