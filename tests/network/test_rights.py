"""Who may do what: one table, no role that contains another, and refusals that no role answers back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.network.rights import (
    ANYTHING,
    ASKED_BY,
    BOUND,
    HELD,
    IN_STAFF_SESSION,
    MAY_BE_BOUND,
    NEVER_REFUSED,
    STAFF,
    Answer,
    Claim,
    Grant,
    Refusal,
    Role,
    Scope,
    answer,
    joined,
)

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
        "asked": st.none() | scopes,
        "second_factor": st.booleans(),
        "staff_session": st.booleans(),
    }
)


def ask(question, **other):
    return answer(**{**question, "moment": NOW, **other})


def held(*roles, claim, scope=ANYTHING, **more):
    """The answer for somebody signed in with everything that staff need."""
    question = {
        "claim": claim,
        "signed_in": True,
        "grants": [Grant(role, scope) for role in roles],
        "second_factor": True,
        "staff_session": True,
    }
    return ask({**question, **more})


# --- What holds for every set of roles and refusals -------------------------------------------------------------------


@given(questions, grants)
def test_a_role_that_is_added_never_takes_away(question, grant):
    if ask(question) is Answer.YES:
        assert ask(question, grants=[*question["grants"], grant]) is Answer.YES


@given(questions, refusals)
def test_a_refusal_that_is_added_never_allows(question, refusal):
    if ask(question) is not Answer.YES:
        assert ask(question, refusals=[*question["refusals"], refusal]) is not Answer.YES


@given(questions, refusals)
def test_no_set_of_roles_answers_back_a_refusal(question, refusal):
    if refusal.claim in NEVER_REFUSED:
        return
    asked = refusal.scope  # exactly what was refused
    question = {**question, "claim": refusal.claim, "asked": asked, "signed_in": True}
    everything = [Grant(role, scope) for role in Role for scope in (ANYTHING, asked, Scope("XA"), Scope(meeting="m"))]
    assert ask(question, refusals=[refusal], grants=everything) is Answer.REFUSED


@given(questions, scopes)
def test_what_is_refused_in_the_wide_is_refused_in_the_narrow(question, narrow):
    refused = Refusal(question["claim"])
    if question["claim"] not in NEVER_REFUSED and question["signed_in"]:
        assert ask(question, refusals=[refused], asked=narrow) is Answer.REFUSED


@given(questions)
def test_without_a_role_there_is_what_is_public_and_ones_own_account(question):
    allowed = {Claim.READ_PUBLIC, *([Claim.OWN_ACCOUNT] if question["signed_in"] else [])}
    assert (ask(question, grants=[]) is Answer.YES) == (question["claim"] in allowed)


@given(questions)
def test_who_is_not_signed_in_reads_what_is_public_whatever_is_claimed_for_them(question):
    answered = ask(question, signed_in=False)
    assert answered is (Answer.YES if question["claim"] is Claim.READ_PUBLIC else Answer.SIGN_IN)


@given(questions)
def test_a_role_counts_only_between_its_beginning_and_its_end(question):
    in_time = [grant for grant in question["grants"] if grant.holds_at(NOW)]
    assert ask(question) is ask(question, grants=in_time)


@given(questions)
def test_what_only_staff_hold_needs_a_second_factor(question):
    staff = [grant for grant in question["grants"] if grant.role in STAFF]
    answered = ask(question, grants=staff, second_factor=False)
    assert answered is not Answer.YES or question["claim"] in NEVER_REFUSED


@given(questions)
def test_what_opens_what_belongs_to_others_needs_a_staff_session(question):
    if question["claim"] in IN_STAFF_SESSION:
        assert ask(question, staff_session=False) is not Answer.YES


@given(questions)
def test_more_proof_of_who_somebody_is_never_takes_away(question):
    if ask(question) is Answer.YES:
        assert ask(question, second_factor=True, staff_session=True) is Answer.YES


@given(questions)
def test_a_door_is_never_narrower_than_what_lies_behind_it(question):
    """A thing that somebody may open must not be behind a door that is shut to them."""
    if question["asked"] is not None and ask(question) is Answer.YES:
        unbound = [one for one in question["refusals"] if one.scope == ANYTHING]
        assert ask(question, asked=None, refusals=unbound) is Answer.YES


@given(questions, st.lists(scopes, min_size=1, max_size=3))
def test_a_thing_in_several_scopes_is_refused_by_one_refusal(question, several):
    answers = [ask(question, asked=scope) for scope in several]
    together = joined(answers)
    assert (together is Answer.REFUSED) == (Answer.REFUSED in answers)
    assert (together is Answer.YES) == (Answer.YES in answers and Answer.REFUSED not in answers)


def test_nothing_asked_is_nothing_allowed():
    assert joined([]) is Answer.NO


# --- The table --------------------------------------------------------------------------------------------------------


def test_every_role_has_its_claims():
    assert set(HELD) == set(Role)
    assert all({Claim.READ_PUBLIC, Claim.OWN_ACCOUNT} <= claims for claims in HELD.values())


def test_every_claim_is_somebodys():
    assert set().union(*HELD.values()) == set(Claim)


def test_no_role_contains_all_others():
    for role, claims in HELD.items():
        assert claims != set(Claim)
        assert any(not others <= claims for other, others in HELD.items() if other is not role)


def test_who_administers_neither_judges_nor_reads_the_directory_nor_the_trail():
    assert not HELD[Role.ADMINISTRATOR] & {
        Claim.JUDGE_FINDINGS,
        Claim.UPLOAD_REPORTS,
        Claim.SEE_DIRECTORY,
        Claim.MANAGE_PEOPLE,
        Claim.READ_AUDIT_LOG,
    }


def test_who_reads_the_trail_changes_nothing():
    assert HELD[Role.AUDITOR] - NEVER_REFUSED == {Claim.READ_AUDIT_LOG, Claim.TRACE_BREACH, Claim.READ_PROCESSING}


def test_only_staff_hold_what_needs_a_staff_session_and_each_of_them_can_open_one():
    for role, claims in HELD.items():
        if claims & IN_STAFF_SESSION:
            assert role in STAFF
            assert Claim.OPEN_STAFF_SESSION in claims


def test_what_opens_what_belongs_to_others_is_listed():
    people = {
        Claim.MANAGE_PEOPLE, Claim.ANSWER_ASKS, Claim.INVITE, Claim.EXPORT_PEOPLE, Claim.ERASE_PEOPLE, Claim.GIVE_ROLES,
        Claim.MANAGE_NETWORKS, Claim.RUN_RETENTION,
    }  # fmt: skip
    assert people == IN_STAFF_SESSION


def test_each_bound_claim_is_asked_by_one_thing():
    assert set(ASKED_BY.values()) <= {"state", "network", "meeting"}
    assert not set(ASKED_BY) & NEVER_REFUSED


# --- Bound roles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", BOUND)
def test_a_bound_role_without_its_bond_gives_nothing(role):
    for claim in set(Claim) - NEVER_REFUSED:
        for asked in (None, ANYTHING, Scope("XA"), Scope(meeting="spring")):
            assert held(role, claim=claim, asked=asked) is Answer.NO


def test_a_national_desk_judges_findings_on_its_own_country_only():
    desk = Scope(state="XA")
    asked = {"own": Scope("XA"), "another": Scope("XB"), "unknown": ANYTHING, "door": None}
    assert {
        name: held(Role.NATIONAL_DESK, claim=Claim.JUDGE_FINDINGS, scope=desk, asked=scope)
        for name, scope in asked.items()
    } == {"own": Answer.YES, "another": Answer.NO, "unknown": Answer.NO, "door": Answer.YES}


def test_a_national_desk_reads_the_whole_directory():
    for asked in (None, ANYTHING, Scope(network="lantern")):
        assert held(Role.NATIONAL_DESK, claim=Claim.SEE_DIRECTORY, scope=Scope(state="XA"), asked=asked) is Answer.YES


def test_an_editor_for_one_country_reads_the_whole_directory_and_a_reader_of_one_network_its_part():
    lantern, harbour = Scope(network="lantern"), Scope(network="harbour")
    assert held(Role.EDITOR, claim=Claim.SEE_DIRECTORY, scope=Scope(state="XA"), asked=harbour) is Answer.YES
    assert held(Role.READER, claim=Claim.SEE_DIRECTORY, scope=lantern, asked=lantern) is Answer.YES
    assert held(Role.READER, claim=Claim.SEE_DIRECTORY, scope=lantern, asked=harbour) is Answer.NO


def test_a_role_that_nothing_asks_about_cannot_be_bound():
    assert {role for role in Role if role not in MAY_BE_BOUND} == {
        Role.CONTRIBUTOR, Role.AUDITOR, Role.ADMINISTRATOR,
    }  # fmt: skip
    for role, dimension in MAY_BE_BOUND.items():
        assert dimension in {ASKED_BY.get(claim) for claim in HELD[role]}


def test_an_organiser_manages_the_one_meeting():
    own = Scope(meeting="spring")
    assert held(Role.ORGANISER, claim=Claim.MANAGE_MEETING, scope=own, asked=own) is Answer.YES
    assert held(Role.ORGANISER, claim=Claim.MANAGE_MEETING, scope=own, asked=Scope(meeting="autumn")) is Answer.NO


def test_a_secretariat_of_one_network_has_no_say_in_another():
    own = Scope(network="lantern")
    asked = {"own": own, "another": Scope(network="harbour"), "of no network": ANYTHING}
    assert {
        name: held(Role.SECRETARIAT, claim=Claim.MANAGE_PEOPLE, scope=own, asked=scope) for name, scope in asked.items()
    } == {"own": Answer.YES, "another": Answer.NO, "of no network": Answer.NO}


def test_an_editor_and_administrator_who_is_refused_one_country_judges_the_others():
    refusal = Refusal(Claim.JUDGE_FINDINGS, Scope(state="XA"))
    for roles in ([Role.EDITOR], [Role.EDITOR, Role.ADMINISTRATOR, Role.REVIEWER], list(Role)):
        grants = [*(Grant(role) for role in roles), Grant(Role.NATIONAL_DESK, Scope(state="XA"))]
        there = held(claim=Claim.JUDGE_FINDINGS, grants=grants, refusals=[refusal], asked=Scope(state="XA"))
        elsewhere = held(claim=Claim.JUDGE_FINDINGS, grants=grants, refusals=[refusal], asked=Scope(state="XB"))
        assert (there, elsewhere) == (Answer.REFUSED, Answer.YES)


def test_why_it_is_no_says_what_to_do():
    secretariat = {"claim": Claim.MANAGE_PEOPLE, "signed_in": True, "grants": [Grant(Role.SECRETARIAT)]}
    assert [
        ask({**secretariat, "signed_in": False}),
        ask(secretariat),
        ask({**secretariat, "second_factor": True}),
        ask({**secretariat, "second_factor": True, "staff_session": True}),
        ask({**secretariat, "second_factor": True, "refusals": [Refusal(Claim.MANAGE_PEOPLE)]}),
        ask({**secretariat, "grants": [Grant(Role.READER)], "second_factor": True}),
    ] == [Answer.SIGN_IN, Answer.SECOND_FACTOR, Answer.STAFF_SESSION, Answer.YES, Answer.REFUSED, Answer.NO]


def test_a_scope_says_what_it_says_and_no_more():
    assert ANYTHING.covers(Scope("XA", "lantern", "spring"))
    assert not Scope(state="XA").covers(ANYTHING)
    assert replace(Scope(state="XA"), network="lantern").covers(Scope("XA", "lantern"))
