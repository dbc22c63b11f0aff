"""A catalogue and Airflow metadata with as many rows as years of work leave behind."""
