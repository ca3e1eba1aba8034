"""The form for a person's own profile, with fields and choices that other forms share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.network.consent import FIELD_PURPOSES, WIDEST_VISIBILITY, Purpose, Visibility, current_consent_text
from samsvar.network.people import MAX_ORGANISATION_LENGTH, Field, Group, parse_unlisted_organisation
from samsvar.site.network import labels, models
from samsvar.site.network.directory.actions.people import DERIVED_FIELDS, FieldUpdate
from samsvar.site.network.directory.queries.organisations import organisation_field_values
from samsvar.site.network.directory.queries.people import purposes_with_current_text, split_expertise
from samsvar.site.shell.labels import enum_choices
from samsvar.territories import territories
from samsvar.thesaurus.concepts import list_choices

PROFILE_FIELDS = (
    Field.NAME, Field.TITLE, Field.ORGANISATION, Field.COUNTRY, Field.GROUP, Field.LANGUAGES, Field.EXPERTISE,
    Field.ABOUT, Field.EMAIL, Field.TELEPHONE, Field.GENDER, Field.PHOTOGRAPH, Field.NETWORKS,
)  # fmt: skip
FIELD_INPUTS = {
    Field.ORGANISATION: ("organisation", "organisation_in_words"),
    Field.EXPERTISE: ("articles", "concepts"),
}
PROFILE_CONSENTS = (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)


def country_choices(empty_label: Any = "—", *, include_fictional: bool = True) -> list[tuple[str, Any]]:
    """Return all states as choices, sorted by their names in the user's language, after an empty choice."""
    language = get_language() or "en"
    names = sorted(
        (one.name(language), code) for code, one in territories().items() if include_fictional or not one.fictional
    )
    return [("", empty_label), *((code, name) for name, code in names)]


def language_choices() -> list[tuple[str, str]]:
    return sorted(
        ((code, labels.language_name(code)) for code in labels.SPOKEN_LANGUAGES), key=lambda one: one[1].lower()
    )


# --- Shared fields ----------------------------------------------------------------------------------------------------


def organisation_choices() -> list[tuple[str, str]]:
    """Return all listed organisations as choices, after an empty choice."""
    return [("", "—"), *models.Organisation.objects.order_by("name").values_list("public_id", "name")]


def unlisted_organisation_field() -> forms.CharField:
    """Return a form field for the name of an organisation that is not in the list."""
    return forms.CharField(
        label=_("Organisation, if not in the list"), max_length=MAX_ORGANISATION_LENGTH, required=False
    )


class OrganisationChoiceForm(forms.Form):
    """Base form that asks for an organisation; subclasses declare `organisation` and `organisation_in_words`.

    With `asks_organisation=False`, both fields are removed.
    """

    def __init__(self, *args: Any, asks_organisation: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_organisation:
            self.fields["organisation"].choices = organisation_choices()  # type: ignore[attr-defined]
        else:
            del self.fields["organisation"], self.fields["organisation_in_words"]

    def clean(self) -> dict[str, Any]:
        """Reject a form with both a listed organisation and the name of an unlisted one."""
        data = super().clean() or {}
        if data.get("organisation") and data.get("organisation_in_words"):
            self.add_error(
                "organisation_in_words", _("Choose an organisation from the list or enter one here, not both.")
            )
        return data

    def data_with_organisation(self, *, country: str) -> dict[str, Any]:
        """Return the cleaned data with a single organisation value, as it is stored in a profile.

        `country` is the person's country, which decides whether a name is matched to a listed organisation. Without the
        organisation fields, nothing is added.
        """
        data = dict(self.cleaned_data)
        unlisted_name = data.pop("organisation_in_words", "")
        if "organisation" in self.fields:
            data["organisation"] = organisation_value(data.get("organisation", ""), unlisted_name, country=country)
        return data


def organisation_value(chosen: str, unlisted_name: str, *, country: str) -> str:
    """Return the value of `Field.ORGANISATION` from the two form inputs; a listed organisation takes precedence."""
    return chosen or organisation_field_values([(unlisted_name, country)])[0]


def initial_organisation_values(value: str) -> dict[str, str]:
    """Return the initial values of both organisation inputs for a stored value."""
    unlisted_name = parse_unlisted_organisation(value)
    return {"organisation": "" if unlisted_name else value, "organisation_in_words": unlisted_name}


# --- Own profile ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A field on the profile form, with its inputs, visibility, purposes and maximum visibility."""

    field: Field
    inputs: tuple[BoundField, ...]
    visibility_input: BoundField
    purposes: tuple[Purpose, ...]
    widest: Visibility
    values: tuple[str, ...] = ()  # of fields that cannot be edited here


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """A consent that the profile form asks for."""

    purpose: Purpose
    sentences: tuple[labels.Label, ...]
    checkbox: BoundField


class CollapsedChoicesField(forms.MultipleChoiceField):
    """An optional field with many checkboxes, which the page shows collapsed."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.template_name = "samsvar/components/multiple.html"


class ProfileForm(OrganisationChoiceForm):
    """Form for a person's own profile: values, visibilities and the consents they need."""

    name = forms.CharField(max_length=120, required=False)
    title = forms.CharField(max_length=120, required=False)
    organisation = forms.ChoiceField(required=False)
    organisation_in_words = unlisted_organisation_field()
    country = forms.ChoiceField(required=False)
    group = forms.ChoiceField(required=False)
    languages = CollapsedChoicesField()
    articles = forms.CharField(
        label=_("Articles of the Convention"),
        max_length=200,
        required=False,
        help_text=_("Numbers separated by commas: 7, 20, 25"),
    )
    concepts = CollapsedChoicesField(label=_("Subjects"))
    about = forms.CharField(max_length=1200, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    email = forms.EmailField(
        required=False, help_text=_("Your contact address. It can be different from the address you sign in with.")
    )
    telephone = forms.CharField(max_length=40, required=False)
    gender = forms.ChoiceField(
        required=False,
        help_text=_("How you describe your gender. Included in meeting statistics; not shown to anyone else."),
    )

    def __init__(self, *args: Any, person: models.Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.rows: dict[Field, list[models.Detail]] = {}
        for detail in person.details.order_by("pk") if person else ():
            self.rows.setdefault(Field(detail.field), []).append(detail)
        self._set_choices()
        for field in PROFILE_FIELDS:
            details = self.rows.get(field, [])
            widest = WIDEST_VISIBILITY.get(field, Visibility.PUBLIC)
            self.fields[f"sees_{field}"] = forms.ChoiceField(
                label=_("Visible to"),
                choices=enum_choices(level for level in Visibility if level.width <= widest.width),
                initial=details[0].visibility if details else Visibility.SECRETARIAT.value,
                required=field not in DERIVED_FIELDS,  # not on the page while such a field has no value
            )
        for purpose in self.missing_consents():
            self.fields[f"consent_{purpose}"] = forms.BooleanField(label=_("I agree"), required=False)
        self._set_initial()

    def missing_consents(self) -> tuple[Purpose, ...]:
        """Return the purposes for which the person has not consented to the current text."""
        if self.person is None:
            return PROFILE_CONSENTS
        given = purposes_with_current_text(self.person, timezone.now())
        return tuple(purpose for purpose in PROFILE_CONSENTS if purpose not in given)

    def _set_choices(self) -> None:
        language = get_language() or "en"
        expertise = [detail.value for detail in self.rows.get(Field.EXPERTISE, [])]
        _numbers, selected = split_expertise(expertise)
        choices: dict[str, list[tuple[str, Any]]] = {
            "country": country_choices(),
            "group": [("", "—"), *enum_choices(Group)],
            "gender": [("", "—"), *labels.GENDERS.items()],
            "languages": list(language_choices()),
            "concepts": list_choices(language, selected),
        }
        for name, field_choices in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = field_choices
        for name in self.fields:
            if name in set(Field):
                self.fields[name].label = labels.FIELDS[Field(name)]  # type: ignore[assignment]  # a lazy word

    def _set_initial(self) -> None:
        for field in PROFILE_FIELDS:
            values = [row.value for row in self.rows.get(field, [])]
            if field is Field.EXPERTISE:
                numbers, concept_keys = split_expertise(values)
                self.initial.update(articles=", ".join(numbers), concepts=concept_keys)
            elif field is Field.LANGUAGES:
                self.initial["languages"] = values
            elif field is Field.ORGANISATION:
                self.initial.update(initial_organisation_values(next(iter(values), "")))
            elif field not in DERIVED_FIELDS and values:
                self.initial[str(field)] = values[0]

    def profile_rows(self) -> Iterator[ProfileRow]:
        """Yield the profile fields in the order in which the page shows them."""
        for field in PROFILE_FIELDS:
            names = FIELD_INPUTS.get(field, (str(field),))
            inputs = () if field in DERIVED_FIELDS else tuple(self[name] for name in names)
            values = tuple(row.value for row in self.rows.get(field, ()))
            if field is Field.NETWORKS:
                values = tuple(models.Network.objects.filter(slug__in=values).values_list("name", flat=True))
            if inputs or values:
                widest = WIDEST_VISIBILITY.get(field, Visibility.PUBLIC)
                yield ProfileRow(field, inputs, self[f"sees_{field}"], FIELD_PURPOSES[field], widest, values)

    def consent_requests(self) -> Iterator[ConsentRequest]:
        for purpose in self.missing_consents():
            text = current_consent_text(purpose)
            if text is not None:
                yield ConsentRequest(purpose, labels.CONSENT_TEXTS[text.version], self[f"consent_{purpose}"])

    def clean_articles(self) -> list[str]:
        parts = map(str.strip, self.cleaned_data["articles"].replace(";", ",").split(","))
        numbers = list(dict.fromkeys(filter(None, parts)))
        for number in numbers:
            if number not in ISTANBUL:
                raise forms.ValidationError(
                    _("“%(part)s” is not an article. Articles are numbered 1 to 81."), params={"part": number}
                )
        return numbers

    def get_updates(self) -> Mapping[Field, FieldUpdate]:
        """Return the submitted values and visibilities in the form that `save_profile` expects."""
        data = self.cleaned_data
        updates = {}
        for field in PROFILE_FIELDS:
            values: tuple[str, ...] | None
            if not data[f"sees_{field}"]:
                continue
            if field in DERIVED_FIELDS:
                values = None
            elif field is Field.EXPERTISE:
                articles = (f"article:{number}" for number in data["articles"])
                values = (*articles, *(f"concept:{key}" for key in data["concepts"]))
            elif field is Field.LANGUAGES:
                values = tuple(data["languages"])
            elif field is Field.ORGANISATION:
                unlisted_name, country = data["organisation_in_words"], data["country"]
                values = (organisation_value(data["organisation"], unlisted_name, country=country),)
            else:
                values = (data[str(field)],)
            updates[field] = FieldUpdate(values, Visibility(data[f"sees_{field}"]))
        return updates

    def get_consents(self) -> dict[Purpose, str]:
        """Return the consents that were ticked, with the version of the text shown: purpose → version."""
        texts = {purpose: current_consent_text(purpose) for purpose in self.missing_consents()}
        return {
            purpose: text.version
            for purpose, text in texts.items()
            if text is not None and self.cleaned_data.get(f"consent_{purpose}")
        }


# --- Shared field -----------------------------------------------------------------------------------------------------


def date_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        **kwargs,
    )
