"""Virus scanning of uploaded files before they are saved, with clamd.

If `SAMSVAR_CLAMAV` is set, only files that the scanner reports as clean are accepted: if it is unavailable, slow or
over its limit, the file is rejected too. Without the setting nothing is scanned.
"""

from __future__ import annotations

import logging
import re
import socket
import struct
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from samsvar.site.shell.errors import SiteError

SOCKET_TIMEOUT = 60  # per socket operation; clamd scans the largest file (40 MB) in a few seconds
CHUNK_SIZE = 64 * 1024  # bytes sent at once
MAX_REPLY_LENGTH = 4096

log = logging.getLogger("samsvar.security")


class ScannerError(SiteError):
    """Raised when the virus scanner prevents a file from being saved."""


class FileInfected(ScannerError):
    """Raised when the virus scanner finds malware in a file."""

    advice = _("Tell your IT support team and the person who gave you the file.")

    def __init__(self, signature: str) -> None:
        super().__init__(
            _("The virus scanner detected something in this file: %(signature)s.") % {"signature": signature}
        )
        self.signature = signature


class ScannerUnavailable(ScannerError):
    """Raised when the virus scanner cannot be reached or gives no clear answer."""

    message = _("The virus scanner is not responding, and files cannot be accepted without it.")
    advice = _("Try again in a few minutes. If the problem continues, contact the site administrators.")


class InvalidScannerAddress(ScannerError):
    """Raised when `SAMSVAR_CLAMAV` is neither host:port nor unix:/path."""

    advice = "See docs/how-to/scan-uploads.md."

    def __init__(self, address: str) -> None:
        super().__init__(f"SAMSVAR_CLAMAV is “{address}”, which is neither host:port nor unix:/path.")


@dataclass(frozen=True, slots=True)
class Scanner:
    """A clamd scanner at the path of a Unix socket, or at a host and port."""

    path: str = ""
    host: str = ""
    port: int = 0

    def send(self, content: bytes) -> str:
        """Send the bytes to clamd (command INSTREAM) and return its reply. Raises `OSError` if it cannot be reached."""
        with self._connect() as connection:
            connection.settimeout(SOCKET_TIMEOUT)
            connection.sendall(b"zINSTREAM\0")
            for offset in range(0, len(content), CHUNK_SIZE):
                chunk = content[offset : offset + CHUNK_SIZE]
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            reply = b""
            while (
                not reply.endswith(b"\0")
                and len(reply) < MAX_REPLY_LENGTH
                and (received := connection.recv(MAX_REPLY_LENGTH))
            ):
                reply += received
        return reply.rstrip(b"\0\n").decode("utf-8", "replace")

    def _connect(self) -> socket.socket:
        if self.path:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(SOCKET_TIMEOUT)
                connection.connect(self.path)
            except BaseException:
                connection.close()
                raise
            return connection
        return socket.create_connection((self.host, self.port), timeout=SOCKET_TIMEOUT)


def parse_scanner_address(address: str) -> Scanner | None:
    """Parse `unix:/path` or `host:port` into a scanner, or return None for an empty address."""
    if not address:
        return None
    if address.startswith("unix:/"):
        return Scanner(path=address.removeprefix("unix:"))
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")  # [::1]:3310
    if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise InvalidScannerAddress(address)
    return Scanner(host=host, port=int(port))


def scan_for_viruses(content: bytes) -> None:
    """Scan a file for viruses; do nothing if the site has no scanner.

    Raises `FileInfected` or `ScannerUnavailable`.
    """
    scanner = parse_scanner_address(settings.SAMSVAR_CLAMAV)
    if scanner is None:
        return
    try:
        reply = scanner.send(content)
    except OSError as exc:
        log.error("the virus scanner cannot be reached: %s", exc)
        raise ScannerUnavailable from exc
    if reply == "stream: OK":
        return
    if match := re.fullmatch(r"stream: (?P<signature>.+) FOUND", reply):
        signature = "".join(c for c in match["signature"] if c.isprintable())[:120]
        log.warning("file rejected: the virus scanner found %s", signature)
        raise FileInfected(signature)
    log.error("unexpected response from the virus scanner: %r", reply[:200])
    raise ScannerUnavailable
