"""A real site: everything secret or local comes from the environment, and what is missing is named at the start."""

from __future__ import annotations

from samsvar.site.settings.base import *  # noqa: F403 - Django's way to build settings on settings
from samsvar.site.settings.environment import environment

DEBUG = False
SECRET_KEY = environment.needed("SAMSVAR_SECRET_KEY", "a long random text that signs sessions")
# keys of before, one a line: what they signed and encrypted is still read, and nothing new is made with them
SECRET_KEY_FALLBACKS = [key for key in environment.get("SAMSVAR_SECRET_KEY_BEFORE", "").splitlines() if key]
ALLOWED_HOSTS = [
    host.strip()
    for host in environment.needed("SAMSVAR_HOSTS", "the names the site answers to, separated by commas").split(",")
]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if not host.startswith(".")]

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# `__Host-`: a browser takes such a cookie over TLS only, for this one host, so that no neighbour's page can plant one
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
MESSAGE_STORAGE = "samsvar.site.shell.messages.HostMessages"
# how many machines of ours stand in front: the visitor's address is the last but so many of X-Forwarded-For
ALLAUTH_TRUSTED_PROXY_COUNT = int(environment.get("SAMSVAR_PROXIES", "1"))
