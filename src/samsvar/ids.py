"""Identifiers and hashes. Stable identifiers depend only on raw source values, not on our data cleaning."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata


def hash_content(content: bytes) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits, to recognise a file that is uploaded again."""
    return hashlib.sha256(content).hexdigest()


def stable_id(*values: str) -> str:
    """Return a 16-digit id computed from the unprocessed values of a source, in order.

    The values are joined with a separator that no source prints, so ("ab", "c") and ("a", "bc") differ.
    """
    return hashlib.sha256("\x1f".join(values).encode()).hexdigest()[:16]


def make_slug(text: str) -> str:
    """Return a short readable name for use in a URL: "GREVIO/Inf(2020)14" → "grevio-inf-2020-14"."""
    # not `text.fold`, which turns "ß" into "ss" and would change published URLs
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in ascii_text).split())


def hash_secret(secret: str) -> str:
    """Return the hash that the database stores instead of an access secret: SHA-256, 64 hexadecimal digits.

    Use it only for random secrets such as the token in an email link; a password chosen by a person needs a slow,
    salted hash.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def random_id() -> str:
    """Return a random 16-digit id that reveals nothing about the person. It is used for people, never for documents.

    64 random bits cannot practically be guessed, and access never depends on them: permissions are always checked.
    """
    return secrets.token_hex(8)
