"""The Scale dialect: the primary REST API (seed 001, RESTful HTTP Interface)."""
