"""Attendance queries."""
