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
    MANAGE_MEETING = "manage_meeting"  # one's own meeting (issue on meetings)
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
    READ_TRAIL = "read_trail"
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
    },
    Role.NATIONAL_DESK: _MEMBER | {Claim.CONTRIBUTE, Claim.UPLOAD_REPORTS, Claim.JUDGE_FINDINGS, Claim.MANAGE_COUNTRY},
    Role.ORGANISER: _MEMBER | {Claim.MANAGE_MEETING},
    Role.AUDITOR: _SIGNED_IN | {Claim.READ_TRAIL, Claim.TRACE_BREACH, Claim.READ_PROCESSING},
    Role.ADMINISTRATOR: _SIGNED_IN
    | {
        Claim.OPEN_STAFF_SESSION,
        Claim.MANAGE_NETWORKS,
        Claim.INVITE,
        Claim.ERASE_PEOPLE,
        Claim.GIVE_ROLES,
        Claim.RUN_RETENTION,
        Claim.READ_PROCESSING,
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

# Who must have a second factor before any claim beyond one's own account holds.
STAFF = frozenset({Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR})

# What a role is bound to: its claims hold for that one thing only. A role that is not here holds for the whole site,
# but a secretariat may be given for one network.
BOUND = {Role.NATIONAL_DESK: "state", Role.ORGANISER: "meeting"}


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


@dataclass(frozen=True, slots=True)
class Refusal:
    """A claim that an account does not have within a scope, whatever its roles are: a conflict of interest, a ban."""

    claim: Claim
    scope: Scope = ANYTHING

    def reaches(self, claim: Claim, asked: Scope) -> bool:
        """Whether the question lies inside what is refused; an unbound refusal reaches every question."""
        pairs = (
            (self.scope.state, asked.state),
            (self.scope.network, asked.network),
            (self.scope.meeting, asked.meeting),
        )
        return claim == self.claim and all(not own or own == other for own, other in pairs)


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
) -> Answer:
    """Whether a claim holds at a moment for an account with these grants, and if not, why.

    `asked` None is the question of a door: does the claim hold for *anything*? The thing itself asks again with its
    scope. Refusals come first, and no role answers them back.
    """
    if claim is Claim.READ_PUBLIC:
        return Answer.YES
    if not signed_in:
        return Answer.SIGN_IN
    if any(refusal.reaches(claim, asked or ANYTHING) for refusal in refusals):
        return Answer.REFUSED
    if claim is Claim.OWN_ACCOUNT:
        return Answer.YES
    holding = [
        grant
        for grant in grants
        if grant.holds_at(moment)
        and claim in HELD[grant.role]
        and (asked is None or grant.scope.covers(asked))
        and (grant.role not in BOUND or getattr(grant.scope, BOUND[grant.role]))  # a desk without a country has none
    ]
    if not holding:
        return Answer.NO
    staff_only = all(grant.role in STAFF for grant in holding)
    if staff_only and not second_factor:
        return Answer.SECOND_FACTOR
    if claim in IN_STAFF_SESSION and not staff_session:
        return Answer.STAFF_SESSION
    return Answer.YES
