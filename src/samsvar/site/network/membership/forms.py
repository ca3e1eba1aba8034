"""Forms for members, terms of office, organisations, seats and networks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.membership import Office
from samsvar.network.people import OrganisationKind
from samsvar.site.network import labels, models
from samsvar.site.network.directory.forms import CollapsedChoicesField, country_choices, date_field, language_choices
from samsvar.site.network.membership.queries import possible_preceding_terms
from samsvar.site.shell.labels import enum_choices


class TermForm(forms.Form):
    """A form for a term of office in a network."""

    office = forms.ChoiceField(label=_("Role"))
    state = forms.ChoiceField(label=_("Country"), required=False, help_text=_("Only for national contact points."))
    organisation = forms.ModelChoiceField(
        models.Organisation.objects.none(),
        label=_("Organisation"),
        empty_label="—",
        required=False,
        to_field_name="public_id",
    )
    begins = date_field(_("First day"), required=False)
    ends = date_field(_("Last day"), required=False, help_text=_("Leave empty if not known."))

    def __init__(self, *args: Any, network: models.Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        office, state, organisation = self.fields["office"], self.fields["state"], self.fields["organisation"]
        assert isinstance(office, forms.ChoiceField)
        assert isinstance(state, forms.ChoiceField)
        assert isinstance(organisation, forms.ModelChoiceField)
        office.choices = enum_choices(Office)
        office.initial = Office.MEMBER.value
        state.choices = country_choices()
        organisation.queryset = models.Organisation.objects.filter(seats__network=network).distinct()
        organisation.label_from_instance = lambda one: one.name  # type: ignore[method-assign,assignment]
        self.order_fields(["name", "network", "office", "state", "organisation", "follows", "begins", "ends", "note"])

    def term_data(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {**data, "office": Office(data["office"]), "state": data["state"] or None}


class MemberForm(TermForm):
    """A form for a new member who has no account yet."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    note = forms.CharField(
        label=_("Basis for adding this person"),
        max_length=300,
        help_text=_("For example: nominated by their ministry on 3 March 2026. The person will be able to read this."),
    )


class AppointmentForm(TermForm):
    """A form for appointing an existing member to another office."""

    follows = forms.ModelChoiceField(
        models.Membership.objects.none(),
        label=_("Successor to"),
        required=False,
        empty_label="—",
        to_field_name="public_id",
    )

    def __init__(self, *args: Any, network: models.Network, names: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, network=network, **kwargs)
        follows = self.fields["follows"]
        assert isinstance(follows, forms.ModelChoiceField)
        follows.queryset = possible_preceding_terms(network)

        def term_label(term: models.Membership) -> str:
            office = f"{labels.OFFICES[Office(term.office)]} {term.state_id or ''}".strip()
            return f"{names.get(term.person_id, '—')} ({office}, {term.begins or '…'} – {term.ends or '…'})"

        follows.label_from_instance = term_label  # type: ignore[method-assign,assignment]


class EndDateForm(forms.Form):
    """A form for the date on which a term or a seat ends."""

    ends = date_field(_("Last day"))


class RiskForm(forms.Form):
    """A form for marking a person as at risk, or for removing that mark."""

    at_risk = forms.BooleanField(
        label=_("At risk: visible only to the secretariat and the person themselves"), required=False
    )
    pseudonym = forms.CharField(
        label=_("Pseudonym in public programmes"),
        max_length=80,
        required=False,
        help_text=_("Agree the name with them. It must not identify them."),
    )
    why = forms.CharField(
        label=_("Reason (recorded in the audit log; do not name anyone)"), max_length=300, min_length=10
    )


class LegalBasisForm(forms.Form):
    """A form for recording a legal basis other than consent."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=partial(enum_choices, Purpose))
    ground = forms.ChoiceField(
        label=_("Legal basis"),
        choices=lambda: enum_choices(basis for basis in LegalBasis if basis is not LegalBasis.CONSENT),
    )
    note = forms.CharField(
        label=_("Details of the legal basis"),
        max_length=300,
        help_text=_("The law, decision or contract. The person will be able to read this."),
    )
    until = date_field(
        _("End date"),
        required=False,
        help_text=_("The legal basis ends at midnight UTC at the start of this date. Leave empty for no end date."),
    )

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        return datetime.combine(day, time(), UTC) if day else None


class OrganisationForm(forms.Form):
    """A form for an organisation."""

    name = forms.CharField(label=_("Name, as used by the organisation"), max_length=200)
    kind = forms.ChoiceField(label=_("Type"), choices=partial(enum_choices, OrganisationKind))
    state = forms.ChoiceField(label=_("Country"), required=False)
    languages = CollapsedChoicesField(label=_("Working languages"))
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    about = forms.CharField(
        label=_("Activities"), max_length=1200, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state, languages = self.fields["state"], self.fields["languages"]
        assert isinstance(state, forms.ChoiceField)
        assert isinstance(languages, forms.MultipleChoiceField)
        state.choices = country_choices(_("none (international)"))
        languages.choices = language_choices()

    def organisation_data(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {**data, "kind": OrganisationKind(data["kind"]), "state": data["state"] or None}


class SeatForm(forms.Form):
    """A form for giving an existing organisation a seat."""

    organisation = forms.ModelChoiceField(
        models.Organisation.objects.none(), label=_("Organisation"), empty_label="—", to_field_name="public_id"
    )
    begins = date_field(_("First day"), required=False)

    def __init__(self, *args: Any, network: models.Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = self.fields["organisation"]
        assert isinstance(organisation, forms.ModelChoiceField)
        organisation.queryset = models.Organisation.objects.exclude(
            seats__in=network.seats.filter(ends__isnull=True)
        ).order_by("name")
        organisation.label_from_instance = lambda one: one.name  # type: ignore[method-assign,assignment]


class NetworkForm(forms.Form):
    """A form for a network."""

    name = forms.CharField(label=_("Name"), max_length=120)
    about = forms.CharField(
        label=_("Description"), max_length=1200, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    lead = forms.ChoiceField(label=_("Led by"), required=False)
    founded = forms.RegexField(
        r"^\d{4}(-\d{2}(-\d{2})?)?$",
        label=_("Founded"),
        required=False,
        help_text=_("As precisely as you know it: 2019, 2019-06 or 2019-06-18"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead = self.fields["lead"]
        assert isinstance(lead, forms.ChoiceField)
        lead.choices = country_choices()


class MemberExportForm(forms.Form):
    """A form for exporting the list of members."""

    form = forms.ChoiceField(label=_("Format"), choices=[("xlsx", "XLSX"), ("csv", "CSV")])
    with_people_at_risk = forms.BooleanField(label=_("Include people at risk"), required=False)
    why = forms.CharField(
        label=_("Why the list is needed"),
        max_length=300,
        required=False,
        help_text=_("Required if people at risk are included. This is recorded in the audit log; do not name anyone."),
    )

    def export_options(self) -> dict[str, Any]:
        data = self.cleaned_data
        at_risk = data["with_people_at_risk"]
        return {"file_format": data["form"], "with_people_at_risk": at_risk, "reason": data["why"]}
