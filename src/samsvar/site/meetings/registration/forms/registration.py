"""Forms for registering, nominating participants and editing personal details."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.meeting import AccessLevel, ParticipantCategory
from samsvar.network.people import Group
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions.naming_consent import current_consent_version
from samsvar.site.meetings.registration.actions.registering import RegistrationData
from samsvar.site.meetings.registration.labels import VISIBILITY_LABELS
from samsvar.site.meetings.registration.queries.naming_consent import current_naming_consent_text
from samsvar.site.network import labels as network_labels
from samsvar.site.network.directory.forms import (
    OrganisationChoiceForm,
    country_choices,
    language_choices,
    unlisted_organisation_field,
)
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.templatetags.samsvar import day
from samsvar.text import choose_text

EMAIL_LANGUAGES = [("en", "English"), ("fr", "français"), ("nb", "norsk bokmål"), ("ro", "română")]


def group_choices() -> list[tuple[str, Any]]:
    return [("", "—"), *enum_choices(Group)]


def set_country_choices(form: forms.Form, meeting: models.Meeting) -> None:
    """Offer all countries in the field `country`, the fictional ones only for a fictional meeting."""
    form.fields["country"].choices = country_choices(include_fictional=meeting.fictional)  # type: ignore[attr-defined]


class RegistrationForm(OrganisationChoiceForm):
    """Form for registering: personal details, data for statistics, visibility and the meeting's questions."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, help_text=_("This is shown on your badge. You can use a pseudonym.")
    )
    title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation_field()
    country = forms.ChoiceField(label=_("Country"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False, choices=group_choices)
    gender = forms.ChoiceField(
        label=_("Gender"),
        required=False,
        choices=[("", "—"), *network_labels.GENDERS.items()],
        help_text=_("Used only for attendance statistics; not shown to anyone."),
    )
    language = forms.ChoiceField(label=_("Language for emails we send you"), choices=EMAIL_LANGUAGES)
    listed = forms.ChoiceField(
        label=_("Who can see your name in the list of participants"),
        choices=list(VISIBILITY_LABELS.items()),
        required=False,
    )
    photographs = forms.ChoiceField(
        label=_("Do you agree to be photographed?"),
        required=False,
        choices=[("", _("Decide later")), ("yes", _("yes")), ("no", _("no"))],
    )

    named = forms.BooleanField(label=_("My name may appear in the public programme"), required=False)
    hide = forms.BooleanField(
        label=_("Hide my identity for my safety"),
        required=False,
        help_text=_(
            "For people whose safety depends on not being found. Your badge and the programme then show the "
            "name below instead of yours. Your country, organisation and photographs are not shown anywhere, "
            "and you do not appear in any list. Only the organisers and the secretariat know who you are."
        ),
    )
    pseudonym = forms.CharField(
        label=_("Name to use instead of yours"),
        max_length=80,
        required=False,
        help_text=_("Only needed if you want to hide your identity. Choose a name that does not identify you."),
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
        asks_naming_consent: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, asks_organisation=not knows_person, **kwargs)
        if asks_naming_consent:
            self.fields["named"].help_text = current_naming_consent_text()
        else:
            del self.fields["named"]
        if not asks_protection:
            del self.fields["hide"], self.fields["pseudonym"]
        self.questions = list(questions)
        self.fixed = {"country": country, "group": group}
        language = get_language() or "en"
        if knows_person:  # people with a profile change these there
            del self.fields["name"], self.fields["title"]
        set_country_choices(self, meeting)
        self.fields["country"].required = needs_country
        for name, value in self.fixed.items():
            if value:
                del self.fields[name]
        for question in self.questions:
            self.fields[f"q{question.pk}"] = _question_field(question, meeting, language)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        check_pseudonym(self, data)
        return data

    def registration_data(self) -> RegistrationData:
        country = self.fixed["country"] or self.cleaned_data.get("country", "")
        data = self.data_with_organisation(country=country)
        return RegistrationData(
            naming_consent_version=current_consent_version() if data.get("named") else "",
            pseudonym=data.get("pseudonym", "") if data.get("hide") else "",
            name=data.get("name", "").strip(),
            title=data.get("title", "").strip(),
            organisation=data.get("organisation", ""),
            country=country,
            group=self.fixed["group"] or data.get("group", ""),
            gender=data["gender"],
            language=data["language"],
            listed=AccessLevel(data["listed"] or AccessLevel.ORGANISERS),
            photographs={"yes": True, "no": False}.get(data["photographs"]),
            answers={one.pk: _answer_value(one, data.get(f"q{one.pk}")) for one in self.questions},
        )


def check_pseudonym(form: forms.Form, data: dict[str, Any]) -> None:
    """Add an error if a pseudonym is given without a request to hide the identity, or the reverse."""
    hide, pseudonym = data.get("hide"), data.get("pseudonym", "").strip()
    if hide and not pseudonym:
        form.add_error("pseudonym", _now("Choose a name that does not identify you."))
    elif pseudonym and not hide:
        form.add_error("hide", _now("Tick this to hide your identity, or leave the name below blank."))


class ParticipantNameForm(OrganisationChoiceForm):
    """Form for correcting a participant's name, position and organisation."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation_field()

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        """Initialise the form for a person from `country`.

        `asks_organisation` is False for people at risk, whose organisation no meeting page shows.
        """
        super().__init__(*args, **kwargs)
        self.country = country

    def name_data(self) -> dict[str, Any]:
        """Return the keyword arguments for `correct_name`."""
        return self.data_with_organisation(country=self.country)


class CorrectNameForm(ParticipantNameForm):
    """Form for an organiser's correction of a participant's details."""

    why = forms.CharField(label=_("Reason"), max_length=300, help_text=_("This is recorded in the audit log."))


class HideOwnIdentityForm(forms.Form):
    """Form with which a registered participant hides their identity for their safety."""

    pseudonym = forms.CharField(
        label=_("Name to use instead of yours"), max_length=80, help_text=_("Choose a name that does not identify you.")
    )


class OwnPseudonymForm(forms.Form):
    """Form with which a participant whose identity is hidden chooses their name at this meeting."""

    pseudonym = forms.CharField(
        label=_("Your name at this meeting"),
        max_length=80,
        help_text=_("Choose a name that does not identify you, and that you use nowhere else."),
    )


class HideIdentityForm(HideOwnIdentityForm):
    """Form with which an organiser hides a participant's identity at the participant's request."""

    pseudonym = forms.CharField(
        label=_("Name to use instead of theirs"),
        max_length=80,
        help_text=_("Agree the name with them. It must not identify them."),
    )
    why = forms.CharField(
        label=_("Reason (recorded in the audit log; do not name anyone)"), max_length=300, min_length=10
    )


def initial_data(registration: models.Registration) -> dict[str, Any]:
    """Return the initial form data of a registration."""
    return {
        "country": registration.state_id or "",
        "group": registration.group,
        "gender": registration.gender,
        "language": registration.language,
        "listed": registration.listed,
        "photographs": {True: "yes", False: "no", None: ""}[registration.photographs],
        **{f"q{one.question_id}": _initial_answer(one) for one in registration.answers.select_related("question")},
    }


def _initial_answer(answer: models.Answer) -> Any:
    if answer.question.kind == models.Question.Kind.YES_NO:
        return "yes" if answer.value else "no"
    return answer.value


def _answer_value(question: models.Question, value: Any) -> Any:
    if question.kind == models.Question.Kind.YES_NO:
        return {"yes": True, "no": False}.get(value)
    return value


def _question_field(question: models.Question, meeting: models.Meeting, language: str) -> forms.Field:
    """Return the form field for a question. Its help text states the purpose and when the answer is deleted."""
    original = meeting.original_language
    label = choose_text(question.text, language, original)
    help_texts = [choose_text(question.help or {}, language, original)]
    purpose = choose_text(question.purpose or {}, language, original)
    if purpose:
        help_texts.append(_now("Used for: %(purpose)s.") % {"purpose": purpose.rstrip(".")})
    help_texts.append(_now("Your answer will be deleted on %(day)s.") % {"day": day(question.delete_on.isoformat())})
    help_text = " ".join(one for one in help_texts if one)
    field_options: dict[str, Any] = {"label": label, "required": question.required, "help_text": help_text}
    options = [(one["key"], choose_text(one["text"], language, original)) for one in question.options]
    kinds = models.Question.Kind
    match question.kind:
        case kinds.LONG_TEXT:
            return forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), **field_options)
        case kinds.YES_NO:
            return forms.ChoiceField(choices=[("", "—"), ("yes", _("yes")), ("no", _("no"))], **field_options)
        case kinds.CHOICE:
            return forms.ChoiceField(choices=[("", "—"), *options], **field_options)
        case kinds.CHOICES:
            return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **field_options)
        case kinds.LANGUAGE:
            return forms.ChoiceField(choices=[("", "—"), *language_choices()], **field_options)
    return forms.CharField(max_length=200, **field_options)


class RegistrationAddressForm(forms.Form):
    """Form for the email address to send a registration link to."""

    email = forms.EmailField(label=_("Email address"), max_length=254)


class NominationForm(OrganisationChoiceForm):
    """Form for nominating a person to a delegation.

    The nominees of an organisation's delegation belong to that organisation, so the form does not ask for one.
    """

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    email = forms.EmailField(label=_("Email address"), max_length=254)
    category = forms.ChoiceField(label=_("Category"), choices=partial(enum_choices, ParticipantCategory))
    group = forms.ChoiceField(label=_("Group"), required=False, choices=group_choices)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation_field()
    language = forms.ChoiceField(label=_("Language for emails"), choices=EMAIL_LANGUAGES)

    def __init__(self, *args: Any, delegation: models.Delegation, **kwargs: Any) -> None:
        super().__init__(*args, asks_organisation=delegation.organisation_id is None, **kwargs)
        self.country = delegation.state_id or ""

    def nominee_data(self) -> dict[str, Any]:
        """Return the keyword arguments for `nominate_person`."""
        return self.data_with_organisation(country=self.country)
