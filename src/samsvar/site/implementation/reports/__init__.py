"""Reports back to a monitoring body: drafts of a state's desk, their clearance, submission and publication."""
