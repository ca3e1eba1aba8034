"""What is done, proven and said about findings, from the database, and the pages that show it."""
