"""The demonstration: no configuration, an embedded database, three invented states and an account for each role."""

from __future__ import annotations

import os

from samsvar.site.settings.base import *  # noqa: F403 - Django's way to build settings on settings
from samsvar.site.settings.base import DATA, INSTALLED_APPS, LOGGING, SITE, database
from samsvar.site.settings.mail import mail


def _secret() -> str:
    """A secret of this demo's own, made at the first start and kept with its data."""
    import secrets

    path = DATA / "secret-key"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        beside = DATA / f"secret-key.{os.getpid()}"  # moved into place whole: a kill must leave no empty secret
        beside.touch(mode=0o600)
        beside.write_text(secrets.token_urlsafe(48), encoding="ascii")
        beside.replace(path)
    return path.read_text(encoding="ascii")


DEBUG = False
SAMSVAR_DEMO = True
# shown on the sign-in page, passwords and all: they protect nothing and need not
SAMSVAR_DEMO_ACCOUNTS = SITE / "demo" / "accounts.toml"
SAMSVAR_SECURITY_CONTACT = "mailto:nobody@samsvar.example"  # security.txt says beside it that this is a demonstration
globals().update(mail(""))  # no letter leaves a demonstration: they are shown in its outbox
MFA_TOTP_TOLERANCE = 1  # one code before and one after: the page prints the code, and reading it takes a moment
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # served without TLS, on this machine
# Its own database always: a SAMSVAR_DATABASE in the environment belongs to a real site.
DATABASES = {"default": database(os.environ.get("SAMSVAR_DEMO_DATABASE", f"sqlite:////{DATA}/samsvar.sqlite3"))}
SECRET_KEY = _secret()
ALLOWED_HOSTS = os.environ.get("SAMSVAR_HOSTS", "*").split(",")
INSTALLED_APPS = [*INSTALLED_APPS, "samsvar.site.demo"]
# a demonstration is watched on a terminal; a real site's lines are JSON
LOGGING = {**LOGGING, "formatters": {"lines": {"()": "samsvar.site.shell.logs.Plain"}}}
