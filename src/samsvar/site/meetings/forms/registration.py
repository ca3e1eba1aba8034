"""What somebody says who registers, a head who names people, an organiser who invites, counts and asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.dates import shown_span
from samsvar.ids import slug
from samsvar.languages import best
from samsvar.meetings.meeting import Access, Category, Entry
from samsvar.meetings.registration import FOLLOWS, KEPT_AFTER, QuotaKind, Standing, may_be_kept_until
from samsvar.network.people import Group
from samsvar.site.meetings import models, words
from samsvar.site.meetings.actions.naming import text_of_today
from samsvar.site.meetings.actions.registration import Said
from samsvar.site.meetings.forms.meeting import ZonedDateTimeField
from samsvar.site.meetings.forms.texts import Text, add_texts, languages_of, take_texts
from samsvar.site.meetings.queries.naming import sentences_of_today
from samsvar.site.meetings.queries.registration import end_of, organisations
from samsvar.site.meetings.words_registration import LISTED
from samsvar.site.network import words as network_words
from samsvar.site.network.forms.directory import (
    OrganisationAsked,
    countries,
    spoken,
    unlisted_organisation,
)
from samsvar.site.shell.templatetags.samsvar import day

LETTERS_IN = [("en", "English"), ("fr", "français"), ("nb", "norsk bokmål"), ("ro", "română")]


def groups() -> list[tuple[str, Any]]:
    return [("", "—"), *((one.value, network_words.GROUPS[one]) for one in Group)]


def categories() -> list[tuple[str, Any]]:
    return [(one.value, words.CATEGORIES[one]) for one in Category]


class RegistrationForm(OrganisationAsked):
    """One person's registration: who they are, what is counted, who may see it, and the meeting's own questions."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, help_text=_("As it shall stand on the badge. A pseudonym is a name.")
    )
    title = forms.CharField(label=_("What you do"), max_length=120, required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()
    country = forms.ChoiceField(label=_("Country"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    gender = forms.ChoiceField(
        label=_("Gender"), required=False, help_text=_("Only for counting who was there; shown to nobody.")
    )
    language = forms.ChoiceField(label=_("Language of our letters to you"), choices=LETTERS_IN)
    listed = forms.ChoiceField(
        label=_("Who may see your name in the list of participants"), choices=list(LISTED.items()), required=False
    )
    photographs = forms.ChoiceField(
        label=_("May you be photographed?"),
        required=False,
        choices=[("", _("I say so later")), ("yes", _("yes")), ("no", _("no"))],
    )

    named = forms.BooleanField(label=_("My name may stand in the public programme"), required=False)
    hide = forms.BooleanField(
        label=_("Hide me for my safety"),
        required=False,
        help_text=_(
            "For whoever must not be found. Your badge and the programme then say the name below instead of yours; "
            "your country, your organisation and photographs of you are shown nowhere, and you stand in no list. Only "
            "those who run the meeting and the secretariat know who you are."
        ),
    )
    pseudonym = forms.CharField(
        label=_("Name to be used instead of yours"),
        max_length=80,
        required=False,
        help_text=_("Only if you are to be hidden. It must lead nobody to you."),
    )

    def __init__(
        self,
        *args: Any,
        meeting: models.Meeting,
        questions: Iterable[models.Question],
        country: str = "",
        group: str = "",
        needs_country: bool = False,
        knows_person: bool = False,
        asks_protection: bool = False,
        asks_naming: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, asks_organisation=not knows_person, **kwargs)
        if asks_naming:
            self.fields["named"].help_text = sentences_of_today()
        else:
            del self.fields["named"]
        if not asks_protection:
            del self.fields["hide"], self.fields["pseudonym"]
        self.questions = list(questions)
        self.fixed = {"country": country, "group": group}
        language = get_language() or "en"
        if knows_person:  # what one's entry says is changed there
            del self.fields["name"], self.fields["title"]
        self._choices("country", countries(invented=meeting.invented))
        self._choices("group", groups())
        self._choices("gender", [("", "—"), *network_words.GENDERS.items()])
        self.fields["country"].required = needs_country
        for name, value in self.fixed.items():
            if value:
                del self.fields[name]
        for question in self.questions:
            self.fields[f"q{question.pk}"] = _field_of(question, meeting, language)

    def _choices(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*choices]

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        check_pseudonym(self, told)
        return told

    def said(self) -> Said:
        country = self.fixed["country"] or self.cleaned_data.get("country", "")
        told = self.told_as_one(country=country)
        return Said(
            named=text_of_today() if told.get("named") else "",
            pseudonym=told.get("pseudonym", "") if told.get("hide") else "",
            name=told.get("name", "").strip(),
            title=told.get("title", "").strip(),
            organisation=told.get("organisation", ""),
            country=country,
            group=self.fixed["group"] or told.get("group", ""),
            gender=told["gender"],
            language=told["language"],
            listed=Access(told["listed"] or Access.ORGANISERS),
            photographs={"yes": True, "no": False}.get(told["photographs"]),
            answers={one.pk: _value(one, told.get(f"q{one.pk}")) for one in self.questions},
        )


def check_pseudonym(form: forms.Form, told: dict[str, Any]) -> None:
    """A name to hide behind and the wish to be hidden come together, or neither does."""
    hide, pseudonym = told.get("hide"), told.get("pseudonym", "").strip()
    if hide and not pseudonym:
        form.add_error("pseudonym", _now("Choose a name that leads nobody to you."))
    elif pseudonym and not hide:
        form.add_error("hide", _now("Tick this to be hidden, or leave the name below empty."))


class NameForm(OrganisationAsked):
    """A name, position and organisation, written otherwise."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    title = forms.CharField(label=_("Position"), max_length=120, required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        """`asks_organisation` False: of somebody at risk, whose organisation no page of a meeting says."""
        super().__init__(*args, **kwargs)
        self.country = country

    def said(self) -> dict[str, Any]:
        """What `correct_name` takes."""
        return self.told_as_one(country=self.country)


class CorrectForm(NameForm):
    """The same by whoever runs the meeting."""

    why = forms.CharField(label=_("Why"), max_length=300, help_text=_("It stands in the trail."))


class HideOneselfForm(forms.Form):
    """To be hidden for one's safety, after one has registered."""

    pseudonym = forms.CharField(
        label=_("Name to be used instead of yours"), max_length=80, help_text=_("It must lead nobody to you.")
    )


class HideForm(HideOneselfForm):
    """To hide somebody who asked for it."""

    pseudonym = forms.CharField(
        label=_("Name to be used instead of theirs"),
        max_length=80,
        help_text=_("Agree on it with them; it must lead nobody to them."),
    )
    why = forms.CharField(label=_("Why (stands in the trail; name nobody)"), max_length=300, min_length=10)


def initial_of(row: models.Registration) -> dict[str, Any]:
    """What a registration says, as its form takes it."""
    return {
        "country": row.state_id or "",
        "group": row.group,
        "gender": row.gender,
        "language": row.language,
        "listed": row.listed,
        "photographs": {True: "yes", False: "no", None: ""}[row.photographs],
        **{f"q{one.question_id}": _initial(one) for one in row.answers.select_related("question")},
    }


def _initial(answer: models.Answer) -> Any:
    if answer.question.kind == models.Question.Kind.YES_NO:
        return "yes" if answer.value else "no"
    return answer.value


def _value(question: models.Question, value: Any) -> Any:
    if question.kind == models.Question.Kind.YES_NO:
        return {"yes": True, "no": False}.get(value)
    return value


def _field_of(question: models.Question, meeting: models.Meeting, language: str) -> forms.Field:
    """The input of a question: what it is used for and when the answer goes stands beside it."""
    original = (meeting.languages or ["en"])[0]
    said: dict[str, Any] = {"label": best(question.text, language, original)[1], "required": question.required}
    helps = [best(question.help or {}, language, original)[1]]
    purpose = best(question.purpose or {}, language, original)[1]
    if purpose:
        helps.append(_now("Used for: %(purpose)s.") % {"purpose": purpose.rstrip(".")})
    helps.append(_now("Deleted on %(day)s.") % {"day": day(question.delete_on.isoformat())})
    said["help_text"] = " ".join(one for one in helps if one)
    options = [(one["key"], best(one["text"], language, original)[1]) for one in question.options]
    kind = models.Question.Kind
    match question.kind:
        case kind.LONG_TEXT:
            return forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), **said)
        case kind.YES_NO:
            return forms.ChoiceField(choices=[("", "—"), ("yes", _("yes")), ("no", _("no"))], **said)
        case kind.CHOICE:
            return forms.ChoiceField(choices=[("", "—"), *options], **said)
        case kind.CHOICES:
            return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **said)
        case kind.LANGUAGE:
            return forms.ChoiceField(choices=[("", "—"), *spoken()], **said)
    return forms.CharField(max_length=200, **said)


class AddressForm(forms.Form):
    """The address to which the link of an open registration goes."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)


class NomineeForm(OrganisationAsked):
    """Somebody whom a head of delegation names. Who is named for an organisation comes from it."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    category = forms.ChoiceField(label=_("Takes part as"))
    group = forms.ChoiceField(label=_("Group"), required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    organisation_in_words = unlisted_organisation()
    language = forms.ChoiceField(label=_("Language of our letters"), choices=LETTERS_IN)

    def __init__(self, *args: Any, delegation: models.Delegation, **kwargs: Any) -> None:
        super().__init__(*args, asks_organisation=delegation.organisation_id is None, **kwargs)
        self.country = delegation.state_id or ""
        for name, choices in (("category", categories()), ("group", groups())):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def said(self) -> dict[str, Any]:
        """What `nominate` takes."""
        return self.told_as_one(country=self.country)


class OpeningForm(forms.Form):
    """Who may ask for a place and from when until when, whether each is decided on, until when answers change."""

    entry = forms.ChoiceField(label=_("Who may ask for a place"))
    opens_at = ZonedDateTimeField(
        label=_("Opens"), required=False, help_text=_("Left empty: nobody can register, and no page says when.")
    )
    closes_at = ZonedDateTimeField(
        label=_("Closes"), required=False, help_text=_("Left empty: at the end of the last day.")
    )
    approval = forms.BooleanField(
        label=_("you decide on each registration"),
        required=False,
        help_text=_("A place is held from the moment that somebody asks until you decide."),
    )
    changes_until = ZonedDateTimeField(
        label=_("People change their own answers until"),
        required=False,
        help_text=_("Left empty: for as long as they have a place."),
    )

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        self.meeting = meeting
        kwargs["initial"] = {name: getattr(meeting, name) for name in OPENING}
        super().__init__(*args, **kwargs)
        choose: Any = self.fields
        choose["entry"].choices = [(one.value, words.ENTRIES[one]) for one in Entry]
        for name in ("opens_at", "closes_at", "changes_until"):
            choose[name].zone = meeting.zone

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        opens, closes, end = told.get("opens_at"), told.get("closes_at"), end_of(self.meeting)
        if closes and not opens and "opens_at" not in self.errors:
            self.add_error("opens_at", _now("Say when it opens, too."))
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _now("It would close before it opens."))
        for name in ("opens_at", "closes_at", "changes_until"):
            if told.get(name) and told[name] > end:
                self.add_error(name, _now("By then the meeting is over."))
        return told


OPENING = ("entry", "opens_at", "closes_at", "approval", "changes_until")


class InviteForm(forms.Form):
    """Whom an organiser invites, as what, and until when."""

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, or with commas between them; 500 at most."),
    )
    members = forms.BooleanField(label=_("and every member of the meeting’s network"), required=False)
    category = forms.ChoiceField(label=pgettext_lazy("takes part as", "As"))
    group = forms.ChoiceField(label=_("Group"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False, help_text=_("Leave open for them to say."))
    language = forms.ChoiceField(label=_("Language of the letter"), choices=LETTERS_IN)
    until = forms.DateField(label=_("Valid until"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        lists = (("category", categories()), ("group", groups()), ("country", countries(invented=meeting.invented)))
        for name, choices in lists:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        if meeting.network_id is None:
            del self.fields["members"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("addresses", "").strip() and not told.get("members"):
            self.add_error("addresses", _now("Write at least one address."))
        return told

    def clean_until(self) -> datetime:
        until = _end_of(self.cleaned_data["until"], self.meeting)
        if until <= timezone.now():
            raise forms.ValidationError(_("This day is over."))
        return until


class DelegationForm(forms.Form):
    """A delegation of a state or a body."""

    country = forms.ChoiceField(label=_("Country"), required=False)
    organisation = forms.ChoiceField(label=_("or organisation"), required=False)
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=500)
    head_email = forms.EmailField(label=_("E-mail address of the head"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language of our letters to the head"),
        required=False,
        choices=[("", _("that of their account here; without one, the meeting’s first")), *LETTERS_IN],
    )
    until = forms.DateField(label=_("Names until"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note for yourselves"), max_length=300, required=False)

    def __init__(
        self, *args: Any, meeting: models.Meeting, delegation: models.Delegation | None = None, **kwargs: Any
    ) -> None:
        if delegation is not None:
            until = delegation.nominate_until
            kwargs["initial"] = {
                "places": delegation.places, "head_email": delegation.head_email, "language": delegation.language,
                "until": until.astimezone(ZoneInfo(meeting.zone)).date() if until else None, "note": delegation.note,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        if delegation is not None:  # whose it is stays
            del self.fields["country"], self.fields["organisation"]
            return
        lists = (
            ("country", countries(invented=meeting.invented)),
            ("organisation", [("", "—"), *((str(one.pk), one.name) for one in organisations())]),
        )
        for name, choices in lists:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "country" in self.fields and bool(told.get("country")) == bool(told.get("organisation")):
            self.add_error("country", _now("Choose a country or an organisation, one of the two."))
        return told

    def clean_until(self) -> datetime:
        return _end_of(self.cleaned_data["until"], self.meeting)


class QuotaForm(forms.Form):
    """So many places of one kind."""

    what = forms.ChoiceField(label=_("Places for"))
    places = forms.IntegerField(label=_("Number"), min_value=0, max_value=100_000)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (f"{QuotaKind.WHOLE}:", words.QUOTA_KINDS[QuotaKind.WHOLE]),
            (_("Groups"), [(f"{QuotaKind.GROUP}:{code}", name) for code, name in groups() if code]),
            (_("Takes part as"), [(f"{QuotaKind.CATEGORY}:{code}", name) for code, name in categories()]),
            (
                _("Countries"),
                [(f"{QuotaKind.COUNTRY}:{code}", name) for code, name in countries(invented=meeting.invented) if code],
            ),
        ]

    def key(self) -> tuple[str, str]:
        kind, _colon, key = self.cleaned_data["what"].partition(":")
        return kind, key


class DecisionForm(forms.Form):
    """What shall become of the chosen registrations."""

    CHOICES = [
        ("approve", _("Approve")),
        ("refuse", _("Refuse")),
        ("put_back", _("Take the approval back")),
        ("withdraw", _("Take the place back")),
    ]
    what = forms.ChoiceField(label=_("With those chosen"), choices=CHOICES)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("The person reads it. Needed unless you approve."),
    )

    def __init__(self, *args: Any, standing: str = "", **kwargs: Any) -> None:
        """`standing`: of one registration; what does not follow from it is not offered."""
        super().__init__(*args, **kwargs)
        if standing:
            now = Standing(standing)
            leads = {
                "approve": now is Standing.ASKED,
                "refuse": Standing.REFUSED in FOLLOWS[now],
                "put_back": now is Standing.CONFIRMED,
                "withdraw": Standing.WITHDRAWN in FOLLOWS[now],
            }
            what = self.fields["what"]
            assert isinstance(what, forms.ChoiceField)
            what.label, what.choices = _("Decision"), [(code, word) for code, word in self.CHOICES if leads[code]]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("what") != "approve" and len(told.get("reason", "").strip()) < 10:
            self.add_error("reason", _now("Say why, in at least ten characters."))
        return told


class ListForm(forms.Form):
    """How the list of registrations leaves the site."""

    with_people_at_risk = forms.BooleanField(label=_("With the people who are at risk"), required=False)
    why = forms.CharField(
        label=_("For what it is needed"),
        max_length=300,
        required=False,
        help_text=_("Asked for with people at risk. It stands in the trail; name nobody."),
    )


class MoveForm(forms.Form):
    """Under what a registration is counted."""

    category = forms.ChoiceField(label=_("Takes part as"))
    group = forms.ChoiceField(label=_("Group"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, *args: Any, meeting: models.Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = (("category", categories()), ("group", groups()), ("country", countries(invented=meeting.invented)))
        for name, choices in lists:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class QuestionForm(forms.Form):
    """A question of the meeting's own: its words and what it is for, in each of the meeting's languages.

    Of a question that is there already, each choice has inputs of its own: it keeps its key in whatever words.
    """

    kind = forms.ChoiceField(label=_("Answered with"), choices=list(words.QUESTION_KINDS.items()))
    subject = forms.ChoiceField(label=_("About"), choices=list(words.QUESTION_SUBJECTS.items()))
    required = forms.BooleanField(label=_("has to be answered"), required=False)
    after_confirmation = forms.BooleanField(
        label=_("asked only when the place is confirmed"),
        required=False,
        help_text=_(
            "For travel and the like: the letter that confirms the place says that it is still to be answered."
        ),
    )
    of = forms.MultipleChoiceField(
        label=_("Asked only of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: of everybody."),
    )
    delete_on = forms.DateField(label=_("The answers are deleted on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self,
        *args: Any,
        meeting: models.Meeting,
        question: models.Question | None = None,
        answers: int = 0,
        chosen: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        self.meeting, self.question = meeting, question
        if question is not None:
            kwargs["initial"] = _said_by(question)
        super().__init__(*args, **kwargs)
        of = self.fields["of"]
        assert isinstance(of, forms.MultipleChoiceField)
        of.choices = categories()
        add_texts(
            self,
            meeting,
            {
                "text": Text(_("Question, %(language)s"), 300, needed=True),
                "help": Text(_("Explained in a line, %(language)s"), 300),
                "purpose": Text(_("What the answers are used for, %(language)s"), 300, needed=True),
            },
        )
        for number, one in enumerate(question.options if question is not None else []):
            self._add_choice(number, (chosen or {}).get(one["key"], 0))
        label = _("Other choices, %(language)s") if question is not None else _("What can be chosen, %(language)s")
        help_text = _("One a line, in the same order in each language.")
        add_texts(self, meeting, {"options": Text(label, 3000, rows=4, help_text=help_text)})
        if question is not None and answers:
            self.fields["anew"] = forms.BooleanField(
                label=ngettext(
                    "ask anew: delete the %(n)s answer given so far",
                    "ask anew: delete the %(n)s answers given so far",
                    answers,
                )
                % {"n": answers},
                required=False,
                help_text=_(
                    "Only then can you change how it is answered and what for, keep answers longer, or take a choice "
                    "away that somebody made."
                ),
            )

    def _add_choice(self, number: int, times: int) -> None:
        label = _now("Choice %(number)s, %(language)s") % {"number": number + 1, "language": "%(language)s"}
        add_texts(self, self.meeting, {f"option{number}": Text(label, 300, needed=True)})
        says = ngettext("%(n)s person chose it.", "%(n)s people chose it.", times) % {"n": times} if times else ""
        self.fields[f"drop{number}"] = forms.BooleanField(
            label=_now("take choice %(number)s away") % {"number": number + 1}, required=False, help_text=says
        )

    def clean_delete_on(self) -> date:
        day: date = self.cleaned_data["delete_on"]
        today = timezone.now().astimezone(ZoneInfo(self.meeting.zone)).date()
        as_it_was = self.question is not None and self.question.delete_on == day
        if not as_it_was and not may_be_kept_until(day, today=today, ends=self.meeting.ends):
            latest = self.meeting.ends + KEPT_AFTER
            raise forms.ValidationError(
                _("Choose a day to come, at the latest %(day)s: half a year after the meeting."),
                code="deleted_too_late",
                params={"day": shown_span(latest, latest, get_language() or "en")},
            )
        return day

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        kind = models.Question.Kind
        if told.get("kind") in {kind.CHOICE, kind.CHOICES} and not self.errors and len(self._options()) < 2:
            self.add_error(f"options_{languages_of(self.meeting)[0]}", _now("Let at least two things be chosen from."))
        return told

    def columns(self) -> dict[str, Any]:
        told = dict(self.cleaned_data)
        chosen_from = told["kind"] in {models.Question.Kind.CHOICE, models.Question.Kind.CHOICES}
        return {
            "kind": told["kind"],
            "subject": told["subject"],
            "required": told["required"],
            "after_confirmation": told["after_confirmation"],
            "of": told["of"],
            "delete_on": told["delete_on"],
            **{name: self._texts(told, name) for name in ("text", "help", "purpose")},
            "options": self._options() if chosen_from else [],
        }

    def _texts(self, told: dict[str, Any], name: str) -> dict[str, str]:
        """What was written, beside what is said in languages that the meeting has no more."""
        before = getattr(self.question, name) if self.question is not None else {}
        return _elsewhere(before or {}, self.meeting) | take_texts(told, self.meeting, name)

    def _options(self) -> list[dict[str, Any]]:
        """Choices that stay, each with its key, and the new ones after them."""
        told, languages, found = dict(self.cleaned_data), languages_of(self.meeting), []
        for number, one in enumerate(self.question.options if self.question is not None else []):
            if not told[f"drop{number}"]:
                said = take_texts(told, self.meeting, f"option{number}")
                found.append({"key": one["key"], "text": _elsewhere(one["text"], self.meeting) | said})
        lines = {
            code: [one.strip() for one in told[f"options_{code}"].splitlines() if one.strip()] for code in languages
        }
        known = {one["key"] for one in self.question.options} if self.question is not None else set()
        for at, text in enumerate(lines[languages[0]]):
            short = slug(text)[:26] or "choice"
            key = next(one for one in (short, *(f"{short}-{n}" for n in range(2, 999))) if one not in known)
            known.add(key)
            found.append({"key": key, "text": {code: lines[code][at] for code in languages if at < len(lines[code])}})
        return found


def _said_by(question: models.Question) -> dict[str, Any]:
    """What a question says, as its form takes it."""
    said: dict[str, Any] = {
        name: getattr(question, name) for name in ("kind", "subject", "required", "after_confirmation", "of")
    }
    said["delete_on"] = question.delete_on.isoformat()
    for name in ("text", "help", "purpose"):
        said |= {f"{name}_{code}": text for code, text in (getattr(question, name) or {}).items()}
    for number, one in enumerate(question.options):
        said |= {f"option{number}_{code}": text for code, text in one["text"].items()}
    return said


def _elsewhere(texts: Mapping[str, str], meeting: models.Meeting) -> dict[str, str]:
    return {code: said for code, said in texts.items() if code not in languages_of(meeting)}


class GroupTableForm(forms.Form):
    """A table of people to register at once."""

    table = forms.FileField(
        label=_("Table"),
        help_text=_(
            "CSV or XLSX with the columns name, email, country, group, category, title, organisation and language. "
            "Headings and words are read in each language of this site."
        ),
    )
    encoding = forms.ChoiceField(
        label=_("Letters of a CSV that is not in Unicode"),
        choices=[
            ("cp1252", _("Windows, Western: é, ø, å")),
            ("cp1250", _("Windows, Central European: ă, ș, ž")),
        ],
        help_text=_("Excel’s “CSV” on Windows does not say. Look at the names before you register anybody."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"encoding": "cp1250" if get_language() == "ro" else "cp1252"})
        super().__init__(*args, **kwargs)


def _end_of(last_day: Any, meeting: models.Meeting) -> datetime:
    """The end of a day where the meeting is."""
    return datetime.combine(last_day, time(23, 59), tzinfo=ZoneInfo(meeting.zone))
