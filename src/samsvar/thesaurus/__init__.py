"""The field's own words: what a measure, a service or a form of violence is called in each language."""
