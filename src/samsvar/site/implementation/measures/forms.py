"""Forms for plans, measures, their stages and visibility, and the findings that they answer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.implementation.measures import (
    TRANSITIONS,
    AnswerScope,
    MeasureKind,
    MeasureVisibility,
    ReasonRequired,
    Stage,
    check_transition,
)
from samsvar.site.implementation.labels import FIELDS, MEASURE_KINDS
from samsvar.site.implementation.measures.models import Answer, Measure, Plan, PlanChapter, Region
from samsvar.site.implementation.measures.queries import natural_key
from samsvar.site.network.access.permissions import Organisation
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.labels import LANGUAGES, enum_choices

DATE_HELP = _("Enter a day, a month or a year: 2019-06-04, 2019-06 or 2019.")
MAX_BODIES = 30
MAX_CHAPTERS = 100
REASON_HELP = _("Shown in the history of the measure, and to everyone if the measure is published. Do not name people.")


class PartialDateField(forms.CharField):
    """A field for an ISO day, month or year."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 10, "required": False, "help_text": DATE_HELP, **kwargs})

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        try:
            parse_partial_date(text)
        except UnreadableDate as error:
            raise forms.ValidationError(str(describe_error(error).message)) from error
        return text


def _reason_field(**kwargs: Any) -> forms.CharField:
    options = {"label": FIELDS["reason"], "help_text": REASON_HELP, "max_length": 1000, **kwargs}
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), **options)


class PlaceField(forms.ChoiceField):
    """A field for the plan and chapter of a measure; its value is (plan, chapter)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Plan and chapter"), "required": False, **kwargs})
        self.places: dict[str, tuple[Plan | None, PlanChapter | None]] = {}

    def offer(self, state: str, *, unchanged: Any = None) -> None:
        """Offer the plans of a state; `unchanged` is the label of a choice that changes nothing."""
        self.places = {"none": (None, None)}
        choices: list[tuple[str, Any]] = [("", unchanged)] if unchanged else []
        choices.append(("none", _("in no plan")))
        for plan in Plan.objects.filter(state_id=state).prefetch_related("chapters"):
            self.places[f"{plan.pk}"] = (plan, None)
            choices.append((f"{plan.pk}", plan.title))
            for chapter in plan.chapters.all():
                self.places[f"{plan.pk}-{chapter.pk}"] = (plan, chapter)
                choices.append((f"{plan.pk}-{chapter.pk}", f"{plan.title} › {chapter.title}"))
        self.choices = choices

    @staticmethod
    def value_of(measure: Measure | None) -> str:
        """Return the choice of a measure."""
        if measure is None or measure.plan_id is None:
            return "none"
        return f"{measure.plan_id}-{measure.chapter_id}" if measure.chapter_id else f"{measure.plan_id}"


def _offer_organisations(field: Any, state: str) -> None:
    field.queryset = Organisation.objects.filter(state_id=state)
    field.label_from_instance = lambda organisation: organisation.name


class MeasureForm(forms.ModelForm):
    """Form for a measure. Its stage is changed by a form of its own, except for a new one."""

    place = PlaceField()
    bodies = forms.CharField(
        label=FIELDS["bodies"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One per line."),
    )
    stage = forms.ChoiceField(
        label=FIELDS["stage"], choices=partial(enum_choices, [one for one in Stage if one is not Stage.STOPPED])
    )
    begins = PartialDateField(label=FIELDS["begins"])
    due = PartialDateField(label=FIELDS["due"])
    reason = _reason_field(label=_("Reason for the change"), required=False)

    class Meta:
        model = Measure
        fields = (
            "title", "text", "language", "kind", "place", "reference", "lead", "lead_name", "bodies", "region",
            "begins", "due", "budget", "paid", "currency", "stage", "reason",
        )  # fmt: skip
        labels = {name: FIELDS[name] for name in fields if name in FIELDS} | {
            "lead_name": _("Lead body, if it is not listed")
        }
        help_texts = {
            "title": _("Measures name bodies, not people."),
            "reference": _("As the plan prints it: 3.2"),
            "currency": _("Its code: EUR"),
        }
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}
        error_messages = {"budget": {"invalid": _("Enter an amount as 1200000.50, without spaces.")}}

    field_order = Meta.fields

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.is_new = self.instance.pk is None
        fields["place"].offer(state)
        fields["place"].initial = PlaceField.value_of(None if self.is_new else self.instance)
        fields["language"] = forms.ChoiceField(
            label=FIELDS["language"], choices=_language_choices(self.instance.language)
        )
        fields["kind"].choices = [("", MEASURE_KINDS[""]), *enum_choices(MeasureKind)]
        fields["lead"].empty_label = _("not listed, or not named")
        _offer_organisations(fields["lead"], state)
        fields["region"].queryset = Region.objects.filter(state_id=state)
        fields["region"].label_from_instance = lambda region: region.name
        fields["region"].empty_label = _("the whole state")
        if self.is_new:
            del self.fields["reason"]
        else:
            del self.fields["stage"]
            self.initial["bodies"] = "\n".join(
                body.text for body in self.instance.bodies.select_related("organisation")
            )

    def clean_bodies(self) -> list[str]:
        names = list(dict.fromkeys(filter(None, map(str.strip, self.cleaned_data["bodies"].splitlines()))))
        if len(names) > MAX_BODIES or any(len(name) > 200 for name in names):
            raise forms.ValidationError(
                _("Enter at most %(number)d bodies, each with at most 200 characters.") % {"number": MAX_BODIES}
            )
        return names

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise forms.ValidationError(_("Enter the code of the currency, such as EUR."))
        return currency

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("lead") and data.get("lead_name"):
            self.add_error("lead_name", _("Choose a body from the list or enter a name, not both."))
        begins, due = (_parsed(data.get(name)) for name in ("begins", "due"))
        if begins and due and due.latest < begins.earliest:
            self.add_error("due", _("It cannot be due before it starts."))
        has_amount = any(data.get(name) is not None for name in ("budget", "paid"))
        if has_amount and not data.get("currency") and "currency" not in self.errors:
            self.add_error("currency", _("An amount needs a currency."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        """The columns of the measure, for `save_measure`."""
        plan, chapter = self.fields["place"].places[self.cleaned_data["place"] or "none"]  # type: ignore[attr-defined]
        columns = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"place", "bodies", "stage", "reason"}
        }
        return {**columns, "plan": plan, "chapter": chapter}

    def bodies_of(self, state: str) -> list[Organisation | str]:
        """Return the other bodies, as listed organisations of the state where their names are the same."""
        names = self.cleaned_data["bodies"]
        listed = {body.name: body for body in Organisation.objects.filter(state_id=state, name__in=names)}
        return [listed.get(name, name) for name in names]


def _parsed(text: str | None) -> Any:
    return parse_partial_date(text) if text else None


def _language_choices(current: str) -> list[tuple[str, str]]:
    return [*LANGUAGES.items(), *([(current, current)] if current not in LANGUAGES else [])]


class StageForm(forms.Form):
    """Form for the next stage of a measure, with a reason where the table of transitions requires one."""

    stage = forms.ChoiceField(label=_("New stage"))
    reason = _reason_field(required=False)

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measure = measure
        steps = TRANSITIONS[Stage(measure.stage)]
        field: Any = self.fields["stage"]
        field.choices = enum_choices([step.after for step in steps])
        needing = [
            str(label) for value, label in field.choices if any(s.after == value and s.needs_reason for s in steps)
        ]
        if needing:
            required = _("Required for: %(stages)s.") % {"stages": ", ".join(needing)}
            self.fields["reason"].help_text = f"{required} {REASON_HELP}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if stage := data.get("stage"):
            try:
                check_transition(Stage(self.measure.stage), Stage(stage), data.get("reason", ""))
            except ReasonRequired as error:
                self.add_error("reason", str(describe_error(error).message))
        return data


class VisibilityForm(forms.Form):
    """Form for who can see a measure: publishing it is a step of its own."""

    visibility = forms.ChoiceField(
        label=FIELDS["visibility"], choices=partial(enum_choices, MeasureVisibility), widget=forms.RadioSelect
    )


class AnswerForm(forms.Form):
    """Form for how a measure answers a finding: as a whole or in part, which part, and why."""

    scope = forms.ChoiceField(label=FIELDS["scope"], choices=partial(enum_choices, AnswerScope), initial="whole")
    part = forms.IntegerField(
        label=FIELDS["part"], min_value=1, max_value=99, required=False, help_text=_("Its number, if it has one.")
    )
    part_text = forms.CharField(
        label=FIELDS["part_text"], max_length=300, required=False, help_text=_("The words that the measure answers.")
    )
    reason = _reason_field(label=_("How the measure answers it"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("scope") == AnswerScope.WHOLE and (data.get("part") or data.get("part_text")):
            self.add_error("scope", _("Choose “in part”, or leave the part empty."))
        if data.get("scope") == AnswerScope.PART and not (data.get("part") or data.get("part_text")):
            self.add_error("part_text", _("Enter which part: its number or its words."))
        return data

    @classmethod
    def for_answer(cls, answer: Answer) -> AnswerForm:
        names = ("scope", "part", "part_text", "reason")
        return cls(initial={name: getattr(answer, name) for name in names}, auto_id=f"answer-{answer.pk}-%s")


class LinkFindingsForm(AnswerForm):
    """Form for the findings that a measure answers in the same way."""

    findings = forms.MultipleChoiceField(label=_("Findings"), widget=forms.CheckboxSelectMultiple)
    field_order = ("findings",)

    def __init__(self, *args: Any, findings: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["findings"]
        field.choices = [(public_id, public_id) for public_id in findings]


class LinkMeasureForm(AnswerForm):
    """Form for a measure that answers a finding."""

    measure = forms.ModelChoiceField(
        label=pgettext_lazy("what a state does", "Measure"), queryset=Measure.objects.none(), to_field_name="public_id"
    )
    field_order = ("measure",)

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["measure"]
        field.queryset = Measure.objects.filter(state_id=state)
        field.choices = measure_choices(state)


def measure_choices(state: str) -> list[tuple[str, str]]:
    """Return the measures of a state as choices, in the order of their numbers."""
    rows = Measure.objects.filter(state_id=state).values_list("public_id", "reference", "title")
    ordered = sorted(rows, key=lambda measure: (natural_key(measure[1]), measure[2]))
    return [("", "—"), *((public_id, f"{reference} {title}".strip()) for public_id, reference, title in ordered)]


class EndAnswerForm(forms.Form):
    reason = _reason_field(label=_("Why it no longer applies"))


class BulkForm(forms.Form):
    """Form for the same change of several measures, with one reason. Empty fields change nothing."""

    stage = forms.ChoiceField(label=FIELDS["stage"], required=False)
    place = PlaceField()
    visibility = forms.ChoiceField(label=FIELDS["visibility"], required=False)
    lead = forms.ModelChoiceField(
        label=FIELDS["lead"], queryset=Organisation.objects.none(), required=False, empty_label=_("unchanged")
    )
    due = PartialDateField(label=FIELDS["due"])
    reason = _reason_field()

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["place"].offer(state, unchanged=_("unchanged"))
        fields["stage"].choices = [("", _("unchanged")), *enum_choices(Stage)]
        fields["visibility"].choices = [("", _("unchanged")), *enum_choices(MeasureVisibility)]
        _offer_organisations(fields["lead"], state)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (self.values or data["stage"]):
            raise forms.ValidationError(_("Choose what to change."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        """The columns to change, for `change_measures`."""
        data = self.cleaned_data
        values = {name: data[name] for name in ("visibility", "due") if data.get(name)}
        if data.get("lead"):
            values |= {"lead": data["lead"], "lead_name": ""}
        if data.get("place"):
            values["plan"], values["chapter"] = self.fields["place"].places[data["place"]]  # type: ignore[attr-defined]
        return values


class PlanForm(forms.ModelForm):
    """Form for a plan and the titles of its chapters."""

    chapters = forms.CharField(
        label=_("Chapters"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One per line, in the order of the plan. To rename a chapter, edit its line."),
    )
    adopted = PartialDateField(label=_("Adopted"))
    begins = PartialDateField(label=pgettext_lazy("of a plan", "Starts"))
    ends = PartialDateField(label=pgettext_lazy("of a plan", "Ends"))

    class Meta:
        model = Plan
        fields = ("kind", "title", "language", "adopted", "begins", "ends", "source", "visibility", "chapters")
        labels = {
            "kind": FIELDS["kind"],
            "title": FIELDS["title"],
            "language": FIELDS["language"],
            "source": _("Web address of the plan"),
            "visibility": FIELDS["visibility"],
        }

    field_order = Meta.fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=FIELDS["language"], choices=_language_choices(self.instance.language)
        )
        if self.instance.pk:
            self.initial["chapters"] = "\n".join(self.instance.chapters.values_list("title", flat=True))

    def clean_chapters(self) -> list[str]:
        titles = list(dict.fromkeys(filter(None, map(str.strip, self.cleaned_data["chapters"].splitlines()))))
        if len(titles) > MAX_CHAPTERS or any(len(title) > 200 for title in titles):
            raise forms.ValidationError(
                _("Enter at most %(number)d chapters, each with at most 200 characters.") % {"number": MAX_CHAPTERS}
            )
        return titles

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "chapters"}


class RegionForm(forms.ModelForm):
    """Form for a region or municipality of a state."""

    class Meta:
        model = Region
        fields = ("name", "kind", "part_of")
        labels = {"name": _("Name"), "kind": FIELDS["kind"], "part_of": _("Part of")}

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.state_id = state
        part_of: Any = self.fields["part_of"]
        part_of.queryset = Region.objects.filter(state_id=state, kind="region")
        part_of.label_from_instance = lambda region: region.name
        part_of.empty_label = _("the state")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        same = Region.objects.filter(
            state_id=self.instance.state_id, kind=data.get("kind", ""), name=data.get("name", "")
        )
        if same.exists():
            self.add_error("name", _("There is already a territory with this name."))
        return data
