"""Catalogue to Airflow: the DAG bundle, operators, their trigger, the runtimes and the dispatcher."""
