"""Send emails about registrations, and make the links in them."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urljoin, urlsplit

from django.core.signing import Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext, override

from samsvar.languages import INTERFACE
from samsvar.meetings.registration import Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.queries.facts import told_to_the_invited
from samsvar.site.meetings.registration.queries.questions import still_to_answer
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.emails.actions import post_letter
from samsvar.site.shell.templatetags.samsvar import day

# --- Links, letters, the trail ----------------------------------------------------------------------------------------

type Linked = models.Registration | models.MeetingInvitation | models.Delegation | models.SpeakerLink

LETTER_OF = {Standing.CONFIRMED: "confirmed", Standing.ASKED: "asked", Standing.WAITING: "waiting"}


def token_of(row: Linked) -> str:
    """The token of a row's link: made of its public id with the site's secret, so that a later letter has the same.

    The database holds what the token hashes to, and no page shows a public id where the token would open something.
    """
    return Signer(salt=f"samsvar.meetings.{type(row).__name__}").signature(row.public_id).replace("=", "")


def title_of(meeting: models.Meeting, language: str) -> str:
    """The meeting's title in a language, or else in its first one."""
    titles = meeting.title
    return str(titles.get(language) or next((titles[one] for one in meeting.languages if titles.get(one)), ""))


def link_of(row: Linked, *, site: str, language: str) -> str:
    """The address of a row's page, in a language."""
    names = {
        models.Registration: "meetings:registration-link",
        models.MeetingInvitation: "meetings:invitation",
        models.Delegation: "meetings:delegation",
        models.SpeakerLink: "meetings:speaking",
    }
    with override(language):
        path = reverse(names[type(row)], kwargs={"slug": row.meeting.public_id, "token": token_of(row)})
    return urljoin(site, path)


def write_to(row: models.Registration, kind: str, *, site: str, **says: str) -> None:
    """A letter to whoever it is about, with a link and no details of theirs; none where nobody has an address."""
    address, language = address_of(row), row.language
    if not address:
        return
    if kind == "confirmed" and still_to_answer(row.meeting, [row.pk]):
        kind = "confirmed_and_asked"
    post_letter(
        to=address,
        kind=f"meetings/{kind}",
        context={
            "meeting": title_of(row.meeting, language),
            "page_url": own_link(row, site=site),
            **told_to_the_invited(row.meeting, language),
            **says,
        },
        host=urlsplit(site).netloc,
        language=language,
        account=row.person.account if row.person is not None else None,
    )


def own_link(row: models.Registration, *, site: str) -> str:
    """The page of somebody's own registration: behind their account, or by their link."""
    if row.person is None or row.person.account_id is None:
        return link_of(row, site=site, language=row.language)
    with override(row.language):
        return urljoin(site, reverse("meetings:mine-registration", kwargs={"slug": row.meeting.public_id}))


def write_link(
    row: models.MeetingInvitation | models.Delegation, to: str, kind: str, language: str, until: datetime, *, site: str
) -> None:
    """A letter with the link of an invitation or a delegation, and the day until which it can be answered."""
    with override(language):
        said = day(until.date())
        count = getattr(row, "places", 0)
        places = ngettext("%(places)s place", "%(places)s places", count) % {"places": count}
    post_letter(
        to=to,
        kind=f"meetings/{kind}",
        context={
            "meeting": title_of(row.meeting, language),
            "until": said,
            "places": places,
            "page_url": link_of(row, site=site, language=language),
            **told_to_the_invited(row.meeting, language),
        },
        host=urlsplit(site).netloc,
        language=language,
    )


def write_head(delegation: models.Delegation, kind: str, *, site: str) -> None:
    """A letter to the head of a delegation, in their language; none where no address is known."""
    if delegation.head_email:
        language, until = language_of_head(delegation), delegation.nominate_until or timezone.now()
        write_link(delegation, delegation.head_email, kind, language, until, site=site)


def tell_head(row: models.Registration, *, site: str) -> None:
    """News to the head that somebody whom they named does not come; who it is stands on their page alone."""
    if row.delegation is not None:
        write_head(row.delegation, "delegation_news", site=site)


def language_of_head(delegation: models.Delegation) -> str:
    """The language that was chosen for the head; else that of their account, else the meeting's first that we speak."""
    if delegation.language:
        return delegation.language
    account = delegation.head.account if delegation.head is not None else None
    account = account or Account.objects.filter(email=delegation.head_email, is_active=True).first()
    wanted = [account.language if account is not None else "", *delegation.meeting.languages]
    return next((one for one in wanted if one in INTERFACE), "en")


def address_of(row: models.Registration) -> str:
    """Where letters go: the account's address, or the one that the invitation was bound to."""
    if row.person is not None and row.person.account is not None:
        return row.person.account.email if row.person.account.is_active else ""
    return row.invitation.email if row.invitation is not None else ""
