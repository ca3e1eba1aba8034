"""What each role may do, as one table; and why an answer is no.

A role gives claims, and no role contains another. A refusal stands above every role: once refused, a claim is never
allowed again by a wider one. Claims that open other people's details hold only within a staff session.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account is trusted with. Without any, everybody reads what is public."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    SECRETARIAT = "secretariat"
    NATIONAL_DESK = "national_desk"
    ORGANISER = "organiser"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Claim(StrEnum):
    """One thing that somebody may do."""

    READ_PUBLIC = "read_public"  # everybody, signed in or not
    OWN_ACCOUNT = "own_account"  # sign-in, own entry, own consents, own data
    SEE_DIRECTORY = "see_directory"
    ASK = "ask"  # a question to a member, through the secretariat
    CONTRIBUTE = "contribute"  # practices, requests and offers (issue on exchange)
    UPLOAD_REPORTS = "upload_reports"
    JUDGE_FINDINGS = "judge_findings"  # confirm, correct or reject the reader's labels
    MANAGE_COUNTRY = "manage_country"  # measures of one's own country (issue on implementation)
    PLAN_MEETINGS = "plan_meetings"  # announce a meeting of one's network, and become its organiser
    MANAGE_MEETING = "manage_meeting"  # one's own meeting (issue on meetings)
    MANAGE_FUNDING = "manage_funding"  # facts about programmes and projects: no personal data, so no staff session
    SEE_SHARES = "see_shares"  # the share of each group in a network, no names
    OPEN_STAFF_SESSION = "open_staff_session"
    MANAGE_PEOPLE = "manage_people"  # see details for the secretariat, memberships, organisations
    ANSWER_ASKS = "answer_asks"
    INVITE = "invite"
    EXPORT_PEOPLE = "export_people"
    MANAGE_NETWORKS = "manage_networks"
    ERASE_PEOPLE = "erase_people"
    GIVE_ROLES = "give_roles"
    RUN_RETENTION = "run_retention"
    READ_AUDIT_LOG = "read_audit_log"
    TRACE_BREACH = "trace_breach"  # who saw a person between two times
    READ_PROCESSING = "read_processing"  # the record of processing


_SIGNED_IN = frozenset({Claim.READ_PUBLIC, Claim.OWN_ACCOUNT})
_MEMBER = _SIGNED_IN | {Claim.SEE_DIRECTORY, Claim.ASK}

# The one table. Who stands wider does not get what stands beside: an administrator judges no finding.
HELD: dict[Role, frozenset[Claim]] = {
    Role.READER: _MEMBER,
    Role.CONTRIBUTOR: _MEMBER | {Claim.CONTRIBUTE},
    Role.EDITOR: _MEMBER | {Claim.CONTRIBUTE, Claim.UPLOAD_REPORTS, Claim.JUDGE_FINDINGS},
    Role.REVIEWER: _MEMBER | {Claim.JUDGE_FINDINGS},
    Role.SECRETARIAT: _MEMBER
    | {
        Claim.CONTRIBUTE,
        Claim.SEE_SHARES,
        Claim.OPEN_STAFF_SESSION,
        Claim.MANAGE_PEOPLE,
        Claim.ANSWER_ASKS,
        Claim.INVITE,
        Claim.EXPORT_PEOPLE,
        Claim.ERASE_PEOPLE,
        Claim.READ_PROCESSING,
        Claim.PLAN_MEETINGS,
        Claim.MANAGE_FUNDING,
    },
    Role.NATIONAL_DESK: _MEMBER
    | {Claim.CONTRIBUTE, Claim.UPLOAD_REPORTS, Claim.JUDGE_FINDINGS, Claim.MANAGE_COUNTRY, Claim.MANAGE_FUNDING},
    Role.ORGANISER: _MEMBER | {Claim.MANAGE_MEETING},
    Role.AUDITOR: _SIGNED_IN | {Claim.READ_AUDIT_LOG, Claim.TRACE_BREACH, Claim.READ_PROCESSING},
    Role.ADMINISTRATOR: _SIGNED_IN
    | {
        Claim.OPEN_STAFF_SESSION,
        Claim.MANAGE_NETWORKS,
        Claim.INVITE,
        Claim.ERASE_PEOPLE,
        Claim.GIVE_ROLES,
        Claim.RUN_RETENTION,
        Claim.READ_PROCESSING,
        Claim.MANAGE_FUNDING,
    },
}

# What needs an open staff session: it shows or changes what belongs to others.
IN_STAFF_SESSION = frozenset(
    {
        Claim.MANAGE_PEOPLE,
        Claim.ANSWER_ASKS,
        Claim.INVITE,
        Claim.EXPORT_PEOPLE,
        Claim.MANAGE_NETWORKS,
        Claim.ERASE_PEOPLE,
        Claim.GIVE_ROLES,
        Claim.RUN_RETENTION,
    }
)

# Roles whose claims hold with a second factor only. What the same account holds by another role needs none for it:
# a role that is added never takes away.
STAFF = frozenset({Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR})

# What a role is bound to always: what it adds to a member's claims holds for that one thing only.
BOUND = {Role.NATIONAL_DESK: "state", Role.ORGANISER: "meeting"}

# What a role may be bound to. Others hold for the whole site: nothing asks an auditor which network a line belongs to,
# so a bound auditor would read all of it.
MAY_BE_BOUND = {
    **BOUND,
    Role.READER: "network",
    Role.SECRETARIAT: "network",
    Role.EDITOR: "state",
    Role.REVIEWER: "state",
}
# Only a network narrows these: a desk, or an editor for one country, reads the whole directory.
_OF_NO_COUNTRY = _MEMBER | {Claim.CONTRIBUTE}
# Money belongs to states: the secretariat of one network keeps the same facts as that of another.
_OF_NO_NETWORK = frozenset({Claim.MANAGE_FUNDING})

# What no refusal can take: what is public is read by anybody, and one's own data are one's own.
NEVER_REFUSED = _SIGNED_IN

# By what the site asks about a thing behind a claim's door; a refusal bound to anything else would reach nothing.
ASKED_BY: dict[Claim, str] = {
    Claim.UPLOAD_REPORTS: "state",
    Claim.JUDGE_FINDINGS: "state",
    Claim.MANAGE_COUNTRY: "state",
    Claim.MANAGE_FUNDING: "state",
    Claim.MANAGE_MEETING: "meeting",
    Claim.PLAN_MEETINGS: "network",
    Claim.SEE_DIRECTORY: "network",
    Claim.ASK: "network",
    Claim.SEE_SHARES: "network",
    Claim.MANAGE_PEOPLE: "network",
    Claim.ANSWER_ASKS: "network",
    Claim.INVITE: "network",
    Claim.EXPORT_PEOPLE: "network",
    Claim.ERASE_PEOPLE: "network",
    Claim.MANAGE_NETWORKS: "network",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is about, or what a role is bound to; "" means: not said."""

    state: str = ""
    network: str = ""
    meeting: str = ""

    def covers(self, asked: Scope) -> bool:
        """Whether what is bound to this scope reaches what is asked about. An unbound scope covers everything."""
        pairs = ((self.state, asked.state), (self.network, asked.network), (self.meeting, asked.meeting))
        return all(not own or own == other for own, other in pairs)


ANYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that an account holds, bound to a scope, from a moment to a moment (None: without an end)."""

    role: Role
    scope: Scope = ANYTHING
    since: datetime | None = None
    until: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)

    def gives(self, claim: Claim, asked: Scope | None) -> bool:
        """Whether the role gives the claim for what is asked about; None: for anything at all."""
        if claim not in HELD[self.role]:
            return False
        bound = BOUND.get(self.role)
        if bound and not getattr(self.scope, bound):  # a desk without a country is nobody's
            return False
        scope = self.scope
        if claim in _OF_NO_COUNTRY:
            scope = Scope(network=self.scope.network)
        elif claim in _OF_NO_NETWORK:
            scope = Scope(state=self.scope.state)
        return asked is None or scope.covers(asked)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A claim that an account does not have within a scope, whatever its roles are: a conflict of interest, a ban."""

    claim: Claim
    scope: Scope = ANYTHING

    def reaches(self, claim: Claim, asked: Scope) -> bool:
        """Whether the question lies inside what is refused; an unbound refusal reaches every question."""
        return claim == self.claim and claim not in NEVER_REFUSED and self.scope.covers(asked)


class Answer(StrEnum):
    """Yes, or why not; what the person can do about it follows from the reason."""

    YES = "yes"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    STAFF_SESSION = "staff_session"
    REFUSED = "refused"  # a refusal stands in the way
    NO = "no"  # no role gives it


def answer(
    claim: Claim,
    *,
    signed_in: bool,
    grants: Iterable[Grant],
    refusals: Iterable[Refusal] = (),
    asked: Scope | None = None,
    moment: datetime,
    second_factor: bool = False,
    staff_session: bool = False,
    factor_of_all: bool = False,
) -> Answer:
    """Whether a claim holds at a moment for an account with these grants, and if not, why.

    `asked` None is the question of a door: does the claim hold for *anything*? The thing itself asks again with its
    scope. Refusals come first, and no role answers them back. A site may ask a second factor of all (`factor_of_all`)
    before they may more than read what is public and keep their own account.
    """
    if claim is Claim.READ_PUBLIC:
        return Answer.YES
    if not signed_in:
        return Answer.SIGN_IN
    if any(refusal.reaches(claim, asked or ANYTHING) for refusal in refusals):
        return Answer.REFUSED
    if claim is Claim.OWN_ACCOUNT:
        return Answer.YES
    holding = [grant for grant in grants if grant.holds_at(moment) and grant.gives(claim, asked)]
    if not holding:
        return Answer.NO
    staff_only = all(grant.role in STAFF for grant in holding)
    if (staff_only or factor_of_all) and not second_factor:
        return Answer.SECOND_FACTOR
    if claim in IN_STAFF_SESSION and not staff_session:
        return Answer.STAFF_SESSION
    return Answer.YES


def joined(answers: Iterable[Answer]) -> Answer:
    """The answer about a thing that lies in several scopes at once, such as a member of two networks.

    One yes is enough, and one refusal is too: who is kept from a network is kept from its members, wherever else
    they are. Else what is easiest to mend is said.
    """
    given = set(answers)
    order = (Answer.REFUSED, Answer.YES, Answer.STAFF_SESSION, Answer.SECOND_FACTOR, Answer.SIGN_IN)
    return next((one for one in order if one in given), Answer.NO)
