"""What an organiser says of a call, somebody offers, a reviewer judges and an organiser decides."""

from __future__ import annotations

from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.languages import best
from samsvar.meetings.contributions import ReviewsSeen
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions.labels import OFFERED_KINDS, SEEN
from samsvar.site.meetings.meeting.forms.texts import Text, add_texts, take_texts
from samsvar.site.meetings.programme import labels as words
from samsvar.site.meetings.programme.forms.programme import Moment, OneOf
from samsvar.site.meetings.registration.actions.naming_consent import text_of_today
from samsvar.site.meetings.registration.queries.naming_consent import sentences_of_today
from samsvar.site.network.directory.forms import OrganisationAsked, countries, unlisted_organisation
from samsvar.site.network.labels import language_name

# and not about what is offered
ABOUT_THE_PERSON = ("name", "organisation", "organisation_in_words", "country", "named")


class CallForm(forms.Form):
    """The call: its text in each language of the meeting, from when to when, how it is judged."""

    def __init__(self, meeting: models.Meeting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.meeting = meeting
        add_texts(self, meeting, {"text": Text(_("Text of the call in %(language)s"), 5000, needed=True, rows=5)})
        zone = _("Time in %(zone)s") % {"zone": meeting.zone}
        self.fields["opens_at"] = Moment(meeting.zone, label=_("Opens"), help_text=zone)
        self.fields["closes_at"] = Moment(meeting.zone, label=_("Closes"), help_text=zone)
        self.fields["languages"] = forms.CharField(
            label=_("Languages in which something may be held"), max_length=100, help_text=_("Codes, as: en fr")
        )
        self.fields["reviewed"] = forms.BooleanField(
            label=_("Reviewers judge what is offered"),
            required=False,
            help_text=_("Without it nobody is asked to review, and what reviewers have said is shown to nobody."),
        )
        self.fields["reviews_seen"] = forms.ChoiceField(
            label=_("Reviewers see what others said"),
            choices=[(one.value, SEEN[one]) for one in ReviewsSeen],
            help_text=_("This holds for everybody who reviews, whatever other role they have."),
        )

    def clean_languages(self) -> list[str]:
        codes = list(dict.fromkeys(self.cleaned_data["languages"].lower().replace(",", " ").split()))
        wrong = [code for code in codes if code not in Locale("en").languages]
        if wrong:
            raise forms.ValidationError(
                _("“%(code)s” is no code of a language, as en or fr are."),
                code="no_language",
                params={"code": wrong[0]},
            )
        return codes

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("The call would close before it opens."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What `open_call` takes."""
        cleaned = dict(self.cleaned_data)
        text = take_texts(cleaned, self.meeting, "text")
        return {**cleaned, "text": text, "reviews_seen": ReviewsSeen(cleaned["reviews_seen"])}

    @classmethod
    def initial_of(cls, call: models.ContributionCall | None) -> dict[str, Any]:
        if call is None:
            return {"reviewed": True, "languages": "en"}
        return {
            **{f"text_{code}": said for code, said in call.text.items()},
            "opens_at": call.opens_at,
            "closes_at": call.closes_at,
            "languages": " ".join(call.languages),
            "reviewed": call.reviewed,
            "reviews_seen": call.reviews_seen,
        }


class AddressForm(forms.Form):
    """An address to which a link is sent."""

    email = forms.EmailField(label=_("Your e-mail address"), max_length=254)


class OfferForm(OrganisationAsked):
    """What somebody offers."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, help_text=_("Reviewers do not see it. A pseudonym is a name.")
    )
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()
    country = forms.ChoiceField(label=_("Country"), required=False)
    named = forms.BooleanField(label=_("My name may stand in the public programme"), required=False)
    title = forms.CharField(label=_("Title"), max_length=200)
    abstract = forms.CharField(label=_("What it is about"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}))
    kind = forms.ChoiceField(label=_("Kind"), choices=[(one.value, words.SESSION_KINDS[one]) for one in OFFERED_KINDS])
    track = forms.ModelChoiceField(label=_("Track"), queryset=models.Track.objects.none(), required=False)
    articles = forms.CharField(
        label=_("Articles of the Convention"), required=False, max_length=100, help_text=_("Numbers, as: 20 22")
    )
    with_others = forms.CharField(
        label=_("Who holds it with you"),
        required=False,
        max_length=300,
        help_text=_("Ask them first. Only those who run the meeting read it."),
    )

    def __init__(self, call: models.ContributionCall, *args: Any, knows_name: bool = False, **more: Any) -> None:
        super().__init__(*args, asks_organisation=not knows_name, **more)
        languages = [(code, language_name(code)) for code in call.languages]
        self.fields["language"] = forms.ChoiceField(label=_("Language in which you hold it"), choices=languages)
        tracks = call.meeting.tracks.all()
        self.fields["track"] = _Tracks(label=_("Track"), queryset=tracks, required=False)
        if not tracks:
            del self.fields["track"]
        if knows_name:
            for field in ("name", "country", "named"):
                del self.fields[field]
        else:
            asked = self.fields["country"]
            assert isinstance(asked, forms.ChoiceField)
            asked.choices = countries(invented=call.meeting.invented)
            self.fields["named"].help_text = sentences_of_today()
            if not call.reviewed:
                self.fields["name"].help_text = _("A pseudonym is a name.")

    def clean_articles(self) -> list[str]:
        numbers = self.cleaned_data["articles"].replace(",", " ").split()
        wrong = [one for one in numbers if not (one.isdecimal() and 1 <= int(one) <= 81)]
        if wrong:
            raise forms.ValidationError(
                _("There is no Article “%(wrong)s”."), code="no_article", params={"wrong": wrong[0]}
            )
        return list(dict.fromkeys(str(int(one)) for one in numbers))

    def said(self) -> dict[str, Any]:
        """The columns of a contribution."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ABOUT_THE_PERSON}

    def person(self) -> dict[str, str]:
        """Who offers it, and whether the programme may name them."""
        told = self.told_as_one(country=self.cleaned_data["country"])
        return {
            "name": told["name"],
            "organisation": told["organisation"],
            "country": told["country"],
            "named": text_of_today() if told["named"] else "",
        }

    @classmethod
    def initial_of(cls, row: models.Contribution) -> dict[str, Any]:
        return {
            "title": row.title,
            "abstract": row.abstract,
            "language": row.language,
            "kind": row.kind,
            "track": row.track,
            "articles": " ".join(row.articles),
            "with_others": row.with_others,
        }


class _Tracks(OneOf):
    def label_from_instance(self, one: Any) -> str:
        return best(one.name, get_language() or "en", next(iter(one.name), ""))[1]


class ReviewForm(forms.Form):
    """A judgement of one contribution."""

    score = forms.TypedChoiceField(
        label=_("Your judgement"),
        coerce=int,
        choices=[
            (5, _("5, very good")),
            (4, _("4, good")),
            (3, _("3, could be in the programme")),
            (2, _("2, rather not")),
            (1, _("1, not")),
        ],
    )
    text = forms.CharField(label=_("Why"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 5}))


class DecideForm(forms.Form):
    """A decision, with its reason."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("accept", _("accept: a draft of a session is made")), ("decline", _("decline"))],
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stands in the letter to whoever offered it. Declining needs one."),
    )
