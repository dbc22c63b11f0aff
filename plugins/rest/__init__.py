"""One package for each REST dialect."""
