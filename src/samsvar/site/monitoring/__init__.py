"""Documents, reports, passages and findings of monitoring bodies, and the upload of reports."""
