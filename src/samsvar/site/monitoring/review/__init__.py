"""Review of findings: labels, their public history, proposals, and review in batches."""
