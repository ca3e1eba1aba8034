"""Suggested sessions: gaps that the countries of a meeting share, who has closed one, and who could speak of it."""
