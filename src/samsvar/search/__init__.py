"""Full-text search: the query parser, the search index, and the updates that keep the index current.

`query` parses any text into a small tree and reports how the text was understood. `engine`, the only module that uses
tantivy, finds, counts and marks hits. `index_sync` keeps an index up to date with its source.
"""
