"""Signal handlers that log account events: sign-ins, failed attempts and changes to credentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as factor
from allauth.socialaccount import signals as elsewhere
from allauth.usersessions import signals as sessions
from django.contrib.auth import signals as auth

from samsvar.site.shell.logs import keyed_hash, log_security_event, network_prefix


def _make_handler(event: str, *, with_factor_type: bool = False) -> Callable[..., None]:
    """Return a signal handler that logs an event with the account."""

    def log_account_event(request: Any = None, user: Any = None, authenticator: Any = None, **_: Any) -> None:
        details = {"by": str(getattr(authenticator, "type", ""))} if with_factor_type else {}
        log_security_event(event, request, account=getattr(user, "public_id", ""), **details)

    return log_account_event


def log_authentication_step(request: Any = None, user: Any = None, method: str = "", **more: Any) -> None:
    event = "confirmed again" if more.get("reauthenticated") else "step passed"
    log_security_event(
        event, request, account=user.public_id, by=" ".join(filter(None, (method, str(more.get("type", "")))))
    )


def log_failed_sign_in(credentials: dict[str, Any], request: Any = None, **_: Any) -> None:
    typed = str(credentials.get("email") or credentials.get("username") or "")
    log_security_event(
        "sign-in failed", request, typed=keyed_hash(typed.strip().lower()) if typed else "", by="password"
    )


def log_provider_connected(request: Any = None, sociallogin: Any = None, **_: Any) -> None:
    log_security_event("connected to the provider", request, account=sociallogin.user.public_id)


def log_provider_disconnected(request: Any = None, socialaccount: Any = None, **_: Any) -> None:
    log_security_event("disconnected from the provider", request, account=socialaccount.user.public_id)


def log_session_moved(request: Any = None, from_session: Any = None, to_session: Any = None, **_: Any) -> None:
    log_security_event(
        "session moved",
        request,
        before=network_prefix(from_session.ip),
        program=from_session.user_agent != to_session.user_agent,
    )


def log_rate_limit_reached(request: Any) -> None:
    """Log that a rate limit was reached.

    The adapter calls this, because allauth reports a sign-in limit as a form error and not as a 429 response.
    """
    log_security_event("too often", request)


SIGNAL_HANDLERS = (
    (auth.user_logged_in, _make_handler("signed in")),
    (account.authentication_step_completed, log_authentication_step),
    (auth.user_login_failed, log_failed_sign_in),
    (auth.user_logged_out, _make_handler("signed out")),
    (account.user_signed_up, _make_handler("account created")),
    (account.password_changed, _make_handler("password changed")),
    (account.password_set, _make_handler("password changed")),
    (account.password_reset, _make_handler("password reset")),
    (account.email_changed, _make_handler("address changed")),
    (factor.authentication_failed, _make_handler("second factor failed")),
    (factor.authenticator_added, _make_handler("second factor added", with_factor_type=True)),
    (factor.authenticator_removed, _make_handler("second factor removed", with_factor_type=True)),
    (factor.authenticator_reset, _make_handler("recovery codes regenerated")),
    (elsewhere.social_account_added, log_provider_connected),
    (elsewhere.social_account_removed, log_provider_disconnected),
    (sessions.session_client_changed, log_session_moved),
)


def connect_signals() -> None:
    """Connect the signal handlers. Called once, in `AppConfig.ready()`."""
    for signal, handler in SIGNAL_HANDLERS:
        signal.connect(handler, dispatch_uid=f"{__name__}.{id(signal)}")
