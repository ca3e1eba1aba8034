"""The index itself: what can be found, and how a query finds, counts, orders and marks it; alone knows tantivy.

Each text is held in two forms: as written (lower case, without accents), which phrases and beginnings ask, and with
the words of its own language cut to their stems, which bare words ask too. A stemmed index alone loses three quarters
of `discriminat*`, because its stem is shorter than what was typed. Headings and titles are columns of their own.

The index also holds the change number it stands at and a fingerprint of each group, written in the same commit as
what they speak of: whatever is killed, an index never claims to hold what it does not.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Self

import tantivy

from samsvar.errors import SamsvarError
from samsvar.search.query import (
    All,
    Any,
    Beginning,
    Column,
    Everything,
    Label,
    LabelName,
    Not,
    Phrase,
    Query,
    Tree,
    Word,
    Years,
    parts_of,
)
from samsvar.spans import Span

FORMAT = 1  # raise it when an analyser changes: indexes of two formats stand side by side, each for its own version
DEEPEST_HIT = 10_000  # pages go no further: whoever reads ten thousand hits needs a narrower question or an export
KINDS = ("finding", "passage", "section", "document")  # in the order in which they stand where nothing else decides
FACETS = (LabelName.KIND, LabelName.STATE, LabelName.ARTICLE, LabelName.STRENGTH, LabelName.BODY, LabelName.YEAR)
STEMMERS = {"en": "english", "fr": "french", "nb": "norwegian", "ro": "romanian"}
WRITER_BYTES = 48_000_000  # of memory while writing; with 15 MB a build of 100,000 paragraphs leaves twice the segments
# A heading of three words outscores any paragraph by its shortness (2.6 times at our lengths); what a body concluded is
# what people look for. The engine multiplies a score with log2(2 + weight): 8, 4 and 2.
WEIGHTS = {"finding": 254, "passage": 14, "section": 2, "document": 2}
# Each word that a star in a phrase stands for is looked up with all its places: "b* c*" took 1.4 s over 100,000
# paragraphs, with 2,000 words together a phrase stays below 0.3 s (2026-11). A star outside a phrase has no such limit.
MOST_WORDS_IN_A_PHRASE = 2_000
AS_WRITTEN = 1.3  # how much more a word counts that stands in the text as it was typed

type Narrowing = Mapping[
    LabelName, tuple[str, ...]
]  # labels that must hold beside the query: one of the values of each


class SearchError(SamsvarError):
    """Something about the search index."""

    code = "search_error"


class IndexDamaged(SearchError):
    """The index cannot be read. It is derived: building it anew loses nothing."""

    code = "index_damaged"
    kept = "Everything that was stored is still there; only the search index is affected."
    advice = "It is built anew by itself; `samsvar-site rebuild_search` does it at once."


class TooManyWords(SearchError):
    """So many words begin with what was typed that a phrase with it cannot be looked up."""

    code = "too_many_words"
    kept = "Nothing was changed."
    advice = "Type more letters before the star."


@dataclass(frozen=True, slots=True)
class Findable:
    """One thing that can be found: a finding, a passage, a section or a document."""

    id: str  # "finding/3f2a…": the kind and the public id
    group: str  # what it comes and goes with: "report/3f2a…"
    kind: str  # one of KINDS
    text: str
    language: str = ""
    heading: str = ""
    title: str = ""
    state: str = ""
    articles: tuple[str, ...] = ()
    strength: str = ""
    body: str = ""
    year: int | None = None
    review: str = ""
    invented: bool = False
    paragraph: str = ""
    page: int | None = None
    ordinal: int = 0  # its place within the group
    link: str = ""

    @property
    def labels(self) -> dict[LabelName, tuple[str, ...]]:
        """What it can be narrowed down by."""
        return {
            LabelName.KIND: (self.kind,),
            LabelName.STATE: (self.state,) if self.state else (),
            LabelName.ARTICLE: tuple(dict.fromkeys(self.articles)),
            LabelName.STRENGTH: (self.strength,) if self.strength else (),
            LabelName.BODY: (self.body,) if self.body else (),
            LabelName.YEAR: (str(self.year),) if self.year is not None else (),
            LabelName.REVIEW: (self.review,) if self.review else (),
            LabelName.LANGUAGE: (self.language,) if self.language else (),
            LabelName.PARAGRAPH: (self.paragraph,) if self.paragraph else (),
            LabelName.INVENTED: ("yes" if self.invented else "no",),
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, with the places in its text and its heading that the query speaks of, in order, apart."""

    found: Findable
    marks: tuple[Span, ...]
    heading_marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """All that a query found: how many in all, the hits asked for, and per facet the count of each value.

    `facets[name][value]` is the number of hits that one would have with this value, whatever else of the same facet is
    chosen now; the other narrowings hold.
    """

    count: int
    hits: tuple[Hit, ...]
    facets: dict[LabelName, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Group:
    """Things that come and go together, and the fingerprint that tells whether they have changed."""

    name: str
    fingerprint: str
    findables: Iterable[Findable]


class Engine:
    """An index in a folder. Many may read it at a time; one writes (`following` sees to that)."""

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self.folder = folder
        self._index = index
        for name, analyser in _analysers().items():
            index.register_tokenizer(name, analyser)
        index.config_reader(reload_policy="manual")
        index.reload()

    @classmethod
    def create(cls, folder: Path) -> Self:
        """An empty index in `folder`, which is made; no index stands there yet."""
        folder.mkdir(parents=True, exist_ok=True)
        with _named():
            return cls(folder, tantivy.Index(_schema(), path=str(folder), reuse=False))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The index in `folder`. Raises IndexDamaged where there is none that can be read."""
        with _named():
            if not tantivy.Index.is_compatible(str(folder)):
                raise IndexDamaged("The search index was made by another version of the engine.")
            index = tantivy.Index.open(str(folder))
            if index.schema != _schema():
                raise IndexDamaged("The search index was made by another version of Samsvar.")
            return cls(folder, index)

    def reload(self) -> None:
        """See what was last committed, by whichever process."""
        with _named():
            self._index.reload()

    # --- What it stands at ---

    def position(self) -> int | None:
        """The change number that it stands at; None before the first write."""
        with _named():
            searcher = self._index.searcher()
            hits = searcher.search(tantivy.Query.term_query(_schema(), "role", "position"), 1).hits
            return int(_stored(searcher, hits[0][1])["position"]) if hits else None

    def fingerprints(self) -> dict[str, str]:
        """Of each group that it holds."""
        with _named():
            searcher = self._index.searcher()
            query = tantivy.Query.term_query(_schema(), "role", "group")
            count = _count(searcher.search(query, 1))
            hits = searcher.search(query, count).hits if count else []
            return {known["group"]: known["fingerprint"] for _, at in hits for known in [_stored(searcher, at)]}

    def write(self, *, position: int, groups: Iterable[Group] = (), gone: Iterable[str] = ()) -> None:
        """Put each group in the place of what the index holds of it, take out those gone, in one commit."""
        with _named():
            writer = self._index.writer(heap_size=WRITER_BYTES, num_threads=1)
        try:
            for name in gone:
                writer.delete_documents_by_term("group", name)
            for group in groups:
                writer.delete_documents_by_term("group", group.name)
                for findable in group.findables:  # the caller's own: its errors keep their names
                    writer.add_document(_document(findable))
                known = {"group": group.name, "fingerprint": group.fingerprint}
                writer.add_document(_role("group", known, group=group.name))
            with _named():
                writer.delete_documents_by_term("role", "position")
                writer.add_document(_role("position", {"position": position}))
                writer.commit()
        except BaseException:
            writer.rollback()  # what is half written must not ride along with the next commit
            raise
        finally:
            writer.wait_merging_threads()  # gives the writer's lock back
        self.reload()

    def holds_anything(self) -> bool:
        """Whether there is anything at all to find."""
        with _named():
            return bool(self._index.searcher().search(_everything(), 1).hits)

    # --- Finding ---

    def search(self, query: Query, narrowed: Narrowing | None = None, *, first: int = 0, many: int = 20) -> Results:
        """What `query` finds under the narrowings: hits `first` up to `first + many`, counted from 0, best first.

        Hits stand by score; where that is the same, or nothing is there to score, by kind, newest year, report and
        place in it. Raises IndexDamaged, or TooManyWords.
        """
        narrowed = {name: values for name, values in (narrowed or {}).items() if values}
        with _named():
            searcher = self._index.searcher()
            tree = _compiled(query.tree, searcher) or _everything()
            whole = _both(tree, narrowed)
            count, places = _ordered(searcher, whole, _scores(query.tree), first, many)
            leaves = [*_sought(query.tree)]
            hits = tuple(_hit(_stored(searcher, place), leaves) for place in places)
            return Results(count, hits, _facets(searcher, tree, narrowed))


def pieces(text: str, marks: tuple[Span, ...], longest: int = 0) -> tuple[tuple[str, bool], ...]:
    """`text` in pieces that are marked or not; joined again they are the text.

    With `longest` above 0 a longer text is cut to about so many characters round its first mark, at blanks, with "…"
    for what is left out.
    """
    start, end = 0, len(text)
    if 0 < longest < len(text):
        centre = marks[0].start if marks else 0
        start = max(0, min(centre - longest // 3, len(text) - longest))
        end = start + longest
        start = text.find(" ", start, end) + 1 if start else 0
        end = text.rfind(" ", start, end) if end < len(text) and " " in text[start:end] else end
    cut: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for mark in marks:
        if mark.start < at or mark.end > end:
            continue
        cut += [(text[at : mark.start], False), (mark.within(text), True)]
        at = mark.end
    cut += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return tuple((piece, marked) for piece, marked in cut if piece)


# --- What is held -----------------------------------------------------------------------------------------------------


@cache
def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("role", tokenizer_name="raw", index_option="basic")  # "findable", "group" or "position"
    builder.add_text_field("group", tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("stored", stored=True)
    builder.add_unsigned_field("place", fast=True)
    builder.add_unsigned_field("weight", fast=True)
    for label in LabelName:
        builder.add_text_field(label, fast=label in FACETS, tokenizer_name="raw", index_option="basic")
    for column in Column:
        builder.add_text_field(f"{column}_written", tokenizer_name="written")
        for language in STEMMERS:
            builder.add_text_field(f"{column}_{language}", tokenizer_name=language)
    return builder.build()


@cache
def _analysers() -> dict[str, tantivy.TextAnalyzer]:
    """How text becomes words: cut at everything but letters and digits, lower case, without accents."""
    make = tantivy.TextAnalyzerBuilder
    lower, plain = tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()
    written = make(tantivy.Tokenizer.simple()).filter(lower).filter(plain).build()
    stemmed = {
        # accents go last: the stemmers know their languages' endings with accents
        language: make(tantivy.Tokenizer.simple())
        .filter(lower)
        .filter(tantivy.Filter.stemmer(name))
        .filter(plain)
        .build()
        for language, name in STEMMERS.items()
    }
    return {"written": written, **stemmed}


def _clean(text: str) -> str:
    """Accents joined to their letters, no soft hyphens, white space made single blanks: what is shown and searched."""
    return " ".join(unicodedata.normalize("NFC", text.replace("\xad", "").replace("\x00", " ")).split())


def _analysable(text: str) -> str:
    """The same text, sign by sign, as the analysers want it: in lower case İ would become two signs."""
    return text.replace("İ", "I")


def _document(findable: Findable) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("role", "findable")
    document.add_text("group", findable.group)
    columns = {
        Column.TEXT: _clean(findable.text),
        Column.HEADING: _clean(findable.heading),
        Column.TITLE: _clean(findable.title),
    }
    for column, text in columns.items():
        if text:
            document.add_text(f"{column}_written", _analysable(text))
            if findable.language in STEMMERS:
                document.add_text(f"{column}_{findable.language}", _analysable(text))
    for label, values in findable.labels.items():
        for value in values:
            document.add_text(label, value)
    document.add_unsigned("place", _place(findable))
    document.add_unsigned("weight", WEIGHTS[findable.kind])
    document.add_bytes("stored", json.dumps(asdict(findable) | columns, ensure_ascii=False).encode())
    return document


def _role(role: str, stored: dict[str, str] | dict[str, int], *, group: str = "") -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("role", role)
    if group:
        document.add_text("group", group)
    document.add_bytes("stored", json.dumps(stored).encode())
    return document


def _stored(searcher: tantivy.Searcher, at: tantivy.DocAddress) -> dict[str, typing.Any]:
    stored: dict[str, typing.Any] = json.loads(bytes(searcher.doc(at).get_first("stored") or b"{}"))
    return stored


def _count(result: tantivy.SearchResult) -> int:
    count: int = result.count  # type: ignore[attr-defined]  # tantivy 0.27's stubs have forgotten it
    return count


def _place(findable: Findable) -> int:
    """Where it stands when no score decides: by kind, newest year, group, place in the group; 62 bits."""
    kind = KINDS.index(findable.kind)
    year = 9_999 - (findable.year or 0)
    group = int.from_bytes(hashlib.blake2b(findable.group.encode(), digest_size=4).digest()) >> 6
    return (kind << 60) | (year << 46) | (group << 20) | min(findable.ordinal, (1 << 20) - 1)


# --- A tree becomes a query of the engine -----------------------------------------------------------------------------


def _words(text: str, analyser: str = "written") -> list[str]:
    words: list[str] = _analysers()[analyser].analyze(_analysable(text))
    return words


def _everything() -> tantivy.Query:
    return tantivy.Query.const_score_query(tantivy.Query.term_query(_schema(), "role", "findable"), 0.0)


def _compiled(tree: Tree, searcher: tantivy.Searcher) -> tantivy.Query | None:
    """None where a part holds no word that the analysers know as one: then it asks for nothing."""
    match tree:
        case Word(text, column):
            forms = {f"{column}_{form}": _words(text, form) for form in _analysers()}
            found = [(field, _in_a_row(field, words)) for field, words in forms.items() if words]
            boosted = [
                tantivy.Query.boost_query(query, AS_WRITTEN) if field.endswith("_written") else query
                for field, query in found
            ]
            return tantivy.Query.disjunction_max_query(boosted) if boosted else None
        case Beginning(text, column):
            return _going_on(f"{column}_written", _phrase_words(f"{text}*"), searcher)
        case Phrase(text, column):
            return _going_on(f"{column}_written", _phrase_words(text), searcher)
        case Label(name, value):
            return _one_of(name, (value,))
        case Years(first, last):
            return _one_of(LabelName.YEAR, tuple(str(year) for year in range(first, last + 1)))
        case Not(part):
            inner = _compiled(part, searcher)
            return _joined([], [inner]) if inner is not None else None
        case All(parts):
            wanted = [_compiled(part, searcher) for part in parts if not isinstance(part, Not)]
            denied = [_compiled(part.part, searcher) for part in parts if isinstance(part, Not)]
            return _joined([q for q in wanted if q is not None], [q for q in denied if q is not None])
        case Any(parts):
            either = [query for part in parts if (query := _compiled(part, searcher)) is not None]
            return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in either]) if either else None
        case Everything():
            return _everything()


def _joined(wanted: list[tantivy.Query], denied: list[tantivy.Query]) -> tantivy.Query | None:
    if not wanted and not denied:
        return None
    must = [(tantivy.Occur.Must, query) for query in wanted or [_everything()]]
    return tantivy.Query.boolean_query([*must, *((tantivy.Occur.MustNot, query) for query in denied)])


def _in_a_row(field: str, words: list[str]) -> tantivy.Query:
    if len(words) == 1:
        return tantivy.Query.term_query(_schema(), field, words[0], "freq")
    return tantivy.Query.phrase_query(_schema(), field, [*words])


def _phrase_words(text: str) -> list[tuple[str, bool]]:
    """(word, whether it may go on) for each word of a phrase: `protection ord*` → protection, ord and more."""
    words: list[tuple[str, bool]] = []
    for part in re.split(r"(?<=\*)|\s+", text):
        found = _words(part)
        words += [(word, place == len(found) and part.endswith("*")) for place, word in enumerate(found, 1)]
    return words


def _going_on(field: str, words: list[tuple[str, bool]], searcher: tantivy.Searcher) -> tantivy.Query | None:
    if not words:
        return None
    if not any(goes_on for _, goes_on in words):
        return _in_a_row(field, [word for word, _ in words])
    patterns = [re.escape(word) + (".*" if goes_on else "") for word, goes_on in words]
    if len(patterns) == 1:
        return tantivy.Query.regex_query(_schema(), field, patterns[0])
    left = MOST_WORDS_IN_A_PHRASE
    for word in (word for word, goes_on in words if goes_on):
        left -= len(searcher.terms_with_prefix(field, word, limit=left + 1))
        if left < 0:
            raise TooManyWords("Too many words begin with these letters.")
    return tantivy.Query.regex_phrase_query(_schema(), field, [*patterns])


def _one_of(name: LabelName, values: tuple[str, ...]) -> tantivy.Query:
    return tantivy.Query.const_score_query(tantivy.Query.term_set_query(_schema(), name, list(values)), 0.0)


def _both(tree: tantivy.Query, narrowed: Narrowing) -> tantivy.Query:
    return _joined([tree, *(_one_of(name, values) for name, values in narrowed.items())], []) or tree


# --- Order, counts ----------------------------------------------------------------------------------------------------


def _scores(tree: Tree) -> bool:
    """Whether anything in the tree says more of one hit than of another."""
    return any(isinstance(leaf, Word | Phrase) for leaf in _sought(tree))


def _ordered(
    searcher: tantivy.Searcher, query: tantivy.Query, scored: bool, first: int, many: int
) -> tuple[int, list[tantivy.DocAddress]]:
    """(how many in all, the places of those asked for)."""
    first = min(first, DEEPEST_HIT)
    last = first + many
    if not scored:
        result = searcher.search(query, max(many, 1), order_by_field="place", order=tantivy.Order.Asc, offset=first)
        return _count(result), [at for _, at in result.hits][:many]
    limit = last + 1
    while True:
        # the engine breaks ties by where it happens to store things: fetch all that tie with the last one wanted
        result = searcher.search(query, limit, weight_by_field="weight")
        hits = result.hits
        if len(hits) < limit or hits[-1][0] < hits[last - 1][0]:
            break
        limit *= 4
    places = searcher.fast_field_values("place", [at for _, at in hits]) if hits else []
    in_order = sorted(zip(hits, places, strict=True), key=lambda one: (-one[0][0], one[1]))
    return _count(result), [at for (_, at), _ in in_order[first:last]]


def _facets(searcher: tantivy.Searcher, tree: tantivy.Query, narrowed: Narrowing) -> dict[LabelName, dict[str, int]]:
    """One pass for all facets that nothing is chosen of, and one for each other, without its own choice."""
    counts: dict[LabelName, dict[str, int]] = {}
    passes = [(narrowed, [facet for facet in FACETS if facet not in narrowed])]
    passes += [
        ({name: values for name, values in narrowed.items() if name is not facet}, [facet])
        for facet in FACETS
        if facet in narrowed
    ]
    for others, facets in passes:
        if facets:
            asked = {str(facet): {"terms": {"field": str(facet), "size": 1_000}} for facet in facets}
            answer = searcher.aggregate(_both(tree, others), asked)
            for facet in facets:
                buckets = answer[str(facet)]["buckets"]
                counts[facet] = {bucket["key"]: bucket["doc_count"] for bucket in buckets if bucket["doc_count"]}
    return {facet: counts[facet] for facet in FACETS}


# --- Marks ------------------------------------------------------------------------------------------------------------


def _sought(tree: Tree) -> Iterator[Word | Beginning | Phrase]:
    """What is looked for in text; what is denied is not."""
    for part in parts_of(tree):
        if isinstance(part, Word | Beginning | Phrase):
            yield part


def _hit(stored: dict[str, typing.Any], leaves: list[Word | Beginning | Phrase]) -> Hit:
    known = {name: value for name, value in stored.items() if name in Findable.__dataclass_fields__}
    found = Findable(**known | {"articles": tuple(stored["articles"])})
    in_text = [leaf for leaf in leaves if leaf.column is Column.TEXT]
    in_heading = [leaf for leaf in leaves if leaf.column is Column.HEADING]
    return Hit(
        found,
        _marks(found.text, found.language, in_text),
        _marks(found.heading, found.language, in_heading),
    )


def _marks(text: str, language: str, leaves: list[Word | Beginning | Phrase]) -> tuple[Span, ...]:
    """Where the leaves stand in `text`, as the index sees it: by the same analysers."""
    if not leaves or not text:
        return ()
    written = _words(text)
    stems = _words(text, language) if language in STEMMERS else written
    found: set[tuple[int, int]] = set()
    for leaf in leaves:
        for form, sought in _rows_of(leaf, language):
            found.update(_places(stems if form else written, sought))
    spans: list[Span] = []
    tokens = _analysers()["written"].pre_tokenize(_analysable(text)).tokens if found else []
    for start, end in sorted(found):
        span = Span(tokens[start].char_offset_from, tokens[end - 1].char_offset_to)
        if spans and span.start < spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, span.end))
        else:
            spans.append(span)
    return tuple(spans)


@lru_cache(maxsize=512)  # the same for every hit of a page
def _rows_of(leaf: Word | Beginning | Phrase, language: str) -> list[tuple[bool, list[tuple[str, bool]]]]:
    """(whether among the stems, the words in a row that mark it) for each way to find the leaf in this language."""
    match leaf:
        case Word(text):
            written = [(word, False) for word in _words(text)]
            stems = [(word, False) for word in _words(text, language)] if language in STEMMERS else []
            return [(False, written), (True, stems)]
        case Beginning(text):
            return [(False, _phrase_words(f"{text}*"))]
        case Phrase(text):
            return [(False, _phrase_words(text))]


def _places(words: list[str], sought: list[tuple[str, bool]]) -> Iterator[tuple[int, int]]:
    """(first, one past the last) of each row of `words` that reads as `sought`."""
    if not sought:
        return
    (text, goes_on), *others = sought
    if goes_on:
        starts = [place for place, word in enumerate(words) if word.startswith(text)]
    else:  # most words of a paragraph are not sought: to look for the next one that is costs a tenth of a loop
        starts = []
        with suppress(ValueError):
            while True:
                starts.append(words.index(text, starts[-1] + 1 if starts else 0))
    for start in starts:
        end = start + len(sought)
        row = zip(words[start + 1 : end], others, strict=False)
        if end <= len(words) and all(w.startswith(text) if goes_on else w == text for w, (text, goes_on) in row):
            yield start, end


# --- Errors -----------------------------------------------------------------------------------------------------------


@contextmanager
def _named() -> Iterator[None]:
    """What the engine throws becomes an error with a name, its panics too, which Python sees as BaseException."""
    try:
        yield
    except SamsvarError:
        raise
    except (ValueError, OSError, KeyError) as problem:
        raise IndexDamaged(f"The search index cannot be used: {problem}") from problem
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":
            raise IndexDamaged("The search index cannot be read.") from problem
        raise
