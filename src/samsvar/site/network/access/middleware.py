"""The gate before every view: no door, no entry; and what is missing is asked for.

Stands after Django's authentication. It also tells the account what this browser's session has shown: a second factor,
and an open staff session (bound to this browser by the hash of its session's key).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.internal.urlkit import script_aware_resolve
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from samsvar.ids import secret_hash
from samsvar.network.rights import Answer, Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import access_of, forget_access
from samsvar.site.shell.compiled_queries import Prepared
from samsvar.site.shell.view_permissions import door_of

log = logging.getLogger(__name__)


class Gate:
    """Default deny: a view that nobody gave a door is open to nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            user: Any = request.user
            forget_access(user)  # whoever asked before knew neither of the two
            user.second_factor = has_second_factor(request)
            user.staff_session = staff_session_of(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        claim = door_of(view)
        if claim is None:
            log.error("no door: %s.%s", view.__module__, getattr(view, "__qualname__", view))
            raise PermissionDenied
        if claim is Claim.READ_PUBLIC:
            return None
        answer = access_of(request.user).answer(claim)
        holds_link = bool(getattr(request.user, "holds_link", False))
        if answer is Answer.SIGN_IN and holds_link and getattr(view, "opens_by_link", False):
            return None
        return None if answer is Answer.YES else ask_for(request, answer)


def ask_for(request: HttpRequest, answer: Answer) -> HttpResponseRedirect:
    """Send somebody to where they can get what is missing and come back; raise `PermissionDenied` where they cannot."""
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    match answer:
        case Answer.SIGN_IN:
            return redirect_to_login(back or reverse("pages:home"))
        case Answer.SECOND_FACTOR:
            messages.info(request, _("Your role asks for a second factor: a passkey, or codes from an app."))
            return HttpResponseRedirect(_with_next("network:second-factor", back))
        case Answer.STAFF_SESSION:
            messages.info(request, _("This opens what belongs to others: say why, in a staff session."))
            return HttpResponseRedirect(_with_next("network:open-staff-session", back))
        case _:
            raise PermissionDenied


def forget_what_opens_no_more(request: HttpRequest) -> None:
    """Before somebody who confirmed who they are goes on with what they had sent: ask its door anew.

    allauth keeps a form that was sent, asks for the password, and calls the view itself, past every middleware. A role
    that ended meanwhile would still act. What may not go on is forgotten; allauth then sends the browser to its
    address, where the gate says what is missing.
    """
    kept = request.session.get(STATE_SESSION_KEY, {}).get("request")
    if not kept:
        return
    try:
        view: Any = script_aware_resolve(json.loads(kept)["path"]).func
    except Resolver404:
        view = None
    claim = door_of(view)
    forget_access(request.user)
    if claim is None or access_of(request.user).answer(claim) is not Answer.YES:
        del request.session[STATE_SESSION_KEY]


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session was signed in, or confirmed since, with a passkey, a code or a recovery code."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def staff_session_of(request: HttpRequest) -> models.StaffSession | None:
    """The staff session that this browser has open now, if any: it ends by itself, whatever the browser still holds."""
    key, account = request.session.session_key, request.user.pk
    if not key or account is None:
        return None
    now, browser = timezone.now(), browser_of(key)
    if not _OPEN.ask(account, browser, now):  # as of most requests
        return None
    return _open_staff_sessions(account, browser, now).first()


def _open_staff_sessions(account: int | None, browser: str, moment: datetime) -> QuerySet[models.StaffSession]:
    return models.StaffSession.objects.filter(
        account=account, browser=browser, closed_at__isnull=True, ends_at__gt=moment
    )


_OPEN = Prepared(lambda *asked: _open_staff_sessions(*asked).values_list("pk"), int, str, datetime)


def browser_of(session_key: str) -> str:
    """What a staff session keeps of the browser session it belongs to; the key itself would sign somebody in."""
    return secret_hash(session_key)


def _with_next(name: str, back: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': back})}" if back else reverse(name)
