"""Exchange of experience: practices, requests for help, offers, introductions and adoptions.

A **practice** is one solved problem, reviewed by two peers of other organisations. A **request** asks the network for
help in two questions; an **offer** says who helps with what. An **introduction** brings two sides together once both
have agreed. An **adoption** joins a practice of one state to a measure of another. `matching` proposes practices,
praise, offers and people for a gap, with a reason in words for each; a person decides.
"""
