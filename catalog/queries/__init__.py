"""Read models: what lists, details and pages show, each in a constant number of statements."""
