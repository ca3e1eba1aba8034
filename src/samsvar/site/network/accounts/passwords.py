"""Passwords that somebody would guess: used by many, made of words of this place, a pattern, or known from a breach.

Any characters make a password, and none are asked for. Of a long one the question is whether a list of short ones and a
rule would lead to it: “Password2026!!” is as good as “password”. Django's own list knows 187 of 12 letters or more
(2026-11); folded as below, each of its 19,646 stands for all that differ little.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from samsvar.site.network import models

log = logging.getLogger(__name__)

# What this site, its subject and its people are called, in the languages of the interface: the first that a stranger
# tries. ASVS 5.0 asks for such a list (V6.1.2); the name of the host comes to it when a password is checked.
WORDS_OF_THE_PLACE = frozenset(
    """
    samsvar accordance istanbul convention istanbulkonvensjonen conventie conventia konvensjon grevio synergy
    council europe europa europarat bucharest bucuresti oslo strasbourg network nettverk reseau retea secretariat
    sekretariat ministry ministere minister justice justis politi police shelter krisesenter refuge violence vold
    violenta women kvinner femmes femei gender norway norge norvege norvegia romania roumanie editor reviewer
    auditor organiser administrator admin welcome velkommen bienvenue password passord motdepasse parola sommer
    summer winter vinter
""".split()
)
SHORTEST_WORD = 4  # letters: shorter ones stand in everything
ADDED = 8  # characters before and behind a word that a guesser tries as a matter of course: "2026", "123456", "!!"
JUDGED = (
    100  # characters at most that are compared: a longer one is no common password, and comparing it would take long
)
MOST_WORDS = 3  # of the lists, one after the other; a fourth makes it a sentence

# "p4$$w0rd": what stands for a letter. A one is an i or an l.
DISGUISES = str.maketrans(
    {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "€": "e", "!": "i"}
)
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopåasdfghjkløæzxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
    "qwertzuiopasdfghjklyxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol", "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p", "!\"#¤%&/()=?", "!@#$%^&*()_+",
)  # fmt: skip


class LengthValidator(password_validation.MinimumLengthValidator):
    """Django's own, in our words: its sentence is not in all languages of the site (2026-11)."""

    def get_error_message(self) -> str:
        return _("This password is too short: %(least)d characters are the least.") % {"least": self.min_length}

    def get_help_text(self) -> str:
        return _("At least %(least)d characters.") % {"least": self.min_length}


class CommonPasswordValidator:
    """Refuses what many use: a common password, alone, disguised, doubled, or with the usual additions."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_common(password):
            raise ValidationError(_("Many people use this password, or one that differs little."), code="common")
        if is_pattern(password):
            raise ValidationError(_("This password repeats itself, or follows the keys."), code="pattern")

    def get_help_text(self) -> str:
        return _("Not one that many use; four words that do not belong together are better than one with signs added.")


class PlacePasswordValidator:
    """Refuses what is made of words of this place."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_of_this_place(password, names=names_of_the_record()):
            raise ValidationError(_("This password is made of words that belong to this site."), code="place")

    def get_help_text(self) -> str:
        return _("Not made of words that belong to this site.")


class BreachedPasswordValidator:
    """Refuses what stands in the file of hashes that the operator keeps; without such a file it says nothing.

    The file is the one that Have I Been Pwned hands out: SHA-1 in capitals, a colon and a count a line, in order. It
    lies on this machine, so that nobody elsewhere learns of which password was asked.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if not settings.SAMSVAR_BREACHED_PASSWORDS:
            return
        try:
            known = is_in_file(password, Path(settings.SAMSVAR_BREACHED_PASSWORDS))
        except OSError:
            log.exception("the file of breached passwords cannot be read")
            raise ValidationError(
                _("This password cannot be checked at the moment. Nothing was changed; please try again later."),
                code="unchecked",
            ) from None
        if known:
            raise ValidationError(
                _("This password stands in lists that have leaked from other sites. Please take another one."),
                code="breached",
            )

    def get_help_text(self) -> str:
        return _("Not one that has leaked from another site.")


def is_common(password: str) -> bool:
    """Whether a list of common passwords and the usual rules lead to it."""
    if len(password) > JUDGED:
        return False
    return password.lower() in _common() or any(
        len(password) - len(core) <= ADDED and (core in _common() or _is_made_of(core, _common(), at_most=2))
        for core in _cores(password)
    )


def names_of_the_record() -> list[str]:
    """What the networks and organisations of this site are called."""
    return [
        *models.Network.objects.values_list("name", flat=True),
        *models.Organisation.objects.values_list("name", flat=True),
    ]


def is_of_this_place(password: str, *, names: Iterable[str] = ()) -> bool:
    """Whether a few words, one of them of this place or of these names, and the usual additions lead to it."""
    if len(password) > JUDGED:
        return False
    place = WORDS_OF_THE_PLACE | _words_of_the_host() | _words_of(names)
    return any(
        len(password) - len(core) <= ADDED + core_gaps(password)
        and any(word in core for word in place)
        and _is_made_of(core, place | _common(), at_most=MOST_WORDS)
        for core in _cores(password)
    )


def is_pattern(password: str) -> bool:
    """Whether it repeats itself, uses hardly any characters, or runs along the alphabet or the keys."""
    text = password[:JUDGED].casefold()
    if len(set(text)) <= 4:
        return True
    # one unit over and over: a short one twice, any three times
    units = (unit for unit in range(1, len(text) // 2 + 1) if unit <= 6 or len(text) // unit >= 3)
    if any(text == (text[:unit] * (len(text) // unit + 1))[: len(text)] for unit in units):
        return True
    half, odd = divmod(len(text), 2)
    if not odd and text[:half] == text[half:] and is_common(text[:half]):
        return True
    return len(_without_runs(text)) <= len(text) // 4


def is_in_file(password: str, path: Path) -> bool:
    """Whether a file of sorted SHA-1 hashes holds this password's: a binary search over its bytes, some 36 reads."""
    sought = (
        hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    )  # the file's own format
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            start, line = _line_at(file, middle)
            found = line[:40].upper()
            if found == sought:
                return True
            if found < sought and line:
                low = start + len(line)
            else:
                high = start if start < middle else middle
    return False


def _line_at(file: BinaryIO, place: int) -> tuple[int, bytes]:
    """The line that holds the byte at a place, and where it begins."""
    start = max(0, place - 128)  # longer than any line of such a file
    file.seek(start)
    before = file.read(place - start)
    begins = start + before.rfind(b"\n") + 1 if b"\n" in before else start
    file.seek(begins)
    return begins, file.readline()


def core_gaps(password: str) -> int:
    """Characters between words, which add nothing: blanks, hyphens, full stops."""
    return len(re.findall(r"[\s._-]", password))


def _cores(password: str) -> Iterator[str]:
    """What is left of a password without disguise, signs between words, and what stands before and behind."""
    plain = _plain(password)
    shown = plain.translate(DISGUISES)
    for text in dict.fromkeys((plain, shown, shown.replace("1", "i"), shown.replace("1", "l"))):
        for stripped in dict.fromkeys((text, _stripped(text))):
            core = re.sub(r"[\W_]", "", stripped)
            if len(core) >= SHORTEST_WORD:
                yield core
                yield core.rstrip("0123456789").lstrip("0123456789")
    # a common word may end in figures itself, and others stand behind them: "passer2009" and "12"
    for added in range(1, min(ADDED, len(plain) - SHORTEST_WORD) + 1):
        if not re.search(r"[^\W\d_]", plain[-added:]):
            yield plain[:-added]
        if not re.search(r"[^\W\d_]", plain[:added]):
            yield plain[added:]
    # additions come off first, disguises after: "p4ssw0rd2026" ends in a year and not in "2o26"
    yield re.sub(r"[\W_]", "", _stripped(plain).translate(DISGUISES))
    yield re.sub(r"[\W_]", "", _stripped(plain).translate(DISGUISES).replace("1", "i"))


def _plain(text: str) -> str:
    """Small letters without accents: “Nettværk” and “nettvaerk” stay two, “Rețea” and “retea” become one."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def _stripped(text: str) -> str:
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _is_made_of(core: str, words: frozenset[str], *, at_most: int) -> bool:
    """Whether a text is a few words of a list, one after the other."""
    fewest = [0, *([at_most + 1] * len(core))]
    for end in range(SHORTEST_WORD, len(core) + 1):
        for start in range(end - SHORTEST_WORD + 1):
            if fewest[start] < at_most and core[start:end] in words:
                fewest[end] = min(fewest[end], fewest[start] + 1)
    return bool(core) and fewest[-1] <= at_most


def _without_runs(text: str) -> str:
    """What is left when every stretch of three or more along a row, forwards or backwards, is taken out."""
    left, place = [], 0
    while place < len(text):
        longest = 0
        for row in ROWS:
            for way in (row, row[::-1]):
                length = 3
                while place + length <= len(text) and text[place : place + length] in way:
                    longest = max(longest, length)
                    length += 1
        if not longest:
            left.append(text[place])
        place += longest or 1
    return "".join(left)


@cache
def _common() -> frozenset[str]:
    """Django's list of common passwords, in small letters, without the shortest."""
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return frozenset(word for line in file if len(word := line.strip()) >= SHORTEST_WORD)


def _words_of_the_host() -> frozenset[str]:
    names = re.split(r"[^a-z]+", " ".join(settings.ALLOWED_HOSTS).lower())
    return frozenset(name for name in names if len(name) >= SHORTEST_WORD and name not in {"localhost", "example"})


def _words_of(names: Iterable[str]) -> frozenset[str]:
    return frozenset(
        word for name in names for word in re.split(r"[\W\d_]+", _plain(name)) if len(word) >= SHORTEST_WORD
    )
