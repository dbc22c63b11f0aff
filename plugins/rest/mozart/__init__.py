"""HySDS Mozart, and the look-ups of GRQ (seed 000)."""
