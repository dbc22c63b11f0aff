"""Tests of what Airflow loads from the folder dags/."""
