"""Everybody whom a meeting concerns, written to once each: when it is cancelled, held after all, or moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from samsvar.meetings.meeting import Access
from samsvar.meetings.registration import Standing
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import can_see
from samsvar.site.meetings.meeting.queries.facts import when_and_where
from samsvar.site.meetings.programme.queries import draft as programme
from samsvar.site.meetings.registration.actions.emails import (
    address_of,
    language_of_head,
    link_of,
    own_link,
    title_of,
)
from samsvar.site.meetings.registration.queries.own import open_invitations
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.emails.actions import post_letter


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody to write to: where, in which language, and the page on which they see how it stands ("" : none)."""

    to: str
    language: str
    page: str
    account: Account | None = None


def write_to_everybody(
    meeting: models.Meeting, kind: str, *, site: str, why: str, before: models.Meeting | None = None
) -> int:
    """One letter to each who has a place or waits for one, is named, invited, heads a delegation, or speaks.

    `before` is the meeting as it was, where its days or its place change. How many letters were written.
    """
    reached: set[str] = set()
    for one in concerned(meeting, site):
        if one.to.lower() in reached:
            continue
        reached.add(one.to.lower())
        with override(one.language):
            because = " " + _("Those who run it say why: %(why)s") % {"why": why} if why else ""
            said = when_and_where(meeting, one.language)
            was = when_and_where(before, one.language) if before is not None else ""
        post_letter(
            to=one.to,
            kind=f"meetings/{kind}",
            context={
                "meeting": title_of(meeting, one.language), "when": said, "before": was, "because": because,
                "page_url": one.page,
            },
            host=urlsplit(site).netloc,
            language=one.language,
            account=one.account,
        )  # fmt: skip
    return len(reached)


def concerned(meeting: models.Meeting, site: str) -> Iterator[Concerned]:
    """Whoever is to be told, the page that is most their own first; somebody may come twice."""
    yield from _registered(meeting, site)
    yield from _invited(meeting, site)
    for head in meeting.delegations.exclude(head_email="").select_related("head__account", "meeting"):
        language = language_of_head(head)
        yield Concerned(head.head_email, language, link_of(head, site=site, language=language))
    yield from _speaking(meeting, site)


def _registered(meeting: models.Meeting, site: str) -> Iterator[Concerned]:
    over = [one.value for one in Standing if one.is_over]
    rows = meeting.registrations.exclude(standing__in=over).select_related("person__account", "invitation", "meeting")
    for row in rows.order_by("pk"):
        if address := address_of(row):
            account = row.person.account if row.person is not None else None
            yield Concerned(address, row.language, own_link(row, site=site), account)


def _invited(meeting: models.Meeting, site: str) -> Iterator[Concerned]:
    rows = meeting.invitations.filter(open_invitations(timezone.now()), registration__isnull=True)
    for row in rows.select_related("meeting"):
        yield Concerned(row.email, row.language, link_of(row, site=site, language=row.language))


def _speaking(meeting: models.Meeting, site: str) -> Iterator[Concerned]:
    """Whom the programme names in a session that is held, and who has offered something that is not refused."""
    stands = Q(session__state=models.Session.State.READY) | Q(session__contribution__isnull=False)
    keys = models.Appearance.objects.filter(stands, session__meeting=meeting, person__isnull=False)
    offers = models.Contribution.objects.filter(
        call__meeting=meeting, state__in=(models.Contribution.State.OFFERED, models.Contribution.State.ACCEPTED)
    ).select_related("account", "link", "person")
    wanted = {*keys.values_list("person", flat=True), *(one.person_id for one in offers)}
    people = programme.persons(one for one in wanted if one is not None)
    views = participants_for(None, people, subject=f"meeting {meeting.public_id}", fields=(Field.EMAIL,))
    asked = {one.person_id: one for one in meeting.speaker_links.filter(person__in=people).select_related("meeting")}
    spoken = dict(meeting.registrations.filter(person__in=people).values_list("person", "language"))
    known = {one.account.pk: one.account for one in [*people, *offers] if one.account is not None}
    for account in [one for _pk, one in sorted(known.items()) if one.is_active]:
        language = account.language or "en"
        page = _page(meeting, site, language) if can_see(account, meeting) else ""
        yield Concerned(account.email, language, page, account)
    for one in offers:
        if one.link is not None:
            yield Concerned(one.link.email, one.link.language, _public_page(meeting, site, one.link.language))
    for person in people:
        if person.account is None and person.pk in views and views[person.pk].email:
            link, language = asked.get(person.pk), spoken.get(person.pk) or "en"
            if link is not None and person.pk not in spoken:
                yield Concerned(link.email, link.language, link_of(link, site=site, language=link.language))
            else:
                yield Concerned(views[person.pk].email, language, _public_page(meeting, site, language))


def _public_page(meeting: models.Meeting, site: str, language: str) -> str:
    return _page(meeting, site, language) if meeting.access == Access.PUBLIC else ""


def _page(meeting: models.Meeting, site: str, language: str) -> str:
    with override(language):
        return urljoin(site, reverse("meetings:meeting", args=[meeting.public_id]))
