"""Funding of work against violence: programmes, calls, initiatives and projects, their amounts and results.

`amounts` contains exact amounts of money in one currency; `programmes` and `projects` contain the data classes;
`loading` reads our own data files and any other table with the same columns.
"""
