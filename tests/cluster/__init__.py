"""The cluster of docker-compose.yaml, started for real."""
