"""Money behind the field: programmes, calls, initiatives and projects, what they cost and what they led to.

`amounts` are sums that never lose a cent or mix currencies; `programmes` and `projects` hold the values; `loading`
reads the public facts of `data` and any published table of the same kind.
"""
