"""Pages of funding programmes, calls, initiatives and projects: partners, amounts, results and what was funded."""
