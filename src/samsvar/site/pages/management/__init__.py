"""Commands that concern several apps."""
