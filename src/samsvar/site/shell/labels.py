"""What the site calls the fixed values of the library, in the reader's language: strengths, statuses, bodies, kinds."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

type Label = str | Promise


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """The values of an enumeration of the library as choices of a field."""
    return [(member.value, member.value) for member in kind]


STRENGTHS: dict[str, Label] = {
    "urges": _("urges"),
    "strongly_encourages": _("strongly encourages"),
    "encourages": _("encourages"),
    "invites": _("invites"),
    "welcomes": _("welcomes"),
    "": _("asks, without saying how strongly"),
}
# One letter stands in a cell of the article strip and of the matrix; in each language no two are the same.
LETTERS: dict[str, Label] = {
    "urges": pgettext_lazy("one letter for: urges", "U"),
    "strongly_encourages": pgettext_lazy("one letter for: strongly encourages", "S"),
    "encourages": pgettext_lazy("one letter for: encourages", "E"),
    "invites": pgettext_lazy("one letter for: invites", "I"),
    "welcomes": pgettext_lazy("one letter for: welcomes", "W"),
    "": pgettext_lazy("one letter for: asks, without saying how strongly", "A"),
}

STATUSES: dict[str, Label] = {  # of a square on the map: `samsvar.convention.status` and "ratified, not yet in force"
    "in_force": _("in force"),
    "ratified": _("ratified, not yet in force"),
    "signatory": _("signed only"),
    "none": _("neither signed nor ratified"),
    "former_party": _("left the Convention"),
}
SHORT_STATUSES: dict[str, Label] = {  # fits into a square
    "in_force": pgettext_lazy("on a square of the map", "in force"),
    "ratified": pgettext_lazy("on a square of the map", "ratified"),
    "signatory": pgettext_lazy("on a square of the map", "signed"),
    "none": pgettext_lazy("on a square of the map", "–"),
    "former_party": pgettext_lazy("on a square of the map", "left"),
}
STATUS_LETTERS: dict[str, Label] = {  # where not even that fits
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
    "domestic_event": _("event at home, without effect on the treaty"),
    "none": _("no treaty action known"),
}

CONFIDENCES: dict[str, Label] = {
    "confirmed": _("confirmed"),
    "single-source": _("single source"),
    "invented": _("invented"),
    "from-memory": _("unverified"),
    "our-translation": _("our translation"),
    "": _("not stated"),
}
CONFIDENCE_MEANINGS: dict[str, Label] = {
    "confirmed": _("Two sources agree, or one official source says it."),
    "single-source": _("One source that is not official, or an official one that supports a part of it."),
    "invented": _("Made up for the demonstration."),
    "from-memory": _("No source was found. It is shown as unverified and left out of every count."),
}

BODIES: dict[str, Label] = {
    "grevio": _("GREVIO"),
    "committee_of_the_parties": _("Committee of the Parties"),
    "cedaw": _("CEDAW Committee"),
    "upr": _("Universal Periodic Review"),
    "greta": _("GRETA"),
}

PROCEDURES: dict[str, Label] = {
    "baseline": _("baseline evaluation"),
    "first_thematic": _("first thematic evaluation"),
    "thematic": _("thematic evaluation"),
    "recommendation": _("recommendation"),
    "conclusions": _("conclusions"),
    "upr": _("Universal Periodic Review"),
    "report_back": _("state’s report on the measures taken"),
}

DOCUMENT_KINDS: dict[str, Label] = {
    "report": _("report"),
    "recommendation": _("recommendation"),
    "conclusions": _("conclusions"),
    "follow_up": _("follow-up to the recommendations"),
    "state_report": _("state report"),
    "government_comments": _("comments of the government"),
    "government_response": _("answer of the government"),
    "general_report": _("general report"),
    "evaluation_visit": _("evaluation visit"),
    "procedure_launch": _("start of the procedure"),
}

REVIEWS: dict[str, Label] = {
    "machine": _("machine label, not yet confirmed"),
    "confirmed": _("confirmed by a reviewer"),
    "rejected": _("rejected by a reviewer"),
}

KINDS_OF_STATE: dict[str, Label] = {
    "council_of_europe": _("member of the Council of Europe"),
    "european_union": _("European Union"),
    "may_sign": _("may sign: took part in drafting"),
    "united_nations": _("may be invited to accede"),
    "other": pgettext_lazy("kind of state", "other"),
    "invented": _("invented state, for demonstration"),
}

GROUPS_OF_STATES: dict[str, Label] = {
    "council_of_europe": _("Members of the Council of Europe"),
    "european_union": _("European Union"),
    "may_sign": _("Other states that may sign"),
    "united_nations": _("States that may be invited to accede"),
    "other": _("Others"),
    "invented": _("Invented states, for demonstration"),
}

NEWS: dict[str, Label] = {
    "report_read_in": _("report read in"),
    "published": _("published"),
    "treaty_event": _("treaty event"),
}

STAGES: dict[str, Label] = {  # of a reservation: samsvar.convention.status.Stage
    "made": _("announced; not in force for the state"),
    "in_force": _("in force"),
    "extended": _("in the six months’ extension of Article 79"),
    "articles_unseen": _("renewed, but no source says whether this one was"),
    "renewal_unseen": _("its time is over; no source says whether it was renewed"),
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

# Between a word and what is said of it, where the two are no sentence: French puts a no-break space before them.
COLON = pgettext_lazy("after a name", ":")
SEMICOLON = pgettext_lazy("after a name", ";")

# A day, a month or a year inside a sentence: languages differ in what stands before each.
WHEN: dict[str, Label] = {
    "day": pgettext_lazy("a day in a sentence", "on %(date)s"),
    "month": pgettext_lazy("a month in a sentence", "in %(date)s"),
    "year": pgettext_lazy("a year in a sentence", "in %(date)s"),
}

LANGUAGES: dict[str, str] = {  # each in itself, as a reader looks for it
    "en": "English",
    "fr": "Français",
    "nb": "Norsk bokmål",
    "ro": "Română",
}


def word(words: dict[str, Label], value: str | None) -> Label:
    """The word for a value; a value that has none yet, readable: "cop_report" → "cop report"."""
    value = value or ""
    return words.get(value, value.replace("_", " "))
