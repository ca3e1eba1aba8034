"""Views of following: following a thing, the list of what a person follows, ending the digest, and the feeds."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.following import actions, feeds, labels, queries
from samsvar.site.following.events import find_events
from samsvar.site.following.forms import FollowChangeForm, FollowDigestForm, FollowForm
from samsvar.site.following.models import FollowDigest
from samsvar.site.following.searches import suggest_concepts, understood_concepts
from samsvar.site.following.targets import FollowTarget, find_search, find_target, target_of
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell import atom
from samsvar.site.shell.downloads import cacheable_response
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.labels import find_label
from samsvar.site.shell.one_click import accept_one_click
from samsvar.site.shell.view_permissions import public, requires

FEED_PERIOD = timedelta(days=365)
FEED_LENGTH = 50


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def follow(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Say how much a thing would have told the person so far, and follow it."""
    return _follow_page(request, object_or_404(find_target(kind, public_id)))


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def follow_search(request: HttpRequest) -> HttpResponse:
    """Say how much a search would have told the person so far, and follow it."""
    return _follow_page(request, object_or_404(find_search(request.GET)))


def _follow_page(request: HttpRequest, target: FollowTarget) -> HttpResponse:
    account = current_account(request)
    current = queries.find_follow(account, target)
    initial = {"note": current.note if current else ""}
    form = FollowForm(request.POST if request.method == "POST" else None, initial=initial)
    return form_page(
        request, form,
        action=lambda: actions.follow(account=account, target=target, note=form.cleaned_data["note"]),
        success=_("You follow this now.") if current is None else _("Saved."),
        redirect_to=reverse("following:list"),
        template="following/follow.html",
        context=lambda: {
            "target": target,
            "name": target.name,
            "current": current,
            "events": find_label(labels.EVENTS_OF_KINDS, target.kind),
            "expected": queries.expected_news(target, timezone.now()),
            "understood": understood_concepts(target.query),
            "suggestions": suggest_concepts(target.query),
        },
    )  # fmt: skip


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def following(request: HttpRequest) -> HttpResponse:
    """List what the person follows, with the settings of their digest."""
    account = current_account(request)
    digest = FollowDigest.objects.filter(account=account).first() or FollowDigest(account=account)
    initial = {"frequency": digest.frequency, "paused_until": _if_to_come(digest.paused_until)}
    form = FollowDigestForm(request.POST if request.method == "POST" else None, initial=initial)
    return form_page(
        request, form,
        action=lambda: actions.change_digest(account=account, **form.cleaned_data),
        success=_("Saved."),
        redirect_to=reverse("following:list"),
        template="following/list.html",
        context=lambda: {"follows": queries.list_follows(account), "digest": digest, "today": timezone.localdate()},
    )  # fmt: skip


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def change_follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the note of something the person follows, or pause it."""
    own = object_or_404(queries.find_own_follow(current_account(request), pk))
    target = target_of(own)
    name, is_public = target.find_name()
    initial = {"note": own.note, "paused_until": _if_to_come(own.paused_until)}
    form = FollowChangeForm(request.POST if request.method == "POST" else None, initial=initial)
    return form_page(
        request, form,
        action=lambda: actions.change_follow(follow=own, **form.cleaned_data),
        success=_("Saved."),
        redirect_to=reverse("following:list"),
        template="following/change.html",
        context=lambda: {"target": target, "name": name, "is_public": is_public},
    )  # fmt: skip


def _if_to_come(day: date | None) -> date | None:
    """Return the day on which a pause ends; None if it has ended, because the form accepts no day that has passed."""
    return day if day is not None and day > timezone.localdate() else None


@requires(Claim.OWN_ACCOUNT)
@require_POST
def stop_following(request: HttpRequest, pk: int) -> HttpResponse:
    own = object_or_404(queries.find_own_follow(current_account(request), pk))
    return post_action(
        request,
        lambda: actions.stop_following(follow=own),
        success=_("You no longer follow this."),
        redirect_to=reverse("following:list"),
    )


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def stop_following_everything(request: HttpRequest) -> HttpResponse:
    """Ask before the person stops following everything."""
    account = current_account(request)
    if request.method != "POST":
        return render(request, "following/stop_all.html", {"number": account.follows.count()})
    return post_action(
        request,
        lambda: actions.stop_following_everything(account=account),
        success=lambda count: (
            ngettext("You no longer follow %(number)s thing.", "You no longer follow %(number)s things.", count)
            % {"number": count}
        ),
        redirect_to=lambda _count: redirect("following:list"),
        on_error=reverse("following:list"),
    )


@public
@accept_one_click
@page_with_form
def end_digest(request: HttpRequest, token: str) -> HttpResponse:
    """End the digest of the person who got this link: by the button, or by one click in a mail program.

    Opening the page ends nothing, because scanners open links.
    """
    account = object_or_404(queries.end_links.find_account(token))
    if request.method == "POST":
        actions.end_digest(account=account)
    return render(request, "following/end.html", {"has_ended": request.method == "POST"})


@public
@require_safe
def feed(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Return the Atom feed of what has this kind and ID: its events of a year. The search page has its own."""
    target = object_or_404(find_target(kind, public_id))
    events = {event.key: event for event in find_events(timezone.now() - FEED_PERIOD, target)}
    newest = sorted(events.values(), key=lambda event: event.at, reverse=True)[:FEED_LENGTH]
    content = feeds.render_event_feed(target, newest, language=get_language() or "en")
    return cacheable_response(request, content, atom.CONTENT_TYPE)
