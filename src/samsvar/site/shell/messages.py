"""The sentence that one page leaves for the next, in a cookie that only this very host can set."""

from __future__ import annotations

from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookie(CookieStorage):
    """Django's signed cookie under a name that browsers accept with `Secure`, for `/` and without a domain only."""

    cookie_name = "__Host-messages"


class HostMessages(FallbackStorage):
    """Long messages go to the session, as Django's own choice does."""

    storage_classes = (HostCookie, SessionStorage)
