"""Forms for requests for help, replies, the helpdesk and offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.exchange.practices import MAX_TITLE_LENGTH
from samsvar.exchange.requests import MAX_TEXT_LENGTH, VERDICTS, HelpForm, RequestStatus, ShownAs
from samsvar.site.exchange.labels import SHOWN_AS_OF_MEMBER, SHOWN_AS_REPLYING
from samsvar.site.exchange.permissions import Contributor
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.exchange.practices.queries.published import published_practices, published_titles
from samsvar.site.exchange.requests import queries
from samsvar.site.exchange.requests.actions import OfferFields, ReplyFields, RequestFields
from samsvar.site.exchange.requests.models import HelpRequest, Offer
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Network
from samsvar.site.network.directory.forms import CollapsedChoicesField, language_choices
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.templatetags.samsvar import state_name
from samsvar.thesaurus.concepts import list_choices

MAX_ARTICLES = 12
DO_NOT_NAME = _(
    "Do not write names of people, the address of a shelter, or anything from a case by which someone can be "
    "recognised."
)


def _text_field(**kwargs: Any) -> forms.CharField:
    rows = kwargs.pop("rows", 5)
    return forms.CharField(max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


def concept_choices() -> list[tuple[str, str]]:
    return list_choices(get_language() or "en")


class ArticlesField(forms.CharField):
    """A field for numbers of articles, separated by commas; its value is a tuple of them."""

    def __init__(self, **kwargs: Any) -> None:
        options = {
            "label": _("Articles of the Convention"),
            "help_text": _("Numbers separated by commas: 7, 20, 25"),
            "max_length": 200,
            "required": False,
        }
        super().__init__(**{**options, **kwargs})

    def clean(self, value: Any) -> tuple[str, ...]:
        text: str = super().clean(value)
        numbers = tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
        unknown = [number for number in numbers if number not in ISTANBUL]
        if unknown:
            raise forms.ValidationError(
                _("The Convention has no article %(numbers)s.") % {"numbers": ", ".join(unknown)}
            )
        if len(numbers) > MAX_ARTICLES:
            raise forms.ValidationError(_("Enter at most %(limit)d articles.") % {"limit": MAX_ARTICLES})
        return numbers


class HelpField(forms.MultipleChoiceField):
    """A field for forms of help, from the smallest to the largest."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Form of help"), "choices": _help_choices, "required": False, **kwargs})


def _help_choices() -> Sequence[tuple[str, str]]:
    return enum_choices(HelpForm)


def _language_field(**kwargs: Any) -> forms.ChoiceField:
    options = {"label": _("Language in which you write"), "choices": language_choices, **kwargs}
    return forms.ChoiceField(**options)


class OnBehalfOfField(forms.ChoiceField):
    """A field for the organisation or national desk for which someone writes; its value is a `Contributor` or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("On behalf of"), "required": False, **kwargs})
        self.offered: dict[str, Contributor] = {}

    def offer(self, contributors: Iterable[Contributor]) -> None:
        self.offered = {str(number): contributor for number, contributor in enumerate(contributors)}
        self.choices = [(key, contributor_name(contributor)) for key, contributor in self.offered.items()]

    def clean(self, value: Any) -> Contributor | None:
        key = super().clean(value)
        return self.offered[key] if key else next(iter(self.offered.values()), None)


def contributor_name(contributor: Contributor) -> str:
    """Return the name of an organisation or of a state's national desk."""
    if contributor.organisation is not None:
        return contributor.organisation.name
    return str(_("National desk of %(state)s") % {"state": state_name(contributor.state)})


class _ContributorForm(forms.Form):
    """Base form of someone who writes on behalf of an organisation or desk; it is asked for only if there are several.

    `at_risk` removes the choice of how one is shown: no one sees someone at risk.
    """

    def offer_contributors(self, contributors: Sequence[Contributor], *, at_risk: bool = False) -> None:
        self.contributors = list(contributors)
        field: Any = self.fields["on_behalf_of"]
        field.offer(contributors)
        if len(self.contributors) < 2:
            field.widget = forms.HiddenInput()
        shown: Any = self.fields.get("shown_as")
        if shown is None:
            return
        if at_risk:
            del self.fields["shown_as"]
            return
        hidden = set() if contributors else {ShownAs.ORGANISATION, ShownAs.COUNTRY}
        shown.choices = [(level, label) for level, label in shown.choices if level not in hidden]
        if shown.initial in hidden:
            shown.initial = ShownAs.NO_ONE

    @property
    def shown(self) -> ShownAs:
        return ShownAs(self.cleaned_data.get("shown_as") or ShownAs.NO_ONE)


# --- Requests ---------------------------------------------------------------------------------------------------------


class HelpRequestForm(_ContributorForm):
    """Form for a request: two questions, and everything else optional."""

    problem = _text_field(label=_("What do you want to solve?"), help_text=DO_NOT_NAME)
    situation = _text_field(
        label=_("What is in place so far?"), help_text=_("And what has been tried, with what result?")
    )
    articles = ArticlesField()
    concepts = CollapsedChoicesField(label=_("Topics, groups and forms of violence"), choices=concept_choices)
    part = forms.CharField(
        label=_("Part of the finding"),
        max_length=300,
        required=False,
        help_text=_("If only one part of it is the question, in a few words."),
    )
    help = HelpField(help_text=_("Leave this empty if any help is welcome."))
    language = _language_field()
    languages = CollapsedChoicesField(label=_("Languages in which you can read replies"), choices=language_choices)
    needed_by = forms.DateField(label=_("Needed by"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    shown_as = forms.ChoiceField(
        label=_("Shown to other members as asking"),
        choices=lambda: enum_choices(ShownAs),
        initial=ShownAs.NO_ONE,
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "The secretariat always sees who asks. If no one is shown, other members do not see the finding or measure "
            "either, because it names a country. Your language may still suggest where you are."
        ),
    )
    network = forms.ChoiceField(label=_("Network"), help_text=_("Its members see your request and can reply."))
    on_behalf_of = OnBehalfOfField()

    MAIN: tuple[str, ...] = ("problem", "situation")

    def __init__(
        self, *args: Any, networks: Sequence[Network], everyone: bool, contributors: Sequence[Contributor],
        at_risk: bool, has_part: bool, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.networks = {network.slug: network for network in networks}
        fields: dict[str, Any] = self.fields
        choices: list[tuple[str, Any]] = [(network.slug, network.name) for network in networks]
        if everyone:
            choices.append(("", _("all members of this site")))
        fields["network"].choices = choices
        fields["network"].required = not everyone
        fields["network"].initial = choices[0][0] if choices else ""
        fields["language"].initial = get_language() or "en"
        if not has_part:
            del self.fields["part"]
        self.offer_contributors(contributors, at_risk=at_risk)

    @property
    def main_fields(self) -> list[Any]:
        return [self[name] for name in self.MAIN]

    @property
    def optional_fields(self) -> list[Any]:
        return [field for field in self.visible_fields() if field.name not in self.MAIN]

    @property
    def has_optional_errors(self) -> bool:
        return any(name not in self.MAIN for name in self.errors)

    def clean_needed_by(self) -> Any:
        day = self.cleaned_data["needed_by"]
        if day is not None and day < timezone.now().date():
            raise forms.ValidationError(_("Enter today or a later day."))
        return day

    @property
    def chosen_network(self) -> Network | None:
        return self.networks.get(self.cleaned_data["network"])

    def request_fields(self, *, finding: str = "", measure: str = "") -> RequestFields:
        data = self.cleaned_data
        return RequestFields(
            problem=data["problem"],
            situation=data["situation"],
            language=data["language"],
            finding=finding,
            measure=measure,
            articles=data["articles"],
            concepts=tuple(data["concepts"]),
            part=data.get("part", ""),
            help=tuple(data["help"]),
            languages=tuple(data["languages"]),
            needed_by=data["needed_by"],
        )


class JudgementForm(forms.Form):
    """Form for whether the replies helped, with a sentence, and whether the request counts in figures."""

    verdict = forms.ChoiceField(
        label=_("Did it help?"),
        choices=lambda: [(status, label) for status, label in enum_choices(RequestStatus) if status in VERDICTS],
        widget=forms.RadioSelect,
    )
    judgement = _text_field(
        label=_("Outcomes, in a sentence"),
        required=False,
        rows=3,
        help_text=_("Those who replied read this, and the secretariat. Do not name people."),
    )
    counts = forms.BooleanField(
        label=_("Count this request in the figures of the network"),
        required=False,
        help_text=_("Figures never name you. You can change this at any time."),
    )

    @classmethod
    def for_request(cls, request: HelpRequest) -> JudgementForm:
        verdict = request.status if request.status in VERDICTS else ""
        return cls(initial={"verdict": verdict, "judgement": request.judgement, "counts": request.counts})


# --- Replies ----------------------------------------------------------------------------------------------------------


class ReplyForm(_ContributorForm):
    """Form for a reply: text, or something that helps to point to."""

    text = _text_field(label=_("Your reply"), required=False, rows=8, help_text=DO_NOT_NAME)
    language = _language_field()
    practice = forms.ModelChoiceField(
        Practice.objects.none(), label=_("Practice"), required=False, empty_label=pgettext_lazy("practice", "none")
    )
    finding = forms.ChoiceField(
        label=_("Praise in a report"),
        required=False,
        help_text=_("A finding that welcomes something under the articles of this request."),
    )
    link = forms.URLField(
        label=_("Link"), max_length=500, required=False, assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
    )  # fmt: skip
    body = forms.ModelChoiceField(
        queries.listed_bodies(), label=_("Ask this body"), required=False, empty_label=pgettext_lazy("body", "none"),
        to_field_name="public_id",
    )  # fmt: skip
    shown_as = forms.ChoiceField(
        label=_("Shown as replying"), choices=list(SHOWN_AS_REPLYING.items()), initial=ShownAs.ORGANISATION,
        required=False, widget=forms.RadioSelect,
    )  # fmt: skip
    on_behalf_of = OnBehalfOfField()

    def __init__(
        self, *args: Any, request: HelpRequest, contributors: Sequence[Contributor] = (), at_risk: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["language"].initial = get_language() or "en"
        practices = published_practices()
        titles = published_titles(practices)
        fields["practice"].queryset = practices
        fields["practice"].label_from_instance = lambda practice: _practice_label(practice, titles)
        praise = queries.praise_for(request.articles)
        fields["finding"].choices = [
            ("", pgettext_lazy("praise", "none")), *((finding.public_id, _praise_label(finding)) for finding in praise)
        ]  # fmt: skip
        for name, offered in (("practice", titles), ("finding", praise)):
            if not offered:
                del self.fields[name]
        self.offer_contributors(contributors, at_risk=at_risk)

    @property
    def reply_fields(self) -> ReplyFields:
        data = self.cleaned_data
        return ReplyFields(
            text=data["text"], language=data["language"], practice=data.get("practice"),
            finding=data.get("finding", ""), link=data.get("link", ""), body=data.get("body"),
        )  # fmt: skip


class WriteBackForm(forms.Form):
    """Form for the asker's own words among the replies."""

    text = _text_field(label=_("Your message"), help_text=DO_NOT_NAME)
    language = _language_field()

    def __init__(self, *args: Any, request: HelpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = request.language

    @property
    def reply_fields(self) -> ReplyFields:
        return ReplyFields(text=self.cleaned_data["text"], language=self.cleaned_data["language"])


def _practice_label(practice: Practice, titles: dict[int, tuple[str, str]]) -> str:
    return f"{titles.get(practice.pk, ('', ''))[0]} ({state_name(practice.state_id)})"


def _praise_label(finding: Finding) -> str:
    return f"{state_name(finding.state_id)}: {short_citation(finding)}"


# --- The helpdesk -----------------------------------------------------------------------------------------------------


class HelpdeskReplyForm(ReplyForm):
    """Form for a reply of the secretariat, for itself or for an organisation that told it what to say."""

    organisation = forms.ModelChoiceField(
        queries.listed_bodies(), label=_("Reply of"), required=False, empty_label=_("the secretariat"),
        to_field_name="public_id",
        help_text=_("If you enter what an organisation told you, choose it here. The reply says that you entered it."),
    )  # fmt: skip
    field_order = ("organisation",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["shown_as"], self.fields["on_behalf_of"]

    def offer_contributors(self, contributors: Sequence[Contributor], *, at_risk: bool = False) -> None:
        """The secretariat is always shown."""


class TranslationForm(forms.Form):
    """Form for the secretariat's draft translation of a request."""

    language = _language_field(label=_("Language of the translation"))
    problem = _text_field(label=_("What do you want to solve?"))
    situation = _text_field(label=_("What is in place so far?"))

    @classmethod
    def for_request(cls, request: HelpRequest) -> TranslationForm:
        initial = {
            "language": request.translation_language or get_language() or "en",
            "problem": request.translated_problem,
            "situation": request.translated_situation,
        }
        return cls(initial=initial, auto_id="translation-%s")


class EnterRequestForm(HelpRequestForm):
    """Form for a request that the secretariat enters for a member who has told it what they need."""

    member = forms.ChoiceField(
        label=_("Who asks"), help_text=_("A member with an account. They are told, and can withdraw the request.")
    )
    MAIN = ("member", "problem", "situation")
    field_order = MAIN

    def __init__(self, *args: Any, network: Network, members: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(
            *args, networks=[network], everyone=False, contributors=[], at_risk=False, has_part=False, **kwargs
        )
        fields: dict[str, Any] = self.fields
        fields["member"].choices = [("", "—"), *members]
        fields["shown_as"].choices = list(SHOWN_AS_OF_MEMBER.items())
        del self.fields["network"], self.fields["on_behalf_of"]


# --- Offers -----------------------------------------------------------------------------------------------------------


class OfferForm(_ContributorForm):
    """Form for an offer with its limits."""

    title = forms.CharField(
        label=_("Title"), max_length=MAX_TITLE_LENGTH, help_text=_("Offers name bodies, not people.")
    )
    text = _text_field(label=_("Description"), required=False)
    language = _language_field()
    on_behalf_of = OnBehalfOfField()
    articles = ArticlesField()
    concepts = CollapsedChoicesField(label=_("Topics, groups and forms of violence"), choices=concept_choices)
    help = HelpField(required=True)
    languages = CollapsedChoicesField(label=_("Languages in which you can help"), choices=language_choices)
    per_year = forms.IntegerField(
        label=_("How often a year"), min_value=1, max_value=999, required=False,
        help_text=_("Leave this empty for an offer without a limit, such as documents."),
    )  # fmt: skip
    until = forms.DateField(label=_("Open until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self, *args: Any, offer: Offer | None = None, contributors: Sequence[Contributor] = (), **kwargs: Any
    ) -> None:
        if offer is not None:
            names = ("title", "text", "language", "concepts", "help", "languages", "per_year", "until")
            stored = {name: getattr(offer, name) for name in names}
            kwargs["initial"] = {**stored, "articles": ", ".join(offer.articles)}
        super().__init__(*args, **kwargs)
        if offer is not None:
            choices: Any = self.fields["concepts"]
            choices.choices = list_choices(get_language() or "en", offer.concepts)
        else:
            self.fields["language"].initial = get_language() or "en"
        self.offer_contributors(contributors)

    @property
    def offer_fields(self) -> OfferFields:
        data = self.cleaned_data
        return OfferFields(
            title=data["title"],
            text=data["text"],
            language=data["language"],
            articles=data["articles"],
            concepts=tuple(data["concepts"]),
            help=tuple(data["help"]),
            languages=tuple(data["languages"]),
            per_year=data["per_year"],
            until=data["until"],
        )
