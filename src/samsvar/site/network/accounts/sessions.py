"""How long a session lasts: twelve hours from sign-in at most, and for staff half an hour without a request.

`Lifetimes` stands behind the gate, which says who somebody is; before any view. `Activity` notes where a session is
used, for the list of one's sessions and for the log of what moved. Receivers at the end keep a session in step with
what was proved in it: a new key after somebody confirmed who they are, a second factor shown by setting it up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
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
from samsvar.site.network.access.middleware import browser_of
from samsvar.site.network.access.permissions import access_of
from samsvar.site.shell.compiled_queries import Prepared

BEGAN, SEEN = "samsvar_began", "samsvar_seen"
BETWEEN = 60  # seconds: how often the moment of the last request is written down
NOTED = timedelta(minutes=5)  # how often the list of one's sessions learns that one of them is in use

_LISTED = Prepared(
    lambda key, account: UserSession.objects.filter(session_key=key, user=account).values_list(
        "ip", "user_agent", "last_seen_at"
    ),
    str,
    int,
)


class Activity:
    """Notes from where and by which program a session is used: when that changes, and every few minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (
            app_settings.TRACK_ACTIVITY
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.user.is_authenticated
            and request.session.session_key
            and not self._is_noted(request)
        ):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)

    @staticmethod
    def _is_noted(request: HttpRequest) -> bool:
        program = request.META.get("HTTP_USER_AGENT", "")[: UserSession._meta.get_field("user_agent").max_length]
        here, lately = get_adapter().get_client_ip(request), timezone.now() - NOTED
        return any(
            (ip, user_agent) == (here, program) and seen > lately
            for ip, user_agent, seen in _LISTED.ask(request.session.session_key, request.user.pk)
        )


class Lifetimes:
    """Ends a session whose time is over, and says so where the reader is sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = time.time()
            if self._is_over(request, now):
                return _ended(request)
            if now - request.session.get(SEEN, 0) > BETWEEN:
                request.session[SEEN] = now
                request.session.setdefault(BEGAN, now)
        return self.get_response(request)

    @staticmethod
    def _is_over(request: HttpRequest, now: float) -> bool:
        began, seen = request.session.get(BEGAN, now), request.session.get(SEEN, now)
        staff = access_of(request.user).is_staff
        idle = settings.SAMSVAR_STAFF_IDLE_SECONDS if staff else settings.SAMSVAR_IDLE_SECONDS
        return bool(now - began > settings.SAMSVAR_SESSION_SECONDS or now - seen > idle)


def began_lately(request: HttpRequest) -> bool:
    """Whether somebody signed in as lately as a confirmation counts."""
    return time.time() - float(request.session.get(BEGAN, 0)) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def sign_in_again(request: HttpRequest) -> HttpResponseBase:
    """End this session and lead to the sign-in page, and from there back."""
    return _ended(request, _("Sign in again first, so that it is certain who changes this."))


def _ended(request: HttpRequest, why: str = "") -> HttpResponseBase:
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)
    messages.info(request, why or _("Your session has ended. Sign in again to go on."))
    return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("pages:home"))


def renew(request: HttpRequest) -> None:
    """Give a session a new key, and take along what is bound to the old one."""
    old = request.session.session_key or ""
    request.session.cycle_key()
    new = request.session.session_key or ""
    UserSession.objects.filter(session_key=old).update(session_key=new)
    models.StaffSession.objects.filter(browser=browser_of(old)).update(browser=browser_of(new))


@receiver(user_logged_in, dispatch_uid="samsvar began")
def _begin(request: HttpRequest | None = None, **_kwargs: Any) -> None:
    if request is not None and hasattr(request, "session"):
        request.session[BEGAN] = request.session[SEEN] = time.time()


@receiver(authentication_step_completed, dispatch_uid="samsvar confirmed")
def _confirmed(request: HttpRequest, reauthenticated: bool = False, **_kwargs: Any) -> None:
    if reauthenticated:
        renew(request)


@receiver(authenticator_added, dispatch_uid="samsvar shown")
def _shown(request: HttpRequest, user: Any, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Who has just set a second factor up has shown it: nobody has to sign out to show it again."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES and request.user.is_authenticated:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)
