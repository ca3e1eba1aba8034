"""Pages of programmes, calls, initiatives and projects: partners, amounts, results, and what the money led to."""
