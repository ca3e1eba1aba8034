"""Full-text search: parsing queries, the index that answers them, and keeping the index up to date.

`query` parses any text into a small tree and reports how it was understood; `engine` (the only module that
uses tantivy) searches, counts and marks hits; `index_sync` keeps an index at the change number of its source.
"""
