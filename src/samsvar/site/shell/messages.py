"""Storage of Django's messages in a cookie that only this exact host can set."""

from __future__ import annotations

from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """Django's signed cookie storage, under a name that browsers accept only with `Secure`, path `/` and no domain."""

    cookie_name = "__Host-messages"


class HostCookieMessageStorage(FallbackStorage):
    """Message storage in the `__Host-` cookie, and in the session for long messages, like Django's default."""

    storage_classes = (HostCookieStorage, SessionStorage)
