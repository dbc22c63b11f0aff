"""The command line and the local system it starts: PostgreSQL and Airflow's processes."""
