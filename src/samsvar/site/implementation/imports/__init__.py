"""Imports of a ministry's spreadsheet of measures, with preview and undo, and the undo of bulk edits."""
