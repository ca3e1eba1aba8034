"""Forms for adoptions: take up a practice, and take a step."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.exchange.adoptions import AdoptionKind, AdoptionStatus
from samsvar.site.exchange.adoptions.actions import EDITABLE, NewMeasure
from samsvar.site.exchange.adoptions.models import Adoption
from samsvar.site.exchange.adoptions.queries import measures_to_link
from samsvar.site.exchange.permissions import Contributor
from samsvar.site.implementation.measures.forms import PartialDateField
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.network.access.permissions import User
from samsvar.site.shell.labels import LANGUAGES, enum_choices
from samsvar.territories import territory_name

MAX_TEXT = 4_000
NEW_MEASURE = "new"


class AdoptionForm(forms.Form):
    """Form for an adoption, of one adopter; with a new measure if it is a national desk."""

    kind = forms.ChoiceField(
        label=_("What you take over"), choices=partial(enum_choices, AdoptionKind), initial=AdoptionKind.ADAPTED
    )
    changed = forms.CharField(
        label=_("What you change"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What is different in your state, and why. Do not name people."),
    )
    language = forms.ChoiceField(label=_("Language of this text"), choices=LANGUAGES.items)
    since = PartialDateField(label=_("Since"))
    measure = forms.ChoiceField(
        label=_("Measure"),
        required=False,
        help_text=_("The measure by which your state carries it out. You can link it later."),
    )
    measure_title = forms.CharField(
        label=_("Title of the new measure"),
        max_length=300,
        required=False,
        help_text=_("Only for a new measure. Only the desk sees it until it is published."),
    )
    is_public = forms.BooleanField(
        label=_("Show on the page of the practice, to everyone"),
        required=False,
        help_text=_("An adoption that is given up teaches others as much as one that works."),
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        adopter: Contributor,
        title: str = "",
        existing: Adoption | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = self._initial(existing, title) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        measures = list(measures_to_link(user, adopter.state))
        if existing is not None and existing.measure is not None and existing.measure not in measures:
            measures.append(existing.measure)
        self.measures = {one.public_id: one for one in measures}
        fields: dict[str, Any] = self.fields
        choices: list[tuple[str, Any]] = [("", _("no measure yet"))]
        if adopter.organisation is None:
            choices.append((NEW_MEASURE, _("a new measure")))
        else:
            del fields["measure_title"]
        choices += [(key, f"{one.reference} {one.title}".strip()) for key, one in self.measures.items()]
        fields["measure"].choices = choices

    @staticmethod
    def _initial(existing: Adoption | None, title: str) -> dict[str, Any]:
        if existing is None:
            return {"measure_title": title}
        values = {name: getattr(existing, name) for name in EDITABLE}
        return {**values, "measure": existing.measure.public_id if existing.measure else "", "measure_title": title}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("measure") == NEW_MEASURE and not cleaned.get("measure_title", "").strip():
            self.add_error("measure_title", _("Enter a title for the new measure."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in EDITABLE}

    @property
    def chosen_measure(self) -> Measure | NewMeasure | None:
        chosen = self.cleaned_data["measure"]
        if chosen == NEW_MEASURE:
            return NewMeasure(self.cleaned_data["measure_title"].strip(), self.cleaned_data["changed"])
        return self.measures.get(chosen)


class StepForm(forms.Form):
    """Form for the next status of an adoption."""

    status = forms.ChoiceField(label=_("Status"))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed if you give it up: what you learned helps the next state. Do not name people."),
    )
    evidence_link = forms.URLField(
        label=_("Link to evidence"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("Needed if it works, unless the measure already has released evidence."),
    )

    def __init__(self, *args: Any, statuses: tuple[AdoptionStatus, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["status"].choices = enum_choices(statuses)


def adopter_label(adopter: Contributor) -> str:
    """Return the name of an adopter: its organisation, or the national desk of a state."""
    if adopter.organisation is not None:
        return adopter.organisation.name
    return _now("National desk: %(state)s") % {"state": territory_name(adopter.state, get_language() or "en")}
