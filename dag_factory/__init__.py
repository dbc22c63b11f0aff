"""Catalogue to Airflow: the DAG bundle, operators and trigger, runtimes and dispatcher."""
