"""Settings of a real site, from environment variables; if a required one is missing, the error names it."""

from __future__ import annotations

from samsvar.site.settings.base import *  # noqa: F403 - Django's way to build settings on settings
from samsvar.site.settings.environment import environment

environment.check_names()
DEBUG = False
SECRET_KEY = environment.require("SAMSVAR_SECRET_KEY", "a long random string that signs sessions")
# previous keys, one per line: accepted for reading, never used for signing or encrypting
SECRET_KEY_FALLBACKS = [key for key in environment.get("SAMSVAR_SECRET_KEY_BEFORE", "").splitlines() if key]
ALLOWED_HOSTS = [
    host.strip()
    for host in environment.require("SAMSVAR_HOSTS", "the host names of the site, separated by commas").split(",")
]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if not host.startswith(".")]
# the base URL of links in emails, ending in "/"
SAMSVAR_SITE_URL = environment.get("SAMSVAR_SITE_URL", "") or f"https://{ALLOWED_HOSTS[0].lstrip('.')}/"

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# `__Host-`: browsers accept such a cookie only over TLS and for this exact host, so that no other host can set one
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
MESSAGE_STORAGE = "samsvar.site.shell.messages.HostCookieMessageStorage"
# number of our own proxies: the client's address is that many places from the end of X-Forwarded-For
ALLAUTH_TRUSTED_PROXY_COUNT = environment.integer("SAMSVAR_PROXIES", 1)
