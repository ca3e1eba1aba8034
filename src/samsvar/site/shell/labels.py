"""Labels of the library's fixed values in the reader's language: strengths, statuses, bodies, kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

type Label = str | Promise


# Labels of each enumeration by its name, for `enum_choices` and the filter `label`. Every labels module adds its own.
LABELS: dict[str, Mapping[Any, Label]] = {}


def enum_choices(values: Iterable[StrEnum | TextChoices]) -> tuple[tuple[str, str], ...]:
    """Return the given values of an enumeration as choices, with labels in the reader's language.

    A model field takes `partial(enum_choices, Kind)`, so that its migration contains no labels.
    """
    return _translated_choices(tuple(values), get_language())


@lru_cache(maxsize=512)  # `get_…_display` asks for all choices, and translating them takes longer than the rest
def _translated_choices(
    values: tuple[StrEnum | TextChoices, ...], _language: str | None
) -> tuple[tuple[str, str], ...]:
    return tuple((value.value, str(enum_label(value))) for value in values)


def enum_label(value: StrEnum | TextChoices) -> Label:
    """Return the label of a value of an enumeration."""
    return value.label if isinstance(value, TextChoices) else LABELS[type(value).__name__][value]


STRENGTHS: dict[str, Label] = {
    "urges": _("urges"),
    "strongly_encourages": _("strongly encourages"),
    "encourages": _("encourages"),
    "invites": _("invites"),
    "welcomes": _("welcomes"),
    "": _("recommendation (no level given)"),
    "closed": _("closed by a later text"),  # of a cell, not of a finding
}
STATE_POSITIONS: dict[str, Label] = {
    "supported": pgettext_lazy("position of a state on a recommendation", "supported"),
    "noted": pgettext_lazy("position of a state on a recommendation", "noted"),
    "under_consideration": pgettext_lazy("position of a state on a recommendation", "under consideration"),
    "already_implemented": pgettext_lazy("position of a state on a recommendation", "already implemented"),
    "": _("position not stated in the report"),
}
# One letter for a cell of the article strip and the matrix; unique within each language.
STRENGTH_LETTERS: dict[str, Label] = {
    "urges": pgettext_lazy("one letter for: urges", "U"),
    "strongly_encourages": pgettext_lazy("one letter for: strongly encourages", "S"),
    "encourages": pgettext_lazy("one letter for: encourages", "E"),
    "invites": pgettext_lazy("one letter for: invites", "I"),
    "welcomes": pgettext_lazy("one letter for: welcomes", "W"),
    "": pgettext_lazy("one letter for: asks, without saying how strongly", "R"),
    "closed": "✓",
}

STATUSES: dict[str, Label] = {  # of a map square: `samsvar.convention.status`, plus "ratified, not yet in force"
    "in_force": _("in force"),
    "ratified": _("ratified, not yet in force"),
    "signatory": _("signed only"),
    "none": _("neither signed nor ratified"),
    "former_party": _("left the Convention"),
}
SHORT_STATUSES: dict[str, Label] = {  # short enough for a square
    "in_force": pgettext_lazy("on a square of the map", "in force"),
    "ratified": pgettext_lazy("on a square of the map", "ratified"),
    "signatory": pgettext_lazy("on a square of the map", "signed"),
    "none": pgettext_lazy("on a square of the map", "–"),
    "former_party": pgettext_lazy("on a square of the map", "left"),
}
STATUS_LETTERS: dict[str, Label] = {  # for squares where even the short label is too long
    "in_force": pgettext_lazy("one letter for: in force", "P"),
    "ratified": pgettext_lazy("one letter for: ratified, not yet in force", "R"),
    "signatory": pgettext_lazy("one letter for: signed only", "S"),
    "none": pgettext_lazy("one letter for: neither signed nor ratified", "–"),
    "former_party": pgettext_lazy("one letter for: left the Convention", "L"),
}

EVENTS: dict[str, Label] = {
    "signature": _("signature"),
    "ratification": _("ratification"),
    "acceptance": _("acceptance"),
    "approval": _("approval"),
    "accession": _("accession"),
    "entry_into_force": _("entry into force"),
    "reservation": _("reservation"),
    "reservation_renewal": _("renewal of a reservation"),
    "reservation_withdrawn": _("withdrawal of a reservation"),
    "reservation_lapsed": _("lapse of a reservation"),
    "territorial_extension": _("territorial extension"),
    "declaration": _("declaration"),
    "objection": _("objection"),
    "denunciation": _("denunciation"),
    "denunciation_effective": _("denunciation takes effect"),
    "invitation_to_accede": _("invitation to accede"),
    "domestic_event": _("domestic event, with no effect on the treaty"),
    "none": _("no known treaty action"),
}

CONFIDENCES: dict[str, Label] = {
    "confirmed": _("confirmed"),
    "single-source": _("single source"),
    "fictional": _("fictional"),
    "from-memory": _("unverified"),
    "our-translation": _("our translation"),
    "": _("not stated"),
}
CONFIDENCE_MEANINGS: dict[str, Label] = {
    "confirmed": _("Two sources agree, or one official source states the fact."),
    "single-source": _("One unofficial source, or an official source that supports only part of the fact."),
    "fictional": _("Fictional, created for the demonstration."),
    "from-memory": _("No source was found. The fact is shown as unverified and is not counted."),
}

BODIES: dict[str, Label] = {
    "grevio": _("GREVIO"),
    "committee_of_the_parties": _("Committee of the Parties"),
    "cedaw": _("CEDAW Committee"),
    "upr": _("Universal Periodic Review"),
    "special_procedures": _("Special procedures"),
    "greta": _("GRETA"),
    "council_of_europe": _("GRETA, ECRI or CPT"),
}

PROCEDURES: dict[str, Label] = {
    "baseline": _("baseline evaluation"),
    "first_thematic": _("first thematic evaluation"),
    "thematic": _("thematic evaluation"),
    "recommendation": _("recommendation"),
    "conclusions": _("conclusions"),
    "first_round": _("first evaluation round"),
    "second_round": _("second evaluation round"),
    "third_round": _("third evaluation round"),
    "fifth_cycle": _("fifth monitoring cycle"),
    "sixth_cycle": _("sixth monitoring cycle"),
    "country_visit": _("country visit"),
    "upr": _("Universal Periodic Review"),
    "report_back": _("state’s report on the measures taken"),
}

DOCUMENT_KINDS: dict[str, Label] = {
    "report": _("report"),
    "recommendation": _("recommendation"),
    "conclusions": _("conclusions"),
    "follow_up": _("follow-up to the recommendations"),
    "state_report": _("state report"),
    "government_comments": _("government comments"),
    "government_response": _("government response"),
    "general_report": _("general report"),
    "evaluation_visit": _("evaluation visit"),
    "procedure_launch": _("start of the procedure"),
}

TRENDS: dict[str, Label] = {  # from one round to the next: samsvar.monitoring.rounds.Trend
    "milder": _("milder than before"),
    "same": _("same strength as before"),
    "stronger": _("stronger than before"),
    "new": _("first round on this article"),
}

LATER_TEXTS: dict[str, Label] = {  # samsvar.monitoring.rounds.LaterText
    "closes": _("closes the earlier finding"),
    "restates": _("restates the earlier finding"),
    "takes_up": _("takes up the same issue"),
    "set_aside": _("is about another issue"),
}

STEP_CHANGES: dict[str, Label] = {  # of an issue, in a round: samsvar.monitoring.issues.StepChange
    "first": pgettext_lazy("an issue in a round", "first raised"),
    "restated": pgettext_lazy("an issue in a round", "restated, same strength"),
    "stronger": pgettext_lazy("an issue in a round", "stronger"),
    "weaker": pgettext_lazy("an issue in a round", "weaker"),
    "again": pgettext_lazy("an issue in a round", "raised again, strength not comparable"),
    "welcomed": pgettext_lazy("an issue in a round", "progress welcomed"),
    "concluded": pgettext_lazy("an issue in a round", "concluded"),
    "partly_concluded": pgettext_lazy("an issue in a round", "concluded in part"),
    "not_raised": pgettext_lazy("an issue in a round", "not raised again: not known whether it was resolved"),
}

EARLIER_FINDINGS: dict[str, Label] = {  # the same, said of the earlier finding
    "closes": _("closed by a later text"),
    "restates": _("restated by a later text"),
}

COVERAGES: dict[str, Label] = {  # of a state's monitoring: samsvar.site.pages.queries.compare.Coverage
    "processed": _("no processed report of this kind"),
    "not_processed": _("monitored, but no report has been processed"),
    "not_monitored": _("not monitored yet, as far as we know"),
}

COUNTRY_TABS: dict[str, Label] = {
    "": _("Overview"),
    "articles": _("By article"),
    "rounds": _("Over the rounds"),
    "progress": _("What is done"),
    "reports": _("Reports"),
    "events": _("Treaty events"),
    "meetings": _("Meetings"),
    "funding": _("Commitments and funding"),
    "upr": _("Universal Periodic Review"),
    "other-bodies": _("Other bodies"),
}

REVIEWS: dict[str, Label] = {
    "machine": _("automatic label, not yet confirmed"),
    "confirmed": _("confirmed by a reviewer"),
    "rejected": _("rejected by a reviewer"),
}

ACCEPTED_PROPOSALS: dict[str, Label] = {  # reviews of labels that someone who may not review had proposed
    "confirmed": _("proposed by %(role)s, confirmed by a reviewer"),
    "rejected": _("proposed for rejection by %(role)s, rejected by a reviewer"),
}

STATE_GROUPS: dict[str, Label] = {
    "council_of_europe": _("Members of the Council of Europe"),
    "european_union": _("European Union"),
    "may_sign": _("Other states that may sign"),
    "united_nations": _("States that may be invited to accede"),
    "other": _("Others"),
    "fictional": _("Fictional states, for demonstration"),
}

NEWS: dict[str, Label] = {
    "report_read_in": _("report processed"),
    "published": _("published"),
    "treaty_event": _("treaty event"),
}

STAGES: dict[str, Label] = {  # of a reservation: samsvar.convention.status.Stage
    "made": _("the Convention is not yet in force for the state"),
    "in_force": _("in force"),
    "extended": _("in the six-month extension under Article 79"),
    "articles_unseen": _("reservations were renewed, but no source says whether this one was"),
    "renewal_unseen": _("expired; no source says whether it was renewed"),
    "lapsed": _("lapsed"),
    "withdrawn": _("withdrawn"),
}

PILLARS: dict[str, Label] = {
    "integrated_policies": _("integrated policies"),
    "prevention": _("prevention"),
    "protection": _("protection"),
    "prosecution": _("prosecution"),
    "other": pgettext_lazy("pillar of the Convention", "other"),
}

FORMS: dict[str, Label] = {
    "psychological_violence": _("psychological violence"),
    "stalking": _("stalking"),
    "physical_violence": _("physical violence"),
    "sexual_violence": _("sexual violence"),
    "forced_marriage": _("forced marriage"),
    "female_genital_mutilation": _("female genital mutilation"),
    "forced_abortion_and_sterilisation": _("forced abortion and sterilisation"),
    "sexual_harassment": _("sexual harassment"),
}

LABELS.update(
    Strength=STRENGTHS, Status=STATUSES, EventKind=EVENTS, Confidence=CONFIDENCES, DocumentKind=DOCUMENT_KINDS,
    ReservationStage=STAGES, Pillar=PILLARS, Violence=FORMS, body=BODIES, procedure=PROCEDURES, review=REVIEWS,
    Trend=TRENDS, LaterText=LATER_TEXTS, StepChange=STEP_CHANGES, CountryTab=COUNTRY_TABS,
    StatePosition=STATE_POSITIONS, confidence_meaning=CONFIDENCE_MEANINGS,
)  # fmt: skip

# Punctuation between a name and its description, which form no sentence. French puts a no-break space before it.
COLON = pgettext_lazy("after a name", ":")
SEMICOLON = pgettext_lazy("after a name", ";")

# A day, month or year within a sentence: the preposition depends on the language.
DATES_IN_SENTENCE: dict[str, Label] = {
    "day": pgettext_lazy("a day in a sentence", "on %(date)s"),
    "month": pgettext_lazy("a month in a sentence", "in %(date)s"),
    "year": pgettext_lazy("a year in a sentence", "in %(date)s"),
}

LANGUAGES: dict[str, str] = {  # each in its own language
    "en": "English",
    "fr": "Français",
    "nb": "Norsk bokmål",
    "ro": "Română",
}


def find_label(labels: Mapping[Any, Label], value: str | None) -> Label:
    """Return the label of a value, or a readable form if it has none: "cop_report" → "cop report"."""
    value = value or ""
    return labels.get(value, value.replace("_", " "))


def describe_review(review: str, proposed_by: str = "") -> Label:
    """Return a review in words; if a proposal was accepted, with the role that proposed the label."""
    if not proposed_by or review not in ACCEPTED_PROPOSALS:
        return find_label(REVIEWS, review)
    return str(ACCEPTED_PROPOSALS[review]) % {"role": find_label(LABELS["ActingRole"], proposed_by)}
