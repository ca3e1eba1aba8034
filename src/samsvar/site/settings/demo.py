"""Settings of the demo: no configuration, embedded database, three fictional states, an account for each role."""

from __future__ import annotations

import os

from samsvar.site.settings.base import *  # noqa: F403 - Django's way to build settings on settings
from samsvar.site.settings.base import DATA, INSTALLED_APPS, LOGGING, SITE, database_settings
from samsvar.site.settings.environment import environment
from samsvar.site.settings.mail import mail_settings


def _load_secret_key() -> str:
    """Return the demo's own secret key, created on the first start and kept with its data."""
    import secrets

    path = DATA / "secret-key"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        # moved into place when complete, so that an interruption leaves no empty key
        temporary_path = DATA / f"secret-key.{os.getpid()}"
        temporary_path.touch(mode=0o600)
        temporary_path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        temporary_path.replace(path)
    return path.read_text(encoding="ascii")


environment.check_names()
DEBUG = False
SAMSVAR_DEMO = True
# shown on the sign-in page with their passwords, because they protect nothing
SAMSVAR_DEMO_ACCOUNTS = SITE / "demo" / "accounts.toml"
SAMSVAR_SECURITY_CONTACT = "mailto:nobody@samsvar.example"  # security.txt says that this is a demonstration
globals().update(mail_settings(""))  # the demo sends no emails: they are shown in its outbox
MFA_TOTP_TOLERANCE = 1  # also accepts the previous and the next code, because reading it off the page takes a moment
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # served without TLS, on this machine
# Always the demo's own database: a SAMSVAR_DATABASE in the environment belongs to a real site.
DATABASES = {
    "default": database_settings(os.environ.get("SAMSVAR_DEMO_DATABASE", f"sqlite:////{DATA}/samsvar.sqlite3"))
}
SECRET_KEY = _load_secret_key()
ALLOWED_HOSTS = os.environ.get("SAMSVAR_HOSTS", "*").split(",")
SAMSVAR_SITE_URL = os.environ.get("SAMSVAR_SITE_URL", "http://127.0.0.1:8000/")  # the `demo` command sets it
INSTALLED_APPS = [*INSTALLED_APPS, "samsvar.site.demo"]
# the demo runs in a terminal, where plain lines are easier to read; a real site logs JSON
LOGGING = {**LOGGING, "formatters": {"lines": {"()": "samsvar.site.shell.logs.PlainFormatter"}}}
