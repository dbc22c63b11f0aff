"""Tests of the whole system: PostgreSQL, Airflow, Strike, jobs, REST."""
