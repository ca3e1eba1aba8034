"""Views of networks, members and organisations."""
