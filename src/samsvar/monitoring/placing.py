"""Placement of passages under the articles of the Convention that their headings name or their text cites.

A heading that names no article inherits those of the heading above it. A passage whose headings name none is placed by
its own text, but only if the text says which convention it cites. Otherwise it is left for a person to place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from samsvar.convention.provisions import find_article_numbers
from samsvar.monitoring.report import Passage


class PlacementBasis(StrEnum):
    """The basis for the placement of a passage."""

    HEADING = "heading"  # the passage's own heading names the articles
    INHERITED = "inherited"  # a heading further up names the articles
    TEXT = "text"  # no heading names articles, but the passage cites them
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlacedPassage:
    """A passage and its articles, in the order in which they are named; () if none is named."""

    passage: Passage
    articles: tuple[str, ...] = ()
    basis: PlacementBasis = PlacementBasis.NONE


# A citation that says which convention it means. "of the convention" alone means the Istanbul Convention
# only in a report about it; other bodies mean their own ("Article 16 of the Convention" in a text on
# CEDAW).
_ISTANBUL_CONVENTION = r"(?:of|in|under|de|à) (?:the |la |l’|l')?(?:Istanbul Convention|Convention d['’]Istanbul)"
# "the convention on …" is another convention
_OTHER_CONVENTION_WORDS = (
    "on", "against", "for", "relating", "concerning", "relative", "sur", "contre", "pour", "des", "de(?! Istanbul)",
    "européenne", "internationale",
)  # fmt: skip
_NOT_ANOTHER_CONVENTION = rf"(?! (?:{'|'.join(_OTHER_CONVENTION_WORDS)})\b)"
_THE_CONVENTION = (
    rf"(?:{_ISTANBUL_CONVENTION}|(?:of|de) (?:the |la |this |cette )?[Cc]onvention{_NOT_ANOTHER_CONVENTION})"
)
_NUMBER = r"\d{1,2}(?:\s?\(\w{1,4}\))*(?:\.\d)?"  # "20", "20(1)(a)", "20.1"
_CITED = rf"\b(?:[Aa]rticles?|[Aa]rts?\.) {_NUMBER}(?:(?!rticle|onvention)[^.;:()]){{0,60}}? "
_LIST = rf"(?:[Aa]rticles?|[Aa]rts?\.) {_NUMBER}(?:(?:,? (?:and|et|or|ou|to|à) |, |\s?[–-]\s?){_NUMBER})*"
_BRACKET = re.compile(
    r"[(\[](?:see (?:also )?|cf\.? |voir (?:aussi )?|under |of )?(?:[Aa]rticles?|[Aa]rts?\.) \d[\d,;\s]*"
    r"(?:(?:and|et|to|à|or|ou|§|paragraphs?|paragraphes?|para\.|par\.|[-–])[\d,;\s]*)*(?:\([\w]{1,4}\))*[)\]]"
)
# "the convention, in its Article 11"; "la convention, en son article 11"; "the convention's Article 11"
_ITS = rf"(?:[’']s |[^.;:]{{0,80}}?\b(?:its|son|ses) )(?P<list>{_LIST})"
_ITS_ARTICLE = re.compile(r"(?:\b(?:its|son|ses)|[’']s) [Aa]rt")
_ARTICLE = re.compile(r"[Aa]rt(?:icle|s?\.)")
_THIS_NAME = r"(?:Istanbul [Cc]onvention|[Cc]onvention d[’']Istanbul)"
_NAMED = {  # by whether the report is about the Convention
    True: re.compile(
        rf"{_THIS_NAME}"
        rf"|\b(?:[Tt]he|[Tt]his|[Ll]a|[Cc]ette|[Ll]adite|[Pp]résente) [Cc]onvention\b{_NOT_ANOTHER_CONVENTION}"
    ),
    False: re.compile(_THIS_NAME),
}
_OTHER_INSTRUMENT = re.compile(
    r"\b(?:[Cc]odes?|[Ll]aws?|Acts?|[Cc]onstitutions?|[Dd]irectives?|[Rr]egulations?|[Dd]ecrees?|[Cc]harters?|[Cc]harte|[Pp]rotocols?|[Pp]rotocoles?|[Cc]ovenant|[Pp]acte"
    r"|[Ss]tatutes?|[Tt]reat(?:y|ies)|[Tt]raités?|[Ll]ois?|[Dd]écrets?|[Rr]èglements?|ECHR|CEDAW|UNCRC|TFEU|TEU)\b"
)
_SAID_CONVENTION = re.compile(r"\b(?:ladite|la présente|the said|the present) [Cc]onvention\b")
_SENTENCE = re.compile(r"(?:[^.;]|(?<=rt)\.|(?<=rts)\.|(?<=\d)\.(?=\d))+")


def place_under_articles(
    passages: Iterable[Passage], *, about_the_convention: bool = True
) -> tuple[PlacedPassage, ...]:
    """Return the passages in the same order, each placed under its articles.

    `about_the_convention` says whether the report is written under the Istanbul Convention, so that "Article 7"
    in a heading and "of the convention" in a text refer to it. In any other report, only "of the Istanbul
    Convention" does.
    """
    return tuple(place_passage(passage, about_the_convention=about_the_convention) for passage in passages)


def place_passage(passage: Passage, *, about_the_convention: bool = True) -> PlacedPassage:
    """Return a passage with its articles and the basis of the placement."""
    if about_the_convention:
        for depth, heading in enumerate(reversed(passage.headings)):
            if heading_articles := find_heading_articles(heading):
                return PlacedPassage(
                    passage, heading_articles, PlacementBasis.INHERITED if depth else PlacementBasis.HEADING
                )
    if cited_articles := find_cited_articles(passage.text, about_the_convention=about_the_convention):
        return PlacedPassage(passage, cited_articles, PlacementBasis.TEXT)
    return PlacedPassage(passage)


@lru_cache(maxsize=4096)  # many passages share a heading
def find_heading_articles(heading: str) -> tuple[str, ...]:
    """Return the articles that a heading names, such as ("7",); () if it names none."""
    return find_article_numbers(heading)


def find_cited_articles(text: str, *, about_the_convention: bool = True) -> tuple[str, ...]:
    """Return the Istanbul Convention articles that a text cites, including a bare reference such as "(Article 22)"."""
    if "rticle" not in text and "rt." not in text and "rts." not in text:
        return ()
    text = _SAID_CONVENTION.sub("the convention", text)
    convention = _THE_CONVENTION if about_the_convention else _ISTANBUL_CONVENTION
    named = _NAMED[about_the_convention]
    mentions = [(m.start(), m[0]) for m in re.finditer(rf"{_CITED}{convention}", text)]
    if _ITS_ARTICLE.search(text):  # seldom, and the pattern with a gap takes ten times as long
        mentions += [(m.start("list"), m["list"]) for m in re.finditer(rf"(?:{named.pattern}){_ITS}", text)]
    if about_the_convention:
        mentions += [(m.start(), m[0]) for m in _BRACKET.finditer(text)]
    # a sentence that names this Convention and no other instrument means its articles
    if named.search(text):
        mentions += [
            (match.start(), match[0])
            for match in _SENTENCE.finditer(text)
            if _ARTICLE.search(match[0]) and _names_only_the_convention(match[0], named)
        ]
    cited: dict[str, None] = {}
    for _, mention in sorted(mentions):
        cited.update(dict.fromkeys(find_article_numbers(mention)))
    return tuple(cited)


def _names_only_the_convention(sentence: str, named: re.Pattern[str]) -> bool:
    """Return whether a sentence names the Convention (as `named` matches it) and no other instrument."""
    without_name, count = named.subn("", sentence)
    return bool(count) and not _OTHER_INSTRUMENT.search(without_name) and "onvention" not in without_name
