"""Labels for the enumerations of the network library, texts of consents, and texts of errors."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.loading import CountPrecision, GatheringFormat, GatheringKind, GatheringRelation, OrganisationRole
from samsvar.network.membership import Office
from samsvar.network.people import Field, Group, OrganisationKind
from samsvar.site.shell.labels import LABELS, Label

FIELDS: dict[Field, Label] = {
    Field.NAME: pgettext_lazy("of a person", "Name"),
    Field.TITLE: _("Job title"),
    Field.ORGANISATION: _("Organisation"),
    Field.COUNTRY: _("Country"),
    Field.GROUP: _("Group"),
    Field.GENDER: _("Gender"),
    Field.LANGUAGES: _("Languages you speak"),
    Field.EXPERTISE: _("Your areas of expertise"),
    Field.ABOUT: _("About you"),
    Field.PHOTOGRAPH: _("Photograph"),
    Field.EMAIL: _("Contact email address"),
    Field.TELEPHONE: _("Telephone"),
    Field.NETWORKS: _("Your networks"),
}
VISIBILITIES: dict[Visibility, Label] = {
    Visibility.ONLY_ME: _("only you"),
    Visibility.SECRETARIAT: _("the secretariat"),
    Visibility.MY_NETWORKS: _("members of your networks"),
    Visibility.SIGNED_IN: _("everyone who is signed in"),
    Visibility.PUBLIC: _("everyone"),
}

PURPOSES: dict[Purpose, Label] = {
    Purpose.MEMBERSHIP: _("membership of a network"),
    Purpose.DIRECTORY: _("the directory"),
    Purpose.PUBLIC_ENTRY: _("a public profile"),
    Purpose.CONTACT: _("questions from other people"),
    Purpose.MEETINGS: _("meetings: registration and attendance"),
    Purpose.PROGRAMME: _("your name in a public programme"),
    Purpose.PHOTOGRAPHS: _("photographs taken at meetings"),
    Purpose.MATCHING: _("being suggested where you could help"),
    Purpose.SECURITY: _("account security"),
}

LEGAL_BASES: dict[LegalBasis, Label] = {  # Article 6(1) of the GDPR
    LegalBasis.CONSENT: _("consent"),
    LegalBasis.CONTRACT: _("contract"),
    LegalBasis.LEGAL_OBLIGATION: _("legal obligation"),
    LegalBasis.VITAL_INTERESTS: _("vital interests"),
    LegalBasis.PUBLIC_TASK: _("task in the public interest"),
    LegalBasis.LEGITIMATE_INTERESTS: _("legitimate interests"),
}

GROUPS: dict[Group, Label] = {
    Group.POLITICIANS: _("politicians"),
    Group.PRACTITIONERS: _("practitioners"),
    Group.RESEARCHERS: _("researchers"),
    Group.CIVIL_SOCIETY: _("civil society"),
}

GENDERS: dict[str, Label] = {  # as people describe themselves
    "woman": _("woman"),
    "man": _("man"),
    "another": _("another gender"),
}

ORGANISATION_KINDS: dict[OrganisationKind, Label] = {
    OrganisationKind.MINISTRY: _("ministry"),
    OrganisationKind.CO_ORDINATING_BODY: _("co-ordinating body"),
    OrganisationKind.POLICE: _("police"),
    OrganisationKind.JUSTICE: _("justice"),
    OrganisationKind.HEALTH: _("health"),
    OrganisationKind.SOCIAL_SERVICE: _("social service"),
    OrganisationKind.SHELTER_NGO: _("shelter or non-governmental organisation"),
    OrganisationKind.RESEARCH: _("research"),
    OrganisationKind.NATIONAL_INSTITUTION: _("national human rights institution or equality body"),
    OrganisationKind.INTERNATIONAL_ORGANISATION: _("international organisation"),
}

OFFICES: dict[Office, Label] = {
    Office.CHAIR: _("chair"),
    Office.SECRETARIAT: _("secretariat"),
    Office.NATIONAL_CONTACT_POINT: _("national contact point"),
    Office.MEMBER: _("member"),
    Office.OBSERVER: _("observer"),
}

# The role of an organisation in a network, according to a public source.
ORGANISATION_ROLES: dict[OrganisationRole, Label] = {
    OrganisationRole.LEADS: _("leads the network"),
    OrganisationRole.ORGANISES: _("has organised a meeting of the network"),
    OrganisationRole.PARTNER: _("partner of the network"),
    OrganisationRole.ATTENDS: _("has taken part in a meeting of the network"),
    OrganisationRole.FIELD: _("works in the same field; no source links it to the network"),
}

GATHERING_KINDS: dict[GatheringKind, Label] = {
    GatheringKind.CONFERENCE: _("conference"),
    GatheringKind.NETWORK_MEETING: _("network meeting"),
    GatheringKind.STUDY_VISIT: _("study visit"),
    GatheringKind.PROGRAMME_EVENT: _("programme event"),
}
GATHERING_FORMATS: dict[GatheringFormat, Label] = {
    GatheringFormat.ONLINE: pgettext_lazy("a meeting", "online"),
    GatheringFormat.HYBRID: pgettext_lazy("a meeting", "in person and online"),
}
GATHERING_RELATIONS: dict[GatheringRelation, Label] = {
    GatheringRelation.HELD: _("organised by or for the network"),
    GatheringRelation.ATTENDED: _("members of the network took part"),
    GatheringRelation.SAME_FIELD: _("in the same field; no source attributes it to the network"),
}
# How precisely a source states the number of participants; each label is a complete phrase with the number.
COUNT_PRECISIONS: dict[CountPrecision, Label] = {
    CountPrecision.STATED: _("%(number)s participants"),
    CountPrecision.ABOUT: _("about %(number)s participants"),
    CountPrecision.NEARLY: _("nearly %(number)s participants"),
    CountPrecision.MORE_THAN: _("more than %(number)s participants"),
}

LABELS.update(
    Field=FIELDS, Visibility=VISIBILITIES, Purpose=PURPOSES, LegalBasis=LEGAL_BASES, Group=GROUPS, gender=GENDERS,
    OrganisationKind=ORGANISATION_KINDS, Office=OFFICES,
    OrganisationRole=ORGANISATION_ROLES, GatheringKind=GATHERING_KINDS,
    GatheringFormat=GATHERING_FORMATS, GatheringRelation=GATHERING_RELATIONS,
)  # fmt: skip

# The sentences of each version in data/consents.toml. Never change a text that people may have consented to.
CONSENT_TEXTS: dict[str, tuple[Label, ...]] = {
    "directory-1": (
        _(
            "I agree that the fields for which I choose “members of your networks” or “everyone who is signed in” are "
            "shown to these people in the directory, and that these people can find me using those fields."
        ),
        _("Each time someone views them, this is recorded and shown to me under “My data”."),
        _(
            "I can withdraw this consent at any time. From that moment, these fields are shown only to the "
            "secretariat and me."
        ),
    ),
    "public-entry-1": (
        _(
            "I agree that the fields for which I choose “everyone” are shown on public pages of this site, in "
            "its search, and in its lists and feeds for other programs."
        ),
        _(
            "I can withdraw this consent at any time. From that moment, these fields no longer appear on this "
            "site. The site has no control over copies that others, including search engines, made before then."
        ),
    ),
    "contact-1": (
        _(
            "I agree that the secretariat forwards other members’ questions to me. This does not reveal my "
            "address to anyone, and I do not have to answer."
        ),
        _("I can withdraw this consent at any time. No one will then be able to send me questions through this site."),
    ),
    "programme-1": (
        _(
            "I agree that my name appears in the public programme of meetings at which I speak. If the "
            "secretariat knows that I am at risk, a pseudonym appears there instead."
        ),
        _("I can withdraw this consent at any time. My name will then be removed from the programme on this site."),
    ),
    "programme-2": (
        _(
            "I agree that my name appears in the public programme of meetings at which I speak, with the organisation "
            "and country I gave. If my profile is hidden for safety reasons, only a pseudonym appears there."
        ),
        _("I can withdraw this consent at any time. My name will then be removed from the programme on this site."),
    ),
    "photographs-1": (
        _("I agree that photographs taken at meetings, in which I can be recognised, are shown on this site."),
        _("I can withdraw this consent at any time. The photographs will then no longer be shown here."),
    ),
    "matching-1": (
        _(
            "I agree that the languages and expertise in my profile are used to suggest me when someone is "
            "looking for help with a gap identified in a report. The suggestion goes to the secretariat first."
        ),
        _("I can withdraw this consent at any time. I will then no longer be suggested."),
    ),
}

# Languages to choose from: those of Europe, and those of many people who use services there (2026-11).
SPOKEN_LANGUAGES = (
    "ar", "az", "be", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga",
    "gl", "he", "hr", "hu", "hy", "is", "it", "ka", "ku", "lb", "lt", "lv", "mk", "mt", "nb", "nl", "nn", "pl", "ps",
    "pt", "ro", "rom", "ru", "se", "sk", "sl", "so", "sq", "sr", "sv", "ti", "tr", "uk", "ur", "zh",
)  # fmt: skip


def language_name(code: str) -> str:
    """Return the name of a language in the user's language (Unicode CLDR); the code itself if there is no name."""
    return translated_language_name(code, get_language() or "en")


@lru_cache(maxsize=2048)
def translated_language_name(code: str, language: str) -> str:
    """Return the name of a language in a given language, for pages with hundreds of names."""
    return str(Locale.parse(language).languages.get(code, code))


# --- Errors of the library: what happened, what to do next ------------------------------------------------------------

ERROR_TEXTS: dict[str, tuple[Label, Label]] = {
    "terms_overlap": (
        _("Someone already holds this office during that period."),
        _("End the existing term first, or start the new term after it ends."),
    ),
    "invalid_term_dates": (_("The end date is before the start date."), ""),
}
