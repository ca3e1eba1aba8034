"""Imports of a ministry's spreadsheet of measures, with preview and undo, and export in the same columns."""
