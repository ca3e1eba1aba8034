"""The virus scanner that looks at files before they are kept: clamd, on a socket of the operator's choice.

Where `SAMSVAR_CLAMAV` names one, nothing is kept that it has not called clean: a scanner that is silent, slow or full
refuses the file as one that found something does. Without the setting no scanner is asked.
"""

from __future__ import annotations

import logging
import re
import socket
import struct
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from samsvar.errors import SamsvarError

SECONDS = 60  # for each step of the talk; the largest file has 40 MB, which clamd looks through in a few seconds
PART = 64 * 1024  # bytes sent at once
LONGEST_REPLY = 4096

log = logging.getLogger("samsvar.security")


class ScannerError(SamsvarError):
    """The virus scanner stands between a file and its place."""

    code = "scanner_error"


class Infected(ScannerError):
    """The virus scanner found something in the file."""

    code = "infected"

    def __init__(self, signature: str) -> None:
        super().__init__(
            _("The virus scanner found something in this file: %(signature)s.") % {"signature": signature},
            kept=_("Nothing was stored."),
            advice=_("Tell whoever gave you the file, and those who look after your computer."),
        )
        self.signature = signature


class ScannerSilent(ScannerError):
    """The virus scanner could not be asked, or gave no clear answer."""

    code = "scanner_silent"

    def __init__(self) -> None:
        super().__init__(
            _("The virus scanner does not answer, and without it no file is taken in."),
            kept=_("Nothing was stored."),
            advice=_("Try again in a few minutes; if it lasts, tell those who run this site."),
        )


class BadScannerAddress(ScannerError):
    """`SAMSVAR_CLAMAV` names no scanner: it is neither host:port nor unix:/path."""

    code = "bad_scanner_address"


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where clamd listens: a path of a Unix socket, or a host and a port."""

    path: str = ""
    host: str = ""
    port: int = 0

    def reply_to(self, content: bytes) -> str:
        """What clamd says about these bytes (its command INSTREAM); raises `OSError` where it cannot be asked."""
        with self._connection() as talk:
            talk.settimeout(SECONDS)
            talk.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PART):
                part = content[start : start + PART]
                talk.sendall(struct.pack("!I", len(part)) + part)
            talk.sendall(struct.pack("!I", 0))
            reply = b""
            while not reply.endswith(b"\0") and len(reply) < LONGEST_REPLY and (heard := talk.recv(LONGEST_REPLY)):
                reply += heard
        return reply.rstrip(b"\0\n").decode("utf-8", "replace")

    def _connection(self) -> socket.socket:
        if self.path:
            talk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                talk.settimeout(SECONDS)
                talk.connect(self.path)
            except BaseException:
                talk.close()
                raise
            return talk
        return socket.create_connection((self.host, self.port), timeout=SECONDS)


def scanner_at(address: str) -> Scanner | None:
    """The scanner that a setting names: `unix:/path` or `host:port`; None where it is empty."""
    if not address:
        return None
    if address.startswith("unix:/"):
        return Scanner(path=address.removeprefix("unix:"))
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")  # [::1]:3310
    if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise BadScannerAddress(
            f"SAMSVAR_CLAMAV is “{address}”, which is neither host:port nor unix:/path.",
            advice="See docs/how-to/scan-uploads.md.",
        )
    return Scanner(host=host, port=int(port))


def scan(content: bytes) -> None:
    """Return where the scanner calls these bytes clean, or where the site has none; else raise a named error."""
    scanner = scanner_at(settings.SAMSVAR_CLAMAV)
    if scanner is None:
        return
    try:
        reply = scanner.reply_to(content)
    except OSError as silent:
        log.error("the virus scanner cannot be asked: %s", silent)
        raise ScannerSilent from silent
    if reply == "stream: OK":
        return
    if found := re.fullmatch(r"stream: (?P<signature>.+) FOUND", reply):
        signature = "".join(c for c in found["signature"] if c.isprintable())[:120]
        log.warning("a file was refused: the virus scanner found %s", signature)
        raise Infected(signature)
    log.error("the virus scanner gave no clear answer: %r", reply[:200])
    raise ScannerSilent
