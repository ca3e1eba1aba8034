"""Forms for reviewing findings and for proposing corrections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from samsvar.monitoring.report import Strength
from samsvar.site.monitoring.models import Finding
from samsvar.site.monitoring.queries import get_article_numbers
from samsvar.site.monitoring.review.queries import FindingReview
from samsvar.site.shell import labels

REASON_HELP = _("Everyone can read it in the history of this label, with your role and without your name.")


def reason_field(*, required: bool = True) -> forms.CharField:
    return forms.CharField(label=_("Reason (public)"), required=required, max_length=500, help_text=REASON_HELP)


class LabelForm(forms.Form):
    """Form for the strength and the articles of a finding."""

    strength = forms.ChoiceField(label=_("Strength"), required=False)
    articles = forms.CharField(
        label=_("Articles"), required=False, max_length=120, help_text=_("Separate numbers with commas: 7, 10")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        strength = self.fields["strength"]
        assert isinstance(strength, forms.ChoiceField)
        strength.choices = [
            (value, labels.find_label(labels.STRENGTHS, value)) for value in ("", *(one.value for one in Strength))
        ]

    def clean_articles(self) -> list[int]:
        numbers = []
        for part in self.cleaned_data["articles"].replace(";", ",").split(","):
            if not (part := part.strip()):
                continue
            if not part.isascii() or not part.isdigit() or not 1 <= int(part) <= 81:
                raise forms.ValidationError(
                    _("“%(part)s” is not an article. Articles are numbered 1 to 81."), params={"part": part}
                )
            numbers.append(int(part))
        return sorted(set(numbers))


class CorrectionForm(LabelForm):
    """Form for confirming a finding with another strength or other articles."""

    note = reason_field()


class RejectionForm(forms.Form):
    """Form for rejecting a finding."""

    note = reason_field()


class ConfirmationForm(forms.Form):
    """Form for confirming a label, or for restoring the automatic one."""

    note = reason_field(required=False)


class ProposalForm(LabelForm):
    """Form for proposing a correction."""

    rejects = forms.BooleanField(label=_("This is not a finding"), required=False)
    reason = forms.CharField(
        label=_("Reason (public)"),
        max_length=500,
        help_text=_("Once a reviewer has decided, everyone can read it, with your role and without your name."),
    )
    field_order = ("rejects", "strength", "articles", "reason")


class AcceptanceForm(forms.Form):
    """Form for accepting a proposal."""

    reason = reason_field(required=False)


class RefusalForm(forms.Form):
    """Form for declining a proposal."""

    reason = reason_field()


FORM_CLASSES: dict[str, type[forms.Form]] = {
    "confirmation": ConfirmationForm,
    "correction": CorrectionForm,
    "rejection": RejectionForm,
    "restoration": ConfirmationForm,
    "proposal": ProposalForm,
    "acceptance": AcceptanceForm,
    "refusal": RefusalForm,
}
REVIEW_FORMS = {"confirmed": "confirmation", "rejected": "rejection", "machine": "restoration"}


def build_review_forms(finding: Finding, review: FindingReview) -> dict[str, forms.Form]:
    """Return the forms of a finding's page by name, for what the visitor can do; {} for most visitors."""
    names = []
    if review.can_review:
        names = ["correction", "rejection", "restoration"]
        if review.proposal:
            names += ["acceptance", "refusal"]
    elif review.can_propose and review.proposal is None:
        names = ["proposal"]
    initial = {"strength": finding.strength, "articles": ", ".join(map(str, get_article_numbers(finding)))}
    return {name: FORM_CLASSES[name](initial=initial, auto_id=f"{name}-%s") for name in names}
