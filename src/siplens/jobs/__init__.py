"""Named jobs of siplens.toml: when they are due, what one run does, and the unit that starts it."""
