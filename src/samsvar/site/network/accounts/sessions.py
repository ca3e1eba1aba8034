"""Session lifetime (at most twelve hours; for staff, half an hour without a request) and session activity.

`SessionLifetimeMiddleware` runs after the access middleware, which loads the user's permissions, and before any
view. `SessionActivityMiddleware` records where a session is used, for the user's list of sessions and the security
log. The receivers below change the session key after reauthentication, and count a newly added second factor as
verified.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.usersessions import app_settings
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.site.network import models
from samsvar.site.network.access.middleware import hash_session_key
from samsvar.site.network.access.permissions import get_access
from samsvar.site.shell.allauth_internals import record_authentication
from samsvar.site.shell.compiled_queries import CompiledQuery

STARTED_AT_KEY, LAST_SEEN_KEY = "samsvar_began", "samsvar_seen"
SAVE_INTERVAL = 60  # seconds between updates of the time of the last request
ACTIVITY_INTERVAL = timedelta(minutes=5)  # between updates of the activity shown in the list of sessions

_SESSION_ACTIVITY = CompiledQuery(
    lambda key, account: UserSession.objects.filter(session_key=key, user=account).values_list(
        "ip", "user_agent", "last_seen_at"
    ),
    str,
    int,
)


class SessionActivityMiddleware:
    """Middleware that records a session's IP address and browser when they change, and at least every few minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (
            app_settings.TRACK_ACTIVITY
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.user.is_authenticated
            and request.session.session_key
            and not self._is_recorded(request)
        ):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)

    @staticmethod
    def _is_recorded(request: HttpRequest) -> bool:
        current_agent = request.META.get("HTTP_USER_AGENT", "")[: UserSession._meta.get_field("user_agent").max_length]
        current_ip, cutoff = get_adapter().get_client_ip(request), timezone.now() - ACTIVITY_INTERVAL
        return any(
            (ip, user_agent) == (current_ip, current_agent) and seen > cutoff
            for ip, user_agent, seen in _SESSION_ACTIVITY.fetch_rows(request.session.session_key, request.user.pk)
        )


class SessionLifetimeMiddleware:
    """Middleware that ends expired sessions and shows a message on the page the user is redirected to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = time.time()
            if self._has_expired(request, now):
                return _end_session_and_redirect(request)
            if now - request.session.get(LAST_SEEN_KEY, 0) > SAVE_INTERVAL:
                request.session[LAST_SEEN_KEY] = now
                request.session.setdefault(STARTED_AT_KEY, now)
        return self.get_response(request)

    @staticmethod
    def _has_expired(request: HttpRequest, now: float) -> bool:
        started_at, last_seen = request.session.get(STARTED_AT_KEY, now), request.session.get(LAST_SEEN_KEY, now)
        staff = get_access(request.user).is_staff
        idle = settings.SAMSVAR_STAFF_IDLE_SECONDS if staff else settings.SAMSVAR_IDLE_SECONDS
        return bool(now - started_at > settings.SAMSVAR_SESSION_SECONDS or now - last_seen > idle)


def has_signed_in_recently(request: HttpRequest) -> bool:
    """Return whether the sign-in is recent enough to count as reauthentication."""
    return time.time() - float(request.session.get(STARTED_AT_KEY, 0)) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def require_new_sign_in(request: HttpRequest) -> HttpResponseBase:
    """End this session and redirect to the sign-in page, which leads back to the current page."""
    return _end_session_and_redirect(
        request, _("Sign in again first, so that we can be sure that you are the person making this change.")
    )


def _end_session_and_redirect(request: HttpRequest, message: str = "") -> HttpResponseBase:
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)
    messages.info(request, message or _("Your session has ended. Sign in again to continue."))
    return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("pages:home"))


def rotate_session_key(request: HttpRequest) -> None:
    """Change the session's key, and update the records that refer to the old key."""
    old = request.session.session_key or ""
    request.session.cycle_key()
    new = request.session.session_key or ""
    UserSession.objects.filter(session_key=old).update(session_key=new)
    models.StaffSession.objects.filter(browser=hash_session_key(old)).update(browser=hash_session_key(new))


@receiver(user_logged_in, dispatch_uid="samsvar began")
def _store_sign_in_time(request: HttpRequest | None = None, **_kwargs: Any) -> None:
    if request is not None and hasattr(request, "session"):
        request.session[STARTED_AT_KEY] = request.session[LAST_SEEN_KEY] = time.time()


@receiver(authentication_step_completed, dispatch_uid="samsvar confirmed")
def _rotate_key_after_reauthentication(request: HttpRequest, reauthenticated: bool = False, **_kwargs: Any) -> None:
    if reauthenticated:
        rotate_session_key(request)


@receiver(authenticator_added, dispatch_uid="samsvar shown")
def _record_new_second_factor(request: HttpRequest, user: Any, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Count a newly added second factor as verified, so that the user need not sign in again."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES and request.user.is_authenticated:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)
