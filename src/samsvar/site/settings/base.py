"""Settings common to all Samsvar sites."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from samsvar.site.settings.accounts import *  # noqa: F403 - Django's way to build settings on settings
from samsvar.site.settings.environment import HELP, environment
from samsvar.site.settings.privacy import *  # noqa: F403 - likewise

SITE = Path(__file__).resolve().parent.parent


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a database URL.

    The URL is `sqlite:///path` or `postgresql://user:password@host:port/name?option=value`.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "CONN_MAX_AGE": None,  # opening the file and setting its pragmas takes longer than most pages' queries
            "NAME": unquote(parts.path[1:]) if parts.path.startswith("//") else unquote(parts.path.removeprefix("/")),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",  # writers wait for their turn instead of failing half-way
                "timeout": 20,  # seconds that a writer waits
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                    "PRAGMA mmap_size=134217728; PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;"
                    "PRAGMA secure_delete=ON;"  # erased data leave no bytes in the file
                ),
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        host = options.pop("host", parts.hostname or "")  # ?host=/folder is a Unix socket
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise ImproperlyConfigured(
        f"SAMSVAR_DATABASE must start with sqlite:// or postgresql://, not {parts.scheme}://. {HELP}"
    )


DATA = Path(os.environ.get("SAMSVAR_DATA", "samsvar-data")).resolve()  # documents, search index, page images
DATABASES = {"default": database_settings(environment.get("SAMSVAR_DATABASE", f"sqlite:////{DATA}/samsvar.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks_db",
    "samsvar.site.shell",  # before allauth: our templates override its templates
    "samsvar.site.audit",
    "samsvar.site.convention",
    "samsvar.site.thesaurus",
    "samsvar.site.network",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "samsvar.site.search",
    "samsvar.site.monitoring",
    "samsvar.site.implementation",
    "samsvar.site.exchange",
    "samsvar.site.meetings",
    "samsvar.site.funding",
    "samsvar.site.pages",
    "samsvar.site.following",
]

MIDDLEWARE = [
    "samsvar.site.shell.cache.CacheHeadersMiddleware",  # first: marks cacheable responses after all others have run
    "samsvar.site.shell.logs.RejectionLogMiddleware",  # outside everything that can reject a request
    "django.middleware.security.SecurityMiddleware",
    "samsvar.site.shell.headers.SecurityHeadersMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",  # before static files, which need the policy too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "samsvar.site.shell.request_guard.RequestGuardMiddleware",  # before CSRF protection, which reads bodies
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "samsvar.site.network.accounts.sessions.SessionActivityMiddleware",  # allauth's own writes on every request
    "samsvar.site.meetings.registration.link_access.LinkAccessMiddleware",  # people with a personal link
    "samsvar.site.network.access.middleware.AccessMiddleware",  # after everything that identifies the user
    "samsvar.site.network.accounts.sessions.SessionLifetimeMiddleware",  # after the access check: depends on the role
    "samsvar.site.network.drafts.middleware.DraftMiddleware",  # deletes what was typed once its form is accepted
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "samsvar.site.shell.request_guard.WrongMethodMiddleware",  # last: its page shows who is signed in
]

ROOT_URLCONF = "samsvar.site.urls"
WSGI_APPLICATION = "samsvar.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted(SITE.glob("*/*/templates")),  # each feature keeps its templates next to its code
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "samsvar.site.shell.context.page_context",
                "samsvar.site.network.context_processors.account_menus",
            ]
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("nb", _("Norwegian Bokmål")), ("ro", _("Romanian"))]
LOCALE_PATHS = [SITE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # today is `timezone.localdate()`; where a meeting is held it is `get_local_today(meeting)`

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "samsvar.site.monitoring.storage.AtomicFileSystemStorage",
        "OPTIONS": {"location": DATA / "documents"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs our files

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "object-src": [CSP.NONE],  # implied by default-src; ASVS 5.0 (V3.4.3) requires it explicitly
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],  # data: for the icons in the design system's style sheet
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
SECURE_REFERRER_POLICY = "same-origin"  # other sites get no referrer; "no-referrer" breaks forms
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LANGUAGE_COOKIE_NAME = "samsvar_language"  # never set by us: the language is in the URL

SAMSVAR_DEMO = False
# the organisation that reports to IATI: "identifier type name"; "" if none is registered, which the file then says
SAMSVAR_IATI_ORG = environment.get("SAMSVAR_IATI_ORG", "")
SAMSVAR_AUDIT_LOG_DAYS = 5 * 365  # minimum age of audit log entries before retention may delete them
# a neutral site, opened only by the reader's browser
SAMSVAR_QUICK_EXIT = os.environ.get("SAMSVAR_QUICK_EXIT", "https://www.wikipedia.org/")
SAMSVAR_SEARCH_INDEX = DATA / "search"
SAMSVAR_PICTURES = DATA / "pictures"
SAMSVAR_FONTS = os.environ.get("SAMSVAR_FONTS", "")  # folder of fonts for characters missing from ours; "": none
SAMSVAR_PAGE_CACHE_BYTES = environment.integer("SAMSVAR_PAGE_CACHE_BYTES", 33_554_432)  # per process; 0: no cache
SAMSVAR_UPLOAD_LIMIT = 40 * 1024 * 1024  # bytes per report; the longest reports collected are below 20 MB
SAMSVAR_READ_SECONDS = 120
SAMSVAR_READ_MEGABYTES = 1024
SAMSVAR_CLAMAV = os.environ.get("SAMSVAR_CLAMAV", "")  # host:port or unix:/path of a virus scanner; "": no scanning
# contact for security reports, and the page with the policy; used for /.well-known/security.txt
SAMSVAR_SECURITY_CONTACT = os.environ.get("SAMSVAR_SECURITY_CONTACT", "")
SAMSVAR_SECURITY_POLICY = os.environ.get("SAMSVAR_SECURITY_POLICY", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Errors go to standard error, where a service manager keeps them. URLs may contain search terms, which are private, so
# errors and rejected requests are logged, but page visits are not.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "samsvar.site.shell.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},  # a missing page is not an error
        "django.security": {"level": "CRITICAL"},  # the next logger reports the same events without addresses
        "samsvar.security": {"level": "INFO"},  # sign-ins, failed sign-ins and rejected requests
    },
}
