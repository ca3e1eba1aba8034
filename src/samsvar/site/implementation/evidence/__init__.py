"""Evidence for measures and findings, given by the state and by others, each under its own name."""
