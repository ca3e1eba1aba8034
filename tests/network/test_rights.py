"""Permissions: one table, no role that contains every other, and refusals that no role overrides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.rights import (
    ALLOWED_SCOPES,
    CLAIM_SCOPES,
    INDEPENDENT_CLAIMS,
    REQUIRED_SCOPES,
    ROLE_CLAIMS,
    STAFF_ROLES,
    STAFF_SESSION_CLAIMS,
    UNLIMITED_SCOPE,
    UNREFUSABLE_CLAIMS,
    AccessDecision,
    Claim,
    Grant,
    Refusal,
    Role,
    Scope,
    combine_decisions,
    decide_access,
    find_bound_states,
)
from tools.rights import PAGE, load_misuse

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

states = st.sampled_from(["", "XA", "XB"])
networks = st.sampled_from(["", "lantern", "harbour"])
meetings = st.sampled_from(["", "spring"])
scopes = st.builds(Scope, states, networks, meetings)
moments = st.none() | st.sampled_from([NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)])
grants = st.builds(Grant, st.sampled_from(Role), scopes, moments, moments)
refusals = st.builds(Refusal, st.sampled_from(Claim), scopes)
questions = st.fixed_dictionaries(
    {
        "claim": st.sampled_from(Claim),
        "signed_in": st.booleans(),
        "grants": st.lists(grants, max_size=4),
        "refusals": st.lists(refusals, max_size=3),
        "target": st.none() | scopes,
        "second_factor": st.booleans(),
        "staff_session": st.booleans(),
    }
)


def answer_to(question, **other):
    return decide_access(**{**question, "moment": NOW, **other})


def answer_for_roles(*roles, claim, scope=UNLIMITED_SCOPE, **more):
    """Return the answer for someone who is signed in, with a second factor and a staff session."""
    question = {
        "claim": claim,
        "signed_in": True,
        "grants": [Grant(role, scope) for role in roles],
        "second_factor": True,
        "staff_session": True,
    }
    return answer_to({**question, **more})


# --- What holds for every set of roles and refusals -------------------------------------------------------------------


@given(questions, grants)
def test_adding_a_role_removes_a_permission_only_for_a_state_that_it_binds_the_account_to(question, grant):
    if answer_to(question) is AccessDecision.ALLOWED:
        target = question["target"]
        binds = bool(target and grant.scope.state == target.state != "" and grant.binds_at(NOW))
        conflict = binds and question["claim"] in INDEPENDENT_CLAIMS
        expected = AccessDecision.REFUSED if conflict else AccessDecision.ALLOWED
        assert answer_to(question, grants=[*question["grants"], grant]) is expected


@given(questions, st.sampled_from(["XA", "XB"]), st.booleans())
def test_no_set_of_roles_reviews_findings_on_a_state_that_one_of_them_is_limited_to(question, state, by_membership):
    """A desk, or a member who represents the state, proposes; also if the account is editor and reviewer as well."""
    everything = [Grant(role) for role in Role] + question["grants"]
    bond = {"bound_states": {state}} if by_membership else {}
    grants = everything if by_membership else [*everything, Grant(Role.NATIONAL_DESK, Scope(state=state))]
    on_it = {"signed_in": True, "second_factor": True, "target": Scope(state=state), "refusals": []}
    assert answer_to(question, claim=Claim.REVIEW_FINDINGS, grants=grants, **bond, **on_it) is AccessDecision.REFUSED
    assert (
        answer_to(question, claim=Claim.PROPOSE_CORRECTIONS, grants=grants, **bond, **on_it) is AccessDecision.ALLOWED
    )


@pytest.mark.parametrize("role", Role)
def test_a_role_for_one_state_never_gives_a_review_of_that_state(role):
    state = Scope(state="XA")
    answered = answer_for_roles(role, claim=Claim.REVIEW_FINDINGS, scope=state, target=state)
    assert answered is not AccessDecision.ALLOWED


def test_a_desk_that_is_also_a_reviewer_reviews_every_other_state():
    both = [Grant(Role.REVIEWER), Grant(Role.NATIONAL_DESK, Scope(state="XA"))]
    answers = {
        state: answer_for_roles(claim=Claim.REVIEW_FINDINGS, grants=both, target=Scope(state=state))
        for state in ("XA", "XB")
    }
    assert answers == {"XA": AccessDecision.REFUSED, "XB": AccessDecision.ALLOWED}


@given(questions, refusals)
def test_adding_a_refusal_never_gives_a_permission(question, refusal):
    if answer_to(question) is not AccessDecision.ALLOWED:
        assert answer_to(question, refusals=[*question["refusals"], refusal]) is not AccessDecision.ALLOWED


@given(questions, refusals)
def test_no_set_of_roles_overrides_a_refusal(question, refusal):
    if refusal.claim in UNREFUSABLE_CLAIMS:
        return
    target = refusal.scope  # exactly what was refused
    question = {**question, "claim": refusal.claim, "target": target, "signed_in": True}
    everything = [
        Grant(role, scope) for role in Role for scope in (UNLIMITED_SCOPE, target, Scope("XA"), Scope(meeting="m"))
    ]
    assert answer_to(question, refusals=[refusal], grants=everything) is AccessDecision.REFUSED


@given(questions, scopes)
def test_a_general_refusal_applies_to_every_narrower_scope(question, narrow):
    refused = Refusal(question["claim"])
    if question["claim"] not in UNREFUSABLE_CLAIMS and question["signed_in"]:
        assert answer_to(question, refusals=[refused], target=narrow) is AccessDecision.REFUSED


@given(questions)
def test_without_a_role_only_public_pages_and_the_own_account_are_allowed(question):
    allowed = {Claim.READ_PUBLIC, *([Claim.OWN_ACCOUNT] if question["signed_in"] else [])}
    assert (answer_to(question, grants=[]) is AccessDecision.ALLOWED) == (question["claim"] in allowed)


@given(questions)
def test_a_visitor_who_is_not_signed_in_reads_only_public_pages_in_every_case(question):
    answered = answer_to(question, signed_in=False)
    assert answered is (AccessDecision.ALLOWED if question["claim"] is Claim.READ_PUBLIC else AccessDecision.SIGN_IN)


@given(questions)
def test_a_role_counts_only_between_its_start_and_its_end(question):
    in_time = [grant for grant in question["grants"] if grant.is_active_at(NOW)]
    bonds = find_bound_states(question["grants"], moment=NOW)
    assert answer_to(question) is answer_to(question, grants=in_time, bound_states=bonds)


@pytest.mark.parametrize(
    ("lasted", "ago", "bound"),
    [
        (timedelta(days=900), timedelta(days=364), True),
        (timedelta(days=900), timedelta(days=366), False),
        (timedelta(days=30), timedelta(days=29), True),
        (timedelta(days=30), timedelta(days=31), False),
        (timedelta(minutes=5), timedelta(minutes=6), False),  # given by mistake
    ],
)
def test_the_role_of_a_desk_binds_after_its_end_as_long_as_it_lasted_but_at_most_a_year(lasted, ago, bound):
    desk = Grant(Role.NATIONAL_DESK, Scope(state="XA"), since=NOW - ago - lasted, until=NOW - ago)
    answered = answer_for_roles(
        claim=Claim.REVIEW_FINDINGS, grants=[desk, Grant(Role.REVIEWER)], target=Scope(state="XA")
    )
    assert answered is (AccessDecision.REFUSED if bound else AccessDecision.ALLOWED)


@given(questions)
def test_staff_roles_require_a_second_factor(question):
    staff = [grant for grant in question["grants"] if grant.role in STAFF_ROLES]
    answered = answer_to(question, grants=staff, second_factor=False)
    assert answered is not AccessDecision.ALLOWED or question["claim"] in UNREFUSABLE_CLAIMS


@given(questions)
def test_access_to_other_peoples_data_requires_a_staff_session(question):
    if question["claim"] in STAFF_SESSION_CLAIMS:
        assert answer_to(question, staff_session=False) is not AccessDecision.ALLOWED


@given(questions)
def test_stronger_authentication_never_removes_a_permission(question):
    if answer_to(question) is AccessDecision.ALLOWED:
        assert answer_to(question, second_factor=True, staff_session=True) is AccessDecision.ALLOWED


@given(questions)
def test_a_check_without_a_scope_is_never_stricter_than_one_with_a_scope(question):
    """Check that what a person may open is never behind a page that is closed to them."""
    if question["target"] is not None and answer_to(question) is AccessDecision.ALLOWED:
        unbound = [one for one in question["refusals"] if one.scope == UNLIMITED_SCOPE]
        assert answer_to(question, target=None, refusals=unbound) is AccessDecision.ALLOWED


@given(questions, st.lists(scopes, min_size=1, max_size=3))
def test_one_refusal_is_enough_for_an_object_in_several_scopes(question, several):
    answers = [answer_to(question, target=scope) for scope in several]
    together = combine_decisions(answers)
    assert (together is AccessDecision.REFUSED) == (AccessDecision.REFUSED in answers)
    assert (together is AccessDecision.ALLOWED) == (
        AccessDecision.ALLOWED in answers and AccessDecision.REFUSED not in answers
    )


def test_nothing_is_allowed_if_nothing_was_checked():
    assert combine_decisions([]) is AccessDecision.NOT_GRANTED


# --- Bound roles ------------------------------------------------------------------------------------------------------


def test_every_permission_says_who_would_gain_from_its_misuse_and_what_prevents_it():
    entries = load_misuse()
    assert set(entries) == set(Claim)
    for claim, entry in entries.items():
        assert set(entry) == {"gains", "safeguards", "open"}, claim
        assert len(entry["gains"]) > 20, claim
        assert len(entry["safeguards"]) > 20, claim
        assert all(text in PAGE.read_text(encoding="utf-8") for text in entry.values()), claim


def test_every_role_has_claims():
    assert set(ROLE_CLAIMS) == set(Role)
    assert all({Claim.READ_PUBLIC, Claim.OWN_ACCOUNT} <= claims for claims in ROLE_CLAIMS.values())


def test_every_claim_belongs_to_a_role():
    assert set().union(*ROLE_CLAIMS.values()) == set(Claim)


def test_no_role_contains_all_others():
    for role, claims in ROLE_CLAIMS.items():
        assert claims != set(Claim)
        assert any(not others <= claims for other, others in ROLE_CLAIMS.items() if other is not role)


def test_an_administrator_cannot_review_or_read_the_directory_or_the_audit_log():
    assert not ROLE_CLAIMS[Role.ADMINISTRATOR] & {
        Claim.REVIEW_FINDINGS,
        Claim.UPLOAD_REPORTS,
        Claim.SEE_DIRECTORY,
        Claim.MANAGE_PEOPLE,
        Claim.READ_AUDIT_LOG,
    }


def test_an_auditor_cannot_change_anything():
    assert ROLE_CLAIMS[Role.AUDITOR] - UNREFUSABLE_CLAIMS == {
        Claim.READ_AUDIT_LOG,
        Claim.TRACE_BREACH,
        Claim.READ_PROCESSING,
    }


def test_only_staff_have_claims_that_need_a_staff_session_and_all_can_open_one():
    for role, claims in ROLE_CLAIMS.items():
        if claims & STAFF_SESSION_CLAIMS:
            assert role in STAFF_ROLES
            assert Claim.OPEN_STAFF_SESSION in claims


def test_the_claims_that_need_a_staff_session_are_listed():
    people = {
        Claim.MANAGE_PEOPLE, Claim.ANSWER_QUESTIONS, Claim.INVITE, Claim.EXPORT_PEOPLE, Claim.ERASE_PEOPLE,
        Claim.GIVE_ROLES,
        Claim.MANAGE_NETWORKS, Claim.RUN_RETENTION, Claim.RUN_HELPDESK,
    }  # fmt: skip
    assert people == STAFF_SESSION_CLAIMS


def test_each_bound_claim_is_checked_by_state_network_or_meeting():
    assert set(CLAIM_SCOPES.values()) <= {"state", "network", "meeting"}
    assert not set(CLAIM_SCOPES) & UNREFUSABLE_CLAIMS


# --- Bound roles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", REQUIRED_SCOPES)
def test_a_bound_role_without_its_scope_gives_no_permissions(role):
    for claim in set(Claim) - UNREFUSABLE_CLAIMS:
        for target in (None, UNLIMITED_SCOPE, Scope("XA"), Scope(meeting="spring")):
            assert answer_for_roles(role, claim=claim, target=target) is AccessDecision.NOT_GRANTED


def test_a_national_desk_proposes_corrections_for_its_own_country_only():
    desk = Scope(state="XA")
    target = {"own": Scope("XA"), "another": Scope("XB"), "unknown": UNLIMITED_SCOPE, "door": None}
    assert {
        name: answer_for_roles(Role.NATIONAL_DESK, claim=Claim.PROPOSE_CORRECTIONS, scope=desk, target=scope)
        for name, scope in target.items()
    } == {
        "own": AccessDecision.ALLOWED,
        "another": AccessDecision.NOT_GRANTED,
        "unknown": AccessDecision.NOT_GRANTED,
        "door": AccessDecision.ALLOWED,
    }


def test_a_national_desk_reads_the_whole_directory():
    for target in (None, UNLIMITED_SCOPE, Scope(network="lantern")):
        assert (
            answer_for_roles(Role.NATIONAL_DESK, claim=Claim.SEE_DIRECTORY, scope=Scope(state="XA"), target=target)
            is AccessDecision.ALLOWED
        )


def test_country_editors_read_the_whole_directory_and_network_readers_only_their_part():
    lantern, harbour = Scope(network="lantern"), Scope(network="harbour")
    assert (
        answer_for_roles(Role.EDITOR, claim=Claim.SEE_DIRECTORY, scope=Scope(state="XA"), target=harbour)
        is AccessDecision.ALLOWED
    )
    assert (
        answer_for_roles(Role.READER, claim=Claim.SEE_DIRECTORY, scope=lantern, target=lantern)
        is AccessDecision.ALLOWED
    )
    assert (
        answer_for_roles(Role.READER, claim=Claim.SEE_DIRECTORY, scope=lantern, target=harbour)
        is AccessDecision.NOT_GRANTED
    )


def test_a_role_without_a_bound_claim_cannot_be_bound():
    assert {role for role in Role if role not in ALLOWED_SCOPES} == {
        Role.CONTRIBUTOR, Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR,
    }  # fmt: skip
    for role, dimension in ALLOWED_SCOPES.items():
        assert dimension in {CLAIM_SCOPES.get(claim) for claim in ROLE_CLAIMS[role]}


def test_an_organiser_manages_only_their_own_meeting():
    own = Scope(meeting="spring")
    assert answer_for_roles(Role.ORGANISER, claim=Claim.MANAGE_MEETING, scope=own, target=own) is AccessDecision.ALLOWED
    assert (
        answer_for_roles(Role.ORGANISER, claim=Claim.MANAGE_MEETING, scope=own, target=Scope(meeting="autumn"))
        is AccessDecision.NOT_GRANTED
    )


def test_the_secretariat_of_one_network_has_no_permissions_in_another():
    own = Scope(network="lantern")
    target = {"own": own, "another": Scope(network="harbour"), "of no network": UNLIMITED_SCOPE}
    assert {
        name: answer_for_roles(Role.SECRETARIAT, claim=Claim.MANAGE_PEOPLE, scope=own, target=scope)
        for name, scope in target.items()
    } == {
        "own": AccessDecision.ALLOWED,
        "another": AccessDecision.NOT_GRANTED,
        "of no network": AccessDecision.NOT_GRANTED,
    }


def test_a_refusal_for_one_country_leaves_the_others_allowed():
    refusal = Refusal(Claim.REVIEW_FINDINGS, Scope(state="XA"))
    for roles in ([Role.EDITOR], [Role.EDITOR, Role.ADMINISTRATOR, Role.REVIEWER], list(Role)):
        grants = [*(Grant(role) for role in roles), Grant(Role.EDITOR)]
        there = answer_for_roles(
            claim=Claim.REVIEW_FINDINGS, grants=grants, refusals=[refusal], target=Scope(state="XA")
        )
        elsewhere = answer_for_roles(
            claim=Claim.REVIEW_FINDINGS, grants=grants, refusals=[refusal], target=Scope(state="XB")
        )
        assert (there, elsewhere) == (AccessDecision.REFUSED, AccessDecision.ALLOWED)


def test_a_negative_answer_says_what_is_missing():
    secretariat = {"claim": Claim.MANAGE_PEOPLE, "signed_in": True, "grants": [Grant(Role.SECRETARIAT)]}
    assert [
        answer_to({**secretariat, "signed_in": False}),
        answer_to(secretariat),
        answer_to({**secretariat, "second_factor": True}),
        answer_to({**secretariat, "second_factor": True, "staff_session": True}),
        answer_to({**secretariat, "second_factor": True, "refusals": [Refusal(Claim.MANAGE_PEOPLE)]}),
        answer_to({**secretariat, "grants": [Grant(Role.READER)], "second_factor": True}),
    ] == [
        AccessDecision.SIGN_IN,
        AccessDecision.SECOND_FACTOR,
        AccessDecision.STAFF_SESSION,
        AccessDecision.ALLOWED,
        AccessDecision.REFUSED,
        AccessDecision.NOT_GRANTED,
    ]


def test_a_scope_covers_only_what_it_contains():
    assert UNLIMITED_SCOPE.covers(Scope("XA", "lantern", "spring"))
    assert not Scope(state="XA").covers(UNLIMITED_SCOPE)
    assert replace(Scope(state="XA"), network="lantern").covers(Scope("XA", "lantern"))
