"""Where a passage belongs: the articles of the Convention that its heading names, or that its own text cites.

A heading that names none inherits from the heading above it. A passage under no such heading is placed by its own text
only where that says whose articles it cites. Otherwise it stands under none: a person decides later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from samsvar.convention.provisions import articles_named
from samsvar.monitoring.report import Passage


class Basis(StrEnum):
    """What a placing rests on."""

    HEADING = "heading"  # the passage's own heading names the articles
    INHERITED = "inherited"  # a heading further out does
    TEXT = "text"  # no heading does; the passage itself cites them
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage and the articles it belongs to, in the order they are named; () where nothing names one."""

    passage: Passage
    articles: tuple[str, ...] = ()
    basis: Basis = Basis.NONE


# A citation that says whose article it is. "of the convention" alone means this one only in a report about it;
# other bodies ("Article 16 of the Convention" in a text on CEDAW) mean their own.
_ITS_OWN = r"(?:of|in|under|de|à) (?:the |la |l’|l')?(?:Istanbul Convention|Convention d['’]Istanbul)"
# "the convention on …" is another one
_BEHIND_ANOTHER = (
    "on", "against", "for", "relating", "concerning", "relative", "sur", "contre", "pour", "des", "de(?! Istanbul)",
    "européenne", "internationale",
)  # fmt: skip
_ANOTHER = rf"(?! (?:{'|'.join(_BEHIND_ANOTHER)})\b)"
_THE_CONVENTION = rf"(?:{_ITS_OWN}|(?:of|de) (?:the |la |this |cette )?[Cc]onvention{_ANOTHER})"
_CITED = r"\b(?:Articles?|articles?|Art\.) \d(?:(?!rticle|onvention)[^.;:()]){0,60}? "
_BRACKET = re.compile(
    r"\((?:see |voir )?Articles? \d[\d,;\s]*(?:(?:and|et|to|à|paragraph|paragraphe|[-–])[\d,;\s]*)*\)"
)


def place_under_articles(passages: Iterable[Passage], *, about_the_convention: bool = True) -> tuple[Placed, ...]:
    """Each passage with its articles, in the same order.

    `about_the_convention` says whether the report is written under the Istanbul Convention, so that "Article 7" in a
    heading and "of the convention" in a text mean this one. In any other report only "of the Istanbul Convention" does.
    """
    return tuple(place(passage, about_the_convention=about_the_convention) for passage in passages)


def place(passage: Passage, *, about_the_convention: bool = True) -> Placed:
    """One passage with its articles and what the placing rests on."""
    if about_the_convention:
        for depth, heading in enumerate(reversed(passage.headings)):
            if named := articles_of_heading(heading):
                return Placed(passage, named, Basis.INHERITED if depth else Basis.HEADING)
    if cited := articles_cited(passage.text, about_the_convention=about_the_convention):
        return Placed(passage, cited, Basis.TEXT)
    return Placed(passage)


@lru_cache(maxsize=4096)  # a heading stands over many passages
def articles_of_heading(heading: str) -> tuple[str, ...]:
    """The articles that a heading names, as "7"; () for none."""
    return articles_named(heading)


def articles_cited(text: str, *, about_the_convention: bool = True) -> tuple[str, ...]:
    """The articles that a running text cites as this Convention's, or gives alone in brackets: "(Article 22)"."""
    if "rticle" not in text and "Art." not in text:
        return ()
    whose = _THE_CONVENTION if about_the_convention else _ITS_OWN
    cited: dict[str, None] = {}
    places = [(m.start(), m[0]) for m in re.finditer(rf"{_CITED}{whose}", text)]
    if about_the_convention:
        places += [(m.start(), m[0]) for m in _BRACKET.finditer(text)]
    for _, mention in sorted(places):
        cited.update(dict.fromkeys(articles_named(mention)))
    return tuple(cited)
