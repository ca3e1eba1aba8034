"""The demonstration: three invented states, one demo editor, one command."""
