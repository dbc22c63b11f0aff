"""REST dialects and pages inside Airflow's API server, and the plugin that mounts them."""
