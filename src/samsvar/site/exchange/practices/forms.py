"""Forms for practices: writing one with its building blocks and results, reviewing it, and deciding on praise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField, formset_factory
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.exchange.practices import (
    MAX_BLOCKS,
    MAX_LINKS,
    MAX_RESULTS,
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    EvidenceLevel,
    ReviewCheck,
    ReviewVerdict,
)
from samsvar.site.exchange.labels import EVIDENCE_LEVEL_MEANINGS, EVIDENCE_LEVELS, REVIEW_VERDICTS
from samsvar.site.exchange.permissions import Contributor
from samsvar.site.exchange.practices.labels import PRACTICE_FIELDS
from samsvar.site.exchange.practices.models import Practice, PracticeText
from samsvar.site.exchange.practices.queries.content import TEXT_FIELDS
from samsvar.site.implementation.measures.forms import PartialDateField
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Organisation
from samsvar.site.network.directory.forms import CollapsedChoicesField, language_choices
from samsvar.site.shell.labels import COLON, Label, enum_choices
from samsvar.site.shell.templatetags.samsvar import state_name
from samsvar.thesaurus.concepts import list_choices

EARLIEST_COST_YEAR = 1990
MAX_ARTICLES = 12

NO_CASES = _(
    "Describe the work, not cases: nothing from which a person or the address of a shelter could be recognised."
)
TEXT_HELP: dict[str, Any] = {
    "title": _("What was done, in a few words."),
    "problem": _("One problem. If it takes an hour to explain, describe several practices."),
    "solution": _("What you did, so that a colleague in another country could follow it."),
    "for_whom": _("The people who are helped, and the professionals who do the work."),
    "conditions": _("What others need to have in place before they can do the same."),
    "went_wrong": _("What did not work at first, or still does not. A practice without this is not published."),
    "results": _("In words. Enter figures with their sources below."),
    "legal_basis": _("Laws, regulations or agreements on which it rests."),
    "staff": _("Who does the work: professions, number, training."),
    "cost_note": _("What the amount includes."),
}
ROWS = {"title": 1, "problem": 4, "solution": 8, "went_wrong": 5, "conditions": 4, "cost_note": 2, "staff": 2}


def _text_field(name: str) -> forms.CharField:
    label = PRACTICE_FIELDS[name]
    if name == "title":
        return forms.CharField(label=label, max_length=MAX_TITLE_LENGTH, help_text=TEXT_HELP[name])
    widget = forms.Textarea(attrs={"rows": ROWS.get(name, 3)})
    return forms.CharField(
        label=label, max_length=MAX_TEXT_LENGTH, required=False, widget=widget, help_text=TEXT_HELP[name]
    )


# --- Rows that can be repeated ----------------------------------------------------------------------------------------


class _RowForm(forms.Form):
    """A row of a repeated form. One in which nothing is filled in is left out."""

    required_together: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if any(data.values()):
            for name in self.required_together:
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill this in, or empty the row."))
        return data


class BlockForm(_RowForm):
    """A building block, which someone can take over without the others."""

    required_together = ("title", "text")

    title = forms.CharField(label=_("Title"), max_length=MAX_TITLE_LENGTH, required=False)
    text = forms.CharField(
        label=_("Description"), max_length=MAX_TEXT_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ResultForm(_RowForm):
    """A result with its figure and source."""

    required_together = ("what",)

    what = forms.CharField(label=pgettext_lazy("of a practice", "Result"), max_length=200, required=False)
    value = forms.CharField(label=pgettext_lazy("of a result", "Figure"), max_length=40, required=False)
    unit = forms.CharField(label=pgettext_lazy("of a result", "Unit"), max_length=40, required=False)
    period = forms.CharField(label=pgettext_lazy("of a result", "Period"), max_length=60, required=False)
    source = forms.CharField(label=pgettext_lazy("of a result", "Source"), max_length=300, required=False)


class LinkForm(_RowForm):
    """A link to an evaluation or another document."""

    required_together = ("title", "url")

    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    url = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")


def _row_formset(form: type[_RowForm], max_num: int) -> Any:
    # all rows are on the page, the empty ones folded: more rows need neither JavaScript nor another request
    return formset_factory(form, extra=max_num, max_num=max_num, absolute_max=max_num, validate_max=True)


BlockFormSet = _row_formset(BlockForm, MAX_BLOCKS)
ResultFormSet = _row_formset(ResultForm, MAX_RESULTS)
LinkFormSet = _row_formset(LinkForm, MAX_LINKS)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A repeated row on the page: the rows that are filled in and one more, then the others, which are folded."""

    name: str
    heading: Label
    help_text: Label
    formset: Any

    @property
    def shown(self) -> list[Any]:
        return self.formset.forms[: self._number_shown]

    @property
    def folded(self) -> list[Any]:
        return self.formset.forms[self._number_shown :]

    @property
    def _number_shown(self) -> int:
        filled = [
            number
            for number, form in enumerate(self.formset.forms, start=1)
            if form.errors or any(field.value() for field in form)
        ]
        return max(filled, default=0) + 1


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields of the form under one heading."""

    heading: Label
    fields: Sequence[BoundField]
    rows: Sequence[RowGroup] = ()


class _FormWithRows(forms.Form):
    """A form with repeated rows, whose errors make it invalid."""

    use_required_attribute = False  # a draft may lack almost everything

    row_groups: tuple[RowGroup, ...] = ()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for group in self.row_groups:
            if not group.formset.is_valid():
                self.add_error(
                    None, format_lazy(_("{heading}: correct the rows that are marked."), heading=group.heading)
                )
        return data

    def rows_of(self, name: str) -> list[dict[str, str]]:
        """Return the rows that are filled in."""
        group = next(group for group in self.row_groups if group.name == name)
        return [
            {key: str(value) for key, value in form.cleaned_data.items()}
            for form in group.formset.forms
            if any(form.cleaned_data.values())
        ]

    @property
    def text_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in TEXT_FIELDS} | {"blocks": self.rows_of("blocks")}

    def _blocks(self, data: Any, initial: Any) -> RowGroup:
        return RowGroup(
            "blocks", _("Building blocks"), _("Parts that others can take over without the rest."),
            BlockFormSet(data, initial=initial, prefix="blocks"),
        )  # fmt: skip


# --- Practices --------------------------------------------------------------------------------------------------------


class PracticeForm(_FormWithRows):
    """Form for a practice with its text in the original language. Everything but the title may be left for later."""

    contributor = forms.ChoiceField(label=_("On behalf of"))
    language = forms.ChoiceField(label=PRACTICE_FIELDS["language"], help_text=_("In which you write."))
    since = PartialDateField(label=PRACTICE_FIELDS["since"])
    place = forms.CharField(
        label=PRACTICE_FIELDS["place"], max_length=120, required=False, help_text=_("Never the address of a shelter.")
    )
    articles = forms.CharField(
        label=PRACTICE_FIELDS["articles"], max_length=80, required=False,
        help_text=_("Numbers separated by commas, the most relevant first: 52, 50"),
    )  # fmt: skip
    concepts = CollapsedChoicesField(label=PRACTICE_FIELDS["concepts"])
    evidence_level = forms.ChoiceField(label=PRACTICE_FIELDS["evidence_level"], widget=forms.RadioSelect)
    cost = forms.DecimalField(
        label=PRACTICE_FIELDS["cost"], max_digits=17, decimal_places=2, min_value=0, required=False,
        error_messages={"invalid": _("Enter an amount as 1200000.50, without spaces.")},
    )  # fmt: skip
    currency = forms.CharField(
        label=PRACTICE_FIELDS["currency"], max_length=3, required=False, help_text=_("Its code: EUR")
    )
    cost_year = forms.IntegerField(
        label=PRACTICE_FIELDS["cost_year"], min_value=EARLIEST_COST_YEAR, required=False,
        help_text=_("Amounts of different years cannot be compared."),
    )  # fmt: skip

    def __init__(
        self,
        data: Any = None,
        *,
        contributors: Sequence[Contributor],
        existing: Practice | None = None,
        text: PracticeText | None = None,
        praise: Finding | None = None,
    ) -> None:
        initial = _practice_initial(existing, text) if existing and text else _new_initial(praise)
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        for name in TEXT_FIELDS:
            fields[name] = _text_field(name)
        self._contributors = {_contributor_key(one): one for one in contributors}
        fields["contributor"].choices = [
            (key, one.organisation.name if one.organisation else _desk_name(one.state))
            for key, one in self._contributors.items()
        ]
        if existing or len(self._contributors) < 2:
            del fields["contributor"]
        fields["language"].choices = language_choices()
        fields["concepts"].choices = list_choices(get_language() or "en", initial.get("concepts", ()))
        fields["evidence_level"].choices = [
            (
                level.value,
                format_lazy("{label}{colon} {meaning}", label=EVIDENCE_LEVELS[level], colon=COLON, meaning=meaning),
            )
            for level, meaning in ((level, EVIDENCE_LEVEL_MEANINGS[level]) for level in EvidenceLevel)
        ]
        self.row_groups = (
            self._blocks(data, text.blocks if text else None),
            RowGroup(
                "results", _("Figures and sources"), _("A figure without its period and source convinces no one."),
                ResultFormSet(data, initial=existing.results if existing else None, prefix="results"),
            ),
            RowGroup(
                "links", _("Links"), _("Evaluations, manuals, laws. Not to pages that reveal where a shelter is."),
                LinkFormSet(data, initial=existing.links if existing else None, prefix="links"),
            ),
        )  # fmt: skip

    @property
    def groups(self) -> list[FieldGroup]:
        """The fields and rows in the order of the page."""
        blocks, results, links = self.row_groups
        names = ("contributor", "language", "title", "problem", "solution", "for_whom")
        return [
            FieldGroup(_("Description"), [self[name] for name in names if name in self.fields]),
            FieldGroup(_("Lessons"), [self[name] for name in ("went_wrong", "conditions")], [blocks]),
            FieldGroup(_("Results"), [self[name] for name in ("results", "evidence_level")], [results, links]),
            FieldGroup(_("Place and subjects"), [self[name] for name in ("since", "place", "articles", "concepts")]),
            FieldGroup(
                _("Resources"),
                [self[name] for name in ("cost", "currency", "cost_year", "cost_note", "staff", "legal_basis")],
            ),
        ]

    @property
    def chosen_contributor(self) -> Contributor:
        """On whose behalf a new practice is written."""
        key = self.cleaned_data.get("contributor") or next(iter(self._contributors))
        return self._contributors[key]

    @property
    def values(self) -> dict[str, Any]:
        """The values of the columns of `Practice`."""
        names = (
            "language",
            "since",
            "place",
            "articles",
            "concepts",
            "evidence_level",
            "cost",
            "currency",
            "cost_year",
        )
        return {name: self.cleaned_data[name] for name in names} | {
            "results": self.rows_of("results"), "links": self.rows_of("links"),
        }  # fmt: skip

    def clean_articles(self) -> list[int]:
        numbers = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["articles"].strip())))
        numbers = [number for number in numbers if number]
        if len(numbers) > MAX_ARTICLES or any(number not in ISTANBUL for number in numbers):
            raise forms.ValidationError(
                _("Enter at most %(number)d numbers of articles of the Convention, separated by commas.")
                % {"number": MAX_ARTICLES}
            )
        return [int(number) for number in numbers]

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise forms.ValidationError(_("Enter the code of the currency, such as EUR."))
        return currency

    def clean_cost_year(self) -> int | None:
        year: int | None = self.cleaned_data["cost_year"]
        if year is not None and year > timezone.localdate().year:
            raise forms.ValidationError(_("This year is in the future."))
        return year

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("cost") is not None:
            for name in ("currency", "cost_year"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("An amount needs a currency and a year."))
        return data


def _practice_initial(practice: Practice, text: PracticeText) -> dict[str, Any]:
    names = ("language", "since", "place", "concepts", "evidence_level", "cost", "currency", "cost_year")
    return {
        **{name: getattr(practice, name) for name in names},
        **{name: getattr(text, name) for name in TEXT_FIELDS},
        "articles": ", ".join(map(str, practice.articles)),
    }


def _new_initial(praise: Finding | None) -> dict[str, Any]:
    articles = sorted(link.article for link in praise.articles.all()) if praise else []
    return {
        "language": get_language() or "en",
        "evidence_level": EvidenceLevel.DESCRIBED,
        "articles": ", ".join(map(str, articles)),
    }


def _contributor_key(contributor: Contributor) -> str:
    return contributor.organisation.public_id if contributor.organisation else f"desk-{contributor.state}"


def _desk_name(state: str) -> Label:
    return format_lazy(_("National desk of {state}"), state=state_name(state))


class TranslationForm(_FormWithRows):
    """Form for the text of a practice in a language other than the original."""

    language = forms.ChoiceField(label=PRACTICE_FIELDS["language"])
    is_draft = forms.BooleanField(
        label=_("This is a draft translation"), required=False,
        help_text=_("Readers see the mark until someone who knows both languages has read it."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, practice: Practice, text: PracticeText | None = None) -> None:
        initial = (
            {name: getattr(text, name) for name in TEXT_FIELDS} | {"is_draft": text.is_draft_translation}
            if text
            else {"is_draft": True}
        )
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        for name in TEXT_FIELDS:
            fields[name] = _text_field(name)
        if text:
            del fields["language"]
        else:
            used = set(practice.texts.values_list("language", flat=True))
            fields["language"].choices = [(code, name) for code, name in language_choices() if code not in used]
        self.row_groups = (self._blocks(data, text.blocks if text else None),)

    @property
    def groups(self) -> list[FieldGroup]:
        names = [*(["language"] if "language" in self.fields else []), "is_draft", *TEXT_FIELDS]
        return [FieldGroup(_("Translation"), [self[name] for name in names], self.row_groups)]


class RetireForm(forms.Form):
    """The reason for which a practice is retired."""

    reason = forms.CharField(
        label=_("Reason"), max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone can read it on the page of the practice."),
    )  # fmt: skip


# --- Reviews ----------------------------------------------------------------------------------------------------------


class ReviewForm(forms.Form):
    """A peer's review: first whether there is a conflict of interest, then the checks, then the verdict."""

    use_required_attribute = False

    conflict = forms.ChoiceField(
        label=_("Do you have a conflict of interest?"),
        choices=(
            ("no", _("No. I have no part in this practice, and no money or position depends on it.")),
            ("yes", _("Yes. I step back, and someone else reviews it.")),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": _("Answer this question first.")},
    )
    organisation = forms.ChoiceField(label=_("On behalf of"))
    checks = forms.MultipleChoiceField(
        label=_("I have checked"), choices=lambda: enum_choices(ReviewCheck), widget=forms.CheckboxSelectMultiple,
        required=False, help_text=_("To approve the practice, every line has to be ticked."),
    )  # fmt: skip
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[(one.value, REVIEW_VERDICTS[one]) for one in (ReviewVerdict.APPROVE, ReviewVerdict.SEND_BACK)],
        widget=forms.RadioSelect,
        required=False,
    )
    comment = forms.CharField(
        label=_("Comment"), max_length=MAX_TEXT_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The owner reads it without your name. Required if you send the practice back."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, organisations: Sequence[Organisation]) -> None:
        super().__init__(data)
        self._organisations = {organisation.public_id: organisation for organisation in organisations}
        field: Any = self.fields["organisation"]
        field.choices = [(key, organisation.name) for key, organisation in self._organisations.items()]
        if len(self._organisations) == 1:
            del self.fields["organisation"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("conflict") != "no":
            return data
        verdict = data.get("verdict")
        if not verdict and "verdict" not in self.errors:
            self.add_error("verdict", _("Choose a verdict."))
        if verdict == ReviewVerdict.APPROVE and set(data.get("checks", ())) != set(ReviewCheck):
            self.add_error("checks", _("To approve the practice, tick every line. Otherwise send it back."))
        if verdict == ReviewVerdict.SEND_BACK and not data.get("comment", "").strip():
            self.add_error("comment", _("Say what is missing."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of `review_practice`."""
        data = self.cleaned_data
        key = data.get("organisation") or next(iter(self._organisations))
        has_conflict = data["conflict"] == "yes"
        return {
            "organisation": self._organisations[key],
            "verdict": ReviewVerdict.CONFLICT if has_conflict else ReviewVerdict(data["verdict"]),
            "checks": [] if has_conflict else [ReviewCheck(check) for check in data["checks"]],
            "comment": "" if has_conflict else data["comment"],
        }


class SendBackForm(forms.Form):
    """Why the secretariat sends a practice back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The owner reads it."),
    )  # fmt: skip


class LeadDecisionForm(forms.Form):
    """Why praise describes no practice."""

    reason = forms.CharField(
        label=_("Not a practice, because"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only your desk reads it."),
    )  # fmt: skip
