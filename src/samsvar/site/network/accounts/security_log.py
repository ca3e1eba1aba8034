"""Signal handlers that log account events: sign-ins, failed attempts and changes to credentials."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as factor
from allauth.socialaccount import signals as elsewhere
from allauth.usersessions import signals as sessions
from django.contrib.auth import signals as auth

from samsvar.site.shell.logs import keyed_hash, log_security_event, network_prefix


def log_sign_in(request: Any = None, user: Any = None, **_: Any) -> None:
    log_security_event("signed in", request, account=user.public_id)


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


def log_sign_out(request: Any = None, user: Any = None, **_: Any) -> None:
    log_security_event("signed out", request, account=getattr(user, "public_id", ""))


def log_failed_second_factor(request: Any = None, user: Any = None, **_: Any) -> None:
    log_security_event("second factor failed", request, account=getattr(user, "public_id", ""))


def log_second_factor_added(request: Any = None, user: Any = None, authenticator: Any = None, **_: Any) -> None:
    log_security_event("second factor added", request, account=user.public_id, by=authenticator_type(authenticator))


def log_second_factor_removed(request: Any = None, user: Any = None, authenticator: Any = None, **_: Any) -> None:
    log_security_event("second factor removed", request, account=user.public_id, by=authenticator_type(authenticator))


def log_recovery_codes_generated(request: Any = None, user: Any = None, **_: Any) -> None:
    log_security_event("recovery codes made anew", request, account=user.public_id)


def log_password_changed(request: Any = None, user: Any = None, **_: Any) -> None:
    log_security_event("password changed", request, account=user.public_id)


def log_password_reset(request: Any = None, user: Any = None, **_: Any) -> None:
    log_security_event("password reset", request, account=user.public_id)


def log_email_changed(request: Any = None, user: Any = None, **_: Any) -> None:
    log_security_event("address changed", request, account=user.public_id)


def log_account_created(request: Any = None, user: Any = None, **_: Any) -> None:
    log_security_event("account made", request, account=user.public_id)


def log_provider_connected(request: Any = None, sociallogin: Any = None, **_: Any) -> None:
    log_security_event("connected to the provider", request, account=sociallogin.user.public_id)


def log_provider_disconnected(request: Any = None, socialaccount: Any = None, **_: Any) -> None:
    log_security_event("disconnected from the provider", request, account=socialaccount.user.public_id)


def log_session_moved(request: Any = None, from_session: Any = None, to_session: Any = None, **_: Any) -> None:
    log_security_event(
        "session goes on elsewhere",
        request,
        before=network_prefix(from_session.ip),
        program=from_session.user_agent != to_session.user_agent,
    )


def authenticator_type(authenticator: Any) -> str:
    return str(getattr(authenticator, "type", ""))


def log_rate_limit_reached(request: Any) -> None:
    """Log that a rate limit was reached.

    The adapter calls this, because allauth reports a sign-in limit as a form error and not as a 429 response.
    """
    log_security_event("too often", request)


SIGNAL_HANDLERS = (
    (auth.user_logged_in, log_sign_in),
    (account.authentication_step_completed, log_authentication_step),
    (auth.user_login_failed, log_failed_sign_in),
    (auth.user_logged_out, log_sign_out),
    (account.user_signed_up, log_account_created),
    (account.password_changed, log_password_changed),
    (account.password_set, log_password_changed),
    (account.password_reset, log_password_reset),
    (account.email_changed, log_email_changed),
    (factor.authentication_failed, log_failed_second_factor),
    (factor.authenticator_added, log_second_factor_added),
    (factor.authenticator_removed, log_second_factor_removed),
    (factor.authenticator_reset, log_recovery_codes_generated),
    (elsewhere.social_account_added, log_provider_connected),
    (elsewhere.social_account_removed, log_provider_disconnected),
    (sessions.session_client_changed, log_session_moved),
)


def connect_signals() -> None:
    """Connect the signal handlers. Called once, in `AppConfig.ready()`."""
    for signal, handler in SIGNAL_HANDLERS:
        signal.connect(
            handler, dispatch_uid=f"samsvar.site.network.accounts.security_log.{handler.__name__}.{id(signal)}"
        )
