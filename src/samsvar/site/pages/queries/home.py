"""Queries for the home page and the map; they return frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import pgettext

from samsvar.site.convention import models as convention
from samsvar.site.convention.queries import cached_events, cached_statuses
from samsvar.site.convention.query_params import OPENED_FOR_SIGNATURE, RequestedDay
from samsvar.site.implementation.permissions import managed_states
from samsvar.site.meetings.meeting.queries.meetings import next_meeting
from samsvar.site.meetings.models import Meeting
from samsvar.site.monitoring import models as monitoring
from samsvar.site.network.access.permissions import User
from samsvar.site.pages.queries.shared import ANONYMOUS, document_kind
from samsvar.site.pages.status_table import (
    MapSquare,
    StatusCount,
    StatusRow,
    build_map_squares,
    count_statuses,
    status_change_dates,
    status_row,
)
from samsvar.site.shell import labels
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.labels import Label
from samsvar.territories import is_fictional, territory_name
from samsvar.text import fold


@dataclass(frozen=True, slots=True)
class NewsItem:
    """An item in the list “What is new” on the home page."""

    day: str
    title: str
    label: Label
    href: str
    fictional: bool


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A treaty event whose exact date is the date of the map."""

    state: str
    kind: str


@dataclass(frozen=True, slots=True)
class MapPage:
    """The map for one date, with the same data as a table. Only states on the map are counted."""

    day: date
    today: date
    on_param: str
    first_day: date
    squares: tuple[MapSquare, ...]
    counts: tuple[StatusCount, ...]
    rows: tuple[StatusRow, ...]
    fictional: tuple[StatusRow, ...]
    changes: tuple[StatusChange, ...]
    previous_change: date | None
    next_change: date | None
    change_day_numbers: tuple[int, ...]  # days since `first_day`, for the slider
    error: ErrorText | None

    @property
    def day_number(self) -> int:
        return (self.day - self.first_day).days

    @property
    def last_day_number(self) -> int:
        return (self.today - self.first_day).days


@dataclass(frozen=True, slots=True)
class HomePage:
    map: MapPage
    news: tuple[NewsItem, ...]
    next_meeting: Meeting | None
    desks: tuple[str, ...]  # states whose desk the user belongs to


def home_page(*, requested: RequestedDay, language: str, user: User = ANONYMOUS) -> HomePage:
    """Return the map, the news and the next meeting visible to the user, in five queries."""
    return HomePage(
        map_page(requested=requested, language=language),
        _latest_news(language),
        next_meeting(user, timezone.now().date()),
        tuple(managed_states(user)),
    )


def map_page(*, requested: RequestedDay, language: str) -> MapPage:
    """Return the status of every state on the requested date.

    This takes one query for the change number and, only after a change, one for the events.
    """
    events, statuses = cached_events(), cached_statuses(requested.day)
    tiles = build_map_squares(statuses, language)
    on_the_map = {square.code for square in tiles}
    rows = sorted(
        (status_row(code, statuses.get(code), language) for code in on_the_map | set(statuses)), key=_name_sort_key
    )
    days = status_change_dates(event for event in events if event.state in on_the_map)
    return MapPage(
        day=requested.day,
        today=requested.today,
        on_param=requested.on_param,
        first_day=OPENED_FOR_SIGNATURE,
        squares=tiles,
        counts=count_statuses(tiles),
        rows=tuple(table_row for table_row in rows if not table_row.fictional and _is_in_table(table_row, on_the_map)),
        fictional=tuple(table_row for table_row in rows if table_row.fictional),
        changes=tuple(
            StatusChange(event.state, event.kind.value)
            for event in events
            if event.date
            and event.date.precision == "day"
            and event.date.earliest == requested.day
            and event.state in on_the_map
        ),
        previous_change=max((day for day in days if day < requested.day), default=None),
        next_change=min((day for day in days if requested.day < day <= requested.today), default=None),
        change_day_numbers=tuple(
            (day - OPENED_FOR_SIGNATURE).days for day in days if OPENED_FOR_SIGNATURE <= day <= requested.today
        ),
        error=requested.error,
    )


def _is_in_table(table_row: StatusRow, on_the_map: set[str]) -> bool:
    """Return whether the state is on the map or has taken a treaty action (Canada, for example, is not on the map)."""
    return table_row.code in on_the_map or table_row.status != "none"


def _name_sort_key(table_row: StatusRow) -> str:
    return fold(table_row.name)


NEWS_ITEMS = 6  # items on the home page
NEWS_NAME_LENGTH = 80  # characters of a reference, a title or a file name


def _latest_news(language: str) -> tuple[NewsItem, ...]:
    """Return the latest processed reports, documents and treaty events, newest first, without unverified ones."""
    reports = monitoring.Report.objects.select_related("document").order_by("-published_at")[: NEWS_ITEMS // 2]
    documents = (
        monitoring.Document.objects.filter(report=None, origin__in=("catalogue", "hudoc"))
        .exclude(published="")
        .exclude(confidence="from-memory")
        .order_by("-published", "public_id")[:NEWS_ITEMS]
    )
    events = (
        convention.TreatyEvent.objects.exclude(confidence="from-memory")
        .exclude(day="")
        .exclude(kind="domestic_event")
        .order_by("-day", "public_id")[:NEWS_ITEMS]
    )
    news = [
        *(
            _news_item(
                "report_read_in", (report.published_at or report.read_at).date().isoformat(), report.document.state_id,
                _report_label(report), reverse("monitoring:report", args=[report.public_id]), language,
            )
            for report in reports
        ),
        *(
            _news_item(
                "published", document.published, document.state_id, _document_label(document),
                _country_url(document.state_id), language,
            )
            for document in documents
        ),
        *(
            _news_item(
                "treaty_event", event.day, event.state_id, labels.find_label(labels.EVENTS, event.kind),
                _country_url(event.state_id), language,
            )
            for event in events
        ),
    ]  # fmt: skip
    return tuple(sorted(news, key=lambda line: line.day, reverse=True)[:NEWS_ITEMS])


def _news_item(kind: str, day: str, state: str | None, label: Label, href: str, language: str) -> NewsItem:
    title = f"{territory_name(state, language)}{pgettext('after a name', ':')} {label}" if state else str(label)
    return NewsItem(day, title, labels.find_label(labels.NEWS, kind), href, is_fictional(state))


def _country_url(state: str | None) -> str:
    return reverse("pages:country", args=[state]) if state else reverse("pages:about-data")


def _report_label(report: monitoring.Report) -> str:
    """Return the body and the kind of a report, and its reference, its title or the name of its file."""
    document = report.document
    name = document.reference or document.title or report.filename
    return ", ".join((_document_label(document), Truncator(name).chars(NEWS_NAME_LENGTH)))


def _document_label(document: monitoring.Document) -> str:
    kind = labels.find_label(labels.DOCUMENT_KINDS, document_kind(document.kind, document.procedure))
    return ", ".join(filter(None, (str(labels.find_label(labels.BODIES, document.body)), str(kind))))
