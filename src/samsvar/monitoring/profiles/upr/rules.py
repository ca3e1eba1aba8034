"""Which passages of a Universal Periodic Review report recommend, and which states recommended it.

A recommendation is a numbered passage below a paragraph of the conclusions ("95.39."), or such a paragraph itself
where it ends with the state's name in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from samsvar.monitoring.profile import Profile
from samsvar.monitoring.report import Finding, Passage
from samsvar.territories import code_of, states_in

_BRACKETS = re.compile(
    r"[(\[]((?:[^()\[\]]|\([^()]*\)|\[[^\[\]]*\]){2,600})[)\]]"
)  # one bracket inside another at most
_UNCLOSED = re.compile(
    r"[(\[]([^()\[\]]{2,300}?)(?=,? (?:and|or|et|ou|y|o) (?:the|les?|la|el|los|las) |\s*[(\[;]|\s*$)"
)
_INNER_BRACKET = re.compile(r"\s*\([^()]*\)\s*$")  # "Bolivia (Plurinational Republic of)", which errs about the rest
_SHARED = re.compile(r"\b(?:same|similar|idem|also|mêmes?|misma)\b", re.IGNORECASE)
_LAST_BRACKET = re.compile(r"\(([A-ZÀ-Þ][^\W\d_]{2,}(?:[ ,’'-]+[^\W\d_]+){0,5})\)[\s.;]*$")
_ENDS_HERE = re.compile(r"[⁰¹²³⁴-⁹*\d\s]*(?:[;.]|$)|,\s*$")
_MORE_BRACKETS = re.compile(r"(?:[(\[][^()\[\]]{2,200}[)\]][\s,]*)+(?:[;.]|$)")
_SEVERAL_MARKS = re.compile(r"(?:\[…\][\s,]*){2,}(?<!,)(?=\s|$)|(?:\[…\]\s*){2,}")
# A stretch that begins a request of its own: "extend invitations", "to adopt"; not "in particular", "within".
_BEGINS_ANEW = re.compile(
    r"(?:and |or |to )?(?!(?:and|or|to)\b)[a-z]{4,}(?<!ly)(?<!ing)\b(?! as\b)(?<!within)(?<!under)(?<!with)(?<!from)"
)
_GOES_ON = re.compile(r"\s*;\s*(?:and|et|y)\s", re.IGNORECASE)  # "(France, Spain); and outlaw it (Spain)"
_PREPOSITIONS = frozenset("to for in on with against from by at à dans sur pour contre en con para".split())
_ARTICLES = frozenset("the a an all its their le la les l’ un une ses el los las sus".split())
LONGEST_VERB_PHRASE = 8  # words: “consider extending”, “take the necessary steps in order to ratify”
_REST = re.compile(r"[\s.;,:*/⁰¹²³⁴-⁹\d-]*(?:and|or|et|ou|y|o)?[\s.;,:*/]*$", re.IGNORECASE)


def find_recommendations(
    passages: Sequence[Passage], profile: Profile, *, document: str, state: str | None, language: str
) -> tuple[Finding, ...]:
    """The recommendations of a report, one finding for each; its parts by single states are its actions."""
    found: list[Finding] = []
    for passage in _in_conclusions(passages, profile):
        states, ends = _recommending_states(passage.text)
        deep = "." in passage.number and passage.number.rpartition(".")[2].isdigit()
        if not deep and not (states and ends and passage.number):
            continue
        if deep and not states and passage.text.endswith(":"):
            continue  # announces others
        for text, recommending in _readings(passage.text, states, profile.objects):
            found.append(
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
                    actions=_single_recommendations(passage.text),
                    text=text,
                    language=language,
                    reader=profile.reader,
                )
            )
    return tuple(found)


def _in_conclusions(passages: Sequence[Passage], profile: Profile) -> Iterator[Passage]:
    """The passages of the part that concludes."""
    part = profile.part
    paths = dict.fromkeys(passage.headings for passage in passages)
    inside = {path for path in paths if part is not None and any(map(part.search, path))}
    if inside:
        yield from (passage for passage in passages if passage.headings in inside)
    else:  # the heading is worded or printed in a way that is not known: what only recommendations look like counts
        yield from (p for p in passages if "." in p.number and _recommending_states(p.text)[1])


def _recommending_states(text: str) -> tuple[tuple[str, ...], bool]:
    """The states named in brackets, as printed and each once; and whether the text ends with such a bracket."""
    names: dict[str, None] = {}
    ends = False
    for bracket in _brackets(text):
        names.update(dict.fromkeys(bracket.states))
        ends = _REST.match(text, bracket.end) is not None
    if not names and (last := _LAST_BRACKET.search(text)):  # a name that is misprinted, or a state we do not know
        names.update(dict.fromkeys(states_in(last[1])))
    return tuple(names), ends


def states_named(printed: str) -> tuple[str, ...]:
    """The states that a bracket names; () for a bracket that says something else ("(CEDAW)", "(see paragraph 4)")."""
    named = states_in(_SHARED.sub(" ", printed) if _SHARED.search(printed) else printed)
    known = tuple(name for name in named if code_of(name) or code_of(_INNER_BRACKET.sub("", name)))
    return named if len(known) * 2 > len(named) else known


@dataclass(frozen=True, slots=True)
class _Bracket:
    """A bracket that names states: where it stands, and their names as printed."""

    start: int
    end: int
    states: tuple[str, ...]


@lru_cache(maxsize=64)  # every question about a passage begins here
def _brackets(text: str) -> tuple[_Bracket, ...]:
    """The brackets of a text that name states, in order; one that was never closed ends where its names do."""
    found = [_Bracket(b.start(), b.end(), states_named(b[1])) for b in _BRACKETS.finditer(text)]
    if text.count("(") > text.count(")"):
        for left_open in _UNCLOSED.finditer(text):
            names = states_in(left_open[1])
            inside = any(bracket.start <= left_open.start() < bracket.end for bracket in found)
            if not inside and names and all(map(code_of, names)):
                found.append(_Bracket(left_open.start(), left_open.end(), names))
        found.sort(key=lambda bracket: bracket.start)
    return tuple(bracket for bracket in found if bracket.states)


def _readings(text: str, states: tuple[str, ...], objects: re.Pattern[str] | None) -> list[tuple[str, tuple[str, ...]]]:
    """What a passage recommends, quoted, and the states that do so: mostly one reading.

    “Sign (France)/ratify (Spain) the Convention (France, Spain)” recommends two things, and in “Ratify the Protocol
    (Spain) soon (Chile), and the Statute (Peru)” Peru does not ask for the Protocol. Then there is a reading for each,
    in which […] stands for what others said; the passage as a whole comes last.
    """
    alternatives = _alternatives(text, states)
    if alternatives:
        return alternatives
    own: dict[str, tuple[str, ...]] = {}
    for part in _interrupted_parts(text):
        own.update(_single_readings(part, objects))
    return [*own.items(), (_quoted(text), states)]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The words up to a bracket of states, and the states."""

    words: str
    states: tuple[str, ...]
    ends: bool = False  # a semicolon stands behind it


def _interrupted_parts(text: str) -> Iterator[list[_Stretch]]:
    """The sentences of a passage that brackets of states cut in pieces, each as its pieces."""
    part: list[_Stretch] = []
    begin = 0
    for bracket in _brackets(text):
        words = text[begin : bracket.start].strip(" ,")
        if part and len(words) < 3:  # "(France) (Iraq)": two brackets in one place
            part[-1] = _Stretch(part[-1].words, (*part[-1].states, *bracket.states))
        else:
            part.append(_Stretch(words, bracket.states, text[bracket.end :].lstrip().startswith(";")))
        begin = bracket.end
        if (after := _GOES_ON.match(text, begin)) and _some_go_on(bracket, text, after.end()):
            begin = after.end(0) - len(after[0].split()[-1]) - 1
        elif _ENDS_HERE.match(text, begin):
            if len(part) > 1:
                yield part
            part = []
            begin += len(text[begin:]) - len(text[begin:].lstrip(" ;.,"))
    if len(part) > 1:
        yield part


def _some_go_on(bracket: _Bracket, text: str, begin: int) -> bool:
    """Whether some of a bracket's states, and only they, say the last thing of a passage."""
    following = next((one for one in _brackets(text) if one.start >= begin), None)
    return (
        following is not None
        and set(following.states) < set(bracket.states)
        and _REST.match(text, following.end) is not None
    )


def _single_readings(
    part: Sequence[_Stretch], objects: re.Pattern[str] | None
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What single states recommend in an interrupted sentence, where the sentence as a whole does not say it."""
    leads: dict[int, str] = {}
    for at, stretch in enumerate(part):
        noun = objects.match(stretch.words) if objects is not None and at else None
        if noun:
            leads[at] = _lead_to(stretch.words[noun.start("noun") :], part[:at], leads)
            if leads[at]:
                yield f"{leads[at]} […] {stretch.words[noun.start('rest') :]}", stretch.states
    names_of = {code_of(name) or name: name for stretch in part for name in stretch.states}  # once, however printed
    by_pieces: dict[tuple[int, ...], list[str]] = {}
    for state, name in names_of.items():
        pieces = tuple(at for at, one in enumerate(part) if state in {code_of(n) or n for n in one.states})
        by_pieces.setdefault(pieces, []).append(name)
    for pieces, names in by_pieces.items():
        for request in _requests(part, pieces):
            yield request, tuple(names)


def _requests(part: Sequence[_Stretch], pieces: Sequence[int]) -> Iterator[str]:
    """What a state asks for with its pieces of a sentence, where the whole sentence says more or says it otherwise.

    A piece leans on the stretch before it that begins a request. Where that is the state's own, they are read together,
    […] standing for what others said between them. Where it is another's, the words that the piece takes the place of
    are left out: “allow access to prisons (Chile) to all places of detention (Peru)”.
    """
    runs: list[list[int]] = []
    for at in pieces:
        governing = _request_of(part, at)
        if runs and (at == governing or governing <= runs[-1][-1]):
            runs[-1].append(at)
        else:
            runs.append([at])
    for run in runs:
        if run[0] == 0 or _begins_anew(part, run[0]):
            if run[-1] - run[0] != len(run) - 1 or any(part[at].ends for at in run[:-1]):
                yield " […] ".join(part[at].words for at in run)
        elif lead := _words_before_its_like(part, run[0]):
            yield " […] ".join([lead, *(part[at].words for at in run)])


def _request_of(part: Sequence[_Stretch], at: int) -> int:
    """Where the request begins that a stretch belongs to: at itself, or at the last before it that begins one."""
    return next((k for k in range(at, 0, -1) if _begins_anew(part, k)), 0)


def _begins_anew(part: Sequence[_Stretch], at: int) -> bool:
    """Whether a stretch surely begins a request of its own: “and other forms” may go on with the one before."""
    words = part[at].words
    return not words.startswith(("and ", "or ")) and _BEGINS_ANEW.match(words) is not None


def _words_before_its_like(part: Sequence[_Stretch], at: int) -> str:
    """The request that a piece leans on, up to the preposition that the piece repeats; "" where it repeats none."""
    preposition = part[at].words.split(" ", 1)[0]
    governing = _request_of(part, at - 1)
    if governing != at - 1 or preposition not in _PREPOSITIONS:
        return ""
    lead = part[governing].words
    found = lead.rfind(f" {preposition} ")
    alike = _long_words(lead[found:]) & _long_words(
        part[at].words
    )  # “to prisons … to all places”: the same sort of thing
    return lead[:found] if found > 0 and alike else ""


def _long_words(words: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", words.lower()) if len(word) > 4}


def _lead_to(noun: str, before: Sequence[_Stretch], leads: Mapping[int, str]) -> str:
    """The words that lead to a thing further on in a sentence: those before the first thing of its kind.

    “agree to a visit by the Special Rapporteur on housing” leads to “the Special Rapporteur on racism” with all its
    words up to “the Special”; where nothing is alike, with the verbs before the first name or article.
    """
    like = " ".join(noun.split()[:2])
    for at in range(len(before) - 1, -1, -1):
        found = before[at].words.rfind(like)
        if found >= 0 and leads.get(at):
            return leads[at]
        if found > 0:
            return before[at].words[:found].strip()
    begun = [k for k in range(len(before)) if k == 0 or (k not in leads and _BEGINS_ANEW.match(before[k].words))]
    possible = [split for k in reversed(begun) if (split := _verbs_and_object(before[k].words))]
    named = _is_name(noun)  # a treaty or an office follows on a treaty or an office where there is a choice
    best = next((verbs for verbs, thing in possible if _is_name(thing) == named), possible[0][0] if possible else "")
    return best.removeprefix("and ").removeprefix("or ")


def _verbs_and_object(words: str) -> tuple[str, str] | None:
    """The verbs that words begin with, and what they are about: from the first article or name on."""
    listed = words.split()
    for k, word in enumerate(listed):
        if k and (word[0].isupper() or word in _ARTICLES):
            return " ".join(listed[:k]), " ".join(listed[k:])
    return None


def _is_name(noun: str) -> bool:
    """Whether what stands behind the article is a name."""
    return next((word[0].isupper() for word in noun.split() if word not in _ARTICLES), False)


def _alternatives(text: str, states: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """The alternatives that a text begins with, each with its states and what is said after the last of them."""
    found: list[tuple[str, tuple[str, ...]]] = []
    begin = 0
    for bracket in _brackets(text):
        named = bracket.states
        words = text[begin : bracket.start].strip(" /")
        if ";" in words:
            return []
        after = text[bracket.end :].lstrip()
        if after.startswith("/"):
            found.append((words, named))
            begin = bracket.end
        elif not found:
            return []
        elif len(words.split()) <= LONGEST_VERB_PHRASE and after[:1] not in ("", ";", ".", ","):
            return [(_alternative(verbs, after), names) for verbs, names in [*found, (words, named)]]
        else:
            rest = text[begin:].lstrip(" /")
            own = {name for _, names in found for name in names}
            others = tuple(name for name in states if name not in own) or states
            return [*((_alternative(verbs, rest), names) for verbs, names in found), (_quoted(rest), others)]
    return []


def _alternative(verbs: str, rest: str) -> str:
    """One alternative with what is said after all of them; as it stands where it names what it is about."""
    last = verbs.split()[-1:]
    return verbs if last and last[0][0].isupper() and " " in verbs else _quoted(f"{verbs} […] {rest}")


def _quoted(text: str) -> str:
    """The text with each bracket of states that interrupts a sentence replaced by […]."""
    pieces: list[str] = []
    begin = 0
    for bracket in _brackets(text):
        after = text[bracket.end :].lstrip(" ")
        if after[:1] in ("", ";", ".", "/", ")") or _MORE_BRACKETS.match(after) or _ENDS_HERE.match(after):
            continue
        pieces += [text[begin : bracket.start], "[…]"]
        begin = bracket.end
    return _SEVERAL_MARKS.sub("[…]", "".join([*pieces, text[begin:]])).strip() if pieces else text


def _single_recommendations(text: str) -> tuple[str, ...]:
    """The parts of a passage that each end with the state that recommended them."""
    parts: list[str] = []
    begin = 0
    for bracket in _brackets(text):
        part = text[begin : bracket.end].strip(" ;,.")
        if parts and len(part) - (bracket.end - bracket.start) < 4:
            parts[-1] = f"{parts[-1]} {part}"  # "(France) (Iraq)": two brackets for one recommendation
        else:
            parts.append(part)
        begin = bracket.end
    return tuple(parts) if parts else (text,)
