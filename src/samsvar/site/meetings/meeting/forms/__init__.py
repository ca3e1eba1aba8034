"""Form fields and texts shared by the forms of meetings."""
