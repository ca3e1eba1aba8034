"""Names for things that never change: an id comes from raw source values, not from how well we cleaned them."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata


def content_hash(content: bytes) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits; the same file twice is one document."""
    return hashlib.sha256(content).hexdigest()


def stable_id(*raw: str) -> str:
    """A 16-digit id for the raw values of a source, in their order.

    Values are joined with a separator that no source prints, so ("ab", "c") and ("a", "bc") differ.
    """
    return hashlib.sha256("\x1f".join(raw).encode()).hexdigest()[:16]


def slug(text: str) -> str:
    """A short readable name for an address: "GREVIO/Inf(2020)14" → "grevio-inf-2020-14"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


def secret_hash(secret: str) -> str:
    """What a database keeps of a secret that opens something: SHA-256, 64 hexadecimal digits.

    For secrets of chance, such as the token of a letter; a password that a person chose wants a slow hash with a salt.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def random_id() -> str:
    """A 16-digit id that says nothing of what it names: for people, never for documents.

    64 bits of chance are not guessed by chance, and no right rests on them: who may see what an id names is asked.
    """
    return secrets.token_hex(8)
