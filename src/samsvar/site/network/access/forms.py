"""Forms of roles and staff sessions."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.apps import apps
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import ASKED_BY, MAY_BE_BOUND, NEVER_REFUSED, Claim, Role
from samsvar.site.audit.queries import Asked
from samsvar.site.network import models
from samsvar.site.network.access.actions.reasons import SHORTEST_REASON
from samsvar.site.network.access.actions.staff_sessions import MINUTES
from samsvar.site.network.access.labels import CLAIMS, ROLES
from samsvar.territories import name_of


class ReasonForm(forms.Form):
    """Why: every decision about another's rights says so."""

    reason = forms.CharField(
        label=_("Why"),
        min_length=SHORTEST_REASON,
        max_length=300,
        help_text=_("Others read this in the trail, for years. Name nobody in it."),
    )


class StaffSessionForm(ReasonForm):
    """The reason for a staff session, and how long it lasts."""

    minutes = forms.TypedChoiceField(label=_("How long"), coerce=int, initial=MINUTES[1])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = self.fields["minutes"]
        assert isinstance(minutes, forms.TypedChoiceField)
        minutes.choices = [(one, ngettext("%(n)d minute", "%(n)d minutes", one) % {"n": one}) for one in MINUTES]


class _States(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{name_of(obj.code, get_language() or 'en')} ({obj.code})"


class _Networks(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class _BondForm(ReasonForm):
    """What a role or a refusal is bound to, and until when."""

    state = _States(models.RoleGrant.objects.none(), label=_("Only for this country"), required=False, empty_label="–")
    network = _Networks(models.Network.objects.all(), label=_("Only for this network"), required=False, empty_label="–")
    meeting = forms.SlugField(
        label=_("Only for this meeting"), required=False, max_length=40, help_text=_("The last part of its address.")
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: until somebody ends it."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        assert isinstance(state, _States)
        # by its name: the treaty's room stands beside this one
        state.queryset = apps.get_model("samsvar_convention", "State")._default_manager.order_by("code")

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        if day is None:
            return None
        if day < timezone.now().date():
            raise forms.ValidationError(_("This day is over."))
        return datetime.combine(day + timedelta(days=1), time(), UTC)  # the last day is included

    def bond(self) -> dict[str, Any]:
        """What the action is told beside account and claim."""
        said = self.cleaned_data
        return {
            "state": said["state"].pk if said["state"] else None,
            "network": said["network"],
            "meeting": said["meeting"],
            "until": said["until"],
            "reason": said["reason"],
        }


class GiveRoleForm(_BondForm):
    """A role for an account."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[("", "–"), *((role.value, word) for role, word in ROLES.items())],
        help_text=_("A national desk needs its country, an organiser the meeting."),
    )
    field_order = ["role", "state", "network", "meeting", "until", "reason"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        _check_bond(self, MAY_BE_BOUND.get(Role(said["role"]), "") if said.get("role") else None)
        return said


class RefuseForm(_BondForm):
    """A claim that an account is not to have."""

    claim = forms.ChoiceField(
        label=_("What is refused"),
        choices=[("", "–"), *((claim.value, word) for claim, word in CLAIMS.items() if claim not in NEVER_REFUSED)],
        help_text=_("No role allows it again while the refusal stands."),
    )
    field_order = ["claim", "state", "network", "meeting", "until", "reason"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        _check_bond(self, ASKED_BY.get(Claim(said["claim"]), "") if said.get("claim") else None)
        return said


def _check_bond(form: forms.Form, allowed: str | None) -> None:
    for dimension in ("state", "network", "meeting"):
        if allowed is not None and dimension != allowed and form.cleaned_data.get(dimension):
            form.add_error(dimension, _("This cannot be bound to it: leave this empty."))


class AuditLogForm(forms.Form):
    """Which lines of the trail an auditor wants to see."""

    person = forms.CharField(label=_("About person"), required=False, max_length=16, help_text=_("A public id."))
    account = forms.CharField(label=_("By account"), required=False, max_length=16, help_text=_("A public id."))
    verb = forms.CharField(label=_("What"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("saw or did")), ("saw", _("saw")), ("did", _("did"))]
    )
    since = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    session = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def asked(self) -> Asked:
        said = self.cleaned_data
        session: UUID | None = said["session"]
        return Asked(
            person=said["person"].strip(),
            account=said["account"].strip(),
            verb=said["verb"].strip(),
            saw={"": None, "saw": True, "did": False}[said["kind"]],
            since=_midnight(said["since"], 0),
            until=_midnight(said["until"], 1),
            staff_session=session,
        )


class WhoSawForm(forms.Form):
    """A person and two times: after a breach, everybody who saw them in between is asked."""

    person = forms.CharField(label=_("Person"), max_length=16, help_text=_("The public id: 16 digits and letters."))
    since = forms.DateTimeField(
        label=_("From"),
        help_text=_("Universal time (UTC)."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    until = forms.DateTimeField(
        label=_("Before"),
        help_text=_("Universal time (UTC)."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("since") and said.get("until") and said["until"] <= said["since"]:
            self.add_error("until", _("This lies before the first time."))
        return said


def _midnight(day: Any, later: int) -> datetime | None:
    return datetime.combine(day + timedelta(days=later), time(), UTC) if day else None
