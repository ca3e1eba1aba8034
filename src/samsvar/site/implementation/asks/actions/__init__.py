"""Actions on asks: the desk's, the official's by link, the weekly emails, and uses of accepted answers."""
