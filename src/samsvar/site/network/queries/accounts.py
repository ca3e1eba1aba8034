"""What the pages about accounts show: who is who in a demonstration, what an account has, what it was offered."""

from __future__ import annotations

import time
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An invented account of a demonstration, with all that signs it in."""

    email: str
    name: str
    title: str
    role: str
    password: str
    language: str = "en"
    state: str = ""
    network: str = ""
    meeting: str = ""
    code: str = ""  # the fixed secret of its second factor


def demo_accounts() -> tuple[DemoAccount, ...]:
    """The accounts that the sign-in page offers: none but in a demonstration."""
    path = settings.SAMSVAR_DEMO_ACCOUNTS
    return _read(Path(path)) if path and settings.SAMSVAR_DEMO else ()


@cache
def _read(path: Path) -> tuple[DemoAccount, ...]:
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(DemoAccount(password=found["password"], **entry) for entry in found["account"])


def demo_code(email: str) -> str:
    """The code that a demonstration's account would read on its telephone now; "" for everybody else."""
    from allauth.mfa import app_settings
    from allauth.mfa.totp.internal import auth

    account = next((one for one in demo_accounts() if one.email == email and one.code), None)
    if account is None:
        return ""
    return auth.format_hotp_value(auth.hotp_value(account.code, int(time.time()) // app_settings.TOTP_PERIOD))
