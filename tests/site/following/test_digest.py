"""The digest of what a person follows: what it tells, never twice, capped, paused and ended with one click."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.implementation.measures import Stage
from samsvar.monitoring.report import Strength
from samsvar.network.people import Field
from samsvar.search.items import SearchItem
from samsvar.site.convention.models import TreatyEvent
from samsvar.site.exchange.practices.actions.writing import retire_practice, revise_practice
from samsvar.site.exchange.practices.models import PracticeVersion
from samsvar.site.following import actions, models, queries
from samsvar.site.following.events import FollowEvent, FollowEventKind
from samsvar.site.following.scheduled import run_following_tasks
from samsvar.site.following.targets import find_target
from samsvar.site.implementation.measures.actions import save_measure
from samsvar.site.implementation.measures.models import Change
from samsvar.site.monitoring.models import Finding, FindingLink, FindingSuccession, Report
from samsvar.site.network.models import OutgoingEmail
from tests.factories.exchange_practices import publish, publish_practice
from tests.factories.implementation import make_measure
from tests.factories.people import make_account, make_person
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return make_account()


def follow(account, kind, key, **columns):
    follow = actions.follow(account=account, target=find_target(kind, str(key)))
    models.Follow.objects.filter(pk=follow.pk).update(**{"since": timezone.now() - timedelta(hours=1), **columns})
    return follow


def send(days=0):
    """Run the daily task as on a later day."""
    return actions.send_digests(now=timezone.now() + timedelta(days=days))


def bodies():
    return list(OutgoingEmail.objects.order_by("pk").values_list("body", flat=True))


def events_in(body):
    return [line.removeprefix("- ") for line in body.splitlines() if line.startswith("- ")]


def published(report, days_ago):
    """Set the day on which a report became public here."""
    at = timezone.now() - timedelta(days=days_ago)
    Report.everything.filter(pk=report.pk).update(published_at=at)
    report.label_changes.update(at=at)


def test_no_one_is_told_of_what_happened_before_they_followed(reader):
    published(make_report(), days_ago=5)
    follow(reader, "country", "XA", since=timezone.now() - timedelta(days=10))
    follow(make_account(), "country", "XA")
    assert send() == 1
    assert OutgoingEmail.objects.get().account == reader


def test_a_country_tells_new_findings_measures_and_practices(reader):
    follow(reader, "country", "XA")
    make_report()
    make_report(b"of a neighbour", make_reading([make_finding(1, state="XB")], state="XB"))
    make_measure("Open a second shelter")
    make_measure("Not announced", visibility="desk")
    publish_practice()
    assert send() == 1
    (body,) = bodies()
    assert events_in(body) == [
        "New: practice from Nordmark",
        "New: measure of Nordmark (decided)",
        "New: Nordmark, GREVIO 2023 § 1, p. 1",
        "New: Nordmark, GREVIO 2023 § 2, p. 1",
    ]
    assert "Country: Nordmark\n" in body
    assert "Open a second shelter" in body
    assert "Not announced" not in body
    assert [send(7), send(14)] == [0, 0]  # nothing is told twice


def test_only_what_happened_since_the_follow_began_is_told(reader):
    published(make_report(), days_ago=2)
    follow(reader, "country", "XA")
    assert send() == 0
    assert models.DeliveredEvent.objects.count() == 0


def test_a_finding_is_taken_up_again_concluded_or_no_longer_raised(reader):
    earlier = make_report(
        b"2020", make_reading([make_finding(number) for number in (1, 2, 3)], published=date(2020, 3, 1))
    )
    published(earlier, days_ago=3)
    findings = list(earlier.findings.order_by("ordinal"))
    for finding in findings:
        follow(reader, "finding", finding.public_id)
    later = make_report(b"2024", make_reading([make_finding(8), make_finding(9)], published=date(2024, 3, 1)))
    FindingLink.everything.all().delete()  # those that the similar wording of these examples suggests
    eighth, ninth = later.findings.order_by("ordinal")
    FindingLink.everything.create(later=eighth, earlier=findings[0], basis="citation", certain=True, similarity=1)
    FindingLink.everything.create(
        later=ninth, earlier=findings[1], basis="wording", certain=False, similarity=0.8,
        later_text="closes", reason="Done.", decided_at=timezone.now(),
    )  # fmt: skip
    assert send() == 1
    assert events_in(bodies()[0]) == [
        "Taken up again: Nordmark, GREVIO 2020 § 1, p. 1, by GREVIO 2024 § 8, p. 1",
        "Concluded: Nordmark, GREVIO 2020 § 2, p. 1, by GREVIO 2024 § 9, p. 1",
        "No longer raised: Nordmark, GREVIO 2020 § 3, p. 1",
    ]


def test_a_link_that_is_only_proposed_is_no_event_and_prevents_no_longer_raised(reader):
    earlier = make_report(b"2020", make_reading([make_finding(1)], published=date(2020, 3, 1)))
    published(earlier, days_ago=3)
    follow(reader, "finding", earlier.findings.get().public_id)
    later = make_report(b"2024", make_reading([make_finding(8)], published=date(2024, 3, 1)))
    FindingLink.everything.all().delete()
    link = FindingLink.everything.create(
        later=later.findings.get(), earlier=earlier.findings.get(), basis="wording", certain=False, similarity=0.8
    )
    assert send() == 0
    FindingLink.everything.filter(pk=link.pk).update(later_text="set_aside", decided_at=timezone.now())
    (event,) = queries.find_events(timezone.now() - timedelta(hours=1), find_target("finding", link.earlier.public_id))
    assert event.kind == "no_longer_raised"
    FindingLink.everything.filter(pk=link.pk).update(later_text="takes_up", decided_at=timezone.now())
    assert send() == 1
    assert events_in(bodies()[0])[0].startswith("Taken up again")
    FindingLink.everything.filter(pk=link.pk).update(later_text="closes", decided_at=timezone.now())
    assert send(7) == 1
    assert events_in(bodies()[1])[0].startswith("Concluded")


def test_a_recommendation_is_still_raised_if_a_later_text_cites_the_same_paragraph(reader):
    """The conclusions cite GREVIO's paragraph, not the recommendation of the Committee that cites it as well."""
    body, paragraph = "committee_of_the_parties", make_report(b"2020", make_reading([make_finding(1)]))
    recommendation, conclusions = (
        make_report(content, make_reading([make_finding(number, body=body)], body=body, published=date(year, 1, 1)))
        for content, number, year in ((b"2024", 5, 2024), (b"2026", 6, 2026))
    )
    published(recommendation, days_ago=3)
    FindingLink.everything.all().delete()  # those that the similar wording of these examples suggests
    target = find_target("finding", recommendation.findings.get().public_id)
    since = timezone.now() - timedelta(hours=1)
    cites = {"earlier": paragraph.findings.get(), "basis": "citation", "certain": True, "similarity": 1}
    FindingLink.everything.create(later=recommendation.findings.get(), **cites)
    assert [event.kind for event in queries.find_events(since, target)] == ["no_longer_raised"]
    FindingLink.everything.create(later=conclusions.findings.get(), **cites)
    (event,) = queries.find_events(since, target)
    assert (event.kind, event.later) == ("taken_up", conclusions.findings.get())
    country = queries.find_events(since, find_target("country", "XA"))  # told of the paragraph, and not twice
    assert [event.item for event in country if event.kind == "taken_up"] == [f"finding/{cites['earlier'].public_id}"]
    follow(reader, "finding", target.key)
    assert send() == 1
    assert events_in(bodies()[0]) == [
        "Taken up again: Nordmark, Committee of the Parties 2024 § 5, p. 1, by Committee of the Parties 2026 § 6, p. 1"
    ]
    assert send(7) == 0


def test_a_decision_about_texts_that_were_published_long_ago_is_told(reader):
    earlier = make_report(b"2020", make_reading([make_finding(1)], published=date(2020, 3, 1)))
    later = make_report(b"2024", make_reading([make_finding(8)], published=date(2024, 3, 1)))
    published(earlier, days_ago=9)
    published(later, days_ago=8)
    FindingLink.everything.all().delete()
    FindingLink.everything.create(
        later=later.findings.get(), earlier=earlier.findings.get(), basis="wording", certain=False, similarity=0.8,
        later_text="closes", reason="Done.", decided_at=timezone.now(),
    )  # fmt: skip
    follow(reader, "country", "XA")
    assert send() == 1
    assert events_in(bodies()[0]) == ["Concluded: Nordmark, GREVIO 2020 § 1, p. 1, by GREVIO 2024 § 8, p. 1"]


def test_praise_is_neither_taken_up_nor_missed_and_a_rejected_text_takes_up_nothing(reader):
    """“Welcomes” asks for nothing; what a reviewer rejected is no finding, so the earlier one is no longer raised."""
    asked = [make_finding(1), make_finding(2, strength=Strength.WELCOMES), make_finding(3, strength=Strength.WELCOMES)]
    earlier = make_report(b"2020", make_reading(asked, published=date(2020, 3, 1)))
    published(earlier, days_ago=3)
    follow(reader, "country", "XA")
    later = make_report(b"2024", make_reading([make_finding(8), make_finding(9)], published=date(2024, 3, 1)))
    FindingLink.everything.all().delete()
    later.findings.filter(paragraph="8").update(review="rejected")
    for number, other in (("8", "1"), ("9", "2")):
        FindingLink.everything.create(
            later=Finding.everything.get(paragraph=number), earlier=earlier.findings.get(paragraph=other),
            basis="citation", certain=True, similarity=1,
        )  # fmt: skip
    assert send() == 1
    assert events_in(bodies()[0]) == [
        "No longer raised: Nordmark, GREVIO 2020 § 1, p. 1", "New: Nordmark, GREVIO 2024 § 9, p. 1",
    ]  # fmt: skip


def test_a_finding_that_is_praised_later_is_told_as_welcomed(reader):
    earlier = make_report(b"2020", make_reading([make_finding(1)], published=date(2020, 3, 1)))
    published(earlier, days_ago=3)
    follow(reader, "finding", earlier.findings.get().public_id)
    praise = make_finding(8, strength=Strength.WELCOMES)
    later = make_report(b"2024", make_reading([praise], published=date(2024, 3, 1)))
    FindingLink.everything.all().delete()
    FindingLink.everything.create(
        later=later.findings.get(), earlier=earlier.findings.get(), basis="citation", certain=True, similarity=1
    )
    assert send() == 1
    assert events_in(bodies()[0]) == ["Progress welcomed: Nordmark, GREVIO 2020 § 1, p. 1, by GREVIO 2024 § 8, p. 1"]


def test_history_that_comes_with_an_older_report_is_no_event(reader):
    """A report of 2020 that is published here after that of 2024 brings its findings, and no news about them."""
    later = make_report(b"2024", make_reading([make_finding(8)], published=date(2024, 3, 1)))
    published(later, days_ago=2)
    follow(reader, "country", "XA", since=timezone.now() - timedelta(days=3))
    earlier = make_report(b"2020", make_reading([make_finding(1), make_finding(2)], published=date(2020, 3, 1)))
    FindingLink.everything.all().delete()  # those that the similar wording of these examples suggests
    FindingLink.everything.create(
        later=later.findings.get(), earlier=earlier.findings.get(paragraph="1"), basis="citation", certain=True,
        similarity=1,
    )  # fmt: skip
    assert send() == 1
    assert {line.partition(":")[0] for line in events_in(bodies()[0])} == {"New"}


def test_a_rejected_finding_and_a_withdrawn_report_tell_nothing(reader):
    follow(reader, "country", "XA")
    report = make_report()
    report.findings.filter(ordinal=0).update(review="rejected")
    assert len(queries.find_events(timezone.now() - timedelta(days=1), find_target("country", "XA"))) == 1
    Report.everything.update(status="withdrawn")
    assert send() == 0


def test_an_article_tells_what_is_under_it(reader):
    follow(reader, "article", 8)
    make_report()
    publish_practice(articles=[8])
    assert send() == 1
    assert events_in(bodies()[0]) == ["New: practice from Nordmark", "New: Nordmark, GREVIO 2023 § 2, p. 1"]


def test_an_article_tells_of_a_finding_elsewhere_that_a_text_under_it_takes_up(reader):
    earlier = make_report(b"2020", make_reading([make_finding(1)], published=date(2020, 3, 1)))
    published(earlier, days_ago=3)
    follow(reader, "article", 8)
    later = make_report(b"2024", make_reading([make_finding(8, articles=("8",))], published=date(2024, 3, 1)))
    FindingLink.everything.all().delete()
    FindingLink.everything.create(
        later=later.findings.get(), earlier=earlier.findings.get(), basis="citation", certain=True, similarity=1
    )
    assert send() == 1
    assert events_in(bodies()[0])[0].startswith("Taken up again: Nordmark, GREVIO 2020 § 1")
    in_feed = queries.find_events(timezone.now() - timedelta(hours=1), find_target("article", "8"))
    assert {event.kind for event in in_feed} == {FollowEventKind.TAKEN_UP, FollowEventKind.NEW}


def test_what_a_newer_reader_finds_in_an_older_report_is_told(reader):
    report = make_report()
    published(report, days_ago=9)
    follow(reader, "country", "XA")
    assert send() == 0
    report.findings.get(paragraph="2").label_changes.update(at=timezone.now())
    assert send(1) == 1
    assert events_in(bodies()[0]) == ["New: Nordmark, GREVIO 2023 § 2, p. 1"]


def test_a_measure_tells_its_stages_and_once_that_it_has_ended(reader):
    measure = make_measure("Open a second shelter")
    Change.objects.update(at=timezone.now() - timedelta(days=2))
    follow(reader, "measure", measure.public_id)
    assert send() == 0
    save_measure(by=None, state="XA", existing=measure, values={}, stage=Stage.UNDER_WAY)
    assert send() == 1
    assert events_in(bodies()[0]) == ["New stage: measure of Nordmark (under way)"]
    assert "This measure has ended" not in bodies()[0]
    save_measure(by=None, state="XA", existing=measure, values={}, stage=Stage.DONE)
    assert send(7) == 1
    assert events_in(bodies()[1]) == ["New stage: measure of Nordmark (done)"]
    assert "This measure has ended" in bodies()[1]
    assert send(14) == 0


def test_a_country_of_which_a_measure_has_ended_is_not_over(reader):
    measure = make_measure("Open a second shelter")
    follow(reader, "country", "XA")
    save_measure(by=None, state="XA", existing=measure, values={}, stage=Stage.DONE)
    target, event = find_target("country", "XA"), partial(FollowEvent, "stage/1", FollowEventKind.STAGE_CHANGED)
    ended = event(timezone.now(), item=f"measure/{measure.public_id}", stage=Stage.DONE)
    assert not queries.DigestGroup(target, (ended,)).is_over
    assert queries.DigestGroup(find_target("measure", measure.public_id), (ended,)).is_over
    assert queries.DigestGroup(target, (FollowEvent("left", FollowEventKind.LEFT, timezone.now()),)).is_over


def test_a_finding_that_was_withdrawn_is_named_with_the_page_that_says_why_and_a_deleted_one_is_not(reader, client):
    report = make_report()
    finding = report.findings.get(paragraph="1")
    address = reverse("monitoring:finding", args=[finding.public_id])
    follow(reader, "finding", finding.public_id)
    Report.everything.update(status="withdrawn")
    assert send() == 1
    (body,) = bodies()
    assert "Finding: Nordmark, GREVIO 2023 § 1, p. 1\n- No longer public: Nordmark, GREVIO 2023 § 1, p. 1\n" in body
    assert address in body
    assert send(7) == 0
    client.force_login(reader)
    page = client.get(reverse("following:list")).content.decode()
    assert f'<a href="{address}">Nordmark, GREVIO 2023 § 1, p. 1</a> <span class="quiet">(no longer public)' in page
    change = reverse("following:change", args=[reader.follows.get().pk])
    assert "Finding: Nordmark, GREVIO 2023 § 1, p. 1 <span class" in client.get(change).content.decode()
    report.document.delete()
    page = client.get(reverse("following:list")).content.decode()
    assert "no longer public" in page
    assert "GREVIO 2023" not in page
    assert address not in page


def test_what_is_followed_is_not_named_while_an_editor_works_on_it(reader, client):
    finding = make_report().findings.get(paragraph="1")
    follow(reader, "finding", finding.public_id)
    Report.everything.update(status="draft")
    assert send() == 1
    client.force_login(reader)
    assert "§ 1" not in bodies()[0] + client.get(reverse("following:list")).content.decode()


def test_other_passages_of_a_search_are_told_after_every_finding():
    at = timezone.now()
    passage = SearchItem("passage/1", "report/1", "passage", "The delegation met judges.")
    event = partial(FollowEvent, kind=FollowEventKind.NEW)
    events = [
        event("a", at=at, subject=passage), event("b", at=at - timedelta(days=1), subject=Finding(rank=9)),
        event("c", at=at - timedelta(days=2), subject=Finding(rank=0)),
    ]  # fmt: skip
    assert [one.key for one in sorted(events, key=lambda one: one.order)] == ["c", "b", "a"]


@pytest.mark.parametrize("query", ["q=shelter&state=ZZ&strength=none&year=soon", "q=%22&without=nothing", "other=1"])
def test_a_followed_search_that_is_no_longer_valid_harms_nothing(reader, client, query):
    follow(reader, "country", "XA")
    models.Follow.objects.create(account=reader, kind="search", key="0", query=query)
    make_report()
    assert send() == 1
    client.force_login(reader)
    for address in (reverse("following:list"), reverse("following:change", args=[reader.follows.last().pk])):
        assert client.get(address).status_code == 200


def test_what_a_measure_went_through_while_it_was_not_public_is_never_told(reader):
    measure = make_measure("Open a second shelter", stage=Stage.PROPOSED)
    Change.objects.update(at=timezone.now() - timedelta(days=2))
    follow(reader, "measure", measure.public_id)
    change = partial(save_measure, by=None, state="XA", existing=measure)
    change(values={"visibility": "desk"})
    change(values={}, stage=Stage.DECIDED)
    assert send() == 1  # it can no longer be read
    assert events_in(bodies()[0]) == ["No longer public: Measure"]
    assert "shelter" not in bodies()[0]
    change(values={}, stage=Stage.UNDER_WAY)
    assert send(7) == 0
    change(values={"visibility": "public"})
    assert send(14) == 1
    assert events_in(bodies()[1]) == ["New stage: measure of Nordmark (under way)"]


def test_a_practice_tells_versions_and_its_end(reader):
    practice = publish_practice()
    PracticeVersion.objects.update(published_at=timezone.now() - timedelta(days=2))
    follow(reader, "practice", practice.public_id)
    assert send() == 0
    revise_practice(by=None, practice=practice)
    practice.refresh_from_db()
    publish(practice)
    assert send() == 1
    assert events_in(bodies()[0]) == ["New version: practice from Nordmark"]
    retire_practice(by=None, practice=practice, reason="The law has changed.")
    assert send(7) == 1
    assert events_in(bodies()[1]) == ["Retired: practice from Nordmark"]
    assert "This practice is no longer offered." in bodies()[1]
    assert send(14) == 0


def test_a_practice_that_was_retired_before_the_digest_is_not_told_as_new(reader):
    follow(reader, "country", "XA")
    retire_practice(by=None, practice=publish_practice(), reason="The law has changed.")
    assert send() == 1
    assert events_in(bodies()[0]) == ["Retired: practice from Nordmark"]


def test_a_finding_that_a_newer_version_of_its_report_repeats_is_not_told_again(reader):
    follow(reader, "country", "XA")
    first = make_report(b"first version", make_reading([make_finding(1)])).findings.get()
    assert send() == 1
    again = make_report(b"second version", make_reading([make_finding(1), make_finding(2)]))
    FindingLink.everything.all().delete()
    FindingSuccession.objects.create(
        report=again, earlier=first, later=again.findings.get(paragraph="1"), similarity=1.0
    )
    assert send(7) == 1
    assert [line for line in events_in(bodies()[1]) if line.startswith("New:")] == [
        "New: Nordmark, GREVIO 2023 § 2, p. 1"
    ]


def test_a_country_that_leaves_the_convention_is_told_once(reader):
    follow(reader, "country", "XA", since=timezone.now() - timedelta(days=9))
    yesterday = timezone.localdate() - timedelta(days=1)
    TreatyEvent.objects.filter(state="XA").delete()
    event = partial(TreatyEvent.objects.create, state_id="XA", confidence="confirmed")
    event(public_id="in", kind="ratification", day="2015-01-01")
    event(public_id="out", kind="denunciation_effective", day=yesterday.isoformat())
    assert [send(), send(7)] == [1, 0]
    assert events_in(bodies()[0]) == ["No longer a Party: Nordmark"]


def test_an_event_of_several_follows_is_told_once_under_the_most_specific(reader):
    measure = make_measure("Open a second shelter")
    follow(reader, "country", "XA")
    follow(reader, "measure", measure.public_id)
    assert send() == 1
    assert "Measure: Open a second shelter\n" in bodies()[0]
    assert len(events_in(bodies()[0])) == 1


def test_a_digest_is_capped_and_links_to_the_others(reader):
    follow(reader, "country", "XA")
    make_report(b"long", make_reading([make_finding(number) for number in range(1, 26)]))
    assert send() == 1
    lines = events_in(bodies()[0])
    assert len(lines) == 11
    assert lines[-1].startswith("and 15 more: http")
    assert lines[-1].endswith("/en/countries/XA/")
    assert models.DeliveredEvent.objects.count() == 25
    assert send(7) == 0


def test_a_digest_of_many_things_has_a_limit_too(reader, monkeypatch):
    monkeypatch.setattr(queries, "MAX_EVENTS_SHOWN", 3)
    for number in (7, 8):
        follow(reader, "article", number)
    make_report(b"seven", make_reading([make_finding(number) for number in (1, 2)]))
    make_report(b"eight", make_reading([make_finding(number, articles=("8",)) for number in (3, 4)], reference="eight"))
    assert send() == 1
    lines = events_in(bodies()[0])
    assert len(lines) == 4
    assert lines[-1].startswith("and 1 more: http")


def test_daily_weekly_and_never(reader):
    follow(reader, "country", "XA")
    make_measure("First")
    assert send() == 1
    make_measure("Second")
    assert [send(1), send(6)] == [0, 0]
    actions.change_digest(account=reader, frequency="daily")
    assert send(6) == 1
    make_measure("Third")
    actions.change_digest(account=reader, frequency="off")
    assert send(20) == 0
    actions.change_digest(account=reader, frequency="weekly")
    assert send(21) == 1
    assert "Third" in bodies()[-1]


def test_a_worker_that_was_slower_than_another_one_sends_no_second_digest(reader):
    follow(reader, "country", "XA")
    make_measure("First")
    assert send() == 1
    make_measure("Second")
    events = queries.EventsByTarget(timezone.now() - timedelta(hours=1))
    assert actions._send_digest(reader, events, now=timezone.now()) == 0
    assert actions._send_digest(reader, events, now=timezone.now() + timedelta(days=7)) == 1


def test_only_the_first_follow_turns_the_digest_on(reader):
    country, article = find_target("country", "XA"), find_target("article", "7")
    actions.change_digest(account=reader, frequency="off")
    actions.follow(account=reader, target=country)
    assert models.FollowDigest.objects.get().frequency == "weekly"
    actions.end_digest(account=reader)
    actions.follow(account=reader, target=article)
    assert models.FollowDigest.objects.get().frequency == "off"


def test_following_again_keeps_the_pause(reader):
    until = timezone.localdate() + timedelta(days=3)
    own = follow(reader, "country", "XA", paused_until=until)
    actions.follow(account=reader, target=find_target("country", "XA"), note="Another reason")
    own.refresh_from_db()
    assert (own.note, own.paused_until) == ("Another reason", until)


def test_a_pause_loses_nothing(reader):
    country = follow(reader, "country", "XA")
    today = timezone.localdate()
    actions.change_digest(account=reader, frequency="daily", paused_until=today + timedelta(days=3))
    make_measure("First")
    assert [send(0), send(2), send(3)] == [0, 0, 1]
    actions.change_follow(follow=country, note="", paused_until=today + timedelta(days=8))
    make_measure("Second")
    assert [send(5), send(7), send(8)] == [0, 0, 1]


def test_no_one_without_an_active_account_gets_a_digest(reader):
    follow(reader, "country", "XA")
    make_measure("First")
    type(reader).objects.filter(pk=reader.pk).update(is_active=False)
    assert send() == 0
    reader.refresh_from_db()  # as for a worker that began before
    events = queries.EventsByTarget(timezone.now() - timedelta(hours=1))
    assert actions._send_digest(reader, events, now=timezone.now()) == 0
    type(reader).objects.filter(pk=reader.pk).update(is_active=True)
    assert send() == 1  # nothing was lost


def test_a_digest_is_in_the_language_of_its_reader_and_names_no_one():
    reader = make_account()
    type(reader).objects.filter(pk=reader.pk).update(language="nb")
    actions.follow(account=reader, target=find_target("country", "XA"), note="Because Kari Nordmann asked me")
    owner = make_person(details={Field.NAME: "Kari Nordmann"})
    make_measure("Open a second shelter")
    assert run_following_tasks(now=timezone.now()) == {"follow_digests": 1}
    (body,) = bodies()
    assert "/nb/measures/" in body
    assert owner.public_id not in body
    assert "Kari" not in body


def test_one_click_ends_the_digest_without_signing_in(reader, client):
    follow(reader, "country", "XA")
    make_measure("First")
    assert send() == 1
    email = OutgoingEmail.objects.get()
    assert email.end_url in email.body
    path = email.end_url.partition("//")[2].partition("/")[2]
    assert client.get(f"/{path}").status_code == 200
    assert models.FollowDigest.objects.get().frequency == "weekly"  # opening the page ends nothing
    enforcing = Client(enforce_csrf_checks=True)
    assert enforcing.post(f"/{path}").status_code == 403
    assert enforcing.post(f"/{path}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert models.FollowDigest.objects.get().frequency == "off"
    assert reader.follows.count() == 1
    assert client.get(f"/{path.replace('end', 'xx')}").status_code == 404


def test_marks_are_deleted_once_no_follow_needs_them(reader):
    country, article = follow(reader, "country", "XA"), follow(reader, "article", 7)
    make_report()
    send()
    assert models.DeliveredEvent.objects.count() == 2
    actions.stop_following(follow=country)
    assert models.DeliveredEvent.objects.count() == 2  # the article is followed since an earlier moment
    actions.stop_following(follow=article)
    assert models.DeliveredEvent.objects.count() == 0
    models.DeliveredEvent.objects.create(account=reader, event="new/finding/1", at=timezone.now())
    actions.stop_following_everything(account=reader)
    assert models.DeliveredEvent.objects.count() == 0
