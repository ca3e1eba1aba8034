"""Which passages conclude: what a monitoring body asks or praises, how strongly, of whom and by when.

A conclusion is drawn in a main clause whose subject is the body and whose verb stands in its profile, in the present
tense. Whatever is only told of (an earlier report's urging, another body's, a quotation, a condition) is none, and
neither is an invitation to an event. A paragraph with two conclusions gives two findings with the same text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

from samsvar.monitoring.placing import Basis, Placed, articles_cited, place_under_articles
from samsvar.monitoring.report import Finding, Passage, Strength

BODIES_WITH_A_SCALE = ("grevio", "committee_of_the_parties", "cedaw")  # their profiles carry [wording.*]
LONGEST_INSERTION = 250  # characters between a body's name and its verb; the longest in tests is 171 (2026-11)
MOST_ADVERBS = 5  # between two words of a conclusion; three in tests ("therefore further strongly"), 2026-11
LONGEST_BARE_LEAD = 45  # words that may lead to the body's name without a comma; the longest in tests is 31 (2026-11)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One conclusion in a text: its verb as printed, its strength in the common order, and what is asked of whom."""

    start: int  # where its sentence, or its part of a shared sentence, begins and ends in the text
    end: int
    verb: str
    strength: Strength | None  # None: the body's word is outside its scale
    addressee: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Wording:
    """How one body words its conclusions in one language: its profile and the grammar, made into patterns."""

    language: str
    strengths: Mapping[str, Strength | None]
    speaks: re.Pattern[str]
    opens: re.Pattern[str] | None  # an operative paragraph without a subject ("Recommends that …")
    joins: re.Pattern[str]
    passive: re.Pattern[str] | None
    passives: Mapping[str, Strength | None]
    voice: re.Pattern[str]
    pronoun: re.Pattern[str]
    heads: re.Pattern[str]
    back: re.Pattern[str]
    clitic: re.Pattern[str]  # at the end of what stands before a verb: "et les " in "et les invite à"
    adverbs: re.Pattern[str]  # at the start of what follows a verb: adverbs and an insertion between commas
    subordinate: re.Pattern[str]
    partner: re.Pattern[str]
    connect: re.Pattern[str]
    openers: frozenset[str]
    reported: re.Pattern[str]
    speaker: re.Pattern[str]
    own_paper: re.Pattern[str]
    own_writer: re.Pattern[str]
    cleft: re.Pattern[str]
    never: re.Pattern[str]
    operative: re.Pattern[str] | None
    relative: re.Pattern[str]
    not_asked: re.Pattern[str]
    courtesy: re.Pattern[str]
    parts_without_findings: re.Pattern[str] | None
    deadline: re.Pattern[str]
    cites: re.Pattern[str]
    abbreviation: re.Pattern[str]
    passive_names_the_body: bool

    def strength(self, verb: str) -> Strength | None:
        """The common strength of a verb as printed; adverbs set between its words do not count."""
        words = _words(verb)
        for phrase, strength in self.strengths.items():
            wanted = iter(words)
            if all(word in wanted for word in _words(phrase)) and words[-1:] == _words(phrase)[-1:]:
                return strength
        return None


# --- the functions that callers need ---------------------------------------------------------------------------------


def conclude_by_verbs(
    passages: Sequence[Passage],
    annex: Sequence[Passage],
    *,
    document: str,
    body: str,
    state: str | None,
    procedure: str | None,
    language: str,
    reader: str,
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings of a report whose body concludes by verbs, and notes for its account; the annex only checks.

    `language` is a code, or anything else where it was not determined: then the language in which more is found.
    """

    def found_in(code: str) -> tuple[Finding, ...]:
        return find_conclusions(
            placed, document=document, body=body, state=state, procedure=procedure, language=code, reader=reader
        )

    placed = place_under_articles(passages, about_the_convention=_is_about_the_convention(body))
    known = languages_of(body)
    tried = (language,) if language in known else known
    findings, code = max(((found_in(code), code) for code in tried), key=lambda pair: len(pair[0]))
    notes = compare_with_annex(findings, annex, wording_of(body, code)) + bold_without_conclusion(passages, findings)
    return findings, notes


def find_conclusions(
    placed: Sequence[Placed],
    *,
    document: str,
    body: str,
    state: str | None,
    procedure: str | None,
    language: str,
    reader: str,
) -> tuple[Finding, ...]:
    """The findings of a report, in its order; one for each conclusion, all of its lettered points as actions.

    A chapeau that ends in a colon before numbered paragraphs ("Recommends that the Government of …: 1. ensure …")
    lends its verb, strength and addressee to each of them.
    """
    wording = wording_of(body, language)
    drawn: list[tuple[Placed, tuple[str, ...], tuple[Conclusion, ...]]] = []
    for chapeau, here, points in _with_their_points(_in_operative_parts(placed, wording), wording):
        if _sums_up(here.passage.headings, wording):
            continue
        text = here.passage.text
        own = conclusions_in(text, wording)
        if chapeau is not None and (not own or own[0].start > 0):
            upto = own[0].start if own else len(text)
            lent = conclusions_in(chapeau, wording)[-1:]
            own = (*(replace(c, start=0, end=upto, sentence=text[:upto].strip()) for c in lent), *own)
            drawn = [(t, its, theirs[:-1] if t.passage.text == chapeau else theirs) for t, its, theirs in drawn]
        drawn.append((here, points, own))
    return tuple(
        Finding(
            document=document,
            body=body,
            state=state,
            procedure=procedure,
            paragraph=here.passage.number,
            page=here.passage.pages[0] if here.passage.pages else 1,
            pages=here.passage.pages,
            boxes=here.passage.boxes,
            heading=" › ".join(here.passage.headings),
            articles=here.articles if len(conclusions) == 1 else _cited_in(conclusion.sentence, here),
            strength=conclusion.strength,
            verb=conclusion.verb,
            addressee=conclusion.addressee,
            from_state=(),
            actions=_actions(conclusion, points if conclusion is conclusions[-1] else (), here.passage.text),
            text=here.passage.text,
            language=language,
            reader=reader,
            deadline=_deadline(here.passage.text, conclusion, conclusions, wording),
            cites=paragraphs_cited(_stretch(here.passage.text, conclusion, conclusions), wording),
        )
        for here, points, conclusions in drawn
        for conclusion in conclusions
    )


def conclusions_in(text: str, wording: Wording) -> tuple[Conclusion, ...]:
    """The conclusions that a paragraph draws, in its order; () where it draws none."""
    if not (wording.voice.search(text) or wording.opens or wording.passive):
        return ()  # most paragraphs of most reports end here
    masked = _without_quotations(_even(text))
    found: list[Conclusion] = []
    spoke = False  # whether the body was the subject of the sentence before
    addressee: str | None = None  # whom "them" means
    for start, end in _sentences(masked, wording):
        heads, spoke = _heads(masked[start:end], wording, spoke)
        for conclusion in _drawn(text, masked, start, end, heads, wording, addressee):
            addressee = conclusion.addressee or addressee
            found.append(conclusion)
    return tuple(found)


def deadline_in(text: str, wording: Wording) -> str | None:
    """The first day or term a text sets, as printed; None where it sets none."""
    found = wording.deadline.search(_even(text))
    return " ".join(text[found.start() : found.end()].split()) if found else None


def paragraphs_cited(text: str, wording: Wording) -> tuple[str, ...]:
    """The paragraphs of reports that a text points at: "57", or "GREVIO/Inf(2020)14 § 57"."""
    cited: dict[str, None] = {}
    for found in wording.cites.finditer(_even(text)):
        reference = found["reference"]
        for number in _numbers(found["numbers"]):
            cited[f"{reference} § {number}" if reference else number] = None
    return tuple(cited)


def compare_with_annex(findings: Sequence[Finding], annex: Sequence[Passage], wording: Wording) -> tuple[str, ...]:
    """Where the appendix that repeats the proposals differs from the body of the report; it never adds a finding.

    Each item of the appendix ends with the number of its paragraph in brackets; the body is the reference.
    """
    notes: list[str] = []
    by_paragraph: dict[str, list[Finding]] = {}
    for finding in findings:
        by_paragraph.setdefault(finding.paragraph, []).append(finding)
    for passage in annex:
        repeated = conclusions_in(passage.text, wording)
        cited = re.search(r"\(\s*(?:\w+\.?\s+)?§?\s*(\d{1,4})\s*\)\s*\.?\s*$", passage.text)
        if not repeated or cited is None:
            continue
        item = f"Appendix, item {passage.number or '“' + passage.text[:40] + '…”'}"
        there = [f for f in by_paragraph.get(cited[1], ()) if f.strength is not Strength.WELCOMES]
        if not there:
            notes.append(f"{item} repeats paragraph {cited[1]}, in which no conclusion was found.")
        elif repeated[0].strength not in {finding.strength for finding in there}:
            notes.append(f"{item} says “{repeated[0].verb}” where paragraph {cited[1]} says “{there[0].verb}”.")
        elif not any(_same_words(passage.text[: cited.start()], finding.text) for finding in there):
            notes.append(f"{item} words paragraph {cited[1]} differently; the paragraph counts.")
    return tuple(notes)


def bold_without_conclusion(passages: Iterable[Passage], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Numbered paragraphs printed in bold in which no conclusion was found: perhaps a verb that the profile lacks."""
    known = {finding.paragraph.split(".")[0] for finding in findings}
    return tuple(
        f"Paragraph {passage.number} (page {passage.pages[0]}) is printed in bold, and no conclusion was found in it."
        for passage in passages
        if passage.bold and passage.number and passage.pages and passage.number.split(".")[0] not in known
    )


# --- inside one sentence ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class _Head:
    """Where in a sentence a conclusion's clause begins, and where its verb stands."""

    clause: int
    verb: int
    after: int
    passive: bool = False


def _heads(sentence: str, wording: Wording, spoke: bool) -> tuple[list[_Head], bool]:
    """Where a sentence concludes, and whether the body is its subject."""
    heads: list[_Head] = []
    subject_at: int | None = None
    opened = wording.opens.match(sentence) if wording.opens else None
    if opened and _asks(sentence[opened.end("verb") :], opened["verb"], wording):
        heads.append(_Head(opened.start("verb"), opened.start("verb"), opened.end("verb")))
        subject_at = 0
    for found in wording.speaks.finditer(sentence):
        lead = sentence[: found.start()]
        pronoun = wording.pronoun.fullmatch(found["subject"]) is not None
        if not _leads_to_main_clause(lead, wording) or (pronoun and not _means_the_body(lead, spoke, wording)):
            continue
        subject_at = found.start()
        addressed = pronoun and not found["clitic"]
        if _asks(sentence[found.end() :], found["verb"], wording, known_addressee=addressed):
            heads.append(_Head(found.start(), found.start("verb"), found.end("verb")))
    if subject_at is None:
        voices = (voice.start() for voice in wording.voice.finditer(sentence))
        subject_at = next((at for at in voices if _leads_to_main_clause(sentence[:at], wording)), None)
    if subject_at is None and wording.operative and wording.operative.match(sentence):
        subject_at = 0
    if subject_at is not None:
        heads += _joined(sentence, subject_at, heads, wording)
    if not heads:
        heads = _passive(sentence, wording)
    return sorted(set(heads)), subject_at is not None


def _drawn(
    text: str, masked: str, start: int, end: int, heads: Sequence[_Head], wording: Wording, addressee: str | None
) -> Iterator[Conclusion]:
    """The conclusions of the sentence from `start` to `end`; `addressee` is whom the one before was addressed to."""
    for number, head in enumerate(heads):
        begins = start if number == 0 else start + head.clause
        ends = start + heads[number + 1].clause if number + 1 < len(heads) else end
        verb, after = start + head.verb, start + head.after
        printed = " ".join(text[verb:after].split())
        if head.clause == head.verb:
            printed = printed.lower()  # an operative paragraph opens with its verb: "Recommends"
        if head.passive:
            strength = wording.passives[_even(printed).lower()]
            named: str | None = text[start + head.clause : verb].rsplit(" ", 1)[0].strip()
        else:
            strength = wording.strength(_even(printed))
            named = _addressee(masked[after:ends], text[after:ends], wording)
        if strength is Strength.WELCOMES:
            named = None
        elif named is None or wording.back.fullmatch(named):
            named = (addressee or named) if named or wording.clitic.search(masked[begins:verb]) else None
        addressee = named or addressee
        yield Conclusion(begins, ends, printed, strength, named, text[begins:ends].strip(" ,;\n"))


def _means_the_body(lead: str, spoke: bool, wording: Wording) -> bool:
    """Whether a pronoun stands for the body: named earlier in the sentence, or the subject of the sentence before."""
    return bool(wording.voice.search(lead)) or (spoke and (not lead.strip(" ,") or lead.rstrip()[-1] in ",;:"))


def _joined(sentence: str, subject_at: int, heads: Sequence[_Head], wording: Wording) -> Iterator[_Head]:
    """Further verbs of the same speaker: "urges … and strongly encourages them to …"."""
    for found in wording.joins.finditer(sentence, subject_at + 1):
        if any(head.verb == found.start("verb") for head in heads):
            continue
        between = sentence[subject_at : found.start()]
        praise = wording.strength(found["verb"]) is Strength.WELCOMES
        since = heads[-1].after - subject_at if heads else 0
        own = wording.relative.match(between, since + 1)  # "recommends that …": what is asked, and no aside
        relative = wording.relative.search(between, own.end() if own and heads else since)
        if relative and found["joint"] is None:
            continue  # "…, urges" goes on with a list of verbs only where nothing was put in between
        if relative and praise and (heads or not found["comma"]):
            continue  # "a house that shelters women and welcomes children"
        if relative and not found["comma"]:
            if wording.speaker.search(between, relative.end()):
                continue  # "notes that the Ombudsperson has examined this and urges the police to act"
            asked = wording.heads.match(sentence, found.end())
            to_its_writers = asked is not None and wording.own_writer.search(asked["who"])
            if wording.own_paper.search(between, relative.end()) and not to_its_writers:
                continue  # "notes that the plan dates from last year and encourages municipalities to act"
        known = bool(relative) and not found["clitic"]
        if _asks(sentence[found.end() :], found["verb"], wording, known_addressee=known):
            yield _Head(max(found.start("joint"), found.start() + 1), found.start("verb"), found.end("verb"))


def _passive(sentence: str, wording: Wording) -> list[_Head]:
    """ "The State party is encouraged to …": the body is not named, but nobody else speaks in its conclusions."""
    if wording.passive is None:
        return []
    found = wording.passive.search(sentence)
    if found is None or not _leads_to_main_clause(sentence[: found.start()], wording):
        return []
    if wording.passive_names_the_body and not found["agent"]:
        return []
    return [_Head(found.start(), found.start("verb"), found.end("verb"), passive=True)]


def _leads_to_main_clause(lead: str, wording: Wording) -> bool:
    """Whether what stands before the body's name leaves it the subject of a main clause."""
    lead = _NUMBERING.sub("", lead)
    stripped = lead.strip()
    if not stripped.strip(" –—-•*\"'“«") or stripped[-1] in ".!?":
        return True  # a full stop that did not end a sentence ended an abbreviation: "etc. GREVIO urges"
    if wording.reported.search(stripped.lower()):
        return False
    if wording.cleft.search(stripped):
        return True
    if stripped[-1] in ",;:)–—¤]":
        return not wording.subordinate.search(stripped.rstrip(" ,;:–—"))
    if wording.subordinate.search(stripped) or wording.partner.search(stripped):
        return False
    if wording.connect.search(stripped):
        return True
    words = _words(stripped)
    return bool(words) and words[0] in wording.openers and len(words) <= LONGEST_BARE_LEAD


def _asks(rest: str, verb: str, wording: Wording, *, known_addressee: bool = False) -> bool:
    """Whether what follows the verb is asked or praised in earnest: no event and no courtesy."""
    if wording.strength(verb) is Strength.WELCOMES:
        return not wording.courtesy.search(rest)
    if wording.never.search(rest):
        return False
    if wording.strength(verb) in {Strength.INVITES, None} and wording.not_asked.search(rest):
        return False
    if not rest.strip(" .;"):
        return False
    if known_addressee:
        opening = wording.adverbs.sub("", rest, count=1).lstrip(" ,")[:90]
        return bool(wording.heads.match(opening) or wording.back.match(opening.removeprefix("that ")))
    return True


def _addressee(masked: str, printed: str, wording: Wording) -> str | None:
    """Who is asked, as printed: "the Norwegian authorities"; None where the sentence names nobody."""
    skipped = wording.adverbs.match(masked)
    begin = skipped.end() if skipped else 0
    found = wording.heads.match(masked, begin)
    if found:
        return " ".join(printed[found.start("who") : found.end("who")].split())
    again = wording.back.match(masked, begin)
    if again:
        return again[0]
    generic = re.match(
        r"((?:[Tt]he |[Aa]ll |[Ll]es |[Ll]a |[Ll]e |[A-ZÀ-Ý])[^,.:;]{2,80}?)(?= to\b| à\b|:)", masked[begin:]
    )
    return " ".join(printed[begin : begin + generic.end()].split()) if generic else None


def _stretch(text: str, conclusion: Conclusion, conclusions: Sequence[Conclusion]) -> str:
    """What of a paragraph belongs to one of its conclusions: from the one before to the next."""
    number = next(n for n, one in enumerate(conclusions) if one is conclusion)
    begin = conclusions[number - 1].end if number else 0
    end = conclusions[number + 1].start if number + 1 < len(conclusions) else len(text)
    return text[begin : max(begin, end)]


def _deadline(text: str, conclusion: Conclusion, conclusions: Sequence[Conclusion], wording: Wording) -> str | None:
    """The deadline of one conclusion: in its sentence or its points, not in what was told before; praise sets none."""
    if conclusion.strength is Strength.WELCOMES:
        return None
    before = conclusions[0].start if conclusion is conclusions[0] else 0
    return deadline_in(_stretch(text, conclusion, conclusions)[before:], wording)


def _actions(conclusion: Conclusion, points: Sequence[str], text: str) -> tuple[str, ...]:
    """What is asked for: the lettered points, or the one sentence; nothing where the body only praises."""
    if conclusion.strength is Strength.WELCOMES:
        return ()
    if points:
        return tuple(points)
    return points_in(text, conclusion.start, conclusion.end) or (conclusion.sentence,)


def points_in(text: str, start: int = 0, end: int | None = None) -> tuple[str, ...]:
    """Lettered or numbered points that run on in a text behind a colon: "to: a. …; b. …" → ("a. …", "b. …").

    The colon stands between `start` and `end`. Where no other point is longer than a sentence, the last is not.
    """
    for colon in (found.start() for found in re.finditer(":", text[start:end])):
        begins = next(filter(None, (_series(text, start + colon + 1, marks) for marks in _POINT_SERIES)), None)
        begins = begins or _bullets(text, start + colon + 1)
        if begins:
            points = [text[a:b].strip() for a, b in pairwise([*begins, len(text)])]
            over = _SENTENCE_ENDS.search(points[-1], _LONGEST_MARK)
            if over and not any(_SENTENCE_ENDS.search(point, _LONGEST_MARK) for point in points[:-1]):
                points[-1] = points[-1][: over.end()].strip()
            return tuple(points)
    return ()


def _series(text: str, start: int, marks: Sequence[str]) -> list[int] | None:
    """Where each point of a series begins, the first right at `start`; None for fewer than two."""
    places: list[int] = []
    at = start
    for mark in marks:
        found = re.compile(rf"(?<![^\s:;,.])\(?{re.escape(mark)}[.)]\s").search(text, at)
        if found is None or (not places and text[start : found.start()].strip()):
            break
        places.append(found.start())
        at = found.end()
    return places if len(places) > 1 else None


def _bullets(text: str, start: int) -> list[int] | None:
    """Where each bulleted point begins, the first right at `start`; None for fewer than two."""
    places = [found.start() for found in re.compile(r"(?<=\s)[•▪◦–—-]\s").finditer(text, start)]
    return places if len(places) > 1 and not text[start : places[0]].strip() else None


# --- passages and their points ---------------------------------------------------------------------------------------


def _with_their_points(
    placed: Sequence[Placed], wording: Wording
) -> Iterator[tuple[str | None, Placed, tuple[str, ...]]]:
    """Each passage that may conclude, with the text of the chapeau that leads to it, and its points.

    A chapeau in bold may have been read as the heading of what follows.
    """
    chapeau: str | None = None
    for here in placed:
        passage = here.passage
        heading = passage.headings[-1] if passage.headings else ""
        if _CHAPEAU_ENDS.search(passage.text) and not passage.points:
            chapeau = passage.text
            yield None, here, passage.points
            continue
        if not _continues(passage):
            chapeau = None
        elif chapeau is None and _CHAPEAU_ENDS.search(heading) and conclusions_in(heading, wording):
            chapeau = heading
        yield chapeau, here, passage.points


def _in_operative_parts(placed: Sequence[Placed], wording: Wording) -> list[Placed]:
    """The passages without those that are points of others; one whose points conclude themselves is parted into them.

    "A. Recommends that … take these measures: a. …; b. …  B. Requests …": A and B are operative, a and b are points.
    """
    parts: list[Placed] = []
    for here in placed:
        passage = here.passage
        if _is_point(passage):
            continue
        operative = [
            p for p in passage.points if wording.opens and wording.opens.match(p) and conclusions_in(p, wording)
        ]
        starts = [passage.text.find(point) for point in operative]
        if not operative or min(starts) < 0:
            parts.append(here)
            continue
        for begin, end in pairwise([0, *starts, len(passage.text)]):
            text = passage.text[begin:end].strip()
            points = tuple(p for p in passage.points if p not in operative and p in text)
            if text:
                parts.append(Placed(replace(passage, text=text, points=points), _cited_in(text, here), here.basis))
    return parts


def _cited_in(text: str, here: Placed) -> tuple[str, ...]:
    """The articles of one part of a passage: all of the passage's, or, where its text names them, those named here."""
    if here.basis is not Basis.TEXT:
        return here.articles
    return tuple(article for article in articles_cited(text) if article in here.articles)


def _sums_up(headings: Sequence[str], wording: Wording) -> bool:
    """Whether a passage stands in a part that sums up or explains; the nearest numbered heading decides.

    Headings beyond it are not asked: an "Introduction" printed as large as "I. Purposes" seems to contain it.
    """
    if wording.parts_without_findings is None:
        return False
    for heading in reversed(headings):
        if wording.parts_without_findings.search(heading):
            return True
        if _OUTLINE.match(heading):
            return False
    return False


def _is_point(passage: Passage) -> bool:
    """Whether a passage is a lettered point of another ("57.a" of "57"), which already carries it among its points."""
    parent, dot, letter = passage.number.rpartition(".")
    return bool(dot) and not letter.isdigit() and bool(parent)


def _continues(passage: Passage) -> bool:
    """Whether a passage goes on with what a chapeau began: its text opens with a small letter or a point's number."""
    text = passage.text.lstrip("0123456789.) (•–-")
    return bool(text) and (text[0].islower() or passage.text.rstrip().endswith(";"))


# --- text ------------------------------------------------------------------------------------------------------------

_POINT_SERIES = (
    "abcdefghijklmnop",
    tuple(map(str, range(1, 21))),
    ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
)
_CHAPEAU_ENDS = re.compile(r":\s*\d{0,2}\s*$")  # a footnote's marker may stick to it
_LONGEST_MARK = 6  # "(viii)": the full stop of a mark ends no sentence
_SENTENCE_ENDS = re.compile(r"[.!?](?=\s+[A-ZÀ-ÖØ-Þ])")
_NUMBERING = re.compile(r"^\s*(?:\(?(?:\d{1,4}(?:\.\d+)*|[a-zA-Z]|[ivxIVX]+)[.)]\s+)+")
_QUOTATIONS = re.compile(
    r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|(?<![\w])\"[^\"]*\"(?!\w)|(?<![\w’'])‘[^‘’]*’(?![\w])|\([^()]*\)",
)
_OUTLINE = re.compile(r"\s*(?:[IVXLC]+|[A-Z]|\d{1,2})(?:\.\s?(?:[A-Za-z]|\d{1,2}))*[.)]?\s")
_BLANK = re.compile(r"(?!\n[^\S\n]*\n)\s")
_BOUNDARY = re.compile(r"(?:[.!?…][”»\")’¤]*(?:\d{1,3})?(?=\s+[\"“«(¤]*[A-ZÀ-ÖØ-Þ0-9•–-])|\n\s*)")


def _without_quotations(text: str) -> str:
    """The text with every quotation and bracket blotted out, each character in its place; an open quotation stays.

    A paragraph that is one quotation from end to end is read as its own text: some lists print proposals so.
    """
    whole = text.strip()
    if (
        len(whole) > 2
        and (whole[0], whole[-1]) in {("“", "”"), ("«", "»"), ('"', '"')}
        and whole.count(whole[0]) == (2 if whole[0] == '"' else 1)
    ):
        return text
    return _QUOTATIONS.sub(lambda found: "¤" * len(found[0]), text)


def _even(text: str) -> str:
    """The text, each character in its place, with one kind of blank and apostrophe; a blank line stays one."""
    return _BLANK.sub(" ", text).replace("'", "’")


def _sentences(masked: str, wording: Wording) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends; an abbreviation ends none."""
    start = 0
    for found in _BOUNDARY.finditer(masked):
        if masked[found.start()] == "." and wording.abbreviation.search(masked[start : found.start()]):
            continue
        yield start, found.end()
        start = found.end()
    if masked[start:].strip():
        yield start, len(masked)


def _numbers(printed: str) -> Iterator[str]:
    """Paragraph numbers of a printed list; "12 to 14" and "12-14" are written out."""
    before: int | None = None
    for joint, number in re.findall(r"(to|à|-|–)?\s*(\d{1,4}(?:\.\d{1,3})*)", printed):
        if joint and before is not None and number.isdigit() and 0 < int(number) - before < 40:
            yield from map(str, range(before + 1, int(number) + 1))
        else:
            yield number
        before = int(number) if number.isdigit() else None


@lru_cache(maxsize=4096)  # every verb found is compared with every verb of the profile
def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\wÀ-ÿ]+(?:[’'-][\wÀ-ÿ]+)*", text.lower().replace("'", "’")))


def _same_words(one: str, other: str) -> bool:
    """Whether one text's words stand in the other: nine of ten runs of three."""
    runs = [set(zip(w, w[1:], w[2:], strict=False)) for w in (_words(one), _words(other))]
    return not runs[0] or len(runs[0] & runs[1]) >= 0.9 * len(runs[0])


# --- from data to patterns -------------------------------------------------------------------------------------------


@cache
def wording_of(body: str, language: str) -> Wording:
    """The wording of a body in a language, "en" or "fr"; a KeyError names a body or language without one."""
    grammar = tomllib.loads(_FOLDER.joinpath(f"grammar/{language}.toml").read_text(encoding="utf-8"))
    return _wording(language, _table_of(body)["wording"][language], grammar)


def languages_of(body: str) -> tuple[str, ...]:
    """The languages in which a body's wording is known, in the profile's order."""
    return tuple(_table_of(body)["wording"])


def _is_about_the_convention(body: str) -> bool:
    return bool(_table_of(body).get("placing", {}).get("about_the_convention", False))


_FOLDER = resources.files("samsvar.monitoring")


@cache
def _table_of(body: str) -> dict[str, Any]:
    return tomllib.loads(_FOLDER.joinpath(f"profiles/{body}/profile.toml").read_text(encoding="utf-8"))


def _wording(language: str, body: Mapping[str, object], grammar: Mapping[str, list[str]]) -> Wording:
    verbs = _strengths(body["verbs"])
    passives = _strengths(body.get("passives", {}))
    adverb = _adverb(grammar)
    adverbs = rf"(?:,?\s+{adverb},?){{0,{MOST_ADVERBS}}}?"
    verb = "|".join(
        rf"(?:\s+{adverb}){{0,{MOST_ADVERBS}}}?\s+".join(_literal(word) for word in phrase.split())
        for phrase in sorted(verbs, key=lambda phrase: (-len(phrase.split()), -len(phrase)))
    )
    voices = _listed(body, "voices")
    voice = "|".join(_first_letter_free(v) for v in sorted(voices, key=len, reverse=True))
    pronouns = "|".join(_first_letter_free(p) for p in grammar["pronouns"])
    insertion = rf"(?:,\s*[^;:.]{{1,{LONGEST_INSERTION}}}?,)?"
    aside = r"(?:\s*¤+)?"
    clitics = "|".join(map(_literal, grammar.get("clitics", ["\0"])))
    heads = "|".join(_literal(head) for head in sorted(grammar["addressee_heads"], key=len, reverse=True))
    who = _who(heads, language)
    passive_heads = "|".join(map(_literal, _listed(body, "passive_heads"))) or heads
    participle = "|".join(map(_literal, sorted(passives, key=len, reverse=True)))
    is_are = r"(?:is|are)" if language == "en" else r"(?:est|sont)"
    to = r"to\b" if language == "en" else r"(?:à|de|d’)"
    by = r"by\s+" if language == "en" else r"par\s+"
    patterns = "|".join
    elided = bool(body.get("elided", False))
    articles = patterns(map(_literal, grammar["article_words"]))
    ranges = patterns(map(_literal, grammar["range_words"]))
    parts = _listed(body, "parts_without_findings")
    operative = _listed(body, "operative")
    return Wording(
        language=language,
        strengths=dict(sorted(verbs.items(), key=lambda pair: -len(pair[0].split()))),
        speaks=re.compile(
            rf"(?<![\w’'/-])(?P<subject>{voice}|{pronouns}){aside}{adverbs}{insertion}{adverbs},?\s+"
            rf"(?P<clitic>(?:(?:{clitics})\s*)?)(?P<verb>{verb})(?![\w’'-])"
        ),
        opens=re.compile(
            rf"\s*(?:\W*\(?(?:\d{{1,4}}|[A-Za-z]|[IVXivx]+)[.)]\s+)*[–—•-]?\s*(?:{adverb},?\s+){{0,{MOST_ADVERBS}}}?"
            rf"(?P<verb>{verb})(?![\w’'-])",
            re.IGNORECASE,
        )
        if elided
        else None,
        joins=re.compile(
            rf"(?P<comma>[,;]?)(?:\s+(?P<joint>{patterns(map(_literal, grammar['joints']))})|(?<=[;,]))"
            rf"{adverbs},?{insertion}\s+"
            rf"(?P<clitic>(?:(?:{clitics})\s*)?)(?P<verb>{verb})(?![\w’'-])"
        ),
        passive=re.compile(
            rf"(?<![\w’'-])(?P<who>{_who(passive_heads, language)})(?:,[^,.;]{{1,80}},)?"
            rf"\s+{is_are}(?:\s+{adverb}){{0,{MOST_ADVERBS}}}?\s+(?P<verb>{participle})"
            rf"(?P<agent>\s+{by}(?:{voice}))?{adverbs},?\s+{to}"
        )
        if passives
        else None,
        passives=passives,
        voice=re.compile(rf"(?<![\w’'/-])(?:{voice})(?![\w’'/-])"),
        pronoun=re.compile(pronouns),
        heads=re.compile(rf"\s*(?:that\s+|que\s+|à\s+ce\s+que\s+|à\s+)?(?P<who>{who})(?![\w-])"),
        back=re.compile(rf"(?:{patterns(map(_literal, grammar['back_pronouns']))})(?!\w)"),
        clitic=re.compile(rf"(?:^|\s)(?:{clitics})\s*$"),
        adverbs=re.compile(
            rf"^\s*(?:¤+\s*)?(?:,[^,;:.]{{1,{LONGEST_INSERTION}}},)?(?:\s*{adverb},?){{0,{MOST_ADVERBS}}}\s*"
        ),
        subordinate=re.compile(
            rf"(?:^|[\s,;:(])(?:{patterns(map(_literal, grammar['subordinators']))})\s*(?:the|le|la)?$", re.IGNORECASE
        ),
        partner=re.compile(rf"(?:^|[\s(])(?:{patterns(map(_literal, grammar['prepositions']))})$", re.IGNORECASE),
        connect=re.compile(rf"(?:^|[\s,;])(?:{patterns(map(_literal, grammar['connectors']))})$", re.IGNORECASE),
        openers=frozenset(grammar["openers"]),
        reported=re.compile(patterns(grammar["reported"])),
        speaker=re.compile(rf"\b(?:{patterns(map(_literal, grammar['speakers']))})\b", re.IGNORECASE),
        own_paper=re.compile(rf"\b(?:{patterns(map(_literal, grammar['own_papers']))})\b", re.IGNORECASE),
        own_writer=re.compile(rf"\b(?:{patterns(map(_literal, grammar['own_writers']))})\b", re.IGNORECASE),
        cleft=re.compile(patterns(grammar["clefts"]), re.IGNORECASE),
        never=re.compile(patterns(grammar["never_asked"]), re.IGNORECASE),
        operative=re.compile(
            rf"(?:\W*\(?(?:\d{{1,4}}|[A-Za-z]|[IVXivx]+)[.)]\s+)*\W*(?:{patterns(map(_literal, operative))})(?!\w)",
            re.IGNORECASE,
        )
        if operative
        else None,
        relative=re.compile(rf"\b(?:{patterns(map(_literal, grammar['relatives']))})(?!\w)"),
        not_asked=re.compile(patterns([*grammar["events"], *_listed(body, "procedural")]), re.IGNORECASE),
        courtesy=re.compile(patterns([*grammar["courtesies"], *_listed(body, "courtesies")]), re.IGNORECASE),
        parts_without_findings=re.compile(patterns(parts), re.IGNORECASE) if parts else None,
        deadline=re.compile(patterns(grammar["deadlines"]), re.IGNORECASE),
        cites=re.compile(
            rf"(?:(?P<reference>(?:GREVIO/Inf|IC-CP/Inf|IC-CP|CEDAW/C|A/HRC)[\w/()-]*[\w)])\s*,?\s*(?:at\s+)?)?"
            r"(?<!\w)(?<!article \d, )(?<!article \d\d, )(?<!article \d\d )(?<!article \d )"
            rf"(?:{patterns(map(_literal, grammar['paragraph_words']))})\s*"
            rf"(?P<numbers>\d{{1,4}}(?:\.\d{{1,3}})*(?:(?:\s*,\s*|\s*[–-]\s*|\s*,?\s+(?:{ranges})\s+)\d{{1,4}}(?:\.\d{{1,3}})*)*)"
            rf"(?!\s*(?:,?\s*\([a-z]\))?,?\s+(?:of|de la|de l’|du|de)\s+(?:(?:the|la|l’|le)\s*)?(?:{articles})\b)",
            re.IGNORECASE,
        ),
        abbreviation=re.compile(
            rf"(?:(?:^|[\s(¤])(?:{patterns(map(re.escape, grammar['abbreviations']))})"
            r"|^\W*(?-i:[A-Z])|(?-i:\b[A-Z]\.\s?[A-Z]))$",
            re.IGNORECASE,
        ),
        passive_names_the_body=bool(body.get("passive_names_the_body", False)),
    )


def _who(heads: str, language: str) -> str:
    """A phrase that names somebody who can be asked, from its first word to the end of its name."""
    word = r"[\w’'-]+"
    name = r"[A-ZÀ-Ý][\w’'-]*"
    if language == "fr":
        of = rf"(?:\s+(?:de la|de l’|du|des|de|d’|d')\s*{name}(?:\s+(?:et|de la|de|du|des|d’)\s*{name}|\s+{name})*)?"
        determiner = "(?:[Ll]es|[Ll]e|[Ll]a|[Ll]’|[Ll]'|[Tt]outes les|[Tt]ous les|[Aa]u|[Aa]ux)"
        # an adjective behind its noun ("autorités sudmaraises", "gouvernement fédéral") and no preposition
        adjective = (
            r"(?!(?:à|de|et|ou|ainsi|dans|aux|au|en|pour|que|qui|sur|afin)\b|d’)"
            r"[a-zà-ÿ-]+(?:es|ais|ois|aux|als?|ents?|ifs?|ivement|aines?|éral)\b"
        )
        return rf"{determiner}\s*(?:{word}\s+){{0,2}}?(?i:{heads})(?:\s+{adjective}){{0,2}}{of}"
    of = rf"(?:\s+of\s+(?:the\s+)?{name}(?:\s+(?:and\s+|of\s+(?:the\s+)?)?{name})*)?"
    determiner = rf"(?:[Tt]he|[Aa]ll|[Bb]oth|[Ii]ts|[Rr]elevant|[Cc]ompetent|[Nn]ational|[Ss]tate|{name})"
    adjective = rf"(?!to\b|that\b|and\b){word},?\s+(?:and\s+)?"
    return rf"{determiner}\s+(?:{adjective}){{0,4}}?(?i:{heads})(?:\s+(?i:{heads}))?(?![\w’'-]){of}"


def _adverb(grammar: Mapping[str, list[str]]) -> str:
    never = "|".join(map(_literal, grammar["never_adverbs"]))
    endings = "|".join(grammar["adverb_endings"])
    listed = "|".join(_literal(word) for word in sorted(grammar["adverbs"], key=len, reverse=True))
    return rf"(?:{listed}|(?!(?:{never})\b)[a-zà-ÿ]+(?:{endings}))(?![\w’'-])"


def _strengths(table: object) -> dict[str, Strength | None]:
    if not isinstance(table, dict):
        raise TypeError("a profile's verbs are a table of verb and strength")
    return {str(verb).lower(): Strength(word) if word else None for verb, word in table.items()}


def _listed(body: Mapping[str, object], key: str) -> list[str]:
    value = body.get(key, [])
    return [str(part) for part in value] if isinstance(value, list) else []


def _literal(words: str) -> str:
    """A pattern for words as printed: any blanks between them, either apostrophe."""
    return re.sub("[’']", "[’']", re.escape(words).replace(r"\ ", r"\s+"))


def _first_letter_free(words: str) -> str:
    return rf"[{words[0].upper()}{words[0].lower()}]{_literal(words[1:])}"
