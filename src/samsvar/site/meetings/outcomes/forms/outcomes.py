"""What somebody writes down of a session, and says of a commitment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.dates import UnreadableDate, partial_date
from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import Keeping, OutcomeKind
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.models import Outcome
from samsvar.site.meetings.outcomes import labels as outcomes_labels
from samsvar.site.meetings.outcomes.queries.outcomes import is_finding
from samsvar.site.network.access.permissions import Organisation
from samsvar.site.network.directory.forms import countries
from samsvar.site.network.directory.queries.organisations import organisations
from samsvar.territories import name_of

LONGEST_OUTCOME = 2_000


class _Organisations(forms.ModelChoiceField):
    """Bodies by name and country: many states have a Ministry of Justice."""

    def label_from_instance(self, obj: Organisation) -> str:
        return f"{obj.name}, {name_of(obj.state_id, get_language() or 'en')}" if obj.state_id else obj.name


def _states(invited: Collection[str]) -> list[tuple[str, Any]]:
    """Every state; those of the meeting stand first, in a group of their own."""
    (empty, *all_of_them) = countries()
    first = [one for one in all_of_them if one[0] in invited]
    if not first:
        return [empty, *all_of_them]
    rest = [one for one in all_of_them if one not in first]
    return [empty, (str(_("Of this meeting")), first), (str(_("Others")), rest)]


def _kinds() -> list[tuple[str, Any]]:
    return [(one.value, outcomes_labels.OUTCOME_KINDS[one]) for one in OutcomeKind]


class OutcomeForm(forms.Form):
    """One outcome. Who promised, and until when, is asked of commitments alone."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=lambda: [(one.value, outcomes_labels.OUTCOME_KINDS[one]) for one in OutcomeKind]
    )
    text = forms.CharField(
        label=_("What was said"),
        max_length=LONGEST_OUTCOME,
        widget=forms.Textarea(attrs={"rows": 3, "accesskey": "t"}),
        help_text=_("In a sentence or two, as those present would say it. No names of people at risk."),
    )
    state = forms.ChoiceField(label=_("Which state promises"), required=False, choices=())
    organisation = _Organisations(
        label=_("or which organisation"),
        required=False,
        queryset=organisations().none(),
        to_field_name="public_id",
        empty_label="–",
    )
    due = forms.CharField(
        label=_("Until when"),
        required=False,
        max_length=10,
        help_text=_("2027, 2027-06 or 2027-06-30, as it was said."),
    )
    article = forms.ChoiceField(label=_("About which article"), required=False, choices=())
    finding = forms.CharField(
        label=_("Which finding it answers"),
        required=False,
        max_length=200,
        help_text=_("The finding’s address, or the last part of it."),
    )

    def __init__(self, *args: Any, outcome: Outcome | None = None, invited: Collection[str] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        state, article, organisation = self.fields["state"], self.fields["article"], self.fields["organisation"]
        assert isinstance(state, forms.ChoiceField)
        assert isinstance(article, forms.ChoiceField)
        assert isinstance(organisation, forms.ModelChoiceField)
        state.choices = _states(invited)
        language = get_language() or "en"
        article.choices = [("", "–"), *((one.number, f"{one.number} {one.title(language)}") for one in ISTANBUL)]
        organisation.queryset = organisations()
        if outcome is not None:
            del self.fields["kind"]
            if outcome.kind != OutcomeKind.COMMITMENT:
                for name in ("state", "organisation", "due"):
                    del self.fields[name]
            self.fields["why"] = forms.CharField(
                label=_("Why it is corrected"),
                required=False,
                max_length=300,
                help_text=_("Needed once the record is closed; everybody who reads the outcome reads it too."),
            )

    def clean(self) -> dict[str, Any]:
        """Who promises, and until when, belongs to a commitment: elsewhere it is refused, never dropped."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        kind = said.get("kind")
        if kind and kind != OutcomeKind.COMMITMENT:
            for name in ("state", "organisation", "due"):
                if said.get(name):
                    self.add_error(name, _("Only a commitment has this: choose the kind “commitment”, or empty it."))
        return said

    def clean_finding(self) -> str:
        """The key of a finding that is there: its page is linked wherever the outcome stands."""
        key = str(self.cleaned_data["finding"]).strip().partition("?")[0].rstrip("/").rpartition("/")[2]
        if key and not is_finding(key):
            raise forms.ValidationError(_("No finding has this address."))
        return key

    def clean_due(self) -> str:
        due = str(self.cleaned_data["due"]).strip()
        if due:
            try:
                partial_date(due)
            except UnreadableDate as unreadable:
                raise forms.ValidationError(
                    _("Write a day as 2019-06-04, a month as 2019-06, a year as 2019.")
                ) from unreadable
        return due


class WhyForm(forms.Form):
    """Why an outcome is taken back."""

    why = forms.CharField(label=_("Why it is taken back"), max_length=300)


class AskedForm(forms.Form):
    """Who spoke for a commitment; `people` are those of the meeting, as whoever runs it sees them."""

    person = forms.ChoiceField(label=_("Who spoke for it"), required=False, choices=())

    def __init__(self, *args: Any, people: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [("", _("nobody")), *people]


class AccessForm(forms.Form):
    """Who may read an outcome."""

    access = forms.ChoiceField(
        label=_("Who may read it"), choices=lambda: [(one.value, words.ACCESSES[one]) for one in Access]
    )


class KeepingForm(forms.Form):
    """How a commitment stands."""

    keeping = forms.ChoiceField(label=_("How it stands"), choices=())
    text = forms.CharField(
        label=_("In words"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    evidence = forms.URLField(
        label=_("Where it can be seen"),
        required=False,
        assume_scheme="https",
        help_text=_("The address of a law, a report, a page. Everybody who reads the commitment reads it."),
    )

    def __init__(self, *args: Any, may_give_up: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        offered = [
            one for one in Keeping if one is not Keeping.PROMISED and (may_give_up or one is not Keeping.GIVEN_UP)
        ]
        keeping = self.fields["keeping"]
        assert isinstance(keeping, forms.ChoiceField)
        keeping.choices = [(one.value, outcomes_labels.KEEPINGS[one]) for one in offered]
