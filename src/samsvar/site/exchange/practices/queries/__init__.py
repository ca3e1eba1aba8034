"""Queries for practices: published ones, an owner's own, those to review, and praise that could become one."""
