"""Form fields shared by the forms of the meetings app."""
