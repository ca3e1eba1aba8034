"""What a state does about a finding: measures, evidence, progress, indicators, duties, asks and reports back.

A **measure** answers one or several findings, in whole or in part. **Evidence** from the state and from others supports
or disputes it. `progress` derives three separate answers for a finding: what is done, what is proven, and what the
monitoring body said afterwards, which is quoted and never graded. `drafts` and `forms` are the
report back: a form that is data, its text with citations, and the copy that is frozen on submission.
"""
