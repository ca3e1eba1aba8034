"""Issues over the rounds: what each round says about the same thing, and what is not known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring.issues import Issue, IssueFinding, IssueLink, StepChange, trace_issues
from samsvar.monitoring.rounds import RoundDocument, group_into_rounds

DOCUMENTS = {
    document.key: document
    for document in (
        RoundDocument("baseline", "grevio", "baseline", "", "2018-03-01", "GREVIO/Inf(2018)901"),
        RoundDocument("recommendation", "committee_of_the_parties", "recommendation", "", "2018-06-01", "",
                      "GREVIO/Inf(2018)901"),
        RoundDocument("conclusions", "committee_of_the_parties", "conclusions", "", "2021-12-01"),
        RoundDocument("thematic", "grevio", "first_thematic", "", "2025-02-01"),
        RoundDocument("cedaw", "cedaw", "", "", "2023-07-01"),
    )
}  # fmt: skip
ROUNDS = group_into_rounds(DOCUMENTS.values())


def trace(findings: dict[str, tuple[str, str]], *links: IssueLink) -> list[list[tuple[str, str, str | None]]]:
    """Return year, change and strength of each step of each issue; findings are given as document and strength."""
    rows = [IssueFinding(key, document, strength) for key, (document, strength) in findings.items()]
    return [
        [(step.round.published[:4], step.change.value, step.strength) for step in issue.steps]
        for issue in trace_issues(ROUNDS, DOCUMENTS, rows, links)
    ]


def test_a_line_has_a_step_for_every_round_since_the_issue_was_first_raised():
    assert trace(
        {"a": ("baseline", "urges"), "b": ("conclusions", "encourages"), "c": ("thematic", "strongly_encourages")},
        IssueLink("b", "a"), IssueLink("c", "b", "restates"),
    ) == [
        [("2018", "first", "urges"), ("2021", "weaker", "encourages"), ("2025", "stronger", "strongly_encourages")]
    ]  # fmt: skip
    assert trace(
        {"a": ("baseline", "urges"), "b": ("thematic", "urges")}, IssueLink("b", "a")
    ) == [[("2018", "first", "urges"), ("2021", "not_raised", None), ("2025", "restated", "urges")]]  # fmt: skip


def test_a_round_that_does_not_raise_it_again_leaves_it_unknown_unless_it_was_concluded():
    findings = {"a": ("baseline", "urges"), "b": ("conclusions", "welcomes")}
    assert trace(findings, IssueLink("b", "a"))[0][1:] == [
        ("2021", "welcomed", "welcomes"), ("2025", "not_raised", None),
    ]  # fmt: skip
    assert trace(findings, IssueLink("b", "a", "closes"))[0][1:] == [("2021", "concluded", "welcomes")]


def test_a_text_that_closes_one_of_two_findings_concludes_the_issue_in_part():
    findings = {"a": ("baseline", "urges"), "a2": ("baseline", "invites"), "b": ("conclusions", "encourages")}
    steps = trace(findings, IssueLink("b", "a", "closes"), IssueLink("b", "a2", "restates"))[0]
    assert steps[1:] == [("2021", "partly_concluded", "encourages"), ("2025", "not_raised", None)]


def test_a_strength_is_compared_with_the_last_text_that_asks_for_something():
    findings = {"a": ("baseline", "urges"), "b": ("conclusions", "welcomes"), "c": ("thematic", "encourages")}
    steps = trace(findings, IssueLink("b", "a"), IssueLink("c", "b"))[0]
    assert [change for _year, change, _strength in steps] == ["first", "welcomed", "weaker"]


def test_strengths_are_compared_only_where_both_texts_state_one():
    findings = {"a": ("baseline", "urges"), "b": ("conclusions", ""), "c": ("thematic", "urges")}
    assert [change for _year, change, _strength in trace(findings, IssueLink("b", "a"), IssueLink("c", "b"))[0]] == [
        "first", "again", "again",
    ]  # fmt: skip


def test_the_recommendation_on_a_report_is_a_step_of_its_round_and_another_body_has_its_own():
    findings = {"a": ("baseline", "urges"), "r": ("recommendation", ""), "x": ("cedaw", "urges")}
    assert trace(findings, IssueLink("r", "a"), IssueLink("x", "a")) == [
        [
            ("2018", "first", "urges"), ("2021", "not_raised", None), ("2023", "restated", "urges"),
            ("2025", "not_raised", None),
        ]
    ]  # fmt: skip
    assert trace({"x": ("cedaw", "urges"), "y": ("cedaw", "")}, IssueLink("y", "x")) == [[("2023", "first", "urges")]]


KEYS = st.integers(0, 11)


@given(
    documents=st.lists(st.sampled_from(["baseline", "conclusions", "thematic", "cedaw"]), min_size=12, max_size=12),
    pairs=st.sets(st.tuples(KEYS, KEYS).filter(lambda pair: pair[0] != pair[1]), max_size=15),
)
def test_every_linked_finding_is_in_exactly_one_issue_and_its_steps_are_in_order(documents, pairs):
    findings = [IssueFinding(key, document, "urges") for key, document in enumerate(documents)]
    issues = trace_issues(ROUNDS, DOCUMENTS, findings, [IssueLink(*pair) for pair in pairs])
    held = [finding.finding for issue in issues for finding in issue.findings]
    assert sorted(held) == sorted({key for pair in pairs for key in pair})
    issue_of: dict[object, Issue] = {one.finding: issue for issue in issues for one in issue.findings}
    assert all(issue_of[later] is issue_of[earlier] for later, earlier in pairs)
    for issue in issues:
        days = [step.round.published for step in issue.steps]
        assert days == sorted(days)
        assert [step.change for step in issue.steps].index(StepChange.FIRST) == 0
        assert all(bool(step.findings) == (step.change is not StepChange.NOT_RAISED) for step in issue.steps)
