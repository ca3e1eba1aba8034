"""Forms for members, terms of office, organisations, seats and networks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.network.consent import Ground, Purpose
from samsvar.network.membership import Office
from samsvar.network.people import OrganisationKind
from samsvar.site.network import labels as words
from samsvar.site.network import models
from samsvar.site.network.directory.forms import _day, countries, spoken
from samsvar.site.network.membership.queries import terms_to_follow


class TermForm(forms.Form):
    """An office in a network, for a term."""

    office = forms.ChoiceField(label=_("As what"))
    state = forms.ChoiceField(label=_("Of which country"), required=False, help_text=_("For national contact points."))
    organisation = forms.ModelChoiceField(
        models.Organisation.objects.none(),
        label=_("From which organisation"),
        empty_label="—",
        required=False,
        to_field_name="public_id",
    )
    begins = _day(_("First day"), required=False)
    ends = _day(_("Last day"), required=False, help_text=_("Empty while nobody knows it."))

    def __init__(self, *args: Any, network: models.Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        office, state, organisation = self.fields["office"], self.fields["state"], self.fields["organisation"]
        assert isinstance(office, forms.ChoiceField)
        assert isinstance(state, forms.ChoiceField)
        assert isinstance(organisation, forms.ModelChoiceField)
        office.choices = [(one.value, words.OFFICES[one]) for one in Office]
        office.initial = Office.MEMBER.value
        state.choices = countries()
        organisation.queryset = models.Organisation.objects.filter(seats__network=network).distinct()
        organisation.label_from_instance = lambda one: one.name  # type: ignore[method-assign,assignment]
        self.order_fields(["name", "network", "office", "state", "organisation", "follows", "begins", "ends", "note"])

    def term(self) -> dict[str, Any]:
        told = self.cleaned_data
        return {
            "office": Office(told["office"]),
            "state": told["state"] or None,
            "organisation": told["organisation"],
            "begins": told["begins"],
            "ends": told["ends"],
        }


class MemberForm(TermForm):
    """Somebody new in a network, who has no account here yet."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    note = forms.CharField(
        label=_("On what this stands"),
        max_length=300,
        help_text=_("For example: named by their ministry on 3 March 2026. They will read it."),
    )


class AppointForm(TermForm):
    """A further office for somebody who is here."""

    follows = forms.ModelChoiceField(
        models.Membership.objects.none(), label=_("Follows"), required=False, empty_label="—", to_field_name="public_id"
    )

    def __init__(self, *args: Any, network: models.Network, names: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, network=network, **kwargs)
        follows = self.fields["follows"]
        assert isinstance(follows, forms.ModelChoiceField)
        follows.queryset = terms_to_follow(network)

        def label(term: models.Membership) -> str:
            office = f"{words.OFFICES[Office(term.office)]} {term.state_id or ''}".strip()
            return f"{names.get(term.person_id, '—')} ({office}, {term.begins or '…'} – {term.ends or '…'})"

        follows.label_from_instance = label  # type: ignore[method-assign,assignment]


class EndForm(forms.Form):
    """The last day of a term or a seat."""

    ends = _day(_("Last day"))


class RiskForm(forms.Form):
    """The switch that hides somebody for their safety."""

    at_risk = forms.BooleanField(label=_("At risk: hidden from all but the secretariat and themselves"), required=False)
    pseudonym = forms.CharField(
        label=_("Pseudonym in public programmes"),
        max_length=80,
        required=False,
        help_text=_("Agree on it with them; it must lead nobody to them."),
    )
    why = forms.CharField(label=_("Why (stands in the trail; name nobody)"), max_length=300, min_length=10)


class BasisForm(forms.Form):
    """A ground other than consent."""

    purpose = forms.ChoiceField(label=_("Use"), choices=[(one.value, words.PURPOSES[one]) for one in Purpose])
    ground = forms.ChoiceField(
        label=_("Ground"), choices=[(one.value, words.GROUNDS[one]) for one in Ground if one is not Ground.CONSENT]
    )
    note = forms.CharField(
        label=_("On what it stands"),
        max_length=300,
        help_text=_("The law, the decision, the contract. They will read it."),
    )
    until = _day(_("Until the beginning of"), required=False, help_text=_("Midnight, UTC. Empty: without an end."))

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        return datetime.combine(day, time(), UTC) if day else None


class OrganisationForm(forms.Form):
    """What an organisation is."""

    name = forms.CharField(label=_("Name, as it calls itself"), max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(one.value, words.ORGANISATION_KINDS[one]) for one in OrganisationKind]
    )
    state = forms.ChoiceField(label=_("Country"), required=False)
    languages = forms.MultipleChoiceField(
        label=_("Languages that it works in"), required=False, widget=forms.CheckboxSelectMultiple
    )
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    about = forms.CharField(
        label=_("What it does"), max_length=1200, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state, languages = self.fields["state"], self.fields["languages"]
        assert isinstance(state, forms.ChoiceField)
        assert isinstance(languages, forms.MultipleChoiceField)
        state.choices = countries(_("none: international"))
        languages.choices = spoken()

    def told(self) -> dict[str, Any]:
        told = self.cleaned_data
        return {**told, "kind": OrganisationKind(told["kind"]), "state": told["state"] or None}


class SeatForm(forms.Form):
    """A seat for an organisation that is here already."""

    organisation = forms.ModelChoiceField(
        models.Organisation.objects.none(), label=_("Organisation"), empty_label="—", to_field_name="public_id"
    )
    begins = _day(_("First day"), required=False)

    def __init__(self, *args: Any, network: models.Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = self.fields["organisation"]
        assert isinstance(organisation, forms.ModelChoiceField)
        organisation.queryset = models.Organisation.objects.exclude(
            seats__in=network.seats.filter(ends__isnull=True)
        ).order_by("name")
        organisation.label_from_instance = lambda one: one.name  # type: ignore[method-assign,assignment]


class NetworkForm(forms.Form):
    """What a network is."""

    name = forms.CharField(label=_("Name"), max_length=120)
    about = forms.CharField(
        label=_("What it is"), max_length=1200, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    lead = forms.ChoiceField(label=_("Led by"), required=False)
    founded = forms.RegexField(
        r"^\d{4}(-\d{2}(-\d{2})?)?$",
        label=_("Founded"),
        required=False,
        help_text=_("As exact as you know it: 2019, 2019-06 or 2019-06-18"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead = self.fields["lead"]
        assert isinstance(lead, forms.ChoiceField)
        lead.choices = countries()


class ExportForm(forms.Form):
    """How a list of members leaves the site."""

    form = forms.ChoiceField(label=_("As"), choices=[("xlsx", "XLSX"), ("csv", "CSV")])
    with_people_at_risk = forms.BooleanField(label=_("With the people who are at risk"), required=False)
    why = forms.CharField(
        label=_("For what it is needed"),
        max_length=300,
        required=False,
        help_text=_("Asked for with people at risk. It stands in the trail; name nobody."),
    )
