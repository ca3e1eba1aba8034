"""Environment variables, set directly or through a file that contains the value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

HELP = "See docs/how-to/deploy.md."


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


environment = Environment(os.environ)
