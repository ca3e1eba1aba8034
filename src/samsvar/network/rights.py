"""The permissions of each role, in one table, and the check whether an account may do something.

A role grants claims, and no role includes another. A refusal overrides every role: a refused claim cannot be granted by
any role. Claims that require independence do not apply to a state that the account is bound to, whatever its other
roles. Claims that expose other people's details need a staff session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """The role of an account. Without one, an account can only read public pages and manage its own data."""

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
    """A permission that a role can grant."""

    READ_PUBLIC = "read_public"  # everyone, signed in or not
    OWN_ACCOUNT = "own_account"  # sign-in, own profile, own consents, own data
    SEE_DIRECTORY = "see_directory"
    ASK_QUESTION = "ask"  # a question to a member, through the secretariat
    CONTRIBUTE = "contribute"  # practices, requests and offers
    UPLOAD_REPORTS = "upload_reports"  # as drafts, which only their uploader and editors see
    PUBLISH_REPORTS = "publish_reports"  # publish, correct and withdraw reports; never a state's own desk
    PROPOSE_CORRECTIONS = "propose_corrections"  # to the labels of findings; a reviewer decides
    REVIEW_FINDINGS = "judge_findings"  # confirm, correct or reject labels, and decide on proposals
    MANAGE_COUNTRY = "manage_country"  # measures of the account's own country
    CLEAR_REPORT = "clear_report"  # a report back of the account's own country, written by someone else of its desk
    SUBMIT_REPORT = "submit_report"  # freeze and publish a cleared report back
    REVIEW_PRACTICES = "review_practices"  # of other organisations, as a peer
    PUBLISH_PRACTICES = "publish_practices"  # that two peers have approved, and retire them
    RUN_HELPDESK = "run_helpdesk"  # requests for help and introductions, with who is behind them
    OFFER_EVIDENCE = "offer_evidence"  # on behalf of the person's organisation, never of a state
    PLAN_MEETINGS = "plan_meetings"  # announce a meeting of one's own network and become its organiser
    MANAGE_MEETING = "manage_meeting"  # one's own meeting
    MANAGE_FUNDING = "manage_funding"  # facts about programmes and projects: no personal data, so no staff session
    SEE_SHARES = "see_shares"  # the share of each group in a network, without names
    OPEN_STAFF_SESSION = "open_staff_session"
    MANAGE_PEOPLE = "manage_people"  # details visible to the secretariat, memberships, organisations
    ANSWER_QUESTIONS = "answer_asks"
    INVITE = "invite"
    EXPORT_PEOPLE = "export_people"
    MANAGE_NETWORKS = "manage_networks"
    ERASE_PEOPLE = "erase_people"
    GIVE_ROLES = "give_roles"
    RUN_RETENTION = "run_retention"
    READ_AUDIT_LOG = "read_audit_log"
    TRACE_BREACH = "trace_breach"  # list who accessed a person's details in a given period
    READ_PROCESSING = "read_processing"  # the record of processing activities


_SIGNED_IN_CLAIMS = frozenset({Claim.READ_PUBLIC, Claim.OWN_ACCOUNT})
_MEMBER_CLAIMS = _SIGNED_IN_CLAIMS | {Claim.SEE_DIRECTORY, Claim.ASK_QUESTION}

# The only table of permissions. A more senior role does not include others: an administrator cannot review
# findings.
ROLE_CLAIMS: dict[Role, frozenset[Claim]] = {
    Role.READER: _MEMBER_CLAIMS,
    Role.CONTRIBUTOR: _MEMBER_CLAIMS | {Claim.CONTRIBUTE, Claim.OFFER_EVIDENCE, Claim.REVIEW_PRACTICES},
    Role.EDITOR: _MEMBER_CLAIMS
    | {
        Claim.CONTRIBUTE, Claim.UPLOAD_REPORTS, Claim.PUBLISH_REPORTS, Claim.PROPOSE_CORRECTIONS, Claim.REVIEW_FINDINGS,
    },
    Role.REVIEWER: _MEMBER_CLAIMS | {Claim.PROPOSE_CORRECTIONS, Claim.REVIEW_FINDINGS, Claim.REVIEW_PRACTICES},
    Role.SECRETARIAT: _MEMBER_CLAIMS | {
        Claim.CONTRIBUTE, Claim.SEE_SHARES, Claim.OPEN_STAFF_SESSION, Claim.MANAGE_PEOPLE, Claim.ANSWER_QUESTIONS,
        Claim.INVITE, Claim.EXPORT_PEOPLE, Claim.ERASE_PEOPLE, Claim.READ_PROCESSING, Claim.PLAN_MEETINGS,
        Claim.MANAGE_FUNDING, Claim.PUBLISH_PRACTICES, Claim.RUN_HELPDESK,
    },
    Role.NATIONAL_DESK: _MEMBER_CLAIMS
    | {
        Claim.CONTRIBUTE, Claim.UPLOAD_REPORTS, Claim.PROPOSE_CORRECTIONS, Claim.MANAGE_COUNTRY, Claim.MANAGE_FUNDING,
        Claim.CLEAR_REPORT, Claim.SUBMIT_REPORT,
    },
    Role.ORGANISER: _MEMBER_CLAIMS | {Claim.MANAGE_MEETING},
    Role.AUDITOR: _SIGNED_IN_CLAIMS | {Claim.READ_AUDIT_LOG, Claim.TRACE_BREACH, Claim.READ_PROCESSING},
    Role.ADMINISTRATOR: _SIGNED_IN_CLAIMS | {
        Claim.OPEN_STAFF_SESSION, Claim.MANAGE_NETWORKS, Claim.INVITE, Claim.ERASE_PEOPLE, Claim.GIVE_ROLES,
        Claim.RUN_RETENTION, Claim.READ_PROCESSING, Claim.MANAGE_FUNDING,
    },
}  # fmt: skip

# Claims that need an open staff session, because they show or change other people's data.
STAFF_SESSION_CLAIMS = frozenset({
    Claim.MANAGE_PEOPLE, Claim.ANSWER_QUESTIONS, Claim.INVITE, Claim.EXPORT_PEOPLE, Claim.MANAGE_NETWORKS,
    Claim.ERASE_PEOPLE, Claim.GIVE_ROLES, Claim.RUN_RETENTION, Claim.RUN_HELPDESK,
})  # fmt: skip

# Claims that do not apply to a state that the account is bound to: no government publishes or withdraws the reports on
# itself, or labels their findings.
INDEPENDENT_CLAIMS = frozenset({Claim.PUBLISH_REPORTS, Claim.REVIEW_FINDINGS})

# The longest time for which a role that has ended still binds an account to its state.
MAX_BOND_AFTER_END = timedelta(days=365)

# Roles whose claims need a second factor. Claims that the account also has through another role do not need one:
# adding a role takes no permission away, except a claim in `INDEPENDENT_CLAIMS` for a state.
STAFF_ROLES = frozenset({Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR})

# Roles that must be limited to one state or meeting: what they add to a member's claims applies only there.
REQUIRED_SCOPES = {Role.NATIONAL_DESK: "state", Role.ORGANISER: "meeting"}

# The scope that a role may be limited to. Other roles apply to the whole site: entries of the audit log belong to
# no network, so an auditor limited to one would still read all of them. A reviewer limited to one state would be bound
# to it, and could review nothing.
ALLOWED_SCOPES = {
    **REQUIRED_SCOPES,
    Role.READER: "network",
    Role.SECRETARIAT: "network",
    Role.EDITOR: "state",
}
# These are limited only by network: a national desk, or an editor for one country, can read the whole
# directory.
_NOT_LIMITED_BY_STATE = _MEMBER_CLAIMS | {Claim.CONTRIBUTE, Claim.OFFER_EVIDENCE, Claim.REVIEW_PRACTICES}
# Funding belongs to states: the secretariats of all networks maintain the same facts.
_NOT_LIMITED_BY_NETWORK = frozenset({Claim.MANAGE_FUNDING})

# Claims that cannot be refused: public pages are open to everyone, and everyone has access to their own data.
UNREFUSABLE_CLAIMS = _SIGNED_IN_CLAIMS

# The scope in which the site checks each claim; a refusal limited to any other scope would have no effect.
CLAIM_SCOPES: dict[Claim, str] = {
    Claim.UPLOAD_REPORTS: "state",
    Claim.PUBLISH_REPORTS: "state",
    Claim.PROPOSE_CORRECTIONS: "state",
    Claim.REVIEW_FINDINGS: "state",
    Claim.MANAGE_COUNTRY: "state",
    Claim.CLEAR_REPORT: "state",
    Claim.SUBMIT_REPORT: "state",
    Claim.OFFER_EVIDENCE: "state",
    Claim.MANAGE_FUNDING: "state",
    Claim.MANAGE_MEETING: "meeting",
    Claim.PLAN_MEETINGS: "network",
    Claim.SEE_DIRECTORY: "network",
    Claim.ASK_QUESTION: "network",
    Claim.SEE_SHARES: "network",
    Claim.MANAGE_PEOPLE: "network",
    Claim.ANSWER_QUESTIONS: "network",
    Claim.INVITE: "network",
    Claim.EXPORT_PEOPLE: "network",
    Claim.ERASE_PEOPLE: "network",
    Claim.MANAGE_NETWORKS: "network",
    Claim.RUN_HELPDESK: "network",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The state, network and meeting that a request is about or a role is limited to; "" means unspecified."""

    state: str = ""
    network: str = ""
    meeting: str = ""

    def covers(self, target: Scope) -> bool:
        """Return whether a role with this scope applies to `target`. An empty scope covers everything."""
        pairs = ((self.state, target.state), (self.network, target.network), (self.meeting, target.meeting))
        return all(not own or own == other for own, other in pairs)


UNLIMITED_SCOPE = Scope()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role given to an account, limited to a scope and a period. `until` is None if the period has no end."""

    role: Role
    scope: Scope = UNLIMITED_SCOPE
    since: datetime | None = None
    until: datetime | None = None

    def is_active_at(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)

    def binds_at(self, moment: datetime) -> bool:
        """Return whether the role binds an account to its state: after its end, for as long as it lasted, up to a year.

        Otherwise the role of a desk could be ended and that of a reviewer given on the same day. A role given by
        mistake binds no longer than the mistake lasted.
        """
        if not self.scope.state or (self.since is not None and moment < self.since):
            return False
        if self.until is None:
            return True
        lasted = MAX_BOND_AFTER_END if self.since is None else self.until - self.since
        return moment < self.until + min(lasted, MAX_BOND_AFTER_END)

    def allows(self, claim: Claim, target: Scope | None) -> bool:
        """Return whether the role grants the claim for `target`, or for anything at all if `target` is None."""
        if claim not in ROLE_CLAIMS[self.role]:
            return False
        required = REQUIRED_SCOPES.get(self.role)
        if required and not getattr(self.scope, required):  # a national desk without a country grants nothing
            return False
        scope = self.scope
        if claim in _NOT_LIMITED_BY_STATE:
            scope = Scope(network=self.scope.network)
        elif claim in _NOT_LIMITED_BY_NETWORK:
            scope = Scope(state=self.scope.state)
        return target is None or scope.covers(target)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A claim denied to an account in a scope despite its roles, for example for a conflict of interest or a ban."""

    claim: Claim
    scope: Scope = UNLIMITED_SCOPE

    def applies_to(self, claim: Claim, target: Scope) -> bool:
        """Return whether the refusal denies the claim for `target`; a refusal without a scope covers everything."""
        return claim == self.claim and claim not in UNREFUSABLE_CLAIMS and self.scope.covers(target)


class AccessDecision(StrEnum):
    """The result of a permission check; if access is denied, it indicates what the user can do about it."""

    ALLOWED = "yes"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    STAFF_SESSION = "staff_session"
    REFUSED = "refused"  # a refusal, or a bond to the state concerned, overrides the roles
    NOT_GRANTED = "no"  # no role grants the claim


def find_bound_states(grants: Iterable[Grant], *, moment: datetime) -> frozenset[str]:
    """Return the states that an account is bound to through its roles: those that a role is or was limited to."""
    return frozenset(grant.scope.state for grant in grants if grant.binds_at(moment))


def decide_access(
    claim: Claim,
    *,
    signed_in: bool,
    grants: Collection[Grant],
    refusals: Iterable[Refusal] = (),
    bound_states: Collection[str] = (),
    target: Scope | None = None,
    moment: datetime,
    second_factor: bool = False,
    staff_session: bool = False,
    second_factor_for_all: bool = False,
) -> AccessDecision:
    """Decide whether an account with these grants has a claim at a given moment, and if not, why not.

    If `target` is None, the question is whether the account has the claim for *anything*, as in the permission
    check of a view; the object itself is checked later with its own scope. Refusals are checked first, and no
    role overrides them; nor does one override a bond to the state concerned, for claims that require independence.
    `bound_states` are states that the account is bound to in addition to those of its roles, such as the country of
    a national contact point. With `second_factor_for_all`, a second factor is required for anything beyond public
    pages and the person's own account.
    """
    if claim is Claim.READ_PUBLIC:
        return AccessDecision.ALLOWED
    if not signed_in:
        return AccessDecision.SIGN_IN
    if any(refusal.applies_to(claim, target or UNLIMITED_SCOPE) for refusal in refusals):
        return AccessDecision.REFUSED
    if claim is Claim.OWN_ACCOUNT:
        return AccessDecision.ALLOWED
    active_grants = [grant for grant in grants if grant.is_active_at(moment) and grant.allows(claim, target)]
    if not active_grants:
        return AccessDecision.NOT_GRANTED
    if (
        claim in INDEPENDENT_CLAIMS
        and target is not None
        and target.state in find_bound_states(grants, moment=moment).union(bound_states)
    ):
        return AccessDecision.REFUSED
    staff_only = all(grant.role in STAFF_ROLES for grant in active_grants)
    if (staff_only or second_factor_for_all) and not second_factor:
        return AccessDecision.SECOND_FACTOR
    if claim in STAFF_SESSION_CLAIMS and not staff_session:
        return AccessDecision.STAFF_SESSION
    return AccessDecision.ALLOWED


def combine_decisions(decisions: Iterable[AccessDecision]) -> AccessDecision:
    """Combine the decisions for an object in several scopes, such as a member of two networks.

    A single refusal is decisive, because an account denied access to a network is also denied its members,
    whatever other networks they belong to. Otherwise a single "allowed" is enough. Without one, the denial that
    is easiest to resolve is returned.
    """
    distinct = set(decisions)
    order = (
        AccessDecision.REFUSED,
        AccessDecision.ALLOWED,
        AccessDecision.STAFF_SESSION,
        AccessDecision.SECOND_FACTOR,
        AccessDecision.SIGN_IN,
    )
    return next((one for one in order if one in distinct), AccessDecision.NOT_GRANTED)
