"""Pages inside Airflow: the overview."""
