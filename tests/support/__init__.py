"""What tests of several rooms share: PostgreSQL, Airflow, and a catalogue with something in it."""
