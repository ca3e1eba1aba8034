"""Headers on every response: which browser features a page may use, and who may load it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Browser features, each disabled or allowed only for our own pages; we use only passkeys. The names are from the W3C's
# registry of policy-controlled features (2026-11), without "bluetooth", which Chromium on Linux does not know and
# reports on every page.
DISABLED_FEATURES = """
accelerometer autoplay browsing-topics camera display-capture encrypted-media fullscreen geolocation gyroscope hid
idle-detection local-fonts magnetometer microphone midi payment picture-in-picture screen-wake-lock serial
storage-access usb xr-spatial-tracking
""".split()
BROWSER_FEATURES = {
    **dict.fromkeys(DISABLED_FEATURES, ""),
    **dict.fromkeys(("publickey-credentials-create", "publickey-credentials-get"), "self"),
}
PERMISSIONS_POLICY = ", ".join(f"{power}=({who})" for power, who in BROWSER_FEATURES.items())


class SecurityHeadersMiddleware:
    """Middleware that adds missing headers. It comes before WhiteNoise, because static files need the headers too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
