"""What the environment says: a setting by its name, or by the name of a file that holds it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

HOW = "See docs/how-to/run-it-for-real.md."


class Environment(Mapping[str, str]):
    """The environment, where `SAMSVAR_X_FILE=/path` stands for `SAMSVAR_X` with what that file holds.

    So a secret need not stand where every program of the machine's account can read it (`/proc/PID/environ`):
    systemd's `LoadCredential=`, Docker's and Kubernetes' secrets and most vaults hand secrets out as files.
    """

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = said

    def __getitem__(self, name: str) -> str:
        path = self._said.get(f"{name}_FILE", "") if name.startswith("SAMSVAR_") else ""
        if not path:
            return self._said[name]
        if self._said.get(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: which one holds? {HOW}")
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as unreadable:
            reason = getattr(unreadable, "strerror", "") or "no text in UTF-8"
            raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {reason}. {HOW}") from None

    def __iter__(self) -> Iterator[str]:
        names = {*self._said}
        return iter(names | {name.removesuffix("_FILE") for name in names if name.startswith("SAMSVAR_")})

    def __len__(self) -> int:
        return len(set(self))

    def needed(self, name: str, what: str) -> str:
        """A setting without which there is no site; what is missing is named at the start."""
        if value := self.get(name, ""):
            return value
        raise ImproperlyConfigured(f"{name} is not set: {what}. {HOW}")


environment = Environment(os.environ)
