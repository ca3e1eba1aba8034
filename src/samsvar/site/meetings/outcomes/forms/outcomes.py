"""Forms for recording the outcomes of a session and the progress of commitments."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import CommitmentProgress, OutcomeKind
from samsvar.site.meetings.models import Outcome
from samsvar.site.meetings.outcomes.queries.outcomes import finding_exists
from samsvar.site.network.access.permissions import Organisation
from samsvar.site.network.directory.forms import country_choices
from samsvar.site.network.directory.queries.organisations import organisations
from samsvar.site.shell.labels import enum_choices
from samsvar.territories import territory_name

MAX_OUTCOME_LENGTH = 2_000
COMMITMENT_FIELDS = ("state", "organisation", "due")


class _OrganisationChoiceField(forms.ModelChoiceField):
    """An organisation field labelled with name and country, because many states have a Ministry of Justice."""

    def label_from_instance(self, obj: Organisation) -> str:
        return f"{obj.name}, {territory_name(obj.state_id, get_language() or 'en')}" if obj.state_id else obj.name


def _state_choices(invited: Collection[str]) -> list[tuple[str, Any]]:
    """Return the choices of a state field, with the states represented at the meeting in a group at the top."""
    (empty, *all_of_them) = country_choices()
    first = [one for one in all_of_them if one[0] in invited]
    rest = [one for one in all_of_them if one not in first]
    if not first:
        return [empty, *rest]
    return [empty, (str(_("States at this meeting")), first), (str(_("Others")), rest)]


class OutcomeForm(forms.Form):
    """Form for recording or correcting an outcome. State, organisation and due date apply only to commitments."""

    kind = forms.ChoiceField(label=_("Type"), choices=partial(enum_choices, OutcomeKind))
    text = forms.CharField(
        label=_("Recorded outcome"),
        max_length=MAX_OUTCOME_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "accesskey": "t"}),
        help_text=_("Use one or two sentences, in words that those present would use. Do not name people at risk."),
    )
    state = forms.ChoiceField(label=_("State making the commitment"), required=False)
    organisation = _OrganisationChoiceField(
        label=_("Organisation (instead of a country)"),
        required=False,
        queryset=organisations().none(),
        to_field_name="public_id",
        empty_label="–",
    )
    due = forms.CharField(
        label=_("Deadline"),
        required=False,
        max_length=10,
        help_text=_("2027, 2027-06 or 2027-06-30, depending on how exact the deadline is."),
    )
    article = forms.ChoiceField(label=_("Related article"), required=False, choices=())
    finding = forms.CharField(
        label=_("Finding addressed"),
        required=False,
        max_length=200,
        help_text=_("The finding’s web address, or the last part of it."),
    )

    def __init__(
        self, *args: Any, outcome: Outcome | None = None, meeting_states: Collection[str] = (), **more: Any
    ) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        fields["state"].choices = _state_choices(meeting_states)
        language = get_language() or "en"
        articles = ((one.number, f"{one.number} {one.title(language)}") for one in ISTANBUL)
        fields["article"].choices = [("", "–"), *articles]
        fields["organisation"].queryset = organisations()
        if outcome is not None:
            del self.fields["kind"]
            if outcome.kind != OutcomeKind.COMMITMENT:
                for name in COMMITMENT_FIELDS:
                    del self.fields[name]
            self.fields["why"] = forms.CharField(
                label=_("Reason for the correction"),
                required=False,
                max_length=300,
                help_text=_(
                    "Required once the record is closed. Everyone who can read the outcome can also read this."
                ),
            )

    def clean(self) -> dict[str, Any]:
        """Reject a state, organisation or due date for outcomes that are not commitments, rather than ignoring it."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind and kind != OutcomeKind.COMMITMENT:
            text = _("Only commitments have this field. Choose the type “commitment”, or leave this field empty.")
            for name in COMMITMENT_FIELDS:
                if data.get(name):
                    self.add_error(name, text)
        return data

    def clean_finding(self) -> str:
        """Return the public ID of the finding, given as an ID or URL. It must exist, because outcomes link to it."""
        key = str(self.cleaned_data["finding"]).strip().partition("?")[0].rstrip("/").rpartition("/")[2]
        if key and not finding_exists(key):
            raise forms.ValidationError(_("No finding has this address."))
        return key

    def clean_due(self) -> str:
        due = str(self.cleaned_data["due"]).strip()
        if due:
            try:
                parse_partial_date(due)
            except UnreadableDate as unreadable:
                message = _("Enter a day as 2019-06-04, a month as 2019-06 or a year as 2019.")
                raise forms.ValidationError(message) from unreadable
        return due


class RetractOutcomeForm(forms.Form):
    """Form for the reason for retracting an outcome."""

    why = forms.CharField(label=_("Reason for withdrawal"), max_length=300)


class CommitmentContactForm(forms.Form):
    """Form for choosing who presented a commitment. `people` contains (public ID, label) pairs."""

    person = forms.ChoiceField(label=_("Presented by"), required=False, choices=())

    def __init__(self, *args: Any, people: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        fields["person"].choices = [("", _("no one")), *people]


class OutcomeAccessForm(forms.Form):
    """Form for choosing who can read an outcome."""

    access = forms.ChoiceField(label=_("Who can read it"), choices=partial(enum_choices, AccessLevel))


class CommitmentProgressForm(forms.Form):
    """Form for reporting progress on a commitment."""

    keeping = forms.ChoiceField(label=_("Current status"))
    text = forms.CharField(
        label=_("Details"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    evidence = forms.URLField(
        label=_("Link to evidence"),
        required=False,
        assume_scheme="https",
        help_text=_("The web address of a law, report or page. Everyone who can read the commitment can see it."),
    )

    def __init__(self, *args: Any, may_give_up: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        left_out = {CommitmentProgress.NOT_REPORTED} | (set() if may_give_up else {CommitmentProgress.RELEASED})
        fields: Any = self.fields
        fields["keeping"].choices = enum_choices(one for one in CommitmentProgress if one not in left_out)

    def values(self) -> dict[str, Any]:
        """Return the arguments for `record_progress`."""
        data = self.cleaned_data
        return {"progress": CommitmentProgress(data["keeping"]), "text": data["text"], "evidence": data["evidence"]}
