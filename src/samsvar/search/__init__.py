"""Search one can trust: what was asked, the index that answers it, and how the index follows what is stored.

`query` reads any text into a small tree and says how it understood it; `engine` (the only module that knows tantivy)
finds, counts and marks; `following` keeps an index at the change number of whatever it is derived from.
"""
