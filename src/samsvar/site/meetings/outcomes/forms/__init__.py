"""Forms for outcomes and surveys."""
