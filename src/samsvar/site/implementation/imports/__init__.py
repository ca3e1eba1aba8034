"""Imports of a ministry's spreadsheet of measures, their preview and undo, and export in the same columns."""
