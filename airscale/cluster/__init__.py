"""Airscale on several hosts or containers: secrets from files, Celery workers, doubled services."""
