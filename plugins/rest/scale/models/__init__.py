"""The JSON objects of the Scale dialect, one module for each noun of seed 001."""
