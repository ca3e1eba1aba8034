"""Template tags of the thesaurus."""
