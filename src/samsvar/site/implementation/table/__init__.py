"""The table of a state's measures: filters, bulk edits, and export in the columns that an import reads."""
