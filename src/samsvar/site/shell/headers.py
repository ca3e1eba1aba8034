"""What every answer says to browsers beside its content: which powers a page has, and who may load it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Powers of browsers, each for nobody or for our own pages. Passkeys are ours; no page of ours wants any other
# (names as in the W3C's registry of policy-controlled features, 2026-11, without "bluetooth", which Chromium on Linux
# does not know and says so on every page).
POWERS = {
    "accelerometer": "",
    "autoplay": "",
    "browsing-topics": "",
    "camera": "",
    "display-capture": "",
    "encrypted-media": "",
    "fullscreen": "",
    "geolocation": "",
    "gyroscope": "",
    "hid": "",
    "idle-detection": "",
    "local-fonts": "",
    "magnetometer": "",
    "microphone": "",
    "midi": "",
    "payment": "",
    "picture-in-picture": "",
    "publickey-credentials-create": "self",
    "publickey-credentials-get": "self",
    "screen-wake-lock": "",
    "serial": "",
    "storage-access": "",
    "usb": "",
    "xr-spatial-tracking": "",
}
PERMISSIONS = ", ".join(f"{power}=({who})" for power, who in POWERS.items())


class Headers:
    """Adds them to each answer that does not say otherwise itself; stands before static files, which carry them too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
