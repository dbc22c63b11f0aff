"""HTTP and pages inside Airflow."""
