"""Directory to catalogue: scanner, rules, ingest, and the sensor that runs them."""
