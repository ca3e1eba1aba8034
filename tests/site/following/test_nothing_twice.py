"""Over any sequence of events, follows, pauses and digests, no event is told twice and none that is due is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsvar.site.following import actions, models, queries
from samsvar.site.following.events import FollowEvent, FollowEventKind
from samsvar.site.following.targets import find_target
from tests.factories.people import make_account

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STATES, ARTICLES = ("XA", "XB"), (7, 8)
TARGETS = (*(("country", code) for code in STATES), *(("article", str(number)) for number in ARTICLES))

steps = st.lists(
    st.one_of(
        # an event about a country and an article, known since some hours before this step: it became public late
        st.tuples(st.just("event"), st.sampled_from(STATES), st.sampled_from(ARTICLES), st.integers(0, 100)),
        st.tuples(st.just("follow"), st.sampled_from(TARGETS)),
        st.tuples(st.just("stop"), st.sampled_from(TARGETS)),
        st.tuples(st.just("pause"), st.sampled_from(TARGETS), st.integers(1, 9)),
        st.tuples(st.just("digest"), st.sampled_from(["off", "weekly", "daily"]), st.integers(0, 9)),
        st.tuples(st.just("days"), st.integers(1, 8)),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_nothing_is_told_twice_and_nothing_due_is_lost(states, history):
    with transaction.atomic():
        Run().play(history)
        transaction.set_rollback(True)


def test_a_run_tells_something(states):
    """The property above would hold if nothing were ever told."""
    run = Run()
    run.play([
        ("event", "XA", 7, 0), ("follow", ("country", "XA")), ("event", "XA", 7, 0), ("event", "XB", 8, 0),
        ("follow", ("article", "7")), ("pause", ("country", "XA"), 3), ("event", "XA", 7, 0), ("event", "XA", 8, 0),
        ("digest", "daily", 0), ("days", 1), ("days", 3), ("stop", ("country", "XA")), ("event", "XA", 8, 0),
    ])  # fmt: skip
    assert run.contents == [["new/0"], ["new/1", "new/3"], ["new/4"]]


class Run:
    """A run of one history, with what each digest contained."""

    def __init__(self) -> None:
        self.account = make_account()
        self.now = START
        self.events: list[FollowEvent] = []
        self.contents: list[list[str]] = []

    def play(self, history: list[tuple[Any, ...]]) -> None:
        with (
            mock.patch.object(queries, "find_events", lambda since: [one for one in self.events if one.at >= since]),
            mock.patch.object(queries, "render_digest", self.keep_content),
        ):
            for step in history:
                getattr(self, step[0])(*step[1:])
                self.send()
            # at last everything that is followed and not off can be told
            actions.change_digest(account=self.account, frequency="daily")
            self.account.follows.update(paused_until=None)
            self.days(8)
            self.send()
            due = {event.key for follow in self.account.follows.all() for event in self.due_of(follow)}
        told = [key for content in self.contents for key in content]
        assert len(told) == len(set(told))
        assert due <= set(told)
        assert set(told) <= {event.key for event in self.events}

    def keep_content(self, groups: list[queries.DigestGroup], _absolute: Any) -> str:
        self.contents.append([event.key for group in groups for event in group.events])
        return "news"

    def due_of(self, follow: models.Follow) -> list[FollowEvent]:
        """Return what a follow has to tell, by the rule itself: the events of its target since it began."""
        return [
            event
            for event in self.events
            if event.at >= follow.since
            and (event.state == follow.key or (follow.kind == "article" and int(follow.key) in event.articles))
        ]

    def send(self) -> None:
        actions.send_digests(now=self.now)

    def event(self, state: str, article: int, hours: int) -> None:
        self.events.append(
            FollowEvent(
                f"new/{len(self.events)}", FollowEventKind.NEW, self.now - timedelta(hours=hours),
                state=state, articles=frozenset({article}),
            )
        )  # fmt: skip

    def follow(self, target: tuple[str, str]) -> None:
        if not self.account.follows.filter(kind=target[0], key=target[1]).exists():
            follow = actions.follow(account=self.account, target=find_target(*target))
            models.Follow.objects.filter(pk=follow.pk).update(since=self.now)

    def stop(self, target: tuple[str, str]) -> None:
        if follow := self.account.follows.filter(kind=target[0], key=target[1]).first():
            actions.stop_following(follow=follow)

    def pause(self, target: tuple[str, str], days: int) -> None:
        if follow := self.account.follows.filter(kind=target[0], key=target[1]).first():
            until = self.now.date() + timedelta(days=days)
            actions.change_follow(follow=follow, note="", paused_until=until)

    def digest(self, frequency: str, days: int) -> None:
        until = self.now.date() + timedelta(days=days) if days else None
        actions.change_digest(account=self.account, frequency=frequency, paused_until=until)

    def days(self, number: int) -> None:
        self.now += timedelta(days=number)
