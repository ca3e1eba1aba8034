"""Forms for what a state's desk decides about findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.implementation.measures import AnswerScope
from samsvar.site.implementation.labels import FIELDS
from samsvar.site.implementation.measures.forms import measure_choices
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.network.access.permissions import Organisation
from samsvar.site.shell.filters import FilterSelect
from samsvar.site.shell.labels import enum_choices

REASON_HELP = _("The reason is public. Write it for the monitoring body and for those concerned.")


class _DecisionForm(forms.Form):
    """Base form for a decision about the selected findings of a state."""

    use_required_attribute = False  # all are in one form of the page, and a decision fills in only its own fields

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state = state


class AssignForm(_DecisionForm):
    """Form for the body that deals with findings, chosen from a list or named."""

    body = forms.CharField(
        label=FIELDS["body"], max_length=200, help_text=_("A ministry, an agency, a region: not a person.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].widget.attrs["list"] = "bodies"

    @property
    def chosen_body(self) -> Organisation | str:
        """The listed organisation of the state with this name, or the name."""
        name: str = self.cleaned_data["body"].strip()
        return Organisation.objects.filter(state_id=self.state, name=name).first() or name


class LinkForm(_DecisionForm):
    """Form for the measure that answers findings, as a whole or in part."""

    measure = forms.ModelChoiceField(
        label=pgettext_lazy("what a state does", "Measure"), queryset=Measure.objects.none(),
        to_field_name="public_id", widget=FilterSelect,
    )  # fmt: skip
    scope = forms.ChoiceField(label=FIELDS["scope"], initial=AnswerScope.WHOLE.value)
    part_text = forms.CharField(
        label=FIELDS["part_text"],
        max_length=300,
        required=False,
        help_text=_("Only if it answers part of the finding."),
    )
    reason = forms.CharField(label=_("How the measure answers it"), max_length=1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["measure"].queryset = Measure.objects.filter(state_id=self.state)
        fields["measure"].choices = measure_choices(self.state)
        fields["scope"].choices = enum_choices(AnswerScope)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("scope") == AnswerScope.PART and not data.get("part_text"):
            self.add_error("part_text", _("Enter which part: the words that the measure answers."))
        if data.get("scope") == AnswerScope.WHOLE and data.get("part_text"):
            self.add_error("scope", _("Choose “in part”, or leave the part empty."))
        return data


class ReasonForm(_DecisionForm):
    """Form for the public reason why a state does nothing about findings."""

    reason = forms.CharField(
        label=FIELDS["reason"],
        max_length=1000,
        strip=True,
        widget=forms.TextInput,
        help_text=REASON_HELP,
        error_messages={"required": _("Nothing is set aside without a reason: write in one sentence why.")},
    )


class ClusterForm(_DecisionForm):
    """Form for the title of a cluster."""

    title = forms.CharField(
        label=_("Title of the cluster"), max_length=200, help_text=_("What all of them ask for, in a few words.")
    )


class NoteForm(_DecisionForm):
    """Form for the desk's own note about a finding, and for the number of its parts."""

    parts = forms.IntegerField(label=FIELDS["parts"], min_value=1, max_value=99)
    note = forms.CharField(
        label=FIELDS["note"], max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only the desk sees it."),
    )  # fmt: skip


class ReopenForm(_DecisionForm):
    """Form without fields: findings are to be decided about again."""


DECISION_FORMS: dict[str, type[_DecisionForm]] = {
    "assign": AssignForm,
    "link": LinkForm,
    "not_for_us": ReasonForm,
    "no_measure": ReasonForm,
    "cluster": ClusterForm,
    "reopen": ReopenForm,
}


def build_decision_forms(state: str, *, body: str = "") -> dict[str, _DecisionForm]:
    """Return an empty form for each decision; `body` is the one assigned last."""
    return {
        name: form(state=state, auto_id=f"{name}-%s", prefix=name, initial={"body": body})
        for name, form in DECISION_FORMS.items()
    }
