"""Queries for what a person follows, what their digest says, and how much a follow would have told them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext

from samsvar.implementation.measures import Stage
from samsvar.search.errors import SearchError
from samsvar.search.items import SearchItem
from samsvar.site.exchange.practices.models import PracticeVersion
from samsvar.site.exchange.practices.queries.content import choose_shown_text
from samsvar.site.following import labels
from samsvar.site.following.events import (
    BEGINNING,
    FollowEvent,
    FollowEventKind,
    find_events,
    search_events,
)
from samsvar.site.following.models import DeliveredEvent, DigestFrequency, Follow, FollowDigest, FollowKind
from samsvar.site.following.searches import count_matches
from samsvar.site.following.targets import FollowTarget, find_target, target_of
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.accounts.end_links import EndLinks
from samsvar.site.search.queries import hit_link
from samsvar.site.shell.labels import COLON, enum_label, find_label
from samsvar.site.shell.templatetags.samsvar import state_name

log = logging.getLogger(__name__)

MAX_FOLLOWS = 100  # of one account; more would make a digest that no one reads
EVENTS_SHOWN = 10  # of each follow in one digest; the others are counted and linked
MAX_EVENTS_SHOWN = 100  # in one digest
MANY_A_WEEK = 20  # events: above that, the page warns before someone follows
BETWEEN_DIGESTS = {DigestFrequency.DAILY: timedelta(days=1), DigestFrequency.WEEKLY: timedelta(days=7)}
WORDS_SHOWN = 160  # characters of a finding or a paragraph


# --- Before following -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExpectedNews:
    """How many events someone who follows a target would have been told of."""

    week: int
    year: int
    ever: int
    matches: int | None = None  # of a search: the items that match it now

    @property
    def is_much(self) -> bool:
        return self.week > MANY_A_WEEK


def expected_news(target: FollowTarget, now: datetime) -> ExpectedNews | None:
    """Return how many events a target has had in the last 7 days, in the last 365 days and in all.

    None for a search that cannot be run now.
    """
    try:
        moments = [event.at for event in find_events(BEGINNING, target)]
        matches = count_matches(target.query) if target.kind is FollowKind.SEARCH else None
    except SearchError:
        return None
    week, year = (sum(at >= now - timedelta(days=days) for at in moments) for days in (7, 365))
    return ExpectedNews(week, year, len(moments), matches)


# --- What a person follows --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListedFollow:
    """A follow with what it is about, and its name as `FollowTarget.find_name` returns it."""

    follow: Follow
    target: FollowTarget
    name: str
    is_public: bool
    is_over: bool


def list_follows(account: Account) -> list[ListedFollow]:
    """Return what an account follows, in the order in which a digest tells it. Two queries for each at most."""
    listed = []
    for follow in sorted_follows(account.follows.all()):
        target = target_of(follow)
        listed.append(ListedFollow(follow, target, *target.find_name(), target.is_over()))
    return listed


def sorted_follows(follows: Iterable[Follow]) -> list[Follow]:
    """Sort follows by kind, the most specific first, then by age."""
    kinds = list(FollowKind)
    return sorted(follows, key=lambda follow: (kinds.index(FollowKind(follow.kind)), follow.pk))


def find_own_follow(account: Account, pk: int) -> Follow | None:
    return Follow.objects.filter(account=account, pk=pk).first()


def find_follow(account: Account, target: FollowTarget) -> Follow | None:
    return Follow.objects.filter(account=account, kind=target.kind, key=target.key).first()


# --- The digest -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DigestGroup:
    """What a digest says about one follow: its events, most important first, and whether it is over."""

    target: FollowTarget
    events: tuple[FollowEvent, ...]

    @property
    def is_over(self) -> bool:
        own = f"{self.target.kind}/{self.target.key}"
        return any(event.ends and (not event.item or event.item == own) for event in self.events)


class EventsByTarget:
    """The events since a moment, found once for the digests of everyone, outside their transactions.

    A search that cannot be run now has no events; they are found when it can be run again.
    """

    def __init__(self, since: datetime, searches: Iterable[FollowTarget] = ()) -> None:
        self._events = find_events(since)
        self._by_item: Mapping[str, list[FollowEvent]] = self._group(lambda event: [event.item])
        self._by_state: Mapping[str, list[FollowEvent]] = self._group(lambda event: [event.state])
        self._by_article: Mapping[str, list[FollowEvent]] = self._group(lambda event: map(str, event.articles))
        self._searches: dict[str, list[FollowEvent]] = {}
        for search in {search.key: search for search in searches}.values():
            try:
                self._searches[search.key] = list(search_events(search, self._events, since))
            except SearchError as error:
                log.error("a followed search could not be run: %s", type(error).__name__)  # without its words

    def _group(self, keys: Callable[[FollowEvent], Iterable[str]]) -> Mapping[str, list[FollowEvent]]:
        groups: dict[str, list[FollowEvent]] = defaultdict(list)
        for event in self._events:
            for key in keys(event):
                groups[key].append(event)
        return groups

    def of(self, target: FollowTarget) -> list[FollowEvent]:
        """Return the events of a target."""
        match target.kind:
            case FollowKind.COUNTRY:
                return self._by_state.get(target.key, [])
            case FollowKind.ARTICLE:
                return self._by_article.get(target.key, [])
            case FollowKind.SEARCH:
                return self._searches.get(target.key, [])
            case _:
                return self._by_item.get(f"{target.kind}/{target.key}", [])


def digest_groups(
    follows: Iterable[Follow], events: EventsByTarget, delivered: Collection[str], *, now: datetime
) -> list[DigestGroup]:
    """Return what a digest of these follows of one person tells: each event since its follow that was not told before.

    An event that several follows concern is told once, under the most specific. A paused follow waits: its events are
    told once the pause has ended.
    """
    marks = set(delivered)
    groups = []
    for follow in sorted_follows(follows):
        if follow.paused_until is not None and timezone.localtime(now).date() < follow.paused_until:
            continue
        target = target_of(follow)
        due = [event for event in events.of(target) if event.at >= follow.since and event.key not in marks]
        if follow.kind != FollowKind.SEARCH and find_target(follow.kind, follow.key) is None:
            gone = FollowEvent(f"not-public/{follow.kind}/{follow.key}", FollowEventKind.NOT_PUBLIC, now)
            due += [gone] if gone.key not in marks else []
        unique = {event.key: event for event in due}
        marks |= unique.keys()
        if unique:
            groups.append(DigestGroup(target, tuple(sorted(unique.values(), key=lambda event: event.order))))
    return groups


def is_due(digest: FollowDigest, day: date) -> bool:
    """Return whether a digest may be sent on a day: none while it is off or paused, and not too soon after the last."""
    if digest.frequency == DigestFrequency.OFF or (digest.paused_until is not None and day < digest.paused_until):
        return False
    between = BETWEEN_DIGESTS[DigestFrequency(digest.frequency)]
    return digest.last_sent_on is None or day >= digest.last_sent_on + between


def delivered_keys(account: Account) -> set[str]:
    return set(DeliveredEvent.objects.filter(account=account).values_list("event", flat=True))


# --- Ending the digest without signing in -----------------------------------------------------------------------------

end_links = EndLinks("samsvar.following.digest")


# --- Events in words --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventText:
    """An event in the active language: what happened, the words of its subject in their own language, and its page."""

    title: str
    words: str
    language: str  # of the words; "" without any
    path: str


def describe_event(event: FollowEvent, target: FollowTarget) -> EventText:
    """Return an event in the active language; `target` is the follow or the feed under which it is told."""
    kind = str(enum_label(event.kind))
    match event.subject:
        case Finding() as finding:
            place = _cite(finding.state_id or "", finding)
            if event.later:
                place = pgettext("event of a finding", "%(finding)s, by %(later)s") % {
                    "finding": place, "later": short_citation(event.later),
                }  # fmt: skip
            path = reverse("monitoring:finding", args=[finding.public_id])
            return EventText(f"{kind}{COLON} {place}", _shorten(finding.text), finding.language, path)
        case Measure() as measure:
            stage = enum_label(Stage(event.stage))
            title = pgettext("event of a measure", "%(event)s: measure of %(state)s (%(stage)s)") % {
                "event": kind, "state": state_name(event.state), "stage": stage,
            }  # fmt: skip
            path = reverse("implementation:measure", args=[measure.public_id])
            return EventText(title, measure.title, measure.language, path)
        case PracticeVersion() as version:
            text = choose_shown_text(version.content, get_language() or "en")
            title = pgettext("event of a practice", "%(event)s: practice from %(state)s") % {
                "event": kind, "state": state_name(event.state),
            }  # fmt: skip
            path = reverse("exchange:practice", args=[version.practice.public_id])
            return EventText(title, text.fields["title"], text.language, path)
        case None:
            name = target.find_name()[0] or enum_label(target.kind)
            return EventText(f"{kind}{COLON} {name}", "", "", target.path)
        case item:
            path = hit_link(item)[0]
            return EventText(f"{kind}{COLON} {_cite(event.state, item)}", _shorten(item.text), item.language, path)


def render_digest(groups: Iterable[DigestGroup], absolute: Callable[[str], str]) -> str:
    """Return the groups as plain text, each with a heading and at most `EVENTS_SHOWN` events; the others are linked.

    `absolute` turns a path into an address.
    """
    texts, remaining = [], MAX_EVENTS_SHOWN
    for group in groups:
        shown = group.events[: min(EVENTS_SHOWN, remaining)]
        remaining -= len(shown)
        texts.append("\n".join(_group_lines(group, shown, absolute)))
    return "\n\n".join(texts)


def _group_lines(group: DigestGroup, shown: Sequence[FollowEvent], absolute: Callable[[str], str]) -> Iterator[str]:
    name, kind = group.target.find_name()[0], str(enum_label(group.target.kind))
    is_named = group.target.kind is FollowKind.ARTICLE  # its name begins with the word
    yield name if is_named else f"{kind}{COLON} {name}" if name else kind
    for event in shown:
        text = describe_event(event, group.target)
        yield f"- {text.title}"
        if text.words:
            yield f"  {text.words}"
        if event.kind is not FollowEventKind.NOT_PUBLIC or name:  # the page of a withdrawn finding says why
            yield f"  {absolute(text.path)}"
    if more := len(group.events) - len(shown):
        text_of_more = ngettext("and %(number)s more:", "and %(number)s more:", more) % {"number": more}
        yield f"- {text_of_more} {absolute(group.target.path)}"
    if group.is_over:
        yield str(find_label(labels.OVER_TEXTS, group.target.kind))


def _cite(state: str, cited: Finding | SearchItem) -> str:
    return ", ".join(filter(None, (state_name(state) if state else "", short_citation(cited))))


def _shorten(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= WORDS_SHOWN else words[:WORDS_SHOWN].rsplit(" ", 1)[0] + " …"
