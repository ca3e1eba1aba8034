"""Forms for introductions: propose one, ask for one, accept, say whether it took place, and write to the other side."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.exchange.requests import MAX_TEXT_LENGTH, HelpForm
from samsvar.site.exchange.adoptions.queries import practice_titles
from samsvar.site.exchange.introductions.queries import (
    FrozenMatch,
    SuggestedHelper,
    forms_of_help,
    free_offers,
    match_now,
    owners_with_contacts,
)
from samsvar.site.exchange.labels import SHOWN_AS
from samsvar.site.exchange.matching.queries import MatchSettings
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.exchange.practices.queries.published import published_practices
from samsvar.site.exchange.requests.models import HelpRequest, Offer
from samsvar.site.network.access.permissions import Account, User
from samsvar.site.shell.labels import enum_choices
from samsvar.territories import territory_name

# as for requests and replies, except that here it is one reader who sees it, or sees nothing
SHOWN_TO_OTHER_SIDE = {**SHOWN_AS, "no_one": _("neither my name nor my organisation or country")}


class _HelperField(forms.ChoiceField):
    """A field for whom to ask: "practice:…", "offer:…" or "person:…", in groups."""

    def offer(
        self,
        request: HelpRequest,
        *,
        people: Sequence[SuggestedHelper] = (),
        owners: Container[str | int] | None = None,
        empty: Any = "—",
    ) -> None:
        """Offer `people`, and the practices and offers of other states than the asker's: all, or those of `owners`."""

        def can_be_asked(subject: Practice | Offer) -> bool:
            is_own = request.state_id is not None and subject.state_id == request.state_id
            return not is_own and (owners is None or (subject.organisation_id or subject.state_id) in owners)

        listed = published_practices().select_related("organisation")
        practices = {one.pk: one for one in listed if can_be_asked(one)}
        titles = practice_titles(practices.values())
        offers = {one.public_id: one for one in free_offers(timezone.localdate()) if can_be_asked(one)}
        self.practices = {one.public_id: one for one in practices.values()}
        self.offers, self.people = offers, {one.account.public_id: one for one in people}
        language = get_language() or "en"

        def owner(subject: Practice | Offer) -> str:
            return subject.organisation.name if subject.organisation else territory_name(subject.state_id, language)

        groups = {
            _("The owner of a practice"): [
                (f"practice:{practice.public_id}", f"{titles[key][0]} ({owner(practice)})")
                for key, practice in practices.items()
            ],
            _("An offer"): [(f"offer:{key}", f"{offer.title} ({owner(offer)})") for key, offer in offers.items()],
            _("A person who agreed to be suggested"): [
                (f"person:{key}", ", ".join(filter(None, (person.name, person.organisation))))
                for key, person in self.people.items()
            ],
        }
        self.choices = [("", empty), *((label, choices) for label, choices in groups.items() if choices)]

    def chosen(self, value: str) -> dict[str, Any]:
        """Return the arguments of an action for a valid choice."""
        kind, _colon, key = value.partition(":")
        helper: Account | None = self.people[key].account if kind == "person" else None
        return {
            "practice": self.practices[key] if kind == "practice" else None,
            "offer": self.offers[key] if kind == "offer" else None,
            "helper": helper,
        }


class _RequestForm(forms.Form):
    """A form about a request with a field `whom`."""

    request: HelpRequest

    def match_now(self, user: User, settings: MatchSettings) -> FrozenMatch | None:
        """Return why the chosen helper fits today, with the viewer's settings, to be stored with the introduction.

        None if the choice is left open.
        """
        field: Any = self.fields["whom"]
        return match_now(user, self.request, settings, **field.chosen(self.cleaned_data["whom"]))


class HelperForm(_RequestForm):
    """Form for whom to ask about a request."""

    whom = _HelperField(label=_("Whom to ask"))

    def __init__(self, *args: Any, request: HelpRequest, people: Sequence[SuggestedHelper], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        field: Any = self.fields["whom"]
        field.offer(request, people=people, owners=owners_with_contacts())

    @property
    def values(self) -> dict[str, Any]:
        field: Any = self.fields["whom"]
        chosen: dict[str, Any] = field.chosen(self.cleaned_data["whom"])
        return chosen


class ProposeForm(HelperForm):
    """Form for the secretariat's proposal: whom to ask, and for which form of help."""

    help = forms.ChoiceField(label=_("Form of help"))

    def __init__(self, *args: Any, request: HelpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["help"].choices = enum_choices(forms_of_help(request))

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "form_of_help": HelpForm(self.cleaned_data["help"])}


class AskForm(_RequestForm):
    """Form with which the asker asks for an introduction; who is asked can be left to the secretariat.

    A practice whose owner has no account can be chosen, too: the secretariat then looks for someone there.
    """

    whom = _HelperField(
        label=_("Whom you would like to meet"),
        required=False,
        help_text=_("Leave this open if the secretariat should look for someone."),
    )
    help = forms.ChoiceField(label=_("Form of help"))

    def __init__(self, *args: Any, request: HelpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        fields: dict[str, Any] = self.fields
        fields["whom"].offer(request, empty=_("anyone who can help"))
        fields["help"].choices = enum_choices(forms_of_help(request))

    @property
    def values(self) -> dict[str, Any]:
        field: Any = self.fields["whom"]
        chosen = field.chosen(self.cleaned_data["whom"])
        del chosen["helper"]
        return {**chosen, "form_of_help": HelpForm(self.cleaned_data["help"])}


class AcceptForm(forms.Form):
    """Form with which a side accepts, and says how the other side will see them."""

    shown_as = forms.ChoiceField(
        label=_("How the other side sees you once both have accepted"),
        choices=list(SHOWN_TO_OTHER_SIDE.items()),
        widget=forms.RadioSelect,
    )


class HeldForm(forms.Form):
    """Form with the day on which it took place."""

    held_on = forms.DateField(
        label=_("Day on which it took place"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class OutcomeForm(forms.Form):
    """Form with the asker's words about the outcome."""

    outcome = forms.CharField(
        label=pgettext_lazy("of an introduction", "Outcome"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The secretariat reads this. Do not name people, and do not write about a case."),
    )


class IntroductionMessageForm(forms.Form):
    """Form for a message to the other side."""

    text = forms.CharField(label=_("Message"), max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 5}))
