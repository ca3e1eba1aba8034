"""Import from and export to other systems: feeds, programmes, tables and JSON lines."""
