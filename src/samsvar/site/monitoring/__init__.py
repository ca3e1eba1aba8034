"""Documents, reports read in, passages and findings, as rows; the way in for a report."""
