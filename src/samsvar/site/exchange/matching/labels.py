"""Labels of matching: the features, and the sentence that each gives as a reason."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from samsvar.dates import PartialDate, display_date, parse_partial_date
from samsvar.exchange.countries import country_profile
from samsvar.exchange.matching import CONCEPT_PREFIX, Feature, Reason
from samsvar.languages import display_language
from samsvar.site.exchange.labels import EVIDENCE_LEVELS
from samsvar.site.shell.labels import LABELS, Label
from samsvar.territories import territories
from samsvar.thesaurus.concepts import concepts

FEATURES: dict[str, Label] = {
    "topic": gettext_lazy("Same topic"),
    "article": gettext_lazy("Same article"),
    "group": gettext_lazy("Same group of women"),
    "form": gettext_lazy("Same form of violence"),
    "part": gettext_lazy("The part asked about"),
    "words": gettext_lazy("Words in common"),
    "evidence": gettext_lazy("Evidence level"),
    "language": gettext_lazy("Language in common"),
    "size": gettext_lazy("Country of similar size"),
    "structure": gettext_lazy("Federal or unitary state"),
    "legal_family": gettext_lazy("Family of law"),
    "recency": gettext_lazy("Confirmed recently"),
    "adopted": gettext_lazy("Taken up elsewhere"),
    "capacity": gettext_lazy("Free capacity"),
}
CANDIDATE_KINDS: dict[str, Label] = {
    "practice": pgettext_lazy("kind of match", "practice"),
    "praise": pgettext_lazy("kind of match", "welcomed in a report"),
    "offer": pgettext_lazy("kind of match", "offer"),
    "person": pgettext_lazy("kind of match", "person"),
}
_STRUCTURES: dict[str, Label] = {
    "federal": gettext_lazy("Both are federal states."),
    "unitary": gettext_lazy("Both are unitary states."),
}

LABELS.update(Feature=FEATURES, CandidateKind=CANDIDATE_KINDS)


def reason_sentence(reason: Reason, state: str) -> str:
    """Return a reason of a match as a sentence in the reader's language. `state` is that of the candidate."""
    language = get_language() or "en"
    about = reason.about
    match reason.feature:
        case Feature.TOPIC:
            return _("Same topic: %(names)s.") % {"names": _concept_names(about, language)}
        case Feature.ARTICLE:
            return _("Same article: %(numbers)s.") % {"numbers": ", ".join(about)}
        case Feature.GROUP:
            return _("For the same group: %(names)s.") % {"names": _concept_names(about, language)}
        case Feature.FORM:
            return _("Same form of violence: %(names)s.") % {"names": _concept_names(about, language)}
        case Feature.PART:
            return _("About the part that is asked about: %(words)s.") % {"words": ", ".join(about)}
        case Feature.WORDS if about[0].startswith(CONCEPT_PREFIX):
            names = _concept_names((text.removeprefix(CONCEPT_PREFIX) for text in about), language)
            return _("Both texts mention: %(names)s.") % {"names": names}
        case Feature.WORDS:
            return _("Words in common: %(words)s.") % {"words": ", ".join(about)}
        case Feature.EVIDENCE:
            return _("Evidence level: %(level)s.") % {"level": EVIDENCE_LEVELS[about[0]]}
        case Feature.LANGUAGE:
            names = ", ".join(display_language(code, language) for code in about)
            return _("Can be read in %(languages)s.") % {"languages": names}
        case Feature.SIZE:
            return _("Its population is of a similar size.")
        case Feature.STRUCTURE:
            return str(_STRUCTURES[country_profile(state).structure])
        case Feature.LEGAL_FAMILY:
            return _("Both belong to the same family of law.")
        case Feature.RECENCY:
            return _("Confirmed on %(day)s.") % {"day": _day(about[0], language)}
        case Feature.ADOPTED:
            names = ", ".join(territories()[code].name(language) for code in about)
            if names:
                return _("Taken up by a similar country: %(names)s.") % {"names": names}
            return _("Taken up by another country.")
        case Feature.CAPACITY:
            return _("Can still be taken up this year.")


def _concept_names(keys: Iterable[str], language: str) -> str:
    return ", ".join(concepts()[key].label(language) for key in keys)


def _day(text: str, language: str) -> str:
    day = parse_partial_date(text)
    return display_date(day, language) if isinstance(day, PartialDate) else text
