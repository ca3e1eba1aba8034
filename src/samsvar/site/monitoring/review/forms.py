"""Forms for reviewing findings and for proposing corrections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.monitoring.report import Strength
from samsvar.site.monitoring.models import Finding, LabelRemark, Report
from samsvar.site.monitoring.queries import get_article_numbers
from samsvar.site.monitoring.review.queries import (
    NO_VALUE,
    FindingReview,
    LinkList,
    LinkStatus,
    SampleChoices,
    SampleFilters,
)
from samsvar.site.shell import labels
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.templatetags.samsvar import article_title, state_name

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
    """Form for confirming a label as it is: a single button, without a reason."""


class RestorationForm(forms.Form):
    """Form for restoring the automatic label."""

    note = reason_field(required=False)


class RemarkForm(forms.Form):
    """Form for reporting a wrong label."""

    part = forms.ChoiceField(
        label=_("What is wrong?"), choices=LabelRemark.Part, widget=forms.RadioSelect,
        initial=LabelRemark.Part.STRENGTH,
    )  # fmt: skip
    comment = forms.CharField(
        label=_("What should it be?"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Optional. Please write nothing about a person."),
    )  # fmt: skip


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
    "restoration": RestorationForm,
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
    return _build_forms(names, finding)


def build_card_forms(finding: Finding) -> dict[str, forms.Form]:
    """Return the forms for a finding in a sample, with HTML ids of its own."""
    names = ["correction"] if finding.review == Finding.Review.REJECTED else ["correction", "rejection"]
    return _build_forms(names, finding, f"{finding.public_id}-")


def _build_forms(names: Iterable[str], finding: Finding, id_prefix: str = "") -> dict[str, forms.Form]:
    initial = {"strength": finding.strength, "articles": ", ".join(map(str, get_article_numbers(finding)))}
    return {name: FORM_CLASSES[name](initial=initial, auto_id=f"{id_prefix}{name}-%s") for name in names}


def build_sample_filters(filters: SampleFilters, choices: SampleChoices) -> forms.Form:
    """Return the filters for a sample."""
    return build_filter_form(
        filters.to_details(), "filter",
        report=(_("Report"), pgettext_lazy("reports", "all"), [(one.public_id, _name(one)) for one in choices.reports]),
        state=(_("State"), pgettext_lazy("states", "all"), [(code, state_name(code)) for code in choices.states]),
        strength=(
            _("Strength"), pgettext_lazy("strengths", "all"),
            [*enum_choices(Strength), (NO_VALUE, labels.find_label(labels.STRENGTHS, ""))],
        ),
        article=(
            _("Article"), pgettext_lazy("articles", "all"),
            [(number, Truncator(f"{number} {article_title(number)}").chars(43)) for number in choices.articles],
        ),
        procedure=(
            _("Procedure"), pgettext_lazy("procedures", "all"),
            [(one, labels.find_label(labels.PROCEDURES, one)) for one in choices.procedures],
        ),
    )  # fmt: skip


def describe_filters(filters: SampleFilters) -> str:
    """Return the filters that are set, in words; "" without any."""
    report = Report.objects.select_related("document").filter(public_id=filters.report).first()
    parts = [
        _name(report) if report else filters.report,
        state_name(filters.state),
        labels.find_label(labels.STRENGTHS, "" if filters.strength == NO_VALUE else filters.strength)
        if filters.strength
        else "",
        gettext("Article %(number)s") % {"number": filters.article} if filters.article else "",
        labels.find_label(labels.PROCEDURES, filters.procedure) if filters.procedure else "",
    ]
    return " · ".join(str(part) for part in parts if part)


def _name(report: Report) -> str:
    return str(report.document.reference or report.document.title or report.filename)


def build_link_filters(values: Mapping[str, str], link_list: LinkList) -> forms.Form:
    """Return the filters of the list of links: which ones, with their numbers, and of which state."""
    names = {
        LinkStatus.PROPOSED: pgettext("links", "proposed by the computer"),
        LinkStatus.CONFIRMED: pgettext("links", "confirmed"),
        LinkStatus.SET_ASIDE: pgettext("links", "set aside"),
    }
    statuses = [(status.value, f"{name} ({link_list.counts[status]})") for status, name in names.items()]
    return build_filter_form(
        values, "filter", also=("page", "decided"),
        status=(_("Links between rounds"), None, statuses),
        state=(_("State"), pgettext_lazy("states", "all"), [(code, state_name(code)) for code in link_list.states]),
    )  # fmt: skip


class LinkDecisionForm(forms.Form):
    """Form for a reviewer's decision on what a later finding does to an earlier one."""

    later_text = forms.ChoiceField(label=_("The later text"), required=False)
    reason = forms.CharField(
        label=_("Reason (public)"),
        required=False,
        max_length=500,
        help_text=_("Required to close a finding, to withdraw a decision, and to set aside a citation."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        later_text = self.fields["later_text"]
        assert isinstance(later_text, forms.ChoiceField)
        later_text.choices = [("", _("no decision")), *labels.LATER_TEXTS.items()]
