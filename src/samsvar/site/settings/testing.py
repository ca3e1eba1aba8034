"""Settings for tests: the database in SAMSVAR_TEST_DATABASE, fast hashing, a temporary data folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# tests/conftest.py names and creates the folder; the type checker reads these settings too and must not create one
os.environ.setdefault("SAMSVAR_DATA", f"{tempfile.gettempdir()}/samsvar-test-{os.getpid()}")

from samsvar.site.settings.base import *  # noqa: F403 - the data folder has to be named first
from samsvar.site.settings.base import DATA, INSTALLED_APPS, SITE, STORAGES, database_settings
from samsvar.site.settings.mail import mail_settings

DEBUG = False
SAMSVAR_DEMO = True
globals().update(mail_settings(""))  # tests of email start their own mail server
SAMSVAR_DEMO_ACCOUNTS = SITE / "demo" / "accounts.toml"
SECRET_KEY = "only for tests"  # noqa: S105 - signs nothing that leaves a test
ALLOWED_HOSTS = ["*"]
SAMSVAR_SITE_URL = "https://samsvar.example/"
INSTALLED_APPS = [*INSTALLED_APPS, "samsvar.site.demo"]
DATABASES = {"default": database_settings(os.environ.get("SAMSVAR_TEST_DATABASE", f"sqlite:////{DATA}/test.sqlite3"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a file, because the server of a journey test reads it too
    DATABASES["default"]["TEST"] = {"NAME": str(Path(DATA) / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SAMSVAR_RECOVERY_CODE_SCRYPT = {"n": 2, "r": 1, "p": 1}  # ten codes would take half a second of each test that has them
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
