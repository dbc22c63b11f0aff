"""Whether a system is well, one line for each thing that was looked at."""
