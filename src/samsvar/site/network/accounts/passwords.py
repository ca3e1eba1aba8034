"""Validators that reject guessable passwords: common ones, site-related words, patterns and breached passwords.

Any characters are allowed and none are required. A long password is rejected if it can be derived from a short common
one by a simple rule: “Password2026!!” is as weak as “password”. Django's own list has 187 entries of 12 or more
characters (2026-11); normalised as below, each of its 19,646 entries covers all its variants.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from samsvar.site.network import models
from samsvar.text import fold

log = logging.getLogger(__name__)

# Names of this site, its subject and its people in the interface languages, which an attacker would try first.
# ASVS 5.0 requires such a list (V6.1.2). The host name is added when a password is checked.
SITE_WORDS = frozenset(
    """
    samsvar accordance istanbul convention istanbulkonvensjonen conventie conventia konvensjon grevio synergy
    council europe europa europarat bucharest bucuresti oslo strasbourg network nettverk reseau retea secretariat
    sekretariat ministry ministere minister justice justis politi police shelter krisesenter refuge violence vold
    violenta women kvinner femmes femei gender norway norge norvege norvegia romania roumanie editor reviewer
    auditor organiser administrator admin welcome velkommen bienvenue password passord motdepasse parola sommer
    summer winter vinter
""".split()
)
MIN_WORD_LENGTH = 4  # letters; shorter words occur in almost every password
MAX_ADDED = 8  # characters that people commonly add before or after a word: "2026", "123456", "!!"
MAX_COMPARED = 100  # characters; longer passwords are not common, and comparing them would take too long
MAX_WORDS = 3  # a password of this many listed words is rejected; four words are a passphrase

# Substitutes for letters, as in "p4$$w0rd". A 1 can be an i or an l.
LETTER_SUBSTITUTIONS = str.maketrans(
    {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "€": "e", "!": "i"}
)
KEYBOARD_ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopåasdfghjkløæzxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
    "qwertzuiopasdfghjklyxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol", "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p", "!\"#¤%&/()=?", "!@#$%^&*()_+",
)  # fmt: skip


class LengthValidator(password_validation.MinimumLengthValidator):
    """Django's length validator with our own message; Django's is not translated into all our languages (2026-11)."""

    def get_error_message(self) -> str:
        return _("This password is too short. Use at least %(least)d characters.") % {"least": self.min_length}

    def get_help_text(self) -> str:
        return _("At least %(least)d characters.") % {"least": self.min_length}


class CommonPasswordValidator:
    """Validator that rejects common passwords, simple variants of them, repetition and keyboard patterns."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_common(password):
            raise ValidationError(_("Many people use this password, or a very similar one."), code="common")
        if is_predictable_pattern(password):
            raise ValidationError(_("This password is repetitive or follows a keyboard pattern."), code="pattern")

    def get_help_text(self) -> str:
        return _("Do not use a common password. Four unrelated words are better than one word with symbols added.")


class SiteWordsPasswordValidator:
    """Validator that rejects passwords made of words related to this site."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_made_of_site_words(password, names=network_and_organisation_names()):
            raise ValidationError(_("This password is made up of words connected with this site."), code="place")

    def get_help_text(self) -> str:
        return _("Do not use words connected with this site.")


class BreachedPasswordValidator:
    """Validator that rejects passwords in the operator's file of breached hashes; without a file, it accepts all.

    The file has the format of Have I Been Pwned: a SHA-1 in capitals, a colon and a count per line, sorted. It is
    stored on this machine, so that no one else learns which password was checked.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if not settings.SAMSVAR_BREACHED_PASSWORDS:
            return
        try:
            is_breached = is_in_breach_file(password, Path(settings.SAMSVAR_BREACHED_PASSWORDS))
        except OSError:
            log.exception("the file of breached passwords cannot be read")
            raise ValidationError(
                _("This password cannot be checked at the moment. Nothing was changed. Try again later."),
                code="unchecked",
            ) from None
        if is_breached:
            raise ValidationError(
                _("This password appears in lists leaked from other sites. Choose another one."), code="breached"
            )

    def get_help_text(self) -> str:
        return _("Do not use a password that has leaked from another site.")


def is_common(password: str) -> bool:
    """Return whether a password is common, or made of common ones by substituting letters or adding characters."""
    if len(password) > MAX_COMPARED:
        return False
    return password.lower() in _common_passwords() or any(
        len(password) - len(core) <= MAX_ADDED
        and (core in _common_passwords() or _is_made_of_words(core, _common_passwords(), at_most=2))
        for core in _possible_base_forms(password)
    )


def network_and_organisation_names() -> list[str]:
    """Return the names of the networks and organisations on this site."""
    return [
        *models.Network.objects.values_list("name", flat=True),
        *models.Organisation.objects.values_list("name", flat=True),
    ]


def is_made_of_site_words(password: str, *, names: Iterable[str] = ()) -> bool:
    """Return whether a password consists of a few words, at least one of them from this site or from `names`."""
    if len(password) > MAX_COMPARED:
        return False
    site_words = SITE_WORDS | _host_words() | _split_words(names)
    return any(
        len(password) - len(core) <= MAX_ADDED + count_separators(password)
        and any(word in core for word in site_words)
        and _is_made_of_words(core, site_words | _common_passwords(), at_most=MAX_WORDS)
        for core in _possible_base_forms(password)
    )


def is_predictable_pattern(password: str) -> bool:
    """Return whether a password is repetitive, has very few different characters, or follows alphabet or keyboard."""
    text = password[:MAX_COMPARED].casefold()
    if len(set(text)) <= 4:
        return True
    # A repeated unit: short units count if repeated at least twice, others at least three times.
    units = (unit for unit in range(1, len(text) // 2 + 1) if unit <= 6 or len(text) // unit >= 3)
    if any(text == (text[:unit] * (len(text) // unit + 1))[: len(text)] for unit in units):
        return True
    half, odd = divmod(len(text), 2)
    if not odd and text[:half] == text[half:] and is_common(text[:half]):
        return True
    return len(_remove_keyboard_runs(text)) <= len(text) // 4


def is_in_breach_file(password: str, path: Path) -> bool:
    """Return whether a sorted file of SHA-1 hashes contains that of a password, by binary search in about 36 reads."""
    # the file contains SHA-1 hashes
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            start, line = _read_line_containing(file, middle)
            candidate = line[:40].upper()
            if candidate == wanted:
                return True
            if candidate < wanted and line:
                low = start + len(line)
            else:
                high = start if start < middle else middle
    return False


def _read_line_containing(file: BinaryIO, position: int) -> tuple[int, bytes]:
    """Return the start and the content of the line that contains the byte at a position."""
    start = max(0, position - 128)  # no line of the file is longer than 128 bytes
    file.seek(start)
    before = file.read(position - start)
    line_start = start + before.rfind(b"\n") + 1 if b"\n" in before else start
    file.seek(line_start)
    return line_start, file.readline()


def count_separators(password: str) -> int:
    """Return the number of separators between words (spaces, hyphens, full stops), which add no strength."""
    return len(re.findall(r"[\s._-]", password))


def _possible_base_forms(password: str) -> Iterator[str]:
    """Yield the possible base forms of a password: without substitutions, separators, and additions at either end."""
    normalised = fold(password)
    undisguised = normalised.translate(LETTER_SUBSTITUTIONS)
    for text in dict.fromkeys((normalised, undisguised, undisguised.replace("1", "i"), undisguised.replace("1", "l"))):
        for stripped in dict.fromkeys((text, _strip_additions(text))):
            core = re.sub(r"[\W_]", "", stripped)
            if len(core) >= MIN_WORD_LENGTH:
                yield core
                yield core.rstrip("0123456789").lstrip("0123456789")
    # A common word may itself end in digits before the addition: "passer2009" followed by "12".
    for added in range(1, min(MAX_ADDED, len(normalised) - MIN_WORD_LENGTH) + 1):
        if not re.search(r"[^\W\d_]", normalised[-added:]):
            yield normalised[:-added]
        if not re.search(r"[^\W\d_]", normalised[:added]):
            yield normalised[added:]
    # Remove additions before undoing substitutions: "p4ssw0rd2026" ends in a year, not in "2o26".
    yield re.sub(r"[\W_]", "", _strip_additions(normalised).translate(LETTER_SUBSTITUTIONS))
    yield re.sub(r"[\W_]", "", _strip_additions(normalised).translate(LETTER_SUBSTITUTIONS).replace("1", "i"))


def _strip_additions(text: str) -> str:
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _is_made_of_words(core: str, words: frozenset[str], *, at_most: int) -> bool:
    """Return whether a text consists of at most `at_most` words from a list, one after the other."""
    fewest = [0, *([at_most + 1] * len(core))]
    for end in range(MIN_WORD_LENGTH, len(core) + 1):
        for start in range(end - MIN_WORD_LENGTH + 1):
            if fewest[start] < at_most and core[start:end] in words:
                fewest[end] = min(fewest[end], fewest[start] + 1)
    return bool(core) and fewest[-1] <= at_most


def _remove_keyboard_runs(text: str) -> str:
    """Remove every run of three or more characters along a keyboard row, forwards or backwards."""
    remaining, position = [], 0
    while position < len(text):
        longest = 0
        for keyboard_row in KEYBOARD_ROWS:
            for sequence in (keyboard_row, keyboard_row[::-1]):
                length = 3
                while position + length <= len(text) and text[position : position + length] in sequence:
                    longest = max(longest, length)
                    length += 1
        if not longest:
            remaining.append(text[position])
        position += longest or 1
    return "".join(remaining)


@cache
def _common_passwords() -> frozenset[str]:
    """Return Django's list of common passwords in lower case, without those shorter than `MIN_WORD_LENGTH`."""
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return frozenset(word for line in file if len(word := line.strip()) >= MIN_WORD_LENGTH)


def _host_words() -> frozenset[str]:
    names = re.split(r"[^a-z]+", " ".join(settings.ALLOWED_HOSTS).lower())
    return frozenset(name for name in names if len(name) >= MIN_WORD_LENGTH and name not in {"localhost", "example"})


def _split_words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(
        word for name in names for word in re.split(r"[\W\d_]+", fold(name)) if len(word) >= MIN_WORD_LENGTH
    )
