"""Forms for roles, staff sessions and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import ALLOWED_SCOPES, CLAIM_SCOPES, UNREFUSABLE_CLAIMS, Claim, Role
from samsvar.site.audit.queries import AuditFilters
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import MIN_REASON_LENGTH
from samsvar.site.network.access.actions.staff_sessions import ALLOWED_MINUTES
from samsvar.site.shell.labels import enum_choices
from samsvar.territories import territory_name


class ReasonForm(forms.Form):
    """Form for the reason for a decision about another account's permissions."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=300,
        help_text=_("Others will be able to read this in the audit log for years. Do not name anyone."),
    )

    def get_action_kwargs(self) -> dict[str, Any]:
        """Return the values as keyword arguments of the action."""
        return dict(self.cleaned_data)


class StaffSessionForm(ReasonForm):
    """Form for opening a staff session: its reason and length."""

    minutes = forms.TypedChoiceField(label=_("Duration"), coerce=int, initial=ALLOWED_MINUTES[1])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = self.fields["minutes"]
        assert isinstance(minutes, forms.TypedChoiceField)
        minutes.choices = [
            (one, ngettext("%(n)d minute", "%(n)d minutes", one) % {"n": one}) for one in ALLOWED_MINUTES
        ]


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _StateChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{territory_name(obj.code, get_language() or 'en')} ({obj.code})"


class _NetworkChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class _ScopedForm(ReasonForm):
    """Base form for giving a role or refusing a claim: scope, end date and reason."""

    state = _StateChoiceField(
        models.RoleGrant.objects.none(), label=_("Only for this country"), required=False, empty_label="–"
    )
    network = _NetworkChoiceField(
        models.Network.objects.all(), label=_("Only for this network"), required=False, empty_label="–"
    )
    meeting = forms.SlugField(
        label=_("Only for this meeting"),
        required=False,
        max_length=40,
        help_text=_("The last part of the meeting’s web address."),
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Leave empty if there is no end date."),
        widget=_date_input(),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        assert isinstance(state, _StateChoiceField)
        # Loaded by name, because this app and the convention app are on the same level and do not import each other.
        state.queryset = apps.get_model("samsvar_convention", "State")._default_manager.order_by("code")

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        if day is None:
            return None
        if day < timezone.now().date():
            raise forms.ValidationError(_("This date is in the past."))
        return datetime.combine(day + timedelta(days=1), time(), UTC)  # the end of the last day

    def clean(self) -> dict[str, Any]:
        """Reject a scope that does not fit the role or claim."""
        data = super().clean() or {}
        allowed = self.allowed_scope(data)
        for dimension in ("state", "network", "meeting"):
            if allowed is not None and dimension != allowed and data.get(dimension):
                self.add_error(dimension, _("This limit does not apply here. Leave this field empty."))
        return data

    def allowed_scope(self, data: Mapping[str, Any]) -> str | None:
        """Return the only field that may limit the role or claim, "" if none may; None if nothing is chosen yet."""
        raise NotImplementedError

    def get_action_kwargs(self) -> dict[str, Any]:
        state = self.cleaned_data["state"]
        return {**self.cleaned_data, "state": state.pk if state else None}


class GiveRoleForm(_ScopedForm):
    """Form for giving an account a role."""

    role = forms.TypedChoiceField(
        coerce=Role,
        label=_("Role"),
        choices=lambda: [("", "–"), *enum_choices(Role)],
        help_text=_("A national desk must be limited to a country, and an organiser to a meeting."),
    )
    field_order = ["role", "state", "network", "meeting", "until", "reason"]

    def allowed_scope(self, data: Mapping[str, Any]) -> str | None:
        return ALLOWED_SCOPES.get(data["role"], "") if data.get("role") else None


class RefuseClaimForm(_ScopedForm):
    """Form for refusing an account a claim."""

    claim = forms.TypedChoiceField(
        coerce=Claim,
        label=_("Permission to block"),
        choices=lambda: [("", "–"), *enum_choices(claim for claim in Claim if claim not in UNREFUSABLE_CLAIMS)],
        help_text=_("While this permission is blocked, no role can grant it."),
    )
    field_order = ["claim", "state", "network", "meeting", "until", "reason"]

    def allowed_scope(self, data: Mapping[str, Any]) -> str | None:
        return CLAIM_SCOPES.get(data["claim"], "") if data.get("claim") else None


class AuditLogFilterForm(forms.Form):
    """Form for filtering the audit log."""

    person = forms.CharField(
        label=_("Person concerned"), required=False, max_length=16, help_text=_("Enter a public ID.")
    )
    account = forms.CharField(label=_("Account used"), required=False, max_length=16, help_text=_("Enter a public ID."))
    verb = forms.CharField(label=_("What"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=_("Type"),
        required=False,
        choices=[("", _("access and actions")), ("saw", _("access")), ("did", _("actions"))],
    )
    since = forms.DateField(label=_("First day"), required=False, widget=_date_input())
    until = forms.DateField(label=_("Last day"), required=False, widget=_date_input())
    session = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def get_filters(self) -> AuditFilters:
        data = self.cleaned_data
        return AuditFilters(
            person=data["person"].strip(),
            account=data["account"].strip(),
            verb=data["verb"].strip(),
            saw={"": None, "saw": True, "did": False}[data["kind"]],
            since=_to_midnight(data["since"], 0),
            until=_to_midnight(data["until"], 1),
            staff_session=data["session"],
        )


def _utc_field(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, help_text=_("Coordinated Universal Time (UTC)."), widget=widget)


class BreachTraceForm(forms.Form):
    """Form for finding out after a breach who accessed a person's data in a period."""

    person = forms.CharField(label=_("Person"), max_length=16, help_text=_("The public ID: 16 digits and letters."))
    since = _utc_field(_("From"))
    until = _utc_field(_("Before"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] <= data["since"]:
            self.add_error("until", _("This must be later than the start time."))
        return data


def _to_midnight(day: Any, days_later: int) -> datetime | None:
    return datetime.combine(day + timedelta(days=days_later), time(), UTC) if day else None
