"""DAGs as one would write them without Airscale: what the job benchmark compares with."""
