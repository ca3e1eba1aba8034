"""Internals of django-allauth (65.21), imported only here because a new version may change them.

They have no public equivalent. The site uses them for recovery codes stored as hashes, for the
codes of the demo's authenticator apps, to check permissions before a POST is resumed, and for reauthentication.
"""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, get_reauthentication_flows
from allauth.core.internal.httpkit import get_client_ip
from allauth.core.internal.urlkit import script_aware_resolve
from allauth.mfa.recovery_codes.internal import auth as _recovery_codes
from allauth.mfa.recovery_codes.internal import flows as _recovery_code_flows
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.socialaccount.internal import jwtkit

__all__ = [
    "STATE_SESSION_KEY",
    "BaseRecoveryCodes",
    "format_hotp_value",
    "get_client_ip",
    "get_reauthentication_flows",
    "hotp_value",
    "jwtkit",
    "record_authentication",
    "script_aware_resolve",
    "set_recovery_codes_class",
]

BaseRecoveryCodes = _recovery_codes.RecoveryCodes


def set_recovery_codes_class(codes: type) -> None:
    """Make allauth use this class for recovery codes. Called once, in `AppConfig.ready()`."""
    _recovery_codes.RecoveryCodes = _recovery_code_flows.RecoveryCodes = codes
