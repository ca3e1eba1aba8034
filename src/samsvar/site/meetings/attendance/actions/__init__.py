"""Attendance actions."""
