"""The desk of a state: what to do now, and its decisions about findings."""
