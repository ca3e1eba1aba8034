"""Funding for the field: programmes, calls, initiatives and projects, what they cost and what they led to.

`amounts` holds sums that never lose a cent or mix currencies; `programmes` and `projects` hold the values; `loading`
reads the public facts in `data` and any published table of the same kind.
"""
