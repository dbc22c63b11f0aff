"""The dialects of Unity: the WPS-T of its processes, and its jobs database (seed 002)."""
