"""Views of asks: the desk's pages, and the page of a link."""
