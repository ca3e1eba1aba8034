"""What the network achieved, by year, by pair of countries and by programme.

Each figure is the length of the list that it opens, so the two cannot differ. Someone who withdraws consent to be
counted leaves both at once. A pair of countries counts only what those concerned let be seen: a request that shows no
country is in the total, and in the line for pairs that are not shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from samsvar.exchange.adoptions import AdoptionStatus
from samsvar.exchange.introductions import IntroductionStatus
from samsvar.exchange.requests import HelpForm, RequestStatus, ShownAs
from samsvar.site.exchange.adoptions.models import Adoption
from samsvar.site.exchange.introductions.models import Introduction
from samsvar.site.exchange.practices.models import PracticeVersion
from samsvar.site.exchange.requests.models import HelpRequest, Reply
from samsvar.site.exchange.requests.queries import effective_shown_as
from samsvar.site.shell import hooks

_SHOWS_COUNTRY = {ShownAs.NAME, ShownAs.ORGANISATION, ShownAs.COUNTRY}
_HELPED = {RequestStatus.HELPED, RequestStatus.PARTLY}
_ADOPTED = (AdoptionStatus.TAKEN_UP, AdoptionStatus.WORKING)


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that counts: a request, a call, a visit or an adoption.

    `pairs` are the pairs of states (who asked or adopted, who helped) that may be shown, each once; none if no pair
    may. `funded` are the kinds and keys by which funding may be linked to it.
    """

    day: date
    pairs: tuple[tuple[str, str], ...]
    articles: tuple[str, ...] = ()
    title: str = ""  # of a practice; a request has none, because its text is for members
    language: str = ""
    practice: str = ""  # public ID
    help: str = ""
    status: str = ""
    funded: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its heading and the number of each kind of entry, in the order of `KINDS`."""

    key: str
    heading: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AchievementsPage:
    """The totals, the lines by pair of countries and by programme, and the years that there are."""

    year: int | None
    years: tuple[int, ...]
    totals: tuple[tuple[str, int], ...]
    pairs: tuple[tuple[tuple[str, str], tuple[int, ...]], ...]
    not_shown: tuple[int, ...]  # entries without a pair that may be shown
    programmes: tuple[Line, ...]


# --- The lists --------------------------------------------------------------------------------------------------------


def _counted_requests() -> Iterable[tuple[HelpRequest, Entry]]:
    counted = HelpRequest.objects.filter(counts=True).exclude(status=RequestStatus.WITHDRAWN)
    counted = counted.select_related("by__person").order_by("-at", "-pk")
    helpers: dict[int, set[str]] = defaultdict(set)
    replies = Reply.objects.filter(
        request__in=counted, is_asker=False, state__isnull=False, shown_as__in=_SHOWS_COUNTRY
    )
    for reply in replies.only("request_id", "state_id"):
        helpers[reply.request_id].add(reply.state_id or "")
    for request in counted:
        asker = (request.state_id or "") if effective_shown_as(request) in _SHOWS_COUNTRY else ""
        pairs = tuple((asker, helper) for helper in sorted(helpers[request.pk]) if asker and helper != asker)
        yield request, Entry(
            timezone.localdate(request.at), pairs, tuple(request.articles), status=request.status,
            help="", funded=(("finding", request.finding), ("measure", request.measure)),
        )  # fmt: skip


def all_requests() -> list[Entry]:
    """Return the requests for help whose askers let them count, newest first."""
    return [entry for _, entry in _counted_requests()]


def answered() -> list[Entry]:
    """Return those of the requests that someone has answered."""
    return [entry for request, entry in _counted_requests() if request.answered_at]


def helped() -> list[Entry]:
    """Return those of the requests whose askers say that the answer helped, at least in part."""
    return [entry for request, entry in _counted_requests() if request.status in _HELPED]


def _held(forms: Collection[HelpForm]) -> list[Entry]:
    """Return what took place. Once a side's data is erased, it still counts, without its countries."""
    may_count = Q(request=None) | Q(request__counts=True)
    held = Introduction.objects.filter(may_count, status=IntroductionStatus.TOOK_PLACE, help__in=list(forms))
    entries = []
    for introduction in held.select_related("request__by__person").order_by("-held_on", "-pk"):
        pair = (introduction.asker_state_id or "", introduction.helper_state_id or "")
        may_show = (
            introduction.request is not None
            and effective_shown_as(introduction.request) in _SHOWS_COUNTRY
            and introduction.helper_shown_as in _SHOWS_COUNTRY
        )
        is_pair = all(pair) and pair[0] != pair[1]
        entries.append(
            Entry(
                introduction.held_on or timezone.localdate(introduction.at),
                (pair,) if may_show and is_pair else (),
                tuple(introduction.articles),
                help=introduction.help,
                funded=(("meeting", introduction.meeting),),
            )
        )
    return entries


def calls() -> list[Entry]:
    """Return the calls that took place."""
    return _held([HelpForm.CALL])


def visits() -> list[Entry]:
    """Return the study visits and peer reviews that took place."""
    return _held([HelpForm.STUDY_VISIT, HelpForm.PEER_REVIEW])


def _adoptions(statuses: Iterable[str]) -> list[Entry]:
    adoptions = Adoption.objects.filter(status__in=list(statuses), is_public=True).select_related("practice", "measure")
    across = [
        adoption for adoption in adoptions.order_by("-at", "-pk") if adoption.state_id != adoption.practice.state_id
    ]
    versions = PracticeVersion.objects.filter(practice__in=[adoption.practice_id for adoption in across])
    newest = {version.practice_id: version.content for version in versions.order_by("practice_id", "number")}
    return [
        Entry(
            timezone.localdate(adoption.at), ((adoption.state_id, adoption.practice.state_id),),
            tuple(adoption.practice.articles),
            title=content["texts"][content["language"]]["title"], language=content["language"],
            practice=adoption.practice.public_id, status=adoption.status,
            funded=(
                ("practice", adoption.practice.public_id),
                ("measure", adoption.measure.public_id if adoption.measure else ""),
            ),
        )
        for adoption in across
        if (content := newest.get(adoption.practice_id))
    ]  # fmt: skip


def adopted() -> list[Entry]:
    """Return the practices that another country has taken up, as those concerned made public."""
    return _adoptions(_ADOPTED)


def given_up() -> list[Entry]:
    """Return the practices that another country took up and gave up: what did not work there is worth knowing."""
    return _adoptions([AdoptionStatus.GIVEN_UP])


KINDS: Mapping[str, Callable[[], list[Entry]]] = {
    "asked": all_requests,
    "answered": answered,
    "helped": helped,
    "calls": calls,
    "visits": visits,
    "adopted": adopted,
    "given_up": given_up,
}


# --- The page ---------------------------------------------------------------------------------------------------------


def entries_of(
    kind: str, *, year: int | None = None, pair: tuple[str, str] | None = None, programme: str = ""
) -> list[Entry]:
    """Return the list that a figure opens. `pair` is (who asked, who helped), ("", "") for pairs that are not shown."""
    entries = [entry for entry in KINDS[kind]() if year is None or entry.day.year == year]
    if pair is not None:
        entries = [entry for entry in entries if (pair in entry.pairs if any(pair) else not entry.pairs)]
    if programme:
        funded = _programmes(entries)
        entries = [entry for entry in entries if any(slug == programme for slug, _ in _programmes_of(entry, funded))]
    return entries


def achievements(year: int | None) -> AchievementsPage:
    """Return what the network achieved in a year, or in all years."""
    every = {kind: find() for kind, find in KINDS.items()}
    lists = {
        kind: [entry for entry in entries if year is None or entry.day.year == year] for kind, entries in every.items()
    }
    pairs = sorted({pair for entries in lists.values() for entry in entries for pair in entry.pairs})
    funded = _programmes([entry for entries in lists.values() for entry in entries])
    titles = {slug: title for programmes in funded.values() for slug, title in programmes}
    return AchievementsPage(
        year=year,
        years=tuple(sorted({entry.day.year for entries in every.values() for entry in entries}, reverse=True)),
        totals=tuple((kind, len(entries)) for kind, entries in lists.items()),
        pairs=tuple(
            (pair, tuple(sum(pair in entry.pairs for entry in entries) for entries in lists.values())) for pair in pairs
        ),
        not_shown=tuple(sum(not entry.pairs for entry in entries) for entries in lists.values()),
        programmes=tuple(
            Line(
                slug,
                title,
                tuple(
                    sum(any(slug == other for other, _ in _programmes_of(entry, funded)) for entry in entries)
                    for entries in lists.values()
                ),
            )
            for slug, title in sorted(titles.items(), key=lambda pair: pair[1])
        ),
    )


type Programmes = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]


def _programmes(entries: Iterable[Entry]) -> Programmes:
    """Return the programmes, as (slug, title), that funded what the entries are linked to, by kind and key."""
    keys: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        for kind, key in entry.funded:
            if key:
                keys[kind].add(key)
    programmes_by_thing: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    for kind, some in keys.items():
        for provider in hooks.providers("programmes"):
            programmes_by_thing |= {(kind, key): programmes for key, programmes in provider(kind, some).items()}
    return programmes_by_thing


def _programmes_of(entry: Entry, funded: Programmes) -> set[tuple[str, str]]:
    return {programme for thing in entry.funded for programme in funded.get(thing, ())}


def exchange_panel(_key: str) -> tuple[str, dict[str, str]]:
    """Return the panel of the exchange's page, which links to this one."""
    return "exchange/achievements/_exchange.html", {}


def network_panel(slug: str) -> tuple[str, dict[str, str]]:
    """Return the panel of a network's page: what its members can do together here."""
    return "exchange/achievements/_network.html", {"network": slug}
