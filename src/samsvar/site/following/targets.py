"""The things that can be followed: finding one that is public, its name in the reader's language, and its page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samsvar.search.query import MatchAll
from samsvar.site.convention.models import State
from samsvar.site.exchange.practices.models import Practice, PracticeVersion
from samsvar.site.exchange.practices.queries.content import choose_shown_text
from samsvar.site.following.models import Follow, FollowKind
from samsvar.site.following.searches import describe_search, search_key
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.permissions import is_public
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, Report
from samsvar.site.search.params import SearchParams, canonical_params
from samsvar.site.shell.templatetags.samsvar import article_title, state_name

MAX_QUERY_STRING = 2_000  # characters; a search has at most 500 for its words and 30 filters


@dataclass(frozen=True, slots=True)
class FollowTarget:
    """A thing that can be followed; `key` and `query` are as in `Follow`."""

    kind: FollowKind
    key: str
    query: str = ""

    @property
    def path(self) -> str:
        """The path of its page, in the active language."""
        match self.kind:
            case FollowKind.FINDING:
                return reverse("monitoring:finding", args=[self.key])
            case FollowKind.MEASURE:
                return reverse("implementation:measure", args=[self.key])
            case FollowKind.PRACTICE:
                return reverse("exchange:practice", args=[self.key])
            case FollowKind.SEARCH:
                return f"{reverse('search:search')}?{self.query}"
            case FollowKind.ARTICLE:
                return reverse("pages:article", args=[self.key])
            case FollowKind.COUNTRY:
                return reverse("pages:country", args=[self.key])

    @property
    def follow_path(self) -> str:
        """The path of the page where a person can follow it."""
        if self.kind is FollowKind.SEARCH:
            return f"{reverse('following:follow-search')}?{self.query}"
        return reverse("following:follow", args=[self.kind, self.key])

    @property
    def feed_path(self) -> str:
        """The path of its Atom feed, which is the same for everyone."""
        if self.kind is FollowKind.SEARCH:
            return f"{reverse('search:feed')}?{self.query}"
        return reverse("following:feed", args=[self.kind, self.key])

    @property
    def name(self) -> str:
        """Its name in the active language; "" for something that is no longer public. One query, or none."""
        match self.kind:
            case FollowKind.FINDING:
                return _cite(Finding.objects.filter(public_id=self.key))
            case FollowKind.MEASURE:
                return (
                    Measure.objects.filter(is_public(), public_id=self.key).values_list("title", flat=True).first()
                    or ""
                )
            case FollowKind.PRACTICE:
                version = PracticeVersion.objects.filter(practice__public_id=self.key).order_by("-number").first()
                if version is None:
                    return ""
                title: str = choose_shown_text(version.content, get_language() or "en").fields["title"]
                return title
            case FollowKind.SEARCH:
                return describe_search(self.query)
            case FollowKind.ARTICLE:
                return _("Article %(number)s") % {"number": self.key} + f" – {article_title(self.key)}"
            case FollowKind.COUNTRY:
                return state_name(self.key)

    def find_name(self) -> tuple[str, bool]:
        """Return its name, and whether it is public.

        A finding that was withdrawn keeps its name, because its page says why; of anything else that is no longer
        public it is "". Two queries at most.
        """
        if name := self.name:
            return name, True
        if self.kind is not FollowKind.FINDING:
            return "", False
        return _cite(Finding.everything.filter(public_id=self.key, report__status=Report.Status.WITHDRAWN)), False

    def is_over(self) -> bool:
        """Return whether nothing more is expected of it: a finished measure or a retired practice. One query."""
        match self.kind:
            case FollowKind.MEASURE:
                measure = Measure.objects.filter(public_id=self.key).first()
                return measure is not None and measure.stage in OVER_STAGES
            case FollowKind.PRACTICE:
                return Practice.objects.filter(public_id=self.key).exclude(retired_reason="").exists()
            case _:
                return False


def _cite(findings: QuerySet[Finding]) -> str:
    """Return the country and the citation of the first finding; "" for none."""
    finding = findings.defer("boxes", "pages").first()
    if finding is None:
        return ""
    country = state_name(finding.state_id) if finding.state_id else ""
    return ", ".join(filter(None, (country, short_citation(finding))))


OVER_STAGES = ("done", "stopped")


def find_target(kind: str, key: str) -> FollowTarget | None:
    """Return what has this kind and key, or None if there is no such thing or it is not public. One query."""
    match kind:
        case FollowKind.FINDING:
            exists = Finding.objects.filter(public_id=key).exists()
        case FollowKind.MEASURE:
            exists = Measure.objects.filter(is_public(), public_id=key).exists()
        case FollowKind.PRACTICE:
            exists = Practice.objects.filter(public_id=key, published_version__isnull=False).exists()
        case FollowKind.ARTICLE:
            exists = article_title(key) != ""
        case FollowKind.COUNTRY:
            exists = State.objects.filter(code=key).exists()
        case _:
            return None
    return FollowTarget(FollowKind(kind), key) if exists else None


def find_search(params: QueryDict) -> FollowTarget | None:
    """Return the search with these parameters of its page, or None if it searches for nothing."""
    query = canonical_params(params)
    search = SearchParams.from_params(params)
    if len(query) > MAX_QUERY_STRING or (isinstance(search.query.tree, MatchAll) and not search.filters):
        return None
    return FollowTarget(FollowKind.SEARCH, search_key(query), query)


def target_of(follow: Follow) -> FollowTarget:
    return FollowTarget(FollowKind(follow.kind), follow.key, follow.query)
