"""Questions to members that go through the secretariat."""
