"""Forms of rooms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samsvar.site.implementation.evidence.forms import NO_CASE_DATA, OrganisationChoiceField
from samsvar.site.implementation.rooms.models import Room, RoomSection
from samsvar.site.implementation.rooms.queries import findings_without_section, reports_to_comment
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, Report
from samsvar.site.network.access.permissions import Organisation
from samsvar.site.network.directory.forms import country_choices, language_choices
from samsvar.site.shell.filters import FilterSelect
from samsvar.site.shell.templatetags.samsvar import state_name

MAX_SECTION_LENGTH = 20_000


class _ReportField(forms.ModelChoiceField):
    """A report, labelled with its state, because titles of reports are alike."""

    def label_from_instance(self, obj: Report) -> str:
        return f"{state_name(obj.document.state_id)} · {obj.document.reference or obj.document.title or obj.filename}"


class RoomForm(forms.Form):
    """Form for a new room."""

    organisation = OrganisationChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), to_field_name="public_id", empty_label="–"
    )
    title = forms.CharField(label=_("Title"), max_length=300)
    state = forms.ChoiceField(label=_("State"), choices=country_choices, widget=FilterSelect)
    report = _ReportField(
        label=_("Report that it comments on"),
        required=False,
        queryset=Report.objects.none(),
        to_field_name="public_id",
        widget=FilterSelect,
        empty_label="–",
        help_text=_("Its findings are offered as sections. You can also write without one."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)

    def __init__(self, *args: Any, organisations: list[Organisation], **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        own = Organisation.objects.filter(pk__in=[organisation.pk for organisation in organisations])
        fields["organisation"].queryset = own
        fields["report"].queryset = reports_to_comment()
        self.initial.setdefault("language", get_language() or "en")
        if len(organisations) == 1:
            self.initial.setdefault("organisation", organisations[0].public_id)
            self.initial.setdefault("state", organisations[0].state_id or "")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        report = data.get("report")
        if report is not None and data.get("state") and report.document.state_id != data["state"]:
            self.add_error("report", _("This report is about another state."))
        return data


class _FindingField(forms.ModelChoiceField):
    """A finding, labelled with where it is printed and how it begins."""

    def label_from_instance(self, obj: Finding) -> str:
        return f"{short_citation(obj)}: {obj.text[:80]}"


class SectionForm(forms.Form):
    """Form to add a section: about a finding, or under a heading."""

    finding = _FindingField(
        label=_("Finding"), required=False, queryset=Finding.objects.none(), to_field_name="public_id",
        widget=FilterSelect, empty_label="–",
    )  # fmt: skip
    heading = forms.CharField(label=_("Or a heading of your own"), required=False, max_length=300)

    def __init__(self, *args: Any, room: Room, **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        fields["finding"].queryset = findings_without_section(room)
        if room.report_id is None:
            del fields["finding"]
            fields["heading"].label = _("Heading")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(data.get("finding")) == bool((data.get("heading") or "").strip()) and not self.errors:
            self.add_error("heading", _("Choose a finding or enter a heading, not both."))
        return data


class SectionTextForm(forms.Form):
    """Form for the text of a section."""

    text = forms.CharField(
        label=_("Your text"), required=False, max_length=MAX_SECTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 16}), help_text=NO_CASE_DATA,
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def for_section(cls, data: Any, section: RoomSection) -> SectionTextForm:
        """Return the form, bound if there is data, for the current version of a section."""
        return cls(data, initial={"text": section.text, "seen": section.version})


class MemberForm(forms.Form):
    """Form to let a colleague in."""

    email = forms.EmailField(
        label=_("Email address of the colleague’s account"),
        help_text=_("The members of a room see each other’s email addresses."),
    )
