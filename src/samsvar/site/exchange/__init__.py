"""The exchange of experience: practices, requests for help, offers, introductions and adoptions."""
