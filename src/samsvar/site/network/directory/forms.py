"""Forms of the directory."""

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
from samsvar.network.consent import USED_FOR, WIDEST, Purpose, Visibility, current_text
from samsvar.network.people import LONGEST_ORGANISATION, Field, Group, words_of_organisation
from samsvar.site.network import labels as words
from samsvar.site.network import models
from samsvar.site.network.directory.actions.people import NOT_TYPED, Said
from samsvar.site.network.directory.queries.organisations import values_of_organisations
from samsvar.site.network.directory.queries.people import purposes_up_to_date
from samsvar.territories import territories
from samsvar.thesaurus.concepts import concepts

ENTRY_ORDER = (
    Field.NAME,
    Field.TITLE,
    Field.ORGANISATION,
    Field.COUNTRY,
    Field.GROUP,
    Field.LANGUAGES,
    Field.EXPERTISE,
    Field.ABOUT,
    Field.EMAIL,
    Field.TELEPHONE,
    Field.GENDER,
    Field.PHOTOGRAPH,
    Field.NETWORKS,
)
TWO_INPUTS = {
    Field.ORGANISATION: ("organisation", "organisation_in_words"),
    Field.EXPERTISE: ("articles", "concepts"),
}
ASKED_WITH_THE_ENTRY = (Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY)


def countries(empty: Any = "—", *, invented: bool = True) -> list[tuple[str, Any]]:
    """Every state by its name in the reader's language, after an empty choice."""
    language = get_language() or "en"
    names = sorted((one.name(language), code) for code, one in territories().items() if invented or not one.invented)
    return [("", empty), *((code, name) for name, code in names)]


def spoken() -> list[tuple[str, str]]:
    return sorted(((code, words.language_name(code)) for code in words.SPOKEN), key=lambda one: one[1].lower())


# --- Where somebody comes from ----------------------------------------------------------------------------------------


def listed_organisations() -> list[tuple[str, str]]:
    """Every organisation of the list, after an empty choice."""
    return [("", "—"), *models.Organisation.objects.order_by("name").values_list("public_id", "name")]


def unlisted_organisation() -> forms.CharField:
    """The input under the choice of an organisation."""
    return forms.CharField(
        label=_("Organisation, if it is not in the list"), max_length=LONGEST_ORGANISATION, required=False
    )


class OrganisationAsked(forms.Form):
    """A form that asks where somebody comes from; it declares `organisation` and `organisation_in_words`.

    With `asks_organisation` False both are taken out.
    """

    def __init__(self, *args: Any, asks_organisation: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_organisation:
            self.fields["organisation"].choices = listed_organisations()  # type: ignore[attr-defined]
        else:
            del self.fields["organisation"], self.fields["organisation_in_words"]

    def clean(self) -> dict[str, Any]:
        """One is chosen or said in words, not both."""
        told = super().clean() or {}
        if told.get("organisation") and told.get("organisation_in_words"):
            self.add_error("organisation_in_words", _("Choose one of the list or write one here, not both."))
        return told

    def told_as_one(self, *, country: str) -> dict[str, Any]:
        """The cleaned data with one organisation for the two inputs, as an entry holds it; none where none is asked.

        `country` is that of the person, by which words that name one of the list are known from another country's.
        """
        told = dict(self.cleaned_data)
        in_words = told.pop("organisation_in_words", "")
        if "organisation" in self.fields:
            told["organisation"] = organisation_told(told.get("organisation", ""), in_words, country=country)
        return told


def organisation_told(chosen: str, in_words: str, *, country: str) -> str:
    """The value of `Field.ORGANISATION` for what two inputs say; the choice counts more."""
    return chosen or values_of_organisations([(in_words, country)])[0]


def initial_organisation(value: str) -> dict[str, str]:
    """Both inputs as a person's entry has it."""
    words_said = words_of_organisation(value)
    return {"organisation": "" if words_said else value, "organisation_in_words": words_said}


# --- One's own entry --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the entry as the form shows it: its inputs, who sees it, what it is used for, how wide it may be."""

    field: Field
    inputs: tuple[BoundField, ...]
    sees: BoundField
    used_for: tuple[Purpose, ...]
    widest: Visibility
    values: tuple[str, ...] = ()  # of a field that is not typed here


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent that is asked for with the entry."""

    purpose: Purpose
    sentences: tuple[words.Label, ...]
    tick: BoundField


class EntryForm(OrganisationAsked):
    """What somebody says of themselves, who shall see each of it, and the consents that this needs."""

    name = forms.CharField(max_length=120, required=False)
    title = forms.CharField(max_length=120, required=False)
    organisation = forms.ChoiceField(required=False)
    organisation_in_words = unlisted_organisation()
    country = forms.ChoiceField(required=False)
    group = forms.ChoiceField(required=False)
    languages = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    articles = forms.CharField(
        label=_("Articles of the Convention"),
        max_length=200,
        required=False,
        help_text=_("Numbers with commas between them: 7, 20, 25"),
    )
    concepts = forms.MultipleChoiceField(label=_("Subjects"), required=False, widget=forms.CheckboxSelectMultiple)
    about = forms.CharField(max_length=1200, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    email = forms.EmailField(
        required=False, help_text=_("For contact; not the one that you sign in with, unless you wish.")
    )
    telephone = forms.CharField(max_length=40, required=False)
    gender = forms.ChoiceField(
        required=False, help_text=_("As you give it; counted at meetings, shown to nobody else.")
    )

    def __init__(self, *args: Any, person: models.Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.rows: dict[Field, list[models.Detail]] = {}
        for row in person.details.order_by("pk") if person else ():
            self.rows.setdefault(Field(row.field), []).append(row)
        self._choose()
        for field in ENTRY_ORDER:
            rows = self.rows.get(field, [])
            widest = WIDEST.get(field, Visibility.PUBLIC)
            self.fields[f"sees_{field}"] = forms.ChoiceField(
                label=_("Who sees it"),
                choices=[(one.value, words.VISIBILITIES[one]) for one in Visibility if one.width <= widest.width],
                initial=rows[0].visibility if rows else Visibility.SECRETARIAT.value,
                required=field not in NOT_TYPED,  # one that has no value yet is not on the page
            )
        for purpose in self.asked_for():
            self.fields[f"consent_{purpose}"] = forms.BooleanField(label=_("I agree"), required=False)
        self._fill()

    def asked_for(self) -> tuple[Purpose, ...]:
        """The consents that have not been given in today's words."""
        if self.person is None:
            return ASKED_WITH_THE_ENTRY
        given = purposes_up_to_date(self.person, timezone.now())
        return tuple(purpose for purpose in ASKED_WITH_THE_ENTRY if purpose not in given)

    def _choose(self) -> None:
        language = get_language() or "en"
        choices: dict[str, list[tuple[str, Any]]] = {
            "country": countries(),
            "group": [("", "—"), *((one.value, words.GROUPS[one]) for one in Group)],
            "gender": [("", "—"), *words.GENDERS.items()],
            "languages": list(spoken()),
            "concepts": sorted(
                ((key, one.label(language)) for key, one in concepts().items()), key=lambda one: one[1].lower()
            ),
        }
        for name, of_field in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = of_field
        for name in self.fields:
            if name in set(Field):
                self.fields[name].label = words.FIELDS[Field(name)]  # type: ignore[assignment]  # a lazy word

    def _fill(self) -> None:
        for field in ENTRY_ORDER:
            values = [row.value for row in self.rows.get(field, [])]
            if field is Field.EXPERTISE:
                numbers = [value.removeprefix("article:") for value in values if value.startswith("article:")]
                self.initial["articles"] = ", ".join(sorted(numbers, key=lambda number: number.zfill(3)))
                self.initial["concepts"] = [
                    value.removeprefix("concept:") for value in values if value.startswith("concept:")
                ]
            elif field is Field.LANGUAGES:
                self.initial["languages"] = values
            elif field is Field.ORGANISATION:
                self.initial.update(initial_organisation(next(iter(values), "")))
            elif field not in NOT_TYPED and values:
                self.initial[str(field)] = values[0]

    def lines(self) -> Iterator[Line]:
        """The entry, field by field, as the page shows it."""
        for field in ENTRY_ORDER:
            names = TWO_INPUTS.get(field, (str(field),))
            typed = () if field in NOT_TYPED else tuple(self[name] for name in names)
            values = tuple(row.value for row in self.rows.get(field, ()))
            if field is Field.NETWORKS:
                values = tuple(models.Network.objects.filter(slug__in=values).values_list("name", flat=True))
            if typed or values:
                widest = WIDEST.get(field, Visibility.PUBLIC)
                yield Line(field, typed, self[f"sees_{field}"], USED_FOR[field], widest, values)

    def consents(self) -> Iterator[Asked]:
        for purpose in self.asked_for():
            text = current_text(purpose)
            if text is not None:
                yield Asked(purpose, words.CONSENT_TEXTS[text.version], self[f"consent_{purpose}"])

    def clean_articles(self) -> list[str]:
        numbers = []
        for part in self.cleaned_data["articles"].replace(";", ",").split(","):
            if not (part := part.strip()):
                continue
            if part not in ISTANBUL:
                raise forms.ValidationError(_("“%(part)s” is no article: they are 1 to 81."), params={"part": part})
            numbers.append(part)
        return list(dict.fromkeys(numbers))

    def said(self) -> Mapping[Field, Said]:
        """What was said, as the action takes it."""
        told = self.cleaned_data
        said = {}
        for field in ENTRY_ORDER:
            values: tuple[str, ...] | None
            if not told[f"sees_{field}"]:
                continue
            if field in NOT_TYPED:
                values = None
            elif field is Field.EXPERTISE:
                values = (
                    *(f"article:{one}" for one in told["articles"]),
                    *(f"concept:{one}" for one in told["concepts"]),
                )
            elif field is Field.LANGUAGES:
                values = tuple(told["languages"])
            elif field is Field.ORGANISATION:
                values = (
                    organisation_told(told["organisation"], told["organisation_in_words"], country=told["country"]),
                )
            else:
                values = (told[str(field)],)
            said[field] = Said(values, Visibility(told[f"sees_{field}"]))
        return said

    def given(self) -> dict[Purpose, str]:
        """The consents that were ticked, each with the version of the text that stood beside it."""
        texts = {purpose: current_text(purpose) for purpose in self.asked_for()}
        return {
            purpose: text.version
            for purpose, text in texts.items()
            if text is not None and self.cleaned_data.get(f"consent_{purpose}")
        }


# --- What a secretariat says ------------------------------------------------------------------------------------------


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        **more,
    )
