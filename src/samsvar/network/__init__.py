"""Who the people of a network are, what they may do, and what others may know of them."""
