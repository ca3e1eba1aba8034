"""Rules for finding recommendations in Universal Periodic Review reports, and the states that made them.

A recommendation is a numbered passage below a paragraph of the conclusions ("95.39."), or such a paragraph itself if it
ends with the name of a state in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from samsvar.monitoring.profile import Profile
from samsvar.monitoring.report import Finding, Passage
from samsvar.territories import code_by_name, split_state_names

# at most one level of nested brackets
_BRACKETS = re.compile(r"[(\[]((?:[^()\[\]]|\([^()]*\)|\[[^\[\]]*\]){2,600})[)\]]")
_UNCLOSED = re.compile(
    r"[(\[]([^()\[\]]{2,300}?)(?=,? (?:and|or|et|ou|y|o) (?:the|les?|la|el|los|las) |\s*[(\[;]|\s*$)"
)
# "Bolivia (Plurinational Republic of)": the words in brackets are a mistake in the report
_INNER_BRACKET = re.compile(r"\s*\([^()]*\)\s*$")
_SHARED = re.compile(r"\b(?:same|similar|idem|also|mêmes?|misma)\b", re.IGNORECASE)
_LAST_BRACKET = re.compile(r"\(([A-ZÀ-Þ][^\W\d_]{2,}(?:[ ,’'-]+[^\W\d_]+){0,5})\)[\s.;]*$")
_SENTENCE_END = re.compile(r"[⁰¹²³⁴-⁹*\d\s]*(?:[;.]|$)|,\s*$")
_MORE_BRACKETS = re.compile(r"(?:[(\[][^()\[\]]{2,200}[)\]][\s,]*)+(?:[;.]|$)")
_SEVERAL_MARKS = re.compile(r"(?:\[…\][\s,]*){2,}(?<!,)(?=\s|$)|(?:\[…\]\s*){2,}")
# Words that begin a new request ("extend invitations", "to adopt"), but not "in particular" or "within".
_REQUEST_START = re.compile(
    r"(?:and |or |to )?(?!(?:and|or|to)\b)[a-z]{4,}(?<!ly)(?<!ing)\b(?! as\b)(?<!within)(?<!under)(?<!with)(?<!from)"
)
_CONTINUES = re.compile(r"\s*;\s*(?:and|et|y)\s", re.IGNORECASE)  # "(France, Spain); and outlaw it (Spain)"
_PREPOSITIONS = frozenset("to for in on with against from by at à dans sur pour contre en con para".split())
_ARTICLES = frozenset("the a an all its their le la les l’ un une ses el los las sus".split())
MAX_VERB_PHRASE_WORDS = 8  # “consider extending”, “take the necessary steps in order to ratify”
_ONLY_PUNCTUATION = re.compile(r"[\s.;,:*/⁰¹²³⁴-⁹\d-]*(?:and|or|et|ou|y|o)?[\s.;,:*/]*$", re.IGNORECASE)


def find_recommendations(
    passages: Sequence[Passage], profile: Profile, *, document: str, state: str | None, language: str
) -> tuple[Finding, ...]:
    """Return the recommendations of a report as findings; their actions are the parts made by different states."""
    findings: list[Finding] = []
    for passage in _find_conclusion_passages(passages, profile):
        states, ends = _find_recommending_states(passage.text)
        is_nested = "." in passage.number and passage.number.rpartition(".")[2].isdigit()
        if not is_nested and not (states and ends and passage.number):
            continue
        if is_nested and not states and passage.text.endswith(":"):
            continue  # introduces other recommendations
        for text, recommending in _list_recommendations(passage.text, states, profile.objects):
            findings.append(
                Finding(
                    document=document,
                    body=profile.id,
                    state=state,
                    procedure=profile.procedure,
                    paragraph=passage.number,
                    page=passage.pages[0],
                    pages=passage.pages,
                    boxes=passage.boxes,
                    heading=" › ".join(passage.headings),
                    articles=(),
                    strength=None,
                    verb="",
                    addressee=None,
                    from_state=recommending,
                    actions=_split_recommendations(passage.text),
                    text=text,
                    language=language,
                    reader=profile.reader,
                )
            )
    return tuple(findings)


def _find_conclusion_passages(passages: Sequence[Passage], profile: Profile) -> Iterator[Passage]:
    """Yield the passages in the part of the report that contains the conclusions."""
    part = profile.recommendations_part
    paths = dict.fromkeys(passage.headings for passage in passages)
    inside = {path for path in paths if part is not None and any(map(part.search, path))}
    if inside:
        yield from (passage for passage in passages if passage.headings in inside)
    else:  # the heading is worded or printed in an unknown way: use whatever can only be a recommendation
        yield from (p for p in passages if "." in p.number and _find_recommending_states(p.text)[1])


def _find_recommending_states(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the states named in brackets, as printed, without duplicates, and whether such a bracket ends the text."""
    names: dict[str, None] = {}
    ends = False
    for bracket in _find_state_brackets(text):
        names.update(dict.fromkeys(bracket.states))
        ends = _ONLY_PUNCTUATION.match(text, bracket.end) is not None
    if not names and (last := _LAST_BRACKET.search(text)):  # a misprinted name, or a state that we do not know
        names.update(dict.fromkeys(split_state_names(last[1])))
    return tuple(names), ends


def parse_bracket_states(printed: str) -> tuple[str, ...]:
    """Return the states named in a bracket; () if it contains something else ("(CEDAW)", "(see paragraph 4)")."""
    names = split_state_names(_SHARED.sub(" ", printed) if _SHARED.search(printed) else printed)
    known_names = tuple(name for name in names if code_by_name(name) or code_by_name(_INNER_BRACKET.sub("", name)))
    return names if len(known_names) * 2 > len(names) else known_names


@dataclass(frozen=True, slots=True)
class _StateBracket:
    """A bracket that names states, with its position and the names as printed."""

    start: int
    end: int
    states: tuple[str, ...]


@lru_cache(maxsize=64)  # called many times for each passage
def _find_state_brackets(text: str) -> tuple[_StateBracket, ...]:
    """Return the brackets of a text that name states, in order; an unclosed bracket ends after its names."""
    brackets = [_StateBracket(b.start(), b.end(), parse_bracket_states(b[1])) for b in _BRACKETS.finditer(text)]
    if text.count("(") > text.count(")"):
        for left_open in _UNCLOSED.finditer(text):
            names = split_state_names(left_open[1])
            inside = any(bracket.start <= left_open.start() < bracket.end for bracket in brackets)
            if not inside and names and all(map(code_by_name, names)):
                brackets.append(_StateBracket(left_open.start(), left_open.end(), names))
        brackets.sort(key=lambda bracket: bracket.start)
    return tuple(bracket for bracket in brackets if bracket.states)


def _list_recommendations(
    text: str, states: tuple[str, ...], objects: re.Pattern[str] | None
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the recommendations in a passage, quoted, each with the states that made it; usually there is one.

    “Sign (France)/ratify (Spain) the Convention (France, Spain)” contains two recommendations. In “Ratify the
    Protocol (Spain) soon (Chile), and the Statute (Peru)”, Peru does not ask for the Protocol. In such cases
    each recommendation is returned with […] in place of the words of other states, and the passage as a whole
    comes last.
    """
    alternatives = _list_alternatives(text, states)
    if alternatives:
        return alternatives
    own: dict[str, tuple[str, ...]] = {}
    for part in _divide_sentences(text):
        own.update(_iter_state_recommendations(part, objects))
    return [*own.items(), (_replace_inner_brackets(text), states)]


@dataclass(frozen=True, slots=True)
class _SentencePiece:
    """The words before a bracket of states, and the states in the bracket."""

    words: str
    states: tuple[str, ...]
    ends: bool = False  # followed by a semicolon


def _divide_sentences(text: str) -> Iterator[list[_SentencePiece]]:
    """Yield each sentence that brackets of states divide into pieces, as a list of these pieces."""
    part: list[_SentencePiece] = []
    begin = 0
    for bracket in _find_state_brackets(text):
        words = text[begin : bracket.start].strip(" ,")
        if part and len(words) < 3:  # "(France) (Iraq)": two brackets in the same place
            part[-1] = _SentencePiece(part[-1].words, (*part[-1].states, *bracket.states))
        else:
            part.append(_SentencePiece(words, bracket.states, text[bracket.end :].lstrip().startswith(";")))
        begin = bracket.end
        if (after := _CONTINUES.match(text, begin)) and _is_continued_by_some_states(bracket, text, after.end()):
            begin = after.end(0) - len(after[0].split()[-1]) - 1
        elif _SENTENCE_END.match(text, begin):
            if len(part) > 1:
                yield part
            part = []
            begin += len(text[begin:]) - len(text[begin:].lstrip(" ;.,"))
    if len(part) > 1:
        yield part


def _is_continued_by_some_states(bracket: _StateBracket, text: str, begin: int) -> bool:
    """Return whether the next bracket ends the passage and names only some of the states in this bracket."""
    next_bracket = next((one for one in _find_state_brackets(text) if one.start >= begin), None)
    return (
        next_bracket is not None
        and set(next_bracket.states) < set(bracket.states)
        and _ONLY_PUNCTUATION.match(text, next_bracket.end) is not None
    )


def _iter_state_recommendations(
    part: Sequence[_SentencePiece], objects: re.Pattern[str] | None
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what individual states recommend in a divided sentence, if it differs from the whole sentence."""
    lead_ins: dict[int, str] = {}
    for at, stretch in enumerate(part):
        noun = objects.match(stretch.words) if objects is not None and at else None
        if noun:
            lead_ins[at] = _find_lead_in(stretch.words[noun.start("noun") :], part[:at], lead_ins)
            if lead_ins[at]:
                yield f"{lead_ins[at]} […] {stretch.words[noun.start('rest') :]}", stretch.states
    names_of = {code_by_name(name) or name: name for stretch in part for name in stretch.states}  # each state only once
    by_pieces: dict[tuple[int, ...], list[str]] = {}
    for state, name in names_of.items():
        pieces = tuple(at for at, one in enumerate(part) if state in {code_by_name(n) or n for n in one.states})
        by_pieces.setdefault(pieces, []).append(name)
    for pieces, names in by_pieces.items():
        for request in _iter_state_requests(part, pieces):
            yield request, tuple(names)


def _iter_state_requests(part: Sequence[_SentencePiece], pieces: Sequence[int]) -> Iterator[str]:
    """Yield what a state asks for in its pieces of a sentence, unless the whole sentence says the same.

    A piece depends on the nearest piece before it that begins a request. If the same state made both, they are read
    together, with […] for the words of other states in between. Otherwise the words that the piece replaces are left
    out: in “allow access to prisons (Chile) to all places of detention (Peru)”, Peru asks to “allow access […] to all
    places of detention”.
    """
    runs: list[list[int]] = []
    for at in pieces:
        governing = _find_request_start(part, at)
        if runs and (at == governing or governing <= runs[-1][-1]):
            runs[-1].append(at)
        else:
            runs.append([at])
    for run in runs:
        if run[0] == 0 or _begins_request(part, run[0]):
            if run[-1] - run[0] != len(run) - 1 or any(part[at].ends for at in run[:-1]):
                yield " […] ".join(part[at].words for at in run)
        elif lead := _find_preposition_lead_in(part, run[0]):
            yield " […] ".join([lead, *(part[at].words for at in run)])


def _find_request_start(part: Sequence[_SentencePiece], at: int) -> int:
    """Return the index of the piece that begins the request at `at`: that piece or the nearest one before it."""
    return next((k for k in range(at, 0, -1) if _begins_request(part, k)), 0)


def _begins_request(part: Sequence[_SentencePiece], at: int) -> bool:
    """Return whether a piece clearly begins a new request; “and other forms” may only continue the previous one."""
    words = part[at].words
    return not words.startswith(("and ", "or ")) and _REQUEST_START.match(words) is not None


def _find_preposition_lead_in(part: Sequence[_SentencePiece], at: int) -> str:
    """Return the request that a piece depends on, up to the preposition that the piece repeats; "" if there is none."""
    preposition = part[at].words.split(" ", 1)[0]
    governing = _find_request_start(part, at - 1)
    if governing != at - 1 or preposition not in _PREPOSITIONS:
        return ""
    lead = part[governing].words
    preposition_at = lead.rfind(f" {preposition} ")
    # “to prisons … to all places”: both are the same kind of thing
    alike = _long_words(lead[preposition_at:]) & _long_words(part[at].words)
    return lead[:preposition_at] if preposition_at > 0 and alike else ""


def _long_words(words: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", words.lower()) if len(word) > 4}


def _find_lead_in(noun: str, before: Sequence[_SentencePiece], lead_ins: Mapping[int, str]) -> str:
    """Return the lead-in for a later item in a list: the words before the nearest similar item.

    For “the Special Rapporteur on racism” after “agree to a visit by the Special Rapporteur on housing”, the lead-in is
    everything before “the Special”. If no item is similar, the lead-in is the verbs before the first name or article.
    """
    like = " ".join(noun.split()[:2])
    for at in range(len(before) - 1, -1, -1):
        item_at = before[at].words.rfind(like)
        if item_at >= 0 and lead_ins.get(at):
            return lead_ins[at]
        if item_at > 0:
            return before[at].words[:item_at].strip()
    begun = [k for k in range(len(before)) if k == 0 or (k not in lead_ins and _REQUEST_START.match(before[k].words))]
    possible = [split for k in reversed(begun) if (split := _split_verbs_and_object(before[k].words))]
    is_name = _starts_with_name(noun)  # if there is a choice, pair a treaty or office with a treaty or office
    best = next(
        (verbs for verbs, thing in possible if _starts_with_name(thing) == is_name), possible[0][0] if possible else ""
    )
    return best.removeprefix("and ").removeprefix("or ")


def _split_verbs_and_object(words: str) -> tuple[str, str] | None:
    """Split words into verbs and an object, which begins at the first article or name; None without an object."""
    listed = words.split()
    for k, word in enumerate(listed):
        if k and (word[0].isupper() or word in _ARTICLES):
            return " ".join(listed[:k]), " ".join(listed[k:])
    return None


def _starts_with_name(noun: str) -> bool:
    """Return whether the first word after any article is a name, judging by its capital letter."""
    return next((word[0].isupper() for word in noun.split() if word not in _ARTICLES), False)


def _list_alternatives(text: str, states: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the alternatives in “Sign (France)/ratify (Spain) the Statute”, completed, each with its states, or []."""
    alternatives: list[tuple[str, tuple[str, ...]]] = []
    begin = 0
    for bracket in _find_state_brackets(text):
        bracket_states = bracket.states
        words = text[begin : bracket.start].strip(" /")
        if ";" in words:
            return []
        after = text[bracket.end :].lstrip()
        if after.startswith("/"):
            alternatives.append((words, bracket_states))
            begin = bracket.end
        elif not alternatives:
            return []
        elif len(words.split()) <= MAX_VERB_PHRASE_WORDS and after[:1] not in ("", ";", ".", ","):
            return [
                (_complete_alternative(verbs, after), names)
                for verbs, names in [*alternatives, (words, bracket_states)]
            ]
        else:
            rest = text[begin:].lstrip(" /")
            own = {name for _, names in alternatives for name in names}
            others = tuple(name for name in states if name not in own) or states
            return [
                *((_complete_alternative(verbs, rest), names) for verbs, names in alternatives),
                (_replace_inner_brackets(rest), others),
            ]
    return []


def _complete_alternative(verbs: str, rest: str) -> str:
    """Return a verb phrase ("Sign") followed by the shared end of the sentence; unchanged if it has its own object."""
    last = verbs.split()[-1:]
    return verbs if last and last[0][0].isupper() and " " in verbs else _replace_inner_brackets(f"{verbs} […] {rest}")


def _replace_inner_brackets(text: str) -> str:
    """Replace each bracket of states inside a sentence with […]."""
    pieces: list[str] = []
    begin = 0
    for bracket in _find_state_brackets(text):
        after = text[bracket.end :].lstrip(" ")
        if after[:1] in ("", ";", ".", "/", ")") or _MORE_BRACKETS.match(after) or _SENTENCE_END.match(after):
            continue
        pieces += [text[begin : bracket.start], "[…]"]
        begin = bracket.end
    return _SEVERAL_MARKS.sub("[…]", "".join([*pieces, text[begin:]])).strip() if pieces else text


def _split_recommendations(text: str) -> tuple[str, ...]:
    """Split a passage into parts that each end with their recommending states; one part if it names no states."""
    parts: list[str] = []
    begin = 0
    for bracket in _find_state_brackets(text):
        part = text[begin : bracket.end].strip(" ;,.")
        if parts and len(part) - (bracket.end - bracket.start) < 4:
            parts[-1] = f"{parts[-1]} {part}"  # "(France) (Iraq)": two brackets for one recommendation
        else:
            parts.append(part)
        begin = bracket.end
    return tuple(parts) if parts else (text,)
