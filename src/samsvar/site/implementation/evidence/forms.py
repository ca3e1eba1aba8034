"""Forms to offer evidence, to set it aside, and to filter a state's list."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.implementation.evidence import ORGANISATION_SIDES, EvidenceKind, FormFault, Side
from samsvar.site.implementation.evidence.actions import EDITABLE, EvidenceFile
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.evidence.permissions import Giver
from samsvar.site.network.access.permissions import Organisation
from samsvar.site.network.directory.forms import language_choices
from samsvar.site.network.directory.queries.organisations import organisations
from samsvar.site.shell.labels import enum_choices

DATE_HELP = _("2026, 2026-03 or 2026-03-31, as exact as the source.")
NO_CASE_DATA = _("Do not enter anything about a victim’s case, and no address of a shelter.")
SHOWS = (
    ("yes", _("that it is done or works")),
    ("no", _("that it is not done or does not work")),
)


class OrganisationChoiceField(forms.ModelChoiceField):
    """An organisation, labelled with its name."""

    def label_from_instance(self, obj: Organisation) -> str:
        return obj.name


class EvidenceForm(forms.Form):
    """Form to offer evidence, or a new revision of it. Who gives it is chosen from what the user may act for."""

    giver = forms.ChoiceField(label=_("On behalf of"))
    body = OrganisationChoiceField(
        label=_("Body of the state"), required=False, queryset=organisations().none(), to_field_name="public_id",
        empty_label=_("the national desk itself"),
    )  # fmt: skip
    supports = forms.ChoiceField(label=_("What it shows"), choices=SHOWS, widget=forms.RadioSelect, initial="yes")
    kind = forms.ChoiceField(label=_("Type"), choices=partial(enum_choices, EvidenceKind))
    title = forms.CharField(label=_("Title"), max_length=300, help_text=NO_CASE_DATA)
    text = forms.CharField(
        label=_("What it says"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=NO_CASE_DATA,
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)
    begins = forms.CharField(label=_("Describes the period from"), required=False, max_length=10, help_text=DATE_HELP)
    ends = forms.CharField(label=_("Describes the period until"), required=False, max_length=10, help_text=DATE_HELP)
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The last day on which it counts. Leave it empty if it does not expire."),
    )  # fmt: skip
    link = forms.URLField(
        label=_("Link"), required=False, assume_scheme="https", max_length=500,
        help_text=_("The web address of a law, report or page. Enter a link or choose a file, not both."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"), required=False,
        help_text=_(
            "PDF, DOCX, ODT, slides (PPTX, ODP), a spreadsheet (XLSX, ODS), plain text or an image, up to 20 MB. Files "
            "with macros are not accepted. Remove names and addresses of people before you choose the file."
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.odt,.pptx,.odp,.xlsx,.ods,.txt,.png,.jpg,.jpeg,.webp"}),
    )  # fmt: skip

    def __init__(self, *args: Any, givers: list[Giver], revises: Evidence | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.givers = {_giver_key(giver): giver for giver in givers}
        self.initial.setdefault("language", get_language() or "en")
        fields: Any = self.fields
        if len(givers) == 1:
            del fields["giver"]
        else:
            fields["giver"].choices = [
                (key, giver.organisation.name) for key, giver in self.givers.items() if giver.organisation
            ]
        if givers[0].side is Side.STATE:
            kinds = [kind for kind, side in ORGANISATION_SIDES.items() if side is Side.STATE]
            fields["body"].queryset = organisations(state=givers[0].state).filter(kind__in=kinds)
        else:
            del fields["body"]
        if revises is not None and revises.stored_hash and not revises.form_fault:
            fields["file"].help_text = _("Without a new file or a link, the revision keeps the file of the one before.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begins, ends = (parse_partial_date(data.get(name) or "") for name in ("begins", "ends"))
        if begins and ends and ends.latest < begins.earliest:
            self.add_error("ends", _("The period ends before it begins."))
        if data.get("link") and data.get("file"):
            self.add_error("file", _("Enter a link or choose a file, not both."))
        return data

    def clean_begins(self) -> str:
        return _clean_partial_date(self.cleaned_data["begins"])

    def clean_ends(self) -> str:
        return _clean_partial_date(self.cleaned_data["ends"])

    def offer_values(self) -> dict[str, Any]:
        """Return the arguments for `offer_evidence`, except who offers what."""
        data = self.cleaned_data
        values = {name: data[name] for name in EDITABLE} | {"supports": data["supports"] == "yes"}
        file = data["file"]
        return {
            "giver": self.givers[data["giver"]] if "giver" in data else next(iter(self.givers.values())),
            "body": data.get("body"),
            "values": values,
            "file": EvidenceFile(file, file.name) if file else None,
        }


def revision_initial(evidence: Evidence) -> dict[str, Any]:
    """Return the values of a revision with which the form of the next one starts."""
    return {
        **{name: getattr(evidence, name) for name in EDITABLE},
        "supports": "yes" if evidence.supports else "no",
        "body": evidence.organisation.public_id if evidence.organisation else "",
    }


def _giver_key(giver: Giver) -> str:
    return giver.organisation.public_id if giver.organisation else giver.state


def _clean_partial_date(value: str) -> str:
    value = value.strip()
    try:
        parse_partial_date(value)
    except UnreadableDate as unreadable:
        message = _("Enter a day as 2019-06-04, a month as 2019-06 or a year as 2019.")
        raise forms.ValidationError(message) from unreadable
    return value


class SetAsideForm(forms.Form):
    """Form for the reason why a side sets its own evidence aside."""

    reason = forms.CharField(
        label=_("Reason"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only those who can see evidence of your own side can read it."),
    )  # fmt: skip


class FormFaultForm(forms.Form):
    """Form for a reviewer: what is wrong with the form of the evidence, and where."""

    fault = forms.ChoiceField(label=_("Fault"), choices=partial(enum_choices, FormFault), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Where the fault is"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Those who gave it read this. Say on which page or in which field, without repeating what is there."
        ),
    )  # fmt: skip
