"""The parser for search queries, which turns any text into a tree of words, phrases, labels, AND, OR and NOT.

`parse_query_text("women -children state:NO")` never fails. The query's notes list what could not be used as written,
and `query.canonical_text` is the same query without abbreviations, which parses to the same tree.
"""
# Kept in one module because tokens, fields and the tree are parts of one grammar.

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel import Locale

from samsvar.citations import CitedPassage, match_citation, match_paragraph
from samsvar.ids import make_slug
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.territories import code_by_adjective, code_by_name, territories, territory
from samsvar.text import fold, fold_fully, read_data_file
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES

MAX_QUERY_LENGTH = 500  # characters; the longest sentence of a finding in tests/examples has 420 (2026-11)
MAX_DEPTH = 20  # nested parentheses; deeper ones are ignored
ARTICLE_COUNT = 81  # of the Istanbul Convention; `article:12-20` covers nine of them
MAX_NAME_WORDS = 5  # words: "Saint Vincent and the Grenadines"
MAX_CITED_RANGE = 50  # paragraphs in “§§ 57–59”
VALID_YEARS = (1900, 2200)  # numbers outside this range are not years


class TextColumn(StrEnum):
    """A column in which words are searched. A heading or title is not part of the text of a paragraph."""

    TEXT = "text"
    HEADING = "heading"
    TITLE = "title"


class LabelName(StrEnum):
    """A label that results can be filtered by."""

    KIND = "kind"
    STATE = "state"
    ARTICLE = "article"
    STRENGTH = "strength"
    BODY = "body"
    YEAR = "year"
    REVIEW = "review"
    LANGUAGE = "language"
    PARAGRAPH = "paragraph"
    FICTIONAL = "fictional"  # "yes" for items of a fictional state
    ROUND = "round"  # the procedure of a document: "baseline", "thematic"
    REFERENCE = "reference"  # of a document, as a slug: "grevio-inf-2022-30"
    CONCEPT = "concept"  # key of a concept that a text or its heading names, or of a broader one; scored


class SearchOrder(StrEnum):
    """The order of results. Items of the same day are sorted by kind, report and position in it."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    COUNTRY = "country"  # by its name in the reader's language, then newest first


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any form with the same stem; “women” finds “woman's” only if the stemmer gives both the same one."""

    text: str
    column: TextColumn = TextColumn.TEXT

    def __str__(self) -> str:
        return _format_term(self.column, self.text)


@dataclass(frozen=True, slots=True)
class Prefix:
    """All words with a prefix: `discriminat*`."""

    text: str
    column: TextColumn = TextColumn.TEXT

    def __str__(self) -> str:
        return _format_term(self.column, f"{self.text}*")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Exact words in this order; `*` makes a word a prefix: `"protection ord*"`."""

    text: str
    column: TextColumn = TextColumn.TEXT

    def __str__(self) -> str:
        return _format_term(self.column, f'"{self.text}"')


@dataclass(frozen=True, slots=True)
class LabelTerm:
    """A label that an item must have: `state:NO`, `article:25`."""

    name: LabelName
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


@dataclass(frozen=True, slots=True)
class YearRange:
    """A range of years, both ends included; an end of VALID_YEARS is no limit."""

    first: int
    last: int

    def __str__(self) -> str:
        if self.last == VALID_YEARS[1]:
            return f"year:{self.first}.."
        return f"year:..{self.last}" if self.first == VALID_YEARS[0] else f"year:{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Not:
    """A negation: everything that does not match `part`."""

    part: QueryTree

    def __str__(self) -> str:
        return f"NOT ({self.part})" if isinstance(self.part, AllOf | AnyOf) else f"NOT {self.part}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """A conjunction: everything that matches all of its parts, of which there are at least two."""

    parts: tuple[QueryTree, ...]

    def __str__(self) -> str:
        return " AND ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A disjunction: everything that matches any of its parts, of which there are at least two."""

    parts: tuple[QueryTree, ...]

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class MatchAll:
    """An empty query, which matches everything."""

    def __str__(self) -> str:
        return ""


type QueryTree = Word | Prefix | Phrase | LabelTerm | YearRange | Not | AllOf | AnyOf | MatchAll


class NoteKind(StrEnum):
    """The reason why part of a query was not used as written."""

    CUT = "cut"  # the text was longer than MAX_QUERY_LENGTH
    NOTHING_TO_SEARCH = "nothing_to_search"  # only punctuation and operators
    LONE_OPERATOR = "lone_operator"  # AND, OR or NOT without operands
    UNKNOWN_VALUE = "unknown_value"  # `state:Atlantis`: searched as words
    MISSING_VALUE = "missing_value"  # `state: NO`: searched as words
    UNCLOSED_QUOTATION = "unclosed_quotation"
    TOO_DEEP = "too_deep"


@dataclass(frozen=True, slots=True)
class QueryNote:
    """A note on a part of a query that was not used as written; `about` is the text concerned."""

    kind: NoteKind
    about: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as typed, with the tree and the notes that result from parsing it."""

    typed_text: str
    tree: QueryTree
    notes: tuple[QueryNote, ...] = ()

    @property
    def canonical_text(self) -> str:
        """Return the query without abbreviations; parsing it results in the same tree."""
        return str(self.tree)

    @property
    def plain_words(self) -> tuple[str, ...]:
        """Return the words of a query that consists only of plain words; () for any other query."""
        words = tuple(self.typed_text.split())
        plain = all(re.fullmatch(r"\w[\w'’-]*", word) and word not in _operator_words() for word in words)
        return words if plain else ()


def parse_query_text(text: str) -> Query:
    """Parse `text` into a query; every text is valid."""
    query_text = " ".join(unicodedata.normalize("NFC", text.replace("\x00", " ")).split())
    notes: list[QueryNote] = []
    if len(query_text) > MAX_QUERY_LENGTH:
        notes.append(QueryNote(NoteKind.CUT, query_text[MAX_QUERY_LENGTH:]))
        query_text = query_text[:MAX_QUERY_LENGTH].rsplit(" ", 1)[0]
    tokens = _limit_depth(_tokenize(query_text, notes), notes)
    tree = _Parser(_add_name_labels(tokens), notes).parse_query()
    if query_text and isinstance(tree, MatchAll):
        notes.append(QueryNote(NoteKind.NOTHING_TO_SEARCH, query_text))
    return Query(query_text, tree, tuple(dict.fromkeys(notes)))


def positive_terms(tree: QueryTree) -> tuple[QueryTree, ...]:
    """Return the terms that are searched for, without negated ones, as a flat tuple."""
    match tree:
        case AllOf(parts) | AnyOf(parts):
            return tuple(leaf for part in parts for leaf in positive_terms(part))
        case Not() | MatchAll():
            return ()
        case Word() | Prefix() | Phrase() | LabelTerm() | YearRange():
            return (tree,)


# --- Tokens: the text cut into operators, parentheses and terms -------------------------------------------------------


class _Token(StrEnum):
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"


QUOTATION_MARKS = re.compile('["“”„«»‟]')
_CUT = re.compile(r'\s+|([()])|([^\s()":]+:|-+)?"([^"]*)("|$)|([^\s()"]+)')
_RANGE = re.compile(r"(\d+)\s*(?:-|–|\.\.)\s*(\d+)")
_OPEN_RANGE = re.compile(r"(\d{4})\.\.|\.\.(\d{4})")
# Of “GREVIO 2020 § 49, p. 7”, as this site cites findings in all its languages; the name has up to five words.
_SHORT_CITATION = re.compile(r"(?P<body>[^\W\d_]+(?:[ -][^\W\d_]+){0,4}) (?P<year>(?:19|20)\d\d)(?=,? ?[§¶])")
_CITED_PAGE = re.compile(r",? [ps]\. ?\d+(?!\w)")
_CITED_RANGE = re.compile(r"\s*[-–]\s*(\d{1,4})(?![\w.])")  # “§§ 57–59”


def _tokenize(text: str, notes: list[QueryNote]) -> list[_Token | QueryTree]:
    text = QUOTATION_MARKS.sub('"', text)
    tokens: list[_Token | QueryTree] = []
    position = 0
    while position < len(text):
        if cited := _match_citation_label(text, position):
            term, position = cited
            tokens.append(term)
            continue
        match = _CUT.match(text, position)
        if match is None:  # cannot happen: every character fits one of its parts
            break
        position = match.end()
        parenthesis, field, quoted, closing, bare = match.groups()
        if parenthesis:
            tokens.append(_Token(parenthesis))
        elif quoted is not None:
            if not closing and _has_words(quoted):
                notes.append(QueryNote(NoteKind.UNCLOSED_QUOTATION, quoted))
            tokens.extend(_parse_quoted_text(field or "", quoted, notes))
        elif bare:
            tokens.extend(_parse_unquoted_text(bare, notes))
    return tokens


def _match_citation_label(text: str, position: int) -> tuple[QueryTree, int] | None:
    """Return the labels of a citation that begins at `position`, and where it ends; None if there is none.

    “GREVIO/Inf(2022)30 § 57” is a document and a paragraph of it, “GREVIO 2022 § 57” a paragraph of any document of
    that body and year, as this site cites it, and “§ 57” one of any document.
    """
    if short := _match_short_citation(text, position):
        return short
    if (cited := match_citation(text, position)) is not None:
        passage, end = cited
    elif text[position] == "§" and (cited_paragraph := match_paragraph(text, position)) is not None:
        number, end = cited_paragraph
        passage = CitedPassage("", number)
    else:
        return None
    parts: list[QueryTree] = [LabelTerm(LabelName.REFERENCE, make_slug(passage.reference))] if passage.reference else []
    if passage.paragraph:
        paragraph, end = _paragraph_label(passage.paragraph, text, end)
        parts.append(paragraph)
    return (parts[0] if len(parts) == 1 else AllOf(tuple(parts))), end


def _match_short_citation(text: str, position: int) -> tuple[QueryTree, int] | None:
    """Return the labels of “GREVIO 2022 § 57, p. 9”, and where it ends; the page is not searched for."""
    match = _SHORT_CITATION.match(text, position)
    body = _value_words(LabelName.BODY).get(fold(match["body"]).replace(" ", "_")) if match else None
    cited = match_paragraph(text, match.end()) if match else None
    if match is None or body is None or cited is None:
        return None
    paragraph, end = _paragraph_label(cited[0], text, cited[1])
    if page := _CITED_PAGE.match(text, end):
        end = page.end()
    return AllOf((LabelTerm(LabelName.BODY, body), LabelTerm(LabelName.YEAR, match["year"]), paragraph)), end


def _paragraph_label(paragraph: str, text: str, end: int) -> tuple[QueryTree, int]:
    """Return the labels of a cited paragraph whose number ends at `end`, and where its range ends: “57–59”.

    A lettered point is part of its paragraph: “§ 57.a” also matches “57”, the number of its finding.
    """
    number, _point, letter = paragraph.partition(".")
    labels = [LabelTerm(LabelName.PARAGRAPH, paragraph)]
    if letter.isalpha():
        labels.append(LabelTerm(LabelName.PARAGRAPH, number))
    elif (last := _CITED_RANGE.match(text, end)) and int(number) < int(last[1]) <= int(number) + MAX_CITED_RANGE:
        labels += [LabelTerm(LabelName.PARAGRAPH, str(n)) for n in range(int(number) + 1, int(last[1]) + 1)]
        end = last.end()
    return (labels[0] if len(labels) == 1 else AnyOf(tuple(labels))), end


def _add_name_labels(tokens: list[_Token | QueryTree]) -> list[_Token | QueryTree]:
    """Return the tokens, with names of states, bodies and articles also searched for as labels.

    A finding about Norway seldom mentions "Norway". Therefore "shelters Norway" matches items that contain
    "Norway" or have that label, and "article 25" matches items that contain these words or are placed under it.
    In quotation marks, names are searched for only as words.
    """
    result: list[_Token | QueryTree] = []
    position = 0
    while position < len(tokens):
        words: list[str] = []
        for token in tokens[position : position + MAX_NAME_WORDS]:
            if not isinstance(token, Word) or token.column is not TextColumn.TEXT:
                break
            words.append(token.text)
        for length in range(len(words), 0, -1):
            if label := _label_from_words(words[:length]):
                term = Word(words[0]) if length == 1 else Phrase(" ".join(words[:length]))
                result.append(AnyOf((term, label)))
                position += length
                break
        else:
            result.append(tokens[position])
            position += 1
    return result


def _label_from_words(words: list[str]) -> LabelTerm | None:
    """Return the label that all these words name together: an article, a body or a country.

    Countries are known by their names in any language of the thesaurus and by their English and French adjectives.
    """
    if len(words) == 2 and find_field(words[0]) is LabelName.ARTICLE:
        numbers = parse_label_values(LabelName.ARTICLE, words[1])
        return LabelTerm(LabelName.ARTICLE, numbers[0]) if len(numbers) == 1 else None
    name = re.sub(r"(?<=\w\w\w)(?:['’]s|(?<=s)['’])$", "", " ".join(words))  # “Sweden's”
    if any(sign.isdigit() for sign in name) or (len(name) < 4 and not name.isupper()):  # "us" and "car" are words
        return None
    if body := _value_words(LabelName.BODY).get(fold(name).replace(" ", "_")):
        return LabelTerm(LabelName.BODY, body)
    code = _find_country(name)
    # for "the Netherlands", leave out "the"
    if code is None or (len(words) > 1 and _find_country(" ".join(words[1:])) == code):
        return None
    return LabelTerm(LabelName.STATE, code)


def _find_country(name: str) -> str | None:
    return code_by_name(name) or _codes_by_translated_name().get(fold_fully(name)) or code_by_adjective(name)


# Codes that people write, and those under which texts are found (`samsvar.languages.detect_language`).
_TEXT_LANGUAGES = {"no": ("nb", "nn"), "sr": ("sr", "sh"), "hr": ("hr", "sh"), "bs": ("bs", "sh")}


@cache
def _language_codes_by_name() -> dict[str, str]:
    """Return the codes of languages by folded name, as in Unicode CLDR, in the languages of the interface."""
    names = [Locale.parse(language).languages for language in INTERFACE_LANGUAGES]
    return {fold_fully(name): code for languages in names for code, name in languages.items() if len(code) <= 3}


_LANGUAGES_WITH_GENITIVE = frozenset({"nb", "sv", "da", "de"})


@cache
def _codes_by_translated_name() -> dict[str, str]:
    """Return the codes of territories by folded name, as in Unicode CLDR, in the languages of the thesaurus.

    In Germanic languages also by its genitive: “Norges”, “Deutschlands”. A name that means two territories is left out.
    Reading the names takes 0.2 s, once.
    """
    codes: dict[str, set[str]] = {}
    for language in THESAURUS_LANGUAGES:
        names = Locale.parse("sr_Latn" if language == "sr" else language).territories
        for code in names.keys() & territories().keys():
            name = fold_fully(names[code])
            codes.setdefault(name, set()).add(code)
            genitive = f"{name}s"
            if language in _LANGUAGES_WITH_GENITIVE and not name.endswith(("s", "x", "z")) and genitive != "islands":
                codes.setdefault(genitive, set()).add(code)
    return {name: next(iter(found)) for name, found in codes.items() if len(found) == 1}


def _limit_depth(tokens: list[_Token | QueryTree], notes: list[QueryNote]) -> list[_Token | QueryTree]:
    """Return the tokens without unopened parentheses, nor those nested deeper than MAX_DEPTH.

    The latter limits the parser's recursion.
    """
    result: list[_Token | QueryTree] = []
    depth = 0
    for token in tokens:
        if token is _Token.CLOSE and not depth:
            continue
        depth -= token is _Token.CLOSE
        if token not in (_Token.OPEN, _Token.CLOSE) or depth < MAX_DEPTH:
            result.append(token)
        else:
            notes.append(QueryNote(NoteKind.TOO_DEEP))
        depth += token is _Token.OPEN
    return result


def _parse_quoted_text(field: str, quoted: str, notes: list[QueryNote]) -> list[_Token | QueryTree]:
    """Return a phrase, alone or after a minus sign or field name: `-"support services"`, `heading:"legal aid"`."""
    negation = [_Token.NOT] if field.startswith("-") else []
    if not _has_words(quoted):
        return []
    name = find_field(_trim_punctuation(field)[0])
    phrase = Phrase(quoted.strip())
    if name is None:
        # an unknown field name is treated as an ordinary word
        return [*negation, *([_quote_operator(word)] if (word := _parse_word(field)) else []), phrase]
    return [*negation, _field_term(name, quoted.strip(), phrase, notes)]


def _parse_unquoted_text(text: str, notes: list[QueryNote]) -> list[_Token | QueryTree]:
    if text in {"&&", "||"}:
        return [_operator_words()[text]]
    if re.fullmatch(r"-+[^-].*", text):
        return [_Token.NOT, *_parse_unquoted_text(text.lstrip("-"), notes)]
    trimmed, _ = _trim_punctuation(text)
    if trimmed in _operator_words():
        return [_operator_words()[trimmed]]
    before, colon, value = trimmed.partition(":")
    name = find_field(before)
    word = _parse_word(text)
    if word is None:
        return []
    if name is LabelName.YEAR and _OPEN_RANGE.fullmatch(text.partition(":")[2]):  # the stops are not its punctuation
        value = text.partition(":")[2]
    if colon and name is not None and (inner := _parse_word(text[text.index(":") + 1 :])):
        return [_field_term(name, value, inner, notes)]
    if text == f"{trimmed}:" and find_field(trimmed):  # “state: NO”: a filter has no space
        notes.append(QueryNote(NoteKind.MISSING_VALUE, text))
    return [word]


def _parse_word(raw: str) -> Word | Prefix | None:
    """Return the word without surrounding punctuation, or None if nothing else is left."""
    text, is_prefix = _trim_punctuation(raw)
    if not text:
        return None
    return Prefix(text) if is_prefix else Word(text)


def _trim_punctuation(text: str) -> tuple[str, bool]:
    """Trim a text to its first and last letter or digit; also return whether a star follows."""
    places = [place for place, sign in enumerate(text) if sign.isalnum()]
    if not places:
        return "", False
    return text[places[0] : places[-1] + 1], text[places[-1] + 1 :].startswith("*")


def _has_words(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


# --- Fields -----------------------------------------------------------------------------------------------------------


def find_field(name: str) -> LabelName | TextColumn | None:
    """Return the field that a word before a colon names, in any interface language, or None."""
    field = _field_words().get(fold(name.strip()))
    if field is None:
        return None
    return TextColumn(field) if field in set(TextColumn) else LabelName(field)


def parse_label_values(name: LabelName, value_text: str) -> tuple[str, ...]:
    """Return the stored values of a label that `value_text` means: "Norge" → ("NO",), "25,26" → ("25", "26").

    Returns () if there are none. Years are handled by `YearRange`.
    """
    vocabulary = _value_words(name)
    values: list[str] = []
    for part in value_text.split(","):
        parsed = _parse_value(name, " ".join(part.split()), vocabulary)
        if not parsed:
            return ()
        values.extend(parsed)
    return tuple(dict.fromkeys(values))


def _parse_value(name: LabelName, value_text: str, vocabulary: dict[str, str]) -> tuple[str, ...]:
    match name:
        case LabelName.STATE:
            state = territory(value_text)
            code = state.code if state else code_by_name(value_text)
            return (code,) if code else ()
        case LabelName.ARTICLE:
            first, last = _parse_range(value_text)
            return (
                tuple(str(number) for number in range(first, last + 1)) if 1 <= first <= last <= ARTICLE_COUNT else ()
            )
        case LabelName.YEAR:
            return ()
        case LabelName.KIND | LabelName.STRENGTH | LabelName.REVIEW | LabelName.FICTIONAL:
            value = vocabulary.get(fold(value_text.strip()).replace(" ", "_"))
            return (value,) if value else ()
        case LabelName.BODY | LabelName.ROUND:  # a body or procedure of a profile of one's own has no other words
            value = fold(value_text.strip()).replace(" ", "_")
            return (vocabulary.get(value, value),) if value else ()
        case LabelName.REFERENCE | LabelName.CONCEPT:
            return (slug,) if (slug := make_slug(value_text)) else ()
        case LabelName.LANGUAGE:
            is_code = re.fullmatch(r"[A-Za-z]{2,3}", value_text)
            code = value_text.lower() if is_code else _language_codes_by_name().get(fold_fully(value_text), "")
            return _TEXT_LANGUAGES.get(code, (code,)) if code else ()
        case LabelName.PARAGRAPH:
            return (value_text,) if re.fullmatch(r"[\w.]+", value_text) else ()


def _field_term(
    name: LabelName | TextColumn, value_text: str, words: Word | Prefix | Phrase, notes: list[QueryNote]
) -> QueryTree:
    """Return the term for a field; if the value of a label is unknown, return the words and add a note."""
    if isinstance(name, TextColumn):
        return type(words)(words.text, name)
    if name is LabelName.YEAR:
        first, last = _parse_range(value_text)
        if VALID_YEARS[0] <= first <= last <= VALID_YEARS[1]:
            return LabelTerm(name, str(first)) if first == last else YearRange(first, last)
    elif values := parse_label_values(name, value_text):
        labels = tuple(LabelTerm(name, value) for value in values)
        return labels[0] if len(labels) == 1 else AnyOf(labels)
    notes.append(QueryNote(NoteKind.UNKNOWN_VALUE, f"{name}:{value_text}"))
    return words if isinstance(words, Phrase) else _quote_operator(words)


def _quote_operator(word: Word | Prefix) -> Word | Prefix | Phrase:
    """Return the word, or a phrase if it would parse as something else: `state:AND` and `OR:"x"` leave an operator."""
    return word if _parse_unquoted_text(str(word), []) == [word] else Phrase(word.text)


def _parse_range(value_text: str) -> tuple[int, int]:
    """Return (first, last) for "12", "12-15" or "15-12", for the years "2018.." or "..2018", else (0, -1)."""
    if re.fullmatch(r"[0-9]{1,4}", value_text):
        return int(value_text), int(value_text)
    if (match := _RANGE.fullmatch(value_text)) and max(len(end) for end in match.groups()) <= 4:
        first, last = sorted(map(int, match.groups()))
        return first, last
    if match := _OPEN_RANGE.fullmatch(value_text):
        return int(match[1] or VALID_YEARS[0]), int(match[2] or VALID_YEARS[1])
    return 0, -1


def _format_term(column: TextColumn, text: str) -> str:
    return text if column is TextColumn.TEXT else f"{column}:{text}"


# --- The vocabulary of the query language, from data/words.toml -------------------------------------------------------


@cache
def _load_vocabulary() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(read_data_file("samsvar.search", "words.toml"))


@cache
def _operator_words() -> dict[str, _Token]:
    return {word: _Token(name.upper()) for name, words in _load_vocabulary()["operators"].items() for word in words}


@cache
def _field_words() -> dict[str, str]:
    return {word: name for name, words in _load_vocabulary()["fields"].items() for word in words}


@cache
def question_words(language: str) -> frozenset[str]:
    """Return the folded words of questions in a language, such as “how” and “many”; none for one without a list."""
    words: dict[str, str] = _load_vocabulary()["question_words"]  # type: ignore[assignment]
    return frozenset(words.get(language, "").split())


@cache
def _value_words(name: LabelName) -> dict[str, str]:
    table: dict[str, list[str]] = _load_vocabulary()["values"].get(name, {})  # type: ignore[assignment]
    return {word: value for value, words in table.items() for word in words}


# --- The tree ---------------------------------------------------------------------------------------------------------


class _Parser:
    """A recursive-descent parser. NOT binds tightest, then AND (which may be omitted), then OR.

    Operators without operands are dropped, and a note is added.
    """

    def __init__(self, tokens: list[_Token | QueryTree], notes: list[QueryNote]) -> None:
        self.tokens, self.notes, self.at = tokens, notes, 0

    def parse_query(self) -> QueryTree:
        return self.parse_or() or MatchAll()

    def peek(self) -> _Token | QueryTree | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def parse_or(self) -> QueryTree | None:
        parts: list[QueryTree] = []
        dangling = False
        while True:
            part = self.parse_and()
            if part is not None:
                parts.append(part)
            if (dangling and part is None) or (self.peek() is _Token.OR and part is None):
                self.notes.append(QueryNote(NoteKind.LONE_OPERATOR, _Token.OR))
            if self.peek() is not _Token.OR:
                return _combine(AnyOf, parts)
            dangling = True
            self.at += 1

    def parse_and(self) -> QueryTree | None:
        parts: list[QueryTree] = []
        pending_and = False  # the previous token was an AND without its right-hand side
        while (token := self.peek()) not in (None, _Token.OR, _Token.CLOSE):
            if token is _Token.AND:
                if pending_and or not parts:
                    self.notes.append(QueryNote(NoteKind.LONE_OPERATOR, _Token.AND))
                pending_and = True
                self.at += 1
            elif (part := self.parse_term()) is not None:
                parts.append(part)
                pending_and = False
        if pending_and and parts:
            self.notes.append(QueryNote(NoteKind.LONE_OPERATOR, _Token.AND))
        return _combine(AllOf, parts)

    def parse_term(self) -> QueryTree | None:
        negated = False
        while self.peek() is _Token.NOT:
            negated = not negated
            self.at += 1
        token = self.peek()
        part: QueryTree | None
        if token is _Token.OPEN:
            self.at += 1
            part = self.parse_group()
        elif token is None or isinstance(token, _Token):
            self.notes.append(QueryNote(NoteKind.LONE_OPERATOR, _Token.NOT))
            return None
        else:
            self.at += 1
            part = token
        if part is None or not negated:
            return part
        return part.part if isinstance(part, Not) else Not(part)

    def parse_group(self) -> QueryTree | None:
        part = self.parse_or()
        if self.peek() is _Token.CLOSE:
            self.at += 1
        return part


def _combine(operator: type[AllOf | AnyOf], parts: list[QueryTree]) -> QueryTree | None:
    """Combine the distinct parts with an operator; return a single part as it is, and None if there are none."""
    flat = tuple(
        dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, operator) else (part,)))
    )
    return None if not flat else flat[0] if len(flat) == 1 else operator(flat)
