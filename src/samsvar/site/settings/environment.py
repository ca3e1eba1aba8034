"""Environment variables, set directly or through a file that contains the value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

HELP = "See docs/how-to/deploy.md."

# Every variable that the site or its tools read; docs/how-to/deploy.md explains those of a site.
KNOWN_NAMES = frozenset(
    f"SAMSVAR_{name}"
    for name in (
        "BREACHED_PASSWORDS CLAMAV CONTROLLER DATA DATABASE FONTS HOSTS IATI_ORG OIDC_ACR OIDC_CLIENT_ID OIDC_NAME "
        "OIDC_SCOPES OIDC_SECRET OIDC_SERVER OPEN_SIGN_UP PAGE_CACHE_BYTES PRIVACY_CONTACT PROXIES QUICK_EXIT "
        "RETENTION SECOND_FACTOR SECRET_KEY SECRET_KEY_BEFORE SECURITY_CONTACT SECURITY_POLICY SITE_URL SMTP "
        "DEMO_DATABASE TEST_DATABASE CHROMIUM"
    ).split()
)


class Environment(Mapping[str, str]):
    """The environment, in which `SAMSVAR_X_FILE=/path` sets `SAMSVAR_X` to the content of that file.

    This keeps secrets out of `/proc/PID/environ`, which every process of the same user can read. systemd's
    `LoadCredential=`, Docker and Kubernetes secrets and most vaults provide secrets as files.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        path = self._environ.get(f"{name}_FILE", "") if name.startswith("SAMSVAR_") else ""
        if not path:
            return self._environ[name]
        if self._environ.get(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: set only one of them. {HELP}")
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as exc:
            reason = getattr(exc, "strerror", "") or "not UTF-8 text"
            raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {reason}. {HELP}") from None

    def __iter__(self) -> Iterator[str]:
        names = {*self._environ}
        return iter(names | {name.removesuffix("_FILE") for name in names if name.startswith("SAMSVAR_")})

    def __len__(self) -> int:
        return len(set(self))

    def require(self, name: str, description: str) -> str:
        """Return a required setting, or raise an error that names it."""
        if value := self.get(name, ""):
            return value
        raise ImproperlyConfigured(f"{name} is not set: {description}. {HELP}")

    def integer(self, name: str, default: int) -> int:
        """Return a setting that is a whole number from 0 up, or raise an error that names it."""
        value = self.get(name, "").strip() or str(default)
        if not (value.isascii() and value.isdecimal()):
            raise ImproperlyConfigured(f"{name} must be a whole number such as {default}, not “{value}”. {HELP}")
        return int(value)

    def check_names(self) -> None:
        """Raise an error that names variables of ours that do not exist: a mistyped one would be ignored silently."""
        names = {name.removesuffix("_FILE") for name in self._environ if name.startswith("SAMSVAR_")}
        unknown = sorted(names - KNOWN_NAMES)
        if unknown:
            suffixes = [name.removeprefix("SAMSVAR_") for name in KNOWN_NAMES]
            meant = {name: get_close_matches(name.removeprefix("SAMSVAR_"), suffixes, n=1) for name in unknown}
            listed = ", ".join(
                f"{name} (did you mean SAMSVAR_{meant[name][0]}?)" if meant[name] else name for name in unknown
            )
            raise ImproperlyConfigured(f"There is no such setting: {listed}. {HELP}")


environment = Environment(os.environ)
