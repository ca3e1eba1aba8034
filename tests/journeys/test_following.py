"""Following with care, in a browser: a member follows a country, someone ends a digest, a reader reports a label."""

from __future__ import annotations

import re

import pytest

from tests.journeys.roles import Journey


@pytest.fixture
def journey(demo_site, open_page, axe):
    """Yield a journey that fails if a page it opened has an axe violation or is wider than its window."""
    walks = Journey(open_page, demo_site, axe)
    yield walks
    assert walks.faults() == {}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_member_follows_a_country_and_a_reader_reports_a_wrong_label(journey, language):
    member, owner, stranger, reviewer = (journey.visitor(language) for _ in range(4))
    member.become("editor")
    member.go("countries/XB/")
    member.take(member.main.locator("a[href*='/follow/country/']"))
    note = f"For our report, in {language}"
    member.fill(note=note)
    member.take(member.main.locator("form button"))
    assert member.reads("You follow this now.")
    assert member.sees(note)
    member.main.locator("[name=frequency]").select_option("daily")
    member.press("Save settings")
    assert member.reads("Saved.")
    member.follow("Edit or pause")
    member.fill(note="", paused_until="2031-05-01")
    member.press("Save")
    assert not member.sees(note)
    member.press("Stop following")
    assert member.reads("You no longer follow this.")

    # the link of a digest ends it without an account; opening it does nothing
    owner.become("reader@nordmark.example")
    owner.go("outbox/")
    link = re.search(r"/digest/[^/ ]+/end/", owner.main.inner_text())[0]
    stranger.go(link.strip("/") + "/")
    stranger.press("End digest")
    assert stranger.reads("You will no longer get this email. You can turn it on again after signing in.")

    stranger.go("findings/?state=XA")
    finding = stranger.main.locator("a[href*='/findings/']").last
    stranger.take(finding)
    stranger.follow("Report a wrong label")
    comment = f"The paragraph only invites, in {language}."
    stranger.fill(comment=comment)
    stranger.press("Send report")
    assert stranger.reads(
        "Thank you. A reviewer will look at this label. If it is changed, the history of the label says so."
    )
    reviewer.become("reviewer")
    reviewer.go("review/")
    reported = reviewer.main.locator("article.finding", has_text=comment)
    reviewer.press("Mark as dealt with", within=reported)
    assert not reviewer.sees(comment)
