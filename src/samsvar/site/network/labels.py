"""What the site calls fields, uses, grounds, groups, offices and organisations, and the texts people consent to."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samsvar.errors import SamsvarError
from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.loading import Form, GatheringKind, Part, Reckoning, Tie
from samsvar.network.membership import Office
from samsvar.network.people import Field, Group, OrganisationKind
from samsvar.site.shell.labels import Label

type Trouble = tuple[Label, Label, Label]  # what happened, what was kept, what to do next

FIELDS: dict[Field, Label] = {
    Field.NAME: pgettext_lazy("of a person", "Name"),
    Field.TITLE: _("What you do"),
    Field.ORGANISATION: _("Organisation"),
    Field.COUNTRY: _("Country"),
    Field.GROUP: _("Group"),
    Field.GENDER: _("Gender"),
    Field.LANGUAGES: _("Languages you speak"),
    Field.EXPERTISE: _("What you know about"),
    Field.ABOUT: _("About you"),
    Field.PHOTOGRAPH: _("Photograph"),
    Field.EMAIL: _("E-mail address for contact"),
    Field.TELEPHONE: _("Telephone"),
    Field.NETWORKS: _("Your networks"),
}
FIELDS_OF_OTHERS: dict[Field, Label] = {  # the same fields, said of somebody else
    Field.NAME: pgettext_lazy("of a person", "Name"),
    Field.TITLE: _("Position"),
    Field.ORGANISATION: _("Organisation"),
    Field.COUNTRY: _("Country"),
    Field.GROUP: _("Group"),
    Field.GENDER: _("Gender"),
    Field.LANGUAGES: _("Languages"),
    Field.EXPERTISE: _("Expertise"),
    Field.ABOUT: pgettext_lazy("a few sentences about a person", "About"),
    Field.PHOTOGRAPH: _("Photograph"),
    Field.EMAIL: _("E-mail address"),
    Field.TELEPHONE: _("Telephone"),
    Field.NETWORKS: _("Networks"),
}

VISIBILITIES: dict[Visibility, Label] = {
    Visibility.ONLY_ME: _("only you"),
    Visibility.SECRETARIAT: _("the secretariat"),
    Visibility.MY_NETWORKS: _("members of your networks"),
    Visibility.SIGNED_IN: _("everybody who is signed in"),
    Visibility.PUBLIC: _("everybody"),
}

PURPOSES: dict[Purpose, Label] = {
    Purpose.MEMBERSHIP: _("membership of a network"),
    Purpose.DIRECTORY: _("the directory"),
    Purpose.PUBLIC_ENTRY: _("a public entry"),
    Purpose.CONTACT: _("questions from others"),
    Purpose.MEETINGS: _("meetings: registration and attendance"),
    Purpose.PROGRAMME: _("your name in a public programme"),
    Purpose.PHOTOGRAPHS: _("photographs taken at meetings"),
    Purpose.MATCHING: _("proposals where you may help"),
    Purpose.SECURITY: _("security of accounts"),
}

GROUNDS: dict[Ground, Label] = {  # Article 6(1) of the GDPR
    Ground.CONSENT: _("consent"),
    Ground.CONTRACT: _("a contract"),
    Ground.LEGAL_OBLIGATION: _("a legal obligation"),
    Ground.VITAL_INTERESTS: _("vital interests"),
    Ground.PUBLIC_TASK: _("a task in the public interest"),
    Ground.LEGITIMATE_INTERESTS: _("legitimate interests"),
}

GROUPS: dict[Group, Label] = {
    Group.POLITICIANS: _("politicians"),
    Group.PRACTITIONERS: _("practitioners"),
    Group.RESEARCHERS: _("researchers"),
    Group.CIVIL_SOCIETY: _("civil society"),
}

GENDERS: dict[str, Label] = {  # as the person gives it
    "woman": _("woman"),
    "man": _("man"),
    "another": _("another"),
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
    OrganisationKind.INTERNATIONAL_ORGANISATION: _("international organisation"),
}

OFFICES: dict[Office, Label] = {
    Office.CHAIR: _("chair"),
    Office.SECRETARIAT: _("secretariat"),
    Office.NATIONAL_CONTACT_POINT: _("national contact point"),
    Office.MEMBER: _("member"),
    Office.OBSERVER: _("observer"),
}

PARTS: dict[Part, Label] = {  # what a public source says of an organisation and a network
    Part.LEADS: _("leads the network"),
    Part.ORGANISES: _("has organised a meeting of it"),
    Part.PARTNER: _("a partner of it"),
    Part.ATTENDS: _("has taken part in a meeting of it"),
    Part.FIELD: _("works in the same field; no source connects the two"),
}

GATHERING_KINDS: dict[GatheringKind, Label] = {
    GatheringKind.CONFERENCE: _("conference"),
    GatheringKind.NETWORK_MEETING: _("meeting of the network"),
    GatheringKind.STUDY_VISIT: _("study visit"),
    GatheringKind.PROGRAMME_EVENT: _("event of a programme"),
}
GATHERING_FORMS: dict[Form, Label] = {
    Form.ONLINE: pgettext_lazy("a meeting", "online"),
    Form.HYBRID: pgettext_lazy("a meeting", "in the room and online"),
}
TIES: dict[Tie, Label] = {
    Tie.HELD: _("held by the network, or for it"),
    Tie.ATTENDED: _("members of the network took part"),
    Tie.BESIDE: _("in the same field; no source says that it was the network’s"),
}
# How a source puts the number of participants; each is a sentence with the number in it.
RECKONINGS: dict[Reckoning, Label] = {
    Reckoning.STATED: _("%(number)s participants"),
    Reckoning.ABOUT: _("about %(number)s participants"),
    Reckoning.NEARLY: _("nearly %(number)s participants"),
    Reckoning.MORE_THAN: _("more than %(number)s participants"),
}

# The sentences of each version in data/consents.toml. A text that somebody consented to stays as it is.
CONSENT_TEXTS: dict[str, tuple[Label, ...]] = {
    "directory-1": (
        _(
            "I agree that the fields for which I choose “members of your networks” or “everybody who is signed in” are "
            "shown to these people in the directory, and that they can find me by them."
        ),
        _("Whoever looks at them is written down, and “My data” tells me of it."),
        _("I can withdraw this at any time. From that moment these fields are shown to the secretariat and me alone."),
    ),
    "public-entry-1": (
        _(
            "I agree that the fields for which I choose “everybody” are shown on public pages of this site, in its "
            "search, and in its lists and feeds for other programs."
        ),
        _(
            "I can withdraw this at any time. From that moment they are gone from this site. Copies that others made "
            "before, search engines among them, are out of its reach."
        ),
    ),
    "contact-1": (
        _(
            "I agree that the secretariat forwards questions of other members to me. Nobody learns my address by it, "
            "and I need not answer."
        ),
        _("I can withdraw this at any time. Then nobody can ask me through this site."),
    ),
    "programme-1": (
        _(
            "I agree that my name stands in the public programme of meetings at which I speak. If the secretariat "
            "knows that I am at risk, a pseudonym stands there in its place."
        ),
        _("I can withdraw this at any time. Then my name is taken out of the programme on this site."),
    ),
    "programme-2": (
        _(
            "I agree that my name stands in the public programme of meetings at which I speak, with the organisation "
            "and the country that I gave. If I am hidden for my safety, a pseudonym stands there alone."
        ),
        _("I can withdraw this at any time. Then my name is taken out of the programme on this site."),
    ),
    "photographs-1": (
        _("I agree that photographs taken at meetings on which I can be recognised are shown on this site."),
        _("I can withdraw this at any time. Then they are no longer shown here."),
    ),
    "matching-1": (
        _(
            "I agree that the languages and the expertise in my entry are used to propose me where somebody looks for "
            "help with a gap that a report names. The proposal goes to the secretariat first."
        ),
        _("I can withdraw this at any time. Then I am proposed no longer."),
    ),
}

# The languages that people choose from: those of Europe, and of many who come to its services (2026-11).
SPOKEN = (
    "ar", "az", "be", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga",
    "gl", "he", "hr", "hu", "hy", "is", "it", "ka", "ku", "lb", "lt", "lv", "mk", "mt", "nb", "nl", "nn", "pl", "ps",
    "pt", "ro", "rom", "ru", "se", "sk", "sl", "so", "sq", "sr", "sv", "ti", "tr", "uk", "ur", "zh",
)  # fmt: skip


def language_name(code: str) -> str:
    """A language as the reader's language calls it (Unicode CLDR); the code itself where that has no name."""
    return language_name_in(code, get_language() or "en")


@lru_cache(maxsize=2048)
def language_name_in(code: str, language: str) -> str:
    """The same in a language that is said: a page that asks for hundreds asks for the reader's once."""
    return str(Locale.parse(language).languages.get(code, code))


# --- What could not be done -------------------------------------------------------------------------------------------

_TROUBLES: dict[str, tuple[Label, Label]] = {  # by the code of the error: what happened, what to do next
    "consent_text_has_changed": (
        _("The text has changed since you opened the page."),
        _("Read the new text, and agree to that."),
    ),
    "name_is_needed": (
        _("No name was written."),
        _("Write the name as it shall stand on the badge. A pseudonym is a name."),
    ),
    "nothing_to_withdraw": (_("This had ended already."), ""),
    "entry_is_theirs": (
        _("This person has an entry of their own."),
        _("The person changes it themselves, in their entry."),
    ),
    "consent_is_their_own": (
        _("Only the person can consent."),
        _("Ask them, or record the other ground on which this use stands."),
    ),
    "ends_within_a_day": (_("A ground ends at midnight of a day to come."), _("Choose a later day, or end it now.")),
    "reason_is_missing": (_("Nothing was said about what this use stands on."), _("Name the law or the decision.")),
    "needs_consent": (
        _("Some fields would be shown to people for whom there is no consent."),
        _("Agree to the text below, or choose fewer people."),
    ),
    "too_wide": (_("One of the fields may not be shown to so many."), _("Choose fewer people for it.")),
    "hidden_for_safety": (
        _("While you are hidden for your safety, only the secretariat and you see your entry."),
        _("End the protection first, or ask the secretariat to."),
    ),
    "pseudonym_is_missing": (
        _("Somebody at risk needs a pseudonym, for public programmes."),
        _("Agree with them on a name that leads nobody to them."),
    ),
    "name_is_missing": (_("An entry needs a name."), _("You choose who reads it.")),
    "country_is_missing": (_("A national contact point is of a country."), _("Name the country.")),
    "name_is_taken": (_("There is one of this name already."), _("Choose another name.")),
    "follows_another_office": (_("An office follows the same office of the same network."), ""),
    "terms_overlap": (
        _("Somebody holds this office at that time already."),
        _("End the earlier term first, or let the new one begin after it."),
    ),
    "term_ends_before_it_begins": (_("The last day lies before the first."), ""),
    "invitation_gone": (
        _("This invitation is not valid any more."),
        _("Ask who invited you for another one."),
    ),
    "invited_before": (
        _("This address has an open invitation already."),
        _("Send it again, or withdraw it first."),
    ),
    "invitation_for_somebody_else": (
        _("This invitation is for another address than that of your account."),
        _("Sign out and open the letter’s link again, or ask for an invitation to your own address."),
    ),
    "risk_needs_reason": (
        _("The list would have people at risk in it, and no reason was given."),
        _("Say in a sentence for what it is needed, or leave these people out."),
    ),
    "has_account_already": (
        _("This person has an account already, or is not a member of this network."),
        _("Invite somebody anew, without naming a person."),
    ),
    "person_invited_before": (
        _("This person has an open invitation already."),
        _("Send it again, or withdraw it first."),
    ),
    "has_an_entry_already": (
        _("Your account has an entry of its own already."),
        _("Ask the secretariat to invite you to the network without naming a person."),
    ),
    "role_needs_scope": (
        _("This role holds for one country or one meeting only."),
        _("Say for which country, or for which meeting."),
    ),
    "role_takes_no_scope": (
        _("This role cannot be bound to that."),
        _("Give it without the bond, or give another role."),
    ),
    "cannot_be_refused": (
        _("This cannot be refused, or the refusal would reach nothing."),
        _(
            "Refuse it everywhere, or for one country, network or meeting; to keep somebody from signing in, close the "
            "account."
        ),
    ),
    "last_administrator": (
        _("This is the last administrator."),
        _("Make somebody else an administrator first."),
    ),
    "over_already": (_("This had ended already."), ""),
    "account_erased": (_("This account was erased."), _("Invite the person anew.")),
    "nothing_to_remove": (
        _("This account has no second factor."),
        _("If they cannot sign in, it is the password: the sign-in page sends a new one."),
    ),
    "reason_too_short": (_("The reason is too short."), _("Say why in at least ten characters.")),
    "no_such_length": (
        _("A staff session of this length is not offered."),
        _("Choose one of the lengths on the page."),
    ),
    "nobody_there": (_("There is nothing left of them here."), ""),
}


def trouble(error: SamsvarError) -> Trouble:
    """(what happened, what was kept, what to do next), in the reader's language where we have it there."""
    if error.code in _TROUBLES:
        message, advice = _TROUBLES[error.code]
        return message, _("Nothing was stored."), advice
    return error.message, error.kept, error.advice
