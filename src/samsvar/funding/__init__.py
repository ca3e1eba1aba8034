"""Funding of work against violence: programmes, calls, initiatives and projects, their amounts and results.

`amounts` contains exact amounts of money in one currency; `programmes` and `projects` contain the data classes;
`loading` reads the public facts in `data` and any published table with the same columns.
"""
