"""The search index, in which items are written and found, counted, sorted and marked.

Only this package uses tantivy.

Each text is indexed in two forms: as written (lower case, without accents) and with the words stemmed in
the language of the text. Phrases and prefixes use the first form, plain words use both. A stemmed index
alone would lose three quarters of the hits for `discriminat*`, because the stem is shorter than the prefix.
The stemmed form also contains the base forms of irregular words ("child" for "children"). A third column has what only
the first form finds, so that hits can be counted without reading it. Headings and titles have their own columns.

The index also stores its change number and a fingerprint of each group, in the same commit as the content
that they describe. Even after a crash, they always match the content.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Self

import tantivy

from samsvar.search.engine.analysis import analysers, tokenize
from samsvar.search.engine.compiling import apply_filters, boolean_query, compile_query, match_all_query
from samsvar.search.engine.counting import count_hits, expect_few_hits
from samsvar.search.engine.documents import build_document, build_marker, read_item, read_stored_values, schema
from samsvar.search.engine.marking import Marking, build_hit, find_languages
from samsvar.search.engine.paging import choose_sort_field, search_page
from samsvar.search.errors import IndexDamaged, translate_errors
from samsvar.search.items import IndexGroup, LabelFilters, SearchItem, SearchResults
from samsvar.search.query import Query, SearchOrder, TextColumn, Word
from samsvar.search.similar import choose_similar

INDEX_FORMAT = 10  # raise it when an analyser changes; each version of the code has its own index
MAX_OFFSET = 10_000  # no paging beyond this: a user with ten thousand hits needs a narrower query or an export
WRITER_BYTES = 48_000_000  # memory for writing; with 15 MB, building 100,000 paragraphs leaves twice as many segments
MAX_WORDS_COMPARED = 20_000  # words with the same first letter; an index of 200,000 paragraphs has 6,000
MIN_MISSPELT_LENGTH = 4  # characters: a shorter word is similar to too many others


class Engine:
    """A search index in a folder. Many processes can read it at once; `index_sync` ensures that only one writes."""

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self.folder = folder
        self._index = index
        for name, analyser in analysers().items():
            index.register_tokenizer(name, analyser)
        index.config_reader(reload_policy="manual")
        index.reload()

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Create an empty index in `folder`, which is created if necessary and must not contain an index yet."""
        folder.mkdir(parents=True, exist_ok=True)
        with translate_errors():
            return cls(folder, tantivy.Index(schema(), path=str(folder), reuse=False))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index in `folder`. Raises IndexDamaged if there is no readable index."""
        with translate_errors():
            if not tantivy.Index.is_compatible(str(folder)):
                raise IndexDamaged("The search index was created by another version of the engine.")
            index = tantivy.Index.open(str(folder))
            if index.schema != schema():
                raise IndexDamaged("The search index was created by another version of Samsvar.")
            return cls(folder, index)

    def reload(self) -> None:
        """Load the latest commit, whichever process made it."""
        with translate_errors():
            self._index.reload()

    # --- Position and fingerprints ------------------------------------------------------------------------------------

    def get_change_number(self) -> int | None:
        """Return the change number of the index, or None before the first write."""
        with translate_errors():
            searcher = self._index.searcher()
            hits = searcher.search(tantivy.Query.term_query(schema(), "role", "position"), 1).hits
            return int(read_stored_values(searcher, hits[0][1])["position"]) if hits else None

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of each group in the index."""
        with translate_errors():
            searcher = self._index.searcher()
            query = tantivy.Query.term_query(schema(), "role", "group")
            count = _total_count(searcher.search(query, 1))
            hits = searcher.search(query, count).hits if count else []
            return {
                stored["group"]: stored["fingerprint"]
                for _, at in hits
                for stored in [read_stored_values(searcher, at)]
            }

    def write(self, *, position: int, groups: Iterable[IndexGroup] = (), removed: Iterable[str] = ()) -> None:
        """Replace the given groups, remove others and set the change number (`position`), in one commit."""
        with translate_errors():
            writer = self._index.writer(heap_size=WRITER_BYTES, num_threads=1)
        try:
            for name in removed:
                writer.delete_documents_by_term("group", name)
            for group in groups:
                writer.delete_documents_by_term("group", group.name)
                for item in group.items:  # runs the caller's code, whose errors are not translated
                    writer.add_document(build_document(item))
                stored = {"group": group.name, "fingerprint": group.fingerprint}
                writer.add_document(build_marker("group", stored, group=group.name))
            with translate_errors():
                writer.delete_documents_by_term("role", "position")
                writer.add_document(build_marker("position", {"position": position}))
                writer.commit()
        except BaseException:
            writer.rollback()  # half-written changes must not end up in the next commit
            raise
        finally:
            writer.wait_merging_threads()  # releases the writer's lock
        self.reload()

    def has_items(self) -> bool:
        """Return whether the index contains any item."""
        with translate_errors():
            return bool(self._index.searcher().search(match_all_query(), 1).hits)

    # --- Searching ----------------------------------------------------------------------------------------------------

    def search(
        self,
        query: Query,
        filters: LabelFilters | None = None,
        *,
        offset: int = 0,
        limit: int = 20,
        order: SearchOrder = SearchOrder.RELEVANCE,
        language: str = "en",
    ) -> SearchResults:
        """Return the results of `query` within the filters: `limit` hits from `offset` (counted from 0), best first.

        By relevance, hits are sorted by score; ties, and queries without a score, by kind, year (newest first), report
        and position in the report. `language` is the reader's: it decides how countries are sorted, and which text of
        an item with translations is shown first. Raises IndexDamaged or TooManyPrefixMatches.
        """
        filters = {name: values for name, values in (filters or {}).items() if values}
        with translate_errors():
            searcher = self._index.searcher()
            sort_field = choose_sort_field(order, query.tree, language)
            unscored = compile_query(query.tree, searcher, scored=False) or match_all_query()
            tree = unscored if sort_field else compile_query(query.tree, searcher) or unscored
            filtered = apply_filters(tree, filters)
            expected = expect_few_hits(query.tree, filters, searcher)
            addresses, all_hits = search_page(searcher, filtered, sort_field, min(offset, MAX_OFFSET), limit, expected)
            marking = Marking(query.tree)
            languages = find_languages(query.tree, filters)
            hits = tuple(
                build_hit(read_stored_values(searcher, place), marking, language, languages) for place in addresses
            )
            combinations, facets = count_hits(searcher, unscored, filters, all_hits)
            return SearchResults(sum(combinations.values()), hits, facets, combinations)

    def iter_items(
        self,
        query: Query,
        filters: LabelFilters | None = None,
        *,
        limit: int,
        order: SearchOrder = SearchOrder.RELEVANCE,
        language: str = "en",
        groups: Collection[str] | None = None,
    ) -> Iterator[SearchItem]:
        """Return the first `limit` results in the order of `search`, of which only one is in memory at a time.

        With `groups`, only those of these groups. The index is searched at once, so errors are raised by this call.
        """
        filters = {name: values for name, values in (filters or {}).items() if values}
        with translate_errors():
            searcher = self._index.searcher()
            sort_field = choose_sort_field(order, query.tree, language)
            tree = compile_query(query.tree, searcher, scored=not sort_field) or match_all_query()
            tree = apply_filters(tree, filters)
            if groups is not None:
                within = tantivy.Query.term_set_query(schema(), "group", list(groups))
                tree = boolean_query([tree, tantivy.Query.const_score_query(within, 0.0)], []) or tree
            addresses, _ = search_page(searcher, tree, sort_field, 0, limit)

        def read_items() -> Iterator[SearchItem]:
            for address in addresses:
                with translate_errors():
                    item = read_item(read_stored_values(searcher, address))
                yield item

        return read_items()

    def has_word(self, word: str) -> bool:
        """Return whether any text contains a word, in any of its forms."""
        with translate_errors():
            searcher = self._index.searcher()
            query = compile_query(Word(word), searcher, scored=False)
            return query is not None and bool(searcher.search(query, 1, count=False).hits)

    def similar_words(self, word: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return words of the texts that differ from `word` by one letter, or by two if it is long.

        The most similar comes first, and of equally similar ones the most frequent. They are without accents.
        """
        written = tokenize(word)
        if len(written) != 1 or len(written[0]) < MIN_MISSPELT_LENGTH:
            return ()
        with translate_errors():
            searcher = self._index.searcher()
            field = f"{TextColumn.TEXT}_written"
            known = dict(
                chain.from_iterable(
                    searcher.terms_with_prefix(field, letter, limit=MAX_WORDS_COMPARED)
                    for letter in dict.fromkeys(written[0][:2])  # the first two may have changed places
                )
            )
        return choose_similar(written[0], known, limit=limit)


def _total_count(result: tantivy.SearchResult) -> int:
    count: int = result.count  # type: ignore[attr-defined]  # tantivy 0.27's stubs have forgotten it
    return count
