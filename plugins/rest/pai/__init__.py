"""OpenPAI's REST server (seed 004)."""
