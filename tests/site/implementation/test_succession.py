"""Links follow to the newer version of a text that its publisher changed; what is unclear is left to a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from samsvar.implementation.measures import TriageDecision
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.exchange.practices.models import LeadDecision
from samsvar.site.exchange.requests.models import HelpRequest
from samsvar.site.following.events import FollowEventKind, find_events
from samsvar.site.following.models import Follow, FollowKind
from samsvar.site.implementation.measures import actions as measures
from samsvar.site.implementation.measures.models import Answer, Change, Triage
from samsvar.site.implementation.reports.models import Draft, DraftSection
from samsvar.site.monitoring.actions import succession
from samsvar.site.monitoring.actions.publishing import make_public
from samsvar.site.monitoring.models import (
    CorrectionProposal,
    Finding,
    FindingLink,
    FindingSuccession,
    LinkDecision,
    Report,
    SourceVersion,
)
from tests.factories.implementation import make_evidence, make_measure
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nordmark")]

TRAIN = "GREVIO urges the authorities to train all judges every year."
SHELTER = "GREVIO encourages the authorities to open shelters in all regions."
SHELTER_EDITED = "GREVIO strongly encourages the authorities to open shelters in all the regions."
HELPLINE = "GREVIO invites the authorities to fund a helpline in three languages."


def make_version(number: int, *texts: str, published: bool = True) -> Report:
    """Add a version of one harvested text, with a finding in each paragraph, and publish it."""
    findings = [make_finding(place, text=text) for place, text in enumerate(texts, 1)]
    reading = make_reading(findings)
    report = make_report(f"version {number}".encode(), reading, publish=False)
    SourceVersion.objects.create(
        site="grevio", source="one", identifier="one", content_hash=str(number) * 8, report=report,
        harvested_at=timezone.now() + timedelta(minutes=number),
    )  # fmt: skip
    if published:
        make_public(report=report, by=None)
    return report


def finding(report: Report, paragraph: str) -> Finding:
    return report.findings.get(paragraph=paragraph)


def succession_of(report: Report) -> dict[str, str | None]:
    """Return the paragraphs of earlier findings and of those that took their place."""
    rows = report.successions.select_related("earlier", "later")
    return {one.earlier.paragraph: one.later.paragraph if one.later else None for one in rows}


def test_everything_that_points_at_a_finding_follows_to_the_newer_version() -> None:
    first = make_version(1, TRAIN, SHELTER)
    train, shelter = finding(first, "1"), finding(first, "2")
    measure, account = make_measure(), make_account(Role.EDITOR)
    answer = measures.link_answer(by=None, measure=measure, finding=shelter)
    measures.triage_findings(by=None, state="XA", findings=[train], decision=TriageDecision.IN_HAND, body="Police")
    evidence = make_evidence(shelter)
    follow = Follow.objects.create(account=account, kind=FollowKind.FINDING, key=shelter.public_id)
    request = HelpRequest.objects.create(by=account, problem="?", situation="?", finding=shelter.public_id)
    lead = LeadDecision.objects.create(finding=train.public_id, state_id="XA", reason="small")
    draft = Draft.objects.create(state_id="XA", report=first, form_id="f", form_version="1")
    section = DraftSection.objects.create(
        draft=draft, section_id="1", part_id="1", order=1, heading="h", finding=train.public_id
    )
    proposal = CorrectionProposal.objects.create(
        report=first, finding=train, label={}, reason="r", proposed_by=account, role="editor"
    )
    second = make_version(2, HELPLINE, TRAIN, SHELTER_EDITED)

    assert succession_of(second) == {"1": "2", "2": "3"}
    new_train, new_shelter = finding(second, "2"), finding(second, "3")
    for row, column, expected in (
        (answer, "finding_id", new_shelter.public_id), (evidence, "finding_id", new_shelter.public_id),
        (follow, "key", new_shelter.public_id), (request, "finding", new_shelter.public_id),
        (lead, "finding", new_train.public_id), (section, "finding", new_train.public_id),
        (proposal, "finding_id", new_train.public_id), (proposal, "report_id", second.pk),
        (draft, "report_id", second.pk),
    ):  # fmt: skip
        row.refresh_from_db()
        assert getattr(row, column) == expected, row
    assert set(Triage.objects.values_list("finding_id", flat=True)) == {new_train.public_id, new_shelter.public_id}
    assert set(Change.objects.exclude(finding="").values_list("finding", flat=True)) == {
        new_train.public_id, new_shelter.public_id,
    }  # fmt: skip
    entry = AuditEntry.objects.get(verb="moved links to a newer version")
    assert (entry.details["findings"], entry.details["undecided"], entry.details.get("left", 0)) == (2, 0, 0)


def test_links_come_back_with_the_earlier_version() -> None:
    first, measure = make_version(1, TRAIN), make_measure()
    measures.link_answer(by=None, measure=measure, finding=finding(first, "1"))
    second = make_version(2, HELPLINE, TRAIN)
    make_public(report=first, by=None)
    assert Answer.objects.get().finding == finding(first, "1")
    assert (succession_of(first), succession_of(second)) == ({"1": None, "2": "1"}, {})


def test_a_finding_without_a_counterpart_is_left_to_a_person(client: Any) -> None:
    first, measure = make_version(1, TRAIN, SHELTER), make_measure()
    train = finding(first, "1")
    answer = measures.link_answer(by=None, measure=measure, finding=train)
    editor = make_account(Role.EDITOR)
    Follow.objects.create(account=editor, kind=FollowKind.FINDING, key=train.public_id)
    second = make_version(2, HELPLINE, SHELTER)
    answer.refresh_from_db()
    assert answer.finding_id == train.public_id  # not lost, and not at another recommendation

    client.force_login(editor)
    address = reverse("monitoring:undecided-links", args=[second.public_id])
    assert address in client.get(reverse("monitoring:drafts")).content.decode()
    page = client.get(address).content.decode()
    assert f'<span lang="en">{TRAIN}</span>' in page
    assert page.count(HELPLINE) == 2  # to choose, and complete to read
    assert "Linked to it: measures (1)" in page  # no one sees what a person follows
    helpline = finding(second, "1")
    page = client.post(address, {train.public_id: helpline.public_id}, follow=True).content.decode()
    assert "Decisions saved. 2 links moved." in page  # the measure, and that the finding is in hand
    assert "There is nothing to decide." in page
    answer.refresh_from_db()
    assert answer.finding_id == helpline.public_id
    assert address not in client.get(reverse("monitoring:drafts")).content.decode()
    client.logout()
    response = client.get(reverse("monitoring:finding", args=[train.public_id]))
    assert response.status_code == 410
    assert reverse("monitoring:finding", args=[helpline.public_id]) in response.content.decode()


def test_what_only_others_may_know_of_is_not_counted_as_none(client: Any) -> None:
    """An editor who reads that 0 links moved would look for a mistake."""
    editor = make_account(Role.EDITOR)
    train = finding(make_version(1, TRAIN), "1")
    Follow.objects.create(account=editor, kind=FollowKind.FINDING, key=train.public_id)
    second = make_version(2, HELPLINE)
    client.force_login(editor)
    address = reverse("monitoring:undecided-links", args=[second.public_id])
    helpline = finding(second, "1").public_id
    page = client.post(address, {train.public_id: helpline}, follow=True).content.decode()
    assert "Decisions saved." in page
    assert "links moved" not in page
    assert Follow.objects.get().key == helpline


def test_a_person_may_leave_links_with_the_earlier_version(client: Any) -> None:
    first, measure = make_version(1, TRAIN), make_measure()
    train = finding(first, "1")
    answer = measures.link_answer(by=None, measure=measure, finding=train)
    second = make_version(2, HELPLINE)
    client.force_login(make_account(Role.EDITOR))
    address = reverse("monitoring:undecided-links", args=[second.public_id])
    client.post(address, {train.public_id: ""})
    assert succession.open_successions(second).count() == 1  # decide later
    client.post(address, {train.public_id: succession.CLOSED})
    assert succession.open_successions(second).count() == 0
    answer.refresh_from_db()
    assert answer.finding_id == train.public_id


def test_a_link_that_is_there_already_stays_and_is_counted(client: Any) -> None:
    first, measure = make_version(1, TRAIN), make_measure()
    train = finding(first, "1")
    measures.link_answer(by=None, measure=measure, finding=train)
    second = make_version(2, HELPLINE)
    measures.link_answer(by=None, measure=measure, finding=finding(second, "1"))
    client.force_login(make_account(Role.EDITOR))
    address = reverse("monitoring:undecided-links", args=[second.public_id])
    page = client.post(address, {train.public_id: finding(second, "1").public_id}, follow=True).content.decode()
    assert "2 links stay with the earlier version, because the finding has the same already." in page
    assert Answer.objects.filter(finding_id=train.public_id).count() == 1


def test_what_is_undecided_is_asked_again_of_the_next_version() -> None:
    first, measure = make_version(1, TRAIN), make_measure()
    answer = measures.link_answer(by=None, measure=measure, finding=finding(first, "1"))
    make_version(2, HELPLINE)
    third = make_version(3, HELPLINE, TRAIN)
    answer.refresh_from_db()
    assert answer.finding == finding(third, "2")  # the text is back


def test_decisions_of_someone_else_and_other_findings_are_refused() -> None:
    first = make_version(1, TRAIN)
    second, editor = make_version(2, HELPLINE), make_account(Role.EDITOR)
    train, helpline = finding(first, "1"), finding(second, "1")
    for choices in ({helpline.public_id: helpline.public_id}, {train.public_id: train.public_id}):
        with pytest.raises(succession.SuccessionChanged):
            succession.decide_successions(report=second, by=editor, choices=choices)
    succession.decide_successions(report=second, by=editor, choices={train.public_id: helpline.public_id})
    with pytest.raises(succession.SuccessionChanged):
        succession.decide_successions(report=second, by=editor, choices={train.public_id: succession.CLOSED})


def test_decisions_on_links_between_rounds_follow_only_the_same_text() -> None:
    other = make_report(b"an earlier round", make_reading([make_finding(9, text=HELPLINE)]))
    first, reviewer = make_version(1, TRAIN, SHELTER), make_account(Role.REVIEWER)
    decided = {"later_text": "takes_up", "decided_by": reviewer, "decided_at": timezone.now()}
    for paragraph in ("1", "2"):
        later, earlier = finding(first, paragraph), finding(other, "9")
        FindingLink.everything.update_or_create(
            later=later, earlier=earlier, defaults={"basis": "wording", "certain": False, "similarity": 0.5, **decided}
        )
        LinkDecision.everything.create(report=first, later=later, earlier=earlier, later_text="takes_up", by=reviewer)
    second = make_version(2, TRAIN, SHELTER_EDITED)
    links = FindingLink.everything.filter(later__report=second).exclude(later_text="")
    assert [link.later.paragraph for link in links] == ["1"]
    assert [one.later.paragraph for one in LinkDecision.objects.all()] == ["1"]
    assert AuditEntry.objects.filter(verb="dropped a decision on a later text").count() == 1


def test_a_digest_does_not_tell_again_of_a_finding_whose_text_is_the_same() -> None:
    make_version(1, TRAIN, SHELTER)
    since = timezone.now()
    second = make_version(2, TRAIN, SHELTER_EDITED)
    new = [event.subject for event in find_events(since) if event.kind is FollowEventKind.NEW]
    assert new == [finding(second, "2")]


def test_a_text_that_is_published_for_the_first_time_moves_nothing() -> None:
    make_version(1, TRAIN)
    assert FindingSuccession.objects.count() == 0
    assert not AuditEntry.objects.filter(verb="moved links to a newer version").exists()
