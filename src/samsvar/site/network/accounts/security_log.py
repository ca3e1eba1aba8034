"""Tells the log of security what happens to accounts: signing in and out, failing to, changing what signs one in."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as factor
from allauth.socialaccount import signals as elsewhere
from allauth.usersessions import signals as sessions
from django.contrib.auth import signals as auth

from samsvar.site.shell.logs import mark_of, network_of, security_event


def signed_in(request: Any = None, user: Any = None, **_: Any) -> None:
    security_event("signed in", request, account=user.public_id)


def step_taken(request: Any = None, user: Any = None, method: str = "", **more: Any) -> None:
    event = "confirmed again" if more.get("reauthenticated") else "step passed"
    security_event(
        event, request, account=user.public_id, by=" ".join(filter(None, (method, str(more.get("type", "")))))
    )


def failed(credentials: dict[str, Any], request: Any = None, **_: Any) -> None:
    typed = str(credentials.get("email") or credentials.get("username") or "")
    security_event("sign-in failed", request, typed=mark_of(typed.strip().lower()) if typed else "", by="password")


def signed_out(request: Any = None, user: Any = None, **_: Any) -> None:
    security_event("signed out", request, account=getattr(user, "public_id", ""))


def factor_failed(request: Any = None, user: Any = None, **_: Any) -> None:
    security_event("second factor failed", request, account=getattr(user, "public_id", ""))


def factor_added(request: Any = None, user: Any = None, authenticator: Any = None, **_: Any) -> None:
    security_event("second factor added", request, account=user.public_id, by=kind_of(authenticator))


def factor_removed(request: Any = None, user: Any = None, authenticator: Any = None, **_: Any) -> None:
    security_event("second factor removed", request, account=user.public_id, by=kind_of(authenticator))


def recovery_codes_made(request: Any = None, user: Any = None, **_: Any) -> None:
    security_event("recovery codes made anew", request, account=user.public_id)


def password_changed(request: Any = None, user: Any = None, **_: Any) -> None:
    security_event("password changed", request, account=user.public_id)


def password_reset(request: Any = None, user: Any = None, **_: Any) -> None:
    security_event("password reset", request, account=user.public_id)


def address_changed(request: Any = None, user: Any = None, **_: Any) -> None:
    security_event("address changed", request, account=user.public_id)


def account_made(request: Any = None, user: Any = None, **_: Any) -> None:
    security_event("account made", request, account=user.public_id)


def connected(request: Any = None, sociallogin: Any = None, **_: Any) -> None:
    security_event("connected to the provider", request, account=sociallogin.user.public_id)


def disconnected(request: Any = None, socialaccount: Any = None, **_: Any) -> None:
    security_event("disconnected from the provider", request, account=socialaccount.user.public_id)


def session_moved(request: Any = None, from_session: Any = None, to_session: Any = None, **_: Any) -> None:
    security_event(
        "session goes on elsewhere",
        request,
        before=network_of(from_session.ip),
        program=from_session.user_agent != to_session.user_agent,
    )


def kind_of(authenticator: Any) -> str:
    return str(getattr(authenticator, "type", ""))


def too_often(request: Any) -> None:
    """Called by the adapter: a limit of sign-in that is reached comes as a form's error and not as an answer 429."""
    security_event("too often", request)


HEARD = (
    (auth.user_logged_in, signed_in),
    (account.authentication_step_completed, step_taken),
    (auth.user_login_failed, failed),
    (auth.user_logged_out, signed_out),
    (account.user_signed_up, account_made),
    (account.password_changed, password_changed),
    (account.password_set, password_changed),
    (account.password_reset, password_reset),
    (account.email_changed, address_changed),
    (factor.authentication_failed, factor_failed),
    (factor.authenticator_added, factor_added),
    (factor.authenticator_removed, factor_removed),
    (factor.authenticator_reset, recovery_codes_made),
    (elsewhere.social_account_added, connected),
    (elsewhere.social_account_removed, disconnected),
    (sessions.session_client_changed, session_moved),
)


def listen() -> None:
    """Called once, when the app is ready."""
    for signal, hear in HEARD:
        signal.connect(hear, dispatch_uid=f"samsvar.site.network.accounts.security_log.{hear.__name__}.{id(signal)}")
