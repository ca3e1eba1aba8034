"""Forms for registering, nominating someone and changing one’s own details."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.languages import best
from samsvar.meetings.meeting import Access, Category
from samsvar.network.people import Group
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.registration.actions.naming_consent import text_of_today
from samsvar.site.meetings.registration.actions.registering import Said
from samsvar.site.meetings.registration.labels import LISTED
from samsvar.site.meetings.registration.queries.naming_consent import sentences_of_today
from samsvar.site.network import labels as network_words
from samsvar.site.network.directory.forms import OrganisationAsked, countries, spoken, unlisted_organisation
from samsvar.site.shell.templatetags.samsvar import day

LETTERS_IN = [("en", "English"), ("fr", "français"), ("nb", "norsk bokmål"), ("ro", "română")]


def groups() -> list[tuple[str, Any]]:
    return [("", "—"), *((one.value, network_words.GROUPS[one]) for one in Group)]


def categories() -> list[tuple[str, Any]]:
    return [(one.value, words.CATEGORIES[one]) for one in Category]


class RegistrationForm(OrganisationAsked):
    """One person's registration: who they are, what is counted, who may see it, and the meeting's own questions."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, help_text=_("As it shall stand on the badge. A pseudonym is a name.")
    )
    title = forms.CharField(label=_("What you do"), max_length=120, required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()
    country = forms.ChoiceField(label=_("Country"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    gender = forms.ChoiceField(
        label=_("Gender"), required=False, help_text=_("Only for counting who was there; shown to nobody.")
    )
    language = forms.ChoiceField(label=_("Language of our letters to you"), choices=LETTERS_IN)
    listed = forms.ChoiceField(
        label=_("Who may see your name in the list of participants"), choices=list(LISTED.items()), required=False
    )
    photographs = forms.ChoiceField(
        label=_("May you be photographed?"),
        required=False,
        choices=[("", _("I say so later")), ("yes", _("yes")), ("no", _("no"))],
    )

    named = forms.BooleanField(label=_("My name may stand in the public programme"), required=False)
    hide = forms.BooleanField(
        label=_("Hide me for my safety"),
        required=False,
        help_text=_(
            "For whoever must not be found. Your badge and the programme then say the name below instead of yours; "
            "your country, your organisation and photographs of you are shown nowhere, and you stand in no list. Only "
            "those who run the meeting and the secretariat know who you are."
        ),
    )
    pseudonym = forms.CharField(
        label=_("Name to be used instead of yours"),
        max_length=80,
        required=False,
        help_text=_("Only if you are to be hidden. It must lead nobody to you."),
    )

    def __init__(
        self,
        *args: Any,
        meeting: models.Meeting,
        questions: Iterable[models.Question],
        country: str = "",
        group: str = "",
        needs_country: bool = False,
        knows_person: bool = False,
        asks_protection: bool = False,
        asks_naming: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, asks_organisation=not knows_person, **kwargs)
        if asks_naming:
            self.fields["named"].help_text = sentences_of_today()
        else:
            del self.fields["named"]
        if not asks_protection:
            del self.fields["hide"], self.fields["pseudonym"]
        self.questions = list(questions)
        self.fixed = {"country": country, "group": group}
        language = get_language() or "en"
        if knows_person:  # what one's entry says is changed there
            del self.fields["name"], self.fields["title"]
        self._choices("country", countries(invented=meeting.invented))
        self._choices("group", groups())
        self._choices("gender", [("", "—"), *network_words.GENDERS.items()])
        self.fields["country"].required = needs_country
        for name, value in self.fixed.items():
            if value:
                del self.fields[name]
        for question in self.questions:
            self.fields[f"q{question.pk}"] = _field_of(question, meeting, language)

    def _choices(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*choices]

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        check_pseudonym(self, told)
        return told

    def said(self) -> Said:
        country = self.fixed["country"] or self.cleaned_data.get("country", "")
        told = self.told_as_one(country=country)
        return Said(
            named=text_of_today() if told.get("named") else "",
            pseudonym=told.get("pseudonym", "") if told.get("hide") else "",
            name=told.get("name", "").strip(),
            title=told.get("title", "").strip(),
            organisation=told.get("organisation", ""),
            country=country,
            group=self.fixed["group"] or told.get("group", ""),
            gender=told["gender"],
            language=told["language"],
            listed=Access(told["listed"] or Access.ORGANISERS),
            photographs={"yes": True, "no": False}.get(told["photographs"]),
            answers={one.pk: _value(one, told.get(f"q{one.pk}")) for one in self.questions},
        )


def check_pseudonym(form: forms.Form, told: dict[str, Any]) -> None:
    """A name to hide behind and the wish to be hidden come together, or neither does."""
    hide, pseudonym = told.get("hide"), told.get("pseudonym", "").strip()
    if hide and not pseudonym:
        form.add_error("pseudonym", _now("Choose a name that leads nobody to you."))
    elif pseudonym and not hide:
        form.add_error("hide", _now("Tick this to be hidden, or leave the name below empty."))


class NameForm(OrganisationAsked):
    """A name, position and organisation, written otherwise."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    title = forms.CharField(label=_("Position"), max_length=120, required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        """`asks_organisation` False: of somebody at risk, whose organisation no page of a meeting says."""
        super().__init__(*args, **kwargs)
        self.country = country

    def said(self) -> dict[str, Any]:
        """What `correct_name` takes."""
        return self.told_as_one(country=self.country)


class CorrectForm(NameForm):
    """The same by whoever runs the meeting."""

    why = forms.CharField(label=_("Why"), max_length=300, help_text=_("It stands in the trail."))


class HideOneselfForm(forms.Form):
    """To be hidden for one's safety, after one has registered."""

    pseudonym = forms.CharField(
        label=_("Name to be used instead of yours"), max_length=80, help_text=_("It must lead nobody to you.")
    )


class HideForm(HideOneselfForm):
    """To hide somebody who asked for it."""

    pseudonym = forms.CharField(
        label=_("Name to be used instead of theirs"),
        max_length=80,
        help_text=_("Agree on it with them; it must lead nobody to them."),
    )
    why = forms.CharField(label=_("Why (stands in the trail; name nobody)"), max_length=300, min_length=10)


def initial_of(row: models.Registration) -> dict[str, Any]:
    """What a registration says, as its form takes it."""
    return {
        "country": row.state_id or "",
        "group": row.group,
        "gender": row.gender,
        "language": row.language,
        "listed": row.listed,
        "photographs": {True: "yes", False: "no", None: ""}[row.photographs],
        **{f"q{one.question_id}": _initial(one) for one in row.answers.select_related("question")},
    }


def _initial(answer: models.Answer) -> Any:
    if answer.question.kind == models.Question.Kind.YES_NO:
        return "yes" if answer.value else "no"
    return answer.value


def _value(question: models.Question, value: Any) -> Any:
    if question.kind == models.Question.Kind.YES_NO:
        return {"yes": True, "no": False}.get(value)
    return value


def _field_of(question: models.Question, meeting: models.Meeting, language: str) -> forms.Field:
    """The input of a question: what it is used for and when the answer goes stands beside it."""
    original = (meeting.languages or ["en"])[0]
    said: dict[str, Any] = {"label": best(question.text, language, original)[1], "required": question.required}
    helps = [best(question.help or {}, language, original)[1]]
    purpose = best(question.purpose or {}, language, original)[1]
    if purpose:
        helps.append(_now("Used for: %(purpose)s.") % {"purpose": purpose.rstrip(".")})
    helps.append(_now("Deleted on %(day)s.") % {"day": day(question.delete_on.isoformat())})
    said["help_text"] = " ".join(one for one in helps if one)
    options = [(one["key"], best(one["text"], language, original)[1]) for one in question.options]
    kind = models.Question.Kind
    match question.kind:
        case kind.LONG_TEXT:
            return forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), **said)
        case kind.YES_NO:
            return forms.ChoiceField(choices=[("", "—"), ("yes", _("yes")), ("no", _("no"))], **said)
        case kind.CHOICE:
            return forms.ChoiceField(choices=[("", "—"), *options], **said)
        case kind.CHOICES:
            return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **said)
        case kind.LANGUAGE:
            return forms.ChoiceField(choices=[("", "—"), *spoken()], **said)
    return forms.CharField(max_length=200, **said)


class AddressForm(forms.Form):
    """The address to which the link of an open registration goes."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)


class NomineeForm(OrganisationAsked):
    """Somebody whom a head of delegation names. Who is named for an organisation comes from it."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    category = forms.ChoiceField(label=_("Takes part as"))
    group = forms.ChoiceField(label=_("Group"), required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()
    language = forms.ChoiceField(label=_("Language of our letters"), choices=LETTERS_IN)

    def __init__(self, *args: Any, delegation: models.Delegation, **kwargs: Any) -> None:
        super().__init__(*args, asks_organisation=delegation.organisation_id is None, **kwargs)
        self.country = delegation.state_id or ""
        for name, choices in (("category", categories()), ("group", groups())):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def said(self) -> dict[str, Any]:
        """What `nominate` takes."""
        return self.told_as_one(country=self.country)
