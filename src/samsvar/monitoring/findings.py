"""Extraction of conclusions: what a monitoring body asks for or praises, how strongly, whom it asks, and by when.

A conclusion is a main clause in the present tense whose subject is the body and whose verb is listed in the body's
profile. Anything that is only reported (what an earlier report or another body urged, a quotation, a condition) is not
a conclusion, and neither is an invitation to an event. A paragraph with two conclusions results in two findings with
the same text.
"""
# Kept in one module because the clause, addressee, deadline and points are all read from the same
# sentence.

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from samsvar.monitoring.placing import PlacedPassage, PlacementBasis, find_cited_articles, place_under_articles
from samsvar.monitoring.profile import get_profile
from samsvar.monitoring.report import Finding, Passage, Strength
from samsvar.monitoring.sentences import (
    expand_paragraph_numbers,
    find_sentence_spans,
    has_similar_wording,
    mask_quotations,
    normalise_text,
    split_words,
)
from samsvar.monitoring.wording import WordingPatterns, list_wording_languages, load_wording
from samsvar.spans import Span

MAX_REQUIREMENT_LEAD_WORDS = 60  # words before "should"; a longer subject is more likely a sentence read wrongly
MAX_LEAD_EDGE = 400  # characters at either end of the text before a body's name
MAX_POINT_LENGTH = 5_000  # characters to the next mark
MAX_BARE_LEAD_WORDS = 45  # words that may precede the body's name without a comma; the longest in tests is 31 (2026-11)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A conclusion found in a text: its verb as printed, its strength, its addressee and its sentence."""

    start: int  # start and end of its sentence, or of its part of a sentence with several conclusions
    end: int
    verb: str
    strength: Strength | None  # None: the verb is not on the common scale
    addressee: str | None
    sentence: str


# --- Public functions -------------------------------------------------------------------------------------------------


def extract_findings_by_verb(
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
    """Return the findings of a report whose conclusions are recognised by verbs, and notes for a person to check.

    Annexes are only compared with the main text. If `language` is not one of the languages in the profile, the language
    that results in the most findings is used.
    """

    def extract_in_language(code: str) -> tuple[Finding, ...]:
        return extract_findings_in_language(
            placed, document=document, body=body, state=state, procedure=procedure, language=code, reader=reader
        )

    placed = place_under_articles(passages, about_the_convention=get_profile(body).about_the_convention)
    known_languages = list_wording_languages(body)
    candidates = (language,) if language in known_languages else known_languages
    findings, code = max(((extract_in_language(code), code) for code in candidates), key=lambda pair: len(pair[0]))
    notes = compare_with_annex(findings, annex, load_wording(body, code)) + check_bold_paragraphs(passages, findings)
    return findings, notes


def extract_findings_in_language(
    placed: Sequence[PlacedPassage],
    *,
    document: str,
    body: str,
    state: str | None,
    procedure: str | None,
    language: str,
    reader: str,
) -> tuple[Finding, ...]:
    """Return the findings of a report in order: one for each conclusion, with all its lettered points as actions.

    If an introductory clause (the chapeau) ends in a colon before numbered paragraphs ("Recommends that the Government
    of …: 1. ensure …"), each of these paragraphs has the verb, strength and addressee of the chapeau.
    """
    wording = load_wording(body, language)
    collected: list[tuple[PlacedPassage, tuple[Conclusion, ...]]] = []
    for chapeau, placed_passage in _attach_chapeaux(_split_operative_parts(placed, wording), wording):
        if _is_in_summary(placed_passage.passage.headings, wording):
            continue
        text = placed_passage.passage.text
        speaks = _is_in_own_conclusions(placed_passage.passage.headings, wording)
        own_conclusions = parse_conclusions(text, wording, in_own_conclusions=speaks and chapeau is None)
        if chapeau is not None and (not own_conclusions or own_conclusions[0].start > 0):
            upto = own_conclusions[0].start if own_conclusions else len(text)
            chapeau_conclusion = parse_conclusions(chapeau, wording, in_own_conclusions=speaks)[-1:]
            own_conclusions = (
                *(replace(c, start=0, end=upto, sentence=text[:upto].strip()) for c in chapeau_conclusion),
                *own_conclusions,
            )
            collected = [
                (earlier, conclusions[:-1] if earlier.passage.text == chapeau else conclusions)
                for earlier, conclusions in collected
            ]
        collected.append((placed_passage, own_conclusions))
    return tuple(
        Finding(
            document=document,
            body=body,
            state=state,
            procedure=procedure,
            paragraph=placed_passage.passage.number,
            page=placed_passage.passage.pages[0] if placed_passage.passage.pages else 1,
            pages=placed_passage.passage.pages,
            boxes=placed_passage.passage.boxes,
            heading=" › ".join(placed_passage.passage.headings),
            articles=placed_passage.articles
            if len(conclusions) == 1
            else _find_part_articles(conclusion.sentence, placed_passage),
            strength=conclusion.strength,
            verb=conclusion.verb,
            addressee=conclusion.addressee,
            from_state=(),
            actions=_conclusion_actions(conclusion, conclusions, placed_passage.passage),
            text=placed_passage.passage.text,
            part=_find_own_part(placed_passage.passage.text, conclusion, conclusions),
            language=language,
            reader=reader,
            deadline=_conclusion_deadline(placed_passage.passage.text, conclusion, conclusions, wording),
            cites=find_cited_paragraphs(
                _conclusion_text(placed_passage.passage.text, conclusion, conclusions), wording
            ),
        )
        for placed_passage, conclusions in collected
        for conclusion in conclusions
    )


def parse_conclusions(
    text: str, wording: WordingPatterns, *, in_own_conclusions: bool = False
) -> tuple[Conclusion, ...]:
    """Return the conclusions in a paragraph, in order; () if there are none.

    `in_own_conclusions` says that the paragraph is in a part in which the body itself speaks. Only there, sentences
    such as "States should …", "It is recommended that …" and "Adopt a law …" are conclusions. Those that follow each
    other are one; those that follow a request explain it.
    """
    speakers = [wording]
    if (plural := wording.plural) and (
        plural.body_name.search(text) or (in_own_conclusions and plural.pronoun.search(text))
    ):
        speakers.append(plural)
    if not (
        in_own_conclusions
        or wording.opens
        or wording.passive
        or any(speaker.body_name.search(text) for speaker in speakers)
    ):
        return ()  # most paragraphs of most reports return here
    masked = mask_quotations(normalise_text(text))
    conclusions: list[Conclusion] = []
    # whether the speaker was the subject of the previous sentence: in its own conclusions, "she" refers to it
    was_subject = [in_own_conclusions] * len(speakers)
    addressee: str | None = None  # the addressee that a later "them" refers to
    required = requested = False  # whether the previous sentence required something, and whether an earlier one asked
    for start, end in find_sentence_spans(masked, wording.abbreviation):
        sentence = masked[start:end]
        clauses: set[_ClausePosition] = set()
        for number, speaker in enumerate(speakers):
            own_clauses, was_subject[number] = _find_clauses(
                sentence, speaker, was_subject[number], trust_pronouns=in_own_conclusions
            )
            clauses.update(own_clauses)
        for conclusion in _parse_sentence(text, masked, start, end, sorted(clauses), wording, addressee):
            addressee = conclusion.addressee or addressee
            conclusions.append(conclusion)
            requested |= conclusion.strength is not Strength.WELCOMES
        if clauses or not in_own_conclusions or (requested and not required):
            required = False
            continue
        if requirement := _find_requirement(text, start, end, sentence, wording):
            if required:
                begin = conclusions[-1].start
                conclusions[-1] = replace(conclusions[-1], end=end, sentence=text[begin:end].strip(" ,;\n"))
            else:
                conclusions.append(requirement)
            addressee = requirement.addressee or addressee
            required = requested = True
    return tuple(conclusions)


def find_deadline(text: str, wording: WordingPatterns) -> str | None:
    """Return the first deadline in a text (a date or a period), as printed; None if there is none."""
    match = wording.deadline.search(normalise_text(text))
    return " ".join(text[match.start() : match.end()].split()) if match else None


def find_cited_paragraphs(text: str, wording: WordingPatterns) -> tuple[str, ...]:
    """Return the report paragraphs that a text cites, as "57" or "GREVIO/Inf(2020)14 § 57"."""
    if _DIGIT.search(text) is None:
        return ()
    cited: dict[str, None] = {}
    for match in wording.cites.finditer(normalise_text(text)):
        reference = match["reference"]
        for number in expand_paragraph_numbers(match["numbers"]):
            cited[f"{reference} § {number}" if reference else number] = None
    return tuple(cited)


def compare_with_annex(
    findings: Sequence[Finding], annex: Sequence[Passage], wording: WordingPatterns
) -> tuple[str, ...]:
    """Return notes on how an appendix that repeats the proposals differs from the main text.

    Each item of the appendix ends with the number, in brackets, of the paragraph that it repeats. The main text is
    authoritative, and the appendix never adds a finding.
    """
    notes: list[str] = []
    by_paragraph: dict[str, list[Finding]] = {}
    for finding in findings:
        by_paragraph.setdefault(finding.paragraph, []).append(finding)
    for passage in annex:
        repeated = parse_conclusions(passage.text, wording)
        cited = re.search(r"\(\s*(?:\w+\.?\s+)?§?\s*(\d{1,4})\s*\)\s*\.?\s*$", passage.text)
        if not repeated or cited is None:
            continue
        item = f"Appendix, item {passage.number or '“' + passage.text[:40] + '…”'}"
        candidates = [f for f in by_paragraph.get(cited[1], ()) if f.strength is not Strength.WELCOMES]
        if not candidates:
            notes.append(f"{item} repeats paragraph {cited[1]}, in which no conclusion was found.")
        elif repeated[0].strength not in {finding.strength for finding in candidates}:
            notes.append(f"{item} says “{repeated[0].verb}” where paragraph {cited[1]} says “{candidates[0].verb}”.")
        elif not any(has_similar_wording(passage.text[: cited.start()], finding.text) for finding in candidates):
            notes.append(f"{item} words paragraph {cited[1]} differently; the paragraph takes precedence.")
    return tuple(notes)


def check_bold_paragraphs(passages: Iterable[Passage], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return a note for each bold numbered paragraph without a conclusion: the profile may lack its verb."""
    paragraphs_with_conclusion = {finding.paragraph.split(".")[0] for finding in findings}
    return tuple(
        f"Paragraph {passage.number} (page {passage.pages[0]}) is in bold, but no conclusion was found in it."
        for passage in passages
        if passage.bold
        and passage.number
        and passage.pages
        and passage.number.split(".")[0] not in paragraphs_with_conclusion
    )


# --- Within a sentence ------------------------------------------------------------------------------------------------


class _ClausePosition(NamedTuple):
    """The position of a clause that is a conclusion, and of its verb, within a sentence."""

    clause_start: int
    verb_start: int
    verb_end: int
    passive: bool = False


def _find_clauses(
    sentence: str, wording: WordingPatterns, body_was_subject: bool, *, trust_pronouns: bool = False
) -> tuple[list[_ClausePosition], bool]:
    """Return the clauses of a sentence that are conclusions, and whether the body is the sentence's subject.

    Unless `trust_pronouns` is set, a pronoun asks for something only if whom it asks is an authority.
    """
    clauses: list[_ClausePosition] = []
    subject_at: int | None = None
    opened = wording.opens.match(sentence) if wording.opens else None
    if opened and _is_genuine_conclusion(sentence[opened.end("verb") :], opened["verb"], wording):
        clauses.append(_ClausePosition(opened.start("verb"), opened.start("verb"), opened.end("verb")))
        subject_at = 0
    has_verb = wording.may_have_verb(sentence)
    for match in wording.subject_and_verb.finditer(sentence) if has_verb else ():
        lead = sentence[: match.start()]
        pronoun = wording.pronoun.fullmatch(match["subject"]) is not None
        if not _leads_to_main_clause(lead, wording) or (
            pronoun and not _refers_to_body(lead, body_was_subject, wording)
        ):
            continue
        subject_at = match.start()
        addressed = pronoun and not match["clitic"] and not trust_pronouns
        if _is_genuine_conclusion(sentence[match.end() :], match["verb"], wording, known_addressee=addressed):
            clauses.append(_ClausePosition(match.start(), match.start("verb"), match.end("verb")))
    if subject_at is None:
        voices = (voice.start() for voice in wording.body_name.finditer(sentence))
        subject_at = next((at for at in voices if _leads_to_main_clause(sentence[:at], wording)), None)
    if subject_at is None and wording.operative and wording.operative.match(sentence):
        subject_at = 0
    if subject_at is not None and has_verb:
        clauses += _find_joined_clauses(sentence, subject_at, clauses, wording)
    if not clauses:
        clauses = _find_passive_clauses(sentence, wording)
    return sorted(set(clauses)), subject_at is not None


def _find_requirement(text: str, start: int, end: int, sentence: str, wording: WordingPatterns) -> Conclusion | None:
    """Return what the body requires in a sentence of its own conclusions without being its subject, or None.

    `sentence` is the masked text from `start` to `end`.
    """
    patterns = wording.requirements
    if patterns is None:
        return None
    begin = _skip_marks(sentence, 0)
    addressed = _ADDRESSED_LIST.match(sentence, begin)
    if addressed:
        begin = _skip_marks(sentence, addressed.end())
    if patterns.exception.search(sentence[begin:].strip(" .\n")):
        return None
    if patterns.own_opinions_only and not patterns.own_opinion.match(sentence, begin):
        return None
    addressee: str | None = None
    strength: Strength | None = Strength.STRONGLY_ENCOURAGES
    if imperative := patterns.imperative.match(sentence, begin):
        verb = imperative[0]
        addressee = text[start + addressed.start("who") : start + addressed.end("who")] if addressed else None
    elif (impersonal := patterns.impersonal.search(sentence, begin)) and _leads_to_main_clause(
        sentence[: impersonal.start()], wording
    ):
        verb, after = impersonal["verb"], impersonal.end()
        strength = patterns.strengths[normalise_text(verb).lower()]
        addressee = _find_addressee(sentence[after:], text[start + after : end], wording)
    elif (modal := patterns.modal.search(sentence, begin)) and _speaks_for_itself(
        sentence[begin : modal.start()], wording
    ):
        verb = modal["modal"] or modal["participle"]
        strength = patterns.strengths[normalise_text(verb).lower()]
        lead = sentence[begin : modal.start()].strip()
        subjects = [begin, *(joint.end() for joint in _BEFORE_SUBJECT.finditer(sentence, begin, modal.start()))]
        for place in subjects:
            if match := wording.addressee.match(sentence, max(place, begin), modal.start()):
                addressee = text[start + match.start("who") : start + match.end("who")]
        described = not patterns.weak_ending.match(sentence, modal.end()) and not any(
            speaker.pronoun.fullmatch(lead) for speaker in (wording, wording.plural) if speaker
        )
        if addressee is None and patterns.weak_modal.fullmatch(verb) and described:
            return None  # "Victims must pay for the certificate themselves"
    else:
        return None
    return Conclusion(start, end, verb.lower(), strength, addressee, text[start:end].strip(" ,;\n"))


def _skip_marks(sentence: str, begin: int) -> int:
    """Return where the words of a sentence begin, behind its number or bullet."""
    match = _MARKS.match(sentence, begin)
    return match.end() if match else begin


def _speaks_for_itself(lead: str, wording: WordingPatterns) -> bool:
    """Return whether the body itself says "should" after the text in `lead`, and not a law or another speaker."""
    patterns = wording.requirements
    if patterns is None or not lead.strip() or len(split_words(lead)) > MAX_REQUIREMENT_LEAD_WORDS:
        return False
    if own := patterns.own_opinion.match(lead.lstrip()):
        lead = lead.lstrip()[own.end() :]
    elif wording.reported_speech.search(lead.strip().lower()):
        return False
    return not patterns.attribution.search(lead.strip())


def _parse_sentence(
    text: str,
    masked: str,
    start: int,
    end: int,
    clauses: Sequence[_ClausePosition],
    wording: WordingPatterns,
    addressee: str | None,
) -> Iterator[Conclusion]:
    """Yield the conclusions in the sentence from `start` to `end`; `addressee` is the last one named before it."""
    for number, clause in enumerate(clauses):
        begins = start if number == 0 else start + clause.clause_start
        ends = start + clauses[number + 1].clause_start if number + 1 < len(clauses) else end
        verb, after = start + clause.verb_start, start + clause.verb_end
        printed = " ".join(text[verb:after].split())
        if clause.clause_start == clause.verb_start:
            printed = printed.lower()  # the verb opens an operative paragraph: "Recommends"
        own_addressee: str | None
        if clause.passive:
            strength = wording.passives[normalise_text(printed).lower()]
            subject = wording.passive.match(masked, begins) if wording.passive else None
            own_addressee = text[subject.start("who") : subject.end("who")] if subject else None
        else:
            strength = wording.find_strength(normalise_text(printed))
            own_addressee = _find_addressee(masked[after:ends], text[after:ends], wording)
        if strength is Strength.WELCOMES:
            own_addressee = None
        elif own_addressee is None or wording.back_pronoun.fullmatch(own_addressee):
            own_addressee = (
                (addressee or own_addressee) if own_addressee or wording.clitic.search(masked[begins:verb]) else None
            )
        addressee = own_addressee or addressee
        yield Conclusion(begins, ends, printed, strength, own_addressee, text[begins:ends].strip(" ,;\n"))


def _refers_to_body(lead: str, body_was_subject: bool, wording: WordingPatterns) -> bool:
    """Return whether a pronoun refers to the body: named in `lead`, or the subject of the previous sentence."""
    return bool(wording.body_name.search(lead)) or (
        body_was_subject and (not lead.strip(" ,") or lead.rstrip()[-1] in ",;:")
    )


def _find_joined_clauses(
    sentence: str, subject_at: int, clauses: Sequence[_ClausePosition], wording: WordingPatterns
) -> Iterator[_ClausePosition]:
    """Yield the clauses of further verbs with the same subject: "urges … and strongly encourages them to …"."""
    for match in wording.joined_verb.finditer(sentence, subject_at + 1):
        if any(clause.verb_start == match.start("verb") for clause in clauses):
            continue
        between = sentence[subject_at : match.start()]
        praise = wording.find_strength(match["verb"]) is Strength.WELCOMES
        since = clauses[-1].verb_end - subject_at if clauses else 0
        own = wording.relative.match(between, since + 1)  # "recommends that …": the request itself, not an aside
        relative = wording.relative.search(between, own.end() if own and clauses else since)
        if relative and match["joint"] is None:
            continue  # "…, urges" continues a list of verbs only if nothing was inserted in between
        if relative and praise and (clauses or not match["comma"]):
            continue  # "a shelter that protects women and welcomes children"
        if relative and not match["comma"]:
            if wording.speaker.search(between, relative.end()):
                continue  # "notes that the Ombudsperson has examined this and urges the police to act"
            addressee = wording.addressee.match(sentence, match.end())
            to_its_writers = addressee is not None and wording.own_author.search(addressee["who"])
            if wording.own_document.search(between, relative.end()) and not to_its_writers:
                continue  # "notes that the plan dates from last year and encourages municipalities to act"
        known_addressee = bool(relative) and not match["clitic"]
        if _is_genuine_conclusion(sentence[match.end() :], match["verb"], wording, known_addressee=known_addressee):
            yield _ClausePosition(max(match.start("joint"), match.start() + 1), match.start("verb"), match.end("verb"))


def _find_passive_clauses(sentence: str, wording: WordingPatterns) -> list[_ClausePosition]:
    """Return a passive conclusion ("The State party is encouraged to …") as a list of one clause, or []."""
    if wording.passive is None or not any(word in sentence for word in wording.passive_words):
        return []
    match = wording.passive.search(sentence)
    if match is None or not _leads_to_main_clause(sentence[: match.start()], wording):
        return []
    if wording.passive_names_the_body and not match["agent"]:
        return []
    return [_ClausePosition(match.start(), match.start("verb"), match.end("verb"), passive=True)]


def _leads_to_main_clause(lead: str, wording: WordingPatterns) -> bool:
    """Return whether the body's name, after the text in `lead`, is the subject of a main clause."""
    lead = _NUMBERING.sub("", lead)
    if len(lead) > 2 * MAX_LEAD_EDGE:  # only its beginning and its end matter
        lead = f"{lead[:MAX_LEAD_EDGE]} … {lead[-MAX_LEAD_EDGE:]}"
    stripped = lead.strip()
    if not stripped.strip(" –—-•*\"'“«") or stripped[-1] in ".!?":
        return True  # here a full stop can only end an abbreviation: "etc. GREVIO urges"
    if wording.reported_speech.search(stripped.lower()):
        return False
    if wording.cleft_sentence.search(stripped):
        return True
    if stripped[-1] in ",;:)–—¤]":
        return not wording.subordinate.search(stripped.rstrip(" ,;:–—"))
    if wording.subordinate.search(stripped) or wording.preposition.search(stripped):
        return False
    if wording.connector.search(stripped):
        return True
    lead_words = split_words(stripped)
    return bool(lead_words) and lead_words[0] in wording.openers and len(lead_words) <= MAX_BARE_LEAD_WORDS


def _is_genuine_conclusion(rest: str, verb: str, wording: WordingPatterns, *, known_addressee: bool = False) -> bool:
    """Return whether the words after the verb are a genuine request or praise, not an invitation or a courtesy."""
    if wording.find_strength(verb) is Strength.WELCOMES:
        return not wording.courtesy.search(rest)
    if wording.never_asked.search(rest):
        return False
    if wording.find_strength(verb) in {Strength.INVITES, None} and wording.not_a_request.search(rest):
        return False
    if not rest.strip(" .;"):
        return False
    if known_addressee:
        opening = wording.adverbs.sub("", rest, count=1).lstrip(" ,")[:90]
        return bool(wording.addressee.match(opening) or wording.back_pronoun.match(opening.removeprefix("that ")))
    return True


def _find_addressee(masked: str, printed: str, wording: WordingPatterns) -> str | None:
    """Return the addressee as printed, such as "the Norwegian authorities"; None if the sentence names none."""
    skipped = wording.adverbs.match(masked)
    begin = skipped.end() if skipped else 0
    match = wording.addressee.match(masked, begin)
    if match:
        return " ".join(printed[match.start("who") : match.end("who")].split())
    again = wording.back_pronoun.match(masked, begin)
    if again:
        return again[0]
    generic = re.match(
        r"((?:[Tt]he |[Aa]ll |[Ll]es |[Ll]a |[Ll]e |[A-ZÀ-Ý])[^,.:;]{2,80}?)(?= to\b| à\b|:)", masked[begin:]
    )
    return " ".join(printed[begin : begin + generic.end()].split()) if generic else None


def _conclusion_text(text: str, conclusion: Conclusion, conclusions: Sequence[Conclusion]) -> str:
    """Return the text of a conclusion, from the end of the previous one to the start of the next."""
    number = _find_place(conclusion, conclusions)
    begin = conclusions[number - 1].end if number else 0
    end = conclusions[number + 1].start if number + 1 < len(conclusions) else len(text)
    return text[begin : max(begin, end)]


def _find_own_part(text: str, conclusion: Conclusion, conclusions: Sequence[Conclusion]) -> Span | None:
    """Return the part of a paragraph that is one conclusion's own; None if it is the only one.

    The parts of all conclusions are the whole paragraph, so that storing them all takes as much as storing it.
    """
    if len(conclusions) == 1:
        return None
    number = _find_place(conclusion, conclusions)
    start = conclusion.start if number else 0
    end = conclusions[number + 1].start if number + 1 < len(conclusions) else len(text)
    return Span(start, max(start, end))


def _find_place(conclusion: Conclusion, conclusions: Sequence[Conclusion]) -> int:
    """Return the index of a conclusion among all those of its paragraph, which are in the order of their starts."""
    place = bisect_left(conclusions, conclusion.start, key=lambda other: other.start)
    while conclusions[place] is not conclusion:
        place += 1
    return place


def _conclusion_deadline(
    text: str, conclusion: Conclusion, conclusions: Sequence[Conclusion], wording: WordingPatterns
) -> str | None:
    """Return the deadline in a conclusion's sentence or points; None if there is none, or for praise."""
    if conclusion.strength is Strength.WELCOMES:
        return None
    before = conclusions[0].start if conclusion is conclusions[0] else 0
    return find_deadline(_conclusion_text(text, conclusion, conclusions)[before:], wording)


def _conclusion_actions(conclusion: Conclusion, conclusions: Sequence[Conclusion], passage: Passage) -> tuple[str, ...]:
    """Return what a conclusion asks for: its lettered points, or its sentence; () if the body only praises.

    The points of a passage belong to its last conclusion.
    """
    if conclusion.strength is Strength.WELCOMES:
        return ()
    if passage.points and conclusion is conclusions[-1]:
        return passage.points
    part = _find_own_part(passage.text, conclusion, conclusions)
    text = passage.text[: part.end] if part else passage.text  # its last point ends before the next conclusion
    return split_points(text, conclusion.start, conclusion.end) or (conclusion.sentence,)


def split_points(text: str, start: int = 0, end: int | None = None) -> tuple[str, ...]:
    """Split lettered or numbered points after a colon: "to: a. …; b. …" → ("a. …", "b. …"); () if there are none.

    The colon must be between `start` and `end`. If no other point is longer than a sentence, the last point ends after
    its first sentence.
    """
    for colon in (found.start() for found in re.finditer(":", text[start:end])):
        begins = next(
            filter(None, (_find_series_starts(text, start + colon + 1, marks) for marks in _POINT_SERIES)), None
        )
        begins = begins or _find_bullet_starts(text, start + colon + 1)
        if begins:
            points = [text[a:b].strip() for a, b in pairwise([*begins, len(text)])]
            sentence_end = _SENTENCE_ENDS.search(points[-1], _LONGEST_MARK)
            if sentence_end and not any(_SENTENCE_ENDS.search(point, _LONGEST_MARK) for point in points[:-1]):
                points[-1] = points[-1][: sentence_end.end()].strip()
            return tuple(points)
    return ()


def _find_series_starts(text: str, start: int, marks: Sequence[str]) -> list[int] | None:
    """Return the start of each point in a series whose first point is at `start`; None if there are fewer than two."""
    at = _SPACE.match(text, start).end()  # type: ignore[union-attr]  # it matches anywhere
    first = _compile_mark(marks[0]).match(text, at)
    if first is None:
        return None
    places, at = [first.start()], first.end()
    for mark in marks[1:]:
        match = _compile_mark(mark).search(text, at, at + MAX_POINT_LENGTH)
        if match is None:
            break
        places.append(match.start())
        at = match.end()
    return places if len(places) > 1 else None


@cache
def _compile_mark(mark: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\s:;,.])\(?{re.escape(mark)}[.)]\s")


def _find_bullet_starts(text: str, start: int) -> list[int] | None:
    """Return the start of each bulleted point, if the first is at `start`; None if there are fewer than two."""
    at = _SPACE.match(text, start).end()  # type: ignore[union-attr]  # it matches anywhere
    if at == start or not _BULLET.match(text, at):
        return None
    places = [found.start() for found in _BULLET.finditer(text, start)]
    return places if len(places) > 1 else None


# --- Passages and their points ----------------------------------------------------------------------------------------


def _attach_chapeaux(
    placed: Sequence[PlacedPassage], wording: WordingPatterns
) -> Iterator[tuple[str | None, PlacedPassage]]:
    """Yield each passage after its introductory clause, the chapeau (None if it has none).

    A chapeau in bold may have been read as the heading of the passages after it.
    """
    chapeau: str | None = None
    for placed_passage in placed:
        passage = placed_passage.passage
        heading = passage.headings[-1] if passage.headings else ""
        if _CHAPEAU_ENDS.search(passage.text) and not passage.points:
            chapeau = passage.text
            yield None, placed_passage
            continue
        if not _continues_chapeau(passage):
            chapeau = None
        elif chapeau is None and _CHAPEAU_ENDS.search(heading) and parse_conclusions(heading, wording):
            chapeau = heading
        yield chapeau, placed_passage


def _split_operative_parts(placed: Sequence[PlacedPassage], wording: WordingPatterns) -> list[PlacedPassage]:
    """Drop passages that are points of another passage, and split passages whose points are conclusions themselves.

    In "A. Recommends that … take these measures: a. …; b. …  B. Requests …", A and B are operative paragraphs;
    a and b are points.
    """
    parts: list[PlacedPassage] = []
    for placed_passage in placed:
        passage = placed_passage.passage
        if _is_point(passage):
            continue
        operative = [
            p for p in passage.points if wording.opens and wording.opens.match(p) and parse_conclusions(p, wording)
        ]
        starts = [passage.text.find(point) for point in operative]
        if not operative or min(starts) < 0:
            parts.append(placed_passage)
            continue
        for begin, end in pairwise([0, *starts, len(passage.text)]):
            text = passage.text[begin:end].strip()
            points = tuple(p for p in passage.points if p not in operative and p in text)
            if text:
                part = replace(passage, text=text, points=points)
                articles = _find_part_articles(text, placed_passage)
                parts.append(PlacedPassage(part, articles, placed_passage.basis))
    return parts


def _find_part_articles(text: str, placed_passage: PlacedPassage) -> tuple[str, ...]:
    """Return the articles cited in part of a passage; all articles of the passage if a heading names them."""
    if placed_passage.basis is not PlacementBasis.TEXT:
        return placed_passage.articles
    return tuple(article for article in find_cited_articles(text) if article in placed_passage.articles)


def _is_in_summary(headings: Sequence[str], wording: WordingPatterns) -> bool:
    """Return whether a passage is in a part that summarises or explains, according to its nearest numbered heading.

    Headings further up are ignored. Otherwise an "Introduction" in the same type as "I. Purposes" would seem to contain
    that part.
    """
    if wording.parts_without_findings is None:
        return False
    for heading in reversed(headings):
        if wording.parts_without_findings.search(heading):
            return True
        if _OUTLINE.match(heading):
            return False
    return False


def _is_in_own_conclusions(headings: Sequence[str], wording: WordingPatterns) -> bool:
    """Return whether a passage is in a part in which the body itself speaks, according to its headings."""
    patterns = wording.requirements
    return patterns is not None and any(patterns.parts.search(heading) for heading in headings)


def _is_point(passage: Passage) -> bool:
    """Return whether a passage is a lettered point ("57.a") of another passage ("57"), which already includes it."""
    parent, dot, letter = passage.number.rpartition(".")
    return bool(dot) and not letter.isdigit() and bool(parent)


def _continues_chapeau(passage: Passage) -> bool:
    """Return whether a passage continues a chapeau: it starts with a lower-case letter, or ends in a semicolon."""
    text = passage.text.lstrip("0123456789.) (•–-")
    return bool(text) and (text[0].islower() or passage.text.rstrip().endswith(";"))


# --- Text -------------------------------------------------------------------------------------------------------------

_POINT_SERIES = (
    "abcdefghijklmnop",
    tuple(map(str, range(1, 21))),
    ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
)
_DIGIT = re.compile(r"\d")
_CHAPEAU_ENDS = re.compile(r":\s*+\d{0,2}\s*+$")  # a footnote marker may follow the colon directly
_SPACE = re.compile(r"\s*")
_BULLET = re.compile(r"(?<=\s)[•▪◦–—-]\s")
_LONGEST_MARK = 6  # "(viii)": the full stop of a marker does not end a sentence
_SENTENCE_ENDS = re.compile(r"[.!?](?=\s+[A-ZÀ-ÖØ-Þ])")
_NUMBERING = re.compile(r"^\s*(?:\(?(?:\d{1,4}(?:\.\d+)*|[a-zA-Z]|[ivxIVX]+)[.)]\s+)+")
_MARKS = re.compile(r"[\s•▪◦–—¤-]*(?:(?:\d{1,4}(?:\.\d+)*|[a-zA-Z]|[ivxIVX]+)[.)]\s+)*[\s•▪◦–—¤-]*")  # ¤: "(a)", masked
_ADDRESSED_LIST = re.compile(
    r"(?:To|For|À|Au|Aux|Pour)\s+(?P<who>[^:.;]{3,120}?)\s*:"
)  # "To the Government of Nordmark:"
_BEFORE_SUBJECT = re.compile(r"[,:]\s*|\bthat\s+|\bqu(?:e\s+|’)")
_OUTLINE = re.compile(r"\s*(?:[IVXLC]+|[A-Z]|\d{1,2})(?:\.\s?(?:[A-Za-z]|\d{1,2}))*[.)]?\s")
