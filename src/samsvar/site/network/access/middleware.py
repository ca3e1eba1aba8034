"""Middleware that checks a view's required claim and redirects users to a missing step, such as signing in.

It comes after Django's authentication middleware. It also sets on `request.user` whether this browser's session has
passed a second factor and has an open staff session (bound to the browser by the hash of its session key).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
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

from samsvar.ids import hash_secret
from samsvar.network.rights import AccessDecision, Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import clear_cached_access, get_access
from samsvar.site.shell.allauth_internals import STATE_SESSION_KEY, script_aware_resolve
from samsvar.site.shell.compiled_queries import CompiledModelQuery
from samsvar.site.shell.view_permissions import get_required_claim

log = logging.getLogger(__name__)


class AccessMiddleware:
    """Middleware that denies access by default: a view without a declared claim is not accessible to anyone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            user: Any = request.user
            clear_cached_access(user)  # cached permissions do not take the following two into account
            user.second_factor = has_second_factor(request)
            user.staff_session = find_staff_session(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        claim = get_required_claim(view)
        if claim is None:
            log.error("view without a permission: %s.%s", view.__module__, getattr(view, "__qualname__", view))
            raise PermissionDenied
        if claim is Claim.READ_PUBLIC:
            return None
        answer = get_access(request.user).decide(claim)
        holds_link = bool(getattr(request.user, "holds_link", False))
        if answer is AccessDecision.SIGN_IN and holds_link and getattr(view, "opens_by_link", False):
            return None
        return None if answer is AccessDecision.ALLOWED else redirect_to_requirement(request, answer)


def redirect_to_requirement(request: HttpRequest, answer: AccessDecision) -> HttpResponseRedirect:
    """Redirect users to where they can meet a requirement and then return; raise `PermissionDenied` if they cannot."""
    return_url = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    match answer:
        case AccessDecision.SIGN_IN:
            return redirect_to_login(return_url or reverse("pages:home"))
        case AccessDecision.SECOND_FACTOR:
            messages.info(
                request, _("Your role requires a second factor: a passkey or codes from an authenticator app.")
            )
            return HttpResponseRedirect(_url_with_next("network:second-factor", return_url))
        case AccessDecision.STAFF_SESSION:
            messages.info(
                request,
                _("This page contains other people’s data. To continue, start a staff session and give your reason."),
            )
            return HttpResponseRedirect(_url_with_next("network:open-staff-session", return_url))
        case _:
            raise PermissionDenied


def drop_unauthorised_stored_request(request: HttpRequest) -> None:
    """Check permission again before allauth resumes a POST after reauthentication.

    allauth stores a submitted form, asks for the password, and then calls the view directly, without any middleware. A
    role that has ended in the meantime would still apply. A request that is no longer permitted is dropped; allauth
    then redirects to its URL, where this middleware tells the user what is missing.
    """
    stored = request.session.get(STATE_SESSION_KEY, {}).get("request")
    if not stored:
        return
    try:
        view: Any = script_aware_resolve(json.loads(stored)["path"]).func
    except Resolver404:
        view = None
    claim = get_required_claim(view)
    clear_cached_access(request.user)
    if claim is None or get_access(request.user).decide(claim) is not AccessDecision.ALLOWED:
        del request.session[STATE_SESSION_KEY]


def has_second_factor(request: HttpRequest) -> bool:
    """Return whether this session was authenticated with a passkey, an app code or a recovery code."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def find_staff_session(request: HttpRequest) -> models.StaffSession | None:
    """Return the staff session that is open in this browser; None if there is none or it has ended."""
    key, account = request.session.session_key, request.user.pk
    if not key or account is None:
        return None
    return _OPEN_SESSION_QUERY.fetch_first(account, hash_session_key(key), timezone.now())


def _active_staff_sessions(account: int, browser: str, moment: datetime) -> QuerySet[models.StaffSession]:
    return models.StaffSession.objects.filter(
        account=account, browser=browser, closed_at__isnull=True, ends_at__gt=moment
    )


_OPEN_SESSION_QUERY = CompiledModelQuery(_active_staff_sessions, int, str, datetime)


def hash_session_key(session_key: str) -> str:
    """Return the hash of a session key, to be stored with a staff session. The key itself would give access."""
    return hash_secret(session_key)


def _url_with_next(name: str, return_url: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': return_url})}" if return_url else reverse(name)
