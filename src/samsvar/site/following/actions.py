"""Actions on what a person follows: following, pausing and stopping it, and sending the digests."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from samsvar.site.following import models, queries
from samsvar.site.following.targets import FollowTarget, target_of
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.emails.actions import notify
from samsvar.site.shell.errors import SiteError
from samsvar.site.shell.site_url import absolute_url


class TooManyFollows(SiteError):
    """The account follows as many things as it can."""

    message = _("You follow as many things as one digest can hold.")
    effect = _("Nothing was saved.")
    advice = _("Stop following something first, or follow a search instead of many findings.")


def follow(*, account: Account, target: FollowTarget, note: str = "") -> models.Follow:
    """Follow a thing from now on; following it again only changes the note. The first one turns the digest on."""
    with transaction.atomic():
        digest = _lock_digest(account)
        existing = queries.find_follow(account, target)
        if existing is not None:
            return change_follow(follow=existing, note=note, paused_until=existing.paused_until)
        if account.follows.count() >= queries.MAX_FOLLOWS:
            raise TooManyFollows
        if digest.frequency == models.DigestFrequency.OFF and not account.follows.exists():
            digest.frequency = models.DigestFrequency.WEEKLY
            digest.save(update_fields=["frequency"])
        return models.Follow.objects.create(
            account=account, kind=target.kind, key=target.key, query=target.query, note=note.strip()
        )


def change_follow(*, follow: models.Follow, note: str, paused_until: date | None) -> models.Follow:
    """Change the note of a follow, and pause it until a day or end its pause."""
    follow.note, follow.paused_until = note.strip(), paused_until
    follow.save(update_fields=["note", "paused_until"])
    return follow


def stop_following(*, follow: models.Follow) -> None:
    """Stop following a thing, and forget which events no digest can tell any longer."""
    with transaction.atomic():
        account = follow.account
        _lock_digest(account)
        follow.delete()
        _forget_events(account)


def stop_following_everything(*, account: Account) -> int:
    """Stop following everything; return how many things the account followed."""
    with transaction.atomic():
        _lock_digest(account)
        count, _by_model = account.follows.all().delete()
        _forget_events(account)
    return count


def change_digest(*, account: Account, frequency: str, paused_until: date | None = None) -> None:
    """Change how often an account gets its digest, or pause it until a day."""
    with transaction.atomic():
        digest = _lock_digest(account)
        digest.frequency, digest.paused_until = frequency, paused_until
        digest.save(update_fields=["frequency", "paused_until"])


def end_digest(*, account: Account) -> None:
    """Turn the digest off, without changing what the account follows."""
    change_digest(account=account, frequency=models.DigestFrequency.OFF)


def send_digests(*, now: datetime) -> int:
    """Send the digests that are due and have something to tell; return their number.

    Called once a day. A digest and the marks of its events are committed together, so that no event is told twice and
    none is lost if the process is killed.
    """
    today = timezone.localtime(now).date()
    digests = models.FollowDigest.objects.exclude(frequency=models.DigestFrequency.OFF)
    digests = digests.filter(account__is_active=True, account__erased_at=None, account__follows__isnull=False)
    due = [digest for digest in digests.select_related("account").distinct() if queries.is_due(digest, today)]
    if not due:
        return 0
    follows = models.Follow.objects.filter(account__in=[digest.account_id for digest in due])
    searches = [target_of(follow) for follow in follows.filter(kind=models.FollowKind.SEARCH)]
    events = queries.EventsByTarget(follows.aggregate(since=Min("since"))["since"], searches)
    return sum(_send_digest(digest.account, events, now=now) for digest in due)


def _send_digest(account: Account, events: queries.EventsByTarget, *, now: datetime) -> int:
    with transaction.atomic(), override(account.language or settings.LANGUAGE_CODE):
        digest = _lock_digest(account)  # of two workers at the same time, the second one finds that it was sent
        today = timezone.localtime(now).date()
        if not queries.is_due(digest, today):
            return 0
        groups = queries.digest_groups(account.follows.all(), events, queries.delivered_keys(account), now=now)
        if not groups:
            return 0
        email = notify(
            account,
            "following/digest",
            page="following:list",
            lines=queries.render_digest(groups, absolute_url),
            end_url=absolute_url(reverse("following:end-digest", args=[queries.end_links.token(account)])),
        )
        if email is None:
            return 0
        models.DeliveredEvent.objects.bulk_create(
            models.DeliveredEvent(account=account, event=event.key, at=event.at)
            for group in groups
            for event in group.events
        )
        digest.last_sent_on = today
        digest.save(update_fields=["last_sent_on"])
    return 1


def _lock_digest(account: Account) -> models.FollowDigest:
    models.FollowDigest.objects.get_or_create(account=account)
    return models.FollowDigest.objects.select_for_update().get(account=account)


def _forget_events(account: Account) -> None:
    """Delete the marks of events that are older than all that the account still follows: none can be due again."""
    oldest = account.follows.aggregate(since=Min("since"))["since"]
    marks = models.DeliveredEvent.objects.filter(account=account)
    (marks if oldest is None else marks.filter(at__lt=oldest)).delete()
