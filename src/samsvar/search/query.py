"""What somebody asked for: any text whatsoever becomes a tree of words, phrases, labels, AND, OR and NOT, and says so.

`parse("women -children state:NO")` never fails. What could not be used as written stands in the query's notes, and
`query.understood` is the same question in a form without abbreviations, which parses to the same tree.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from samsvar.territories import code_of, territory

LONGEST_QUERY = 500  # characters; the longest sentence of a finding in tests/examples has 420 (2026-11)
DEEPEST = 20  # parentheses inside each other; deeper ones are read as if they were not there
ARTICLES = 81  # of the Istanbul Convention; `article:12-20` names nine of them
LONGEST_NAME = 5  # words: "Saint Vincent and the Grenadines"
YEARS = (1900, 2200)  # a year outside is no year


class Column(StrEnum):
    """Where words are looked for. A heading or a title never counts as a paragraph's own text."""

    TEXT = "text"
    HEADING = "heading"
    TITLE = "title"


class LabelName(StrEnum):
    """What a thing found can be narrowed down by."""

    KIND = "kind"
    STATE = "state"
    ARTICLE = "article"
    STRENGTH = "strength"
    BODY = "body"
    YEAR = "year"
    REVIEW = "review"
    LANGUAGE = "language"
    PARAGRAPH = "paragraph"
    INVENTED = "invented"  # "yes" for what belongs to a state of the demonstration


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any of its grammatical forms: “women” finds “woman's” only where the language's stemmer joins them."""

    text: str
    column: Column = Column.TEXT

    def __str__(self) -> str:
        return _prefixed(self.column, self.text)


@dataclass(frozen=True, slots=True)
class Beginning:
    """Every word that begins so: `discriminat*`."""

    text: str
    column: Column = Column.TEXT

    def __str__(self) -> str:
        return _prefixed(self.column, f"{self.text}*")


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words exactly as written, one after the other; a `*` lets a word of it go on: `"protection ord*"`."""

    text: str
    column: Column = Column.TEXT

    def __str__(self) -> str:
        return _prefixed(self.column, f'"{self.text}"')


@dataclass(frozen=True, slots=True)
class Label:
    """What the thing found is marked with: `state:NO`, `article:25`."""

    name: LabelName
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


@dataclass(frozen=True, slots=True)
class Years:
    """From `first` to `last`, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"year:{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the part does not find."""

    part: Tree

    def __str__(self) -> str:
        return f"NOT ({self.part})" if isinstance(self.part, All | Any) else f"NOT {self.part}"


@dataclass(frozen=True, slots=True)
class All:
    """What every part finds; two parts at least."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return " AND ".join(f"({part})" if isinstance(part, Any) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """What at least one part finds; two parts at least."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Everything:
    """No words to look for: everything there is."""

    def __str__(self) -> str:
        return ""


type Tree = Word | Beginning | Phrase | Label | Years | Not | All | Any | Everything


class NoteKind(StrEnum):
    """Why something was not taken as written."""

    CUT = "cut"  # the text was longer than LONGEST_QUERY
    NOTHING_TO_SEARCH = "nothing_to_search"  # only marks and operators
    LONE_OPERATOR = "lone_operator"  # AND, OR, NOT with nothing to join
    UNKNOWN_VALUE = "unknown_value"  # `state:Atlantis`: searched as words
    UNCLOSED_QUOTATION = "unclosed_quotation"
    TOO_DEEP = "too_deep"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was not taken as written; `about` is the part of the text that it is about."""

    kind: NoteKind
    about: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was asked and as it was understood."""

    asked: str
    tree: Tree
    notes: tuple[Note, ...] = ()

    @property
    def understood(self) -> str:
        """The question without abbreviations; parsing it gives the same tree."""
        return str(self.tree)

    @property
    def plain_words(self) -> tuple[str, ...]:
        """The words that were asked, where they are nothing but words; none where anything else is among them."""
        words = tuple(self.asked.split())
        plain = all(re.fullmatch(r"\w[\w'’-]*", word) and word not in _operators() for word in words)
        return words if plain else ()


def parse(text: str) -> Query:
    """The query that `text` means; every text means one."""
    asked = " ".join(unicodedata.normalize("NFC", text.replace("\x00", " ")).split())
    notes: list[Note] = []
    if len(asked) > LONGEST_QUERY:
        notes.append(Note(NoteKind.CUT, asked[LONGEST_QUERY:]))
        asked = asked[:LONGEST_QUERY].rsplit(" ", 1)[0] if " " in asked[:LONGEST_QUERY] else asked[:LONGEST_QUERY]
    signs = _shallow(_signs_of(asked, notes), notes)
    tree = _Parser(_with_names(signs), notes).whole()
    if asked and isinstance(tree, Everything):
        notes.append(Note(NoteKind.NOTHING_TO_SEARCH, asked))
    return Query(asked, tree, tuple(dict.fromkeys(notes)))


def parts_of(tree: Tree) -> tuple[Tree, ...]:
    """Everything that is asked for in the tree, apart: not what is denied, nor All and Any themselves."""
    match tree:
        case All(parts) | Any(parts):
            return tuple(leaf for part in parts for leaf in parts_of(part))
        case Not() | Everything():
            return ()
        case Word() | Beginning() | Phrase() | Label() | Years():
            return (tree,)


# --- Signs: the text cut into operators, parentheses and things to look for -------------------------------------------


class _Sign(StrEnum):
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"


_QUOTATION = re.compile('["“”„«»‟]')
_CUT = re.compile(r'\s+|([()])|([^\s()":]+:|-+)?"([^"]*)("|$)|([^\s()"]+)')
_RANGE = re.compile(r"(\d+)\s*(?:-|–|\.\.)\s*(\d+)")


def _signs_of(asked: str, notes: list[Note]) -> list[_Sign | Tree]:
    signs: list[_Sign | Tree] = []
    for found in _CUT.finditer(_QUOTATION.sub('"', asked)):
        parenthesis, field, quoted, closing, bare = found.groups()
        if parenthesis:
            signs.append(_Sign(parenthesis))
        elif quoted is not None:
            if not closing:
                notes.append(Note(NoteKind.UNCLOSED_QUOTATION, quoted))
            signs.extend(_quotation(field or "", quoted, notes))
        elif bare:
            signs.extend(_bare(bare, notes))
    return signs


def _with_names(signs: list[_Sign | Tree]) -> list[_Sign | Tree]:
    """The signs, with the names among their words also taken as labels: a finding about Norway seldom says "Norway".

    "shelters Norway" asks for what says "Norway" or is labelled with it, "article 25" for what says so or is placed
    there. In quotation marks they are words only.
    """
    taken: list[_Sign | Tree] = []
    at = 0
    while at < len(signs):
        words: list[str] = []
        for sign in signs[at : at + LONGEST_NAME]:
            if not isinstance(sign, Word) or sign.column is not Column.TEXT:
                break
            words.append(sign.text)
        for many in range(len(words), 0, -1):
            if label := _label_named(words[:many]):
                said = Word(words[0]) if many == 1 else Phrase(" ".join(words[:many]))
                taken.append(Any((said, label)))
                at += many
                break
        else:
            taken.append(signs[at])
            at += 1
    return taken


def _label_named(words: list[str]) -> Label | None:
    """The label that these words name, all of them: a country in any known language, or an article of the treaty."""
    if len(words) == 2 and field_named(words[0]) is LabelName.ARTICLE:
        numbers = label_values(LabelName.ARTICLE, words[1])
        return Label(LabelName.ARTICLE, numbers[0]) if len(numbers) == 1 else None
    name = " ".join(words)
    if any(sign.isdigit() for sign in name) or (len(name) < 4 and not name.isupper()):  # "us" and "car" are words
        return None
    code = code_of(name)
    if code is None or (len(words) > 1 and code_of(" ".join(words[1:])) == code):  # "the Netherlands": without "the"
        return None
    return Label(LabelName.STATE, code)


def _shallow(signs: list[_Sign | Tree], notes: list[Note]) -> list[_Sign | Tree]:
    """The signs without parentheses deeper than DEEPEST: so deep, no parser runs out of stack."""
    kept: list[_Sign | Tree] = []
    depth = 0
    for sign in signs:
        depth -= sign is _Sign.CLOSE and depth > 0
        if sign not in (_Sign.OPEN, _Sign.CLOSE) or depth < DEEPEST:
            kept.append(sign)
        else:
            notes.append(Note(NoteKind.TOO_DEEP))
        depth += sign is _Sign.OPEN
    return kept


def _quotation(field: str, quoted: str, notes: list[Note]) -> list[_Sign | Tree]:
    """A phrase, alone or behind a field's name: `heading:"support services"`, `-"support services"`."""
    denied = [_Sign.NOT] if field.startswith("-") else []
    if not _says_something(quoted):
        return []
    name = field_named(_trimmed(field)[0])
    phrase = Phrase(quoted.strip())
    if name is None:
        # an unknown name before the colon is a word like any other
        return [*denied, *([word] if (word := _word(field)) else []), phrase]
    return [*denied, _in_field(name, quoted.strip(), phrase, notes)]


def _bare(bare: str, notes: list[Note]) -> list[_Sign | Tree]:
    if bare in {"&&", "||"}:
        return [_operators()[bare]]
    if re.fullmatch(r"-+[^-].*", bare):
        return [_Sign.NOT, *_bare(bare.lstrip("-"), notes)]
    text, _ = _trimmed(bare)
    if text in _operators():
        return [_operators()[text]]
    before, colon, value = text.partition(":")
    name = field_named(before)
    word = _word(bare)
    if word is None:
        return []
    if colon and name is not None and (inner := _word(bare[bare.index(":") + 1 :])):
        return [_in_field(name, value, inner, notes)]
    return [word]


def _word(bare: str) -> Word | Beginning | None:
    """The word without marks around it; None where marks are all there is."""
    text, goes_on = _trimmed(bare)
    if not text:
        return None
    return Beginning(text) if goes_on else Word(text)


def _trimmed(bare: str) -> tuple[str, bool]:
    """(the text from its first to its last letter or digit, whether a star follows it)."""
    places = [place for place, sign in enumerate(bare) if sign.isalnum()]
    if not places:
        return "", False
    return bare[places[0] : places[-1] + 1], bare[places[-1] + 1 :].startswith("*")


def _says_something(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


# --- Fields -----------------------------------------------------------------------------------------------------------


def field_named(name: str) -> LabelName | Column | None:
    """The field that a word before a colon means, in any of the interface's languages; None where it means none."""
    field = _fields().get(_plain(name))
    if field is None:
        return None
    return Column(field) if field in set(Column) else LabelName(field)


def label_values(name: LabelName, written: str) -> tuple[str, ...]:
    """The stored values that `written` means for this label, in order: "Norge" → ("NO",), "25,26" → ("25", "26").

    Empty where it means none. Years are left to `Years`.
    """
    known = _values(name)
    values: list[str] = []
    for part in written.split(","):
        value = _value(name, " ".join(part.split()), known)
        if not value:
            return ()
        values.extend(value)
    return tuple(dict.fromkeys(values))


def _value(name: LabelName, written: str, known: dict[str, str]) -> tuple[str, ...]:
    match name:
        case LabelName.STATE:
            named = territory(written)
            code = named.code if named else code_of(written)
            return (code,) if code else ()
        case LabelName.ARTICLE:
            first, last = _numbers(written)
            return tuple(str(number) for number in range(first, last + 1)) if 1 <= first <= last <= ARTICLES else ()
        case LabelName.YEAR:
            return ()
        case LabelName.KIND | LabelName.STRENGTH | LabelName.REVIEW | LabelName.INVENTED:
            value = known.get(_plain(written).replace(" ", "_"))
            return (value,) if value else ()
        case LabelName.BODY:
            return (_plain(written).replace(" ", "_"),) if _plain(written) else ()
        case LabelName.LANGUAGE:
            return (written.lower(),) if re.fullmatch(r"[A-Za-z]{2,3}", written) else ()
        case LabelName.PARAGRAPH:
            return (written,) if re.fullmatch(r"[\w.]+", written) else ()


def _in_field(name: LabelName | Column, written: str, words: Word | Beginning | Phrase, notes: list[Note]) -> Tree:
    """The label that is meant; where the value is unknown, the words themselves, and a note."""
    if isinstance(name, Column):
        return type(words)(words.text, name)
    if name is LabelName.YEAR:
        first, last = _numbers(written)
        if YEARS[0] <= first <= last <= YEARS[1]:
            return Label(name, str(first)) if first == last else Years(first, last)
    elif values := label_values(name, written):
        labels = tuple(Label(name, value) for value in values)
        return labels[0] if len(labels) == 1 else Any(labels)
    notes.append(Note(NoteKind.UNKNOWN_VALUE, f"{name}:{written}"))
    # `state:AND` leaves a word that would read as an operator: quoted, it stays a word
    return words if isinstance(words, Phrase) or _bare(str(words), []) == [words] else Phrase(words.text)


def _numbers(written: str) -> tuple[int, int]:
    """(first, last) of "12" or "12-15"; (0, -1) where it is neither."""
    if re.fullmatch(r"[0-9]{1,4}", written):
        return int(written), int(written)
    if (found := _RANGE.fullmatch(written)) and max(len(end) for end in found.groups()) <= 4:
        return int(found[1]), int(found[2])
    return 0, -1


def _prefixed(column: Column, text: str) -> str:
    return text if column is Column.TEXT else f"{column}:{text}"


def _plain(text: str) -> str:
    """Lower case without accents: "État" → "etat", "År" → "ar"."""
    decomposed = unicodedata.normalize("NFKD", text.strip().lower())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


# --- The language's own words, from data/words.toml -------------------------------------------------------------------


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("samsvar.search").joinpath("data/words.toml").read_text(encoding="utf-8"))


@cache
def _operators() -> dict[str, _Sign]:
    return {word: _Sign(name.upper()) for name, words in _words()["operators"].items() for word in words}


@cache
def _fields() -> dict[str, str]:
    return {word: name for name, words in _words()["fields"].items() for word in words}


@cache
def _values(name: LabelName) -> dict[str, str]:
    table: dict[str, list[str]] = _words()["values"].get(name, {})  # type: ignore[assignment]
    return {word: value for value, words in table.items() for word in words}


# --- The tree ---------------------------------------------------------------------------------------------------------


class _Parser:
    """NOT binds closest, then AND (which may be left out), then OR. What cannot be joined is dropped, and noted."""

    def __init__(self, signs: list[_Sign | Tree], notes: list[Note]) -> None:
        self.signs, self.notes, self.at = signs, notes, 0

    def whole(self) -> Tree:
        parts: list[Tree] = []
        while self.at < len(self.signs):
            if (part := self.either()) is not None:
                parts.append(part)
            if self.peek() is _Sign.CLOSE:  # one too many: as if it were not there
                self.at += 1
        return _all(parts) or Everything()

    def peek(self) -> _Sign | Tree | None:
        return self.signs[self.at] if self.at < len(self.signs) else None

    def either(self) -> Tree | None:
        parts: list[Tree] = []
        dangling = False
        while True:
            part = self.together()
            if part is not None:
                parts.append(part)
            if (dangling and part is None) or (self.peek() is _Sign.OR and part is None):
                self.notes.append(Note(NoteKind.LONE_OPERATOR, _Sign.OR))
            if self.peek() is not _Sign.OR:
                return _any(parts)
            dangling = True
            self.at += 1

    def together(self) -> Tree | None:
        parts: list[Tree] = []
        joined = False  # the sign before was an AND that waits for its right side
        while (sign := self.peek()) not in (None, _Sign.OR, _Sign.CLOSE):
            if sign is _Sign.AND:
                if joined or not parts:
                    self.notes.append(Note(NoteKind.LONE_OPERATOR, _Sign.AND))
                joined = True
                self.at += 1
            elif (part := self.one()) is not None:
                parts.append(part)
                joined = False
        if joined and parts:
            self.notes.append(Note(NoteKind.LONE_OPERATOR, _Sign.AND))
        return _all(parts)

    def one(self) -> Tree | None:
        denied = False
        while self.peek() is _Sign.NOT:
            denied = not denied
            self.at += 1
        sign = self.peek()
        part: Tree | None
        if sign is _Sign.OPEN:
            self.at += 1
            part = self.group()
        elif sign is None or isinstance(sign, _Sign):
            self.notes.append(Note(NoteKind.LONE_OPERATOR, _Sign.NOT))
            return None
        else:
            self.at += 1
            part = sign
        if part is None or not denied:
            return part
        return part.part if isinstance(part, Not) else Not(part)

    def group(self) -> Tree | None:
        part = self.either()
        if self.peek() is _Sign.CLOSE:
            self.at += 1
        return part


def _all(parts: list[Tree]) -> Tree | None:
    flat = tuple(dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,))))
    return None if not flat else flat[0] if len(flat) == 1 else All(flat)


def _any(parts: list[Tree]) -> Tree | None:
    flat = tuple(dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, Any) else (part,))))
    return None if not flat else flat[0] if len(flat) == 1 else Any(flat)
