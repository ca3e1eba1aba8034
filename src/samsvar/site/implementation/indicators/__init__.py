"""Indicators: figures of a state by place, year and cell, what is released of them, and benchmarks."""
